//! `eligo batch LIST…`

#[cfg(feature = "parquet")]
pub(super) mod arrow;
pub(super) mod destination;
pub(super) mod lists;
pub(super) mod pipeline;
mod progress;

use std::io::{self, BufReader, IsTerminal as _, Seek as _, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use eligo::batch::repeats::{Repetitions, Scope, Store};
use eligo::batch::sheet::{self, Grid, Origin};
use eligo::batch::summary::{Job, ListName, Report};
use eligo::batch::with::OtherRows;
use eligo::batch::{
    Format, Listed, Reasons, Screened, Settings, Summary, Worker, listed, output, summary,
};
use eligo::diagnostic::{Diagnostic, Diagnostics, Source, visible};
use eligo::record::FieldTable;
use eligo::report::markup::{self, Markup};
use eligo::report::table::Layout;
use eligo::screening::Eligibility;
use eligo::trial::{Policy, Trial};
use rust_decimal::Decimal;

use self::destination::{Destination, Identity, shown};
use self::lists::{Input, ListArguments, Numbered};
use self::progress::Progress;
use super::input::{TrialArguments, extension, read};
use super::log::{LogArguments, Writer};
use super::with::WithArguments;
use super::{Terminal, UNREAD, say};

/// Screen a referral list.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 every row was screened, 4 more rows than --max-errors could not be read, 2 an error or no row at all; with --fail-on also 1 and 3\n\nExample: eligo batch referrals.csv --output rows.csv --summary summary.json"
)]
pub struct Batch {
    #[command(flatten)]
    lists: ListArguments,
    #[command(flatten)]
    trial: TrialArguments,
    #[command(flatten)]
    with: WithArguments,
    #[command(flatten)]
    log: LogArguments,
    /// What to write for each candidate, or html or markdown for the whole list [default: by the extension of --output, else table]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<OutputFormat>,
    /// Whose reasons to write
    #[arg(long, value_enum, default_value_t = ReasonsOption::Deciding, value_name = "WHICH")]
    reasons: ReasonsOption,
    /// Write only these candidates; rows that cannot be read are always written
    #[arg(long, value_enum, value_delimiter = ',', value_name = "ELIGIBILITY")]
    only: Vec<Which>,
    /// A sheet of the list by this template, instead of the one that comes with the program
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// Write the rows, or the sheet, here, instead of to standard output; the file appears when it is whole
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write the summary here, as JSON, instead of to standard error; `-` for standard output
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    /// Stop at the first row that cannot be read; no output file appears then
    #[arg(long)]
    stop_on_error: bool,
    /// This is a part of a larger list: every row states its day or --as-of does, there may be no row, and summaries can be merged
    #[arg(long)]
    job: bool,
    /// Exit with 4 only if more rows than this cannot be read: a number, or a percentage of all rows
    #[arg(
        long,
        value_name = "N|N%",
        default_value = "0",
        conflicts_with = "stop_on_error"
    )]
    max_errors: MostErrors,
    /// Exit with 1 if a candidate is ineligible, with 3 if one is undetermined
    #[arg(long, value_enum, value_delimiter = ',', value_name = "ELIGIBILITY")]
    fail_on: Vec<FailOn>,
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
enum OutputFormat {
    /// For reading
    Table,
    /// A JSON object on each line
    Ndjson,
    /// A column for each criterion
    Csv,
    /// A JSON array
    Json,
    /// One page of the whole list, with pictures, to print and keep
    Html,
    /// The same for a chart or a note
    Markdown,
    /// Typed columns, for programs: an Arrow stream; an Arrow file where --output names one
    #[cfg(feature = "parquet")]
    Arrow,
    /// Typed columns in a Parquet file
    #[cfg(feature = "parquet")]
    Parquet,
}

/// How many rows may be unreadable.
#[derive(Debug, Clone, Copy, PartialEq)]
enum MostErrors {
    Rows(u64),
    /// Of all rows.
    Percent(Decimal),
}

impl FromStr for MostErrors {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str =
            "write a number of rows, as 20, or a percentage of all rows, as 0.5%";
        let Some(percent) = text.strip_suffix('%') else {
            return text.parse().map(Self::Rows).map_err(|_| EXPECTED);
        };
        let percent: Decimal = percent.trim().parse().map_err(|_| EXPECTED)?;
        let is_share = (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&percent);
        is_share.then_some(Self::Percent(percent)).ok_or(EXPECTED)
    }
}

impl MostErrors {
    fn is_exceeded(self, errors: u64, rows: u64) -> bool {
        match self {
            Self::Rows(most) => errors > most,
            Self::Percent(percent) => {
                Decimal::from(errors) * Decimal::ONE_HUNDRED > percent * Decimal::from(rows)
            }
        }
    }
}

impl OutputFormat {
    /// What a sheet is written in, if it is one.
    fn markup(self) -> Option<Markup> {
        match self {
            Self::Html => Some(Markup::Html),
            Self::Markdown => Some(Markup::Markdown),
            Self::Table | Self::Ndjson | Self::Csv | Self::Json => None,
            #[cfg(feature = "parquet")]
            Self::Arrow | Self::Parquet => None,
        }
    }
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

/// What spreadsheets call their own files, or what is no format of rows.
const WORKBOOKS: [&str; 5] = ["xlsx", "xlsm", "xls", "ods", "tsv"];

impl From<Which> for Eligibility {
    fn from(which: Which) -> Self {
        match which {
            Which::Eligible => Self::Eligible,
            Which::Ineligible => Self::Ineligible,
            Which::Undetermined => Self::Undetermined,
        }
    }
}

impl Batch {
    /// Screens every row of every list.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let trial = self.trial.trial()?;
        let policy = self.trial.policy(&trial)?;
        let criteria = listed(&trial);
        let settings = self.settings(terminal)?;
        let sheet = self.sheet()?;
        let until = settings.dates.as_of.unwrap_or(settings.dates.today);
        let opened = self.lists.open(&trial, until)?;
        let files = opened.files.iter().chain(&self.with.files);
        let (mut rows, written_summary) = self.destinations(&files.cloned().collect::<Vec<_>>())?;
        let others = self.with.read(&trial, settings.dates)?;
        let nameless = others.nameless();
        if !nameless.is_empty() {
            return Err(Diagnostics(nameless).into());
        }
        let names = opened.lists.iter().map(|list| ListName {
            part: None,
            file: list.name().to_owned(),
        });
        let names: Vec<ListName> = names.collect();
        let mut progress =
            Progress::new(&self.lists.lists, !self.no_progress && !rows.is_terminal());
        let screening = Screening {
            trial: &trial,
            policy: &policy,
            settings: &settings,
            criteria: &criteria,
            threads: pipeline::threads(self.threads),
            others: &others,
            #[cfg(feature = "parquet")]
            encoding: self.encoding(),
            #[cfg(feature = "parquet")]
            key_type: opened.key_type(self.lists.key.as_deref()),
        };
        let statistics = opened.statistics;
        let mut log = self.log.open()?;
        let ended = screening.run(opened.lists, &mut rows, log.as_mut(), &mut progress);
        progress.finish();
        let Ended {
            total,
            repetitions,
            grid,
            stopped,
        } = match ended {
            // Whoever read the rows has seen enough.
            Err(error) if is_closed_pipe(&error) => return Ok(ExitCode::SUCCESS),
            other => other?,
        };
        if total.rows() == 0 && !self.job {
            let lists = self.lists.lists.iter();
            let lists: Vec<String> = lists.map(|list| format!("`{}`", shown(list))).collect();
            bail!("there is no row in {}", lists.join(", "));
        }
        let mut report = total.report(&trial, &criteria, settings.reasons);
        self.repeat(&mut report, repetitions, names, &screening)?;
        report.unmatched(&others);
        if written_summary.is_none() {
            say_summary(&report, stopped.is_some(), terminal)?;
            for line in statistics {
                say(&format!("\n{}\n", visible(&line)))?;
            }
        }
        if let Some(problems) = stopped {
            terminal.explain(&problems);
            let unwritten = unwritten([Some(&rows), written_summary.as_ref()], sheet.is_some());
            say(&format!(
                "error: stopped at the first row that cannot be read{unwritten}\n"
            ))?;
            return Ok(ExitCode::from(UNREAD));
        }
        let code = self.code(&total, report.has_partial());
        if let Some((markup, template)) = sheet {
            let origin = Origin {
                trial: &trial,
                policy: &policy,
                lists: self.lists.lists.iter().map(|list| shown(list)).collect(),
                dates: settings.dates,
                version: env!("CARGO_PKG_VERSION"),
            };
            let page = sheet::render(&report, &grid, &origin, markup, &template)?;
            rows.write(page.as_bytes())?;
        }
        let mut written = vec![rows];
        if let Some(mut file) = written_summary {
            file.write(eligo::json_escape::to_string_pretty(&report)?.as_bytes())?;
            file.write(b"\n")?;
            written.push(file);
        }
        destination::finish(written)?;
        Ok(ExitCode::from(code))
    }

    /// Adds to the summary who stands twice in the lists; of a job, the digests by which that is found among all parts.
    fn repeat(
        &self,
        report: &mut Report,
        repetitions: Repetitions,
        lists: Vec<ListName>,
        screening: &Screening<'_>,
    ) -> anyhow::Result<()> {
        let found = repetitions.finish(Scope::EachList, self.job);
        let found = found.context("cannot keep digests in a temporary file")?;
        let digests = report.repeat(found, self.lists.key.is_some(), &lists);
        let Screening {
            trial,
            policy,
            settings,
            ..
        } = screening;
        report.job = self.job.then(|| Job {
            policy_sha256: policy.sha256.clone(),
            as_of: settings.dates.as_of.map(|day| day.to_string()),
            key: self.lists.key.clone(),
            ..Job::of(trial, env!("CARGO_PKG_VERSION"), lists, digests)
        });
        Ok(())
    }

    /// What the sheet of the list is written in, and its template, if there is to be one. A template that cannot be read is told
    /// before anything is screened.
    fn sheet(&self) -> anyhow::Result<Option<(Markup, Arc<Source>)>> {
        let Some(markup) = self.output_format().markup() else {
            if self.template.is_some() {
                bail!("a template is for a sheet: --format html or markdown");
            }
            return Ok(None);
        };
        let Some(path) = &self.template else {
            return Ok(Some((markup, sheet::template(markup))));
        };
        let template = read(path)?;
        markup::check(&template, sheet::SEEN)?;
        Ok(Some((markup, template)))
    }

    fn settings(&self, terminal: &Terminal) -> anyhow::Result<Settings> {
        Ok(Settings {
            dates: self.trial.dates()?,
            format: match self.output_format() {
                OutputFormat::Table => Format::Table(Layout {
                    width: self.width.unwrap_or(terminal.width),
                    // Where a file is written, nobody looks on.
                    colour: terminal.colour
                        && self
                            .output
                            .as_deref()
                            .is_none_or(|output| output == Path::new("-")),
                }),
                OutputFormat::Ndjson => Format::Ndjson,
                OutputFormat::Csv => Format::Csv,
                OutputFormat::Json => Format::Json,
                OutputFormat::Html | OutputFormat::Markdown => Format::Sheet,
                #[cfg(feature = "parquet")]
                OutputFormat::Arrow | OutputFormat::Parquet => Format::Columns,
            },
            reasons: match self.reasons {
                ReasonsOption::None => Reasons::None,
                ReasonsOption::Deciding => Reasons::Deciding,
                ReasonsOption::All => Reasons::All,
            },
            only: self.only.iter().map(|which| (*which).into()).collect(),
            stop_on_error: self.stop_on_error,
            files: self.lists.lists.len() > 1 || self.lists.lists.iter().any(|list| list.is_dir()),
            elements: self.lists.have_elements(),
            logged: self.log.log.is_some(),
            key: self.lists.key.clone(),
            must_be_dated: self.job,
        })
    }

    /// What is written, in messages.
    fn what(&self) -> &'static str {
        match self.output_format().markup() {
            Some(_) => "sheet",
            None => "rows",
        }
    }

    fn output_format(&self) -> OutputFormat {
        self.format.unwrap_or_else(|| self.format_by_extension())
    }

    /// The format that the name of the output promises.
    fn format_by_extension(&self) -> OutputFormat {
        match self.output.as_deref().and_then(extension).as_deref() {
            Some("ndjson" | "jsonl") => OutputFormat::Ndjson,
            Some("json") => OutputFormat::Json,
            Some("csv") => OutputFormat::Csv,
            Some("html" | "htm") => OutputFormat::Html,
            Some("md" | "markdown") => OutputFormat::Markdown,
            #[cfg(feature = "parquet")]
            Some("arrow" | "arrows" | "feather") => OutputFormat::Arrow,
            #[cfg(feature = "parquet")]
            Some("parquet") => OutputFormat::Parquet,
            _ if self.template.is_some() => OutputFormat::Html,
            _ => OutputFormat::Table,
        }
    }

    /// What rows are written as that are typed columns.
    #[cfg(feature = "parquet")]
    fn encoding(&self) -> Option<arrow::Encoding> {
        match self.output_format() {
            OutputFormat::Parquet => Some(arrow::Encoding::Parquet),
            OutputFormat::Arrow => Some(match self.output.as_deref().and_then(extension) {
                Some(extension) if extension != "arrows" => arrow::Encoding::File,
                _ => arrow::Encoding::Stream,
            }),
            _ => None,
        }
    }

    /// Where the rows go, and the summary if it is wanted as data: both ready to be written to, and neither in the way
    /// of the other or of what is read.
    fn destinations(
        &self,
        lists: &[PathBuf],
    ) -> anyhow::Result<(Destination, Option<Destination>)> {
        let stdout = Path::new("-");
        let rows = self.output.as_deref().unwrap_or(stdout);
        if rows == stdout && self.summary.as_deref() == Some(stdout) {
            bail!(
                "the {} and the summary cannot both go to standard output; name a file for one of them (--output, --summary)",
                self.what()
            );
        }
        self.refuse_workbooks(rows)?;
        self.refuse_shared_files(rows, lists)?;
        Ok((
            Destination::open(rows)?,
            self.summary.as_deref().map(Destination::open).transpose()?,
        ))
    }

    /// Refuses names of files that promise another format than is written.
    fn refuse_workbooks(&self, rows: &Path) -> anyhow::Result<()> {
        let is_workbook = |extension: &str| WORKBOOKS.contains(&extension);
        if self.format.is_none()
            && let Some(extension) = extension(rows).filter(|extension| is_workbook(extension))
        {
            bail!(
                "`{}`: rows are not written as .{extension}; spreadsheets open a .csv",
                shown(rows)
            );
        }
        if let Some(summary) = self.summary.as_deref()
            && let Some(extension) =
                extension(summary).filter(|extension| extension == "csv" || is_workbook(extension))
        {
            bail!(
                "`{}`: the summary is written as JSON, not as .{extension}; name a .json",
                shown(summary)
            );
        }
        Ok(())
    }

    /// Refuses to write a file twice, or one that is read.
    fn refuse_shared_files(&self, rows: &Path, lists: &[PathBuf]) -> anyhow::Result<()> {
        let summary = self.summary.as_deref().map(|summary| (summary, "summary"));
        let written: Vec<_> = std::iter::once((rows, self.what()))
            .chain(summary)
            .filter_map(|(path, what)| Some((path, what, Identity::of(path, "/dev/stdout")?)))
            .collect();
        if let [(_, _, one), (path, _, other)] = written.as_slice()
            && one == other
        {
            bail!(
                "the {} and the summary cannot both go to `{}`; name another file for one of them",
                self.what(),
                shown(path)
            );
        }
        let beside = [
            (self.trial.trial.as_deref(), "the trial file"),
            (self.trial.site.as_deref(), "the site's policy"),
            (self.template.as_deref(), "the template"),
            (self.log.log.as_deref(), "the screening log"),
        ];
        let lists = lists
            .iter()
            .map(|list| (Some(list.as_path()), "one of the lists"));
        for (path, is) in lists.chain(beside) {
            let Some(identity) = path.and_then(|path| Identity::of(path, "/dev/stdin")) else {
                continue;
            };
            if let Some((output, what, _)) =
                written.iter().find(|(_, _, written)| *written == identity)
            {
                let output = if output.as_os_str() == "-" {
                    "standard output".to_owned()
                } else {
                    format!("`{}`", shown(output))
                };
                bail!("{output} is {is}; name another file for the {what}");
            }
        }
        Ok(())
    }

    fn code(&self, total: &Summary, has_partial: bool) -> u8 {
        let wanted = |which: FailOn, count: u64| self.fail_on.contains(&which) && count > 0;
        if has_partial || self.max_errors.is_exceeded(total.errors, total.rows()) {
            UNREAD
        } else if wanted(FailOn::Ineligible, total.ineligible) {
            1
        } else if wanted(FailOn::Undetermined, total.undetermined) {
            3
        } else {
            0
        }
    }
}

fn say_summary(report: &Report, stopped: bool, terminal: &Terminal) -> anyhow::Result<()> {
    let before = match stopped {
        true => "Up to the first row that cannot be read, where screening stopped:\n",
        false => "",
    };
    let bars = io::stderr().is_terminal();
    let summary = summary::render(report, terminal.messages_width, bars);
    say(&format!("\n{before}{summary}"))
}

/// What is not there because screening stopped: files, and a sheet wherever it was to go.
fn unwritten(destinations: [Option<&Destination>; 2], is_sheet: bool) -> String {
    let files = destinations.into_iter().flatten();
    let files = files.filter(|file| file.is_file()).map(Destination::name);
    let to_stdout = matches!(destinations, [Some(Destination::Stdout(_)), _]);
    let sheet = (is_sheet && to_stdout).then(|| "the sheet".to_owned());
    let files = sheet.into_iter().chain(files);
    match files.collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        [one] => format!("; {one} is not written, since it would not be whole"),
        names => format!(
            "; neither {} is written, since they would not be whole",
            names.join(" nor ")
        ),
    }
}

/// Keeps digests in temporary files without a name, which nobody else can read and which go with the process.
pub(super) fn temporary_store() -> Store {
    Box::new(|bytes| {
        let mut file = tempfile::tempfile()?;
        file.write_all(bytes)?;
        file.rewind()?;
        Ok(Box::new(BufReader::new(file)))
    })
}

/// Whether whoever read the output has gone away.
pub(super) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Everything that screening lists needs, beside the lists.
struct Screening<'s> {
    trial: &'s Trial,
    policy: &'s Policy,
    settings: &'s Settings,
    criteria: &'s [Listed<'s>],
    threads: usize,
    others: &'s OtherRows,
    #[cfg(feature = "parquet")]
    encoding: Option<arrow::Encoding>,
    /// The type that the key has in the lists.
    #[cfg(feature = "parquet")]
    key_type: Option<arrow_schema::DataType>,
}

/// How the screening of lists ended.
struct Ended {
    total: Summary,
    repetitions: Repetitions,
    /// The first rows, for a sheet.
    grid: Grid,
    /// What was wrong with the row that it stopped at.
    stopped: Option<Vec<Diagnostic>>,
}

impl Screening<'_> {
    /// What makes the bytes of rows that are typed columns.
    #[cfg(feature = "parquet")]
    fn encoder(&self) -> anyhow::Result<Option<arrow::Encoder>> {
        let encoder = |encoding| {
            let key = self.key_type.clone();
            let schema = eligo::batch::arrow::schema(self.settings, self.criteria, key);
            arrow::Encoder::new(encoding, schema)
        };
        self.encoding.map(encoder).transpose()
    }

    /// Screens lists, one after the other, and writes their rows.
    fn run(
        &self,
        lists: Vec<Input>,
        rows: &mut Destination,
        mut log: Option<&mut Writer>,
        progress: &mut Progress,
    ) -> anyhow::Result<Ended> {
        let Self {
            trial,
            policy,
            settings,
            criteria,
            threads,
            others,
            ..
        } = *self;
        let key = settings.key.as_deref();
        let table = FieldTable::with_key(&trial.id, &trial.facts, key);
        let mut ended = Ended {
            total: Summary::new(trial),
            repetitions: Repetitions::stored(temporary_store),
            grid: Grid::default(),
            stopped: None,
        };
        rows.write(output::head(settings, criteria).as_bytes())?;
        #[cfg(feature = "parquet")]
        let mut encoder = self.encoder()?;
        let worker = || {
            let mut worker =
                Worker::new(trial, policy, settings, criteria, &table).with(others, &table);
            move |numbered: &Numbered,
                  screened: &mut Screened,
                  part: &mut dyn FnMut(&mut Screened) -> ControlFlow<()>| {
                screened.list = numbered.list;
                worker.screen(&numbered.chunk, screened, part);
            }
        };
        let mut first_row = true;
        let done = |screened: &mut Screened| {
            let written = match settings.format {
                // The comma before the first row.
                Format::Json if first_row => {
                    screened.rows.strip_prefix(',').unwrap_or(&screened.rows)
                }
                _ => &screened.rows,
            };
            first_row &= screened.rows.is_empty();
            if let Some(log) = log.as_mut().filter(|_| !screened.log.is_empty()) {
                log.add(std::mem::take(&mut screened.log))?;
            }
            rows.write(written.as_bytes())?;
            #[cfg(feature = "parquet")]
            if let Some(encoder) = encoder.as_mut().filter(|_| !screened.columns.is_empty()) {
                let batch = screened.columns.finish(encoder.schema())?;
                rows.write(&encoder.add(&batch)?)?;
            }
            ended.total.merge(&screened.summary);
            ended.grid.append(&mut screened.grid);
            let repetitions = &mut ended.repetitions;
            repetitions.take(&mut screened.summary, screened.list)?;
            progress.add(screened.summary.bytes, screened.summary.rows());
            if settings.stop_on_error && screened.failed {
                ended.stopped = Some(std::mem::take(&mut screened.problems));
                return Ok(ControlFlow::Break(()));
            }
            Ok(ControlFlow::Continue(()))
        };
        pipeline::in_order(threads, worker, lists::chunks_of(lists), done)?;
        rows.write(output::foot(settings.format).as_bytes())?;
        #[cfg(feature = "parquet")]
        if let Some(encoder) = encoder {
            rows.write(&encoder.finish()?)?;
        }
        Ok(ended)
    }
}
