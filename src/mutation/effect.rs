//! A changed rule on every case: which of them notices.
//!
//! What the rules as they are make of every record is worked out once. A change is evaluated against every record, and the
//! criterion that it belongs to is decided again only where the changed condition comes out differently.

use crate::cases::replay::Replay;
use crate::cql::{self, Expression};
use crate::evaluate::Context;
use crate::screening::{Outcome, Raised, Verdict, outcome, raises};
use crate::trial::conditions::{ConditionRef, Owner, Role};
use crate::trial::{Criterion, Remark, Trial};
use crate::value::Truth;

/// What the cases made of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// This case noticed it.
    Noticed(String),
    /// None did; on this one it had an effect.
    Missed(Option<String>),
}

/// What the rules as they are make of every record.
pub struct Baseline<'t> {
    trial: &'t Trial,
    replays: &'t [Replay<'t>],
    conditions: &'t [ConditionRef<'t>],
    /// For each condition, its truth on each record.
    truths: Vec<Vec<Truth>>,
    /// For each record, the verdict of each criterion without parents.
    verdicts: Vec<Vec<Verdict>>,
    /// For each definition, the conditions that use it, directly or not.
    users: Vec<Vec<usize>>,
}

impl<'t> Baseline<'t> {
    pub fn new(
        trial: &'t Trial,
        conditions: &'t [ConditionRef<'t>],
        replays: &'t [Replay<'t>],
    ) -> Self {
        let truths = conditions
            .iter()
            .map(|condition| {
                replays
                    .iter()
                    .map(|replay| replay.context(trial).truth(condition.expression))
                    .collect()
            })
            .collect();
        let verdict = |replay: &Replay<'_>, criterion| {
            outcome(
                trial,
                replay.policy(),
                &replay.entries,
                replay.today,
                criterion,
            )
            .verdict
        };
        let verdicts = replays
            .iter()
            .map(|replay| {
                trial
                    .criteria
                    .iter()
                    .map(|criterion| verdict(replay, criterion))
                    .collect()
            })
            .collect();
        let mut users = vec![Vec::new(); trial.definitions.len()];
        for (index, condition) in conditions.iter().enumerate() {
            if condition.role != Role::Is {
                for id in cql::definitions_of(condition.expression, &trial.definitions) {
                    if let Some(users) = users.get_mut(id.0) {
                        users.push(index);
                    }
                }
            }
        }
        Self {
            trial,
            replays,
            conditions,
            truths,
            verdicts,
            users,
        }
    }

    fn truth(&self, condition: usize, record: usize) -> Truth {
        self.truths
            .get(condition)
            .and_then(|truths| truths.get(record))
            .copied()
            .unwrap_or(Truth::Unknown)
    }

    /// The first case that notices a change; if none does, the first on which it has an effect.
    fn found(&self, effect: impl Fn(usize, &Replay<'_>) -> Effect) -> Found {
        let mut seen_by = None;
        for (record, replay) in self.replays.iter().enumerate() {
            match effect(record, replay) {
                Effect::Noticed => return Found::Noticed(replay.note().to_owned()),
                Effect::Unwanted => seen_by = seen_by.or(Some(replay.note())),
                Effect::None => {}
            }
        }
        Found::Missed(seen_by.map(str::to_owned))
    }

    /// What becomes of the cases when a condition is another.
    pub fn try_condition(
        &self,
        index: usize,
        condition: &ConditionRef<'_>,
        expression: &Expression,
    ) -> Found {
        let unchanged = |record, replay: &Replay<'_>| {
            replay.context(self.trial).truth(expression) == self.truth(index, record)
        };
        if let Owner::Criterion(top, criterion) = condition.owner {
            let change = |criterion: &mut Criterion| {
                let definitions = &self.trial.definitions;
                let is_changed =
                    criterion.exchange(condition.role, expression.clone(), definitions);
                is_changed.then_some(())
            };
            let found = self.try_criterion(top, &criterion.id, unchanged, change);
            return found.unwrap_or(Found::Missed(None));
        }
        self.found(|record, replay| {
            if unchanged(record, replay) {
                return Effect::None;
            }
            self.effect(self.trial, record, replay, &[], Some((index, expression)))
        })
    }

    /// What becomes of the cases when a definition is another. `changed` is a copy of the trial for that.
    pub fn try_definition(&self, changed: &mut Trial, id: usize, expression: &Expression) -> Found {
        let Some(original) = changed.exchange_definition(id, expression.clone()) else {
            return Found::Missed(None);
        };
        let found = self.with_definition(changed, id);
        changed.exchange_definition(id, original);
        found
    }

    fn with_definition(&self, changed: &Trial, id: usize) -> Found {
        let users = self.users.get(id).map(Vec::as_slice).unwrap_or_default();
        self.found(|record, replay| {
            let context = replay.context(changed);
            let differing: Vec<Owner<'_>> = users
                .iter()
                .filter_map(|user| Some((*user, self.conditions.get(*user)?)))
                .filter(|(user, condition)| {
                    context.truth(condition.expression) != self.truth(*user, record)
                })
                .map(|(_, condition)| condition.owner)
                .collect();
            if differing.is_empty() {
                return Effect::None;
            }
            let mut tops: Vec<usize> = differing.iter().filter_map(|owner| owner.top()).collect();
            tops.dedup();
            let criteria: Vec<(usize, &Criterion)> = tops
                .into_iter()
                .filter_map(|top| Some((top, changed.criteria.get(top)?)))
                .collect();
            let effect = self.effect(changed, record, replay, &criteria, None);
            if !differing.iter().any(|owner| matches!(owner, Owner::Trial)) {
                return effect;
            }
            let cautions = raised(&changed.cautions, &context, None);
            if effect == Effect::Noticed || replay.minds_cautions(&cautions) {
                return Effect::Noticed;
            }
            Effect::Unwanted
        })
    }

    /// What becomes of the cases when the criterion `id`, which is part of `top`, is changed; nothing if it cannot be. A case is
    /// left out where `is_untouched` says so.
    pub fn try_criterion(
        &self,
        top: usize,
        id: &str,
        is_untouched: impl Fn(usize, &Replay<'_>) -> bool,
        change: impl Fn(&mut Criterion) -> Option<()>,
    ) -> Option<Found> {
        let mut criterion = self.trial.criteria.get(top).cloned()?;
        change(find(&mut criterion, id)?)?;
        Some(self.found(|record, replay| {
            if is_untouched(record, replay) {
                return Effect::None;
            }
            self.effect(self.trial, record, replay, &[(top, &criterion)], None)
        }))
    }

    /// What a change of criteria, or of a caution of the trial, does to a case.
    fn effect(
        &self,
        trial: &Trial,
        record: usize,
        replay: &Replay<'_>,
        changed: &[(usize, &Criterion)],
        caution: Option<(usize, &Expression)>,
    ) -> Effect {
        let mut verdicts = self.verdicts.get(record).cloned().unwrap_or_default();
        let mut effect = Effect::None;
        for (top, criterion) in changed {
            let of = |trial, criterion| {
                outcome(
                    trial,
                    replay.policy(),
                    &replay.entries,
                    replay.today,
                    criterion,
                )
            };
            let found = of(trial, criterion);
            if replay.minds(&found) {
                return Effect::Noticed;
            }
            if let Some(verdict) = verdicts.get_mut(*top) {
                *verdict = found.verdict;
            }
            if effect == Effect::None
                && self
                    .trial
                    .criteria
                    .get(*top)
                    .is_some_and(|original| differ(&of(self.trial, original), &found))
            {
                effect = Effect::Unwanted;
            }
        }
        if replay.minds_verdicts(verdicts.into_iter()) {
            return Effect::Noticed;
        }
        let Some((index, expression)) = caution else {
            return effect;
        };
        let Some(Role::Caution(place)) = self.conditions.get(index).map(|one| one.role) else {
            return effect;
        };
        let context = replay.context(trial);
        let changed = raised(&self.trial.cautions, &context, Some((place, expression)));
        if replay.minds_cautions(&changed) {
            Effect::Noticed
        } else if changed != raised(&self.trial.cautions, &context, None) {
            Effect::Unwanted
        } else {
            effect
        }
    }
}

/// The cautions that are raised; one of them, by its place, may have another condition.
fn raised<'t>(
    cautions: &'t [Remark],
    context: &Context<'_>,
    changed: Option<(usize, &Expression)>,
) -> Vec<Raised<'t>> {
    let one = |(at, remark): (usize, &'t Remark)| {
        let when = match changed {
            Some((place, expression)) if place == at => expression,
            _ => &remark.when.expression,
        };
        let may = raises(context, when)?;
        Some(Raised { remark, may })
    };
    cautions.iter().enumerate().filter_map(one).collect()
}

fn find<'c>(criterion: &'c mut Criterion, id: &str) -> Option<&'c mut Criterion> {
    if criterion.id == id {
        return Some(criterion);
    }
    let parts = criterion.group.as_mut()?.criteria.iter_mut();
    parts.into_iter().find_map(|child| find(child, id))
}

/// What a change does to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// Nothing that a report would show.
    None,
    /// Something that the case does not look at.
    Unwanted,
    /// The case does not get what it wants.
    Noticed,
}

/// Whether a case could tell two outcomes of a criterion apart: by a verdict, or by what is said.
fn differ(before: &Outcome<'_>, after: &Outcome<'_>) -> bool {
    let shown = |outcome: &Outcome<'_>| {
        let mut all = Vec::new();
        outcome.walk(&mut |outcome| {
            let remarks = outcome.conflicts.iter().chain(&outcome.cautions);
            let said: Vec<String> = remarks
                .map(|remark| remark.said().into_owned())
                .chain(outcome.doubts.iter().map(|doubt| doubt.said().into_owned()))
                .collect();
            all.push((outcome.criterion.id.clone(), outcome.verdict, said));
        });
        all
    };
    // A sub-criterion that was left out is no difference by itself.
    let before = shown(before);
    shown(after).iter().any(|one| !before.contains(one))
}
