//! Findings as a page shows them: where, what is wrong, what would be right.

use std::sync::Arc;

use eligo::diagnostic::{Diagnostic, Place, Source, lines::Lines, visible};
use eligo::document::{Content, Node};
use serde::Serialize;

/// So many are shown; a text of rubbish may have as many as it has values.
const MOST: usize = 100;

/// A finding.
#[derive(Serialize)]
pub struct Problem {
    severity: &'static str,
    message: String,
    help: Vec<String>,
    line: Option<usize>,
    column: Option<usize>,
    /// The marked part of the text, in the units in which a browser counts.
    span: Option<[usize; 2]>,
    /// The keys and the numbers of items that lead there, if the text can be taken apart.
    at: Option<Vec<String>>,
    /// As a terminal shows it, with the line.
    shown: String,
}

/// Findings in one text, of which `tree` is what it was taken apart into.
pub fn problems(found: &[Diagnostic], tree: Option<&Node>) -> Vec<Problem> {
    const WIDTH: usize = 80;
    let source = found.iter().find_map(|one| one.place.as_ref());
    let lines = source.map(|place| (Arc::clone(&place.source), Lines::of(&place.source)));
    let shown = found.iter().take(MOST).map(|one| {
        let place = one.place.as_ref();
        let position = place.map(|place| match &lines {
            Some((source, lines)) if Arc::ptr_eq(source, &place.source) => {
                lines.position(place.span.start)
            }
            _ => place.line_column(),
        });
        Problem {
            severity: one.severity.name(),
            message: visible(&one.message),
            help: one.help.iter().map(|help| visible(help)).collect(),
            line: position.map(|(line, _)| line),
            column: position.map(|(_, column)| column),
            span: place.and_then(span),
            at: place
                .zip(tree)
                .map(|(place, tree)| keys_to(tree, place.span.start)),
            shown: one.render(false, WIDTH),
        }
    });
    let mut shown: Vec<Problem> = shown.collect();
    if let Some(more) = found.len().checked_sub(MOST).filter(|more| *more > 0) {
        let last = Diagnostic::error(format!("{more} more errors are not shown"));
        shown.extend(problems(&[last], None));
    }
    shown
}

/// A place in UTF-16, as JavaScript counts; none in a resource, which is a part of the text.
fn span(place: &Place) -> Option<[usize; 2]> {
    let Source { text, start, .. } = &*place.source;
    let units = |end: usize| text.get(..end).unwrap_or(text).encode_utf16().count();
    ((start.line, start.column) == (1, 1)).then(|| [place.span.start, place.span.end].map(units))
}

/// The keys and the numbers of items that lead to the value or the key which begins at a byte or before it.
fn keys_to(tree: &Node, at: usize) -> Vec<String> {
    let (mut node, mut keys) = (tree, Vec::new());
    loop {
        let below = match &node.content {
            Content::Mapping(entries) => entries
                .iter()
                .rfind(|(key, _)| key.span.start <= at)
                .map(|(key, below)| (key.name.clone(), below)),
            Content::Sequence(items) => items
                .iter()
                .enumerate()
                .rfind(|(_, item)| item.span.start <= at)
                .map(|(index, item)| (index.to_string(), item)),
            Content::Null | Content::Scalar(_) => None,
        };
        let Some((key, below)) = below else {
            return keys;
        };
        keys.push(key);
        node = below;
    }
}
