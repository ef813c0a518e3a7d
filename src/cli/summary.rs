//! `eligo summary merge PART…`, `eligo summary rows RESULTS…`

#[cfg(feature = "parquet")]
mod rows;

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, anyhow, bail};
use clap::{Args, Subcommand, ValueEnum};
use eligo::batch::repeats::Repetitions;
use eligo::batch::summary::{self, Merge, Part, Report};
use eligo::json_escape;

use super::batch::destination::{self, Destination, Identity, shown};
use super::batch::temporary_store;
use super::input::extension;
use super::{Terminal, UNREAD};

/// Make one summary of several.
#[derive(Debug, Args)]
pub struct Summary {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Add up the summaries of the parts of a list
    Merge(MergeParts),
    /// Say what screened rows amount to, which an engine or a file has kept
    #[cfg(feature = "parquet")]
    Rows(rows::CountRows),
}

/// Add up the summaries of the parts of a list, as if it had been screened in one run: `batch --job --summary FILE` writes
/// them.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 added up, 4 added up, but a candidate was decided by rows of several parts that list different items, 2 an error\n\nExample: eligo summary merge part-1.json part-2.json --output whole.json"
)]
struct MergeParts {
    /// Summaries, or files of several one behind the other; `-` for standard input
    #[arg(required = true, value_name = "PART")]
    parts: Vec<PathBuf>,
    #[command(flatten)]
    written: Written,
}

/// How a summary is written.
#[derive(Debug, Args)]
struct Written {
    /// For reading, or as data [default: by the extension of --output, else text]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// Write it here, instead of to standard output; the file appears when it is whole
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Keep the digests of the rows, so that the result can be merged with others
    #[arg(long)]
    job: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading
    Text,
    /// As data (eligo/summary/1)
    Json,
}

impl Summary {
    /// Does it.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        match self.what {
            What::Merge(merge) => merge.run(terminal),
            #[cfg(feature = "parquet")]
            What::Rows(rows) => rows.run(terminal),
        }
    }
}

impl MergeParts {
    fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        refuse_twice(&self.parts)?;
        let output = self.written.open(&self.parts)?;
        let mut merge = Merge::new(Repetitions::stored(temporary_store));
        for path in &self.parts {
            each_part(path, |part| Ok(merge.add(part)?))?;
        }
        let report = merge.finish(self.written.job);
        let report = report.context("cannot read a temporary file")?;
        let report = report.ok_or_else(|| anyhow!("there is no summary in what was read"))?;
        self.written.write(&report, output, terminal)
    }
}

/// Refuses a file whose rows would be counted twice.
fn refuse_twice(paths: &[PathBuf]) -> anyhow::Result<()> {
    let mut seen: Vec<(Identity, &Path)> = Vec::new();
    for path in paths {
        let Some(identity) = Identity::of(path, "/dev/stdin") else {
            continue;
        };
        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == identity) {
            bail!(
                "`{}` and `{}` are one file, whose rows would count twice; name it once",
                shown(first),
                shown(path)
            );
        }
        seen.push((identity, path));
    }
    Ok(())
}

/// Calls `visit` with every summary of a file.
fn each_part(path: &Path, mut visit: impl FnMut(Part) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let (name, reader): (String, Box<dyn Read>) = if path.as_os_str() == "-" {
        ("<stdin>".to_owned(), Box::new(io::stdin()))
    } else {
        let name = shown(path);
        let file = File::open(path).with_context(|| format!("cannot read `{name}`"))?;
        (name, Box::new(file))
    };
    let documents = serde_json::Deserializer::from_reader(BufReader::new(reader));
    let mut count = 0;
    for document in documents.into_iter::<Report>() {
        let report = document.map_err(|error| unread(&name, &error))?;
        if report.schema() != summary::SCHEMA {
            bail!(
                "`{name}`: this is `{}`, and `{}` is read",
                report.schema(),
                summary::SCHEMA
            );
        }
        count += 1;
        let name = match count {
            1 => name.clone(),
            _ => format!("{name} ({count})"),
        };
        visit(Part { name, report })?;
    }
    if count == 0 {
        bail!("`{name}` is empty; {WRITTEN_BY}");
    }
    Ok(())
}

const WRITTEN_BY: &str = "`eligo batch --job --summary FILE` writes a summary that can be merged";

/// Why a file is no summary.
fn unread(name: &str, error: &serde_json::Error) -> anyhow::Error {
    if error.is_io() {
        return anyhow!("cannot read `{name}`: {error}");
    }
    let (line, column) = (error.line(), error.column());
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or(&said);
    anyhow!("{name}:{line}:{column}: this is no summary: {said}; {WRITTEN_BY}")
}

impl Written {
    /// Gets ready to write, but not to a file that is read.
    fn open(&self, read: &[PathBuf]) -> anyhow::Result<Destination> {
        let output = self.output.as_deref().unwrap_or(Path::new("-"));
        if let Some(path) = destination::overwritten(output, read) {
            bail!(
                "`{}` is read; name another file for the summary",
                shown(path)
            );
        }
        Destination::open(output)
    }

    fn format(&self) -> Format {
        let by_extension = || match self.output.as_deref().and_then(extension).as_deref() {
            Some("json") => Format::Json,
            _ => Format::Text,
        };
        let data = self.job.then_some(Format::Json);
        self.format.or(data).unwrap_or_else(by_extension)
    }

    fn write(
        &self,
        report: &Report,
        mut output: Destination,
        terminal: &Terminal,
    ) -> anyhow::Result<ExitCode> {
        match self.format() {
            Format::Text => {
                let bars = output.is_terminal();
                output.write(summary::render(report, terminal.width, bars).as_bytes())?;
            }
            Format::Json => {
                output.write(json_escape::to_string_pretty(report)?.as_bytes())?;
                output.write(b"\n")?;
            }
        }
        destination::finish(vec![output])?;
        Ok(match report.has_partial() {
            true => ExitCode::from(UNREAD),
            false => ExitCode::SUCCESS,
        })
    }
}
