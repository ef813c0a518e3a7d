//! More information never turns a decided verdict.

use eligo::cql::{self, DefinitionId, Expression, Names, Scope, Type};
use eligo::evaluate::Context;
use eligo::record::Record;
use eligo::screening::screen;
use eligo::trial::{Policy, Trial};
use eligo::value::Truth;
use std::collections::HashMap;

use crate::choices::{Choices, hold};
use crate::conditions::{Allowed, condition, every_kind};
use crate::records;
use crate::support::{TODAY, embedded, found, may_become, read};

pub fn rule(trial: &Trial, text: &str) -> Result<Expression, String> {
    let definitions: HashMap<String, DefinitionId> =
        trial.definitions.iter().enumerate().map(|(index, definition)| (definition.name.clone(), DefinitionId(index))).collect();
    let names = Names { facts: &trial.facts, definitions: &definitions, expressions: &trial.definitions, defined: &[] };
    cql::compile(text, names, Scope::Rule, Some(&Type::Boolean))
        .map_err(|errors| format!("`{text}` does not compile: {}", errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; ")))
}

pub fn truth(trial: &Trial, record: &Record, rule: &Expression) -> Truth {
    Context { entries: &record.entries, definitions: &trial.definitions, today: record.screened_on }.truth(rule)
}

/// What each state of knowledge says of the facts that matter, so that a failing example is short.
fn told(texts: &[String; 3], matters: impl Fn(&str) -> bool) -> String {
    let named = |line: &&str| line.split_once(':').is_some_and(|(key, _)| matters(key));
    let states = texts.each_ref().map(|text| text.lines().filter(named).map(|line| format!("  {line}\n")).collect::<String>());
    format!("knowing least:\n{}more:\n{}most:\n{}", states[0], states[1], states[2])
}

/// Records of three states of knowledge against rules: what one state decides, every later one decides alike.
fn rules_keep_what_they_decided(choices: &mut Choices<'_>, allowed: Allowed, rules: usize) -> Result<(), String> {
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
                let named = |key: &str| trial.facts.find(key).is_some_and(|fact| facts.contains(&fact));
                return Err(format!("{text}\nis {truths:?}\n{}", told(&texts, named)));
            }
        }
    }
    Ok(())
}

#[test]
fn a_rule_stays_decided() {
    hold(400, 1, 1_200, |choices| rules_keep_what_they_decided(choices, Allowed::default(), 20));
}

#[test]
fn a_rule_that_names_an_unclear_value_stays_decided() {
    hold(200, 2, 900, |choices| rules_keep_what_they_decided(choices, Allowed { unclear_literals: true, ..Allowed::default() }, 10));
}

#[test]
fn a_rule_that_compares_two_codes_stays_decided() {
    hold(200, 3, 900, |choices| rules_keep_what_they_decided(choices, Allowed { code_pairs: true, ..Allowed::default() }, 10));
}

#[test]
fn a_rule_that_may_exceed_the_largest_number_stays_decided() {
    hold(200, 4, 900, |choices| rules_keep_what_they_decided(choices, Allowed { overflow: true, ..Allowed::default() }, 10));
}

/// The embedded trial, every criterion and sub-criterion.
#[test]
fn a_verdict_stays_decided() {
    let trial = embedded();
    let policy = Policy::default();
    hold(60, 5, 1_600, |choices| {
        let texts = records::record(choices, &trial.facts, TODAY).map(|tree| records::yaml(&tree));
        let records = [0, 1, 2].map(|state| read(trial, &texts[state]));
        let screenings = [0, 1, 2].map(|state| screen(trial, &records[state], &policy));
        for (before, after) in [(0, 1), (1, 2), (0, 2)] {
            for (before, after) in screenings[before].outcomes.iter().zip(&screenings[after].outcomes) {
                let (before, after) = (found(before), found(after));
                if after.contradicted {
                    continue;
                }
                for ((id, before), (_, after)) in before.verdicts.iter().zip(&after.verdicts) {
                    if !may_become(*before, *after) {
                        return Err(format!("{id} was {before:?} and becomes {after:?}\n{}", told(&texts, |_| true)));
                    }
                }
            }
        }
        Ok(())
    });
}
