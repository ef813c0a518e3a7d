//! A record that is written as a response to the questionnaire, and read back, is the same record.

use eligo::document::{self, Notation};
use eligo::questionnaire::{self, ResponseReader};
use eligo::record::Dates;
use eligo::trial::Trial;

use crate::choices::{Choices, hold};
use crate::conditions::every_kind;
use crate::records::{self, Tree};
use crate::support::{TODAY, embedded, shown, source, try_read};

/// Without what a response has no place for: an empty text, an item of which nothing is said at all, and the limit of normal
/// of a value that is not known.
fn sayable(tree: Tree) -> Tree {
    match tree {
        Tree::Text(text) if text.is_empty() => Tree::Text("a text".into()),
        Tree::List(items) => {
            let said = |item| match sayable(item) {
                Tree::Null => Tree::Word("unknown".into()),
                item => item,
            };
            Tree::List(items.into_iter().map(said).collect())
        }
        Tree::Map(mut entries) => {
            let is_unknown = |(key, tree): &(String, Tree)| {
                key == "missing"
                    || key == "value" && matches!(tree, Tree::Word(word) if word == "unknown")
            };
            if entries.iter().any(is_unknown) {
                entries.retain(|(key, _)| key != "uln");
            }
            let said = |(key, tree)| (key, sayable(tree));
            Tree::Map(entries.into_iter().map(said).collect())
        }
        other => other,
    }
}

fn there_and_back(choices: &mut Choices<'_>, trial: &Trial) -> Result<(), String> {
    let reader = ResponseReader::new(trial);
    let dates = Dates {
        as_of: None,
        today: TODAY,
    };
    for tree in records::record(choices, &trial.facts, TODAY) {
        let tree = sayable(tree);
        for (text, notation) in [
            (records::yaml(&tree), Notation::Yaml),
            (records::json(&tree), Notation::Json),
        ] {
            let record = try_read(trial, &text, notation).map_err(|problems| shown(&problems))?;
            let tree = document::read(&source("record", &text), notation)
                .map_err(|error| shown(&[*error]))?;
            let response = questionnaire::response(trial, &tree).to_string();
            let written = source("response", &response);
            let tree =
                document::read(&written, Notation::Json).map_err(|error| shown(&[*error]))?;
            let back = reader
                .read(&written, &tree)
                .read(&trial.id, &trial.facts, dates)
                .map_err(|problems| format!("{}\n{text}", shown(&problems)))?;
            if back != record {
                let differ = record
                    .entries
                    .iter()
                    .zip(&back.entries)
                    .find(|(one, other)| one != other);
                return Err(format!("{differ:?}\n{text}\n{response}"));
            }
        }
    }
    Ok(())
}

#[test]
fn a_record_written_as_a_response_and_read_back_is_the_same() {
    hold(20, 81, 1_800, |choices| there_and_back(choices, embedded()));
    hold(60, 82, 600, |choices| there_and_back(choices, every_kind()));
}
