//! Where the parts of a trial stand in its file.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::Source;
use crate::document::{self, Node, Notation};

/// The lines of a trial file on which its parts begin.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Places {
    /// The name of the file, as it was given.
    pub file: String,
    criteria: HashMap<String, usize>,
    facts: HashMap<String, usize>,
    definitions: HashMap<String, usize>,
}

impl Places {
    /// Looks through the text of a trial file. What cannot be read has no places.
    #[must_use]
    pub fn of(source: &Arc<Source>) -> Self {
        let mut places = Self {
            file: source.name.clone(),
            ..Self::default()
        };
        let Ok(document) = document::read(source, Notation::Yaml) else {
            return places;
        };
        let lines = Lines::of(source);
        if let Some(facts) = document.get("facts") {
            note_keys(facts, "", &lines, &mut places.facts);
        }
        for (key, _) in document
            .get("define")
            .and_then(Node::mapping)
            .unwrap_or_default()
        {
            places
                .definitions
                .insert(key.name.clone(), lines.line(key.span.start));
        }
        if let Some(criteria) = document.get("criteria") {
            note_ids(criteria, &lines, &mut places.criteria);
        }
        places
    }

    /// The line of a criterion.
    #[must_use]
    pub fn criterion(&self, id: &str) -> Option<usize> {
        self.criteria.get(id).copied()
    }

    /// The line of a fact, or of a field of a list's entries.
    #[must_use]
    pub fn fact(&self, path: &str) -> Option<usize> {
        self.facts.get(path).copied()
    }

    /// The line of a definition.
    #[must_use]
    pub fn definition(&self, name: &str) -> Option<usize> {
        self.definitions.get(name).copied()
    }
}

/// Where the lines of a text begin.
struct Lines {
    first: usize,
    starts: Vec<usize>,
}

impl Lines {
    fn of(source: &Source) -> Self {
        let starts = std::iter::once(0)
            .chain(source.text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        Self {
            first: source.start.line,
            starts,
        }
    }

    fn line(&self, at: usize) -> usize {
        self.first
            + self
                .starts
                .partition_point(|start| *start <= at)
                .saturating_sub(1)
    }
}

/// Every key below `node` by its dotted path, the fields of list items below the list's own.
fn note_keys(node: &Node, prefix: &str, lines: &Lines, found: &mut HashMap<String, usize>) {
    for (key, below) in node.mapping().unwrap_or_default() {
        let path = format!("{prefix}{}", key.name);
        let inside = below
            .get("item")
            .filter(|item| item.get("type").is_none_or(|kind| kind.scalar().is_none()))
            .unwrap_or(below);
        note_keys(inside, &format!("{path}."), lines, found);
        found
            .entry(path)
            .or_insert_with(|| lines.line(key.span.start));
    }
}

/// Every `id` below `node`.
fn note_ids(node: &Node, lines: &Lines, found: &mut HashMap<String, usize>) {
    use crate::document::Content;
    match &node.content {
        Content::Sequence(items) => items.iter().for_each(|item| note_ids(item, lines, found)),
        Content::Mapping(entries) => {
            for (key, below) in entries {
                match below.scalar() {
                    Some(id) if key.name == "id" => {
                        found
                            .entry(id.text.clone())
                            .or_insert_with(|| lines.line(key.span.start));
                    }
                    _ => note_ids(below, lines, found),
                }
            }
        }
        _ => {}
    }
}
