//! Numbers and dates of birth that a record may state without bounds, and percentages that may be fractions.
//!
//! 999, 0 and 1900-01-01 are what other systems write where nothing is known. Only a plausible range keeps them from deciding.

use rust_decimal::Decimal;

use super::Linter;
use crate::cql::typed::{Expression, Operation};
use crate::facts::{Fact, FactId, Kind, Measure};

pub fn lint(linter: &mut Linter<'_>) {
    let births = births(linter);
    let trial = linter.trial;
    for (id, fact) in trial.facts.iter() {
        let nested = match &fact.kind {
            Kind::List(item) => item.fields(),
            _ => &[],
        };
        for fact in std::iter::once(fact).chain(nested) {
            range(linter, fact, births.contains(&id));
        }
        if let Kind::Quantity(measure) = &fact.kind {
            percent(linter, fact, id, measure);
        }
    }
}

/// Finds a fact that states a number, a duration or a date of birth, and has no range.
fn range(linter: &mut Linter<'_>, fact: &Fact, birth: bool) {
    let without = match &fact.kind {
        Kind::Integer(range) | Kind::Decimal(range) => range.is_none(),
        Kind::Quantity(measure) => measure.range.is_none(),
        Kind::Duration(range) => range.is_none(),
        Kind::Date(range) => birth && range.is_none(),
        _ => false,
    };
    if !without {
        return;
    }
    let (code, example) = match &fact.kind {
        Kind::Date(_) => ("1900-01-01", "range: 1910-01-01.."),
        Kind::Duration(_) => ("999 days", "range: 0 days..20 years"),
        _ => ("999 or 0", "range: 1..300"),
    };
    let message = format!(
        "`{}` has no `range`: {code}, which elsewhere is written for what is missing, would be taken as it stands",
        fact.path
    );
    linter.find(
        "no-range",
        &fact.span.key,
        message,
        format!("say what is plausible, such as `{example}`; a record that states another value is refused"),
    );
}

/// The dates of which some condition asks the age.
pub fn births(linter: &Linter<'_>) -> Vec<FactId> {
    let mut births = Vec::new();
    for condition in linter.conditions {
        condition.expression.walk(&mut |part| {
            if let Operation::Age(_, birth, _) = &part.operation
                && let Operation::Fact(id) = birth.operation
            {
                births.push(id);
            }
        });
    }
    births
}

/// Finds a percentage that a record may state as a fraction: the range admits 1 and less, and every limit lies above.
fn percent(linter: &mut Linter<'_>, fact: &Fact, id: FactId, measure: &Measure) {
    let admits = measure.range.is_some_and(|range| {
        let below = range.low.is_none_or(|low| low.value < Decimal::ONE);
        below && range.high.is_none_or(|high| high.value > Decimal::ONE)
    });
    if measure.unit != "%" || !admits {
        return;
    }
    let mut limits = Vec::new();
    for condition in linter.conditions {
        condition
            .expression
            .walk(&mut |part| limits_of(part, id, &mut limits));
    }
    // Where a limit is as small as this, small values are what the protocol is about.
    let least = limits.iter().min().copied();
    if least.is_none_or(|least| least < Decimal::TEN) {
        return;
    }
    let message = format!(
        "0.55 is plausible for `{}`, and may be 55 %: spreadsheets keep 55 % as 0.55",
        fact.path
    );
    linter.find(
        "percent-as-fraction",
        &fact.span.key,
        message,
        "begin the `range` above 1, such as `5..90`; or accept it, where such values occur",
    );
}

/// The numbers that a part compares a fact with.
fn limits_of(part: &Expression, id: FactId, limits: &mut Vec<Decimal>) {
    let is_it = |part: &Expression| part.operation == Operation::Fact(id);
    if !part.parts().into_iter().any(is_it) {
        return;
    }
    for side in part.parts() {
        if let Some(crate::value::Value::Number(number)) = crate::partition::closed(side) {
            limits.extend(number.value());
        }
    }
}
