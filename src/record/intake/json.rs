//! A JSON text → events, straight from its bytes.
//!
//! As strict as RFC 8259. Beyond it, a text must not hold characters that do not print (they stand there as
//! escapes), nor be nested more than [`MOST_DEPTH`] levels, nor hold more than [`MOST_NODES`] values and keys.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use memchr::memchr2;
use serde::de::IgnoredAny;

use super::super::names::Names;
use super::{Broken, Content, Intake, Key, Place, Scalar};
use crate::diagnostic::{Diagnostic, Source};
use crate::document::{LEAVE_OUT, MOST_DEPTH, MOST_NODES, TOO_DEEP, TOO_LARGE, json_error};
use crate::json_escape;

/// A JSON text being read.
pub struct Json<'s> {
    text: &'s str,
    at: usize,
    /// Whether a map or list was opened and has no entry yet.
    is_fresh: bool,
    depth: usize,
    nodes: usize,
    place: Place,
    key: Place,
    reason: Reason,
}

/// Why a text is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// It is not JSON; the JSON library says it best.
    Syntax,
    Depth,
    Nodes,
    /// A character that does not print.
    Character,
    /// An escape that stands for no character.
    Escape,
}

impl<'s> Json<'s> {
    /// Begins a text.
    pub fn new(text: &'s str) -> Self {
        let nowhere = Place { start: 0, end: 0 };
        let mut json = Self {
            text,
            at: 0,
            is_fresh: false,
            depth: 0,
            nodes: 0,
            place: nowhere,
            key: nowhere,
            reason: Reason::Syntax,
        };
        json.space();
        json
    }

    /// How many maps and lists are open.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// What is wrong with a broken text.
    pub fn explain(&self, source: &Arc<Source>) -> Diagnostic {
        if source.text.trim().is_empty() {
            return crate::document::empty(source);
        }
        // The library sees what stands behind the place where reading ended, too.
        if let Err(error) = serde_json::from_str::<IgnoredAny>(self.text) {
            return *json_error(source, &error);
        }
        let error = |message: &str| Diagnostic::error(message).at(source, self.at..self.at + 1);
        match self.reason {
            Reason::Depth => error(TOO_DEEP),
            Reason::Nodes => error(TOO_LARGE),
            Reason::Character => {
                let character = self
                    .text
                    .get(self.at..)
                    .and_then(|rest| rest.chars().next());
                let code = character.map_or(0, u32::from);
                error(&format!("unexpected character: `\\u{{{code:x}}}`")).help(LEAVE_OUT)
            }
            Reason::Escape => error("this is not JSON: an escape stands for no character")
                .help("characters beyond U+FFFF are written as two escapes, a pair of surrogates"),
            Reason::Syntax => error("this is not JSON"),
        }
    }

    fn bytes(&self) -> &'s [u8] {
        self.text.as_bytes()
    }

    #[inline]
    fn byte(&self) -> u8 {
        self.bytes().get(self.at).copied().unwrap_or(0)
    }

    #[inline]
    fn space(&mut self) {
        // Most records have none.
        while self.byte() <= b' ' && matches!(self.byte(), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
    }

    #[cold]
    fn broken<T>(&mut self, reason: Reason, at: usize) -> Result<T, Broken> {
        (self.reason, self.at) = (reason, at);
        Err(Broken)
    }

    #[inline]
    fn count(&mut self) -> Result<(), Broken> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            return self.broken(Reason::Nodes, self.at);
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), Broken> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return self.broken(Reason::Depth, self.at);
        }
        self.at += 1;
        self.is_fresh = true;
        Ok(())
    }

    /// Another entry of a map or list, or its end.
    #[inline]
    fn more(&mut self, close: u8) -> Result<bool, Broken> {
        self.space();
        let is_fresh = std::mem::take(&mut self.is_fresh);
        let byte = self.byte();
        if byte == close {
            self.at += 1;
            self.depth -= 1;
            return Ok(false);
        }
        if is_fresh {
            return Ok(true);
        }
        if byte != b',' {
            return self.broken(Reason::Syntax, self.at);
        }
        self.at += 1;
        self.space();
        Ok(true)
    }

    /// A text between quotes.
    #[inline]
    fn string(&mut self) -> Result<Cow<'s, str>, Broken> {
        let start = self.at + 1;
        if self.byte() != b'"' {
            return self.broken(Reason::Syntax, self.at);
        }
        let rest = self.bytes().get(start..).unwrap_or_default();
        let end = match json_escape::length(rest) {
            Some(length) if rest.get(length) == Some(&b'"') => start + length,
            _ => return self.odd_string(start),
        };
        self.at = end + 1;
        match self.text.get(start..end) {
            Some(text) => Ok(Cow::Borrowed(text)),
            None => self.broken(Reason::Syntax, start),
        }
    }

    /// A text with escapes, or with letters that are not ASCII.
    #[cold]
    fn odd_string(&mut self, start: usize) -> Result<Cow<'s, str>, Broken> {
        let (bytes, mut at, mut is_escaped) = (self.bytes(), start, false);
        let end = loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(next) = memchr2(b'"', b'\\', rest) else {
                return self.broken(Reason::Syntax, bytes.len());
            };
            at += next;
            if bytes.get(at) == Some(&b'"') {
                break at;
            }
            is_escaped = true;
            at += 2;
        };
        let Some(raw) = self.text.get(start..end) else {
            return self.broken(Reason::Syntax, start);
        };
        if let Some(control) = raw.bytes().position(|byte| byte < 0x20) {
            return self.broken(Reason::Syntax, start + control);
        }
        if let Some(character) = raw.find(is_unprintable) {
            return self.broken(Reason::Character, start + character);
        }
        self.at = end + 1;
        if !is_escaped {
            return Ok(Cow::Borrowed(raw));
        }
        let quoted = self.text.get(start - 1..=end).unwrap_or_default();
        match serde_json::from_str::<String>(quoted) {
            Ok(text) => Ok(Cow::Owned(text)),
            Err(_) => self.broken(Reason::Escape, start - 1),
        }
    }

    fn word(&mut self, word: &'static str) -> Result<(), Broken> {
        let rest = self.bytes().get(self.at..).unwrap_or_default();
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(())
        } else {
            self.broken(Reason::Syntax, self.at)
        }
    }

    fn digits(&mut self) -> Result<(), Broken> {
        let start = self.at;
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
        if self.at == start {
            return self.broken(Reason::Syntax, start);
        }
        Ok(())
    }

    /// A number as JSON writes it.
    fn number(&mut self) -> Result<(), Broken> {
        if self.byte() == b'-' {
            self.at += 1;
        }
        if self.byte() == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.byte() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.byte(), b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// What was written from here to where reading stands now.
    fn written(&self, start: usize) -> Content<'s> {
        Content::Scalar(Scalar {
            text: Cow::Borrowed(self.text.get(start..self.at).unwrap_or_default()),
            plain: true,
        })
    }
}

impl<'s> Intake<'s> for Json<'s> {
    #[inline]
    fn value(&mut self) -> Result<Content<'s>, Broken> {
        self.count()?;
        let start = self.at;
        let content = match self.byte() {
            b'"' => Content::Scalar(Scalar {
                text: self.string()?,
                plain: false,
            }),
            b'{' => {
                self.open()?;
                Content::Map
            }
            b'[' => {
                self.open()?;
                Content::List
            }
            b't' => {
                self.word("true")?;
                self.written(start)
            }
            b'f' => {
                self.word("false")?;
                self.written(start)
            }
            b'n' => {
                self.word("null")?;
                Content::Null
            }
            b'-' | b'0'..=b'9' => {
                self.number()?;
                self.written(start)
            }
            _ => return self.broken(Reason::Syntax, start),
        };
        self.place = Place {
            start,
            end: self.at,
        };
        Ok(content)
    }

    #[inline]
    fn key(&mut self, names: &Names, guess: usize, near: usize) -> Result<Option<Key<'s>>, Broken> {
        if !self.more(b'}')? {
            return Ok(None);
        }
        self.count()?;
        let start = self.at;
        if let Some((place, length)) = names.likely(self.bytes(), start, guess, near) {
            self.at += length;
            self.key = Place {
                start,
                end: self.at - 1,
            };
            self.space();
            return Ok(Some(Key::Known(place)));
        }
        let name = self.string()?;
        self.key = Place {
            start,
            end: self.at,
        };
        self.space();
        if self.byte() != b':' {
            return self.broken(Reason::Syntax, self.at);
        }
        self.at += 1;
        self.space();
        Ok(Some(match names.find(&name) {
            Some(place) => Key::Known(place),
            None => Key::Unknown(name),
        }))
    }

    #[inline]
    fn item(&mut self) -> Result<bool, Broken> {
        self.more(b']')
    }

    fn place(&self) -> Place {
        self.place
    }

    fn key_place(&self) -> Place {
        self.key
    }

    fn bytes_of(&self, place: Place) -> Range<usize> {
        place.start..place.end
    }

    fn finish(&mut self) -> Result<(), Broken> {
        self.space();
        if self.at < self.text.len() {
            return self.broken(Reason::Syntax, self.at);
        }
        Ok(())
    }
}

/// A character that YAML does not allow in a text as it stands, so that a record means the same in both notations.
fn is_unprintable(character: char) -> bool {
    matches!(
        character,
        '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'
    )
}
