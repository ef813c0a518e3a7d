//! What may be answered to a fact's question, in words.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Fact, ItemKind, Kind};
use crate::value::Bounds;
use crate::value::bounds::End;

/// Stands beside a value that settles nothing.
const OPEN: &str = "leaves it open";

/// What may be answered, a line for each value or field.
#[must_use]
pub fn answers(fact: &Fact) -> Vec<String> {
    match &fact.kind {
        Kind::Boolean { yes, no } if yes == "yes" && no == "no" => vec!["yes | no".into()],
        Kind::Boolean { yes, no } => vec![format!("yes ({yes}) | no ({no})")],
        Kind::Integer(range) => vec![format!("a whole number{}", in_range(range.as_ref(), ""))],
        Kind::Decimal(range) => vec![format!("a number{}", in_range(range.as_ref(), ""))],
        Kind::Quantity(measure) => {
            let units: Vec<&str> = measure.units().collect();
            let range = in_range(measure.range.as_ref(), &measure.unit);
            vec![format!("a number in {}{range}", units.join(" or "))]
        }
        Kind::Duration(_) => vec!["a duration: 3 months, 90 days, \">= 6 months\"".into()],
        Kind::Date(range) => {
            let end =
                |end: Option<End<Date>>| end.map_or(String::new(), |end| end.value.to_string());
            let range = range.map_or(String::new(), |range| {
                format!(", {}..{}", end(range.low), end(range.high))
            });
            let ahead = if fact.future {
                "; it may lie ahead"
            } else {
                ""
            };
            vec![format!("a date: YYYY-MM-DD, YYYY-MM or YYYY{range}{ahead}")]
        }
        Kind::Code(set) => {
            let widest = set.names().map(str::len).max().unwrap_or(0);
            let values = set.values.iter().map(|value| {
                let label = (value.label != value.name.replace('_', " ")).then_some(&*value.label);
                let words: Vec<&str> = label
                    .into_iter()
                    .chain(value.unclear.then_some(OPEN))
                    .collect();
                match &words[..] {
                    [] => value.name.clone(),
                    words => format!("{:widest$}  {}", value.name, words.join("; ")),
                }
            });
            values.collect()
        }
        Kind::Text => vec!["a text".into()],
        Kind::List(item) => match &**item {
            ItemKind::Single(single) => {
                let mut lines = vec!["a list, such as [ … ], of:".to_owned()];
                lines.extend(answers(single).into_iter().map(|line| format!("  {line}")));
                lines
            }
            ItemKind::Fields(fields) => {
                let names: Vec<String> = fields
                    .iter()
                    .map(|field| format!("{}: …", field.name()))
                    .collect();
                let mut lines = vec![
                    "a list; one line for each:".to_owned(),
                    format!("- {{ {} }}", names.join(", ")),
                ];
                for field in fields {
                    let what = match &field.kind {
                        Kind::Code(set) => set.names().collect::<Vec<_>>().join(" | "),
                        _ => answers(field).join("; "),
                    };
                    lines.push(format!("  {}: {what}", field.name()));
                }
                lines
            }
        },
    }
}

fn in_range(range: Option<&Bounds<Decimal>>, unit: &str) -> String {
    range.map_or(String::new(), |range| {
        format!(", {}", number_range(range, unit))
    })
}

/// A range of numbers as a trial file writes it, with its unit.
#[must_use]
pub(crate) fn number_range(range: &Bounds<Decimal>, unit: &str) -> String {
    let end = |end: Option<End<Decimal>>| end.map_or(String::new(), |end| end.value.to_string());
    let space = if unit.is_empty() { "" } else { " " };
    format!("{}..{}{space}{unit}", end(range.low), end(range.high))
}
