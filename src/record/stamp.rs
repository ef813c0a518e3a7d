//! A small number that stands for the value of a fact.

use std::num::NonZeroU16;

use super::Entry;
use crate::value::{Bounds, Duration, Missing, Value};

/// What stands for the value of a fact: of one fact, the same stamp stands for the same value and no other. There is none
/// for a value of which there are too many, such as a date or a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp(Option<NonZeroU16>);

impl Stamp {
    /// The bits of its number.
    pub const BITS: u32 = u16::BITS;
    /// Stands for no value.
    pub const NONE: Self = Self(None);
    /// Stands for a fact that the record does not mention.
    pub const NOT_RECORDED: Self = Self(NonZeroU16::new(1));

    /// The number, if there is one.
    #[must_use]
    pub fn number(self) -> Option<u16> {
        self.0.map(NonZeroU16::get)
    }

    /// What stands for the value of an entry.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        // A number that was written in another unit is said in both.
        let written = entry
            .evidence
            .as_ref()
            .is_some_and(|evidence| evidence.written.is_some());
        if written {
            Self::NONE
        } else {
            Self::of_value(&entry.value)
        }
    }

    /// What stands for a value that was written as it is.
    #[must_use]
    pub fn of_value(value: &Value) -> Self {
        /// A list of two codes is told by both, if there are no more than these.
        const CODES: u16 = 128;
        let code = |value: &Value| match value {
            Value::Code(code) => Some(code.index),
            _ => None,
        };
        match value {
            Value::Null(cause) => Self(NonZeroU16::new(1 + missing(*cause))),
            Value::Boolean(known) => Self::of_index(u16::from(*known)),
            Value::Code(code) => Self::of_index(code.index),
            Value::Number(bounds) => match (bounds.low, bounds.high) {
                (Some(low), Some(high))
                    if low.inclusive
                        && high.inclusive
                        && low.value.serialize() == high.value.serialize() =>
                {
                    Self::of_number(low.value.mantissa(), low.value.scale())
                }
                _ => Self::NONE,
            },
            Value::List(list)
                if !list.open && list.elements.iter().all(|element| element.certain) =>
            {
                match list.elements.as_slice() {
                    [] => Self::of_index(0),
                    [one] => code(&one.value)
                        .filter(|one| *one < CODES)
                        .map_or(Self::NONE, |one| Self::of_index(1 + one)),
                    [one, other] => match (code(&one.value), code(&other.value)) {
                        (Some(one @ ..CODES), Some(other @ ..CODES)) => {
                            Self::of_index(1 + CODES + one * CODES + other)
                        }
                        _ => Self::NONE,
                    },
                    _ => Self::NONE,
                }
            }
            Value::Duration(bounds) => duration(bounds).map_or(Self::NONE, Self::of_index),
            Value::List(_) | Value::Date(_) | Value::Text(_) | Value::Item(_) | Value::OneOf(_) => {
                Self::NONE
            }
        }
    }

    /// What stands for a duration that is told by its place among those for which nothing stands by itself.
    #[must_use]
    pub fn of_other_duration(place: usize) -> Self {
        u16::try_from(place)
            .ok()
            .and_then(|place| place.checked_add(FORMS * YEARS * MONTHS))
            .map_or(Self::NONE, Self::of_index)
    }

    /// What stands for a number.
    pub(super) fn of_number(mantissa: impl TryInto<u16>, decimals: u32) -> Self {
        if decimals == 0 {
            mantissa.try_into().map_or(Self::NONE, Self::of_index)
        } else {
            Self::NONE
        }
    }

    /// What stands for the value of this number among those of its kind. A fact has values of one kind, so kinds may share
    /// numbers.
    #[inline]
    #[must_use]
    pub fn of_index(index: u16) -> Self {
        /// Behind the causes of what is missing.
        const FIRST: u16 = 32;
        Self(index.checked_add(FIRST).and_then(NonZeroU16::new))
    }
}

/// A duration in months and years, or a bound of one, is told by its form, fewer years and fewer months than these.
const FORMS: u16 = 5;
const YEARS: u16 = 32;
const MONTHS: u16 = 64;

/// Stands for a duration in months and years, or a bound of one. How it compares to others of the kind, and how that is
/// said, does not depend on the day.
fn duration(bounds: &Bounds<Duration>) -> Option<u16> {
    let (form, end) = match (bounds.low, bounds.high) {
        (Some(low), Some(high)) if low == high && low.inclusive => (0, low),
        (Some(low), None) => (1 + u16::from(low.inclusive), low),
        (None, Some(high)) => (3 + u16::from(high.inclusive), high),
        _ => return None,
    };
    if !is_calendar(end.value) {
        return None;
    }
    let years = u16::try_from(end.value.years)
        .ok()
        .filter(|years| *years < YEARS)?;
    let months = u16::try_from(end.value.months)
        .ok()
        .filter(|months| *months < MONTHS)?;
    Some((form * YEARS + years) * MONTHS + months)
}

/// Whether a duration is made of months and years alone. None at all is as well one of days.
#[must_use]
pub fn is_calendar(duration: Duration) -> bool {
    (duration.years != 0 || duration.months != 0) && duration.weeks == 0 && duration.days == 0
}

/// Stands for the cause of what is missing.
fn missing(cause: Missing) -> u16 {
    match cause {
        Missing::NotRecorded => 0,
        Missing::TooOld => 1,
        Missing::Undated => 2,
        Missing::Unsigned => 3,
        Missing::Undetermined => 4,
        Missing::Stated(absent) => 5 + absent as u16,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::civil::date;
    use rust_decimal::Decimal;

    use super::*;
    use crate::record::Evidence;
    use crate::value::bounds::End;
    use crate::value::{Absent, Code, Element, List};

    fn of(value: Value) -> Option<u16> {
        Stamp::of(&Entry {
            value,
            evidence: None,
        })
        .number()
    }

    fn list(values: &[Value], open: bool) -> Value {
        Value::List(Arc::new(List {
            elements: values
                .iter()
                .map(|value| Element {
                    value: value.clone(),
                    certain: true,
                })
                .collect(),
            open,
        }))
    }

    /// Of the values that one fact may have, no two share a stamp.
    #[test]
    fn a_stamp_stands_for_one_value() {
        let causes = [
            Missing::NotRecorded,
            Missing::TooOld,
            Missing::Undated,
            Missing::Unsigned,
            Missing::Undetermined,
        ];
        let causes: Vec<Value> = causes
            .into_iter()
            .chain(Absent::CODES.map(|(_, cause)| Missing::Stated(cause)))
            .map(Value::Null)
            .collect();
        let code = |index: u16| {
            Value::Code(Code {
                index,
                unclear: false,
            })
        };
        let codes: Vec<Value> = (0..200).map(code).collect();
        let pairs = (0..130)
            .flat_map(|one| (0..130).map(move |other| list(&[code(one), code(other)], false)));
        let durations = [
            "1 month",
            "6 months",
            "1 year",
            "1 year 6 months",
            "18 months",
            "31 years 63 months",
            "40 years",
            "64 months",
        ];
        let forms = durations.map(|text| {
            let value = Duration::parse(text).unwrap();
            let end = |inclusive| Some(End { value, inclusive });
            let ends = [
                (end(true), None),
                (end(false), None),
                (None, end(true)),
                (None, end(false)),
            ];
            ends.map(|(low, high)| Bounds { low, high })
                .into_iter()
                .chain([Bounds::exact(value)])
                .map(Value::Duration)
        });
        let kinds: [Vec<Value>; 5] = [
            forms.into_iter().flatten().collect(),
            vec![Value::Boolean(true), Value::Boolean(false)],
            codes.clone(),
            (-3..70_000).map(Value::number).collect(),
            [list(&[], false)]
                .into_iter()
                .chain(
                    codes
                        .iter()
                        .map(|one| list(std::slice::from_ref(one), false)),
                )
                .chain(pairs)
                .collect(),
        ];
        for values in kinds {
            let mut stamps: Vec<u16> = causes
                .iter()
                .chain(&values)
                .filter_map(|value| of(value.clone()))
                .collect();
            if let Some(Value::Duration(_)) = values.first() {
                stamps
                    .extend((0..600).filter_map(|place| Stamp::of_other_duration(place).number()));
            }
            let distinct: std::collections::BTreeSet<u16> = stamps.iter().copied().collect();
            assert_eq!(stamps.len(), distinct.len());
            assert!(
                stamps.len() >= causes.len() + values.len().min(2),
                "the commonest values have one"
            );
        }
    }

    #[test]
    fn what_is_not_told_by_its_value_has_none() {
        let number = Value::number(Decimal::ONE);
        let written = Evidence {
            written: Some("1000 mg".to_owned()),
            ..Evidence::default()
        };
        assert_eq!(
            Stamp::of(&Entry {
                value: number.clone(),
                evidence: Some(Box::new(written))
            }),
            Stamp::NONE
        );
        let doubtful = List {
            elements: vec![Element {
                value: Value::Boolean(true),
                certain: false,
            }],
            open: false,
        };
        let others = [
            Value::number(Decimal::new(10, 1)),
            Value::Number(Bounds::between(Decimal::ONE, None)),
            Value::Number(Bounds::between(Decimal::ONE, Some(Decimal::TWO))),
            Value::Date(Bounds::exact(date(2026, 11, 20))),
            Value::Text("1".into()),
            Value::Duration(Bounds::exact(Duration::parse("12 weeks").unwrap())),
            Value::Duration(Bounds::exact(Duration::parse("0 months").unwrap())),
            Value::Duration(Bounds::between(
                Duration::parse("1 month").unwrap(),
                Some(Duration::parse("2 months").unwrap()),
            )),
            list(&[], true),
            list(&[number], false),
            Value::List(Arc::new(doubtful)),
        ];
        for value in others {
            assert_eq!(of(value.clone()), None, "{value:?}");
        }
    }
}
