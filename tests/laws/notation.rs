//! A record says the same in YAML and in JSON, in whatever order.

use std::cell::Cell;

use eligo::document::Notation;
use eligo::record::{Dates, FieldTable, Origin, RecordBuffer};
use eligo::screening::screen;
use eligo::trial::{Policy, Trial};

use crate::choices::{Choices, hold};
use crate::conditions::every_kind;
use crate::parsers::mutated;
use crate::records::{self, Tree};
use crate::support::{TODAY, compile, embedded, report, shown, source, try_read};

fn the_same_in_every_notation(choices: &mut Choices<'_>, trial: &Trial) -> Result<(), String> {
    let [_, tree, _] = records::record(choices, &trial.facts, TODAY);
    let shuffled = records::shuffled(choices, &tree);
    let policy = Policy::default();
    let report = |text: &str, notation| {
        let record = try_read(trial, text, notation)
            .map_err(|problems| format!("{}\n{text}", shown(&problems)))?;
        Ok::<_, String>(report(&screen(trial, &record, &policy)))
    };
    let yaml = records::yaml(&tree);
    let expected = report(&yaml, Notation::Yaml)?;
    for (text, notation) in [
        (records::json(&tree), Notation::Json),
        (records::json(&tree), Notation::Yaml),
        (records::yaml(&shuffled), Notation::Yaml),
        (records::json(&shuffled), Notation::Json),
    ] {
        let found = report(&text, notation)?;
        if found != expected {
            let lines = expected
                .lines()
                .zip(found.lines())
                .find(|(expected, found)| expected != found);
            return Err(format!("{lines:?}\n{yaml}\n{text}"));
        }
    }
    Ok(())
}

#[test]
fn a_record_says_the_same_in_yaml_and_json_in_any_order() {
    hold(20, 41, 1_800, |choices| {
        the_same_in_every_notation(choices, embedded())
    });
    hold(120, 42, 600, |choices| {
        let trial = every_kind();
        let [_, tree, _] = records::record(choices, &trial.facts, TODAY);
        let shuffled = records::shuffled(choices, &tree);
        let read = |text: &str, notation| {
            try_read(trial, text, notation)
                .map_err(|problems| format!("{}\n{text}", shown(&problems)))
        };
        let yaml = read(&records::yaml(&tree), Notation::Yaml)?;
        for (text, notation) in [
            (records::json(&tree), Notation::Json),
            (records::yaml(&shuffled), Notation::Yaml),
        ] {
            if read(&text, notation)? != yaml {
                return Err(format!("another record:\n{}\n{text}", records::yaml(&tree)));
            }
        }
        Ok(())
    });
}

/// Some of the entries of every map.
fn thinned(choices: &mut Choices<'_>, tree: &Tree, of: usize) -> Tree {
    match tree {
        Tree::Map(entries) => {
            let kept = entries.iter().filter_map(|(key, tree)| match tree {
                // Evidence and items stay whole: without its value an entry says nothing.
                Tree::Map(inner)
                    if !inner
                        .iter()
                        .any(|(key, _)| key == "value" || key == "missing") =>
                {
                    Some((key.clone(), thinned(choices, tree, of)))
                }
                tree => choices.chance(1, of).then(|| (key.clone(), tree.clone())),
            });
            Tree::Map(kept.collect())
        }
        other => other.clone(),
    }
}

/// A row means the same in memory that other rows were read into as it does alone, and in YAML as in JSON.
fn read_into_used_memory(
    rows: &[String],
    trial: &Trial,
    understood: &Cell<usize>,
) -> Result<(), String> {
    let table = FieldTable::new(&trial.id, &trial.facts);
    let dates = Dates {
        as_of: None,
        today: TODAY,
    };
    let mut buffer = RecordBuffer::new(&table, dates);
    for row in rows {
        let source = source("record", row);
        let found = table.read_json(Origin::of(&source), dates, &mut buffer);
        let found = found.map(|()| buffer.record());
        let alone = try_read(trial, row, Notation::Json);
        // The debug forms, since numbers which are equal may be written differently.
        if format!("{found:?}") != format!("{alone:?}") {
            return Err(format!("{found:?}\nand alone:\n{alone:?}\n{row}"));
        }
        let Ok(record) = alone else {
            continue;
        };
        understood.set(understood.get() + 1);
        let yaml = try_read(trial, row, Notation::Yaml)
            .map_err(|problems| format!("refused as YAML:\n{}", shown(&problems)))?;
        if format!("{yaml:?}") != format!("{record:?}") {
            return Err(format!("{record:?}\nand as YAML:\n{yaml:?}\n{row}"));
        }
    }
    Ok(())
}

#[test]
fn a_row_means_what_it_means_alone_whatever_rows_came_before() {
    let understood = Cell::new(0);
    hold(150, 43, 900, |choices| {
        let trial = every_kind();
        let of = 1 + choices.below(6);
        let rows: Vec<String> = (0..4)
            .flat_map(|_| {
                let states = records::record(choices, &trial.facts, TODAY);
                states.map(|tree| {
                    let tree = thinned(choices, &tree, of);
                    let tree = records::shuffled(choices, &tree);
                    records::json(&tree).replace('\n', "")
                })
            })
            .collect();
        read_into_used_memory(&rows, trial, &understood)
    });
    assert!(
        understood.get() > 300,
        "only {} rows were read",
        understood.get()
    );
}

#[test]
fn a_row_that_was_right_once_means_the_same_in_json_and_yaml() {
    let understood = Cell::new(0);
    let text = |name: &str| {
        std::fs::read_to_string(format!("{}/examples/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    };
    let examples = ["three-courses.json", "t-all.json", "after-cart.json"].map(text);
    hold(300, 44, 60, |choices| {
        let rows: Vec<String> = (0..3)
            .map(|_| {
                let example = choices.pick(&examples).clone();
                if choices.chance(1, 4) {
                    example
                } else {
                    mutated(choices, &example)
                }
            })
            .collect();
        read_into_used_memory(&rows, embedded(), &understood)
    });
    assert!(
        understood.get() > 50,
        "only {} rows were read",
        understood.get()
    );
}

/// A duration's length, and so its range and the order of its bounds, depends on the screening date.
#[test]
fn a_duration_is_measured_from_the_screening_date_wherever_that_stands() {
    let trial = compile(
        "
format: eligo/trial/1
trial: { id: T1, title: T }
facts:
  stay: { type: duration, label: Stay }
  limited: { type: duration, label: Limited, range: 0 days..1 month }
  stays: { type: list, label: Stays, item: { stay: { type: duration, range: 0 days..1 month } } }
  lengths: { type: list, label: Lengths, item: { type: duration, range: 0 days..1 month } }
criteria: { inclusion: [ { id: I1, title: T, text: T, require: stay > 3 days and limited > 3 days and exists stays and exists lengths } ] }
",
    );
    let read = |row: &str, notation| {
        try_read(&trial, row, notation)
            .map(|record| record.entries)
            .map_err(|problems| {
                problems
                    .into_iter()
                    .map(|problem| (problem.message, problem.help))
                    .collect::<Vec<_>>()
            })
    };
    let mut refused = 0;
    for day in ["2026-02-01", "2026-01-01"] {
        for fact in [
            r#""stay": "30 days..1 month""#,
            r#""limited": "31 days""#,
            r#""stays": [{ "stay": "31 days" }]"#,
            r#""lengths": ["31 days"]"#,
        ] {
            let before = read(
                &format!(r#"{{ "screened_on": "{day}", {fact} }}"#),
                Notation::Json,
            );
            let behind = format!(r#"{{ {fact}, "screened_on": "{day}" }}"#);
            assert_eq!(read(&behind, Notation::Json), before, "{behind}");
            assert_eq!(read(&behind, Notation::Yaml), before, "{behind}");
            refused += usize::from(before.is_err());
        }
    }
    assert_eq!(refused, 4, "February is shorter than any of them");
}
