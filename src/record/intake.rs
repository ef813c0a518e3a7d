//! A notation → one stream of events: a map or list opens, a key, a scalar, it closes.
//!
//! Each notation has a module of its own, and none of them knows a fact. [`super::fill`] pulls the events and is compiled
//! together with each intake, so that nothing stands between the bytes and the typed values. A place costs nothing
//! to keep; the bytes that it stands for are looked up only when something is wrong there.

pub mod cells;
pub(crate) mod json;
pub(crate) mod tree;

use std::borrow::Cow;
use std::ops::Range;

use super::names::Names;

/// Where an event stands, in the terms of its intake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The first byte, or the cell.
    pub start: usize,
    /// The byte behind the last one.
    pub end: usize,
}

/// What a value begins with.
#[derive(Debug)]
pub enum Content<'s> {
    /// Nothing, or `null`.
    Null,
    /// A value of its own.
    Scalar(Scalar<'s>),
    /// A list; its items follow.
    List,
    /// A map; its keys follow.
    Map,
}

/// A scalar as it was written.
#[derive(Debug)]
pub struct Scalar<'s> {
    /// The characters, with quotes and escapes resolved.
    pub text: Cow<'s, str>,
    /// Whether it was written without quotes.
    pub plain: bool,
}

/// A key of a map.
#[derive(Debug)]
pub enum Key<'s> {
    /// One of the expected names.
    Known(usize),
    /// Another word.
    Unknown(Cow<'s, str>),
}

/// The text cannot be read to its end; the intake knows why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken;

/// A stream of events. Whoever pulls it asks for the keys of a map or the items of a list until there are no more, and for
/// the value behind each.
pub trait Intake<'s> {
    /// Begins the value that stands next.
    ///
    /// # Errors
    /// If the text is broken here.
    fn value(&mut self) -> Result<Content<'s>, Broken>;

    /// The next key of the map that is open; none at its end. `guess` is the key that is likely to come, `near` the first of
    /// the next likely ones.
    ///
    /// # Errors
    /// If the text is broken here.
    fn key(&mut self, names: &Names, guess: usize, near: usize) -> Result<Option<Key<'s>>, Broken>;

    /// Whether the list that is open has another item.
    ///
    /// # Errors
    /// If the text is broken here.
    fn item(&mut self) -> Result<bool, Broken>;

    /// Where the value that was begun last stands: a scalar as a whole, a map or list with its first character.
    fn place(&self) -> Place;

    /// Where the last key stands.
    fn key_place(&self) -> Place;

    /// The bytes of the text that a place stands for.
    fn bytes_of(&self, place: Place) -> Range<usize>;

    /// The number of the item that was found last; `count` come before it.
    fn number_of_item(&self, count: usize) -> usize {
        count + 1
    }

    /// Whether the place of an item says nothing, since its list stands in one cell.
    fn is_in_cell(&self) -> bool {
        false
    }

    /// The word that the list begun last stands for, where its notation cannot tell a list of one from a word that stands for
    /// the whole.
    fn lone_word(&self) -> Option<&'s str> {
        None
    }

    /// Whether the text ends behind the value that was read.
    ///
    /// # Errors
    /// If it does not.
    fn finish(&mut self) -> Result<(), Broken> {
        Ok(())
    }

    /// Passes over a value that was begun.
    ///
    /// # Errors
    /// If the text is broken in it.
    fn skip(&mut self, begun: &Content<'s>) -> Result<(), Broken> {
        match begun {
            Content::Null | Content::Scalar(_) => {}
            Content::List => {
                while self.item()? {
                    let inner = self.value()?;
                    self.skip(&inner)?;
                }
            }
            Content::Map => {
                while self.key(Names::NONE, 0, 0)?.is_some() {
                    let inner = self.value()?;
                    self.skip(&inner)?;
                }
            }
        }
        Ok(())
    }
}

impl Content<'_> {
    /// What it is, in the words of a message.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Scalar(scalar) if scalar.plain && matches!(&*scalar.text, "true" | "false") => {
                "a boolean"
            }
            Self::Scalar(scalar) if scalar.plain && scalar.text.parse::<f64>().is_ok() => {
                "a number"
            }
            Self::Scalar(_) => "a text",
            Self::List => "a list",
            Self::Map => "a map",
        }
    }
}
