//! A trial → the schema of its records: every fact with its question, values, unit and range, plain or with evidence.

use serde_json::{Map, Value as Json, json};

use super::values::{self, fields, not_recorded, plain, single, standard_codes, whole_date};
use super::{closed, escaped, head, reference, text};
use crate::facts::{Fact, Kind};
use crate::record::table::FORMAT;
use crate::trial::Trial;
use crate::value::{Absent, Missing};

// Names of definitions that no fact can have.
const CAUSE: &str = "cause-of-absence";
const DATE: &str = "date-of-evidence";

/// The schema of a record.
#[must_use]
pub fn record(trial: &Trial) -> Json {
    let mut schema = head(
        &format!("Record of a candidate for {}", trial.id),
        "What is known of one candidate. A fact that is absent or empty is not recorded, which is not a \"no\".",
    );
    schema.extend(root(trial));
    schema.insert("$defs".into(), Json::Object(definitions(trial)));
    Json::Object(schema)
}

/// A record itself, in terms of the definitions.
pub(super) fn root(trial: &Trial) -> Map<String, Json> {
    group(trial, "", reserved(trial))
}

/// The keys of every record that are no facts.
pub(super) fn reserved(trial: &Trial) -> Map<String, Json> {
    let or_nothing = |mut schema: Json| {
        if let Some(schema) = schema.as_object_mut() {
            schema.insert(
                "type".into(),
                json!(["string", "number", "boolean", "null"]),
            );
        }
        schema
    };
    let mut date = whole_date();
    if let Some(schema) = date.as_object_mut() {
        schema.insert("type".into(), json!(["string", "null"]));
        schema.insert(
            "description".into(),
            "The screening date, YYYY-MM-DD. Without it, today.".into(),
        );
    }
    let mut properties = Map::new();
    properties.insert(
        "candidate".into(),
        or_nothing(text("A pseudonym; a record has no place for a name.")),
    );
    properties.insert("screened_on".into(), date);
    properties.insert(
        "format".into(),
        json!({ "description": "What this file is; may be left out.", "const": FORMAT }),
    );
    properties.insert(
        "trial".into(),
        json!({ "description": trial.title, "const": trial.id }),
    );
    properties.insert("note".into(), or_nothing(text("A remark on the whole.")));
    properties
}

/// What is below a path; facts further down may be written by their whole path.
fn group(trial: &Trial, prefix: &str, mut properties: Map<String, Json>) -> Map<String, Json> {
    let mut by_path = Map::new();
    let groups = trial.facts.groups.keys().map(String::as_str);
    for path in trial
        .facts
        .iter()
        .map(|(_, fact)| fact.path.as_str())
        .chain(groups)
    {
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
    let mut schema = closed(properties);
    if !by_path.is_empty() {
        schema.insert("patternProperties".into(), Json::Object(by_path));
    }
    schema
}

/// Every fact and group by its path, and what they share.
pub(super) fn definitions(trial: &Trial) -> Map<String, Json> {
    let mut definitions = Map::new();
    for (path, label) in &trial.facts.groups {
        let mut schema = Map::new();
        schema.insert(
            "title".into(),
            label
                .clone()
                .unwrap_or_else(|| path.replace('_', " "))
                .into(),
        );
        let mut inner = group(trial, &format!("{path}."), Map::new());
        inner.insert("type".into(), json!(["object", "null"]));
        schema.extend(inner);
        definitions.insert(path.clone(), Json::Object(schema));
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
    let causes = Absent::CODES
        .map(|(code, cause)| json!({ "title": Missing::Stated(cause).to_string(), "const": code }));
    let spelled: Vec<String> = Absent::CODES
        .iter()
        .map(|(code, _)| code.replace('_', "[_-]"))
        .collect();
    let spelled = json!({ "title": "as FHIR spells it", "type": "string", "pattern": format!("^({})$", spelled.join("|")) });
    let causes: Vec<Json> = causes.into_iter().chain([spelled]).collect();
    definitions.insert(CAUSE.into(), json!({ "title": "Why there is no value", "description": "instead of `value`", "anyOf": causes }));
    let dates: Vec<Json> = values::date().into_iter().chain([not_recorded()]).collect();
    definitions
        .insert(DATE.into(), json!({ "title": "When it was found", "description": "not after the screening date; may be partial", "anyOf": dates }));
    definitions
}

fn value_of(fact: &Fact) -> String {
    format!("value-of-{}", fact.path)
}

fn define(fact: &Fact, criteria: &[&str], definitions: &mut Map<String, Json>) {
    let item = match (single(&fact.kind), fields(&fact.kind)) {
        (Some(single), _) => Some(described(
            single,
            &[],
            vec![
                plain(single, None),
                with_evidence(single, plain(single, None)),
            ],
        )),
        (None, []) => None,
        (None, fields) => Some(item(fields)),
    };
    definitions.insert(value_of(fact), plain(fact, item));
    let value = reference(&value_of(fact));
    definitions.insert(
        fact.path.clone(),
        described(
            fact,
            criteria,
            vec![value.clone(), with_evidence(fact, value)],
        ),
    );
}

/// A fact's label and question, and what else a reader of the record should know of it.
fn described(fact: &Fact, criteria: &[&str], forms: Vec<Json>) -> Json {
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
    let mut schema = Map::new();
    schema.insert("title".into(), fact.label.as_str().into());
    if !about.is_empty() {
        schema.insert("description".into(), about.join("\n").into());
    }
    schema.insert("anyOf".into(), forms.into());
    Json::Object(schema)
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

/// A map that says where a value comes from, or why there is none.
fn with_evidence(fact: &Fact, value: Json) -> Json {
    let mut properties = Map::new();
    properties.insert("value".into(), value);
    properties.insert("missing".into(), reference(CAUSE));
    let conditions = match &fact.kind {
        Kind::Quantity(measure) => values::with_unit(measure, &mut properties),
        _ => None,
    };
    properties.insert("date".into(), reference(DATE));
    properties.insert("by".into(), text("Who says so."));
    properties.insert("source".into(), text("From which document or system."));
    properties.insert("note".into(), text("A remark."));
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
        let mut keys = Map::new();
        keys.insert("value".into(), plain(field, None));
        keys.insert("missing".into(), reference(CAUSE));
        let conditions = match &field.kind {
            Kind::Quantity(measure) => values::with_unit(measure, &mut keys),
            _ => None,
        };
        let forms = vec![
            plain(field, None),
            value_or_cause("with its unit, or why it is missing", keys, conditions),
        ];
        properties.insert(field.name().into(), described(field, &[], forms));
    }
    for (key, about) in [
        ("by", "Who says so."),
        ("source", "From which document or system."),
        ("note", "A remark."),
    ] {
        properties.insert(
            key.into(),
            json!({ "description": about, "type": ["string", "number", "boolean", "null"] }),
        );
    }
    match fields.iter().find(|field| field.alone) {
        Some(field) => alone(field, properties),
        None => Json::Object(closed(properties)),
    }
}

/// An item that may also be written as the value of one field, plain or under `value`.
fn alone(field: &Fact, mut properties: Map<String, Json>) -> Json {
    properties.insert("value".into(), plain(field, None));
    properties.insert("missing".into(), reference(CAUSE));
    let mut item = closed(properties);
    let name = field.name();
    let pairs = [[name, "value"], [name, "missing"], ["value", "missing"]];
    let twice: Vec<Json> = pairs
        .iter()
        .map(|pair| json!({ "required": pair }))
        .collect();
    item.insert("not".into(), json!({ "anyOf": twice }));
    json!({ "anyOf": [plain(field, None), Json::Object(item)] })
}

fn value_or_cause(title: &str, properties: Map<String, Json>, conditions: Option<Json>) -> Json {
    let mut schema = Map::new();
    schema.insert("title".into(), title.into());
    schema.extend(closed(properties));
    schema.insert(
        "oneOf".into(),
        json!([{ "required": ["value"] }, { "required": ["missing"] }]),
    );
    if let Some(conditions) = conditions {
        schema.insert("allOf".into(), conditions);
    }
    Json::Object(schema)
}
