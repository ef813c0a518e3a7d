//! `eligo ask`: what is asked, what an answer becomes, and that no answer is lost.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;
#[path = "common/interview.rs"]
mod interview;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use common::{Scratch, example_records, program, report, text_of};
use eligo::document::Notation;
use eligo::facts::{FactId, Kind};
use eligo::interview::written::Written;
use eligo::interview::{Asked, Interview, Scope, answer, edit};
use eligo::record::Dates;
use eligo::trial::{Policy, Trial};
use interview::{embedded, script, verdicts};
use jiff::civil::date;

/// Answers these lines; what was written, and the exit code.
fn ask(scratch: &Scratch, arguments: &[&str], lines: &[&str]) -> (String, i32) {
    let mut command = scratch.eligo();
    command.arg("ask").args(arguments);
    let output = command
        .write_stdin(lines.join("\n") + "\n")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    (said + &errors, output.status.code().unwrap())
}

fn record(scratch: &Scratch, name: &str) -> String {
    fs::read_to_string(scratch.path().join(name)).unwrap()
}

#[test]
fn an_interview_ends_in_the_verdicts_of_an_example() {
    let trial = embedded();
    for example in [
        "examples/eligible.yaml",
        "examples/with-evidence.yaml",
        "examples/pregnant.yaml",
    ] {
        let lines = script(&trial, &text_of(example), Notation::Yaml);
        let scratch = Scratch::new();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        for name in ["copy.yaml", "copy.json"] {
            let (said, code) = ask(&scratch, &[name, "--all", "--as-of", "2026-11-20"], &lines);
            assert!(!said.contains('✗'), "{example}: {said}");
            let path = scratch.path().join(name);
            let copy = report(&[path.to_str().unwrap(), "--as-of", "2026-11-20"]);
            let original = report(&[example, "--as-of", "2026-11-20"]);
            assert_eq!(
                verdicts(&copy),
                verdicts(&original),
                "{example}: {}",
                record(&scratch, name)
            );
            let codes = BTreeMap::from([("eligible", 0), ("ineligible", 1), ("undetermined", 3)]);
            assert_eq!(codes[original["eligibility"].as_str().unwrap()], code);
        }
    }
}

#[test]
fn answers_are_taken_by_number_name_or_label_and_refused_with_what_would_be_right() {
    let scratch = Scratch::new();
    for (answer, written) in [
        ("1", "diagnosis: b_all"),
        ("b_all", "diagnosis: b_all"),
        ("b-cell acute lymphoblastic leukaemia", "diagnosis: b_all"),
        ("not known", "diagnosis: { missing: unknown }"),
        ("not done", "diagnosis: { missing: not_performed }"),
        ("pending", "diagnosis: { missing: temp_unknown }"),
        ("declined", "diagnosis: { missing: asked_declined }"),
        (
            "1 on 2026-11-18 by Dr. Example from chart",
            "diagnosis: { value: b_all, date: 2026-11-18, by: Dr. Example, source: chart }",
        ),
    ] {
        let (said, _) = ask(
            &scratch,
            &["a.yaml", "--as-of", "2026-11-20"],
            &[answer, "stop"],
        );
        let text = record(&scratch, "a.yaml");
        assert!(
            text.lines().any(|line| line == written),
            "{answer}: {text}{said}"
        );
        fs::remove_file(scratch.path().join("a.yaml")).unwrap();
    }
    let (said, code) = ask(&scratch, &["a.yaml"], &["b_al", "stop"]);
    assert!(
        said.contains("✗") && said.contains("did you mean `b_all`?"),
        "{said}"
    );
    assert_eq!(code, 3);
    assert!(!scratch.path().join("a.yaml").exists());
}

#[test]
fn a_question_says_why_it_is_asked_in_the_protocols_words() {
    let scratch = Scratch::new();
    let (said, _) = ask(&scratch, &["a.yaml"], &["?", "stop"]);
    assert!(
        said.contains("[From the chart | for I1 | 0 passed, 0 failed, 16 open]"),
        "{said}"
    );
    assert!(
        said.contains("I1 Relapsed or refractory B-ALL, in the protocol's words:"),
        "{said}"
    );
    assert!(
        said.contains("“Patients with relapsed and refractory"),
        "{said}"
    );
}

#[test]
fn what_is_settled_is_said_and_going_on_is_offered() {
    let scratch = Scratch::new();
    let (said, code) = ask(&scratch, &["a.yaml"], &["t_all", ""]);
    assert!(said.contains("INELIGIBLE"), "{said}");
    assert!(said.contains("Nothing further can change that"), "{said}");
    assert_eq!(code, 1);
    let (said, _) = ask(&scratch, &["a.yaml"], &["go", "stop"]);
    assert!(said.matches("\n[").count() >= 1, "{said}");
}

#[test]
fn back_takes_an_answer_out_of_the_record() {
    let scratch = Scratch::new();
    let (said, code) = ask(&scratch, &["a.yaml"], &["t_all", "back", "b_all", "stop"]);
    let text = record(&scratch, "a.yaml");
    assert!(
        text.contains("diagnosis: b_all") && !text.contains("t_all"),
        "{text}{said}"
    );
    assert_eq!(code, 3);
    let (said, _) = ask(&scratch, &["a.yaml"], &["back", "stop"]);
    assert!(said.contains("This is the first question."), "{said}");
}

#[test]
fn back_takes_none_known_and_a_cause_out_of_the_record() {
    let scratch = Scratch::new();
    for answered in ["none", "pending"] {
        let lines = ["b_all", "no", answered, "<", "", "stop"];
        let (said, _) = ask(&scratch, &["a.yaml"], &lines);
        let asked = said.matches("another malignancy?").count();
        assert_eq!(asked, 2, "{said}");
        let path = scratch.path().join("a.yaml");
        let text = fs::read_to_string(&path).unwrap_or_default();
        assert!(!text.contains("other_malignancies"), "{text}{said}");
        let _ = fs::remove_file(path);
    }
}

#[test]
fn a_date_that_is_written_otherwise_is_refused_as_a_date() {
    let scratch = Scratch::new();
    let call = ["a.yaml", "--as-of", "2026-11-28", "--criterion", "I4"];
    let (said, _) = ask(&scratch, &call, &["1 on 20.11.2026 by Dr. A", "stop"]);
    assert!(
        said.contains("`20.11.2026` is not a date") && said.contains("write `2026-11-20`"),
        "{said}"
    );
}

#[test]
fn bounds_are_taken_in_the_quotes_in_which_they_are_shown() {
    let scratch = Scratch::new();
    let call = ["a.yaml", "--as-of", "2026-11-28", "--criterion", "I5"];
    let (said, _) = ask(
        &scratch,
        &call,
        &["\">= 6 months\" on today by Dr. A", "stop"],
    );
    assert!(!said.contains('✗'), "{said}");
    let written = "estimated_survival: { value: \">= 6 months\", date: 2026-11-28, by: Dr. A }";
    let text = record(&scratch, "a.yaml");
    assert!(text.contains(written), "{text}");
}

#[test]
fn a_second_call_goes_on_and_keeps_comments_and_order() {
    let text = "# A remark of mine\nsex: female # seen\n\nhepatitis:   # a group\n  hbv_dna: not_detected   # 2026-11-12\n# the end\n";
    let scratch = Scratch::new().with("a.yaml", text);
    ask(
        &scratch,
        &["a.yaml", "--as-of", "2026-11-20"],
        &["b_all", "stop"],
    );
    let now = record(&scratch, "a.yaml");
    let kept: Vec<&str> = now
        .lines()
        .filter(|line| !line.starts_with("diagnosis"))
        .collect();
    assert_eq!(kept, text.lines().collect::<Vec<_>>(), "{now}");
    assert!(now.contains("diagnosis: b_all"), "{now}");
    ask(
        &scratch,
        &["a.yaml", "--criterion", "E6", "--as-of", "2026-11-20"],
        &["not_detected", "stop"],
    );
    let now = record(&scratch, "a.yaml");
    assert!(
        now.contains("\n  hbv_dna: not_detected   # 2026-11-12\n  hcv_rna: not_detected\n"),
        "{now}"
    );
}

#[test]
fn a_second_call_asks_last_for_what_the_first_one_heard_to_be_missing() {
    let scratch = Scratch::new();
    let (said, _) = ask(&scratch, &["a.yaml"], &["not known", "not done", "stop"]);
    let next = said.rsplit("\n[").next().unwrap().to_owned();
    let next = next.lines().nth(1).unwrap();
    let (said, _) = ask(&scratch, &["a.yaml"], &["stop"]);
    let first = said.split("\n[").nth(1).unwrap();
    assert_eq!(first.lines().nth(1).unwrap(), next, "{said}");
    let (said, _) = ask(&scratch, &["a.yaml"], &[""; 60]);
    let last = said.matches("recorded: { missing: not_performed }").count();
    assert_eq!(last, 1, "{said}");
}

#[test]
fn one_criterion_may_be_asked_for_alone() {
    let scratch = Scratch::new();
    let (said, _) = ask(&scratch, &["a.yaml", "--criterion", "E9"], &[]);
    let headings: Vec<&str> = said.lines().filter(|line| line.starts_with('[')).collect();
    assert!(
        !headings.is_empty() && headings.iter().all(|line| line.contains("E9")),
        "{said}"
    );
    let (said, code) = ask(&scratch, &["a.yaml", "--criterion", "E99"], &[]);
    assert!(
        said.contains("has no criterion `E99`; it has I1, "),
        "{said}"
    );
    assert_eq!(code, 2);
}

#[test]
fn a_judgement_is_signed_by_who_was_named() {
    let trial = embedded();
    let (id, fact) = trial
        .facts
        .iter()
        .find(|(_, fact)| fact.judgement && matches!(fact.kind, Kind::Boolean { .. }))
        .unwrap();
    let lines: Vec<String> = script_to(&trial, id);
    let lines: Vec<&str> = lines
        .iter()
        .map(String::as_str)
        .chain(["no", "stop"])
        .collect();
    let scratch = Scratch::new();
    let (said, _) = ask(
        &scratch,
        &[
            "a.yaml",
            "--all",
            "--by",
            "investigator-1",
            "--as-of",
            "2026-11-20",
        ],
        &lines,
    );
    let text = record(&scratch, "a.yaml");
    let written = format!(
        "{}: {{ value: no, by: investigator-1, date: 2026-11-20 }}",
        fact.name()
    );
    assert!(text.contains(&written), "{written}\n{text}{said}");
}

/// Empty lines until a fact is asked for.
fn script_to(trial: &Trial, wanted: FactId) -> Vec<String> {
    let policy = Policy::default();
    let dates = Dates {
        as_of: None,
        today: date(2026, 11, 20),
    };
    let text = edit::begin(Notation::Yaml, &trial.id, "2026-11-20", "copy");
    let mut interview =
        Interview::new(trial, &policy, ("copy.yaml", text), Notation::Yaml, dates).unwrap();
    let scope = Scope {
        all: true,
        ..Scope::default()
    };
    let mut lines = Vec::new();
    while let Some(asked) = interview.next(&interview.screening(), &scope) {
        if asked == Asked::Value(wanted) {
            return lines;
        }
        lines.push(String::new());
        interview.leave(asked);
    }
    panic!("it is not asked for");
}

#[test]
fn a_list_is_asked_for_item_by_item_and_is_open_until_it_is_whole() {
    let penicillin = "{ substance: penicillin, class: antibiotic, severity: mild, reaction: rash }";
    let item = ["add", "penicillin", "antibiotic", "mild", "rash"];
    let whole = format!("\nallergies:\n  - {penicillin}\n");
    let open = format!("\nallergies: {{ value: [{penicillin}], complete: no }}\n");
    let milk = "\nallergies: { value: [{ substance: milk }], complete: no }\n";
    let cases: [(&[&str], &str); 12] = [
        (&["none"], "\nallergies: []\n"),
        (&["not known"], "\nallergies: { missing: unknown }\n"),
        (&["all"], ""),
        // Nobody said that there are no more.
        (&item, &open),
        (&[&item[..], &[""]].concat(), &open),
        (&[&item[..], &["al"]].concat(), &open),
        (&[&item[..], &["none", "not known", "?"]].concat(), &open),
        (&[&item[..], &["all"]].concat(), &whole),
        // An item is saved field by field.
        (
            &["add", "milk"],
            "\nallergies: { value: [{ substance: milk }], complete: no }\n",
        ),
        // What was said of an item is changed.
        (&["add", "mlk", "<", "milk"], milk),
        (&["add", "mlk", "", "", "", "1", "milk"], milk),
        (
            &[&item[..], &["add", "milk", "", "", "", "remove 2", "all"]].concat(),
            &whole,
        ),
    ];
    for (lines, written) in cases {
        let scratch = Scratch::new();
        let criterion = ["a.yaml", "--criterion", "E8", "--as-of", "2026-11-20"];
        let (said, _) = ask(&scratch, &criterion, lines);
        let path = scratch.path().join("a.yaml");
        let text = fs::read_to_string(path).unwrap_or_default();
        assert!(text.ends_with(written), "{lines:?}: {text}{said}");
        assert_eq!(text.is_empty(), written.is_empty(), "{lines:?}: {text}");
    }
}

#[test]
fn back_takes_items_of_a_list_back_one_by_one() {
    let scratch = Scratch::new();
    let all = ["a.yaml", "--criterion", "E3", "--as-of", "2026-11-20"];
    let fields = vec![""; 20];
    let recorded = |lines: &[&str]| {
        let (said, _) = ask(&scratch, &all, lines);
        let path = scratch.path().join("a.yaml");
        let text = fs::read_to_string(&path).unwrap_or_default();
        let _ = fs::remove_file(path);
        (text.matches("disease:").count(), said)
    };
    let count = embedded_fields("other_malignancies");
    let item: Vec<&str> = ["add", "melanoma"]
        .into_iter()
        .chain(fields[..count - 1].iter().copied())
        .collect();
    let two = [&item[..], &item[..]].concat();
    assert_eq!(recorded(&two).0, 2);
    let (left, said) = recorded(&[&two[..], &["<"]].concat());
    assert!(
        left == 1 && said.contains("Item 2 is taken back."),
        "{said}"
    );
    let (left, said) = recorded(&[&two[..], &["<", "<"]].concat());
    assert_eq!(left, 0, "{said}");
    let (_, said) = recorded(&[&two[..], &["<", "<", "<"]].concat());
    assert!(said.contains("This is the first question."), "{said}");
    // What was there before the interview is no answer of it.
    let text =
        "candidate: A\nother_malignancies: { value: [{ disease: melanoma }], complete: no }\n";
    fs::write(scratch.path().join("a.yaml"), text).unwrap();
    assert_eq!(recorded(&["<", "stop"]).0, 1);
}

#[test]
fn what_is_recorded_beside_a_list_stays_when_an_item_is_added() {
    let text = "candidate: A\nallergies: { value: [{ substance: milk }], date: 2026-11-10, by: Dr. A, complete: no }\n";
    let scratch = Scratch::new().with("a.yaml", text);
    let criterion = ["a.yaml", "--criterion", "E8", "--as-of", "2026-11-20"];
    let item = ["add", "eggs", "other", "mild", "", "all"];
    ask(&scratch, &criterion, &item[..2]);
    let open = "allergies: { value: [{ substance: milk }, { substance: eggs }], date: 2026-11-10, by: Dr. A, complete: no }\n";
    assert!(record(&scratch, "a.yaml").ends_with(open));
    fs::write(scratch.path().join("a.yaml"), text).unwrap();
    let (said, _) = ask(&scratch, &criterion, &item);
    let whole = "allergies: { value: [{ substance: milk }, { substance: eggs, class: other, severity: mild }], date: 2026-11-10, by: Dr. A }\n";
    assert!(record(&scratch, "a.yaml").ends_with(whole), "{said}");
    // A list is left as it stands, whole or not.
    let lists = [
        text,
        "candidate: A\nallergies: # some\n  - substance: milk # from the mother\n",
    ];
    for text in lists {
        fs::write(scratch.path().join("a.yaml"), text).unwrap();
        ask(&scratch, &criterion, &["", ""]);
        assert_eq!(record(&scratch, "a.yaml"), text);
    }
}

/// How many fields the items of a list have.
fn embedded_fields(path: &str) -> usize {
    let trial = embedded();
    let fact = trial.facts.get(trial.facts.find(path).unwrap());
    match &fact.kind {
        Kind::List(item) => item.fields().len(),
        other => panic!("{other:?}"),
    }
}

/// Whatever the record looks like, an answer can be put in, and nothing else changes.
#[test]
fn every_fact_can_be_put_into_every_example() {
    let trial = embedded();
    for example in example_records() {
        let notation = if example.ends_with(".json") {
            Notation::Json
        } else {
            Notation::Yaml
        };
        let text = text_of(&example);
        for (_, fact) in trial.facts.iter() {
            let value = Written::Map(vec![(
                "missing".to_owned(),
                Written::Word("unknown".to_owned()),
            )]);
            let once = edit::put(&text, notation, &fact.path, &value);
            let once = once.unwrap_or_else(|| panic!("{example}: {}", fact.path));
            let twice = edit::put(&once, notation, &fact.path, &Written::Word("1".to_owned()));
            assert!(twice.is_some(), "{example}: {}\n{once}", fact.path);
        }
    }
    for text in [
        "a: {b: 1, c: [x, 'y]']} # }\n",
        "a:\n  b: 1\n  c:\n    - x\n    - { d: 1,\n        e: 2 }\n",
        "a: # nothing yet\n",
        "a:\n",
        "a: |\n  a text\n  of lines\nb: 1\n",
        "{\"a\": {\"b\": 1}}",
        "{ }",
        "a:\n  b: \"x # y\"\n...\n",
    ] {
        for path in ["new", "a.new", "a.deep.new"] {
            let value = Written::List(vec![Written::Map(vec![(
                "k".to_owned(),
                Written::Text("v: w".to_owned()),
            )])]);
            let put = edit::put(text, Notation::Yaml, path, &value);
            let is_text = text.contains('|') && path != "new" || text.contains("...");
            assert!(put.is_some() || is_text, "{path} in {text}");
        }
    }
}

/// A template has the whole path of a fact as its key: an answer goes there, and is not written a second time.
#[test]
fn an_answer_goes_where_the_record_has_its_path_joined() {
    let value = Written::Word("b".to_owned());
    for (text, path, after) in [
        ("a.x:\nc: 1\n", "a.x", "a.x: b\nc: 1\n"),
        ("a.x: a # why\n", "a.x", "a.x: b # why\n"),
        ("a.x:\n  k: 1\n", "a.x.z", "a.x:\n  k: 1\n  z: b\n"),
        ("a.x: 1\na:\n  k: 2\n", "a.k", "a.x: 1\na:\n  k: b\n"),
        ("a.x: 1\n", "a.k", "a.x: 1\na:\n  k: b\n"),
        ("a.b.c: 1\n", "a.b.c", "a.b.c: b\n"),
    ] {
        let put = edit::put(text, Notation::Yaml, path, &value);
        assert_eq!(put.as_deref(), Some(after), "{path} in {text}");
    }
    let trial = embedded();
    let blank = eligo::template::yaml(&trial);
    for (_, fact) in trial.facts.iter().filter(|(_, fact)| !fact.supporting) {
        let put = edit::put(&blank, Notation::Yaml, &fact.path, &value);
        let put = put.unwrap_or_else(|| panic!("{}", fact.path));
        let line = format!("\n{}: b\n", fact.path);
        assert!(put.contains(&line), "{}", fact.path);
    }
}

/// What is taken back is not recorded any more, in both notations.
#[test]
fn an_answer_is_taken_back_by_null() {
    let nothing = Written::Word("null".to_owned());
    for (notation, text, after) in [
        (Notation::Yaml, "sex: male # so\n", "sex: null # so\n"),
        (
            Notation::Json,
            "{ \"sex\": \"male\" }\n",
            "{ \"sex\": null }\n",
        ),
    ] {
        let put = edit::put(text, notation, "sex", &nothing);
        assert_eq!(put.as_deref(), Some(after));
    }
}

/// The answers of a long first part of an interview, and the record after each of them.
fn answers_and_records() -> Vec<(&'static str, String)> {
    let trial = embedded();
    let policy = Policy::default();
    let dates = Dates {
        as_of: None,
        today: date(2026, 11, 20),
    };
    let text = edit::begin(Notation::Yaml, &trial.id, "2026-11-20", "a");
    let mut interview =
        Interview::new(&trial, &policy, ("a.yaml", text), Notation::Yaml, dates).unwrap();
    let scope = Scope {
        all: true,
        ..Scope::default()
    };
    let mut answers = Vec::new();
    while let Some(asked) = interview.next(&interview.screening(), &scope) {
        let fact = trial.facts.get(asked.fact());
        let typed = match fact.kind {
            Kind::Boolean { .. } => "no",
            Kind::Code(_) => "1",
            _ => "not known",
        };
        interview
            .answer(asked, &answer::answer(fact, typed, "2026-11-20"))
            .unwrap();
        answers.push((typed, interview.text().to_string()));
    }
    answers
}

#[test]
fn killed_at_any_time_every_answer_that_was_followed_by_a_question_is_there() {
    const KILLS: usize = 150;
    let answers = answers_and_records();
    assert!(answers.len() > 40, "{answers:?}");
    let input: String = answers
        .iter()
        .map(|(typed, _)| format!("{typed}\n"))
        .collect();
    let kill = |round: usize| {
        let scratch = Scratch::new();
        let mut running = Command::new(program())
            .args(["ask", "a.yaml", "--all", "--as-of", "2026-11-20"])
            .current_dir(scratch.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = running.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        // From the start of the program to its end, a bit later in each round.
        let mut stdout = running.stdout.take().unwrap();
        let mut said = vec![0; 1 + round * 40];
        let _ = stdout.read_exact(&mut said);
        thread::sleep(Duration::from_micros(round as u64 * 37 % 1500));
        running.kill().unwrap();
        running.wait().unwrap();
        stdout.read_to_end(&mut said).unwrap();
        let questions = String::from_utf8_lossy(&said).matches("\n[").count();
        let text = fs::read_to_string(scratch.path().join("a.yaml")).unwrap_or_default();
        // The last question was not answered, or its answer was saved and the next question not yet asked.
        let place = answers.iter().position(|(_, record)| *record == text);
        let saved = place.map_or(0, |place| place + 1);
        assert!(
            text.is_empty() || place.is_some(),
            "round {round}: this is no record of the interview: {text}"
        );
        let acknowledged = questions.saturating_sub(1);
        assert!(
            (acknowledged..=acknowledged + 1).contains(&saved),
            "round {round}: {questions} questions, {saved} answers: {text}"
        );
        // An interview goes on with it.
        if round.is_multiple_of(10) {
            let (said, code) = ask(&scratch, &["a.yaml"], &["stop"]);
            assert_ne!(code, 2, "{said}");
        }
        saved
    };
    let saved: Vec<usize> = thread::scope(|scope| {
        let halves = [0, 1].map(|first| {
            scope.spawn(move || (first..KILLS).step_by(2).map(kill).collect::<Vec<_>>())
        });
        halves
            .into_iter()
            .flat_map(|half| half.join().unwrap())
            .collect()
    });
    // The kills fall between many answers.
    let places: std::collections::BTreeSet<usize> = saved.into_iter().collect();
    assert!(places.len() > 15, "{places:?}");
}

/// An interview that waits for its first answer.
fn begun(folder: &Path, name: &str) -> Child {
    let mut running = Command::new(program())
        .args(["ask", name])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = running.stdout.as_mut().unwrap();
    let mut seen = Vec::new();
    while !seen.ends_with(b"> ") {
        let mut byte = [0];
        stdout.read_exact(&mut byte).unwrap();
        seen.push(byte[0]);
    }
    running
}

#[test]
fn what_somebody_else_wrote_meanwhile_is_kept() {
    let scratch = Scratch::new().with("a.yaml", "candidate: A\n");
    let mut running = begun(scratch.path(), "a.yaml");
    // A second interview of the same record is refused.
    let (said, code) = ask(&scratch, &["a.yaml"], &["stop"]);
    assert!(
        said.contains("another interview of `a.yaml` is going on"),
        "{said}"
    );
    assert_eq!(code, 2);
    fs::write(
        scratch.path().join("a.yaml"),
        "candidate: A\nsex: female # mine\n",
    )
    .unwrap();
    running
        .stdin
        .take()
        .unwrap()
        .write_all(b"b_all\nstop\n")
        .unwrap();
    running.wait().unwrap();
    let text = record(&scratch, "a.yaml");
    assert_eq!(text, "candidate: A\nsex: female # mine\ndiagnosis: b_all\n");
}

#[test]
fn a_record_that_somebody_else_broke_meanwhile_is_named_and_stays() {
    let scratch = Scratch::new().with("a.yaml", "candidate: A\n");
    let mut running = begun(scratch.path(), "a.yaml");
    let broken = "candidate: A\necgo: 1\n";
    fs::write(scratch.path().join("a.yaml"), broken).unwrap();
    let mut stdin = running.stdin.take().unwrap();
    stdin.write_all(b"b_all\nstop\n").unwrap();
    let output = running.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap().replace('\n', " ");
    assert!(said.contains("the last answer is not saved"), "{said}");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(
        errors.contains("a.yaml:2:1") && errors.contains("did you mean `ecog`?"),
        "{errors}"
    );
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(record(&scratch, "a.yaml"), broken);
}

#[test]
fn going_back_takes_nothing_back_that_somebody_else_wrote() {
    let scratch = Scratch::new().with("a.yaml", "candidate: A\n");
    let mut running = begun(scratch.path(), "a.yaml");
    let mut stdin = running.stdin.take().unwrap();
    stdin.write_all(b"b_all\n").unwrap();
    let path = scratch.path().join("a.yaml");
    let answered = "candidate: A\ndiagnosis: b_all\n";
    for _ in 0..200 {
        if record(&scratch, "a.yaml") == answered {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    let changed = format!("{answered}sex: female\n");
    fs::write(&path, &changed).unwrap();
    stdin.write_all(b"<\nstop\n").unwrap();
    drop(stdin);
    let said = String::from_utf8(running.wait_with_output().unwrap().stdout).unwrap();
    let said = said.replace('\n', " ");
    assert!(said.contains("what was answered stays"), "{said}");
    assert_eq!(record(&scratch, "a.yaml"), changed);
}

#[test]
fn where_nothing_can_be_written_it_is_said_before_the_first_question() {
    let scratch = Scratch::new().with("list.csv", "");
    for (record, says) in [
        ("none/a.yaml", "there is no such directory"),
        (".", "is a directory"),
        ("-", "an interview writes a record into a file"),
    ] {
        let (said, code) = ask(&scratch, &[record], &["b_all"]);
        assert!(said.contains(says), "{record}: {said}");
        assert!(!said.contains("\n["), "{record}: {said}");
        assert_eq!(code, 2);
    }
    let scratch = Scratch::new().with("a.yaml", "ecgo: 1\n");
    let (said, code) = ask(&scratch, &["a.yaml"], &["b_all"]);
    assert!(said.contains("did you mean `ecog`?"), "{said}");
    assert_eq!(
        (code, record(&scratch, "a.yaml").as_str()),
        (2, "ecgo: 1\n")
    );
}

#[cfg(target_os = "linux")]
#[test]
fn what_can_hold_no_record_is_refused_before_the_first_question() {
    let scratch = Scratch::new();
    let made = Command::new("mkfifo")
        .arg(scratch.path().join("pipe.yaml"))
        .status();
    assert!(made.unwrap().success());
    std::os::unix::fs::symlink("nowhere.yaml", scratch.path().join("link.yaml")).unwrap();
    for (record, says) in [
        ("pipe.yaml", "`pipe.yaml` is not a file"),
        ("/dev/full", "`/dev/full` is not a file"),
        // Nobody may write there, whoever it is.
        ("/sys/a.yaml", "cannot write beside `/sys/a.yaml`"),
        (
            "link.yaml",
            "cannot write to `link.yaml`: it is a link, and what it leads to is not there",
        ),
    ] {
        let (said, code) = ask(&scratch, &[record], &["b_all"]);
        assert!(said.contains(says), "{record}: {said}");
        assert!(!said.contains("\n["), "{record}: {said}");
        assert_eq!(code, 2);
    }
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 2);
}

#[cfg(unix)]
#[test]
fn through_a_link_the_record_is_written_and_the_link_stays() {
    let scratch = Scratch::new().with("a.yaml", "candidate: A # mine\n");
    let elsewhere = Scratch::new();
    let link = elsewhere.path().join("link.yaml");
    let target = scratch.path().join("a.yaml");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let (said, _) = ask(&elsewhere, &["link.yaml"], &["b_all", "stop"]);
    let told = said.replace('\n', " ");
    assert!(
        told.contains("It is a link to ") && told.contains("which is written."),
        "{said}"
    );
    assert!(link.is_symlink());
    assert_eq!(
        record(&scratch, "a.yaml"),
        "candidate: A # mine\ndiagnosis: b_all\n"
    );
    // Whichever way leads to it, it has one interview at a time.
    let mut running = begun(scratch.path(), "a.yaml");
    let (said, code) = ask(&elsewhere, &["link.yaml"], &["stop"]);
    assert!(
        said.contains("another interview of `link.yaml` is going on"),
        "{said}"
    );
    assert_eq!(code, 2);
    running.kill().unwrap();
    running.wait().unwrap();
}

/// A file that may not grow is as good as a full disk.
#[cfg(target_os = "linux")]
#[test]
fn on_a_full_disk_the_last_answer_is_refused_and_the_rest_stays() {
    let before = format!("candidate: A\n# {}\n", "x".repeat(1024 - 40));
    let scratch = Scratch::new().with("a.yaml", &before);
    let script = format!(
        "trap '' XFSZ; ulimit -f 1; printf 'b_all\\nno\\nnot known\\nno\\n' | exec '{}' ask a.yaml",
        program().display()
    );
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(scratch.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains(
            "the last answer is not saved; every answer before it is: cannot write to `a.yaml`"
        ),
        "{said}"
    );
    let text = record(&scratch, "a.yaml");
    let saved = before.replacen('\n', "\ndiagnosis: b_all\n", 1);
    assert_eq!(text, saved);
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1);
    let (said, code) = ask(&scratch, &["a.yaml"], &["no", "stop"]);
    assert_eq!(code, 3, "{said}");
    assert!(record(&scratch, "a.yaml").len() > text.len());
}

#[test]
fn what_is_no_text_is_typed_again() {
    let scratch = Scratch::new();
    let mut command = scratch.eligo();
    let output = command
        .args(["ask", "a.yaml"])
        .write_stdin(b"b_\xe4ll\nb_all\nstop\n".to_vec())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("no text in UTF-8; type it again"), "{said}");
    assert!(record(&scratch, "a.yaml").contains("diagnosis: b_all"));
}

#[test]
fn when_nothing_is_left_to_ask_it_says_what_is_open_and_what_to_obtain() {
    let record = text_of("examples/cd22-not-reported.yaml");
    let scratch = Scratch::new().with("a.yaml", record);
    let (said, code) = ask(&scratch, &["a.yaml"], &[""; 20]);
    let end = said.split("There is nothing left to ask.").nth(1).unwrap();
    for part in [
        "UNDETERMINED",
        "Open\n  I2  Latest CD22 by flow in marrow or blood: not mentioned",
        "To obtain first",
        "eligo screen a.yaml --format html --output a.html",
    ] {
        assert!(end.contains(part), "{part}: {said}");
    }
    assert_eq!(code, 3);
}

#[test]
fn a_number_and_a_name_are_said_by_their_label() {
    let scratch = Scratch::new();
    let (said, _) = ask(&scratch, &["a.yaml"], &["1", "stop"]);
    assert!(
        said.contains("  = B-cell acute lymphoblastic leukaemia\n"),
        "{said}"
    );
    let (said, _) = ask(
        &scratch,
        &["b.yaml", "--criterion", "I1"],
        &["1", "", "", "1, 4"],
    );
    assert!(said.contains("  = chemotherapy; CAR-T cells\n"), "{said}");
    assert!(record(&scratch, "b.yaml").contains("[chemotherapy, car_t]"));
}

#[test]
fn the_commands_that_follow_are_named() {
    let scratch = Scratch::new().with(
        "site policy.yaml",
        "format: eligo/site/1\ntrial: NCT04546906\n",
    );
    let call = ["a b.yaml", "--site", "site policy.yaml"];
    let (said, _) = ask(&scratch, &call, &["b_all", "stop"]);
    let sheet =
        "eligo screen 'a b.yaml' --site 'site policy.yaml' --format html --output 'a b.html'";
    assert!(said.contains(sheet), "{said}");
    let (said, _) = ask(&scratch, &["b.yaml"], &["stop"]);
    assert!(
        said.contains("Nothing was answered, and nothing is written."),
        "{said}"
    );
}

#[test]
fn nobody_answers_and_nothing_is_written() {
    let scratch = Scratch::new();
    let mut command = scratch.eligo();
    command.arg("ask").write_stdin("").assert().code(3);
    let mut command = scratch.eligo();
    command
        .args(["ask", "a.yaml"])
        .write_stdin("")
        .assert()
        .code(3);
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
}

#[test]
fn the_pseudonym_is_asked_for_and_names_the_file() {
    let scratch = Scratch::new();
    let (said, _) = ask(&scratch, &[], &["../a", "", "LDP-7", "b_all", "stop"]);
    assert!(said.contains("make a file name too"), "{said}");
    assert!(record(&scratch, "LDP-7.yaml").contains("candidate: LDP-7\n"));
}

#[test]
fn words_are_causes_values_or_evidence_by_what_the_fact_is() {
    let trial = embedded();
    let written = |path: &str, typed: &str| {
        let fact = trial.facts.get(trial.facts.find(path).unwrap());
        answer::answer(fact, typed, "2026-11-20").line(Notation::Yaml)
    };
    assert_eq!(written("diagnosis", "Not Known"), "{ missing: unknown }");
    assert_eq!(
        written("ecog", "1 on today"),
        "{ value: 1, date: 2026-11-20 }"
    );
    assert_eq!(written("ecog", ">= 2"), "\">= 2\"");
    assert_eq!(
        written("estimated_survival", "6 months by Dr. A"),
        "{ value: 6 months, by: Dr. A }"
    );
    assert_eq!(
        written("ecog", "not_performed"),
        "{ missing: not_performed }"
    );
    let _: Arc<str> = edit::begin(Notation::Json, "T", "2026-11-20", "A");
}
