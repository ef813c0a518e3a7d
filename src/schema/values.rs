//! The forms that a value may be written in, as schemas.
//!
//! An editor reads a record as YAML 1.2: `yes` and `2026-11-20` are texts to it, `2026` and `5` are numbers.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Map, Value as Json, json};

use super::{escaped, merged};
use crate::facts::{Fact, ItemKind, Kind, Measure, ValueSet};
use crate::value::Bounds;

const NUMBER: &str = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?";
const WHOLE_NUMBER: &str = r"[+-]?[0-9]+(\.0*|\.?[0-9]*[eE][+-]?[0-9]+)?";
const DURATION: &str =
    r"\+?[0-9]+\s+(year|month|week|day)s?,?(\s+\+?[0-9]+\s+(year|month|week|day)s?,?)*";
/// A day that some year has.
pub const DAY: &str = "[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))";

/// A text that is just this, whatever space is around it.
pub fn whole(pattern: &str) -> String {
    format!(r"^\s*({pattern})\s*$")
}

/// A duration such as `3 months`, without bounds.
pub fn duration() -> Json {
    spelled("a duration", whole(DURATION), &["14 days", "3 months"])
}

/// `x`, `>= x`, `x..y`; in a range the first end may be written as `first`.
fn bounded(value: &str, first: &str) -> String {
    format!(
        r"^\s*((>=|≥|>|<=|≤|<)\s*)?({value})\s*$|^(?!.*\.\s*\.\s*\.)\s*({first})\s*\.\.\s*({value})\s*$"
    )
}

/// A text of a form that an editor can only tell by examples.
fn spelled(title: &str, pattern: String, examples: &[&str]) -> Json {
    let quoted: Vec<String> = examples
        .iter()
        .map(|example| format!("`{example}`"))
        .collect();
    let message = format!("write {title}: {}", quoted.join(" or "));
    json!({ "title": title, "type": "string", "pattern": pattern, "patternErrorMessage": message, "examples": examples })
}

/// Nothing, which a record may say of every fact.
pub fn not_recorded() -> Json {
    json!({ "title": "not recorded", "type": "null" })
}

fn unknown() -> Json {
    json!({ "title": "not known", "description": "asked, and nobody knows", "const": "unknown" })
}

/// The values of a fact, without evidence; `item` is the schema of an item if it is a list.
pub fn plain(fact: &Fact, item: Option<Json>) -> Json {
    let mut forms = match &fact.kind {
        Kind::Boolean { yes, no } => boolean(yes, no),
        Kind::Integer(range) => vec![
            number("integer", range.as_ref()),
            spelled(
                "bounds",
                bounded(WHOLE_NUMBER, WHOLE_NUMBER),
                &[">= 1", "1..2"],
            ),
        ],
        Kind::Decimal(range) => vec![
            number("number", range.as_ref()),
            spelled("bounds", bounded(NUMBER, NUMBER), &[">= 1.5", "1.5..2"]),
        ],
        Kind::Quantity(measure) => quantity(measure, measure.units().count() > 1 && !measure.bare),
        Kind::Duration(_) => vec![spelled(
            "a duration, exact or within bounds",
            bounded(DURATION, &format!(r"{DURATION}|[+-]?[0-9]+")),
            &["3 months", "90 days", ">= 6 months"],
        )],
        Kind::Date(_) => date(),
        Kind::Code(set) => codes(set),
        Kind::Text => vec![json!({ "type": ["string", "number", "boolean"] })],
        Kind::List(_) => vec![json!({
            "title": "all there are; [] says that there are none",
            "type": "array",
            "items": item.unwrap_or(Json::Bool(true)),
        })],
    };
    if !matches!(&fact.kind, Kind::Code(set) if set.position("unknown").is_some()) {
        forms.push(unknown());
    }
    forms.push(not_recorded());
    json!({ "anyOf": forms })
}

/// A boolean and the words for it.
fn boolean(yes: &str, no: &str) -> Vec<Json> {
    vec![
        json!({ "title": yes, "const": "yes" }),
        json!({ "title": no, "const": "no" }),
        json!({ "type": "boolean" }),
        json!({ "type": "string", "pattern": whole("[Yy][Ee][Ss]|[Nn][Oo]|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]") }),
    ]
}

/// `yes` or `no` where the program itself asks.
pub fn yes_or_no(description: &str) -> Json {
    json!({ "description": description, "enum": ["yes", "no", true, false, "true", "false"] })
}

fn number(kind: &str, range: Option<&Bounds<Decimal>>) -> Json {
    merged(json!({ "type": kind }), limits(range))
}

/// The plausible range.
fn limits(range: Option<&Bounds<Decimal>>) -> Json {
    let mut limits = Map::new();
    if let Some(range) = range {
        for (key, end) in [("minimum", range.low), ("maximum", range.high)] {
            limits.extend(end.map(|end| (key.to_owned(), as_number(end.value))));
        }
    }
    Json::Object(limits)
}

fn as_number(value: Decimal) -> Json {
    match value.to_i64().filter(|_| value.fract().is_zero()) {
        Some(whole) => whole.into(),
        None => value.to_f64().into(),
    }
}

fn quantity(measure: &Measure, unit_needed: bool) -> Vec<Json> {
    let units: Vec<String> = measure.units().map(escaped).collect();
    let unit = format!(r"\s*({})", units.join("|"));
    let optional = format!("({unit})?");
    let behind = if unit_needed { &unit } else { &optional };
    let mut forms = Vec::new();
    if !unit_needed {
        let number = json!({ "title": format!("a number in {}", measure.unit), "type": "number" });
        forms.push(merged(number, limits(measure.range.as_ref())));
    }
    let low = measure.range.as_ref().and_then(|range| range.low);
    let first = low.map_or(Decimal::ONE, |end| end.value).max(Decimal::ONE);
    let exact = format!("{} {}", first.normalize(), measure.unit);
    let pattern = bounded(
        &format!("({NUMBER}){behind}"),
        &format!("({NUMBER}){optional}"),
    );
    forms.push(spelled(
        "a number with its unit, exact or within bounds",
        pattern,
        &[&exact, &format!(">= {exact}")],
    ));
    forms
}

/// The unit beside a value, and what follows from it: keys of a map that holds `value` and `unit`.
pub fn with_unit(measure: &Measure, properties: &mut Map<String, Json>) -> Option<Json> {
    let units: Vec<&str> = measure.units().collect();
    properties.insert("unit".into(), json!({ "title": "Unit", "description": "of `value` and the limits of normal", "enum": units }));
    if units.len() < 2 {
        return None;
    }
    // Beside a unit, the number stands alone.
    let forms = quantity(measure, false);
    let bare = json!({ "type": "number", "title": "a number in `unit`" });
    let alone = json!({ "anyOf": [{ "type": "number" }, { "type": "string", "pattern": bounded(NUMBER, NUMBER) }] });
    let value: Vec<Json> = std::iter::once(bare)
        .chain(forms.into_iter().skip(1))
        .chain([unknown(), not_recorded()])
        .collect();
    properties.insert("value".into(), json!({ "title": "Value", "anyOf": value }));
    let needs_unit = json!({ "if": { "properties": { "value": alone }, "required": ["value"] }, "then": { "required": ["unit"] } });
    let in_range = json!({
        "if": { "properties": { "unit": { "const": measure.unit } }, "required": ["unit"] },
        "then": { "properties": { "value": limits(measure.range.as_ref()) } },
    });
    Some(if measure.bare {
        json!([in_range])
    } else {
        json!([needs_unit, in_range])
    })
}

/// A limit of normal: one number.
pub fn limit(fact: &Fact, which: &str) -> Json {
    let unit = match &fact.kind {
        Kind::Quantity(measure) => format!(
            r"(\s*({}))?",
            measure.units().map(escaped).collect::<Vec<_>>().join("|")
        ),
        _ => String::new(),
    };
    json!({
        "title": which,
        "anyOf": [{ "type": "number" }, { "type": "string", "pattern": whole(&format!("({NUMBER}){unit}")) }],
    })
}

/// A date, whole or in part, or bounds of one.
pub fn date() -> Vec<Json> {
    let any = format!("({DAY}|[0-9]{{4}}-(0[1-9]|1[0-2])|[0-9]{{4}})");
    vec![
        spelled(
            "YYYY-MM-DD, or YYYY-MM where the day is not known",
            bounded(&any, &any),
            &["2026-11-20", "2026-11"],
        ),
        json!({ "title": "YYYY", "type": "integer", "minimum": 1000, "maximum": 9999 }),
    ]
}

/// The screening date, or another that needs its day.
pub fn whole_date() -> Json {
    json!({ "title": "YYYY-MM-DD", "type": "string", "pattern": format!("^{DAY}$") })
}

/// Each declared value with its label.
fn codes(set: &ValueSet) -> Vec<Json> {
    let mut forms = Vec::new();
    for value in &set.values {
        // Editors show the one or the other.
        let mut about = vec![value.label.clone()];
        if value.unclear {
            about.push("A result that settles nothing.".into());
        }
        about.extend(value.note.clone());
        about.extend(standard_codes(&value.codes));
        forms.push(
            json!({ "title": value.label, "description": about.join("\n"), "const": value.name }),
        );
        // YAML has a meaning of its own for these words.
        if let "true" | "false" = value.name.as_str() {
            forms.push(json!({ "title": value.label, "const": value.name == "true" }));
        }
    }
    let spelled: Vec<String> = set.names().map(|name| name.replace('_', "[_-]")).collect();
    forms.push(
        json!({ "title": "with - for _", "type": "string", "pattern": whole(&spelled.join("|")) }),
    );
    forms
}

/// Standard codes in words.
pub fn standard_codes(codes: &std::collections::BTreeMap<String, String>) -> Option<String> {
    let each: Vec<String> = codes
        .iter()
        .map(|(system, code)| format!("{system} {code}"))
        .collect();
    (!each.is_empty()).then(|| format!("Codes: {}.", each.join(", ")))
}

/// Whether the items of a list have fields.
pub fn fields(kind: &Kind) -> &[Fact] {
    match kind {
        Kind::List(item) => item.fields(),
        _ => &[],
    }
}

/// The fact that each item of a list of single values is.
pub fn single(kind: &Kind) -> Option<&Fact> {
    match kind {
        Kind::List(item) => match &**item {
            ItemKind::Single(fact) => Some(fact),
            ItemKind::Fields(_) => None,
        },
        _ => None,
    }
}
