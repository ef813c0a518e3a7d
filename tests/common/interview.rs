//! What somebody types at an interview to say what a record says.

use std::collections::BTreeMap;

use eligo::diagnostic::Source;
use eligo::document::Notation;
use eligo::facts::{Fact, ItemKind, Kind};
use eligo::interview::written::Written;
use eligo::interview::{Asked, Interview, Scope, edit};
use eligo::record::Dates;
use eligo::trial::{Policy, Trial};
use eligo::{EMBEDDED_TRIAL, trial};
use jiff::civil::date;
use serde_json::Value as Json;

pub fn embedded() -> Trial {
    trial::compile(&Source::new("trial.yaml", EMBEDDED_TRIAL))
        .unwrap()
        .0
}

pub fn verdicts(report: &Json) -> BTreeMap<String, String> {
    let criteria = report["criteria"].as_array().unwrap().iter();
    let verdict = |one: &Json| one["verdict"].as_str().unwrap().to_owned();
    criteria
        .map(|one| (one["id"].as_str().unwrap().to_owned(), verdict(one)))
        .collect()
}

/// What somebody types to say what a record says of a fact.
fn typed(fact: &Fact, known: Option<&Written>) -> Vec<String> {
    let Some(known) = known else {
        return vec![String::new()];
    };
    let (value, evidence) = match known {
        Written::Map(entries) => {
            let get = |key: &str| {
                entries
                    .iter()
                    .find(|(name, _)| name == key)
                    .map(|(_, value)| value)
            };
            if let Some(Written::Word(cause)) = get("missing") {
                return vec![cause.clone()];
            }
            let word = |key: &str| get(key).map(plain);
            let date = word("date").map(|date| format!(" on {date}"));
            let by = word("by").map(|by| format!(" by {by}"));
            (
                get("value").unwrap().clone(),
                date.unwrap_or_default() + &by.unwrap_or_default(),
            )
        }
        value => (value.clone(), String::new()),
    };
    match (&fact.kind, &value) {
        (Kind::List(item), Written::List(items)) => match &**item {
            _ if items.is_empty() => vec!["none known".to_owned()],
            ItemKind::Single(_) => vec![items.iter().map(plain).collect::<Vec<_>>().join(", ")],
            ItemKind::Fields(fields) => items_typed(fields, items),
        },
        _ => vec![plain(&value) + &evidence],
    }
}

fn items_typed(fields: &[Fact], items: &[Written]) -> Vec<String> {
    let mut lines = Vec::new();
    for item in items {
        let Written::Map(entries) = item else {
            panic!("{item:?}")
        };
        lines.push("add".to_owned());
        for field in fields {
            let known = entries.iter().find(|(name, _)| name == field.name());
            lines.extend(typed(field, known.map(|(_, value)| value)));
        }
    }
    lines.push("all".to_owned());
    lines
}

fn plain(value: &Written) -> String {
    match value {
        Written::Boolean(value) => if *value { "yes" } else { "no" }.to_owned(),
        Written::Word(text) | Written::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    }
}

/// The lines that an interview asks for until the record says what another one says, in the order of the interview.
pub fn script(trial: &Trial, other: &str, notation: Notation) -> Vec<String> {
    let tree = edit::parse(other, notation).unwrap();
    let policy = Policy::default();
    let day = date(2026, 11, 20);
    let dates = Dates {
        as_of: None,
        today: day,
    };
    let text = edit::begin(Notation::Yaml, &trial.id, "2026-11-20", "copy");
    let mut interview =
        Interview::new(trial, &policy, ("copy.yaml", text), Notation::Yaml, dates).unwrap();
    let (mut lines, scope) = (
        Vec::new(),
        Scope {
            all: true,
            ..Scope::default()
        },
    );
    for _ in 0..500 {
        let next = interview.next(&interview.screening(), &scope);
        let Some(asked) = next else { return lines };
        let fact = trial.facts.get(asked.fact());
        let known = edit::at(&tree, &fact.path).and_then(Written::of);
        match (asked, known) {
            (Asked::Value(_), Some(known)) => {
                lines.extend(typed(fact, Some(&known)));
                interview.answer(asked, &known).unwrap();
            }
            (..) => {
                lines.push(String::new());
                interview.leave(asked);
            }
        }
    }
    panic!("the interview does not end: {lines:?}");
}
