//! Summaries of the parts of a list → the summary of the list.
//!
//! Counts add up. Candidates who stand in two parts are found by their digests, which are in order in each part.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::super::repeats::{Digests, Repetitions, Scope};
use super::report::{CautionPart, Job, KindPart, ListName, MissingPart, Report};

/// The summary of one part.
#[derive(Debug)]
pub struct Part {
    /// How messages name it.
    pub name: String,
    /// What it says.
    pub report: Report,
}

/// Adds up parts, one after the other.
pub struct Merge {
    sum: Option<Report>,
    /// The name of the first part, which all others must be like.
    first: String,
    rows: Repetitions,
    lists: Vec<ListName>,
}

/// Why a part cannot be added.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not the summary of a job.
    #[error(
        "`{0}` is the summary of a whole list, without the digests by which repeated candidates are found; screen the parts with --job"
    )]
    NoJob(String),
    /// It came about otherwise.
    #[error(
        "`{part}` and `{first}` cannot be added up: {what} differ; screen all parts in the same way"
    )]
    Differs {
        /// The part.
        part: String,
        /// The first part.
        first: String,
        /// In what they differ.
        what: &'static str,
    },
    /// A store failed.
    #[error("cannot keep the digests of `{0}`")]
    Store(String, #[source] io::Error),
}

impl Merge {
    /// Nothing yet; `rows` takes the digests of names and keys.
    #[must_use]
    pub fn new(rows: Repetitions) -> Self {
        Self {
            sum: None,
            first: String::new(),
            rows,
            lists: Vec::new(),
        }
    }

    /// Adds a part.
    ///
    /// # Errors
    /// Why it cannot be added.
    pub fn add(&mut self, part: Part) -> Result<(), Error> {
        let Part { name, mut report } = part;
        let Some(mut job) = report.job.take() else {
            return Err(Error::NoJob(name));
        };
        let digests = Digests {
            names: std::mem::take(&mut job.names),
            keys: std::mem::take(&mut job.keys),
        };
        let first_list = self.lists.len() as u64 + 1;
        let lists = job.lists.drain(..).map(|list| ListName {
            part: Some(match list.part {
                Some(inner) => format!("{name}, {inner}"),
                None => name.clone(),
            }),
            ..list
        });
        self.lists.extend(lists);
        report.job = Some(job);
        match &mut self.sum {
            None => {
                self.first.clone_from(&name);
                self.sum = Some(report);
            }
            Some(sum) => {
                if let Some(what) = difference(sum, &report) {
                    let first = self.first.clone();
                    return Err(Error::Differs {
                        part: name,
                        first,
                        what,
                    });
                }
                sum.add(report);
            }
        }
        let added = self.rows.add(digests, first_list);
        added.map_err(|error| Error::Store(name, error))
    }

    /// The sum, which can be merged again if it is to keep the digests; none of no parts.
    ///
    /// # Errors
    /// Those of the stores.
    pub fn finish(self, keeps_digests: bool) -> io::Result<Option<Report>> {
        let Some(mut sum) = self.sum else {
            return Ok(None);
        };
        let found = self.rows.finish(Scope::AllLists, keeps_digests)?;
        let has_keys = sum.job.as_ref().is_some_and(|job| job.key.is_some());
        let digests = sum.repeat(found, has_keys, &self.lists);
        sum.unmatched = sum.unmatched_candidates.len() as u64;
        sum.sort();
        sum.job = sum.job.filter(|_| keeps_digests).map(|job| Job {
            lists: self.lists,
            names: digests.names,
            keys: digests.keys,
            ..job
        });
        Ok(Some(sum))
    }
}

/// In what two parts differ so that they cannot be added up.
fn difference(one: &Report, other: &Report) -> Option<&'static str> {
    let (Some(job), Some(of_other)) = (&one.job, &other.job) else {
        return Some("their kinds");
    };
    let ids = |report: &Report| -> Vec<String> {
        let ids = report.criteria.iter().map(|part| part.id.clone());
        ids.collect()
    };
    let differ = [
        ("the trials", one.trial != other.trial),
        ("the versions of eligo", job.eligo != of_other.eligo),
        (
            "the trial files",
            job.trial_sha256 != of_other.trial_sha256 || ids(one) != ids(other),
        ),
        (
            "the policies of the site",
            job.policy_sha256 != of_other.policy_sha256,
        ),
        ("the days (--as-of)", job.as_of != of_other.as_of),
        ("the keys (--key)", job.key != of_other.key),
        (
            "the reasons (--reasons none looks for no caution)",
            one.cautions.is_some() != other.cautions.is_some(),
        ),
    ];
    differ
        .into_iter()
        .find_map(|(what, differs)| differs.then_some(what))
}

impl Report {
    /// Adds what the rows of another part amount to.
    fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.eligible += other.eligible;
        self.ineligible += other.ineligible;
        self.undetermined += other.undetermined;
        self.error += other.error;
        self.undated += other.undated;
        self.unnamed += other.unnamed;
        for (mine, theirs) in self.criteria.iter_mut().zip(other.criteria) {
            mine.fail += theirs.fail;
            mine.unknown += theirs.unknown;
            mine.fail_alone += theirs.fail_alone;
            mine.left += theirs.left;
            mine.no_fact_settles += theirs.no_fact_settles;
        }
        add_up(
            &mut self.missing,
            other.missing,
            |part| part.fact.clone(),
            |mine: &mut MissingPart, theirs| {
                mine.holds_up += theirs.holds_up;
                mine.would_settle += theirs.would_settle;
            },
        );
        if let (Some(mine), Some(theirs)) = (&mut self.cautions, other.cautions) {
            let words = |part: &CautionPart| (part.criterion.clone(), part.say.clone());
            add_up(mine, theirs, words, |mine, theirs| {
                mine.candidates += theirs.candidates;
            });
        }
        add_up(
            &mut self.errors,
            other.errors,
            |part| (part.fact.clone(), part.kind.clone()),
            |mine: &mut KindPart, theirs| mine.count += theirs.count,
        );
        // Whom one part speaks of is not left over.
        let unmatched = other.unmatched_candidates.into_iter();
        let unmatched: BTreeSet<String> = unmatched.map(|part| part.candidate).collect();
        self.unmatched_candidates
            .retain(|part| unmatched.contains(&part.candidate));
    }
}

/// Adds what is the same by its key, and appends the rest.
fn add_up<T, K: Ord>(
    mine: &mut Vec<T>,
    theirs: Vec<T>,
    key: impl Fn(&T) -> K,
    add: impl Fn(&mut T, T),
) {
    let places = mine
        .iter()
        .enumerate()
        .map(|(place, part)| (key(part), place));
    let places: BTreeMap<K, usize> = places.collect();
    for part in theirs {
        match places
            .get(&key(&part))
            .and_then(|place| mine.get_mut(*place))
        {
            Some(same) => add(same, part),
            None => mine.push(part),
        }
    }
}
