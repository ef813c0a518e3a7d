//! What a record says, fact by fact, as the controls of a form show it.
//!
//! It is taken from the text alone, so it shows also what is refused. What no control can show is marked, never left out.

use std::collections::BTreeMap;

use eligo::document::Node;
use eligo::facts::{Fact, ItemKind, Kind};
use eligo::interview::written::Written;
use eligo::interview::{answer, edit};
use eligo::trial::Trial;
use serde::Serialize;

/// The name of the one value that an item of a list is.
pub const VALUE: &str = "value";
/// The key that says of a list whether these are all its items.
pub const COMPLETE: &str = "complete";
/// What may stand beside a value, and has a control of its own.
const BESIDE: [&str; 7] = ["unit", "date", "by", "source", "note", "uln", "lln"];

/// What a record says of a fact, or of a field of an item.
#[derive(Debug, Default, PartialEq, Serialize)]
pub struct Answer {
    /// As it is declared, where that is clear; else as it is written.
    value: Option<String>,
    /// The code of the cause for which there is none.
    missing: Option<String>,
    /// What stands beside it, by key.
    beside: BTreeMap<String, String>,
    /// Of a list.
    items: Option<Vec<Item>>,
    /// Whether these are all items, if the record says so.
    complete: Option<bool>,
    /// Whether something is written there for which there is no control.
    other: bool,
}

/// An item of a list.
#[derive(Debug, Default, PartialEq, Serialize)]
pub struct Item {
    fields: BTreeMap<String, Answer>,
    beside: BTreeMap<String, String>,
    other: bool,
}

/// What a record says of the whole and of each fact, by path. What it says nothing of is not there.
pub fn answers(trial: &Trial, tree: &Node) -> BTreeMap<String, Answer> {
    let written = |path: &str| Written::of(edit::at(tree, path)?);
    let head = ["candidate", "screened_on", "note"].into_iter();
    let head = head.filter_map(|key| {
        let (value, other) = match written(key)? {
            Written::Word(text) | Written::Text(text) => (Some(text), false),
            _ => (None, true),
        };
        let answer = Answer {
            value,
            other,
            ..Answer::default()
        };
        Some((key.to_owned(), answer))
    });
    let facts = trial.facts.iter().filter_map(|(_, fact)| {
        let answer = answer_of(fact, written(&fact.path)?);
        Some((fact.path.clone(), answer))
    });
    head.chain(facts).collect()
}

fn answer_of(fact: &Fact, written: Written) -> Answer {
    let mut answer = Answer::default();
    match written {
        Written::Map(entries) => {
            for (key, value) in entries {
                answer.add(fact, &key, value);
            }
        }
        value => answer.set(fact, value),
    }
    answer
}

impl Answer {
    fn add(&mut self, fact: &Fact, key: &str, value: Written) {
        match (key, value) {
            (VALUE, value @ (Written::Word(_) | Written::Text(_) | Written::List(_))) => {
                self.set(fact, value);
            }
            ("missing", Written::Word(code) | Written::Text(code)) => {
                self.missing = Some(cause(&code).unwrap_or(code));
            }
            (COMPLETE, Written::Word(word)) if as_boolean(&word).is_some() => {
                self.complete = as_boolean(&word);
            }
            (key, Written::Word(text) | Written::Text(text)) if BESIDE.contains(&key) => {
                self.beside.insert(key.to_owned(), text);
            }
            _ => self.other = true,
        }
    }

    fn set(&mut self, fact: &Fact, value: Written) {
        match (&fact.kind, value) {
            (Kind::List(item), Written::List(items)) => {
                self.items = Some(items.into_iter().map(|one| item_of(item, one)).collect());
            }
            (Kind::Text, Written::Word(text) | Written::Text(text)) => self.value = Some(text),
            (kind, Written::Word(text) | Written::Text(text)) => {
                // A declared value may be called as a cause is: a consent that is pending.
                match (declared(kind, &text), cause(&text)) {
                    (Some(name), _) => self.value = Some(name.to_owned()),
                    (None, Some(code)) => self.missing = Some(code),
                    (None, None) => self.value = Some(text),
                }
            }
            _ => self.other = true,
        }
    }
}

fn item_of(kind: &ItemKind, written: Written) -> Item {
    let mut item = Item::default();
    match (kind, written) {
        (ItemKind::Single(single), written) => {
            item.fields
                .insert(VALUE.to_owned(), answer_of(single, written));
        }
        (ItemKind::Fields(fields), Written::Map(entries)) => {
            for (key, value) in entries {
                let field = fields.iter().find(|field| field.name() == key);
                match (field, value) {
                    (Some(field), value) => {
                        item.fields.insert(key, answer_of(field, value));
                    }
                    (None, Written::Word(text) | Written::Text(text))
                        if BESIDE.contains(&key.as_str()) =>
                    {
                        item.beside.insert(key, text);
                    }
                    _ => item.other = true,
                }
            }
        }
        (ItemKind::Fields(_), alone) => match kind.alone() {
            Some(field) => {
                item.fields
                    .insert(field.name().to_owned(), answer_of(field, alone));
            }
            None => item.other = true,
        },
    }
    item
}

/// The code of a cause of missing, if these words are one.
fn cause(words: &str) -> Option<String> {
    match answer::cause(words)? {
        Written::Map(entries) => match entries.into_iter().next()? {
            (_, Written::Word(code)) => Some(code),
            _ => None,
        },
        _ => None,
    }
}

/// The declared name of a value, where what is written is one.
fn declared<'k>(kind: &'k Kind, text: &str) -> Option<&'k str> {
    match kind {
        Kind::Boolean { .. } => as_boolean(text).map(|is| if is { "yes" } else { "no" }),
        Kind::Code(set) => {
            let value = set.values.get(set.position(text)?)?;
            Some(&value.name)
        }
        _ => None,
    }
}

fn as_boolean(word: &str) -> Option<bool> {
    match word {
        "yes" | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => None,
    }
}
