//! What is known of one fact: its value, and the evidence for it.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::cql::typed::Attribute;
use crate::value::{Bounds, Missing, Value};

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
    /// What stands in the record where that is another spelling of what was read, each spelling once.
    pub spelled: Vec<String>,
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
