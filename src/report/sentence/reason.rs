//! What the reason of a criterion consists of: what is said of its own conditions, and of its sub-criteria.

use super::leaf::Mode;
use super::template::{Parts, Template};
use super::{Sentences, met, silence};
use crate::facts::FactId;
use crate::screening::{Leaf, OpenQuestion, Outcome, RaisedDoubt, Reason, Verdict};
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
            let own = |outcome: &Outcome<'_>, parts: &mut Parts<'_>| self.own_parts(outcome, parts);
            self.reason_parts(outcome, subcriteria, &own, parts);
        });
        reason
    }

    /// The same for a criterion and every criterion below it, in the protocol's order.
    #[must_use]
    pub fn reason_templates(&self, outcome: &Outcome<'_>) -> Vec<Template> {
        let mut outcomes = Vec::new();
        outcome.walk(&mut |outcome| {
            let mut own = Template::default();
            let parts = own.join("", |parts| self.own_parts(outcome, parts));
            outcomes.push((outcome, own, parts));
        });
        // What is said of a sub-criterion is said again in the reason of the criterion above it.
        let own = |outcome: &Outcome<'_>, parts: &mut Parts<'_>| {
            let mut known = outcomes.iter();
            let known = known.find(|(known, ..)| std::ptr::eq(*known, outcome));
            known
                .iter()
                .for_each(|(_, own, places)| parts.extend(own, places));
        };
        let reason = |outcome: &Outcome<'_>| {
            let mut reason = Template::default();
            reason.join("; ", |parts| {
                self.reason_parts(outcome, Subcriteria::Reasons, &own, parts);
            });
            reason
        };
        let reasons = outcomes.iter().map(|(outcome, ..)| reason(outcome));
        reasons.collect()
    }

    /// Adds the parts of a reason; `own` adds those of a criterion's own conditions.
    fn reason_parts(
        &self,
        outcome: &Outcome<'_>,
        subcriteria: Subcriteria,
        own: &impl Fn(&Outcome<'_>, &mut Parts<'_>),
        parts: &mut Parts<'_>,
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

    /// Says what of a criterion's own conditions made it what it is, one thing after the other; its sub-criteria are left out.
    fn own_parts(&self, outcome: &Outcome<'_>, own: &mut Parts<'_>) {
        if !outcome.conflicts.is_empty() {
            own.part(|out| {
                out.push("the record contradicts itself");
                for (index, conflict) in outcome.conflicts.iter().enumerate() {
                    out.push(if index == 0 { ": " } else { "; " });
                    out.push(&conflict.said());
                }
            });
        } else if outcome.verdict == Verdict::NotApplicable {
            let applies = outcome.applies.as_ref();
            if let Some(applies) = applies.filter(|one| one.truth() == Truth::False) {
                own.part(|out| {
                    self.leaves(&applies.sufficient(), Mode::Apply, out);
                    out.push(", so it does not apply");
                });
            }
        } else if outcome.deciding_doubts().next().is_some() {
            doubts(outcome.deciding_doubts(), own);
        } else if outcome.hangs_on_settled_doubt() && !outcome.open_rulings.is_empty() {
            self.open_rulings(outcome, own);
        } else {
            self.conditions(outcome, own);
            if let Some(why) = &outcome.criterion.closed_world
                && silence::is_read(&self.context, outcome.criterion)
            {
                own.part(|out| out.push_all(["silence is read as an answer here: ", why]));
            }
            // What is open besides would not settle it.
            doubts(outcome.unsettled_doubts(), own);
        }
    }

    /// Says what of its conditions made a criterion what it is.
    fn conditions(&self, outcome: &Outcome<'_>, own: &mut Parts<'_>) {
        let mode = Mode::from(outcome.criterion.side);
        let says =
            |truth: Truth| outcome.criterion.children().is_empty() || truth == outcome.condition;
        let applies = outcome.applies.as_ref();
        if let Some(applies) = applies.filter(|one| one.truth() == Truth::Unknown)
            && outcome.verdict == Verdict::Unknown
        {
            own.part(|out| {
                out.push("whether it applies is open: ");
                self.observations(&applies.deciding(), out);
            });
        }
        let reason = outcome.reason.as_ref();
        if let Some(reason) = reason.filter(|reason| says(reason.truth())) {
            for leaf in deciding(reason, outcome.verdict) {
                own.part(|out| self.leaf(leaf, mode, out));
            }
        }
        let readings = outcome.readings.iter();
        let truths = readings.map(|reading| reading.reason.truth());
        if truths.reduce(Truth::join).is_some_and(says) {
            self.readings(outcome, mode, own);
        }
    }

    /// Says what leaves open whether a doubt that the site settled against the candidate is raised.
    fn open_rulings(&self, outcome: &Outcome<'_>, own: &mut Parts<'_>) {
        for ruling in &outcome.open_rulings {
            own.part(|out| {
                let (id, settled) = (&ruling.doubt.id, ruling.settled.name());
                out.push_all(["whether the site's ruling (", id, " ", settled]);
                out.push(") is about this candidate is open: ");
                self.observations(&ruling.reason.deciding(), out);
            });
        }
    }

    /// The deciding parts of several conditions, what is said of the same facts only once.
    fn distinct_leaves<'r, 'a: 'r>(
        &self,
        conditions: impl Iterator<Item = Vec<&'r Leaf<'a>>>,
    ) -> Vec<&'r Leaf<'a>> {
        let mut kept: Vec<&Leaf<'_>> = Vec::new();
        let mut known: Vec<Vec<FactId>> = Vec::new();
        for leaf in conditions.flatten() {
            let facts = leaf.facts(&self.trial.definitions);
            if !known.contains(&facts) {
                kept.push(leaf);
                known.push(facts);
            }
        }
        kept
    }

    fn readings(&self, outcome: &Outcome<'_>, mode: Mode, own: &mut Parts<'_>) {
        let readings = &outcome.readings;
        let leaves = self.distinct_leaves(
            readings
                .iter()
                .map(|one| deciding(&one.reason, one.verdict)),
        );
        let say = |leaf: &Leaf<'_>, out: &mut Template| match readings.as_slice() {
            [_] => self.leaf(leaf, mode, out),
            _ => self.observed(leaf, out),
        };
        let mut verdicts = readings.iter().map(|reading| reading.verdict);
        let first = verdicts.next();
        let differ = verdicts.any(|verdict| Some(verdict) != first);
        match outcome.pinned.filter(|_| !differ) {
            None => {
                for leaf in leaves {
                    own.part(|out| say(leaf, out));
                }
            }
            Some(pinned) => own.part(|out| {
                out.join("; ", |join| {
                    for leaf in leaves {
                        join.part(|out| say(leaf, out));
                    }
                });
                out.push_all([" (reading ", &pinned.name, " pinned by the site)"]);
            }),
        }
        let questions = outcome.open_questions();
        for open in &questions {
            own.part(|out| hanging(outcome.criterion.side, open, out));
        }
        if questions.is_empty() && differ && outcome.criterion.questions().is_empty() {
            own.part(|out| differing(outcome, out));
        }
    }

    /// What leaves open whether a sub-criterion counts that is decided itself.
    fn whether_it_counts(&self, child: &Outcome<'_>, parts: &mut Parts<'_>) {
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

/// The parts of a condition that a sentence names. Every obstacle is named; for the absence of one, one part suffices.
fn deciding<'r, 'a>(reason: &'r Reason<'a>, verdict: Verdict) -> Vec<&'r Leaf<'a>> {
    if verdict == Verdict::Pass {
        reason.sufficient()
    } else {
        reason.deciding()
    }
}

/// Says which doubts about the protocol keep it from being decided, or decided it as the site settled them.
fn doubts<'o>(raised: impl Iterator<Item = &'o RaisedDoubt<'o>>, own: &mut Parts<'_>) {
    for raised in raised {
        own.part(|out| {
            let id = raised.doubt.id.as_str();
            match raised.settled {
                None => out.push_all(["to be ruled (", id]),
                Some(settled) => out.push_all(["by the site's ruling (", id, " ", settled.name()]),
            }
            out.push_all(["): ", &raised.said()]);
        });
    }
}

/// Says what the readings come to.
fn differing(outcome: &Outcome<'_>, out: &mut Template) {
    let mut lead = "the readings differ: ";
    for (index, one) in outcome.readings.iter().enumerate() {
        // Readings of the same verdict are named together, where the first of them stands.
        let mut earlier = outcome.readings.iter().take(index);
        if earlier.any(|earlier| earlier.verdict == one.verdict) {
            continue;
        }
        out.push_all([std::mem::replace(&mut lead, "; "), &one.reading.name]);
        let others = outcome.readings.iter().skip(index + 1);
        for other in others.filter(|other| other.verdict == one.verdict) {
            out.push_all([", ", &other.reading.name]);
        }
        out.push_all([" → ", met(one.verdict, outcome.criterion.side)]);
    }
}

/// Says what becomes of a criterion with each meaning of a question.
fn hanging(side: Side, open: &OpenQuestion<'_>, out: &mut Template) {
    out.push_all(["it hangs on ", &open.question.name]);
    let mut lead = ": ";
    for (place, verdict) in &open.verdicts {
        if let Some(meaning) = open.question.meanings.get(*place) {
            let lead = std::mem::replace(&mut lead, "; ");
            out.push_all([lead, &meaning.name, " → ", met(*verdict, side)]);
        }
    }
}
