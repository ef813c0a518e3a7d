//! How a value of a source becomes a value of a record. Every kind of source shares this: maps of values, words for what is
//! missing, units, forms of numbers and dates.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::dates::{DateForms, FORMS};
use super::mapped::{Content, MappedFact, MappedList, Pick, Text, read_alone};
use super::numbers::NumberForm;
use crate::diagnostic::{Place, did_you_mean, nearest};
use crate::document::{Content as NodeContent, Node};
use crate::facts::{Fact, ItemKind, Kind};
use crate::shape::{Fields, NodeReader};
use crate::value::missing::Absent;

/// The keys that [`Rule::compile`] reads.
pub(crate) const RULE_KEYS: [&str; 12] = [
    "map",
    "ignore_case",
    "missing",
    "unit",
    "units",
    "fractions",
    "bounds",
    "decimal",
    "thousands",
    "dates",
    "years_from",
    "pick",
];

/// The cause that says nothing at all: as if the value were not there.
const NOT_RECORDED: &str = "not_recorded";

/// How the values of a fact are read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rule {
    /// What words mean.
    pub map: Option<WordMap>,
    /// Words that say why there is no value.
    pub missing: WordMap,
    /// The unit of all values.
    pub unit: Option<String>,
    /// What units are called in a record.
    units: HashMap<String, String>,
    /// Whether numbers of a share are parts of one: 0.46 for 46 %.
    pub fractions: Option<bool>,
    pub numbers: NumberForm,
    pub dates: DateForms,
    pub pick: Pick,
    /// Whether the values are those of items, so that `[]` says that the list has none.
    pub is_of_item: bool,
}

/// Words of a source and what they mean.
#[derive(Debug, Clone, Default)]
pub(crate) struct WordMap {
    words: HashMap<String, Meaning>,
    /// As they are written.
    names: Vec<String>,
    ignores_case: bool,
}

/// What a word of a source means.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Meaning {
    /// A value, as a record writes it.
    Value(String),
    /// There is no value, for this cause.
    Missing(String),
    /// A list of which it is known that it is empty.
    Empty,
    /// Nothing is recorded.
    Nothing,
}

/// A value of a source.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Raw<'a> {
    /// Characters.
    Text(&'a str),
    /// A number that the source holds as such.
    Number(String),
    /// A number that the source holds as such, and shows as a share of a hundred; in percent.
    Percent(String),
    /// A day that the source holds as such, as a record writes it.
    Date(String),
}

impl Raw<'_> {
    /// Its characters.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Number(text) | Self::Percent(text) | Self::Date(text) => text,
        }
    }
}

/// Why a value is not understood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unread {
    pub message: String,
    pub help: Option<String>,
}

impl WordMap {
    fn key(&self, word: &str) -> String {
        match self.ignores_case {
            true => word.trim().to_lowercase(),
            false => word.trim().to_owned(),
        }
    }

    /// What a word means.
    pub fn get(&self, word: &str) -> Option<&Meaning> {
        self.words.get(&self.key(word))
    }

    /// The words, as they are written.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Reads a map of words. `means` reads what one means, and says what is wrong with it.
    fn compile(
        reader: &mut NodeReader<'_>,
        node: &Node,
        what: &str,
        ignores_case: bool,
        mut means: impl FnMut(&mut NodeReader<'_>, &Node) -> Option<Meaning>,
    ) -> Self {
        let mut map = Self {
            ignores_case,
            ..Self::default()
        };
        for (key, node) in reader.entries(node, what).unwrap_or_default() {
            map.names.push(key.name.clone());
            let Some(meaning) = means(reader, node) else {
                continue;
            };
            let word = map.key(&key.name);
            if let Some(known) = map.words.insert(word, meaning.clone())
                && known != meaning
            {
                let message = format!("`{}` means two things", key.name);
                let help =
                    "blanks around a word do not count, and with `ignore_case` neither do capitals";
                reader.error(&key.span, message, Some(help.to_owned()));
            }
        }
        map
    }
}

/// The meaning of a word for what is missing.
pub(crate) fn cause(reader: &mut NodeReader<'_>, node: &Node) -> Option<Meaning> {
    let code = reader.text(node, "a cause")?.replace('-', "_");
    if code == NOT_RECORDED {
        return Some(Meaning::Nothing);
    }
    let causes = Absent::CODES.iter().map(|(code, _)| *code);
    if causes.clone().any(|known| known == code) {
        return Some(Meaning::Missing(code));
    }
    let help = did_you_mean(&code, causes.clone().chain([NOT_RECORDED])).or_else(|| {
        let causes: Vec<&str> = causes.chain([NOT_RECORDED]).collect();
        Some(format!("write one of {}", causes.join(", ")))
    });
    reader.error(&node.span, format!("`{code}` is not a cause"), help);
    None
}

/// `yes` or `no` under a key; none if it is not there.
pub(crate) fn yes_or_no(
    reader: &mut NodeReader<'_>,
    fields: Fields<'_>,
    key: &str,
) -> Option<bool> {
    let node = fields.get(key)?;
    match node.scalar().map(|scalar| scalar.text.as_str()) {
        Some("yes" | "true") => Some(true),
        Some("no" | "false") => Some(false),
        _ => {
            let message = format!("`{key}` must be `yes` or `no`");
            reader.error(&node.span, message, None);
            None
        }
    }
}

impl Rule {
    /// Reads what is said of all values of a source.
    pub fn defaults(reader: &mut NodeReader<'_>, fields: Fields<'_>) -> Self {
        let mut rule = Self::default();
        rule.forms(reader, fields);
        rule
    }

    /// Reads what is said of the values of a fact; the rest is as `self` has it.
    pub fn compile(
        &self,
        reader: &mut NodeReader<'_>,
        fields: Fields<'_>,
        fact: &Arc<Fact>,
    ) -> Self {
        let mut rule = Self {
            map: None,
            unit: None,
            units: HashMap::new(),
            ..self.clone()
        };
        rule.forms(reader, fields);
        rule.unit = rule.units(reader, fields, fact);
        let ignores_case = yes_or_no(reader, fields, "ignore_case").unwrap_or(false);
        if let Some(node) = fields.get("map") {
            let unit = rule.unit.clone();
            let is_of_item = rule.is_of_item;
            let means = |reader: &mut NodeReader<'_>, node: &Node| match &node.content {
                NodeContent::Sequence(none) if is_of_item && none.is_empty() => {
                    Some(Meaning::Empty)
                }
                _ => meaning(reader, node, fact, &unit),
            };
            rule.map = Some(WordMap::compile(reader, node, "`map`", ignores_case, means));
        }
        match reader.optional_text(fields, "pick").as_deref() {
            None => {}
            Some("latest") => rule.pick = Pick::Latest,
            Some(other) => {
                let message = format!("`pick` cannot be `{other}`");
                let help = "`pick: latest` takes the value with the latest date; without it values that differ are a conflict";
                let span = fields.get("pick").map(|node| node.span.clone());
                reader.error(&span.unwrap_or_default(), message, Some(help.to_owned()));
            }
        }
        rule
    }

    /// Reads the forms of numbers and dates, and the words for what is missing.
    fn forms(&mut self, reader: &mut NodeReader<'_>, fields: Fields<'_>) {
        if let Some(node) = fields.get("missing") {
            let ignores_case = yes_or_no(reader, fields, "ignore_case").unwrap_or(false);
            self.missing = WordMap::compile(reader, node, "`missing`", ignores_case, cause);
        }
        if let Some(bounds) = yes_or_no(reader, fields, "bounds") {
            self.numbers.bounds = bounds;
        }
        if let Some(fractions) = yes_or_no(reader, fields, "fractions") {
            self.fractions = Some(fractions);
        }
        if let Some(mark) = mark(reader, fields, "decimal", &[".", ","]) {
            self.numbers.decimal = mark;
            if self.numbers.thousands == Some(mark) {
                self.numbers.thousands = None;
            }
        }
        let groups = [".", ",", " ", "'", "’", "\u{a0}", "\u{202f}"];
        if let Some(mark) = mark(reader, fields, "thousands", &groups) {
            self.numbers.thousands = Some(mark);
            if self.numbers.decimal == mark {
                let span = fields.get("thousands").map(|node| node.span.clone());
                let message = format!("`{mark}` is the decimal mark already");
                let help = "state `decimal` too".to_owned();
                reader.error(&span.unwrap_or_default(), message, Some(help));
            }
        }
        self.date_forms(reader, fields);
    }

    fn date_forms(&mut self, reader: &mut NodeReader<'_>, fields: Fields<'_>) {
        if let Some(node) = fields.get("years_from") {
            let year = node.scalar().and_then(|scalar| scalar.text.parse().ok());
            match year.filter(|year| (1800..=2100).contains(year)) {
                Some(year) => self.dates.years_from = Some(year),
                None => {
                    let help = "`years_from: 1930` reads 30 to 99 as 1930 to 1999, 00 to 29 as 2000 to 2029";
                    let message = "`years_from` must be a year";
                    reader.error(&node.span, message, Some(help.to_owned()));
                }
            }
        }
        let Some(node) = fields.get("dates") else {
            return;
        };
        let years_from = self.dates.years_from;
        self.dates = DateForms {
            years_from,
            ..DateForms::default()
        };
        let forms = match &node.content {
            NodeContent::Sequence(forms) => forms.as_slice(),
            _ => std::slice::from_ref(node),
        };
        for form in forms {
            let Some(text) = reader.text(form, "`dates`") else {
                continue;
            };
            if let Err(message) = self.dates.add(&text) {
                reader.error(&form.span, message, Some(FORMS.to_owned()));
            }
        }
        if self.dates.has_short_years() && years_from.is_none() {
            let help =
                "`years_from: 1930` reads 30 to 99 as 1930 to 1999, 00 to 29 as 2000 to 2029";
            let message =
                "years of two digits need `years_from`, the first year that they may mean";
            reader.error(&node.span, message, Some(help.to_owned()));
        }
    }

    /// The unit of all values, and what units are called.
    fn units(
        &mut self,
        reader: &mut NodeReader<'_>,
        fields: Fields<'_>,
        fact: &Fact,
    ) -> Option<String> {
        if let Some(node) = fields.get("units") {
            for (key, node) in reader.entries(node, "`units`").unwrap_or_default() {
                if let Some(unit) = reader.text(node, "a unit") {
                    unit_of(reader, &node.span, &unit, fact);
                    self.units.insert(key.name.trim().to_owned(), unit);
                }
            }
        }
        let node = fields.get("unit")?;
        let unit = reader.text(node, "`unit`")?;
        unit_of(reader, &node.span, &unit, fact);
        Some(unit)
    }

    /// What a value of the source says of a fact; none if it says nothing.
    ///
    /// # Errors
    /// A value that the rule does not know.
    pub fn read(&self, fact: &Fact, raw: &Raw<'_>) -> Result<Option<Meaning>, Unread> {
        let text = raw.text().trim();
        let known = self.map.as_ref().and_then(|map| map.get(text));
        if let Some(meaning) = known.or_else(|| self.missing.get(text)) {
            return Ok(Some(meaning.clone()).filter(|meaning| *meaning != Meaning::Nothing));
        }
        if text.is_empty() {
            return Ok(None);
        }
        let fact = single(fact);
        let value = match &fact.kind {
            Kind::Code(_) | Kind::Boolean { .. } => match &self.map {
                Some(map) => return Err(self.unknown(text, map, fact)),
                None => text.to_owned(),
            },
            Kind::Integer(_) | Kind::Decimal(_) | Kind::Quantity(_) => self.number(raw, fact)?,
            Kind::Duration(_) => self.duration(raw, fact)?,
            Kind::Date(_) => match raw {
                Raw::Date(day) => day.clone(),
                _ => self.dates.read(text).map_err(|message| Unread {
                    message,
                    help: self.dates.is_empty().then(|| {
                        "`dates: DD.MM.YYYY` in the source file says how they are written"
                            .to_owned()
                    }),
                })?,
            },
            Kind::Text | Kind::List(_) => text.to_owned(),
        };
        Ok(Some(Meaning::Value(value)))
    }

    fn unknown(&self, text: &str, map: &WordMap, fact: &Fact) -> Unread {
        let near = nearest(text, map.names());
        let add = format!("or add `{text}` to the `map` or to `missing`");
        Unread {
            message: format!("no map of `{}` knows `{text}`", fact.path),
            help: Some(match near {
                Some(near) => format!("did you mean `{near}`? {add}"),
                None => {
                    let names: Vec<String> = map
                        .names()
                        .take(12)
                        .map(|name| format!("`{name}`"))
                        .collect();
                    format!(
                        "it knows {}; {}",
                        names.join(", "),
                        add.trim_start_matches("or ")
                    )
                }
            }),
        }
    }

    /// A number, with the unit that stands behind it in the same cell.
    fn number(&self, raw: &Raw<'_>, fact: &Fact) -> Result<String, Unread> {
        let (number, unit) = match raw {
            Raw::Number(number) => (number.clone(), String::new()),
            Raw::Percent(number) => (number.clone(), "%".to_owned()),
            raw => match self.numbers.read(raw.text().trim()) {
                Ok(read) => read,
                Err((message, help)) => return Err(self.no_number(raw, message, help, fact)),
            },
        };
        let is_share = self.unit.as_deref() == Some("%") && !matches!(raw, Raw::Percent(_));
        let number = match (is_share, self.fractions) {
            (true, Some(true)) => hundredfold(&number).unwrap_or(number),
            (true, None) if matches!(raw, Raw::Number(_)) && is_fraction(&number) => {
                return Err(Unread {
                    message: format!("`{number}` in a column in % may be {number} % or a part of one"),
                    help: Some(
                        "a cell that shows 46 % holds 0.46: `fractions: yes` in the source file multiplies by 100, `fractions: no` \
                         takes numbers as they are"
                            .to_owned(),
                    ),
                });
            }
            _ => number,
        };
        let unit = self.units.get(&unit).map_or(unit.as_str(), String::as_str);
        Ok(match unit {
            "" => number,
            unit if Some(unit) == self.unit.as_deref() => number,
            unit => format!("{number} {unit}"),
        })
    }

    fn no_number(
        &self,
        raw: &Raw<'_>,
        message: String,
        help: Option<String>,
        fact: &Fact,
    ) -> Unread {
        match (&self.map, help) {
            (Some(map), None) => self.unknown(raw.text().trim(), map, fact),
            (_, help) => Unread {
                message,
                help: help.or_else(|| {
                    Some(
                        "say in `map` or in `missing` what it means, if it is a word for something"
                            .to_owned(),
                    )
                }),
            },
        }
    }

    /// A duration; a number alone is in the stated unit.
    fn duration(&self, raw: &Raw<'_>, fact: &Fact) -> Result<String, Unread> {
        let text = raw.text().trim();
        let Some(unit) = &self.unit else {
            return match &self.map {
                Some(map) if !text.contains(|character: char| character.is_ascii_digit()) => {
                    Err(self.unknown(text, map, fact))
                }
                _ => Ok(text.to_owned()),
            };
        };
        let number = self.number(raw, fact)?;
        let is_alone = number.ends_with(|character: char| character.is_ascii_digit());
        let ends = number.split_once("..");
        Ok(match ends {
            Some((low, high)) if is_alone => format!("{low} {unit}..{high} {unit}"),
            _ if is_alone => format!("{number} {unit}"),
            _ => number,
        })
    }

    /// Puts what a value means into a fact; the unit is that of the rule, unless the value has one.
    pub fn put(&self, known: &mut MappedFact, meaning: Meaning, place: &Place) {
        known.pick = self.pick;
        let is_list = matches!(known.fact.kind, Kind::List(_));
        known.content = match meaning {
            Meaning::Value(value) => {
                if let (Some(unit), Kind::Quantity(_)) = (&self.unit, &known.fact.kind)
                    && value.ends_with(|character: char| character.is_ascii_digit())
                {
                    known.evidence.set("unit", Text::new(unit, place));
                }
                Some(Content::Value(value))
            }
            Meaning::Missing(cause) => Some(Content::Missing(cause)),
            Meaning::Empty if is_list => Some(Content::List(MappedList {
                items: Vec::new(),
                is_complete: true,
            })),
            Meaning::Empty | Meaning::Nothing => None,
        };
    }

    /// Takes the names of units from another rule.
    pub fn take_units_of(&mut self, other: &Self) {
        self.units.clone_from(&other.units);
    }

    /// What a record calls a unit of the source.
    pub fn unit_named<'u>(&'u self, unit: &'u str) -> &'u str {
        self.units.get(unit).map_or(unit, String::as_str)
    }
}

/// A declared unit, or what is wrong with it.
fn unit_of(reader: &mut NodeReader<'_>, span: &Range<usize>, unit: &str, fact: &Fact) {
    const SPANS: [&str; 4] = ["years", "months", "weeks", "days"];
    let (message, units): (_, Vec<&str>) = match &single(fact).kind {
        Kind::Quantity(measure) if measure.units().any(|known| known == unit) => return,
        Kind::Duration(_) if SPANS.contains(&unit) => return,
        Kind::Quantity(measure) => (
            format!("`{}` declares no unit `{unit}`", fact.path),
            measure.units().collect(),
        ),
        Kind::Duration(_) => (format!("`{unit}` is no unit of durations"), SPANS.to_vec()),
        _ => (format!("`{}` has no unit", fact.path), Vec::new()),
    };
    let help = did_you_mean(unit, units.iter().copied())
        .or_else(|| (!units.is_empty()).then(|| format!("write one of {}", units.join(", "))));
    reader.error(span, message, help);
}

/// What the items of a list are, if they are single values; else the fact itself.
pub(crate) fn single(fact: &Fact) -> &Fact {
    match &fact.kind {
        Kind::List(kind) => match &**kind {
            ItemKind::Single(single) => single,
            ItemKind::Fields(_) => fact,
        },
        _ => fact,
    }
}

/// One of these marks under a key.
fn mark(
    reader: &mut NodeReader<'_>,
    fields: Fields<'_>,
    key: &str,
    marks: &[&str],
) -> Option<char> {
    let node = fields.get(key)?;
    let found = node.scalar().map(|scalar| scalar.text.as_str());
    if let Some(found) = found.filter(|found| marks.contains(found)) {
        return found.chars().next();
    }
    let marks: Vec<String> = marks.iter().map(|mark| format!("'{mark}'")).collect();
    let help = format!("write one of {}", marks.join(", "));
    reader.error(&node.span, format!("`{key}` is one mark"), Some(help));
    None
}

/// What a word of a `map` means to a fact. The reader of records says whether it is a value.
pub(crate) fn meaning(
    reader: &mut NodeReader<'_>,
    node: &Node,
    fact: &Arc<Fact>,
    unit: &Option<String>,
) -> Option<Meaning> {
    match &node.content {
        NodeContent::Sequence(items) if items.is_empty() => {
            if matches!(fact.kind, Kind::List(_)) {
                return Some(Meaning::Empty);
            }
            let message = format!("`{}` is no list", fact.path);
            reader.error(&node.span, message, None);
            return None;
        }
        NodeContent::Mapping(_) => {
            let fields = reader.fields(node, "what a word means", &["missing"])?;
            return cause(reader, reader_required(fields)?);
        }
        _ => {}
    }
    let value = reader.text(node, "what a word means")?;
    if value == NOT_RECORDED {
        return Some(Meaning::Nothing);
    }
    if node.scalar().is_some_and(|scalar| scalar.plain) && value == "unknown" {
        return Some(Meaning::Missing(value));
    }
    try_value(reader, node.span.clone(), fact, &value, unit).then_some(Meaning::Value(value))
}

fn reader_required(fields: Fields<'_>) -> Option<&Node> {
    fields.get("missing")
}

/// Whether a fact, or an item of it, can have a value; the reader of records says what is wrong with it.
pub(crate) fn try_value(
    reader: &mut NodeReader<'_>,
    span: Range<usize>,
    fact: &Arc<Fact>,
    value: &str,
    unit: &Option<String>,
) -> bool {
    let place = Place {
        source: Arc::clone(reader.source),
        span,
    };
    // An item that is one value is tried by itself.
    let fact = match &fact.kind {
        Kind::List(_) => Arc::new(single(fact).clone()),
        _ => Arc::clone(fact),
    };
    let mut known = MappedFact::new(&fact, &place);
    known.content = Some(Content::Value(value.to_owned()));
    let is_alone = value.ends_with(|character: char| character.is_ascii_digit());
    if let (Some(unit), Kind::Quantity(_), true) = (unit, &fact.kind, is_alone) {
        known.evidence.set("unit", Text::new(unit, &place));
    }
    match read_alone(&known) {
        Ok(_) => true,
        Err(problems) => {
            reader.problems.extend(problems);
            false
        }
    }
}

/// Whether a number lies above 0 and not above 1.
fn is_fraction(number: &str) -> bool {
    number == "1" || number.starts_with("0.")
}

/// A hundred times a number, exactly.
fn hundredfold(number: &str) -> Option<String> {
    let sign = number.find(|character: char| character.is_ascii_digit())?;
    let (sign, digits) = number.split_at_checked(sign)?;
    let decimal = crate::value::number::parse(digits).ok()?;
    let hundredfold = decimal.checked_mul(rust_decimal::Decimal::ONE_HUNDRED)?;
    Some(format!("{sign}{}", hundredfold.normalize()))
}
