//! Where a question need not be shown, because no criterion that asks it applies.

use jiff::civil::Date;

use crate::cql::facts_of;
use crate::entry::Entry;
use crate::evaluate::Context;
use crate::facts::{Fact, FactId, Kind};
use crate::trial::{Criterion, Trial};
use crate::value::{Code, Truth, Value};

/// A question that decides whether another is shown.
pub struct Shown<'t> {
    /// The fact that it asks for.
    pub gate: &'t Fact,
    /// The answers at which the other is shown: all but those at which nothing that asks for it applies.
    pub values: Vec<String>,
}

/// By which one answer a question can be left out; none if it may always matter.
#[must_use]
pub fn shown(trial: &Trial, id: FactId) -> Option<Shown<'_>> {
    let uses = |expression| facts_of(expression, &trial.definitions).contains(&id);
    if trial
        .cautions
        .iter()
        .any(|caution| uses(&caution.when.expression))
    {
        return None;
    }
    let criteria: Vec<&Criterion> = trial
        .criteria
        .iter()
        .filter(|criterion| {
            let mut is_used = false;
            criterion.walk(&mut |part| {
                is_used |= part
                    .conditions()
                    .any(|(_, condition)| uses(&condition.expression));
            });
            is_used
        })
        .collect();
    let applies: Vec<_> = criteria
        .iter()
        .map(|criterion| criterion.applies.as_ref())
        .collect::<Option<_>>()?;
    let first = facts_of(&applies.first()?.expression, &trial.definitions);
    first
        .into_iter()
        .filter(|gate| *gate != id)
        .find_map(|gate| {
            let fact = trial.facts.get(gate);
            let (hidden, values): (Vec<_>, Vec<_>) =
                answers(fact).into_iter().partition(|(_, value)| {
                    applies.iter().all(|applies| {
                        let mut entries = vec![Entry::NOT_RECORDED; trial.facts.len()];
                        let entry = Entry {
                            value: value.clone(),
                            evidence: None,
                        };
                        if let Some(known) = entries.get_mut(gate.0) {
                            *known = entry;
                        }
                        // Any day does: only what is false on all days, whatever else is known, is false here.
                        let context =
                            Context::new(&entries, &trial.definitions, Date::constant(2000, 1, 1));
                        context.truth(&applies.expression) == Truth::False
                    })
                });
            let values = values.into_iter().map(|(name, _)| name).collect();
            (!hidden.is_empty()).then_some(Shown { gate: fact, values })
        })
}

/// Every answer to a question that has a few.
fn answers(fact: &Fact) -> Vec<(String, Value)> {
    match &fact.kind {
        Kind::Boolean { .. } => vec![
            ("yes".into(), Value::Boolean(true)),
            ("no".into(), Value::Boolean(false)),
        ],
        Kind::Code(set) => set
            .values
            .iter()
            .zip(0_u16..)
            .map(|(value, index)| {
                (
                    value.name.clone(),
                    Value::Code(Code {
                        index,
                        unclear: value.unclear,
                    }),
                )
            })
            .collect(),
        _ => Vec::new(),
    }
}
