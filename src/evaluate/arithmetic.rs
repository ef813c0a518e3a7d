//! Numbers within bounds: what operators and functions make of them.

use rust_decimal::RoundingStrategy;
use rust_decimal::prelude::*;

use super::cause_of;
use crate::cql::typed::Arithmetic;
use crate::value::bounds::End;
use crate::value::{Bounds, Value, number};

pub(super) fn numeric(
    value: &Value,
    function: impl FnOnce(&Bounds<Decimal>) -> Option<Bounds<Decimal>>,
) -> Value {
    match value {
        Value::Number(bounds) => function(bounds).map_or(Value::UNKNOWN, Value::Number),
        other => Value::Null(cause_of(other)),
    }
}

pub(super) fn calculate(arithmetic: Arithmetic, left: &Value, right: &Value) -> Value {
    let (left, right) = match (left, right) {
        (Value::Number(left), Value::Number(right)) => (left, right),
        (Value::Number(_), unknown) | (unknown, _) => return Value::Null(cause_of(unknown)),
    };
    let exact =
        |function: fn(Decimal, Decimal) -> Option<Decimal>| match (left.value(), right.value()) {
            (Some(left), Some(right)) => function(left, right).map(Bounds::exact),
            _ => None,
        };
    let result = match arithmetic {
        Arithmetic::Add => number::add(left, right),
        Arithmetic::Subtract => number::subtract(left, right),
        Arithmetic::Multiply => number::multiply(left, right),
        Arithmetic::Divide => number::divide(left, right),
        Arithmetic::Power => power(left, right),
        Arithmetic::TruncatedDivide => {
            exact(|left, right| left.checked_div(right).map(|quotient| quotient.trunc()))
        }
        Arithmetic::Modulo => exact(Decimal::checked_rem),
    };
    result.map_or(Value::UNKNOWN, Value::Number)
}

/// A power. Of numbers that are not negative it keeps their order, or reverses it where the exponent is negative.
fn power(base: &Bounds<Decimal>, exponent: &Bounds<Decimal>) -> Option<Bounds<Decimal>> {
    let exponent = exponent.value()?;
    let raised = |base: Decimal| number::power(base, exponent);
    if let Some(base) = base.value() {
        return raised(base).map(Bounds::exact);
    }
    base.low.filter(|low| low.value > Decimal::ZERO)?;
    let ends = if exponent < Decimal::ZERO {
        base.map_reversed(raised)
    } else {
        base.map(raised)
    }?;
    // What is got by a series and rounded may lie a step further out.
    let step = if exponent.fract().is_zero() {
        Decimal::ZERO
    } else {
        Decimal::new(1, number::DECIMALS)
    };
    let moved = |end: Option<End<Decimal>>, by: Decimal| {
        end.map(|end| End {
            value: end.value.saturating_add(by),
            inclusive: true,
        })
    };
    Some(Bounds {
        low: moved(ends.low, -step),
        high: moved(ends.high, step),
    })
}

/// Rounding moves open ends onto values that may be reached.
pub(super) fn closed(bounds: Bounds<Decimal>) -> Bounds<Decimal> {
    let close = |end: Option<End<Decimal>>| {
        end.map(|end| End {
            inclusive: true,
            ..end
        })
    };
    Bounds {
        low: close(bounds.low),
        high: close(bounds.high),
    }
}

/// To so many decimals; what lies in the middle goes away from zero, so that `Round(-0.5)` is -1 as in CQL's tests.
pub(super) fn round_half_away(value: Decimal, places: u32) -> Option<Decimal> {
    (places <= Decimal::MAX_SCALE)
        .then(|| value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero))
}

pub(super) fn absolute(bounds: &Bounds<Decimal>) -> Option<Bounds<Decimal>> {
    match (bounds.low, bounds.high) {
        (Some(low), _) if low.value >= Decimal::ZERO => Some(*bounds),
        (_, Some(high)) if high.value <= Decimal::ZERO => number::negate(bounds),
        (Some(low), Some(high)) => Some(Bounds::between(
            Decimal::ZERO,
            Some(high.value.max(-low.value)),
        )),
        _ => Some(Bounds::between(Decimal::ZERO, None)),
    }
}
