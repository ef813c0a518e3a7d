//! A record says the same in YAML and in JSON, in whatever order.

use std::cell::Cell;

use eligo::document::Notation;
use eligo::record::Dates;
use eligo::record::quick::Plan;
use eligo::screening::screen;
use eligo::trial::{Policy, Trial};

use crate::choices::{Choices, hold};
use crate::conditions::every_kind;
use crate::parsers::mutated;
use crate::records::{self, Tree};
use crate::support::{TODAY, compile, embedded, report, shown, try_read};

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

/// What the quick reader says of a row is what the careful one says, whatever rows came before.
fn the_quick_reader_agrees(
    rows: &[String],
    trial: &Trial,
    understood: &Cell<usize>,
) -> Result<(), String> {
    let plan = Plan::new(&trial.id, &trial.facts);
    let dates = Dates {
        as_of: None,
        today: TODAY,
    };
    let mut draft = plan.draft(dates);
    for row in rows {
        if !plan.read(row, dates, &mut draft) {
            continue;
        }
        understood.set(understood.get() + 1);
        let record = try_read(trial, row, Notation::Json)
            .map_err(|problems| format!("read quickly, and refused:\n{}", shown(&problems)))?;
        if draft.named.then_some(draft.candidate.as_str()) != record.candidate.as_deref()
            || draft.today != record.screened_on
        {
            return Err(format!("another candidate or day:\n{row}"));
        }
        // The debug forms, since numbers which are equal may be written differently.
        for ((_, fact), (quick, careful)) in trial
            .facts
            .iter()
            .zip(draft.entries.iter().zip(&record.entries))
        {
            if quick != careful || format!("{quick:?}") != format!("{careful:?}") {
                return Err(format!(
                    "`{}` is {quick:?}, and should be {careful:?}:\n{row}",
                    fact.path
                ));
            }
        }
    }
    Ok(())
}

#[test]
fn the_quick_reader_says_what_the_careful_one_says() {
    let understood = Cell::new(0);
    hold(150, 43, 900, |choices| {
        let trial = every_kind();
        let of = 1 + choices.below(6);
        let rows: Vec<String> = (0..4)
            .flat_map(|_| {
                let states = records::record(choices, &trial.facts, TODAY);
                states.map(|tree| records::json(&thinned(choices, &tree, of)).replace('\n', ""))
            })
            .collect();
        the_quick_reader_agrees(&rows, trial, &understood)
    });
    assert!(
        understood.get() > 300,
        "only {} rows were read quickly",
        understood.get()
    );
}

#[test]
fn the_quick_reader_agrees_on_rows_that_were_right_once() {
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
        the_quick_reader_agrees(&rows, embedded(), &understood)
    });
    assert!(
        understood.get() > 50,
        "only {} rows were read quickly",
        understood.get()
    );
}

/// A duration's length, and so its range and the order of its bounds, depends on the screening date.
#[test]
fn the_quick_reader_measures_durations_from_the_screening_date() {
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
    let wrong: Vec<String> = ["2026-02-01", "2026-01-01"]
        .iter()
        .flat_map(|day| {
            [
                r#""stay": "30 days..1 month""#,
                r#""limited": "31 days""#,
                r#""stays": [{ "stay": "31 days" }]"#,
                r#""lengths": ["31 days"]"#,
            ]
            .map(|fact| format!(r#"{{ "screened_on": "{day}", {fact} }}"#))
        })
        .filter_map(|row| {
            the_quick_reader_agrees(std::slice::from_ref(&row), &trial, &Cell::new(0))
                .err()
                .map(|message| format!("{row}\n{message}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
