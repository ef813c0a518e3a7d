//! What the rows are written in, where, and what may go wrong there.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{ChildStdin, Command, Stdio};

use serde_json::Value as Json;

use crate::common::{obeyed_by_a_terminal, peak_memory, program, text_of};
use crate::{Scratch, batch, five, patient};

fn scratch() -> Scratch {
    Scratch::new().with("list.ndjson", five())
}

#[test]
fn ndjson_keeps_its_contract() {
    let ran = batch(&scratch(), &["list.ndjson", "--format", "ndjson"]).ends(4);
    let rows = ran.rows();
    assert_eq!(rows.len(), 5);
    for row in &rows {
        let keys: Vec<&String> = row.as_object().unwrap().keys().collect();
        assert_eq!(keys[..4], ["line", "candidate", "eligibility", "verdicts"]);
        for verdict in row["verdicts"].as_object().unwrap().values() {
            assert!(
                ["pass", "fail", "unknown", "not_applicable"].contains(&verdict.as_str().unwrap())
            );
        }
    }
    let ids: Vec<&String> = rows[0]["verdicts"].as_object().unwrap().keys().collect();
    assert_eq!(
        ids,
        [
            "I1", "I2", "I3", "I4", "I5", "I6", "E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8",
            "E9", "E10"
        ]
    );
    assert_eq!(rows[0].get("reasons"), None);
    assert_eq!(rows[0].get("errors"), None);
    assert_eq!(rows[1]["verdicts"]["I4"], "fail");
    assert_eq!(
        rows[1]["reasons"]
            .as_object()
            .unwrap()
            .keys()
            .collect::<Vec<_>>(),
        ["I4"]
    );
    assert_eq!(
        rows[2]["reasons"]
            .as_object()
            .unwrap()
            .keys()
            .collect::<Vec<_>>(),
        ["I4"]
    );
    assert_eq!(rows[3]["verdicts"], Json::Object(serde_json::Map::new()));
    let error = &rows[3]["errors"][0];
    assert_eq!(error["line"], 4);
    assert_eq!(error["path"], "ecog");
    assert!(
        error["column"].as_u64().unwrap() > 1
            && error["message"].as_str().unwrap().contains("outside"),
        "{error}"
    );
}

/// The place in a long row says little: what is wrong names the fact, in every notation of lists.
#[test]
fn an_error_says_what_of_the_record_it_is_about() {
    let json = r#"{"candidate":"A","ecog":{"value":9,"date":"2026-13-01"},"cd22":[{"result":"dim"},{"result":"pos"}],"remission.by":["x"]}"#;
    let yaml = "candidate: A\necog:\n  value: 9\n  date: 2026-13-01\ncd22:\n- result: dim\n- result: pos\nremission.by: [ x ]\n";
    let csv = "candidate,ecog,ecog.date,cd22.1.result,cd22.2.result,remission.by\nA,9,2026-13-01,dim,pos,x\n";
    let scratch = Scratch::new()
        .with("list.ndjson", json)
        .with("list.yaml", yaml)
        .with("list.csv", csv);
    for (list, codes) in [
        ("list.ndjson", "remission.by.1"),
        ("list.yaml", "remission.by.1"),
        ("list.csv", "remission.by"),
    ] {
        let rows = batch(&scratch, &[list, "--format", "ndjson"])
            .ends(4)
            .rows();
        let mut paths: Vec<&str> = rows[0]["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["path"].as_str().unwrap())
            .collect();
        paths.sort_unstable();
        assert_eq!(
            paths,
            ["cd22.2.result", "ecog", "ecog.date", codes],
            "{list}"
        );
        let table = batch(&scratch, &[list, "--width", "200"]).ends(4).stdout;
        assert!(table.contains("  ecog: 9 is outside"), "{table}");
    }
}

/// A name that promises what is not written is refused before anything is screened.
#[test]
fn no_workbook_is_written() {
    for (option, name, said) in [
        ("--output", "rows.xlsx", "a .csv"),
        ("--output", "rows.tsv", "a .csv"),
        ("--summary", "sum.csv", "JSON"),
    ] {
        let scratch = scratch();
        batch(&scratch, &["list.ndjson", option, name])
            .ends(2)
            .says(said);
        assert!(!scratch.path().join(name).exists());
    }
    batch(
        &scratch(),
        &["list.ndjson", "--format", "csv", "--output", "rows.tsv"],
    )
    .ends(4)
    .says("could not be read");
}

/// Also where several elements of an array stand on one line.
#[test]
fn an_error_has_its_place_in_the_list() {
    let lines = [
        r#"[{"candidate":"é","ecog":1},  {"candidate":"B","ecog":9}"#,
        r#",{"ecog":"#,
        r#" 8}, {"ecog":7}  {"ecog":6}, 5"#,
    ];
    let place = |line: usize, said: &str| {
        (
            line as u64 + 1,
            lines[line].split(said).next().unwrap().chars().count() as u64 + 1,
        )
    };
    let wanted = [
        place(0, "9}"),
        place(2, "8}"),
        place(2, "7}"),
        place(2, "{\"ecog\":6"),
        place(2, "6}"),
        place(2, "5"),
    ];
    for before in ["", "\u{feff}"] {
        let scratch = Scratch::new().with("list.json", before.to_owned() + &lines.join("\n"));
        let rows = batch(&scratch, &["list.json", "--format", "ndjson"])
            .ends(4)
            .rows();
        let errors = rows
            .iter()
            .flat_map(|row| row["errors"].as_array().cloned().unwrap_or_default());
        let found: Vec<(u64, u64)> = errors
            .map(|error| {
                (
                    error["line"].as_u64().unwrap(),
                    error["column"].as_u64().unwrap(),
                )
            })
            .collect();
        assert_eq!(found, wanted);
    }
}

#[test]
fn every_error_of_a_row_is_told() {
    let scratch = Scratch::new().with(
        "list.ndjson",
        r#"{"ecog":9,"age":-4,"agee":3,"sex":"perhaps"}"#,
    );
    let rows = batch(&scratch, &["list.ndjson", "--format", "ndjson"])
        .ends(4)
        .rows();
    assert_eq!(
        rows[0]["errors"].as_array().unwrap().len(),
        4,
        "{}",
        rows[0]
    );
    let csv = batch(&scratch, &["list.ndjson", "--format", "csv"])
        .ends(4)
        .stdout;
    for word in ["0..5", "0..120", "agee", "perhaps"] {
        assert!(csv.contains(word), "{word} is not in {csv}");
    }
}

#[test]
fn reasons_of_none_of_those_that_decide_or_of_all() {
    let scratch = scratch();
    let reasons = |which: &str| -> Vec<usize> {
        let rows = batch(
            &scratch,
            &["list.ndjson", "--format", "ndjson", "--reasons", which],
        )
        .ends(4)
        .rows();
        rows.iter()
            .map(|row| row["reasons"].as_object().map_or(0, serde_json::Map::len))
            .collect()
    };
    assert_eq!(reasons("none"), [0; 5]);
    assert_eq!(reasons("deciding"), [0, 1, 1, 0, 0]);
    // Sixteen criteria and their sub-criteria.
    let all = reasons("all");
    assert!(
        all[0] > 16 && all[1] == all[0] && all[2] == all[0] && all[4] == all[0] && all[3] == 0,
        "{all:?}"
    );
    let default = batch(&scratch, &["list.ndjson", "--format", "ndjson"]);
    assert_eq!(
        default.stdout,
        batch(
            &scratch,
            &["list.ndjson", "--format", "ndjson", "--reasons", "deciding"]
        )
        .stdout
    );
}

#[test]
fn json_is_an_array_of_the_same_objects() {
    let scratch = scratch()
        .with("bad.ndjson", "{\n")
        .with("good.ndjson", patient("A", "1"));
    for arguments in [
        vec!["list.ndjson"],
        vec!["bad.ndjson"],
        vec!["good.ndjson", "good.ndjson", "list.ndjson"],
        vec!["good.ndjson", "--only", "ineligible"],
    ] {
        let lines = batch(
            &scratch,
            &[&arguments[..], &["--format", "ndjson"]].concat(),
        )
        .rows();
        let ran = batch(&scratch, &[&arguments[..], &["--format", "json"]].concat());
        let array: Vec<Json> = serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{}", ran.stdout));
        assert_eq!(array, lines);
    }
}

/// What a name promises is kept, unless something else is asked for.
#[test]
fn the_extension_of_the_output_says_its_format() {
    let scratch = Scratch::new().with("list.ndjson", five());
    let written = |name: &str, arguments: &[&str]| {
        batch(
            &scratch,
            &[&["list.ndjson", "--output", name], arguments].concat(),
        )
        .ends(4);
        fs::read_to_string(scratch.path().join(name)).unwrap()
    };
    for (name, format) in [
        ("o.ndjson", "ndjson"),
        ("o.JSON", "json"),
        ("o.csv", "csv"),
        ("o.txt", "table"),
        ("o", "table"),
    ] {
        assert_eq!(
            written(name, &[]),
            written("other", &["--format", format]),
            "{name}"
        );
    }
    assert_eq!(
        written("o.csv", &["--format", "ndjson"]),
        written("o.ndjson", &[])
    );
}

fn records(text: &str) -> Vec<Vec<String>> {
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    reader
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

#[test]
fn csv_has_a_column_for_every_criterion_and_sub_criterion() {
    let ran = batch(&scratch(), &["list.ndjson", "--format", "csv"]).ends(4);
    let rows = records(&ran.stdout);
    assert_eq!(rows.len(), 6);
    let column = |name: &str| {
        rows[0]
            .iter()
            .position(|cell| cell == name)
            .unwrap_or_else(|| panic!("no column {name}: {:?}", rows[0]))
    };
    for id in [
        "line",
        "candidate",
        "eligibility",
        "I1",
        "I1a",
        "I1b",
        "I1c",
        "E5a",
        "E10d",
        "reasons",
        "errors",
    ] {
        column(id);
    }
    let cells = |name: &str| -> Vec<&str> {
        rows[1..]
            .iter()
            .map(|row| row[column(name)].as_str())
            .collect()
    };
    assert_eq!(cells("line"), ["1", "2", "3", "4", "5"]);
    assert_eq!(cells("candidate"), ["P-1", "P-2", "P-3", "P-4", "P-5"]);
    assert_eq!(
        cells("eligibility"),
        [
            "eligible",
            "ineligible",
            "undetermined",
            "error",
            "eligible"
        ]
    );
    assert_eq!(cells("I4"), ["pass", "fail", "unknown", "", "pass"]);
    assert_eq!(cells("I1a"), ["pass", "pass", "pass", "", "pass"]);
    assert!(cells("reasons")[1].starts_with("I4: "));
    assert!(cells("errors")[3].contains("list.ndjson:4:"));
}

#[test]
fn no_cell_of_a_csv_starts_a_formula() {
    let names = [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "=HYPERLINK(\"\"http://x\"\",\"\"y\"\")",
        "a,\"b\"",
        "＝1+1",
    ];
    let list: String = names
        .iter()
        .map(|name| patient(&name.replace('"', "\\\""), "1") + "\n")
        .collect();
    let list = list + "{\"=cmd\":1}\n{\"@x\":\"=1\"}\n=1+1\n";
    let ran = batch(
        &Scratch::new().with("=list.ndjson", list),
        &["=list.ndjson", "--format", "csv", "--reasons", "all"],
    )
    .ends(4);
    let rows = records(&ran.stdout);
    assert_eq!(rows.len(), 1 + names.len() + 3);
    for cell in rows.iter().flatten() {
        assert!(
            !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']),
            "{cell:?}"
        );
    }
    // Nothing else about them is changed.
    assert_eq!(rows[1][1], "'=1+1");
    assert_eq!(rows[6][1], "a,\"b\"");
    // Nor where a spreadsheet was told to separate cells by something else, or blanks stand before it.
    let names = ["a;=1+1", "a; \\\"@x", "a\\t-1", " =1", "a-1=2+3@b"];
    let list: String = names.iter().map(|name| patient(name, "1") + "\n").collect();
    let rows = records(
        &batch(
            &Scratch::new().with("list.ndjson", list),
            &["list.ndjson", "--format", "csv"],
        )
        .ends(0)
        .stdout,
    );
    let cells: Vec<&str> = rows[1..].iter().map(|row| row[1].as_str()).collect();
    assert_eq!(cells, ["a;'=1+1", "a; \"'@x", "a\t'-1", "'=1", "a-1=2+3@b"]);
}

#[test]
fn a_table_is_for_reading() {
    let ran = batch(&scratch(), &["list.ndjson"]).ends(4);
    for words in [
        "P-1",
        "ELIGIBLE",
        "INELIGIBLE",
        "UNDETERMINED",
        "ERROR",
        "I4",
    ] {
        assert!(
            ran.stdout.contains(words),
            "{words} is not in\n{}",
            ran.stdout
        );
    }
    // A table of this width, whatever the reasons.
    for width in ["60", "80", "140"] {
        let table = batch(
            &scratch(),
            &["list.ndjson", "--width", width, "--reasons", "all"],
        )
        .stdout;
        let widest = table
            .lines()
            .map(unicode_width::UnicodeWidthStr::width)
            .max()
            .unwrap();
        assert!(
            widest <= width.parse().unwrap(),
            "{widest} columns for {width}:\n{table}"
        );
    }
    // Each reason below its candidate, each error with its place.
    for line in [
        " 2       P-2          INELIGIBLE    I4; 2 cautions\n     I4    ECOG performance status is 4; at most 2 required\n",
        "ERROR         1 error\n     4:268  ecog: 9 is outside",
    ] {
        assert!(
            ran.stdout.contains(line),
            "{line:?} is not in\n{}",
            ran.stdout
        );
    }
    let without = batch(&scratch(), &["list.ndjson", "--reasons", "none"]).stdout;
    assert!(
        without.contains("INELIGIBLE    I4\n")
            && !without.contains("at most 2")
            && without.contains("outside"),
        "{without}"
    );
    let all = batch(&scratch(), &["list.ndjson", "--reasons", "all"]).stdout;
    assert!(
        all.contains("     I1    pass: ") && all.contains("     I1b   not met: "),
        "of sub-criteria it sounds like no verdict: {all}"
    );
    assert!(
        all.contains("I4    pass: ECOG")
            && all.contains("I4    fail: ECOG")
            && all.contains("I3    not applicable: "),
        "{all}"
    );
    assert_eq!(
        batch(&scratch(), &["list.ndjson", "--reasons", "deciding"]).stdout,
        ran.stdout
    );
    let head = |text: &str| {
        text.lines()
            .next()
            .unwrap()
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        head(&ran.stdout),
        ["Line", "Candidate", "Eligibility", "Why"]
    );
}

/// Rows of two bytes have reasons of kilobytes. The whole output is some 100 MB, and a part of it is never read, so that
/// the run is still there when its memory is looked at.
#[cfg(target_os = "linux")]
#[test]
fn short_rows_with_all_reasons_take_bounded_memory() {
    let scratch = Scratch::new()
        .with("list.ndjson", "{}\n".repeat(20_000))
        .with("list.json", format!("[{}]", ["{}"; 20_000].join(",")));
    for [list, format] in [
        ["list.ndjson", "ndjson"],
        ["list.ndjson", "csv"],
        ["list.ndjson", "table"],
        ["list.json", "json"],
    ] {
        let arguments = [
            &[list, "--format", format, "--reasons", "all"][..],
            &["--threads", "8", "--as-of", "2026-11-20"],
        ];
        let mut child = started(&scratch, &arguments.concat(), Stdio::piped());
        let mut stdout = child.stdout.take().unwrap();
        let mut some = vec![0; 8 * 1024 * 1024];
        stdout.read_exact(&mut some).unwrap();
        let peak = peak_memory(&child);
        drop(stdout);
        assert!(child.wait().unwrap().success());
        assert!(peak <= 64 * 1024, "{format}: {peak} kB");
    }
}

/// One word fills the row: where it was laid out in the square of its length, this took minutes.
#[test]
fn a_table_with_one_long_word_is_laid_out_in_time() {
    let word = "x".repeat(900_000);
    for row in [patient(&word, "1"), format!(r#"{{"sex":"{word}"}}"#)] {
        let begun = std::time::Instant::now();
        let ran = batch(&Scratch::new().with("list.ndjson", row), &["list.ndjson"]);
        let shown = ran.stdout.matches('x').count();
        assert!(shown >= 80, "{shown}");
        assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
    }
}

/// The words stay where colour is wanted, and a file has none.
#[test]
fn colour_is_for_terminals() {
    let scratch = scratch();
    let plain = batch(&scratch, &["list.ndjson"]).stdout;
    assert!(!plain.contains('\u{1b}'));
    let coloured = batch(&scratch, &["list.ndjson", "--color", "always"]).stdout;
    assert!(
        coloured.contains("\u{1b}[31mINELIGIBLE\u{1b}[0m"),
        "{coloured:?}"
    );
    let stripped: String = coloured
        .split('\u{1b}')
        .enumerate()
        .map(|(index, part)| {
            if index == 0 {
                part
            } else {
                part.split_once('m').unwrap().1
            }
        })
        .collect();
    assert_eq!(stripped, plain);
    batch(
        &scratch,
        &["list.ndjson", "--color", "always", "--output", "rows.txt"],
    );
    assert_eq!(
        fs::read_to_string(scratch.path().join("rows.txt")).unwrap(),
        plain
    );
    for format in ["ndjson", "csv", "json"] {
        assert!(
            !batch(
                &scratch,
                &["list.ndjson", "--color", "always", "--format", format]
            )
            .stdout
            .contains('\u{1b}')
        );
    }
}

#[test]
fn nothing_in_a_row_is_obeyed_by_a_terminal() {
    let evil = "{\"candidate\":\"a\\u001b[2Jb\\u202ec\"}\n{\"candidate\":\"\\u009b2J\\u007f\\u0085\\u2066\\u0000\"}\n{\"ev\\u001b[31mil\":1}\n{\"x\u{1b}[2J\u{9b}1m\": \u{202e}1}\n";
    let told = patient("A", "{\"value\":4,\"by\":\"\\u202e\\u009b\\u007f\"}") + "\n";
    let scratch = Scratch::new().with("list.ndjson", [told.as_str(), evil].concat());
    for format in ["table", "csv", "ndjson", "json"] {
        let ran = batch(&scratch, &["list.ndjson", "--format", format]).ends(4);
        assert_eq!(
            obeyed_by_a_terminal(&ran.stdout),
            [],
            "{format}: {:?}",
            ran.stdout
        );
        assert_eq!(obeyed_by_a_terminal(&ran.stderr), [], "{}", ran.stderr);
    }
}

/// JSON escapes what a terminal would obey, and says the same; CSV shows it, and keeps the rest as it is.
#[test]
fn names_are_not_lost_where_they_are_made_safe() {
    let names = [
        "a\u{1b}[2Jb",
        "\u{9b}1m",
        "\u{7f}-",
        "x\u{202e}y",
        "李\u{2066} é",
        "two\nlines\tand a tab",
        "\u{feff}x",
    ];
    let escaped = |name: &str| {
        name.encode_utf16()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect::<String>()
    };
    let list: String = names
        .iter()
        .map(|name| patient(&escaped(name), "1") + "\n")
        .collect();
    let scratch = Scratch::new().with("list.ndjson", list);
    let rows = batch(&scratch, &["list.ndjson", "--format", "ndjson"])
        .ends(0)
        .rows();
    assert_eq!(
        rows.iter()
            .map(|row| row["candidate"].as_str().unwrap())
            .collect::<Vec<_>>(),
        names
    );
    let rows = records(
        &batch(&scratch, &["list.ndjson", "--format", "csv"])
            .ends(0)
            .stdout,
    );
    let cells: Vec<&str> = rows[1..].iter().map(|row| row[1].as_str()).collect();
    assert_eq!(
        cells,
        [
            "a␛[2Jb",
            "\u{fffd}1m",
            "␡-",
            "x\u{fffd}y",
            "李\u{fffd} é",
            "two\nlines\tand a tab",
            "\u{fffd}x"
        ]
    );
}

#[test]
fn an_output_file_has_what_would_have_been_printed() {
    let scratch = scratch().with("rows.ndjson", "what was there before");
    let printed = batch(&scratch, &["list.ndjson", "--format", "ndjson"]).stdout;
    let ran = batch(
        &scratch,
        &[
            "list.ndjson",
            "--format",
            "ndjson",
            "--output",
            "rows.ndjson",
        ],
    )
    .ends(4);
    assert_eq!(ran.stdout, "");
    assert_eq!(
        fs::read_to_string(scratch.path().join("rows.ndjson")).unwrap(),
        printed
    );
    assert_eq!(files(&scratch), ["list.ndjson", "rows.ndjson"]);
}

/// The rows are about people: a new file is for its owner alone, whatever the umask allows.
#[cfg(unix)]
#[test]
fn an_output_file_is_private_unless_it_replaces_one_that_is_not() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = scratch();
    for umask in ["077", "022"] {
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("umask {umask}; exec \"$0\" \"$@\"")])
            .arg(program())
            .args(["batch", "list.ndjson", "--output", umask]);
        command.current_dir(scratch.path()).output().unwrap();
        let mode = fs::metadata(scratch.path().join(umask))
            .unwrap()
            .permissions()
            .mode()
            & 0o777;
        assert_eq!(mode, 0o600, "{mode:o} under umask {umask}");
    }
    // A file that is replaced was made as private as somebody wants it.
    let replaced = scratch.path().join("022");
    for mode in [0o640, 0o600] {
        fs::set_permissions(&replaced, fs::Permissions::from_mode(mode)).unwrap();
        batch(&scratch, &["list.ndjson", "--output", "022"]);
        let after = fs::metadata(&replaced).unwrap().permissions().mode() & 0o777;
        assert_eq!(after, mode, "{after:o}");
    }
}

/// A file behind a link is replaced, not the link; and where there is none, nothing is.
#[cfg(unix)]
#[test]
fn an_output_behind_a_link() {
    let scratch = scratch().with("real", "before");
    for (link, to) in [("link", "real"), ("lost", "nowhere")] {
        std::os::unix::fs::symlink(to, scratch.path().join(link)).unwrap();
    }
    batch(&scratch, &["list.ndjson", "--output", "link"]);
    assert_ne!(
        fs::read_to_string(scratch.path().join("real")).unwrap(),
        "before"
    );
    batch(&scratch, &["list.ndjson", "--output", "lost"])
        .ends(2)
        .says("`lost`: it is a link");
    assert!(scratch.path().join("link").is_symlink() && scratch.path().join("lost").is_symlink());
}

/// A link out of the directory is followed, and said: what is written names candidates.
#[cfg(unix)]
#[test]
fn an_output_behind_a_link_that_leads_elsewhere() {
    let scratch = scratch().with("real", "before");
    fs::create_dir(scratch.path().join("reports")).unwrap();
    std::os::unix::fs::symlink("../real", scratch.path().join("reports/a.html")).unwrap();
    let ran = batch(&scratch, &["list.ndjson", "--output", "reports/a.html"]);
    let real = scratch.path().join("real").canonicalize().unwrap();
    let says = format!(
        "`reports/a.html` is a link; what is written goes to `{}`",
        real.display()
    );
    assert!(ran.stderr.contains(&says), "{}", ran.stderr);
    assert!(
        fs::read_to_string(real)
            .unwrap()
            .starts_with("<!doctype html>")
    );
    for name in ["reports", "reports/a.html/b.html"] {
        let ran = batch(
            &scratch,
            &["list.ndjson", "--format", "html", "--output", name],
        )
        .ends(2);
        assert!(
            ran.stderr.contains(name) && ran.stdout.is_empty(),
            "{}",
            ran.stderr
        );
    }
    // A list behind a link is a list.
    std::os::unix::fs::symlink("list.ndjson", scratch.path().join("list.html")).unwrap();
    batch(&scratch, &["list.ndjson", "--output", "list.html"])
        .ends(2)
        .says("is one of the lists");
    assert_eq!(
        fs::read_to_string(scratch.path().join("list.ndjson")).unwrap(),
        five()
    );
}

/// A run that waits for more rows, after some of them were written.
fn waiting(scratch: &Scratch, arguments: &[&str]) -> (std::process::Child, ChildStdin) {
    let mut command = Command::new(program());
    command
        .args(["batch", "-", "--format", "ndjson"])
        .args(arguments)
        .current_dir(scratch.path());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // More than is read at once, so that rows have been written.
    let row = patient("A", "1") + "\n";
    for _ in 0..4_000 {
        stdin.write_all(row.as_bytes()).unwrap();
    }
    (child, stdin)
}

#[test]
fn a_run_that_is_killed_leaves_nothing_under_the_final_name() {
    let scratch = scratch().with("rows.ndjson", "before");
    let (mut child, _stdin) = waiting(&scratch, &["--output", "rows.ndjson"]);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(
        fs::read_to_string(scratch.path().join("rows.ndjson")).unwrap(),
        "before"
    );
}

/// What a killed run leaves holds candidates: it is private, says by its name what it is, and goes with the next run
/// to the same file; what another run is writing stays.
#[cfg(unix)]
#[test]
fn the_next_run_removes_what_a_killed_one_left_but_not_what_another_writes() {
    use std::os::unix::fs::PermissionsExt as _;
    const OWN: &str = ".rows.ndjson.notes.v2.unfinished";
    let unfinished = |scratch: &Scratch| -> Vec<String> {
        let mut names = files(scratch);
        names.retain(|name| name.ends_with(".unfinished") && name != OWN);
        names
    };
    let scratch = scratch().with(OWN, "somebody's own");
    let scratch = scratch.with("rows.ndjson", "public");
    let replaced = scratch.path().join("rows.ndjson");
    fs::set_permissions(replaced, fs::Permissions::from_mode(0o644)).unwrap();
    let (mut killed, _stdin) = waiting(&scratch, &["--output", "rows.ndjson"]);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let left = unfinished(&scratch);
    let [left] = left.as_slice() else {
        panic!("{left:?}")
    };
    assert!(left.starts_with(".rows.ndjson."), "{left}");
    let metadata = fs::metadata(scratch.path().join(left)).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    // Another file has nothing to do with it.
    let ran = batch(&scratch, &["list.ndjson", "--output", "rows"]);
    assert!(!ran.stderr.contains("unfinished"), "{}", ran.stderr);
    let (mut running, stdin) = waiting(&scratch, &["--output", "rows.ndjson"]);
    assert!(!scratch.path().join(left).exists());
    let written = unfinished(&scratch);
    let ran = batch(&scratch, &["list.ndjson", "--output", "rows.ndjson"]);
    assert!(!ran.stderr.contains("unfinished"), "{}", ran.stderr);
    assert_eq!(unfinished(&scratch), written);
    drop(stdin);
    assert!(running.wait().unwrap().success());
    let mut said = String::new();
    running
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(said.contains(&format!("removed `{left}`")), "{said}");
    assert!(unfinished(&scratch).is_empty());
    assert!(scratch.path().join(OWN).exists());
}

/// All outputs are replaced, or none is.
#[test]
fn one_output_that_fails_leaves_the_other_as_it_was() {
    let scratch = scratch().with("rows.ndjson", "before");
    let rows = scratch.path().join("rows.ndjson");
    if cfg!(target_os = "linux") {
        let to = ["--output", "rows.ndjson", "--summary", "/dev/full"];
        batch(&scratch, &[&["list.ndjson"], &to[..]].concat())
            .ends(2)
            .says("cannot write to `/dev/full`");
        assert_eq!(fs::read_to_string(&rows).unwrap(), "before");
        assert_eq!(files(&scratch), ["list.ndjson", "rows.ndjson"]);
    }
    // A name that is taken while the run goes on, by what no file can replace.
    for there in [true, false] {
        if !there {
            fs::remove_file(&rows).unwrap();
        }
        let to = ["--output", "rows.ndjson", "--summary", "summary.json"];
        let (mut child, stdin) = waiting(&scratch, &to);
        let taken = scratch.path().join("summary.json");
        fs::create_dir(&taken).unwrap();
        drop(stdin);
        assert_eq!(child.wait().unwrap().code(), Some(2));
        fs::remove_dir(taken).unwrap();
        assert_eq!(
            fs::read_to_string(&rows).ok(),
            there.then(|| "before".to_owned())
        );
        let left: &[&str] = if there {
            &["list.ndjson", "rows.ndjson"]
        } else {
            &["list.ndjson"]
        };
        assert_eq!(files(&scratch), left);
    }
}

fn files(scratch: &Scratch) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(scratch.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn nothing_stands_under_the_final_name_when_the_run_fails() {
    let scratch = scratch().with("bad.csv", "candidate,agee\nA,3\n");
    let output =
        |list: &str| batch(&scratch, &["list.ndjson", list, "--output", "rows.txt"]).ends(2);
    output("no-such-list.ndjson");
    output("bad.csv");
    if std::path::Path::new("/proc/self/mem").exists() {
        output("/proc/self/mem");
    }
    batch(
        &scratch,
        &["list.ndjson", "--output", "no-such-folder/rows.txt"],
    )
    .ends(2)
    .says("no-such-folder");
    assert_eq!(files(&scratch), ["bad.csv", "list.ndjson"]);
}

#[test]
fn what_was_there_stays_when_the_run_fails() {
    let scratch = scratch().with("rows.txt", "before");
    batch(&scratch, &["no-such-list.ndjson", "--output", "rows.txt"]).ends(2);
    assert_eq!(
        fs::read_to_string(scratch.path().join("rows.txt")).unwrap(),
        "before"
    );
}

/// A pipe or a device takes the rows; it is not put out of the way by a file.
#[cfg(unix)]
#[test]
fn an_output_that_is_no_file_takes_the_rows_and_stays_what_it_is() {
    use std::os::unix::fs::FileTypeExt as _;
    let scratch = scratch();
    let pipe = scratch.path().join("pipe");
    if !Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .is_ok_and(|status| status.success())
    {
        return;
    }
    let reader = {
        let pipe = pipe.clone();
        std::thread::spawn(move || {
            // Opened for writing too, so that nobody waits for a writer that never comes.
            let mut file = fs::File::options()
                .read(true)
                .write(true)
                .open(pipe)
                .unwrap();
            let mut some = [0; 1];
            let _ = file.read(&mut some);
        })
    };
    batch(
        &scratch,
        &["list.ndjson", "--format", "ndjson", "--output", "pipe"],
    )
    .ends(4);
    assert!(
        fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo(),
        "the pipe was replaced by a file"
    );
    reader.join().unwrap();
}

#[test]
fn an_unwritable_folder_is_an_error() {
    // A file is no folder, whoever asks.
    let scratch = scratch();
    let ran = batch(
        &scratch,
        &["list.ndjson", "--output", "list.ndjson/rows.txt"],
    )
    .ends(2)
    .says("list.ndjson");
    assert_eq!(ran.stdout, "");
    batch(
        &scratch,
        &["list.ndjson", "--summary", "no-such-folder/summary.json"],
    )
    .ends(2)
    .says("no-such-folder");
}

#[test]
fn both_outputs_are_tried_before_the_first_row() {
    let ran = batch(
        &scratch(),
        &["list.ndjson", "--summary", "no-such-folder/summary.json"],
    )
    .ends(2)
    .says("no-such-folder");
    assert_eq!(ran.stdout, "");
    let scratch = scratch();
    let both = [
        "list.ndjson",
        "--output",
        "rows.txt",
        "--summary",
        "list.ndjson/summary.json",
    ];
    assert_eq!(
        batch(&scratch, &both)
            .ends(2)
            .says("list.ndjson/summary.json")
            .stdout,
        ""
    );
    assert_eq!(files(&scratch), ["list.ndjson"]);
}

/// Neither output takes the place of the other, or of what is read, whatever it is called.
#[test]
fn an_output_is_nothing_else() {
    let scratch = scratch()
        .with("trial.yaml", text_of("criteria/nct04546906.yaml"))
        .with("site.yaml", "format: eligo/site/1\n")
        .with("old.txt", "old");
    let folder = scratch.path().join("records");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("a.yaml"), "candidate: A\n").unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("list.ndjson", scratch.path().join("link")).unwrap();
        std::os::unix::fs::symlink("old.txt", scratch.path().join("old-link")).unwrap();
        std::os::unix::fs::symlink(".", scratch.path().join("here")).unwrap();
        fs::hard_link(
            scratch.path().join("list.ndjson"),
            scratch.path().join("hard"),
        )
        .unwrap();
    }
    let before = files(&scratch);
    let everything = [
        "list.ndjson",
        "records",
        "--trial",
        "trial.yaml",
        "--site",
        "site.yaml",
    ];
    let refused = |arguments: &[&str], words: &str| {
        let ran = batch(&scratch, &[&everything[..], arguments].concat())
            .ends(2)
            .says(words);
        assert_eq!(ran.stdout, "", "{arguments:?}");
        assert_eq!(files(&scratch), before, "{arguments:?}");
    };
    for option in ["--output", "--summary"] {
        for list in [
            "list.ndjson",
            "./list.ndjson",
            "records/../list.ndjson",
            "records/a.yaml",
        ] {
            refused(&[option, list], "is one of the lists");
        }
        if cfg!(unix) {
            for list in ["link", "hard", "here/list.ndjson"] {
                refused(&[option, list], "is one of the lists");
            }
        }
        refused(&[option, "trial.yaml"], "is the trial file");
        refused(&[option, "site.yaml"], "is the site's policy");
        refused(&[option, "records"], "is a directory");
    }
    for (one, other) in [
        ("new.txt", "new.txt"),
        ("new.txt", "./records/../new.txt"),
        ("old.txt", "./old.txt"),
    ] {
        refused(&["--output", one, "--summary", other], "cannot both go to");
    }
    if cfg!(unix) {
        refused(
            &["--output", "old.txt", "--summary", "old-link"],
            "cannot both go to",
        );
        refused(
            &["--output", "new.txt", "--summary", "here/new.txt"],
            "cannot both go to",
        );
    }
    assert_eq!(
        fs::read_to_string(scratch.path().join("old.txt")).unwrap(),
        "old"
    );
}

/// What goes to a device goes to whoever wants it.
#[cfg(unix)]
#[test]
fn both_outputs_may_go_nowhere() {
    batch(
        &scratch(),
        &[
            "list.ndjson",
            "--output",
            "/dev/null",
            "--summary",
            "/dev/null",
        ],
    )
    .ends(4);
}

#[cfg(unix)]
#[test]
fn a_list_or_an_output_behind_a_redirection_is_known() {
    let scratch = scratch().with("old.txt", "");
    let shell = |script: &str| {
        let mut command = Command::new("sh");
        let output = command
            .args(["-c", script])
            .arg(program())
            .current_dir(scratch.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{script}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(
        shell("\"$0\" batch - --output list.ndjson < list.ndjson").contains("is one of the lists")
    );
    assert!(
        shell("\"$0\" batch list.ndjson --summary old.txt >> old.txt")
            .contains("cannot both go to")
    );
    assert!(shell("\"$0\" batch list.ndjson >> list.ndjson").contains("is one of the lists"));
    assert_eq!(
        fs::read_to_string(scratch.path().join("list.ndjson")).unwrap(),
        five()
    );
}

#[cfg(unix)]
#[test]
fn a_link_leads_to_the_output_and_stays_a_link() {
    let scratch = scratch().with("rows.txt", "before");
    std::os::unix::fs::symlink("rows.txt", scratch.path().join("link")).unwrap();
    batch(&scratch, &["list.ndjson", "--output", "link"]).ends(4);
    assert!(
        fs::symlink_metadata(scratch.path().join("link"))
            .unwrap()
            .is_symlink()
    );
    assert!(
        fs::read_to_string(scratch.path().join("rows.txt"))
            .unwrap()
            .contains("P-1")
    );
}

#[test]
fn a_dash_is_standard_output() {
    let scratch = scratch();
    let rows = batch(&scratch, &["list.ndjson", "--format", "ndjson"]).stdout;
    assert_eq!(
        batch(
            &scratch,
            &["list.ndjson", "--format", "ndjson", "--output", "-"]
        )
        .stdout,
        rows
    );
    let ran = batch(
        &scratch,
        &[
            "list.ndjson",
            "--format",
            "ndjson",
            "--output",
            "rows.ndjson",
            "--summary",
            "-",
        ],
    )
    .ends(4);
    assert_eq!(
        serde_json::from_str::<Json>(&ran.stdout).unwrap()["rows"],
        5
    );
    assert_eq!(
        (
            ran.stderr.as_str(),
            fs::read_to_string(scratch.path().join("rows.ndjson")).unwrap()
        ),
        ("", rows)
    );
    for arguments in [
        &["--summary", "-"][..],
        &["--summary", "-", "--output", "-"],
    ] {
        let ran = batch(&scratch, &[&["list.ndjson"], arguments].concat())
            .ends(2)
            .says("both");
        assert_eq!(ran.stdout, "");
    }
    assert_eq!(files(&scratch), ["list.ndjson", "rows.ndjson"]);
}

/// What stopped is not whole.
#[test]
fn a_run_that_stops_at_an_error_leaves_no_file() {
    let scratch = scratch().with("rows.txt", "before");
    let ran = batch(
        &scratch,
        &[
            "list.ndjson",
            "--stop-on-error",
            "--output",
            "rows.txt",
            "--summary",
            "summary.json",
        ],
    )
    .ends(4);
    let ran = ran
        .says("list.ndjson:4:")
        .says("outside the plausible range")
        .says("neither `rows.txt` nor `summary.json` is written");
    assert_eq!(ran.stdout, "");
    assert_eq!(files(&scratch), ["list.ndjson", "rows.txt"]);
    assert_eq!(
        fs::read_to_string(scratch.path().join("rows.txt")).unwrap(),
        "before"
    );
    // Rows on standard output are out already, the last of them saying what is wrong.
    batch(&scratch, &["list.ndjson", "--stop-on-error"])
        .ends(4)
        .says("stopped at the first row that cannot be read\n");
    // Where nothing is wrong, nothing stops.
    let scratch = scratch.with("good.ndjson", patient("A", "1"));
    batch(
        &scratch,
        &["good.ndjson", "--stop-on-error", "--output", "good.txt"],
    )
    .ends(0);
    assert_eq!(
        files(&scratch),
        ["good.ndjson", "good.txt", "list.ndjson", "rows.txt"]
    );
}

#[test]
fn a_list_without_a_row_leaves_no_file() {
    let scratch = Scratch::new()
        .with("empty.ndjson", "\n")
        .with("none.csv", "candidate,ecog\n");
    for list in ["empty.ndjson", "none.csv"] {
        batch(
            &scratch,
            &[list, "--output", "rows.txt", "--summary", "summary.json"],
        )
        .ends(2)
        .says(&format!("no row in `{list}`"));
    }
    assert_eq!(files(&scratch), ["empty.ndjson", "none.csv"]);
    // Rows there were; that none of them was wanted is an answer.
    let scratch = scratch.with("good.ndjson", patient("A", "1"));
    batch(
        &scratch,
        &[
            "good.ndjson",
            "--only",
            "ineligible",
            "--format",
            "ndjson",
            "--output",
            "rows.txt",
        ],
    )
    .ends(0);
    assert_eq!(
        fs::read_to_string(scratch.path().join("rows.txt")).unwrap(),
        ""
    );
}

/// Interrupted, or told to end: neither leaves a file behind.
#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_no_file_at_all() {
    // What is ignored already, as in the background of a script, keeps nothing else from ending the run.
    for (signal, ignored) in [
        ("INT", "''"),
        ("TERM", "''"),
        ("HUP", "''"),
        ("QUIT", "''"),
        ("TERM", "INT"),
        ("INT", "HUP"),
    ] {
        // A job in the background of a script has these ignored from the start, and no shell can take that back.
        if is_ignored_here(signal) {
            continue;
        }
        let scratch = scratch();
        let mut command = Command::new("sh");
        command
            .args([
                "-c",
                &format!("[ -z {ignored} ] || trap '' {ignored}; exec \"$0\" \"$@\""),
            ])
            .arg(program());
        command
            .args([
                "batch",
                "-",
                "--format",
                "ndjson",
                "--output",
                "rows.ndjson",
                "--summary",
                "summary.json",
            ])
            .current_dir(scratch.path());
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let row = patient("A", "1") + "\n";
        for _ in 0..4_000 {
            stdin.write_all(row.as_bytes()).unwrap();
        }
        assert_eq!(
            files(&scratch).len(),
            3,
            "the rows and the summary are being written beside"
        );
        let send = |signal: &str| {
            Command::new("kill")
                .args(["-s", signal, &child.id().to_string()])
                .status()
                .unwrap()
                .success()
        };
        assert!(ignored == "''" || send(ignored));
        assert!(send(signal));
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}");
        assert_eq!(files(&scratch), ["list.ndjson"], "{signal}");
    }
}

/// Whether the tests were started with this signal ignored, which every program they start inherits.
fn is_ignored_here(signal: &str) -> bool {
    let survives = format!("kill -s {signal} $$; echo survived");
    let shell = Command::new("sh").args(["-c", &survives]).output().unwrap();
    String::from_utf8_lossy(&shell.stdout).contains("survived")
}

fn started(scratch: &Scratch, arguments: &[&str], stdout: Stdio) -> std::process::Child {
    let mut command = Command::new(program());
    command
        .arg("batch")
        .args(arguments)
        .current_dir(scratch.path())
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let list: String = (0..5_000)
        .map(|row| patient(&format!("P-{row}"), "1") + "\n")
        .collect();
    let scratch = Scratch::new().with("list.ndjson", list);
    for format in ["ndjson", "csv", "json", "table"] {
        let mut child = started(
            &scratch,
            &["list.ndjson", "--format", format, "--reasons", "all"],
            Stdio::piped(),
        );
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert!(!line.is_empty());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{format}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{format}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_that_says_so() {
    let scratch = scratch();
    for format in ["ndjson", "csv", "json", "table"] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output = started(
            &scratch,
            &["list.ndjson", "--format", format],
            Stdio::from(full),
        )
        .wait_with_output()
        .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{format}: {said}");
        assert!(said.contains("No space left"), "{format}: {said}");
    }
}
