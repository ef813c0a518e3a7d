//! `eligo ask`: what is asked, what an answer becomes, and that no answer is lost.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use common::{Scratch, example_records, program, report, text_of};
use eligo::diagnostic::Source;
use eligo::document::Notation;
use eligo::facts::{Fact, FactId, ItemKind, Kind};
use eligo::interview::written::Written;
use eligo::interview::{Asked, Interview, Scope, answer, edit};
use eligo::record::Dates;
use eligo::trial::{Policy, Trial};
use eligo::{EMBEDDED_TRIAL, trial};
use jiff::civil::date;
use serde_json::Value as Json;

fn embedded() -> Trial {
    trial::compile(&Source::new("trial.yaml", EMBEDDED_TRIAL))
        .unwrap()
        .0
}

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

fn verdicts(report: &Json) -> BTreeMap<String, String> {
    let criteria = report["criteria"].as_array().unwrap().iter();
    let verdict = |one: &Json| one["verdict"].as_str().unwrap().to_owned();
    criteria
        .map(|one| (one["id"].as_str().unwrap().to_owned(), verdict(one)))
        .collect()
}

/// What somebody types to say what a record says of a fact.
fn typed(fact: &Fact, known: Option<&Written>) -> Vec<String> {
    let Some(known) = known else {
        return vec![String::new()];
    };
    let (value, evidence) = match known {
        Written::Map(entries) => {
            let get = |key: &str| {
                entries
                    .iter()
                    .find(|(name, _)| name == key)
                    .map(|(_, value)| value)
            };
            if let Some(Written::Word(cause)) = get("missing") {
                return vec![cause.clone()];
            }
            let word = |key: &str| get(key).map(plain);
            let date = word("date").map(|date| format!(" on {date}"));
            let by = word("by").map(|by| format!(" by {by}"));
            (
                get("value").unwrap().clone(),
                date.unwrap_or_default() + &by.unwrap_or_default(),
            )
        }
        value => (value.clone(), String::new()),
    };
    match (&fact.kind, &value) {
        (Kind::List(item), Written::List(items)) => match &**item {
            _ if items.is_empty() => vec!["none known".to_owned()],
            ItemKind::Single(_) => vec![items.iter().map(plain).collect::<Vec<_>>().join(", ")],
            ItemKind::Fields(fields) => items_typed(fields, items),
        },
        _ => vec![plain(&value) + &evidence],
    }
}

fn items_typed(fields: &[Fact], items: &[Written]) -> Vec<String> {
    let mut lines = Vec::new();
    for item in items {
        let Written::Map(entries) = item else {
            panic!("{item:?}")
        };
        lines.push("add".to_owned());
        for field in fields {
            let known = entries.iter().find(|(name, _)| name == field.name());
            lines.extend(typed(field, known.map(|(_, value)| value)));
        }
    }
    lines.push(String::new());
    lines
}

fn plain(value: &Written) -> String {
    match value {
        Written::Boolean(value) => if *value { "yes" } else { "no" }.to_owned(),
        Written::Word(text) | Written::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    }
}

/// The lines that an interview asks for until the record says what another one says, in the order of the interview.
fn script(trial: &Trial, other: &str, notation: Notation) -> Vec<String> {
    let tree = edit::parse(other, notation).unwrap();
    let policy = Policy::default();
    let day = date(2026, 11, 20);
    let dates = Dates {
        as_of: None,
        today: day,
    };
    let text = edit::begin(Notation::Yaml, &trial.id, "2026-11-20", "copy");
    let mut interview =
        Interview::new(trial, &policy, ("copy.yaml", text), Notation::Yaml, dates).unwrap();
    let (mut lines, scope) = (
        Vec::new(),
        Scope {
            all: true,
            ..Scope::default()
        },
    );
    for _ in 0..500 {
        let next = interview.next(&interview.screening(), &scope);
        let Some(asked) = next else { return lines };
        let fact = trial.facts.get(asked.fact());
        let known = edit::at(&tree, &fact.path).and_then(Written::of);
        match (asked, known) {
            (Asked::Value(_), Some(known)) => {
                lines.extend(typed(fact, Some(&known)));
                interview.answer(asked, &known).unwrap();
            }
            (..) => {
                lines.push(String::new());
                interview.leave(asked);
            }
        }
    }
    panic!("the interview does not end: {lines:?}");
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
    let scratch = Scratch::new();
    let criterion = ["a.yaml", "--criterion", "E8", "--as-of", "2026-11-20"];
    let (said, _) = ask(&scratch, &criterion, &["none"]);
    assert!(
        record(&scratch, "a.yaml").contains("\nallergies: []\n"),
        "{said}"
    );
    fs::remove_file(scratch.path().join("a.yaml")).unwrap();
    // The input ends behind the first item: nobody said that there are no more.
    let (said, _) = ask(
        &scratch,
        &criterion,
        &["add", "penicillin", "", "", "", "", "", ""],
    );
    let text = record(&scratch, "a.yaml");
    assert!(text.contains("substance: penicillin"), "{text}{said}");
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

#[test]
fn killed_at_any_time_every_answer_that_was_followed_by_a_question_is_there() {
    for round in 0..40_u64 {
        let scratch = Scratch::new();
        let mut running = Command::new(program())
            .args(["ask", "a.yaml"])
            .current_dir(scratch.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = running.stdin.take().unwrap();
        let lines = "b_all\nno\nno\nno\nno\nno\nno\nno\n";
        stdin.write_all(lines.as_bytes()).unwrap();
        thread::sleep(Duration::from_millis(30 + round * 11));
        running.kill().unwrap();
        running.wait().unwrap();
        let mut said = String::new();
        running.stdout.unwrap().read_to_string(&mut said).unwrap();
        let questions = said.matches("\n[").count();
        let path = scratch.path().join("a.yaml");
        let text = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            questions < 2 || text.contains("diagnosis: b_all"),
            "{said}{text}"
        );
        // What is there is a record.
        if !text.is_empty() {
            let (said, code) = ask(&scratch, &["a.yaml"], &["stop"]);
            assert_ne!(code, 2, "{said}");
        }
    }
}

#[test]
fn what_somebody_else_wrote_meanwhile_is_kept() {
    let scratch = Scratch::new().with("a.yaml", "candidate: A\n");
    let mut running = Command::new(program())
        .args(["ask", "a.yaml"])
        .current_dir(scratch.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = running.stdout.take().unwrap();
    let mut seen = Vec::new();
    while !seen.ends_with(b"> ") {
        let mut byte = [0];
        stdout.read_exact(&mut byte).unwrap();
        seen.push(byte[0]);
    }
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
