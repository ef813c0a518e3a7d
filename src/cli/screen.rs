//! `eligo screen RECORD`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use eligo::log::Entry;
use eligo::report::{Provenance, json, table};
use eligo::screening::{Eligibility, screen};

use super::Terminal;
use super::input::{From, TrialArguments};
use super::log::LogArguments;

/// Screen one candidate.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 eligible, 1 ineligible, 2 error, 3 undetermined\n\nExample: eligo screen ldp-0042.yaml --site our-policy.yaml"
)]
pub struct Screen {
    /// The candidate's record, YAML or JSON; `-` for standard input
    record: PathBuf,
    #[command(flatten)]
    trial: TrialArguments,
    #[command(flatten)]
    log: LogArguments,
    /// The notation of the record [default: by its extension, else yaml]
    #[arg(long, value_enum, value_name = "NOTATION")]
    from: Option<From>,
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Table, value_name = "FORMAT")]
    format: Format,
    /// Columns of the table [default: those of the terminal; 80 in a pipe]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(20..=1000))]
    width: Option<u16>,
    /// Only one line: the candidate and the eligibility
    #[arg(long, short, conflicts_with = "format")]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading
    Table,
    /// For programs: `eligo/report/1`
    Json,
}

impl Screen {
    /// Screens, and says the eligibility in the exit code.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let trial = self.trial.trial()?;
        let policy = self.trial.policy(&trial)?;
        let log = self.log.open()?;
        let (record, record_sha256) = self.trial.record(&self.record, self.from, &trial)?;
        let screening = screen(&trial, &record, &policy);
        let mut provenance = Provenance {
            record_sha256,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            logged: None,
        };
        if let Some(mut log) = log {
            let entry = Entry::of(&screening, &provenance.record_sha256);
            provenance.logged = Some(log.add(vec![entry])?);
        }
        let layout = table::Layout {
            width: self.width.unwrap_or(terminal.width),
            colour: terminal.colour,
        };
        let text = match self.format {
            _ if self.quiet => table::headline(&screening, terminal.colour),
            Format::Table => table::render(&screening, &provenance, layout),
            Format::Json => json::render(&screening, &provenance)?,
        };
        terminal.print(&text)?;
        Ok(ExitCode::from(match screening.eligibility {
            Eligibility::Eligible => 0,
            Eligibility::Ineligible => 1,
            Eligibility::Undetermined => 3,
        }))
    }
}
