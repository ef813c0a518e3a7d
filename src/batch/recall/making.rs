//! The reasons of a criterion and its sub-criteria in the making, in memory that is used again: a reason is put together from
//! words that are kept, or were just written.

use std::ops::Range;

use super::Style;
use super::parts::Part;
use crate::report::sentence::Sentences;
use crate::report::sentence::said::{OwnSayings, Said, Span, Words};
use crate::report::sentence::whole::{self, BETWEEN, Saying, Told};
use crate::screening::{Screener, Standing};
use crate::trial::Trial;

/// What reasons are made of.
pub(super) struct Telling<'m, 't, 'e> {
    pub trial: &'t Trial,
    pub screener: &'m Screener<'t, 'e>,
    pub sentences: &'m Sentences<'e>,
    pub style: Style<'t>,
    /// What the criterion and its sub-criteria came to.
    pub standings: &'m [Standing],
}

/// Where some words stand.
#[derive(Clone, Copy)]
pub(super) enum Piece {
    /// Among those that the part at this place keeps.
    Kept(usize, Span),
    /// Among those that are not kept.
    Passing(Span),
}

/// Reasons in the making.
#[derive(Default)]
pub(super) struct Making {
    /// What is being said.
    draft: OwnSayings,
    /// The words that are not kept.
    passing: Said,
    /// What is said of the own conditions of the criterion and its sub-criteria, and of each where that begins and ends, once
    /// it was asked for.
    sayings: Vec<Piece>,
    own: Vec<Option<Range<usize>>>,
}

impl Making {
    /// Begins with a criterion of so many parts.
    pub(super) fn begin(&mut self, parts: usize) {
        self.passing.clear();
        self.sayings.clear();
        self.own.clear();
        self.own.resize(parts, None);
    }

    /// Says the reason of the criterion at `at`.
    pub(super) fn reason<'t>(
        &mut self,
        telling: &Telling<'_, 't, '_>,
        parts: &mut [Part<'t>],
        at: usize,
        said: &mut Said,
    ) {
        let Some(criterion) = parts.get(at).map(|part| part.criterion) else {
            return;
        };
        let standings = telling.standings.get(at..).unwrap_or_default();
        said.join(BETWEEN, |join| {
            whole::sayings(criterion, standings, Told::Reasons, &mut |saying| {
                let pieces = self.say(telling, parts, at, &saying);
                let pieces = self.sayings.get(pieces).unwrap_or_default().iter();
                pieces
                    .for_each(|piece| join.part(|said| said.push_words(self.words(parts, *piece))));
            });
        });
    }

    /// What a saying that belongs to the reason of the criterion at `at` consists of.
    fn say<'t>(
        &mut self,
        telling: &Telling<'_, 't, '_>,
        parts: &mut [Part<'t>],
        at: usize,
        saying: &Saying<'_>,
    ) -> Range<usize> {
        let Self {
            draft,
            passing,
            sayings,
            own,
            ..
        } = self;
        let start = sayings.len();
        let mut pass = |draft: &OwnSayings| {
            sayings.extend(
                draft
                    .sayings()
                    .map(|words| Piece::Passing(telling.style.keep(words, passing))),
            )
        };
        let Saying::Own(below) = saying else {
            draft.clear();
            draft.say(|said| saying.say(said));
            pass(draft);
            return start..sayings.len();
        };
        let at = at + below;
        if let Some(known) = own.get(at).cloned().flatten() {
            return known;
        }
        if let (Some(part), Some(standing)) = (parts.get_mut(at), telling.standings.get(at)) {
            match part.say(telling, *standing, draft) {
                Some(kept) => sayings.extend(kept.iter().map(|span| Piece::Kept(at, *span))),
                None => pass(draft),
            }
        }
        let said = start..sayings.len();
        own.get_mut(at)
            .into_iter()
            .for_each(|known| *known = Some(said.clone()));
        said
    }

    fn words<'m>(&'m self, parts: &'m [Part<'_>], piece: Piece) -> Words<'m> {
        match piece {
            Piece::Kept(at, span) => parts
                .get(at)
                .map_or(self.passing.part(&Span::default()), |part| {
                    part.words(&span)
                }),
            Piece::Passing(span) => self.passing.part(&span),
        }
    }
}
