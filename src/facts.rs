//! The declared facts: what a record may state, with type, allowed values, unit and plausible range.
//!
//! The trial file declares them; records are read against them, expressions are checked against them, and the
//! template and its questions are made from them.

pub mod answers;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::document::spans::EntrySpan;
use crate::units::Factor;
use crate::value::{Absent, Bounds, Duration};

/// Keys of a record that are no facts.
pub const RESERVED: [&str; 5] = ["candidate", "screened_on", "format", "trial", "note"];

/// A declared fact's place in [`Facts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactId(pub usize);

/// Every declared fact of a trial, in declared order.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    facts: Vec<Fact>,
    by_path: HashMap<String, FactId>,
    /// The groups, by path, each with its label if it has one.
    pub groups: BTreeMap<String, Option<String>>,
    /// Words for causes of missing, beside those that every trial has.
    pub missing_words: Vec<MissingWord>,
    /// Whether records have to write values, units and causes as they are declared, to the letter.
    pub strict: bool,
}

/// A word that stands in records where a value is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct MissingWord {
    /// The word.
    pub word: String,
    /// The cause that it is a word for.
    pub cause: Absent,
    /// Where it is declared.
    pub span: EntrySpan,
}

/// One thing that a record may state of a candidate, or a field of a list's items.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Dotted path, such as `hepatitis.hbv_dna`; for a field of an item, `cd22.result`.
    pub path: String,
    /// Its type and what goes with it.
    pub kind: Kind,
    /// A short noun phrase, for tables and reasons.
    pub label: String,
    /// The question in plain words.
    pub ask: Option<String>,
    /// When in a work-up it is obtained.
    pub stage: Option<Stage>,
    /// How it is obtained: the specimen, the method.
    pub obtain: Option<String>,
    /// What else should be known about it.
    pub note: Option<String>,
    /// Standard codes by system, such as `loinc`.
    pub codes: BTreeMap<String, String>,
    /// Whether it is a judgement of the investigator.
    pub judgement: bool,
    /// Whether it is the result of a measurement.
    pub measured: bool,
    /// Whether no verdict ever needs it.
    pub supporting: bool,
    /// Whether its date may lie after the screening date.
    pub future: bool,
    /// Of a field: whether an item may be written as the value of it alone.
    pub alone: bool,
    /// Where it is declared. Boxed, so that one fact is not much larger than a list of them.
    pub span: Box<EntrySpan>,
}

/// When in a work-up something is obtained, in that order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// What the chart says: identity, diagnosis, course of disease.
    Chart,
    /// What the candidate is asked.
    Interview,
    /// What a laboratory measures.
    Laboratory,
    /// What is done to the candidate: imaging, a biopsy.
    Procedure,
    /// What the investigator judges.
    Judgement,
    /// What the candidate agrees to.
    Consent,
}

impl Stage {
    /// All, in that order.
    pub const ALL: [Self; 6] = [
        Self::Chart,
        Self::Interview,
        Self::Laboratory,
        Self::Procedure,
        Self::Judgement,
        Self::Consent,
    ];

    /// The stage of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }

    /// The name and the heading.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Chart => ("chart", "From the chart"),
            Self::Interview => ("interview", "To be asked"),
            Self::Laboratory => ("laboratory", "Laboratory"),
            Self::Procedure => ("procedure", "Procedures"),
            Self::Judgement => ("judgement", "To be judged"),
            Self::Consent => ("consent", "Consent"),
        }
    }

    /// Its name in trial files and in machine-readable output.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.words().0
    }

    /// The heading under which a report lists what is obtained then.
    #[must_use]
    pub fn heading(self) -> &'static str {
        self.words().1
    }
}

/// The type of a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// True or false, with the words that a report uses for each.
    Boolean {
        /// For true.
        yes: String,
        /// For false.
        no: String,
    },
    /// A whole number and its plausible range.
    Integer(Option<Bounds<Decimal>>),
    /// A number without unit and its plausible range.
    Decimal(Option<Bounds<Decimal>>),
    /// A number with a unit.
    Quantity(Arc<Measure>),
    /// A calendar duration and its plausible range.
    Duration(Option<Bounds<Duration>>),
    /// A calendar date and its plausible range.
    Date(Option<Bounds<Date>>),
    /// One of the declared values.
    Code(Arc<ValueSet>),
    /// Free text.
    Text,
    /// A list of items.
    List(Arc<ItemKind>),
}

/// The unit of a quantity, the units that may be written instead, and the plausible range.
#[derive(Debug, Default, PartialEq)]
pub struct Measure {
    /// The declared unit; every value is kept in it.
    pub unit: String,
    /// Other units, each with the factor that turns a number in it into the declared unit.
    pub others: Vec<(String, Factor)>,
    /// Whether a number without a unit is in the declared one, although there are other scales.
    pub bare: bool,
    /// Units with a zero of their own: what a number in it is multiplied by, and what is added then. Only records may use
    /// them; a difference of two values would be converted without the addition.
    pub shifted: Vec<(String, Factor, Decimal)>,
    /// The plausible range, in the declared unit.
    pub range: Option<Bounds<Decimal>>,
    /// The range that limits of normal may have, where it is another.
    pub limits: Option<Bounds<Decimal>>,
}

impl Measure {
    /// A number in `unit`, in the declared unit.
    ///
    /// # Errors
    /// Whether the unit is not declared, or the number out of reach.
    pub fn convert(
        &self,
        numbers: &Bounds<Decimal>,
        unit: &str,
    ) -> Result<Bounds<Decimal>, NotConverted> {
        let (factor, added) = match self.factor(unit) {
            Some(factor) => (factor, Decimal::ZERO),
            None => self
                .shifted
                .iter()
                .find(|(other, ..)| other == unit)
                .map(|(_, factor, added)| (*factor, *added))
                .ok_or(NotConverted::UnitUnknown)?,
        };
        numbers
            .map(|number| {
                factor
                    .apply(number)?
                    .checked_add(added)
                    .map(|number| number.normalize())
            })
            .ok_or(NotConverted::OutOfReach)
    }

    /// Whether `unit` has a zero of its own.
    #[must_use]
    pub(crate) fn has_own_zero(&self, unit: &str) -> bool {
        self.shifted.iter().any(|(other, ..)| other == unit)
    }

    /// The factor which turns a number in `unit` into the declared unit; none if `unit` is not declared.
    #[must_use]
    pub fn factor(&self, unit: &str) -> Option<Factor> {
        if unit == self.unit {
            Some(Factor::ONE)
        } else {
            self.others
                .iter()
                .find(|(other, _)| other == unit)
                .map(|(_, factor)| *factor)
        }
    }

    /// Whether a number may stand without its unit: the other units are other names of the declared one, or the trial says so.
    #[must_use]
    pub fn has_one_scale(&self) -> bool {
        self.bare
            || self.shifted.is_empty()
                && self.others.iter().all(|(_, factor)| *factor == Factor::ONE)
    }

    /// Every unit that may be written.
    pub fn units(&self) -> impl Iterator<Item = &str> + Clone {
        let shifted = self.shifted.iter().map(|(unit, ..)| unit.as_str());
        std::iter::once(self.unit.as_str())
            .chain(self.others.iter().map(|(unit, _)| unit.as_str()))
            .chain(shifted)
    }
}

/// Why a number has no value in the declared unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotConverted {
    /// The unit is not declared.
    UnitUnknown,
    /// No number is as large.
    OutOfReach,
}

/// The allowed values of a code.
#[derive(Debug, PartialEq)]
pub struct ValueSet {
    /// In declared order.
    pub values: Vec<CodeValue>,
}

/// One allowed value.
#[derive(Debug, PartialEq)]
pub struct CodeValue {
    /// How a record writes it.
    pub name: String,
    /// How a report writes it.
    pub label: String,
    /// Whether it is a result that does not settle the matter.
    pub unclear: bool,
    /// What else should be known about it.
    pub note: Option<String>,
    /// Standard codes by system.
    pub codes: BTreeMap<String, String>,
}

impl ValueSet {
    /// Where `name` stands, if it is declared; `-` is accepted for `_`.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        let same = |declared: &str| {
            declared.len() == name.len()
                && declared
                    .bytes()
                    .zip(name.bytes())
                    .all(|(a, b)| a == b || (a == b'_' && b == b'-'))
        };
        self.values.iter().position(|value| same(&value.name))
    }

    /// The declared names.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.values.iter().map(|value| value.name.as_str())
    }
}

/// What the items of a list are.
#[derive(Debug, PartialEq)]
pub enum ItemKind {
    /// Each item is one value.
    Single(Fact),
    /// Each item has fields.
    Fields(Vec<Fact>),
}

impl ItemKind {
    /// Where the field `name` stands, and its declaration.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<(usize, &Fact)> {
        match self {
            Self::Single(_) => None,
            Self::Fields(fields) => fields
                .iter()
                .enumerate()
                .find(|(_, field)| field.name() == name),
        }
    }

    /// What an item is, if it is one value.
    #[must_use]
    pub fn single(&self) -> Option<&Fact> {
        match self {
            Self::Single(single) => Some(single),
            Self::Fields(_) => None,
        }
    }

    /// The field as whose value alone an item may be written.
    #[must_use]
    pub fn alone(&self) -> Option<&Fact> {
        self.fields().iter().find(|field| field.alone)
    }

    /// The declared fields, none if each item is one value.
    #[must_use]
    pub fn fields(&self) -> &[Fact] {
        match self {
            Self::Single(_) => &[],
            Self::Fields(fields) => fields,
        }
    }
}

impl Fact {
    /// The last part of its path.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or(&self.path)
    }

    /// Its type as a trial file writes it.
    #[must_use]
    pub(crate) fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Boolean { .. } => "boolean",
            Kind::Integer(_) => "integer",
            Kind::Decimal(_) => "decimal",
            Kind::Quantity(_) => "quantity",
            Kind::Duration(_) => "duration",
            Kind::Date(_) => "date",
            Kind::Code(_) => "code",
            Kind::Text => "text",
            Kind::List(_) => "list",
        }
    }
}

impl Facts {
    /// Adds a fact; false if one of that path is there already.
    pub fn add(&mut self, fact: Fact) -> bool {
        let id = FactId(self.facts.len());
        let added = self.by_path.insert(fact.path.clone(), id).is_none();
        self.facts.push(fact);
        added
    }

    /// The fact of an id that came from this set.
    #[must_use]
    #[expect(
        clippy::indexing_slicing,
        reason = "an id is only ever made by `add`, for a fact which stays"
    )]
    pub fn get(&self, id: FactId) -> &Fact {
        &self.facts[id.0]
    }

    /// The fact at a dotted path.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<FactId> {
        self.by_path.get(path).copied()
    }

    /// The fact that a path leads to, or to something about it or in it: `cd22.1.result` to `cd22`.
    #[must_use]
    pub(crate) fn find_within(&self, path: &str) -> Option<FactId> {
        std::iter::successors(Some(path), |path| Some(path.rsplit_once('.')?.0))
            .find_map(|path| self.find(path))
    }

    /// Whether a fact, or a field of a list's items, may be written in this unit.
    #[must_use]
    pub(crate) fn declares_unit(&self, unit: &str) -> bool {
        self.measures()
            .any(|measure| measure.units().any(|declared| declared == unit))
    }

    /// Whether the values of a fact, or of a field of a list's items, are kept in this unit.
    #[must_use]
    pub(crate) fn keeps_unit(&self, unit: &str) -> bool {
        self.measures().any(|measure| measure.unit == unit)
    }

    fn measures(&self) -> impl Iterator<Item = &Measure> {
        /// The fact, or what each item of its list is.
        fn parts(fact: &Fact) -> &[Fact] {
            match &fact.kind {
                Kind::List(item) => match &**item {
                    ItemKind::Single(fact) => std::slice::from_ref(fact),
                    ItemKind::Fields(fields) => fields,
                },
                _ => std::slice::from_ref(fact),
            }
        }
        let facts = self.facts.iter().flat_map(parts);
        facts.filter_map(|fact| match &fact.kind {
            Kind::Quantity(measure) => Some(&**measure),
            _ => None,
        })
    }

    /// Whether `path` is a group of facts.
    #[must_use]
    pub fn is_group(&self, path: &str) -> bool {
        self.groups.contains_key(path)
    }

    /// Every fact with its id, in declared order.
    pub fn iter(&self) -> impl Iterator<Item = (FactId, &Fact)> + Clone {
        self.facts
            .iter()
            .enumerate()
            .map(|(index, fact)| (FactId(index), fact))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }
}

/// Numbers with their unit, as `unit_behind` says it.
#[must_use]
pub fn in_unit(numbers: &str, unit: &str) -> String {
    let [between, unit] = unit_behind(unit);
    [numbers, between, unit].concat()
}

/// What stands behind numbers in a unit. A unit that begins with a digit is a factor: `3.2 × 10*9/L`. That of a plain
/// share, `1`, is not said.
#[must_use]
pub(crate) fn unit_behind(unit: &str) -> [&str; 2] {
    match unit {
        "1" => ["", ""],
        unit if unit.starts_with(|character: char| character.is_ascii_digit()) => [" × ", unit],
        unit => [" ", unit],
    }
}
