//! What is said of the items of a list.

use std::sync::Arc;

use super::Sentences;
use super::said::{Blank, Said};
use super::values::{ItemSink, numbers, show_item, show_of, show_plain};
use crate::cql::Type;
use crate::cql::typed::{Expression, Operation, Query};
use crate::facts::{Fact, FactId, ItemKind, Kind};
use crate::screening::Leaf;
use crate::value::{List, Truth, Value};

/// What is said of one item of a list. What no rule can tell by a small number is left blank.
struct OfItem<'s> {
    said: &'s mut Said,
    fact: FactId,
    item: usize,
}

impl ItemSink for OfItem<'_> {
    fn text(&mut self) -> &mut String {
        self.said.text()
    }

    fn field(&mut self, field: usize, declared: &Fact, value: &Value) {
        let is_told = !matches!(
            value,
            Value::Number(_) | Value::Date(_) | Value::Duration(_) | Value::Text(_)
        );
        match Blank::field(self.fact, self.item, field).filter(|_| !is_told) {
            Some(blank) => self.said.push_blank(blank),
            None => show_of(declared, value, self.said.text()),
        }
    }
}

impl Sentences<'_> {
    /// Writes a field of an item of a fact.
    pub fn field(&self, fact: u32, item: u16, field: u16, out: &mut String) {
        let id = FactId(fact as usize);
        let Some(Value::List(list)) = self.context.entries.get(id.0).map(|entry| &entry.value)
        else {
            return;
        };
        let Kind::List(kind) = &self.trial.facts.get(id).kind else {
            return;
        };
        if let Some(Value::Item(fields)) = list
            .elements
            .get(usize::from(item))
            .map(|element| &element.value)
            && let (Some(declared), Some(value)) = (
                kind.fields().get(usize::from(field)),
                fields.get(usize::from(field)),
            )
        {
            show_of(declared, value, out);
        }
    }

    /// Items of a list, each with its place, if that is known. With `gaps`, also what is missing of them.
    fn say_items<'v>(
        &self,
        fact: FactId,
        kind: &ItemKind,
        items: impl Iterator<Item = (Option<usize>, &'v Value)>,
        gaps: bool,
        said: &mut Said,
    ) {
        let mut lead = "";
        for (item, value) in items {
            said.push(std::mem::replace(&mut lead, " · "));
            match (value, kind) {
                (Value::Item(fields), _) => Self::say_item(
                    item.map(|item| (fact, item)),
                    kind,
                    fields,
                    None,
                    gaps,
                    said,
                ),
                (value, ItemKind::Single(single)) => show_of(single, value, said.text()),
                (value, ItemKind::Fields(_)) => show_plain(value, said.text()),
            }
        }
    }

    /// An item of a list, but for one of its fields perhaps. One whose place is not known is said as it is.
    fn say_item(
        place: Option<(FactId, usize)>,
        kind: &ItemKind,
        fields: &[Value],
        left_out: Option<usize>,
        gaps: bool,
        said: &mut Said,
    ) {
        match place {
            Some((fact, item)) => show_item(
                kind,
                fields,
                left_out,
                gaps,
                &mut OfItem { said, fact, item },
            ),
            None => show_item(kind, fields, left_out, gaps, said.text()),
        }
    }

    /// What is known of a list.
    pub(super) fn say_list(&self, fact: FactId, kind: &ItemKind, list: &List, said: &mut Said) {
        match (list.elements.is_empty(), list.open) {
            (true, false) => said.push("none known"),
            (true, true) => said.push("none listed, and the list is not complete"),
            _ => self.say_items(fact, kind, values_of(list), false, said),
        }
    }

    /// The same, with what the items of a list lack.
    pub(super) fn say_fact_with_gaps(&self, id: FactId, said: &mut Said) {
        let fact = self.trial.facts.get(id);
        match (
            self.context.entries.get(id.0).map(|entry| &entry.value),
            &fact.kind,
        ) {
            (Some(Value::List(list)), Kind::List(kind)) if !list.elements.is_empty() => {
                said.push(&fact.label);
                said.push(": ");
                self.say_items(id, kind, values_of(list), true, said);
            }
            _ => self.say_fact(id, said),
        }
    }

    /// The items of a list that a condition counts: `Earlier treatment: 2 count (…)`.
    pub(super) fn counted_items(&self, list: &Expression, leaf: &Leaf<'_>, said: &mut Said) {
        let Some(id) = source_fact(list) else {
            return self.facts(leaf, said);
        };
        let fact = self.trial.facts.get(id);
        let (Some(entry), Kind::List(kind)) = (self.context.entries.get(id.0), &fact.kind) else {
            return self.say_fact(id, said);
        };
        let (Value::List(all), Value::List(kept)) = (&entry.value, self.context.value(list)) else {
            return self.say_fact(id, said);
        };
        let open = if all.open {
            "; the list is not complete"
        } else {
            ""
        };
        said.push(&fact.label);
        said.push(": ");
        if all.elements.is_empty() {
            self.say_list(id, kind, all, said);
        } else if kept.elements.is_empty() {
            said.push("none that counts among ");
            self.say_list(id, kind, all, said);
            said.push(open);
        } else {
            let unsure = kept.elements.iter().any(|element| !element.certain);
            let count = numbers(
                &List {
                    open: false,
                    ..(*kept).clone()
                }
                .count(),
            );
            said.push(&count);
            said.push(match (filter_of(list), count.as_str()) {
                (None, _) => "",
                (Some(_), "1") => " counts",
                (Some(_), _) => " count",
            });
            said.push(" (");
            let places = kept
                .elements
                .iter()
                .map(|element| (place_of(&element.value, all), &element.value));
            self.say_items(id, kind, places, unsure, said);
            said.push(")");
            said.push(open);
        }
        said.push_evidence(id);
    }

    /// Of a field of the first or last item of a list, the rest of that item; whether there is anything to say.
    pub(super) fn item_behind(
        &self,
        expression: &Expression,
        leaf: &Leaf<'_>,
        said: &mut Said,
    ) -> bool {
        let Operation::Field(item, field) = &expression.operation else {
            return false;
        };
        let Type::Item(kind) = &item.kind else {
            return false;
        };
        let value = self.context.value(item);
        let Value::Item(values) = &value else {
            return false;
        };
        let known = |index: usize| values.get(index).is_some_and(|value| !value.is_null());
        if !known(*field) || !(0..values.len()).any(|index| index != *field && known(index)) {
            return false;
        }
        let place = leaf.facts.iter().find_map(|fact| {
            match self.context.entries.get(fact.0).map(|entry| &entry.value) {
                Some(Value::List(list)) => place_of(&value, list).map(|place| (*fact, place)),
                _ => None,
            }
        });
        said.push(" (");
        Self::say_item(place, kind, values, Some(*field), false, said);
        said.push(")");
        true
    }

    /// `exists`: the items that match, or that there are none.
    pub(super) fn exists(&self, list: &Expression, truth: Truth, negated: bool, said: &mut Said) {
        let (source, filter) = match &list.operation {
            Operation::Query(query) => {
                let Query { source, filter, .. } = &**query;
                (source, filter.as_ref())
            }
            _ => (list, None),
        };
        let Operation::Fact(id) = source.operation else {
            said.push("the list: ");
            show_plain(&self.context.value(source), said.text());
            return;
        };
        let fact = self.trial.facts.get(id);
        let (Some(entry), Kind::List(kind)) = (self.context.entries.get(id.0), &fact.kind) else {
            return self.say_fact(id, said);
        };
        let Value::List(list) = &entry.value else {
            return self.say_fact(id, said);
        };
        let exists = if negated { !truth } else { truth };
        let passing = |element: &Value| {
            filter.map_or(Truth::True, |filter| {
                self.context.truth_for(filter, element)
            })
        };
        let with = |wanted: Truth, gaps: bool, said: &mut Said| {
            self.say_items(
                id,
                kind,
                values_of(list).filter(|(_, value)| passing(value) == wanted),
                gaps,
                said,
            );
        };
        said.push(&fact.label);
        said.push(": ");
        match exists {
            Truth::True => with(Truth::True, false, said),
            Truth::Unknown => {
                let start = said.mark();
                with(Truth::Unknown, true, said);
                if !said.is_beyond(start) {
                    self.say_list(id, kind, list, said);
                }
            }
            Truth::False if list.elements.is_empty() => said.push("none known"),
            Truth::False => {
                said.push("none that counts among ");
                self.say_list(id, kind, list, said);
            }
        }
        if list.open && !list.elements.is_empty() {
            said.push("; the list is not complete");
        }
        said.push_evidence(id);
    }
}

/// The elements of a list, each with its place.
fn values_of(list: &List) -> impl Iterator<Item = (Option<usize>, &Value)> {
    list.elements
        .iter()
        .enumerate()
        .map(|(place, element)| (Some(place), &element.value))
}

/// Where an item stands in the list that it is from.
fn place_of(item: &Value, list: &List) -> Option<usize> {
    let Value::Item(fields) = item else {
        return None;
    };
    list.elements.iter().position(
        |element| matches!(&element.value, Value::Item(other) if Arc::ptr_eq(fields, other)),
    )
}

/// The list fact that a query or a list is about.
pub(super) fn source_fact(list: &Expression) -> Option<FactId> {
    match &list.operation {
        Operation::Fact(id) => Some(*id),
        Operation::Query(query) => source_fact(&query.source),
        _ => None,
    }
}

/// What the items of a query have to meet.
fn filter_of(list: &Expression) -> Option<&Expression> {
    match &list.operation {
        Operation::Query(query) => query.filter.as_ref().or_else(|| filter_of(&query.source)),
        _ => None,
    }
}
