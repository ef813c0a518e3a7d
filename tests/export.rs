//! What a data manager meets in an export: words for "none" in a column of items, several items in a cell, boxes, numbers with
//! grouped digits, cells that a drafted rule cannot read.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::Scratch;
use serde_json::{Value as Json, json};

const HEAD: &str = "format: eligo/source/1\ntrial: NCT04546906\nsource: table\ncandidate: id\n";

fn run(scratch: &Scratch, arguments: &[&str], code: i32) -> (String, String) {
    let said = scratch.eligo().args(arguments).assert().code(code);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let output = said.get_output();
    (text(&output.stdout), text(&output.stderr))
}

/// What the records of a table say of a fact.
fn fact(rest: &str, table: &str, fact: &str) -> Vec<Json> {
    let scratch = Scratch::new()
        .with("s.yaml", format!("{HEAD}{rest}"))
        .with("list.csv", table);
    let (records, _) = run(&scratch, &["map", "s.yaml", "list.csv"], 0);
    let records = records.lines().map(|line| {
        let record: Json = serde_json::from_str(line).unwrap();
        record[fact].clone()
    });
    records.collect()
}

#[test]
fn a_column_of_items_may_say_that_there_are_none() {
    let found = fact(
        "columns:\n  Allergies:\n    fact: 'allergies[].substance'\n    split: ';'\n    map: { none: [], n.d.: { missing: not_asked } }\n",
        "id,Allergies\na,none\nb,penicillin; nuts\nc,n.d.\nd,\ne,none; nuts\n",
        "allergies",
    );
    let source = |line: u8| format!("list.csv:{line} Allergies");
    assert_eq!(found[0], json!({ "value": [], "source": source(2) }));
    let item = |substance: &str| json!({ "substance": substance, "source": source(3) });
    assert_eq!(
        found[1],
        json!({ "value": [item("penicillin"), item("nuts")], "complete": false, "source": source(3) })
    );
    assert_eq!(
        found[2],
        json!({ "missing": "not_asked", "source": source(4) })
    );
    assert_eq!(found[3], Json::Null);
    assert_eq!(found[4]["missing"], "conflicting");
}

#[test]
fn what_stands_beside_split_items_is_refused() {
    let scratch = Scratch::new().with(
        "s.yaml",
        format!(
            "{HEAD}columns:\n  Allergies: {{ fact: 'allergies[].substance', split: ';' }}\n  How: 'allergies[].severity'\n"
        ),
    );
    let (_, told) = run(&scratch, &["check", "s.yaml"], 2);
    assert!(
        told.contains("makes an item of each value of `Allergies`, and whose `How` is"),
        "{told}"
    );
}

/// A phantom of a test that was never done would be counted, and be the latest.
#[test]
fn the_day_of_a_visit_makes_no_item() {
    let found = fact(
        "one_row_per: visit\ncolumns:\n  Day: [ecog.date, 'cd22[].date']\n  ECOG: { fact: ecog, pick: latest }\n  CD22: 'cd22[].result'\n",
        "id,Day,ECOG,CD22\na,2026-09-01,1,positive\na,2026-10-01,1,\nb,2026-10-02,1,\n",
        "cd22",
    );
    assert_eq!(
        found[0]["value"],
        json!([{ "date": "2026-09-01", "result": "positive", "source": "list.csv:2 CD22" }])
    );
    assert_eq!(found[1], Json::Null);

    let lone = format!("{HEAD}columns: {{ Day: [remission.reached_on, 'transplants[].date'] }}\n");
    let (_, told) = run(
        &Scratch::new().with("s.yaml", lone),
        &["check", "s.yaml"],
        2,
    );
    assert!(
        told.contains("its day makes no `transplants.date` by itself"),
        "{told}"
    );
}

#[test]
fn ticked_boxes_are_not_all_that_there_is() {
    let found = fact(
        "columns:\n  CT: { fact: remission.by, when: 1, value: chemotherapy }\n  TKI: { fact: remission.by, when: 1, value: tki }\n",
        "id,CT,TKI\na,1,1\nb,0,0\n",
        "remission.by",
    );
    assert_eq!(found[0]["value"], json!(["chemotherapy", "tki"]));
    assert_eq!(found[0]["complete"], false);
    assert_eq!(found[1], Json::Null);
}

#[test]
fn a_draft_marks_what_its_rules_would_not_read() {
    let scratch = Scratch::new().with(
        "list.csv",
        "id;Karnofsky;HBV viral load [IU/mL];MRD (%);Allergies;remission_by___1;Result\n\
         a;80 %;1.234,5;0,297;keine;1;positive\nb;90;>1.000.000;1,576;Nüsse; ;\n"
            .replace("Nüsse; ;", "\"Nüsse; Milch\";0;"),
    );
    let (drafted, _) = run(&scratch, &["map", "--draft", "list.csv"], 0);
    for expected in [
        "decimal: ','\nthousands: #? '.'\n",
        "    fact: karnofsky\n    map:\n      '80 %': #? a number, or { missing: CAUSE }   # 1 cell\n",
        "    split: #? ';'\n    map:\n      keine: #? []   # 1 cell, if it says that there is none\n",
        "  remission_by___1: #? { fact: 'remission.by[]', when: 1, value: … }\n    # chemotherapy | ",
        "  Result:\n    fact: #? ",
    ] {
        assert!(drafted.contains(expected), "{expected}\nin\n{drafted}");
    }
}
