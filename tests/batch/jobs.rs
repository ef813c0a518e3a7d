//! A list in parts, as an engine hands them out: keys, days, exit codes, and summaries that are put together again.

use std::fs;

use serde_json::{Value as Json, json};

use crate::{Ran, Scratch, batch, batch_from, five, ndjson, patient};

/// The eligible candidate with a key.
fn keyed(candidate: &str, key: &str) -> String {
    patient(candidate, "1").replacen('{', &format!("{{\"mrn\":{key},"), 1)
}

#[track_caller]
fn keys(ran: &Ran) -> Vec<Json> {
    ran.rows().iter().map(|row| row["key"].clone()).collect()
}

#[test]
fn a_key_is_echoed_as_it_was_written() {
    let rows = [
        keyed("A", "17"),
        keyed("B", "\"0017\""),
        keyed("C", "1e2"),
        keyed("D", "12345678901234567890123"),
        keyed("E", "true"),
        keyed("F", "\"a\\u202eb\""),
        // A row that cannot be read keeps its key, also where it is broken behind it.
        keyed("G", "\"g\"").replace("\"ecog\":1", "\"ecog\":9"),
        "{\"mrn\":\"h\",\"ecog\":".to_owned(),
    ];
    let scratch = Scratch::new().with("list.ndjson", rows.join("\n"));
    let ran = ndjson(&scratch, &["list.ndjson", "--key", "mrn"]).ends(4);
    let raw: Vec<&str> = ran
        .stdout
        .lines()
        .map(|line| line.split(",\"line\"").next().unwrap())
        .collect();
    let expected = [
        r#"{"key":17"#,
        r#"{"key":"0017""#,
        r#"{"key":1e2"#,
        r#"{"key":12345678901234567890123"#,
        r#"{"key":true"#,
        r#"{"key":"a\u202eb""#,
        r#"{"key":"g""#,
        r#"{"key":"h""#,
    ];
    assert_eq!(raw, expected);
    // Without --key, nobody declared the field.
    ndjson(&scratch, &["list.ndjson"])
        .ends(4)
        .complains(0, "`mrn` is not declared");
}

#[test]
fn every_notation_has_keys() {
    let yaml = "---\nmrn: 0017\ncandidate: A\n---\nmrn: 17\necog: 9\n";
    let scratch = Scratch::new()
        .with("list.yaml", yaml)
        .with(
            "list.json",
            format!("[{},{}]", keyed("A", "1"), keyed("B", "2")),
        )
        .with("list.csv", "candidate;mrn;ecog\nA;0017;1\nB;\"x;y\";9\n")
        .with("fact.csv", "candidate,ecog\nA,1\nB,2\n");
    let found = |list: &str, key: &str| keys(&ndjson(&scratch, &[list, "--key", key]));
    assert_eq!(found("list.yaml", "mrn"), [json!("0017"), json!(17)]);
    assert_eq!(found("list.json", "mrn"), [json!(1), json!(2)]);
    // CSV has texts only.
    assert_eq!(found("list.csv", "mrn"), [json!("0017"), json!("x;y")]);
    // What the trial declares may be the key, and says what it says.
    assert_eq!(found("fact.csv", "ecog"), [json!("1"), json!("2")]);
    assert_eq!(found("list.json", "candidate"), [json!("A"), json!("B")]);
    let csv = batch(&scratch, &["list.csv", "--key", "mrn", "--format", "csv"]);
    let firsts: Vec<&str> = csv
        .stdout
        .lines()
        .map(|line| line.split(',').next().unwrap())
        .collect();
    assert_eq!(firsts, ["key", "0017", "x;y"]);
    let table = batch(&scratch, &["list.csv", "--key", "mrn", "--reasons", "none"]);
    assert!(table.stdout.starts_with(" Key "), "{}", table.stdout);
    assert!(table.stdout.contains("x;y"), "{}", table.stdout);
}

#[test]
fn a_row_without_a_key_is_an_error_row() {
    let rows = [
        patient("A", "1"),
        keyed("B", "null"),
        keyed("C", "\" \""),
        keyed("D", "[1]"),
        keyed("E", "{\"a\":1}"),
        keyed("F", "1"),
    ];
    let scratch = Scratch::new().with("list.ndjson", rows.join("\n"));
    let ran = ndjson(&scratch, &["list.ndjson", "--key", "mrn"]).ends(4);
    assert_eq!(
        keys(&ran),
        [
            json!(null),
            json!(null),
            json!(null),
            json!(null),
            json!(null),
            json!(1)
        ]
    );
    ran.complains(0, "the key `mrn` of the row is not there")
        .complains(1, "the key `mrn` of the row is empty")
        .complains(2, "is empty")
        .complains(3, "is a list")
        .complains(4, "is a map")
        .tells([
            "1 A error",
            "2 B error",
            "3 C error",
            "4 D error",
            "5 E error",
            "6 F eligible",
        ]);
}

#[test]
fn a_table_without_the_key_is_refused_before_the_first_row() {
    let scratch = Scratch::new()
        .with("none.csv", "candidate,recrod_id,ecog\nA,1,1\n")
        .with("two.csv", "candidate,mrn,mrn,ecog\nA,1,2,1\n");
    let none = batch(
        &scratch,
        &[
            "none.csv",
            "--key",
            "record_id",
            "--ignore-column",
            "recrod_id",
        ],
    )
    .ends(2);
    assert!(
        none.stderr
            .contains("there is no column `record_id`, which is to be the key"),
        "{}",
        none.stderr
    );
    assert!(
        none.stderr.contains("did you mean `recrod_id`?"),
        "{}",
        none.stderr
    );
    let other = batch(&scratch, &["none.csv", "--key", "x"]).ends(2);
    assert!(
        other
            .stderr
            .contains("the columns are `candidate`, `recrod_id`, `ecog`"),
        "{}",
        other.stderr
    );
    let two = batch(&scratch, &["two.csv", "--key", "mrn"]).ends(2);
    assert!(
        two.stderr.contains("two columns are called `mrn`"),
        "{}",
        two.stderr
    );
}

#[test]
fn what_a_source_makes_is_found_by_the_candidate() {
    let bundle = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/fhir/mcode-pediatric-b-all.bundle.json"
    );
    let by = |key: &str| ndjson(&Scratch::new(), &[bundle, "--from", "fhir", "--key", key]);
    let ran = by("candidate").ends(0);
    assert_eq!(keys(&ran), [ran.rows()[0]["candidate"].clone()]);
    assert!(by("mrn").ends(2).stderr.contains("its key is `candidate`"));
}

#[test]
fn two_rows_of_one_key_are_told() {
    let rows = [keyed("A", "1"), keyed("B", "2"), keyed("C", "1")];
    let scratch = Scratch::new().with("list.ndjson", rows.join("\n"));
    let ran = ndjson(&scratch, &["list.ndjson", "--key", "mrn"]).ends(0);
    assert!(
        ran.stderr
            .contains("warning: the key of line 1 stands again on line 3"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_job_states_its_day() {
    let undated = patient("A", "1").replace("\"screened_on\":\"2026-11-20\",", "");
    let rows = [undated, patient("B", "1")].join("\n");
    let scratch = Scratch::new().with("list.ndjson", &rows);
    let job =
        |arguments: &[&str]| ndjson(&scratch, &[&["list.ndjson", "--job"], arguments].concat());
    job(&[])
        .ends(4)
        .complains(0, "the row does not state its screening date")
        .complains(0, "--as-of")
        .tells(["1 A error", "2 B eligible"]);
    job(&["--as-of", "2026-11-20"])
        .tells(["1 A eligible", "2 B eligible"])
        .ends(0);
}

#[test]
fn a_part_may_have_no_row() {
    let scratch = Scratch::new();
    let job = [
        "-",
        "--job",
        "--summary",
        "summary.json",
        "--format",
        "ndjson",
    ];
    let ran = batch_from(&scratch, &job, "").ends(0);
    assert_eq!(ran.stdout, "");
    assert_eq!(read(&scratch, "summary.json")["rows"], 0);
    batch_from(&scratch, &["-"], "").ends(2);
}

#[test]
fn so_many_rows_may_be_unreadable() {
    // One of five.
    let scratch = Scratch::new().with("list.ndjson", five());
    let most = |most: &str| ndjson(&scratch, &["list.ndjson", "--max-errors", most]);
    for (allowed, code) in [
        ("0", 4),
        ("1", 0),
        ("0%", 4),
        ("19.9%", 4),
        ("20%", 0),
        ("100%", 0),
    ] {
        let ran = most(allowed).ends(code);
        assert_eq!(ran.rows().len(), 5, "every row is written: {allowed}");
    }
    for wrong in ["-1", "x", "1.5", "101%", "-1%", "%", "NaN%", ""] {
        let ran = ndjson(&scratch, &["list.ndjson", &format!("--max-errors={wrong}")]).ends(2);
        assert!(
            ran.stderr
                .contains("write a number of rows, as 20, or a percentage"),
            "{wrong}: {}",
            ran.stderr
        );
    }
    let fail_on = [
        "list.ndjson",
        "--max-errors",
        "1",
        "--fail-on",
        "ineligible",
    ];
    ndjson(&scratch, &fail_on).ends(1);
}

fn read(scratch: &Scratch, name: &str) -> Json {
    serde_json::from_str(&fs::read_to_string(scratch.path().join(name)).unwrap()).unwrap()
}

/// `eligo summary merge` in the folder.
fn merge(scratch: &Scratch, arguments: &[&str]) -> Ran {
    let mut call = scratch.eligo();
    let output = call
        .args(["summary", "merge"])
        .args(arguments)
        .output()
        .unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Two parts of a list and the whole, with their summaries.
fn in_parts() -> Scratch {
    let (one, other) = (
        [
            keyed("A", "1"),
            keyed("B", "2").replace("\"ecog\":1", "\"ecog\":9"),
        ]
        .join("\n"),
        [
            keyed("C", "3").replace("\"ecog\":1", "\"ecog\":4"),
            keyed("A", "4"),
            keyed("D", "2"),
        ]
        .join("\n"),
    );
    let scratch = Scratch::new()
        .with("whole.ndjson", format!("{one}\n{other}"))
        .with("one.ndjson", one)
        .with("other.ndjson", other);
    for part in ["whole", "one", "other"] {
        let [list, summary] = ["ndjson", "json"].map(|end| format!("{part}.{end}"));
        let ran = ndjson(
            &scratch,
            &[&list, "--job", "--key", "mrn", "--summary", &summary],
        );
        assert_eq!(ran.stderr, "");
    }
    scratch
}

#[test]
fn parts_are_added_up() {
    let scratch = in_parts();
    let ran = merge(&scratch, &["one.json", "other.json", "--format", "json"]).ends(0);
    let (merged, whole): (Json, _) = (
        serde_json::from_str(&ran.stdout).unwrap(),
        read(&scratch, "whole.json"),
    );
    for same in [
        "trial",
        "rows",
        "eligible",
        "ineligible",
        "error",
        "criteria",
        "missing",
        "cautions",
        "errors",
        "repetitions",
        "similar",
        "partial",
        "repeated_keys",
    ] {
        assert_eq!(merged[same], whole[same], "{same}");
    }
    assert_eq!(merged["rows"], 5);
    assert!(merged.get("job").is_none());
    // Places name the part.
    let again = json!({"list": 2, "part": "other.json", "file": "other.ndjson", "line": 2});
    assert_eq!(merged["repeated"][0]["again"], again);
    assert_eq!(merged["repeated_keys"], 1);
    let text = merge(&scratch, &["one.json", "other.json"]).ends(0);
    assert!(
        text.stdout.starts_with("5 rows: 3 eligible, 1 ineligible"),
        "{}",
        text.stdout
    );
    let line = "warning: the candidate of one.json, one.ndjson:1 stands again on other.json, other.ndjson:2";
    assert!(text.stdout.contains(line), "{}", text.stdout);
    // By its name, a file is JSON; with the digests it can be merged again, and files may hold several.
    merge(&scratch, &["one.json", "--job", "--output", "kept.json"]).ends(0);
    let both = fs::read(scratch.path().join("kept.json")).unwrap();
    let other = fs::read(scratch.path().join("other.json")).unwrap();
    fs::write(scratch.path().join("both.json"), [both, other].concat()).unwrap();
    merge(&scratch, &["both.json", "--output", "again.json"]).ends(0);
    let again = read(&scratch, "again.json");
    assert_eq!(again["repetitions"], whole["repetitions"]);
    assert_eq!(again["repeated"][0]["again"]["part"], "both.json (2)");
}

#[test]
fn a_candidate_in_parts_of_a_table_is_found_among_all() {
    let scratch = Scratch::new()
        .with(
            "1.csv",
            "candidate,screened_on,cd22.1.result\nA,2026-11-20,positive\n",
        )
        .with(
            "2.csv",
            "candidate,screened_on,cd22.1.result\nA,2026-11-20,negative\n",
        );
    for part in ["1", "2"] {
        let list = format!("{part}.csv");
        ndjson(
            &scratch,
            &[&list, "--job", "--summary", &format!("{part}.json")],
        )
        .ends(0);
    }
    let ran = merge(&scratch, &["1.json", "2.json"]).ends(4);
    assert!(
        ran.stdout
            .contains("1.json, 1.csv:2 and 2.json, 2.csv:2 are one candidate in parts"),
        "{}",
        ran.stdout
    );
}

#[test]
fn what_cannot_be_added_up_says_why() {
    let scratch = in_parts()
        .with("empty.json", "")
        .with("cut.json", "{\n  \"schema\": \"eligo/summary/1\",\n")
        .with("list.json", "[]")
        .with("row.json", "{\"schema\":\"eligo/row/1\"}")
        .with("site.yaml", "format: eligo/site/1\ntrial: NCT04546906\n");
    ndjson(
        &scratch,
        &["one.ndjson", "--key", "mrn", "--summary", "no-job.json"],
    );
    ndjson(
        &scratch,
        &[
            "one.ndjson",
            "--job",
            "--key",
            "mrn",
            "--as-of",
            "2026-11-20",
            "--summary",
            "day.json",
        ],
    );
    ndjson(
        &scratch,
        &[
            "one.ndjson",
            "--job",
            "--key",
            "candidate",
            "--summary",
            "key.json",
        ],
    );
    let mut newer = read(&scratch, "other.json");
    newer["schema"] = json!("eligo/summary/2");
    fs::write(scratch.path().join("newer.json"), newer.to_string()).unwrap();
    let mut digest = read(&scratch, "other.json");
    digest["job"]["names"][0] = json!("00");
    fs::write(scratch.path().join("digest.json"), digest.to_string()).unwrap();
    for (part, why) in [
        (
            "empty.json",
            "`empty.json` is empty; `eligo batch --job --summary FILE` writes",
        ),
        (
            "cut.json",
            "cut.json:3:0: this is no summary: EOF while parsing",
        ),
        ("list.json", "list.json:1:"),
        ("row.json", "row.json:1:"),
        (
            "no-job.json",
            "without the digests by which repeated candidates are found; screen the parts with --job",
        ),
        (
            "day.json",
            "`day.json` and `other.json` cannot be added up: the days (--as-of) differ",
        ),
        ("key.json", "the keys (--key) differ"),
        (
            "newer.json",
            "this is `eligo/summary/2`, and `eligo/summary/1` is read",
        ),
        ("digest.json", "a digest has 48 hexadecimal digits"),
        ("missing.json", "cannot read `missing.json`"),
        ("./other.json", "are one file, whose rows would count twice"),
    ] {
        let ran = merge(&scratch, &["other.json", part, "--output", "sum.json"]).ends(2);
        assert!(ran.stderr.contains(why), "{part}: {}", ran.stderr);
        assert!(!scratch.path().join("sum.json").exists());
    }
    merge(&scratch, &["other.json", "--output", "other.json"]).ends(2);
}
