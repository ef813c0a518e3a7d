//! What is said of time: units, dates, ages, how long ago.

use std::ops::RangeInclusive;

use super::pieces::{Piece, Pieces, pieces_of_name};
use crate::value::date;

/// Units of time as they are abbreviated, behind a number.
pub fn units_of_time(pieces: &mut Pieces) {
    for at in 1..pieces.len() {
        if !pieces.before(at).is_number() {
            continue;
        }
        let number = pieces.before(at).text.clone();
        let (unit, number) = match unit(&pieces.at(at).text) {
            Some(COUNTED_IN_HOURS) => match number.parse::<u32>() {
                Ok(hours) if hours % 24 == 0 => ("days", (hours / 24).to_string()),
                _ => continue,
            },
            Some(unit) => (unit, number),
            None => continue,
        };
        let unit = match number.as_str() {
            "1" => unit.trim_end_matches('s'),
            _ => unit,
        };
        pieces.set_text(at, unit);
        pieces.set_apart(at);
        pieces.set_text(at - 1, number);
    }
}

/// What stands for hours, which there are not.
const COUNTED_IN_HOURS: &str = "hours";

/// The unit of time that a word means, in the plural.
pub fn unit(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    Some(match word.as_str() {
        "d" | "day" | "days" => "days",
        "w" | "wk" | "wks" | "week" | "weeks" => "weeks",
        "mo" | "mos" | "mth" | "mths" | "month" | "months" => "months",
        "y" | "yr" | "yrs" | "yo" | "year" | "years" => "years",
        word if HOURS.contains(&word) => COUNTED_IN_HOURS,
        _ => return None,
    })
}

const HOURS: [&str; 5] = ["h", "hr", "hrs", "hour", "hours"];

/// Whether a text counts hours.
pub fn has_hours(text: &str) -> bool {
    let pieces = Pieces::of(text);
    (1..pieces.len()).any(|at| pieces.before(at).is_number() && pieces.at(at).is_any(&HOURS))
}

/// `AgeInYears() >= 18 years`: the number alone, in the unit in which it is given.
pub fn ages(pieces: &mut Pieces) {
    for at in 0..pieces.len() {
        let is_age = matches!(pieces.at(at).text.as_str(), "AgeInYears" | "AgeInMonths");
        if is_age && !pieces.at(at + 1).is_any(&["(", "."]) {
            pieces.insert(at + 1, Piece::tight("("));
            pieces.insert(at + 2, Piece::tight(")"));
        }
    }
    pieces.replace_by(&[
        ("AgeInYears ( birth_date )", "AgeInYears()"),
        ("AgeInMonths ( birth_date )", "AgeInMonths()"),
        ("AgeInWeeks ( )", "weeks between birth_date and Today()"),
        ("AgeInDays ( )", "days between birth_date and Today()"),
    ]);
    units_of_ages(pieces);
}

/// Takes the units away behind which an age is counted.
fn units_of_ages(pieces: &mut Pieces) {
    // `days between birth_date and Today() >= 18 days`
    pieces.each("between birth_date and Today", |pieces, at| {
        let is_same = at > 0 && pieces.before(at).text == pieces.at(at + 8).text;
        if is_same && pieces.at(at + 6).is_comparison() {
            pieces.remove(at + 8);
        }
    });
    for (words, unit) in [
        ("AgeInYears ( ) between", "year"),
        ("AgeInMonths ( ) between", "month"),
    ] {
        pieces.each(words, |pieces, at| {
            let mut place = at + 4;
            while place < (at + 9).min(pieces.len()) {
                if pieces.at(place).text.trim_end_matches('s') == unit {
                    pieces.remove(place);
                } else {
                    place += 1;
                }
            }
        });
    }
    for at in 0..pieces.len() {
        let in_unit = match pieces.at(at + 5).text.trim_end_matches('s') {
            "year" => "AgeInYears",
            "month" => "AgeInMonths",
            _ => continue,
        };
        if pieces.at(at).text.starts_with("AgeIn")
            && pieces.stands(at + 1, "( )")
            && pieces.at(at + 3).is_comparison()
            && pieces.at(at + 4).is_number()
        {
            pieces.set_text(at, in_unit);
            pieces.remove(at + 5);
        }
    }
}

/// Words of time, and what is written here.
const TIMED: [(&str, &str); 13] = [
    ("within the last", "within"),
    ("within the past", "within"),
    ("within last", "within"),
    ("in the last", "within"),
    ("in the past", "within"),
    ("during the last", "within"),
    ("during the past", "within"),
    ("prior to", "before"),
    ("longer than", "more than"),
    ("no more than", "at most"),
    ("not more than", "at most"),
    ("no less than", "at least"),
    ("not less than", "at least"),
];

/// `within 6 weeks`, `in the last 6 weeks`, `more than 6 weeks ago`.
pub fn timings(pieces: &mut Pieces) {
    for (words, by) in TIMED {
        let length = words.split(' ').count();
        pieces.each(words, |pieces, at| {
            // A time is counted behind them, or they join dates.
            if words == "prior to" || pieces.at(at + length + 1).is_unit_of_time() {
                pieces.replace(at, length, by);
            }
        });
    }
    older(pieces);
    since(pieces);
    subtracted(pieces);
    copulas(pieces);
    within(pieces);
    pieces.each("ago", |pieces, at| {
        // Something of today is less than any time ago, and does not lie before today.
        let is_less = (at.saturating_sub(4)..at)
            .any(|place| pieces.stands(place, "less than") || pieces.stands(place, "at most"));
        let words = match is_less {
            true => "on or before Today()",
            false => "before Today()",
        };
        pieces.replace(at, 1, words);
    });
    // `at least 6 weeks before` is `6 weeks or more before`.
    for (words, more) in [("at least", " or more"), ("at most", " or less")] {
        pieces.each(words, |pieces, at| {
            if is_join(pieces.at(at + 4)) && pieces.at(at + 3).is_unit_of_time() {
                pieces.put(at + 4, more);
                pieces.drain(at..at + 2);
            }
        });
    }
}

/// Whether it says how two dates stand to each other.
fn is_join(piece: &Piece) -> bool {
    piece.is_any(&["before", "after", "on"])
}

/// `older than 6 weeks`.
fn older(pieces: &mut Pieces) {
    pieces.each("older than", |pieces, at| {
        if !pieces.at(at + 3).is_unit_of_time() {
            return;
        }
        if !pieces.at(at + 4).is_any(&["before", "ago"]) {
            pieces.put(at + 4, " before Today()");
        }
        pieces.replace(at, 1, "more");
    });
}

/// `weeks since x` counts them; `x since 2020` is a day or later.
fn since(pieces: &mut Pieces) {
    pieces.each("since", |pieces, at| {
        if !pieces.before(at).is_unit_of_time() {
            if pieces.before(at).is_name() {
                pieces.replace(at, 1, "on or after");
            }
        } else if let Some(name) = pieces.name_at(at + 1) {
            pieces.put(at + 1 + pieces_of_name(&name), " and Today()");
            pieces.replace(at, 1, "between");
        }
    });
}

/// `Today() - x > 6 weeks`, and `Today() - x > 42` of days.
fn subtracted(pieces: &mut Pieces) {
    pieces.each("Today ( ) -", |pieces, at| {
        let Some(name) = pieces.name_at(at + 4) else {
            return;
        };
        let place = at + 4 + pieces_of_name(&name);
        let [sign, number, unit] = [0, 1, 2].map(|ahead| pieces.at(place + ahead));
        if !number.is_number() {
            return;
        }
        let (sign, number) = (&sign.text, &number.text);
        let (text, end) = if unit.is_unit_of_time() {
            let unit = &unit.text;
            let words = match sign.as_str() {
                ">" => format!("more than {number} {unit} before"),
                ">=" => format!("{number} {unit} or more before"),
                "<" => format!("less than {number} {unit} on or before"),
                "<=" => format!("{number} {unit} or less on or before"),
                _ => return,
            };
            (format!("{name} {words} Today()"), place + 3)
        } else {
            let counted = format!("days between {name} and Today() {sign} {number}");
            (counted, place + 2)
        };
        pieces.replace(at, end - at, &text);
    });
}

/// `was more than`, `is within`, `is before`: without the verb.
fn copulas(pieces: &mut Pieces) {
    for verb in ["is", "was", "were", "has been", "occurred"] {
        let length = verb.split(' ').count();
        pieces.each(verb, |pieces, at| {
            let next = at + length;
            let is_timed = pieces.at(next).is("within")
                || is_join(pieces.at(next))
                || pieces.at(next + 1).is_unit_of_time()
                || pieces.at(next + 3).is_unit_of_time();
            if is_timed && pieces.before(at).is_name() {
                pieces.replace(at, length, "");
            }
        });
    }
}

/// `within 6 weeks`, and `within 6 weeks before` a day.
fn within(pieces: &mut Pieces) {
    pieces.each("within", |pieces, at| {
        if !pieces.at(at + 1).is_number() || !pieces.at(at + 2).is_unit_of_time() {
            return;
        }
        if pieces.at(at + 3).is_any(&["before", "after"]) {
            pieces.put(at + 3, " or less on or");
            let within = pieces.remove(at);
            if let Some(piece) = pieces.get_mut(at) {
                piece.space = within.space;
            }
        } else if !pieces.at(at + 3).is("of") {
            pieces.put(at + 3, " of Today()");
        }
    });
}

/// A date in figures, with the day or the month first: `05/01/2026`, `05.01.2026`.
pub struct Written {
    pub at: usize,
    /// How many pieces it has.
    pub length: usize,
    numbers: [u32; 3],
    /// Where dots stand, the day comes first.
    has_dots: bool,
}

impl Written {
    pub fn at(pieces: &Pieces, at: usize) -> Option<Self> {
        let text = &pieces.get(at)?.text;
        let has_dots = text.contains('.');
        let (parts, length): (Vec<&str>, usize) = if has_dots {
            (text.split('.').collect(), 1)
        } else {
            let [separator, month, other, year] = pieces.get(at + 1..at + 5)? else {
                return None;
            };
            let is_tight = [separator, month, other, year]
                .iter()
                .all(|piece| piece.space.is_empty());
            if !is_tight || separator != other || !separator.is_any(&["/", "-"]) {
                return None;
            }
            (vec![text, &month.text, &year.text], 5)
        };
        match *parts {
            [one, two, year] if one.len() <= 2 && two.len() <= 2 && year.len() == 4 => Some(Self {
                at,
                length,
                numbers: [one.parse().ok()?, two.parse().ok()?, year.parse().ok()?],
                has_dots,
            }),
            _ => None,
        }
    }

    /// The date as it is written here, if there is such a month.
    pub fn literal(&self, day_first: bool) -> Option<String> {
        let [first, second, year] = self.numbers;
        let (day, month) = if day_first {
            (first, second)
        } else {
            (second, first)
        };
        if self.has_dots && !day_first {
            return None;
        }
        let exists = (1..=12).contains(&month) && (1..=31).contains(&day);
        exists.then(|| format!("@{year:04}-{month:02}-{day:02}"))
    }
}

/// Whether a text is a whole number, of as many digits.
fn is_digits(text: &str, length: RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `5 Jan 2026`, `05-Jan-2026`, `Jan 2026`.
fn named_months(pieces: &mut Pieces) {
    for at in 0..pieces.len() {
        let is_dash = |at: usize| pieces.at(at).text == "-";
        let day = Some(&pieces.at(at).text).filter(|day| is_digits(day, 1..=2));
        let word = at + usize::from(day.is_some()) + usize::from(day.is_some() && is_dash(at + 1));
        let place = word + 1 + usize::from(is_dash(word + 1));
        let year = &pieces.at(place).text;
        if is_digits(year, 4..=4)
            && let Some(month) = pieces.get(word).and_then(|word| date::month_of(&word.text))
        {
            let date = match day {
                Some(day) => format!("@{year}-{month:02}-{day:0>2}"),
                None => format!("@{year}-{month:02}"),
            };
            pieces.replace(at, place + 1 - at, &date);
        }
    }
}

/// `after 2020`, `after 2020-05`, `after '2026-01-05'`: dates without their `@`.
pub fn dates_without_sign(pieces: &mut Pieces) {
    for at in 1..pieces.len() {
        let before = pieces.before(at);
        if !before.is_comparison() && !before.is_any(&["before", "after", "of"]) {
            continue;
        }
        let text = &pieces.at(at).text;
        let unquoted = text.trim_matches(['\'', '"']);
        let is_date = unquoted.len() >= 4
            && unquoted
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'-');
        if !is_date {
            continue;
        }
        let mut date = format!("@{unquoted}");
        let (dash, month) = (pieces.at(at + 1), &pieces.at(at + 2).text);
        if text.len() == 4 && dash.text == "-" && dash.space.is_empty() && month.len() == 2 {
            date = format!("{date}-{month}");
            pieces.drain(at + 1..at + 3);
        }
        pieces.set_text(at, date);
    }
}

/// `today`, and the screening as a day.
pub fn today(pieces: &mut Pieces) {
    let mut at = 0;
    while at < pieces.len() {
        let is_day = pieces.at(at).is_any(&["today", "now", "screening"]);
        if is_day && pieces.at(at + 1).text != "(" {
            pieces.replace(at, 1, "Today()");
        }
        at += 1;
    }
}

/// `age >= 18`, `age in years >= 18`.
pub fn age_in_years(pieces: &mut Pieces) {
    pieces.replace_by(&[
        ("age in years", "AgeInYears()"),
        ("age in months", "AgeInMonths()"),
        ("age ( )", "AgeInYears()"),
        ("patient . age", "AgeInYears()"),
        ("age", "AgeInYears()"),
    ]);
    ages(pieces);
    super::limits::ranges(pieces);
}

/// `2026-11-27` without its `@`.
pub fn dates(pieces: &mut Pieces) {
    named_months(pieces);
    for at in 0..pieces.len() {
        let [year, first, month, second, day] = [0, 1, 2, 3, 4].map(|ahead| pieces.at(at + ahead));
        let is_tight = [first, month, second, day]
            .iter()
            .all(|piece| piece.space.is_empty());
        if is_tight
            && first.text == second.text
            && first.is_any(&["-", "/"])
            && is_digits(&year.text, 4..=4)
            && is_digits(&month.text, 1..=2)
            && is_digits(&day.text, 1..=2)
        {
            let date = format!("@{}-{:0>2}-{:0>2}", year.text, month.text, day.text);
            pieces.replace(at, 5, &date);
        }
    }
}
