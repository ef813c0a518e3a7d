//! `eligo eval EXPR`

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use clap::{ArgAction, Args, ValueEnum};
use eligo::answer::{Answer, eval};
use eligo::cql::ExpressionError;
use eligo::cql::typed::Type;
use eligo::diagnostic::{Diagnostic, Source, visible};
use eligo::entry::Entry;
use eligo::trial::Trial;
use eligo::value::Value;
use jiff::civil::Date;
use serde::Serialize;

use super::input::{self, From, TrialArguments};
use super::{ERROR, Terminal};

/// Try an expression of the rules' language.
#[derive(Debug, Args)]
#[command(
    disable_help_flag = true,
    after_help = "\
Examples:
  eligo eval \"years between @2012-02-29 and @2026-11-20\"
  eligo eval \"ecog <= 2\" --record candidate.yaml
  eligo eval \"Count(cd22)\" --record candidate.yaml --format json

Exit codes: 0 a value, `null` included; 2 error"
)]
pub struct Eval {
    /// The expression; `-` for standard input
    #[arg(value_name = "EXPR", allow_hyphen_values = true)]
    expression: String,
    /// A candidate's record, YAML or JSON; without one every fact is missing
    #[arg(long, value_name = "RECORD")]
    record: Option<PathBuf>,
    #[command(flatten)]
    trial: TrialArguments,
    /// The notation of the record [default: by its extension, else yaml]
    #[arg(long, value_enum, value_name = "NOTATION", requires = "record")]
    from: Option<From>,
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,
    // Without its short form: an expression may begin with `-h`.
    /// Print help
    #[arg(long, action = ArgAction::Help)]
    help: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The value on one line, as the language writes it
    Text,
    /// For programs: `eligo/value/1`
    Json,
}

/// The contract of `--format json`.
#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    expression: &'a str,
    screened_on: String,
    #[serde(rename = "type")]
    kind: &'static str,
    /// A boolean or null as such; everything else as the language writes it, so that no digit is lost.
    value: serde_json::Value,
    notes: &'a [&'static str],
    missing: Vec<Missing<'a>>,
}

#[derive(Serialize)]
struct Missing<'a> {
    fact: &'a str,
    cause: &'static str,
}

impl Eval {
    /// Tries the expression.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let from_stdin = self.expression == "-";
        if from_stdin && self.record.as_deref() == Some(Path::new("-")) {
            bail!("standard input cannot be both the expression and the record");
        }
        let trial = self.trial.trial()?;
        let (entries, today) = self.facts(&trial)?;
        let source = if from_stdin {
            input::read(Path::new("-"))?
        } else {
            Source::new("<expression>", self.expression.as_str())
        };
        let answer = match eval(&source.text, &trial, &entries, today) {
            Ok(answer) => answer,
            Err(errors) => {
                terminal.explain(&located(&source, errors));
                return Ok(ExitCode::from(ERROR));
            }
        };
        let text = match self.format {
            Format::Text => format!("{}\n", visible(&answer.text)),
            Format::Json => json(&source.text, &answer, today)?,
        };
        terminal.print(&text)?;
        if self.format == Format::Text {
            note(&answer);
        }
        Ok(ExitCode::SUCCESS)
    }

    /// What is known, and the screening date.
    fn facts(&self, trial: &Trial) -> anyhow::Result<(Vec<Entry>, Date)> {
        let dates = self.trial.dates()?;
        let policy = self.trial.policy(trial)?;
        let Some(path) = &self.record else {
            return Ok((
                vec![Entry::NOT_RECORDED; trial.facts.len()],
                dates.as_of.unwrap_or(dates.today),
            ));
        };
        let (mut record, _) = self.trial.record(path, self.from, trial)?;
        policy.accept(&mut record.entries, trial, record.screened_on);
        Ok((record.entries, record.screened_on))
    }
}

fn located(source: &Arc<Source>, errors: Vec<ExpressionError>) -> Vec<Diagnostic> {
    let problem = |error: ExpressionError| {
        let end = error.span.end.max(error.span.start + 1);
        Diagnostic::error(error.message)
            .at(source, error.span.start..end)
            .help_if(error.help)
    };
    errors.into_iter().map(problem).collect()
}

/// What the value alone does not say, for the author.
fn note(answer: &Answer) {
    let mut stderr = io::stderr().lock();
    for doubt in &answer.doubts {
        let _ = writeln!(stderr, "note: {doubt}");
    }
    for (fact, cause) in &answer.missing {
        let _ = writeln!(stderr, "note: `{}` is {}", visible(fact), cause);
    }
    if answer.value.is_null() && answer.missing.is_empty() && answer.kind != Type::Any {
        let _ = writeln!(
            stderr,
            "note: what is known leaves it open, or it cannot be computed"
        );
    }
}

fn json(expression: &str, answer: &Answer, today: Date) -> anyhow::Result<String> {
    let value = match answer.value {
        Value::Null(_) => serde_json::Value::Null,
        Value::Boolean(value) => value.into(),
        _ => answer.text.as_str().into(),
    };
    let report = Report {
        schema: "eligo/value/1",
        expression,
        screened_on: today.to_string(),
        kind: answer.kind.name(),
        value,
        notes: &answer.doubts,
        missing: answer
            .missing
            .iter()
            .map(|(fact, cause)| Missing {
                fact,
                cause: cause.code(),
            })
            .collect(),
    };
    Ok(format!(
        "{}\n",
        eligo::json_escape::to_string_pretty(&report)?
    ))
}
