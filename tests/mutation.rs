//! Mutation: which changes are made to a rule, which of them cases notice, and what `eligo check --mutate` says.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::Scratch;
use eligo::cases;
use eligo::diagnostic::Source;
use eligo::mutation::{self, Kind, Limits, Report};
use eligo::trial::compile;
use jiff::civil::date;
use predicates::prelude::*;
use predicates::str::contains;

const FACTS: &str = "
  birth_date: { type: date, label: Birth }
  age: { type: integer, label: Age }
  fit: { type: boolean, label: Fit }
  smoker: { type: boolean, label: Smoker }
  state: { type: code, label: State, values: { none: none, early: early, late: late, unsure: { label: unsure, unclear: true } } }
  dose: { type: quantity, label: Dose, unit: mg, units: { g: 1000 } }
  ratio: { type: decimal, label: Ratio }
  survival: { type: duration, label: Survival }
  seen: { type: date, label: Seen }
  began: { type: date, label: Began }
  alt: { type: quantity, label: ALT, unit: U/L }
  lines: { type: list, label: Lines, item: { kind: { type: code, values: { drug: drug, rays: rays } }, cycles: { type: integer }, ended: { type: date }, done: { type: boolean } } }
";

/// A trial file of some criteria.
fn trial_file(define: &str, criteria: &str) -> String {
    format!(
        "format: eligo/trial/1\ntrial: {{ id: T, title: A trial }}\nfacts:{FACTS}{define}\ncriteria:\n{criteria}"
    )
}

fn cases_file(cases: &str) -> String {
    format!("format: eligo/cases/1\nbase:\n  fit: {{ screened_on: 2026-11-20 }}\ncases:\n{cases}")
}

fn run(trial: &str, cases_text: &str) -> Report {
    let source = Source::new("trial.yaml", trial);
    let (trial, _) =
        compile(&source).unwrap_or_else(|problems| panic!("{}", problems[0].one_line()));
    let cases_source = Source::new("trial.cases.yaml", cases_text);
    let suite = cases::read(&cases_source, &trial)
        .unwrap_or_else(|problems| panic!("{}", problems[0].one_line()));
    let results = suite.run(&trial, date(2026, 11, 20));
    assert!(
        results.failures.is_empty(),
        "{}",
        results.failures[0].one_line()
    );
    mutation::run(
        &source,
        &trial,
        &suite,
        date(2026, 11, 20),
        Limits::default(),
    )
}

/// What a change is, as `before → after`.
fn survivors(report: &Report) -> Vec<String> {
    report
        .survivors
        .iter()
        .map(|change| {
            format!(
                "{} → {}",
                change.before,
                change.after.as_deref().unwrap_or("left out")
            )
        })
        .collect()
}

/// Every change of a condition: those of a caution at which no case looks, but for leaving it out.
fn changes(condition: &str) -> Vec<String> {
    let quoted = condition.replace('"', "\\\"");
    let criteria = format!(
        "  inclusion: [ {{ id: I1, title: T, text: T, require: fit, cautions: [ {{ when: \"{quoted}\", say: so }} ] }} ]\n"
    );
    let cases = cases_file(
        "  - { note: yes, set: { fit: yes }, want: { I1: pass } }\n  - { note: no, set: { fit: no }, want: { I1: fail } }\n",
    );
    let report = run(&trial_file("", &criteria), &cases);
    let after = |change: &mutation::Change| change.after.clone();
    report
        .survivors
        .iter()
        .filter(|change| change.role == "caution 1" && change.kind != Kind::Caution)
        .filter_map(after)
        .collect()
}

#[test]
fn every_operator_has_its_changes() {
    let table: [(&str, &[&str]); 45] = [
        ("age < 2", &["age <= 2", "age > 2", "age < 1", "age < 3"]),
        ("age <= 2", &["age < 2", "age >= 2", "age <= 1", "age <= 3"]),
        ("age > 2", &["age >= 2", "age < 2", "age > 1", "age > 3"]),
        ("age >= 2", &["age > 2", "age <= 2", "age >= 1", "age >= 3"]),
        ("age = 2", &["age != 2", "age = 1", "age = 3"]),
        ("age != 2", &["age = 2", "age != 1", "age != 3"]),
        ("age ~ 2", &["age !~ 2", "age ~ 1", "age ~ 3"]),
        (
            "ratio > 0.50",
            &[
                "ratio >= 0.50",
                "ratio < 0.50",
                "ratio > 0.49",
                "ratio > 0.51",
            ],
        ),
        (
            "dose < 5 'mg'",
            &[
                "dose <= 5 'mg'",
                "dose > 5 'mg'",
                "dose < 4 'mg'",
                "dose < 6 'mg'",
                "dose < 5 'g'",
            ],
        ),
        (
            "survival > 3 months",
            &[
                "survival >= 3 months",
                "survival < 3 months",
                "survival > 2 months",
                "survival > 4 months",
                "survival > 3 years",
                "survival > 3 weeks",
            ],
        ),
        (
            "seen < @2026-03-01",
            &[
                "seen <= @2026-03-01",
                "seen > @2026-03-01",
                "seen < @2026-02-28",
                "seen < @2026-03-02",
            ],
        ),
        (
            "age between 1 and 5",
            &[
                "age between 0 and 5",
                "age between 2 and 5",
                "age between 1 and 4",
                "age between 1 and 6",
            ],
        ),
        (
            "age in Interval[1, 5)",
            &[
                "not (age in Interval[1, 5))",
                "age in Interval(1, 5)",
                "age in Interval[0, 5)",
                "age in Interval[2, 5)",
                "age in Interval[1, 4)",
                "age in Interval[1, 6)",
                "age in Interval[1, 5]",
            ],
        ),
        (
            "age in Interval[1, null]",
            &[
                "not (age in Interval[1, null])",
                "age in Interval(1, null]",
                "age in Interval[0, null]",
                "age in Interval[2, null]",
            ],
        ),
        ("fit", &["not (fit)"]),
        ("not fit", &["fit"]),
        (
            "fit and smoker",
            &[
                "smoker",
                "not (fit)",
                "fit or smoker",
                "fit",
                "not (smoker)",
            ],
        ),
        (
            "fit or smoker",
            &[
                "smoker",
                "not (fit)",
                "fit and smoker",
                "fit",
                "not (smoker)",
            ],
        ),
        (
            "fit xor smoker",
            &["not (fit)", "fit or smoker", "not (smoker)"],
        ),
        (
            "fit implies smoker",
            &["not (fit)", "fit and smoker", "not (smoker)"],
        ),
        (
            "state = 'early'",
            &[
                "state in {'early', 'none'}",
                "state in {'early', 'late'}",
                "state != 'early'",
                "state = 'late'",
            ],
        ),
        (
            "state = 'unsure'",
            &[
                "state in {'unsure', 'none'}",
                "state in {'unsure', 'early'}",
                "state in {'unsure', 'late'}",
                "state != 'unsure'",
                "state = 'none'",
            ],
        ),
        (
            "state in {'none', 'early'}",
            &[
                "not (state in {'none', 'early'})",
                "state in {'early'}",
                "state in {'late', 'early'}",
                "state in {'none'}",
                "state in {'none', 'late'}",
                "state in {'none', 'early', 'late'}",
            ],
        ),
        ("fit is null", &["fit is not null"]),
        ("fit is not true", &["fit is true"]),
        (
            "seen before began",
            &["seen after began", "seen on or before began"],
        ),
        (
            "seen on or after began",
            &["seen on or before began", "seen after began"],
        ),
        ("seen same day as began", &["seen on or before began"]),
        (
            "seen 4 weeks or more before began",
            &[
                "seen 4 weeks or more after began",
                "seen more than 4 weeks before began",
                "seen 3 weeks or more before began",
                "seen 5 weeks or more before began",
                "seen 4 months or more before began",
                "seen 4 days or more before began",
            ],
        ),
        (
            "seen less than 4 days after began",
            &[
                "seen less than 4 days before began",
                "seen less than 4 days on or after began",
                "seen 4 days or less after began",
                "seen less than 3 days after began",
                "seen less than 5 days after began",
                "seen less than 4 weeks after began",
            ],
        ),
        (
            "seen within 2 days of began",
            &[
                "seen within 1 day of began",
                "seen within 3 days of began",
                "seen within 2 weeks of began",
            ],
        ),
        (
            "days between seen and began > 1",
            &[
                "weeks between seen and began > 1",
                "days between seen and began >= 1",
                "days between seen and began < 1",
                "days between seen and began > 0",
                "days between seen and began > 2",
            ],
        ),
        (
            "AgeInYears() < 18",
            &[
                "AgeInMonths() < 18",
                "AgeInYears() <= 18",
                "AgeInYears() > 18",
                "AgeInYears() < 17",
                "AgeInYears() < 19",
            ],
        ),
        ("exists lines", &["not (exists lines)"]),
        (
            "exists (lines L where L.done)",
            &[
                "not (exists (lines L where L.done))",
                "(lines L)",
                "not (L.done)",
            ],
        ),
        (
            "First(lines L sort by ended).done",
            &[
                "not (First(lines L sort by ended).done)",
                "Last(lines L sort by ended).done",
            ],
        ),
        (
            "Min(lines L return L.cycles) > age",
            &[
                "Max(lines L return L.cycles) > age",
                "Min(lines L return L.cycles) >= age",
                "Min(lines L return L.cycles) < age",
            ],
        ),
        (
            "Avg(lines L return L.cycles) > age",
            &[
                "Median(lines L return L.cycles) > age",
                "Avg(lines L return L.cycles) >= age",
                "Avg(lines L return L.cycles) < age",
            ],
        ),
        (
            "Median(lines L return L.cycles) > age",
            &[
                "Avg(lines L return L.cycles) > age",
                "Median(lines L return L.cycles) >= age",
                "Median(lines L return L.cycles) < age",
            ],
        ),
        (
            "AllTrue(lines L return L.done)",
            &[
                "not (AllTrue(lines L return L.done))",
                "AnyTrue(lines L return L.done)",
            ],
        ),
        (
            "age + 1 > age",
            &[
                "age - 1 > age",
                "age + 0 > age",
                "age + 2 > age",
                "age + 1 >= age",
                "age + 1 < age",
            ],
        ),
        (
            "alt > 2 * alt.uln",
            &[
                "alt >= 2 * alt.uln",
                "alt < 2 * alt.uln",
                "alt > 1 * alt.uln",
                "alt > 3 * alt.uln",
                "alt > 2 * alt.lln",
            ],
        ),
        (
            "if fit then smoker else age > age",
            &[
                "not (fit)",
                "if fit then age > age else smoker",
                "not (smoker)",
                "age >= age",
                "age < age",
            ],
        ),
        (
            "case when fit then age when smoker then 1 else 2 end > age",
            &[
                "case when fit then age when smoker then 1 else 2 end >= age",
                "case when fit then age when smoker then 1 else 2 end < age",
                "case when smoker then 1 else 2 end",
                "not (fit)",
                "case when fit then age else 2 end",
                "not (smoker)",
                "case when fit then age when smoker then 0 else 2 end",
                "case when fit then age when smoker then 2 else 2 end",
                "case when fit then age when smoker then 1 else 1 end",
                "case when fit then age when smoker then 1 else 3 end",
            ],
        ),
        ("fit = true", &["fit != true", "fit = false"]),
    ];
    for (condition, wanted) in table {
        let (mut found, mut wanted): (Vec<String>, Vec<String>) = (
            changes(condition),
            wanted.iter().map(|one| (*one).to_owned()).collect(),
        );
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted, "{condition}");
    }
}

/// A rule, cases, and what they leave.
#[test]
fn cases_notice_what_they_look_at() {
    let one = |require: &str| {
        format!("  inclusion: [ {{ id: I1, title: T, text: T, require: \"{require}\" }} ]\n")
    };
    let table: [(&str, &str, &[&str]); 6] = [
        (
            "age <= 2",
            "  - { note: one, set: { age: 1 }, want: { I1: pass } }\n",
            &[
                "age <= 2 → age < 2",
                "age <= 2 → age <= 1",
                "age <= 2 → age <= 3",
            ],
        ),
        (
            "age <= 2",
            "  - { note: two, set: { age: 2 }, want: { I1: pass } }\n  - { note: three, set: { age: 3 }, want: { eligibility: ineligible } }\n",
            &[],
        ),
        (
            "fit and smoker",
            "  - { note: both, set: { fit: yes, smoker: yes }, want: { I1: pass } }\n",
            &[
                "fit and smoker → smoker",
                "fit and smoker → fit",
                "fit and smoker → fit or smoker",
            ],
        ),
        (
            "fit and smoker",
            "  - { note: both, set: { fit: yes, smoker: yes }, want: { I1: pass } }\n  - { note: one, set: { fit: yes, smoker: no }, want: { I1: fail } }\n  - { note: other, set: { fit: no, smoker: yes }, want: { I1: fail } }\n",
            &[],
        ),
        // What a case wants of a reason, or to be obtained, says nothing of the rule.
        (
            "age <= 2",
            "  - { note: none, want: { I1: unknown }, next: [ age ], reason: { I1: Age } }\n",
            &[
                "age <= 2 → age < 2",
                "age <= 2 → age >= 2",
                "age <= 2 → age <= 1",
                "age <= 2 → age <= 3",
            ],
        ),
        // A rule may not ask for an unclear value; nor may a changed one.
        (
            "state = 'early'",
            "  - { note: early, set: { state: early }, want: { I1: pass } }\n",
            &[
                "state = 'early' → state in {'early', 'none'}",
                "state = 'early' → state in {'early', 'late'}",
            ],
        ),
    ];
    for (require, cases, wanted) in table {
        assert_eq!(
            survivors(&run(&trial_file("", &one(require)), &cases_file(cases))),
            wanted,
            "{require}\n{cases}"
        );
    }
}

#[test]
fn the_shape_of_a_criterion_is_changed_too() {
    let criteria = "  inclusion:
    - id: I1
      title: T
      text: T
      applies: smoker
      require: age > 1
      at_least: { n: 2, of: [ { id: I1a, title: A, require: fit }, { id: I1b, title: B, require: dose > 1 'mg' }, { id: I1c, title: C, require: ratio > 1 } ] }
    - id: I2
      title: T
      text: T
      readings:
        narrow: { say: narrow, require: fit }
        wide: { say: wide, require: smoker }
        site: { say: site, by_site_only: true, require: age > 3 }
      conflicts: [ { when: seen before began, say: no } ]
      cautions: [ { when: age > 90, say: old } ]
  exclusion:
    - { id: E1, title: T, text: T, any: [ { id: E1a, title: A, exclude: age > 5 }, { id: E1b, title: B, exclude: age > 6 } ] }
";
    let report = run(
        &trial_file("", criteria),
        &cases_file("  - { note: nothing, want: { eligibility: undetermined } }\n"),
    );
    let found: Vec<String> = report
        .survivors
        .iter()
        .filter(|change| {
            matches!(
                change.kind,
                Kind::Need
                    | Kind::SubCriterion
                    | Kind::Applies
                    | Kind::Reading
                    | Kind::Conflict
                    | Kind::Caution
                    | Kind::Clause
            )
        })
        .map(|change| {
            format!(
                "{} {} {} {} → {}",
                change.line,
                change.owner,
                change.role,
                change.before,
                change.after.as_deref().unwrap_or("left out")
            )
        })
        .collect();
    let line = |text: &str| {
        trial_file("", criteria)
            .lines()
            .position(|line| line.contains(text))
            .unwrap()
            + 1
    };
    let at = |text: &str, what: &str| format!("{} {what}", line(text));
    let of = "at_least";
    assert_eq!(
        found,
        [
            at("applies:", "I1 applies smoker → left out"),
            at(
                "require: age > 1",
                "I1 its own condition age > 1 → left out"
            ),
            at(of, "I1 sub-criteria at_least 2 → at_least 1"),
            at(of, "I1 sub-criteria at_least 2 → at_least 3"),
            at(of, "I1 sub-criteria I1a → left out"),
            at(of, "I1 sub-criteria I1b → left out"),
            at(of, "I1 sub-criteria I1c → left out"),
            at("narrow:", "I2 reading narrow narrow → left out"),
            at("wide:", "I2 reading wide wide → left out"),
            at("conflicts:", "I2 conflict 1 seen before began → left out"),
            at("cautions:", "I2 caution 1 age > 90 → left out"),
            at("E1a", "E1 sub-criteria any → all"),
            at("E1a", "E1 sub-criteria E1a → left out"),
            at("E1a", "E1 sub-criteria E1b → left out"),
        ]
    );
}

#[test]
fn a_criterion_of_another_shape_is_noticed_by_its_verdict() {
    let criteria = "  inclusion: [ { id: I1, title: T, text: T, any: [ { id: I1a, title: A, require: fit }, { id: I1b, title: B, require: smoker } ] } ]\n";
    let kinds = |cases: &str| -> Vec<String> {
        let report = run(&trial_file("", criteria), &cases_file(cases));
        survivors(&report)
            .into_iter()
            .filter(|change| !change.contains("not ("))
            .collect()
    };
    let yes_no =
        "  - { note: one, set: { fit: yes, smoker: no }, want: { I1: pass, I1b: fail } }\n";
    let no_yes =
        "  - { note: other, set: { fit: no, smoker: yes }, want: { I1: pass, I1a: fail } }\n";
    assert_eq!(kinds(yes_no), ["I1b → left out"]);
    assert_eq!(kinds(&format!("{yes_no}{no_yes}")), Vec::<String>::new());
}

#[test]
fn definitions_are_changed_for_all_that_use_them() {
    let define = "define:\n  old: { is: age > 60 }\n  frail: { is: old and not fit }";
    let criteria = "  exclusion: [ { id: E1, title: T, text: T, exclude: frail } ]\ncautions: [ { when: old, say: old } ]\n";
    let cases = "  - { note: frail, set: { age: 61, fit: no }, want: { E1: fail }, cautions: { trial: [old] } }\n  - { note: young, set: { age: 60, fit: no }, want: { E1: pass } }\n";
    let report = run(&trial_file(define, criteria), &cases_file(cases));
    assert_eq!(survivors(&report), ["old and not fit → old"]);
    // The caution of the trial looks at `old` too.
    let report = run(
        &trial_file(define, criteria),
        &cases_file("  - { note: frail, set: { age: 61 }, cautions: { trial: [old] } }\n"),
    );
    assert!(
        !survivors(&report).contains(&"age > 60 → age < 60".to_owned()),
        "{:?}",
        survivors(&report)
    );
}

#[test]
fn a_case_says_which_cautions_are_not_raised() {
    let criteria = "  inclusion: [ { id: I1, title: T, text: T, require: fit, cautions: [ { when: age > 60, say: old }, { when: age > 80, say: very aged } ] } ]\n";
    let left = |wants: &str| {
        let cases = format!(
            "  - {{ note: fit, set: {{ fit: yes, age: 60 }}, want: {{ I1: pass }} }}\n  - {{ note: unfit, set: {{ fit: no, age: 61 }}, want: {{ I1: fail }}, {wants} }}\n"
        );
        survivors(&run(&trial_file("", criteria), &cases_file(&cases)))
    };
    // One caution with these words, whatever else is raised; these and no others; none.
    assert!(left("cautions: { I1: old }").contains(&"age > 80 → age < 80".to_owned()));
    assert!(!left("cautions: { I1: [old] }").contains(&"age > 80 → age < 80".to_owned()));
    assert!(left("cautions: { I1: [old] }").contains(&"age > 60 → age >= 60".to_owned()));
}

#[test]
fn a_change_that_changes_nothing_is_named_with_its_reason() {
    let criteria =
        "  inclusion: [ { id: I1, title: T, text: T, require: \"age > 2 or age > 5\" } ]\n";
    let cases = "  - { note: two, set: { age: 2 }, want: { I1: fail } }\n  - { note: three, set: { age: 3 }, want: { I1: pass } }\n  - { note: many, set: { age: 9 }, want: { I1: pass } }\n";
    let bare = run(&trial_file("", criteria), &cases_file(cases));
    assert_eq!(
        survivors(&bare),
        [
            "age > 2 or age > 5 → age > 2",
            "age > 5 → age >= 5",
            "age > 5 → age > 4",
            "age > 5 → age > 6"
        ]
    );
    let named = "equivalent:
  - { in: I1, was: age > 2 or age > 5, now: age > 2, why: whoever is over 5 is over 2 }
  - { in: I1, was: age > 5, now: age >= 5, why: likewise }
  - { in: I1, was: age > 5, now: age > 4, why: likewise }
  - { in: I1, was: age   > 5, now: age > 6, why: likewise }
";
    let report = run(
        &trial_file("", criteria),
        &cases_file(&format!("{cases}{named}")),
    );
    assert!(report.is_well(), "{:?}", report.survivors);
    assert_eq!(report.equivalent.len(), 4);
    assert_eq!(report.changes, report.noticed + 4);
    // An entry for what a case notices, or for a change that is not made, is wrong.
    for (entry, message) in [
        ("was: age > 2, now: age > 3", "notices it"),
        ("was: age > 7, now: age > 8", "has no change of"),
    ] {
        let report = run(
            &trial_file("", criteria),
            &cases_file(&format!(
                "{cases}{named}  - {{ in: I1, {entry}, why: no }}\n"
            )),
        );
        assert!(!report.is_well());
        let [problem] = &report.problems[..] else {
            panic!("{:?}", report.problems)
        };
        assert!(problem.message.contains(message), "{}", problem.message);
        assert_eq!(problem.place.as_ref().unwrap().line_column().0, 13);
    }
}

#[test]
fn hostile_rules_are_bounded() {
    let condition = vec!["fit"; 500].join(" and ");
    let criteria: String = (0..5)
        .map(|at| format!("    - {{ id: I{at}, title: T, text: T, require: {condition} }}\n"))
        .collect();
    let source = Source::new(
        "trial.yaml",
        trial_file("", &format!("  inclusion:\n{criteria}")),
    );
    let (trial, _) = compile(&source).unwrap();
    let cases = Source::new(
        "c.yaml",
        cases_file("  - { note: fit, set: { fit: yes }, want: { eligibility: eligible } }\n"),
    );
    let suite = cases::read(&cases, &trial).unwrap();
    for (limits, most) in [
        (
            Limits {
                changes: 20,
                ..Limits::default()
            },
            20,
        ),
        (
            Limits {
                work: 10_000_000,
                ..Limits::default()
            },
            30,
        ),
    ] {
        let report = mutation::run(&source, &trial, &suite, date(2026, 11, 20), limits);
        assert_eq!(report.changes, 5 * (500 + 500 + 1));
        assert!(report.untried >= report.changes - most && !report.is_well());
        assert!(
            report
                .survivors
                .iter()
                .all(|change| change.before.len() <= 1_000)
        );
        assert!(mutation::table::render(&report).contains("were not tried"));
    }
}

const TRIAL: &str = "format: eligo/trial/1
trial: { id: T, title: A trial }
facts: { ecog: { type: integer, label: ECOG, ask: Which?, range: 0..5 } }
criteria: { inclusion: [ { id: I1, title: ECOG, text: ECOG at most 2, require: ecog <= 2 } ] }
";

#[test]
fn check_lists_what_no_case_notices() {
    let cases = "format: eligo/cases/1\nbase: { fit: { screened_on: 2026-11-20, ecog: 1 } }\ncases:\n  - { note: one, want: { I1: pass } }\n  - { note: three, set: { ecog: 3 }, want: { I1: fail } }\n";
    let scratch = Scratch::new()
        .with("trial.yaml", TRIAL)
        .with("trial.cases.yaml", cases);
    let wanted = "\
trial.yaml: 1 criteria (1 with their sub-criteria); 1 fact; 0 warnings; 2 of 2 cases passed
mutation: 4 changes; 2 noticed; 0 equivalent; 2 left

trial.yaml:4:85: I1 require: another comparison
  - ecog <= 2
  + ecog < 2
  what would notice it: a case in which `ecog` is exactly 2

trial.yaml:4:88: I1 require: a bound moved by one step
  - ecog <= 2
  + ecog <= 1
  what would notice it: a case that lies between 2 and 1, or exactly there
";
    scratch
        .eligo()
        .args(["check", "--mutate", "trial.yaml"])
        .assert()
        .code(1)
        .stderr("")
        .stdout(wanted);
    // Without the option nothing changes.
    scratch
        .eligo()
        .args(["check", "trial.yaml"])
        .assert()
        .code(0);
    let more = format!("{cases}  - {{ note: two, set: {{ ecog: 2 }}, want: {{ I1: pass }} }}\n");
    let scratch = Scratch::new()
        .with("trial.yaml", TRIAL)
        .with("trial.cases.yaml", more);
    scratch
        .eligo()
        .args(["check", "--mutate", "trial.yaml"])
        .assert()
        .code(0)
        .stdout(contains("4 changes; 4 noticed; 0 equivalent; 0 left"));
}

#[test]
fn what_has_an_effect_and_is_not_looked_at_names_the_case() {
    let trial = TRIAL.replace(
        "require: ecog <= 2",
        "require: ecog <= 2, cautions: [ { when: ecog = 2, say: at the limit } ]",
    );
    let cases = "format: eligo/cases/1\nbase: { fit: { screened_on: 2026-11-20, ecog: 1 } }\ncases:\n  - { note: two, set: { ecog: 2 }, want: { I1: pass } }\n";
    let scratch = Scratch::new()
        .with("trial.yaml", trial)
        .with("trial.cases.yaml", cases);
    let named = contains("it has an effect on case “two”, which does not look at it");
    scratch
        .eligo()
        .args(["check", "--mutate", "trial.yaml"])
        .assert()
        .code(1)
        .stdout(named);
}

#[test]
fn cases_that_fail_or_are_missing_show_nothing() {
    let scratch = Scratch::new().with("trial.yaml", TRIAL);
    let needed = || contains("coverage and mutation need cases, all of which pass");
    scratch
        .eligo()
        .args(["check", "--mutate", "trial.yaml"])
        .assert()
        .code(1)
        .stdout(contains("no cases").and(needed()));
    let failing = "format: eligo/cases/1\nbase: { fit: { screened_on: 2026-11-20, ecog: 1 } }\ncases:\n  - { note: one, want: { I1: fail } }\n";
    let scratch = Scratch::new()
        .with("trial.yaml", TRIAL)
        .with("trial.cases.yaml", failing);
    scratch
        .eligo()
        .args(["check", "--mutate", "--coverage", "trial.yaml"])
        .assert()
        .code(2)
        .stdout(needed());
}

#[test]
fn a_wrong_exemption_is_an_error_with_its_place() {
    let cases = |entry: &str| {
        format!(
            "format: eligo/cases/1\nbase: {{ fit: {{ screened_on: 2026-11-20, ecog: 1 }} }}\ncases:\n  - {{ note: one, want: {{ I1: pass }} }}\n{entry}\n"
        )
    };
    for (entry, message) in [
        (
            "equivalent: [ { in: I2, was: a, why: b } ]",
            "there is no criterion or definition `I2`",
        ),
        ("equivalent: [ { in: I1, was: a } ]", "needs `why`"),
        (
            "equivalent: [ { in: I1, was: a, because: b } ]",
            "has no key `because`",
        ),
        (
            "unreachable: [ { in: I1, expression: a, truth: never, why: b } ]",
            "`never` is not a truth or a verdict",
        ),
        ("unreachable: { in: I1 }", "must be a list"),
    ] {
        let scratch = Scratch::new()
            .with("trial.yaml", TRIAL)
            .with("trial.cases.yaml", cases(entry));
        scratch
            .eligo()
            .args(["check", "trial.yaml"])
            .assert()
            .code(2)
            .stderr(contains(message).and(contains("trial.cases.yaml:5:")));
    }
}

/// What the trial that comes with the program promises.
#[test]
fn the_cases_of_the_shipped_trial_notice_every_change() {
    let report = run(
        &common::text_of("criteria/nct04546906.yaml"),
        &common::text_of("criteria/nct04546906.cases.yaml"),
    );
    assert!(report.is_well(), "{}", mutation::table::render(&report));
    assert!(report.changes > 1_000);
    // Every sort of change occurs in it, but for those that it has no use for.
    let source = Source::new("trial.yaml", common::text_of("criteria/nct04546906.yaml"));
    let (trial, _) = compile(&source).unwrap();
    let nothing = Source::new(
        "c.yaml",
        "format: eligo/cases/1\nbase: { b: { screened_on: 2026-11-20 } }\ncases: [ { note: n, want: { eligibility: undetermined } } ]\n",
    );
    let suite = cases::read(&nothing, &trial).unwrap();
    let all = mutation::run(
        &source,
        &trial,
        &suite,
        date(2026, 11, 20),
        Limits::default(),
    );
    let kinds: std::collections::HashSet<Kind> =
        all.survivors.iter().map(|change| change.kind).collect();
    for kind in [
        Kind::Comparison,
        Kind::Bound,
        Kind::Unit,
        Kind::Connective,
        Kind::Negation,
        Kind::Clause,
        Kind::Code,
        Kind::Timing,
        Kind::Aggregate,
        Kind::Branch,
        Kind::Need,
        Kind::SubCriterion,
        Kind::Applies,
        Kind::Reading,
        Kind::Conflict,
        Kind::Caution,
    ] {
        assert!(kinds.contains(&kind), "{kind:?}");
    }
}

/// Cautions and conflicts that are wanted: one with these words, these and no others, none of a criterion, none at all.
#[test]
fn a_case_says_what_is_raised_and_what_is_not() {
    let trial = "format: eligo/trial/1
trial: { id: T, title: A trial }
facts: { ecog: { type: integer, label: ECOG, ask: Which?, range: 0..5 } }
cautions: [ { when: ecog = 4, say: bedridden } ]
criteria:
  inclusion:
    - id: I1
      title: ECOG
      text: ECOG at most 2
      require: ecog <= 2
      cautions: [ { when: ecog >= 2, say: at the limit }, { when: ecog >= 3, say: beyond the limit } ]
      conflicts: [ { when: ecog = 5, say: nobody to screen } ]
";
    for (wants, message) in [
        ("ecog: 1 | cautions: []", None),
        ("ecog: 1 | conflict: []", None),
        ("ecog: 2 | cautions: { I1: at the limit }", None),
        ("ecog: 3 | cautions: { I1: at the limit }", None),
        (
            "ecog: 3 | cautions: { I1: [at the limit, beyond the limit], trial: [] }",
            None,
        ),
        (
            "ecog: 3 | cautions: { I1: [at the limit] }",
            Some("I1 has a caution that is not wanted: “beyond the limit”"),
        ),
        (
            "ecog: 2 | cautions: { I1: [] }",
            Some("I1 has a caution that is not wanted: “at the limit”"),
        ),
        (
            "ecog: 2 | cautions: { I1: [beyond] }",
            Some("no caution of I1 says “beyond”"),
        ),
        (
            "ecog: 2 | cautions: []",
            Some("no caution is wanted, and there are 1"),
        ),
        (
            "ecog: 4 | cautions: { trial: [] }",
            Some("trial has a caution that is not wanted: “bedridden”"),
        ),
        ("ecog: 5 | conflict: { I1: [nobody] }", None),
        (
            "ecog: 5 | conflict: { I1: [] }",
            Some("I1 has a conflict that is not wanted: “nobody to screen”"),
        ),
        (
            "ecog: 5 | conflict: []",
            Some("no conflict is wanted, and there are 1"),
        ),
    ] {
        let (set, wants) = wants.split_once(" | ").unwrap();
        let cases = format!(
            "format: eligo/cases/1\nbase: {{ fit: {{ screened_on: 2026-11-20, ecog: 1 }} }}\ncases:\n  - {{ note: one, set: {{ {set} }}, {wants} }}\n"
        );
        let scratch = Scratch::new()
            .with("trial.yaml", trial)
            .with("trial.cases.yaml", cases);
        let checked = scratch.eligo().args(["check", "trial.yaml"]).assert();
        match message {
            None => checked.code(0).stderr(contains("error").not()),
            Some(message) => checked
                .code(2)
                .stderr(contains(message).and(contains("trial.cases.yaml:4:"))),
        };
    }
}
