//! Input that is made to do harm: too large, too deep, too many, too long, or meant for the terminal. It is refused
//! quickly and within bounds, or shown without being obeyed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs::File;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Complaint, Scratch, clean, obeyed_by_a_terminal, program, refused};
use predicates::prelude::*;
use predicates::str::contains;

/// An ESC sequence, a C1 sequence, marks that turn the direction of writing, a bell and a rubout.
const HOSTILE: &str = "\u{1b}[31m\u{9b}2J\u{202e}\u{2066}\u{200f}\u{7}\u{7f}";

/// [`HOSTILE`] as YAML and JSON both write it.
fn hostile() -> String {
    let escapes: String = HOSTILE
        .chars()
        .map(|character| format!("\\u{:04x}", u32::from(character)))
        .collect();
    format!("\"{escapes}\"")
}

fn quick(started: Instant) {
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "it took {:?}",
        started.elapsed()
    );
}

/// Output in which nothing would be obeyed by a terminal.
fn harmless() -> impl Predicate<str> {
    predicate::function(|said: &str| obeyed_by_a_terminal(said).is_empty())
        .fn_name("harmless for a terminal")
}

#[test]
fn a_file_of_200_megabytes_is_refused_at_once() {
    let scratch = Scratch::new();
    File::create(scratch.path().join("record.yaml"))
        .unwrap()
        .set_len(200_000_000)
        .unwrap();
    let started = Instant::now();
    let screen = scratch
        .eligo()
        .args(["screen", "record.yaml"])
        .assert()
        .stdout("");
    Complaint::about("record.yaml", screen, 2)
        .says("`record.yaml` is larger than")
        .errors(1);
    quick(started);
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_of_200_megabytes_does_not_fill_the_memory() {
    let scratch = Scratch::new();
    File::create(scratch.path().join("record.yaml"))
        .unwrap()
        .set_len(200_000_000)
        .unwrap();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "ulimit -v 150000; exec \"$0\" \"$@\""])
        .arg(program())
        .args(["screen", "record.yaml"]);
    let screen = clean(shell).current_dir(scratch.path()).assert().stdout("");
    Complaint::about("record.yaml", screen, 2)
        .says("is larger than")
        .errors(1);
}

#[test]
#[cfg(unix)]
fn standard_input_without_an_end_is_refused() {
    let mut child = Command::new(program());
    child
        .args(["screen", "-"])
        .stdin(File::open("/dev/zero").unwrap())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let output = child.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is larger than"));
}

/// JSON of very many values is refused before it fills the memory, and one of as many as there may be fits.
#[test]
#[cfg(target_os = "linux")]
fn very_many_values_do_not_fill_the_memory() {
    let run = |count: usize| {
        let list = format!(
            "{{\"candidate\":\"A\",\"zot\":[1{}]}}\n",
            ",1".repeat(count - 1)
        );
        let scratch = Scratch::new().with("list.ndjson", list);
        let mut shell = Command::new("sh");
        shell
            .args([
                "-c",
                "ulimit -v 600000; exec \"$0\" batch list.ndjson --format ndjson --threads 1",
            ])
            .arg(program());
        String::from_utf8(
            clean(shell)
                .current_dir(scratch.path())
                .assert()
                .code(4)
                .get_output()
                .stdout
                .clone(),
        )
        .unwrap()
    };
    let started = Instant::now();
    assert!(run(7_000_000).contains("too large"));
    quick(started);
    assert!(run(199_990).contains("`zot` is not declared"));
}

#[test]
fn a_hundred_thousand_levels_of_nesting() {
    let levels = 100_000;
    let nested =
        |open: &str, close: &str| format!("{}1{}", open.repeat(levels), close.repeat(levels));
    let started = Instant::now();
    refused("record.yaml", format!("ecog: {}\n", nested("[", "]")))
        .says("record.yaml:1:")
        .says("deep")
        .briefly();
    refused("record.yaml", format!("ecog: {}\n", nested("{ a: ", " }")))
        .says("record.yaml:1:")
        .says("deep")
        .briefly();
    refused("record.json", nested("[", "]"))
        .says("record.json:1:")
        .briefly();
    refused("record.json", nested("{\"a\":", "}"))
        .says("record.json:1:")
        .briefly();
    refused("record.yaml", "[".repeat(levels))
        .says("record.yaml:1:")
        .briefly();
    refused("record.json", "[".repeat(levels))
        .says("record.json:1:")
        .briefly();
    quick(started);
}

#[test]
fn deep_nesting_without_brackets() {
    let started = Instant::now();
    // Lists in lists, keys in keys, and maps in maps by indentation alone.
    refused("record.yaml", format!("{}x\n", "- ".repeat(100_000)))
        .says("record.yaml:1:")
        .says("deep")
        .briefly();
    refused("record.yaml", format!("{}x\n", "? ".repeat(100_000)))
        .says("record.yaml:1:")
        .says("deep")
        .briefly();
    let maps: String = (0..5_000)
        .map(|level| format!("{}a:\n", " ".repeat(level)))
        .collect();
    refused("record.yaml", maps)
        .says("record.yaml:")
        .says("deep")
        .briefly();
    quick(started);
}

#[test]
fn alias_bombs() {
    let bomb = |first: &str, link: fn(usize) -> String| {
        let mut text = format!("a0: &a0 {first}\n");
        for level in 1..12 {
            text.push_str(&format!("a{level}: &a{level} {}\n", link(level - 1)));
        }
        text
    };
    let started = Instant::now();
    let lists = bomb("[x, x, x, x, x, x, x, x, x, x]", |below| {
        format!("[{}]", vec![format!("*a{below}"); 10].join(", "))
    });
    refused("record.yaml", lists)
        .says("record.yaml:")
        .says("aliases")
        .briefly();
    let maps = bomb("{ k: x }", |below| {
        format!(
            "{{ {} }}",
            (0..10)
                .map(|key| format!("k{key}: *a{below}"))
                .collect::<Vec<_>>()
                .join(", ")
        )
    });
    refused("record.yaml", maps)
        .says("record.yaml:")
        .says("aliases")
        .briefly();
    // One long value, repeated many times.
    let long = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(100_000),
        vec!["*a"; 100_000].join(", ")
    );
    refused("record.yaml", long).says("record.yaml:").briefly();
    quick(started);
}

#[test]
fn an_alias_to_itself() {
    refused("record.yaml", "ecog: &a [*a]\n")
        .at(1, 11, "ecog: &a [*a]")
        .errors(1);
}

#[test]
fn a_file_full_of_mistakes_is_refused_in_good_time() {
    let mistakes: String = (0..20_000)
        .map(|number| format!("k{number}: 1\n"))
        .collect();
    let started = Instant::now();
    refused("record.yaml", mistakes)
        .says("record.yaml:1:1\n")
        .says("`k0`");
    quick(started);
}

#[test]
fn a_place_far_along_a_long_line_is_shown_with_what_is_around_it() {
    let record = format!("{{ sex: male, {}ecog: 7 }}\n", " ".repeat(1_000_000));
    refused("record.yaml", record)
        .says("record.yaml:1:1000020\n")
        .says("ecog: 7 }")
        .errors(1)
        .briefly();
}

#[test]
fn a_long_value_does_not_flood_the_terminal() {
    refused("record.yaml", format!("ecog: {}\n", "x".repeat(1_000_000)))
        .at(1, 7, "ecog: xxx")
        .errors(1)
        .briefly();
    refused("record.yaml", format!("ecog: {}\n", "9".repeat(1_000_000)))
        .at(1, 7, "ecog: 999")
        .errors(1)
        .briefly();
    refused(
        "record.json",
        format!("{{ \"{}\": 1 }}", "k".repeat(1_000_000)),
    )
    .at(1, 3, "")
    .errors(1)
    .briefly();
}

#[test]
fn long_texts_in_a_record_are_reported_whole() {
    let long = "word ".repeat(20_000);
    let record = format!("candidate: A-1\nnote: {long}\necog: {{ value: 1, source: {long} }}\n");
    let scratch = Scratch::new().with("record.yaml", record);
    scratch
        .eligo()
        .args(["screen", "record.yaml"])
        .assert()
        .code(3)
        .stderr("")
        .stdout(contains("A-1"));
    scratch
        .eligo()
        .args(["screen", "record.yaml", "--format", "json"])
        .assert()
        .code(3)
        .stderr("")
        .stdout(contains(long.trim()));
}

#[test]
fn a_long_word_is_broken_and_reported() {
    let started = Instant::now();
    let word = "x".repeat(70_000);
    let source = format!("ecog: {{ value: 1, source: {word} }}\n");
    // A reason is shown in the table, and once more below it if the criterion failed.
    let substance =
        format!("allergies: [{{ substance: {word}, class: antibiotic, severity: severe }}]\n");
    for (record, code) in [(source, 3), (substance, 1)] {
        let scratch = Scratch::new().with("record.yaml", record);
        scratch
            .eligo()
            .args(["screen", "record.yaml"])
            .assert()
            .code(code)
            .stderr("")
            .stdout(contains("xxx"));
    }
    quick(started);
}

#[test]
fn controls_in_values_and_keys_are_not_obeyed_in_errors() {
    let bad = hostile();
    for content in [
        format!("ecog: {bad}\n"),
        format!("{bad}: 1\n"),
        format!("hepatitis: {{ {bad}: 1 }}\n"),
        format!("ecog: {{ missing: {bad} }}\n"),
    ] {
        refused("record.yaml", content)
            .says("record.yaml:1:")
            .errors(1)
            .harmless();
    }
    for content in [format!("{{ \"ecog\": {bad} }}"), format!("{{ {bad}: 1 }}")] {
        refused("record.json", content)
            .says("record.json:1:")
            .errors(1)
            .harmless();
    }
}

#[test]
fn controls_that_stand_in_the_file_itself_are_not_obeyed_where_the_line_is_shown() {
    for hostile in HOSTILE.chars() {
        refused(
            "record.yaml",
            format!("ecog: \"two{hostile}\" # {hostile}\n"),
        )
        .says("record.yaml:1:")
        .harmless();
        refused("record.json", format!("{{ \"ecog\": \"two{hostile}\" }}"))
            .says("record.json:1:")
            .harmless();
    }
}

#[test]
fn controls_are_not_obeyed_in_reports() {
    let bad = hostile();
    let record = format!(
        "candidate: {bad}\nnote: {bad}\nscreened_on: 2026-11-20\n\
         ecog: {{ value: 4, by: {bad}, source: {bad}, note: {bad}, date: 2026-11-18 }}\n\
         allergies: [{{ substance: {bad}, class: antibiotic, reaction: {bad} }}]\n\
         other_malignancies: [{{ disease: {bad}, status: active }}]\nhepatitis: {{ antiviral: {bad} }}\n"
    );
    let site = format!("format: eligo/site/1\nsite: {bad}\ntrial: NCT04546906\n");
    let scratch = Scratch::new()
        .with("record.yaml", record)
        .with("site.yaml", site);
    scratch
        .eligo()
        .args(["screen", "record.yaml"])
        .assert()
        .code(1)
        .stderr("")
        .stdout(contains("[31m"))
        .stdout(harmless());
    scratch
        .eligo()
        .args(["screen", "record.yaml", "--quiet"])
        .assert()
        .code(1)
        .stderr("")
        .stdout(contains("[31m"))
        .stdout(harmless());
    scratch
        .eligo()
        .args(["screen", "record.yaml", "--site", "site.yaml"])
        .assert()
        .code(1)
        .stderr("")
        .stdout(harmless());
}

#[test]
fn the_arabic_letter_mark_is_not_obeyed_either() {
    // It turns the direction of writing like the others, and stands far from them in Unicode.
    let scratch = Scratch::new().with("record.yaml", "candidate: \"A\\u061c1\"\n");
    scratch
        .eligo()
        .args(["screen", "record.yaml"])
        .assert()
        .code(3)
        .stdout(contains("Candidate A"))
        .stdout(harmless());
    refused("record.yaml", "ecog: two\u{61c}\n").harmless();
}

#[test]
fn controls_in_a_record_do_not_break_a_coloured_report() {
    let scratch = Scratch::new().with("record.yaml", format!("candidate: {}\n", hostile()));
    let screen = scratch
        .eligo()
        .args(["screen", "record.yaml", "--color", "always"])
        .assert()
        .code(3)
        .get_output()
        .stdout
        .clone();
    let plain = anstream::adapter::strip_str(&String::from_utf8(screen).unwrap()).to_string();
    assert!(
        plain.contains("[31m"),
        "what the record says is shown: {plain}"
    );
    assert_eq!(obeyed_by_a_terminal(&plain), []);
}

#[test]
#[cfg(unix)]
fn controls_in_file_names_are_not_obeyed() {
    let name = format!("{HOSTILE}.yaml");
    let scratch = Scratch::new()
        .with(&name, "ecog: 7\n")
        .with("record.yaml", "ecog: 1\n");
    scratch
        .eligo()
        .args(["screen", &name])
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains(".yaml:1:7").and(harmless()));
    scratch
        .eligo()
        .args(["screen", "record.yaml", "--site", &name])
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains(".yaml:1:").and(harmless()));
    scratch
        .eligo()
        .args(["screen", "record.yaml", "--trial", &name])
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains(".yaml:1:").and(harmless()));
    scratch
        .eligo()
        .args(["check", &name])
        .assert()
        .stdout(harmless())
        .stderr(harmless());
    let missing = format!("missing{name}");
    scratch
        .eligo()
        .args(["screen", &missing])
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("missing").and(harmless()));
}

#[test]
#[cfg(unix)]
fn controls_in_a_file_name_too_many_are_not_obeyed() {
    // As the shell hands it over for `eligo template *.yaml` and `eligo screen *.yaml`.
    let template = Scratch::new()
        .eligo()
        .args(["template", &format!("{HOSTILE}.yaml")])
        .assert();
    template
        .code(2)
        .stdout("")
        .stderr(contains("unexpected").and(harmless()));
    let screen = Scratch::new()
        .eligo()
        .args(["screen", "record.yaml", &format!("{HOSTILE}.yaml")])
        .assert();
    screen
        .code(2)
        .stdout("")
        .stderr(contains("cannot read").and(harmless()));
}

#[test]
fn controls_in_a_trial_file_are_not_obeyed() {
    let bad = hostile();
    let trial = format!(
        "format: eligo/trial/1\ntrial: {{ id: {bad}, title: {bad} }}\n\
         facts:\n  group:\n    label: {bad}\n    ecog: {{ type: integer, label: {bad}, ask: {bad}, note: {bad}, range: 0..5 }}\n\
         cautions: [{{ when: group.ecog > 0, say: {bad} }}]\n\
         criteria: {{ inclusion: [{{ id: I1, title: {bad}, text: {bad}, require: group.ecog <= 2 }}] }}\n"
    );
    let wrong = trial.replace("require: group.ecog <= 2", &format!("require: {bad}"));
    let scratch = Scratch::new()
        .with("trial.yaml", trial)
        .with("wrong.yaml", wrong)
        .with("record.yaml", "group: { ecog: 4 }\n");
    scratch
        .eligo()
        .args(["check", "trial.yaml"])
        .assert()
        .code(0)
        .stdout(harmless())
        .stderr(harmless());
    scratch
        .eligo()
        .args(["check", "wrong.yaml"])
        .assert()
        .code(2)
        .stdout(harmless())
        .stderr(harmless());
    scratch
        .eligo()
        .args(["screen", "record.yaml", "--trial", "trial.yaml"])
        .assert()
        .code(1)
        .stdout(harmless())
        .stderr("");
}

#[test]
fn controls_in_a_trial_file_do_not_get_into_its_template() {
    let bad = hostile();
    let trial = format!(
        "format: eligo/trial/1\ntrial: {{ id: T1, title: A trial }}\n\
         facts: {{ ecog: {{ type: integer, label: {bad}, ask: {bad}, note: {bad} }} }}\n\
         criteria: {{ inclusion: [{{ id: I1, title: ECOG, text: ECOG at most 2, require: ecog <= 2 }}] }}\n"
    );
    let scratch = Scratch::new().with("trial.yaml", trial);
    scratch
        .eligo()
        .args(["template", "--trial", "trial.yaml"])
        .assert()
        .code(0)
        .stdout(contains("ecog:"))
        .stdout(harmless());
}
