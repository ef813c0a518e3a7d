//! Where the values of a column go: `ecog`, `ecog.date`, `cd22[].result`, `cd22[2].result`, `screened_on`.

use std::ops::Range;
use std::sync::Arc;

use super::SharedFacts;
use crate::diagnostic::did_you_mean;
use crate::facts::{Fact, ItemKind, Kind};
use crate::record::table::{BESIDE_FIELDS, evidence_keys};
use crate::shape::NodeReader;

/// Where a value goes.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// The screening date.
    ScreenedOn,
    /// A remark on the record.
    Note,
    /// A fact.
    Value(Arc<Fact>),
    /// What stands beside the value of a fact.
    Beside(Arc<Fact>, &'static str),
    /// An item of a list.
    Item(ItemTarget),
}

/// An item of a list, or part of one.
#[derive(Debug, Clone)]
pub(crate) struct ItemTarget {
    pub list: Arc<Fact>,
    /// Which of several items of one row it is; 0 without a number.
    pub number: usize,
    pub part: ItemPart,
}

/// Part of an item.
#[derive(Debug, Clone)]
pub(crate) enum ItemPart {
    /// The item as a whole.
    Whole,
    /// A field.
    Field(Arc<Fact>),
    /// The unit of a field.
    Unit(Arc<Fact>),
    /// `by`, `source` or `note`.
    Beside(&'static str),
}

impl Target {
    /// The path of the fact that it is about.
    pub fn fact(&self) -> Option<&str> {
        match self {
            Self::ScreenedOn | Self::Note => None,
            Self::Value(fact) | Self::Beside(fact, _) => Some(&fact.path),
            Self::Item(item) => Some(&item.list.path),
        }
    }

    /// What a path leads to.
    pub fn parse(
        reader: &mut NodeReader<'_>,
        facts: &SharedFacts,
        path: &str,
        span: &Range<usize>,
    ) -> Option<Self> {
        match path {
            "screened_on" => return Some(Self::ScreenedOn),
            "note" => return Some(Self::Note),
            "candidate" => {
                let help = "`candidate: COLUMN` beside `columns` names the column".to_owned();
                reader.error(span, "a column cannot be mapped to `candidate`", Some(help));
                return None;
            }
            _ => {}
        }
        if let Some((list, rest)) = path.split_once('[') {
            return item(reader, facts, (list, rest), path, span).map(Self::Item);
        }
        if let Some(fact) = facts.get(path) {
            return Some(Self::Value(Arc::clone(fact)));
        }
        if let Some((parent, last)) = path.rsplit_once('.')
            && let Some(fact) = facts.get(parent)
        {
            let keys = evidence_keys(&fact.kind).iter().copied();
            let keys = keys.filter(|key| !["value", "missing", "complete"].contains(key));
            if let Some(key) = keys.clone().find(|key| *key == last) {
                return Some(Self::Beside(Arc::clone(fact), key));
            }
            let help = match &fact.kind {
                Kind::List(_) => Some(format!(
                    "`{parent}[].{last}` is a field of an item of `{parent}`"
                )),
                _ => did_you_mean(last, keys),
            };
            reader.error(
                span,
                format!("`{parent}` has nothing called `{last}`"),
                help,
            );
            return None;
        }
        let help = facts.suggestion(path);
        reader.fault(
            "unknown-key",
            span,
            format!("the trial declares no fact `{path}`"),
            help,
        );
        None
    }
}

fn item(
    reader: &mut NodeReader<'_>,
    facts: &SharedFacts,
    (list, rest): (&str, &str),
    path: &str,
    span: &Range<usize>,
) -> Option<ItemTarget> {
    let Some(fact) = facts.get(list) else {
        let help = facts.suggestion(list);
        reader.fault(
            "unknown-key",
            span,
            format!("the trial declares no fact `{list}`"),
            help,
        );
        return None;
    };
    let Kind::List(kind) = &fact.kind else {
        reader.error(
            span,
            format!("`{list}` is no list"),
            Some(format!("write `{list}`")),
        );
        return None;
    };
    let parts = rest.split_once(']').and_then(|(number, rest)| {
        let number = match number {
            "" => 0,
            number => number
                .parse()
                .ok()
                .filter(|number| (1..=1_000).contains(number))?,
        };
        let field = match rest {
            "" => None,
            rest => Some(rest.strip_prefix('.')?),
        };
        Some((number, field))
    });
    let Some((number, field)) = parts else {
        let help = format!(
            "write `{list}[]`, `{list}[].FIELD`, or `{list}[2].FIELD` for the second of several items of a row"
        );
        reader.error(span, format!("`{path}` leads nowhere"), Some(help));
        return None;
    };
    let part = match (field, &**kind) {
        (None, _) => ItemPart::Whole,
        (Some(name), ItemKind::Fields(fields)) => {
            let of_unit = name.strip_suffix(".unit").and_then(|name| {
                let quantity = |field: &&Fact| matches!(field.kind, Kind::Quantity(_));
                fields
                    .iter()
                    .filter(quantity)
                    .find(|field| field.name() == name)
            });
            if let Some(field) = of_unit {
                return Some(ItemTarget {
                    list: Arc::clone(fact),
                    number,
                    part: ItemPart::Unit(Arc::new(field.clone())),
                });
            }
            match fields.iter().find(|field| field.name() == name) {
                Some(field) => ItemPart::Field(Arc::new(field.clone())),
                None => match BESIDE_FIELDS.into_iter().find(|key| *key == name) {
                    Some(key) => ItemPart::Beside(key),
                    None => {
                        let names = fields.iter().map(Fact::name);
                        let help = did_you_mean(name, names.clone()).or_else(|| {
                            Some(format!("it has {}", names.collect::<Vec<_>>().join(", ")))
                        });
                        let message = format!("an item of `{list}` has no `{name}`");
                        reader.fault("unknown-key", span, message, help);
                        return None;
                    }
                },
            }
        }
        (Some(_), ItemKind::Single(_)) => {
            let message = format!("the items of `{list}` are single values");
            reader.error(span, message, Some(format!("write `{list}[]`")));
            return None;
        }
    };
    Some(ItemTarget {
        list: Arc::clone(fact),
        number,
        part,
    })
}
