//! `eligo screen` for those who read it: the verdict first and last, a page that fits, and several records at once.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Scratch, eligo, example_records, text_of};
use predicates::prelude::*;
use predicates::str::{contains, is_empty, starts_with};

fn screened(arguments: &[&str]) -> String {
    let output = eligo().arg("screen").args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_verdict_stands_first_and_last() {
    for example in example_records() {
        let headline = screened(&[&example, "--quiet", "--width", "1000"]);
        let page = screened(&[&example, "--width", "1000"]);
        let headline = headline.trim_end();
        assert!(page.starts_with(headline), "{example}: {headline}\n{page}");
        assert!(
            page.trim_end().ends_with(headline),
            "{example}: {headline}\n{page}"
        );
    }
}

#[test]
fn what_failed_and_what_is_open_stand_above_the_table() {
    let page = screened(&["examples/pregnant.yaml"]);
    let places = [
        "INELIGIBLE",
        "\nFailed\n",
        "\nOpen\n",
        "\nInclusion criteria\n",
        "\nExclusion criteria\n",
        "\nNothing to obtain\n",
    ];
    let found: Vec<usize> = places
        .iter()
        .map(|place| {
            page.find(place)
                .unwrap_or_else(|| panic!("{place}: {page}"))
        })
        .collect();
    assert!(found.is_sorted(), "{found:?}: {page}");
}

#[test]
fn the_brief_page_of_a_usual_candidate_fits_a_terminal() {
    for example in ["eligible", "pregnant", "with-evidence", "cd22-not-reported"] {
        let page = screened(&[
            &format!("examples/{example}.yaml"),
            "--brief",
            "--width",
            "80",
        ]);
        let lines = page.lines().count();
        assert!(lines < 24, "{example}: {lines} lines\n{page}");
        assert!(
            page.lines().all(|line| line.chars().count() <= 80),
            "{page}"
        );
    }
    let page = screened(&["examples/cd22-not-reported.yaml", "--brief"]);
    let open = "Open\n  I2  Latest CD22 by flow in marrow or blood: not mentioned";
    assert!(
        page.contains(open) && page.contains("To obtain first\n  1.  CD22 results (for I2)"),
        "{page}"
    );
    let other = ["--brief", "--format", "json"];
    eligo()
        .args(["screen", "examples/eligible.yaml"])
        .args(other)
        .assert()
        .code(2);
}

#[test]
fn a_table_may_have_some_verdicts_only_and_says_so() {
    let page = screened(&["examples/pregnant.yaml", "--only", "fail"]);
    assert!(
        page.contains("Only FAIL; the others are left out."),
        "{page}"
    );
    assert!(
        page.contains("\n E9 ") && page.contains("\n  E9a "),
        "{page}"
    );
    assert!(
        !page.contains("\n I1 ") && !page.contains("Inclusion criteria"),
        "{page}"
    );
    let page = screened(&["examples/pregnant.yaml", "--only", "fail,unknown"]);
    assert!(
        page.contains("\n I5 ") && page.contains("Only FAIL, UNKNOWN"),
        "{page}"
    );
    // What is left out of the table still counts.
    assert!(
        page.starts_with("LDP-0081: INELIGIBLE, 4 cautions (E9 failed; unknown besides: I5"),
        "{page}"
    );
}

#[test]
fn several_records_give_a_report_each_and_the_worst_exit_code() {
    let (eligible, ineligible, open) = (
        "examples/eligible.yaml",
        "examples/pregnant.yaml",
        "examples/cd22-not-reported.yaml",
    );
    for (records, code) in [
        (vec![eligible, eligible], 0),
        (vec![eligible, open], 3),
        (vec![ineligible, open, eligible], 1),
    ] {
        eligo()
            .args(["screen", "--quiet"])
            .args(&records)
            .assert()
            .code(code)
            .stdout(predicate::function(|said: &str| {
                said.lines().count() == records.len()
            }));
    }
    let wrong = Scratch::new().with("a.yaml", "ecgo: 1\n");
    let path = wrong.path().join("a.yaml");
    eligo()
        .args([
            "screen",
            "--quiet",
            eligible,
            path.to_str().unwrap(),
            ineligible,
        ])
        .assert()
        .code(2)
        .stdout(contains("LDP-0042: ELIGIBLE").and(contains("LDP-0081: INELIGIBLE")))
        .stderr(contains("did you mean `ecog`?"));
    // JSON reports stand behind each other, as programs read a stream of them.
    let text = screened(&[eligible, ineligible, "--format", "json"]);
    let reports = serde_json::Deserializer::from_str(&text).into_iter::<serde_json::Value>();
    assert_eq!(reports.map(Result::unwrap).count(), 2);
    eligo()
        .args(["screen", eligible, ineligible, "--output", "both.html"])
        .assert()
        .code(2)
        .stderr(contains("a file holds one report"));
}

#[test]
fn a_file_in_the_place_of_a_command_may_be_a_record() {
    let scratch = Scratch::new().with("my record.yaml", text_of("examples/eligible.yaml"));
    for (word, says) in [("my record.yaml", true), ("no-file.yaml", false)] {
        let hint = contains("To screen a record: eligo screen 'my record.yaml'");
        let call = scratch.eligo().arg(word).assert().code(2);
        assert_eq!(
            hint.eval(&String::from_utf8_lossy(&call.get_output().stderr)),
            says
        );
    }
}

#[test]
fn what_is_no_record_is_called_by_its_name() {
    let scratch = Scratch::new()
        .with("a.pdf", b"%PDF-1.7\n\xff")
        .with("b.xlsx", b"PK\x03\x04\xff")
        .with("c.xls", b"\xd0\xcf\x11\xe0\xff")
        .with("d.yaml", text_of("examples/eligible.yaml"))
        .with("e.png", b"\x89PNG\r\n\x1a\n\xff");
    for made in [["--output", "sheet.html"], ["--log", "screening.log"]] {
        let mut command = scratch.eligo();
        command
            .args(["screen", "d.yaml"])
            .args(made)
            .assert()
            .code(0);
    }
    for (record, says) in [
        (
            "e.png",
            "`e.png` is a picture, which is not read; `eligo ask`",
        ),
        (
            "sheet.html",
            "`sheet.html` is a page in HTML, such as a sheet, which is not read; name the record",
        ),
        (
            "screening.log",
            "`screening.log` is a screening log; `eligo log show` shows it",
        ),
        (".", "`eligo batch` screens every record in one"),
        (
            "a.pdf",
            "`a.pdf` is a PDF, which is not read; `eligo ask` writes a record",
        ),
        (
            "b.xlsx",
            "`b.xlsx` is a workbook or another packed document; `eligo batch` screens a list in one",
        ),
        ("c.xls", "is an old workbook or document"),
    ] {
        scratch
            .eligo()
            .args(["screen", record])
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains(says));
    }
    // Nobody is told what a pipe waits for.
    scratch
        .eligo()
        .args(["screen", "-", "--quiet"])
        .write_stdin(text_of("examples/eligible.yaml"))
        .assert()
        .stdout(starts_with("LDP-0042: ELIGIBLE"))
        .stderr(is_empty());
}

/// At a terminal, which is as good as one here.
#[cfg(target_os = "linux")]
mod at_a_terminal {
    use std::process::Command;
    use std::time::Duration;

    use super::common::{OUTER_VARIABLES, program, root};
    use rexpect::session::{Options, spawn_with_options};

    /// What a terminal of 24 lines shows of a call.
    fn shown(arguments: &[&str], pager: Option<&str>) -> String {
        // A terminal of no size is none.
        let mut command = Command::new("sh");
        command
            .args(["-c", "stty rows 24 cols 80 && exec \"$0\" \"$@\""])
            .arg(program())
            .args(arguments)
            .current_dir(root());
        for variable in OUTER_VARIABLES {
            command.env_remove(variable);
        }
        command.env("NO_COLOR", "1").env_remove("PAGER");
        command.envs(pager.map(|pager| ("PAGER", pager)));
        let options = Options::new().timeout_ms(Some(Duration::from_secs(30).as_millis() as u64));
        let mut terminal = spawn_with_options(command, options).unwrap();
        terminal.exp_eof().unwrap()
    }

    #[test]
    fn a_long_report_goes_through_the_pager_and_a_short_one_does_not() {
        const RECORD: &str = "examples/eligible.yaml";
        let through = "sed s/^/paged:/";
        assert!(shown(&["screen", RECORD], Some(through)).contains("paged:LDP-0042"));
        assert!(!shown(&["screen", RECORD, "--no-pager"], Some(through)).contains("paged:"));
        assert!(!shown(&["screen", RECORD, "--quiet"], Some(through)).contains("paged:"));
        // Without a pager it is there all the same.
        for none in ["", "cat", "no-such-pager"] {
            assert!(
                shown(&["screen", RECORD], Some(none)).contains("LDP-0042: ELIGIBLE"),
                "{none}"
            );
        }
        assert!(shown(&["screen", "no-such-file.yaml"], Some(through)).contains("cannot read"));
    }
}

#[test]
fn a_watched_record_is_screened_again_when_it_is_saved() {
    use std::fs;
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};

    let scratch = Scratch::new().with("a.yaml", text_of("examples/eligible.yaml"));
    let mut running = Command::new(common::program())
        .args(["screen", "a.yaml", "--quiet", "--watch"])
        .current_dir(scratch.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut rows = BufReader::new(running.stdout.take().unwrap()).lines();
    let mut said = BufReader::new(running.stderr.take().unwrap()).lines();
    let mut said = move |words: &str| said.any(|line| line.unwrap().contains(words));
    assert!(
        rows.next()
            .unwrap()
            .unwrap()
            .starts_with("LDP-0042: ELIGIBLE")
    );
    assert!(said("watching; Ctrl-C ends"));
    // What is wrong is said, and the next save is looked at all the same.
    fs::write(scratch.path().join("a.yaml"), "ecgo: 1\n").unwrap();
    assert!(said("did you mean `ecog`?") && said("watching"));
    fs::write(
        scratch.path().join("a.yaml"),
        text_of("examples/pregnant.yaml"),
    )
    .unwrap();
    assert!(
        rows.next()
            .unwrap()
            .unwrap()
            .starts_with("LDP-0081: INELIGIBLE")
    );
    running.kill().unwrap();
    running.wait().unwrap();
    eligo()
        .args(["screen", "-", "--watch"])
        .write_stdin("ecog: 1\n")
        .assert()
        .code(2)
        .stderr(contains("standard input cannot be watched"));
}
