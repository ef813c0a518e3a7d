//! Limits on completed years and months where the protocol means time that has passed.
//!
//! A child of 18 months is older than 1 year, and has completed one: `AgeInYears() > 1` waits for the second birthday. So
//! "older than" and "up to" are said by a date, and not by a count.

use std::ops::Range;

use rust_decimal::Decimal;

use super::{Limit, Linter};
use crate::cql::syntax::Precision;
use crate::cql::typed::{Expression, Operation};
use crate::trial::Trial;
use crate::trial::conditions::ConditionRef;

/// A count of completed units between two dates.
pub(super) struct Units {
    unit: Precision,
    from: String,
    to: String,
}

impl Units {
    /// What an expression counts, directly or by way of a definition. `text` is what it was written as.
    pub(super) fn of(expression: &Expression, text: &str, trial: &Trial) -> Option<Self> {
        match &expression.operation {
            Operation::Age(unit, from, to) | Operation::DurationBetween(unit, false, from, to) => {
                Some(Self {
                    unit: *unit,
                    from: written(from, text, trial)?,
                    to: written(to, text, trial)?,
                })
            }
            Operation::Definition(id) => {
                let definition = trial.definitions.get(id.0)?;
                Self::of(&definition.expression, &definition.text, trial)
            }
            _ => None,
        }
    }

    /// The numbers by which a text may name a limit: as the rule does, or years as months and the reverse.
    pub(super) fn numbers(&self, number: Decimal) -> impl Iterator<Item = Decimal> {
        let twelve = Decimal::from(12);
        let other = match self.unit {
            Precision::Years => number.checked_mul(twelve),
            Precision::Months => number
                .checked_div(twelve)
                .filter(|years| years.is_integer()),
            Precision::Weeks | Precision::Days => None,
        };
        std::iter::once(number)
            .chain(other)
            .map(|number| number.normalize())
    }
}

/// A date as a condition writes it.
fn written(date: &Expression, text: &str, trial: &Trial) -> Option<String> {
    match &date.operation {
        Operation::Today => Some("Today()".to_owned()),
        Operation::Fact(id) => Some(trial.facts.get(*id).path.clone()),
        _ => text.get(date.span.clone()).map(|text| format!("({text})")),
    }
}

/// Notes a limit that completed units cannot say.
pub(super) fn find(
    linter: &mut Linter<'_>,
    condition: &ConditionRef<'_>,
    span: &Range<usize>,
    number: Decimal,
    said: Limit,
    counted: &Units,
) {
    let part = condition.text.get(span.clone()).unwrap_or(condition.text);
    let plural = counted.unit.plural();
    let unit = if number == Decimal::ONE {
        plural.trim_end_matches('s')
    } else {
        plural
    };
    let Units { from, to, .. } = counted;
    let exact = |relation: &str| format!("`{from} + {number} {unit} {relation} {to}`");
    let (message, help) = if said.least {
        (
            format!(
                "the text asks for more than {number} {unit}, and `{part}` counts completed {plural} only"
            ),
            format!("write {}, which holds from the day after", exact("before")),
        )
    } else {
        (
            format!(
                "the text may end where {number} {unit} have passed, and `{part}` counts completed {plural}"
            ),
            format!(
                "write {} if it ends on that day; accept it if completed {plural} are meant",
                exact("on or after")
            ),
        )
    };
    linter.find_within(condition, span, "completed-units", message, help);
}
