//! The `facts` of a trial file → the declared [`Facts`].

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::allow;
use crate::cql::parser;
use crate::diagnostic::lookalike;
use crate::document::spans::EntrySpan;
use crate::document::{Content, Key, Node};
use crate::facts::{CodeValue, Fact, Facts, ItemKind, Kind, Measure, RESERVED, Stage, ValueSet};
use crate::shape::{Fields, NodeReader};
use crate::units::{self, Factor, Unit};
use crate::value::bounds::End;
use crate::value::{Bounds, Duration, date, number};

pub(crate) const TYPES: [&str; 9] = [
    "boolean", "integer", "decimal", "quantity", "duration", "date", "code", "text", "list",
];
pub(crate) const KEYS: [&str; 20] = [
    "type",
    "label",
    "ask",
    "stage",
    "obtain",
    "note",
    "values",
    "unit",
    "units",
    "bare",
    "range",
    "limits",
    "codes",
    "judgement",
    "measured",
    "supporting",
    "future",
    "alone",
    "item",
    "allow",
];

/// Reads the tree of facts.
pub fn read(reader: &mut NodeReader<'_>, node: &Node, facts: &mut Facts) {
    if let Some(entries) = reader.entries(node, "`facts`") {
        group(reader, entries, "", facts);
    }
}

/// Whether `name` is written as names of facts and definitions are.
#[must_use]
pub fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn group(reader: &mut NodeReader<'_>, entries: &[(Key, Node)], prefix: &str, facts: &mut Facts) {
    for (key, node) in entries {
        if reader.full() {
            break;
        }
        if key.name == "label" && !prefix.is_empty() && node.scalar().is_some() {
            let label = reader.text(node, "`label`");
            facts
                .groups
                .insert(prefix.trim_end_matches('.').to_owned(), label);
            continue;
        }
        check_name(reader, key, !prefix.is_empty());
        if prefix.is_empty() && RESERVED.contains(&key.name.as_str()) {
            reader.fault(
                "bad-name",
                &key.span,
                format!(
                    "`{}` cannot be a fact: every record has a key of that name",
                    key.name
                ),
                None,
            );
        }
        let path = format!("{prefix}{}", key.name);
        let is_fact = node.get("type").is_some_and(|kind| kind.scalar().is_some());
        if is_fact {
            if let Some(fact) = fact(reader, path.clone(), EntrySpan::of(key, node), node, false)
                && !facts.add(fact)
            {
                reader.fault(
                    "duplicate-id",
                    &key.span,
                    format!("`{path}` is declared twice"),
                    None,
                );
            }
        } else if let Some(entries) = reader.entries(
            node,
            &format!("`{path}` (a group of facts, since it has no `type`)"),
        ) {
            // A group holds facts and its label; whoever writes a question or a range meant a fact.
            if entries.iter().any(|(key, node)| {
                matches!(key.name.as_str(), "ask" | "values" | "range" | "unit")
                    && !is_declaration(node)
            }) {
                reader.error(
                    &key.span,
                    format!("`{path}` has no `type`"),
                    Some(format!("write one of {}", TYPES.join(", "))),
                );
                continue;
            }
            facts.groups.entry(path.clone()).or_insert(None);
            group(reader, entries, &format!("{path}."), facts);
        }
    }
}

/// Whether it may stand for a fact or a group of facts.
fn is_declaration(node: &Node) -> bool {
    node.get("type").is_some()
        || node
            .mapping()
            .is_some_and(|entries| entries.iter().any(|(_, node)| node.mapping().is_some()))
}

fn check_name(reader: &mut NodeReader<'_>, key: &Key, behind_a_dot: bool) {
    if !is_name(&key.name) {
        let help = lookalike::explain(&key.name)
            .unwrap_or_else(|| "names are lower-case letters a to z, digits and `_`".into());
        reader.fault(
            "bad-name",
            &key.span,
            format!("`{}` cannot be a name", key.name),
            Some(help),
        );
    } else if !parser::may_name(&key.name, behind_a_dot) {
        reader.fault(
            "bad-name",
            &key.span,
            format!("`{}` is a keyword of the expression language", key.name),
            Some("choose another name".into()),
        );
    }
}

fn fact(
    reader: &mut NodeReader<'_>,
    path: String,
    span: EntrySpan,
    node: &Node,
    inside_item: bool,
) -> Option<Fact> {
    let what = format!("`{path}`");
    let fields = reader.fields(node, &what, &KEYS)?;
    allow::check(reader, fields);
    let type_node = fields.get("type")?;
    let type_name = reader.text(type_node, "`type`")?;
    if !TYPES.contains(&type_name.as_str()) {
        reader.error(
            &type_node.span,
            format!("there is no type `{type_name}`"),
            crate::diagnostic::did_you_mean(&type_name, TYPES),
        );
        return None;
    }
    check_keys(reader, fields, &type_name, inside_item);
    let kind = match type_name.as_str() {
        "boolean" => boolean(reader, fields),
        "integer" => Kind::Integer(number_range(reader, fields, "range")),
        "decimal" => Kind::Decimal(number_range(reader, fields, "range")),
        "quantity" => quantity(reader, fields, &what)?,
        "duration" => Kind::Duration(range(reader, fields, "range", Duration::parse, longer)),
        "date" => Kind::Date(range(reader, fields, "range", whole_date, |left, right| {
            left > right
        })),
        "code" => Kind::Code(value_set(reader, fields, &what)?),
        "text" => Kind::Text,
        _ => Kind::List(item(reader, fields, &path, &span, inside_item)?),
    };
    let label = reader.optional_text(fields, "label");
    if label.is_none() && !inside_item {
        reader.error(
            &fields.span(),
            format!("{what} needs a `label`, the short name that a report uses"),
            None,
        );
    }
    let name = path.rsplit('.').next().unwrap_or(&path).replace('_', " ");
    Some(Fact {
        label: label.unwrap_or(name),
        ask: reader.optional_text(fields, "ask"),
        stage: stage(reader, fields),
        obtain: reader.optional_text(fields, "obtain"),
        note: reader.optional_text(fields, "note"),
        codes: codes(reader, fields),
        judgement: reader.flag(fields, "judgement"),
        measured: reader.flag(fields, "measured"),
        supporting: reader.flag(fields, "supporting"),
        future: reader.flag(fields, "future"),
        alone: reader.flag(fields, "alone"),
        kind,
        path,
        span: Box::new(span),
    })
}

/// That each key goes with the type, and with where the fact stands.
fn check_keys(reader: &mut NodeReader<'_>, fields: Fields<'_>, type_name: &str, inside_item: bool) {
    for (key, types) in [
        ("values", &["code", "boolean"][..]),
        ("unit", &["quantity"]),
        ("units", &["quantity"]),
        ("bare", &["quantity"]),
        ("limits", &["quantity"]),
        (
            "range",
            &["integer", "decimal", "quantity", "duration", "date"],
        ),
        ("item", &["list"]),
        ("future", &["date"]),
    ] {
        if let Some(node) = fields.get(key).filter(|_| !types.contains(&type_name)) {
            reader.error(
                &node.span,
                format!("`{key}` does not go with type {type_name}"),
                Some(format!("it goes with {}", types.join(", "))),
            );
        }
    }
    if let Some(node) = fields.get("alone").filter(|_| !inside_item) {
        let help = "it says of a field that an item may be written as its value alone";
        let message = "`alone` belongs to a field of an item";
        reader.error(&node.span, message, Some(help.into()));
    }
    for key in ["stage", "obtain"] {
        if let Some(node) = fields.get(key).filter(|_| inside_item) {
            let help = format!("write `{key}` beside `item`, for the list as a whole");
            let message = format!("`{key}` does not belong to a field of an item");
            reader.error(&node.span, message, Some(help));
        }
    }
}

fn stage(reader: &mut NodeReader<'_>, fields: Fields<'_>) -> Option<Stage> {
    let node = fields.get("stage")?;
    let name = reader.text(node, "`stage`")?;
    let stage = Stage::parse(&name);
    if stage.is_none() {
        let names = Stage::ALL.map(Stage::name);
        reader.error(
            &node.span,
            format!("`{name}` is not a stage"),
            crate::diagnostic::did_you_mean(&name, names),
        );
    }
    stage
}

fn boolean(reader: &mut NodeReader<'_>, fields: Fields<'_>) -> Kind {
    let (mut yes, mut no) = ("yes".to_owned(), "no".to_owned());
    if let Some(node) = fields.get("values")
        && let Some(values) = reader.fields(node, "`values` of a boolean", &["yes", "no"])
    {
        yes = reader.optional_text(values, "yes").unwrap_or(yes);
        no = reader.optional_text(values, "no").unwrap_or(no);
    }
    Kind::Boolean { yes, no }
}

fn quantity(reader: &mut NodeReader<'_>, fields: Fields<'_>, what: &str) -> Option<Kind> {
    let node = reader.required(fields, "unit", what)?;
    let unit = reader.text(node, "`unit`")?;
    let known = Unit::parse(&unit)
        .map_err(|problem| reader.error(&node.span, problem.message, problem.help))
        .is_ok();
    let mut measure = Measure {
        unit,
        bare: reader.flag(fields, "bare"),
        range: number_range(reader, fields, "range"),
        limits: number_range(reader, fields, "limits"),
        ..Measure::default()
    };
    match fields.get("units").map(|node| (&node.content, node)) {
        // Without factors: UCUM knows them.
        Some((Content::Sequence(nodes), _)) => {
            for node in nodes {
                let Some(other) = reader.text(node, "a unit") else {
                    continue;
                };
                let factor = if known {
                    by_ucum(reader, &measure.unit, &other, &node.span)
                } else {
                    None
                };
                add_unit(reader, &mut measure, &other, &node.span, factor);
            }
        }
        Some((_, node)) => {
            for (key, node) in reader.entries(node, "`units`").unwrap_or_default() {
                let factor = match &node.content {
                    Content::Null if known => by_ucum(reader, &measure.unit, &key.name, &key.span),
                    Content::Null => None,
                    Content::Mapping(_) => {
                        if let Some((factor, offset)) = shifted_unit(reader, node, &key.name)
                            && !is_declared_twice(reader, &measure, &key.name, &key.span)
                        {
                            measure.shifted.push((key.name.clone(), factor, offset));
                        }
                        continue;
                    }
                    _ => declared_factor(reader, &measure.unit, &key.name, node),
                };
                add_unit(reader, &mut measure, &key.name, &key.span, factor);
            }
        }
        None => {}
    }
    Some(Kind::Quantity(Arc::new(measure)))
}

fn add_unit(
    reader: &mut NodeReader<'_>,
    measure: &mut Measure,
    other: &str,
    span: &Range<usize>,
    factor: Option<Factor>,
) {
    if !is_declared_twice(reader, measure, other, span)
        && let Some(factor) = factor
    {
        measure.others.push((other.to_owned(), factor));
    }
}

fn is_declared_twice(
    reader: &mut NodeReader<'_>,
    measure: &Measure,
    other: &str,
    span: &Range<usize>,
) -> bool {
    let twice = measure.units().any(|unit| unit == other);
    if twice {
        reader.error(
            span,
            format!("`{other}` is declared twice"),
            Some("write each unit once".into()),
        );
    }
    twice
}

/// A unit with a zero of its own: `{ factor: 0.09148, offset: 2.152 }`.
fn shifted_unit(reader: &mut NodeReader<'_>, node: &Node, unit: &str) -> Option<(Factor, Decimal)> {
    let what = format!("unit `{unit}`");
    let fields = reader.fields(node, &what, &["factor", "offset"])?;
    let mut number = |key: &str| {
        let node = reader.required(fields, key, &what)?;
        let text = reader.text(node, &format!("`{key}`"))?;
        number::parse(&text)
            .map_err(|message| {
                let help = "the value is FACTOR times the number, plus OFFSET";
                reader.error(&node.span, message, Some(help.into()));
            })
            .ok()
            .map(|number| (number, node.span.clone()))
    };
    let (factor, offset) = (number("factor"), number("offset"));
    let ((factor, span), (offset, _)) = (factor?, offset?);
    let declared = Factor::declared(factor);
    if declared.is_none() {
        reader.error(&span, "a factor is more than 0", None);
    }
    Some((declared?, offset))
}

/// The factor of a unit that the trial file names without one.
fn by_ucum(
    reader: &mut NodeReader<'_>,
    unit: &str,
    other: &str,
    span: &Range<usize>,
) -> Option<Factor> {
    if let Err(problem) = Unit::parse(other) {
        reader.error(
            span,
            problem.message,
            problem.help.or_else(|| {
                Some(format!(
                    "declare its factor: `units: {{ {other}: FACTOR }}`"
                ))
            }),
        );
        return None;
    }
    units::factor(other, unit)
        .map_err(|why| {
            reader.error(
                span,
                format!("`{other}` cannot be turned into `{unit}`"),
                Some(units::lookalike(other).unwrap_or_else(|| why.help().into())),
            )
        })
        .ok()
}

/// A factor that the trial file gives. Where UCUM knows one, it must be the same.
fn declared_factor(
    reader: &mut NodeReader<'_>,
    unit: &str,
    other: &str,
    node: &Node,
) -> Option<Factor> {
    let text = reader.text(node, "a factor")?;
    let Some(factor) = number::parse(&text).ok().and_then(Factor::declared) else {
        let help = format!("write the number which turns a value in `{other}` into `{unit}`");
        reader.error(&node.span, format!("`{text}` is not a factor"), Some(help));
        return None;
    };
    match units::factor(other, unit) {
        Ok(known)
            if known != factor
                && !known
                    .apply(Decimal::ONE)
                    .is_some_and(|rounded| factor.is_near(rounded)) =>
        {
            let help = known.apply(Decimal::ONE).map(|right| {
                format!(
                    "1 {other} is {} {unit}; leave the factor out, or write that",
                    right.normalize()
                )
            });
            reader.error(
                &node.span,
                format!("`{text}` is not the factor from `{other}` to `{unit}`"),
                help,
            );
            None
        }
        Err(why) if units::differ_in_zero(other, unit, why) => {
            reader.error(
                &node.span,
                format!("no factor turns `{other}` into `{unit}`: what is 0 in one need not be 0 in the other"),
                Some(format!(
                    "write what is added too: `{other}: {{ factor: FACTOR, offset: OFFSET }}`; HbA1c in % is 0.09148 times mmol/mol, plus 2.152"
                )),
            );
            None
        }
        // UCUM knows it to the last digit.
        Ok(known) => Some(known),
        Err(_) => Some(factor),
    }
}

fn value_set(reader: &mut NodeReader<'_>, fields: Fields<'_>, what: &str) -> Option<Arc<ValueSet>> {
    let node = reader.required(fields, "values", what)?;
    let entries = reader.entries(node, "`values`")?;
    let mut values = Vec::new();
    for (key, node) in entries {
        if !is_name(&key.name) {
            let help = lookalike::explain(&key.name)
                .unwrap_or_else(|| "values are lower-case letters a to z, digits and `_`".into());
            reader.fault(
                "bad-name",
                &key.span,
                format!("`{}` cannot be a value", key.name),
                Some(help),
            );
        }
        values.push(match &node.content {
            Content::Mapping(_) => {
                let Some(fields) = reader.fields(
                    node,
                    &format!("value `{}`", key.name),
                    &["label", "unclear", "note", "codes"],
                ) else {
                    continue;
                };
                CodeValue {
                    name: key.name.clone(),
                    label: reader
                        .optional_text(fields, "label")
                        .unwrap_or_else(|| key.name.replace('_', " ")),
                    unclear: reader.flag(fields, "unclear"),
                    note: reader.optional_text(fields, "note"),
                    codes: codes(reader, fields),
                }
            }
            _ => CodeValue {
                name: key.name.clone(),
                label: reader
                    .text(node, "the label of a value")
                    .unwrap_or_default(),
                unclear: false,
                note: None,
                codes: BTreeMap::new(),
            },
        });
    }
    if values.is_empty() {
        reader.error(&node.span, format!("{what} needs at least one value"), None);
        return None;
    }
    if values.len() > usize::from(u16::MAX) {
        let help = "what has so many values is a text, or a list of codes kept elsewhere";
        reader.fault(
            "too-large",
            &node.span,
            format!("{what} has more than {} values", u16::MAX),
            Some(help.into()),
        );
        return None;
    }
    Some(Arc::new(ValueSet { values }))
}

fn item(
    reader: &mut NodeReader<'_>,
    fields: Fields<'_>,
    path: &str,
    span: &EntrySpan,
    inside_item: bool,
) -> Option<Arc<ItemKind>> {
    let node = reader.required(fields, "item", &format!("`{path}`"))?;
    if inside_item {
        reader.error(
            &node.span,
            "a list inside the items of a list",
            Some("give the inner list a fact of its own".into()),
        );
        return None;
    }
    let is_single = node.get("type").is_some_and(|kind| kind.scalar().is_some());
    check_alone(reader, node, is_single);
    if is_single {
        return fact(reader, path.to_owned(), span.clone(), node, true)
            .map(|fact| Arc::new(ItemKind::Single(fact)));
    }
    let entries = reader.entries(node, "`item`")?;
    let mut items = Vec::new();
    for (key, node) in entries {
        check_name(reader, key, true);
        if matches!(key.name.as_str(), "by" | "source" | "note") {
            reader.error(
                &key.span,
                format!(
                    "`{}` cannot be a field: every item may carry it as evidence",
                    key.name
                ),
                None,
            );
        }
        if node.get("type").is_none() {
            reader.error(
                &key.span,
                format!("field `{}` has no `type`", key.name),
                Some(format!("write one of {}", TYPES.join(", "))),
            );
        }
        let path = format!("{path}.{}", key.name);
        items.extend(fact(reader, path, EntrySpan::of(key, node), node, true));
    }
    Some(Arc::new(ItemKind::Fields(items)))
}

/// `alone` belongs to one field of items that have several.
fn check_alone(reader: &mut NodeReader<'_>, item: &Node, is_single: bool) {
    if is_single {
        if let Some(alone) = item.get("alone") {
            let help = "an item of a single value is written so anyway: take it away";
            reader.error(
                &alone.span,
                "`alone` belongs to a field of an item",
                Some(help.into()),
            );
        }
        return;
    }
    let fields = item.mapping().unwrap_or_default().iter();
    let alone = fields.filter_map(|(_, field)| field.get("alone"));
    let is_true = |node: &&Node| node.scalar().is_some_and(|scalar| scalar.text == "true");
    for second in alone.filter(is_true).skip(1) {
        reader.error(
            &second.span,
            "a second field is `alone`",
            Some("an item without its fields can be the value of one field only".into()),
        );
    }
}

fn codes(reader: &mut NodeReader<'_>, fields: Fields<'_>) -> BTreeMap<String, String> {
    let Some(node) = fields.get("codes") else {
        return BTreeMap::new();
    };
    let entries = reader.entries(node, "`codes`").unwrap_or_default();
    entries
        .iter()
        .filter_map(|(key, node)| Some((key.name.clone(), reader.text(node, "a code")?)))
        .collect()
}

fn number_range(
    reader: &mut NodeReader<'_>,
    fields: Fields<'_>,
    key: &str,
) -> Option<Bounds<Decimal>> {
    range(reader, fields, key, number::parse, |left, right| {
        left > right
    })
}

fn whole_date(text: &str) -> Result<Date, String> {
    date::parse(text)?
        .value()
        .ok_or_else(|| format!("`{text}` is not a whole date"))
}

/// A plausible range: `0..5`, `0 days..20 years`, with an open end `0..`.
fn range<T: Copy>(
    reader: &mut NodeReader<'_>,
    fields: Fields<'_>,
    key: &str,
    parse: impl Fn(&str) -> Result<T, String>,
    after: impl Fn(T, T) -> bool,
) -> Option<Bounds<T>> {
    let node = fields.get(key)?;
    let text = reader.text(node, &format!("`{key}`"))?;
    let ends = match number::ends(&text) {
        Ok(ends) => ends,
        Err(message) => {
            reader.error(&node.span, message, Some(number::TWO_DOTS.into()));
            return None;
        }
    };
    let Some((low, high)) = ends else {
        reader.error(
            &node.span,
            format!("`{text}` is not a range"),
            Some("write the least and the greatest plausible value: `0..5`".into()),
        );
        return None;
    };
    let mut end = |text: &str| match text.trim() {
        "" => Some(None),
        text => match parse(text) {
            Ok(value) => Some(Some(End {
                value,
                inclusive: true,
            })),
            Err(message) => {
                reader.error(&node.span, message, None);
                None
            }
        },
    };
    let bounds = Bounds {
        low: end(low)?,
        high: end(high)?,
    };
    let turned = bounds
        .low
        .zip(bounds.high)
        .is_some_and(|(low, high)| after(low.value, high.value));
    if turned {
        let help = format!(
            "write the least plausible value first: `{}..{}`",
            high.trim(),
            low.trim()
        );
        reader.error(
            &node.span,
            format!("the range `{text}` is empty"),
            Some(help),
        );
    }
    Some(bounds)
}

/// Whether one duration is longer than another, from whatever day they are counted.
fn longer(left: Duration, right: Duration) -> bool {
    left.order(right) == Some(std::cmp::Ordering::Greater)
}
