//! Whatever text comes in, there is an answer or a diagnostic, and a diagnostic never harms the terminal.

use std::process::Command;
use std::sync::Arc;

use eligo::cases;
use eligo::cql::{self, Scope, Type};
use eligo::diagnostic::{Diagnostic, Source};
use eligo::document::{self, Notation};
use eligo::entry::Entry;
use eligo::evaluate::Context;
use eligo::record::Record;
use eligo::screening::screen;
use eligo::trial::{self, Policy, policy};
use proptest::prelude::*;

use crate::choices::{Choices, hold, hold_for};
use crate::conditions::every_kind;
use crate::support::{TODAY, embedded, source, try_read};

/// A diagnostic as a person gets it: nothing in it may steer a terminal.
fn harmless(problems: &[Diagnostic]) -> Result<(), String> {
    if problems.is_empty() {
        return Err("refused without a word".to_owned());
    }
    for problem in problems {
        let place = problem.place.as_ref();
        let coloured = problem.render(true, 80);
        let plain = problem.render(false, 80);
        let line = problem.one_line();
        for (text, may_break) in [(plain.as_str(), true), (line.as_str(), false)] {
            let bad = text.chars().find(|character| {
                character.is_control() && !(may_break && *character == '\n')
                    || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            });
            if let Some(bad) = bad {
                return Err(format!("{bad:?} in a message: {text:?}"));
            }
        }
        if coloured.is_empty() || problem.message.is_empty() {
            return Err("an empty message".to_owned());
        }
        if let Some(place) = place {
            let (line, column) = place.line_column();
            if line == 0 || column == 0 || line > place.source.text.matches('\n').count() + 1 {
                return Err(format!("no such place: {line}:{column}"));
            }
        }
    }
    Ok(())
}

fn record_of_nothing() -> Record {
    Record {
        candidate: None,
        screened_on: TODAY,
        is_dated: true,
        note: None,
        entries: vec![Entry::NOT_RECORDED; every_kind().facts.len()],
    }
}

fn any_expression(text: &str) -> Result<(), String> {
    let trial = every_kind();
    let names = trial.names();
    for (scope, expected) in [(Scope::Rule, Some(&Type::Boolean)), (Scope::Free, None)] {
        match cql::compile(text, names, scope, expected) {
            Ok(expression) => {
                let record = record_of_nothing();
                let _ = Context::new(&record.entries, &trial.definitions, TODAY).value(&expression);
            }
            Err(errors) => {
                if errors.is_empty() {
                    return Err(format!("{text:?} is refused without a word"));
                }
                for error in errors {
                    let marked = text.get(error.span.clone());
                    if marked.is_none() {
                        return Err(format!(
                            "{text:?}: {:?} is no part of it ({})",
                            error.span, error.message
                        ));
                    }
                }
            }
        }
    }
    Ok(())
}

const WORDS: [&str; 92] = [
    "a",
    "b",
    "n",
    "x",
    "p",
    "hb",
    "d",
    "f",
    "t",
    "k",
    "s",
    "tags",
    "nums",
    "visits",
    "lines",
    "newest",
    "newest_kind",
    "L",
    "L.kind",
    ".date",
    ".",
    "and",
    "or",
    "xor",
    "not",
    "implies",
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "~",
    "!~",
    "between",
    "in",
    "is",
    "null",
    "true",
    "false",
    "+",
    "-",
    "*",
    "/",
    "^",
    "div",
    "mod",
    "if",
    "then",
    "else",
    "case",
    "when",
    "end",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ",",
    "'red'",
    "'x'",
    "\"a\"",
    "5",
    "0",
    "1.5",
    "79228162514264337593543950335",
    "@2026-11-20",
    "@2026",
    "@9999-12-31",
    "3 months",
    "400000 days",
    "5 '%'",
    "exists",
    "Count(",
    "Last(",
    "Sum(",
    "Coalesce(",
    "Exp(",
    "Ln(",
    "Power(",
    "Round(",
    "where",
    "return",
    "sort",
    "by",
    "within",
    "of",
    "before",
    "Interval",
    "years",
    "Today()",
];

#[test]
fn any_text_as_an_expression() {
    hold_for(1_500, 51, &"\\PC{0,60}", |text: String| {
        any_expression(&text)
    });
    hold_for(
        600,
        52,
        &"[ -~\\n\\t'\"@.\\\\é中\u{202e}]{0,60}",
        |text: String| any_expression(&text),
    );
    hold(3_000, 53, 40, |choices| {
        let text: Vec<&str> = (0..1 + choices.below(20))
            .map(|_| *choices.pick(&WORDS))
            .collect();
        any_expression(&text.join(*choices.pick(&[" ", "", "\n"])))
    });
}

/// Numbers at the edge of what can be computed, through every operator.
#[test]
fn any_computation_ends_without_panic() {
    const NUMBERS: [&str; 14] = [
        "0",
        "1",
        "-1",
        "0.5",
        "-0.5",
        "2",
        "1000",
        "79228162514264337593543950335",
        "-79228162514264337593543950335",
        "0.0000000000000000000000000001",
        "-0.0000000000000000000000000001",
        "-8",
        "66",
        "100000",
    ];
    for left in NUMBERS {
        for right in NUMBERS {
            for operator in ["+", "-", "*", "/", "^", "div", "mod"] {
                any_expression(&format!("({left}) {operator} ({right})")).unwrap();
            }
            for function in ["Power", "Log", "Round"] {
                any_expression(&format!("{function}({left}, {right})")).unwrap();
            }
        }
        for function in ["Ln", "Exp", "Abs", "Round", "Ceiling", "Floor", "Truncate"] {
            any_expression(&format!("{function}({left})")).unwrap();
        }
    }
    for date in [
        "@0001-01-01",
        "@9999-12-31",
        "@2024-02-29",
        "@9999",
        "@2026-11",
    ] {
        for duration in [
            "0 days",
            "400000 days",
            "1000 years",
            "12000 months",
            "52000 weeks",
            "1 day",
        ] {
            for sign in ["+", "-"] {
                any_expression(&format!("{date} {sign} {duration}")).unwrap();
            }
            for timing in ["within {} of", "{} or more before", "less than {} after"] {
                any_expression(&format!(
                    "{date} {} Today()",
                    timing.replace("{}", duration)
                ))
                .unwrap();
            }
            any_expression(&format!("{duration} < 3 months")).unwrap();
        }
        for unit in ["years", "months", "weeks", "days"] {
            any_expression(&format!("{unit} between {date} and @0001-01-01")).unwrap();
            any_expression(&format!(
                "difference in {unit} between @9999-12-31 and {date}"
            ))
            .unwrap();
        }
    }
}

fn any_record(text: &str, notation: Notation) -> Result<(), String> {
    for trial in [embedded(), every_kind()] {
        match try_read(trial, text, notation) {
            Ok(record) => drop(screen(trial, &record, &Policy::default())),
            Err(problems) => harmless(&problems)?,
        }
    }
    Ok(())
}

#[test]
fn any_text_as_a_record() {
    hold_for(400, 54, &"\\PC{0,80}", |text: String| {
        any_record(&text, Notation::Yaml)
    });
    hold_for(
        300,
        55,
        &"[ -~\\n\\t\u{1}\u{1b}\u{7f}\r\u{202e}é中]{0,80}",
        |text: String| {
            any_record(&text, Notation::Yaml)?;
            any_record(&text, Notation::Json)
        },
    );
}

/// U+009B alone begins a command of the terminal, as `ESC [` does; its neighbours do no better.
#[test]
fn no_control_character_of_the_second_set_reaches_the_terminal() {
    let mut seen = Vec::new();
    for character in '\u{7f}'..='\u{9f}' {
        for text in [
            format!("ecog: 9{character}"),
            format!("{character}"),
            format!("ecog: 9 # {character}2J"),
            format!("{character}: 1"),
        ] {
            if let Err(message) = any_record(&text, Notation::Yaml) {
                seen.push(format!("{text:?}: {message}"));
            }
        }
    }
    assert!(
        seen.is_empty(),
        "{} texts, the first: {}",
        seen.len(),
        seen[0]
    );
}

/// Any scalar as the value of any fact.
#[test]
fn any_scalar_as_a_value() {
    let facts: Vec<String> = every_kind()
        .facts
        .iter()
        .map(|(_, fact)| fact.path.clone())
        .chain(["screened_on", "candidate", "trial", "format", "note"].map(String::from))
        .collect();
    let scalar = prop_oneof![
        "[0-9.eE+<>=/% -]{0,30}",
        "[<>=≤≥]{0,2} ?[0-9]{1,30} ?(days|months|years|weeks|%|g/L|g/dL)?",
        "(-?[0-9]{1,29}(\\.[0-9]{1,29})?(e-?[0-9]{1,10})?)",
        "[0-9]{1,5}-[0-9]{1,2}(-[0-9]{1,2})?(\\.\\.[0-9]{4}-[0-9]{2}-[0-9]{2})?",
        "([0-9]{1,7} (days|months|years|weeks) ?){1,4}",
        "\\PC{0,20}",
    ];
    let record = (0..facts.len(), scalar, 0..3_usize);
    hold_for(1_500, 56, &record, |(fact, scalar, form)| {
        let quoted = serde_json::to_string(&scalar).unwrap();
        let fact = &facts[fact];
        let text = match form {
            0 => format!("{{ {}: {quoted} }}", serde_json::to_string(fact).unwrap()),
            1 => format!(
                "{fact}: {{ value: {quoted}, date: {quoted}, uln: {quoted}, unit: {quoted} }}"
            ),
            _ => format!(
                "{fact}: [{{ count: {quoted}, size: {quoted}, lasted: {quoted}, date: {quoted} }}, {quoted}]"
            ),
        };
        match try_read(every_kind(), &text, Notation::Yaml) {
            Ok(record) => drop(screen(every_kind(), &record, &Policy::default())),
            Err(problems) => harmless(&problems)?,
        }
        Ok(())
    });
}

/// A duration may be written in many parts; their sum can leave the calendar though no part does.
#[test]
fn a_duration_of_many_parts_is_refused_without_panic() {
    for unit in ["400000 days", "52000 weeks", "12000 months", "1000 years"] {
        let text = format!("t: {}", vec![unit; 50].join(" "));
        let answer = std::panic::catch_unwind(|| any_record(&text, Notation::Yaml));
        assert!(
            matches!(answer, Ok(Ok(()))),
            "50 times `{unit}`: {answer:?}"
        );
    }
}

const INSERTED: [&str; 24] = [
    " ",
    "\n",
    "  ",
    "\t",
    ":",
    "- ",
    "'",
    "\"",
    "{",
    "}",
    "[",
    "]",
    "#",
    "|",
    ">",
    "&a ",
    "*a ",
    "!!x ",
    "\u{1b}[2J",
    "\u{202e}",
    "é",
    "\r\n",
    "%",
    "not ",
];

/// A text with a few places deleted, doubled, exchanged or filled with something else.
pub fn mutated(choices: &mut Choices<'_>, text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..=choices.below(3) {
        let start = choices.below(characters.len());
        let longest = if choices.chance(1, 4) { 400 } else { 12 };
        let end = (start + choices.below(longest)).min(characters.len());
        match choices.below(5) {
            0 => drop(characters.drain(start..end)),
            1 => {
                let copy: Vec<char> = characters[start..end].to_vec();
                characters.splice(end..end, copy);
            }
            2 => {
                let copy: Vec<char> = characters[start..end].to_vec();
                let to = choices.below(characters.len());
                characters.splice(to..to, copy);
            }
            3 => drop(characters.splice(start..end, choices.pick(&INSERTED).chars())),
            _ => drop(characters.splice(start..start, choices.pick(&INSERTED).chars())),
        }
    }
    let text: String = characters.into_iter().collect();
    if choices.chance(1, 5) {
        text.replace('\n', "\r\n")
    } else {
        text
    }
}

fn file(name: &str) -> String {
    std::fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn any_text_as_a_trial_file() {
    let any_trial = |text: &str| match trial::compile(&source("trial.yaml", text)) {
        Ok((_, warnings)) if warnings.is_empty() => Ok(()),
        Ok((_, warnings)) => harmless(&warnings),
        Err(problems) => harmless(&problems),
    };
    hold_for(200, 61, &"\\PC{0,80}", |text: String| any_trial(&text));
    // Without the parts that only `explain` reads, more of the changes hit what is compiled.
    let text = eligo::EMBEDDED_TRIAL;
    let facts = text.find("\nfacts:").unwrap();
    let short = format!(
        "format: eligo/trial/1\ntrial: {{ id: T1, title: T }}\n{}",
        &text[facts..]
    );
    hold(120, 62, 20, |choices| any_trial(&mutated(choices, &short)));
    let small = "format: eligo/trial/1
trial: { id: T1, title: T, notes: [ one ] }
facts:
  ecog: { type: integer, label: ECOG, range: 0..5, codes: { loinc: 89247-1 } }
  hb: { type: quantity, label: Hb, unit: g/dL, units: { g/L: 0.1 }, range: 0.. }
  group:
    label: Group
    stay: { type: duration, label: Stay, range: 0 days..2 years }
  lines: { type: list, label: Lines, item: { kind: { type: code, values: { x: x, y: { label: y, unclear: true } } }, date: { type: date } } }
define:
  newest: { label: Newest, is: \"Last(lines L where L.kind = 'x' sort by date).kind\" }
cautions: [ { when: ecog is null, say: none } ]
criteria:
  inclusion:
    - id: I1
      title: One
      text: One
      applies: ecog < 3
      readings: { one: { say: one, require: newest = 'x' }, two: { say: two, require: \"hb >= 80 'g/L'\" } }
  exclusion:
    - { id: E1, title: One, text: One, at_least: { n: 1, of: [ { id: E1a, title: a, exclude: group.stay > 3 months } ] } }
";
    any_trial(small).unwrap();
    hold(2_500, 63, 20, |choices| any_trial(&mutated(choices, small)));
}

#[test]
fn any_text_as_a_record_file_that_was_right_once() {
    let texts = [
        file("examples/with-evidence.yaml"),
        file("examples/eligible.yaml"),
        file("examples/chinese-notes.yaml"),
    ];
    hold(120, 64, 20, |choices| {
        let text = choices.pick(&texts).clone();
        any_record(&mutated(choices, &text), Notation::Yaml)
    });
    let texts = [
        file("examples/three-courses.json"),
        file("examples/t-all.json"),
    ];
    hold(120, 65, 20, |choices| {
        let text = choices.pick(&texts).clone();
        any_record(&mutated(choices, &text), Notation::Json)
    });
}

#[test]
fn any_text_as_a_site_policy_or_cases() {
    let any_policy = |text: &str| {
        let source: Arc<Source> = source("site.yaml", text);
        match document::read(&source, Notation::Yaml) {
            Ok(document) => policy::read(&source, &document, embedded())
                .map(drop)
                .or_else(|problems| harmless(&problems)),
            Err(problem) => harmless(&[*problem]),
        }
    };
    let any_cases = |text: &str| {
        cases::read(&source("cases.yaml", text), embedded())
            .map(drop)
            .or_else(|problems| harmless(&problems))
    };
    hold_for(150, 71, &"\\PC{0,80}", |text: String| {
        any_policy(&text).and_then(|()| any_cases(&text))
    });
    let site = file("examples/site-policy.yaml");
    hold(500, 72, 20, |choices| any_policy(&mutated(choices, &site)));
    let all = file("criteria/nct04546906.cases.yaml");
    // The bases and the first cases.
    let end = all
        .match_indices("\n  - note:")
        .nth(12)
        .map_or(all.len(), |(at, _)| at + 1);
    hold(120, 73, 20, |choices| {
        any_cases(&mutated(choices, &all[..end]))
    });
}

/// Deep nesting that no bracket shows. It would end the process, so a process of its own tries it.
#[test]
fn deep_expressions_do_not_exhaust_the_stack() {
    let sums = |count: usize| vec!["n"; count].join("+");
    let nested = (0..30).fold("n".to_owned(), |inner, _| {
        format!("({inner})+{}", sums(900))
    });
    let mut crashed = Vec::new();
    for (name, expression) in [
        ("a sum of 900 terms", format!("{} > 3", sums(900))),
        ("a sum of 300 terms", format!("{} > 3", sums(300))),
        ("sums of 900 terms, 30 deep", format!("{nested} > 3")),
        (
            "900 comparisons joined by xor",
            vec!["n > 3"; 900].join(" xor "),
        ),
        (
            "30 000 properties",
            format!("(n){} > 3", ".a".repeat(30_000)),
        ),
        (
            "95 brackets",
            format!("{}n > 3{}", "(".repeat(95), ")".repeat(95)),
        ),
        ("95 negations", format!("{}(n > 3)", "not ".repeat(95))),
    ] {
        let text = format!(
            "format: eligo/trial/1\ntrial: {{ id: T1, title: T }}\nfacts:\n  n: {{ type: integer, label: N }}\ncriteria:\n  inclusion:\n    - {{ id: I1, title: T, text: T, require: \"{expression}\" }}\n"
        );
        let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
        let (trial, record) = (
            directory.join("deep-trial.yaml"),
            directory.join("deep-record.yaml"),
        );
        std::fs::write(&trial, text).unwrap();
        std::fs::write(&record, "n: 1\n").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_eligo"))
            .args(["screen", "--trial"])
            .arg(&trial)
            .arg(&record)
            .output()
            .unwrap();
        if output.status.code().is_none_or(|code| code > 3) {
            crashed.push(format!("{name}: {}", output.status));
        }
    }
    assert!(crashed.is_empty(), "{}", crashed.join("\n"));
}
