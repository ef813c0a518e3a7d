//! The cells of a row of a table → events, in the order of the record that they make up.
//!
//! Which column leads where is laid out once for a header, as a [`Layout`]; a row is walked along it. A cell without quotes
//! is read where it stands.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::hash::{Hash as _, Hasher as _};
use std::ops::Range;
use std::sync::Arc;

use memchr::{memchr_iter, memchr3};
use rustc_hash::FxHasher;

use super::super::names::Names;
use super::super::spelling::CauseWords;
use super::json::Json;
use super::{Broken, Content, Intake, Key, Place, Scalar};
use crate::diagnostic::lookalike::has_visible_character;
use crate::diagnostic::{CellNames, Diagnostic, Source, TableRow};

/// No row has more cells, and no cell more values.
pub const MOST_PARTS: usize = 10_000;

/// Cells that this separates hold all other characters as they stand: no quote means anything there, nor a line break.
pub const UNIT_SEPARATOR: u8 = 0x1f;

/// Which cells of a row make up which value of the record.
#[derive(Debug, Default)]
pub struct Layout {
    /// How many cells a row has.
    pub cells: usize,
    /// What stands between them.
    pub separator: u8,
    /// Cells that must be empty, since their column has no name.
    pub unnamed: Vec<usize>,
    /// In the order of their first columns.
    pub facts: Vec<FactCells>,
    /// For each cell, the place of the fact that it is a cell of.
    owners: Vec<Option<usize>>,
}

impl Layout {
    /// The layout of rows with so many cells, of which nothing is known yet.
    pub fn new(cells: usize, separator: u8) -> Self {
        Self {
            cells,
            separator,
            ..Self::default()
        }
    }

    /// Whether anything is read from a cell.
    #[cfg(feature = "parquet")]
    pub fn is_read(&self, cell: usize) -> bool {
        self.unnamed.contains(&cell) || self.owners.get(cell).is_some_and(Option::is_some)
    }

    /// Notes whose each cell is, once all facts are there.
    pub fn note_owners(&mut self) {
        let mut owners = vec![None; self.cells];
        for (place, fact) in self.facts.iter().enumerate() {
            for cell in fact.cells() {
                if let Some(owner) = owners.get_mut(cell) {
                    *owner = Some(place);
                }
            }
        }
        self.owners = owners;
    }
}

/// The cells of a fact, or of another key of the record.
#[derive(Debug)]
pub struct FactCells {
    /// Its path.
    pub path: String,
    /// Its place among the keys of a record.
    pub key: usize,
    /// The cell of its value.
    pub value: Option<(usize, Holds)>,
    /// Cells of what stands beside it: the place of the key, the cell.
    pub beside: Vec<(usize, usize, Holds)>,
    /// The items of a list, by their number.
    pub items: Vec<ItemCells>,
}

/// The cells of an item of a list.
#[derive(Debug)]
pub struct ItemCells {
    /// Its number.
    pub number: usize,
    /// Its fields.
    pub fields: Vec<FieldCells>,
}

/// The cells of a field of an item.
#[derive(Debug)]
pub struct FieldCells {
    /// Its place among the keys of an item.
    pub key: usize,
    /// The cell of its value.
    pub value: Option<usize>,
    /// Cells of what stands beside it: the place of the key, the cell.
    pub beside: Vec<(usize, usize)>,
}

/// What a cell may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// One value.
    Value,
    /// A list of items as JSON.
    Items,
    /// A list of values, as JSON or joined by `;`.
    Values,
    /// A list of codes, as JSON or joined by `;` or `,`, which no code contains.
    Codes,
}

/// The cells of a row, in memory that is used again.
#[derive(Debug, Default)]
pub struct CellRow {
    /// Cells without their quotes, where some have any.
    text: Vec<u8>,
    /// The bytes of each cell, without blanks around it. Those behind the last one are empty.
    cells: Vec<Range<usize>>,
    /// How many cells the row has.
    count: usize,
    /// The cells with something in them. Most cells of a wide table are empty: they are passed over.
    filled: Vec<usize>,
    ends: Vec<usize>,
    given: Vec<Given>,
    reader: Option<Box<csv_core::Reader>>,
}

/// A fact that a row says something of.
#[derive(Debug, Clone, Copy)]
struct Given {
    /// Its place in the layout.
    fact: usize,
    /// Its first cell with something in it.
    first: usize,
}

/// A row that was taken apart.
#[derive(Debug, Clone, Copy)]
pub struct SplitRow<'s> {
    /// The text that the cells are in.
    pub text: &'s str,
    /// The bytes of each cell.
    pub cells: &'s [Range<usize>],
    /// In the order of the layout. Most cells of a wide table are empty: they are looked at once.
    given: &'s [Given],
}

/// What is wrong with a cell as such.
pub struct BadCell {
    /// The cell.
    pub cell: usize,
    /// What of the record it is about.
    pub about: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: Vec<String>,
}

impl FactCells {
    /// A fact that no cell says anything of.
    pub fn new(path: &str, key: usize) -> Self {
        Self {
            path: path.to_owned(),
            key,
            value: None,
            beside: Vec::new(),
            items: Vec::new(),
        }
    }

    /// All its cells.
    fn cells(&self) -> impl Iterator<Item = usize> {
        let of_items = self.items.iter().flat_map(|item| &item.fields);
        let of_items = of_items.flat_map(|field| {
            let beside = field.beside.iter().map(|(_, cell)| *cell);
            field.value.into_iter().chain(beside)
        });
        let value = self.value.map(|(cell, _)| cell);
        let beside = self.beside.iter().map(|(_, cell, _)| *cell);
        value.into_iter().chain(beside).chain(of_items)
    }

    /// Whether a cell is one of its, and holds one value.
    #[cfg(feature = "parquet")]
    pub fn is_one_value(&self, cell: usize) -> bool {
        let beside = self.beside.iter().map(|(_, cell, holds)| (*cell, *holds));
        let known = self
            .value
            .into_iter()
            .chain(beside)
            .find(|(known, _)| *known == cell);
        match known {
            Some((_, holds)) => holds == Holds::Value,
            None => self.cells().any(|known| known == cell),
        }
    }

    /// Whether its cells hold a list.
    pub fn is_list(&self) -> bool {
        let holds_list = |holds| holds != Holds::Value;
        !self.items.is_empty()
            || self.value.is_some_and(|(_, holds)| holds_list(holds))
            || self.beside.iter().any(|(_, _, holds)| holds_list(*holds))
    }

    /// The item of this number, made if it is not there.
    pub fn item(&mut self, number: usize) -> &mut ItemCells {
        let place = self.items.partition_point(|item| item.number < number);
        if self
            .items
            .get(place)
            .is_none_or(|item| item.number != number)
        {
            let fields = Vec::new();
            self.items.insert(place, ItemCells { number, fields });
        }
        #[expect(clippy::indexing_slicing, reason = "it is there or was made just now")]
        &mut self.items[place]
    }
}

impl ItemCells {
    /// The field of this key, made if it is not there.
    pub fn field(&mut self, key: usize) -> &mut FieldCells {
        let place = self.fields.iter().position(|field| field.key == key);
        let place = place.unwrap_or_else(|| {
            self.fields.push(FieldCells {
                key,
                value: None,
                beside: Vec::new(),
            });
            self.fields.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "it is there or was made just now")]
        &mut self.fields[place]
    }
}

impl CellRow {
    /// Takes a row apart; none if it has more cells than any row has.
    pub fn split<'s>(&'s mut self, row: &'s str, layout: &Layout) -> Option<SplitRow<'s>> {
        let is_simple = self.cut(row, layout.separator);
        let text = if is_simple { row } else { unquoted(&self.text) };
        if self.count > MOST_PARTS {
            return None;
        }
        self.given.clear();
        let mut last = None;
        for first in self.filled.iter().copied() {
            let Some(cell) = self.cells.get_mut(first) else {
                continue;
            };
            *cell = trimmed(text, cell.clone());
            let owner = layout.owners.get(first).copied().flatten();
            if let Some(fact) = owner.filter(|_| owner != last && !Range::is_empty(cell)) {
                self.given.push(Given { fact, first });
                last = owner;
            }
        }
        // Columns of a fact need not stand beside each other.
        if !self.given.is_sorted_by(|one, other| one.fact < other.fact) {
            self.given.sort_by_key(|given| given.fact);
            self.given.dedup_by_key(|given| given.fact);
        }
        Some(SplitRow {
            text,
            cells: self.cells.get(..self.count)?,
            given: &self.given,
        })
    }

    /// The text of one cell of a row, without blanks around it; empty where the row has no such cell.
    pub fn cell<'s>(&'s mut self, row: &'s str, at: usize, separator: u8) -> &'s str {
        let ends = memchr_iter(separator, row.as_bytes());
        let mut ends = ends.chain([row.len()]).skip(at.saturating_sub(1));
        let start = if at == 0 {
            Some(0)
        } else {
            ends.next().map(|end| end + 1)
        };
        let end = ends.next().unwrap_or(row.len());
        // A separator between quotes separates nothing.
        let is_simple = separator == UNIT_SEPARATOR
            || row.get(..end).is_some_and(|before| !before.contains('"'));
        let text = if is_simple || self.cut(row, separator) {
            row
        } else {
            unquoted(&self.text)
        };
        let cell = if is_simple {
            start.map(|start| start..end)
        } else {
            self.cells.get(at).cloned()
        };
        cell.and_then(|cell| text.get(trimmed(text, cell)))
            .unwrap_or_default()
    }

    /// Finds the cells of a row; whether they are where they stand in it, without quotes.
    fn cut(&mut self, row: &str, separator: u8) -> bool {
        for filled in self.filled.drain(..) {
            if let Some(cell) = self.cells.get_mut(filled) {
                *cell = 0..0;
            }
        }
        self.count = 0;
        let bytes = row.as_bytes();
        if separator != UNIT_SEPARATOR && memchr3(b'"', b'\r', b'\n', bytes).is_some() {
            self.split_quoted(bytes, separator);
            return false;
        }
        if row.is_empty() && separator != UNIT_SEPARATOR {
            return true;
        }
        // Most cells of a wide table are empty: looking for the next separator by a call costs more than the bytes do.
        let mut start = 0;
        for (end, byte) in bytes.iter().enumerate() {
            if *byte == separator {
                self.push(start..end);
                start = end + 1;
            }
        }
        self.push(start..bytes.len());
        true
    }

    #[inline]
    fn push(&mut self, cell: Range<usize>) {
        if self.cells.len() <= self.count {
            self.cells.push(0..0);
        }
        if !cell.is_empty()
            && let Some(place) = self.cells.get_mut(self.count)
        {
            *place = cell;
            self.filled.push(self.count);
        }
        self.count += 1;
    }

    /// The same by the CSV library, which knows quotes.
    fn split_quoted(&mut self, row: &[u8], separator: u8) {
        let reader = self.reader.get_or_insert_with(|| {
            Box::new(csv_core::ReaderBuilder::new().delimiter(separator).build())
        });
        reader.reset();
        self.text.clear();
        self.text.resize(row.len(), 0);
        // As many ends as there may be cells.
        let most = memchr_iter(separator, row).count() + 1;
        self.ends.clear();
        self.ends.resize(most, 0);
        let (mut input, mut written, mut ended) = (row, 0, 0);
        loop {
            let (out, ends) = (
                self.text.get_mut(written..).unwrap_or_default(),
                self.ends.get_mut(ended..).unwrap_or_default(),
            );
            let (result, read, wrote, found) = reader.read_record(input, out, ends);
            input = input.get(read..).unwrap_or_default();
            (written, ended) = (written + wrote, ended + found);
            match result {
                csv_core::ReadRecordResult::InputEmpty => {}
                _ => break,
            }
        }
        let mut start = 0;
        let ends = std::mem::take(&mut self.ends);
        for end in ends.iter().take(ended) {
            self.push(start..*end);
            start = *end;
        }
        self.ends = ends;
    }
}

/// What is left of UTF-8 without some of its quotes is UTF-8.
fn unquoted(text: &[u8]) -> &str {
    std::str::from_utf8(text).unwrap_or_default()
}

impl<'s> SplitRow<'s> {
    /// The text of a cell, without blanks around it; empty where the row has no such cell.
    pub fn cell(&self, at: usize) -> &'s str {
        let cell = self.cells.get(at).cloned();
        cell.and_then(|cell| self.text.get(trimmed(self.text, cell)))
            .unwrap_or_default()
    }

    /// The facts that the row says something of.
    pub fn given<'l>(&self, layout: &'l Layout) -> impl Iterator<Item = &'l FactCells> {
        let given = self.given.iter();
        given.filter_map(|given| layout.facts.get(given.fact))
    }

    /// A hash of what its cells of lists say.
    pub fn hash_of_lists(&self, layout: &Layout) -> u64 {
        let mut hasher = FxHasher::default();
        for cell in self
            .given(layout)
            .filter(|fact| fact.is_list())
            .flat_map(FactCells::cells)
        {
            let text = self.cell(cell);
            if !text.is_empty() {
                (cell, text).hash(&mut hasher);
            }
        }
        hasher.finish()
    }
}

/// A cell without the blanks around it; one in which nothing can be seen is empty.
#[inline]
fn trimmed(text: &str, cell: Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    let is_letter = |at: usize| {
        bytes
            .get(at)
            .is_some_and(|byte| (0x21..0x7f).contains(byte))
    };
    if cell.is_empty() || (is_letter(cell.start) && is_letter(cell.end - 1)) {
        return cell;
    }
    let Some(whole) = text.get(cell.clone()) else {
        return cell;
    };
    let start = cell.start + (whole.len() - whole.trim_start().len());
    if !has_visible_character(whole) {
        return start..start;
    }
    start..(start + whole.trim().len())
}

/// A row being walked along its layout.
pub struct Cells<'s> {
    layout: &'s Layout,
    /// The row as it is in the list.
    row: &'s str,
    /// The words for what is missing; none where the row is read to the letter.
    words: Option<&'s CauseWords>,
    /// The text that the cells are in.
    text: &'s str,
    cells: &'s [Range<usize>],
    given: &'s [Given],
    open: Vec<Open<'s>>,
    next: Next<'s>,
    place: Place,
    key: Place,
    /// What is wrong with cells as such.
    pub problems: Vec<BadCell>,
    /// The bytes of each cell in the row, once something is wrong in it.
    spans: OnceCell<Vec<Range<usize>>>,
}

/// What was begun and has not ended.
enum Open<'s> {
    Record {
        given: usize,
    },
    Fact {
        of: &'s FactCells,
        step: usize,
        has_value: bool,
    },
    Items {
        of: &'s FactCells,
        item: usize,
    },
    Item {
        of: &'s ItemCells,
        field: usize,
    },
    Field {
        of: &'s FieldCells,
        step: usize,
    },
    Split {
        rest: Option<&'s str>,
        by: &'static [char],
    },
    Json(Box<Json<'s>>),
}

/// What stands next.
enum Next<'s> {
    Record,
    Fact(&'s FactCells, bool),
    Items(&'s FactCells),
    Item(&'s ItemCells),
    Field(&'s FieldCells),
    Cell(usize, Holds),
    Word(&'s str),
    Nothing,
    Json,
}

impl BadCell {
    /// The problem, with its place in the row.
    pub fn at(self, cells: &Cells<'_>, source: &Arc<Source>) -> Diagnostic {
        let place = Place {
            start: self.cell,
            end: WHOLE,
        };
        Diagnostic {
            about: self.about,
            help: self.help,
            ..Diagnostic::error(self.message).at(source, cells.bytes_of(place))
        }
    }
}

/// Where a value begins that has no cell of its own.
const START: usize = 0;
/// A cell as a whole.
const WHOLE: usize = 1;
/// The row.
const ROW: Place = Place {
    start: usize::MAX,
    end: START,
};

impl<'s> Cells<'s> {
    /// Begins a row that was taken apart.
    pub fn new(
        layout: &'s Layout,
        row: &'s str,
        split: SplitRow<'s>,
        words: Option<&'s CauseWords>,
    ) -> Self {
        let SplitRow { text, cells, given } = split;
        let mut cells = Self {
            layout,
            row,
            words,
            text,
            cells,
            given,
            open: Vec::with_capacity(6),
            next: Next::Record,
            place: ROW,
            key: ROW,
            problems: Vec::new(),
            spans: OnceCell::new(),
        };
        for cell in layout.unnamed.iter().copied() {
            if !cells.is_empty(cell) {
                cells.problems.push(BadCell {
                    cell,
                    about: None,
                    message: "the cell stands in a column without a name".to_owned(),
                    help: vec![
                        "give the column a name in the header, or empty the cell".to_owned(),
                    ],
                });
            }
        }
        cells
    }

    /// Begins the row again.
    pub fn restart(&mut self) {
        self.open.clear();
        self.next = Next::Record;
        self.problems.retain(|problem| problem.about.is_none());
    }

    #[inline]
    fn is_empty(&self, cell: usize) -> bool {
        self.cells.get(cell).is_none_or(Range::is_empty)
    }

    #[inline]
    fn cell(&self, cell: usize) -> &'s str {
        self.cells
            .get(cell)
            .and_then(|cell| self.text.get(cell.clone()))
            .unwrap_or_default()
    }

    /// The first cell with something in it.
    fn first_of_item(&self, item: &ItemCells) -> Option<usize> {
        item.fields
            .iter()
            .filter_map(|field| self.first_of_field(field))
            .min()
    }

    fn first_of_field(&self, field: &FieldCells) -> Option<usize> {
        let beside = field.beside.iter().map(|(_, cell)| *cell);
        field
            .value
            .into_iter()
            .chain(beside)
            .filter(|cell| !self.is_empty(*cell))
            .min()
    }

    fn has_items(&self, fact: &FactCells) -> bool {
        fact.items
            .iter()
            .any(|item| self.first_of_item(item).is_some())
    }

    /// Whether a cell holds something that can be read; says what is wrong with it if it cannot.
    fn is_readable(&mut self, about: &str, cell: usize, holds: Holds) -> bool {
        let text = self.cell(cell);
        if text.is_empty() {
            return false;
        }
        if holds == Holds::Value || self.is_missing(text, holds) {
            return true;
        }
        let problem = if text.starts_with('[') {
            wrong_json(text)
        } else if holds == Holds::Items {
            Some((
                format!("`{text}` is no list of items"),
                vec!["write `[]` if none is known, `unknown` if nobody knows, the items as JSON, or each field in a column of its own".to_owned()],
            ))
        } else if text.matches(holds.joined_by()).count() > MOST_PARTS {
            Some((
                format!("too large: more than {MOST_PARTS} values in a cell"),
                Vec::new(),
            ))
        } else {
            None
        };
        let Some((message, help)) = problem else {
            return true;
        };
        self.problems.push(BadCell {
            cell,
            about: Some(about.to_owned()),
            message,
            help,
        });
        false
    }

    /// Whether a cell of a list says that nothing is known of it. What a list of codes says is not for a cell to decide: a word
    /// may be one of the codes.
    fn is_missing(&self, text: &str, holds: Holds) -> bool {
        let is_word = || self.words.is_some_and(|words| words.find(text).is_some());
        text == "unknown" || holds == Holds::Items && !text.starts_with('[') && is_word()
    }

    /// Begins a fact; its value stands in a cell that can be read, or in none.
    fn begin_fact(&mut self, fact: &'s FactCells, first: usize) {
        let has_value = fact
            .value
            .is_some_and(|(cell, holds)| self.is_readable(&fact.path, cell, holds));
        if has_value && self.has_items(fact) {
            self.problems.push(BadCell {
                cell: first,
                about: Some(fact.path.clone()),
                message: format!(
                    "`{}` is given in a cell of its own and in columns for its items",
                    fact.path
                ),
                help: vec!["leave one of them empty".to_owned()],
            });
        }
        self.next = Next::Fact(fact, has_value);
    }

    /// The value of a fact by itself.
    fn value_of(&self, fact: &'s FactCells, has_value: bool) -> Next<'s> {
        match fact.value {
            _ if self.has_items(fact) => Next::Items(fact),
            Some((cell, holds)) if has_value => Next::Cell(cell, holds),
            _ => Next::Nothing,
        }
    }

    fn begin_cell(&mut self, cell: usize, holds: Holds) -> Content<'s> {
        self.place = Place {
            start: cell,
            end: WHOLE,
        };
        let text = self.cell(cell);
        if holds == Holds::Value || self.is_missing(text, holds) {
            return scalar(text);
        }
        if text.starts_with('[') {
            self.open.push(Open::Json(Box::new(Json::new(text))));
            self.next = Next::Json;
            return self.value().unwrap_or(Content::Null);
        }
        self.open.push(Open::Split {
            rest: Some(text),
            by: holds.joined_by(),
        });
        Content::List
    }
}

impl Holds {
    fn joined_by(self) -> &'static [char] {
        match self {
            Self::Codes => &[';', ','],
            _ => &[';'],
        }
    }
}

fn scalar(text: &str) -> Content<'_> {
    Content::Scalar(Scalar {
        text: Cow::Borrowed(text),
        plain: true,
    })
}

/// What is wrong with JSON in a cell.
fn wrong_json(text: &str) -> Option<(String, Vec<String>)> {
    let mut json = Json::new(text);
    let read = json
        .value()
        .and_then(|begun| json.skip(&begun))
        .and_then(|()| json.finish());
    read.err().map(|Broken| {
        let Diagnostic { message, help, .. } = json.explain(&Source::new("cell", text));
        let quotes = "a list in a cell is JSON, its quotes doubled".to_owned();
        (message, help.into_iter().chain([quotes]).collect())
    })
}

impl<'s> Intake<'s> for Cells<'s> {
    fn value(&mut self) -> Result<Content<'s>, Broken> {
        if let Some(Open::Json(json)) = self.open.last_mut() {
            return json.value();
        }
        let start = |place: Place| Place {
            end: START,
            ..place
        };
        Ok(match std::mem::replace(&mut self.next, Next::Nothing) {
            Next::Record => {
                self.place = ROW;
                self.open.push(Open::Record { given: 0 });
                Content::Map
            }
            Next::Fact(fact, has_value) => {
                self.place = start(self.key);
                let has_beside = fact.beside.iter().any(|(_, cell, _)| !self.is_empty(*cell));
                if has_beside {
                    self.open.push(Open::Fact {
                        of: fact,
                        step: 0,
                        has_value,
                    });
                    Content::Map
                } else {
                    self.next = self.value_of(fact, has_value);
                    return self.value();
                }
            }
            Next::Items(fact) => {
                self.place = start(self.key);
                self.open.push(Open::Items { of: fact, item: 0 });
                Content::List
            }
            Next::Item(item) => {
                self.place = Place {
                    start: self.first_of_item(item).unwrap_or(0),
                    end: START,
                };
                self.open.push(Open::Item { of: item, field: 0 });
                Content::Map
            }
            Next::Field(field) => {
                self.place = start(self.key);
                let has_beside = field.beside.iter().any(|(_, cell)| !self.is_empty(*cell));
                match field.value.filter(|cell| !self.is_empty(*cell)) {
                    Some(cell) if !has_beside => self.begin_cell(cell, Holds::Value),
                    _ => {
                        self.open.push(Open::Field { of: field, step: 0 });
                        Content::Map
                    }
                }
            }
            Next::Cell(cell, holds) => self.begin_cell(cell, holds),
            Next::Word(word) => scalar(word),
            Next::Nothing | Next::Json => {
                self.place = start(self.key);
                Content::Null
            }
        })
    }

    fn key(&mut self, names: &Names, guess: usize, near: usize) -> Result<Option<Key<'s>>, Broken> {
        let found = match self.open.last_mut() {
            Some(Open::Json(json)) => {
                let key = json.key(names, guess, near)?;
                self.leave_json();
                return Ok(key);
            }
            Some(Open::Record { given }) => {
                let found = self.given.get(*given).copied();
                *given += 1;
                let fact = found.and_then(|found| self.layout.facts.get(found.fact));
                found.zip(fact).map(|(Given { first, .. }, fact)| {
                    self.key = Place {
                        start: first,
                        end: WHOLE,
                    };
                    self.begin_fact(fact, first);
                    fact.key
                })
            }
            Some(Open::Fact {
                of,
                step,
                has_value,
            }) => {
                let (of, has_value, mut at) = (*of, *has_value, *step);
                let found = self.key_of_fact(of, has_value, &mut at);
                if let Some(Open::Fact { step, .. }) = self.open.last_mut() {
                    *step = at;
                }
                found
            }
            Some(Open::Item { of, field }) => {
                let (of, mut at) = (*of, *field);
                let found = loop {
                    let Some(field) = of.fields.get(at) else {
                        break None;
                    };
                    at += 1;
                    if let Some(first) = self.first_of_field(field) {
                        self.key = Place {
                            start: first,
                            end: WHOLE,
                        };
                        self.next = Next::Field(field);
                        break Some(field.key);
                    }
                };
                if let Some(Open::Item { field, .. }) = self.open.last_mut() {
                    *field = at;
                }
                found
            }
            Some(Open::Field { of, step }) => {
                let (of, mut at) = (*of, *step);
                let found = self.key_of_field(of, &mut at);
                if let Some(Open::Field { step, .. }) = self.open.last_mut() {
                    *step = at;
                }
                found
            }
            _ => return Err(Broken),
        };
        if found.is_none() {
            self.open.pop();
        }
        Ok(found.map(Key::Known))
    }

    fn item(&mut self) -> Result<bool, Broken> {
        let found = match self.open.last_mut() {
            Some(Open::Json(json)) => {
                let more = json.item()?;
                self.leave_json();
                return Ok(more);
            }
            Some(Open::Split { rest, by }) => match rest.take() {
                Some(text) => {
                    let (word, behind) = match text.split_once(*by) {
                        Some((word, behind)) => (word, Some(behind)),
                        None => (text, None),
                    };
                    *rest = behind;
                    self.next = Next::Word(word.trim());
                    true
                }
                None => false,
            },
            Some(Open::Items { of, item }) => {
                let (of, mut at) = (*of, *item);
                let found = loop {
                    let Some(item) = of.items.get(at) else {
                        break false;
                    };
                    at += 1;
                    if self.first_of_item(item).is_some() {
                        self.next = Next::Item(item);
                        break true;
                    }
                };
                if let Some(Open::Items { item, .. }) = self.open.last_mut() {
                    *item = at;
                }
                found
            }
            _ => return Err(Broken),
        };
        if !found {
            self.open.pop();
        }
        Ok(found)
    }

    fn place(&self) -> Place {
        self.place
    }

    fn key_place(&self) -> Place {
        self.key
    }

    fn bytes_of(&self, place: Place) -> Range<usize> {
        if place == ROW {
            return 0..0;
        }
        let spans = || spans(self.row, self.layout.separator);
        let cell = self
            .spans
            .get_or_init(spans)
            .get(place.start)
            .cloned()
            .unwrap_or_default();
        if place.end == WHOLE {
            cell
        } else {
            cell.start..cell.start
        }
    }

    fn number_of_item(&self, count: usize) -> usize {
        match self.open.last() {
            Some(Open::Items { of, item }) => of
                .items
                .get(item.saturating_sub(1))
                .map_or(count + 1, |item| item.number),
            _ => count + 1,
        }
    }

    fn lone_word(&self) -> Option<&'s str> {
        match self.open.last() {
            Some(Open::Split { rest, by }) => rest.filter(|text| !text.contains(*by)),
            _ => None,
        }
    }

    fn is_in_cell(&self) -> bool {
        matches!(self.open.last(), Some(Open::Json(_) | Open::Split { .. }))
    }
}

impl<'s> Cells<'s> {
    /// JSON in a cell ends where its outermost list does.
    fn leave_json(&mut self) {
        if let Some(Open::Json(json)) = self.open.last()
            && json.depth() == 0
        {
            self.open.pop();
        }
    }

    fn key_of_fact(
        &mut self,
        of: &'s FactCells,
        has_value: bool,
        step: &mut usize,
    ) -> Option<usize> {
        /// The value, or a cause of its being missing, as the table of keys has them.
        const VALUES: [usize; 2] = [0, 1];
        if *step == 0 {
            *step = 1;
            // An empty cell is not recorded, also where something is said about it.
            let says_value = |(key, cell, _): &(usize, usize, Holds)| {
                VALUES.contains(key) && !self.is_empty(*cell)
            };
            if has_value || self.has_items(of) || !of.beside.iter().any(says_value) {
                self.next = self.value_of(of, has_value);
                return Some(0);
            }
        }
        while let Some((key, cell, holds)) = of.beside.get(*step - 1).copied() {
            *step += 1;
            if !self.is_empty(cell) {
                self.key = Place {
                    start: cell,
                    end: WHOLE,
                };
                if self.is_readable(&of.path, cell, holds) {
                    self.next = Next::Cell(cell, holds);
                    return Some(key);
                }
            }
        }
        None
    }

    fn key_of_field(&mut self, of: &'s FieldCells, step: &mut usize) -> Option<usize> {
        /// The value, or a cause of its being missing, as the table of keys has them.
        const VALUES: [usize; 2] = [0, 2];
        if *step == 0 {
            *step = 1;
            let value = of.value.filter(|cell| !self.is_empty(*cell));
            let says_value =
                |(key, cell): &(usize, usize)| VALUES.contains(key) && !self.is_empty(*cell);
            if value.is_some() || !of.beside.iter().any(says_value) {
                self.next = value.map_or(Next::Nothing, |cell| Next::Cell(cell, Holds::Value));
                return Some(0);
            }
        }
        while let Some((key, cell)) = of.beside.get(*step - 1).copied() {
            *step += 1;
            if !self.is_empty(cell) {
                self.key = Place {
                    start: cell,
                    end: WHOLE,
                };
                self.next = Next::Cell(cell, Holds::Value);
                return Some(key);
            }
        }
        None
    }
}

/// A row of a table that is no text, for messages.
pub fn row_of_table(
    name: &str,
    row: usize,
    text: &str,
    names: &CellNames,
    separator: u8,
) -> Arc<Source> {
    let cells = spans(text, separator).into_iter();
    let table = TableRow {
        names: names.clone(),
        cells: cells.map(|cell| cell.start).collect(),
    };
    // A reader of the message sees commas.
    let text = text.replace(char::from(UNIT_SEPARATOR), ",");
    Source::row_of_table(name, text, row, table)
}

/// The bytes of each cell of a row. A quote counts where a cell begins, or in a cell that began with one.
pub fn spans(text: &str, separator: u8) -> Vec<Range<usize>> {
    let (bytes, mut spans, mut start) = (text.as_bytes(), Vec::new(), 0);
    if separator == UNIT_SEPARATOR {
        for end in memchr_iter(separator, bytes).chain([bytes.len()]) {
            spans.push(start..end);
            start = end + 1;
        }
        return spans;
    }
    let end = text.trim_end_matches(['\r', '\n']).len();
    loop {
        let rest = bytes.get(start..end).unwrap_or_default();
        let mut quoted = false;
        let separates = |(at, byte): (usize, &u8)| {
            quoted ^= *byte == b'"' && (at == 0 || rest.first() == Some(&b'"'));
            *byte == separator && !quoted
        };
        match rest.iter().enumerate().position(separates) {
            Some(length) => {
                spans.push(start..start + length);
                start += length + 1;
            }
            None => {
                spans.push(start..end.max(start));
                return spans;
            }
        }
    }
}
