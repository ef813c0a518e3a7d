//! A part of a resource → what it says of a fact, and the evidence beside that.

use super::super::mapped::{Content as Said, Evidence, MappedFact, Text};
use super::super::rule::{Meaning, single};
use super::codes::{self, absent_cause};
use super::mapper::Mapper;
use super::patient::Parsed;
use super::time::When;
use super::value::{Reading, Unread, text_of};
use super::{FactRule, Fhir, ValueRule};
use crate::diagnostic::Place;
use crate::facts::Fact;
use crate::fhirpath::{Content, Element, Item, Node};

/// What was read and where it stands; what is not understood and where.
pub(super) type ReadAll = (Option<(Reading, usize)>, Option<(Unread, usize)>);

impl<'a> Mapper<'_, 'a> {
    /// What a part of a resource says; none if it says nothing, or cannot be understood, which is a problem then.
    pub(super) fn read(
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
        let (found, unread) = read_field(&rule.value, &rule.fact, self.source, &found);
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

    pub(super) fn not_understood(
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
    pub(super) fn without_value(
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

    pub(super) fn evidence(
        &mut self,
        rule: &'a FactRule,
        resource: &'a Parsed<'a>,
        at: &Place,
    ) -> Evidence {
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
}

/// Puts what was read into a fact.
pub(super) fn say(said: &mut MappedFact, reading: Reading, place: &Place) {
    if let Some(unit) = reading.unit {
        said.evidence.set("unit", Text::new(unit, place));
    }
    said.content = match reading.meaning {
        Meaning::Value(value) => Some(Said::Value(value)),
        Meaning::Missing(cause) => Some(Said::Missing(cause)),
        Meaning::Empty | Meaning::Nothing => None,
    };
}

/// What all items say, if they say the same; else what is not understood.
pub(super) fn read_field(
    value: &ValueRule,
    fact: &Fact,
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

/// When what a resource says was so. When it was written down says nothing of that.
pub(super) fn default_when(kind: &str, node: &Node<'_>) -> Option<When> {
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
pub(super) fn default_by(node: &Node<'_>) -> String {
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
