//! `eligo screen`: exit codes, where a record comes from, and what the options change.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::process::{Command, Stdio};

use common::{
    Scratch, criterion, eligo, example_records, obeyed_by_a_terminal, program, report, root,
    text_of,
};
use predicates::prelude::*;
use predicates::str::{contains, is_empty, starts_with};

const ELIGIBLE: &str = "examples/eligible.yaml";
const UNDETERMINED: &str = "examples/cd22-not-reported.yaml";
const INELIGIBLE: &str = "examples/pregnant.yaml";
const SITE: [&str; 2] = ["--site", "examples/site-policy.yaml"];

#[test]
fn the_exit_code_is_the_eligibility() {
    eligo()
        .args(["screen", ELIGIBLE])
        .assert()
        .code(0)
        .stdout(contains("ELIGIBLE"));
    eligo()
        .args(["screen", INELIGIBLE])
        .assert()
        .code(1)
        .stdout(contains("INELIGIBLE"));
    eligo()
        .args(["screen", "no-such-file.yaml"])
        .assert()
        .code(2)
        .stdout("");
    eligo()
        .args(["screen", UNDETERMINED])
        .assert()
        .code(3)
        .stdout(contains("UNDETERMINED"));
}

#[test]
fn a_dash_is_standard_input_in_yaml_unless_said_otherwise() {
    eligo()
        .args(["screen", "-"])
        .write_stdin(text_of(ELIGIBLE))
        .assert()
        .code(0)
        .stdout(contains("LDP-0042"));
    eligo()
        .args(["screen", "-", "--from", "yaml"])
        .write_stdin(text_of(UNDETERMINED))
        .assert()
        .code(3);
    eligo()
        .args(["screen", "-", "--from", "json"])
        .write_stdin(text_of("examples/t-all.json"))
        .assert()
        .code(1)
        .stdout(contains("LDP-0110"));
}

#[test]
fn from_goes_before_the_file_name() {
    let scratch = Scratch::new()
        .with("record.json", "ecog: 1\n")
        .with("record.yaml", "{\"ecog\": 1} trailing");
    scratch
        .eligo()
        .args(["screen", "record.json"])
        .assert()
        .code(2);
    scratch
        .eligo()
        .args(["screen", "record.json", "--from", "yaml"])
        .assert()
        .code(3);
    scratch
        .eligo()
        .args(["screen", "record.yaml", "--from", "json"])
        .assert()
        .code(2)
        .stderr(contains("not JSON"));
}

#[test]
fn messages_about_standard_input_call_it_so() {
    eligo()
        .args(["screen", "-"])
        .write_stdin("ecog: 7\n")
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("<stdin>:1:7"));
}

#[test]
fn a_list_is_for_batch() {
    let scratch = Scratch::new()
        .with("list.ndjson", "{}\n{}\n")
        .with("list.csv", "ecog\n1\n")
        .with("list.json", "[{}]");
    for list in ["list.ndjson", "list.csv", "list.json"] {
        scratch
            .eligo()
            .args(["screen", list])
            .assert()
            .code(2)
            .stderr(contains("`eligo batch`"));
    }
}

#[test]
fn as_of_goes_before_the_date_in_the_record() {
    assert_eq!(report(&[ELIGIBLE])["screened_on"], "2026-11-20");
    assert_eq!(
        report(&[ELIGIBLE, "--as-of", "2026-12-24"])["screened_on"],
        "2026-12-24"
    );
    // Seen from a day before the tests were done, their dates lie in the future.
    eligo()
        .args(["screen", ELIGIBLE, "--as-of", "2026-11-17"])
        .assert()
        .code(2)
        .stderr(contains("2026-11-18").and(contains("2026-11-17")));
}

#[test]
fn as_of_needs_a_whole_date_that_exists() {
    for date in ["2026-11", "2026-02-31", "tomorrow", ""] {
        eligo()
            .args(["screen", ELIGIBLE, "--as-of", date])
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains("--as-of"));
    }
}

#[test]
fn without_any_date_a_record_is_screened_today() {
    let scratch = Scratch::new().with("record.yaml", "ecog: 1\n");
    let today = || jiff::Zoned::now().date().to_string();
    let before = today();
    let output = scratch
        .eligo()
        .args(["screen", "record.yaml", "--format", "json"])
        .output()
        .unwrap();
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = found["screened_on"].as_str().unwrap();
    assert!(
        before.as_str() <= found && found <= today().as_str(),
        "{found}"
    );
}

#[test]
fn a_site_policy_settles_what_the_readings_leave_open() {
    let record = "examples/first-line-refractory.yaml";
    assert_eq!(criterion(&report(&[record]), "I1")["verdict"], "unknown");
    let pinned = report(&[record, SITE[0], SITE[1]]);
    assert_eq!(criterion(&pinned, "I1")["verdict"], "pass");
    let pins = &criterion(&pinned, "I1b")["pinned_questions"];
    assert_eq!(pins, &serde_json::json!({ "courses": "two_or_more" }));
    assert_eq!(
        pinned["site"]["name"],
        "Ludaopei Hospital Beijing (example)"
    );
}

#[test]
fn a_site_policy_sets_old_results_and_unsigned_judgements_aside() {
    // Good for anyone else, too old for this site.
    let later = ["--as-of", "2027-03-01"];
    eligo()
        .args(["screen", ELIGIBLE])
        .args(later)
        .assert()
        .code(0);
    eligo()
        .args(["screen", ELIGIBLE])
        .args(later)
        .args(SITE)
        .assert()
        .code(3);
    let found = report(&[ELIGIBLE, later[0], later[1], SITE[0], SITE[1]]);
    for id in ["I2", "I4", "E6a", "E6b", "E7a", "E7b"] {
        assert_eq!(criterion(&found, id)["verdict"], "unknown", "{id}");
    }
    let found = report(&["examples/hbv-carrier-on-entecavir.yaml", SITE[0], SITE[1]]);
    assert_eq!(
        criterion(&found, "E1")["verdict"],
        "unknown",
        "its judgement is not signed"
    );
    // Recent results and signed judgements pass the same policy.
    eligo()
        .args(["screen", "examples/with-evidence.yaml"])
        .args(SITE)
        .assert()
        .code(0);
}

#[test]
fn the_report_names_the_site_and_what_its_policy_changed() {
    let record = "examples/first-line-refractory.yaml";
    eligo()
        .args(["screen", record])
        .assert()
        .stdout(contains("Ludaopei").not().and(contains("is pinned").not()));
    eligo()
        .args(["screen", record])
        .args(SITE)
        .assert()
        .code(3)
        .stdout(contains("Ludaopei Hospital Beijing (example)"))
        .stdout(contains("two_or_more of courses is pinned"))
        .stdout(contains("undated").and(contains("HBV DNA")))
        .stdout(contains("unsigned").and(contains("Serious cardiac insufficiency")));
}

#[test]
fn a_site_policy_that_names_what_the_trial_does_not_have_is_refused() {
    let policy = "format: eligo/site/1\ntrial: NCT04546906\nreadings: { I1b: two_or_mroe }\nvalid_for: { ecgo: 14 days }\n";
    let scratch = Scratch::new()
        .with("site.yaml", policy)
        .with("record.yaml", "ecog: 1\n");
    scratch
        .eligo()
        .args(["screen", "record.yaml", "--site", "site.yaml"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("site.yaml:3:18").and(contains("`two_or_more`")))
        .stderr(contains("site.yaml:4:14").and(contains("`ecog`")));
}

/// What has no date has no age: the help says both ways out.
#[test]
fn a_site_policy_for_the_age_of_items_without_dates_says_what_would_be_right() {
    let trial = "format: eligo/trial/1
trial: { id: A-1, version: '1', title: Cancers }
facts:
  cancers: { type: list, label: Cancers, ask: Which?, item: { kind: { type: code, values: { breast: breast, lung: lung } } } }
criteria:
  exclusion:
    - { id: E1, title: Cancer, text: No cancer., exclude: exists cancers }
";
    Scratch::new()
        .with("trial.yaml", trial)
        .with(
            "site.yaml",
            "format: eligo/site/1\ntrial: A-1\nvalid_for: { cancers: 1 year }\n",
        )
        .with(
            "record.yaml",
            "candidate: A\nscreened_on: 2026-11-27\ncancers: []\n",
        )
        .eligo()
        .args([
            "screen",
            "--trial",
            "trial.yaml",
            "record.yaml",
            "--site",
            "site.yaml",
        ])
        .assert()
        .code(2)
        .stderr(contains("site.yaml:3:14").and(contains("have no `date`")))
        .stderr(contains("leave this line out").and(contains("a field `date` of type date")));
}

#[test]
fn a_site_policy_for_another_trial_is_refused() {
    let policy = "format: eligo/site/1\ntrial: NCT03840317\nvalid_for: { ecog: 14 days }\n";
    let scratch = Scratch::new()
        .with("site.yaml", policy)
        .with("record.yaml", "ecog: 1\n");
    let screen = scratch
        .eligo()
        .args(["screen", "record.yaml", "--site", "site.yaml"])
        .assert();
    screen.code(2).stdout("").stderr(
        contains("site.yaml:2:8")
            .and(contains("NCT03840317"))
            .and(contains("NCT04546906")),
    );
}

/// Of an old candidate with an old score, cautions are all that there is to say.
#[test]
fn quiet_counts_the_cautions() {
    let said = |born: &str, wanted: &str| {
        let record = text_of(ELIGIBLE).replace("birth_date: 1994-03", born);
        Scratch::new()
            .with("record.yaml", record)
            .eligo()
            .args(["screen", "--quiet", "record.yaml"])
            .assert()
            .code(0)
            .stdout(contains(wanted.to_owned()));
    };
    said("birth_date: 1994-03", ": ELIGIBLE (");
    said("birth_date: 1940-03", ": ELIGIBLE, 1 caution (");
}

#[test]
fn quiet_is_one_line_with_the_candidate_and_the_eligibility() {
    let one_line =
        predicate::function(|said: &str| said.lines().count() == 1 && said.ends_with('\n'))
            .fn_name("one line");
    eligo()
        .args(["screen", "--quiet", UNDETERMINED])
        .assert()
        .code(3)
        .stdout(one_line)
        .stdout(
            starts_with("LDP-0073")
                .and(contains("UNDETERMINED"))
                .and(contains("I2")),
        )
        .stderr("");
}

#[test]
fn another_trial_file_can_be_screened_against() {
    let trial = "\
format: eligo/trial/1
trial: { id: T1, title: Another trial }
facts: { ecog: { type: integer, label: ECOG, ask: Which score? } }
criteria: { inclusion: [ { id: I1, title: ECOG, text: ECOG 0, require: ecog = 0 } ] }
";
    let scratch = Scratch::new()
        .with("trial.yaml", trial)
        .with("record.yaml", "ecog: 0\n")
        .with("theirs.yaml", "trial: T2\necog: 0\n");
    scratch
        .eligo()
        .args(["screen", "record.yaml", "--trial", "trial.yaml"])
        .assert()
        .code(0)
        .stdout(contains("Another trial"));
    let screen = scratch
        .eligo()
        .args(["screen", "theirs.yaml", "--trial", "trial.yaml"])
        .assert();
    screen
        .code(2)
        .stdout("")
        .stderr(contains("theirs.yaml:1:8").and(contains("T2")));
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    for record in example_records() {
        for format in ["table", "json"] {
            let run = |zone: &str, language: &str| {
                let mut command = eligo();
                command
                    .args(["screen", &record, "--format", format, "--width", "80"])
                    .env("TZ", zone)
                    .env("LANG", language);
                command.output().unwrap().stdout
            };
            let first = run("UTC", "C");
            assert!(!first.is_empty());
            assert_eq!(first, run("UTC", "C"), "{record} as {format}");
            assert_eq!(
                first,
                run("Asia/Shanghai", "zh_CN.UTF-8"),
                "{record} as {format}, elsewhere"
            );
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for arguments in [
        &["screen", ELIGIBLE][..],
        &["screen", ELIGIBLE, "--format", "json"],
        &["template"],
        &["check", "criteria/nct04546906.yaml"],
    ] {
        let mut child = Command::new(program())
            .args(arguments)
            .current_dir(root())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
}

#[test]
fn usage_errors_go_to_standard_error_alone() {
    let wrong: [&[&str]; 10] = [
        &[],
        &["scren", ELIGIBLE],
        &["screen"],
        &["template", ELIGIBLE],
        &["screen", ELIGIBLE, "--colour", "always"],
        &["screen", ELIGIBLE, "--color", "blue"],
        &["screen", ELIGIBLE, "--format", "xml"],
        &["screen", ELIGIBLE, "--quiet", "--format", "json"],
        &["screen", ELIGIBLE, "--width", "wide"],
        &["check"],
    ];
    for arguments in wrong {
        eligo()
            .args(arguments)
            .assert()
            .code(2)
            .stdout("")
            .stderr(is_empty().not());
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    eligo()
        .arg("--version")
        .assert()
        .code(0)
        .stderr("")
        .stdout(contains(env!("CARGO_PKG_VERSION")));
    let exit_codes = contains("0 eligible")
        .and(contains("1 ineligible"))
        .and(contains("2 error"))
        .and(contains("3 undetermined"));
    eligo()
        .args(["screen", "--help"])
        .assert()
        .code(0)
        .stderr("")
        .stdout(exit_codes);
    let help = eligo().arg("--help").assert().code(0).get_output().clone();
    assert!(obeyed_by_a_terminal(&String::from_utf8(help.stdout).unwrap()).is_empty());
}
