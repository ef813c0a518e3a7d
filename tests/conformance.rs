//! Every operator against the meaning that the CQL specification gives it, row by row from `tests/data/conformance.txt`;
//! and the table in `docs/expressions.md` that says which rows hold which operator.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use eligo::answer::eval;
use eligo::cql::{lexer, parser};
use eligo::diagnostic::Source;
use eligo::document::{self, Notation};
use eligo::record::{self, Dates, Record};
use eligo::trial::{self, Trial};

const TRIAL: &str = "
format: eligo/trial/1
trial: { id: T1, title: Conformance }
facts:
  birth_date: { type: date, label: Born }
  five: { type: integer, label: Five }
  some: { type: integer, label: One to three }
  unknown_number: { type: integer, label: Unknown number }
  month: { type: date, label: Month }
  share: { type: quantity, label: Share, unit: '%', units: ['1'] }
  hb: { type: quantity, label: Haemoglobin, unit: g/dL, units: [g/L] }
  creatinine: { type: quantity, label: Creatinine, unit: mg/dL, units: { umol/L: 0.01131 } }
  plt: { type: quantity, label: Platelets, unit: 10*9/L, units: [/uL] }
  alt: { type: quantity, label: ALT, unit: U/L, units: [ukat/L] }
  weight: { type: quantity, label: Weight, unit: kg, units: [g] }
  height: { type: quantity, label: Height, unit: cm, units: [m] }
  tags: { type: list, label: Tags, item: { type: code, values: { red: red, green: green, blue: blue } } }
  nothing: { type: list, label: Nothing, item: { type: integer } }
  unstated: { type: list, label: Unstated, item: { type: integer } }
  started: { type: list, label: Started, item: { type: integer } }
  ages: { first: { type: integer, label: First } }
  lines:
    type: list
    label: Lines
    item: { kind: { type: code, values: { chemo: chemotherapy, radio: radiation } }, date: { type: date } }
define:
  twice: { is: 2 * five }
criteria:
  inclusion:
    - { id: I1, title: One, text: One, require: five = 5 }
";

const RECORD: &str = "
screened_on: 2026-11-20
birth_date: 1996-02-29
five: 5
some: 1..3
month: 2026-11
share: 40 %
hb: 12 g/dL
creatinine: 100 umol/L
plt: 150 10*9/L
alt: { value: 90, unit: U/L, uln: 0.8 ukat/L, date: 2026-11-18 }
weight: 65000 g
height: 1.75 m
tags: [red, green]
nothing: []
started: { value: [4], complete: no }
ages: { first: 7 }
lines: [{ kind: chemo, date: 2025-03-01 }, { kind: radio, date: 2026-03-01 }, { kind: chemo, date: 2026-01-01 }]
";

const ROWS: &str = include_str!("data/conformance.txt");

fn trial() -> &'static Trial {
    static COMPILED: OnceLock<Trial> = OnceLock::new();
    COMPILED.get_or_init(|| match trial::compile(&Source::new("trial.yaml", TRIAL)) {
        Ok((trial, _)) => trial,
        Err(problems) => panic!(
            "{}",
            problems
                .iter()
                .map(|problem| problem.render(false, 120))
                .collect::<String>()
        ),
    })
}

fn candidate() -> Record {
    let source = Source::new("record.yaml", RECORD);
    let document = document::read(&source, Notation::Yaml).unwrap();
    let dates = Dates {
        as_of: None,
        today: jiff::civil::date(2026, 11, 20),
    };
    match record::read(&source, &document, "T1", &trial().facts, dates) {
        Ok(record) => record,
        Err(problems) => panic!(
            "{}",
            problems
                .iter()
                .map(|problem| problem.render(false, 120))
                .collect::<String>()
        ),
    }
}

/// What an expression comes to, or what is wrong with it and what would be right.
fn answer(expression: &str, record: &Record) -> String {
    match eval(expression, trial(), &record.entries, record.screened_on) {
        Ok(answer) => answer.text,
        Err(errors) => {
            let said = errors.iter().map(|error| {
                format!(
                    "{} | {}",
                    error.message,
                    error.help.as_deref().unwrap_or_default()
                )
            });
            format!("error: {}", said.collect::<Vec<_>>().join("; "))
        }
    }
}

/// The rows of each group: expression and answer.
fn groups() -> BTreeMap<&'static str, Vec<(String, &'static str)>> {
    let mut groups: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    let mut group = "";
    for line in ROWS
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("# ") && !line.starts_with('#'))
    {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            assert!(
                groups.insert(name, Vec::new()).is_none(),
                "the group {name} stands twice"
            );
            group = name;
            continue;
        }
        let (expression, expected) = line
            .rsplit_once(" => ")
            .unwrap_or_else(|| panic!("no answer: {line}"));
        groups
            .get_mut(group)
            .expect("a group")
            .push((expression.replace(" \\n ", "\n"), expected));
    }
    groups
}

#[test]
fn every_row_gives_its_answer() {
    let record = candidate();
    let mut wrong = Vec::new();
    let mut rows = 0;
    for (group, table) in groups() {
        assert!(!table.is_empty(), "the group {group} has no row");
        for (expression, expected) in table {
            rows += 1;
            let found = answer(&expression, &record);
            let right = match expected.strip_prefix("error: ") {
                Some(words) => found.starts_with("error: ") && found.contains(words),
                None => found == expected,
            };
            if !right {
                wrong.push(format!(
                    "[{group}] {expression}\n    is {found}, should be {expected}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(rows > 500, "only {rows} rows");
}

/// What is written for a value can be read back as an expression and is the same value, where the language has a literal
/// for it.
#[test]
fn answers_can_be_read_back() {
    let record = candidate();
    for (_, table) in groups() {
        for (_, expected) in table.iter().filter(|(_, expected)| {
            !["error", "Interval", "one of"]
                .iter()
                .any(|start| expected.starts_with(start))
        }) {
            if !expected.contains("perhaps") && !expected.contains('…') {
                assert_eq!(answer(expected, &record), *expected);
            }
        }
    }
}

/// The rows of the table in the documentation: the operator, and the groups or tests that hold it.
fn documented() -> Vec<(String, Vec<String>)> {
    let text = include_str!("../docs/expressions.md");
    let table = text
        .split("## Operators and the tests that hold them")
        .nth(1)
        .expect("the table")
        .split("\n## ")
        .next()
        .unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        // A bar inside backticks would be a cell of its own; the language has none.
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let quoted = |cell: &str| {
            cell.split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        (quoted(cells[0]).join(" "), quoted(cells.last().unwrap()))
    })
    .collect()
}

#[test]
fn the_documented_tests_exist_and_every_group_is_documented() {
    let groups = groups();
    let tests = [
        include_str!("expressions.rs"),
        include_str!("conformance.rs"),
        include_str!("hostile_input.rs"),
    ]
    .concat();
    let documented = documented();
    assert!(documented.len() > 40, "{documented:?}");
    for (operator, held_by) in &documented {
        assert!(!held_by.is_empty(), "nothing holds {operator}");
        for name in held_by {
            let is_test = name
                .strip_prefix("tests/expressions.rs: ")
                .is_some_and(|test| tests.contains(&format!("fn {test}()")));
            assert!(
                groups.contains_key(name.as_str()) || is_test,
                "{operator} names `{name}`, which is no group and no test"
            );
        }
    }
    let named: BTreeSet<&str> = documented
        .iter()
        .flat_map(|(_, names)| names)
        .map(String::as_str)
        .collect();
    let forgotten: Vec<_> = groups
        .keys()
        .filter(|group| !named.contains(**group))
        .collect();
    assert!(
        forgotten.is_empty(),
        "the table names nothing of {forgotten:?}"
    );
}

/// Every keyword, symbol and function that the parser knows stands in the table.
#[test]
fn every_operator_is_documented() {
    /// Reserved for what is left out.
    const RESERVED: [&str; 25] = [
        "date",
        "from",
        "start",
        "such",
        "let",
        "cast",
        "collapse",
        "convert",
        "distinct",
        "during",
        "ends",
        "except",
        "expand",
        "flatten",
        "included",
        "includes",
        "intersect",
        "meets",
        "overlaps",
        "properly",
        "singleton",
        "starts",
        "union",
        "with",
        "without",
    ];
    let operators: Vec<String> = documented()
        .into_iter()
        .map(|(operator, _)| operator)
        .collect();
    let words: BTreeSet<&str> = operators
        .iter()
        .flat_map(|operator| {
            operator.split(|next: char| !(next.is_ascii_alphanumeric() || next == '_'))
        })
        .collect();
    for keyword in parser::KEYWORDS
        .iter()
        .copied()
        .chain(eligo::cql::check::functions())
        .filter(|keyword| !RESERVED.contains(keyword))
    {
        assert!(words.contains(keyword), "`{keyword}` is not in the table");
    }
    let symbols: BTreeSet<&str> = operators
        .iter()
        .flat_map(|operator| operator.split_whitespace())
        .collect();
    for symbol in lexer::SYMBOLS.iter().filter(|symbol| {
        !matches!(
            **symbol,
            "(" | ")" | "{" | "}" | "[" | "]" | "," | "." | ":"
        )
    }) {
        assert!(symbols.contains(symbol), "`{symbol}` is not in the table");
    }
}
