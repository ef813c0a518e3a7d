//! Code systems by their short names, value sets, and what codes of a feed mean.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::super::rule::Meaning;
use crate::diagnostic::{Source, did_you_mean, nearest};
use crate::document::{Content as NodeContent, Node as YamlNode};
use crate::fhirpath::{Content, Node};
use crate::shape::{Fields, NodeReader};

/// Where the files that a source file names are read; what is wrong with one is said without its name.
pub type Files<'f> = &'f dyn Fn(&str) -> Result<Arc<Source>, String>;

/// Systems that every source knows, each by all its names: URI and OID.
const KNOWN_SYSTEMS: [(&str, &[&str]); 8] = [
    (
        "loinc",
        &["http://loinc.org", "urn:oid:2.16.840.1.113883.6.1"],
    ),
    (
        "snomed",
        &["http://snomed.info/sct", "urn:oid:2.16.840.1.113883.6.96"],
    ),
    (
        "ncit",
        &[
            "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
            "urn:oid:2.16.840.1.113883.3.26.1.1",
        ],
    ),
    (
        "rxnorm",
        &[
            "http://www.nlm.nih.gov/research/umls/rxnorm",
            "urn:oid:2.16.840.1.113883.6.88",
        ],
    ),
    (
        "icd10cm",
        &[
            "http://hl7.org/fhir/sid/icd-10-cm",
            "urn:oid:2.16.840.1.113883.6.90",
        ],
    ),
    (
        "icd10",
        &[
            "http://hl7.org/fhir/sid/icd-10",
            "urn:oid:2.16.840.1.113883.6.3",
        ],
    ),
    (
        "atc",
        &["http://www.whocc.no/atc", "urn:oid:2.16.840.1.113883.6.73"],
    ),
    (
        "yes_no",
        &[
            "http://terminology.hl7.org/CodeSystem/v2-0136",
            "urn:oid:2.16.840.1.113883.12.136",
        ],
    ),
];

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

/// A code of a system, by the system's short name, or by its URI where it has none.
pub(super) type Code = (Arc<str>, String);

/// The systems of a source, and its value sets.
#[derive(Debug, Default)]
pub(super) struct Systems {
    /// Short name by URI.
    names: HashMap<String, Arc<str>>,
    sets: BTreeMap<String, Vec<Code>>,
}

impl Systems {
    /// The systems that every source knows, those of the file, and its value sets.
    pub fn compile(reader: &mut NodeReader<'_>, fields: Fields<'_>, files: Files<'_>) -> Self {
        let mut systems = Self::default();
        for (name, uris) in KNOWN_SYSTEMS {
            systems.add(name, uris.iter().copied());
        }
        if let Some(node) = fields.get("systems") {
            for (key, node) in reader.entries(node, "`systems`").unwrap_or_default() {
                let uris: Vec<String> = texts(reader, node, "the URI of a system");
                systems.add(&key.name, uris.iter().map(String::as_str));
            }
        }
        if let Some(node) = fields.get("value_sets") {
            for (key, node) in reader.entries(node, "`value_sets`").unwrap_or_default() {
                let codes = match &node.content {
                    NodeContent::Sequence(items) => systems.listed(reader, items),
                    _ => systems.expanded(reader, node, files),
                };
                systems.sets.insert(key.name.clone(), codes);
            }
        }
        systems
    }

    fn add<'u>(&mut self, name: &str, uris: impl Iterator<Item = &'u str>) {
        let name: Arc<str> = Arc::from(name);
        for uri in uris {
            self.names.insert(uri.to_owned(), Arc::clone(&name));
        }
    }

    /// The codes of a value set that stand in the source file itself.
    fn listed(&self, reader: &mut NodeReader<'_>, items: &[YamlNode]) -> Vec<Code> {
        let mut codes = Vec::new();
        for item in items {
            if let Some(text) = reader.text(item, "a code")
                && let Some(code) = self.code(reader, item, &text)
            {
                codes.push(code);
            }
        }
        codes
    }

    /// The codes of an expanded FHIR ValueSet in a file.
    fn expanded(
        &self,
        reader: &mut NodeReader<'_>,
        node: &YamlNode,
        files: Files<'_>,
    ) -> Vec<Code> {
        let Some(name) = reader.text(node, "a value set") else {
            return Vec::new();
        };
        let read = files(&name).and_then(|source| {
            let set = Node::parse_with(&source.text, || Arc::clone(&source))
                .map_err(|problem| problem.one_line())?;
            self.codes_of(&set)
        });
        read.unwrap_or_else(|message| {
            let help =
                "a value set is a list of codes, or names a file with an expanded FHIR ValueSet";
            let message = format!("`{name}`: {message}");
            reader.error(&node.span, message, Some(help.to_owned()));
            Vec::new()
        })
    }

    fn codes_of(&self, set: &Node<'_>) -> Result<Vec<Code>, String> {
        if set.text_at("resourceType") != Some("ValueSet") {
            return Err("this is no ValueSet".to_owned());
        }
        let Some(contains) = set.get("expansion").and_then(|part| part.get("contains")) else {
            return Err(
                "the ValueSet is not expanded; `$expand` of a terminology server does it"
                    .to_owned(),
            );
        };
        let mut codes = Vec::new();
        self.contained(contains, &mut codes);
        match codes.len() {
            0 => Err("the expansion has no code".to_owned()),
            _ => Ok(codes),
        }
    }

    fn contained(&self, contains: &Node<'_>, codes: &mut Vec<Code>) {
        for part in contains.items() {
            let is_abstract = part
                .get("abstract")
                .is_some_and(|node| node.content == Content::Boolean(true));
            if let (Some(system), Some(code), false) =
                (part.text_at("system"), part.text_at("code"), is_abstract)
            {
                codes.push((self.name(system), code.to_owned()));
            }
            if let Some(inner) = part.get("contains") {
                self.contained(inner, codes);
            }
        }
    }

    /// The short name of a system, or its URI.
    pub fn name(&self, uri: &str) -> Arc<str> {
        self.names
            .get(uri)
            .map_or_else(|| Arc::from(uri), Arc::clone)
    }

    /// `system code`, as source files write a code.
    fn code(&self, reader: &mut NodeReader<'_>, node: &YamlNode, text: &str) -> Option<Code> {
        match self.parse(text) {
            Ok(Some(code)) => Some(code),
            Ok(None) => {
                let help = "write the system and the code: `loinc 89247-1`".to_owned();
                reader.error(
                    &node.span,
                    format!("`{text}` is no code of a system"),
                    Some(help),
                );
                None
            }
            Err((message, help)) => {
                reader.error(&node.span, message, help);
                None
            }
        }
    }

    /// A code as source files write it; none if the text has no blank, so that it can be no code.
    fn parse(&self, text: &str) -> Result<Option<Code>, (String, Option<String>)> {
        let Some((system, code)) = text.trim().split_once(' ') else {
            return Ok(None);
        };
        let mut names: Vec<&str> = self.names.values().map(|name| &**name).collect();
        names.sort_unstable();
        names.dedup();
        let known = self.names.values().find(|name| &***name == system);
        match known {
            Some(system) => Ok(Some((Arc::clone(system), code.trim().to_owned()))),
            None => {
                let help = did_you_mean(system, names.iter().copied());
                let list = || format!("`systems` names them; there are {}", names.join(", "));
                Err((
                    format!("there is no system `{system}`"),
                    Some(help.unwrap_or_else(list)),
                ))
            }
        }
    }

    /// The codes that a text of a source file stands for: one, or those of a value set behind `in`.
    pub fn codes(
        &self,
        reader: &mut NodeReader<'_>,
        span: &std::ops::Range<usize>,
        text: &str,
    ) -> Option<Vec<Code>> {
        if let Some(name) = text.trim().strip_prefix("in ") {
            let name = name.trim();
            if let Some(codes) = self.sets.get(name) {
                return Some(codes.clone());
            }
            let names = self.sets.keys().map(String::as_str);
            let help =
                did_you_mean(name, names).or_else(|| Some("`value_sets` names them".to_owned()));
            reader.error(span, format!("there is no value set `{name}`"), help);
            return None;
        }
        match self.parse(text) {
            Ok(Some(code)) => Some(vec![code]),
            Ok(None) => None,
            Err((message, help)) => {
                reader.error(span, message, help);
                None
            }
        }
    }
}

/// One text, or a list of texts.
pub(super) fn texts(reader: &mut NodeReader<'_>, node: &YamlNode, what: &str) -> Vec<String> {
    let items = match &node.content {
        NodeContent::Sequence(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    items
        .iter()
        .filter_map(|item| reader.text(item, what))
        .collect()
}

/// Which resources a fact is read from, by their codes.
#[derive(Debug, Clone, Default)]
pub(super) struct CodeFilter(pub Option<HashSet<Code>>);

impl CodeFilter {
    /// Whether one of the codings of a concept is wanted.
    pub fn accepts(&self, systems: &Systems, concept: Option<&Node<'_>>) -> bool {
        let Some(codes) = &self.0 else {
            return true;
        };
        let concept = concept.map_or(&[][..], Node::items);
        concept.iter().any(|concept| {
            codings(concept).any(|coding| {
                coding
                    .code(systems)
                    .is_some_and(|code| codes.contains(&code))
            })
        })
    }
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

/// What codes and words mean for a fact.
#[derive(Debug, Clone, Default)]
pub(super) struct CodeMap {
    codes: HashMap<Code, Meaning>,
    words: HashMap<String, Meaning>,
    /// As the file writes them.
    names: Vec<String>,
}

impl CodeMap {
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty() && self.words.is_empty()
    }

    /// The codes that mean something.
    pub fn codes(&self) -> impl Iterator<Item = &Code> {
        self.codes.keys()
    }

    /// Adds what a code means; false if it means something else already.
    pub fn add_code(&mut self, code: Code, meaning: Meaning) -> bool {
        match self.codes.insert(code, meaning.clone()) {
            Some(known) => known == meaning,
            None => true,
        }
    }

    /// Adds what a word means; false if it means something else already.
    pub fn add_word(&mut self, word: &str, meaning: Meaning) -> bool {
        match self.words.insert(word.to_lowercase(), meaning.clone()) {
            Some(known) => known == meaning,
            None => true,
        }
    }

    pub fn add_name(&mut self, name: &str) {
        self.names.push(name.to_owned());
    }

    pub fn of_code(&self, code: &Code) -> Option<&Meaning> {
        self.codes.get(code)
    }

    /// What a word means, whatever its capitals.
    pub fn of_word(&self, word: &str) -> Option<&Meaning> {
        self.words.get(&word.trim().to_lowercase())
    }

    /// What to do about something that is not known.
    pub fn help(&self, found: &str) -> String {
        const MOST: usize = 8;
        let near = nearest(found, self.names.iter().map(String::as_str));
        let known: Vec<String> = match near {
            Some(near) => vec![format!("`{near}`")],
            None => self
                .names
                .iter()
                .take(MOST)
                .map(|name| format!("`{name}`"))
                .collect(),
        };
        if known.is_empty() {
            return "`map` in the source file says what it means".to_owned();
        }
        let known = known.join(", ");
        match near {
            Some(_) => format!(
                "the nearest that is known is {known}; add it to `map` or `missing` in the source file"
            ),
            None => format!("known are {known}; add it to `map` or `missing` in the source file"),
        }
    }
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
