//! The reason of a criterion, put together from what is said of its own conditions and of its sub-criteria.

use super::said::{Said, Words};
use crate::screening::{Standing, Verdict};
use crate::trial::{Criterion, Need, Side};
use crate::value::Truth;

/// A sub-criterion, and what is said of it.
#[derive(Clone, Copy)]
pub struct Below<'c> {
    /// The sub-criterion.
    pub criterion: &'c Criterion,
    /// What it came to.
    pub standing: Standing,
    /// Why.
    pub reason: Words<'c>,
}

/// How the sub-criteria come into the reason of the criterion above them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// By their reasons.
    Reasons,
    /// By their ids, since their reasons are shown below.
    Ids,
}

/// Whether a criterion's own conditions are all that can be said of it.
#[must_use]
pub fn is_alone(criterion: &Criterion, standing: Standing) -> bool {
    standing.is_own() || criterion.children().is_empty() && criterion.closed_world.is_none() && standing.verdict != Verdict::NotApplicable
}

/// Whether the reason of a sub-criterion is part of that of the criterion above it.
#[must_use]
pub fn is_told(criterion: &Criterion, standing: Standing, child: Standing) -> bool {
    let known_beside_open = standing.group == Some(Truth::Unknown)
        && standing.condition == Truth::Unknown
        && criterion.side == Side::Exclusion
        && child.verdict == Verdict::Pass;
    !standing.is_own() && (standing.verdict == Verdict::NotApplicable || standing.rests_on(criterion, child) || known_beside_open)
}

/// Says why a criterion came to what it did. `own` is what is said of its own conditions.
pub fn say<'c>(
    criterion: &Criterion,
    standing: Standing,
    own: Words<'_>,
    below: impl Iterator<Item = Below<'c>> + Clone,
    told: Told,
    said: &mut Said,
) {
    if standing.is_own() {
        said.push_words(own);
        return;
    }
    if standing.verdict == Verdict::NotApplicable {
        let start = said.mark();
        reasons(below, said);
        if !said.is_beyond(start) {
            said.push("the criterion above it does not apply");
        }
        return;
    }
    said.join("; ", |join| {
        join.part(|said| said.push_words(own));
        if standing.group == Some(standing.condition) {
            join.part(|said| match told {
                Told::Reasons => deciding(criterion, standing, below, said),
                Told::Ids => ids(criterion, standing, below, said),
            });
        }
        if let Some(why) = &criterion.closed_world {
            join.part(|said| {
                said.push("silence is read as an answer here: ");
                said.push(why);
            });
        }
    });
}

fn reasons<'c>(below: impl Iterator<Item = Below<'c>>, said: &mut Said) {
    said.join("; ", |join| below.for_each(|child| join.part(|said| said.push_words(child.reason))));
}

/// The reasons of the sub-criteria that decide, what is open before what is known.
fn deciding<'c>(criterion: &Criterion, standing: Standing, below: impl Iterator<Item = Below<'c>> + Clone, said: &mut Said) {
    let told = below.filter(|child| is_told(criterion, standing, child.standing));
    let (decide, known) = (told.clone(), told);
    let decides = |child: &Below<'c>| standing.rests_on(criterion, child.standing);
    reasons(decide.filter(decides).chain(known.filter(|child| !decides(child))), said);
}

/// Which sub-criteria decide.
fn ids<'c>(criterion: &Criterion, standing: Standing, below: impl Iterator<Item = Below<'c>> + Clone, said: &mut Said) {
    let all: Vec<&str> = below.clone().map(|child| child.criterion.id.as_str()).collect();
    let deciding: Vec<&str> = below.filter(|child| standing.rests_on(criterion, child.standing)).map(|child| child.criterion.id.as_str()).collect();
    let (all, deciding) = (all.join(", "), deciding.join(", "));
    let need = criterion.group.as_ref().map_or(Need::All, |group| group.need);
    said.push(&match (standing.condition, criterion.side, need) {
        (Truth::Unknown, _, _) => format!("open: {deciding}"),
        (Truth::True, Side::Inclusion, Need::All) => format!("{all} are met"),
        (Truth::True, Side::Inclusion, _) => format!("{deciding} is met"),
        (Truth::False, Side::Inclusion, Need::All) => format!("{deciding} is not met"),
        (Truth::False, Side::Inclusion, Need::AtLeast(n)) => format!("fewer than {n} of {all} are met"),
        (Truth::False, Side::Inclusion, Need::Any) => format!("none of {all} is met"),
        (Truth::True, Side::Exclusion, _) => format!("{deciding} excludes"),
        (Truth::False, Side::Exclusion, _) => format!("none of {all} excludes"),
    });
}
