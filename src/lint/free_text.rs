//! Rules that rest on free text: a record that words the same otherwise gets the opposite verdict.

use std::collections::BTreeSet;

use super::Linter;
use crate::cql::Definition;
use crate::cql::typed::{Comparison, Expression, Operation, Type};
use crate::trial::conditions::{ConditionRef, Owner};

pub fn lint(linter: &mut Linter<'_>) {
    let definitions = &linter.trial.definitions;
    let mut deciding = BTreeSet::new();
    for condition in linter.conditions.iter().filter(|one| one.role.decides()) {
        add_definitions(condition.expression, definitions, &mut deciding);
    }
    for condition in linter.conditions {
        let is_deciding = match condition.owner {
            Owner::Definition(at, _) => deciding.contains(&at),
            _ => condition.role.decides(),
        };
        if is_deciding {
            find(linter, condition);
        }
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
fn find(linter: &mut Linter<'_>, condition: &ConditionRef<'_>) {
    let mut found = Vec::new();
    condition.expression.walk(&mut |part| {
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
        let part = condition.text.get(span.clone()).unwrap_or(condition.text);
        let message = format!("free text decides: `{part}` depends on how a record words it");
        linter.find_within(
            condition,
            &span,
            "free-text-decides",
            message,
            "declare a code with the `values` that count; if a record can word it in one way only, accept it",
        );
    }
}
