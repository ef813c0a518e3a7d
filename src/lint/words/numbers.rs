//! A number that the text sets a limit at, and another one at which the rule does.
//!
//! Few false alarms are worth more here than many findings: only one limit of the text and one of the rule may be left over
//! when all that agree are taken away, both must look the same way, and they must not be the same in another unit.

use rust_decimal::Decimal;

use super::{Limit, limit_in, limits};
use crate::cql::typed::{Expression, Operation, Type};
use crate::lint::Linter;
use crate::trial::conditions::ConditionRef;
use crate::value::Value;

/// What one unit may be of another: days of weeks, months and years, hours and minutes, powers of ten, per cent.
const RATIOS: [i64; 16] = [
    7,
    12,
    24,
    30,
    52,
    60,
    90,
    365,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    28,
    1_000_000_000,
];

/// Finds the number that differs, if there is one.
pub(super) fn find(linter: &mut Linter<'_>, condition: &ConditionRef<'_>, words: &[String]) {
    let mut set = Vec::new();
    limits(condition.expression, false, &mut set);
    let in_text: Vec<Decimal> = words.iter().filter_map(|word| number(word)).collect();
    // The compiled condition has its numbers in the unit of the fact, its text as they were written.
    let mut in_rule = numbers_of(condition.expression, linter);
    in_rule.extend(
        super::words(condition.text)
            .iter()
            .filter_map(|word| number(word)),
    );
    let mut of_rule = set.into_iter().filter(|(limit_at, limit, span, limited)| {
        let written = super::words(condition.text.get(span.clone()).unwrap_or_default());
        let mut written = written
            .iter()
            .filter_map(|word| number(word))
            .chain([*limit_at]);
        !written.any(|written| in_text.iter().any(|said| alike(*said, written)))
            && !in_text
                .iter()
                .any(|said| is_next(words, *said, *limit_at, *limit, limited))
    });
    let (Some((_, limit, span, _)), None) = (of_rule.next(), of_rule.next()) else {
        return;
    };
    let mut of_text = in_text
        .iter()
        .filter(|said| !in_rule.iter().any(|number| alike(**said, *number)))
        .filter_map(|said| Some((*said, limit_in(words, *said)?)));
    let (Some((said, its)), None) = (of_text.next(), of_text.next()) else {
        return;
    };
    if its.least != limit.least {
        return;
    }
    let part = condition.text.get(span.clone()).unwrap_or(condition.text);
    let message = format!("the text sets a limit at {said}, and the condition is `{part}`");
    linter.find_within(
        condition,
        &span,
        "number-differs",
        message,
        "compare the condition with the text; if both mean the same in different units, accept it and say which",
    );
}

/// Whether the text names the next whole number and leaves out what the rule counts in, or the reverse: `< 3` is `<= 2`.
fn is_next(
    words: &[String],
    said: Decimal,
    number: Decimal,
    limit: Limit,
    limited: &Expression,
) -> bool {
    limited.kind == Type::Integer
        && (said - number).abs() == Decimal::ONE
        && limit_in(words, said).is_some_and(|said| said.inclusive != limit.inclusive)
}

/// A number that stands by itself, in digits or spelled out. "One" is left out, which is a pronoun as often as a number.
fn number(word: &str) -> Option<Decimal> {
    const SPELLED: [&str; 11] = [
        "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    ];
    let spelled = SPELLED
        .iter()
        .zip(2..)
        .find(|(spelled, _)| **spelled == word);
    match spelled {
        Some((_, number)) => Some(Decimal::from(number)),
        None => word
            .trim_end_matches('.')
            .parse()
            .ok()
            .map(|number: Decimal| number.normalize()),
    }
}

/// Every number that a condition names, by way of its definitions too.
fn numbers_of(expression: &Expression, linter: &Linter<'_>) -> Vec<Decimal> {
    let mut numbers = Vec::new();
    let mut open = vec![expression];
    let mut seen = Vec::new();
    while let Some(expression) = open.pop() {
        expression.walk(&mut |part| match &part.operation {
            Operation::Constant(Value::Number(number)) => {
                numbers.extend(number.value().map(|number| number.normalize()))
            }
            Operation::Constant(Value::Duration(duration)) => {
                if let Some(duration) = duration.value() {
                    numbers.extend(
                        [
                            i32::from(duration.years),
                            duration.months,
                            duration.weeks,
                            duration.days,
                        ]
                        .into_iter()
                        .filter(|count| *count != 0)
                        .map(Decimal::from),
                    );
                }
            }
            Operation::Definition(id) if !seen.contains(id) => {
                seen.push(*id);
                if let Some(definition) = linter.trial.definitions.get(id.0) {
                    open.push(&definition.expression);
                }
            }
            _ => {}
        });
    }
    numbers
}

/// Whether two numbers may be one and the same, in units that protocols and laboratories use side by side.
fn alike(left: Decimal, right: Decimal) -> bool {
    left == right
        || RATIOS.into_iter().map(Decimal::from).any(|ratio| {
            left.checked_mul(ratio) == Some(right) || right.checked_mul(ratio) == Some(left)
        })
}
