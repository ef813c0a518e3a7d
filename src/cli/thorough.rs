//! `eligo check --coverage --mutate`: whether the cases hold the rules.

use std::sync::Arc;

use clap::Args;
use eligo::diagnostic::Source;
use eligo::trial::Trial;
use eligo::trial::cases::Suite;
use eligo::{coverage, mutation};
use jiff::civil::Date;

use super::{Refused, Terminal};

/// How thoroughly the cases are looked at.
#[derive(Debug, Clone, Copy, Args)]
pub struct Thorough {
    /// List what no case reaches: verdicts, and the truths of every part of every rule
    #[arg(long)]
    pub coverage: bool,
    /// Change the rules one small step at a time, and list the changes that no case notices
    #[arg(long)]
    pub mutate: bool,
}

impl Thorough {
    /// Prints what is left, and says whether nothing is. `suite` is there if all its cases pass: from others nothing
    /// can be learned.
    pub fn run(self, source: &Arc<Source>, trial: &Trial, suite: Option<&Suite>, today: Date, terminal: &Terminal) -> anyhow::Result<bool> {
        if !self.coverage && !self.mutate {
            return Ok(true);
        }
        let Some(suite) = suite else {
            terminal.print("coverage and mutation need cases, all of which pass\n")?;
            return Ok(false);
        };
        let mut well = true;
        if self.coverage {
            let report = coverage::measure(source, trial, suite, today).map_err(Refused)?;
            terminal.explain(&report.problems);
            terminal.print(&coverage::table::render(&report))?;
            well &= report.is_full();
        }
        if self.mutate {
            let report = mutation::run(source, suite, today, mutation::Limits::default()).map_err(Refused)?;
            terminal.explain(&report.problems);
            terminal.print(&mutation::table::render(&report))?;
            well &= report.is_well();
        }
        Ok(well)
    }
}
