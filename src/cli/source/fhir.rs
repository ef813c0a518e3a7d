//! Files of FHIR → the patients in them.
//!
//! Every file is read once, resource by resource; what is one patient's is brought together by [`super::spill`], which keeps little in
//! memory however large a feed is. A line that is no resource is a row of its own, which says what is wrong with it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, bail};
use eligo::diagnostic::{Diagnostic, Diagnostics, Place, decode};
use eligo::source::fhir::intake::{self, Line, Owner, Resource};
use eligo::source::fhir::{Coverage, Fhir};
use eligo::source::mapped::MappedRecord;
use eligo::source::{Error, Records};
use jiff::civil::Date;

use super::spill::{Group, Groups, Spill};
use crate::cli::batch::destination::shown;
use crate::cli::input::{extension, is_stdin};
use crate::cli::warn;

/// No Bundle is larger: it is read as a whole.
const MAX_BUNDLE: u64 = 512 * 1024 * 1024;
/// No line of a bulk export is longer.
const MAX_LINE: u64 = 16 * 1024 * 1024;
/// When so many lines are no resources, nobody looks for more.
const MOST_BROKEN: usize = 1_000;

/// What became of the resources, once all is read.
pub type SharedCoverage = Arc<Mutex<Coverage>>;

/// Reads files and folders, and gives their patients in the order in which they stand there.
pub fn records(
    source: &Arc<Fhir>,
    paths: &[PathBuf],
    until: Date,
) -> anyhow::Result<(Records, SharedCoverage)> {
    let mut reader = Reader {
        source: Arc::clone(source),
        spill: Spill::new(total_size(paths)),
        coverage: Coverage::new(source),
        broken: 0,
    };
    for path in paths {
        if path.is_dir() {
            reader.folder(path)?;
        } else {
            reader.file(path, Named::ByUser)?;
        }
    }
    reader.tell_ownerless()?;
    let coverage = Arc::new(Mutex::new(reader.coverage));
    let groups = reader.spill.finish()?;
    let records = made(Arc::clone(source), groups, until, Arc::clone(&coverage));
    Ok((Records::Made(records), coverage))
}

fn made(
    source: Arc<Fhir>,
    mut groups: Groups,
    until: Date,
    coverage: SharedCoverage,
) -> Box<dyn FnMut() -> Result<Option<MappedRecord>, Error> + Send> {
    Box::new(move || {
        let group = groups
            .next_group()
            .map_err(|error| Error::Unreadable("a temporary file".to_owned(), error))?;
        Ok(group.map(|group| match group {
            Group::Patient(patient) => {
                let mut coverage = coverage.lock().unwrap_or_else(PoisonError::into_inner);
                source.map(&patient, until, &mut coverage)
            }
            Group::Broken(problem) => {
                let nowhere = || Place {
                    source: eligo::diagnostic::Source::new("(nowhere)", ""),
                    span: 0..0,
                };
                let mut record = MappedRecord::new(problem.place.clone().unwrap_or_else(nowhere));
                record.problems.push(*problem);
                record
            }
        }))
    })
}

/// How large all files are together, as far as that can be told.
fn total_size(paths: &[PathBuf]) -> u64 {
    let size = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    let of_path = |path: &PathBuf| match fs::read_dir(path) {
        Ok(entries) => entries.flatten().map(|entry| size(&entry.path())).sum(),
        Err(_) => size(path),
    };
    paths.iter().map(of_path).sum()
}

/// How a file came to be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    /// It was named.
    ByUser,
    /// It stands in a folder that was named.
    ByFolder,
}

struct Reader {
    source: Arc<Fhir>,
    spill: Spill,
    coverage: Coverage,
    broken: usize,
}

impl Reader {
    /// Reads the files of a folder in the order of their names.
    fn folder(&mut self, path: &Path) -> anyhow::Result<()> {
        let context = || format!("cannot read `{}`", shown(path));
        let mut files = Vec::new();
        for entry in fs::read_dir(path).with_context(context)? {
            files.push(entry.with_context(context)?.path());
        }
        files.sort();
        let mut count = 0;
        for file in files {
            let name = shown(&file);
            if file.is_dir() {
                warn(&format!(
                    "`{name}` is left out: folders in a folder are not searched"
                ))?;
                continue;
            }
            match extension(&file).as_deref() {
                Some("json" | "ndjson" | "jsonl") => {
                    count += 1;
                    self.file(&file, Named::ByFolder)?;
                }
                _ => warn(&format!(
                    "`{name}` is left out: files of FHIR end in .json or .ndjson"
                ))?,
            }
        }
        if count == 0 {
            bail!("there is no .json or .ndjson in `{}`", shown(path));
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, named: Named) -> anyhow::Result<()> {
        let name = if is_stdin(path) {
            "<stdin>".to_owned()
        } else {
            shown(path)
        };
        let content: Box<dyn Read> = if is_stdin(path) {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(path).with_context(|| format!("cannot read `{name}`"))?)
        };
        let mut content = BufReader::with_capacity(256 * 1024, content);
        let is_lines = match extension(path).as_deref() {
            Some("ndjson" | "jsonl") => true,
            Some("json") => false,
            _ => begins_with_whole_line(&mut content)
                .with_context(|| format!("cannot read `{name}`"))?,
        };
        if is_lines {
            self.lines(&name, content, named)
        } else {
            self.document(&name, content, named)
        }
    }

    /// A Bundle, or a single resource.
    fn document(&mut self, name: &str, content: impl Read, named: Named) -> anyhow::Result<()> {
        let mut bytes = Vec::new();
        content
            .take(MAX_BUNDLE + 1)
            .read_to_end(&mut bytes)
            .with_context(|| format!("cannot read `{name}`"))?;
        if bytes.len() as u64 > MAX_BUNDLE {
            let limit = MAX_BUNDLE / 1024 / 1024;
            bail!(
                "`{name}` is larger than {limit} MiB, the limit for one Bundle; a bulk export has none"
            );
        }
        let source = match decode(name, bytes) {
            Ok(source) => source,
            Err(problem) => return self.refuse(problem),
        };
        let (spill, coverage, fhir) = (&mut self.spill, &mut self.coverage, &self.source);
        let passed_over = Mutex::new(BTreeMap::<String, u64>::new());
        let reads = |kind: &str| {
            let reads = fhir.reads(kind);
            if !reads {
                let mut passed_over = passed_over.lock().unwrap_or_else(PoisonError::into_inner);
                *passed_over.entry(kind.to_owned()).or_default() += 1;
            }
            reads
        };
        let mut failed = None;
        let read = intake::document(&source, reads, &mut |resource, owner| {
            if failed.is_none() {
                failed = give(spill, coverage, resource, owner).err();
            }
        });
        for (kind, times) in passed_over
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
        {
            *self.coverage.passed_over.entry(kind).or_default() += times;
        }
        if let Some(error) = failed {
            return Err(error).context("cannot write a temporary file");
        }
        match read {
            Ok(()) => Ok(()),
            Err(problem) if named == Named::ByFolder && is_no_fhir(&problem) => {
                warn(&format!("`{name}` is left out: it holds no FHIR resource"))
            }
            Err(problem) => self.refuse(problem),
        }
    }

    /// A resource on each line.
    fn lines(&mut self, name: &str, mut content: impl BufRead, named: Named) -> anyhow::Result<()> {
        let shared: Arc<str> = Arc::from(name);
        let mut bytes = Vec::new();
        for number in 1.. {
            bytes.clear();
            let read = content
                .by_ref()
                .take(MAX_LINE + 1)
                .read_until(b'\n', &mut bytes)
                .with_context(|| format!("cannot read `{name}`"))?;
            if read == 0 {
                return Ok(());
            }
            if read as u64 > MAX_LINE {
                bail!(
                    "`{name}`, line {number}: longer than {} MiB",
                    MAX_LINE / 1024 / 1024
                );
            }
            let line = bytes.trim_ascii();
            let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
            if line.is_empty() {
                continue;
            }
            match intake::line(&shared, line, number, |kind| self.source.reads(kind)) {
                Ok(Line::Read(resource, owner)) => {
                    give(&mut self.spill, &mut self.coverage, resource, owner)
                        .context("cannot write a temporary file")?;
                }
                Ok(Line::PassedOver(kind)) => {
                    *self.coverage.passed_over.entry(kind).or_default() += 1;
                }
                Err(problem) if number == 1 && named == Named::ByFolder && is_no_fhir(&problem) => {
                    return warn(&format!(
                        "`{name}` is left out: its first line is no FHIR resource"
                    ));
                }
                Err(problem) => self.refuse(problem)?,
            }
        }
        Ok(())
    }

    /// Notes what cannot be read, as a row of its own.
    fn refuse(&mut self, problem: Box<Diagnostic>) -> anyhow::Result<()> {
        self.broken += 1;
        if self.broken > MOST_BROKEN {
            let last = Diagnostics(vec![*problem]);
            return Err(anyhow::Error::from(last))
                .with_context(|| format!("more than {MOST_BROKEN} lines are no resources"));
        }
        self.spill.add_broken(problem);
        Ok(())
    }

    /// Says what belongs to no patient.
    fn tell_ownerless(&self) -> anyhow::Result<()> {
        let ownerless: Vec<String> = self
            .coverage
            .ownerless
            .iter()
            .map(|(kind, times)| format!("{times} {kind}"))
            .collect();
        match ownerless.as_slice() {
            [] => Ok(()),
            kinds => warn(&format!(
                "of resources that name no patient nothing is read: {}",
                kinds.join(", ")
            )),
        }
    }
}

fn give(
    spill: &mut Spill,
    coverage: &mut Coverage,
    resource: Resource,
    owner: Owner,
) -> io::Result<()> {
    match owner {
        Owner::Patient(id) => spill.add(id, resource),
        Owner::Nobody => {
            *coverage.ownerless.entry(resource.kind).or_default() += 1;
            Ok(())
        }
    }
}

/// Whether a file is something else than FHIR, such as the log of an export.
fn is_no_fhir(problem: &Diagnostic) -> bool {
    problem.message.contains("no `resourceType`")
}

/// Whether a text without a telling name has a whole JSON value on its first line, and more behind it.
fn begins_with_whole_line(content: &mut impl BufRead) -> io::Result<bool> {
    let buffer = content.fill_buf()?;
    let Some(end) = buffer.iter().position(|byte| *byte == b'\n') else {
        return Ok(false);
    };
    let (line, rest) = buffer.split_at(end);
    let is_whole = serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
    Ok(is_whole && !rest.trim_ascii().is_empty())
}
