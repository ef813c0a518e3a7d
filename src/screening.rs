//! A trial and what is known of a candidate → an outcome for every criterion, and the eligibility.

mod applicability;
mod decide;
pub mod gaps;
pub mod may;
pub mod next;
pub mod reason;

use std::borrow::Cow;

use jiff::civil::Date;

use crate::cql::{Expression, Requirement, facts_of};
use crate::entry::Entry;
use crate::evaluate::Context;
use crate::facts::FactId;
use crate::record::Record;
use crate::trial::policy::Settlement;
use crate::trial::{
    Condition, Criterion, Doubt, Need, Policy, Question, Reading, Remark, Rule, Side, Trial,
};
use crate::value::Truth;

use self::decide::verdict;
pub use decide::{Open, Own, Settled, Standing};
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
    /// Whether it keeps a candidate from being eligible.
    #[must_use]
    pub fn is_obstacle(self) -> bool {
        matches!(self, Self::Fail | Self::Unknown)
    }

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

    /// Whether a criterion with this verdict makes it what it is: one that failed makes a candidate ineligible, one that is
    /// unknown leaves one undetermined.
    #[must_use]
    pub fn is_decided_by(self, verdict: Verdict) -> bool {
        match self {
            Self::Eligible => false,
            Self::Ineligible => verdict == Verdict::Fail,
            Self::Undetermined => verdict == Verdict::Unknown,
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
    pub cautions: Vec<Raised<'a>>,
    /// What to obtain, in the order in which it settles most.
    pub next: Vec<Next>,
}

impl Screening<'_> {
    /// How many cautions are raised, those of criteria included.
    #[must_use]
    pub fn caution_count(&self) -> usize {
        let mut count = self.cautions.len();
        for outcome in &self.outcomes {
            outcome.walk(&mut |outcome| count += outcome.cautions.len());
        }
        count
    }
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
    /// The same with the doubts that nobody settled left aside.
    pub undoubted: Truth,
    /// Whether and why it applies, if it is not for everybody.
    pub applies: Option<Reason<'a>>,
    /// Why its own condition holds or not, if it has a single one.
    pub reason: Option<Reason<'a>>,
    /// What becomes of it under each reading that counts.
    pub readings: Vec<ReadingOutcome<'a>>,
    /// The reading that the site pinned.
    pub pinned: Option<&'a Reading>,
    /// What in the record contradicts itself.
    pub conflicts: Vec<Raised<'a>>,
    /// What in the record opens a question about the protocol.
    pub doubts: Vec<RaisedDoubt<'a>>,
    /// Doubts settled against the candidate of which the record leaves open whether it raises them.
    pub open_rulings: Vec<OpenRuling<'a>>,
    /// What should be said and decides nothing.
    pub cautions: Vec<Raised<'a>>,
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

/// A remark that is raised, or may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Raised<'a> {
    /// The remark.
    pub remark: &'a Remark,
    /// Whether that hangs on a value that is known only within bounds or in part.
    pub may: bool,
}

impl std::ops::Deref for Raised<'_> {
    type Target = Remark;

    fn deref(&self) -> &Remark {
        self.remark
    }
}

impl Raised<'_> {
    /// What it says; with "may" where that is not certain.
    #[must_use]
    pub fn said(&self) -> Cow<'_, str> {
        said(&self.remark.say, self.may)
    }
}

/// What a remark says; with "may" where it is not certain that it holds.
pub(crate) fn said(say: &str, may: bool) -> Cow<'_, str> {
    if may {
        Cow::Owned(format!("it may be that this holds: {say}"))
    } else {
        Cow::Borrowed(say)
    }
}

/// A doubt that is raised, or may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RaisedDoubt<'a> {
    /// The doubt.
    pub doubt: &'a Doubt,
    /// Whether that hangs on a value that is known only within bounds or in part.
    pub may: bool,
    /// How the site settled it.
    pub settled: Option<Settlement>,
}

impl RaisedDoubt<'_> {
    /// What it says; with "may" where that is not certain.
    #[must_use]
    pub fn said(&self) -> Cow<'_, str> {
        said(&self.doubt.remark.say, self.may)
    }
}

/// A doubt that the site settled against the candidate, where what is known does not tell whether the record raises it.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenRuling<'a> {
    /// The doubt.
    pub doubt: &'a Doubt,
    /// How the site settled it.
    pub settled: Settlement,
    /// Why it is open.
    pub reason: Reason<'a>,
}

/// A question about wording, and what becomes of a criterion with each of its meanings.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenQuestion<'a> {
    /// The question.
    pub question: &'a Question,
    /// The meanings that count, by their places, each with the verdict that all readings with it agree on.
    pub verdicts: Vec<(usize, Verdict)>,
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

/// One candidate under a site policy: what the criteria come to, one by one.
#[derive(Clone, Copy)]
pub struct Assessment<'a, 'e> {
    context: Context<'e>,
    policy: &'a Policy,
}

impl<'a, 'e> Assessment<'a, 'e> {
    /// Of what is known on a day.
    #[must_use]
    pub fn new(trial: &'e Trial, policy: &'a Policy, entries: &'e [Entry], today: Date) -> Self {
        Self::within(Context::new(entries, &trial.definitions, today), policy)
    }

    /// Of what a context knows.
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
            open: self.open(criterion),
            settled: self.settled(criterion),
        }
    }

    /// Whether a criterion applies, the criteria above it left aside.
    #[must_use]
    pub fn applies(&self, criterion: &Criterion) -> Truth {
        criterion.applies.as_ref().map_or(Truth::True, |applies| {
            self.context.truth(&applies.expression)
        })
    }

    /// What the record opens about a criterion: contradictions, and doubts that the site did not settle.
    #[must_use]
    pub fn open(&self, criterion: &Criterion) -> Open {
        let unsettled = |doubt: &&Doubt| self.policy.settled(criterion, doubt).is_none();
        let doubts = criterion.doubts.iter().filter(unsettled);
        Open::of(
            criterion.conflicts.iter().map(|one| self.raises(one)),
            doubts.map(|doubt| self.raises(&doubt.remark)),
        )
    }

    /// Whether doubts about a criterion are raised that the site settled.
    #[must_use]
    pub fn settled(&self, criterion: &Criterion) -> Settled {
        let mut settled = Settled::NONE;
        for (doubt, settlement) in self.policy.settled_doubts(criterion) {
            let raised = self.truth(&doubt.remark.when.expression);
            match settlement {
                Settlement::Met => settled.met = settled.met.or(raised),
                Settlement::NotMet => settled.not_met = settled.not_met.or(raised),
            }
        }
        settled
    }

    /// Whether a remark is raised; some if so, and whether that hangs on bounds or a partial date.
    fn raises(&self, remark: &Remark) -> Option<bool> {
        // Most remarks are about something else than what is recorded of this candidate.
        let is_met = |one: &Requirement| one.admits(self.context.fact(one.fact));
        remark.requires.iter().all(is_met).then(|| {
            raises_by(&self.context, &remark.when.expression, || {
                remark.facts.as_slice().into()
            })
        })?
    }

    /// A caution or a conflict, if it is raised or may be.
    #[must_use]
    pub fn raised<'r>(&self, remark: &'r Remark) -> Option<Raised<'r>> {
        self.raises(remark).map(|may| Raised { remark, may })
    }

    fn all_raised<'r>(&self, remarks: &'r [Remark]) -> Vec<Raised<'r>> {
        let raised = |remark| self.raised(remark);
        remarks.iter().filter_map(raised).collect()
    }

    fn doubts(&self, criterion: &'a Criterion) -> Vec<RaisedDoubt<'a>> {
        let raised = |doubt: &'a Doubt| {
            Some(RaisedDoubt {
                doubt,
                may: self.raises(&doubt.remark)?,
                settled: self.policy.settled(criterion, doubt),
            })
        };
        criterion.doubts.iter().filter_map(raised).collect()
    }

    fn open_rulings(&self, trial: &'a Trial, criterion: &'a Criterion) -> Vec<OpenRuling<'a>> {
        let settled = self.policy.settled_doubts(criterion);
        let against = settled.filter(|(_, settled)| *settled == against(criterion.side));
        let open = against.filter(|(doubt, _)| {
            let when = &doubt.remark.when.expression;
            self.truth(when) == Truth::Unknown && self.raises(&doubt.remark).is_none()
        });
        open.map(|(doubt, settled)| OpenRuling {
            doubt,
            settled,
            reason: reason::explain(&self.context, trial, &doubt.remark.when),
        })
        .collect()
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
            undoubted: Truth::Unknown,
            applies: criterion.applies.as_ref().map(explain),
            reason: single,
            readings,
            pinned,
            conflicts: Vec::new(),
            doubts: Vec::new(),
            open_rulings: Vec::new(),
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
        let mut outcome = self.outcome(trial, criterion, &standings);
        self.add_gaps_and_cautions(&mut outcome, &standings);
        outcome
    }

    /// The outcome of a criterion with these standings, its own and those of everything below it, as far as its reason goes:
    /// without gaps and cautions.
    pub(crate) fn outcome(
        &self,
        trial: &'a Trial,
        criterion: &'a Criterion,
        standings: &[Standing],
    ) -> Outcome<'a> {
        let mut outcome = Outcome {
            conflicts: self.all_raised(&criterion.conflicts),
            doubts: self.doubts(criterion),
            open_rulings: self.open_rulings(trial, criterion),
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
        outcome.undoubted = standing.undoubted;
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
        outcome
    }

    /// Adds what a criterion and those below it wait for, and what should be said beside their verdicts.
    fn add_gaps_and_cautions(&self, outcome: &mut Outcome<'a>, standings: &[Standing]) {
        let Some((standing, mut below)) = standings.split_first() else {
            return;
        };
        for child in &mut outcome.children {
            self.add_gaps_and_cautions(child, below);
            below = below.get(child.criterion.size()..).unwrap_or_default();
        }
        if standing.waits() {
            self.gaps(outcome.criterion, standings, &mut outcome.gaps);
        }
        outcome.cautions = self.all_raised(&outcome.criterion.cautions);
    }
}

/// How a doubt is settled against the candidate.
fn against(side: Side) -> Settlement {
    match side {
        Side::Inclusion => Settlement::NotMet,
        Side::Exclusion => Settlement::Met,
    }
}

/// Whether a remark with this condition is raised; some if so, and whether that hangs on bounds or a partial date.
#[must_use]
pub fn raises(context: &Context<'_>, when: &Expression) -> Option<bool> {
    raises_by(context, when, || facts_of(when, context.definitions).into())
}

/// The same for a condition that names these facts.
fn raises_by<'f>(
    context: &Context<'_>,
    when: &Expression,
    facts: impl FnOnce() -> Cow<'f, [FactId]>,
) -> Option<bool> {
    match context.truth(when) {
        Truth::True => Some(false),
        Truth::Unknown if may::may_hold(context, when, &facts()) => Some(true),
        _ => None,
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
    let assessment = Assessment::new(trial, policy, entries, today);
    standings.clear();
    let decided = trial
        .criteria
        .iter()
        .map(|criterion| assessment.decide(criterion, standings));
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
    Assessment::new(trial, policy, entries, today).outcome_of(trial, criterion)
}

/// The verdict of one criterion by itself, without its reasons.
#[must_use]
pub fn verdict_of(criterion: &Criterion, policy: &Policy, context: Context<'_>) -> Verdict {
    Assessment::within(context, policy).decide(criterion, &mut Vec::new())
}

/// Screens a candidate.
#[must_use]
pub fn screen<'a>(trial: &'a Trial, record: &'a Record, policy: &'a Policy) -> Screening<'a> {
    let mut entries = record.entries.clone();
    policy.accept(&mut entries, trial, record.screened_on);
    let assessment = Assessment::new(trial, policy, &entries, record.screened_on);
    let outcomes: Vec<Outcome<'a>> = trial
        .criteria
        .iter()
        .map(|criterion| assessment.outcome_of(trial, criterion))
        .collect();
    let eligibility = Eligibility::of(outcomes.iter().map(|outcome| outcome.verdict));
    let cautions = assessment.all_raised(&trial.cautions);
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
                    && (outcome.readings_differ() || outcome.doubts_to_rule().next().is_some())
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
        if self.hangs_on_settled_doubt() {
            let open = self.open_rulings.iter();
            leaves.extend(open.flat_map(|ruling| ruling.reason.deciding()));
        }
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
            open: self.open(),
            settled: Settled::NONE,
        }
    }

    /// What the record opens about it.
    fn open(&self) -> Open {
        let unsettled = |doubt: &&RaisedDoubt<'_>| doubt.settled.is_none();
        Open::of(
            self.conflicts.iter().map(|conflict| Some(conflict.may)),
            self.doubts
                .iter()
                .filter(unsettled)
                .map(|doubt| Some(doubt.may)),
        )
    }

    /// What its conditions and sub-criteria come to, doubts left aside.
    fn by_conditions(&self) -> Truth {
        let own = self.own().condition;
        own.into_iter()
            .chain(self.group)
            .reduce(Truth::and)
            .unwrap_or(Truth::True)
    }

    /// The doubts that made it what it is: those that nobody settled, or those that the site settled against the
    /// candidate.
    pub fn deciding_doubts(&self) -> impl Iterator<Item = &RaisedDoubt<'a>> {
        let open = self.is_doubtful();
        let against = against(self.criterion.side);
        let by_site = self.hangs_on_settled_doubt();
        self.doubts
            .iter()
            .filter(move |raised| match raised.settled {
                None => open,
                Some(settlement) => !open && by_site && settlement == against,
            })
    }

    /// Whether a doubt that the site settled against the candidate made it what it is, or leaves it open.
    #[must_use]
    pub fn hangs_on_settled_doubt(&self) -> bool {
        self.conflicts.is_empty() && self.undoubted != self.by_conditions()
    }

    /// The doubts that nobody settled, of a criterion that is not decided and not known to contradict itself: also where
    /// facts are missing or sub-criteria open, it is not met before they are ruled on.
    pub fn unsettled_doubts(&self) -> impl Iterator<Item = &RaisedDoubt<'a>> {
        let is_open = self.verdict == Verdict::Unknown && self.conflicts.is_empty();
        let unsettled = |raised: &&RaisedDoubt<'_>| raised.settled.is_none();
        self.doubts
            .iter()
            .filter(move |raised| is_open && unsettled(raised))
    }

    /// Those of them that are to be ruled on now, since no fact is waited for.
    pub fn doubts_to_rule(&self) -> impl Iterator<Item = &RaisedDoubt<'a>> {
        let is_due = self.is_doubtful() || self.gaps.is_empty();
        self.unsettled_doubts().filter(move |_| is_due)
    }

    /// Whether it is unknown until a doubt is ruled on.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        self.standing().is_doubted()
    }

    /// What it came to, without the reasons.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let Own { applies, open, .. } = self.own();
        Standing {
            verdict: self.verdict,
            condition: self.condition,
            undoubted: self.undoubted,
            applies,
            open,
            group: self.group,
            counts: self.counts,
        }
    }

    /// The questions about wording on which its verdict hangs: those whose meanings, all others being the same, lead to
    /// different verdicts.
    #[must_use]
    pub fn open_questions(&self) -> Vec<OpenQuestion<'a>> {
        if !self.readings_differ() {
            return Vec::new();
        }
        let questions = self.criterion.questions();
        let hangs = |place: usize, alike: fn(Verdict, Verdict) -> bool| {
            self.readings.iter().enumerate().any(|(index, one)| {
                self.readings.iter().skip(index + 1).any(|other| {
                    alike(one.verdict, other.verdict)
                        && one
                            .reading
                            .picks
                            .iter()
                            .zip(&other.reading.picks)
                            .enumerate()
                            .all(|(at, (mine, theirs))| (mine == theirs) == (at != place))
                })
            })
        };
        let decided: fn(Verdict, Verdict) -> bool =
            |one, other| one != other && one != Verdict::Unknown && other != Verdict::Unknown;
        let places = |alike| {
            let open = (0..questions.len()).filter(move |place| hangs(*place, alike));
            open.collect::<Vec<usize>>()
        };
        let mut open = places(decided);
        if open.is_empty() {
            // Pass and fail lie further apart than one question, with unknown between them.
            open = places(|one, other| one != other);
        }
        open.into_iter()
            .filter_map(|place| Some(self.open_question(place, questions.get(place)?)))
            .collect()
    }

    fn open_question(&self, place: usize, question: &'a Question) -> OpenQuestion<'a> {
        let verdict = |pick: usize| {
            let with_it = self
                .readings
                .iter()
                .filter(|one| one.reading.picks.get(place) == Some(&pick));
            with_it
                .map(|one| one.verdict)
                .reduce(|one, other| if one == other { one } else { Verdict::Unknown })
        };
        OpenQuestion {
            question,
            verdicts: (0..question.meanings.len())
                .filter_map(|pick| Some((pick, verdict(pick)?)))
                .collect(),
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
