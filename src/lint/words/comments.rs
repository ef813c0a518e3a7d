//! Words that YAML takes for a comment: behind an unquoted text, ` #` ends it, and what follows is lost without a word.

use std::ops::Range;

use super::Linter;
use crate::document::{Content, Node};

/// The keys whose words come from the protocol, or are read by those who screen.
const WORDS: [&str; 3] = ["text", "ask", "say"];

/// The keys of conditions, behind which an author may explain in a comment.
const CONDITIONS: [&str; 6] = ["require", "exclude", "when", "applies", "is", "value"];

/// Finds texts with a comment behind them, from a node inward.
pub(super) fn find(linter: &mut Linter<'_>, document: &Node) {
    let mut found = Vec::new();
    collect(document, &linter.source.text, &mut found);
    for (key, lost, comment) in found {
        let message = format!("`{lost}` is a comment to YAML, and no part of `{key}`");
        linter.find(
            "words-in-comment",
            &comment,
            message,
            format!("put the whole of `{key}` between quotes; a comment goes on a line of its own"),
        );
    }
}

/// A key, the comment behind its text, and where that stands.
type Lost<'a> = (&'static str, &'a str, Range<usize>);

fn collect<'a>(node: &Node, text: &'a str, found: &mut Vec<Lost<'a>>) {
    match &node.content {
        Content::Mapping(entries) => {
            for (key, value) in entries {
                let named =
                    |keys: &[&'static str]| keys.iter().find(|other| **other == key.name).copied();
                let condition = named(&CONDITIONS);
                if let Some(key) = named(&WORDS).or(condition)
                    && let Some((comment, place)) = comment_behind(value, text)
                    && (condition.is_none() || goes_on(comment))
                {
                    found.push((key, comment, place));
                }
                collect(value, text, found);
            }
        }
        Content::Sequence(items) => items.iter().for_each(|item| collect(item, text, found)),
        _ => {}
    }
}

/// The comment on the line on which an unquoted scalar ends.
fn comment_behind<'a>(node: &Node, text: &'a str) -> Option<(&'a str, Range<usize>)> {
    let scalar = node.scalar().filter(|scalar| scalar.plain)?;
    // A block of several lines, behind `|` or `>`, keeps its `#`.
    let written = text.get(node.span.clone())?;
    if written.starts_with(['|', '>', '"', '\'']) || scalar.text.is_empty() {
        return None;
    }
    let line = text.get(node.span.end..)?.lines().next()?;
    let start = node.span.end + (line.len() - line.trim_start().len());
    let comment = line.trim();
    comment
        .starts_with('#')
        .then(|| (comment, start..start + comment.len()))
}

/// Whether a comment reads as if the condition before it went on.
fn goes_on(comment: &str) -> bool {
    const WORDS: [&str; 5] = ["and", "or", "not", "xor", "implies"];
    let words = comment.trim_start_matches('#').trim_start();
    words.starts_with(['<', '>', '=', '&', '|'])
        || words
            .split_whitespace()
            .next()
            .is_some_and(|first| WORDS.contains(&first.to_ascii_lowercase().as_str()))
}
