//! What coverage and mutation rest on: a trace agrees with the evaluator, no record reaches a truth that is called
//! impossible, and every change of a condition is one that an author could have written.

use eligo::cql::{self, Type};
use eligo::evaluate::Context;
use eligo::mutation::edits;
use eligo::partition::possible::Possible;

use crate::choices::hold;
use crate::conditions::{Allowed, condition, every_kind};
use crate::information::rule;
use crate::records;
use crate::support::{TODAY, read};

#[test]
fn a_trace_agrees_with_the_evaluator_and_reaches_only_what_is_possible() {
    let trial = every_kind();
    let possible = Possible::new(trial);
    hold(500, 71, 1_000, |choices| {
        let text = condition(
            choices,
            Allowed {
                code_pairs: true,
                overflow: true,
            },
            3,
        );
        let expression = rule(trial, &text)?;
        let state = choices.below(3);
        let record = read(
            trial,
            &records::yaml(&records::record(choices, &trial.facts, TODAY)[state]),
        );
        let context = Context::new(&record.entries, &trial.definitions, TODAY);
        let mut first = None;
        let mut wrong = None;
        context.trace(&expression, &mut |step| {
            first.get_or_insert(step.value.truth());
            if step.expression.kind == Type::Boolean
                && !possible.of(step.expression).has(step.value.truth())
            {
                wrong.get_or_insert((step.expression.span.clone(), step.value.truth()));
            }
        });
        if let Some((span, truth)) = wrong {
            return Err(format!(
                "{truth:?} is called impossible of `{}` in {text}",
                &text[span]
            ));
        }
        let truth = context.truth(&expression);
        if first == Some(truth) {
            Ok(())
        } else {
            Err(format!(
                "{text} is {truth:?}, and its trace begins with {first:?}"
            ))
        }
    });
}

#[test]
fn every_change_can_be_written() {
    let trial = every_kind();
    hold(400, 72, 300, |choices| {
        let text = condition(
            choices,
            Allowed {
                code_pairs: true,
                overflow: false,
            },
            3,
        );
        let expression = rule(trial, &text)?;
        for edit in edits::edits(&text, &expression, &trial.facts) {
            let changed = edit.applied(&text);
            if changed == text {
                return Err(format!("{text}: {edit:?} changes nothing"));
            }
            if let Err(error) = cql::parser::parse(&changed) {
                return Err(format!("{text} became {changed}: {error}"));
            }
            let (before, after) = edit.before_and_after(&text);
            if !text.contains(&before) || before == after {
                return Err(format!("{text}: {before} and {after} do not show {edit:?}"));
            }
        }
        Ok(())
    });
}
