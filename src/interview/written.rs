//! An answer as it is written into a record, in YAML or JSON.

use serde_json::Value as Json;

use crate::document::{Content, Node, Notation};

/// A value of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// `yes` or `no`.
    Boolean(bool),
    /// A number, a date, a name: characters that mean what their fact makes of them.
    Word(String),
    /// Free text.
    Text(String),
    /// Keys and values.
    Map(Vec<(String, Written)>),
    /// Items.
    List(Vec<Written>),
}

impl Written {
    /// What stands in a record already.
    #[must_use]
    pub fn of(node: &Node) -> Option<Self> {
        Some(match &node.content {
            Content::Null => return None,
            Content::Scalar(scalar) if scalar.plain => Self::Word(scalar.text.clone()),
            Content::Scalar(scalar) => Self::Text(scalar.text.clone()),
            Content::Sequence(items) => Self::List(items.iter().filter_map(Self::of).collect()),
            Content::Mapping(entries) => Self::Map(
                entries
                    .iter()
                    .filter_map(|(key, node)| Some((key.name.clone(), Self::of(node)?)))
                    .collect(),
            ),
        })
    }

    /// The same with something beside the value: its date, who says so.
    #[must_use]
    pub fn with(self, key: &str, value: Written) -> Self {
        let mut entries = match self {
            Self::Map(entries) => entries,
            value => vec![("value".to_owned(), value)],
        };
        entries.retain(|(name, _)| name != key);
        entries.push((key.to_owned(), value));
        Self::Map(entries)
    }

    /// On one line.
    #[must_use]
    pub fn line(&self, notation: Notation) -> String {
        match self {
            Self::Boolean(value) if notation == Notation::Json => value.to_string(),
            Self::Boolean(value) => if *value { "yes" } else { "no" }.to_owned(),
            Self::Word(word) => self::word(word, notation),
            Self::Text(text) => match notation {
                Notation::Yaml if is_plain_text(text) => text.clone(),
                _ => quoted(text),
            },
            Self::Map(entries) if entries.is_empty() => "{}".to_owned(),
            Self::Map(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|(name, value)| {
                        format!("{}: {}", key(name, notation), value.line(notation))
                    })
                    .collect();
                format!("{{ {} }}", entries.join(", "))
            }
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(|item| item.line(notation)).collect();
                format!("[{}]", items.join(", "))
            }
        }
    }

    /// Behind a key that stands `indent` deep, from the colon on. Items with fields have a line each in YAML.
    #[must_use]
    pub fn behind_key(&self, notation: Notation, indent: &str) -> String {
        match self {
            Self::List(items)
                if notation == Notation::Yaml
                    && items.iter().any(|item| matches!(item, Self::Map(_))) =>
            {
                items
                    .iter()
                    .map(|item| format!("\n{indent}  - {}", item.line(notation)))
                    .collect()
            }
            other => format!(" {}", other.line(notation)),
        }
    }
}

/// A key of a record.
#[must_use]
pub fn key(name: &str, notation: Notation) -> String {
    match notation {
        Notation::Json => quoted(name),
        Notation::Yaml if is_plain_text(name) => name.to_owned(),
        Notation::Yaml => quoted(name),
    }
}

fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}

fn word(word: &str, notation: Notation) -> String {
    match notation {
        Notation::Json if serde_json::from_str::<serde_json::Number>(word).is_ok() => {
            word.to_owned()
        }
        Notation::Json if matches!(word, "true" | "false" | "null") => word.to_owned(),
        Notation::Json => quoted(word),
        Notation::Yaml if is_plain(word) => word.to_owned(),
        Notation::Yaml => quoted(word),
    }
}

/// Whether every reader of YAML takes these characters as they stand, also between braces.
fn is_plain(word: &str) -> bool {
    let begins = word.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '.');
    let inside = |one: char| one.is_ascii_alphanumeric() || "_.-+/% ^*".contains(one);
    begins && word.chars().all(inside) && word.trim() == word
}

/// The same for a text, which must not look like anything else.
fn is_plain_text(text: &str) -> bool {
    const MEANING: [&str; 10] = [
        "true", "false", "null", "yes", "no", "on", "off", "y", "n", "unknown",
    ];
    is_plain(text)
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && !MEANING.contains(&text.to_ascii_lowercase().as_str())
}
