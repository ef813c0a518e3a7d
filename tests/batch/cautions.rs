//! Cautions decide nothing, and reach every output all the same.

use std::fs;

use serde_json::{Value as Json, json};

use crate::{Scratch, batch};

const TRIAL: &str = "
format: eligo/trial/1
trial: { id: T1, title: Cautions }
facts:
  age: { type: integer, label: Age, range: 0..120 }
  ecog: { type: integer, label: ECOG, range: 0..5 }
cautions:
  - { when: age > 70, say: the age lies outside 2 to 70 years }
criteria:
  inclusion:
    - id: I4
      title: ECOG
      text: ECOG at most 2
      require: ecog <= 2
      cautions:
        - { when: ecog = 2, say: at the limit; score again }
";
const OLD: &str = "the age lies outside 2 to 70 years";
const ECOG: &str = "at the limit; score again";

/// An eligible candidate of whom nothing is to be said, one with a caution of the trial, and one with a second of a criterion.
fn list() -> String {
    [("E-1", 34, 1), ("E-2", 84, 1), ("E-3", 84, 2)]
        .map(|(candidate, age, ecog)| {
            let row = json!({ "candidate": candidate, "screened_on": "2026-11-20", "age": age, "ecog": ecog });
            format!("{row}\n")
        })
        .concat()
}

fn screened(arguments: &[&str]) -> (String, String, Json) {
    let scratch = Scratch::new()
        .with("list.ndjson", list())
        .with("trial.yaml", TRIAL);
    let list = ["list.ndjson", "--trial", "trial.yaml"];
    let ran = batch(&scratch, &[&list[..], arguments].concat()).ends(0);
    let with_file = [&list[..], &["--summary", "summary.json"], arguments].concat();
    batch(&scratch, &with_file).ends(0);
    let summary = fs::read_to_string(scratch.path().join("summary.json")).unwrap();
    (
        ran.stdout,
        ran.stderr,
        serde_json::from_str(&summary).unwrap(),
    )
}

#[test]
fn rows_of_json_have_the_cautions_by_criterion() {
    for reasons in ["deciding", "all"] {
        let (rows, ..) = screened(&["--format", "ndjson", "--reasons", reasons]);
        let rows: Vec<Json> = rows
            .lines()
            .map(|row| serde_json::from_str(row).unwrap())
            .collect();
        assert!(rows.iter().all(|row| row["eligibility"] == "eligible"));
        assert_eq!(rows[0].get("cautions"), None);
        let of_old = &rows[1]["cautions"];
        assert_eq!(of_old.as_object().unwrap().len(), 1, "{of_old}");
        let say = of_old["trial"][0].as_str().unwrap();
        assert!(say.starts_with(OLD), "{say}");
        assert_eq!(rows[2]["cautions"], json!({ "trial": [say], "I4": [ECOG] }));
    }
}

#[test]
fn tables_count_them_and_say_them() {
    let (table, said, _) = screened(&["--width", "200"]);
    let lines: Vec<&str> = table.lines().map(str::trim_end).collect();
    let below = |candidate: &str| {
        let at = lines
            .iter()
            .position(|line| line.contains(candidate))
            .unwrap();
        (lines[at], &lines[at + 1..])
    };
    assert!(!below("E-1").0.contains("caution"), "{table}");
    let (line, said_below) = below("E-2");
    assert!(line.ends_with("1 caution"), "{table}");
    assert!(
        said_below[0].contains(&format!("trial  caution: {OLD}")),
        "{table}"
    );
    let (line, said_below) = below("E-3");
    assert!(line.ends_with("2 cautions"), "{table}");
    assert!(
        said_below[1].trim_start().starts_with("I4") && said_below[1].contains(ECOG),
        "{table}"
    );
    assert!(said.contains("Cautions, which decide nothing"), "{said}");
}

#[test]
fn csv_has_a_column() {
    let (rows, ..) = screened(&["--format", "csv"]);
    let mut reader = csv::Reader::from_reader(rows.as_bytes());
    assert_eq!(
        reader.headers().unwrap().iter().next_back(),
        Some("cautions")
    );
    let cells: Vec<String> = reader
        .records()
        .map(|row| row.unwrap().iter().next_back().unwrap().to_owned())
        .collect();
    assert_eq!(cells[0], "");
    assert!(cells[1].starts_with(&format!("trial: {OLD}")), "{cells:?}");
    assert!(cells[2].ends_with(&format!(" | I4: {ECOG}")), "{cells:?}");
}

#[test]
fn the_summary_says_how_many_have_which() {
    let (.., summary) = screened(&["--format", "ndjson"]);
    let cautions = summary["cautions"].as_array().unwrap();
    let told: Vec<_> = cautions
        .iter()
        .map(|part| (part["criterion"].as_str().unwrap(), &part["candidates"]))
        .collect();
    assert_eq!(told, [("trial", &json!(2)), ("I4", &json!(1))]);
}

/// Who asks for no reasons pays for none.
#[test]
fn without_reasons_none_is_looked_for() {
    let (rows, said, summary) = screened(&["--format", "ndjson", "--reasons", "none"]);
    assert!(!rows.contains("caution"), "{rows}");
    assert!(!said.contains("Caution"), "{said}");
    assert_eq!(summary["cautions"], Json::Null);
}
