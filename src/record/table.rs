//! What a record of a trial may say, made once for the trial: the keys of every map, and for every fact the spelling of
//! its common values.

use rustc_hash::FxHashMap;

use super::names::Names;
use super::spelling::{CauseWords, Choices};
use super::syntax::Syntax;
use crate::facts::{Fact, FactId, Facts, ItemKind, Kind, Measure, RESERVED};

/// The version line of a record.
pub const FORMAT: &str = "eligo/record/1";

/// The fields of a trial's records.
#[derive(Debug)]
pub struct FieldTable<'t> {
    pub(super) trial: &'t str,
    pub(super) facts: &'t Facts,
    /// The maps of facts; the first is the record itself.
    pub(super) groups: Vec<Group>,
    /// For each fact, how it is written.
    pub(super) fields: Vec<Field<'t>>,
    /// For each form of evidence, its keys.
    pub(super) evidence: [Names; 4],
    /// The keys of a field of an item that is written as a map.
    pub(super) field_keys: Names,
    /// How many keys are watched for standing twice.
    pub(super) keys: usize,
    /// The words for causes of missing; none where records are read to the letter.
    pub(super) words: Option<CauseWords>,
}

/// A map of facts: the record itself, or a group of facts in it.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// Its path with a dot behind it; empty for the record itself.
    pub prefix: String,
    /// Its keys: those that stand in it, then paths to what is further down.
    pub names: Names,
    /// Where each key leads.
    pub targets: Vec<Target>,
    /// The number of its first key among all.
    pub first: usize,
    /// How many keys stand in it directly.
    pub direct: usize,
}

/// Where a key leads.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    Candidate,
    ScreenedOn,
    Format,
    Trial,
    Note,
    Fact(FactId),
    Group(usize),
    /// The caller's key of the record, where that is nothing the trial knows.
    Key,
}

/// A fact, an item of a list or a field of an item, as a record writes it.
#[derive(Debug)]
pub(super) struct Field<'t> {
    pub fact: &'t Fact,
    /// The common spelling of its values.
    pub syntax: Syntax,
    /// What may be chosen for it, in whatever spelling; none where records are read to the letter.
    pub choices: Option<Choices>,
    /// Whether `unknown` is a declared code, and not a cause of what is missing.
    pub declares_unknown: bool,
    /// What may stand beside its value.
    pub evidence: Evidence,
    /// What its limits of normal are.
    pub limit: Option<Box<(Fact, Syntax)>>,
    /// The items of a list.
    pub items: Option<Box<Items<'t>>>,
}

/// The items of a list.
#[derive(Debug)]
pub(super) enum Items<'t> {
    /// Each is one value.
    Single(Field<'t>),
    /// Each has fields.
    Fields {
        /// The fields, then what may stand beside them.
        names: Names,
        fields: Vec<Field<'t>>,
        /// The number of the first name among all keys.
        first: usize,
    },
}

/// What may stand beside an item's fields.
pub(crate) const BESIDE_FIELDS: [&str; 3] = ["by", "source", "note"];

/// Forms of evidence: which keys may stand beside a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    Plain,
    Number,
    Quantity,
    List,
}

/// A key of a value with evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Value,
    Missing,
    Date,
    By,
    Source,
    Note,
    Unit,
    Uln,
    Lln,
    Complete,
}

impl Part {
    pub const COUNT: usize = 10;
}

impl Evidence {
    fn of(kind: &Kind) -> Self {
        match kind {
            Kind::Quantity(_) => Self::Quantity,
            Kind::Integer(_) | Kind::Decimal(_) => Self::Number,
            Kind::List(_) => Self::List,
            _ => Self::Plain,
        }
    }

    /// Its keys as they are written.
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Plain => &["value", "missing", "date", "by", "source", "note"],
            Self::Number => &[
                "value", "missing", "date", "by", "source", "note", "uln", "lln",
            ],
            Self::Quantity => &[
                "value", "missing", "date", "by", "source", "note", "unit", "uln", "lln",
            ],
            Self::List => &[
                "value", "missing", "date", "by", "source", "note", "complete",
            ],
        }
    }

    /// The same keys, in the same order.
    pub fn parts(self) -> &'static [Part] {
        use Part::{By, Complete, Date, Lln, Missing, Note, Source, Uln, Unit, Value};
        match self {
            Self::Plain => &[Value, Missing, Date, By, Source, Note],
            Self::Number => &[Value, Missing, Date, By, Source, Note, Uln, Lln],
            Self::Quantity => &[Value, Missing, Date, By, Source, Note, Unit, Uln, Lln],
            Self::List => &[Value, Missing, Date, By, Source, Note, Complete],
        }
    }
}

/// The keys that may stand beside the value of a fact, `value` among them.
pub(crate) fn evidence_keys(kind: &Kind) -> &'static [&'static str] {
    Evidence::of(kind).words()
}

/// The keys of a field of an item that is written as a map.
pub(crate) const FIELD_KEYS: [&str; 3] = ["value", "unit", "missing"];

impl<'t> FieldTable<'t> {
    /// The fields of the records of a trial.
    #[must_use]
    pub fn new(trial: &'t str, facts: &'t Facts) -> Self {
        Self::with_key(trial, facts, None)
    }

    /// The same, of records that have a field more: the caller's own key, which says nothing of the candidate.
    #[must_use]
    pub fn with_key(trial: &'t str, facts: &'t Facts, key: Option<&str>) -> Self {
        let mut keys = 0;
        let fields = facts
            .iter()
            .map(|(_, fact)| Field::new(fact, facts.strict, &mut keys))
            .collect();
        let groups = groups(facts, key, &mut keys);
        let evidence = [
            Evidence::Plain,
            Evidence::Number,
            Evidence::Quantity,
            Evidence::List,
        ]
        .map(|form| names_of(form.words().iter().copied()));
        Self {
            trial,
            facts,
            groups,
            fields,
            evidence,
            field_keys: names_of(FIELD_KEYS),
            keys,
            words: (!facts.strict).then(|| CauseWords::of(facts)),
        }
    }

    /// The keys of a form of evidence.
    pub(super) fn evidence(&self, form: Evidence) -> &Names {
        self.evidence.get(form as usize).unwrap_or(Names::NONE)
    }

    /// The place of a fact's path among the keys of the record itself.
    pub(crate) fn key_of(&self, path: &str) -> Option<usize> {
        self.groups.first()?.names.find(path)
    }
}

fn names_of<'n>(words: impl IntoIterator<Item = &'n str>) -> Names {
    let mut names = Names::default();
    for word in words {
        names.add(word);
    }
    names
}

/// The record itself and every group of facts, each with its keys.
fn groups(facts: &Facts, key: Option<&str>, keys: &mut usize) -> Vec<Group> {
    let mut groups = vec![Group::default()];
    let mut by_path: FxHashMap<&str, usize> = FxHashMap::default();
    for path in facts.groups.keys() {
        by_path.insert(path, groups.len());
        groups.push(Group {
            prefix: format!("{path}."),
            ..Group::default()
        });
    }
    let reserved = [
        Target::Candidate,
        Target::ScreenedOn,
        Target::Format,
        Target::Trial,
        Target::Note,
    ];
    for (place, group) in groups.iter_mut().enumerate() {
        if place == 0 {
            RESERVED
                .into_iter()
                .zip(reserved)
                .for_each(|(name, target)| group.add(name, target));
        }
        group.add_facts(facts, &by_path);
        if place == 0
            && let Some(key) = key
        {
            // Behind what the trial declares, so that a fact may be the key and is read as well.
            group.add(key, Target::Key);
        }
        group.first = *keys;
        *keys += group.names.len();
    }
    groups
}

impl Group {
    fn add(&mut self, name: &str, target: Target) {
        if self.names.add(name) {
            self.targets.push(target);
        }
    }

    /// Adds the facts and groups that stand directly in it, and then all below it by their paths.
    fn add_facts(&mut self, facts: &Facts, by_path: &FxHashMap<&str, usize>) {
        let prefix = self.prefix.clone();
        let mut further: Vec<(&str, Target)> = Vec::new();
        for (id, fact) in facts.iter() {
            let Some(rest) = fact.path.strip_prefix(&prefix) else {
                continue;
            };
            let Some((first, _)) = rest.split_once('.') else {
                self.add(rest, Target::Fact(id));
                continue;
            };
            // The group stands where its first fact does, and the fact has a path of its own further down.
            let path = fact.path.get(..prefix.len() + first.len());
            if let Some(inner) = path.and_then(|path| by_path.get(path)) {
                self.add(first, Target::Group(*inner));
            }
            further.push((rest, Target::Fact(id)));
        }
        self.direct = self.targets.len();
        let inner = by_path.iter().filter_map(|(path, inner)| {
            let path = path.strip_prefix(prefix.as_str())?;
            Some((path, Target::Group(*inner)))
        });
        let mut inner: Vec<_> = inner.collect();
        inner.sort_unstable_by_key(|(path, _)| *path);
        for (path, target) in further.into_iter().chain(inner) {
            self.add(path, target);
        }
    }
}

impl<'t> Field<'t> {
    fn new(fact: &'t Fact, strict: bool, keys: &mut usize) -> Self {
        let items = match &fact.kind {
            Kind::List(kind) => Some(Box::new(match &**kind {
                ItemKind::Single(item) => Items::Single(Self::new(item, strict, keys)),
                ItemKind::Fields(fields) => {
                    let words = fields.iter().map(Fact::name).chain(BESIDE_FIELDS);
                    let names = names_of(words);
                    let first = *keys;
                    *keys += names.len();
                    let fields = fields
                        .iter()
                        .map(|field| Self::new(field, strict, keys))
                        .collect();
                    Items::Fields {
                        names,
                        fields,
                        first,
                    }
                }
            })),
            _ => None,
        };
        Self {
            fact,
            syntax: Syntax::of(fact),
            choices: if strict { None } else { Choices::of(fact) },
            declares_unknown: matches!(&fact.kind, Kind::Code(set) if set.position("unknown").is_some()),
            evidence: Evidence::of(&fact.kind),
            limit: limit(fact).map(Box::new),
            items,
        }
    }
}

/// A limit of normal is a number as the fact is one. Those of whole numbers may have decimals.
fn limit(fact: &Fact) -> Option<(Fact, Syntax)> {
    let kind = match &fact.kind {
        Kind::Integer(range) => Kind::Decimal(*range),
        Kind::Quantity(measure) if measure.limits.is_some() => Kind::Quantity(
            Measure {
                unit: measure.unit.clone(),
                others: measure.others.clone(),
                bare: measure.bare,
                shifted: measure.shifted.clone(),
                range: measure.limits,
                limits: None,
            }
            .into(),
        ),
        kind @ (Kind::Quantity(_) | Kind::Decimal(_)) => kind.clone(),
        _ => return None,
    };
    let limit = Fact {
        kind,
        ..fact.clone()
    };
    let syntax = Syntax::of(&limit);
    Some((limit, syntax))
}
