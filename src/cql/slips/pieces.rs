//! A text in pieces, whatever is wrong with it.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::value::duration;

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

    /// Whether it is this word or sign, in whatever capitals.
    pub fn is(&self, text: &str) -> bool {
        self.text.eq_ignore_ascii_case(text)
    }

    pub fn is_any(&self, texts: &[&str]) -> bool {
        texts.iter().any(|text| self.is(text))
    }

    pub fn is_word(&self) -> bool {
        self.text
            .starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
    }

    pub fn is_number(&self) -> bool {
        self.text.starts_with(|first: char| first.is_ascii_digit())
    }

    /// Whether it is a text in single quotes.
    pub fn is_text(&self) -> bool {
        self.text.starts_with('\'')
    }

    pub fn is_comparison(&self) -> bool {
        matches!(self.text.as_str(), "<" | "<=" | ">" | ">=" | "=" | "!=")
    }

    /// Whether it may name something: words that join conditions do not.
    pub fn is_name(&self) -> bool {
        const JOINING: [&str; 23] = [
            "and", "or", "not", "than", "least", "most", "in", "within", "where", "exists", "is",
            "then", "else", "if", "when", "last", "before", "after", "of", "on", "between", "from",
            "implies",
        ];
        self.is_word() && !self.is_any(&JOINING)
    }

    /// Whether what ends here can be compared: a name, or something in brackets.
    pub fn ends_operand(&self) -> bool {
        self.text == ")" || self.is_name()
    }

    pub fn is_unit_of_time(&self) -> bool {
        self.is_any(&duration::UNITS)
    }

    /// How much deeper the text is nested behind it, in these brackets.
    pub fn nesting(&self, open: &str, close: &str) -> i32 {
        i32::from(self.text == open) - i32::from(self.text == close)
    }
}

/// What stands at every place outside of a text: no word, number or sign.
static NOTHING: Piece = Piece {
    space: String::new(),
    text: String::new(),
};

/// A text taken apart. Joined again, the pieces are the text.
///
/// Where words are looked for, they are given with one space between each piece and the next: `AgeInYears ( )`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pieces(pub Vec<Piece>);

impl Deref for Pieces {
    type Target = Vec<Piece>;

    fn deref(&self) -> &Vec<Piece> {
        &self.0
    }
}

impl DerefMut for Pieces {
    fn deref_mut(&mut self) -> &mut Vec<Piece> {
        &mut self.0
    }
}

impl fmt::Display for Pieces {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, piece) in self.iter().enumerate() {
            let space = if at == 0 { "" } else { &piece.space };
            write!(formatter, "{space}{}", piece.text)?;
        }
        Ok(())
    }
}

impl Pieces {
    /// Takes a text apart.
    pub fn of(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        let mut depth = 0_i32;
        loop {
            let trimmed = rest.trim_start();
            let (space, _) = rest.split_at(rest.len() - trimmed.len());
            let Some(first) = trimmed.chars().next() else {
                return Self(pieces);
            };
            let length = length_of(trimmed, first, depth);
            depth += i32::from("({[".contains(first)) - i32::from(")}]".contains(first));
            let (piece, tail) = trimmed.split_at_checked(length).unwrap_or((trimmed, ""));
            pieces.push(Piece {
                space: space.to_owned(),
                text: piece.to_owned(),
            });
            rest = tail;
        }
    }

    /// The piece at a place.
    pub fn at(&self, place: usize) -> &Piece {
        self.get(place).unwrap_or(&NOTHING)
    }

    /// The piece before a place.
    pub fn before(&self, place: usize) -> &Piece {
        self.at(place.wrapping_sub(1))
    }

    /// Puts another text in a piece, behind the same space.
    pub fn set_text(&mut self, place: usize, text: impl Into<String>) {
        if let Some(piece) = self.get_mut(place) {
            piece.text = text.into();
        }
    }

    /// Puts a space before a piece.
    pub fn set_apart(&mut self, place: usize) {
        if let Some(piece) = self.get_mut(place) {
            " ".clone_into(&mut piece.space);
        }
    }

    /// Whether these words stand in a row at a place.
    pub fn stands(&self, place: usize, words: &str) -> bool {
        words
            .split(' ')
            .enumerate()
            .all(|(ahead, word)| self.at(place + ahead).is(word))
    }

    /// The first place where these words stand in a row.
    pub fn find(&self, from: usize, words: &str) -> Option<usize> {
        (from..self.len()).find(|at| self.stands(*at, words))
    }

    /// Calls `change` with each place where these words stand in a row, from the first on.
    pub fn each(&mut self, words: &str, mut change: impl FnMut(&mut Self, usize)) {
        let mut from = 0;
        while let Some(at) = self.find(from, words) {
            from = at + 1;
            change(self, at);
        }
    }

    /// Puts a text in the place of pieces; it keeps the space of what stood there.
    pub fn replace(&mut self, at: usize, count: usize, by: &str) {
        let mut by = Self::of(by);
        if let (Some(first), Some(old)) = (by.first_mut(), self.get(at)) {
            first.space = if at == 0 || old.space.is_empty() && !first.is_word() {
                old.space.clone()
            } else {
                " ".to_owned()
            };
        }
        let end = (at + count).min(self.len());
        self.splice(at.min(end)..end, by.0);
    }

    /// Puts a text before a place.
    pub fn put(&mut self, at: usize, text: &str) {
        self.splice(at..at, Self::of(text).0);
    }

    /// Puts another text wherever these words stand in a row.
    pub fn replace_all(&mut self, words: &str, by: &str) {
        let (count, length) = (words.split(' ').count(), Self::of(by).len());
        let mut from = 0;
        while let Some(at) = self.find(from, words) {
            from = at + length;
            self.replace(at, count, by);
        }
    }

    /// Puts other texts wherever the words of a table stand in a row, one line after the other.
    pub fn replace_by(&mut self, table: &[(&str, &str)]) {
        for (words, by) in table {
            self.replace_all(words, by);
        }
    }

    /// The name that ends before a place, with its dots.
    pub fn name_before(&self, end: usize) -> Option<String> {
        let mut start = end;
        while let Some(before) = start.checked_sub(1) {
            let piece = self.get(before)?;
            let fits = piece.text == "."
                || (piece.is_name() && (start == end || self.at(start).text == "."));
            if !fits {
                break;
            }
            start = before;
        }
        let name = self.get(start..end).filter(|name| !name.is_empty())?;
        Some(name.iter().map(|piece| piece.text.as_str()).collect())
    }

    /// The name that begins at a place, with its dots.
    pub fn name_at(&self, start: usize) -> Option<String> {
        let first = self.get(start).filter(|piece| piece.is_name())?;
        let mut name = first.text.clone();
        let mut at = start + 1;
        while self.at(at).text == "." && self.at(at + 1).is_word() {
            name.push('.');
            name.push_str(&self.at(at + 1).text);
            at += 2;
        }
        Some(name)
    }
}

/// How many pieces a name has, with its dots.
pub fn pieces_of_name(name: &str) -> usize {
    name.matches('.').count() * 2 + 1
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
    let mut characters = rest.chars();
    let mut length = 0;
    while let Some(next) = characters.next() {
        let tail = characters.as_str();
        let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
        let grouped = digits == 3 && !tail.split_at(digits).1.starts_with('\'');
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
