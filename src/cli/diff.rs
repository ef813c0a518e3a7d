//! `eligo diff OLD NEW`

use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, ValueEnum};
use eligo::diagnostic::Diagnostics;
use eligo::diff::candidates::{self, Compared, Notation, Settings, Summary, Version, Worker};
use eligo::diff::{self, report};
use eligo::record::Dates;
use eligo::record::FieldTable;
use eligo::trial::{Policy, Trial};
use jiff::civil::Date;

use super::batch::lists::{Input, ListNotation, Numbered, Opened, chunks_of, from_source};
use super::batch::{is_closed_pipe, pipeline};
use super::today::today;
use super::{Terminal, UNREAD, input, say};

/// The word for the trial file that comes with the program.
const EMBEDDED: &str = "embedded";

/// Compare two versions of a trial file.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 compared, 1 only with --fail-on, 2 an error, 4 a row of the list that neither version can read\n\nExample: eligo diff old.yaml new.yaml --on referrals.csv"
)]
pub struct Diff {
    /// The old trial file; `-` for standard input, `embedded` for the one that comes with the program
    old: PathBuf,
    /// The new trial file
    new: PathBuf,
    /// Screen this list with both: NDJSON, a JSON array, YAML documents, CSV, a directory; `-` for standard input
    #[arg(long, value_name = "LIST")]
    on: Vec<PathBuf>,
    /// The site's policy, for both versions
    #[arg(long, value_name = "FILE", requires = "on")]
    site: Option<PathBuf>,
    /// Screen as of this day [default: the record's `screened_on`, else today]
    #[arg(long, value_name = "DATE", value_parser = input::whole_date, requires = "on")]
    as_of: Option<Date>,
    /// Read values, units and causes of what is missing only as they are declared, to the letter
    #[arg(long, requires = "on")]
    strict: bool,
    #[command(flatten)]
    notation: ListNotation,
    /// Threads that screen [default: as many as the machine has cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), requires = "on")]
    threads: Option<u16>,
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,
    /// Exit with 1 if there is such a difference
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT")]
    fail_on: Vec<FailOn>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading
    Text,
    /// For programs: `eligo/diff/1`
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// The files do not say the same
    Change,
    /// With --on: a candidate changes, or a version cannot read a record
    Candidate,
}

impl Diff {
    /// Compares.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let inputs = [&self.old, &self.new].into_iter().chain(&self.on);
        if inputs.filter(|path| input::is_stdin(path)).count() > 1 {
            bail!("standard input can be read only once");
        }
        if self.on.is_empty()
            && (self.notation.is_given() || self.fail_on.contains(&FailOn::Candidate))
        {
            bail!("there is no list to screen; name one with `--on LIST`");
        }
        let (mut old, mut new) = (load(&self.old)?, load(&self.new)?);
        (old.facts.strict, new.facts.strict) = (self.strict, self.strict);
        let found = diff::diff(&old, &new);
        let names = [&self.old, &self.new].map(|path| path.display().to_string());
        let [old_file, new_file] = [(&names[0], &old), (&names[1], &new)]
            .map(|(name, trial)| report::File::new(name, trial));
        let said = match self.format {
            Format::Text => report::text(&found, &old_file, &new_file, usize::from(terminal.width)),
            Format::Json => report::json(&found, &old_file, &new_file)?,
        };
        let mut code = u8::from(self.fail_on.contains(&FailOn::Change) && !found.same());
        if self.on.is_empty() {
            terminal.print(&if self.format == Format::Json {
                said + "\n}\n"
            } else {
                said
            })?;
            return Ok(ExitCode::from(code));
        }
        // Everything that can be wrong with the call is told before anything is written.
        let list = self.list([&old, &new], &found.pairs)?;
        let threads = pipeline::threads(self.threads);
        match list.screen(said, threads) {
            Err(error) if is_closed_pipe(&error) => return Ok(ExitCode::from(code)),
            Err(error) => return Err(error),
            Ok(total) => {
                if total.rows == 0 {
                    bail!("there is no row in the list");
                }
                if self.fail_on.contains(&FailOn::Candidate) && total.unchanged < total.rows {
                    code = 1;
                }
                if total.unreadable_by_both > 0 {
                    code = UNREAD;
                }
            }
        }
        Ok(ExitCode::from(code))
    }

    fn policy(&self, trial: &Trial, which: &str) -> anyhow::Result<Policy> {
        let policy = input::load_policy(self.site.as_deref(), trial);
        if policy.is_err() {
            let message = format!("the site policy does not fit the {which} version\n\n");
            say(&message)?;
        }
        policy
    }

    /// Opens the list for both versions.
    fn list<'t>(
        &self,
        trials: [&'t Trial; 2],
        pairs: &'t [diff::Pair],
    ) -> anyhow::Result<OnList<'t>> {
        let [old, new] = trials;
        let policies = [self.policy(old, "old")?, self.policy(new, "new")?];
        let opened = match self.notation.source() {
            // What the source file says is said of the facts of the old version.
            Some(chosen) => {
                let until = self.as_of.map_or_else(today, Ok)?;
                from_source(chosen, &self.on, old, until)?
            }
            None => self.notation.open(&self.on, None)?,
        };
        let Opened { lists, headers, .. } = opened;
        let mut notations = Vec::new();
        for header in headers {
            let notation: Option<Notation> = header
                .map(|header| trials.map(|trial| self.notation.columns(&header, trial, None)));
            notations.push(match notation {
                Some([Err(problems), Err(_)]) => return Err(Diagnostics(problems).into()),
                other => other,
            });
        }
        Ok(OnList {
            trials,
            policies,
            lists,
            notations,
            pairs,
            dates: Dates {
                as_of: self.as_of,
                today: today()?,
            },
            format: self.format,
            files: self.on.len() > 1 || self.on.iter().any(|list| list.is_dir()),
        })
    }
}

fn load(path: &Path) -> anyhow::Result<Trial> {
    input::load_trial((path.as_os_str() != EMBEDDED).then_some(path)).map(|(trial, _)| trial)
}

/// A list that both versions are to screen.
struct OnList<'t> {
    trials: [&'t Trial; 2],
    policies: [Policy; 2],
    lists: Vec<Input>,
    notations: Vec<Option<Notation>>,
    pairs: &'t [diff::Pair],
    dates: Dates,
    format: Format,
    files: bool,
}

impl OnList<'_> {
    /// Writes what changed in the files, every candidate that changes, and what they amount to.
    fn screen(self, said: String, threads: usize) -> anyhow::Result<Summary> {
        let json = self.format == Format::Json;
        let settings = Settings {
            dates: self.dates,
            format: match self.format {
                Format::Json => candidates::Format::Json,
                Format::Text => candidates::Format::Text,
            },
            files: self.files,
            pairs: self.pairs,
            lists: &self.notations,
        };
        let [old, new] = self.trials;
        let [old_policy, new_policy] = &self.policies;
        let fields = self
            .trials
            .map(|trial| FieldTable::new(&trial.id, &trial.facts));
        let [old_fields, new_fields] = &fields;
        let versions = [
            version(old, old_policy, old_fields),
            version(new, new_policy, new_fields),
        ];
        let worker = || {
            let mut worker = Worker::new(versions, &settings);
            move |numbered: &Numbered, compared: &mut _, hand_over: &mut dyn FnMut(&mut _) -> _| {
                worker.compare(numbered.list, &numbered.chunk, compared, hand_over);
            }
        };
        let (mut total, mut first) = (Summary::new(self.pairs.len()), true);
        write(said.as_bytes())?;
        write(if json {
            b",\n  \"candidates\": ["
        } else {
            b"\nCandidates\n"
        })?;
        pipeline::in_order(
            threads,
            worker,
            chunks_of(self.lists),
            |compared: &mut Compared| {
                // The comma before the first row.
                let bytes = compared.bytes.as_slice();
                let unjoined = bytes.strip_prefix(b",").filter(|_| json && first);
                first &= bytes.is_empty();
                write(unjoined.unwrap_or(bytes))?;
                total.merge(&compared.summary);
                Ok(ControlFlow::Continue(()))
            },
        )?;
        let end = if json {
            let total = total.json(self.pairs, old, new)?;
            format!("\n  ],\n  \"summary\": {total}\n}}\n")
        } else {
            let apart = if first { "" } else { "\n" };
            format!("{apart}{}", total.text(self.pairs, old, new))
        };
        write(end.as_bytes())?;
        io::stdout().lock().flush()?;
        Ok(total)
    }
}

fn version<'v>(trial: &'v Trial, policy: &'v Policy, fields: &'v FieldTable<'v>) -> Version<'v> {
    Version {
        trial,
        policy,
        fields,
    }
}

fn write(bytes: &[u8]) -> anyhow::Result<()> {
    Ok(io::stdout().lock().write_all(bytes)?)
}
