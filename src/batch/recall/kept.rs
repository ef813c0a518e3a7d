//! What follows from the values of some facts, kept and found again by these values.

use rustc_hash::FxHashMap;

use super::follows::follows;
use crate::cql::{Definition, Expression, facts_of};
use crate::facts::FactId;
use crate::record::Stamp;

/// So many combinations of values are kept, the first that came.
const MOST_KEPT: usize = 512;
/// So many values make a combination.
const MOST_FACTS: usize = 8;

/// What follows from the values of some facts.
pub(super) struct Kept<T> {
    /// The facts; none where nothing can be kept.
    facts: Option<Box<[FactId]>>,
    by_values: FxHashMap<u128, usize>,
    found: Vec<T>,
    /// The combination that was looked for last: lists have runs of the same.
    last: Option<(u128, usize)>,
}

/// Where something is kept, or may be.
pub(super) enum Slot {
    /// It is kept here.
    Found(usize),
    /// It can be kept, by this combination of values.
    Free(u128),
    /// It cannot be kept.
    None,
}

impl<T> Kept<T> {
    /// What follows from some expressions.
    pub(super) fn of<'c>(expressions: impl Iterator<Item = &'c Expression>, definitions: &[Definition]) -> Self {
        let (mut facts, mut by_values) = (Vec::new(), true);
        for expression in expressions {
            by_values &= follows(expression, definitions);
            facts.extend(facts_of(expression, definitions));
        }
        facts.sort_unstable();
        facts.dedup();
        // What names no fact takes no time to find.
        let facts = (by_values && (1..=MOST_FACTS).contains(&facts.len())).then(|| facts.into());
        Self { facts, by_values: FxHashMap::default(), found: Vec::new(), last: None }
    }

    /// Where it is kept what follows from the values that these stamps stand for.
    pub(super) fn slot(&mut self, stamps: &[Stamp]) -> Slot {
        let Some(key) = self.facts.as_deref().and_then(|facts| key(facts, stamps)) else { return Slot::None };
        match self.last {
            Some((last, found)) if last == key => Slot::Found(found),
            _ => match self.by_values.get(&key) {
                Some(found) => {
                    self.last = Some((key, *found));
                    Slot::Found(*found)
                }
                None if self.found.len() < MOST_KEPT => Slot::Free(key),
                None => Slot::None,
            },
        }
    }

    /// Keeps it.
    pub(super) fn keep(&mut self, key: u128, thing: T) -> usize {
        let place = self.found.len();
        self.found.push(thing);
        self.by_values.insert(key, place);
        place
    }

    pub(super) fn get(&self, place: usize) -> Option<&T> {
        self.found.get(place)
    }

    pub(super) fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        self.found.get_mut(place)
    }
}

/// What stands for a combination of values, if something stands for each of them.
fn key(facts: &[FactId], stamps: &[Stamp]) -> Option<u128> {
    let mut key = 0;
    for fact in facts {
        key = key << Stamp::BITS | u128::from(stamps.get(fact.0)?.number()?);
    }
    Some(key)
}
