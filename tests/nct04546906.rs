//! Records that version 1 of the trial file screened wrongly or in silence, with what is right of them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{Scratch, criterion, report};
use predicates::prelude::*;
use predicates::str::contains;
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

fn screened_as(record: &str, site: &str) -> Json {
    let scratch = Scratch::new()
        .with("record.yaml", record)
        .with("site.yaml", format!("format: eligo/site/1\n{site}\n"));
    let output = scratch
        .eligo()
        .args(["screen", "record.yaml", "--site", "site.yaml"])
        .args(["--format", "json"])
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn names<'a>(entries: &'a Json, key: &str) -> Vec<&'a str> {
    let entries = entries.as_array().unwrap().iter();
    entries.filter_map(|one| one[key].as_str()).collect()
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

// Questions of one criterion

/// In remission by an allogeneic transplant, then relapsed.
const ALLOGRAFT: &str =
    "screened_on: 2026-11-20\nremission: { achieved: yes, by: [allogeneic_sct] }\n";

#[test]
fn a_patient_without_mrd_is_shown_the_question_of_the_remission_alone() {
    let record = format!("{ALLOGRAFT}relapse: {{ type: marrow }}\nhistory: []\n");
    let report = screened_as(&record, "readings: {}");
    let i1a = criterion(&report, "I1a");
    assert_eq!(names(&i1a["questions"], "name"), ["which_remission"]);
    assert_eq!(
        names(&i1a["questions"][0]["readings"], "verdict"),
        ["fail", "fail", "pass"]
    );
}

#[test]
fn what_only_a_ruling_settles_waits_for_no_fact() {
    // Earlier episodes would answer one reading, and the others already disagree.
    let report = screened_as(
        &format!("{ALLOGRAFT}relapse: {{ type: marrow }}\n"),
        "readings: {}",
    );
    let i1a = criterion(&report, "I1a");
    assert_eq!(i1a["verdict"], "unknown");
    assert_eq!(i1a["missing"], serde_json::json!([]));
    assert!(!names(&report["next"], "fact").contains(&"history"));
    // Pinned, that reading waits for them.
    let report = screened_as(
        &format!("{ALLOGRAFT}relapse: {{ type: marrow }}\n"),
        "readings: { I1a: any_episode }",
    );
    assert!(names(&report["next"], "fact").contains(&"history"));
}

#[test]
fn each_question_is_pinned_by_itself() {
    let record = format!("{ALLOGRAFT}relapse: {{ type: mrd_persisting }}\nhistory: []\n");
    for (site, verdict, open) in [
        ("", "unknown", &["which_remission", "which_relapse"][..]),
        (
            "I1a.which_remission: any_means",
            "unknown",
            &["which_relapse"],
        ),
        (
            "I1a.which_relapse: persisting_mrd_counts",
            "unknown",
            &["which_remission"],
        ),
        ("I1a.which_remission: as_written", "fail", &[]),
        (
            "I1a.which_remission: any_means, I1a.which_relapse: persisting_mrd_counts",
            "pass",
            &[],
        ),
    ] {
        let report = screened_as(&record, &format!("readings: {{ {site} }}"));
        let i1a = criterion(&report, "I1a");
        assert_eq!(i1a["verdict"], verdict, "{site}");
        let found = i1a.get("questions").map(|open| names(open, "name"));
        assert_eq!(found.unwrap_or_default(), open, "{site}");
    }
}

#[test]
fn an_earlier_remission_counts_where_a_site_takes_any_episode() {
    let record = "screened_on: 2026-11-20\nremission: { achieved: yes, by: [car_t] }\nrelapse: { type: marrow }\n\
                  history: [ { event: remission, means: chemotherapy } ]\n";
    for (reading, verdict) in [
        ("as_written", "fail"),
        ("any_episode", "pass"),
        ("any_means", "pass"),
    ] {
        let report = screened_as(record, &format!("readings: {{ I1a: {reading} }}"));
        assert_eq!(criterion(&report, "I1a")["verdict"], verdict, "{reading}");
    }
}

#[test]
fn a_reading_of_version_1_that_answered_two_questions_is_refused_with_the_names_of_today() {
    let scratch = Scratch::new().with("record.yaml", "ecog: 1\n").with(
        "site.yaml",
        "format: eligo/site/1\nreadings: { I1b: two_or_more_mrd_counts }\n",
    );
    scratch
        .eligo()
        .args(["screen", "record.yaml", "--site", "site.yaml"])
        .assert()
        .code(2)
        .stderr(contains("`two_or_more`").and(contains("`is_no_remission`")));
}

// What to obtain

#[test]
fn the_work_up_begins_with_the_diagnosis_and_ends_with_the_consent() {
    let report = screened_as("screened_on: 2026-11-20\n", "readings: {}");
    let next = report["next"].as_array().unwrap();
    let stages = names(&report["next"], "stage");
    assert_eq!(stages.len(), next.len(), "every fact has a stage");
    assert_eq!(next[0]["fact"], "diagnosis");
    let laboratory = next
        .iter()
        .find(|one| one["stage"] == "laboratory")
        .unwrap();
    assert_eq!(laboratory["fact"], "cd22");
    let obtain = laboratory["obtain"].as_str().unwrap();
    assert!(
        obtain.contains("flow cytometry of marrow or peripheral blood"),
        "{obtain}"
    );
    assert_eq!(next.last().unwrap()["fact"], "consent");
    let order = [
        "chart",
        "interview",
        "laboratory",
        "procedure",
        "judgement",
        "consent",
    ];
    let place = |stage: &&str| order.iter().position(|one| one == stage);
    assert!(stages.is_sorted_by_key(place), "{stages:?}");
}

#[test]
fn what_was_answered_is_not_asked_again_but_ruled() {
    for (facts, id) in [
        ("autoimmune: { status: gvhd }", "E5a"),
        ("hepatitis: { hbv_dna: detected_below_lloq }", "E6a"),
        ("hepatitis: { hcv_rna: detected_below_lloq }", "E6b"),
        (
            "infection: { status: neutropenic_fever, serious: yes, persistent: no }",
            "E4",
        ),
        ("addiction: tobacco_only\ninvestigator_concern: no", "E10d"),
    ] {
        let record = format!("screened_on: 2026-11-20\n{facts}\n");
        let report = screened_as(&record, "readings: {}");
        let part = criterion(&report, id);
        assert_eq!(part["verdict"], "unknown", "{id}");
        assert_eq!(part["missing"], serde_json::json!([]), "{id}");
        assert!(names(&report["rulings"], "criterion").contains(&id), "{id}");
    }
}
