//! `eligo schema`: the published schemas are schemas, accept everything that is right, and say what the program reads
//! and writes. What they refuse is tried where bad input is tested: see `common::schema`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeSet;

use common::schema::as_an_editor_reads;
use common::{Scratch, eligo, example_records, report, text_of};
use eligo::document::Notation;
use jsonschema::Validator;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::{Value as Json, json};

const ALL: [&str; 9] = [
    "record", "cases", "site", "trial", "source", "report", "row", "summary", "diff",
];

/// A schema as the program writes it.
fn schema(arguments: &[&str]) -> Json {
    let output = eligo()
        .arg("schema")
        .args(arguments)
        .assert()
        .code(0)
        .stderr("")
        .get_output()
        .stdout
        .clone();
    serde_json::from_slice(&output).unwrap()
}

fn validator(schema: &Json) -> Validator {
    jsonschema::validator_for(schema).unwrap()
}

fn complaints(schema: &Validator, value: &Json) -> Vec<String> {
    schema
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// A file as an editor reads it.
fn file(path: &str) -> Json {
    let notation = if path.ends_with(".json") {
        Notation::Json
    } else {
        Notation::Yaml
    };
    as_an_editor_reads(path, text_of(path).as_bytes(), notation).unwrap()
}

fn yaml(text: &str) -> Json {
    as_an_editor_reads("text.yaml", text.as_bytes(), Notation::Yaml).unwrap()
}

fn accepts(schema: &Validator, text: &str) {
    let wrong = complaints(schema, &yaml(text));
    assert!(wrong.is_empty(), "{text}\n{wrong:#?}");
}

fn refuses(schema: &Validator, text: &str) {
    assert!(!schema.is_valid(&yaml(text)), "the schema accepts {text}");
}

#[test]
fn every_schema_is_one_and_says_what_it_is_for() {
    for what in ALL {
        let schema = schema(&[what]);
        assert_eq!(
            schema["$schema"], "https://json-schema.org/draft/2020-12/schema",
            "{what}"
        );
        let wrong: Vec<String> = jsonschema::meta::validate(&schema)
            .err()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(wrong.is_empty(), "{what}: {wrong:?}");
        for key in ["title", "description"] {
            assert!(
                schema[key].as_str().is_some_and(|text| text.len() > 8),
                "{what} has no {key}"
            );
        }
    }
}

#[test]
fn what_a_schema_points_at_is_there() {
    fn references<'s>(schema: &'s Json, found: &mut Vec<&'s str>) {
        match schema {
            Json::Object(map) => {
                found.extend(map.get("$ref").and_then(Json::as_str));
                map.values().for_each(|value| references(value, found));
            }
            Json::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    for what in ALL {
        let schema = schema(&[what]);
        let mut found = Vec::new();
        references(&schema, &mut found);
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(schema.pointer(pointer).is_some(), "{what}: {reference}");
        }
    }
}

#[test]
fn every_example_is_valid() {
    let record = validator(&schema(&["record"]));
    for path in example_records() {
        assert_eq!(complaints(&record, &file(&path)), [""; 0], "{path}");
    }
    for format in ["yaml", "json"] {
        let template = eligo()
            .args(["template", "--format", format])
            .assert()
            .get_output()
            .stdout
            .clone();
        assert_eq!(
            complaints(&record, &yaml(&String::from_utf8(template).unwrap())),
            [""; 0],
            "the {format} template"
        );
    }
    let valid = |what: &str, path: &str| {
        assert_eq!(
            complaints(&validator(&schema(&[what])), &file(path)),
            [""; 0],
            "{path}"
        )
    };
    valid("trial", "criteria/nct04546906.yaml");
    valid("cases", "criteria/nct04546906.cases.yaml");
    valid("site", "examples/site-policy.yaml");
}

#[test]
fn trial_files_of_every_construct_are_valid_with_their_cases() {
    let trial = validator(&schema(&["trial"]));
    let names = std::fs::read_dir(common::root().join("tests/trials"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names
        .filter(|name| name.ends_with(".yaml") && !name.ends_with(".cases.yaml"))
        .collect();
    names.sort();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        let path = format!("tests/trials/{name}");
        assert_eq!(complaints(&trial, &file(&path)), [""; 0], "{path}");
        let cases = path.replace(".yaml", ".cases.yaml");
        assert_eq!(
            complaints(
                &validator(&schema(&["cases", "--trial", &path])),
                &file(&cases)
            ),
            [""; 0],
            "{cases}"
        );
    }
}

#[test]
fn what_the_documentation_shows_is_valid() {
    let of = |path: &str, begin: &str| -> Vec<String> {
        let text = text_of(path);
        let blocks = text
            .split("```yaml\n")
            .skip(1)
            .map(|block| block.split("```").next().unwrap().to_owned());
        blocks.filter(|block| block.starts_with(begin)).collect()
    };
    let trial = validator(&schema(&["trial"]));
    let mut shown = of("docs/trial-file.md", "format: eligo/trial/1");
    shown.extend(of("README.md", "format: eligo/trial/1"));
    assert!(shown.len() > 1, "{shown:?}");
    for text in shown {
        accepts(&trial, &text);
    }
    let record = validator(&schema(&["record"]));
    let mut shown = of("docs/record.md", "");
    shown.extend(of("README.md", "candidate: "));
    assert!(shown.len() > 5, "{shown:?}");
    for text in shown {
        accepts(&record, &text);
    }
    let site = validator(&schema(&["site"]));
    let shown = of("docs/trial-file.md", "format: eligo/site/1");
    assert!(!shown.is_empty());
    for text in shown {
        accepts(&site, &text);
    }
}

#[test]
fn every_form_of_a_value_is_valid() {
    let record = validator(&schema(&["record"]));
    for text in [
        "diagnosis: b-all",
        "diagnosis: ' b_all '",
        "immunodeficiency: yes",
        "immunodeficiency: No",
        "immunodeficiency: TRUE",
        "ecog: '1'",
        "ecog: 1.0",
        "ecog: 1..2",
        "ecog: '>= 1'",
        "ecog: ≤2",
        "ecog: unknown",
        "ecog: ~",
        "ecog: { missing: not-performed }",
        "ecog: { value: , date: 2026, note: 5 }",
        "marrow_blasts: 46",
        "marrow_blasts: 46%",
        "marrow_blasts: 5 %..10 %",
        "marrow_blasts: '< 0.01 %'",
        "marrow_blasts: { value: 46, unit: '%', uln: 5 }",
        "estimated_survival: 1 year 6 months",
        "estimated_survival: 2..4 months",
        "estimated_survival: 2 months..4 months",
        "birth_date: 1994",
        "birth_date: 1994-03..1994-05",
        "birth_date: '>= 1994'",
        "hepatitis.antiviral: 5",
        "hepatitis.hbv_dna: detected",
        "hepatitis: ",
        "remission: { by: { value: [car_t, unknown, ~, { value: tki, by: A }], complete: no } }",
        "cd22: [{ result: { missing: masked }, percent_of_blasts: { value: 5, unit: '%' }, by: ~, note: n }]",
        "candidate: 17",
        "format: eligo/record/1",
    ] {
        accepts(&record, text);
        let scratch = Scratch::new().with("record.yaml", text);
        scratch
            .eligo()
            .args(["screen", "record.yaml", "--quiet"])
            .assert()
            .code(predicate::ne(2));
    }
}

const FULL: &str = "
format: eligo/trial/1
trial: { id: T-1, version: 2, title: A trial, sponsor: { name: S } }
facts:
  hepatitis:
    label: Hepatitis
    dna:
      type: code
      label: DNA
      ask: Which?
      note: A note
      values: { none: none, some: some, low: { label: low, unclear: true, note: n, codes: { loinc: 1-2 } }, 'true': so }
      codes: { loinc: 29610-3 }
      measured: true
      judgement: true
      supporting: false
    type: { type: text, label: Type }
  creatinine: { type: quantity, label: Creatinine, unit: mg/dL, units: { umol/L: 0.01131, g/L: '1e2' }, range: 0..30 }
  next_visit: { type: date, label: Next visit, future: true, range: 2020-01-01.. }
  pregnant: { type: boolean, label: Pregnant, values: { yes: pregnant, no: not pregnant } }
  survival: { type: duration, label: Survival, range: 0 days..20 years }
  drugs: { type: list, label: Drugs, item: { name: { type: text }, ended: { type: date, label: End } } }
  sites: { type: list, label: Sites, item: { type: code, values: { skin: skin } } }
define:
  young: { label: young, is: creatinine < 1 'mg/dL' }
cautions: [{ when: pregnant is null, say: not asked, basis: b }]
criteria:
  inclusion:
    - id: I1
      title: One
      text: Text
      plain: Plain
      basis: Basis
      notes: [a, b]
      applies: pregnant
      require: young
      all: [{ id: I1a, title: A, require: true }]
      conflicts: [{ when: young, say: s }]
      cautions: [{ when: young, say: s, basis: b }]
      closed_world: because
    - { id: 2, title: Two, text: Text, at_least: { n: 1, of: [{ id: I2a, text: A, any: [{ id: I2b, title: B, require: young }] }] } }
    - { id: I3, title: Three, text: Text, readings: { a: { say: s, basis: b, require: young }, b: { say: s, require: pregnant, by_site_only: true } } }
  exclusion:
    - { id: E1, title: One, text: Text, notes: n, exclude: hepatitis.dna = 'some' }
    - { id: E2, title: Two, text: Text, any: [{ id: E2a, title: A, readings: { a: { say: s, exclude: young }, b: { say: s, exclude: pregnant } } }] }
";

/// Every map of a tree that is written with known keys, one after the other with a strange key in it.
fn spoiled(tree: &Json, free: &[&str]) -> Vec<Json> {
    fn places(tree: &Json, at: &str, into: &mut Vec<String>) {
        match tree {
            Json::Object(map) => {
                into.push(at.to_owned());
                map.iter().for_each(|(key, value)| {
                    places(
                        value,
                        &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")),
                        into,
                    )
                });
            }
            Json::Array(items) => items
                .iter()
                .enumerate()
                .for_each(|(index, value)| places(value, &format!("{at}/{index}"), into)),
            _ => {}
        }
    }
    let mut all = Vec::new();
    places(tree, "", &mut all);
    all.retain(|place| !free.iter().any(|free| place.ends_with(free)));
    let spoil = |place: &String| {
        let mut tree = tree.clone();
        tree.pointer_mut(place).unwrap()["Strange key"] = json!("x");
        tree
    };
    all.iter().map(spoil).collect()
}

#[test]
fn a_trial_file_with_every_key_is_read_and_valid_and_nothing_else_is() {
    let trial = validator(&schema(&["trial"]));
    accepts(&trial, FULL);
    let scratch = Scratch::new().with("trial.yaml", FULL);
    scratch
        .eligo()
        .args(["check", "trial.yaml"])
        .assert()
        .code(0);
    let spoiled = spoiled(
        &yaml(FULL),
        &["/trial", "/trial/sponsor", "/codes", "/units"],
    );
    assert!(spoiled.len() > 40, "{}", spoiled.len());
    for file in spoiled {
        assert!(!trial.is_valid(&file), "{file:#}");
        let scratch = Scratch::new().with("trial.yaml", file.to_string());
        scratch
            .eligo()
            .args(["check", "trial.yaml"])
            .assert()
            .code(2)
            .stderr(contains("Strange key"));
    }
}

#[test]
fn what_a_trial_file_may_not_say_is_refused_by_its_schema() {
    let trial = validator(&schema(&["trial"]));
    for (right, wrong) in [
        ("range: 0..30", "range: 0-30"),
        ("range: 0..30", "range: low..high"),
        ("unit: mg/dL, ", ""),
        ("future: true", "future: yes"),
        ("type: boolean", "type: integer"),
        ("umol/L: 0.01131", "umol/L: -1"),
        ("creatinine: {", "Creatinine: {"),
        ("creatinine: {", "between: {"),
        ("creatinine: {", "note: {"),
        ("  young: {", "  and: {"),
        ("label: Creatinine, ", ""),
        (
            "ended: { type: date",
            "ended: { type: list, item: { type: text }",
        ),
        ("ended: {", "source: {"),
        ("n: 1,", "n: 0,"),
        (
            "of: [{ id: I2a, text: A, any: [{ id: I2b, title: B, require: young }] }]",
            "of: []",
        ),
        (
            "{ id: I1a, title: A, require: true }",
            "{ id: I1a, require: true }",
        ),
        ("require: pregnant, by_site_only: true", "exclude: pregnant"),
        (
            "basis: b, require: young }",
            "basis: b, require: young, by_site_only: true }",
        ),
        ("text: Text, notes: n", "notes: n"),
        (
            "exclude: hepatitis.dna = 'some'",
            "exclude: pregnant, any: [{ id: E1a, title: A, exclude: pregnant }]",
        ),
        ("id: E1,", "id: E 1,"),
        ("id: E1,", "id: trial,"),
        ("trial: { id: T-1", "trial: { id: ''"),
        ("is: creatinine < 1 'mg/dL'", "iss: creatinine < 1 'mg/dL'"),
    ] {
        assert_eq!(FULL.matches(right).count(), 1, "`{right}` stands once");
        let text = FULL.replace(right, wrong);
        refuses(&trial, &text);
        let scratch = Scratch::new().with("trial.yaml", text);
        scratch
            .eligo()
            .args(["check", "trial.yaml"])
            .assert()
            .code(2);
    }
}

#[test]
fn schemas_of_another_trial_are_in_its_own_terms() {
    let scratch = Scratch::new().with("trial.yaml", FULL);
    let of = |what: &str| -> Validator {
        let output = scratch
            .eligo()
            .args(["schema", what, "--trial", "trial.yaml"])
            .assert()
            .code(0)
            .stderr("")
            .get_output()
            .stdout
            .clone();
        validator(&serde_json::from_slice(&output).unwrap())
    };
    let record = of("record");
    for text in [
        "creatinine: 100 umol/L",
        "creatinine: { value: 100, unit: umol/L, uln: 110 }",
        "creatinine: { value: 1..2, unit: mg/dL }",
        "creatinine: 1..2 mg/dL",
        "hepatitis: { dna: true, type: x }",
        "hepatitis.type: x",
        "next_visit: 2027-01",
        "sites: [skin]",
    ] {
        accepts(&record, text);
        let scratch = Scratch::new()
            .with("trial.yaml", FULL)
            .with("record.yaml", text);
        scratch
            .eligo()
            .args(["screen", "record.yaml", "--trial", "trial.yaml", "--quiet"])
            .assert()
            .code(predicate::ne(2));
    }
    for text in [
        "creatinine: 100",
        "creatinine: { value: 100 }",
        "creatinine: { value: 31, unit: mg/dL }",
        "creatinine: { value: 31, unit: g }",
        "creatinine: 1..2",
        "ecog: 1",
        "trial: NCT04546906",
        "drugs: [{ name: a, dose: 1 }]",
        "next_visit: 2027-02-30",
        "survival: 3 moons",
        "survival: { value: 3 days, uln: 1 }",
        "pregnant: { value: yes, complete: no }",
        "pregnant: {}",
        "sites: [{ value: skin, missing: masked }]",
    ] {
        refuses(&record, text);
        let scratch = Scratch::new()
            .with("trial.yaml", FULL)
            .with("record.yaml", text);
        scratch
            .eligo()
            .args(["screen", "record.yaml", "--trial", "trial.yaml", "--quiet"])
            .assert()
            .code(2);
    }
    let site = of("site");
    accepts(
        &site,
        "format: eligo/site/1\nsite: S\ntrial: T-1\nreadings: { I3: a, E2: b }\nvalid_for: { hepatitis.dna: 14 days }\nsigned_judgements: required",
    );
    for wrong in [
        "readings: { I1: a }",
        "readings: { I3: c }",
        "valid_for: { sites: 1 day }",
        "valid_for: { creatinine: 1 }",
        "signed_judgements: yes",
    ] {
        refuses(&site, &format!("format: eligo/site/1\n{wrong}\n"));
        let scratch = Scratch::new()
            .with("trial.yaml", FULL)
            .with("record.yaml", "pregnant: no")
            .with("site.yaml", format!("format: eligo/site/1\n{wrong}\n"));
        scratch
            .eligo()
            .args([
                "screen",
                "record.yaml",
                "--trial",
                "trial.yaml",
                "--site",
                "site.yaml",
            ])
            .assert()
            .code(2);
    }
}

#[test]
fn cases_are_checked_with_their_records() {
    let cases = validator(&schema(&["cases"]));
    let file = |case: &str| {
        format!("format: eligo/cases/1\nbase: {{ one: {{ ecog: 1 }} }}\ncases: [ {{ {case} }} ]\n")
    };
    for case in [
        "note: a, base: one, want: { I4: pass, I1a: unknown, eligibility: undetermined }, as_of: 2026-11-20",
        "note: a, unset: [ecog], set: { hepatitis.hbv_dna: detected, mrd: { result: positive }, ecog.date: 2026-01 }, next: [diagnosis]",
        "note: a, set: { ecog: 7 }, error: '7'",
        "note: a, site: { readings: { I1: b_all_only } }, reason: { I1: [x, y] }, cautions: { trial: x }, conflict: { I1: x }",
    ] {
        accepts(&cases, &file(case));
    }
    for case in [
        "note: a",
        "want: { I4: pass }",
        "note: a, want: { I4: passed }",
        "note: a, want: { I99: pass }",
        "note: a, want: { eligibility: pass }",
        "note: a, set: { ecog: 7 }, want: { I4: fail }",
        "note: a, set: { ecgo: 1 }, want: { I4: pass }",
        "note: a, want: { I4: pass }, error: x",
        "note: a, error: x, next: [ecog]",
        "note: a, reason: { trial: x }",
        "note: a, site: { reading: {} }, want: { I4: pass }",
        "note: a, as_of: 2026-11, want: { I4: pass }",
        "note: a, unset: [ecgo], want: { I4: pass }",
        "note: a, wants: { I4: pass }",
    ] {
        refuses(&cases, &file(case));
    }
    refuses(
        &cases,
        "format: eligo/cases/1\nbase: { one: { ecog: 7 } }\ncases: []\n",
    );
    refuses(&cases, "format: eligo/cases/1\nbase: {}\ncases: []\n");
}

/// A schema that allows no key beside those which it names, to find what a report says and its schema does not.
fn shut(schema: &Json) -> Json {
    match schema {
        Json::Object(map) => {
            let mut map: serde_json::Map<String, Json> = map
                .iter()
                .map(|(key, value)| (key.clone(), shut(value)))
                .collect();
            if map.contains_key("properties")
                && !map.contains_key("additionalProperties")
                && map.get("type").is_some()
            {
                map.insert("additionalProperties".into(), false.into());
            }
            Json::Object(map)
        }
        Json::Array(items) => Json::Array(items.iter().map(shut).collect()),
        other => other.clone(),
    }
}

/// Every key of every map.
fn keys<'j>(value: &'j Json, into: &mut BTreeSet<&'j str>) {
    match value {
        Json::Object(map) => map.iter().for_each(|(key, value)| {
            into.insert(key);
            keys(value, into);
        }),
        Json::Array(items) => items.iter().for_each(|value| keys(value, into)),
        _ => {}
    }
}

/// Every key that a schema names.
fn named<'j>(schema: &'j Json, into: &mut BTreeSet<&'j str>) {
    if let Json::Object(map) = schema {
        into.extend(
            map.get("properties")
                .and_then(Json::as_object)
                .into_iter()
                .flat_map(|properties| properties.keys().map(String::as_str)),
        );
        map.values().for_each(|value| named(value, into));
    } else if let Json::Array(items) = schema {
        items.iter().for_each(|value| named(value, into));
    }
}

/// Holds what the program writes against its schema: nothing in it is unnamed, and nothing named is never written.
fn held_to(what: &str, written: &[Json]) {
    let schema = schema(&[what]);
    let shut = validator(&shut(&schema));
    let (mut said, mut promised) = (BTreeSet::new(), BTreeSet::new());
    for value in written {
        assert_eq!(complaints(&shut, value), [""; 0], "{value:#}");
        keys(value, &mut said);
    }
    named(&schema, &mut promised);
    let never: Vec<&&str> = promised.difference(&said).collect();
    assert!(never.is_empty(), "{what} is never written with {never:?}");
}

#[test]
fn reports_are_as_their_schema_says() {
    let mut reports = Vec::new();
    for record in example_records() {
        reports.push(report(&[&record]));
        reports.push(report(&[&record, "--site", "examples/site-policy.yaml"]));
    }
    let note = "note: a remark\nrelapse: { type: none, found_on: 2026-01-01 }\nremission: { achieved: no }\necog: { value: 1, note: n }\nsex: male\npregnancy: pregnant\n";
    let other = "estimated_survival: 6 Months\nhepatitis: { hcv_rna: Not done }\n";
    let scratch = Scratch::new()
        .with("record.yaml", note)
        .with("other.yaml", other);
    let files = ["record.yaml", "screening.log", "other.yaml"];
    let [record, log, other] = files.map(|name| scratch.path().join(name).display().to_string());
    let named = scratch.path().join("named.yaml");
    std::fs::write(&named, format!("candidate: A\n{note}")).unwrap();
    let named = named.display().to_string();
    reports.push(report(&[&record, "--log", &log]));
    reports.push(report(&[&named, "--with", &other]));
    let policy = "format: eligo/site/1\ndoubts: { E1.under_treatment: counts_as_not_met }\n";
    let record = "courses: 2\nmrd: negative\nrelapsed: yes\nblasts: <= 20 %\ninfection: no\nantibiotics: yes\n";
    let scratch = Scratch::new()
        .with("record.yaml", record)
        .with("site.yaml", policy)
        .with("none.yaml", "travel: yes\n");
    let path = |name: &str| scratch.path().join(name).to_str().unwrap().to_owned();
    reports.push(report(&[
        &path("record.yaml"),
        "--site",
        &path("site.yaml"),
        "--trial",
        "tests/trials/doubts-and-questions.yaml",
    ]));
    reports.push(report(&[
        &path("none.yaml"),
        "--trial",
        "tests/trials/work-up.yaml",
    ]));
    held_to("report", &reports);
}

#[test]
fn rows_and_summaries_are_as_their_schemas_say() {
    let list =
        "{\"candidate\":\"A\",\"ecog\":1}\n{\"candidate\":\"A\",\"ecog\":7}\n{\"ecgo\":1}\n{\n";
    let array = "[{\"candidate\":\"A\",\"ecog\":1}, {\"candidate\":\"A\"}]";
    let scratch = Scratch::new()
        .with("list.ndjson", list)
        .with("list.json", array)
        .with("other.csv", "candidate,ecog\nX,1\n");
    let job: &[&str] = &["--job", "--as-of", "2026-11-20", "--key", "candidate"];
    for (lists, reasons, job) in [
        (vec!["list.ndjson"], "all", &[][..]),
        (vec!["list.ndjson", "list.json"], "deciding", job),
    ] {
        let mut batch = scratch.eligo();
        batch.arg("batch").args(&lists).args(job).args([
            "--format",
            "ndjson",
            "--reasons",
            reasons,
            "--summary",
            "summary.json",
            "--with",
            "other.csv",
        ]);
        let output = batch.assert().code(4).get_output().stdout.clone();
        let rows: Vec<Json> = String::from_utf8(output)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let summary: Json = serde_json::from_str(
            &std::fs::read_to_string(scratch.path().join("summary.json")).unwrap(),
        )
        .unwrap();
        if lists.len() == 1 {
            let row = validator(&schema(&["row"]));
            rows.iter()
                .for_each(|one| assert_eq!(complaints(&row, one), [""; 0], "{one}"));
        } else {
            held_to("row", &rows);
            let mut merge = scratch.eligo();
            merge.args(["summary", "merge", "summary.json", "--job"]);
            let merged = merge.assert().code(0).get_output().stdout.clone();
            held_to(
                "summary",
                &[summary, serde_json::from_slice(&merged).unwrap()],
            );
        }
    }
    let row = validator(&schema(&["row"]));
    assert!(!row.is_valid(
        &json!({ "line": 1, "candidate": null, "eligibility": "error", "verdicts": {} })
    ));
    assert!(!row.is_valid(&json!({ "line": 1, "candidate": null, "eligibility": "eligible", "verdicts": { "I1": "met" } })));
}

#[test]
fn a_record_schema_says_what_is_asked_and_by_which_criteria() {
    let schema = schema(&["record"]);
    let ecog = &schema["$defs"]["ecog"];
    assert_eq!(ecog["title"], "ECOG performance status");
    let about = ecog["description"].as_str().unwrap();
    for words in ["Asked for by I4.", "0..5", "loinc 89247-1"] {
        assert!(about.contains(words), "{about}");
    }
    let values = schema["$defs"]["value-of-diagnosis"]["anyOf"]
        .as_array()
        .unwrap();
    assert!(
        values.iter().any(|value| value["const"] == "b_all"
            && value["title"] == "B-cell acute lymphoblastic leukaemia"),
        "{values:#?}"
    );
}

#[test]
fn the_template_names_the_schema_that_is_made_for_it() {
    let template = eligo()
        .arg("template")
        .assert()
        .code(0)
        .get_output()
        .stdout
        .clone();
    let text = String::from_utf8(template).unwrap();
    let name = text
        .lines()
        .next()
        .unwrap()
        .strip_prefix("# yaml-language-server: $schema=")
        .unwrap();
    assert_eq!(name, "nct04546906.record.schema.json");
    assert!(
        text.contains(&format!("eligo schema record > {name}\n")),
        "{text}"
    );
    // An id is no file name.
    let scratch = Scratch::new().with("trial.yaml", FULL.replace("id: T-1", "id: '../Über 1/2'"));
    let first = predicate::str::starts_with(
        "# yaml-language-server: $schema=--ber-1-2.record.schema.json\n",
    );
    scratch
        .eligo()
        .args(["template", "--trial", "trial.yaml"])
        .assert()
        .stdout(first.and(contains("--trial FILE >")));
}

#[test]
fn a_wrong_call_says_what_would_be_right() {
    eligo()
        .args(["schema", "recrod"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("'record'"));
    eligo()
        .args(["schema", "report", "--trial", "criteria/nct04546906.yaml"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("record, cases and site"));
    eligo()
        .args(["schema", "record", "--trial", "examples/eligible.yaml"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("eligo/trial/1"));
}
