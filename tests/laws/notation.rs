//! A record says the same in YAML and in JSON, in whatever order.

use std::cell::Cell;

use eligo::diagnostic::Diagnostic;
use eligo::document::Notation;
use eligo::record::{Dates, FieldTable, Origin, RecordBuffer};
use eligo::screening::screen;
use eligo::trial::{Policy, Trial};

use crate::choices::{Choices, hold};
use crate::conditions::every_kind;
use crate::csv;
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

/// Values that most facts refuse.
fn wrong(choices: &mut Choices<'_>) -> Tree {
    const WORDS: [&str; 14] = [
        "posative",
        "Yes!",
        "2026-13-40",
        "2199-01-01",
        "31.12.2025",
        "1..",
        "5..1",
        "<> 3",
        "12 5",
        "5 furlong",
        "-3 months",
        "3 month ago",
        "not_done?",
        "1e400",
    ];
    if choices.chance(1, 3) {
        Tree::Number((*choices.pick(&["-77", "99999999", "0.00000001"])).to_owned())
    } else {
        Tree::Text((*choices.pick(&WORDS)).to_owned())
    }
}

/// The record with wrong values in some of the places where a value stands.
fn with_wrong_values(choices: &mut Choices<'_>, tree: &Tree) -> Tree {
    const HEAD: [&str; 3] = ["candidate", "screened_on", "note"];
    match tree {
        Tree::Map(entries) => {
            let entries = entries.iter().map(|(key, tree)| {
                let is_head = HEAD.contains(&key.as_str());
                let tree = if is_head {
                    tree.clone()
                } else {
                    with_wrong_values(choices, tree)
                };
                (key.clone(), tree)
            });
            Tree::Map(entries.collect())
        }
        Tree::List(items) => {
            let items = items.iter().map(|item| with_wrong_values(choices, item));
            Tree::List(items.collect())
        }
        // Where a list should stand, a cell and a document leave different things to write.
        Tree::Word(word) if word == "unknown" => tree.clone(),
        Tree::Absent | Tree::Null => tree.clone(),
        _ if choices.chance(1, 8) => wrong(choices),
        scalar => scalar.clone(),
    }
}

/// What is said of a record. Where it stands is left out, since a cell that holds a whole list is one
/// place; so are the quotes that a bound has in YAML and JSON, and does not need in a cell.
fn said<T>(read: Result<T, Vec<Diagnostic>>) -> Vec<String> {
    let problems = read.err().unwrap_or_default();
    let words = |problem: &Diagnostic| {
        let code = problem.code.unwrap_or("error");
        let help = problem.help.join("; ").replace('"', "");
        format!("{code}: {}\n  help: {help}", problem.message)
    };
    let mut said: Vec<String> = problems.iter().map(words).collect();
    said.sort();
    said
}

#[test]
fn what_is_broken_is_refused_with_the_same_words_in_every_notation() {
    let every_type = compile(csv::EVERY_TYPE);
    let refused = Cell::new(0);
    for (trial, seed) in [(embedded(), 46), (&every_type, 47)] {
        hold(60, seed, 3_600, |choices| {
            let [_, _, tree] = records::record(choices, &trial.facts, TODAY);
            let tree = csv::with_texts(&with_wrong_values(choices, &tree));
            let json = said(try_read(trial, &records::json(&tree), Notation::Json));
            let yaml = said(try_read(trial, &records::yaml(&tree), Notation::Yaml));
            let table = csv::table(choices, &trial.facts, std::slice::from_ref(&tree));
            let cells = said(csv::read_back(trial, &table));
            refused.set(refused.get() + json.len());
            for (other, notation) in [(yaml, "YAML"), (cells, "CSV")] {
                let differs = json.iter().zip(&other).find(|(one, other)| one != other);
                if json != other {
                    return Err(format!("{notation}: {differs:#?}\n{json:#?}\n{other:#?}"));
                }
            }
            Ok(())
        });
    }
    assert!(refused.get() > 500, "only {} errors", refused.get());
}
