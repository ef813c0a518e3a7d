//! The screening log: what a line says, that tampering is found, and that neither kills nor neighbours lose a line.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::{Scratch, eligo, program, text_of};
use eligo::log::verify::{Kind, verify};
use eligo::log::{Chain, Entry, Tail};
use predicates::str::{contains, is_empty};
use serde_json::Value as Json;

const LOG: &str = "screening.log";
const RECORDS: [&str; 3] = ["eligible.yaml", "pregnant.yaml", "cd22-not-reported.yaml"];

fn scratch() -> Scratch {
    RECORDS.into_iter().fold(Scratch::new(), |scratch, name| {
        scratch.with(name, text_of(&format!("examples/{name}")))
    })
}

/// Screens the three records into one log.
fn logged() -> Scratch {
    let scratch = scratch();
    for record in RECORDS {
        let mut command = scratch.eligo();
        command.args([
            "screen",
            record,
            "--quiet",
            "--log",
            LOG,
            "--by",
            "Dr. Example",
        ]);
        assert_ne!(command.output().unwrap().status.code(), Some(2));
    }
    scratch
}

fn read(scratch: &Scratch) -> String {
    fs::read_to_string(scratch.path().join(LOG)).unwrap()
}

fn lines(scratch: &Scratch) -> Vec<Json> {
    read(scratch)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// What `eligo log verify` finds in a log with this text, as the library tells it.
fn found(text: &str) -> Vec<Kind> {
    let verified = verify(text.as_bytes(), |_| ()).unwrap();
    verified
        .findings
        .into_iter()
        .map(|finding| finding.kind)
        .collect()
}

#[test]
fn a_line_says_who_was_screened_when_by_what_and_with_what_result() {
    let scratch = logged();
    let lines = lines(&scratch);
    let [eligible, pregnant, open] = lines.as_slice() else {
        panic!("{lines:?}");
    };
    assert_eq!(eligible["schema"], "eligo/log/1");
    assert_eq!(eligible["candidate"], "LDP-0042");
    assert_eq!(eligible["by"], "Dr. Example");
    assert_eq!(eligible["eligibility"], "eligible");
    assert_eq!(eligible["deciding"], serde_json::json!([]));
    assert_eq!(eligible["previous"], Json::Null);
    assert_eq!(pregnant["eligibility"], "ineligible");
    assert_eq!(pregnant["deciding"][0]["id"], "E9");
    assert_eq!(pregnant["deciding"][0]["verdict"], "fail");
    assert_eq!(pregnant["previous"], eligible["hash"]);
    assert_eq!(open["eligibility"], "undetermined");
    assert_eq!(open["number"], 3);
    let time = eligible["time"].as_str().unwrap();
    assert!(time.parse::<jiff::Timestamp>().is_ok(), "{time}");
    for key in ["record_sha256", "hash"] {
        assert_eq!(eligible[key].as_str().unwrap().len(), 64, "{key}");
    }
    assert_eq!(eligible["trial"]["id"], "NCT04546906");
}

#[test]
fn the_report_names_the_line_that_it_stands_in() {
    let scratch = scratch();
    let output = scratch
        .eligo()
        .args(["screen", "eligible.yaml", "--format", "json", "--log", LOG])
        .output()
        .unwrap();
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    let line = &lines(&scratch)[0];
    assert_eq!(report["logged"]["number"], 1);
    assert_eq!(report["logged"]["hash"], line["hash"]);
    assert_eq!(report["record"]["sha256"], line["record_sha256"]);
    scratch
        .eligo()
        .args(["screen", "eligible.yaml"])
        .env("ELIGO_LOG", LOG)
        .assert()
        .stdout(contains("line 2 of the screening log, hash"));
}

#[test]
fn a_whole_log_is_said_to_be_whole() {
    let scratch = logged();
    let hash = lines(&scratch)[0]["hash"].as_str().unwrap().to_owned();
    scratch
        .eligo()
        .args(["log", "verify", LOG, "--holds", &hash])
        .assert()
        .code(0)
        .stdout(contains(
            "screening.log: whole, 3 entries; the last has the number 3",
        ));
    scratch
        .eligo()
        .args(["log", "verify", LOG, "--holds", "0000"])
        .assert()
        .code(1)
        .stdout(contains("there is no line with the hash 0000"));
    eligo()
        .args(["log", "verify", "no-such.log"])
        .assert()
        .code(2);
}

#[test]
fn whatever_is_changed_removed_moved_or_cut_is_found() {
    let scratch = logged();
    let text = read(&scratch);
    assert_eq!(found(&text), []);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let [one, two, three] = lines.as_slice() else {
        panic!("{lines:?}");
    };
    let cases = [
        (
            "changed",
            text.replacen("LDP-0042", "LDP-0043", 1),
            Kind::Changed,
        ),
        (
            "the last changed",
            text.replace("undetermined", "ineligible"),
            Kind::Changed,
        ),
        (
            "the first removed",
            format!("{two}{three}"),
            Kind::Removed(1, 1),
        ),
        ("removed", format!("{one}{three}"), Kind::Removed(2, 2)),
        ("moved", format!("{two}{one}{three}"), Kind::Moved(1)),
        (
            "repeated",
            format!("{one}{two}{two}{three}"),
            Kind::Repeated(2),
        ),
        ("cut", text[..text.len() - 20].to_owned(), Kind::Torn),
        (
            "put in",
            format!("{one}{{\"schema\":\"mine\"}}\n{two}{three}"),
            Kind::Foreign,
        ),
    ];
    for (what, text, kind) in cases {
        let found = found(&text);
        assert!(found.contains(&kind), "{what}: {found:?}");
        assert!(found.iter().any(Kind::is_tampering), "{what}");
    }
}

#[test]
fn no_byte_of_a_log_can_be_changed_unseen() {
    let text = read(&logged());
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
        let verified = verify(bytes.as_slice(), |_| ()).unwrap();
        let is_found = verified
            .findings
            .iter()
            .any(|finding| finding.kind.is_tampering());
        assert!(is_found, "byte {at}: {:?}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn a_line_with_a_hash_made_anew_does_not_link_to_the_next() {
    let scratch = logged();
    let text = read(&scratch);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut entry: Entry = serde_json::from_str(lines[0]).unwrap();
    entry.candidate = Some("LDP-0043".to_owned());
    let forged = Chain::default().add(&entry).unwrap();
    assert_eq!(
        found(&format!("{forged}{}{}", lines[1], lines[2])),
        [Kind::Unlinked(2)]
    );
}

/// A program that is stopped leaves the beginning of its text.
#[test]
fn a_log_that_was_cut_at_any_byte_goes_on_and_says_so() {
    let scratch = logged();
    let text = read(&scratch);
    let two = text.len() - text.lines().last().unwrap().len() - 1;
    let entry: Entry = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    for length in 0..=text.len() {
        let left = &text[..length];
        let Ok(Tail::Chain(mut chain)) = Tail::of(left.as_bytes(), true) else {
            panic!("{left:?}");
        };
        let is_whole = |line: &str| text.lines().any(|whole| whole == line);
        let whole = left.lines().filter(|line| is_whole(line)).count() as u64;
        assert_eq!(chain.number, whole, "{left:?}");
        let added = format!("{left}{}", chain.add(&entry).unwrap());
        let verified = verify(added.as_bytes(), |_| ()).unwrap();
        assert_eq!(verified.entries, whole + 1);
        let kinds: Vec<_> = verified.findings.into_iter().map(|one| one.kind).collect();
        let is_between = left.lines().last().is_some_and(|line| !is_whole(line));
        let expected = if is_between {
            vec![Kind::Interrupted]
        } else {
            Vec::new()
        };
        assert_eq!(kinds, expected, "{left:?}");
        // A second interruption, in the line that was added.
        if length == two + 40 {
            for again in length..added.len() {
                let Ok(Tail::Chain(mut chain)) = Tail::of(&added.as_bytes()[..again], true) else {
                    panic!("{again}");
                };
                let added = format!("{}{}", &added[..again], chain.add(&entry).unwrap());
                let verified = verify(added.as_bytes(), |_| ()).unwrap();
                assert!(
                    !verified.findings.iter().any(|one| one.kind.is_tampering()),
                    "{added}"
                );
            }
        }
    }
    // The end alone is enough.
    let end = &text.as_bytes()[two - 100..];
    assert!(matches!(Tail::of(end, false), Ok(Tail::Chain(chain)) if chain.number == 3));
    assert_eq!(
        Tail::of(&text.as_bytes()[two + 1..], false),
        Ok(Tail::Longer)
    );
}

#[test]
fn killed_at_any_time_what_was_reported_is_logged() {
    let scratch = scratch();
    let start = || {
        Command::new(program())
            .args(["screen", "pregnant.yaml", "--quiet", "--log", LOG])
            .current_dir(scratch.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let started = Instant::now();
    start().wait().unwrap();
    let whole = started.elapsed();
    let mut reported = 0;
    // From the start of the program to half again as long as it took undisturbed.
    for kill in 0..120 {
        let mut running = start();
        thread::sleep(whole * (kill % 60) / 40);
        running.kill().unwrap();
        running.wait().unwrap();
        let mut said = String::new();
        running.stdout.unwrap().read_to_string(&mut said).unwrap();
        reported += u64::from(!said.is_empty());
    }
    assert!((1..120).contains(&reported), "{reported} of 120");
    scratch
        .eligo()
        .args(["screen", "pregnant.yaml", "--quiet", "--log", LOG])
        .assert()
        .code(1);
    let verified = verify(read(&scratch).as_bytes(), |_| ()).unwrap();
    assert!(
        verified.entries > reported + 1,
        "{} {reported}",
        verified.entries
    );
    let tampering = verified.findings.iter().find(|one| one.kind.is_tampering());
    assert_eq!(tampering, None);
}

#[test]
fn several_programs_write_one_after_the_other() {
    let scratch = scratch();
    let running: Vec<_> = (0..8)
        .map(|_| {
            Command::new(program())
                .args(["screen", "eligible.yaml", "--quiet", "--log", LOG])
                .current_dir(scratch.path())
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut one in running {
        assert_eq!(one.wait().unwrap().code(), Some(0));
    }
    assert_eq!(found(&read(&scratch)), []);
    assert_eq!(lines(&scratch).len(), 8);
}

#[test]
fn a_log_that_another_program_holds_is_waited_for() {
    let scratch = logged();
    let held = File::open(scratch.path().join(LOG)).unwrap();
    held.lock().unwrap();
    let running = Command::new(program())
        .args(["screen", "eligible.yaml", "--quiet", "--log", LOG])
        .current_dir(scratch.path())
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_millis(700));
    assert_eq!(lines(&scratch).len(), 3);
    held.unlock().unwrap();
    let output = running.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("waiting for another program to finish with the log"),
        "{said}"
    );
    assert_eq!(lines(&scratch).len(), 4);
}

#[test]
fn what_cannot_be_logged_is_not_reported() {
    let scratch = logged().with("record.md", "# No log\n");
    let before = read(&scratch);
    let refused = |log: &str, says: &str| {
        for command in [["screen", "eligible.yaml"], ["batch", "eligible.yaml"]] {
            scratch
                .eligo()
                .args(command)
                .args(["--log", log])
                .assert()
                .code(2)
                .stdout("")
                .stderr(contains(says));
        }
    };
    refused("record.md", "it does not end in a line of a screening log");
    refused(".", "is not a file");
    refused("/dev/full", "is not a file");
    refused("none/screening.log", "cannot write to the log");
    assert_eq!(
        fs::read_to_string(scratch.path().join("record.md")).unwrap(),
        "# No log\n"
    );
    // The last line was changed.
    let changed = before.replace("undetermined", "eligible");
    fs::write(scratch.path().join(LOG), &changed).unwrap();
    refused(
        LOG,
        "its last line, number 3, was changed since it was written",
    );
    assert_eq!(read(&scratch), changed);
    // Who screens is of use in a log alone.
    scratch
        .eligo()
        .args(["screen", "eligible.yaml", "--by", "me"])
        .assert()
        .code(2);
}

/// A file that may not grow is as good as a full disk.
#[cfg(target_os = "linux")]
#[test]
fn on_a_full_disk_nothing_is_reported_and_the_log_goes_on_later() {
    let scratch = logged();
    let limit = read(&scratch).len() as u64 / 1024;
    let script = format!(
        "trap '' XFSZ; ulimit -f {limit}; exec '{}' screen eligible.yaml --log {LOG}",
        program().display()
    );
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(scratch.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("cannot write to the log"), "{said}");
    scratch
        .eligo()
        .args(["screen", "eligible.yaml", "--log", LOG])
        .assert()
        .code(0);
    let verified = verify(read(&scratch).as_bytes(), |_| ()).unwrap();
    assert_eq!(verified.entries, 4);
    assert!(!verified.findings.iter().any(|one| one.kind.is_tampering()));
}

#[test]
fn every_row_of_a_list_has_a_line_also_one_that_cannot_be_read() {
    let scratch = Scratch::new().with(
        "list.ndjson",
        "{\"candidate\":\"a\",\"pregnant\":true}\n{\"candidate\":\"b\",\"ecgo\":1}\n{\"candidate\":\"c\"}\n",
    );
    scratch
        .eligo()
        .args([
            "batch",
            "list.ndjson",
            "--only",
            "eligible",
            "--log",
            LOG,
            "--as-of",
            "2026-11-20",
        ])
        .assert()
        .code(4);
    let lines = lines(&scratch);
    let outcomes: Vec<_> = lines
        .iter()
        .map(|line| line["eligibility"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes[1..], ["error", "undetermined"]);
    assert_eq!(lines[1]["candidate"], "b");
    assert_eq!(
        lines[2]["row"],
        serde_json::json!({ "file": "list.ndjson", "line": 3 })
    );
    assert_eq!(lines[2]["screened_on"], "2026-11-20");
    assert_eq!(found(&read(&scratch)), []);
    // The log is not the place for the rows.
    scratch
        .eligo()
        .args(["batch", "list.ndjson", "--output", LOG, "--log", LOG])
        .assert()
        .code(2)
        .stderr(contains("is the screening log"));
}

#[test]
fn many_rows_are_logged_in_order() {
    let rows: String = (1..=3000)
        .map(|row| format!("{{\"candidate\":\"c{row}\"}}\n"))
        .collect();
    let scratch = Scratch::new().with("list.ndjson", rows);
    scratch
        .eligo()
        .args([
            "batch",
            "list.ndjson",
            "--reasons",
            "none",
            "--log",
            LOG,
            "--threads",
            "3",
        ])
        .args(["--output", "rows.csv"])
        .assert()
        .code(0);
    let lines = lines(&scratch);
    let wanted: Vec<String> = (1..=3000).map(|row| format!("c{row}")).collect();
    let names: Vec<_> = lines
        .iter()
        .map(|line| line["candidate"].as_str().unwrap())
        .collect();
    assert_eq!(names, wanted);
    assert_eq!(found(&read(&scratch)), []);
}

#[test]
fn the_log_is_shown_as_a_table_or_csv_with_filters() {
    let scratch = logged();
    let show = |arguments: &[&str]| {
        let mut command = scratch.eligo();
        command.args(["log", "show", LOG]).args(arguments);
        command.assert()
    };
    let shown = show(&[]).code(0).stderr(is_empty());
    let text = String::from_utf8(shown.get_output().stdout.clone()).unwrap();
    // At 80 columns no word is broken.
    for word in ["LDP-0042", "ineligible", "NCT04546906 as of 2026-"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert!(text.lines().all(|line| line.len() <= 80), "{text}");
    let csv = show(&["--format", "csv", "--eligibility", "ineligible"]).code(0);
    let text = String::from_utf8(csv.get_output().stdout.clone()).unwrap();
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows.len(), 2, "{text}");
    assert_eq!(
        rows[0],
        "number,time,candidate,trial,screened_on,outcome,reason,by"
    );
    assert!(rows[1].contains("E9 "), "{text}");
    let none = show(&["--format", "csv", "--until", "2020-01-01"]);
    assert_eq!(
        String::from_utf8_lossy(&none.get_output().stdout)
            .lines()
            .count(),
        1
    );
    let one = show(&[
        "--format",
        "csv",
        "--candidate",
        "LDP-0042",
        "--since",
        "2020-01-01",
    ]);
    assert_eq!(
        String::from_utf8_lossy(&one.get_output().stdout)
            .lines()
            .count(),
        2
    );
    // A log that is not whole is shown, and said not to be.
    let mut file = File::options()
        .append(true)
        .open(scratch.path().join(LOG))
        .unwrap();
    file.write_all(b"mine\n").unwrap();
    show(&[]).code(1).stderr(contains("this log is not whole"));
}

#[test]
fn a_cell_of_the_log_is_no_formula_of_a_spreadsheet_and_no_command_of_a_terminal() {
    let scratch = Scratch::new().with("a.yaml", "candidate: \"=1+1\"\n");
    scratch
        .eligo()
        .args([
            "screen",
            "a.yaml",
            "--quiet",
            "--log",
            LOG,
            "--by",
            "\u{1b}[31mred",
        ])
        .assert()
        .code(3);
    for format in ["table", "csv"] {
        let output = scratch
            .eligo()
            .args(["log", "show", LOG, "--format", format])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(common::obeyed_by_a_terminal(&text), [], "{text}");
        assert!(format == "table" || text.contains(",'=1+1,"), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn a_log_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = logged();
    let mode = fs::metadata(scratch.path().join(LOG))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}
