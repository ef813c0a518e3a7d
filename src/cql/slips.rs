//! What an author probably meant by a condition that cannot be read: other notations of the same thing, put right.
//!
//! In: the text, and a way to see whether another text is right. Out: advice with the whole condition as it may be written.
//! Only what is right is ever offered, so a remedy is never an error itself; where a notation can be read in two ways, both
//! are offered, each with what it means.

mod pieces;
mod rules;

use pieces::Piece;

/// Longer conditions get no such advice: it would be longer still.
const LONGEST: usize = 2_000;
/// A change of what is written.
type Change = fn(&mut Vec<Piece>);

/// What may be done besides, in the order in which it is tried.
const OPTIONS: [&[Change]; 8] = [
    &[],
    &[rules::quote_units],
    &[rules::answers],
    &[rules::quote_codes],
    &[rules::aliases],
    &[rules::aliases, rules::quote_codes],
    &[rules::quote_units, rules::quote_codes],
    &[rules::answers, rules::quote_codes],
];

/// What would be right instead of a text that is not.
pub(super) fn advice(text: &str, is_right: impl Fn(&str) -> bool) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    let readings = rules::readings(pieces::of(text));
    let mut parts = Vec::new();
    for (meaning, mut pieces) in readings {
        rules::notations(&mut pieces);
        // Most options change nothing, and each try looks up every name again.
        let mut tried = vec![text.to_owned()];
        let right = OPTIONS.iter().find_map(|options| {
            let mut pieces = pieces.clone();
            options.iter().for_each(|option| option(&mut pieces));
            let mended = pieces::join(&pieces);
            if tried.contains(&mended) {
                return None;
            }
            tried.push(mended.clone());
            is_right(&mended).then_some(mended)
        });
        let Some(right) = right else { continue };
        parts.push(match meaning {
            Some(meaning) => format!("`{right}` {meaning}"),
            None => format!("`{right}`"),
        });
    }
    if parts.is_empty() {
        return None;
    }
    let advice = format!("write {}", parts.join(", or "));
    if rules::has_hours(text) {
        return Some(format!("there are no hours, only days: {advice}"));
    }
    Some(advice)
}

/// What is to be said of hours that are no whole days.
pub(super) fn hours(text: &str) -> Option<&'static str> {
    (text.len() <= LONGEST && rules::has_hours(text)).then_some(
        "there are no hours, only days; count days, or ask for what the hours decide in a fact of its own",
    )
}
