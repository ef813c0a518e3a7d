//! A trial file → a [`Trial`], or everything that is wrong with it at once.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::criteria::Compiler;
use super::{About, Trial, allow, criteria, facts, missing};
use crate::cql::{self, Definition, DefinitionId, Expression, Names, Scope, Type};
use crate::diagnostic::catalogue;
use crate::diagnostic::{Diagnostic, Source, lookalike};
use crate::document::spans::{EntrySpan, KeySpans};
use crate::document::{self, Content, Key, Node, Notation};
use crate::facts::Facts;
use crate::shape::NodeReader;
use crate::value::Value;

/// The version line of a trial file.
pub const FORMAT: &str = "eligo/trial/1";
const KEYS: [&str; 8] = [
    "format", "trial", "facts", "missing", "define", "cautions", "criteria", "allow",
];
/// How long a chain of definitions may be.
const MAX_CHAIN: usize = 32;

/// Compiles a trial file. Beside the trial come the warnings, which refuse nothing.
///
/// # Errors
/// Every error of the file, and its warnings, in the order of the text.
pub fn compile(source: &Arc<Source>) -> Result<(Trial, Vec<Diagnostic>), Vec<Diagnostic>> {
    let document = document::read(source, Notation::Yaml)
        .map_err(|error| vec![catalogue::complete(*error, "not-yaml")])?;
    let mut reader = NodeReader::new(source);
    let trial = read(&mut reader, &document);
    match trial {
        Some(trial) if !reader.failed() => Ok((trial, reader.into_problems())),
        _ => {
            let full = reader.full();
            let mut problems: Vec<Diagnostic> = reader
                .into_problems()
                .into_iter()
                .map(|problem| catalogue::complete(problem, "invalid-trial"))
                .collect();
            if full {
                problems.push(
                    Diagnostic::error("there are more errors than are looked for")
                        .code("too-large")
                        .help("mend those above first"),
                );
            }
            Err(problems)
        }
    }
}

/// SHA-256 in hexadecimal.
#[must_use]
pub fn sha256(content: impl AsRef<[u8]>) -> String {
    Sha256::digest(content)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn read(reader: &mut NodeReader<'_>, document: &Node) -> Option<Trial> {
    reader.must_be(document, "a trial file", FORMAT)?;
    let fields = reader.fields(document, "a trial file", &KEYS)?;
    allow::check(reader, fields);
    let (id, version, title, about) = match reader.required(fields, "trial", "a trial file") {
        Some(node) => identity(reader, node),
        None => Default::default(),
    };
    let mut declared = Facts::default();
    if let Some(node) = reader.required(fields, "facts", "a trial file") {
        facts::read(reader, node, &mut declared);
    }
    if let Some(node) = fields.get("missing") {
        declared.missing_words = missing::read(reader, node);
    }
    let definitions = fields
        .get("define")
        .map(|node| define(reader, node, &declared))
        .unwrap_or_default();
    let by_name: HashMap<String, DefinitionId> = definitions
        .iter()
        .enumerate()
        .map(|(index, definition)| (definition.name.clone(), DefinitionId(index)))
        .collect();
    let names = Names {
        facts: &declared,
        definitions: &by_name,
        expressions: &definitions,
        defined: &[],
    };
    let mut compiler = Compiler::new(reader, names);
    let cautions = compiler.remarks(fields.get("cautions"), "cautions");
    let criteria = match compiler.reader.required(fields, "criteria", "a trial file") {
        Some(node) => compiler.criteria(node),
        None => Vec::new(),
    };
    let trial = Trial {
        id,
        version,
        title,
        about,
        facts: declared,
        definitions,
        definition_ids: by_name,
        cautions,
        criteria,
        sha256: sha256(&reader.source.text),
        spans: KeySpans::of(document, &KEYS),
    };
    if !reader.failed() {
        criteria::warn(reader, &trial);
    }
    Some(trial)
}

type Identity = (String, Option<String>, String, Vec<(String, About)>);

fn identity(reader: &mut NodeReader<'_>, node: &Node) -> Identity {
    let Some(entries) = reader.entries(node, "`trial`") else {
        return Default::default();
    };
    let mut identity = Identity::default();
    for (key, node) in entries {
        match key.name.as_str() {
            "id" => identity.0 = reader.text(node, "`id`").unwrap_or_default(),
            "version" => identity.1 = reader.text(node, "`version`"),
            "title" => identity.2 = reader.text(node, "`title`").unwrap_or_default(),
            name => identity.3.push((name.to_owned(), about(node))),
        }
    }
    for (name, value) in [("id", &identity.0), ("title", &identity.2)] {
        if value.is_empty() {
            reader.error(&node.span, format!("`trial` needs `{name}`"), None);
        }
    }
    identity
}

fn about(node: &Node) -> About {
    match &node.content {
        Content::Null => About::Text(String::new()),
        Content::Scalar(scalar) => About::Text(scalar.text.trim_end().to_owned()),
        Content::Sequence(items) => About::List(items.iter().map(about).collect()),
        Content::Mapping(entries) => About::Map(
            entries
                .iter()
                .map(|(key, node)| (key.name.clone(), about(node)))
                .collect(),
        ),
    }
}

/// A definition that has been read but not compiled.
struct Pending<'n> {
    name: String,
    label: String,
    span: EntrySpan,
    /// What holds its text.
    text_node: &'n Node,
    text: String,
    /// The definitions that it names.
    uses: Vec<String>,
}

/// Named expressions, each after those that it uses, whatever the order of the file.
fn define(reader: &mut NodeReader<'_>, node: &Node, facts: &Facts) -> Vec<Definition> {
    let Some(entries) = reader.entries(node, "`define`") else {
        return Vec::new();
    };
    let defined: Vec<String> = entries.iter().map(|(key, _)| key.name.clone()).collect();
    let known: HashSet<&str> = defined.iter().map(String::as_str).collect();
    let mut pending = Vec::new();
    for (key, node) in entries {
        if reader.full() {
            break;
        }
        check_name(reader, key, facts);
        pending.extend(definition(reader, key, node, &known));
    }
    compiled(reader, &pending, facts, &defined)
}

fn check_name(reader: &mut NodeReader<'_>, key: &Key, facts: &Facts) {
    let name = &key.name;
    if !facts::is_name(name) || !cql::parser::may_name(name, false) {
        let help = lookalike::explain(name)
            .unwrap_or_else(|| "names are lower-case words joined by `_`, and no keywords of the expression language".into());
        let message = format!("`{name}` cannot be a name");
        reader.fault("bad-name", &key.span, message, Some(help));
    }
    if facts.find(name).is_some() || facts.is_group(name) {
        let message = format!("`{name}` already names a fact");
        let help = Some("choose another name".into());
        reader.fault("duplicate-id", &key.span, message, help);
    }
}

/// Reads one definition. `known` are the names of all.
fn definition<'n>(
    reader: &mut NodeReader<'_>,
    key: &Key,
    node: &'n Node,
    known: &HashSet<&str>,
) -> Option<Pending<'n>> {
    let what = format!("`{}`", key.name);
    let fields = reader.fields(node, &what, &["label", "is", "allow"])?;
    allow::check(reader, fields);
    let label = reader
        .optional_text(fields, "label")
        .unwrap_or_else(|| key.name.replace('_', " "));
    let text_node = reader.required(fields, "is", &what)?;
    let text = reader.text(text_node, "`is`")?;
    // What cannot be taken apart uses nothing; compiling it says what is wrong.
    let tokens = cql::lexer::tokens(&text).unwrap_or_default().into_iter();
    let uses = tokens.filter_map(|(token, _)| match token {
        cql::lexer::Token::Word(word) | cql::lexer::Token::Quoted(word)
            if known.contains(word.as_str()) =>
        {
            Some(word)
        }
        _ => None,
    });
    Some(Pending {
        name: key.name.clone(),
        label,
        span: EntrySpan::of(key, node),
        text_node,
        uses: uses.collect(),
        text,
    })
}

/// The definitions, each after those that it uses, otherwise in the order of the file. Where none is next, the rest go round in
/// a circle, and compiling one of them says so.
fn in_order<'p, 'n>(pending: &'p [Pending<'n>]) -> Vec<&'p Pending<'n>> {
    let places: HashMap<&str, usize> = pending
        .iter()
        .enumerate()
        .map(|(index, one)| (one.name.as_str(), index))
        .collect();
    let mut waiting_for: Vec<usize> = vec![0; pending.len()];
    let mut used_by: Vec<Vec<usize>> = vec![Vec::new(); pending.len()];
    for (index, (one, waiting)) in pending.iter().zip(&mut waiting_for).enumerate() {
        let uses: BTreeSet<usize> = one
            .uses
            .iter()
            .filter_map(|name| places.get(name.as_str()))
            .copied()
            .collect();
        *waiting = uses.len();
        for used in uses {
            used_by
                .get_mut(used)
                .into_iter()
                .for_each(|users| users.push(index));
        }
    }
    let mut rest: BTreeSet<usize> = (0..pending.len()).collect();
    let mut ready: BTreeSet<usize> = rest
        .iter()
        .copied()
        .filter(|index| waiting_for.get(*index) == Some(&0))
        .collect();
    let mut order = Vec::new();
    while let Some(index) = ready.pop_first().or_else(|| rest.first().copied()) {
        rest.remove(&index);
        for user in used_by.get(index).into_iter().flatten() {
            if let Some(waiting) = waiting_for.get_mut(*user) {
                *waiting = waiting.saturating_sub(1);
                if *waiting == 0 && rest.contains(user) {
                    ready.insert(*user);
                }
            }
        }
        order.extend(pending.get(index));
    }
    order
}

/// Compiles definitions. `defined` are the names of all.
fn compiled(
    reader: &mut NodeReader<'_>,
    pending: &[Pending<'_>],
    facts: &Facts,
    defined: &[String],
) -> Vec<Definition> {
    let (mut definitions, mut by_name, mut chain) = (Vec::new(), HashMap::new(), HashMap::new());
    for next in in_order(pending) {
        let length = 1 + next
            .uses
            .iter()
            .filter_map(|name| chain.get(name.as_str()))
            .max()
            .copied()
            .unwrap_or(0);
        if length == MAX_CHAIN + 1 {
            reader.fault(
                "too-large",
                &next.text_node.span,
                format!("definitions build on each other more than {MAX_CHAIN} deep"),
                Some("write some of them out".into()),
            );
        }
        // What uses one that is wrong is checked all the same; its own error is enough.
        let mut expression = Expression {
            operation: cql::typed::Operation::Constant(Value::UNKNOWN),
            kind: Type::Any,
            span: 0..0,
        };
        if !reader.full() && length <= MAX_CHAIN {
            let names = Names {
                facts,
                definitions: &by_name,
                expressions: &definitions,
                defined,
            };
            match cql::compile(&next.text, names, Scope::Free, None) {
                Ok(compiled) => expression = compiled,
                Err(errors) => criteria::report(reader, next.text_node, &next.text, errors),
            }
        }
        by_name.insert(next.name.clone(), DefinitionId(definitions.len()));
        chain.insert(next.name.as_str(), length);
        let weight = cql::weight_of(&expression, &definitions);
        definitions.push(Definition {
            name: next.name.clone(),
            label: next.label.clone(),
            expression,
            text: next.text.clone(),
            weight,
            text_span: next.text_node.span.clone(),
            span: next.span.clone(),
        });
    }
    definitions
}
