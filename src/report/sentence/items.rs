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
    pub(super) fn write_fact_with_gaps(&self, id: FactId, out: &mut Template) {
        let fact = self.trial.facts.get(id);
        match (
            self.context.entries.get(id.0).map(|entry| &entry.value),
            &fact.kind,
        ) {
            (Some(Value::List(list)), Kind::List(kind)) if !list.elements.is_empty() => {
                out.push(&fact.label);
                out.push(": ");
                show_elements(kind, values_of(list), true, out.text());
                out.push(completeness(list));
            }
            _ => self.write_fact(id, out),
        }
    }

    /// The list fact that a query, a list or a definition is about.
    pub(super) fn source_fact(&self, list: &Expression) -> Option<FactId> {
        match &list.operation {
            Operation::Fact(id) => Some(*id),
            Operation::Query(query) => self.source_fact(&query.source),
            Operation::Definition(id) => {
                self.source_fact(&id.among(&self.trial.definitions).expression)
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
                self.filter_of(&id.among(&self.trial.definitions).expression)
            }
            _ => None,
        }
    }

    /// The items of a list that a condition counts: `Earlier treatment: 2 count (…)`.
    pub(super) fn counted_items(&self, list: &Expression, leaf: &Leaf<'_>, out: &mut Template) {
        let Some(id) = self.source_fact(list) else {
            return self.facts(leaf, out);
        };
        let fact = self.trial.facts.get(id);
        let (Some(entry), Kind::List(kind)) = (self.context.entries.get(id.0), &fact.kind) else {
            return self.write_fact(id, out);
        };
        let (Value::List(all), Value::List(kept)) = (&entry.value, self.context.value(list)) else {
            return self.write_fact(id, out);
        };
        let open = completeness(all);
        out.push(&fact.label);
        out.push(": ");
        if all.elements.is_empty() {
            show_list(kind, all, out.text());
        } else if kept.elements.is_empty() {
            out.push("none that counts among ");
            show_list(kind, all, out.text());
            out.push(open);
        } else {
            let unsure = kept.elements.iter().any(|element| !element.certain);
            let count = numbers(
                &List {
                    open: false,
                    ..(*kept).clone()
                }
                .count(),
            );
            out.push(&count);
            let has_fields = matches!(**kind, ItemKind::Fields(_));
            // What a query makes of its items is no longer what the fact declares.
            let is_made = has_fields
                && matches!(&list.kind, Type::List(made) if !matches!(**made, Type::Item(_)));
            // Items with fields have brackets of their own.
            let in_brackets = is_made || !has_fields;
            out.push(match (self.filter_of(list), count.as_str()) {
                (None, _) if in_brackets => "",
                (None, "1") => " entry",
                (None, _) => " entries",
                (Some(_), "1") => " counts",
                (Some(_), _) => " count",
            });
            out.push(if in_brackets { " (" } else { ": " });
            if is_made {
                show(&Value::List(kept), &list.kind, out.text());
            } else {
                show_elements(kind, values_of(&kept), unsure, out.text());
            }
            out.push(if in_brackets { ")" } else { "" });
            out.push(open);
        }
        out.push_evidence(id);
    }

    /// Of a field of the first or last item of a list, the rest of that item; whether there is anything to say.
    pub(super) fn rest_of_item(&self, expression: &Expression, out: &mut Template) -> bool {
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
        out.push(" (");
        show_item(kind, values, Some(*field), false, out.text());
        out.push(")");
        true
    }

    /// `exists`: the items that match, or that there are none.
    pub(super) fn exists(&self, list: &Expression, leaf: &Leaf<'_>, out: &mut Template) {
        let (truth, negated) = (leaf.truth, leaf.negated);
        let (source, filter) = match &list.operation {
            Operation::Query(query) => {
                let Query { source, filter, .. } = &**query;
                (source, filter.as_ref())
            }
            _ => (list, None),
        };
        let Operation::Fact(id) = source.operation else {
            return self.counted_items(list, leaf, out);
        };
        let fact = self.trial.facts.get(id);
        let (Some(entry), Kind::List(kind)) = (self.context.entries.get(id.0), &fact.kind) else {
            return self.write_fact(id, out);
        };
        let Value::List(list) = &entry.value else {
            return self.write_fact(id, out);
        };
        let exists = if negated { !truth } else { truth };
        let passing = |element: &Value| {
            filter.map_or(Truth::True, |filter| {
                self.context.truth_for(filter, element)
            })
        };
        let with = |wanted: Truth, gaps: bool, out: &mut Template| {
            let items = values_of(list).filter(|value| passing(value) == wanted);
            show_elements(kind, items, gaps, out.text());
        };
        out.push(&fact.label);
        out.push(": ");
        match exists {
            Truth::True => with(Truth::True, false, out),
            Truth::Unknown => {
                let mut open = Template::default();
                with(Truth::Unknown, true, &mut open);
                out.append(&open);
                if open.is_empty() {
                    show_list(kind, list, out.text());
                }
            }
            Truth::False if list.elements.is_empty() => out.push("none known"),
            Truth::False => {
                out.push("none that counts among ");
                show_list(kind, list, out.text());
            }
        }
        out.push(completeness(list));
        out.push_evidence(id);
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
