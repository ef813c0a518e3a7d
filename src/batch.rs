//! A referral list → one row a candidate, in input order, and a summary. No row is lost: a row that cannot be read
//! becomes an error row with everything that is wrong with it.
//!
//! ```text
//! list ──► chunks ──► rows ──► a record each ──► verdicts ──► output bytes
//!          (input)    (worker: the one reader of records)             └──► summary
//! ```
//!
//! Reading a list is the caller's, in as many threads as it likes: a [`Chunk`] stands for itself, a [`Worker`]
//! turns it into bytes and a [`Summary`], and both are put together again in input order.

#[cfg(feature = "parquet")]
pub mod arrow;
mod buffer;
pub mod cautions;
pub mod columns;
pub mod input;
mod key;
pub mod output;
pub(crate) mod parts;
mod reason_cache;
mod reasons;
pub mod repeats;
pub mod row;
pub mod sheet;
pub mod summary;
mod value_key;
pub mod with;

use std::ops::ControlFlow;

use crate::diagnostic::{Diagnostic, Start};
use crate::evaluate::{Answers, Context};
use crate::log;
use crate::record::{Dates, FieldTable, RecordBuffer};
use crate::report::MergedFrom;
use crate::report::sentence::{PhraseCache, Sentences};
use crate::screening::{Assessment, Eligibility, Gap, Standing, Verdict};
use crate::trial::compile::sha256;
use crate::trial::{Criterion, Policy, Trial};

pub use input::{Chunk, Layout, List, Rows};
pub use output::Format;
pub use row::RowReader;
pub use summary::Summary;

use self::cautions::{Caution, RaisedCaution};
use self::key::KeyReader;
use self::parts::Parts;
use self::reason_cache::ReasonCache;
use self::reasons::ReasonTexts;
use self::repeats::Mark;
use self::row::RowText;
use self::sheet::Grid;
use self::summary::Waiting;
use self::with::{Merged, OtherRows};

/// No row is longer.
pub const MAX_ROW: usize = 16 * 1024 * 1024;

/// Of which criteria the reasons are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reasons {
    /// Of none.
    None,
    /// Of those that made the eligibility what it is: the failed ones of an ineligible candidate, the unknown ones of
    /// an undetermined one.
    Deciding,
    /// Of all.
    All,
}

impl Reasons {
    /// Whether the reason of a criterion with this verdict is written.
    fn wants(self, eligibility: Eligibility, verdict: Verdict) -> bool {
        match self {
            Self::None => false,
            Self::Deciding => eligibility.is_decided_by(verdict),
            Self::All => true,
        }
    }
}

/// What is done with every row.
#[derive(Debug, Clone)]
pub struct Settings {
    /// From which day the records are looked at.
    pub dates: Dates,
    /// The format of the rows.
    pub format: Format,
    /// Whose reasons are written.
    pub reasons: Reasons,
    /// Which rows are written; empty for all. Error rows are always written.
    pub only: Vec<Eligibility>,
    /// Whether nothing is screened behind a row that cannot be read.
    pub stop_on_error: bool,
    /// Whether each row names the file that it is from, since there are several.
    pub files: bool,
    /// Whether rows may be elements of a JSON array, of which several may stand on one line.
    pub elements: bool,
    /// Whether an entry of the screening log is made of each row.
    pub logged: bool,
    /// The field of each row that is its key, written in front of what became of the row.
    pub key: Option<String>,
    /// Whether a row is an error that does not state its day: a job that runs over midnight must not change it.
    pub must_be_dated: bool,
}

/// A row that was screened, or could not be.
#[derive(Debug)]
pub struct Row<'r> {
    /// The list that it is from, where there are several.
    pub file: Option<&'r str>,
    /// How messages name the list.
    pub list: &'r str,
    /// The line of the list on which it begins.
    pub line: usize,
    /// Which element of a JSON array it is, counted from 1.
    pub element: Option<usize>,
    /// Its key as JSON writes it, where rows have keys and this one has.
    pub key: Option<&'r str>,
    /// The candidate's pseudonym.
    pub candidate: Option<&'r str>,
    /// What came of it.
    pub state: State<'r>,
}

impl<'r> Row<'r> {
    fn of(
        chunk: &'r Chunk,
        settings: &Settings,
        (number, line): (usize, usize),
        (key, candidate): (Option<&'r str>, Option<&'r str>),
        state: State<'r>,
    ) -> Self {
        Self {
            file: settings.files.then_some(&*chunk.name),
            list: &chunk.name,
            line,
            element: chunk.element(number),
            key,
            candidate,
            state,
        }
    }

    /// The key as a text by itself, without the quotes of JSON.
    fn key_as_text(&self) -> String {
        let Some(key) = self.key else {
            return String::new();
        };
        match serde_json::from_str(key) {
            Ok(serde_json::Value::String(text)) => text,
            _ => key.to_owned(),
        }
    }
}

/// What came of a row.
#[derive(Debug, Clone, Copy)]
pub enum State<'r> {
    /// It was screened.
    Screened {
        /// Whether the candidate can enter the trial.
        eligibility: Eligibility,
        /// The verdicts of all criteria and sub-criteria, in the protocol's order.
        verdicts: &'r [Verdict],
        /// The cautions that it raises; none where no reasons are written.
        cautions: &'r [RaisedCaution<'r>],
        /// What an undetermined candidate waits for.
        waiting: &'r Waiting,
        /// As of which day it was screened.
        screened_on: jiff::civil::Date,
        /// Whether that day was stated.
        is_dated: bool,
    },
    /// It could not be read.
    Error(&'r [Diagnostic]),
}

/// How many bytes of rows are held before they are handed over. Rows of two bytes have reasons of kilobytes, so a chunk
/// does not bound them.
pub(crate) const HELD: usize = 512 * 1024;
/// How many entries of the log are held; rows that are not written have entries too.
const HELD_ENTRIES: usize = 512;

/// What became of a chunk, or of a part of it.
#[derive(Debug, Default)]
pub struct Screened {
    /// Which of the caller's lists it is from.
    pub list: usize,
    /// Its rows as they are written.
    pub rows: String,
    /// Its rows, where they are written as typed columns.
    #[cfg(feature = "parquet")]
    pub columns: arrow::Results,
    /// The first of them, where a sheet is made.
    pub grid: Grid,
    /// What they add to the summary.
    pub summary: Summary,
    /// Whether a row could not be read.
    pub failed: bool,
    /// What is wrong with that row, if screening stops there.
    pub problems: Vec<Diagnostic>,
    /// The entries of the screening log, without the time and who screened, which the caller knows.
    pub log: Vec<log::Entry>,
}

impl Screened {
    /// Forgets what became of a chunk, and keeps the memory.
    fn clear(&mut self, trial: &Trial) {
        self.rows.clear();
        #[cfg(feature = "parquet")]
        self.columns.clear();
        self.grid.clear();
        self.summary.clear(trial);
        self.failed = false;
        self.problems.clear();
        self.log.clear();
    }

    /// Adds a row: written, or for the sheet.
    fn add(
        &mut self,
        row: &Row<'_>,
        reasons: &ReasonTexts,
        (trial, criteria): (&Trial, &[Listed<'_>]),
        settings: &Settings,
    ) {
        #[cfg(not(feature = "parquet"))]
        let _ = trial;
        match settings.format {
            Format::Sheet => self.grid.add(row, criteria),
            #[cfg(feature = "parquet")]
            Format::Columns => {
                let settings = (settings, &trial.facts);
                self.columns.add(row, reasons, criteria, settings);
            }
            _ => output::write(row, reasons, criteria, settings, &mut self.rows),
        }
    }

    /// About how many bytes are held.
    fn held(&self) -> usize {
        #[cfg(feature = "parquet")]
        let columns = self.columns.bytes();
        #[cfg(not(feature = "parquet"))]
        let columns = 0;
        self.rows.len() + columns
    }
}

/// Screens chunk after chunk, in memory of its own.
pub struct Worker<'t> {
    trial: &'t Trial,
    policy: &'t Policy,
    settings: &'t Settings,
    criteria: &'t [Listed<'t>],
    reader: RowReader<'t>,
    key: Option<KeyReader>,
    parts: Parts,
    answers: Answers,
    standings: Vec<Standing>,
    verdicts: Vec<Verdict>,
    reasons: ReasonTexts,
    cache: ReasonCache,
    phrases: PhraseCache<'t>,
    cautions: Vec<Caution<'t>>,
    raised: Vec<RaisedCaution<'t>>,
    gaps: Vec<Gap>,
    waiting: Waiting,
    /// What other lists say of the candidates, and what reads it.
    others: Option<(&'t OtherRows, RowReader<'t>)>,
    /// What was merged into the row that was read last.
    merged: Vec<MergedFrom>,
    /// The rows of a chunk that are not text.
    written: Chunk,
}

impl<'t> Worker<'t> {
    /// A worker. `criteria` are all criteria and sub-criteria of the trial, in the protocol's order.
    #[must_use]
    pub fn new(
        trial: &'t Trial,
        policy: &'t Policy,
        settings: &'t Settings,
        criteria: &'t [Listed<'t>],
        table: &'t FieldTable<'t>,
    ) -> Self {
        Self {
            trial,
            policy,
            settings,
            criteria,
            reader: RowReader::new(table, settings.dates),
            key: settings.key.as_deref().map(KeyReader::new),
            parts: Parts::default(),
            answers: Answers::new(&trial.definitions),
            standings: Vec::new(),
            verdicts: Vec::new(),
            reasons: ReasonTexts::default(),
            cache: ReasonCache::new(trial, policy),
            phrases: PhraseCache::new(trial),
            // They are evaluated only where they are written.
            cautions: match settings.reasons {
                Reasons::None => Vec::new(),
                Reasons::Deciding | Reasons::All => cautions::cautions(trial),
            },
            raised: Vec::new(),
            gaps: Vec::new(),
            waiting: Waiting::default(),
            others: None,
            merged: Vec::new(),
            written: Chunk::default(),
        }
    }

    /// The same, merging into each row what other lists say of its candidate.
    #[must_use]
    pub fn with(mut self, others: &'t OtherRows, table: &'t FieldTable<'t>) -> Self {
        let reader = RowReader::new(table, self.settings.dates);
        self.others = (!others.is_empty()).then_some((others, reader));
        self
    }

    /// Merges what other lists say of the candidate into the row that was read.
    fn merge(&mut self, row: RowText<'_>) -> Result<(), Vec<Diagnostic>> {
        self.merged.clear();
        let Some((others, reader)) = &mut self.others else {
            return Ok(());
        };
        let record = &self.reader.record;
        let Some(candidate) = record.candidate().filter(|candidate| others.has(candidate)) else {
            return Ok(());
        };
        let dates = self.settings.dates;
        if !record.is_dated
            && let Some(day) = others.stated(candidate)?
        {
            let as_of = Some(day);
            self.reader.read_row(row, Dates { as_of, ..dates })?;
        }
        let name = format!("{}:{}", row.name, row.start.line);
        let record = self.reader.record.record();
        let found = others.merge_into(&self.trial.facts, (&name, &record), dates, reader)?;
        if let Some(Merged { record, from }) = found {
            self.reader.record.replace(record);
            self.merged = from;
        }
        Ok(())
    }

    /// Screens every row of a chunk. What `screened` held before is gone. Where it grows large, it goes to `hand_over`
    /// and begins anew, until `hand_over` breaks off; what is left in it at the end is for the caller.
    pub fn screen(
        &mut self,
        chunk: &Chunk,
        screened: &mut Screened,
        hand_over: &mut dyn FnMut(&mut Screened) -> ControlFlow<()>,
    ) {
        screened.clear(self.trial);
        let mut written = std::mem::take(&mut self.written);
        self.screen_rows(chunk.written(&mut written), screened, hand_over);
        self.written = written;
    }

    fn screen_rows(
        &mut self,
        chunk: &Chunk,
        screened: &mut Screened,
        hand_over: &mut dyn FnMut(&mut Screened) -> ControlFlow<()>,
    ) {
        self.parts.look_at(chunk, &chunk.rows);
        let (mut is_over, mut rows) = (false, 0..);
        chunk.each(|start, row| {
            let number = rows.next().unwrap_or_default();
            is_over |= screened.failed && self.settings.stop_on_error;
            if is_over {
                return;
            }
            screened.summary.bytes += row.as_ref().map_or(0, |row| row.len() as u64);
            self.row(chunk, (number, start), row, screened);
            if screened.held() >= HELD || screened.log.len() >= HELD_ENTRIES {
                is_over = hand_over(screened).is_break();
                screened.clear(self.trial);
            }
        });
    }

    fn row(
        &mut self,
        chunk: &Chunk,
        (number, start): (usize, Start),
        row: Result<&[u8], Diagnostic>,
        screened: &mut Screened,
    ) {
        self.reader.record.forget_candidate();
        self.merged.clear();
        if let Some(key) = &mut self.key {
            key.found = None;
        }
        let bytes = row.as_ref().copied().unwrap_or_default();
        let text = RowText {
            name: &chunk.name,
            rows: &chunk.rows,
            made: chunk.made(number),
            cells: chunk.cell_names(),
            start,
            bytes,
        };
        let problems = match row {
            Err(problem) => vec![problem],
            Ok(_) => self.problems(chunk, number, text),
        };
        if let Some(key) = last_key(&self.key) {
            screened
                .summary
                .add_key(start.line, chunk.element(number), key);
        }
        if problems.is_empty() {
            let eligibility = self.decided(chunk, (number, start.line), screened);
            if self.settings.logged {
                let entry = self.entry(chunk, start.line, bytes, Some(eligibility));
                screened.log.push(entry);
            }
            return;
        }
        screened.failed = true;
        if self.settings.logged {
            let entry = self.entry(chunk, start.line, bytes, None);
            screened.log.push(entry);
        }
        if let Some(candidate) = self.reader.record.candidate()
            && self.parts.are_possible()
        {
            screened.summary.undecided(start.line, candidate);
        }
        screened.summary.error(&problems, &self.trial.facts);
        self.reasons.clear();
        let row = Row::of(
            chunk,
            self.settings,
            (number, start.line),
            (last_key(&self.key), self.reader.record.candidate()),
            State::Error(&problems),
        );
        let of_trial = (self.trial, self.criteria);
        screened.add(&row, &self.reasons, of_trial, self.settings);
        if self.settings.stop_on_error {
            screened.problems = problems;
        }
    }

    /// Reads a row, and gives everything for which it cannot be screened.
    fn problems(&mut self, chunk: &Chunk, number: usize, text: RowText<'_>) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        if let Some(key) = &mut self.key {
            problems.extend(key.read(text));
        }
        problems.extend(self.parts.problem(number, chunk, text.start, text.bytes));
        let dates = self.settings.dates;
        let read = self.reader.read_row(text, dates);
        match read.and_then(|()| self.merge(text)) {
            Ok(()) if self.settings.must_be_dated && !self.reader.record.is_dated => {
                problems.push(undated(text));
            }
            Ok(()) => {}
            Err(wrong) => problems.extend(wrong),
        }
        problems
    }

    /// What the log says of a row; no eligibility where it could not be read.
    fn entry(
        &self,
        chunk: &Chunk,
        line: usize,
        bytes: &[u8],
        eligibility: Option<Eligibility>,
    ) -> log::Entry {
        let record = &self.reader.record;
        let tops = self
            .criteria
            .iter()
            .zip(&self.verdicts)
            .filter(|(listed, _)| listed.top);
        let deciding = eligibility.into_iter().flat_map(|eligibility| {
            tops.clone()
                .filter(move |(_, verdict)| eligibility.is_decided_by(**verdict))
        });
        log::Entry {
            candidate: record.candidate().map(str::to_owned),
            screened_on: eligibility.map(|_| record.today.to_string()),
            eligibility: eligibility.map_or("error", Eligibility::name).to_owned(),
            deciding: deciding
                .map(|(listed, verdict)| log::Deciding::of(listed.criterion, *verdict))
                .collect(),
            row: Some(log::Place {
                file: chunk.name.to_string(),
                line,
            }),
            merged: self.merged.clone(),
            ..log::Entry::blank(self.trial, self.policy, sha256(bytes))
        }
    }

    fn decided(
        &mut self,
        chunk: &Chunk,
        (number, line): (usize, usize),
        screened: &mut Screened,
    ) -> Eligibility {
        let record = &mut self.reader.record;
        (self.policy).accept(&mut record.entries, self.trial, record.today);
        let RecordBuffer { entries, today, .. } = &self.reader.record;
        self.answers.forget();
        let context = Context::new(entries, &self.trial.definitions, *today).with(&self.answers);
        let assessment = Assessment::within(context, self.policy);
        self.standings.clear();
        let eligibility = Eligibility::of(
            self.trial
                .criteria
                .iter()
                .map(|criterion| assessment.decide(criterion, &mut self.standings)),
        );
        self.verdicts.clear();
        self.verdicts
            .extend(self.standings.iter().map(|standing| standing.verdict));
        let tops = || {
            self.criteria
                .iter()
                .zip(&self.verdicts)
                .enumerate()
                .filter(|(_, (listed, _))| listed.top)
                .map(|(at, (listed, verdict))| (at, listed.criterion, *verdict))
        };
        self.waiting.clear();
        if eligibility == Eligibility::Undetermined {
            let unknown = tops()
                .enumerate()
                .filter(|(_, (.., verdict))| *verdict == Verdict::Unknown);
            for (top, (at, criterion, _)) in unknown {
                self.gaps.clear();
                assessment.gaps(
                    criterion,
                    standings_from(&self.standings, at),
                    &mut self.gaps,
                );
                self.waiting.add(top, self.gaps.iter().map(|gap| gap.fact));
            }
        }
        let candidate = self.reader.record.candidate();
        let mark = match chunk.element(number) {
            Some(element) => Mark::Element(u32::try_from(element).unwrap_or(u32::MAX)),
            None => Mark::listed(
                self.parts
                    .are_possible()
                    .then_some(self.reader.record.lists),
            ),
        };
        screened.summary.add(
            (line, mark),
            candidate,
            eligibility,
            tops().map(|(.., verdict)| verdict),
            &mut self.waiting,
        );
        screened.summary.undated += u64::from(!self.reader.record.is_dated);
        cautions::raise(&self.cautions, &assessment, &mut self.raised);
        screened.summary.add_cautions(&self.raised);
        if !self.settings.only.is_empty() && !self.settings.only.contains(&eligibility) {
            return eligibility;
        }
        let reasons = self.settings.reasons;
        let sentences = Sentences::within(self.trial, context).with(&self.phrases);
        self.reasons.clear();
        // A sheet has verdicts only.
        let is_written = self.settings.format != Format::Sheet;
        let wanted = tops()
            .enumerate()
            .filter(|(_, (.., verdict))| is_written && reasons.wants(eligibility, *verdict));
        for (top, (at, criterion, _)) in wanted {
            let standings = standings_from(&self.standings, at);
            let make = || {
                let outcome = assessment.outcome(self.trial, criterion, standings);
                reasons::templates(&outcome, &sentences, reasons == Reasons::All)
            };
            let mut own = standings.iter().take(criterion.size());
            if own.any(|standing| standing.open.any()) {
                self.reasons.add(at, &make(), &sentences);
            } else {
                let reasons = self.cache.reasons(top, &context, make);
                self.reasons.add(at, reasons, &sentences);
            }
        }
        let row = Row::of(
            chunk,
            self.settings,
            (number, line),
            (last_key(&self.key), candidate),
            State::Screened {
                eligibility,
                verdicts: &self.verdicts,
                cautions: &self.raised,
                waiting: &self.waiting,
                screened_on: self.reader.record.today,
                is_dated: self.reader.record.is_dated,
            },
        );
        let of_trial = (self.trial, self.criteria);
        screened.add(&row, &self.reasons, of_trial, self.settings);
        eligibility
    }
}

/// The key of the row that was read last.
fn last_key(key: &Option<KeyReader>) -> Option<&str> {
    key.as_ref()?.found.as_deref()
}

/// What is wrong with a row that does not state its day, where it must.
fn undated(text: RowText<'_>) -> Diagnostic {
    text.problem("screened_on", "the row does not state its screening date".to_owned())
        .help("give it `screened_on`, or name the day of all rows with --as-of: a job must not change its day at midnight")
}

/// The standings of the criterion at a place and of all behind it.
fn standings_from(standings: &[Standing], at: usize) -> &[Standing] {
    // Every criterion has one.
    standings.get(at..).unwrap_or(&[])
}

/// A criterion or sub-criterion of the trial.
#[derive(Debug)]
pub struct Listed<'t> {
    /// The criterion.
    pub criterion: &'t Criterion,
    /// Whether it is one of the protocol's own, not a sub-criterion.
    pub top: bool,
    /// Its id as the key of a JSON object, the colon included.
    pub(crate) key: String,
    /// The key with each verdict, and a comma.
    members: [String; 4],
}

impl Listed<'_> {
    /// Its verdict as a member of a JSON object, and a comma.
    fn member(&self, verdict: Verdict) -> &str {
        let [pass, fail, unknown, not_applicable] = &self.members;
        match verdict {
            Verdict::Pass => pass,
            Verdict::Fail => fail,
            Verdict::Unknown => unknown,
            Verdict::NotApplicable => not_applicable,
        }
    }
}

/// All criteria and sub-criteria of a trial, in the protocol's order.
#[must_use]
pub fn listed(trial: &Trial) -> Vec<Listed<'_>> {
    let top = |criterion: &Criterion| {
        trial
            .criteria
            .iter()
            .any(|top| std::ptr::eq(top, criterion))
    };
    trial
        .all_criteria()
        .into_iter()
        .map(|criterion| {
            let key = format!("{}:", serde_json::Value::from(criterion.id.as_str()));
            let verdicts = [
                Verdict::Pass,
                Verdict::Fail,
                Verdict::Unknown,
                Verdict::NotApplicable,
            ];
            let members = verdicts.map(|verdict| format!("{key}\"{}\",", verdict.name()));
            Listed {
                criterion,
                top: top(criterion),
                key,
                members,
            }
        })
        .collect()
}
