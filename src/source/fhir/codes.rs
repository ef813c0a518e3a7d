//! The codes of resources: which ones they have, what those are called, and which say that there is no value.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::systems::{Code, Systems};
use crate::fhirpath::Node;

/// UCUM, as quantities name it.
const UCUM: [&str; 2] = ["http://unitsofmeasure.org", "urn:oid:2.16.840.1.113883.6.8"];

const ABSENT: [&str; 2] = [
    "http://terminology.hl7.org/CodeSystem/data-absent-reason",
    "http://hl7.org/fhir/data-absent-reason",
];
const NULL_FLAVOR: [&str; 2] = [
    "http://terminology.hl7.org/CodeSystem/v3-NullFlavor",
    "urn:oid:2.16.840.1.113883.5.1008",
];

/// Null flavours of HL7 version 3 that have a cause of their own among those of FHIR.
const FLAVORS: [(&str, &str); 9] = [
    ("NI", "unknown"),
    ("UNK", "unknown"),
    ("ASKU", "asked_unknown"),
    ("NAV", "temp_unknown"),
    ("NASK", "not_asked"),
    ("NAVU", "unknown"),
    ("MSK", "masked"),
    ("NA", "not_applicable"),
    ("NP", "unknown"),
];

/// Which resources a fact is read from, by their codes.
#[derive(Debug, Clone, Default)]
pub(super) struct CodeFilter(pub Option<FxHashSet<Code>>);

impl CodeFilter {
    /// Whether one of these codes is wanted.
    pub fn accepts(&self, codes: &[Code]) -> bool {
        match &self.0 {
            None => true,
            Some(wanted) => codes.iter().any(|code| wanted.contains(code)),
        }
    }
}

/// All codes of a concept, or of several.
pub(super) fn all_codes(systems: &Systems, concept: Option<&Node<'_>>) -> Vec<Code> {
    let concepts = concept.map_or(&[][..], Node::items).iter();
    let codes =
        concepts.flat_map(|concept| codings(concept).filter_map(|coding| coding.code(systems)));
    codes.collect()
}

/// A coding of a resource.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coding<'a> {
    pub system: Option<&'a str>,
    pub code: Option<&'a str>,
    pub display: Option<&'a str>,
}

impl Coding<'_> {
    pub fn code(&self, systems: &Systems) -> Option<Code> {
        Some((systems.name(self.system?), self.code?.to_owned()))
    }

    /// The cause of a missing value, if it is a code of such.
    pub fn absent_cause(&self) -> Option<String> {
        let (system, code) = (self.system?, self.code?);
        if ABSENT.contains(&system) {
            return Some(absent_cause(code));
        }
        let flavors = NULL_FLAVOR.contains(&system).then_some(FLAVORS);
        let found = flavors?.into_iter().find(|(flavor, _)| *flavor == code);
        found.map(|(_, cause)| cause.to_owned())
    }

    /// How messages and counts name it.
    pub fn describe(&self, systems: &Systems) -> String {
        let system = self
            .system
            .map_or_else(|| Arc::from("(no system)"), |uri| systems.name(uri));
        let code = self.code.unwrap_or("(no code)");
        match self.display {
            Some(display) => format!("{system} {code} ({display})"),
            None => format!("{system} {code}"),
        }
    }
}

/// A code of data-absent-reason as records have it.
pub(super) fn absent_cause(code: &str) -> String {
    match code {
        "not-a-number" | "negative-infinity" | "positive-infinity" => "error".to_owned(),
        _ => code.replace('-', "_"),
    }
}

/// The codings of a CodeableConcept, or a Coding as the only one.
pub(super) fn codings<'a>(concept: &'a Node<'_>) -> impl Iterator<Item = Coding<'a>> {
    let list = concept.get("coding");
    let items = match list {
        Some(list) => list.items(),
        None if concept.get("code").is_some() => std::slice::from_ref(concept),
        None => &[],
    };
    items.iter().map(|coding| Coding {
        system: coding.text_at("system"),
        code: coding.text_at("code"),
        display: coding.text_at("display"),
    })
}

/// What a concept is called: all its codings, or its text.
pub(super) fn describe(concept: &Node<'_>, systems: &Systems) -> String {
    let codings: Vec<String> = codings(concept)
        .map(|coding| coding.describe(systems))
        .collect();
    match (codings.is_empty(), concept.text_at("text")) {
        (true, Some(text)) => format!("\"{text}\""),
        (true, None) => "a concept without code or text".to_owned(),
        _ => codings.join(", "),
    }
}

/// Whether the code of a quantity is one of UCUM.
pub(super) fn is_ucum(system: &str) -> bool {
    UCUM.contains(&system)
}

/// Resources whose `code` says what they are about.
const CODED: [&str; 10] = [
    "AllergyIntolerance",
    "ChargeItem",
    "Condition",
    "DiagnosticReport",
    "Flag",
    "List",
    "Medication",
    "Observation",
    "Procedure",
    "Substance",
];

/// Whether resources of a type are told apart by codes.
pub(super) fn has_code(kind: &str) -> bool {
    CODED.contains(&kind) || kind.starts_with("Medication") || kind == "Immunization"
}

/// What a resource is about.
pub(super) fn concept_of<'a>(kind: &str, resource: &'a Node<'a>) -> Option<&'a Node<'a>> {
    match kind {
        "Immunization" => resource.get("vaccineCode"),
        "MedicationAdministration" | "MedicationStatement" | "MedicationDispense" => {
            resource.get("medicationCodeableConcept")
        }
        "Encounter" => resource.get("type"),
        _ => resource.get("code"),
    }
}
