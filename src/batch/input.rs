//! A list → chunks of rows, in memory that does not grow with the list.
//!
//! A chunk is about a megabyte of the list's own bytes and knows where its rows are: one a line, one an element of a
//! JSON array, one a YAML document, one a CSV record, or one a file.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use memchr::{memchr, memchr_iter, memrchr};

use super::MAX_ROW;
use super::columns::Columns;
use crate::diagnostic::{Diagnostic, Source};

/// How much of a list is one chunk.
const BLOCK: usize = 1024 * 1024;

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
    /// CSV records, which may hold line breaks in quotes.
    Records,
    /// The whole input is one row.
    Whole,
}

/// Part of a list.
#[derive(Debug, Default)]
pub struct Chunk {
    /// The list's name in messages.
    pub name: Arc<str>,
    /// What its rows are written in.
    pub rows: Rows,
    bytes: Vec<u8>,
    found: Vec<Found>,
}

/// A row of a chunk.
#[derive(Debug)]
struct Found {
    line: usize,
    row: Result<Range<usize>, String>,
}

impl Chunk {
    /// Calls `visit` with the line and the bytes of every row, or what is wrong with it as a whole.
    pub fn each(&self, mut visit: impl FnMut(usize, Result<&[u8], Diagnostic>)) {
        for found in &self.found {
            match &found.row {
                Ok(range) => visit(found.line, Ok(self.bytes.get(range.clone()).unwrap_or_default())),
                Err(message) => {
                    let place = Source::from_line(&*self.name, "", found.line);
                    visit(found.line, Err(Diagnostic::error(message.clone()).at(&place, 0..0)));
                }
            }
        }
    }
}

/// A row whose bytes are not UTF-8, with the place of the first that is not.
#[must_use]
pub fn not_utf8(name: &str, line: usize, bytes: &[u8]) -> Diagnostic {
    match crate::diagnostic::decode(name, bytes.to_vec()) {
        Err(problem) => {
            let place = problem.place.clone().map(|place| (Source::from_line(name, place.source.text.clone(), line), place.span));
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
    carry: Vec<u8>,
    /// The line on which `carry` begins.
    line: usize,
    ended: bool,
    /// Of an array: whether `[` was seen, and whether `]` was.
    opened: bool,
    closed: bool,
    /// Whether the records stand there without an array around them.
    bare: bool,
}

impl<R: Read> List<R> {
    /// A list of rows of one kind.
    pub fn new(name: &str, reader: R, rows: Rows, layout: Layout) -> Self {
        Self { name: name.into(), reader, rows, layout, carry: Vec::new(), line: 1, ended: false, opened: false, closed: false, bare: false }
    }

    /// Reads on until there is `more` beyond what is carried, or the list ends.
    fn fill(&mut self, more: usize) -> io::Result<()> {
        let wanted = self.carry.len() + more;
        if !self.ended && self.carry.len() < wanted {
            let missing = (wanted - self.carry.len()) as u64;
            let got = self.reader.by_ref().take(missing).read_to_end(&mut self.carry)?;
            self.ended = got < usize::try_from(missing).unwrap_or(usize::MAX);
        }
        Ok(())
    }

    /// The first record of a CSV list: its header.
    ///
    /// # Errors
    /// As reading the list.
    pub fn header(&mut self) -> io::Result<Option<Arc<Source>>> {
        self.fill(BLOCK)?;
        if self.carry.starts_with("\u{feff}".as_bytes()) {
            self.carry.drain(.."\u{feff}".len());
        }
        let Some(end) = record_end(&self.carry).or((self.ended && !self.carry.is_empty()).then_some(self.carry.len())) else { return Ok(None) };
        let header: Vec<u8> = self.carry.drain(..end).collect();
        self.line += memchr_iter(b'\n', &header).count();
        Ok(Some(Source::new(&*self.name, String::from_utf8_lossy(&header).trim_end().to_owned())))
    }

    /// The rows read from now on are of this kind.
    pub fn set_rows(&mut self, rows: Rows) {
        self.rows = rows;
    }

    fn take(&mut self, end: usize, found: Vec<Found>) -> Chunk {
        let rest = self.carry.split_off(end);
        let bytes = std::mem::replace(&mut self.carry, rest);
        self.line += memchr_iter(b'\n', &bytes).count();
        Chunk { name: Arc::clone(&self.name), rows: self.rows.clone(), bytes, found }
    }

    /// The next chunk; none at the end.
    ///
    /// # Errors
    /// As reading the list.
    pub fn next_chunk(&mut self) -> io::Result<Option<Chunk>> {
        self.fill(BLOCK)?;
        while !(self.carry.is_empty() && self.ended) {
            let (end, found) = match self.layout {
                Layout::Lines => self.by(|bytes| memrchr(b'\n', bytes).map(|at| at + 1), line_end),
                Layout::Records => self.by(|_| None, record_end),
                Layout::Documents => self.by(|_| None, document_end),
                Layout::Whole if self.ended => (self.carry.len(), vec![Found { line: 1, row: Ok(0..self.carry.len()) }]),
                Layout::Whole => (0, Vec::new()),
                Layout::Array => self.elements(),
            };
            if end > 0 {
                return Ok(Some(self.take(end, found)));
            }
            if self.carry.len() > MAX_ROW {
                return self.skip_long_row().map(Some);
            }
            self.fill(BLOCK)?;
        }
        Ok(None)
    }

    /// Whole rows among what is carried: `last` finds the end of the last one at once where that is easy, `first` the
    /// end of the first one in some bytes.
    fn by(&self, last: impl Fn(&[u8]) -> Option<usize>, first: impl Fn(&[u8]) -> Option<usize>) -> (usize, Vec<Found>) {
        let whole = if self.ended { self.carry.len() } else { last(&self.carry).unwrap_or(self.carry.len()) };
        let (mut at, mut line, mut found) = (0, self.line, Vec::new());
        while let Some(rest) = self.carry.get(at..whole).filter(|rest| !rest.is_empty()) {
            let length = match first(rest) {
                Some(length) => length,
                None if self.ended => rest.len(),
                None => break,
            };
            let row = rest.get(..length).unwrap_or_default();
            if row.len() > MAX_ROW {
                found.push(Found { line, row: Err(too_long()) });
            } else if !blank(row, self.layout) {
                found.push(Found { line, row: Ok(at..at + length) });
            }
            line += memchr_iter(b'\n', row).count();
            at += length;
        }
        (at, found)
    }

    /// Drops a row that is longer than any may be, and says so in its place.
    fn skip_long_row(&mut self) -> io::Result<Chunk> {
        let line = self.line;
        loop {
            if let Some(end) = memchr(b'\n', &self.carry) {
                self.carry.drain(..=end);
                self.line += 1;
                break;
            }
            self.carry.clear();
            self.fill(BLOCK)?;
            if self.carry.is_empty() && self.ended {
                break;
            }
        }
        let found = vec![Found { line, row: Err(too_long()) }];
        Ok(Chunk { name: Arc::clone(&self.name), rows: self.rows.clone(), bytes: Vec::new(), found })
    }

    /// The whole elements of a JSON array among what is carried.
    fn elements(&mut self) -> (usize, Vec<Found>) {
        let (mut at, mut line, mut found) = (0, self.line, Vec::new());
        let bytes = &self.carry;
        let wrong = |line: usize, message: &str| Found { line, row: Err(message.to_owned()) };
        while let Some(byte) = bytes.get(at).copied() {
            match byte {
                b'\n' => line += 1,
                b' ' | b'\t' | b'\r' | 0xef | 0xbb | 0xbf => {}
                b'[' if !self.opened => self.opened = true,
                // Not an array but a record, or several one after the other.
                b'{' if !self.opened => {
                    (self.opened, self.bare) = (true, true);
                    continue;
                }
                _ if !self.opened => {
                    found.push(wrong(line, "a JSON list begins with `[`"));
                    return (bytes.len(), found);
                }
                _ if self.closed => {
                    found.push(wrong(line, "something stands behind the end of the JSON array"));
                    return (bytes.len(), found);
                }
                b',' => {}
                b']' => self.closed = true,
                _ => match element_end(bytes.get(at..).unwrap_or_default()) {
                    Some(length) => {
                        let row = bytes.get(at..at + length).unwrap_or_default();
                        found.push(Found { line, row: if length > MAX_ROW { Err(too_long()) } else { Ok(at..at + length) } });
                        line += memchr_iter(b'\n', row).count();
                        at += length;
                        continue;
                    }
                    None if self.ended => {
                        found.push(Found { line, row: Ok(at..bytes.len()) });
                        return (bytes.len(), found);
                    }
                    None => break,
                },
            }
            at += 1;
        }
        if self.ended && at == bytes.len() && self.opened && !self.closed && !self.bare {
            found.push(wrong(line, "the JSON array is not closed: the list may have been cut off"));
        }
        (at, found)
    }
}

fn too_long() -> String {
    format!("the row is longer than {} MiB", MAX_ROW / 1024 / 1024)
}

/// Whether there is nothing in a row; such rows are no records.
fn blank(row: &[u8], layout: Layout) -> bool {
    let text = row.strip_prefix("\u{feff}".as_bytes()).unwrap_or(row);
    match layout {
        Layout::Documents => text.split(|byte| *byte == b'\n').all(|line| {
            let line = line.trim_ascii();
            line.is_empty() || line == b"---" || line == b"..." || line.starts_with(b"#")
        }),
        _ => text.iter().all(u8::is_ascii_whitespace),
    }
}

fn line_end(bytes: &[u8]) -> Option<usize> {
    memchr(b'\n', bytes).map(|at| at + 1)
}

/// The end of a CSV record: a line break outside of quotes.
fn record_end(bytes: &[u8]) -> Option<usize> {
    let mut quoted = false;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The end of a YAML document: the next line of `---` that is not its own first line.
fn document_end(bytes: &[u8]) -> Option<usize> {
    memchr_iter(b'\n', bytes).map(|at| at + 1).find(|start| {
        let line = bytes.get(*start..).unwrap_or_default();
        let next = line.get(3).copied();
        line.starts_with(b"---") && next.is_some_and(|next| next.is_ascii_whitespace())
    })
}

/// The end of a JSON value: where its brackets are closed, or, outside of brackets, where a comma or `]` follows.
fn element_end(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut text, mut at) = (0_usize, false, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if text => at += 1,
            b'"' => text = !text,
            _ if text => {}
            b'{' | b'[' => depth += 1,
            b']' | b',' if depth == 0 => return Some(at),
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}
