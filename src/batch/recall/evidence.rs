//! What belongs into the blanks of a row's reasons: evidence is put into words once for all that say it.

use super::Style;
use crate::facts::Facts;
use crate::plain;
use crate::report::sentence::Sentences;
use crate::report::sentence::said::{Blank, Filler};

/// The evidence of a row, as far as it was put into words.
pub(super) struct Evidences {
    text: String,
    /// Of each fact, in which row its evidence was last put into words, and where they begin and end.
    places: Vec<(u64, Place)>,
    /// Whether a fact is a judgement, of which something is said without evidence too: that nobody signed it.
    judgements: Vec<bool>,
    /// The number of the row.
    row: u64,
}

/// Where words begin and end.
type Place = (u32, u32);

/// Fills the blanks of a row's reasons, in a style.
pub(super) struct Filling<'f, 's> {
    sentences: &'f Sentences<'s>,
    style: Style<'f>,
    evidence: &'f mut Evidences,
}

impl Evidences {
    pub(super) fn new(facts: &Facts) -> Self {
        let judgements: Vec<bool> = facts.iter().map(|(_, fact)| fact.judgement).collect();
        Self { text: String::new(), places: vec![(0, (0, 0)); judgements.len()], judgements, row: 0 }
    }

    /// Another row is next.
    pub(super) fn forget(&mut self) {
        self.text.clear();
        self.row += 1;
    }
}

impl<'f, 's> Filling<'f, 's> {
    pub(super) fn new(sentences: &'f Sentences<'s>, style: Style<'f>, evidence: &'f mut Evidences) -> Self {
        Self { sentences, style, evidence }
    }

    /// Where the words for the evidence of a fact stand; none if there is none.
    fn evidence(&mut self, fact: u32) -> Option<Place> {
        let at = fact as usize;
        // Most facts have no evidence.
        if self.sentences.entries().get(at)?.evidence.is_none() && !*self.evidence.judgements.get(at)? {
            return None;
        }
        let (row, place) = *self.evidence.places.get(at)?;
        if row == self.evidence.row {
            return Some(place);
        }
        let place = self.put(Blank::Evidence(fact));
        *self.evidence.places.get_mut(at)? = (self.evidence.row, place);
        Some(place)
    }

    /// Puts into words what belongs into a blank; where they begin and end.
    fn put(&mut self, blank: Blank) -> Place {
        let text = &mut self.evidence.text;
        let start = text.len();
        self.sentences.fill(blank, text);
        let said = text.get(start..).unwrap_or_default();
        if matches!(self.style, Style::Members(_)) && !plain::is_plain(said.as_bytes()) {
            let said = said.to_owned();
            text.truncate(start);
            plain::escape(&said, |part| text.push_str(part));
        }
        // All that a row says of itself is far shorter.
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        (place(start), place(text.len()))
    }
}

impl Filler for Filling<'_, '_> {
    #[inline]
    fn fill(&mut self, blank: Blank) -> &str {
        let place = match blank {
            Blank::Evidence(fact) => self.evidence(fact),
            Blank::Field { .. } => Some(self.put(blank)),
        };
        place.and_then(|(start, end)| self.evidence.text.get(start as usize..end as usize)).unwrap_or_default()
    }
}
