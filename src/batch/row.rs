//! A row of a list → what is known of a candidate.

use std::sync::Arc;

use super::input::{self, Made};
use super::{Chunk, Rows};
use crate::diagnostic::{CellNames, Diagnostic, Source, Start};
use crate::document::{self, Notation};
use crate::record::{Dates, FieldTable, Origin, RecordBuffer};

/// A row, and what it is from.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowText<'r> {
    /// The list, as messages name it.
    pub name: &'r str,
    /// What it is written in.
    pub rows: &'r Rows,
    /// Of a row that was made from a source, where it comes from.
    pub made: Option<&'r Made>,
    /// Of CSV that was made from another table, how that names its cells.
    pub cells: Option<&'r CellNames>,
    /// Where it begins.
    pub start: Start,
    /// What it says.
    pub bytes: &'r [u8],
}

impl RowText<'_> {
    /// The row as a source.
    pub fn source(&self) -> Arc<Source> {
        let text = String::from_utf8_lossy(self.bytes);
        let origin = Origin {
            name: self.name,
            text: text.strip_prefix('\u{feff}').unwrap_or(&text),
            start: self.start,
            source: None,
            cells: match self.rows {
                Rows::Csv(columns) => self.cells.map(|names| (names, columns.layout().separator)),
                _ => None,
            },
        };
        origin.source()
    }

    /// Something that is wrong with the row as a whole, by what of it.
    pub fn problem(&self, about: &str, message: String) -> Diagnostic {
        let problem = Diagnostic::error(message).at(&self.source(), 0..0);
        Diagnostic {
            about: Some(about.to_owned()),
            ..match self.made {
                Some(made) => made.map.relocate(problem),
                None => problem,
            }
        }
    }
}

/// Reads row after row for one trial, in memory of its own.
pub struct RowReader<'t> {
    table: &'t FieldTable<'t>,
    dates: Dates,
    /// What is known by the row that was read last.
    pub record: RecordBuffer,
}

impl<'t> RowReader<'t> {
    /// A reader of the trial's records.
    #[must_use]
    pub fn new(table: &'t FieldTable<'t>, dates: Dates) -> Self {
        Self {
            table,
            dates,
            record: RecordBuffer::new(table, dates),
        }
    }

    /// Fills the buffer from the chunk's row of this number, counted from 0.
    ///
    /// # Errors
    /// Everything that is wrong with the row.
    pub fn read(
        &mut self,
        chunk: &Chunk,
        rows: &Rows,
        (number, start): (usize, Start),
        bytes: &[u8],
    ) -> Result<(), Vec<Diagnostic>> {
        let row = RowText {
            name: &chunk.name,
            rows,
            made: chunk.made(number),
            cells: chunk.cell_names(),
            start,
            bytes,
        };
        self.read_row(row, self.dates)
    }

    /// From which day records are looked at.
    #[must_use]
    pub(super) fn dates(&self) -> Dates {
        self.dates
    }

    /// Fills the buffer from a row, looked at from another day.
    ///
    /// # Errors
    /// Everything that is wrong with the row.
    pub(super) fn read_row(
        &mut self,
        row: RowText<'_>,
        dates: Dates,
    ) -> Result<(), Vec<Diagnostic>> {
        let RowText {
            name,
            rows,
            made,
            cells,
            start,
            bytes,
        } = row;
        self.record.forget_candidate();
        let Ok(text) = std::str::from_utf8(bytes) else {
            let problem = input::not_utf8(name, start, bytes);
            let is_csv = matches!(rows, Rows::Csv(_));
            return Err(vec![problem.help_if(is_csv.then(|| {
                "a spreadsheet offers `CSV UTF-8` when it saves a list".to_owned()
            }))]);
        };
        let origin = Origin {
            name,
            text: text.strip_prefix('\u{feff}').unwrap_or(text),
            start,
            source: None,
            cells: None,
        };
        let (table, record) = (self.table, &mut self.record);
        match rows {
            Rows::Json => table.read_json(origin, dates, record),
            Rows::Made => {
                let read = table.read_json(origin, dates, record);
                let Some(Made { map, problems }) = made else {
                    return read;
                };
                let refused = read.err().unwrap_or_default();
                let refused = refused.into_iter().map(|problem| map.relocate(problem));
                let all: Vec<Diagnostic> = problems.iter().cloned().chain(refused).collect();
                match all.is_empty() {
                    true => Ok(()),
                    false => Err(all),
                }
            }
            Rows::Csv(columns) => {
                let layout = columns.layout();
                let cells = cells.map(|names| (names, layout.separator));
                table.read_cells(Origin { cells, ..origin }, layout, dates, record)
            }
            Rows::Yaml => {
                let source = Source::starting_at(origin.name, origin.text, start);
                let document =
                    document::read(&source, Notation::Yaml).map_err(|problem| vec![*problem])?;
                table.read_tree(Origin::of(&source), &document, dates, record)
            }
        }
    }
}
