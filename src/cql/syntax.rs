//! The syntax tree: what was written, before names and types are looked up.

use std::ops::Range;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::value::{Bounds, Duration};

/// A part of an expression with its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Syntax {
    /// What it is.
    pub node: Node,
    /// Bytes of the expression.
    pub span: Range<usize>,
    /// How many levels of parts it has, itself included.
    pub height: usize,
}

impl Syntax {
    /// A part, as high as its own parts need.
    #[must_use]
    pub fn new(node: Node, span: Range<usize>) -> Self {
        let below = node
            .parts()
            .into_iter()
            .map(|part| part.height)
            .max()
            .unwrap_or(0);
        Self {
            node,
            span,
            height: below + 1,
        }
    }
}

impl Node {
    /// Every direct part of it.
    pub fn parts(&self) -> Vec<&Syntax> {
        match self {
            Self::Null
            | Self::Boolean(_)
            | Self::Number(..)
            | Self::Text(_)
            | Self::Date(_)
            | Self::Duration(_)
            | Self::Quantity(..)
            | Self::Name(_) => Vec::new(),
            Self::Property(part, ..) | Self::Unary(_, part) | Self::Is { operand: part, .. } => {
                vec![part]
            }
            Self::List(parts) | Self::Call(_, parts) | Self::Chain(_, parts) => {
                parts.iter().collect()
            }
            Self::Interval(interval) => vec![&interval.low, &interval.high],
            Self::Binary(_, left, right)
            | Self::Timing(_, left, right)
            | Self::DurationBetween {
                from: left,
                to: right,
                ..
            } => vec![left, right],
            Self::Between(value, low, high) | Self::If(value, low, high) => vec![value, low, high],
            Self::Case {
                subject,
                branches,
                otherwise,
            } => {
                let branches = branches.iter().flat_map(|(when, then)| [when, then]);
                subject
                    .iter()
                    .map(|subject| &**subject)
                    .chain(branches)
                    .chain(std::iter::once(&**otherwise))
                    .collect()
            }
            Self::Query(query) => std::iter::once(&query.source)
                .chain(&query.filter)
                .chain(&query.result)
                .collect(),
        }
    }
}

/// The forms of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// `null`
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// A number; whether it was written without a decimal point.
    Number(Decimal, bool),
    /// `'text'`
    Text(String),
    /// `@2026-11-20`
    Date(Bounds<Date>),
    /// `3 months`
    Duration(Duration),
    /// `2.0 'mg/dL'`
    Quantity(Decimal, String),
    /// A dotted name: a fact, a definition, an alias, and what follows it.
    Name(Vec<(String, Range<usize>)>),
    /// `( … ).name`
    Property(Box<Syntax>, String, Range<usize>),
    /// `{ a, b }`
    List(Vec<Syntax>),
    /// `Interval[low, high)`
    Interval(Box<Interval>),
    /// `not a`, `-a`, `exists a`
    Unary(Unary, Box<Syntax>),
    /// `a op b`
    Binary(Binary, Box<Syntax>, Box<Syntax>),
    /// `a and b and c`, `a or b or c`
    Chain(Binary, Vec<Syntax>),
    /// `a between b and c`
    Between(Box<Syntax>, Box<Syntax>, Box<Syntax>),
    /// `a is [not] null|true|false`
    Is {
        /// What is asked about.
        operand: Box<Syntax>,
        /// `null`, `true` or `false`.
        what: Is,
        /// Whether `not` stands before it.
        negated: bool,
    },
    /// `if a then b else c`
    If(Box<Syntax>, Box<Syntax>, Box<Syntax>),
    /// `case [a] when b then c else d end`
    Case {
        /// The value compared with each `when`, if there is one.
        subject: Option<Box<Syntax>>,
        /// `when` and `then`.
        branches: Vec<(Syntax, Syntax)>,
        /// `else`.
        otherwise: Box<Syntax>,
    },
    /// `name(arguments)`
    Call(String, Vec<Syntax>),
    /// `(source alias where … return … sort by …)`
    Query(Box<Query>),
    /// `years between a and b`, `difference in years between a and b`
    DurationBetween {
        /// The unit counted.
        precision: Precision,
        /// Whether boundaries crossed are counted instead of whole units.
        difference: bool,
        /// From.
        from: Box<Syntax>,
        /// To.
        to: Box<Syntax>,
    },
    /// `a [3 days or more] before b`, `a within 14 days of b`
    Timing(Timing, Box<Syntax>, Box<Syntax>),
}

/// Operators with one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unary {
    /// `not`
    Not,
    /// `-`
    Negate,
    /// `+`
    Plus,
    /// `exists`
    Exists,
}

/// Operators with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    /// `and`
    And,
    /// `or`
    Or,
    /// `xor`
    Xor,
    /// `implies`
    Implies,
    /// `=`, `<` and their like
    Compare(Comparison),
    /// `~`
    Equivalent,
    /// `!~`
    NotEquivalent,
    /// `in`
    In,
    /// `contains`
    Contains,
    /// `+`, `*` and their like
    Compute(Arithmetic),
}

impl Binary {
    /// How it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::And => "and",
            Self::Or => "or",
            Self::Xor => "xor",
            Self::Implies => "implies",
            Self::Compare(comparison) => comparison.symbol(),
            Self::Equivalent => "~",
            Self::NotEquivalent => "!~",
            Self::In => "in",
            Self::Contains => "contains",
            Self::Compute(arithmetic) => arithmetic.symbol(),
        }
    }
}

/// Comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// How it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Whether it asks which of two values is greater.
    #[must_use]
    pub(crate) fn is_ordering(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }

    /// The comparison that is true where this one is false.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Equal => Self::NotEqual,
            Self::NotEqual => Self::Equal,
            Self::Less => Self::GreaterOrEqual,
            Self::LessOrEqual => Self::Greater,
            Self::Greater => Self::LessOrEqual,
            Self::GreaterOrEqual => Self::Less,
        }
    }

    /// The same comparison, or the one that is true where this one is false.
    #[must_use]
    pub(crate) fn negated_if(self, negate: bool) -> Self {
        if negate { self.negated() } else { self }
    }

    /// The same comparison with its sides exchanged.
    #[must_use]
    pub(crate) fn flipped(self) -> Self {
        match self {
            Self::Equal | Self::NotEqual => self,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
        }
    }
}

/// Arithmetic on two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `^`
    Power,
    /// `div`
    TruncatedDivide,
    /// `mod`
    Modulo,
}

impl Arithmetic {
    /// How it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Power => "^",
            Self::TruncatedDivide => "div",
            Self::Modulo => "mod",
        }
    }
}

/// What `is` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Is {
    /// `is null`
    Null,
    /// `is true`
    True,
    /// `is false`
    False,
}

/// An interval literal.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: Syntax,
    /// Whether the lower end belongs to it.
    pub low_closed: bool,
    /// The upper end.
    pub high: Syntax,
    /// Whether the upper end belongs to it.
    pub high_closed: bool,
}

/// A query over a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The list.
    pub source: Syntax,
    /// What an element is called.
    pub alias: String,
    /// Where the alias stands.
    pub alias_span: Range<usize>,
    /// `where`
    pub filter: Option<Syntax>,
    /// `return`
    pub result: Option<Syntax>,
    /// `sort by`, and whether descending.
    pub sort: Option<(Sort, bool)>,
}

/// What a query sorts by.
#[derive(Debug, Clone, PartialEq)]
pub enum Sort {
    /// The element itself: `sort asc`.
    Itself,
    /// A field of the element: `sort by date`.
    Field(String, Range<usize>),
}

/// Calendar units in which time is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// Years.
    Years,
    /// Months.
    Months,
    /// Weeks.
    Weeks,
    /// Days.
    Days,
}

impl Precision {
    /// The unit of a plural or singular word.
    #[must_use]
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "year" | "years" => Self::Years,
            "month" | "months" => Self::Months,
            "week" | "weeks" => Self::Weeks,
            "day" | "days" => Self::Days,
            _ => return None,
        })
    }

    /// Its plural.
    #[must_use]
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Years => "years",
            Self::Months => "months",
            Self::Weeks => "weeks",
            Self::Days => "days",
        }
    }
}

/// How two dates stand to each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timing {
    /// Before, after, or either.
    pub relation: Relation,
    /// Whether the same day counts.
    pub or_same: bool,
    /// How far apart, and how that is meant.
    pub offset: Option<(Duration, Offset)>,
}

/// The direction of a timing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Earlier.
    Before,
    /// Later.
    After,
    /// The same day.
    Same,
    /// `within … of`: in either direction.
    Within,
}

/// How the distance of a timing is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offset {
    /// `3 days before`
    Exactly,
    /// `3 days or more before`
    OrMore,
    /// `3 days or less before`
    OrLess,
    /// `more than 3 days before`
    MoreThan,
    /// `less than 3 days before`
    LessThan,
}
