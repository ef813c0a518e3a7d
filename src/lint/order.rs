//! `First` and `Last` of items with dates, taken in the order in which a record happens to list them.

use super::Linter;
use crate::cql::typed::{Aggregate, Expression, Operation, Type};

pub fn lint(linter: &mut Linter<'_>) {
    for condition in linter.conditions {
        let mut found = Vec::new();
        condition.expression.walk(&mut |part| {
            if let Operation::Aggregate(which @ (Aggregate::First | Aggregate::Last), list) =
                &part.operation
                && !is_sorted(list)
                && let Some(date) = date_of(&list.kind)
            {
                found.push((part.span.clone(), *which, date));
            }
        });
        for (span, which, date) in found {
            let name = if which == Aggregate::First {
                "First"
            } else {
                "Last"
            };
            let help = match date {
                Some(field) => format!(
                    "write `{name}(… X sort by {field})`; if the order of writing is meant, accept it"
                ),
                None => {
                    format!(
                        "write `{name}(… X sort asc)`; if the order of writing is meant, accept it"
                    )
                }
            };
            let message = format!(
                "`{name}` takes the items in the order in which a record lists them, and they have dates"
            );
            linter.find_within(condition, &span, "last-unsorted", message, help);
        }
    }
}

/// Whether a list is sorted, itself or what it was chosen from.
fn is_sorted(list: &Expression) -> bool {
    match &list.operation {
        Operation::Query(query) => query.sort.is_some() || is_sorted(&query.source),
        _ => false,
    }
}

/// The first date of the items of a list, by its name; without one where the items are dates.
fn date_of(list: &Type) -> Option<Option<String>> {
    let Type::List(element) = list else {
        return None;
    };
    match &**element {
        Type::Date => Some(None),
        Type::Item(item) => item
            .fields()
            .iter()
            .find(|field| Type::of(field) == Type::Date)
            .map(|field| Some(field.name().to_owned())),
        _ => None,
    }
}
