//! What a condition can come to, over everything that a record may state.
//!
//! In: conditions. Out: a [`Cover`], for each fact a few values that together stand for all that the fact may be: every code,
//! both booleans, each small number, and for what is compared with something the parts between the values compared with.
//!
//! Nothing here knows what an operator means. A part is a value within bounds, and the product's own evaluation decides it
//! where every value inside agrees; what is not covered stays not recorded. So by the law that more information never turns
//! a decided answer, what is found decided in every case is so for every candidate. What is not decided is no ground for a
//! finding: the thresholds only say where to cut, a cut too few makes the lints silent and never wrong.

mod cells;
mod dates;
mod lists;

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
pub struct Cover {
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
pub enum Reach {
    /// True in every case.
    AlwaysTrue,
    /// False in every case.
    AlwaysFalse,
    /// Either, or it could not be found out.
    Open,
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

    /// The cover for some conditions. None where nothing sound can be said: of conditions that look at absence in a way
    /// which is not covered, or that compare the screening date with a fixed one.
    pub fn cover(&mut self, conditions: &[&Expression]) -> Option<Cover> {
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
        Some(Cover {
            facts,
            whole: uses.absence,
            weight,
        })
    }

    /// Goes through the cases of a cover, dividing them as far as `step` asks for it.
    pub fn explore(&mut self, cover: &Cover, mut step: impl FnMut(&Context<'_>) -> Step) -> Answer {
        let mut cases = MOST_CASES;
        self.divide(cover, &cover.facts, &mut cases, &mut step)
    }

    fn divide(
        &mut self,
        cover: &Cover,
        rest: &[(FactId, Vec<Value>)],
        cases: &mut usize,
        step: &mut impl FnMut(&Context<'_>) -> Step,
    ) -> Answer {
        let (Some(fewer), Some(work)) = (cases.checked_sub(1), self.work.checked_sub(cover.weight))
        else {
            return Answer::Open;
        };
        (*cases, self.work) = (fewer, work);
        if !cover.whole || rest.is_empty() {
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
            answer = self.divide(cover, rest, cases, step);
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

    /// The truths that a condition can come to.
    pub fn reach(&mut self, condition: &Expression) -> Reach {
        let Some(cover) = self.cover(&[condition]) else {
            return Reach::Open;
        };
        let (mut seen_true, mut seen_false) = (false, false);
        let answer = self.explore(&cover, |context| {
            match context.truth(condition) {
                Truth::True => seen_true = true,
                Truth::False => seen_false = true,
                Truth::Unknown => return Step::Divide,
            }
            if seen_true && seen_false {
                Step::Stop
            } else {
                Step::Settled
            }
        });
        match (answer, seen_true, seen_false) {
            (Answer::Complete, true, false) => Reach::AlwaysTrue,
            (Answer::Complete, false, true) => Reach::AlwaysFalse,
            _ => Reach::Open,
        }
    }

    /// The items that cover the items of a list, as far as these parts of filters tell them apart.
    pub fn items(&mut self, kind: &ItemKind, parts: &[&Expression]) -> Option<Vec<Value>> {
        self.work = self.work.checked_sub(parts.len())?;
        lists::items_of(kind, parts)
    }

    /// The truths that a part of a filter can come to, over these items.
    pub fn reach_of_items(&mut self, part: &Expression, items: &[Value]) -> Reach {
        let weight = cql::weight_of(part, &[]).saturating_mul(items.len());
        let Some(work) = self.work.checked_sub(weight) else {
            return Reach::Open;
        };
        self.work = work;
        let context = Context::new(&self.entries, &self.trial.definitions, DAY);
        let truths = items
            .iter()
            .map(|item| context.truth_for(part, item))
            .reduce(Truth::join);
        match truths {
            Some(Truth::True) => Reach::AlwaysTrue,
            Some(Truth::False) => Reach::AlwaysFalse,
            _ => Reach::Open,
        }
    }

    /// Whether a condition can be true at all; an unknown will not do.
    pub fn can_hold(&mut self, condition: &Expression) -> bool {
        let Some(cover) = self.cover(&[condition]) else {
            return true;
        };
        let answer = self.explore(&cover, |context| match context.truth(condition) {
            Truth::True => Step::Stop,
            Truth::False => Step::Settled,
            Truth::Unknown => Step::Divide,
        });
        answer != Answer::Complete
    }

    /// Whether two conditions come to the same in every case.
    pub fn alike(&mut self, left: &Expression, right: &Expression) -> bool {
        let Some(cover) = self.cover(&[left, right]) else {
            return false;
        };
        let answer = self.explore(&cover, |context| {
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
