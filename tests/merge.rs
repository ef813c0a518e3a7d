//! One patient from several sources: `--with` of `screen` and `batch`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Scratch, criterion, root};
use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::{Value as Json, json};

const TRIAL: &str = "
format: eligo/trial/1
trial: { id: M-1, version: '1', title: Merged }
facts:
  sex: { type: code, label: Sex, ask: Which?, values: { female: female, male: male } }
  ecog: { type: integer, label: ECOG, ask: Which?, range: 0..5, judgement: true }
  crea: { type: quantity, label: Creatinine, ask: How much?, unit: mg/dL, units: { umol/L: 0.01 }, range: 0..30 }
  survival: { type: duration, label: Survival, ask: How long? }
  lines:
    type: list
    label: Earlier treatment
    ask: Which?
    item: { kind: { type: code, values: { chemo: chemotherapy, car_t: CAR-T cells } }, ended: { type: date, label: Ended } }
  sites: { type: list, label: Sites, ask: Which?, item: { type: code, values: { skin: skin, testis: testis } } }
criteria:
  inclusion:
    - { id: I1, title: Fit, text: Fit, require: ecog <= 1 }
    - { id: I2, title: Creatinine, text: Creatinine, require: crea <= 2 'mg/dL' }
    - { id: I3, title: Survival, text: Survival, require: survival > 3 months }
    - { id: I4, title: Treated, text: Treated, require: Count(lines) >= 2 }
  exclusion:
    - { id: E1, title: Skin, text: Skin, exclude: exists (sites S where S = 'skin') }
";

/// The report on a record merged with others, each a file of a name and a text.
fn screened(files: &[(&str, &str)]) -> Json {
    let mut scratch = Scratch::new().with("trial.yaml", TRIAL);
    let mut arguments = vec![
        "screen",
        files[0].0,
        "--trial",
        "trial.yaml",
        "--format",
        "json",
    ];
    for (at, (name, text)) in files.iter().enumerate() {
        scratch = scratch.with(name, text);
        if at > 0 {
            arguments.extend(["--with", name]);
        }
    }
    let output = scratch.eligo().args(arguments).output().unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

const CHART: (&str, &str) = (
    "chart.yaml",
    "candidate: A\nscreened_on: 2026-11-27\nsex: female\necog: 1\nsurvival: '>= 1 month'\nlines: [{ kind: chemo, ended: 2024-05 }]\nsites: [testis]\n",
);

/// The same, of which nothing is known that fails.
const OPEN: &str = "candidate: A\nscreened_on: 2026-11-27\nsex: female\necog: 1\n";

#[test]
fn each_source_adds_what_it_knows() {
    let report = screened(&[
        CHART,
        (
            "answers.json",
            r#"{ "candidate": "A", "ecog": { "value": 1, "date": "2026-11-20", "by": "inv-1" }, "survival": "6 months" }"#,
        ),
        (
            "lab.csv",
            "candidate,crea,crea.date,lines.1.kind,lines.1.ended\nB,9 mg/dL,,,\nA,100 umol/L,2026-11-19,car_t,2025-01-10\n",
        ),
    ]);
    assert_eq!(report["eligibility"], "eligible");
    // The signed value stands for the unsigned one, the narrower bounds for the wider ones.
    assert_eq!(
        criterion(&report, "I1")["reason"],
        "ECOG is 1 (2026-11-20, inv-1); at most 1 required"
    );
    assert_eq!(criterion(&report, "I3")["verdict"], "pass");
    assert_eq!(criterion(&report, "I2")["verdict"], "pass");
    assert_eq!(
        criterion(&report, "I2")["evidence"][0]["value"],
        "100 umol/L (1 mg/dL)"
    );
    // Lists grow, and no longer say that they are complete.
    assert_eq!(criterion(&report, "I4")["verdict"], "pass");
    assert_eq!(
        criterion(&report, "E1")["verdict"],
        "pass",
        "only the chart speaks of sites"
    );
    let merged = report["record"]["merged"].as_array().unwrap();
    assert_eq!(merged[0]["file"], "answers.json");
    assert_eq!(
        [&merged[1]["file"], &merged[1]["line"]],
        [&json!("lab.csv"), &json!(3)]
    );
}

#[test]
fn values_that_differ_are_a_conflict_that_names_both() {
    let report = screened(&[
        ("chart.yaml", OPEN),
        (
            "answers.yaml",
            "candidate: A\necog: { value: 3, date: 2026-11-20 }\n",
        ),
    ]);
    assert_eq!(criterion(&report, "I1")["verdict"], "unknown");
    let reason = criterion(&report, "I1")["reason"].as_str().unwrap();
    assert!(
        reason.starts_with(
            "ECOG: sources disagree (1 in chart.yaml; 3 in answers.yaml (2026-11-20))"
        ),
        "{reason}"
    );
    let next = report["next"].as_array().unwrap();
    let ecog = next.iter().find(|one| one["fact"] == "ecog").unwrap();
    assert_eq!(ecog["cause"], "conflicting");
}

#[test]
fn lists_are_joined_with_care() {
    let lines = |chart: &str, other: &str| {
        let chart = format!("candidate: A\nscreened_on: 2026-11-27\nlines: {chart}\n");
        let other = format!("candidate: A\nlines: {other}\n");
        let report = screened(&[("chart.yaml", &chart), ("other.yaml", &other)]);
        let found = criterion(&report, "I4").clone();
        let reverse = screened(&[("other.yaml", &other), ("chart.yaml", &chart)]);
        assert_eq!(
            found["verdict"],
            criterion(&reverse, "I4")["verdict"],
            "{chart}{other}"
        );
        (
            found["verdict"].as_str().unwrap().to_owned(),
            found["reason"].to_string(),
        )
    };
    for (chart, other, verdict) in [
        // The same, said twice, is said once and as completely as before.
        (
            "[{ kind: chemo, ended: 2024-05 }]",
            "[{ kind: chemo, ended: 2024-05 }]",
            "fail",
        ),
        // Two that are told apart by what is known of them.
        ("[{ kind: chemo }]", "[{ kind: car_t }]", "pass"),
        (
            "[{ kind: chemo, ended: 2024-05 }]",
            "[{ kind: chemo, ended: 2025-05 }]",
            "pass",
        ),
        // One, or perhaps two: nothing tells them apart.
        (
            "[{ kind: chemo }]",
            "[{ kind: chemo, ended: 2024-05 }]",
            "unknown",
        ),
        ("[{ kind: chemo }]", "[{ ended: 2024-05 }]", "unknown"),
        (
            "[{ kind: chemo }]",
            "{ value: [{ kind: chemo }], complete: no }",
            "unknown",
        ),
        // Two of one source stay two.
        (
            "[{ kind: chemo }, { kind: chemo }]",
            "[{ kind: chemo, ended: 2024-05 }]",
            "pass",
        ),
        // Nothing known before comes after something known.
        (
            "[{ kind: chemo }, { kind: chemo }]",
            "not documented",
            "pass",
        ),
        // Nothing at all, and something.
        ("[]", "[{ kind: chemo }, { kind: car_t }]", "unknown"),
        ("[]", "[]", "fail"),
    ] {
        let (found, reason) = lines(chart, other);
        assert_eq!(found, verdict, "{chart} {other}: {reason}");
    }
    let (_, reason) = lines("[]", "[{ kind: chemo }]");
    assert!(
        reason.contains("none known in chart.yaml; chemotherapy in other.yaml"),
        "{reason}"
    );
    let (_, reason) = lines("[{ kind: chemo }]", "[{ kind: car_t }]");
    assert!(reason.contains("not complete"), "{reason}");
}

#[test]
fn whose_a_record_is_and_as_of_when_must_be_clear() {
    let scratch = Scratch::new()
        .with("trial.yaml", TRIAL)
        .with("chart.yaml", OPEN)
        .with(
            "undated.yaml",
            "candidate: A\necog: { value: 1, date: 2026-11-21 }\n",
        )
        .with("nameless.yaml", "ecog: 1\n")
        .with("other.yaml", "candidate: B\necog: 1\n")
        .with("later.yaml", "candidate: A\nscreened_on: 2026-11-28\n")
        .with(
            "early.yaml",
            "candidate: A\nscreened_on: 2026-11-20\nsex: female\n",
        )
        .with("wrong.yaml", "candidate: A\necog: 9\n")
        .with("two.csv", "candidate,ecog\n,1\nA,1\n");
    let screen = |record: &str, with: &str| {
        let mut command = scratch.eligo();
        command.args([
            "screen",
            record,
            "--with",
            with,
            "--trial",
            "trial.yaml",
            "--quiet",
        ]);
        command.assert()
    };
    screen("chart.yaml", "nameless.yaml").code(3);
    screen("nameless.yaml", "chart.yaml")
        .code(3)
        .stdout(contains("A"));
    screen("chart.yaml", "other.yaml")
        .code(2)
        .stderr(contains("`other.yaml` says nothing of `A`"));
    screen("chart.yaml", "later.yaml").code(2).stderr(
        contains("`A` is screened on 2026-11-28 here and on 2026-11-27 in chart.yaml")
            .and(contains("later.yaml:1"))
            .and(contains("--as-of")),
    );
    // The day that one of them states holds for all.
    screen("undated.yaml", "early.yaml")
        .code(2)
        .stderr(contains(
            "2026-11-21 lies after the screening date, 2026-11-20",
        ));
    screen("chart.yaml", "wrong.yaml")
        .code(2)
        .stderr(contains("9 is outside the plausible range 0..5").and(contains("wrong.yaml:2")));
    screen("chart.yaml", "two.csv").code(3);
    screen("chart.yaml", "missing.yaml")
        .code(2)
        .stderr(contains("missing.yaml"));
}

#[test]
fn a_list_is_merged_by_candidate_and_what_is_left_over_is_told() {
    let scratch = Scratch::new()
        .with("trial.yaml", TRIAL)
        .with("list.csv", "candidate,screened_on,ecog\nA,2026-11-27,1\nB,2026-11-27,1\nC,2026-11-27,1\n,2026-11-27,1\n")
        .with("lab.csv", "candidate,crea,ecog\nB,5 mg/dL,2\nA,1 mg/dL,\nX,1 mg/dL,\nA,,1\nC,99 mg/dL,\nY,1 mg/dL,\n");
    let batch = |more: &[&str]| {
        let mut command = scratch.eligo();
        command
            .args([
                "batch",
                "list.csv",
                "--with",
                "lab.csv",
                "--trial",
                "trial.yaml",
                "--format",
                "ndjson",
                "--reasons",
                "all",
            ])
            .args(more);
        command.output().unwrap()
    };
    let output = batch(&["--log", "log.ndjson", "--by", "me"]);
    assert_eq!(output.status.code(), Some(4));
    let rows: Vec<Json> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(rows[0]["verdicts"]["I2"], "pass");
    assert_eq!(rows[1]["verdicts"]["I2"], "fail");
    let reason = rows[1]["reasons"]["I1"].as_str().unwrap();
    assert!(
        reason.contains("sources disagree (1 in list.csv:3; 2 in lab.csv:2)"),
        "{reason}"
    );
    // What is wrong in the other list is an error of the candidate, at its place there.
    assert_eq!(rows[2]["eligibility"], "error");
    assert_eq!(rows[2]["errors"][0]["line"], 6);
    assert_eq!(rows[3]["verdicts"]["I2"], "unknown");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("no row of the list is of `X`, of whom lab.csv:4 speaks"),
        "{said}"
    );
    assert!(said.contains("`Y`"), "{said}");
    let log = std::fs::read_to_string(scratch.path().join("log.ndjson")).unwrap();
    let first: Json = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    assert_eq!(first["merged"][0]["line"], 3);
    assert_eq!(first["merged"].as_array().unwrap().len(), 2);
    scratch
        .eligo()
        .args(["log", "verify", "log.ndjson"])
        .assert()
        .code(0);
    // Whatever the threads, the same bytes.
    assert_eq!(
        batch(&["--threads", "1"]).stdout,
        batch(&["--threads", "4"]).stdout
    );
    let scratch = scratch.with("nameless.csv", "candidate,crea\n,1 mg/dL\n");
    scratch
        .eligo()
        .args([
            "batch",
            "list.csv",
            "--with",
            "nameless.csv",
            "--trial",
            "trial.yaml",
        ])
        .assert()
        .code(2)
        .stderr(
            contains("the row names no candidate, so it cannot be merged")
                .and(contains("nameless.csv:2")),
        );
}

#[test]
fn a_report_is_replayed_with_the_same_sources() {
    let scratch = Scratch::new()
        .with("trial.yaml", TRIAL)
        .with("chart.yaml", OPEN)
        .with("lab.yaml", "candidate: A\ncrea: 1 mg/dL\n")
        .with("other.yaml", "candidate: A\ncrea: 9 mg/dL\n");
    scratch
        .eligo()
        .args([
            "screen",
            "chart.yaml",
            "--with",
            "lab.yaml",
            "--trial",
            "trial.yaml",
            "--output",
            "report.json",
        ])
        .assert()
        .code(3);
    let replay = |with: &[&str]| {
        let mut command = scratch.eligo();
        command
            .args([
                "replay",
                "report.json",
                "--record",
                "chart.yaml",
                "--trial",
                "trial.yaml",
            ])
            .args(with);
        command.assert()
    };
    replay(&["--with", "lab.yaml"])
        .code(0)
        .stdout(contains("Made from").not());
    replay(&[])
        .code(1)
        .stdout(contains("merged from lab.yaml, sha256"));
    replay(&["--with", "other.yaml"])
        .code(1)
        .stdout(contains("I2: pass → fail"));
    scratch
        .eligo()
        .args([
            "screen",
            "chart.yaml",
            "--with",
            "lab.yaml",
            "--trial",
            "trial.yaml",
            "--width",
            "200",
        ])
        .assert()
        .stdout(contains("merged with lab.yaml, line 1, sha256"));
    for sheet in ["html", "markdown"] {
        scratch
            .eligo()
            .args(["screen", "chart.yaml", "--with", "lab.yaml"])
            .args(["--trial", "trial.yaml", "--format", sheet])
            .assert()
            .stdout(contains("Merged with lab.yaml, line 1, sha256"));
    }
}

/// What a feed of FHIR says, and what was asked besides.
#[test]
fn a_bundle_is_merged_with_answers() {
    let bundle = root().join("examples/fhir/mcode-pediatric-b-all.bundle.json");
    let scratch = Scratch::new().with(
        "answers.yaml",
        "screened_on: 2026-11-27\necog: { value: 1, date: 2026-11-20, by: inv-1 }\n",
    );
    let output = scratch
        .eligo()
        .arg("screen")
        .arg(bundle)
        .args([
            "--from",
            "fhir",
            "--with",
            "answers.yaml",
            "--format",
            "json",
        ])
        .output()
        .unwrap();
    let report: Json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(report["screened_on"], "2026-11-27", "as the answers say");
    assert_eq!(criterion(&report, "I4")["verdict"], "pass");
    assert_eq!(report["record"]["merged"][0]["file"], "answers.yaml");
    let from_fhir = criterion(&report, "I1")["evidence"].to_string()
        + &criterion(&report, "I1")["missing"].to_string();
    assert!(
        from_fhir.contains("diagnosis") || from_fhir.contains("Condition/"),
        "{from_fhir}"
    );
}
