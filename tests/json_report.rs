//! `eligo screen --format json`: the contract `eligo/report/1` that other programs rely on. Its shape is held by the
//! tests of its schema.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Scratch, criterion, eligo, example_records, report, text_of, yaml};
use predicates::prelude::*;
use serde_json::{Value as Json, json};

/// A report without what depends on the bytes of the record's file.
fn without_sha256(mut report: Json) -> Json {
    report["record"]
        .as_object_mut()
        .unwrap()
        .remove("sha256")
        .unwrap();
    report
}

#[test]
fn a_report_is_one_json_object_and_nothing_else() {
    let one_object = predicate::function(|text: &str| {
        serde_json::from_str::<Json>(text).is_ok_and(|json| json.is_object())
    });
    eligo()
        .args(["screen", "examples/pregnant.yaml", "--format", "json"])
        .assert()
        .code(1)
        .stdout(one_object)
        .stderr("");
}

#[test]
fn criteria_keep_the_order_of_the_protocol() {
    let report = report(&["examples/eligible.yaml"]);
    let ids: Vec<&str> = report["criteria"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids,
        [
            "I1", "I2", "I3", "I4", "I5", "I6", "E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8",
            "E9", "E10"
        ]
    );
    assert_eq!(criterion(&report, "I6")["kind"], "inclusion");
    assert_eq!(criterion(&report, "E1")["kind"], "exclusion");
    let parts: Vec<&Json> = criterion(&report, "I1")["criteria"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert_eq!(parts, ["I1a", "I1b", "I1c"]);
}

#[test]
fn evidence_says_when_by_whom_and_from_where() {
    let report = report(&["examples/with-evidence.yaml"]);
    let evidence = &criterion(&report, "I4")["evidence"];
    assert_eq!(evidence.as_array().unwrap().len(), 1);
    let ecog = &evidence[0];
    assert_eq!(ecog["fact"], "ecog");
    assert_eq!(ecog["value"], "1");
    assert_eq!(ecog["date"], "2026-11-17");
    assert_eq!(ecog["by"], "investigator-1");
    assert_eq!(ecog["source"], "visit 1");
}

#[test]
fn what_is_missing_says_why() {
    let report = report(&["examples/nearly-empty.yaml"]);
    let missing = |id: &str| criterion(&report, id)["missing"].clone();
    assert_eq!(
        missing("I4"),
        json!([{ "fact": "ecog", "cause": "not_recorded" }])
    );
    assert_eq!(
        missing("E6a"),
        json!([
            { "fact": "hepatitis.hbv_dna", "cause": "temp_unknown", "note": "blood was taken on 19 November" },
            { "fact": "hepatitis.hbv_load", "cause": "not_recorded" }
        ])
    );
    assert_eq!(
        missing("E7a"),
        json!([
            { "fact": "hiv.status", "cause": "unknown" },
            { "fact": "hiv.antigen_antibody", "cause": "not_recorded" },
            { "fact": "hiv.nucleic_acid", "cause": "not_recorded" },
            { "fact": "prior_gene_therapy", "cause": "not_recorded" }
        ])
    );
}

#[test]
fn next_names_what_to_obtain_and_only_that() {
    let next = |record: &str| -> Vec<String> {
        report(&[record])["next"]
            .as_array()
            .unwrap()
            .iter()
            .map(|next| next["fact"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(next("examples/cd22-not-reported.yaml"), ["cd22"]);
    assert_eq!(next("examples/eligible.yaml"), [""; 0]);
    let much = next("examples/nearly-empty.yaml");
    assert!(
        much.contains(&"ecog".to_owned()) && !much.contains(&"diagnosis".to_owned()),
        "{much:?}"
    );
}

#[test]
fn cautions_are_with_the_criterion_that_raises_them() {
    let report = report(&["examples/chinese-notes.yaml"]);
    let cautions = criterion(&report, "I2")["cautions"].as_array().unwrap();
    assert!(
        cautions
            .iter()
            .any(|caution| caution["say"].as_str().unwrap().contains("partly positive")),
        "{cautions:?}"
    );
    assert_eq!(criterion(&report, "I4")["cautions"], json!([]));
}

#[test]
fn yaml_and_json_of_a_record_give_the_same_report() {
    for record in example_records()
        .iter()
        .filter(|record| record.ends_with(".yaml"))
    {
        let as_json = serde_json::to_string_pretty(&yaml(&text_of(record))).unwrap();
        let scratch = Scratch::new().with("record.json", as_json);
        let found = report(&[scratch.path().join("record.json").to_str().unwrap()]);
        assert_eq!(
            without_sha256(found),
            without_sha256(report(&[record])),
            "{record}"
        );
    }
    for record in example_records()
        .iter()
        .filter(|record| record.ends_with(".json"))
    {
        assert_eq!(
            report(&[record, "--from", "yaml"]),
            report(&[record]),
            "{record}"
        );
    }
}
