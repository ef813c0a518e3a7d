//! The resources of one patient → what a record says of him.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::super::mapped::{
    Content as Said, Evidence, ItemContent, MappedFact, MappedItem, MappedList, MappedRecord, Pick,
    Text,
};
use super::super::rule::{Meaning, single};
use super::codes::{self, absent_cause};
use super::coverage::{Coverage, FactCoverage};
use super::intake::{Resource, strange_version};
use super::status::Standing;
use super::time::When;
use super::value::{Reading, Unread, text_of};
use super::{FactRule, Fhir, Paths, ValueRule};
use crate::diagnostic::{Diagnostic, Place, Source};
use crate::facts::{ItemKind, Kind};
use crate::fhirpath::{
    Content, Element, Environment, Item, Node, PathError, Resolve, literal_reference,
};

/// All that a feed has of one patient.
#[derive(Debug, Clone, Default)]
pub struct PatientResources {
    /// His `Patient` among them, in the order of the feed.
    pub resources: Vec<Resource>,
}

/// A resource, taken apart.
struct Parsed<'a> {
    source: &'a Arc<Source>,
    kind: &'a str,
    full_url: Option<&'a str>,
    node: Node<'a>,
    standing: Standing,
}

impl Parsed<'_> {
    fn place(&self, at: usize) -> Place {
        Place {
            source: Arc::clone(self.source),
            span: at..at + 1,
        }
    }

    /// `Observation/o1`
    fn name(&self) -> String {
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
                node,
                standing,
            });
        }
        parsed
    }
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

/// What one resource says of a fact.
struct Finding {
    when: Option<When>,
    said: MappedFact,
}

struct Mapper<'m, 'a> {
    source: &'a Fhir,
    resources: &'a [Parsed<'a>],
    environment: Environment<'a>,
    until: Date,
    coverage: &'m mut Coverage,
    record: MappedRecord,
    /// When what the record says of each fact was, in the order of the rules.
    dates: Vec<Option<When>>,
    /// Whether a fact is read from each resource.
    is_read: Vec<bool>,
}

impl<'a> Mapper<'_, 'a> {
    fn run(&mut self) {
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

    fn candidate(&mut self) {
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
    fn follow(
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

    fn counts(&mut self, place: usize) -> Option<&mut FactCoverage> {
        self.coverage.facts.get_mut(place)
    }

    fn problem(&mut self, resource: &Parsed<'_>, at: usize, message: String, help: String) {
        let place = resource.place(at);
        let problem = Diagnostic::error(format!("{}: {message}", resource.name()))
            .at(&place.source, place.span)
            .help(help);
        self.record.problems.push(problem);
    }

    fn path_problem(&mut self, resource: &Parsed<'_>, rule: &FactRule, error: &PathError) {
        let help = format!(
            "a path of `{}` in the source file, {}",
            rule.fact.path,
            rule.place.name()
        );
        let message = format!("a path cannot be followed: {}", error.message);
        self.problem(resource, resource.node.start, message, help);
    }

    /// The parts of a resource with a code that a rule asks for: the whole of it, or some of its components.
    fn parts(&self, rule: &FactRule, resource: &'a Parsed<'a>) -> Vec<Element<'a>> {
        let systems = &self.source.systems;
        let whole = Element::of(&resource.node);
        let concept = codes::concept_of(resource.kind, &resource.node);
        let concept = concept.or_else(|| {
            let medication = resource
                .node
                .get("medicationReference")?
                .text_at("reference")?;
            let medication = self
                .environment
                .resolver?
                .resolve(medication, &resource.node);
            medication?.get("code")
        });
        if rule.code.accepts(systems, concept) {
            return vec![whole];
        }
        let components = resource.node.get("component").map_or(&[][..], Node::items);
        let components = components.iter();
        components
            .filter(|component| rule.code.accepts(systems, component.get("code")))
            .map(Element::of)
            .collect()
    }

    /// Whether a resource counts for a rule, and when it was; what is left out is counted. `may_be` is set where a resource is left
    /// out that may say something all the same.
    fn admit(
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
    fn is_of_another(&self, resource: &'a Parsed<'a>) -> bool {
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

    fn when(&mut self, rule: &'a FactRule, resource: &'a Parsed<'a>) -> Option<When> {
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

    /// What a part of a resource says; none if it says nothing, or cannot be understood, which is a problem then.
    fn read(
        &mut self,
        place: usize,
        rule: &'a FactRule,
        resource: &'a Parsed<'a>,
        part: Element<'a>,
    ) -> Option<(Reading, usize)> {
        let paths = rule.value.path.as_ref()?;
        let found = match self.follow(paths, resource, part) {
            Ok(found) => found,
            Err(error) => {
                self.path_problem(resource, rule, &error);
                return None;
            }
        };
        let at = part.node.start;
        let reason = part.node.get("dataAbsentReason");
        match (found.is_empty(), reason) {
            (true, Some(reason)) => {
                let cause = codes::codings(reason).find_map(|coding| coding.absent_cause());
                let meaning = Meaning::Missing(cause.unwrap_or_else(|| absent_cause("unknown")));
                return Some((
                    Reading {
                        meaning,
                        unit: None,
                    },
                    reason.start,
                ));
            }
            (false, Some(reason)) => {
                let message = "a value, and a reason for there being none";
                let help = "have it corrected where it was written";
                self.problem(resource, reason.start, message.to_owned(), help.to_owned());
                return None;
            }
            (true, None) => {
                self.without_value(place, rule, resource, part);
                return None;
            }
            (false, None) => {}
        }
        let (found, unread) = read_all(&rule.value, rule, self.source, &found);
        if let Some(unread) = unread {
            self.not_understood(place, resource, unread, at);
            return None;
        }
        match found {
            Some(found) => Some(found),
            None => {
                self.counts(place)?.without_value += 1;
                None
            }
        }
    }

    fn not_understood(
        &mut self,
        place: usize,
        resource: &Parsed<'a>,
        unread: (Unread, usize),
        at: usize,
    ) {
        let (unread, value_at) = unread;
        let name = unread
            .code
            .clone()
            .unwrap_or_else(|| unread.message.clone());
        if let Some(counts) = self.counts(place) {
            counts.count_unmapped(name);
        }
        let at = if value_at > 0 { value_at } else { at };
        self.problem(resource, at, unread.message, unread.help);
    }

    /// A value that the path does not lead to is not passed over.
    fn without_value(
        &mut self,
        place: usize,
        rule: &FactRule,
        resource: &Parsed<'a>,
        part: Element<'a>,
    ) {
        let value = match &part.node.content {
            Content::Map(entries) => entries.iter().find(|(key, _)| key.starts_with("value")),
            _ => None,
        };
        match value.filter(|_| resource.kind == "Observation") {
            Some((key, value)) => {
                let unread = Unread {
                    message: format!("`value` of `{}` does not lead to `{key}`", rule.fact.path),
                    help: "`value: value` in the source file reads whatever value there is"
                        .to_owned(),
                    code: Some(format!("a {key}")),
                };
                self.not_understood(place, resource, (unread, value.start), value.start);
            }
            None => {
                if let Some(counts) = self.counts(place) {
                    counts.without_value += 1;
                }
            }
        }
    }

    fn evidence(&mut self, rule: &'a FactRule, resource: &'a Parsed<'a>, at: &Place) -> Evidence {
        let mut evidence = Evidence::default();
        let by = match &rule.by {
            Some(paths) => self
                .follow(paths, resource, Element::of(&resource.node))
                .unwrap_or_else(|error| {
                    self.path_problem(resource, rule, &error);
                    Vec::new()
                })
                .iter()
                .filter_map(text_of)
                .collect::<Vec<_>>()
                .join(", "),
            None => default_by(&resource.node),
        };
        if !by.is_empty() {
            evidence.set("by", Text::new(by, at));
        }
        evidence.set("source", Text::new(resource.name(), at));
        evidence
    }

    fn single(&mut self, place: usize, rule: &'a FactRule) {
        let mut findings = Vec::new();
        for (number, resource) in self.of_type(&rule.from) {
            let parts = self.parts(rule, resource);
            if parts.is_empty() {
                continue;
            }
            self.read_from(number);
            let Some(when) = self.admit(place, rule, resource, &mut false) else {
                continue;
            };
            for part in parts {
                if let Some((reading, at)) = self.read(place, rule, resource, part) {
                    let at = resource.place(at);
                    let mut said = MappedFact::new(&rule.fact, &at);
                    said.evidence = self.evidence(rule, resource, &at);
                    if let Some(date) = when.as_ref().and_then(|when| when.date.as_ref())
                        && !matches!(rule.fact.kind, Kind::Date(_))
                    {
                        said.evidence.set("date", Text::new(date, &at));
                    }
                    say(&mut said, reading, &at);
                    findings.push(Finding {
                        when: when.clone(),
                        said,
                    });
                }
            }
        }
        let Some((chosen, used, conflicting)) = chosen(rule, &findings) else {
            return;
        };
        let all = findings.len() as u64;
        if let Some(counts) = self.counts(place) {
            counts.used += used;
            counts.conflicting += conflicting;
            counts.superseded += all - used - conflicting;
        }
        if let Some(date) = self.dates.get_mut(place) {
            date.clone_from(&chosen.when);
        }
        self.record.facts.push(chosen.said);
    }

    fn of_type(&self, kind: &'a str) -> impl Iterator<Item = (usize, &'a Parsed<'a>)> + use<'a> {
        let resources: &'a [Parsed<'a>] = self.resources;
        let numbered = resources.iter().enumerate();
        numbered.filter(move |(_, resource)| resource.kind == kind)
    }

    fn read_from(&mut self, number: usize) {
        if let Some(is_read) = self.is_read.get_mut(number) {
            *is_read = true;
        }
    }

    fn list(&mut self, place: usize, rule: &'a FactRule) {
        let mut items = Vec::new();
        let (mut may_be, mut none) = (false, None);
        for denial in &rule.none_if {
            for (number, resource) in self.of_type(&denial.from) {
                if self.denies(rule, denial, resource) {
                    self.read_from(number);
                    if resource.standing == Standing::Counts {
                        none = Some(resource);
                    }
                }
            }
        }
        let mut used = 0;
        for (number, resource) in self.of_type(&rule.from) {
            let parts = self.parts(rule, resource);
            let is_denial = rule
                .none_if
                .iter()
                .any(|denial| denial.from == rule.from && self.denies(rule, denial, resource));
            if parts.is_empty() || is_denial {
                continue;
            }
            self.read_from(number);
            if self.admit(place, rule, resource, &mut may_be).is_none() {
                continue;
            }
            used += 1;
            for part in parts {
                if let Some(item) = self.item(place, rule, resource, part) {
                    items.push(item);
                }
            }
        }
        let list = match (items.is_empty(), none) {
            // That there are none and that there is one cannot both be so; then the list is not complete.
            (false, none) => Some((items, rule.is_complete && !may_be && none.is_none(), None)),
            (true, Some(resource)) if !may_be => Some((Vec::new(), true, Some(resource))),
            _ => None,
        };
        if let Some(counts) = self.counts(place) {
            counts.used += used + u64::from(matches!(list, Some((_, _, Some(_)))));
            counts.seen += u64::from(none.is_some());
        }
        let Some((items, is_complete, denial)) = list else {
            return;
        };
        let first = items.first().map(|item: &MappedItem| item.place.clone());
        let at = denial.map(|resource| resource.place(resource.node.start));
        let at = at.or(first).unwrap_or_else(|| self.record.place.clone());
        let mut said = MappedFact::new(&rule.fact, &at);
        if let Some(resource) = denial {
            said.evidence = self.evidence(rule, resource, &at);
            let when = default_when(resource.kind, &resource.node);
            if let Some(date) = when.and_then(|when| when.date) {
                said.evidence.set("date", Text::new(date, &at));
            }
        }
        said.content = Some(Said::List(MappedList { items, is_complete }));
        self.record.facts.push(said);
    }

    /// Whether a resource says that there are none.
    fn denies(
        &mut self,
        rule: &FactRule,
        denial: &'a super::NoneRule,
        resource: &'a Parsed<'a>,
    ) -> bool {
        let whole = Element::of(&resource.node);
        match denial.path.holds(&resource.node, whole, &self.environment) {
            Ok(denies) => denies,
            Err(error) => {
                self.path_problem(resource, rule, &error);
                false
            }
        }
    }

    /// What a part of a resource says as an item of a list.
    fn item(
        &mut self,
        place: usize,
        rule: &'a FactRule,
        resource: &'a Parsed<'a>,
        part: Element<'a>,
    ) -> Option<MappedItem> {
        let at = resource.place(part.node.start);
        let content = match &rule.fact.kind {
            Kind::List(kind) if matches!(**kind, ItemKind::Single(_)) => {
                match self.read(place, rule, resource, part)?.0.meaning {
                    Meaning::Value(value) => ItemContent::Single(value),
                    _ => return None,
                }
            }
            _ => ItemContent::Fields(self.fields(place, rule, resource, part, &at)),
        };
        Some(MappedItem {
            content,
            evidence: self.evidence(rule, resource, &at),
            place: at,
        })
    }

    fn fields(
        &mut self,
        place: usize,
        rule: &'a FactRule,
        resource: &'a Parsed<'a>,
        part: Element<'a>,
        at: &Place,
    ) -> Vec<MappedFact> {
        let mut fields = Vec::new();
        for (field, value, stated) in &rule.with {
            let mut said = MappedFact::new(field, stated);
            said.content = Some(Said::Value(value.clone()));
            fields.push(said);
        }
        for item in &rule.items {
            let Some(paths) = &item.value.path else {
                continue;
            };
            let found = match self.follow(paths, resource, part) {
                Ok(found) => found,
                Err(error) => {
                    self.path_problem(resource, rule, &error);
                    continue;
                }
            };
            let (read, unread) = read_field(&item.value, &item.field, self.source, &found);
            if let Some(unread) = unread {
                self.not_understood(place, resource, unread, part.node.start);
            }
            if let Some((reading, start)) = read {
                let place = if start > 0 {
                    resource.place(start)
                } else {
                    at.clone()
                };
                let mut said = MappedFact::new(&item.field, &place);
                say(&mut said, reading, &place);
                fields.push(said);
            }
        }
        fields
    }

    /// Counts the codes from which nothing is read.
    fn unread(&mut self) {
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

/// Puts what was read into a fact.
fn say(said: &mut MappedFact, reading: Reading, place: &Place) {
    if let Some(unit) = reading.unit {
        said.evidence.set("unit", Text::new(unit, place));
    }
    said.content = match reading.meaning {
        Meaning::Value(value) => Some(Said::Value(value)),
        Meaning::Missing(cause) => Some(Said::Missing(cause)),
        Meaning::Empty | Meaning::Nothing => None,
    };
}

type ReadAll = (Option<(Reading, usize)>, Option<(Unread, usize)>);

fn read_all(value: &ValueRule, rule: &FactRule, source: &Fhir, found: &[Item<'_>]) -> ReadAll {
    read_field(value, &rule.fact, source, found)
}

/// What all items say, if they say the same; else what is not understood.
fn read_field(
    value: &ValueRule,
    fact: &crate::facts::Fact,
    source: &Fhir,
    found: &[Item<'_>],
) -> ReadAll {
    let mut read: Option<(Reading, usize)> = None;
    for item in found {
        let at = item.element().map_or(0, |element| element.node.start);
        match value.read(fact, &source.systems, item) {
            Err(unread) => return (None, Some((unread, at))),
            Ok(None) => {}
            Ok(Some(reading)) => match &read {
                Some((known, _)) if *known != reading => {
                    let unread = Unread {
                        message: format!("several values of `{}`", single(fact).path),
                        help: "let `value` of the source file lead to one: `.where(…)`, `.first()`"
                            .to_owned(),
                        code: None,
                    };
                    return (None, Some((unread, at)));
                }
                _ => read = Some((reading, at)),
            },
        }
    }
    (read, None)
}

/// Which of the findings counts: it, how many are used, and how many are in conflict.
fn chosen(rule: &FactRule, findings: &[Finding]) -> Option<(Finding, u64, u64)> {
    let has_value = |finding: &&Finding| matches!(finding.said.content, Some(Said::Value(_)));
    let values: Vec<&Finding> = findings.iter().filter(has_value).collect();
    // That there was no value once does not speak against one.
    let all = if values.is_empty() {
        findings.iter().collect()
    } else {
        values
    };
    let is_later = |one: &Finding, other: &Finding| match (&one.when, &other.when) {
        (Some(one), Some(other)) => one.is_later(other),
        _ => false,
    };
    let standing: Vec<&&Finding> = all
        .iter()
        .filter(|one| rule.pick == Pick::Same || !all.iter().any(|other| is_later(other, one)))
        .collect();
    let (first, rest) = standing.split_first()?;
    let mut said = first.said.clone();
    for other in rest {
        said.join(other.said.clone());
    }
    let is_conflict = matches!(&said.content, Some(Said::Missing(cause)) if cause == "conflicting");
    said.pick = rule.pick;
    let latest = standing
        .iter()
        .find(|one| !standing.iter().any(|other| is_later(other, one)));
    let when = latest
        .filter(|_| !is_conflict)
        .and_then(|finding| finding.when.clone());
    let (used, conflicting) = if is_conflict {
        (0, standing.len() as u64)
    } else {
        (1, 0)
    };
    Some((Finding { when, said }, used, conflicting))
}

/// When what a resource says was so. When it was written down says nothing of that.
fn default_when(kind: &str, node: &Node<'_>) -> Option<When> {
    let keys: &[&str] = match kind {
        "Observation" | "DiagnosticReport" | "MedicationAdministration" | "MedicationStatement" => {
            &["effectiveDateTime", "effectiveInstant", "effectivePeriod"]
        }
        "Condition" => &["onsetDateTime", "onsetPeriod"],
        "Procedure" => &["performedDateTime", "performedPeriod"],
        "Immunization" => &["occurrenceDateTime"],
        "AllergyIntolerance" => &["recordedDate"],
        "List" | "Composition" => &["date"],
        _ => &[],
    };
    let found = keys.iter().find_map(|key| node.get(key))?;
    When::of(&Item::Element(Element::of(found)))
}

/// Who stands for what a resource says.
fn default_by(node: &Node<'_>) -> String {
    let Some(found) = ["performer", "asserter", "recorder", "author"]
        .into_iter()
        .find_map(|key| node.get(key))
    else {
        return String::new();
    };
    let names = found.items().iter().filter_map(|one| {
        let actor = one.get("actor").unwrap_or(one);
        actor
            .text_at("display")
            .or_else(|| actor.text_at("reference"))
    });
    names.collect::<Vec<_>>().join(", ")
}
