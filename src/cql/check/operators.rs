//! Operators: what they need on either side, and in which type the two meet.

use std::ops::Range;

use super::{Checker, boolean, units};
use crate::cql::ExpressionError;
use crate::cql::syntax::{Arithmetic, Binary, Comparison, Interval, Node, Syntax, Unary};
use crate::cql::typed::{Expression, Limits, Operation, Type};
use crate::value::{Bounds, Truth, Value, number};

impl Checker<'_> {
    pub(super) fn unary(
        &mut self,
        operator: Unary,
        operand: &Syntax,
        span: Range<usize>,
    ) -> Expression {
        let sign = match operator {
            Unary::Not => {
                let operand = self.condition(operand);
                return boolean(Operation::Not(Box::new(operand)), span);
            }
            Unary::Exists => {
                let list = self.expression(operand, None);
                let list = self.list_operand(list, "exists");
                return boolean(Operation::Exists(Box::new(list)), span);
            }
            Unary::Plus => "+",
            Unary::Negate => "-",
        };
        let operand = self.expression(operand, None);
        if !operand.kind.is_number() && !matches!(operand.kind, Type::Quantity(_)) {
            let message = format!("`{sign}` needs a number, found {}", operand.kind);
            return self.error(ExpressionError::new(message, operand.span));
        }
        if operator == Unary::Plus {
            return operand;
        }
        let kind = operand.kind.clone();
        // `-10` is a number, and said as one.
        let negative = match &operand.operation {
            Operation::Constant(Value::Number(bounds)) => number::negate(bounds),
            _ => None,
        };
        let operation = match negative {
            Some(bounds) => Operation::Constant(Value::Number(bounds)),
            None => Operation::Negate(Box::new(operand)),
        };
        Expression::new(operation, kind, span)
    }

    pub(super) fn binary(
        &mut self,
        operator: Binary,
        left: &Syntax,
        right: &Syntax,
        span: Range<usize>,
    ) -> Expression {
        match operator {
            Binary::Xor | Binary::Implies => {
                let left = Box::new(self.condition(left));
                let right = Box::new(self.condition(right));
                let operation = match operator {
                    Binary::Xor => Operation::Xor(left, right),
                    _ => Operation::Implies(left, right),
                };
                boolean(operation, span)
            }
            Binary::In => self.membership(left, right, span),
            Binary::Contains => self.membership(right, left, span),
            Binary::Compute(arithmetic) => self.arithmetic(arithmetic, left, right, span),
            _ => self.comparison(operator, left, right, span),
        }
    }

    /// `and` and `or`; chains inside chains of the same kind are one.
    pub(super) fn chain(
        &mut self,
        operator: Binary,
        parts: &[Syntax],
        span: Range<usize>,
    ) -> Expression {
        let mut checked = Vec::with_capacity(parts.len());
        for part in parts {
            let part = self.condition(part);
            match (operator, part.operation) {
                (Binary::And, Operation::All(inner)) | (Binary::Or, Operation::Any(inner)) => {
                    checked.extend(inner)
                }
                (_, operation) => checked.push(Expression { operation, ..part }),
            }
        }
        let operation = match operator {
            Binary::And => Operation::All(checked),
            _ => Operation::Any(checked),
        };
        boolean(operation, span)
    }

    /// Both sides of a comparison, literals taken in the type of the other side.
    fn pair(&mut self, left: &Syntax, right: &Syntax) -> (Expression, Expression) {
        if matches!(left.node, Node::Text(_) | Node::Null) {
            let right = self.expression(right, None);
            let left = self.expression(left, Some(&right.kind));
            (left, right)
        } else {
            let left = self.expression(left, None);
            let right = self.expression(right, Some(&left.kind));
            (left, right)
        }
    }

    pub(super) fn comparison(
        &mut self,
        operator: Binary,
        left: &Syntax,
        right: &Syntax,
        span: Range<usize>,
    ) -> Expression {
        if let Node::Binary(Binary::Compare(inner), ..) = &left.node
            && inner.is_ordering()
        {
            let (inner, outer) = (inner.symbol(), operator.symbol());
            let message = format!("`a {inner} b {outer} c` compares a truth with a value");
            return self.error(
                ExpressionError::new(message, span)
                    .help("write `a < b and b < c`, or `b between a and c`"),
            );
        }
        let (left, right) = self.pair(left, right);
        let Some((left, right)) = self.unify(left, right, operator.symbol(), &span) else {
            return Expression::unknown(span);
        };
        let is_ordering =
            matches!(operator, Binary::Compare(comparison) if comparison.is_ordering());
        if is_ordering && !left.kind.has_order() {
            return self.error(
                without_order(&left.kind, operator.symbol(), span)
                    .help("compare it with `=` or `in { … }`"),
            );
        }
        if [&left, &right]
            .iter()
            .any(|side| !is_ordering && matches!(side.kind, Type::List(_)))
        {
            return self.error(
                ExpressionError::new("lists are not compared as a whole", span)
                    .help("ask with `exists`, `in` or `Count`"),
            );
        }
        match operator {
            Binary::Compare(comparison) => compared(comparison, left, right, span),
            _ => {
                let negated = operator == Binary::NotEquivalent;
                let (left, right) = (Box::new(left), Box::new(right));
                boolean(Operation::Equivalent(left, right, negated), span)
            }
        }
    }

    /// Brings two values to one type, or says why there is none.
    fn unify(
        &mut self,
        left: Expression,
        right: Expression,
        operator: &str,
        span: &Range<usize>,
    ) -> Option<(Expression, Expression)> {
        match (&left.kind, &right.kind) {
            (mine, theirs) if mine.is_like(theirs) => Some((left, right)),
            (Type::Quantity(_), Type::Quantity(_)) => self.in_one_unit(left, right),
            _ => {
                self.error(unlike(left, right, operator, span));
                None
            }
        }
    }

    pub(super) fn membership(
        &mut self,
        value: &Syntax,
        list: &Syntax,
        span: Range<usize>,
    ) -> Expression {
        match &list.node {
            Node::Interval(interval) => self.in_interval(value, interval, &list.span, span),
            Node::List(items) => self.in_options(value, items, &list.span, span),
            _ => {
                let list = self.expression(list, None);
                match list.kind.clone() {
                    Type::Any => list,
                    Type::List(element) => {
                        let value = self.expression(value, Some(&element));
                        let value = self.fit(value, &element);
                        boolean(Operation::Member(Box::new(value), Box::new(list)), span)
                    }
                    other => self.error(
                        ExpressionError::new(
                            format!("`in` needs a list, found {other}"),
                            list.span,
                        )
                        .help("write `in { 'a', 'b' }`, or compare with `=`"),
                    ),
                }
            }
        }
    }

    fn in_interval(
        &mut self,
        value: &Syntax,
        interval: &Interval,
        interval_span: &Range<usize>,
        span: Range<usize>,
    ) -> Expression {
        // An end that is null is no limit; `between` has no such end.
        let low = (interval.low.node != Node::Null).then_some((&interval.low, interval.low_closed));
        let high =
            (interval.high.node != Node::Null).then_some((&interval.high, interval.high_closed));
        let found = self.between(value, low, high, span);
        match &found.operation {
            Operation::Between(_, limits) if is_empty(limits) => self.error(
                ExpressionError::new("no value lies in this interval", interval_span.clone())
                    .help("write the smaller end first"),
            ),
            _ => found,
        }
    }

    /// `in { a, b }`
    fn in_options(
        &mut self,
        value: &Syntax,
        options: &[Syntax],
        list_span: &Range<usize>,
        span: Range<usize>,
    ) -> Expression {
        let value = self.expression(value, None);
        if options.is_empty() {
            return self.error(ExpressionError::new(
                "the list is empty, so nothing is in it",
                list_span.clone(),
            ));
        }
        let options: Vec<Expression> = options
            .iter()
            .map(|option| self.expression(option, Some(&value.kind)))
            .collect();
        let value = self.in_known_unit(value, &options);
        let mut pairs = Vec::new();
        for option in options {
            let option_span = option.span.clone();
            pairs.extend(self.unify(value.clone(), option, "in", &option_span));
        }
        let operation = if pairs.iter().all(|(converted, _)| *converted == value) {
            let options = pairs.into_iter().map(|(_, option)| option).collect();
            Operation::In(Box::new(value), options)
        } else {
            // Where the value itself had to be converted for an option, each comparison stands for itself.
            let equal = |(value, option): (Expression, Expression)| {
                compared(Comparison::Equal, value, option, span.clone())
            };
            Operation::Any(pairs.into_iter().map(equal).collect())
        };
        boolean(operation, span)
    }

    pub(super) fn between(
        &mut self,
        value: &Syntax,
        low: Option<(&Syntax, bool)>,
        high: Option<(&Syntax, bool)>,
        span: Range<usize>,
    ) -> Expression {
        let value = self.expression(value, None);
        let given = [low, high].map(|end| {
            end.map(|(syntax, closed)| (self.expression(syntax, Some(&value.kind)), closed))
        });
        let known: Vec<Expression> = given.iter().flatten().map(|(end, _)| end.clone()).collect();
        let value = self.in_known_unit(value, &known);
        let ends = given.map(|end| {
            let (end, closed) = end?;
            let end_span = end.span.clone();
            let (converted, end) = self.unify(value.clone(), end, "between", &end_span)?;
            if end.kind.has_order() {
                Some((converted, end, closed))
            } else {
                self.error(without_order(&end.kind, "between", end_span));
                None
            }
        });
        // Where the value itself had to be converted for an end, each comparison stands for itself.
        if ends
            .iter()
            .flatten()
            .any(|(converted, ..)| *converted != value)
        {
            let comparisons = [
                (Comparison::GreaterOrEqual, Comparison::Greater),
                (Comparison::LessOrEqual, Comparison::Less),
            ];
            let parts = ends
                .into_iter()
                .zip(comparisons)
                .filter_map(|(end, (closed, open))| {
                    let (value, end, inclusive) = end?;
                    let comparison = if inclusive { closed } else { open };
                    Some(compared(comparison, value, end, span.clone()))
                });
            return boolean(Operation::All(parts.collect()), span);
        }
        let [low, high] = ends.map(|end| end.map(|(_, end, closed)| (Box::new(end), closed)));
        let limits = Limits { low, high };
        boolean(Operation::Between(Box::new(value), limits), span)
    }

    pub(super) fn arithmetic(
        &mut self,
        operator: Arithmetic,
        left: &Syntax,
        right: &Syntax,
        span: Range<usize>,
    ) -> Expression {
        use Arithmetic::{Add, Divide, Multiply, Subtract};

        let left = self.expression(left, None);
        let right = self.expression(right, None);
        if let Some(kind) = type_of(operator, &left.kind, &right.kind) {
            return computed(operator, left, right, kind, span);
        }
        match (&left.kind, operator, &right.kind) {
            (Type::Date, Add | Subtract, Type::Duration) => {
                shifted(left, right, operator == Subtract, span)
            }
            (Type::Duration, Add, Type::Date) => shifted(right, left, false, span),
            (Type::Date, Subtract, Type::Date) => self.error(
                ExpressionError::new("dates are not subtracted", span)
                    .help("write `days between a and b`, or `months between a and b`"),
            ),
            (Type::Quantity(_), Add | Subtract, Type::Quantity(_)) => {
                match self.in_one_unit(left, right) {
                    Some((left, right)) => {
                        let kind = left.kind.clone();
                        computed(operator, left, right, kind, span)
                    }
                    None => Expression::unknown(span),
                }
            }
            // In one unit, a quotient is a plain number.
            (Type::Quantity(mine), Divide, Type::Quantity(theirs))
                if units::conversion(theirs, mine).is_ok() =>
            {
                match self.in_one_unit(left, right) {
                    Some((left, right)) => computed(operator, left, right, Type::Decimal, span),
                    None => Expression::unknown(span),
                }
            }
            (
                Type::Quantity(_) | Type::Integer | Type::Decimal,
                Multiply | Divide,
                Type::Quantity(_),
            ) => self.derived(operator, left, right, span),
            (mine, _, theirs) => {
                let error = not_computed(operator, mine, theirs, span);
                self.error(error)
            }
        }
    }
}

/// The type in which two values are computed with as they stand.
fn type_of(operator: Arithmetic, left: &Type, right: &Type) -> Option<Type> {
    use Arithmetic::{Divide, Multiply};

    match (left, operator, right) {
        (Type::Any, _, other) | (other, _, Type::Any) => Some(other.clone()),
        (Type::Integer, _, Type::Integer) if operator != Divide => Some(Type::Integer),
        (mine, _, theirs) if mine.is_number() && theirs.is_number() => Some(Type::Decimal),
        (Type::Quantity(_), Multiply | Divide, number) if number.is_number() => Some(left.clone()),
        (number, Multiply, Type::Quantity(_)) if number.is_number() => Some(right.clone()),
        _ => None,
    }
}

/// What is wrong with two values that an operator cannot compute with.
fn not_computed(
    operator: Arithmetic,
    left: &Type,
    right: &Type,
    span: Range<usize>,
) -> ExpressionError {
    let message = format!("`{}` between {left} and {right}", operator.symbol());
    let error = ExpressionError::new(message, span);
    let is_additive = matches!(operator, Arithmetic::Add | Arithmetic::Subtract);
    match (left, right) {
        (Type::Quantity(measure), other) | (other, Type::Quantity(measure))
            if other.is_number() && is_additive =>
        {
            error.help(format!(
                "a number without a unit is another thing: write it behind the number, `5 '{}'`",
                measure.unit
            ))
        }
        (Type::Quantity(_), _) if operator == Arithmetic::Power => {
            error.help("write the product: `height * height`")
        }
        (Type::Quantity(measure), _) => error.help(units::without_unit(&measure.unit)),
        _ => error,
    }
}

/// What is wrong with two values that have no type in which they meet.
fn unlike(
    left: Expression,
    right: Expression,
    operator: &str,
    span: &Range<usize>,
) -> ExpressionError {
    let (message, help, bare) = match (&left.kind, &right.kind) {
        (Type::Quantity(measure), other) | (other, Type::Quantity(measure))
            if other.is_number() =>
        {
            let bare = if left.kind.is_number() { &left } else { &right };
            let number = match &bare.operation {
                Operation::Constant(Value::Number(bounds)) => bounds.value(),
                _ => None,
            };
            let number = number.map_or("5".to_owned(), |number| number.to_string());
            (
                "a number without a unit cannot be compared with a quantity",
                format!("write the unit behind it: `{number} '{}'`", measure.unit),
                bare,
            )
        }
        (Type::Duration, other) | (other, Type::Duration) if other.is_number() => (
            "a number cannot be compared with a duration",
            "write the unit behind it: `3 months`".to_owned(),
            if left.kind.is_number() { &left } else { &right },
        ),
        (Type::Duration, Type::Quantity(_)) | (Type::Quantity(_), Type::Duration) => (
            "a quantity cannot be compared with a duration",
            "calendar durations have no quotes: `3 months`".to_owned(),
            if left.kind == Type::Duration {
                &right
            } else {
                &left
            },
        ),
        (mine, theirs) => {
            let message = if matches!((mine, theirs), (Type::Code(_), Type::Code(_))) {
                format!("the two sides of `{operator}` are codes of different value sets")
            } else {
                format!("`{operator}` between {mine} and {theirs}")
            };
            let error = ExpressionError::new(message, span.clone());
            let is_truth = *mine == Type::Boolean && operator != "=" && operator != "!=";
            let binds_tighter =
                is_truth || matches!(left.operation, Operation::Not(_) | Operation::Exists(_));
            return match binds_tighter {
                true => error.help("`not` and `exists` bind tighter than comparisons: put the comparison in parentheses"),
                false => error,
            };
        }
    };
    ExpressionError::new(message, bare.span.clone())
        .code("unit-mismatch")
        .help(help)
}

fn without_order(kind: &Type, operator: &str, span: Range<usize>) -> ExpressionError {
    let message = format!("{kind} has no order, so `{operator}` says nothing");
    ExpressionError::new(message, span)
}

/// Whether the ends are written so that nothing lies between them.
fn is_empty(limits: &Limits) -> bool {
    let (Some((low, low_in)), Some((high, high_in))) = (&limits.low, &limits.high) else {
        return false;
    };
    let closed = *low_in && *high_in;
    match (&low.operation, &high.operation) {
        (Operation::Constant(Value::Number(low)), Operation::Constant(Value::Number(high))) => {
            nothing_between(low, high, closed)
        }
        (Operation::Constant(Value::Date(low)), Operation::Constant(Value::Date(high))) => {
            nothing_between(low, high, closed)
        }
        _ => false,
    }
}

fn nothing_between<T: Copy + Ord>(low: &Bounds<T>, high: &Bounds<T>, closed: bool) -> bool {
    let is_less = if closed {
        high.less(low)
    } else {
        high.less_or_equal(low)
    };
    is_less == Truth::True
}

fn compared(
    comparison: Comparison,
    left: Expression,
    right: Expression,
    span: Range<usize>,
) -> Expression {
    let operation = Operation::Compare(comparison, Box::new(left), Box::new(right));
    boolean(operation, span)
}

fn computed(
    operator: Arithmetic,
    left: Expression,
    right: Expression,
    kind: Type,
    span: Range<usize>,
) -> Expression {
    let operation = Operation::Arithmetic(operator, Box::new(left), Box::new(right));
    Expression::new(operation, kind, span)
}

/// A date moved by a duration.
fn shifted(
    date: Expression,
    duration: Expression,
    backwards: bool,
    span: Range<usize>,
) -> Expression {
    let operation = Operation::Shift(Box::new(date), Box::new(duration), backwards);
    Expression::new(operation, Type::Date, span)
}
