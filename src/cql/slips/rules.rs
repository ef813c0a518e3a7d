//! Notations that coordinators write, and what each is here.

use super::pieces::{self, Piece};
use crate::cql::check::FUNCTIONS;

/// The ways to read what has more than one, each with what it means. Where there is one way, nothing is said of it.
pub fn readings(pieces: Vec<Piece>) -> Vec<(Option<&'static str>, Vec<Piece>)> {
    if let Some(at) = pieces.iter().position(|piece| {
        let groups: Vec<&str> = piece.text.split(',').collect();
        piece.is_number() && groups.len() == 2 && groups.get(1).is_some_and(|tail| tail.len() == 3)
    }) {
        let with = |by: &str| {
            let mut pieces = pieces.clone();
            if let Some(piece) = pieces.get_mut(at) {
                piece.text = piece.text.replace(',', by);
            }
            pieces
        };
        return vec![
            (Some("if the comma marks thousands"), with("")),
            (Some("if it is the decimal mark"), with(".")),
        ];
    }
    if let Some(ago) = pieces.iter().position(|piece| piece.is("ago")) {
        let mut start = ago.saturating_sub(2);
        let before = |at: usize| at.checked_sub(1).and_then(|at| pieces.get(at));
        let bare = before(start).is_some_and(|piece| piece.is_comparison() || is_name(piece));
        if bare && pieces.get(start).is_some_and(Piece::is_number) {
            let number = start;
            if before(start).is_some_and(Piece::is_comparison) {
                start -= 1;
            }
            let with = |words: &str| {
                let mut changed: Vec<Piece> = pieces.iter().take(start).cloned().collect();
                changed.extend(pieces.iter().skip(number).take(2).cloned());
                changed.extend(pieces::of(words));
                changed.extend(pieces.iter().skip(ago + 1).cloned());
                changed
            };
            return vec![
                (Some("if it is longer ago"), with(" or more before Today()")),
                (
                    Some("if it is more recent"),
                    with(" or less before Today()"),
                ),
            ];
        }
    }
    vec![(None, pieces)]
}

/// Words that join conditions, and so name nothing.
fn is_name(piece: &Piece) -> bool {
    const JOINING: [&str; 16] = [
        "and", "or", "not", "than", "least", "most", "in", "within", "where", "exists", "is",
        "then", "else", "if", "when", "last",
    ];
    piece.is_word() && !JOINING.iter().any(|word| piece.is(word))
}

/// Writes everything as it is written here that can mean one thing only.
pub fn notations(pieces: &mut Vec<Piece>) {
    signs(pieces);
    words(pieces);
    spelled(pieces);
    units_of_time(pieces);
    limits_of_normal(pieces);
    ages(pieces);
    timings(pieces);
    limits(pieces);
    ranges(pieces);
    lists(pieces);
    negations(pieces);
    dates(pieces);
}

/// Signs of other languages and of typesetting.
fn signs(pieces: &mut Vec<Piece>) {
    for piece in pieces.iter_mut() {
        let sign = match piece.text.as_str() {
            "≤" | "≦" | "=<" => "<=",
            "≥" | "≧" | "=>" => ">=",
            "≠" | "<>" | "=!" | "!==" | "=/=" => "!=",
            "==" | "===" => "=",
            "&&" | "&" => "and",
            "||" | "|" => "or",
            "**" => "^",
            "×" => "*",
            "−" | "–" | "—" => "-",
            "!" => "not",
            _ => continue,
        };
        if sign == "not" || sign == "and" || sign == "or" {
            piece.space = " ".to_owned();
        }
        piece.text = sign.to_owned();
    }
    // `not` before a word needs a space behind it.
    for at in 1..pieces.len() {
        let behind_word = pieces
            .get(at - 1)
            .is_some_and(|piece| piece.is("not") || piece.is("and") || piece.is("or"));
        if let Some(piece) = pieces
            .get_mut(at)
            .filter(|piece| behind_word && piece.space.is_empty())
        {
            piece.space = " ".to_owned();
        }
    }
    while pieces
        .last()
        .is_some_and(|piece| matches!(piece.text.as_str(), ";" | "." | ","))
    {
        pieces.pop();
    }
}

/// Keywords and functions in other capitals.
fn words(pieces: &mut [Piece]) {
    const KEYWORDS: [&str; 34] = [
        "and", "or", "not", "xor", "in", "is", "null", "true", "false", "between", "exists", "if",
        "then", "else", "case", "when", "end", "where", "before", "after", "within", "of",
        "contains", "days", "weeks", "months", "years", "day", "week", "month", "year", "implies",
        "same", "return",
    ];
    for at in 0..pieces.len() {
        let called = pieces.get(at + 1).is_some_and(|next| next.text == "(");
        let part = at
            .checked_sub(1)
            .and_then(|at| pieces.get(at))
            .is_some_and(|piece| piece.text == ".");
        let Some(piece) = pieces.get_mut(at).filter(|piece| piece.is_word() && !part) else {
            continue;
        };
        let shouted = piece.text.chars().any(|letter| letter.is_ascii_uppercase());
        if let Some(keyword) = KEYWORDS.iter().find(|word| shouted && piece.is(word)) {
            piece.text = (*keyword).to_owned();
        }
        let function = match piece.text.to_ascii_lowercase().as_str() {
            "now" if called => Some("Today"),
            name => FUNCTIONS
                .iter()
                .find(|function| {
                    called && !KEYWORDS.contains(&name) && function.eq_ignore_ascii_case(name)
                })
                .copied(),
        };
        if let Some(function) = function {
            piece.text = function.to_owned();
        }
    }
}

/// Where words stand in a row, their place.
fn find(pieces: &[Piece], from: usize, words: &[&str]) -> Option<usize> {
    (from..pieces.len()).find(|at| {
        words
            .iter()
            .enumerate()
            .all(|(ahead, word)| pieces.get(at + ahead).is_some_and(|piece| piece.is(word)))
    })
}

/// Puts pieces in the place of others; the first keeps the space of what stood there.
fn replace(pieces: &mut Vec<Piece>, at: usize, count: usize, mut by: Vec<Piece>) {
    if let (Some(first), Some(old)) = (by.first_mut(), pieces.get(at)) {
        first.space = if at == 0 || old.space.is_empty() && !first.is_word() {
            old.space.clone()
        } else {
            " ".to_owned()
        };
    }
    let end = (at + count).min(pieces.len());
    pieces.splice(at.min(end)..end, by);
}

/// Comparisons in words.
fn spelled(pieces: &mut Vec<Piece>) {
    const SPELLED: [(&[&str], &str); 12] = [
        (&["no", "more", "than"], "<="),
        (&["not", "more", "than"], "<="),
        (&["no", "greater", "than"], "<="),
        (&["no", "less", "than"], ">="),
        (&["not", "less", "than"], ">="),
        (&["greater", "than", "or", "equal", "to"], ">="),
        (&["less", "than", "or", "equal", "to"], "<="),
        (&["greater", "than"], ">"),
        (&["fewer", "than"], "<"),
        (&["equal", "to"], "="),
        (&["is", "equal", "to"], "="),
        (&["equals"], "="),
    ];
    for (words, sign) in SPELLED {
        while let Some(at) = find(pieces, 0, words) {
            replace(pieces, at, words.len(), vec![Piece::new(sign)]);
        }
    }
    // `is` before a sign, a number or a text is `=`, or nothing.
    let mut at = 0;
    while let Some(is) = find(pieces, at, &["is"]) {
        at = is + 1;
        let negated = pieces.get(is + 1).is_some_and(|piece| piece.is("not"));
        let behind = is + 1 + usize::from(negated);
        let Some(next) = pieces.get(behind) else {
            continue;
        };
        let value = next.is_number() || next.text.starts_with(['\'', '"']);
        if next.is_comparison() || next.is("between") || next.is("in") || next.is("at") {
            let by = if negated {
                vec![Piece::new("not")]
            } else {
                Vec::new()
            };
            replace(pieces, is, behind - is, by);
        } else if value {
            let sign = if negated { "!=" } else { "=" };
            replace(pieces, is, behind - is, vec![Piece::new(sign)]);
        }
    }
    for sign in ["=", "!="] {
        let mut at = 0;
        while let Some(null) = find(pieces, at, &[sign, "null"]) {
            at = null + 1;
            let words = if sign == "=" { " is" } else { " is not" };
            replace(pieces, null, 1, pieces::of(words));
        }
    }
}

/// Units of time as they are abbreviated, behind a number.
fn units_of_time(pieces: &mut [Piece]) {
    for at in 1..pieces.len() {
        let number = pieces.get(at - 1).filter(|piece| piece.is_number());
        let Some(number) = number.map(|piece| piece.text.clone()) else {
            continue;
        };
        let Some(unit) = pieces.get(at).map(|piece| piece.text.to_ascii_lowercase()) else {
            continue;
        };
        let (unit, number) = match unit.as_str() {
            "d" => ("days", number),
            "w" | "wk" | "wks" => ("weeks", number),
            "mo" | "mos" | "mth" | "mths" => ("months", number),
            "y" | "yr" | "yrs" | "yo" => ("years", number),
            unit if HOURS.contains(&unit) => match number.parse::<u32>() {
                Ok(hours) if hours % 24 == 0 => ("days", (hours / 24).to_string()),
                _ => continue,
            },
            _ => continue,
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

const HOURS: [&str; 5] = ["h", "hr", "hrs", "hour", "hours"];

/// Whether a text counts hours.
pub fn has_hours(text: &str) -> bool {
    let pieces = pieces::of(text);
    pieces.windows(2).any(|pair| match pair {
        [number, unit] => number.is_number() && HOURS.iter().any(|hour| unit.is(hour)),
        _ => false,
    })
}

/// The name that ends before a place, with its dots.
fn name_before(pieces: &[Piece], end: usize) -> Option<String> {
    let mut start = end;
    while let Some(before) = start.checked_sub(1) {
        let piece = pieces.get(before)?;
        let next_is_dot = pieces.get(start).is_some_and(|next| next.text == ".");
        let fits = piece.text == "." || (is_name(piece) && (start == end || next_is_dot));
        if !fits {
            break;
        }
        start = before;
    }
    (start < end).then(|| {
        pieces
            .iter()
            .skip(start)
            .take(end - start)
            .map(|piece| piece.text.as_str())
            .collect()
    })
}

/// `3 ULN`, `3 x ULN`, `ULN*3`: multiples of the limits of what stands on the other side.
fn limits_of_normal(pieces: &mut Vec<Piece>) {
    for (words, short) in [
        (&["upper", "limit", "of", "normal"], "ULN"),
        (&["lower", "limit", "of", "normal"], "LLN"),
    ] {
        while let Some(at) = find(pieces, 0, words) {
            replace(pieces, at, words.len(), vec![Piece::new(short)]);
        }
    }
    for limit in ["uln", "lln"] {
        let mut from = 0;
        while let Some(found) = find(pieces, from, &[limit]) {
            from = found + 1;
            let mut at = found;
            if at
                .checked_sub(1)
                .and_then(|at| pieces.get(at))
                .is_some_and(|piece| piece.text == ".")
            {
                continue;
            }
            let comparison = pieces.iter().take(at).rposition(Piece::is_comparison);
            let Some(name) = comparison.and_then(|comparison| name_before(pieces, comparison))
            else {
                continue;
            };
            if let Some(piece) = pieces.get_mut(at) {
                piece.text = format!("{name}.{limit}");
                piece.space = " ".to_owned();
            }
            let spoken = |piece: &Piece| {
                ["x", "times", "the", "of"]
                    .iter()
                    .any(|word| piece.is(word))
            };
            while at
                .checked_sub(1)
                .and_then(|at| pieces.get(at))
                .is_some_and(spoken)
            {
                pieces.remove(at - 1);
                at -= 1;
            }
            if at
                .checked_sub(1)
                .and_then(|at| pieces.get(at))
                .is_some_and(Piece::is_number)
            {
                pieces.insert(at, Piece::new("*"));
            }
        }
    }
}

/// `AgeInYears() >= 18 years`: the number alone, in the unit in which it is given.
fn ages(pieces: &mut Vec<Piece>) {
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

fn is_unit(piece: Option<&Piece>) -> bool {
    const UNITS: [&str; 8] = [
        "day", "days", "week", "weeks", "month", "months", "year", "years",
    ];
    piece.is_some_and(|piece| UNITS.iter().any(|unit| piece.is(unit)))
}

/// `within 6 weeks`, `in the last 6 weeks`, `more than 6 weeks ago`.
fn timings(pieces: &mut Vec<Piece>) {
    for words in [
        &["within", "the", "last"][..],
        &["within", "the", "past"],
        &["within", "last"],
        &["in", "the", "last"],
        &["in", "the", "past"],
    ] {
        while let Some(at) = find(pieces, 0, words) {
            replace(pieces, at, words.len(), vec![Piece::new("within")]);
        }
    }
    let mut from = 0;
    while let Some(at) = find(pieces, from, &["within"]) {
        from = at + 1;
        let counted = pieces.get(at + 1).is_some_and(Piece::is_number);
        let complete = pieces.get(at + 3).is_some_and(|next| next.is("of"));
        if counted && is_unit(pieces.get(at + 2)) && !complete {
            let of = pieces::of(" of Today()");
            pieces.splice(at + 3..at + 3, of);
        }
    }
    while let Some(at) = find(pieces, 0, &["ago"]) {
        replace(pieces, at, 1, pieces::of(" before Today()"));
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

/// `at least 2`, `2 or more`, `over 2`, behind a name.
fn limits(pieces: &mut Vec<Piece>) {
    const BEFORE: [(&[&str], &str); 8] = [
        (&["at", "least"], ">="),
        (&["at", "most"], "<="),
        (&["more", "than"], ">"),
        (&["less", "than"], "<"),
        (&["over"], ">"),
        (&["above"], ">"),
        (&["under"], "<"),
        (&["below"], "<"),
    ];
    for (words, sign) in BEFORE {
        let mut from = 0;
        while let Some(at) = find(pieces, from, words) {
            from = at + 1;
            let number = at + words.len();
            let timed = (number + 1..number + 4).any(|at| {
                pieces
                    .get(at)
                    .is_some_and(|next| next.is("before") || next.is("after"))
            });
            let named = at
                .checked_sub(1)
                .and_then(|at| pieces.get(at))
                .is_some_and(|piece| piece.text == ")" || is_name(piece));
            if named && !timed && pieces.get(number).is_some_and(Piece::is_number) {
                replace(pieces, at, words.len(), vec![Piece::new(sign)]);
            }
        }
    }
    for (words, sign) in [
        (["or", "more"], ">="),
        (["or", "older"], ">="),
        (["or", "higher"], ">="),
        (["or", "less"], "<="),
        (["or", "lower"], "<="),
        (["or", "younger"], "<="),
    ] {
        let mut from = 0;
        while let Some(at) = find(pieces, from, &words) {
            from = at + 1;
            let Some(number) = pieces.iter().take(at).rposition(Piece::is_number) else {
                continue;
            };
            let named = number
                .checked_sub(1)
                .and_then(|at| pieces.get(at))
                .is_some_and(is_name);
            let timed = pieces
                .get(at + 2)
                .is_some_and(|next| ["before", "after", "on"].iter().any(|word| next.is(word)));
            if named && !timed && at - number <= 2 {
                pieces.drain(at..at + 2);
                pieces.insert(number, Piece::new(sign));
            }
        }
    }
}

/// `between 0 to 2`, `0 <= x <= 2`.
fn ranges(pieces: &mut Vec<Piece>) {
    let mut from = 0;
    while let Some(at) = find(pieces, from, &["between"]) {
        from = at + 1;
        let joined = pieces
            .iter()
            .enumerate()
            .skip(at + 2)
            .take(4)
            .find(|(_, piece)| {
                piece.is("to") || piece.text == "-" || piece.text == "," || piece.text == ".."
            });
        if let Some((joined, _)) = joined {
            let spaced = joined + 1;
            replace(pieces, joined, 1, vec![Piece::new("and")]);
            for at in [joined, spaced] {
                if let Some(piece) = pieces.get_mut(at) {
                    piece.space = " ".to_owned();
                }
            }
        }
    }
    // A chain of comparisons; each would compare the truth of the one before.
    let comparisons: Vec<usize> = pieces
        .iter()
        .enumerate()
        .filter(|(_, piece)| piece.is_comparison())
        .map(|(at, _)| at)
        .collect();
    if let [first, second] = comparisons.as_slice() {
        let middle = pieces.iter().skip(first + 1).take(second - first - 1);
        let middle: Vec<Piece> = middle.cloned().collect();
        let joined = middle.iter().any(|piece| piece.is("and") || piece.is("or"));
        if !joined {
            let mut both = vec![Piece::new("and")];
            both.extend(middle);
            if let Some(piece) = both.get_mut(1) {
                piece.space = " ".to_owned();
            }
            pieces.splice(second..second, both);
        }
    }
}

/// `in ('a', 'b')`, `in ['a', 'b']`, `one of { 'a' }`, and texts in double quotes.
fn lists(pieces: &mut Vec<Piece>) {
    for words in [&["is", "one", "of"][..], &["one", "of"], &["any", "of"]] {
        while let Some(at) = find(pieces, 0, words) {
            replace(pieces, at, words.len(), vec![Piece::new("in")]);
        }
    }
    let mut from = 0;
    while let Some(at) = find(pieces, from, &["in"]) {
        from = at + 1;
        let close = match pieces.get(at + 1).map(|piece| piece.text.as_str()) {
            Some("(") => ")",
            Some("[") => "]",
            _ => continue,
        };
        if let Some(end) = find(pieces, at + 2, &[close]) {
            for (place, bracket) in [(at + 1, "{"), (end, "}")] {
                if let Some(piece) = pieces.get_mut(place) {
                    piece.text = bracket.to_owned();
                }
            }
        }
    }
    for at in 0..pieces.len() {
        let value = at
            .checked_sub(1)
            .and_then(|at| pieces.get(at))
            .is_some_and(|before| {
                before.is_comparison() || before.text == "{" || before.text == ","
            });
        if let Some(piece) = pieces.get_mut(at)
            && value
            && (piece.text.starts_with('"') || piece.text.starts_with(['“', '‘', '’']))
            && piece.text.len() > 1
            && !piece.text.contains('\'')
        {
            piece.text = format!("'{}'", piece.text.trim_matches('"'));
        }
    }
    // Typesetters' quotes are pieces of their own.
    for piece in pieces.iter_mut() {
        if matches!(piece.text.as_str(), "‘" | "’" | "“" | "”") {
            piece.text = "'".to_owned();
        }
    }
}

/// `x not in { … }` is `not (x in { … })`.
fn negations(pieces: &mut Vec<Piece>) {
    for word in ["in", "between"] {
        let mut from = 0;
        while let Some(at) = find(pieces, from, &["not", word]) {
            from = at + 1;
            let Some(name) = name_before(pieces, at) else {
                continue;
            };
            let length = name.matches('.').count() * 2 + 1;
            let end = if word == "in" {
                find(pieces, at + 2, &["}"])
                    .map(|end| end + 1)
                    .unwrap_or(at + 3)
            } else {
                let and = find(pieces, at + 2, &["and"]).unwrap_or(at);
                let unit = pieces
                    .get(and + 2)
                    .is_some_and(|piece| piece.text.starts_with('\'') || is_unit(Some(piece)));
                and + 2 + usize::from(unit)
            };
            let start = at - length;
            pieces.insert(end.min(pieces.len()), Piece::tight(")"));
            pieces.remove(at);
            let space = pieces.get(start).map(|piece| piece.space.clone());
            if let Some(piece) = pieces.get_mut(start) {
                piece.space.clear();
            }
            pieces.insert(start, Piece::new("("));
            pieces.insert(
                start,
                Piece {
                    space: space.unwrap_or_default(),
                    text: "not".to_owned(),
                },
            );
        }
    }
}

/// `2026-11-27` without its `@`.
fn dates(pieces: &mut Vec<Piece>) {
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

/// `yes` and `no` for booleans.
#[expect(
    clippy::ptr_arg,
    reason = "one of several that also add and remove pieces"
)]
pub fn answers(pieces: &mut Vec<Piece>) {
    for at in 1..pieces.len() {
        let asked = pieces.get(at - 1).is_some_and(|before| {
            before.text == "=" || before.text == "!=" || before.is("is") || before.is("not")
        });
        let Some(piece) = pieces.get_mut(at).filter(|_| asked) else {
            continue;
        };
        let text = piece.text.trim_matches(['\'', '"']).to_ascii_lowercase();
        match text.as_str() {
            "yes" | "y" | "true" | "1" => piece.text = "true".to_owned(),
            "no" | "n" | "false" | "0" => piece.text = "false".to_owned(),
            _ => continue,
        }
        // `is` asks whether anything is known; a rule compares.
        if let Some(is) = pieces.get_mut(at - 1).filter(|before| before.is("is")) {
            is.text = "=".to_owned();
        }
    }
}

/// `100 mg/dL` and `50%`: units in quotes.
pub fn quote_units(pieces: &mut Vec<Piece>) {
    let mut at = 1;
    while at < pieces.len() {
        let behind_number = pieces.get(at - 1).is_some_and(Piece::is_number);
        let begins = pieces.get(at).is_some_and(|piece| {
            (piece.is_word() || piece.text == "%")
                && !is_unit(Some(piece))
                && !["and", "or", "then", "else"]
                    .iter()
                    .any(|word| piece.is(word))
        });
        if behind_number && begins {
            let length = pieces
                .iter()
                .skip(at + 1)
                .take_while(|piece| {
                    piece.space.is_empty() && !matches!(piece.text.as_str(), ")" | "}" | ",")
                })
                .count()
                + 1;
            let unit: String = pieces
                .iter()
                .skip(at)
                .take(length)
                .map(|piece| piece.text.as_str())
                .collect();
            pieces.splice(at..at + length, [Piece::new(format!("'{unit}'"))]);
        }
        at += 1;
    }
}

/// `sex = male`: values in quotes.
pub fn quote_codes(pieces: &mut Vec<Piece>) {
    let mut braces = 0_i32;
    for at in 1..pieces.len() {
        let before = pieces
            .get(at - 1)
            .map(|piece| piece.text.clone())
            .unwrap_or_default();
        braces += i32::from(before == "{") - i32::from(before == "}");
        // Behind a text stands what it is compared with, and that is no other text.
        let text = at
            .checked_sub(2)
            .and_then(|at| pieces.get(at))
            .is_some_and(|piece| piece.text.starts_with('\''));
        let value = (!text && (before == "=" || before == "!="))
            || (braces > 0 && matches!(before.as_str(), "{" | ","));
        let dotted = pieces
            .get(at + 1)
            .is_some_and(|next| matches!(next.text.as_str(), "." | "("));
        let known = ["null", "true", "false"];
        if let Some(piece) = pieces.get_mut(at)
            && value
            && !dotted
            && piece.is_word()
            && !known.iter().any(|word| piece.is(word))
        {
            piece.text = format!("'{}'", piece.text);
        }
    }
    // `is positive` is a comparison with a value.
    let mut from = 0;
    while let Some(at) = find(pieces, from, &["is"]) {
        from = at + 1;
        let negated = pieces.get(at + 1).is_some_and(|piece| piece.is("not"));
        let value = at + 1 + usize::from(negated);
        let known = ["null", "true", "false"];
        if let Some(piece) = pieces.get_mut(value)
            && piece.is_word()
            && !known.iter().any(|word| piece.is(word))
        {
            piece.text = format!("'{}'", piece.text);
            let sign = if negated { "!=" } else { "=" };
            replace(pieces, at, value - at, vec![Piece::new(sign)]);
        }
    }
}

/// `exists (drugs where class = 'statin')` without an alias.
pub fn aliases(pieces: &mut Vec<Piece>) {
    const ALIAS: &str = "X";
    let mut from = 0;
    while let Some(at) = find(pieces, from, &["where"]) {
        from = at + 1;
        let Some(name) = name_before(pieces, at) else {
            continue;
        };
        let start = at - (name.matches('.').count() * 2 + 1);
        let source = start.checked_sub(1).and_then(|before| pieces.get(before));
        let open = source.is_some_and(|piece| piece.text == "(");
        if !open && !source.is_some_and(|piece| piece.is("exists")) {
            continue;
        }
        pieces.insert(at, Piece::new(ALIAS));
        let mut depth = 0_i32;
        let mut place = at + 2;
        while let Some(piece) = pieces.get(place) {
            depth += i32::from(piece.text == "(") - i32::from(piece.text == ")");
            if depth < 0 {
                break;
            }
            let dotted = pieces
                .get(place - 1)
                .is_some_and(|before| before.text == ".");
            let field = is_name(piece)
                && !dotted
                && pieces.get(place + 1).is_some_and(|next| {
                    next.is_comparison() || next.is("in") || next.is("between") || next.is("is")
                });
            if field {
                let text = format!("{ALIAS}.{}", piece.text);
                if let Some(piece) = pieces.get_mut(place) {
                    piece.text = text;
                }
            }
            place += 1;
        }
        if !open {
            pieces.insert(place, Piece::tight(")"));
            if let Some(piece) = pieces.get_mut(start) {
                piece.space.clear();
            }
            pieces.insert(start, Piece::new("("));
        }
        from = place;
    }
}
