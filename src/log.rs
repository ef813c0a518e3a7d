//! The screening log: a JSON line for each screening, chained by hashes, so that a line that was changed, removed or moved
//! is found later.
//!
//! A line is the entry and, behind it, its number, the hash of the line before, and its own hash. The hash is the SHA-256 of
//! the line as far as `,"hash":`. Whoever may write to the file can make a whole new chain; the last hash, kept
//! elsewhere, shows that too.
//!
//! Lines are only ever added. A program that was stopped while it wrote leaves a line without an end; the next entry stands
//! below it and names the hash of what was left (`torn`), so that it stays told apart from a line that somebody cut.

pub mod chain;
pub mod verify;

use serde::{Deserialize, Serialize};

use crate::report::MergedFrom;
use crate::screening::{Screening, Verdict};
use crate::trial::{Criterion, Policy, Trial};

pub use chain::{Chain, Line, Tail};

/// The version line of an entry.
pub const SCHEMA: &str = "eligo/log/1";

/// One screening. Fields may be added, never renamed or removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// [`SCHEMA`].
    pub schema: String,
    /// When it was screened: an instant in UTC, to the second.
    pub time: String,
    /// Who screened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The candidate's pseudonym.
    pub candidate: Option<String>,
    /// The day as of which the record was looked at.
    pub screened_on: Option<String>,
    /// `eligible`, `ineligible`, `undetermined`; `error` where a row of a list could not be read.
    pub eligibility: String,
    /// The criteria that made it so: the failed ones of an ineligible candidate, the unknown ones of an undetermined one.
    pub deciding: Vec<Deciding>,
    /// How many cautions were raised, where they were looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cautions: Option<usize>,
    /// The trial file.
    pub trial: TrialFile,
    /// SHA-256 of the record.
    pub record_sha256: String,
    /// SHA-256 of the site's policy, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_sha256: Option<String>,
    /// The version of the program.
    pub eligo: String,
    /// Where the record stands, if it is a row of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<Place>,
    /// What was merged into the record, in that order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<MergedFrom>,
}

/// A criterion that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deciding {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its verdict.
    pub verdict: String,
}

/// Which trial file was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialFile {
    /// The trial's id.
    pub id: String,
    /// Its version, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// SHA-256 of its text.
    pub sha256: String,
}

/// Where a row stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The list, as it was named.
    pub file: String,
    /// The line.
    pub line: usize,
}

impl Deciding {
    /// A criterion and its verdict.
    #[must_use]
    pub fn of(criterion: &Criterion, verdict: Verdict) -> Self {
        Self {
            id: criterion.id.clone(),
            title: criterion.title.clone(),
            verdict: verdict.name().to_owned(),
        }
    }
}

impl Entry {
    /// An entry that says by which rules a record is screened, and nothing else yet.
    #[must_use]
    pub fn blank(trial: &Trial, policy: &Policy, record_sha256: String) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            time: String::new(),
            by: None,
            candidate: None,
            screened_on: None,
            eligibility: String::new(),
            deciding: Vec::new(),
            cautions: None,
            trial: TrialFile {
                id: trial.id.clone(),
                version: trial.version.clone(),
                sha256: trial.sha256.clone(),
            },
            record_sha256,
            policy_sha256: policy.sha256.clone(),
            eligo: String::new(),
            row: None,
            merged: Vec::new(),
        }
    }

    /// The entry of one screening, without the time, who screened, and the version of the program.
    #[must_use]
    pub fn of(screening: &Screening<'_>, record_sha256: &str) -> Self {
        let record = screening.record;
        let deciding = screening
            .outcomes
            .iter()
            .filter(|outcome| screening.eligibility.is_decided_by(outcome.verdict));
        Self {
            candidate: record.candidate.clone(),
            screened_on: Some(record.screened_on.to_string()),
            eligibility: screening.eligibility.name().to_owned(),
            deciding: deciding
                .map(|outcome| Deciding::of(outcome.criterion, outcome.verdict))
                .collect(),
            cautions: Some(screening.caution_count()),
            ..Self::blank(screening.trial, screening.policy, record_sha256.to_owned())
        }
    }
}
