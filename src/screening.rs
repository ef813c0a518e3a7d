//! A trial and what is known of a candidate → an outcome for every criterion, and the eligibility.
//!
//! A condition says when an inclusion criterion is met or an exclusion criterion excludes; `verdict` is the one
//! place where the two sides part, so that Pass always means "no obstacle here".

pub mod gaps;
pub mod next;
pub mod reason;

use jiff::civil::Date;

use crate::evaluate::Context;
use crate::record::{Entry, Record};
use crate::trial::{Criterion, Group, Need, Policy, Reading, Remark, Rule, Side, Trial};
use crate::value::Truth;

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
    fn with(self, verdict: Verdict) -> Self {
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
    /// The facts without which it stays unknown, in the order in which its conditions name them.
    pub gaps: Vec<Gap>,
}

/// What a criterion came to, without the reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its verdict.
    pub verdict: Verdict,
    /// Whether its condition holds; for an exclusion criterion, whether it excludes.
    pub condition: Truth,
    /// Whether it applies, the criteria above it left aside.
    pub applies: Truth,
    /// Whether the record contradicts itself in what it is about.
    pub contradicts: bool,
    /// What its sub-criteria amount to together, if it has any.
    pub group: Option<Truth>,
}

impl Standing {
    /// Whether it is what it is by its own conditions, whatever its sub-criteria are.
    #[must_use]
    pub fn is_own(self) -> bool {
        self.contradicts || (self.verdict == Verdict::NotApplicable && self.applies == Truth::False)
    }

    /// Whether a sub-criterion is one of those that made it what it is; none is where its own condition did.
    #[must_use]
    pub fn rests_on(self, criterion: &Criterion, child: Self) -> bool {
        if self.group != Some(self.condition) {
            return false;
        }
        let holds = |wanted: Truth| child.condition == wanted && child.verdict != Verdict::NotApplicable;
        let every = matches!(criterion.group, Some(Group { need: Need::All, .. }));
        match (self.condition, every) {
            (Truth::Unknown, _) => child.verdict == Verdict::Unknown,
            (Truth::True, false) => holds(Truth::True),
            (Truth::False, true) => holds(Truth::False),
            _ => true,
        }
    }
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

/// The verdict of a condition: what lets in must hold, what keeps out must not.
fn verdict(side: Side, condition: Truth) -> Verdict {
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

    fn verdict(self) -> Verdict {
        self.below(Truth::True)
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

/// Everything that screening looks at.
#[derive(Clone, Copy)]
struct Screener<'a, 'e> {
    context: Context<'e>,
    policy: &'a Policy,
    /// Whether outcomes have their cautions, which no verdict and no reason needs.
    cautions: bool,
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
    const NONE: Self = Self { all: Truth::True, any: Truth::False, certain: 0, possible: 0, applies: Truth::False };

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
}

/// A criterion's decision, from whether the record contradicts itself, its own condition, and what its sub-criteria
/// amount to.
fn combine(criterion: &Criterion, applies: Truth, contradicts: bool, own: Option<Truth>, tally: &Tally) -> Decision {
    let decision = |condition, applies| Decision { side: criterion.side, condition, applies };
    if contradicts {
        // Whether it applies is no longer certain either.
        return decision(Truth::Unknown, Truth::True);
    }
    match (criterion.group.as_ref(), own) {
        (None, own) => decision(own.unwrap_or(Truth::True), applies),
        (Some(group), Some(own)) => decision(own.and(tally.truth(group.need)), applies),
        // What only gathers others applies where one of them does.
        (Some(group), None) => decision(tally.truth(group.need), applies.and(tally.applies)),
    }
}

impl<'a, 'e> Screener<'a, 'e> {
    /// A screener for a day, which makes outcomes without cautions.
    fn new(trial: &'e Trial, policy: &'a Policy, entries: &'e [Entry], today: Date) -> Self {
        Self { context: Context { entries, definitions: &trial.definitions, today }, policy, cautions: false }
    }

    fn with_cautions(self) -> Self {
        Self { cautions: true, ..self }
    }

    /// Decides a criterion and everything below it, and notes every verdict in the protocol's order. `above` says
    /// whether the criteria above it apply.
    fn decide(&self, criterion: &Criterion, above: Truth, verdicts: &mut Vec<Verdict>) -> Decision {
        let place = verdicts.len();
        verdicts.push(Verdict::Unknown);
        let applies = self.applies(criterion);
        let mut tally = Tally::NONE;
        for child in criterion.children() {
            tally.add(self.decide(child, above.and(applies), verdicts));
        }
        let decision = combine(criterion, applies, self.contradicts(criterion), self.own(criterion), &tally);
        if let Some(verdict) = verdicts.get_mut(place) {
            *verdict = decision.below(above);
        }
        decision
    }

    /// Whether the record contradicts itself in what the criterion is about.
    fn contradicts(&self, criterion: &Criterion) -> bool {
        criterion.conflicts.iter().any(|conflict| self.context.truth(&conflict.when.expression) == Truth::True)
    }

    fn applies(&self, criterion: &Criterion) -> Truth {
        criterion.applies.as_ref().map_or(Truth::True, |applies| self.context.truth(&applies.expression))
    }

    /// What the criterion's own condition comes to, if it has one.
    fn own(&self, criterion: &Criterion) -> Option<Truth> {
        match criterion.rule.as_ref()? {
            Rule::Single(condition) => Some(self.context.truth(&condition.expression)),
            Rule::Readings(_) => self.readings(criterion).map(|reading| self.context.truth(&reading.condition.expression)).reduce(Truth::join),
        }
    }

    /// The readings that count.
    fn readings<'c>(&self, criterion: &'c Criterion) -> impl Iterator<Item = &'c Reading> + use<'c, 'a> {
        let policy = self.policy;
        criterion.readings().iter().filter(move |reading| policy.counts(criterion, reading))
    }

    /// The outcome of a criterion, and the decision behind it, which the criterion above it needs.
    fn outcome(&self, criterion: &'a Criterion, trial: &'a Trial, above: Truth) -> (Outcome<'a>, Decision) {
        let explain = |condition: &'a crate::trial::Condition| reason::explain(&self.context, trial, condition);
        let applies = criterion.applies.as_ref().map(explain);
        let (mut single, mut readings, mut pinned) = (None, Vec::new(), None);
        match &criterion.rule {
            None => {}
            Some(Rule::Single(condition)) => single = Some(explain(condition)),
            Some(Rule::Readings(all)) => {
                pinned = self.policy.readings.get(&criterion.id).and_then(|name| all.iter().find(|reading| reading.name == *name));
                readings = self
                    .readings(criterion)
                    .map(|reading| {
                        let reason = explain(&reading.condition);
                        ReadingOutcome { reading, verdict: verdict(criterion.side, reason.truth()), reason }
                    })
                    .collect();
            }
        }
        let applicable = applies.as_ref().map_or(Truth::True, Reason::truth);
        let mut tally = Tally::NONE;
        let mut children: Vec<Outcome<'a>> = Vec::with_capacity(criterion.children().len());
        for child in criterion.children() {
            let (outcome, decision) = self.outcome(child, trial, above.and(applicable));
            tally.add(decision);
            children.push(outcome);
        }
        let raised = |remarks: &'a [Remark]| remarks.iter().filter(|remark| self.context.truth(&remark.when.expression) == Truth::True).collect();
        let conflicts: Vec<&'a Remark> = raised(&criterion.conflicts);
        let own = single.as_ref().map(Reason::truth).or_else(|| readings.iter().map(|one| one.reason.truth()).reduce(Truth::join));
        let decision = combine(criterion, applicable, !conflicts.is_empty(), own, &tally);
        let any = criterion.group.as_ref().is_some_and(|group| group.need != Need::All);
        let group = criterion.group.as_ref().map(|group| tally.truth(group.need));
        if any && group == Some(Truth::True) && criterion.side == Side::Inclusion {
            for child in &mut children {
                child.spare = !matches!(child.verdict, Verdict::Pass | Verdict::NotApplicable);
            }
        }
        for child in &mut children {
            child.is_alternative = any && criterion.side == Side::Inclusion;
        }
        let gaps = if decision.below(above) == Verdict::Unknown && conflicts.is_empty() { self.gaps(trial, criterion, above) } else { Vec::new() };
        let outcome = Outcome {
            criterion,
            verdict: decision.below(above),
            condition: decision.condition,
            applies,
            reason: single,
            readings,
            pinned,
            conflicts,
            cautions: if self.cautions { raised(&criterion.cautions) } else { Vec::new() },
            group,
            children,
            is_alternative: false,
            spare: false,
            gaps,
        };
        (outcome, decision)
    }
}

/// The verdicts alone, of every criterion and sub-criterion in the protocol's order, and the eligibility.
pub fn verdicts(trial: &Trial, policy: &Policy, entries: &[Entry], today: Date, verdicts: &mut Vec<Verdict>) -> Eligibility {
    let screener = Screener::new(trial, policy, entries, today);
    verdicts.clear();
    // The criteria's own verdicts; those of sub-criteria do not count again.
    trial
        .criteria
        .iter()
        .fold(Eligibility::Eligible, |eligibility, criterion| eligibility.with(screener.decide(criterion, Truth::True, verdicts).verdict()))
}

/// The verdict of one criterion by itself, without its reasons.
#[must_use]
pub fn verdict_of(criterion: &Criterion, policy: &Policy, context: Context<'_>) -> Verdict {
    Screener { context, policy, cautions: false }.decide(criterion, Truth::True, &mut Vec::new()).verdict()
}

/// The facts without which an unknown criterion stays so, in the order in which its conditions name them.
#[must_use]
pub fn gaps(trial: &Trial, policy: &Policy, entries: &[Entry], today: Date, criterion: &Criterion) -> Vec<Gap> {
    Screener::new(trial, policy, entries, today).gaps(trial, criterion, Truth::True)
}

/// The outcomes of all criteria, with their reasons and without cautions; their verdicts as [`verdicts()`] gives them.
pub fn outcomes<'a>(
    trial: &'a Trial,
    policy: &'a Policy,
    entries: &[Entry],
    today: Date,
    verdicts: &mut Vec<Verdict>,
) -> (Eligibility, Vec<Outcome<'a>>) {
    let screener = Screener::new(trial, policy, entries, today);
    let outcomes: Vec<Outcome<'a>> = trial.criteria.iter().map(|criterion| screener.outcome(criterion, trial, Truth::True).0).collect();
    verdicts.clear();
    outcomes.iter().for_each(|outcome| outcome.walk(&mut |outcome| verdicts.push(outcome.verdict)));
    (Eligibility::of(outcomes.iter().map(|outcome| outcome.verdict)), outcomes)
}

/// The outcome of one criterion, with its reasons and cautions.
#[must_use]
pub fn outcome<'a>(trial: &'a Trial, policy: &'a Policy, entries: &[Entry], today: Date, criterion: &'a Criterion) -> Outcome<'a> {
    Screener::new(trial, policy, entries, today).with_cautions().outcome(criterion, trial, Truth::True).0
}

/// Screens a candidate.
#[must_use]
pub fn screen<'a>(trial: &'a Trial, record: &'a Record, policy: &'a Policy) -> Screening<'a> {
    let mut entries = record.entries.clone();
    policy.accept(&mut entries, trial, record.screened_on);
    let screener = Screener::new(trial, policy, &entries, record.screened_on).with_cautions();
    let outcomes: Vec<Outcome<'a>> = trial.criteria.iter().map(|criterion| screener.outcome(criterion, trial, Truth::True).0).collect();
    let eligibility = Eligibility::of(outcomes.iter().map(|outcome| outcome.verdict));
    let cautions = trial.cautions.iter().filter(|caution| screener.context.truth(&caution.when.expression) == Truth::True).collect();
    let next =
        if eligibility == Eligibility::Undetermined { next::order(trial, policy, &entries, record.screened_on, &outcomes) } else { Vec::new() };
    Screening { trial, record, policy, outcomes, eligibility, cautions, next, entries }
}

impl<'a> Screening<'a> {
    /// The criteria which only a ruling on the protocol's words can settle, where that can change the eligibility.
    #[must_use]
    pub fn rulings(&self) -> Vec<&Outcome<'a>> {
        let mut found = Vec::new();
        for outcome in self.outcomes.iter().filter(|outcome| self.eligibility == Eligibility::Undetermined && outcome.verdict == Verdict::Unknown) {
            outcome.walk(&mut |outcome| {
                if outcome.verdict == Verdict::Unknown && outcome.readings_differ() && !outcome.spare {
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
        if self.applies.as_ref().is_some_and(|reason| reason.truth() == Truth::Unknown) && self.verdict == Verdict::Unknown {
            leaves.extend(self.applies.iter().flat_map(Reason::deciding));
        }
        leaves.extend(self.reason.iter().filter(|reason| self.shares(reason.truth())).flat_map(Reason::deciding));
        leaves.extend(self.readings.iter().flat_map(|reading| reading.reason.deciding()));
        for child in self.deciding_children() {
            leaves.extend(child.deciding());
        }
        leaves
    }

    /// Whether an own condition of this truth has part in what the criterion came to.
    fn shares(&self, truth: Truth) -> bool {
        truth == self.condition || self.children.is_empty()
    }

    /// The sub-criteria that made it what it is; none where its own condition did.
    pub fn deciding_children(&self) -> impl Iterator<Item = &Outcome<'a>> {
        let standing = self.standing();
        self.children.iter().filter(move |child| standing.rests_on(self.criterion, child.standing()))
    }

    /// What it came to, without the reasons.
    #[must_use]
    pub fn standing(&self) -> Standing {
        Standing {
            verdict: self.verdict,
            condition: self.condition,
            applies: self.applies.as_ref().map_or(Truth::True, Reason::truth),
            contradicts: !self.conflicts.is_empty(),
            group: self.group,
        }
    }

    /// Whether its readings lead to different verdicts, of those that are decided.
    #[must_use]
    pub fn readings_differ(&self) -> bool {
        let decided = |verdict| self.readings.iter().any(|reading| reading.verdict == verdict);
        decided(Verdict::Pass) && decided(Verdict::Fail)
    }
}
