//! Operators: what they need on either side, and in which type the two meet.

use std::ops::Range;
use std::sync::Arc;

use super::{Checker, boolean, units};
use crate::cql::ExpressionError;
use crate::cql::syntax::{Binary, Node, Syntax, Unary};
use crate::cql::typed::{Arithmetic, Comparison, Expression, Limits, Operation, Type};
use crate::value::{Bounds, Truth, Value, number};

impl Checker<'_> {
    pub(super) fn unary(
        &mut self,
        operator: Unary,
        operand: &Syntax,
        span: Range<usize>,
    ) -> Expression {
        let operand = self.expression(operand, None);
        match operator {
            Unary::Not => {
                let operand = self.boolean(operand);
                boolean(Operation::Not(Box::new(operand)), span)
            }
            Unary::Negate | Unary::Plus => {
                if !operand.kind.is_number() && !matches!(operand.kind, Type::Quantity(_)) {
                    let (sign, kind) = (
                        if operator == Unary::Plus { "+" } else { "-" },
                        operand.kind.to_string(),
                    );
                    return self.error(ExpressionError::new(
                        format!("`{sign}` needs a number, found {kind}"),
                        operand.span,
                    ));
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
                Expression {
                    operation: match negative {
                        Some(bounds) => Operation::Constant(Value::Number(bounds)),
                        None => Operation::Negate(Box::new(operand)),
                    },
                    kind,
                    span,
                }
            }
            Unary::Exists => {
                let list = self.list_operand(operand, "exists");
                boolean(Operation::Exists(Box::new(list)), span)
            }
        }
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
                let left = self.expression(left, None);
                let left = Box::new(self.boolean(left));
                let right = self.expression(right, None);
                let right = Box::new(self.boolean(right));
                boolean(
                    if operator == Binary::Xor {
                        Operation::Xor(left, right)
                    } else {
                        Operation::Implies(left, right)
                    },
                    span,
                )
            }
            Binary::In => self.membership(left, right, span),
            Binary::Contains => self.membership(right, left, span),
            Binary::Add
            | Binary::Subtract
            | Binary::Multiply
            | Binary::Divide
            | Binary::Power
            | Binary::TruncatedDivide
            | Binary::Modulo => self.arithmetic(operator, left, right, span),
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
            let part = self.expression(part, None);
            let part = self.boolean(part);
            match (operator, part.operation) {
                (Binary::And, Operation::All(inner)) | (Binary::Or, Operation::Any(inner)) => {
                    checked.extend(inner)
                }
                (_, operation) => checked.push(Expression { operation, ..part }),
            }
        }
        boolean(
            if operator == Binary::And {
                Operation::All(checked)
            } else {
                Operation::Any(checked)
            },
            span,
        )
    }

    /// Both sides of a comparison in one type, literals taken in the type of the other side.
    pub(super) fn pair(&mut self, left: &Syntax, right: &Syntax) -> (Expression, Expression) {
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
        if let Node::Binary(
            inner @ (Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual),
            ..,
        ) = &left.node
        {
            let (inner, outer) = (inner.symbol(), operator.symbol());
            return self.error(
                ExpressionError::new(
                    format!("`a {inner} b {outer} c` compares a truth with a value"),
                    span,
                )
                .help("write `a < b and b < c`, or `b between a and c`"),
            );
        }
        let (left, right) = self.pair(left, right);
        let Some((left, right)) = self.unify(left, right, operator.symbol(), &span) else {
            return Expression {
                operation: Operation::Constant(Value::UNKNOWN),
                kind: Type::Any,
                span,
            };
        };
        let is_ordered = matches!(
            operator,
            Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual
        );
        let is_list = |side: &Expression| matches!(side.kind, Type::List(_));
        if !is_ordered && (is_list(&left) || is_list(&right)) {
            return self.error(
                ExpressionError::new("lists are not compared as a whole", span)
                    .help("ask with `exists`, `in` or `Count`"),
            );
        }
        let comparison = match operator {
            Binary::NotEqual => Comparison::NotEqual,
            Binary::Less => Comparison::Less,
            Binary::LessOrEqual => Comparison::LessOrEqual,
            Binary::Greater => Comparison::Greater,
            Binary::GreaterOrEqual => Comparison::GreaterOrEqual,
            Binary::Equivalent | Binary::NotEquivalent => {
                return boolean(
                    Operation::Equivalent(
                        Box::new(left),
                        Box::new(right),
                        operator == Binary::NotEquivalent,
                    ),
                    span,
                );
            }
            _ => Comparison::Equal,
        };
        if is_ordered
            && matches!(
                left.kind,
                Type::Boolean | Type::Code(_) | Type::Text | Type::List(_) | Type::Item(_)
            )
        {
            let kind = left.kind.to_string();
            return self.error(
                ExpressionError::new(
                    format!(
                        "{kind} has no order, so `{}` says nothing",
                        operator.symbol()
                    ),
                    span,
                )
                .help("compare it with `=` or `in { … }`"),
            );
        }
        boolean(
            Operation::Compare(comparison, Box::new(left), Box::new(right)),
            span,
        )
    }

    /// Brings two values to one type, or says why there is none.
    pub(super) fn unify(
        &mut self,
        left: Expression,
        right: Expression,
        operator: &str,
        span: &Range<usize>,
    ) -> Option<(Expression, Expression)> {
        match (&left.kind, &right.kind) {
            (Type::Any, _) | (_, Type::Any) => Some((left, right)),
            (Type::Integer | Type::Decimal, Type::Integer | Type::Decimal) => Some((left, right)),
            (Type::Quantity(_), Type::Quantity(_)) => self.in_one_unit(left, right),
            (Type::Quantity(measure), other) | (other, Type::Quantity(measure))
                if other.is_number() =>
            {
                let unit = measure.unit.clone();
                let bare = if left.kind.is_number() { left } else { right };
                let number = match &bare.operation {
                    Operation::Constant(Value::Number(bounds)) => bounds
                        .value()
                        .map_or("5".to_owned(), |number| number.to_string()),
                    _ => "5".to_owned(),
                };
                let bare = bare.span;
                self.error(
                    ExpressionError::new(
                        "a number without a unit cannot be compared with a quantity",
                        bare,
                    )
                    .code("unit-mismatch")
                    .help(format!("write the unit behind it: `{number} '{unit}'`")),
                );
                None
            }
            (Type::Duration, other) | (other, Type::Duration) if other.is_number() => {
                let bare = if left.kind.is_number() {
                    left.span
                } else {
                    right.span
                };
                self.error(
                    ExpressionError::new("a number cannot be compared with a duration", bare)
                        .code("unit-mismatch")
                        .help("write the unit behind it: `3 months`"),
                );
                None
            }
            (Type::Duration, Type::Quantity(_)) | (Type::Quantity(_), Type::Duration) => {
                let bare = if left.kind == Type::Duration {
                    right.span
                } else {
                    left.span
                };
                self.error(
                    ExpressionError::new("a quantity cannot be compared with a duration", bare)
                        .code("unit-mismatch")
                        .help("calendar durations have no quotes: `3 months`"),
                );
                None
            }
            (Type::Code(mine), Type::Code(theirs))
                if Arc::ptr_eq(mine, theirs) || mine.names().eq(theirs.names()) =>
            {
                Some((left, right))
            }
            (mine, theirs) if mine == theirs => Some((left, right)),
            (mine, theirs) => {
                let message = if matches!((mine, theirs), (Type::Code(_), Type::Code(_))) {
                    format!("the two sides of `{operator}` are codes of different value sets")
                } else {
                    format!("`{operator}` between {mine} and {theirs}")
                };
                let not_first = left.kind == Type::Boolean && operator != "=" && operator != "!=";
                let mut error = ExpressionError::new(message, span.clone());
                if not_first || matches!(left.operation, Operation::Not(_) | Operation::Exists(_)) {
                    error = error.help("`not` and `exists` bind tighter than comparisons: put the comparison in parentheses");
                }
                self.error(error);
                None
            }
        }
    }

    pub(super) fn membership<'s>(
        &mut self,
        value: &Syntax,
        list: &'s Syntax,
        span: Range<usize>,
    ) -> Expression {
        if let Node::Interval(interval) = &list.node {
            // An end that is null is no limit; `between` has no such end.
            let end = |syntax: &'s Syntax, closed| {
                (syntax.node != Node::Null).then_some((syntax, closed))
            };
            let found = self.between(
                value,
                end(&interval.low, interval.low_closed),
                end(&interval.high, interval.high_closed),
                span,
            );
            if let Operation::Between(_, limits) = &found.operation
                && is_empty(limits)
            {
                return self.error(
                    ExpressionError::new("no value lies in this interval", list.span.clone())
                        .help("write the smaller end first"),
                );
            }
            return found;
        }
        if let Node::List(items) = &list.node {
            let value = self.expression(value, None);
            let items: Vec<Expression> = items
                .iter()
                .map(|item| self.expression(item, Some(&value.kind)))
                .collect();
            let value = self.in_known_unit(value, &items);
            let mut pairs = Vec::new();
            for item in items.iter().cloned() {
                let item_span = item.span.clone();
                pairs.extend(self.unify(value.clone(), item, "in", &item_span));
            }
            if items.is_empty() {
                return self.error(ExpressionError::new(
                    "the list is empty, so nothing is in it",
                    list.span.clone(),
                ));
            }
            // Where the value itself had to be converted for an option, each comparison stands for itself.
            return boolean(
                if pairs.iter().all(|(converted, _)| *converted == value) {
                    Operation::In(
                        Box::new(value),
                        pairs.into_iter().map(|(_, option)| option).collect(),
                    )
                } else {
                    let equal = |(value, option): (Expression, Expression)| {
                        compared(Comparison::Equal, value, option, span.clone())
                    };
                    Operation::Any(pairs.into_iter().map(equal).collect())
                },
                span,
            );
        }
        let list = self.expression(list, None);
        match list.kind.clone() {
            Type::Any => list,
            Type::List(element) => {
                let value = self.expression(value, Some(&element));
                let value = self.fit(value, &element);
                boolean(Operation::Member(Box::new(value), Box::new(list)), span)
            }
            other => self.error(
                ExpressionError::new(format!("`in` needs a list, found {other}"), list.span)
                    .help("write `in { 'a', 'b' }`, or compare with `=`"),
            ),
        }
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
        let mut ends = [None, None];
        for (end, place) in given.into_iter().zip(&mut ends) {
            let Some((end, closed)) = end else { continue };
            let end_span = end.span.clone();
            let Some((converted, end)) = self.unify(value.clone(), end, "between", &end_span)
            else {
                continue;
            };
            if matches!(
                end.kind,
                Type::Boolean | Type::Code(_) | Type::Text | Type::List(_) | Type::Item(_)
            ) {
                let kind = end.kind.to_string();
                self.error(ExpressionError::new(
                    format!("{kind} has no order, so `between` says nothing"),
                    end_span,
                ));
                continue;
            }
            *place = Some((converted, end, closed));
        }
        // Where the value itself had to be converted for an end, each comparison stands for itself.
        if ends
            .iter()
            .flatten()
            .any(|(converted, ..)| *converted != value)
        {
            let operators = [
                (Comparison::GreaterOrEqual, Comparison::Greater),
                (Comparison::LessOrEqual, Comparison::Less),
            ];
            let parts = ends
                .into_iter()
                .zip(operators)
                .filter_map(|(end, (closed, open))| {
                    let (value, end, inclusive) = end?;
                    Some(compared(
                        if inclusive { closed } else { open },
                        value,
                        end,
                        span.clone(),
                    ))
                });
            return boolean(Operation::All(parts.collect()), span);
        }
        let [low, high] = ends.map(|end| end.map(|(_, end, closed)| (Box::new(end), closed)));
        boolean(
            Operation::Between(Box::new(value), Limits { low, high }),
            span,
        )
    }

    pub(super) fn arithmetic(
        &mut self,
        operator: Binary,
        left: &Syntax,
        right: &Syntax,
        span: Range<usize>,
    ) -> Expression {
        let left = self.expression(left, None);
        let right = self.expression(right, None);
        let arithmetic = match operator {
            Binary::Subtract => Arithmetic::Subtract,
            Binary::Multiply => Arithmetic::Multiply,
            Binary::Divide => Arithmetic::Divide,
            Binary::Power => Arithmetic::Power,
            Binary::TruncatedDivide => Arithmetic::TruncatedDivide,
            Binary::Modulo => Arithmetic::Modulo,
            _ => Arithmetic::Add,
        };
        let additive = matches!(operator, Binary::Add | Binary::Subtract);
        let kind = match (&left.kind, &right.kind) {
            (Type::Date, Type::Duration) if additive => {
                return Expression {
                    operation: Operation::Shift(
                        Box::new(left),
                        Box::new(right),
                        operator == Binary::Subtract,
                    ),
                    kind: Type::Date,
                    span,
                };
            }
            (Type::Duration, Type::Date) if operator == Binary::Add => {
                return Expression {
                    operation: Operation::Shift(Box::new(right), Box::new(left), false),
                    kind: Type::Date,
                    span,
                };
            }
            (Type::Date, Type::Date) if operator == Binary::Subtract => {
                return self.error(
                    ExpressionError::new("dates are not subtracted", span)
                        .help("write `days between a and b`, or `months between a and b`"),
                );
            }
            (Type::Any, other) | (other, Type::Any) => other.clone(),
            (Type::Integer, Type::Integer) if operator != Binary::Divide => Type::Integer,
            (mine, theirs) if mine.is_number() && theirs.is_number() => Type::Decimal,
            (Type::Quantity(_), Type::Quantity(_)) if additive => {
                let Some((left, right)) = self.unify(left, right, operator.symbol(), &span) else {
                    return Expression {
                        operation: Operation::Constant(Value::UNKNOWN),
                        kind: Type::Any,
                        span,
                    };
                };
                let kind = left.kind.clone();
                return Expression {
                    operation: Operation::Arithmetic(arithmetic, Box::new(left), Box::new(right)),
                    kind,
                    span,
                };
            }
            // In one unit, a quotient is a plain number.
            (Type::Quantity(mine), Type::Quantity(theirs))
                if operator == Binary::Divide && units::conversion(theirs, mine).is_ok() =>
            {
                let Some((left, right)) = self.in_one_unit(left, right) else {
                    return Expression {
                        operation: Operation::Constant(Value::UNKNOWN),
                        kind: Type::Any,
                        span,
                    };
                };
                return Expression {
                    operation: Operation::Arithmetic(arithmetic, Box::new(left), Box::new(right)),
                    kind: Type::Decimal,
                    span,
                };
            }
            (Type::Quantity(_), Type::Quantity(_))
                if matches!(operator, Binary::Multiply | Binary::Divide) =>
            {
                return self.derived(arithmetic, left, right, span);
            }
            (number, Type::Quantity(_)) if number.is_number() && operator == Binary::Divide => {
                return self.derived(arithmetic, left, right, span);
            }
            (Type::Quantity(measure), number)
                if number.is_number() && matches!(operator, Binary::Multiply | Binary::Divide) =>
            {
                Type::Quantity(Arc::clone(measure))
            }
            (number, Type::Quantity(measure))
                if number.is_number() && operator == Binary::Multiply =>
            {
                Type::Quantity(Arc::clone(measure))
            }
            (mine, theirs) => {
                let message = format!("`{}` between {mine} and {theirs}", operator.symbol());
                let mut error = ExpressionError::new(message, span);
                error.help = match (mine, theirs, operator) {
                    (Type::Quantity(measure), other, _) | (other, Type::Quantity(measure), _)
                        if other.is_number() && additive =>
                    {
                        Some(format!(
                            "a number without a unit is another thing: write it behind the number, `5 '{}'`",
                            measure.unit
                        ))
                    }
                    (Type::Quantity(_), _, Binary::Power) => {
                        Some("write the product: `height * height`".to_owned())
                    }
                    (Type::Quantity(measure), ..) => Some(format!(
                        "divide by its unit to compute with the number: `… / 1 '{}'`",
                        measure.unit
                    )),
                    _ => None,
                };
                return self.error(error);
            }
        };
        Expression {
            operation: Operation::Arithmetic(arithmetic, Box::new(left), Box::new(right)),
            kind,
            span,
        }
    }
}

/// Whether the ends are written so that nothing lies between them.
fn is_empty(limits: &Limits) -> bool {
    let written = |end: &Option<(Box<Expression>, bool)>| match end {
        Some((end, inclusive)) => match &end.operation {
            Operation::Constant(value) => Some((value.clone(), *inclusive)),
            _ => None,
        },
        None => None,
    };
    match (written(&limits.low), written(&limits.high)) {
        (Some((Value::Number(low), low_in)), Some((Value::Number(high), high_in))) => {
            nothing_between(&low, low_in, &high, high_in)
        }
        (Some((Value::Date(low), low_in)), Some((Value::Date(high), high_in))) => {
            nothing_between(&low, low_in, &high, high_in)
        }
        _ => false,
    }
}

fn nothing_between<T: Copy + Ord>(
    low: &Bounds<T>,
    low_in: bool,
    high: &Bounds<T>,
    high_in: bool,
) -> bool {
    (if low_in && high_in {
        high.less(low)
    } else {
        high.less_or_equal(low)
    }) == Truth::True
}

fn compared(
    comparison: Comparison,
    left: Expression,
    right: Expression,
    span: Range<usize>,
) -> Expression {
    boolean(
        Operation::Compare(comparison, Box::new(left), Box::new(right)),
        span,
    )
}
