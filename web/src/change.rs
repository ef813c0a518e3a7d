//! An answer given, changed or taken back in the form → the text of the record, in which nothing else changes.
//!
//! What an answer may be is not decided here: the reader of records looks at the text afterwards. Taking an answer back never
//! makes another: without its last item a list is not recorded, which is not the same as none known.

use eligo::diagnostic::{Diagnostic, Diagnostics};
use eligo::document::{Content, Notation};
use eligo::facts::{Fact, ItemKind, Kind};
use eligo::interview::edit;
use eligo::interview::written::Written;
use eligo::trial::Trial;
use serde::Deserialize;

use crate::answers::{COMPLETE, VALUE};

/// One control of the form, and what stands in it now.
#[derive(Debug, Deserialize)]
pub struct Change {
    /// The path of a fact, or `candidate`, `screened_on`, `note`.
    path: String,
    /// Of a list: which item. The number of items is that of a new one.
    item: Option<usize>,
    /// Of an item: which field.
    field: Option<String>,
    /// `value`, `missing`, or what stands beside: `unit`, `date`, …; `clear` for all of these; of a list also `state`, `items`, `remove`.
    key: String,
    /// Nothing, to take this part of the answer back.
    typed: String,
}

/// What an answer is when there is none any more: not recorded, in both notations.
const NOTHING: &str = "null";

/// The text with the change in it.
pub fn apply(
    trial: &Trial,
    name: &str,
    text: &str,
    notation: Notation,
    change: &Change,
    today: &str,
) -> Result<String, Diagnostics> {
    let text = begun(trial, text, notation, today);
    let tree = edit::parse(&text, notation).ok_or_else(|| {
        let broken = format!("`{name}` cannot be taken apart, so nothing can be added to it");
        vec![Diagnostic::error(broken).help("mend the text first")]
    })?;
    let there = edit::at(&tree, &change.path);
    let before = there.and_then(Written::of);
    let after = match trial.facts.find(&change.path) {
        Some(id) => of_fact(trial.facts.get(id), before, change),
        None => head(change),
    };
    let value = match (after, there) {
        (Some(value), _) => value,
        (None, Some(_)) => Written::Word(NOTHING.to_owned()),
        (None, None) => return Ok(text),
    };
    edit::put(&text, notation, &change.path, &value).ok_or_else(|| {
        let path = &change.path;
        let fixed =
            format!("`{path}` cannot be added to `{name}` without rewriting what stands there");
        let line = value.line(notation);
        let help = format!("write `{path}: {line}` into the text by hand");
        vec![Diagnostic::error(fixed).help(help)].into()
    })
}

/// A record that says something: an empty one begins with the day.
fn begun(trial: &Trial, text: &str, notation: Notation, today: &str) -> String {
    let is_empty = text.trim().is_empty()
        || edit::parse(text, notation).is_some_and(|tree| tree.content == Content::Null);
    match (is_empty, notation) {
        (false, _) => text.to_owned(),
        (true, Notation::Json) => format!("{{\n  \"screened_on\": \"{today}\"\n}}\n"),
        (true, Notation::Yaml) if text.trim().is_empty() => {
            let id = &trial.id;
            format!("# What is known of a candidate for {id}.\nscreened_on: {today}\n")
        }
        // Comments alone.
        (true, Notation::Yaml) => format!("{}\nscreened_on: {today}\n", text.trim_end()),
    }
}

fn head(change: &Change) -> Option<Written> {
    let typed = change.typed.trim();
    (!typed.is_empty()).then(|| match change.path.as_str() {
        "screened_on" => Written::Word(typed.to_owned()),
        _ => Written::Text(typed.to_owned()),
    })
}

fn of_fact(fact: &Fact, before: Option<Written>, change: &Change) -> Option<Written> {
    match &fact.kind {
        Kind::List(item) => List::of(before).changed(item, change),
        _ => answered(fact, before, &change.key, &change.typed),
    }
}

/// An answer with one of its parts changed.
fn answered(fact: &Fact, before: Option<Written>, key: &str, typed: &str) -> Option<Written> {
    let mut entries = match before {
        Some(Written::Map(entries)) => entries,
        Some(value) => vec![(VALUE.to_owned(), value)],
        None => Vec::new(),
    };
    if key == "clear" {
        return None;
    }
    let typed = typed.trim();
    let value = match (key, &fact.kind) {
        _ if typed.is_empty() => None,
        (VALUE, kind) => Some(written(kind, typed)),
        ("missing" | "unit" | "date" | "uln" | "lln", _) => Some(Written::Word(typed.to_owned())),
        _ => Some(Written::Text(typed.to_owned())),
    };
    match (key, &value) {
        // A value is known or missing.
        (VALUE, Some(_)) => entries.retain(|(name, _)| name != "missing"),
        ("missing", Some(_)) => entries.retain(|(name, _)| name != VALUE && name != "unit"),
        (VALUE, None) => entries.retain(|(name, _)| name != "unit"),
        _ => {}
    }
    with(&mut entries, key, value);
    plainest(entries)
}

/// Puts a part where it stood, or behind the others.
fn with(entries: &mut Vec<(String, Written)>, key: &str, value: Option<Written>) {
    let place = entries.iter().position(|(name, _)| name == key);
    match (place, value) {
        (Some(place), Some(value)) => {
            if let Some((_, known)) = entries.get_mut(place) {
                *known = value;
            }
        }
        (Some(place), None) => {
            entries.remove(place);
        }
        (None, Some(value)) if key == VALUE => entries.insert(0, (key.to_owned(), value)),
        (None, Some(value)) => entries.push((key.to_owned(), value)),
        (None, None) => {}
    }
}

/// A value that nothing stands beside is written alone.
fn plainest(mut entries: Vec<(String, Written)>) -> Option<Written> {
    match entries.as_slice() {
        [] => None,
        [(key, _)] if key == VALUE => entries.pop().map(|(_, value)| value),
        _ => Some(Written::Map(entries)),
    }
}

/// A value as its type is written.
fn written(kind: &Kind, typed: &str) -> Written {
    match (kind, typed) {
        (Kind::Boolean { .. }, "yes") => Written::Boolean(true),
        (Kind::Boolean { .. }, "no") => Written::Boolean(false),
        (Kind::Text, text) => Written::Text(text.to_owned()),
        (_, word) => Written::Word(word.to_owned()),
    }
}

/// A list as it is recorded.
#[derive(Default)]
struct List {
    items: Option<Vec<Written>>,
    /// All but the items.
    beside: Vec<(String, Written)>,
}

impl List {
    fn of(before: Option<Written>) -> Self {
        let mut list = Self::default();
        match before {
            Some(Written::List(items)) => list.items = Some(items),
            Some(Written::Map(entries)) => {
                for (key, value) in entries {
                    match (key.as_str(), value) {
                        (VALUE, Written::List(items)) => list.items = Some(items),
                        (_, value) => list.beside.push((key, value)),
                    }
                }
            }
            Some(value) => list.beside.push((VALUE.to_owned(), value)),
            None => {}
        }
        list
    }

    fn changed(mut self, item: &ItemKind, change: &Change) -> Option<Written> {
        match (change.key.as_str(), change.item) {
            ("state", _) => self.state(&change.typed),
            ("items", _) => self.choose(&change.typed),
            ("remove", Some(index)) => self.remove(index),
            (_, Some(index)) => self.change_item(item, index, change),
            (key, None) => {
                let typed = change.typed.trim();
                let value = (!typed.is_empty()).then(|| match key {
                    "date" => Written::Word(typed.to_owned()),
                    _ => Written::Text(typed.to_owned()),
                });
                with(&mut self.beside, key, value);
            }
        }
        self.written()
    }

    /// Whether these are all, or why there is no list.
    fn state(&mut self, typed: &str) {
        self.drop_beside(&["missing", COMPLETE, VALUE]);
        match typed {
            "none" => self.items = Some(Vec::new()),
            "complete" => {}
            "more" => self.open(),
            "" => self.items = None,
            cause => {
                self.items = None;
                let cause = Written::Word(cause.to_owned());
                self.beside.insert(0, ("missing".to_owned(), cause));
            }
        }
    }

    /// Until somebody says that these are all, there may be more.
    fn open(&mut self) {
        with(&mut self.beside, COMPLETE, Some(Written::Boolean(false)));
    }

    fn drop_beside(&mut self, keys: &[&str]) {
        self.beside
            .retain(|(name, _)| !keys.contains(&name.as_str()));
    }

    /// The items that are there; the first of them makes a list of which there may be more.
    fn begun(&mut self) -> &mut Vec<Written> {
        if self.items.as_ref().is_none_or(Vec::is_empty) {
            self.drop_beside(&["missing", VALUE]);
            self.open();
        }
        self.items.get_or_insert_default()
    }

    /// These of the declared values, with what stands beside those that were there.
    fn choose(&mut self, typed: &str) {
        let names: Vec<&str> = typed.split(',').filter(|name| !name.is_empty()).collect();
        if names.is_empty() {
            self.take_back();
            return;
        }
        let items = self.begun();
        let is = |item: &Written, name: &str| match item {
            Written::Word(word) | Written::Text(word) => word.replace('-', "_") == name,
            Written::Map(entries) => entries.iter().any(|(key, value)| {
                key == VALUE
                    && matches!(value, Written::Word(word) if word.replace('-', "_") == name)
            }),
            _ => false,
        };
        items.retain(|item| names.iter().any(|name| is(item, name)));
        for name in names {
            if !items.iter().any(|item| is(item, name)) {
                items.push(Written::Word(name.to_owned()));
            }
        }
    }

    fn remove(&mut self, index: usize) {
        let items = self.items.get_or_insert_default();
        if index < items.len() {
            items.remove(index);
        }
        if items.is_empty() {
            self.take_back();
        }
    }

    /// Without items a list is not recorded: that there are none, nobody said.
    fn take_back(&mut self) {
        self.items = None;
        self.drop_beside(&[COMPLETE]);
    }

    fn change_item(&mut self, kind: &ItemKind, index: usize, change: &Change) {
        let items = self.begun();
        let before = items.get(index).cloned();
        let Some(after) = item(kind, before, change) else {
            // An item of which nothing is known any more still is one, until it is removed.
            return;
        };
        match items.get_mut(index) {
            Some(known) => *known = after,
            None => items.push(after),
        }
    }

    fn written(self) -> Option<Written> {
        let Some(items) = self.items else {
            return plainest(self.beside);
        };
        let mut entries = vec![(VALUE.to_owned(), Written::List(items))];
        entries.extend(self.beside);
        plainest(entries)
    }
}

/// An item with one of its parts changed.
fn item(kind: &ItemKind, before: Option<Written>, change: &Change) -> Option<Written> {
    let fields = match kind {
        ItemKind::Single(single) => return answered(single, before, &change.key, &change.typed),
        ItemKind::Fields(fields) => fields,
    };
    let mut entries = match before {
        Some(Written::Map(entries)) => entries,
        // It is written as the value of one of its fields alone.
        Some(alone) => {
            let field = kind.alone().map(Fact::name);
            field.map(|name| vec![(name.to_owned(), alone)])?
        }
        None => Vec::new(),
    };
    let named = change.field.as_deref();
    match fields.iter().find(|field| Some(field.name()) == named) {
        Some(field) => {
            let known = entries.iter().find(|(key, _)| key == field.name());
            let known = known.map(|(_, value)| value.clone());
            let value = answered(field, known, &change.key, &change.typed);
            with(&mut entries, field.name(), value);
        }
        None => {
            let typed = change.typed.trim();
            let value = (!typed.is_empty()).then(|| Written::Text(typed.to_owned()));
            with(&mut entries, &change.key, value);
        }
    }
    Some(Written::Map(entries))
}
