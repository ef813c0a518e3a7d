//! What was typed → what is written into the record. What a value may be is not decided here: the reader of records
//! looks at every answer as it looks at a file.

use super::written::Written;
use crate::facts::{Fact, ItemKind, Kind, ValueSet};
use crate::value::missing::Absent;

/// Plain words for the causes of what is missing, beside their codes.
const CAUSES: [(&str, &str); 5] = [
    ("not known", "unknown"),
    ("not done", "not_performed"),
    ("pending", "temp_unknown"),
    ("declined", "asked_declined"),
    ("refused", "asked_declined"),
];

/// Words that say that there is nothing to list.
const NONE: [&str; 4] = ["none", "none known", "[]", "no"];

/// A cause of missing in plain words.
#[must_use]
pub fn cause(typed: &str) -> Option<Written> {
    let typed = plain(typed);
    let coded = Absent::CODES.iter().map(|(code, _)| *code);
    let code = coded
        .filter(|code| plain(code) == typed)
        .chain(
            CAUSES
                .iter()
                .filter(|(words, _)| *words == typed)
                .map(|(_, code)| *code),
        )
        .next()?;
    let code = Written::Word(code.to_owned());
    Some(Written::Map(vec![("missing".to_owned(), code)]))
}

/// Whether a list is said to be empty.
#[must_use]
pub fn is_none_known(typed: &str) -> bool {
    NONE.contains(&plain(typed).as_str())
}

/// An answer to the question for a fact or a field: a value, perhaps with its evidence, or why there is none.
#[must_use]
pub fn answer(fact: &Fact, typed: &str, today: &str) -> Written {
    let typed = typed.trim();
    if let Some(value) = choice(fact, typed) {
        return value;
    }
    if let Some(cause) = cause(typed) {
        return cause;
    }
    let (value, evidence) = parted(fact, typed, today);
    let known = choice(fact, value)
        .or_else(|| cause(value))
        .unwrap_or_else(|| written(fact, value));
    evidence
        .into_iter()
        .fold(known, |known, (key, value)| known.with(key, value))
}

/// What is said beside a value: a date, who says so, where it stands.
#[must_use]
pub fn beside(key: &str, typed: &str, today: &str) -> Written {
    match key {
        "date" if plain(typed) == "today" => Written::Word(today.to_owned()),
        "date" | "uln" | "lln" => Written::Word(typed.trim().to_owned()),
        _ => Written::Text(typed.trim().to_owned()),
    }
}

fn written(fact: &Fact, value: &str) -> Written {
    match &fact.kind {
        Kind::Text => Written::Text(value.to_owned()),
        Kind::List(item) => match &**item {
            ItemKind::Single(single) => {
                let items = value.split([',', ';']).map(str::trim);
                let items = items.filter(|item| !item.is_empty());
                let items =
                    items.map(|item| choice(single, item).unwrap_or_else(|| written(single, item)));
                Written::List(items.collect())
            }
            ItemKind::Fields(_) => Written::Word(value.to_owned()),
        },
        // The quotes are those of a file, where bounds need them.
        _ => Written::Word(unquoted(value).to_owned()),
    }
}

fn unquoted(value: &str) -> &str {
    let inner = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(value)
}

/// One of the answers that are offered: by its number, its name or its label.
fn choice(fact: &Fact, typed: &str) -> Option<Written> {
    match &fact.kind {
        Kind::Boolean { yes, no } => {
            let typed = plain(typed);
            let is = |word: &str, one: &str, label: &str| {
                typed == word || typed == one || typed == plain(label)
            };
            match () {
                () if is("yes", "y", yes) => Some(Written::Boolean(true)),
                () if is("no", "n", no) => Some(Written::Boolean(false)),
                () => None,
            }
        }
        Kind::Code(set) => value_of(set, typed).map(|name| Written::Word(name.to_owned())),
        _ => None,
    }
}

fn value_of<'s>(set: &'s ValueSet, typed: &str) -> Option<&'s str> {
    let typed = plain(typed);
    let named = set.values.iter().find(|value| plain(&value.name) == typed);
    let mut labelled = set
        .values
        .iter()
        .filter(|value| plain(&value.label) == typed);
    let numbered = || {
        let number = typed.parse::<usize>().ok()?.checked_sub(1)?;
        set.values.get(number)
    };
    let found = match (named, labelled.next(), labelled.next()) {
        (Some(named), ..) => Some(named),
        (None, Some(one), None) => Some(one),
        _ => numbered(),
    };
    found.map(|value| value.name.as_str())
}

/// Without what does not matter when words are compared.
fn plain(text: &str) -> String {
    let words = text
        .split([' ', '_', '-', '\t'])
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Takes `on DATE`, `by WHO` and `from SOURCE` off the end. A text keeps all of its words.
fn parted<'t>(fact: &Fact, typed: &'t str, today: &str) -> (&'t str, Vec<(&'static str, Written)>) {
    const WORDS: [(&str, &str); 3] = [(" on ", "date"), (" by ", "by"), (" from ", "source")];
    let (mut value, mut evidence) = (typed, Vec::new());
    if matches!(fact.kind, Kind::Text) {
        return (value, evidence);
    }
    loop {
        let found = WORDS
            .iter()
            .filter(|(_, key)| !evidence.iter().any(|(known, _)| known == key))
            .filter_map(|(word, key)| Some((value.rfind(word)?, word, key)))
            .max();
        let Some((at, word, key)) = found else { break };
        let (before, said) = (value.get(..at), value.get(at + word.len()..));
        let (Some(before), Some(said)) = (before, said.map(str::trim)) else {
            break;
        };
        // What begins with a digit is meant as a date, and the reader says how one is written.
        let is_date = plain(said) == "today" || said.starts_with(|one: char| one.is_ascii_digit());
        if said.is_empty() || (*key == "date" && !is_date) {
            break;
        }
        evidence.push((*key, beside(key, said, today)));
        value = before.trim();
    }
    evidence.reverse();
    (value, evidence)
}
