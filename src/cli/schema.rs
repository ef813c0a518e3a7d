//! `eligo schema WHAT`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, ValueEnum};
use eligo::{json_escape, schema, trial};
use serde_json::Value as Json;

use super::{Terminal, input};

/// Write a JSON Schema.
#[derive(Debug, Args)]
#[command(
    after_help = "An editor that knows the schema completes and checks a file while it is typed. Write it beside the file,\n\
    and name it in the file's first line:\n\n  \
    eligo schema record > nct04546906.record.schema.json\n  \
    # yaml-language-server: $schema=nct04546906.record.schema.json"
)]
pub struct Schema {
    /// Of what
    #[arg(value_enum, value_name = "WHAT")]
    what: What,
    /// The trial file of record, cases and site [default: NCT04546906, which comes with the program]
    #[arg(long, value_name = "FILE", env = "ELIGO_TRIAL", hide_env_values = true)]
    trial: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// A record of this trial
    Record,
    /// The cases of this trial
    Cases,
    /// A site's policy for this trial
    Site,
    /// A trial file
    Trial,
    /// A source file
    Source,
    /// What `screen --format json` writes
    Report,
    /// A line of `batch --format ndjson`
    Row,
    /// What `batch --summary FILE` writes
    Summary,
    /// What `diff --format json` writes
    Diff,
}

impl Schema {
    /// Writes it.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let text = match self.what {
            What::Record => self.of_trial(schema::record)?,
            What::Cases => self.of_trial(schema::cases)?,
            What::Site => self.of_trial(schema::site)?,
            What::Trial => self.fixed(schema::TRIAL)?,
            What::Source => self.fixed(schema::SOURCE)?,
            What::Report => self.fixed(schema::REPORT)?,
            What::Row => self.fixed(schema::ROW)?,
            What::Summary => self.fixed(schema::SUMMARY)?,
            What::Diff => self.fixed(schema::DIFF)?,
        };
        terminal.print(&text)?;
        Ok(ExitCode::SUCCESS)
    }

    fn of_trial(&self, make: impl Fn(&trial::Trial) -> Json) -> anyhow::Result<String> {
        let (trial, _) = input::load_trial(self.trial.as_deref())?;
        Ok(json_escape::to_string_pretty(&make(&trial))? + "\n")
    }

    fn fixed(&self, schema: &str) -> anyhow::Result<String> {
        if self.trial.is_some() {
            bail!(
                "this schema is the same for every trial; `--trial` goes with record, cases and site"
            );
        }
        Ok(schema.to_owned())
    }
}
