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
  leukocytes: { type: quantity, unit: 10*9/L, label: Leukocytes, ask: Which count?, range: 0..900 }
  half_life: { type: quantity, unit: d, label: Half-life, ask: How long?, range: 0..200 }
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
            "operated_on more than 6 weeks before Today()",
            "operated_on less than 6 weeks on or before Today()",
        ],
    ),
    (
        "operated_on 6 weeks ago",
        &[
            "operated_on 6 weeks or more before Today()",
            "operated_on 6 weeks or less on or before Today()",
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
    // What else is written for these.
    ("alt <= 3xULN", &["alt <= 3 * alt.uln"]),
    ("alt <= 3-fold ULN", &["alt <= 3 * alt.uln"]),
    ("alt/ULN <= 3", &["alt/ alt.uln <= 3"]),
    ("3 ULN >= alt", &["3 * alt.uln >= alt"]),
    ("not (alt > 3 ULN)", &["not (alt > 3 * alt.uln)"]),
    ("ecog <=> 2", &["ecog <= 2", "ecog >= 2"]),
    ("ecog < = 2", &["ecog <= 2"]),
    ("ecog ⩽ 2", &["ecog <= 2"]),
    ("ecog !< 2", &["ecog >= 2"]),
    ("ecog not < 2", &["ecog >= 2"]),
    ("ecog := 2", &["ecog = 2"]),
    ("fit -> ecog <= 2", &["fit implies ecog <= 2"]),
    ("if fit then ecog <= 2", &["fit implies ecog <= 2"]),
    ("if fit, then ecog <= 2", &["fit implies ecog <= 2"]),
    ("fit and/or pregnant", &["fit or pregnant"]),
    ("fit but not pregnant", &["fit and not pregnant"]),
    ("neither fit nor pregnant", &["not fit and not pregnant"]),
    ("no pregnant", &["not pregnant"]),
    ("fit, pregnant", &["fit and pregnant", "fit or pregnant"]),
    ("ecog >= 0 and <= 2", &["ecog >= 0 and ecog <= 2"]),
    (
        "AgeInYears() >= 18 & <= 65",
        &["AgeInYears() >= 18 and AgeInYears() <= 65"],
    ),
    ("ecog <= 2 # at screening", &["ecog <= 2 // at screening"]),
    (
        "AgeInYears() between 2 and 17 years",
        &["AgeInYears() between 2 and 17"],
    ),
    ("AgeInYears(birth_date) >= 18", &["AgeInYears() >= 18"]),
    (
        "AgeInDays() >= 28",
        &["days between birth_date and Today() >= 28"],
    ),
    ("age >= 18 years", &["AgeInYears() >= 18"]),
    ("age in years >= 18", &["AgeInYears() >= 18"]),
    ("AgeInYears() 18-65", &["AgeInYears() between 18 and 65"]),
    ("ecog in 0..2", &["ecog between 0 and 2"]),
    ("ecog 0 to 2", &["ecog between 0 and 2"]),
    ("ecog from 0 to 2", &["ecog between 0 and 2"]),
    ("ecog between 0 and 2 inclusive", &["ecog between 0 and 2"]),
    ("ecog must be <= 2", &["ecog <= 2"]),
    ("ecog should be at most 2", &["ecog <= 2"]),
    ("ecog of 2 or less", &["ecog <= 2"]),
    ("ecog up to 2", &["ecog <= 2"]),
    ("ecog exceeds 2", &["ecog > 2"]),
    ("ecog no higher than 2", &["ecog <= 2"]),
    ("ecog minimum 2", &["ecog >= 2"]),
    ("platelets >= 1.234,5", &["platelets >= 1234.5"]),
    ("platelets >= 1,234.5", &["platelets >= 1234.5"]),
    ("platelets >= 1,234,567", &["platelets >= 1234567"]),
    ("platelets >= 75 000", &["platelets >= 75000"]),
    ("platelets >= 75'000", &["platelets >= 75000"]),
    ("platelets >= 0,5", &["platelets >= 0.5"]),
    ("platelets >= .5", &["platelets >= 0.5"]),
    ("hb >= 7,5 g/dL", &["hb >= 7.5 'g/dL'"]),
    ("ecog = '2'", &["ecog = 2"]),
    (
        "leukocytes >= 75,000 /uL",
        &["leukocytes >= 75000 '/uL'", "leukocytes >= 75.000 '/uL'"],
    ),
    ("leukocytes >= 75 K/uL", &["leukocytes >= 75 '10*3/uL'"]),
    ("leukocytes >= 75 'K/uL'", &["leukocytes >= 75 '10*3/uL'"]),
    ("leukocytes >= 75 x10^9/L", &["leukocytes >= 75 '10*9/L'"]),
    ("leukocytes >= 75 10^9/L", &["leukocytes >= 75 '10*9/L'"]),
    ("leukocytes >= 75 × 10⁹/L", &["leukocytes >= 75 '10*9/L'"]),
    ("alt < 40 IU/L", &["alt < 40 'U/L'"]),
    ("alt < 40 'IU/L'", &["alt < 40 'U/L'"]),
    ("lvef > 50 percent", &["lvef > 50 '%'"]),
    ("hb >= '8 g/dL'", &["hb >= 8 'g/dL'"]),
    ("hb >= 8.0 (g/dL)", &["hb >= 8.0 'g/dL'"]),
    ("sex = ‘male’", &["sex = 'male'"]),
    ("sex = “male”", &["sex = 'male'"]),
    ("sex = `male`", &["sex = 'male'"]),
    ("sex = 'Male'", &["sex = 'male'"]),
    ("hbsag = Negative", &["hbsag = 'negative'"]),
    ("sex = male or female", &["sex in {'male', 'female'}"]),
    ("ecog = 0 or 1", &["ecog in {0, 1}"]),
    ("ecog = 0, 1 or 2", &["ecog in {0, 1, 2}"]),
    ("ecog = {0, 1}", &["ecog in {0, 1}"]),
    ("ecog in {0;1}", &["ecog in {0,1}"]),
    ("sex in {'male' 'female'}", &["sex in {'male', 'female'}"]),
    ("drugs is empty", &["not exists drugs"]),
    ("drugs = {}", &["not exists drugs"]),
    ("drugs.count > 2", &["Count(drugs) > 2"]),
    ("count(drugs) > 2", &["Count(drugs) > 2"]),
    (
        "Count(drugs where class = 'statin') >= 2",
        &["Count(drugs X where X.class = 'statin') >= 2"],
    ),
    (
        "drugs.class = 'statin'",
        &["exists (drugs X where X.class = 'statin')"],
    ),
    (
        "exists (drugs D where class = 'statin')",
        &["exists (drugs D where D.class = 'statin')"],
    ),
    (
        "exists (drugs where since within 6 weeks)",
        &["exists (drugs X where X.since within 6 weeks of Today())"],
    ),
    (
        "operated_on >= 6 weeks",
        &[
            "operated_on 6 weeks or more before Today()",
            "operated_on 6 weeks or less on or before Today()",
        ],
    ),
    (
        "operated_on < 6 weeks before Today()",
        &[
            "operated_on more than 6 weeks before Today()",
            "operated_on less than 6 weeks on or before Today()",
        ],
    ),
    (
        "operated_on 12 wks ago",
        &[
            "operated_on 12 weeks or more before Today()",
            "operated_on 12 weeks or less on or before Today()",
        ],
    ),
    (
        "operated_on at most 6 weeks ago",
        &["operated_on 6 weeks or less on or before Today()"],
    ),
    (
        "operated_on at most 6 weeks ago and ecog less than 2",
        &["operated_on 6 weeks or less on or before Today() and ecog < 2"],
    ),
    (
        "operated_on not more than 6 weeks ago",
        &["operated_on 6 weeks or less on or before Today()"],
    ),
    (
        "operated_on less than 6 weeks ago",
        &["operated_on less than 6 weeks on or before Today()"],
    ),
    (
        "operated_on older than 6 weeks",
        &["operated_on more than 6 weeks before Today()"],
    ),
    (
        "operated_on was more than 6 weeks ago",
        &["operated_on more than 6 weeks before Today()"],
    ),
    (
        "operated_on not within 6 weeks",
        &["not (operated_on within 6 weeks of Today())"],
    ),
    (
        "not operated_on within 6 weeks",
        &["not (operated_on within 6 weeks of Today())"],
    ),
    (
        "operated_on within 6 weeks before Today()",
        &["operated_on 6 weeks or less on or before Today()"],
    ),
    (
        "operated_on within six weeks",
        &["operated_on within 6 weeks of Today()"],
    ),
    (
        "operated_on 6 weeks prior to Today()",
        &["operated_on 6 weeks before Today()"],
    ),
    (
        "weeks since operated_on >= 6",
        &["weeks between operated_on and Today() >= 6"],
    ),
    (
        "Today() - operated_on > 6 weeks",
        &["operated_on more than 6 weeks before Today()"],
    ),
    ("operated_on before today", &["operated_on before Today()"]),
    (
        "operated_on before screening",
        &["operated_on before Today()"],
    ),
    (
        "operated_on within 5 * half_life",
        &["days between operated_on and Today() <= 5 * (half_life / 1 'd')"],
    ),
    (
        "operated_on 5 * half_life or more before Today()",
        &["days between operated_on and Today() >= 5 * (half_life / 1 'd')"],
    ),
    (
        "operated_on >= 5 half-lives",
        &[
            "days between operated_on and Today() >= 5 * (half_life / 1 'd')",
            "days between operated_on and Today() <= 5 * (half_life / 1 'd')",
        ],
    ),
    (
        "operated_on after 05/01/2026",
        &[
            "operated_on after @2026-01-05",
            "operated_on after @2026-05-01",
        ],
    ),
    (
        "operated_on after 05.01.2026",
        &["operated_on after @2026-01-05"],
    ),
    (
        "operated_on after 31/01/2026",
        &["operated_on after @2026-01-31"],
    ),
    (
        "operated_on after 5 Jan 2026",
        &["operated_on after @2026-01-05"],
    ),
    (
        "operated_on after 05-Jan-2026",
        &["operated_on after @2026-01-05"],
    ),
    (
        "operated_on after January 2026",
        &["operated_on after @2026-01"],
    ),
    ("operated_on after 2020", &["operated_on after @2020"]),
    ("operated_on since 2020", &["operated_on on or after @2020"]),
    (
        "operated_on after '2026-01-05'",
        &["operated_on after @2026-01-05"],
    ),
];

/// What check says of a condition: the message and all help.
fn said_of(condition: &str) -> Option<String> {
    said_in(FACTS, condition)
}

/// The same in a trial file that goes on to the text of a condition.
fn said_in(trial: &str, condition: &str) -> Option<String> {
    let scratch = Scratch::new().with("trial.yaml", format!("{trial}{condition}\n"));
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

/// What no other condition says for sure: what is said instead.
const UNSURE: &[(&str, &str)] = &[
    ("operated_on 12 h ago", "there are no hours, only days"),
    (
        "operated_on within 12 hours of Today()",
        "there are no hours, only days",
    ),
    ("operated_on within 5 * t_half_of_it", "expected a duration"),
    (
        "operated_on within 5 elimination",
        "a duration is out of reach or its unit is none",
    ),
    ("hb >= 7,5", "a point as its decimal mark"),
    ("ecog is unknown", "what is missing leaves it unknown"),
    ("ecog is missing", "what is missing leaves it unknown"),
    ("exists ecog", "what is missing leaves it unknown"),
    ("hbsag = 'unknown'", "what is missing leaves it unknown"),
    ("hbsag = unknown", "what is missing leaves it unknown"),
    ("ecog is null", "looks at absence"),
    ("ecog is not null", "looks at absence"),
    ("(fit and pregnant", "a `)` is missing"),
    (
        "fit and pregnant)",
        "a bracket is closed that was not opened",
    ),
    ("alt between 1 and 3 ULN", "`3 * alt.uln`"),
    (
        "drugs contains 'statin'",
        "exists (list X where X.field = 'value')",
    ),
];

#[test]
fn where_nothing_is_sure_nothing_is_offered() {
    for (slip, wanted) in UNSURE {
        let said = said_of(slip).unwrap();
        assert!(said.contains(wanted), "{slip}: {said}");
        assert!(!said.contains("write `"), "{slip}: {said}");
    }
    let fits = "operated_on 20 half_lives or more before Today()";
    let declared = FACTS.replace("half_life:", "halflife_in_days:");
    let said = said_of_file(format!("{declared}{fits}\n"));
    assert!(said.contains("declared as a quantity in `d`"), "{said}");
}

#[test]
fn the_documentation_says_of_errors_what_is_said() {
    let page = include_str!("../docs/expressions.md");
    let (_, facts) = page.split_once("```yaml\nfacts:\n").unwrap();
    let (facts, _) = facts.split_once("```").unwrap();
    let head = "format: eligo/trial/1\ntrial: { id: T1, title: A trial }\nfacts:\n";
    let tail = "criteria:\n  inclusion:\n    - id: I1\n      title: One\n      text: The first.\n      require: >-\n        ";
    let trial = format!("{head}{facts}{tail}");
    let (_, table) = page.split_once("| written | said |\n|---|---|\n").unwrap();
    let rows: Vec<&str> = table
        .lines()
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert!(rows.len() > 10);
    for row in rows {
        let (written, wanted) = row.trim_matches(['|', ' ']).split_once("` | ").unwrap();
        let said = said_in(&trial, written.trim_matches('`')).unwrap();
        for part in wanted.split(" · ") {
            assert!(said.contains(part), "{row}\n{said}");
        }
    }
}

/// Entries as they are written in a block, or in braces, and how they are to be quoted.
const UNQUOTED: &[(&str, &str)] = &[
    ("      require: a: b", "`require: \"a: b\"`"),
    ("      require: case: fit", "`require: \"case: fit\"`"),
    (
        "      require: {'male', 'female'} contains sex",
        "`require: \"{'male', 'female'} contains sex\"`",
    ),
    ("      require: 'male' = sex", "`require: \"'male' = sex\"`"),
    ("      require: \"ecog\" <= 2", "`require: '\"ecog\" <= 2'`"),
    ("      require: *alt <= 3", "`require: \"*alt <= 3\"`"),
    ("      require: >= 3", "`require: \">= 3\"`"),
    ("      require: !pregnant", "`require: \"!pregnant\"`"),
    ("      require: %lvef > 3", "`require: \"%lvef > 3\"`"),
    (
        "      require: @2026-01-05 < operated_on",
        "`require: \"@2026-01-05 < operated_on\"`",
    ),
    ("      require: `fit`", "`require: \"`fit`\"`"),
    ("      require: - fit", "`require: \"- fit\"`"),
    ("      require: fit: true", "`require: \"fit: true\"`"),
    (
        "      require: fit: true # note",
        "`require: \"fit: true\"`",
    ),
    (
        "    - { id: I2, title: Two, text: Second, require: sex in {'male', 'female'} }",
        "`require: \"sex in {'male', 'female'}\"`",
    ),
    (
        "    - { id: I2, title: Two, text: Second, require: ecog in {0, 1} }",
        "`require: \"ecog in {0, 1}\"`",
    ),
    (
        "    - { id: I2, title: Two, text: Second: the score, require: fit }",
        "`text: \"Second: the score\"`",
    ),
    (
        "    - { id: I2, title: Two, require: ecog in {0, 1}, text: Second }",
        "`require: \"ecog in {0, 1}\"`",
    ),
    (
        "    - { id: I2, title: Two, text: Second, require: fit ? true : false }",
        "`require: \"fit ? true : false\"`",
    ),
];

/// What check says of a file whose last line this is.
fn said_of_entry(entry: &str) -> String {
    let head = FACTS.trim_end().trim_end_matches("require: >-").trim_end();
    // A criterion in braces follows a whole one.
    let rule = if entry.trim_start().starts_with('-') {
        "\n      require: fit"
    } else {
        ""
    };
    said_of_file(format!("{head}{rule}\n{entry}\n"))
}

/// All that check says of a trial file.
fn said_of_file(text: String) -> String {
    let scratch = Scratch::new().with("trial.yaml", text);
    let output = scratch
        .eligo()
        .args(["check", "trial.yaml"])
        .output()
        .unwrap();
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn unquoted_entries_are_offered_in_quotes_that_can_be_read() {
    for (entry, wanted) in UNQUOTED {
        let said = said_of_entry(entry);
        assert!(said.contains(wanted), "{entry}: {said}");
        let quoted = wanted.trim_matches('`');
        let (key, _) = quoted.split_once(": ").unwrap();
        let start = entry.find(&format!("{key}: ")).unwrap();
        // In braces the rest of the line stays as it is.
        let value = quoted.split_once(": ").unwrap().1;
        let inner = value.get(1..value.len() - 1).unwrap();
        let mended = entry.replacen(inner, value, 1);
        assert!(mended.get(start..).unwrap().starts_with(quoted), "{mended}");
        let said = said_of_entry(&mended);
        assert!(
            !said.contains("write it between quotes"),
            "{mended}: {said}"
        );
    }
}

#[test]
fn what_yaml_cuts_off_or_swallows_is_said() {
    for (entry, wanted) in [
        // It would mean `pregnant`.
        ("      require: ! pregnant", "`!` is a tag to YAML"),
        ("      require: !\n        pregnant", "`!` is a tag to YAML"),
        (
            "      require: fit #and pregnant",
            "`#and pregnant` is a comment to YAML, and no part of `require`",
        ),
        ("      require: fit # or pregnant", "words-in-comment"),
        (
            "    - { id: I2, title: Two, text: Second, require: fit, pregnant }",
            "a comma ends a text between `{` and `}`: put the whole of `require` between quotes",
        ),
        (
            "    - { id: I2, title: Two, text: ECOG 0, 1 or 2, require: fit }",
            "put the whole of `text` between quotes",
        ),
        (
            "    - { id: I2, title: Two, text: Second, require:fit }",
            "put a blank behind the colon: `require: fit`",
        ),
        ("      require: [fit, pregnant]", "joined by `and`"),
        (
            "      require:\n        - fit\n        - pregnant",
            "joined by `and`",
        ),
        (
            "      require: fit and\n      pregnant",
            "stands further in than its key",
        ),
        ("\trequire: fit", "indent with blanks, not with tabs"),
    ] {
        let said = said_of_entry(entry);
        assert!(said.contains(wanted), "{entry}: {said}");
    }
    for entry in [
        "      require: fit # as the amendment has it",
        "      require: \"not pregnant\" # ! fit",
    ] {
        let said = said_of_entry(entry);
        assert!(!said.contains("comment"), "{entry}: {said}");
        assert!(!said.contains("error"), "{entry}: {said}");
    }
}

#[test]
fn there_are_enough_slips() {
    assert!(SLIPS.len() >= 59);
}
