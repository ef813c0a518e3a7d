//! A text in pieces, whatever is wrong with it.

/// A word, number, sign or quoted text, and the space before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub space: String,
    pub text: String,
}

impl Piece {
    /// A piece behind one space.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            space: " ".to_owned(),
            text: text.into(),
        }
    }

    /// A piece that stands directly behind the last.
    pub fn tight(text: impl Into<String>) -> Self {
        Self {
            space: String::new(),
            text: text.into(),
        }
    }

    pub fn is(&self, text: &str) -> bool {
        self.text.eq_ignore_ascii_case(text)
    }

    pub fn is_word(&self) -> bool {
        self.text
            .starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
    }

    pub fn is_number(&self) -> bool {
        self.text.starts_with(|first: char| first.is_ascii_digit())
    }

    pub fn is_comparison(&self) -> bool {
        matches!(self.text.as_str(), "<" | "<=" | ">" | ">=" | "=" | "!=")
    }
}

/// Signs that are written otherwise elsewhere, the longer before those that they begin with.
const SIGNS: [&str; 22] = [
    "===", "!==", "=/=", "<=>", "==", "=<", "=>", "<>", "=!", "&&", "||", "**", "<=", ">=", "!=",
    "!~", "!<", "!>", "->", ":=", "//", "..",
];

/// Quotes of typesetters, and marks that are typed for them.
pub const QUOTES: [char; 14] = [
    '‘', '’', '‚', '“', '”', '„', '«', '»', '‹', '›', '´', '`', '′', '″',
];

/// Takes a text apart. Joined again, the pieces are the text.
pub fn of(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut depth = 0_i32;
    while !rest.is_empty() {
        let trimmed = rest.trim_start();
        let space = rest
            .get(..rest.len() - trimmed.len())
            .unwrap_or_default()
            .to_owned();
        rest = trimmed;
        let Some(first) = rest.chars().next() else {
            break;
        };
        let length = length_of(rest, first, depth);
        depth += i32::from("({[".contains(first)) - i32::from(")}]".contains(first));
        let (piece, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
        pieces.push(Piece {
            space,
            text: piece.to_owned(),
        });
        rest = tail;
    }
    pieces
}

fn length_of(rest: &str, first: char, depth: i32) -> usize {
    let until = |ends: &dyn Fn(char) -> bool| rest.find(ends).unwrap_or(rest.len());
    match first {
        '\'' | '"' => rest
            .char_indices()
            .skip(1)
            .find(|(_, next)| *next == first)
            .map_or(rest.len(), |(at, _)| at + 1),
        '@' => until(&|next| !(next.is_ascii_alphanumeric() || "@-:.".contains(next))),
        '0'..='9' => number_length(rest, depth),
        _ if QUOTES.contains(&first) => rest
            .char_indices()
            .skip(1)
            .find(|(_, next)| QUOTES.contains(next))
            .map_or(first.len_utf8(), |(at, next)| at + next.len_utf8()),
        _ if first.is_alphabetic() || first == '_' => {
            until(&|next| !(next.is_alphanumeric() || next == '_'))
        }
        _ => SIGNS
            .iter()
            .find(|sign| rest.starts_with(**sign))
            .map_or(first.len_utf8(), |sign| sign.len()),
    }
}

/// The length of a number with its marks. In a list, commas stand between numbers.
fn number_length(rest: &str, depth: i32) -> usize {
    let mut length = 0;
    while let Some(next) = rest.get(length..).and_then(|rest| rest.chars().next()) {
        let tail = rest.get(length + next.len_utf8()..).unwrap_or_default();
        let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
        let grouped = digits == 3 && !tail.get(digits..).unwrap_or_default().starts_with('\'');
        let belongs = match next {
            '0'..='9' => true,
            '.' => digits > 0,
            ',' => digits > 0 && depth == 0,
            '\'' | '_' => grouped,
            _ => false,
        };
        if !belongs {
            break;
        }
        length += next.len_utf8();
    }
    length
}

/// Puts pieces together.
pub fn join(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        if !text.is_empty() {
            text.push_str(&piece.space);
        }
        text.push_str(&piece.text);
    }
    text
}

/// Words that join conditions, and so name nothing.
pub fn is_name(piece: &Piece) -> bool {
    const JOINING: [&str; 23] = [
        "and", "or", "not", "than", "least", "most", "in", "within", "where", "exists", "is",
        "then", "else", "if", "when", "last", "before", "after", "of", "on", "between", "from",
        "implies",
    ];
    piece.is_word() && !JOINING.iter().any(|word| piece.is(word))
}

/// Where words stand in a row, their place.
pub fn find(pieces: &[Piece], from: usize, words: &[&str]) -> Option<usize> {
    (from..pieces.len()).find(|at| {
        words
            .iter()
            .enumerate()
            .all(|(ahead, word)| pieces.get(at + ahead).is_some_and(|piece| piece.is(word)))
    })
}

/// Puts pieces in the place of others; the first keeps the space of what stood there.
pub fn replace(pieces: &mut Vec<Piece>, at: usize, count: usize, mut by: Vec<Piece>) {
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

/// The name that ends before a place, with its dots.
pub fn name_before(pieces: &[Piece], end: usize) -> Option<String> {
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

pub fn is_unit(piece: Option<&Piece>) -> bool {
    const UNITS: [&str; 8] = [
        "day", "days", "week", "weeks", "month", "months", "year", "years",
    ];
    piece.is_some_and(|piece| UNITS.iter().any(|unit| piece.is(unit)))
}

/// Puts other pieces wherever these words stand in a row.
pub fn replace_all(pieces: &mut Vec<Piece>, words: &[&str], by: &str) {
    let mut from = 0;
    while let Some(at) = find(pieces, from, words) {
        let by = of(by);
        from = at + by.len();
        replace(pieces, at, words.len(), by);
    }
}

/// How many pieces a name has, with its dots.
pub fn pieces_of_name(name: &str) -> usize {
    name.matches('.').count() * 2 + 1
}

/// The name that begins at a place, with its dots.
pub fn name_at(pieces: &[Piece], start: usize) -> Option<String> {
    let first = pieces.get(start).filter(|piece| is_name(piece))?;
    let mut name = first.text.clone();
    let mut at = start + 1;
    while let (Some(dot), Some(part)) = (pieces.get(at), pieces.get(at + 1)) {
        if dot.text != "." || !part.is_word() {
            break;
        }
        name.push('.');
        name.push_str(&part.text);
        at += 2;
    }
    Some(name)
}

/// The piece before a place.
pub fn before(pieces: &[Piece], at: usize) -> Option<&Piece> {
    at.checked_sub(1).and_then(|at| pieces.get(at))
}
