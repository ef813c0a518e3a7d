//! `eligo diff OLD NEW`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use eligo::diff::{self, report};

use super::{Terminal, input};

/// Compare two versions of a trial file.
#[derive(Debug, Args)]
pub struct Diff {
    /// The old trial file; `embedded` is the one that comes with the program
    old: PathBuf,
    /// The new trial file
    new: PathBuf,
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading
    Text,
    /// For programs: `eligo/diff/1`
    Json,
}

impl Diff {
    /// Compares.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let load = |path: &Path| input::load_trial((path.as_os_str() != "embedded").then_some(path));
        let (old, new) = (load(&self.old)?.0, load(&self.new)?.0);
        let found = diff::diff(&old, &new);
        let names = [self.old.display().to_string(), self.new.display().to_string()];
        let (a, b) = (report::File::new(&names[0], &old), report::File::new(&names[1], &new));
        terminal.print(&match self.format {
            Format::Text => report::text(&found, &a, &b, usize::from(terminal.width)),
            Format::Json => report::json(&found, &a, &b)? + "\n}\n",
        })?;
        Ok(ExitCode::SUCCESS)
    }
}
