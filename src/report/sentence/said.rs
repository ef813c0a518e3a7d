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
    parts: Vec<(Range<usize>, Range<usize>)>,
}

/// How far a text is.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    text: usize,
    evidence: usize,
}

impl Said {
    /// Nothing yet, in the same memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.evidence.clear();
        self.parts.clear();
    }

    /// The words, without evidence.
    #[must_use]
    pub fn words(&self) -> &str {
        &self.text
    }

    /// Where evidence stands among the words, and of which fact.
    #[must_use]
    pub fn evidence(&self) -> &[(usize, FactId)] {
        &self.evidence
    }

    /// Adds words.
    pub(super) fn push(&mut self, words: &str) {
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

    pub(super) fn mark(&self) -> Mark {
        Mark { text: self.text.len(), evidence: self.evidence.len() }
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

    fn is_repeated(&self, first: usize, start: Mark) -> bool {
        let of = |text: &Range<usize>| self.text.get(text.clone());
        let evidence = |text: &Range<usize>, places: &Range<usize>| {
            let start = text.start;
            self.evidence.get(places.clone()).into_iter().flatten().map(move |(place, fact)| (place - start, *fact))
        };
        let (text, places) = (start.text..self.text.len(), start.evidence..self.evidence.len());
        let same = |(other, others): &(Range<usize>, Range<usize>)| of(other) == of(&text) && evidence(other, others).eq(evidence(&text, &places));
        self.parts.iter().skip(first).any(same)
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
        if !said.is_beyond(start) || said.is_repeated(self.first, start) {
            said.back_to(before);
        } else {
            said.parts.push((start.text..said.text.len(), start.evidence..said.evidence.len()));
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
        assert_eq!(said.words(), "one; two; two, three");
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
        assert_eq!(said.words(), "no; no");
        assert_eq!(said.evidence(), [(2, FactId(1)), (6, FactId(2))]);
    }
}
