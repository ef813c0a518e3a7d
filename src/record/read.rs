//! A record in any notation → a filled buffer, or everything that is wrong with it.

use std::sync::Arc;

use jiff::civil::Date;

use super::Record;
use super::buffer::RecordBuffer;
pub use super::fill::Origin;
use super::fill::{Filled, fill};
use super::intake::cells::{CellRow, Cells, FactCells, Layout, MOST_PARTS};
use super::intake::json::Json;
use super::intake::tree::Tree;
use super::table::FieldTable;
use crate::diagnostic::{Diagnostic, Source};
use crate::document::{self, Node, Notation};
use crate::facts::Facts;

/// From which day a record is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dates {
    /// The screening date that was asked for, whatever the record says.
    pub as_of: Option<Date>,
    /// The screening date of a record that names none.
    pub today: Date,
}

/// Reads a record that was read as a tree.
///
/// # Errors
/// Every error of the record, in the order of the text.
pub fn read(
    source: &Arc<Source>,
    document: &Node,
    trial: &str,
    facts: &Facts,
    dates: Dates,
) -> Result<Record, Vec<Diagnostic>> {
    let table = FieldTable::new(trial, facts);
    let mut buffer = RecordBuffer::new(&table, dates);
    table.read_tree(Origin::of(source), document, dates, &mut buffer)?;
    Ok(buffer.into_record())
}

/// Reads a record in this notation.
///
/// # Errors
/// What makes the text no document of the notation, or every error of the record in the order of the text.
pub fn read_text(
    source: &Arc<Source>,
    notation: Notation,
    trial: &str,
    facts: &Facts,
    dates: Dates,
) -> Result<Record, Vec<Diagnostic>> {
    FieldTable::new(trial, facts).read(source, notation, dates)
}

impl<'s> Origin<'s> {
    /// The text of a source.
    #[must_use]
    pub fn of(source: &'s Arc<Source>) -> Self {
        Self {
            name: &source.name,
            text: &source.text,
            start: source.start,
            source: Some(source),
            cells: None,
        }
    }
}

impl FieldTable<'_> {
    /// Reads a record in this notation.
    ///
    /// # Errors
    /// What makes the text no document of the notation, or every error of the record in the order of the text.
    pub fn read(
        &self,
        source: &Arc<Source>,
        notation: Notation,
        dates: Dates,
    ) -> Result<Record, Vec<Diagnostic>> {
        let mut buffer = RecordBuffer::new(self, dates);
        match notation {
            Notation::Json => self.read_json(Origin::of(source), dates, &mut buffer)?,
            Notation::Yaml => {
                let document = document::read(source, notation).map_err(|error| vec![*error])?;
                self.read_tree(Origin::of(source), &document, dates, &mut buffer)?;
            }
        }
        Ok(buffer.into_record())
    }

    /// Reads JSON into a buffer.
    ///
    /// # Errors
    /// What makes the text no JSON, or every error of the record in the order of the text. The buffer then knows at most whose
    /// record it is.
    pub fn read_json<'s>(
        &self,
        origin: Origin<'s>,
        dates: Dates,
        buffer: &mut RecordBuffer,
    ) -> Result<(), Vec<Diagnostic>> {
        let mut json = Json::new(origin.text);
        let restart = |json: &mut Json<'s>| *json = Json::new(origin.text);
        match fill(self, origin, dates, buffer, &mut json, restart) {
            Filled::Read(problems) => refused_if_any(problems),
            Filled::Broken => {
                buffer.forget_candidate();
                Err(vec![json.explain(&origin.source())])
            }
        }
    }

    /// Reads a document into a buffer.
    ///
    /// # Errors
    /// Every error of the record in the order of the text. The buffer then knows at most whose record it is.
    pub fn read_tree<'s>(
        &self,
        origin: Origin<'s>,
        document: &'s Node,
        dates: Dates,
        buffer: &mut RecordBuffer,
    ) -> Result<(), Vec<Diagnostic>> {
        let mut tree = Tree::new(document);
        let restart = |tree: &mut Tree<'s>| *tree = Tree::new(document);
        match fill(self, origin, dates, buffer, &mut tree, restart) {
            Filled::Read(problems) => refused_if_any(problems),
            Filled::Broken => Err(vec![internal(origin)]),
        }
    }

    /// Reads the cells of a row into a buffer.
    ///
    /// # Errors
    /// What is wrong with the row as a whole, or every error of the record in the order of the row. The buffer then knows at
    /// most whose record it is.
    pub fn read_cells(
        &self,
        origin: Origin<'_>,
        layout: &Layout,
        dates: Dates,
        buffer: &mut RecordBuffer,
    ) -> Result<(), Vec<Diagnostic>> {
        // The intake borrows the cells while the buffer is filled.
        let mut row = std::mem::take(&mut buffer.cells);
        let read = self.read_row(origin, layout, dates, buffer, &mut row);
        buffer.cells = row;
        read
    }

    fn read_row(
        &self,
        origin: Origin<'_>,
        layout: &Layout,
        dates: Dates,
        buffer: &mut RecordBuffer,
        row: &mut CellRow,
    ) -> Result<(), Vec<Diagnostic>> {
        buffer.forget_candidate();
        let Some(split) = row.split(origin.text, layout) else {
            let message = format!("too large: more than {MOST_PARTS} cells in a row");
            return Err(vec![Diagnostic::error(message).at(&origin.source(), 0..0)]);
        };
        buffer.lists = split.hash_of_lists(layout);
        let (text, cells) = (split.text, split.cells);
        if cells.len() != layout.cells {
            // Of a row with too few or too many cells, the first is still where it should be.
            let is_first = |fact: &&FactCells| {
                fact.path == "candidate" && fact.value.is_some_and(|(cell, _)| cell == 0)
            };
            if let Some(name) = cells.first().and_then(|name| text.get(name.clone()))
                && layout.facts.iter().any(|fact| is_first(&fact))
            {
                buffer.candidate.push_str(name);
                buffer.is_named = true;
            }
            return Err(vec![uneven(cells.len(), layout).at(&origin.source(), 0..0)]);
        }
        let mut cells = Cells::new(layout, origin.text, split, self.words.as_ref());
        match fill(self, origin, dates, buffer, &mut cells, Cells::restart) {
            Filled::Broken => Err(vec![internal(origin)]),
            Filled::Read(problems) if problems.is_empty() && cells.problems.is_empty() => Ok(()),
            Filled::Read(problems) => {
                let source = origin.source();
                let of_cells = std::mem::take(&mut cells.problems);
                let mut all: Vec<Diagnostic> = of_cells
                    .into_iter()
                    .map(|problem| problem.at(&cells, &source))
                    .collect();
                all.extend(problems.into_iter().map(for_a_cell));
                Err(all)
            }
        }
    }
}

fn refused_if_any(problems: Vec<Diagnostic>) -> Result<(), Vec<Diagnostic>> {
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

/// A notation whose text was understood before cannot break; if it does, nothing is guessed.
fn internal(origin: Origin<'_>) -> Diagnostic {
    Diagnostic::error("the record cannot be read: an internal error of this program")
        .at(&origin.source(), 0..0)
}

/// What is wrong with a row that has another number of cells than its header.
fn uneven(found: usize, layout: &Layout) -> Diagnostic {
    let s = if found == 1 { "" } else { "s" };
    let message = format!("the row has {found} cell{s}, the header {}", layout.cells);
    let separator = match layout.separator {
        b';' => "semicolon",
        b'\t' => "tab",
        _ => "comma",
    };
    let help = if found < layout.cells {
        "the last cells are missing; empty ones count too".to_owned()
    } else {
        format!(
            "a {separator} inside a text needs quotes around the text; empty cells at the end count too"
        )
    };
    Diagnostic::error(message).help(help)
}

/// What is wrong with the values of a row, said as for a cell, which needs no quotes around bounds.
fn for_a_cell(problem: Diagnostic) -> Diagnostic {
    let help = problem
        .help
        .iter()
        .map(|help| help.replace("`\"", "`").replace("\"`", "`"))
        .collect();
    Diagnostic { help, ..problem }
}
