//! What came of changing the rules, for a person.

use std::fmt::Write as _;

use super::{Change, Report};
use crate::diagnostic::visible;
use crate::value::text::one_line;

/// The summary, then every change that is left: where, what, and what a case would have to be like to notice it.
#[must_use]
pub fn render(report: &Report) -> String {
    let mut out = format!(
        "mutation: {} changes; {} noticed; {} equivalent; {} left\n",
        report.changes,
        report.noticed,
        report.equivalent.len(),
        report.survivors.len()
    );
    if report.untried > 0 {
        let _ = writeln!(
            out,
            "  {} changes were not tried: the rules are too long, or the cases too many",
            report.untried
        );
    }
    for change in &report.survivors {
        out.push('\n');
        out.push_str(&one(change));
    }
    out
}

fn one(change: &Change) -> String {
    let line = |text: &str| visible(&one_line(text));
    let mut out = format!(
        "{}:{}:{}: {} {}: {}\n",
        visible(&change.file),
        change.line,
        change.column,
        change.owner,
        change.role,
        change.kind.describe()
    );
    let _ = writeln!(out, "  - {}", line(&change.before));
    if let Some(after) = &change.after {
        let _ = writeln!(out, "  + {}", line(after));
    }
    let _ = match &change.seen_by {
        Some(note) => writeln!(
            out,
            "  it has an effect on case “{}”, which does not look at it",
            line(note)
        ),
        None => writeln!(out, "  what would notice it: {}", line(&change.hint)),
    };
    out
}
