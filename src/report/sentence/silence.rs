//! Whether a condition that may take silence for an answer has done so.

use crate::cql::typed::{Expression, Function, Operation};
use crate::evaluate::Context;
use crate::trial::Criterion;

/// Whether something is not known that the own conditions of a criterion ask whether it is known at all.
pub fn is_read(context: &Context<'_>, criterion: &Criterion) -> bool {
    let mut conditions = criterion.own_conditions();
    conditions.any(|condition| is_read_in(context, &condition.expression))
}

/// Looks only at what had a say: behind the value that `Coalesce` takes, nothing is asked any more.
fn is_read_in(context: &Context<'_>, expression: &Expression) -> bool {
    if let Operation::Function(Function::Coalesce, arguments) = &expression.operation {
        let taken = arguments
            .iter()
            .position(|argument| !context.value(argument).is_null());
        let asked = taken.map_or(arguments.len(), |taken| taken + 1);
        return taken != Some(0)
            || arguments
                .iter()
                .take(asked)
                .any(|argument| is_read_in(context, argument));
    }
    let mut found = reads_silence(context, expression);
    expression.each_part(&mut |part| found = found || is_read_in(context, part));
    found
}

fn reads_silence(context: &Context<'_>, part: &Expression) -> bool {
    let is_silent = |operand: &Expression| context.value(operand).is_null();
    match &part.operation {
        Operation::Is(operand, ..) => is_silent(operand),
        Operation::Equivalent(one, other, ..) => is_silent(one) || is_silent(other),
        Operation::Definition(id) => is_read_in(context, &id.among(context.definitions).expression),
        _ => false,
    }
}
