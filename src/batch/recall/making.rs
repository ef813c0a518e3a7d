//! The reasons of a criterion and its sub-criteria in the making, in memory that is used again: a reason is a list of places
//! where its words are kept, or were just written.

use super::Style;
use super::parts::Part;
use crate::report::sentence::Sentences;
use crate::report::sentence::said::{Said, Span, Words};
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
    draft: Said,
    /// The words that are not kept.
    passing: Said,
    /// Of the criterion and each of its sub-criteria, what is said of its own conditions, once it was asked for.
    own: Vec<Option<Piece>>,
    pieces: Vec<Piece>,
    /// Of each reason that is wanted, where its pieces end.
    ends: Vec<usize>,
}

impl Making {
    /// Makes the reasons of a criterion and its sub-criteria.
    pub(super) fn make<'t>(&mut self, telling: &Telling<'_, 't, '_>, parts: &mut [Part<'t>]) {
        self.passing.clear();
        self.own.clear();
        self.own.resize(parts.len(), None);
        self.pieces.clear();
        self.ends.clear();
        for at in 0..if telling.all { parts.len() } else { 1 } {
            let (start, standings) = (self.pieces.len(), telling.standings.get(at..).unwrap_or_default());
            if let Some(criterion) = parts.get(at).map(|part| part.criterion) {
                whole::sayings(criterion, standings, Told::Reasons, &mut |saying| {
                    let piece = self.piece(telling, parts, at, &saying);
                    let words = self.words(parts, piece);
                    let is_said = || self.pieces.iter().skip(start).any(|other| self.words(parts, *other).same(words));
                    if !words.is_empty() && !is_said() {
                        self.pieces.push(piece);
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

    /// Where a saying stands that belongs to the reason of the criterion at `at`.
    fn piece<'t>(&mut self, telling: &Telling<'_, 't, '_>, parts: &mut [Part<'t>], at: usize, saying: &Saying<'_>) -> Piece {
        let Self { draft, passing, own, .. } = self;
        let Saying::Own(below) = saying else {
            draft.clear();
            saying.say(draft);
            return Piece::Passing(telling.style.keep(draft.words(), passing));
        };
        let at = at + below;
        if let Some(known) = own.get(at).copied().flatten() {
            return known;
        }
        let (Some(part), Some(standing)) = (parts.get_mut(at), telling.standings.get(at)) else { return Piece::Passing(Span::default()) };
        let piece = match part.say(telling, *standing, draft) {
            Some(span) => Piece::Kept(at, span),
            None => Piece::Passing(telling.style.keep(draft.words(), passing)),
        };
        own.get_mut(at).into_iter().for_each(|known| *known = Some(piece));
        piece
    }

    fn words<'m>(&'m self, parts: &'m [Part<'_>], piece: Piece) -> Words<'m> {
        match piece {
            Piece::Kept(at, span) => parts.get(at).map_or(Words::NONE, |part| part.words(&span)),
            Piece::Passing(span) => self.passing.part(&span),
        }
    }
}
