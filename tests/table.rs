//! The table: it fits its width, says verdicts in words, and colours only where it may.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{eligo, example_records, obeyed_by_a_terminal, text_of, yaml};
use predicates::prelude::*;
use predicates::str::{contains, is_match};
use sha2::{Digest as _, Sha256};
use unicode_width::UnicodeWidthStr as _;

const RECORD: &str = "examples/cd22-not-reported.yaml";
const ESC: &str = "\u{1b}[";

fn table(arguments: &[&str]) -> String {
    let output = eligo().arg("screen").args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn widest(text: &str) -> usize {
    text.lines()
        .map(unicode_width::UnicodeWidthStr::width)
        .max()
        .unwrap_or(0)
}

#[test]
fn no_line_is_wider_than_the_page() {
    let mut too_wide = Vec::new();
    for record in example_records() {
        for width in [80, 120] {
            for more in [&[][..], &["--site", "examples/site-policy.yaml"]] {
                let text =
                    table(&[&[record.as_str(), "--width", &width.to_string()], more].concat());
                assert!(text.lines().count() > 30, "{record} gives no table: {text}");
                too_wide.extend(
                    text.lines()
                        .filter(|line| line.width() > width)
                        .map(|line| format!("{width}: {record}: {line}")),
                );
            }
        }
    }
    assert!(too_wide.is_empty(), "{too_wide:#?}");
}

#[test]
fn chinese_characters_are_two_columns_wide() {
    let text = table(&["examples/chinese-notes.yaml", "--width", "80"]);
    assert!(
        text.contains("河北燕达陆道培医院") && text.contains("青霉素"),
        "{text}"
    );
    // Counted in characters the same lines would leave room that is not there.
    assert!(
        text.lines().any(|line| line.width() > line.chars().count()),
        "{text}"
    );
}

#[test]
fn a_wider_page_is_used() {
    assert!(widest(&table(&[RECORD, "--width", "120"])) > 100);
    let lines = |width: &str| table(&[RECORD, "--width", width]).lines().count();
    assert!(lines("120") < lines("80"));
}

#[test]
fn a_pipe_is_80_columns_wide() {
    assert_eq!(table(&[RECORD]), table(&[RECORD, "--width", "80"]));
}

#[test]
fn verdicts_are_words() {
    let wanted = yaml(&text_of("examples/verdicts.yaml"));
    for record in example_records() {
        let wanted = &wanted[record.trim_start_matches("examples/")];
        let text = table(&[&record, "--color", "never", "--width", "80"]);
        for (id, verdict) in wanted["verdicts"].as_object().unwrap() {
            let word = match verdict.as_str().unwrap() {
                "pass" => "PASS",
                "fail" => "FAIL",
                "unknown" => "UNKNOWN",
                _ => "N/A",
            };
            let row = is_match(format!(r"(?m)^\W*{id}\s.*\s{word}\s")).unwrap();
            assert!(
                row.eval(&text),
                "{record} has no row that says {id} is {word}:\n{text}"
            );
        }
        let eligibility = wanted["eligibility"].as_str().unwrap().to_uppercase();
        assert!(
            is_match(format!(r"\b{eligibility}\b")).unwrap().eval(&text),
            "{record} does not say {eligibility}"
        );
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    for record in example_records() {
        for width in ["80", "120"] {
            let coloured = table(&[&record, "--color", "always", "--width", width]);
            let plain = table(&[&record, "--color", "never", "--width", width]);
            assert!(coloured.contains(ESC) && !plain.contains(ESC), "{record}");
            assert_eq!(
                anstream::adapter::strip_str(&coloured).to_string(),
                plain,
                "{record}"
            );
        }
    }
}

#[test]
fn a_pipe_gets_no_colour_unless_it_is_asked_for() {
    for record in example_records() {
        assert_eq!(obeyed_by_a_terminal(&table(&[&record])), [], "{record}");
    }
    eligo()
        .args(["screen", "no-such-file.yaml"])
        .assert()
        .stderr(contains(ESC).not());
    eligo()
        .args(["screen", "examples/verdicts.yaml"])
        .assert()
        .code(2)
        .stderr(contains(ESC).not());
    eligo()
        .args(["screen", RECORD, "--quiet"])
        .assert()
        .stdout(contains(ESC).not());
    eligo()
        .args(["screen", RECORD, "--quiet", "--color", "always"])
        .assert()
        .stdout(contains(ESC));
    eligo()
        .args(["screen", "examples/verdicts.yaml", "--color", "always"])
        .assert()
        .code(2)
        .stderr(contains(ESC));
}

#[test]
fn no_color_holds_until_colour_is_asked_for() {
    // Forced colour shows, in a pipe, what a terminal would get.
    eligo()
        .args(["screen", RECORD])
        .env("CLICOLOR_FORCE", "1")
        .assert()
        .stdout(contains(ESC));
    eligo()
        .args(["screen", RECORD])
        .env("CLICOLOR_FORCE", "1")
        .env("NO_COLOR", "1")
        .assert()
        .stdout(contains(ESC).not());
    eligo()
        .args(["screen", RECORD, "--color", "never"])
        .env("CLICOLOR_FORCE", "1")
        .assert()
        .stdout(contains(ESC).not());
    eligo()
        .args(["screen", RECORD, "--color", "always"])
        .env("NO_COLOR", "1")
        .assert()
        .stdout(contains(ESC));
}

#[test]
fn json_is_never_coloured() {
    eligo()
        .args(["screen", RECORD, "--format", "json", "--color", "always"])
        .assert()
        .code(3)
        .stdout(contains(ESC).not());
}

#[test]
fn the_footer_says_from_what_the_report_was_made() {
    let sha256 = |path: &str| {
        Sha256::digest(text_of(path))
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let text = table(&[RECORD, "--site", "examples/site-policy.yaml"]);
    for path in [
        RECORD,
        "criteria/nct04546906.yaml",
        "examples/site-policy.yaml",
    ] {
        assert!(text.contains(&sha256(path)), "{path}");
    }
    assert!(text.contains("2026-11-20") && text.contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn every_report_says_that_it_is_not_the_decision() {
    for record in example_records() {
        let unwrapped = table(&[&record])
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(
            unwrapped.contains("supports the investigator's decision; it is not the decision"),
            "{record}"
        );
    }
}
