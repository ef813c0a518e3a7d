//! The reasons of a criterion and its sub-criteria in the making, in memory that is used again.

use super::parts::Part;
use crate::report::sentence::Sentences;
use crate::report::sentence::said::{Said, Span};
use crate::report::sentence::whole::{self, Below, Told};
use crate::screening::{Screener, Standing};
use crate::trial::Trial;

/// What reasons are made of.
pub(super) struct Telling<'m, 't, 'e> {
    pub trial: &'t Trial,
    pub screener: &'m Screener<'t, 'e>,
    pub sentences: &'m Sentences<'e>,
    /// Whether the reasons of sub-criteria are wanted for themselves, and not only as part of the one above them.
    pub all: bool,
    /// What the criterion and its sub-criteria came to.
    pub standings: &'m [Standing],
}

/// Reasons in the making.
#[derive(Default)]
pub(super) struct Making {
    /// What is said of a criterion's own conditions.
    own: Said,
    /// The reason that is put together.
    whole: Said,
    /// The reasons that were.
    pub reasons: Said,
    /// Of the criterion and each of its sub-criteria, where the reason stands.
    pub spans: Vec<Span>,
}

impl Making {
    /// Gets ready for a criterion that is so many with its sub-criteria.
    pub(super) fn begin(&mut self, count: usize) {
        self.reasons.clear();
        self.spans.clear();
        self.spans.resize(count, Span::default());
    }

    /// Puts the reason of one of the criteria together, and those below it first.
    pub(super) fn put<'t>(&mut self, telling: &Telling<'_, 't, '_>, parts: &mut [Part<'t>], at: usize) {
        let standing_of = |at: usize| telling.standings.get(at).copied();
        let (Some(standing), Some(criterion)) = (standing_of(at), parts.get(at).map(|part| part.criterion)) else { return };
        let mut below = at + 1;
        for _ in criterion.children() {
            if telling.all || standing_of(below).is_some_and(|child| whole::is_told(criterion, standing, child)) {
                self.put(telling, parts, below);
            }
            below += parts.get(below).map_or(1, |child| child.size);
        }
        self.own.clear();
        if let Some(part) = parts.get_mut(at) {
            part.say(telling, standing, &mut self.own);
        }
        let start = self.reasons.mark();
        if whole::is_alone(criterion, standing) {
            self.reasons.push_words(self.own.words());
        } else {
            let Self { own, whole, reasons, spans } = self;
            whole.clear();
            let (finished, spans, parts, mut below) = (&*reasons, &*spans, &*parts, at + 1);
            let children = criterion.children().iter().filter_map(move |child| {
                let here = below;
                below += parts.get(here)?.size;
                Some(Below { criterion: child, standing: standing_of(here)?, reason: finished.part(spans.get(here)?) })
            });
            whole::say(criterion, standing, own.words(), children, Told::Reasons, whole);
            reasons.push_words(whole.words());
        }
        let span = self.reasons.since(start);
        if let Some(place) = self.spans.get_mut(at) {
            *place = span;
        }
    }
}
