//! A record says the same in YAML and in JSON, in whatever order.

use eligo::document::Notation;
use eligo::screening::screen;
use eligo::trial::{Policy, Trial};

use crate::choices::{Choices, hold};
use crate::conditions::every_kind;
use crate::records;
use crate::support::{TODAY, embedded, report, shown, try_read};

fn the_same_in_every_notation(choices: &mut Choices<'_>, trial: &Trial) -> Result<(), String> {
    let [_, tree, _] = records::record(choices, &trial.facts, TODAY);
    let shuffled = records::shuffled(choices, &tree);
    let policy = Policy::default();
    let report = |text: &str, notation| {
        let record = try_read(trial, text, notation).map_err(|problems| format!("{}\n{text}", shown(&problems)))?;
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
            let lines = expected.lines().zip(found.lines()).find(|(expected, found)| expected != found);
            return Err(format!("{lines:?}\n{yaml}\n{text}"));
        }
    }
    Ok(())
}

#[test]
fn a_record_says_the_same_in_yaml_and_json_in_any_order() {
    hold(20, 41, 1_800, |choices| the_same_in_every_notation(choices, embedded()));
    hold(120, 42, 600, |choices| {
        let trial = every_kind();
        let [_, tree, _] = records::record(choices, &trial.facts, TODAY);
        let shuffled = records::shuffled(choices, &tree);
        let read = |text: &str, notation| try_read(trial, text, notation).map_err(|problems| format!("{}\n{text}", shown(&problems)));
        let yaml = read(&records::yaml(&tree), Notation::Yaml)?;
        for (text, notation) in [(records::json(&tree), Notation::Json), (records::yaml(&shuffled), Notation::Yaml)] {
            if read(&text, notation)? != yaml {
                return Err(format!("another record:\n{}\n{text}", records::yaml(&tree)));
            }
        }
        Ok(())
    });
}
