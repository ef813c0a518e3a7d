//! A list → chunks of rows, in memory that does not grow with the list.
//!
//! A chunk is about a quarter of a megabyte of the list's own bytes and knows where its rows are: one a line, one an element of a
//! JSON array, one a YAML document, one a CSV record, or one a file.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use memchr::{memchr, memchr_iter, memchr2, memchr3, memrchr, memrchr2};

use super::MAX_ROW;
#[cfg(feature = "parquet")]
use super::arrow::BatchRows;
use super::buffer::Buffer;
use super::columns::{self, Columns};
use crate::diagnostic::{CellNames, Diagnostic, Source, SourceMap, Start};
use crate::record::intake::cells::{UNIT_SEPARATOR, row_of_table};

/// How many bytes tell what a file is.
const MAGIC: usize = 8;
/// How much of a list is one chunk.
pub(super) const BLOCK: usize = 256 * 1024;
/// How many rows a chunk has at most, since something is held for each; where every row is a line, nothing is.
pub(super) const MOST_ROWS: usize = 8 * 1024;

/// What a row is written in.
#[derive(Debug, Clone, Default)]
pub enum Rows {
    /// A JSON value.
    #[default]
    Json,
    /// A YAML document.
    Yaml,
    /// A CSV record under these columns.
    Csv(Arc<Columns>),
    /// A JSON value that was made from a source, in which messages tell where something stands.
    Made,
}

/// Where one row ends and the next begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One a line.
    Lines,
    /// One an element of a JSON array.
    Array,
    /// YAML documents between lines of `---`.
    Documents,
    /// CSV records with this between their cells, which the header decides. They may hold line breaks in quotes.
    Records(u8),
    /// The whole input is one row.
    Whole,
}

impl Layout {
    /// A row without the blanks at its end.
    fn without_end(self, row: &[u8]) -> &[u8] {
        let mut row = row;
        while let [before @ .., last] = row
            && last.is_ascii_whitespace()
            && self != Self::Records(*last)
        {
            row = before;
        }
        row
    }
}

/// Part of a list.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The list's name in messages.
    pub name: Arc<str>,
    /// What its rows are written in.
    pub rows: Rows,
    bytes: Buffer,
    /// The line on which the bytes begin, where every row is a line.
    lines: Option<usize>,
    /// The rows, where they are not.
    found: Vec<Found>,
    /// Of CSV, the row before the first and the one behind the last, each with its line: they may be of the same
    /// candidate.
    before: Option<(usize, Vec<u8>)>,
    behind: Option<(usize, Vec<u8>)>,
    /// Of rows that were made from a source, where each comes from.
    made: Vec<Made>,
    /// Of CSV that was made from another table, how that names its cells.
    cells: Option<CellNames>,
    /// Rows of a table in Arrow, which are written as cells by who looks at them.
    #[cfg(feature = "parquet")]
    batch: Option<BatchRows>,
}

/// Where a row comes from that was made from a source.
#[derive(Debug)]
pub(crate) struct Made {
    /// Where its parts stand in the source.
    pub map: SourceMap,
    /// What is wrong with the source.
    pub problems: Vec<Diagnostic>,
}

/// A row of a chunk.
#[derive(Debug)]
struct Found {
    start: Start,
    /// Which element of a JSON array it is, counted from 1.
    element: Option<usize>,
    row: Result<Range<usize>, String>,
}

impl Chunk {
    /// Which element of a JSON array, counted from 1, the chunk's row of this number is, counted from 0.
    pub(crate) fn element(&self, row: usize) -> Option<usize> {
        self.found.get(row)?.element
    }

    /// How many rows it has, where they are not lines.
    pub(super) fn len(&self) -> usize {
        self.found.len()
    }

    /// Of CSV, the row at a place, with its line: at 0 that before the first one, then all rows, then that behind the last.
    pub(super) fn beside(&self, place: usize) -> Option<(usize, &[u8])> {
        let Some(number) = place.checked_sub(1) else {
            return self.before.as_ref().map(|(line, row)| (*line, &**row));
        };
        let Some(Found { start, row, .. }) = self.found.get(number) else {
            return self.behind.as_ref().map(|(line, row)| (*line, &**row));
        };
        let row = self.bytes.get(row.clone().ok()?)?;
        Some((start.line, row))
    }

    /// The last row among what is carried, with its line.
    fn last_row(&self, carried: &[u8]) -> Option<(usize, Vec<u8>)> {
        let Found { start, row, .. } = self.found.last()?;
        let row = carried.get(row.clone().ok()?)?;
        Some((start.line, row.to_vec()))
    }

    /// Empties the chunk for rows that are made from something else.
    fn begin(&mut self, name: &Arc<str>, rows: Rows) {
        self.name = Arc::clone(name);
        self.rows = rows;
        self.bytes.truncate(0);
        self.lines = None;
        self.found.clear();
        self.before = None;
        self.behind = None;
        self.made.clear();
        self.cells = None;
        #[cfg(feature = "parquet")]
        {
            self.batch = None;
        }
    }

    /// Empties the chunk for rows that are made from a source.
    pub(crate) fn begin_made(&mut self, name: &Arc<str>) {
        self.begin(name, Rows::Made);
    }

    /// Holds rows of a table in Arrow, which are still to be written as cells.
    #[cfg(feature = "parquet")]
    pub(super) fn hold_batch(
        &mut self,
        name: &Arc<str>,
        rows: &Rows,
        cells: CellNames,
        batch: BatchRows,
    ) {
        self.begin(name, rows.clone());
        self.cells = Some(cells);
        self.batch = Some(batch);
    }

    /// The same chunk with all its rows as text, which is put into `text` if they are not.
    pub(crate) fn written<'c>(&'c self, text: &'c mut Self) -> &'c Self {
        #[cfg(feature = "parquet")]
        if let Some(batch) = &self.batch {
            text.begin(&self.name, self.rows.clone());
            text.cells.clone_from(&self.cells);
            text.before = batch.before();
            text.behind = batch.after();
            batch.write(|number, row| {
                let from = text.bytes.len();
                let row = row.map(|row| {
                    text.bytes.add(row.as_bytes());
                    from..text.bytes.len()
                });
                text.found.push(Found {
                    start: Start::of_line(number),
                    element: None,
                    row,
                });
            });
            return text;
        }
        let _ = text;
        self
    }

    /// Adds a row; `write` appends its JSON to a text.
    pub(crate) fn add_made(
        &mut self,
        write: impl FnOnce(&mut String) -> SourceMap,
        problems: &[Diagnostic],
    ) {
        let mut text = String::new();
        let map = write(&mut text);
        let (line, column) = map.whole.line_column();
        let from = self.bytes.len();
        self.bytes.add(text.as_bytes());
        self.found.push(Found {
            start: Start { line, column },
            element: None,
            row: match text.len() > MAX_ROW {
                true => Err(too_long()),
                false => Ok(from..self.bytes.len()),
            },
        });
        self.made.push(Made {
            map,
            problems: problems.to_vec(),
        });
    }

    /// Of CSV that was made from another table, how that names its cells.
    pub(crate) fn cell_names(&self) -> Option<&CellNames> {
        self.cells.as_ref()
    }

    /// Where the row of this number comes from, counted from 0.
    pub(crate) fn made(&self, row: usize) -> Option<&Made> {
        self.made.get(row)
    }

    /// Takes out where its rows come from.
    pub(super) fn take_made(&mut self) -> Vec<Made> {
        std::mem::take(&mut self.made)
    }

    /// Whether there is room for no more rows.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes.len() >= BLOCK || self.found.len() >= MOST_ROWS
    }

    /// Whether there are no rows.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Calls `visit` with the place and the bytes of every row, or what is wrong with it as a whole.
    pub fn each(&self, mut visit: impl FnMut(Start, Result<&[u8], Diagnostic>)) {
        let wrong = |start: Start, message: &str| {
            let source = match &self.cells {
                Some(names) => row_of_table(&self.name, start.line, "", names, UNIT_SEPARATOR),
                None => Source::starting_at(&*self.name, "", start),
            };
            Diagnostic::error(message).at(&source, 0..0)
        };
        if let Some(first) = self.lines {
            let mut start = 0;
            // What stands behind the last line break is a line if there is anything.
            for (place, end) in (first..).map(Start::of_line).zip(
                memchr_iter(b'\n', &self.bytes)
                    .map(|at| at + 1)
                    .chain([self.bytes.len()]),
            ) {
                let row = self.bytes.get(start..end).unwrap_or_default();
                start = end;
                if row.len() > MAX_ROW {
                    visit(place, Err(wrong(place, &too_long())));
                } else if !blank(row, Layout::Lines) {
                    visit(place, Ok(row.trim_ascii_end()));
                }
            }
        }
        for found in &self.found {
            match &found.row {
                Ok(range) => visit(
                    found.start,
                    Ok(self.bytes.get(range.clone()).unwrap_or_default()),
                ),
                Err(message) => visit(found.start, Err(wrong(found.start, message))),
            }
        }
    }
}

/// A row whose bytes are not UTF-8, with the place of the first that is not.
#[must_use]
pub fn not_utf8(name: &str, start: Start, bytes: &[u8]) -> Diagnostic {
    match crate::diagnostic::decode(name, bytes.to_vec()) {
        Err(problem) => {
            let place = problem.place.clone().map(|place| {
                (
                    Source::starting_at(name, place.source.text.clone(), start),
                    place.span,
                )
            });
            match place {
                Some((source, span)) => problem.at(&source, span),
                None => *problem,
            }
        }
        Ok(_) => Diagnostic::error("the row is not valid UTF-8"),
    }
}

/// A list being read.
pub struct List<R> {
    name: Arc<str>,
    reader: R,
    rows: Rows,
    layout: Layout,
    /// What was read and is not in a chunk yet.
    carry: Buffer,
    /// Where `carry` begins.
    start: Start,
    ended: bool,
    /// Whether nothing more is to be said of the list.
    done: bool,
    /// Whether the header is still to be passed over.
    behind_header: bool,
    /// On which line the header stands, or above it if these are blank.
    header_line: usize,
    array: Array,
    /// How many elements of it are in chunks.
    elements: usize,
    /// Of CSV, the last row that is in a chunk, with its line.
    last_row: Option<(usize, Vec<u8>)>,
    /// Of CSV that was made from a sheet, how its cells are named.
    cells: Option<CellNames>,
}

/// How far a JSON array was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Array {
    /// Nothing yet.
    Before,
    /// Behind `[`.
    Opened,
    /// Behind an element.
    Element,
    /// Behind a comma.
    Comma,
    /// Among records that stand there without an array around them.
    Bare,
    /// Behind `]`.
    Closed,
    /// Behind something that is no JSON array; the rest is not looked at.
    Broken,
}

impl<R: Read> List<R> {
    /// A list of rows of one kind.
    pub fn new(name: &str, reader: R, rows: Rows, layout: Layout) -> Self {
        Self {
            name: name.into(),
            reader,
            rows,
            layout,
            carry: Buffer::default(),
            start: Start::OF_FILE,
            ended: false,
            done: false,
            behind_header: false,
            header_line: 1,
            array: Array::Before,
            elements: 0,
            last_row: None,
            cells: None,
        }
    }

    /// How messages name it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the list is where it is no text, and what to do about it, by its first bytes.
    ///
    /// # Errors
    /// As reading the list.
    pub fn foreign(&mut self) -> io::Result<Option<&'static str>> {
        if self.carry.is_empty() {
            self.ended = self.carry.read(&mut self.reader, MAGIC)? < MAGIC;
        }
        Ok(foreign(&self.carry))
    }

    /// Whether what was read of the list cannot be the beginning of a JSON record.
    #[must_use]
    pub fn begins_otherwise(&self) -> bool {
        let text = self
            .carry
            .strip_prefix("\u{feff}".as_bytes())
            .unwrap_or(&self.carry)
            .trim_ascii_start();
        text.first().is_some_and(|byte| *byte != b'{')
    }

    /// Reads a block more, if the list has more.
    fn fill(&mut self) -> io::Result<()> {
        if !self.ended {
            self.ended = self.carry.read(&mut self.reader, BLOCK)? < BLOCK;
        }
        Ok(())
    }

    /// The first record of a CSV list: its header.
    ///
    /// # Errors
    /// As reading the list.
    pub fn header(&mut self) -> io::Result<Option<Arc<Source>>> {
        self.fill()?;
        if self.carry.starts_with("\u{feff}".as_bytes()) {
            self.carry.drop_front("\u{feff}".len());
        }
        for _ in 1..self.header_line {
            let line = line_end(&self.carry).unwrap_or(self.carry.len());
            self.carry.drop_front(line);
            self.start = Start::of_line(self.start.line + 1);
        }
        let mut record = self.first_record();
        if record
            .as_ref()
            .is_some_and(|(record, _)| says_separator(record))
        {
            record = self.first_record();
        }
        Ok(record.map(|(header, start)| {
            let separator = columns::separator(&header);
            self.layout = Layout::Records(separator);
            let text = String::from_utf8_lossy(&header);
            let text = text.trim_end_matches(['\r', '\n']);
            match &self.cells {
                Some(names) => row_of_table(&self.name, start.line, text, names, separator),
                None => Source::starting_at(&*self.name, text, start),
            }
        }))
    }

    /// The first rows behind the header, as far as they were read already; they stay where they are.
    #[must_use]
    pub fn first_rows(&self, most: usize) -> Vec<Arc<Source>> {
        let (mut found, mut rows) = (Vec::new(), Vec::new());
        let _ = self.by_ends(&mut found);
        for found in found.into_iter().take(most) {
            let bytes = found.row.ok().and_then(|range| self.carry.get(range));
            let text = String::from_utf8_lossy(bytes.unwrap_or_default());
            rows.push(Source::starting_at(&*self.name, text, found.start));
        }
        rows
    }

    /// The header stands on this line, counted from 1; what stands above it is not looked at.
    pub fn set_header_line(&mut self, line: usize) {
        self.header_line = line;
    }

    /// Takes the first record of what is carried, without the blank lines before it.
    fn first_record(&mut self) -> Option<(Vec<u8>, Start)> {
        let blank = self
            .carry
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let blank = self.carry.get(..blank).unwrap_or_default();
        let blank = memrchr2(b'\n', b'\r', blank).map_or(0, |end| end + 1);
        self.start = behind_records(self.start, self.carry.get(..blank).unwrap_or_default());
        self.carry.drop_front(blank);
        let end = Finder::new(self.layout)
            .find(&self.carry, self.ended)
            .or((self.ended && !self.carry.is_empty()).then_some(self.carry.len()))?;
        let record = self.carry.get(..end).unwrap_or_default().to_vec();
        self.carry.drop_front(end);
        let start = self.start;
        self.start = behind_records(start, &record);
        Some((record, start))
    }

    /// What stands between the cells of a CSV list, which is what its header says unless something else is stated.
    pub(crate) fn separate_by(&mut self, stated: Option<u8>) -> Option<u8> {
        if let (Some(stated), Layout::Records(separator)) = (stated, &mut self.layout) {
            *separator = stated;
        }
        match self.layout {
            Layout::Records(separator) => Some(separator),
            _ => None,
        }
    }

    /// The list is a sheet of this name, with a line of CSV for each of its rows.
    pub fn set_sheet(&mut self, sheet: &str) {
        self.cells = Some(CellNames::Sheet(sheet.into()));
    }

    /// The header is known already: the first record is no row.
    pub fn pass_header(&mut self) {
        self.behind_header = true;
    }

    /// The rows read from now on are of this kind.
    pub fn set_rows(&mut self, rows: Rows) {
        self.rows = rows;
    }

    /// Moves the first `end` bytes of what is carried into a chunk; behind them is `start`.
    fn take(&mut self, end: usize, start: Start, chunk: &mut Chunk) {
        chunk.bytes.hold(self.carry.get(end..).unwrap_or_default());
        self.carry.truncate(end);
        std::mem::swap(&mut self.carry, &mut chunk.bytes);
        self.start = start;
    }

    /// Fills a chunk with the next rows; false at the end. What the chunk held before is gone, and its memory is used again.
    ///
    /// # Errors
    /// As reading the list.
    pub fn next_chunk(&mut self, chunk: &mut Chunk) -> io::Result<bool> {
        chunk.name = Arc::clone(&self.name);
        chunk.rows = self.rows.clone();
        chunk.cells.clone_from(&self.cells);
        #[cfg(feature = "parquet")]
        {
            chunk.batch = None;
        }
        chunk.lines = None;
        chunk.found.clear();
        chunk.before = self.last_row.take();
        chunk.behind = None;
        // The list is read into the chunk's own memory, since whoever reads is the one who will look at it.
        chunk.bytes.hold(&self.carry);
        std::mem::swap(&mut self.carry, &mut chunk.bytes);
        if self.layout == Layout::Whole {
            return Ok(self.whole(chunk));
        }
        if std::mem::take(&mut self.behind_header) {
            self.header()?;
        }
        // Where a chunk had many short rows, there are more.
        if self.carry.len() < BLOCK {
            self.fill()?;
        }
        while !(self.carry.is_empty() && self.ended) {
            let (end, start) = match self.layout {
                Layout::Lines => self.lines(),
                Layout::Array => self.elements(&mut chunk.found),
                Layout::Records(_) => self.records(chunk),
                _ => self.by_ends(&mut chunk.found),
            };
            if end > 0 {
                chunk.lines = (self.layout == Layout::Lines).then_some(self.start.line);
                if matches!(self.layout, Layout::Records(_)) {
                    self.last_row = chunk.last_row(&self.carry);
                }
                self.take(end, start, chunk);
                return Ok(true);
            }
            if self.carry.len() > MAX_ROW {
                self.skip_long_row(chunk)?;
                return Ok(true);
            }
            self.fill()?;
        }
        let cut_off = self.layout == Layout::Array
            && matches!(self.array, Array::Opened | Array::Element | Array::Comma);
        if cut_off && !std::mem::replace(&mut self.done, true) {
            chunk.found.push(Found {
                start: self.start,
                element: None,
                row: Err("the JSON array is not closed: the list may have been cut off".to_owned()),
            });
            self.take(0, self.start, chunk);
            return Ok(true);
        }
        Ok(false)
    }

    /// The one row of a list that is a file of its own, even of an empty one.
    fn whole(&mut self, chunk: &mut Chunk) -> bool {
        if std::mem::replace(&mut self.done, true) {
            return false;
        }
        // A file that cannot be read is one row that cannot be read.
        let read = self.carry.read(&mut self.reader, MAX_ROW + 1);
        let length = self.carry.len();
        let row = match (read, foreign(&self.carry)) {
            (Err(error), _) => Err(format!("the file cannot be read: {error}")),
            (Ok(_), Some(what)) => Err(format!("the file {what}")),
            (Ok(_), None) if length > MAX_ROW => Err(too_long()),
            (Ok(_), None) => Ok(0..length),
        };
        chunk.found.push(Found {
            start: Start::OF_FILE,
            element: None,
            row,
        });
        self.take(length, self.start, chunk);
        true
    }

    /// Where the whole lines among what is carried end, and what is behind them. Which they are, whoever looks at them sees.
    fn lines(&self) -> (usize, Start) {
        let end = if self.ended {
            self.carry.len()
        } else {
            memrchr(b'\n', &self.carry).map_or(0, |at| at + 1)
        };
        (
            end,
            self.start.behind(self.carry.get(..end).unwrap_or_default()),
        )
    }

    /// The whole records among what is carried but for the last one, unless nothing follows it: so that every row is looked at
    /// together with those beside it.
    fn records(&self, chunk: &mut Chunk) -> (usize, Start) {
        chunk.found.clear();
        let (end, start) = self.by_ends(&mut chunk.found);
        // A row alone that is so long would make the next one too long if it stayed.
        let is_long = chunk.found.len() == 1 && self.carry.len() > MAX_ROW / 2;
        let is_last = self.ended && end == self.carry.len();
        match chunk.found.last() {
            Some(Found {
                start,
                row: Ok(range),
                ..
            }) if !is_last && !is_long => {
                let left = (range.start, *start);
                chunk.behind = chunk.last_row(&self.carry);
                chunk.found.pop();
                left
            }
            _ => (end, start),
        }
    }

    /// The whole rows among what is carried, where each says itself where it ends.
    fn by_ends(&self, found: &mut Vec<Found>) -> (usize, Start) {
        let (mut at, mut start) = (0, self.start);
        let behind = |start: Start, bytes: &[u8]| match self.layout {
            Layout::Records(_) => behind_records(start, bytes),
            _ => start.behind(bytes),
        };
        // What is read next may be the second half of a line break.
        let is_half = |end: usize| {
            matches!(self.layout, Layout::Records(_))
                && !self.ended
                && end == self.carry.len()
                && self.carry.ends_with(b"\r")
        };
        while let Some(mut rest) = self.carry.get(at..).filter(|rest| !rest.is_empty()) {
            if found.len() >= MOST_ROWS {
                break;
            }
            if let Layout::Records(separator) = self.layout {
                // Blank lines before a row are not part of it.
                let blank = rest
                    .iter()
                    .take_while(|byte| matches!(byte, b'\n' | b'\r'))
                    .count();
                if is_half(at + blank) {
                    break;
                }
                let (skipped, row) = rest.split_at(blank);
                (at, start, rest) = (at + skipped.len(), behind(start, skipped), row);
                // Looked for before the end of the row is: it is far behind where a quote takes in the rows that follow.
                let wrong =
                    misquoted(row, separator).filter(|message| self.ended || *message != UNCLOSED);
                if let Some(message) = wrong {
                    // What a stray quote took in are rows of their own.
                    let length = line_end(row).unwrap_or(row.len());
                    if is_half(at + length) {
                        break;
                    }
                    found.push(Found {
                        start,
                        element: None,
                        row: Err(message.to_owned()),
                    });
                    start = Start::of_line(start.line + 1);
                    at += length;
                    continue;
                }
            }
            let length = match Finder::new(self.layout).find(rest, self.ended) {
                Some(length) => length,
                None if self.ended => rest.len(),
                None => break,
            };
            if is_half(at + length) {
                break;
            }
            let row = rest.get(..length).unwrap_or_default();
            let kept = self.layout.without_end(row);
            if row.len() > MAX_ROW {
                found.push(Found {
                    start,
                    element: None,
                    row: Err(too_long()),
                });
            } else if !blank(row, self.layout) {
                // A document may end in a text whose last line break counts.
                let end = if self.layout == Layout::Documents {
                    length
                } else {
                    kept.len()
                };
                found.push(Found {
                    start,
                    element: None,
                    row: Ok(at..at + end),
                });
            }
            start = behind(start, row);
            at += length;
        }
        (at, start)
    }

    /// Drops a row that is longer than any may be, and says so in its place.
    fn skip_long_row(&mut self, chunk: &mut Chunk) -> io::Result<()> {
        let start = self.start;
        let mut finder = Finder::new(self.layout);
        let end = loop {
            let end = finder.find(&self.carry, self.ended);
            let mut dropped = end.unwrap_or(self.carry.len());
            if let Layout::Records(_) = self.layout {
                // What is read next may be the second half of a line break.
                let row = self.carry.get(..dropped).unwrap_or_default();
                dropped -=
                    usize::from(!self.ended && row.ends_with(b"\r") && dropped == self.carry.len());
                self.start =
                    behind_records(self.start, self.carry.get(..dropped).unwrap_or_default());
            } else {
                self.start = self
                    .start
                    .behind(self.carry.get(..dropped).unwrap_or_default());
            }
            self.carry.drop_front(dropped);
            if end.is_some() || self.ended {
                break end;
            }
            self.fill()?;
        };
        let mut element = None;
        if self.layout == Layout::Array {
            self.array = if matches!(self.array, Array::Before | Array::Bare) {
                Array::Bare
            } else {
                Array::Element
            };
            self.elements += 1;
            element = Some(self.elements);
        }
        // Where no line break would end it, a quote is open.
        let open = end.is_none()
            && matches!(self.layout, Layout::Records(_))
            && finder.find(b"\n", true).is_none();
        let row = if open {
            format!(
                "{}, since a quote is opened and never closed: the rest of the list is not read",
                too_long()
            )
        } else {
            too_long()
        };
        chunk.found.push(Found {
            start,
            element,
            row: Err(row),
        });
        Ok(())
    }

    /// The whole elements of a JSON array among what is carried.
    fn elements(&mut self, found: &mut Vec<Found>) -> (usize, Start) {
        let mut at = 0;
        let bytes = &self.carry;
        // Where an element begins is counted from the one before. A byte order mark is no character.
        let marked = self.array == Array::Before && bytes.starts_with("\u{feff}".as_bytes());
        let mut told = (if marked { "\u{feff}".len() } else { 0 }, self.start);
        let mut start_of = |at: usize| {
            told = (at, told.1.behind(bytes.get(told.0..at).unwrap_or_default()));
            told.1
        };
        while let Some(byte) = bytes.get(at).copied() {
            if found.len() >= MOST_ROWS {
                break;
            }
            let wrong = match (byte, self.array) {
                (_, Array::Broken) => return (bytes.len(), start_of(bytes.len())),
                (b' ' | b'\t' | b'\r' | b'\n', _) | (0xef | 0xbb | 0xbf, Array::Before) => None,
                (b'[', Array::Before) => {
                    self.array = Array::Opened;
                    None
                }
                (b',', Array::Element) => {
                    self.array = Array::Comma;
                    None
                }
                (b']', Array::Opened | Array::Element) => {
                    self.array = Array::Closed;
                    None
                }
                (_, Array::Closed) => Some((
                    "something stands behind the end of the JSON array",
                    Array::Broken,
                )),
                (b']', Array::Comma) => {
                    Some(("an element is missing before this bracket", Array::Closed))
                }
                (b',', Array::Comma | Array::Opened) => {
                    Some(("an element is missing before this comma", Array::Comma))
                }
                // The element that stands here is read all the same.
                (_, Array::Element) => {
                    found.push(Found {
                        start: start_of(at),
                        element: None,
                        row: Err("a comma is missing between two elements".to_owned()),
                    });
                    self.array = Array::Comma;
                    continue;
                }
                (b'{', Array::Before) | (_, Array::Opened | Array::Comma | Array::Bare) => {
                    // Behind a record without an array around it stand others, if any.
                    let next = if matches!(self.array, Array::Before | Array::Bare) {
                        Array::Bare
                    } else {
                        Array::Element
                    };
                    let rest = bytes.get(at..).unwrap_or_default();
                    let length = match Finder::new(Layout::Array).find(rest, self.ended) {
                        Some(length) => length,
                        None if self.ended => {
                            self.done = true;
                            self.elements += 1;
                            let message = "the list ends within this element: it was cut off, or a bracket or a quote is not closed";
                            found.push(Found {
                                start: start_of(at),
                                element: Some(self.elements),
                                row: Err(message.to_owned()),
                            });
                            return (bytes.len(), start_of(bytes.len()));
                        }
                        None => break,
                    };
                    self.array = next;
                    self.elements += 1;
                    let row = rest.get(..length).unwrap_or_default();
                    found.push(Found {
                        start: start_of(at),
                        element: Some(self.elements),
                        row: if length > MAX_ROW {
                            Err(too_long())
                        } else {
                            Ok(at..at + row.trim_ascii_end().len())
                        },
                    });
                    at += length;
                    continue;
                }
                (_, Array::Before) => Some(("a JSON list begins with `[`", Array::Broken)),
            };
            if let Some((message, next)) = wrong {
                found.push(Found {
                    start: start_of(at),
                    element: None,
                    row: Err(message.to_owned()),
                });
                self.array = next;
            }
            at += 1;
        }
        (at, start_of(at))
    }
}

/// Looks for the end of a row in one piece of bytes after the other.
enum Finder {
    /// A line break.
    Lines,
    /// Where the brackets of a JSON value are closed, or, outside of brackets, where a comma or `]` follows.
    Element {
        depth: usize,
        text: bool,
        escaped: bool,
    },
    /// The next line of `---`, or behind one of `...`; with how the line begins that is being looked at, and whether the document has
    /// begun.
    Document { line: Vec<u8>, begun: bool },
    /// The end of a CSV record: a line break outside of quotes. The CSV library finds the same ends,
    /// but making its reader costs more than a row, and it looks at each byte by itself.
    Record { separator: u8, at: InRecord },
}

/// Where in a CSV record the next byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InRecord {
    /// Before its first cell; empty lines are passed over.
    Before,
    /// Where a cell begins, and a quote opens it.
    CellStart,
    /// In a cell without quotes around it, or behind the quotes.
    Cell,
    /// Between quotes.
    Quoted,
    /// Behind a quote between quotes, which closes them unless another one follows.
    QuoteInQuoted,
}

/// Where the CSV record ends that begins or goes on with these bytes.
fn end_of_record(bytes: &[u8], separator: u8, state: &mut InRecord) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let next = rest.first();
        match *state {
            InRecord::Before => match next? {
                b'\r' | b'\n' => at += 1,
                _ => *state = InRecord::CellStart,
            },
            InRecord::CellStart if *next? == b'"' => {
                *state = InRecord::Quoted;
                at += 1;
            }
            InRecord::CellStart => *state = InRecord::Cell,
            InRecord::Cell => {
                let byte_before = |end: usize| rest.get(..end)?.last().copied();
                let Some(found) = memchr3(b'"', b'\r', b'\n', rest) else {
                    if byte_before(rest.len()) == Some(separator) {
                        *state = InRecord::CellStart;
                    }
                    return None;
                };
                if rest.get(found) != Some(&b'"') {
                    return Some(at + found + line_break(rest.get(found..).unwrap_or_default()));
                }
                if byte_before(found) == Some(separator) {
                    *state = InRecord::Quoted;
                }
                at += found + 1;
            }
            InRecord::Quoted => {
                at += memchr(b'"', rest)? + 1;
                *state = InRecord::QuoteInQuoted;
            }
            InRecord::QuoteInQuoted => match next? {
                b'\r' | b'\n' => return Some(at + line_break(rest)),
                next => {
                    *state = match next {
                        b'"' => InRecord::Quoted,
                        next if *next == separator => InRecord::CellStart,
                        _ => InRecord::Cell,
                    };
                    at += 1;
                }
            },
        }
    }
}

/// How long the line break is that these bytes begin with; the second half of one belongs to it.
fn line_break(bytes: &[u8]) -> usize {
    1 + usize::from(bytes.starts_with(b"\r\n"))
}

impl Finder {
    fn new(layout: Layout) -> Self {
        match layout {
            Layout::Array => Self::Element {
                depth: 0,
                text: false,
                escaped: false,
            },
            Layout::Documents => Self::Document {
                line: Vec::new(),
                begun: false,
            },
            Layout::Records(separator) => Self::Record {
                separator,
                at: InRecord::Before,
            },
            Layout::Lines | Layout::Whole => Self::Lines,
        }
    }

    /// Where in these bytes, which follow those before, the row ends. With `ended`, nothing follows them.
    fn find(&mut self, bytes: &[u8], ended: bool) -> Option<usize> {
        match self {
            Self::Lines => memchr(b'\n', bytes).map(|at| at + 1),
            Self::Element {
                depth,
                text,
                escaped,
            } => {
                for (at, byte) in bytes.iter().enumerate() {
                    match byte {
                        _ if *escaped => *escaped = false,
                        b'\\' if *text => *escaped = true,
                        b'"' => *text = !*text,
                        _ if *text => {}
                        b'{' | b'[' => *depth += 1,
                        b']' | b',' if *depth == 0 => return Some(at),
                        b'}' | b']' => {
                            *depth = depth.saturating_sub(1);
                            if *depth == 0 {
                                return Some(at + 1);
                            }
                        }
                        _ => {}
                    }
                }
                None
            }
            Self::Document { line, begun } => {
                let mut start = 0;
                for end in memchr_iter(b'\n', bytes)
                    .map(|at| at + 1)
                    .chain([bytes.len()])
                {
                    let piece = bytes.get(start..end).unwrap_or_default();
                    let whole = piece.ends_with(b"\n");
                    line.extend_from_slice(piece.get(..piece.len().min(4)).unwrap_or_default());
                    // What follows says whether it is a marker or a word that begins like one.
                    let marks = |marker: &[u8]| {
                        line.starts_with(marker)
                            && line.get(3).map_or(ended, u8::is_ascii_whitespace)
                    };
                    if marks(b"---") && *begun {
                        return Some(start);
                    }
                    if marks(b"...") && whole {
                        return Some(end);
                    }
                    if whole {
                        // Comments and directives stand before the document that they are about.
                        *begun |= !line.trim_ascii().is_empty()
                            && !line.starts_with(b"#")
                            && !line.starts_with(b"%");
                        line.clear();
                    }
                    start = end;
                }
                None
            }
            Self::Record { separator, at } => end_of_record(bytes, *separator, at),
        }
    }
}

/// Whether it is the line `sep=;` by which spreadsheets tell each other what separates the cells: the header says it too.
fn says_separator(record: &[u8]) -> bool {
    let line = record.strip_suffix(b"\n").unwrap_or(record);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.strip_prefix(b"sep=")
        .is_some_and(|separator| separator.len() == 1)
}

/// What begins behind some bytes of a CSV list, which may end a line with CR alone. The bytes do not end within a line break.
fn behind_records(start: Start, bytes: &[u8]) -> Start {
    let alone = |at: &usize| bytes.get(at + 1) != Some(&b'\n');
    let mut end = start.behind(bytes);
    for at in memchr_iter(b'\r', bytes).filter(alone) {
        end.line += 1;
        let line = bytes.get(at + 1..).unwrap_or_default();
        if memchr2(b'\n', b'\r', line).is_none() {
            end.column = Start::OF_FILE.behind(line).column;
        }
    }
    end
}

/// Where the first line of a CSV list ends, its line break included.
fn line_end(bytes: &[u8]) -> Option<usize> {
    let end = memchr2(b'\n', b'\r', bytes)? + 1;
    let both = bytes.get(end - 1..=end) == Some(b"\r\n");
    Some(end + usize::from(both))
}

const UNCLOSED: &str = "a quote is opened and never closed";

/// What is wrong with the quotes of the CSV record that begins here. A quote within a text that has none around it is part of the text.
pub(super) fn misquoted(record: &[u8], separator: u8) -> Option<&'static str> {
    let mut at = 0;
    while let Some(rest) = record.get(at..) {
        let found = at + memchr3(b'"', b'\n', b'\r', rest)?;
        if record.get(found) != Some(&b'"') {
            return None;
        }
        at = found + 1;
        let begins_cell = found == 0 || record.get(found - 1) == Some(&separator);
        if !begins_cell {
            continue;
        }
        loop {
            let Some(closed) = memchr(b'"', record.get(at..).unwrap_or_default()) else {
                return Some(UNCLOSED);
            };
            at += closed + 1;
            if record.get(at) == Some(&b'"') {
                at += 1;
                continue;
            }
            let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t') && **byte != separator;
            at += record
                .get(at..)
                .unwrap_or_default()
                .iter()
                .take_while(is_blank)
                .count();
            match record.get(at) {
                Some(byte) if *byte == separator => {
                    at += 1;
                    break;
                }
                None | Some(b'\r' | b'\n') => return None,
                Some(_) => {
                    return Some(
                        "text stands behind the quote that closes a cell, or a quote is opened and closed in another row",
                    );
                }
            }
        }
    }
    None
}

/// Whether tables in Arrow and Parquet are read.
const READS_TABLES: bool = cfg!(feature = "parquet");

/// What begins with bytes that no list begins with, and what to do about it.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 13] = [
        (b"\x1f\x8b", "is compressed with gzip; unpack it first"),
        (b"BZh", "is compressed with bzip2; unpack it first"),
        (b"\xfd7zXZ\0", "is compressed with xz; unpack it first"),
        (
            b"\x28\xb5\x2f\xfd",
            "is compressed with zstd; unpack it first",
        ),
        (
            b"PK\x03\x04",
            "is a workbook (.xlsx, .ods) or a ZIP archive; name it as a file, or unpack the archive",
        ),
        (
            b"\xd0\xcf\x11\xe0",
            "is a workbook of an older kind (.xls); name it as a file",
        ),
        (
            b"ARROW1",
            if READS_TABLES {
                "is an Arrow file; `eligo batch --from arrow` reads it as a list, without a source file"
            } else {
                "is an Arrow file, which this build does not read; that of the Python package does"
            },
        ),
        (
            b"\xff\xff\xff\xff",
            if READS_TABLES {
                "is an Arrow stream; `eligo batch --from arrow` reads it as a list, without a source file"
            } else {
                "is an Arrow stream, which this build does not read; that of the Python package does"
            },
        ),
        (
            b"PAR1",
            if READS_TABLES {
                "is a Parquet file; `eligo batch --from parquet` reads it as a list, without a source file"
            } else {
                "is a Parquet file, which this build does not read; that of the Python package does"
            },
        ),
        (
            b"SQLite f",
            "is a database; write the list as NDJSON or CSV",
        ),
        (b"%PDF-", "is a PDF; a list is text"),
        (b"\xff\xfe", "is written in UTF-16; save it as UTF-8"),
        (b"\xfe\xff", "is written in UTF-16; save it as UTF-8"),
    ];
    KINDS
        .iter()
        .find(|(magic, _)| bytes.starts_with(magic))
        .map(|(_, what)| *what)
}

pub(super) fn too_long() -> String {
    format!("the row is longer than {} MiB", MAX_ROW / 1024 / 1024)
}

/// Whether there is nothing in a row; such rows are no records.
fn blank(row: &[u8], layout: Layout) -> bool {
    let text = row.strip_prefix("\u{feff}".as_bytes()).unwrap_or(row);
    match layout {
        Layout::Documents => text.split(|byte| *byte == b'\n').all(|line| {
            let line = line.trim_ascii();
            let behind_marker = line
                .strip_prefix(b"---")
                .map_or(line, <[u8]>::trim_ascii_start);
            behind_marker.is_empty()
                || line == b"..."
                || behind_marker.starts_with(b"#")
                || line.starts_with(b"%")
        }),
        _ => layout.without_end(text).is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Where the CSV library ends the first record.
    fn end_by_library(bytes: &[u8]) -> Option<usize> {
        let mut reader = csv_core::ReaderBuilder::new().delimiter(b';').build();
        let (mut cells, mut ends) = ([0; 256], [0; 256]);
        let (result, read, _, _) = reader.read_record(bytes, &mut cells, &mut ends);
        let both = bytes.get(read.wrapping_sub(1)..read + 1) == Some(b"\r\n");
        (result == csv_core::ReadRecordResult::Record).then_some(read + usize::from(both))
    }

    proptest! {
        #[test]
        fn a_csv_record_ends_where_the_csv_library_ends_it(
            text in "[a;\"\r\n]{0,12}",
            cut in 0_usize..12,
        ) {
            let bytes = text.as_bytes();
            let expected = end_by_library(bytes);
            let mut whole = Finder::new(Layout::Records(b';'));
            prop_assert_eq!(whole.find(bytes, true), expected);

            // In two pieces it ends at the same place, unless the cut parts a line break.
            let (first, second) = bytes.split_at(cut.min(bytes.len()));
            if !first.ends_with(b"\r") {
                let mut finder = Finder::new(Layout::Records(b';'));
                let found = finder.find(first, false);
                let found = found.or_else(|| Some(finder.find(second, true)? + first.len()));
                prop_assert_eq!(found, expected);
            }
        }
    }

    /// What is held for each row would be more than the list.
    #[test]
    fn a_chunk_has_few_rows_however_short_they_are() {
        const ROWS: usize = 300_000;
        for (list, layout) in [
            (",\n".repeat(ROWS), Layout::Records(b',')),
            (format!("[{}]", ["1"; ROWS].join(",")), Layout::Array),
            ("---\n1\n".repeat(ROWS), Layout::Documents),
        ] {
            let mut list = List::new("list", list.as_bytes(), Rows::Json, layout);
            let (mut chunk, mut rows, mut elements) = (Chunk::default(), 0, 0);
            while list.next_chunk(&mut chunk).unwrap() {
                assert!(chunk.found.len() <= MOST_ROWS);
                assert!(list.carry.len() <= 2 * BLOCK, "{}", list.carry.len());
                for number in 0..chunk.found.len() {
                    elements += 1;
                    let is_element = layout == Layout::Array;
                    assert_eq!(chunk.element(number), is_element.then_some(elements));
                }
                chunk.each(|start, row| {
                    assert!(row.is_ok());
                    rows += 1;
                    match layout {
                        Layout::Records(_) => assert_eq!(start.line, rows),
                        Layout::Array => assert_eq!(start.column, 2 * rows),
                        _ => assert_eq!(start.line, 2 * rows - 1),
                    }
                });
            }
            assert_eq!(rows, ROWS);
        }
    }
}
