//! What a list amounts to.

use std::fs;

use serde_json::Value as Json;

use crate::{ELIGIBLE, Scratch, batch, five, of, patient};

fn summary(list: impl AsRef<[u8]>, arguments: &[&str]) -> Json {
    let scratch = Scratch::new().with("list.ndjson", list);
    let ran = batch(
        &scratch,
        &[&["list.ndjson", "--summary", "summary.json"], arguments].concat(),
    );
    assert_eq!(ran.stderr, "");
    serde_json::from_str(&fs::read_to_string(scratch.path().join("summary.json")).unwrap()).unwrap()
}

fn criterion<'s>(summary: &'s Json, id: &str) -> &'s Json {
    summary["criteria"]
        .as_array()
        .unwrap()
        .iter()
        .find(|part| part["id"] == id)
        .unwrap()
}

fn number(value: &Json) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| panic!("no number: {value}"))
}

/// Everything that holds of the numbers of any list.
#[track_caller]
fn adds_up(summary: &Json, rows: u64) {
    let count = |name: &str| number(&summary[name]);
    assert_eq!(count("rows"), rows);
    assert_eq!(
        count("eligible") + count("ineligible") + count("undetermined") + count("error"),
        rows
    );
    let criteria = summary["criteria"].as_array().unwrap();
    assert_eq!(criteria.len(), 16);
    let mut left = rows - count("error");
    for part in criteria {
        assert!(
            number(&part["left"]) <= left && left - number(&part["left"]) <= number(&part["fail"]),
            "{part}"
        );
        assert!(
            number(&part["fail_alone"]) <= number(&part["fail"]),
            "{part}"
        );
        assert!(
            number(&part["fail"]) + number(&part["unknown"]) <= rows - count("error"),
            "{part}"
        );
        left = number(&part["left"]);
    }
    assert_eq!(left, count("eligible") + count("undetermined"));
    let mut before = u64::MAX;
    for part in summary["missing"].as_array().unwrap() {
        assert!(
            number(&part["holds_up"]) <= before.min(count("undetermined"))
                && number(&part["would_settle"]) <= number(&part["holds_up"]),
            "{part}"
        );
        before = number(&part["holds_up"]);
    }
}

#[test]
fn the_counts_add_up() {
    let five = summary(five(), &[]);
    adds_up(&five, 5);
    assert_eq!(five["schema"], "eligo/summary/1");
    assert_eq!(five["trial"], "NCT04546906");
    for (name, count) in [
        ("eligible", 2),
        ("ineligible", 1),
        ("undetermined", 1),
        ("error", 1),
    ] {
        assert_eq!(five[name], count);
    }
    let list: String = (0..700)
        .map(|row| patient(&format!("P-{row}"), ["1", "4", "null", "9"][row % 4]) + "\n")
        .collect();
    adds_up(
        &summary(list, &["--threads", "3", "--only", "eligible"]),
        700,
    );
}

#[test]
fn attrition_counts_each_candidate_where_the_first_criterion_failed() {
    let refused = |row: &str| row.replace("\"signed\"", "\"refused\"");
    let list = [
        patient("A", "1"),
        patient("B", "4"),
        refused(&patient("C", "4")),
        refused(&patient("D", "1")),
        patient("E", "null"),
        patient("F", "4").replace("\"b_all\"", "\"t_all\""),
    ];
    let summary = summary(list.join("\n"), &[]);
    adds_up(&summary, 6);
    let counts = |id: &str| {
        ["fail", "unknown", "fail_alone", "left"].map(|name| number(&criterion(&summary, id)[name]))
    };
    assert_eq!(counts("I1"), [1, 0, 0, 5]);
    assert_eq!(counts("I2"), [0, 0, 0, 5]);
    assert_eq!(counts("I4"), [3, 1, 1, 3]);
    assert_eq!(counts("I6"), [2, 0, 1, 2]);
    assert_eq!(counts("E10"), [0, 0, 0, 2]);
}

#[test]
fn missing_facts_are_those_that_undetermined_candidates_wait_for() {
    let unsigned = |row: &str| row.replace("\"signed\"", "null");
    let list = [
        patient("A", "null"),
        patient("B", "null"),
        unsigned(&patient("C", "null")),
        unsigned(&patient("D", "1")),
        // Nobody waits for a fact of a candidate who cannot enter.
        unsigned(&patient("E", "4")),
        patient("F", "1"),
    ];
    let summary = summary(list.join("\n"), &[]);
    adds_up(&summary, 6);
    let missing: Vec<(&str, u64, u64)> = summary["missing"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| {
            (
                part["fact"].as_str().unwrap(),
                number(&part["holds_up"]),
                number(&part["would_settle"]),
            )
        })
        .collect();
    assert_eq!(missing, [("ecog", 3, 2), ("consent", 2, 1)]);
    assert_eq!(summary["missing"][0]["label"], "ECOG performance status");
}

/// Neither a ruling nor a contradiction is a missing fact, and both hold candidates up.
#[test]
fn what_no_fact_settles_is_told() {
    let addicted = |row: String| row.replace(r#""addiction":"none""#, r#""addiction":"present""#);
    let contradicted = |row: String| {
        row.replace(
            r#""result":"positive""#,
            r#""result":"negative","percent_of_blasts":"40 %""#,
        )
    };
    let list = [
        addicted(patient("A", "1")),
        addicted(patient("B", "null")),
        contradicted(patient("C", "1")),
        // Of a candidate who cannot enter nothing more need be known.
        addicted(patient("D", "4")),
        patient("E", "1"),
    ];
    let list = list.join("\n");
    let told = summary(&list, &[]);
    adds_up(&told, 5);
    let counts = ["I2", "I4", "E10"]
        .map(|id| ["unknown", "no_fact_settles"].map(|name| number(&criterion(&told, id)[name])));
    assert_eq!(counts, [[1, 1], [1, 0], [3, 2]]);
    // B waits for a fact and for a ruling.
    assert_eq!(
        ["holds_up", "would_settle"].map(|name| number(&told["missing"][0][name])),
        [1, 0]
    );
    let said = of("list.ndjson", list).stderr;
    let (_, open) = said
        .split_once("What no fact settles")
        .unwrap_or_else(|| panic!("{said}"));
    let rows: Vec<&str> = open
        .lines()
        .skip(1)
        .map(|line| line.split_whitespace().take(2).last().unwrap_or_default())
        .take(2)
        .collect();
    assert_eq!(rows, ["E10", "I2"], "{said}");
}

#[test]
fn errors_are_counted_by_kind_without_the_words_of_the_row() {
    let list = [
        "{\"ecog\":9}",
        "{\"ecog\":7}",
        "{\"agee\":1}",
        "{\"xyzzy\":1}",
        "{",
        ELIGIBLE,
    ]
    .join("\n");
    let summary = summary(list, &[]);
    adds_up(&summary, 6);
    assert_eq!(summary["error"], 5);
    let kinds = summary["errors"].as_array().unwrap();
    let counts: Vec<u64> = kinds.iter().map(|kind| number(&kind["count"])).collect();
    assert_eq!(counts.iter().sum::<u64>(), 5);
    assert_eq!(kinds.len(), 3, "{kinds:?}");
    assert!(!summary["errors"].to_string().contains("xyzzy"));
    let facts: Vec<&Json> = kinds.iter().filter_map(|kind| kind.get("fact")).collect();
    assert_eq!(
        facts,
        ["ecog"],
        "what the trial does not declare is no fact"
    );
    let list = "{\"cd22\":[{\"result\":\"pos\"},{\"result\":\"neg\",\"dat\":1}]}\n{\"hepatitis\":{\"hbv_dna\":\"no\"},\"consent\":\"no\"}\n";
    batch(&Scratch::new().with("list.ndjson", list), &["list.ndjson"])
        .says("Errors\n 2  cd22: `…` is not a declared value\n")
        .says(" 1  consent: `…` is not a declared value\n")
        .says(" 1  hepatitis.hbv_dna: `…` is not a declared value\n");
}

#[test]
fn repetitions_name_both_places() {
    let list = [
        patient("A", "1"),
        patient("B", "1"),
        patient("A", "4"),
        patient("A", "1"),
    ]
    .join("\n");
    let summary = summary(list, &[]);
    assert_eq!(summary["repetitions"], 2);
    let places: Vec<String> = summary["repeated"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| format!("{} {}", pair["first"]["line"], pair["again"]["line"]))
        .collect();
    assert_eq!(places, ["1 3", "1 4"]);
    assert_eq!(summary["repeated"][0]["first"]["file"], Json::Null);
}

#[test]
fn more_repetitions_than_are_told_are_counted() {
    let list: String = (0..3_000).map(|_| patient("A", "1") + "\n").collect();
    let scratch = Scratch::new().with("list.ndjson", list);
    let ran = batch(&scratch, &["list.ndjson", "--format", "ndjson"])
        .ends(0)
        .says("and 2989 more repetitions");
    assert!(ran.stderr.len() < 10_000);
}

#[test]
fn for_reading_it_goes_to_standard_error() {
    let scratch = Scratch::new().with("list.ndjson", five());
    batch(&scratch, &["list.ndjson"])
        .says("5 rows: 2 eligible, 1 ineligible, 1 undetermined, 1 could not be read")
        .says("Attrition")
        .says("ECOG performance status (ecog)")
        .says("Errors");
}

/// Numbers stand below each other with their share, and the words fit whole.
#[test]
fn for_reading_it_is_aligned() {
    let list: String = (0..120)
        .map(|row| patient(&format!("P-{row}"), if row < 30 { "4" } else { "1" }) + "\n")
        .collect();
    let scratch = Scratch::new().with("list.ndjson", list);
    let said = batch(&scratch, &["list.ndjson", "--format", "ndjson"])
        .says("120 rows: 90 eligible, 30 ineligible, 0 undetermined, 0 could not be read")
        .says(" I3      0        0           0   120  100 %  Assessable lesion in isolated\n")
        .says(" I4     30        0          30    90   75 %  ECOG at most 2\n")
        .stderr;
    assert!(
        said.lines().all(|line| line.chars().count() <= 80),
        "{said}"
    );
    for word in "Investigator's concern, mental illness, abuse, addiction".split(' ') {
        assert!(said.contains(word), "{word}");
    }
    batch(
        &Scratch::new().with("list.ndjson", ELIGIBLE),
        &["list.ndjson"],
    )
    .says("1 row: 1 eligible");
}

/// However much the rows differ, the kinds of errors are few.
#[test]
fn kinds_of_errors_are_few_and_the_most_frequent_first() {
    let rows = [
        "{",
        "{\"ecog\":9}",
        "{\"ecog\":8}",
        "{\"screened_on\":\"2026-01-01\",\"birth_date\":\"2026-01-02\"}",
        "{\"screened_on\":\"2026-01-02\",\"birth_date\":\"2026-01-03\"}",
        "{\"ecog\":7}",
    ];
    let bytes = [
        b"\xff\n\xfe\n\xfd\n\xfc\n".as_slice(),
        rows.join("\n").as_bytes(),
    ]
    .concat();
    let kinds: Vec<(String, u64)> = summary([b"\n".as_slice(), &bytes].concat(), &[])["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| {
            (
                kind["kind"].as_str().unwrap().to_owned(),
                number(&kind["count"]),
            )
        })
        .collect();
    let counts: Vec<u64> = kinds.iter().map(|(_, count)| *count).collect();
    assert_eq!(counts, [4, 3, 2, 1], "{kinds:?}");
    assert_eq!(kinds[1].0, "a value is outside the plausible range 0..5");
}

#[test]
fn it_is_written_whole_or_not_at_all() {
    let scratch = Scratch::new()
        .with("list.ndjson", five())
        .with("summary.json", "before");
    batch(
        &scratch,
        &["list.ndjson", "no-such-list", "--summary", "summary.json"],
    )
    .ends(2);
    assert_eq!(
        fs::read_to_string(scratch.path().join("summary.json")).unwrap(),
        "before"
    );
}

/// What was not said is told: whom a row is about, and as of which day.
#[test]
fn candidates_without_a_name_or_a_date_are_counted() {
    let list = "{\"candidate\":\"A\",\"screened_on\":\"2026-11-20\"}\n{\"ecog\":1}\n{\"ecog\":\"1\"}\n{\"candidate\":\"B\",\"screened_on\":null}\n";
    let of = |arguments: &[&str]| {
        let found = summary(list, arguments);
        (number(&found["unnamed"]), number(&found["undated"]))
    };
    assert_eq!(of(&[]), (2, 3));
    assert_eq!(of(&["--as-of", "2026-11-20"]), (2, 0));
    let said = batch(&Scratch::new().with("list.ndjson", list), &["list.ndjson"]).stderr;
    assert!(said.contains("2 rows that were screened name no candidate\nwarning: 3 candidates have no screening date"), "{said}");
}
