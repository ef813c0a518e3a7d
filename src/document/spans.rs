//! Where the parts of a document stand, for what is made from it and outlives it. All spans are bytes of the source.

use std::ops::Range;

use super::{Key, Node};

/// Where an entry of a map stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntrySpan {
    /// The key.
    pub key: Range<usize>,
    /// What is written behind it; of a map or a list, where it begins.
    pub value: Range<usize>,
}

impl EntrySpan {
    pub(crate) fn of(key: &Key, value: &Node) -> Self {
        Self {
            key: key.span.clone(),
            value: value.span.clone(),
        }
    }
}

/// Where the entries of a map stand, by their keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeySpans {
    /// Where the map begins.
    map: Range<usize>,
    entries: Vec<(&'static str, EntrySpan)>,
}

impl KeySpans {
    /// Those of a map that may have these keys.
    pub(crate) fn of(map: &Node, keys: &[&'static str]) -> Self {
        let entries = map.mapping().unwrap_or_default().iter();
        let entry = |(key, value): &(Key, Node)| {
            let name = keys.iter().find(|name| **name == key.name)?;
            Some((*name, EntrySpan::of(key, value)))
        };
        Self {
            map: map.span.clone(),
            entries: entries.filter_map(entry).collect(),
        }
    }

    /// Where the entry of a key stands, if there is one.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&EntrySpan> {
        let entry = self.entries.iter().find(|(name, _)| *name == key);
        entry.map(|(_, span)| span)
    }

    /// Where a key stands; if it is not there, where the map begins.
    #[must_use]
    pub fn key(&self, key: &str) -> &Range<usize> {
        self.get(key).map_or(&self.map, |entry| &entry.key)
    }

    /// Where the value of a key stands; if it is not there, where the map begins.
    #[must_use]
    pub fn value(&self, key: &str) -> &Range<usize> {
        self.get(key).map_or(&self.map, |entry| &entry.value)
    }
}
