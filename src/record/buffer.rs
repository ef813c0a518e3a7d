//! A record being filled, row after row, in the same memory.

use std::sync::Arc;

use jiff::civil::Date;

use super::table::FieldTable;
use super::{Dates, Record};
use crate::diagnostic::lookalike::has_visible_character;
use crate::entry::{Entry, Evidence};
use crate::facts::FactId;
use crate::value::{List, Missing, Value};

/// What is known of one candidate, in memory that the next record uses again.
#[derive(Debug)]
pub struct RecordBuffer {
    /// The pseudonym as it was written; empty if there is none.
    pub candidate: String,
    /// Whether the record names a candidate.
    pub is_named: bool,
    /// A remark on the record as a whole.
    pub note: Option<String>,
    /// The screening date.
    pub today: Date,
    /// Whether the record or the caller says so; else it is the day of the run.
    pub is_dated: bool,
    /// What the record says.
    pub stated: Option<Date>,
    /// Of a row of a table, a hash of what its cells of lists say.
    pub lists: u64,
    /// What is known, a place for every declared fact.
    pub entries: Vec<Entry>,
    /// The facts that the record says something of.
    touched: Vec<FactId>,
    /// Memory of earlier records, for each fact.
    pub(super) spare_evidence: Vec<Option<Box<Evidence>>>,
    pub(super) spare_lists: Vec<Option<Arc<List>>>,
    /// The number of the map that was begun last. Every map of every record has its own.
    pub(super) map: u32,
    /// For each key, the map in which it was seen last, and where.
    pub(super) seen: Vec<Seen>,
    /// For each key, the one that came next when it was seen last.
    pub(super) follows: Vec<usize>,
    /// For each map, the key with which it began last.
    pub(super) begins: Vec<usize>,
    /// For each fact, the map in which it was given last.
    pub(super) given: Vec<u32>,
    /// The cells of a row.
    pub(super) cells: super::intake::cells::CellRow,
}

/// Where a key was seen.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    pub map: u32,
    pub start: usize,
}

impl RecordBuffer {
    /// A buffer for records of these fields.
    #[must_use]
    pub fn new(table: &FieldTable<'_>, dates: Dates) -> Self {
        let facts = table.fields.len();
        Self {
            candidate: String::new(),
            is_named: false,
            note: None,
            today: dates.today,
            is_dated: false,
            stated: None,
            lists: 0,
            entries: vec![Entry::NOT_RECORDED; facts],
            touched: Vec::new(),
            spare_evidence: vec![None; facts],
            spare_lists: vec![None; facts],
            map: 0,
            seen: vec![Seen::default(); table.keys],
            follows: declared_order(table),
            begins: vec![0; table.groups.len()],
            given: vec![0; facts],
            cells: super::intake::cells::CellRow::default(),
        }
    }

    /// Whose record it is, as far as it could be read.
    #[must_use]
    pub fn candidate(&self) -> Option<&str> {
        let name = self.candidate.trim();
        (self.is_named && has_visible_character(name)).then_some(name)
    }

    /// Whose the next record is will be known when it is read, if ever.
    pub fn forget_candidate(&mut self) {
        self.candidate.clear();
        self.is_named = false;
    }

    /// Forgets what was known, and keeps the memory.
    pub(super) fn clear(&mut self) {
        /// Far fewer maps than numbers that are left fit in a record.
        const LAST: u32 = u32::MAX / 2;
        self.forget_candidate();
        self.note = None;
        for id in self.touched.drain(..) {
            let Some(entry) = self.entries.get_mut(id.0) else {
                continue;
            };
            if let (Some(kept), Some(spare)) =
                (entry.evidence.take(), self.spare_evidence.get_mut(id.0))
            {
                *spare = Some(kept);
            }
            let nothing = Value::Null(Missing::NotRecorded);
            if let (Value::List(kept), Some(spare)) = (
                std::mem::replace(&mut entry.value, nothing),
                self.spare_lists.get_mut(id.0),
            ) {
                *spare = Some(kept);
            }
        }
        if self.map > LAST {
            self.map = 0;
            self.seen.fill(Seen::default());
            self.given.fill(0);
        }
    }

    /// Begins a map; its number.
    pub(super) fn begin_map(&mut self) -> u32 {
        self.map += 1;
        self.map
    }

    /// Puts what is known of a fact in its place.
    #[inline]
    pub(super) fn put(&mut self, id: FactId, entry: Entry) {
        if let Some(place) = self.entries.get_mut(id.0) {
            self.touched.push(id);
            *place = entry;
        }
    }

    /// Holds what is known by this record instead.
    pub(crate) fn replace(&mut self, record: Record) {
        self.note = record.note;
        self.is_dated = record.is_dated;
        for (place, entry) in record.entries.into_iter().enumerate() {
            self.put(FactId(place), entry);
        }
    }

    /// A copy of the record by itself.
    #[must_use]
    pub fn record(&self) -> Record {
        Record {
            candidate: self.candidate().map(str::to_owned),
            screened_on: self.today,
            is_dated: self.is_dated,
            note: self.note.clone(),
            entries: self.entries.clone(),
        }
    }

    /// The record by itself.
    pub(crate) fn into_record(self) -> Record {
        Record {
            candidate: self.candidate().map(str::to_owned),
            screened_on: self.today,
            is_dated: self.is_dated,
            note: self.note,
            entries: self.entries,
        }
    }
}

/// For each key, the one behind it in declared order.
fn declared_order(table: &FieldTable<'_>) -> Vec<usize> {
    let mut follows = vec![0; table.keys];
    for group in &table.groups {
        let keys = follows.iter_mut().skip(group.first);
        keys.zip(1..=group.names.len())
            .for_each(|(place, next)| *place = next);
    }
    follows
}
