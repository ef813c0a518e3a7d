//! The reasons of a row.

use std::ops::Range;

use crate::report::sentence::template::Template;
use crate::report::sentence::{Sentences, Subcriteria};
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

    /// Adds the reasons of a criterion and of those below it; the criterion stands at `at`.
    pub(super) fn add(&mut self, at: usize, reasons: &[Template], sentences: &Sentences<'_>) {
        for (at, reason) in (at..).zip(reasons) {
            let start = self.text.len();
            reason.fill(&mut self.text, |fact, out| sentences.evidence(fact, out));
            self.reasons.push((at, start..self.text.len()));
        }
    }
}

/// The reason of a criterion; with `all`, also those of the criteria below it, in the protocol's order.
pub(super) fn templates(
    outcome: &Outcome<'_>,
    sentences: &Sentences<'_>,
    all: bool,
) -> Vec<Template> {
    if all {
        sentences.reason_templates(outcome)
    } else {
        vec![sentences.reason_template(outcome, Subcriteria::Reasons)]
    }
}
