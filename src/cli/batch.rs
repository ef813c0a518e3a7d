//! `eligo batch LIST…`

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use eligo::batch::repeats::Repeats;
use eligo::batch::summary::Place;
use eligo::batch::{Chunk, Format, Listed, Reasons, Rows, Screened, Settings, Summary, Worker, listed, output, summary};
use eligo::record::quick::Plan;
use eligo::screening::Eligibility;
use eligo::trial::{Policy, Trial};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tempfile::NamedTempFile;

use super::input::TrialArguments;
use super::lists::{Input, ListArguments, Opened};
use super::{ERROR, Refused, Terminal, eprint, is_closed_pipe, pipeline};

/// Screen a referral list.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 every row was screened, 2 an error or no row at all; with --fail-on also 1 and 3")]
pub struct Batch {
    /// Lists: NDJSON, a JSON array, a stream of YAML documents, CSV, a directory of records; `-` for standard input
    #[arg(required = true, value_name = "LIST")]
    lists: Vec<PathBuf>,
    #[command(flatten)]
    trial: TrialArguments,
    #[command(flatten)]
    notation: ListArguments,
    /// What to write for each candidate
    #[arg(long, value_enum, default_value_t = OutputFormat::Table, value_name = "FORMAT")]
    format: OutputFormat,
    /// Whose reasons to write [default: deciding; in a table, none]
    #[arg(long, value_enum, value_name = "WHICH")]
    reasons: Option<ReasonsOption>,
    /// Write only these candidates; rows that cannot be read are always written
    #[arg(long, value_enum, value_delimiter = ',', value_name = "ELIGIBILITY")]
    only: Vec<Which>,
    /// Write the rows here; the file appears when it is whole
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write the summary here, as JSON, instead of to standard error
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    /// Stop at the first row that cannot be read
    #[arg(long)]
    stop_on_error: bool,
    /// Exit with 1 if a candidate is ineligible, with 3 if one is undetermined
    #[arg(long, value_enum, value_delimiter = ',', value_name = "ELIGIBILITY")]
    fail_on: Vec<FailOn>,
    /// Columns of the table [default: those of the terminal; 80 in a pipe]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(20..=1000))]
    width: Option<u16>,
    /// No progress bar
    #[arg(long)]
    no_progress: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OutputFormat {
    /// For reading
    Table,
    /// A JSON object on each line
    Ndjson,
    /// A column for each criterion
    Csv,
    /// A JSON array
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReasonsOption {
    /// None
    None,
    /// Of the criteria that made the candidate ineligible, or leave it undetermined
    Deciding,
    /// Of all criteria
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    /// Candidates who can enter the trial
    Eligible,
    /// Candidates who cannot
    Ineligible,
    /// Candidates of whom it is not known
    Undetermined,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Exit with 1
    Ineligible,
    /// Exit with 3
    Undetermined,
}

impl From<Which> for Eligibility {
    fn from(which: Which) -> Self {
        match which {
            Which::Eligible => Self::Eligible,
            Which::Ineligible => Self::Ineligible,
            Which::Undetermined => Self::Undetermined,
        }
    }
}

fn same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

impl Batch {
    /// Screens every row of every list.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let trial = self.trial.trial()?;
        let policy = self.trial.policy(&trial)?;
        let criteria = listed(&trial);
        let settings = Settings {
            dates: self.trial.dates(),
            format: match self.format {
                OutputFormat::Table => Format::Table(self.width.unwrap_or(terminal.width)),
                OutputFormat::Ndjson => Format::Ndjson,
                OutputFormat::Csv => Format::Csv,
                OutputFormat::Json => Format::Json,
            },
            reasons: match self.reasons {
                None if self.format == OutputFormat::Table => Reasons::None,
                Some(ReasonsOption::None) => Reasons::None,
                None | Some(ReasonsOption::Deciding) => Reasons::Deciding,
                Some(ReasonsOption::All) => Reasons::All,
            },
            only: self.only.iter().map(|which| (*which).into()).collect(),
            stop_on_error: self.stop_on_error,
            files: self.lists.len() > 1 || self.lists.iter().any(|list| list.is_dir()),
        };
        if let Some(output) = &self.output
            && self.lists.iter().any(|list| same_file(list, output))
        {
            bail!("`{}` is one of the lists; name another file for the rows", output.display());
        }
        let lists = self.open(&trial)?;
        let mut sink = Sink::open(self.output.as_deref())?;
        let count = lists.len();
        let progress = self.progress();
        let result = screen(&trial, &policy, &settings, &criteria, lists, self.notation.threads(), &mut sink, &progress);
        progress.finish_and_clear();
        let (total, repeats) = match result {
            // Whoever read the rows has seen enough.
            Err(error) if is_closed_pipe(&error) => return Ok(ExitCode::SUCCESS),
            other => other?,
        };
        sink.finish(self.output.as_deref())?;
        let mut report = total.report(&trial, &criteria);
        (report.repeated, report.repetitions) = repeats.finish().context("cannot look for repeated candidates")?;
        report.lists = count;
        match &self.summary {
            Some(path) => {
                let mut file = Sink::open(Some(path))?;
                file.write(&serde_json::to_vec_pretty(&report)?)?;
                file.write(b"\n")?;
                file.finish(Some(path))?;
            }
            None => eprint(&format!("\n{}", summary::render(&report, io::stderr().is_terminal())))?,
        }
        Ok(ExitCode::from(self.code(&total)?))
    }

    fn code(&self, total: &Summary) -> anyhow::Result<u8> {
        if total.rows() == 0 {
            bail!("there is no row in the list");
        }
        let wanted = |which: FailOn, count: u64| self.fail_on.contains(&which) && count > 0;
        Ok(if total.errors > 0 {
            ERROR
        } else if wanted(FailOn::Ineligible, total.ineligible) {
            1
        } else if wanted(FailOn::Undetermined, total.undetermined) {
            3
        } else {
            0
        })
    }

    /// Opens every list. A column of CSV that the trial does not declare is told before anything is screened.
    fn open(&self, trial: &Trial) -> anyhow::Result<Vec<Input>> {
        let mut lists = Vec::new();
        for Opened { mut list, header } in self.notation.open(&self.lists)? {
            if let Some(header) = header {
                list.set_rows(Rows::Csv(Arc::new(self.notation.columns(&header, trial).map_err(Refused)?)));
            }
            lists.push(list);
        }
        Ok(lists)
    }

    fn progress(&self) -> ProgressBar {
        let sizes: Option<u64> = self.lists.iter().map(|list| fs::metadata(list).ok().filter(fs::Metadata::is_file).map(|data| data.len())).sum();
        if self.no_progress || !io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let style = if sizes.is_some() {
            "{bar:30} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left{msg}"
        } else {
            "{spinner} {bytes}, {bytes_per_sec}{msg}"
        };
        // The template is a constant, and right.
        let style = ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::with_draw_target(sizes, ProgressDrawTarget::stderr_with_hz(4)).with_style(style)
    }
}

/// Where the rows go: standard output, or a file that is renamed when it is whole.
enum Sink {
    Stdout(io::Stdout),
    File(BufWriter<NamedTempFile>),
    /// Something else that takes bytes.
    Other(File),
}

impl Sink {
    fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::Stdout(io::stdout())) };
        if path.exists() && !path.is_file() {
            // A pipe or a device takes the bytes and stays what it is.
            let file = fs::OpenOptions::new().write(true).open(path).with_context(|| format!("cannot write to `{}`", path.display()))?;
            return Ok(Self::Other(file));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = temporary().tempfile_in(folder).with_context(|| format!("cannot write in `{}`", folder.display()))?;
        Ok(Self::File(BufWriter::new(file)))
    }

    fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        match self {
            Self::Stdout(stdout) => Ok(stdout.lock().write_all(bytes)?),
            Self::File(file) => file.write_all(bytes).context("cannot write the rows"),
            Self::Other(file) => file.write_all(bytes).context("cannot write the rows"),
        }
    }

    fn finish(self, path: Option<&Path>) -> anyhow::Result<()> {
        match (self, path) {
            (Self::File(file), Some(path)) => {
                let file = file.into_inner().map_err(io::IntoInnerError::into_error).context("cannot write the rows")?;
                file.as_file().sync_all().context("cannot write the rows")?;
                file.persist(path).with_context(|| format!("cannot write `{}`", path.display()))?;
                Ok(())
            }
            (Self::Stdout(stdout), _) => Ok(stdout.lock().flush()?),
            (Self::File(_) | Self::Other(_), _) => Ok(()),
        }
    }
}

/// A temporary file that is as private as the caller's other files, since it becomes one of them.
fn temporary() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}

#[expect(clippy::too_many_arguments, reason = "everything that screening a list needs, once")]
fn screen(
    trial: &Trial,
    policy: &Policy,
    settings: &Settings,
    criteria: &[Listed<'_>],
    lists: Vec<Input>,
    threads: usize,
    sink: &mut Sink,
    progress: &ProgressBar,
) -> anyhow::Result<(Summary, Repeats)> {
    let plan = Plan::new(&trial.id, &trial.facts);
    let (mut total, mut repeats, mut first_row) = (Summary::new(trial), Repeats::default(), true);
    sink.write(&output::head(settings, criteria))?;
    let worker = || {
        let mut worker = Worker::new(trial, policy, settings, criteria, &plan);
        move |_: usize, chunk: &Chunk| worker.screen(chunk)
    };
    pipeline::run(lists, threads, worker, |list, screened: Screened| {
        let bytes = match (settings.format, first_row) {
            // The comma before the first row.
            (Format::Json, true) => screened.bytes.get(1..).unwrap_or_default(),
            _ => &screened.bytes,
        };
        first_row &= screened.bytes.is_empty();
        sink.write(bytes)?;
        total.merge(&screened.summary);
        for (name, line) in &screened.summary.names {
            repeats.add(*name, Place { list: list as u64, line: *line }).context("cannot look for repeated candidates")?;
        }
        progress.inc(screened.summary.bytes);
        Ok(!(screened.failed && settings.stop_on_error))
    })?;
    sink.write(output::foot(settings.format))?;
    Ok((total, repeats))
}
