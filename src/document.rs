//! A YAML or JSON text as a tree in which every node knows where it stands.
//!
//! In: a [`Source`]. Out: a [`Node`], or a [`Diagnostic`]. Nothing is interpreted here: a scalar keeps the
//! characters it was written with, so that `1.10` stays exact and `yes` may later be a boolean or a word. Duplicate
//! keys are kept, for whoever reads the tree to report. This is the only module that knows the YAML library.

pub mod spans;
mod unquoted;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_yaml::Spanned;
use serde_yaml::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};

use crate::diagnostic::{Diagnostic, Source};

/// What one document may hold.
pub(crate) const MOST_NODES: usize = 200_000;
/// How many maps and lists may stand in each other.
pub(crate) const MOST_DEPTH: usize = 64;
pub(crate) const TOO_DEEP: &str = "nested too deeply; 64 levels are the limit";
/// What to do about a character that does not print.
pub(crate) const LEAVE_OUT: &str =
    "leave it out, or write it as an escape between double quotes, such as `\\u007f`";
/// What to do about a text that YAML takes for a block.
const QUOTE_SIGNS: &str = "a text that begins with `>` or `|` must be quoted: \">= 3 months\"";
pub(crate) const TOO_LARGE: &str = "too large: aliases or nodes beyond the limit of 200,000";

/// A value with its place in the source.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Bytes of the source: the whole scalar, or the first character of a list or map.
    pub span: Range<usize>,
    /// What stands there.
    pub content: Content,
}

/// The three shapes of a document, and the empty one.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// `null`, `~`, or nothing at all.
    Null,
    /// A number, word or text.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values in the order of the text; a key that stands twice is here twice.
    Mapping(Vec<(Key, Node)>),
}

/// A scalar as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The characters, with quotes and escapes resolved.
    pub text: String,
    /// Whether it was written without quotes, so that `true` and `5` mean a boolean and a number.
    pub plain: bool,
}

/// The key of a map entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key's characters.
    pub name: String,
    /// Bytes of the source.
    pub span: Range<usize>,
}

impl Node {
    /// What this node is, in the words of a message.
    #[must_use]
    pub(crate) fn describe(&self) -> &'static str {
        match &self.content {
            Content::Null => "nothing",
            Content::Scalar(scalar)
                if scalar.plain && matches!(scalar.text.as_str(), "true" | "false") =>
            {
                "a boolean"
            }
            Content::Scalar(scalar) if scalar.plain && scalar.text.parse::<f64>().is_ok() => {
                "a number"
            }
            Content::Scalar(_) => "a text",
            Content::Sequence(_) => "a list",
            Content::Mapping(_) => "a map",
        }
    }

    /// The scalar, if it is one.
    #[must_use]
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.content {
            Content::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The entries, if it is a map.
    #[must_use]
    pub(crate) fn mapping(&self) -> Option<&[(Key, Node)]> {
        match &self.content {
            Content::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The first value under `name`, if it is a map and has one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.mapping()?
            .iter()
            .find(|(key, _)| key.name == name)
            .map(|(_, node)| node)
    }
}

/// The notation of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// YAML 1.2, one document.
    Yaml,
    /// JSON as RFC 8259 has it, one value; characters that do not print stand there as escapes.
    Json,
}

/// Reads one document.
///
/// # Errors
/// A [`Diagnostic`] with its place if the text is not well-formed, holds more than one document, or exceeds the bounds
/// on nesting, size and aliases.
pub fn read(source: &Arc<Source>, notation: Notation) -> Result<Node, Box<Diagnostic>> {
    if source.text.trim().is_empty() {
        return Err(Box::new(empty(source)));
    }
    match notation {
        Notation::Yaml => read_yaml(source, None),
        Notation::Json => {
            // JSON is YAML too: the strict reader says whether it is JSON, the other one where everything stands.
            serde_json::from_str::<IgnoredAny>(&source.text)
                .map_err(|error| json_error(source, &error))?;
            read_yaml(source, Some(longest_key(source)?))
        }
    }
}

/// What is wrong with a text of blanks.
pub(crate) fn empty(source: &Source) -> Diagnostic {
    Diagnostic::error(format!("`{}` is empty", source.name))
        .help("`eligo template` writes a record to fill in")
}

/// How far the longest key of a JSON text reaches, up to its colon. The YAML library holds on to everything within this
/// reach, so it must be no longer than needed, and the nodes are counted before the library sees any.
fn longest_key(source: &Arc<Source>) -> Result<usize, Box<Diagnostic>> {
    let (mut longest, mut nodes, mut text, mut escaped) = (0, 0, None, false);
    // The text that was read last, while nothing but blanks stands behind it.
    let mut before: Option<usize> = None;
    let mut in_word = false;
    for (at, byte) in source.text.bytes().enumerate() {
        if let Some(start) = text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => (text, before) = (None, Some(start)),
                _ => {}
            }
            continue;
        }
        let begins = match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                in_word = false;
                continue;
            }
            b':' => {
                longest = longest.max(before.map_or(0, |start| at - start));
                false
            }
            b'"' => {
                text = Some(at);
                true
            }
            b'[' | b'{' => true,
            b',' | b']' | b'}' => false,
            _ => !in_word,
        };
        in_word = !matches!(byte, b':' | b'"' | b'[' | b'{' | b',' | b']' | b'}');
        before = None;
        nodes += usize::from(begins);
        if nodes > MOST_NODES {
            return Err(Box::new(
                Diagnostic::error(TOO_LARGE).at(source, at..at + 1),
            ));
        }
    }
    Ok(longest)
}

pub(crate) fn json_error(source: &Arc<Source>, error: &serde_json::Error) -> Box<Diagnostic> {
    let text = error.to_string();
    let message = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(message, _)| message);
    let at = json_place(error, &source.text);
    let help = match message {
        "trailing characters" => {
            Some("a record is one JSON value; what follows it must go".to_owned())
        }
        _ => None,
    };
    Box::new(
        Diagnostic::error(format!("this is not JSON: {message}"))
            .at(source, at..at + 1)
            .help_if(help),
    )
}

/// The byte of a JSON text that an error is about, at most its length.
#[must_use]
pub fn json_place(error: &serde_json::Error, text: &str) -> usize {
    let at = start_of_line(text, error.line()) + error.column().saturating_sub(1);
    at.min(text.len())
}

/// The byte at which a line begins, lines counted from 1.
pub(crate) fn start_of_line(text: &str, line: usize) -> usize {
    text.split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum()
}

/// `longest_key` is how far a key may reach on one line, which YAML limits and JSON does not.
fn read_yaml(source: &Arc<Source>, longest_key: Option<usize>) -> Result<Node, Box<Diagnostic>> {
    let located = match located(&source.text, longest_key) {
        Ok(located) => located,
        Err(error) => return Err(yaml_error(source, &error)),
    };
    let node = node(&source.text, located);
    if longest_key.is_none()
        && source.text.contains('!')
        && let Some(tag) = unquoted::lost_tag(&source.text, &node)
    {
        let error = Diagnostic::error("`!` is a tag to YAML, and no part of the text behind it")
            .at(source, tag)
            .help("write `not`, or put the whole text between quotes");
        return Err(Box::new(error));
    }
    Ok(node)
}

/// What the YAML library makes of a text.
fn located(text: &str, longest_key: Option<usize>) -> Result<Located, serde_yaml::Error> {
    let options = serde_yaml::options! {
        budget: serde_yaml::budget! { max_nodes: MOST_NODES, max_events: 500_000, max_depth: MOST_DEPTH, max_aliases: 1_000, simple_key_max_lookahead: longest_key.unwrap_or(1_024).max(1_024) },
        alias_limits: serde_yaml::alias_limits! { max_total_replayed_events: 20_000, max_replay_stack_depth: 16 },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    };
    serde_yaml::from_str_with_options(text, options)
}

fn yaml_error(source: &Arc<Source>, error: &serde_yaml::Error) -> Box<Diagnostic> {
    let error = error.without_snippet();
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or(&text);
    let (message, help) = if message.starts_with("multiple YAML documents") {
        (
            "a second document begins here; a record is one document".to_owned(),
            Some("put each in a file of its own".to_owned()),
        )
    } else if message.starts_with("recursion limit") || message.contains("Depth") {
        (TOO_DEEP.to_owned(), None)
    } else if message.starts_with("budget breached")
        || message.contains("alias") && message.contains("limit")
    {
        (TOO_LARGE.to_owned(), None)
    } else if message.starts_with("expected string scalar")
        || message.starts_with("cannot deserialize null into string")
    {
        ("a key must be a word".to_owned(), None)
    } else if message.contains("recursive references") {
        (
            "an alias stands inside what it names".to_owned(),
            Some("write the value out".to_owned()),
        )
    } else if message.contains("block scalar") {
        (message.to_owned(), Some(QUOTE_SIGNS.to_owned()))
    } else if message.contains("found a tab") {
        (
            message.to_owned(),
            Some("indent with blanks, not with tabs".to_owned()),
        )
    } else if message.starts_with("simple key expected") {
        (
            message.to_owned(),
            Some("what goes on in the next line stands further in than its key".to_owned()),
        )
    } else if message.contains("unexpected character") {
        (message.replace('\'', "`"), Some(LEAVE_OUT.to_owned()))
    } else {
        (message.to_owned(), None)
    };
    let Some(at) = place_of(&source.text, error) else {
        return Box::new(Diagnostic::error(message).help_if(help));
    };
    // Of what is not about one line, quotes say nothing.
    let is_of_line = help
        .as_deref()
        .is_none_or(|help| help == LEAVE_OUT || help == QUOTE_SIGNS)
        && message != TOO_DEEP
        && message != TOO_LARGE;
    let quoted = is_of_line.then(|| {
        unquoted::advice(&source.text, at, |text, end| match located(text, None) {
            Ok(_) => true,
            Err(error) => place_of(text, error.without_snippet()).is_some_and(|at| at > end),
        })
    });
    let diagnostic = Diagnostic::error(message).help_if(quoted.flatten().or(help));
    Box::new(diagnostic.at(source, at..at + 1))
}

/// The byte at which a text cannot be read.
fn place_of(text: &str, error: &serde_yaml::Error) -> Option<usize> {
    let location = error.location()?;
    let line_start = start_of_line(text, location.line() as usize);
    let line = text.get(line_start..).unwrap_or_default();
    let in_line: usize = line
        .chars()
        .take((location.column() as usize).saturating_sub(1))
        .map(char::len_utf8)
        .sum();
    Some((line_start + in_line).min(text.len()))
}

/// What the YAML library hands over: kinds without their spelling, which is then taken from the source.
#[derive(Debug)]
enum Raw {
    Null,
    Text(String),
    /// A number or boolean; its value here would be a lossy one.
    Resolved,
    Sequence(Vec<Located>),
    Mapping(Vec<(Spanned<String>, Located)>),
}

#[derive(Debug)]
struct Located(Spanned<Raw>);

impl<'de> Deserialize<'de> for Located {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spanned::deserialize(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }
    fn visit_bool<E>(self, _: bool) -> Result<Raw, E> {
        Ok(Raw::Resolved)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Resolved)
    }
    fn visit_i128<E>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Resolved)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Resolved)
    }
    fn visit_u128<E>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Resolved)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Resolved)
    }
    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }
    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }
    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::Sequence(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Mapping(entries))
    }
}

fn span_of(location: &serde_yaml::Location) -> Range<usize> {
    let span = location.span();
    let start = usize::try_from(span.byte_offset().unwrap_or(0)).unwrap_or(0);
    start..start + usize::try_from(span.byte_len().unwrap_or(0)).unwrap_or(0)
}

fn node(text: &str, located: Located) -> Node {
    let Located(spanned) = located;
    let span = span_of(&spanned.defined);
    let written = text.get(span.clone()).unwrap_or_default();
    let content = match spanned.value {
        Raw::Null => Content::Null,
        Raw::Resolved => Content::Scalar(Scalar {
            text: written.trim().to_owned(),
            plain: true,
        }),
        Raw::Text(resolved) => {
            let quoted = written.starts_with(['"', '\'']) || resolved.ends_with('\n');
            // A number too large for the library comes back as `.inf`: what was written counts.
            let plain_text = if quoted || resolved.contains(['\n', ' ']) {
                resolved
            } else {
                written.trim().to_owned()
            };
            Content::Scalar(Scalar {
                text: plain_text,
                plain: !quoted,
            })
        }
        Raw::Sequence(items) => {
            Content::Sequence(items.into_iter().map(|item| node(text, item)).collect())
        }
        Raw::Mapping(entries) => Content::Mapping(
            entries
                .into_iter()
                .map(|(key, value)| {
                    (
                        Key {
                            span: span_of(&key.defined),
                            name: key.value,
                        },
                        node(text, value),
                    )
                })
                .collect(),
        ),
    };
    let span = match content {
        // What is long is shown by where it begins.
        Content::Sequence(_) | Content::Mapping(_) => span.start..span.end.min(span.start + 1),
        _ => span,
    };
    Node { span, content }
}

/// Where byte `offset` of a resolved scalar stands in the source, so that a message about a part of a text can
/// point at it through quotes, escapes and folded lines.
#[must_use]
pub(crate) fn offset_in_source(
    source: &str,
    span: &Range<usize>,
    resolved: &str,
    offset: usize,
) -> usize {
    let written = source.get(span.clone()).unwrap_or_default();
    let quote = written
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\''));
    let mut raw = written.char_indices().peekable();
    if quote.is_some() {
        raw.next();
    }
    for (at, character) in resolved.char_indices() {
        // Skip what the notation adds: escapes, doubled quotes, line breaks with their indentation.
        if character.is_whitespace() {
            while raw.peek().is_some_and(|(_, other)| *other == '\r') {
                raw.next();
            }
        } else {
            while raw.peek().is_some_and(|(_, other)| other.is_whitespace()) {
                raw.next();
            }
            if quote == Some('"')
                && character != '\\'
                && raw.peek().is_some_and(|(_, other)| *other == '\\')
            {
                raw.next();
            }
        }
        if at >= offset {
            break;
        }
        if let Some((_, taken)) = raw.next()
            && quote == Some('\'')
            && taken == '\''
        {
            raw.next();
        }
        if character.is_whitespace()
            && resolved
                .get(at + character.len_utf8()..)
                .and_then(|rest| rest.chars().next())
                .is_some_and(|next| !next.is_whitespace())
        {
            while raw.peek().is_some_and(|(_, other)| other.is_whitespace()) {
                raw.next();
            }
        }
    }
    span.start + raw.peek().map_or(written.len(), |(at, _)| *at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Arc<Source> {
        Source::new("t", text)
    }

    fn yaml(text: &str) -> Node {
        read(&source(text), Notation::Yaml).unwrap()
    }

    fn fails(text: &str, notation: Notation) -> Diagnostic {
        *read(&source(text), notation).unwrap_err()
    }

    fn scalar(node: &Node, key: &str) -> (String, bool) {
        let scalar = node.get(key).unwrap().scalar().unwrap();
        (scalar.text.clone(), scalar.plain)
    }

    #[test]
    fn scalars_keep_their_spelling() {
        let node = yaml("a: 1.10\nb: yes\nc: 'yes'\nd: 1e400\ne: .nan\nf: 007\ng: '1.0'\n");
        assert_eq!(scalar(&node, "a"), ("1.10".into(), true));
        assert_eq!(scalar(&node, "b"), ("yes".into(), true));
        assert_eq!(scalar(&node, "c"), ("yes".into(), false));
        assert_eq!(scalar(&node, "d"), ("1e400".into(), true));
        assert_eq!(scalar(&node, "e"), (".nan".into(), true));
        assert_eq!(scalar(&node, "f"), ("007".into(), true));
        assert_eq!(scalar(&node, "g"), ("1.0".into(), false));
    }

    #[test]
    fn duplicate_keys_are_kept_for_the_reader_to_report() {
        assert_eq!(yaml("a: 1\na: 2\n").mapping().unwrap().len(), 2);
    }

    #[test]
    fn json_is_strict_and_located() {
        let source = source("{\n  \"ecog\": 7\n}");
        let node = read(&source, Notation::Json).unwrap();
        assert_eq!(&source.text[node.get("ecog").unwrap().span.clone()], "7");
        assert_eq!(
            fails("{\"a\": 1} x", Notation::Json)
                .place
                .unwrap()
                .line_column(),
            (1, 10)
        );
        assert!(fails("{a: 1}", Notation::Json).message.contains("not JSON"));
        assert!(
            fails("{\"a\": NaN}", Notation::Json)
                .message
                .contains("not JSON")
        );
    }

    #[test]
    fn hostile_documents_are_refused() {
        assert!(fails("", Notation::Yaml).message.contains("empty"));
        assert!(
            fails("a: 1\n---\nb: 1\n", Notation::Yaml)
                .message
                .contains("second document")
        );
        assert!(
            fails(&"[".repeat(100_000), Notation::Yaml)
                .message
                .contains("nested too deeply")
        );
        assert!(
            fails(&"[".repeat(100_000), Notation::Json)
                .message
                .contains("not JSON")
        );
        let closed = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(
            fails(&closed, Notation::Json)
                .message
                .contains("nested too deeply")
        );
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for level in 1..9 {
            let alias = format!("*a{}", level - 1);
            bomb.push_str(&format!(
                "a{level}: &a{level} [{}]\n",
                [alias.as_str(); 9].join(",")
            ));
        }
        assert!(
            fails(&bomb, Notation::Yaml).message.contains("too large"),
            "{:?}",
            fails(&bomb, Notation::Yaml)
        );
    }

    #[test]
    fn a_place_inside_a_scalar_is_found_through_its_notation() {
        for (text, key, needle) in [
            ("a: b and c\n", "a", "and"),
            ("a: 'b = ''x'' and c'\n", "a", "and"),
            ("a: \"b \\\"q\\\" and c\"\n", "a", "and"),
            ("a: >\n  b = 1\n  and c\n", "a", "and"),
            ("a: b\n   and c\n", "a", "and"),
            ("a: |\n  b\n    and c\n", "a", "and"),
        ] {
            let source = source(text);
            let node = read(&source, Notation::Yaml).unwrap();
            let value = node.get(key).unwrap();
            let resolved = &value.scalar().unwrap().text;
            let at = offset_in_source(text, &value.span, resolved, resolved.find(needle).unwrap());
            assert!(
                text[at..].starts_with(needle),
                "{text:?}: {:?}",
                &text[at..]
            );
        }
    }
}
