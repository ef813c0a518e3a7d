//! What an expression rests on, directly or by way of the definitions that it names.

use super::Definition;
use super::typed::{Attribute, DefinitionId, Expression, Operation};
use crate::facts::FactId;

/// Calls `visit` on every part of an expression and of the definitions that it uses, in the order of the text. Each
/// definition is gone through once; `used` has those that were.
fn walk(
    expression: &Expression,
    definitions: &[Definition],
    used: &mut Vec<DefinitionId>,
    visit: &mut dyn FnMut(&Expression),
) {
    expression.walk(&mut |part| {
        visit(part);
        if let Operation::Definition(id) = part.operation
            && !used.contains(&id)
        {
            used.push(id);
            if let Some(definition) = definitions.get(id.0) {
                walk(&definition.expression, definitions, used, visit);
            }
        }
    });
}

/// What `find` finds in the parts of an expression and of the definitions that it uses, each once.
fn collect<T: PartialEq>(
    expression: &Expression,
    definitions: &[Definition],
    find: impl Fn(&Expression) -> Option<T>,
) -> Vec<T> {
    let mut found = Vec::new();
    walk(expression, definitions, &mut Vec::new(), &mut |part| {
        found.extend(find(part).filter(|one| !found.contains(one)));
    });
    found
}

/// The facts that an expression names, directly or by way of definitions, in the order of the text.
pub fn facts_of(expression: &Expression, definitions: &[Definition]) -> Vec<FactId> {
    collect(expression, definitions, |part| match part.operation {
        Operation::Fact(id) | Operation::Attribute(id, _) => Some(id),
        _ => None,
    })
}

/// What else an expression asks of a fact, directly or by way of definitions.
pub(crate) fn attributes_of(
    fact: FactId,
    expression: &Expression,
    definitions: &[Definition],
) -> Vec<Attribute> {
    collect(expression, definitions, |part| match part.operation {
        Operation::Attribute(id, attribute) if id == fact => Some(attribute),
        _ => None,
    })
}

/// The definitions that an expression uses, directly or by way of others, each once.
#[must_use]
pub(crate) fn definitions_of(
    expression: &Expression,
    definitions: &[Definition],
) -> Vec<DefinitionId> {
    let mut used = Vec::new();
    walk(expression, definitions, &mut used, &mut |_| {});
    used
}

/// How many parts an expression has, those of the definitions that it uses included.
#[must_use]
pub(crate) fn weight_of(expression: &Expression, definitions: &[Definition]) -> usize {
    let mut weight = 0_usize;
    expression.walk(&mut |part| {
        weight = weight.saturating_add(match part.operation {
            Operation::Definition(id) => definitions
                .get(id.0)
                .map_or(1, |definition| definition.weight),
            _ => 1,
        });
    });
    weight
}
