//! A summary as data: what is written as `eligo/summary/1`, and read to be merged.

use std::cmp::Reverse;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::repeats::{Digest, Digests, Pairs, Place, Repeated};
use super::super::with::OtherRows;
use super::text;
use crate::diagnostic::visible;
use crate::trial::Trial;

/// A summary as it is written.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Report {
    pub(super) schema: String,
    pub(super) trial: String,
    pub(in crate::batch) rows: u64,
    pub(in crate::batch) eligible: u64,
    pub(in crate::batch) ineligible: u64,
    pub(in crate::batch) undetermined: u64,
    pub(in crate::batch) error: u64,
    /// Of whom the screening date is not known.
    pub(in crate::batch) undated: u64,
    /// Without a name.
    pub(super) unnamed: u64,
    /// In the protocol's order, with how many candidates are left after each.
    pub(in crate::batch) criteria: Vec<CriterionPart>,
    /// The facts that undetermined candidates wait for, the one that holds up most first.
    pub(in crate::batch) missing: Vec<MissingPart>,
    /// The cautions that candidates raise, the most frequent first; nothing where none was looked for.
    pub(in crate::batch) cautions: Option<Vec<CautionPart>>,
    pub(in crate::batch) errors: Vec<KindPart>,
    /// How many lists there were.
    pub(super) lists: usize,
    /// How often a candidate stands on a line who stood on an earlier one.
    pub(super) repetitions: u64,
    /// The first of these.
    pub(super) repeated: Vec<Repetition>,
    /// Candidates who were decided by one of several rows that list different items.
    pub(super) partial: u64,
    /// The first of these: two of their rows.
    pub(super) in_parts: Vec<Repetition>,
    /// Names that differ from an earlier one only in case, blanks or zeros before a number.
    pub(super) similar: u64,
    /// The first of these.
    pub(super) similar_names: Vec<Repetition>,
    /// Candidates of whom other lists speak and this one does not.
    pub(super) unmatched: u64,
    /// The first of these; of a job, all.
    pub(super) unmatched_candidates: Vec<UnmatchedPart>,
    /// How often a key stands on a line that stood on an earlier one, where rows have keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) repeated_keys: Option<u64>,
    /// The first of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) repeated_key_rows: Vec<Repetition>,
    /// What is needed to merge it with others, if it is that of a job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<Job>,
}

/// What a summary that can be merged knows of how it came about, and of each row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Job {
    /// The version of the program.
    pub eligo: String,
    /// The version of the trial file.
    pub trial_version: Option<String>,
    /// The digest of the trial file.
    pub trial_sha256: String,
    /// The digest of the site's policy, if there is one.
    pub policy_sha256: Option<String>,
    /// The day of all rows, if it was named.
    pub as_of: Option<String>,
    /// The field that is the key, if rows have one.
    pub key: Option<String>,
    /// The lists, in the order of their numbers.
    pub lists: Vec<ListName>,
    /// The candidates' names as digests, in order.
    pub names: Vec<Digest>,
    /// The keys of the rows, likewise.
    pub keys: Vec<Digest>,
}

impl Job {
    /// That of lists that were screened by a trial file. The policy, the day and the key are unknown, or there is none.
    #[must_use]
    pub fn of(trial: &Trial, eligo: &str, lists: Vec<ListName>, digests: Digests) -> Self {
        Self {
            eligo: eligo.to_owned(),
            trial_version: trial.version.clone(),
            trial_sha256: trial.sha256.clone(),
            policy_sha256: None,
            as_of: None,
            key: None,
            lists,
            names: digests.names,
            keys: digests.keys,
        }
    }
}

/// A list as messages name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListName {
    /// The summary that speaks of it, where several were merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// The list.
    pub file: String,
}

/// A candidate of another list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct UnmatchedPart {
    pub(super) candidate: String,
    /// Where it stands: the list, and the line if it is not the first.
    pub(super) place: String,
}

impl Report {
    /// Adds the candidates of whom other lists speak and this one does not: all of them where they are to be merged.
    pub fn unmatched(&mut self, others: &OtherRows) {
        let unused = others.unused();
        self.unmatched = unused.len() as u64;
        let most = if self.job.is_some() {
            usize::MAX
        } else {
            text::MOST
        };
        let told = unused.into_iter().take(most);
        self.unmatched_candidates = told
            .map(|(candidate, place)| UnmatchedPart {
                candidate: candidate.to_owned(),
                place,
            })
            .collect();
    }

    /// Adds what was found among the names, and among the keys where there are some; what is left are the digests.
    pub fn repeat(&mut self, found: Repeated, has_keys: bool, lists: &[ListName]) -> Digests {
        let written = |Pairs { told, count }: Pairs| {
            let told = told.into_iter().map(|pair| Repetition {
                first: Stand::of(pair.first, lists),
                again: Stand::of(pair.again, lists),
            });
            (count, told.collect())
        };
        let Repeated {
            names,
            keys,
            digests,
        } = found;
        self.lists = lists.len();
        (self.repetitions, self.repeated) = written(names.repeated);
        (self.partial, self.in_parts) = written(names.partial);
        (self.similar, self.similar_names) = written(names.similar);
        if has_keys {
            let (count, told) = written(keys.repeated);
            (self.repeated_keys, self.repeated_key_rows) = (Some(count), told);
        }
        digests
    }

    /// Puts the most frequent first, and what is as frequent in the order of its words, so that a sum of parts reads like the
    /// whole.
    pub(super) fn sort(&mut self) {
        let by_fact = |part: &MissingPart| {
            let counts = Reverse((part.holds_up, part.would_settle));
            (counts, part.fact.clone())
        };
        self.missing.sort_by_cached_key(by_fact);
        if let Some(cautions) = &mut self.cautions {
            cautions.sort_by_cached_key(|part| {
                let words = (part.criterion.clone(), part.say.clone());
                (Reverse(part.candidates), words)
            });
        }
        (self.errors)
            .sort_by_cached_key(|part| (Reverse(part.count), part.fact.clone(), part.kind.clone()));
    }

    /// The version line that it has.
    #[must_use]
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// Rows that have verdicts.
    pub(in crate::batch) fn screened(&self) -> u64 {
        self.rows - self.error
    }

    /// What is to be known of the list as a whole, a line each, the worst first.
    pub(in crate::batch) fn remarks(&self) -> Vec<String> {
        [text::defects(self), text::warnings(self)].concat()
    }

    /// Whether a candidate was decided by a row that has only part of what the list says of them.
    #[must_use]
    pub fn has_partial(&self) -> bool {
        self.partial > 0
    }
}

/// Two rows of one candidate, or of similar names, as they are written.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Repetition {
    pub(super) first: Stand,
    pub(super) again: Stand,
}

/// Where a row stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Stand {
    list: u64,
    /// The summary that speaks of the list, where several were merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    part: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    element: Option<u32>,
}

impl Stand {
    fn of(place: Place, lists: &[ListName]) -> Self {
        let Place {
            list,
            line,
            element,
        } = place;
        let number = usize::try_from(list).ok();
        let name = number.and_then(|list| lists.get(list.checked_sub(1)?));
        Self {
            list,
            part: name.and_then(|name| name.part.clone()),
            file: name
                .filter(|_| lists.len() > 1)
                .map(|name| name.file.clone()),
            line,
            element,
        }
    }
}

impl fmt::Display for Stand {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(part) = &self.part {
            write!(formatter, "{}, ", visible(part))?;
        }
        match &self.file {
            Some(file) => write!(formatter, "{}:{}", visible(file), self.line)?,
            None => write!(formatter, "line {}", self.line)?,
        }
        match self.element {
            Some(element) => write!(formatter, " (element {element})"),
            None => Ok(()),
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::batch) struct CriterionPart {
    pub(in crate::batch) id: String,
    pub(in crate::batch) title: String,
    pub(in crate::batch) fail: u64,
    pub(in crate::batch) unknown: u64,
    pub(in crate::batch) fail_alone: u64,
    pub(in crate::batch) left: u64,
    pub(in crate::batch) no_fact_settles: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::batch) struct MissingPart {
    pub(in crate::batch) fact: String,
    pub(in crate::batch) label: String,
    pub(in crate::batch) holds_up: u64,
    pub(in crate::batch) would_settle: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::batch) struct CautionPart {
    pub(in crate::batch) criterion: String,
    pub(in crate::batch) say: String,
    pub(in crate::batch) candidates: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::batch) struct KindPart {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::batch) fact: Option<String>,
    pub(in crate::batch) kind: String,
    pub(in crate::batch) count: u64,
}
