//! An expression and what is known of a candidate → a value.
//!
//! Nothing is guessed: an operator gives a result only where everything that is unknown, bounded or doubtful would
//! lead to the same one. Evaluation cannot fail; what cannot be computed (division by zero, overflow) is unknown.

mod absence;
mod arithmetic;
mod calendar;
mod lists;
pub mod trace;

use std::borrow::Cow;
use std::cell::OnceCell;

use jiff::civil::Date;
use rust_decimal::prelude::*;

use self::arithmetic::{absolute, calculate, closed, numeric, round_half_away};
use self::calendar::{boundaries_crossed, shift, stands, whole_units};
use crate::cql::Definition;
use crate::cql::syntax::Is;
use crate::cql::typed::{Comparison, Expression, Function, Limits, Operation, Type};
use crate::entry::Entry;
use crate::facts::FactId;
use crate::value::{Bounds, Code, Duration, List, Missing, Truth, Value, number, text};

/// What an expression is evaluated against.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// What is known of the candidate, a place for every declared fact.
    pub entries: &'a [Entry],
    /// The trial's definitions.
    pub definitions: &'a [Definition],
    /// The screening date.
    pub today: Date,
    answers: Option<&'a Answers>,
    assumed: Option<&'a Assumption<'a>>,
}

/// A value that a fact is taken to have, whatever the record says, and what else is taken to be so.
#[derive(Clone, Copy)]
pub(crate) struct Assumption<'a> {
    fact: FactId,
    value: &'a Value,
    others: Option<&'a Assumption<'a>>,
}

/// What is found out about one candidate when it is first asked for, and not again.
#[derive(Debug, Default)]
pub struct Answers {
    /// What each definition of the trial comes to.
    definitions: Vec<OnceCell<Value>>,
    /// The facts that are known only within bounds or in part.
    inexact: OnceCell<Vec<FactId>>,
}

impl Answers {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(definitions: &[Definition]) -> Self {
        Self {
            definitions: vec![OnceCell::new(); definitions.len()],
            inexact: OnceCell::new(),
        }
    }

    /// Another candidate is next.
    pub fn forget(&mut self) {
        let definitions = self.definitions.iter_mut();
        definitions.for_each(|answer| drop(answer.take()));
        self.inexact.take();
    }
}

/// The element that a query around an expression is at, and those of the queries around that one.
#[derive(Clone, Copy)]
struct Level<'v> {
    depth: usize,
    element: &'v Value,
    outer: Scope<'v>,
}

type Scope<'v> = Option<&'v Level<'v>>;

/// How many combinations of values are tried where what chooses a branch is missing.
pub(crate) const MOST_COMBINATIONS: usize = 64;

const NOT_RECORDED: &Value = &Value::Null(Missing::NotRecorded);
const UNKNOWN: &Value = &Value::UNKNOWN;

fn inside<'v>(outer: Scope<'v>, element: &'v Value) -> Level<'v> {
    Level {
        depth: outer.map_or(0, |level| level.depth + 1),
        element,
        outer,
    }
}

impl<'a> Context<'a> {
    /// What is known of a candidate on a day.
    #[must_use]
    pub fn new(entries: &'a [Entry], definitions: &'a [Definition], today: Date) -> Self {
        Self {
            entries,
            definitions,
            today,
            answers: None,
            assumed: None,
        }
    }

    /// An assumption beside those that are made already.
    pub(crate) fn assumption<'v>(&self, fact: FactId, value: &'v Value) -> Assumption<'v>
    where
        'a: 'v,
    {
        Assumption {
            fact,
            value,
            others: self.assumed,
        }
    }

    /// The same, where something is assumed.
    pub(crate) fn assuming<'v>(&self, assumption: &'v Assumption<'v>) -> Context<'v>
    where
        'a: 'v,
    {
        Context {
            // They are of the record as it is.
            answers: None,
            assumed: Some(assumption),
            ..*self
        }
    }

    /// The value of a fact.
    pub(crate) fn fact(&self, fact: FactId) -> &Value {
        let mut assumed = self.assumed;
        while let Some(assumption) = assumed {
            if assumption.fact == fact {
                return assumption.value;
            }
            assumed = assumption.others;
        }
        self.entries
            .get(fact.0)
            .map_or(NOT_RECORDED, |entry| &entry.value)
    }

    /// The values that a missing fact may turn out to have, for each fact that decides between the parts of `conditions`
    /// and has few of them: codes and booleans.
    pub(crate) fn choices<'e>(
        &self,
        conditions: impl IntoIterator<Item = &'e Expression>,
    ) -> Vec<(FactId, Vec<Value>)> {
        let mut choices = Vec::new();
        for condition in conditions {
            self.add_choices(condition, &mut choices);
        }
        choices
    }

    fn add_choices(&self, condition: &Expression, choices: &mut Vec<(FactId, Vec<Value>)>) {
        condition.walk(&mut |part| match &part.operation {
            Operation::Fact(fact)
                if !choices.iter().any(|(known, _)| known == fact)
                    && self.fact(*fact).settles_nothing() =>
            {
                if let Some(values) = part.kind.values() {
                    choices.push((*fact, values));
                }
            }
            Operation::Definition(id) => {
                if let Some(definition) = self.definitions.get(id.0) {
                    self.add_choices(&definition.expression, choices);
                }
            }
            _ => {}
        });
    }

    /// The facts that are known only within bounds or in part, which `find` finds.
    pub(crate) fn inexact(&self, find: impl FnOnce() -> Vec<FactId>) -> Cow<'_, [FactId]> {
        match self.answers {
            Some(answers) => Cow::Borrowed(answers.inexact.get_or_init(find)),
            None => Cow::Owned(find()),
        }
    }

    /// The same, where what is found out is kept. `answers` must be about nothing else.
    #[must_use]
    pub fn with(self, answers: &'a Answers) -> Self {
        Self {
            answers: Some(answers),
            ..self
        }
    }
}

impl Context<'_> {
    /// The truth of a condition.
    #[must_use]
    pub fn truth(&self, condition: &Expression) -> Truth {
        self.condition(condition, None)
    }

    /// The value of an expression.
    #[must_use]
    pub fn value(&self, expression: &Expression) -> Value {
        self.evaluate(expression, None).into_owned()
    }

    /// The truth of a condition for one element of a list.
    #[must_use]
    pub fn truth_for(&self, condition: &Expression, element: &Value) -> Truth {
        self.condition(condition, Some(&inside(None, element)))
    }

    fn condition(&self, condition: &Expression, scope: Scope<'_>) -> Truth {
        match &condition.operation {
            Operation::Not(inner) => !self.condition(inner, scope),
            Operation::All(parts) => {
                let mut truth = Truth::True;
                for part in parts {
                    truth = truth.and(self.condition(part, scope));
                    if truth == Truth::False {
                        break;
                    }
                }
                truth
            }
            Operation::Any(parts) => {
                let mut truth = Truth::False;
                for part in parts {
                    truth = truth.or(self.condition(part, scope));
                    if truth == Truth::True {
                        break;
                    }
                }
                truth
            }
            Operation::Xor(left, right) => self
                .condition(left, scope)
                .xor(self.condition(right, scope)),
            Operation::Implies(left, right) => self
                .condition(left, scope)
                .implies(self.condition(right, scope)),
            Operation::Compare(comparison, left, right) => {
                match (self.lent(left, scope), self.lent(right, scope)) {
                    // The commonest comparison comes first.
                    (Some(Value::Code(left)), Some(Value::Code(right))) => {
                        equality(*comparison, same_code(*left, *right))
                    }
                    (Some(left), Some(right)) => self.compare(*comparison, left, right),
                    _ => self.compare(
                        *comparison,
                        &self.evaluate(left, scope),
                        &self.evaluate(right, scope),
                    ),
                }
            }
            Operation::Between(value, limits) => {
                self.between(&self.evaluate(value, scope), limits, scope)
            }
            Operation::In(value, options) => match self.lent(value, scope) {
                Some(value) => self.is_one_of(value, options, scope),
                None => self.is_one_of(&self.evaluate(value, scope), options, scope),
            },
            Operation::Definition(id) => match self.lent(condition, scope) {
                Some(value) => value.truth(),
                None => self
                    .definitions
                    .get(id.0)
                    .map_or(Truth::Unknown, |definition| {
                        self.condition(&definition.expression, None)
                    }),
            },
            Operation::Case(branches, otherwise) => self.branch(branches, otherwise, scope),
            Operation::Exists(list) => self.exists(list, scope),
            Operation::Timing(timing, left, right) => {
                let (left, right) = (self.evaluate(left, scope), self.evaluate(right, scope));
                joined_over(&left, |left| {
                    joined_over(&right, |right| stands(*timing, left, right))
                })
            }
            _ => match self.lent(condition, scope) {
                Some(value) => value.truth(),
                None => self.evaluate(condition, scope).truth(),
            },
        }
    }

    /// A value that stands in the record or in the rule itself; none if it has to be computed.
    fn lent<'v>(&'v self, expression: &'v Expression, scope: Scope<'v>) -> Option<&'v Value> {
        match &expression.operation {
            Operation::Constant(value) => Some(value),
            Operation::Fact(id) => Some(self.fact(*id)),
            Operation::Alias(depth) => Some(element_at(scope, *depth).unwrap_or(UNKNOWN)),
            Operation::Definition(id) => {
                let definition = &self.definitions.get(id.0)?.expression;
                let answer = || {
                    self.answers?.definitions.get(id.0).map(|answer| {
                        answer.get_or_init(|| self.evaluate(definition, None).into_owned())
                    })
                };
                self.lent(definition, None).or_else(answer)
            }
            Operation::Field(source, index) => {
                let item = match &source.operation {
                    Operation::Alias(depth) => element_at(scope, *depth)?,
                    _ => self.lent(source, scope)?,
                };
                match item {
                    Value::Item(fields) => Some(fields.get(*index).unwrap_or(UNKNOWN)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A value of the record or of the rule itself is lent, one that had to be computed is owned.
    fn evaluate<'v>(&'v self, expression: &'v Expression, scope: Scope<'v>) -> Cow<'v, Value> {
        if let Some(value) = self.lent(expression, scope) {
            return Cow::Borrowed(value);
        }
        match &expression.operation {
            Operation::Definition(id) => match self.definitions.get(id.0) {
                Some(definition) => self.evaluate(&definition.expression, None),
                None => Cow::Borrowed(UNKNOWN),
            },
            Operation::Field(source, index) => Cow::Owned(
                self.evaluate(source, scope)
                    .map_alternatives(|value| match value {
                        Value::Item(fields) => {
                            fields.get(*index).cloned().unwrap_or(Value::UNKNOWN)
                        }
                        Value::Null(cause) => Value::Null(*cause),
                        _ => Value::UNKNOWN,
                    }),
            ),
            Operation::Not(_)
            | Operation::All(_)
            | Operation::Any(_)
            | Operation::Xor(..)
            | Operation::Implies(..)
            | Operation::Compare(..)
            | Operation::Between(..)
            | Operation::In(..)
            | Operation::Timing(..) => Cow::Owned(self.condition(expression, scope).into()),
            _ => Cow::Owned(self.compute(expression, scope)),
        }
    }

    fn compute(&self, expression: &Expression, scope: Scope<'_>) -> Value {
        match &expression.operation {
            Operation::Attribute(id, attribute) => self
                .entries
                .get(id.0)
                .map_or(Value::Null(Missing::NotRecorded), |entry| {
                    entry.attribute(*attribute)
                }),
            Operation::Member(value, list) => {
                let value = self.evaluate(value, scope);
                self.evaluate(list, scope)
                    .map_alternatives(|list| self.member(&value, list).into())
            }
            Operation::Is(operand, what, negated) => {
                let operand = self.evaluate(operand, scope);
                let answer = match what {
                    Is::Null => operand.is_null(),
                    Is::True => operand.truth() == Truth::True,
                    Is::False => operand.truth() == Truth::False,
                };
                Value::Boolean(answer != *negated)
            }
            Operation::Equivalent(left, right, negated) => {
                let alike = self.alike(
                    (left, &self.evaluate(left, scope)),
                    (right, &self.evaluate(right, scope)),
                );
                Value::Boolean(alike != *negated)
            }
            Operation::Case(branches, otherwise) => self.case(branches, otherwise, scope),
            Operation::Negate(operand) => self
                .evaluate(operand, scope)
                .map_alternatives(|value| numeric(value, number::negate)),
            Operation::Arithmetic(arithmetic, left, right) => {
                let (left, right) = (self.evaluate(left, scope), self.evaluate(right, scope));
                left.map_alternatives(|left| {
                    right.map_alternatives(|right| calculate(*arithmetic, left, right))
                })
            }
            Operation::Scale(operand, factor) => {
                self.evaluate(operand, scope).map_alternatives(|value| {
                    numeric(value, |bounds| bounds.map(|number| factor.apply(number)))
                })
            }
            Operation::Shift(date, duration, backwards) => {
                let (date, duration) = (self.evaluate(date, scope), self.evaluate(duration, scope));
                date.map_alternatives(|date| {
                    duration.map_alternatives(|duration| shift(date, duration, *backwards))
                })
            }
            Operation::List(items) => Value::List(
                List::of(
                    items
                        .iter()
                        .map(|item| self.evaluate(item, scope).into_owned()),
                )
                .into(),
            ),
            Operation::Query(query) => self.query(query, scope),
            Operation::Exists(list) => match self.exists(list, scope) {
                Truth::Unknown => Value::Null(cause_of(&self.evaluate(list, scope))),
                decided => decided.into(),
            },
            Operation::Aggregate(aggregate, list) => self.aggregate(*aggregate, list, scope),
            Operation::Function(function, arguments) => self.function(*function, arguments, scope),
            Operation::Today => Value::Date(Bounds::exact(self.today)),
            Operation::Age(precision, birth, at) => {
                let (birth, at) = (self.evaluate(birth, scope), self.evaluate(at, scope));
                birth.map_alternatives(|birth| {
                    at.map_alternatives(|at| whole_units(*precision, birth, at))
                })
            }
            Operation::DurationBetween(precision, difference, from, to) => {
                let (from, to) = (self.evaluate(from, scope), self.evaluate(to, scope));
                let count = if *difference {
                    boundaries_crossed
                } else {
                    whole_units
                };
                from.map_alternatives(|from| to.map_alternatives(|to| count(*precision, from, to)))
            }
            // Every other operation is lent or is a condition.
            _ => Value::UNKNOWN,
        }
    }

    /// A comparison of two values, decided only where all their possibilities agree.
    #[must_use]
    pub fn compare(&self, comparison: Comparison, left: &Value, right: &Value) -> Truth {
        match (left, right) {
            (Value::Code(left), Value::Code(right)) => {
                equality(comparison, same_code(*left, *right))
            }
            (Value::OneOf(alternatives), other) => joined(
                alternatives
                    .iter()
                    .map(|left| self.compare(comparison, left, other)),
            ),
            (other, Value::OneOf(alternatives)) => joined(
                alternatives
                    .iter()
                    .map(|right| self.compare(comparison, other, right)),
            ),
            (Value::Number(left), Value::Number(right)) => {
                let [left, right] = [left, right].map(|bounds| {
                    bounds
                        .map(|number| Some(number::comparable(number)))
                        .unwrap_or(*bounds)
                });
                ordered(comparison, &left, &right)
            }
            (Value::Date(left), Value::Date(right)) => ordered(comparison, left, right),
            (Value::Duration(left), Value::Duration(right)) => {
                match Duration::on_one_scale(left, right, self.today) {
                    Some((left, right)) => ordered(comparison, &left, &right),
                    None => Truth::Unknown,
                }
            }
            (Value::Boolean(left), Value::Boolean(right)) => {
                equality(comparison, Truth::from(left == right))
            }
            (Value::Text(left), Value::Text(right)) => {
                equality(comparison, text::same(left, right))
            }
            _ => Truth::Unknown,
        }
    }

    fn between(&self, value: &Value, limits: &Limits, scope: Scope<'_>) -> Truth {
        let mut truth = Truth::True;
        let ends = [
            (&limits.low, Comparison::GreaterOrEqual, Comparison::Greater),
            (&limits.high, Comparison::LessOrEqual, Comparison::Less),
        ];
        for (end, closed, open) in ends {
            if let Some((end, inclusive)) = end {
                truth = truth.and(self.compare(
                    if *inclusive { closed } else { open },
                    value,
                    &self.evaluate(end, scope),
                ));
            }
        }
        truth
    }

    fn is_one_of(&self, value: &Value, options: &[Expression], scope: Scope<'_>) -> Truth {
        // One of several alternatives is in the list where each of them is.
        if let Value::OneOf(alternatives) = value {
            return joined(
                alternatives
                    .iter()
                    .map(|value| self.is_one_of(value, options, scope)),
            );
        }
        let equals = |option: &Expression| match (value, self.lent(option, scope)) {
            (Value::Code(value), Some(Value::Code(option))) => same_code(*value, *option),
            (value, Some(option)) => self.compare(Comparison::Equal, value, option),
            (value, None) => self.compare(Comparison::Equal, value, &self.evaluate(option, scope)),
        };
        let mut truth = Truth::False;
        for option in options {
            truth = truth.or(equals(option));
            if truth == Truth::True {
                break;
            }
        }
        truth
    }

    fn member(&self, value: &Value, list: &Value) -> Truth {
        let Value::List(list) = list else {
            return Truth::Unknown;
        };
        let beyond = if list.open {
            Truth::Unknown
        } else {
            Truth::False
        };
        list.elements.iter().fold(beyond, |truth, element| {
            let equal = self.compare(Comparison::Equal, value, &element.value);
            truth.or(if element.certain {
                equal
            } else {
                equal.and(Truth::Unknown)
            })
        })
    }

    /// The branch of the first condition that is true. Where a condition is not decided, every branch that may still
    /// be taken must give the same value.
    fn case(
        &self,
        branches: &[(Expression, Expression)],
        otherwise: &Expression,
        scope: Scope<'_>,
    ) -> Value {
        let known = self.first_branch(branches, otherwise, scope);
        if !known.is_null() {
            return known;
        }
        // Where every value that chooses leads to a branch, the last one cannot be reached.
        self.over_choices(branches, |context| {
            context.first_branch(branches, otherwise, scope)
        })
        .map_or(known, Value::one_of)
    }

    /// The results of `decide` for each combination of the values that the facts which choose a branch may have; none where
    /// no such fact is missing, or where there are too many combinations.
    fn over_choices<T>(
        &self,
        branches: &[(Expression, Expression)],
        mut decide: impl FnMut(&Context<'_>) -> T,
    ) -> Option<Vec<T>> {
        let choices = self.choices(branches.iter().map(|(when, _)| when));
        let combinations = choices.iter().fold(1_usize, |product, (_, values)| {
            product.saturating_mul(values.len())
        });
        if choices.is_empty() || combinations > MOST_COMBINATIONS {
            return None;
        }
        let mut results = Vec::with_capacity(combinations);
        self.each_combination(&choices, &mut |context| results.push(decide(context)));
        Some(results)
    }

    /// Calls `visit` with every combination of values assumed.
    pub(crate) fn each_combination(
        &self,
        choices: &[(FactId, Vec<Value>)],
        visit: &mut impl FnMut(&Context<'_>),
    ) {
        let Some(((fact, values), others)) = choices.split_first() else {
            return visit(self);
        };
        for value in values {
            let assumption = self.assumption(*fact, value);
            self.assuming(&assumption).each_combination(others, visit);
        }
    }

    fn first_branch(
        &self,
        branches: &[(Expression, Expression)],
        otherwise: &Expression,
        scope: Scope<'_>,
    ) -> Value {
        let mut possible = Vec::new();
        for (when, then) in branches {
            match self.condition(when, scope) {
                Truth::False => {}
                Truth::Unknown => possible.push(self.evaluate(then, scope).into_owned()),
                Truth::True => {
                    possible.push(self.evaluate(then, scope).into_owned());
                    return Value::one_of(possible);
                }
            }
        }
        possible.push(self.evaluate(otherwise, scope).into_owned());
        Value::one_of(possible)
    }

    /// The same for a condition.
    fn branch(
        &self,
        branches: &[(Expression, Expression)],
        otherwise: &Expression,
        scope: Scope<'_>,
    ) -> Truth {
        let known = self.first_condition(branches, otherwise, scope);
        if known.is_decided() {
            return known;
        }
        self.over_choices(branches, |context| {
            context.first_condition(branches, otherwise, scope)
        })
        .map_or(known, joined)
    }

    fn first_condition(
        &self,
        branches: &[(Expression, Expression)],
        otherwise: &Expression,
        scope: Scope<'_>,
    ) -> Truth {
        let mut possible: Option<Truth> = None;
        let joined = |possible: Option<Truth>, branch| {
            let truth = self.condition(branch, scope);
            possible.map_or(truth, |other| other.join(truth))
        };
        for (when, then) in branches {
            match self.condition(when, scope) {
                Truth::False => {}
                Truth::Unknown => possible = Some(joined(possible, then)),
                Truth::True => return joined(possible, then),
            }
        }
        joined(possible, otherwise)
    }

    fn function(&self, function: Function, arguments: &[Expression], scope: Scope<'_>) -> Value {
        if let (
            Function::Coalesce,
            [
                list @ Expression {
                    kind: Type::List(_),
                    ..
                },
            ],
        ) = (function, arguments)
        {
            return Self::first_known(&self.evaluate(list, scope));
        }
        if function == Function::Coalesce {
            let known = arguments
                .iter()
                .map(|argument| self.evaluate(argument, scope))
                .find(|value| !value.is_null());
            return known.map_or(Value::UNKNOWN, Cow::into_owned);
        }
        let mut values = arguments
            .iter()
            .map(|argument| self.evaluate(argument, scope).into_owned());
        let first = values.next().unwrap_or(Value::UNKNOWN);
        let second = values.next();
        first.map_alternatives(|value| {
            numeric(value, |bounds| match function {
                Function::Abs => absolute(bounds),
                Function::Ceiling => bounds.map(|value| Some(value.ceil())).map(closed),
                Function::Floor => bounds.map(|value| Some(value.floor())).map(closed),
                Function::Truncate => bounds.map(|value| Some(value.trunc())).map(closed),
                Function::Round => {
                    let places = match &second {
                        None => 0,
                        Some(Value::Number(places)) => places.value()?.to_u32()?,
                        Some(_) => return None,
                    };
                    bounds
                        .map(|value| round_half_away(value, places))
                        .map(closed)
                }
                Function::Ln => bounds.map(|value| value.checked_ln().map(number::to_precision)),
                Function::Exp => bounds.map(number::exp),
                Function::Log => match &second {
                    Some(Value::Number(base)) => {
                        let base = base.value()?.checked_ln().filter(|base| !base.is_zero())?;
                        number::divide(
                            &bounds.map(|value| value.checked_ln())?,
                            &Bounds::exact(base),
                        )?
                        .map(|value| Some(number::to_precision(value)))
                    }
                    _ => None,
                },
                Function::Coalesce => None,
            })
        })
    }
}

fn cause_of(value: &Value) -> Missing {
    match value {
        Value::Null(cause) => *cause,
        _ => Missing::Undetermined,
    }
}

fn element_at<'v>(mut scope: Scope<'v>, depth: usize) -> Option<&'v Value> {
    while let Some(level) = scope {
        if level.depth == depth {
            return Some(level.element);
        }
        scope = level.outer;
    }
    None
}

/// An unclear result does not say which of the clear ones holds. A literal is never unclear: who writes the name of an
/// unclear value asks whether just that was recorded.
fn same_code(left: Code, right: Code) -> Truth {
    if left.index == right.index && !(left.unclear && right.unclear) {
        Truth::True
    } else if left.unclear || right.unclear {
        Truth::Unknown
    } else {
        Truth::False
    }
}

/// What holds of a value, or of every alternative of it.
fn joined_over(value: &Value, test: impl Fn(&Value) -> Truth) -> Truth {
    match value {
        Value::OneOf(alternatives) => joined(alternatives.iter().map(test)),
        value => test(value),
    }
}

fn joined(truths: impl IntoIterator<Item = Truth>) -> Truth {
    truths
        .into_iter()
        .reduce(Truth::join)
        .unwrap_or(Truth::Unknown)
}

fn ordered<T: Copy + Ord>(comparison: Comparison, left: &Bounds<T>, right: &Bounds<T>) -> Truth {
    match comparison {
        Comparison::Equal => left.equal(right),
        Comparison::NotEqual => !left.equal(right),
        Comparison::Less => left.less(right),
        Comparison::LessOrEqual => left.less_or_equal(right),
        Comparison::Greater => right.less(left),
        Comparison::GreaterOrEqual => right.less_or_equal(left),
    }
}

fn equality(comparison: Comparison, equal: Truth) -> Truth {
    match comparison {
        Comparison::Equal => equal,
        Comparison::NotEqual => !equal,
        _ => Truth::Unknown,
    }
}
