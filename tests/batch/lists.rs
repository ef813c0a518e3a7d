//! What a list may be written in, and several of them.

use std::fs;

use crate::common::{eligo, example_records, report, text_of};
use crate::{ELIGIBLE, Ran, Scratch, batch, batch_from, five, ndjson, of, patient};

const FIVE: [&str; 5] = [
    "1 P-1 eligible",
    "2 P-2 ineligible",
    "3 P-3 undetermined",
    "4 P-4 error",
    "5 P-5 eligible",
];

#[test]
fn a_record_on_each_line() {
    of("list.ndjson", five()).tells(FIVE).ends(4);
    of("list.jsonl", five()).tells(FIVE);
    of("list", five()).tells(FIVE);
}

#[test]
fn a_json_array_on_one_line_or_many() {
    let rows: Vec<String> = five().lines().map(str::to_owned).collect();
    let one_line = format!("[{}]", rows.join(","));
    of("list.json", &one_line)
        .tells(
            FIVE.map(|row| format!("1{}", &row[1..]))
                .each_ref()
                .map(String::as_str),
        )
        .ends(4);
    let lines = format!("[\n{}\n]\n", rows.join(",\n"));
    of("list.json", lines).tells([
        "2 P-1 eligible",
        "3 P-2 ineligible",
        "4 P-3 undetermined",
        "5 P-4 error",
        "6 P-5 eligible",
    ]);
    let trees: Vec<serde_json::Value> = rows
        .iter()
        .map(|row| serde_json::from_str(row).unwrap())
        .collect();
    let pretty = serde_json::to_string_pretty(&trees).unwrap();
    let told = of("list.json", &pretty).ends(4).told();
    let begins: Vec<usize> = pretty
        .lines()
        .enumerate()
        .filter(|(_, line)| *line == "  {")
        .map(|(index, _)| index + 1)
        .collect();
    let expected: Vec<String> = FIVE
        .iter()
        .zip(begins)
        .map(|(row, line)| format!("{line}{}", &row[1..]))
        .collect();
    assert_eq!(told, expected);
}

/// A line says nothing of the elements on it.
#[test]
fn elements_on_one_line_are_told_by_their_number() {
    let four = format!(
        "[{},{} , 7,\n{}]",
        patient("A", "1"),
        patient("B", "9"),
        patient("A", "4")
    );
    let scratch = Scratch::new().with("list.json", four);
    let ran = ndjson(&scratch, &["list.json"]).ends(4);
    let places: Vec<_> = ran
        .rows()
        .iter()
        .map(|row| [row["line"].as_u64(), row["element"].as_u64()].map(Option::unwrap))
        .collect();
    assert_eq!(places, [[1, 1], [1, 2], [1, 3], [2, 4]]);
    ran.says("the candidate of line 1 (element 1) stands again on line 2 (element 4)");
    let table = batch(&scratch, &["list.json"]).ends(4);
    let mut lines = table.stdout.lines();
    assert!(
        lines.next().unwrap().starts_with(" Line (element)  "),
        "{}",
        table.stdout
    );
    assert!(table.stdout.contains("\n 1 (2)  ") && table.stdout.contains("\n 2 (4)  "));
    let csv = batch(&scratch, &["list.json", "--format", "csv"]).ends(4);
    let mut lines = csv.stdout.lines();
    assert!(lines.next().unwrap().starts_with("line,element,candidate,"));
    assert!(lines.next().unwrap().starts_with("1,1,A,"));
    batch(&scratch, &["list.json", "--summary", "summary.json"]).ends(4);
    let summary = std::fs::read_to_string(scratch.path().join("summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    let again = serde_json::json!({ "list": 1, "line": 2, "element": 4 });
    assert_eq!(summary["repeated"][0]["again"], again);
    // Names that hardly differ, too, and what is wrong between two elements has no number.
    let list = format!("[{}{},]", patient("a 1", "1"), patient("A1", "1"));
    let scratch = Scratch::new().with("list.json", list);
    let ran = ndjson(&scratch, &["list.json"]).ends(4);
    let elements: Vec<_> = ran
        .rows()
        .iter()
        .map(|row| row["element"].as_u64())
        .collect();
    assert_eq!(elements, [Some(1), None, Some(2), None]);
    ran.says("the names of line 1 (element 1) and line 1 (element 2) differ only");
    // Other lists have none, and where there are several, the column is for those that have.
    let scratch = Scratch::new()
        .with("one.json", format!("[{}]", patient("A", "1")))
        .with("two.ndjson", patient("B", "1"));
    let csv = batch(&scratch, &["one.json", "two.ndjson", "--format", "csv"]).ends(0);
    let rows: Vec<_> = csv.stdout.lines().collect();
    assert!(rows[0].starts_with("file,line,element,candidate,"));
    assert!(rows[1].starts_with("one.json,1,1,A,") && rows[2].starts_with("two.ndjson,1,,B,"));
    let rows = ndjson(&scratch, &["two.ndjson"]).rows();
    assert!(rows[0].get("element").is_none());
}

/// Something is held for each row of a block, so a block has not many, and what is read ahead does not grow.
#[test]
fn very_short_rows_are_read_in_small_blocks_and_none_is_lost() {
    const ROWS: usize = 20_000;
    const TRIAL: &str = "format: eligo/trial/1\ntrial: { id: T1, version: '1', title: A }\nfacts:\n  ecog: { type: integer, label: ECOG, ask: Which?, range: 0..5 }\n  age: { type: integer, label: Age, ask: How old?, range: 0..99 }\ncriteria:\n  inclusion:\n    - { id: I1, title: ECOG, text: At most 1, require: ecog <= 1 }\n";
    let scratch = Scratch::new()
        .with("trial.yaml", TRIAL)
        .with("list.csv", "ecog,age\n".to_owned() + &",\n".repeat(ROWS))
        .with("list.json", format!("[{}]", vec!["{}"; ROWS].join(",")))
        .with("list.yaml", "---\n{}\n".repeat(ROWS));
    for list in ["list.csv", "list.json", "list.yaml"] {
        let run = |threads| {
            let call = [list, "--trial", "trial.yaml", "--threads", threads];
            batch(&scratch, &[&call[..], &["--only", "ineligible"]].concat()).ends(0)
        };
        for threads in ["1", "3"] {
            run(threads).says(&format!(
                "{ROWS} rows: 0 eligible, 0 ineligible, {ROWS} undetermined"
            ));
        }
    }
}

#[test]
fn the_place_of_an_error_in_an_array_is_its_line_in_the_list() {
    of(
        "list.json",
        "[\n  { \"candidate\": \"A\" },\n  {\n    \"candidate\": \"B\",\n    \"ecog\": 9\n  }\n]\n",
    )
    .tells(["2 A undetermined", "3 B error"])
    .complains(1, "\"line\":5");
}

#[test]
fn yaml_documents_in_a_stream() {
    let stream = "---\ncandidate: A\necog: 4\n---\n# a comment\ncandidate: B\necog: 1\n---\n{ candidate: C }\n...\n";
    let ran = of("list.yaml", stream).ends(0);
    let words: Vec<String> = ran
        .told()
        .iter()
        .map(|row| row.split_once(' ').unwrap().1.to_owned())
        .collect();
    assert_eq!(words, ["A ineligible", "B undetermined", "C undetermined"]);
    assert_eq!(of("list.yml", stream).stdout, ran.stdout);
    // Without a line of dashes in front.
    of("list.yaml", "candidate: A\n---\ncandidate: B\n")
        .tells(["1 A undetermined", "2 B undetermined"]);
    of("list.yaml", "candidate: A\n---\ncandidate: B\n---\n")
        .tells(["1 A undetermined", "2 B undetermined"])
        .ends(0);
    of("list.yaml", "candidate: A\r\n---\r\ncandidate: B\r\n")
        .tells(["1 A undetermined", "2 B undetermined"])
        .ends(0);
}

#[test]
fn dashes_that_end_a_stream_begin_nothing() {
    of("list.yaml", "candidate: A\n---\ncandidate: B\n---")
        .tells(["1 A undetermined", "2 B undetermined"])
        .ends(0);
}

/// Comments and directives belong to the document behind them, and `...` ends one.
#[test]
fn what_else_may_stand_between_yaml_documents() {
    let list = "%YAML 1.2\n# first\n---\ncandidate: A\n...\ncandidate: B\n...\n%YAML 1.2\n---\ncandidate: C\n--- # nothing\n---\ncandidate: D\n---";
    of("list.yaml", list)
        .tells([
            "1 A undetermined",
            "6 B undetermined",
            "8 C undetermined",
            "12 D undetermined",
        ])
        .ends(0);
}

/// Wherever the list is cut into blocks, a line that begins like a separator is none.
#[test]
fn a_text_that_begins_like_a_separator_separates_nothing() {
    const BLOCK: usize = 256 * 1024;
    for before in BLOCK - 5..BLOCK + 3 {
        let head = "candidate: A\nnote: \"";
        let list = format!(
            "{head}{}\n---abc\"\n---\ncandidate: B\n",
            "x".repeat(before - head.len())
        );
        of("list.yaml", list)
            .tells(["1 A undetermined", "4 B undetermined"])
            .ends(0);
    }
}

#[test]
fn a_document_with_an_error_among_good_ones() {
    of(
        "list.yaml",
        "candidate: A\n---\ncandidate: B\necog: [\n---\ncandidate: C\necog: 9\n---\ncandidate: D\n",
    )
    .tells([
        "1 A undetermined",
        "2 - error",
        "5 C error",
        "8 D undetermined",
    ])
    .complains(2, "\"line\":7")
    .ends(4);
}

#[test]
fn the_examples_as_a_stream_are_what_each_is_alone() {
    let names: Vec<String> = example_records()
        .into_iter()
        .filter(|name| name.ends_with(".yaml"))
        .collect();
    let stream: String = names
        .iter()
        .map(|name| format!("---\n{}\n", text_of(name)))
        .collect();
    let scratch = Scratch::new().with("list.yaml", stream);
    let ran = batch(
        &scratch,
        &["list.yaml", "--format", "ndjson", "--reasons", "all"],
    )
    .ends(0);
    let rows = ran.rows();
    assert_eq!(rows.len(), names.len());
    for (row, name) in rows.iter().zip(&names) {
        same_as_screened(row, &report(&[name]), name);
    }
}

/// The verdicts of sub-criteria too, which only CSV has.
#[test]
fn the_verdicts_of_sub_criteria_are_those_of_screen() {
    fn walk(part: &serde_json::Value, visit: &mut impl FnMut(&str, &str)) {
        for below in part["criteria"].as_array().unwrap() {
            visit(
                below["id"].as_str().unwrap(),
                below["verdict"].as_str().unwrap(),
            );
            walk(below, visit);
        }
    }
    let mut wrong = Vec::new();
    for name in example_records() {
        let list = if name.ends_with(".json") {
            format!("[{}]", text_of(&name))
        } else {
            text_of(&name)
        };
        let file = name.rsplit('/').next().unwrap();
        let scratch = Scratch::new().with(file, list);
        let csv = batch(&scratch, &[file, "--format", "csv", "--reasons", "none"])
            .ends(0)
            .stdout;
        let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
        walk(&report(&[&name]), &mut |id, verdict| {
            let place = lines[0].iter().position(|cell| *cell == id).unwrap();
            if lines[1][place] != verdict {
                wrong.push(format!(
                    "{name}: {id} is {}, and should be {verdict}",
                    lines[1][place]
                ));
            }
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[track_caller]
fn same_as_screened(row: &serde_json::Value, report: &serde_json::Value, name: &str) {
    assert_eq!(row["eligibility"], report["eligibility"], "{name}");
    assert_eq!(row["candidate"], report["candidate"], "{name}");
    let criteria = report["criteria"].as_array().unwrap();
    assert_eq!(
        row["verdicts"].as_object().unwrap().len(),
        criteria.len(),
        "{name}"
    );
    for criterion in criteria {
        let id = criterion["id"].as_str().unwrap();
        assert_eq!(row["verdicts"][id], criterion["verdict"], "{name}: {id}");
        assert_eq!(row["reasons"][id], criterion["reason"], "{name}: {id}");
        for below in criterion["criteria"].as_array().unwrap() {
            let id = below["id"].as_str().unwrap();
            assert_eq!(row["reasons"][id], below["reason"], "{name}: {id}");
        }
    }
}

/// Two samples of one day are alike in what decides; only two that are the same are one sample.
#[test]
fn a_sample_that_is_there_twice_is_not_taken_for_two_that_are_alike() {
    let row = |shares: [&str; 2]| {
        let sample = |share| {
            format!(
                r#"{{"result":"positive","percent_of_blasts":"{share} %","specimen":"bone_marrow","method":"flow","date":"2026-11-02"}}"#
            )
        };
        format!(
            "{{\"candidate\":\"{}-{}\",\"cd22\":[{},{}]}}\n",
            shares[0],
            shares[1],
            sample(shares[0]),
            sample(shares[1])
        )
    };
    let rows = [["10", "20"], ["30", "30"], ["40", "50"]].map(row);
    let reasons = |list: &str| {
        batch(
            &Scratch::new().with("list.ndjson", list),
            &["--format", "ndjson", "--reasons", "all", "list.ndjson"],
        )
        .rows()
        .iter()
        .map(|row| row["reasons"]["I2"].as_str().unwrap_or_default().to_owned())
        .collect::<Vec<_>>()
    };
    assert_eq!(
        reasons(&rows.concat()),
        rows.each_ref().map(|row| reasons(row)).concat()
    );
}

#[test]
fn a_directory_of_records_in_the_order_of_their_names() {
    let scratch = Scratch::new();
    let folder = scratch.path().join("records");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("b.json"), ELIGIBLE).unwrap();
    fs::write(folder.join("a.yaml"), "candidate: A\necog: 4\n").unwrap();
    fs::write(folder.join("c.yml"), "candidate: C\n").unwrap();
    fs::write(folder.join("d.json"), "{").unwrap();
    fs::write(folder.join("notes.txt"), "not a record").unwrap();
    ndjson(&scratch, &["records"])
        .tells([
            "1 A ineligible",
            "1 E-1 eligible",
            "1 C undetermined",
            "1 - error",
        ])
        .says("notes.txt` is left out")
        .ends(4);
    // More files than may be open at once.
    for number in 0..1500 {
        fs::write(
            folder.join(format!("many-{number:04}.yaml")),
            format!("candidate: M-{number}\n"),
        )
        .unwrap();
    }
    assert_eq!(ndjson(&scratch, &["records"]).ends(4).rows().len(), 1504);
}

/// Each is closed behind its header and opened again when its turn comes, which must not lose a row or its line.
#[test]
fn more_csv_lists_than_may_be_open_at_once() {
    let scratch = Scratch::new();
    let names: Vec<String> = (0..1500).map(|number| format!("{number:04}.csv")).collect();
    for name in &names {
        fs::write(
            scratch.path().join(name),
            format!("\u{feff}\n\ncandidate,ecog\nA-{name},1\n\nB-{name},9\n"),
        )
        .unwrap();
    }
    let lists: Vec<&str> = names.iter().map(String::as_str).collect();
    let rows = ndjson(&scratch, &lists).ends(4).rows();
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row["file"].clone(),
                row["line"].clone(),
                row["eligibility"].clone(),
            )
        })
        .collect();
    let wanted = names.iter().flat_map(|name| {
        [
            (name.as_str(), 4, "undetermined"),
            (name.as_str(), 6, "error"),
        ]
    });
    assert_eq!(
        told,
        wanted
            .map(|(name, line, state)| (name.into(), line.into(), state.into()))
            .collect::<Vec<_>>()
    );
}

#[test]
fn a_file_of_a_directory_that_is_no_record_is_an_error_row() {
    let scratch = Scratch::new();
    let folder = scratch.path().join("records");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("a.yaml"), "").unwrap();
    fs::write(folder.join("b.yaml"), "\n# nothing\n").unwrap();
    fs::write(folder.join("c.json"), " ").unwrap();
    fs::write(folder.join("d.yaml"), "candidate: D\n").unwrap();
    ndjson(&scratch, &["records"])
        .tells(["1 - error", "1 - error", "1 - error", "1 D undetermined"])
        .ends(4);
}

/// Half a record must never be screened as a whole one.
#[test]
fn a_file_of_a_directory_that_is_too_long_is_one_error_row() {
    let scratch = Scratch::new();
    let folder = scratch.path().join("records");
    fs::create_dir(&folder).unwrap();
    fs::write(
        folder.join("a.yaml"),
        format!(
            "candidate: A\nconsent: refused\n# {}\necog: 1\n",
            "x".repeat(20_000_000)
        ),
    )
    .unwrap();
    fs::write(folder.join("b.yaml"), "candidate: B\n").unwrap();
    ndjson(&scratch, &["records"])
        .tells(["1 - error", "1 B undetermined"])
        .ends(4);
}

#[test]
fn a_dash_is_standard_input() {
    let scratch = Scratch::new();
    let from = |arguments: &[&str], text: &str| {
        batch_from(
            &scratch,
            &[arguments, &["--format", "ndjson", "--reasons", "none"]].concat(),
            text,
        )
    };
    from(&["-"], &five()).tells(FIVE).ends(4);
    from(&["-", "--from", "json"], &format!("[{ELIGIBLE}]"))
        .tells(["1 E-1 eligible"])
        .ends(0);
    from(
        &["-", "--from", "yaml"],
        "candidate: A\n---\ncandidate: B\n",
    )
    .tells(["1 A undetermined", "2 B undetermined"]);
    from(&["-", "--from", "csv"], "candidate,ecog\nA,4\n").tells(["2 A ineligible"]);
}

#[test]
fn from_goes_before_the_extension() {
    let scratch = Scratch::new()
        .with("list.csv", five())
        .with("list.json", "candidate,ecog\nA,4\n");
    ndjson(&scratch, &["list.csv", "--from", "ndjson"]).tells(FIVE);
    ndjson(&scratch, &["list.json", "--from", "csv"]).tells(["2 A ineligible"]);
}

#[test]
fn several_lists_one_after_the_other() {
    let scratch = Scratch::new()
        .with("a.ndjson", patient("A", "1"))
        .with("b.csv", "candidate,ecog\nB,4\n")
        .with("c.yaml", "candidate: C\n---\ncandidate: D\n")
        .with("d.json", format!("[{}]", patient("F", "0")));
    ndjson(&scratch, &["d.json", "c.yaml", "b.csv", "a.ndjson"])
        .tells([
            "1 F eligible",
            "1 C undetermined",
            "2 D undetermined",
            "2 B ineligible",
            "1 A eligible",
        ])
        .ends(0);
}

#[test]
fn a_list_that_is_not_there_is_told_before_anything_is_screened() {
    let scratch = Scratch::new().with("a.ndjson", five());
    let ran = ndjson(&scratch, &["a.ndjson", "no-such-list.ndjson"])
        .ends(2)
        .says("no-such-list.ndjson");
    assert_eq!(ran.stdout, "");
}

#[test]
fn a_list_that_cannot_be_read_is_named() {
    if !std::path::Path::new("/proc/self/mem").exists() {
        return;
    }
    ndjson(&Scratch::new(), &["/proc/self/mem"])
        .ends(2)
        .says("/proc/self/mem");
}

#[test]
fn no_row_at_all_is_an_error() {
    for (name, content) in [
        ("list.ndjson", ""),
        ("list.ndjson", "\n \n"),
        ("list.json", "[]"),
        ("list.json", ""),
        ("list.yaml", "# nothing\n"),
        ("list.csv", "candidate,ecog\n"),
    ] {
        of(name, content).tells([]).ends(2).says("no row");
    }
    of("list.csv", "").ends(2).says("header");
    let scratch = Scratch::new();
    fs::create_dir(scratch.path().join("empty")).unwrap();
    ndjson(&scratch, &["empty"]).tells([]).ends(2);
}

/// What is no text at all is told as a whole, not a thousand rows of it.
#[test]
fn a_list_that_is_something_else_is_refused_with_what_it_is() {
    let gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\xe6\x02\0".as_slice();
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain("candidate,ecog\nA,4\n".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for (content, words) in [
        (gzip, "gzip; unpack it"),
        (b"PK\x03\x04\x14\0".as_slice(), ".xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1".as_slice(), ".xls"),
        (&utf16, "UTF-16"),
    ] {
        for name in [
            "list.ndjson",
            "list.csv",
            "list.json",
            "list.yaml",
            "list.xlsx",
        ] {
            let ran = of(name, content).ends(2).says(words).says(name);
            assert_eq!(ran.stdout, "");
            assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
        }
    }
}

/// A list under a name that says nothing is NDJSON, and the user may have meant something else.
#[test]
fn a_list_that_begins_as_no_record_does_is_doubted() {
    let scratch = Scratch::new();
    let from = |text: &str| batch_from(&scratch, &["-", "--format", "ndjson"], text);
    from("[\n{\"candidate\":\"A\"}\n]\n")
        .ends(4)
        .says("warning: `<stdin>` does not begin with a record")
        .says("--from json");
    from("candidate,ecog\nA,4\n").ends(4).says("--from");
    assert!(
        !from("\u{feff} {\"candidate\":\"A\"}\n")
            .stderr
            .contains("does not begin")
    );
    assert!(
        !batch_from(&scratch, &["-", "--from", "ndjson"], "[\n")
            .stderr
            .contains("warning")
    );
    of("list.txt", "[\n").says("warning");
    assert!(!of("list.jsonl", "[\n").stderr.contains("warning"));
}

#[test]
fn standard_input_is_read_once() {
    assert_eq!(
        batch_from(&Scratch::new(), &["-", "-"], ELIGIBLE)
            .ends(2)
            .says("once")
            .stdout,
        ""
    );
}

/// A file of a directory is a row, also where it cannot be read.
#[cfg(unix)]
#[test]
fn a_file_of_a_directory_that_cannot_be_read_is_an_error_row() {
    let scratch = Scratch::new();
    let folder = scratch.path().join("records");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("a.yaml"), "candidate: A\n").unwrap();
    std::os::unix::fs::symlink("nowhere", folder.join("b.json")).unwrap();
    fs::write(folder.join("c.json"), b"\x1f\x8b\x08").unwrap();
    fs::write(folder.join("d.yaml"), "candidate: D\n").unwrap();
    let _ = std::process::Command::new("mkfifo")
        .arg(folder.join("e.yaml"))
        .status();
    let ran = ndjson(&scratch, &["records"])
        .tells([
            "1 A undetermined",
            "1 - error",
            "1 - error",
            "1 D undetermined",
        ])
        .ends(4);
    ran.complains(1, "cannot be read").complains(2, "gzip");
}

#[test]
fn a_json_array_that_is_not_closed_says_so_and_keeps_its_rows() {
    of(
        "list.json",
        "[{\"candidate\":\"A\"},\n{\"candidate\":\"B\"}\n",
    )
    .tells(["1 A undetermined", "2 B undetermined", "3 - error"])
    .complains(2, "not closed")
    .ends(4);
    of("list.json", "[{\"candidate\":\"A\"},\n{\"candidate\":\"B\"")
        .tells(["1 A undetermined", "2 - error"])
        .ends(4);
    of("list.json", "[").tells(["1 - error"]).ends(4);
}

/// A list that was cut off is told wherever it was cut.
#[test]
fn a_json_array_that_is_cut_off_behind_a_megabyte_says_so() {
    let row = "[{\"candidate\":\"A\"},\n";
    let cut = format!("{row}{}", " ".repeat(1024 * 1024 - row.len()));
    of("list.json", cut)
        .tells(["1 A undetermined", "2 - error"])
        .ends(4);
}

/// What is wrong between two elements is told, and both are read.
#[test]
fn a_wrong_separator_in_a_json_array_costs_no_row() {
    let list = "[{\"candidate\":\"A\"} {\"candidate\":\"B\"},\n,{\"candidate\":\"C\"},\n]";
    of("list.json", list)
        .tells([
            "1 A undetermined",
            "1 - error",
            "1 B undetermined",
            "2 - error",
            "2 C undetermined",
            "3 - error",
        ])
        .complains(1, "a comma is missing")
        .complains(3, "before this comma")
        .complains(5, "before this bracket")
        .ends(4);
    of(
        "list.json",
        "[{\"candidate\":\"A\"},\n[1,\n{\"candidate\":\"B\"}\n",
    )
    .tells(["1 A undetermined", "2 - error"])
    .complains(1, "not closed")
    .ends(4);
}

#[test]
fn a_first_record_that_is_too_long_spoils_itself_alone() {
    let long = "x".repeat(17 * 1024 * 1024);
    let list =
        format!("{{\"note\":\"{long}\"}}\n{{\"candidate\":\"A\"}}\n{{\"candidate\":\"B\"}}\n");
    of("list.json", list)
        .tells(["1 - error", "2 A undetermined", "3 B undetermined"])
        .ends(4);
}

#[test]
fn text_behind_a_json_array_is_an_error() {
    of("list.json", "[{\"candidate\":\"A\"}]\n\n")
        .tells(["1 A undetermined"])
        .ends(0);
    of(
        "list.json",
        "[{\"candidate\":\"A\"}]\n{\"candidate\":\"B\"}\n",
    )
    .tells(["1 A undetermined", "2 - error"])
    .complains(1, "behind")
    .ends(4);
    of("list.json", "{\"candidate\":\"A\"}")
        .tells(["1 A undetermined"])
        .ends(0);
}

#[test]
fn text_behind_a_json_array_is_told_once_however_much_it_is() {
    of(
        "list.json",
        format!("[{{\"candidate\":\"A\"}}]\n{}", "{}\n".repeat(1_000_000)),
    )
    .tells(["1 A undetermined", "2 - error"])
    .ends(4);
}

#[test]
fn a_json_array_is_json_between_its_elements_too() {
    for list in [
        "[{\"candidate\":\"A\"},,{\"candidate\":\"B\"}]",
        "[{\"candidate\":\"A\"} {\"candidate\":\"B\"}]",
        "[{\"candidate\":\"A\"},{\"candidate\":\"B\"},]",
    ] {
        let ran = of("list.json", list);
        let told = ran.told();
        assert!(
            told.iter().any(|row| row.ends_with("A undetermined")),
            "{list}: {told:?}"
        );
        assert_eq!(ran.code, Some(4), "{list}: {told:?}");
    }
}

#[test]
fn an_array_may_hold_what_is_no_record() {
    of(
        "list.json",
        "[1, \"two ] , \\\" \", null, [], {\"candidate\":\"A\"}, true]",
    )
    .tells([
        "1 - error",
        "1 - error",
        "1 - error",
        "1 - error",
        "1 A undetermined",
        "1 - error",
    ])
    .ends(4);
}

/// The rows of a long list, and the list: examples that repeat under names of their own.
fn long(rows: usize) -> String {
    let kinds = [
        "1",
        "4",
        "null",
        "9",
        "0",
        "\"unknown\"",
        "{\"value\":1,\"date\":\"2026-11-18\"}",
    ];
    (0..rows)
        .map(|row| patient(&format!("P-{row}"), kinds[row % kinds.len()]) + "\n")
        .collect()
}

#[test]
fn the_order_is_that_of_the_list_with_any_number_of_threads() {
    const ROWS: usize = 4_000;
    let list = long(ROWS);
    let array = format!("[{}]", list.trim_end().replace('\n', ",\n"));
    let scratch = Scratch::new()
        .with("list.ndjson", list)
        .with("list.json", array);
    for format in ["ndjson", "csv", "json"] {
        let run = |threads| {
            batch(
                &scratch,
                &[
                    "list.ndjson",
                    "list.json",
                    "--format",
                    format,
                    "--threads",
                    threads,
                    "--reasons",
                    "none",
                ],
            )
            .ends(4)
        };
        let (one, four) = (run("1"), run("4"));
        assert!(
            one.stdout == four.stdout,
            "other bytes with four threads: {format}"
        );
        assert!(
            one.stderr == four.stderr,
            "another summary with four threads"
        );
        if format == "ndjson" {
            let rows = one.rows();
            assert_eq!(rows.len(), 2 * ROWS);
            for (index, row) in rows.iter().enumerate() {
                assert_eq!(row["line"], index % ROWS + 1);
                assert!(
                    row["eligibility"] == "error"
                        || row["candidate"] == format!("P-{}", index % ROWS),
                    "{row}"
                );
            }
        }
    }
}

/// Rows lie over the edges of what is read at once, with what would end a row in their texts.
#[test]
fn long_lists_in_other_notations_keep_every_row() {
    const ROWS: usize = 3_000;
    let note = "one, [two] {three} \\\\ ".repeat(25);
    let row = |index: usize, separator: &str| {
        format!(
            "{{\"candidate\":\"P-{index}\",\"note\":\"{note} \\\" ] }} ,\",\"ecog\":{}}}{separator}",
            index % 6
        )
    };
    let array = format!(
        "[{}{}]",
        (1..ROWS).map(|index| row(index, ",")).collect::<String>(),
        row(ROWS, "")
    );
    let csv: String = (1..=ROWS)
        .map(|index| format!("P-{index},\"{note}\n\"\"{note}\",{}\n", index % 6))
        .collect();
    let yaml: String = (1..=ROWS)
        .map(|index| {
            format!(
                "---\ncandidate: P-{index}\n# {note}\n# {note}\necog: {}\n",
                index % 6
            )
        })
        .collect();
    let scratch = Scratch::new()
        .with("a.json", array)
        .with("b.csv", format!("candidate,note,ecog\n{csv}"))
        .with("c.yaml", yaml);
    for (name, line) in [("a.json", [0, 1]), ("b.csv", [2, 0]), ("c.yaml", [5, 0])] {
        assert!(fs::metadata(scratch.path().join(name)).unwrap().len() > 1_500_000);
        let ran = ndjson(&scratch, &[name, "--threads", "3"]);
        let rows = ran.rows();
        assert_eq!(rows.len(), ROWS, "{name}");
        for (index, row) in rows.iter().enumerate() {
            assert_eq!(
                row["candidate"],
                format!("P-{}", index + 1),
                "{name}: {row}"
            );
            let expected = match name {
                "a.json" => line[1],
                "b.csv" => 2 + line[0] * index,
                _ => 1 + line[0] * index,
            };
            assert_eq!(row["line"], expected, "{name}: {row}");
            assert_eq!(
                row["eligibility"],
                if (index + 1) % 6 > 2 {
                    "ineligible"
                } else {
                    "undetermined"
                },
                "{name}: {row}"
            );
        }
    }
}

#[test]
fn the_program_needs_a_list() {
    eligo().arg("batch").assert().code(2).stdout("");
}

/// Screens as of the day that was asked for, else the record's own.
#[test]
fn as_of_goes_before_the_day_of_each_record() {
    let scratch = Scratch::new().with(
        "list.ndjson",
        patient("A", "{\"value\":1,\"date\":\"2026-11-18\"}"),
    );
    let as_of = |day| ndjson(&scratch, &["list.ndjson", "--as-of", day]);
    let _: Ran = as_of("2026-11-20").tells(["1 A eligible"]).ends(0);
    as_of("2026-11-17").tells(["1 A error"]).ends(4);
}
