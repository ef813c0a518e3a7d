//! Notations that coordinators write, and what each is here, where it can mean one thing only.

use super::pieces::{self, Piece, Pieces, pieces_of_name};
use super::{limits, time, values};
use crate::cql::check::functions;

/// Signs, quotes and marks of numbers as they are written here.
pub fn signs_and_numbers(pieces: &mut Pieces) {
    signs(pieces);
    quotes(pieces);
    numbers(pieces);
    number_words(pieces);
}

/// Writes everything as it is written here that can mean one thing only.
pub fn notations(pieces: &mut Pieces) {
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
fn signs(pieces: &mut Pieces) {
    // `< =` is one sign in two.
    for at in 1..pieces.len() {
        let first = pieces.before(at).text.as_str();
        if pieces.at(at).text == "=" && matches!(first, "<" | ">" | "!") {
            pieces.set_text(at - 1, format!("{first}="));
            pieces.remove(at);
        }
    }
    let mut depth = 0_i32;
    for piece in pieces.iter_mut() {
        depth += piece.nesting("{", "}");
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
        let is_behind_word = pieces
            .before(at)
            .is_any(&["not", "and", "or", "implies", "in"]);
        let piece = pieces.at(at);
        if is_behind_word && piece.space.is_empty() && piece.text != "(" {
            pieces.set_apart(at);
        }
    }
    while pieces.before(pieces.len()).is_any(&[";", ".", ","]) {
        pieces.pop();
    }
}

/// Texts between the quotes of typesetters.
fn quotes(pieces: &mut Pieces) {
    for piece in pieces.iter_mut() {
        let inner = piece.text.trim_matches(pieces::QUOTES);
        if piece.text.starts_with(pieces::QUOTES) && !inner.is_empty() && !inner.contains('\'') {
            piece.text = format!("'{inner}'");
        }
    }
}

/// Marks of numbers that can be read in one way: `1.234,5`, `1,234,567`, `7,5`, `75 000`, `75'000`, `.5`.
fn numbers(pieces: &mut Pieces) {
    for at in 0..pieces.len() {
        let is_point = pieces.at(at).text == "."
            && !(pieces.before(at).text == ")" || pieces.before(at).is_word());
        if let Some(number) = with_one_mark(&pieces.at(at).text) {
            pieces.set_text(at, number);
        }
        let (whole, next) = (&pieces.at(at).text, pieces.at(at + 1));
        let is_whole =
            (1..=3).contains(&whole.len()) && whole.bytes().all(|byte| byte.is_ascii_digit());
        let is_group = next.text.len() == 3 && next.is_number() && next.space == " ";
        let merged = if is_point && next.is_number() {
            format!("0.{}", next.text)
        } else if is_whole && is_group {
            format!("{whole}{}", next.text)
        } else {
            continue;
        };
        pieces.set_text(at, merged);
        pieces.remove(at + 1);
    }
}

/// `six weeks`.
fn number_words(pieces: &mut Pieces) {
    const WORDS: [&str; 12] = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    for at in 0..pieces.len() {
        if time::unit(&pieces.at(at + 1).text).is_some()
            && let Some(number) = WORDS.iter().position(|word| pieces.at(at).is(word))
        {
            pieces.set_text(at, (number + 1).to_string());
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
fn joining(pieces: &mut Pieces) {
    pieces.replace_by(&[("and / or", "or"), ("but", "and")]);
    if pieces.find(0, "neither").is_some() {
        pieces.replace_by(&[("neither", "not"), ("nor", "and not")]);
    }
    pieces.each("no", |pieces, at| {
        let begins = at == 0 || pieces.before(at).is_any(&["(", "and", "or"]);
        if begins && pieces.at(at + 1).is_word() {
            pieces.replace(at, 1, "not");
        }
    });
}

/// `if a then b` without `else`.
fn implications(pieces: &mut Pieces) {
    if !pieces.at(0).is("if") || pieces.find(1, "else").is_some() {
        return;
    }
    let Some(then) = pieces.find(1, "then") else {
        return;
    };
    pieces.replace(then, 1, "implies");
    if pieces.before(then).text == "," {
        pieces.remove(then - 1);
    }
    pieces.remove(0);
}

/// Where the clause begins that ends before a place: behind `and`, `or` or a bracket that is open there.
fn clause_before(pieces: &Pieces, end: usize) -> usize {
    let mut depth = 0_i32;
    let mut before = pieces.iter().take(end);
    before
        .rposition(|piece| {
            depth += piece.nesting(")", "(");
            depth < 0 || depth == 0 && piece.is_any(&["and", "or", "not", "implies", "where"])
        })
        .map_or(0, |joint| joint + 1)
}

/// `x >= 0 and <= 2`: the second comparison is of the same.
fn subjects(pieces: &mut Pieces) {
    let mut at = 1;
    while at < pieces.len() {
        let is_bare = pieces.at(at).is_comparison() && pieces.before(at).is_any(&["and", "or"]);
        let compared = pieces.iter().take(at - 1).rposition(Piece::is_comparison);
        if let Some(compared) = compared.filter(|_| is_bare) {
            let start = clause_before(pieces, compared);
            let mut subject: Vec<Piece> =
                pieces.iter().take(compared).skip(start).cloned().collect();
            if let Some(first) = subject.first_mut() {
                first.space = " ".to_owned();
            }
            let length = subject.len();
            pieces.splice(at..at, subject);
            at += length;
        }
        at += 1;
    }
}

/// `not a <= 2`: `not` binds tighter than what follows it.
pub fn negated_comparisons(pieces: &mut Pieces) {
    pieces.each("not", |pieces, at| {
        if !pieces.at(at + 1).is_word() {
            return;
        }
        let mut depth = 0_i32;
        let mut end = at + 1;
        while let Some(piece) = pieces.get(end) {
            depth += piece.nesting("(", ")");
            // `6 weeks or more`, `on or before`
            let is_of_time = pieces
                .at(end + 1)
                .is_any(&["more", "less", "before", "after"]);
            let joins = piece.is_any(&["and", "implies"]) || piece.is("or") && !is_of_time;
            if depth < 0 || depth == 0 && joins {
                break;
            }
            end += 1;
        }
        bracket(pieces, at + 1, end);
    });
}

/// Puts brackets around the pieces from a place to an end; the bracket stands behind one space.
pub fn bracket(pieces: &mut Pieces, start: usize, end: usize) {
    let end = end.min(pieces.len());
    pieces.insert(end, Piece::tight(")"));
    if let Some(first) = pieces.get_mut(start) {
        first.space.clear();
    }
    pieces.insert(start, Piece::new("("));
}

/// Keywords and functions in other capitals.
fn words(pieces: &mut Pieces) {
    const KEYWORDS: [&str; 34] = [
        "and", "or", "not", "xor", "in", "is", "null", "true", "false", "between", "exists", "if",
        "then", "else", "case", "when", "end", "where", "before", "after", "within", "of",
        "contains", "days", "weeks", "months", "years", "day", "week", "month", "year", "implies",
        "same", "return",
    ];
    for at in 0..pieces.len() {
        let piece = pieces.at(at);
        if !piece.is_word() || pieces.before(at).text == "." {
            continue;
        }
        let is_called = pieces.at(at + 1).text == "(";
        let is_shouted = piece.text.chars().any(|letter| letter.is_ascii_uppercase());
        let keyword = KEYWORDS.iter().find(|word| piece.is(word)).copied();
        let function = functions().find(|name| piece.is(name));
        let written = match keyword {
            Some(keyword) => is_shouted.then_some(keyword),
            None if !is_called => None,
            None if piece.is("now") => Some("Today"),
            None => function,
        };
        if let Some(written) = written {
            pieces.set_text(at, written);
        }
    }
}

/// `x not in { … }` is `not (x in { … })`.
fn negations(pieces: &mut Pieces) {
    for words in ["not in", "not between", "not within"] {
        pieces.each(words, |pieces, at| {
            let Some(name) = pieces.name_before(at) else {
                return;
            };
            let end = end_of_negated(pieces, at + 1);
            let start = at - pieces_of_name(&name);
            let space = pieces.at(start).space.clone();
            pieces.remove(at);
            bracket(pieces, start, end - 1);
            let not = Piece {
                space,
                text: "not".to_owned(),
            };
            pieces.insert(start, not);
        });
    }
}

/// Where `in { … }`, `between a and b` or `within 6 weeks of x` ends.
fn end_of_negated(pieces: &Pieces, word: usize) -> usize {
    if pieces.at(word).is("in") {
        return pieces.find(word + 1, "}").map_or(word + 2, |end| end + 1);
    }
    if pieces.at(word).is("between") {
        let and = pieces.find(word + 1, "and").unwrap_or(word - 1);
        let unit = pieces.at(and + 2);
        return and + 2 + usize::from(unit.is_text() || unit.is_unit_of_time());
    }
    let of = pieces.find(word + 1, "of").unwrap_or(word);
    let name = pieces
        .name_at(of + 1)
        .map_or(1, |name| pieces_of_name(&name));
    let end = of + 1 + name;
    end + 2 * usize::from(pieces.stands(end, "( )"))
}
