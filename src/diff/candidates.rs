//! What another version of a trial file does to the candidates of a list: who changes, by which criterion, and which
//! records a version cannot read.
//!
//! Both versions look at every row. A chunk of the list stands for itself, as when it is screened, so that memory does
//! not grow with the list.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::ControlFlow;

use serde::Serialize;

use super::Pair;
use crate::batch::parts::Parts;
use crate::batch::{Chunk, HELD, RowReader, Rows};
use crate::diagnostic::{Diagnostic, Start, visible};
use crate::json_escape;
use crate::record::Dates;
use crate::record::FieldTable;
use crate::screening::{self, Eligibility, Standing, Verdict};
use crate::trial::{Policy, Trial};

/// One of the two versions.
#[derive(Clone, Copy)]
pub struct Version<'t> {
    /// The trial.
    pub trial: &'t Trial,
    /// The site's policy.
    pub policy: &'t Policy,
    /// The fields of the trial's records.
    pub fields: &'t FieldTable<'t>,
}

/// What each version takes the rows of one list for, the old one first; or why it cannot read any of them.
pub type Notation = [Result<Rows, Vec<Diagnostic>>; 2];

/// How candidates are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A line each.
    Text,
    /// An object each, a comma and a line break before it.
    Json,
}

/// What is done with every row.
#[derive(Debug)]
pub struct Settings<'t> {
    /// From which day the records are looked at.
    pub dates: Dates,
    /// How candidates are written.
    pub format: Format,
    /// Whether each row names the file that it is from, since there are several.
    pub files: bool,
    /// Which criterion is which.
    pub pairs: &'t [Pair],
    /// For each list, counted from 1, how to read it; where nothing is said, as its chunks say.
    pub lists: &'t [Option<Notation>],
}

/// What became of a chunk, or of a part of it.
#[derive(Debug, Default)]
pub struct Compared {
    /// Its candidates that changed, as they are written.
    pub bytes: Vec<u8>,
    /// What its rows amount to.
    pub summary: Summary,
}

impl Compared {
    /// Forgets what became of a chunk, and keeps the memory.
    fn clear(&mut self, criteria: usize) {
        self.bytes.clear();
        self.summary = Summary::new(criteria);
    }
}

/// Counts over rows, which can be added up.
#[derive(Debug, Default)]
pub struct Summary {
    /// Rows in all.
    pub rows: u64,
    /// Rows with the same verdicts by both versions.
    pub unchanged: u64,
    /// Rows that both can read, with another verdict.
    pub changed: u64,
    /// Rows that a version cannot read.
    pub unreadable: u64,
    /// Of these, rows that neither can.
    pub unreadable_by_both: u64,
    eligibility: BTreeMap<(&'static str, &'static str), u64>,
    criteria: Vec<u64>,
}

/// What a version makes of a row.
type State = Result<Eligibility, Vec<Diagnostic>>;

/// Looks at chunk after chunk with both versions.
pub struct Worker<'t> {
    settings: &'t Settings<'t>,
    halves: [Half<'t>; 2],
}

/// A version at work.
struct Half<'t> {
    version: Version<'t>,
    reader: RowReader<'t>,
    parts: Parts,
    /// Of all criteria, in the protocol's order.
    standings: Vec<Standing>,
    /// Where those of the protocol's own criteria are among them.
    tops: Vec<usize>,
}

impl<'t> Half<'t> {
    fn new(version: Version<'t>, dates: Dates) -> Self {
        let mut at = 0;
        let mut tops = Vec::new();
        for criterion in &version.trial.criteria {
            tops.push(at);
            criterion.walk(&mut |_| at += 1);
        }
        Self {
            version,
            reader: RowReader::new(version.fields, dates),
            parts: Parts::default(),
            standings: Vec::new(),
            tops,
        }
    }

    fn decide(
        &mut self,
        chunk: &Chunk,
        rows: Result<&Rows, &Vec<Diagnostic>>,
        (number, start): (usize, Start),
        row: &[u8],
    ) -> State {
        self.reader.record.forget_candidate();
        let rows = rows.map_err(Clone::clone)?;
        self.reader.read(chunk, rows, (number, start), row)?;
        if let Some(problem) = self.parts.problem(number, chunk, start, row) {
            return Err(vec![problem]);
        }
        let record = &mut self.reader.record;
        let (policy, trial) = (self.version.policy, self.version.trial);
        policy.accept(&mut record.entries, trial, record.today);
        Ok(screening::standings(
            self.version.trial,
            self.version.policy,
            &record.entries,
            record.today,
            &mut self.standings,
        ))
    }

    fn decided(&self, place: Option<usize>) -> Option<Decided<'t>> {
        let place = place?;
        let standing = self.standings.get(*self.tops.get(place)?)?;
        Some(Decided {
            id: &self.version.trial.criteria.get(place)?.id,
            verdict: standing.verdict,
        })
    }
}

/// A criterion and its verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Decided<'t> {
    id: &'t str,
    verdict: Verdict,
}

/// A criterion whose verdict differs, as the old and as the new version has it.
type Differing<'t> = (Option<Decided<'t>>, Option<Decided<'t>>);

impl<'t> Worker<'t> {
    /// A worker for the old version and the new one.
    #[must_use]
    pub fn new(versions: [Version<'t>; 2], settings: &'t Settings<'t>) -> Self {
        Self {
            settings,
            halves: versions.map(|version| Half::new(version, settings.dates)),
        }
    }

    /// Looks at every row of a chunk of a list, the lists counted from 1. What `compared` held before is gone. Where it
    /// grows large, it goes to `hand_over` and begins anew, until `hand_over` breaks off; what is left in it at the end is
    /// for the caller.
    pub fn compare(
        &mut self,
        list: usize,
        chunk: &Chunk,
        compared: &mut Compared,
        hand_over: &mut dyn FnMut(&mut Compared) -> ControlFlow<()>,
    ) {
        let criteria = self.settings.pairs.len();
        compared.clear(criteria);
        let mut written = Chunk::default();
        let chunk = chunk.written(&mut written);
        let notation = self
            .settings
            .lists
            .get(list.saturating_sub(1))
            .and_then(Option::as_ref);
        let versions = match notation {
            Some(notation) => notation.each_ref().map(Result::as_ref),
            None => [Ok(&chunk.rows); 2],
        };
        for (half, rows) in self.halves.iter_mut().zip(versions) {
            half.parts.look_at(chunk, rows.unwrap_or(&chunk.rows));
        }
        let (mut is_over, mut number) = (false, 0);
        chunk.each(|start, row| {
            if is_over {
                return;
            }
            let place = (number, start);
            number += 1;
            let [old, new] = &mut self.halves;
            let states = match &row {
                Ok(row) => {
                    let [before, after] = versions;
                    [
                        old.decide(chunk, before, place, row),
                        new.decide(chunk, after, place, row),
                    ]
                }
                Err(problem) => [old, new].map(|half| {
                    half.reader.record.forget_candidate();
                    Err(vec![problem.clone()])
                }),
            };
            self.row(chunk, place, &states, compared);
            if compared.bytes.len() >= HELD {
                is_over = hand_over(compared).is_break();
                compared.clear(criteria);
            }
        });
    }

    fn row(
        &self,
        chunk: &Chunk,
        (number, start): (usize, Start),
        states: &[State; 2],
        compared: &mut Compared,
    ) {
        let [old, new] = &self.halves;
        let mut differing: Vec<Differing<'t>> = Vec::new();
        if states.iter().all(Result::is_ok) {
            for (pair, count) in self
                .settings
                .pairs
                .iter()
                .zip(&mut compared.summary.criteria)
            {
                let (was, is) = (old.decided(pair.old), new.decided(pair.new));
                let differs = match (&was, &is) {
                    (Some(was), Some(is)) => was.verdict != is.verdict,
                    // What is no obstacle changes nothing by coming or going.
                    (one, other) => one.iter().chain(other).any(|one| one.verdict.is_obstacle()),
                };
                if differs {
                    *count += 1;
                    differing.push((was, is));
                }
            }
        }
        let [before, after] = states.each_ref().map(|state| {
            state
                .as_ref()
                .map_or("error", |eligibility| eligibility.name())
        });
        compared
            .summary
            .add(states, (before, after), !differing.is_empty());
        if differing.is_empty() && before == after && before != "error" {
            return;
        }
        let row = Row {
            line: start.line,
            element: chunk.element(number),
            file: self.settings.files.then_some(&*chunk.name),
            candidate: old
                .reader
                .record
                .candidate()
                .or(new.reader.record.candidate()),
            states,
            words: (before, after),
            differing: &differing,
        };
        match self.settings.format {
            Format::Text => compared.bytes.extend_from_slice(row.text().as_bytes()),
            Format::Json => row.json(&mut compared.bytes),
        }
    }
}

/// A row that changed, or that a version cannot read.
struct Row<'r, 't> {
    line: usize,
    element: Option<usize>,
    file: Option<&'r str>,
    candidate: Option<&'r str>,
    states: &'r [State; 2],
    words: (&'static str, &'static str),
    differing: &'r [Differing<'t>],
}

impl Row<'_, '_> {
    fn text(&self) -> String {
        let mut place = self.file.map_or_else(
            || format!("line {}", self.line),
            |file| format!("{}:{}", file.rsplit('/').next().unwrap_or(file), self.line),
        );
        if let Some(element) = self.element {
            let _ = write!(place, " (element {element})");
        }
        let mut out = format!(
            "{}  {}  ",
            visible(&place),
            visible(self.candidate.unwrap_or("–"))
        );
        let said = |problems: &[Diagnostic]| {
            let messages: Vec<String> = problems.iter().map(Diagnostic::full_message).collect();
            visible(&messages.join("; "))
        };
        let (old, new) = self.words;
        let _ = match self.states {
            [Err(before), Err(after)] if before == after => {
                writeln!(out, "cannot be read: {}", said(after))
            }
            [Err(before), Err(after)] => writeln!(
                out,
                "cannot be read by the old version: {}; nor by the new one: {}",
                said(before),
                said(after)
            ),
            [Err(before), Ok(_)] => writeln!(
                out,
                "cannot be read by the old version: {}; {new} now",
                said(before)
            ),
            [Ok(_), Err(after)] => writeln!(
                out,
                "cannot be read by the new version: {}; was {old}",
                said(after)
            ),
            [Ok(_), Ok(_)] => {
                let eligibility = if old == new {
                    format!("{new} as before")
                } else {
                    format!("{old} → {new}")
                };
                let criteria: Vec<String> = self.differing.iter().map(in_words).collect();
                writeln!(out, "{eligibility}  {}", criteria.join(", "))
            }
        };
        out
    }

    fn json(&self, out: &mut Vec<u8>) {
        let part = |decided: &Option<Decided<'_>>| {
            decided.map(|decided| DecidedPart {
                id: decided.id.to_owned(),
                verdict: decided.verdict.name(),
            })
        };
        let verdicts = self
            .differing
            .iter()
            .map(|(old, new)| DifferingPart {
                old: part(old),
                new: part(new),
            })
            .collect();
        let messages = |state: &State| {
            state
                .as_ref()
                .err()
                .map(|problems| problems.iter().map(Diagnostic::one_line).collect())
        };
        let [old, new] = self.states.each_ref().map(messages);
        let errors = (old.is_some() || new.is_some()).then_some(ErrorsPart { old, new });
        let part = RowPart {
            line: self.line,
            element: self.element,
            file: self.file,
            candidate: self.candidate,
            old: self.words.0,
            new: self.words.1,
            verdicts,
            errors,
        };
        out.extend_from_slice(b",\n    ");
        // Writing into memory cannot fail.
        let _ = json_escape::to_writer(out, &part);
    }
}

fn in_words((old, new): &Differing<'_>) -> String {
    let word = |verdict: Verdict| verdict.name().replace('_', " ");
    match (old, new) {
        (Some(old), Some(new)) => {
            let was = if old.id == new.id {
                String::new()
            } else {
                format!(" (was {})", visible(old.id))
            };
            format!(
                "{}{was}: {} → {}",
                visible(new.id),
                word(old.verdict),
                word(new.verdict)
            )
        }
        (None, Some(new)) => format!("{} (new): {}", visible(new.id), word(new.verdict)),
        (Some(old), None) => format!("{} (gone): was {}", visible(old.id), word(old.verdict)),
        (None, None) => String::new(),
    }
}

#[derive(Serialize)]
struct RowPart<'r> {
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    element: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'r str>,
    candidate: Option<&'r str>,
    old: &'static str,
    new: &'static str,
    verdicts: Vec<DifferingPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<ErrorsPart>,
}

#[derive(Serialize)]
struct DifferingPart {
    old: Option<DecidedPart>,
    new: Option<DecidedPart>,
}

#[derive(Serialize)]
struct DecidedPart {
    id: String,
    verdict: &'static str,
}

#[derive(Serialize)]
struct ErrorsPart {
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<Vec<String>>,
}

#[derive(Serialize)]
struct SummaryPart<'s> {
    rows: u64,
    unchanged: u64,
    changed: u64,
    unreadable: u64,
    eligibility: Vec<WayPart<'s>>,
    criteria: Vec<CriterionPart<'s>>,
}

#[derive(Serialize)]
struct WayPart<'s> {
    old: &'s str,
    new: &'s str,
    count: u64,
}

#[derive(Serialize)]
struct CriterionPart<'s> {
    old: Option<&'s str>,
    new: Option<&'s str>,
    count: u64,
}

impl Summary {
    /// An empty summary for so many criteria.
    #[must_use]
    pub fn new(criteria: usize) -> Self {
        Self {
            criteria: vec![0; criteria],
            ..Self::default()
        }
    }

    fn add(&mut self, states: &[State; 2], way: (&'static str, &'static str), differs: bool) {
        self.rows += 1;
        *self.eligibility.entry(way).or_default() += 1;
        let readable = states.iter().filter(|state| state.is_ok()).count();
        match readable {
            2 if differs || way.0 != way.1 => self.changed += 1,
            2 => self.unchanged += 1,
            one => {
                self.unreadable += 1;
                self.unreadable_by_both += u64::from(one == 0);
            }
        }
    }

    /// Adds what other rows amount to.
    pub fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.unchanged += other.unchanged;
        self.changed += other.changed;
        self.unreadable += other.unreadable;
        self.unreadable_by_both += other.unreadable_by_both;
        for (way, count) in &other.eligibility {
            *self.eligibility.entry(*way).or_default() += count;
        }
        for (mine, theirs) in self.criteria.iter_mut().zip(&other.criteria) {
            *mine += theirs;
        }
    }

    /// The criteria whose verdict differs for somebody, by their ids in the old and new file, and for how many.
    fn criteria<'s>(
        &self,
        pairs: &[Pair],
        old: &'s Trial,
        new: &'s Trial,
    ) -> Vec<CriterionPart<'s>> {
        let id = |trial: &'s Trial, place: Option<usize>| {
            place
                .and_then(|place| trial.criteria.get(place))
                .map(|criterion| criterion.id.as_str())
        };
        let counted = pairs
            .iter()
            .zip(&self.criteria)
            .filter(|(_, count)| **count > 0);
        counted
            .map(|(pair, count)| CriterionPart {
                old: id(old, pair.old),
                new: id(new, pair.new),
                count: *count,
            })
            .collect()
    }

    /// As one JSON value.
    ///
    /// # Errors
    /// None that a summary can cause; the signature is the serializer's.
    pub fn json(&self, pairs: &[Pair], old: &Trial, new: &Trial) -> serde_json::Result<String> {
        json_escape::to_string(&SummaryPart {
            rows: self.rows,
            unchanged: self.unchanged,
            changed: self.changed,
            unreadable: self.unreadable,
            eligibility: self
                .eligibility
                .iter()
                .map(|((old, new), count)| WayPart {
                    old,
                    new,
                    count: *count,
                })
                .collect(),
            criteria: self.criteria(pairs, old, new),
        })
    }

    /// For reading.
    #[must_use]
    pub fn text(&self, pairs: &[Pair], old: &Trial, new: &Trial) -> String {
        let mut out = String::new();
        let candidates = if self.rows == 1 {
            "candidate"
        } else {
            "candidates"
        };
        let _ = write!(
            out,
            "{} {candidates}: {} as before, {} with other verdicts",
            self.rows, self.unchanged, self.changed
        );
        if self.unreadable > 0 {
            let both = match self.unreadable_by_both {
                0 => String::new(),
                count => format!(" ({count} by neither)"),
            };
            let _ = write!(
                out,
                ", {} that a version cannot read{both}",
                self.unreadable
            );
        }
        out.push('\n');
        let turned: Vec<_> = self
            .eligibility
            .iter()
            .filter(|((old, new), _)| old != new)
            .collect();
        if !turned.is_empty() {
            out.push('\n');
            let word = |state: &'static str| {
                if state == "error" {
                    "cannot be read"
                } else {
                    state
                }
            };
            for ((old, new), count) in turned {
                let _ = writeln!(out, "{count:>8}  {} → {}", word(old), word(new));
            }
        }
        let criteria = self.criteria(pairs, old, new);
        if !criteria.is_empty() {
            out.push_str("\nBy criterion\n");
            for part in criteria {
                let name = match (part.old, part.new) {
                    (Some(old), Some(new)) if old != new => format!("{new} (was {old})"),
                    (None, Some(new)) => format!("{new} (new, and an obstacle)"),
                    (Some(old), None) => format!("{old} (gone, and was an obstacle)"),
                    (_, new) => new.unwrap_or_default().to_owned(),
                };
                let _ = writeln!(out, "{:>8}  {}", part.count, visible(&name));
            }
        }
        out
    }
}
