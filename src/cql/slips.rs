//! What an author probably meant by a condition that cannot be read: other notations of the same thing, put right.
//!
//! In: the text, and a way to see whether another text is right. Out: advice with the whole condition as it may be written.
//! Only what is right is ever offered, so a remedy is never an error itself; where a notation can be read in two ways, both
//! are offered, each with what it means.

mod limits;
mod pieces;
mod readings;
mod rules;
mod time;
mod values;

use std::fmt::Write as _;

use crate::units;
use pieces::Pieces;

/// Longer conditions get no such advice: it would be longer still.
const LONGEST: usize = 2_000;
/// Up to this length two changes are tried at once: there are many pairs, and a file may have a thousand errors.
const LONGEST_FOR_PAIRS: usize = 400;
/// A change of what is written.
type Change = fn(&mut Pieces);

/// What may be done besides, in the order in which it is tried: what is declared decides which of them is right.
const CHANGES: [Change; 14] = [
    values::quote_units,
    values::quote_units_as_meant,
    values::quote_units_of_enzymes,
    values::answers,
    values::unquote_numbers,
    values::quote_codes,
    values::lower_codes,
    values::aliases,
    values::alternatives,
    values::items,
    time::today,
    time::dates_without_sign,
    time::age_in_years,
    rules::negated_comparisons,
];

/// What would be right instead of a text that is not.
pub(super) fn advice(text: &str, is_right: impl Fn(&str) -> bool) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    let mut pieces = Pieces::of(text);
    rules::signs_and_numbers(&mut pieces);
    let mut parts = Vec::new();
    for mut reading in readings::readings(pieces) {
        rules::notations(&mut reading.pieces);
        let Some(right) = first_right(text, &reading.pieces, &is_right) else {
            continue;
        };
        match reading.meaning {
            Some(meaning) => parts.push(format!("`{right}` {meaning}")),
            // It is what the text says, so there is nothing to choose.
            None => {
                parts = vec![format!("`{right}`")];
                break;
            }
        }
    }
    if parts.is_empty() {
        return None;
    }
    let mut advice = format!("write {}", parts.join(", or "));
    if let Some(why) = units::why_meant(text, &advice) {
        let _ = write!(advice, "; {why}");
    }
    if time::has_hours(text) {
        return Some(format!("there are no hours, only days: {advice}"));
    }
    Some(advice)
}

/// The first text that is right: as it is, with one more change, with two.
fn first_right(text: &str, pieces: &Pieces, is_right: &impl Fn(&str) -> bool) -> Option<String> {
    // Most changes change nothing, and each try looks up every name again.
    let mut tried = vec![text.to_owned()];
    let mut attempt = |pieces: &Pieces| {
        let mended = pieces.to_string();
        if tried.contains(&mended) {
            return None;
        }
        tried.push(mended.clone());
        is_right(&mended).then_some(mended)
    };
    if let Some(right) = attempt(pieces) {
        return Some(right);
    }
    let mut changed = Vec::new();
    for change in CHANGES {
        let mut pieces = pieces.clone();
        change(&mut pieces);
        if let Some(right) = attempt(&pieces) {
            return Some(right);
        }
        changed.push(pieces);
    }
    if text.len() > LONGEST_FOR_PAIRS {
        return None;
    }
    for (index, once) in changed.iter().enumerate() {
        if once == pieces {
            continue;
        }
        for change in CHANGES.iter().skip(index + 1) {
            let mut twice = once.clone();
            change(&mut twice);
            if let Some(right) = attempt(&twice) {
                return Some(right);
            }
        }
    }
    None
}

/// What is to be said where no other text is right: of hours that are no whole days, of marks of
/// numbers, and of half-lives.
pub(super) fn hint(text: &str) -> Option<&'static str> {
    if text.len() > LONGEST {
        return None;
    }
    if time::has_hours(text) {
        return Some(
            "there are no hours, only days; count days, or ask for what the hours decide in a fact of its own",
        );
    }
    let pieces = Pieces::of(text);
    if pieces
        .iter()
        .any(|piece| piece.is_number() && piece.text.contains(','))
    {
        return Some("a number has a point as its decimal mark, and nothing between its thousands");
    }
    readings::has_half_lives(&pieces).then_some(
        "count days: `days between stopped_on and Today() >= 5 * (half_life / 1 'd')`, where `half_life` is \
         declared as a quantity in `d`",
    )
}
