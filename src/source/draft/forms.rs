//! How a table writes dates and numbers, and its words for what is missing.

use std::fmt::Write as _;

use super::seen::{SeenColumn, SeenTable};
use super::{MARK, quoted};
use crate::source::dates::DateForms;
use crate::source::numbers::NumberForm;

/// Forms of dates that tables have, each read with or without zeros before a number.
const FORMS: [&str; 8] = [
    "D.M.YYYY",
    "D.M.YY",
    "D/M/YYYY",
    "M/D/YYYY",
    "D/M/YY",
    "M/D/YY",
    "D-MMM-YYYY",
    "D-M-YYYY",
];

/// Words for what is missing, and the causes that they may mean.
const MISSING: [(&str, &str); 22] = [
    ("n.d.", "not_performed"),
    ("nd", "not_performed"),
    ("not done", "not_performed"),
    ("nicht durchgeführt", "not_performed"),
    ("nicht gemacht", "not_performed"),
    ("nicht erfragt", "not_asked"),
    ("not asked", "not_asked"),
    ("k.a.", "asked_unknown"),
    ("k. a.", "asked_unknown"),
    ("keine angabe", "asked_unknown"),
    ("unbekannt", "unknown"),
    ("unknown", "unknown"),
    ("unk", "unknown"),
    ("na", "not_recorded"),
    ("n/a", "not_recorded"),
    ("#n/a", "not_recorded"),
    ("nan", "not_recorded"),
    ("null", "not_recorded"),
    ("-", "not_recorded"),
    ("ausstehend", "temp_unknown"),
    ("pending", "temp_unknown"),
    ("folgt", "temp_unknown"),
];

/// How a table writes what it writes.
pub(super) struct Forms {
    /// The form of dates of all columns that have any.
    dates: Option<&'static str>,
    /// Whether numbers have a decimal comma.
    comma: bool,
    /// Whether some have a comma and some a point.
    both: bool,
    /// What stands between thousands, perhaps.
    thousands: Option<char>,
    missing: Vec<(String, &'static str, u64)>,
}

impl Forms {
    pub fn of(table: &SeenTable) -> Self {
        let forms: Vec<&str> = table
            .columns
            .iter()
            .filter_map(|column| match dates_of(column).as_slice() {
                [only] => Some(*only),
                _ => None,
            })
            .collect();
        let first = forms.first().copied();
        let has = |mark: char| {
            let mut texts = table.columns.iter().flat_map(SeenColumn::texts);
            texts.any(|text| is_decimal(text, mark))
        };
        let (comma, point) = (has(','), has('.'));
        let mut missing: Vec<(String, &'static str, u64)> = Vec::new();
        for (text, count) in table.columns.iter().flat_map(|column| &column.values) {
            let Some(cause) = cause_of(text) else {
                continue;
            };
            match missing.iter_mut().find(|(known, ..)| known == text) {
                Some((.., known)) => *known += count,
                None => missing.push((text.clone(), cause, *count)),
            }
        }
        Self {
            dates: first.filter(|first| forms.iter().all(|form| form == first)),
            comma: comma && !point,
            both: comma && point,
            thousands: ['.', ','].into_iter().find(|mark| {
                let is_decimal = if *mark == ',' {
                    comma && !point
                } else {
                    point && !comma
                };
                let mut texts = table.columns.iter().flat_map(SeenColumn::texts);
                !is_decimal && texts.any(|text| is_grouped(text, *mark))
            }),
            missing,
        }
    }

    /// Whether a word is one for what is missing.
    pub fn is_missing(&self, text: &str) -> bool {
        self.missing.iter().any(|(known, ..)| known == text)
    }

    /// The number that a text is, and what stands behind it, once what is proposed here is in effect.
    pub fn number(&self, text: &str) -> Option<(String, String)> {
        let decimals: &[char] = match (self.comma, self.both) {
            (true, _) => &[','],
            (_, true) => &['.', ','],
            _ => &['.'],
        };
        let mut read = decimals.iter().filter_map(|decimal| {
            let form = NumberForm {
                decimal: *decimal,
                thousands: self.thousands.filter(|mark| mark != decimal),
                bounds: true,
            };
            form.read(text).ok()
        });
        read.next()
    }

    /// Writes what holds for the whole table.
    pub fn write(&self, out: &mut String) {
        if let Some(form) = self.dates {
            let _ = writeln!(out, "dates: {form}");
            if form.ends_with("/YY") || form.ends_with(".YY") {
                let _ = writeln!(
                    out,
                    "years_from: {MARK} 1930   # the first year that two digits may mean"
                );
            }
        }
        if self.comma {
            out.push_str("decimal: ','\n");
        }
        if let Some(mark) = self.thousands {
            let _ = writeln!(out, "thousands: {MARK} '{mark}'");
        }
        if self.both {
            let _ = writeln!(
                out,
                "# some numbers have a comma, some a point: say `decimal` where the column has another\n{MARK} decimal: ','"
            );
        }
        if !self.missing.is_empty() {
            out.push_str("missing:\n");
            for (word, cause, count) in &self.missing {
                let _ = writeln!(out, "  {}: {MARK} {cause}   # {count} cells", quoted(word));
            }
        }
    }

    /// Writes the form of the dates of a column, where the table has none for all.
    pub fn write_dates(&self, column: &SeenColumn, indent: &str, out: &mut String) {
        let forms = dates_of(column);
        match forms.as_slice() {
            [] => {}
            [only] if Some(*only) == self.dates => {}
            [only] => {
                let _ = writeln!(out, "{indent}dates: {only}");
            }
            several if self.dates.is_some_and(|form| several.contains(&form)) => {}
            several => {
                let _ = writeln!(out, "{indent}dates: {MARK} {}", several.join(" | "));
            }
        }
    }
}

/// The forms by which every date of a column can be read; none if one has another form, or all are in the international form.
fn dates_of(column: &SeenColumn) -> Vec<&'static str> {
    let texts: Vec<&str> = column
        .texts()
        .filter(|text| cause_of(text).is_none() && crate::value::date::parse(text).is_err())
        .collect();
    if texts.is_empty() {
        return Vec::new();
    }
    let fits = |form: &&&str| {
        let mut forms = DateForms {
            years_from: Some(1930),
            ..DateForms::default()
        };
        forms.add(form).is_ok() && texts.iter().all(|text| forms.read(text).is_ok())
    };
    FORMS.iter().filter(fits).copied().collect()
}

fn cause_of(text: &str) -> Option<&'static str> {
    let word = text.trim().to_lowercase();
    MISSING
        .iter()
        .find(|(known, _)| *known == word)
        .map(|(_, cause)| *cause)
}

/// Whether a text may be a number with this between thousands.
fn is_grouped(text: &str, mark: char) -> bool {
    let text = text.trim_start_matches(['<', '>', '=', ' ']);
    let decimal = if mark == ',' { '.' } else { ',' };
    let text = text.split(decimal).next().unwrap_or(text);
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let Some((first, rest)) = text.split_once(mark) else {
        return false;
    };
    (1..=3).contains(&first.len())
        && digits(first)
        && !first.starts_with('0')
        && rest
            .split(mark)
            .all(|group| group.len() == 3 && digits(group))
}

/// Whether a text is a number with this decimal mark, and not with one between thousands.
fn is_decimal(text: &str, mark: char) -> bool {
    let text = text.trim_start_matches(['<', '>', '=', ' ']);
    let Some((whole, fraction)) = text.split_once(mark) else {
        return false;
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let other = if mark == ',' { '.' } else { ',' };
    digits(&whole.replace(other, ""))
        && digits(fraction)
        && (fraction.len() != 3 || whole == "0" || whole.contains(other))
}
