//! `eligo diff`: what changed between two versions of a trial file, and which candidates of a list it changes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Scratch, eligo};
use predicates::prelude::*;
use predicates::str::{contains, ends_with};
use serde_json::{Value as Json, json};

const OLD: &str = "\
format: eligo/trial/1
trial: { id: T1, version: '1', title: A trial, sponsor: { name: S, country: C }, notes: [one, two] }
facts:
  disease: { type: code, label: Disease, ask: Which disease?, values: { b_all: B-ALL, t_all: T-ALL, other: other }, codes: { snomed: '1' } }
  ecog: { type: integer, label: ECOG, ask: Which score?, range: 0..5 }
  pregnant: { type: boolean, label: Pregnancy, ask: Pregnant? }
  creatinine: { type: quantity, unit: mg/dL, units: { umol/L: 0.01131 }, label: Creatinine, ask: How much?, range: 0..30 }
  survival: { type: duration, label: Survival, ask: How long?, range: 0 days..20 years, judgement: true }
  liver:
    label: Liver
    alt: { type: decimal, label: ALT, ask: How high?, range: 0..1000 }
  birth_date: { type: date, label: Birth, ask: When? }
  drugs: { type: list, label: Drugs, ask: Which drugs?, item: { name: { type: text, label: Name }, dose: { type: decimal, label: Dose, range: 0..9 }, ended: { type: date, label: End } } }
define:
  fit: { label: fit for it, is: ecog <= 2 and not pregnant }
  strong: { label: strong, is: fit and survival > 3 months }
cautions:
  - { when: birth_date is null, say: no date of birth }
criteria:
  inclusion:
    - { id: I1, title: Disease, text: Patients with B-ALL, require: \"disease in { 'b_all', 't_all' }\" }
    - id: I2
      title: State
      text: In a good state
      plain: Well enough
      notes: [a note]
      require: fit
    - id: I3
      title: Age
      text: Adults up to seventy
      applies: pregnant
      require: AgeInYears() between 18 and 70
      cautions:
        - { when: ecog = 2, say: not so well, basis: the text }
    - id: I4
      title: Treatment
      text: Treated before
      any:
        - { id: I4a, title: Two drugs, require: Count(drugs) >= 2 }
        - id: I4b
          title: A strong drug
          readings:
            high: { say: a high dose, require: exists (drugs D where D.dose > 5) }
            any: { say: any dose, require: exists (drugs D where D.dose > 0) }
  exclusion:
    - { id: E1, title: Kidney, text: A weak kidney, exclude: creatinine > 1.5 'mg/dL' }
    - { id: E2, title: Liver, text: A weak liver, exclude: liver.alt > 3 * 40 or survival < 3 months }
    - { id: E3, title: Washout, text: Drugs until lately, exclude: exists (drugs D where D.ended within 14 days of Today()) }
    - { id: E4, title: Weakness, text: Too weak, exclude: not strong }
";

/// The old file with some things changed, each of which stands in it once.
fn with(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(OLD.to_owned(), |text, (right, wrong)| {
        assert_eq!(
            text.matches(right).count(),
            1,
            "`{right}` stands once in the trial file"
        );
        text.replacen(right, wrong, 1)
    })
}

fn compared(new: &str, arguments: &[&str]) -> assert_cmd::assert::Assert {
    let scratch = Scratch::new().with("old.yaml", OLD).with("new.yaml", new);
    scratch
        .eligo()
        .args(["diff", "old.yaml", "new.yaml"])
        .args(arguments)
        .assert()
}

/// The changes as JSON, which its schema accepts.
fn changes(new: &str) -> Json {
    let output = compared(new, &["--format", "json"])
        .code(0)
        .stderr("")
        .get_output()
        .stdout
        .clone();
    let found: Json = serde_json::from_slice(&output).unwrap();
    valid(&found);
    found
}

fn valid(found: &Json) {
    let schema = serde_json::from_str(eligo::schema::DIFF).unwrap();
    let wrong: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(found)
        .map(|error| error.to_string())
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}\n{found:#}");
}

/// One edit, and every change that it must be told as: of what, which part, its effect, words.
#[track_caller]
fn told(edits: &[(&str, &str)], wanted: &[(&str, &str, &str, &str)], affects: &[&str]) {
    let found = changes(&with(edits));
    let text = |change: &Json, key: &str| change[key].as_str().unwrap_or_default().to_owned();
    let shown: Vec<[String; 4]> = found["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            [
                format!("{} {}", text(change, "of"), text(change, "id")),
                text(change, "what"),
                text(change, "effect"),
                text(change, "say"),
            ]
        })
        .collect();
    let all: Vec<[&str; 4]> = wanted
        .iter()
        .map(|(of, what, effect, say)| [*of, *what, *effect, *say])
        .collect();
    assert_eq!(shown, all, "{edits:?}");
    assert_eq!(found["affects"], json!(affects), "{edits:?}");
}

#[test]
fn a_threshold_is_told_with_what_it_was() {
    told(
        &[("ecog <= 2 and", "ecog <= 3 and")],
        &[
            (
                "definition fit",
                "is",
                "verdicts",
                "is: ECOG: at most 2 → at most 3",
            ),
            (
                "definition strong",
                "is",
                "verdicts",
                "means something else, since what it builds on changed",
            ),
        ],
        &["I2", "E4"],
    );
    told(
        &[("between 18 and 70", "between 18 and 75")],
        &[(
            "criterion I3",
            "require",
            "verdicts",
            "require: age in years: 18 to 70 → 18 to 75",
        )],
        &["I3"],
    );
    told(
        &[("Count(drugs) >= 2", "Count(drugs) > 2")],
        &[(
            "criterion I4a",
            "require",
            "verdicts",
            "require: number of drugs: at least 2 → more than 2",
        )],
        &["I4"],
    );
    told(
        &[("> 1.5 'mg/dL'", "> 2 'mg/dL'")],
        &[(
            "criterion E1",
            "exclude",
            "verdicts",
            "exclude: Creatinine: more than 1.5 mg/dL → more than 2 mg/dL",
        )],
        &["E1"],
    );
    told(
        &[("survival < 3 months", "survival < 6 weeks")],
        &[(
            "criterion E2",
            "exclude",
            "verdicts",
            "exclude: Survival: less than 3 months → less than 6 weeks",
        )],
        &["E2"],
    );
    told(
        &[("within 14 days", "within 28 days")],
        &[(
            "criterion E3",
            "exclude",
            "verdicts",
            "exclude: in `exists (drugs D where D.ended within 28 days of Today())`: 14 days or less → 28 days or less",
        )],
        &["E3"],
    );
    told(
        &[("D.dose > 5)", "D.dose > 6)")],
        &[(
            "criterion I4b",
            "require",
            "verdicts",
            "reading high, require: in `exists (drugs D where D.dose > 6)`: 5 → 6",
        )],
        &["I4"],
    );
}

#[test]
fn a_distance_is_told_as_reports_say_it() {
    let edit = |distance| with(&[("within 14 days of", distance)]);
    let scratch = Scratch::new()
        .with("old.yaml", edit("more than 14 days before"))
        .with("new.yaml", edit("less than 28 days before"));
    scratch
        .eligo()
        .args(["diff", "old.yaml", "new.yaml"])
        .assert()
        .code(0)
        .stdout(contains(": more than 14 days → less than 28 days\n"));
}

#[test]
fn codes_and_parts_of_a_condition_come_and_go() {
    told(
        &[("{ 'b_all', 't_all' }", "{ 'b_all', 'other' }")],
        &[(
            "criterion I1",
            "require",
            "verdicts",
            "require: Disease: also 'other', no longer 't_all'",
        )],
        &["I1"],
    );
    told(
        &[("disease in { 'b_all', 't_all' }", "disease = 'b_all'")],
        &[(
            "criterion I1",
            "require",
            "verdicts",
            "require: Disease: no longer 't_all'",
        )],
        &["I1"],
    );
    told(
        &[(
            "      require: fit\n",
            "      require: fit and survival > 1 year\n",
        )],
        &[(
            "criterion I2",
            "require",
            "verdicts",
            "require: now also `and survival > 1 year`",
        )],
        &["I2"],
    );
    told(
        &[(" or survival < 3 months", "")],
        &[(
            "criterion E2",
            "exclude",
            "verdicts",
            "exclude: no longer `or survival < 3 months`",
        )],
        &["E2"],
    );
    told(
        &[("exclude: not strong", "exclude: ecog = 4 or pregnant")],
        &[(
            "criterion E4",
            "exclude",
            "verdicts",
            "exclude: no longer `or not strong`; now also `or ecog = 4`; now also `or pregnant`",
        )],
        &["E4"],
    );
    told(
        &[("      applies: pregnant\n", "")],
        &[("criterion I3", "applies", "verdicts", "applies removed")],
        &["I3"],
    );
}

#[test]
fn another_way_of_writing_is_no_change() {
    for (right, wrong) in [
        (
            "ecog <= 2 and not pregnant",
            "'  ecog<=2  and (not pregnant)'",
        ),
        ("ecog <= 2 and not pregnant", "not pregnant and 2 >= ecog"),
        (
            "'b_all', 't_all' }\\\"".trim_end_matches("\\\""),
            "'t_all', 'b_all' }",
        ),
        ("creatinine > 1.5 'mg/dL'", "creatinine > 1.50 'mg/dL'"),
    ] {
        let found = changes(&with(&[(right, wrong)]));
        let changes = found["changes"].as_array().unwrap();
        assert_eq!(changes.len(), 1, "{found:#}");
        assert!(
            changes[0]["say"]
                .as_str()
                .unwrap()
                .ends_with("written differently, no change in meaning"),
            "{found:#}"
        );
        assert_eq!(
            (&found["same"], &found["affects"], &changes[0]["effect"]),
            (&json!(true), &json!([]), &json!("none"))
        );
    }
    let text = compared(
        &with(&[("ecog <= 2 and", "2 >= ecog and")]),
        &["--fail-on", "change"],
    )
    .code(0)
    .get_output()
    .stdout
    .clone();
    assert!(
        String::from_utf8(text)
            .unwrap()
            .contains("1 change. No change in meaning: it is written differently.")
    );
    // Comments and line breaks of the file itself are not even that.
    compared(&format!("# A comment\n{OLD}\n"), &[])
        .code(0)
        .stdout(ends_with("only spaces, line breaks or comments differ.\n"));
    compared(OLD, &["--fail-on", "change"])
        .code(0)
        .stdout(ends_with("No difference: it is the same text.\n"));
}

#[test]
fn a_definition_may_have_another_name() {
    told(
        &[
            (
                "  fit: { label: fit for it,",
                "  able: { label: fit for it,",
            ),
            ("is: fit and survival", "is: able and survival"),
            ("require: fit\n", "require: able\n"),
        ],
        &[
            (
                "criterion I2",
                "require",
                "none",
                "require: written differently, no change in meaning",
            ),
            (
                "definition able",
                "",
                "words",
                "was fit, and means the same",
            ),
            (
                "definition strong",
                "is",
                "none",
                "is: written differently, no change in meaning",
            ),
        ],
        &[],
    );
}

#[test]
fn criteria_that_are_numbered_anew_are_known_by_their_words() {
    told(
        &[
            ("    - { id: E4,", "    - { id: E5,"),
            ("    - { id: E3,", "    - { id: E4,"),
            ("    - { id: E2,", "    - { id: E3,"),
            (
                "    - { id: E1, title: Kidney",
                "    - { id: E1, title: New, text: Something new, exclude: pregnant }\n    - { id: E2, title: Kidney",
            ),
        ],
        &[
            ("criterion E1", "", "verdicts", "added (exclusion)"),
            ("criterion E2", "", "words", "was E1"),
            ("criterion E3", "", "words", "was E2"),
            ("criterion E4", "", "words", "was E3"),
            ("criterion E5", "", "words", "was E4"),
        ],
        &["E1"],
    );
    told(
        &[(
            "    - { id: E3, title: Washout, text: Drugs until lately, exclude: exists (drugs D where D.ended within 14 days of Today()) }\n",
            "",
        )],
        &[("criterion E3", "", "verdicts", "removed")],
        &[],
    );
    told(
        &[(
            "        - { id: I4a, title: Two drugs, require: Count(drugs) >= 2 }\n",
            "",
        )],
        &[("criterion I4a", "", "verdicts", "removed")],
        &["I4"],
    );
    let moved = "    - { id: E4, title: Weakness, text: Too weak, exclude: not strong }\n";
    told(
        &[
            (moved, ""),
            ("    - { id: E2,", &format!("{moved}    - {{ id: E2,")),
        ],
        &[("criterion E4", "", "words", "moved behind E1")],
        &[],
    );
    let side = "    - { id: X9, title: Weakness, text: Too weak, require: strong }\n";
    told(
        &[
            (moved, ""),
            ("    - { id: I1,", &format!("{side}    - {{ id: I1,")),
        ],
        &[
            ("criterion X9", "", "words", "was E4"),
            (
                "criterion X9",
                "",
                "verdicts",
                "moved from exclusion to inclusion",
            ),
            (
                "criterion X9",
                "require",
                "verdicts",
                "require: another condition",
            ),
        ],
        &["X9"],
    );
}

#[test]
fn what_people_read_is_told_apart_from_what_decides() {
    told(
        &[
            ("title: State", "title: Condition"),
            ("In a good state", "In good\n       state"),
            ("plain: Well enough", "basis: my guess"),
            ("notes: [a note]", "notes: [a note, another]"),
        ],
        &[
            ("criterion I2", "title", "words", "title: State → Condition"),
            (
                "criterion I2",
                "text",
                "words",
                "text: In a good state → In good state",
            ),
            (
                "criterion I2",
                "plain",
                "words",
                "plain removed: Well enough",
            ),
            ("criterion I2", "basis", "words", "basis added: my guess"),
            ("criterion I2", "notes", "words", "notes: other words"),
        ],
        &[],
    );
    told(
        &[(
            "{ when: ecog = 2, say: not so well, basis: the text }",
            "{ when: ecog = 3, say: not so well }",
        )],
        &[
            (
                "criterion I3",
                "cautions",
                "words",
                "caution “not so well”, cautions: ECOG: also 3, no longer 2",
            ),
            (
                "criterion I3",
                "basis",
                "words",
                "caution “not so well”, basis removed: the text",
            ),
        ],
        &[],
    );
    told(
        &[(
            "      applies: pregnant\n",
            "      applies: pregnant\n      conflicts: [{ when: pregnant and birth_date > @2020-01-01, say: too young }]\n      closed_world: because\n",
        )],
        &[
            (
                "criterion I3",
                "conflicts",
                "verdicts",
                "conflict added: too young",
            ),
            (
                "criterion I3",
                "closed_world",
                "words",
                "closed_world added: because",
            ),
        ],
        &["I3"],
    );
    told(
        &[
            (
                "when: birth_date is null",
                "when: birth_date is null or ecog is null",
            ),
            ("version: '1'", "version: '2'"),
            ("country: C", "country: D"),
            ("notes: [one, two]", "notes: [one]"),
        ],
        &[
            (
                "cautions trial",
                "cautions",
                "words",
                "caution “no date of birth”, cautions: now also `or ecog is null`",
            ),
            ("trial T1", "version", "words", "version: 1 → 2"),
            (
                "trial T1",
                "about",
                "words",
                "sponsor: name: S; country: C → name: S; country: D",
            ),
            ("trial T1", "about", "words", "notes: one; two → one"),
        ],
        &[],
    );
}

#[test]
fn readings_and_groups() {
    told(
        &[(
            "any: { say: any dose, require: exists (drugs D where D.dose > 0) }",
            "some: { say: some, require: exists drugs, by_site_only: true }",
        )],
        &[
            (
                "criterion I4b",
                "readings",
                "verdicts",
                "reading some added: some",
            ),
            (
                "criterion I4b",
                "readings",
                "verdicts",
                "reading any removed: any dose",
            ),
        ],
        &["I4"],
    );
    told(
        &[("say: any dose,", "say: any dose, by_site_only: true,")],
        &[(
            "criterion I4b",
            "by_site_only",
            "verdicts",
            "reading any, counts only where a site pins it",
        )],
        &["I4"],
    );
    told(
        &[("      any:\n", "      all:\n")],
        &[(
            "criterion I4",
            "sub-criteria",
            "verdicts",
            "any sub-criterion → all sub-criteria",
        )],
        &["I4"],
    );
    told(
        &[(
            "require: Count(drugs) >= 2",
            "readings: { a: { say: a, require: Count(drugs) >= 2 }, b: { say: b, require: Count(drugs) > 2 } }",
        )],
        &[(
            "criterion I4a",
            "readings",
            "verdicts",
            "one condition → 2 readings",
        )],
        &["I4"],
    );
}

#[test]
fn facts_and_the_criteria_that_rest_on_them() {
    told(
        &[(
            "label: ECOG, ask: Which score?, range: 0..5",
            "label: ECOG score, ask: What score?, range: 0..4, note: now",
        )],
        &[
            ("fact ecog", "range", "records", "range: 0..5 → 0..4"),
            ("fact ecog", "label", "words", "label: ECOG → ECOG score"),
            (
                "fact ecog",
                "ask",
                "words",
                "ask: Which score? → What score?",
            ),
            ("fact ecog", "note", "words", "note added: now"),
        ],
        &[],
    );
    told(
        &[
            (
                "other: other }, codes: { snomed: '1' }",
                "other: { label: another, unclear: true }, mixed: mixed }, codes: { snomed: '2' }",
            ),
            ("t_all: T-ALL, ", ""),
            ("'b_all', 't_all'", "'b_all'"),
        ],
        &[
            (
                "criterion I1",
                "require",
                "verdicts",
                "require: Disease: no longer 't_all'",
            ),
            (
                "fact disease",
                "unclear",
                "verdicts",
                "value other, settles nothing any more",
            ),
            (
                "fact disease",
                "label",
                "words",
                "value other, label: other → another",
            ),
            (
                "fact disease",
                "values",
                "records",
                "value added: mixed (mixed)",
            ),
            (
                "fact disease",
                "values",
                "records",
                "value removed: t_all (T-ALL); a record that states it is refused",
            ),
            (
                "fact disease",
                "codes",
                "words",
                "codes: snomed 1 → snomed 2",
            ),
        ],
        &["I1"],
    );
    told(
        &[
            (
                "units: { umol/L: 0.01131 }",
                "units: { umol/L: 0.0113, g/L: 100 }",
            ),
            ("judgement: true", "measured: true"),
        ],
        &[
            (
                "fact creatinine",
                "units",
                "verdicts",
                "units: 1 umol/L = 0.01131 mg/dL → 1 umol/L = 0.0113 mg/dL",
            ),
            (
                "fact creatinine",
                "units",
                "records",
                "units added: 1 g/L = 100 mg/dL",
            ),
            (
                "fact survival",
                "judgement",
                "verdicts",
                "judgement: true → false",
            ),
            (
                "fact survival",
                "measured",
                "words",
                "measured: false → true",
            ),
        ],
        &["E1", "E2", "E4"],
    );
    told(
        &[
            (
                "dose: { type: decimal, label: Dose, range: 0..9 }",
                "dose: { type: decimal, label: Dose }, route: { type: text, label: Route }",
            ),
            ("name: { type: text, label: Name }, ", ""),
            ("label: Liver\n", "label: The liver\n"),
        ],
        &[
            (
                "fact drugs",
                "range",
                "records",
                "field dose, range removed: 0..9",
            ),
            ("fact drugs", "item", "records", "field added: route (text)"),
            (
                "fact drugs",
                "item",
                "records",
                "field removed: name; a record that states it is refused",
            ),
            ("fact liver", "label", "words", "label: Liver → The liver"),
        ],
        &[],
    );
    told(
        &[
            ("  pregnant: {", "  expecting: {"),
            ("and not pregnant", "and not expecting"),
            ("applies: pregnant", "applies: expecting"),
        ],
        &[
            (
                "criterion I3",
                "applies",
                "none",
                "applies: written differently, no change in meaning",
            ),
            (
                "definition fit",
                "is",
                "none",
                "is: written differently, no change in meaning",
            ),
            ("fact expecting", "", "records", "was pregnant"),
        ],
        &[],
    );
    let birth = "  birth_date: { type: date, label: Birth, ask: When? }\n";
    told(
        &[
            (birth, ""),
            ("AgeInYears() between 18 and 70", "ecog < 5"),
            ("when: birth_date is null", "when: ecog is null"),
        ],
        &[
            (
                "criterion I3",
                "require",
                "verdicts",
                "require: another condition",
            ),
            (
                "fact birth_date",
                "",
                "records",
                "removed: a record that states it is refused",
            ),
            (
                "cautions trial",
                "cautions",
                "words",
                "caution “no date of birth”, cautions: another condition",
            ),
        ],
        &["I3"],
    );
    told(
        &[
            (birth, ""),
            (
                "  ecog: {",
                &format!(
                    "{birth}  height: {{ type: decimal, label: Height, ask: How tall? }}\n  ecog: {{"
                ),
            ),
        ],
        &[
            ("fact height", "", "records", "added: Height (decimal)"),
            (
                "fact facts",
                "",
                "words",
                "in another order, which is that of the template",
            ),
        ],
        &[],
    );
    let found = changes(&with(&[("range: 0..5", "range: 0..4")]));
    assert_eq!(found["changes"][0]["criteria"], json!(["I2", "I3", "E4"]));
}

#[test]
fn the_text_is_for_reading() {
    let new = with(&[
        ("ecog <= 2 and not pregnant", "ecog <= 3 and not pregnant"),
        (
            "Adults up to seventy",
            "Adults up to seventy years of age who have not been treated before and can be followed for a year",
        ),
        ("between 18 and 70", "between 18 and 75"),
        ("version: '1'", "version: '2'"),
    ]);
    let wanted = "
5 changes. Verdicts may change for 3 criteria: I2, I3, E4.

Criteria
  I3  Age
    text: other words
      - Adults up to seventy
      + Adults up to seventy years of age who have not been treated before and
        can be followed for a year
    require: age in years: 18 to 70 → 18 to 75
      - AgeInYears() between 18 and 70
      + AgeInYears() between 18 and 75

Definitions
  fit  fit for it  (used by I2, E4)
    is: ECOG: at most 2 → at most 3
      - ecog <= 2 and not pregnant
      + ecog <= 3 and not pregnant
  strong  strong  (used by E4)
    means something else, since what it builds on changed

The trial
  version: 1 → 2
";
    compared(&new, &[])
        .code(0)
        .stderr("")
        .stdout(contains("old  T1, version 1 (sha256 "))
        .stdout(ends_with(wanted));
    compared(&new, &["--fail-on", "change"]).code(1);
}

#[test]
fn nothing_in_the_files_is_obeyed_by_a_terminal() {
    let hostile = "\"\\u001b[31m\\u009b2J\\u202e\"";
    let new = with(&[
        ("label: ECOG,", &format!("label: {hostile},")),
        ("title: State", &format!("title: {hostile}")),
        ("plain: Well enough", &format!("plain: {hostile}")),
    ]);
    let harmless = predicate::function(|said: &str| common::obeyed_by_a_terminal(said).is_empty());
    compared(&new, &[])
        .code(0)
        .stdout(contains("[31m").and(harmless));
    let list = "{\"candidate\":\"\\u001b[31m\",\"\\u001b[32m\":1}\n";
    let scratch = Scratch::new().with("old.yaml", OLD).with("l.ndjson", list);
    let harmless = predicate::function(|said: &str| common::obeyed_by_a_terminal(said).is_empty());
    scratch
        .eligo()
        .args(["diff", "old.yaml", "old.yaml", "--on", "l.ndjson"])
        .assert()
        .code(4)
        .stdout(contains("[31m").and(harmless));
}

/// A short row has another verdict by each of many criteria. The whole output is some 70 MB, and a part of it is never
/// read, so that the run is still there when its memory is looked at.
#[cfg(target_os = "linux")]
#[test]
fn short_rows_that_all_change_take_bounded_memory() {
    use std::io::Read as _;
    use std::process::{Command, Stdio};

    let trial = |require: &str| {
        let criteria: String = (0..100)
            .map(|id| format!("    - {{ id: I{id}, title: A, text: A, require: {require} }}\n"))
            .collect();
        format!(
            "format: eligo/trial/1\ntrial: {{ id: T1, version: '1', title: A }}\nfacts:\n  ecog: {{ type: integer, label: ECOG, ask: Which?, range: 0..5 }}\ncriteria:\n  inclusion:\n{criteria}"
        )
    };
    let scratch = Scratch::new()
        .with("old.yaml", trial("ecog <= 2"))
        .with("new.yaml", trial("ecog <= 3"))
        .with("list.ndjson", "{\"ecog\":3}\n".repeat(40_000));
    for format in ["text", "json"] {
        let mut child = Command::new(common::program())
            .args(["diff", "old.yaml", "new.yaml", "--on", "list.ndjson"])
            .args(["--threads", "8", "--format", format])
            .current_dir(scratch.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let mut some = vec![0; 8 * 1024 * 1024];
        stdout.read_exact(&mut some).unwrap();
        let peak = common::peak_memory(&child);
        drop(stdout);
        child.wait().unwrap();
        assert!(peak <= 64 * 1024, "{format}: {peak} kB");
    }
}

const LIST: &str = r#"{"candidate":"SAME","screened_on":"2026-11-20","ecog":1,"pregnant":false}
{"candidate":"BETTER","screened_on":"2026-11-20","ecog":3,"pregnant":false,"survival":"4 months"}
{"candidate":"BAD","ecgo":1}
{"candidate":"HIGH","screened_on":"2026-11-20","ecog":5}
"#;

fn amended() -> String {
    with(&[
        ("ecog <= 2 and", "ecog <= 3 and"),
        ("range: 0..5", "range: 0..4"),
        ("id: E1,", "id: E9,"),
    ])
}

#[test]
fn a_list_shows_whom_an_amendment_changes() {
    let scratch = Scratch::new()
        .with("old.yaml", OLD)
        .with("new.yaml", amended())
        .with("list.ndjson", LIST);
    let wanted = "
Candidates
line 2  BETTER  ineligible → undetermined  I2: fail → pass, E4: fail → pass
line 3  BAD  cannot be read: `ecgo` is not declared by the trial
line 4  HIGH  cannot be read by the new version: ecog: 5 is outside the plausible range 0..4; was ineligible

4 candidates: 1 as before, 1 with other verdicts, 2 that a version cannot read (1 by neither)

       1  ineligible → cannot be read
       1  ineligible → undetermined

By criterion
       1  I2
       1  E4
";
    let diff = |arguments: &[&str]| {
        let mut command = scratch.eligo();
        command
            .args(["diff", "old.yaml", "new.yaml", "--on"])
            .args(arguments);
        command.assert()
    };
    diff(&["list.ndjson"])
        .code(4)
        .stderr("")
        .stdout(ends_with(wanted));
    let output = diff(&["list.ndjson", "--format", "json"])
        .code(4)
        .get_output()
        .stdout
        .clone();
    let found: Json = serde_json::from_slice(&output).unwrap();
    valid(&found);
    assert_eq!(found["candidates"].as_array().unwrap().len(), 3);
    assert_eq!(found["summary"]["unreadable"], 2);
    assert_eq!(
        found["candidates"][0]["verdicts"][0],
        json!({ "old": { "id": "I2", "verdict": "fail" }, "new": { "id": "I2", "verdict": "pass" } })
    );
    // The same files change nobody, and nobody is shown.
    let same = scratch
        .eligo()
        .args([
            "diff",
            "old.yaml",
            "old.yaml",
            "--on",
            "list.ndjson",
            "--format",
            "json",
        ])
        .assert()
        .code(4)
        .get_output()
        .stdout
        .clone();
    let same: Json = serde_json::from_slice(&same).unwrap();
    valid(&same);
    assert_eq!(
        (
            &same["same"],
            &same["summary"]["unchanged"],
            same["candidates"].as_array().unwrap().len()
        ),
        (&json!(true), &json!(3), 1)
    );
}

#[test]
fn every_kind_of_list_is_read_as_batch_reads_it() {
    let rows: Vec<Json> = LIST
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|row: &Json| row.get("ecgo").is_none())
        .collect();
    let yaml: String = rows.iter().map(|row| format!("---\n{row}\n")).collect();
    let csv = "candidate,screened_on,ecog,pregnant,survival\nSAME,2026-11-20,1,no,\nBETTER,2026-11-20,3,no,4 months\nHIGH,2026-11-20,5,,\n";
    let scratch = Scratch::new()
        .with("old.yaml", OLD)
        .with("new.yaml", amended());
    let scratch = scratch
        .with("l.json", Json::from(rows.clone()).to_string())
        .with("l.yaml", yaml)
        .with("l.csv", csv);
    std::fs::create_dir(scratch.path().join("records")).unwrap();
    for (index, row) in rows.iter().enumerate() {
        std::fs::write(
            scratch.path().join(format!("records/{index}.json")),
            row.to_string(),
        )
        .unwrap();
    }
    for list in ["l.json", "l.yaml", "l.csv", "records"] {
        let output = scratch
            .eligo()
            .args([
                "diff", "old.yaml", "new.yaml", "--on", list, "--format", "json",
            ])
            .assert()
            .code(0)
            .stderr("")
            .get_output()
            .stdout
            .clone();
        let found: Json = serde_json::from_slice(&output).unwrap();
        valid(&found);
        let names: Vec<&Json> = found["candidates"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["candidate"])
            .collect();
        assert_eq!(names, ["BETTER", "HIGH"], "{list}");
        assert_eq!(
            found["candidates"][0].get("file").is_some(),
            list == "records"
        );
    }
    let stdin = scratch
        .eligo()
        .args(["diff", "old.yaml", "new.yaml", "--on", "-"])
        .write_stdin(LIST.replace("ecgo", "ecog"))
        .assert();
    stdin
        .code(0)
        .stdout(contains("BETTER  ineligible → undetermined"));
}

#[test]
fn elements_on_one_line_are_told_by_their_number() {
    let list = "[{\"candidate\":\"A\",\"ecog\":1}, {\"candidate\":\"B\",\"ecog\":5}]";
    let scratch = Scratch::new()
        .with("old.yaml", OLD)
        .with("new.yaml", amended())
        .with("list.json", list);
    let diff = |format: &str| {
        let list = ["--on", "list.json", "--format", format];
        let mut command = scratch.eligo();
        command.args(["diff", "old.yaml", "new.yaml"]).args(list);
        command.assert().code(0)
    };
    diff("text").stdout(contains(
        "\nline 1 (element 2)  B  cannot be read by the new",
    ));
    let said = diff("json").get_output().stdout.clone();
    let found: Json = serde_json::from_slice(&said).unwrap();
    valid(&found);
    assert_eq!(found["candidates"][0]["element"], 2);
}

#[test]
fn a_column_that_one_version_does_not_declare_loses_no_row() {
    let birth = (
        "  birth_date: { type: date, label: Birth, ask: When? }\n",
        "",
    );
    let new = with(&[
        birth,
        ("AgeInYears() between 18 and 70", "ecog < 5"),
        ("when: birth_date is null", "when: ecog is null"),
    ]);
    let scratch = Scratch::new()
        .with("old.yaml", OLD)
        .with("new.yaml", new)
        .with("l.csv", "candidate,birth_date\nA,1990\nB,1991\n")
        .with("w.csv", "candidate,brith\nA,1990\n");
    let diff = |list: &str| {
        scratch
            .eligo()
            .args(["diff", "old.yaml", "new.yaml", "--on", list])
            .assert()
    };
    diff("l.csv").code(0).stdout(
        contains("A  cannot be read by the new version: the trial declares no `birth_date`")
            .and(contains("2 that a version cannot read\n")),
    );
    // What neither declares is a slip in the list.
    diff("w.csv").code(2).stdout("").stderr(contains("`brith`"));
}

#[test]
fn a_criterion_that_is_no_obstacle_changes_nobody_by_coming_or_going() {
    let new = with(&[(
        "    - { id: E4, title: Weakness, text: Too weak, exclude: not strong }\n",
        "    - { id: E5, title: Child, text: A child, exclude: pregnant }\n",
    )]);
    let list = "{\"candidate\":\"A\",\"pregnant\":false,\"ecog\":1,\"survival\":\"1 year\"}\n{\"candidate\":\"B\",\"pregnant\":true}\n{\"candidate\":\"C\",\"ecog\":1}\n";
    let scratch = Scratch::new()
        .with("old.yaml", OLD)
        .with("new.yaml", new)
        .with("l.ndjson", list);
    let wanted = "line 2  B  ineligible as before  E5 (new): fail, E4 (gone): was fail\nline 3  C  undetermined as before  E5 (new): unknown, E4 (gone): was unknown\n";
    scratch
        .eligo()
        .args(["diff", "old.yaml", "new.yaml", "--on", "l.ndjson"])
        .assert()
        .code(0)
        .stdout(contains(wanted).and(contains("  A  ").not()));
    scratch
        .eligo()
        .args([
            "diff",
            "old.yaml",
            "new.yaml",
            "--on",
            "l.ndjson",
            "--fail-on",
            "candidate",
        ])
        .assert()
        .code(1);
}

#[test]
fn the_verdicts_are_those_of_batch() {
    let scratch = Scratch::new().with(
        "new.yaml",
        common::text_of("criteria/nct04546906.yaml")
            .replace("require: ecog <= 2", "require: ecog <= 0"),
    );
    let new = scratch.path().join("new.yaml");
    let new = new.to_str().unwrap();
    let records = scratch.path().join("records");
    std::fs::create_dir(&records).unwrap();
    for record in common::example_records() {
        std::fs::copy(
            common::root().join(&record),
            records.join(record.rsplit('/').next().unwrap()),
        )
        .unwrap();
    }
    let records = records.to_str().unwrap();
    let rows = |trial: &[&str]| -> Vec<Json> {
        let output = eligo()
            .args([
                "batch",
                records,
                "--format",
                "ndjson",
                "--site",
                "examples/site-policy.yaml",
            ])
            .args(trial)
            .assert()
            .code(0)
            .get_output()
            .stdout
            .clone();
        String::from_utf8(output)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let (old_rows, new_rows) = (rows(&[]), rows(&["--trial", new]));
    let output = eligo()
        .args([
            "diff",
            "embedded",
            new,
            "--on",
            records,
            "--format",
            "json",
            "--site",
            "examples/site-policy.yaml",
        ])
        .assert()
        .code(0);
    let found: Json = serde_json::from_slice(&output.get_output().stdout.clone()).unwrap();
    valid(&found);
    let wanted: Vec<Json> = old_rows
        .iter()
        .zip(&new_rows)
        .filter(|(old, new)| old["verdicts"] != new["verdicts"])
        .map(|(old, new)| json!([old["candidate"], old["eligibility"], new["eligibility"]]))
        .collect();
    let told: Vec<Json> = found["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["candidate"], one["old"], one["new"]]))
        .collect();
    assert!(!wanted.is_empty() && wanted.len() < old_rows.len());
    assert_eq!(told, wanted);
}

#[test]
fn a_wrong_call_says_what_would_be_right() {
    let scratch = Scratch::new()
        .with("old.yaml", OLD)
        .with("bad.yaml", "ecog: 1\n")
        .with("empty.ndjson", "");
    let diff = |arguments: &[&str]| scratch.eligo().arg("diff").args(arguments).assert().code(2);
    diff(&["old.yaml", "bad.yaml"])
        .stdout("")
        .stderr(contains("bad.yaml:1:1"));
    diff(&["old.yaml", "missing.yaml"])
        .stdout("")
        .stderr(contains("`missing.yaml`"));
    diff(&["old.yaml"]).stdout("").stderr(contains("<NEW>"));
    diff(&["-", "-"]).stdout("").stderr(contains("only once"));
    diff(&["old.yaml", "old.yaml", "--threads", "2"])
        .stdout("")
        .stderr(contains("--on <LIST>"));
    diff(&["old.yaml", "old.yaml", "--from", "yaml"])
        .stdout("")
        .stderr(contains("--on LIST"));
    diff(&["old.yaml", "old.yaml", "--fail-on", "candidate"])
        .stdout("")
        .stderr(contains("--on LIST"));
    diff(&["old.yaml", "old.yaml", "--site", "s.yaml"])
        .stdout("")
        .stderr(contains("--on"));
    diff(&["old.yaml", "old.yaml", "--on", "missing.ndjson"])
        .stdout("")
        .stderr(contains("`missing.ndjson`"));
    diff(&["old.yaml", "old.yaml", "--on", "empty.ndjson"]).stderr(contains("no row"));
    let readings = scratch
        .eligo()
        .args(["diff", "old.yaml", "-", "--on", "empty.ndjson"])
        .write_stdin(OLD)
        .assert()
        .code(2);
    readings.stderr(contains("no row"));
}
