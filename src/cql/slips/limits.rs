//! Limits: comparisons in words, ranges, and the limits of normal.

use super::pieces::{Piece, Pieces};

/// Comparisons in words, and what says no more than the comparison itself.
const SPELLED: [(&str, &str); 37] = [
    ("must be", ""),
    ("should be", ""),
    ("has to be", ""),
    ("must", ""),
    ("inclusive", ""),
    ("not <", ">="),
    ("not >", "<="),
    ("not <=", ">"),
    ("not >=", "<"),
    ("not =", "!="),
    ("not exceeding", "<="),
    ("no higher than", "<="),
    ("no lower than", ">="),
    ("not higher than", "<="),
    ("not lower than", ">="),
    ("at or below", "<="),
    ("at or above", ">="),
    ("lower than", "<"),
    ("smaller than", "<"),
    ("higher than", ">"),
    ("larger than", ">"),
    ("bigger than", ">"),
    ("exceeds", ">"),
    ("exceeding", ">"),
    ("up to", "<="),
    ("no more than", "<="),
    ("not more than", "<="),
    ("no greater than", "<="),
    ("no less than", ">="),
    ("not less than", ">="),
    ("greater than or equal to", ">="),
    ("less than or equal to", "<="),
    ("greater than", ">"),
    ("fewer than", "<"),
    ("equal to", "="),
    ("is equal to", "="),
    ("equals", "="),
];

/// Comparisons in words.
pub fn spelled(pieces: &mut Pieces) {
    pieces.replace_by(&SPELLED);
    // `is` before a sign, a number or a text is `=`, or nothing.
    pieces.each("is", |pieces, is| {
        let negated = pieces.at(is + 1).is("not");
        let behind = is + 1 + usize::from(negated);
        let next = pieces.at(behind);
        let by = if next.is_comparison() || next.is_any(&["between", "in", "at", "within"]) {
            if negated { "not" } else { "" }
        } else if next.is_number() || next.text.starts_with(['\'', '"']) {
            if negated { "!=" } else { "=" }
        } else {
            return;
        };
        pieces.replace(is, behind - is, by);
    });
    pieces.each("= null", |pieces, at| pieces.replace(at, 1, "is"));
    pieces.each("!= null", |pieces, at| pieces.replace(at, 1, "is not"));
}

/// `3 ULN`, `3 x ULN`, `ULN*3`: multiples of the limits of what stands on the other side.
pub fn limits_of_normal(pieces: &mut Pieces) {
    pieces.replace_by(&[
        ("upper limit of normal", "ULN"),
        ("lower limit of normal", "LLN"),
        // `3xULN` is one word and a number.
        ("xULN", "x ULN"),
        ("xLLN", "x LLN"),
    ]);
    for limit in ["uln", "lln"] {
        pieces.each(limit, |pieces, at| {
            if pieces.before(at).text != "."
                && let Some(name) = compared_with(pieces, at)
            {
                multiply(pieces, at, &format!("{name}.{limit}"));
            }
        });
    }
}

/// What a limit of normal is compared with: the name before the comparison, or divided by it, or the name behind.
fn compared_with(pieces: &Pieces, limit: usize) -> Option<String> {
    if pieces.before(limit).text == "/"
        && let Some(name) = pieces.name_before(limit - 1)
    {
        return Some(name);
    }
    match pieces.iter().take(limit).rposition(Piece::is_comparison) {
        Some(comparison) => pieces.name_before(comparison),
        None => pieces
            .name_at(limit + 2)
            .filter(|_| pieces.at(limit + 1).is_comparison()),
    }
}

/// Puts a limit in the place of its name, with a `*` behind the number before it.
fn multiply(pieces: &mut Pieces, mut at: usize, limit: &str) {
    pieces.set_text(at, limit);
    pieces.set_apart(at);
    while pieces
        .before(at)
        .is_any(&["x", "times", "fold", "the", "of"])
    {
        at -= 1;
        pieces.remove(at);
        // `3-fold`
        if pieces.before(at).text == "-" && pieces.at(at.wrapping_sub(2)).is_number() {
            at -= 1;
            pieces.remove(at);
        }
    }
    if pieces.before(at).is_number() {
        pieces.insert(at, Piece::new("*"));
    }
}

/// `at least 2`, `2 or more`, `over 2`, behind a name.
pub fn limits(pieces: &mut Pieces) {
    const BEFORE: [(&str, &str); 10] = [
        ("minimum", ">="),
        ("maximum", "<="),
        ("at least", ">="),
        ("at most", "<="),
        ("more than", ">"),
        ("less than", "<"),
        ("over", ">"),
        ("above", ">"),
        ("under", "<"),
        ("below", "<"),
    ];
    for (words, sign) in BEFORE {
        let length = words.split(' ').count();
        pieces.each(words, |pieces, at| {
            let number = at + length;
            let timed =
                (number + 1..number + 5).any(|at| pieces.at(at).is_any(&["before", "after"]));
            if pieces.before(at).ends_operand() && !timed && pieces.at(number).is_number() {
                pieces.replace(at, length, sign);
            }
        });
    }
    for (words, sign) in [
        ("or more", ">="),
        ("or older", ">="),
        ("or higher", ">="),
        ("or less", "<="),
        ("or lower", "<="),
        ("or younger", "<="),
    ] {
        let mut from = 0;
        while let Some(at) = pieces.find(from, words) {
            from = at + 1;
            // `of 2 or less`
            let of = pieces.iter().take(at).rposition(|piece| piece.is("of"));
            if let Some(of) = of.filter(|of| pieces.at(of + 1).is_number()) {
                pieces.remove(of);
                from = of;
                continue;
            }
            let Some(number) = pieces.iter().take(at).rposition(Piece::is_number) else {
                continue;
            };
            let timed = pieces.at(at + 2).is_any(&["before", "after", "on"]);
            if pieces.before(number).is_name() && !timed && at - number <= 2 {
                pieces.drain(at..at + 2);
                pieces.insert(number, Piece::new(sign));
            }
        }
    }
}

/// `between 0 to 2`, `0 <= x <= 2`.
pub fn ranges(pieces: &mut Pieces) {
    unnamed_ranges(pieces);
    pieces.each("between", |pieces, at| {
        let joined = (at + 2..at + 6).find(|at| pieces.at(*at).is_any(&["to", "-", ",", ".."]));
        if let Some(joined) = joined {
            pieces.replace(joined, 1, "and");
            pieces.set_apart(joined);
            pieces.set_apart(joined + 1);
        }
    });
    // A chain of comparisons; each would compare the truth of the one before.
    let comparisons: Vec<usize> = (0..pieces.len())
        .filter(|at| pieces.at(*at).is_comparison())
        .collect();
    if let [first, second] = *comparisons {
        let middle = pieces.iter().take(second).skip(first + 1).cloned();
        let mut middle: Vec<Piece> = middle.collect();
        let joined = middle
            .iter()
            .any(|piece| piece.is_any(&["and", "or"]) || piece.text == "where");
        // `(drugs X where X.class = 'a') >= 2` compares in a bracket and outside.
        let nesting: i32 = middle.iter().map(|piece| piece.nesting("(", ")")).sum();
        if !joined && nesting == 0 {
            if let Some(first) = middle.first_mut() {
                " ".clone_into(&mut first.space);
            }
            middle.insert(0, Piece::new("and"));
            pieces.splice(second..second, middle);
        }
    }
}

/// `in 0..2`, `0-2`, `from 0 to 2` behind a name.
fn unnamed_ranges(pieces: &mut Pieces) {
    let mut at = 1;
    while at < pieces.len() {
        let first = at + usize::from(pieces.at(at).is_any(&["in", "from", "is"]));
        if pieces.before(at).ends_operand()
            && pieces.at(first).is_number()
            && pieces.at(first + 1).is_any(&["to", "-", ".."])
            && pieces.at(first + 2).is_number()
        {
            pieces.replace(first + 1, 1, "and");
            pieces.set_apart(first + 2);
            pieces.replace(at, first - at, "between");
        }
        at += 1;
    }
}
