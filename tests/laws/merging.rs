//! Records merged: with itself or with an empty one a record is unchanged, the order of sources changes no value, and what
//! one source knows in part and another one in full decides nothing in another way than the fuller one.

use eligo::merge::{Part, merge};
use eligo::record::Record;
use eligo::screening::{Verdict, screen};
use eligo::trial::{Policy, Trial};
use eligo::value::Value;

use crate::choices::{Choices, hold};
use crate::conditions::every_kind;
use crate::csv::EVERY_TYPE;
use crate::records;
use crate::support::{TODAY, compile, embedded, read};

fn of<'r>(name: &'r str, record: &'r Record) -> Part<'r> {
    Part { name, record }
}

/// The values of a record; of lists the items in whatever order.
fn values(record: &Record) -> Vec<String> {
    let value = |value: &Value| match value {
        Value::List(list) => {
            let mut items: Vec<String> = list
                .elements
                .iter()
                .map(|item| format!("{item:?}"))
                .collect();
            items.sort();
            format!("{items:?} {}", list.open)
        }
        other => format!("{other:?}"),
    };
    record
        .entries
        .iter()
        .map(|entry| value(&entry.value))
        .collect()
}

fn three(choices: &mut Choices<'_>, trial: &Trial) -> [Record; 3] {
    records::record(choices, &trial.facts, TODAY).map(|tree| read(trial, &records::yaml(&tree)))
}

fn laws(choices: &mut Choices<'_>, trial: &Trial) -> Result<(), String> {
    let facts = &trial.facts;
    let [one, ..] = three(choices, trial);
    let [other, _, third] = three(choices, trial);
    let empty = read(trial, "screened_on: 2026-11-30\n");
    let unchanged = [
        merge(facts, of("a", &one), &[]),
        merge(facts, of("a", &one), &[of("b", &one)]),
        merge(facts, of("a", &one), &[of("b", &one), of("c", &one)]),
        merge(facts, of("a", &one), &[of("b", &empty)]),
        merge(facts, of("a", &empty), &[of("b", &one)]),
    ];
    for merged in &unchanged {
        if merged.entries != one.entries {
            return Err(format!(
                "{:?}\nis no longer\n{:?}",
                merged.entries, one.entries
            ));
        }
    }
    let orders = [
        merge(facts, of("a", &one), &[of("b", &other), of("c", &third)]),
        merge(facts, of("c", &third), &[of("a", &one), of("b", &other)]),
        merge(facts, of("b", &other), &[of("c", &third), of("a", &one)]),
        merge(facts, of("c", &third), &[of("b", &other), of("a", &one)]),
    ];
    let first = values(&orders[0]);
    for order in &orders {
        for (one, other) in first.iter().zip(values(order)) {
            if *one != other {
                return Err(format!("in another order\n{one}\nis\n{other}"));
            }
        }
    }
    Ok(())
}

fn fuller(choices: &mut Choices<'_>, trial: &Trial) -> Result<(), String> {
    let [part, more, full] = three(choices, trial);
    let policy = Policy::default();
    let verdicts = |record: &Record| -> Vec<Verdict> {
        let screening = screen(trial, record, &policy);
        screening
            .outcomes
            .iter()
            .map(|outcome| outcome.verdict)
            .collect()
    };
    let wanted = verdicts(&full);
    for parts in [[&part, &full, &more], [&full, &more, &part]] {
        let [one, others @ ..] = parts;
        let others = others.map(|record| of("b", record));
        let found = verdicts(&merge(&trial.facts, of("a", one), &others));
        for (wanted, found) in wanted.iter().zip(&found) {
            // A conflict or a doubt of the fullest may leave open what less of it decides.
            let is_open = |verdict: &Verdict| *verdict == Verdict::Unknown;
            if !is_open(found) && !is_open(wanted) && found != wanted {
                return Err(format!("{found:?} merged, and {wanted:?} of the fullest"));
            }
        }
    }
    Ok(())
}

#[test]
fn merging_forgets_nothing_and_has_no_order() {
    let every_type = compile(EVERY_TYPE);
    hold(30, 71, 3_600, |choices| laws(choices, embedded()));
    hold(60, 72, 1_800, |choices| laws(choices, every_kind()));
    hold(60, 73, 1_800, |choices| laws(choices, &every_type));
}

#[test]
fn what_one_source_knows_in_part_and_another_in_full_is_decided_as_in_full() {
    hold(40, 74, 1_800, |choices| fuller(choices, embedded()));
    hold(80, 75, 600, |choices| fuller(choices, every_kind()));
}
