//! The columns of a CSV list: one a fact, with its evidence in columns of their own.
//!
//! `hepatitis.hbv_dna`, `hepatitis.hbv_dna.date`, `remission.by` with `chemotherapy;car_t` in a cell, `cd22` with JSON in a
//! cell, or `cd22.1.result` and so on, one column a field. An empty cell is not recorded.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Source, nearest};
use crate::document::{self, Content, Key, Node, Notation, Scalar};
use crate::facts::{Facts, ItemKind, Kind};
use crate::record::read::RESERVED;

/// Evidence that a column may hold.
const EVIDENCE: [&str; 9] = ["value", "missing", "date", "by", "source", "note", "unit", "uln", "lln"];

/// The columns of a list.
#[derive(Debug, Default)]
pub struct Columns {
    columns: Vec<Column>,
}

#[derive(Debug)]
enum Column {
    /// A key of the record that is no fact, or a fact; what its cells may hold beside one value.
    Plain(String, Holds),
    /// Something about a fact.
    Evidence(String, String),
    /// A field of the item at this place of a list.
    Item(String, usize, String),
    /// Not of interest.
    Ignored,
}

/// What a cell may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// One value.
    Value,
    /// A list of items as JSON.
    Items,
    /// A list of values, as JSON or joined by `;`.
    Values,
}

/// What to do with columns that a trial does not declare.
#[derive(Debug, Clone, Default)]
pub struct ColumnOptions {
    /// Columns that are not read.
    pub ignored: Vec<String>,
    /// Columns that are called otherwise in the trial: the name in the list, the name in the trial.
    pub renamed: Vec<(String, String)>,
}

impl Columns {
    /// Reads a header.
    ///
    /// # Errors
    /// Every column that the trial does not declare, and every one that stands twice.
    pub fn new(header: &Arc<Source>, facts: &Facts, options: &ColumnOptions) -> Result<Self, Vec<Diagnostic>> {
        let (mut columns, mut problems, mut seen) = (Vec::new(), Vec::new(), Vec::new());
        if !header.text.contains(',') && (header.text.contains(';') || header.text.contains('\t')) {
            let problem = Diagnostic::error("the columns are not separated by commas").at(header, 0..0).help("save the list as CSV with commas");
            return Err(vec![problem]);
        }
        for (name, span) in cells(&header.text) {
            let name = name.trim().to_owned();
            let renamed = options.renamed.iter().find(|(old, _)| *old == name).map_or(name.clone(), |(_, new)| new.clone());
            if options.ignored.contains(&name) {
                columns.push(Column::Ignored);
                continue;
            }
            if seen.contains(&renamed) {
                problems.push(
                    Diagnostic::error(format!("two columns are called `{renamed}`")).at(header, span).help("leave one out with --ignore-column"),
                );
                continue;
            }
            match column(&renamed, facts) {
                Some(column) => columns.push(column),
                None => {
                    let known = facts.iter().map(|(_, fact)| fact.path.as_str()).chain(RESERVED);
                    let near = nearest(&renamed, known).map_or(String::new(), |near| format!("did you mean `{near}`? "));
                    let help = format!("{near}(--rename {name}=NAME reads it as another, --ignore-column {name} leaves it out)");
                    problems.push(Diagnostic::error(format!("the trial declares no `{renamed}`")).at(header, span).help(help));
                }
            }
            seen.push(renamed);
        }
        for (old, _) in &options.renamed {
            if !cells(&header.text).iter().any(|(name, _)| name.trim() == old) {
                problems.push(Diagnostic::error(format!("there is no column `{old}` to rename")).at(header, 0..0));
            }
        }
        if problems.is_empty() { Ok(Self { columns }) } else { Err(problems) }
    }

    /// A row as the document that the same record would be.
    ///
    /// # Errors
    /// What is wrong with the row as a whole, or with JSON in a cell.
    pub fn document(&self, row: &Arc<Source>) -> Result<Node, Box<Diagnostic>> {
        let cells = cells(&row.text);
        if cells.len() != self.columns.len() {
            let message = format!("the row has {} cells, the header {}", cells.len(), self.columns.len());
            return Err(Box::new(Diagnostic::error(message).at(row, 0..0).help("a comma inside a text needs quotes around the text")));
        }
        let mut record = Record::default();
        for (column, (text, span)) in self.columns.iter().zip(cells) {
            let text = text.trim();
            if text.is_empty() {
                continue;
            }
            match column {
                Column::Ignored => {}
                Column::Plain(path, holds) => {
                    let node = cell(row, text, &span, *holds)?;
                    record.part(path, &span).value = Some(node);
                }
                Column::Evidence(path, name) => {
                    let node = if name == "value" { cell(row, text, &span, Holds::Items)? } else { scalar(text, &span) };
                    record.part(path, &span).evidence.push((name.clone(), node));
                }
                Column::Item(path, place, field) => {
                    record.part(path, &span).items.entry(*place).or_default().push((field.clone(), scalar(text, &span)));
                }
            }
        }
        if let Some(part) = record.parts.iter().find(|part| part.value.is_some() && !part.items.is_empty()) {
            let message = format!("`{}` is given in a cell of its own and in columns for its items", part.path);
            return Err(Box::new(Diagnostic::error(message).at(row, part.span.clone()).help("leave one of them empty")));
        }
        Ok(record.node())
    }
}

fn column(name: &str, facts: &Facts) -> Option<Column> {
    if RESERVED.contains(&name) {
        return Some(Column::Plain(name.to_owned(), Holds::Value));
    }
    if let Some(id) = facts.find(name) {
        let holds = match &facts.get(id).kind {
            Kind::List(kind) if matches!(**kind, ItemKind::Single(_)) => Holds::Values,
            Kind::List(_) => Holds::Items,
            _ => Holds::Value,
        };
        return Some(Column::Plain(name.to_owned(), holds));
    }
    let (path, last) = name.rsplit_once('.')?;
    if facts.find(path).is_some() && EVIDENCE.contains(&last) {
        return Some(Column::Evidence(path.to_owned(), last.to_owned()));
    }
    let (list, place) = path.rsplit_once('.')?;
    let place = place.parse().ok().filter(|place| *place > 0)?;
    match &facts.get(facts.find(list)?).kind {
        Kind::List(kind) if kind.field(last).is_some() => Some(Column::Item(list.to_owned(), place, last.to_owned())),
        _ => None,
    }
}

/// What a row says of one fact.
#[derive(Default)]
struct Part {
    path: String,
    span: Range<usize>,
    value: Option<Node>,
    evidence: Vec<(String, Node)>,
    items: BTreeMap<usize, Vec<(String, Node)>>,
}

#[derive(Default)]
struct Record {
    parts: Vec<Part>,
}

impl Record {
    fn part(&mut self, path: &str, span: &Range<usize>) -> &mut Part {
        let place = self.parts.iter().position(|part| part.path == path).unwrap_or_else(|| {
            self.parts.push(Part { path: path.to_owned(), span: span.clone(), ..Part::default() });
            self.parts.len() - 1
        });
        // The place was found or made just now.
        #[expect(clippy::indexing_slicing, reason = "`position` and `push` both give a place that exists")]
        &mut self.parts[place]
    }

    fn node(self) -> Node {
        let map = |span: Range<usize>, entries: Vec<(String, Node)>| {
            let keyed = entries.into_iter().map(|(name, node)| (Key { name, span: node.span.clone() }, node)).collect();
            Node { span, content: Content::Mapping(keyed) }
        };
        let entries = self.parts.into_iter().map(|part| {
            let span = part.span;
            let items = (!part.items.is_empty()).then(|| {
                let items = part.items.into_values().map(|fields| map(span.clone(), fields)).collect();
                Node { span: span.clone(), content: Content::Sequence(items) }
            });
            let value = items.or(part.value);
            let node = match value {
                Some(value) if part.evidence.is_empty() => value,
                value => map(span.clone(), value.map(|value| ("value".to_owned(), value)).into_iter().chain(part.evidence).collect()),
            };
            (part.path, node)
        });
        map(0..0, entries.collect())
    }
}

/// A cell: JSON where it begins like a list, codes joined by `;` where a list of codes is declared, else a scalar.
fn cell(row: &Arc<Source>, text: &str, span: &Range<usize>, holds: Holds) -> Result<Node, Box<Diagnostic>> {
    if text.starts_with('[') && holds != Holds::Value {
        let inner = Source::new("cell", text);
        let mut node = document::read(&inner, Notation::Json).map_err(|problem| {
            Box::new(Diagnostic { place: None, ..*problem }.at(row, span.clone()).help("a list in a cell is JSON, its quotes doubled"))
        })?;
        respan(&mut node, span);
        return Ok(node);
    }
    if holds == Holds::Values {
        let items = text.split(';').map(|code| scalar(code.trim(), span)).collect();
        return Ok(if text == "unknown" { scalar(text, span) } else { Node { span: span.clone(), content: Content::Sequence(items) } });
    }
    Ok(scalar(text, span))
}

fn scalar(text: &str, span: &Range<usize>) -> Node {
    Node { span: span.clone(), content: Content::Scalar(Scalar { text: text.to_owned(), plain: true }) }
}

fn respan(node: &mut Node, span: &Range<usize>) {
    node.span = span.clone();
    match &mut node.content {
        Content::Sequence(items) => items.iter_mut().for_each(|item| respan(item, span)),
        Content::Mapping(entries) => entries.iter_mut().for_each(|(key, node)| {
            key.span = span.clone();
            respan(node, span);
        }),
        Content::Null | Content::Scalar(_) => {}
    }
}

/// The cells of a record, each with its bytes in the text.
fn cells(text: &str) -> Vec<(String, Range<usize>)> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    // A text in memory that is UTF-8 and one record cannot fail to be read.
    let read = reader.read_record(&mut record).unwrap_or(false);
    if !read {
        return Vec::new();
    }
    let (mut spans, mut start, mut quoted) = (Vec::new(), 0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                spans.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
    }
    spans.push(start..text.trim_end_matches(['\r', '\n']).len().max(start));
    record.iter().zip(spans.into_iter().chain(std::iter::repeat(0..text.len()))).map(|(cell, span)| (cell.to_owned(), span)).collect()
}
