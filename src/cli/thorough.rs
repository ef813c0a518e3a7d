//! `eligo check --coverage --mutate`: whether the cases hold the rules.

use std::sync::Arc;

use clap::Args;
use eligo::cases::Suite;
use eligo::diagnostic::{Diagnostic, Source};
use eligo::lint::json::More;
use eligo::trial::Trial;
use eligo::{coverage, mutation};
use jiff::civil::Date;

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

/// What a thorough look found.
#[derive(Debug, Default)]
pub struct Looked {
    coverage: Option<coverage::Report>,
    mutation: Option<mutation::Report>,
    /// Whether there were no cases from which anything can be learned, though they were asked for.
    without_cases: bool,
}

impl Thorough {
    /// Looks at what is asked for. `suite` is there if all its cases pass: from others nothing can be learned. What is
    /// wrong with the cases is added to `problems`.
    pub fn look(
        self,
        source: &Arc<Source>,
        trial: &Trial,
        suite: Option<&Suite>,
        today: Date,
        problems: &mut Vec<Diagnostic>,
    ) -> Looked {
        let mut looked = Looked::default();
        if !self.coverage && !self.mutate {
            return looked;
        }
        let Some(suite) = suite else {
            return Looked {
                without_cases: true,
                ..looked
            };
        };
        if self.coverage {
            let mut report = coverage::measure(source, trial, suite, today);
            problems.append(&mut report.problems);
            looked.coverage = Some(report);
        }
        if self.mutate {
            let limits = mutation::Limits::default();
            let mut report = mutation::run(source, trial, suite, today, limits);
            problems.append(&mut report.problems);
            looked.mutation = Some(report);
        }
        looked
    }
}

impl Looked {
    /// Whether nothing is left.
    pub fn is_well(&self) -> bool {
        !self.without_cases
            && self.coverage.as_ref().is_none_or(coverage::Report::is_full)
            && self.mutation.as_ref().is_none_or(mutation::Report::is_well)
    }

    /// What is left, for reading.
    pub fn table(&self) -> String {
        let mut table = String::new();
        if self.without_cases {
            table.push_str("coverage and mutation need cases, all of which pass\n");
        }
        if let Some(report) = &self.coverage {
            table.push_str(&coverage::table::render(report));
        }
        if let Some(report) = &self.mutation {
            table.push_str(&mutation::table::render(report));
        }
        table
    }

    /// What is left, for programs.
    pub fn members(&self) -> serde_json::Result<More> {
        let mut members = More::new();
        if let Some(report) = &self.coverage {
            members.insert("coverage".to_owned(), serde_json::to_value(report)?);
        }
        if let Some(report) = &self.mutation {
            members.insert("mutation".to_owned(), serde_json::to_value(report)?);
        }
        Ok(members)
    }
}
