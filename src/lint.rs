//! What is probably wrong with a trial file that can be read: rules that decide nothing, contradict each other, or are tested by
//! nothing.
//!
//! In: a compiled trial, its document, and its cases. Out: findings, each a [`Diagnostic`] with its place and the code of its
//! kind from the [`catalogue`]. A finding is only made where it holds for every candidate; see [`crate::partition`]. What a trial file
//! accepts by `allow`, with a reason, is handed back apart.

mod accept;
mod cases;
pub mod checked;
mod chronology;
mod conditions;
mod criteria;
mod free_text;
pub mod json;
mod order;
mod positions;
mod ranges;
pub mod sarif;
mod words;

use std::ops::Range;
use std::sync::Arc;

use crate::cases::Suite;
use crate::diagnostic::catalogue;
use crate::diagnostic::{Diagnostic, Severity, Source};
use crate::document::{self, Notation};
use crate::partition::Explorer;
use crate::trial::Trial;
use crate::trial::conditions::ConditionRef;

/// What is known of the cases beside a trial file.
#[derive(Debug, Clone, Copy)]
pub enum Cases<'a> {
    /// There is no such file; this is what it would be called.
    Absent(&'a str),
    /// They cannot be read, so that nothing is said of what they test.
    Unreadable,
    /// The cases.
    Read(&'a Suite),
}

/// What was found, in the order of the text.
#[derive(Debug, Default)]
pub struct Findings {
    /// What nobody has accepted.
    pub open: Vec<Diagnostic>,
    /// What the trial file accepts.
    pub accepted: Vec<Accepted>,
}

/// A finding that the trial file accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The finding.
    pub finding: Diagnostic,
    /// Why it is accepted.
    pub reason: String,
}

/// Looks at a trial that was compiled from `source`, together with the `warnings` that its compilation made.
#[must_use]
pub fn run(
    trial: &Trial,
    source: &Arc<Source>,
    warnings: Vec<Diagnostic>,
    cases: Cases<'_>,
) -> Findings {
    // A trial that was compiled has a document.
    let Ok(document) = document::read(source, Notation::Yaml) else {
        return Findings {
            open: warnings,
            ..Findings::default()
        };
    };
    // A condition that names questions is looked at in none of its combinations: each would repeat what holds for all.
    let mut conditions = trial.conditions();
    conditions.retain(|condition| condition.asking.is_none());
    let mut linter = Linter {
        trial,
        source,
        conditions: &conditions,
        explorer: Explorer::new(trial),
        found: warnings,
    };
    words::lint(&mut linter, &document);
    order::lint(&mut linter);
    ranges::lint(&mut linter);
    chronology::lint(&mut linter);
    free_text::lint(&mut linter);
    cases::lint(&mut linter, cases);
    criteria::lint(&mut linter);
    let Linter { found, .. } = linter;
    accept::part(found, source, accept::all(&document), cases)
}

/// One run over a trial.
struct Linter<'a> {
    trial: &'a Trial,
    source: &'a Arc<Source>,
    conditions: &'a [ConditionRef<'a>],
    explorer: Explorer<'a>,
    found: Vec<Diagnostic>,
}

impl Linter<'_> {
    /// Notes a finding in the trial file.
    fn find(
        &mut self,
        code: &'static str,
        span: &Range<usize>,
        message: String,
        help: impl Into<String>,
    ) {
        self.find_in(&Arc::clone(self.source), code, span, message, help);
    }

    /// Notes a finding in a part of a condition.
    fn find_within(
        &mut self,
        condition: &ConditionRef<'_>,
        part: &Range<usize>,
        code: &'static str,
        message: String,
        help: impl Into<String>,
    ) {
        let span = condition.place(self.source, part).span;
        self.find(code, &span, message, help);
    }

    /// Notes a finding in a file.
    fn find_in(
        &mut self,
        source: &Arc<Source>,
        code: &'static str,
        span: &Range<usize>,
        message: String,
        help: impl Into<String>,
    ) {
        let severity = catalogue::find(code).map_or(Severity::Warning, |lint| lint.severity);
        self.found.push(
            Diagnostic {
                severity,
                ..Diagnostic::warning(message)
            }
            .code(code)
            .at(source, span.clone())
            .help(help),
        );
    }
}
