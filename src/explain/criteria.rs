//! The criteria, in the reader's words.

use std::collections::BTreeSet;

use super::logic::{Known, Logician};
use super::model::{
    CriterionPart, GroupPart, Identity, Logic, OutcomePart, ReadingPart, RemarkPart,
};
use super::places::Places;
use crate::cql::facts_of;
use crate::evaluate::Context;
use crate::report::sentence::Sentences;
use crate::report::sentence::english::{EnglishWriter, listed};
use crate::screening::{Outcome, Screening};
use crate::trial::{Condition, Criterion, Need, Policy, Reading, Remark, Rule, Side, Trial};

/// Everything that an explanation looks at.
pub(super) struct Explainer<'x> {
    pub trial: &'x Trial,
    pub places: &'x Places,
    pub policy: &'x Policy,
    pub screening: Option<&'x Screening<'x>>,
    pub sentences: Option<&'x Sentences<'x>>,
    pub english: EnglishWriter<'x>,
}

impl<'x> Explainer<'x> {
    pub fn identity(&self) -> Identity {
        Identity {
            id: self.trial.id.clone(),
            title: self.trial.title.clone(),
            version: self.trial.version.clone(),
            file: self.places.file.clone(),
            sha256: self.trial.sha256.clone(),
            about: self.trial.about.clone(),
        }
    }

    /// What is known of the candidate.
    pub fn known(&self) -> Option<Known<'x>> {
        let (screening, sentences) = (self.screening?, self.sentences?);
        let context = Context::new(
            &screening.entries,
            &self.trial.definitions,
            screening.record.screened_on,
        );
        Some(Known { context, sentences })
    }

    pub fn logician(&self) -> Logician<'x> {
        Logician {
            trial: self.trial,
            english: self.english,
            known: self.known(),
        }
    }

    fn logic(&self, lead: &str, condition: &Condition) -> Logic {
        let asks = self
            .english
            .with_text(&condition.text)
            .condition(&condition.expression);
        // What begins with a condition of its own would stutter.
        let lead = match lead
            .strip_suffix(" only if")
            .or_else(|| lead.strip_suffix(" if"))
            .filter(|_| asks.starts_with("if "))
        {
            Some(verb) => format!("{verb} as follows:"),
            None => lead.to_owned(),
        };
        Logic {
            sentence: format!("{lead} {asks}."),
            expression: condition.text.clone(),
            tree: self.logician().tree(&condition.expression, &condition.text),
        }
    }

    pub fn cautions(&self, remarks: &[Remark]) -> Vec<RemarkPart> {
        remarks
            .iter()
            .map(|remark| self.remark("Raised if", remark))
            .collect()
    }

    fn remark(&self, lead: &str, remark: &Remark) -> RemarkPart {
        RemarkPart {
            id: None,
            say: remark.say.clone(),
            basis: remark.basis.clone(),
            logic: self.logic(lead, &remark.when),
        }
    }

    /// Every criterion of the trial.
    pub fn all(&self) -> Vec<CriterionPart> {
        let outcome = |at| {
            self.screening
                .and_then(|screening| screening.outcomes.get(at))
        };
        self.trial
            .criteria
            .iter()
            .enumerate()
            .map(|(at, criterion)| self.part(criterion, None, outcome(at)))
            .collect()
    }

    /// A criterion that was asked for, wherever it stands.
    pub fn criterion(&self, criterion: &Criterion) -> CriterionPart {
        let within = self.trial.all_criteria().into_iter().find(|other| {
            other
                .children()
                .iter()
                .any(|child| child.id == criterion.id)
        });
        self.part(criterion, within, self.outcome(criterion))
    }

    fn part(
        &self,
        criterion: &Criterion,
        within: Option<&Criterion>,
        outcome: Option<&Outcome<'_>>,
    ) -> CriterionPart {
        let lead = lead(criterion.side);
        let rule = match &criterion.rule {
            Some(Rule::Single(condition)) => Some(self.logic(lead, condition)),
            _ => None,
        };
        CriterionPart {
            id: criterion.id.clone(),
            side: criterion.side,
            within: within.map(|parent| parent.id.clone()),
            title: criterion.title.clone(),
            line: self.places.criterion(&criterion.id),
            text: criterion.text.clone(),
            plain: criterion.plain.clone(),
            basis: criterion.basis.clone(),
            notes: criterion.notes.clone(),
            applies: criterion
                .applies
                .as_ref()
                .map(|condition| self.logic("Applies only if", condition)),
            rule,
            readings: self.readings(criterion, outcome),
            group: group(criterion),
            conflicts: criterion
                .conflicts
                .iter()
                .map(|remark| self.remark("Contradiction if", remark))
                .collect(),
            doubts: criterion
                .doubts
                .iter()
                .map(|doubt| RemarkPart {
                    id: Some(format!("{}.{}", criterion.id, doubt.id)),
                    ..self.remark("Raised if", &doubt.remark)
                })
                .collect(),
            cautions: self.cautions(&criterion.cautions),
            closed_world: criterion.closed_world.clone(),
            facts: self.deciding_facts(criterion),
            outcome: outcome.and_then(|outcome| {
                let sentences = self.sentences?;
                let alone = outcome.children.is_empty();
                let reason = if alone {
                    sentences.reason(outcome)
                } else {
                    sentences.reason_above_sub_criteria(outcome)
                };
                Some(OutcomePart {
                    verdict: outcome.verdict,
                    reason,
                })
            }),
            criteria: criterion
                .children()
                .iter()
                .enumerate()
                .map(|(at, child)| {
                    self.part(
                        child,
                        Some(criterion),
                        outcome.and_then(|outcome| outcome.children.get(at)),
                    )
                })
                .collect(),
        }
    }

    fn outcome(&self, criterion: &Criterion) -> Option<&'x Outcome<'x>> {
        let mut found = None;
        for outcome in &self.screening?.outcomes {
            outcome.walk(&mut |outcome| {
                if outcome.criterion.id == criterion.id {
                    found = Some(outcome);
                }
            });
        }
        found
    }

    /// The conditions that decide a criterion itself.
    pub fn counting<'c>(&self, criterion: &'c Criterion) -> Vec<&'c Condition> {
        let rules: Vec<&Condition> = match &criterion.rule {
            None => Vec::new(),
            Some(Rule::Single(condition)) => vec![condition],
            Some(Rule::Readings(all)) => all
                .iter()
                .filter(|reading| self.policy.counts(criterion, reading))
                .map(|reading| &reading.condition)
                .collect(),
        };
        criterion.applies.iter().chain(rules).collect()
    }

    /// The facts that decide a criterion and its parts, in declared order.
    fn deciding_facts(&self, criterion: &Criterion) -> Vec<String> {
        let mut facts = BTreeSet::new();
        criterion.walk(&mut |criterion| {
            for condition in self.counting(criterion) {
                facts.extend(facts_of(&condition.expression, &self.trial.definitions));
            }
        });
        facts
            .into_iter()
            .map(|id| self.trial.facts.get(id).path.clone())
            .collect()
    }

    fn readings(&self, criterion: &Criterion, outcome: Option<&Outcome<'_>>) -> Vec<ReadingPart> {
        let pinned = self.policy.readings.get(&criterion.id);
        let part = |reading: &Reading| ReadingPart {
            name: reading.name.clone(),
            say: reading.say.clone(),
            basis: reading.basis.clone(),
            by_site_only: reading.by_site_only,
            pinned: if reading.picks.is_empty() {
                pinned == Some(&reading.name)
            } else {
                let mut questions = criterion.questions().iter();
                self.policy.counts(criterion, reading)
                    && questions.all(|one| self.policy.pinned(criterion, one).is_some())
            },
            logic: self.logic(lead(criterion.side), &reading.condition),
            verdict: outcome
                .and_then(|outcome| {
                    outcome
                        .readings
                        .iter()
                        .find(|one| one.reading.name == reading.name)
                })
                .map(|one| one.verdict),
        };
        criterion.readings().iter().map(part).collect()
    }
}

fn lead(side: Side) -> &'static str {
    match side {
        Side::Inclusion => "Met if",
        Side::Exclusion => "Excludes if",
    }
}

/// What a criterion takes of its parts, in a sentence.
fn group(criterion: &Criterion) -> Option<GroupPart> {
    let group = criterion.group.as_ref()?;
    let ids: Vec<String> = group
        .criteria
        .iter()
        .map(|child| child.id.clone())
        .collect();
    let named = listed(&ids, "and");
    let (verb, lead) = match criterion.side {
        Side::Inclusion => (
            " met",
            if criterion.rule.is_some() {
                "Met if its own condition is met, and"
            } else {
                "Met if"
            },
        ),
        Side::Exclusion => ("", "Excludes if"),
    };
    let said = match (criterion.side, group.need, ids.len()) {
        (Side::Inclusion, _, 1) => format!("{named} is{verb}"),
        (Side::Exclusion, _, 1) => format!("{named} excludes"),
        (Side::Inclusion, Need::All, _) => format!("every one of {named} is{verb}"),
        (Side::Inclusion, Need::Any, _) => format!("at least one of {named} is{verb}"),
        (Side::Inclusion, Need::AtLeast(n), _) => format!("at least {n} of {named} are{verb}"),
        (Side::Exclusion, Need::All, _) => format!("every one of {named} excludes"),
        (Side::Exclusion, Need::Any, _) => format!("at least one of {named} excludes"),
        (Side::Exclusion, Need::AtLeast(n), _) => format!("at least {n} of {named} exclude"),
    };
    Some(GroupPart {
        need: group.need,
        sentence: format!("{lead} {said}."),
    })
}
