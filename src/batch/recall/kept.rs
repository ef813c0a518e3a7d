//! What follows from the values of some facts, kept and found again by these values.

use rustc_hash::FxHashMap;

use super::follows::follows;
use crate::cql::{Definition, Expression, facts_of};
use crate::facts::FactId;
use crate::record::Stamp;

/// So many combinations of values are kept, the first that came.
const MOST_KEPT: usize = 512;
/// So many of them are found at once.
const LAST: usize = 64;
/// So many values make a combination.
const MOST_FACTS: usize = 8;

/// What follows from the values of some facts.
pub(super) struct Kept<T> {
    /// The facts; none where nothing can be kept.
    facts: Option<Box<[FactId]>>,
    by_values: FxHashMap<u128, usize>,
    found: Vec<T>,
    /// The combinations that were looked for last, each in a place of its own: most lists have few.
    last: Box<[(u128, usize)]>,
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
    pub(super) fn of<'c>(
        expressions: impl Iterator<Item = &'c Expression>,
        definitions: &[Definition],
    ) -> Self {
        let (mut facts, mut by_values) = (Vec::new(), true);
        for expression in expressions {
            by_values &= follows(expression, definitions);
            facts.extend(facts_of(expression, definitions));
        }
        facts.sort_unstable();
        facts.dedup();
        // What names no fact takes no time to find.
        let facts = (by_values && (1..=MOST_FACTS).contains(&facts.len())).then(|| facts.into());
        Self {
            facts,
            by_values: FxHashMap::default(),
            found: Vec::new(),
            last: vec![(0, 0); LAST].into(),
        }
    }

    /// Where it is kept what follows from the values that these stamps stand for.
    pub(super) fn slot(&mut self, stamps: &[Stamp]) -> Slot {
        let Some(key) = self.facts.as_deref().and_then(|facts| key(facts, stamps)) else {
            return Slot::None;
        };
        // No combination of stamps is zero.
        let last = self.last.get_mut(place_of(key));
        if let Some((_, found)) = last.as_ref().filter(|(last, _)| *last == key) {
            return Slot::Found(*found);
        }
        match self.by_values.get(&key) {
            Some(found) => {
                last.into_iter().for_each(|last| *last = (key, *found));
                Slot::Found(*found)
            }
            None if self.found.len() < MOST_KEPT => Slot::Free(key),
            None => Slot::None,
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

/// Where a combination is looked for first.
fn place_of(key: u128) -> usize {
    const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
    let folded = (key as u64) ^ ((key >> 64) as u64).rotate_left(23);
    (folded.wrapping_mul(SPREAD) >> (u64::BITS - LAST.ilog2())) as usize
}

/// What stands for a combination of values, if something stands for each of them.
fn key(facts: &[FactId], stamps: &[Stamp]) -> Option<u128> {
    let mut key = 0;
    for fact in facts {
        key = key << Stamp::BITS | u128::from(stamps.get(fact.0)?.number()?);
    }
    Some(key)
}
