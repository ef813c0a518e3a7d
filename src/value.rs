//! What a fact or an expression can be worth.
//!
//! Everything that is only partly known is a value too: a number within bounds, a partial date, one of several
//! alternatives, a list with doubtful elements. Operators give a result only where every possibility agrees.

pub mod bounds;
pub mod date;
pub mod duration;
pub mod missing;
pub mod number;
pub mod text;
pub mod truth;

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

pub use bounds::Bounds;
pub use duration::Duration;
pub use missing::{Absent, Missing};
pub use truth::Truth;

/// A value of the expression language.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Not known, and why.
    Null(Missing),
    /// True or False.
    Boolean(bool),
    /// An integer, a decimal, or a quantity in the unit that its type names.
    Number(Bounds<Decimal>),
    /// A calendar duration.
    Duration(Bounds<Duration>),
    /// A calendar date; a partial date is the bounds of its days.
    Date(Bounds<Date>),
    /// A declared code.
    Code(Code),
    /// Free text.
    Text(Arc<str>),
    /// A list of items.
    List(Arc<List>),
    /// An item of a list: the values of its fields in declared order.
    Item(Arc<[Value]>),
    /// One of these, and it is not known which. Never fewer than two.
    OneOf(Arc<[Value]>),
}

/// A code of a declared value set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// Its place in the declared order.
    pub index: u16,
    /// Whether it is a recorded result that does not settle the matter.
    pub unclear: bool,
}

/// A list, with what is not known of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct List {
    /// The elements.
    pub elements: Vec<Element>,
    /// Whether there may be elements that are not listed.
    pub open: bool,
}

/// An element of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    /// What it is.
    pub value: Value,
    /// Whether it is certain to be in the list; a filter that cannot be decided leaves it doubtful.
    pub certain: bool,
}

impl Value {
    /// Not decided by what is known.
    pub const UNKNOWN: Self = Self::Null(Missing::Undetermined);

    /// A number that is known exactly.
    #[must_use]
    pub fn number(number: impl Into<Decimal>) -> Self {
        Self::Number(Bounds::exact(number.into()))
    }

    /// Three-valued truth of a boolean value.
    #[must_use]
    pub fn truth(&self) -> Truth {
        match self {
            Self::Boolean(value) => Truth::from(*value),
            _ => Truth::Unknown,
        }
    }

    /// One of `values`: the value itself where they all agree, not known where one of them is not.
    #[must_use]
    pub fn one_of(values: impl IntoIterator<Item = Value>) -> Self {
        let mut distinct: Vec<Value> = Vec::new();
        for value in values {
            match value {
                null @ Self::Null(_) => return null,
                Self::OneOf(inner) => {
                    for value in inner.iter() {
                        if !distinct.contains(value) {
                            distinct.push(value.clone());
                        }
                    }
                }
                value => {
                    if !distinct.contains(&value) {
                        distinct.push(value);
                    }
                }
            }
        }
        match distinct.len() {
            // Neither true nor false is what not decided means.
            2.. if distinct
                .iter()
                .all(|value| matches!(value, Self::Boolean(_))) =>
            {
                Self::UNKNOWN
            }
            0 => Self::UNKNOWN,
            1 => distinct.pop().unwrap_or(Self::UNKNOWN),
            _ => Self::OneOf(distinct.into()),
        }
    }

    /// The result of `operator` on this value, or on each alternative of it.
    #[must_use]
    pub(crate) fn map_alternatives(&self, mut operator: impl FnMut(&Value) -> Value) -> Value {
        match self {
            Self::OneOf(alternatives) => Self::one_of(alternatives.iter().map(operator)),
            value => operator(value),
        }
    }

    /// Whether it is missing, or a recorded code that leaves open which of the clear ones holds.
    #[must_use]
    pub(crate) fn settles_nothing(&self) -> bool {
        matches!(self, Self::Null(_) | Self::Code(Code { unclear: true, .. }))
    }

    /// Whether the value is not known at all.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null(_))
    }
}

impl From<Truth> for Value {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::True => Self::Boolean(true),
            Truth::False => Self::Boolean(false),
            Truth::Unknown => Self::UNKNOWN,
        }
    }
}

impl List {
    /// A complete list of certain elements.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = Value>) -> Self {
        Self {
            elements: values
                .into_iter()
                .map(|value| Element {
                    value,
                    certain: true,
                })
                .collect(),
            open: false,
        }
    }

    /// The bounds of its length; no upper bound where elements may be missing.
    #[must_use]
    pub fn count(&self) -> Bounds<Decimal> {
        let certain = self
            .elements
            .iter()
            .filter(|element| element.certain)
            .count();
        Bounds::between(
            Decimal::from(certain),
            (!self.open).then(|| Decimal::from(self.elements.len())),
        )
    }

    /// Whether it has an element.
    #[must_use]
    pub fn exists(&self) -> Truth {
        if self.elements.iter().any(|element| element.certain) {
            Truth::True
        } else if self.open || !self.elements.is_empty() {
            Truth::Unknown
        } else {
            Truth::False
        }
    }
}
