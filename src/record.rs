//! What is known of one candidate.
//!
//! In: a document, the declared facts, the screening date. Out: a [`Record`] with a typed value for every declared
//! fact, or every error of the document at once. Readers of other notations are siblings of [`read()`] that fill the
//! same type.

pub mod buffer;
mod fill;
pub(crate) mod intake;
mod names;
pub mod read;
mod syntax;
pub mod table;
mod token;
pub mod values;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::cql::typed::Attribute;
use crate::facts::FactId;
use crate::value::{Bounds, Missing, Value};

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
    /// A remark on the record as a whole.
    pub note: Option<String>,
    /// One entry for each declared fact, in declared order.
    pub entries: Vec<Entry>,
}

/// What is known of one fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its value, or why there is none.
    pub value: Value,
    /// Where it comes from.
    pub evidence: Option<Box<Evidence>>,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evidence {
    /// When it was found.
    pub date: Option<Bounds<Date>>,
    /// Who says so.
    pub by: Option<String>,
    /// From which document or system.
    pub source: Option<String>,
    /// A remark.
    pub note: Option<String>,
    /// Upper limit of normal, in the fact's declared unit.
    pub uln: Option<Decimal>,
    /// Lower limit of normal, in the fact's declared unit.
    pub lln: Option<Decimal>,
    /// The value as it was written, where a unit was converted.
    pub written: Option<String>,
    /// For a list, where each item comes from.
    pub items: Vec<Evidence>,
}

impl Entry {
    /// A fact that the record does not mention.
    pub const NOT_RECORDED: Self = Self {
        value: Value::Null(Missing::NotRecorded),
        evidence: None,
    };

    /// What is known beside the value: its date, a limit of normal.
    #[must_use]
    pub fn attribute(&self, attribute: Attribute) -> Value {
        if let Value::Null(cause) = &self.value {
            return Value::Null(*cause);
        }
        let evidence = self.evidence.as_deref();
        let known = match attribute {
            Attribute::Date => evidence.and_then(|evidence| evidence.date).map(Value::Date),
            Attribute::By => evidence
                .and_then(|evidence| evidence.by.as_deref())
                .map(|by| Value::Text(by.into())),
            Attribute::UpperLimitOfNormal => evidence
                .and_then(|evidence| evidence.uln)
                .map(Value::number),
            Attribute::LowerLimitOfNormal => evidence
                .and_then(|evidence| evidence.lln)
                .map(Value::number),
        };
        known.unwrap_or(Value::Null(Missing::NotRecorded))
    }
}

impl Record {
    /// What is known of a fact.
    #[must_use]
    pub fn entry(&self, id: FactId) -> &Entry {
        const NOT_RECORDED: &Entry = &Entry::NOT_RECORDED;
        self.entries.get(id.0).unwrap_or(NOT_RECORDED)
    }
}
