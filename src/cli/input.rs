//! Reading files: bounded, as text, with messages that name the file as it was given.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use eligo::batch::RowReader;
use eligo::batch::with::OtherRows;
use eligo::diagnostic::{Diagnostic, Diagnostics, Source, decode, visible};
use eligo::document::{self, Node, Notation};
use eligo::questionnaire::ResponseReader;
use eligo::record::{self, Dates, FieldTable, Record};
use eligo::report::MergedFrom;
use eligo::trial::compile::sha256;
use eligo::trial::{Policy, Trial, policy};
use eligo::value::date;
use eligo::{EMBEDDED_TRIAL, trial};
use jiff::civil::Date;

use super::say;
use super::source::{self, Chosen};
use super::today::today;

/// No record, trial file or policy of one candidate is larger.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Which trial, how the site reads it, and on which day.
#[derive(Debug, Args)]
pub struct TrialArguments {
    /// The trial file [default: NCT04546906, which comes with the program]
    #[arg(long, value_name = "FILE", env = "ELIGO_TRIAL", hide_env_values = true)]
    pub trial: Option<PathBuf>,
    /// The site's policy: pinned readings, how old results may be, signatures
    #[arg(long, value_name = "FILE", env = "ELIGO_SITE", hide_env_values = true)]
    pub site: Option<PathBuf>,
    /// Screen as of this day [default: the record's `screened_on`, else today]
    #[arg(long, value_name = "DATE", value_parser = whole_date)]
    pub as_of: Option<Date>,
    /// Read values, units and causes of what is missing only as they are declared, to the letter
    #[arg(long)]
    pub strict: bool,
}

/// A record that was read, and what it was made from.
pub struct Read {
    /// The record.
    pub record: Record,
    /// SHA-256 of its text.
    pub sha256: String,
    /// What was merged into it.
    pub merged: Vec<MergedFrom>,
}

/// The notation of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum From {
    /// YAML
    Yaml,
    /// JSON
    Json,
    /// FHIR R4: a Bundle of one patient
    Fhir,
    /// FHIR: a response to the questionnaire that `eligo questionnaire` writes
    QuestionnaireResponse,
}

impl TrialArguments {
    /// Compiles the trial. Its warnings are for its author, not for those who screen with it.
    pub fn trial(&self) -> anyhow::Result<Trial> {
        let (mut trial, _) = load_trial(self.trial.as_deref())?;
        trial.facts.strict = self.strict;
        Ok(trial)
    }

    /// From which day records are looked at.
    ///
    /// # Errors
    /// The environment names no time zone.
    pub fn dates(&self) -> anyhow::Result<Dates> {
        Ok(Dates {
            as_of: self.as_of,
            today: today()?,
        })
    }

    /// Reads a candidate's record. Beside it comes the SHA-256 of its text.
    pub fn record(
        &self,
        path: &Path,
        from: Option<From>,
        trial: &Trial,
    ) -> anyhow::Result<(Record, String)> {
        let read = self.record_with(path, from, trial, &mut OtherRows::default())?;
        Ok((read.record, read.sha256))
    }

    /// Reads a candidate's record, and merges what other files say of the candidate.
    pub fn record_with(
        &self,
        path: &Path,
        from: Option<From>,
        trial: &Trial,
        others: &mut OtherRows,
    ) -> anyhow::Result<Read> {
        if path.is_dir() {
            bail!(
                "`{}` is a directory; `eligo batch` screens every record in one",
                visible(&path.display().to_string())
            );
        }
        if from.is_none() && matches!(extension(path).as_deref(), Some("ndjson" | "jsonl" | "csv"))
        {
            bail!(
                "`{}` is a list by its extension; `eligo batch` screens every candidate of one",
                visible(&path.display().to_string())
            );
        }
        if from == Some(From::Fhir) {
            return self.record_from_source(path, Chosen::Fhir, None, trial, others);
        }
        let source = read(path)?;
        let notation = notation(path, from);
        let read = |dates: Dates| {
            let record = match from {
                Some(From::QuestionnaireResponse) => {
                    let document = parse(&source, notation)?;
                    let said = ResponseReader::new(trial).read(&source, &document);
                    said.read(&trial.id, &trial.facts, dates)
                }
                _ => record::read_text(&source, notation, &trial.id, &trial.facts, dates),
            };
            let record = record.map_err(Diagnostics)?;
            Ok((record, sha256(&source.text)))
        };
        self.merged(&source.name, read, trial, others)
    }

    /// Reads the one candidate whom a source file makes of a file, or the one that is wanted, and merges what other files say of
    /// the candidate. The SHA-256 is that of the record as it is read.
    pub fn record_from_source(
        &self,
        path: &Path,
        chosen: Chosen<'_>,
        wanted: Option<&str>,
        trial: &Trial,
        others: &mut OtherRows,
    ) -> anyhow::Result<Read> {
        let compiled = source::load(chosen, trial)?;
        let read = |dates: Dates| {
            let until = dates.as_of.unwrap_or(dates.today);
            let mapped = source::single(&compiled, path, wanted, until)?;
            let record = mapped.read(&trial.id, &trial.facts, dates);
            let mut text = String::new();
            mapped.write(&mut text);
            Ok((record.map_err(Diagnostics)?, sha256(&text)))
        };
        self.merged(&path.display().to_string(), read, trial, others)
    }

    /// Reads a record, called `name`, and merges what other files say of the candidate.
    fn merged(
        &self,
        name: &str,
        read: impl Fn(Dates) -> anyhow::Result<(Record, String)>,
        trial: &Trial,
        others: &mut OtherRows,
    ) -> anyhow::Result<Read> {
        let dates = self.dates()?;
        let (mut record, mut digest) = read(dates)?;
        let mut merged = Vec::new();
        if !others.is_empty() {
            let candidate = match (&record.candidate, others.only_candidate()) {
                (Some(candidate), _) => candidate.clone(),
                (None, Some(candidate)) => candidate.to_owned(),
                (None, None) => bail!(
                    "`{}` names no candidate, so nobody knows what other files say of it; write `candidate`",
                    visible(name)
                ),
            };
            others.give_nameless_to(&candidate);
            let stated = others.stated(&candidate).map_err(Diagnostics)?;
            if let Some(day) = stated.filter(|day| !record.is_dated && *day != record.screened_on) {
                let as_of = Some(day);
                (record, digest) = read(Dates { as_of, ..dates })?;
            }
            record.candidate = Some(candidate);
            let table = FieldTable::new(&trial.id, &trial.facts);
            let mut reader = RowReader::new(&table, dates);
            let found = others
                .merge_into(&trial.facts, (name, &record), dates, &mut reader)
                .map_err(Diagnostics)?;
            if let Some(found) = found {
                (record, merged) = (found.record, found.from);
            }
        }
        Ok(Read {
            record,
            sha256: digest,
            merged,
        })
    }

    /// Reads the site's policy; the empty one if there is none.
    pub fn policy(&self, trial: &Trial) -> anyhow::Result<Policy> {
        load_policy(self.site.as_deref(), trial)
    }
}

/// Reads a site's policy; the empty one if there is none.
pub fn load_policy(path: Option<&Path>, trial: &Trial) -> anyhow::Result<Policy> {
    let Some(path) = path else {
        return Ok(Policy::default());
    };
    let source = read(path)?;
    let document = parse(&source, Notation::Yaml)?;
    Ok(policy::read(&source, &document, trial).map_err(Diagnostics)?)
}

/// Compiles a trial file, or the embedded one.
pub fn load_trial(path: Option<&Path>) -> anyhow::Result<(Trial, Vec<Diagnostic>)> {
    compile(&trial_source(path)?)
}

/// The text of a trial file, or of the embedded one.
pub fn trial_source(path: Option<&Path>) -> anyhow::Result<Arc<Source>> {
    match path {
        Some(path) => read(path),
        None => Ok(Source::new("<embedded>", EMBEDDED_TRIAL)),
    }
}

/// Compiles the text of a trial file.
pub fn compile(source: &Arc<Source>) -> anyhow::Result<(Trial, Vec<Diagnostic>)> {
    Ok(trial::compile(source).map_err(Diagnostics)?)
}

/// Reads a file as text; `-` is standard input.
pub fn read(path: &Path) -> anyhow::Result<Arc<Source>> {
    let mut bytes = Vec::new();
    let name = if is_stdin(path) {
        if io::stdin().is_terminal() {
            say("reading from the keyboard; Ctrl-D ends the text\n")?;
        }
        io::stdin()
            .lock()
            .take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .context("cannot read standard input")?;
        "<stdin>".to_owned()
    } else {
        let shown = path.display().to_string();
        if path.is_dir() {
            bail!("`{shown}` is a directory; name a file in it");
        }
        let file = File::open(path).with_context(|| format!("cannot read `{shown}`"))?;
        file.take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .with_context(|| format!("cannot read `{shown}`"))?;
        shown
    };
    if bytes.len() as u64 > MAX_BYTES {
        bail!(
            "`{name}` is larger than {} MiB, the limit for one file",
            MAX_BYTES / 1024 / 1024
        );
    }
    if let Some(document) = document_kind(&bytes) {
        bail!("`{name}` is {document}");
    }
    decode(&name, bytes).map_err(|error| Diagnostics(vec![*error]).into())
}

/// What a file is that is no text, with what to do about it.
fn document_kind(bytes: &[u8]) -> Option<&'static str> {
    const PICTURE: &str =
        "a picture, which is not read; `eligo ask` writes a record from what you read in it";
    const PAGE: &str =
        "a page in HTML, such as a sheet, which is not read; name the record that it was made of";
    const KINDS: [(&[u8], &str); 9] = [
        (
            b"%PDF-",
            "a PDF, which is not read; `eligo ask` writes a record from what you read in it",
        ),
        (b"\x89PNG", PICTURE),
        (b"\xff\xd8\xff", PICTURE),
        (b"<!doctype html", PAGE),
        (b"<!DOCTYPE html", PAGE),
        (b"<html", PAGE),
        (
            b"{\"schema\":\"eligo/log/1\"",
            "a screening log; `eligo log show` shows it",
        ),
        (
            b"PK\x03\x04",
            "a workbook or another packed document; `eligo batch` screens a list in one, and `--source FILE --candidate ID` one of its candidates",
        ),
        (
            b"\xd0\xcf\x11\xe0",
            "an old workbook or document; `eligo batch` screens a list in one, and `--source FILE --candidate ID` one of its candidates",
        ),
    ];
    let kind = KINDS.iter().find(|(begins, _)| bytes.starts_with(begins));
    kind.map(|(_, kind)| *kind)
}

/// Reads a document.
pub fn parse(source: &Arc<Source>, notation: Notation) -> anyhow::Result<Node> {
    document::read(source, notation).map_err(|error| Diagnostics(vec![*error]).into())
}

/// The notation of a file: as asked for, or by its extension. YAML, of which JSON is a part, if neither tells.
pub fn notation(path: &Path, from: Option<From>) -> Notation {
    match from {
        Some(From::Json | From::QuestionnaireResponse) => Notation::Json,
        Some(From::Yaml | From::Fhir) => Notation::Yaml,
        None if extension(path).as_deref() == Some("json") => Notation::Json,
        None => Notation::Yaml,
    }
}

/// The extension of a file's name, in small letters.
pub fn extension(path: &Path) -> Option<String> {
    path.extension()
        .map(|extension| extension.to_string_lossy().to_lowercase())
}

pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A day on the command line.
pub fn whole_date(text: &str) -> Result<Date, String> {
    date::parse(text)?
        .value()
        .ok_or_else(|| format!("`{text}` has no day; write YYYY-MM-DD"))
}
