//! What an expression stands for, as a noun phrase: `creatinine.uln` → "the upper limit of normal of Creatinine".

use super::english::{EnglishWriter, literal, term};
use crate::cql::Type;
use crate::cql::syntax::Precision;
use crate::cql::typed::{Aggregate, Arithmetic, Expression, Function, Operation, Query};
use crate::facts::{FactId, ItemKind, Kind, in_unit};

/// The query that words stand in, and what they are about.
#[derive(Clone, Copy, Default)]
pub(super) struct Level<'s> {
    /// How many queries stand around.
    depth: usize,
    /// What an element of the innermost is called; none outside of queries, and for an element without a name.
    name: Option<&'s str>,
    outer: Option<&'s Level<'s>>,
    /// The fact that the sentence is about.
    about: Option<FactId>,
}

pub(super) type Scope<'s> = Option<&'s Level<'s>>;

impl<'s> Level<'s> {
    /// Inside one more query.
    pub(super) fn inside(outer: Scope<'s>, name: Option<&'s str>) -> Self {
        Self {
            depth: outer.map_or(0, |level| level.depth) + 1,
            name,
            outer,
            about: None,
        }
    }

    /// In words about this fact.
    pub(super) fn about(self, fact: FactId) -> Self {
        Self {
            about: Some(fact),
            ..self
        }
    }
}

impl<'t> EnglishWriter<'t> {
    pub(super) fn value_phrase(&self, expression: &Expression, scope: Scope<'_>) -> String {
        match &expression.operation {
            Operation::Constant(value) => {
                let said = literal(value, &expression.kind);
                match self.in_written_unit(expression) {
                    Some(written) => format!("{written} ({said})"),
                    None => said,
                }
            }
            Operation::Fact(id) => term(&self.facts.get(*id).label),
            Operation::Attribute(id, attribute) => {
                let name = attribute.name();
                if scope.is_some_and(|level| level.about == Some(*id)) {
                    format!("its {name}")
                } else {
                    format!("the {name} of {}", term(&self.facts.get(*id).label))
                }
            }
            Operation::Definition(id) if expression.kind != Type::Boolean => {
                term(&id.among(self.definitions).label)
            }
            Operation::Alias(depth) => self.element(*depth, scope),
            Operation::Field(item, index) => self.field(item, *index, scope),
            Operation::Today => "the screening date".to_owned(),
            Operation::List(_) | Operation::Query(_) => self.collection(expression, scope),
            Operation::Aggregate(aggregate, list)
                if !matches!(aggregate, Aggregate::AllTrue | Aggregate::AnyTrue) =>
            {
                self.aggregate(*aggregate, list, scope)
            }
            _ => self.computation(expression, scope),
        }
    }

    /// What is computed of other values.
    fn computation(&self, expression: &Expression, scope: Scope<'_>) -> String {
        let phrase = |part: &Expression| self.value_phrase(part, scope);
        match &expression.operation {
            Operation::Negate(operand) => format!("minus {}", self.part(operand, scope)),
            Operation::Arithmetic(arithmetic, left, right) => computed(
                *arithmetic,
                &self.part(left, scope),
                &self.part(right, scope),
            ),
            Operation::Scale(operand, _) => match &expression.kind {
                Type::Quantity(measure) => {
                    format!("{} (in {})", self.part(operand, scope), measure.unit)
                }
                _ => phrase(operand),
            },
            Operation::Shift(date, distance, backwards) => {
                let (distance, date) = (self.part(distance, scope), self.part(date, scope));
                let side = if *backwards { "before" } else { "after" };
                format!("{distance} {side} {date}")
            }
            Operation::Function(function, arguments) => self.function(*function, arguments, scope),
            Operation::Age(precision, _, at) => {
                let age = format!("age in completed {}", precision.plural());
                if at.operation == Operation::Today {
                    age
                } else {
                    format!("{age} on {}", self.part(at, scope))
                }
            }
            Operation::DurationBetween(precision, boundaries, from, to) => {
                let unit = precision.plural();
                let counted = match (boundaries, precision) {
                    (_, Precision::Days) => "days".to_owned(),
                    (false, _) => format!("whole {unit}"),
                    (true, _) => format!("calendar {unit} begun"),
                };
                let (from, to) = (self.part(from, scope), self.part(to, scope));
                format!("the number of {counted} from {from} to {to}")
            }
            Operation::Case(branches, otherwise) if expression.kind != Type::Boolean => {
                let branches = branches.iter();
                let words: Vec<String> = branches
                    .map(|(when, then)| {
                        format!("{} if {}", phrase(then), self.clause(when, scope, true))
                    })
                    .collect();
                format!("({}; otherwise {})", words.join("; "), phrase(otherwise))
            }
            _ => format!("whether {}", self.clause(expression, scope, true)),
        }
    }

    /// A quantity as the text has it, if that is in another unit than the fact's.
    pub(super) fn in_written_unit(&self, constant: &Expression) -> Option<String> {
        let Type::Quantity(measure) = &constant.kind else {
            return None;
        };
        let (number, unit) = self
            .text?
            .get(constant.span.clone())?
            .strip_suffix('\'')?
            .split_once('\'')?;
        (unit != measure.unit).then(|| in_unit(number.trim(), unit))
    }

    /// A noun phrase inside another: in brackets where its end could not be seen.
    pub(super) fn part(&self, expression: &Expression, scope: Scope<'_>) -> String {
        let words = self.value_phrase(expression, scope);
        match expression.operation {
            Operation::Arithmetic(..)
            | Operation::Negate(_)
            | Operation::Shift(..)
            | Operation::Function(..)
            | Operation::DurationBetween(..) => {
                format!("({words})")
            }
            _ => words,
        }
    }

    /// An element of a query, of this one or of one around it.
    fn element(&self, depth: usize, scope: Scope<'_>) -> String {
        let (name, here) = entry_at(depth, scope);
        match (name, here) {
            (Some(name), true) => term(name),
            (Some(name), false) => format!("{} of the outer entry", term(name)),
            (None, true) => "the entry".to_owned(),
            (None, false) => "the outer entry".to_owned(),
        }
    }

    fn field(&self, item: &Expression, index: usize, scope: Scope<'_>) -> String {
        let label = match &item.kind {
            Type::Item(kind) => kind
                .fields()
                .get(index)
                .map_or("a field", |field| field.label.as_str()),
            _ => "a field",
        };
        match item.operation {
            Operation::Alias(depth) if entry_at(depth, scope).1 => term(label),
            Operation::Alias(_) => format!("{} of the outer entry", term(label)),
            _ => format!("{} of {}", term(label), self.part(item, scope)),
        }
    }

    /// What an element of a list is called, where the trial file gives it a name.
    pub(super) fn element_name<'e>(&'e self, list: &'e Expression) -> Option<&'e str> {
        match &list.operation {
            Operation::Fact(id) => match &self.facts.get(*id).kind {
                Kind::List(item) => match &**item {
                    // A label made from the list's own name says nothing of its items.
                    ItemKind::Single(single) if single.label != single.name().replace('_', " ") => {
                        Some(&single.label)
                    }
                    _ => None,
                },
                _ => None,
            },
            Operation::Definition(id) => self.element_name(&id.among(self.definitions).expression),
            Operation::Query(query) if query.result.is_none() => self.element_name(&query.source),
            _ => None,
        }
    }

    /// The words for a yes and a no that the trial file gives a fact.
    pub(super) fn words_of_boolean<'e>(
        &'e self,
        condition: &'e Expression,
    ) -> Option<(&'e str, &'e str)> {
        let kind = match &condition.operation {
            Operation::Fact(id) => &self.facts.get(*id).kind,
            Operation::Field(item, index) => match &item.kind {
                Type::Item(kind) => &kind.fields().get(*index)?.kind,
                _ => return None,
            },
            _ => return None,
        };
        match kind {
            Kind::Boolean { yes, no } => Some((yes, no)),
            _ => None,
        }
    }

    /// The elements of a list: `the entries in Allergies (only those for which Severity is “severe”)`.
    pub(super) fn collection(&self, list: &Expression, scope: Scope<'_>) -> String {
        match &list.operation {
            Operation::List(items) => {
                let items: Vec<String> = items
                    .iter()
                    .map(|item| self.value_phrase(item, scope))
                    .collect();
                format!("({})", items.join(", "))
            }
            Operation::Query(query) => {
                let over = self.kept(query, scope);
                match self.result(query, scope) {
                    Some(result) => format!("{result} of each of {over}"),
                    None => over,
                }
            }
            Operation::Fact(_) | Operation::Definition(_) => {
                format!("the entries in {}", self.value_phrase(list, scope))
            }
            _ => self.value_phrase(list, scope),
        }
    }

    /// The elements that a query keeps.
    fn kept(&self, query: &Query, scope: Scope<'_>) -> String {
        let source = self.collection(&query.source, scope);
        match self.filter(query, scope, true) {
            Some(filter) => format!("{source} (only those for which {filter})"),
            None => source,
        }
    }

    fn filter(&self, query: &Query, scope: Scope<'_>, yes: bool) -> Option<String> {
        let level = Level::inside(scope, self.element_name(&query.source));
        query
            .filter
            .as_ref()
            .map(|filter| self.clause(filter, Some(&level), yes))
    }

    /// What a query makes of an element.
    fn result(&self, query: &Query, scope: Scope<'_>) -> Option<String> {
        let level = Level::inside(scope, self.element_name(&query.source));
        query
            .result
            .as_ref()
            .map(|result| self.part(result, Some(&level)))
    }

    /// `exists`, and that there is none.
    pub(super) fn exists(&self, list: &Expression, scope: Scope<'_>, yes: bool) -> String {
        let an = if yes {
            "there is an entry"
        } else {
            "there is no entry"
        };
        let Operation::Query(query) = &list.operation else {
            return match list.operation {
                Operation::Fact(_) | Operation::Definition(_) => {
                    format!("{an} in {}", self.value_phrase(list, scope))
                }
                _ => format!("{an} among {}", self.collection(list, scope)),
            };
        };
        let filter = self
            .filter(query, scope, true)
            .map_or_else(String::new, |filter| format!(" for which {filter}"));
        match query.source.operation {
            Operation::Fact(_) | Operation::Definition(_) => {
                format!(
                    "{an} in {}{filter}",
                    self.value_phrase(&query.source, scope)
                )
            }
            _ => format!(
                "among {}, {an}{filter}",
                self.collection(&query.source, scope)
            ),
        }
    }

    /// `AllTrue`, `AnyTrue`, and that it is not so.
    pub(super) fn of_every(
        &self,
        all: bool,
        list: &Expression,
        scope: Scope<'_>,
        yes: bool,
    ) -> String {
        match &list.operation {
            Operation::Query(query) => {
                let over = self.kept(query, scope);
                let level = Level::inside(scope, self.element_name(&query.source));
                let holds = match &query.result {
                    Some(result) => self.clause(result, Some(&level), true),
                    None => "the entry is answered yes".to_owned(),
                };
                match (all, yes) {
                    (true, true) => format!("for every one of {over}: {holds}"),
                    (true, false) => format!("not for every one of {over}: {holds}"),
                    (false, true) => format!("for at least one of {over}: {holds}"),
                    (false, false) => format!("for none of {over}: {holds}"),
                }
            }
            Operation::List(items) => {
                let items: Vec<String> = items
                    .iter()
                    .map(|item| self.clause(item, scope, true))
                    .collect();
                let how = match (all, yes) {
                    (true, true) => "all of",
                    (true, false) => "not all of",
                    (false, true) => "at least one of",
                    (false, false) => "none of",
                };
                format!("{how} ({})", items.join("; "))
            }
            _ => {
                let how = match (all, yes) {
                    (true, true) => "every one of",
                    (true, false) => "not every one of",
                    (false, true) => "at least one of",
                    (false, false) => "none of",
                };
                format!("{how} {} is answered yes", self.collection(list, scope))
            }
        }
    }

    fn aggregate(&self, aggregate: Aggregate, list: &Expression, scope: Scope<'_>) -> String {
        let (over, result) = match &list.operation {
            Operation::Query(query) => (self.kept(query, scope), self.result(query, scope)),
            _ => (self.collection(list, scope), None),
        };
        let of = |what: &str| match &result {
            Some(result) => format!("the {what} {result} over {over}"),
            None => format!("the {what} of {over}"),
        };
        let (least, greatest) = extremes(match &list.kind {
            Type::List(element) => element,
            other => other,
        });
        match aggregate {
            Aggregate::Count => format!(
                "the number of {}",
                over.strip_prefix("the ").unwrap_or(&over)
            ),
            Aggregate::Sum => of(if result.is_some() { "sum of" } else { "sum" }),
            Aggregate::Avg => of(if result.is_some() { "mean of" } else { "mean" }),
            Aggregate::Median => of(if result.is_some() {
                "median of"
            } else {
                "median"
            }),
            Aggregate::Min => of(least),
            Aggregate::Max => of(greatest),
            Aggregate::First => self.foremost(true, list, &over, result, scope),
            Aggregate::Last => self.foremost(false, list, &over, result, scope),
            // These are conditions, and `EnglishWriter` has other words for them.
            Aggregate::AllTrue | Aggregate::AnyTrue => over,
        }
    }

    /// `First` and `Last`.
    fn foremost(
        &self,
        first: bool,
        list: &Expression,
        over: &str,
        result: Option<String>,
        scope: Scope<'_>,
    ) -> String {
        let sort = match &list.operation {
            Operation::Query(query) => query
                .sort
                .as_ref()
                .map(|(key, descending)| (query, key, *descending)),
            _ => None,
        };
        let entry = match sort {
            None => format!(
                "the {} of {over} (as listed)",
                if first { "first" } else { "last" }
            ),
            Some((query, key, descending)) => {
                let level = Level::inside(scope, self.element_name(&query.source));
                let (least, greatest) = extremes(&key.kind);
                let extreme = if first == descending { greatest } else { least };
                format!(
                    "the one with the {extreme} {} among {over}",
                    self.value_phrase(key, Some(&level))
                )
            }
        };
        result.map_or(entry.clone(), |result| format!("{result} of {entry}"))
    }

    fn function(&self, function: Function, arguments: &[Expression], scope: Scope<'_>) -> String {
        let words: Vec<String> = arguments
            .iter()
            .map(|argument| self.part(argument, scope))
            .collect();
        let first = words.first().map_or("", String::as_str);
        let second = words.get(1).map(String::as_str);
        match function {
            Function::Coalesce => format!("the first that is known of ({})", words.join(", ")),
            Function::Abs => format!("the size of {first} without its sign"),
            Function::Round => match second {
                Some(places) => format!(
                    "{first} rounded to {places} decimal{}",
                    if places == "1" { "" } else { "s" }
                ),
                None => format!("{first} rounded to a whole number"),
            },
            Function::Ceiling => format!("{first} rounded up"),
            Function::Floor => format!("{first} rounded down"),
            Function::Truncate => format!("{first} without its decimals"),
            Function::Ln => format!("the natural logarithm of {first}"),
            Function::Exp => format!("e to the power of {first}"),
            Function::Log => format!(
                "the logarithm of {first} to the base {}",
                second.unwrap_or("e")
            ),
        }
    }
}

/// What is computed from two values.
fn computed(arithmetic: Arithmetic, left: &str, right: &str) -> String {
    let joint = match arithmetic {
        Arithmetic::Add => "plus",
        Arithmetic::Subtract => "minus",
        Arithmetic::Multiply => "times",
        Arithmetic::Power => "to the power of",
        Arithmetic::Divide | Arithmetic::TruncatedDivide | Arithmetic::Modulo => "divided by",
    };
    let lead = match arithmetic {
        Arithmetic::TruncatedDivide => "the whole part of ",
        Arithmetic::Modulo => "the remainder of ",
        _ => "",
    };
    format!("{lead}{left} {joint} {right}")
}

/// What the element at a depth is called, and whether it is that of the innermost query.
fn entry_at<'s>(depth: usize, scope: Scope<'s>) -> (Option<&'s str>, bool) {
    let mut level = scope;
    while let Some(at) = level {
        if at.depth == depth + 1 {
            return (at.name, scope.is_some_and(|here| here.depth == at.depth));
        }
        level = at.outer;
    }
    (None, true)
}

/// What the least and the greatest of a type are called.
fn extremes(kind: &Type) -> (&'static str, &'static str) {
    match kind {
        Type::Date => ("earliest", "latest"),
        Type::Duration => ("shortest", "longest"),
        _ => ("least", "greatest"),
    }
}
