//! What a condition requires of a record is necessary: where a record lacks it, the condition neither holds nor may hold.

use std::cell::Cell;

use eligo::cql::{self, Scope, Type, requirements};
use eligo::evaluate::Context;
use eligo::screening::raises;

use crate::choices::{Choices, hold};
use crate::conditions::{Allowed, condition, every_kind};
use crate::records;
use crate::support::{TODAY, read};

/// A condition as a conflict or a caution may have it: it may look at absence.
fn remark(choices: &mut Choices<'_>) -> String {
    let mut any = |depth| condition(choices, Allowed::default(), depth);
    let (one, other) = (any(2), any(1));
    match choices.below(8) {
        0 => format!("not ({one})"),
        1 => format!("({one}) is not true and ({other})"),
        2 => format!("({one}) is true or ({other}) is false"),
        3 => format!("k is not null and not (k = 'red' or ({one}))"),
        4 => format!("(j is null) is false and ({one})"),
        5 => format!("not (a implies ({one})) or b = false and 'blue' = k and ({other})"),
        6 => format!("not ((x is not null) implies (k != 'green' and ({one})))"),
        _ => format!("({one}) and ({other})"),
    }
}

#[test]
fn a_remark_without_what_it_requires_is_not_raised() {
    let trial = every_kind();
    let lacking = Cell::new(0);
    hold(300, 91, 1_200, |choices| {
        let [least, middle, _] = records::record(choices, &trial.facts, TODAY);
        for tree in [least, middle] {
            let record = read(trial, &records::yaml(&tree));
            let context = Context::new(&record.entries, &trial.definitions, record.screened_on);
            for _ in 0..10 {
                let text = remark(choices);
                let compiled =
                    cql::compile(&text, trial.names(), Scope::Free, Some(&Type::Boolean))
                        .map_err(|errors| format!("`{text}`: {errors:?}"))?;
                let requires = requirements(&compiled, true, &trial.definitions);
                let lacks = requires
                    .iter()
                    .find(|one| !one.admits(&record.entries[one.fact.0].value));
                let Some(lacks) = lacks else { continue };
                lacking.set(lacking.get() + 1);
                if raises(&context, &compiled).is_some() {
                    let fact = &trial.facts.get(lacks.fact).path;
                    let known = &record.entries[lacks.fact.0];
                    return Err(format!("`{text}` is raised though `{fact}` is {known:?}"));
                }
            }
        }
        Ok(())
    });
    assert!(lacking.get() > 2_000, "{}", lacking.get());
}
