//! What an expression means, as a text: the same for two expressions, of one trial or of two, only if they give the same
//! for every record.
//!
//! Facts, codes and fields go by their names, since their places differ between files. A definition stands for what it
//! means, so it may have another name.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::cql::typed::{Expression, Limits, Operation};
use crate::cql::{Definition, Type};
use crate::facts::FactId;
use crate::trial::Trial;
use crate::trial::compile::sha256;
use crate::value::bounds::End;
use crate::value::{Bounds, Value};

/// The meanings of a trial's expressions.
pub struct Meanings<'t> {
    trial: &'t Trial,
    /// Facts that go by another path, so that a fact with a new name is still the same.
    renamed: BTreeMap<&'t str, &'t str>,
    /// Of each definition, in the trial's order.
    definitions: Vec<String>,
}

/// How an expression is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// Definitions by what they mean.
    Meaning,
    /// Definitions by their names.
    Names,
    /// The same, with gaps in place of the literals, and everything in the order of the text.
    Shape,
}

impl<'t> Meanings<'t> {
    /// Of every definition of a trial, some of whose facts go by another path.
    pub fn new(trial: &'t Trial, renamed: BTreeMap<&'t str, &'t str>) -> Self {
        let mut meanings = Self {
            trial,
            renamed,
            definitions: Vec::new(),
        };
        for Definition { expression, .. } in &trial.definitions {
            // Each comes after those that it uses; a hash keeps one that uses another twice from doubling again and again.
            let meaning = sha256(&meanings.of(expression));
            meanings.definitions.push(meaning);
        }
        meanings
    }

    /// What an expression means.
    pub fn of(&self, expression: &Expression) -> String {
        self.written(expression, Depth::Meaning)
    }

    /// The same, definitions by their names.
    pub fn by_names(&self, expression: &Expression) -> String {
        self.written(expression, Depth::Names)
    }

    /// What is the same where only literals differ.
    pub fn shape(&self, expression: &Expression) -> String {
        self.written(expression, Depth::Shape)
    }

    /// What a definition means.
    pub fn of_definition(&self, index: usize) -> &str {
        self.definitions.get(index).map_or("", String::as_str)
    }

    fn written(&self, expression: &Expression, depth: Depth) -> String {
        let part = |part: &Expression| self.written(part, depth);
        let call = |name: &str, parts: &[&Expression]| {
            format!(
                "{name}({})",
                parts
                    .iter()
                    .map(|one| part(one))
                    .collect::<Vec<_>>()
                    .join(",")
            )
        };
        let path = |id: FactId| {
            let path = self.trial.facts.get(id).path.as_str();
            self.renamed.get(path).copied().unwrap_or(path)
        };
        match &expression.operation {
            Operation::Constant(_) if depth == Depth::Shape => "…".to_owned(),
            Operation::Constant(value) => constant(value, &expression.kind),
            Operation::Fact(id) => path(*id).to_owned(),
            Operation::Attribute(id, attribute) => format!("{}:{attribute:?}", path(*id)),
            Operation::Definition(id) if depth == Depth::Meaning => {
                format!("define:{}", self.of_definition(id.0))
            }
            Operation::Definition(id) => self
                .trial
                .definitions
                .get(id.0)
                .map_or_else(String::new, |definition| {
                    format!("define {}", definition.name)
                }),
            Operation::Alias(level) => format!("alias {level}"),
            Operation::Field(item, index) => {
                let name = match &item.kind {
                    Type::Item(kind) => kind.fields().get(*index).map_or("", |field| field.name()),
                    _ => "",
                };
                format!("{}.{name}", part(item))
            }
            Operation::Not(inner) => call("not", &[inner]),
            Operation::All(_) => self.chain("and", expression, depth),
            Operation::Any(_) => self.chain("or", expression, depth),
            Operation::Xor(left, right) => call("xor", &[left, right]),
            Operation::Implies(left, right) => call("implies", &[left, right]),
            Operation::Compare(comparison, left, right) => {
                match (&left.operation, &right.operation) {
                    (Operation::Constant(_), operation)
                        if !matches!(operation, Operation::Constant(_)) =>
                    {
                        call(&format!("{:?}", comparison.flipped()), &[right, left])
                    }
                    _ => call(&format!("{comparison:?}"), &[left, right]),
                }
            }
            Operation::Between(value, Limits { low, high }) => {
                let end = |end: &Option<(Box<Expression>, bool)>| {
                    end.as_ref().map_or(String::new(), |(end, inclusive)| {
                        format!("{inclusive} {}", part(end))
                    })
                };
                format!("between({},{},{})", part(value), end(low), end(high))
            }
            Operation::In(value, options) => {
                let mut options: Vec<String> = options.iter().map(part).collect();
                if depth != Depth::Shape {
                    options.sort();
                }
                format!("in({},{})", part(value), options.join(","))
            }
            Operation::Member(value, list) => call("member", &[value, list]),
            Operation::Is(inner, what, negated) => {
                call(&format!("is {what:?} {negated}"), &[inner])
            }
            Operation::Equivalent(left, right, negated) => {
                call(&format!("equivalent {negated}"), &[left, right])
            }
            Operation::Case(branches, otherwise) => {
                let parts: Vec<&Expression> = branches
                    .iter()
                    .flat_map(|(when, then)| [when, then])
                    .chain([&**otherwise])
                    .collect();
                call("case", &parts)
            }
            Operation::Negate(inner) => call("negate", &[inner]),
            Operation::Arithmetic(arithmetic, left, right) => {
                call(&format!("{arithmetic:?}"), &[left, right])
            }
            Operation::Scale(inner, factor) => call(&format!("scale {}", factor), &[inner]),
            Operation::Shift(date, by, back) => call(&format!("shift {back}"), &[date, by]),
            Operation::List(parts) => call("list", &parts.iter().collect::<Vec<_>>()),
            Operation::Query(query) => {
                let optional = |part: Option<String>| part.unwrap_or_default();
                let sort = query
                    .sort
                    .as_ref()
                    .map(|(key, descending)| format!("{descending} {}", part(key)));
                let (filter, result) = (
                    query.filter.as_ref().map(part),
                    query.result.as_ref().map(part),
                );
                format!(
                    "query({};{};{};{})",
                    part(&query.source),
                    optional(filter),
                    optional(result),
                    optional(sort)
                )
            }
            Operation::Exists(list) => call("exists", &[list]),
            Operation::Aggregate(aggregate, list) => call(&format!("{aggregate:?}"), &[list]),
            Operation::Function(function, parts) => {
                call(&format!("{function:?}"), &parts.iter().collect::<Vec<_>>())
            }
            Operation::Today => "today".to_owned(),
            Operation::Age(precision, from, at) => call(&format!("age {precision:?}"), &[from, at]),
            Operation::DurationBetween(precision, difference, from, to) => {
                call(&format!("between {precision:?} {difference}"), &[from, to])
            }
            Operation::Timing(timing, left, right) => match depth {
                Depth::Shape => call(
                    &format!("{:?} {}", timing.relation, timing.or_same),
                    &[left, right],
                ),
                _ => call(&format!("{timing:?}"), &[left, right]),
            },
        }
    }

    /// The parts of a chain, whose order decides nothing.
    fn chain(&self, name: &str, expression: &Expression, depth: Depth) -> String {
        let mut parts: Vec<String> = links(expression)
            .into_iter()
            .map(|part| self.written(part, depth))
            .collect();
        if depth != Depth::Shape {
            parts.sort();
            parts.dedup();
        }
        format!("{name}({})", parts.join(","))
    }
}

/// The parts of a chain of `and`, or of `or`, brackets inside it taken away.
pub fn links(expression: &Expression) -> Vec<&Expression> {
    let (parts, all) = match &expression.operation {
        Operation::All(parts) => (parts, true),
        Operation::Any(parts) => (parts, false),
        _ => return vec![expression],
    };
    let same = |part: &&Expression| {
        matches!(
            (&part.operation, all),
            (Operation::All(_), true) | (Operation::Any(_), false)
        )
    };
    parts
        .iter()
        .flat_map(|part| if same(&part) { links(part) } else { vec![part] })
        .collect()
}

fn constant(value: &Value, kind: &Type) -> String {
    match (value, kind) {
        (Value::Code(code), Type::Code(set)) => format!(
            "'{}'",
            set.names().nth(usize::from(code.index)).unwrap_or_default()
        ),
        (Value::Number(bounds), Type::Quantity(measure)) => {
            format!("{} '{}'", numbers(bounds), measure.unit)
        }
        (Value::Number(bounds), _) => numbers(bounds),
        (value, _) => format!("{value:?}"),
    }
}

fn numbers(bounds: &Bounds<Decimal>) -> String {
    let end = |end: Option<End<Decimal>>| {
        end.map_or(String::new(), |end| {
            format!("{} {}", end.value.normalize(), end.inclusive)
        })
    };
    format!("[{};{}]", end(bounds.low), end(bounds.high))
}
