//! What is not known, where it may not matter: parts that may not apply, branches that all agree, lists without a date,
//! texts that are worded otherwise, days that a month lacks, and the day where the user is.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::process::Output;

use common::{Scratch, criterion};
use predicates::str::contains;
use serde_json::Value as Json;

/// A trial with these facts and criteria.
fn trial(facts: &str, criteria: &str) -> String {
    format!(
        "format: eligo/trial/1\ntrial: {{ id: U-1, version: '1', title: What is not known }}\n\
         facts:\n{facts}criteria:\n{criteria}"
    )
}

/// The report on a record, by a trial and a policy where there is one.
fn screened(trial: &str, policy: Option<&str>, record: &str) -> Json {
    let scratch = Scratch::new().with("trial.yaml", trial).with(
        "record.yaml",
        format!("candidate: A\nscreened_on: 2026-11-27\n{record}"),
    );
    let mut arguments = vec![
        "screen",
        "record.yaml",
        "--trial",
        "trial.yaml",
        "--format",
        "json",
    ];
    let scratch = match policy {
        Some(policy) => {
            arguments.extend(["--site", "site.yaml"]);
            scratch.with("site.yaml", policy)
        }
        None => scratch,
    };
    let Output { stdout, stderr, .. } = scratch.eligo().args(arguments).output().unwrap();
    serde_json::from_slice(&stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&stderr)))
}

fn verdict<'r>(report: &'r Json, id: &str) -> &'r str {
    criterion(report, id)["verdict"].as_str().unwrap()
}

fn names(list: &Json) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|one| one["fact"].as_str().unwrap())
        .collect()
}

const WOMEN: &str = "
  sex: { type: code, label: Sex, ask: Which sex?, values: { female: female, male: male } }
  pregnant: { type: boolean, label: Pregnancy, ask: Pregnant? }
  ecog: { type: integer, label: ECOG, ask: Which ECOG?, range: 0..5 }
";

const FIT_OR_NOT_PREGNANT: &str = "
  inclusion:
    - id: I1
      title: Fit or not pregnant
      text: ECOG 0 or 1, or (women) not pregnant.
      any:
        - { id: I1a, title: ECOG, require: ecog <= 1 }
        - { id: I1b, title: Not pregnant, applies: sex = 'female', require: not pregnant }
";

#[test]
fn what_leaves_open_whether_a_part_applies_is_in_reason_missing_and_next() {
    let trial = trial(WOMEN, FIT_OR_NOT_PREGNANT);
    let open = screened(&trial, None, "ecog: 2\npregnant: no\n");
    let found = criterion(&open, "I1");
    assert_eq!(found["verdict"], "unknown");
    assert_eq!(
        found["reason"],
        "whether I1b applies is open: Sex not recorded"
    );
    assert_eq!(names(&found["missing"]), ["sex"]);
    assert_eq!(names(&open["next"]), ["sex"]);
    let scratch = Scratch::new().with("trial.yaml", &trial).with(
        "record.yaml",
        "candidate: A\nscreened_on: 2026-11-27\necog: 2\npregnant: no\n",
    );
    let table = [
        "screen",
        "record.yaml",
        "--trial",
        "trial.yaml",
        "--width",
        "120",
    ];
    scratch
        .eligo()
        .args(table)
        .assert()
        .code(3)
        .stdout(contains("whether I1b applies is open: Sex not recorded"));
    for (sex, verdict) in [("female", "eligible"), ("male", "ineligible")] {
        let record = format!("ecog: 2\npregnant: no\nsex: {sex}\n");
        assert_eq!(
            screened(&trial, None, &record)["eligibility"],
            verdict,
            "{sex}"
        );
    }
}

#[test]
fn a_part_that_passes_or_does_not_apply_is_no_obstacle() {
    let alone = trial(
        WOMEN,
        "
  inclusion:
    - id: I1
      title: Women not pregnant
      text: Women must not be pregnant.
      any:
        - { id: I1a, title: Not pregnant, applies: sex = 'female', require: not pregnant }
",
    );
    for sex in ["", "sex: female\n", "sex: male\n"] {
        let report = screened(&alone, None, &format!("ecog: 2\npregnant: no\n{sex}"));
        assert_eq!(report["eligibility"], "eligible", "{sex}");
    }
}

const SCALES: &str = "
  birth_date: { type: date, label: Date of birth, ask: When born? }
  karnofsky: { type: integer, label: Karnofsky, ask: Which score?, range: 0..100 }
  lansky: { type: integer, label: Lansky, ask: Which score?, range: 0..100 }
";

/// The protocol's two scales under `any`, `at_least` and as an exclusion: one of them applies, whatever the age.
#[test]
fn complementary_parts_decide_where_both_answers_agree() {
    let parts = |rule: &str, limit: &str| {
        format!(
            "
        - {{ id: a, title: Adults, applies: AgeInYears() >= 16, {rule}: karnofsky {limit} }}
        - {{ id: b, title: Children, applies: AgeInYears() < 16, {rule}: lansky {limit} }}
"
        )
    };
    let any = format!(
        "  inclusion:\n    - id: I1\n      title: Fit\n      text: Fit.\n      any:{}",
        parts("require", ">= 50")
    );
    let at_least = format!(
        "  inclusion:\n    - id: I1\n      title: Fit\n      text: Fit.\n      at_least:\n       n: 1\n       of:{}",
        parts("require", ">= 50")
    );
    let all = format!(
        "  exclusion:\n    - id: I1\n      title: Unfit\n      text: Unfit.\n      all:{}",
        parts("exclude", "< 50")
    );
    for criteria in [any, at_least, all] {
        let trial = trial(SCALES, &criteria);
        for (record, wanted) in [
            ("karnofsky: 90\nlansky: 90\n", "pass"),
            ("karnofsky: 20\nlansky: 20\n", "fail"),
            ("karnofsky: 90\nlansky: 20\n", "unknown"),
            (
                "karnofsky: 90\nlansky: 20\nbirth_date: 2000-01-01\n",
                "pass",
            ),
            (
                "karnofsky: 90\nlansky: 20\nbirth_date: 2020-01-01\n",
                "fail",
            ),
        ] {
            let report = screened(&trial, None, record);
            assert_eq!(verdict(&report, "I1"), wanted, "{criteria}{record}");
            if wanted == "unknown" {
                assert_eq!(names(&criterion(&report, "I1")["missing"]), ["birth_date"]);
                assert_eq!(names(&report["next"]), ["birth_date"]);
            }
        }
    }
}

/// 480 ms is too long for both sexes, and 460 ms for one.
#[test]
fn a_case_is_decided_where_all_its_values_agree() {
    let trial = trial(
        "
  sex: { type: code, label: Sex, ask: Which sex?, values: { female: female, male: male, unclear: { label: unclear, unclear: true } } }
  qtc: { type: quantity, unit: ms, label: QTc, ask: How long?, range: 200..800 }
",
        "
  inclusion:
    - id: I1
      title: QTc
      text: QTc at most 450 ms in men and 470 ms in women.
      require: qtc <= case sex when 'male' then 450 'ms' when 'female' then 470 'ms' else null end
    - id: I2
      title: QTc (written otherwise)
      text: QTc at most 450 ms in men and 470 ms in women.
      require: qtc <= (if sex = 'male' then 450 'ms' else 470 'ms')
",
    );
    for sex in ["", "sex: unclear\n"] {
        for (qtc, wanted) in [(480, "fail"), (460, "unknown"), (450, "pass")] {
            let report = screened(&trial, None, &format!("qtc: {qtc}\n{sex}"));
            assert_eq!(verdict(&report, "I1"), wanted, "{qtc} {sex}");
            assert_eq!(verdict(&report, "I2"), wanted, "{qtc} {sex}");
        }
    }
}

/// "None known" is said on a day too.
#[test]
fn an_empty_list_ages_by_its_own_date() {
    let facts = "
  cancers: { type: list, label: Cancers, ask: Which?, item: { kind: { type: code, values: { breast: breast, lung: lung } }, date: { type: date } } }
";
    let criteria = "
  exclusion:
    - { id: E1, title: Cancer, text: No cancer., exclude: exists cancers }
";
    let trial = trial(facts, criteria);
    let policy = "format: eligo/site/1\ntrial: U-1\nvalid_for: { cancers: 1 year }\n";
    let empty = |date: &str| format!("cancers: {{ value: [], {date} source: chart }}\n");
    for (record, wanted) in [
        (empty("date: 2000-01-01,"), "unknown"),
        (empty("date: 2026-11-01,"), "pass"),
        (empty(""), "unknown"),
        ("cancers: []\n".to_owned(), "unknown"),
    ] {
        let report = screened(&trial, Some(policy), &record);
        assert_eq!(verdict(&report, "E1"), wanted, "{record}");
        if wanted == "unknown" {
            assert_eq!(names(&criterion(&report, "E1")["missing"]), ["cancers"]);
        }
        assert_eq!(
            verdict(&screened(&trial, None, &record), "E1"),
            "pass",
            "{record}"
        );
    }
}

#[test]
fn a_drug_is_the_same_however_it_is_written() {
    let trial = trial(
        "
  drugs: { type: list, label: Drugs, ask: Which drugs?, item: { type: text } }
",
        "
  exclusion:
    - { id: E1, title: Warfarin, text: Patients on warfarin., exclude: \"'warfarin' in drugs\" }
",
    );
    for (drugs, wanted) in [
        ("warfarin", "fail"),
        ("Warfarin", "fail"),
        ("' WARFARIN '", "fail"),
        ("ｗａｒｆａｒｉｎ", "fail"),
        ("warfarin sodium", "unknown"),
        ("no warfarin", "unknown"),
        ("aspirin, Warfarin", "fail"),
        ("aspirin", "pass"),
        ("", "pass"),
    ] {
        let report = screened(&trial, None, &format!("drugs: [ {drugs} ]\n"));
        assert_eq!(verdict(&report, "E1"), wanted, "{drugs}");
    }
}

#[test]
fn a_birthday_on_29_february_is_one_day_by_age_and_by_adding() {
    let trial = trial(
        "
  birth_date: { type: date, label: Date of birth, ask: When born? }
",
        "
  inclusion:
    - { id: I1, title: Adult, text: 18 years or older., require: AgeInYears() >= 18 }
    - { id: I2, title: Adult (otherwise), text: 18 years or older., require: birth_date + 18 years <= Today() }
",
    );
    for (day, wanted) in [("2026-02-27", "fail"), ("2026-02-28", "pass")] {
        let scratch = Scratch::new().with("trial.yaml", &trial).with(
            "record.yaml",
            format!("candidate: A\nscreened_on: {day}\nbirth_date: 2008-02-29\n"),
        );
        let arguments = [
            "screen",
            "record.yaml",
            "--trial",
            "trial.yaml",
            "--format",
            "json",
        ];
        let said = scratch.eligo().args(arguments).output().unwrap();
        let report: Json = serde_json::from_slice(&said.stdout).unwrap();
        for id in ["I1", "I2"] {
            assert_eq!(verdict(&report, id), wanted, "{id} on {day}");
        }
    }
}

/// At every hour one of these two zones is on another day than UTC. They are never on the same one.
#[test]
fn today_is_the_day_of_the_named_time_zone() {
    let today = |zone: &str| {
        let said = common::eligo()
            .env("TZ", zone)
            .args(["eval", "Today()"])
            .output()
            .unwrap();
        String::from_utf8(said.stdout).unwrap()
    };
    assert_ne!(today("Pacific/Kiritimati"), today("Pacific/Pago_Pago"));
    let said = common::eligo()
        .env("TZ", "Nowhere/City")
        .args(["eval", "Today()"])
        .output()
        .unwrap();
    assert_eq!(said.status.code(), Some(2));
    let error = String::from_utf8(said.stderr).unwrap();
    assert!(error.contains("`TZ` is `Nowhere/City`"), "{error}");
}

#[test]
fn where_sources_disagree_the_report_says_what_each_has() {
    let trial = trial(WOMEN, FIT_OR_NOT_PREGNANT);
    let record = "sex: male\necog: { missing: conflicting, note: '1 in clinic.yaml; 2 in ward.csv, line 7' }\n";
    let report = screened(&trial, None, record);
    let found = criterion(&report, "I1");
    assert_eq!(found["verdict"], "unknown");
    assert_eq!(
        found["reason"],
        "ECOG: sources disagree (1 in clinic.yaml; 2 in ward.csv, line 7); at most 1 required"
    );
    for list in [&found["missing"][0], &report["next"][0]] {
        assert_eq!(list["cause"], "conflicting");
        assert_eq!(list["note"], "1 in clinic.yaml; 2 in ward.csv, line 7");
    }
    let scratch = Scratch::new().with("trial.yaml", &trial).with(
        "record.yaml",
        format!("candidate: A\nscreened_on: 2026-11-27\n{record}"),
    );
    let screen = ["screen", "record.yaml", "--trial", "trial.yaml"];
    let obtain = "ECOG (sources disagree: 1 in clinic.yaml; 2 in ward.csv, line 7; for I1";
    scratch
        .eligo()
        .args(screen)
        .args(["--width", "140"])
        .assert()
        .code(3)
        .stdout(contains(obtain));
    for sheet in ["html", "markdown"] {
        scratch
            .eligo()
            .args(screen)
            .args(["--format", sheet])
            .assert()
            .code(3)
            .stdout(contains(
                "sources disagree: 1 in clinic.yaml; 2 in ward.csv",
            ));
    }
}
