//! A record, as its text has it → a response to the questionnaire.

use std::collections::HashMap;

use jiff::civil::Date;
use serde_json::{Map, Value as Json, json};

use super::{
    COMPLETE, MORE, NONE_KNOWN, UCUM, address, cause_coding, coding, keys_beside, keys_of_item,
    link, questionnaire, questions_of_item,
};
use crate::document::Node;
use crate::facts::{Fact, ItemKind, Kind};
use crate::interview::{edit, written::Written};
use crate::record::values::unit_in;
use crate::trial::Trial;
use crate::value::Absent;

/// The response that says what a record says. The record must have been read: what is wrong with it is told there.
#[must_use]
pub fn response(trial: &Trial, record: &Node) -> Json {
    let writer = Writer { trial };
    let mut items: Vec<Json> = Vec::new();
    for (key, kind, _) in link::HEAD {
        if let Some(text) = edit::at(record, key)
            .and_then(Written::of)
            .as_ref()
            .and_then(word)
        {
            let value = if kind == "date" {
                "valueDate"
            } else {
                "valueString"
            };
            items.push(item(key, vec![json!({ value: text })]));
        }
    }
    for (_, fact) in trial.facts.iter() {
        if let Some(known) = edit::at(record, &fact.path).and_then(Written::of) {
            items.extend(writer.fact(fact, &known));
        }
    }
    let mut by_link: HashMap<String, Vec<Json>> = HashMap::new();
    for item in items {
        by_link
            .entry(link_of(&item).to_owned())
            .or_default()
            .push(item);
    }
    let items = nested(questionnaire(trial).get("item"), &mut by_link);
    let version = trial.version.as_ref().map(|version| format!("|{version}"));
    json!({
        "resourceType": "QuestionnaireResponse",
        "questionnaire": format!("{}{}", address(trial), version.unwrap_or_default()),
        "status": "completed",
        "item": items,
    })
}

/// Answers in the groups and in the order of the questionnaire, as FHIR wants them.
fn nested(form: Option<&Json>, by_link: &mut HashMap<String, Vec<Json>>) -> Vec<Json> {
    let mut out = Vec::new();
    for asked in form.and_then(Json::as_array).into_iter().flatten() {
        let link = link_of(asked);
        if let Some(known) = by_link.remove(link) {
            out.extend(known);
            continue;
        }
        let items = nested(asked.get("item"), by_link);
        if !items.is_empty() {
            out.push(json!({ "linkId": link, "item": items }));
        }
    }
    out
}

/// The name of an item, which all have.
fn link_of(item: &Json) -> &str {
    item.get("linkId")
        .and_then(Json::as_str)
        .unwrap_or_default()
}

struct Writer<'t> {
    trial: &'t Trial,
}

impl Writer<'_> {
    fn fact(&self, fact: &Fact, known: &Written) -> Vec<Json> {
        let (content, beside) = taken_apart(known);
        let mut items = match (&fact.kind, &content) {
            (Kind::List(item), Content::Value(Written::List(listed))) => {
                self.list(fact, item, listed, is_complete(&beside))
            }
            (Kind::List(_), Content::Value(value)) => word(value).map_or(Vec::new(), |text| {
                self.cause(&link::listed(&fact.path), &text)
            }),
            (Kind::List(_), Content::Missing(cause)) => {
                self.cause(&link::listed(&fact.path), cause)
            }
            _ => self.question(fact, &fact.path, &content, &beside),
        };
        items.extend(evidence(&fact.path, keys_beside(&fact.kind), &beside));
        items
    }

    fn list(
        &self,
        fact: &Fact,
        item: &ItemKind,
        listed: &[Written],
        is_complete: bool,
    ) -> Vec<Json> {
        let state = match (listed.is_empty(), is_complete) {
            (true, true) => NONE_KNOWN,
            (_, true) => COMPLETE,
            (_, false) => MORE,
        };
        let coding = coding(self.trial, fact, state);
        let mut items = vec![self::item(
            &link::listed(&fact.path),
            vec![json!({ "valueCoding": coding })],
        )];
        items.extend(listed.iter().map(|listed| {
            let within = self.item(fact, item, listed);
            let mut group = Map::new();
            group.insert("linkId".into(), link::item(&fact.path).into());
            if !within.is_empty() {
                group.insert("item".into(), within.into());
            }
            Json::Object(group)
        }));
        items
    }

    fn item(&self, list: &Fact, kind: &ItemKind, listed: &Written) -> Vec<Json> {
        let about = link::item(&list.path);
        let questions = questions_of_item(list, kind);
        let alone = kind.alone().map(Fact::name);
        let (content, beside) = match (kind, listed) {
            // An item with fields is a map of them, unless it is written as the one value that may stand alone.
            (ItemKind::Fields(_), Written::Map(fields)) if !has(fields, &["value", "missing"]) => {
                let of_field = |name: &str| {
                    fields
                        .iter()
                        .find(|(key, _)| key == name)
                        .map(|(_, known)| known)
                };
                let mut items = Vec::new();
                for (of, field) in &questions {
                    if let Some(known) = of_field(field.name()) {
                        let (content, beside) = taken_apart(known);
                        items.extend(self.question(field, of, &content, &beside));
                    }
                }
                items.extend(evidence(&about, keys_of_item(kind), fields));
                return items;
            }
            _ => taken_apart(listed),
        };
        let question = questions
            .iter()
            .find(|(_, field)| alone.is_none_or(|alone| field.name() == alone));
        let mut items = question.map_or(Vec::new(), |(of, field)| {
            self.question(field, of, &content, &beside)
        });
        items.extend(evidence(&about, keys_of_item(kind), &beside));
        items
    }

    /// The answer to a question, typed where FHIR has a type that says the same.
    fn question(
        &self,
        fact: &Fact,
        of: &str,
        content: &Content<'_>,
        beside: &[(String, Written)],
    ) -> Vec<Json> {
        let value = match content {
            Content::Missing(cause) => return self.missing(fact, of, cause),
            Content::Value(value) => value,
        };
        let Some(mut text) = word(value) else {
            return Vec::new();
        };
        if is_unknown(fact, value, &text) {
            return self.missing(fact, of, "unknown");
        }
        let unit = beside
            .iter()
            .find(|(key, _)| key == "unit")
            .and_then(|(_, unit)| word(unit));
        if let Some(unit) = unit {
            text = format!("{text} {unit}");
        }
        match self.typed(fact, &text) {
            Some(answer) => vec![item(of, vec![answer])],
            None => vec![item(
                &link::written(of),
                vec![json!({ "valueString": text })],
            )],
        }
    }

    /// The answer in FHIR's own type; none if it would say less.
    fn typed(&self, fact: &Fact, text: &str) -> Option<Json> {
        let number = |text: &str| -> Option<Json> {
            let number: serde_json::Number = serde_json::from_str(text).ok()?;
            (number.to_string() == text).then_some(Json::Number(number))
        };
        match &fact.kind {
            Kind::Code(set) => {
                let value = set.position(text).and_then(|index| set.values.get(index));
                Some(value.map_or(json!({ "valueString": text }), |value| {
                    self.coding(fact, &value.name, &value.label)
                }))
            }
            Kind::Boolean { yes, no } => match text.to_ascii_lowercase().as_str() {
                "yes" | "true" => Some(self.coding(fact, "yes", yes)),
                "no" | "false" => Some(self.coding(fact, "no", no)),
                _ => Some(json!({ "valueString": text })),
            },
            Kind::Integer(_) => {
                let whole: i32 = text.parse().ok()?;
                (whole.to_string() == text).then(|| json!({ "valueInteger": whole }))
            }
            Kind::Decimal(_) => Some(json!({ "valueDecimal": number(text)? })),
            Kind::Quantity(_) => {
                let unit = unit_in(fact, text)?;
                let value = number(text.strip_suffix(unit)?.trim_end())?;
                Some(
                    json!({ "valueQuantity": { "value": value, "unit": unit, "system": UCUM, "code": unit } }),
                )
            }
            // FHIR has partial dates too, but forms make a day of them that nobody said.
            Kind::Date(_) => {
                let day: Date = text.parse().ok()?;
                (day.to_string() == text).then(|| json!({ "valueDate": text }))
            }
            Kind::Text => Some(json!({ "valueString": text })),
            Kind::Duration(_) => Some(json!({ "valueString": text })),
            Kind::List(_) => None,
        }
    }

    fn coding(&self, fact: &Fact, code: &str, display: &str) -> Json {
        json!({ "valueCoding": coding(self.trial, fact, (code, display)) })
    }

    fn missing(&self, fact: &Fact, of: &str, cause: &str) -> Vec<Json> {
        match fact.kind {
            Kind::Code(_) | Kind::Boolean { .. } => self.cause(of, cause),
            _ => self.cause(&link::written(of), cause),
        }
    }

    fn cause(&self, of: &str, cause: &str) -> Vec<Json> {
        let answer = match Absent::from_code(cause) {
            Some(cause) => json!({ "valueCoding": cause_coding(cause) }),
            None => json!({ "valueString": cause }),
        };
        vec![item(of, vec![answer])]
    }
}

/// What is known, or the cause that is stated.
enum Content<'w> {
    Value(&'w Written),
    Missing(String),
}

/// A value, and what stands beside it.
fn taken_apart(known: &Written) -> (Content<'_>, Vec<(String, Written)>) {
    let Written::Map(entries) = known else {
        return (Content::Value(known), Vec::new());
    };
    let of = |name: &str| {
        entries
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, written)| written)
    };
    let content = match (of("missing").and_then(word), of("value")) {
        (Some(cause), _) => Content::Missing(cause),
        (None, Some(value)) => Content::Value(value),
        (None, None) => Content::Value(known),
    };
    (content, entries.clone())
}

fn has(entries: &[(String, Written)], names: &[&str]) -> bool {
    entries.iter().any(|(key, _)| names.contains(&key.as_str()))
}

fn is_complete(beside: &[(String, Written)]) -> bool {
    let complete = beside.iter().find(|(key, _)| key == "complete");
    let text = complete
        .and_then(|(_, written)| word(written))
        .unwrap_or_default();
    !matches!(text.to_ascii_lowercase().as_str(), "no" | "false")
}

/// The characters of a scalar.
fn word(written: &Written) -> Option<String> {
    match written {
        Written::Boolean(value) => Some(if *value { "yes" } else { "no" }.to_owned()),
        Written::Word(text) | Written::Text(text) => Some(text.trim().to_owned()),
        Written::Map(_) | Written::List(_) => None,
    }
}

/// Whether a scalar says that nobody knows; between quotes it is a text like any other where a text is asked for.
fn is_unknown(fact: &Fact, written: &Written, text: &str) -> bool {
    let may_be = fact.kind != Kind::Text || matches!(written, Written::Word(_));
    may_be && text == "unknown"
}

fn evidence(of: &str, keys: &[&str], beside: &[(String, Written)]) -> Vec<Json> {
    let known = beside
        .iter()
        .filter(|(key, _)| keys.contains(&key.as_str()));
    known
        .filter_map(|(key, written)| {
            Some(item(
                &link::beside(of, key),
                vec![json!({ "valueString": word(written)? })],
            ))
        })
        .collect()
}

fn item(link: &str, answers: Vec<Json>) -> Json {
    json!({ "linkId": link, "answer": answers })
}
