//! A JSON text as a tree: every value with its place, numbers with the digits that they were written with.
//!
//! The tree borrows from the text. `serde_json::Value` would keep neither the places nor all digits of a number.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Source};
use crate::record::intake::json::Json;
use crate::record::intake::{self, Broken, Intake as _, Key};
use crate::record::names::Names;

/// A value, and the byte of the text at which it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'s> {
    /// Where it begins.
    pub start: usize,
    /// What it is.
    pub content: Content<'s>,
}

/// What a JSON value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Content<'s> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number, as it is written.
    Number(Cow<'s, str>),
    /// A text, with its escapes resolved.
    Text(Cow<'s, str>),
    /// An array.
    List(Vec<Node<'s>>),
    /// An object, in the order of the text.
    Map(Vec<(Cow<'s, str>, Node<'s>)>),
}

impl<'s> Node<'s> {
    /// Reads a JSON text.
    ///
    /// # Errors
    /// What is wrong with it and where: it is not JSON, an object has a key twice, it is nested more than 64 levels, or it has more
    /// than 200,000 values.
    pub fn parse(name: &str, text: &'s str) -> Result<Self, Box<Diagnostic>> {
        Self::parse_with(text, || Source::new(name, text))
    }

    /// The same, with the source that an error is placed in; it is made only where there is one.
    pub(crate) fn parse_with(
        text: &'s str,
        source: impl FnOnce() -> Arc<Source>,
    ) -> Result<Self, Box<Diagnostic>> {
        let mut reader = TreeReader {
            json: Json::new(text),
            twice: None,
        };
        let read = reader.value().and_then(|node| {
            reader.json.finish()?;
            Ok(node)
        });
        read.map_err(|Broken| {
            let source = source();
            Box::new(match reader.twice {
                Some((key, place)) => Diagnostic::error(format!("`{key}` stands twice here"))
                    .at(&source, place.start..place.end)
                    .help("an object has each key once; keep the right one"),
                None => reader.json.explain(&source),
            })
        })
    }

    /// The value under a key, if it is an object and has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Node<'s>> {
        match &self.content {
            Content::Map(entries) => entries
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, node)| node),
            _ => None,
        }
    }

    /// The text under a key.
    #[must_use]
    pub fn text_at(&self, name: &str) -> Option<&str> {
        self.get(name)?.text()
    }

    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of an array; a value that is none is one item.
    #[must_use]
    pub fn items(&self) -> &[Node<'s>] {
        match &self.content {
            Content::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// What it is, in the words of a message.
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match self.content {
            Content::Null => "nothing",
            Content::Boolean(_) => "a boolean",
            Content::Number(_) => "a number",
            Content::Text(_) => "a text",
            Content::List(_) => "an array",
            Content::Map(_) => "an object",
        }
    }
}

struct TreeReader<'s> {
    json: Json<'s>,
    /// A key that an object has twice, which breaks off reading.
    twice: Option<(String, intake::Place)>,
}

impl<'s> TreeReader<'s> {
    fn value(&mut self) -> Result<Node<'s>, Broken> {
        let begun = self.json.value()?;
        let start = self.json.place().start;
        let content = match begun {
            intake::Content::Null => Content::Null,
            intake::Content::Scalar(scalar) if !scalar.plain => Content::Text(scalar.text),
            intake::Content::Scalar(scalar) => match &*scalar.text {
                "true" => Content::Boolean(true),
                "false" => Content::Boolean(false),
                _ => Content::Number(scalar.text),
            },
            intake::Content::List => {
                let mut items = Vec::new();
                while self.json.item()? {
                    items.push(self.value()?);
                }
                Content::List(items)
            }
            intake::Content::Map => Content::Map(self.entries()?),
        };
        Ok(Node { start, content })
    }

    fn entries(&mut self) -> Result<Vec<(Cow<'s, str>, Node<'s>)>, Broken> {
        /// From here on keys are looked up, not compared one by one.
        const MANY: usize = 24;
        let mut entries: Vec<(Cow<'s, str>, Node<'s>)> = Vec::new();
        let mut seen: HashSet<Cow<'s, str>> = HashSet::new();
        while let Some(key) = self.json.key(Names::NONE, 0, 0)? {
            let Key::Unknown(name) = key else {
                return Err(Broken);
            };
            if entries.len() == MANY {
                seen.extend(entries.iter().map(|(name, _)| name.clone()));
            }
            let twice = if entries.len() < MANY {
                entries.iter().any(|(known, _)| *known == name)
            } else {
                !seen.insert(name.clone())
            };
            if twice {
                self.twice = Some((name.into_owned(), self.json.key_place()));
                return Err(Broken);
            }
            let value = self.value()?;
            entries.push((name, value));
        }
        Ok(entries)
    }
}
