//! What a list amounts to: counts, attrition, which criteria cost candidates, which missing facts hold them up.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde::Serialize;

use super::Listed;
use crate::diagnostic::Diagnostic;
use crate::facts::FactId;
use crate::screening::{Eligibility, Gap, Verdict};
use crate::trial::Trial;

/// The version line of a summary.
pub const SCHEMA: &str = "eligo/summary/1";

/// Counts over rows, which can be added up.
#[derive(Debug, Default, Clone)]
pub struct Summary {
    /// Candidates who can enter the trial.
    pub eligible: u64,
    /// Candidates who cannot.
    pub ineligible: u64,
    /// Candidates of whom it is not known.
    pub undetermined: u64,
    /// Rows that could not be read.
    pub errors: u64,
    /// Bytes of all rows.
    pub bytes: u64,
    /// For each criterion of the protocol, what it did.
    criteria: Vec<Counts>,
    /// For each fact, the undetermined candidates that wait for it, and those that wait for it alone.
    facts: BTreeMap<FactId, (u64, u64)>,
    /// Errors by what they say, without the words of the row.
    kinds: BTreeMap<String, u64>,
    /// Of each named candidate, a hash of the name and the line, until somebody takes them to look for repetitions.
    pub names: Vec<(u64, u64)>,
}

/// What one criterion did.
#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    failed: u64,
    unknown: u64,
    /// Failed by this criterion and no other.
    alone: u64,
    /// Failed by this criterion first.
    first: u64,
}

impl Summary {
    /// An empty summary for a trial with so many criteria.
    #[must_use]
    pub fn new(trial: &Trial) -> Self {
        Self { criteria: vec![Counts::default(); trial.criteria.len()], ..Self::default() }
    }

    /// Rows in all.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.eligible + self.ineligible + self.undetermined + self.errors
    }

    /// Adds a row that was screened. `verdicts` are those of the protocol's own criteria; `waiting` has, for each
    /// unknown criterion of an undetermined candidate, what it waits for.
    pub fn add(
        &mut self,
        line: usize,
        candidate: Option<&str>,
        eligibility: Eligibility,
        verdicts: impl Iterator<Item = Verdict>,
        waiting: &[Vec<Gap>],
    ) {
        match eligibility {
            Eligibility::Eligible => self.eligible += 1,
            Eligibility::Ineligible => self.ineligible += 1,
            Eligibility::Undetermined => self.undetermined += 1,
        }
        let (mut failed, mut first) = (0, None);
        for (index, (counts, verdict)) in self.criteria.iter_mut().zip(verdicts).enumerate() {
            counts.unknown += u64::from(verdict == Verdict::Unknown);
            if verdict == Verdict::Fail {
                counts.failed += 1;
                counts.first += u64::from(failed == 0);
                failed += 1;
                first = first.or(Some(index));
            }
        }
        if let Some(counts) = first.filter(|_| failed == 1).and_then(|index| self.criteria.get_mut(index)) {
            counts.alone += 1;
        }
        let mut facts: Vec<FactId> = waiting.iter().flatten().map(|gap| gap.fact).collect();
        facts.sort_unstable();
        facts.dedup();
        // Alone: every unknown criterion waits for it, and for nothing else.
        let alone = facts.len() == 1 && waiting.iter().all(|gaps| !gaps.is_empty());
        for fact in facts {
            let (holds_up, settles) = self.facts.entry(fact).or_default();
            *holds_up += 1;
            *settles += u64::from(alone);
        }
        if let Some(candidate) = candidate {
            let mut hasher = DefaultHasher::new();
            candidate.hash(&mut hasher);
            self.names.push((hasher.finish(), line as u64));
        }
    }

    /// Adds a row that could not be read.
    pub fn error(&mut self, problems: &[Diagnostic]) {
        self.errors += 1;
        for problem in problems {
            *self.kinds.entry(kind(&problem.message)).or_default() += 1;
        }
    }

    /// Adds what other rows amount to; their names are left to the caller.
    pub fn merge(&mut self, other: &Self) {
        self.eligible += other.eligible;
        self.ineligible += other.ineligible;
        self.undetermined += other.undetermined;
        self.errors += other.errors;
        self.bytes += other.bytes;
        for (mine, theirs) in self.criteria.iter_mut().zip(&other.criteria) {
            mine.failed += theirs.failed;
            mine.unknown += theirs.unknown;
            mine.alone += theirs.alone;
            mine.first += theirs.first;
        }
        for (fact, (holds_up, settles)) in &other.facts {
            let mine = self.facts.entry(*fact).or_default();
            mine.0 += holds_up;
            mine.1 += settles;
        }
        for (kind, count) in &other.kinds {
            *self.kinds.entry(kind.clone()).or_default() += count;
        }
    }

    /// The summary as data.
    #[must_use]
    pub fn report<'t>(&'t self, trial: &'t Trial, criteria: &'t [Listed<'t>]) -> Report<'t> {
        let mut left = self.eligible + self.ineligible + self.undetermined;
        let tops = criteria.iter().filter(|listed| listed.top).map(|listed| listed.criterion);
        let criteria = tops
            .zip(&self.criteria)
            .map(|(criterion, counts)| {
                left -= counts.first;
                CriterionPart {
                    id: &criterion.id,
                    title: &criterion.title,
                    fail: counts.failed,
                    unknown: counts.unknown,
                    fail_alone: counts.alone,
                    left,
                }
            })
            .collect();
        let mut missing: Vec<MissingPart<'_>> = self
            .facts
            .iter()
            .map(|(fact, (holds_up, settles))| {
                let fact = trial.facts.get(*fact);
                MissingPart { fact: &fact.path, label: &fact.label, holds_up: *holds_up, would_settle: *settles }
            })
            .collect();
        missing.sort_by_key(|part| std::cmp::Reverse((part.holds_up, part.would_settle)));
        Report {
            schema: SCHEMA,
            trial: &trial.id,
            rows: self.rows(),
            eligible: self.eligible,
            ineligible: self.ineligible,
            undetermined: self.undetermined,
            error: self.errors,
            criteria,
            missing,
            errors: self.kinds.iter().map(|(kind, count)| KindPart { kind, count: *count }).collect(),
            lists: 1,
            repetitions: 0,
            repeated: Vec::new(),
        }
    }
}

/// A message without the words that it quotes.
fn kind(message: &str) -> String {
    let mut kind = String::new();
    for (index, part) in message.split('`').enumerate() {
        kind.push_str(if index % 2 == 0 { part } else { "`…`" });
    }
    // Values that stand without quotes at the beginning.
    match kind.split_once(" is outside ").or_else(|| kind.split_once(" lies after ")) {
        Some((value, _)) => kind.replacen(value, "a value", 1),
        None => kind,
    }
}

/// A summary as it is written.
#[derive(Debug, Serialize)]
pub struct Report<'t> {
    schema: &'static str,
    trial: &'t str,
    rows: u64,
    eligible: u64,
    ineligible: u64,
    undetermined: u64,
    error: u64,
    /// In the protocol's order, with how many candidates are left after each.
    criteria: Vec<CriterionPart<'t>>,
    /// The facts that undetermined candidates wait for, the one that holds up most first.
    missing: Vec<MissingPart<'t>>,
    errors: Vec<KindPart<'t>>,
    /// How many lists there were.
    pub lists: usize,
    /// How often a candidate stands on a line who stood on an earlier one.
    pub repetitions: u64,
    /// The first of these.
    pub repeated: Vec<Repeated>,
}

#[derive(Debug, Serialize)]
struct CriterionPart<'t> {
    id: &'t str,
    title: &'t str,
    fail: u64,
    unknown: u64,
    fail_alone: u64,
    left: u64,
}

#[derive(Debug, Serialize)]
struct MissingPart<'t> {
    fact: &'t str,
    label: &'t str,
    holds_up: u64,
    would_settle: u64,
}

#[derive(Debug, Serialize)]
struct KindPart<'t> {
    kind: &'t str,
    count: u64,
}

/// A candidate that stands twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Repeated {
    /// Where it stood first.
    pub first: Place,
    /// Where it stands again.
    pub again: Place,
}

/// A line of one of the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// Which list of the call, counted from 1.
    pub list: u64,
    /// The line.
    pub line: u64,
}

/// The summary for reading. `bars` draws how many candidates each criterion leaves.
#[must_use]
pub fn render(report: &Report<'_>, _width: u16, bars: bool) -> String {
    use std::fmt::Write as _;
    const MOST: usize = 10;
    const BAR: u64 = 30;
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} rows: {} eligible, {} ineligible, {} undetermined, {} could not be read",
        report.rows, report.eligible, report.ineligible, report.undetermined, report.error
    );
    let screened = report.rows - report.error;
    if screened > 0 {
        let _ = writeln!(out, "\nAttrition, in the protocol's order\n{:6}{:>10}{:>10}{:>12}{:>10}", "", "fail", "unknown", "fail alone", "left");
        for part in &report.criteria {
            let _ = write!(out, "{:6}{:>10}{:>10}{:>12}{:>10}", part.id, part.fail, part.unknown, part.fail_alone, part.left);
            if bars {
                let filled = (part.left * BAR).div_ceil(screened);
                let _ = write!(out, "  {}", "█".repeat(usize::try_from(filled).unwrap_or(0)));
            }
            out.push('\n');
        }
    }
    if !report.missing.is_empty() {
        let _ = writeln!(out, "\nWhat holds up most undetermined candidates\n{:>10}{:>14}  fact", "waiting", "for it alone");
        for part in report.missing.iter().take(MOST) {
            let _ = writeln!(out, "{:>10}{:>14}  {} ({})", part.holds_up, part.would_settle, part.label, part.fact);
        }
        if report.missing.len() > MOST {
            let _ = writeln!(out, "{:>24}  and {} more", "", report.missing.len() - MOST);
        }
    }
    if !report.errors.is_empty() {
        let _ = writeln!(out, "\nErrors");
        for part in &report.errors {
            let _ = writeln!(out, "{:>10}  {}", part.count, crate::diagnostic::visible(part.kind));
        }
    }
    for repeated in report.repeated.iter().take(MOST) {
        let place =
            |place: Place| if report.lists > 1 { format!("line {} of list {}", place.line, place.list) } else { format!("line {}", place.line) };
        let _ = writeln!(out, "warning: the candidate of {} stands again on {}", place(repeated.first), place(repeated.again));
    }
    let told = report.repeated.len().min(MOST) as u64;
    if report.repetitions > told {
        let _ = writeln!(out, "warning: and {} more repetitions", report.repetitions - told);
    }
    out
}
