//! The reasons of a row.

use std::ops::Range;

use crate::report::sentence::Sentences;
use crate::screening::Outcome;

/// The reasons of one row after the other, in memory that is used again.
#[derive(Debug, Default)]
pub(super) struct ReasonTexts {
    text: String,
    /// The place of a criterion among all criteria and sub-criteria, and where its reason stands.
    reasons: Vec<(usize, Range<usize>)>,
}

impl ReasonTexts {
    /// The reasons, each with the place of its criterion among all.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &str)> {
        self.reasons.iter().map(|(criterion, place)| {
            (*criterion, self.text.get(place.clone()).unwrap_or_default())
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.reasons.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.reasons.clear();
    }

    /// Adds the reason of the criterion at a place; with `sub_criteria`, also those of the criteria below it.
    pub(super) fn add(
        &mut self,
        at: usize,
        outcome: &Outcome<'_>,
        sentences: &Sentences<'_>,
        sub_criteria: bool,
    ) {
        let mut outcomes = Vec::new();
        outcome.walk(&mut |outcome| outcomes.push(outcome));
        let wanted = if sub_criteria { outcomes.len() } else { 1 };
        for (below, outcome) in outcomes.into_iter().take(wanted).enumerate() {
            let start = self.text.len();
            self.text.push_str(&sentences.reason(outcome));
            self.reasons.push((at + below, start..self.text.len()));
        }
    }
}
