//! Rules that rest on free text: a record that words the same otherwise gets the opposite verdict.

use std::collections::BTreeSet;

use super::Linter;
use super::places::{ConditionPlace, Role};
use crate::cql::Definition;
use crate::cql::typed::{Comparison, Expression, Operation, Type};

pub fn lint(linter: &mut Linter<'_>) {
    let definitions = &linter.trial.definitions;
    let mut deciding = BTreeSet::new();
    for place in &linter.places.conditions {
        if decides(place.role) {
            add_definitions(place.expression, definitions, &mut deciding);
        }
    }
    for place in &linter.places.conditions {
        let is_deciding = match place.role {
            Role::Definition => deciding.iter().any(|at| {
                definitions.get(*at).is_some_and(|definition| {
                    std::ptr::eq(&definition.expression, place.expression)
                })
            }),
            role => decides(role),
        };
        if is_deciding {
            find(linter, place);
        }
    }
}

/// Whether a condition of this role has part in a verdict.
fn decides(role: Role) -> bool {
    match role {
        Role::Applies | Role::Rule | Role::Reading => true,
        Role::Caution | Role::Conflict | Role::Doubt | Role::Definition => false,
    }
}

/// Adds the definitions that an expression uses, directly or by way of others.
fn add_definitions(
    expression: &Expression,
    definitions: &[Definition],
    used: &mut BTreeSet<usize>,
) {
    expression.walk(&mut |part| {
        if let Operation::Definition(id) = &part.operation
            && used.insert(id.0)
            && let Some(definition) = definitions.get(id.0)
        {
            add_definitions(&definition.expression, definitions, used);
        }
    });
}

/// Notes each comparison of free texts in a condition.
fn find(linter: &mut Linter<'_>, place: &ConditionPlace<'_>) {
    let mut found = Vec::new();
    place.expression.walk(&mut |part| {
        let compared = match &part.operation {
            Operation::Compare(Comparison::Equal | Comparison::NotEqual, one, _)
            | Operation::In(one, _)
            | Operation::Member(one, _) => one,
            _ => return,
        };
        if compared.kind == Type::Text {
            found.push(part.span.clone());
        }
    });
    for span in found {
        let part = place.text.get(span.clone()).unwrap_or(place.text);
        let message = format!("free text decides: `{part}` depends on how a record words it");
        let span = linter.places.inside(place, &span);
        linter.find(
            "free-text-decides",
            &span,
            message,
            "declare a code with the `values` that count; if a record can word it in one way only, accept it",
        );
    }
}
