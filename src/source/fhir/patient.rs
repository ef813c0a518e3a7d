//! The resources of one patient → what a record says of him.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::super::mapped::MappedRecord;
use super::Fhir;
use super::codes;
use super::coverage::Coverage;
use super::intake::{Resource, strange_version};
use super::mapper::Mapper;
use super::status::Standing;
use super::systems::Code;
use crate::diagnostic::{Diagnostic, Place, Source};
use crate::fhirpath::{Environment, Node, Resolve, literal_reference};

/// All that a feed has of one patient.
#[derive(Debug, Clone, Default)]
pub struct PatientResources {
    /// His `Patient` among them, in the order of the feed.
    pub resources: Vec<Resource>,
}

/// A resource, taken apart.
pub(super) struct Parsed<'a> {
    pub source: &'a Arc<Source>,
    pub kind: &'a str,
    pub full_url: Option<&'a str>,
    pub node: Node<'a>,
    pub standing: Standing,
    /// What it is about.
    pub codes: Vec<Code>,
    /// What each of its components is about.
    pub components: Vec<Vec<Code>>,
}

impl Parsed<'_> {
    pub fn place(&self, at: usize) -> Place {
        Place {
            source: Arc::clone(self.source),
            span: at..at + 1,
        }
    }

    /// `Observation/o1`
    pub fn name(&self) -> String {
        match self.node.text_at("id") {
            Some(id) => format!("{}/{id}", self.kind),
            None => format!("{} without id", self.kind),
        }
    }
}

/// The resources of a patient by their references.
struct Index<'a> {
    by_name: HashMap<(&'a str, &'a str), &'a Node<'a>>,
    by_url: HashMap<&'a str, &'a Node<'a>>,
}

impl<'a> Resolve<'a> for Index<'a> {
    fn resolve(&self, reference: &str, root: &'a Node<'a>) -> Option<&'a Node<'a>> {
        if let Some(id) = reference.strip_prefix('#') {
            let contained = root.get("contained")?.items();
            return contained
                .iter()
                .find(|inner| inner.text_at("id") == Some(id));
        }
        let by_url = self.by_url.get(reference).copied();
        by_url.or_else(|| self.by_name.get(&literal_reference(reference)?).copied())
    }
}

impl Fhir {
    /// What a record says of a patient, by what a feed has of him until the end of a day.
    ///
    /// What is wrong with the resources stands among the problems of the record, each with its place.
    #[must_use]
    pub fn map(
        &self,
        patient: &PatientResources,
        until: Date,
        coverage: &mut Coverage,
    ) -> MappedRecord {
        let mut problems = Vec::new();
        let parsed = self.parse(&patient.resources, &mut problems, coverage);
        let first = parsed.iter().find(|resource| resource.kind == "Patient");
        let place = match (first.or(parsed.first()), patient.resources.first()) {
            (Some(resource), _) => resource.place(resource.node.start),
            (None, Some(resource)) => Place {
                source: Arc::clone(&resource.source),
                span: 0..1,
            },
            (None, None) => Place {
                source: Source::new("(no resource)", ""),
                span: 0..0,
            },
        };
        coverage.patients += 1;
        let index = index(&parsed);
        let mut mapper = Mapper {
            source: self,
            resources: &parsed,
            environment: Environment {
                variables: &[],
                resolver: Some(&index),
            },
            until,
            coverage,
            record: MappedRecord::new(place),
            dates: vec![None; self.facts.len()],
            is_read: vec![false; parsed.len()],
        };
        mapper.record.problems = problems;
        mapper.run();
        mapper.record
    }

    /// Takes the resources apart. What stands twice in the same words counts once; in different words it is a problem.
    fn parse<'a>(
        &self,
        resources: &'a [Resource],
        problems: &mut Vec<Diagnostic>,
        coverage: &mut Coverage,
    ) -> Vec<Parsed<'a>> {
        let mut parsed: Vec<Parsed<'a>> = Vec::new();
        let mut seen: HashMap<(&str, String), usize> = HashMap::new();
        for resource in resources {
            let source = &resource.source;
            let node = match Node::parse_with(&source.text, || Arc::clone(source)) {
                Ok(node) => node,
                Err(problem) => {
                    problems.push(*problem);
                    continue;
                }
            };
            *coverage.read.entry(resource.kind.clone()).or_default() += 1;
            if let Some(id) = node.text_at("id") {
                let key = (resource.kind.as_str(), id.to_owned());
                if let Some(known) = seen.get(&key).and_then(|at| parsed.get(*at)) {
                    if known.source.text != source.text {
                        problems.push(stands_twice(resource, id, known));
                    }
                    continue;
                }
                seen.insert(key, parsed.len());
            }
            let mut standing = self.usable.standing(&resource.kind, &node);
            if let Some(message) = strange_version(&resource.kind, &node) {
                standing = Standing::Strange(message);
            }
            parsed.push(Parsed {
                source,
                kind: &resource.kind,
                full_url: resource.full_url.as_deref(),
                codes: codes::all_codes(&self.systems, codes::concept_of(&resource.kind, &node)),
                components: components(&node)
                    .iter()
                    .map(|component| codes::all_codes(&self.systems, component.get("code")))
                    .collect(),
                node,
                standing,
            });
        }
        parsed
    }
}

/// The components of a resource, if it has some.
pub(super) fn components<'n, 'a>(node: &'n Node<'a>) -> &'n [Node<'a>] {
    node.get("component").map_or(&[][..], Node::items)
}

fn stands_twice(resource: &Resource, id: &str, known: &Parsed<'_>) -> Diagnostic {
    let message = format!(
        "{}/{id} stands here once more, and says something else than at {}",
        resource.kind,
        known.place(known.node.start).name()
    );
    Diagnostic::error(message).at(&resource.source, 0..1).help(
        "of several versions leave the last one in; resources of two servers may have the same id",
    )
}

fn index<'a>(parsed: &'a [Parsed<'a>]) -> Index<'a> {
    let named = parsed.iter().filter_map(|resource| {
        let id = resource.node.text_at("id")?;
        Some(((resource.kind, id), &resource.node))
    });
    let urls = parsed
        .iter()
        .filter_map(|resource| Some((resource.full_url?, &resource.node)));
    Index {
        by_name: named.collect(),
        by_url: urls.collect(),
    }
}
