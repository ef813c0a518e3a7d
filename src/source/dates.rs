//! Dates as a source writes them, by a stated form → dates as a record writes them.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use crate::value;

/// How texts write dates. What is written as `2026-11-20`, `2026-11` or `2026` is understood beside every form.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct DateForms {
    pub forms: Vec<Form>,
    /// The first of the hundred years that two digits may mean.
    pub years_from: Option<i16>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Form {
    /// Days counted as spreadsheets do: 1 is the first of January 1900, or of 1904 with day 0.
    DayNumber { is_1904: bool },
    /// Parts of a date and what stands between them.
    Parts(Vec<Part>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    Year,
    ShortYear,
    /// With two digits, or as many as it needs.
    Month(bool),
    MonthName,
    Day(bool),
    Between(char),
}

/// What a form may be, for messages.
pub(crate) const FORMS: &str = "write it with YYYY, YY, MM, M, MMM (a name), DD and D, such as `DD.MM.YYYY` or `M/D/YY`; `day_number` is \
     a spreadsheet's number of a day, `day_number_1904` that of older Macintosh workbooks";

impl DateForms {
    /// Adds a form.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn add(&mut self, form: &str) -> Result<(), String> {
        let form = match form {
            "day_number" => Form::DayNumber { is_1904: false },
            "day_number_1904" => Form::DayNumber { is_1904: true },
            form => Form::Parts(parts(form)?),
        };
        self.forms.push(form);
        Ok(())
    }

    /// Whether a form has years of two digits.
    pub fn has_short_years(&self) -> bool {
        self.forms
            .iter()
            .any(|form| matches!(form, Form::Parts(parts) if parts.contains(&Part::ShortYear)))
    }

    /// Whether nothing was stated.
    pub fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }

    /// A date as a record writes it.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn read(&self, text: &str) -> Result<String, String> {
        let day_number = self.forms.iter().find_map(|form| match form {
            Form::DayNumber { is_1904 } => day_of_number(text, *is_1904),
            Form::Parts(_) => None,
        });
        if let Some(day) = day_number {
            return day.map(|day| day.to_string());
        }
        if let Some(day) = without_time(text) {
            return value::date::parse(day).map(|_| day.to_owned());
        }
        let mut found: Vec<String> = Vec::new();
        for form in &self.forms {
            if let Form::Parts(parts) = form
                && let Some(date) = self.by_parts(text, parts)
                && !found.contains(&date)
            {
                found.push(date);
            }
        }
        match found.as_slice() {
            [date] => Ok(date.clone()),
            [] => Err(self.unreadable(text)),
            [one, other, ..] => Err(format!(
                "`{text}` is {one} or {other} by the stated forms of dates; keep one of them"
            )),
        }
    }

    fn unreadable(&self, text: &str) -> String {
        match value::date::parse(text) {
            Err(message) if self.is_empty() => message,
            _ => format!("`{text}` is not a date in a form that the source states"),
        }
    }

    fn by_parts(&self, text: &str, parts: &[Part]) -> Option<String> {
        let (mut rest, mut year, mut month, mut day) = (text, None, None, None);
        for part in parts {
            let taken;
            match part {
                Part::Between(character) => {
                    rest = rest.strip_prefix(*character)?;
                    continue;
                }
                Part::Year => {
                    (taken, rest) = digits(rest, 4, 4)?;
                    year = taken.parse::<i16>().ok();
                }
                Part::ShortYear => {
                    (taken, rest) = digits(rest, 2, 2)?;
                    year = Some(within_hundred(taken.parse().ok()?, self.years_from?));
                }
                Part::Month(is_padded) => {
                    (taken, rest) = digits(rest, if *is_padded { 2 } else { 1 }, 2)?;
                    month = taken.parse::<i8>().ok();
                }
                Part::Day(is_padded) => {
                    (taken, rest) = digits(rest, if *is_padded { 2 } else { 1 }, 2)?;
                    day = taken.parse::<i8>().ok();
                }
                Part::MonthName => {
                    let end = rest
                        .find(|character: char| !character.is_alphabetic())
                        .unwrap_or(rest.len());
                    (taken, rest) = rest.split_at_checked(end)?;
                    month = Some(month_of(taken)?);
                }
            }
        }
        if !rest.is_empty() && without_midnight(rest).is_none() {
            return None;
        }
        let (year, month) = (year?, month);
        let written = match (month, day) {
            (None, _) => return Some(format!("{year:04}")),
            (Some(month), None) => {
                date_of(year, month, 1)?;
                format!("{year:04}-{month:02}")
            }
            (Some(month), Some(day)) => date_of(year, month, day)?.to_string(),
        };
        Some(written)
    }
}

fn date_of(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).ok()
}

/// The year that two digits mean among the hundred that begin with `from`.
fn within_hundred(short: i16, from: i16) -> i16 {
    from + (short - from).rem_euclid(100)
}

/// The parts of a form.
fn parts(form: &str) -> Result<Vec<Part>, String> {
    let wrong = || format!("`{form}` is no form of dates");
    let (mut parts, mut rest) = (Vec::new(), form);
    while let Some(first) = rest.chars().next() {
        let same = rest.chars().take_while(|next| *next == first).count();
        let letters = first.is_ascii_alphabetic();
        let length = if letters { same } else { first.len_utf8() };
        parts.push(match (first, same) {
            ('Y', 4) => Part::Year,
            ('Y', 2) => Part::ShortYear,
            ('M', 3) => Part::MonthName,
            ('M', 1 | 2) => Part::Month(same == 2),
            ('D', 1 | 2) => Part::Day(same == 2),
            (between, _) if !between.is_ascii_alphanumeric() => Part::Between(between),
            _ => return Err(wrong()),
        });
        rest = rest.get(length..).unwrap_or_default();
    }
    let count = |wanted: fn(&Part) -> bool| parts.iter().filter(|part| wanted(part)).count();
    let years = count(|part| matches!(part, Part::Year | Part::ShortYear));
    let months = count(|part| matches!(part, Part::Month(_) | Part::MonthName));
    let days = count(|part| matches!(part, Part::Day(_)));
    if years != 1 || months > 1 || days > months {
        return Err(wrong());
    }
    Ok(parts)
}

/// So many digits at the beginning of a text, and the rest.
fn digits(text: &str, least: usize, most: usize) -> Option<(&str, &str)> {
    let found = text.bytes().take(most).take_while(u8::is_ascii_digit);
    let count = found.count();
    (count >= least).then(|| text.split_at_checked(count))?
}

/// The month that a name or its first letters mean, in English or German.
fn month_of(word: &str) -> Option<i8> {
    const NAMES: [&[&str]; 12] = [
        &["jan", "january", "januar", "jän", "jänner"],
        &["feb", "february", "februar"],
        &["mar", "march", "märz", "mär", "mrz"],
        &["apr", "april"],
        &["may", "mai"],
        &["jun", "june", "juni"],
        &["jul", "july", "juli"],
        &["aug", "august"],
        &["sep", "sept", "september"],
        &["oct", "october", "okt", "oktober"],
        &["nov", "november"],
        &["dec", "december", "dez", "dezember"],
    ];
    let word = word.to_lowercase();
    let found = NAMES.iter().position(|names| names.contains(&&*word))?;
    i8::try_from(found + 1).ok()
}

/// A day in the international form, without a time of the day behind it. A time with a zone may be of the day before.
fn without_time(text: &str) -> Option<&str> {
    let end = text
        .find(|character: char| !character.is_ascii_digit() && character != '-')
        .unwrap_or(text.len());
    let (day, rest) = text.split_at_checked(end)?;
    value::date::parse(day).ok()?;
    (rest.is_empty() || day.len() == 10 && without_midnight(rest).is_some()).then_some(day)
}

/// Passes over a time of the day that has no zone: ` 00:00:00`, `T10:30`.
fn without_midnight(rest: &str) -> Option<()> {
    let time = rest.strip_prefix(['T', ' '])?;
    let is_time = time.len() >= 4
        && time.contains(':')
        && time
            .chars()
            .all(|character| character.is_ascii_digit() || matches!(character, ':' | '.'));
    is_time.then_some(())
}

/// The day of a spreadsheet's number, if the text is one.
fn day_of_number(text: &str, is_1904: bool) -> Option<Result<Date, String>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let day = whole.parse().ok().and_then(|number| day(number, is_1904));
    Some(day.ok_or_else(|| format!("`{text}` is no spreadsheet's number of a day")))
}

/// The day of a number. In the older count there is a 29 February 1900, which never was: number 60.
pub(crate) fn day(number: i64, is_1904: bool) -> Option<Date> {
    const LAST: i64 = 2_958_465;
    let first = match (is_1904, number) {
        (true, 0..=LAST) => date(1904, 1, 1),
        (false, 1..=59) => date(1899, 12, 31),
        (false, 61..=LAST) => date(1899, 12, 30),
        _ => return None,
    };
    first.checked_add(number.days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(written: &[&str], years_from: Option<i16>) -> DateForms {
        let mut forms = DateForms {
            years_from,
            ..DateForms::default()
        };
        written.iter().for_each(|form| forms.add(form).unwrap());
        forms
    }

    #[test]
    fn dates_are_read_by_the_stated_form_alone() {
        for (form, text, date) in [
            ("DD.MM.YYYY", "05.11.2026", Some("2026-11-05")),
            ("DD.MM.YYYY", "5.11.2026", None),
            ("D.M.YYYY", "5.11.2026", Some("2026-11-05")),
            ("D.M.YYYY", "05.11.2026 00:00:00", Some("2026-11-05")),
            ("M/D/YY", "11/5/26", Some("2026-11-05")),
            ("M/D/YY", "11/5/30", Some("1930-11-05")),
            ("M/D/YY", "13/5/26", None),
            ("DD-MMM-YYYY", "05-Nov-2026", Some("2026-11-05")),
            ("DD. MMM YYYY", "05. März 2026", Some("2026-03-05")),
            ("MM/YYYY", "11/2026", Some("2026-11")),
            ("DD.MM.YYYY", "31.11.2026", None),
            ("DD.MM.YYYY", "2026-11-05", Some("2026-11-05")),
            ("DD.MM.YYYY", "2026-11-05 00:00:00", Some("2026-11-05")),
            ("DD.MM.YYYY", "2026-11-05T23:30:00Z", None),
            ("day_number", "29346", Some("1980-05-05")),
            ("day_number", "60", None),
            ("day_number_1904", "27884", Some("1980-05-05")),
        ] {
            let forms = forms(&[form], Some(1930));
            assert_eq!(forms.read(text).ok().as_deref(), date, "{form} {text}");
        }
        let both = forms(&["DD/MM/YYYY", "MM/DD/YYYY"], None);
        assert_eq!(both.read("13/05/2026").unwrap(), "2026-05-13");
        assert!(both.read("05/11/2026").unwrap_err().contains("or"));
        for wrong in ["DD.MM", "YYYY-QQ", "MMYYMM", "DD.YYYY"] {
            assert!(DateForms::default().add(wrong).is_err(), "{wrong}");
        }
    }
}
