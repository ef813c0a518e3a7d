//! `eligo template`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use eligo::template;

use super::{Terminal, input};

/// Write a blank record.
#[derive(Debug, Args)]
#[command(after_help = "Example: eligo template > ldp-0042.yaml")]
pub struct Template {
    /// The trial file [default: NCT04546906, which comes with the program]
    #[arg(long, value_name = "FILE", env = "ELIGO_TRIAL", hide_env_values = true)]
    trial: Option<PathBuf>,
    /// The notation of the record
    #[arg(long, value_enum, default_value_t = Format::Yaml, value_name = "FORMAT")]
    format: Format,
    /// Only what decides first, a line for each fact (YAML)
    #[arg(long, conflicts_with = "format")]
    brief: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// With a comment on every fact
    Yaml,
    /// Keys and nulls
    Json,
    /// The header of a list
    Csv,
}

impl Template {
    /// Writes it.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let (trial, _) = input::load_trial(self.trial.as_deref())?;
        let text = match self.format {
            _ if self.brief => template::brief(&trial),
            Format::Yaml => template::yaml(&trial),
            Format::Json => template::json(&trial),
            Format::Csv => template::csv(&trial),
        };
        terminal.print(&text)?;
        Ok(ExitCode::SUCCESS)
    }
}
