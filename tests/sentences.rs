//! What a condition asks for, in words, for every form of expression.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;

use eligo::cql::typed::Operation;
use eligo::diagnostic::Source;
use eligo::document::{self, Notation};
use eligo::record::{self, Dates};
use eligo::report::sentence::Sentences;
use eligo::report::sentence::english::EnglishWriter;
use eligo::screening;
use eligo::trial::{self, Policy, Trial};

const FACTS: &str = "
format: eligo/trial/1
trial: { id: T1, title: Words }
facts:
  birth_date: { type: date, label: Date of birth }
  ecog: { type: integer, label: ECOG performance status, range: 0..5 }
  courses: { type: integer, label: Number of courses without remission }
  fit: { type: boolean, label: Fit for chemotherapy }
  smoker: { type: boolean, label: Smoker }
  sterile: { type: boolean, label: Contraception, values: { 'yes': in use, 'no': refused } }
  diagnosis: { type: code, label: Diagnosis, values: { b_all: B-ALL, t_all: T-ALL, other: another disease } }
  first_diagnosis: { type: code, label: First diagnosis, values: { b_all: B-ALL, t_all: T-ALL, other: another disease } }
  drug: { type: text, label: Drug }
  survival: { type: duration, label: Estimated survival }
  alt: { type: quantity, label: ALT, unit: U/L }
  ast: { type: quantity, label: AST, unit: U/L }
  creatinine: { type: quantity, label: Creatinine, unit: mg/dL, units: { umol/L: 0.01131 } }
  plasma: { type: quantity, label: Plasma creatinine, unit: umol/L }
  relapse: { type: date, label: 'Date of relapse' }
  visit: { type: date, label: First visit }
  sites: { type: list, label: Sites, item: { type: code, label: Site, values: { cns: central nervous system, skin: skin } } }
  doses: { type: list, label: Doses, item: { type: integer } }
  flags: { type: list, label: Flags, item: { type: boolean } }
  visits: { type: list, label: Visits, item: { type: date } }
  lines:
    type: list
    label: Lines of treatment
    item:
      kind: { type: code, label: Kind, values: { chemo: chemotherapy, antibody: antibody } }
      cycles: { type: integer, label: Cycles }
      ended: { type: date, label: End }
      lasted: { type: duration, label: Length }
      done: { type: boolean, label: Completed }
define:
  in_first_line: { label: never yet in remission, is: not fit }
  relapsed: { label: 'relapse in the marrow, as MRD or elsewhere', is: smoker }
  newest: { label: Newest line, is: Last(lines Z sort by ended) }
  bmi: { label: Body mass index, is: ecog + 1 }
  chemos: { label: Lines of chemotherapy, is: (lines L where L.kind = 'chemo') }
";

/// A trial whose cautions have these conditions.
fn trial_with(expressions: &[&str]) -> Trial {
    let cautions: Vec<String> = expressions
        .iter()
        .map(|when| serde_json::json!({ "when": when, "say": "x" }).to_string())
        .collect();
    let text = format!(
        "{FACTS}cautions: [ {} ]\ncriteria: {{ inclusion: [ {{ id: I1, title: x, text: x, require: fit }} ] }}\n",
        cautions.join(",\n  ")
    );
    match trial::compile(&Source::new("trial.yaml", text)) {
        Ok((trial, _)) => trial,
        Err(problems) => panic!(
            "{}",
            problems
                .iter()
                .map(|problem| problem.render(false, 120))
                .collect::<String>()
        ),
    }
}

/// The form of an expression. Whoever adds one finds here that it needs words, and a row below.
fn form(operation: &Operation) -> &'static str {
    match operation {
        Operation::Constant(_) => "constant",
        Operation::Fact(_) => "fact",
        Operation::Attribute(..) => "attribute",
        Operation::Definition(_) => "definition",
        Operation::Alias(_) => "alias",
        Operation::Field(..) => "field",
        Operation::Not(_) => "not",
        Operation::All(_) => "and",
        Operation::Any(_) => "or",
        Operation::Xor(..) => "xor",
        Operation::Implies(..) => "implies",
        Operation::Compare(..) => "comparison",
        Operation::Between(..) => "between",
        Operation::In(..) => "in",
        Operation::Member(..) => "member",
        Operation::Is(..) => "is",
        Operation::Equivalent(..) => "equivalent",
        Operation::Case(..) => "case",
        Operation::Negate(_) => "negate",
        Operation::Arithmetic(..) => "arithmetic",
        Operation::Scale(..) => "scale",
        Operation::Shift(..) => "shift",
        Operation::List(_) => "list",
        Operation::Query(_) => "query",
        Operation::Exists(_) => "exists",
        Operation::Aggregate(..) => "aggregate",
        Operation::Function(..) => "function",
        Operation::Today => "today",
        Operation::Age(..) => "age",
        Operation::DurationBetween(..) => "duration between",
        Operation::Timing(..) => "timing",
    }
}
const FORMS: usize = 31;

#[test]
fn every_row_says_what_it_asks_for() {
    let trial = trial_with(&ROWS.map(|(expression, ..)| expression));
    let english = EnglishWriter::new(&trial);
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for ((expression, says, negation), caution) in ROWS.iter().zip(&trial.cautions) {
        let condition = &caution.when.expression;
        condition.walk(&mut |part| {
            seen.insert(form(&part.operation));
        });
        for (found, wanted) in [
            (english.condition(condition), says),
            (english.negation(condition), negation),
        ] {
            if found != **wanted {
                wrong.push(format!("{expression}\n  wanted {wanted}\n  found  {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        seen.len(),
        FORMS,
        "a form of expression has no row; these have: {seen:?}"
    );
}

#[test]
fn a_quantity_is_said_in_the_unit_of_the_text() {
    let trial = trial_with(&["creatinine > 150 'umol/L' and alt < 3 'U/L'"]);
    let when = &trial.cautions[0].when;
    assert_eq!(
        EnglishWriter::new(&trial)
            .with_text(&when.text)
            .condition(&when.expression),
        "Creatinine is more than 150 umol/L (1.6965 mg/dL), and ALT is less than 3 U/L"
    );
}

/// An expression, what it says, and what its negation says.
const ROWS: [(&str, &str, &str); 146] = [
    (
        "ecog <= 2",
        "ECOG performance status is at most 2",
        "ECOG performance status is more than 2",
    ),
    (
        "2 < ecog",
        "ECOG performance status is more than 2",
        "ECOG performance status is at most 2",
    ),
    (
        "ecog = 1",
        "ECOG performance status is 1",
        "ECOG performance status is other than 1",
    ),
    (
        "ecog != 1",
        "ECOG performance status is other than 1",
        "ECOG performance status is 1",
    ),
    ("1 < 2", "1 is less than 2", "1 is at least 2"),
    (
        "ecog < null",
        "ECOG performance status is less than an unknown value",
        "ECOG performance status is at least an unknown value",
    ),
    (
        "survival > 3 months",
        "Estimated survival is more than 3 months",
        "Estimated survival is at most 3 months",
    ),
    (
        "relapse <= @2026-11",
        "Date of relapse is on or before 2026-11",
        "Date of relapse is after 2026-11",
    ),
    (
        "relapse >= @2026-11-20",
        "Date of relapse is on or after 2026-11-20",
        "Date of relapse is before 2026-11-20",
    ),
    (
        "diagnosis = 'b_all'",
        "Diagnosis is “B-ALL”",
        "Diagnosis is other than “B-ALL”",
    ),
    (
        "diagnosis = first_diagnosis",
        "Diagnosis is the same as First diagnosis",
        "Diagnosis is other than First diagnosis",
    ),
    (
        "drug = 'imatinib'",
        "Drug is “imatinib”",
        "Drug is other than “imatinib”",
    ),
    (
        "creatinine > 1.5 * creatinine.uln",
        "Creatinine is more than 1.5 times its upper limit of normal",
        "Creatinine is at most 1.5 times its upper limit of normal",
    ),
    (
        "alt > ast.lln",
        "ALT is more than the lower limit of normal of AST",
        "ALT is at most the lower limit of normal of AST",
    ),
    (
        "creatinine > 150 'umol/L'",
        "Creatinine is more than 1.6965 mg/dL",
        "Creatinine is at most 1.6965 mg/dL",
    ),
    (
        "creatinine > plasma",
        "Creatinine is more than Plasma creatinine (in mg/dL)",
        "Creatinine is at most Plasma creatinine (in mg/dL)",
    ),
    (
        "fit",
        "Fit for chemotherapy is answered yes",
        "Fit for chemotherapy is answered no",
    ),
    (
        "not fit",
        "Fit for chemotherapy is answered no",
        "Fit for chemotherapy is answered yes",
    ),
    (
        "not (not fit)",
        "Fit for chemotherapy is answered yes",
        "Fit for chemotherapy is answered no",
    ),
    (
        "sterile",
        "Contraception is “in use”",
        "Contraception is “refused”",
    ),
    (
        "not sterile",
        "Contraception is “refused”",
        "Contraception is “in use”",
    ),
    (
        "fit = true",
        "Fit for chemotherapy is answered yes",
        "Fit for chemotherapy is answered no",
    ),
    (
        "fit != true",
        "Fit for chemotherapy is answered no",
        "Fit for chemotherapy is answered yes",
    ),
    (
        "fit = smoker",
        "both or neither of (Fit for chemotherapy is answered yes; Smoker is answered yes)",
        "either Fit for chemotherapy is answered yes or Smoker is answered yes, but not both",
    ),
    (
        "fit != smoker",
        "either Fit for chemotherapy is answered yes or Smoker is answered yes, but not both",
        "both or neither of (Fit for chemotherapy is answered yes; Smoker is answered yes)",
    ),
    (
        "fit and smoker",
        "Fit for chemotherapy is answered yes, and Smoker is answered yes",
        "not both Fit for chemotherapy is answered yes and Smoker is answered yes",
    ),
    (
        "fit or smoker",
        "Fit for chemotherapy is answered yes, or Smoker is answered yes",
        "neither Fit for chemotherapy is answered yes nor Smoker is answered yes",
    ),
    (
        "fit and smoker and ecog <= 2",
        "Fit for chemotherapy is answered yes, and Smoker is answered yes, and ECOG performance status is at most 2",
        "not all of (Fit for chemotherapy is answered yes; Smoker is answered yes; ECOG performance status is at most 2)",
    ),
    (
        "fit and (smoker or ecog <= 2)",
        "Fit for chemotherapy is answered yes, and (Smoker is answered yes, or ECOG performance status is at most 2)",
        "not both Fit for chemotherapy is answered yes and (Smoker is answered yes, or ECOG performance status is at most 2)",
    ),
    (
        "not (fit and smoker)",
        "not both Fit for chemotherapy is answered yes and Smoker is answered yes",
        "Fit for chemotherapy is answered yes, and Smoker is answered yes",
    ),
    (
        "not (fit or smoker)",
        "neither Fit for chemotherapy is answered yes nor Smoker is answered yes",
        "Fit for chemotherapy is answered yes, or Smoker is answered yes",
    ),
    (
        "not (fit and smoker and sterile)",
        "not all of (Fit for chemotherapy is answered yes; Smoker is answered yes; Contraception is “in use”)",
        "Fit for chemotherapy is answered yes, and Smoker is answered yes, and Contraception is “in use”",
    ),
    (
        "not (fit or smoker or sterile)",
        "none of (Fit for chemotherapy is answered yes; Smoker is answered yes; Contraception is “in use”)",
        "Fit for chemotherapy is answered yes, or Smoker is answered yes, or Contraception is “in use”",
    ),
    (
        "fit xor smoker",
        "either Fit for chemotherapy is answered yes or Smoker is answered yes, but not both",
        "both or neither of (Fit for chemotherapy is answered yes; Smoker is answered yes)",
    ),
    (
        "not (fit xor smoker)",
        "both or neither of (Fit for chemotherapy is answered yes; Smoker is answered yes)",
        "either Fit for chemotherapy is answered yes or Smoker is answered yes, but not both",
    ),
    (
        "smoker implies ecog <= 1",
        "if Smoker is answered yes, then ECOG performance status is at most 1",
        "Smoker is answered yes, but ECOG performance status is more than 1",
    ),
    (
        "not (smoker implies ecog <= 1)",
        "Smoker is answered yes, but ECOG performance status is more than 1",
        "if Smoker is answered yes, then ECOG performance status is at most 1",
    ),
    (
        "in_first_line and courses > 2",
        "never yet in remission, and Number of courses without remission is more than 2",
        "not both never yet in remission and Number of courses without remission is more than 2",
    ),
    (
        "relapsed and not relapsed",
        "“relapse in the marrow, as MRD or elsewhere”, and not “relapse in the marrow, as MRD or elsewhere”",
        "not both “relapse in the marrow, as MRD or elsewhere” and not “relapse in the marrow, as MRD or elsewhere”",
    ),
    ("true", "this always holds", "this never holds"),
    ("null", "this stays unknown", "this stays unknown"),
    (
        "ecog between 0 and 2",
        "ECOG performance status is 0 to 2",
        "ECOG performance status is outside 0 to 2",
    ),
    (
        "ecog in Interval[18, 70)",
        "ECOG performance status is at least 18 and less than 70",
        "ECOG performance status is less than 18 or at least 70",
    ),
    (
        "ecog in Interval[18, null)",
        "ECOG performance status is at least 18",
        "ECOG performance status is less than 18",
    ),
    (
        "ecog in Interval[null, null]",
        "ECOG performance status is anything at all",
        "this never holds",
    ),
    (
        "relapse between @2026-01-01 and @2026-06-30",
        "Date of relapse is 2026-01-01 to 2026-06-30",
        "Date of relapse is outside 2026-01-01 to 2026-06-30",
    ),
    (
        "relapse in Interval(@2026-01-01, @2026-06-30]",
        "Date of relapse is after 2026-01-01 and on or before 2026-06-30",
        "Date of relapse is on or before 2026-01-01 or after 2026-06-30",
    ),
    (
        "diagnosis in { 'b_all', 't_all' }",
        "Diagnosis is either “B-ALL” or “T-ALL”",
        "Diagnosis is neither “B-ALL” nor “T-ALL”",
    ),
    (
        "diagnosis in { 'b_all', 't_all', 'other' }",
        "Diagnosis is one of “B-ALL”, “T-ALL” or “another disease”",
        "Diagnosis is none of “B-ALL”, “T-ALL” or “another disease”",
    ),
    (
        "diagnosis in { 'b_all' }",
        "Diagnosis is “B-ALL”",
        "Diagnosis is other than “B-ALL”",
    ),
    (
        "Round(ecog, 1) > 1",
        "ECOG performance status rounded to 1 decimal is more than 1",
        "ECOG performance status rounded to 1 decimal is at most 1",
    ),
    (
        "relapse before or on visit",
        "Date of relapse is on or before First visit",
        "Date of relapse is after First visit",
    ),
    (
        "alt in { 1 'U/L', alt.uln }",
        "ALT is either 1 U/L or its upper limit of normal",
        "ALT is neither 1 U/L nor its upper limit of normal",
    ),
    (
        "'cns' in sites",
        "“central nervous system” is among the entries in Sites",
        "“central nervous system” is not among the entries in Sites",
    ),
    (
        "sites contains 'cns'",
        "“central nervous system” is among the entries in Sites",
        "“central nervous system” is not among the entries in Sites",
    ),
    (
        "'chemo' in (lines L return L.kind)",
        "“chemotherapy” is among Kind of each of the entries in Lines of treatment",
        "“chemotherapy” is not among Kind of each of the entries in Lines of treatment",
    ),
    (
        "ecog is null",
        "ECOG performance status is not known",
        "ECOG performance status is known",
    ),
    (
        "ecog is not null",
        "ECOG performance status is known",
        "ECOG performance status is not known",
    ),
    (
        "fit is true",
        "it is known that Fit for chemotherapy is answered yes",
        "it is not known that Fit for chemotherapy is answered yes",
    ),
    (
        "fit is not true",
        "it is not known that Fit for chemotherapy is answered yes",
        "it is known that Fit for chemotherapy is answered yes",
    ),
    (
        "fit is false",
        "it is known that Fit for chemotherapy is answered no",
        "it is not known that Fit for chemotherapy is answered no",
    ),
    (
        "fit is not false",
        "it is not known that Fit for chemotherapy is answered no",
        "it is known that Fit for chemotherapy is answered no",
    ),
    (
        "(fit and smoker) is null",
        "it is not known whether Fit for chemotherapy is answered yes, and Smoker is answered yes",
        "it is known whether Fit for chemotherapy is answered yes, and Smoker is answered yes",
    ),
    (
        "in_first_line is null",
        "it is not known whether never yet in remission",
        "it is known whether never yet in remission",
    ),
    (
        "ecog ~ 1",
        "ECOG performance status and 1 are the same, or neither of them is known",
        "ECOG performance status and 1 differ, or only one of them is known",
    ),
    (
        "ecog !~ 1",
        "ECOG performance status and 1 differ, or only one of them is known",
        "ECOG performance status and 1 are the same, or neither of them is known",
    ),
    (
        "fit ~ smoker",
        "Fit for chemotherapy and Smoker are the same, or neither of them is known",
        "Fit for chemotherapy and Smoker differ, or only one of them is known",
    ),
    (
        "if smoker then ecog <= 1 else ecog <= 2",
        "if Smoker is answered yes, then ECOG performance status is at most 1; otherwise ECOG performance status is at most 2",
        "if Smoker is answered yes, then ECOG performance status is more than 1; otherwise ECOG performance status is more than 2",
    ),
    (
        "case when ecog < 1 then fit when ecog > 3 then smoker else null end",
        "if ECOG performance status is less than 1, then Fit for chemotherapy is answered yes; else if ECOG performance status is more than 3, then Smoker is answered yes; otherwise this stays unknown",
        "if ECOG performance status is less than 1, then Fit for chemotherapy is answered no; else if ECOG performance status is more than 3, then Smoker is answered no; otherwise this stays unknown",
    ),
    (
        "(if smoker then 1 else 2) >= ecog",
        "(1 if Smoker is answered yes; otherwise 2) is at least ECOG performance status",
        "(1 if Smoker is answered yes; otherwise 2) is less than ECOG performance status",
    ),
    (
        "case diagnosis when 'b_all' then 1 when 't_all' then 2 else 3 end = 2",
        "(1 if Diagnosis is “B-ALL”; 2 if Diagnosis is “T-ALL”; otherwise 3) is 2",
        "(1 if Diagnosis is “B-ALL”; 2 if Diagnosis is “T-ALL”; otherwise 3) is other than 2",
    ),
    (
        "ecog + 1 > 2 * (courses - 1)",
        "ECOG performance status plus 1 is more than 2 times (Number of courses without remission minus 1)",
        "ECOG performance status plus 1 is at most 2 times (Number of courses without remission minus 1)",
    ),
    (
        "-ecog < 0",
        "minus ECOG performance status is less than 0",
        "minus ECOG performance status is at least 0",
    ),
    (
        "ecog / 2 > 1",
        "ECOG performance status divided by 2 is more than 1",
        "ECOG performance status divided by 2 is at most 1",
    ),
    (
        "ecog ^ 2 > 1",
        "ECOG performance status to the power of 2 is more than 1",
        "ECOG performance status to the power of 2 is at most 1",
    ),
    (
        "ecog div 2 = 1",
        "the whole part of ECOG performance status divided by 2 is 1",
        "the whole part of ECOG performance status divided by 2 is other than 1",
    ),
    (
        "ecog mod 2 = 1",
        "the remainder of ECOG performance status divided by 2 is 1",
        "the remainder of ECOG performance status divided by 2 is other than 1",
    ),
    (
        "bmi > 18",
        "Body mass index is more than 18",
        "Body mass index is at most 18",
    ),
    (
        "relapse + 3 months before Today()",
        "3 months after Date of relapse is before the screening date",
        "3 months after Date of relapse is on or after the screening date",
    ),
    (
        "relapse before visit - 1 week",
        "Date of relapse is before (1 week before First visit)",
        "Date of relapse is on or after (1 week before First visit)",
    ),
    (
        "Abs(ecog) > 1",
        "the size of ECOG performance status without its sign is more than 1",
        "the size of ECOG performance status without its sign is at most 1",
    ),
    (
        "Round(ecog / 3) > 1",
        "(ECOG performance status divided by 3) rounded to a whole number is more than 1",
        "(ECOG performance status divided by 3) rounded to a whole number is at most 1",
    ),
    (
        "Round(ecog / 3, 2) > 1",
        "(ECOG performance status divided by 3) rounded to 2 decimals is more than 1",
        "(ECOG performance status divided by 3) rounded to 2 decimals is at most 1",
    ),
    (
        "Ceiling(ecog) > 1",
        "ECOG performance status rounded up is more than 1",
        "ECOG performance status rounded up is at most 1",
    ),
    (
        "Floor(ecog) > 1",
        "ECOG performance status rounded down is more than 1",
        "ECOG performance status rounded down is at most 1",
    ),
    (
        "Truncate(ecog) > 1",
        "ECOG performance status without its decimals is more than 1",
        "ECOG performance status without its decimals is at most 1",
    ),
    (
        "Ln(ecog) > 1",
        "the natural logarithm of ECOG performance status is more than 1",
        "the natural logarithm of ECOG performance status is at most 1",
    ),
    (
        "Exp(ecog) > 1",
        "e to the power of ECOG performance status is more than 1",
        "e to the power of ECOG performance status is at most 1",
    ),
    (
        "Log(ecog, 2) > 1",
        "the logarithm of ECOG performance status to the base 2 is more than 1",
        "the logarithm of ECOG performance status to the base 2 is at most 1",
    ),
    (
        "Coalesce(ecog, courses, 1) > 1",
        "the first that is known of (ECOG performance status, Number of courses without remission, 1) is more than 1",
        "the first that is known of (ECOG performance status, Number of courses without remission, 1) is at most 1",
    ),
    (
        "Coalesce(fit, smoker)",
        "the first that is known of (Fit for chemotherapy, Smoker) is answered yes",
        "the first that is known of (Fit for chemotherapy, Smoker) is answered no",
    ),
    (
        "AgeInYears() >= 18",
        "age in completed years is at least 18",
        "age in completed years is less than 18",
    ),
    (
        "AgeInMonths() < 6",
        "age in completed months is less than 6",
        "age in completed months is at least 6",
    ),
    (
        "AgeInYearsAt(relapse) >= 18",
        "age in completed years on Date of relapse is at least 18",
        "age in completed years on Date of relapse is less than 18",
    ),
    (
        "years between relapse and visit > 2",
        "the number of whole years from Date of relapse to First visit is more than 2",
        "the number of whole years from Date of relapse to First visit is at most 2",
    ),
    (
        "days between relapse and visit > 2",
        "the number of days from Date of relapse to First visit is more than 2",
        "the number of days from Date of relapse to First visit is at most 2",
    ),
    (
        "difference in years between relapse and visit > 2",
        "the number of calendar years begun from Date of relapse to First visit is more than 2",
        "the number of calendar years begun from Date of relapse to First visit is at most 2",
    ),
    (
        "difference in days between relapse and visit > 2",
        "the number of days from Date of relapse to First visit is more than 2",
        "the number of days from Date of relapse to First visit is at most 2",
    ),
    (
        "relapse before visit",
        "Date of relapse is before First visit",
        "Date of relapse is on or after First visit",
    ),
    (
        "relapse on or before visit",
        "Date of relapse is on or before First visit",
        "Date of relapse is after First visit",
    ),
    (
        "relapse after visit",
        "Date of relapse is after First visit",
        "Date of relapse is on or before First visit",
    ),
    (
        "relapse same day as visit",
        "Date of relapse is the same day as First visit",
        "Date of relapse is not the same day as First visit",
    ),
    (
        "relapse 30 days before visit",
        "Date of relapse is exactly 30 days before First visit",
        "Date of relapse is not exactly 30 days before First visit",
    ),
    (
        "relapse 30 days or more before Today()",
        "Date of relapse is at least 30 days before the screening date",
        "Date of relapse is not at least 30 days before the screening date",
    ),
    (
        "relapse more than 30 days after visit",
        "Date of relapse is more than 30 days after First visit",
        "Date of relapse is not more than 30 days after First visit",
    ),
    (
        "relapse 30 days or less before visit",
        "Date of relapse is before First visit, by at most 30 days",
        "it is not so that Date of relapse is before First visit, by at most 30 days",
    ),
    (
        "relapse 30 days or less on or before visit",
        "Date of relapse is on or before First visit, by at most 30 days",
        "it is not so that Date of relapse is on or before First visit, by at most 30 days",
    ),
    (
        "relapse less than 30 days before visit",
        "Date of relapse is before First visit, by less than 30 days",
        "it is not so that Date of relapse is before First visit, by less than 30 days",
    ),
    (
        "relapse within 14 days of Today()",
        "Date of relapse is within 14 days of the screening date, before or after",
        "Date of relapse is more than 14 days before or after the screening date",
    ),
    (
        "exists lines",
        "there is an entry in Lines of treatment",
        "there is no entry in Lines of treatment",
    ),
    (
        "exists (lines L where L.kind = 'chemo' and L.cycles >= 4)",
        "there is an entry in Lines of treatment for which Kind is “chemotherapy”, and Cycles is at least 4",
        "there is no entry in Lines of treatment for which Kind is “chemotherapy”, and Cycles is at least 4",
    ),
    (
        "exists (lines L where L.done)",
        "there is an entry in Lines of treatment for which Completed is answered yes",
        "there is no entry in Lines of treatment for which Completed is answered yes",
    ),
    (
        "exists (lines L where not L.done)",
        "there is an entry in Lines of treatment for which Completed is answered no",
        "there is no entry in Lines of treatment for which Completed is answered no",
    ),
    (
        "exists (sites S where S in { 'cns', 'skin' })",
        "there is an entry in Sites for which Site is either “central nervous system” or “skin”",
        "there is no entry in Sites for which Site is either “central nervous system” or “skin”",
    ),
    (
        "exists (doses D where D > 3)",
        "there is an entry in Doses for which the entry is more than 3",
        "there is no entry in Doses for which the entry is more than 3",
    ),
    (
        "exists chemos",
        "there is an entry in Lines of chemotherapy",
        "there is no entry in Lines of chemotherapy",
    ),
    (
        "exists (chemos C where C.cycles > 1)",
        "there is an entry in Lines of chemotherapy for which Cycles is more than 1",
        "there is no entry in Lines of chemotherapy for which Cycles is more than 1",
    ),
    (
        "exists ((lines L where L.done) M where M.cycles > 1)",
        "among the entries in Lines of treatment (only those for which Completed is answered yes), there is an entry for which Cycles is more than 1",
        "among the entries in Lines of treatment (only those for which Completed is answered yes), there is no entry for which Cycles is more than 1",
    ),
    (
        "exists { 1, 2 }",
        "there is an entry among (1, 2)",
        "there is no entry among (1, 2)",
    ),
    (
        "fit and exists (lines L where L.done)",
        "Fit for chemotherapy is answered yes, and (there is an entry in Lines of treatment for which Completed is answered yes)",
        "not both Fit for chemotherapy is answered yes and (there is an entry in Lines of treatment for which Completed is answered yes)",
    ),
    (
        "Count(lines) >= 2",
        "the number of entries in Lines of treatment is at least 2",
        "the number of entries in Lines of treatment is less than 2",
    ),
    (
        "Count(lines L where L.kind = 'chemo') >= 2",
        "the number of entries in Lines of treatment (only those for which Kind is “chemotherapy”) is at least 2",
        "the number of entries in Lines of treatment (only those for which Kind is “chemotherapy”) is less than 2",
    ),
    (
        "Sum(lines L return L.cycles) <= 6",
        "the sum of Cycles over the entries in Lines of treatment is at most 6",
        "the sum of Cycles over the entries in Lines of treatment is more than 6",
    ),
    (
        "Sum(lines L where L.done return L.cycles) <= 6",
        "the sum of Cycles over the entries in Lines of treatment (only those for which Completed is answered yes) is at most 6",
        "the sum of Cycles over the entries in Lines of treatment (only those for which Completed is answered yes) is more than 6",
    ),
    (
        "Sum(doses) <= 6",
        "the sum of the entries in Doses is at most 6",
        "the sum of the entries in Doses is more than 6",
    ),
    (
        "Min(visits) before Today()",
        "the earliest of the entries in Visits is before the screening date",
        "the earliest of the entries in Visits is on or after the screening date",
    ),
    (
        "Max(lines L return L.lasted) > 1 month",
        "the longest Length over the entries in Lines of treatment is more than 1 month",
        "the longest Length over the entries in Lines of treatment is at most 1 month",
    ),
    (
        "Max(doses) > 1",
        "the greatest of the entries in Doses is more than 1",
        "the greatest of the entries in Doses is at most 1",
    ),
    (
        "Avg(lines L return L.cycles + 1) > 2",
        "the mean of (Cycles plus 1) over the entries in Lines of treatment is more than 2",
        "the mean of (Cycles plus 1) over the entries in Lines of treatment is at most 2",
    ),
    (
        "Median(doses) > 2",
        "the median of the entries in Doses is more than 2",
        "the median of the entries in Doses is at most 2",
    ),
    (
        "Median(lines L where L.kind = 'chemo' return L.cycles) > 2",
        "the median of Cycles over the entries in Lines of treatment (only those for which Kind is “chemotherapy”) is more than 2",
        "the median of Cycles over the entries in Lines of treatment (only those for which Kind is “chemotherapy”) is at most 2",
    ),
    (
        "First(doses) = 1",
        "the first of the entries in Doses (as listed) is 1",
        "the first of the entries in Doses (as listed) is other than 1",
    ),
    (
        "Last(lines L where L.kind = 'chemo' sort by ended).cycles >= 2",
        "Cycles of the one with the latest End among the entries in Lines of treatment (only those for which Kind is “chemotherapy”) is at least 2",
        "Cycles of the one with the latest End among the entries in Lines of treatment (only those for which Kind is “chemotherapy”) is less than 2",
    ),
    (
        "First(lines L sort by cycles desc).kind = 'chemo'",
        "Kind of the one with the greatest Cycles among the entries in Lines of treatment is “chemotherapy”",
        "Kind of the one with the greatest Cycles among the entries in Lines of treatment is other than “chemotherapy”",
    ),
    (
        "Last(lines).done",
        "Completed of the last of the entries in Lines of treatment (as listed) is answered yes",
        "Completed of the last of the entries in Lines of treatment (as listed) is answered no",
    ),
    (
        "Last(lines L sort by ended).cycles > 2",
        "Cycles of the one with the latest End among the entries in Lines of treatment is more than 2",
        "Cycles of the one with the latest End among the entries in Lines of treatment is at most 2",
    ),
    (
        "newest.kind = 'chemo'",
        "Kind of Newest line is “chemotherapy”",
        "Kind of Newest line is other than “chemotherapy”",
    ),
    (
        "newest.done",
        "Completed of Newest line is answered yes",
        "Completed of Newest line is answered no",
    ),
    (
        "AllTrue(lines L return L.done)",
        "for every one of the entries in Lines of treatment: Completed is answered yes",
        "not for every one of the entries in Lines of treatment: Completed is answered yes",
    ),
    (
        "AnyTrue(lines L where L.kind = 'chemo' return L.cycles > 2)",
        "for at least one of the entries in Lines of treatment (only those for which Kind is “chemotherapy”): Cycles is more than 2",
        "for none of the entries in Lines of treatment (only those for which Kind is “chemotherapy”): Cycles is more than 2",
    ),
    (
        "AllTrue({ fit, smoker })",
        "all of (Fit for chemotherapy is answered yes; Smoker is answered yes)",
        "not all of (Fit for chemotherapy is answered yes; Smoker is answered yes)",
    ),
    (
        "AnyTrue(flags)",
        "at least one of the entries in Flags is answered yes",
        "none of the entries in Flags is answered yes",
    ),
    (
        "exists (lines L where exists (lines M where M.kind = L.kind and M.ended before L.ended))",
        "there is an entry in Lines of treatment for which there is an entry in Lines of treatment for which Kind is the same as Kind of the outer entry, and End is before End of the outer entry",
        "there is no entry in Lines of treatment for which there is an entry in Lines of treatment for which Kind is the same as Kind of the outer entry, and End is before End of the outer entry",
    ),
    (
        "exists (sites S where exists (lines M where S = 'cns'))",
        "there is an entry in Sites for which there is an entry in Lines of treatment for which Site of the outer entry is “central nervous system”",
        "there is no entry in Sites for which there is an entry in Lines of treatment for which Site of the outer entry is “central nervous system”",
    ),
    (
        "exists (lines L where L.ended within 14 days of Today() and fit)",
        "there is an entry in Lines of treatment for which (End is within 14 days of the screening date, before or after), and Fit for chemotherapy is answered yes",
        "there is no entry in Lines of treatment for which (End is within 14 days of the screening date, before or after), and Fit for chemotherapy is answered yes",
    ),
    (
        "relapse.date before visit.date",
        "the date of Date of relapse is before the date of First visit",
        "the date of Date of relapse is on or after the date of First visit",
    ),
];

/// What decided is in the reason, in words: neither numbers nor the names of definitions and functions are left to the rule.
#[test]
fn a_reason_names_what_decided() {
    const TRIAL: &str = "
format: eligo/trial/1
trial: { id: T, title: T }
facts:
  be: { type: quantity, label: Base excess, unit: mmol/L, range: -40..40 }
  alt: { type: quantity, label: ALT, unit: U/L, range: 0..5000 }
  birth_date: { type: date, label: Date of birth }
  fit: { type: boolean, label: Fit }
  grade: { type: integer, label: Grade, range: 0..5 }
  labs: { type: list, label: Labs, item: { kind: { type: code, values: { hb: haemoglobin, plt: platelets } }, value: { type: quantity, unit: g/L }, date: { type: date } } }
define:
  low_labs: { label: low haemoglobin, is: \"(labs L where L.kind = 'hb' and L.value < 80 'g/L' and L.date 28 days or less before Today())\" }
  in_ward: { label: old enough for the ward, is: birth_date + 18 months on or before Today() }
criteria:
";
    const RECORD: &str = "
screened_on: 2026-11-27
be: -12 mmol/L
alt: { value: 200, uln: 40, lln: 10 }
birth_date: 2025-11-01
grade: 2
labs: [ { kind: hb, value: 70, date: 2026-11-20 }, { kind: hb, value: 90, date: 2026-01-20 } ]
";
    let reason = |side: &str, rule: &str, condition: &str| {
        let criterion =
            format!("  {side}: [ {{ id: C, title: C, text: C, {rule}: \"{condition}\" }} ]\n");
        let file = format!("{TRIAL}{criterion}");
        let (trial, _) = trial::compile(&Source::new("t.yaml", &*file)).unwrap();
        let source = Source::new("r.yaml", RECORD);
        let document = document::read(&source, Notation::Yaml).unwrap();
        let dates = Dates {
            as_of: None,
            today: jiff::civil::date(2026, 11, 27),
        };
        let record = record::read(&source, &document, "T", &trial.facts, dates).unwrap();
        let policy = Policy::default();
        let screening = screening::screen(&trial, &record, &policy);
        Sentences::new(&screening).reason(&screening.outcomes[0])
    };
    let table = [
        (
            "be < -10 'mmol/L'",
            "exclude",
            "Base excess is -12 mmol/L; less than -10 mmol/L excludes",
        ),
        (
            "alt between alt.lln and 3 * alt.uln",
            "require",
            "ALT is 200 U/L; 10 U/L (lower limit of normal) to 120 U/L (3 × upper limit of normal, 40 U/L) required",
        ),
        (
            "if fit then grade <= 2 else grade <= 1",
            "require",
            "Fit not recorded; Grade is 2; if Fit is answered yes, then Grade is at most 2; otherwise Grade is at most 1 required",
        ),
        (
            "in_ward",
            "require",
            "18 months after Date of birth is 2027-05-01; 2026-11-27 or earlier required (before or on the screening date)",
        ),
        (
            "exists (labs L where L.value >= 100 'g/L')",
            "require",
            "Labs: none that counts among haemoglobin (value 70 g/L, 2026-11-20) · haemoglobin (value 90 g/L, 2026-01-20); \
             an entry in Labs for which value is at least 100 g/L required",
        ),
        (
            "Max(labs L return L.value) >= 100 'g/L'",
            "require",
            "The greatest value over the entries in Labs is 90 g/L; at least 100 g/L required",
        ),
        (
            "Last(labs L where L.kind = 'hb' sort by date).value >= 80 'g/L'",
            "require",
            "Value of the one with the latest date among the entries in Labs (only those for which kind is “haemoglobin”) is 70 g/L (haemoglobin, 2026-11-20); at least 80 g/L required",
        ),
    ];
    for (condition, rule, wanted) in table {
        let side = if rule == "require" {
            "inclusion"
        } else {
            "exclusion"
        };
        assert_eq!(reason(side, rule, condition), wanted, "{condition}");
    }
    let named = reason("exclusion", "exclude", "exists (low_labs)");
    assert!(
        named.starts_with("Labs: 1 counts: haemoglobin (value 70 g/L, 2026-11-20)"),
        "{named}"
    );
}

/// What leaves a condition on a list open is that the list is not complete, and its reason says so.
#[test]
fn a_list_that_is_not_complete_is_called_so_whatever_is_asked_of_it() {
    let conditions = [
        "Last(labs L where L.kind = 'hb' sort by date).value >= 80 'g/L'",
        "AllTrue(labs L return L.value >= 20 'g/L')",
        "Max(labs L return L.value) < 200 'g/L'",
        "Count(labs L where L.value < 80 'g/L') = 0",
        "not exists (labs L where L.value < 80 'g/L')",
        "'anaemia' in findings",
        "latest >= 80 'g/L'",
    ];
    let criteria: Vec<String> = conditions
        .iter()
        .enumerate()
        .map(|(at, condition)| {
            format!("    - {{ id: I{at}, title: T, text: T, require: \"{condition}\" }}\n")
        })
        .collect();
    let file = format!(
        "
format: eligo/trial/1
trial: {{ id: T, title: T }}
facts:
  labs: {{ type: list, label: Labs, item: {{ kind: {{ type: code, values: {{ hb: haemoglobin }} }}, value: {{ type: quantity, unit: g/L }}, date: {{ type: date }} }} }}
  findings: {{ type: list, label: Findings, item: {{ type: code, values: {{ anaemia: anaemia, other: another }} }} }}
define:
  latest: {{ label: Latest haemoglobin, is: \"Last(labs L where L.kind = 'hb' sort by date).value\" }}
criteria:
  inclusion:
{}",
        criteria.concat()
    );
    let (trial, _) = trial::compile(&Source::new("t.yaml", file)).unwrap();
    let text = "{ screened_on: 2026-11-27, labs: { value: [ { kind: hb, value: 90, date: 2026-11-05 } ], complete: no }, findings: { value: [ other ], complete: no } }";
    let source = Source::new("r.yaml", text);
    let document = document::read(&source, Notation::Yaml).unwrap();
    let dates = Dates {
        as_of: None,
        today: jiff::civil::date(2026, 11, 27),
    };
    let record = record::read(&source, &document, "T", &trial.facts, dates).unwrap();
    let policy = Policy::default();
    let screening = screening::screen(&trial, &record, &policy);
    let sentences = Sentences::new(&screening);
    for (condition, outcome) in conditions.iter().zip(&screening.outcomes) {
        let reason = sentences.reason(outcome);
        assert_eq!(
            outcome.verdict,
            screening::Verdict::Unknown,
            "{condition}: {reason}"
        );
        assert_eq!(
            reason.matches("the list is not complete").count(),
            1,
            "{condition}: {reason}"
        );
    }
}

/// A date that is known to the month may be recent enough: nobody can say that it is too old.
#[test]
fn a_partial_date_is_perhaps_too_old() {
    let file = "
format: eligo/trial/1
trial: { id: T, title: T }
facts: { ecog: { type: integer, label: ECOG, range: 0..5 } }
criteria: { inclusion: [ { id: C, title: C, text: C, require: ecog <= 1 } ] }
";
    let (trial, _) = trial::compile(&Source::new("t.yaml", file)).unwrap();
    let read = |text: &str| document::read(&Source::new("f.yaml", text), Notation::Yaml).unwrap();
    let site = "{ format: eligo/site/1, valid_for: { ecog: 14 days } }";
    let policy = eligo::trial::policy::read(&Source::new("s.yaml", site), &read(site), &trial);
    let policy = policy.unwrap();
    let dates = Dates {
        as_of: None,
        today: jiff::civil::date(2026, 11, 27),
    };
    for (date, wanted) in [
        ("2026-11-20", "ECOG is 1 (2026-11-20); at most 1 required"),
        (
            "2026-11",
            "ECOG perhaps too old, the day is not known (2026-11); at most 1 required",
        ),
        ("2026-10", "ECOG too old (2026-10); at most 1 required"),
    ] {
        let text = format!("{{ ecog: {{ value: 1, date: {date} }} }}");
        let source = Source::new("f.yaml", &*text);
        let record = record::read(&source, &read(&text), "T", &trial.facts, dates).unwrap();
        let screening = screening::screen(&trial, &record, &policy);
        let reason = Sentences::new(&screening).reason(&screening.outcomes[0]);
        assert_eq!(reason, wanted);
    }
}

/// A doubt is named before it alone decides, and so is what leaves open whether a settled one is raised.
#[test]
fn doubts_are_told_that_do_not_decide_alone() {
    let file = "
format: eligo/trial/1
trial: { id: T, title: T }
facts:
  relapsed: { type: boolean, label: Relapse }
  blasts: { type: quantity, unit: '%', label: Blasts, range: 0..100 }
  courses: { type: integer, label: Courses, range: 0..20 }
  infection: { type: boolean, label: Infection }
  antibiotics: { type: boolean, label: Antibiotics }
criteria:
  inclusion:
    - id: I1
      title: T
      text: T
      doubts: [ { id: four, when: courses = 4, say: four is odd } ]
      all:
        - id: I1a
          title: T
          require: relapsed
          doubts: [ { id: again, when: \"blasts < 5 '%'\", say: in remission again } ]
        - { id: I1b, title: T, require: courses > 2 }
  exclusion:
    - id: E1
      title: T
      text: T
      exclude: infection
      doubts: [ { id: treated, when: antibiotics, say: antibiotics without an infection } ]
";
    let (trial, _) = trial::compile(&Source::new("t.yaml", file)).unwrap();
    let read = |text: &str| document::read(&Source::new("f.yaml", text), Notation::Yaml).unwrap();
    let site = "{ format: eligo/site/1, doubts: { E1.treated: counts_as_met } }";
    let settled = eligo::trial::policy::read(&Source::new("s.yaml", site), &read(site), &trial);
    let settled = settled.unwrap();
    let dates = Dates {
        as_of: None,
        today: jiff::civil::date(2026, 11, 27),
    };
    let reasons = |text: &str, policy: &Policy| {
        let source = Source::new("f.yaml", text);
        let record = record::read(&source, &read(text), "T", &trial.facts, dates).unwrap();
        let screening = screening::screen(&trial, &record, policy);
        let ruled: Vec<String> = screening
            .rulings()
            .iter()
            .map(|outcome| outcome.criterion.id.clone())
            .collect();
        let sentences = Sentences::new(&screening);
        let said = screening
            .outcomes
            .iter()
            .map(|one| sentences.reason(one))
            .collect::<Vec<_>>();
        (said, ruled)
    };
    let undecided = Policy::default();
    // Both doubts are to be ruled on, and it is asked for both at once.
    let (said, ruled) = reasons(
        "{ relapsed: yes, blasts: 3, courses: 4, infection: no, antibiotics: no }",
        &undecided,
    );
    assert_eq!(
        said[0],
        "to be ruled (four): four is odd; to be ruled (again): in remission again"
    );
    assert_eq!(ruled, ["I1", "I1a"]);
    // A fact comes first; the doubt is named, and nobody is asked yet.
    let (said, ruled) = reasons(
        "{ blasts: 3, courses: 4, infection: no, antibiotics: no }",
        &undecided,
    );
    assert_eq!(
        said[0],
        "to be ruled (four): four is odd; Relapse not recorded; to be ruled (again): in remission again"
    );
    assert!(ruled.is_empty(), "{ruled:?}");
    // What is not met stays not met, whatever the answer.
    let (said, ruled) = reasons("{ relapsed: no, blasts: 3, courses: 4 }", &undecided);
    assert_eq!(said[0], "Relapse: no");
    assert!(ruled.is_empty(), "{ruled:?}");
    // A settled doubt that may be raised leaves the criterion open, and the reason says by what.
    let (said, _) = reasons("{ infection: no }", &settled);
    assert_eq!(
        said[1],
        "whether the site's ruling (treated counts_as_met) is about this candidate is open: Antibiotics not recorded"
    );
    let (said, _) = reasons("{ infection: no, antibiotics: yes }", &settled);
    assert_eq!(
        said[1],
        "by the site's ruling (treated counts_as_met): antibiotics without an infection"
    );
    let (said, _) = reasons("{ infection: no, antibiotics: no }", &settled);
    assert_eq!(said[1], "Infection: no");
}
