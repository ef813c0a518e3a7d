//! Trial files of several kinds, whole protocols each: lymphoma, lung, heart failure, diabetes, children. Those of real
//! trials are in `criteria/` and name their source; the invented ones are in `tests/trials/protocols/` and say so.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use common::{eligo, root, text_of, yaml};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value as Json;

const REAL: &str = "criteria";
const INVENTED: &str = "tests/trials/protocols";

/// A trial file and a record of a candidate for it, as paths from the repository root.
struct Protocol {
    trial: String,
    record: String,
}

/// The protocols of this test. The trial file inside the program has tests of its own.
fn protocols() -> Vec<Protocol> {
    let mut all: Vec<Protocol> = trial_files(REAL)
        .into_iter()
        .filter(|name| name != "nct04546906")
        .map(|name| Protocol {
            trial: format!("{REAL}/{name}.yaml"),
            record: format!("examples/trials/{name}.yaml"),
        })
        .collect();
    let invented = trial_files(INVENTED).into_iter().map(|name| Protocol {
        trial: format!("{INVENTED}/{name}.yaml"),
        record: format!("{INVENTED}/{name}.record.yaml"),
    });
    all.extend(invented);
    assert!(
        all.len() >= 5,
        "the protocols are not where they are looked for: {} found",
        all.len()
    );
    all
}

/// The names of the trial files in a directory, their cases and records left out.
fn trial_files(directory: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(directory)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names
        .filter_map(|name| name.strip_suffix(".yaml").map(str::to_owned))
        .filter(|name| !name.contains('.'))
        .collect();
    names.sort();
    names
}

/// Every criterion and part of a trial file, by its id.
fn ids(trial: &Json) -> Vec<String> {
    fn walk(criteria: &Json, ids: &mut Vec<String>) {
        for criterion in criteria.as_array().into_iter().flatten() {
            ids.push(criterion["id"].as_str().unwrap().to_owned());
            ["all", "any"]
                .iter()
                .for_each(|key| walk(&criterion[key], ids));
            walk(&criterion["at_least"]["of"], ids);
        }
    }
    let mut ids = Vec::new();
    walk(&trial["criteria"]["inclusion"], &mut ids);
    walk(&trial["criteria"]["exclusion"], &mut ids);
    ids
}

#[test]
fn every_protocol_is_right_and_gets_what_its_cases_want() {
    for Protocol { trial, .. } in protocols() {
        let all_passed = predicate::function(|said: &str| {
            let counts = said
                .rsplit("; ")
                .next()
                .and_then(|last| last.strip_suffix(" cases passed\n"))
                .and_then(|counts| counts.split_once(" of "));
            counts.is_some_and(|(passed, all)| passed == all && all != "0")
        });
        let said = contains("0 warnings").and(all_passed.fn_name("all cases passed"));
        eligo()
            .args(["check", &trial])
            .assert()
            .code(0)
            .stderr("")
            .stdout(said);
    }
}

#[test]
fn every_protocol_is_as_long_as_protocols_are() {
    for Protocol { trial, .. } in protocols() {
        let top: usize = ["inclusion", "exclusion"]
            .iter()
            .map(|side| {
                yaml(&text_of(&trial))["criteria"][side]
                    .as_array()
                    .unwrap()
                    .len()
            })
            .sum();
        assert!((12..=30).contains(&top), "{trial} has {top} criteria");
    }
}

#[test]
fn cases_show_every_criterion_and_part_passed_failed_and_unknown() {
    for Protocol { trial, .. } in protocols() {
        let cases = yaml(&text_of(&trial.replace(".yaml", ".cases.yaml")));
        let mut shown: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for case in cases["cases"].as_array().unwrap() {
            for (id, verdict) in case["want"].as_object().into_iter().flatten() {
                shown
                    .entry(id.clone())
                    .or_default()
                    .insert(verdict.as_str().unwrap().to_owned());
            }
        }
        for id in ids(&yaml(&text_of(&trial))) {
            let shown = shown.get(&id).cloned().unwrap_or_default();
            for verdict in ["pass", "fail", "unknown"] {
                assert!(
                    shown.contains(verdict),
                    "{trial}: no case wants {id} to be {verdict}"
                );
            }
        }
    }
}

#[test]
fn every_record_screens_as_its_first_line_says() {
    for Protocol { trial, record } in protocols() {
        let text = text_of(&record);
        let said = text
            .strip_prefix("# ")
            .and_then(|text| text.split_once(": "))
            .map(|(said, _)| said)
            .unwrap_or_default();
        let code = match said {
            "eligible" => 0,
            "ineligible" => 1,
            "undetermined" => 3,
            other => panic!("{record} begins with `{other}`, which is no eligibility"),
        };
        eligo()
            .args(["screen", &record, "--trial", &trial])
            .assert()
            .code(code)
            .stderr("");
    }
}

/// A reason is for a doctor: the facts by their labels, no piece of a rule.
#[test]
fn the_reasons_speak_no_rules() {
    for Protocol { trial, record } in protocols() {
        let report = common::report(&[&record, "--trial", &trial]);
        for id in ids(&yaml(&text_of(&trial))) {
            let reason = common::criterion(&report, &id)["reason"].as_str().unwrap();
            let of_a_rule = ["`", "Today()", ".uln", "case when", " >= ", " <= "];
            // What a record gives as a bound is shown as it is written there.
            let written = reason.contains("is >= ") || reason.contains("is <= ");
            assert!(!reason.is_empty(), "{id} of {trial} has no reason");
            let parts: Vec<&str> = reason.split("; ").collect();
            assert!(
                parts.windows(2).all(|pair| pair[0] != pair[1]),
                "{id} of {trial} says something twice: {reason}"
            );
            assert!(
                written || !of_a_rule.iter().any(|piece| reason.contains(piece)),
                "{id} of {trial}: {reason}"
            );
        }
    }
}

#[test]
fn only_a_trial_with_a_registry_number_and_a_source_is_shipped() {
    for name in trial_files(REAL) {
        let trial = &yaml(&text_of(&format!("{REAL}/{name}.yaml")))["trial"];
        let id = trial["id"].as_str().unwrap();
        let number = id.strip_prefix("NCT").unwrap_or_default();
        assert!(
            number.len() == 8 && number.bytes().all(|byte| byte.is_ascii_digit()),
            "{name}: `{id}` is no registry number"
        );
        assert_eq!(id.to_lowercase(), name, "the file is named for its trial");
        assert!(!trial["source"].is_null(), "{name} names no source");
    }
    for name in trial_files(INVENTED) {
        let trial = &yaml(&text_of(&format!("{INVENTED}/{name}.yaml")))["trial"];
        assert!(
            trial["id"].as_str().unwrap().starts_with("EXAMPLE-"),
            "{name} is invented, and its id does not say so"
        );
        assert!(
            trial["title"].as_str().unwrap().contains("invented"),
            "{name} is invented, and its title does not say so"
        );
    }
}
