//! Which truths a condition can have by its form, Unknown among them: what the cases of a trial must reach.
//!
//! Only what is certain is left out: `is null` is never Unknown, a constant has one truth, a value inside its plausible
//! range may always be below a bound. Parts are taken to be independent, so that a truth may be called possible which
//! is not.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::TruthRange;
use crate::cql::typed::{Comparison, Expression, Function, Operation, Type};
use crate::evaluate::Context;
use crate::facts::Kind;
use crate::screening::Verdict;
use crate::trial::{Criterion, Need, Rule, Side, Trial};
use crate::value::{Bounds, Truth, Value};

/// What is known of the truths of a trial's conditions.
pub struct Possible<'t> {
    trial: &'t Trial,
    /// Of each definition.
    definitions: Vec<TruthRange>,
}

impl<'t> Possible<'t> {
    /// For the conditions of a trial.
    #[must_use]
    pub fn new(trial: &'t Trial) -> Self {
        let mut possible = Self {
            trial,
            definitions: Vec::new(),
        };
        // Each definition stands behind those that it uses.
        for definition in &trial.definitions {
            let truths = possible.of(&definition.expression);
            possible.definitions.push(truths);
        }
        possible
    }

    /// The truths that an expression can have.
    #[must_use]
    pub fn of(&self, expression: &Expression) -> TruthRange {
        match &expression.operation {
            Operation::Constant(value) => TruthRange::one(value.truth()),
            Operation::Definition(id) => self
                .definitions
                .get(id.0)
                .copied()
                .unwrap_or(TruthRange::ALL),
            Operation::Not(inner) => self.of(inner).negated(),
            Operation::All(parts) => self.all(parts, Truth::True, Truth::and),
            Operation::Any(parts) => self.all(parts, Truth::False, Truth::or),
            Operation::Xor(left, right) => self.of(left).combined(self.of(right), Truth::xor),
            Operation::Implies(left, right) => {
                self.of(left).combined(self.of(right), Truth::implies)
            }
            Operation::Is(..) | Operation::Equivalent(..) => TruthRange::DECIDED,
            Operation::Compare(comparison, left, right) => self.compared(*comparison, left, right),
            Operation::Function(Function::Coalesce, arguments)
                if arguments.iter().any(is_exact) =>
            {
                arguments
                    .iter()
                    .fold(TruthRange::NONE, |all, argument| {
                        all.with(self.of(argument))
                    })
                    .without_unknown()
            }
            Operation::Case(branches, otherwise) => {
                let results = branches
                    .iter()
                    .map(|(_, then)| then)
                    .chain(std::iter::once(&**otherwise));
                let undecided = branches
                    .iter()
                    .any(|(when, _)| self.of(when).has(Truth::Unknown));
                let all = results.fold(TruthRange::NONE, |all, result| all.with(self.of(result)));
                if undecided {
                    all.with(TruthRange::one(Truth::Unknown))
                } else {
                    all
                }
            }
            _ if is_known(expression) => TruthRange::DECIDED,
            _ => TruthRange::ALL,
        }
    }

    fn all(
        &self,
        parts: &[Expression],
        neutral: Truth,
        operator: fn(Truth, Truth) -> Truth,
    ) -> TruthRange {
        parts.iter().fold(TruthRange::one(neutral), |all, part| {
            all.combined(self.of(part), operator)
        })
    }

    fn compared(
        &self,
        comparison: Comparison,
        left: &Expression,
        right: &Expression,
    ) -> TruthRange {
        let unknown = if is_known(left) && is_known(right) {
            TruthRange::NONE
        } else {
            TruthRange::one(Truth::Unknown)
        };
        let (left, right) = match (self.range(left), self.range(right)) {
            (Some(left), Some(right)) => (left, right),
            _ => return TruthRange::DECIDED.with(unknown),
        };
        let context = Context::new(&[], &[], Date::constant(2000, 1, 1));
        match context.compare(comparison, &Value::Number(left), &Value::Number(right)) {
            Truth::Unknown => TruthRange::DECIDED.with(unknown),
            decided => TruthRange::one(decided).with(unknown),
        }
    }

    /// Between what a number must lie.
    fn range(&self, expression: &Expression) -> Option<Bounds<Decimal>> {
        match &expression.operation {
            Operation::Constant(Value::Number(bounds)) => Some(*bounds),
            Operation::Fact(id) => match &self.trial.facts.get(*id).kind {
                Kind::Integer(range) | Kind::Decimal(range) => *range,
                Kind::Quantity(measure) => measure.range,
                _ => None,
            },
            _ => None,
        }
    }

    /// The truths that the condition can have under which a criterion applies.
    #[must_use]
    pub fn applies(&self, criterion: &Criterion) -> TruthRange {
        let condition = criterion.applies.as_ref();
        condition.map_or(TruthRange::one(Truth::True), |condition| {
            self.of(&condition.expression)
        })
    }

    /// The verdicts that a criterion can have. It is not applicable where it, or one that it is part of, `may_be_left_out`.
    #[must_use]
    pub fn verdicts(&self, criterion: &Criterion, may_be_left_out: bool) -> Vec<Verdict> {
        let (condition, applies) = (self.condition(criterion), self.applies(criterion));
        let decided = |truth: Truth| condition.has(truth) && applies.has(Truth::True);
        let (passes, fails) = match criterion.side {
            Side::Inclusion => (Truth::True, Truth::False),
            Side::Exclusion => (Truth::False, Truth::True),
        };
        let is_unknown = condition.has(Truth::Unknown)
            || applies.has(Truth::Unknown)
            || !criterion.conflicts.is_empty()
            || !criterion.doubts.is_empty();
        // Where there are parts alone, and none of them applies.
        let mut parts = criterion.children().iter();
        let without_parts = criterion.rule.is_none()
            && criterion.group.is_some()
            && parts.all(|part| self.applies(part).has(Truth::False));
        let all = [
            (Verdict::Pass, decided(passes)),
            (Verdict::Fail, decided(fails)),
            (Verdict::Unknown, is_unknown),
            (Verdict::NotApplicable, may_be_left_out || without_parts),
        ];
        all.into_iter()
            .filter_map(|(verdict, can)| can.then_some(verdict))
            .collect()
    }

    /// The truths that the condition of a criterion can have, its sub-criteria included.
    #[must_use]
    pub fn condition(&self, criterion: &Criterion) -> TruthRange {
        let own = match &criterion.rule {
            None => TruthRange::one(Truth::True),
            Some(Rule::Single(condition)) => self.of(&condition.expression),
            Some(Rule::Readings(readings)) => {
                let all = readings.iter().fold(TruthRange::NONE, |all, reading| {
                    all.with(self.of(&reading.condition.expression))
                });
                if all == TruthRange::DECIDED {
                    TruthRange::ALL
                } else {
                    all
                }
            }
        };
        let Some(group) = &criterion.group else {
            return own;
        };
        let mut parts = group.criteria.iter().map(|child| self.condition(child));
        let together = match group.need {
            Need::All => parts.fold(TruthRange::one(Truth::True), |all, part| {
                all.combined(part, Truth::and)
            }),
            Need::Any => parts.fold(TruthRange::one(Truth::False), |all, part| {
                all.combined(part, Truth::or)
            }),
            Need::AtLeast(_) => parts
                .next()
                .map_or(TruthRange::ALL, |first| parts.fold(first, TruthRange::with)),
        };
        own.combined(together, Truth::and)
    }
}

/// Whether it is a literal that is known exactly.
fn is_exact(expression: &Expression) -> bool {
    match &expression.operation {
        Operation::Constant(Value::Null(_)) => false,
        Operation::Constant(Value::Date(bounds)) => bounds.value().is_some(),
        Operation::Constant(_) => true,
        _ => false,
    }
}

/// Whether it is known whatever a record says.
fn is_known(expression: &Expression) -> bool {
    match &expression.operation {
        Operation::Today => true,
        Operation::Constant(_) => is_exact(expression),
        // What replaces a number or date that is missing does not replace one that is known within bounds.
        Operation::Function(Function::Coalesce, arguments) => {
            arguments.iter().any(is_exact)
                && matches!(expression.kind, Type::Boolean | Type::Code(_) | Type::Text)
        }
        _ => false,
    }
}
