//! The header of a table → what each cell below it is.

use std::ops::Range;
use std::sync::Arc;

use super::Table;
use super::cell::Row;
use crate::diagnostic::{Diagnostic, Place, Source, did_you_mean};

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The pseudonym.
    Candidate,
    /// A column of the source file.
    Column(usize),
    /// The name of a test.
    Test,
    /// Its result.
    Result,
    /// What stands beside the result.
    Beside(usize),
    /// A column without a name: its cells must be empty.
    Unnamed,
}

/// The header of a table.
#[derive(Debug)]
pub(crate) struct Header {
    /// For each cell of a row, the column's name and what it is.
    pub cells: Vec<(String, Role)>,
}

/// A column as it is called, whatever blanks and line breaks stand in its name.
fn plain(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Header {
    /// Looks what each column is. `below` are the first rows under the header, in case that it is none.
    ///
    /// # Errors
    /// All columns that are neither mapped nor ignored, columns that are not there, and names that stand twice.
    pub fn new(table: &Table, row: &Row, below: &[Row]) -> Result<Self, Vec<Diagnostic>> {
        let names: Vec<String> = row.cells.iter().map(|cell| plain(cell.text())).collect();
        let mut problems = Vec::new();
        let mut cells = Vec::new();
        let mut unknown: Vec<usize> = Vec::new();
        for (at, name) in names.iter().enumerate() {
            let role = match table.role(name) {
                _ if name.is_empty() => Role::Unnamed,
                Some(role) => role,
                None => {
                    unknown.push(at);
                    Role::Unnamed
                }
            };
            let is_ignored = matches!(role, Role::Column(at) if table.columns.get(at).is_some_and(|column| column.uses.is_empty()));
            if !name.is_empty()
                && !is_ignored
                && names.iter().take(at).any(|before| before == name)
                && let Some(cell) = row.cells.get(at)
            {
                let place = row.place(cell);
                let problem = Diagnostic::error(format!("column `{name}` stands twice"))
                    .at(&place.source, place.span)
                    .help("give the two different names, or leave one out of the table");
                problems.push(problem);
            }
            cells.push((name.clone(), role));
        }
        if let Some(problem) = neither(row, &names, &unknown) {
            problems.push(problem);
        }
        let absent: Vec<(&str, &Place)> = table
            .named()
            .filter(|(name, _)| !names.contains(&plain(name)))
            .collect();
        if let Some(problem) = looks_like_header(table, row, absent.len(), below) {
            return Err(vec![problem]);
        }
        for (name, place) in absent {
            let help = did_you_mean(name, names.iter().map(String::as_str)).or_else(|| {
                Some("a column that a table may be without is `optional: yes`".to_owned())
            });
            let message = format!("`{}` has no column `{name}`", row.source.name);
            let problem = Diagnostic::error(message)
                .at(&place.source, place.span.clone())
                .help_if(help);
            problems.push(problem);
        }
        match problems.is_empty() {
            true => Ok(Self { cells }),
            false => Err(problems),
        }
    }
}

/// One error that names all columns of which the source file says nothing.
fn neither(row: &Row, names: &[String], unknown: &[usize]) -> Option<Diagnostic> {
    let first = row.cells.get(*unknown.first()?)?;
    let unknown: Vec<&str> = unknown
        .iter()
        .filter_map(|at| names.get(*at).map(String::as_str))
        .collect();
    let place = row.place(first);
    let (count, are) = match unknown.len() {
        1 => ("a column".to_owned(), "is"),
        count => (format!("{count} columns"), "are"),
    };
    let message = format!(
        "{count} {are} neither mapped nor ignored: `{}`",
        unknown.join("`, `")
    );
    let quoted: Vec<String> = unknown
        .iter()
        .map(|name| format!("'{}'", name.replace('\'', "''")))
        .collect();
    let help = format!(
        "say in `columns` which fact each holds, or leave it out: `ignore: [{}]`",
        quoted.join(", ")
    );
    Some(
        Diagnostic::error(message)
            .at(&place.source, place.span)
            .help(help),
    )
}

/// The row below that has more of the source file's columns than what was taken for the header.
fn looks_like_header(table: &Table, row: &Row, absent: usize, below: &[Row]) -> Option<Diagnostic> {
    let wanted = table.named().count();
    let found = wanted - absent.min(wanted);
    let count = |row: &Row| {
        let names: Vec<String> = row.cells.iter().map(|cell| plain(cell.text())).collect();
        table
            .named()
            .filter(|(name, _)| names.contains(&plain(name)))
            .count()
    };
    let (number, better) = below
        .iter()
        .map(|row| (row.source.start.line, row, count(row)))
        .max_by_key(|(.., count)| *count)
        .filter(|(.., count)| *count > found && *count * 2 >= wanted)
        .map(|(number, row, _)| (number, row))?;
    let place = better.start();
    let message = format!(
        "row {number} looks like the header, and the source file takes row {} for it",
        row.source.start.line
    );
    Some(
        Diagnostic::error(message)
            .at(&place.source, place.span)
            .help(format!("write `header_row: {number}` in the source file")),
    )
}

impl Table {
    /// The columns that a table must have, and where the source file names them.
    fn named(&self) -> impl Iterator<Item = (&str, &Place)> {
        let columns = self.columns.iter().filter(|column| !column.is_optional);
        let columns = columns.map(|column| (column.name.as_str(), &column.place));
        let pivot = self.pivot.iter().flat_map(super::pivot::Pivot::columns);
        [(self.candidate.text.as_str(), &self.candidate.place)]
            .into_iter()
            .chain(columns)
            .chain(pivot)
    }

    fn role(&self, name: &str) -> Option<Role> {
        let is = |wanted: &str| plain(wanted) == name;
        if is(&self.candidate.text) {
            return Some(Role::Candidate);
        }
        if let Some(pivot) = &self.pivot {
            if is(&pivot.test.text) {
                return Some(Role::Test);
            }
            if is(&pivot.value.text) {
                return Some(Role::Result);
            }
            let mut beside = pivot.beside.iter();
            if let Some(at) = beside.position(|(_, column)| is(&column.text)) {
                return Some(Role::Beside(at));
            }
        }
        let at = self.columns.iter().position(|column| is(&column.name))?;
        Some(Role::Column(at))
    }
}

/// A text of one line as a row of a table.
pub(crate) fn row_of(source: &Arc<Source>, cells: Vec<(String, Range<usize>)>) -> Row {
    let cells = cells.into_iter().map(|(text, span)| super::cell::Cell {
        span,
        value: match text.trim().is_empty() {
            true => super::cell::CellValue::Empty,
            false => super::cell::CellValue::Text(text),
        },
    });
    Row {
        source: Arc::clone(source),
        cells: cells.collect(),
        problem: None,
    }
}
