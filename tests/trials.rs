//! The constructs that protocols need, each shown by a trial file of its own in `tests/trials/`, with the cases that hold it;
//! and the cook-book about them, `docs/constructs.md`, whose snippets are taken from these files.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use common::{root, text_of, yaml};
use eligo::cases;
use eligo::diagnostic::{Diagnostic, Source};
use eligo::trial::{self, Trial};
use serde_json::Value as Json;

/// A day on which no case depends: every record says when it was screened.
const TODAY: jiff::civil::Date = jiff::civil::date(2100, 1, 1);

/// Each construct, the file that shows it, and words without which the file would not show it.
const CONSTRUCTS: [(&str, &str, &[&str]); 33] = [
    (
        "the order of a work-up",
        "work-up",
        &["stage: chart", "stage: consent", "obtain:"],
    ),
    (
        "independent questions about wording, each settled by itself",
        "doubts-and-questions",
        &["questions:", "value: 3", "is: true"],
    ),
    (
        "a doubt that the record raises about the protocol",
        "doubts-and-questions",
        &["doubts:", "id: in_remission_again"],
    ),
    (
        "a multiple of the upper limit of normal carried with the result",
        "multiples-of-normal",
        &["1.5 * bilirubin.uln"],
    ),
    (
        "a multiple of the lower limit of normal",
        "multiples-of-normal",
        &["0.8 * haemoglobin.lln"],
    ),
    (
        "mg/dL and µmol/L by a factor that the fact declares",
        "units",
        &["umol/L: 0.011312", "'mg/dL'", "'umol/L'"],
    ),
    ("/uL and 10*9/L", "units", &["unit: 10*9/L", "'/uL'"]),
    ("0.5 and 50 %", "units", &["unit: '%'", "'1'"]),
    (
        "a closed range",
        "ranges",
        &["between 18.5 'kg/m2' and 30 'kg/m2'"],
    ),
    (
        "an open range",
        "ranges",
        &["Interval[7 '%', 10 '%')", "Interval(40 '%', null]"],
    ),
    (
        "age in years at a chosen date",
        "age",
        &["AgeInYears()", "AgeInYearsAt("],
    ),
    (
        "age in months at a chosen date",
        "age-in-months",
        &["AgeInMonths()", "AgeInMonthsAt("],
    ),
    (
        "a window back and forward from an anchor",
        "windows",
        &["on or before Today()", "on or after Today()"],
    ),
    (
        "a window between two events",
        "between-events",
        &[
            "relapse_on 6 months or less on or after first_line.ended_on",
            "months between",
        ],
    ),
    ("at least n of m", "at-least", &["at_least:", "Count("]),
    (
        "an unless-clause",
        "unless",
        &["and not (", "applies: not paced"],
    ),
    (
        "a scale chosen by age",
        "scale-by-age",
        &["applies: AgeInYears() >= 16", "if AgeInYears() < 6 then"],
    ),
    (
        "a threshold that depends on sex",
        "sex-dependent",
        &["case sex when 'male'", "else null"],
    ),
    (
        "a table by age band and sex with a gap",
        "lookup-table",
        &["when AgeInYears() < 1 then null"],
    ),
    (
        "most recent, worst, best, any and all of repeated measurements",
        "repeated-measurements",
        &["Last(", "Min(", "Max(", "exists (", "not exists ("],
    ),
    (
        "a measurement at a named visit",
        "repeated-measurements",
        &["P.visit = 'baseline'"],
    ),
    (
        "a count of prior lines with a filter",
        "prior-lines",
        &["Count(prior_lines L where"],
    ),
    (
        "the last line and its best response",
        "last-line",
        &["Last(prior_lines L sort by started).best_response"],
    ),
    (
        "Cockcroft-Gault and an MDRD-type estimate",
        "renal-function",
        &["(140 - AgeInYears())", "^ -1.154"],
    ),
    (
        "body-mass index, a ratio, a change in percent",
        "formulas",
        &["'kg/m2'", "ast / alt", "* 100 '%'"],
    ),
    (
        "a washout",
        "washout",
        &["not (T.last_dose 28 days or more before Today())"],
    ),
    ("cumulative exposure", "cumulative-exposure", &["Sum("]),
    (
        "an item within a window that is not in a list of exceptions",
        "history-with-exceptions",
        &[
            "5 years or less on or before Today()",
            "and not (M.type in {",
        ],
    ),
    ("a judgement", "judgement", &["judgement: true"]),
    (
        "a list and a unit that grew",
        "items-alone",
        &["alone: true", "bare: true", "unfit.by is null"],
    ),
    (
        "a criterion that depends on the cohort",
        "cohorts",
        &["applies: cohort"],
    ),
    (
        "partial dates that decide and that do not",
        "windows",
        &["or less on or before"],
    ),
    (
        "a criterion for some candidates only",
        "sex-dependent",
        &["applies: sex"],
    ),
];

/// The names of the trial files.
fn names() -> Vec<String> {
    let files = fs::read_dir(root().join("tests/trials"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = files
        .filter_map(|file| file.strip_suffix(".yaml").map(str::to_owned))
        .filter(|name| !name.ends_with(".cases"))
        .collect();
    names.sort();
    assert!(
        names.len() > 15,
        "the trial files are not where they are looked for: {names:?}"
    );
    names
}

fn path(name: &str, ending: &str) -> String {
    format!("tests/trials/{name}{ending}.yaml")
}

fn source(path: &str) -> std::sync::Arc<Source> {
    Source::new(path, text_of(path))
}

fn said(problems: &[Diagnostic]) -> String {
    problems
        .iter()
        .map(|problem| format!("{}\n  {}", problem.message, problem.help.join("\n  ")))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A trial file, which must compile without a warning.
fn compiled(name: &str) -> Trial {
    let (trial, warnings) = trial::compile(&source(&path(name, "")))
        .unwrap_or_else(|problems| panic!("{name}: {}", said(&problems)));
    assert!(
        warnings.is_empty(),
        "{name} has warnings: {}",
        said(&warnings)
    );
    trial
}

#[test]
fn every_case_gets_what_it_wants() {
    for name in names() {
        let trial = compiled(&name);
        let suite = cases::read(&source(&path(&name, ".cases")), &trial)
            .unwrap_or_else(|problems| panic!("{name}: {}", said(&problems)));
        let results = suite.run(&trial, TODAY);
        assert!(
            results.failures.is_empty(),
            "{name}: {}",
            said(&results.failures)
        );
        assert_eq!(results.passed, results.cases, "{name}");
    }
}

/// A file shows nothing of a criterion that its cases never pass, never fail or never leave open.
#[test]
fn every_criterion_is_seen_passed_failed_and_unknown() {
    for name in names() {
        let wanted = yaml(&text_of(&path(&name, ".cases")));
        let trial = compiled(&name);
        for criterion in trial.criteria.iter().map(|criterion| criterion.id.as_str()) {
            let verdicts: BTreeSet<&str> = wanted["cases"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|case| case["want"][criterion].as_str())
                .collect();
            for verdict in ["pass", "fail", "unknown"] {
                assert!(
                    verdicts.contains(verdict),
                    "no case of {name} wants {criterion} to be {verdict}"
                );
            }
        }
    }
}

#[test]
fn every_record_says_when_it_was_screened() {
    for name in names() {
        let cases = yaml(&text_of(&path(&name, ".cases")));
        for (base, record) in cases["base"].as_object().unwrap() {
            assert!(
                record["screened_on"].is_string(),
                "base record `{base}` of {name} has no screening date"
            );
        }
    }
}

#[test]
fn every_construct_has_its_file() {
    for (construct, name, words) in CONSTRUCTS {
        let text = flowed(&text_of(&path(name, "")));
        for words in words {
            assert!(
                text.contains(words),
                "{name} does not show {construct}: `{words}` is not in it"
            );
        }
    }
    let shown: BTreeSet<&str> = CONSTRUCTS.iter().map(|(_, name, _)| *name).collect();
    let found = names();
    assert_eq!(
        shown.into_iter().collect::<Vec<_>>(),
        found.iter().map(String::as_str).collect::<Vec<_>>(),
        "files and constructs differ"
    );
}

#[test]
fn every_file_begins_by_saying_what_it_shows() {
    for name in names() {
        let text = text_of(&path(&name, ""));
        let comment: String = text
            .lines()
            .take_while(|line| line.starts_with('#'))
            .collect();
        assert!(comment.len() > 100, "{name} begins with `{comment}`");
    }
}

/// Text with its line breaks and runs of spaces as single spaces: an expression may be folded over several lines.
fn flowed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The code blocks of the cook-book, each with the trial file that its section links to.
fn snippets() -> Vec<(String, String)> {
    let page = text_of("docs/constructs.md");
    let mut snippets = Vec::new();
    for section in page.split("\n## ").skip(1) {
        let file = section
            .split("](../tests/trials/")
            .nth(1)
            .and_then(|rest| rest.split_once(')'))
            .map(|(file, _)| file.to_owned());
        for block in section.split("\n```yaml\n").skip(1) {
            let heading = section.lines().next().unwrap_or_default();
            let file = file
                .clone()
                .unwrap_or_else(|| panic!("the section “{heading}” links to no trial file"));
            snippets.push((file, block.split("\n```").next().unwrap().to_owned()));
        }
    }
    snippets
}

#[test]
fn the_cook_book_quotes_the_trial_files() {
    let snippets = snippets();
    assert!(
        snippets.len() >= 20,
        "only {} snippets were found",
        snippets.len()
    );
    for (file, snippet) in &snippets {
        let text = flowed(&text_of(&format!("tests/trials/{file}")));
        // What a snippet leaves out stands between its parts.
        for part in snippet
            .split('…')
            .map(flowed)
            .filter(|part| !part.is_empty())
        {
            assert!(
                text.contains(&part),
                "docs/constructs.md quotes what is not in {file}:\n{part}"
            );
        }
    }
}

/// The expressions of a table "words | expression" are not in the files word for word, but fit their facts.
#[test]
fn the_tables_of_the_cook_book_compile() {
    let page = text_of("docs/constructs.md");
    let mut compiled = 0;
    for section in page
        .split("\n## ")
        .skip(1)
        .filter(|section| section.contains("| words | expression |"))
    {
        let file = section
            .split("](../tests/trials/")
            .nth(1)
            .and_then(|rest| rest.split_once(')'))
            .unwrap()
            .0;
        let trial = text_of(&format!("tests/trials/{file}"));
        for row in section
            .lines()
            .filter(|line| line.starts_with('|') && line.contains('`'))
        {
            for expression in row.split('`').skip(1).step_by(2) {
                let defined = trial.replacen(
                    "\ndefine:\n",
                    &format!("\ndefine:\n  quoted: {{ is: \"{expression}\" }}\n"),
                    1,
                );
                assert_ne!(defined, trial, "{file} has no `define`");
                trial::compile(&Source::new(file, defined))
                    .unwrap_or_else(|problems| panic!("`{expression}`: {}", said(&problems)));
                compiled += 1;
            }
        }
    }
    assert!(compiled >= 7, "only {compiled} expressions were found");
}

#[test]
fn the_cook_book_has_a_place_for_every_file() {
    let page = text_of("docs/constructs.md");
    for name in names() {
        assert!(
            page.contains(&format!("](../tests/trials/{name}.yaml)")),
            "docs/constructs.md does not link to {name}.yaml"
        );
    }
    for link in page
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(link, _)| link)
        .filter(|link| !link.starts_with('#'))
    {
        let target: PathBuf = root().join("docs").join(link.split('#').next().unwrap());
        assert!(
            target.exists(),
            "docs/constructs.md links to {link}, which is not there"
        );
    }
}

/// The command does with these files what the library does.
#[test]
fn the_command_checks_them_all() {
    let files: Vec<String> = names().iter().map(|name| path(name, "")).collect();
    let output = common::eligo()
        .arg("check")
        .args(&files)
        .assert()
        .code(0)
        .stderr("")
        .get_output()
        .stdout
        .clone();
    let output = String::from_utf8(output).unwrap();
    assert_eq!(output.lines().count(), files.len());
    assert!(
        output
            .lines()
            .all(|line| line.contains("0 warnings") && line.ends_with("cases passed")),
        "{output}"
    );
}

/// Reasons are read by doctors: none falls back to the words of the rule, but where a protocol's own logic has no others.
#[test]
fn reasons_are_in_words() {
    for name in names() {
        let trial = compiled(&name);
        let cases = yaml(&text_of(&path(&name, ".cases")));
        for (base, record) in cases["base"].as_object().unwrap() {
            for reason in reasons(&trial, record) {
                assert!(
                    !reason.contains('`') && !reason.contains("()"),
                    "base record `{base}` of {name}: {reason}"
                );
            }
        }
    }
}

fn reasons(trial: &Trial, record: &Json) -> Vec<String> {
    let text = Source::new("record.json", record.to_string());
    let document = eligo::document::read(&text, eligo::document::Notation::Json).unwrap();
    let dates = eligo::record::Dates {
        as_of: None,
        today: TODAY,
    };
    let record = eligo::record::read(&text, &document, &trial.id, &trial.facts, dates)
        .unwrap_or_else(|problems| panic!("{}", said(&problems)));
    let policy = trial::Policy::default();
    let screening = eligo::screening::screen(trial, &record, &policy);
    let sentences = eligo::report::sentence::Sentences::new(&screening);
    screening
        .outcomes
        .iter()
        .map(|outcome| sentences.reason(outcome))
        .collect()
}
