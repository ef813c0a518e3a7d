//! From texts to screenings, without a file system.

use std::sync::{Arc, OnceLock};

use eligo::diagnostic::{Diagnostic, Source};
use eligo::document::Notation;
use eligo::record::{self, Dates, Record};
use eligo::report::{Provenance, json};
use eligo::screening::{Outcome, Screening, Verdict};
use eligo::trial::{self, Trial};
use jiff::civil::{Date, date};

/// The day on which everybody is screened here: the last of a month, where calendar arithmetic is hardest.
pub const TODAY: Date = date(2026, 11, 30);

pub fn source(name: &str, text: &str) -> Arc<Source> {
    Source::new(name, text)
}

/// A trial that must compile.
pub fn compile(text: &str) -> Trial {
    match trial::compile(&source("trial.yaml", text)) {
        Ok((trial, _)) => trial,
        Err(problems) => panic!("{}\n{text}", shown(&problems)),
    }
}

/// The embedded trial.
pub fn embedded() -> &'static Trial {
    static TRIAL: OnceLock<Trial> = OnceLock::new();
    TRIAL.get_or_init(|| compile(eligo::EMBEDDED_TRIAL))
}

pub fn try_read(trial: &Trial, text: &str, notation: Notation) -> Result<Record, Vec<Diagnostic>> {
    record::read_text(
        &source("record", text),
        notation,
        &trial.id,
        &trial.facts,
        Dates {
            as_of: None,
            today: TODAY,
        },
    )
}

/// A record that must be accepted.
pub fn read(trial: &Trial, text: &str) -> Record {
    try_read(trial, text, Notation::Yaml)
        .unwrap_or_else(|problems| panic!("{}\n{text}", shown(&problems)))
}

pub fn shown(problems: &[Diagnostic]) -> String {
    problems
        .iter()
        .map(|problem| problem.render(false, 120))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The JSON report of a screening, with the same provenance whatever the text of the record.
pub fn report(screening: &Screening<'_>) -> String {
    let provenance = Provenance {
        record_sha256: "0".repeat(64),
        merged: Vec::new(),
        version: "0".to_owned(),
        logged: None,
    };
    json::render(screening, &provenance).unwrap()
}

/// The verdict of a criterion and of everything below it, and whether the record contradicts itself or opens a question
/// anywhere in it.
pub struct Found {
    pub verdicts: Vec<(String, Verdict)>,
    pub contradicted: bool,
    pub doubted: bool,
}

pub fn found(outcome: &Outcome<'_>) -> Found {
    let mut found = Found {
        verdicts: Vec::new(),
        contradicted: false,
        doubted: false,
    };
    outcome.walk(&mut |outcome| {
        found
            .verdicts
            .push((outcome.criterion.id.clone(), outcome.verdict));
        found.contradicted |= !outcome.conflicts.is_empty();
        found.doubted |= !outcome.doubts.is_empty();
    });
    found
}

/// Whether a verdict may become another when more is known.
pub fn may_become(before: Verdict, after: Verdict) -> bool {
    let no_obstacle = |verdict| matches!(verdict, Verdict::Pass | Verdict::NotApplicable);
    match before {
        Verdict::Unknown => true,
        Verdict::Fail => after == Verdict::Fail,
        Verdict::Pass | Verdict::NotApplicable => no_obstacle(after),
    }
}
