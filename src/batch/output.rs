//! Rows as they are written: NDJSON and JSON (one contract), CSV that is safe to open in a spreadsheet, a table.
//!
//! Whatever a list says, no format writes a character that a terminal obeys: JSON escapes it and loses nothing, CSV and
//! the table show a picture in its place.

use std::borrow::Cow;
use std::io::Write as _;

use anstyle::AnsiColor;
use comfy_table::{Cell, ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::recall::Style;
use super::{Listed, Reasons, Row, Settings, State};
use crate::diagnostic::{Diagnostic, visible, visible_character};
use crate::plain;
use crate::report::table::{Layout, eligibility_style, painted};
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
    /// For reading.
    Table(Layout),
}

impl Format {
    /// How the reasons of a row are to be given to [`write()`].
    pub(super) fn style<'t>(self, criteria: &'t [Listed<'t>]) -> Style<'t> {
        match self {
            Self::Ndjson | Self::Json => Style::Members(criteria),
            Self::Csv | Self::Table(_) => Style::Apart,
        }
    }
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
        Format::Table(layout) => line(layout.width, settings.files, ["Line", "Candidate", "Eligibility", "Why"].map(Cell::new)),
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
        Format::Table(layout) => {
            out.extend(line(layout.width, settings.files, table_row(row, criteria, layout.colour)));
            out.extend(remarks(layout.width, &said(row, criteria, settings.reasons)));
        }
    }
}

/// The contract of a row, written by hand since it is written so often.
fn object(row: &Row<'_>, criteria: &[Listed<'_>], out: &mut Vec<u8>) {
    let _ = write!(out, "{{\"line\":{},", row.line);
    if let Some(file) = row.file {
        out.extend_from_slice(b"\"file\":");
        text(file, out);
        out.push(b',');
    }
    out.extend_from_slice(b"\"candidate\":");
    match row.candidate {
        Some(candidate) => text(candidate, out),
        None => out.extend_from_slice(b"null"),
    }
    match &row.state {
        State::Error(problems) => {
            out.extend_from_slice(b",\"eligibility\":\"error\",\"verdicts\":{},\"errors\":");
            array(problems, out, error);
        }
        State::Screened { eligibility, verdicts, reasons } => {
            out.extend_from_slice(b",\"eligibility\":\"");
            out.extend_from_slice(eligibility.name().as_bytes());
            out.extend_from_slice(b"\",\"verdicts\":{");
            let start = out.len();
            for (listed, verdict) in criteria.iter().zip(*verdicts).filter(|(listed, _)| listed.top) {
                out.extend_from_slice(listed.member(*verdict).as_bytes());
            }
            // The last has a comma too many.
            out.truncate(start.max(out.len() - 1));
            out.push(b'}');
            if !reasons.is_empty() {
                out.extend_from_slice(b",\"reasons\":{");
                for (index, (_, members)) in reasons.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    out.extend_from_slice(members.as_bytes());
                }
                out.push(b'}');
            }
        }
    }
    out.push(b'}');
}

/// `{"line":4,"column":12,"message":"…","help":["…"]}`
fn error(problem: &Diagnostic, out: &mut Vec<u8>) {
    out.push(b'{');
    if let Some((line, column)) = problem.place.as_ref().map(crate::diagnostic::Place::line_column) {
        let _ = write!(out, "\"line\":{line},\"column\":{column},");
    }
    out.extend_from_slice(b"\"message\":");
    text(&problem.message, out);
    if !problem.help.is_empty() {
        out.extend_from_slice(b",\"help\":");
        array(&problem.help, out, |help, out| text(help, out));
    }
    out.push(b'}');
}

fn array<T>(things: &[T], out: &mut Vec<u8>, write: impl Fn(&T, &mut Vec<u8>)) {
    out.push(b'[');
    for (index, thing) in things.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(thing, out);
    }
    out.push(b']');
}

/// A text as JSON.
fn text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    plain::escape(text, |part| out.extend_from_slice(part.as_bytes()));
    out.push(b'"');
}

/// Whether a terminal does something at this character other than showing it.
fn obeyed(character: char) -> bool {
    visible_character(character) != character
}

fn record(cells: impl Iterator<Item = String>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let cells: Vec<String> = cells.map(|cell| harmless(&cell).into_owned()).collect();
    // Writing into memory cannot fail.
    let _ = writer.write_record(&cells);
    writer.into_inner().unwrap_or_default()
}

/// A cell that no terminal obeys and no spreadsheet takes for a formula, nor its parts where the spreadsheet was told to
/// separate cells by `;` or tabs.
fn harmless(cell: &str) -> Cow<'_, str> {
    const FORMULA: [char; 4] = ['=', '+', '-', '@'];
    let obeyed = |one: char| obeyed(one) && !matches!(one, '\n' | '\t');
    if !cell.contains(FORMULA) && !cell.contains(obeyed) {
        return Cow::Borrowed(cell);
    }
    let (mut safe, mut begins) = (String::with_capacity(cell.len() + 1), true);
    for one in cell.chars() {
        if begins && FORMULA.contains(&one) {
            safe.push('\'');
        }
        // What stands behind blanks or quotes may still be taken for the beginning.
        begins = matches!(one, ';' | '\t' | '\n' | '\r') || begins && matches!(one, ' ' | '"');
        safe.push(if obeyed(one) { visible_character(one) } else { one });
    }
    Cow::Owned(safe)
}

fn csv(row: &Row<'_>, criteria: &[Listed<'_>]) -> Vec<u8> {
    let (eligibility, verdicts, reasons, errors) = match &row.state {
        State::Error(problems) => {
            ("error", vec![String::new(); criteria.len()], String::new(), problems.iter().map(Diagnostic::one_line).collect::<Vec<_>>().join(" | "))
        }
        State::Screened { eligibility, verdicts, reasons } => {
            let said: Vec<String> = reasons.iter().map(|(index, reason)| format!("{}: {reason}", id(criteria, index))).collect();
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

/// One line a candidate: the ids of the criteria that decided, or how much is wrong with the row.
fn table_row(row: &Row<'_>, criteria: &[Listed<'_>], colour: bool) -> [Cell; 4] {
    let (word, why) = match &row.state {
        State::Error(problems) => {
            let errors = if problems.len() == 1 { "error" } else { "errors" };
            (painted("ERROR", AnsiColor::Red.on_default().bold(), colour), format!("{} {errors}", problems.len()))
        }
        State::Screened { eligibility, verdicts, .. } => {
            let (word, decisive) = match eligibility {
                Eligibility::Eligible => ("ELIGIBLE", None),
                Eligibility::Ineligible => ("INELIGIBLE", Some(Verdict::Fail)),
                Eligibility::Undetermined => ("UNDETERMINED", Some(Verdict::Unknown)),
            };
            let decided = criteria.iter().zip(*verdicts).filter(|(listed, verdict)| listed.top && Some(**verdict) == decisive);
            let ids: Vec<&str> = decided.map(|(listed, _)| listed.criterion.id.as_str()).collect();
            (painted(word, eligibility_style(*eligibility), colour), ids.join(", "))
        }
    };
    let line = row.file.map_or_else(|| row.line.to_string(), |file| format!("{}:{}", file.rsplit('/').next().unwrap_or(file), row.line));
    [Cell::new(visible(&line)), Cell::new(visible(row.candidate.unwrap_or("–"))), Cell::new(word), Cell::new(visible(&why))]
}

/// What is said below that line: the reasons, each under its criterion, or the errors, each under its place.
fn said(row: &Row<'_>, criteria: &[Listed<'_>], reasons_of: Reasons) -> Vec<[String; 2]> {
    match &row.state {
        State::Error(problems) => {
            let place = |problem: &Diagnostic| problem.place.as_ref().map(crate::diagnostic::Place::line_column);
            let words = |problem: &Diagnostic| [&problem.message].into_iter().chain(&problem.help).cloned().collect::<Vec<_>>().join(" · ");
            let placed = |problem: &Diagnostic| place(problem).map_or(String::new(), |(line, column)| format!("{line}:{column}"));
            problems.iter().map(|problem| [placed(problem), words(problem)]).collect()
        }
        State::Screened { verdicts, reasons, .. } => {
            // Of those that decided, the line above says the verdict.
            let verdict = |index: usize| verdicts.get(index).filter(|_| reasons_of == Reasons::All).map_or("", |verdict| verdict.name());
            let said = |(index, reason): (usize, &str)| {
                let verdict = verdict(index).replace('_', " ");
                let verdict = if verdict.is_empty() { verdict } else { format!("{verdict}: ") };
                [id(criteria, index).to_owned(), format!("{verdict}{reason}")]
            };
            reasons.iter().map(said).collect()
        }
    }
}

fn line(width: u16, files: bool, cells: [Cell; 4]) -> Vec<u8> {
    let width = width.max(NARROWEST);
    let mut table = without_lines(width);
    table.add_row(cells);
    table.set_constraints([
        ColumnConstraint::Absolute(Width::Fixed(if files { 20 } else { 8 })),
        ColumnConstraint::Absolute(Width::Fixed((width / 6).clamp(12, 24))),
        ColumnConstraint::Absolute(Width::Fixed(14)),
        ColumnConstraint::LowerBoundary(Width::Fixed(12)),
    ]);
    (table.trim_fmt() + "\n").into_bytes()
}

fn remarks(width: u16, remarks: &[[String; 2]]) -> Vec<u8> {
    const INDENT: u16 = 5;
    if remarks.is_empty() {
        return Vec::new();
    }
    let label = remarks.iter().map(|[label, _]| label.len()).max().and_then(|label| u16::try_from(label).ok()).unwrap_or(0).clamp(4, 20);
    let mut table = without_lines(width.max(NARROWEST));
    for [label, text] in remarks {
        table.add_row([Cell::new(visible(label)), Cell::new(visible(text))]);
    }
    table.set_constraints([ColumnConstraint::Absolute(Width::Fixed(INDENT + label + 1)), ColumnConstraint::LowerBoundary(Width::Fixed(20))]);
    if let Some(column) = table.column_mut(0) {
        column.set_padding((INDENT, 1));
    }
    (table.trim_fmt() + "\n").into_bytes()
}

/// No table is narrower.
const NARROWEST: u16 = 60;

/// A table without lines.
pub(super) fn without_lines(width: u16) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table
}
