//! `eligo batch LIST…`

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal as _, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use eligo::batch::columns::{ColumnOptions, Columns};
use eligo::batch::repeats::Repeats;
use eligo::batch::summary::Place;
use eligo::batch::{Chunk, Format, Layout, List, Listed, Reasons, Rows, Screened, Settings, Summary, Worker, listed, output, summary};
use eligo::diagnostic::visible;
use eligo::record::quick::Plan;
use eligo::screening::Eligibility;
use eligo::trial::{Policy, Trial};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tempfile::NamedTempFile;

use super::input::TrialArguments;
use super::{ERROR, Refused, Terminal};

/// Screen a referral list.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 every row was screened, 2 an error or no row at all; with --fail-on also 1 and 3")]
pub struct Batch {
    /// Lists: NDJSON, a JSON array, a stream of YAML documents, CSV, a directory of records; `-` for standard input
    #[arg(required = true, value_name = "LIST")]
    lists: Vec<PathBuf>,
    #[command(flatten)]
    trial: TrialArguments,
    /// What the lists are written in [default: by extension, else ndjson]
    #[arg(long, value_enum, value_name = "NOTATION")]
    from: Option<From>,
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
    /// CSV: do not read this column
    #[arg(long, value_name = "NAME")]
    ignore_column: Vec<String>,
    /// CSV: read column OLD as NEW
    #[arg(long, value_name = "OLD=NEW", value_parser = renaming)]
    rename: Vec<(String, String)>,
    /// Threads that screen [default: as many as the machine has cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Columns of the table [default: those of the terminal; 80 in a pipe]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(20..=1000))]
    width: Option<u16>,
    /// No progress bar
    #[arg(long)]
    no_progress: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum From {
    /// A JSON record on each line
    Ndjson,
    /// A JSON array of records
    Json,
    /// YAML documents between lines of `---`
    Yaml,
    /// A record on each line, a fact in each column
    Csv,
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

impl std::convert::From<Which> for Eligibility {
    fn from(which: Which) -> Self {
        match which {
            Which::Eligible => Self::Eligible,
            Which::Ineligible => Self::Ineligible,
            Which::Undetermined => Self::Undetermined,
        }
    }
}

fn renaming(text: &str) -> Result<(String, String), String> {
    let (old, new) = text.split_once('=').ok_or("write OLD=NEW")?;
    Ok((old.to_owned(), new.to_owned()))
}

fn same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// The lists that are open one after the other.
type Input = List<Box<dyn Read>>;

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
        let result = screen(&trial, &policy, &settings, &criteria, lists, self.threads(), &mut sink, &progress);
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

    fn threads(&self) -> usize {
        self.threads.map_or_else(|| thread::available_parallelism().map_or(1, std::num::NonZero::get), usize::from)
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

    /// Opens every list, so that one that is not there is told before anything is screened.
    fn open(&self, trial: &Trial) -> anyhow::Result<Vec<Input>> {
        let mut lists = Vec::new();
        for path in &self.lists {
            if path.is_dir() {
                lists.extend(self.directory(path)?);
                continue;
            }
            let shown = path.display().to_string();
            let (name, reader): (String, Box<dyn Read>) = if path.as_os_str() == "-" {
                ("<stdin>".into(), Box::new(io::stdin()))
            } else {
                (shown.clone(), Box::new(File::open(path).with_context(|| format!("cannot read `{shown}`"))?))
            };
            let (rows, layout) = self.shape(path);
            let mut list = List::new(&name, reader, rows, layout);
            if layout == Layout::Records {
                let header = list.header().with_context(|| format!("cannot read `{shown}`"))?;
                let header = header.with_context(|| format!("`{shown}` has no header"))?;
                let options = ColumnOptions { ignored: self.ignore_column.clone(), renamed: self.rename.clone() };
                list.set_rows(Rows::Csv(Arc::new(Columns::new(&header, &trial.facts, &options).map_err(Refused)?)));
            }
            lists.push(list);
        }
        Ok(lists)
    }

    /// What a list is written in, and how its rows are set apart.
    fn shape(&self, path: &Path) -> (Rows, Layout) {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        let from = self.from.unwrap_or(match extension.as_deref() {
            Some("json") => From::Json,
            Some("yaml" | "yml") => From::Yaml,
            Some("csv") => From::Csv,
            _ => From::Ndjson,
        });
        match from {
            From::Ndjson => (Rows::Json, Layout::Lines),
            From::Json => (Rows::Json, Layout::Array),
            From::Yaml => (Rows::Yaml, Layout::Documents),
            From::Csv => (Rows::Json, Layout::Records),
        }
    }

    /// The records of a directory, in the order of their names.
    fn directory(&self, path: &Path) -> anyhow::Result<Vec<Input>> {
        let shown = visible(&path.display().to_string());
        let mut files: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(path).with_context(|| format!("cannot read `{shown}`"))? {
            files.push(entry.with_context(|| format!("cannot read `{shown}`"))?.path());
        }
        files.sort();
        let mut lists = Vec::new();
        for file in files {
            let name = visible(&file.display().to_string());
            if file.is_dir() {
                eprint(&format!("warning: `{name}` is left out: directories inside a directory are not searched\n"))?;
                continue;
            }
            let rows = match file.extension().map(|extension| extension.to_string_lossy().to_lowercase()).as_deref() {
                Some("json") => Rows::Json,
                Some("yaml" | "yml") => Rows::Yaml,
                _ => {
                    eprint(&format!("warning: `{name}` is left out: records end in .yaml, .yml or .json\n"))?;
                    continue;
                }
            };
            // Opened when its turn comes: a directory may hold more files than may be open at once.
            lists.push(List::new(&name, Box::new(Lazy { path: file, file: None }) as Box<dyn Read>, rows, Layout::Whole));
        }
        Ok(lists)
    }
}

/// A file that is opened when it is read.
struct Lazy {
    path: PathBuf,
    file: Option<File>,
}

impl Read for Lazy {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.file {
            Some(file) => file.read(buffer),
            None => self.file.insert(File::open(&self.path)?).read(buffer),
        }
    }
}

fn eprint(text: &str) -> anyhow::Result<()> {
    match io::stderr().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard error"),
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
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

/// Chunks on their way to the workers and back.
struct Pipeline<'p> {
    to_workers: Option<SyncSender<(u64, Chunk)>>,
    from_workers: Receiver<(u64, Screened)>,
    sent: u64,
    written: u64,
    /// Chunks that came back before their turn.
    early: BTreeMap<u64, Screened>,
    /// The list that each chunk on its way came from.
    lists: BTreeMap<u64, u64>,
    most: u64,
    total: Summary,
    repeats: Repeats,
    sink: &'p mut Sink,
    settings: &'p Settings,
    progress: &'p ProgressBar,
    first_row: bool,
    stopped: bool,
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
    sink.write(&output::head(settings, criteria))?;
    let (to_workers, chunks) = sync_channel::<(u64, Chunk)>(threads);
    let (results, from_workers) = channel();
    let chunks = Mutex::new(chunks);
    thread::scope(|scope| {
        for _ in 0..threads {
            let (chunks, results, plan): (_, Sender<(u64, Screened)>, _) = (&chunks, results.clone(), &plan);
            scope.spawn(move || {
                let mut worker = Worker::new(trial, policy, settings, criteria, plan);
                loop {
                    // A poisoned lock means that another worker stopped while waiting; the queue itself is whole.
                    let next = chunks.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((number, chunk)) = next else { return };
                    if results.send((number, worker.screen(&chunk))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(results);
        let mut pipeline = Pipeline {
            to_workers: Some(to_workers),
            from_workers,
            sent: 0,
            written: 0,
            early: BTreeMap::new(),
            lists: BTreeMap::new(),
            most: threads as u64 + 2,
            total: Summary::new(trial),
            repeats: Repeats::default(),
            sink,
            settings,
            progress,
            first_row: true,
            stopped: false,
        };
        for (index, list) in lists.into_iter().enumerate() {
            pipeline.list(index as u64 + 1, list)?;
        }
        pipeline.to_workers = None;
        while pipeline.written < pipeline.sent && !pipeline.stopped {
            pipeline.receive()?;
        }
        pipeline.sink.write(output::foot(settings.format))?;
        Ok((pipeline.total, pipeline.repeats))
    })
}

impl Pipeline<'_> {
    fn list(&mut self, number: u64, mut list: Input) -> anyhow::Result<()> {
        while !self.stopped {
            let Some(chunk) = list.next_chunk().with_context(|| format!("cannot read `{}`", visible(list.name())))? else { break };
            while self.sent - self.written >= self.most && !self.stopped {
                self.receive()?;
            }
            self.lists.insert(self.sent, number);
            if let Some(to_workers) = &self.to_workers
                && to_workers.send((self.sent, chunk)).is_err()
            {
                bail!("screening stopped unexpectedly");
            }
            self.sent += 1;
        }
        Ok(())
    }

    /// Takes a chunk back, and writes those whose turn it is.
    fn receive(&mut self) -> anyhow::Result<()> {
        let (number, screened) = self.from_workers.recv().context("screening stopped unexpectedly")?;
        self.early.insert(number, screened);
        while let Some(screened) = self.early.remove(&self.written) {
            if self.stopped {
                break;
            }
            let list = self.lists.remove(&self.written).unwrap_or(1);
            self.written += 1;
            let bytes = match (self.settings.format, self.first_row) {
                // The comma before the first row.
                (Format::Json, true) => screened.bytes.get(1..).unwrap_or_default(),
                _ => &screened.bytes,
            };
            self.first_row &= screened.bytes.is_empty();
            self.sink.write(bytes)?;
            self.total.merge(&screened.summary);
            for (name, line) in &screened.summary.names {
                self.repeats.add(*name, Place { list, line: *line }).context("cannot look for repeated candidates")?;
            }
            self.progress.inc(screened.summary.bytes);
            self.stopped = screened.failed && self.settings.stop_on_error;
        }
        Ok(())
    }
}
