//! Takes a document apart into what a format allows, and collects everything that is wrong on the way.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Place, Severity, Source, did_you_mean, lookalike};
use crate::document::{Content, Key, Node};

/// A document being read, and what was found wrong with it so far.
pub struct NodeReader<'a> {
    /// The document's text.
    pub source: &'a Arc<Source>,
    /// What is wrong, in the order in which it was found.
    pub problems: Vec<Diagnostic>,
}

/// The entries of a map whose keys are all allowed.
#[derive(Clone, Copy)]
pub struct Fields<'a> {
    node: &'a Node,
}

impl<'a> Fields<'a> {
    /// The value under `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'a Node> {
        self.node.get(key)
    }

    /// Where the map begins.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.node.span.clone()
    }
}

impl<'a> NodeReader<'a> {
    /// How many problems are looked for. Each may search all names for the nearest one, so there must be an end to it.
    const MOST_PROBLEMS: usize = 1_000;

    /// Starts on a document.
    #[must_use]
    pub fn new(source: &'a Arc<Source>) -> Self {
        Self {
            source,
            problems: Vec::new(),
        }
    }

    /// Notes a finding at a place.
    fn note(&mut self, finding: Diagnostic, span: &Range<usize>, help: Option<String>) {
        let placed = finding.at(self.source, span.clone());
        self.problems.push(placed.help_if(help));
    }

    /// Notes that something is wrong.
    pub fn error(&mut self, span: &Range<usize>, message: impl Into<String>, help: Option<String>) {
        self.note(Diagnostic::error(message), span, help);
    }

    /// Notes that something is wrong, and of which kind that is.
    pub fn fault(
        &mut self,
        code: &'static str,
        span: &Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        self.note(Diagnostic::error(message).code(code), span, help);
    }

    /// Notes something of this kind that refuses nothing.
    pub fn warning(
        &mut self,
        code: &'static str,
        span: &Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        self.note(Diagnostic::warning(message).code(code), span, help);
    }

    /// Whether so much is wrong that nobody reads the rest.
    #[must_use]
    pub fn full(&self) -> bool {
        self.problems.len() >= Self::MOST_PROBLEMS
    }

    /// Whether anything was found for which the document is refused.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.errors() > 0
    }

    /// How many errors were found so far.
    #[must_use]
    pub fn errors(&self) -> usize {
        let errors = self.problems.iter();
        errors
            .filter(|problem| problem.severity == Severity::Error)
            .count()
    }

    /// The problems in the order of the text.
    #[must_use]
    pub fn into_problems(mut self) -> Vec<Diagnostic> {
        self.problems
            .sort_by_key(|problem| problem.place.as_ref().map(|place| place.span.start));
        self.problems
    }

    /// The entries of a map; a key that stands twice is an error that names both lines.
    pub fn entries<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [(Key, Node)]> {
        let Some(entries) = node.mapping() else {
            self.error(
                &node.span,
                format!(
                    "{what} must be a map of keys and values, found {}",
                    node.describe()
                ),
                None,
            );
            return None;
        };
        let mut seen: HashMap<&str, &Key> = HashMap::new();
        for (key, _) in entries {
            if self.full() {
                break;
            }
            if let Some(first) = seen.insert(&key.name, key) {
                let (line, _) = Place {
                    source: Arc::clone(self.source),
                    span: first.span.clone(),
                }
                .line_column();
                self.fault(
                    "duplicate-key",
                    &key.span,
                    format!("`{}` stands twice", key.name),
                    Some(format!(
                        "it is already given on line {line}; keep one of them"
                    )),
                );
            }
        }
        Some(entries)
    }

    /// A map with these keys and no others.
    pub fn fields<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
        allowed: &[&str],
    ) -> Option<Fields<'n>> {
        let mut before = None;
        for (key, value) in self.entries(node, what)? {
            if allowed.contains(&key.name.as_str()) {
                before = Some(key);
            } else if !self.full() {
                let help = without_blank(&key.name, allowed)
                    .or_else(|| self.cut_off(before, key, value))
                    .or_else(|| lookalike::explain(&key.name))
                    .or_else(|| did_you_mean(&key.name, allowed.iter().copied()));
                self.fault(
                    "unknown-key",
                    &key.span,
                    format!("{what} has no key `{}`", key.name),
                    help,
                );
            }
        }
        Some(Fields { node })
    }

    /// What to do about words that a comma has cut off from the text before them, in a map in braces.
    fn cut_off(&self, before: Option<&Key>, key: &Key, value: &Node) -> Option<String> {
        let behind = self.source.text.get(key.span.end..)?.trim_start();
        let is_cut = value.content == Content::Null && behind.starts_with([',', '}']);
        let text = before.filter(|_| is_cut)?;
        Some(format!(
            "a comma ends a text between `{{` and `}}`: put the whole of `{}` between quotes",
            text.name
        ))
    }

    /// The value of a key that must be there.
    pub fn required<'n>(&mut self, fields: Fields<'n>, key: &str, what: &str) -> Option<&'n Node> {
        let found = fields.get(key);
        if found.is_none() {
            self.fault(
                "missing-key",
                &fields.span(),
                format!("{what} needs `{key}`"),
                None,
            );
        }
        found
    }

    /// A text, or a number or boolean as it was written.
    pub fn text(&mut self, node: &Node, what: &str) -> Option<String> {
        match node.scalar() {
            Some(scalar) => Some(scalar.text.trim_end_matches('\n').to_owned()),
            None => {
                let help = match &node.content {
                    Content::Sequence(_) if what.ends_with("condition") => {
                        "write one text; conditions that must all hold are joined by `and`, or are \
                         sub-criteria under `all`"
                            .to_owned()
                    }
                    _ => format!("write one text without brackets behind {what}"),
                };
                self.error(
                    &node.span,
                    format!("{what} must be a text, found {}", node.describe()),
                    Some(help),
                );
                None
            }
        }
    }

    /// The text under a key, if there is one; a text without a visible character is none.
    pub fn optional_text(&mut self, fields: Fields<'_>, key: &str) -> Option<String> {
        fields
            .get(key)
            .and_then(|node| self.text(node, &format!("`{key}`")))
            .filter(|text| lookalike::has_visible_character(text))
    }

    /// The text under a key that must be there and say something.
    pub fn required_text(&mut self, fields: Fields<'_>, key: &str, what: &str) -> Option<String> {
        let node = self.required(fields, key, what)?;
        let text = self.text(node, &format!("`{key}`"))?;
        if !lookalike::has_visible_character(&text) {
            self.error(
                &node.span,
                format!("`{key}` of {what} has no visible character"),
                Some(format!("write the words behind `{key}:`")),
            );
            return None;
        }
        Some(text)
    }

    /// `true` or `false` under a key; false if it is not there.
    pub fn flag(&mut self, fields: Fields<'_>, key: &str) -> bool {
        let Some(node) = fields.get(key) else {
            return false;
        };
        match node.scalar().filter(|scalar| scalar.plain) {
            Some(scalar) if scalar.text == "true" => return true,
            Some(scalar) if scalar.text == "false" => {}
            _ => {
                let message = format!("`{key}` must be `true` or `false`");
                self.error(&node.span, message, None);
            }
        }
        false
    }

    /// The elements of a list.
    pub fn list<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        match &node.content {
            Content::Sequence(items) => items,
            _ => {
                self.error(
                    &node.span,
                    format!("{what} must be a list, found {}", node.describe()),
                    None,
                );
                &[]
            }
        }
    }

    /// Looks whether a document is what it should be, before each of its keys is found strange.
    pub fn must_be(&mut self, document: &Node, what: &str, wanted: &str) -> Option<()> {
        let Some(format) = document.get("format") else {
            self.error(
                &document.span,
                format!("this is not {what}: it has no `format`"),
                Some(format!("{what} begins with `format: {wanted}`")),
            );
            return None;
        };
        self.format(Some(format), wanted).then_some(())
    }

    /// The `format` line that says what a document is; false if it is something else.
    pub fn format(&mut self, node: Option<&Node>, wanted: &str) -> bool {
        if let Some(node) = node
            && let Some(found) = self.text(node, "`format`")
            && found != wanted
        {
            self.error(
                &node.span,
                format!("this is `{found}`, not `{wanted}`"),
                None,
            );
            return false;
        }
        true
    }
}

/// What to do about a key and its value that YAML takes for one word.
fn without_blank(key: &str, allowed: &[&str]) -> Option<String> {
    let (name, value) = key.split_once(':')?;
    allowed
        .contains(&name)
        .then(|| format!("put a blank behind the colon: `{name}: {value}`"))
}
