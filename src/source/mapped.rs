//! What a source says of one candidate, value by value, each with its place in the source.
//!
//! Every kind of source makes [`MappedRecord`]s. Several of one candidate are [joined](MappedRecord::join); the result is
//! [written](MappedRecord::write) as an ordinary record, in JSON, which the one reader of records reads. What that reader
//! refuses is told at the place in the source, by the
//! [`SourceMap`](crate::diagnostic::SourceMap) of the text.

mod join;
mod read;
mod write;

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Place};
use crate::facts::Fact;

pub(crate) use join::{CONFLICTING, read_alone};

/// Some characters of a source, or what was made of them, and where they stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// As a record writes it.
    pub text: String,
    /// Where it stands in the source.
    pub place: Place,
}

impl Text {
    /// A text that was read at a place.
    pub(crate) fn new(text: impl Into<String>, place: &Place) -> Self {
        Self {
            text: text.into(),
            place: place.clone(),
        }
    }
}

/// What a source says of one candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct MappedRecord {
    /// Where it begins.
    pub place: Place,
    /// The pseudonym.
    pub candidate: Option<Text>,
    /// The screening date.
    pub screened_on: Option<Text>,
    /// A remark on the whole.
    pub note: Option<Text>,
    /// What is said of each fact, a fact once, in the order in which they were first spoken of.
    pub facts: Vec<MappedFact>,
    /// What is wrong with the source itself: the record is refused.
    pub problems: Vec<Diagnostic>,
}

/// What a source says of one fact, or of a field of an item.
#[derive(Debug, Clone, PartialEq)]
pub struct MappedFact {
    /// The declaration.
    pub fact: Arc<Fact>,
    /// What it says; none if there is only evidence yet. Then nothing is recorded.
    pub content: Option<Content>,
    /// The evidence beside it.
    pub evidence: Evidence,
    /// Where it stands.
    pub place: Place,
    /// Which of several values counts.
    pub pick: Pick,
}

/// Which of several values of one candidate counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pick {
    /// They must be the same; values that differ are a conflict.
    #[default]
    Same,
    /// The one with the latest date; different values of one day, or of no certain day, are a conflict.
    Latest,
}

/// What is said of a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A value, as a record writes it: `b_all`, `> 20`, `2026-11`.
    Value(String),
    /// There is none, for this cause.
    Missing(String),
    /// Items of a list.
    List(MappedList),
}

/// Items of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct MappedList {
    /// In the order of the source.
    pub items: Vec<MappedItem>,
    /// Whether these are all. A source does not know that by itself.
    pub is_complete: bool,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct MappedItem {
    /// Its value, where items are single values; else its fields.
    pub content: ItemContent,
    /// `by`, `source` and `note` of the item; of a single value whatever stands beside a value.
    pub evidence: Evidence,
    /// Where it stands.
    pub place: Place,
}

/// What an item is made of.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemContent {
    /// One value, or why there is none.
    Single(Box<Content>),
    /// Fields, each once.
    Fields(Vec<MappedFact>),
}

/// What stands beside a value, by the keys that records have for it: `unit`, `date`, `by`, `source`, `note`, `uln`, `lln`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evidence(Vec<(&'static str, Text)>);

impl Evidence {
    /// What stands under a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Text> {
        let mut pairs = self.0.iter();
        pairs.find(|(name, _)| *name == key).map(|(_, text)| text)
    }

    /// Puts something under a key, in the place of what stood there.
    pub fn set(&mut self, key: &'static str, text: Text) {
        match self.0.iter_mut().find(|(name, _)| *name == key) {
            Some((_, known)) => *known = text,
            None => self.0.push((key, text)),
        }
    }

    /// All of it, in the order in which it was found.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Text)> {
        self.0.iter().map(|(name, text)| (*name, text))
    }
}

impl MappedRecord {
    /// A record that begins at a place, and of which nothing is known.
    #[must_use]
    pub fn new(place: Place) -> Self {
        Self {
            place,
            candidate: None,
            screened_on: None,
            note: None,
            facts: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// What is said of the fact of this path.
    #[must_use]
    pub fn fact(&self, path: &str) -> Option<&MappedFact> {
        self.facts.iter().find(|known| known.fact.path == path)
    }

    /// The same, made where nothing was said yet; `place` is where it is said now.
    pub(crate) fn entry(&mut self, fact: &Arc<Fact>, place: &Place) -> &mut MappedFact {
        entry_of(&mut self.facts, fact, place)
    }
}

/// What is said of a fact among others, made where nothing was said yet.
#[expect(
    clippy::indexing_slicing,
    reason = "the position was found in, or is that of what was pushed to, the same vector"
)]
pub(crate) fn entry_of<'f>(
    facts: &'f mut Vec<MappedFact>,
    fact: &Arc<Fact>,
    place: &Place,
) -> &'f mut MappedFact {
    let known = facts.iter().position(|known| known.fact.path == fact.path);
    let at = known.unwrap_or_else(|| {
        facts.push(MappedFact::new(fact, place));
        facts.len() - 1
    });
    &mut facts[at]
}

impl MappedFact {
    /// Nothing yet.
    #[must_use]
    pub fn new(fact: &Arc<Fact>, place: &Place) -> Self {
        Self {
            fact: Arc::clone(fact),
            content: None,
            evidence: Evidence::default(),
            place: place.clone(),
            pick: Pick::Same,
        }
    }
}
