//! `eligo check TRIAL…`

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use eligo::cases::{self, Suite};
use eligo::diagnostic::catalogue;
use eligo::diagnostic::{Diagnostic, Diagnostics, Severity, Source, visible};
use eligo::document::{self, Notation};
use eligo::lint::checked::{CasesRun, Checked, Summary};
use eligo::lint::{self, Cases, json, sarif};
use eligo::source::{self, is_source};
use eligo::trial::{Trial, compile};
use jiff::civil::Date;

use super::input::load_trial;
use super::thorough::{Looked, Thorough};
use super::today::today;
use super::{ERROR, Terminal, input};

/// Check trial files.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 nothing is wrong (there may be warnings), 1 the cases leave something open \
    that `--coverage` or `--mutate` asks for, 2 an error: a file cannot be read or is refused, a lint \
    that is an error or denied, a case that does not get what it wants\n\nExample: eligo check --coverage --mutate criteria/nct03057977.yaml"
)]
pub struct Check {
    /// Trial files and source files; the cases of `NAME.yaml` are in `NAME.cases.yaml` beside it
    #[arg(required = true, value_name = "TRIAL")]
    trials: Vec<PathBuf>,
    /// The trial file that source files are for [default: NCT04546906, which comes with the program]
    #[arg(long, value_name = "FILE", env = "ELIGO_TRIAL", hide_env_values = true)]
    trial: Option<PathBuf>,
    /// How to write what was found
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Make errors of a lint's findings, or of all `warnings` or `notes`; can be given more than once
    #[arg(long, value_name = "LINT", value_parser = denied)]
    deny: Vec<Deny>,
    /// Read values, units and causes of what is missing in cases only as they are declared, to the letter
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    thorough: Thorough,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Messages with the lines that they are about, then a line for each file
    Table,
    /// One JSON object, `eligo/check/1`
    Json,
    /// A SARIF 2.1.0 log, for code hosts and editors
    Sarif,
}

/// What is made an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deny {
    /// Every finding that is at least this bad.
    From(Severity),
    /// The findings of one lint.
    Lint(&'static str),
}

fn denied(text: &str) -> Result<Deny, String> {
    match text {
        "warnings" => Ok(Deny::From(Severity::Warning)),
        "notes" => Ok(Deny::From(Severity::Note)),
        code => match catalogue::find(code) {
            Some(lint) => Ok(Deny::Lint(lint.code)),
            None => Err(format!(
                "there is no such lint; {}",
                catalogue::suggestion(code)
            )),
        },
    }
}

impl Check {
    /// Checks every file, and goes on where one is wrong.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let today = today()?;
        let (mut all, mut more, mut well) = (Vec::new(), Vec::new(), true);
        for path in &self.trials {
            let (mut checked, looked) = check(path, &self, today);
            checked.deny(|finding| self.denies(finding));
            if self.format == Format::Table {
                show(&checked, path, terminal)?;
                terminal.print(&looked.table())?;
            }
            well &= looked.is_well();
            more.push(looked.members()?);
            all.push(checked);
        }
        let version = env!("CARGO_PKG_VERSION");
        match self.format {
            Format::Table => {}
            Format::Json => terminal.print(&json::render(&all, more, version)?)?,
            Format::Sarif => terminal.print(&sarif::render(&all, version)?)?,
        }
        Ok(match all.iter().all(Checked::passed) {
            false => ExitCode::from(ERROR),
            true => ExitCode::from(u8::from(!well)),
        })
    }

    fn denies(&self, finding: &Diagnostic) -> bool {
        self.deny.iter().any(|deny| match deny {
            Deny::From(severity) => finding.severity >= *severity,
            Deny::Lint(code) => finding.code == Some(code),
        })
    }
}

/// Checks one trial file: reads it, compiles it, reads and runs its cases, and looks at what is probably wrong.
fn check(path: &Path, call: &Check, today: Date) -> (Checked, Looked) {
    let mut checked = Checked::new(path.display().to_string());
    let Some(source) = read(path, &mut checked) else {
        return (checked, Looked::default());
    };
    if document::read(&source, Notation::Yaml).is_ok_and(|document| is_source(&document)) {
        check_source(path, &source, call.trial.as_deref(), &mut checked);
        return (checked, Looked::default());
    }
    let (mut trial, warnings) = match compile(&source) {
        Ok(compiled) => compiled,
        Err(problems) => {
            checked.findings = problems;
            return (checked, Looked::default());
        }
    };
    trial.facts.strict = call.strict;
    checked.trial = Some(Summary::of(&trial));
    let beside = path.with_extension("cases.yaml");
    let name = visible(&beside.display().to_string());
    let suite = if beside.exists() {
        read_cases(&beside, &trial, &mut checked)
    } else {
        None
    };
    let cases = match &suite {
        Some(suite) => Cases::Read(suite),
        None if beside.exists() => Cases::Unreadable,
        None => Cases::Absent(&name),
    };
    let mut findings = std::mem::take(&mut checked.findings);
    checked.add(lint::run(&trial, &source, warnings, cases));
    if let Some(suite) = &suite {
        let results = suite.run(&trial, today);
        checked.cases = Some(CasesRun {
            file: name,
            total: results.cases,
            passed: results.passed,
        });
        findings.extend(results.failures);
    }
    let passing = suite.as_ref().filter(|_| {
        checked
            .cases
            .as_ref()
            .is_some_and(|run| run.passed == run.total)
    });
    let looked = call
        .thorough
        .look(&source, &trial, passing, today, &mut findings);
    checked.findings.extend(findings);
    (checked, looked)
}

/// Checks a source file against its trial.
fn check_source(path: &Path, source: &Arc<Source>, trial: Option<&Path>, checked: &mut Checked) {
    let folder = path.parent().unwrap_or(Path::new(""));
    let files = &|name: &str| input::read(&folder.join(name)).map_err(|error| format!("{error:#}"));
    let compiled = load_trial(trial).and_then(|(trial, _)| {
        let compiled = source::compile(source, &trial, files).map_err(Diagnostics)?;
        Ok(format!("{}, for trial {}", compiled.summary(), trial.id))
    });
    match compiled {
        Ok(said) => checked.source = Some(said),
        Err(error) => match error.downcast::<Diagnostics>() {
            Ok(Diagnostics(problems)) => checked.findings.extend(problems),
            Err(error) => checked
                .findings
                .push(Diagnostic::error(format!("{error:#}")).code("unreadable")),
        },
    }
}

/// Reads a file, or notes why it cannot be read.
fn read(path: &Path, checked: &mut Checked) -> Option<Arc<Source>> {
    match input::read(path) {
        Ok(source) => return Some(source),
        Err(error) => match error.downcast::<Diagnostics>() {
            Ok(Diagnostics(problems)) => checked.findings.extend(
                problems
                    .into_iter()
                    .map(|problem| problem.or_code("unreadable")),
            ),
            Err(error) => checked
                .findings
                .push(Diagnostic::error(format!("{error:#}")).code("unreadable")),
        },
    }
    None
}

/// Reads the cases beside a trial file, or notes what is wrong with them.
fn read_cases(path: &Path, trial: &Trial, checked: &mut Checked) -> Option<Suite> {
    let source = read(path, checked)?;
    match cases::read(&source, trial) {
        Ok(suite) => Some(suite),
        Err(problems) => {
            checked.findings.extend(problems);
            None
        }
    }
}

/// Shows what was found, and what it amounts to.
fn show(checked: &Checked, path: &Path, terminal: &Terminal) -> anyhow::Result<()> {
    // That there are no cases is said below, on the line of the file.
    let said_below = |finding: &&Diagnostic| {
        finding.code == Some("no-cases") && finding.severity == Severity::Note
    };
    let findings = checked.findings.iter();
    let findings: Vec<Diagnostic> = findings
        .filter(|finding| !said_below(finding))
        .cloned()
        .collect();
    terminal.explain(&findings);
    let name = visible(&checked.file);
    let errors = counted(checked.count(Severity::Error), "error");
    if let Some(said) = &checked.source {
        return terminal.print(&format!("{name}: {said}\n"));
    }
    let Some(trial) = &checked.trial else {
        // What was not even read has been said.
        let unread = checked
            .findings
            .iter()
            .all(|finding| finding.code == Some("unreadable"));
        return if unread {
            Ok(())
        } else {
            terminal.print(&format!("{name}: {errors}\n"))
        };
    };
    let mut parts = vec![
        format!(
            "{} criteria ({} with their sub-criteria)",
            trial.criteria, trial.with_parts
        ),
        counted(trial.facts, "fact"),
        counted(checked.count(Severity::Warning), "warning"),
    ];
    if checked.count(Severity::Note) > 0 {
        parts.push(counted(checked.count(Severity::Note), "note"));
    }
    if !checked.accepted.is_empty() {
        parts.push(format!("{} accepted", checked.accepted.len()));
    }
    if !checked.passed() {
        parts.push(errors);
    }
    parts.push(match &checked.cases {
        Some(cases) => format!("{} of {} cases passed", cases.passed, cases.total),
        None => without_cases(path),
    });
    terminal.print(&format!("{name}: {}\n", parts.join("; ")))
}

fn without_cases(path: &Path) -> String {
    let beside = path.with_extension("cases.yaml");
    let why = match beside.exists() {
        true => "is not right",
        false => "is not there",
    };
    let name = visible(&beside.display().to_string());
    format!("no cases ({name} {why})")
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
