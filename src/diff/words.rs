//! What changed in a condition, in words: `ECOG performance status: at most 2 → at most 3`.

use super::meaning::links;
use super::{Version, Worded};
use crate::cql::Type;
use crate::cql::typed::{Aggregate, Expression, Limits, Operation};
use crate::facts::in_unit;
use crate::report::sentence::values::{limit, lower_first, numbers, outside, plain, within};
use crate::value::Value;

/// What a part of a condition asks of what.
struct Asked {
    /// What it is about, comparable between versions.
    subject: String,
    label: String,
    expected: String,
    /// The values, if it asks for one of several.
    values: Vec<String>,
}

/// A condition and the version that it belongs to.
#[derive(Clone, Copy)]
struct Side<'v> {
    version: &'v Version<'v>,
    text: &'v str,
}

/// What changed between two conditions; nothing where there are no better words than the conditions themselves.
pub fn condition(
    old_version: &Version<'_>,
    old: Worded<'_>,
    new_version: &Version<'_>,
    new: Worded<'_>,
) -> Vec<String> {
    let any_is = |chain: fn(&Operation) -> bool| {
        chain(&old.expression.operation) || chain(&new.expression.operation)
    };
    let (all, any) = (
        any_is(|operation| matches!(operation, Operation::All(_))),
        any_is(|operation| matches!(operation, Operation::Any(_))),
    );
    let parts = |expression: &'_ Expression| -> Vec<Expression> {
        let parts = if all == any {
            vec![expression]
        } else {
            links(expression)
        };
        parts.into_iter().cloned().collect()
    };
    let (before, after) = (parts(old.expression), parts(new.expression));
    let meanings = |version: &Version<'_>, parts: &[Expression]| {
        parts
            .iter()
            .map(|part| version.meanings.of(part))
            .collect::<Vec<_>>()
    };
    let (was, is) = (
        meanings(old_version, &before),
        meanings(new_version, &after),
    );
    let only = |parts: Vec<Expression>, mine: &[String], others: &[String]| -> Vec<Expression> {
        parts
            .into_iter()
            .zip(mine)
            .filter(|(_, meaning)| !others.contains(meaning))
            .map(|(part, _)| part)
            .collect()
    };
    let (gone, mut come) = (only(before, &was, &is), only(after, &is, &was));
    let (old, new) = (
        Side {
            version: old_version,
            text: old.text,
        },
        Side {
            version: new_version,
            text: new.text,
        },
    );
    let (mut said, mut removed) = (Vec::new(), Vec::new());
    for part in gone {
        let found = come
            .iter()
            .enumerate()
            .find_map(|(index, other)| Some((index, changed(old, &part, new, other)?)));
        match found {
            Some((index, words)) => {
                come.remove(index);
                said.push(words);
            }
            None => removed.push(part),
        }
    }
    if all == any && !(removed.is_empty() && come.is_empty()) {
        return said;
    }
    let joint = if all { "and" } else { "or" };
    said.extend(
        removed
            .iter()
            .map(|part| format!("no longer `{joint} {}`", old.words(part))),
    );
    said.extend(
        come.iter()
            .map(|part| format!("now also `{joint} {}`", new.words(part))),
    );
    said
}

/// One part in the place of another, if they are about the same.
fn changed(
    old: Side<'_>,
    before: &Expression,
    new: Side<'_>,
    after: &Expression,
) -> Option<String> {
    if let (Some(was), Some(is)) = (asked(old, before, false), asked(new, after, false))
        && was.subject == is.subject
    {
        if was.values.is_empty() || is.values.is_empty() {
            return Some(format!("{}: {} → {}", is.label, was.expected, is.expected));
        }
        let only = |mine: &[String], others: &[String]| {
            mine.iter()
                .filter(|value| !others.contains(value))
                .cloned()
                .collect::<Vec<_>>()
                .join(" or ")
        };
        let (more, fewer) = (only(&is.values, &was.values), only(&was.values, &is.values));
        let parts = [("also ", more), ("no longer ", fewer)]
            .into_iter()
            .filter(|(_, values)| !values.is_empty());
        return Some(format!(
            "{}: {}",
            is.label,
            parts
                .map(|(word, values)| format!("{word}{values}"))
                .collect::<Vec<_>>()
                .join(", ")
        ));
    }
    if old.version.meanings.shape(before) != new.version.meanings.shape(after) {
        return None;
    }
    // Only literals differ.
    let (was, is) = (literals(before), literals(after));
    let pairs: Vec<String> = was
        .iter()
        .zip(&is)
        .filter(|(was, is)| was != is)
        .map(|(was, is)| format!("{was} → {is}"))
        .collect();
    (was.len() == is.len() && !pairs.is_empty())
        .then(|| format!("in `{}`: {}", new.words(after), pairs.join(", ")))
}

impl Side<'_> {
    /// A part of the condition as it is written.
    fn words(&self, part: &Expression) -> String {
        self.text
            .get(part.span.clone())
            .unwrap_or(self.text)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// What a comparison with literals asks for.
fn asked(side: Side<'_>, part: &Expression, negated: bool) -> Option<Asked> {
    let about = |subject: &Expression, expected: String, values: Vec<String>| {
        Some(Asked {
            subject: side.version.meanings.of(subject),
            label: label(side, subject),
            expected,
            values,
        })
    };
    match &part.operation {
        Operation::Not(inner) => asked(side, inner, !negated),
        Operation::Compare(comparison, left, right) => {
            let (subject, value, comparison) = match (literal(left), literal(right)) {
                (None, Some(value)) => (left, value, *comparison),
                (Some(value), None) => (right, value, comparison.flipped()),
                _ => return None,
            };
            let comparison = if negated {
                comparison.negated()
            } else {
                comparison
            };
            let one = comparison == crate::cql::typed::Comparison::Equal;
            about(
                subject,
                limit(comparison, &value, &subject.kind),
                if one { vec![value] } else { Vec::new() },
            )
        }
        Operation::In(value, options) => {
            let values: Vec<String> = options.iter().map(literal).collect::<Option<_>>()?;
            let list = values.join(" or ");
            if negated {
                about(value, format!("other than {list}"), Vec::new())
            } else {
                about(value, list, values)
            }
        }
        Operation::Between(value, Limits { low, high }) => {
            let end = |end: &Option<(Box<Expression>, bool)>| match end {
                None => Some(None),
                Some((end, inclusive)) => Some(Some((literal(end)?, *inclusive))),
            };
            let (low, high) = (end(low)?, end(high)?);
            about(
                value,
                if negated {
                    outside(low, high, &value.kind)
                } else {
                    within(low, high, &value.kind)
                },
                Vec::new(),
            )
        }
        _ => None,
    }
}

/// What a part of a condition is called.
fn label(side: Side<'_>, subject: &Expression) -> String {
    let trial = side.version.trial;
    match &subject.operation {
        Operation::Fact(id) => trial.facts.get(*id).label.clone(),
        Operation::Attribute(id, attribute) => {
            format!("{}, {}", trial.facts.get(*id).label, attribute.name())
        }
        Operation::Definition(id) => trial
            .definitions
            .get(id.0)
            .map_or_else(String::new, |definition| definition.label.clone()),
        Operation::Age(precision, ..) => format!("age in {}", precision.plural()),
        Operation::Aggregate(Aggregate::Count, list)
            if matches!(list.operation, Operation::Fact(_)) =>
        {
            format!("number of {}", lower_first(&label(side, list)))
        }
        _ => format!("`{}`", side.words(subject)),
    }
}

fn literal(expression: &Expression) -> Option<String> {
    match &expression.operation {
        Operation::Constant(value) if !value.is_null() => Some(shown(value, &expression.kind)),
        _ => None,
    }
}

/// Every literal, and how far apart dates have to be, in the order of the text.
fn literals(expression: &Expression) -> Vec<String> {
    let mut found = Vec::new();
    expression.walk(&mut |part| match &part.operation {
        Operation::Constant(value) => found.push(shown(value, &part.kind)),
        Operation::Timing(timing, ..) => {
            if let Some((duration, offset)) = &timing.offset {
                found.push(format!("{duration}{}", offset_words(*offset)));
            }
        }
        _ => {}
    });
    found
}

fn offset_words(offset: crate::cql::syntax::Offset) -> &'static str {
    use crate::cql::syntax::Offset;
    match offset {
        Offset::Exactly => "",
        Offset::OrMore => " or more",
        Offset::OrLess => " or less",
        Offset::MoreThan => " at least, not included",
        Offset::LessThan => " at most, not included",
    }
}

fn shown(value: &Value, kind: &Type) -> String {
    match (value, kind) {
        (Value::Number(bounds), Type::Quantity(measure)) => {
            in_unit(&numbers(bounds), &measure.unit)
        }
        (Value::Code(code), Type::Code(set)) => set
            .names()
            .nth(usize::from(code.index))
            .map_or_else(String::new, |name| format!("'{name}'")),
        (Value::Text(text), _) => format!("'{text}'"),
        (value, _) => plain(value),
    }
}
