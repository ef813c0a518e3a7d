//! What the reason of a criterion consists of: what is said of its own conditions and of its sub-criteria.

use super::said::Said;
use crate::screening::{Standing, Verdict};
use crate::trial::{Criterion, Need, Side};
use crate::value::Truth;

/// One of the things that make up a reason. What comes again is said once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saying<'c> {
    /// What is said of the own conditions of a criterion: the one that has the reason, or one below it. It is told by its
    /// place among these in the protocol's order.
    Own(usize),
    /// Why silence is read as an answer.
    Silence(&'c str),
    /// That the criterion above it does not apply.
    AboveDoesNotApply,
    /// Which sub-criteria decide.
    Below(String),
}

/// What stands between them.
pub const BETWEEN: &str = "; ";

impl Saying<'_> {
    /// Says it; nothing is said of own conditions, which the caller knows.
    pub fn say(&self, said: &mut Said) {
        match self {
            Self::Own(_) => {}
            Self::Silence(why) => {
                said.push("silence is read as an answer here: ");
                said.push(why);
            }
            Self::AboveDoesNotApply => said.push("the criterion above it does not apply"),
            Self::Below(ids) => said.push(ids),
        }
    }
}

/// How the sub-criteria come into the reason of the criterion above them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// By their reasons.
    Reasons,
    /// By their ids, since their reasons are shown below.
    Ids,
}

/// Tells one after the other what makes up the reason of a criterion. `standings` are what it and those below it came to, in
/// the protocol's order.
pub fn sayings<'c>(
    criterion: &'c Criterion,
    standings: &[Standing],
    told: Told,
    say: &mut impl FnMut(Saying<'c>),
) {
    sayings_of(criterion, 0, standings, told, say);
}

fn sayings_of<'c>(
    criterion: &'c Criterion,
    at: usize,
    standings: &[Standing],
    told: Told,
    say: &mut impl FnMut(Saying<'c>),
) {
    let Some(standing) = standings.get(at).copied() else {
        return;
    };
    if standing.is_own() {
        return say(Saying::Own(at));
    }
    let below = below(criterion, at);
    if standing.verdict == Verdict::NotApplicable {
        below.for_each(|(child, at)| sayings_of(child, at, standings, told, say));
        if criterion.children().is_empty() {
            say(Saying::AboveDoesNotApply);
        }
        return;
    }
    say(Saying::Own(at));
    if standing.group == Some(standing.condition) {
        let below = below.filter_map(|(child, at)| Some((child, at, standings.get(at).copied()?)));
        match told {
            // What is open comes before what is known.
            Told::Reasons => [true, false].into_iter().for_each(|decides| {
                let told = below.clone().filter(|(.., child)| {
                    is_told(criterion, standing, *child)
                        && standing.rests_on(criterion, *child) == decides
                });
                told.for_each(|(child, at, _)| {
                    sayings_of(child, at, standings, Told::Reasons, say)
                });
            }),
            Told::Ids => say(Saying::Below(ids(
                criterion,
                standing,
                below.map(|(child, _, standing)| (child, standing)),
            ))),
        }
    }
    if let Some(why) = &criterion.closed_world {
        say(Saying::Silence(why));
    }
}

/// The sub-criteria of a criterion, and where each stands if the criterion stands at `at`.
fn below(criterion: &Criterion, at: usize) -> impl Iterator<Item = (&Criterion, usize)> + Clone {
    criterion.children().iter().scan(at + 1, |next, child| {
        let here = *next;
        *next += child.size();
        Some((child, here))
    })
}

/// Whether the reason of a sub-criterion is part of that of the criterion above it.
fn is_told(criterion: &Criterion, standing: Standing, child: Standing) -> bool {
    let known_beside_open = standing.group == Some(Truth::Unknown)
        && standing.condition == Truth::Unknown
        && criterion.side == Side::Exclusion
        && child.verdict == Verdict::Pass;
    standing.rests_on(criterion, child) || known_beside_open
}

/// Which sub-criteria decide.
fn ids<'c>(
    criterion: &Criterion,
    standing: Standing,
    below: impl Iterator<Item = (&'c Criterion, Standing)> + Clone,
) -> String {
    let joined = |ids: Vec<&str>| ids.join(", ");
    let all = joined(below.clone().map(|(child, _)| child.id.as_str()).collect());
    let deciding = joined(
        below
            .filter(|(_, child)| standing.rests_on(criterion, *child))
            .map(|(child, _)| child.id.as_str())
            .collect(),
    );
    let need = criterion
        .group
        .as_ref()
        .map_or(Need::All, |group| group.need);
    match (standing.condition, criterion.side, need) {
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
