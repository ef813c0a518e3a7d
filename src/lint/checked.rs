//! What `eligo check` found out about one trial file, as its reports write it. [`Summary`] and [`CasesRun`] are parts of the
//! contract `eligo/check/1`.

use serde::Serialize;

use super::{Accepted, Findings};
use crate::diagnostic::{Diagnostic, Severity};
use crate::trial::Trial;

/// One trial file that was checked.
#[derive(Debug)]
pub struct Checked {
    /// The file, as it was named.
    pub file: String,
    /// The trial; none if the file was refused.
    pub trial: Option<Summary>,
    /// Of a source file that is right, what it reads.
    pub source: Option<String>,
    /// What came of its cases; none if there are none, or they were not run.
    pub cases: Option<CasesRun>,
    /// What is wrong with it and with its cases, in the order of the text.
    pub findings: Vec<Diagnostic>,
    /// What it accepts.
    pub accepted: Vec<Accepted>,
}

/// A trial in a few words.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// The registry's number.
    pub id: String,
    /// The version of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The title.
    pub title: String,
    /// The fingerprint of the file.
    pub sha256: String,
    /// How many criteria the protocol has.
    pub criteria: usize,
    /// How many there are with their sub-criteria.
    #[serde(rename = "criteria_with_parts")]
    pub with_parts: usize,
    /// How many facts are declared.
    pub facts: usize,
}

/// What came of the cases.
#[derive(Debug, Serialize)]
pub struct CasesRun {
    /// Their file.
    pub file: String,
    /// How many there are.
    pub total: usize,
    /// How many got what they want.
    pub passed: usize,
}

impl Checked {
    /// A file of which nothing is known yet.
    #[must_use]
    pub fn new(file: String) -> Self {
        Self {
            file,
            trial: None,
            source: None,
            cases: None,
            findings: Vec::new(),
            accepted: Vec::new(),
        }
    }

    /// Takes over what the lints found.
    pub fn add(&mut self, findings: Findings) {
        self.findings.extend(findings.open);
        self.accepted.extend(findings.accepted);
    }

    /// Makes errors of the findings for which the caller asks.
    pub fn deny(&mut self, denied: impl Fn(&Diagnostic) -> bool) {
        for finding in &mut self.findings {
            if denied(finding) {
                finding.severity = Severity::Error;
            }
        }
    }

    /// How many findings are this bad.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// What is wrong, and then what the trial file accepts, with the reason that it gives.
    pub(super) fn everything(&self) -> impl Iterator<Item = (&Diagnostic, Option<&str>)> {
        let accepted = self.accepted.iter();
        let accepted = accepted.map(|one| (&one.finding, Some(one.reason.as_str())));
        self.findings
            .iter()
            .map(|found| (found, None))
            .chain(accepted)
    }

    /// Whether there is no error.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.count(Severity::Error) == 0
    }
}

impl Summary {
    /// The summary of a trial.
    #[must_use]
    pub fn of(trial: &Trial) -> Self {
        Self {
            id: trial.id.clone(),
            version: trial.version.clone(),
            title: trial.title.clone(),
            sha256: trial.sha256.clone(),
            criteria: trial.criteria.len(),
            with_parts: trial.all_criteria().len(),
            facts: trial.facts.len(),
        }
    }
}
