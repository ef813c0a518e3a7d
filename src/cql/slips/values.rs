//! Values: codes, answers, units and lists.

use super::pieces::{Piece, Pieces, pieces_of_name};
use super::rules::bracket;
use crate::units;

/// `in ('a', 'b')`, `in ['a', 'b']`, `one of { 'a' }`, and texts in double quotes.
pub fn lists(pieces: &mut Pieces) {
    pieces.replace_by(&[("is one of", "in"), ("one of", "in"), ("any of", "in")]);
    pieces.each("in", |pieces, at| {
        let close = match pieces.at(at + 1).text.as_str() {
            "(" => ")",
            "[" => "]",
            _ => return,
        };
        if let Some(end) = pieces.find(at + 2, close) {
            pieces.set_text(at + 1, "{");
            pieces.set_text(end, "}");
        }
    });
    for at in 0..pieces.len() {
        let before = pieces.before(at);
        let text = &pieces.at(at).text;
        if (before.is_comparison() || before.is_any(&["{", ","]))
            && text.starts_with('"')
            && text.len() > 1
            && !text.contains('\'')
        {
            pieces.set_text(at, format!("'{}'", text.trim_matches('"')));
        }
    }
    in_braces(pieces);
}

/// Commas between what stands in a list, and `in` before it.
fn in_braces(pieces: &mut Pieces) {
    pieces.replace_by(&[("= {", "in {"), ("!= {", "not in {")]);
    let mut depth = 0_i32;
    let mut at = 0;
    while at < pieces.len() {
        let is_next = pieces.at(at).is_text() && pieces.at(at + 1).is_text();
        depth += pieces.at(at).nesting("{", "}");
        if depth > 0 && is_next {
            pieces.insert(at + 1, Piece::tight(","));
        } else if depth > 0
            && let Some(piece) = pieces.get_mut(at)
            && piece.is_any(&[";", "or"])
        {
            *piece = Piece::tight(",");
        }
        at += 1;
    }
}

/// `is empty`, `= {}`: whether a list has items.
pub fn emptiness(pieces: &mut Pieces) {
    for (words, by) in [
        ("is not empty", "exists"),
        ("is empty", "not exists"),
        ("not in { }", "exists"),
        ("in { }", "not exists"),
    ] {
        while let Some(at) = pieces.find(0, words) {
            let Some(name) = pieces.name_before(at) else {
                return;
            };
            let length = pieces_of_name(&name);
            let count = length + words.split(' ').count();
            pieces.replace(at - length, count, &format!("{by} {name}"));
        }
    }
}

/// `yes` and `no` for booleans.
pub fn answers(pieces: &mut Pieces) {
    for at in 1..pieces.len() {
        if !pieces.before(at).is_any(&["=", "!=", "is", "not"]) {
            continue;
        }
        let text = pieces.at(at).text.trim_matches(['\'', '"']);
        let answer = match text.to_ascii_lowercase().as_str() {
            "yes" | "y" | "true" | "1" => "true",
            "no" | "n" | "false" | "0" => "false",
            _ => continue,
        };
        pieces.set_text(at, answer);
        // `is` asks whether anything is known; a rule compares.
        if pieces.before(at).is("is") {
            pieces.set_text(at - 1, "=");
        }
    }
}

/// `100 mg/dL`, `50%`, `75 x10^9/L`, `8 (g/dL)`: units in quotes.
pub fn quote_units(pieces: &mut Pieces) {
    for at in 1..pieces.len() {
        if pieces.before(at).is_number()
            && let Some((unit, length)) = unit_at(pieces, at)
        {
            pieces.splice(at..at + length, [Piece::new(format!("'{unit}'"))]);
        }
    }
    // `'8 g/dL'` behind a comparison.
    for at in 1..pieces.len() {
        let text = &pieces.at(at).text;
        if pieces.before(at).is_comparison()
            && text.starts_with('\'')
            && let Some((number, unit)) = text.trim_matches('\'').split_once(' ')
            && number.parse::<f64>().is_ok()
        {
            pieces.set_text(at, format!("{number} '{}'", unit.trim()));
        }
    }
}

/// The unit that begins at a place, and how many pieces it has.
fn unit_at(pieces: &Pieces, at: usize) -> Option<(String, usize)> {
    const JOINS: [&str; 13] = [
        "and", "or", "then", "else", "if", "to", "implies", "x", "in", "before", "after", "on",
        "within",
    ];
    if let Some((power, length)) = power_of_ten(pieces, at) {
        let (rest, more) = unit_word(pieces, at + length);
        return Some((format!("{power}{rest}"), length + more));
    }
    let first = pieces.get(at)?;
    let is_bracket = first.text == "(" || first.text == "[";
    let start = at + usize::from(is_bracket);
    let (piece, next) = (pieces.at(start), pieces.at(start + 1));
    let is_divided = piece.text == "/" && next.is_word() && next.space.is_empty();
    let is_word = piece.is_word() && !piece.is_unit_of_time() && !piece.is_any(&JOINS);
    if !is_divided && piece.text != "%" && !is_word {
        return None;
    }
    let (unit, length) = unit_word(pieces, start);
    let closes = pieces.at(start + length).is_any(&[")", "]"]);
    (!is_bracket || closes).then_some((unit, length + 2 * usize::from(is_bracket)))
}

/// The pieces of a unit that stand together.
fn unit_word(pieces: &Pieces, at: usize) -> (String, usize) {
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
fn power_of_ten(pieces: &Pieces, start: usize) -> Option<(String, usize)> {
    let mut at = start;
    if pieces.at(at).is("x10") {
        at += 1;
    } else {
        at += usize::from(pieces.at(at).is_any(&["x", "*", "·"]));
        if pieces.at(at).text != "10" {
            return None;
        }
        at += 1;
    }
    at += usize::from(pieces.at(at).is_any(&["^", "*", "e"]));
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
pub fn unquote_numbers(pieces: &mut Pieces) {
    for at in 1..pieces.len() {
        let text = &pieces.at(at).text;
        let written = text.trim_matches('\'').to_owned();
        if pieces.before(at).is_comparison()
            && written.len() < text.len()
            && written.parse::<f64>().is_ok()
        {
            pieces.set_text(at, written);
        }
    }
}

/// Units in quotes, each as it was probably meant.
pub fn quote_units_as_meant(pieces: &mut Pieces) {
    quote_units(pieces);
    mend_units(pieces, units::meant_by);
}

/// The same, with `U` for `IU`: an enzyme has no international unit.
pub fn quote_units_of_enzymes(pieces: &mut Pieces) {
    quote_units(pieces);
    mend_units(pieces, |code| {
        code.contains("IU").then(|| code.replace("IU", "U"))
    });
}

fn mend_units(pieces: &mut Pieces, meant: impl Fn(&str) -> Option<String>) {
    for at in 1..pieces.len() {
        let text = &pieces.at(at).text;
        if pieces.before(at).is_number()
            && let Some(code) = text.strip_prefix('\'')
            && let Some(code) = code.strip_suffix('\'')
            && let Some(meant) = meant(code)
        {
            pieces.set_text(at, format!("'{meant}'"));
        }
    }
}

/// Whether it may be a value of a fact without its quotes.
fn is_bare_code(piece: &Piece) -> bool {
    piece.is_word() && !piece.is_any(&["null", "true", "false"])
}

/// `sex = male`: values in quotes.
pub fn quote_codes(pieces: &mut Pieces) {
    let mut braces = 0_i32;
    for at in 1..pieces.len() {
        let before = pieces.before(at);
        braces += before.nesting("{", "}");
        // Behind a text stands what it is compared with, and that is no other text.
        let is_compared = !pieces.before(at - 1).is_text() && before.is_any(&["=", "!="]);
        let is_listed = braces > 0 && before.is_any(&["{", ","]);
        let piece = pieces.at(at);
        if (is_compared || is_listed)
            && is_bare_code(piece)
            && !pieces.at(at + 1).is_any(&[".", "("])
        {
            pieces.set_text(at, format!("'{}'", piece.text));
        }
    }
    // `is positive` is a comparison with a value.
    pieces.each("is", |pieces, at| {
        let negated = pieces.at(at + 1).is("not");
        let place = at + 1 + usize::from(negated);
        let value = pieces.at(place);
        if is_bare_code(value) {
            pieces.set_text(place, format!("'{}'", value.text));
            pieces.replace(at, place - at, if negated { "!=" } else { "=" });
        }
    });
}

/// `exists (drugs where class = 'statin')` without an alias.
pub fn aliases(pieces: &mut Pieces) {
    const ALIAS: &str = "X";
    let mut from = 0;
    while let Some(at) = pieces.find(from, "where") {
        from = at + 1;
        let Some(name) = pieces.name_before(at) else {
            continue;
        };
        let start = at - pieces_of_name(&name);
        // `drugs D where class = 'statin'`: the alias is there, and its fields do without.
        if pieces.before(start).is_name() {
            prefix_fields(pieces, at + 1, &name);
            continue;
        }
        let is_open = pieces.before(start).text == "(";
        if !is_open && !pieces.before(start).is("exists") {
            continue;
        }
        pieces.insert(at, Piece::new(ALIAS));
        let place = prefix_fields(pieces, at + 2, ALIAS);
        if !is_open {
            bracket(pieces, start, place);
        }
        from = place;
    }
}

/// Puts the alias before the fields of a condition; where the condition ends.
fn prefix_fields(pieces: &mut Pieces, start: usize, alias: &str) -> usize {
    const ASKED: [&str; 11] = [
        ")", "in", "between", "is", "within", "before", "after", "more", "less", "and", "or",
    ];
    let mut depth = 0_i32;
    let mut place = start;
    while let Some(piece) = pieces.get(place) {
        depth += piece.nesting("(", ")");
        if depth < 0 {
            break;
        }
        let before = pieces.before(place);
        let is_asked = pieces
            .get(place + 1)
            .is_none_or(|next| next.is_comparison() || next.is_number() || next.is_any(&ASKED));
        if piece.is_name()
            && !piece.is_unit_of_time()
            && before.text != "."
            && !before.is_comparison()
            && is_asked
        {
            pieces.set_text(place, format!("{alias}.{}", piece.text));
        }
        place += 1;
    }
    place
}

/// `= 'a' or 'b'`, `= 0, 1 or 2`: a list.
pub fn alternatives(pieces: &mut Pieces) {
    let is_value = |piece: &Piece| piece.is_number() || piece.is_text() || piece.is_name();
    let mut at = 1;
    while at < pieces.len() {
        let mut values = Vec::new();
        let mut end = at + 1;
        while pieces.at(at).text == "=" && is_value(pieces.at(end)) {
            let value = pieces.at(end);
            values.push(match value.is_word() {
                true => format!("'{}'", value.text),
                false => value.text.clone(),
            });
            let behind = pieces.at(end + 3);
            let goes_on = pieces.at(end + 1).is_any(&["or", ","])
                && is_value(pieces.at(end + 2))
                && !behind.is_comparison()
                && !behind.is_any(&[".", "("]);
            end += 1 + usize::from(goes_on);
            if !goes_on {
                break;
            }
        }
        if values.len() > 1 {
            pieces.replace(at, end - at, &format!("in {{{}}}", values.join(", ")));
        }
        at += 1;
    }
}

/// `drugs.class = 'statin'`, `drugs.count > 2`: some item, and how many.
pub fn items(pieces: &mut Pieces) {
    let mut at = 0;
    while at < pieces.len() {
        let Some(name) = pieces.name_at(at) else {
            at += 1;
            continue;
        };
        let Some((condition, replaced)) = item_condition(pieces, at, &name) else {
            at += pieces_of_name(&name);
            continue;
        };
        // `exists drugs.class = 'statin'`
        let is_asked = usize::from(pieces.before(at).is("exists"));
        let start = at - is_asked;
        pieces.replace(start, replaced + is_asked, &condition);
        at = start + Pieces::of(&condition).len();
    }
}

/// What is asked of the items of a list whose field is named as if the list were one item, and how many pieces ask it.
fn item_condition(pieces: &Pieces, at: usize, name: &str) -> Option<(String, usize)> {
    const ITEM: &str = "X";
    let (list, field) = name.rsplit_once('.')?;
    let sign = at + pieces_of_name(name);
    if ["count", "length", "size"].contains(&field) {
        return Some((format!("Count({list})"), sign - at));
    }
    let compared = pieces.get(sign)?;
    let value = pieces.get(sign + 1)?;
    let text = if value.is_word() && !value.is_any(&["true", "false"]) {
        format!("'{}'", value.text)
    } else {
        value.text.clone()
    };
    let sign_text = match compared.text.as_str() {
        _ if compared.is("contains") => "=",
        sign if compared.is_comparison() => sign,
        _ => return None,
    };
    let condition = format!("exists ({list} {ITEM} where {ITEM}.{field} {sign_text} {text})");
    Some((condition, sign + 2 - at))
}

/// Codes in quotes, in the letters in which values are declared.
pub fn lower_codes(pieces: &mut Pieces) {
    quote_codes(pieces);
    for piece in pieces.iter_mut().filter(|piece| piece.is_text()) {
        piece.text = piece.text.to_lowercase();
    }
}
