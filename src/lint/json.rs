//! Checked files as JSON: the versioned contract `eligo/check/1`, with structs of its own. Fields may be added to it, never
//! renamed or removed.

use serde::Serialize;

use super::checked::{CasesRun, Checked, Summary};
use super::positions::{Positions, Region};
use crate::diagnostic::{Severity, visible};
use crate::json_escape::{self, Tool};

/// The version line.
pub const SCHEMA: &str = "eligo/check/1";

#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    tool: Tool<'a>,
    passed: bool,
    files: Vec<FilePart<'a>>,
}

#[derive(Serialize)]
struct FilePart<'a> {
    file: String,
    passed: bool,
    trial: Option<&'a Summary>,
    cases: Option<&'a CasesRun>,
    counts: Counts,
    findings: Vec<FindingPart<'a>>,
    #[serde(flatten)]
    more: More,
}

#[derive(Serialize)]
struct Counts {
    errors: usize,
    warnings: usize,
    notes: usize,
    accepted: usize,
}

#[derive(Serialize)]
struct FindingPart<'a> {
    code: &'a str,
    severity: &'static str,
    message: &'a str,
    place: Option<Region>,
    help: &'a [String],
    /// Why the trial file accepts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<&'a str>,
}

/// What else is said of a file, each under a name of its own.
pub type More = serde_json::Map<String, serde_json::Value>;

/// The files as one JSON object with a line break behind it. `more` is what else there is to say of
/// each file.
///
/// # Errors
/// None that a report can cause; the signature is the serializer's.
pub fn render(
    checked: &[Checked],
    more: impl IntoIterator<Item = More>,
    version: &str,
) -> serde_json::Result<String> {
    let report = Report {
        schema: SCHEMA,
        tool: Tool::eligo(version),
        passed: checked.iter().all(Checked::passed),
        files: checked
            .iter()
            .zip(more)
            .map(|(checked, more)| file(checked, more))
            .collect(),
    };
    json_escape::document(&report)
}

fn file(checked: &Checked, more: More) -> FilePart<'_> {
    let mut positions = Positions::default();
    let findings = checked.everything().map(|(found, accepted)| FindingPart {
        code: found.code.unwrap_or("invalid-trial"),
        severity: found.severity.name(),
        message: &found.message,
        place: found.place.as_ref().map(|place| positions.region(place)),
        help: &found.help,
        accepted,
    });
    let findings = findings.collect();
    FilePart {
        file: visible(&checked.file),
        passed: checked.passed(),
        trial: checked.trial.as_ref(),
        cases: checked.cases.as_ref(),
        counts: Counts {
            errors: checked.count(Severity::Error),
            warnings: checked.count(Severity::Warning),
            notes: checked.count(Severity::Note),
            accepted: checked.accepted.len(),
        },
        findings,
        more,
    }
}
