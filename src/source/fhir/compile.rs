//! A source file of kind `fhir-r4` → rules, or everything that is wrong with it.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::rules::{Compiler, units};
use super::status::{NONE, Usable};
use super::systems::{Files, Systems, texts};
use super::{FactRule, Fhir};
use crate::diagnostic::did_you_mean;
use crate::document::Node;
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
