//! `eligo summary rows RESULTS…`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use eligo::batch::arrow::Tally;
use eligo::batch::listed;
use eligo::batch::repeats::{Repetitions, Scope};
use eligo::batch::summary::{Job, ListName};

use super::{Written, refuse_twice};
use crate::cli::batch::destination::shown;
use crate::cli::batch::{arrow, temporary_store};
use crate::cli::{Terminal, input};

/// Say what screened rows amount to, in the columns that `batch --format arrow` or `parquet` writes, whatever engine has kept,
/// filtered or joined them since.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 counted, 2 an error\n\nExample: eligo summary rows screened.parquet"
)]
pub struct CountRows {
    /// Parquet files, Arrow files or streams; `-` for a stream on standard input
    #[arg(required = true, value_name = "RESULTS")]
    results: Vec<PathBuf>,
    /// The trial file by which they were screened [default: NCT04546906, which comes with the program]
    #[arg(long, value_name = "FILE", env = "ELIGO_TRIAL", hide_env_values = true)]
    trial: Option<PathBuf>,
    #[command(flatten)]
    written: Written,
}

impl CountRows {
    /// Counts them.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        refuse_twice(&self.results)?;
        let (trial, _) = input::load_trial(self.trial.as_deref())?;
        let output = self.written.open(&self.results)?;
        let criteria = listed(&trial);
        let mut tally = Tally::new(&trial, &criteria);
        let mut repetitions = Repetitions::stored(temporary_store);
        let mut lists = Vec::new();
        let mut has_keys = false;
        for (path, number) in self.results.iter().zip(1..) {
            let name = shown(path);
            let wrong = |why: String| anyhow!("`{name}` has no results that can be counted: {why}");
            let arrow::Opened {
                schema, batches, ..
            } = arrow::open(path, &[])?;
            tally.check(&schema).map_err(wrong)?;
            has_keys |= schema.index_of("key").is_ok();
            for batch in batches {
                tally.add(&batch?).map_err(wrong)?;
                repetitions.take(&mut tally.summary, number)?;
            }
            lists.push(ListName {
                part: None,
                file: name,
            });
        }
        let mut report = tally.summary.report(&trial, &criteria, tally.reasons());
        let found = repetitions.finish(Scope::AllLists, self.written.job)?;
        let digests = report.repeat(found, has_keys, &lists);
        // Rows do not say by which policy, nor for which day, they were screened.
        report.job = self.written.job.then(|| Job {
            key: has_keys.then(|| "key".to_owned()),
            ..Job::of(&trial, env!("CARGO_PKG_VERSION"), lists, digests)
        });
        self.written.write(&report, output, terminal)
    }
}
