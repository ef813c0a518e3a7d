//! A value as the language writes it, so that it can be read back wherever the language has a literal for it.
//!
//! | value | written |
//! |---|---|
//! | known exactly | `true`, `2.5`, `12 'g/dL'`, `3 months`, `@2026-11`, `'b_all'`, `{ 1, 2 }` |
//! | not known | `null` |
//! | within bounds | `Interval[1, 3]`, as it may stand behind `in`; `null` is no limit |
//! | one of several | `one of { 1, 2 }` |
//! | a list known in part | `{ 1, perhaps 2, … }` |
//! | an item of a list | `{ kind: 'chemotherapy', cycles: 4 }` |

use rust_decimal::Decimal;

use super::Type;
use crate::value::bounds::End;
use crate::value::{Bounds, Value, date};

/// Writes a value of a type.
#[must_use]
pub fn write(value: &Value, kind: &Type) -> String {
    match (value, kind) {
        (Value::Null(_), _) => "null".to_owned(),
        (Value::Boolean(value), _) => value.to_string(),
        (Value::Number(bounds), Type::Quantity(measure)) => range(bounds, |number: Decimal| {
            format!("{} {}", number.normalize(), text(&measure.unit))
        }),
        (Value::Number(bounds), _) => range(bounds, |number| number.normalize().to_string()),
        (Value::Duration(bounds), _) => range(bounds, |duration| duration.to_string()),
        (Value::Date(bounds), _) => match date::format(bounds) {
            whole if date::parse(&whole).is_ok() => format!("@{whole}"),
            _ => range(bounds, |date| format!("@{date}")),
        },
        (Value::Code(code), Type::Code(set)) => set
            .values
            .get(usize::from(code.index))
            .map_or("null".to_owned(), |value| text(&value.name)),
        (Value::Code(code), _) => code.index.to_string(),
        (Value::Text(value), _) => text(value),
        (Value::List(list), kind) => {
            let element = match kind {
                Type::List(element) => element,
                other => other,
            };
            let certain = |certain: bool| if certain { "" } else { "perhaps " };
            let mut elements: Vec<String> = list
                .elements
                .iter()
                .map(|one| format!("{}{}", certain(one.certain), write(&one.value, element)))
                .collect();
            elements.extend(list.open.then(|| "…".to_owned()));
            if elements.is_empty() {
                "{ }".to_owned()
            } else {
                format!("{{ {} }}", elements.join(", "))
            }
        }
        (Value::Item(values), Type::Item(item)) => {
            let fields: Vec<String> = item
                .fields()
                .iter()
                .zip(values.iter())
                .map(|(field, value)| {
                    format!("{}: {}", field.name(), write(value, &Type::of(field)))
                })
                .collect();
            format!("{{ {} }}", fields.join(", "))
        }
        (Value::Item(_), _) => "an item".to_owned(),
        (Value::OneOf(values), kind) => {
            let values: Vec<String> = values.iter().map(|value| write(value, kind)).collect();
            format!("one of {{ {} }}", values.join(", "))
        }
    }
}

/// In what way a value is known only in part. A partial date is written as one, and says so itself.
#[must_use]
pub fn doubts(value: &Value) -> Vec<&'static str> {
    let mut found = Vec::new();
    collect(value, &mut found);
    found
}

fn collect(value: &Value, found: &mut Vec<&'static str>) {
    let mut add = |doubt| {
        if !found.contains(&doubt) {
            found.push(doubt);
        }
    };
    match value {
        Value::Number(bounds) if bounds.value().is_none() => add("known only within these bounds"),
        Value::Duration(bounds) if bounds.value().is_none() => {
            add("known only within these bounds")
        }
        Value::Date(bounds) if bounds.value().is_none() => add("the day is not known"),
        Value::OneOf(values) => {
            add("one of these, and it is not known which");
            values.iter().for_each(|value| collect(value, found));
        }
        Value::List(list) => {
            if list.elements.iter().any(|element| !element.certain) {
                add("`perhaps`: it is not known whether this item belongs to the list");
            }
            if list.open {
                add("`…`: the list is not complete");
            }
            list.elements
                .iter()
                .for_each(|element| collect(&element.value, found));
        }
        Value::Item(values) => values.iter().for_each(|value| collect(value, found)),
        _ => {}
    }
}

fn range<T: Copy + PartialEq>(bounds: &Bounds<T>, write: impl Fn(T) -> String) -> String {
    if let Some(value) = bounds.value() {
        return write(value);
    }
    let end = |end: Option<End<T>>| end.map_or("null".to_owned(), |end| write(end.value));
    let open = |end: Option<End<T>>| end.is_some_and(|end| !end.inclusive);
    let (left, right) = (
        if open(bounds.low) { '(' } else { '[' },
        if open(bounds.high) { ')' } else { ']' },
    );
    format!(
        "Interval{left}{}, {}{right}",
        end(bounds.low),
        end(bounds.high)
    )
}

/// A text in single quotes.
fn text(text: &str) -> String {
    let mut written = String::from("'");
    for character in text.chars() {
        match character {
            '\'' | '\\' => written.extend(['\\', character]),
            '\n' => written.push_str("\\n"),
            '\t' => written.push_str("\\t"),
            '\r' => written.push_str("\\r"),
            other if other.is_control() => {
                written.push_str(&format!("\\u{:04x}", u32::from(other)))
            }
            other => written.push(other),
        }
    }
    written.push('\'');
    written
}
