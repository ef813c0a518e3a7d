//! A trial → the schema of its records: every fact with its question, values, unit and range, plain or with evidence.

use serde_json::{Map, Value as Json, json};

use super::values::{self, fields, not_recorded, plain, single, standard_codes, whole_date};
use super::{closed, escaped, head, merged, paths, reference, text};
use crate::facts::{Fact, Kind};
use crate::record::table::FORMAT;
use crate::trial::Trial;
use crate::value::{Absent, Missing};

// Names of definitions that no fact can have.
const CAUSE: &str = "cause-of-absence";
const DATE: &str = "date-of-evidence";

/// What else a record may say of every value, in words.
const EVIDENCE: [(&str, &str); 3] = [
    ("by", "Who says so."),
    ("source", "From which document or system."),
    ("note", "A remark."),
];

/// The schema of a record.
#[must_use]
pub fn record(trial: &Trial) -> Json {
    let schema = head(
        &format!("Record of a candidate for {}", trial.id),
        "What is known of one candidate. A fact that is absent or empty is not recorded, which is not a \"no\".",
    );
    merged(
        merged(schema, root(trial)),
        json!({ "$defs": definitions(trial) }),
    )
}

/// A record itself, in terms of the definitions.
pub(super) fn root(trial: &Trial) -> Json {
    group(trial, "", reserved(trial))
}

/// The keys of every record that are no facts.
pub(super) fn reserved(trial: &Trial) -> Map<String, Json> {
    let or_nothing = |description: &str| json!({ "description": description, "type": ["string", "number", "boolean", "null"] });
    let screened_on = json!({ "type": ["string", "null"], "description": "The screening date, YYYY-MM-DD. Without it, today." });
    let keys = [
        (
            "candidate",
            or_nothing("A pseudonym; a record has no place for a name."),
        ),
        ("screened_on", merged(whole_date(), screened_on)),
        (
            "format",
            json!({ "description": "What this file is; may be left out.", "const": FORMAT }),
        ),
        (
            "trial",
            json!({ "description": trial.title, "const": trial.id }),
        ),
        ("note", or_nothing("A remark on the whole.")),
    ];
    keys.map(|(key, schema)| (key.to_owned(), schema))
        .into_iter()
        .collect()
}

/// What is below a path; facts further down may be written by their whole path.
fn group(trial: &Trial, prefix: &str, mut properties: Map<String, Json>) -> Json {
    let mut by_path = Map::new();
    for path in paths(trial) {
        let Some(rest) = path.strip_prefix(prefix) else {
            continue;
        };
        match rest.split_once('.') {
            None => _ = properties.insert(rest.into(), reference(path)),
            Some((first, _)) => {
                // In the order in which the facts are declared.
                properties
                    .entry(first)
                    .or_insert_with(|| reference(&format!("{prefix}{first}")));
                by_path.insert(format!("^{}$", escaped(rest)), reference(path));
            }
        }
    }
    let schema = closed(properties);
    if by_path.is_empty() {
        schema
    } else {
        merged(schema, json!({ "patternProperties": by_path }))
    }
}

/// Every fact and group by its path, and what they share.
pub(super) fn definitions(trial: &Trial) -> Map<String, Json> {
    let mut definitions = Map::new();
    for (path, label) in &trial.facts.groups {
        let title = label.clone().unwrap_or_else(|| path.replace('_', " "));
        let inner = group(trial, &format!("{path}."), Map::new());
        let or_nothing = json!({ "type": ["object", "null"] });
        let schema = merged(json!({ "title": title }), merged(inner, or_nothing));
        definitions.insert(path.clone(), schema);
    }
    let asked = trial.asked_by();
    for (id, fact) in trial.facts.iter() {
        let criteria: Vec<&str> = asked
            .iter()
            .filter(|(fact, _)| *fact == id)
            .map(|(_, criterion)| *criterion)
            .collect();
        define(fact, &criteria, &mut definitions);
    }
    let spelled = Absent::CODES.map(|(code, _)| code.replace('_', "[_-]"));
    let spelled = json!({ "title": "as FHIR spells it", "type": "string", "pattern": format!("^({})$", spelled.join("|")) });
    let causes = Absent::CODES
        .map(|(code, cause)| json!({ "title": Missing::Stated(cause).to_string(), "const": code }));
    let causes: Vec<Json> = causes.into_iter().chain([spelled]).collect();
    definitions.insert(
        CAUSE.into(),
        json!({ "title": "Why there is no value", "description": "instead of `value`", "anyOf": causes }),
    );
    let dates: Vec<Json> = values::date().into_iter().chain([not_recorded()]).collect();
    definitions.insert(
        DATE.into(),
        json!({ "title": "When it was found", "description": "not after the screening date; may be partial", "anyOf": dates }),
    );
    definitions
}

fn value_of(fact: &Fact) -> String {
    format!("value-of-{}", fact.path)
}

fn define(fact: &Fact, criteria: &[&str], definitions: &mut Map<String, Json>) {
    let item = match (single(&fact.kind), fields(&fact.kind)) {
        (Some(single), _) => {
            let value = plain(single, None);
            let forms = vec![value.clone(), with_evidence(single, value)];
            Some(form(single, &[], forms))
        }
        (None, []) => None,
        (None, fields) => Some(item(fields)),
    };
    definitions.insert(value_of(fact), plain(fact, item));
    let value = reference(&value_of(fact));
    let forms = vec![value.clone(), with_evidence(fact, value)];
    definitions.insert(fact.path.clone(), form(fact, criteria, forms));
}

/// A fact's label and question, and what else a reader of the record should know of it.
fn form(fact: &Fact, criteria: &[&str], forms: Vec<Json>) -> Json {
    let mut about: Vec<String> = fact.ask.iter().cloned().collect();
    about.extend(accepted(fact));
    if fact.judgement {
        about.push("The investigator's judgement: with `by` and `date`.".into());
    }
    about.extend(fact.note.clone());
    if !criteria.is_empty() {
        about.push(format!("Asked for by {}.", criteria.join(", ")));
    }
    if fact.supporting {
        about.push("Supporting: does not decide by itself; can raise a doubt.".into());
    }
    about.extend(standard_codes(&fact.codes));
    if about.is_empty() {
        json!({ "title": fact.label, "anyOf": forms })
    } else {
        json!({ "title": fact.label, "description": about.join("\n"), "anyOf": forms })
    }
}

/// What a number, duration or date may be, in words: an editor shows no patterns.
fn accepted(fact: &Fact) -> Option<String> {
    match &fact.kind {
        Kind::Integer(_)
        | Kind::Decimal(_)
        | Kind::Quantity(_)
        | Kind::Duration(_)
        | Kind::Date(_) => {
            let words = crate::facts::answers::answers(fact).join("; ");
            let mut letters = words.chars();
            letters
                .next()
                .map(|first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
        }
        _ => None,
    }
}

/// `value`, or `missing` with why there is none, and the unit of the value; with what follows from the unit.
fn value_or_missing(fact: &Fact, value: Json) -> (Map<String, Json>, Option<Json>) {
    let mut properties = Map::new();
    properties.insert("value".into(), value);
    properties.insert("missing".into(), reference(CAUSE));
    let conditions = match &fact.kind {
        Kind::Quantity(measure) => values::with_unit(measure, &mut properties),
        _ => None,
    };
    (properties, conditions)
}

/// A map that says where a value comes from, or why there is none.
fn with_evidence(fact: &Fact, value: Json) -> Json {
    let (mut properties, conditions) = value_or_missing(fact, value);
    properties.insert("date".into(), reference(DATE));
    for (key, about) in EVIDENCE {
        properties.insert(key.into(), text(about));
    }
    if let Kind::Integer(_) | Kind::Decimal(_) | Kind::Quantity(_) = fact.kind {
        properties.insert("uln".into(), values::limit(fact, "Upper limit of normal"));
        properties.insert("lln".into(), values::limit(fact, "Lower limit of normal"));
    }
    if let Kind::List(_) = fact.kind {
        properties.insert(
            "complete".into(),
            values::yes_or_no("`no` says that there may be more. A list is complete without it."),
        );
    }
    value_or_cause("with its evidence", properties, conditions)
}

/// An item of a list, with fields.
fn item(fields: &[Fact]) -> Json {
    let mut properties = Map::new();
    for field in fields {
        let (keys, conditions) = value_or_missing(field, plain(field, None));
        let forms = vec![
            plain(field, None),
            value_or_cause("with its unit, or why it is missing", keys, conditions),
        ];
        properties.insert(field.name().into(), form(field, &[], forms));
    }
    for (key, about) in EVIDENCE {
        properties.insert(
            key.into(),
            json!({ "description": about, "type": ["string", "number", "boolean", "null"] }),
        );
    }
    match fields.iter().find(|field| field.alone) {
        Some(field) => alone(field, properties),
        None => closed(properties),
    }
}

/// An item that may also be written as the value of one field, plain or under `value`.
fn alone(field: &Fact, mut properties: Map<String, Json>) -> Json {
    properties.insert("value".into(), plain(field, None));
    properties.insert("missing".into(), reference(CAUSE));
    let name = field.name();
    let pairs = [[name, "value"], [name, "missing"], ["value", "missing"]];
    let twice = pairs.map(|pair| json!({ "required": pair }));
    let item = merged(closed(properties), json!({ "not": { "anyOf": twice } }));
    json!({ "anyOf": [plain(field, None), item] })
}

fn value_or_cause(title: &str, properties: Map<String, Json>, conditions: Option<Json>) -> Json {
    let schema = merged(json!({ "title": title }), closed(properties));
    let either = json!({ "oneOf": [{ "required": ["value"] }, { "required": ["missing"] }] });
    let schema = merged(schema, either);
    match conditions {
        Some(conditions) => merged(schema, json!({ "allOf": conditions })),
        None => schema,
    }
}
