//! Coverage: what cases reach of verdicts and truths, what cannot be reached, and what `eligo check --coverage` says.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::Scratch;
use eligo::cases;
use eligo::coverage::{self, Report};
use eligo::diagnostic::Source;
use eligo::trial::compile;
use jiff::civil::date;
use predicates::prelude::*;
use predicates::str::contains;

const FACTS: &str = "
  age: { type: integer, label: Age, range: 0..120 }
  fit: { type: boolean, label: Fit }
  smoker: { type: boolean, label: Smoker }
  sex: { type: code, label: Sex, values: { male: male, female: female } }
  began: { type: date, label: Began }
  lines: { type: list, label: Lines, item: { cycles: { type: integer }, done: { type: boolean } } }
";

fn measure(rest: &str, cases_text: &str) -> Report {
    let source = Source::new(
        "trial.yaml",
        format!("format: eligo/trial/1\ntrial: {{ id: T, title: A trial }}\nfacts:{FACTS}\n{rest}"),
    );
    let (trial, _) =
        compile(&source).unwrap_or_else(|problems| panic!("{}", problems[0].one_line()));
    let text = format!(
        "format: eligo/cases/1\nbase:\n  fit: {{ screened_on: 2026-11-20 }}\ncases:\n{cases_text}"
    );
    let suite = cases::read(&Source::new("c.yaml", text), &trial)
        .unwrap_or_else(|problems| panic!("{}", problems[0].one_line()));
    coverage::measure(&source, &trial, &suite, date(2026, 11, 20))
}

/// What is never reached, verdicts and eligibility aside.
fn parts(report: &Report) -> Vec<String> {
    let never = |gap: &coverage::Gap| {
        format!(
            "{} {}: {} never {}",
            gap.owner,
            gap.role,
            gap.expression,
            gap.never.join(", ")
        )
    };
    report
        .unreached
        .iter()
        .filter(|gap| !["verdict", "eligibility"].contains(&gap.role.as_str()))
        .map(never)
        .collect()
}

fn verdicts(report: &Report) -> Vec<String> {
    let wanted = |gap: &&coverage::Gap| gap.role == "verdict" || gap.role == "eligibility";
    report
        .unreached
        .iter()
        .filter(wanted)
        .map(|gap| format!("{} never {}", gap.expression, gap.never.join(", ")))
        .collect()
}

/// A condition in a caution, records, and which truths of which of its parts they do not reach.
#[test]
fn every_part_that_is_true_or_false_counts() {
    let table: [(&str, &[&str], &[&str]); 14] = [
        ("fit", &["fit: yes"], &["fit never false, unknown"]),
        ("fit", &["fit: yes", "fit: no", ""], &[]),
        (
            "not fit",
            &["fit: yes"],
            &["not fit never true, unknown", "fit never false, unknown"],
        ),
        // The first part decides, and the second is looked at all the same.
        (
            "fit or smoker",
            &[
                "fit: yes, smoker: no",
                "smoker: yes",
                "fit: no, smoker: no",
                "fit: no",
            ],
            &[],
        ),
        (
            "age > 5 and smoker",
            &["age: 9, smoker: yes", "age: 1, smoker: no"],
            &[
                "age > 5 and smoker never unknown",
                "age > 5 never unknown",
                "smoker never unknown",
            ],
        ),
        (
            "fit xor smoker",
            &["fit: yes, smoker: no", ""],
            &[
                "fit xor smoker never false",
                "fit never false",
                "smoker never true",
            ],
        ),
        (
            "fit implies smoker",
            &["fit: yes, smoker: yes", ""],
            &[
                "fit implies smoker never false",
                "fit never false",
                "smoker never false",
            ],
        ),
        // Inside a query, for every item.
        (
            "exists (lines L where L.done and L.cycles > 2)",
            &[
                "lines: [ { done: yes, cycles: 3 }, { done: no, cycles: 1 } ]",
                "lines: []",
                "",
            ],
            &[
                "L.done and L.cycles > 2 never unknown",
                "L.done never unknown",
                "L.cycles > 2 never unknown",
            ],
        ),
        (
            "AnyTrue(lines L return L.done)",
            &[
                "lines: [ { done: yes }, { done: no }, {} ]",
                "lines: [ { done: no } ]",
                "",
            ],
            &[],
        ),
        (
            "age between 5 and 9",
            &["age: 5"],
            &["age between 5 and 9 never false, unknown"],
        ),
        (
            "sex in {'male'}",
            &["sex: male", "sex: female"],
            &["sex in {'male'} never unknown"],
        ),
        (
            "began before @2026-01-01",
            &["began: 2025-01-01"],
            &["began before @2026-01-01 never false, unknown"],
        ),
        // The branches that are taken.
        (
            "(if fit then age else 5) > 3",
            &["fit: yes, age: 4", "age: 1", "fit: yes, age: 1"],
            &["fit never false"],
        ),
        (
            "case when fit then smoker when age > 5 then true else false end",
            &["fit: yes, smoker: yes", "fit: yes, smoker: no", "fit: yes"],
            &[
                "fit never false, unknown",
                "age > 5 never true, false, unknown",
                "true never taken",
                "false never taken",
            ],
        ),
    ];
    for (condition, records, wanted) in table {
        let rest = format!(
            "cautions: [ {{ when: \"{condition}\", say: so }} ]\ncriteria: {{ inclusion: [ {{ id: I1, title: T, text: T, require: fit }} ] }}\n"
        );
        let cases: String = records
            .iter()
            .enumerate()
            .map(|(at, record)| format!("  - {{ note: case {at}, set: {{ {record} }}, want: {{ eligibility: undetermined }} }}\n"))
            .collect();
        let found: Vec<String> = parts(&measure(&rest, &cases))
            .iter()
            .filter_map(|part| part.strip_prefix("trial caution 1: ").map(str::to_owned))
            .collect();
        assert_eq!(found, wanted, "{condition}");
    }
}

#[test]
fn what_cannot_be_reached_is_not_asked_for() {
    for condition in [
        "fit is null",
        "age is not null and true",
        "fit ~ smoker",
        "age >= 0",
        "age <= 120",
        "Coalesce(fit, false)",
        "Coalesce(sex, 'male') = 'male'",
        "Today() > @2020-01-01",
    ] {
        let rest = format!(
            "cautions: [ {{ when: \"{condition}\", say: so }} ]\ncriteria: {{ inclusion: [ {{ id: I1, title: T, text: T, require: fit }} ] }}\n"
        );
        let cases = "  - { note: empty, want: { I1: unknown } }\n  - { note: full, set: { fit: yes, age: 9, sex: female, smoker: yes }, want: { I1: pass } }\n  - { note: half, set: { fit: no, smoker: yes, sex: male }, want: { I1: fail } }\n";
        let left = parts(&measure(&rest, cases));
        assert!(
            !left.iter().any(|part| part.contains("unknown")),
            "{condition}: {left:?}"
        );
    }
    // A bound that no plausible value crosses has one truth, beside Unknown.
    let rest = "cautions: [ { when: age > 200, say: so } ]\ncriteria: { inclusion: [ { id: I1, title: T, text: T, require: fit } ] }\n";
    assert_eq!(
        parts(&measure(
            rest,
            "  - { note: n, set: { age: 3, fit: yes }, want: { I1: pass } }\n"
        ))[0],
        "trial caution 1: age > 200 never unknown"
    );
}

#[test]
fn verdicts_readings_and_eligibility_count() {
    let criteria = "
define: { old: { is: age > 60 } }
criteria:
  inclusion:
    - id: I1
      title: T
      text: T
      readings:
        strict: { say: strict, require: fit }
        wide: { say: wide, require: fit or old }
        site: { say: site, by_site_only: true, require: smoker }
  exclusion:
    - { id: E1, title: T, text: T, applies: sex = 'female', any: [ { id: E1a, title: A, exclude: smoker } ] }
";
    let one =
        "  - { note: one, set: { fit: yes, age: 9, sex: male, smoker: no }, want: { I1: pass } }\n";
    let report = measure(criteria, one);
    assert_eq!(
        parts(&report),
        [
            "old definition: age > 60 never true, unknown",
            "I1 reading strict: fit never false, unknown",
            "I1 reading wide: fit or old never false, unknown",
            "I1 reading wide: fit never false, unknown",
            "I1 reading wide: old never true, unknown",
            // Nobody chose this reading.
            "I1 reading site: smoker never true, false, unknown",
            "E1 applies: sex = 'female' never true, unknown",
            "E1a exclude: smoker never true, unknown",
        ]
    );
    assert_eq!(
        verdicts(&report),
        [
            "eligibility never ineligible, undetermined",
            "I1 never fail, unknown",
            "E1 never pass, fail, unknown",
            "E1a never pass, fail, unknown"
        ]
    );
    let pinned = "  - { note: two, set: { fit: no, age: 70, smoker: yes, sex: female }, site: { readings: { I1: site } }, want: { I1: pass, E1: fail } }\n";
    let report = measure(criteria, &format!("{one}{pinned}"));
    assert!(
        parts(&report).contains(&"I1 reading strict: fit never false, unknown".to_owned()),
        "{:?}",
        parts(&report)
    );
    assert!(parts(&report).contains(&"I1 reading site: smoker never false, unknown".to_owned()));
    assert!(parts(&report).contains(&"old definition: age > 60 never unknown".to_owned()));
}

#[test]
fn the_condition_of_a_doubt_counts_once() {
    let rest = "criteria: { inclusion: [ { id: I1, title: T, text: T, require: fit, doubts: [ { id: old, when: age > 60, say: so } ] } ] }\n";
    let case = "  - { note: one, set: { fit: yes, age: 9 }, want: { I1: pass } }\n";
    let report = measure(rest, case);
    assert_eq!(
        parts(&report),
        [
            "I1 require: fit never false, unknown",
            "I1 doubt 1: age > 60 never true, unknown",
        ]
    );
}

#[test]
fn a_truth_that_no_record_can_have_is_named_with_its_reason() {
    let rest = "criteria: { inclusion: [ { id: I1, title: T, text: T, require: fit, cautions: [ { when: fit is null or fit, say: so } ] } ] }\n";
    let cases = "  - { note: yes, set: { fit: yes }, want: { I1: pass } }\n  - { note: no, set: { fit: no }, want: { I1: fail } }\n  - { note: none, want: { I1: unknown } }\n";
    let bare = measure(rest, cases);
    assert_eq!(
        parts(&bare),
        ["I1 caution 1: fit is null or fit never unknown"]
    );
    let named = "unreachable:\n  - { in: I1, expression: fit is null or fit, truth: unknown, why: where it is unknown it is null }\n";
    let report = measure(rest, &format!("{cases}{named}"));
    assert!(report.is_full(), "{:?}", report.unreached);
    assert_eq!(report.excepted[0].why, "where it is unknown it is null");
    let (reached, of) = report.total();
    assert_eq!(reached, of);
    for (entry, message) in [
        ("expression: fit, truth: 'true'", "a case reaches it"),
        (
            "expression: age, truth: unknown",
            "is not among what is to be reached",
        ),
    ] {
        let report = measure(
            rest,
            &format!("{cases}{named}  - {{ in: I1, {entry}, why: no }}\n"),
        );
        assert!(!report.is_full());
        assert!(
            report.problems[0].message.contains(message),
            "{}",
            report.problems[0].message
        );
    }
}

const TRIAL: &str = "format: eligo/trial/1
trial: { id: T, title: A trial }
facts: { ecog: { type: integer, label: ECOG, ask: Which?, range: 0..5 } }
criteria: { inclusion: [ { id: I1, title: ECOG, text: ECOG at most 2, require: ecog <= 2 } ] }
";

#[test]
fn check_lists_what_no_case_reaches() {
    let cases = "format: eligo/cases/1\nbase: { fit: { screened_on: 2026-11-20, ecog: 1 } }\ncases:\n  - { note: one, want: { I1: pass } }\n  - { note: none, unset: [ecog], want: { I1: unknown } }\n";
    let scratch = Scratch::new()
        .with("trial.yaml", TRIAL)
        .with("trial.cases.yaml", cases);
    let wanted = "\
trial.yaml: 1 criteria (1 with their sub-criteria); 1 fact; 0 warnings; 2 of 2 cases passed
coverage: 66 % (6 of 9)
  trial   66 %  2 of 3
  I1      66 %  4 of 6

never reached:
trial.yaml:4:1: trial eligibility is never ineligible
trial.yaml:4:28: I1 verdict is never fail
trial.yaml:4:80: I1 require: `ecog <= 2` is never false
";
    scratch
        .eligo()
        .args(["check", "--coverage", "trial.yaml"])
        .assert()
        .code(1)
        .stderr("")
        .stdout(wanted);
    let more = format!("{cases}  - {{ note: three, set: {{ ecog: 3 }}, want: {{ I1: fail }} }}\n");
    let scratch = Scratch::new()
        .with("trial.yaml", TRIAL)
        .with("trial.cases.yaml", more);
    let full = contains("coverage: 100 % (9 of 9)\n").and(contains("never").not());
    scratch
        .eligo()
        .args(["check", "--coverage", "trial.yaml"])
        .assert()
        .code(0)
        .stdout(full);
}

/// What the trial that comes with the program promises.
#[test]
fn the_cases_of_the_shipped_trial_reach_everything() {
    let source = Source::new("trial.yaml", common::text_of("criteria/nct04546906.yaml"));
    let (trial, _) = compile(&source).unwrap();
    let suite = cases::read(
        &Source::new("c.yaml", common::text_of("criteria/nct04546906.cases.yaml")),
        &trial,
    )
    .unwrap();
    let report = coverage::measure(&source, &trial, &suite, date(2026, 11, 20));
    assert!(report.is_full(), "{}", coverage::table::render(&report));
    assert!(report.total().1 > 1_000);
    assert_eq!(
        report
            .parts
            .iter()
            .filter(|part| part.reached == part.of)
            .count(),
        trial.criteria.len() + 2
    );
}

#[test]
fn the_same_cases_give_the_same_bytes() {
    let cases = "format: eligo/cases/1\nbase: { fit: { screened_on: 2026-11-20, ecog: 1 } }\ncases:\n  - { note: one, want: { I1: pass } }\n";
    let scratch = Scratch::new()
        .with("trial.yaml", TRIAL)
        .with("trial.cases.yaml", cases);
    let once = || {
        let output = scratch
            .eligo()
            .args(["check", "--coverage", "--mutate", "trial.yaml"])
            .output()
            .unwrap();
        (output.status.code(), output.stdout)
    };
    let (code, out) = once();
    assert_eq!(code, Some(1));
    assert_eq!((code, out), once());
}
