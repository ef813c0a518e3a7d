//! The words for values, limits and the names of things, shared by every kind of sentence.

use std::fmt::{self, Write as _};

use rust_decimal::Decimal;

use crate::cql::Type;
use crate::cql::typed::{Comparison, Expression, Operation};
use crate::facts::{Fact, ItemKind, Kind, ValueSet, unit_behind};
use crate::value::bounds::End;
use crate::value::{Bounds, Code, List, Missing, Value, date, number};

pub(crate) fn lower_first(label: &str) -> String {
    text_of(|out| show_lower_first(label, out))
}

/// The same with a capital, as a sentence begins.
pub(super) fn upper_first(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn show_lower_first(label: &str, out: &mut String) {
    let mut letters = label.chars();
    match letters.next() {
        // An abbreviation keeps its capitals.
        Some(first) if letters.clone().next().is_some_and(char::is_lowercase) => {
            out.extend(first.to_lowercase());
            out.push_str(letters.as_str());
        }
        _ => out.push_str(label),
    }
}

/// A literal, unless it is null.
pub(crate) fn constant(expression: &Expression) -> Option<&Value> {
    match &expression.operation {
        Operation::Constant(value) if !value.is_null() => Some(value),
        _ => None,
    }
}

pub(super) fn is_ordered(kind: &Type) -> bool {
    matches!(
        kind,
        Type::Integer | Type::Decimal | Type::Quantity(_) | Type::Duration | Type::Date
    )
}

pub(super) fn copula(kind: &Type) -> &'static str {
    if is_ordered(kind) { " is " } else { ": " }
}

pub(super) fn copula_of(fact: &Fact) -> &'static str {
    let ordered = matches!(
        fact.kind,
        Kind::Integer(_) | Kind::Decimal(_) | Kind::Quantity(_) | Kind::Duration(_) | Kind::Date(_)
    );
    if ordered { " is " } else { ": " }
}

/// What is written, as a text of its own.
pub(super) fn text_of(write: impl FnOnce(&mut String)) -> String {
    let mut text = String::new();
    write(&mut text);
    text
}

/// Writes several things with something between them.
fn between<T>(
    things: impl IntoIterator<Item = T>,
    between: &str,
    out: &mut String,
    mut write: impl FnMut(T, &mut String),
) {
    for (index, thing) in things.into_iter().enumerate() {
        if index > 0 {
            out.push_str(between);
        }
        write(thing, out);
    }
}

/// A value of an expression's type, as a text of its own.
pub(super) fn shown(value: &Value, kind: &Type) -> String {
    text_of(|out| show(value, kind, out))
}

/// A value of an expression's type.
pub(super) fn show(value: &Value, kind: &Type, out: &mut String) {
    match (value, kind) {
        (Value::OneOf(values), _) => between(values.iter(), " or ", out, |value, out| {
            show(value, kind, out)
        }),
        (Value::List(list), Type::List(of)) => {
            between(&list.elements, ", ", out, |element, out| {
                show(&element.value, of, out)
            })
        }
        (Value::Item(fields), Type::Item(item)) => show_item(item, fields, None, false, out),
        (Value::Code(code), Type::Code(set)) => show_code(*code, set, out),
        (Value::List(_) | Value::Item(_) | Value::Code(_), _) => {}
        (Value::Number(bounds), Type::Quantity(measure)) => {
            show_shortened(bounds, out);
            out.extend(unit_behind(&measure.unit));
        }
        (Value::Number(bounds), _) => show_shortened(bounds, out),
        (value, _) => show_plain(value, out),
    }
}

/// A value of a fact.
pub(super) fn show_of(fact: &Fact, value: &Value, out: &mut String) {
    match (value, &fact.kind) {
        (Value::OneOf(values), _) => between(values.iter(), " or ", out, |value, out| {
            show_of(fact, value, out)
        }),
        (Value::Boolean(true), Kind::Boolean { yes, .. }) => out.push_str(yes),
        (Value::Boolean(false), Kind::Boolean { no, .. }) => out.push_str(no),
        (Value::Code(code), Kind::Code(set)) => show_code(*code, set, out),
        (Value::Number(bounds), Kind::Quantity(measure)) => {
            show_numbers(bounds, out);
            out.extend(unit_behind(&measure.unit));
        }
        (Value::List(list), Kind::List(kind)) => show_list(kind, list, out),
        (value, _) => show_plain(value, out),
    }
}

fn show_code(code: Code, set: &ValueSet, out: &mut String) {
    if let Some(value) = set.values.get(usize::from(code.index)) {
        out.push_str(&value.label);
    }
}

pub(super) fn show_list(kind: &ItemKind, list: &List, out: &mut String) {
    match (list.elements.is_empty(), list.open) {
        (true, false) => out.push_str("none known"),
        (true, true) => out.push_str("none listed, and the list is not complete"),
        _ => show_elements(
            kind,
            list.elements.iter().map(|element| &element.value),
            false,
            out,
        ),
    }
}

/// Elements of a list. With `gaps`, also what is missing of them.
pub(super) fn show_elements<'v>(
    kind: &ItemKind,
    elements: impl Iterator<Item = &'v Value>,
    gaps: bool,
    out: &mut String,
) {
    between(elements, " · ", out, |element, out| {
        match (element, kind) {
            (Value::Item(fields), _) => show_item(kind, fields, None, gaps, out),
            (element, ItemKind::Single(fact)) => show_of(fact, element, out),
            (element, ItemKind::Fields(_)) => show_plain(element, out),
        }
    });
}

/// The fields of an item that are known, and, if `gaps`, those that are not, as one group, since fields between commas read as
/// items: `penicillin (antibiotic, mild: rash)`. Of an item that has been named by one of its fields, that is left out and the
/// others stand side by side.
pub(super) fn show_item(
    kind: &ItemKind,
    values: &[Value],
    left_out: Option<usize>,
    gaps: bool,
    out: &mut String,
) {
    let several_dates = kind
        .fields()
        .iter()
        .filter(|field| matches!(field.kind, Kind::Date(_)))
        .count()
        > 1;
    let (mut lead, mut is_open) = ("", false);
    for (index, (field, value)) in kind.fields().iter().zip(values).enumerate() {
        if left_out == Some(index) || (!gaps || field.supporting) && is_silent(value) {
            continue;
        }
        // A remark belongs to what stands before it.
        let is_remark = field.supporting && matches!(value, Value::Text(_));
        out.push_str(match lead {
            ", " if is_remark => ": ",
            lead => lead,
        });
        is_open |= lead == " (";
        lead = if left_out.is_none() && lead.is_empty() {
            " ("
        } else {
            ", "
        };
        // What does not speak for itself has its label before it.
        let (labelled, colon) = match (value, &field.kind) {
            (Value::Null(_) | Value::Number(_), _) => (true, false),
            (Value::Date(_), _) => (several_dates, false),
            (Value::Boolean(known), Kind::Boolean { yes, no }) => {
                let plain = if *known { yes == "yes" } else { no == "no" };
                (plain, plain)
            }
            _ => (false, false),
        };
        if labelled {
            show_lower_first(&field.label, out);
            out.push_str(match value {
                Value::Null(cause) => cause.lead(),
                _ if colon => ": ",
                _ => " ",
            });
        }
        show_of(field, value, out);
    }
    if is_open {
        out.push(')');
    }
    if lead.is_empty() {
        out.push_str("an item of which nothing is recorded");
    }
}

/// Whether all that can be said of a field is that nobody said anything.
pub(super) fn is_silent(value: &Value) -> bool {
    matches!(
        value,
        Value::Null(Missing::NotRecorded | Missing::Undetermined)
    )
}

/// A value without labels or units of its own, as a text of its own.
pub(crate) fn plain(value: &Value) -> String {
    text_of(|out| show_plain(value, out))
}

/// A value without labels or units of its own.
pub(super) fn show_plain(value: &Value, out: &mut String) {
    match value {
        Value::Null(cause) => out.push_str(cause.words()),
        Value::Boolean(true) => out.push_str("yes"),
        Value::Boolean(false) => out.push_str("no"),
        Value::Number(bounds) => show_numbers(bounds, out),
        Value::Duration(bounds) => show_range(bounds, out, written),
        Value::Date(bounds) => date::write(bounds, out),
        Value::Text(text) => out.push_str(text),
        Value::Code(code) => written(code.index, out),
        Value::List(list) => between(&list.elements, ", ", out, |element, out| {
            show_plain(&element.value, out)
        }),
        Value::Item(fields) => between(fields.iter(), ", ", out, show_plain),
        Value::OneOf(values) => between(values.iter(), " or ", out, show_plain),
    }
}

fn written(value: impl fmt::Display, out: &mut String) {
    // Writing into memory cannot fail.
    let _ = write!(out, "{value}");
}

/// A computed number, whose decimals may have no end: `64.2592…`. They are cut off, not rounded, so that what is shown
/// never lies on the other side of a limit.
fn shortened(number: Decimal, out: &mut String) {
    const LONGEST: u32 = 6;
    const KEPT: u32 = 4;
    // As it is compared: 20 minutes in hours and back are 20.
    let number = number::comparable(number).normalize();
    let cut = number.trunc_with_scale(KEPT);
    if number.scale() <= LONGEST || cut.is_zero() {
        written(number, out);
    } else {
        written(cut, out);
        out.push('…');
    }
}

fn show_shortened(bounds: &Bounds<Decimal>, out: &mut String) {
    let start = out.len();
    show_range(bounds, out, shortened);
    // Between the ends of a range, `..` would run into the mark.
    if bounds.low != bounds.high
        && let Some(mark) = out.get(start..).and_then(|said| said.find("….."))
    {
        out.replace_range(
            start + mark + '…'.len_utf8()..start + mark + "…..".len(),
            " to ",
        );
    }
}

/// Numbers as a record writes them, as a text of its own.
pub(crate) fn numbers(bounds: &Bounds<Decimal>) -> String {
    text_of(|out| show_numbers(bounds, out))
}

fn show_numbers(bounds: &Bounds<Decimal>, out: &mut String) {
    show_range(bounds, out, |number, out| written(number.normalize(), out));
}

/// Bounds as a record writes them: `2`, `>= 2`, `1..2`.
fn show_range<T: Copy + PartialEq>(
    bounds: &Bounds<T>,
    out: &mut String,
    show: impl Fn(T, &mut String),
) {
    let end = |end: End<T>, closed: &str, open: &str, out: &mut String| {
        out.push_str(if end.inclusive { closed } else { open });
        out.push(' ');
        show(end.value, out);
    };
    match (bounds.low, bounds.high) {
        (Some(low), Some(high)) if low.value == high.value => show(low.value, out),
        (Some(low), Some(high)) if low.inclusive && high.inclusive => {
            show(low.value, out);
            out.push_str("..");
            show(high.value, out);
        }
        (Some(low), Some(high)) => {
            end(low, ">=", ">", out);
            out.push_str(" and ");
            end(high, "<=", "<", out);
        }
        (Some(low), None) => end(low, ">=", ">", out),
        (None, Some(high)) => end(high, "<=", "<", out),
        (None, None) => out.push_str("any"),
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
    [words, " ", value].concat()
}

/// What two ends ask of a value of this type, each end with whether it belongs: `1 to 2`, `at least 18 and less than 70`; or
/// what it takes not to be within them: `outside 1 to 2`, `less than 18 or at least 70`.
pub(crate) fn range(
    low: Option<(String, bool)>,
    high: Option<(String, bool)>,
    kind: &Type,
    negated: bool,
) -> String {
    if let (Some((low, true)), Some((high, true))) = (&low, &high) {
        let lead = if negated { "outside " } else { "" };
        return format!("{lead}{low} to {high}");
    }
    let words =
        |comparison: Comparison, value: &str| limit(comparison.negated_if(negated), value, kind);
    let low = low.map(|(low, inclusive)| words(at_least(inclusive), &low));
    let high = high.map(|(high, inclusive)| words(at_least(!inclusive).negated(), &high));
    let ends: Vec<String> = [low, high].into_iter().flatten().collect();
    ends.join(if negated { " or " } else { " and " })
}

/// The plausible range of a fact in words, if it declares one.
#[must_use]
pub fn plausible_range(kind: &Kind) -> Option<String> {
    fn ends<T: Copy>(
        range: &Bounds<T>,
        shown: impl Fn(T) -> String,
        kind: &Type,
    ) -> Option<String> {
        let end = |end: Option<End<T>>| end.map(|end| (shown(end.value), end.inclusive));
        Some(self::range(end(range.low), end(range.high), kind, false))
            .filter(|said| !said.is_empty())
    }
    let number = |number: Decimal| number.normalize().to_string();
    match kind {
        Kind::Integer(range) | Kind::Decimal(range) => {
            ends(range.as_ref()?, number, &Type::Decimal)
        }
        Kind::Quantity(measure) => ends(measure.range.as_ref()?, number, &Type::Decimal),
        Kind::Duration(range) => ends(
            range.as_ref()?,
            |duration| duration.to_string(),
            &Type::Duration,
        ),
        Kind::Date(range) => ends(range.as_ref()?, |date| date.to_string(), &Type::Date),
        Kind::Boolean { .. } | Kind::Code(_) | Kind::Text | Kind::List(_) => None,
    }
}

fn at_least(inclusive: bool) -> Comparison {
    if inclusive {
        Comparison::GreaterOrEqual
    } else {
        Comparison::Greater
    }
}
