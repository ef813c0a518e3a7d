//! A sentence with placeholders for the evidence of facts.
//!
//! The words of a reason depend on values alone. Who recorded a value, and when, is filled in afterwards, so that the same
//! words serve every record with these values.

use std::fmt;
use std::ops::Range;

use crate::facts::FactId;

/// A sentence, or part of one, with placeholders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template {
    text: String,
    /// Byte offsets at which the evidence of a fact is inserted, ascending.
    evidence: Vec<(usize, FactId)>,
}

impl Template {
    /// Appends words.
    pub fn push(&mut self, words: &str) {
        self.text.push_str(words);
    }

    /// Appends words, one behind the other.
    pub(super) fn push_all<'w>(&mut self, words: impl IntoIterator<Item = &'w str>) {
        words.into_iter().for_each(|words| self.push(words));
    }

    /// The words, to be appended to.
    pub(super) fn text(&mut self) -> &mut String {
        &mut self.text
    }

    /// Appends a placeholder for the evidence of a fact.
    pub(super) fn push_evidence(&mut self, fact: FactId) {
        self.evidence.push((self.text.len(), fact));
    }

    /// Appends another template.
    pub fn append(&mut self, other: &Self) {
        let start = self.text.len();
        self.text.push_str(&other.text);
        let moved = other.evidence.iter().map(|(at, fact)| (start + at, *fact));
        self.evidence.extend(moved);
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.evidence.is_empty()
    }

    /// How many bytes of memory it takes, roughly.
    #[must_use]
    pub fn size(&self) -> usize {
        size_of::<Self>() + self.text.len() + size_of_val(&*self.evidence)
    }

    /// Writes the sentence; `evidence` writes that of a fact.
    pub fn fill(&self, out: &mut String, mut evidence: impl FnMut(FactId, &mut String)) {
        let mut at = 0;
        for (place, fact) in &self.evidence {
            out.push_str(self.text.get(at..*place).unwrap_or_default());
            evidence(*fact, out);
            at = *place;
        }
        out.push_str(self.text.get(at..).unwrap_or_default());
    }

    /// Appends distinct parts with `between` between them; where each stands.
    pub fn join(&mut self, between: &str, add: impl FnOnce(&mut Parts<'_>)) -> Vec<Range<Mark>> {
        let mut parts = Parts {
            said: self,
            between,
            places: Vec::new(),
        };
        add(&mut parts);
        parts.places
    }

    fn end(&self) -> Mark {
        Mark {
            text: self.text.len(),
            evidence: self.evidence.len(),
        }
    }

    fn truncate(&mut self, end: Mark) {
        self.text.truncate(end.text);
        self.evidence.truncate(end.evidence);
    }

    /// The words of a part, and its placeholders, by their place in it.
    fn part(&self, place: &Range<Mark>) -> (&str, impl Iterator<Item = (usize, FactId)>) {
        let (start, end) = (place.start, place.end);
        let words = self.text.get(start.text..end.text).unwrap_or_default();
        let evidence = self.evidence.get(start.evidence..end.evidence);
        let evidence = evidence.unwrap_or_default().iter();
        (
            words,
            evidence.map(move |(at, fact)| (at - start.text, *fact)),
        )
    }
}

impl fmt::Write for Template {
    fn write_str(&mut self, words: &str) -> fmt::Result {
        self.push(words);
        Ok(())
    }
}

/// A place in a template: how much of it stands before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    text: usize,
    evidence: usize,
}

/// Parts of a sentence, each once and none empty, as they are appended to it.
#[derive(Debug)]
pub struct Parts<'t> {
    said: &'t mut Template,
    between: &'t str,
    /// Where each part stands.
    places: Vec<Range<Mark>>,
}

impl Parts<'_> {
    /// Adds parts of another template, but for those that are there already.
    pub fn extend(&mut self, others: &Template, places: &[Range<Mark>]) {
        for place in places {
            let (words, evidence) = others.part(place);
            self.part(|said| {
                let start = said.text.len();
                said.push(words);
                said.evidence
                    .extend(evidence.map(|(at, fact)| (start + at, fact)));
            });
        }
    }

    /// Adds what `write` writes, unless it is nothing or is there already.
    pub fn part(&mut self, write: impl FnOnce(&mut Template)) {
        let before = self.said.end();
        if !self.places.is_empty() {
            self.said.push(self.between);
        }
        let start = self.said.end();
        write(self.said);
        let place = start..self.said.end();
        let is_same = |known: &Range<Mark>| {
            let ((words, evidence), (other, of_other)) =
                (self.said.part(&place), self.said.part(known));
            words == other && evidence.eq(of_other)
        };
        if place.start == place.end || self.places.iter().any(is_same) {
            self.said.truncate(before);
        } else {
            self.places.push(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_joined_once() {
        let mut template = Template::default();
        template.join("; ", |parts| {
            for words in ["one", "", "two", "one"] {
                parts.part(|part| part.push(words));
            }
            parts.part(|part| {
                part.join(", ", |parts| {
                    parts.part(|part| part.push("two"));
                    parts.part(|part| part.push("three"));
                });
            });
        });
        assert_eq!(template.text, "one; two; two, three");
    }

    #[test]
    fn the_same_words_about_other_facts_are_not_the_same() {
        let mut template = Template::default();
        template.join("; ", |parts| {
            for fact in [1, 1, 2] {
                parts.part(|part| {
                    part.push("no");
                    part.push_evidence(FactId(fact));
                });
            }
        });
        let mut text = String::new();
        template.fill(&mut text, |fact, out| {
            out.push_str(&format!(" ({})", fact.0))
        });
        assert_eq!(text, "no (1); no (2)");
    }
}
