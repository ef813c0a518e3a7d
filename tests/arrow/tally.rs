//! Screened rows that were kept, and what they amount to.

use std::fs;

use assert_cmd::assert::Assert;
use predicates::str::contains;
use serde_json::{Value as Json, json};

use crate::common::Scratch;
use crate::streams::{five, patient};

/// A list with a candidate twice, similar names, rows that cannot be read, and one of whom little is known.
fn list() -> String {
    let mut rows = five();
    rows.push(patient("p-2", &json!(2)));
    rows.push(patient("P-1", &json!("unknown")));
    rows.push(json!({"candidate": "P-9", "screened_on": "2026-11-20", "ecgo": 1}));
    rows.push(json!({"candidate": "P-10"}));
    rows.push(json!({"ecog": 1, "screened_on": "2026-11-20"}));
    rows.iter().map(|row| format!("{row}\n")).collect()
}

fn screened(reasons: &str, arguments: &[&str]) -> Scratch {
    let scratch = Scratch::new().with("list.ndjson", list());
    for (rows, summary) in [
        ("rows.arrow", "one.json"),
        ("rows.parquet", "other.json"),
        ("rows.arrows", "third.json"),
    ] {
        let mut batch = scratch.eligo();
        batch.args([
            "batch",
            "list.ndjson",
            "--reasons",
            reasons,
            "--output",
            rows,
            "--summary",
            summary,
        ]);
        batch.args(arguments).assert().code(4);
    }
    scratch
}

fn rows(scratch: &Scratch, arguments: &[&str]) -> Assert {
    scratch
        .eligo()
        .args(["summary", "rows"])
        .args(arguments)
        .assert()
}

fn json_of(scratch: &Scratch, name: &str) -> Json {
    serde_json::from_str(&fs::read_to_string(scratch.path().join(name)).unwrap()).unwrap()
}

#[test]
fn rows_amount_to_what_their_list_did() {
    for (reasons, arguments) in [
        ("deciding", &[][..]),
        ("all", &[]),
        ("none", &["--as-of", "2026-11-20"]),
    ] {
        let scratch = screened(reasons, arguments);
        let expected = json_of(&scratch, "one.json");
        for file in ["rows.arrow", "rows.parquet", "rows.arrows"] {
            rows(&scratch, &[file, "--output", "found.json"]).code(0);
            assert_eq!(
                json_of(&scratch, "found.json"),
                expected,
                "{reasons} {file}"
            );
        }
        let stream = fs::read(scratch.path().join("rows.arrows")).unwrap();
        let mut call = scratch.eligo();
        call.args(["summary", "rows", "-", "--format", "json"])
            .write_stdin(stream);
        let found = call.assert().code(0).get_output().stdout.clone();
        assert_eq!(serde_json::from_slice::<Json>(&found).unwrap(), expected);
    }
}

#[test]
fn counted_parts_can_be_merged() {
    let scratch = screened("deciding", &["--key", "candidate"]);
    rows(&scratch, &["rows.arrow", "--job", "--output", "a.json"]).code(0);
    rows(&scratch, &["rows.parquet", "--job", "--output", "b.json"]).code(0);
    let mut merge = scratch.eligo();
    merge.args([
        "summary",
        "merge",
        "a.json",
        "b.json",
        "--output",
        "both.json",
    ]);
    merge.assert().code(0);
    let (one, both) = (
        json_of(&scratch, "one.json"),
        json_of(&scratch, "both.json"),
    );
    for count in [
        "rows",
        "eligible",
        "ineligible",
        "undetermined",
        "error",
        "unnamed",
        "undated",
    ] {
        assert_eq!(
            both[count].as_u64(),
            one[count].as_u64().map(|one| 2 * one),
            "{count}"
        );
    }
    // Everybody stands there again.
    let named = one["rows"].as_u64().unwrap()
        - one["error"].as_u64().unwrap()
        - one["unnamed"].as_u64().unwrap();
    assert_eq!(
        both["repetitions"].as_u64(),
        one["repetitions"].as_u64().map(|one| one + named)
    );
}

#[test]
fn what_is_no_result_is_said() {
    let scratch = screened("deciding", &[]).with("text.txt", "candidate,eligibility\n");
    let other = concat!(env!("CARGO_MANIFEST_DIR"), "/criteria/nct03057977.yaml");
    rows(
        &scratch,
        &["rows.arrow", "--trial", other, "--output", "s.json"],
    )
    .code(2)
    .stderr(contains("and NCT03057977 has the criteria `I1`"))
    .stderr(contains("(--trial)"));
    rows(&scratch, &["text.txt"])
        .code(2)
        .stderr(contains("neither an Arrow stream nor"));
    rows(&scratch, &["rows.arrow", "./rows.arrow"])
        .code(2)
        .stderr(contains("would count twice"));
    rows(&scratch, &["rows.arrow", "--output", "rows.arrow"])
        .code(2)
        .stderr(contains("is read"));
    let cut = fs::read(scratch.path().join("rows.arrows")).unwrap();
    let scratch = scratch.with("cut.arrows", &cut[..cut.len() - 40]);
    rows(&scratch, &["cut.arrows", "--output", "s.json"]).code(2);
    assert!(!scratch.path().join("s.json").exists());
}
