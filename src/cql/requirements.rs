//! What a record has to say for a condition to hold, found from the condition alone.
//!
//! Comparing a record with it takes a fraction of the time that the condition takes. It is necessary and not sufficient:
//! where the record meets every requirement, the condition is still to be evaluated.

use super::check::Definition;
use super::syntax::Is;
use super::typed::{Comparison, Expression, Function, Operation};
use crate::facts::FactId;
use crate::value::Value;

/// A fact without which a condition does not hold, and the values with which it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement {
    /// The fact.
    pub fact: FactId,
    /// A bit for each code by its place, or for no and yes. Of other types, and of codes further behind, every value will do.
    values: u64,
}

impl Requirement {
    /// Some value.
    fn any_value(fact: FactId) -> Self {
        let values = u64::MAX;
        Self { fact, values }
    }

    /// Whether the condition may hold with this value.
    #[must_use]
    pub fn admits(&self, value: &Value) -> bool {
        !value.is_null() && bit_of(value).is_none_or(|bit| self.values & bit != 0)
    }
}

/// The bit of a code or of a boolean, if it has one.
fn bit_of(value: &Value) -> Option<u64> {
    match value {
        Value::Code(code) => 1_u64.checked_shl(code.index.into()),
        Value::Boolean(value) => Some(1 << u64::from(*value)),
        _ => None,
    }
}

/// What a record has to say for a condition to be `wanted`, or to be so for a value that lies within bounds of the record.
#[must_use]
pub fn requirements(
    condition: &Expression,
    wanted: bool,
    definitions: &[Definition],
) -> Vec<Requirement> {
    let of = |part: &Expression, wanted| requirements(part, wanted, definitions);
    match &condition.operation {
        Operation::Not(inner) => of(inner, !wanted),
        Operation::All(parts) | Operation::Any(parts) => {
            let each = parts.iter().map(|part| of(part, wanted));
            if matches!(condition.operation, Operation::All(_)) == wanted {
                each.flatten().collect()
            } else {
                each.reduce(common).unwrap_or_default()
            }
        }
        Operation::Implies(left, right) if wanted => common(of(left, false), of(right, true)),
        Operation::Implies(left, right) => [of(left, true), of(right, false)].concat(),
        Operation::Definition(id) => match definitions.get(id.0) {
            Some(definition) => of(&definition.expression, wanted),
            None => Vec::new(),
        },
        Operation::Fact(fact) => vec![Requirement {
            fact: *fact,
            values: 1 << u64::from(wanted),
        }],
        Operation::Compare(comparison, left, right) => {
            let wanted = match comparison {
                Comparison::Equal => Some(wanted),
                Comparison::NotEqual => Some(!wanted),
                _ => None,
            };
            wanted
                .and_then(|wanted| {
                    one_of(left, [&**right], wanted).or_else(|| one_of(right, [&**left], wanted))
                })
                .unwrap_or_else(|| strict(condition, definitions))
        }
        Operation::In(value, options) => {
            one_of(value, options, wanted).unwrap_or_else(|| strict(condition, definitions))
        }
        Operation::Is(operand, what, negated) => match (what, wanted != *negated) {
            (Is::Null, false) => strict(operand, definitions),
            (Is::True, true) => of(operand, true),
            (Is::False, true) => of(operand, false),
            _ => Vec::new(),
        },
        _ => strict(condition, definitions),
    }
}

/// That a fact is one of these constants, or none of them; none where that is not what the expressions ask.
fn one_of<'e>(
    value: &Expression,
    options: impl IntoIterator<Item = &'e Expression>,
    wanted: bool,
) -> Option<Vec<Requirement>> {
    let Operation::Fact(fact) = value.operation else {
        return None;
    };
    let bits = options.into_iter().map(|option| match &option.operation {
        Operation::Constant(value) => bit_of(value),
        _ => None,
    });
    let values = bits.reduce(|all, bit| Some(all? | bit?))??;
    let values = if wanted { values } else { !values };
    Some(vec![Requirement { fact, values }])
}

/// What either of two requires, where it takes only one of them.
fn common(one: Vec<Requirement>, other: Vec<Requirement>) -> Vec<Requirement> {
    let both = one.into_iter().filter_map(|mine| {
        let theirs = other.iter().find(|theirs| theirs.fact == mine.fact)?;
        let values = mine.values | theirs.values;
        Some(Requirement { values, ..mine })
    });
    both.collect()
}

/// The facts without which the value of an expression is not known.
fn strict(expression: &Expression, definitions: &[Definition]) -> Vec<Requirement> {
    let of = |part: &Expression| strict(part, definitions);
    match &expression.operation {
        Operation::Fact(fact) | Operation::Attribute(fact, _) => {
            vec![Requirement::any_value(*fact)]
        }
        Operation::Definition(id) => match definitions.get(id.0) {
            Some(definition) => of(&definition.expression),
            None => Vec::new(),
        },
        Operation::Not(inner)
        | Operation::Field(inner, _)
        | Operation::Negate(inner)
        | Operation::Scale(inner, _)
        | Operation::Exists(inner)
        | Operation::Aggregate(_, inner)
        | Operation::Between(inner, _)
        // Nothing is among no options, whatever it is.
        | Operation::Member(_, inner) => of(inner),
        Operation::In(value, options) if !options.is_empty() => of(value),
        Operation::Query(query) => of(&query.source),
        Operation::Function(function, arguments) if *function != Function::Coalesce => {
            arguments.first().map(of).unwrap_or_default()
        }
        Operation::Compare(_, left, right)
        | Operation::Xor(left, right)
        | Operation::Arithmetic(_, left, right)
        | Operation::Shift(left, right, _)
        | Operation::Age(_, left, right)
        | Operation::DurationBetween(_, _, left, right)
        | Operation::Timing(_, left, right) => [of(left), of(right)].concat(),
        _ => Vec::new(),
    }
}
