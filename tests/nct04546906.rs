//! Records that version 1 of the trial file screened wrongly or in silence, with what is right of them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{criterion, report};
use serde_json::Value as Json;

fn screened(record: &str) -> Json {
    report(&[&format!("tests/data/nct04546906/{record}.yaml")])
}

fn verdict(report: &Json, id: &str) -> String {
    criterion(report, id)["verdict"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn cautions(part: &Json) -> String {
    part["cautions"].to_string()
}

#[test]
fn p01_a_marrow_count_older_than_the_relapse_contradicts_nothing() {
    let report = screened("p01");
    assert_eq!(verdict(&report, "I1a"), "pass");
    assert_eq!(report["eligibility"], "eligible");
    assert!(cautions(criterion(&report, "I1a")).contains("older than the relapse"));
}

#[test]
fn p02_a_bound_that_may_be_exactly_five_percent_leaves_it_open() {
    let report = screened("p02");
    assert_eq!(verdict(&report, "I1"), "unknown");
    let doubts = criterion(&report, "I1a")["doubts"].to_string();
    assert!(doubts.contains("exactly_five_percent"), "{doubts}");
}

#[test]
fn p03_a_girl_before_her_first_menstruation_is_not_asked_about_breast_feeding() {
    let report = screened("p03");
    assert_eq!(verdict(&report, "E9b"), "not_applicable");
    assert_eq!(verdict(&report, "E9"), "pass");
}

#[test]
fn p04_a_negative_marrow_of_last_week_outdates_a_positive_blood_of_2023() {
    assert_eq!(verdict(&screened("p04"), "I2"), "fail");
}

#[test]
fn p05_a_reactive_hiv_test_without_a_status_is_named() {
    let report = screened("p05");
    assert_eq!(verdict(&report, "E7"), "unknown");
    let reason = criterion(&report, "E7a")["reason"].to_string();
    assert!(
        reason.contains("HIV antigen/antibody test: reactive"),
        "{reason}"
    );
}

#[test]
fn p06_a_birth_year_that_may_be_too_old_is_pointed_out() {
    let said = cautions(&screened("p06"));
    assert!(
        said.contains("outside 2 to 70 years") && said.contains("may"),
        "{said}"
    );
}

#[test]
fn p07_a_result_without_a_date_beside_a_dated_relapse_is_pointed_out() {
    let report = screened("p07");
    let said = cautions(criterion(&report, "I2"));
    assert!(
        said.contains("only one of the CD22 result and the relapse has a date"),
        "{said}"
    );
}

#[test]
fn p08_a_removed_testis_denies_no_relapse_outside_the_marrow() {
    let report = screened("p08");
    assert_eq!(verdict(&report, "I1a"), "pass");
    assert_eq!(verdict(&report, "I3"), "fail");
}

#[test]
fn p09_a_viral_load_of_320_is_detected() {
    assert_eq!(verdict(&screened("p09"), "E6"), "fail");
}

#[test]
fn p10_cd22_from_before_inotuzumab_leaves_it_open() {
    let report = screened("p10");
    assert_eq!(verdict(&report, "I2"), "unknown");
    assert_eq!(report["eligibility"], "undetermined");
    let i2 = criterion(&report, "I2");
    assert!(i2["doubts"].to_string().contains("cd22_directed_drug"));
    assert!(!i2["reason"].to_string().contains("contradicts"));
}
