//! FHIR R4 read as `criteria/nct04546906.fhir.yaml` says, and as other source files say.
//!
//! The examples first, with all that they must give; then what feeds are known to do, one table for each kind of trap.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::eligo;
use serde_json::{Value as Json, json};

/// The day until which feeds are read here.
const DAY: &str = "2026-11-20";

/// What `eligo map` makes of files, one JSON for each record.
fn records(call: &mut assert_cmd::Command) -> Vec<Json> {
    let said = call.assert().code(0);
    let output = String::from_utf8(said.get_output().stdout.clone()).unwrap();
    output
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn examples(path: &str) -> Vec<Json> {
    records(eligo().args(["map", "fhir", path, "--as-of", DAY]))
}

/// The child of the mCODE guide: four facts. Its risk group was assessed three years before the diagnosis, so that it is of
/// something else; its lumbar puncture stands under the code of a marrow report; and its orders are no doses.
#[test]
fn the_child_of_the_mcode_guide() {
    let by = "Practitioner/us-core-practitioner-owen-oncologist";
    assert_eq!(
        examples("examples/fhir/mcode-pediatric-b-all.bundle.json"),
        [json!({
            "candidate": "cancer-patient-brian-l",
            "sex": { "value": "male", "source": "Patient/cancer-patient-brian-l" },
            "birth_date": { "value": "2021-01-01", "source": "Patient/cancer-patient-brian-l" },
            "diagnosis": { "value": "b_all", "by": by, "source": "Condition/primary-cancer-condition-brian-l", "date": "2024-01-01" },
            "lansky": { "value": 80, "by": by, "source": "Observation/lansky-performance-status-brian-l", "date": "2024-01-12" },
        })]
    );
}

/// References by `urn:uuid`, and nothing of what the trial asks for.
#[test]
fn the_patient_of_synthea() {
    let id = "d78af07c-9cb9-4f31-9b11-c45a28f2eec8";
    assert_eq!(
        examples("examples/fhir/synthea-patient.bundle.json"),
        [json!({
            "candidate": id,
            "sex": { "value": "male", "source": format!("Patient/{id}") },
            "birth_date": { "value": "1984-07-02", "source": format!("Patient/{id}") },
        })]
    );
}

/// Every patient is a row, those of whom nothing is known among them, in the order of `Patient`; the log of the export is none.
#[test]
fn the_bulk_export() {
    let found = examples("examples/fhir/bulk-export");
    let patients = std::fs::read_to_string("examples/fhir/bulk-export/Patient.000.ndjson").unwrap();
    let ids: Vec<Json> = patients
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap()["id"].clone())
        .collect();
    let candidates: Vec<Json> = found
        .iter()
        .map(|record| record["candidate"].clone())
        .collect();
    assert_eq!(candidates, ids);
    assert_eq!(ids.len(), 13);
    let allergic: Vec<(&str, usize)> = found
        .iter()
        .filter_map(|record| {
            let list = &record["allergies"];
            let items = list["value"].as_array()?;
            assert_eq!(
                list["complete"],
                json!(false),
                "a chart does not say that this is all"
            );
            Some((record["candidate"].as_str()?, items.len()))
        })
        .collect();
    assert_eq!(
        allergic,
        [
            ("a5cb8ce9-cec6-6b23-0990-cbaf753578a4", 3),
            ("cbc86e51-9eca-3855-76ec-c058f72c5761", 8)
        ]
    );
    let aspirin = &found[11]["allergies"]["value"][0];
    assert_eq!(aspirin["substance"], "Aspirin");
    assert!(
        aspirin["source"]
            .as_str()
            .unwrap()
            .starts_with("AllergyIntolerance/")
    );
    for record in &found {
        for fact in record.as_object().unwrap().keys() {
            assert!(
                ["candidate", "sex", "birth_date", "allergies"].contains(&fact.as_str()),
                "{fact}"
            );
        }
    }
}

#[test]
fn a_bundle_is_screened_and_a_feed_is_a_list() {
    let bundle = "examples/fhir/mcode-pediatric-b-all.bundle.json";
    let mut screen = eligo();
    screen.args([
        "screen", bundle, "--from", "fhir", "--as-of", DAY, "--format", "json",
    ]);
    let said = screen.assert().code(3);
    let report: Json = serde_json::from_slice(&said.get_output().stdout).unwrap();
    assert_eq!(report["candidate"], "cancer-patient-brian-l");
    let mut batch = eligo();
    batch.args([
        "batch",
        "examples/fhir/bulk-export",
        bundle,
        "--from",
        "fhir",
        "--as-of",
        DAY,
    ]);
    let said = batch
        .args(["--format", "ndjson", "--summary", "-", "--output"])
        .arg("/dev/null")
        .assert()
        .code(0);
    let summary: Json = serde_json::from_slice(&said.get_output().stdout).unwrap();
    assert_eq!(summary["rows"], 14);
}
