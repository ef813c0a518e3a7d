//! Text into tokens, each with its bytes.

use std::ops::Range;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::ExpressionError;
use crate::diagnostic::lookalike;
use crate::value::{Bounds, date, number};

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A name or keyword; the parser tells which.
    Word(String),
    /// A name in double quotes, never a keyword.
    Quoted(String),
    /// A text in single quotes.
    Text(String),
    /// A number; whether it was written without a decimal point.
    Number(Decimal, bool),
    /// A date behind `@`.
    Date(Bounds<Date>),
    /// An operator or punctuation.
    Symbol(&'static str),
    /// The end of the text.
    End,
}

impl Token {
    /// How a message names it.
    #[must_use]
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Word(word) => format!("`{word}`"),
            Self::Quoted(name) => format!("`\"{name}\"`"),
            Self::Text(text) => format!("`'{text}'`"),
            Self::Number(number, _) => format!("`{number}`"),
            Self::Date(bounds) => format!("`@{}`", date::format(bounds)),
            Self::Symbol(symbol) => format!("`{symbol}`"),
            Self::End => "the end of the expression".to_owned(),
        }
    }
}

/// Operators and punctuation, the longer before those that they begin with.
pub const SYMBOLS: [&str; 22] = [
    "<=", ">=", "!=", "!~", "=", "<", ">", "~", "+", "-", "*", "/", "^", "(", ")", "{", "}", "[",
    "]", ",", ".", ":",
];

/// The tokens of an expression, the last one being [`Token::End`].
///
/// # Errors
/// The first character that begins no token, a text or name without its closing quote, a number or date that is none.
pub(crate) fn tokens(text: &str) -> Result<Vec<(Token, Range<usize>)>, ExpressionError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..)
        && let Some(first) = rest.chars().next()
    {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        let (token, length) = match first {
            '\'' | '"' => quoted(rest, first, at)?,
            '@' => {
                let length = 1 + rest[1..]
                    .find(|next: char| {
                        !(next.is_ascii_alphanumeric() || next == '-' || next == ':' || next == '.')
                    })
                    .unwrap_or(rest.len() - 1);
                let bounds = date::parse(&rest[1..length])
                    .map_err(|message| ExpressionError::new(message, at..at + length))?;
                (Token::Date(bounds), length)
            }
            '0'..='9' => {
                let whole = digits(rest);
                let length = match rest.get(whole..).and_then(|tail| tail.strip_prefix('.')) {
                    Some(tail) if digits(tail) > 0 => whole + 1 + digits(tail),
                    _ => whole,
                };
                let written = &rest[..length];
                let value = number::parse(written)
                    .map_err(|message| ExpressionError::new(message, at..at + length))?;
                (Token::Number(value, length == whole), length)
            }
            _ if first.is_ascii_alphabetic() || first == '_' => {
                let length = rest
                    .find(|next: char| !(next.is_ascii_alphanumeric() || next == '_'))
                    .unwrap_or(rest.len());
                (Token::Word(rest[..length].to_owned()), length)
            }
            _ => match SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
                Some(symbol) => (Token::Symbol(symbol), symbol.len()),
                None => return Err(unexpected(first, at)),
            },
        };
        tokens.push((token, at..at + length));
        at += length;
    }
    tokens.push((Token::End, text.len()..text.len()));
    Ok(tokens)
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn quoted(rest: &str, quote: char, at: usize) -> Result<(Token, usize), ExpressionError> {
    let mut value = String::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((offset, character)) = characters.next() {
        match character {
            _ if character == quote => {
                let token = if quote == '"' {
                    Token::Quoted(value)
                } else {
                    Token::Text(value)
                };
                return Ok((token, offset + 1));
            }
            '\\' => match characters.next() {
                Some((_, escaped @ ('\'' | '"' | '\\' | '`' | '/'))) => value.push(escaped),
                Some((_, 'n')) => value.push('\n'),
                Some((_, 't')) => value.push('\t'),
                Some((_, 'r')) => value.push('\r'),
                Some((_, 'f')) => value.push('\u{c}'),
                Some((start, 'u')) => {
                    let code = rest
                        .get(start + 1..start + 5)
                        .and_then(|hex| u32::from_str_radix(hex, 16).ok())
                        .and_then(char::from_u32);
                    let code = code.ok_or_else(|| {
                        ExpressionError::new(
                            "`\\u` needs four hexadecimal digits",
                            at + offset..at + start + 1,
                        )
                    })?;
                    value.push(code);
                    characters.nth(3);
                }
                _ => {
                    return Err(ExpressionError::new(
                        "an unknown escape",
                        at + offset..at + offset + 1,
                    )
                    .help("write `\\\\` for a backslash, `\\'` for a quote"));
                }
            },
            other => value.push(other),
        }
    }
    Err(ExpressionError::new(
        format!("the closing {quote} is missing"),
        at..at + 1,
    ))
}

fn unexpected(character: char, at: usize) -> ExpressionError {
    let span = at..at + character.len_utf8();
    let instead = match character {
        '≤' => "<=",
        '≥' => ">=",
        '≠' => "!=",
        '‘' | '’' => "'",
        '“' | '”' => "\"",
        '−' | '–' | '—' => "-",
        '×' => "*",
        '&' => "and",
        '|' => "or",
        '!' => "not",
        '%' => "'%'",
        _ => {
            let error = ExpressionError::new(
                format!("`{character}` does not belong in an expression"),
                span,
            );
            return match lookalike::explain(character.encode_utf8(&mut [0; 4])) {
                Some(help) => error.help(help),
                None if character.is_alphabetic() => {
                    error.help("names are written with the letters a to z, digits and `_`")
                }
                None => error,
            };
        }
    };
    ExpressionError::new(
        format!("`{character}` does not belong in an expression"),
        span,
    )
    .help(format!("write `{instead}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Token> {
        tokens(text)
            .unwrap()
            .into_iter()
            .map(|(token, _)| token)
            .collect()
    }

    #[test]
    fn reads_every_kind() {
        let word = |text: &str| Token::Word(text.to_owned());
        assert_eq!(
            kinds("ecog <= 2"),
            [
                word("ecog"),
                Token::Symbol("<="),
                Token::Number(Decimal::TWO, true),
                Token::End
            ]
        );
        assert_eq!(
            kinds("2.0 'mg/dL'"),
            [
                Token::Number(Decimal::TWO, false),
                Token::Text("mg/dL".into()),
                Token::End
            ]
        );
        assert_eq!(
            kinds("a.b // note"),
            [word("a"), Token::Symbol("."), word("b"), Token::End]
        );
        assert_eq!(
            kinds(r"'it\'s' '\u00e9'"),
            [
                Token::Text("it's".into()),
                Token::Text("é".into()),
                Token::End
            ]
        );
        assert!(matches!(kinds("@2026-11")[0], Token::Date(_)));
    }

    #[test]
    fn says_what_to_write_instead() {
        assert_eq!(
            tokens("ecog ≤ 2").unwrap_err().help.as_deref(),
            Some("write `<=`")
        );
        assert_eq!(
            tokens("a && b").unwrap_err().help.as_deref(),
            Some("write `and`")
        );
        assert!(tokens("'open").unwrap_err().message.contains("closing"));
        assert!(
            tokens("@2026-02-31")
                .unwrap_err()
                .message
                .contains("28 days")
        );
        assert!(
            tokens("есог <= 2")
                .unwrap_err()
                .help
                .unwrap()
                .contains("Cyrillic")
        );
        assert!(
            tokens("ж <= 2")
                .unwrap_err()
                .help
                .unwrap()
                .contains("a to z")
        );
    }
}
