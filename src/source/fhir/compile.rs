//! A source file of kind `fhir-r4` → rules, or everything that is wrong with it.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::super::mapped::Pick;
use super::super::rule::{self, Meaning, yes_or_no};
use super::codes::{self, CodeFilter, CodeMap, Systems, texts};
use super::status::{NONE, Usable};
use super::{FactRule, Fhir, FieldRule, Files, NoneRule, Paths, ValueRule};
use crate::diagnostic::{Place, did_you_mean};
use crate::document::{Content, Node};
use crate::facts::{Fact, ItemKind, Kind};
use crate::fhirpath::{Path, RESOURCES};
use crate::shape::{Fields, NodeReader};
use crate::trial::Trial;

const KEYS: [&str; 10] = [
    "format",
    "trial",
    "source",
    "note",
    "systems",
    "value_sets",
    "units",
    "candidate",
    "usable",
    "facts",
];

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

const FIELD_KEYS: [&str; 4] = ["value", "map", "missing", "units"];

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

impl Fhir {
    /// Reads the keys of this kind of source.
    pub(crate) fn compile(
        reader: &mut NodeReader<'_>,
        document: &Node,
        trial: &Trial,
        files: Files<'_>,
    ) -> Option<Self> {
        let fields = reader.fields(document, "a source file of FHIR", &KEYS)?;
        let systems = Systems::compile(reader, fields, files);
        let mut compiler = Compiler {
            systems,
            units: Vec::new(),
            resolves: false,
        };
        compiler.units = units(reader, fields);
        let candidate = compiler.candidate(reader, fields);
        let usable = usable(reader, fields);
        let node = reader.required(fields, "facts", "a source file of FHIR")?;
        let (mut facts, mut not_before) = (Vec::new(), Vec::new());
        for (key, node) in reader.entries(node, "`facts`").unwrap_or_default() {
            let Some(id) = trial.facts.find(&key.name) else {
                let paths = trial.facts.iter().map(|(_, fact)| fact.path.as_str());
                let help = did_you_mean(&key.name, paths)
                    .or_else(|| Some("`eligo template` shows every fact of the trial".to_owned()));
                let message = format!("the trial declares no fact `{}`", key.name);
                reader.fault("unknown-fact", &key.span, message, help);
                continue;
            };
            let fact = Arc::new(trial.facts.get(id).clone());
            if let Some((rule, before)) = compiler.rule(reader, fact, &key.span, node) {
                not_before.push(before);
                facts.push(rule);
            }
        }
        link(reader, &mut facts, not_before);
        if facts.is_empty() && !reader.failed() {
            reader.error(&node.span, "no fact is read", None);
        }
        let mut types: HashSet<String> = facts.iter().map(|rule| rule.from.clone()).collect();
        let of_none = facts.iter().flat_map(|rule| &rule.none_if);
        types.extend(of_none.map(|none| none.from.clone()).collect::<Vec<_>>());
        types.insert("Patient".to_owned());
        Some(Self {
            candidate: candidate?,
            usable,
            facts,
            types,
            resolves: compiler.resolves,
            systems: compiler.systems,
        })
    }
}

/// Finds the facts whose dates say from when on others count.
fn link(
    reader: &mut NodeReader<'_>,
    facts: &mut [FactRule],
    not_before: Vec<Option<(String, Range<usize>)>>,
) {
    let paths: Vec<String> = facts.iter().map(|rule| rule.fact.path.clone()).collect();
    let waits: Vec<bool> = not_before.iter().map(Option::is_some).collect();
    for (rule, before) in facts.iter_mut().zip(not_before) {
        let Some((path, span)) = before else {
            continue;
        };
        match paths.iter().position(|known| *known == path) {
            Some(place) if waits.get(place) == Some(&false) => rule.not_before = Some(place),
            Some(_) => {
                let message = format!("`{path}` waits for another fact itself");
                reader.error(&span, message, None);
            }
            None => {
                let help = did_you_mean(&path, paths.iter().map(String::as_str));
                let message =
                    format!("`not_before` names a fact of this file, and `{path}` is none");
                reader.error(&span, message, help);
            }
        }
    }
}

/// Words for units: `units: { '[iU]/mL': '[IU]/mL' }`.
fn units(reader: &mut NodeReader<'_>, fields: Fields<'_>) -> Vec<(String, String)> {
    let Some(node) = fields.get("units") else {
        return Vec::new();
    };
    let entries = reader.entries(node, "`units`").unwrap_or_default();
    let pair = |(key, node): &(crate::document::Key, Node), reader: &mut NodeReader<'_>| {
        Some((key.name.clone(), reader.text(node, "a unit")?))
    };
    entries
        .iter()
        .filter_map(|entry| pair(entry, reader))
        .collect()
}

fn usable(reader: &mut NodeReader<'_>, fields: Fields<'_>) -> Usable {
    let mut usable = Usable::default();
    let Some(node) = fields.get("usable") else {
        return usable;
    };
    for (key, node) in reader.entries(node, "`usable`").unwrap_or_default() {
        let statuses = texts(reader, node, "a status");
        for status in &statuses {
            if matches!(status.as_str(), "entered-in-error" | "refuted") {
                let message = format!("what is `{status}` never counts");
                reader.error(&node.span, message, None);
            }
        }
        if !usable.set(&key.name, statuses) {
            let help = did_you_mean(&key.name, usable.resources());
            let message = format!("`{}` has no status that is looked at", key.name);
            let help =
                help.or_else(|| Some(format!("a status that is not there is called `{NONE}`")));
            reader.error(&key.span, message, help);
        }
    }
    usable
}

struct Compiler {
    systems: Systems,
    units: Vec<(String, String)>,
    /// Whether a path follows references.
    resolves: bool,
}

impl Compiler {
    fn candidate(&mut self, reader: &mut NodeReader<'_>, fields: Fields<'_>) -> Option<Paths> {
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
    fn paths(&mut self, reader: &mut NodeReader<'_>, node: &Node) -> Option<Paths> {
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

    fn path(&mut self, reader: &mut NodeReader<'_>, node: &Node) -> Option<Path> {
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
    fn rule(
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

    #[expect(
        clippy::option_option,
        reason = "no key, or a key with an error behind it"
    )]
    fn optional_paths(
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

    fn resource(
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
    fn value(
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

    fn value_rule(
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

    fn words(
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
    fn declared(&self, fact: &Fact, map: &mut CodeMap) {
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
    fn code(
        &mut self,
        reader: &mut NodeReader<'_>,
        fields: Fields<'_>,
        fact: &Fact,
        value: &ValueRule,
        from: &str,
        span: &Range<usize>,
    ) -> Option<CodeFilter> {
        let mut wanted = HashSet::new();
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

    fn items(
        &mut self,
        reader: &mut NodeReader<'_>,
        fields: Fields<'_>,
        fact: &Arc<Fact>,
    ) -> Vec<FieldRule> {
        let Kind::List(kind) = &fact.kind else {
            return Vec::new();
        };
        let ItemKind::Fields(declared) = &**kind else {
            if let Some(node) = fields.get("items") {
                let message = format!("each item of `{}` is one value; write `value`", fact.path);
                reader.error(&node.span, message, None);
            }
            return Vec::new();
        };
        let Some(node) = reader.required(fields, "items", &format!("`{}`", fact.path)) else {
            return Vec::new();
        };
        let mut items = Vec::new();
        for (key, node) in reader.entries(node, "`items`").unwrap_or_default() {
            let Some(field) = self.field(reader, fact, declared, key) else {
                continue;
            };
            let rule = match &node.content {
                Content::Mapping(_) => {
                    let what = format!("`{}`", key.name);
                    reader.fields(node, &what, &FIELD_KEYS).and_then(|fields| {
                        let path = reader.required(fields, "value", &what)?;
                        let path = self.paths(reader, path)?;
                        Some(self.value_rule(reader, fields, &field, Some(path)))
                    })
                }
                _ => self.paths(reader, node).map(|path| {
                    let mut map = CodeMap::default();
                    self.declared(&field, &mut map);
                    ValueRule {
                        path: Some(path),
                        map,
                        units: self.units.clone(),
                    }
                }),
            };
            if let Some(value) = rule {
                items.push(FieldRule { field, value });
            }
        }
        items
    }

    fn field(
        &self,
        reader: &mut NodeReader<'_>,
        fact: &Fact,
        declared: &[Fact],
        key: &crate::document::Key,
    ) -> Option<Arc<Fact>> {
        let found = declared.iter().find(|field| field.name() == key.name);
        if found.is_none() {
            let names = declared.iter().map(Fact::name);
            let help = did_you_mean(&key.name, names);
            let message = format!("an item of `{}` has no field `{}`", fact.path, key.name);
            reader.fault("unknown-key", &key.span, message, help);
        }
        found.map(|field| Arc::new(field.clone()))
    }

    /// What is said of every item.
    fn constants(
        &self,
        reader: &mut NodeReader<'_>,
        fields: Fields<'_>,
        fact: &Arc<Fact>,
        place: &Place,
    ) -> Vec<(Arc<Fact>, String, Place)> {
        let (Some(node), Kind::List(kind)) = (fields.get("with"), &fact.kind) else {
            return Vec::new();
        };
        let ItemKind::Fields(declared) = &**kind else {
            return Vec::new();
        };
        let mut constants = Vec::new();
        for (key, node) in reader.entries(node, "`with`").unwrap_or_default() {
            let field = self.field(reader, fact, declared, key);
            if let (Some(field), Some(value)) = (field, reader.text(node, "a value"))
                && rule::try_value(reader, node.span.clone(), &field, &value, &None)
            {
                constants.push((field, value, place.clone()));
            }
        }
        constants
    }

    fn none_if(
        &mut self,
        reader: &mut NodeReader<'_>,
        fields: Fields<'_>,
        from: &str,
    ) -> Vec<NoneRule> {
        let Some(node) = fields.get("none_if") else {
            return Vec::new();
        };
        let items = match &node.content {
            Content::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let mut rules = Vec::new();
        for item in items {
            let rule = match &item.content {
                Content::Mapping(_) => reader
                    .fields(item, "`none_if`", &["from", "where"])
                    .and_then(|fields| {
                        let from = self.resource(reader, fields, "`none_if`")?;
                        let path = reader.required(fields, "where", "`none_if`")?;
                        Some((from, self.path(reader, path)?))
                    }),
                _ => self.path(reader, item).map(|path| (from.to_owned(), path)),
            };
            rules.extend(rule.map(|(from, path)| NoneRule { from, path }));
        }
        rules
    }
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
