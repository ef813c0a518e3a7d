//! A schema never refuses what the program accepts to the letter.

use eligo::document::{self, Content, Node, Notation};
use eligo::schema;
use eligo::trial::Trial;
use serde_json::{Map, Value as Json};

use crate::choices::{Choices, hold};
use crate::conditions::every_kind;
use crate::records;
use crate::support::{TODAY, embedded, shown, source, try_read};

/// A document as an editor reads it: plain numbers and booleans are such, everything else is text.
fn json(node: &Node) -> Json {
    match &node.content {
        Content::Null => Json::Null,
        Content::Scalar(scalar) if scalar.plain => match scalar.text.as_str() {
            "true" => true.into(),
            "false" => false.into(),
            text => match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(whole), _) => whole.into(),
                (_, Ok(decimal)) if decimal.is_finite() => decimal.into(),
                _ => text.into(),
            },
        },
        Content::Scalar(scalar) => scalar.text.as_str().into(),
        Content::Sequence(items) => items.iter().map(json).collect::<Vec<_>>().into(),
        Content::Mapping(entries) => Json::Object(
            entries
                .iter()
                .map(|(key, node)| (key.name.clone(), json(node)))
                .collect::<Map<_, _>>(),
        ),
    }
}

fn accepted(
    choices: &mut Choices<'_>,
    trial: &Trial,
    schema: &jsonschema::Validator,
) -> Result<(), String> {
    for tree in records::record(choices, &trial.facts, TODAY) {
        for (text, notation) in [
            (records::yaml(&tree), Notation::Yaml),
            (records::json(&tree), Notation::Json),
        ] {
            if let Err(problems) = try_read(trial, &text, notation) {
                return Err(format!("{}\n{text}", shown(&problems)));
            }
            let document = document::read(&source("record", &text), notation)
                .map_err(|problem| problem.message)?;
            let wrong: Vec<String> = schema
                .iter_errors(&json(&document))
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            if !wrong.is_empty() {
                return Err(format!(
                    "the schema refuses what is read: {wrong:#?}\n{text}"
                ));
            }
        }
    }
    Ok(())
}

#[test]
fn every_record_that_is_read_is_valid() {
    for trial in [embedded(), every_kind()] {
        let schema = jsonschema::validator_for(&schema::record(trial)).unwrap();
        hold(20, 71, 900, |choices| accepted(choices, trial, &schema));
    }
}
