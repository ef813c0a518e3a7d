//! The reasons of a criterion and its sub-criteria in the making, in memory that is used again.

use super::Style;
use super::parts::Part;
use crate::plain;
use crate::report::sentence::Sentences;
use crate::report::sentence::said::{Said, Span, Words};
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
    reasons: Said,
    /// Of the criterion and each of its sub-criteria, where the reason stands.
    spans: Vec<Span>,
    /// The reasons as they are wanted, and where each begins and ends.
    made: Said,
    wanted: Vec<Span>,
}

impl Making {
    /// Makes the reasons of a criterion and its sub-criteria, the first of which stands at `at` among all.
    pub(super) fn make<'t>(&mut self, telling: &Telling<'_, 't, '_>, style: Style<'_>, at: usize, parts: &mut [Part<'t>]) {
        for said in [&mut self.reasons, &mut self.made] {
            said.clear();
        }
        self.wanted.clear();
        self.spans.clear();
        self.spans.resize(parts.len(), Span::default());
        self.put(telling, parts, 0);
        let Self { reasons, spans, made, wanted, .. } = self;
        let told = if telling.all { spans.as_slice() } else { spans.get(..1).unwrap_or_default() };
        let start = made.mark();
        for (index, span) in told.iter().enumerate() {
            match style {
                Style::Apart => {
                    let start = made.mark();
                    made.push_words(reasons.part(span));
                    wanted.push(made.since(start));
                }
                Style::Members(criteria) => {
                    made.push(criteria.get(at + index).map_or("", |listed| &listed.key));
                    made.push("\"");
                    made.push_mapped(reasons.part(span), |words, out| plain::escape(words, |part| out.push_str(part)));
                    made.push("\",");
                }
            }
        }
        if matches!(style, Style::Members(_)) {
            wanted.push(made.since(start));
        }
    }

    /// What was made last.
    pub(super) fn made(&self) -> impl Iterator<Item = Words<'_>> {
        self.wanted.iter().map(|span| self.made.part(span))
    }

    /// Puts the reason of one of the criteria together, and those below it first.
    fn put<'t>(&mut self, telling: &Telling<'_, 't, '_>, parts: &mut [Part<'t>], at: usize) {
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
            let Self { own, whole, reasons, spans, .. } = self;
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
