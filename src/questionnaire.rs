//! The facts of a trial as a FHIR R4 Questionnaire, a record as a response to it, and a response as a record.
//!
//! Every question is the declared fact's: its words, values and units. What a typed answer cannot say, a bound or the cause
//! of a missing value, stands in a second item beside it, so a record can be written as a response and read back without loss.
//! An answer that is not given says nothing: it is never "no".

mod form;
pub mod gates;
mod read;
mod response;

use serde_json::{Value as Json, json};

use crate::facts::{Fact, ItemKind, Kind};
use crate::trial::Trial;
use crate::value::Absent;

pub use form::questionnaire;
pub use read::ResponseReader;
pub use response::response;

/// FHIR's codes for why there is no value.
const ABSENT: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
/// Our own causes, for which FHIR has no code.
const OWN_ABSENT: &str = "urn:eligo:cause";
/// Units of measure.
const UCUM: &str = "http://unitsofmeasure.org";

/// What the items of one fact are called. A fact's path holds no `#`.
mod link {
    /// The pseudonym, the screening date and a remark on the whole.
    pub const HEAD: [(&str, &str, &str); 3] = [
        (
            "candidate",
            "string",
            "The candidate's pseudonym, never a name",
        ),
        ("screened_on", "date", "The day of the screening"),
        ("note", "text", "A remark on the whole"),
    ];

    /// Bounds, or why there is no value.
    pub fn written(of: &str) -> String {
        format!("{of}#written")
    }

    /// What stands beside a value: its date, who says so.
    pub fn beside(of: &str, key: &str) -> String {
        format!("{of}#{key}")
    }

    /// Whether a list says all there is.
    pub fn listed(of: &str) -> String {
        format!("{of}#listed")
    }

    /// An item of a list, as often as there are items.
    pub fn item(of: &str) -> String {
        format!("{of}#item")
    }

    /// Whether an item of this name begins a scope of its own.
    pub fn is_item(link: &str) -> bool {
        link.ends_with("#item")
    }
}

/// Whether a list says all there is: code, what a reader sees.
const COMPLETE: (&str, &str) = ("complete", "these are all");
const MORE: (&str, &str) = ("more", "there may be more");
const NONE_KNOWN: (&str, &str) = ("none", "asked, none known");

/// The address of a trial's questionnaire.
fn address(trial: &Trial) -> String {
    format!("urn:eligo:questionnaire:{}", trial.id)
}

/// The code system of what may be answered to a fact.
fn system(trial: &Trial, fact: &Fact) -> String {
    format!("urn:eligo:fact:{}:{}", trial.id, fact.path)
}

/// What may stand beside the value of a fact.
fn keys_beside(kind: &Kind) -> &'static [&'static str] {
    match kind {
        Kind::Integer(_) | Kind::Decimal(_) | Kind::Quantity(_) => {
            &["date", "by", "source", "note", "uln", "lln"]
        }
        _ => &["date", "by", "source", "note"],
    }
}

/// What may stand beside the fields of an item.
const KEYS_OF_ITEM: &[&str] = &["by", "source", "note"];

/// The questions of an item of a list: its fields, or the one value that it is, with the name of each.
fn questions_of_item<'f>(list: &Fact, item: &'f ItemKind) -> Vec<(String, &'f Fact)> {
    match item {
        ItemKind::Single(single) => vec![(format!("{}#value", list.path), single)],
        ItemKind::Fields(fields) => fields
            .iter()
            .map(|field| (field.path.clone(), field))
            .collect(),
    }
}

/// What may stand beside an item.
fn keys_of_item(item: &ItemKind) -> &'static [&'static str] {
    match item {
        ItemKind::Single(single) => keys_beside(&single.kind),
        ItemKind::Fields(_) => KEYS_OF_ITEM,
    }
}

/// The code of an answer, as a reader sees it.
fn coding(trial: &Trial, fact: &Fact, (code, display): (&str, &str)) -> Json {
    json!({ "system": system(trial, fact), "code": code, "display": display })
}

/// System and code of the cause of a missing value.
fn cause_coding(cause: Absent) -> Json {
    match cause {
        Absent::Conflicting => json!({ "system": OWN_ABSENT, "code": cause.code() }),
        _ => json!({ "system": ABSENT, "code": cause.code().replace('_', "-") }),
    }
}
