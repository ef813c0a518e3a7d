//! The typed tree: every name looked up, every literal in the unit or value set that it is compared with.
//!
//! It is data that the evaluator walks, and that another backend could walk as well.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub use super::syntax::{Arithmetic, Comparison};
use super::syntax::{Is, Precision, Timing};
use crate::facts::{Fact, FactId, ItemKind, Kind, Measure, ValueSet};
use crate::units::Factor;
use crate::value::{Code, Value};

/// A checked expression. Two are equal where they compute the same in the same way, wherever they stand.
#[derive(Debug, Clone)]
pub struct Expression {
    /// What is computed.
    pub operation: Operation,
    /// The type of the result.
    pub kind: Type,
    /// Bytes of the expression's text.
    pub span: Range<usize>,
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.operation == other.operation && self.kind == other.kind
    }
}

/// The type of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// Of `null`, and of what could not be checked: it fits everywhere.
    Any,
    /// Three-valued truth.
    Boolean,
    /// Whole numbers.
    Integer,
    /// Exact decimals.
    Decimal,
    /// Numbers in a unit.
    Quantity(Arc<Measure>),
    /// Calendar durations.
    Duration,
    /// Calendar dates.
    Date,
    /// Codes of a value set.
    Code(Arc<ValueSet>),
    /// Text.
    Text,
    /// Lists.
    List(Box<Type>),
    /// Items of a list, with fields.
    Item(Arc<ItemKind>),
}

impl Type {
    /// Its name in machine-readable output.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Any => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Quantity(_) => "quantity",
            Self::Duration => "duration",
            Self::Date => "date",
            Self::Code(_) => "code",
            Self::Text => "text",
            Self::List(_) => "list",
            Self::Item(_) => "item",
        }
    }

    /// Every value that settles something, where there are few: those of a code or of a boolean. An unclear code stands for
    /// one of the clear ones, and no rule can ask for it.
    #[must_use]
    pub fn values(&self) -> Option<Vec<Value>> {
        match self {
            Self::Boolean => Some(vec![Value::Boolean(true), Value::Boolean(false)]),
            Self::Code(set) => {
                let clear = (0_u16..)
                    .zip(&set.values)
                    .filter(|(_, value)| !value.unclear);
                let codes = clear.map(|(index, _)| {
                    Value::Code(Code {
                        index,
                        unclear: false,
                    })
                });
                Some(codes.collect())
            }
            _ => None,
        }
    }

    /// Whether values of it have an order and can be computed with as numbers.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Any)
    }

    /// Whether one of two values of it can be the greater.
    pub(super) fn has_order(&self) -> bool {
        !matches!(
            self,
            Self::Boolean | Self::Code(_) | Self::Text | Self::List(_) | Self::Item(_)
        )
    }

    /// Whether values of both can stand for each other as they are.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => true,
            (Self::Quantity(mine), Self::Quantity(theirs)) => mine.unit == theirs.unit,
            (Self::Code(mine), Self::Code(theirs)) => mine.names().eq(theirs.names()),
            (mine, theirs) => mine.is_number() && theirs.is_number() || mine == theirs,
        }
    }

    /// The type of a fact's value.
    pub(crate) fn of(fact: &Fact) -> Self {
        match &fact.kind {
            Kind::Boolean { .. } => Self::Boolean,
            Kind::Integer(_) => Self::Integer,
            Kind::Decimal(_) => Self::Decimal,
            Kind::Quantity(measure) => Self::Quantity(Arc::clone(measure)),
            Kind::Duration(_) => Self::Duration,
            Kind::Date(_) => Self::Date,
            Kind::Code(set) => Self::Code(Arc::clone(set)),
            Kind::Text => Self::Text,
            Kind::List(item) => Self::List(Box::new(match &**item {
                ItemKind::Single(fact) => Self::of(fact),
                ItemKind::Fields(_) => Self::Item(Arc::clone(item)),
            })),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => formatter.write_str("null"),
            Self::Boolean => formatter.write_str("a boolean"),
            Self::Integer => formatter.write_str("an integer"),
            Self::Decimal => formatter.write_str("a decimal"),
            Self::Quantity(measure) => write!(formatter, "a quantity in '{}'", measure.unit),
            Self::Duration => formatter.write_str("a duration"),
            Self::Date => formatter.write_str("a date"),
            Self::Code(_) => formatter.write_str("a code"),
            Self::Text => formatter.write_str("a text"),
            Self::List(of) if matches!(**of, Self::Item(_)) => formatter.write_str("a list"),
            Self::List(of) => write!(formatter, "a list, each element {of}"),
            Self::Item(_) => formatter.write_str("an item of a list"),
        }
    }
}

/// A definition's place in the trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DefinitionId(pub usize);

/// What an expression computes.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// A literal.
    Constant(Value),
    /// A fact of the record.
    Fact(FactId),
    /// Something else that is known of a fact.
    Attribute(FactId, Attribute),
    /// A named expression.
    Definition(DefinitionId),
    /// The element of the query at this depth, the outermost being 0.
    Alias(usize),
    /// A field of an item.
    Field(Box<Expression>, usize),
    /// `not`
    Not(Box<Expression>),
    /// `and`
    All(Vec<Expression>),
    /// `or`
    Any(Vec<Expression>),
    /// `xor`
    Xor(Box<Expression>, Box<Expression>),
    /// `implies`
    Implies(Box<Expression>, Box<Expression>),
    /// `=`, `<`, and their like.
    Compare(Comparison, Box<Expression>, Box<Expression>),
    /// `between`, and `in Interval[…]`
    Between(Box<Expression>, Limits),
    /// `in { … }`
    In(Box<Expression>, Vec<Expression>),
    /// `in` a list that the record states.
    Member(Box<Expression>, Box<Expression>),
    /// `is null`, `is true`, …; whether negated.
    Is(Box<Expression>, Is, bool),
    /// `~`; whether negated.
    Equivalent(Box<Expression>, Box<Expression>, bool),
    /// `if` and `case`
    Case(Vec<(Expression, Expression)>, Box<Expression>),
    /// Unary `-`
    Negate(Box<Expression>),
    /// `+ - * /` and their like, on numbers.
    Arithmetic(Arithmetic, Box<Expression>, Box<Expression>),
    /// A number converted into another unit.
    Scale(Box<Expression>, Factor),
    /// A date and a duration; whether the duration is subtracted.
    Shift(Box<Expression>, Box<Expression>, bool),
    /// `{ … }`
    List(Vec<Expression>),
    /// A query over a list.
    Query(Box<Query>),
    /// `exists`
    Exists(Box<Expression>),
    /// A function of a list.
    Aggregate(Aggregate, Box<Expression>),
    /// A function of values.
    Function(Function, Vec<Expression>),
    /// The screening date.
    Today,
    /// Whole units of age at a date.
    Age(Precision, Box<Expression>, Box<Expression>),
    /// `years between`; whether boundaries crossed are counted instead of whole units.
    DurationBetween(Precision, bool, Box<Expression>, Box<Expression>),
    /// `before`, `within … of`, and their like.
    Timing(Timing, Box<Expression>, Box<Expression>),
}

/// What else is known of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attribute {
    /// When it was found.
    Date,
    /// Who says so.
    By,
    /// The upper limit of normal that came with the result.
    UpperLimitOfNormal,
    /// The lower limit of normal that came with the result.
    LowerLimitOfNormal,
}

impl Attribute {
    /// Its key in a record, and its name behind a fact.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::By => "by",
            Self::UpperLimitOfNormal => "uln",
            Self::LowerLimitOfNormal => "lln",
        }
    }

    /// How a report calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::By => "signature",
            Self::UpperLimitOfNormal => "upper limit of normal",
            Self::LowerLimitOfNormal => "lower limit of normal",
        }
    }
}

/// The ends of `between` or of an interval; none if there is no limit on that side.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// The lower end, and whether it belongs.
    pub low: Option<(Box<Expression>, bool)>,
    /// The upper end, and whether it belongs.
    pub high: Option<(Box<Expression>, bool)>,
}

/// Functions of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// How many elements.
    Count,
    /// Their sum.
    Sum,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// Their mean.
    Avg,
    /// The one in the middle, or the mean of the two there.
    Median,
    /// The first.
    First,
    /// The last.
    Last,
    /// Whether all are true.
    AllTrue,
    /// Whether any is true.
    AnyTrue,
}

/// Functions of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// The first that is known.
    Coalesce,
    /// Without its sign.
    Abs,
    /// To the nearest, with as many decimals as asked for.
    Round,
    /// Up to the next integer.
    Ceiling,
    /// Down to the next integer.
    Floor,
    /// Towards zero.
    Truncate,
    /// Natural logarithm.
    Ln,
    /// e to the power.
    Exp,
    /// Logarithm to a base.
    Log,
}

/// A query over a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The list.
    pub source: Expression,
    /// Which elements are kept.
    pub filter: Option<Expression>,
    /// What becomes of each.
    pub result: Option<Expression>,
    /// By what they are sorted, evaluated for each element as the alias, and whether descending.
    pub sort: Option<(Expression, bool)>,
}

impl Expression {
    pub(crate) fn new(operation: Operation, kind: Type, span: Range<usize>) -> Self {
        Self {
            operation,
            kind,
            span,
        }
    }

    /// Of `null`, and of what could not be checked.
    pub(super) fn unknown(span: Range<usize>) -> Self {
        Self::new(Operation::Constant(Value::UNKNOWN), Type::Any, span)
    }

    /// Every direct part of it.
    pub fn parts(&self) -> Vec<&Expression> {
        let mut parts = Vec::new();
        self.each_part(&mut |part| parts.push(part));
        parts
    }

    /// Calls `visit` on every direct part of it.
    pub(crate) fn each_part<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        match &self.operation {
            Operation::Constant(_)
            | Operation::Fact(_)
            | Operation::Attribute(..)
            | Operation::Definition(_)
            | Operation::Alias(_)
            | Operation::Today => {}
            Operation::Field(inner, _)
            | Operation::Not(inner)
            | Operation::Is(inner, ..)
            | Operation::Negate(inner)
            | Operation::Scale(inner, _)
            | Operation::Exists(inner)
            | Operation::Aggregate(_, inner) => visit(inner),
            Operation::All(parts)
            | Operation::Any(parts)
            | Operation::List(parts)
            | Operation::Function(_, parts) => parts.iter().for_each(visit),
            Operation::Xor(left, right)
            | Operation::Implies(left, right)
            | Operation::Compare(_, left, right)
            | Operation::Member(left, right)
            | Operation::Equivalent(left, right, _)
            | Operation::Arithmetic(_, left, right)
            | Operation::Shift(left, right, _)
            | Operation::Age(_, left, right)
            | Operation::DurationBetween(_, _, left, right)
            | Operation::Timing(_, left, right) => {
                visit(left);
                visit(right);
            }
            Operation::Between(value, limits) => {
                visit(value);
                let ends = [&limits.low, &limits.high].into_iter().flatten();
                ends.for_each(|(end, _)| visit(end));
            }
            Operation::In(value, options) => {
                visit(value);
                options.iter().for_each(visit);
            }
            Operation::Case(branches, otherwise) => {
                for (when, then) in branches {
                    visit(when);
                    visit(then);
                }
                visit(otherwise);
            }
            Operation::Query(query) => {
                visit(&query.source);
                query
                    .filter
                    .iter()
                    .chain(&query.result)
                    .for_each(&mut *visit);
                query.sort.iter().for_each(|(key, _)| visit(key));
            }
        }
    }

    /// Calls `visit` on it and on every part of it, outermost first.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Expression)) {
        visit(self);
        self.each_part(&mut |part| part.walk(visit));
    }
}
