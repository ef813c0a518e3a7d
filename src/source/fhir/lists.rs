//! Facts that are lists: an item for each resource, and what says that there is none.

use super::super::mapped::{
    Content as Said, ItemContent, MappedFact, MappedItem, MappedList, Text,
};
use super::super::rule::Meaning;
use super::mapper::Mapper;
use super::patient::Parsed;
use super::readings::{default_when, read_field, say};
use super::status::Standing;
use super::{FactRule, NoneRule};
use crate::diagnostic::Place;
use crate::facts::{ItemKind, Kind};
use crate::fhirpath::Element;

impl<'a> Mapper<'_, 'a> {
    pub(super) fn list(&mut self, place: usize, rule: &'a FactRule) {
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
    pub(super) fn denies(
        &mut self,
        rule: &FactRule,
        denial: &'a NoneRule,
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
    pub(super) fn item(
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
                    Meaning::Value(value) => ItemContent::Single(Box::new(Said::Value(value))),
                    // There is an item, and it is not known which.
                    Meaning::Missing(cause) => ItemContent::Single(Box::new(Said::Missing(cause))),
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

    pub(super) fn fields(
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
}
