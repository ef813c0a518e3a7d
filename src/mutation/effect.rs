//! A changed rule on every case: which of them notices.
//!
//! What the rules as they are make of every record is worked out once. A change is evaluated against every record, and the
//! criterion that it belongs to is decided again only where the changed condition comes out differently.

use super::structure::{self, Structural};
use crate::cases::replay::Replay;
use crate::cql::{self, Expression};
use crate::screening::{Outcome, Raised, Verdict, outcome, raises};
use crate::trial::sites::{Owner, Role, Site};
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
    sites: &'t [Site<'t>],
    /// For each site, the truth of its condition on each record.
    truths: Vec<Vec<Truth>>,
    /// For each record, the verdict of each criterion without parents.
    verdicts: Vec<Vec<Verdict>>,
    /// For each definition, the sites that use it, directly or not.
    users: Vec<Vec<usize>>,
}

impl<'t> Baseline<'t> {
    pub fn new(trial: &'t Trial, sites: &'t [Site<'t>], replays: &'t [Replay<'t>]) -> Self {
        let truths = sites
            .iter()
            .map(|site| {
                replays
                    .iter()
                    .map(|replay| replay.context(trial).truth(site.expression))
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
        for (index, site) in sites.iter().enumerate() {
            if site.role != Role::Is {
                for id in cql::definitions_of(site.expression, &trial.definitions) {
                    if let Some(users) = users.get_mut(id.0) {
                        users.push(index);
                    }
                }
            }
        }
        Self {
            trial,
            replays,
            sites,
            truths,
            verdicts,
            users,
        }
    }

    fn truth(&self, site: usize, record: usize) -> Truth {
        self.truths
            .get(site)
            .and_then(|truths| truths.get(record))
            .copied()
            .unwrap_or(Truth::Unknown)
    }

    /// What becomes of the cases when a condition is another.
    pub fn try_condition(&self, index: usize, site: &Site<'_>, expression: &Expression) -> Found {
        let changed = site
            .owner
            .top()
            .and_then(|top| self.trial.criteria.get(top).cloned())
            .map(|mut criterion| {
                structure::replace(&mut criterion, site, expression);
                criterion
            });
        let mut first = None;
        for (record, replay) in self.replays.iter().enumerate() {
            if replay.context(self.trial).truth(expression) == self.truth(index, record) {
                continue;
            }
            let found = match (&changed, site.owner.top()) {
                (Some(criterion), Some(top)) => {
                    self.notices(self.trial, record, replay, &[(top, criterion)], None)
                }
                _ => self.notices(self.trial, record, replay, &[], Some((index, expression))),
            };
            match found {
                Effect::Noticed => return Found::Noticed(replay.note().to_owned()),
                Effect::Unwanted => first = first.or(Some(replay)),
                Effect::None => {}
            }
        }
        Found::Missed(first.map(|replay| replay.note().to_owned()))
    }

    /// What becomes of the cases when a definition is another. `changed` is a copy of the trial for that.
    pub fn try_definition(&self, changed: &mut Trial, id: usize, expression: &Expression) -> Found {
        let Some(definition) = changed.definitions.get_mut(id) else {
            return Found::Missed(None);
        };
        let original = std::mem::replace(&mut definition.expression, expression.clone());
        let found = self.with_definition(changed, id);
        if let Some(definition) = changed.definitions.get_mut(id) {
            definition.expression = original;
        }
        found
    }

    fn with_definition(&self, changed: &Trial, id: usize) -> Found {
        let users = self.users.get(id).map(Vec::as_slice).unwrap_or_default();
        let mut first = None;
        for (record, replay) in self.replays.iter().enumerate() {
            let context = replay.context(changed);
            let differing: Vec<&Site<'_>> = users
                .iter()
                .filter_map(|user| {
                    self.sites
                        .get(*user)
                        .filter(|site| context.truth(site.expression) != self.truth(*user, record))
                })
                .collect();
            if differing.is_empty() {
                continue;
            }
            let mut tops: Vec<usize> = differing
                .iter()
                .filter_map(|site| site.owner.top())
                .collect();
            tops.dedup();
            let criteria: Vec<(usize, &Criterion)> = tops
                .into_iter()
                .filter_map(|top| Some((top, changed.criteria.get(top)?)))
                .collect();
            let of_trial = differing.iter().any(|site| site.owner == Owner::Trial);
            let raised: Vec<Raised<'_>> = changed
                .cautions
                .iter()
                .filter_map(|remark| {
                    let may = raises(&context, &remark.when.expression)?;
                    Some(Raised { remark, may })
                })
                .collect();
            let found = self.notices(changed, record, replay, &criteria, None);
            if found == Effect::Noticed || of_trial && replay.minds_cautions(&raised) {
                return Found::Noticed(replay.note().to_owned());
            }
            if found == Effect::Unwanted || of_trial {
                first = first.or(Some(replay));
            }
        }
        Found::Missed(first.map(|replay| replay.note().to_owned()))
    }

    /// What becomes of the cases when the criterion `id` is changed; nothing if it cannot be.
    pub fn try_criterion(
        &self,
        top: usize,
        id: &str,
        change: impl Fn(&mut Criterion) -> Option<()>,
    ) -> Option<Found> {
        let mut criterion = self.trial.criteria.get(top).cloned()?;
        change(structure::find(&mut criterion, id)?)?;
        let mut first = None;
        for (record, replay) in self.replays.iter().enumerate() {
            match self.notices(self.trial, record, replay, &[(top, &criterion)], None) {
                Effect::Noticed => return Some(Found::Noticed(replay.note().to_owned())),
                Effect::Unwanted => first = first.or(Some(replay)),
                Effect::None => {}
            }
        }
        Some(Found::Missed(first.map(|replay| replay.note().to_owned())))
    }

    /// What becomes of the cases when a criterion has another shape.
    pub fn try_structure(&self, top: usize, id: &str, structural: &Structural) -> Found {
        let Some(mut criterion) = self.trial.criteria.get(top).cloned() else {
            return Found::Missed(None);
        };
        structure::apply(&mut criterion, id, structural);
        let mut first = None;
        for (record, replay) in self.replays.iter().enumerate() {
            if structural.is_pinned(id, replay.policy()) {
                continue;
            }
            match self.notices(self.trial, record, replay, &[(top, &criterion)], None) {
                Effect::Noticed => return Found::Noticed(replay.note().to_owned()),
                Effect::Unwanted => first = first.or(Some(replay)),
                Effect::None => {}
            }
        }
        Found::Missed(first.map(|replay| replay.note().to_owned()))
    }

    /// What a change of criteria, or of a caution of the trial, does to a case.
    fn notices(
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
        let Some(Role::Caution(place)) = self.sites.get(index).map(|site| site.role) else {
            return effect;
        };
        let context = replay.context(trial);
        let raised = |changed: bool| -> Vec<Raised<'_>> {
            let one = |(at, remark): (usize, &'t Remark)| {
                let when = if changed && at == place {
                    expression
                } else {
                    &remark.when.expression
                };
                let may = raises(&context, when)?;
                Some(Raised { remark, may })
            };
            let cautions = self.trial.cautions.iter().enumerate();
            cautions.filter_map(one).collect()
        };
        match replay.minds_cautions(&raised(true)) {
            true => Effect::Noticed,
            false if raised(true) != raised(false) => Effect::Unwanted,
            false => effect,
        }
    }
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
