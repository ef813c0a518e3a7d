//! Limits: comparisons in words, ranges, and the limits of normal.

use super::pieces::{self, Piece, before, find, is_name, name_at, name_before, replace};

/// Comparisons in words.
pub fn spelled(pieces: &mut Vec<Piece>) {
    const SPELLED: [(&[&str], &str); 32] = [
        (&["not", "<"], ">="),
        (&["not", ">"], "<="),
        (&["not", "<="], ">"),
        (&["not", ">="], "<"),
        (&["not", "="], "!="),
        (&["not", "exceeding"], "<="),
        (&["no", "higher", "than"], "<="),
        (&["no", "lower", "than"], ">="),
        (&["not", "higher", "than"], "<="),
        (&["not", "lower", "than"], ">="),
        (&["at", "or", "below"], "<="),
        (&["at", "or", "above"], ">="),
        (&["lower", "than"], "<"),
        (&["smaller", "than"], "<"),
        (&["higher", "than"], ">"),
        (&["larger", "than"], ">"),
        (&["bigger", "than"], ">"),
        (&["exceeds"], ">"),
        (&["exceeding"], ">"),
        (&["up", "to"], "<="),
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
    for words in [
        &["must", "be"][..],
        &["should", "be"],
        &["has", "to", "be"],
        &["must"],
        &["inclusive"],
    ] {
        pieces::replace_all(pieces, words, "");
    }
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
        if next.is_comparison()
            || ["between", "in", "at", "within"]
                .iter()
                .any(|word| next.is(word))
        {
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

/// `3 ULN`, `3 x ULN`, `ULN*3`: multiples of the limits of what stands on the other side.
pub fn limits_of_normal(pieces: &mut Vec<Piece>) {
    pieces::replace_all(pieces, &["upper", "limit", "of", "normal"], " ULN");
    pieces::replace_all(pieces, &["lower", "limit", "of", "normal"], " LLN");
    // `3xULN` is one word and a number.
    for (joined, limit) in [("xULN", " x ULN"), ("xLLN", " x LLN")] {
        pieces::replace_all(pieces, &[joined], limit);
    }
    for limit in ["uln", "lln"] {
        let mut from = 0;
        while let Some(at) = find(pieces, from, &[limit]) {
            from = at + 1;
            if before(pieces, at).is_some_and(|piece| piece.text == ".") {
                continue;
            }
            if let Some(name) = compared_with(pieces, at) {
                multiply(pieces, at, &format!("{name}.{limit}"));
            }
        }
    }
}

/// What a limit of normal is compared with: the name before the comparison, or divided by it, or the name behind.
fn compared_with(pieces: &[Piece], limit: usize) -> Option<String> {
    let is_divided = before(pieces, limit).is_some_and(|piece| piece.text == "/");
    if let Some(name) = name_before(pieces, limit - usize::from(is_divided)).filter(|_| is_divided)
    {
        return Some(name);
    }
    let comparison = pieces.iter().take(limit).rposition(Piece::is_comparison);
    if let Some(comparison) = comparison {
        return name_before(pieces, comparison);
    }
    let is_compared = pieces.get(limit + 1).is_some_and(Piece::is_comparison);
    name_at(pieces, limit + 2).filter(|_| is_compared)
}

/// Puts a limit in the place of its name, with a `*` behind the number before it.
fn multiply(pieces: &mut Vec<Piece>, mut at: usize, limit: &str) {
    const SPOKEN: [&str; 5] = ["x", "times", "fold", "the", "of"];
    if let Some(piece) = pieces.get_mut(at) {
        limit.clone_into(&mut piece.text);
        piece.space = " ".to_owned();
    }
    while before(pieces, at).is_some_and(|piece| SPOKEN.iter().any(|word| piece.is(word))) {
        pieces.remove(at - 1);
        at -= 1;
        // `3-fold`
        let is_dash = before(pieces, at).is_some_and(|piece| piece.text == "-");
        let is_number = at
            .checked_sub(2)
            .and_then(|at| pieces.get(at))
            .is_some_and(Piece::is_number);
        if is_dash && is_number {
            pieces.remove(at - 1);
            at -= 1;
        }
    }
    if before(pieces, at).is_some_and(Piece::is_number) {
        pieces.insert(at, Piece::new("*"));
    }
}

/// `at least 2`, `2 or more`, `over 2`, behind a name.
pub fn limits(pieces: &mut Vec<Piece>) {
    const BEFORE: [(&[&str], &str); 10] = [
        (&["minimum"], ">="),
        (&["maximum"], "<="),
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
            let timed = (number + 1..number + 5).any(|at| {
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
            // `of 2 or less`
            let of = pieces.iter().take(at).rposition(|piece| piece.is("of"));
            if let Some(of) = of.filter(|of| pieces.get(of + 1).is_some_and(Piece::is_number)) {
                pieces.remove(of);
                from = of;
                continue;
            }
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
pub fn ranges(pieces: &mut Vec<Piece>) {
    unnamed_ranges(pieces);
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
        let joined = middle
            .iter()
            .any(|piece| piece.is("and") || piece.is("or") || piece.text == "where");
        // `(drugs X where X.class = 'a') >= 2` compares in a bracket and outside.
        let count = |bracket: &str| middle.iter().filter(|piece| piece.text == bracket).count();
        let joined = joined || count("(") != count(")");
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

/// `in 0..2`, `0-2`, `from 0 to 2` behind a name.
fn unnamed_ranges(pieces: &mut Vec<Piece>) {
    let mut at = 1;
    while at < pieces.len() {
        let is_word = pieces
            .get(at)
            .is_some_and(|piece| ["in", "from", "is"].iter().any(|word| piece.is(word)));
        let first = at + usize::from(is_word);
        let follows = before(pieces, at).is_some_and(|piece| piece.text == ")" || is_name(piece));
        let is_number = |at: usize| pieces.get(at).is_some_and(Piece::is_number);
        let is_joined = pieces
            .get(first + 1)
            .is_some_and(|piece| piece.is("to") || piece.text == "-" || piece.text == "..");
        if follows && is_number(first) && is_joined && is_number(first + 2) {
            replace(pieces, first + 1, 1, vec![Piece::new("and")]);
            if let Some(second) = pieces.get_mut(first + 2) {
                second.space = " ".to_owned();
            }
            replace(pieces, at, first - at, vec![Piece::new("between")]);
        }
        at += 1;
    }
}
