//! No row depends on another: it says the same behind any others as it does alone.

use std::cell::Cell;

use eligo::batch::{Format, Layout, Reasons, Rows, Summary, listed};
use eligo::document::{self, Notation};
use eligo::trial::policy::{self, Policy};
use eligo::trial::{self, Trial};
use serde_json::json;

use crate::batch::{comparable, expected, rows_by};
use crate::choices::{Choices, hold};
use crate::conditions::{Allowed, EVERY_KIND, condition};
use crate::records::{self, Tree};
use crate::support::{TODAY, compile, embedded, source, try_read};

/// A trial of a few criteria over facts of every kind, with sub-criteria, readings and conflicts.
fn any_trial(choices: &mut Choices<'_>) -> Option<Trial> {
    let mut text = EVERY_KIND.to_owned();
    for (side, letter) in [("inclusion", 'I'), ("exclusion", 'E')] {
        text.push_str(&format!("  {side}:\n"));
        for number in 1..=1 + choices.below(2) {
            text.push_str(&format!(
                "    - {}\n",
                criterion(choices, &format!("{letter}{number}"), letter == 'I', true)
            ));
        }
    }
    // Not every condition may stand in a rule.
    trial::compile(&source("trial.yaml", &text))
        .ok()
        .map(|(trial, _)| trial)
}

fn criterion(choices: &mut Choices<'_>, id: &str, inclusion: bool, top: bool) -> serde_json::Value {
    let rule = if inclusion { "require" } else { "exclude" };
    let asked = |choices: &mut Choices<'_>| {
        let depth = choices.below(3);
        condition(choices, Allowed::default(), depth)
    };
    let mut criterion = json!({ "id": id, "title": id, "text": id });
    if choices.chance(1, 4) {
        criterion["applies"] = asked(choices).into();
    }
    if choices.chance(1, 2) {
        let conflicts: Vec<_> =
            (0..=choices.below(2)).map(|_| json!({ "when": format!("{} and {}", asked(choices), asked(choices)), "say": "no" })).collect();
        criterion["conflicts"] = conflicts.into();
    }
    if top && choices.chance(1, 2) {
        let children: Vec<_> = ["a", "b"]
            .map(|letter| self::criterion(choices, &format!("{id}{letter}"), inclusion, false))
            .into();
        criterion[*choices.pick(&["any", "all"])] = children.into();
        if inclusion && choices.chance(1, 2) {
            criterion[rule] = asked(choices).into();
        }
    } else if choices.chance(1, 3) {
        criterion["readings"] = json!({ "one": { "say": "one", rule: asked(choices) }, "two": { "say": "two", rule: asked(choices) } });
    } else {
        criterion[rule] = asked(choices).into();
    }
    criterion
}

fn any_policy(choices: &mut Choices<'_>, trial: &Trial) -> Policy {
    let mut text = "format: eligo/site/1\n".to_owned();
    if choices.chance(1, 3) {
        text.push_str("signed_judgements: required\n");
    }
    if choices.chance(1, 3) {
        let dated = if trial.id == "T1" {
            "k: 60 days, lines: 200 days"
        } else {
            "ecog: 14 days, cd22: 90 days, hepatitis.hbv_dna: 30 days"
        };
        text.push_str(&format!("valid_for: {{ {dated} }}\n"));
    }
    if choices.chance(1, 3)
        && let Some(criterion) = trial
            .all_criteria()
            .iter()
            .find(|criterion| !criterion.readings().is_empty())
    {
        text.push_str(&format!(
            "readings: {{ {}: {} }}\n",
            criterion.id,
            choices.pick(criterion.readings()).name
        ));
    }
    let file = source("site.yaml", &text);
    policy::read(
        &file,
        &document::read(&file, Notation::Yaml).unwrap(),
        trial,
    )
    .unwrap_or_else(|problems| panic!("{problems:?}\n{text}"))
}

/// The entries of a record, each as it is in one of a few others: so that the same values come again in other company.
fn mixed(choices: &mut Choices<'_>, records: &[Tree]) -> Tree {
    let Some(Tree::Map(first)) = records.first() else {
        return Tree::Absent;
    };
    let mut keys: Vec<&String> = first.iter().map(|(key, _)| key).collect();
    for record in records {
        if let Tree::Map(entries) = record {
            keys.extend(entries.iter().map(|(key, _)| key));
        }
    }
    keys.sort();
    keys.dedup();
    let entries = keys.into_iter().filter_map(|key| {
        let Tree::Map(entries) = choices.pick(records) else {
            return None;
        };
        let (_, tree) = entries.iter().find(|(other, _)| other == key)?;
        let tree = if choices.chance(1, 4) {
            varied(choices, tree)
        } else {
            tree.clone()
        };
        Some((
            key.clone(),
            if key == "screened_on" {
                Tree::Word((*choices.pick(&["2026-11-30", "2027-02-28", "2028-02-29"])).to_owned())
            } else {
                tree
            },
        ))
    });
    Tree::Map(entries.collect())
}

/// The same with other numbers, days, texts and evidence, but the same codes.
fn varied(choices: &mut Choices<'_>, tree: &Tree) -> Tree {
    match tree {
        Tree::Number(number) if choices.chance(1, 2) => {
            Tree::Number(number.replace(['2', '3', '4'], choices.pick::<&str>(&["1", "3"])))
        }
        Tree::Word(word) if word.len() == 10 && word.starts_with("20") && choices.chance(1, 2) => {
            Tree::Word(word.replace(['3', '4', '5'], choices.pick::<&str>(&["1", "2"])))
        }
        // Bounds are texts too.
        Tree::Text(text) if !text.contains(|one: char| one.is_ascii_digit()) => {
            Tree::Text((*choices.pick(&["\"→", "other", "<b>"])).to_owned())
        }
        Tree::List(items) => {
            let mut items: Vec<Tree> = items.iter().map(|item| varied(choices, item)).collect();
            // The same twice is not the same as two that are alike.
            if let Some(one) = items.last().filter(|_| choices.chance(1, 3)).cloned() {
                items.push(if choices.chance(1, 2) {
                    varied(choices, &one)
                } else {
                    one
                });
            }
            Tree::List(items)
        }
        Tree::Map(entries) => {
            let mut entries: Vec<(String, Tree)> = entries
                .iter()
                .map(|(key, tree)| (key.clone(), varied(choices, tree)))
                .collect();
            if entries.iter().any(|(key, _)| key == "value")
                && !entries.iter().any(|(key, _)| key == "by")
            {
                entries.push((
                    "by".to_owned(),
                    Tree::Text((*choices.pick(&["site-1", "\"2\"", "–"])).to_owned()),
                ));
            }
            Tree::Map(entries)
        }
        other => other.clone(),
    }
}

/// Through one worker, the rows are what each of them is alone, and amount to as much.
fn say_the_same(
    trial: &Trial,
    policy: &Policy,
    rows: &[String],
    format: Format,
    reasons: Reasons,
    readable: &Cell<usize>,
) -> Result<(), String> {
    let through = |list: &str| {
        let (said, total) = rows_by(
            trial,
            policy,
            list.as_bytes(),
            Rows::Json,
            Layout::Lines,
            format,
            reasons,
        );
        // The header of CSV.
        (
            if format == Format::Csv {
                said.split_once('\n').unwrap().1.to_owned()
            } else {
                said
            },
            total,
        )
    };
    let (together, total) = through(
        &rows
            .iter()
            .map(|row| row.clone() + "\n")
            .collect::<String>(),
    );
    let (mut rest, mut sum) = (together.as_str(), Summary::new(trial));
    for (place, row) in rows.iter().enumerate() {
        // The line number is the place of the row, so alone it stands behind as many blank lines.
        let (alone, one) = through(&format!("{}{row}\n", "\n".repeat(place)));
        sum.merge(&one);
        if (format, reasons) == (Format::Ndjson, Reasons::All)
            && let Ok(record) = try_read(trial, row, Notation::Json)
        {
            let found = comparable(&serde_json::from_str(&alone).unwrap(), true);
            let wanted = expected(trial, policy, &record, true);
            if found != wanted {
                return Err(format!("{found}\nby itself:\n{wanted}\n{row}"));
            }
        }
        rest = rest.strip_prefix(&alone).ok_or_else(|| {
            format!(
                "{}\nalone:\n{alone}\n{row}",
                rest.lines().next().unwrap_or_default()
            )
        })?;
    }
    readable.set(readable.get() + rows.len() - usize::try_from(sum.errors).unwrap());
    let criteria = listed(trial);
    let [sum, total] = [sum, total].map(|summary| {
        serde_json::to_string_pretty(&summary.report(trial, &criteria, Reasons::Deciding)).unwrap()
    });
    if sum != total || !rest.is_empty() {
        return Err(format!(
            "they amount to\n{total}\nand should to\n{sum}\n{rest}"
        ));
    }
    Ok(())
}

fn says_the_same(
    choices: &mut Choices<'_>,
    trial: &Trial,
    readable: &Cell<usize>,
) -> Result<(), String> {
    let policy = any_policy(choices, trial);
    let known: Vec<Tree> = (0..2)
        .map(|_| records::record(choices, &trial.facts, TODAY)[2].clone())
        .collect();
    let rows: Vec<String> = (0..30)
        .map(|_| records::json(&mixed(choices, &known)).replace('\n', ""))
        .collect();
    for (format, reasons) in WAYS {
        say_the_same(trial, &policy, &rows, format, reasons, readable)?;
    }
    Ok(())
}

const WAYS: [(Format, Reasons); 3] = [
    (Format::Ndjson, Reasons::All),
    (Format::Csv, Reasons::All),
    (Format::Ndjson, Reasons::Deciding),
];

const SMALL: &str = "
format: eligo/trial/1
trial: { id: T2, title: Small }
facts:
  k: { type: code, label: K, values: { red: red, green: green, murky: { label: murky, unclear: true } } }
  b: { type: boolean, label: B }
  j: { type: boolean, label: J, judgement: true }
  n: { type: integer, label: N, range: 0..9 }
  t: { type: duration, label: T }
  d: { type: date, label: D }
  tags: { type: list, label: Tags, item: { type: code, values: { red: red, green: green, murky: { label: murky, unclear: true } } } }
  lines:
    type: list
    label: Lines
    item:
      kind: { type: code, values: { red: red, green: green, murky: { label: murky, unclear: true } } }
      done: { type: boolean }
      date: { type: date }
      size: { type: quantity, unit: '%', range: 0..100 }
      name: { type: text }
      lasted: { type: duration }
define:
  newest: { label: newest kind, is: Last(lines L sort by date).kind }
  newest_size: { label: newest size, is: Last(lines L sort by date).size }
  reds: { label: reds, is: (lines L where L.kind = 'red') }
  long: { label: long, is: t > 3 months }
criteria:
";

/// What the small trial asks.
const ASKED: [&str; 34] = [
    "k = 'red'",
    "k in { 'red', 'green' }",
    "b",
    "j",
    "not b or k = 'green'",
    "n >= 5",
    "n between 2 and 7",
    "t > 3 months",
    "t >= 12 weeks",
    "t < 1 year",
    "long",
    "3 months > 90 days and b",
    "d before Today()",
    "d within 30 days of @2026-11-20",
    "k.date on or before @2026-11-20",
    "'red' in tags",
    "Count(tags) >= 2",
    "exists (tags)",
    "exists (lines)",
    "exists (lines L where L.kind = 'red')",
    "exists (lines L where L.kind = 'red' and L.done)",
    "exists (lines L where L.size > 50 '%')",
    "exists (lines L where L.lasted > 3 months)",
    "exists (reds)",
    "Count(lines L where L.done) >= 2",
    "Count(reds) = 1",
    "newest = 'red'",
    "newest in { 'red', 'green' }",
    "newest_size > 50 '%'",
    "Last(lines L where L.done sort by date).kind != 'green'",
    "First(lines L sort by date).done",
    "Last(lines L sort by size).kind = 'red'",
    "Last(lines L sort by date).date before d",
    "if b then newest = 'red' else k = 'red'",
];

fn small_criterion(
    choices: &mut Choices<'_>,
    id: &str,
    inclusion: bool,
    top: bool,
) -> serde_json::Value {
    let rule = if inclusion { "require" } else { "exclude" };
    let mut criterion = json!({ "id": id, "title": id, "text": id });
    if choices.chance(1, 5) {
        criterion["applies"] = (*choices.pick(&ASKED)).into();
    }
    if choices.chance(1, 3) {
        let (one, other) = (*choices.pick(&ASKED), *choices.pick(&ASKED));
        criterion["conflicts"] = json!([{ "when": format!("({one}) and ({other})"), "say": "no" }]);
    }
    if top && choices.chance(1, 3) {
        criterion[*choices.pick(&["any", "all"])] = json!([
            small_criterion(choices, &format!("{id}a"), inclusion, false),
            small_criterion(choices, &format!("{id}b"), inclusion, false)
        ]);
    } else if choices.chance(1, 4) {
        criterion["readings"] = json!({ "one": { "say": "one", rule: *choices.pick(&ASKED) }, "two": { "say": "two", rule: *choices.pick(&ASKED) } });
    } else {
        criterion[rule] = (*choices.pick(&ASKED)).into();
    }
    criterion
}

fn small_trial(choices: &mut Choices<'_>) -> Trial {
    let mut text = SMALL.to_owned();
    for (side, letter) in [("inclusion", 'I'), ("exclusion", 'E')] {
        text.push_str(&format!("  {side}:\n"));
        for number in 1..=2 {
            text.push_str(&format!(
                "    - {}\n",
                small_criterion(choices, &format!("{letter}{number}"), letter == 'I', true)
            ));
        }
    }
    compile(&text)
}

/// A record of few possible values, so that the same come again and again, in other company.
fn small_record(choices: &mut Choices<'_>) -> String {
    let code = |choices: &mut Choices<'_>| json!(*choices.pick(&["red", "red", "green", "murky"]));
    let date = |choices: &mut Choices<'_>| {
        json!(*choices.pick(&[
            "2026-11-01",
            "2026-11-15",
            "2026-10-03",
            "2025-01-31",
            "2026-10"
        ]))
    };
    let span = |choices: &mut Choices<'_>| {
        json!(*choices.pick(&[
            "6 months",
            "3 months",
            "> 3 months",
            "90 days",
            "12 weeks",
            "0 days",
            "1 year",
            "2..4 months"
        ]))
    };
    let mut record =
        json!({ "screened_on": *choices.pick(&["2026-11-20", "2026-11-20", "2027-02-28"]) });
    for fact in ["k", "b", "j", "n", "t", "d", "tags", "lines"] {
        let value = match fact {
            "k" => code(choices),
            "b" | "j" => choices.chance(1, 2).into(),
            "n" => choices.below(10).into(),
            "t" => span(choices),
            "d" => date(choices),
            "tags" => (0..choices.below(4)).map(|_| code(choices)).collect(),
            // Alike but for their numbers.
            "lines" if choices.chance(1, 3) => {
                let (one, other) = (*choices.pick(&[10, 60, 90]), *choices.pick(&[10, 60, 90]));
                json!([{ "kind": "red", "done": true, "date": "2026-11-01", "size": one }, { "kind": "green", "done": true, "date": "2026-11-02", "size": other }])
            }
            _ => (0..choices.below(4))
                .map(|_| {
                    let mut item = json!({});
                    for field in ["kind", "done", "date", "size", "name", "lasted"] {
                        let told = if matches!(field, "name" | "lasted") {
                            choices.chance(1, 4)
                        } else {
                            !choices.chance(1, 12)
                        };
                        if told {
                            item[field] = match field {
                                "kind" => code(choices),
                                "done" => choices.chance(1, 2).into(),
                                "date" => date(choices),
                                "size" => (*choices.pick(&[10, 60, 90])).into(),
                                "name" => (*choices.pick(&["one", "two", "\"3\""])).into(),
                                _ => span(choices),
                            };
                        }
                    }
                    item
                })
                .collect(),
        };
        match choices.below(10) {
            0 => {}
            1 => {
                record[fact] =
                    json!({ "missing": *choices.pick(&["not-performed", "asked-declined"]) })
            }
            2 => {
                record[fact] =
                    json!({ "value": value, "by": "investigator-1", "date": "2026-11-02" })
            }
            3 => record[fact] = json!({ "value": value, "by": "\"x\"" }),
            _ => record[fact] = value,
        }
    }
    record.to_string()
}

#[test]
fn a_row_of_a_small_trial_says_the_same_behind_many() {
    let readable = Cell::new(0);
    hold(60, 83, 12_000, |choices| {
        let trial = small_trial(choices);
        let policy = match choices.below(3) {
            0 => Policy {
                signed_judgements: true,
                ..Policy::default()
            },
            _ => Policy::default(),
        };
        let rows: Vec<String> = (0..160).map(|_| small_record(choices)).collect();
        let (format, reasons) = *choices.pick(&WAYS);
        say_the_same(&trial, &policy, &rows, format, reasons, &readable)
    });
    assert!(
        readable.get() > 6_000,
        "{} rows that can be read",
        readable.get()
    );
}

#[test]
fn a_row_of_any_trial_says_the_same_behind_others() {
    let (readable, tried) = (Cell::new(0), Cell::new(0));
    hold(60, 81, 6_000, |choices| {
        let Some(trial) = any_trial(choices) else {
            return Ok(());
        };
        tried.set(tried.get() + 1);
        says_the_same(choices, &trial, &readable)
    });
    assert!(
        tried.get() > 20 && readable.get() > 1_000,
        "{} trials, {} rows that can be read",
        tried.get(),
        readable.get()
    );
}

#[test]
fn a_row_of_the_embedded_trial_says_the_same_behind_others() {
    let readable = Cell::new(0);
    hold(25, 82, 6_000, |choices| {
        says_the_same(choices, embedded(), &readable)
    });
    assert!(
        readable.get() > 500,
        "{} rows that can be read",
        readable.get()
    );
}
