//! Whether a condition that may take silence for an answer has done so.

use crate::cql::typed::{Expression, Function, Operation};
use crate::evaluate::Context;
use crate::trial::Criterion;

/// Whether something is not known that the own conditions of a criterion ask whether it is known at all.
pub fn is_read(context: &Context<'_>, criterion: &Criterion) -> bool {
    let mut conditions = criterion.own_conditions();
    conditions.any(|condition| is_read_in(context, &condition.expression))
}

fn is_read_in(context: &Context<'_>, expression: &Expression) -> bool {
    let mut found = false;
    expression.walk(&mut |part| {
        found = found || reads_silence(context, part);
    });
    found
}

fn reads_silence(context: &Context<'_>, part: &Expression) -> bool {
    let is_silent = |operand: &Expression| context.value(operand).is_null();
    match &part.operation {
        Operation::Is(operand, ..) => is_silent(operand),
        Operation::Equivalent(one, other, ..) => is_silent(one) || is_silent(other),
        Operation::Function(Function::Coalesce, arguments) => {
            arguments.first().is_some_and(is_silent)
        }
        Operation::Definition(id) => context
            .definitions
            .get(id.0)
            .is_some_and(|definition| is_read_in(context, &definition.expression)),
        _ => false,
    }
}
