//! How the parts of a criterion come together: its own conditions and its sub-criteria → its verdict.
//!
//! A condition says when an inclusion criterion is met or an exclusion criterion excludes; `verdict` is the one
//! place where the two sides part, so that Pass always means "no obstacle here".

use super::Verdict;
use crate::trial::{Criterion, Group, Need, Side};
use crate::value::Truth;

/// What a criterion's own conditions come to, its sub-criteria left aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Own {
    /// Whether it applies.
    pub applies: Truth,
    /// Whether its condition holds under every reading that counts, if it has one.
    pub condition: Option<Truth>,
    /// What the record opens about it.
    pub open: Open,
    /// Whether a doubt is raised that the site settled as met, and one that it settled as not met.
    pub settled: Settled,
}

/// Why a criterion is not decided although its conditions may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Open {
    /// Whether the record contradicts itself in what it is about, or may.
    pub contradicts: bool,
    /// Whether the record raises a doubt about the protocol, or may.
    pub doubtful: bool,
    /// Whether this is so only by what is known within bounds or in part: exact values would settle it.
    pub by_bounds: bool,
}

impl Open {
    /// From each conflict, and each doubt that is not settled: nothing, or whether it only may be raised.
    pub(super) fn of(
        conflicts: impl Iterator<Item = Option<bool>>,
        doubts: impl Iterator<Item = Option<bool>>,
    ) -> Self {
        let mut open = Self {
            by_bounds: true,
            ..Self::default()
        };
        for may in conflicts.flatten() {
            open.contradicts = true;
            open.by_bounds &= may;
        }
        for may in doubts.flatten() {
            open.doubtful = true;
            open.by_bounds &= may;
        }
        open.by_bounds &= open.any();
        open
    }

    /// Whether there is anything.
    #[must_use]
    pub fn any(self) -> bool {
        self.contradicts || self.doubtful
    }
}

/// Whether doubts are raised that the site settled. A doubt is cast on what lets a candidate pass: settled the other way,
/// it leaves the criterion to its condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// One by which the condition counts as met.
    pub met: Truth,
    /// One by which it counts as not met.
    pub not_met: Truth,
}

impl Settled {
    /// None is.
    pub const NONE: Self = Self {
        met: Truth::False,
        not_met: Truth::False,
    };

    /// What a condition comes to with them: none makes a candidate pass who does not pass by the condition.
    fn apply(self, side: Side, condition: Truth) -> Truth {
        match side {
            Side::Inclusion => condition.and(!self.not_met),
            Side::Exclusion => condition.or(self.met),
        }
    }
}

/// What a condition comes to under a doubt that nobody settled: what it would be both with it and without.
fn doubted(side: Side, condition: Truth) -> Truth {
    match side {
        Side::Inclusion => condition.and(Truth::Unknown),
        Side::Exclusion => condition.or(Truth::Unknown),
    }
}

/// What a criterion came to, without the reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its verdict.
    pub verdict: Verdict,
    /// Whether its condition holds; for an exclusion criterion, whether it excludes.
    pub condition: Truth,
    /// The same with the doubts that nobody settled left aside.
    pub undoubted: Truth,
    /// Whether it applies, the criteria above it left aside.
    pub applies: Truth,
    /// What the record opens about it.
    pub open: Open,
    /// What its sub-criteria amount to together, if it has any.
    pub group: Option<Truth>,
    /// Whether it counts in the criterion above it: whether it applies, and one of those that it only gathers does.
    pub counts: Truth,
}

impl Standing {
    /// Of what is not decided yet.
    const OPEN: Self = Self {
        verdict: Verdict::Unknown,
        condition: Truth::Unknown,
        undoubted: Truth::Unknown,
        applies: Truth::Unknown,
        open: Open {
            contradicts: false,
            doubtful: false,
            by_bounds: false,
        },
        group: None,
        counts: Truth::Unknown,
    };

    /// Whether it is what it is by its own conditions, whatever its sub-criteria are.
    #[must_use]
    pub fn is_own(self) -> bool {
        self.open.contradicts
            || self.is_doubted()
            || (self.verdict == Verdict::NotApplicable && self.applies == Truth::False)
    }

    /// Whether it would be decided but for a doubt.
    #[must_use]
    pub fn is_doubted(self) -> bool {
        self.condition != self.undoubted
    }

    /// Whether it stays unknown as long as some fact stays as it is. What contradicts itself is to be corrected, and what
    /// raises a doubt to be ruled on.
    #[must_use]
    pub fn waits(self) -> bool {
        let by_facts = !self.open.contradicts && !self.is_doubted();
        self.verdict == Verdict::Unknown && (by_facts || self.open.by_bounds)
    }

    /// Whether it also waits for what its sub-criteria wait for.
    #[must_use]
    pub fn waits_below(self) -> bool {
        let which_apply_is_open =
            self.counts == Truth::Unknown && self.applies != Truth::Unknown && self.group.is_some();
        self.waits() && (self.group == Some(Truth::Unknown) || which_apply_is_open)
    }

    /// Whether it is decided itself, but leaves `above` open, because it may not apply.
    #[must_use]
    pub fn may_not_count(self, above: &Criterion) -> bool {
        let neutral = Truth::from(gathers_all(above));
        self.verdict != Verdict::Unknown
            && self.counts == Truth::Unknown
            && self.condition != neutral
    }

    /// Whether a sub-criterion is one of those that made it what it is; none is where its own condition did.
    #[must_use]
    pub fn rests_on(self, criterion: &Criterion, child: Self) -> bool {
        if self.group != Some(self.condition) {
            return false;
        }
        let holds =
            |wanted: Truth| child.condition == wanted && child.verdict != Verdict::NotApplicable;
        match (self.condition, gathers_all(criterion)) {
            (Truth::Unknown, _) => {
                child.verdict == Verdict::Unknown || child.may_not_count(criterion)
            }
            (Truth::True, false) => holds(Truth::True),
            (Truth::False, true) => holds(Truth::False),
            _ => true,
        }
    }
}

/// Whether all sub-criteria of a criterion that apply must hold.
fn gathers_all(criterion: &Criterion) -> bool {
    matches!(
        criterion.group,
        Some(Group {
            need: Need::All,
            ..
        })
    )
}

/// The verdict of a condition: what lets in must hold, what keeps out must not.
pub(super) fn verdict(side: Side, condition: Truth) -> Verdict {
    let no_obstacle = match side {
        Side::Inclusion => condition,
        Side::Exclusion => !condition,
    };
    match no_obstacle {
        Truth::True => Verdict::Pass,
        Truth::False => Verdict::Fail,
        Truth::Unknown => Verdict::Unknown,
    }
}

/// How a criterion is decided, without reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Decision {
    side: Side,
    /// Whether its condition holds, whether it applies or not.
    condition: Truth,
    /// The same with the doubts that nobody settled left aside.
    undoubted: Truth,
    applies: Truth,
}

impl Decision {
    /// What it contributes to the criterion above it, where `neutral` changes nothing.
    fn operand(self, neutral: Truth) -> Truth {
        match self.applies {
            Truth::True => self.condition,
            Truth::False => neutral,
            Truth::Unknown => self.condition.join(neutral),
        }
    }

    /// Its verdict where it is not certain that the criteria above it apply.
    fn below(self, above: Truth) -> Verdict {
        match (self.applies.and(above), verdict(self.side, self.condition)) {
            (Truth::False, _) => Verdict::NotApplicable,
            (Truth::True, verdict) => verdict,
            (Truth::Unknown, Verdict::Pass) => Verdict::Pass,
            (Truth::Unknown, _) => Verdict::Unknown,
        }
    }
}

/// What sub-criteria amount to together, added up one by one. One that does not apply is left out of the count.
struct Tally {
    all: Truth,
    any: Truth,
    certain: usize,
    possible: usize,
    /// Whether one of them applies.
    applies: Truth,
}

impl Tally {
    const NONE: Self = Self {
        all: Truth::True,
        any: Truth::False,
        certain: 0,
        possible: 0,
        applies: Truth::False,
    };

    fn add(&mut self, child: Decision) {
        let counted = child.operand(Truth::False);
        self.all = self.all.and(child.operand(Truth::True));
        self.any = self.any.or(counted);
        self.certain += usize::from(counted == Truth::True);
        self.possible += usize::from(counted != Truth::False);
        self.applies = self.applies.or(child.applies);
    }

    fn truth(&self, need: Need) -> Truth {
        match need {
            Need::All => self.all,
            Need::Any => self.any,
            Need::AtLeast(n) if self.certain >= n => Truth::True,
            Need::AtLeast(n) if self.possible < n => Truth::False,
            Need::AtLeast(_) => Truth::Unknown,
        }
    }

    /// What they amount to in a criterion, if it has any.
    fn of(&self, criterion: &Criterion) -> Option<Truth> {
        criterion.group.as_ref().map(|group| self.truth(group.need))
    }
}

/// A criterion's decision, from its own conditions and what its sub-criteria amount to.
fn combine(criterion: &Criterion, own: Own, tally: &Tally) -> Decision {
    let side = criterion.side;
    if own.open.contradicts {
        return Decision {
            side,
            condition: Truth::Unknown,
            undoubted: Truth::Unknown,
            // Whether it applies is no longer certain either.
            applies: Truth::True,
        };
    }
    let (condition, applies) = match (tally.of(criterion), own.condition) {
        (None, condition) => (condition.unwrap_or(Truth::True), own.applies),
        (Some(group), Some(condition)) => (condition.and(group), own.applies),
        // What only gathers others applies where one of them does.
        (Some(group), None) => (group, own.applies.and(tally.applies)),
    };
    let undoubted = own.settled.apply(side, condition);
    let condition = if own.open.doubtful {
        doubted(side, undoubted)
    } else {
        undoubted
    };
    Decision {
        side,
        condition,
        undoubted,
        applies,
    }
}

/// Decides a criterion and everything below it. `own` is asked for each, and each standing noted, in the protocol's order.
/// `above` says whether the criteria above it apply.
fn decide<'t>(
    criterion: &'t Criterion,
    above: Truth,
    own: &mut impl FnMut(&'t Criterion) -> Own,
    standings: &mut Vec<Standing>,
) -> Decision {
    let place = standings.len();
    standings.push(Standing::OPEN);
    let mine = own(criterion);
    let mut tally = Tally::NONE;
    for child in criterion.children() {
        tally.add(decide(child, above.and(mine.applies), own, standings));
    }
    let decision = combine(criterion, mine, &tally);
    if let Some(standing) = standings.get_mut(place) {
        let (verdict, condition, group) = (
            decision.below(above),
            decision.condition,
            tally.of(criterion),
        );
        *standing = Standing {
            verdict,
            condition,
            undoubted: decision.undoubted,
            applies: mine.applies,
            open: mine.open,
            group,
            counts: decision.applies,
        };
    }
    decision
}

/// Decides one of the protocol's own criteria and everything below it. `own` says what the own conditions of each come to;
/// it is asked, and the standings are added, in the protocol's order.
pub(super) fn decide_one<'t>(
    criterion: &'t Criterion,
    mut own: impl FnMut(&'t Criterion) -> Own,
    standings: &mut Vec<Standing>,
) -> Verdict {
    decide(criterion, Truth::True, &mut own, standings).below(Truth::True)
}

/// Replaces standings by what they come to over several answers to which parts apply: what all answers agree on.
/// `answers` are the standings under each, in the same order.
pub(super) fn agree(standings: &mut [Standing], answers: &[Vec<Standing>]) {
    for (at, standing) in standings.iter_mut().enumerate() {
        let each = || answers.iter().filter_map(|answer| answer.get(at));
        let counted = || each().filter(|one| one.verdict != Verdict::NotApplicable);
        let Some(verdict) = each().map(|one| one.verdict).reduce(agreed) else {
            continue;
        };
        standing.verdict = verdict;
        if let Some(counts) = each().map(|one| one.counts).reduce(Truth::join) {
            standing.counts = counts;
        }
        if let Some(condition) = counted().map(|one| one.condition).reduce(Truth::join) {
            standing.condition = condition;
        }
        if let Some(undoubted) = counted().map(|one| one.undoubted).reduce(Truth::join) {
            standing.undoubted = undoubted;
        }
        if standing.group.is_some() {
            let group = counted().filter_map(|one| one.group).reduce(Truth::join);
            standing.group = group.or(standing.group);
        }
    }
}

/// The verdict where it is not known which of two it is. What may not apply and is no obstacle otherwise is none.
fn agreed(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (one, other) if one == other => one,
        (Verdict::Pass, Verdict::NotApplicable) | (Verdict::NotApplicable, Verdict::Pass) => {
            Verdict::Pass
        }
        _ => Verdict::Unknown,
    }
}
