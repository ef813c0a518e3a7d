//! A JSON record on one line → typed facts, as fast as the bytes can be looked at.
//!
//! The quick reader understands the common shapes of a record and nothing else. Whatever it does not understand (an
//! escape in a text, an exponent, an unknown key, a value out of range, anything malformed) it leaves to the careful
//! reader, [`super::read()`], whose word is final: so a record means the same through both, and every error is the
//! careful reader's. It does not recurse deeper than the declared groups, allocates nothing where a row is like the
//! ones before, and reads the next key where the last record had it.

mod row;
mod scalar;
mod token;

use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive as _;
use rustc_hash::FxHashMap;

use self::row::Row;
use self::token::Token;
use super::{Dates, Entry, Evidence, Record, values};
use crate::facts::{Fact, FactId, Facts, ItemKind, Kind};
use crate::trial::{Policy, Trial};
use crate::value::bounds::End;
use crate::value::{Bounds, Code, List, Missing, Value};

/// Where the keys of records lead, and how their values are commonly written, made once for a trial.
#[derive(Debug)]
pub struct Plan<'t> {
    facts: &'t Facts,
    trial: &'t str,
    /// The keys of every object, those of one object together and in declared order.
    keys: Vec<Key>,
    levels: Vec<Level>,
    shapes: Vec<Shape>,
    /// For each fact, the fields that an item of it has, or the item itself if it has none.
    fields: Vec<Vec<Field>>,
    /// The facts whose range depends on the screening date.
    durations: Vec<FactId>,
}

/// A key of an object.
#[derive(Debug)]
struct Key {
    /// It and its colon.
    token: Token,
    target: Target,
}

/// The keys of an object.
#[derive(Debug, Default)]
struct Level {
    keys: Range<usize>,
    by_name: FxHashMap<String, usize>,
}

/// A field of an item.
#[derive(Debug)]
struct Field {
    name: String,
    token: Token,
    shape: Shape,
}

/// Where a key leads.
#[derive(Debug, Clone, Copy)]
enum Target {
    Candidate,
    ScreenedOn,
    Format,
    Trial,
    Note,
    Fact(FactId),
    Group(usize),
}

/// How a value is commonly written.
#[derive(Debug)]
enum Shape {
    /// One of these texts.
    Code(Vec<(Token, Code)>),
    Boolean,
    /// A whole number, or one with decimals, from the first of these to the second.
    Number {
        whole: bool,
        low: i64,
        high: i64,
    },
    Date,
    /// In no way that is worth a look of its own.
    Other,
}

impl Shape {
    fn of(fact: &Fact) -> Self {
        let number = |whole: bool, range: Option<&Bounds<_>>| {
            let end = |end: Option<End<rust_decimal::Decimal>>, none: i64| match end {
                None => Some(none),
                Some(End {
                    value,
                    inclusive: true,
                }) if value.fract().is_zero() => value.to_i64(),
                Some(_) => None,
            };
            let ends = range.map_or(Some((i64::MIN, i64::MAX)), |range| {
                Some((end(range.low, i64::MIN)?, end(range.high, i64::MAX)?))
            });
            ends.map_or(Self::Other, |(low, high)| Self::Number { whole, low, high })
        };
        match &fact.kind {
            Kind::Code(set) => {
                let codes = set.values.iter().zip(0..).map(|(value, index)| {
                    (
                        Token::quoted(&value.name, ""),
                        Code {
                            index,
                            unclear: value.unclear,
                        },
                    )
                });
                Self::Code(codes.collect())
            }
            Kind::Boolean { .. } => Self::Boolean,
            Kind::Integer(range) => number(true, range.as_ref()),
            Kind::Decimal(range) => number(false, range.as_ref()),
            Kind::Quantity(measure) if measure.others.is_empty() => {
                number(false, measure.range.as_ref())
            }
            Kind::Date(None) => Self::Date,
            Kind::Quantity(_)
            | Kind::Duration(_)
            | Kind::Date(Some(_))
            | Kind::Text
            | Kind::List(_) => Self::Other,
        }
    }
}

/// A record being filled, row after row, in the same memory.
#[derive(Debug)]
pub struct Draft {
    /// The pseudonym; empty if there is none.
    pub candidate: String,
    /// The screening date.
    pub today: Date,
    /// Whether the row or the caller says so; else it is the day of the run.
    pub is_dated: bool,
    /// What is known, a place for every declared fact.
    pub entries: Vec<Entry>,
    /// Whether the row named a candidate.
    pub named: bool,
    screened_on: Option<Date>,
    /// The latest date that had to lie in the past.
    latest: Option<Date>,
    row: u32,
    /// For each key, the row in which it was last seen, and the key that followed it last.
    seen: Vec<u32>,
    follows: Vec<usize>,
    /// For each object, the key that it began with last.
    begins: Vec<usize>,
    /// For each fact, which of its codes was read last.
    codes: Vec<usize>,
    /// Memory of earlier rows, for each fact.
    spare_evidence: Vec<Option<Box<Evidence>>>,
    spare_lists: Vec<Option<Arc<List>>>,
    /// Values read before, for each fact: texts repeat.
    known_texts: Vec<Vec<(Box<str>, Value)>>,
}

impl<'t> Plan<'t> {
    /// The plan of a trial's records.
    #[must_use]
    pub fn new(trial: &'t str, facts: &'t Facts) -> Self {
        let reserved = [
            Target::Candidate,
            Target::ScreenedOn,
            Target::Format,
            Target::Trial,
            Target::Note,
        ];
        let mut levels = vec![
            super::read::RESERVED
                .into_iter()
                .zip(reserved)
                .collect::<Vec<_>>(),
        ];
        for (id, fact) in facts.iter() {
            let mut level = 0;
            let (groups, name) = fact
                .path
                .rsplit_once('.')
                .map_or((None, fact.path.as_str()), |(groups, name)| {
                    (Some(groups), name)
                });
            for group in groups.into_iter().flat_map(|groups| groups.split('.')) {
                let there =
                    levels.get(level).into_iter().flatten().find_map(
                        |(key, target)| match target {
                            Target::Group(inner) if *key == group => Some(*inner),
                            _ => None,
                        },
                    );
                let inner = there.unwrap_or(levels.len());
                if there.is_none() {
                    levels.push(Vec::new());
                    levels
                        .get_mut(level)
                        .into_iter()
                        .for_each(|keys| keys.push((group, Target::Group(inner))));
                }
                level = inner;
            }
            levels
                .get_mut(level)
                .into_iter()
                .for_each(|keys| keys.push((name, Target::Fact(id))));
        }
        let mut keys = Vec::new();
        let levels = levels.into_iter().map(|level| {
            let first = keys.len();
            let by_name = level
                .iter()
                .zip(first..)
                .map(|((name, _), place)| ((*name).to_owned(), place))
                .collect();
            keys.extend(level.into_iter().map(|(name, target)| Key {
                token: Token::quoted(name, ":"),
                target,
            }));
            Level {
                keys: first..keys.len(),
                by_name,
            }
        });
        let levels = levels.collect();
        let field = |field: &Fact| Field {
            name: field.name().to_owned(),
            token: Token::quoted(field.name(), ":"),
            shape: Shape::of(field),
        };
        let fields = |fact: &Fact| match &fact.kind {
            Kind::List(kind) => match &**kind {
                ItemKind::Single(single) => vec![field(single)],
                ItemKind::Fields(fields) => fields.iter().map(field).collect(),
            },
            _ => Vec::new(),
        };
        Self {
            facts,
            trial,
            keys,
            levels,
            shapes: facts.iter().map(|(_, fact)| Shape::of(fact)).collect(),
            fields: facts.iter().map(|(_, fact)| fields(fact)).collect(),
            durations: facts
                .iter()
                .filter(|(_, fact)| matches!(fact.kind, Kind::Duration(_)))
                .map(|(id, _)| id)
                .collect(),
        }
    }

    /// An empty draft.
    #[must_use]
    pub fn draft(&self, dates: Dates) -> Draft {
        Draft {
            candidate: String::new(),
            today: dates.today,
            is_dated: false,
            entries: vec![Entry::NOT_RECORDED; self.facts.len()],
            named: false,
            screened_on: None,
            latest: None,
            row: 0,
            seen: vec![0; self.keys.len()],
            // At first, the declared order.
            follows: self
                .levels
                .iter()
                .flat_map(|level| level.keys.clone().skip(1).chain([level.keys.start]))
                .collect(),
            begins: self.levels.iter().map(|level| level.keys.start).collect(),
            codes: vec![0; self.facts.len()],
            spare_evidence: vec![None; self.facts.len()],
            spare_lists: vec![None; self.facts.len()],
            known_texts: vec![Vec::new(); self.facts.len()],
        }
    }

    /// Reads a row into a draft. False if it is for the careful reader to say what the row means; the draft then
    /// holds nothing of use.
    pub fn read(&self, line: &str, dates: Dates, draft: &mut Draft) -> bool {
        draft.clear();
        Row::new(self, line, draft)
            .read()
            .and_then(|()| self.finish(dates, draft))
            .is_some()
    }

    /// What can be checked only when the screening date is known.
    fn finish(&self, dates: Dates, draft: &mut Draft) -> Option<()> {
        let day = dates.as_of.or(draft.screened_on);
        draft.is_dated = day.is_some();
        draft.today = day.unwrap_or(dates.today);
        if draft.latest.is_some_and(|latest| latest > draft.today) {
            return None;
        }
        for id in &self.durations {
            if let (Kind::Duration(range), Value::Duration(given)) =
                (&self.facts.get(*id).kind, &draft.entries.get(id.0)?.value)
                && !values::possible_duration(given, range.as_ref(), draft.today)
            {
                return None;
            }
        }
        Some(())
    }
}

impl Draft {
    /// Holds what another reader found.
    pub fn hold(&mut self, record: Record) {
        self.candidate.clear();
        self.candidate
            .push_str(record.candidate.as_deref().unwrap_or_default());
        self.named = record.candidate.is_some();
        self.today = record.screened_on;
        self.entries = record.entries;
    }

    /// Sets aside what a site does not accept.
    pub fn accept(&mut self, policy: &Policy, trial: &Trial) {
        if !policy.accepts_everything() {
            policy.accept(&mut self.entries, trial, self.today);
        }
    }

    fn clear(&mut self) {
        self.candidate.clear();
        self.named = false;
        self.screened_on = None;
        self.latest = None;
        self.row = self.row.wrapping_add(1);
        let spare = self.spare_evidence.iter_mut().zip(&mut self.spare_lists);
        for (entry, (evidence, list)) in self.entries.iter_mut().zip(spare) {
            if let Some(kept) = entry.evidence.take() {
                *evidence = Some(kept);
            }
            if !matches!(entry.value, Value::List(_)) {
                entry.value = Value::Null(Missing::NotRecorded);
            } else if let Value::List(kept) =
                std::mem::replace(&mut entry.value, Value::Null(Missing::NotRecorded))
            {
                *list = Some(kept);
            }
        }
    }
}
