//! A text of rows → rows of cells, in memory that does not grow with it.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;

use super::Table;
use super::cell::{Begun, Row};
use super::decode::decoded;
use super::header::row_of;
use crate::batch::columns::cells_of;
use crate::batch::{Chunk, Layout, List, Rows, input};
use crate::diagnostic::{Diagnostic, Source, Start};

/// So many rows are looked at for a header that stands further down.
const MOST_ABOVE: usize = 10;

/// The rows of a text.
pub(crate) struct CsvRows {
    list: List<Box<dyn Read + Send>>,
    chunk: Chunk,
    separator: u8,
    /// How many cells the header has.
    width: usize,
    ready: VecDeque<Row>,
}

impl CsvRows {
    /// Reads the header.
    ///
    /// # Errors
    /// As reading the text, if it is no text, or has no header.
    pub fn open(
        table: &Table,
        name: &str,
        reader: Box<dyn Read + Send>,
    ) -> io::Result<Begun<Self>> {
        let reader = decoded(reader, table.encoding)?;
        let first = table.separator.unwrap_or(b',');
        let mut list = List::new(name, reader, Rows::Json, Layout::Records(first));
        let invalid = |message: String| io::Error::new(io::ErrorKind::InvalidData, message);
        if let Some(what) = list.foreign()? {
            return Err(invalid(format!("it {what}")));
        }
        list.set_header_line(table.header_row);
        let header = list
            .header()?
            .ok_or_else(|| invalid(format!("it has no header on row {}", table.header_row)))?;
        let separator = list.separate_by(table.separator).unwrap_or(first);
        if header.text.contains('\u{fffd}') {
            let message = "its header is not UTF-8; if it is Windows-1252, say `encoding: windows-1252` in the source file";
            return Err(invalid(message.to_owned()));
        }
        let below = list.first_rows(MOST_ABOVE);
        let row = |source: &Arc<Source>| row_of(source, cells_of(&source.text, separator));
        let header_row = row(&header);
        let width = header_row.cells.len();
        Ok(Begun {
            header: header_row,
            below: below.iter().map(row).collect(),
            rows: Self {
                list,
                chunk: Chunk::default(),
                separator,
                width,
                ready: VecDeque::new(),
            },
        })
    }

    /// The next row; none at the end.
    ///
    /// # Errors
    /// As reading the text.
    pub fn next(&mut self) -> io::Result<Option<Row>> {
        while self.ready.is_empty() {
            if !self.list.next_chunk(&mut self.chunk)? {
                return Ok(None);
            }
            let (chunk, ready) = (&self.chunk, &mut self.ready);
            chunk.each(|start, bytes| {
                ready.push_back(read(&chunk.name, start, bytes, self.separator, self.width));
            });
        }
        Ok(self.ready.pop_front())
    }
}

fn read(
    name: &str,
    start: Start,
    bytes: Result<&[u8], Diagnostic>,
    separator: u8,
    width: usize,
) -> Row {
    let refused = |problem: Diagnostic| Row {
        source: problem.place.as_ref().map_or_else(
            || Source::starting_at(name, "", start),
            |place| Arc::clone(&place.source),
        ),
        cells: Vec::new(),
        problem: Some(problem),
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(problem) => return refused(problem),
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        let help = "if the table is Windows-1252, say `encoding: windows-1252` in the source file; else save it as UTF-8";
        let problem = input::not_utf8(name, start, bytes);
        return refused(Diagnostic {
            help: vec![help.to_owned()],
            ..problem
        });
    };
    let source = Source::starting_at(name, text, start);
    let mut row = row_of(&source, cells_of(text, separator));
    if row.cells.len() != width {
        row.problem = Some(uneven(&row, separator, width));
    }
    row
}

/// What is wrong with a row that has another number of cells than the header.
fn uneven(row: &Row, separator: u8, width: usize) -> Diagnostic {
    let found = row.cells.len();
    let s = if found == 1 { "" } else { "s" };
    let other = [b',', b';', b'\t']
        .into_iter()
        .find(|other| *other != separator && cells_of(&row.source.text, *other).len() == width);
    let sign = |separator: u8| match separator {
        b'\t' => "a tab".to_owned(),
        other => format!("`{}`", char::from(other)),
    };
    let help = match other {
        Some(other) => format!(
            "its cells are separated by {}, those of the header by {}: the table changes its separator",
            sign(other),
            sign(separator)
        ),
        None if found < width => "the last cells are missing; empty ones count too".to_owned(),
        None => format!(
            "{} inside a text needs quotes around the text; empty cells at the end count too",
            sign(separator)
        ),
    };
    Diagnostic::error(format!("the row has {found} cell{s}, the header {width}"))
        .at(&row.source, 0..0)
        .help(help)
}
