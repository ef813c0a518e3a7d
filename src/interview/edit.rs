//! Puts a value into the text of a record, and leaves everything else as it stands: comments, order, blanks.

use std::ops::Range;
use std::sync::Arc;

use super::written::{Written, key};
use crate::diagnostic::Source;
use crate::document::{self, Content, Key, Node, Notation};

/// The text with `value` at a dotted path. None where the record is written in a way that cannot be added to safely; then
/// nothing but the value may change, and that is checked by reading the new text.
#[must_use]
pub fn put(text: &str, notation: Notation, path: &str, value: &Written) -> Option<String> {
    let tree = parse(text, notation)?;
    let editor = Editor { text, notation };
    let edited = editor.put(&tree, path, value)?;
    let after = parse(&edited, notation)?;
    let is_elsewhere = |(leaf, _): &(String, String)| {
        !(leaf == path
            || leaf
                .strip_prefix(path)
                .is_some_and(|rest| rest.starts_with('.')))
    };
    let same = leaves(&tree).into_iter().filter(is_elsewhere);
    let untouched = same.eq(leaves(&after).into_iter().filter(is_elsewhere));
    let wanted = parse(&value.line(notation), notation)?;
    let found = at(&after, path)?;
    (untouched && leaves(found) == leaves(&wanted)).then_some(edited)
}

/// What stands at a dotted path, whether its parts are keys below each other or joined in one.
#[must_use]
pub fn at<'n>(tree: &'n Node, path: &str) -> Option<&'n Node> {
    let (_, node, rest) = step(tree.mapping()?, path)?;
    match rest {
        "" => Some(node),
        rest => at(node, rest),
    }
}

/// The entry whose key is the path or the longest beginning of it, and what of the path is left.
fn step<'n, 'p>(entries: &'n [(Key, Node)], path: &'p str) -> Option<(&'n Key, &'n Node, &'p str)> {
    let ends = path.match_indices('.').map(|(at, _)| at);
    let mut ends: Vec<usize> = ends.chain([path.len()]).collect();
    ends.reverse();
    ends.into_iter().find_map(|end| {
        let (name, rest) = path.split_at_checked(end)?;
        let (key, node) = entries.iter().find(|(key, _)| key.name == name)?;
        Some((key, node, rest.strip_prefix('.').unwrap_or(rest)))
    })
}

/// A text as a tree.
#[must_use]
pub fn parse(text: &str, notation: Notation) -> Option<Node> {
    document::read(&Source::new("record", text), notation).ok()
}

/// Every value with its path, wherever it stands. Empty values are none: a group may be begun by a key alone.
fn leaves(tree: &Node) -> Vec<(String, String)> {
    fn walk(node: &Node, path: &str, found: &mut Vec<(String, String)>) {
        match &node.content {
            Content::Null => {}
            Content::Scalar(scalar) => found.push((path.to_owned(), scalar.text.clone())),
            Content::Sequence(items) => {
                found.push((path.to_owned(), format!("{} items", items.len())));
                for (index, item) in items.iter().enumerate() {
                    walk(item, &format!("{path}.{index}"), found);
                }
            }
            Content::Mapping(entries) => {
                for (key, node) in entries {
                    let path = match path {
                        "" => key.name.clone(),
                        path => format!("{path}.{}", key.name),
                    };
                    walk(node, &path, found);
                }
            }
        }
    }
    let mut found = Vec::new();
    walk(tree, "", &mut found);
    found
}

struct Editor<'t> {
    text: &'t str,
    notation: Notation,
}

impl Editor<'_> {
    fn put(&self, tree: &Node, path: &str, value: &Written) -> Option<String> {
        let (mut node, mut path) = (tree, path);
        loop {
            let entries = node.mapping()?;
            let Some((key, found, rest)) = step(entries, path) else {
                let parts: Vec<&str> = path.split('.').collect();
                return self.add(node, entries, &parts, value);
            };
            match &found.content {
                _ if rest.is_empty() => return self.replace(key, found, value),
                Content::Null => {
                    let parts: Vec<&str> = rest.split('.').collect();
                    return self.replace_by(key, found, |indent| {
                        self.nested(&parts, value, &format!("{indent}  "))
                    });
                }
                _ => (node, path) = (found, rest),
            }
        }
    }

    /// Adds keys below each other to a map, behind what it has.
    fn add(
        &self,
        map: &Node,
        entries: &[(Key, Node)],
        path: &[&str],
        value: &Written,
    ) -> Option<String> {
        if self.text.get(map.span.start..)?.starts_with('{') {
            let mut inner = value.line(self.notation);
            let mut names = path.iter().rev();
            let outer = names.next_back()?;
            for name in names {
                inner = format!("{{ {}: {inner} }}", key(name, self.notation));
            }
            let entry = format!("{}: {inner}", key(outer, self.notation));
            let Some((first, _)) = entries.first() else {
                return self.replaced(map.span.start + 1..map.span.start + 1, &entry);
            };
            // As the first entry stands, on the same line or on one of its own.
            let blanks = self.text.get(map.span.start + 1..first.span.start)?;
            let blanks = if blanks.trim().is_empty() {
                blanks
            } else {
                " "
            };
            let end = self.end_of_entries(entries)?;
            return self.replaced(end..end, &format!(",{blanks}{entry}"));
        }
        let indent = self.indent(&entries.first()?.0)?;
        let end = self.end_of_line(self.end_of_entries(entries)?);
        let lines = self.nested(path, value, indent);
        self.replaced(end..end, &lines)
    }

    /// Lines with keys below each other, each begun by a line feed.
    fn nested(&self, path: &[&str], value: &Written, indent: &str) -> String {
        let Some((name, rest)) = path.split_first() else {
            return String::new();
        };
        let name = key(name, self.notation);
        if rest.is_empty() {
            let value = value.behind_key(self.notation, indent);
            return format!("\n{indent}{name}:{value}");
        }
        let below = self.nested(rest, value, &format!("{indent}  "));
        format!("\n{indent}{name}:{below}")
    }

    fn replace(&self, key: &Key, node: &Node, value: &Written) -> Option<String> {
        self.replace_by(key, node, |indent| value.behind_key(self.notation, indent))
    }

    /// Replaces what stands behind a key and its colon.
    fn replace_by(
        &self,
        key: &Key,
        node: &Node,
        value: impl FnOnce(&str) -> String,
    ) -> Option<String> {
        let colon = key.span.end + self.text.get(key.span.end..)?.find(':')? + 1;
        let end = match node.content {
            Content::Null if node.span.is_empty() || node.span.start < colon => colon,
            _ => self.end_of(node)?.max(colon),
        };
        let indent = self.indent(key).unwrap_or_default();
        self.replaced(colon..end, &value(indent))
    }

    fn replaced(&self, range: Range<usize>, by: &str) -> Option<String> {
        let (before, after) = (self.text.get(..range.start)?, self.text.get(range.end..)?);
        Some(format!("{before}{by}{after}"))
    }

    /// What stands before a key on its line, if that is nothing but blanks.
    fn indent(&self, key: &Key) -> Option<&str> {
        let before = self.text.get(..key.span.start)?;
        let line = before.rsplit('\n').next()?;
        line.trim().is_empty().then_some(line)
    }

    /// Where the line ends on which a value ends. A block of text ends behind its line feed.
    fn end_of_line(&self, end: usize) -> usize {
        if self
            .text
            .get(..end)
            .is_some_and(|before| before.ends_with('\n'))
        {
            return end - 1;
        }
        let rest = self.text.get(end..).unwrap_or("");
        end + rest.find('\n').unwrap_or(rest.len())
    }

    fn end_of_entries(&self, entries: &[(Key, Node)]) -> Option<usize> {
        let (key, node) = entries.last()?;
        Some(self.end_of(node)?.max(key.span.end))
    }

    fn end_of(&self, node: &Node) -> Option<usize> {
        match &node.content {
            Content::Null | Content::Scalar(_) => Some(node.span.end),
            Content::Sequence(_) | Content::Mapping(_) if self.is_flow(node) => {
                flow_end(self.text, node.span.start)
            }
            Content::Sequence(items) => self.end_of(items.last()?),
            Content::Mapping(entries) => self.end_of_entries(entries),
        }
    }

    fn is_flow(&self, node: &Node) -> bool {
        let rest = self.text.get(node.span.start..).unwrap_or("");
        rest.starts_with(['{', '['])
    }
}

/// Where a list or map between brackets ends.
fn flow_end(text: &str, start: usize) -> Option<usize> {
    let (mut depth, mut quote, mut before) = (0_usize, None, ' ');
    let mut characters = text.get(start..)?.char_indices();
    while let Some((at, one)) = characters.next() {
        match (quote, one) {
            (Some('"'), '\\') => {
                characters.next();
            }
            (Some(open), _) if open == one => quote = None,
            (Some(_), _) => {}
            // Within a word an apostrophe is one.
            (None, '"' | '\'') if before.is_whitespace() || "[{,:".contains(before) => {
                quote = Some(one);
            }
            (None, '#') if before.is_whitespace() => {
                characters.by_ref().find(|(_, one)| *one == '\n')?;
            }
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(start + at + 1);
                }
            }
            _ => {}
        }
        before = one;
    }
    None
}

/// The text of a new record.
#[must_use]
pub fn begin(notation: Notation, trial: &str, screened_on: &str, candidate: &str) -> Arc<str> {
    let candidate = Written::Text(candidate.to_owned()).line(notation);
    match notation {
        Notation::Yaml => {
            format!("# What is known of a candidate for {trial}.\ncandidate: {candidate}\nscreened_on: {screened_on}\n")
        }
        Notation::Json => {
            format!("{{\n  \"candidate\": {candidate},\n  \"screened_on\": \"{screened_on}\"\n}}\n")
        }
    }
    .into()
}
