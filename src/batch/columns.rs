//! The columns of a CSV list: one a fact, with its evidence in columns of their own.
//!
//! `hepatitis.hbv_dna`, `hepatitis.hbv_dna.date`, `remission.by` with `chemotherapy;car_t` in a cell, `cd22` with JSON in a
//! cell, or `cd22.1.result`, `cd22.1.result.missing`, `cd22.1.note` and so on, one column a field. An empty cell is not
//! recorded. Whatever a record may say, a row of these columns can say too, but for a text without a character.

mod header;

use std::ops::Range;
use std::sync::Arc;

use self::header::Compiler;
pub use self::header::below;
#[cfg(feature = "parquet")]
pub(super) use self::header::leave_out;
use super::input;
use crate::diagnostic::{CellNames, Diagnostic, Source, TableRow};
use crate::facts::{Fact, Facts, ItemKind, Kind, RESERVED};
use crate::record::FieldTable;
use crate::record::intake::cells::{FactCells, Holds, Layout, UNIT_SEPARATOR, spans};
use crate::record::table::{BESIDE_FIELDS, FIELD_KEYS, evidence_keys};

/// What a column may say of a field of an item beside its value.
fn item_evidence(kind: &Kind) -> &'static [&'static str] {
    match kind {
        Kind::Quantity(_) => &["value", "missing", "unit"],
        _ => &["value", "missing"],
    }
}

/// The columns of a list.
#[derive(Debug)]
pub struct Columns {
    layout: Layout,
    /// The cell with the candidate's name.
    candidate: Option<usize>,
    /// The cell with the key.
    key: Option<usize>,
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

impl Column {
    /// The slot of the record that its cells fill; none if they fill none. A value and the `value` beside its evidence are two, of
    /// which a row may fill one.
    fn slot(&self) -> Option<String> {
        match self {
            Self::Plain(path, _) => Some(path.clone()),
            Self::Evidence(path, about, _) => Some(format!("{path}.{about}")),
            Self::Item(list, place, field, about) => {
                let field = format!("{list}.{place}.{field}");
                Some(match about {
                    None => field,
                    Some(about) => format!("{field}.{about}"),
                })
            }
            Self::Ignored | Self::Unnamed => None,
        }
    }
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

/// What stands between the cells of the rows below a header.
fn separator_below(header: &Source) -> u8 {
    match named_columns(header) {
        Some(_) => UNIT_SEPARATOR,
        None => separator(header.text.as_bytes()),
    }
}

/// The names of the columns of a header.
#[must_use]
pub fn names(header: &Source) -> Vec<String> {
    cells(header)
        .into_iter()
        .map(|(name, _)| name.trim().to_owned())
        .collect()
}

/// The header of a table that is no text.
#[must_use]
pub fn header_of(name: &str, columns: &Arc<[String]>) -> Arc<Source> {
    let (mut text, mut cells) = (String::new(), Vec::new());
    for column in columns.iter() {
        if !cells.is_empty() {
            text.push(',');
        }
        cells.push(text.len());
        text.push_str(column);
    }
    let names = CellNames::Columns(Arc::clone(columns));
    Source::row_of_table(name, text, 0, TableRow { names, cells })
}

/// The names of the columns of a table that is no text.
fn named_columns(header: &Source) -> Option<(&[String], &[usize])> {
    match &header.table {
        Some(TableRow {
            names: CellNames::Columns(names),
            cells,
        }) => Some((names, cells)),
        _ => None,
    }
}

/// What to do with columns that a trial does not declare.
#[derive(Debug, Clone, Default)]
pub struct ColumnOptions {
    /// Columns that are not read.
    pub ignored: Vec<String>,
    /// Columns that are called otherwise in the trial: the name in the list, the name in the trial.
    pub renamed: Vec<(String, String)>,
    /// The column that is the key, by its name in the list. It need not be declared.
    pub key: Option<String>,
}

impl Columns {
    /// Reads a header.
    ///
    /// # Errors
    /// Every column that the trial does not declare, and every two that lead to one slot of the record.
    pub fn new(
        header: &Arc<Source>,
        facts: &Facts,
        options: &ColumnOptions,
    ) -> Result<Self, Vec<Diagnostic>> {
        let separator = separator_below(header);
        let is_text = separator != UNIT_SEPARATOR;
        if let Some(message) = input::misquoted(header.text.as_bytes(), separator)
            && is_text
        {
            return Err(vec![
                Diagnostic::error(format!("the header: {message}")).at(header, 0..0),
            ]);
        }
        let compiler = Compiler::new(header, facts, options);
        let problems = compiler.problems();
        if problems.is_empty() {
            let key = compiler.key();
            let columns = compiler.columns.into_iter();
            let columns: Vec<Column> = columns.filter_map(|named| named.column).collect();
            let layout = laid_out(&columns, separator, facts);
            let mut facts = layout.facts.iter();
            let candidate = facts.find(|fact| fact.path == "candidate");
            let candidate = candidate.and_then(|fact| Some(fact.value?.0));
            Ok(Self {
                layout,
                candidate,
                key,
            })
        } else {
            Err(problems)
        }
    }

    /// Whether the cells of a column hold one value and no list.
    #[cfg(feature = "parquet")]
    pub(super) fn is_one_value(&self, column: usize) -> bool {
        self.layout
            .facts
            .iter()
            .any(|fact| fact.is_one_value(column))
    }

    /// Whether the cells of a column are read.
    #[cfg(feature = "parquet")]
    pub(super) fn is_read(&self, column: usize) -> bool {
        self.layout.is_read(column)
    }

    /// Which cells of a row make up which value.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The cell with the candidate's name, if there is one.
    #[must_use]
    pub(super) fn candidate(&self) -> Option<usize> {
        self.candidate
    }

    /// The cell with the key, if there is one.
    #[must_use]
    pub(super) fn key(&self) -> Option<usize> {
        self.key
    }

    /// The list that stands first in the columns, if any does.
    #[must_use]
    pub(super) fn first_list(&self) -> Option<&str> {
        let list = self.layout.facts.iter().find(|fact| fact.is_list());
        list.map(|fact| fact.path.as_str())
    }
}

/// The number of an item, which is written as numbers print: `01` and `+1` would be further names of one item.
fn place_of_item(text: &str) -> Option<usize> {
    let place: usize = text.parse().ok().filter(|place| *place > 0)?;
    (place.to_string() == text).then_some(place)
}

/// What the column of this name holds; none if the trial declares no such column.
fn column(name: &str, facts: &Facts) -> Option<Column> {
    if RESERVED.contains(&name) {
        return Some(Column::Plain(name.to_owned(), Holds::Value));
    }
    let holds = |kind: &Kind| match kind {
        Kind::List(item) => match &**item {
            ItemKind::Single(fact) if matches!(fact.kind, Kind::Code(_)) => Holds::Codes,
            ItemKind::Single(_) => Holds::Values,
            ItemKind::Fields(_) => match item.alone() {
                Some(field) if matches!(field.kind, Kind::Code(_)) => Holds::Codes,
                _ => Holds::Items,
            },
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
        return evidence_keys(kind)
            .contains(&last)
            .then(|| Column::Evidence(path.to_owned(), last.to_owned(), holds));
    }
    let of_item = |path: &str, field: &str, about: Option<&str>| {
        let (list, place) = path.rsplit_once('.')?;
        let place = place_of_item(place)?;
        let Kind::List(item) = &facts.get(facts.find(list)?).kind else {
            return None;
        };
        let declared = match (item.field(field), about) {
            (Some((_, fact)), Some(about)) => item_evidence(&fact.kind).contains(&about),
            (Some(_), None) => true,
            (None, about) => {
                about.is_none() && !item.fields().is_empty() && BESIDE_FIELDS.contains(&field)
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

/// Which cells of a row make up which value, by their columns.
fn laid_out(columns: &[Column], separator: u8, facts: &Facts) -> Layout {
    let table = FieldTable::new("", facts);
    let mut layout = Layout::new(columns.len(), separator);
    for (cell, column) in columns.iter().enumerate() {
        let (path, holds) = match column {
            Column::Ignored => continue,
            Column::Unnamed => {
                layout.unnamed.push(cell);
                continue;
            }
            Column::Plain(path, holds) | Column::Evidence(path, _, holds) => (path, *holds),
            Column::Item(path, ..) => (path, Holds::Value),
        };
        let Some(key) = table.key_of(path) else {
            continue;
        };
        let place = layout.facts.iter().position(|fact| fact.key == key);
        let place = place.unwrap_or_else(|| {
            layout.facts.push(FactCells::new(path, key));
            layout.facts.len() - 1
        });
        let Some(fact) = layout.facts.get_mut(place) else {
            continue;
        };
        let kind = facts.find(path).map(|id| &facts.get(id).kind);
        match (column, kind) {
            (Column::Plain(..), _) => fact.value = Some((cell, holds)),
            (Column::Evidence(_, name, _), Some(kind)) => {
                let key = evidence_keys(kind).iter().position(|key| key == name);
                fact.beside.extend(key.map(|key| (key, cell, holds)));
            }
            (Column::Item(_, number, name, about), Some(Kind::List(kind))) => {
                let mut names = kind.fields().iter().map(Fact::name).chain(BESIDE_FIELDS);
                if let Some(key) = names.position(|field| field == name) {
                    let field = fact.item(*number).field(key);
                    match about {
                        None => field.value = Some(cell),
                        Some(about) => {
                            let key = FIELD_KEYS.iter().position(|key| key == about);
                            field.beside.extend(key.map(|key| (key, cell)));
                        }
                    }
                }
            }
            _ => {}
        }
    }
    layout.note_owners();
    layout
}

/// The names in a header, each with its bytes in the text.
fn cells(header: &Source) -> Vec<(String, Range<usize>)> {
    if let Some((names, starts)) = named_columns(header) {
        let spans = names
            .iter()
            .zip(starts)
            .map(|(name, start)| (name.clone(), *start..start + name.len()));
        return spans.collect();
    }
    cells_of(&header.text, separator_below(header))
}

/// The cells of a record, each with its bytes in the text.
pub(crate) fn cells_of(text: &str, separator: u8) -> Vec<(String, Range<usize>)> {
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
