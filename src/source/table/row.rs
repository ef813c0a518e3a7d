//! The cells of a row → what they say of a candidate.

use std::sync::Arc;

use super::SharedFacts;
use super::cell::{Cell, CellValue, Row};
use super::columns::{Tick, Use, place};
use super::target::{ItemPart, ItemTarget, Target};
use crate::diagnostic::{Diagnostic, Place, nearest};
use crate::document::{Content as NodeContent, Node};
use crate::facts::{Fact, Kind};
use crate::shape::{Fields, NodeReader};
use crate::source::mapped::{
    Content, Evidence, ItemContent, MappedFact, MappedItem, MappedList, MappedRecord, Text,
    entry_of,
};
use crate::source::rule::{Meaning, Raw, Rule, Unread, meaning};

/// Something that the source file itself says.
#[derive(Debug, Clone)]
pub(crate) enum Constant {
    /// Of a fact, or of a field of an item.
    Fact(MappedFact),
    /// Beside a value.
    Beside(&'static str, Text),
}

/// What a constant is about.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    Fact(Arc<Fact>),
    Beside(&'static str),
}

impl Constant {
    /// Reads a constant.
    pub fn compile(reader: &mut NodeReader<'_>, node: &Node, part: Part) -> Option<Self> {
        let at = place(reader, &node.span);
        match part {
            Part::Beside(key) => {
                let text = reader.text(node, &format!("`{key}`"))?;
                if key == "date"
                    && let Err(message) = crate::value::date::parse(&text)
                {
                    reader.error(&node.span, message, None);
                    return None;
                }
                Some(Self::Beside(key, Text::new(text, &at)))
            }
            Part::Fact(fact) => {
                let mut known = MappedFact::new(&fact, &at);
                let meaning = meaning(reader, node, &fact, &None)?;
                Rule::default().put(&mut known, meaning, &at);
                Some(Self::Fact(known))
            }
        }
    }
}

/// Reads `with`: what is said of every candidate.
pub(crate) fn constants(
    reader: &mut NodeReader<'_>,
    fields: Fields<'_>,
    facts: &SharedFacts,
) -> Vec<Constant> {
    let Some(node) = fields.get("with") else {
        return Vec::new();
    };
    let mut constants = Vec::new();
    for (key, node) in reader.entries(node, "`with`").unwrap_or_default() {
        let Some(fact) = facts.get(&key.name) else {
            let message = format!("the trial declares no fact `{}`", key.name);
            let help = facts.suggestion(&key.name);
            reader.fault("unknown-key", &key.span, message, help);
            continue;
        };
        if matches!(fact.kind, Kind::List(_)) && !matches!(node.content, NodeContent::Sequence(_)) {
            let help = "a list that is the same for all can only be `[]`".to_owned();
            reader.error(&node.span, format!("`{}` is a list", key.name), Some(help));
            continue;
        }
        if let Some(Constant::Fact(mut known)) =
            Constant::compile(reader, node, Part::Fact(Arc::clone(fact)))
        {
            let (line, _) = known.place.line_column();
            let said = format!("{}:{line}", reader.source.name);
            let place = known.place.clone();
            known.evidence.set("source", Text::new(said, &place));
            constants.push(Constant::Fact(known));
        }
    }
    constants
}

/// A row being mapped.
pub(crate) struct RowMapper<'r> {
    pub row: &'r Row,
    pub record: MappedRecord,
    /// Items of the row, by list and number, and whether they are all of them.
    items: Vec<(Arc<Fact>, usize, MappedItem, bool)>,
    /// What stands beside values, which may stand behind it in the row.
    beside: Vec<(Arc<Fact>, &'static str, Text)>,
    /// What stands beside items.
    beside_items: Vec<(Arc<Fact>, usize, &'static str, Text)>,
    /// Units of fields of items.
    units: Vec<(Arc<Fact>, usize, Arc<Fact>, Text)>,
    /// Fields of items for which there is no value, which by themselves make no item.
    absent: Vec<(Arc<Fact>, usize, MappedFact)>,
    /// Days of a column that speaks of several things, such as a visit's: by themselves they make no item.
    days: Vec<(Arc<Fact>, usize, MappedFact)>,
    /// Items that columns of their own stand for.
    own: usize,
}

impl<'r> RowMapper<'r> {
    pub fn new(row: &'r Row) -> Self {
        Self {
            row,
            record: MappedRecord::new(row.start()),
            items: Vec::new(),
            beside: Vec::new(),
            beside_items: Vec::new(),
            units: Vec::new(),
            absent: Vec::new(),
            days: Vec::new(),
            // Above all numbers that a source file may give to items.
            own: 1_000_000,
        }
    }

    /// Notes what is wrong with a cell.
    pub fn refuse(&mut self, cell: &Cell, path: &str, unread: Unread) {
        let place = self.row.place(cell);
        let problem = Diagnostic::error(unread.message)
            .at(&place.source, place.span)
            .help_if(unread.help);
        self.record.problems.push(Diagnostic {
            about: Some(path.to_owned()),
            ..problem
        });
    }

    /// Takes what a cell says to all that its column speaks of. A value that one of them knows may be unknown to the others.
    pub fn cell(&mut self, cell: &Cell, name: &str, uses: &[Use]) {
        if let CellValue::Unreadable(message, help) = &cell.value {
            if let Some(first) = uses.first() {
                let unread = Unread {
                    message: message.clone(),
                    help: Some(help.clone()),
                };
                self.refuse(cell, &first.fact.path, unread);
            }
            return;
        }
        let read: Vec<_> = uses
            .iter()
            .map(|used| (used, used.read(&cell.raw())))
            .collect();
        let is_known = read.iter().any(|(_, read)| read.is_ok());
        for (used, read) in read {
            match read {
                Ok(meanings) => {
                    for meaning in meanings {
                        match &used.target {
                            Target::Item(item) if uses.len() > 1 && used.is_day() => {
                                let mut known = MappedFact::new(&used.fact, &self.row.place(cell));
                                used.rule.put(&mut known, meaning, &self.row.place(cell));
                                self.days.push((Arc::clone(&item.list), item.number, known));
                            }
                            _ => self.say(cell, name, used, meaning),
                        }
                    }
                }
                Err(unread) if !is_known => {
                    self.refuse(cell, &used.fact.path, unread);
                    // What is wrong is the value, once.
                    return;
                }
                Err(_) => {}
            }
        }
    }

    fn say(&mut self, cell: &Cell, name: &str, used: &Use, meaning: Meaning) {
        let place = self.row.place(cell);
        match &used.target {
            Target::ScreenedOn => {
                if let Meaning::Value(day) = meaning {
                    self.record.screened_on = Some(Text::new(day, &place));
                }
            }
            Target::Note => {
                if let Meaning::Value(note) = meaning {
                    self.record.note = Some(Text::new(note, &place));
                }
            }
            Target::Beside(fact, key) => {
                if let Meaning::Value(text) = meaning {
                    let text = used.rule.unit_named(&text).to_owned();
                    self.beside
                        .push((Arc::clone(fact), key, Text::new(text, &place)));
                }
            }
            Target::Value(fact) => {
                let mut known = MappedFact::new(fact, &place);
                match (&fact.kind, meaning) {
                    (Kind::List(_), Meaning::Value(value)) => {
                        let item = MappedItem {
                            content: ItemContent::Single(Box::new(Content::Value(value))),
                            evidence: Evidence::default(),
                            place: place.clone(),
                        };
                        known.content = Some(Content::List(MappedList {
                            items: vec![item],
                            // Boxes are some of the values that there may be.
                            is_complete: used.is_complete.unwrap_or(used.tick.is_none()),
                        }));
                    }
                    (_, meaning) => used.rule.put(&mut known, meaning, &place),
                }
                known
                    .evidence
                    .set("source", Text::new(self.source(cell, name), &place));
                for constant in &used.with {
                    if let Constant::Beside(key, text) = constant {
                        known.evidence.set(key, text.clone());
                    }
                }
                self.record.add(known);
            }
            Target::Item(item) => self.item(cell, name, (used, item), meaning),
        }
    }

    /// Adds to an item of the row.
    fn item(
        &mut self,
        cell: &Cell,
        name: &str,
        (used, target): (&Use, &ItemTarget),
        meaning: Meaning,
    ) {
        let place = self.row.place(cell);
        if let (ItemPart::Unit(field), Meaning::Value(unit)) = (&target.part, &meaning) {
            let unit = Text::new(used.rule.unit_named(unit), &place);
            let list = Arc::clone(&target.list);
            self.units
                .push((list, target.number, Arc::clone(field), unit));
            return;
        }
        if let ItemPart::Beside(key) = target.part {
            if let Meaning::Value(text) = meaning {
                let list = Arc::clone(&target.list);
                self.beside_items
                    .push((list, target.number, key, Text::new(text, &place)));
            }
            return;
        }
        let is_own = used.tick.is_some() || matches!(target.part, ItemPart::Whole);
        // Each part of a cell is an item, to which no other column adds.
        let number = match is_own && target.number == 0 || used.split.is_some() {
            true => {
                self.own += 1;
                self.own
            }
            false => target.number,
        };
        let source = Text::new(self.source(cell, name), &place);
        let is_complete = used.is_complete;
        match (&target.part, meaning) {
            (ItemPart::Whole, Meaning::Value(value)) if !value.is_empty() => {
                let item = MappedItem {
                    content: ItemContent::Single(Box::new(Content::Value(value))),
                    evidence: Evidence::default(),
                    place,
                };
                let list = Arc::clone(&target.list);
                self.items
                    .push((list, number, item, is_complete.unwrap_or(false)));
            }
            // A ticked box whose item is made of constants alone.
            (ItemPart::Whole, Meaning::Value(_)) => {
                let item = self.fields((&target.list, number), &place, &source, is_complete);
                add_constants(item, &used.with);
            }
            // That nothing is known of it, or that there is none, is said of the whole list.
            (ItemPart::Whole, meaning) | (ItemPart::Field(_), meaning @ Meaning::Empty) => {
                let mut known = MappedFact::new(&target.list, &place);
                used.rule.put(&mut known, meaning, &place);
                known.evidence.set("source", source);
                self.record.add(known);
            }
            (ItemPart::Field(field), meaning) => {
                let mut known = MappedFact::new(field, &place);
                used.rule.put(&mut known, meaning, &place);
                if let Some(Content::Missing(_)) = known.content {
                    known.evidence.set("source", source);
                    self.absent.push((Arc::clone(&target.list), number, known));
                } else if known.content.is_some() {
                    let item = self.fields((&target.list, number), &place, &source, is_complete);
                    if let ItemContent::Fields(fields) = &mut item.content {
                        entry_of(fields, field, &place).join(known);
                    }
                    add_constants(item, &used.with);
                }
            }
            (ItemPart::Unit(_) | ItemPart::Beside(_), _) => {}
        }
    }

    /// The item of a list with this number, which is made of fields.
    #[expect(
        clippy::indexing_slicing,
        reason = "the position was found in, or is that of what was pushed to, the same vector"
    )]
    fn fields(
        &mut self,
        (list, number): (&Arc<Fact>, usize),
        place: &Place,
        source: &Text,
        is_complete: Option<bool>,
    ) -> &mut MappedItem {
        let known = self
            .items
            .iter()
            .position(|(fact, known, ..)| fact.path == list.path && *known == number);
        let at = known.unwrap_or_else(|| {
            let mut evidence = Evidence::default();
            evidence.set("source", source.clone());
            let item = MappedItem {
                content: ItemContent::Fields(Vec::new()),
                evidence,
                place: place.clone(),
            };
            let complete = is_complete.unwrap_or(false);
            self.items.push((Arc::clone(list), number, item, complete));
            self.items.len() - 1
        });
        let (.., item, complete) = &mut self.items[at];
        *complete |= is_complete == Some(true);
        item
    }

    /// How the evidence names a cell: `list.csv:5 Sex`, `list.xlsx Referrals!C5 Sex`.
    fn source(&self, cell: &Cell, name: &str) -> String {
        let place = self.row.place(cell);
        let file = match place.source.table {
            Some(_) => place.name(),
            None => format!("{}:{}", place.source.name, place.line_column().0),
        };
        format!("{file} {name}")
    }

    /// Puts together what the row says.
    pub fn finish(mut self, constants: &[Constant]) -> MappedRecord {
        for (list, number, day) in std::mem::take(&mut self.days) {
            let mut items = self.items.iter_mut();
            let item = items.find(|(fact, known, ..)| fact.path == list.path && *known == number);
            if let Some((.., item, _)) = item
                && let ItemContent::Fields(fields) = &mut item.content
            {
                let place = day.place.clone();
                entry_of(fields, &Arc::clone(&day.fact), &place).join(day);
            }
        }
        for (list, number, field) in std::mem::take(&mut self.absent) {
            self.absent_field(&list, number, field);
        }
        for (list, number, key, text) in std::mem::take(&mut self.beside_items) {
            let mut items = self.items.iter_mut();
            let item = items.find(|(fact, known, ..)| fact.path == list.path && *known == number);
            if let Some((.., item, _)) = item {
                item.evidence.set(key, text);
            }
        }
        for (list, number, field, unit) in std::mem::take(&mut self.units) {
            let mut items = self.items.iter_mut();
            let item = items.find(|(fact, known, ..)| fact.path == list.path && *known == number);
            if let Some((.., item, _)) = item
                && let ItemContent::Fields(fields) = &mut item.content
                && let Some(known) = fields
                    .iter_mut()
                    .find(|known| known.fact.path == field.path)
            {
                known.evidence.set("unit", unit);
            }
        }
        for (list, _, item, is_complete) in std::mem::take(&mut self.items) {
            self.list_item(&list, item, is_complete);
        }
        for (fact, key, text) in std::mem::take(&mut self.beside) {
            let mut facts = self.record.facts.iter_mut();
            if let Some(known) = facts.find(|known| known.fact.path == fact.path) {
                known.evidence.set(key, text);
            }
        }
        for constant in constants {
            if let Constant::Fact(known) = constant {
                self.record.add(known.clone());
            }
        }
        let of_cell = |problem: &Diagnostic| problem.place.as_ref().map(|place| place.span.start);
        self.record.problems.sort_by_key(of_cell);
        self.record
    }

    /// Says why there is no value: of a field, if the item is there for another reason, else of the list.
    fn absent_field(&mut self, list: &Arc<Fact>, number: usize, field: MappedFact) {
        let mut items = self.items.iter_mut();
        let item = items.find(|(fact, known, ..)| fact.path == list.path && *known == number);
        match item {
            Some((.., item, _)) => {
                if let ItemContent::Fields(fields) = &mut item.content {
                    // A field of an item has no evidence of its own.
                    let place = field.place.clone();
                    let mut known = MappedFact::new(&field.fact, &place);
                    known.content = field.content;
                    entry_of(fields, &field.fact, &place).join(known);
                }
            }
            None => self.record.add(MappedFact {
                fact: Arc::clone(list),
                ..field
            }),
        }
    }

    /// Adds an item to its list. Items of one row are several, though they may say the same.
    fn list_item(&mut self, list: &Arc<Fact>, item: MappedItem, is_complete: bool) {
        let place = item.place.clone();
        let known = self.record.entry(list, &place);
        match &mut known.content {
            Some(Content::List(list)) if !list.items.is_empty() => {
                list.is_complete |= is_complete;
                list.items.push(item);
            }
            _ => {
                let mut found = MappedFact::new(list, &place);
                if let Some(source) = item.evidence.get("source") {
                    found.evidence.set("source", source.clone());
                }
                found.content = Some(Content::List(MappedList {
                    items: vec![item],
                    is_complete,
                }));
                known.join(found);
            }
        }
    }
}

/// Adds what goes with a value to its item, where the row does not say it.
fn add_constants(item: &mut MappedItem, constants: &[Constant]) {
    let ItemContent::Fields(fields) = &mut item.content else {
        return;
    };
    for constant in constants {
        match constant {
            Constant::Fact(known) => {
                entry_of(fields, &known.fact, &known.place).join(known.clone());
            }
            Constant::Beside(key, text) => item.evidence.set(key, text.clone()),
        }
    }
}

impl Use {
    /// Whether it is a day of an item, and nothing else.
    pub fn is_day(&self) -> bool {
        let is_field =
            matches!(&self.target, Target::Item(item) if matches!(item.part, ItemPart::Field(_)));
        is_field
            && self.tick.is_none()
            && self.with.is_empty()
            && matches!(self.fact.kind, Kind::Date(_))
    }

    /// What a value says, several times if the cell holds several.
    fn read(&self, raw: &Raw<'_>) -> Result<Vec<Meaning>, Unread> {
        if let Some(tick) = &self.tick {
            return tick.read(self, raw);
        }
        let whole = self.rule.map.as_ref().and_then(|map| map.get(raw.text()));
        let parts = match (self.split, whole) {
            (Some(split), None) => raw.text().split(split).map(str::trim).collect(),
            _ => Vec::new(),
        };
        if parts.len() < 2 {
            return Ok(self.rule.read(&self.fact, raw)?.into_iter().collect());
        }
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        let read = parts.map(|part| self.rule.read(&self.fact, &Raw::Text(part)));
        Ok(read
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .collect())
    }
}

impl Tick {
    fn read(&self, used: &Use, raw: &Raw<'_>) -> Result<Vec<Meaning>, Unread> {
        let text = raw.text().trim();
        let is = |words: &[String]| {
            words.iter().any(|word| {
                word == text || !text.is_empty() && word.to_lowercase() == text.to_lowercase()
            })
        };
        if is(&self.when) {
            // An item that the constants make up has no value of its own.
            let own = Meaning::Value(String::new());
            return Ok(vec![self.value.clone().unwrap_or(own)]);
        }
        if text.is_empty() || is(&self.unless) {
            return Ok(Vec::new());
        }
        if let Some(meaning) = used.rule.missing.get(text) {
            return Ok(vec![meaning.clone()]);
        }
        let words: Vec<&str> = self
            .when
            .iter()
            .chain(&self.unless)
            .map(String::as_str)
            .collect();
        let near = nearest(text, words.iter().copied());
        Err(Unread {
            message: format!("`{text}` does not say whether the box is ticked"),
            help: Some(match near {
                Some(near) => format!("did you mean `{near}`? or add it to `when` or to `unless`"),
                None => format!(
                    "known are `{}`; add it to `when` or to `unless`",
                    words.join("`, `")
                ),
            }),
        })
    }
}
