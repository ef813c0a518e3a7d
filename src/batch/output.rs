//! Rows as they are written: NDJSON and JSON (one contract), CSV that is safe to open in a spreadsheet, a table.

use std::borrow::Cow;
use std::io::Write as _;

use comfy_table::{Cell, ColumnConstraint, ContentArrangement, Table, Width, presets};
use serde::Serialize;

use super::{Listed, Row, Settings, State};
use crate::diagnostic::{Diagnostic, visible};
use crate::plain;
use crate::screening::{Eligibility, Verdict};

/// The format of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Ndjson,
    /// A JSON array of the same objects.
    Json,
    /// A column for each criterion and sub-criterion.
    Csv,
    /// For reading, at this width.
    Table(u16),
}

/// What stands before the first row.
#[must_use]
pub fn head(settings: &Settings, criteria: &[Listed<'_>]) -> Vec<u8> {
    match settings.format {
        Format::Ndjson => Vec::new(),
        Format::Json => b"[".to_vec(),
        Format::Csv => {
            let file = settings.files.then(|| "file".to_owned());
            let fixed = file.into_iter().chain(["line", "candidate", "eligibility"].map(str::to_owned));
            let ids = criteria.iter().map(|listed| listed.criterion.id.clone());
            record(fixed.chain(ids).chain(["reasons".to_owned(), "errors".to_owned()]))
        }
        Format::Table(width) => lines(width, settings.files, [["Line", "Candidate", "Eligibility", "Why"].map(str::to_owned)]),
    }
}

/// What stands behind the last row.
#[must_use]
pub fn foot(format: Format) -> &'static [u8] {
    match format {
        Format::Json => b"\n]\n",
        _ => b"",
    }
}

/// Writes a row.
pub fn write(row: &Row<'_>, criteria: &[Listed<'_>], settings: &Settings, out: &mut Vec<u8>) {
    match settings.format {
        Format::Ndjson => {
            object(row, criteria, out);
            out.push(b'\n');
        }
        Format::Json => {
            // The comma before the first row is dropped when the chunks are put together.
            out.extend_from_slice(b",\n");
            object(row, criteria, out);
        }
        Format::Csv => out.extend(csv(row, criteria)),
        Format::Table(width) => out.extend(lines(width, settings.files, [table_row(row, criteria)])),
    }
}

#[derive(Serialize)]
struct ErrorPart<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    message: &'r str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    help: &'r [String],
}

impl<'r> From<&'r Diagnostic> for ErrorPart<'r> {
    fn from(problem: &'r Diagnostic) -> Self {
        let place = problem.place.as_ref().map(crate::diagnostic::Place::line_column);
        Self { line: place.map(|(line, _)| line), column: place.map(|(_, column)| column), message: &problem.message, help: &problem.help }
    }
}

/// The contract of a row, written by hand since it is written so often.
fn object(row: &Row<'_>, criteria: &[Listed<'_>], out: &mut Vec<u8>) {
    let _ = write!(out, "{{\"line\":{},", row.line);
    if let Some(file) = row.file {
        out.extend_from_slice(b"\"file\":");
        json(file, out);
        out.push(b',');
    }
    out.extend_from_slice(b"\"candidate\":");
    json(&row.candidate, out);
    match &row.state {
        State::Error(problems) => {
            out.extend_from_slice(b",\"eligibility\":\"error\",\"verdicts\":{},\"errors\":");
            json(&problems.iter().map(ErrorPart::from).collect::<Vec<_>>(), out);
        }
        State::Screened { eligibility, verdicts, reasons } => {
            out.extend_from_slice(b",\"eligibility\":\"");
            out.extend_from_slice(eligibility.name().as_bytes());
            out.extend_from_slice(b"\",\"verdicts\":{");
            let mut first = true;
            for (listed, verdict) in criteria.iter().zip(*verdicts).filter(|(listed, _)| listed.top) {
                if !std::mem::take(&mut first) {
                    out.push(b',');
                }
                out.extend_from_slice(listed.key.as_bytes());
                out.push(b'"');
                out.extend_from_slice(verdict.name().as_bytes());
                out.push(b'"');
            }
            out.push(b'}');
            if !reasons.is_empty() {
                out.extend_from_slice(b",\"reasons\":{");
                for (place, (index, reason)) in reasons.iter().enumerate() {
                    if place > 0 {
                        out.push(b',');
                    }
                    out.extend_from_slice(criteria.get(*index).map_or("", |listed| &listed.key).as_bytes());
                    if plain::length(reason.as_bytes()).is_none() {
                        out.push(b'"');
                        out.extend_from_slice(reason.as_bytes());
                        out.push(b'"');
                    } else {
                        json(reason, out);
                    }
                }
                out.push(b'}');
            }
        }
    }
    out.push(b'}');
}

fn json(value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) {
    // Writing texts and numbers into memory cannot fail.
    let _ = serde_json::to_writer(out, value);
}

fn record(cells: impl Iterator<Item = String>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let cells: Vec<String> = cells.map(|cell| harmless(&cell).into_owned()).collect();
    // Writing into memory cannot fail.
    let _ = writer.write_record(&cells);
    writer.into_inner().unwrap_or_default()
}

/// A cell that no spreadsheet takes for a formula.
fn harmless(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

fn csv(row: &Row<'_>, criteria: &[Listed<'_>]) -> Vec<u8> {
    let (eligibility, verdicts, reasons, errors) = match &row.state {
        State::Error(problems) => {
            ("error", vec![String::new(); criteria.len()], String::new(), problems.iter().map(Diagnostic::one_line).collect::<Vec<_>>().join(" | "))
        }
        State::Screened { eligibility, verdicts, reasons } => {
            let said: Vec<String> = reasons.iter().map(|(index, reason)| format!("{}: {reason}", id(criteria, *index))).collect();
            (eligibility.name(), verdicts.iter().map(|verdict| verdict.name().to_owned()).collect(), said.join(" | "), String::new())
        }
    };
    let file = row.file.map(str::to_owned);
    let fixed = file.into_iter().chain([row.line.to_string(), row.candidate.unwrap_or_default().to_owned(), eligibility.to_owned()]);
    record(fixed.chain(verdicts).chain([reasons, errors]))
}

fn id<'c>(criteria: &'c [Listed<'_>], index: usize) -> &'c str {
    criteria.get(index).map_or("", |listed| listed.criterion.id.as_str())
}

fn table_row(row: &Row<'_>, criteria: &[Listed<'_>]) -> [String; 4] {
    let (word, why) = match &row.state {
        State::Error(problems) => ("ERROR", problems.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>().join("; ")),
        State::Screened { eligibility, verdicts, reasons } => {
            let (word, decisive) = match eligibility {
                Eligibility::Eligible => ("ELIGIBLE", None),
                Eligibility::Ineligible => ("INELIGIBLE", Some(Verdict::Fail)),
                Eligibility::Undetermined => ("UNDETERMINED", Some(Verdict::Unknown)),
            };
            let ids: Vec<&str> = criteria
                .iter()
                .zip(*verdicts)
                .filter(|(listed, verdict)| listed.top && Some(**verdict) == decisive)
                .map(|(listed, _)| listed.criterion.id.as_str())
                .collect();
            let said: Vec<String> = reasons.iter().map(|(index, reason)| format!("{}: {reason}", id(criteria, *index))).collect();
            (word, if said.is_empty() { ids.join(", ") } else { said.join(" · ") })
        }
    };
    let line = row.file.map_or_else(|| row.line.to_string(), |file| format!("{}:{}", file.rsplit('/').next().unwrap_or(file), row.line));
    [line, row.candidate.unwrap_or("–").to_owned(), word.to_owned(), why]
}

fn lines(width: u16, files: bool, rows: impl IntoIterator<Item = [String; 4]>) -> Vec<u8> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width.max(60));
    for row in rows {
        table.add_row(row.map(|cell| Cell::new(visible(&cell))).to_vec());
    }
    let candidate = width.max(60) / 6;
    table.set_constraints([
        ColumnConstraint::Absolute(Width::Fixed(if files { 20 } else { 8 })),
        ColumnConstraint::Absolute(Width::Fixed(candidate.clamp(12, 24))),
        ColumnConstraint::Absolute(Width::Fixed(14)),
        ColumnConstraint::LowerBoundary(Width::Fixed(20)),
    ]);
    (table.trim_fmt() + "\n").into_bytes()
}
