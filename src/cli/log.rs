//! `eligo log`, and writing to a screening log.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use comfy_table::{ContentArrangement, Table, presets};
use eligo::batch::output::harmless;
use eligo::diagnostic::visible;
use eligo::log::verify::{Verified, verify};
use eligo::log::{Chain, Entry, Line, Tail};
use eligo::report::Logged;
use jiff::Timestamp;
use jiff::civil::Date;

use super::input::whole_date;
use super::{Terminal, say, warn};

/// Where screenings are written down, and by whom.
#[derive(Debug, Args)]
pub struct LogArguments {
    /// Add a line for each screening to this log; nothing is reported that could not be logged
    #[arg(long, value_name = "FILE", env = "ELIGO_LOG", hide_env_values = true)]
    pub log: Option<PathBuf>,
    /// Who screens, for the log
    #[arg(long, value_name = "WHO")]
    pub by: Option<String>,
}

/// Look into a screening log.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Log {
    #[command(subcommand)]
    command: LogCommand,
}

#[derive(Debug, Subcommand)]
enum LogCommand {
    /// Check that no line was changed, removed, moved or cut
    #[command(
        after_help = "Exit codes: 0 the log is whole, 1 something was found, 2 it cannot be read\n\nExample: eligo log verify screening.log"
    )]
    Verify(Verify),
    /// Show who was screened when, and what came of it
    #[command(
        after_help = "Example: eligo log show screening.log --eligibility ineligible --format csv"
    )]
    Show(Show),
}

#[derive(Debug, Args)]
struct Verify {
    /// The log
    log: PathBuf,
    /// A hash that was noted earlier; the log must still hold its line
    #[arg(long, value_name = "HASH")]
    holds: Option<String>,
}

#[derive(Debug, Args)]
struct Show {
    /// The log
    log: PathBuf,
    /// Only this candidate; several are separated by commas
    #[arg(long, value_delimiter = ',', value_name = "CANDIDATE")]
    candidate: Vec<String>,
    /// Only what came out so
    #[arg(long, value_enum, value_delimiter = ',', value_name = "ELIGIBILITY")]
    eligibility: Vec<Outcome>,
    /// Only screenings logged on this day or later, in UTC
    #[arg(long, value_parser = whole_date, value_name = "DATE")]
    since: Option<Date>,
    /// Only screenings logged on this day or earlier, in UTC
    #[arg(long, value_parser = whole_date, value_name = "DATE")]
    until: Option<Date>,
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Table, value_name = "FORMAT")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading
    Table,
    /// For spreadsheets
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Outcome {
    Eligible,
    Ineligible,
    Undetermined,
    /// A row that could not be read
    Error,
}

impl Log {
    /// Does what is asked for.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        match self.command {
            LogCommand::Verify(verify) => verify.run(terminal),
            LogCommand::Show(show) => show.run(terminal),
        }
    }
}

fn open(path: &Path) -> anyhow::Result<BufReader<File>> {
    let shown = path.display();
    if path.is_dir() {
        bail!("`{shown}` is a directory; name the log in it");
    }
    let file = File::open(path).with_context(|| format!("cannot read `{shown}`"))?;
    Ok(BufReader::new(file))
}

fn verified(path: &Path, each: impl FnMut(Line)) -> anyhow::Result<Verified> {
    verify(open(path)?, each).with_context(|| format!("cannot read `{}`", path.display()))
}

impl Verify {
    fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let name = visible(&self.log.display().to_string());
        let mut holds = self.holds.is_none();
        let verified = verified(&self.log, |line| {
            holds |= self.holds.as_ref() == Some(&line.hash);
        })?;
        let mut text = String::new();
        for finding in &verified.findings {
            text.push_str(&format!("{name}: {finding}\n"));
        }
        if let Some(hash) = self.holds.filter(|_| !holds) {
            text.push_str(&format!(
                "{name}: there is no line with the hash {}: the log was cut, or made anew\n",
                visible(&hash)
            ));
        }
        let is_whole = holds
            && !verified
                .findings
                .iter()
                .any(|finding| finding.kind.is_tampering());
        let entries = match verified.entries {
            1 => "1 entry".to_owned(),
            entries => format!("{entries} entries"),
        };
        let last = verified.last.map_or_else(String::new, |(number, hash)| {
            format!("; the last has the number {number} and the hash {hash}")
        });
        let verdict = if is_whole { "whole" } else { "NOT WHOLE" };
        text.push_str(&format!("{name}: {verdict}, {entries}{last}\n"));
        terminal.print(&text)?;
        Ok(ExitCode::from(u8::from(!is_whole)))
    }
}

impl Show {
    fn wants(&self, entry: &Entry) -> bool {
        let day = entry.time.parse::<Timestamp>().ok();
        let day = day.map(|time| time.to_zoned(jiff::tz::TimeZone::UTC).date());
        let is_one = |wanted: &[String], found: Option<&str>| {
            wanted.is_empty() || wanted.iter().any(|wanted| Some(wanted.as_str()) == found)
        };
        let outcomes = self
            .eligibility
            .iter()
            .filter_map(ValueEnum::to_possible_value);
        let outcomes: Vec<String> = outcomes.map(|value| value.get_name().to_owned()).collect();
        is_one(&self.candidate, entry.candidate.as_deref())
            && is_one(&outcomes, Some(&entry.eligibility))
            && self
                .since
                .is_none_or(|since| day.is_some_and(|day| day >= since))
            && self
                .until
                .is_none_or(|until| day.is_some_and(|day| day <= until))
    }

    fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let mut lines = Vec::new();
        let verified = verified(&self.log, |line| {
            if self.wants(&line.entry) {
                lines.push(line);
            }
        })?;
        let rows = lines.iter().map(|line| {
            let entry = &line.entry;
            let reasons = entry.deciding.iter();
            let reasons = reasons.map(|one| format!("{} {} ({})", one.id, one.title, one.verdict));
            [
                line.links.number.to_string(),
                entry.time.clone(),
                entry.candidate.clone().unwrap_or_default(),
                entry.trial.id.clone(),
                entry.screened_on.clone().unwrap_or_default(),
                entry.eligibility.clone(),
                reasons.collect::<Vec<_>>().join("; "),
                entry.by.clone().unwrap_or_default(),
            ]
        });
        let text = match self.format {
            Format::Table if terminal.width < ROOM_FOR_A_TABLE => blocks(rows, terminal.width),
            Format::Table => table(rows, terminal.width),
            Format::Csv => csv(rows)?,
        };
        terminal.print(&text)?;
        let tampered = verified
            .findings
            .iter()
            .filter(|finding| finding.kind.is_tampering());
        match tampered.count() {
            0 => Ok(ExitCode::SUCCESS),
            _ => {
                warn("this log is not whole; `eligo log verify` says where")?;
                Ok(ExitCode::from(1))
            }
        }
    }
}

/// The names of the columns, for reading and for programs.
const COLUMNS: [(&str, &str); 8] = [
    ("No.", "number"),
    ("Time (UTC)", "time"),
    ("Candidate", "candidate"),
    ("Trial", "trial"),
    ("Screened as of", "screened_on"),
    ("Outcome", "outcome"),
    ("Reason", "reason"),
    ("By", "by"),
];

/// The columns below which a table breaks its words.
const ROOM_FOR_A_TABLE: u16 = 120;

/// Each line of the log as a line with who and what came of it, and below it why.
fn blocks(rows: impl Iterator<Item = [String; 8]>, width: u16) -> String {
    let blocks = rows.map(|row| {
        let row = row.map(|cell| visible(&cell));
        let [number, time, candidate, trial, day, outcome, reason, by] = row;
        let lead = format!("{number:>4}  ");
        let margin = " ".repeat(textwrap::core::display_width(&lead));
        let filled = |first: &str, text: &str| {
            let options = textwrap::Options::new(usize::from(width))
                .initial_indent(first)
                .subsequent_indent(&margin);
            textwrap::fill(text, options)
        };
        let said = |before: &str, text: String| match text.as_str() {
            "" => String::new(),
            text => format!("{before}{text}"),
        };
        let head = [time, candidate, outcome].join("  ") + &said("  by ", by);
        let below = trial + &said(" as of ", day) + &said(": ", reason);
        format!("{}\n{}\n", filled(&lead, &head), filled(&margin, &below))
    });
    blocks.collect()
}

fn table(rows: impl Iterator<Item = [String; 8]>, width: u16) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width)
        .set_header(COLUMNS.map(|(name, _)| name).to_vec());
    for row in rows {
        table.add_row(row.map(|cell| visible(&cell)).to_vec());
    }
    format!("{}\n", table.trim_fmt())
}

fn csv(rows: impl Iterator<Item = [String; 8]>) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS.map(|(_, name)| name))?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell).into_owned()))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// How long another program may hold the log.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);
/// The bytes at the end of a log that are looked at first.
const TAIL: u64 = 64 * 1024;

/// A log that is added to.
pub struct Writer {
    file: File,
    name: String,
    by: Option<String>,
    chain: Chain,
    /// The length of the file as the chain knows it.
    end: u64,
}

impl LogArguments {
    /// Opens the log, if there is to be one.
    ///
    /// # Errors
    /// It cannot be written to, or it is no screening log.
    pub fn open(&self) -> anyhow::Result<Option<Writer>> {
        let Some(path) = &self.log else {
            if self.by.is_some() {
                bail!(
                    "`--by` says who screens, for a log, and there is none; name it with `--log FILE`"
                );
            }
            return Ok(None);
        };
        let name = visible(&path.display().to_string());
        if path.exists() && !path.is_file() {
            bail!("`{name}` is not a file; a screening log is one");
        }
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        // It names candidates.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options
            .open(path)
            .with_context(|| format!("cannot write to the log `{name}`"))?;
        let mut writer = Writer {
            file,
            name,
            by: self.by.clone(),
            chain: Chain::default(),
            end: 0,
        };
        // What is wrong with it shows before anything is screened.
        writer.locked(Writer::find_end)?;
        Ok(Some(writer))
    }
}

impl Writer {
    /// Adds entries, and waits until they are on the disk; the line of the last one.
    ///
    /// # Errors
    /// They are not all in the log.
    pub fn add(&mut self, entries: Vec<Entry>) -> anyhow::Result<Logged> {
        self.locked(|log| {
            log.find_end()?;
            let mut text = String::new();
            let time = now()?;
            for mut entry in entries {
                entry.time.clone_from(&time);
                entry.by.clone_from(&log.by);
                env!("CARGO_PKG_VERSION").clone_into(&mut entry.eligo);
                text.push_str(&log.chain.add(&entry)?);
            }
            log.file
                .write_all(text.as_bytes())
                .and_then(|()| log.file.sync_data())
                .with_context(|| {
                    format!(
                        "cannot write to the log `{}`; nothing is reported that is not logged",
                        log.name
                    )
                })?;
            log.end += text.len() as u64;
            Ok(Logged {
                number: log.chain.number,
                hash: log.chain.hash.clone().unwrap_or_default(),
            })
        })
    }

    /// Does something while no other program writes.
    fn locked<R>(&mut self, act: impl FnOnce(&mut Self) -> anyhow::Result<R>) -> anyhow::Result<R> {
        let mut waited = Duration::ZERO;
        loop {
            match self.file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if waited < PATIENCE => {
                    if waited.is_zero() {
                        say(&format!(
                            "waiting for another program to finish with the log `{}`\n",
                            self.name
                        ))?;
                    }
                    thread::sleep(PAUSE);
                    waited += PAUSE;
                }
                Err(TryLockError::WouldBlock) => bail!(
                    "another program has held the log `{}` for {} seconds; nothing was logged",
                    self.name,
                    PATIENCE.as_secs()
                ),
                Err(TryLockError::Error(error)) => {
                    return Err(error)
                        .with_context(|| format!("cannot lock the log `{}`", self.name));
                }
            }
        }
        let done = act(self);
        self.file
            .unlock()
            .with_context(|| format!("cannot unlock the log `{}`", self.name))?;
        done
    }

    /// Finds out where the chain goes on, unless nobody has written since.
    fn find_end(&mut self) -> anyhow::Result<()> {
        let name = &self.name;
        let length = self
            .file
            .metadata()
            .with_context(|| format!("cannot read the log `{name}`"))?
            .len();
        if length == self.end && length > 0 {
            return Ok(());
        }
        let mut size = TAIL;
        loop {
            let from = length.saturating_sub(size);
            let tail = read_from(&mut self.file, from)
                .with_context(|| format!("cannot read the log `{name}`"))?;
            match Tail::of(&tail, from == 0) {
                Ok(Tail::Chain(chain)) => {
                    self.chain = chain;
                    self.end = length;
                    return Ok(());
                }
                Ok(Tail::Longer) => size *= 2,
                Err(broken) => bail!(
                    "nothing is added to `{name}`: {broken}; `eligo log verify {name}` says more; name another file for the log"
                ),
            }
        }
    }
}

fn read_from(file: &mut File, from: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(from))?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Now, to the second.
fn now() -> anyhow::Result<String> {
    let now = Timestamp::now();
    Ok(Timestamp::from_second(now.as_second())?.to_string())
}
