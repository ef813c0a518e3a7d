//! Made-up candidates for any trial: a value of its type for each declared fact, with all that a
//! record may say about it.

use eligo::facts::{Fact, Facts, ItemKind, Kind, Measure};
use eligo::trial::Trial;
use eligo::value::{Absent, Bounds};
use jiff::ToSpan as _;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Map, Value as Json, json};

use crate::Random;

/// Writes the records of a trial.
pub struct Records<'t> {
    trial: &'t Trial,
    /// Neither evidence nor causes, bounds, units or partial dates.
    plain: bool,
    /// Share of the facts that are missing.
    missing: f64,
}

/// The causes that somebody gives for a fact that is missing.
const CAUSES: [&str; 4] = ["not_performed", "temp_unknown", "unknown", "asked_declined"];

impl<'t> Records<'t> {
    pub fn new(trial: &'t Trial, plain: bool, missing: f64) -> Self {
        debug_assert!(
            CAUSES
                .iter()
                .all(|cause| Absent::from_code(cause).is_some())
        );
        Self {
            trial,
            plain,
            missing,
        }
    }

    pub fn record(&self, row: u64, day: Date, random: &mut Random) -> Map<String, Json> {
        let mut record = Map::new();
        record.insert("candidate".into(), format!("C-{row:07}").into());
        record.insert("screened_on".into(), day.to_string().into());
        for (_, fact) in self.trial.facts.iter() {
            if let Some(value) = self.fact(fact, day, random) {
                insert(&mut record, &fact.path, value);
            }
        }
        record
    }

    /// A fact, with its evidence or without.
    fn fact(&self, fact: &Fact, day: Date, random: &mut Random) -> Option<Json> {
        if random.chance(self.missing) {
            let stated = !self.plain && random.chance(0.5);
            return stated.then(|| json!({ "missing": random.one_of(&CAUSES) }));
        }
        if let Kind::List(kind) = &fact.kind {
            let count = random.weighted(&[(30, 0), (40, 1), (20, 2), (10, 3)]);
            let items = (0..count).map(|_| self.item(kind, day, random));
            return Some(Json::Array(items.collect()));
        }
        let mut about = Map::new();
        let value = self.value(fact, day, random, &mut about);
        if !self.plain {
            self.evidence(fact, &value, day, random, &mut about);
        }
        if about.is_empty() {
            return Some(value);
        }
        let mut entry = Map::new();
        entry.insert("value".into(), value);
        entry.append(&mut about);
        Some(entry.into())
    }

    fn evidence(
        &self,
        fact: &Fact,
        value: &Json,
        day: Date,
        random: &mut Random,
        about: &mut Map<String, Json>,
    ) {
        if fact.judgement || random.chance(0.4) {
            let date = day.saturating_sub(random.between(0, 60).days());
            about.insert("date".into(), date.to_string().into());
            let by = format!("investigator-{}", random.between(1, 9));
            about.insert("by".into(), by.into());
        }
        if random.chance(0.05) {
            about.insert("source".into(), "laboratory report".into());
        }
        let is_result = fact.measured || matches!(fact.kind, Kind::Quantity(_));
        // A bound is a text with a unit of its own, and stands here without limits.
        if is_result
            && !value.is_string()
            && random.chance(0.8)
            && let Some((low, high)) = ends(&fact.kind)
        {
            // Limits are in the unit that is written beside the value.
            let unit = about.get("unit").and_then(Json::as_str);
            let written = |limit: Decimal| match (&fact.kind, unit) {
                (Kind::Quantity(measure), Some(unit)) => in_unit(measure, limit, unit),
                _ => Some(limit.round_dp(1)),
            };
            let limit = |of: i64| written(Decimal::new(of, 2) * (high - low) + low);
            if let (Some(lower), Some(upper)) = (limit(5), limit(30)) {
                about.insert("lln".into(), number(lower));
                about.insert("uln".into(), number(upper));
            }
        }
    }

    fn item(&self, kind: &ItemKind, day: Date, random: &mut Random) -> Json {
        match kind {
            ItemKind::Single(item) => self.value(item, day, random, &mut Map::new()),
            ItemKind::Fields(fields) => {
                let mut entry = Map::new();
                for (place, field) in fields.iter().enumerate() {
                    // An item of which nothing is known has no cell, and would be lost in a table.
                    let is_bare = entry.is_empty() && place + 1 == fields.len();
                    if random.chance(self.missing) && !is_bare {
                        continue;
                    }
                    let mut about = Map::new();
                    let value = self.value(field, day, random, &mut about);
                    let value = match about.remove("unit") {
                        Some(unit) => json!({ "value": value, "unit": unit }),
                        None => value,
                    };
                    entry.insert(field.name().to_owned(), value);
                }
                entry.into()
            }
        }
    }

    /// A value of a fact that is no list; what must stand beside it goes into `about`.
    fn value(
        &self,
        fact: &Fact,
        day: Date,
        random: &mut Random,
        about: &mut Map<String, Json>,
    ) -> Json {
        let rare = !self.plain && random.chance(0.03);
        match &fact.kind {
            Kind::Boolean { .. } => random.chance(0.5).into(),
            Kind::Code(set) => {
                let names: Vec<&str> = set.names().collect();
                random.one_of(&names).into()
            }
            Kind::Integer(_) => {
                let number = within(&fact.kind, random).round();
                if rare {
                    format!(">= {number}").into()
                } else {
                    json!(number.to_i64().unwrap_or(0))
                }
            }
            Kind::Decimal(_) => number(within(&fact.kind, random)),
            Kind::Quantity(measure) => {
                let value = within(&fact.kind, random);
                let (value, unit) = in_some_unit(measure, value, random);
                if rare {
                    format!("< {value} {unit}").into()
                } else if !measure.has_one_scale() || random.chance(0.2) {
                    about.insert("unit".into(), unit.into());
                    number(value)
                } else {
                    number(value)
                }
            }
            Kind::Duration(_) => {
                let months = random.between(1, 12);
                if rare {
                    format!(">= {months} months").into()
                } else {
                    format!("{months} month{}", if months == 1 { "" } else { "s" }).into()
                }
            }
            Kind::Date(_) => {
                let days = random.between(1, 3000).days();
                let date = if fact.future {
                    day.saturating_add(days)
                } else {
                    day.saturating_sub(days)
                };
                if rare {
                    format!("{:04}-{:02}", date.year(), date.month()).into()
                } else {
                    date.to_string().into()
                }
            }
            Kind::Text | Kind::List(_) => random
                .one_of(&["as reported", "see the letter of the ward", "none"])
                .into(),
        }
    }
}

/// Puts a fact where its path leads.
fn insert(record: &mut Map<String, Json>, path: &str, value: Json) {
    match path.split_once('.') {
        None => {
            record.insert(path.to_owned(), value);
        }
        Some((group, rest)) => {
            let group = record
                .entry(group)
                .or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(group) = group {
                insert(group, rest, value);
            }
        }
    }
}

/// The ends of the plausible range, or some of that size.
fn ends(kind: &Kind) -> Option<(Decimal, Decimal)> {
    let range = match kind {
        Kind::Integer(range) | Kind::Decimal(range) => range.as_ref(),
        Kind::Quantity(measure) => measure.range.as_ref(),
        _ => return None,
    };
    let end = |end: fn(&Bounds<Decimal>) -> Option<Decimal>| range.and_then(end);
    let low = end(|range| range.low.map(|low| low.value)).unwrap_or_default();
    let high = end(|range| range.high.map(|high| high.value));
    Some((low, high.unwrap_or(low + Decimal::from(20))))
}

/// A number inside the plausible range.
fn within(kind: &Kind, random: &mut Random) -> Decimal {
    let (low, high) = ends(kind).unwrap_or((Decimal::ZERO, Decimal::TEN));
    let share = Decimal::new(random.between(5, 60), 2);
    (low + (high - low) * share).round_dp(1)
}

fn in_some_unit<'m>(
    measure: &'m Measure,
    value: Decimal,
    random: &mut Random,
) -> (Decimal, &'m str) {
    let others: Vec<_> = measure.others.iter().collect();
    if others.is_empty() || random.chance(0.6) {
        return (value, &measure.unit);
    }
    let (unit, _) = random.one_of(&others);
    match in_unit(measure, value, unit) {
        Some(value) => (value, unit),
        None => (value, &measure.unit),
    }
}

/// A number of the measure's own unit in another of its units, to four digits.
fn in_unit(measure: &Measure, value: Decimal, unit: &str) -> Option<Decimal> {
    let Some((_, factor)) = measure.others.iter().find(|(other, _)| *other == unit) else {
        return Some(value.round_dp(1));
    };
    let one = factor.apply(Decimal::ONE)?;
    value.checked_div(one)?.round_sf(4)
}

/// A number as JSON has it.
fn number(value: Decimal) -> Json {
    let text = value.normalize().to_string();
    serde_json::from_str(&text).unwrap_or(Json::from(text))
}

/// Whether the facts say what is in a record; for the table of a list.
pub fn is_list(facts: &Facts, path: &str) -> bool {
    facts
        .find(path)
        .is_some_and(|id| matches!(facts.get(id).kind, Kind::List(_)))
}
