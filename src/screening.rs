//! A trial and what is known of a candidate → an outcome for every criterion, and the eligibility.

mod applicability;
mod decide;
pub mod gaps;
pub mod next;
pub mod reason;

use jiff::civil::Date;

use crate::cql::Expression;
use crate::evaluate::Context;
use crate::record::{Entry, Record};
use crate::trial::{Condition, Criterion, Need, Policy, Reading, Remark, Rule, Side, Trial};
use crate::value::Truth;

use self::decide::verdict;
pub use decide::{Own, Standing};
pub use gaps::{Gap, GapCause};
pub use next::Next;
pub use reason::{Leaf, Reason};

/// The verdict of a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// No obstacle here.
    Pass,
    /// The candidate cannot enter the trial.
    Fail,
    /// What is known does not decide it.
    Unknown,
    /// The criterion is not about this candidate.
    NotApplicable,
}

impl Verdict {
    /// Its name in machine-readable output and in case files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// Whether the candidate can enter the trial, as far as the record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Eligibility {
    /// No criterion failed and none is unknown.
    Eligible,
    /// One criterion failed at least.
    Ineligible,
    /// No criterion failed, but one is unknown at least.
    Undetermined,
}

impl Eligibility {
    /// Its name in machine-readable output and in case files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Eligible => "eligible",
            Self::Ineligible => "ineligible",
            Self::Undetermined => "undetermined",
        }
    }

    /// The eligibility that these verdicts of all criteria make.
    pub fn of(verdicts: impl Iterator<Item = Verdict>) -> Self {
        verdicts.fold(Self::Eligible, Self::with)
    }

    /// The eligibility when one more criterion has this verdict.
    #[must_use]
    pub fn with(self, verdict: Verdict) -> Self {
        match (self, verdict) {
            (Self::Ineligible, _) | (_, Verdict::Fail) => Self::Ineligible,
            (_, Verdict::Unknown) => Self::Undetermined,
            (eligibility, Verdict::Pass | Verdict::NotApplicable) => eligibility,
        }
    }
}

/// A screened candidate.
#[derive(Debug)]
pub struct Screening<'a> {
    /// The trial.
    pub trial: &'a Trial,
    /// The record as it was given.
    pub record: &'a Record,
    /// The site's policy.
    pub policy: &'a Policy,
    /// What the policy accepts of the record.
    pub entries: Vec<Entry>,
    /// One outcome for each criterion, in the protocol's order.
    pub outcomes: Vec<Outcome<'a>>,
    /// Whether the candidate can enter the trial.
    pub eligibility: Eligibility,
    /// Cautions that belong to no criterion.
    pub cautions: Vec<&'a Remark>,
    /// What to obtain, in the order in which it settles most.
    pub next: Vec<Next>,
}

/// What became of one criterion.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome<'a> {
    /// The criterion.
    pub criterion: &'a Criterion,
    /// Its verdict.
    pub verdict: Verdict,
    /// Whether its condition holds; for an exclusion criterion, whether it excludes.
    pub condition: Truth,
    /// Whether and why it applies, if it is not for everybody.
    pub applies: Option<Reason<'a>>,
    /// Why its own condition holds or not, if it has a single one.
    pub reason: Option<Reason<'a>>,
    /// What becomes of it under each reading that counts.
    pub readings: Vec<ReadingOutcome<'a>>,
    /// The reading that the site pinned.
    pub pinned: Option<&'a Reading>,
    /// What in the record contradicts itself.
    pub conflicts: Vec<&'a Remark>,
    /// What should be said and decides nothing.
    pub cautions: Vec<&'a Remark>,
    /// What its sub-criteria amount to together, if it has any.
    pub group: Option<Truth>,
    /// The outcomes of its sub-criteria.
    pub children: Vec<Outcome<'a>>,
    /// Whether it is one of several ways to meet a criterion.
    pub is_alternative: bool,
    /// Whether that criterion is met without it.
    pub spare: bool,
    /// Whether it counts in the criterion above it: whether it applies, and one of those that it only gathers does.
    pub counts: Truth,
    /// The facts without which it stays unknown, in the order in which its conditions name them.
    pub gaps: Vec<Gap>,
}

/// What becomes of a criterion under one reading.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadingOutcome<'a> {
    /// The reading.
    pub reading: &'a Reading,
    /// The verdict it leads to.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason<'a>,
}

/// Everything that screening looks at.
#[derive(Clone, Copy)]
pub struct Screener<'a, 'e> {
    context: Context<'e>,
    policy: &'a Policy,
}

impl<'a, 'e> Screener<'a, 'e> {
    /// A screener for what is known on a day.
    #[must_use]
    pub fn new(trial: &'e Trial, policy: &'a Policy, entries: &'e [Entry], today: Date) -> Self {
        Self::within(Context::new(entries, &trial.definitions, today), policy)
    }

    /// A screener for what a context knows.
    #[must_use]
    pub fn within(context: Context<'e>, policy: &'a Policy) -> Self {
        Self { context, policy }
    }

    /// What a criterion's own conditions come to.
    #[must_use]
    pub fn own(&self, criterion: &Criterion) -> Own {
        Own {
            applies: self.applies(criterion),
            condition: self.condition(criterion),
            contradicts: self.contradicts(criterion),
        }
    }

    /// Whether a criterion applies, the criteria above it left aside.
    #[must_use]
    pub fn applies(&self, criterion: &Criterion) -> Truth {
        criterion.applies.as_ref().map_or(Truth::True, |applies| {
            self.context.truth(&applies.expression)
        })
    }

    /// Whether the record contradicts itself in what a criterion is about.
    #[must_use]
    pub fn contradicts(&self, criterion: &Criterion) -> bool {
        criterion
            .conflicts
            .iter()
            .any(|conflict| self.is_raised(conflict))
    }

    fn is_raised(&self, remark: &Remark) -> bool {
        self.truth(&remark.when.expression) == Truth::True
    }

    /// The truth of a condition or of a part of one.
    #[must_use]
    pub fn truth(&self, condition: &Expression) -> Truth {
        self.context.truth(condition)
    }

    /// What a criterion's own condition comes to, if it has one.
    #[must_use]
    pub fn condition(&self, criterion: &Criterion) -> Option<Truth> {
        match criterion.rule.as_ref()? {
            Rule::Single(condition) => Some(self.context.truth(&condition.expression)),
            Rule::Readings(_) => self
                .readings(criterion)
                .map(|reading| self.context.truth(&reading.condition.expression))
                .reduce(Truth::join),
        }
    }

    /// The readings that count.
    fn readings<'c>(
        &self,
        criterion: &'c Criterion,
    ) -> impl Iterator<Item = &'c Reading> + use<'c, 'a> {
        let policy = self.policy;
        criterion
            .readings()
            .iter()
            .filter(move |reading| policy.counts(criterion, reading))
    }

    fn conflicts(&self, criterion: &'a Criterion) -> Vec<&'a Remark> {
        criterion
            .conflicts
            .iter()
            .filter(|conflict| self.is_raised(conflict))
            .collect()
    }

    /// The outcome of a criterion as far as its own conditions go: its sub-criteria, what it comes to together with them,
    /// and what is remarked are left open.
    fn own_outcome(&self, trial: &'a Trial, criterion: &'a Criterion) -> Outcome<'a> {
        let explain = |condition: &'a Condition| reason::explain(&self.context, trial, condition);
        let (mut single, mut readings, mut pinned) = (None, Vec::new(), None);
        match &criterion.rule {
            None => {}
            Some(Rule::Single(condition)) => single = Some(explain(condition)),
            Some(Rule::Readings(all)) => {
                pinned = self
                    .policy
                    .readings
                    .get(&criterion.id)
                    .and_then(|name| all.iter().find(|reading| reading.name == *name));
                let outcome = |reading: &'a Reading| {
                    let reason = explain(&reading.condition);
                    ReadingOutcome {
                        reading,
                        verdict: verdict(criterion.side, reason.truth()),
                        reason,
                    }
                };
                readings = self.readings(criterion).map(outcome).collect();
            }
        }
        Outcome {
            criterion,
            verdict: Verdict::Unknown,
            condition: Truth::Unknown,
            applies: criterion.applies.as_ref().map(explain),
            reason: single,
            readings,
            pinned,
            conflicts: Vec::new(),
            cautions: Vec::new(),
            group: None,
            children: Vec::new(),
            is_alternative: false,
            spare: false,
            gaps: Vec::new(),
            counts: Truth::Unknown,
        }
    }

    /// The outcome of one of the protocol's own criteria, with its reasons and cautions.
    #[must_use]
    pub fn outcome_of(&self, trial: &'a Trial, criterion: &'a Criterion) -> Outcome<'a> {
        let mut standings = Vec::new();
        self.decide(criterion, &mut standings);
        self.outcome(trial, criterion, &standings)
    }

    /// The outcome of a criterion with these standings, its own and those of everything below it.
    fn outcome(
        &self,
        trial: &'a Trial,
        criterion: &'a Criterion,
        standings: &[Standing],
    ) -> Outcome<'a> {
        let mut outcome = Outcome {
            conflicts: self.conflicts(criterion),
            ..self.own_outcome(trial, criterion)
        };
        let Some((standing, mut below)) = standings.split_first() else {
            return outcome;
        };
        for child in criterion.children() {
            outcome.children.push(self.outcome(trial, child, below));
            below = below.get(child.size()..).unwrap_or_default();
        }
        outcome.verdict = standing.verdict;
        outcome.condition = standing.condition;
        outcome.group = standing.group;
        outcome.counts = standing.counts;
        let alternatives = criterion.side == Side::Inclusion
            && criterion
                .group
                .as_ref()
                .is_some_and(|group| group.need != Need::All);
        for child in &mut outcome.children {
            child.is_alternative = alternatives;
            child.spare = alternatives
                && outcome.group == Some(Truth::True)
                && !matches!(child.verdict, Verdict::Pass | Verdict::NotApplicable);
        }
        if standing.waits() {
            self.gaps(criterion, standings, &mut outcome.gaps);
        }
        outcome.cautions = criterion
            .cautions
            .iter()
            .filter(|caution| self.is_raised(caution))
            .collect();
        outcome
    }
}

/// What every criterion and sub-criterion comes to, in the protocol's order, and the eligibility; no reasons.
pub fn standings(
    trial: &Trial,
    policy: &Policy,
    entries: &[Entry],
    today: Date,
    standings: &mut Vec<Standing>,
) -> Eligibility {
    let screener = Screener::new(trial, policy, entries, today);
    standings.clear();
    let decided = trial
        .criteria
        .iter()
        .map(|criterion| screener.decide(criterion, standings));
    Eligibility::of(decided)
}

/// The outcome of one criterion, with its reasons and cautions.
#[must_use]
pub fn outcome<'a>(
    trial: &'a Trial,
    policy: &'a Policy,
    entries: &[Entry],
    today: Date,
    criterion: &'a Criterion,
) -> Outcome<'a> {
    Screener::new(trial, policy, entries, today).outcome_of(trial, criterion)
}

/// The verdict of one criterion by itself, without its reasons.
#[must_use]
pub fn verdict_of(criterion: &Criterion, policy: &Policy, context: Context<'_>) -> Verdict {
    Screener::within(context, policy).decide(criterion, &mut Vec::new())
}

/// Screens a candidate.
#[must_use]
pub fn screen<'a>(trial: &'a Trial, record: &'a Record, policy: &'a Policy) -> Screening<'a> {
    let mut entries = record.entries.clone();
    policy.accept(&mut entries, trial, record.screened_on);
    let screener = Screener::new(trial, policy, &entries, record.screened_on);
    let outcomes: Vec<Outcome<'a>> = trial
        .criteria
        .iter()
        .map(|criterion| screener.outcome_of(trial, criterion))
        .collect();
    let eligibility = Eligibility::of(outcomes.iter().map(|outcome| outcome.verdict));
    let cautions = trial
        .cautions
        .iter()
        .filter(|caution| screener.is_raised(caution))
        .collect();
    let next = if eligibility == Eligibility::Undetermined {
        next::order(trial, policy, &entries, record.screened_on, &outcomes)
    } else {
        Vec::new()
    };
    Screening {
        trial,
        record,
        policy,
        outcomes,
        eligibility,
        cautions,
        next,
        entries,
    }
}

impl<'a> Screening<'a> {
    /// The criteria which only a ruling on the protocol's words can settle, where that can change the eligibility.
    #[must_use]
    pub fn rulings(&self) -> Vec<&Outcome<'a>> {
        let mut found = Vec::new();
        for outcome in self.outcomes.iter().filter(|outcome| {
            self.eligibility == Eligibility::Undetermined && outcome.verdict == Verdict::Unknown
        }) {
            outcome.walk(&mut |outcome| {
                if outcome.verdict == Verdict::Unknown
                    && outcome.readings_differ()
                    && !outcome.spare
                {
                    found.push(outcome);
                }
            });
        }
        found
    }
}

impl<'a> Outcome<'a> {
    /// Calls `visit` on it and on every outcome below it, in the protocol's order.
    pub fn walk<'o>(&'o self, visit: &mut impl FnMut(&'o Outcome<'a>)) {
        visit(self);
        for child in &self.children {
            child.walk(visit);
        }
    }

    /// The parts of the conditions that made it what it is, those of its sub-criteria included.
    #[must_use]
    pub fn deciding(&self) -> Vec<&Leaf<'a>> {
        let mut leaves = Vec::new();
        if self.verdict == Verdict::NotApplicable {
            leaves.extend(self.applies.iter().flat_map(Reason::deciding));
            return leaves;
        }
        if self
            .applies
            .as_ref()
            .is_some_and(|reason| reason.truth() == Truth::Unknown)
            && self.verdict == Verdict::Unknown
        {
            leaves.extend(self.applies.iter().flat_map(Reason::deciding));
        }
        leaves.extend(
            self.reason
                .iter()
                .filter(|reason| self.shares(reason.truth()))
                .flat_map(Reason::deciding),
        );
        leaves.extend(
            self.readings
                .iter()
                .flat_map(|reading| reading.reason.deciding()),
        );
        for child in self.deciding_children() {
            if child.standing().may_not_count(self.criterion) {
                leaves.extend(child.why_it_may_not_count());
            } else {
                leaves.extend(child.deciding());
            }
        }
        leaves
    }

    /// The parts of the conditions which leave open whether it applies, or whether what it only gathers does.
    #[must_use]
    pub fn why_it_may_not_count(&self) -> Vec<&Leaf<'a>> {
        match &self.applies {
            Some(applies) if applies.truth() == Truth::Unknown => applies.deciding(),
            _ => self
                .children
                .iter()
                .filter(|child| child.counts == Truth::Unknown)
                .flat_map(Self::why_it_may_not_count)
                .collect(),
        }
    }

    /// Whether an own condition of this truth has part in what the criterion came to.
    fn shares(&self, truth: Truth) -> bool {
        truth == self.condition || self.children.is_empty()
    }

    /// The sub-criteria that made it what it is; none where its own condition did.
    pub fn deciding_children(&self) -> impl Iterator<Item = &Outcome<'a>> {
        let standing = self.standing();
        self.children
            .iter()
            .filter(move |child| standing.rests_on(self.criterion, child.standing()))
    }

    /// What its own conditions come to.
    fn own(&self) -> Own {
        let readings = || {
            self.readings
                .iter()
                .map(|reading| reading.reason.truth())
                .reduce(Truth::join)
        };
        Own {
            applies: self.applies.as_ref().map_or(Truth::True, Reason::truth),
            condition: self.reason.as_ref().map(Reason::truth).or_else(readings),
            contradicts: !self.conflicts.is_empty(),
        }
    }

    /// What it came to, without the reasons.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let Own {
            applies,
            contradicts,
            ..
        } = self.own();
        Standing {
            verdict: self.verdict,
            condition: self.condition,
            applies,
            contradicts,
            group: self.group,
            counts: self.counts,
        }
    }

    /// Whether its readings lead to different verdicts, of those that are decided.
    #[must_use]
    pub fn readings_differ(&self) -> bool {
        let decided = |verdict| {
            self.readings
                .iter()
                .any(|reading| reading.verdict == verdict)
        };
        decided(Verdict::Pass) && decided(Verdict::Fail)
    }
}
