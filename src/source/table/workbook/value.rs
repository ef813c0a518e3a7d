//! What a cell of a workbook holds, by its type.

use calamine::{Data, DataRef, ExcelDateTime};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::source::table::cell::CellValue;

/// What a cell holds, in little memory.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Typed {
    Empty,
    Text(Box<str>),
    Number(Box<str>),
    Percent(Box<str>),
    Date(Date),
    /// What is wrong, and what to do about it.
    Unreadable(Box<str>, Box<str>),
}

impl Typed {
    pub fn of(value: &Data) -> Self {
        match value {
            Data::Int(number) => Self::Number(number.to_string().into()),
            Data::Float(number) => Self::number(*number, false),
            Data::String(text) => Self::text(text),
            Data::Bool(is) => Self::boolean(*is),
            Data::DateTime(day) => Self::day(*day),
            Data::DateTimeIso(text) => Self::iso(text),
            Data::DurationIso(text) => Self::duration(text),
            Data::Error(error) => Self::error(&error.to_string()),
            Data::Empty => Self::Empty,
        }
    }

    pub fn of_ref(value: &DataRef<'_>, is_percent: bool) -> Self {
        match value {
            DataRef::Int(number) => Self::number_of(*number, is_percent),
            DataRef::Float(number) => Self::number(*number, is_percent),
            DataRef::String(text) => Self::text(text),
            DataRef::SharedString(text) => Self::text(text),
            DataRef::Bool(is) => Self::boolean(*is),
            DataRef::DateTime(day) => Self::day(*day),
            DataRef::DateTimeIso(text) => Self::iso(text),
            DataRef::DurationIso(text) => Self::duration(text),
            DataRef::Error(error) => Self::error(&error.to_string()),
            DataRef::Empty => Self::Empty,
        }
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::Empty
    }

    pub fn value(&self) -> CellValue {
        match self {
            Self::Empty => CellValue::Empty,
            Self::Text(text) => CellValue::Text(text.to_string()),
            Self::Number(number) => CellValue::Number(number.to_string()),
            Self::Percent(number) => CellValue::Percent(number.to_string()),
            Self::Date(day) => CellValue::Date(day.to_string()),
            Self::Unreadable(message, help) => {
                CellValue::Unreadable(message.to_string(), help.to_string())
            }
        }
    }

    fn text(text: &str) -> Self {
        match text.trim().is_empty() {
            true => Self::Empty,
            false => Self::Text(text.into()),
        }
    }

    fn boolean(is: bool) -> Self {
        Self::Text(if is { "TRUE" } else { "FALSE" }.into())
    }

    fn number_of(number: i64, is_percent: bool) -> Self {
        match is_percent {
            true => Self::percent(Decimal::from(number)),
            false => Self::Number(number.to_string().into()),
        }
    }

    /// A number as a spreadsheet shows it: with fifteen digits, which hides what binary fractions add.
    fn number(number: f64, is_percent: bool) -> Self {
        let digits = format!("{number:.14e}");
        match Decimal::from_scientific(&digits) {
            Ok(number) if is_percent => Self::percent(number),
            Ok(number) => Self::Number(number.normalize().to_string().into()),
            Err(_) => Self::Unreadable(
                format!("the number {number:e} is out of reach").into(),
                "correct the number, or empty the cell".into(),
            ),
        }
    }

    fn percent(number: Decimal) -> Self {
        match number.checked_mul(Decimal::ONE_HUNDRED) {
            Some(number) => Self::Percent(number.normalize().to_string().into()),
            None => Self::number(f64::NAN, false),
        }
    }

    /// The day of a moment; the time of the day is left out.
    fn day(moment: ExcelDateTime) -> Self {
        if moment.is_duration() || moment.as_f64() < 1.0 {
            return Self::duration(&moment.as_f64().to_string());
        }
        let (year, month, day, ..) = moment.to_ymd_hms_milli();
        let date = || {
            let [month, day] = [month, day].map(|part| i8::try_from(part).ok());
            Date::new(i16::try_from(year).ok()?, month?, day?).ok()
        };
        match date() {
            Some(date) => Self::Date(date),
            None => Self::Unreadable(
                format!("the number of a day {} is none", moment.as_f64()).into(),
                "correct the date".into(),
            ),
        }
    }

    fn iso(text: &str) -> Self {
        match text.get(..10).and_then(|day| day.parse().ok()) {
            Some(day) => Self::Date(day),
            None => Self::text(text),
        }
    }

    fn duration(_: &str) -> Self {
        Self::Unreadable(
            "the cell holds a time of the day, not a date".into(),
            "correct the format of the cell".into(),
        )
    }

    fn error(error: &str) -> Self {
        Self::Unreadable(
            format!("the cell holds the error `{error}`").into(),
            "mend its formula, or empty the cell".into(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_that_a_spreadsheet_shows() {
        let text = |number: f64| match Typed::number(number, false) {
            Typed::Number(text) => text.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(text(0.1 + 0.2), "0.3");
        assert_eq!(text(46.0), "46");
        assert_eq!(text(-1.5), "-1.5");
        assert_eq!(text(123_456_789_012.0), "123456789012");
        assert!(text(1e300).contains("out of reach"));
        assert_eq!(Typed::number(0.46, true), Typed::Percent("46".into()));
    }
}
