//! What is known of one candidate.
//!
//! In: a document, the declared facts, the screening date. Out: a [`Record`] with a typed value for every declared
//! fact, or every error of the document at once. Every notation becomes the events of `intake`, and `fill` makes
//! typed values of them; [`mod@read`] puts the two together.

pub mod buffer;
mod fill;
pub(crate) mod intake;
pub(crate) mod names;
pub mod read;
pub(crate) mod spelling;
mod syntax;
pub mod table;
mod token;
pub mod values;

use jiff::civil::Date;

use crate::entry::Entry;
use crate::facts::FactId;

pub use buffer::RecordBuffer;
pub use read::{Dates, Origin, read, read_text};
pub use table::FieldTable;

/// What is known of one candidate, with a place for every declared fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The pseudonym.
    pub candidate: Option<String>,
    /// The date on which the candidate is screened.
    pub screened_on: Date,
    /// Whether the record or the caller says so; else it is the day of the run.
    pub is_dated: bool,
    /// A remark on the record as a whole.
    pub note: Option<String>,
    /// One entry for each declared fact, in declared order.
    pub entries: Vec<Entry>,
}

impl Record {
    /// What is known of a fact.
    #[must_use]
    pub fn entry(&self, id: FactId) -> &Entry {
        const NOT_RECORDED: &Entry = &Entry::NOT_RECORDED;
        self.entries.get(id.0).unwrap_or(NOT_RECORDED)
    }
}
