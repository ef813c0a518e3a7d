//! What is known of everything that a condition is about.

use std::collections::BTreeSet;

use super::Sentences;
use super::english::EnglishWriter;
use super::values::{copula, show_item, shown, text_of};
use crate::cql::typed::{Aggregate, Attribute, Expression, Operation};
use crate::cql::{Type, facts_of};
use crate::facts::{FactId, Kind};
use crate::value::Value;

impl Sentences<'_> {
    /// What is known of the facts that a condition names, and of the values that it computes from them. Lists are left
    /// out unless `lists`.
    #[must_use]
    pub fn observed_facts(&self, condition: &Expression, lists: bool) -> Vec<String> {
        let mut said = Vec::new();
        self.computed(condition, &mut said);
        for id in facts_of(condition, &self.trial.definitions) {
            if lists || !matches!(self.trial.facts.get(id).kind, Kind::List(_)) {
                said.push(self.fact(id));
            }
        }
        let mut seen = BTreeSet::new();
        said.retain(|part| seen.insert(part.clone()));
        said
    }

    /// The values of a condition that stand in no record as they are.
    fn computed(&self, part: &Expression, said: &mut Vec<String>) {
        let name = match &part.operation {
            // What depends on an entry of a list is said of each entry.
            Operation::Query(_) => return,
            Operation::Attribute(id, attribute) => {
                said.push(self.attribute(*id, *attribute, part));
                return;
            }
            Operation::Definition(id) if part.kind != Type::Boolean => {
                Some(id.among(&self.trial.definitions).label.clone())
            }
            Operation::Age(..)
            | Operation::DurationBetween(..)
            | Operation::Arithmetic(..)
            | Operation::Field(..) => Some(EnglishWriter::new(self.trial).value(part)),
            Operation::Aggregate(aggregate, _)
                if !matches!(aggregate, Aggregate::AllTrue | Aggregate::AnyTrue) =>
            {
                Some(EnglishWriter::new(self.trial).value(part))
            }
            _ => None,
        };
        if let Some(name) = name {
            let value = self.context.value(part);
            said.push(match &value {
                Value::Null(_) => format!("{name} not known"),
                Value::List(_) => return,
                value => format!("{name}{}{}", copula(&part.kind), shown(value, &part.kind)),
            });
            return;
        }
        for below in part.parts() {
            self.computed(below, said);
        }
    }

    /// What is known of an attribute of a fact: `ALT: upper limit of normal is 40 U/L`.
    pub(super) fn attribute(
        &self,
        id: FactId,
        attribute: Attribute,
        expression: &Expression,
    ) -> String {
        let (label, name) = (&self.trial.facts.get(id).label, attribute.name());
        match self.context.value(expression) {
            Value::Null(_) => format!("{label}: {name} not recorded"),
            value => format!("{label}: {name} is {}", shown(&value, &expression.kind)),
        }
    }

    /// The value of an expression; none if it is not known.
    #[must_use]
    pub fn value(&self, expression: &Expression) -> Option<String> {
        match self.context.value(expression) {
            Value::Null(_) => None,
            value => Some(shown(&value, &expression.kind)).filter(|shown| !shown.is_empty()),
        }
    }

    /// An element of a list, with what is missing of it.
    #[must_use]
    pub fn element(&self, kind: &Type, element: &Value) -> String {
        match (kind, element) {
            (Type::Item(item), Value::Item(fields)) => {
                text_of(|out| show_item(item, fields, None, true, out))
            }
            (kind, element) => shown(element, kind),
        }
    }
}
