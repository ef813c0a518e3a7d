//! More information never turns a decided verdict.

use crate::choices::{Choices, hold};
use crate::conditions::{Allowed, condition, every_kind};
use crate::records;
use crate::support::{TODAY, compile, embedded, found, may_become, read};
use crate::trials::{Applies, trial};
use eligo::cql::{self, Expression, Scope, Type};
use eligo::evaluate::Context;
use eligo::record::Record;
use eligo::screening::{Verdict, screen};
use eligo::trial::{Policy, Trial};
use eligo::value::Truth;

pub fn rule(trial: &Trial, text: &str) -> Result<Expression, String> {
    let names = trial.names();
    cql::compile(text, names, Scope::Rule, Some(&Type::Boolean)).map_err(|errors| {
        format!(
            "`{text}` does not compile: {}",
            errors
                .iter()
                .map(|error| error.message.as_str())
                .collect::<Vec<_>>()
                .join("; ")
        )
    })
}

pub fn truth(trial: &Trial, record: &Record, rule: &Expression) -> Truth {
    Context::new(&record.entries, &trial.definitions, record.screened_on).truth(rule)
}

/// What each state of knowledge says of the facts that matter, so that a failing example is short.
fn told(texts: &[String; 3], matters: impl Fn(&str) -> bool) -> String {
    let named = |line: &&str| line.split_once(':').is_some_and(|(key, _)| matters(key));
    let states = texts.each_ref().map(|text| {
        text.lines()
            .filter(named)
            .map(|line| format!("  {line}\n"))
            .collect::<String>()
    });
    format!(
        "knowing least:\n{}more:\n{}most:\n{}",
        states[0], states[1], states[2]
    )
}

/// Records of three states of knowledge against rules: what one state decides, every later one decides alike.
fn rules_keep_what_they_decided(
    choices: &mut Choices<'_>,
    allowed: Allowed,
    rules: usize,
) -> Result<(), String> {
    let trial = every_kind();
    let texts = records::record(choices, &trial.facts, TODAY).map(|tree| records::yaml(&tree));
    let records = [0, 1, 2].map(|state| read(trial, &texts[state]));
    for _ in 0..rules {
        let text = condition(choices, allowed, 3);
        let rule = rule(trial, &text)?;
        let truths = [0, 1, 2].map(|state| truth(trial, &records[state], &rule));
        for (before, after) in [(0, 1), (1, 2), (0, 2)] {
            if truths[before].is_decided() && truths[after] != truths[before] {
                let facts = cql::facts_of(&rule, &trial.definitions);
                let named = |key: &str| {
                    trial
                        .facts
                        .find(key)
                        .is_some_and(|fact| facts.contains(&fact))
                };
                return Err(format!("{text}\nis {truths:?}\n{}", told(&texts, named)));
            }
        }
    }
    Ok(())
}

#[test]
fn a_rule_stays_decided() {
    hold(400, 1, 1_200, |choices| {
        rules_keep_what_they_decided(choices, Allowed::default(), 20)
    });
}

/// What is recorded as unclear may turn out to be clear, so a rule that asks for an unclear value could be turned.
#[test]
fn a_rule_cannot_name_an_unclear_value() {
    for text in [
        "k = 'murky'",
        "k != 'dull'",
        "k in { 'red', 'murky' }",
        "exists (tags T where T = 'murky')",
    ] {
        let refused = rule(every_kind(), text).unwrap_err();
        assert!(refused.contains("unclear value"), "{refused}");
    }
}

#[test]
fn a_rule_that_compares_two_codes_stays_decided() {
    hold(200, 3, 900, |choices| {
        rules_keep_what_they_decided(
            choices,
            Allowed {
                code_pairs: true,
                ..Allowed::default()
            },
            10,
        )
    });
}

#[test]
fn a_rule_that_may_exceed_the_largest_number_stays_decided() {
    hold(200, 4, 900, |choices| {
        rules_keep_what_they_decided(
            choices,
            Allowed {
                overflow: true,
                ..Allowed::default()
            },
            10,
        )
    });
}

/// What is recorded as unclear may turn out to be any of the clear values, on both sides of a comparison.
#[test]
fn a_comparison_of_unclear_codes_stays_decided() {
    let trial = every_kind();
    let record = |facts: &str| read(trial, &format!("screened_on: {TODAY}\n{facts}\n"));
    let mut turned = Vec::new();
    for (text, before, after) in [
        ("k = j", "{ k: murky, j: murky }", "{ k: red, j: blue }"),
        ("k = j", "{ k: murky, j: dull }", "{ k: red, j: red }"),
        ("k != j", "{ k: murky, j: dull }", "{ k: red, j: red }"),
    ] {
        let rule = rule(trial, text).unwrap();
        let of = |facts: &str| {
            truth(
                trial,
                &record(
                    facts
                        .trim_matches(['{', '}', ' '])
                        .replace(", j", "\nj")
                        .as_str(),
                ),
                &rule,
            )
        };
        let (before, after) = (of(before), of(after));
        if before.is_decided() && after != before {
            turned.push(format!("{text}: {before:?} becomes {after:?}"));
        }
    }
    assert!(turned.is_empty(), "{}", turned.join("\n"));
}

/// Screens records of three states of knowledge: what one state decides, every later one decides alike. Where the fuller
/// record contradicts itself, or opens a question about the protocol, it may leave it open again, and never decides the
/// opposite.
fn verdicts_keep_what_they_said(choices: &mut Choices<'_>, trial: &Trial) -> Result<(), String> {
    let policy = Policy::default();
    let texts = records::record(choices, &trial.facts, TODAY).map(|tree| records::yaml(&tree));
    let records = [0, 1, 2].map(|state| read(trial, &texts[state]));
    let screenings = [0, 1, 2].map(|state| screen(trial, &records[state], &policy));
    for (before, after) in [(0, 1), (1, 2), (0, 2)] {
        for (before, after) in screenings[before]
            .outcomes
            .iter()
            .zip(&screenings[after].outcomes)
        {
            let (before, after) = (found(before), found(after));
            let may_reopen = after.contradicted || after.doubted;
            for ((id, before), (_, after)) in before.verdicts.iter().zip(&after.verdicts) {
                let reopened = may_reopen && *after == Verdict::Unknown;
                if !may_become(*before, *after) && !reopened {
                    return Err(format!(
                        "{id} was {before:?} and becomes {after:?}\n{}",
                        told(&texts, |_| true)
                    ));
                }
            }
        }
    }
    Ok(())
}

#[test]
fn a_verdict_of_the_embedded_trial_stays_decided() {
    hold(60, 5, 1_600, |choices| {
        verdicts_keep_what_they_said(choices, embedded())
    });
}

fn any_structure(seed: u64, applies: Applies) {
    hold(800, seed, 500, |choices| {
        let text = trial(choices, applies);
        verdicts_keep_what_they_said(choices, &compile(&text))
            .map_err(|message| format!("{message}\n{text}"))
    });
}

/// Any structure of criteria, in which only criteria without sub-criteria say to whom they apply.
#[test]
fn a_verdict_of_any_structure_stays_decided() {
    any_structure(6, Applies::Leaves);
}

/// The smallest example: `I1 { applies: a, all: [ I1a { require: b } ] }`, b false, a unknown and then false.
#[test]
fn a_verdict_stays_decided_below_a_criterion_that_may_not_apply() {
    any_structure(8, Applies::NotTheFirst);
}

/// The smallest example: `I1 { any: [ I1a { applies: a, require: b } ] }`, b false, a unknown and then false.
#[test]
fn a_verdict_stays_decided_where_all_sub_criteria_may_not_apply() {
    any_structure(7, Applies::Any);
}

/// Where what is computed becomes too large for a number or for the calendar.
#[test]
#[ignore = "a result beyond 28 digits or the year 9999 is unknown, also where bounds had decided; docs/design.md says so"]
fn a_rule_stays_decided_beyond_the_largest_number_and_the_last_day() {
    let trial = every_kind();
    let record = |fact: &str| read(trial, &format!("screened_on: {TODAY}\n{fact}\n"));
    let mut turned = Vec::new();
    for (text, before, after) in [
        ("x * 10000000000000000000000000000 > 5", "x: '>= 1'", "x: 9"),
        (
            "x + 70000000000000000000000000000 > 5",
            "x: '>= 1'",
            "x: 70000000000000000000000000000",
        ),
        ("Exp(x) > 1", "x: '>= 1'", "x: 100"),
        (
            "f + 1 year after @2026-01-01",
            "f: '>= 2026-06-01'",
            "f: 9999-06-01",
        ),
        (
            "f 1 day or more after @2026-01-01",
            "f: '>= 2026-06-01'",
            "f: 9999-12-31",
        ),
    ] {
        let rule = rule(trial, text).unwrap();
        let (before, after) = (
            truth(trial, &record(before), &rule),
            truth(trial, &record(after), &rule),
        );
        if before.is_decided() && after != before {
            turned.push(format!("{text}: {before:?} becomes {after:?}"));
        }
    }
    assert!(turned.is_empty(), "{}", turned.join("\n"));
}
