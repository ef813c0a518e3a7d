//! Units: in which one two quantities meet, and the units that products and quotients have.

use std::ops::Range;
use std::sync::Arc;

use super::Checker;
use crate::cql::ExpressionError;
use crate::cql::typed::{Arithmetic, Expression, Operation, Type};
use crate::facts::Measure;
use crate::units::{self, Factor, Incommensurable, Unit};
use crate::value::Value;

impl Checker<'_> {
    /// A quantity literal. Its unit is one that a fact declares or that UCUM knows.
    pub(super) fn quantity(&mut self, value: Value, unit: &str, span: Range<usize>) -> Expression {
        if !self.names.facts.declares_unit(unit)
            && let Err(problem) = Unit::parse(unit)
        {
            let mut error = ExpressionError::new(problem.message, span).code("unit-mismatch");
            error.help = problem.help;
            return self.error(error);
        }
        Expression {
            operation: Operation::Constant(value),
            kind: quantity_in(unit.to_owned()),
            span,
        }
    }

    /// Two quantities in one unit: a derived unit gives way to one that was written, a literal is converted rather than a
    /// fact, and otherwise the right side is in the unit of the left; but always in the direction that is exact.
    pub(super) fn in_one_unit(
        &mut self,
        left: Expression,
        right: Expression,
    ) -> Option<(Expression, Expression)> {
        let (Type::Quantity(mine), Type::Quantity(theirs)) = (&left.kind, &right.kind) else {
            return Some((left, right));
        };
        if mine.unit == theirs.unit {
            return Some((left, right));
        }
        let (mine, theirs) = (Arc::clone(mine), Arc::clone(theirs));
        let into_mine = conversion(&theirs, &mine);
        let into_theirs = conversion(&mine, &theirs);
        let exact = |found: &Result<Factor, Incommensurable>| found.is_ok_and(Factor::is_exact);
        let literal = |side: &Expression| matches!(side.operation, Operation::Constant(_));
        let left_is_converted = if self.is_derived(&left) != self.is_derived(&right) {
            exact(&into_theirs) && (self.is_derived(&left) || !exact(&into_mine))
        } else if literal(&left) && !literal(&right) {
            exact(&into_theirs)
        } else {
            !exact(&into_mine) && exact(&into_theirs)
        };
        match (into_mine, into_theirs) {
            (_, Ok(factor)) if left_is_converted => {
                Some((self.scaled(left, factor, &theirs), right))
            }
            (Ok(factor), _) => {
                let right = self.scaled(right, factor, &mine);
                Some((left, right))
            }
            // The fact's own declaration was refused already.
            (Err(_), _)
                if [&mine, &theirs].iter().any(|measure| {
                    self.names.facts.keeps_unit(&measure.unit)
                        && Unit::parse(&measure.unit).is_err()
                }) =>
            {
                None
            }
            (Err(why), _) => {
                let lookalike = [&mine, &theirs]
                    .iter()
                    .find_map(|measure| units::lookalike(&measure.unit));
                let shifted = if mine.has_own_zero(&theirs.unit) {
                    Some((&mine.unit, &theirs.unit))
                } else if theirs.has_own_zero(&mine.unit) {
                    Some((&theirs.unit, &mine.unit))
                } else {
                    None
                };
                let help = match (why, shifted) {
                    (_, Some((declared, other))) => format!(
                        "write it in '{declared}', the declared unit; only records may use '{other}', whose zero is another"
                    ),
                    _ if lookalike.is_some() => lookalike.unwrap_or_default(),
                    (Incommensurable::Different, None) => {
                        let known: Vec<String> =
                            mine.units().map(|unit| format!("'{unit}'")).collect();
                        format!(
                            "write it in {}, or declare the factor under `units`",
                            known.join(" or ")
                        )
                    }
                    (other, None) => other.help().to_owned(),
                };
                self.error(
                    ExpressionError::new(
                        format!("'{}' cannot be compared with '{}'", theirs.unit, mine.unit),
                        right.span,
                    )
                    .code("unit-mismatch")
                    .help(help),
                );
                None
            }
        }
    }

    /// A quantity in a unit in which all sides meet: that of whichever fact declares how to convert it, or that of the
    /// others where its own is only derived.
    pub(super) fn in_known_unit(&mut self, value: Expression, others: &[Expression]) -> Expression {
        let Type::Quantity(mine) = &value.kind else {
            return value;
        };
        let known = others.iter().find_map(|other| match &other.kind {
            Type::Quantity(theirs)
                if theirs.unit != mine.unit
                    && mine.others.is_empty()
                    && !theirs.others.is_empty() =>
            {
                theirs
                    .factor(&mine.unit)
                    .map(|factor| (Arc::clone(theirs), factor))
            }
            Type::Quantity(theirs)
                if theirs.unit != mine.unit
                    && self.is_derived(&value)
                    && !self.is_derived(other) =>
            {
                conversion(mine, theirs)
                    .ok()
                    .filter(|factor| factor.is_exact())
                    .map(|factor| (Arc::clone(theirs), factor))
            }
            _ => None,
        });
        match known {
            Some((theirs, factor)) => self.scaled(value, factor, &theirs),
            None => value,
        }
    }

    /// Whether the unit came about by a product or a quotient, so that nobody wrote it.
    fn is_derived(&self, expression: &Expression) -> bool {
        let literal = matches!(expression.operation, Operation::Constant(_));
        matches!(&expression.kind, Type::Quantity(measure) if !literal && !self.names.facts.keeps_unit(&measure.unit))
    }

    /// The expression in another unit; a literal is converted at once.
    pub(super) fn scaled(
        &mut self,
        expression: Expression,
        factor: Factor,
        into: &Arc<Measure>,
    ) -> Expression {
        let kind = Type::Quantity(Arc::clone(into));
        let span = expression.span.clone();
        let operation = match expression.operation {
            Operation::Constant(Value::Number(bounds)) => {
                match bounds.map(|number| factor.apply(number)) {
                    Some(bounds) => Operation::Constant(Value::Number(bounds)),
                    None => {
                        let error = ExpressionError::new(
                            format!("the number is out of reach in '{}'", into.unit),
                            span,
                        );
                        return self.error(error.help("a number has at most 28 digits"));
                    }
                }
            }
            operation => Operation::Scale(
                Box::new(Expression {
                    operation,
                    ..expression
                }),
                factor,
            ),
        };
        Expression {
            operation,
            kind,
            span,
        }
    }

    /// A product, or a quotient of what is not in one unit: `weight / (height * height)` is in kg/m2. Where the units
    /// cancel out, it is a plain number. A number beside a quantity stands without unit.
    pub(super) fn derived(
        &mut self,
        arithmetic: Arithmetic,
        left: Expression,
        right: Expression,
        span: Range<usize>,
    ) -> Expression {
        let code = |kind: &Type| match kind {
            Type::Quantity(measure) => measure.unit.clone(),
            _ => "1".to_owned(),
        };
        let codes = [code(&left.kind), code(&right.kind)];
        let mut units = Vec::new();
        for (code, side) in codes.iter().zip([&left, &right]) {
            match Unit::parse(code) {
                Ok(unit) => units.push(unit),
                Err(_) => {
                    let error = ExpressionError::new(
                        format!(
                            "'{code}' is not a unit of UCUM, so nothing is known of its products"
                        ),
                        side.span.clone(),
                    );
                    return self.error(error.help(format!(
                        "divide by its unit to compute with the number: `… / 1 '{code}'`"
                    )));
                }
            }
        }
        let [first, second] = units.as_slice() else {
            return self.error(ExpressionError::new("a unit is missing", span));
        };
        let unit = match first.times(second, arithmetic == Arithmetic::Divide) {
            Ok(unit) => unit,
            Err(why) => {
                let operator = if arithmetic == Arithmetic::Divide {
                    "/"
                } else {
                    "*"
                };
                let message = format!(
                    "`{operator}` between a quantity in '{}' and one in '{}'",
                    codes[0], codes[1]
                );
                return self.error(
                    ExpressionError::new(message, span)
                        .code("unit-mismatch")
                        .help(why.help()),
                );
            }
        };
        let operation = Operation::Arithmetic(arithmetic, Box::new(left), Box::new(right));
        let product = Expression {
            operation,
            kind: quantity_in(unit.code()),
            span: span.clone(),
        };
        match unit.plain() {
            Some(factor) if factor == Factor::ONE => Expression {
                kind: Type::Decimal,
                ..product
            },
            Some(factor) => Expression {
                operation: Operation::Scale(Box::new(product), factor),
                kind: Type::Decimal,
                span,
            },
            None => product,
        }
    }
}

fn quantity_in(unit: String) -> Type {
    Type::Quantity(Arc::new(Measure {
        unit,
        ..Measure::default()
    }))
}

/// The factor that turns a number of one measure into one of another: by what their facts declare, by UCUM, or by both,
/// one after the other.
pub(super) fn conversion(from: &Measure, to: &Measure) -> Result<Factor, Incommensurable> {
    let declared = |measure: &Measure, unit: &str| measure.factor(unit);
    if let Some(factor) = declared(to, &from.unit) {
        return Ok(factor);
    }
    if let Some(factor) = declared(from, &to.unit).and_then(Factor::inverse) {
        return Ok(factor);
    }
    let direct = units::factor(&from.unit, &to.unit);
    if direct.is_ok() {
        return direct;
    }
    let by_way_of = |unit: &str, declares: &Measure| {
        declares.others.iter().find_map(|(other, factor)| {
            units::factor(unit, other)
                .ok()
                .and_then(|first| first.then(*factor))
        })
    };
    by_way_of(&from.unit, to)
        .or_else(|| by_way_of(&to.unit, from).and_then(Factor::inverse))
        .map_or(direct, Ok)
}
