//! Where what is known of the facts of a row comes from, put into words once for all reasons that say it.

use super::Style;
use crate::facts::FactId;
use crate::plain;
use crate::report::sentence::Sentences;

/// The evidence of a row.
pub(super) struct Evidences {
    text: String,
    /// Of each fact, where its evidence begins and ends, once it was asked for.
    places: Vec<Option<(u32, u32)>>,
    asked: bool,
}

impl Evidences {
    pub(super) fn new(facts: usize) -> Self {
        Self { text: String::new(), places: vec![None; facts], asked: false }
    }

    /// Another row is next.
    pub(super) fn forget(&mut self) {
        if std::mem::take(&mut self.asked) {
            self.text.clear();
            self.places.fill(None);
        }
    }

    /// Writes the evidence of a fact in a style.
    pub(super) fn say(&mut self, sentences: &Sentences<'_>, style: Style<'_>, fact: FactId, out: &mut String) {
        let Some(place) = self.places.get_mut(fact.0) else { return };
        let (start, end) = *place.get_or_insert_with(|| {
            self.asked = true;
            let start = self.text.len();
            sentences.evidence(fact, &mut self.text);
            let said = self.text.get(start..).unwrap_or_default();
            if matches!(style, Style::Members(_)) && !plain::is_plain(said.as_bytes()) {
                let said = said.to_owned();
                self.text.truncate(start);
                plain::escape(&said, |part| self.text.push_str(part));
            }
            // Evidence is far shorter than a row may be.
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            (place(start), place(self.text.len()))
        });
        if start < end {
            out.push_str(self.text.get(start as usize..end as usize).unwrap_or_default());
        }
    }
}
