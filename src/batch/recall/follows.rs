//! Whether what an expression comes to, and what is said of it, follows from what stamps and outlines stand for.
//!
//! It does not where the expression looks at the day, at what is known beside a value, or into the items of a list for more
//! than their codes, their yes and no, and the order of their dates.

use crate::cql::Definition;
use crate::cql::typed::{Aggregate, Expression, Operation, Query, Type};
use crate::record::stamp::is_calendar;
use crate::value::Value;

/// Whether an expression follows.
pub(super) fn follows(expression: &Expression, definitions: &[Definition]) -> bool {
    Follower { definitions }.value(expression)
}

struct Follower<'d> {
    definitions: &'d [Definition],
}

impl Follower<'_> {
    /// A value that is neither an item nor a list of items.
    fn value(&self, expression: &Expression) -> bool {
        match &expression.operation {
            Operation::Today | Operation::Attribute(..) => false,
            // How many days a month has depends on the day from which it is counted.
            Operation::Constant(Value::Duration(bounds)) => [bounds.low, bounds.high]
                .into_iter()
                .flatten()
                .all(|end| is_calendar(end.value)),
            Operation::Definition(_) => self
                .definition(expression)
                .is_some_and(|definition| self.value(definition)),
            Operation::Field(item, _) => {
                matches!(expression.kind, Type::Code(_) | Type::Boolean) && self.item(item)
            }
            Operation::Exists(list) | Operation::Aggregate(Aggregate::Count, list) => {
                self.list(list)
            }
            _ if has_items(&expression.kind) => false,
            Operation::Query(query) => self.query(query),
            _ => {
                let parts = expression.parts();
                // How two durations of a record compare depends on the day, unless both are in months.
                let is_recorded = |part: &&&Expression| {
                    part.kind == Type::Duration && !matches!(part.operation, Operation::Constant(_))
                };
                parts.iter().filter(is_recorded).count() <= 1
                    && parts.iter().all(|part| self.value(part))
            }
        }
    }

    /// An item, a field of which is looked at.
    fn item(&self, item: &Expression) -> bool {
        match &item.operation {
            Operation::Alias(_) => true,
            Operation::Aggregate(Aggregate::First | Aggregate::Last, list) => self.list(list),
            Operation::Definition(_) => self
                .definition(item)
                .is_some_and(|definition| self.item(definition)),
            _ => false,
        }
    }

    /// A list that is looked through.
    fn list(&self, list: &Expression) -> bool {
        match &list.operation {
            Operation::Fact(_) => true,
            Operation::Query(query) => self.query(query),
            // The items of a list with a name are said as they are.
            _ => self.value(list),
        }
    }

    fn query(&self, query: &Query) -> bool {
        let in_order = |key: &Expression| match &key.operation {
            Operation::Field(item, _) if key.kind == Type::Date => {
                matches!(item.operation, Operation::Alias(_))
            }
            _ => self.value(key),
        };
        self.list(&query.source)
            && query
                .filter
                .iter()
                .chain(&query.result)
                .all(|part| self.value(part))
            && query.sort.as_ref().is_none_or(|(key, _)| in_order(key))
    }

    fn definition(&self, expression: &Expression) -> Option<&Expression> {
        let Operation::Definition(id) = expression.operation else {
            return None;
        };
        self.definitions
            .get(id.0)
            .map(|definition| &definition.expression)
    }
}

/// Whether values of a type are items or have items.
fn has_items(kind: &Type) -> bool {
    match kind {
        Type::Item(_) => true,
        Type::List(of) => has_items(of),
        _ => false,
    }
}
