//! Every example record comes out as `examples/verdicts.yaml` says.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{criterion, eligo, example_records, report, text_of, yaml};

#[test]
fn every_example_gets_its_verdicts() {
    let wanted = yaml(&text_of("examples/verdicts.yaml"));
    for record in example_records() {
        let wanted = &wanted[record.trim_start_matches("examples/")];
        let found = report(&[&record]);
        assert_eq!(found["eligibility"], wanted["eligibility"], "{record}");
        let wanted = wanted["verdicts"].as_object().unwrap();
        assert_eq!(
            wanted.len(),
            16,
            "{record} does not say a verdict for each of the 16 criteria"
        );
        assert_eq!(found["criteria"].as_array().unwrap().len(), 16, "{record}");
        for (id, verdict) in wanted {
            let found = criterion(&found, id);
            assert_eq!(
                &found["verdict"], verdict,
                "{id} of {record}: {}",
                found["reason"]
            );
        }
    }
}

#[test]
fn the_exit_code_says_the_same() {
    let wanted = yaml(&text_of("examples/verdicts.yaml"));
    for record in example_records() {
        let eligibility = wanted[record.trim_start_matches("examples/")]["eligibility"]
            .as_str()
            .unwrap();
        let code = match eligibility {
            "eligible" => 0,
            "ineligible" => 1,
            _ => 3,
        };
        eligo()
            .args(["screen", &record])
            .assert()
            .code(code)
            .stderr("");
    }
}

#[test]
fn examples_and_verdicts_are_the_same_set() {
    let wanted = yaml(&text_of("examples/verdicts.yaml"));
    let mut wanted: Vec<String> = wanted
        .as_object()
        .unwrap()
        .keys()
        .map(|name| format!("examples/{name}"))
        .collect();
    wanted.sort();
    assert_eq!(example_records(), wanted);
}

#[test]
fn every_yaml_example_begins_by_saying_what_it_shows() {
    for record in example_records()
        .iter()
        .filter(|record| record.ends_with(".yaml"))
    {
        let text = text_of(record);
        let first = text.lines().next().unwrap();
        assert!(
            first.starts_with("# ") && first.len() > 20,
            "{record} begins with `{first}`, not with a comment"
        );
    }
}
