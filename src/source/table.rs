//! A table → records: which columns say what, and how rows make up candidates.

mod cell;
mod columns;
mod csv;
mod decode;
mod header;
mod pivot;
mod records;
mod row;
mod target;
mod workbook;

use std::collections::{HashMap, HashSet};
use std::io::{self, Read};
use std::sync::Arc;

use self::columns::Column;
use self::decode::Encoding;
use self::pivot::Pivot;
use self::row::Constant;
use super::mapped::Text;
use super::rule::{RULE_KEYS, Rule};
use crate::diagnostic::{Place, Source, did_you_mean};
use crate::document::Node;
use crate::facts::{Fact, Facts};
use crate::shape::{Fields, NodeReader};
use crate::trial::Trial;

pub(crate) use self::cell::CellValue;
pub(crate) use self::columns::blank_fact;
pub use self::records::Records;
pub(crate) use self::records::Rows as TableRows;

/// The keys of a source file of this kind.
pub(crate) const KEYS: [&str; 22] = [
    "format",
    "trial",
    "source",
    "sheet",
    "header_row",
    "encoding",
    "separator",
    "candidate",
    "one_row_per",
    "columns",
    "ignore",
    "pivot",
    "with",
    // What is said of all values.
    "missing",
    "ignore_case",
    "fractions",
    "bounds",
    "decimal",
    "thousands",
    "dates",
    "years_from",
    "note",
];

/// How a table is read.
#[derive(Debug)]
pub struct Table {
    /// The sheet of a workbook; without it there must be one alone.
    sheet: Option<String>,
    /// On which row the header stands, counted from 1.
    pub(crate) header_row: usize,
    encoding: Option<Encoding>,
    /// What stands between the cells of a text; without it the header says it.
    separator: Option<u8>,
    /// The column with the pseudonym.
    candidate: Text,
    pub(crate) one_row_per: RowUnit,
    columns: Vec<Column>,
    pivot: Option<Pivot>,
    /// What is said of every candidate.
    constants: Vec<Constant>,
}

/// What one row of a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowUnit {
    /// All that is known of a candidate.
    Candidate,
    /// One of several rows of a candidate.
    Visit,
    /// The same, with one result in it.
    Result,
}

impl Table {
    /// Reads the keys of a table.
    pub(crate) fn compile(
        reader: &mut NodeReader<'_>,
        document: &Node,
        trial: &Trial,
    ) -> Option<Self> {
        let fields = reader.fields(document, "a source file of a table", &KEYS)?;
        let facts = shared_facts(&trial.facts);
        let defaults = Rule::defaults(reader, fields);
        let columns = columns::compile(reader, fields, &facts, &defaults);
        let pivot = pivot::compile(reader, fields, &facts, &defaults);
        let constants = row::constants(reader, fields, &facts);
        let one_row_per = row_unit(reader, fields);
        if pivot.is_some() && one_row_per != RowUnit::Result {
            let span = fields.get("pivot").map(|node| node.span.clone());
            let help = "write `one_row_per: result`".to_owned();
            let message = "`pivot` is for tables with a row for each result";
            reader.error(&span.unwrap_or_default(), message, Some(help));
        }
        if columns.is_empty() && pivot.is_none() && !reader.failed() {
            let message = "a table needs `columns`";
            reader.fault("missing-key", &fields.span(), message, None);
        }
        let candidate = reader.required(fields, "candidate", "a table")?;
        let candidate = Text {
            text: reader.text(candidate, "`candidate`")?.trim().to_owned(),
            place: Place {
                source: Arc::clone(reader.source),
                span: candidate.span.clone(),
            },
        };
        columns::refuse_twice(reader, &candidate, &columns, pivot.as_ref());
        columns::refuse_beside_split(reader, &columns);
        columns::refuse_lone_days(reader, &columns);
        Some(Self {
            sheet: reader.optional_text(fields, "sheet"),
            header_row: header_row(reader, fields),
            encoding: decode::encoding(reader, fields),
            separator: separator(reader, fields),
            candidate,
            one_row_per,
            columns,
            pivot,
            constants,
        })
    }
}

/// A sheet of a workbook as CSV with a line for each row, and the sheet's name; none if these are not the bytes of a workbook.
///
/// # Errors
/// A workbook that cannot be read, or has a cell that cannot.
pub fn sheet_as_csv(
    name: &str,
    mut content: impl Read,
    sheet: Option<String>,
    header_row: usize,
) -> io::Result<Option<(String, Vec<u8>)>> {
    let mut first = Vec::new();
    content.by_ref().take(8).read_to_end(&mut first)?;
    if !workbook::is_workbook(&first) {
        return Ok(None);
    }
    let Some(table) = Table::plain(sheet, header_row, None) else {
        return Ok(None);
    };
    workbook::as_csv(&table, name, io::Cursor::new(first).chain(content)).map(Some)
}

impl Table {
    /// What it reads, in a few words.
    pub(crate) fn summary(&self) -> String {
        let ignored = self
            .columns
            .iter()
            .filter(|column| column.uses.is_empty())
            .count();
        let facts: HashSet<&str> = self
            .columns
            .iter()
            .flat_map(|column| &column.uses)
            .chain(self.pivot.iter().flat_map(Pivot::uses))
            .filter_map(|used| used.target.fact())
            .collect();
        format!(
            "a source of tables: {} columns, {ignored} of them ignored, {} facts",
            self.columns.len() + 1,
            facts.len()
        )
    }

    /// A table of which nothing is said yet; none if there is no such encoding.
    pub(crate) fn plain(
        sheet: Option<String>,
        header_row: usize,
        encoding: Option<&str>,
    ) -> Option<Self> {
        let nowhere = Place {
            source: Source::new("", ""),
            span: 0..0,
        };
        Some(Self {
            sheet,
            header_row,
            encoding: match encoding {
                Some(label) => Some(Encoding::named(label)?),
                None => None,
            },
            separator: None,
            candidate: Text::new("", &nowhere),
            one_row_per: RowUnit::Candidate,
            columns: Vec::new(),
            pivot: None,
            constants: Vec::new(),
        })
    }

    /// Whether only a workbook can be read.
    fn is_of_sheet(&self) -> bool {
        self.sheet.is_some()
    }
}

/// The facts of a trial by their paths, each shared by all that is read of it.
fn shared_facts(facts: &Facts) -> SharedFacts {
    let facts = facts
        .iter()
        .map(|(_, fact)| (fact.path.clone(), Arc::new(fact.clone())));
    SharedFacts(facts.collect())
}

/// The facts of a trial by their paths.
#[derive(Debug)]
pub(crate) struct SharedFacts(HashMap<String, Arc<Fact>>);

impl SharedFacts {
    fn get(&self, path: &str) -> Option<&Arc<Fact>> {
        self.0.get(path)
    }

    /// What to do about a path that no fact has.
    fn suggestion(&self, path: &str) -> Option<String> {
        let mut paths: Vec<&str> = self.0.keys().map(String::as_str).collect();
        paths.sort_unstable();
        did_you_mean(path, paths)
            .or_else(|| Some("`eligo template` shows every fact of the trial".to_owned()))
    }
}

fn row_unit(reader: &mut NodeReader<'_>, fields: Fields<'_>) -> RowUnit {
    const UNITS: [(&str, RowUnit); 3] = [
        ("candidate", RowUnit::Candidate),
        ("visit", RowUnit::Visit),
        ("result", RowUnit::Result),
    ];
    let Some(node) = fields.get("one_row_per") else {
        return RowUnit::Candidate;
    };
    let found = node.scalar().map(|scalar| scalar.text.as_str());
    if let Some((_, unit)) = UNITS.iter().find(|(name, _)| Some(*name) == found) {
        return *unit;
    }
    let help = "write `candidate`, `visit` or `result`; rows of one candidate are joined but for the first".to_owned();
    reader.error(&node.span, "`one_row_per` says what a row is", Some(help));
    RowUnit::Candidate
}

fn header_row(reader: &mut NodeReader<'_>, fields: Fields<'_>) -> usize {
    let Some(node) = fields.get("header_row") else {
        return 1;
    };
    let row = node.scalar().and_then(|scalar| scalar.text.parse().ok());
    row.filter(|row| (1..=1_000).contains(row))
        .unwrap_or_else(|| {
            let message =
                "`header_row` is the number of the row with the names of the columns, 1 to 1000";
            reader.error(&node.span, message, None);
            1
        })
}

fn separator(reader: &mut NodeReader<'_>, fields: Fields<'_>) -> Option<u8> {
    let node = fields.get("separator")?;
    let found = node.scalar().map(|scalar| scalar.text.as_str());
    let separator = match found {
        Some("," | "comma") => b',',
        Some(";" | "semicolon") => b';',
        Some("\t" | "tab") => b'\t',
        Some("|") => b'|',
        _ => {
            let help = "write ',', ';', '|' or tab".to_owned();
            reader.error(
                &node.span,
                "`separator` is what stands between cells",
                Some(help),
            );
            return None;
        }
    };
    Some(separator)
}

/// The keys of a column: what it is, and how its values are read.
pub(crate) fn column_keys() -> Vec<&'static str> {
    let own = [
        "fact", "also", "when", "unless", "value", "item", "with", "split", "complete", "optional",
    ];
    own.into_iter().chain(RULE_KEYS).collect()
}
