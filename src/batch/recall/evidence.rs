//! What belongs into the blanks of a row's reasons. Evidence is put into words where it is first said, and copied from there.

use std::ops::Range;

use super::Style;
use crate::facts::Facts;
use crate::report::sentence::Sentences;
use crate::report::sentence::said::{Blank, Filler};

/// Where the evidence of a row was said.
pub(super) struct Evidences {
    /// Of each fact, in which row its evidence was last said, and where.
    places: Vec<(u64, Range<usize>)>,
    /// Whether a fact is a judgement, of which something is said without evidence too: that nobody signed it.
    judgements: Vec<bool>,
    /// The number of the row.
    row: u64,
}

/// Fills the blanks of a row's reasons, in a style. All of one row are written to the same text.
pub(super) struct Filling<'f, 's> {
    sentences: &'f Sentences<'s>,
    style: Style<'f>,
    evidence: &'f mut Evidences,
}

impl Evidences {
    pub(super) fn new(facts: &Facts) -> Self {
        let judgements: Vec<bool> = facts.iter().map(|(_, fact)| fact.judgement).collect();
        Self {
            places: vec![(0, 0..0); judgements.len()],
            judgements,
            row: 0,
        }
    }

    /// Another row is next.
    pub(super) fn forget(&mut self) {
        self.row += 1;
    }
}

impl<'f, 's> Filling<'f, 's> {
    pub(super) fn new(
        sentences: &'f Sentences<'s>,
        style: Style<'f>,
        evidence: &'f mut Evidences,
    ) -> Self {
        Self {
            sentences,
            style,
            evidence,
        }
    }
}

impl Filler for Filling<'_, '_> {
    #[inline]
    fn leaves_empty(&self, blank: Blank) -> bool {
        let Blank::Evidence(fact) = blank else {
            return false;
        };
        let at = fact as usize;
        let has_evidence = self
            .sentences
            .entries()
            .get(at)
            .is_some_and(|entry| entry.evidence.is_some());
        !has_evidence && self.evidence.judgements.get(at) != Some(&true)
    }

    fn fill(&mut self, blank: Blank, out: &mut String) {
        let style = self.style;
        match blank {
            Blank::Evidence(fact) => {
                let Some((row, place)) = self.evidence.places.get_mut(fact as usize) else {
                    return;
                };
                if *row == self.evidence.row {
                    return out.extend_from_within(place.clone());
                }
                let start = out.len();
                self.sentences
                    .evidence(fact, out, |name, out| style.write(name, out));
                (*row, *place) = (self.evidence.row, start..out.len());
            }
            Blank::Field { fact, item, field } => {
                let start = out.len();
                self.sentences.field(fact, item, field, out);
                style.rewrite(start, out);
            }
        }
    }
}
