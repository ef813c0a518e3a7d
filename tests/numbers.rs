//! Numbers, units and limits of normal, where a slip would turn a verdict.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::Scratch;
use predicates::prelude::*;
use predicates::str::contains;

fn trial(fact: &str, exclude: &str) -> String {
    format!(
        "format: eligo/trial/1
trial: {{ id: A-1, version: '1', title: Limits }}
facts:
  x: {{ type: quantity, label: X, ask: X?, {fact} }}
criteria:
  exclusion:
    - {{ id: E1, title: X, text: X, exclude: \"{exclude}\" }}
"
    )
}

fn screened(trial: &str, x: &str) -> assert_cmd::assert::Assert {
    Scratch::new()
        .with("trial.yaml", trial)
        .with(
            "record.yaml",
            format!("candidate: A\nscreened_on: 2026-11-27\nx: {x}\n"),
        )
        .eligo()
        .args(["screen", "--trial", "trial.yaml", "record.yaml"])
        .assert()
}

#[test]
fn limits_of_normal_obey_the_range_and_each_other() {
    let alt = trial("unit: U/L, range: 1..1000", "x > 3 * x.uln");
    for (x, says) in [
        ("{ value: 21, uln: 4000 }", "1..1000 U/L"),
        ("{ value: 21, uln: 0 }", "leave it out where the laboratory"),
        (
            "{ value: 21, uln: -5 }",
            "leave it out where the laboratory",
        ),
        (
            "{ value: 121, lln: 50, uln: 40 }",
            "lower limit of normal lies above",
        ),
        (
            "{ value: 121, uln: \"<=100\" }",
            "write the number alone: `100`",
        ),
        ("{ value: 121, uln: 10..100 }", "as `lln` and `uln`"),
    ] {
        screened(&alt, x).code(2).stderr(contains(says));
    }
    screened(&alt, "{ value: 121, lln: 10, uln: 40 }").code(1);
    screened(&alt, "{ value: 120, lln: 10, uln: 40 }").code(0);
    let no_range = trial("unit: U/L", "x > 3 * x.uln");
    screened(&no_range, "{ value: 21, uln: 0 }")
        .code(2)
        .stderr(contains("more than 0"));
    let base_excess = trial("unit: mmol/L, range: -40..40", "x < x.lln");
    screened(&base_excess, "{ value: -1, lln: -2, uln: 2 }").code(0);
}

#[test]
fn a_recorded_value_meets_its_own_limit() {
    for minutes in 1..=60 {
        for comparison in [">", "<", "!="] {
            let stay = trial(
                "unit: h, units: [min], range: 0..100",
                &format!("x {comparison} {minutes} 'min'"),
            );
            screened(&stay, &format!("{minutes} min")).code(0);
        }
    }
    for tenths in (5..=160).step_by(5) {
        let value = format!("{}.{}", tenths / 10, tenths % 10);
        for comparison in [">", "<"] {
            let pressure = trial(
                "unit: 'mm[Hg]', units: [kPa], range: 0..300",
                &format!("x {comparison} {value} 'kPa'"),
            );
            screened(&pressure, &format!("{value} kPa")).code(0);
        }
    }
}

#[test]
fn a_third_dot_is_refused() {
    let x = trial("unit: mg, range: 0..10", "x > 2 'mg'");
    for text in ["0...5", "0.. .5", "1..2..3", "+-1", "1 mg mg"] {
        screened(&x, text).code(2).stderr(contains("record.yaml:3"));
    }
    let range = trial("unit: mg, range: 0...5", "x > 2 'mg'");
    screened(&range, "1")
        .code(2)
        .stderr(contains("more dots than a range"));
}

#[test]
fn units_with_another_zero_take_no_bare_factor() {
    for (unit, other) in [
        ("'%'", "mmol/mol"),
        ("mmol/mol", "'%'"),
        ("Cel", "'[degF]'"),
        ("Cel", "K"),
    ] {
        let fact = format!("unit: {unit}, units: {{ {other}: 0.09148 }}, range: 2..25");
        screened(&trial(&fact, "x > 7.5"), "60")
            .code(2)
            .stderr(contains("need not be 0"));
    }
}

#[test]
fn lookalike_units_say_what_they_are() {
    let eval = |expression: &str| common::eligo().args(["eval", expression]).assert().code(2);
    eval("100 'K/uL' = 100 '10*9/L'").stderr(contains("kelvin").and(contains("10*3/uL")));
    eval("1 'IU/L' = 1 'U/L'").stderr(contains("enzyme is `U/L`"));
    let platelets = trial("unit: 10*9/L, range: 0..2000", "x < 50 '10*9/L'");
    screened(&platelets, "100 K/uL")
        .code(2)
        .stderr(contains("kelvin"));
    let alt = trial("unit: U/L, range: 1..1000", "x > 100 'U/L'");
    screened(&alt, "100 IU/L")
        .code(2)
        .stderr(contains("enzyme is `U/L`"));
}

/// The unit is kept where only the number is wrong, and is not praised where it is wrong too.
#[test]
fn a_number_to_mend_keeps_its_unit() {
    let platelets = trial("unit: 10*9/L, units: { /uL: 0.001 }", "x > 75 '10*9/L'");
    screened(&platelets, "'75,000 /uL'")
        .code(2)
        .stderr(contains("`75000`").and(contains("`75.000`")))
        .stderr(contains("keep `/uL` behind the number"));
    screened(&platelets, "'75,000 lb'")
        .code(2)
        .stderr(contains("keep `lb`").not());
}

#[test]
fn a_unit_with_another_zero_is_converted_by_factor_and_offset() {
    let fact = "unit: '%', units: { mmol/mol: { factor: 0.09148, offset: 2.152 } }, range: 2..25";
    let hba1c = trial(fact, "x > 7.5 '%'");
    screened(&hba1c, "60 mmol/mol")
        .code(1)
        .stdout(contains("7.6408 %"));
    screened(&hba1c, "58 mmol/mol").code(0);
    screened(&hba1c, "7.6 %").code(1);
    screened(&hba1c, "60").code(2).stderr(contains("no unit"));
    // A comma and a missing unit are said at once.
    screened(&hba1c, "'6,5'")
        .code(2)
        .stderr(contains("has no unit"))
        .stderr(contains("`6.5`").and(contains("`%` or `mmol/mol`")));
    // A limit of normal is converted as its value is.
    let normal = trial(fact, "x > x.uln");
    screened(&normal, "{ value: 42 mmol/mol, uln: 42 }").code(0);
    screened(&normal, "{ value: 43 mmol/mol, uln: 42 }").code(1);
    // A difference would be converted without the offset.
    for rule in ["x > 58 'mmol/mol'", "x - 5 'mmol/mol' > 7 '%'"] {
        screened(&trial(fact, rule), "7 %")
            .code(2)
            .stderr(contains("write it in '%', the declared unit"))
            .stderr(contains("'%' or 'mmol/mol'").not())
            .stderr(contains("'mmol/mol' or '%'").not());
    }
    for (unit, says) in [
        ("{ factor: 0, offset: 2 }", "more than 0"),
        ("{ factor: 0.09148 }", "offset"),
        ("{ factor: 0.09148, offset: two }", "not a number"),
    ] {
        let fact = format!("unit: '%', units: {{ mmol/mol: {unit} }}");
        screened(&trial(&fact, "x > 7.5 '%'"), "7 %")
            .code(2)
            .stderr(contains(says));
    }
}

#[test]
fn limits_of_normal_may_have_a_range_of_their_own() {
    let alt = trial(
        "unit: U/L, range: 1..20000, limits: 1..500",
        "x > 3 * x.uln",
    );
    screened(&alt, "{ value: 3000, uln: 4000 }")
        .code(2)
        .stderr(contains("1..500 U/L"));
    screened(&alt, "{ value: 3000, uln: 40 }").code(1);
    let wider = trial("unit: U/L, range: 1..1000, limits: 0..2000", "x < x.lln");
    screened(&wider, "{ value: 1, lln: 0, uln: 1500 }").code(0);
    let empty = trial("unit: U/L, limits: 5..1", "x > 3 * x.uln");
    screened(&empty, "1").code(2).stderr(contains("is empty"));
}

#[test]
fn a_negative_threshold_is_printed_once() {
    let base_excess = trial("unit: mmol/L, range: -40..40", "x < -10 'mmol/L'");
    screened(&base_excess, "-12 mmol/L")
        .code(1)
        .stdout(contains("less than -10 mmol/L excludes").and(contains("(`").not()));
}

#[test]
fn the_greatest_the_last_and_the_sum_hold_over_mixed_units() {
    let trial = "format: eligo/trial/1
trial: { id: A-1, version: '1', title: Stays }
facts:
  x:
    type: list
    label: Stays
    ask: Which stays?
    item: { stay: { type: quantity, unit: h, units: [min], range: 0..100 }, on: { type: date } }
criteria:
  inclusion:
    - { id: I1, title: M, text: M, require: \"Max(x X return X.stay) = 20 'min'\" }
    - { id: I2, title: S, text: S, require: \"Sum(x X return X.stay) = 100 'min'\" }
    - { id: I3, title: L, text: L, require: \"Last(x X sort by on).stay >= 20 'min'\" }
    - { id: I4, title: C, text: C, require: \"Count(x X where X.stay >= 20 'min') = 4\" }
";
    let stays = "[{ stay: 13 min, on: 2026-01-01 }, { stay: 7 min, on: 2026-01-02 }, { stay: 20 min, on: 2026-01-03 }, \
                 { stay: 20 min, on: 2026-01-04 }, { stay: 20 min, on: 2026-01-05 }, { stay: 20 min, on: 2026-01-06 }]";
    screened(trial, stays)
        .code(0)
        .stdout(contains("is 20 min;").and(contains("19.99").not()));
}
