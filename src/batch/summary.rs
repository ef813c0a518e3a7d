//! What a list amounts to: counts, attrition, which criteria cost candidates, which missing facts hold them up.

mod merge;
mod report;
mod text;

use std::collections::BTreeMap;

use super::cautions::{RaisedCaution, cautions};
use super::parts::UNREAD;
use super::repeats::{Mark, Named};
use super::{Listed, Reasons};
use crate::diagnostic::Diagnostic;
use crate::facts::{FactId, Facts};
use crate::screening::{Eligibility, Verdict};
use crate::trial::Trial;

pub use merge::{Merge, Part};
pub(super) use report::{CautionPart, CriterionPart, KindPart, MissingPart};
pub use report::{Job, ListName, Report};
pub use text::render;

/// The version line of a summary.
pub const SCHEMA: &str = "eligo/summary/1";

/// Kinds of errors that are counted one by one.
const MOST_KINDS: usize = 200;
const OTHER_KINDS: &str = "other errors";

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
    /// Candidates without a screening date, who were screened as of the day of the run.
    pub undated: u64,
    /// Candidates without a name: perhaps rows of empty cells that a spreadsheet left.
    unnamed: u64,
    /// Bytes of all rows.
    pub bytes: u64,
    /// For each criterion of the protocol, what it did.
    criteria: Vec<Counts>,
    /// For each caution of the trial, the candidates who raise it.
    cautions: Vec<u64>,
    /// For each fact, the undetermined candidates that wait for it, and those that wait for it alone.
    facts: BTreeMap<FactId, (u64, u64)>,
    /// Errors by the fact that they are about, if it is one, and by what they say, without the words of the row.
    kinds: BTreeMap<(Option<FactId>, String), u64>,
    /// The name of each row that has one, until somebody takes them to look for repetitions.
    pub names: Vec<Named>,
    /// The key of each row that has one, for the same.
    pub keys: Vec<Named>,
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
    /// Undetermined candidates of whom it is unknown though it waits for no fact.
    in_vain: u64,
}

/// What the unknown criteria of a candidate wait for.
#[derive(Debug, Default)]
pub struct Waiting {
    facts: Vec<FactId>,
    /// Those that wait for no fact, by their place among the protocol's own.
    in_vain: Vec<usize>,
}

impl Waiting {
    pub(super) fn clear(&mut self) {
        self.facts.clear();
        self.in_vain.clear();
    }

    /// Adds facts for which a row waits.
    #[cfg(feature = "parquet")]
    pub(super) fn add_facts(&mut self, facts: impl IntoIterator<Item = FactId>) {
        self.facts.extend(facts);
    }

    /// Adds a criterion that waits for no fact, by its place among the protocol's own.
    #[cfg(feature = "parquet")]
    pub(super) fn add_in_vain(&mut self, criterion: usize) {
        self.in_vain.push(criterion);
    }

    /// The facts, each once, when they were counted.
    #[cfg(feature = "parquet")]
    pub(super) fn facts(&self) -> impl Iterator<Item = FactId> {
        self.facts.iter().copied()
    }

    /// The criteria that wait for no fact, by their place among the protocol's own.
    #[cfg(feature = "parquet")]
    pub(super) fn in_vain(&self) -> impl Iterator<Item = usize> {
        self.in_vain.iter().copied()
    }

    /// Adds the facts that the criterion at a place among the protocol's own waits for.
    pub(super) fn add(&mut self, criterion: usize, facts: impl IntoIterator<Item = FactId>) {
        let before = self.facts.len();
        self.facts.extend(facts);
        if self.facts.len() == before {
            self.in_vain.push(criterion);
        }
    }
}

impl Summary {
    /// An empty summary for a trial with so many criteria.
    #[must_use]
    pub fn new(trial: &Trial) -> Self {
        Self {
            criteria: vec![Counts::default(); trial.criteria.len()],
            ..Self::default()
        }
    }

    /// Makes it one of no rows, in the same memory.
    pub(super) fn clear(&mut self, trial: &Trial) {
        let mut names = std::mem::take(&mut self.names);
        let mut keys = std::mem::take(&mut self.keys);
        names.clear();
        keys.clear();
        *self = Self {
            names,
            keys,
            ..Self::new(trial)
        };
    }

    /// Rows in all.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.eligible + self.ineligible + self.undetermined + self.errors
    }

    /// Adds a row that was screened. `verdicts` are those of the protocol's own criteria; `waiting` has what the unknown ones
    /// of an undetermined candidate wait for, `mark` tells the row from others of the same name.
    pub(super) fn add(
        &mut self,
        (line, mark): (usize, Mark),
        candidate: Option<&str>,
        eligibility: Eligibility,
        verdicts: impl Iterator<Item = Verdict>,
        waiting: &mut Waiting,
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
        if let Some(counts) = first
            .filter(|_| failed == 1)
            .and_then(|index| self.criteria.get_mut(index))
        {
            counts.alone += 1;
        }
        waiting.facts.sort_unstable();
        waiting.facts.dedup();
        // Alone: every unknown criterion waits for it, and for nothing else.
        let alone = waiting.facts.len() == 1 && waiting.in_vain.is_empty();
        for fact in &waiting.facts {
            let (holds_up, settles) = self.facts.entry(*fact).or_default();
            *holds_up += 1;
            *settles += u64::from(alone);
        }
        for criterion in &waiting.in_vain {
            self.criteria
                .get_mut(*criterion)
                .into_iter()
                .for_each(|counts| counts.in_vain += 1);
        }
        match candidate {
            Some(candidate) => self.names.push(Named::new(candidate, mark, line)),
            None => self.unnamed += 1,
        }
    }

    /// Adds the cautions of a row that was screened, also those that only may hold.
    pub fn add_cautions(&mut self, raised: &[RaisedCaution<'_>]) {
        for caution in raised {
            self.count_caution(caution.place, 1);
        }
    }

    pub(super) fn count_caution(&mut self, place: usize, candidates: u64) {
        if self.cautions.len() <= place {
            self.cautions.resize(place + 1, 0);
        }
        if let Some(count) = self.cautions.get_mut(place) {
            *count += candidates;
        }
    }

    /// Adds the name of a row that could not be decided, where others may have further items of its candidate.
    pub(super) fn undecided(&mut self, line: usize, candidate: &str) {
        self.names
            .push(Named::new(candidate, Mark::Listed(UNREAD), line));
    }

    /// Adds the key of a row, whatever became of the row.
    pub(super) fn add_key(&mut self, line: usize, element: Option<usize>, key: &str) {
        self.keys.push(Named::key(key, element, line));
    }

    /// Adds a row that could not be read.
    pub fn error(&mut self, problems: &[Diagnostic], facts: &Facts) {
        self.errors += 1;
        for problem in problems {
            let fact = problem
                .about
                .as_deref()
                .and_then(|path| facts.find_within(path));
            self.count_kind((fact, kind(&problem.message)), 1);
        }
    }

    fn count_kind(&mut self, kind: (Option<FactId>, String), count: u64) {
        // Whatever messages may say, the summary stays small.
        let kind = if self.kinds.len() < MOST_KINDS || self.kinds.contains_key(&kind) {
            kind
        } else {
            (None, OTHER_KINDS.to_owned())
        };
        *self.kinds.entry(kind).or_default() += count;
    }

    /// Adds what other rows amount to; their names are left to the caller.
    pub fn merge(&mut self, other: &Self) {
        self.eligible += other.eligible;
        self.ineligible += other.ineligible;
        self.undetermined += other.undetermined;
        self.errors += other.errors;
        self.undated += other.undated;
        self.unnamed += other.unnamed;
        self.bytes += other.bytes;
        for (mine, theirs) in self.criteria.iter_mut().zip(&other.criteria) {
            mine.failed += theirs.failed;
            mine.unknown += theirs.unknown;
            mine.alone += theirs.alone;
            mine.first += theirs.first;
            mine.in_vain += theirs.in_vain;
        }
        for (place, candidates) in other.cautions.iter().enumerate() {
            self.count_caution(place, *candidates);
        }
        for (fact, (holds_up, settles)) in &other.facts {
            let mine = self.facts.entry(*fact).or_default();
            mine.0 += holds_up;
            mine.1 += settles;
        }
        for (kind, count) in &other.kinds {
            self.count_kind(kind.clone(), *count);
        }
    }

    /// The summary as data. Without reasons, no cautions were looked for.
    #[must_use]
    pub fn report(&self, trial: &Trial, criteria: &[Listed<'_>], reasons: Reasons) -> Report {
        let mut left = self.eligible + self.ineligible + self.undetermined;
        let tops = criteria
            .iter()
            .filter(|listed| listed.top)
            .map(|listed| listed.criterion);
        let criteria = tops
            .zip(&self.criteria)
            .map(|(criterion, counts)| {
                left -= counts.first;
                CriterionPart {
                    id: criterion.id.clone(),
                    title: criterion.title.clone(),
                    fail: counts.failed,
                    unknown: counts.unknown,
                    fail_alone: counts.alone,
                    left,
                    no_fact_settles: counts.in_vain,
                }
            })
            .collect();
        let missing = self.facts.iter().map(|(fact, (holds_up, settles))| {
            let fact = trial.facts.get(*fact);
            MissingPart {
                fact: fact.path.clone(),
                label: fact.label.clone(),
                holds_up: *holds_up,
                would_settle: *settles,
            }
        });
        let cautions = (reasons != Reasons::None).then(|| {
            let counted = cautions(trial).into_iter().zip(&self.cautions);
            let raised = counted.filter(|(_, candidates)| **candidates > 0);
            let raised = raised.map(|(caution, candidates)| CautionPart {
                criterion: caution.of.to_owned(),
                say: caution.remark.say.clone(),
                candidates: *candidates,
            });
            raised.collect()
        });
        let errors = self.kinds.iter().map(|((fact, kind), count)| KindPart {
            fact: fact.map(|fact| trial.facts.get(fact).path.clone()),
            kind: kind.clone(),
            count: *count,
        });
        let mut report = Report {
            schema: SCHEMA.to_owned(),
            trial: trial.id.clone(),
            rows: self.rows(),
            eligible: self.eligible,
            ineligible: self.ineligible,
            undetermined: self.undetermined,
            error: self.errors,
            undated: self.undated,
            unnamed: self.unnamed,
            criteria,
            missing: missing.collect(),
            cautions,
            errors: errors.collect(),
            ..Report::default()
        };
        report.sort();
        report
    }
}

/// A message without the words and the values that it quotes.
fn kind(message: &str) -> String {
    const VALUES: [(&str, &str); 4] = [
        (" is outside ", "a value is outside "),
        (
            " lies after the screening date",
            "a date lies after the screening date",
        ),
        (
            "the row has ",
            "the row has another number of cells than the header",
        ),
        ("the text is not valid UTF-8", "the text is not valid UTF-8"),
    ];
    let mut kind = String::new();
    for (index, part) in message.split('`').enumerate() {
        kind.push_str(if index % 2 == 0 { part } else { "`…`" });
    }
    for (words, instead) in VALUES {
        match kind.split_once(words) {
            // What is plausible is the same for all, and worth knowing.
            Some((_, range)) if words == " is outside " => return format!("{instead}{range}"),
            Some(_) => return instead.to_owned(),
            None => {}
        }
    }
    kind
}
