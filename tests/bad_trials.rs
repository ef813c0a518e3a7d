//! A trial file with something wrong in it: `eligo check` says what, and where inside the YAML, and `eligo screen` never
//! screens with it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::schema::{self, ELSEWHERE, EXPRESSION};
use common::{Complaint, Scratch};
use predicates::prelude::*;
use predicates::str::contains;

/// A small trial file that is right.
const TRIAL: &str = "\
format: eligo/trial/1
trial: { id: T1, title: A trial }
facts:
  diagnosis: { type: code, label: Diagnosis, ask: Which disease?, values: { b_all: B-ALL, t_all: T-ALL } }
  ecog: { type: integer, label: ECOG, ask: Which score?, range: 0..5 }
  lvef: { type: quantity, unit: '%', label: LVEF, ask: Which fraction?, range: 5..100 }
  survival: { type: duration, label: Survival, ask: How long?, range: 0 days..10 years }
  drugs: { type: list, label: Drugs, ask: Which drugs?, item: { name: { type: text, label: Name }, dose: { type: decimal, label: Dose, range: 0..1000 } } }
define:
  fit: { label: fit, is: ecog <= 2 }
criteria:
  inclusion:
    - id: I1
      title: Disease
      text: Patients with B-ALL
      require: diagnosis = 'b_all'
    - id: I2
      title: State
      text: In a good state
      require: fit
  exclusion:
    - id: E1
      title: Heart
      text: A weak heart
      exclude: lvef < 50 '%'
    - id: E2
      title: Survival
      text: A short survival
      exclude: survival < 3 months
    - id: E3
      title: Drugs
      text: Too much of a drug
      exclude: exists (drugs D where D.dose > 2)
";

/// The trial file with one thing changed.
fn with(right: &str, wrong: &str) -> String {
    assert_eq!(
        TRIAL.matches(right).count(),
        1,
        "`{right}` stands once in the trial file"
    );
    TRIAL.replace(right, wrong)
}

/// Checks a trial file that must be found wrong.
fn refused(trial: &str) -> Complaint {
    let scratch = Scratch::new()
        .with("trial.yaml", trial)
        .with("record.yaml", "ecog: 1\n");
    let screen = scratch
        .eligo()
        .args(["screen", "record.yaml", "--trial", "trial.yaml"])
        .assert();
    screen.code(2).stdout("").stderr(contains("error: "));
    let check = scratch
        .eligo()
        .args(["check", "trial.yaml"])
        .assert()
        .stdout(contains("trial.yaml").and(contains("error")));
    Complaint::about("trial.yaml", check, 2).refused_by(schema::trial_file(), trial)
}

/// The same, where what is wrong is inside an expression: to a schema that is a text.
fn refused_for_an_expression(trial: &str) -> Complaint {
    refused(trial).beyond_a_schema(EXPRESSION)
}

#[test]
fn the_trial_file_of_these_tests_is_right() {
    let scratch = Scratch::new().with("trial.yaml", TRIAL);
    scratch
        .eligo()
        .args(["check", "trial.yaml"])
        .assert()
        .code(0)
        .stderr("");
}

#[test]
fn an_unknown_key_of_a_criterion() {
    refused(&with("text: In a good state", "txt: In a good state"))
        .at(19, 7, "      txt: In a good state")
        .says("`txt`")
        .helps("`text`");
}

#[test]
fn an_unknown_key_of_a_fact() {
    refused(&with("range: 0..5", "rnage: 0..5"))
        .at(5, 58, "  ecog")
        .says("`rnage`")
        .helps("`range`")
        .errors(1);
}

#[test]
fn an_unknown_key_of_the_file() {
    refused(&with("define:\n", "defines:\n"))
        .at(9, 1, "defines:")
        .says("`defines`")
        .helps("`define`");
}

#[test]
fn a_type_that_does_not_exist() {
    refused(&with("ecog: { type: integer", "ecog: { type: integr"))
        .at(5, 17, "  ecog")
        .says("`integr`")
        .helps("`integer`");
}

#[test]
fn a_fact_that_is_not_declared_is_marked_inside_its_expression() {
    refused_for_an_expression(&with("is: ecog <= 2", "is: 0 < 1 and ecgo <= 2"))
        .at(10, 36, "  fit")
        .says("`ecgo`")
        .helps("`ecog`");
}

#[test]
fn a_place_inside_a_quoted_or_folded_expression_is_found() {
    let quoted = "require: 'diagnosis = ''b_all'' and ecgo <= 2'";
    refused_for_an_expression(&with("require: diagnosis = 'b_all'", quoted))
        .at(16, 43, &format!("      {quoted}"))
        .says("`ecgo`")
        .errors(1);
    let folded = "require: >\n        diagnosis = 'b_all'\n        and ecgo <= 2";
    refused_for_an_expression(&with("require: diagnosis = 'b_all'", folded))
        .at(18, 13, "        and ecgo <= 2")
        .says("`ecgo`")
        .errors(1);
    let literal = "require: |\n        diagnosis = 'b_all'\n          and ecgo <= 2";
    refused_for_an_expression(&with("require: diagnosis = 'b_all'", literal))
        .at(18, 15, "          and ecgo <= 2")
        .says("`ecgo`")
        .errors(1);
    let plain = "require: diagnosis = 'b_all'\n          and ecgo <= 2";
    refused_for_an_expression(&with("require: diagnosis = 'b_all'", plain))
        .at(17, 15, "          and ecgo <= 2")
        .says("`ecgo`")
        .errors(1);
}

#[test]
fn a_code_that_is_not_declared() {
    refused_for_an_expression(&with("diagnosis = 'b_all'", "diagnosis = 'ball'"))
        .at(16, 28, "      require: diagnosis = 'ball'")
        .says("'ball'")
        .helps("b_all")
        .errors(1);
    refused_for_an_expression(&with(
        "diagnosis = 'b_all'",
        "diagnosis in { 'b_all', 'tall' }",
    ))
    .at(16, 40, "      require")
    .says("'tall'")
    .helps("t_all")
    .errors(1);
}

#[test]
fn a_field_that_the_items_do_not_have() {
    refused_for_an_expression(&with("D.dose > 2", "D.dosis > 2"))
        .says("trial.yaml:33:")
        .says("`dosis`")
        .helps("`dose`")
        .errors(1);
}

#[test]
fn a_comparison_of_what_cannot_be_compared() {
    refused_for_an_expression(&with("is: ecog <= 2", "is: ecog <= '2'"))
        .says("trial.yaml:10:")
        .says("ecog <= '2'")
        .errors(1);
    refused_for_an_expression(&with("diagnosis = 'b_all'", "diagnosis < 'b_all'"))
        .says("trial.yaml:16:")
        .says("order")
        .errors(1);
    refused_for_an_expression(&with("diagnosis = 'b_all'", "diagnosis = 1"))
        .says("trial.yaml:16:")
        .errors(1);
}

#[test]
fn a_number_without_the_unit_that_it_needs() {
    refused_for_an_expression(&with("lvef < 50 '%'", "lvef < 50"))
        .at(25, 23, "      exclude: lvef < 50")
        .helps("'%'")
        .errors(1);
    refused_for_an_expression(&with("survival < 3 months", "survival < 3"))
        .at(29, 27, "      exclude: survival < 3")
        .helps("months")
        .errors(1);
}

#[test]
fn a_value_where_a_condition_belongs() {
    refused_for_an_expression(&with("require: fit", "require: ecog"))
        .at(20, 16, "      require: ecog")
        .says("condition")
        .errors(1);
}

#[test]
fn an_expression_that_does_not_end_or_does_not_begin() {
    refused_for_an_expression(&with("is: ecog <= 2", "is: (ecog <= 2"))
        .says("trial.yaml:10:")
        .says("`)`")
        .errors(1);
    refused_for_an_expression(&with("is: ecog <= 2", "is: ecog <="))
        .says("trial.yaml:10:")
        .says("expected")
        .errors(1);
    refused_for_an_expression(&with("is: ecog <= 2", "is: ecog == 2"))
        .says("trial.yaml:10:3")
        .helps("`ecog = 2`")
        .errors(1);
}

#[test]
fn a_function_that_does_not_exist() {
    refused_for_an_expression(&with(
        "exists (drugs D where D.dose > 2)",
        "Cuont(drugs) > 2",
    ))
    .says("trial.yaml:33:")
    .says("`Cuont`")
    .helps("`Count`")
    .errors(1);
}

#[test]
fn two_criteria_with_one_id_name_both_lines() {
    refused(&with("id: I2", "id: I1"))
        .at(17, 11, "    - id: I1")
        .says("`I1`")
        .helps("line 13")
        .errors(1)
        .beyond_a_schema(ELSEWHERE);
    refused(&with("id: E3", "id: E2"))
        .at(30, 11, "    - id: E2")
        .says("`E2`")
        .helps("line 26")
        .errors(1)
        .beyond_a_schema(ELSEWHERE);
}

#[test]
fn a_fact_declared_twice() {
    refused(&with(
        "  lvef: {",
        "  ecog: { type: integer, label: ECOG, ask: Again? }\n  lvef: {",
    ))
    .at(6, 3, "  ecog")
    .says("`ecog`")
    .helps("line 5");
}

#[test]
fn definitions_that_go_in_a_circle() {
    let circle = "fit: { label: fit, is: well }\n  well: { label: well, is: not fit }";
    refused_for_an_expression(&with("fit: { label: fit, is: ecog <= 2 }", circle))
        .says("trial.yaml:1")
        .says("by way of itself");
    refused_for_an_expression(&with("is: ecog <= 2", "is: fit or ecog <= 2"))
        .at(10, 26, "  fit")
        .says("`fit`")
        .says("by way of itself");
}

#[test]
fn what_looks_at_absence_may_not_decide() {
    for absence in [
        "ecog is null",
        "ecog is not null",
        "fit is not true",
        "Coalesce(ecog, 0) <= 2",
        "not (ecog is null) and fit",
    ] {
        refused_for_an_expression(&with("require: fit", &format!("require: {absence}")))
            .says("trial.yaml:20:")
            .says("absence")
            .errors(1);
    }
    refused_for_an_expression(&with("exclude: lvef < 50 '%'", "exclude: lvef is null"))
        .says("trial.yaml:25:")
        .says("absence")
        .errors(1);
    refused_for_an_expression(&with(
        "require: fit",
        "applies: ecog is not null\n      require: fit",
    ))
    .at(20, 16, "      applies")
    .says("absence")
    .errors(1);
    // Nor by way of a definition.
    refused_for_an_expression(&with("is: ecog <= 2", "is: ecog is not null"))
        .says("trial.yaml:20:")
        .says("absence");
}

#[test]
fn a_caution_may_look_at_absence() {
    let caution =
        "require: fit\n      cautions: [{ when: ecog is null, say: nobody knows the score }]";
    let scratch = Scratch::new().with("trial.yaml", with("require: fit", caution));
    scratch
        .eligo()
        .args(["check", "trial.yaml"])
        .assert()
        .code(0)
        .stderr("");
}

#[test]
fn an_inclusion_criterion_requires_and_an_exclusion_criterion_excludes() {
    refused(&with("require: fit", "exclude: fit"))
        .says("trial.yaml:20:")
        .says("`exclude`")
        .helps("`require`");
    refused(&with("exclude: lvef < 50 '%'", "require: lvef < 50 '%'"))
        .says("trial.yaml:25:")
        .says("`require`")
        .helps("`exclude`");
}

#[test]
fn one_reading_is_no_ambiguity() {
    let readings = "readings: { only: { say: the only one, require: fit } }";
    refused(&with("require: fit", readings))
        .says("trial.yaml:20:")
        .says("readings")
        .helps("`require`");
}

#[test]
fn a_criterion_without_the_words_of_the_protocol() {
    refused(&with("      text: In a good state\n", ""))
        .says("trial.yaml:17:")
        .says("`text`");
}

#[test]
fn a_criterion_without_a_rule() {
    refused(&with("      require: fit\n", ""))
        .says("trial.yaml:17:")
        .says("I2")
        .helps("`require`");
}

#[test]
fn another_format() {
    refused(&with("eligo/trial/1", "eligo/trial/9"))
        .at(1, 9, "format: eligo/trial/9")
        .says("eligo/trial/1");
}

#[test]
fn a_record_is_no_trial_file() {
    let scratch = Scratch::new()
        .with("trial.yaml", "ecog: 1\n")
        .with("record.yaml", "ecog: 1\n");
    scratch
        .eligo()
        .args(["check", "trial.yaml"])
        .assert()
        .code(2)
        .stderr(contains("trial.yaml:1:1").and(contains("eligo/trial/1")));
    scratch
        .eligo()
        .args(["screen", "record.yaml", "--trial", "trial.yaml"])
        .assert()
        .code(2)
        .stdout("");
}

#[test]
fn all_errors_are_shown_each_with_its_own_place() {
    let trial = with("range: 0..5", "rnage: 0..5")
        .replace("'b_all'", "'ball'")
        .replace("lvef < 50 '%'", "lvef < 50");
    refused(&trial)
        .at(5, 58, "  ecog")
        .at(16, 28, "      require")
        .at(25, 23, "      exclude: lvef < 50")
        .errors(3);
}

#[test]
fn a_fact_that_no_rule_uses_is_a_warning() {
    let trial = with(
        "  lvef: {",
        "  height: { type: decimal, label: Height, ask: How tall?, range: 20..250 }\n  lvef: {",
    );
    let scratch = Scratch::new()
        .with("trial.yaml", trial)
        .with("record.yaml", "ecog: 1\n");
    let warning = contains("warning[unused-fact]: ")
        .and(contains("`height`"))
        .and(contains("trial.yaml:6:"))
        .and(contains("error").not());
    scratch
        .eligo()
        .args(["check", "trial.yaml"])
        .assert()
        .code(0)
        .stderr(warning)
        .stdout(contains("1 warning"));
    // It is for the author; whoever screens with the trial is not bothered.
    scratch
        .eligo()
        .args(["screen", "record.yaml", "--trial", "trial.yaml"])
        .assert()
        .code(3)
        .stderr("");
}

#[test]
fn a_deeply_nested_expression_is_refused() {
    let nested = format!("{}fit{}", "(".repeat(20_000), ")".repeat(20_000));
    refused_for_an_expression(&with("require: fit", &format!("require: {nested}")))
        .says("trial.yaml:20:")
        .briefly();
    let negated = format!("{}fit", "not ".repeat(20_000));
    refused_for_an_expression(&with("require: fit", &format!("require: {negated}")))
        .says("trial.yaml:20:")
        .briefly();
    let chained = vec!["fit"; 20_000].join(" and ");
    refused_for_an_expression(&with("require: fit", &format!("require: {chained}")))
        .says("trial.yaml:20:")
        .briefly();
}

#[test]
fn a_unit_that_does_not_exist() {
    refused(&with("unit: '%'", "unit: florps"))
        .beyond_a_schema(UCUM)
        .at(6, 33, "  lvef")
        .says("`florps` is not a unit of UCUM")
        .helps("units are those of UCUM")
        .errors(1);
    refused(&with("unit: '%'", "unit: mmHg"))
        .beyond_a_schema(UCUM)
        .helps("did you mean `mm[Hg]`?");
    refused(&with("unit: '%'", "unit: copies/mL"))
        .beyond_a_schema(UCUM)
        .helps("did you mean `{copies}/mL`?");
    refused_for_an_expression(&with("lvef < 50 '%'", "lvef < 50 'pct'"))
        .says("`pct` is not a unit of UCUM")
        .helps("write `lvef < 50 '%'`")
        .errors(1);
    refused(&with(
        "unit: '%'",
        &format!("unit: {}", "m.".repeat(1_000_000)),
    ))
    .says("longer than 100 bytes")
    .briefly();
}

#[test]
fn units_that_cannot_be_converted() {
    let units = |units: &str| {
        with("unit: '%'", &format!("unit: mg/dL, units: {units}"))
            .replace("lvef < 50 '%'", "lvef < 50 'mg/dL'")
    };
    let scratch = Scratch::new().with("trial.yaml", units("[g/L, { }]").replace(", { }", ", mg/L"));
    scratch
        .eligo()
        .args(["check", "trial.yaml"])
        .assert()
        .code(0);
    refused(&units("[umol/L]"))
        .beyond_a_schema(UCUM)
        .at(6, 48, "  lvef")
        .says("`umol/L` cannot be turned into `mg/dL`")
        .helps("declare the factor")
        .errors(1);
    refused(&units("[kg]"))
        .beyond_a_schema(UCUM)
        .says("`kg` cannot be turned into `mg/dL`")
        .helps("they measure different things")
        .errors(1);
    refused(&units("[florps]"))
        .beyond_a_schema(UCUM)
        .says("`florps` is not a unit of UCUM")
        .errors(1);
    refused(&units("[g/L, g/L]"))
        .says("`g/L` is declared twice")
        .errors(1);
    refused(&units("[mg/dL]"))
        .beyond_a_schema(UCUM)
        .says("`mg/dL` is declared twice")
        .errors(1);
    refused(&units("{ umol/L: 0 }"))
        .says("`0` is not a factor")
        .errors(1);
    refused(&units("{ umol/L: -0.01131 }"))
        .says("`-0.01131` is not a factor")
        .errors(1);
    refused(&units("{ umol/L: }"))
        .beyond_a_schema(UCUM)
        .says("`umol/L` cannot be turned into `mg/dL`")
        .errors(1);
    // UCUM knows better.
    refused(&units("{ g/L: 0.1 }"))
        .beyond_a_schema(UCUM)
        .at(6, 54, "  lvef")
        .says("`0.1` is not the factor from `g/L` to `mg/dL`")
        .helps("1 g/L is 100 mg/dL")
        .errors(1);
    // A name of one's own goes with its factor.
    let own = Scratch::new().with("trial.yaml", units("{ g/L: 100, mgdl: 1 }"));
    own.eligo().args(["check", "trial.yaml"]).assert().code(0);
    refused_for_an_expression(&with("lvef < 50 '%'", "lvef < 50 'mmol/L'"))
        .says("'mmol/L' cannot be compared with '%'")
        .errors(1);
}

/// Which units there are, and which can be converted, UCUM knows.
const UCUM: &str = "a schema does not know the units of UCUM";

/// Definitions in a circle, of any length, end in one error each.
#[test]
fn definitions_in_a_circle() {
    let names: Vec<String> = (0..200)
        .map(|index| format!("  d{index}: {{ is: d{} }}\n", (index + 1) % 200))
        .collect();
    refused_for_an_expression(&with("define:\n", &format!("define:\n{}", names.concat())))
        .says("by way of itself")
        .briefly();
    refused_for_an_expression(&with("is: ecog <= 2", "is: fit and ecog <= 2"))
        .says("`fit` is defined by way of itself")
        .errors(1);
}

#[test]
fn an_expression_of_a_megabyte() {
    let long = format!("ecog <= 2{}", " or ecog <= 2".repeat(80_000));
    refused(&with("is: ecog <= 2", &format!("is: {long}")))
        .at(10, 26, "")
        .says("longer than 65536 bytes")
        .briefly();
    refused_for_an_expression(&with(
        "is: ecog <= 2",
        &format!("is: {}ecog{}", "(".repeat(10_000), ")".repeat(10_000)),
    ))
    .says("nested more than 100")
    .briefly();
}
