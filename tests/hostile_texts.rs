//! Every text of every input, through every output: none brings a character that a terminal obeys.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::fs;

use common::{Scratch, obeyed_by_a_terminal, root, yaml};
use eligo::diagnostic::Source;
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

/// A record with a hostile pseudonym and remark, and hostile evidence beside each value.
fn hostile_record(mut record: Json, trial: &trial::Trial) -> Json {
    for (_, fact) in trial.facts.iter() {
        let pointer = format!("/{}", fact.path.replace('.', "/"));
        if let Some(value) = record.pointer_mut(&pointer)
            && (value.is_string() || value.is_number() || value.is_boolean())
        {
            *value = json!({ "value": value.clone(), "by": HOSTILE.to_owned() + "b", "source": HOSTILE.to_owned() + "s", "note": HOSTILE.to_owned() + "n" });
        }
    }
    record["candidate"] = json!(format!("P{HOSTILE}"));
    record["note"] = json!(format!("N{HOSTILE}"));
    record
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
    "eval birth_date --trial trial.yaml --record record.json",
];

/// Every construct, and each protocol, with the first of its cases.
#[test]
fn no_text_of_any_input_is_obeyed_by_a_terminal() {
    let mut files: Vec<_> = ["tests/trials", "tests/trials/protocols"]
        .iter()
        .flat_map(|folder| fs::read_dir(root().join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().ends_with(".cases.yaml"))
        .collect();
    files.sort();
    assert!(files.len() > 20);
    for cases in files {
        let name = cases.to_str().unwrap().replace(".cases.yaml", ".yaml");
        let plain = fs::read_to_string(&name).unwrap();
        let (trial, taken) = hostile_trial("trial.yaml", yaml(&plain));
        assert!(taken > 3, "{name}: no text was made hostile");
        let trial = written(&trial);
        let (compiled, _) = trial::compile(&Source::new("trial.yaml", trial.clone())).unwrap();
        let cases = yaml(&fs::read_to_string(&cases).unwrap());
        let record = cases["base"]
            .as_object()
            .and_then(|base| base.values().next());
        let record = hostile_record(record.cloned().unwrap_or(json!({})), &compiled);
        let site = json!({ "format": "eligo/site/1", "site": HOSTILE.to_owned() + "Site", "trial": compiled.id });
        let broken = json!({ "candidate": format!("Q{HOSTILE}"), format!("zz{HOSTILE}"): HOSTILE });
        let scratch = Scratch::new()
            .with("plain.yaml", plain)
            .with("trial.yaml", trial)
            .with("record.json", written(&record))
            .with("site.yaml", written(&site))
            .with(
                "list.ndjson",
                format!("{}\n{}\n", written(&record), written(&broken)),
            );
        for call in CALLS {
            let output = scratch.eligo().args(call.split(' ')).output().unwrap();
            for written in [output.stdout, output.stderr] {
                let written = String::from_utf8(written).unwrap();
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
}
