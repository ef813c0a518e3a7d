//! The columns of a CSV list: one a fact, with its evidence in columns of their own.
//!
//! `hepatitis.hbv_dna`, `hepatitis.hbv_dna.date`, `remission.by` with `chemotherapy;car_t` in a cell, `cd22` with JSON in a
//! cell, or `cd22.1.result`, `cd22.1.result.missing`, `cd22.1.note` and so on, one column a field. An empty cell is not
//! recorded. Whatever a record may say, a row of these columns can say too, but for a text without a character.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::input;
use crate::diagnostic::{Diagnostic, Source, nearest};
use crate::document::{self, Content, Key, Node, Notation, Scalar};
use crate::facts::{Fact, Facts, ItemKind, Kind};
use crate::record::read::RESERVED;

/// What a column may say of a fact beside its value.
fn evidence(kind: &Kind) -> &'static [&'static str] {
    match kind {
        Kind::Quantity(_) => &[
            "value", "missing", "date", "by", "source", "note", "unit", "uln", "lln",
        ],
        Kind::Integer(_) | Kind::Decimal(_) => &[
            "value", "missing", "date", "by", "source", "note", "uln", "lln",
        ],
        Kind::List(_) => &[
            "value", "missing", "date", "by", "source", "note", "complete",
        ],
        _ => &["value", "missing", "date", "by", "source", "note"],
    }
}

/// What a column may say of a field of an item beside its value.
fn item_evidence(kind: &Kind) -> &'static [&'static str] {
    match kind {
        Kind::Quantity(_) => &["value", "missing", "unit"],
        _ => &["value", "missing"],
    }
}

/// What a column may say of an item beside its fields.
const OF_ITEMS: [&str; 3] = ["by", "source", "note"];

/// The columns of a list.
#[derive(Debug)]
pub struct Columns {
    columns: Vec<Column>,
    separator: u8,
}

#[derive(Debug)]
enum Column {
    /// A key of the record that is no fact, or a fact; what its cells may hold beside one value.
    Plain(String, Holds),
    /// Something about a fact; what its cells may hold.
    Evidence(String, String, Holds),
    /// A field of the item at this place of a list, or something about the field.
    Item(String, usize, String, Option<String>),
    /// Not of interest.
    Ignored,
    /// Without a name, as spreadsheets leave them: its cells must be empty.
    Unnamed,
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
    /// A list of codes, as JSON or joined by `;` or `,`, which no code contains.
    Codes,
}

/// What stands between the cells of a list, by its header: a comma, or else a semicolon (as spreadsheets write where the comma
/// is the decimal point) or a tab, if there are more of them.
#[must_use]
pub fn separator(header: &[u8]) -> u8 {
    let outside = |separator: u8| {
        let mut quoted = false;
        let separates = |byte: &&u8| {
            quoted ^= **byte == b'"';
            **byte == separator && !quoted
        };
        header.iter().filter(separates).count()
    };
    // Of equals, the last counts.
    [b'\t', b';', b',']
        .into_iter()
        .max_by_key(|separator| outside(*separator))
        .unwrap_or(b',')
}

/// A separator's name.
fn named(separator: u8) -> &'static str {
    match separator {
        b';' => "semicolon",
        b'\t' => "tab",
        _ => "comma",
    }
}

/// The names of the columns of a header.
#[must_use]
pub fn names(header: &Source) -> Vec<String> {
    cells(&header.text, separator(header.text.as_bytes()))
        .into_iter()
        .map(|(name, _)| name.trim().to_owned())
        .collect()
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
    pub fn new(
        header: &Arc<Source>,
        facts: &Facts,
        options: &ColumnOptions,
    ) -> Result<Self, Vec<Diagnostic>> {
        let (mut columns, mut problems, mut seen) = (Vec::new(), Vec::new(), Vec::new());
        let separator = separator(header.text.as_bytes());
        if let Some(message) = input::misquoted(header.text.as_bytes(), separator) {
            return Err(vec![
                Diagnostic::error(format!("the header: {message}")).at(header, 0..0),
            ]);
        }
        for (name, span) in cells(&header.text, separator) {
            let name = name.trim().to_owned();
            let renamed = options
                .renamed
                .iter()
                .find(|(old, _)| *old == name)
                .map_or(name.clone(), |(_, new)| new.clone());
            if options.ignored.contains(&name) {
                columns.push(Column::Ignored);
                continue;
            }
            if renamed.is_empty() {
                columns.push(Column::Unnamed);
                continue;
            }
            if seen.contains(&renamed) {
                let help = match options.renamed.iter().find(|(_, new)| *new == renamed) {
                    Some((old, new)) => format!(
                        "--rename makes `{old}` another `{new}`; --ignore-column leaves one of them out"
                    ),
                    None => {
                        "give one of them another name; --ignore-column leaves both out".to_owned()
                    }
                };
                problems.push(
                    Diagnostic::error(format!("two columns are called `{renamed}`"))
                        .at(header, span)
                        .help(help),
                );
                continue;
            }
            match column(&renamed, facts) {
                Some(column) => columns.push(column),
                None => {
                    let near = meant(&renamed, facts);
                    let asked = near
                        .as_ref()
                        .map_or(String::new(), |near| format!("did you mean `{near}`? "));
                    let instead = near.as_deref().unwrap_or("NAME");
                    let (rename, ignore) =
                        (for_shell(&format!("{name}={instead}")), for_shell(&name));
                    let help = format!(
                        "{asked}--rename {rename} reads it as that, --ignore-column {ignore} leaves it out"
                    );
                    problems.push(
                        Diagnostic::error(format!("the trial declares no `{renamed}`"))
                            .at(header, span)
                            .help(help),
                    );
                }
            }
            seen.push(renamed);
        }
        if problems.is_empty() {
            Ok(Self { columns, separator })
        } else {
            Err(problems)
        }
    }

    /// A row as the document that the same record would be, and what is wrong with the row as a whole or with JSON in a cell,
    /// which the document leaves out.
    #[must_use]
    pub fn document(&self, row: &Arc<Source>) -> (Node, Vec<Diagnostic>) {
        let unreadable = |problem| (map(0..0, []), vec![problem]);
        if row
            .text
            .bytes()
            .filter(|byte| *byte == self.separator)
            .count()
            > MOST_PARTS
            && spans(&row.text, self.separator).len() > MOST_PARTS
        {
            return unreadable(too_many("cells in a row", row, 0..0));
        }
        let cells = cells(&row.text, self.separator);
        if cells.len() != self.columns.len() {
            let s = if cells.len() == 1 { "" } else { "s" };
            let message = format!(
                "the row has {} cell{s}, the header {}",
                cells.len(),
                self.columns.len()
            );
            let help = if cells.len() < self.columns.len() {
                "the last cells are missing; empty ones count too".to_owned()
            } else {
                format!(
                    "a {} inside a text needs quotes around the text; empty cells at the end count too",
                    named(self.separator)
                )
            };
            return unreadable(Diagnostic::error(message).at(row, 0..0).help(help));
        }
        let (mut record, mut problems): (Vec<Part>, _) = (Vec::new(), Vec::new());
        for (column, (text, span)) in self.columns.iter().zip(cells) {
            let text = text.trim();
            if text.is_empty() {
                continue;
            }
            let mut cell = |path: &str, holds| {
                let node = cell(row, text, &span, holds);
                node.map_err(|problem| {
                    problems.push(Diagnostic {
                        about: Some(path.to_owned()),
                        ..*problem
                    })
                })
                .ok()
            };
            match column {
                Column::Ignored => {}
                Column::Unnamed => {
                    let help = "give the column a name in the header, or empty the cell";
                    problems.push(
                        Diagnostic::error("the cell stands in a column without a name")
                            .at(row, span)
                            .help(help),
                    );
                }
                Column::Plain(path, holds) => {
                    part(&mut record, path, &span).value = cell(path, *holds);
                }
                Column::Evidence(path, name, holds) => {
                    let node = cell(path, *holds).map(|node| (name.clone(), node));
                    part(&mut record, path, &span).about.extend(node);
                }
                Column::Item(path, place, field, about) => {
                    let item = part(&mut record, path, &span)
                        .items
                        .entry(*place)
                        .or_default();
                    let field = part(item, field, &span);
                    let node = scalar(text, &span);
                    match about {
                        None => field.value = Some(node),
                        Some(name) => field.about.push((name.clone(), node)),
                    }
                }
            }
        }
        for part in record
            .iter()
            .filter(|part| part.value.is_some() && !part.items.is_empty())
        {
            let message = format!(
                "`{}` is given in a cell of its own and in columns for its items",
                part.name
            );
            problems.push(
                Diagnostic::error(message)
                    .at(row, part.span.clone())
                    .help("leave one of them empty"),
            );
        }
        (map(0..0, record.into_iter().map(Part::node)), problems)
    }
}

/// What is wrong with the values of a row, said as for a cell, which needs no quotes around bounds.
#[must_use]
pub fn without_quotes(problem: Diagnostic) -> Diagnostic {
    let help = problem
        .help
        .iter()
        .map(|help| help.replace("`\"", "`").replace("\"`", "`"))
        .collect();
    Diagnostic { help, ..problem }
}

/// A word as it is typed: what a shell would take for something else is quoted for it.
fn for_shell(word: &str) -> String {
    let is_plain = |one: char| one.is_alphanumeric() || "._=-/".contains(one);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// No row has more cells, and no cell more values.
const MOST_PARTS: usize = 10_000;

fn too_many(what: &str, row: &Arc<Source>, span: Range<usize>) -> Diagnostic {
    Diagnostic::error(format!("too large: more than {MOST_PARTS} {what}")).at(row, span)
}

fn column(name: &str, facts: &Facts) -> Option<Column> {
    if RESERVED.contains(&name) {
        return Some(Column::Plain(name.to_owned(), Holds::Value));
    }
    let holds = |kind: &Kind| match kind {
        Kind::List(item) => match &**item {
            ItemKind::Single(fact) if matches!(fact.kind, Kind::Code(_)) => Holds::Codes,
            ItemKind::Single(_) => Holds::Values,
            ItemKind::Fields(_) => Holds::Items,
        },
        _ => Holds::Value,
    };
    if let Some(id) = facts.find(name) {
        return Some(Column::Plain(name.to_owned(), holds(&facts.get(id).kind)));
    }
    let (path, last) = name.rsplit_once('.')?;
    if let Some(id) = facts.find(path) {
        let kind = &facts.get(id).kind;
        let holds = if last == "value" {
            holds(kind)
        } else {
            Holds::Value
        };
        return evidence(kind)
            .contains(&last)
            .then(|| Column::Evidence(path.to_owned(), last.to_owned(), holds));
    }
    let of_item = |path: &str, field: &str, about: Option<&str>| {
        let (list, place) = path.rsplit_once('.')?;
        let place = place.parse().ok().filter(|place| *place > 0)?;
        let Kind::List(item) = &facts.get(facts.find(list)?).kind else {
            return None;
        };
        let declared = match (item.field(field), about) {
            (Some((_, fact)), Some(about)) => item_evidence(&fact.kind).contains(&about),
            (Some(_), None) => true,
            (None, about) => {
                about.is_none() && !item.fields().is_empty() && OF_ITEMS.contains(&field)
            }
        };
        declared.then(|| {
            Column::Item(
                list.to_owned(),
                place,
                field.to_owned(),
                about.map(str::to_owned),
            )
        })
    };
    of_item(path, last, None).or_else(|| {
        path.rsplit_once('.')
            .and_then(|(path, field)| of_item(path, field, Some(last)))
    })
}

/// The column that may be meant by one that there is not.
fn meant(name: &str, facts: &Facts) -> Option<String> {
    let lower = name.to_lowercase();
    if column(&lower, facts).is_some() {
        return Some(lower);
    }
    // Of a fact that is declared, something about it is meant.
    if let Some(fact) = facts.find_within(name).map(|id| facts.get(id)) {
        let path = fact.path.as_str();
        let mut about: Vec<String> = evidence(&fact.kind)
            .iter()
            .map(|about| format!("{path}.{about}"))
            .collect();
        if let (Kind::List(item), Some((place, _))) = (
            &fact.kind,
            name.strip_prefix(path)?.strip_prefix('.')?.split_once('.'),
        ) {
            let names = item.fields().iter().map(Fact::name).chain(OF_ITEMS);
            about.extend(
                names
                    .map(|field| format!("{path}.{place}.{field}"))
                    .filter(|name| column(name, facts).is_some()),
            );
        }
        return nearest(name, about.iter().map(String::as_str))
            .or(Some(path))
            .map(str::to_owned);
    }
    let paths = || facts.iter().map(|(_, fact)| fact.path.as_str());
    // What is said about a misspelt fact is not its value.
    let about = lower
        .rsplit_once('.')
        .and_then(|(path, last)| Some(format!("{}.{last}", nearest(path, paths())?)));
    if let Some(about) = about.filter(|about| column(about, facts).is_some()) {
        return Some(about);
    }
    nearest(name, paths().chain(RESERVED)).map(str::to_owned)
}

/// What a row says of one fact, or of one field of an item.
#[derive(Default)]
struct Part {
    name: String,
    span: Range<usize>,
    value: Option<Node>,
    /// Its evidence.
    about: Vec<(String, Node)>,
    /// The items of a list, each with what the row says of its fields.
    items: BTreeMap<usize, Vec<Part>>,
}

/// The part of this name, made if it is not there.
fn part<'p>(parts: &'p mut Vec<Part>, name: &str, span: &Range<usize>) -> &'p mut Part {
    let place = parts
        .iter()
        .position(|part| part.name == name)
        .unwrap_or_else(|| {
            parts.push(Part {
                name: name.to_owned(),
                span: span.clone(),
                ..Part::default()
            });
            parts.len() - 1
        });
    // The place was found or made just now.
    #[expect(
        clippy::indexing_slicing,
        reason = "`position` and `push` both give a place that exists"
    )]
    &mut parts[place]
}

fn map(span: Range<usize>, entries: impl IntoIterator<Item = (String, Node)>) -> Node {
    let keyed = entries
        .into_iter()
        .map(|(name, node)| {
            (
                Key {
                    name,
                    span: node.span.clone(),
                },
                node,
            )
        })
        .collect();
    Node {
        span,
        content: Content::Mapping(keyed),
    }
}

impl Part {
    /// As the record says it: the value alone, or a map of it and what there is about it. A map or a list begins where the first
    /// of its cells does, and is none of them.
    fn node(self) -> (String, Node) {
        let Self {
            name,
            span,
            value,
            about,
            items,
        } = self;
        let start = span.start..span.start;
        let listed = (!items.is_empty()).then(|| {
            let items = items
                .into_values()
                .map(|fields| map(start.clone(), fields.into_iter().map(Self::node)))
                .collect();
            Node {
                span: start.clone(),
                content: Content::Sequence(items),
            }
        });
        let value = listed.or(value);
        let node = match value {
            Some(value) if about.is_empty() => value,
            // An empty cell is not recorded, also where something is said about it.
            None if !about
                .iter()
                .any(|(name, _)| name == "missing" || name == "value") =>
            {
                let null = Node {
                    span: start.clone(),
                    content: Content::Null,
                };
                map(start, [("value".to_owned(), null)].into_iter().chain(about))
            }
            value => map(
                start,
                value
                    .map(|value| ("value".to_owned(), value))
                    .into_iter()
                    .chain(about),
            ),
        };
        (name, node)
    }
}

/// A cell: JSON where it begins like a list, codes joined by `;` where a list of codes is declared, else a scalar.
fn cell(
    row: &Arc<Source>,
    text: &str,
    span: &Range<usize>,
    holds: Holds,
) -> Result<Node, Box<Diagnostic>> {
    if text.starts_with('[') && holds != Holds::Value {
        let inner = Source::new("cell", text);
        let mut node = document::read(&inner, Notation::Json).map_err(|problem| {
            Box::new(
                Diagnostic {
                    place: None,
                    ..*problem
                }
                .at(row, span.clone())
                .help("a list in a cell is JSON, its quotes doubled"),
            )
        })?;
        respan(&mut node, span);
        return Ok(node);
    }
    let joined: &[char] = match holds {
        Holds::Values => &[';'],
        Holds::Codes => &[';', ','],
        Holds::Items if text != "unknown" => {
            let help = "write `[]` if none is known, `unknown` if nobody knows, the items as JSON, or each field in a column of its own";
            return Err(Box::new(
                Diagnostic::error(format!("`{text}` is no list of items"))
                    .at(row, span.clone())
                    .help(help),
            ));
        }
        Holds::Value | Holds::Items => return Ok(scalar(text, span)),
    };
    if text.matches(joined).count() > MOST_PARTS {
        return Err(Box::new(too_many("values in a cell", row, span.clone())));
    }
    let items = text
        .split(joined)
        .map(|value| scalar(value.trim(), span))
        .collect();
    Ok(if text == "unknown" {
        scalar(text, span)
    } else {
        Node {
            span: span.clone(),
            content: Content::Sequence(items),
        }
    })
}

fn scalar(text: &str, span: &Range<usize>) -> Node {
    Node {
        span: span.clone(),
        content: Content::Scalar(Scalar {
            text: text.to_owned(),
            plain: true,
        }),
    }
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
fn cells(text: &str, separator: u8) -> Vec<(String, Range<usize>)> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    // A text in memory that is UTF-8 and one record cannot fail to be read.
    let read = reader.read_record(&mut record).unwrap_or(false);
    if !read {
        return Vec::new();
    }
    let spans = spans(text, separator);
    record
        .iter()
        .zip(spans.into_iter().chain(std::iter::repeat(0..0)))
        .map(|(cell, span)| (cell.to_owned(), span))
        .collect()
}

/// The bytes of each cell of a record. A quote counts where a cell begins, or in a cell that began with one.
fn spans(text: &str, separator: u8) -> Vec<Range<usize>> {
    let (bytes, mut spans, mut start) = (text.as_bytes(), Vec::new(), 0);
    let end = text.trim_end_matches(['\r', '\n']).len();
    loop {
        let rest = bytes.get(start..end).unwrap_or_default();
        let mut quoted = false;
        let separates = |(at, byte): (usize, &u8)| {
            quoted ^= *byte == b'"' && (at == 0 || rest.first() == Some(&b'"'));
            *byte == separator && !quoted
        };
        match rest.iter().enumerate().position(separates) {
            Some(length) => {
                spans.push(start..start + length);
                start += length + 1;
            }
            None => {
                spans.push(start..end.max(start));
                return spans;
            }
        }
    }
}
