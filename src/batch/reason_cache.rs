//! The words of reasons, kept by the values that they are made from.
//!
//! A reason is a pure function of the values of the facts that its criterion names, of what the rules look at beside them
//! (a limit of normal, a date), and of the screening date where the rules look at that. In a long list the same values come
//! again and again, and making a sentence costs twenty times as much as looking it up. The evidence is no part of the key:
//! templates have placeholders for it.

use super::value_key::{ValueKey, is_calendar};
use crate::cql::typed::{Attribute, Expression, Operation};
use crate::cql::{attributes_of, definitions_of, facts_of};
use crate::evaluate::Context;
use crate::facts::FactId;
use crate::report::sentence::template::Template;
use crate::trial::{Criterion, Policy, Trial};
use crate::value::Value;

/// Places for the reasons of one criterion. More make little faster.
const SLOTS: usize = 512;

/// So many bytes of keys and words are kept in all.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// The reasons of the protocol's own criteria, with those of their sub-criteria.
pub(super) struct ReasonCache {
    criteria: Vec<CriterionCache>,
    key: ValueKey,
    /// Reasons that are not kept.
    uncached: Vec<Template>,
    bytes: usize,
}

/// The reasons of one criterion, each in the place that the hash of its key gives.
struct CriterionCache {
    inputs: Inputs,
    slots: Vec<Option<Slot>>,
}

struct Slot {
    key: Box<[u64]>,
    reasons: Vec<Template>,
    /// Whether it was used since something else last asked for its place. If so, it stays.
    is_used: bool,
}

impl ReasonCache {
    pub(super) fn new(trial: &Trial, policy: &Policy) -> Self {
        let cache = |criterion: &Criterion| CriterionCache {
            inputs: Inputs::of(criterion, trial, policy),
            slots: Vec::new(),
        };
        Self {
            criteria: trial.criteria.iter().map(cache).collect(),
            key: ValueKey::default(),
            uncached: Vec::new(),
            bytes: 0,
        }
    }

    /// The reasons of the criterion at a place among the protocol's own, made by `make` where they are not known. The record
    /// must raise neither a conflict nor an open doubt about it: those look at more than the criterion's conditions do.
    pub(super) fn reasons(
        &mut self,
        criterion: usize,
        context: &Context<'_>,
        make: impl FnOnce() -> Vec<Template>,
    ) -> &[Template] {
        let Self {
            criteria,
            key,
            uncached,
            bytes,
        } = self;
        let Some(CriterionCache { inputs, slots }) = criteria.get_mut(criterion) else {
            *uncached = make();
            return uncached;
        };
        inputs.write_key(context, key);
        if slots.is_empty() {
            slots.resize_with(SLOTS, || None);
        }
        // The high bits of the hash are the best.
        let place = (key.hash() >> (u64::BITS - SLOTS.ilog2())) as usize;
        let Some(place) = slots.get_mut(place) else {
            *uncached = make();
            return uncached;
        };
        let is_hit = place.as_ref().is_some_and(|slot| *slot.key == *key.words());
        if !is_hit {
            let was_used = place
                .as_mut()
                .is_some_and(|slot| std::mem::take(&mut slot.is_used));
            let made = Slot {
                key: key.words().into(),
                reasons: make(),
                is_used: false,
            };
            let before = place.as_ref().map_or(0, Slot::size);
            if was_used || *bytes - before + made.size() > MOST_BYTES {
                *uncached = made.reasons;
                return uncached;
            }
            *bytes = *bytes - before + made.size();
            *place = Some(made);
        }
        place.as_mut().map_or(&[], |slot| {
            slot.is_used = true;
            &slot.reasons
        })
    }
}

impl Slot {
    fn size(&self) -> usize {
        let words: usize = self.reasons.iter().map(Template::size).sum();
        size_of_val(&*self.key) + words
    }
}

/// What the reasons of a criterion and its sub-criteria depend on.
struct Inputs {
    facts: Vec<FactId>,
    attributes: Vec<(FactId, Attribute)>,
    looks_at_day: bool,
}

impl Inputs {
    fn of(criterion: &Criterion, trial: &Trial, policy: &Policy) -> Self {
        let definitions = &trial.definitions;
        let mut conditions: Vec<&Expression> = Vec::new();
        criterion.walk(&mut |criterion| {
            let rules = policy.conditions(criterion);
            conditions.extend(rules.map(|condition| &condition.expression));
        });
        let mut facts: Vec<FactId> = Vec::new();
        let mut attributes = Vec::new();
        let mut looks_at_day = false;
        for condition in conditions {
            for fact in facts_of(condition, definitions) {
                let named = attributes_of(fact, condition, definitions);
                attributes.extend(named.into_iter().map(|attribute| (fact, attribute)));
                facts.push(fact);
            }
            let defined = definitions_of(condition, definitions);
            let defined = defined.iter().filter_map(|id| definitions.get(id.0));
            let parts = defined.map(|definition| &definition.expression);
            for part in parts.chain([condition]) {
                part.walk(&mut |part| looks_at_day |= is_about_day(part));
            }
        }
        facts.sort_unstable();
        facts.dedup();
        Self {
            facts,
            attributes,
            looks_at_day,
        }
    }

    fn write_key(&self, context: &Context<'_>, key: &mut ValueKey) {
        key.clear(context.today);
        if self.looks_at_day {
            key.push_today();
        }
        for fact in &self.facts {
            let Some(entry) = context.entries.get(fact.0) else {
                continue;
            };
            key.push(&entry.value);
            let evidence = entry.evidence.as_deref();
            let written = evidence.and_then(|evidence| evidence.written.as_deref());
            // A value that was written in another unit is told as it was written too.
            if let Some(written) = written {
                key.push_written(written);
            }
        }
        for (fact, attribute) in &self.attributes {
            let entry = context.entries.get(fact.0);
            key.push(&entry.map_or(Value::UNKNOWN, |entry| entry.attribute(*attribute)));
        }
    }
}

/// Whether a part of a condition looks at the screening date, or holds a duration whose length depends on it.
fn is_about_day(part: &Expression) -> bool {
    match &part.operation {
        Operation::Today => true,
        Operation::Constant(Value::Duration(bounds)) => [bounds.low, bounds.high]
            .into_iter()
            .flatten()
            .any(|end| !is_calendar(end.value)),
        _ => false,
    }
}
