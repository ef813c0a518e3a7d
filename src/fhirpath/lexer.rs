//! The text of a path → tokens, each with its bytes.

use std::ops::Range;

use rust_decimal::Decimal;

use super::PathError;
use crate::value::number;

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name or keyword.
    Name(String),
    /// A name between backticks, never a keyword.
    Quoted(String),
    /// A text between single quotes.
    Text(String),
    /// A number.
    Number(Decimal),
    /// `%name`.
    Variable(String),
    /// `$this` and its like, without the `$`.
    Special(String),
    /// An operator or punctuation.
    Symbol(&'static str),
    /// The end of the path.
    End,
}

impl Token {
    /// How a message names it.
    pub fn describe(&self) -> String {
        match self {
            Self::Name(name) => format!("`{name}`"),
            Self::Quoted(name) => format!("`` `{name}` ``"),
            Self::Text(text) => format!("`'{text}'`"),
            Self::Number(number) => format!("`{number}`"),
            Self::Variable(name) => format!("`%{name}`"),
            Self::Special(name) => format!("`${name}`"),
            Self::Symbol(symbol) => format!("`{symbol}`"),
            Self::End => "the end of the path".to_owned(),
        }
    }
}

/// The longer ones stand before those that they begin with.
const SYMBOLS: [&str; 18] = [
    "<=", ">=", "!=", "=", "<", ">", "+", "-", "*", "/", "|", "(", ")", "[", "]", "{", "}", ",",
];

/// The tokens of a path, the last one being [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, PathError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..)
        && let Some(first) = rest.chars().next()
    {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (token, length) = token(rest, first, at)?;
        tokens.push((token, at..at + length));
        at += length;
    }
    tokens.push((Token::End, text.len()..text.len()));
    Ok(tokens)
}

fn token(rest: &str, first: char, at: usize) -> Result<(Token, usize), PathError> {
    let error = |length: usize, message: &str| PathError::new(message, at..at + length);
    match first {
        '\'' => quoted(rest, '\'', at).map(|(text, length)| (Token::Text(text), length)),
        '`' => quoted(rest, '`', at).map(|(text, length)| (Token::Quoted(text), length)),
        '0'..='9' => number_token(rest, at),
        '%' | '$' => {
            let behind = rest.get(1..).unwrap_or_default();
            let (name, length) = match behind.chars().next() {
                Some(quote @ ('`' | '\'')) if first == '%' => quoted(behind, quote, at + 1)?,
                _ => {
                    let name = name_of(behind);
                    (name.to_owned(), name.len())
                }
            };
            if name.is_empty() {
                return Err(error(1, &format!("a name is missing behind `{first}`")));
            }
            let token = if first == '%' {
                Token::Variable(name)
            } else {
                Token::Special(name)
            };
            Ok((token, 1 + length))
        }
        '.' => Ok((Token::Symbol("."), 1)),
        '@' => Err(error(1, "dates are not written in paths here")
            .help("say when a result counts beside the path, with `date` and `pick`")),
        '"' => Err(error(
            1,
            "a text stands between single quotes: `'official'`",
        )),
        _ if first.is_ascii_alphabetic() || first == '_' => {
            let name = name_of(rest);
            Ok((Token::Name(name.to_owned()), name.len()))
        }
        _ => match SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) {
            Some(symbol) => Ok((Token::Symbol(symbol), symbol.len())),
            None => Err(error(
                first.len_utf8(),
                &format!("unexpected character: `{first}`"),
            )),
        },
    }
}

fn name_of(rest: &str) -> &str {
    let end = rest
        .find(|character: char| !character.is_ascii_alphanumeric() && character != '_')
        .unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

fn number_token(rest: &str, at: usize) -> Result<(Token, usize), PathError> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut length = digits(rest);
    if let Some(behind) = rest.get(length..).and_then(|rest| rest.strip_prefix('.'))
        && digits(behind) > 0
    {
        length += 1 + digits(behind);
    }
    let text = rest.get(..length).unwrap_or_default();
    match number::parse(text) {
        Ok(number) => Ok((Token::Number(number), length)),
        Err(message) => Err(PathError::new(message, at..at + length)),
    }
}

/// A text between quotes, and how long it is with them.
fn quoted(rest: &str, quote: char, at: usize) -> Result<(String, usize), PathError> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((index, character)) = characters.next() {
        match character {
            _ if character == quote => return Ok((text, index + 1)),
            '\\' => {
                let escaped = characters.next();
                match escaped.map(|(_, escaped)| escaped) {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some('f') => text.push('\u{c}'),
                    Some(same @ ('\'' | '"' | '`' | '\\' | '/')) => text.push(same),
                    _ => {
                        let span = at + index..at + index + 1;
                        return Err(PathError::new("this escape stands for no character", span)
                            .help("`\\'`, `\\\\`, `\\n`, `\\t`, `\\r` and `\\f` do"));
                    }
                }
            }
            _ => text.push(character),
        }
    }
    Err(PathError::new("this quote is not closed", at..at + 1))
}
