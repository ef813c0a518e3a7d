//! Refuses what would let silence decide.

use std::ops::Range;

use super::{Checker, Definition};
use crate::cql::ExpressionError;
use crate::cql::syntax::Is;
use crate::cql::typed::{Expression, Function, Operation, Type};
use crate::value::Value;

impl Checker<'_> {
    /// Refuses what would let silence decide.
    pub(super) fn refuse_absence(&mut self, expression: &Expression) {
        let mut found = Vec::new();
        find_absence(expression, self.names.expressions, &mut found);
        for (what, span) in found {
            let error = if what == UNCLEAR {
                ExpressionError::new("a rule cannot ask for an unclear value, since a clear result could turn the verdict", span)
                    .code("looks-at-absence")
                    .help("ask for the clear values; what is unclear leaves the verdict open by itself")
            } else {
                ExpressionError::new(format!("{what} looks at absence, so that new information could turn a verdict"), span)
                    .code("looks-at-absence")
                    .help("a rule asks for a value; use it in a caution, or say `closed_world: \"why\"` on the criterion")
            };
            self.error(error);
        }
    }
}

/// Whether an expression, or a definition that it uses, asks whether something is known at all, or for an unclear value.
#[must_use]
pub(crate) fn looks_at_absence(expression: &Expression, definitions: &[Definition]) -> bool {
    let mut found = Vec::new();
    find_absence(expression, definitions, &mut found);
    !found.is_empty()
}

const UNCLEAR: &str = "an unclear value";

/// Where an expression, or a definition that it uses, looks at absence.
fn find_absence(
    expression: &Expression,
    definitions: &[Definition],
    found: &mut Vec<(&'static str, Range<usize>)>,
) {
    expression.walk(&mut |part| {
        let what = match &part.operation {
            Operation::Is(_, Is::Null, false) => Some("`is null`"),
            Operation::Is(_, Is::Null, true) => Some("`is not null`"),
            Operation::Is(_, Is::True, false) => Some("`is true`"),
            Operation::Is(_, Is::True, true) => Some("`is not true`"),
            Operation::Is(_, Is::False, false) => Some("`is false`"),
            Operation::Is(_, Is::False, true) => Some("`is not false`"),
            Operation::Equivalent(..) => Some("`~`"),
            Operation::Constant(Value::Code(code)) => match &part.kind {
                Type::Code(set)
                    if set
                        .values
                        .get(usize::from(code.index))
                        .is_some_and(|value| value.unclear) =>
                {
                    Some(UNCLEAR)
                }
                _ => None,
            },
            Operation::Function(Function::Coalesce, _) => Some("`Coalesce`"),
            Operation::Definition(id) => definitions.get(id.0).and_then(|definition| {
                let mut inside = Vec::new();
                find_absence(&definition.expression, definitions, &mut inside);
                inside.first().map(|(what, _)| *what)
            }),
            _ => None,
        };
        if let Some(what) = what {
            found.push((what, part.span.clone()));
        }
    });
}
