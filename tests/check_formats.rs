//! `eligo check --format json|sarif`: the contracts, several files in one call, and a code for every kind of error.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Scratch, text_of};
use eligo::diagnostic::catalogue::LINTS;
use serde_json::Value as Json;

const HEAD: &str = "format: eligo/trial/1\ntrial: { id: T1, version: '3', title: A trial }\nfacts:\n  ecog: { type: integer, label: ECOG, ask: Which?, range: 0..5 }\n  hb: { type: quantity, label: Hb, ask: Which?, unit: g/dL }\n  kind: { type: code, label: Kind, ask: Which?, values: { one: one } }\n";

fn trial(require: &str) -> String {
    format!(
        "{HEAD}criteria:\n  inclusion:\n    - id: I1\n      title: ÖCOG\n      text: The ECOG.\n      require: {require}\n"
    )
}

/// A folder with files that are right, that have findings, accepted and not, that are refused, and that cannot be read.
fn folder() -> Scratch {
    Scratch::new()
        .with("right.yaml", trial("ecog <= 2").replace("ask: Which?, unit", "ask: Which?, supporting: true, unit"))
        .with(
            "right.cases.yaml",
            "format: eligo/cases/1\nbase: { a: { ecog: 1 } }\ncases:\n  - { note: a, want: { I1: pass } }\n  - { note: b, want: { I1: fail } }\n",
        )
        .with("a lint.yaml", trial("\"ecog <= 1 and /* ö */ ecog >= 0\"").replace("/* ö */ ", "") + "      allow: { never-fails: not needed }\n")
        .with("accepted.yaml", trial("ecog <= 5") + "      allow: { never-fails: \"the protocol’s own words\" }\n")
        .with("refused.yaml", trial("ecgo <= 2"))
        .with("binary.yaml", b"\xff\xfe")
}

const FILES: [&str; 6] = [
    "right.yaml",
    "a lint.yaml",
    "accepted.yaml",
    "refused.yaml",
    "binary.yaml",
    "missing.yaml",
];

fn written(scratch: &Scratch, format: &str) -> Json {
    let output = scratch
        .eligo()
        .arg("check")
        .args(FILES)
        .args(["--format", format])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "",
        "everything is on standard output"
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.ends_with("}\n"));
    serde_json::from_str(&text).unwrap()
}

fn keeps_to(contract: &str, written: &Json) {
    let contract: Json = serde_json::from_str(&text_of(contract)).unwrap();
    let contract = jsonschema::validator_for(&contract).unwrap();
    let broken: Vec<String> = contract
        .iter_errors(written)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn json_keeps_its_contract_for_every_kind_of_file() {
    let report = written(&folder(), "json");
    keeps_to("tests/data/check-contract.json", &report);
    let files = report["files"].as_array().unwrap();
    assert_eq!(
        files
            .iter()
            .map(|file| file["file"].as_str().unwrap())
            .collect::<Vec<_>>(),
        FILES
    );
    assert_eq!(
        files
            .iter()
            .map(|file| file["passed"].as_bool().unwrap())
            .collect::<Vec<_>>(),
        [false, true, true, false, false, false]
    );
    assert_eq!(report["passed"], false);
    assert_eq!(
        files[0]["cases"],
        serde_json::json!({ "file": "right.cases.yaml", "total": 2, "passed": 1 })
    );
    assert_eq!(
        (
            &files[0]["trial"]["id"],
            &files[0]["trial"]["version"],
            &files[0]["trial"]["facts"]
        ),
        (&"T1".into(), &"3".into(), &3.into())
    );
    let codes = |file: &Json| {
        file["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| finding["code"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(codes(&files[0]).contains(&"failed-case".to_owned()));
    assert_eq!(codes(&files[3]), ["undeclared-name"]);
    assert_eq!(
        (codes(&files[4]), codes(&files[5])),
        (vec!["unreadable".to_owned()], vec!["unreadable".to_owned()])
    );
    let accepted = files[2]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["code"] == "never-fails")
        .unwrap();
    assert_eq!(accepted["accepted"], "the protocol’s own words");
}

#[test]
fn sarif_keeps_the_rules_of_its_standard() {
    let log = written(&folder(), "sarif");
    keeps_to("tests/data/sarif-rules.json", &log);
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), LINTS.len());
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(
            rules[index]["id"], result["ruleId"],
            "the index is that of the rule"
        );
    }
    let of = |rule: &str| {
        run["results"]
            .as_array()
            .unwrap()
            .iter()
            .find(|result| result["ruleId"] == rule)
            .unwrap()
            .clone()
    };
    let part = of("constant-condition");
    assert_eq!(
        part["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "a%20lint.yaml"
    );
    let region = &part["locations"][0]["physicalLocation"]["region"];
    assert_eq!(
        (
            &region["startLine"],
            &region["startColumn"],
            &region["endLine"],
            &region["endColumn"]
        ),
        (&12.into(), &31.into(), &12.into(), &40.into())
    );
    assert_eq!(region["snippet"]["text"], "ecog >= 0");
    assert_eq!(
        of("never-fails")["suppressions"][0]["justification"],
        "the protocol’s own words"
    );
    assert!(
        of("undeclared-name")["message"]["text"]
            .as_str()
            .unwrap()
            .contains("did you mean `ecog`?"),
        "the help is part of the message"
    );
}

#[test]
fn the_trial_that_comes_with_the_program_keeps_both_contracts() {
    for (format, contract) in [
        ("json", "tests/data/check-contract.json"),
        ("sarif", "tests/data/sarif-rules.json"),
    ] {
        let run = || {
            common::eligo()
                .args([
                    "check",
                    "criteria/nct04546906.yaml",
                    "--deny",
                    "notes",
                    "--format",
                    format,
                ])
                .assert()
                .code(0)
                .stderr("")
                .get_output()
                .stdout
                .clone()
        };
        let first = run();
        keeps_to(contract, &serde_json::from_slice(&first).unwrap());
        assert_eq!(first, run(), "the same files give the same bytes");
    }
}

#[test]
fn every_kind_of_error_has_its_code_its_place_and_help() {
    let right = trial("ecog <= 2");
    let with = |from: &str, to: &str| {
        assert!(right.contains(from), "{from}");
        right.replace(from, to)
    };
    let wrong = [
        ("not-yaml", with("trial: {", "trial: [")),
        ("unknown-key", with("text: The", "txt: The")),
        ("missing-key", with("      title: ÖCOG\n", "")),
        (
            "duplicate-key",
            with("title: ÖCOG\n", "title: ÖCOG\n      title: Again\n"),
        ),
        (
            "duplicate-id",
            format!("{right}    - {{ id: I1, title: b, text: c, require: ecog < 1 }}\n"),
        ),
        ("bad-name", with("  ecog:", "  Ecog:")),
        ("bad-name", with("id: I1", "id: I 1")),
        ("text-without-rule", with("      require: ecog <= 2\n", "")),
        ("rule-without-text", with("      text: The ECOG.\n", "")),
        ("rule-without-text", with("text: The ECOG.", "text: ' '")),
        (
            "closed-world-without-reason",
            with("require:", "closed_world: ''\n      require:"),
        ),
        (
            "closed-world-without-reason",
            with("require:", "closed_world: true\n      require:"),
        ),
        ("syntax", trial("ecog <=")),
        ("undeclared-name", trial("ecgo <= 2")),
        ("undeclared-name", trial("Cuont(ecog) <= 2")),
        ("undeclared-value", trial("kind = 'two'")),
        ("type-mismatch", trial("ecog = 'one'")),
        ("unit-mismatch", trial("hb > 8")),
        ("unit-mismatch", trial("hb > 8 'furlong'")),
        ("looks-at-absence", trial("ecog is null")),
        (
            "circular-definition",
            right.replace(
                "criteria:",
                "define: { a: { is: a or ecog < 1 } }\ncriteria:",
            ),
        ),
        (
            "too-large",
            trial(&format!("{}ecog < 1{}", "(".repeat(200), ")".repeat(200))),
        ),
        (
            "unknown-lint",
            format!("{right}      allow: {{ no-such-lint: why }}\n"),
        ),
        (
            "allow-without-reason",
            format!("{right}      allow: {{ never-fails: '' }}\n"),
        ),
        ("invalid-trial", with("range: 0..5", "range: 5..0")),
        ("invalid-trial", with("eligo/trial/1", "eligo/trial/2")),
    ];
    let cases = |case: &str| {
        format!(
            "format: eligo/cases/1\nbase: {{ a: {{ ecog: 1 }} }}\ncases:\n  - {{ note: a, {case} }}\n"
        )
    };
    let wrong_cases = [
        ("invalid-cases", cases("want: { I9: pass }")),
        (
            "invalid-case-record",
            cases("set: { ecog: 9 }, want: { I1: fail }"),
        ),
        ("failed-case", cases("want: { I1: fail }")),
        ("not-yaml", cases("want: [")),
    ];
    let mut tested: Vec<&str> = vec!["unreadable"];
    let mut missed = Vec::new();
    let files = wrong
        .iter()
        .map(|(code, trial)| (*code, trial, None))
        .chain(
            wrong_cases
                .iter()
                .map(|(code, cases)| (*code, &right, Some(cases))),
        );
    for (code, trial, cases) in files {
        let mut scratch = Scratch::new().with("trial.yaml", trial);
        if let Some(cases) = cases {
            scratch = scratch.with("trial.cases.yaml", cases);
        }
        let output = scratch
            .eligo()
            .args(["check", "trial.yaml", "--format", "json"])
            .output()
            .unwrap();
        let report: Json = serde_json::from_slice(&output.stdout).unwrap();
        let errors: Vec<&Json> = report["files"][0]["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| finding["severity"] == "error")
            .collect();
        let placed = errors.iter().all(|error| {
            error["place"]["line"].is_u64()
                && (code == "failed-case" || !error["help"].as_array().unwrap().is_empty())
        });
        if output.status.code() != Some(2)
            || !placed
            || !errors.iter().any(|error| error["code"] == code)
        {
            missed.push(format!("{code}: {errors:#?}\n{trial}"));
        }
        tested.push(code);
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    for lint in LINTS.iter().filter(|lint| !lint.acceptable) {
        assert!(tested.contains(&lint.code), "{} has no example", lint.code);
    }
}
