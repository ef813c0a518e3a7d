//! What is said of the items of a list.

use super::Sentences;
use super::template::Template;
use super::values::{numbers, show, show_elements, show_item, show_list};
use crate::cql::Type;
use crate::cql::typed::{Expression, Operation, Query};
use crate::facts::{FactId, ItemKind, Kind};
use crate::screening::Leaf;
use crate::value::{List, Truth, Value};

impl Sentences<'_> {
    /// The same, with what the items of a list lack.
    pub(super) fn say_fact_with_gaps(&self, id: FactId, said: &mut Template) {
        let fact = self.trial.facts.get(id);
        match (
            self.context.entries.get(id.0).map(|entry| &entry.value),
            &fact.kind,
        ) {
            (Some(Value::List(list)), Kind::List(kind)) if !list.elements.is_empty() => {
                said.push(&fact.label);
                said.push(": ");
                show_elements(kind, values_of(list), true, said.text());
                said.push(completeness(list));
            }
            _ => self.say_fact(id, said),
        }
    }

    /// The list fact that a query, a list or a definition is about.
    pub(super) fn source_fact(&self, list: &Expression) -> Option<FactId> {
        match &list.operation {
            Operation::Fact(id) => Some(*id),
            Operation::Query(query) => self.source_fact(&query.source),
            Operation::Definition(id) => {
                self.source_fact(&self.trial.definitions.get(id.0)?.expression)
            }
            _ => None,
        }
    }

    /// What the items of a query have to meet.
    fn filter_of<'e>(&'e self, list: &'e Expression) -> Option<&'e Expression> {
        match &list.operation {
            Operation::Query(query) => query
                .filter
                .as_ref()
                .or_else(|| self.filter_of(&query.source)),
            Operation::Definition(id) => {
                self.filter_of(&self.trial.definitions.get(id.0)?.expression)
            }
            _ => None,
        }
    }

    /// The items of a list that a condition counts: `Earlier treatment: 2 count (…)`.
    pub(super) fn counted_items(&self, list: &Expression, leaf: &Leaf<'_>, said: &mut Template) {
        let Some(id) = self.source_fact(list) else {
            return self.facts(leaf, said);
        };
        let fact = self.trial.facts.get(id);
        let (Some(entry), Kind::List(kind)) = (self.context.entries.get(id.0), &fact.kind) else {
            return self.say_fact(id, said);
        };
        let (Value::List(all), Value::List(kept)) = (&entry.value, self.context.value(list)) else {
            return self.say_fact(id, said);
        };
        let open = completeness(all);
        said.push(&fact.label);
        said.push(": ");
        if all.elements.is_empty() {
            show_list(kind, all, said.text());
        } else if kept.elements.is_empty() {
            said.push("none that counts among ");
            show_list(kind, all, said.text());
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
            let has_fields = matches!(**kind, ItemKind::Fields(_));
            // What a query makes of its items is no longer what the fact declares.
            let is_made = has_fields
                && matches!(&list.kind, Type::List(made) if !matches!(**made, Type::Item(_)));
            // Items with fields have brackets of their own.
            let in_brackets = is_made || !has_fields;
            said.push(match (self.filter_of(list), count.as_str()) {
                (None, _) if in_brackets => "",
                (None, "1") => " entry",
                (None, _) => " entries",
                (Some(_), "1") => " counts",
                (Some(_), _) => " count",
            });
            said.push(if in_brackets { " (" } else { ": " });
            if is_made {
                show(&Value::List(kept), &list.kind, said.text());
            } else {
                show_elements(kind, values_of(&kept), unsure, said.text());
            }
            said.push(if in_brackets { ")" } else { "" });
            said.push(open);
        }
        said.push_evidence(id);
    }

    /// Of a field of the first or last item of a list, the rest of that item; whether there is anything to say.
    pub(super) fn rest_of_item(&self, expression: &Expression, said: &mut Template) -> bool {
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
        said.push(" (");
        show_item(kind, values, Some(*field), false, said.text());
        said.push(")");
        true
    }

    /// `exists`: the items that match, or that there are none.
    pub(super) fn exists(&self, list: &Expression, leaf: &Leaf<'_>, said: &mut Template) {
        let (truth, negated) = (leaf.truth, leaf.negated);
        let (source, filter) = match &list.operation {
            Operation::Query(query) => {
                let Query { source, filter, .. } = &**query;
                (source, filter.as_ref())
            }
            _ => (list, None),
        };
        let Operation::Fact(id) = source.operation else {
            return self.counted_items(list, leaf, said);
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
        let with = |wanted: Truth, gaps: bool, said: &mut Template| {
            let items = values_of(list).filter(|value| passing(value) == wanted);
            show_elements(kind, items, gaps, said.text());
        };
        said.push(&fact.label);
        said.push(": ");
        match exists {
            Truth::True => with(Truth::True, false, said),
            Truth::Unknown => {
                let mut open = Template::default();
                with(Truth::Unknown, true, &mut open);
                said.append(&open);
                if open.is_empty() {
                    show_list(kind, list, said.text());
                }
            }
            Truth::False if list.elements.is_empty() => said.push("none known"),
            Truth::False => {
                said.push("none that counts among ");
                show_list(kind, list, said.text());
            }
        }
        said.push(completeness(list));
        said.push_evidence(id);
    }
}

/// What is said behind the items of a list that may have more. Of one without items it is said already.
pub(super) fn completeness(list: &List) -> &'static str {
    if list.open && !list.elements.is_empty() {
        "; the list is not complete"
    } else {
        ""
    }
}

fn values_of(list: &List) -> impl Iterator<Item = &Value> {
    list.elements.iter().map(|element| &element.value)
}
