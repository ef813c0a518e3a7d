//! The values that stand for all that one fact may be.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::{Uses, closed, dates, lists};
use crate::cql::typed::{Expression, Operation};
use crate::facts::{FactId, Kind, ValueSet};
use crate::trial::Trial;
use crate::value::bounds::End;
use crate::value::{Bounds, Code, Duration, Value, duration};

/// So many whole numbers are tried one by one.
const FEW_NUMBERS: i64 = 40;
/// So many values of a code, or parts of a number, and no more.
const MOST_CELLS: usize = 200;

/// The values that cover a fact; none if nothing does.
pub fn of(trial: &Trial, id: FactId, uses: &Uses<'_>) -> Option<Vec<Value>> {
    let is_it = |part: &Expression| matches!(part.operation, Operation::Fact(found) if found == id);
    match &trial.facts.get(id).kind {
        Kind::Date(_) => dates::of(trial.facts.get(id), uses, &is_it),
        Kind::List(kind) => lists::of(kind, uses, &is_it),
        Kind::Code(set) if uses.absence => codes(set, |_| true),
        kind => single(kind, &compared(&uses.parts, &is_it)),
    }
}

/// The values that cover a fact which is no date and no list, cut at everything that it is compared with.
pub fn single(kind: &Kind, thresholds: &[Value]) -> Option<Vec<Value>> {
    let numbers: BTreeSet<Decimal> = thresholds
        .iter()
        .filter_map(|value| match value {
            Value::Number(bounds) => bounds.value(),
            _ => None,
        })
        .collect();
    let values = match kind {
        Kind::Boolean { .. } => vec![Value::Boolean(true), Value::Boolean(false)],
        Kind::Code(set) => {
            // Every other comparison of an unclear value is unknown, so that it can be left out.
            let named: Vec<u16> = thresholds
                .iter()
                .filter_map(|value| match value {
                    Value::Code(code) => Some(code.index),
                    _ => None,
                })
                .collect();
            codes(set, |index| named.contains(&index))?
        }
        Kind::Integer(range) => whole_numbers(range.as_ref(), numbers),
        Kind::Decimal(range) => parts(range.as_ref(), numbers)
            .into_iter()
            .map(Value::Number)
            .collect(),
        Kind::Quantity(measure) => parts(measure.range.as_ref(), numbers)
            .into_iter()
            .map(Value::Number)
            .collect(),
        Kind::Duration(range) => durations(range.as_ref(), thresholds)?,
        Kind::Date(_) | Kind::Text | Kind::List(_) => return None,
    };
    (values.len() <= MOST_CELLS).then_some(values)
}

/// The clear values, and the unclear ones that are asked for.
fn codes(set: &ValueSet, asked_for: impl Fn(u16) -> bool) -> Option<Vec<Value>> {
    let mut found = Vec::new();
    for (index, value) in set.values.iter().enumerate() {
        let index = u16::try_from(index).ok()?;
        if !value.unclear || asked_for(index) {
            found.push(Value::Code(Code {
                index,
                unclear: value.unclear,
            }));
        }
    }
    Some(found).filter(|found| found.len() <= MOST_CELLS)
}

/// What stands beside the parts that `is_it` finds, in comparisons of every kind.
pub fn compared(parts: &[&Expression], is_it: &dyn Fn(&Expression) -> bool) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    for part in parts {
        if !matches!(
            part.operation,
            Operation::Compare(..) | Operation::Between(..) | Operation::In(..)
        ) {
            continue;
        }
        let mut about_it = false;
        part.walk(&mut |inner| about_it |= is_it(inner));
        if !about_it {
            continue;
        }
        let mut add = |value: Value| {
            if !value.is_null() && found.len() < MOST_CELLS && !found.contains(&value) {
                found.push(value);
            }
        };
        part.parts()
            .into_iter()
            .filter_map(closed)
            .for_each(&mut add);
        part.walk(&mut |inner| {
            if let Operation::Constant(value) = &inner.operation {
                add(value.clone());
            }
        });
    }
    found
}

/// Whole numbers: each by itself where they are few, otherwise the numbers named and what lies between.
fn whole_numbers(range: Option<&Bounds<Decimal>>, thresholds: BTreeSet<Decimal>) -> Vec<Value> {
    let ends = range.and_then(|range| {
        Some((
            range.low?.value.ceil().to_i64()?,
            range.high?.value.floor().to_i64()?,
        ))
    });
    if let Some((low, high)) = ends
        && high
            .checked_sub(low)
            .is_some_and(|count| (0..FEW_NUMBERS).contains(&count))
    {
        return (low..=high)
            .map(|number| Value::number(Decimal::from(number)))
            .collect();
    }
    let whole = |bounds: Bounds<Decimal>| {
        let low = bounds.low.map(|end| {
            if end.inclusive {
                end.value.ceil()
            } else {
                end.value.floor() + Decimal::ONE
            }
        });
        let high = bounds.high.map(|end| {
            if end.inclusive {
                end.value.floor()
            } else {
                end.value.ceil() - Decimal::ONE
            }
        });
        let end = |value: Option<Decimal>| {
            value.map(|value| End {
                value,
                inclusive: true,
            })
        };
        Some(Bounds {
            low: end(low),
            high: end(high),
        })
        .filter(|bounds| !bounds.is_empty())
    };
    // Beyond what a decimal can hold there is no next number.
    let near = Decimal::from(i64::MAX);
    let thresholds = thresholds
        .into_iter()
        .filter(|number| number.abs() < near)
        .collect();
    let range = range.filter(|range| {
        [range.low, range.high]
            .into_iter()
            .flatten()
            .all(|end| end.value.abs() < near)
    });
    parts(range, thresholds)
        .into_iter()
        .filter_map(whole)
        .map(Value::Number)
        .collect()
}

/// The thresholds inside a range, and the parts between them.
fn parts<T: Copy + Ord>(range: Option<&Bounds<T>>, thresholds: BTreeSet<T>) -> Vec<Bounds<T>> {
    let (first, last) = (
        range.and_then(|range| range.low),
        range.and_then(|range| range.high),
    );
    let inside = |value: &T| range.is_none_or(|range| range.contains(&Bounds::exact(*value)));
    let mut found = Vec::new();
    let mut low = first;
    for threshold in thresholds.into_iter().filter(inside) {
        let open = End {
            value: threshold,
            inclusive: false,
        };
        found.push(Bounds {
            low,
            high: Some(open),
        });
        found.push(Bounds::exact(threshold));
        low = Some(open);
    }
    found.push(Bounds { low, high: last });
    found.retain(|bounds| !bounds.is_empty());
    found
}

/// Durations in order of length. None where that order hangs on the day from which they are counted.
fn durations(range: Option<&Bounds<Duration>>, thresholds: &[Value]) -> Option<Vec<Value>> {
    let ends = range
        .into_iter()
        .flat_map(|range| [range.low, range.high])
        .flatten()
        .map(|end| end.value);
    let named = thresholds.iter().filter_map(|value| match value {
        Value::Duration(bounds) => bounds.value(),
        _ => None,
    });
    let all = duration::in_order(ends.chain(named).collect())?;
    // In that order a duration is as good as its place.
    let place = |duration: Duration| {
        all.iter()
            .position(|other| other.months_and_days() == duration.months_and_days())
    };
    let range = match range {
        Some(range) => Some(range.map(place)?),
        None => None,
    };
    let cells = parts(range.as_ref(), (0..all.len()).collect());
    cells
        .into_iter()
        .map(|cell| {
            cell.map(|place| all.get(place).copied())
                .map(Value::Duration)
        })
        .collect()
}
