//! What the rows before came to in one criterion, and what was said of it: its own conditions, its sub-criteria left aside.

use super::conflicts::Conflicts;
use super::kept::{Kept, Slot};
use super::making::Telling;
use crate::facts::FactId;
use crate::record::Stamp;
use crate::report::sentence::said::{OwnSayings, Said, Span, Words};
use crate::screening::{Own, Screener, Standing, Verdict};
use crate::trial::{Criterion, Policy, Trial};
use crate::value::Truth;

/// So many bytes of words are kept of a criterion's own conditions. They are looked for where a criterion as a whole is not
/// known.
const MOST_WORDS: usize = 16 * 1024;

/// A criterion, and what is known of the values of its facts.
pub(super) struct Part<'t> {
    pub criterion: &'t Criterion,
    /// How many criteria it is with those below it.
    pub size: usize,
    own: Kept<Known>,
    /// The words of all sayings that are kept.
    words: Said,
    conflicts: Conflicts<'t>,
    /// Whether the row contradicts itself in what it is about.
    contradicts: bool,
    /// What is known of the row.
    found: Option<usize>,
}

/// What follows from the values of a criterion's own conditions.
struct Known {
    applies: Truth,
    condition: Option<Truth>,
    /// The facts that they wait for.
    waits_for: Option<Box<[FactId]>>,
    /// What is said of it, for each verdict and condition that it came to together with its sub-criteria.
    sayings: Vec<Sayings>,
}

/// What is said of a criterion that came to a verdict and a condition.
struct Sayings {
    came_to: (Verdict, Truth),
    /// Where that stands among the words that are kept.
    spans: Box<[Span]>,
}

impl<'t> Part<'t> {
    pub(super) fn new(criterion: &'t Criterion, policy: &Policy, trial: &'t Trial) -> Self {
        Self {
            criterion,
            size: criterion.size(),
            own: Kept::of(
                policy
                    .conditions(criterion)
                    .map(|condition| &condition.expression),
                &trial.definitions,
            ),
            words: Said::default(),
            conflicts: Conflicts::new(criterion, trial),
            contradicts: false,
            found: None,
        }
    }

    /// Whether the record contradicts itself in what the criterion is about.
    pub(super) fn contradicts(&mut self, screener: &Screener<'_, '_>, stamps: &[Stamp]) -> bool {
        self.contradicts = self.conflicts.are_raised(screener, stamps);
        self.contradicts
    }

    /// What the criterion's own conditions come to, once it is known whether the record contradicts itself.
    pub(super) fn own(&mut self, screener: &Screener<'_, '_>, stamps: &[Stamp]) -> Own {
        let (criterion, contradicts) = (self.criterion, self.contradicts);
        self.found = match self.own.slot(stamps) {
            Slot::Found(place) => Some(place),
            Slot::Free(key) => {
                let (applies, condition) =
                    (screener.applies(criterion), screener.condition(criterion));
                Some(self.own.keep(
                    key,
                    Known {
                        applies,
                        condition,
                        waits_for: None,
                        sayings: Vec::new(),
                    },
                ))
            }
            Slot::None => None,
        };
        match self.found.and_then(|place| self.own.get(place)) {
            Some(known) => Own {
                applies: known.applies,
                condition: known.condition,
                contradicts,
            },
            None => Own {
                applies: screener.applies(criterion),
                condition: screener.condition(criterion),
                contradicts,
            },
        }
    }

    /// Adds the facts that the criterion's own conditions wait for.
    pub(super) fn waits_for(&mut self, screener: &Screener<'_, '_>, facts: &mut Vec<FactId>) {
        let criterion = self.criterion;
        let find = || screener.own_gaps(criterion).into_iter().map(|gap| gap.fact);
        match self.found.and_then(|place| self.own.get_mut(place)) {
            Some(known) => {
                facts.extend_from_slice(known.waits_for.get_or_insert_with(|| find().collect()))
            }
            None => facts.extend(find()),
        }
    }

    /// Says what of its own conditions made it what it is: where that stands among the words that are kept, or else `own` has
    /// it.
    pub(super) fn say(
        &mut self,
        telling: &Telling<'_, 't, '_>,
        standing: Standing,
        own: &mut OwnSayings,
    ) -> Option<&[Span]> {
        let Self {
            criterion,
            own: known,
            words,
            ..
        } = self;
        // Which conflicts there are does not follow from the values of its own conditions.
        let known = self
            .found
            .filter(|_| !standing.contradicts)
            .and_then(|place| known.get_mut(place));
        let came_to = (standing.verdict, standing.condition);
        let place = known.as_ref().and_then(|known| {
            known
                .sayings
                .iter()
                .position(|known| known.came_to == came_to)
        });
        if place.is_none() {
            own.clear();
            telling.sentences.own(
                &telling
                    .screener
                    .outcome_alone(telling.trial, criterion, standing),
                own,
            );
        }
        let sayings = &mut known?.sayings;
        let place = match place {
            Some(place) => place,
            None if words.size() < MOST_WORDS => {
                let spans = own
                    .sayings()
                    .map(|saying| telling.style.keep(saying, words))
                    .collect();
                sayings.push(Sayings { came_to, spans });
                sayings.len() - 1
            }
            None => return None,
        };
        sayings.get(place).map(|sayings| &*sayings.spans)
    }

    /// Words that are kept.
    pub(super) fn words(&self, span: &Span) -> Words<'_> {
        self.words.part(span)
    }
}
