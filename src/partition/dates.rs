//! Dates: the days that a date is compared with, and what lies between them.
//!
//! Days that are counted from the screening date move with it. What is found on the day of trying holds on every other
//! day, if the order of those days is the same on each. So a date stays uncovered where that order hangs on the calendar,
//! and where it is used in any other way than in comparisons, phrases such as `30 days or more before Today()`, and age.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{DAY, Uses, closed};
use crate::cql::syntax::{Precision, Relation, Timing};
use crate::cql::typed::{Expression, Limits, Operation};
use crate::facts::Fact;
use crate::value::bounds::End;
use crate::value::duration::in_order;
use crate::value::{Bounds, Duration, Value};

/// The days that cover a date; none if nothing does.
pub fn of(fact: &Fact, uses: &Uses<'_>, is_it: &dyn Fn(&Expression) -> bool) -> Option<Vec<Value>> {
    let mut cuts = Cuts::default();
    let named = uses.parts.iter().filter(|part| is_it(part)).count();
    let mut understood = 0;
    for part in &uses.parts {
        match &part.operation {
            Operation::Compare(_, left, right) if is_it(left) => cuts.at(right)?,
            Operation::Compare(_, left, right) if is_it(right) => cuts.at(left)?,
            Operation::Between(value, limits) if is_it(value) => {
                ends(limits).try_for_each(|end| cuts.at(end))?
            }
            Operation::Timing(timing, left, right) if is_it(left) => cuts.timing(*timing, right)?,
            // Of an age, the comparison around it says where to cut.
            Operation::Compare(_, left, right) => match (age(left, is_it), age(right, is_it)) {
                (Some(precision), None) => cuts.ages(precision, right)?,
                (None, Some(precision)) => cuts.ages(precision, left)?,
                _ => continue,
            },
            Operation::Between(value, limits) => match age(value, is_it) {
                Some(precision) => ends(limits).try_for_each(|end| cuts.ages(precision, end))?,
                None => continue,
            },
            _ => continue,
        }
        understood += 1;
    }
    if understood != named {
        return None;
    }
    let latest = (!fact.future && cuts.moving).then_some(DAY);
    cuts.days(latest)
}

fn ends(limits: &Limits) -> impl Iterator<Item = &Expression> {
    [&limits.low, &limits.high]
        .into_iter()
        .flatten()
        .map(|(end, _)| &**end)
}

/// The unit of an age that is counted from the fact to the screening date.
fn age(part: &Expression, is_it: &dyn Fn(&Expression) -> bool) -> Option<Precision> {
    match &part.operation {
        Operation::Age(precision, birth, at)
            if is_it(birth) && at.operation == Operation::Today =>
        {
            Some(*precision)
        }
        _ => None,
    }
}

/// A step in time, and whether it leads back.
type Step = (Duration, bool);

/// What a date is compared with.
enum Anchor {
    /// A day of the calendar.
    Fixed(Date),
    /// The screening date.
    Screening,
    /// A day that is counted from it.
    Counted(Step),
}

/// The days at which something changes.
#[derive(Default)]
struct Cuts {
    days: BTreeSet<Date>,
    /// How far before and after the screening date they lie.
    before: Vec<Duration>,
    after: Vec<Duration>,
    moving: bool,
    fixed: bool,
}

impl Cuts {
    /// A comparison with a day.
    fn at(&mut self, other: &Expression) -> Option<()> {
        match anchor(other)? {
            Anchor::Fixed(day) => self.fix(day),
            Anchor::Screening => self.count(None),
            Anchor::Counted(step) => self.count(Some(step)),
        }
    }

    /// A timing phrase: the day named, and the day that lies so far from it.
    fn timing(&mut self, timing: Timing, other: &Expression) -> Option<()> {
        self.at(other)?;
        let Some((duration, _)) = timing.offset else {
            return Some(());
        };
        let directions: &[bool] = match timing.relation {
            Relation::Before => &[true],
            Relation::After => &[false],
            Relation::Within | Relation::Same => &[true, false],
        };
        for back in directions {
            match anchor(other)? {
                Anchor::Fixed(day) => self.fix(if *back {
                    duration.before(day)
                } else {
                    duration.after(day)
                }?)?,
                Anchor::Screening => self.count(Some((duration, *back)))?,
                Anchor::Counted(_) => return None,
            }
        }
        Some(())
    }

    /// A comparison of an age: the day on which it is reached, and the day on which the next one is.
    fn ages(&mut self, precision: Precision, other: &Expression) -> Option<()> {
        let unit = match precision {
            Precision::Years => "years",
            Precision::Months => "months",
            Precision::Weeks | Precision::Days => return None,
        };
        let Some(Value::Number(bounds)) = closed(other) else {
            return None;
        };
        let age = i32::try_from(bounds.value()?.floor()).ok()?;
        for count in [age, age.checked_add(1)?] {
            if count > 0 {
                self.count(Some((Duration::of(count, unit)?, true)))?;
            }
        }
        self.count(None)
    }

    fn fix(&mut self, day: Date) -> Option<()> {
        self.fixed = true;
        self.days.insert(day);
        Some(())
    }

    /// A day counted from the screening date.
    fn count(&mut self, step: Option<Step>) -> Option<()> {
        self.moving = true;
        let day = match step {
            None => DAY,
            Some((duration, true)) => {
                self.before.push(duration);
                duration.before(DAY)?
            }
            Some((duration, false)) => {
                self.after.push(duration);
                duration.after(DAY)?
            }
        };
        self.days.insert(day);
        Some(())
    }

    /// Each of the days, and what lies between them.
    fn days(self, latest: Option<Date>) -> Option<Vec<Value>> {
        if self.moving && self.fixed {
            return None;
        }
        in_order(self.before)?;
        in_order(self.after)?;
        let inclusive = |value: Date| End {
            value,
            inclusive: true,
        };
        let mut found = Vec::new();
        let mut low: Option<Date> = None;
        for day in self
            .days
            .into_iter()
            .filter(|day| latest.is_none_or(|latest| *day <= latest))
        {
            found.push(Bounds {
                low: low.map(inclusive),
                high: Some(inclusive(day.yesterday().ok()?)),
            });
            found.push(Bounds::exact(day));
            low = Some(day.tomorrow().ok()?);
        }
        found.push(Bounds {
            low: low.map(inclusive),
            high: latest.map(inclusive),
        });
        found.retain(|bounds| !bounds.is_empty());
        Some(found.into_iter().map(Value::Date).collect())
    }
}

fn anchor(other: &Expression) -> Option<Anchor> {
    match &other.operation {
        Operation::Constant(Value::Date(bounds)) => bounds.value().map(Anchor::Fixed),
        Operation::Today => Some(Anchor::Screening),
        Operation::Shift(day, duration, back) if day.operation == Operation::Today => {
            match closed(duration)? {
                Value::Duration(bounds) => Some(Anchor::Counted((bounds.value()?, *back))),
                _ => None,
            }
        }
        _ => None,
    }
}
