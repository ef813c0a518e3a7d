//! Texts that YAML reads as something else because they stand without quotes: where to put the quotes.

use std::ops::Range;

use super::{Content, Node};

/// Longer lines and documents get no such advice: each try reads the whole document again.
const LONGEST_LINE: usize = 500;
const LARGEST_DOCUMENT: usize = 1024 * 1024;

/// The entry on the line of an error as it would be right in quotes. `is_right` says whether a text can be read up to
/// a byte; only what it accepts is offered.
pub fn advice(text: &str, at: usize, is_right: impl Fn(&str, usize) -> bool) -> Option<String> {
    if text.len() > LARGEST_DOCUMENT {
        return None;
    }
    let start = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    let line = text.get(start..)?.lines().next()?;
    if line.len() > LONGEST_LINE {
        return None;
    }
    let keys = keys_of(line);
    let key = keys.iter().rev().find(|key| start + key.value <= at)?;
    for end in ends_of(line, key) {
        let value = line.get(key.value..end)?.trim();
        if value.is_empty() {
            continue;
        }
        let quoted = in_quotes(value);
        let before = text.get(..start + key.value)?;
        let behind = text.get(start + end..)?;
        let mended = format!("{before} {quoted}{behind}");
        let line_end = before.len() + 1 + quoted.len() + behind.find('\n').unwrap_or(behind.len());
        if is_right(&mended, line_end) {
            return Some(format!("write it between quotes: `{}: {quoted}`", key.name));
        }
    }
    None
}

/// A key on a line.
struct Key<'a> {
    name: &'a str,
    /// Where its value begins, behind the colon.
    value: usize,
    /// Whether it stands in a map in braces.
    in_braces: bool,
}

/// The keys on a line: at its beginning, and behind braces and commas.
fn keys_of(line: &str) -> Vec<Key<'_>> {
    let mut keys = Vec::new();
    for (colon, _) in line.match_indices(": ") {
        let before = line.get(..colon).unwrap_or_default();
        let is_part = |next: char| next.is_alphanumeric() || next == '_' || next == '.';
        let name = before.trim_end_matches(is_part).len();
        let lead = before.get(..name).unwrap_or_default().trim_end();
        let begins = lead.is_empty() || lead.ends_with(['{', ',', '-', '?']);
        if begins && name < colon {
            keys.push(Key {
                name: before.get(name..).unwrap_or_default(),
                value: colon + 1,
                in_braces: lead.contains('{'),
            });
        }
    }
    keys
}

/// Where the value of a key may end, the nearest end first.
fn ends_of(line: &str, key: &Key<'_>) -> Vec<usize> {
    let comment = line
        .get(key.value..)
        .and_then(|value| value.find(" #"))
        .map(|at| key.value + at);
    let whole = line.trim_end().len();
    let mut ends = Vec::new();
    if key.in_braces {
        let next = keys_of(line)
            .into_iter()
            .map(|other| other.value - 1 - other.name.len())
            .filter(|start| *start > key.value);
        let comma = |start: usize| line.get(..start).map(|before| before.trim_end().len());
        ends.extend(next.filter_map(|start| Some(comma(start)?.saturating_sub(1))));
        ends.extend(line.rfind('}'));
        ends.extend(line.trim_end().strip_suffix(',').map(str::len));
    }
    ends.extend(comment);
    ends.push(whole);
    ends.retain(|end| *end > key.value);
    ends
}

/// A text in quotes that need no escapes.
fn in_quotes(text: &str) -> String {
    if text.contains(['"', '\\']) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    }
}

/// A `!` before a value, which is a tag without a name to YAML and vanishes: `! pregnant` would mean `pregnant`.
pub fn lost_tag(text: &str, node: &Node) -> Option<Range<usize>> {
    match &node.content {
        Content::Sequence(items) => items.iter().find_map(|item| lost_tag(text, item)),
        Content::Mapping(entries) => entries.iter().find_map(|(_, value)| lost_tag(text, value)),
        Content::Null => None,
        Content::Scalar(_) => {
            let before = text.get(..node.span.start)?.trim_end();
            let lead = before.strip_suffix('!')?;
            let is_tag = lead.is_empty()
                || lead.ends_with(|last: char| last.is_whitespace() || "[{,".contains(last));
            is_tag.then_some(lead.len()..before.len())
        }
    }
}
