//! What belongs into the blanks of a row's reasons: evidence is put into words once for all that say it.

use super::Style;
use crate::facts::Facts;
use crate::plain;
use crate::record::Entry;
use crate::report::sentence::Sentences;
use crate::report::sentence::said::{Blank, Filler};

/// The evidence of a row, as far as it was put into words.
pub(super) struct Evidences {
    text: String,
    /// Of each fact, where its evidence begins and ends, once it was asked for.
    places: Vec<Option<(u32, u32)>>,
    /// Whether a fact is a judgement, of which something is said without evidence too: that nobody signed it.
    judgements: Vec<bool>,
    asked: bool,
}

/// Fills the blanks of a row's reasons, in a style.
pub(super) struct Filling<'f, 's> {
    sentences: &'f Sentences<'s>,
    style: Style<'f>,
    evidence: &'f mut Evidences,
}

impl Evidences {
    pub(super) fn new(facts: &Facts) -> Self {
        let judgements: Vec<bool> = facts.iter().map(|(_, fact)| fact.judgement).collect();
        Self { text: String::new(), places: vec![None; judgements.len()], judgements, asked: false }
    }

    /// Another row is next.
    pub(super) fn forget(&mut self) {
        self.asked = false;
    }

    /// Gets ready to be asked: most facts have no evidence.
    fn begin(&mut self, entries: &[Entry]) {
        if !std::mem::replace(&mut self.asked, true) {
            self.text.clear();
            for ((place, judgement), entry) in self.places.iter_mut().zip(&self.judgements).zip(entries) {
                *place = (!judgement && entry.evidence.is_none()).then_some((0, 0));
            }
        }
    }
}

impl<'f, 's> Filling<'f, 's> {
    pub(super) fn new(sentences: &'f Sentences<'s>, style: Style<'f>, evidence: &'f mut Evidences) -> Self {
        evidence.begin(sentences.entries());
        Self { sentences, style, evidence }
    }

    /// Puts into words what belongs into a blank; where they begin and end.
    fn put(&mut self, blank: Blank) -> (u32, u32) {
        let text = &mut self.evidence.text;
        let start = text.len();
        self.sentences.fill(blank, text);
        let said = text.get(start..).unwrap_or_default();
        let is_plain = || match blank {
            Blank::Evidence(fact) => self.sentences.entries().get(fact as usize).is_none_or(has_plain_names),
            Blank::Field { .. } => plain::is_plain(said.as_bytes()),
        };
        if matches!(self.style, Style::Members(_)) && !is_plain() {
            let said = said.to_owned();
            text.truncate(start);
            plain::escape(&said, |part| text.push_str(part));
        }
        // All that a row says of itself is far shorter.
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        (place(start), place(text.len()))
    }
}

/// Whether nothing in the words of its evidence is escaped in JSON; in its date nothing is.
fn has_plain_names(entry: &Entry) -> bool {
    let evidence = entry.evidence.as_deref();
    let names = evidence.into_iter().flat_map(|evidence| [&evidence.by, &evidence.source]).flatten();
    names.into_iter().all(|name| plain::is_plain(name.as_bytes()))
}

impl Filler for Filling<'_, '_> {
    #[inline]
    fn fill(&mut self, blank: Blank) -> &str {
        let known = match blank {
            Blank::Evidence(fact) => self.evidence.places.get(fact as usize).copied().flatten(),
            Blank::Field { .. } => None,
        };
        let (start, end) = known.unwrap_or_else(|| {
            let place = self.put(blank);
            if let Blank::Evidence(fact) = blank {
                self.evidence.places.get_mut(fact as usize).into_iter().for_each(|known| *known = Some(place));
            }
            place
        });
        if start == end { "" } else { self.evidence.text.get(start as usize..end as usize).unwrap_or_default() }
    }
}
