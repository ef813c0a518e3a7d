//! Rows as they are written: NDJSON and JSON (one contract), CSV that is safe to open in a spreadsheet, a table.
//!
//! Whatever a list says, no format writes a character that a terminal obeys: JSON escapes it and loses nothing, CSV and
//! the table show a picture in its place.

use std::borrow::Cow;
use std::fmt::Write as _;

use anstyle::AnsiColor;
use comfy_table::{Cell, ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::cautions::RaisedCaution;
use super::reasons::ReasonTexts;
use super::{Listed, Reasons, Row, Settings, State};
use crate::diagnostic::lines::positions;
use crate::diagnostic::{Diagnostic, visible, visible_character};
use crate::json_escape;
use crate::report::sentence::met;
use crate::report::table::{Layout, breakable, counted_cautions, eligibility_style, painted};
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
    /// No rows, but the first of them for a sheet of the whole list.
    Sheet,
    /// Typed columns.
    #[cfg(feature = "parquet")]
    Columns,
}

/// What stands before the first row.
#[must_use]
pub fn head(settings: &Settings, criteria: &[Listed<'_>]) -> String {
    match settings.format {
        Format::Ndjson | Format::Sheet => String::new(),
        #[cfg(feature = "parquet")]
        Format::Columns => String::new(),
        Format::Json => "[".to_owned(),
        Format::Csv => {
            let key = settings.key.is_some().then(|| "key".to_owned());
            let file = settings.files.then(|| "file".to_owned());
            let element = settings.elements.then(|| "element".to_owned());
            let fixed = key
                .into_iter()
                .chain(file)
                .chain(["line".to_owned()])
                .chain(element)
                .chain(["candidate", "eligibility"].map(str::to_owned));
            let ids = criteria.iter().map(|listed| listed.criterion.id.clone());
            record(
                fixed
                    .chain(ids)
                    .chain(["reasons", "errors", "cautions"].map(str::to_owned)),
            )
        }
        Format::Table(layout) => {
            let place = match (settings.files, settings.elements) {
                (true, _) => "Place",
                (false, true) => "Line (element)",
                (false, false) => "Line",
            };
            let key = settings.key.is_some().then_some("Key");
            let names = [place, "Candidate", "Eligibility", "Why"];
            line(
                layout.width,
                settings,
                key.into_iter().chain(names).map(Cell::new),
            )
        }
    }
}

/// What stands behind the last row.
#[must_use]
pub fn foot(format: Format) -> &'static str {
    match format {
        Format::Json => "\n]\n",
        _ => "",
    }
}

/// Writes a row.
pub(super) fn write(
    row: &Row<'_>,
    reasons: &ReasonTexts,
    criteria: &[Listed<'_>],
    settings: &Settings,
    out: &mut String,
) {
    match settings.format {
        Format::Ndjson => {
            object(row, reasons, criteria, settings, out);
            out.push('\n');
        }
        Format::Json => {
            // The comma before the first row is dropped when the chunks are put together.
            out.push_str(",\n");
            object(row, reasons, criteria, settings, out);
        }
        Format::Csv => out.push_str(&csv(row, reasons, criteria, settings)),
        Format::Table(layout) => {
            let key = settings.key.is_some().then(|| cell(&row.key_as_text()));
            let cells = table_row(row, criteria, layout.colour);
            out.push_str(&line(layout.width, settings, key.into_iter().chain(cells)));
            out.push_str(&remarks(
                layout.width,
                &said(row, reasons, criteria, settings.reasons),
            ));
        }
        Format::Sheet => {}
        #[cfg(feature = "parquet")]
        Format::Columns => {}
    }
}

/// The contract of a row, written by hand since it is written so often.
fn object(
    row: &Row<'_>,
    reasons: &ReasonTexts,
    criteria: &[Listed<'_>],
    settings: &Settings,
    out: &mut String,
) {
    out.push('{');
    if settings.key.is_some() {
        let _ = write!(out, "\"key\":{},", row.key.unwrap_or("null"));
    }
    let _ = write!(out, "\"line\":{},", row.line);
    if let Some(element) = row.element {
        let _ = write!(out, "\"element\":{element},");
    }
    if let Some(file) = row.file {
        out.push_str("\"file\":");
        text(file, out);
        out.push(',');
    }
    out.push_str("\"candidate\":");
    match row.candidate {
        Some(candidate) => text(candidate, out),
        None => out.push_str("null"),
    }
    match row.state {
        State::Error(problems) => {
            out.push_str(",\"eligibility\":\"error\",\"verdicts\":{},\"errors\":");
            array(positions(problems), out, |problem, out| {
                error(row.list, problem, out);
            });
        }
        State::Screened {
            eligibility,
            verdicts,
            cautions,
            ..
        } => {
            out.push_str(",\"eligibility\":\"");
            out.push_str(eligibility.name());
            out.push_str("\",\"verdicts\":{");
            for (listed, verdict) in criteria
                .iter()
                .zip(verdicts)
                .filter(|(listed, _)| listed.top)
            {
                out.push_str(listed.member(*verdict));
            }
            close(out);
            if !reasons.is_empty() {
                out.push_str(",\"reasons\":{");
                for (index, reason) in reasons.iter() {
                    out.push_str(criteria.get(index).map_or("", |listed| &listed.key));
                    text(reason, out);
                    out.push(',');
                }
                close(out);
            }
            if !cautions.is_empty() {
                out.push_str(",\"cautions\":{");
                let of_one = cautions.chunk_by(|one, other| one.of == other.of);
                for cautions in of_one {
                    if let Some(first) = cautions.first() {
                        text(first.of, out);
                        out.push(':');
                    }
                    array(cautions.iter(), out, |caution, out| {
                        text(&caution.raised.said(), out);
                    });
                    out.push(',');
                }
                close(out);
            }
        }
    }
    out.push('}');
}

/// Closes an object, the last member of which has a comma too many, if there is one.
fn close(out: &mut String) {
    if out.ends_with(',') {
        out.pop();
    }
    out.push('}');
}

/// The file that a problem stands in, if it is another than the list: one of several that make up a source.
pub(super) fn other_file<'p>(list: &str, problem: &'p Diagnostic) -> Option<&'p str> {
    let place = problem.place.as_ref()?;
    Some(place.source.name.as_str()).filter(|name| *name != list)
}

/// `{"line":4,"column":12,"path":"ecog","message":"…","help":["…"]}`
fn error(list: &str, (problem, position): (&Diagnostic, Option<(usize, usize)>), out: &mut String) {
    out.push('{');
    if let Some(file) = other_file(list, problem) {
        out.push_str("\"file\":");
        text(file, out);
        out.push(',');
    }
    if let Some((line, column)) = position {
        let _ = write!(out, "\"line\":{line},\"column\":{column},");
    }
    if let Some(about) = &problem.about {
        out.push_str("\"path\":");
        text(about, out);
        out.push(',');
    }
    out.push_str("\"message\":");
    text(&problem.message, out);
    if !problem.help.is_empty() {
        out.push_str(",\"help\":");
        array(problem.help.iter(), out, |help, out| text(help, out));
    }
    out.push('}');
}

fn array<T>(things: impl Iterator<Item = T>, out: &mut String, write: impl Fn(T, &mut String)) {
    out.push('[');
    for (index, thing) in things.enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(thing, out);
    }
    out.push(']');
}

/// A text as JSON.
pub(super) fn text(text: &str, out: &mut String) {
    out.push('"');
    json_escape::escape(text, |part| out.push_str(part));
    out.push('"');
}

/// Whether a terminal does something at this character other than showing it.
fn obeyed(character: char) -> bool {
    visible_character(character) != character
}

fn record(cells: impl Iterator<Item = String>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let cells: Vec<String> = cells.map(|cell| harmless(&cell).into_owned()).collect();
    // Writing into memory cannot fail.
    let _ = writer.write_record(&cells);
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// A cell that no terminal obeys and no spreadsheet takes for a formula, nor its parts where the spreadsheet was told to
/// separate cells by `;` or tabs.
#[must_use]
pub fn harmless(cell: &str) -> Cow<'_, str> {
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
        safe.push(if obeyed(one) {
            visible_character(one)
        } else {
            one
        });
    }
    Cow::Owned(safe)
}

fn csv(
    row: &Row<'_>,
    reasons: &ReasonTexts,
    criteria: &[Listed<'_>],
    settings: &Settings,
) -> String {
    let (eligibility, verdicts, reasons, errors, cautions) = match &row.state {
        State::Error(problems) => (
            "error",
            vec![String::new(); criteria.len()],
            String::new(),
            positions(problems)
                .map(|(problem, position)| problem.one_line_at(position))
                .collect::<Vec<_>>()
                .join(" | "),
            String::new(),
        ),
        State::Screened {
            eligibility,
            verdicts,
            cautions,
            ..
        } => {
            let raised: Vec<String> = cautions
                .iter()
                .map(|caution| format!("{}: {}", caution.of, caution.raised.said()))
                .collect();
            let said: Vec<String> = reasons
                .iter()
                .map(|(index, reason)| format!("{}: {reason}", id(criteria, index)))
                .collect();
            (
                eligibility.name(),
                verdicts
                    .iter()
                    .map(|verdict| verdict.name().to_owned())
                    .collect(),
                said.join(" | "),
                String::new(),
                raised.join(" | "),
            )
        }
    };
    let key = settings.key.is_some().then(|| row.key_as_text());
    let file = row.file.map(str::to_owned);
    let element = row.element.map(|element| element.to_string());
    let element = settings.elements.then(|| element.unwrap_or_default());
    let line = [row.line.to_string()].into_iter().chain(element);
    let fixed = key.into_iter().chain(file).chain(line).chain([
        row.candidate.unwrap_or_default().to_owned(),
        eligibility.to_owned(),
    ]);
    record(fixed.chain(verdicts).chain([reasons, errors, cautions]))
}

fn id<'c>(criteria: &'c [Listed<'_>], index: usize) -> &'c str {
    criteria
        .get(index)
        .map_or("", |listed| listed.criterion.id.as_str())
}

/// One line a candidate: the ids of the criteria that decided, or how much is wrong with the row.
fn table_row(row: &Row<'_>, criteria: &[Listed<'_>], colour: bool) -> [Cell; 4] {
    let (word, why) = match &row.state {
        State::Error(problems) => {
            let errors = if problems.len() == 1 {
                "error"
            } else {
                "errors"
            };
            (
                painted("ERROR", AnsiColor::Red.on_default().bold(), colour),
                format!("{} {errors}", problems.len()),
            )
        }
        State::Screened {
            eligibility,
            verdicts,
            cautions,
            ..
        } => {
            let (word, decisive) = match eligibility {
                Eligibility::Eligible => ("ELIGIBLE", None),
                Eligibility::Ineligible => ("INELIGIBLE", Some(Verdict::Fail)),
                Eligibility::Undetermined => ("UNDETERMINED", Some(Verdict::Unknown)),
            };
            let decided = criteria
                .iter()
                .zip(*verdicts)
                .filter(|(listed, verdict)| listed.top && Some(**verdict) == decisive);
            let ids: Vec<&str> = decided
                .map(|(listed, _)| listed.criterion.id.as_str())
                .collect();
            let counted = counted_cautions(cautions.len());
            let why = [(!ids.is_empty()).then(|| ids.join(", ")), counted];
            (
                painted(word, eligibility_style(*eligibility), colour),
                why.into_iter().flatten().collect::<Vec<_>>().join("; "),
            )
        }
    };
    [
        cell(&place(row)),
        cell(row.candidate.unwrap_or("–")),
        Cell::new(word),
        cell(&why),
    ]
}

/// Where a row stands: `12`, `referrals.csv:12`, `1 (3)`.
pub(super) fn place(row: &Row<'_>) -> String {
    let mut place = row.file.map_or_else(
        || row.line.to_string(),
        |file| format!("{}:{}", file.rsplit('/').next().unwrap_or(file), row.line),
    );
    if let Some(element) = row.element {
        let _ = write!(place, " ({element})");
    }
    place
}

/// What is said below that line: the reasons, each under its criterion, or the errors, each under its place.
fn said(
    row: &Row<'_>,
    reasons: &ReasonTexts,
    criteria: &[Listed<'_>],
    reasons_of: Reasons,
) -> Vec<[String; 2]> {
    match &row.state {
        State::Error(problems) => {
            let words = |problem: &Diagnostic| {
                [problem.full_message()]
                    .into_iter()
                    .chain(problem.help.iter().cloned())
                    .collect::<Vec<_>>()
                    .join(" · ")
            };
            let placed = |problem: &Diagnostic, position: Option<(usize, usize)>| {
                let file =
                    other_file(row.list, problem).map_or(String::new(), |file| format!("{file}:"));
                position.map_or(String::new(), |(line, column)| {
                    format!("{file}{line}:{column}")
                })
            };
            positions(problems)
                .map(|(problem, position)| [placed(problem, position), words(problem)])
                .collect()
        }
        State::Screened {
            verdicts, cautions, ..
        } => {
            // Of those that decided, the line above says the verdict. Of a sub-criterion it is said in words that do not sound like
            // one on the candidate.
            let verdict = |index: usize| match (
                verdicts.get(index).filter(|_| reasons_of == Reasons::All),
                criteria.get(index),
            ) {
                (Some(verdict), Some(listed)) if listed.top => {
                    verdict.name().replace('_', " ") + ": "
                }
                (Some(verdict), Some(listed)) => {
                    met(*verdict, listed.criterion.side).to_owned() + ": "
                }
                _ => String::new(),
            };
            let said = |(index, reason): (usize, &str)| {
                [id(criteria, index).to_owned(), verdict(index) + reason]
            };
            let raised = |caution: &RaisedCaution<'_>| {
                let words = format!("caution: {}", caution.raised.said());
                [caution.of.to_owned(), words]
            };
            let reasons = reasons.iter().map(said);
            reasons.chain(cautions.iter().map(raised)).collect()
        }
    }
}

fn line(width: u16, settings: &Settings, cells: impl Iterator<Item = Cell>) -> String {
    let width = width.max(NARROWEST);
    let mut table = without_lines(width);
    table.add_row(cells.collect::<Vec<_>>());
    let name = ColumnConstraint::Absolute(Width::Fixed((width / 6).clamp(12, 24)));
    let constraints = [
        ColumnConstraint::Absolute(Width::Fixed(match (settings.files, settings.elements) {
            (true, _) => (width / 4).clamp(20, 40),
            (false, true) => 16,
            (false, false) => 8,
        })),
        name,
        ColumnConstraint::Absolute(Width::Fixed(14)),
        ColumnConstraint::LowerBoundary(Width::Fixed(12)),
    ];
    let key = settings.key.is_some().then_some(name);
    table.set_constraints(key.into_iter().chain(constraints));
    table.trim_fmt() + "\n"
}

fn remarks(width: u16, remarks: &[[String; 2]]) -> String {
    const INDENT: u16 = 5;
    if remarks.is_empty() {
        return String::new();
    }
    let label = remarks
        .iter()
        .map(|[label, _]| label.len())
        .max()
        .and_then(|label| u16::try_from(label).ok())
        .unwrap_or(0)
        .clamp(4, 20);
    let mut table = without_lines(width.max(NARROWEST));
    for [label, text] in remarks {
        table.add_row([cell(label), cell(text)]);
    }
    table.set_constraints([
        ColumnConstraint::Absolute(Width::Fixed(INDENT + label + 1)),
        ColumnConstraint::LowerBoundary(Width::Fixed(20)),
    ]);
    if let Some(column) = table.column_mut(0) {
        column.set_padding((INDENT, 1));
    }
    table.trim_fmt() + "\n"
}

/// The one way of a text into a table: no control character of it reaches a terminal, and a word of any length is laid
/// out in time that is proportional to it.
pub(super) fn cell(text: &str) -> Cell {
    Cell::new(breakable(&visible(text)))
}

/// No table is narrower.
const NARROWEST: u16 = 60;

/// A table without lines.
pub(super) fn without_lines(width: u16) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width);
    table
}
