//! `eligo check`: exit codes, several files at once, and the cases beside a trial file.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{Scratch, eligo};
use predicates::prelude::*;
use predicates::str::contains;

const TRIAL: &str = "\
format: eligo/trial/1
trial: { id: T1, title: A trial }
facts: { ecog: { type: integer, label: ECOG, ask: Which score?, range: 0..5 } }
criteria: { inclusion: [ { id: I1, title: ECOG, text: ECOG at most 2, require: ecog <= 2 } ] }
";

const WRONG: &str = "format: eligo/trial/1\ntrial: { id: T1, title: A trial }\nfacts: {}\n";

/// A file of cases with one case.
fn cases(case: &str) -> String {
    format!(
        "format: eligo/cases/1\nbase:\n  fit: {{ ecog: 1 }}\ncases:\n  - note: the case in question\n    {}\n",
        case.replace('\n', "\n    ")
    )
}

/// A trial file and its cases.
fn beside(case: &str) -> Scratch {
    Scratch::new()
        .with("trial.yaml", TRIAL)
        .with("trial.cases.yaml", cases(case))
}

#[test]
fn the_trial_that_comes_with_the_program_is_right() {
    let all_passed = predicate::str::is_match(r"(\d+) of (\d+) cases")
        .unwrap()
        .and(contains("0 warnings"));
    eligo()
        .args(["check", "criteria/nct04546906.yaml"])
        .assert()
        .code(0)
        .stderr("")
        .stdout(all_passed);
}

#[test]
fn the_exit_code_is_that_of_the_worst_file() {
    let scratch = Scratch::new()
        .with("right.yaml", TRIAL)
        .with("wrong.yaml", WRONG);
    scratch
        .eligo()
        .args(["check", "right.yaml"])
        .assert()
        .code(0)
        .stderr("")
        .stdout(contains("right.yaml"));
    scratch
        .eligo()
        .args(["check", "wrong.yaml"])
        .assert()
        .code(2)
        .stderr(contains("`criteria`"));
    scratch
        .eligo()
        .args(["check", "missing.yaml"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("`missing.yaml`"));
    scratch
        .eligo()
        .args(["check", "."])
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("directory"));
    // Every file is looked at, whatever the one before it was.
    let both = || contains("right.yaml").and(contains("wrong.yaml"));
    scratch
        .eligo()
        .args(["check", "wrong.yaml", "right.yaml"])
        .assert()
        .code(2)
        .stdout(both());
    scratch
        .eligo()
        .args(["check", "missing.yaml", "wrong.yaml", "right.yaml"])
        .assert()
        .code(2)
        .stdout(both());
}

#[test]
fn a_file_that_is_not_text_cannot_be_checked() {
    let scratch = Scratch::new().with("trial.yaml", b"format: \xff\n");
    scratch
        .eligo()
        .args(["check", "trial.yaml"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("trial.yaml:1:9").and(contains("UTF-8")));
}

#[test]
fn a_trial_file_without_cases_is_right_and_says_so() {
    let scratch = Scratch::new().with("trial.yaml", TRIAL);
    scratch
        .eligo()
        .args(["check", "trial.yaml"])
        .assert()
        .code(0)
        .stderr("")
        .stdout(contains("no cases").and(contains("trial.cases.yaml")));
}

#[test]
fn a_case_that_gets_what_it_wants_passes() {
    let scratch = beside("set: { ecog: 2 }\nwant: { I1: pass, eligibility: eligible }");
    scratch
        .eligo()
        .args(["check", "trial.yaml"])
        .assert()
        .code(0)
        .stderr("")
        .stdout(contains("1 of 1 cases"));
}

#[test]
fn a_case_that_wants_another_verdict_fails_and_says_what_was_found() {
    let scratch = beside("set: { ecog: 3 }\nwant: { I1: pass }");
    let found = contains("trial.cases.yaml:7:")
        .and(contains("the case in question"))
        .and(contains("I1"))
        .and(contains("fail"));
    scratch
        .eligo()
        .args(["check", "trial.yaml"])
        .assert()
        .code(2)
        .stderr(found)
        .stdout(contains("0 of 1 cases"));
}

#[test]
fn a_case_that_wants_another_eligibility_fails_and_says_what_was_found() {
    let scratch = beside("unset: [ecog]\nwant: { eligibility: eligible }");
    scratch
        .eligo()
        .args(["check", "trial.yaml"])
        .assert()
        .code(2)
        .stderr(contains("trial.cases.yaml:7:").and(contains("undetermined")));
}

#[test]
fn a_case_that_wants_other_words_fails_and_shows_the_reason() {
    let scratch = beside("want: { I1: pass }\nreason: { I1: at most 7 }");
    scratch
        .eligo()
        .args(["check", "trial.yaml"])
        .assert()
        .code(2)
        .stderr(contains("at most 7").and(contains("at most 2")));
}

#[test]
fn a_case_may_want_its_record_refused() {
    beside("set: { ecog: 7 }\nerror: 0..5")
        .eligo()
        .args(["check", "trial.yaml"])
        .assert()
        .code(0)
        .stderr(contains("error").not());
    beside("set: { ecog: 2 }\nerror: 0..5")
        .eligo()
        .args(["check", "trial.yaml"])
        .assert()
        .code(2)
        .stderr(contains("trial.cases.yaml:7:"));
    // A record that is refused although a verdict is wanted is a failed case.
    beside("set: { ecog: 7 }\nwant: { I1: fail }")
        .eligo()
        .args(["check", "trial.yaml"])
        .assert()
        .code(2)
        .stderr(contains("0..5"));
}

#[test]
fn a_mistake_in_the_cases_is_shown_with_its_place() {
    let wrong = [
        ("want: { I9: pass }", "trial.cases.yaml:6:13", "`I9`"),
        ("want: { I1: passed }", "trial.cases.yaml:6:17", "`pass`"),
        ("wants: { I1: pass }", "trial.cases.yaml:6:5", "`want`"),
        (
            "base: unfit\nwant: { I1: pass }",
            "trial.cases.yaml:6:11",
            "`fit`",
        ),
    ];
    for (case, place, words) in wrong {
        beside(case)
            .eligo()
            .args(["check", "trial.yaml"])
            .assert()
            .code(2)
            .stderr(contains(place).and(contains(words)));
    }
}
