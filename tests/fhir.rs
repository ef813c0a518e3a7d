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

use common::schema::as_an_editor_reads;
use common::{Scratch, eligo};
use eligo::document::Notation;
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

/// A feed with the patient `p1` and these resources, each filled up with what its type needs.
fn feed(resources: &[Json]) -> String {
    let mut lines = vec![json!({ "resourceType": "Patient", "id": "p1" }).to_string()];
    lines.extend(
        resources
            .iter()
            .zip(1..)
            .map(|(resource, number)| filled(resource, number).to_string()),
    );
    lines.join("\n")
}

fn filled(resource: &Json, number: usize) -> Json {
    let kind = resource["resourceType"].as_str().unwrap();
    let mut filled = json!({ "resourceType": kind, "id": format!("r{number}") });
    let subject = json!({ "reference": "Patient/p1" });
    let confirmed = json!({ "coding": [{ "code": "confirmed" }] });
    match kind {
        "AllergyIntolerance" => {
            filled["patient"] = subject;
            filled["verificationStatus"] = confirmed;
        }
        "Condition" => {
            filled["subject"] = subject;
            filled["verificationStatus"] = confirmed;
            filled["clinicalStatus"] = json!({ "coding": [{ "code": "active" }] });
        }
        "Procedure" => {
            filled["subject"] = subject;
            filled["status"] = json!("completed");
        }
        "List" => {
            filled["subject"] = subject;
            filled["status"] = json!("current");
        }
        _ => {
            filled["subject"] = subject;
            filled["status"] = json!("final");
        }
    }
    for (key, value) in resource.as_object().unwrap() {
        match value.is_null() {
            true => filled.as_object_mut().unwrap().remove(key),
            false => filled
                .as_object_mut()
                .unwrap()
                .insert(key.clone(), value.clone()),
        };
    }
    filled
}

fn concept(system: &str, code: &str) -> Json {
    json!({ "coding": [{ "system": system, "code": code }] })
}

/// An observation by its LOINC code, with more in it.
fn observation(code: &str, more: Json) -> Json {
    let mut observation =
        json!({ "resourceType": "Observation", "code": concept("http://loinc.org", code) });
    for (key, value) in more.as_object().unwrap() {
        observation[key] = value.clone();
    }
    observation
}

/// ECOG as a number, on a day.
fn ecog(value: u8, date: &str) -> Json {
    observation(
        "89247-1",
        json!({ "valueInteger": value, "effectiveDateTime": date }),
    )
}

fn allergy(code: &str) -> Json {
    json!({ "resourceType": "AllergyIntolerance", "code": concept("http://snomed.info/sct", code) })
}

/// What is said of a fact, without the evidence; `null` if nothing is.
fn said_of(fact: &str, resources: &[Json]) -> Json {
    let scratch = Scratch::new().with("feed.ndjson", feed(resources));
    let found = records(
        scratch
            .eligo()
            .args(["map", "fhir", "feed.ndjson", "--as-of", DAY]),
    );
    assert_eq!(found.len(), 1);
    let mut said = found[0][fact].clone();
    if let Some(said) = said.as_object_mut() {
        said.retain(|key, _| {
            ["value", "missing", "unit", "complete", "date", "note"].contains(&key.as_str())
        });
        if let Some(items) = said.get_mut("value").and_then(Json::as_array_mut) {
            for item in items {
                item.as_object_mut().unwrap().remove("source");
            }
        }
    }
    said
}

/// What is wrong with a feed, and what would be right.
fn refused(resources: &[Json]) -> String {
    refused_text(&feed(resources))
}

fn refused_text(feed: &str) -> String {
    let scratch = Scratch::new().with("feed.ndjson", feed);
    let said = scratch
        .eligo()
        .args(["map", "fhir", "feed.ndjson", "--as-of", DAY])
        .assert()
        .code(4);
    String::from_utf8(said.get_output().stderr.clone()).unwrap()
}

/// A row of the coverage of a feed.
fn coverage_of(fact: &str, resources: &[Json]) -> String {
    let scratch = Scratch::new().with("feed.ndjson", feed(resources));
    let said = scratch
        .eligo()
        .args(["map", "fhir", "feed.ndjson", "--as-of", DAY, "--coverage"])
        .assert();
    let output = String::from_utf8(said.get_output().stdout.clone()).unwrap();
    let row = output
        .lines()
        .find(|line| line.split(' ').next() == Some(fact))
        .unwrap();
    row.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The law of all sources: what is not there says nothing. Not one fact is "no", "none" or an empty list.
#[test]
fn absence_is_never_no() {
    let scratch = Scratch::new().with("feed.ndjson", feed(&[]));
    let found = records(scratch.eligo().args(["map", "fhir", "feed.ndjson"]));
    assert_eq!(found, [json!({ "candidate": "p1" })]);
}

/// What has another status than these is counted by it, and left out.
#[test]
fn only_what_is_so_counts() {
    for (status, counts) in [
        ("final", true),
        ("amended", true),
        ("corrected", true),
        ("preliminary", false),
        ("registered", false),
        ("cancelled", false),
        ("entered-in-error", false),
        ("unknown", false),
    ] {
        let mut one = ecog(1, "2026-11-01");
        one["status"] = json!(status);
        let row = coverage_of("ecog", &[one.clone()]);
        let used = if counts {
            "ecog 1 1".to_owned()
        } else {
            format!("ecog 1 0 1 {status}")
        };
        assert_eq!(row, used);
        assert_eq!(said_of("ecog", &[one]).is_null(), !counts, "{status}");
    }
    for (status, counts) in [
        (Some("confirmed"), true),
        (None, true),
        (Some("unconfirmed"), false),
        (Some("provisional"), false),
        (Some("differential"), false),
        (Some("refuted"), false),
        (Some("entered-in-error"), false),
    ] {
        let mut leukaemia = json!({ "resourceType": "Condition", "code": concept("http://snomed.info/sct", "277571004") });
        leukaemia["verificationStatus"] = match status {
            Some(status) => json!({ "coding": [{ "code": status }] }),
            None => Json::Null,
        };
        let said = said_of("diagnosis", &[leukaemia]);
        assert_eq!(said["value"] == "b_all", counts, "{status:?}");
    }
    for (status, counts) in [
        ("completed", true),
        ("in-progress", false),
        ("not-done", false),
        ("preparation", false),
    ] {
        let transplant = json!({ "resourceType": "Procedure", "status": status, "code": concept("http://snomed.info/sct", "425983008") });
        assert_eq!(
            said_of("transplants", &[transplant]).is_null(),
            !counts,
            "{status}"
        );
    }
}

/// An extension that changes the meaning, an observation of a donor or of the unborn: not of the patient, or not understood.
#[test]
fn what_is_about_another_or_changed_is_left_out() {
    let with = |key: &str, value: Json| {
        let mut one = ecog(1, "2026-11-01");
        one[key] = value;
        coverage_of("ecog", &[one])
    };
    let negated = json!([{ "url": "http://example.org/negated", "valueBoolean": true }]);
    assert_eq!(
        with("modifierExtension", negated),
        "ecog 1 0 1 modifier extension"
    );
    for (focus, row) in [
        ("Condition/c1", "ecog 1 1"),
        ("Patient/donor", "ecog 1 0 1 about another than the patient"),
        (
            "RelatedPerson/mother",
            "ecog 1 0 1 about another than the patient",
        ),
        (
            "urn:uuid:00000000-0000-0000-0000-000000000000",
            "ecog 1 0 1 about another than the patient",
        ),
    ] {
        assert_eq!(
            with("focus", json!([{ "reference": focus }])),
            row,
            "{focus}"
        );
    }
}

/// The only ways to an empty list, and what stands in the way of one.
#[test]
fn an_empty_list_is_only_what_somebody_said() {
    let none = json!({ "value": [] });
    let nilknown = |code: &str, status: &str| {
        json!({ "resourceType": "List", "status": status, "code": concept("http://loinc.org", code),
            "emptyReason": concept("http://terminology.hl7.org/CodeSystem/list-empty-reason", "nilknown") })
    };
    let with_status = |mut resource: Json, status: &str| {
        resource["verificationStatus"] = json!({ "coding": [{ "code": status }] });
        resource
    };
    let summary = json!({ "resourceType": "Composition", "section": [{ "code": concept("http://loinc.org", "48765-2"),
        "emptyReason": concept("http://terminology.hl7.org/CodeSystem/list-empty-reason", "nilknown") }] });
    for (resources, wanted) in [
        (vec![allergy("716186003")], none.clone()),
        (vec![nilknown("52472-8", "current")], none.clone()),
        (vec![summary], none.clone()),
        (vec![nilknown("52472-8", "retired")], Json::Null),
        (vec![nilknown("11450-4", "current")], Json::Null),
        (
            vec![with_status(allergy("716186003"), "entered-in-error")],
            Json::Null,
        ),
        (
            vec![with_status(allergy("716186003"), "unconfirmed")],
            Json::Null,
        ),
        // None of one kind is not none at all, and no allergy either.
        (vec![allergy("409137002")], Json::Null),
        (
            vec![allergy("409137002"), allergy("716186003")],
            none.clone(),
        ),
        // Something that is not certain yet stands against "none known".
        (
            vec![
                allergy("716186003"),
                with_status(allergy("91936005"), "unconfirmed"),
            ],
            Json::Null,
        ),
        (
            vec![
                allergy("716186003"),
                with_status(allergy("91936005"), "entered-in-error"),
            ],
            none.clone(),
        ),
        (
            vec![
                allergy("716186003"),
                with_status(allergy("91936005"), "refuted"),
            ],
            none,
        ),
    ] {
        let mut said = said_of("allergies", &resources);
        if let Some(said) = said.as_object_mut() {
            said.remove("date");
        }
        assert_eq!(said, wanted, "{resources:#?}");
    }
    let mut penicillin = allergy("91936005");
    penicillin["code"]["text"] = json!("Penicillin");
    let both = said_of("allergies", &[allergy("716186003"), penicillin]);
    assert_eq!(
        both,
        json!({ "value": [{ "substance": "Penicillin" }], "complete": false })
    );
}

/// Why there is no value: by reason, by a code of such in the value, by a null flavour, in a component.
#[test]
fn a_reason_for_having_no_value_is_a_cause() {
    let reason = |code: &str| {
        concept(
            "http://terminology.hl7.org/CodeSystem/data-absent-reason",
            code,
        )
    };
    let dna = |more: Json| said_of("hepatitis.hbv_dna", &[observation("29610-3", more)]);
    for (more, cause) in [
        (
            json!({ "dataAbsentReason": reason("not-performed") }),
            "not_performed",
        ),
        (
            json!({ "dataAbsentReason": reason("asked-declined") }),
            "asked_declined",
        ),
        (
            json!({ "dataAbsentReason": reason("not-a-number") }),
            "error",
        ),
        (
            json!({ "dataAbsentReason": { "text": "sample lost" } }),
            "unknown",
        ),
        (
            json!({ "valueCodeableConcept": reason("temp-unknown") }),
            "temp_unknown",
        ),
        (
            json!({ "valueCodeableConcept": concept("http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "NASK") }),
            "not_asked",
        ),
        (
            json!({ "_valueString": { "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked" }] } }),
            "masked",
        ),
    ] {
        assert_eq!(dna(more.clone()), json!({ "missing": cause }), "{more}");
    }
    let panel = json!({ "component": [
        { "code": concept("http://loinc.org", "5196-1"), "dataAbsentReason": reason("error") },
        { "code": concept("http://loinc.org", "13952-7"), "valueCodeableConcept": concept("http://snomed.info/sct", "260385009") } ] });
    let panel = [observation("24360-0", panel)];
    assert_eq!(
        said_of("hepatitis.hbsag", &panel),
        json!({ "missing": "error" })
    );
    assert_eq!(
        said_of("hepatitis.anti_hbc", &panel),
        json!({ "value": "negative" })
    );
    let both = observation(
        "29610-3",
        json!({ "dataAbsentReason": reason("error"), "valueCodeableConcept": concept("http://loinc.org", "LA11883-8") }),
    );
    assert!(
        refused(&[both]).contains("Observation/r1: a value, and a reason for there being none")
    );
    // That it was not done once does not speak against a result.
    let later = observation(
        "29610-3",
        json!({ "dataAbsentReason": reason("not-performed"), "effectiveDateTime": "2026-11-10" }),
    );
    let result = observation(
        "29610-3",
        json!({ "valueCodeableConcept": concept("http://loinc.org", "LA11883-8"), "effectiveDateTime": "2026-11-01" }),
    );
    assert_eq!(
        said_of("hepatitis.hbv_dna", &[later, result]),
        json!({ "value": "not_detected", "date": "2026-11-01" })
    );
    // A Patient says why, too.
    let scratch = Scratch::new().with("p.json", json!({ "resourceType": "Patient", "id": "p1", "gender": "unknown",
        "_birthDate": { "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown" }] } }).to_string());
    let found = &records(scratch.eligo().args(["map", "fhir", "p.json"]))[0];
    assert_eq!(
        (&found["sex"]["missing"], &found["birth_date"]["missing"]),
        (&json!("unknown"), &json!("unknown"))
    );
}

/// Of several results the latest counts, if it is certain which one that is; else the sources disagree.
#[test]
fn the_latest_counts_where_it_is_certain_which_that_is() {
    for (results, wanted) in [
        (
            &[(1, "2026-10-01"), (2, "2026-11-01")][..],
            json!({ "value": 2, "date": "2026-11-01" }),
        ),
        (
            &[(2, "2026-11-01"), (1, "2026-10-01")],
            json!({ "value": 2, "date": "2026-11-01" }),
        ),
        (
            &[(1, "2026-10"), (2, "2026-11-01")],
            json!({ "value": 2, "date": "2026-11-01" }),
        ),
        (
            &[(1, "2026-11-01"), (1, "2026-11-01")],
            json!({ "value": 1, "date": "2026-11-01" }),
        ),
        (
            &[
                (1, "2026-11-01T08:00:00Z"),
                (2, "2026-11-01T09:00:00+08:00"),
            ],
            json!({ "value": 1, "date": "2026-11-01" }),
        ),
        // Dated after the screening.
        (
            &[(1, "2026-11-01"), (2, "2026-11-21")],
            json!({ "value": 1, "date": "2026-11-01" }),
        ),
        (
            &[(1, "2026-11-01"), (2, "2027")],
            json!({ "value": 1, "date": "2026-11-01" }),
        ),
    ] {
        let results: Vec<Json> = results
            .iter()
            .map(|(value, date)| ecog(*value, date))
            .collect();
        assert_eq!(said_of("ecog", &results), wanted, "{results:?}");
    }
    let undated = observation("89247-1", json!({ "valueInteger": 3 }));
    for (one, other) in [
        (ecog(1, "2026-11-01"), ecog(2, "2026-11-01")),
        (ecog(1, "2026-11"), ecog(2, "2026-11-01")),
        (ecog(1, "2026"), ecog(2, "2026-10")),
        (ecog(1, "2026-11-01"), undated),
    ] {
        let said = said_of("ecog", &[one.clone(), other.clone()]);
        assert_eq!(said["missing"], "conflicting", "{one} {other}");
        let note = said["note"].as_str().unwrap();
        assert!(
            note.contains("Observation/r1") && note.contains("Observation/r2"),
            "{note}"
        );
    }
    let months = json!({ "valueInteger": 1, "effectivePeriod": { "start": "2026-10-01", "end": "2026-10-20" } });
    assert_eq!(
        said_of("ecog", &[observation("89247-1", months)]),
        json!({ "value": 1, "date": "2026-10" })
    );
    let row = coverage_of(
        "ecog",
        &[
            ecog(1, "2026-10-01"),
            ecog(2, "2026-11-01"),
            ecog(0, "2026-12-01"),
        ],
    );
    assert_eq!(
        row,
        "ecog 3 1 1 superseded or said twice, 1 after the screening date"
    );
}

/// A code by URI, by OID, beside a code of the house; and what no map knows.
#[test]
fn codes_mean_what_the_source_file_says() {
    let dna = |value: Json| observation("29610-3", json!({ "valueCodeableConcept": value }));
    let coding = |system: &str, code: &str| json!({ "system": system, "code": code, "display": "as they call it" });
    for value in [
        concept("http://snomed.info/sct", "260373001"),
        concept("urn:oid:2.16.840.1.113883.6.96", "260373001"),
        concept("http://loinc.org", "LA11882-0"),
        json!({ "coding": [coding("http://house.org", "+"), coding("http://loinc.org", "LA11882-0")], "text": "weakly positive" }),
    ] {
        assert_eq!(
            said_of("hepatitis.hbv_dna", &[dna(value.clone())]),
            json!({ "value": "detected" }),
            "{value}"
        );
    }
    let by_oid = json!({ "resourceType": "Observation", "code": concept("urn:oid:2.16.840.1.113883.6.1", "89247-1"), "valueInteger": 1 });
    assert_eq!(said_of("ecog", &[by_oid]), json!({ "value": 1 }));
    let answer = observation(
        "89247-1",
        json!({ "valueCodeableConcept": concept("http://loinc.org", "LA9623-5") }),
    );
    assert_eq!(said_of("ecog", &[answer]), json!({ "value": 1 }));
    let unknown = dna(json!({ "coding": [coding("http://snomed.info/sct", "260373002")] }));
    let said = refused(std::slice::from_ref(&unknown));
    assert!(
        said.contains(
            "Observation/r1: no map of `hepatitis.hbv_dna` knows snomed 260373002 (as they call it)"
        ),
        "{said}"
    );
    assert!(
        said.contains("feed.ndjson:2:") && said.contains("add it to `map`"),
        "{said}"
    );
    assert_eq!(
        coverage_of("hepatitis.hbv_dna", &[unknown]),
        "hepatitis.hbv_dna 1 0 1 not understood"
    );
    let torn = dna(
        json!({ "coding": [coding("http://snomed.info/sct", "260373001"), coding("http://loinc.org", "LA11883-8")] }),
    );
    assert!(refused(&[torn]).contains("mean different things"));
    let text = dna(json!({ "text": "trace" }));
    assert!(refused(&[text]).contains("no map of `hepatitis.hbv_dna` knows \"trace\""));
    // A value of a kind that the fact cannot have is not passed over.
    for (value, message) in [
        (
            json!({ "valueString": "one" }),
            "no map of `ecog` knows the text `one`",
        ),
        (
            json!({ "valueQuantity": { "value": 1, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg" } }),
            "`ecog` has no unit, and this is in `mg`",
        ),
        (
            json!({ "valueQuantity": { "unit": "{score}" } }),
            "the quantity has no value",
        ),
        (
            json!({ "valuePeriod": { "start": "2026" } }),
            "a Period is no value of `ecog`",
        ),
        (
            json!({ "valueInteger": 7 }),
            "7 is outside the plausible range 0..5",
        ),
    ] {
        let said = refused(&[observation("89247-1", value.clone())]);
        assert!(
            said.contains(message) && said.contains("feed.ndjson:2:"),
            "{value}: {said}"
        );
    }
}

#[test]
fn quantities_keep_their_bounds_and_units() {
    let load = |value: Json| observation("42595-9", json!({ "valueQuantity": value }));
    let ucum = "http://unitsofmeasure.org";
    for (value, wanted) in [
        (
            json!({ "value": 20, "unit": "IU/mL", "system": ucum, "code": "[IU]/mL" }),
            json!({ "value": 20, "unit": "[IU]/mL" }),
        ),
        (
            json!({ "value": 20, "comparator": "<", "system": ucum, "code": "[iU]/mL" }),
            json!({ "value": "< 20", "unit": "[IU]/mL" }),
        ),
        (
            json!({ "value": 1.5e8, "unit": "IU/mL" }),
            json!({ "value": 150_000_000, "unit": "[IU]/mL" }),
        ),
    ] {
        assert_eq!(
            said_of("hepatitis.hbv_load", &[load(value.clone())]),
            wanted,
            "{value}"
        );
    }
    let range = observation(
        "10230-1",
        json!({ "valueRange": { "low": { "value": 55, "unit": "%" }, "high": { "value": 60, "unit": "%" } } }),
    );
    assert_eq!(
        said_of("cardiac.lvef", &[range]),
        json!({ "value": "55..60", "unit": "%" })
    );
    let score = observation(
        "89247-1",
        json!({ "valueQuantity": { "value": 1, "system": ucum, "code": "{score}" } }),
    );
    assert_eq!(said_of("ecog", &[score]), json!({ "value": 1 }));
    // What the trial does not declare is refused where it stands in the feed.
    let copies = refused(&[load(
        json!({ "value": 20, "system": ucum, "code": "{copies}/mL" }),
    )]);
    assert!(
        copies.contains("feed.ndjson:2:") && copies.contains("{copies}/mL"),
        "{copies}"
    );
    // Measured with oxygen, it is none on room air.
    let oxygen = json!({ "valueQuantity": { "value": 97, "unit": "%" }, "component": [{ "code": concept("http://loinc.org", "3151-8"), "valueQuantity": { "value": 6, "unit": "L/min" } }] });
    assert_eq!(
        coverage_of("lung.spo2", &[observation("59408-5", oxygen)]),
        "lung.spo2 1 0 1 by `where`"
    );
}

/// The patient of a Bundle by every way in which an entry may name him.
#[test]
fn references_of_every_kind_lead_to_the_patient() {
    let patient = json!({ "resourceType": "Patient", "id": "p1", "identifier": [{ "system": "urn:house", "value": "77" }] });
    for (url, subject) in [
        (
            "http://x.org/fhir/Patient/p1",
            json!({ "reference": "Patient/p1" }),
        ),
        (
            "http://x.org/fhir/Patient/p1",
            json!({ "reference": "http://x.org/fhir/Patient/p1" }),
        ),
        (
            "http://x.org/fhir/Patient/p1",
            json!({ "reference": "Patient/p1/_history/3" }),
        ),
        (
            "urn:uuid:6a9f1d7e-0000-4000-8000-000000000001",
            json!({ "reference": "urn:uuid:6a9f1d7e-0000-4000-8000-000000000001" }),
        ),
        (
            "urn:uuid:6a9f1d7e-0000-4000-8000-000000000001",
            json!({ "reference": "Patient?identifier=urn:house|77" }),
        ),
        (
            "urn:uuid:6a9f1d7e-0000-4000-8000-000000000001",
            json!({ "identifier": { "system": "urn:house", "value": "77" } }),
        ),
    ] {
        let mut one = filled(&ecog(1, "2026-11-01"), 1);
        one["subject"] = subject.clone();
        let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": [{ "resource": one }, { "fullUrl": url, "resource": patient }] });
        let scratch = Scratch::new().with("b.json", bundle.to_string());
        let found = records(scratch.eligo().args(["map", "fhir", "b.json"]));
        assert_eq!(found.len(), 1, "{subject}");
        assert_eq!(found[0]["ecog"]["value"], 1, "{subject}");
    }
    // What names no patient is nobody's, and is not passed over in silence.
    let mut lost = filled(&ecog(1, "2026-11-01"), 1);
    lost.as_object_mut().unwrap().remove("subject");
    let scratch = Scratch::new().with("f.ndjson", format!("{lost}\n{patient}"));
    let said = scratch
        .eligo()
        .args(["map", "fhir", "f.ndjson"])
        .assert()
        .code(0);
    let said = String::from_utf8(said.get_output().stderr.clone()).unwrap();
    assert!(
        said.contains("of resources that name no patient nothing is read: 1 Observation"),
        "{said}"
    );
}

/// References may lead in a circle: a path follows as many as it has steps.
#[test]
fn a_path_may_follow_references_and_circles_end() {
    let source = "
format: eligo/source/1
trial: NCT04546906
source: fhir-r4
candidate: id
facts:
  ecog: { from: Observation, value: hasMember.resolve().hasMember.resolve().value }
  cd22:
    from: Observation
    code: loinc 51126-1
    items:
      percent_of_blasts: value
      specimen: { value: specimen.resolve().type, map: { snomed 119359002: bone_marrow } }
";
    let member = |of: &str| json!([{ "reference": format!("Observation/{of}") }]);
    let one = observation("89247-1", json!({ "id": "o1", "hasMember": member("o2") }));
    let other = observation("1-1", json!({ "id": "o2", "hasMember": member("o1") }));
    let last = observation("89247-1", json!({ "id": "o3", "hasMember": member("o4") }));
    let fourth = observation("1-1", json!({ "id": "o4", "hasMember": member("o5") }));
    let fifth = observation("1-1", json!({ "id": "o5", "valueInteger": 2 }));
    let marrow = concept("http://snomed.info/sct", "119359002");
    let cells = json!({ "contained": [{ "resourceType": "Specimen", "id": "s", "type": marrow }], "specimen": { "reference": "#s" }, "valueQuantity": { "value": 90, "unit": "%" } });
    let scratch = Scratch::new().with("s.yaml", source).with(
        "feed.ndjson",
        feed(&[
            one,
            other,
            last,
            fourth,
            fifth,
            observation("51126-1", cells),
        ]),
    );
    let found = &records(scratch.eligo().args(["map", "s.yaml", "feed.ndjson"]))[0];
    assert_eq!(found["ecog"]["value"], 2);
    assert_eq!(found["cd22"]["value"][0]["specimen"], "bone_marrow");
}

/// Rows in are rows out: patients of one Bundle, of several files, and resources of a patient who is not there.
#[test]
fn every_patient_is_one_row() {
    let patient = |id: &str| json!({ "resourceType": "Patient", "id": id });
    let entries = |resources: &[Json]| {
        let entries: Vec<Json> = resources
            .iter()
            .map(|resource| json!({ "resource": resource }))
            .collect();
        json!({ "resourceType": "Bundle", "type": "searchset", "entry": entries }).to_string()
    };
    let two = entries(&[patient("b"), patient("a")]);
    let scratch = Scratch::new().with("two.json", &two);
    let said = scratch
        .eligo()
        .args(["screen", "two.json", "--from", "fhir"])
        .assert()
        .code(2);
    let said = String::from_utf8(said.get_output().stderr.clone()).unwrap();
    assert!(
        said.contains(
            "`two.json` holds 2 candidates; `--candidate ID` screens one of them (`b`, `a`"
        ),
        "{said}"
    );
    let names = |found: &[Json]| {
        found
            .iter()
            .map(|record| record["candidate"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let found = records(scratch.eligo().args(["map", "fhir", "two.json"]));
    assert_eq!(names(&found), ["b", "a"]);
    // The pages of a search repeat the patient; his resources stand in all of them.
    let mut ones = [
        ecog(1, "2026-11-01"),
        observation(
            "10230-1",
            json!({ "valueQuantity": { "value": 60, "unit": "%" } }),
        ),
    ]
    .into_iter()
    .zip(1..)
    .map(|(one, number)| filled(&one, number));
    let mut page = || entries(&[patient("p1"), ones.next().unwrap()]);
    let (first, second) = (page(), page());
    let folder = Scratch::new()
        .with("f/1.json", first)
        .with("f/2.json", second)
        .with("f/notes.txt", "x")
        .with("f/manifest.json", "{}");
    let found = records(folder.eligo().args(["map", "fhir", "f"]));
    assert_eq!(found.len(), 1);
    assert_eq!(
        (
            &found[0]["ecog"]["value"],
            &found[0]["cardiac.lvef"]["value"]
        ),
        (&json!(1), &json!(60))
    );
    // Another patient of the same id is another patient, and nobody knows whose what is.
    let other = json!({ "resourceType": "Patient", "id": "p1", "gender": "male" });
    let folder = Scratch::new()
        .with("f/1.json", entries(&[patient("p1")]))
        .with("f/2.json", entries(&[other]));
    let said = folder.eligo().args(["map", "fhir", "f"]).assert().code(4);
    let said = String::from_utf8(said.get_output().stderr.clone()).unwrap();
    assert!(
        said.contains("f/2.json:1:")
            && said.contains(
                "Patient/p1 stands here once more, and says something else than at f/1.json:1:"
            ),
        "{said}"
    );
    // Resources without their Patient.
    let orphan = filled(&ecog(1, "2026-11-01"), 1).to_string();
    let said = refused_text(&orphan);
    assert!(
        said.contains("there is no Patient of these resources in the feed")
            && said.contains("feed.ndjson:1:1"),
        "{said}"
    );
    let scratch = Scratch::new().with("f.ndjson", format!("{orphan}\n{}", patient("p2")));
    let mut batch = scratch.eligo();
    batch.args([
        "batch", "f.ndjson", "--from", "fhir", "--as-of", DAY, "--format", "ndjson",
    ]);
    let said = batch.assert().code(4);
    let rows = String::from_utf8(said.get_output().stdout.clone()).unwrap();
    let rows: Vec<Json> = rows
        .lines()
        .map(|row| serde_json::from_str(row).unwrap())
        .collect();
    assert_eq!(
        (rows.len(), &rows[0]["candidate"], &rows[1]["eligibility"]),
        (2, &json!("p2"), &json!("error"))
    );
    // Where an export has several files, an error says in which one it stands.
    let export = Scratch::new()
        .with(
            "e/Observation.ndjson",
            filled(&ecog(9, "2026-11-01"), 1).to_string(),
        )
        .with("e/Patient.ndjson", patient("p1").to_string());
    let mut batch = export.eligo();
    batch.args([
        "batch", "e", "--from", "fhir", "--as-of", DAY, "--format", "ndjson",
    ]);
    let said = batch.assert().code(4);
    let row: Json = serde_json::from_slice(&said.get_output().stdout).unwrap();
    assert_eq!(row["errors"][0]["file"], "e/Observation.ndjson");
    assert_eq!(
        row["errors"][0]["message"],
        "9 is outside the plausible range 0..5"
    );
}

/// Each is told where it stands, and is a row of its own; the others are read.
#[test]
fn what_is_no_r4_is_told_with_its_place() {
    let patient = json!({ "resourceType": "Patient", "id": "p1" }).to_string();
    for (line, message) in [
        ("{ \"resourceType\": \"Observation\"", "this is not JSON"),
        ("[1]", "this is not JSON"),
        ("{}", "it has no `resourceType`"),
        (
            "{ \"resourceType\": \"Observaton\" }",
            "did you mean `Observation`?",
        ),
        (
            "{ \"resourceType\": \"InventoryItem\" }",
            "FHIR R4 has no resource `InventoryItem`",
        ),
        (
            "{ \"resourceType\": \"Bundle\" }",
            "a Bundle on a line of NDJSON",
        ),
    ] {
        let said = refused_text(&format!("{patient}\n\n{line}\n"));
        assert!(
            said.contains(message) && said.contains("feed.ndjson:3:"),
            "{line}: {said}"
        );
        assert!(said.contains("1 of 2 records were refused"), "{said}");
    }
    for (resource, message) in [
        (
            json!({ "resourceType": "Procedure", "occurrenceDateTime": "2026" }),
            "`occurrenceDateTime` is of FHIR R5",
        ),
        (
            json!({ "resourceType": "AllergyIntolerance", "type": { "text": "allergy" } }),
            "`type` as a concept is of FHIR R5",
        ),
        (
            json!({ "resourceType": "Condition", "assertedDate": "2026" }),
            "`assertedDate` is of FHIR STU3",
        ),
        (
            json!({ "resourceType": "Condition", "verificationStatus": "confirmed" }),
            "as in FHIR before R4",
        ),
        (
            json!({ "resourceType": "Observation", "status": ["final"] }),
            "`status` of Observation is an array",
        ),
    ] {
        let said = refused(std::slice::from_ref(&resource));
        assert!(
            said.contains(message)
                && said.contains("feed.ndjson:2:1")
                && said.contains("FHIR R4 (4.0.1) is read"),
            "{resource}: {said}"
        );
    }
    for (name, text, message) in [
        (
            "a.json",
            "{ \"resourceType\": \"Bundle\", \"type\": \"history\" }",
            "several versions of each resource",
        ),
        (
            "a.json",
            "{ \"resourceType\": \"Bundle\", \"entry\": [{ \"resource\": { \"id\": \"x\" } }] }",
            "it has no `resourceType`",
        ),
        ("a.json", "", "this is not JSON"),
        (
            "a.json",
            "{ \"resourceType\": \"Bundle\", \"entry\": [ }",
            "this is not JSON",
        ),
        ("a.ndjson", "\u{feff}", "there is no candidate"),
    ] {
        let scratch = Scratch::new().with(name, text);
        // A feed without a patient is a broken call.
        let code = if message == "there is no candidate" {
            2
        } else {
            4
        };
        let said = scratch.eligo().args(["map", "fhir", name]).assert();
        let said = String::from_utf8(said.code(code).get_output().stderr.clone()).unwrap();
        assert!(said.contains(message), "{text}: {said}");
    }
    let scratch = Scratch::new().with("a.ndjson", [patient.as_bytes(), b"\n\xff{}"].concat());
    let said = scratch
        .eligo()
        .args(["map", "fhir", "a.ndjson"])
        .assert()
        .code(4);
    let said = String::from_utf8(said.get_output().stderr.clone()).unwrap();
    assert!(
        said.contains("a.ndjson:2:1") && said.contains("not valid UTF-8: byte 0xFF"),
        "{said}"
    );
    let deep = format!(
        "{{ \"resourceType\": \"Patient\", \"id\": \"d\", \"x\": {}1{} }}",
        "[".repeat(90),
        "]".repeat(90)
    );
    assert!(refused_text(&deep).contains("nested too deeply"));
    let wide = format!(
        "{{ \"resourceType\": \"Patient\", \"id\": \"d\", \"x\": [{}0] }}",
        "0,".repeat(200_000)
    );
    assert!(refused_text(&wide).contains("too large"));
}

/// What is wrong with a source file is told before any feed is read: all of it at once, each at its place.
#[test]
fn a_source_file_is_checked_before_it_is_used() {
    let head = "format: eligo/source/1\ntrial: NCT04546906\nsource: fhir-r4\ncandidate: id\n";
    for (rest, message, place) in [
        (
            "facts: { egoc: { from: Observation } }",
            "no fact `egoc`",
            "5:10",
        ),
        (
            "facts: { ecog: { from: Observaton } }",
            "did you mean `Observation`?",
            "5:24",
        ),
        (
            "facts: { ecog: { from: MedicationRequest } }",
            "what was asked for, not what was done",
            "5:24",
        ),
        (
            "facts: { ecog: { from: Observation, value: valueInteger } }",
            "write `value.ofType(integer)`",
            "5:44",
        ),
        (
            "facts: { ecog: { from: Observation, value: 'value.wher(x)' } }",
            "did you mean `where`?",
            "5:51",
        ),
        (
            "facts: { ecog: { from: Observation, map: { loinc LA1: 9 } } }",
            "9 is outside the plausible range",
            "5:55",
        ),
        (
            "facts: { ecog: { from: Observation, code: lonic 1 } }",
            "there is no system `lonic`",
            "5:43",
        ),
        (
            "facts: { ecog: { from: Observation, code: 89247-1 } }",
            "`89247-1` is no code of a system",
            "5:43",
        ),
        (
            "facts: { ecog: { from: Observation, code: in some } }",
            "there is no value set `some`",
            "5:43",
        ),
        (
            "facts: { ecog: { from: Observation, none_if: id.exists() } }",
            "`ecog` is no list",
            "5:46",
        ),
        (
            "facts: { ecog: { from: Observation, pick: first } }",
            "`pick` must be `latest` or `same`",
            "5:43",
        ),
        (
            "facts: { ecog: { from: Observation, not_before: age } }",
            "`not_before` names a fact of this file",
            "5:49",
        ),
        (
            "facts: { age: { from: Observation } }",
            "`age` has no code, so every Observation would count",
            "5:10",
        ),
        (
            "facts: { age: { from: Patient } }",
            "`age` needs `value`",
            "5:15",
        ),
        (
            "facts: { allergies: { from: AllergyIntolerance, items: { sort: code } } }",
            "has no field `sort`",
            "5:58",
        ),
        (
            "facts: { ecog: { from: Observation } }\nusable: { Observation: [entered-in-error] }",
            "never counts",
            "6:24",
        ),
        (
            "facts: { ecog: { from: Observation } }\nvalue_sets: { a: a.json }",
            "`a.json`",
            "6:18",
        ),
        (
            "facts: { ecog: { from: Observation } }\nvalue_sets: { a: v.json }",
            "the ValueSet is not expanded",
            "6:18",
        ),
    ] {
        let scratch = Scratch::new()
            .with("s.yaml", format!("{head}{rest}\n"))
            .with("v.json", "{ \"resourceType\": \"ValueSet\" }")
            .with("f.ndjson", feed(&[]));
        let said = scratch
            .eligo()
            .args(["map", "s.yaml", "f.ndjson"])
            .assert()
            .code(2);
        let said = String::from_utf8(said.get_output().stderr.clone()).unwrap();
        assert!(
            said.contains(message) && said.contains(&format!("s.yaml:{place}")),
            "{rest}: {said}"
        );
    }
    // A path that explodes when it is followed is an error of the patient in whom it does.
    let source = format!(
        "{head}facts: {{ ecog: {{ from: Observation, where: \"%resource.a.where(%resource.a.where(%resource.a.where(%resource.a.exists()).exists()).exists()).exists()\" }} }}"
    );
    let many: Vec<u8> = vec![1; 200];
    let scratch = Scratch::new().with("s.yaml", source).with(
        "f.ndjson",
        feed(&[observation(
            "89247-1",
            json!({ "valueInteger": 1, "a": many }),
        )]),
    );
    let said = scratch
        .eligo()
        .args(["map", "s.yaml", "f.ndjson"])
        .assert()
        .code(4);
    let said = String::from_utf8(said.get_output().stderr.clone()).unwrap();
    assert!(
        said.contains("takes more than 1000000 steps")
            && said.contains("f.ndjson:2:")
            && said.contains("s.yaml:5:10"),
        "{said}"
    );
}

/// A file with an expanded ValueSet makes the descendants of a code count as what it is.
#[test]
fn a_value_set_is_read_from_a_file() {
    let set = json!({ "resourceType": "ValueSet", "expansion": { "contains": [
        { "system": "http://snomed.info/sct", "code": "277571004", "contains": [{ "system": "http://snomed.info/sct", "code": "999000001" }] },
        { "abstract": true, "system": "http://snomed.info/sct", "code": "999000002" } ] } });
    let source = "format: eligo/source/1\ntrial: NCT04546906\nsource: fhir-r4\ncandidate: id\nvalue_sets: { b_all: sets/b-all.json }\nfacts: { diagnosis: { from: Condition, map: { in b_all: b_all } } }\n";
    let condition = |code: &str| json!({ "resourceType": "Condition", "code": concept("http://snomed.info/sct", code) });
    for (code, wanted) in [
        ("277571004", json!("b_all")),
        ("999000001", json!("b_all")),
        ("999000002", Json::Null),
        ("73595000", Json::Null),
    ] {
        let scratch = Scratch::new()
            .with("site/s.yaml", source)
            .with("site/sets/b-all.json", set.to_string())
            .with("f.ndjson", feed(&[condition(code)]));
        let found = records(scratch.eligo().args(["map", "site/s.yaml", "f.ndjson"]));
        assert_eq!(found[0]["diagnosis"]["value"], wanted, "{code}");
    }
    // Of two codes of one diagnosis the more exact one counts: 91857003 is a leukaemia whose lineage is not stated.
    let mut both = condition("91857003");
    both["code"]["coding"]
        .as_array_mut()
        .unwrap()
        .push(concept("http://snomed.info/sct", "277571004")["coding"][0].clone());
    assert_eq!(said_of("diagnosis", &[both])["value"], "b_all");
    // Two diagnoses that differ are not decided here.
    let said = said_of(
        "diagnosis",
        &[condition("277571004"), condition("91857003")],
    );
    assert_eq!(said["missing"], "conflicting");
}

/// The page names every fact, says of each whether codes can say it, and its figures are those of the trial.
#[test]
fn the_page_has_every_fact_and_its_figures_are_right() {
    let said = eligo()
        .args(["explain", "--format", "json"])
        .assert()
        .code(0);
    let trial: Json = serde_json::from_slice(&said.get_output().stdout).unwrap();
    let page = std::fs::read_to_string("docs/fhir.md").unwrap();
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| `") && line.matches(" | ").count() == 4)
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    let source = std::fs::read_to_string("criteria/nct04546906.fhir.yaml").unwrap();
    let mut counts = std::collections::BTreeMap::new();
    let facts = trial["facts"].as_array().unwrap();
    assert_eq!(rows.len(), facts.len());
    for (row, fact) in rows.iter().zip(facts) {
        let path = fact["path"].as_str().unwrap();
        assert_eq!(row[1], format!("`{path}`"));
        let decides: Vec<&str> = fact["decides"]
            .as_array()
            .unwrap()
            .iter()
            .map(|id| id.as_str().unwrap())
            .collect();
        assert_eq!(row[2], decides.join(", "), "{path}");
        assert_eq!(
            source.contains(&format!("\n  {path}:")),
            ["yes", "in part"].contains(&row[3]),
            "{path}"
        );
        if !decides.is_empty() {
            *counts.entry(row[3]).or_insert(0) += 1;
        }
    }
    let [whole, part, site, never] = ["yes", "in part", "by a site", "no"].map(|word| counts[word]);
    let figures = format!(
        "NCT04546906 has {} facts, and {} of them decide. Of these {}, codes say {whole} as a whole, and {part} in part; {site} more a site can map whose system codes them; {never} no feed says",
        facts.len(),
        whole + part + site + never,
        whole + part + site + never
    );
    assert!(
        page.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .contains(&figures),
        "{figures}"
    );
}

#[test]
fn a_bundle_that_is_read_as_a_record_is_called_what_it_is() {
    let mut screen = eligo();
    screen.args(["screen", "examples/fhir/mcode-pediatric-b-all.bundle.json"]);
    let said = screen.assert().code(2);
    let said = String::from_utf8(said.get_output().stderr.clone()).unwrap();
    assert!(
        said.contains("this is FHIR, which `--from fhir` reads"),
        "{said}"
    );
}

/// What an editor is told of a source file: it accepts what is read, and refuses keys that there are not.
#[test]
fn the_schema_knows_source_files_of_fhir() {
    let said = eligo().args(["schema", "source"]).assert().code(0);
    let schema: Json = serde_json::from_slice(&said.get_output().stdout).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let text = std::fs::read_to_string("criteria/nct04546906.fhir.yaml").unwrap();
    let accepts = |text: &str| {
        let read = as_an_editor_reads("s.yaml", text.as_bytes(), Notation::Yaml);
        schema.is_valid(&read.unwrap())
    };
    assert!(accepts(&text));
    for (right, wrong) in [
        ("candidate: id", "candidacy: id"),
        ("from: Patient", "form: Patient"),
        ("    with:", "    width:"),
        ("source: fhir-r4", "source: fhir-r5"),
        ("not_before: diagnosis", "pick: first"),
    ] {
        assert!(text.contains(right));
        assert!(!accepts(&text.replacen(right, wrong, 1)), "{wrong}");
    }
}
