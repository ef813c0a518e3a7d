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
        let kind = quantity_in(unit.to_owned());
        Expression::new(Operation::Constant(value), kind, span)
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
            (Err(why), _) => {
                // A fact whose own declaration is refused has its error there.
                let is_refused = [&mine, &theirs].iter().any(|measure| {
                    self.names.facts.keeps_unit(&measure.unit)
                        && Unit::parse(&measure.unit).is_err()
                });
                if !is_refused {
                    self.error(incomparable(&mine, &theirs, why, right.span));
                }
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
        let known = others.iter().find_map(|other| {
            let Type::Quantity(theirs) = &other.kind else {
                return None;
            };
            let factor = if theirs.unit == mine.unit {
                None
            } else if mine.others.is_empty() && !theirs.others.is_empty() {
                theirs.factor(&mine.unit)
            } else if self.is_derived(&value) && !self.is_derived(other) {
                let factor = conversion(mine, theirs).ok();
                factor.filter(|factor| factor.is_exact())
            } else {
                None
            };
            factor.map(|factor| (Arc::clone(theirs), factor))
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
        let operation = if let Operation::Constant(Value::Number(bounds)) = expression.operation {
            let Some(bounds) = bounds.map(|number| factor.apply(number)) else {
                let message = format!("the number is out of reach in '{}'", into.unit);
                let error = ExpressionError::new(message, span);
                return self.error(error.help("a number has at most 28 digits"));
            };
            Operation::Constant(Value::Number(bounds))
        } else {
            Operation::Scale(Box::new(expression), factor)
        };
        Expression::new(operation, kind, span)
    }

    /// A product, or a quotient of what is not in one unit: `weight / (height * height)` is in kg/m2. Where the units
    /// cancel out, it is a plain number. A number beside a quantity stands without unit.
    pub(super) fn derived(
        &mut self,
        operator: Arithmetic,
        left: Expression,
        right: Expression,
        span: Range<usize>,
    ) -> Expression {
        let ((mine, unit_of_left), (theirs, unit_of_right)) =
            match (written_unit(&left), written_unit(&right)) {
                (Ok(mine), Ok(theirs)) => (mine, theirs),
                (Err(error), _) | (_, Err(error)) => return self.error(error),
            };
        let unit = match unit_of_left.times(&unit_of_right, operator == Arithmetic::Divide) {
            Ok(unit) => unit,
            Err(why) => {
                let operator = operator.symbol();
                let message =
                    format!("`{operator}` between a quantity in '{mine}' and one in '{theirs}'");
                return self.error(
                    ExpressionError::new(message, span)
                        .code("unit-mismatch")
                        .help(why.help()),
                );
            }
        };
        let operation = Operation::Arithmetic(operator, Box::new(left), Box::new(right));
        let kind = quantity_in(unit.code());
        let product = Expression::new(operation, kind, span.clone());
        match unit.plain() {
            Some(factor) if factor == Factor::ONE => Expression {
                kind: Type::Decimal,
                ..product
            },
            Some(factor) => {
                let operation = Operation::Scale(Box::new(product), factor);
                Expression::new(operation, Type::Decimal, span)
            }
            None => product,
        }
    }
}

/// What to do with a quantity of whose unit nothing is known.
pub(super) fn without_unit(unit: &str) -> String {
    format!("divide by its unit to compute with the number: `… / 1 '{unit}'`")
}

/// The unit that a side of a product or quotient is written in; a number has none.
fn written_unit(side: &Expression) -> Result<(String, Unit), ExpressionError> {
    let code = match &side.kind {
        Type::Quantity(measure) => measure.unit.clone(),
        _ => "1".to_owned(),
    };
    match Unit::parse(&code) {
        Ok(unit) => Ok((code, unit)),
        Err(_) => {
            let message =
                format!("'{code}' is not a unit of UCUM, so nothing is known of its products");
            let error = ExpressionError::new(message, side.span.clone());
            Err(error.help(without_unit(&code)))
        }
    }
}

/// What is wrong with a comparison of two measures that have no unit in which they meet.
fn incomparable(
    mine: &Measure,
    theirs: &Measure,
    why: Incommensurable,
    span: Range<usize>,
) -> ExpressionError {
    let lookalike = || {
        [mine, theirs]
            .iter()
            .find_map(|measure| units::lookalike(&measure.unit))
    };
    let shifted = if mine.has_own_zero(&theirs.unit) {
        Some((&mine.unit, &theirs.unit))
    } else if theirs.has_own_zero(&mine.unit) {
        Some((&theirs.unit, &mine.unit))
    } else {
        None
    };
    let help = if let Some((declared, other)) = shifted {
        format!(
            "write it in '{declared}', the declared unit; only records may use '{other}', whose zero is another"
        )
    } else if let Some(lookalike) = lookalike() {
        lookalike
    } else if why == Incommensurable::Different {
        let known: Vec<String> = mine.units().map(|unit| format!("'{unit}'")).collect();
        format!(
            "write it in {}, or declare the factor under `units`",
            known.join(" or ")
        )
    } else {
        why.help().to_owned()
    };
    let message = format!("'{}' cannot be compared with '{}'", theirs.unit, mine.unit);
    ExpressionError::new(message, span)
        .code("unit-mismatch")
        .help(help)
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
    let declared = to.factor(&from.unit);
    if let Some(factor) = declared.or_else(|| from.factor(&to.unit).and_then(Factor::inverse)) {
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
