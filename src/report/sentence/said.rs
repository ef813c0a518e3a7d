//! A sentence in the making: its words, and the places where the evidence of a fact will stand.
//!
//! The words of a sentence depend on values alone; who found a value, and when, is filled in when the sentence is read.

use std::fmt;
use std::ops::Range;

use crate::facts::FactId;

/// What is said, or part of it.
#[derive(Debug, Default)]
pub struct Said {
    text: String,
    /// Where evidence stands, in the order of the text, and of which fact.
    evidence: Vec<(usize, FactId)>,
    /// The parts that were joined so far, those of the innermost joining last.
    parts: Vec<Span>,
}

/// Words, and where evidence stands among them.
#[derive(Debug, Clone, Copy)]
pub struct Words<'w> {
    text: &'w str,
    evidence: &'w [(usize, FactId)],
    /// Where the words begin, as the places of evidence count.
    start: usize,
}

/// Words that are kept.
#[derive(Debug, Clone)]
pub struct Saying {
    text: Box<str>,
    evidence: Box<[(usize, FactId)]>,
}

/// Where some words stand among others.
#[derive(Debug, Clone, Default)]
pub struct Span {
    text: Range<usize>,
    evidence: Range<usize>,
}

/// How far a text is.
#[derive(Clone, Copy)]
pub struct Mark {
    text: usize,
    evidence: usize,
}

impl<'w> Words<'w> {
    /// None.
    pub const NONE: Self = Self { text: "", evidence: &[], start: 0 };

    /// Where evidence stands, and of which fact.
    pub fn evidence(self) -> impl Iterator<Item = (usize, FactId)> {
        self.evidence.iter().map(move |(place, fact)| (place - self.start, *fact))
    }

    /// The words, without evidence.
    #[must_use]
    pub fn text(self) -> &'w str {
        self.text
    }

    /// Writes the words, and what `evidence` writes where it stands.
    pub fn fill(self, out: &mut String, mut evidence: impl FnMut(FactId, &mut String)) {
        let mut at = 0;
        for (place, fact) in self.evidence() {
            out.push_str(self.text.get(at..place).unwrap_or_default());
            evidence(fact, out);
            at = place;
        }
        out.push_str(self.text.get(at..).unwrap_or_default());
    }

    /// To be kept.
    #[must_use]
    pub fn keep(self) -> Saying {
        Saying { text: self.text.into(), evidence: self.evidence().collect() }
    }

    fn same(self, other: Self) -> bool {
        self.text == other.text && self.evidence().eq(other.evidence())
    }
}

impl Saying {
    /// Its words.
    #[must_use]
    pub fn words(&self) -> Words<'_> {
        Words { text: &self.text, evidence: &self.evidence, start: 0 }
    }
}

impl Said {
    /// Nothing yet, in the same memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.evidence.clear();
        self.parts.clear();
    }

    /// All that was said.
    #[must_use]
    pub fn words(&self) -> Words<'_> {
        Words { text: &self.text, evidence: &self.evidence, start: 0 }
    }

    /// Words among those that were said.
    #[must_use]
    pub fn part(&self, span: &Span) -> Words<'_> {
        Words {
            text: self.text.get(span.text.clone()).unwrap_or_default(),
            evidence: self.evidence.get(span.evidence.clone()).unwrap_or_default(),
            start: span.text.start,
        }
    }

    /// Where the words stand that were said since a mark.
    #[must_use]
    pub fn since(&self, mark: Mark) -> Span {
        Span { text: mark.text..self.text.len(), evidence: mark.evidence..self.evidence.len() }
    }

    /// How far it is.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark { text: self.text.len(), evidence: self.evidence.len() }
    }

    /// Adds words with their evidence.
    pub fn push_words(&mut self, words: Words<'_>) {
        let start = self.text.len();
        self.text.push_str(words.text);
        self.evidence.extend(words.evidence().map(|(place, fact)| (start + place, fact)));
    }

    /// The same, where `write` writes the words between two evidences.
    pub fn push_mapped(&mut self, words: Words<'_>, mut write: impl FnMut(&str, &mut String)) {
        let mut at = 0;
        for (place, fact) in words.evidence() {
            write(words.text.get(at..place).unwrap_or_default(), &mut self.text);
            self.push_evidence(fact);
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

    /// Here stands where the value of a fact comes from.
    pub(super) fn push_evidence(&mut self, fact: FactId) {
        self.evidence.push((self.text.len(), fact));
    }

    /// Takes back what was added behind a mark.
    pub(super) fn back_to(&mut self, mark: Mark) {
        self.text.truncate(mark.text);
        self.evidence.truncate(mark.evidence);
    }

    /// Whether anything was added behind a mark.
    pub(super) fn is_beyond(&self, mark: Mark) -> bool {
        self.text.len() > mark.text || self.evidence.len() > mark.evidence
    }

    /// Adds parts with something between them, each once.
    pub(super) fn join(&mut self, between: &'static str, add: impl FnOnce(&mut Joining<'_>)) {
        let first = self.parts.len();
        add(&mut Joining { said: self, between, first });
        self.parts.truncate(first);
    }
}

impl fmt::Write for Said {
    fn write_str(&mut self, words: &str) -> fmt::Result {
        self.push(words);
        Ok(())
    }
}

/// Parts being joined.
pub(super) struct Joining<'s> {
    said: &'s mut Said,
    between: &'static str,
    /// Where the parts of this joining begin.
    first: usize,
}

impl Joining<'_> {
    /// Adds a part, unless it is nothing or has been said.
    pub(super) fn part(&mut self, write: impl FnOnce(&mut Said)) {
        let said = &mut *self.said;
        let before = said.mark();
        if said.parts.len() > self.first {
            said.push(self.between);
        }
        let start = said.mark();
        write(said);
        let mine = said.since(start);
        let is_repeated = said.parts.iter().skip(self.first).any(|other| said.part(other).same(said.part(&mine)));
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
        assert_eq!(said.words().text(), "one; two; two, three");
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
        assert_eq!(said.words().text(), "no; no");
        assert_eq!(said.words().evidence().collect::<Vec<_>>(), [(2, FactId(1)), (6, FactId(2))]);
    }
}
