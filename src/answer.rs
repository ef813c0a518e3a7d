//! An expression tried on what is known of a candidate.
//!
//! In: the text of an expression, a trial, typed facts, a date. Out: the value as the language writes it, in what way it is
//! known only in part, and which facts it lacks; or what is wrong with the text.

use jiff::civil::Date;

use crate::cql::typed::Operation;
use crate::cql::{self, Expression, ExpressionError, Scope, Type, literal};
use crate::entry::Entry;
use crate::evaluate::Context;
use crate::trial::Trial;
use crate::value::{Missing, Value};

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The type of the value.
    pub kind: Type,
    /// The value.
    pub value: Value,
    /// The value as the language writes it.
    pub text: String,
    /// In what way it is known only in part, each a short sentence. Empty where it is known exactly, or not at all.
    pub doubts: Vec<&'static str>,
    /// The facts and attributes that the expression names and that have no value, and why. Empty where the value is known
    /// without them.
    pub missing: Vec<(String, Missing)>,
}

/// Tries an expression. `entries` has a place for every declared fact; `today` is the screening date.
///
/// # Errors
/// Everything that is wrong with the expression.
pub fn eval(
    text: &str,
    trial: &Trial,
    entries: &[Entry],
    today: Date,
) -> Result<Answer, Vec<ExpressionError>> {
    let names = trial.names();
    let expression = cql::compile(text, names, Scope::Free, None)?;
    let value = Context::new(entries, &trial.definitions, today).value(&expression);
    let doubts = literal::doubts(&value);
    let mut missing = Vec::new();
    if value.is_null() || !doubts.is_empty() {
        lacking(
            &expression,
            trial,
            &Context::new(entries, &trial.definitions, today),
            &mut missing,
        );
    }
    Ok(Answer {
        text: literal::write(&value, &expression.kind),
        kind: expression.kind,
        value,
        doubts,
        missing,
    })
}

/// The facts and attributes without a value, in the order of the text, those behind definitions too.
fn lacking(
    expression: &Expression,
    trial: &Trial,
    context: &Context<'_>,
    missing: &mut Vec<(String, Missing)>,
) {
    expression.walk(&mut |part| {
        let name = match &part.operation {
            Operation::Fact(id) => trial.facts.get(*id).path.clone(),
            Operation::Attribute(id, attribute) => {
                format!("{}.{}", trial.facts.get(*id).path, attribute.key())
            }
            Operation::Definition(id) => {
                if let Some(definition) = trial.definitions.get(id.0) {
                    lacking(&definition.expression, trial, context, missing);
                }
                return;
            }
            _ => return,
        };
        if let Value::Null(cause) = context.value(part)
            && !missing.iter().any(|(known, _)| *known == name)
        {
            missing.push((name, cause));
        }
    });
}
