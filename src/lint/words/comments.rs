//! Words that YAML takes for a comment: behind an unquoted text, ` #` ends it, and what follows is lost without a word.

use std::ops::Range;

use super::Linter;
use crate::document::{Content, Node};

/// The keys whose words come from the protocol, or are read by those who screen.
const WORDS: [&str; 3] = ["text", "ask", "say"];

/// Finds texts with a comment behind them, from a node inward.
pub(super) fn find(linter: &mut Linter<'_>, document: &Node) {
    let mut found = Vec::new();
    collect(document, &linter.source.text, &mut found);
    for (key, comment) in found {
        let lost = linter.source.text.get(comment.clone()).unwrap_or_default();
        let message = format!("`{lost}` is a comment to YAML, and no part of `{key}`");
        linter.find(
            "words-in-comment",
            &comment,
            message,
            format!("put the whole of `{key}` between quotes; a comment goes on a line of its own"),
        );
    }
}

fn collect(node: &Node, text: &str, found: &mut Vec<(&'static str, Range<usize>)>) {
    match &node.content {
        Content::Mapping(entries) => {
            for (key, value) in entries {
                if let Some(key) = WORDS.iter().find(|words| **words == key.name)
                    && let Some(comment) = comment_behind(value, text)
                {
                    found.push((key, comment));
                }
                collect(value, text, found);
            }
        }
        Content::Sequence(items) => items.iter().for_each(|item| collect(item, text, found)),
        _ => {}
    }
}

/// The comment on the line on which an unquoted scalar ends.
fn comment_behind(node: &Node, text: &str) -> Option<Range<usize>> {
    let scalar = node.scalar().filter(|scalar| scalar.plain)?;
    // A block of several lines, behind `|` or `>`, keeps its `#`.
    let written = text.get(node.span.clone())?;
    if written.starts_with(['|', '>', '"', '\'']) || scalar.text.is_empty() {
        return None;
    }
    let line = text.get(node.span.end..)?.lines().next()?;
    let comment = line.trim_start();
    let start = node.span.end + (line.len() - comment.len());
    comment
        .starts_with('#')
        .then(|| start..start + comment.trim_end().len())
}
