//! The reasons of a criterion and its sub-criteria in the making, in memory that is used again: a reason is a list of places
//! where its words are kept, or were just written.

use std::ops::Range;

use super::Style;
use super::parts::Part;
use crate::report::sentence::Sentences;
use crate::report::sentence::said::{OwnSayings, Said, Span, Words};
use crate::report::sentence::whole::{self, Saying, Told};
use crate::screening::{Screener, Standing};
use crate::trial::Trial;

/// What reasons are made of.
pub(super) struct Telling<'m, 't, 'e> {
    pub trial: &'t Trial,
    pub screener: &'m Screener<'t, 'e>,
    pub sentences: &'m Sentences<'e>,
    pub style: Style<'t>,
    /// Whether the reasons of sub-criteria are wanted for themselves, and not only as part of the one above them.
    pub all: bool,
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
    pieces: Vec<Piece>,
    /// Of each reason that is wanted, where its pieces end.
    ends: Vec<usize>,
}

impl Making {
    /// Makes the reasons of a criterion and its sub-criteria.
    pub(super) fn make<'t>(&mut self, telling: &Telling<'_, 't, '_>, parts: &mut [Part<'t>]) {
        self.passing.clear();
        self.sayings.clear();
        self.own.clear();
        self.own.resize(parts.len(), None);
        self.pieces.clear();
        self.ends.clear();
        for at in 0..if telling.all { parts.len() } else { 1 } {
            let (start, standings) = (self.pieces.len(), telling.standings.get(at..).unwrap_or_default());
            if let Some(criterion) = parts.get(at).map(|part| part.criterion) {
                whole::sayings(criterion, standings, Told::Reasons, &mut |saying| {
                    for index in self.say(telling, parts, at, &saying) {
                        let Some(piece) = self.sayings.get(index).copied() else { continue };
                        let words = self.words(parts, piece);
                        if !self.pieces.iter().skip(start).any(|other| self.words(parts, *other).same(words)) {
                            self.pieces.push(piece);
                        }
                    }
                });
            }
            self.ends.push(self.pieces.len());
        }
    }

    /// The reasons in the protocol's order, as the words that each consists of.
    pub(super) fn reasons<'m>(&'m self, parts: &'m [Part<'_>]) -> impl Iterator<Item = impl Iterator<Item = Words<'m>>> {
        self.ends.iter().scan(0, |start, end| {
            let pieces = self.pieces.get(std::mem::replace(start, *end)..*end).unwrap_or_default();
            Some(pieces.iter().map(|piece| self.words(parts, *piece)))
        })
    }

    /// What a saying that belongs to the reason of the criterion at `at` consists of.
    fn say<'t>(&mut self, telling: &Telling<'_, 't, '_>, parts: &mut [Part<'t>], at: usize, saying: &Saying<'_>) -> Range<usize> {
        let Self { draft, passing, sayings, own, .. } = self;
        let start = sayings.len();
        let mut pass = |draft: &OwnSayings| sayings.extend(draft.sayings().map(|words| Piece::Passing(telling.style.keep(words, passing))));
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
        own.get_mut(at).into_iter().for_each(|known| *known = Some(said.clone()));
        said
    }

    fn words<'m>(&'m self, parts: &'m [Part<'_>], piece: Piece) -> Words<'m> {
        match piece {
            Piece::Kept(at, span) => parts.get(at).map_or(self.passing.part(&Span::default()), |part| part.words(&span)),
            Piece::Passing(span) => self.passing.part(&span),
        }
    }
}
