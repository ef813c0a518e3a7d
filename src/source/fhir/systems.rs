//! Code systems by their short names, and value sets.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Source, did_you_mean};
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
        span: &Range<usize>,
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
