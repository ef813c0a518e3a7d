//! The criteria, in the reader's words.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::Sources;
use super::model::{ConditionPart, CriterionPart, GroupPart, OutcomePart, ReadingPart, RemarkPart};
use super::tree::TreeBuilder;
use crate::cql::facts_of;
use crate::diagnostic::lines::Lines;
use crate::report::sentence::Sentences;
use crate::report::sentence::english::listed;
use crate::screening::Outcome;
use crate::trial::{Condition, Criterion, Need, Reading, Remark, Side};

/// Everything that an explanation looks at.
pub(super) struct Explainer<'x> {
    pub sources: Sources<'x>,
    pub trees: TreeBuilder<'x>,
    lines: Lines<'x>,
    /// By the id of the criterion.
    outcomes: HashMap<&'x str, &'x Outcome<'x>>,
    /// The ids of the criteria above others, by the ids of those below.
    parents: HashMap<&'x str, &'x str>,
}

impl<'x> Explainer<'x> {
    pub fn new(sources: Sources<'x>, sentences: Option<&'x Sentences<'x>>) -> Self {
        let (mut outcomes, mut parents) = (HashMap::new(), HashMap::new());
        if let Some((screening, _)) = sources.candidate {
            for outcome in &screening.outcomes {
                outcome.walk(&mut |outcome| {
                    outcomes.insert(outcome.criterion.id.as_str(), outcome);
                });
            }
        }
        for criterion in sources.trial.all_criteria() {
            let children = criterion.children().iter();
            parents.extend(children.map(|child| (child.id.as_str(), criterion.id.as_str())));
        }
        Self {
            sources,
            trees: TreeBuilder::new(sources.trial, sentences),
            lines: Lines::of(sources.source),
            outcomes,
            parents,
        }
    }

    /// The line of the trial file on which something begins.
    pub fn line(&self, span: &Range<usize>) -> usize {
        self.lines.position(span.start).0
    }

    fn condition(&self, lead: &str, condition: &Condition) -> ConditionPart {
        let english = self.trees.english.with_text(&condition.text);
        let asks = english.condition(&condition.expression);
        ConditionPart {
            // What begins with a condition of its own would stutter.
            sentence: if asks.starts_with("if ") {
                let verb = lead.trim_end_matches(" if").trim_end_matches(" only");
                format!("{verb} as follows: {asks}.")
            } else {
                format!("{lead} {asks}.")
            },
            expression: condition.text.clone(),
            tree: Some(self.trees.tree(&condition.expression, &condition.text)),
        }
    }

    pub fn cautions(&self, remarks: &[Remark]) -> Vec<RemarkPart> {
        self.remarks("Raised if", remarks)
    }

    fn remarks(&self, lead: &str, remarks: &[Remark]) -> Vec<RemarkPart> {
        let remarks = remarks.iter();
        remarks.map(|remark| self.remark(lead, remark)).collect()
    }

    fn remark(&self, lead: &str, remark: &Remark) -> RemarkPart {
        RemarkPart {
            id: None,
            say: remark.say.clone(),
            basis: remark.basis.clone(),
            condition: self.condition(lead, &remark.when),
        }
    }

    /// A criterion, wherever it stands, with its parts.
    pub fn criterion(&self, criterion: &Criterion) -> CriterionPart {
        let id = criterion.id.as_str();
        let outcome = self.outcomes.get(id).copied();
        let (doubts, children) = (criterion.doubts.iter(), criterion.children().iter());
        let optional = |lead, condition: Option<&Condition>| {
            condition.map(|condition| self.condition(lead, condition))
        };
        CriterionPart {
            id: criterion.id.clone(),
            side: criterion.side,
            within: self.parents.get(id).map(|&parent| parent.to_owned()),
            title: criterion.title.clone(),
            line: self.line(criterion.spans.key("id")),
            text: criterion.text.clone(),
            plain: criterion.plain.clone(),
            basis: criterion.basis.clone(),
            notes: criterion.notes.clone(),
            applies: optional("Applies only if", criterion.applies.as_ref()),
            rule: optional(lead(criterion.side), criterion.single()),
            readings: self.readings(criterion, outcome),
            group: group(criterion),
            conflicts: self.remarks("Contradiction if", &criterion.conflicts),
            doubts: doubts
                .map(|doubt| RemarkPart {
                    id: Some(format!("{id}.{}", doubt.id)),
                    ..self.remark("Raised if", &doubt.remark)
                })
                .collect(),
            cautions: self.cautions(&criterion.cautions),
            closed_world: criterion.closed_world.clone(),
            facts: self.deciding_facts(criterion),
            outcome: outcome.and_then(|outcome| self.outcome(outcome)),
            criteria: children.map(|child| self.criterion(child)).collect(),
        }
    }

    fn outcome(&self, outcome: &Outcome<'_>) -> Option<OutcomePart> {
        let sentences = self.trees.sentences?;
        Some(OutcomePart {
            verdict: outcome.verdict,
            reason: if outcome.children.is_empty() {
                sentences.reason(outcome)
            } else {
                sentences.reason_above_sub_criteria(outcome)
            },
        })
    }

    /// The conditions that decide a criterion itself.
    pub fn counting<'c>(&self, criterion: &'c Criterion) -> impl Iterator<Item = &'c Condition> {
        let policy = self.sources.policy;
        let readings = criterion.readings().iter();
        let counting = readings.filter(move |reading| policy.counts(criterion, reading));
        let single = criterion.applies.iter().chain(criterion.single());
        single.chain(counting.map(|reading| &reading.condition))
    }

    /// The facts that decide a criterion and its parts, in declared order.
    fn deciding_facts(&self, criterion: &Criterion) -> Vec<String> {
        let trial = self.sources.trial;
        let mut facts = BTreeSet::new();
        criterion.walk(&mut |criterion| {
            for condition in self.counting(criterion) {
                facts.extend(facts_of(&condition.expression, &trial.definitions));
            }
        });
        let facts = facts.into_iter();
        facts.map(|id| trial.facts.get(id).path.clone()).collect()
    }

    fn readings(&self, criterion: &Criterion, outcome: Option<&Outcome<'_>>) -> Vec<ReadingPart> {
        let part = |reading: &Reading| {
            let outcomes = outcome.map_or(&[][..], |outcome| &outcome.readings);
            let mut outcomes = outcomes.iter();
            ReadingPart {
                name: reading.name.clone(),
                say: reading.say.clone(),
                basis: reading.basis.clone(),
                by_site_only: reading.by_site_only,
                pinned: self.is_pinned(criterion, reading),
                condition: self.condition(lead(criterion.side), &reading.condition),
                verdict: outcomes
                    .find(|one| one.reading.name == reading.name)
                    .map(|one| one.verdict),
            }
        };
        criterion.readings().iter().map(part).collect()
    }

    /// Whether the site has pinned a reading, or an answer to each question that the reading answers.
    fn is_pinned(&self, criterion: &Criterion, reading: &Reading) -> bool {
        let policy = self.sources.policy;
        if reading.picks.is_empty() {
            return policy.readings.get(&criterion.id) == Some(&reading.name);
        }
        let mut questions = criterion.questions().iter();
        policy.counts(criterion, reading)
            && questions.all(|question| policy.pinned(criterion, question).is_some())
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
    let (lead, one, several) = match criterion.side {
        Side::Inclusion if criterion.rule.is_some() => {
            ("Met if its own condition is met, and", "is met", "are met")
        }
        Side::Inclusion => ("Met if", "is met", "are met"),
        Side::Exclusion => ("Excludes if", "excludes", "exclude"),
    };
    let said = match (group.need, ids.len()) {
        (_, 1) => format!("{named} {one}"),
        (Need::All, _) => format!("every one of {named} {one}"),
        (Need::Any, _) => format!("at least one of {named} {one}"),
        (Need::AtLeast(n), _) => format!("at least {n} of {named} {several}"),
    };
    Some(GroupPart::new(group.need, format!("{lead} {said}.")))
}
