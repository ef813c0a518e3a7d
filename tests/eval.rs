//! `eligo eval`: what it writes where, which exit code it has, and how it takes what is no expression.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::time::{Duration, Instant};

use common::{Complaint, Scratch, eligo, text_of};
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use serde_json::{Value as Json, json};

const RECORD: &str = "examples/eligible.yaml";

/// What `eligo eval` writes for an expression, with an empty standard error.
fn value(arguments: &[&str]) -> String {
    let output = eligo().arg("eval").args(arguments).output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_value_is_one_line_on_standard_output() {
    for (expression, expected) in [
        ("1 + 1", "2\n"),
        ("true and false", "false\n"),
        ("null", "null\n"),
        ("3 months", "3 months\n"),
        ("@2026-01-31 + 1 month", "@2026-02-28\n"),
        ("150000 '/uL' = 150 '10*9/L'", "true\n"),
        ("{ 1, 2 }", "{ 1, 2 }\n"),
        ("'two\\nlines\\u001b'", "'two\\nlines\\u001b'\n"),
    ] {
        assert_eq!(value(&[expression]), expected, "{expression}");
    }
}

#[test]
fn an_expression_may_begin_with_a_dash_or_be_one() {
    assert_eq!(value(&["-1 mod 2"]), "-1\n");
    assert_eq!(value(&["--color", "never", "-(2 ^ 2)"]), "-4\n");
    assert_eq!(value(&["--as-of", "2026-11-20", "--", "-1"]), "-1\n");
    eligo()
        .args(["eval", "-"])
        .write_stdin("// two\n1 + 1\n")
        .assert()
        .code(0)
        .stdout("2\n");
    eligo()
        .args(["eval", "-hb"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("`hb` is not declared"));
    eligo()
        .args(["eval", "--help"])
        .assert()
        .code(0)
        .stdout(contains("Exit codes"));
    eligo()
        .args(["eval", "-", "--record", "-"])
        .write_stdin("1")
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("cannot be both"));
}

#[test]
fn a_record_gives_the_facts_and_the_date() {
    assert_eq!(value(&["ecog <= 2", "--record", RECORD]), "true\n");
    assert_eq!(value(&["Today()", "--record", RECORD]), "@2026-11-20\n");
    assert_eq!(
        value(&["Today()", "--record", RECORD, "--as-of", "2026-12-24"]),
        "@2026-12-24\n"
    );
    assert_eq!(
        value(&["Today() + 1 day", "--as-of", "2026-12-24"]),
        "@2026-12-25\n"
    );
    eligo()
        .args(["eval", "ecog <= 2", "--record", "-"])
        .write_stdin(text_of(RECORD))
        .assert()
        .code(0)
        .stdout("true\n");
    eligo()
        .args(["eval", "ecog", "--record", "-", "--from", "json"])
        .write_stdin("{\"ecog\": 3}")
        .assert()
        .code(0)
        .stdout("3\n");
    eligo()
        .args(["eval", "1", "--record", "-"])
        .write_stdin("ecog: 7\n")
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("0..5"));
}

#[test]
fn another_trial_has_other_facts_and_definitions() {
    let scratch = Scratch::new().with(
        "trial.yaml",
        "format: eligo/trial/1\ntrial: { id: T1, title: T }\nfacts:\n  plt: { type: quantity, label: Platelets, unit: 10*9/L, units: [/uL] }\n\
         define:\n  enough: { is: \"plt >= 100000 '/uL'\" }\n\
         criteria:\n  inclusion:\n    - { id: I1, title: P, text: P, require: enough }\n",
    );
    let scratch = scratch.with("record.yaml", "plt: 100000 /uL\n");
    let of = |expression: &str| {
        scratch
            .eligo()
            .args([
                "eval",
                expression,
                "--trial",
                "trial.yaml",
                "--record",
                "record.yaml",
            ])
            .assert()
            .code(0)
    };
    of("plt").stdout("100 '10*9/L'\n");
    of("enough").stdout("true\n");
}

/// A site's policy takes away what it does not accept, here as in a screening.
#[test]
fn a_site_policy_holds() {
    let scratch = Scratch::new()
        .with(
            "site.yaml",
            "format: eligo/site/1\nvalid_for: { ecog: 7 days }\n",
        )
        .with(
            "record.yaml",
            "screened_on: 2026-11-20\necog: { value: 1, date: 2026-11-01 }\n",
        );
    let of = |site: &[&str]| {
        scratch
            .eligo()
            .args(["eval", "ecog", "--record", "record.yaml"])
            .args(site)
            .assert()
    };
    of(&[]).code(0).stdout("1\n");
    of(&["--site", "site.yaml"])
        .code(0)
        .stdout("null\n")
        .stderr(contains("`ecog` is too old"));
}

#[test]
fn what_is_not_known_is_said_beside_it() {
    let of = |expression: &str, record: &str| {
        eligo()
            .args(["eval", expression, "--record", "-"])
            .write_stdin(record.to_owned())
            .assert()
            .code(0)
    };
    of("ecog <= 2 and sex = 'male'", "ecog: 1\n")
        .stdout("null\n")
        .stderr("note: `sex` is not recorded\n");
    of("ecog <= 2 and sex = 'male'", "ecog: 3\n")
        .stdout("false\n")
        .stderr("");
    of("ecog", "ecog: { missing: not_performed }\n")
        .stdout("null\n")
        .stderr("note: `ecog` is not performed\n");
    of("ecog.date", "ecog: 1\n")
        .stdout("null\n")
        .stderr("note: `ecog.date` is not recorded\n");
    of("ecog", "ecog: 1..2\n")
        .stdout("Interval[1, 2]\n")
        .stderr("note: known only within these bounds\n");
    of(
        "cd22 C return C.result",
        "cd22: { value: [{ result: positive }], complete: no }\n",
    )
    .stdout("{ 'positive', … }\n")
    .stderr("note: `…`: the list is not complete\n");
    of(
        "(cd22 C where C.method = 'flow' return C.result)",
        "cd22: [{ result: positive }]\n",
    )
    .stdout("{ perhaps 'positive' }\n")
    .stderr(contains("`perhaps`"));
    of("if sex = 'male' then 1 else 2", "ecog: 1\n")
        .stdout("one of { 1, 2 }\n")
        .stderr(contains("not known which").and(contains("`sex`")));
    of("1 / 0", "ecog: 1\n")
        .stdout("null\n")
        .stderr(contains("cannot be computed"));
}

#[test]
fn json_is_a_contract() {
    let of = |arguments: &[&str]| -> Json {
        let output = eligo()
            .arg("eval")
            .args(arguments)
            .args(["--format", "json", "--as-of", "2026-11-20"])
            .output()
            .unwrap();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    assert_eq!(
        of(&["ecog <= 2"]),
        json!({
            "schema": "eligo/value/1", "expression": "ecog <= 2", "screened_on": "2026-11-20", "type": "boolean", "value": null,
            "notes": [], "missing": [{ "fact": "ecog", "cause": "not_recorded" }]
        })
    );
    assert_eq!(of(&["2 < 3"])["value"], json!(true));
    // No program may round it on the way.
    assert_eq!(
        (
            of(&["0.1 + 0.2"])["value"].clone(),
            of(&["0.1 + 0.2"])["type"].clone()
        ),
        (json!("0.3"), json!("decimal"))
    );
    assert_eq!(
        of(&["2 'kg' / (1 'm' * 1 'm')"])["value"],
        json!("2 'kg/m2'")
    );
    assert_eq!(of(&["@2026-11"])["notes"], json!(["the day is not known"]));
}

/// The expression is shown with the place of every mistake in it.
#[test]
fn what_is_wrong_is_shown_with_its_place() {
    let wrong = |expression: &str| {
        Complaint::about(
            "<expression>",
            eligo().args(["eval", expression]).assert().stdout(""),
            2,
        )
    };
    wrong("ecgo <= 2")
        .at(1, 1, "ecgo <= 2")
        .helps("did you mean `ecog`?")
        .errors(1);
    wrong("ecgo <= 2 and sxe = 'male'")
        .says("`ecgo`")
        .says("`sxe`")
        .errors(2);
    wrong("1 'mg/dL' = 1 'umol/L'")
        .at(1, 13, "1 'mg/dL' = 1 'umol/L'")
        .helps("depends on the substance")
        .errors(1);
    wrong("5 'mmHg' > 1 'mm[Hg]'")
        .at(1, 1, "5 'mmHg'")
        .helps("write `5 'mm[Hg]' > 1 'mm[Hg]'`")
        .errors(1);
    wrong("2 'Cel' * 2 'm'")
        .at(1, 1, "2 'Cel'")
        .helps("zero of its own")
        .errors(1);
    wrong("").says("found the end of the expression").errors(1);
    wrong("1 +\n  fife").at(2, 3, "  fife").errors(1);
    Complaint::about(
        "<stdin>",
        eligo()
            .args(["eval", "-"])
            .write_stdin("1 +")
            .assert()
            .stdout(""),
        2,
    )
    .at(1, 4, "1 +")
    .errors(1);
    Complaint::about(
        "<stdin>",
        eligo()
            .args(["eval", "-"])
            .write_stdin(b"1 \xff".as_slice())
            .assert()
            .stdout(""),
        2,
    )
    .says("UTF-8");
}

/// Whatever is written: an answer or an error with its place, soon and briefly.
#[test]
fn hostile_expressions_end_soon() {
    let many = |text: &str, times: usize| text.repeat(times);
    let cases: Vec<(String, &str)> = vec![
        (many("x", 1_000_000), "longer than"),
        (many("1 + ", 250_000), "longer than"),
        (many("(", 1_000_000), "longer than"),
        (many("(", 10_000), "nested"),
        (
            format!("{}1{}", many("(", 10_000), many(")", 10_000)),
            "nested",
        ),
        (many("{", 10_000), "nested"),
        (many("not ", 10_000), "nested"),
        (many("-", 10_000), "nested"),
        (many("+", 10_000), "nested"),
        (many("if true then ", 5_000), "nested"),
        (many("case when ", 5_000), "nested"),
        (many("Coalesce(", 5_000), "nested"),
        (format!("1{}", many(" + 1", 10_000)), "build on each other"),
        (format!("true{}", many(" and true", 6_000)), "in a row"),
        (
            format!("1 '{}'", many("m.", 30_000)),
            "longer than 100 bytes",
        ),
        (format!("1 '{}m{}'", many("(", 48), many(")", 48)), ""),
        (format!("1 'm'{}", many(" * 1 'm'", 90)), ""),
        (
            format!("1 'm'{}", many(" * 1 'm'", 110)),
            "a power goes up to 99",
        ),
        ("1 'm99' * 1 'm99'".to_owned(), "between a quantity"),
        (format!("'{}", many("a", 60_000)), "closing"),
        (format!("@{}", many("9", 60_000)), "not a date"),
        (many("9", 60_000), "28 digits"),
        (format!("0.{}", many("9", 60_000)), "28 digits"),
        ("99999999999 months".to_owned(), "in reach"),
        ("9999999999999999999999999999 'kg'".to_owned(), ""),
        ("2 ^ 79228162514264337593543950335".to_owned(), ""),
        (
            "1.0000000001 ^ 79228162514264337593543950335".to_owned(),
            "",
        ),
        ("Exp(79228162514264337593543950335)".to_owned(), ""),
        ("Ln(0.0000000000000000000000000001)".to_owned(), ""),
        ("Round(1, 79228162514264337593543950335)".to_owned(), ""),
        ("1 mod 0.0000000000000000000000000001".to_owned(), ""),
        (
            "79228162514264337593543950335 mod 0.0000000000000000000000000001".to_owned(),
            "",
        ),
        ("@9999-12-31 + 1000 years".to_owned(), ""),
        (format!("{{{}1}}", many("1, ", 20_000)), ""),
        (format!("1 in {{{}1}}", many("2, ", 20_000)), ""),
        // Letters that look like others: Cyrillic, full width, a zero-width joiner, a mark that turns the direction.
        ("есоg <= 2".to_owned(), "a Cyrillic character"),
        ("ｅcog <= 2".to_owned(), "a full-width character"),
        ("ecog\u{200d} <= 2".to_owned(), "does not belong"),
        ("ecog <= 2 \u{202e}".to_owned(), "does not belong"),
        ("\"есоg\" <= 2".to_owned(), "not declared"),
        ("1 'μg'".to_owned(), "write `1 'ug'`"),
        ("ecog <= ２".to_owned(), "does not belong"),
        ("and".to_owned(), "expected a value"),
        ("\"and\"".to_owned(), "not declared"),
        ("\0".to_owned(), "does not belong"),
    ];
    for (text, words) in cases {
        let started = Instant::now();
        let shown: String = text.chars().take(60).collect();
        let output = eligo()
            .args(["eval", "-"])
            .write_stdin(text)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let wanted = if words.is_empty() { 0 } else { 2 };
        assert_eq!(output.status.code(), Some(wanted), "{shown}: {said}");
        assert!(
            said.contains(words) && said.len() < 4_000,
            "{shown}: {said}"
        );
        assert!(
            wanted == 0 || said.contains("<stdin>:1:"),
            "{shown}: {said}"
        );
        assert!(
            common::obeyed_by_a_terminal(&said).is_empty(),
            "{shown}: {said:?}"
        );
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "{shown} took {:?}",
            started.elapsed()
        );
    }
}

/// What the documentation shows is what comes out.
#[test]
fn the_documented_examples_are_true() {
    let text = text_of("docs/expressions.md");
    let mut shown = 0;
    for block in text
        .split("```console\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
    {
        for example in block.split("$ eligo eval ").skip(1) {
            let (expression, expected) = example.split_once('\n').unwrap();
            eligo()
                .args(["eval", expression.trim_matches('"')])
                .assert()
                .code(0)
                .stdout(expected.to_owned())
                .stderr(is_empty());
            shown += 1;
        }
    }
    assert!(shown >= 2, "{shown} examples");
}
