//! Every text of every input, through every output: none brings a character that a terminal obeys.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{Scratch, obeyed_by_a_terminal, root, yaml};
use eligo::diagnostic::Source;
use eligo::facts::{Fact, ItemKind, Kind};
use eligo::{json_escape, trial};
use serde_json::{Value as Json, json};

/// A window title, a colour, a C1 sequence, marks that turn the direction of writing, a bell and a rubout.
const HOSTILE: &str = "\u{1b}]0;owned\u{7}\u{1b}[31m\u{9b}2J\u{202e}\u{2066}\u{200f}\u{7f}";

/// Calls `visit` with a pointer to every text below `tree`.
fn texts(tree: &Json, pointer: &str, visit: &mut impl FnMut(String)) {
    match tree {
        Json::String(_) => visit(pointer.to_owned()),
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                texts(item, &format!("{pointer}/{index}"), visit);
            }
        }
        Json::Object(members) => {
            for (key, value) in members {
                let key = key.replace('~', "~0").replace('/', "~1");
                texts(value, &format!("{pointer}/{key}"), visit);
            }
        }
        _ => {}
    }
}

/// JSON that YAML may be as well: YAML takes no control character as it is.
fn written(value: &Json) -> String {
    json_escape::to_string(value).unwrap()
}

fn harmless(what: &str, text: &str) {
    let obeyed = obeyed_by_a_terminal(text);
    assert!(obeyed.is_empty(), "{what} writes {obeyed:?}");
}

/// The trial with [`HOSTILE`] at the end of every text that may have it there. What is refused is refused without it.
fn hostile_trial(name: &str, mut trial: Json) -> (Json, usize) {
    let mut pointers = Vec::new();
    texts(&trial, "", &mut |pointer| pointers.push(pointer));
    let mut taken = 0;
    for pointer in pointers {
        let text = trial.pointer_mut(&pointer).unwrap();
        let before = text.clone();
        *text = Json::from(format!("{}{HOSTILE}", before.as_str().unwrap()));
        match trial::compile(&Source::new(name, written(&trial))) {
            Ok(_) => taken += 1,
            Err(problems) => {
                for problem in problems {
                    harmless(&pointer, &problem.render(false, 80));
                    harmless(&pointer, &problem.one_line());
                }
                *trial.pointer_mut(&pointer).unwrap() = before;
            }
        }
    }
    (trial, taken)
}

/// Hostile evidence around a value or a list.
fn with_evidence(value: &Json) -> Json {
    let [by, source, note] = ["b", "s", "n"].map(|end| HOSTILE.to_owned() + end);
    json!({ "value": value, "by": by, "source": source, "note": note })
}

/// A record with a hostile pseudonym and remark, hostile evidence beside each value, list and item, and hostile free text.
fn hostile_record(mut record: Json, trial: &trial::Trial) -> Json {
    let hostile_text = |value: &mut Json| {
        if let Some(text) = value.as_str() {
            *value = json!(format!("{text}{HOSTILE}"));
        }
    };
    for (_, fact) in trial.facts.iter() {
        let pointer = format!("/{}", fact.path.replace('.', "/"));
        let Some(value) = record.pointer_mut(&pointer) else {
            continue;
        };
        if let (Kind::List(kind), Some(items)) = (&fact.kind, value.as_array_mut()) {
            for item in items.iter_mut() {
                match &**kind {
                    ItemKind::Single(one) if one.kind == Kind::Text => hostile_text(item),
                    ItemKind::Single(_) => {}
                    ItemKind::Fields(fields) => {
                        let texts = fields.iter().filter(|field| field.kind == Kind::Text);
                        for field in texts {
                            item.get_mut(field.name()).map(hostile_text);
                        }
                        if let Some(item) = item.as_object_mut() {
                            for (key, end) in [("source", "s"), ("note", "n"), ("by", "b")] {
                                if !fields.iter().any(|field| field.name() == key) {
                                    item.insert(key.to_owned(), json!(HOSTILE.to_owned() + end));
                                }
                            }
                        }
                    }
                }
            }
            *value = with_evidence(value);
        } else if value.is_string() || value.is_number() || value.is_boolean() {
            if fact.kind == Kind::Text {
                hostile_text(value);
            }
            *value = with_evidence(value);
        }
    }
    record["candidate"] = json!(format!("P{HOSTILE}"));
    record["note"] = json!(format!("N{HOSTILE}"));
    record
}

/// Rows with a hostile name: twice, as one that hardly differs, and one that cannot be read.
fn list(record: &Json, broken: &Json) -> String {
    let mut similar = record.clone();
    similar["candidate"] = json!(format!("p{HOSTILE}"));
    [record, record, &similar, broken]
        .map(|row| written(row) + "\n")
        .concat()
}

fn first_fact(trial: &trial::Trial) -> &str {
    let scalar = |fact: &&Fact| !matches!(fact.kind, Kind::List(_));
    let mut facts = trial.facts.iter().map(|(_, fact)| fact);
    facts.find(scalar).map_or("zz", |fact| &fact.path)
}

/// A policy that pins the first reading of every question and settles every doubt.
fn pins(trial: &trial::Trial) -> Json {
    let (mut readings, mut doubts) = (json!({}), json!({}));
    for criterion in trial.all_criteria() {
        for question in criterion.questions() {
            let place = format!("{}.{}", criterion.id, question.name);
            readings[place] = json!(question.meanings[0].name);
        }
        if let ([], [first, ..]) = (criterion.questions(), criterion.readings()) {
            readings[&criterion.id] = json!(first.name);
        }
        for doubt in &criterion.doubts {
            doubts[format!("{}.{}", criterion.id, doubt.id)] = json!("counts_as_not_met");
        }
    }
    json!({ "format": "eligo/site/1", "site": HOSTILE, "readings": readings, "doubts": doubts })
}

/// A case that does not get what it wants, and one whose record is refused.
fn failing_case(trial: &trial::Trial) -> Json {
    let id = &trial.criteria[0].id;
    let note = format!("case {HOSTILE}");
    json!({ "format": "eligo/cases/1", "cases": [
        { "note": note, "want": { id: "pass" }, "reason": { id: HOSTILE.to_owned() + "r" } },
        { "note": note, "set": { format!("zz{HOSTILE}"): HOSTILE }, "want": { id: "pass" } },
    ] })
}

const CALLS: &[&str] = &[
    "screen record.json --trial trial.yaml",
    "screen record.json --trial trial.yaml --site site.yaml",
    "screen record.json --trial trial.yaml --site site.yaml --format json",
    "screen record.json --trial trial.yaml --quiet",
    "batch list.ndjson --trial trial.yaml --reasons all --format table",
    "batch list.ndjson --trial trial.yaml --reasons all --format ndjson",
    "batch list.ndjson --trial trial.yaml --reasons all --format json",
    "batch list.ndjson --trial trial.yaml --reasons all --format csv",
    "batch list.ndjson --trial trial.yaml --site site.yaml --output rows.ndjson --summary summary.json",
    "batch list.csv --trial trial.yaml --reasons all --format table",
    "batch list.csv --trial trial.yaml --reasons deciding --format ndjson",
    "batch columns.csv --trial trial.yaml --format csv",
    "screen record.json --trial trial.yaml --site pins.yaml",
    "screen record.json --trial trial.yaml --site pins.yaml --format json",
    "screen broken.json --trial trial.yaml",
    "screen record.json --trial trial.yaml --site broken.yaml",
    "batch list.ndjson --trial trial.yaml --site pins.yaml --reasons all --format table",
    "explain --trial trial.yaml --site pins.yaml --record record.json",
    "explain --trial trial.yaml --site pins.yaml --format json",
    "explain --trial trial.yaml --format markdown",
    "check trial.yaml --coverage",
    "check trial.yaml --coverage --format json",
    "explain --trial trial.yaml",
    "explain --trial trial.yaml --record record.json",
    "explain --trial trial.yaml --site site.yaml --format markdown",
    "explain --trial trial.yaml --record record.json --format json",
    "check trial.yaml",
    "check trial.yaml --format json",
    "check trial.yaml --format sarif",
    "diff plain.yaml trial.yaml --on list.ndjson",
    "diff plain.yaml trial.yaml --on list.ndjson --format json",
    "diff trial.yaml plain.yaml",
    "schema record --trial trial.yaml",
    "schema cases --trial trial.yaml",
    "schema site --trial trial.yaml",
    "template --trial trial.yaml",
    "template --trial trial.yaml --brief",
    "screen record.json --trial trial.yaml --brief",
    "screen record.json --trial trial.yaml --site site.yaml --format html",
    "screen record.json --trial trial.yaml --site pins.yaml --format markdown",
    "batch list.ndjson --trial trial.yaml --site site.yaml --format html",
    "batch list.ndjson --trial trial.yaml --format markdown",
    "screen record.json --trial trial.yaml --with broken.json",
    "questionnaire --trial trial.yaml",
    "questionnaire --trial trial.yaml --answers record.json",
    "map trial.yaml list.csv --trial trial.yaml",
    "map --draft columns.csv --trial trial.yaml",
    "eval birth_date --trial trial.yaml --record record.json",
    "eval \u{1b}]0;owned\u{7}\u{202e} --trial trial.yaml --record record.json",
];

/// Every construct, and each protocol, with the first of its cases.
#[test]
fn no_text_of_any_input_is_obeyed_by_a_terminal() {
    let mut files: Vec<_> = ["tests/trials", "tests/trials/protocols"]
        .iter()
        .flat_map(|folder| fs::read_dir(root().join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(".cases.yaml"))
        // The trial with the most kinds of texts: questions, doubts, stages, cautions, notes, codes.
        .chain([root().join("criteria/nct04546906.cases.yaml")])
        .collect();
    files.sort();
    assert!(files.len() > 20);
    // A file takes seconds: every text of it is tried by itself.
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(cases) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    through_every_output(cases);
                }
            });
        }
    });
}

/// The trial of these cases with every text hostile, and all that is written of it.
fn through_every_output(cases: &Path) {
    let name = cases.to_str().unwrap().replace(".cases.yaml", ".yaml");
    let plain = fs::read_to_string(&name).unwrap();
    let mut named = yaml(&plain);
    // What the file says of the trial is kept under whatever name it has there.
    named["trial"][format!("k{HOSTILE}")] = json!([{ format!("l{HOSTILE}"): "v" }]);
    let (trial, taken) = hostile_trial("trial.yaml", named);
    assert!(taken > 3, "{name}: no text was made hostile");
    let trial = written(&trial);
    let (compiled, _) = trial::compile(&Source::new("trial.yaml", trial.clone())).unwrap();
    let cases = yaml(&fs::read_to_string(cases).unwrap());
    let record = cases["base"]
        .as_object()
        .and_then(|base| base.values().next());
    let record = hostile_record(record.cloned().unwrap_or(json!({})), &compiled);
    let site = json!({ "format": "eligo/site/1", "site": HOSTILE.to_owned() + "Site", "trial": compiled.id });
    let pins = pins(&compiled);
    let refused = json!({ "format": "eligo/site/1", "doubts": { format!("I1.{HOSTILE}"): HOSTILE }, "readings": { format!("{HOSTILE}.x"): HOSTILE }, "valid_for": { HOSTILE: HOSTILE } });
    let broken = json!({ "candidate": format!("Q{HOSTILE}"), format!("zz{HOSTILE}"): HOSTILE });
    let scratch = Scratch::new()
        .with("plain.yaml", plain)
        .with("trial.yaml", trial)
        .with("record.json", written(&record))
        .with("site.yaml", written(&site))
        .with("trial.cases.yaml", written(&failing_case(&compiled)))
        .with("pins.yaml", written(&pins))
        .with("broken.yaml", written(&refused))
        .with("broken.json", written(&broken))
        .with("list.ndjson", list(&record, &broken))
        .with(
            "list.csv",
            format!("candidate,{fact}.by,{fact}.note,{fact}\nP{HOSTILE},{HOSTILE}b,{HOSTILE}n,{HOSTILE}\nP{HOSTILE},,,\np{HOSTILE},,,\n", fact = first_fact(&compiled)),
        )
        .with(
            "columns.csv",
            format!("candidate,{HOSTILE}z,{}{HOSTILE}\nP{HOSTILE},1,2\n", first_fact(&compiled)),
        );
    for call in CALLS {
        let output = scratch.eligo().args(call.split(' ')).output().unwrap();
        for written in [output.stdout, output.stderr] {
            let written = String::from_utf8(written).unwrap();
            assert!(!written.contains("Usage:"), "{call}: {written}");
            harmless(&format!("{name}: {call}"), &written);
        }
    }
    for file in ["rows.ndjson", "summary.json"] {
        let written = fs::read_to_string(scratch.path().join(file)).unwrap();
        harmless(&format!("{name}: {file}"), &written);
    }
    let shown = scratch
        .eligo()
        .args(["screen", "record.json", "--trial", "trial.yaml"])
        .output()
        .unwrap();
    assert!(
        String::from_utf8(shown.stdout)
            .unwrap()
            .contains("P␛]0;owned"),
        "{name}: nothing hostile came through"
    );
}
