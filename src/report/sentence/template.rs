//! A sentence with placeholders for the evidence of facts.
//!
//! The words of a reason depend on values alone. Who recorded a value, and when, is filled in afterwards, so that the same
//! words serve every record with these values.

use std::fmt;

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

    /// Appends distinct parts with `between` between them.
    pub fn join(&mut self, between: &str, add: impl FnOnce(&mut Parts)) {
        let mut parts = Parts::default();
        add(&mut parts);
        for (index, part) in parts.0.iter().enumerate() {
            if index > 0 {
                self.push(between);
            }
            self.append(part);
        }
    }
}

impl fmt::Write for Template {
    fn write_str(&mut self, words: &str) -> fmt::Result {
        self.push(words);
        Ok(())
    }
}

/// Parts of a sentence, each once and none empty.
#[derive(Debug, Default)]
pub struct Parts(Vec<Template>);

impl Parts {
    /// Adds other parts, but for those that are there already.
    pub fn extend(&mut self, others: &Self) {
        for part in &others.0 {
            if !self.0.contains(part) {
                self.0.push(part.clone());
            }
        }
    }

    /// Adds what `write` writes, unless it is nothing or is there already.
    pub fn part(&mut self, write: impl FnOnce(&mut Template)) {
        // Most parts have about so many bytes: growing to them step by step took a tenth of the time of a reason.
        let mut part = Template {
            text: String::with_capacity(96),
            evidence: Vec::new(),
        };
        write(&mut part);
        if !part.is_empty() && !self.0.contains(&part) {
            self.0.push(part);
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
