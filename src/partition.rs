//! What a condition can come to, whatever a record says: a [`TruthRange`].
//!
//! It is asked in two ways, which differ in what may be wrong. Coverage asks which truths the cases must reach, Unknown
//! among them; [`possible`] answers from the form of a condition, and only leaves out what is certainly not possible. Lints ask
//! what holds for every candidate; an [`Explorer`] answers from a partition, and is silent where it does not know. What to
//! obtain next ([`crate::screening::next`]) is another question: it tries a few answers that a fact may get, which need
//! not stand for all others.
//!
//! A [`ValuePartition`] has, for each fact of some conditions, a few values that together stand for all that the fact may be:
//! every code, both booleans, each small number, and for what is compared with something the parts between the values
//! compared with. Nothing here knows what an operator means. A part is a value within bounds, and the product's own evaluation
//! decides it where every value inside agrees; what is not covered stays not recorded. So by the law that more information
//! never turns a decided answer, what is found decided in every case is so for every candidate. What is not decided is no
//! ground for a finding: the thresholds only say where to cut, a cut too few makes the lints silent and never wrong.

mod cells;
mod dates;
mod lists;
pub mod possible;

use std::collections::HashSet;

use jiff::civil::Date;

use crate::cql;
use crate::cql::syntax::Is;
use crate::cql::typed::{Expression, Function, Operation};
use crate::entry::Entry;
use crate::evaluate::Context;
use crate::facts::{FactId, ItemKind, Kind};
use crate::trial::Trial;
use crate::value::{Missing, Truth, Value};

/// How many cases are tried for one question.
const MOST_CASES: usize = 4_000;
/// How much work all questions about a trial may be, in parts of conditions evaluated.
const MOST_WORK: usize = 5_000_000;
/// The day on which everything is tried. No month reached from its middle lacks a day; see `dates` for what depends on it.
const DAY: Date = jiff::civil::date(2023, 7, 15);

/// Tries conditions of one trial, as long as the work allowed for it lasts.
pub struct Explorer<'t> {
    trial: &'t Trial,
    entries: Vec<Entry>,
    work: usize,
}

/// For each fact of some conditions, the values that stand for all that it may be.
pub struct ValuePartition {
    /// A fact that is not here stays not recorded.
    facts: Vec<(FactId, Vec<Value>)>,
    /// Whether only what is known of every fact counts: to what looks at absence, a fact not tried yet is not absent.
    whole: bool,
    /// How much work one evaluation is.
    weight: usize,
}

/// What to do about one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is settled.
    Settled,
    /// It must be divided into smaller ones.
    Divide,
    /// The question is answered.
    Stop,
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Every case was settled.
    Complete,
    /// One of them stopped it.
    Stopped,
    /// One could not be settled, or there were too many.
    Open,
}

/// The truths that a condition can come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TruthRange(u8);

impl TruthRange {
    /// All three.
    pub const ALL: Self = Self(0b111);
    /// None yet.
    pub const NONE: Self = Self(0);
    /// What is either so or not.
    pub const DECIDED: Self = Self(0b011);

    fn bit(truth: Truth) -> u8 {
        match truth {
            Truth::True => 0b001,
            Truth::False => 0b010,
            Truth::Unknown => 0b100,
        }
    }

    /// One alone.
    #[must_use]
    pub fn one(truth: Truth) -> Self {
        Self(Self::bit(truth))
    }

    /// Whether it has this one.
    #[must_use]
    pub fn has(self, truth: Truth) -> bool {
        self.0 & Self::bit(truth) != 0
    }

    /// With the others as well.
    #[must_use]
    pub fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Those that it has.
    pub fn iter(self) -> impl Iterator<Item = Truth> {
        Truth::ALL.into_iter().filter(move |truth| self.has(*truth))
    }

    /// The only one that it has, if there are no others.
    #[must_use]
    pub fn only(self) -> Option<Truth> {
        let mut truths = self.iter();
        truths.next().filter(|_| truths.next().is_none())
    }

    fn without_unknown(self) -> Self {
        Self(self.0 & Self::DECIDED.0)
    }

    fn combined(self, other: Self, operator: fn(Truth, Truth) -> Truth) -> Self {
        let pairs = self
            .iter()
            .flat_map(|left| other.iter().map(move |right| operator(left, right)));
        pairs.fold(Self::NONE, |all, truth| all.with(Self::one(truth)))
    }

    fn negated(self) -> Self {
        self.iter()
            .fold(Self::NONE, |all, truth| all.with(Self::one(!truth)))
    }
}

impl<'t> Explorer<'t> {
    /// An explorer of a trial.
    #[must_use]
    pub fn new(trial: &'t Trial) -> Self {
        Self {
            trial,
            entries: vec![Entry::NOT_RECORDED; trial.facts.len()],
            work: MOST_WORK,
        }
    }

    /// Whether so much was tried that nothing more is.
    #[must_use]
    pub fn exhausted(&self) -> bool {
        self.work < MOST_CASES
    }

    /// The partition for some conditions. None where nothing sound can be said: of conditions that look at absence in a way
    /// which is not covered, or that compare the screening date with a fixed one.
    pub fn partition(&mut self, conditions: &[&Expression]) -> Option<ValuePartition> {
        let weight = conditions.iter().fold(1_usize, |sum, condition| {
            sum.saturating_add(cql::weight_of(condition, &self.trial.definitions))
        });
        self.work = self.work.checked_sub(weight)?;
        let uses = Uses::of(conditions, self.trial)?;
        let mut facts = Vec::new();
        for id in &uses.facts {
            let mut values = cells::of(self.trial, *id, &uses).unwrap_or_default();
            if values.is_empty() {
                if uses.absence {
                    return None;
                }
                continue;
            }
            if uses.absence {
                values.push(Value::Null(Missing::NotRecorded));
            }
            facts.push((*id, values));
        }
        Some(ValuePartition {
            facts,
            whole: uses.absence,
            weight,
        })
    }

    /// Goes through the cases of a partition, dividing them as far as `step` asks for it.
    pub fn explore(
        &mut self,
        partition: &ValuePartition,
        mut step: impl FnMut(&Context<'_>) -> Step,
    ) -> Answer {
        let mut cases = MOST_CASES;
        self.divide(partition, &partition.facts, &mut cases, &mut step)
    }

    fn divide(
        &mut self,
        partition: &ValuePartition,
        rest: &[(FactId, Vec<Value>)],
        cases: &mut usize,
        step: &mut impl FnMut(&Context<'_>) -> Step,
    ) -> Answer {
        let (Some(fewer), Some(work)) = (
            cases.checked_sub(1),
            self.work.checked_sub(partition.weight),
        ) else {
            return Answer::Open;
        };
        (*cases, self.work) = (fewer, work);
        if !partition.whole || rest.is_empty() {
            match step(&Context::new(&self.entries, &self.trial.definitions, DAY)) {
                Step::Settled => return Answer::Complete,
                Step::Stop => return Answer::Stopped,
                Step::Divide => {}
            }
        }
        let Some(((id, values), rest)) = rest.split_first() else {
            return Answer::Open;
        };
        let mut answer = Answer::Complete;
        for value in values {
            self.assign(*id, value.clone());
            answer = self.divide(partition, rest, cases, step);
            if answer != Answer::Complete {
                break;
            }
        }
        self.assign(*id, Value::Null(Missing::NotRecorded));
        answer
    }

    fn assign(&mut self, id: FactId, value: Value) {
        if let Some(entry) = self.entries.get_mut(id.0) {
            *entry = Entry {
                value,
                evidence: None,
            };
        }
    }

    /// The truths that a condition can come to; all where it could not be found out.
    pub fn range(&mut self, condition: &Expression) -> TruthRange {
        let Some(partition) = self.partition(&[condition]) else {
            return TruthRange::ALL;
        };
        let mut seen = TruthRange::NONE;
        let answer = self.explore(&partition, |context| match context.truth(condition) {
            Truth::Unknown => Step::Divide,
            truth => {
                seen = seen.with(TruthRange::one(truth));
                match seen {
                    TruthRange::DECIDED => Step::Stop,
                    _ => Step::Settled,
                }
            }
        });
        match answer {
            Answer::Complete => seen,
            Answer::Stopped | Answer::Open => TruthRange::ALL,
        }
    }

    /// The items that cover the items of a list, as far as these parts of filters tell them apart.
    pub fn items(&mut self, kind: &ItemKind, parts: &[&Expression]) -> Option<Vec<Value>> {
        self.work = self.work.checked_sub(parts.len())?;
        lists::items_of(kind, parts)
    }

    /// The truths that a part of a filter can come to, over these items; all where it could not be found out.
    pub fn range_of_items(&mut self, part: &Expression, items: &[Value]) -> TruthRange {
        let weight = cql::weight_of(part, &[]).saturating_mul(items.len());
        let Some(work) = self.work.checked_sub(weight) else {
            return TruthRange::ALL;
        };
        self.work = work;
        let context = Context::new(&self.entries, &self.trial.definitions, DAY);
        items.iter().fold(TruthRange::NONE, |range, item| {
            range.with(TruthRange::one(context.truth_for(part, item)))
        })
    }

    /// Whether two conditions come to the same in every case.
    pub fn alike(&mut self, left: &Expression, right: &Expression) -> bool {
        let Some(partition) = self.partition(&[left, right]) else {
            return false;
        };
        let answer = self.explore(&partition, |context| {
            match (context.truth(left), context.truth(right)) {
                (Truth::Unknown, _) | (_, Truth::Unknown) => Step::Divide,
                (left, right) if left == right => Step::Settled,
                _ => Step::Stop,
            }
        });
        answer == Answer::Complete
    }
}

/// What conditions name, and how.
pub(super) struct Uses<'e> {
    /// The facts, in the order in which they are named.
    facts: Vec<FactId>,
    /// Every part of the conditions, and of the definitions that they use, once.
    parts: Vec<&'e Expression>,
    /// Whether they look at absence.
    absence: bool,
}

impl<'e> Uses<'e> {
    fn of(conditions: &[&'e Expression], trial: &'e Trial) -> Option<Self> {
        let mut uses = Self {
            facts: Vec::new(),
            parts: Vec::new(),
            absence: false,
        };
        let (mut waiting, mut defined, mut named): (
            Vec<&'e Expression>,
            HashSet<usize>,
            HashSet<FactId>,
        ) = (conditions.to_vec(), HashSet::new(), HashSet::new());
        let (mut today, mut fixed_date, mut seen) = (false, false, 0);
        while let Some(condition) = waiting.pop() {
            condition.walk(&mut |part| uses.parts.push(part));
            while let Some(part) = uses.parts.get(seen) {
                seen += 1;
                match &part.operation {
                    Operation::Fact(id) | Operation::Attribute(id, _) if named.insert(*id) => {
                        uses.facts.push(*id)
                    }
                    Operation::Definition(id) if defined.insert(id.0) => {
                        waiting.extend(
                            trial
                                .definitions
                                .get(id.0)
                                .map(|definition| &definition.expression),
                        );
                    }
                    Operation::Today => today = true,
                    Operation::Constant(Value::Date(_)) => fixed_date = true,
                    Operation::Is(operand, what, _) => {
                        uses.absence = true;
                        let plain = match (&operand.operation, what) {
                            (Operation::Fact(_), Is::Null) => true,
                            (Operation::Fact(id), _) => {
                                matches!(trial.facts.get(*id).kind, Kind::Boolean { .. })
                            }
                            _ => false,
                        };
                        if !plain {
                            return None;
                        }
                    }
                    Operation::Equivalent(..) | Operation::Function(Function::Coalesce, _) => {
                        return None;
                    }
                    _ => {}
                }
            }
        }
        // What the screening date comes to beside a fixed date is another thing on another day.
        if today && fixed_date {
            return None;
        }
        // Limits of normal and dates of evidence are covered by nothing.
        let attributes = uses
            .parts
            .iter()
            .any(|part| matches!(part.operation, Operation::Attribute(..)));
        (!(attributes && uses.absence)).then_some(uses)
    }
}

/// The value of an expression that names nothing of the record.
pub fn closed(expression: &Expression) -> Option<Value> {
    let mut open = false;
    expression.walk(&mut |part| {
        open |= matches!(
            part.operation,
            Operation::Fact(_)
                | Operation::Attribute(..)
                | Operation::Definition(_)
                | Operation::Alias(_)
        );
    });
    (!open).then(|| Context::new(&[], &[], DAY).value(expression))
}
