//! A sentence in the making: its words, and blanks among them.
//!
//! The words of a sentence depend on what a rule can tell of a candidate. The rest is filled in when the sentence is read:
//! who found a value, and when; and what is said of an item of a list beside its codes.

use std::fmt;

use crate::facts::FactId;

/// What is still to be filled in. Many are kept, so they are small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blank {
    /// Where what is known of a fact, told by its number, comes from.
    Evidence(u32),
    /// A field of an item of a list.
    Field {
        /// The number of the fact that the list is.
        fact: u32,
        /// The place of the item.
        item: u16,
        /// The place of the field.
        field: u16,
    },
}

impl Blank {
    /// For the evidence of a fact.
    fn evidence(fact: FactId) -> Self {
        // No trial file declares as many facts as this could not tell apart.
        Self::Evidence(u32::try_from(fact.0).unwrap_or(u32::MAX))
    }

    /// For a field of an item; none if it cannot be told by small numbers.
    pub(super) fn field(fact: FactId, item: usize, field: usize) -> Option<Self> {
        Some(Self::Field {
            fact: u32::try_from(fact.0).ok()?,
            item: u16::try_from(item).ok()?,
            field: u16::try_from(field).ok()?,
        })
    }
}

/// Who knows what belongs into blanks.
pub trait Filler {
    /// Whether nothing belongs into a blank, where that is quickly told.
    fn leaves_empty(&self, _: Blank) -> bool {
        false
    }

    /// Writes what belongs into a blank.
    fn fill(&mut self, blank: Blank, out: &mut String);
}

/// What is said, or part of it.
#[derive(Debug, Default)]
pub struct Said {
    text: String,
    /// Where something is to be filled in, in the order of the text.
    blanks: Vec<(u32, Blank)>,
    /// The parts that were joined so far, those of the innermost joining last.
    parts: Vec<Span>,
}

/// Words, and the blanks among them.
#[derive(Debug, Clone, Copy)]
pub struct Words<'w> {
    text: &'w str,
    blanks: &'w [(u32, Blank)],
    /// Where the words begin, as the places of blanks count.
    start: u32,
}

/// Where some words stand among others. Many are kept.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    start: Mark,
    end: Mark,
}

/// How far a text is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mark {
    text: u32,
    blanks: u32,
}

/// A place in a text. All that is said of a row is far shorter than what can be told.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl<'w> Words<'w> {
    fn blanks(self) -> impl Iterator<Item = (usize, Blank)> {
        self.blanks
            .iter()
            .map(move |(place, blank)| ((place - self.start) as usize, *blank))
    }

    /// Writes the words, and what belongs into the blanks.
    pub fn fill(self, out: &mut String, filler: &mut impl Filler) {
        let mut at = 0;
        for (place, blank) in self.blanks() {
            // Into most belongs nothing.
            if !filler.leaves_empty(blank) {
                out.push_str(self.text.get(at..place).unwrap_or_default());
                filler.fill(blank, out);
                at = place;
            }
        }
        out.push_str(self.text.get(at..).unwrap_or_default());
    }

    fn same(self, other: Self) -> bool {
        self.text == other.text && self.blanks().eq(other.blanks())
    }
}

impl Said {
    /// Nothing yet, in the same memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.blanks.clear();
        self.parts.clear();
    }

    /// How many bytes of words it is.
    #[must_use]
    pub fn size(&self) -> usize {
        self.text.len()
    }

    /// All that was said.
    #[must_use]
    pub fn words(&self) -> Words<'_> {
        Words {
            text: &self.text,
            blanks: &self.blanks,
            start: 0,
        }
    }

    /// Words among those that were said.
    #[must_use]
    pub fn part(&self, span: &Span) -> Words<'_> {
        let Span { start, end } = span;
        Words {
            text: self
                .text
                .get(start.text as usize..end.text as usize)
                .unwrap_or_default(),
            blanks: self
                .blanks
                .get(start.blanks as usize..end.blanks as usize)
                .unwrap_or_default(),
            start: start.text,
        }
    }

    /// Where the words stand that were said since a mark.
    #[must_use]
    pub fn since(&self, mark: Mark) -> Span {
        Span {
            start: mark,
            end: self.mark(),
        }
    }

    /// How far it is.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark {
            text: place(self.text.len()),
            blanks: place(self.blanks.len()),
        }
    }

    /// Adds words with their blanks.
    pub fn push_words(&mut self, words: Words<'_>) {
        let start = place(self.text.len());
        self.text.push_str(words.text);
        self.blanks.extend(
            words
                .blanks
                .iter()
                .map(|(place, blank)| (place - words.start + start, *blank)),
        );
    }

    /// Adds words, where `write` writes what stands between two blanks.
    pub fn push_mapped(&mut self, words: Words<'_>, mut write: impl FnMut(&str, &mut String)) {
        let mut at = 0;
        for (place, blank) in words.blanks() {
            write(
                words.text.get(at..place).unwrap_or_default(),
                &mut self.text,
            );
            self.push_blank(blank);
            at = place;
        }
        write(words.text.get(at..).unwrap_or_default(), &mut self.text);
    }

    /// Adds words.
    pub fn push(&mut self, words: &str) {
        self.text.push_str(words);
    }

    /// The words, to be added to.
    pub(super) fn text(&mut self) -> &mut String {
        &mut self.text
    }

    /// Adds a blank.
    pub(super) fn push_blank(&mut self, blank: Blank) {
        self.blanks.push((place(self.text.len()), blank));
    }

    /// Here stands where the value of a fact comes from.
    pub(super) fn push_evidence(&mut self, fact: FactId) {
        self.push_blank(Blank::evidence(fact));
    }

    /// Takes back what was added behind a mark.
    pub(super) fn back_to(&mut self, mark: Mark) {
        self.text.truncate(mark.text as usize);
        self.blanks.truncate(mark.blanks as usize);
    }

    /// Whether anything was added behind a mark.
    pub(super) fn is_beyond(&self, mark: Mark) -> bool {
        self.text.len() > mark.text as usize || self.blanks.len() > mark.blanks as usize
    }

    /// Adds parts with something between them, each once.
    pub fn join(&mut self, between: &'static str, add: impl FnOnce(&mut Joining<'_>)) {
        let first = self.parts.len();
        add(&mut Joining {
            said: self,
            between,
            first,
        });
        self.parts.truncate(first);
    }
}

/// What is said of a criterion's own conditions: one thing after the other.
#[derive(Debug, Default)]
pub struct OwnSayings {
    said: Said,
    sayings: Vec<Span>,
}

impl OwnSayings {
    /// Nothing yet, in the same memory.
    pub fn clear(&mut self) {
        self.said.clear();
        self.sayings.clear();
    }

    /// One thing, unless it is nothing.
    pub fn say(&mut self, write: impl FnOnce(&mut Said)) {
        let start = self.said.mark();
        write(&mut self.said);
        if self.said.is_beyond(start) {
            self.sayings.push(self.said.since(start));
        }
    }

    /// All that was said.
    pub fn sayings(&self) -> impl Iterator<Item = Words<'_>> {
        self.sayings.iter().map(|span| self.said.part(span))
    }
}

impl fmt::Write for Said {
    fn write_str(&mut self, words: &str) -> fmt::Result {
        self.push(words);
        Ok(())
    }
}

/// Parts being joined.
pub struct Joining<'s> {
    said: &'s mut Said,
    between: &'static str,
    /// Where the parts of this joining begin.
    first: usize,
}

impl Joining<'_> {
    /// Adds a part, unless it is nothing or has been said.
    pub fn part(&mut self, write: impl FnOnce(&mut Said)) {
        let said = &mut *self.said;
        let before = said.mark();
        if said.parts.len() > self.first {
            said.push(self.between);
        }
        let start = said.mark();
        write(said);
        let mine = said.since(start);
        let is_repeated = said
            .parts
            .iter()
            .skip(self.first)
            .any(|other| said.part(other).same(said.part(&mine)));
        if said.is_beyond(start) && !is_repeated {
            said.parts.push(mine);
        } else {
            said.back_to(before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_said_once() {
        let mut said = Said::default();
        said.join("; ", |join| {
            for words in ["one", "", "two", "one"] {
                join.part(|said| said.push(words));
            }
            join.part(|said| {
                said.join(", ", |join| {
                    join.part(|said| said.push("two"));
                    join.part(|said| said.push("three"));
                });
            });
        });
        assert_eq!(said.text, "one; two; two, three");
    }

    #[test]
    fn the_same_words_about_other_facts_are_not_the_same() {
        let mut said = Said::default();
        said.join("; ", |join| {
            for fact in [1, 1, 2] {
                join.part(|said| {
                    said.push("no");
                    said.push_evidence(FactId(fact));
                });
            }
        });
        struct Shown;
        impl Filler for Shown {
            fn fill(&mut self, blank: Blank, out: &mut String) {
                out.push_str(&format!("{blank:?}"));
            }
        }
        let mut text = String::new();
        said.words().fill(&mut text, &mut Shown);
        assert_eq!(text, "noEvidence(1); noEvidence(2)");
    }
}
