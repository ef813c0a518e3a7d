//! A list that is screened in parts is the list: the same rows, and summaries that add up to the whole.

use std::ops::ControlFlow;
use std::sync::Arc;

use eligo::batch::columns::{ColumnOptions, Columns};
use eligo::batch::repeats::{Repetitions, Scope};
use eligo::batch::summary::{Job, ListName, Merge, Part, Report};
use eligo::batch::{
    Chunk, Format, Layout, List, Reasons, Rows, Screened, Settings, Summary, Worker, listed,
};
use eligo::record::{Dates, FieldTable};
use eligo::trial::{Policy, Trial};
use serde_json::Value as Json;

use crate::choices::{Choices, hold};
use crate::records;
use crate::support::{TODAY, embedded, shown};

const KEY: &str = "row_id";

/// What a part of a list amounts to, and its rows.
fn screened(trial: &Trial, list: &str, layout: Layout) -> (Vec<Json>, Report) {
    let settings = Settings {
        dates: Dates {
            as_of: Some(TODAY),
            today: TODAY,
        },
        format: Format::Ndjson,
        reasons: Reasons::All,
        only: Vec::new(),
        stop_on_error: false,
        logged: false,
        key: Some(KEY.to_owned()),
        must_be_dated: true,
        files: false,
        elements: false,
    };
    let policy = Policy::default();
    let criteria = listed(trial);
    let table = FieldTable::with_key(&trial.id, &trial.facts, Some(KEY));
    let mut worker = Worker::new(trial, &policy, &settings, &criteria, &table);
    let mut input = List::new("list", list.as_bytes(), Rows::Json, layout);
    if let Layout::Records(_) = layout {
        let header = input.header().unwrap().unwrap();
        let options = ColumnOptions {
            key: Some(KEY.to_owned()),
            ..ColumnOptions::default()
        };
        let columns = Columns::new(&header, &trial.facts, &options)
            .unwrap_or_else(|problems| panic!("{}", shown(&problems)));
        input.set_rows(Rows::Csv(Arc::new(columns)));
    }
    let mut repetitions = Repetitions::default();
    let (mut total, mut text) = (Summary::new(trial), String::new());
    let (mut chunk, mut held) = (Chunk::default(), Screened::default());
    while input.next_chunk(&mut chunk).unwrap() {
        let mut take = |part: &mut Screened| {
            total.merge(&part.summary);
            text.push_str(&part.rows);
            repetitions.take(&mut part.summary, 1).unwrap();
            ControlFlow::Continue(())
        };
        worker.screen(&chunk, &mut held, &mut take);
        let _ = take(&mut held);
    }
    let rows = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let lists = vec![ListName {
        part: None,
        file: "list".to_owned(),
    }];
    let found = repetitions.finish(Scope::EachList, true).unwrap();
    let mut report = total.report(trial, &criteria, settings.reasons);
    let digests = report.repeat(found, true, &lists);
    report.job = Some(Job {
        as_of: Some(TODAY.to_string()),
        key: Some(KEY.to_owned()),
        ..Job::of(trial, "0", lists, digests)
    });
    (rows, report)
}

/// Adds up what was written and read again, as programs do.
fn merged(reports: &[Report], keeps_digests: bool) -> Report {
    let mut merge = Merge::new(Repetitions::default());
    for (number, report) in reports.iter().enumerate() {
        let written = serde_json::to_string(report).unwrap();
        let report = serde_json::from_str(&written).unwrap();
        let name = format!("part-{number}.json");
        merge.add(Part { name, report }).unwrap();
    }
    merge.finish(keeps_digests).unwrap().unwrap()
}

/// A summary without what depends on how the list was cut: on which line of which part a row stands.
fn uncut(report: &Report) -> Json {
    let mut json = serde_json::to_value(report).unwrap();
    let map = json.as_object_mut().unwrap();
    for places in ["repeated", "in_parts", "similar_names", "repeated_key_rows"] {
        if let Some(Json::Array(pairs)) = map.remove(places) {
            // How many are told is the same.
            map.insert(places.to_owned(), pairs.len().into());
        }
    }
    map.remove("lists");
    map.remove("job");
    json
}

fn without_line(row: &Json) -> Json {
    let mut row = row.clone();
    row.as_object_mut().unwrap().remove("line");
    if let Some(Json::Array(errors)) = row.get_mut("errors") {
        for error in errors {
            error.as_object_mut().unwrap().remove("line");
        }
    }
    row
}

/// Rows of NDJSON: some candidates and keys stand there twice, some rows have no key or cannot be read.
fn lines(choices: &mut Choices<'_>, trial: &Trial) -> Vec<String> {
    let mut lines = Vec::new();
    while lines.len() < 12 {
        for tree in records::record(choices, &trial.facts, TODAY) {
            let json = records::json(&tree).replace('\n', "");
            let mut record: Json = serde_json::from_str(&json).unwrap();
            let map = record.as_object_mut().unwrap();
            let names = [
                "LDP-1", "LDP-2", "ldp-1", "LDP-01", "LDP-4", "LDP-5", "LDP-6",
            ];
            map.insert("candidate".to_owned(), (*choices.pick(&names)).into());
            if choices.chance(9, 10) {
                map.insert(KEY.to_owned(), choices.below(40).into());
            }
            let mut line = record.to_string();
            if choices.chance(1, 8) {
                line.truncate(line.len() / 2);
            } else if choices.chance(1, 8) {
                line = line.replacen('{', "{\"ecog_score\":9,", 1);
            }
            lines.push(line);
        }
    }
    lines
}

/// Rows of CSV under one header, each with a name of its own: rows below each other of one candidate are looked at together.
fn cells(choices: &mut Choices<'_>) -> (String, Vec<String>) {
    let header = format!("{KEY},candidate,sex,ecog,age,remission.achieved\n");
    let rows = (0..15).map(|number| {
        let sex = choices.pick(&["male", "female", "femal", ""]);
        let achieved = choices.pick(&["yes", "no", ""]);
        let (key, ecog, age) = (choices.below(12), choices.below(7), choices.below(80));
        let name = choices.pick(&["P-", "p-", "P-0"]);
        format!("{key},{name}{number},{sex},{ecog},{age},{achieved}\n")
    });
    let rows = rows.collect();
    (header, rows)
}

/// Cuts rows into parts of any length, some of them empty, and holds them against the whole.
fn cut(
    choices: &mut Choices<'_>,
    (header, rows): (&str, &[String]),
    layout: Layout,
) -> Result<(), String> {
    let trial = embedded();
    let list = |rows: &[String]| header.to_owned() + &rows.concat();
    let (whole_rows, whole) = screened(trial, &list(rows), layout);
    let mut ends: Vec<usize> = (0..1 + choices.below(5))
        .map(|_| choices.below(rows.len() + 1))
        .collect();
    ends.extend([0, rows.len()]);
    ends.sort_unstable();
    let parts: Vec<(Vec<Json>, Report)> = ends
        .windows(2)
        .map(|ends| screened(trial, &list(&rows[ends[0]..ends[1]]), layout))
        .collect();
    let part_rows = parts.iter().flat_map(|(rows, _)| rows).map(without_line);
    let part_rows: Vec<Json> = part_rows.collect();
    let whole_rows: Vec<Json> = whole_rows.iter().map(without_line).collect();
    if part_rows != whole_rows {
        return Err(format!("the rows differ, cut at {ends:?}:\n{rows:?}"));
    }
    let mut reports: Vec<Report> = parts.into_iter().map(|(_, report)| report).collect();
    let expected = uncut(&whole);
    let differ = |found: &Report, how: &str| {
        let found = uncut(found);
        (found != expected)
            .then(|| format!("{how}, cut at {ends:?}:\n{found:#}\n{expected:#}\n{rows:?}"))
    };
    let in_order = merged(&reports, false);
    choices.shuffle(&mut reports);
    let shuffled = merged(&reports, false);
    let (some, rest) = reports.split_at(choices.below(reports.len()));
    let twice = match some {
        [] => merged(rest, false),
        some => merged(&[merged(some, true), merged(rest, true)], false),
    };
    [
        differ(&in_order, "in order"),
        differ(&shuffled, "in another order"),
        differ(&twice, "merged twice"),
    ]
    .into_iter()
    .flatten()
    .next()
    .map_or(Ok(()), Err)
}

#[test]
fn parts_of_a_list_add_up_to_the_list() {
    hold(40, 91, 40_000, |choices| {
        let lines = lines(choices, embedded());
        let rows: Vec<String> = lines.iter().map(|line| format!("{line}\n")).collect();
        cut(choices, ("", &rows), Layout::Lines)
    });
}

#[test]
fn parts_of_a_table_add_up_to_the_table() {
    hold(40, 92, 3_600, |choices| {
        let (header, rows) = cells(choices);
        cut(choices, (&header, &rows), Layout::Records(b','))
    });
}
