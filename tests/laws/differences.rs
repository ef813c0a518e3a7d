//! What a comparison of two trial files promises: a criterion that no change affects has the same verdict, whatever the
//! record.

use std::cell::Cell;

use eligo::diff::diff;
use eligo::screening::screen;
use eligo::trial::{Policy, Trial};

use crate::choices::{Choices, hold};
use crate::records;
use crate::support::{TODAY, compile, embedded, read};
use crate::trials::{self, Applies};

fn verdicts_agree(old: &Trial, new: &Trial, record: &str) -> Result<usize, String> {
    let found = diff(old, new);
    let (before, after) = (read(old, record), read(new, record));
    let policy = Policy::default();
    let (before, after) = (screen(old, &before, &policy), screen(new, &after, &policy));
    let mut held = 0;
    for pair in &found.pairs {
        let (Some(was), Some(is)) = (pair.old, pair.new) else {
            continue;
        };
        let (was, is) = (&before.outcomes[was], &after.outcomes[is]);
        if found.affects.contains(&is.criterion.id) {
            continue;
        }
        held += 1;
        if was.verdict != is.verdict {
            return Err(format!(
                "{}: {:?} → {:?}, and nothing is said of it\n{:#?}\n{record}",
                is.criterion.id, was.verdict, is.verdict, found.changes
            ));
        }
    }
    if found.same() && before.eligibility != after.eligibility {
        return Err(format!(
            "the files say the same, and the eligibility differs\n{record}"
        ));
    }
    Ok(held)
}

#[test]
fn what_is_not_said_to_change_does_not() {
    let held = Cell::new(0);
    hold(150, 61, 260, |choices| {
        let (old, other) = (
            trials::trial(choices, Applies::Any),
            trials::trial(choices, Applies::Any),
        );
        // Some criteria as they were, some as the other has them.
        let lines = old.lines().zip(other.lines().chain(std::iter::repeat("")));
        let mixed = |(old, other): (&str, &str)| {
            let exchanged = old.starts_with("    - ")
                && other.get(..14) == old.get(..14)
                && choices.chance(1, 3);
            format!("{}\n", if exchanged { other } else { old })
        };
        let new: String = lines.map(mixed).collect();
        let (old, new) = (compile(&old), compile(&new));
        let [_, record, _] = records::record(choices, &old.facts, TODAY);
        held.set(held.get() + verdicts_agree(&old, &new, &records::yaml(&record))?);
        Ok(())
    });
    assert!(
        held.get() > 30,
        "only {} criteria were not said to change",
        held.get()
    );
}

/// One word of the embedded trial's rules exchanged for another: it is told, or it decides nothing.
#[test]
fn no_small_edit_of_a_rule_goes_untold() {
    const EDITS: [(&str, &str); 8] = [
        (" <= ", " < "),
        (" < ", " <= "),
        (" and ", " or "),
        (" or ", " and "),
        (" = ", " != "),
        ("exists (", "not exists ("),
        (" >= ", " > "),
        ("not ", ""),
    ];
    let changed = Cell::new(0);
    hold(25, 62, 400, |choices: &mut Choices<'_>| {
        let (from, to) = *choices.pick(&EDITS);
        let lines: Vec<&str> = eligo::EMBEDDED_TRIAL.lines().collect();
        let rules = |line: &&str| {
            ["require:", "exclude:", "is:", "applies:"]
                .iter()
                .any(|key| line.contains(key))
                && line.contains(from)
        };
        let candidates: Vec<usize> = lines
            .iter()
            .enumerate()
            .filter(|(_, line)| rules(line))
            .map(|(index, _)| index)
            .collect();
        if candidates.is_empty() {
            return Ok(());
        }
        let at = *choices.pick(&candidates);
        let edited = lines.iter().enumerate().map(|(index, line)| {
            if index == at {
                line.replacen(from, to, 1)
            } else {
                (*line).to_owned()
            }
        });
        let text = edited.collect::<Vec<_>>().join("\n");
        // Not every such edit leaves a trial file.
        let Ok((new, _)) = eligo::trial::compile(&crate::support::source("trial.yaml", &text))
        else {
            return Ok(());
        };
        changed.set(changed.get() + usize::from(!diff(embedded(), &new).same()));
        let [_, _, record] = records::record(choices, &embedded().facts, TODAY);
        verdicts_agree(embedded(), &new, &records::yaml(&record)).map(|_| ())
    });
    assert!(
        changed.get() > 10,
        "only {} edits changed something",
        changed.get()
    );
}
