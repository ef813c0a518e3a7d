//! JSON Schemas (2020-12) of everything that the program reads and writes, for editors and for other programs.
//!
//! What a trial decides (records, cases and site policies in terms of its facts and criteria) is made from the compiled
//! trial; the rest is written down in `schema/*.json`. A schema never refuses what the program accepts to the letter, with `--strict`. What it
//! accepts may still be wrong in ways that only the program sees: an expression, a date after the screening date, a
//! bound outside the plausible range.
//!
//! Editors differ in how much of a schema they know, so these keep to its plainer words.

mod cases;
mod record;
mod values;

use serde_json::{Value as Json, json};

use crate::trial::Trial;

pub use cases::{cases, site};
pub use record::record;

/// The dialect of every schema here.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Of a trial file, `eligo/trial/1`.
pub const TRIAL: &str = include_str!("schema/trial.json");
/// Of a source file, `eligo/source/1`.
pub const SOURCE: &str = include_str!("schema/source.json");
/// Of a report, `eligo/report/1`.
pub const REPORT: &str = include_str!("schema/report.json");
/// Of a row of a screened list.
pub const ROW: &str = include_str!("schema/row.json");
/// Of the summary of a screened list, `eligo/summary/1`.
pub const SUMMARY: &str = include_str!("schema/summary.json");
/// Of what differs between two trial files, `eligo/diff/1`.
pub const DIFF: &str = include_str!("schema/diff.json");

/// The name under which a schema of a trial's records is kept beside them.
#[must_use]
pub(crate) fn record_file_name(trial: &Trial) -> String {
    let plain = |character: char| {
        if character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.') {
            character.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let id: String = trial.id.chars().take(60).map(plain).collect();
    format!("{}.record.schema.json", id.trim_start_matches('.'))
}

/// One schema behind another: the words of both, those of the second in place of the first.
fn merged(mut schema: Json, more: Json) -> Json {
    if let (Json::Object(words), Json::Object(more)) = (&mut schema, more) {
        words.extend(more);
    }
    schema
}

/// A schema's first lines.
fn head(title: &str, description: &str) -> Json {
    json!({ "$schema": DIALECT, "title": title, "description": description })
}

fn reference(definition: &str) -> Json {
    json!({ "$ref": format!("#/$defs/{definition}") })
}

/// The map of these keys and no others.
fn closed(properties: impl Into<Json>) -> Json {
    json!({ "type": "object", "properties": properties.into(), "additionalProperties": false })
}

/// A schema with what it is about.
fn described(description: &str, schema: Json) -> Json {
    merged(json!({ "description": description }), schema)
}

/// The types of a text for people: a number or boolean is kept as it was written.
const TEXT: [&str; 3] = ["string", "number", "boolean"];

fn text(description: &str) -> Json {
    json!({ "description": description, "type": TEXT })
}

/// The path of every fact and group.
fn paths(trial: &Trial) -> impl Iterator<Item = &str> {
    let facts = trial.facts.iter().map(|(_, fact)| fact.path.as_str());
    facts.chain(trial.facts.groups.keys().map(String::as_str))
}

/// A text for a regular expression that matches just that.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        if r"\^$.*+?()[]{}|/".contains(character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cases as reader;
    use crate::cql::parser::KEYWORDS;
    use crate::diagnostic::Source;
    use crate::facts::RESERVED;
    use crate::source::table;
    use crate::trial::{compile, criteria, facts};

    /// The keys of a map, or the texts of a list, inside a schema.
    fn at(schema: &Json, pointer: &str) -> BTreeSet<String> {
        match schema.pointer(pointer).unwrap() {
            Json::Object(map) => map.keys().cloned().collect(),
            Json::Array(items) => items
                .iter()
                .map(|item| item["const"].as_str().or(item.as_str()).unwrap().to_owned())
                .collect(),
            other => panic!("{other}"),
        }
    }

    fn set<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
        names.into_iter().map(str::to_owned).collect()
    }

    /// A key that a reader learns must be in its schema, and the other way round.
    #[test]
    fn schemas_have_the_keys_that_are_read() {
        let trial: Json = serde_json::from_str(TRIAL).unwrap();
        assert_eq!(at(&trial, "/$defs/fact/properties"), set(facts::KEYS));
        assert_eq!(
            at(&trial, "/$defs/fact/properties/type/anyOf"),
            set(facts::TYPES)
        );
        assert_eq!(
            at(&trial, "/$defs/criterion/properties"),
            set(criteria::KEYS)
        );
        assert_eq!(at(&trial, "/$defs/keyword/enum"), set(KEYWORDS));
        assert_eq!(
            at(&trial, "/properties/facts/propertyNames/not/anyOf/1/enum"),
            set(RESERVED)
        );
        let source: Json = serde_json::from_str(SOURCE).unwrap();
        assert_eq!(at(&source, "/then/properties"), set(table::KEYS));
        assert_eq!(
            at(&source, "/$defs/column/anyOf/2/properties"),
            set(table::column_keys())
        );
        let (embedded, _) = compile(&Source::new("t", crate::EMBEDDED_TRIAL)).unwrap();
        assert_eq!(
            at(&cases(&embedded), "/$defs/one-case/properties"),
            set(reader::KEYS.into_iter().chain(["error"]))
        );
        let known = at(&record(&embedded), "/properties");
        assert!(RESERVED.iter().all(|name| known.contains(*name)));
        assert!(
            embedded
                .facts
                .iter()
                .all(|(_, fact)| known.contains(fact.path.split('.').next().unwrap()))
        );
    }
}
