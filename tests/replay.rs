//! `eligo replay`: a report and what it was made from give the same verdicts, or it is said what differs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{Scratch, eligo, example_records, text_of};
use predicates::prelude::*;
use predicates::str::{contains, starts_with};

const SITE: [&str; 2] = ["--site", "policy.yaml"];

/// A record, a policy, and the report on the record.
fn reported(record: &str, arguments: &[&str]) -> Scratch {
    let scratch = Scratch::new()
        .with("record.yaml", record)
        .with("policy.yaml", text_of("examples/site-policy.yaml"));
    let mut command = scratch.eligo();
    command
        .args(["screen", "record.yaml", "--format", "json"])
        .args(arguments);
    let report = command.output().unwrap().stdout;
    scratch.with("report.json", report)
}

fn replay(scratch: &Scratch, arguments: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = scratch.eligo();
    command
        .args(["replay", "report.json", "--record", "record.yaml"])
        .args(arguments);
    command.assert()
}

#[test]
fn the_report_of_every_example_can_be_replayed() {
    for example in example_records() {
        let scratch = Scratch::new();
        let report = eligo()
            .args(["screen", &example, "--format", "json"])
            .output()
            .unwrap();
        let scratch = scratch.with("report.json", report.stdout);
        eligo()
            .arg("replay")
            .arg(scratch.path().join("report.json"))
            .args(["--record", &example])
            .assert()
            .code(0)
            .stdout(starts_with("The same: "));
    }
}

#[test]
fn what_is_another_is_named_and_verdicts_that_differ_are_listed() {
    let scratch = reported(&text_of("examples/eligible.yaml"), &SITE);
    replay(&scratch, &SITE)
        .code(0)
        .stdout(starts_with("The same: "));
    // Another policy, the same verdicts or not: it is said.
    replay(&scratch, &[]).stdout(contains("site policy, sha256: "));
    let record = text_of("examples/eligible.yaml").replace("not_pregnant", "pregnant");
    let scratch = scratch.with("record.yaml", record);
    replay(&scratch, &SITE)
        .code(1)
        .stdout(contains("record, sha256: "))
        .stdout(contains("E9: pass → fail"))
        .stdout(contains("eligibility: "))
        .stdout(contains("NOT the same"));
}

#[test]
fn the_day_is_that_of_the_report() {
    let scratch = reported("ecog: 1\n", &["--as-of", "2020-02-29"]);
    replay(&scratch, &[])
        .code(0)
        .stdout(contains("as of 2020-02-29"));
}

#[test]
fn what_is_no_report_is_refused() {
    let scratch = reported("ecog: 1\n", &[]);
    for (text, says) in [
        ("{\n  \"schema\": 1\n}", "report.json:2:"),
        ("", "this is no report"),
        ("{", "this is no report"),
        ("[]", "this is no report"),
    ] {
        let scratch = reported("ecog: 1\n", &[]).with("report.json", text);
        replay(&scratch, &[])
            .code(2)
            .stdout("")
            .stderr(contains(says).and(contains("`eligo screen RECORD --format json` writes one")));
    }
    let report = std::fs::read_to_string(scratch.path().join("report.json")).unwrap();
    let scratch = scratch.with(
        "report.json",
        report.replace("eligo/report/1", "eligo/report/9"),
    );
    replay(&scratch, &[])
        .code(2)
        .stderr(contains("is `eligo/report/9`"));
}
