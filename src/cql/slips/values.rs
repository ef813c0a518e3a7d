//! Values: codes, answers, units and lists.

use super::pieces::{
    self, Piece, before, find, is_name, is_unit, name_at, name_before, pieces_of_name, replace,
};
use crate::units;

/// `in ('a', 'b')`, `in ['a', 'b']`, `one of { 'a' }`, and texts in double quotes.
pub fn lists(pieces: &mut Vec<Piece>) {
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
            && piece.text.starts_with('"')
            && piece.text.len() > 1
            && !piece.text.contains('\'')
        {
            piece.text = format!("'{}'", piece.text.trim_matches('"'));
        }
    }
    in_braces(pieces);
}

/// Commas between what stands in a list, and `in` before it.
fn in_braces(pieces: &mut Vec<Piece>) {
    pieces::replace_all(pieces, &["=", "{"], " in {");
    pieces::replace_all(pieces, &["!=", "{"], " not in {");
    let mut depth = 0_i32;
    let mut at = 0;
    while at < pieces.len() {
        let is_text = |at: usize| {
            pieces
                .get(at)
                .is_some_and(|piece| piece.text.starts_with('\''))
        };
        let is_next = is_text(at) && is_text(at + 1);
        if let Some(piece) = pieces.get_mut(at) {
            depth += i32::from(piece.text == "{") - i32::from(piece.text == "}");
            if depth > 0 && (piece.text == ";" || piece.is("or")) {
                *piece = Piece::tight(",");
            }
        }
        if depth > 0 && is_next {
            pieces.insert(at + 1, Piece::tight(","));
        }
        at += 1;
    }
}

/// `is empty`, `= {}`: whether a list has items.
pub fn emptiness(pieces: &mut Vec<Piece>) {
    for (words, by) in [
        (&["is", "not", "empty"][..], "exists"),
        (&["is", "empty"], "not exists"),
        (&["not", "in", "{", "}"], "exists"),
        (&["in", "{", "}"], "not exists"),
    ] {
        while let Some(at) = find(pieces, 0, words) {
            let Some(name) = name_before(pieces, at) else {
                return;
            };
            let start = at - pieces_of_name(&name);
            let list = pieces::of(&format!(" {by} {name}"));
            replace(pieces, start, at + words.len() - start, list);
        }
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

/// `100 mg/dL`, `50%`, `75 x10^9/L`, `8 (g/dL)`: units in quotes.
pub fn quote_units(pieces: &mut Vec<Piece>) {
    let mut at = 1;
    while at < pieces.len() {
        if before(pieces, at).is_some_and(Piece::is_number)
            && let Some((unit, length)) = unit_at(pieces, at)
        {
            pieces.splice(at..at + length, [Piece::new(format!("'{unit}'"))]);
        }
        at += 1;
    }
    // `'8 g/dL'` behind a comparison.
    for at in 1..pieces.len() {
        let is_compared = before(pieces, at).is_some_and(Piece::is_comparison);
        let Some(piece) = pieces.get_mut(at).filter(|_| is_compared) else {
            continue;
        };
        let written = piece.text.trim_matches('\'');
        if let Some((number, unit)) = written.split_once(' ')
            && piece.text.starts_with('\'')
            && number.parse::<f64>().is_ok()
        {
            piece.text = format!("{number} '{}'", unit.trim());
        }
    }
}

/// The unit that begins at a place, and how many pieces it has.
fn unit_at(pieces: &[Piece], at: usize) -> Option<(String, usize)> {
    if let Some((power, length)) = power_of_ten(pieces, at) {
        let (rest, more) = unit_word(pieces, at + length);
        return Some((format!("{power}{rest}"), length + more));
    }
    let first = pieces.get(at)?;
    let is_bracket = first.text == "(" || first.text == "[";
    let start = at + usize::from(is_bracket);
    let begins = pieces.get(start).is_some_and(|piece| {
        let is_divided = piece.text == "/"
            && pieces
                .get(start + 1)
                .is_some_and(|next| next.is_word() && next.space.is_empty());
        let joins = [
            "and", "or", "then", "else", "if", "to", "implies", "x", "in", "before", "after", "on",
            "within",
        ];
        is_divided
            || piece.text == "%"
            || piece.is_word() && !is_unit(Some(piece)) && !joins.iter().any(|word| piece.is(word))
    });
    if !begins {
        return None;
    }
    let (unit, length) = unit_word(pieces, start);
    let closes = pieces
        .get(start + length)
        .is_some_and(|next| next.text == ")" || next.text == "]");
    (!is_bracket || closes).then_some((unit, length + 2 * usize::from(is_bracket)))
}

/// The pieces of a unit that stand together.
fn unit_word(pieces: &[Piece], at: usize) -> (String, usize) {
    let ends = |piece: &Piece| matches!(piece.text.as_str(), ")" | "}" | "]" | ",");
    let length = pieces
        .iter()
        .enumerate()
        .skip(at)
        .take_while(|(place, piece)| (*place == at || piece.space.is_empty()) && !ends(piece))
        .count();
    let unit = pieces.iter().skip(at).take(length);
    (unit.map(|piece| piece.text.as_str()).collect(), length)
}

/// `x10^9`, `x 10^9`, `* 10^9`, `10^9`: the power as a unit has it, and how many pieces it has.
fn power_of_ten(pieces: &[Piece], start: usize) -> Option<(String, usize)> {
    let mut at = start;
    if pieces.get(at)?.is("x10") {
        at += 1;
    } else {
        let is_times = |piece: &Piece| piece.is("x") || piece.text == "*" || piece.text == "·";
        at += usize::from(pieces.get(at).is_some_and(is_times));
        if pieces.get(at)?.text != "10" {
            return None;
        }
        at += 1;
    }
    let is_power = |piece: &Piece| matches!(piece.text.as_str(), "^" | "*" | "e" | "E");
    at += usize::from(pieces.get(at).is_some_and(is_power));
    let power = pieces.get(at)?;
    let power: String = power
        .text
        .chars()
        .map(plain_digit)
        .collect::<Option<String>>()?;
    // The exponent of typesetters is a sign for each of its figures.
    Some((format!("10*{power}"), at + 1 - start))
}

/// A figure as it is typed, whatever its height.
fn plain_digit(figure: char) -> Option<char> {
    Some(match figure {
        '⁰' => '0',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '⁴'..='⁹' => char::from_digit(u32::from(figure) - u32::from('⁰'), 10)?,
        '0'..='9' => figure,
        _ => return None,
    })
}

/// `ecog = '2'`: numbers without quotes.
#[expect(
    clippy::ptr_arg,
    reason = "one of several that also add and remove pieces"
)]
pub fn unquote_numbers(pieces: &mut Vec<Piece>) {
    for at in 1..pieces.len() {
        let is_compared = before(pieces, at).is_some_and(Piece::is_comparison);
        if let Some(piece) = pieces.get_mut(at).filter(|_| is_compared) {
            let written = piece.text.trim_matches('\'');
            if written.len() < piece.text.len() && written.parse::<f64>().is_ok() {
                piece.text = written.to_owned();
            }
        }
    }
}

/// Units in quotes, each as it was probably meant.
pub fn quote_units_as_meant(pieces: &mut Vec<Piece>) {
    quote_units(pieces);
    mend_units(pieces, units::meant_by);
}

/// The same, with `U` for `IU`: an enzyme has no international unit.
pub fn quote_units_of_enzymes(pieces: &mut Vec<Piece>) {
    quote_units(pieces);
    mend_units(pieces, |code| {
        code.contains("IU").then(|| code.replace("IU", "U"))
    });
}

fn mend_units(pieces: &mut [Piece], meant: impl Fn(&str) -> Option<String>) {
    for at in 1..pieces.len() {
        let is_counted = before(pieces, at).is_some_and(Piece::is_number);
        if let Some(piece) = pieces.get_mut(at).filter(|_| is_counted)
            && let Some(code) = piece
                .text
                .strip_prefix('\'')
                .and_then(|code| code.strip_suffix('\''))
            && let Some(meant) = meant(code)
        {
            piece.text = format!("'{meant}'");
        }
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
        let start = at - pieces_of_name(&name);
        // `drugs D where class = 'statin'`: the alias is there, and its fields do without.
        if before(pieces, start).is_some_and(is_name) {
            prefix_fields(pieces, at + 1, &name);
            continue;
        }
        let source = start.checked_sub(1).and_then(|before| pieces.get(before));
        let open = source.is_some_and(|piece| piece.text == "(");
        if !open && !source.is_some_and(|piece| piece.is("exists")) {
            continue;
        }
        pieces.insert(at, Piece::new(ALIAS));
        let place = prefix_fields(pieces, at + 2, ALIAS);
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

/// Puts the alias before the fields of a condition; where the condition ends.
fn prefix_fields(pieces: &mut [Piece], start: usize, alias: &str) -> usize {
    const ASKED: [&str; 10] = [
        "in", "between", "is", "within", "before", "after", "more", "less", "and", "or",
    ];
    let mut depth = 0_i32;
    let mut place = start;
    while let Some(piece) = pieces.get(place) {
        depth += i32::from(piece.text == "(") - i32::from(piece.text == ")");
        if depth < 0 {
            break;
        }
        let is_part = before(pieces, place).is_some_and(|before| before.text == ".");
        let is_asked = pieces.get(place + 1).is_none_or(|next| {
            next.is_comparison()
                || next.is_number()
                || next.text == ")"
                || ASKED.iter().any(|word| next.is(word))
        });
        let is_value = before(pieces, place).is_some_and(Piece::is_comparison);
        if is_name(piece) && !is_unit(Some(piece)) && !is_part && is_asked && !is_value {
            let text = format!("{alias}.{}", piece.text);
            if let Some(piece) = pieces.get_mut(place) {
                piece.text = text;
            }
        }
        place += 1;
    }
    place
}

/// `= 'a' or 'b'`, `= 0, 1 or 2`: a list.
pub fn alternatives(pieces: &mut Vec<Piece>) {
    let is_value =
        |piece: &Piece| piece.is_number() || piece.text.starts_with('\'') || is_name(piece);
    let mut at = 1;
    while at < pieces.len() {
        let is_equal = pieces.get(at).is_some_and(|piece| piece.text == "=");
        let mut values = Vec::new();
        let mut end = at + 1;
        while let Some(value) = pieces.get(end).filter(|piece| is_equal && is_value(piece)) {
            values.push(match value.is_word() {
                true => format!("'{}'", value.text),
                false => value.text.clone(),
            });
            let joins = |piece: &Piece| piece.is("or") || piece.text == ",";
            let goes_on = pieces.get(end + 1).is_some_and(joins)
                && pieces.get(end + 2).is_some_and(is_value)
                && !pieces.get(end + 3).is_some_and(|next| {
                    next.is_comparison() || next.text == "." || next.text == "("
                });
            end += 1 + usize::from(goes_on);
            if !goes_on {
                break;
            }
        }
        if values.len() > 1 {
            let list = format!(" in {{{}}}", values.join(", "));
            replace(pieces, at, end - at, pieces::of(&list));
        }
        at += 1;
    }
}

/// `drugs.class = 'statin'`, `drugs.count > 2`: some item, and how many.
pub fn items(pieces: &mut Vec<Piece>) {
    let mut at = 0;
    while at < pieces.len() {
        let Some(name) = name_at(pieces, at) else {
            at += 1;
            continue;
        };
        let length = pieces_of_name(&name);
        let Some((condition, replaced)) = item_condition(pieces, at, &name) else {
            at += length;
            continue;
        };
        let condition = pieces::of(&condition);
        // `exists drugs.class = 'statin'`
        let is_asked = before(pieces, at).is_some_and(|before| before.is("exists"));
        let start = at - usize::from(is_asked);
        at = start + condition.len();
        replace(pieces, start, replaced + usize::from(is_asked), condition);
    }
}

/// What is asked of the items of a list whose field is named as if the list were one item, and how many pieces ask it.
fn item_condition(pieces: &[Piece], at: usize, name: &str) -> Option<(String, usize)> {
    const ITEM: &str = "X";
    let (list, field) = name.rsplit_once('.')?;
    let sign = at + pieces_of_name(name);
    if ["count", "length", "size"].contains(&field) {
        return Some((format!(" Count({list})"), sign - at));
    }
    let compared = pieces.get(sign)?;
    let value = pieces.get(sign + 1)?;
    let text = if value.is_word() && !value.is("true") && !value.is("false") {
        format!("'{}'", value.text)
    } else {
        value.text.clone()
    };
    let sign_text = match compared.text.as_str() {
        _ if compared.is("contains") => "=",
        sign if compared.is_comparison() => sign,
        _ => return None,
    };
    let condition = format!(" exists ({list} {ITEM} where {ITEM}.{field} {sign_text} {text})");
    Some((condition, sign + 2 - at))
}

/// Codes in quotes, in the letters in which values are declared.
pub fn lower_codes(pieces: &mut Vec<Piece>) {
    quote_codes(pieces);
    for piece in pieces
        .iter_mut()
        .filter(|piece| piece.text.starts_with('\''))
    {
        piece.text = piece.text.to_lowercase();
    }
}
