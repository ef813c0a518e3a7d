//! A row of a list is screened as the same record is alone, whatever the list is written in.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::Arc;

use eligo::batch::columns::{ColumnOptions, Columns};
use eligo::batch::{
    Chunk, Format, Layout, List, Reasons, Rows, Screened, Settings, Summary, Worker, listed, output,
};
use eligo::document::Notation;
use eligo::facts::Facts;
use eligo::record::FieldTable;
use eligo::record::{Dates, Record};
use eligo::report::sentence::Sentences;
use eligo::screening::{Raised, Screening, screen};
use eligo::trial::{Policy, Trial};
use serde_json::{Value as Json, json};

use crate::choices::{Choices, hold};
use crate::csv;
use crate::records::{self, Tree};
use crate::support::{TODAY, embedded, shown, try_read};

/// What a row of a list must say about a record.
pub fn expected(trial: &Trial, policy: &Policy, record: &Record, sub_criteria: bool) -> Json {
    let screening = screen(trial, record, policy);
    let sentences = Sentences::new(&screening);
    let (mut verdicts, mut reasons) = (serde_json::Map::new(), serde_json::Map::new());
    for top in &screening.outcomes {
        verdicts.insert(top.criterion.id.clone(), top.verdict.name().into());
        if sub_criteria {
            top.walk(&mut |outcome| {
                drop(reasons.insert(
                    outcome.criterion.id.clone(),
                    sentences.reason(outcome).into(),
                ))
            });
        } else {
            reasons.insert(top.criterion.id.clone(), sentences.reason(top).into());
        }
    }
    let mut row = json!({ "candidate": record.candidate, "eligibility": screening.eligibility.name(), "verdicts": verdicts, "reasons": reasons });
    let cautions = cautions(&screening);
    if !cautions.is_empty() {
        row["cautions"] = cautions.into();
    }
    row
}

/// The cautions of a screening, as a row has them.
fn cautions(screening: &Screening<'_>) -> serde_json::Map<String, Json> {
    let words = |raised: &[Raised<'_>]| -> Json { raised.iter().map(Raised::said).collect() };
    let mut cautions = serde_json::Map::new();
    if !screening.cautions.is_empty() {
        cautions.insert("trial".to_owned(), words(&screening.cautions));
    }
    for top in &screening.outcomes {
        top.walk(&mut |outcome| {
            if !outcome.cautions.is_empty() {
                cautions.insert(outcome.criterion.id.clone(), words(&outcome.cautions));
            }
        });
    }
    cautions
}

/// The rows of a list, through one worker.
fn rows(
    trial: &Trial,
    list: &[u8],
    rows: Rows,
    layout: Layout,
    format: Format,
    reasons: Reasons,
) -> String {
    rows_by(
        trial,
        &Policy::default(),
        list,
        rows,
        layout,
        format,
        reasons,
    )
    .0
}

/// The same by a site's policy, and what they amount to.
pub fn rows_by(
    trial: &Trial,
    policy: &Policy,
    list: &[u8],
    rows: Rows,
    layout: Layout,
    format: Format,
    reasons: Reasons,
) -> (String, Summary) {
    let dates = Dates {
        as_of: None,
        today: TODAY,
    };
    let settings = Settings {
        dates,
        format,
        reasons,
        only: Vec::new(),
        stop_on_error: false,
        logged: false,
        key: None,
        must_be_dated: false,
        files: false,
        elements: layout == Layout::Array,
    };
    let (criteria, plan) = (listed(trial), FieldTable::new(&trial.id, &trial.facts));
    let mut worker = Worker::new(trial, policy, &settings, &criteria, &plan);
    let mut list = List::new("list", list, rows, layout);
    if let Layout::Records(_) = layout {
        let header = list.header().unwrap().unwrap();
        let columns = Columns::new(&header, &trial.facts, &ColumnOptions::default())
            .unwrap_or_else(|problems| panic!("{}", shown(&problems)));
        list.set_rows(Rows::Csv(Arc::new(columns)));
    }
    let mut text = output::head(&settings, &criteria);
    let (mut total, mut chunk, mut screened) =
        (Summary::new(trial), Chunk::default(), Screened::default());
    while list.next_chunk(&mut chunk).unwrap() {
        let mut take = |part: &mut Screened| {
            total.merge(&part.summary);
            text.push_str(&part.rows);
            ControlFlow::Continue(())
        };
        worker.screen(&chunk, &mut screened, &mut take);
        let _ = take(&mut screened);
    }
    if format == Format::Ndjson {
        assert_eq!(text.lines().count() as u64, total.rows());
    }
    (text, total)
}

fn objects(trial: &Trial, list: &[u8], kind: Rows, layout: Layout) -> Vec<Json> {
    rows(trial, list, kind, layout, Format::Ndjson, Reasons::All)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The row without its place, with the reasons of the protocol's own criteria alone or with all.
pub fn comparable(row: &Json, sub_criteria: bool) -> Json {
    let mut row = row.clone();
    let map = row.as_object_mut().unwrap();
    map.remove("line");
    map.remove("element");
    let tops: Vec<String> = map["verdicts"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    if let Some(reasons) = map
        .get_mut("reasons")
        .and_then(Json::as_object_mut)
        .filter(|_| !sub_criteria)
    {
        reasons.retain(|id, _| tops.contains(id));
    }
    row
}

fn same(found: &[Json], expected: &[Json], sub_criteria: bool, list: &str) -> Result<(), String> {
    if found.len() != expected.len() {
        return Err(format!(
            "{} rows, and should be {}:\n{list}",
            found.len(),
            expected.len()
        ));
    }
    for (found, expected) in found.iter().zip(expected) {
        let found = comparable(found, sub_criteria);
        if found != *expected {
            let mut wrong: Vec<String> = Vec::new();
            for part in ["candidate", "eligibility", "errors", "cautions"] {
                if found.get(part) != expected.get(part) {
                    wrong.push(format!(
                        "{part}: {:?}, and should be {:?}",
                        found.get(part),
                        expected.get(part)
                    ));
                }
            }
            for part in ["verdicts", "reasons"] {
                for (id, value) in expected[part].as_object().into_iter().flatten() {
                    if found[part][id] != *value {
                        wrong.push(format!(
                            "{part} {id}: {}, and should be {value}",
                            found[part][id]
                        ));
                    }
                }
            }
            return Err(format!("{}\n{list}", wrong.join("\n")));
        }
    }
    Ok(())
}

/// A few records, from little known to all. Below the first, each has a name of its own: rows of one candidate with other
/// items are refused together.
fn few(choices: &mut Choices<'_>, trial: &Trial) -> Vec<Tree> {
    let trees: Vec<Tree> = (0..1 + choices.below(2))
        .flat_map(|_| records::record(choices, &trial.facts, TODAY))
        .collect();
    let with_name = |(place, tree): (usize, &Tree)| match csv::with_texts(tree) {
        Tree::Map(mut entries) if place > 0 => {
            entries.retain(|(key, _)| key != "candidate");
            let name = Tree::Word(format!("LDP-{:04}", place + 1));
            entries.push(("candidate".to_owned(), name));
            Tree::Map(entries)
        }
        tree => tree,
    };
    trees.iter().enumerate().map(with_name).collect()
}

fn read(trial: &Trial, tree: &Tree) -> Result<Record, String> {
    try_read(trial, &records::json(tree), Notation::Json).map_err(|problems| shown(&problems))
}

/// One list, or the files of a directory.
type Lists = Vec<(Vec<u8>, Rows, Layout)>;

/// The same records in everything that a list may be written in.
fn notations(choices: &mut Choices<'_>, facts: &Facts, trees: &[Tree]) -> Vec<Lists> {
    let json: Vec<String> = trees
        .iter()
        .map(|tree| records::json(&records::shuffled(choices, tree)))
        .collect();
    let yaml: Vec<String> = trees
        .iter()
        .map(|tree| records::yaml(&records::shuffled(choices, tree)))
        .collect();
    let lines: String = json
        .iter()
        .map(|row| row.replace('\n', "") + "\n")
        .collect();
    let one = |list: String, rows, layout| vec![(list.into_bytes(), rows, layout)];
    let files = json
        .iter()
        .zip(&yaml)
        .enumerate()
        .map(|(index, (json, yaml))| match index % 2 {
            0 => (json.clone().into_bytes(), Rows::Json, Layout::Whole),
            _ => (yaml.clone().into_bytes(), Rows::Yaml, Layout::Whole),
        });
    vec![
        one(lines, Rows::Json, Layout::Lines),
        one(
            format!("[\n{}\n]", json.join(" ,\n")),
            Rows::Json,
            Layout::Array,
        ),
        one(
            yaml.iter()
                .map(|document| format!("---\n{document}"))
                .collect(),
            Rows::Yaml,
            Layout::Documents,
        ),
        one(
            csv::table(choices, facts, trees),
            Rows::Json,
            Layout::Records(b','),
        ),
        files.collect(),
    ]
}

fn in_every_notation(
    choices: &mut Choices<'_>,
    trial: &Trial,
    sub_criteria: bool,
) -> Result<(), String> {
    let trees = few(choices, trial);
    let wanted: Vec<Json> = trees
        .iter()
        .map(|tree| {
            read(trial, tree)
                .map(|record| expected(trial, &Policy::default(), &record, sub_criteria))
        })
        .collect::<Result<_, _>>()?;
    for lists in notations(choices, &trial.facts, &trees) {
        let shown_lists: String = lists
            .iter()
            .map(|(list, ..)| String::from_utf8_lossy(list) + "\n")
            .collect();
        let found: Vec<Json> = lists
            .into_iter()
            .flat_map(|(list, rows, layout)| objects(trial, &list, rows, layout))
            .collect();
        same(&found, &wanted, sub_criteria, &shown_lists)?;
    }
    Ok(())
}

#[test]
fn a_row_says_what_its_record_says_alone() {
    hold(25, 71, 3_600, |choices| {
        in_every_notation(choices, embedded(), false)
    });
}

#[test]
fn a_row_gives_the_reasons_of_sub_criteria_as_its_record_does_alone() {
    hold(10, 72, 3_600, |choices| {
        in_every_notation(choices, embedded(), true)
    });
}

/// The verdicts of sub-criteria stand only in CSV.
#[test]
fn a_row_gives_the_verdicts_of_sub_criteria_as_its_record_does_alone() {
    let trial = embedded();
    hold(12, 73, 3_600, |choices| {
        let policy = Policy::default();
        let trees = few(choices, trial);
        for lists in notations(choices, &trial.facts, &trees) {
            let mut found = Vec::new();
            for (list, kind, layout) in &lists {
                let text = rows(
                    trial,
                    list,
                    kind.clone(),
                    *layout,
                    Format::Csv,
                    Reasons::None,
                );
                let mut reader = ::csv::Reader::from_reader(text.as_bytes());
                let header = reader.headers().unwrap().clone();
                found.extend(
                    reader
                        .records()
                        .map(|record| (header.clone(), record.unwrap())),
                );
            }
            if found.len() != trees.len() {
                return Err(format!(
                    "{} rows, and should be {}",
                    found.len(),
                    trees.len()
                ));
            }
            for (tree, (header, cells)) in trees.iter().zip(&found) {
                let record = read(trial, tree)?;
                let mut wrong = Vec::new();
                for top in &screen(trial, &record, &policy).outcomes {
                    top.walk(&mut |outcome| {
                        let place = header
                            .iter()
                            .position(|cell| cell == outcome.criterion.id)
                            .unwrap();
                        if cells[place] != *outcome.verdict.name() {
                            wrong.push(format!(
                                "{} is {}, and should be {}",
                                outcome.criterion.id,
                                &cells[place],
                                outcome.verdict.name()
                            ));
                        }
                    });
                }
                if !wrong.is_empty() {
                    return Err(format!("{}\n{}", wrong.join("\n"), records::json(tree)));
                }
            }
        }
        Ok(())
    });
}

/// A row with a few bytes deleted, doubled or exchanged; never a line break.
fn edited(choices: &mut Choices<'_>, row: &str) -> Vec<u8> {
    const BYTES: &[u8] = b"{}[]\":,\\/0123456789-+.eEntfu \t\r\x00\x7f\xc3\xff";
    let mut bytes = row.as_bytes().to_vec();
    for _ in 0..1 + choices.below(3) {
        let start = choices.below(bytes.len());
        let end = (start + choices.below(8)).min(bytes.len());
        match choices.below(5) {
            0 => drop(bytes.drain(start..end)),
            1 => {
                let copy = bytes[start..end].to_vec();
                drop(bytes.splice(end..end, copy));
            }
            2 => bytes.truncate(start.max(1)),
            3 => bytes[start] = *choices.pick(BYTES),
            _ => bytes.insert(start, *choices.pick(BYTES)),
        }
        if bytes.is_empty() {
            bytes.push(b'{');
        }
    }
    bytes
}

/// A row of a list is an error exactly where its record alone is one, with the same errors, and otherwise the same row.
#[test]
fn a_damaged_row_is_refused_exactly_where_its_record_is() {
    let trial = embedded();
    let (good, bad) = (Cell::new(0), Cell::new(0));
    let text = |name: &str| {
        std::fs::read_to_string(format!("{}/examples/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    };
    let examples = ["three-courses.json", "t-all.json", "after-cart.json"]
        .map(|name| text(name).replace('\n', " ").trim().to_owned());
    hold(120, 75, 3_600, |choices| {
        let mut damaged: Vec<Vec<u8>> = Vec::new();
        for _ in 0..6 {
            let row = if choices.chance(1, 4) {
                records::json(&records::record(choices, &trial.facts, TODAY)[1]).replace('\n', "")
            } else {
                choices.pick(&examples).clone()
            };
            let row = if choices.chance(1, 6) {
                row.into_bytes()
            } else {
                edited(choices, &row)
            };
            damaged.push(if row.trim_ascii().is_empty() {
                b"{".to_vec()
            } else {
                row
            });
        }
        let list = damaged.join(&b'\n');
        let shown_list = String::from_utf8_lossy(&list).into_owned();
        let found = objects(trial, &list, Rows::Json, Layout::Lines);
        if found.len() != damaged.len() {
            return Err(format!(
                "{} rows, and should be {}:\n{shown_list}",
                found.len(),
                damaged.len()
            ));
        }
        for (index, (row, found)) in damaged.iter().zip(&found).enumerate() {
            let shown_row = String::from_utf8_lossy(row);
            if found["line"] != index + 1 {
                return Err(format!(
                    "line {}, and should be {}:\n{shown_list}",
                    found["line"],
                    index + 1
                ));
            }
            let alone = match std::str::from_utf8(row) {
                Ok(text) => try_read(trial, text, Notation::Json).map_err(|problems| {
                    problems
                        .iter()
                        .map(|problem| problem.message.clone())
                        .collect()
                }),
                Err(_) => Err(vec![]),
            };
            match alone {
                Ok(record) => {
                    good.set(good.get() + 1);
                    same(
                        std::slice::from_ref(found),
                        &[expected(trial, &Policy::default(), &record, false)],
                        false,
                        &shown_row,
                    )?;
                }
                Err(messages) => {
                    bad.set(bad.get() + 1);
                    // Why something is no JSON may depend on what stands behind it.
                    let kind = |message: &str| {
                        message
                            .split_once("not JSON")
                            .map_or(message, |(before, _)| before)
                            .to_owned()
                    };
                    let messages: Vec<String> = messages
                        .iter()
                        .map(|message: &String| kind(message))
                        .collect();
                    let told: Vec<String> = found["errors"]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter_map(|error| error["message"].as_str())
                        .map(kind)
                        .collect();
                    let whole =
                        !messages.is_empty() || told.len() == 1 && told[0].contains("UTF-8");
                    if found["eligibility"] != "error"
                        || !whole
                        || !messages.is_empty() && told != messages
                    {
                        return Err(format!(
                            "{}: {told:?}, and should be {messages:?}:\n{shown_row}",
                            found["eligibility"]
                        ));
                    }
                }
            }
        }
        Ok(())
    });
    assert!(
        good.get() > 100 && bad.get() > 200,
        "{} good rows and {} bad ones",
        good.get(),
        bad.get()
    );
}

/// Rows that share a worker do not colour each other: a row says the same behind any other.
#[test]
fn a_row_says_the_same_whatever_stood_before_it() {
    let trial = embedded();
    hold(15, 76, 3_600, |choices| {
        let mut list: Vec<String> = few(choices, trial)
            .iter()
            .map(|tree| records::json(tree).replace('\n', ""))
            .collect();
        list.push("{\"ecog\":".to_owned());
        let alone: Vec<Json> = list
            .iter()
            .flat_map(|row| objects(trial, row.as_bytes(), Rows::Json, Layout::Lines))
            .map(|row| told(&row))
            .collect();
        let mut order: Vec<usize> = (0..list.len()).chain(0..list.len()).collect();
        choices.shuffle(&mut order);
        let together: String = order
            .iter()
            .map(|place| list[*place].clone() + "\n")
            .collect();
        for (row, place) in objects(trial, together.as_bytes(), Rows::Json, Layout::Lines)
            .iter()
            .zip(&order)
        {
            if told(row) != alone[*place] {
                return Err(format!("{row}, and alone {}:\n{together}", alone[*place]));
            }
        }
        Ok(())
    });
}

fn told(row: &Json) -> Json {
    let mut row = comparable(row, true);
    // The places in a list are not those in a row alone.
    row.as_object_mut().unwrap().remove("errors");
    row
}
