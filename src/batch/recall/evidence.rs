//! Where what is known of the facts of a row comes from, put into words once for all reasons that say it.

use super::Style;
use crate::plain;
use crate::report::sentence::Sentences;
use crate::report::sentence::said::Blank;

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

    /// Writes what belongs into a blank, in a style.
    pub(super) fn say(&mut self, sentences: &Sentences<'_>, style: Style<'_>, blank: Blank, out: &mut String) {
        let Blank::Evidence(fact) = blank else { return write(sentences, style, blank, out) };
        let Some(place) = self.places.get_mut(fact as usize) else { return };
        let (start, end) = *place.get_or_insert_with(|| {
            self.asked = true;
            // Evidence is far shorter than a row may be.
            let place = |text: &String| u32::try_from(text.len()).unwrap_or(u32::MAX);
            let start = place(&self.text);
            write(sentences, style, blank, &mut self.text);
            (start, place(&self.text))
        });
        if start < end {
            out.push_str(self.text.get(start as usize..end as usize).unwrap_or_default());
        }
    }
}

fn write(sentences: &Sentences<'_>, style: Style<'_>, blank: Blank, out: &mut String) {
    let start = out.len();
    sentences.fill(blank, out);
    let said = out.get(start..).unwrap_or_default();
    if matches!(style, Style::Members(_)) && !plain::is_plain(said.as_bytes()) {
        let said = said.to_owned();
        out.truncate(start);
        plain::escape(&said, |part| out.push_str(part));
    }
}
