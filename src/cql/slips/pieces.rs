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
const SIGNS: [&str; 17] = [
    "===", "!==", "=/=", "==", "=<", "=>", "<>", "=!", "&&", "||", "**", "<=", ">=", "!=", "!~",
    "//", "..",
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
        '0'..='9' => {
            let mut length = 0;
            let mut characters = rest.chars().peekable();
            while let Some(next) = characters.next() {
                let goes_on = characters.peek().is_some_and(char::is_ascii_digit);
                let inside = next == '.' || (next == ',' && depth == 0);
                if !(next.is_ascii_digit() || (inside && goes_on)) {
                    break;
                }
                length += 1;
            }
            length
        }
        _ if first.is_alphabetic() || first == '_' => {
            until(&|next| !(next.is_alphanumeric() || next == '_'))
        }
        _ => SIGNS
            .iter()
            .find(|sign| rest.starts_with(**sign))
            .map_or(first.len_utf8(), |sign| sign.len()),
    }
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
