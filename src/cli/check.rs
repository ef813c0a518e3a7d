//! `eligo check TRIAL…`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use eligo::diagnostic::{Severity, visible};
use eligo::trial::{cases, compile};
use jiff::Zoned;

use super::thorough::Thorough;
use super::{ERROR, Terminal, input, report_error};

/// Check trial files.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 all is well, 1 a trial file or a case is wrong or the cases leave\nsomething open that `--coverage` or `--mutate` asks for, 2 a file cannot be read"
)]
pub struct Check {
    /// Trial files; the cases of `NAME.yaml` are in `NAME.cases.yaml` beside it
    #[arg(required = true, value_name = "TRIAL")]
    trials: Vec<PathBuf>,
    #[command(flatten)]
    thorough: Thorough,
}

impl Check {
    /// Checks every file, and goes on where one is wrong.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let mut worst = 0;
        for path in &self.trials {
            let code = match check(path, self.thorough, terminal) {
                Ok(well) => u8::from(!well),
                Err(error) => {
                    report_error(&error, terminal);
                    ERROR
                }
            };
            worst = worst.max(code);
        }
        Ok(ExitCode::from(worst))
    }
}

/// Whether a trial file compiles and all its cases get what they want.
fn check(path: &Path, thorough: Thorough, terminal: &Terminal) -> anyhow::Result<bool> {
    let name = visible(&path.display().to_string());
    let source = input::read(path)?;
    let (trial, warnings) = match compile(&source) {
        Ok(compiled) => compiled,
        Err(problems) => {
            terminal.explain(&problems);
            let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
            terminal.print(&format!("{name}: {}\n", counted(errors, "error")))?;
            return Ok(false);
        }
    };
    terminal.explain(&warnings);
    let criteria = trial.all_criteria().len();
    let summary = format!(
        "{name}: {} criteria ({criteria} with their sub-criteria); {}; {}",
        trial.criteria.len(),
        counted(trial.facts.len(), "fact"),
        counted(warnings.len(), "warning")
    );
    let beside = path.with_extension("cases.yaml");
    if !beside.exists() {
        terminal.print(&format!("{summary}; no cases ({} is not there)\n", visible(&beside.display().to_string())))?;
        return thorough.run(&source, &trial, None, Zoned::now().date(), terminal);
    }
    let cases_source = input::read(&beside)?;
    let suite = match cases::read(&cases_source, &trial) {
        Ok(suite) => suite,
        Err(problems) => {
            terminal.explain(&problems);
            terminal.print(&format!("{summary}; its cases have {}\n", counted(problems.len(), "error")))?;
            return Ok(false);
        }
    };
    let today = Zoned::now().date();
    let results = suite.run(&trial, today);
    terminal.explain(&results.failures);
    terminal.print(&format!("{summary}; {} of {} cases passed\n", results.passed, results.cases))?;
    let passed = results.failures.is_empty();
    let held = thorough.run(&source, &trial, passed.then_some(&suite), today, terminal)?;
    Ok(passed && held)
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
