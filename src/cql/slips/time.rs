//! What is said of time: units, dates, ages, how long ago.

use super::pieces::{
    self, Piece, before, find, is_name, is_unit, name_at, pieces_of_name, replace,
};
use crate::value::date;

/// Units of time as they are abbreviated, behind a number.
pub fn units_of_time(pieces: &mut [Piece]) {
    for at in 1..pieces.len() {
        let number = pieces.get(at - 1).filter(|piece| piece.is_number());
        let Some(number) = number.map(|piece| piece.text.clone()) else {
            continue;
        };
        let Some(unit) = pieces.get(at).map(|piece| piece.text.to_ascii_lowercase()) else {
            continue;
        };
        let (unit, number) = match self::unit(&unit) {
            Some(COUNTED_IN_HOURS) => match number.parse::<u32>() {
                Ok(hours) if hours % 24 == 0 => ("days", (hours / 24).to_string()),
                _ => continue,
            },
            Some(unit) => (unit, number),
            None => continue,
        };
        let singular = number == "1";
        if let Some(piece) = pieces.get_mut(at) {
            piece.text = unit
                .trim_end_matches(if singular { 's' } else { ' ' })
                .to_owned();
            piece.space = " ".to_owned();
        }
        if let Some(piece) = pieces.get_mut(at - 1) {
            piece.text = number;
        }
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
    let pieces = pieces::of(text);
    pieces.windows(2).any(|pair| match pair {
        [number, unit] => number.is_number() && HOURS.iter().any(|hour| unit.is(hour)),
        _ => false,
    })
}

/// `AgeInYears() >= 18 years`: the number alone, in the unit in which it is given.
pub fn ages(pieces: &mut Vec<Piece>) {
    for at in 0..pieces.len() {
        let age = pieces.get(at).is_some_and(|piece| {
            piece.text == "AgeInYears" || piece.text == "AgeInMonths" || piece.is("age")
        });
        let bare = pieces
            .get(at + 1)
            .is_none_or(|next| next.text != "(" && next.text != ".");
        let name = pieces
            .get(at)
            .map(|piece| piece.text.clone())
            .unwrap_or_default();
        if age && bare && name.starts_with("AgeIn") {
            pieces.insert(at + 1, Piece::tight("("));
            pieces.insert(at + 2, Piece::tight(")"));
        }
    }
    for (words, by) in [
        (&["AgeInYears", "(", "birth_date", ")"][..], " AgeInYears()"),
        (&["AgeInMonths", "(", "birth_date", ")"], " AgeInMonths()"),
        (
            &["AgeInWeeks", "(", ")"],
            " weeks between birth_date and Today()",
        ),
        (
            &["AgeInDays", "(", ")"],
            " days between birth_date and Today()",
        ),
    ] {
        pieces::replace_all(pieces, words, by);
    }
    units_of_ages(pieces);
}

/// Takes the units away behind which an age is counted.
fn units_of_ages(pieces: &mut Vec<Piece>) {
    // `days between birth_date and Today() >= 18 days`
    let mut from = 0;
    while let Some(at) = find(pieces, from, &["between", "birth_date", "and", "Today"]) {
        from = at + 1;
        let unit = before(pieces, at).map(|unit| unit.text.clone());
        let same = pieces
            .get(at + 8)
            .is_some_and(|other| Some(&other.text) == unit.as_ref());
        if same && pieces.get(at + 6).is_some_and(Piece::is_comparison) {
            pieces.remove(at + 8);
        }
    }
    for (function, unit) in [("AgeInYears", "year"), ("AgeInMonths", "month")] {
        let mut from = 0;
        while let Some(at) = find(pieces, from, &[function, "(", ")", "between"]) {
            from = at + 1;
            let is_unit = |piece: &Piece| piece.text.trim_end_matches('s') == unit;
            let mut place = at + 4;
            while place < (at + 9).min(pieces.len()) {
                if pieces.get(place).is_some_and(is_unit) {
                    pieces.remove(place);
                } else {
                    place += 1;
                }
            }
        }
    }
    let mut at = 0;
    while at < pieces.len() {
        let function = pieces
            .get(at)
            .filter(|piece| piece.text.starts_with("AgeIn"));
        let called = find(pieces, at + 1, &["(", ")"]) == Some(at + 1);
        let unit = pieces
            .get(at + 5)
            .map(|unit| unit.text.trim_end_matches('s').to_owned());
        let compared = pieces.get(at + 3).is_some_and(Piece::is_comparison)
            && pieces.get(at + 4).is_some_and(Piece::is_number);
        if function.is_some() && called && compared {
            let in_unit = match unit.as_deref() {
                Some("year") => "AgeInYears",
                Some("month") => "AgeInMonths",
                _ => "",
            };
            if let Some(piece) = pieces.get_mut(at).filter(|_| !in_unit.is_empty()) {
                piece.text = in_unit.to_owned();
                pieces.remove(at + 5);
            }
        }
        at += 1;
    }
}

/// `within 6 weeks`, `in the last 6 weeks`, `more than 6 weeks ago`.
pub fn timings(pieces: &mut Vec<Piece>) {
    for (words, by) in [
        (&["within", "the", "last"][..], " within"),
        (&["within", "the", "past"], " within"),
        (&["within", "last"], " within"),
        (&["in", "the", "last"], " within"),
        (&["in", "the", "past"], " within"),
        (&["during", "the", "last"], " within"),
        (&["during", "the", "past"], " within"),
        (&["prior", "to"], " before"),
        (&["longer", "than"], " more than"),
        (&["no", "more", "than"], " at most"),
        (&["not", "more", "than"], " at most"),
        (&["no", "less", "than"], " at least"),
        (&["not", "less", "than"], " at least"),
    ] {
        replace_timed(pieces, words, by);
    }
    older(pieces);
    since(pieces);
    subtracted(pieces);
    copulas(pieces);
    within(pieces);
    while let Some(at) = find(pieces, 0, &["ago"]) {
        // Something of today is less than any time ago, and does not lie before today.
        let less = find(pieces, at.saturating_sub(4), &["less", "than"])
            .or_else(|| find(pieces, at.saturating_sub(4), &["at", "most"]))
            .is_some_and(|less| less < at);
        let words = if less {
            " on or before Today()"
        } else {
            " before Today()"
        };
        replace(pieces, at, 1, pieces::of(words));
    }
    // `at least 6 weeks before` is `6 weeks or more before`.
    for (words, more) in [(["at", "least"], " or more"), (["at", "most"], " or less")] {
        let mut from = 0;
        while let Some(at) = find(pieces, from, &words) {
            from = at + 1;
            let timed = pieces
                .get(at + 4)
                .is_some_and(|next| ["before", "after", "on"].iter().any(|word| next.is(word)));
            if timed && is_unit(pieces.get(at + 3)) {
                pieces.splice(at + 4..at + 4, pieces::of(more));
                pieces.drain(at..at + 2);
            }
        }
    }
}

/// Puts other words for these, where a time is counted behind them or they join dates.
fn replace_timed(pieces: &mut Vec<Piece>, words: &[&str], by: &str) {
    let mut from = 0;
    while let Some(at) = find(pieces, from, words) {
        from = at + 1;
        let behind = at + words.len();
        if words == ["prior", "to"] || is_unit(pieces.get(behind + 1)) {
            replace(pieces, at, words.len(), pieces::of(by));
        }
    }
}

/// `older than 6 weeks`.
fn older(pieces: &mut Vec<Piece>) {
    let mut from = 0;
    while let Some(at) = find(pieces, from, &["older", "than"]) {
        from = at + 1;
        if !is_unit(pieces.get(at + 3)) {
            continue;
        }
        let is_complete = pieces
            .get(at + 4)
            .is_some_and(|next| next.is("before") || next.is("ago"));
        if !is_complete {
            pieces.splice(at + 4..at + 4, pieces::of(" before Today()"));
        }
        replace(pieces, at, 1, vec![Piece::new("more")]);
    }
}

/// `weeks since x` counts them; `x since 2020` is a day or later.
fn since(pieces: &mut Vec<Piece>) {
    let mut from = 0;
    while let Some(at) = find(pieces, from, &["since"]) {
        from = at + 1;
        if is_unit(before(pieces, at)) {
            let Some(name) = name_at(pieces, at + 1) else {
                continue;
            };
            let end = at + 1 + pieces_of_name(&name);
            pieces.splice(end..end, pieces::of(" and Today()"));
            replace(pieces, at, 1, vec![Piece::new("between")]);
        } else if before(pieces, at).is_some_and(is_name) {
            replace(pieces, at, 1, pieces::of(" on or after"));
        }
    }
}

/// `Today() - x > 6 weeks`, and `Today() - x > 42` of days.
fn subtracted(pieces: &mut Vec<Piece>) {
    let mut from = 0;
    while let Some(at) = find(pieces, from, &["Today", "(", ")", "-"]) {
        from = at + 1;
        let Some(name) = name_at(pieces, at + 4) else {
            continue;
        };
        let sign = at + 4 + pieces_of_name(&name);
        let (Some(compared), Some(number)) = (pieces.get(sign), pieces.get(sign + 1)) else {
            continue;
        };
        if !number.is_number() {
            continue;
        }
        let (sign_text, number) = (compared.text.clone(), number.text.clone());
        let (text, length) = if is_unit(pieces.get(sign + 2)) {
            let unit = pieces.get(sign + 2).map_or("", |unit| unit.text.as_str());
            let words = match sign_text.as_str() {
                ">" => format!("more than {number} {unit} before"),
                ">=" => format!("{number} {unit} or more before"),
                "<" => format!("less than {number} {unit} on or before"),
                "<=" => format!("{number} {unit} or less on or before"),
                _ => continue,
            };
            (format!(" {name} {words} Today()"), sign + 3 - at)
        } else {
            let counted = format!(" days between {name} and Today() {sign_text} {number}");
            (counted, sign + 2 - at)
        };
        replace(pieces, at, length, pieces::of(&text));
    }
}

/// `was more than`, `is within`, `is before`: without the verb.
fn copulas(pieces: &mut Vec<Piece>) {
    const VERBS: [&[&str]; 5] = [
        &["is"],
        &["was"],
        &["were"],
        &["has", "been"],
        &["occurred"],
    ];
    for verb in VERBS {
        let mut from = 0;
        while let Some(at) = find(pieces, from, verb) {
            from = at + 1;
            let next = at + verb.len();
            let is_timed = pieces.get(next).is_some_and(|next| {
                ["within", "before", "after", "on"]
                    .iter()
                    .any(|word| next.is(word))
            }) || is_unit(pieces.get(next + 1))
                || is_unit(pieces.get(next + 3));
            if is_timed && before(pieces, at).is_some_and(is_name) {
                replace(pieces, at, verb.len(), Vec::new());
            }
        }
    }
}

/// `within 6 weeks`, and `within 6 weeks before` a day.
fn within(pieces: &mut Vec<Piece>) {
    let mut from = 0;
    while let Some(at) = find(pieces, from, &["within"]) {
        from = at + 1;
        let is_counted = pieces.get(at + 1).is_some_and(Piece::is_number);
        if !is_counted || !is_unit(pieces.get(at + 2)) {
            continue;
        }
        let is_before = pieces.get(at + 3).is_some_and(|next| next.is("before"));
        let is_after = pieces.get(at + 3).is_some_and(|next| next.is("after"));
        if is_before || is_after {
            pieces.splice(at + 3..at + 3, pieces::of(" or less on or"));
            let space = pieces.get(at).map(|piece| piece.space.clone());
            pieces.remove(at);
            if let (Some(piece), Some(space)) = (pieces.get_mut(at), space) {
                piece.space = space;
            }
        } else if !pieces.get(at + 3).is_some_and(|next| next.is("of")) {
            pieces.splice(at + 3..at + 3, pieces::of(" of Today()"));
        }
    }
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
    pub fn at(pieces: &[Piece], at: usize) -> Option<Self> {
        let piece = pieces.get(at)?;
        let numbers = |parts: &[&str]| match parts {
            [one, two, year] if one.len() <= 2 && two.len() <= 2 && year.len() == 4 => {
                Some([one.parse().ok()?, two.parse().ok()?, year.parse().ok()?])
            }
            _ => None,
        };
        if piece.text.contains('.') {
            let parts: Vec<&str> = piece.text.split('.').collect();
            return Some(Self {
                at,
                length: 1,
                numbers: numbers(&parts)?,
                has_dots: true,
            });
        }
        let following = pieces.get(at + 1..at + 5)?;
        let [separator, month, other, year] = following else {
            return None;
        };
        let is_tight = following.iter().all(|piece| piece.space.is_empty());
        let is_separated = separator == other && matches!(separator.text.as_str(), "/" | "-");
        if !is_tight || !is_separated {
            return None;
        }
        Some(Self {
            at,
            length: 5,
            numbers: numbers(&[&piece.text, &month.text, &year.text])?,
            has_dots: false,
        })
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

/// `5 Jan 2026`, `05-Jan-2026`, `Jan 2026`.
fn named_months(pieces: &mut Vec<Piece>) {
    let mut at = 0;
    while at < pieces.len() {
        let is_dash = |at: usize| pieces.get(at).is_some_and(|piece| piece.text == "-");
        let number = |at: usize, length: std::ops::RangeInclusive<usize>| {
            let piece = pieces.get(at)?;
            let is_one = piece.text.bytes().all(|byte| byte.is_ascii_digit());
            (is_one && length.contains(&piece.text.len())).then(|| piece.text.clone())
        };
        let month_of = |at: usize| pieces.get(at).and_then(|piece| date::month_of(&piece.text));
        let day = number(at, 1..=2);
        let word = at + usize::from(day.is_some()) + usize::from(day.is_some() && is_dash(at + 1));
        let year = word + 1 + usize::from(is_dash(word + 1));
        if let (Some(month), Some(written)) = (month_of(word), number(year, 4..=4)) {
            let date = match day {
                Some(day) => format!("@{written}-{month:02}-{day:0>2}"),
                None => format!("@{written}-{month:02}"),
            };
            replace(pieces, at, year + 1 - at, vec![Piece::new(date)]);
        }
        at += 1;
    }
}

/// `after 2020`, `after 2020-05`, `after '2026-01-05'`: dates without their `@`.
pub fn dates_without_sign(pieces: &mut Vec<Piece>) {
    for at in 1..pieces.len() {
        let is_compared = before(pieces, at).is_some_and(|piece| {
            piece.is_comparison() || ["before", "after", "of"].iter().any(|word| piece.is(word))
        });
        let Some(piece) = pieces.get(at).filter(|_| is_compared) else {
            continue;
        };
        let unquoted = piece.text.trim_matches(['\'', '"']);
        let is_date = unquoted.len() >= 4
            && unquoted
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'-');
        if !is_date {
            continue;
        }
        let mut date = format!("@{unquoted}");
        let month = pieces.get(at + 2).filter(|_| {
            piece.text.len() == 4
                && pieces
                    .get(at + 1)
                    .is_some_and(|dash| dash.text == "-" && dash.space.is_empty())
        });
        if let Some(month) = month.filter(|month| month.text.len() == 2) {
            date = format!("{date}-{}", month.text);
            pieces.drain(at + 1..at + 3);
        }
        if let Some(piece) = pieces.get_mut(at) {
            piece.text = date;
        }
    }
}

/// `today`, and the screening as a day.
pub fn today(pieces: &mut Vec<Piece>) {
    let mut at = 0;
    while at < pieces.len() {
        let is_day = pieces.get(at).is_some_and(|piece| {
            ["today", "now", "screening"]
                .iter()
                .any(|word| piece.is(word))
        });
        let is_called = pieces.get(at + 1).is_some_and(|next| next.text == "(");
        if is_day && !is_called {
            replace(pieces, at, 1, pieces::of(" Today()"));
        }
        at += 1;
    }
}

/// `age >= 18`, `age in years >= 18`.
pub fn age_in_years(pieces: &mut Vec<Piece>) {
    for (words, by) in [
        (&["age", "in", "years"][..], " AgeInYears()"),
        (&["age", "in", "months"], " AgeInMonths()"),
        (&["age", "(", ")"], " AgeInYears()"),
        (&["patient", ".", "age"], " AgeInYears()"),
        (&["age"], " AgeInYears()"),
    ] {
        pieces::replace_all(pieces, words, by);
    }
    ages(pieces);
    super::limits::ranges(pieces);
}

/// `2026-11-27` without its `@`.
pub fn dates(pieces: &mut Vec<Piece>) {
    named_months(pieces);
    let mut at = 0;
    while at + 4 < pieces.len() {
        let part = |ahead: usize| pieces.get(at + ahead).map(|piece| piece.text.as_str());
        let digits = |text: Option<&str>, length: std::ops::RangeInclusive<usize>| {
            text.is_some_and(|text| {
                length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        let tight = pieces
            .iter()
            .skip(at + 1)
            .take(4)
            .all(|piece| piece.space.is_empty());
        let separated = part(1) == part(3) && matches!(part(1), Some("-" | "/"));
        if tight
            && separated
            && digits(part(0), 4..=4)
            && digits(part(2), 1..=2)
            && digits(part(4), 1..=2)
        {
            let date = format!(
                "@{}-{:0>2}-{:0>2}",
                part(0).unwrap_or_default(),
                part(2).unwrap_or_default(),
                part(4).unwrap_or_default()
            );
            replace(pieces, at, 5, vec![Piece::new(date)]);
        }
        at += 1;
    }
}
