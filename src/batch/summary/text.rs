//! A summary for reading.

use std::cmp::Reverse;
use std::fmt::Write as _;

use comfy_table::{CellAlignment, ColumnConstraint};

use super::super::output;
use super::report::{CriterionPart, Repetition, Report, UnmatchedPart};
use crate::diagnostic::visible;

/// Of facts, kinds of errors and repetitions, no more are read.
pub(super) const MOST: usize = 10;

/// The summary for reading, no wider than `width`. `bars` draws how many candidates are left after each criterion.
#[must_use]
pub fn render(report: &Report, width: u16, bars: bool) -> String {
    let rows = if report.rows == 1 { "row" } else { "rows" };
    let mut out = format!(
        "{} {rows}: {} eligible, {} ineligible, {} undetermined, {} could not be read\n",
        report.rows, report.eligible, report.ineligible, report.undetermined, report.error
    );
    if report.screened() > 0 {
        out.push_str("\nAttrition, in the protocol's order\n");
        out.push_str(&attrition(report, width, bars));
    }
    let missing = report.missing.iter().map(|part| {
        let fact = format!("{} ({})", part.label, part.fact);
        [
            part.holds_up.to_string(),
            part.would_settle.to_string(),
            fact,
        ]
    });
    let heading = "Facts that hold up most undetermined candidates";
    let header = Some(["waiting", "for it alone", "fact"]);
    section(&mut out, width, heading, header, missing, "facts");
    let mut open: Vec<&CriterionPart> = report.criteria.iter().collect();
    open.retain(|part| part.no_fact_settles > 0);
    open.sort_by_key(|part| Reverse(part.no_fact_settles));
    let open = open.iter().map(|part| {
        [
            part.no_fact_settles.to_string(),
            part.id.clone(),
            part.title.clone(),
        ]
    });
    let heading = "What no fact settles (it needs a ruling, or the record contradicts itself)";
    section(&mut out, width, heading, None, open, "criteria");
    let cautions = report.cautions.as_deref().unwrap_or(&[]).iter();
    let cautions = cautions.map(|part| {
        [
            part.candidates.to_string(),
            part.criterion.clone(),
            part.say.clone(),
        ]
    });
    let heading = "Cautions, which decide nothing";
    section(&mut out, width, heading, None, cautions, "cautions");
    let errors = report.errors.iter().map(|part| {
        let fact = part.fact.as_ref();
        let fact = fact.map_or(String::new(), |fact| format!("{fact}: "));
        [part.count.to_string(), fact + &part.kind]
    });
    section(&mut out, width, "Errors", None, errors, "kinds");
    let (warnings, defects) = (warnings(report), defects(report));
    if !warnings.is_empty() || !defects.is_empty() {
        out.push('\n');
    }
    for line in warnings {
        let _ = writeln!(out, "{line}");
    }
    if !defects.is_empty() {
        out.push('\n');
    }
    for line in defects {
        let _ = writeln!(out, "{line}");
    }
    out
}

/// A heading, a row for each of the first things, and how many there are beside them; nothing if there are none.
fn section<const N: usize>(
    out: &mut String,
    width: u16,
    heading: &str,
    header: Option<[&str; N]>,
    all: impl ExactSizeIterator<Item = [String; N]>,
    what: &str,
) {
    let count = all.len();
    if count == 0 {
        return;
    }
    let mut rows: Vec<Vec<String>> = Vec::new();
    rows.extend(header.map(|header| header.map(str::to_owned).to_vec()));
    rows.extend(all.take(MOST).map(Vec::from));
    if count > MOST {
        let mut row = vec![String::new(); N - 1];
        row.push(format!("and {} more {what}", count - MOST));
        rows.push(row);
    }
    let _ = write!(out, "\n{heading}\n{}", columns(rows, width));
}

/// What is to be known of the list as a whole, a line each.
pub(super) fn warnings(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    let counted = |count: u64, one: &str, more: &str| {
        format!("warning: {count} {}", if count == 1 { one } else { more })
    };
    if report.unnamed > 0 {
        lines.push(counted(
            report.unnamed,
            "row that was screened names no candidate",
            "rows that were screened name no candidate",
        ));
    }
    if report.undated > 0 {
        let who = counted(report.undated, "candidate has", "candidates have");
        lines.push(format!(
            "{who} no screening date: screened as of today (--as-of names another day)"
        ));
    }
    tell(
        &mut lines,
        (&report.repeated, report.repetitions, "repetitions"),
        |Repetition { first, again }| {
            format!("warning: the candidate of {first} stands again on {again}")
        },
    );
    tell(
        &mut lines,
        (&report.similar_names, report.similar, "similar names"),
        |Repetition { first, again }| {
            format!(
                "warning: the names of {first} and {again} differ only in case, blanks or zeros before a number"
            )
        },
    );
    tell(
        &mut lines,
        (
            &report.repeated_key_rows,
            report.repeated_keys.unwrap_or(0),
            "repeated keys",
        ),
        |Repetition { first, again }| {
            format!("warning: the key of {first} stands again on {again}")
        },
    );
    let unmatched = report.unmatched_candidates.iter().take(MOST);
    for UnmatchedPart { candidate, place } in unmatched {
        lines.push(format!(
            "warning: no row of the list is of `{}`, of whom {} speaks",
            visible(candidate),
            visible(place)
        ));
    }
    let rest = report.unmatched - report.unmatched_candidates.len().min(MOST) as u64;
    if rest > 0 {
        lines.push(format!(
            "warning: and {rest} more candidates of whom other lists speak"
        ));
    }
    lines
}

/// What makes verdicts of the list useless, a line each.
pub(super) fn defects(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    if report.partial > 0 {
        let who = match report.partial {
            1 => "1 candidate was".to_owned(),
            count => format!("{count} candidates were"),
        };
        lines.push(format!(
            "error: {who} decided by part of what the list says: other rows of the same name list other items. Do not use these verdicts; write one row for each candidate, its items in columns `….1.…`, `….2.…`, or rows of one candidate below each other, which are refused"
        ));
    }
    tell(
        &mut lines,
        (&report.in_parts, report.partial, "such candidates"),
        |Repetition { first, again }| {
            format!("error: {first} and {again} are one candidate in parts")
        },
    );
    lines
}

/// A line for each of the first pairs, and how many there are beside them.
fn tell(
    lines: &mut Vec<String>,
    (told, count, what): (&[Repetition], u64, &str),
    line: impl Fn(&Repetition) -> String,
) {
    lines.extend(told.iter().take(MOST).map(line));
    let rest = count - count.min(told.len().min(MOST) as u64);
    if rest > 0 {
        lines.push(format!("warning: and {rest} more {what}"));
    }
}

/// A line for each criterion, below one for all who were screened.
fn attrition(report: &Report, width: u16, bars: bool) -> String {
    let all = report.screened();
    let length = if width < 100 { 8 } else { 12 };
    let left = |left: u64| {
        let share = format!("{} %", (left * 100 + all / 2) / all);
        [left.to_string(), share]
            .into_iter()
            .chain(bars.then(|| bar(left, all, length)))
    };
    let header: &[&str] = if bars {
        &["", "fail", "unknown", "fail alone", "left", "", "", ""]
    } else {
        &["", "fail", "unknown", "fail alone", "left", "", ""]
    };
    let mut rows = vec![
        header
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>(),
    ];
    let blank = || [const { String::new() }; 4].into_iter();
    rows.push(
        blank()
            .chain(left(all))
            .chain(["screened".to_owned()])
            .collect(),
    );
    for part in &report.criteria {
        let counts = [
            part.id.clone(),
            part.fail.to_string(),
            part.unknown.to_string(),
            part.fail_alone.to_string(),
        ];
        rows.push(
            counts
                .into_iter()
                .chain(left(part.left))
                .chain([part.title.clone()])
                .collect(),
        );
    }
    columns(rows, width)
}

/// A bar of `length` columns, of which as much is filled as `part` is of `all`, in eighths of a column.
fn bar(part: u64, all: u64, length: u64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let filled = (part * length * 8).div_ceil(all.max(1));
    let count = |number: u64| usize::try_from(number).unwrap_or(0);
    format!(
        "{}{}",
        "█".repeat(count(filled / 8)),
        EIGHTHS.get(count(filled % 8)).unwrap_or(&"")
    )
}

/// Rows of as many cells each: columns of numbers to the right, of words to the left, and the last of them takes the
/// lines that it needs.
fn columns(rows: Vec<Vec<String>>, width: u16) -> String {
    let last = rows
        .iter()
        .map(Vec::len)
        .max()
        .unwrap_or(0)
        .saturating_sub(1);
    let number =
        |text: &String| text.is_empty() || text.starts_with(|first: char| first.is_ascii_digit());
    let numbers: Vec<usize> = (0..last)
        .filter(|column| {
            rows.iter()
                .skip(1)
                .all(|row| row.get(*column).is_none_or(number))
        })
        .collect();
    let mut table = output::without_lines(width);
    for row in rows {
        table.add_row(row.iter().map(|cell| output::cell(cell)));
    }
    for column in 0..last {
        let Some(column_style) = table.column_mut(column) else {
            continue;
        };
        column_style.set_constraint(ColumnConstraint::ContentWidth);
        if numbers.contains(&column) {
            column_style.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt() + "\n"
}
