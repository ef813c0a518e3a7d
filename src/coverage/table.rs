//! What the cases reach, for a person.

use std::fmt::Write as _;

use super::Report;
use crate::diagnostic::visible;

/// How much of each criterion is reached, then everything that is not.
#[must_use]
pub fn render(report: &Report) -> String {
    let (reached, of) = report.total();
    let mut out = format!("coverage: {} ({reached} of {of}", percent(reached, of));
    if !report.excepted.is_empty() {
        let _ = write!(out, "; {} unreachable", report.excepted.len());
    }
    out.push_str(")\n");
    let width = report
        .parts
        .iter()
        .map(|part| part.name.chars().count())
        .max()
        .unwrap_or(0);
    for part in report.parts.iter().filter(|_| !report.unreached.is_empty()) {
        let _ = writeln!(
            out,
            "  {:width$}  {:>5}  {} of {}",
            part.name,
            percent(part.reached, part.of),
            part.reached,
            part.of
        );
    }
    if !report.unreached.is_empty() {
        out.push_str("\nnever reached:\n");
    }
    for gap in &report.unreached {
        let what = if gap.role == "verdict" || gap.role == "eligibility" {
            String::new()
        } else {
            format!(": `{}`", visible(&gap.expression))
        };
        let _ = writeln!(
            out,
            "{}:{}:{}: {} {}{what} is never {}",
            visible(&gap.file),
            gap.line,
            gap.column,
            gap.owner,
            gap.role,
            gap.never.join(" or ").replace('_', " ")
        );
    }
    out
}

/// Rounded down, so that 100 % means all.
fn percent(reached: usize, of: usize) -> String {
    format!("{} %", (reached * 100).checked_div(of).unwrap_or(100))
}
