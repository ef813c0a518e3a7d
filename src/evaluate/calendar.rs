//! Dates, whole or partial: moved, counted between, and how they stand to each other.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::cause_of;
use crate::cql::syntax::{Offset, Precision, Relation, Timing};
use crate::value::bounds::End;
use crate::value::duration::days_between;
use crate::value::{Bounds, Duration, Truth, Value};

pub(super) fn shift(date: &Value, duration: &Value, backwards: bool) -> Value {
    let (dates, duration) = match (date, duration) {
        (Value::Date(dates), Value::Duration(duration)) => (dates, duration),
        (Value::Date(_), unknown) | (unknown, _) => return Value::Null(cause_of(unknown)),
    };
    let Some(exact) = duration.value() else {
        return Value::UNKNOWN;
    };
    dates
        .map(|date| {
            if backwards {
                exact.before(date)
            } else {
                exact.after(date)
            }
        })
        .map_or(Value::UNKNOWN, Value::Date)
}

/// Whole calendar units between two dates, as bounds where a date is partial.
pub(super) fn whole_units(precision: Precision, from: &Value, to: &Value) -> Value {
    count_between(from, to, |from, to| {
        let days = days_between(from, to);
        match precision {
            Precision::Days => days,
            Precision::Weeks => days / 7,
            Precision::Months => whole_months(from, to),
            Precision::Years => whole_months(from, to) / 12,
        }
    })
}

/// Calendar boundaries crossed between two dates.
pub(super) fn boundaries_crossed(precision: Precision, from: &Value, to: &Value) -> Value {
    let sunday_of = |date: Date| i64::from(date.weekday().to_sunday_zero_offset());
    count_between(from, to, |from, to| match precision {
        Precision::Days => days_between(from, to),
        // The days between the first days of both weeks; CQL's weeks begin on Sunday.
        Precision::Weeks => (days_between(from, to) + sunday_of(from) - sunday_of(to)) / 7,
        Precision::Months => months_since_zero(to) - months_since_zero(from),
        Precision::Years => i64::from(to.year()) - i64::from(from.year()),
    })
}

fn months_since_zero(date: Date) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month())
}

fn whole_months(from: Date, to: Date) -> i64 {
    if to < from {
        return -whole_months(to, from);
    }
    let months = months_since_zero(to) - months_since_zero(from);
    // The same rule by which months are added to a date: where the last month lacks the day, it is full on its last.
    let reached = to.day() >= from.day().min(to.days_in_month());
    if reached { months } else { months - 1 }
}

fn count_between(from: &Value, to: &Value, count: impl Fn(Date, Date) -> i64) -> Value {
    let (from, to) = match (from, to) {
        (Value::Date(from), Value::Date(to)) => (from, to),
        (Value::Date(_), unknown) | (unknown, _) => return Value::Null(cause_of(unknown)),
    };
    // The earlier the start and the later the end, the more; every end of a date is closed.
    let end = |to: Option<End<Date>>, from: Option<End<Date>>| match (to, from) {
        (Some(to), Some(from)) => Some(End {
            value: Decimal::from(count(from.value, to.value)),
            inclusive: true,
        }),
        _ => None,
    };
    Value::Number(Bounds {
        low: end(to.low, from.high),
        high: end(to.high, from.low),
    })
}

/// How two dates stand to each other.
pub(super) fn stands(timing: Timing, left: &Value, right: &Value) -> Truth {
    let (Value::Date(left), Value::Date(right)) = (left, right) else {
        return Truth::Unknown;
    };
    match timing.relation {
        Relation::Same => left.equal(right),
        Relation::Within => {
            let Some((duration, _)) = timing.offset else {
                return Truth::Unknown;
            };
            let (Some(from), Some(to)) = (
                right.map(|date| duration.before(date)),
                right.map(|date| duration.after(date)),
            ) else {
                return Truth::Unknown;
            };
            from.less_or_equal(left).and(left.less_or_equal(&to))
        }
        // `a after b` is `b before a` as far as order goes; the distance is always counted from the right side.
        Relation::Before => one_sided(
            timing,
            left,
            right,
            |duration, date| duration.before(date),
            |near, far| near.less(far),
        ),
        Relation::After => one_sided(
            timing,
            left,
            right,
            |duration, date| duration.after(date),
            |near, far| far.less(near),
        ),
    }
}

fn one_sided(
    timing: Timing,
    left: &Bounds<Date>,
    right: &Bounds<Date>,
    moved: impl Fn(Duration, Date) -> Option<Date>,
    further: impl Fn(&Bounds<Date>, &Bounds<Date>) -> Truth,
) -> Truth {
    let beyond = |limit: &Bounds<Date>, or_same: bool| {
        if or_same {
            !further(limit, left)
        } else {
            further(left, limit)
        }
    };
    let Some((duration, offset)) = timing.offset else {
        return beyond(right, timing.or_same);
    };
    let Some(limit) = right.map(|date| moved(duration, date)) else {
        return Truth::Unknown;
    };
    match offset {
        Offset::Exactly => left.equal(&limit),
        Offset::OrMore => beyond(&limit, true),
        Offset::MoreThan => beyond(&limit, false),
        // On the right side of the anchor, and not beyond the limit.
        Offset::OrLess => beyond(right, timing.or_same).and(!beyond(&limit, false)),
        Offset::LessThan => beyond(right, timing.or_same).and(!beyond(&limit, true)),
    }
}
