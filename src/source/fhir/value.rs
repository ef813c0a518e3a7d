//! An element of a resource → what a record says of a fact.

use std::borrow::Cow;

use super::super::rule::{Meaning, single};
use super::ValueRule;
use super::codes::{self, absent_cause, codings, is_ucum};
use super::systems::Systems;
use super::time::When;
use crate::facts::{Fact, Kind};
use crate::fhirpath::{Content, Element, Item, Node};
use crate::value::number;

/// An extension by which a primitive value says why it is not there.
const ABSENT_EXTENSION: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

/// What an element says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    pub meaning: Meaning,
    pub unit: Option<String>,
}

/// Why an element is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unread {
    pub message: String,
    pub help: String,
    /// The code that no map knows, for the counts.
    pub code: Option<String>,
}

impl Unread {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
            code: None,
        }
    }
}

impl Reading {
    fn of(meaning: Meaning) -> Self {
        Self {
            meaning,
            unit: None,
        }
    }

    fn value(text: impl Into<String>) -> Self {
        Self::of(Meaning::Value(text.into()))
    }
}

type Read = Result<Option<Reading>, Unread>;

impl ValueRule {
    /// What an item that the path of the value leads to says of a fact; none if it says nothing.
    pub fn read(&self, fact: &Fact, systems: &Systems, item: &Item<'_>) -> Read {
        let fact = single(fact);
        if let Some(element) = item.element() {
            if let Some(cause) = absent_extension(element) {
                return Ok(Some(Reading::of(Meaning::Missing(cause))));
            }
            match &element.node.content {
                Content::Null => return Ok(None),
                Content::Map(_) => return self.read_object(fact, systems, element),
                _ => {}
            }
        }
        let Some(text) = item.text() else {
            return Err(Unread::new(
                format!("an array is no value of `{}`", fact.path),
                "let the path of `value` lead to single values",
            ));
        };
        self.read_text(fact, &text)
    }

    /// A primitive value.
    fn read_text(&self, fact: &Fact, text: &str) -> Read {
        if let Some(meaning) = self.map.of_word(text) {
            return Ok(
                Some(Reading::of(meaning.clone())).filter(|read| read.meaning != Meaning::Nothing)
            );
        }
        if text.trim().is_empty() {
            return Ok(None);
        }
        let unknown = |what: &str| {
            let message = format!("no map of `{}` knows {what} `{text}`", fact.path);
            let mut unread = Unread::new(message, self.map.help(text));
            unread.code = Some(format!("\"{text}\""));
            unread
        };
        match &fact.kind {
            Kind::Code(_) if !self.map.is_empty() => Err(unknown("the text")),
            Kind::Boolean { .. } if matches!(text, "true" | "false") => {
                Ok(Some(Reading::value(text)))
            }
            Kind::Boolean { .. } => Err(unknown("the text")),
            Kind::Integer(_) | Kind::Decimal(_) | Kind::Quantity(_) => match plain_number(text) {
                Some(number) => Ok(Some(Reading::value(number))),
                None => Err(unknown("the text")),
            },
            Kind::Date(_) => match When::parse(text).and_then(|when| when.date) {
                Some(date) => Ok(Some(Reading::value(date))),
                None => Err(Unread::new(
                    format!("`{text}` is no date of FHIR"),
                    "FHIR writes 2026-11-20, 2026-11, 2026, or a time behind a whole date",
                )),
            },
            _ => Ok(Some(Reading::value(text))),
        }
    }

    fn read_object(&self, fact: &Fact, systems: &Systems, element: Element<'_>) -> Read {
        let node = element.node;
        let is_concept = node.get("coding").is_some()
            || node.get("text").is_some() && node.get("value").is_none()
            || node.get("system").is_some()
                && node.get("value").is_none()
                && node.get("code").is_some();
        if is_concept || matches!(element.kind, Some("CodeableConcept" | "Coding")) {
            return self.read_concept(fact, systems, node);
        }
        let is_range = node.get("low").is_some() || node.get("high").is_some();
        if is_range {
            return self.read_range(fact, node);
        }
        if node.get("value").is_some()
            || matches!(element.kind, Some("Quantity" | "Age" | "Duration"))
        {
            return self.read_quantity(fact, node);
        }
        let when = When::of(&Item::Element(element));
        match (&fact.kind, when) {
            (
                Kind::Date(_),
                Some(When {
                    date: Some(date), ..
                }),
            ) => Ok(Some(Reading::value(date))),
            (Kind::Text, _) => match node.text_at("display").or_else(|| node.text_at("text")) {
                Some(text) => Ok(Some(Reading::value(text))),
                None => Err(not_of_type(fact, element)),
            },
            _ => Err(not_of_type(fact, element)),
        }
    }

    /// What the codings of a concept mean. Where they mean different things, the concept says nothing that can be relied on.
    fn read_concept(&self, fact: &Fact, systems: &Systems, concept: &Node<'_>) -> Read {
        let mut found: Option<Meaning> = None;
        for coding in codings(concept) {
            let known = coding.code(systems);
            let known = known.and_then(|code| self.map.of_code(&code).cloned());
            let Some(meaning) = known.or_else(|| coding.absent_cause().map(Meaning::Missing))
            else {
                continue;
            };
            found = match found {
                Some(other) if other != meaning => {
                    match (is_clear(fact, &other), is_clear(fact, &meaning)) {
                        // The more exact of two codes of one concept.
                        (true, false) => Some(other),
                        (false, true) => Some(meaning),
                        _ => {
                            let described = codes::describe(concept, systems);
                            return Err(Unread::new(
                                format!("the codings of {described} mean different things"),
                                "have it corrected where it was coded",
                            ));
                        }
                    }
                }
                _ => Some(meaning),
            };
        }
        let text = concept.text_at("text");
        let text = text.or_else(|| codings(concept).find_map(|coding| coding.display));
        let has_coding = codings(concept).next().is_some();
        if found.is_none() && !has_coding {
            found = text.and_then(|text| self.map.of_word(text)).cloned();
        }
        match (found, &fact.kind) {
            (Some(Meaning::Nothing), _) => Ok(None),
            (Some(meaning), _) => Ok(Some(Reading::of(meaning))),
            (None, Kind::Text) => Ok(text.map(Reading::value)),
            (None, _) => {
                let described = codes::describe(concept, systems);
                let first = codings(concept).next();
                let key = first.and_then(|coding| {
                    let (system, code) = coding.code(systems)?;
                    Some(format!("{system} {code}"))
                });
                let near = key.as_deref().or(text).unwrap_or("");
                let mut unread = Unread::new(
                    format!("no map of `{}` knows {described}", fact.path),
                    self.map.help(near),
                );
                unread.code = Some(described);
                Err(unread)
            }
        }
    }

    fn read_quantity(&self, fact: &Fact, quantity: &Node<'_>) -> Read {
        let Some(value) = quantity.get("value") else {
            return Err(Unread::new(
                "the quantity has no value",
                "`dataAbsentReason` says why there is none",
            ));
        };
        let number = match &value.content {
            Content::Number(text) => plain_number(text),
            _ => None,
        };
        let Some(number) = number else {
            return Err(Unread::new(
                format!(
                    "the value of the quantity is {}, not a number that can be held",
                    value.describe()
                ),
                "FHIR writes it as a JSON number of at most 28 digits",
            ));
        };
        let number = match quantity.text_at("comparator") {
            None => number,
            Some(sign @ ("<" | "<=" | ">" | ">=")) => format!("{sign} {number}"),
            Some(other) => {
                return Err(Unread::new(
                    format!("FHIR R4 has no comparator `{other}`"),
                    "there are <, <=, > and >=",
                ));
            }
        };
        self.in_unit(fact, number, self.unit(quantity))
    }

    /// A range of quantities is a value that lies somewhere in it.
    fn read_range(&self, fact: &Fact, range: &Node<'_>) -> Read {
        let end = |key: &str| {
            let end = range.get(key)?;
            let value = match &end.get("value")?.content {
                Content::Number(text) => plain_number(text)?,
                _ => return None,
            };
            Some((value, self.unit(end)))
        };
        let (numbers, unit) = match (end("low"), end("high")) {
            (Some((low, unit)), Some((high, other))) if unit == other => {
                (format!("{low}..{high}"), unit)
            }
            (Some((low, unit)), None) if range.get("high").is_none() => (format!(">= {low}"), unit),
            (None, Some((high, unit))) if range.get("low").is_none() => {
                (format!("<= {high}"), unit)
            }
            _ => {
                return Err(Unread::new(
                    "the ends of the range are no numbers of one unit",
                    "both have a value, and the same unit",
                ));
            }
        };
        self.in_unit(fact, numbers, unit)
    }

    /// The unit of a quantity, as records call it.
    fn unit(&self, quantity: &Node<'_>) -> Option<String> {
        let code = quantity
            .text_at("code")
            .filter(|_| quantity.text_at("system").is_none_or(is_ucum));
        let unit = code.or_else(|| quantity.text_at("unit"))?;
        let named = self.units.iter().find(|(name, _)| name == unit);
        Some(named.map_or(unit, |(_, unit)| unit).to_owned())
    }

    fn in_unit(&self, fact: &Fact, number: String, unit: Option<String>) -> Read {
        match &fact.kind {
            Kind::Quantity(_) => Ok(Some(Reading {
                meaning: Meaning::Value(number),
                unit,
            })),
            Kind::Integer(_) | Kind::Decimal(_) => match unit {
                Some(unit) if !is_no_unit(&unit) => Err(Unread::new(
                    format!("`{}` has no unit, and this is in `{unit}`", fact.path),
                    "`units: { …: '1' }` in the source file says that a unit is none",
                )),
                _ => Ok(Some(Reading::value(number))),
            },
            Kind::Duration(_) => match unit.as_deref().and_then(calendar_unit) {
                Some(unit) => Ok(Some(Reading::value(in_calendar_unit(&number, unit)))),
                None => Err(Unread::new(
                    format!(
                        "a duration is in a, mo, wk or d, not in `{}`",
                        unit.unwrap_or_default()
                    ),
                    "`units` in the source file says what a unit is called in UCUM",
                )),
            },
            _ => Err(Unread::new(
                format!("a quantity is no value of `{}`", fact.path),
                "let `value` of the source file lead to what the fact asks for",
            )),
        }
    }
}

/// Whether a meaning is a value that settles the matter.
fn is_clear(fact: &Fact, meaning: &Meaning) -> bool {
    match (meaning, &fact.kind) {
        (Meaning::Value(name), Kind::Code(values)) => !values
            .values
            .iter()
            .any(|value| value.name == *name && value.unclear),
        (Meaning::Value(_), _) => true,
        _ => false,
    }
}

fn not_of_type(fact: &Fact, element: Element<'_>) -> Unread {
    let kind = element.kind.unwrap_or("object");
    let article = if kind.starts_with(['A', 'E', 'I', 'O', 'o']) {
        "an"
    } else {
        "a"
    };
    Unread::new(
        format!("{article} {kind} is no value of `{}`", fact.path),
        "let `value` of the source file lead to what the fact asks for",
    )
}

/// Why a primitive value is not there, if its extension says so.
fn absent_extension(element: Element<'_>) -> Option<String> {
    let beside = element.beside.unwrap_or(element.node);
    let extensions = beside.get("extension")?.items();
    let reason = extensions
        .iter()
        .find(|extension| extension.text_at("url") == Some(ABSENT_EXTENSION))?;
    reason.text_at("valueCode").map(absent_cause)
}

/// A number without exponent, as records write it.
fn plain_number(text: &str) -> Option<String> {
    number::parse(text.trim())
        .ok()
        .map(|number| number.to_string())
}

/// Whether a unit says that there is none: `1`, `{score}`.
fn is_no_unit(unit: &str) -> bool {
    unit == "1" || unit.starts_with('{') && unit.ends_with('}') && !unit.contains("}{")
}

fn calendar_unit(unit: &str) -> Option<&'static str> {
    Some(match unit {
        "a" => "years",
        "mo" => "months",
        "wk" => "weeks",
        "d" => "days",
        _ => return None,
    })
}

fn in_calendar_unit(number: &str, unit: &str) -> String {
    match number.split_once("..") {
        Some((low, high)) => format!("{low} {unit}..{high} {unit}"),
        None => format!("{number} {unit}"),
    }
}

/// The text of an item, for evidence.
pub(super) fn text_of<'a>(item: &Item<'a>) -> Option<Cow<'a, str>> {
    if let Some(text) = item.text() {
        return Some(text);
    }
    let node = item.element()?.node;
    let text = ["display", "text", "reference"]
        .into_iter()
        .find_map(|key| node.text_at(key));
    text.map(Cow::Borrowed)
}
