//! `eligo check --coverage --mutate`: whether the cases hold the rules.

use std::sync::Arc;

use clap::Args;
use eligo::diagnostic::Source;
use eligo::trial::Trial;
use eligo::trial::cases::Suite;
use eligo::{coverage, mutation};
use jiff::civil::Date;

use super::Terminal;

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
    /// Whether anything is asked for.
    pub fn asked(self) -> bool {
        self.coverage || self.mutate
    }

    /// Prints what is left, and says whether nothing is. The cases pass: nothing can be learned from those that do not.
    pub fn run(self, source: &Arc<Source>, trial: &Trial, suite: &Suite, today: Date, terminal: &Terminal) -> anyhow::Result<bool> {
        let mut well = true;
        if self.coverage {
            let report = coverage::measure(source, trial, suite, today);
            terminal.explain(&report.problems);
            terminal.print(&coverage::table::render(&report))?;
            well &= report.is_full();
        }
        if self.mutate {
            match mutation::run(source, suite, today) {
                Ok(report) => {
                    terminal.explain(&report.problems);
                    terminal.print(&mutation::table::render(&report))?;
                    well &= report.is_well();
                }
                Err(problems) => {
                    terminal.explain(&problems);
                    well = false;
                }
            }
        }
        Ok(well)
    }
}
