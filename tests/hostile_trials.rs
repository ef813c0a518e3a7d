//! Trial files that are made to do harm, and clumsy ones: refused with a place, or checked, in bounded time.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use common::Scratch;
use predicates::prelude::*;
use predicates::str::contains;

const HEAD: &str = "format: eligo/trial/1\ntrial: { id: T1, title: A trial }\n";
const FACTS: &str = "facts:\n  ecog: { type: integer, label: ECOG, ask: Which?, range: 0..5 }\n  fit: { type: boolean, label: Fit, ask: Fit? }\n";

/// A trial file with one criterion.
fn requiring(condition: &str) -> String {
    format!("{HEAD}{FACTS}{}", criterion(condition))
}

fn criterion(condition: &str) -> String {
    format!(
        "criteria:\n  inclusion:\n    - {{ id: I1, title: One, text: One, require: \"{condition}\" }}\n"
    )
}

/// So many lines.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "{}", line(number));
        text
    })
}

/// Checks a trial file: no panic, no flood, an end within reason. Gives what was said, and the exit code.
fn check(trial: &str) -> (String, i32) {
    let scratch = Scratch::new().with("trial.yaml", trial);
    let started = Instant::now();
    let output = scratch
        .eligo()
        .args(["check", "trial.yaml"])
        .output()
        .unwrap();
    let (said, code) = (
        String::from_utf8(output.stderr).unwrap(),
        output.status.code().unwrap(),
    );
    assert!(
        started.elapsed() < Duration::from_secs(100),
        "it took {:?}",
        started.elapsed()
    );
    assert!(!said.contains("panicked"), "{said}");
    assert!(said.len() < 200_000, "{} bytes", said.len());
    (said, code)
}

/// Checks a trial file that must be refused with these words, and with a place.
fn refused(trial: &str, words: &str) {
    let (said, code) = check(trial);
    let start = said.chars().take(2_000).collect::<String>();
    assert!(
        code == 2 && said.contains(words) && said.contains("trial.yaml:"),
        "wanted “{words}”, exit code {code}:\n{start}"
    );
}

#[test]
fn an_expression_of_a_megabyte() {
    refused(
        &requiring(&vec!["fit"; 130_000].join(" and ")),
        "longer than",
    );
}

#[test]
fn ten_thousand_parentheses_or_levels() {
    refused(
        &requiring(&format!("{}fit{}", "(".repeat(10_000), ")".repeat(10_000))),
        "nested more than",
    );
    refused(
        &format!(
            "{}x: {}{}\n",
            requiring("fit"),
            "[".repeat(10_000),
            "]".repeat(10_000)
        ),
        "nested too deeply",
    );
    let block: String = (0..10_000).fold("x:\n".to_owned(), |mut text, level| {
        let _ = writeln!(text, "{}a:", " ".repeat(level % 300 + 1));
        text
    });
    let (said, code) = check(&format!("{}{block}", requiring("fit")));
    assert!(code == 2 && said.contains("trial.yaml:"), "{said}");
    let groups = format!(
        "{}{{ id: Z, title: z, require: fit }}{}",
        (0..100)
            .map(|level| format!("{{ id: K{level}, title: a, text: b, all: [ "))
            .collect::<String>(),
        " ] }".repeat(100)
    );
    refused(
        &format!("{HEAD}{FACTS}criteria:\n  inclusion:\n    - {groups}\n"),
        "nested too deeply",
    );
}

#[test]
fn a_long_expression_that_is_allowed() {
    let (said, code) = check(&requiring(&vec!["(ecog <= 1 or fit)"; 900].join(" and ")));
    assert_eq!(code, 0, "{said}");
}

#[test]
fn a_hundred_thousand_criteria_or_facts() {
    let criteria = |count| {
        format!(
            "{HEAD}{FACTS}criteria:\n  inclusion:\n{}",
            lines(count, |number| format!(
                "    - {{ id: I{number}, title: a, text: b, require: ecog <= {} }}",
                number % 7
            ))
        )
    };
    refused(&criteria(100_000), "too large");
    let (_, code) = check(&criteria(4_000));
    assert_eq!(code, 0, "what is allowed is checked");
    let facts = |count| {
        format!(
            "{HEAD}facts:\n{}{}",
            lines(count, |number| format!(
                "  f{number}: {{ type: boolean, label: L }}"
            )),
            criterion("f1")
        )
    };
    refused(&facts(100_000), "too large");
    let (said, code) = check(&facts(8_000));
    assert!(code == 0 && said.contains("no question"), "{}", said.len());
}

#[test]
fn facts_on_one_line() {
    let facts: Vec<String> = (0..8_000)
        .map(|number| format!("f{number}: {{type: boolean, label: L}}"))
        .collect();
    let trial = format!(
        "{{format: eligo/trial/1, trial: {{id: T, title: t}}, facts: {{{}}}, criteria: {{inclusion: [{{id: I1, title: t, text: t, require: f1}}]}}}}\n",
        facts.join(", ")
    );
    let scratch = Scratch::new().with("trial.yaml", trial);
    for format in ["json", "sarif"] {
        let started = Instant::now();
        scratch
            .eligo()
            .args(["check", "trial.yaml", "--format", format])
            .assert()
            .code(0)
            .stderr("")
            .stdout(contains("missing-question"));
        assert!(
            started.elapsed() < Duration::from_secs(100),
            "{format}: {:?}",
            started.elapsed()
        );
    }
}

#[test]
fn a_huge_map_of_values() {
    let trial = |count| {
        format!(
            "{HEAD}facts:\n  c:\n    type: code\n    label: C\n    ask: Which?\n    values:\n{}{}",
            lines(count, |number| format!("      v{number}: l")),
            criterion("c = 'v1' or c in { 'v2', 'v3' }")
        )
    };
    assert_eq!(check(&trial(60_000)).1, 0);
    refused(&trial(90_000), "65535");
}

#[test]
fn ids_and_keys_that_stand_again_and_again() {
    refused(
        &format!(
            "{HEAD}{FACTS}criteria:\n  inclusion:\n{}",
            lines(5_000, |_| {
                "    - { id: I1, title: a, text: b, require: fit }".to_owned()
            })
        ),
        "`I1` stands twice",
    );
    refused(
        &format!(
            "{HEAD}{FACTS}criteria:\n{}",
            lines(20_000, |_| "  inclusion: []".to_owned())
        ),
        "stands twice",
    );
}

#[test]
fn thousands_of_names_that_are_not_declared() {
    let facts = lines(2_500, |number| {
        format!("  f{number}: {{ type: boolean, label: L }}")
    });
    let criteria = lines(2_500, |number| {
        format!("    - {{ id: I{number}, title: a, text: b, require: x{number} }}")
    });
    refused(
        &format!("{HEAD}facts:\n{facts}criteria:\n  inclusion:\n{criteria}"),
        "is not declared",
    );
    let output = {
        let scratch = Scratch::new().with(
            "trial.yaml",
            format!("{HEAD}facts:\n{facts}criteria:\n  inclusion:\n{criteria}"),
        );
        scratch
            .eligo()
            .args(["check", "trial.yaml", "--format", "json"])
            .output()
            .unwrap()
    };
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("there are more errors than are looked for")
    );
}

#[test]
fn definitions_in_circles_and_chains() {
    let circle = lines(10_000, |number| {
        format!("  d{number}: {{ is: d{} }}", (number + 1) % 10_000)
    });
    refused(
        &format!("{HEAD}{FACTS}define:\n{circle}{}", criterion("d1")),
        "by way of itself",
    );
    let chain = lines(10_000, |number| {
        format!("  d{number}: {{ is: d{} }}", number + 1)
    });
    refused(
        &format!(
            "{HEAD}{FACTS}define:\n{chain}  d10000: {{ is: fit }}\n{}",
            criterion("d1")
        ),
        "more than 32 deep",
    );
    let many = lines(8_000, |number| format!("  d{number}: {{ is: not fit }}"));
    assert_eq!(
        check(&format!("{HEAD}{FACTS}define:\n{many}{}", criterion("d1"))).1,
        0
    );
}

#[test]
fn definitions_that_double_each_other() {
    let doubling = |count: usize| {
        lines(count, |number| {
            if number == 0 {
                "  d0: { is: fit }".to_owned()
            } else {
                format!("  d{number}: {{ is: d{0} and d{0} }}", number - 1)
            }
        })
    };
    refused(
        &format!("{HEAD}{FACTS}define:\n{}{}", doubling(31), criterion("d30")),
        "come to more than 10000 parts",
    );
    let (said, code) = check(&format!(
        "{HEAD}{FACTS}define:\n{}{}",
        doubling(11),
        criterion("d10")
    ));
    assert_eq!(code, 0, "{said}");
}

#[test]
fn conditions_with_more_combinations_than_can_be_tried() {
    let facts = format!(
        "facts:\n{}",
        lines(60, |number| format!(
            "  f{number}: {{ type: boolean, label: L, ask: Which? }}"
        ))
    );
    let odd = (0..60)
        .map(|number| format!("(f{number})"))
        .collect::<Vec<_>>()
        .join(" xor ");
    let (said, code) = check(&format!("{HEAD}{facts}{}", criterion(&odd)));
    assert!(code == 0 && !said.contains("never"), "{said}");
}

#[test]
fn thousands_of_readings_and_cautions() {
    let readings = lines(1_500, |number| {
        format!(
            "        r{number}: {{ say: a, require: ecog + ecog > {} }}",
            number
        )
    });
    assert_eq!(
        check(&format!("{HEAD}{FACTS}criteria:\n  inclusion:\n    - id: I1\n      title: a\n      text: b\n      readings:\n{readings}")).1,
        0
    );
    let cautions = lines(5_000, |number| {
        format!("  - {{ when: ecog > {}, say: x }}", number % 9)
    });
    assert_eq!(
        check(&format!(
            "{HEAD}{FACTS}cautions:\n{cautions}{}",
            criterion("fit")
        ))
        .1,
        0
    );
}

#[test]
fn numbers_out_of_range() {
    refused(
        &requiring(&format!("ecog < {}", "9".repeat(100))),
        "out of reach",
    );
    refused(
        &requiring("fit").replace("0..5", &format!("0..{}", "9".repeat(40))),
        "out of reach",
    );
    refused(&requiring("fit").replace("0..5", "5..0"), "is empty");
    refused(&requiring("ecog > 1e3"), "expected");
    refused(
        &format!(
            "{HEAD}{FACTS}{}",
            criterion("fit").replace(
                "require: \"fit\"",
                "at_least: { n: 99999999999999999999, of: [ { id: a, title: a, require: fit } ] }"
            )
        ),
        "from 1 to 1",
    );
}

#[test]
fn names_that_collide_with_keywords() {
    for name in ["and", "exists", "months", "true"] {
        refused(
            &requiring("fit").replace("  fit:", &format!("  {name}:")),
            "is a keyword",
        );
        refused(
            &format!(
                "{HEAD}{FACTS}define:\n  {name}: {{ is: fit }}\n{}",
                criterion("fit")
            ),
            "cannot be a name",
        );
    }
    for name in ["candidate", "screened_on", "note"] {
        refused(
            &requiring("fit").replace("  fit:", &format!("  {name}:")),
            "every record has a key of that name",
        );
    }
    refused(
        &format!(
            "{HEAD}{FACTS}define:\n  ecog: {{ is: fit }}\n{}",
            criterion("fit")
        ),
        "already names a fact",
    );
}

#[test]
fn units_that_do_not_exist_or_do_not_fit() {
    let with = |unit: &str, condition: &str| {
        format!(
            "{HEAD}facts:\n  hb: {{ type: quantity, label: Hb, ask: Which?, unit: g/dL }}\n{}",
            criterion(condition)
        )
        .replace("UNIT", unit)
    };
    refused(&with("", "hb > 8 'furlong'"), "'furlong'");
    refused(&with("", "hb > 8 'mmHg'"), "'mmHg'");
    refused(&with("", "hb > 8"), "without a unit");
}

#[test]
fn look_alikes_in_names_are_told_by_name() {
    let cases = [
        (
            requiring("fit").replace("  ecog:", "  есоg:"),
            "Cyrillic character, U+0435; type `e`",
        ),
        (
            requiring("fit").replace("  fit:", "  ｆｉｔ:"),
            "full-width character, U+FF46; type `f`",
        ),
        (
            requiring("fit").replace("  fit:", "  fi\u{200b}t:"),
            "invisible character behind `fi`: U+200B",
        ),
        (
            requiring("f\u{456}t"),
            "Cyrillic character, U+0456; type `i`",
        ),
        (requiring("fit\u{200b} and fit"), "U+200B"),
        (
            requiring("fit").replace("id: I1", "id: \u{406}1"),
            "Cyrillic character, U+0406",
        ),
        (
            requiring("fit").replace("require:", "requ\u{456}re:"),
            "Cyrillic character, U+0456",
        ),
        (
            format!(
                "{HEAD}{FACTS}define:\n  gro\u{3c9}n: {{ is: fit }}\n{}",
                criterion("fit")
            ),
            "a to z",
        ),
        (
            format!(
                "{HEAD}facts:\n  c: {{ type: code, label: C, ask: W?, values: {{ yes_a: a, no_a: b }} }}\n{}",
                criterion("c = 'yes_\u{430}'")
            ),
            "Cyrillic character, U+0430; type `a`",
        ),
    ];
    for (trial, words) in cases {
        let (said, code) = check(&trial);
        let found = said.contains(words) || said.contains("cannot be a name");
        assert!(
            code == 2 && found && said.contains("trial.yaml:"),
            "wanted “{words}”:\n{said}"
        );
        assert!(
            said.contains(words) || words == "a to z",
            "wanted “{words}”:\n{said}"
        );
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_largest_files_fit_into_some_hundred_megabytes() {
    let trial = format!(
        "{HEAD}facts:\n{}{}",
        lines(25_000, |number| format!(
            "  f{number}: {{ type: boolean, label: L }}"
        )),
        criterion("f1")
    );
    let scratch = Scratch::new().with("trial.yaml", trial);
    let mut shell = std::process::Command::new("sh");
    shell
        .args([
            "-c",
            "ulimit -v 600000; exec \"$0\" check trial.yaml --format json",
        ])
        .arg(common::program());
    common::clean(shell)
        .current_dir(scratch.path())
        .assert()
        .code(0)
        .stdout(predicate::str::contains("unused-fact"));
}

/// The report on a candidate of whom nothing is recorded.
fn screened(trial: &str) -> serde_json::Value {
    let scratch = Scratch::new()
        .with("trial.yaml", trial)
        .with("a.yaml", "candidate: A\nscreened_on: 2026-11-27\n");
    let started = Instant::now();
    let output = scratch
        .eligo()
        .args([
            "screen",
            "a.yaml",
            "--trial",
            "trial.yaml",
            "--format",
            "json",
        ])
        .output()
        .unwrap();
    assert!(
        started.elapsed() < Duration::from_secs(60),
        "it took {:?}",
        started.elapsed()
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Ten times the 800 missing facts of one criterion that once took 25 seconds.
#[test]
fn what_to_obtain_for_a_criterion_of_eight_thousand_facts() {
    let facts = lines(8_000, |number| {
        format!("  f{number}: {{ type: boolean, label: F{number}, ask: Is it? }}")
    });
    let parts = lines(8, |part| {
        let names: Vec<String> = (0..1_000)
            .map(|number| format!("f{}", part * 1_000 + number))
            .collect();
        format!(
            "        - {{ id: I1.{part}, title: Part, text: Part, require: {} }}",
            names.join(" or ")
        )
    });
    let report = screened(&format!(
        "{HEAD}facts:\n{facts}criteria:\n  inclusion:\n    - id: I1\n      title: One\n      text: One\n      any:\n{parts}"
    ));
    let next = report["next"].as_array().unwrap();
    assert_eq!(
        next.len(),
        8_000,
        "none is lost, though not all can be tried"
    );
    let (first, last) = (&next[0], &next[7_999]);
    assert_eq!(first["fact"], "f0");
    assert_eq!(
        (&first["can_decide"], &first["decides"]),
        (&true.into(), &false.into())
    );
    assert_eq!(last["fact"], "f7999");
    assert!(last["can_decide"].is_null() && last["decides"].is_null());
}

/// A text has as many answers as one likes, and many booleans beside it have 2 to the power of 40 combinations.
#[test]
fn what_to_obtain_where_a_text_decides() {
    let facts = lines(40, |number| {
        format!("  f{number}: {{ type: boolean, label: F{number}, ask: Is it? }}")
    });
    let names: Vec<String> = (0..40).map(|number| format!("f{number}")).collect();
    let report = screened(&format!(
        "{HEAD}facts:\n  drug: {{ type: text, label: Drug, ask: Which? }}\n{facts}{}",
        criterion(&format!("drug = 'imatinib' or {}", names.join(" or ")))
    ));
    let next = report["next"].as_array().unwrap();
    assert_eq!(next.len(), 41);
    let drug = next.iter().find(|next| next["fact"] == "drug").unwrap();
    assert_eq!(
        (&drug["can_decide"], &drug["decides"]),
        (&true.into(), &false.into())
    );
}
