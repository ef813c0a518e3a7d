//! `eligo map SOURCE INPUT…`

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::PoisonError;

use anyhow::bail;
use clap::{Args, ValueEnum};
use eligo::batch::{Chunk, RowReader};
use eligo::diagnostic::Diagnostic;
use eligo::record::{Dates, FieldTable};
use eligo::source::{draft, records_as};
use eligo::trial::Trial;
use jiff::civil::Date;

use super::batch::destination::{Destination, finish, overwritten};
use super::batch::lists::{Numbered, chunks_of, from_source};
use super::input::{self, extension, load_trial, whole_date};
use super::source::{self, Chosen};
use super::today::today;
use super::{Terminal, UNREAD, say};

/// Write records from a site's own tables.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 every row was mapped, 4 rows were refused, 2 an error; with --output nothing is written then\n\nExample: eligo map referrals.source.yaml referrals.csv --output records.ndjson"
)]
pub struct Map {
    /// The source file, which says how the facts are read; `fhir` for the one of FHIR R4 that comes with the program. With --draft, the table
    #[arg(value_name = "SOURCE")]
    source: PathBuf,
    /// What the site has: tables in CSV, workbooks, Bundles or bulk exports of FHIR, folders of these; `-` for standard input
    #[arg(
        required_unless_present = "draft",
        conflicts_with = "draft",
        value_name = "INPUT"
    )]
    inputs: Vec<PathBuf>,
    /// The trial file [default: NCT04546906, which comes with the program]
    #[arg(long, value_name = "FILE", env = "ELIGO_TRIAL", hide_env_values = true)]
    trial: Option<PathBuf>,
    /// What to write [default: by the extension of --output, else ndjson]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
    /// Of FHIR: read nothing that is dated after this day [default: today]
    #[arg(long, value_name = "DATE", value_parser = whole_date)]
    as_of: Option<Date>,
    /// Of FHIR: write what became of the resources, instead of the records
    #[arg(long)]
    coverage: bool,
    /// Write the records here, instead of to standard output; the file appears when it is whole
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    draft: DraftArguments,
}

/// How a first source file is written.
#[derive(Debug, Args)]
struct DraftArguments {
    /// Write a first source file for a table, instead of records: what is certain filled in, what is likely behind `#?`
    #[arg(long, conflicts_with_all = ["format", "coverage", "as_of"])]
    draft: bool,
    /// With --draft: the data dictionary of REDCap (CSV), which says what fields are called and codes mean
    #[arg(long, value_name = "FILE", requires = "draft")]
    dictionary: Option<PathBuf>,
    /// With --draft: the sheet of a workbook
    #[arg(long, value_name = "NAME", requires = "draft")]
    sheet: Option<String>,
    /// With --draft: the row of the header
    #[arg(long, value_name = "N", requires = "draft", default_value_t = 1, hide_default_value = true, value_parser = clap::value_parser!(u32).range(1..=1000))]
    header_row: u32,
    /// With --draft: the encoding of the table, such as windows-1252
    #[arg(long, value_name = "NAME", requires = "draft")]
    encoding: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A record in JSON on each line
    Ndjson,
    /// A YAML document for each record
    Yaml,
    /// A table with a column for each fact, and for what stands beside it
    Csv,
}

/// Nobody reads more of what is wrong with rows.
const MOST_REFUSED: usize = 100;

impl Map {
    fn chosen(&self) -> Chosen<'_> {
        match self.source.as_os_str() == "fhir" {
            true => Chosen::Fhir,
            false => Chosen::File(&self.source),
        }
    }

    fn until(&self) -> anyhow::Result<Date> {
        self.as_of.map_or_else(today, Ok)
    }

    /// Maps every row, and refuses those that are no records.
    pub fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let (trial, _) = load_trial(self.trial.as_deref())?;
        if self.draft.draft {
            return self.write_draft(&trial);
        }
        let opened = from_source(self.chosen(), &self.inputs, &trial, self.until()?)?;
        if self.coverage && opened.coverage.is_none() {
            bail!("`--coverage` is of a feed of FHIR");
        }
        let output = self.output.as_deref().unwrap_or(Path::new("-"));
        self.refuse_shared_files(output, &opened.files)?;
        let mut output = Destination::open(output)?;
        let dates = Dates {
            as_of: self.as_of,
            today: today()?,
        };
        let table = FieldTable::new(&trial.id, &trial.facts);
        let mut reader = RowReader::new(&table, dates);
        let mut writer = self.writer();
        let (mut written, mut refused, mut problems) = (0_u64, 0_u64, Vec::new());
        let mut next = chunks_of(opened.lists);
        let mut numbered = Numbered::default();
        while next(&mut numbered)? {
            let mut text = String::new();
            each(&numbered.chunk, &mut reader, |row| match row {
                Ok(json) => {
                    written += 1;
                    writer.add(json, &mut text);
                }
                Err(found) => {
                    refused += 1;
                    if problems.len() <= MOST_REFUSED {
                        problems.extend(found);
                    }
                }
            });
            if !self.coverage {
                output.write(text.as_bytes())?;
            }
        }
        if written + refused == 0 {
            bail!("there is no candidate in what was read");
        }
        match &opened.coverage {
            Some((fhir, coverage)) if self.coverage => {
                let coverage = coverage.lock().unwrap_or_else(PoisonError::into_inner);
                output.write(coverage.render(fhir).as_bytes())?;
            }
            _ => output.write(writer.finish().as_bytes())?,
        }
        if refused > 0 {
            if self.coverage {
                finish(vec![output])?;
                say(&format!(
                    "{refused} of {} records are refused\n",
                    written + refused
                ))?;
                return Ok(ExitCode::from(UNREAD));
            }
            terminal.explain(&problems);
            let nothing = if output.is_file() {
                "; nothing was written"
            } else {
                ""
            };
            let all = written + refused;
            say(&format!(
                "{refused} of {all} records were refused{nothing}\n"
            ))?;
            return Ok(ExitCode::from(UNREAD));
        }
        finish(vec![output])?;
        Ok(ExitCode::SUCCESS)
    }

    /// Writes a first source file.
    fn write_draft(&self, trial: &Trial) -> anyhow::Result<ExitCode> {
        let dictionary = match &self.draft.dictionary {
            Some(path) => Some(input::read(path)?),
            None => None,
        };
        let output = self.output.as_deref().unwrap_or(Path::new("-"));
        let read = self.draft.dictionary.iter().chain([&self.source]);
        self.refuse_shared_files(output, &read.cloned().collect::<Vec<_>>())?;
        let options = draft::Options {
            sheet: self.draft.sheet.clone(),
            header_row: self.draft.header_row as usize,
            encoding: self.draft.encoding.clone(),
        };
        let table = source::opened(&self.source)?;
        let written = source::read(|| draft::draft(trial, table, &options, dictionary.as_ref()))?;
        let mut output = Destination::open(output)?;
        output.write(written.as_bytes())?;
        finish(vec![output])?;
        let is_open = |line: &&str| !line.starts_with('#') && line.contains("#?");
        let open = written.lines().filter(is_open).count();
        say(&format!("{open} lines with `#?` wait for a decision\n"))?;
        Ok(ExitCode::SUCCESS)
    }

    fn writer(&self) -> records_as::Writer {
        let by_extension = || match self.output.as_deref().and_then(extension).as_deref() {
            Some("yaml" | "yml") => Format::Yaml,
            Some("csv") => Format::Csv,
            _ => Format::Ndjson,
        };
        records_as::Writer::new(match self.format.unwrap_or_else(by_extension) {
            Format::Ndjson => records_as::Format::Ndjson,
            Format::Yaml => records_as::Format::Yaml,
            Format::Csv => records_as::Format::Csv,
        })
    }

    /// Refuses to write a file that is read.
    fn refuse_shared_files(&self, output: &Path, files: &[PathBuf]) -> anyhow::Result<()> {
        if overwritten(output, files.iter().chain(&self.trial)).is_some() {
            bail!(
                "`{}` is read; name another file for the records",
                output.display()
            );
        }
        Ok(())
    }
}

/// Calls `visit` with the JSON of every row, or with what is wrong with it.
fn each(
    chunk: &Chunk,
    reader: &mut RowReader<'_>,
    mut visit: impl FnMut(Result<&str, Vec<Diagnostic>>),
) {
    let mut number = 0;
    chunk.each(|start, row| {
        let read = row.map_err(|problem| vec![problem]).and_then(|bytes| {
            reader.read(chunk, &chunk.rows, (number, start), bytes)?;
            std::str::from_utf8(bytes)
                .map_err(|_| vec![Diagnostic::error("the record is not UTF-8")])
        });
        number += 1;
        visit(read);
    });
}
