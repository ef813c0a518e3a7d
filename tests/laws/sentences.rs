//! Whatever a condition asks for can be said in words, without the syntax of the expression language.

use eligo::cql::{Names, Scope, compile};
use eligo::report::sentence::condition::Phrases;

use crate::choices::hold;
use crate::conditions::{Allowed, condition, every_kind};

#[test]
fn every_condition_can_be_said_in_words() {
    let trial = every_kind();
    let by_name = trial
        .definitions
        .iter()
        .enumerate()
        .map(|(at, one)| (one.name.clone(), eligo::cql::DefinitionId(at)))
        .collect();
    let names = Names {
        facts: &trial.facts,
        definitions: &by_name,
        expressions: &trial.definitions,
        defined: &[],
    };
    let phrases = Phrases::of(trial);
    hold(3_000, 0x5eed_e01a, 40, |choices| {
        let text = condition(
            choices,
            Allowed {
                code_pairs: true,
                overflow: true,
            },
            4,
        );
        let expression = compile(&text, names, Scope::Free, None)
            .map_err(|errors| format!("{text}: {errors:?}"))?;
        for said in [
            phrases.condition(&expression),
            phrases.negation(&expression),
            phrases.value(&expression),
        ] {
            // The facts have no such signs in their labels, so any that appear come from the language or from Rust.
            let raw = ['\'', '`', '=', '<', '>', '{', '}', '[', ']', '_'];
            let brackets = said.chars().try_fold(0usize, |open, sign| match sign {
                '(' => Some(open + 1),
                ')' => open.checked_sub(1),
                _ => Some(open),
            });
            // Units have signs of calculation too, but not with spaces around them.
            let rust = [
                " / ",
                " * ",
                "Some(",
                "None",
                "Operation",
                "Value::",
                "Bounds",
                "Today()",
                "Count(",
            ];
            if said.trim().is_empty()
                || said.contains(raw)
                || rust.iter().any(|word| said.contains(word))
                || brackets != Some(0)
            {
                return Err(format!("{text}\nis said as\n{said}"));
            }
        }
        Ok(())
    });
}
