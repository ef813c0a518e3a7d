//! Conditions as coordinators write them: what each is answered with, and that what is offered is right.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::Scratch;

const FACTS: &str = "\
format: eligo/trial/1
trial: { id: T1, title: A trial }
facts:
  ecog: { type: integer, label: ECOG, ask: Which score?, range: 0..5 }
  courses: { type: integer, label: Courses, ask: How many?, range: 0..5000 }
  platelets: { type: decimal, label: Platelets, ask: Which count?, range: 0..90000 }
  lvef: { type: quantity, unit: '%', label: LVEF, ask: Which fraction?, range: 5..90 }
  alt: { type: quantity, unit: U/L, label: ALT, ask: Which value?, range: 0..20000 }
  liver: { ast: { type: quantity, unit: U/L, label: AST, ask: Which value?, range: 0..20000 } }
  hb: { type: quantity, unit: g/dL, label: Haemoglobin, ask: Which value?, range: 0..30 }
  fit: { type: boolean, label: Fit, ask: Fit? }
  pregnant: { type: boolean, label: Pregnant, ask: Pregnant? }
  sex: { type: code, label: Sex, ask: Which sex?, values: { male: male, female: female } }
  hbsag: { type: code, label: HBsAg, ask: Which result?, values: { positive: positive, negative: negative } }
  birth_date: { type: date, label: Date of birth, ask: When?, range: 1900-01-01.. }
  operated_on: { type: date, label: Operation, ask: When?, range: 1900-01-01.. }
  drugs:
    type: list
    label: Drugs
    ask: Which drugs?
    item: { class: { type: code, values: { statin: statin, other: other } }, dose: { type: integer, range: 0..100 }, since: { type: date, range: 1900-01-01.. } }
criteria:
  inclusion:
    - id: I1
      title: One
      text: The first.
      require: >-
        ";

/// What is written, and every condition that is offered for it.
const SLIPS: &[(&str, &[&str])] = &[
    // Multiples of normal.
    ("alt <= 3 ULN", &["alt <= 3 * alt.uln"]),
    ("alt <= 3 x ULN", &["alt <= 3 * alt.uln"]),
    ("alt <= 3x ULN", &["alt <= 3 * alt.uln"]),
    ("alt <= 3×ULN", &["alt <= 3* alt.uln"]),
    ("alt <= 3 * ULN", &["alt <= 3 * alt.uln"]),
    ("alt <= ULN*3", &["alt <= alt.uln*3"]),
    ("alt <= 2.5 times the ULN", &["alt <= 2.5 * alt.uln"]),
    ("alt <= 3 x upper limit of normal", &["alt <= 3 * alt.uln"]),
    ("alt <= uln", &["alt <= alt.uln"]),
    ("alt >= LLN", &["alt >= alt.lln"]),
    (
        "alt <= 3 ULN and liver.ast <= 3 ULN",
        &["alt <= 3 * alt.uln and liver.ast <= 3 * liver.ast.uln"],
    ),
    // Ages.
    ("AgeInYears() >= 18 years", &["AgeInYears() >= 18"]),
    ("AgeInYears() >= 18 y", &["AgeInYears() >= 18"]),
    ("AgeInYears() >= 18 yrs", &["AgeInYears() >= 18"]),
    ("AgeInYears() >= 6 months", &["AgeInMonths() >= 6"]),
    ("AgeInMonths() >= 2 years", &["AgeInYears() >= 2"]),
    ("AgeInYears >= 18", &["AgeInYears() >= 18"]),
    ("ageinyears() >= 18", &["AgeInYears() >= 18"]),
    // Words and signs of other languages.
    ("fit AND ecog <= 2", &["fit and ecog <= 2"]),
    ("fit OR pregnant", &["fit or pregnant"]),
    ("fit and NOT pregnant", &["fit and not pregnant"]),
    ("ecog =< 2", &["ecog <= 2"]),
    ("ecog => 2", &["ecog >= 2"]),
    ("ecog <> 2", &["ecog != 2"]),
    ("ecog == 2", &["ecog = 2"]),
    ("ecog === 2", &["ecog = 2"]),
    ("ecog =! 2", &["ecog != 2"]),
    ("ecog ≠ 2", &["ecog != 2"]),
    ("ecog ≤ 2", &["ecog <= 2"]),
    ("ecog ≥ 2", &["ecog >= 2"]),
    ("fit && ecog <= 2", &["fit and ecog <= 2"]),
    ("fit || pregnant", &["fit or pregnant"]),
    ("fit & ecog <= 2", &["fit and ecog <= 2"]),
    ("!pregnant", &["not pregnant"]),
    ("fit && !pregnant", &["fit and not pregnant"]),
    ("ecog <= 2;", &["ecog <= 2"]),
    // Lists and texts.
    ("sex not in { 'male' }", &["not (sex in { 'male' })"]),
    ("sex is not in { 'male' }", &["not (sex in { 'male' })"]),
    ("ecog not between 0 and 2", &["not (ecog between 0 and 2)"]),
    ("sex in ('male', 'female')", &["sex in {'male', 'female'}"]),
    ("sex in ['male']", &["sex in {'male'}"]),
    ("sex is one of { 'male' }", &["sex in { 'male' }"]),
    ("sex = male", &["sex = 'male'"]),
    ("sex = \"male\"", &["sex = 'male'"]),
    ("sex == male", &["sex = 'male'"]),
    ("sex in { male, female }", &["sex in { 'male', 'female' }"]),
    ("hbsag is negative", &["hbsag = 'negative'"]),
    ("hbsag is not positive", &["hbsag != 'positive'"]),
    (
        "exists (drugs where class = 'statin')",
        &["exists (drugs X where X.class = 'statin')"],
    ),
    (
        "exists drugs where class = statin",
        &["exists (drugs X where X.class = 'statin')"],
    ),
    // Numbers.
    ("courses <= 1,500", &["courses <= 1500"]),
    (
        "platelets >= 75,000",
        &["platelets >= 75000", "platelets >= 75.000"],
    ),
    ("ecog between 0 to 2", &["ecog between 0 and 2"]),
    ("ecog between 0-2", &["ecog between 0 and 2"]),
    ("0 <= ecog <= 2", &["0 <= ecog and ecog <= 2"]),
    ("1 < ecog < 3", &["1 < ecog and ecog < 3"]),
    ("courses at least 2", &["courses >= 2"]),
    ("courses at most 2", &["courses <= 2"]),
    ("courses more than 2", &["courses > 2"]),
    ("courses no more than 2", &["courses <= 2"]),
    ("courses is at least 2", &["courses >= 2"]),
    ("courses greater than or equal to 2", &["courses >= 2"]),
    ("courses equals 2", &["courses = 2"]),
    ("courses 2 or more", &["courses >= 2"]),
    ("ecog is 2", &["ecog = 2"]),
    ("lvef >= 50%", &["lvef >= 50 '%'"]),
    ("lvef >= 50 %", &["lvef >= 50 '%'"]),
    ("hb >= 8 g/dL", &["hb >= 8 'g/dL'"]),
    ("hb ≥ 8 g/dL AND fit", &["hb >= 8 'g/dL' and fit"]),
    // Answers.
    ("pregnant = no", &["pregnant = false"]),
    ("pregnant = yes", &["pregnant = true"]),
    ("pregnant is no", &["pregnant = false"]),
    ("pregnant = 'no'", &["pregnant = false"]),
    ("fit = TRUE", &["fit = true"]),
    // Time.
    (
        "operated_on more than 6 weeks ago",
        &["operated_on more than 6 weeks before Today()"],
    ),
    (
        "operated_on at least 6 weeks ago",
        &["operated_on 6 weeks or more before Today()"],
    ),
    (
        "operated_on at least 6 weeks before Today()",
        &["operated_on 6 weeks or more before Today()"],
    ),
    (
        "operated_on > 6 weeks ago",
        &[
            "operated_on 6 weeks or more before Today()",
            "operated_on 6 weeks or less before Today()",
        ],
    ),
    (
        "operated_on 6 weeks ago",
        &[
            "operated_on 6 weeks or more before Today()",
            "operated_on 6 weeks or less before Today()",
        ],
    ),
    (
        "operated_on within 6 weeks",
        &["operated_on within 6 weeks of Today()"],
    ),
    (
        "operated_on within the last 6 weeks",
        &["operated_on within 6 weeks of Today()"],
    ),
    (
        "operated_on in the past 6 weeks and fit",
        &["operated_on within 6 weeks of Today() and fit"],
    ),
    (
        "operated_on 12 wks or more before Today()",
        &["operated_on 12 weeks or more before Today()"],
    ),
    (
        "operated_on more than 3 mo ago",
        &["operated_on more than 3 months before Today()"],
    ),
    (
        "operated_on 72 hours or less before Today()",
        &["operated_on 3 days or less before Today()"],
    ),
    (
        "operated_on within 72 hours of Today()",
        &["operated_on within 3 days of Today()"],
    ),
    (
        "operated_on before today()",
        &["operated_on before Today()"],
    ),
    ("operated_on before Now()", &["operated_on before Today()"]),
    (
        "operated_on before 2026-11-27",
        &["operated_on before @2026-11-27"],
    ),
    (
        "operated_on before 2026-1-5",
        &["operated_on before @2026-01-05"],
    ),
    ("operated_on >= 2026/01/05", &["operated_on >= @2026-01-05"]),
];

/// What check says of a condition: the message and all help.
fn said_of(condition: &str) -> Option<String> {
    let scratch = Scratch::new().with("trial.yaml", format!("{FACTS}{condition}\n"));
    let output = scratch
        .eligo()
        .args(["check", "trial.yaml", "--format", "json"])
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["files"][0]["findings"].as_array().unwrap().clone();
    if !report["files"][0]["trial"].is_null() {
        return None;
    }
    let said: Vec<String> = findings
        .iter()
        .map(|finding| format!("{}: {}", finding["message"], finding["help"]))
        .collect();
    Some(said.join("\n"))
}

#[test]
fn every_slip_is_answered_with_what_is_right() {
    let mut wrong = Vec::new();
    for (slip, offers) in SLIPS {
        let Some(said) = said_of(slip) else {
            wrong.push(format!("{slip}: taken as it is"));
            continue;
        };
        for offer in *offers {
            if !said.contains(&format!("`{offer}`")) {
                wrong.push(format!("{slip}: `{offer}` is not offered in {said}"));
            }
            if let Some(said) = said_of(offer) {
                wrong.push(format!("{slip}: the offer is refused: {said}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_are_enough_slips() {
    assert!(SLIPS.len() >= 59);
}
