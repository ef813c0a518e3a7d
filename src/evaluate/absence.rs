//! What looks at absence: `~`, whether two values are alike, and `Coalesce` of a list.
//!
//! `~` is True or False and never unknown. As in CQL two nulls are alike, a null and a value are not; texts are compared as `=` compares them; decimals as far as the less precise of the two was written; partial dates by what is written of them.

use rust_decimal::Decimal;

use super::Context;
use super::arithmetic::round_half_away;
use crate::cql::typed::{Comparison, Expression, Type};
use crate::value::text::folded;
use crate::value::{Truth, Value};

impl Context<'_> {
    /// Whether `left` and `right`, the values of two expressions, are alike.
    pub(super) fn alike(
        &self,
        (left, left_value): (&Expression, &Value),
        (right, right_value): (&Expression, &Value),
    ) -> bool {
        match (left_value, right_value) {
            (Value::Null(_), Value::Null(_)) => true,
            (Value::Null(_), _) | (_, Value::Null(_)) => false,
            (Value::Text(left), Value::Text(right)) => folded(left) == folded(right),
            (Value::Date(left), Value::Date(right)) => left == right,
            (Value::Number(one), Value::Number(other))
                if !matches!(
                    (&left.kind, &right.kind),
                    (Type::Quantity(_), _) | (_, Type::Quantity(_))
                ) =>
            {
                match (one.value(), other.value()) {
                    (Some(one), Some(other)) => roughly_equal(one, other),
                    _ => false,
                }
            }
            (left, right) => self.compare(Comparison::Equal, left, right) == Truth::True,
        }
    }

    /// The first element of a list that is known; not known where that one may not belong to the list.
    pub(super) fn first_known(list: &Value) -> Value {
        let Value::List(list) = list else {
            return Value::UNKNOWN;
        };
        match list
            .elements
            .iter()
            .find(|element| !element.value.is_null())
        {
            Some(element) if element.certain => element.value.clone(),
            _ => Value::UNKNOWN,
        }
    }
}

/// Equal when both are rounded to the decimals of the one that has fewer.
fn roughly_equal(one: Decimal, other: Decimal) -> bool {
    let decimals = one.normalize().scale().min(other.normalize().scale());
    round_half_away(one, decimals) == round_half_away(other, decimals)
}
