//! Calendar dates, whole (`2026-11-20`) or partial (`2026-11`, `2026`). A partial date is the bounds of its days.

use std::str::FromStr;

use jiff::civil::Date;

use super::Bounds;

/// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
///
/// # Errors
/// What is wrong and what would be right, in one sentence.
pub fn parse(text: &str) -> Result<Bounds<Date>, String> {
    let Some((year, month, day)) = numbers(text) else {
        if let Some(help) = spreadsheet_day(text) {
            return Err(format!("`{text}` is not a date; {help}"));
        }
        let right = written_otherwise(text).unwrap_or_else(|| {
            "YYYY-MM-DD, or YYYY-MM or YYYY where the day is not known".to_owned()
        });
        return Err(format!("`{text}` is not a date; write {right}"));
    };
    let date = |month: i8, day: i8| Date::new(year, month, day).ok();
    let dates = match (month, day) {
        (None, _) => date(1, 1).map(|first| Bounds::between(first, Some(first.last_of_year()))),
        (Some(month), None) => {
            date(month, 1).map(|first| Bounds::between(first, Some(first.last_of_month())))
        }
        (Some(month), Some(day)) => date(month, day).map(Bounds::exact),
    };
    dates.ok_or_else(|| match (month, day) {
        (Some(month), _) if !(1..=12).contains(&month) => {
            format!("`{text}` is not a date: there is no month {month:02}")
        }
        (Some(month), Some(_)) => {
            let last = date(month, 1).map_or(31, |first| first.days_in_month());
            format!("`{text}` is not a date: {year:04}-{month:02} has {last} days")
        }
        _ => format!("`{text}` is not a date"),
    })
}

/// The year, the month and the day, as far as they are written: `2026-11`.
fn numbers(text: &str) -> Option<(i16, Option<i8>, Option<i8>)> {
    fn number<T: FromStr>(part: &str, length: usize) -> Option<T> {
        let is_written = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|_| is_written)
    }
    let parts: Vec<&str> = text.split('-').collect();
    match *parts {
        [year] => Some((number(year, 4)?, None, None)),
        [year, month] => Some((number(year, 4)?, Some(number(month, 2)?), None)),
        [year, month, day] => Some((
            number(year, 4)?,
            Some(number(month, 2)?),
            Some(number(day, 2)?),
        )),
        _ => None,
    }
}

/// What a spreadsheet's number of a day may be, of the years 1927 to 2119. Behind a point it has the time of day.
fn spreadsheet_day(text: &str) -> Option<String> {
    let whole = match text.split_once('.') {
        Some((whole, time)) if time.bytes().all(|byte| byte.is_ascii_digit()) => whole,
        _ => text,
    };
    let number: i32 = whole
        .parse()
        .ok()
        .filter(|day| (10_000..80_000).contains(day))?;
    let day = |from: Date| from.checked_add(jiff::Span::new().days(number)).ok();
    // Days are counted from 1900 with a 29 February that was not, or from 1904.
    let [since_1900, since_1904] = [
        day(Date::constant(1899, 12, 30))?,
        day(Date::constant(1904, 1, 1))?,
    ];
    Some(format!(
        "it looks like a spreadsheet's number of a day: {since_1900}, or {since_1904} where days are counted from 1904 - format the column as YYYY-MM-DD text"
    ))
}

/// What a date in another notation would be here. `05/01/2026` may be of January or of May; where dots stand, the day
/// comes first.
fn written_otherwise(text: &str) -> Option<String> {
    let text = text.trim();
    let date = |year: &str, month: &str, day: &str| {
        let year = year.parse().ok().filter(|year| *year >= 1000)?;
        Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
    };
    let parts: Vec<&str> = text
        .split(['/', '-', '.', ' ', ','])
        .filter(|part| !part.is_empty())
        .collect();
    let readings = match parts.as_slice() {
        [year, month, day] if year.len() == 4 => [date(year, month, day), None],
        [day, month, year] if month_of(month).is_some() => {
            [date(year, &month_of(month)?.to_string(), day), None]
        }
        [month, day, year] if month_of(month).is_some() => {
            [date(year, &month_of(month)?.to_string(), day), None]
        }
        [first, second, year] => {
            let month_first = (!text.contains('.')).then(|| date(year, first, second));
            [date(year, second, first), month_first.flatten()]
        }
        [month, year] => {
            let year: i16 = year.parse().ok().filter(|year| *year >= 1000)?;
            return Some(format!("`{year}-{:02}`", month_of(month)?));
        }
        [whole] if whole.len() == 8 => [
            date(whole.get(..4)?, whole.get(4..6)?, whole.get(6..)?),
            None,
        ],
        _ => return None,
    };
    match readings {
        [Some(one), Some(other)] if one != other => Some(format!(
            "`{one}` if the day comes first, or `{other}` if the month comes first"
        )),
        [one, other] => one.or(other).map(|date| format!("`{date}`")),
    }
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The number of a month by its name or the beginning of it, of three letters or more.
#[must_use]
pub(crate) fn month_of(word: &str) -> Option<usize> {
    let word = word.to_ascii_lowercase();
    let index = MONTHS
        .iter()
        .position(|month| word.len() >= 3 && month.starts_with(&word))?;
    Some(index + 1)
}

/// A date as it is known: `2026-11-20`, `2026-11`, `2026`, or a range of days.
#[must_use]
pub fn format(date: &Bounds<Date>) -> String {
    let mut text = String::new();
    write(date, &mut text);
    text
}

/// Writes a date as it is known.
pub fn write(date: &Bounds<Date>, out: &mut String) {
    match (date.low, date.high) {
        (Some(low), Some(high)) if low.value == high.value => day(low.value, out),
        (Some(low), Some(high))
            if low.value == low.value.first_of_year() && high.value == low.value.last_of_year() =>
        {
            year(low.value, out)
        }
        (Some(low), Some(high))
            if low.value == low.value.first_of_month()
                && high.value == low.value.last_of_month() =>
        {
            month(low.value, out)
        }
        (Some(low), Some(high)) => {
            day(low.value, out);
            out.push_str("..");
            day(high.value, out);
        }
        (Some(low), None) => {
            out.push_str(">= ");
            day(low.value, out);
        }
        (None, Some(high)) => {
            out.push_str("<= ");
            day(high.value, out);
        }
        (None, None) => out.push_str("any date"),
    }
}

/// `YYYY-MM-DD`, written so often that it is put together by hand.
fn day(date: Date, out: &mut String) {
    month(date, out);
    out.push('-');
    two_digits(date.day().unsigned_abs(), out);
}

/// `YYYY-MM`
fn month(date: Date, out: &mut String) {
    year(date, out);
    out.push('-');
    two_digits(date.month().unsigned_abs(), out);
}

/// `YYYY`; years before the common era have six digits and a sign.
fn year(date: Date, out: &mut String) {
    let year = date.year();
    if year < 0 {
        out.push_str("-00");
    }
    // Years end at 9999.
    two_digits((year.unsigned_abs() / 100) as u8, out);
    two_digits((year.unsigned_abs() % 100) as u8, out);
}

fn two_digits(number: u8, out: &mut String) {
    out.push(char::from(b'0' + number / 10));
    out.push(char::from(b'0' + number % 10));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_and_partial() {
        for text in ["2026-11-20", "2026-11", "2026", "2024-02-29"] {
            assert_eq!(format(&parse(text).unwrap()), text);
        }
        for day in ["0000-01-01", "0987-06-05", "9999-12-31", "-000044-03-15"] {
            assert_eq!(format(&Bounds::exact(day.parse().unwrap())), day);
        }
        let month = parse("2026-02").unwrap();
        assert_eq!(month.high.unwrap().value.to_string(), "2026-02-28");
    }

    #[test]
    fn impossible_dates_say_why() {
        assert!(
            parse("2026-02-31")
                .unwrap_err()
                .contains("2026-02 has 28 days")
        );
        assert!(parse("2026-13-01").unwrap_err().contains("no month 13"));
        assert!(
            parse("20/11/2026")
                .unwrap_err()
                .contains("write `2026-11-20`")
        );
        assert!(
            parse("20.11.2026")
                .unwrap_err()
                .ends_with("write `2026-11-20`")
        );
        assert!(
            parse("31.02.2026")
                .unwrap_err()
                .contains("write YYYY-MM-DD")
        );
        assert!(parse("2026-1-2").is_err());
        assert!(parse("0000-00").is_err());
    }
}
