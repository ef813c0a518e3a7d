//! Whatever a record says, a row of a CSV list can say, and it reads back the same.

use std::sync::Arc;

use eligo::batch::columns::{ColumnOptions, Columns};
use eligo::batch::{Chunk, Layout, List, Rows};
use eligo::diagnostic::Diagnostic;
use eligo::document::Notation;
use eligo::facts::{Fact, Facts, ItemKind, Kind};
use eligo::record::{Dates, FieldTable, Origin, Record, RecordBuffer};
use eligo::trial::Trial;
use eligo::value::Bounds;
use rust_decimal::Decimal;

use crate::choices::{Choices, hold};
use crate::records::{self, Tree};
use crate::support::{TODAY, compile, embedded, shown, source, try_read};

/// What a column may say of a fact; more than any one fact has.
const ABOUT: [&str; 8] = [
    "missing", "date", "by", "source", "note", "unit", "uln", "lln",
];
/// Items that have columns of their own.
const PLACES: usize = 4;

/// The record without texts that have no character: in a cell they cannot be told from nothing.
pub fn with_texts(tree: &Tree) -> Tree {
    let empty = |tree: &Tree| match tree {
        Tree::Text(text) => text.is_empty(),
        // What was said of the empty text is said of nothing.
        Tree::Map(about) => about
            .iter()
            .any(|(key, tree)| key == "value" && *tree == Tree::Text(String::new())),
        _ => false,
    };
    match tree {
        Tree::Map(entries) => Tree::Map(
            entries
                .iter()
                .filter(|(_, tree)| !empty(tree))
                .map(|(key, tree)| (key.clone(), with_texts(tree)))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// Records as a CSV list with every column that there may be.
pub fn table(choices: &mut Choices<'_>, facts: &Facts, trees: &[Tree]) -> String {
    let mut columns = vec![
        "candidate".to_owned(),
        "screened_on".to_owned(),
        "note".to_owned(),
    ];
    for (_, fact) in facts.iter() {
        columns.extend(columns_of(fact));
    }
    let mut writer = ::csv::WriterBuilder::new()
        .delimiter(*choices.pick(b",;\t"))
        .from_writer(Vec::new());
    writer.write_record(&columns).unwrap();
    for tree in trees {
        let mut cells: Vec<(String, String)> = Vec::new();
        for name in ["candidate", "screened_on", "note"] {
            cells.extend(at(tree, name).map(|tree| (name.to_owned(), text(tree))));
        }
        for (_, fact) in facts.iter() {
            cells.extend(
                at(tree, &fact.path)
                    .into_iter()
                    .flat_map(|tree| cells_of(choices, fact, tree)),
            );
        }
        for (name, _) in &cells {
            assert!(columns.contains(name), "there is no column {name}");
        }
        writer
            .write_record(columns.iter().map(|column| {
                cells
                    .iter()
                    .find(|(name, _)| name == column)
                    .map_or("", |(_, text)| text)
            }))
            .unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn columns_of(fact: &Fact) -> Vec<String> {
    let path = &fact.path;
    let has = |fact: &Fact, about: &str| match about {
        "unit" => matches!(fact.kind, Kind::Quantity(_)),
        "uln" | "lln" => matches!(
            fact.kind,
            Kind::Integer(_) | Kind::Decimal(_) | Kind::Quantity(_)
        ),
        _ => true,
    };
    let mut columns = vec![path.clone(), format!("{path}.value")];
    columns.extend(
        ABOUT
            .iter()
            .filter(|about| has(fact, about))
            .map(|about| format!("{path}.{about}")),
    );
    if let Kind::List(item) = &fact.kind {
        columns.push(format!("{path}.complete"));
        for place in (1..=PLACES).filter(|_| !item.fields().is_empty()) {
            columns.extend(["by", "source", "note"].map(|about| format!("{path}.{place}.{about}")));
            for field in item.fields() {
                let name = format!("{path}.{place}.{}", field.name());
                columns.extend(
                    ["value", "missing", "unit"]
                        .iter()
                        .filter(|about| has(field, about))
                        .map(|about| format!("{name}.{about}")),
                );
                columns.push(name);
            }
        }
    }
    columns
}

fn at<'t>(tree: &'t Tree, path: &str) -> Option<&'t Tree> {
    path.split('.').try_fold(tree, |tree, part| match tree {
        Tree::Map(entries) => entries
            .iter()
            .find(|(key, _)| key == part)
            .map(|(_, tree)| tree),
        _ => None,
    })
}

/// The cells of one fact, each with its column: its value, and what is said about it.
fn cells_of(choices: &mut Choices<'_>, fact: &Fact, tree: &Tree) -> Vec<(String, String)> {
    let path = &fact.path;
    let Tree::Map(about) = tree else {
        return value(choices, fact, path, tree);
    };
    let each = about.iter().flat_map(|(name, tree)| match name.as_str() {
        "value" => value(choices, fact, path, tree),
        _ => vec![(format!("{path}.{name}"), text(tree))],
    });
    each.collect()
}

/// The cell of a value, under the fact's name or under `value`; or the cells of its items.
fn value(choices: &mut Choices<'_>, fact: &Fact, path: &str, tree: &Tree) -> Vec<(String, String)> {
    let column = if choices.chance(1, 4) {
        format!("{path}.value")
    } else {
        path.to_owned()
    };
    let (Kind::List(item), Tree::List(items)) = (&fact.kind, tree) else {
        return vec![(column, text(tree))];
    };
    let words: Vec<&str> = items
        .iter()
        .filter_map(|item| {
            if let Tree::Word(word) = item {
                Some(word.as_str())
            } else {
                None
            }
        })
        .collect();
    let is_code = matches!(&**item, ItemKind::Single(one) if matches!(one.kind, Kind::Code(_)));
    if item.fields().is_empty()
        && !words.is_empty()
        && words.len() == items.len()
        && words != ["unknown"]
        && choices.chance(1, 2)
    {
        return vec![(
            column,
            words.join(choices.pick::<&str>(if is_code {
                &[";", " ; ", ","]
            } else {
                &[";", " ; "]
            })),
        )];
    }
    let apart: Vec<Vec<(String, String)>> = items
        .iter()
        .zip(1..)
        .map(|(item, place)| item_cells(&format!("{path}.{place}"), item))
        .collect();
    // An item of which no cell says anything would not be there.
    let said = |cells: &Vec<(String, String)>| {
        cells.iter().any(|(_, text)| !text.is_empty()) && !records_empty_text(cells)
    };
    if !apart.is_empty()
        && apart.len() <= PLACES
        && !item.fields().is_empty()
        && apart.iter().all(said)
        && choices.chance(1, 2)
    {
        return apart.concat();
    }
    vec![(column, records::json(tree))]
}

fn records_empty_text(cells: &[(String, String)]) -> bool {
    cells.iter().any(|(_, text)| text == EMPTY)
}

/// Stands for a text without a character, which only JSON can say.
const EMPTY: &str = "\0";

fn item_cells(path: &str, item: &Tree) -> Vec<(String, String)> {
    let Tree::Map(fields) = item else {
        return Vec::new();
    };
    let cell = |tree: &Tree| {
        if *tree == Tree::Text(String::new()) {
            EMPTY.to_owned()
        } else {
            text(tree)
        }
    };
    let each = fields.iter().flat_map(|(name, tree)| match tree {
        Tree::Map(about) => about
            .iter()
            .map(|(part, tree)| (format!("{path}.{name}.{part}"), cell(tree)))
            .collect(),
        tree => vec![(format!("{path}.{name}"), cell(tree))],
    });
    each.collect()
}

fn text(tree: &Tree) -> String {
    match tree {
        Tree::Absent | Tree::Null => String::new(),
        Tree::Boolean(true) => "yes".to_owned(),
        Tree::Boolean(false) => "no".to_owned(),
        Tree::Number(text) | Tree::Word(text) | Tree::Text(text) => text.clone(),
        Tree::List(_) | Tree::Map(_) => records::json(tree),
    }
}

/// The record with all that may be said about its values, which decides nothing.
fn told_about(choices: &mut Choices<'_>, facts: &Facts, tree: &Tree) -> Tree {
    let mut tree = tree.clone();
    for (_, fact) in facts.iter() {
        if let Some(place) = at_mut(&mut tree, &fact.path) {
            if let Kind::List(item) = &fact.kind
                && !item.fields().is_empty()
            {
                items_told_about(choices, place);
            }
            *place = fact_told_about(choices, fact, std::mem::replace(place, Tree::Null));
        }
    }
    if let Tree::Map(entries) = &mut tree
        && choices.chance(1, 2)
    {
        entries.push((
            "note".to_owned(),
            Tree::Text("of \"note\", and\nmore; =1".to_owned()),
        ));
    }
    tree
}

fn at_mut<'t>(tree: &'t mut Tree, path: &str) -> Option<&'t mut Tree> {
    path.split('.').try_fold(tree, |tree, part| match tree {
        Tree::Map(entries) => entries
            .iter_mut()
            .find(|(key, _)| key == part)
            .map(|(_, tree)| tree),
        _ => None,
    })
}

fn items_told_about(choices: &mut Choices<'_>, tree: &mut Tree) {
    let list = if matches!(tree, Tree::Map(_)) {
        at_mut(tree, "value")
    } else {
        Some(tree)
    };
    if let Some(Tree::List(items)) = list {
        for item in items {
            if let Tree::Map(fields) = item {
                for name in ["by", "source", "note"] {
                    if choices.chance(1, 5) {
                        fields.push((name.to_owned(), Tree::Text(format!("the {name}, \"so\""))));
                    }
                }
                for (_, field) in fields {
                    apart(choices, field);
                }
            }
        }
    }
}

/// Number and unit, each by itself.
fn apart(choices: &mut Choices<'_>, tree: &mut Tree) {
    if let Tree::Text(text) = tree
        && let Some((number, unit)) = text.clone().rsplit_once(' ')
        && ["mg/dL", "umol/L", "%"].contains(&unit)
        && choices.chance(1, 2)
    {
        *tree = Tree::Map(vec![
            ("value".to_owned(), Tree::Text(number.to_owned())),
            ("unit".to_owned(), Tree::Text(unit.to_owned())),
        ]);
    }
}

/// A lower limit of normal that no upper one lies below.
fn least(range: Option<&Bounds<Decimal>>) -> String {
    range
        .and_then(|range| range.low)
        .map_or(Decimal::ONE, |low| low.value)
        .max(Decimal::ZERO)
        .to_string()
}

fn fact_told_about(choices: &mut Choices<'_>, fact: &Fact, mut tree: Tree) -> Tree {
    if matches!(fact.kind, Kind::Quantity(_)) {
        apart(choices, &mut tree);
    }
    let mut about = Vec::new();
    for (name, said) in [("source", "visit 1"), ("note", "a, \"b\"; - c")] {
        if choices.chance(1, 5) {
            about.push((name.to_owned(), Tree::Text(said.to_owned())));
        }
    }
    match &fact.kind {
        Kind::Integer(range) | Kind::Decimal(range) if choices.chance(1, 5) => {
            about.push(("lln".to_owned(), Tree::Number(least(range.as_ref()))))
        }
        Kind::Quantity(measure) if choices.chance(1, 5) => about.push((
            "lln".to_owned(),
            Tree::Text(format!(
                "{} {}",
                least(measure.range.as_ref()),
                measure.unit
            )),
        )),
        _ => {}
    }
    match tree {
        tree if about.is_empty() => tree,
        Tree::Map(mut entries) => {
            // A unit beside the value is the unit of the limits too, and must not be said twice.
            let unit = entries.iter().any(|(name, _)| name == "unit");
            entries.extend(
                about
                    .into_iter()
                    .filter(|(name, _)| !(unit && name == "lln")),
            );
            Tree::Map(entries)
        }
        tree => Tree::Map(
            [("value".to_owned(), tree)]
                .into_iter()
                .chain(about)
                .collect(),
        ),
    }
}

/// The records of a CSV list, as they are read one by one.
pub fn read_back(trial: &Trial, table: &str) -> Result<Vec<Record>, Vec<Diagnostic>> {
    let mut list = List::new("list", table.as_bytes(), Rows::Json, Layout::Records(b','));
    let header = list.header().unwrap().unwrap();
    let columns = Columns::new(&header, &trial.facts, &ColumnOptions::default())?;
    let columns = Arc::new(columns);
    list.set_rows(Rows::Csv(Arc::clone(&columns)));
    let table = FieldTable::new(&trial.id, &trial.facts);
    let mut buffer = RecordBuffer::new(&table, DATES);
    let (mut records, mut chunk) = (Vec::new(), Chunk::default());
    while list.next_chunk(&mut chunk).unwrap() {
        chunk.each(|_, row| {
            let row = source("row", std::str::from_utf8(row.unwrap()).unwrap());
            let read = table.read_cells(Origin::of(&row), columns.layout(), DATES, &mut buffer);
            records.push(read.map(|()| buffer.record()));
        });
    }
    records.into_iter().collect()
}

const DATES: Dates = Dates {
    as_of: None,
    today: TODAY,
};

/// Facts of every type, and lists of them.
pub const EVERY_TYPE: &str = "
format: eligo/trial/1
trial: { id: T2, title: Every type }
facts:
  answer: { type: boolean, label: Answer }
  whole: { type: integer, label: Whole number, range: -9..9 }
  part: { type: decimal, label: Decimal }
  amount: { type: quantity, label: Amount, unit: mg/dL, units: { umol/L: 0.01131 }, range: 0..30 }
  share: { type: quantity, label: Share, unit: '%', range: 0..100 }
  span: { type: duration, label: Span }
  group:
    day: { type: date, label: Day }
    inner:
      planned: { type: date, label: Planned, future: true }
  kind: { type: code, label: Kind, values: { one: one, other: other } }
  words: { type: text, label: Words }
  kinds: { type: list, label: Kinds, item: { type: code, values: { one: one, other: other } } }
  texts: { type: list, label: Texts, item: { type: text } }
  amounts: { type: list, label: Amounts, item: { type: quantity, unit: mg/dL, units: { umol/L: 0.01131 }, range: 0..30 } }
  lines:
    type: list
    label: Lines
    item:
      answer: { type: boolean }
      whole: { type: integer }
      amount: { type: quantity, unit: mg/dL, units: { umol/L: 0.01131 }, range: 0..30 }
      span: { type: duration }
      date: { type: date }
      kind: { type: code, values: { one: one, other: other } }
      words: { type: text }
criteria:
  inclusion:
    - { id: I1, title: Answer, text: Answer, require: answer }
";

#[test]
fn every_record_reads_back_from_a_row() {
    let every_type = compile(EVERY_TYPE);
    for (trial, seed) in [(embedded(), 77), (&every_type, 78)] {
        hold(40, seed, 3_600, |choices| {
            let trees = records::record(choices, &trial.facts, TODAY)
                .map(|tree| with_texts(&told_about(choices, &trial.facts, &tree)));
            let table = table(choices, &trial.facts, &trees);
            let wanted = trees
                .iter()
                .map(|tree| try_read(trial, &records::json(tree), Notation::Json))
                .collect::<Result<Vec<_>, _>>();
            let wanted = wanted.map_err(|problems| shown(&problems))?;
            let found = read_back(trial, &table)
                .map_err(|problems| format!("{}\n{table}", shown(&problems)))?;
            if found.len() != wanted.len() {
                return Err(format!(
                    "{} records, and should be {}:\n{table}",
                    found.len(),
                    wanted.len()
                ));
            }
            for ((found, wanted), tree) in found.iter().zip(&wanted).zip(&trees) {
                if found.candidate != wanted.candidate
                    || found.note != wanted.note
                    || found.screened_on != wanted.screened_on
                {
                    return Err(format!("{found:?}, and should be {wanted:?}"));
                }
                for ((_, fact), (found, wanted)) in trial
                    .facts
                    .iter()
                    .zip(found.entries.iter().zip(&wanted.entries))
                {
                    if found != wanted {
                        return Err(format!(
                            "{}: {found:?}, and should be {wanted:?}\n{:?}",
                            fact.path,
                            at(tree, &fact.path)
                        ));
                    }
                }
            }
            Ok(())
        });
    }
}
