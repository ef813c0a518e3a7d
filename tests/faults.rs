//! What earlier versions got wrong, each with the input that showed it and with what is right of it. The records of
//! NCT04546906 among them are in `tests/nct04546906.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Scratch, criterion, eligo, text_of};
use serde_json::Value as Json;

/// What the program wrote, on both ways, with single blanks between words.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    fn by(command: &mut assert_cmd::Command) -> Self {
        let output = command.output().unwrap();
        let words = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        Self {
            code: output.status.code(),
            out: words(&output.stdout),
            err: words(&output.stderr),
        }
    }

    #[track_caller]
    fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{} {}", self.out, self.err);
        self
    }

    /// All of these, wherever they stand.
    fn says(self, words: &[&str]) -> Self {
        for one in words {
            let is_said = self.out.contains(one) || self.err.contains(one);
            assert!(is_said, "{one} is not in {} {}", self.out, self.err);
        }
        self
    }

    /// None of these.
    fn never_says(self, words: &[&str]) -> Self {
        for one in words {
            let is_said = self.out.contains(one) || self.err.contains(one);
            assert!(!is_said, "{one} is in {} {}", self.out, self.err);
        }
        self
    }
}

/// The program on a fault, run where its files are.
fn run(fault: &str, arguments: &[&str]) -> Said {
    let files = common::root().join("tests/faults").join(fault);
    Said::by(eligo().current_dir(files).args(arguments))
}

/// The record of a fault, screened.
fn screened(fault: &str) -> Said {
    run(fault, &["screen", "--trial", "trial.yaml", "record.yaml"])
}

/// The report on the record of a fault.
fn report(fault: &str, more: &[&str]) -> Json {
    let [trial, record] =
        ["trial", "record"].map(|name| format!("tests/faults/{fault}/{name}.yaml"));
    common::report(&[&["--trial", &trial, &record], more].concat())
}

/// The list of a fault, screened, with all reasons.
fn listed(fault: &str, more: &[&str]) -> Said {
    let call = ["batch", "--trial", "trial.yaml", "list.csv"];
    let written = ["--reasons", "all", "--format", "ndjson"];
    run(fault, &[&call[..], &written, more].concat())
}

/// What `check` finds in a trial file: its findings with this code, message and help.
fn found(trial: &str, code: &str) -> Vec<(String, String)> {
    let output = eligo()
        .args(["check", trial, "--format", "json"])
        .output()
        .unwrap();
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["files"][0]["findings"].as_array().unwrap();
    findings
        .iter()
        .filter(|finding| finding["code"] == code)
        .map(|finding| (finding["message"].to_string(), finding["help"].to_string()))
        .collect()
}

/// What is said of another trial, or of another record or list.
fn with(trial: &str, name: &str, content: &str) -> Said {
    let verb = if name == "list.csv" {
        "batch"
    } else {
        "screen"
    };
    let scratch = Scratch::new().with("trial.yaml", trial).with(name, content);
    Said::by(scratch.eligo().args([verb, "--trial", "trial.yaml", name]))
}

fn trial(fault: &str) -> String {
    format!("tests/faults/{fault}/trial.yaml")
}

/// An expression, evaluated.
fn evaluated(expression: &str) -> Said {
    Said::by(eligo().args(["eval", expression]))
}

#[test]
fn applies_open_any() {
    let report = report("applies-open-any", &[]);
    let i1 = criterion(&report, "I1");
    assert_eq!(i1["verdict"], "unknown");
    let reason = i1["reason"].as_str().unwrap();
    assert!(reason.contains("Sex not recorded"), "{reason}");
    assert_eq!(report["next"][0]["fact"], "sex", "{report}");
    assert!(i1["missing"].to_string().contains("\"sex\""), "{i1}");
    // Either answer decides.
    let record = text_of("tests/faults/applies-open-any/record.yaml");
    for (sex, code) in [("female", 0), ("male", 1)] {
        let trial = text_of(&trial("applies-open-any"));
        with(&trial, "record.yaml", &format!("{record}sex: {sex}\n")).ends(code);
    }
}

#[test]
fn applies_open_no_matter() {
    let files = ["screen", "--trial", "trial.yaml", "record.yaml", "--quiet"];
    run("applies-open-no-matter", &files)
        .ends(0)
        .says(&["ELIGIBLE"]);
}

#[test]
fn checkbox_columns() {
    listed("checkbox-columns", &[])
        .ends(2)
        .says(&["one column a choice, with 0 and 1", "`lines.1.drug`"])
        .never_says(&["--rename"]);
    // What the help says can be done.
    let list = "candidate,lines.1.drug,lines.2.drug\nA,fu,ox\nB,fu,\n";
    with(&text_of(&trial("checkbox-columns")), "list.csv", list)
        .ends(0)
        .says(&["A ELIGIBLE", "B INELIGIBLE"]);
}

#[test]
fn count_distinct() {
    for expression in [
        "Count(distinct ({ 1, 1, 2 }))",
        "Count(distinct { 1, 1, 2 })",
    ] {
        evaluated(expression)
            .ends(2)
            .says(&["`distinct` of CQL is left out", "help: let one item stand"]);
    }
}

/// The trial says nothing of dates in the wrong order, so `check` offers what would say it.
#[test]
fn end_before_start() {
    let mut guarded = text_of(&trial("end-before-start"));
    for (code, criterion, message) in [
        ("before-birth", "I1", "`alt.date`, lies before `birth_date`"),
        (
            "end-before-start",
            "E1",
            "`lines.ended` lies before `lines.started`",
        ),
    ] {
        let findings = found(&trial("end-before-start"), code);
        assert_eq!(findings.len(), 1, "{findings:?}");
        let (said, help) = &findings[0];
        assert!(said.contains(message), "{said}");
        let help: Vec<String> = serde_json::from_str(help).unwrap();
        let offer = help[0].strip_prefix(&format!("add to {criterion}: `"));
        let offer = offer.and_then(|offer| offer.strip_suffix('`')).unwrap();
        let start = guarded.find(&format!("{{ id: {criterion},")).unwrap();
        let end = start + guarded[start..].find(" }\n").unwrap();
        guarded.insert_str(end, &format!(", {offer}"));
    }
    let scratch = Scratch::new().with("trial.yaml", guarded).with(
        "record.yaml",
        text_of("tests/faults/end-before-start/record.yaml"),
    );
    Said::by(
        scratch
            .eligo()
            .args(["screen", "--trial", "trial.yaml", "record.yaml"]),
    )
    .ends(3)
    .says(&["but unknown: I1, E1"]);
}

#[test]
fn excel_serial() {
    listed("excel-serial", &[])
        .ends(4)
        .says(&["spreadsheet's number of a day", "as YYYY-MM-DD text"]);
}

#[test]
fn hba1c_factor() {
    screened("hba1c-factor").ends(2).says(&[
        "no factor turns `mmol/mol` into `%`",
        "0.09148",
        "2.152",
    ]);
    // As the help says: 7.6 %.
    let offset = "units: { mmol/mol: { factor: 0.09148, offset: 2.152 } }";
    let mended = text_of(&trial("hba1c-factor")).replace("units: { mmol/mol: 0.09148 }", offset);
    assert!(mended.contains(offset));
    let record = text_of("tests/faults/hba1c-factor/record.yaml");
    with(&mended, "record.yaml", &record)
        .ends(1)
        .says(&["INELIGIBLE (E1 failed)"]);
}

#[test]
fn header_second_line() {
    listed("header-second-line", &[])
        .ends(2)
        .says(&["line 2 looks like it", "--header-line 2"]);
    listed("header-second-line", &["--header-line", "2"])
        .ends(0)
        .says(&[r#""line":3,"candidate":"A","eligibility":"eligible""#]);
}

#[test]
fn hours() {
    for expression in [
        "@2026-11-27 72 hours or less before Today()",
        "@2026-11-27 within 72 hours of Today()",
    ] {
        let instead = expression.replace("72 hours", "3 days");
        evaluated(expression).ends(2).says(&[
            "there are no hours, only days",
            &format!("write `{instead}`"),
        ]);
        evaluated(&instead).ends(0);
    }
}

#[test]
fn last_unsorted() {
    let findings = found(&trial("last-unsorted"), "last-unsorted");
    assert_eq!(findings.len(), 1);
    assert!(findings[0].1.contains("sort by started"), "{findings:?}");
}

/// The age and the birthday agree on the day before 1 March.
#[test]
fn leap_birthday() {
    screened("leap-birthday").ends(0);
    let report = report("leap-birthday", &[]);
    for id in ["I1", "I2"] {
        assert_eq!(criterion(&report, id)["verdict"], "pass");
    }
}

#[test]
fn lines_cr() {
    listed("lines-cr", &[])
        .ends(4)
        .says(&[
            r#""line":2,"candidate":"A","eligibility":"eligible""#,
            r#""line":3,"candidate":"A","eligibility":"ineligible""#,
            r#""line":4,"candidate":"B","eligibility":"error""#,
            "the candidate of line 2 stands again on line 3",
        ])
        .never_says(&["line 1"]);
}

/// Neither row is decided by half of the treatments.
#[test]
fn long_format() {
    listed("long-format", &[])
        .ends(4)
        .says(&[
            r#""line":2,"candidate":"A","eligibility":"error""#,
            r#""line":3,"candidate":"A","eligibility":"error""#,
            "write one row for each candidate",
        ])
        .never_says(&["eligible\""]);
}

#[test]
fn near_duplicates() {
    listed("near-duplicates", &[]).ends(0).says(&[
        "the names of line 2 and line 3 differ only in case, blanks or zeros",
        "the names of line 4 and line 5 differ only",
        "the names of line 6 and line 7 differ only",
    ]);
}

#[test]
fn negative_threshold() {
    screened("negative-threshold").ends(1);
    let report = report("negative-threshold", &[]);
    let reason = "Base excess is -12 mmol/L; less than -10 mmol/L excludes";
    assert_eq!(criterion(&report, "E1")["reason"], reason);
}

#[test]
fn no_range() {
    let findings = found(&trial("no-range"), "no-range");
    let messages: Vec<_> = findings.iter().map(|(message, _)| message).collect();
    assert_eq!(findings.len(), 2, "{messages:?}");
    for (message, words) in messages
        .iter()
        .zip([["`birth_date`", "1900-01-01"], ["`pain`", "999"]])
    {
        assert!(words.iter().all(|word| message.contains(word)), "{message}");
    }
}

/// `check` names the trial in which 0.55 may be 55 %, and with the range that it asks for such a row is refused.
#[test]
fn percent_as_fraction() {
    let findings = found(&trial("percent-as-fraction"), "percent-as-fraction");
    assert_eq!(findings.len(), 1);
    assert!(findings[0].0.contains("`lvef`"), "{findings:?}");
    assert!(findings[0].1.contains("such as `5..90`"), "{findings:?}");
    let mended = text_of(&trial("percent-as-fraction")).replace("range: 0..100", "range: 5..90");
    assert!(mended.contains("5..90"));
    let list = text_of("tests/faults/percent-as-fraction/list.csv");
    with(&mended, "list.csv", &list)
        .ends(4)
        .says(&["A ERROR", "B ELIGIBLE", "0.55"]);
}

#[test]
fn text_case_list() {
    screened("text-case-list")
        .ends(1)
        .says(&["INELIGIBLE (E1 failed)"]);
    let findings = found(&trial("text-case-list"), "free-text-decides");
    assert_eq!(findings.len(), 1);
}

#[test]
fn thousands_comma() {
    screened("thousands-comma")
        .ends(2)
        .says(&["`75000` if the comma", "`75.000` if it is the decimal mark"]);
}

/// The day of the zone, by another clock than the program's.
#[test]
fn time_zone_name() {
    for (zone, hours) in [("Pacific/Kiritimati", 14), ("Pacific/Pago_Pago", -11)] {
        let there = || {
            let offset = jiff::tz::offset(hours);
            offset.to_datetime(jiff::Timestamp::now()).date()
        };
        // The day may turn meanwhile.
        let before = there();
        let said = Said::by(eligo().env("TZ", zone).args(["eval", "Today()"]));
        let days = [before, there()].map(|day| format!("@{day}"));
        assert!(days.contains(&said.out), "{zone} {} {days:?}", said.out);
    }
}

/// Which day of the month it was is not known, so nobody knows that it is too old.
#[test]
fn too_old_or_not() {
    let site = "tests/faults/too-old-or-not/site.yaml";
    let report = report("too-old-or-not", &["--site", site]);
    let i1 = criterion(&report, "I1");
    assert_eq!(i1["verdict"], "unknown");
    let reason = i1["reason"].as_str().unwrap();
    assert!(
        reason.contains("perhaps too old, the day is not known"),
        "{reason}"
    );
}

/// Limits of normal that no laboratory has.
#[test]
fn uln_below_lln_uln_with_sign_uln_zero() {
    for (fault, words) in [
        (
            "uln-below-lln",
            [
                "lower limit of normal lies above",
                "`lln` is the lower limit",
            ],
        ),
        (
            "uln-with-sign",
            [
                "a limit of normal is one number",
                "write the number alone: `100`",
            ],
        ),
        (
            "uln-zero",
            [
                "0 is outside the plausible range 1..20000",
                "leave it out where the laboratory",
            ],
        ),
    ] {
        screened(fault).ends(2).says(&words);
    }
}

#[test]
fn unit_lookalikes() {
    evaluated("100 'K/uL' = 100 '10*9/L'")
        .ends(2)
        .says(&["`K` is kelvin", "`10*3/uL`"]);
    evaluated("1 'IU/L' = 1 'U/L'")
        .ends(2)
        .says(&["the unit of an enzyme is `U/L`"]);
    // As it says.
    evaluated("100 '10*3/uL' = 100 '10*9/L'")
        .ends(0)
        .says(&["true"]);
}
