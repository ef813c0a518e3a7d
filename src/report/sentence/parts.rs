//! What the reason of a criterion consists of: what is said of its own conditions, and of its sub-criteria.

use super::Sentences;
use super::template::{Parts, Template};
use crate::screening::{Outcome, Verdict};
use crate::trial::{Criterion, Need, Side};
use crate::value::Truth;

/// How sub-criteria come into the reason of the criterion above them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subcriteria {
    /// By their reasons.
    Reasons,
    /// By their ids, since their reasons are shown below.
    Ids,
}

impl Sentences<'_> {
    /// Why a criterion has its verdict, with placeholders for the evidence.
    #[must_use]
    pub fn reason_template(&self, outcome: &Outcome<'_>, subcriteria: Subcriteria) -> Template {
        let mut reason = Template::default();
        reason.join("; ", |parts| {
            let own = |outcome: &Outcome<'_>, parts: &mut Parts| self.own_parts(outcome, parts);
            self.reason_parts(outcome, subcriteria, &own, parts);
        });
        reason
    }

    /// The same for a criterion and every criterion below it, in the protocol's order.
    #[must_use]
    pub fn reason_templates(&self, outcome: &Outcome<'_>) -> Vec<Template> {
        let mut outcomes = Vec::new();
        outcome.walk(&mut |outcome| {
            let mut parts = Parts::default();
            self.own_parts(outcome, &mut parts);
            outcomes.push((outcome, parts));
        });
        // What is said of a sub-criterion is said again in the reason of the criterion above it.
        let own = |outcome: &Outcome<'_>, parts: &mut Parts| {
            let mut known = outcomes.iter();
            let known = known.find(|(known, _)| std::ptr::eq(*known, outcome));
            known.iter().for_each(|(_, own)| parts.extend(own));
        };
        let reason = |(outcome, _): &(&Outcome<'_>, Parts)| {
            let mut reason = Template::default();
            reason.join("; ", |parts| {
                self.reason_parts(outcome, Subcriteria::Reasons, &own, parts);
            });
            reason
        };
        outcomes.iter().map(reason).collect()
    }

    /// Adds the parts of a reason; `own` adds those of a criterion's own conditions.
    fn reason_parts(
        &self,
        outcome: &Outcome<'_>,
        subcriteria: Subcriteria,
        own: &impl Fn(&Outcome<'_>, &mut Parts),
        parts: &mut Parts,
    ) {
        let (criterion, standing) = (outcome.criterion, outcome.standing());
        if standing.is_own() {
            return own(outcome, parts);
        }
        if outcome.verdict == Verdict::NotApplicable {
            for child in &outcome.children {
                self.reason_parts(child, subcriteria, own, parts);
            }
            if outcome.children.is_empty() {
                parts.part(|part| part.push("the criterion above it does not apply"));
            }
            return;
        }
        own(outcome, parts);
        if outcome.group == Some(outcome.condition) {
            match subcriteria {
                // What is open comes before what is known.
                Subcriteria::Reasons => {
                    for decides in [true, false] {
                        let children = outcome.children.iter().filter(|child| {
                            standing.rests_on(criterion, child.standing()) == decides
                                && is_told(outcome, child)
                        });
                        children.for_each(|child| {
                            if child.standing().may_not_count(criterion) {
                                self.whether_it_counts(child, parts);
                            } else {
                                self.reason_parts(child, Subcriteria::Reasons, own, parts);
                            }
                        });
                    }
                }
                Subcriteria::Ids if outcome.condition == Truth::Unknown => {
                    let (perhaps, open): (Vec<_>, Vec<_>) = outcome
                        .deciding_children()
                        .partition(|child| child.standing().may_not_count(criterion));
                    if !open.is_empty() {
                        parts.part(|part| part.push(&format!("open: {}", joined_ids(open))));
                    }
                    for child in perhaps {
                        self.whether_it_counts(child, parts);
                    }
                }
                Subcriteria::Ids => parts.part(|part| part.push(&ids(outcome))),
            }
        }
    }

    /// What leaves open whether a sub-criterion counts that is decided itself.
    fn whether_it_counts(&self, child: &Outcome<'_>, parts: &mut Parts) {
        parts.part(|part| {
            part.push(&format!("whether {} applies is open: ", child.criterion.id));
            self.observations(&child.why_it_may_not_count(), part);
        });
    }
}

/// Whether the reason of a sub-criterion is part of that of the criterion above it.
fn is_told(outcome: &Outcome<'_>, child: &Outcome<'_>) -> bool {
    let known_beside_open = outcome.group == Some(Truth::Unknown)
        && outcome.condition == Truth::Unknown
        && outcome.criterion.side == Side::Exclusion
        && child.verdict == Verdict::Pass;
    known_beside_open
        || outcome
            .standing()
            .rests_on(outcome.criterion, child.standing())
}

/// The ids of criteria in a row.
fn joined_ids<'o>(outcomes: impl IntoIterator<Item = &'o Outcome<'o>>) -> String {
    let ids: Vec<&str> = outcomes
        .into_iter()
        .map(|outcome| outcome.criterion.id.as_str())
        .collect();
    ids.join(", ")
}

/// Which sub-criteria decide.
fn ids(outcome: &Outcome<'_>) -> String {
    let criterion: &Criterion = outcome.criterion;
    let all = joined_ids(&outcome.children);
    let deciding = joined_ids(outcome.deciding_children());
    let need = criterion
        .group
        .as_ref()
        .map_or(Need::All, |group| group.need);
    match (outcome.condition, criterion.side, need) {
        (Truth::Unknown, _, _) => format!("open: {deciding}"),
        (Truth::True, Side::Inclusion, Need::All) => format!("{all} are met"),
        (Truth::True, Side::Inclusion, _) => format!("{deciding} is met"),
        (Truth::False, Side::Inclusion, Need::All) => format!("{deciding} is not met"),
        (Truth::False, Side::Inclusion, Need::AtLeast(n)) => {
            format!("fewer than {n} of {all} are met")
        }
        (Truth::False, Side::Inclusion, Need::Any) => format!("none of {all} is met"),
        (Truth::True, Side::Exclusion, _) => format!("{deciding} excludes"),
        (Truth::False, Side::Exclusion, _) => format!("none of {all} excludes"),
    }
}
