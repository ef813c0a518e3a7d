//! Values, units and causes of what is missing in other spellings than the declared ones: read where they can mean one thing
//! only, shown beside what was read, and refused by `--strict`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Scratch, criterion};
use eligo::diagnostic::Source;
use eligo::document::Notation;
use eligo::entry::Entry;
use eligo::record::{Dates, read_text};
use eligo::trial::{self, Trial};
use jiff::civil::date;
use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::{Value as Json, json};

const TRIAL: &str = "
format: eligo/trial/1
trial: { id: S-1, version: '1', title: Spellings }
missing: { n.d.: not_performed, k. A.: asked_unknown, Ø: not_asked }
facts:
  diagnosis: { type: code, label: Diagnosis, ask: Which?, values: { b_all: B-cell leukaemia, t_all: T-cell leukaemia, other: Another disease } }
  grade: { type: code, label: Grade, ask: Which?, values: { g1: III, g2: g3, g3: G2 } }
  biopsy: { type: code, label: Biopsy, ask: Which?, values: { clear: clear, not_done: no biopsy taken, unknown: unknown } }
  fit: { type: boolean, label: Fit, ask: Fit?, values: { yes: able to walk, no: bedridden } }
  ecog: { type: integer, label: ECOG, ask: Which?, range: 0..5 }
  load: { type: quantity, label: Load, ask: How much?, unit: '[IU]/mL', range: 0..100000 }
  crea: { type: quantity, label: Creatinine, ask: How much?, unit: mg/dL, units: { umol/L: 0.01131 }, range: 0..30 }
  white: { type: quantity, label: White cells, ask: How many?, unit: 10*9/L, units: { /uL: 0.001 }, range: 0..900 }
  dose: { type: quantity, label: Dose, ask: How much?, unit: mg, units: { Mg: 1000000000 }, range: 0..90000000000 }
  hcg: { type: quantity, label: HCG, ask: How much?, unit: 'm[IU]/mL', range: 0..100000 }
  survival: { type: duration, label: Survival, ask: How long? }
  seen_on: { type: date, label: Seen on, ask: When? }
  history: { type: text, label: History, ask: What? }
  lines: { type: list, label: Lines, ask: Which?, item: { type: code, values: { chemo: chemotherapy, car_t: CAR-T cells } } }
  drugs: { type: list, label: Drugs, ask: Which?, item: { type: text } }
  results:
    type: list
    label: Results
    ask: Which?
    item: { result: { type: code, values: { positive: positive, negative: negative } }, share: { type: quantity, unit: '%', range: 0..100 } }
criteria:
  inclusion:
    - { id: I1, title: B-ALL, text: B-ALL, require: diagnosis = 'b_all' }
    - { id: I2, title: Creatinine, text: Creatinine, require: crea <= 2 'mg/dL' }
    - { id: I3, title: Lines, text: Lines, require: Count(lines) >= 1 }
    - { id: I4, title: Results, text: Results, require: \"exists (results R where R.result = 'positive')\" }
";

fn compiled(strict: bool) -> Trial {
    let (mut trial, _) = trial::compile(&Source::new("trial.yaml", TRIAL)).unwrap();
    trial.facts.strict = strict;
    trial
}

/// What is known of a fact by this one line, or the first error and its help.
fn known(trial: &Trial, fact: &str, line: &str, notation: Notation) -> Result<Entry, String> {
    let today = date(2026, 11, 27);
    let dates = Dates { as_of: None, today };
    let source = Source::new("record", line);
    read_text(&source, notation, &trial.id, &trial.facts, dates)
        .map(|record| record.entry(trial.facts.find(fact).unwrap()).clone())
        .map_err(|problems| format!("{}; {}", problems[0].message, problems[0].help.join("; ")))
}

/// The fact written in another spelling, in YAML and in JSON.
fn written(trial: &Trial, fact: &str, text: &str) -> Result<Entry, String> {
    let yaml = format!("{fact}: {}", json!(text));
    let read = known(trial, fact, &yaml, Notation::Yaml);
    let as_json = json!({ fact: text }).to_string();
    assert_eq!(read, known(trial, fact, &as_json, Notation::Json), "{text}");
    read
}

/// Rows of fact, spelling and what it is a spelling of.
const SPELLINGS: &[(&str, &str, &str)] = &[
    ("diagnosis", "B_ALL", "b_all"),
    ("diagnosis", "B ALL", "b_all"),
    ("diagnosis", " b  all ", "b_all"),
    ("diagnosis", "ｂ＿ａｌｌ", "b_all"),
    ("diagnosis", "B\u{2011}ALL", "b_all"),
    ("diagnosis", "B-cell leukaemia", "b_all"),
    ("diagnosis", "b-CELL\u{a0}leukaemia", "b_all"),
    ("diagnosis", "another disease", "other"),
    ("grade", "Ⅲ", "g1"),
    ("biopsy", "No biopsy taken", "not_done"),
    ("biopsy", "Not done", "not_done"),
    ("biopsy", "UNKNOWN", "unknown"),
    ("fit", "Able to walk", "yes"),
    ("fit", "BEDRIDDEN", "no"),
    ("fit", "Ｙｅｓ", "yes"),
    ("ecog", "１", "1"),
    ("ecog", ">=\u{3000}１", ">= 1"),
    ("load", "500 IU/mL", "500 [IU]/mL"),
    ("load", "500 iu/ml", "500 [IU]/mL"),
    ("load", "500 IU/ML", "500 [IU]/mL"),
    ("load", "<20 IU / mL", "<20 [IU]/mL"),
    ("crea", "1.5 MG/DL", "1.5 mg/dL"),
    ("crea", "1..2mg/dl", "1..2 mg/dL"),
    ("crea", "100 µmol/L", "100 umol/L"),
    ("crea", "100 μmol/l", "100 umol/L"),
    ("white", "3.2 10^9/L", "3.2 10*9/L"),
    ("white", "3.2 x 10⁹/L", "3.2 10*9/L"),
    ("white", "3.2 ×10^9/l", "3.2 10*9/L"),
    ("white", "3200 /µL", "3200 /uL"),
    ("dose", "5 m g", "5 mg"),
    ("survival", "6 Months", "6 months"),
    ("survival", "> 6 MONTHS", "> 6 months"),
    ("seen_on", "２０２６-11-20", "2026-11-20"),
];

#[test]
fn another_spelling_says_what_the_declared_one_says() {
    let trial = compiled(false);
    for (fact, text, declared) in SPELLINGS {
        let exact = written(&trial, fact, declared).unwrap();
        let read = written(&trial, fact, text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(read.value, exact.value, "{text}");
        let evidence = read.evidence.unwrap();
        let spelled = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(evidence.spelled, [spelled], "{text}");
        // In its declared spelling nothing is noted, as it was before.
        assert!(exact.evidence.is_none_or(|exact| exact.spelled.is_empty()));
    }
}

#[test]
fn to_the_letter_no_other_spelling_is_read() {
    let strict = compiled(true);
    for (fact, text, declared) in SPELLINGS {
        written(&strict, fact, text).expect_err(text);
        written(&strict, fact, declared).unwrap();
    }
    for (text, help) in [
        ("Not done", "write `{ missing: not_performed }`"),
        ("pending", "write `{ missing: temp_unknown }`"),
    ] {
        let refused = written(&strict, "ecog", text).unwrap_err();
        assert!(refused.contains(help), "{refused}");
    }
    let refused = written(&strict, "diagnosis", "B_ALL").unwrap_err();
    assert!(refused.contains("did you mean `b_all`?"), "{refused}");
}

#[test]
fn words_say_why_a_value_is_missing() {
    let trial = compiled(false);
    for (fact, text, cause) in [
        ("ecog", "not done", "not_performed"),
        ("ecog", "Not Done", "not_performed"),
        ("crea", "PENDING", "temp_unknown"),
        ("seen_on", "result pending", "temp_unknown"),
        ("survival", "Unknown", "unknown"),
        ("diagnosis", "not-known", "unknown"),
        ("diagnosis", "declined", "asked_declined"),
        ("fit", "not applicable", "not_applicable"),
        ("fit", "temp unknown", "temp_unknown"),
        ("biopsy", "patient declined", "asked_declined"),
        ("lines", "pending", "temp_unknown"),
        ("results", "unknown", "unknown"),
        ("results", "Pending", "temp_unknown"),
        ("ecog", "n.d.", "not_performed"),
        ("ecog", "N.D.", "not_performed"),
        ("crea", "k. a.", "asked_unknown"),
        ("lines", "ø", "not_asked"),
    ] {
        let read = written(&trial, fact, text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let stated = written(&trial, fact, "unknown").unwrap();
        assert!(stated.value.is_null() || fact == "biopsy");
        let line = json!({ fact: { "missing": cause } }).to_string();
        let exact = known(&trial, fact, &line, Notation::Json).unwrap();
        assert_eq!(read.value, exact.value, "{fact}: {text}");
        // Under `missing`, where nothing else can stand, any of them does.
        let line = json!({ fact: { "missing": text } }).to_string();
        assert_eq!(
            known(&trial, fact, &line, Notation::Json).unwrap().value,
            exact.value
        );
    }
}

/// Two meanings are never one of them.
#[test]
fn what_may_be_two_things_is_refused_with_both() {
    let trial = compiled(false);
    for (fact, text, said) in [
        ("grade", "G3", "`G3` may be `g2` (g3) or `g3` (G2)"),
        ("dose", "5 MG", "`MG` may be `mg` or `Mg`"),
        (
            "biopsy",
            "not performed",
            "`not performed` may be `not_done` (no biopsy taken) or `{ missing: not_performed }`",
        ),
        (
            "biopsy",
            "not known",
            "`not known` may be `unknown` or `{ missing: unknown }`",
        ),
        (
            "fit",
            "declined",
            "`declined` may be `no` or `{ missing: asked_declined }`",
        ),
        (
            "fit",
            "not done",
            "`not done` may be `no` or `{ missing: not_performed }`",
        ),
        (
            "lines",
            "not done",
            "`not done` may be `[]` or `{ missing: not_performed }`",
        ),
        (
            "results",
            "Refused",
            "`Refused` may be `[]` or `{ missing: asked_declined }`",
        ),
        // In UCUM these are units, and larger ones.
        (
            "crea",
            "1 Mg/dL",
            "`Mg/dL` is a unit of another size: the case of letters counts",
        ),
        ("crea", "1 Mmol/L", "`Mmol/L` is not a declared unit"),
        ("hcg", "5 MIU/mL", "`MIU/mL` is a unit of another size"),
    ] {
        let refused = written(&trial, fact, text).expect_err(text);
        assert!(refused.contains(said), "{text}: {refused}");
    }
}

#[test]
fn a_slip_stays_a_slip() {
    let trial = compiled(false);
    for (fact, text, said) in [
        ("diagnosis", "b_al", "did you mean `b_all`?"),
        ("diagnosis", "ball", "did you mean `b_all`?"),
        ("diagnosis", "b\u{200b}_all", "is not a declared value"),
        ("diagnosis", "b_\u{430}ll", "is not a declared value"),
        ("diagnosis", "NA", "is not a declared value"),
        ("diagnosis", "cell leukaemia", "is not a declared value"),
        ("fit", "y", "is neither yes nor no"),
        ("fit", "1", "is neither yes nor no"),
        ("fit", "nil", "is neither yes nor no"),
        ("ecog", "outstanding", "write `{ missing: temp_unknown }`"),
        ("ecog", "1\u{2013}2", "is not a number"),
        ("ecog", "９", "9 is outside the plausible range 0..5"),
        ("load", "500 U/mL", "`U/mL` is not a declared unit"),
        ("load", "5⁹ IU/mL", "is not a"),
        ("crea", "400 MG/DL", "outside the plausible range"),
        ("white", "3.2 10^6/L", "`10^6/L` is not a declared unit"),
        ("survival", "6 M", "`m` may be months or minutes"),
        ("lines", "chemo", "is a list, found a single value"),
        ("lines", "none", "is a list, found a single value"),
        ("drugs", "not done", "is a list, found a single value"),
    ] {
        let refused = written(&trial, fact, text).expect_err(text);
        assert!(refused.contains(said), "{text}: {refused}");
    }
    // A text is what it says, and so is one of a list.
    let history = written(&trial, "history", "Not done").unwrap();
    assert_eq!(format!("{:?}", history.value), "Text(\"Not done\")");
    assert_eq!(history.evidence, None);
    let drugs = known(&trial, "drugs", "drugs: [pending]", Notation::Yaml).unwrap();
    assert!(format!("{:?}", drugs.value).contains("Text(\"pending\")"));
}

/// In lists, items and limits of normal, and beside a value.
#[test]
fn spellings_are_read_wherever_a_value_stands() {
    let trial = compiled(false);
    let of = |fact: &str, line: &str| {
        known(&trial, fact, line, Notation::Yaml).unwrap_or_else(|error| panic!("{line}: {error}"))
    };
    for (fact, line, declared, spelled) in [
        (
            "lines",
            "lines: [CAR-T, Chemotherapy]",
            "lines: [car_t, chemo]",
            ["CAR-T", "Chemotherapy"].as_slice(),
        ),
        (
            "lines",
            "lines: { value: [CHEMO], complete: No }",
            "lines: { value: [chemo], complete: no }",
            &["CHEMO"],
        ),
        (
            "results",
            "results: [{ result: Positive, share: 5％ }, { result: not done }]",
            "results: [{ result: positive, share: 5 % }, { result: { missing: not_performed } }]",
            &["Positive", "5％", "not done"],
        ),
        (
            "crea",
            "crea: { value: 100, unit: µmol/l, uln: 110, lln: 1 MG/dL }",
            "crea: { value: 100, unit: umol/L, uln: 110, lln: 1 mg/dL }",
            &["100 µmol/l", "1 MG/dL"],
        ),
        (
            "crea",
            "crea: { value: 1 MG/DL, uln: 1.2 }",
            "crea: { value: 1 mg/dL, uln: 1.2 }",
            &["1 MG/DL"],
        ),
        (
            "crea",
            "crea: { missing: not done, date: 2026-11-20 }",
            "crea: { missing: not_performed, date: 2026-11-20 }",
            &["not done"],
        ),
        (
            "crea",
            "crea: { value: pending, unit: MG/DL }",
            "crea: { missing: temp_unknown }",
            &["pending MG/DL"],
        ),
    ] {
        let (read, mut exact) = (of(fact, line), of(fact, declared));
        let evidence = exact.evidence.get_or_insert_default();
        evidence.spelled = spelled.iter().map(|one| (*one).to_owned()).collect();
        assert_eq!(read, exact, "{line}");
    }
}

#[test]
fn a_list_reads_other_spellings_in_its_cells() {
    let exact = "candidate,screened_on,diagnosis,crea,lines,results,ecog,results.1.result\n\
        A,2026-11-27,b_all,1.5 mg/dL,chemo;car_t,,,positive\n\
        B,2026-11-27,t_all,100 umol/L,unknown,unknown,unknown,\n";
    let other = "candidate,screened_on,diagnosis,crea,lines,results,ecog,results.1.result\n\
        A,2026-11-27,B-Cell Leukaemia,1.5 MG/DL,CHEMO; CAR-T cells,,,POSITIVE\n\
        B,2026-11-27,T ALL,100 µmol/L,Unknown,not known,not documented,\n";
    let scratch = Scratch::new()
        .with("trial.yaml", TRIAL)
        .with("exact.csv", exact)
        .with("other.csv", other)
        .with(
            "wrong.csv",
            "candidate,lines,results,ecog\nA,not done,1,1\nB,pending;chemo,pending,1\n",
        );
    let rows = |list: &str, more: &[&str]| -> Vec<Json> {
        let output = scratch
            .eligo()
            .args([
                "batch",
                list,
                "--trial",
                "trial.yaml",
                "--format",
                "ndjson",
                "--reasons",
                "all",
            ])
            .args(more)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let (expected, found) = (rows("exact.csv", &[]), rows("other.csv", &[]));
    for (expected, found) in expected.iter().zip(&found) {
        assert_eq!(expected["verdicts"], found["verdicts"], "{found}");
    }
    assert_eq!(found[0]["verdicts"]["I4"], "pass");
    let reason = found[0]["reasons"]["I3"].as_str().unwrap();
    assert!(
        reason.contains("(written “CHEMO”, “CAR-T cells”)"),
        "{reason}"
    );
    assert_eq!(expected[1]["verdicts"]["I3"], "unknown");
    // A list of one that only may be missing, and an item that is.
    let wrong = rows("wrong.csv", &[]);
    let said = wrong[0]["errors"].to_string();
    assert!(said.contains("`not done` may be `[]` or"), "{said}");
    assert!(said.contains("`1` is no list of items"), "{said}");
    assert_eq!(wrong[1]["verdicts"]["I3"], "pass");
    for row in rows("other.csv", &["--strict"]) {
        assert_eq!(row["eligibility"], "error");
    }
    for (one, other) in rows("exact.csv", &["--strict"]).iter().zip(&expected) {
        assert_eq!(one, other);
    }
}

#[test]
fn reports_say_what_was_written() {
    let record = "candidate: A\nscreened_on: 2026-11-27\ndiagnosis: { value: T-cell Leukaemia, date: 2026-11-20 }\ncrea: not done\n";
    let scratch = Scratch::new()
        .with("trial.yaml", TRIAL)
        .with("record.yaml", record);
    let screen = |more: &[&str]| {
        let mut command = scratch.eligo();
        command
            .args(["screen", "record.yaml", "--trial", "trial.yaml"])
            .args(more);
        command
    };
    let report: Json =
        serde_json::from_slice(&screen(&["--format", "json"]).output().unwrap().stdout).unwrap();
    let failed = criterion(&report, "I1");
    assert_eq!(
        failed["reason"],
        "Diagnosis: T-cell leukaemia (written “T-cell Leukaemia”, 2026-11-20); B-cell leukaemia required"
    );
    assert_eq!(
        failed["evidence"][0]["written"],
        json!(["T-cell Leukaemia"])
    );
    assert_eq!(
        criterion(&report, "I2")["missing"],
        json!([{ "fact": "crea", "cause": "not_performed", "written": ["not done"] }])
    );
    screen(&["--width", "160"])
        .assert()
        .stdout(contains("Creatinine not performed (written “not done”)"));
    for sheet in ["html", "markdown"] {
        screen(&["--format", sheet])
            .assert()
            .stdout(contains("written “T-cell Leukaemia”"));
    }
    screen(&["--strict"]).assert().code(2).stderr(
        contains("`T-cell Leukaemia` is not a declared value")
            .and(contains("missing: not_performed")),
    );
}

#[test]
fn words_of_a_trial_are_checked() {
    for (words, said) in [
        ("{ n.d.: not_perfomed }", "`not_perfomed` is not a cause"),
        (
            "{ pending: not_performed }",
            "`pending` is a word for `temp_unknown` already",
        ),
        (
            "{ n.d.: masked, N.D.: error }",
            "`N.D.` is a word for `masked` already",
        ),
        ("{ '999': unknown }", "`999` is an answer"),
        ("{ No: unknown }", "`No` is an answer"),
        ("{ 2026: unknown }", "`2026` is an answer"),
        ("{ '-': unknown }", "needs letters that can be seen"),
        ("[n.d.]", "`missing` must be a map"),
    ] {
        let text = TRIAL.replace(
            "{ n.d.: not_performed, k. A.: asked_unknown, Ø: not_asked }",
            words,
        );
        let problems = trial::compile(&Source::new("trial.yaml", text)).unwrap_err();
        assert!(
            problems.iter().any(|one| one.message.contains(said)),
            "{words}: {problems:#?}"
        );
    }
}

#[test]
fn words_of_a_trial_are_explained_and_compared() {
    let other = TRIAL.replace("k. A.: asked_unknown", "k. A.: unknown");
    let scratch = Scratch::new()
        .with("trial.yaml", TRIAL)
        .with("other.yaml", other);
    scratch
        .eligo()
        .args(["explain", "--trial", "trial.yaml"])
        .assert()
        .stdout(contains("Words for what is missing").and(contains("“n.d.”: not performed")));
    scratch
        .eligo()
        .args(["diff", "trial.yaml", "other.yaml"])
        .assert()
        .stdout(contains("k. A.: asked_unknown").and(contains("k. A.: unknown")));
    scratch
        .eligo()
        .args(["check", "trial.yaml"])
        .assert()
        .code(0);
}
