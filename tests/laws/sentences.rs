//! Whatever a condition asks for can be said in words, without the syntax of the expression language; and so can a reason.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use eligo::cql::{Names, Scope, compile};
use eligo::report::sentence::Sentences;
use eligo::report::sentence::condition::Phrases;
use eligo::screening::screen;
use eligo::trial::{Policy, Trial};

use crate::choices::{Choices, hold};
use crate::conditions::{Allowed, condition, every_kind};
use crate::records::{self, Tree};
use crate::support::{TODAY, compile as compiled, read};

#[test]
fn every_condition_can_be_said_in_words() {
    let trial = every_kind();
    let by_name = trial
        .definitions
        .iter()
        .enumerate()
        .map(|(at, one)| (one.name.clone(), eligo::cql::DefinitionId(at)))
        .collect();
    let names = Names {
        facts: &trial.facts,
        definitions: &by_name,
        expressions: &trial.definitions,
        defined: &[],
    };
    let phrases = Phrases::of(trial);
    hold(3_000, 0x5eed_e01a, 40, |choices| {
        let text = condition(
            choices,
            Allowed {
                code_pairs: true,
                overflow: true,
            },
            4,
        );
        let expression = compile(&text, names, Scope::Free, None)
            .map_err(|errors| format!("{text}: {errors:?}"))?;
        for said in [
            phrases.condition(&expression),
            phrases.negation(&expression),
            phrases.value(&expression),
        ] {
            // The facts have no such signs in their labels, so any that appear come from the language or from Rust.
            let raw = ['\'', '`', '=', '<', '>', '{', '}', '[', ']', '_'];
            let brackets = said.chars().try_fold(0usize, |open, sign| match sign {
                '(' => Some(open + 1),
                ')' => open.checked_sub(1),
                _ => Some(open),
            });
            // Units have signs of calculation too, but not with spaces around them.
            let rust = [
                " / ",
                " * ",
                "Some(",
                "None",
                "Operation",
                "Value::",
                "Bounds",
                "Today()",
                "Count(",
            ];
            if said.trim().is_empty()
                || said.contains(raw)
                || rust.iter().any(|word| said.contains(word))
                || brackets != Some(0)
            {
                return Err(format!("{text}\nis said as\n{said}"));
            }
        }
        Ok(())
    });
}

/// Every trial file of the project: those of real trials, and those of the tests.
fn trials() -> Vec<(String, Trial)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut trials = Vec::new();
    for directory in ["criteria", "tests/trials", "tests/trials/protocols"] {
        for entry in fs::read_dir(root.join(directory)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if name
                .strip_suffix(".yaml")
                .is_some_and(|name| !name.contains('.'))
            {
                trials.push((name, compiled(&fs::read_to_string(&path).unwrap())));
            }
        }
    }
    assert!(trials.len() > 25, "only {} trial files", trials.len());
    trials.sort_by(|(one, _), (other, _)| one.cmp(other));
    trials
}

/// The names that a trial file has for itself: of facts, fields, values and definitions. What a label says too is no raw name.
fn raw_names(trial: &Trial) -> BTreeSet<&str> {
    let facts = trial.facts.iter().map(|(_, fact)| fact.path.as_str());
    let definitions = trial.definitions.iter().map(|one| one.name.as_str());
    facts
        .chain(definitions)
        .filter(|name| name.contains(['_', '.']))
        .collect()
}

/// What of the expression language or of the file's names stands in a reason.
fn raw<'r>(reason: &'r str, names: &BTreeSet<&str>) -> Option<&'r str> {
    const SYNTAX: [&str; 14] = [
        "`",
        "Today()",
        "AgeIn",
        "Count(",
        "First(",
        "Last(",
        "Max(",
        "Min(",
        "Sum(",
        "Avg(",
        "exists (",
        " return ",
        " sort by ",
        "'",
    ];
    // A label may have an apostrophe, between letters.
    let syntax = SYNTAX.iter().find_map(|sign| {
        reason.match_indices(sign).find_map(|(at, found)| {
            let is_apostrophe = *sign == "'"
                && reason[..at].ends_with(char::is_alphabetic)
                && reason[at + 1..].starts_with('s');
            (!is_apostrophe).then_some(found)
        })
    });
    let is_part = |one: char| one.is_alphanumeric() || matches!(one, '_' | '.');
    let mut words = reason
        .split(|one| !is_part(one))
        .map(|word| word.trim_matches('.'));
    syntax.or_else(|| words.find(|word| names.contains(word)))
}

/// Texts of a record stand in a reason as they are, so none here has a quotation mark of the language.
fn without_quotes(tree: Tree) -> Tree {
    match tree {
        Tree::Text(text) => Tree::Text(text.replace('\'', " ")),
        Tree::List(items) => Tree::List(items.into_iter().map(without_quotes).collect()),
        Tree::Map(entries) => Tree::Map(
            entries
                .into_iter()
                .map(|(key, tree)| (key, without_quotes(tree)))
                .collect(),
        ),
        other => other,
    }
}

/// Issue 11, 3.2: the reason of every criterion of every trial file, for records that know little, more and most.
#[test]
fn no_reason_has_a_raw_name_in_it() {
    let trials = trials();
    let named: Vec<_> = trials
        .iter()
        .map(|(name, trial)| (name, trial, raw_names(trial)))
        .collect();
    hold(8, 0x5eed_e02b, 4_000, |choices: &mut Choices<'_>| {
        for (file, trial, names) in &named {
            for tree in records::record(choices, &trial.facts, TODAY) {
                let text = records::yaml(&without_quotes(tree));
                let record = read(trial, &text);
                let policy = Policy::default();
                let screening = screen(trial, &record, &policy);
                let sentences = Sentences::new(&screening);
                let mut wrong = Vec::new();
                for outcome in &screening.outcomes {
                    outcome.walk(&mut |outcome| {
                        let reason = sentences.reason(outcome);
                        if let Some(raw) = raw(&reason, names) {
                            let id = &outcome.criterion.id;
                            wrong.push(format!("{file} {id}: {raw} in: {reason}"));
                        }
                    });
                }
                if !wrong.is_empty() {
                    return Err(wrong.join("\n"));
                }
            }
        }
        Ok(())
    });
}
