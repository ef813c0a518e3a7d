//! The words for values, limits and the names of things, shared by every kind of sentence.

use rust_decimal::Decimal;

use crate::cql::Type;
use crate::cql::typed::{Comparison, Expression, Operation};
use crate::facts::{Fact, ItemKind, Kind, in_unit};
use crate::value::bounds::End;
use crate::value::{Bounds, List, Missing, Value, date};

pub(crate) fn lower_first(label: &str) -> String {
    // An abbreviation keeps its capitals.
    let mut letters = label.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(label.chars().skip(1)).collect(),
        _ => label.to_owned(),
    }
}

pub(super) fn constant(expression: &Expression) -> Option<&Value> {
    match &expression.operation {
        Operation::Constant(value) if !value.is_null() => Some(value),
        _ => None,
    }
}

pub(super) fn is_ordered(kind: &Type) -> bool {
    matches!(kind, Type::Integer | Type::Decimal | Type::Quantity(_) | Type::Duration | Type::Date)
}

pub(super) fn copula(kind: &Type) -> &'static str {
    if is_ordered(kind) { " is " } else { ": " }
}

pub(super) fn copula_of(fact: &Fact) -> &'static str {
    let ordered = matches!(fact.kind, Kind::Integer(_) | Kind::Decimal(_) | Kind::Quantity(_) | Kind::Duration(_) | Kind::Date(_));
    if ordered { " is " } else { ": " }
}

/// A value of an expression's type.
pub(super) fn shown(value: &Value, kind: &Type) -> String {
    match value {
        Value::OneOf(values) => values.iter().map(|value| shown(value, kind)).collect::<Vec<_>>().join(" or "),
        Value::List(list) => match kind {
            Type::List(of) => list.elements.iter().map(|element| shown(&element.value, of)).collect::<Vec<_>>().join(", "),
            _ => String::new(),
        },
        Value::Item(fields) => match kind {
            Type::Item(item) => item_shown(item, fields, false),
            _ => String::new(),
        },
        Value::Code(code) => match kind {
            Type::Code(set) => set.values.get(usize::from(code.index)).map_or_else(String::new, |value| value.label.clone()),
            _ => String::new(),
        },
        Value::Number(bounds) => match kind {
            Type::Quantity(measure) => in_unit(&shortened_range(bounds), &measure.unit),
            _ => shortened_range(bounds),
        },
        value => plain(value),
    }
}

/// A value of a fact as a report shows it.
pub(super) fn shown_as(fact: &Fact, value: &Value) -> String {
    match (value, &fact.kind) {
        (Value::OneOf(values), _) => values.iter().map(|value| shown_as(fact, value)).collect::<Vec<_>>().join(" or "),
        (Value::Boolean(true), Kind::Boolean { yes, .. }) => yes.clone(),
        (Value::Boolean(false), Kind::Boolean { no, .. }) => no.clone(),
        (Value::Code(code), Kind::Code(set)) => set.values.get(usize::from(code.index)).map_or_else(String::new, |value| value.label.clone()),
        (Value::Number(bounds), Kind::Quantity(measure)) => in_unit(&numbers(bounds), &measure.unit),
        (Value::List(list), Kind::List(kind)) => list_shown(kind, list),
        (value, _) => plain(value),
    }
}

pub(super) fn list_shown(kind: &ItemKind, list: &List) -> String {
    match (list.elements.is_empty(), list.open) {
        (true, false) => "none known".to_owned(),
        (true, true) => "none listed, and the list is not complete".to_owned(),
        _ => list.elements.iter().map(|element| element_shown(kind, &element.value, false)).collect::<Vec<_>>().join(" · "),
    }
}

pub(super) fn element_shown(kind: &ItemKind, value: &Value, gaps: bool) -> String {
    match (value, kind) {
        (Value::Item(fields), _) => item_shown(kind, fields, gaps),
        (value, ItemKind::Single(fact)) => shown_as(fact, value),
        (value, ItemKind::Fields(_)) => plain(value),
    }
}

/// The fields of an item that are known, and, if `gaps`, those that are not.
pub(super) fn item_shown(kind: &ItemKind, values: &[Value], gaps: bool) -> String {
    let mut parts = Vec::new();
    let several_dates = kind.fields().iter().filter(|field| matches!(field.kind, Kind::Date(_))).count() > 1;
    for (field, value) in kind.fields().iter().zip(values) {
        match (value, &field.kind) {
            (Value::Null(Missing::NotRecorded | Missing::Undetermined), _) if !gaps || field.supporting => {}
            (Value::Null(cause), _) => parts.push(format!("{} {cause}", lower_first(&field.label))),
            (Value::Boolean(known), Kind::Boolean { yes, no }) => {
                let (word, plain) = if *known { (yes, "yes") } else { (no, "no") };
                parts.push(if word == plain { format!("{}: {word}", lower_first(&field.label)) } else { word.clone() });
            }
            (Value::Number(_), _) => parts.push(format!("{} {}", lower_first(&field.label), shown_as(field, value))),
            (Value::Date(_), _) if several_dates => parts.push(format!("{} {}", lower_first(&field.label), shown_as(field, value))),
            (value, _) => parts.push(shown_as(field, value)),
        }
    }
    if parts.is_empty() { "an item of which nothing is recorded".to_owned() } else { parts.join(", ") }
}

/// A value without labels or units of its own.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null(cause) => cause.to_string(),
        Value::Boolean(true) => "yes".to_owned(),
        Value::Boolean(false) => "no".to_owned(),
        Value::Number(bounds) => numbers(bounds),
        Value::Duration(bounds) => range_of(bounds, |duration| duration.to_string()),
        Value::Date(bounds) => date::format(bounds),
        Value::Text(text) => text.to_string(),
        Value::Code(code) => code.index.to_string(),
        Value::List(list) => list.elements.iter().map(|element| plain(&element.value)).collect::<Vec<_>>().join(", "),
        Value::Item(fields) => fields.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::OneOf(values) => values.iter().map(plain).collect::<Vec<_>>().join(" or "),
    }
}

/// A computed number, whose decimals may have no end: `64.2592…`. They are cut off, not rounded, so that what is shown
/// never lies on the other side of a limit.
pub(super) fn shortened(number: Decimal) -> String {
    const LONGEST: u32 = 6;
    const KEPT: u32 = 4;
    let number = number.normalize();
    let cut = number.trunc_with_scale(KEPT);
    if number.scale() <= LONGEST || cut.is_zero() { number.to_string() } else { format!("{cut}…") }
}

fn shortened_range(bounds: &Bounds<Decimal>) -> String {
    range_of(bounds, shortened).replace("…..", "… to ")
}

pub(crate) fn numbers(bounds: &Bounds<Decimal>) -> String {
    range_of(bounds, |number| number.normalize().to_string())
}

/// Bounds as a record writes them: `2`, `>= 2`, `1..2`.
pub(super) fn range_of<T: Copy + PartialEq>(bounds: &Bounds<T>, shown: impl Fn(T) -> String) -> String {
    let end = |end: End<T>, closed: &str, open: &str| format!("{} {}", if end.inclusive { closed } else { open }, shown(end.value));
    match (bounds.low, bounds.high) {
        (Some(low), Some(high)) if low.value == high.value => shown(low.value),
        (Some(low), Some(high)) if low.inclusive && high.inclusive => format!("{}..{}", shown(low.value), shown(high.value)),
        (Some(low), Some(high)) => format!("{} and {}", end(low, ">=", ">"), end(high, "<=", "<")),
        (Some(low), None) => end(low, ">=", ">"),
        (None, Some(high)) => end(high, "<=", "<"),
        (None, None) => "any".to_owned(),
    }
}

/// What a comparison asks of a value of this type: `at most 2`, `on or before 2026-11-20`.
pub(crate) fn limit(comparison: Comparison, value: &str, kind: &Type) -> String {
    let words = match (comparison, kind) {
        (Comparison::Equal, _) => return value.to_owned(),
        (Comparison::NotEqual, _) => "other than",
        (Comparison::Less, Type::Date) => "before",
        (Comparison::LessOrEqual, Type::Date) => "on or before",
        (Comparison::Greater, Type::Date) => "after",
        (Comparison::GreaterOrEqual, Type::Date) => "on or after",
        (Comparison::Less, _) => "less than",
        (Comparison::LessOrEqual, _) => "at most",
        (Comparison::Greater, _) => "more than",
        (Comparison::GreaterOrEqual, _) => "at least",
    };
    format!("{words} {value}")
}

/// What two ends ask of a value of this type, each end with whether it belongs: `1 to 2`, `at least 18 and less than 70`.
pub(crate) fn within(low: Option<(String, bool)>, high: Option<(String, bool)>, kind: &Type) -> String {
    if let (Some((low, true)), Some((high, true))) = (&low, &high) {
        return format!("{low} to {high}");
    }
    let low = low.map(|(low, inclusive)| limit(at_least(inclusive), &low, kind));
    let high = high.map(|(high, inclusive)| limit(at_least(!inclusive).negated(), &high, kind));
    [low, high].into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

/// What it takes not to be within two ends: `outside 1 to 2`, `less than 18 or at least 70`.
pub(crate) fn outside(low: Option<(String, bool)>, high: Option<(String, bool)>, kind: &Type) -> String {
    if let (Some((low, true)), Some((high, true))) = (&low, &high) {
        return format!("outside {low} to {high}");
    }
    let low = low.map(|(low, inclusive)| limit(at_least(inclusive).negated(), &low, kind));
    let high = high.map(|(high, inclusive)| limit(at_least(!inclusive), &high, kind));
    [low, high].into_iter().flatten().collect::<Vec<_>>().join(" or ")
}

/// The plausible range of a fact in words, if it declares one.
#[must_use]
pub fn plausible_range(kind: &Kind) -> Option<String> {
    fn ends<T: Copy>(range: &Bounds<T>, shown: impl Fn(T) -> String, kind: &Type) -> Option<String> {
        let end = |end: Option<End<T>>| end.map(|end| (shown(end.value), end.inclusive));
        Some(within(end(range.low), end(range.high), kind)).filter(|said| !said.is_empty())
    }
    let number = |number: Decimal| number.normalize().to_string();
    match kind {
        Kind::Integer(range) | Kind::Decimal(range) => ends(range.as_ref()?, number, &Type::Decimal),
        Kind::Quantity(measure) => ends(measure.range.as_ref()?, number, &Type::Decimal),
        Kind::Duration(range) => ends(range.as_ref()?, |duration| duration.to_string(), &Type::Duration),
        Kind::Date(range) => ends(range.as_ref()?, |date| date.to_string(), &Type::Date),
        Kind::Boolean { .. } | Kind::Code(_) | Kind::Text | Kind::List(_) => None,
    }
}

fn at_least(inclusive: bool) -> Comparison {
    if inclusive { Comparison::GreaterOrEqual } else { Comparison::Greater }
}
