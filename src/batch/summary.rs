//! What a list amounts to: counts, attrition, which criteria cost candidates, which missing facts hold them up.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use comfy_table::{CellAlignment, ColumnConstraint};
use serde::Serialize;

use super::cautions::{RaisedCaution, cautions};
use super::parts::UNREAD;
use super::repeats::{Found, Mark, Named, Pairs};
use super::with::OtherRows;
use super::{Listed, Reasons, output};
use crate::diagnostic::{Diagnostic, visible};
use crate::facts::{FactId, Facts};
use crate::screening::{Eligibility, Verdict};
use crate::trial::Trial;

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
        names.clear();
        *self = Self {
            names,
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

    fn count_caution(&mut self, place: usize, candidates: u64) {
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
    pub fn report<'t>(
        &'t self,
        trial: &'t Trial,
        criteria: &'t [Listed<'t>],
        reasons: Reasons,
    ) -> Report<'t> {
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
                    id: &criterion.id,
                    title: &criterion.title,
                    fail: counts.failed,
                    unknown: counts.unknown,
                    fail_alone: counts.alone,
                    left,
                    no_fact_settles: counts.in_vain,
                }
            })
            .collect();
        let mut missing: Vec<MissingPart<'_>> = self
            .facts
            .iter()
            .map(|(fact, (holds_up, settles))| {
                let fact = trial.facts.get(*fact);
                MissingPart {
                    fact: &fact.path,
                    label: &fact.label,
                    holds_up: *holds_up,
                    would_settle: *settles,
                }
            })
            .collect();
        missing.sort_by_key(|part| Reverse((part.holds_up, part.would_settle)));
        let cautions = (reasons != Reasons::None).then(|| {
            let counted = cautions(trial).into_iter().zip(&self.cautions);
            let mut raised: Vec<CautionPart<'_>> = counted
                .filter(|(_, candidates)| **candidates > 0)
                .map(|(caution, candidates)| CautionPart {
                    criterion: caution.of,
                    say: &caution.remark.say,
                    candidates: *candidates,
                })
                .collect();
            raised.sort_by_key(|part| Reverse(part.candidates));
            raised
        });
        let mut errors: Vec<KindPart<'_>> = self
            .kinds
            .iter()
            .map(|((fact, kind), count)| KindPart {
                fact: fact.map(|fact| &*trial.facts.get(fact).path),
                kind,
                count: *count,
            })
            .collect();
        errors.sort_by_key(|part| Reverse(part.count));
        Report {
            schema: SCHEMA,
            trial: &trial.id,
            rows: self.rows(),
            eligible: self.eligible,
            ineligible: self.ineligible,
            undetermined: self.undetermined,
            error: self.errors,
            undated: self.undated,
            unnamed: self.unnamed,
            criteria,
            missing,
            cautions,
            errors,
            lists: 1,
            repetitions: 0,
            repeated: Vec::new(),
            partial: 0,
            in_parts: Vec::new(),
            similar: 0,
            similar_names: Vec::new(),
            unmatched: 0,
            unmatched_candidates: Vec::new(),
        }
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

/// A summary as it is written.
#[derive(Debug, Serialize)]
pub struct Report<'t> {
    schema: &'static str,
    trial: &'t str,
    pub(super) rows: u64,
    pub(super) eligible: u64,
    pub(super) ineligible: u64,
    pub(super) undetermined: u64,
    pub(super) error: u64,
    /// Of whom the screening date is not known.
    pub(super) undated: u64,
    /// Without a name.
    unnamed: u64,
    /// In the protocol's order, with how many candidates are left after each.
    pub(super) criteria: Vec<CriterionPart<'t>>,
    /// The facts that undetermined candidates wait for, the one that holds up most first.
    pub(super) missing: Vec<MissingPart<'t>>,
    /// The cautions that candidates raise, the most frequent first; nothing where none was looked for.
    pub(super) cautions: Option<Vec<CautionPart<'t>>>,
    pub(super) errors: Vec<KindPart<'t>>,
    /// How many lists there were.
    lists: usize,
    /// How often a candidate stands on a line who stood on an earlier one.
    repetitions: u64,
    /// The first of these.
    repeated: Vec<Repetition<'t>>,
    /// Candidates who were decided by one of several rows that list different items.
    partial: u64,
    /// The first of these: two of their rows.
    in_parts: Vec<Repetition<'t>>,
    /// Names that differ from an earlier one only in case, blanks or zeros before a number.
    similar: u64,
    /// The first of these.
    similar_names: Vec<Repetition<'t>>,
    /// Candidates of whom other lists speak and this one does not.
    unmatched: u64,
    /// The first of these.
    unmatched_candidates: Vec<UnmatchedPart>,
}

/// A candidate of another list.
#[derive(Debug, Serialize)]
struct UnmatchedPart {
    candidate: String,
    /// Where it stands: the list, and the line if it is not the first.
    place: String,
}

impl<'t> Report<'t> {
    /// Adds the candidates of whom other lists speak and this one does not.
    pub fn unmatched(&mut self, others: &OtherRows) {
        let unused = others.unused();
        self.unmatched = unused.len() as u64;
        let first = unused.into_iter().take(MOST);
        self.unmatched_candidates = first
            .map(|(candidate, place)| UnmatchedPart {
                candidate: candidate.to_owned(),
                place,
            })
            .collect();
    }

    /// Adds what was found among the names. `lists` are the names of the lists.
    pub fn repeat(&mut self, found: Found, lists: &'t [String]) {
        let stand = |place: Place| {
            let Place {
                list,
                line,
                element,
            } = place;
            let name = usize::try_from(list)
                .ok()
                .and_then(|list| lists.get(list.checked_sub(1)?));
            Stand {
                list,
                file: name.filter(|_| lists.len() > 1).map(String::as_str),
                line,
                element,
            }
        };
        let written = |Pairs { told, count }: Pairs| {
            let told = told.into_iter().map(|pair| Repetition {
                first: stand(pair.first),
                again: stand(pair.again),
            });
            (count, told.collect())
        };
        self.lists = lists.len();
        (self.repetitions, self.repeated) = written(found.repeated);
        (self.partial, self.in_parts) = written(found.partial);
        (self.similar, self.similar_names) = written(found.similar);
    }

    /// Rows that have verdicts.
    pub(super) fn screened(&self) -> u64 {
        self.rows - self.error
    }

    /// What is to be known of the list as a whole, a line each, the worst first.
    pub(super) fn remarks(&self) -> Vec<String> {
        [defects(self), warnings(self)].concat()
    }

    /// Whether a candidate was decided by a row that has only part of what the list says of them.
    #[must_use]
    pub fn has_partial(&self) -> bool {
        self.partial > 0
    }
}

/// Two rows of one candidate, or of similar names, as they are written.
#[derive(Debug, Serialize)]
pub struct Repetition<'t> {
    first: Stand<'t>,
    again: Stand<'t>,
}

#[derive(Debug, Serialize)]
struct Stand<'t> {
    list: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'t str>,
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    element: Option<u32>,
}

impl fmt::Display for Stand<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.file {
            Some(file) => write!(formatter, "{}:{}", visible(file), self.line)?,
            None => write!(formatter, "line {}", self.line)?,
        }
        match self.element {
            Some(element) => write!(formatter, " (element {element})"),
            None => Ok(()),
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct CriterionPart<'t> {
    pub(super) id: &'t str,
    pub(super) title: &'t str,
    pub(super) fail: u64,
    pub(super) unknown: u64,
    pub(super) fail_alone: u64,
    pub(super) left: u64,
    pub(super) no_fact_settles: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct MissingPart<'t> {
    pub(super) fact: &'t str,
    pub(super) label: &'t str,
    pub(super) holds_up: u64,
    pub(super) would_settle: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct CautionPart<'t> {
    pub(super) criterion: &'t str,
    pub(super) say: &'t str,
    pub(super) candidates: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct KindPart<'t> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fact: Option<&'t str>,
    pub(super) kind: &'t str,
    pub(super) count: u64,
}

/// Two rows of one candidate, or of similar names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// Where the one stands.
    pub first: Place,
    /// Where the other stands.
    pub again: Place,
}

/// A row of one of the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which list of the call, counted from 1.
    pub list: u64,
    /// The line.
    pub line: u64,
    /// Which element of a JSON array it is.
    pub element: Option<u32>,
}

/// Of facts, kinds of errors and repetitions, no more are read.
const MOST: usize = 10;

/// The summary for reading, no wider than `width`. `bars` draws how many candidates are left after each criterion.
#[must_use]
pub fn render(report: &Report<'_>, width: u16, bars: bool) -> String {
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
    let mut open: Vec<&CriterionPart<'_>> = report.criteria.iter().collect();
    open.retain(|part| part.no_fact_settles > 0);
    open.sort_by_key(|part| Reverse(part.no_fact_settles));
    let open = open.iter().map(|part| {
        [
            part.no_fact_settles.to_string(),
            part.id.to_owned(),
            part.title.to_owned(),
        ]
    });
    let heading = "What no fact settles (it needs a ruling, or the record contradicts itself)";
    section(&mut out, width, heading, None, open, "criteria");
    let cautions = report.cautions.as_deref().unwrap_or(&[]).iter();
    let cautions = cautions.map(|part| {
        [
            part.candidates.to_string(),
            part.criterion.to_owned(),
            part.say.to_owned(),
        ]
    });
    let heading = "Cautions, which decide nothing";
    section(&mut out, width, heading, None, cautions, "cautions");
    let errors = report.errors.iter().map(|part| {
        let fact = part.fact.map_or(String::new(), |fact| format!("{fact}: "));
        [part.count.to_string(), fact + part.kind]
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
fn warnings(report: &Report<'_>) -> Vec<String> {
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
    for UnmatchedPart { candidate, place } in &report.unmatched_candidates {
        lines.push(format!(
            "warning: no row of the list is of `{}`, of whom {} speaks",
            visible(candidate),
            visible(place)
        ));
    }
    let rest = report.unmatched - report.unmatched_candidates.len() as u64;
    if rest > 0 {
        lines.push(format!(
            "warning: and {rest} more candidates of whom other lists speak"
        ));
    }
    lines
}

/// What makes verdicts of the list useless, a line each.
fn defects(report: &Report<'_>) -> Vec<String> {
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
    (told, count, what): (&[Repetition<'_>], u64, &str),
    line: impl Fn(&Repetition<'_>) -> String,
) {
    lines.extend(told.iter().take(MOST).map(line));
    let rest = count - count.min(told.len().min(MOST) as u64);
    if rest > 0 {
        lines.push(format!("warning: and {rest} more {what}"));
    }
}

/// A line for each criterion, below one for all who were screened.
fn attrition(report: &Report<'_>, width: u16, bars: bool) -> String {
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
            part.id.to_owned(),
            part.fail.to_string(),
            part.unknown.to_string(),
            part.fail_alone.to_string(),
        ];
        rows.push(
            counts
                .into_iter()
                .chain(left(part.left))
                .chain([part.title.to_owned()])
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
