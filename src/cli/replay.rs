//! `eligo replay REPORT.json --record RECORD`

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use eligo::diagnostic::{Diagnostic, Diagnostics, visible};
use eligo::document::json_place;
use eligo::report::MergedFrom;
use eligo::report::json::SCHEMA;
use eligo::screening::{Outcome, Screening, screen};
use jiff::civil::Date;
use serde::Deserialize;

use super::Terminal;
use super::input::{From, TrialArguments, read};
use super::with::WithArguments;

/// Screen again as a report says, and compare.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 the verdicts are the same, 1 a verdict differs, 2 error\n\nExample: eligo replay report.json --record ldp-0042.yaml"
)]
pub struct Replay {
    /// The report, as `eligo screen --format json` wrote it
    report: PathBuf,
    /// The record of the candidate
    #[arg(long, value_name = "RECORD")]
    record: PathBuf,
    #[command(flatten)]
    with: WithArguments,
    #[command(flatten)]
    trial: TrialArguments,
    /// The notation of the record [default: by its extension, else yaml]
    #[arg(long, value_enum, value_name = "NOTATION")]
    from: Option<From>,
}

/// What is read of a report.
#[derive(Debug, Deserialize)]
struct Report {
    schema: String,
    trial: Made,
    candidate: Option<String>,
    screened_on: Date,
    eligibility: String,
    criteria: Vec<Criterion>,
    site: Option<Made>,
    record: Made,
    tool: Tool,
}

/// What something was made from.
#[derive(Debug, Deserialize)]
struct Made {
    version: Option<String>,
    sha256: String,
    /// What was merged into it.
    #[serde(default)]
    merged: Vec<MergedFrom>,
}

#[derive(Debug, Deserialize)]
struct Tool {
    version: String,
}

#[derive(Debug, Deserialize)]
struct Criterion {
    id: String,
    verdict: String,
    #[serde(default)]
    criteria: Vec<Criterion>,
}

/// The verdicts by criterion, sub-criteria included.
type Verdicts = BTreeMap<String, String>;

impl Replay {
    /// Screens again, and says in the exit code whether the verdicts are the same.
    pub fn run(mut self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let report = report(&self.report)?;
        self.trial.as_of = self.trial.as_of.or(Some(report.screened_on));
        let trial = self.trial.trial()?;
        let policy = self.trial.policy(&trial)?;
        let mut others = self.with.read(&trial, self.trial.dates()?)?;
        let read = (self.trial).record_with(&self.record, self.from, &trial, &mut others)?;
        self.with.all_speak(&read)?;
        let record = &read.record;
        let screening = screen(&trial, record, &policy);
        let mut sources = sources(&report, &screening, &read.sha256);
        sources.extend(merged(&report.record.merged, &read.merged));
        let verdicts = differences(&report, &screening);
        let mut text = String::new();
        let mut list = |heading: &str, lines: &[String]| {
            if !lines.is_empty() {
                let _ = writeln!(text, "{heading}");
                for line in lines {
                    let _ = writeln!(text, "  {}", visible(line));
                }
            }
        };
        list("Made from something else:", &sources);
        list("Verdicts that differ, from the report to now:", &verdicts);
        let count = screening.outcomes.len();
        let _ = match verdicts.as_slice() {
            [] => writeln!(
                text,
                "The same: {}, and all {count} verdicts, as of {}.",
                report.eligibility, record.screened_on
            ),
            _ => writeln!(text, "NOT the same, as of {}.", record.screened_on),
        };
        terminal.print(&text)?;
        Ok(ExitCode::from(u8::from(!verdicts.is_empty())))
    }
}

fn report(path: &Path) -> anyhow::Result<Report> {
    let source = read(path)?;
    let report: Report = serde_json::from_str(&source.text).map_err(|error| {
        let text = error.to_string();
        let message = text.split(" at line ").next().unwrap_or(&text);
        let at = json_place(&error, &source.text);
        let problem = Diagnostic::error(format!("this is no report: {message}"))
            .at(&source, at..at + 1)
            .help("`eligo screen RECORD --format json` writes one");
        Diagnostics(vec![problem])
    })?;
    if report.schema != SCHEMA {
        bail!(
            "`{}` is `{}`; a report to replay is `{SCHEMA}`, as `eligo screen --format json` writes it",
            source.name,
            visible(&report.schema)
        );
    }
    Ok(report)
}

/// What the report was made from that is something else now.
fn sources(report: &Report, screening: &Screening<'_>, record_sha256: &str) -> Vec<String> {
    let (trial, policy) = (screening.trial, screening.policy);
    let mut found = Vec::new();
    let mut compare = |what: &str, then: &str, now: &str| {
        if then != now {
            found.push(format!("{what}: {then} in the report, {now} now"));
        }
    };
    let site = report.site.as_ref().map_or("none", |site| &site.sha256);
    compare("trial file, sha256", &report.trial.sha256, &trial.sha256);
    let version = |version: &Option<String>| version.clone().unwrap_or_else(|| "none".to_owned());
    compare(
        "version of the trial file",
        &version(&report.trial.version),
        &version(&trial.version),
    );
    compare(
        "site policy, sha256",
        site,
        policy.sha256.as_deref().unwrap_or("none"),
    );
    compare("record, sha256", &report.record.sha256, record_sha256);
    compare("program", &report.tool.version, env!("CARGO_PKG_VERSION"));
    compare(
        "screened as of",
        &report.screened_on.to_string(),
        &screening.record.screened_on.to_string(),
    );
    let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "none".to_owned());
    compare(
        "candidate",
        &name(&report.candidate),
        &name(&screening.record.candidate),
    );
    found
}

/// What was merged then and is something else now, one after the other.
fn merged(then: &[MergedFrom], now: &[MergedFrom]) -> Vec<String> {
    let most = then.len().max(now.len());
    let name =
        |from: Option<&MergedFrom>| from.map_or("none".to_owned(), |from| from.sha256.clone());
    (0..most)
        .map(|at| (then.get(at), now.get(at)))
        .filter(|(then, now)| name(*then) != name(*now))
        .map(|(then, now)| {
            let file = then.or(now).map_or("", |from| from.file.as_str());
            format!(
                "merged from {file}, sha256: {} in the report, {} now (--with FILE, in the same order)",
                name(then),
                name(now)
            )
        })
        .collect()
}

/// The verdicts that are not those of the report.
fn differences(report: &Report, screening: &Screening<'_>) -> Vec<String> {
    let (mut then, mut now) = (Verdicts::new(), Verdicts::new());
    reported(&report.criteria, &mut then);
    then.insert("eligibility".to_owned(), report.eligibility.clone());
    for outcome in &screening.outcomes {
        screened(outcome, &mut now);
    }
    now.insert(
        "eligibility".to_owned(),
        screening.eligibility.name().to_owned(),
    );
    let ids: std::collections::BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    let verdict = |verdicts: &Verdicts, id: &String| {
        verdicts
            .get(id)
            .cloned()
            .unwrap_or_else(|| "not there".to_owned())
    };
    ids.into_iter()
        .filter(|id| then.get(*id) != now.get(*id))
        .map(|id| format!("{id}: {} → {}", verdict(&then, id), verdict(&now, id)))
        .collect()
}

fn reported(criteria: &[Criterion], into: &mut Verdicts) {
    for criterion in criteria {
        into.insert(criterion.id.clone(), criterion.verdict.clone());
        reported(&criterion.criteria, into);
    }
}

fn screened(outcome: &Outcome<'_>, into: &mut Verdicts) {
    outcome.walk(&mut |outcome| {
        into.insert(
            outcome.criterion.id.clone(),
            outcome.verdict.name().to_owned(),
        );
    });
}
