//! What other lists say of the candidates of a list, row by row, and merged into one record.
//!
//! The rows of the other lists are held as they are written, and read once more for each candidate: as of the day on which
//! that candidate is screened.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustc_hash::FxHashMap;

use super::input::Made;
use super::row::RowText;
use super::{Chunk, RowReader, Rows};
use crate::diagnostic::{CellNames, Diagnostic, Source, Start};
use crate::facts::Facts;
use crate::merge::{Part, merge};
use crate::record::{Dates, Record};
use crate::report::MergedFrom;
use crate::trial::compile::sha256;

/// Rows of other lists, by the candidate that they name.
#[derive(Debug, Default)]
pub struct OtherRows {
    rows: Vec<OtherRow>,
    by_candidate: FxHashMap<Box<str>, Vec<usize>>,
    /// Those that name no candidate.
    nameless: Vec<usize>,
}

/// A row of another list.
struct OtherRow {
    list: Arc<str>,
    rows: Rows,
    made: Option<Made>,
    /// Of CSV that was made from another table, how that names its cells.
    cells: Option<CellNames>,
    start: Start,
    bytes: Box<[u8]>,
    /// The screening date that it states.
    stated: Option<jiff::civil::Date>,
    candidate: Option<Box<str>>,
    /// Whether a candidate of the list was found to be this one.
    was_used: AtomicBool,
}

impl fmt::Debug for OtherRow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name())
    }
}

/// A record, and what was merged into it.
#[derive(Debug)]
pub struct Merged {
    /// The record.
    pub record: Record,
    /// The rows that were merged into it.
    pub from: Vec<MergedFrom>,
}

impl OtherRow {
    /// How messages name it.
    fn name(&self) -> String {
        match self.start.line {
            1 => self.list.to_string(),
            line => format!("{}:{line}", self.list),
        }
    }

    fn text(&self) -> RowText<'_> {
        RowText {
            name: &self.list,
            rows: &self.rows,
            made: self.made.as_ref(),
            cells: self.cells.as_ref(),
            start: self.start,
            bytes: &self.bytes,
        }
    }

    fn problem(&self, message: impl Into<String>) -> Diagnostic {
        let text = String::from_utf8_lossy(&self.bytes);
        Diagnostic::error(message).at(&Source::starting_at(&*self.list, &*text, self.start), 0..0)
    }
}

impl OtherRows {
    /// Adds the rows of a chunk, of which `reader` says whose they are.
    ///
    /// # Errors
    /// Rows that cannot be read as far as the candidate.
    pub fn add(
        &mut self,
        chunk: &mut Chunk,
        reader: &mut RowReader<'_>,
    ) -> Result<(), Vec<Diagnostic>> {
        let mut made = chunk.take_made().into_iter();
        let mut written = Chunk::default();
        let chunk = chunk.written(&mut written);
        let (mut problems, dates) = (Vec::new(), reader.dates());
        chunk.each(|start, row| {
            let bytes = match row {
                Ok(bytes) => bytes,
                Err(problem) => return problems.push(problem),
            };
            let mut row = OtherRow {
                list: Arc::clone(&chunk.name),
                rows: chunk.rows.clone(),
                made: made.next(),
                cells: chunk.cell_names().cloned(),
                start,
                bytes: bytes.into(),
                stated: None,
                candidate: None,
                was_used: AtomicBool::new(false),
            };
            let read = reader.read_row(row.text(), dates);
            let record = &reader.record;
            row.stated = record.stated;
            row.candidate = record.candidate().map(Into::into);
            match (read, &row.candidate) {
                // What is wrong is told with the candidate.
                (_, Some(candidate)) => {
                    let of_candidate = self.by_candidate.entry(candidate.clone());
                    of_candidate.or_default().push(self.rows.len());
                }
                (Ok(()), None) => self.nameless.push(self.rows.len()),
                (Err(found), None) => return problems.extend(found),
            }
            self.rows.push(row);
        });
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What is wrong with rows that name nobody: in lists of several candidates nobody knows whose they are.
    #[must_use]
    pub fn nameless(&self) -> Vec<Diagnostic> {
        let rows = self
            .nameless
            .iter()
            .filter_map(|place| self.rows.get(*place));
        rows.map(|row| {
            row.problem("the row names no candidate, so it cannot be merged")
                .help("write whose it is under `candidate`")
        })
        .collect()
    }

    /// The one candidate that is named, if there is only one.
    #[must_use]
    pub fn only_candidate(&self) -> Option<&str> {
        let mut candidates = self.by_candidate.keys();
        candidates
            .next()
            .filter(|_| candidates.next().is_none())
            .map(|one| &**one)
    }

    /// Takes rows that name nobody for this candidate's.
    pub fn give_nameless_to(&mut self, candidate: &str) {
        let nameless = std::mem::take(&mut self.nameless);
        self.by_candidate
            .entry(candidate.into())
            .or_default()
            .extend(nameless);
    }

    /// The candidates whose rows were merged into none, each with the place of the first, in the order of the lists.
    #[must_use]
    pub fn unused(&self) -> Vec<(&str, String)> {
        let rows = self
            .rows
            .iter()
            .filter(|row| !row.was_used.load(Ordering::Relaxed));
        let mut unused: Vec<(&str, String)> = Vec::new();
        let mut known = rustc_hash::FxHashSet::default();
        for row in rows {
            let candidate = row.candidate.as_deref().unwrap_or_default();
            if known.insert(candidate) {
                unused.push((candidate, row.name()));
            }
        }
        unused
    }

    /// The day that rows of a candidate state.
    ///
    /// # Errors
    /// Rows that state different days.
    pub fn stated(&self, candidate: &str) -> Result<Option<jiff::civil::Date>, Vec<Diagnostic>> {
        let rows = || {
            self.of(candidate)
                .filter_map(|row| Some((row, row.stated?)))
        };
        let Some((first, day)) = rows().next() else {
            return Ok(None);
        };
        match rows().find(|(_, other)| *other != day) {
            None => Ok(Some(day)),
            Some((row, other)) => Err(vec![
                row.problem(format!(
                    "`{candidate}` is screened on {other} here and on {day} in {}",
                    first.name()
                ))
                .help("--as-of DATE screens as of one day whatever they say"),
            ]),
        }
    }

    /// Whether there is a row of a candidate.
    pub(super) fn has(&self, candidate: &str) -> bool {
        self.by_candidate.contains_key(candidate)
    }

    fn of(&self, candidate: &str) -> impl Iterator<Item = &OtherRow> {
        let places = self
            .by_candidate
            .get(candidate)
            .map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|place| self.rows.get(*place))
    }

    /// Merges what the lists say of a candidate into what `record`, called `name`, says; none if they say nothing.
    ///
    /// # Errors
    /// What is wrong with a row of the candidate; a row that states another screening date.
    pub fn merge_into(
        &self,
        facts: &Facts,
        (name, record): (&str, &Record),
        dates: Dates,
        reader: &mut RowReader<'_>,
    ) -> Result<Option<Merged>, Vec<Diagnostic>> {
        let candidate = record.candidate.as_deref().unwrap_or_default();
        let day = record.screened_on;
        let (mut problems, mut read, mut from) = (Vec::new(), Vec::new(), Vec::new());
        for row in self.of(candidate) {
            row.was_used.store(true, Ordering::Relaxed);
            if let Some(stated) = row
                .stated
                .filter(|stated| dates.as_of.is_none() && *stated != day)
            {
                problems.push(
                    row.problem(format!(
                        "`{candidate}` is screened on {stated} here and on {day} in {name}"
                    ))
                    .help("--as-of DATE screens as of one day whatever they say"),
                );
                continue;
            }
            let as_of = Dates {
                as_of: Some(day),
                ..dates
            };
            match reader.read_row(row.text(), as_of) {
                Ok(()) => read.push((row.name(), reader.record.record())),
                Err(found) => problems.extend(found),
            }
            from.push(MergedFrom {
                file: row.list.to_string(),
                line: row.start.line,
                sha256: sha256(&row.bytes),
            });
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        if read.is_empty() {
            return Ok(None);
        }
        let others: Vec<Part<'_>> = read
            .iter()
            .map(|(name, record)| Part { name, record })
            .collect();
        let merged = merge(facts, Part { name, record }, &others);
        // Whether the day is stated is for the record and the rows to say, not for the way in which the rows were read.
        let is_dated = record.is_dated || dates.as_of.is_some();
        let record = Record { is_dated, ..merged };
        Ok(Some(Merged { record, from }))
    }
}
