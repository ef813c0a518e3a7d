//! Notations that coordinators write, and what each is here, where it can mean one thing only.

use super::pieces::{
    self, Piece, before, find, is_unit, name_at, name_before, pieces_of_name, replace,
};
use super::{limits, time, values};
use crate::cql::check::FUNCTIONS;

/// Signs, quotes and marks of numbers as they are written here.
pub fn signs_and_numbers(pieces: &mut Vec<Piece>) {
    signs(pieces);
    quotes(pieces);
    numbers(pieces);
    number_words(pieces);
}

/// Writes everything as it is written here that can mean one thing only.
pub fn notations(pieces: &mut Vec<Piece>) {
    words(pieces);
    joining(pieces);
    implications(pieces);
    time::units_of_time(pieces);
    limits::limits_of_normal(pieces);
    time::ages(pieces);
    time::timings(pieces);
    limits::spelled(pieces);
    limits::limits(pieces);
    limits::ranges(pieces);
    values::lists(pieces);
    values::emptiness(pieces);
    negations(pieces);
    subjects(pieces);
    time::dates(pieces);
}

/// Signs of other languages and of typesetting.
fn signs(pieces: &mut Vec<Piece>) {
    // `< =` is one sign in two.
    for at in 1..pieces.len() {
        let is_equal = pieces.get(at).is_some_and(|piece| piece.text == "=");
        let first = at - 1;
        if let Some(piece) = pieces.get_mut(first).filter(|_| is_equal)
            && matches!(piece.text.as_str(), "<" | ">" | "!")
        {
            piece.text.push('=');
            pieces.remove(at);
        }
    }
    let mut depth = 0_i32;
    for piece in pieces.iter_mut() {
        depth += i32::from(piece.text == "{") - i32::from(piece.text == "}");
        let sign = match piece.text.as_str() {
            "≤" | "≦" | "⩽" | "=<" | "!>" | "≯" => "<=",
            "≥" | "≧" | "⩾" | "=>" | "!<" | "≮" => ">=",
            "≠" | "<>" | "=!" | "!==" | "=/=" => "!=",
            "==" | "===" | ":=" => "=",
            "&&" | "&" | "∧" => "and",
            "||" | "|" | "∨" => "or",
            "->" | "→" | "⇒" => "implies",
            "∈" => "in",
            "**" => "^",
            "×" => "*",
            "−" | "–" | "—" => "-",
            "!" | "¬" => "not",
            "#" => "//",
            ";" if depth > 0 => ",",
            _ => continue,
        };
        if sign.starts_with(|first: char| first.is_ascii_alphabetic()) {
            piece.space = " ".to_owned();
        }
        sign.clone_into(&mut piece.text);
    }
    // A word before another needs a space behind it.
    for at in 1..pieces.len() {
        let behind_word = pieces.get(at - 1).is_some_and(|piece| {
            ["not", "and", "or", "implies", "in"]
                .iter()
                .any(|word| piece.is(word))
        });
        if let Some(piece) = pieces.get_mut(at).filter(|_| behind_word)
            && piece.space.is_empty()
            && piece.text != "("
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

/// Texts between the quotes of typesetters.
fn quotes(pieces: &mut [Piece]) {
    for piece in pieces.iter_mut() {
        let inner = piece.text.trim_matches(pieces::QUOTES);
        if piece.text.starts_with(pieces::QUOTES) && !inner.is_empty() && !inner.contains('\'') {
            piece.text = format!("'{inner}'");
        }
    }
}

/// Marks of numbers that can be read in one way: `1.234,5`, `1,234,567`, `7,5`, `75 000`, `75'000`, `.5`.
fn numbers(pieces: &mut Vec<Piece>) {
    let mut at = 0;
    while at < pieces.len() {
        let is_grouped =
            |piece: &Piece| piece.text.len() == 3 && piece.is_number() && piece.space == " ";
        let is_group = pieces.get(at + 1).is_some_and(is_grouped);
        let next = pieces.get(at + 1).map(|piece| piece.text.clone());
        let is_point = pieces.get(at).is_some_and(|piece| piece.text == ".")
            && !before(pieces, at).is_some_and(|piece| piece.text == ")" || piece.is_word());
        if let Some(piece) = pieces.get_mut(at) {
            if let Some(number) = with_one_mark(&piece.text) {
                piece.text = number;
            }
            let is_whole = (1..=3).contains(&piece.text.len())
                && piece.text.bytes().all(|byte| byte.is_ascii_digit());
            let merged = next.filter(|next| {
                is_whole && is_group
                    || is_point && next.starts_with(|first: char| first.is_ascii_digit())
            });
            if let Some(next) = merged {
                piece.text = match is_point {
                    true => format!("0.{next}"),
                    false => format!("{}{next}", piece.text),
                };
                pieces.remove(at + 1);
            }
        }
        at += 1;
    }
}

/// `six weeks`.
fn number_words(pieces: &mut [Piece]) {
    const WORDS: [&str; 12] = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    for at in 0..pieces.len() {
        let is_counted = pieces
            .get(at + 1)
            .is_some_and(|next| time::unit(&next.text).is_some());
        if let Some(piece) = pieces.get_mut(at).filter(|_| is_counted)
            && let Some(number) = WORDS.iter().position(|word| piece.is(word))
        {
            piece.text = (number + 1).to_string();
        }
    }
}

/// A number with a point as its only mark, if its marks leave no choice.
fn with_one_mark(text: &str) -> Option<String> {
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let text = text.replace(['\'', '_'], "");
    let (points, commas) = (text.matches('.').count(), text.matches(',').count());
    let (whole, decimals) = match (points, commas) {
        (0, 0) => (text.clone(), None),
        (0, 1) => {
            let (whole, decimals) = text.split_once(',')?;
            if decimals.len() == 3 && whole != "0" {
                return None;
            }
            (whole.to_owned(), Some(decimals.to_owned()))
        }
        (1, 0) => return None,
        // `05.01.2026` is a date.
        (2.., 0) | (0, 2..) if !text.split(['.', ',']).skip(1).all(|group| group.len() == 3) => {
            return None;
        }
        _ => {
            // Of two kinds of marks the last one is that of decimals; of one kind, none is.
            let last = text.rfind(['.', ','])?;
            let (whole, decimals) = (text.get(..last)?, text.get(last + 1..)?);
            let is_decimal = points.min(commas) == 1 && points + commas > 1 && {
                let mark = text.get(last..=last)?;
                !whole.contains(mark)
            };
            if is_decimal {
                (whole.replace(['.', ','], ""), Some(decimals.to_owned()))
            } else {
                (text.replace(['.', ','], ""), None)
            }
        }
    };
    Some(match decimals {
        Some(decimals) => format!("{whole}.{decimals}"),
        None => whole,
    })
}

/// `and/or`, `but not`, `neither … nor`, `no`.
fn joining(pieces: &mut Vec<Piece>) {
    pieces::replace_all(pieces, &["and", "/", "or"], " or");
    pieces::replace_all(pieces, &["but"], " and");
    if find(pieces, 0, &["neither"]).is_some() {
        pieces::replace_all(pieces, &["neither"], " not");
        pieces::replace_all(pieces, &["nor"], " and not");
    }
    let mut from = 0;
    while let Some(at) = find(pieces, from, &["no"]) {
        from = at + 1;
        let begins = before(pieces, at)
            .is_none_or(|piece| piece.text == "(" || piece.is("and") || piece.is("or"));
        if begins && pieces.get(at + 1).is_some_and(Piece::is_word) {
            replace(pieces, at, 1, vec![Piece::new("not")]);
        }
    }
}

/// `if a then b` without `else`.
fn implications(pieces: &mut Vec<Piece>) {
    let is_conditional = pieces.first().is_some_and(|piece| piece.is("if"));
    if !is_conditional || find(pieces, 1, &["else"]).is_some() {
        return;
    }
    let Some(mut then) = find(pieces, 1, &["then"]) else {
        return;
    };
    replace(pieces, then, 1, vec![Piece::new("implies")]);
    if before(pieces, then).is_some_and(|piece| piece.text == ",") {
        then -= 1;
        pieces.remove(then);
    }
    pieces.remove(0);
}

/// Where the clause begins that ends before a place: behind `and`, `or` or a bracket that is open there.
fn clause_before(pieces: &[Piece], end: usize) -> usize {
    let mut depth = 0_i32;
    let mut start = end;
    while let Some(piece) = before(pieces, start) {
        depth += i32::from(piece.text == ")") - i32::from(piece.text == "(");
        let joins = ["and", "or", "not", "implies", "where"];
        if depth < 0 || depth == 0 && joins.iter().any(|word| piece.is(word)) {
            break;
        }
        start -= 1;
    }
    start
}

/// `x >= 0 and <= 2`: the second comparison is of the same.
fn subjects(pieces: &mut Vec<Piece>) {
    let mut at = 1;
    while at < pieces.len() {
        let is_bare = pieces.get(at).is_some_and(Piece::is_comparison)
            && before(pieces, at).is_some_and(|piece| piece.is("and") || piece.is("or"));
        let compared = pieces.iter().take(at - 1).rposition(Piece::is_comparison);
        if let Some(compared) = compared.filter(|_| is_bare) {
            let start = clause_before(pieces, compared);
            let mut subject: Vec<Piece> =
                pieces.iter().take(compared).skip(start).cloned().collect();
            if let Some(first) = subject.first_mut() {
                first.space = " ".to_owned();
            }
            at += subject.len();
            let place = at - subject.len();
            pieces.splice(place..place, subject);
        }
        at += 1;
    }
}

/// `not a <= 2`: `not` binds tighter than what follows it.
pub fn negated_comparisons(pieces: &mut Vec<Piece>) {
    let mut from = 0;
    while let Some(at) = find(pieces, from, &["not"]) {
        from = at + 1;
        if !pieces.get(at + 1).is_some_and(Piece::is_word) {
            continue;
        }
        let mut depth = 0_i32;
        let mut end = at + 1;
        while let Some(piece) = pieces.get(end) {
            depth += i32::from(piece.text == "(") - i32::from(piece.text == ")");
            let joins = (piece.is("and") || piece.is("or") && !is_word_of_time(pieces, end))
                || piece.is("implies");
            if depth < 0 || depth == 0 && joins {
                break;
            }
            end += 1;
        }
        pieces.insert(end, Piece::tight(")"));
        if let Some(first) = pieces.get_mut(at + 1) {
            first.space.clear();
        }
        pieces.insert(at + 1, Piece::new("("));
    }
}

/// Whether an `or` belongs to `6 weeks or more`, `on or before`.
fn is_word_of_time(pieces: &[Piece], or: usize) -> bool {
    pieces.get(or + 1).is_some_and(|next| {
        ["more", "less", "before", "after"]
            .iter()
            .any(|word| next.is(word))
    })
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

/// `x not in { … }` is `not (x in { … })`.
fn negations(pieces: &mut Vec<Piece>) {
    for word in ["in", "between", "within"] {
        let mut from = 0;
        while let Some(at) = find(pieces, from, &["not", word]) {
            from = at + 1;
            let Some(name) = name_before(pieces, at) else {
                continue;
            };
            let length = pieces_of_name(&name);
            let end = end_of_negated(pieces, at + 1);
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

/// Where `in { … }`, `between a and b` or `within 6 weeks of x` ends.
fn end_of_negated(pieces: &[Piece], word: usize) -> usize {
    if pieces.get(word).is_some_and(|piece| piece.is("in")) {
        return find(pieces, word + 1, &["}"]).map_or(word + 2, |end| end + 1);
    }
    if pieces.get(word).is_some_and(|piece| piece.is("between")) {
        let and = find(pieces, word + 1, &["and"]).unwrap_or(word - 1);
        let is_counted = pieces
            .get(and + 2)
            .is_some_and(|piece| piece.text.starts_with('\'') || is_unit(Some(piece)));
        return and + 2 + usize::from(is_counted);
    }
    let of = find(pieces, word + 1, &["of"]).unwrap_or(word);
    let name = name_at(pieces, of + 1).map_or(1, |name| pieces_of_name(&name));
    let is_called = find(pieces, of + 1 + name, &["(", ")"]) == Some(of + 1 + name);
    of + 1 + name + 2 * usize::from(is_called)
}
