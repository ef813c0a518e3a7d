//! Checked files as JSON: the versioned contract `eligo/check/1`, with structs of its own. Fields may be added to it, never
//! renamed or removed.

use serde::Serialize;

use super::checked::{CasesRun, Checked, Summary};
use super::positions::{Positions, Region};
use crate::diagnostic::{Diagnostic, Severity, visible};
use crate::json_escape;

/// The version line.
pub const SCHEMA: &str = "eligo/check/1";

#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    tool: ToolPart<'a>,
    passed: bool,
    files: Vec<FilePart<'a>>,
}

#[derive(Serialize)]
struct ToolPart<'a> {
    name: &'static str,
    version: &'a str,
}

#[derive(Serialize)]
struct FilePart<'a> {
    file: String,
    passed: bool,
    trial: Option<TrialPart<'a>>,
    cases: Option<CasesPart<'a>>,
    counts: Counts,
    findings: Vec<FindingPart<'a>>,
    #[serde(flatten)]
    more: serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize)]
struct TrialPart<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    title: &'a str,
    sha256: &'a str,
    criteria: usize,
    criteria_with_parts: usize,
    facts: usize,
}

#[derive(Serialize)]
struct CasesPart<'a> {
    file: &'a str,
    total: usize,
    passed: usize,
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
    place: Option<PlacePart>,
    help: &'a [String],
    /// Why the trial file accepts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<&'a str>,
}

#[derive(Serialize)]
struct PlacePart {
    file: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    text: String,
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
        tool: ToolPart {
            name: "eligo",
            version,
        },
        passed: checked.iter().all(Checked::passed),
        files: checked
            .iter()
            .zip(more)
            .map(|(checked, more)| file(checked, more))
            .collect(),
    };
    json_escape::to_string_pretty(&report).map(|json| json + "\n")
}

fn file(checked: &Checked, more: More) -> FilePart<'_> {
    let mut positions = Positions::default();
    let mut findings: Vec<FindingPart<'_>> = checked
        .findings
        .iter()
        .map(|found| finding(found, None, &mut positions))
        .collect();
    findings.extend(
        checked
            .accepted
            .iter()
            .map(|accepted| finding(&accepted.finding, Some(&accepted.reason), &mut positions)),
    );
    FilePart {
        file: visible(&checked.file),
        passed: checked.passed(),
        trial: checked.trial.as_ref().map(trial),
        cases: checked.cases.as_ref().map(
            |CasesRun {
                 file,
                 total,
                 passed,
             }| CasesPart {
                file,
                total: *total,
                passed: *passed,
            },
        ),
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

fn trial(summary: &Summary) -> TrialPart<'_> {
    TrialPart {
        id: &summary.id,
        version: summary.version.as_deref(),
        title: &summary.title,
        sha256: &summary.sha256,
        criteria: summary.criteria,
        criteria_with_parts: summary.with_parts,
        facts: summary.facts,
    }
}

fn finding<'a>(
    found: &'a Diagnostic,
    accepted: Option<&'a str>,
    positions: &mut Positions<'a>,
) -> FindingPart<'a> {
    FindingPart {
        code: found.code.unwrap_or("invalid-trial"),
        severity: found.severity.name(),
        message: &found.message,
        place: found.place.as_ref().map(|place| {
            let Region {
                file,
                line,
                column,
                end_line,
                end_column,
                snippet,
            } = positions.region(place);
            PlacePart {
                file,
                line,
                column,
                end_line,
                end_column,
                text: snippet,
            }
        }),
        help: &found.help,
        accepted,
    }
}
