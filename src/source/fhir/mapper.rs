//! The rules of a source and the resources of a patient → a record: which resources count for which rule.

use jiff::civil::Date;

use super::super::mapped::{MappedRecord, Text};
use super::codes;
use super::coverage::{Coverage, FactCoverage};
use super::patient::{Parsed, components};
use super::readings::default_when;
use super::status::Standing;
use super::systems::Code;
use super::time::When;
use super::{FactRule, Fhir, Paths};
use crate::diagnostic::Diagnostic;
use crate::facts::Kind;
use crate::fhirpath::{Element, Environment, Item, Node, PathError, literal_reference};

/// Maps the resources of one patient.
pub(super) struct Mapper<'m, 'a> {
    pub source: &'a Fhir,
    pub resources: &'a [Parsed<'a>],
    pub environment: Environment<'a>,
    pub until: Date,
    pub coverage: &'m mut Coverage,
    pub record: MappedRecord,
    /// When what the record says of each fact was, in the order of the rules.
    pub dates: Vec<Option<When>>,
    /// Whether a fact is read from each resource.
    pub is_read: Vec<bool>,
}

impl<'a> Mapper<'_, 'a> {
    pub(super) fn run(&mut self) {
        self.candidate();
        for resource in self.resources {
            if let Standing::Strange(message) = &resource.standing {
                let problem = Diagnostic::error(format!("{}: {message}", resource.name()))
                    .at(
                        resource.source,
                        resource.node.start..resource.node.start + 1,
                    )
                    .help("FHIR R4 (4.0.1) is read; servers export it on request");
                self.record.problems.push(problem);
            }
        }
        let (first, then): (Vec<_>, Vec<_>) = self
            .source
            .facts
            .iter()
            .enumerate()
            .partition(|(_, rule)| rule.not_before.is_none());
        for (place, rule) in first.into_iter().chain(then) {
            match &rule.fact.kind {
                Kind::List(_) => self.list(place, rule),
                _ => self.single(place, rule),
            }
        }
        self.unread();
    }

    pub(super) fn candidate(&mut self) {
        let mut patients = self
            .resources
            .iter()
            .filter(|resource| resource.kind == "Patient");
        let Some(patient) = patients.next() else {
            let place = self.record.place.clone();
            let problem = Diagnostic::error("there is no Patient of these resources in the feed")
                .at(&place.source, place.span)
                .help(
                    "export Patient with the other types; without it nobody knows whose they are",
                );
            self.record.problems.push(problem);
            return;
        };
        let found = self.follow(&self.source.candidate, patient, Element::of(&patient.node));
        let problem = match found {
            Ok(found) => match found.as_slice() {
                [one] => match one.text() {
                    Some(text) => {
                        let place = one
                            .element()
                            .map_or(patient.node.start, |found| found.node.start);
                        self.record.candidate = Some(Text::new(text, &patient.place(place)));
                        return;
                    }
                    None => "`candidate` leads to no text".to_owned(),
                },
                [] => "`candidate` of the source file leads to nothing".to_owned(),
                several => format!(
                    "`candidate` of the source file leads to {} values",
                    several.len()
                ),
            },
            Err(error) => error.message,
        };
        let problem = Diagnostic::error(format!("{}: {problem}", patient.name()))
            .at(patient.source, patient.node.start..patient.node.start + 1)
            .help("let the path lead to one pseudonym: `identifier.where(system = '…').value`");
        self.record.problems.push(problem);
    }

    /// Everything that the first of these paths leads to that leads to something.
    pub(super) fn follow(
        &self,
        paths: &'a Paths,
        resource: &'a Parsed<'a>,
        from: Element<'a>,
    ) -> Result<Vec<Item<'a>>, PathError> {
        for path in &paths.0 {
            let found = path.evaluate_in(&resource.node, from, &self.environment)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    pub(super) fn counts(&mut self, place: usize) -> Option<&mut FactCoverage> {
        self.coverage.facts.get_mut(place)
    }

    pub(super) fn problem(
        &mut self,
        resource: &Parsed<'_>,
        at: usize,
        message: String,
        help: String,
    ) {
        let place = resource.place(at);
        let problem = Diagnostic::error(format!("{}: {message}", resource.name()))
            .at(&place.source, place.span)
            .help(help);
        self.record.problems.push(problem);
    }

    pub(super) fn path_problem(
        &mut self,
        resource: &Parsed<'_>,
        rule: &FactRule,
        error: &PathError,
    ) {
        let help = format!(
            "a path of `{}` in the source file, {}",
            rule.fact.path,
            rule.place.name()
        );
        let message = format!("a path cannot be followed: {}", error.message);
        self.problem(resource, resource.node.start, message, help);
    }

    /// The parts of a resource with a code that a rule asks for: the whole of it, or some of its components.
    pub(super) fn parts(&self, rule: &FactRule, resource: &'a Parsed<'a>) -> Vec<Element<'a>> {
        let is_whole = match resource.node.get("medicationReference") {
            Some(reference) => rule.code.accepts(&self.medication(reference, resource)),
            None => rule.code.accepts(&resource.codes),
        };
        if is_whole {
            return vec![Element::of(&resource.node)];
        }
        let parts = components(&resource.node).iter().zip(&resource.components);
        parts
            .filter(|(_, codes)| rule.code.accepts(codes))
            .map(|(component, _)| Element::of(component))
            .collect()
    }

    /// The codes of a medication that is a resource of its own.
    fn medication(&self, reference: &Node<'a>, resource: &'a Parsed<'a>) -> Vec<Code> {
        let found = reference.text_at("reference").and_then(|reference| {
            self.environment
                .resolver?
                .resolve(reference, &resource.node)
        });
        codes::all_codes(
            &self.source.systems,
            found.and_then(|found| found.get("code")),
        )
    }

    /// Whether a resource counts for a rule, and when it was; what is left out is counted. `may_be` is set where a resource is left
    /// out that may say something all the same.
    pub(super) fn admit(
        &mut self,
        place: usize,
        rule: &'a FactRule,
        resource: &'a Parsed<'a>,
        may_be: &mut bool,
    ) -> Option<Option<When>> {
        self.counts(place)?.seen += 1;
        match &resource.standing {
            Standing::Counts => {}
            Standing::Strange(_) => return None,
            Standing::LeftOut { why, may_be: may } => {
                *may_be |= may;
                let why = why.clone();
                self.counts(place)?.count_status(why);
                return None;
            }
        }
        if self.is_of_another(resource) {
            self.counts(place)?
                .count_status("about another than the patient".to_owned());
            return None;
        }
        let whole = Element::of(&resource.node);
        if let Some(condition) = &rule.condition {
            match condition.holds(&resource.node, whole, &self.environment) {
                Ok(true) => {}
                Ok(false) => {
                    self.counts(place)?.unmet += 1;
                    return None;
                }
                Err(error) => {
                    self.path_problem(resource, rule, &error);
                    return None;
                }
            }
        }
        let when = self.when(rule, resource);
        let since = rule
            .not_before
            .and_then(|fact| self.dates.get(fact)?.clone());
        if when.as_ref().is_some_and(|when| when.is_after(self.until)) {
            self.counts(place)?.after += 1;
            return None;
        }
        if let (Some(when), Some(since)) = (&when, since)
            && when.is_before(&since)
        {
            self.counts(place)?.before += 1;
            return None;
        }
        Some(when)
    }

    /// Whether an observation about a patient is one of somebody or something else, such as a donor or a foetus.
    pub(super) fn is_of_another(&self, resource: &'a Parsed<'a>) -> bool {
        const OF_HIM: [&str; 12] = [
            "Condition",
            "Procedure",
            "Observation",
            "Specimen",
            "BodyStructure",
            "MedicationAdministration",
            "MedicationStatement",
            "MedicationRequest",
            "Encounter",
            "DiagnosticReport",
            "Immunization",
            "EpisodeOfCare",
        ];
        let focus = resource.node.get("focus").map_or(&[][..], Node::items);
        let kind_of = |focus: &Node<'a>| {
            let reference = focus.text_at("reference")?;
            let named = literal_reference(reference).map(|(kind, _)| OF_HIM.contains(&kind));
            named.or_else(|| {
                let found = self
                    .environment
                    .resolver?
                    .resolve(reference, &resource.node)?;
                Some(OF_HIM.contains(&found.text_at("resourceType")?))
            })
        };
        resource.kind == "Observation" && !focus.iter().all(|focus| kind_of(focus) == Some(true))
    }

    pub(super) fn when(&mut self, rule: &'a FactRule, resource: &'a Parsed<'a>) -> Option<When> {
        let Some(paths) = &rule.date else {
            return default_when(resource.kind, &resource.node);
        };
        match self.follow(paths, resource, Element::of(&resource.node)) {
            Ok(found) => found.first().and_then(When::of),
            Err(error) => {
                self.path_problem(resource, rule, &error);
                None
            }
        }
    }

    pub(super) fn of_type(
        &self,
        kind: &'a str,
    ) -> impl Iterator<Item = (usize, &'a Parsed<'a>)> + use<'a> {
        let resources: &'a [Parsed<'a>] = self.resources;
        let numbered = resources.iter().enumerate();
        numbered.filter(move |(_, resource)| resource.kind == kind)
    }

    pub(super) fn read_from(&mut self, number: usize) {
        if let Some(is_read) = self.is_read.get_mut(number) {
            *is_read = true;
        }
    }

    /// Counts the codes from which nothing is read.
    pub(super) fn unread(&mut self) {
        for (number, resource) in self.resources.iter().enumerate() {
            if self.is_read.get(number) == Some(&true) || !self.source.types.contains(resource.kind)
            {
                continue;
            }
            if let Some(concept) = codes::concept_of(resource.kind, &resource.node) {
                let described = codes::describe(concept, &self.source.systems);
                self.coverage.count_unread(resource.kind, described);
            }
        }
    }
}
