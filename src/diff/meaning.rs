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
            let meaning = sha256(meanings.of(expression));
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
    #[expect(
        clippy::indexing_slicing,
        reason = "there is one for each definition of the trial, and a definition uses those before it"
    )]
    pub fn of_definition(&self, index: usize) -> &str {
        &self.definitions[index]
    }

    fn written(&self, expression: &Expression, depth: Depth) -> String {
        let part = |part: &Expression| self.written(part, depth);
        let call = |name: &str, parts: &[&Expression]| {
            let parts: Vec<String> = parts.iter().map(|one| part(one)).collect();
            format!("{name}({})", parts.join(","))
        };
        match &expression.operation {
            Operation::Constant(_) if depth == Depth::Shape => "…".to_owned(),
            Operation::Constant(value) => constant(value, &expression.kind),
            Operation::Fact(id) => self.path(*id).to_owned(),
            Operation::Attribute(id, attribute) => format!("{}:{attribute:?}", self.path(*id)),
            Operation::Definition(id) if depth == Depth::Meaning => {
                format!("define:{}", self.of_definition(id.0))
            }
            Operation::Definition(id) => {
                format!("define {}", id.among(&self.trial.definitions).name)
            }
            Operation::Field(item, index) => {
                let name = match &item.kind {
                    Type::Item(kind) => kind.fields().get(*index).map_or("", |field| field.name()),
                    _ => "",
                };
                format!("{}.{name}", part(item))
            }
            Operation::All(_) => self.chain("and", expression, depth),
            Operation::Any(_) => self.chain("or", expression, depth),
            Operation::Compare(comparison, left, right)
                if is_constant(left) && !is_constant(right) =>
            {
                call(&format!("{:?}", comparison.flipped()), &[right, left])
            }
            Operation::In(value, options) => {
                let mut options: Vec<String> = options.iter().map(part).collect();
                if depth != Depth::Shape {
                    options.sort();
                }
                format!("in({},{})", part(value), options.join(","))
            }
            operation => call(&name(operation, depth), &expression.parts()),
        }
    }

    fn path(&self, id: FactId) -> &str {
        let path = self.trial.facts.get(id).path.as_str();
        self.renamed.get(path).copied().unwrap_or(path)
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

/// What an operation does with its parts, and which of those that it may have are there.
fn name(operation: &Operation, depth: Depth) -> String {
    match operation {
        Operation::Constant(_)
        | Operation::Fact(_)
        | Operation::Attribute(..)
        | Operation::Definition(_)
        | Operation::Field(..)
        | Operation::All(_)
        | Operation::Any(_)
        | Operation::In(..) => String::new(),
        Operation::Alias(level) => format!("alias {level}"),
        Operation::Not(_) => "not".to_owned(),
        Operation::Xor(..) => "xor".to_owned(),
        Operation::Implies(..) => "implies".to_owned(),
        Operation::Compare(comparison, ..) => format!("{comparison:?}"),
        Operation::Between(_, Limits { low, high }) => {
            let [low, high] = [low, high].map(|end| end.as_ref().map(|(_, inclusive)| inclusive));
            format!("between {low:?} {high:?}")
        }
        Operation::Member(..) => "member".to_owned(),
        Operation::Is(_, what, negated) => format!("is {what:?} {negated}"),
        Operation::Equivalent(_, _, negated) => format!("equivalent {negated}"),
        Operation::Case(..) => "case".to_owned(),
        Operation::Negate(_) => "negate".to_owned(),
        Operation::Arithmetic(arithmetic, ..) => format!("{arithmetic:?}"),
        Operation::Scale(_, factor) => format!("scale {factor}"),
        Operation::Shift(_, _, back) => format!("shift {back}"),
        Operation::List(_) => "list".to_owned(),
        Operation::Query(query) => {
            let descending = query.sort.as_ref().map(|(_, descending)| descending);
            let (filter, result) = (query.filter.is_some(), query.result.is_some());
            format!("query {filter} {result} {descending:?}")
        }
        Operation::Exists(_) => "exists".to_owned(),
        Operation::Aggregate(aggregate, _) => format!("{aggregate:?}"),
        Operation::Function(function, _) => format!("{function:?}"),
        Operation::Today => "today".to_owned(),
        Operation::Age(precision, ..) => format!("age {precision:?}"),
        Operation::DurationBetween(precision, difference, ..) => {
            format!("between {precision:?} {difference}")
        }
        Operation::Timing(timing, ..) if depth == Depth::Shape => {
            format!("{:?} {}", timing.relation, timing.or_same)
        }
        Operation::Timing(timing, ..) => format!("{timing:?}"),
    }
}

fn is_constant(expression: &Expression) -> bool {
    matches!(expression.operation, Operation::Constant(_))
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
        // A code goes by its name, since its place is another in another file.
        (Value::Code(code), Type::Code(set)) => {
            format!("{:?}", set.names().nth(usize::from(code.index)))
        }
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
