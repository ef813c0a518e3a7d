//! What a source file says of a fact → the rule by which it is read.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::super::mapped::Pick;
use super::super::rule::{self, Meaning, yes_or_no};
use super::code_map::CodeMap;
use super::codes::{self, CodeFilter};
use super::systems::{Systems, texts};
use super::{FactRule, Paths, ValueRule};
use crate::diagnostic::{Place, did_you_mean};
use crate::document::{Content, Key, Node};
use crate::facts::{Fact, Kind};
use crate::fhirpath::{Path, RESOURCES};
use crate::shape::{Fields, NodeReader};

const RULE_KEYS: [&str; 16] = [
    "from",
    "code",
    "where",
    "value",
    "map",
    "missing",
    "units",
    "date",
    "by",
    "pick",
    "not_before",
    "items",
    "with",
    "none_if",
    "complete",
    "note",
];

/// What was asked for or planned is not what was done.
const ORDERS: [&str; 8] = [
    "MedicationRequest",
    "ServiceRequest",
    "DeviceRequest",
    "NutritionOrder",
    "VisionPrescription",
    "SupplyRequest",
    "CommunicationRequest",
    "RequestGroup",
];

/// Makes the rules of a source file.
pub(super) struct Compiler {
    pub systems: Systems,
    pub units: Vec<(String, String)>,
    /// Whether a path follows references.
    pub resolves: bool,
}

impl Compiler {
    pub(super) fn candidate(
        &mut self,
        reader: &mut NodeReader<'_>,
        fields: Fields<'_>,
    ) -> Option<Paths> {
        let node = reader.required(fields, "candidate", "a source file of FHIR")?;
        let node = match &node.content {
            Content::Mapping(_) => {
                let fields = reader.fields(node, "`candidate`", &["from", "value"])?;
                if let Some(from) = fields.get("from")
                    && reader.text(from, "`from`")? != "Patient"
                {
                    let message = "a candidate is a Patient";
                    reader.error(&from.span, message, None);
                }
                reader.required(fields, "value", "`candidate`")?
            }
            _ => node,
        };
        self.paths(reader, node)
    }

    /// One path, or several of which the first counts that leads to something.
    pub(super) fn paths(&mut self, reader: &mut NodeReader<'_>, node: &Node) -> Option<Paths> {
        let items = match &node.content {
            Content::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let paths: Vec<Path> = items
            .iter()
            .filter_map(|item| self.path(reader, item))
            .collect();
        (paths.len() == items.len() && !paths.is_empty()).then_some(Paths(paths))
    }

    pub(super) fn path(&mut self, reader: &mut NodeReader<'_>, node: &Node) -> Option<Path> {
        let text = reader.text(node, "a path")?;
        match Path::compile(&text, &[]) {
            Ok(path) => {
                self.resolves |= text.contains("resolve");
                Some(path)
            }
            Err(error) => {
                // In quotes with escapes the place within the path is not known.
                let written = reader
                    .source
                    .text
                    .get(node.span.clone())
                    .unwrap_or_default();
                let span = match written.find(&text) {
                    Some(at) if !text.is_empty() => {
                        let from = node.span.start + at;
                        from + error.span.start..from + error.span.end
                    }
                    _ => node.span.clone(),
                };
                reader.error(&span, format!("in a path: {}", error.message), error.help);
                None
            }
        }
    }

    /// A rule, and the fact with the date from which on it counts.
    #[expect(clippy::type_complexity, reason = "a fact that is named, and where")]
    pub(super) fn rule(
        &mut self,
        reader: &mut NodeReader<'_>,
        fact: Arc<Fact>,
        span: &Range<usize>,
        node: &Node,
    ) -> Option<(FactRule, Option<(String, Range<usize>)>)> {
        let what = format!("`{}`", fact.path);
        let fields = reader.fields(node, &what, &RULE_KEYS)?;
        let from = self.resource(reader, fields, &what)?;
        let is_list = matches!(fact.kind, Kind::List(_));
        let value = self.value(reader, fields, &fact, &from);
        let items = if is_list {
            self.items(reader, fields, &fact)
        } else {
            for key in ["items", "with", "none_if", "complete"] {
                if let Some(node) = fields.get(key) {
                    let message = format!("`{}` is no list, so it has no `{key}`", fact.path);
                    reader.error(&node.span, message, None);
                }
            }
            Vec::new()
        };
        let code = self.code(reader, fields, &fact, &value, &from, span)?;
        let place = Place {
            source: Arc::clone(reader.source),
            span: span.clone(),
        };
        let not_before = fields.get("not_before").and_then(|node| {
            let path = reader.text(node, "`not_before`")?;
            Some((path, node.span.clone()))
        });
        let condition = fields.get("where").map(|node| self.path(reader, node));
        let rule = FactRule {
            code,
            condition: match condition {
                Some(condition) => Some(condition?),
                None => None,
            },
            value,
            date: self.optional_paths(reader, fields, "date")?,
            by: self.optional_paths(reader, fields, "by")?,
            pick: pick(reader, fields, &from),
            not_before: None,
            with: self.constants(reader, fields, &fact, &place),
            items,
            none_if: self.none_if(reader, fields, &from),
            is_complete: yes_or_no(reader, fields, "complete").unwrap_or(false),
            place,
            from,
            fact,
        };
        Some((rule, not_before))
    }

    pub(super) fn optional_paths(
        &mut self,
        reader: &mut NodeReader<'_>,
        fields: Fields<'_>,
        key: &str,
    ) -> Option<Option<Paths>> {
        match fields.get(key) {
            Some(node) => self.paths(reader, node).map(Some),
            None => Some(None),
        }
    }

    pub(super) fn resource(
        &self,
        reader: &mut NodeReader<'_>,
        fields: Fields<'_>,
        what: &str,
    ) -> Option<String> {
        let node = reader.required(fields, "from", what)?;
        let from = reader.text(node, "`from`")?;
        if ORDERS.contains(&from.as_str()) {
            let message = format!("a {from} says what was asked for, not what was done");
            let help = "a dose that was given is a MedicationAdministration, or a MedicationStatement; what was done is a Procedure";
            reader.error(&node.span, message, Some(help.to_owned()));
            return None;
        }
        if !RESOURCES.contains(&from.as_str()) {
            let help = did_you_mean(&from, RESOURCES);
            reader.error(
                &node.span,
                format!("FHIR R4 has no resource `{from}`"),
                help,
            );
            return None;
        }
        Some(from)
    }

    /// The value of a fact, or of each item of a list of single values.
    pub(super) fn value(
        &mut self,
        reader: &mut NodeReader<'_>,
        fields: Fields<'_>,
        fact: &Arc<Fact>,
        from: &str,
    ) -> ValueRule {
        let path = match fields.get("value") {
            Some(node) => self.paths(reader, node),
            None => default_value(from),
        };
        if path.is_none() && fields.get("value").is_none() && !matches!(fact.kind, Kind::List(_)) {
            let message = format!("`{}` needs `value`", fact.path);
            reader.fault("missing-key", &fields.span(), message, None);
        }
        self.value_rule(reader, fields, fact, path)
    }

    pub(super) fn value_rule(
        &mut self,
        reader: &mut NodeReader<'_>,
        fields: Fields<'_>,
        fact: &Arc<Fact>,
        path: Option<Paths>,
    ) -> ValueRule {
        let mut map = CodeMap::default();
        let none = None;
        if let Some(node) = fields.get("map") {
            self.words(reader, node, "`map`", &mut map, |reader, node| {
                rule::meaning(reader, node, fact, &none)
            });
        }
        if let Some(node) = fields.get("missing") {
            self.words(reader, node, "`missing`", &mut map, rule::cause);
        }
        self.declared(fact, &mut map);
        ValueRule {
            path,
            map,
            units: [units(reader, fields), self.units.clone()].concat(),
        }
    }

    pub(super) fn words(
        &mut self,
        reader: &mut NodeReader<'_>,
        node: &Node,
        what: &str,
        map: &mut CodeMap,
        means: impl Fn(&mut NodeReader<'_>, &Node) -> Option<Meaning>,
    ) {
        for (key, node) in reader.entries(node, what).unwrap_or_default() {
            let Some(meaning) = means(reader, node) else {
                continue;
            };
            let before = reader.errors();
            let codes = self.systems.codes(reader, &key.span, &key.name);
            if reader.errors() > before {
                continue;
            }
            map.add_name(&key.name);
            let is_new = match codes {
                Some(codes) => {
                    let mut is_new = true;
                    for code in codes {
                        is_new &= map.add_code(code, meaning.clone());
                    }
                    is_new
                }
                None => map.add_word(&key.name, meaning),
            };
            if !is_new {
                reader.error(&key.span, format!("`{}` means two things", key.name), None);
            }
        }
    }

    /// The codes that the trial itself declares for the values of a fact; those of the source file come before.
    pub(super) fn declared(&self, fact: &Fact, map: &mut CodeMap) {
        let Kind::Code(values) = &rule::single(fact).kind else {
            return;
        };
        for value in &values.values {
            for (system, code) in &value.codes {
                let code = (Arc::from(system.as_str()), code.clone());
                if map.of_code(&code).is_none() {
                    map.add_name(&format!("{} {}", code.0, code.1));
                    map.add_code(code, Meaning::Value(value.name.clone()));
                }
            }
        }
    }

    /// The codes by which resources are chosen: those of the key, of the fact, or of what its values mean.
    pub(super) fn code(
        &mut self,
        reader: &mut NodeReader<'_>,
        fields: Fields<'_>,
        fact: &Fact,
        value: &ValueRule,
        from: &str,
        span: &Range<usize>,
    ) -> Option<CodeFilter> {
        let mut wanted = FxHashSet::default();
        if let Some(node) = fields.get("code") {
            for text in texts(reader, node, "a code") {
                let before = reader.errors();
                match self.systems.codes(reader, &node.span, &text) {
                    Some(codes) => wanted.extend(codes),
                    None if reader.errors() == before => {
                        let help = "write the system and the code: `loinc 89247-1`, or `in` and a value set";
                        let message = format!("`{text}` is no code of a system");
                        reader.error(&node.span, message, Some(help.to_owned()));
                    }
                    None => {}
                }
            }
            return Some(CodeFilter(Some(wanted)));
        }
        if codes::has_code(from) {
            for (system, code) in &fact.codes {
                wanted.insert((Arc::from(system.as_str()), code.clone()));
            }
            let of_value = value
                .path
                .as_ref()
                .map(|path| path.0.iter().map(Path::as_written));
            let is_code = of_value.is_some_and(|mut paths| paths.all(|path| path == "code"));
            if wanted.is_empty() && is_code {
                wanted.extend(value.map.codes().cloned());
            }
            if wanted.is_empty() && !matches!(fact.kind, Kind::List(_)) {
                let message = format!("`{}` has no code, so every {from} would count", fact.path);
                let help = "name the codes: `code: loinc 89247-1`, or a list of them";
                reader.error(span, message, Some(help.to_owned()));
                return None;
            }
        }
        Some(CodeFilter((!wanted.is_empty()).then_some(wanted)))
    }
}

/// Words for units: `units: { '[iU]/mL': '[IU]/mL' }`.
pub(super) fn units(reader: &mut NodeReader<'_>, fields: Fields<'_>) -> Vec<(String, String)> {
    let Some(node) = fields.get("units") else {
        return Vec::new();
    };
    let entries = reader.entries(node, "`units`").unwrap_or_default();
    let pair = |(key, node): &(Key, Node), reader: &mut NodeReader<'_>| {
        Some((key.name.clone(), reader.text(node, "a unit")?))
    };
    entries
        .iter()
        .filter_map(|entry| pair(entry, reader))
        .collect()
}

fn pick(reader: &mut NodeReader<'_>, fields: Fields<'_>, from: &str) -> Pick {
    let default = if from == "Observation" {
        Pick::Latest
    } else {
        Pick::Same
    };
    let Some(node) = fields.get("pick") else {
        return default;
    };
    match node.scalar().map(|scalar| scalar.text.as_str()) {
        Some("latest") => Pick::Latest,
        Some("same") => Pick::Same,
        _ => {
            let help =
                "`latest` takes the value with the latest date, `same` wants all to be the same";
            let message = "`pick` must be `latest` or `same`";
            reader.error(&node.span, message, Some(help.to_owned()));
            default
        }
    }
}

/// Where the value of a resource stands if the source file does not say it.
fn default_value(from: &str) -> Option<Paths> {
    let path = match from {
        "Observation" => "value",
        _ if codes::has_code(from) => "code",
        _ => return None,
    };
    Path::compile(path, &[]).ok().map(|path| Paths(vec![path]))
}
