//! `eligo ask` at a terminal: prompts, a whole interview through them, and how each ends.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;
#[path = "common/interview.rs"]
mod interview;

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use common::{OUTER_VARIABLES, Scratch, program, report, text_of};
use eligo::document::Notation;
use interview::{embedded, script, verdicts};
use rexpect::session::{Options, PtySession, spawn_with_options};

/// What every prompt begins with, and nothing else has: from here on the terminal marks what is pasted.
const PROMPT: &str = "\x1b[?2004h";
const DOWN: &str = "\x1b[B";

/// A terminal of this many columns in which a call was typed. What is behind the call shows its exit code, and whether
/// the terminal takes lines again and echoes them.
fn terminal(columns: usize, scratch: &Scratch, call: &str) -> PtySession {
    // What runs this may ignore Ctrl-C, as a shell lets whatever it runs in its background; somebody at a terminal does not.
    let mut command = Command::new("env");
    command.args(["--default-signal=INT,QUIT,HUP", "bash"]);
    let typed = format!(
        "stty sane rows 24 cols {columns}; before=$(stty -g); program='{}'; eligo() {{ \"$program\" \"$@\"; }}; {call}; echo \"code=$?\"; [ \"$(stty -g)\" = \"$before\" ] && echo restored; echo over",
        program().display()
    );
    command.args(["-c", &typed]).current_dir(scratch.path());
    for variable in OUTER_VARIABLES {
        command.env_remove(variable);
    }
    command.env("NO_COLOR", "1").env("TERM", "xterm");
    spawn_with_options(command, Options::new().timeout_ms(Some(30_000))).unwrap()
}

/// What is shown until the end, with the exit code, if the terminal is as it was.
fn ended(terminal: &mut PtySession) -> (String, i32) {
    let before = terminal.exp_string("code=").unwrap();
    let code = terminal.read_line().unwrap();
    let rest = terminal.exp_string("over").unwrap();
    assert!(
        rest.contains("restored"),
        "the terminal is not as it was: {rest}\n{before}"
    );
    (before, code.trim().parse().unwrap())
}

fn answer(terminal: &mut PtySession, prompt: &str, typed: &str) {
    press(terminal, prompt, &format!("{typed}\r"));
}

/// Waits for a prompt and presses keys.
fn press(terminal: &mut PtySession, prompt: &str, keys: &str) {
    terminal.exp_string(prompt).unwrap();
    terminal.send(keys).unwrap();
    terminal.flush().unwrap();
}

/// What the record holds after these answers, by an interview in a pipe.
fn after(arguments: &[&str], lines: &[&str]) -> Option<String> {
    let scratch = Scratch::new().with("site.yaml", SITE);
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let mut command = scratch.eligo();
    command.arg("ask").args(arguments).write_stdin(input);
    assert_ne!(command.output().unwrap().status.code(), Some(2));
    fs::read_to_string(scratch.path().join("a.yaml")).ok()
}

/// A policy which asks for the date of a value.
const SITE: &str = "format: eligo/site/1\ntrial: NCT04546906\nvalid_for:\n  hiv.status: 30 days\n";

/// Answers that lead to a question of each kind.
const QUESTIONS: [(&[&str], &[&str]); 16] = [
    // The pseudonym.
    (&[], &[]),
    // One of some values, and the next one.
    (&["a.yaml"], &[]),
    (&["a.yaml"], &["b_all"]),
    // What is left to do when the eligibility is settled.
    (&["a.yaml"], &["t_all"]),
    // Yes or no.
    (&["a.yaml"], &["b_all", "no"]),
    // Several of some values.
    (&["a.yaml", "--criterion", "I1"], &["b_all", "", ""]),
    // A number, one with a unit, a duration.
    (&["a.yaml", "--criterion", "I4"], &[]),
    (&["a.yaml", "--criterion", "E6"], &[]),
    (&["a.yaml", "--criterion", "I5"], &[]),
    // A list, an item's text, an item's value, another item.
    (&["a.yaml", "--criterion", "E8"], &[]),
    (&["a.yaml", "--criterion", "E8"], &["add"]),
    (&["a.yaml", "--criterion", "E8"], &["add", "penicillin"]),
    (
        &["a.yaml", "--criterion", "E8"],
        &["add", "penicillin", "antibiotic", "mild", "rash"],
    ),
    (
        &["a.yaml", "--criterion", "E8"],
        &[
            "add",
            "penicillin",
            "antibiotic",
            "mild",
            "rash",
            "add",
            "milk",
        ],
    ),
    // What was refused, and is to be put right.
    (&["a.yaml"], &["b_all", "maybe"]),
    // The date of a value.
    (
        &["a.yaml", "--criterion", "E7", "--site", "site.yaml"],
        &["", "negative"],
    ),
];

#[test]
fn an_interview_can_be_left_at_every_question_and_keeps_every_answer() {
    let leave = |(arguments, lines): (&[&str], &[&str]), option: &str, key: char| {
        let case = format!("{arguments:?} {lines:?} {option} Ctrl-{key}");
        let scratch = Scratch::new().with("site.yaml", SITE);
        let call = format!("eligo ask {} {option}", arguments.join(" "));
        let mut terminal = terminal(80, &scratch, &call);
        let prompt = if option.is_empty() { PROMPT } else { "\r\n> " };
        for line in lines {
            answer(&mut terminal, prompt, line);
        }
        terminal.exp_string(prompt).unwrap();
        terminal.send_control(key).unwrap();
        let (said, code) = ended(&mut terminal);
        let record = fs::read_to_string(scratch.path().join("a.yaml")).ok();
        assert_eq!(record, after(arguments, lines), "{case}: {said}");
        let left = if lines == ["t_all"] { 1 } else { 3 };
        assert_eq!(code, if key == 'c' { 130 } else { left }, "{case}: {said}");
        let names = fs::read_dir(scratch.path()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let others: Vec<String> = names.filter(|name| name.starts_with('.')).collect();
        assert!(others.is_empty(), "{case}: {others:?}");
    };
    thread::scope(|scope| {
        for option in ["", "--lines"] {
            scope.spawn(move || {
                for question in QUESTIONS {
                    leave(question, option, 'c');
                    leave(question, option, 'd');
                }
            });
        }
    });
}

#[test]
fn a_program_that_is_ended_from_outside_leaves_the_terminal_as_it_was() {
    let scratch = Scratch::new();
    let call = "(echo pid=$BASHPID; exec \"$program\" ask a.yaml)";
    let mut terminal = terminal(80, &scratch, call);
    terminal.exp_string("pid=").unwrap();
    let process = terminal.read_line().unwrap();
    answer(&mut terminal, PROMPT, "b_all");
    terminal.exp_string(PROMPT).unwrap();
    let kill = Command::new("kill").arg(process.trim()).status();
    assert!(kill.unwrap().success());
    let (said, code) = ended(&mut terminal);
    assert!(
        said.contains("every answer before is saved in a.yaml"),
        "{said}"
    );
    assert_eq!(code, 130);
    let record = fs::read_to_string(scratch.path().join("a.yaml")).unwrap();
    assert!(record.contains("diagnosis: b_all"), "{record}");
}

#[test]
fn an_interview_whose_terminal_is_gone_ends_whatever_is_ignored() {
    let scratch = Scratch::new();
    // The terminal goes with the program that made it.
    let typed = format!(
        "stty rows 24 cols 80; trap '' HUP; exec '{}' ask a.yaml",
        program().display()
    );
    let mut owner = Command::new("script")
        .args(["--quiet", "--flush", "--command", &typed, "/dev/null"])
        .current_dir(scratch.path())
        .env("TERM", "xterm")
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut keys = owner.stdin.take().unwrap();
    keys.write_all(b"b_all\r").unwrap();
    let path = scratch.path().join("a.yaml");
    let is_saved = || fs::read_to_string(&path).is_ok_and(|text| text.contains("b_all"));
    until(is_saved);
    let lock = scratch.path().join(".a.yaml.interview");
    assert!(is_saved() && lock.exists());
    owner.kill().unwrap();
    owner.wait().unwrap();
    until(|| !lock.exists());
    assert!(!lock.exists(), "the interview goes on");
    assert!(is_saved());
}

/// Waits for this, ten seconds at most.
fn until(happens: impl Fn() -> bool) {
    let tries = (0..200).take_while(|_| !happens());
    tries.for_each(|_| thread::sleep(Duration::from_millis(50)));
}

#[test]
fn values_are_chosen_from_a_list_completed_or_typed() {
    for (keys, written) in [
        (format!("{DOWN}{DOWN}\r"), "diagnosis: t_all"),
        // What is typed narrows the list, and Tab takes the only one that is left.
        ("burk\t\r".to_owned(), "diagnosis: burkitt"),
        (
            "burk\t on 2026-11\r".to_owned(),
            "diagnosis: { value: burkitt, date: 2026-11 }",
        ),
        (
            format!("lymphoma{DOWN}\r"),
            "diagnosis: b_lymphoblastic_lymphoma",
        ),
        (
            format!("not{DOWN}{DOWN}\r"),
            "diagnosis: { missing: not_performed }",
        ),
        // A refused answer can be taken up again.
        (format!("burkit\r{DOWN}\tt\r"), "diagnosis: burkitt"),
    ] {
        let scratch = Scratch::new();
        let mut terminal = terminal(80, &scratch, "eligo ask a.yaml --as-of 2026-11-20");
        press(&mut terminal, PROMPT, &keys);
        let path = scratch.path().join("a.yaml");
        let is_written = || {
            let text = fs::read_to_string(&path).unwrap_or_default();
            text.lines().any(|line| line == written)
        };
        until(is_written);
        assert!(is_written(), "{keys:?}: {:?}", fs::read_to_string(&path));
        terminal.send_control('c').unwrap();
        ended(&mut terminal);
    }
}

#[test]
fn an_interview_at_a_terminal_ends_in_the_verdicts_of_an_example() {
    let examples = ["examples/eligible.yaml", "examples/pregnant.yaml"];
    let interview = |example: &str| {
        let lines = script(&embedded(), &text_of(example), Notation::Yaml);
        let scratch = Scratch::new();
        let call = "eligo ask copy.yaml --all --as-of 2026-11-20";
        let mut terminal = terminal(80, &scratch, call);
        for line in &lines {
            answer(&mut terminal, PROMPT, line);
        }
        let (said, code) = ended(&mut terminal);
        assert!(said.contains("There is nothing left to ask."), "{said}");
        let path = scratch.path().join("copy.yaml");
        let copy = report(&[path.to_str().unwrap(), "--as-of", "2026-11-20"]);
        let original = report(&[example, "--as-of", "2026-11-20"]);
        assert_eq!(verdicts(&copy), verdicts(&original), "{example}");
        assert_eq!(copy["eligibility"], original["eligibility"]);
        let expected = if original["eligibility"] == "eligible" {
            0
        } else {
            1
        };
        assert_eq!(code, expected, "{example}");
    };
    thread::scope(|scope| {
        for example in examples {
            scope.spawn(move || interview(example));
        }
    });
}

#[test]
fn lines_are_read_where_no_prompt_can_be_shown() {
    for (columns, call) in [
        (20, "eligo ask a.yaml --criterion E8"),
        (80, "TERM=dumb eligo ask a.yaml --criterion E8"),
        (80, "eligo ask a.yaml --criterion E8 --lines"),
        (80, "eligo ask a.yaml --criterion E8 2>/dev/null"),
    ] {
        let scratch = Scratch::new();
        let mut terminal = terminal(columns, &scratch, call);
        for line in ["?", "add", "?", "milk", "milk", "3", "mild", "", "all"] {
            answer(&mut terminal, "\r\n> ", line);
        }
        let (_, code) = ended(&mut terminal);
        assert_eq!(code, 3);
        let record = fs::read_to_string(scratch.path().join("a.yaml")).unwrap();
        let item = "\nallergies:\n  - { substance: milk, class: other, severity: mild }\n";
        assert!(record.ends_with(item), "{call}: {record}");
    }
}

#[test]
fn on_twenty_columns_every_line_fits_and_no_word_is_cut_off() {
    let scratch = Scratch::new();
    let mut terminal = terminal(20, &scratch, "eligo ask a.yaml --as-of 2026-11-20");
    let mut said = String::new();
    for line in ["?", "x", "t_all", "go", "?", "stop"] {
        said += &terminal.exp_string("\r\n> ").unwrap();
        said += "\n";
        terminal.send(&format!("{line}\r")).unwrap();
        terminal.flush().unwrap();
    }
    said += &ended(&mut terminal).0;
    // A byte is shown as a character of its own.
    let bytes: Vec<u8> = said.chars().map(|one| u8::try_from(one).unwrap()).collect();
    let said = String::from_utf8(bytes).unwrap();
    assert!(!said.contains('\x1b'), "{said:?}");
    // The commands stand whole.
    let lines = said.lines().filter(|line| !line.starts_with("  eligo "));
    let wide: Vec<&str> = lines.filter(|line| line.chars().count() > 20).collect();
    assert!(wide.is_empty(), "{wide:?}");
    let words: Vec<&str> = said.split_whitespace().collect();
    for sentence in [
        "Which disease was diagnosed by immunophenotype?",
        "“Patients with relapsed and refractory",
        "Nothing further can change that, unless it contradicts what is recorded.",
    ] {
        assert!(words.join(" ").contains(sentence), "{sentence}: {said}");
    }
}

#[test]
fn who_writes_a_sheet_at_a_terminal_sees_the_verdict() {
    let record = fs::read("examples/eligible.yaml").unwrap();
    let scratch = Scratch::new().with("a.yaml", record);
    let call = "eligo screen a.yaml --output a.html --log a.log --by A";
    let (said, code) = ended(&mut terminal(80, &scratch, call));
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("LDP-0042: ELIGIBLE") && said.contains("logged as number 1\r\n"),
        "{said}"
    );
}
