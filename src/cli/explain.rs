//! `eligo explain [ID]`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, ValueEnum};
use eligo::explain::{self, Question, Sources};
use eligo::report::Provenance;
use eligo::report::table::Layout;
use eligo::screening::screen;

use super::input::{self, From, TrialArguments};
use super::{ERROR, Terminal};

/// Explain the criteria.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 explained, 2 error\n\nExample: eligo explain I1 E6")]
pub struct Explain {
    /// Criteria, such as I1b; facts, groups of facts or definitions, by name [default: the whole trial]
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    trial: TrialArguments,
    /// A candidate's record: show its values, and what they make of every part
    #[arg(long, value_name = "RECORD")]
    record: Option<PathBuf>,
    /// The notation of the record [default: by its extension, else yaml]
    #[arg(long, value_enum, value_name = "NOTATION", requires = "record")]
    from: Option<From>,
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,
    /// Columns of the text [default: those of the terminal; 80 in a pipe]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(20..=1000))]
    width: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading
    Text,
    /// For minutes and wikis
    Markdown,
    /// For programs: `eligo/explain/1`
    Json,
}

impl Explain {
    /// Explains. Whatever becomes of a candidate, the explanation itself is no failure.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let source = input::trial_source(self.trial.trial.as_deref())?;
        let (mut trial, _) = input::compile(&source)?;
        trial.facts.strict = self.trial.strict;
        let (mut questions, mut unknown) = (Vec::new(), Vec::new());
        for id in &self.ids {
            match explain::find(&trial, id) {
                Ok(found) => questions.extend(found),
                Err(problem) => unknown.push(*problem),
            }
        }
        if !unknown.is_empty() {
            terminal.explain(&unknown);
            return Ok(ExitCode::from(ERROR));
        }
        if self.record.is_none() && self.trial.as_of.is_some() {
            bail!(
                "`--as-of` is the day on which a candidate is screened; name the candidate with `--record RECORD`"
            );
        }
        let policy = self.trial.policy(&trial)?;
        let read = self
            .record
            .as_deref()
            .map(|path| self.trial.record(path, self.from, &trial))
            .transpose()?;
        let screened = read
            .as_ref()
            .map(|(record, _)| screen(&trial, record, &policy));
        let provenance = read.as_ref().map(|(_, sha256)| Provenance {
            record_sha256: sha256.clone(),
            merged: Vec::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            logged: None,
        });
        let sources = Sources {
            trial: &trial,
            source: &source,
            policy: &policy,
            candidate: screened.as_ref().zip(provenance.as_ref()),
        };
        let questions: Vec<Question<'_>> = questions;
        let explanation = explain::explain(sources, &questions);
        let layout = Layout {
            width: self.width.unwrap_or(terminal.width),
            colour: terminal.colour,
        };
        let text = match self.format {
            Format::Text => explain::text::render(&explanation, layout),
            Format::Markdown => explain::markdown::render(&explanation),
            Format::Json => explanation.json(env!("CARGO_PKG_VERSION"))?,
        };
        terminal.print(&text)?;
        Ok(ExitCode::SUCCESS)
    }
}
