//! Source files, and the files of a site that they read.

mod fhir;
mod spill;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::bail;
use eligo::EMBEDDED_FHIR;
use eligo::diagnostic::{Diagnostics, Source, nearest, visible};
use eligo::source::fhir::Fhir;
use eligo::source::file::Kind;
use eligo::source::mapped::MappedRecord;
use eligo::source::{self, Compiled, Error, Input, Records};
use eligo::trial::Trial;
use jiff::civil::Date;

pub use self::fhir::SharedCoverage;

use super::batch::destination::shown;
use super::input::{self, is_stdin};

/// The trial whose source file of FHIR comes with the program.
const FHIR_TRIAL: &str = "NCT04546906";

/// Which source file says how a site's files are read.
#[derive(Debug, Clone, Copy)]
pub enum Chosen<'c> {
    /// This one.
    File(&'c Path),
    /// The one that comes with the program, of FHIR.
    Fhir,
}

/// The candidates of a site's files.
pub struct Opened {
    /// In the order in which they are first spoken of.
    pub records: Records,
    /// Of a feed of FHIR, what became of its resources; it is whole when all records were read.
    pub coverage: Option<(Arc<Fhir>, SharedCoverage)>,
}

/// Compiles a source file.
pub fn load(chosen: Chosen<'_>, trial: &Trial) -> anyhow::Result<Compiled> {
    match chosen {
        Chosen::File(path) => {
            let source = input::read(path)?;
            let folder = path.parent().unwrap_or(Path::new(""));
            let files =
                |name: &str| input::read(&folder.join(name)).map_err(|error| format!("{error:#}"));
            Ok(source::compile(&source, trial, &files).map_err(Diagnostics)?)
        }
        Chosen::Fhir if trial.id == FHIR_TRIAL => {
            let source = Source::new("<embedded fhir>", EMBEDDED_FHIR);
            let files = |_: &str| Err("what comes with the program names no files".to_owned());
            Ok(source::compile(&source, trial, &files).map_err(Diagnostics)?)
        }
        Chosen::Fhir => bail!(
            "with the program comes how FHIR is read for {FHIR_TRIAL} only; --source names a source file for {}",
            trial.id
        ),
    }
}

/// Opens what a source file reads; nothing counts that is dated after `until`.
pub fn open(compiled: &Compiled, paths: &[PathBuf], until: Date) -> anyhow::Result<Opened> {
    if paths.iter().filter(|path| is_stdin(path)).count() > 1 {
        bail!("standard input can be read once; name `-` once");
    }
    match &compiled.kind {
        Kind::Table(table) => {
            let inputs = paths.iter().map(|path| opened(path));
            let inputs = inputs.collect::<anyhow::Result<Vec<Input>>>()?;
            Ok(Opened {
                records: read(|| Records::open(table, inputs))?,
                coverage: None,
            })
        }
        Kind::FhirR4(fhir) => {
            let (records, coverage) = fhir::records(fhir, paths, until)?;
            Ok(Opened {
                records,
                coverage: Some((Arc::clone(fhir), coverage)),
            })
        }
    }
}

/// The one candidate of a file, or the one that is asked for.
pub fn single(
    compiled: &Compiled,
    path: &Path,
    wanted: Option<&str>,
    until: Date,
) -> anyhow::Result<MappedRecord> {
    /// So many candidates are compared with one that is not there.
    const MOST_NAMES: usize = 1_000;
    let file = shown(path);
    let mut records = open(compiled, &[path.to_owned()], until)?.records;
    let (mut found, mut names, mut count) = (None, Vec::new(), 0);
    while let Some(mapped) = read(|| records.next_record())? {
        count += 1;
        let name = mapped.candidate.as_ref().map(|name| name.text.clone());
        if names.len() < MOST_NAMES {
            names.extend(name.as_deref().map(visible));
        }
        if wanted.is_none() || name.as_deref() == wanted {
            found.get_or_insert(mapped);
        }
    }
    match (found, wanted) {
        (Some(_), None) if count > 1 => {
            let some: Vec<_> = names.into_iter().take(3).collect();
            bail!(
                "`{file}` holds {count} candidates; `--candidate ID` screens one of them (`{}`, …), `eligo batch` every one",
                some.join("`, `")
            )
        }
        (Some(mapped), _) => Ok(mapped),
        (None, Some(wanted)) => {
            let near = nearest(wanted, names.iter().map(String::as_str));
            let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            bail!("`{file}` holds no candidate `{}`{near}", visible(wanted))
        }
        (None, None) => bail!("there is no candidate in `{file}`"),
    }
}

/// Does something that reads a source; an error keeps the places of its findings.
pub fn read<T>(read: impl FnOnce() -> Result<T, Error>) -> anyhow::Result<T> {
    read().map_err(|error| match error {
        Error::Unfit(problems) => problems.into(),
        other => other.into(),
    })
}

/// Opens a file.
pub fn opened(path: &Path) -> anyhow::Result<Input> {
    let name = shown(path);
    if path.is_dir() {
        bail!("`{name}` is a directory; name the files in it");
    }
    let content: Box<dyn Read + Send> = if is_stdin(path) {
        Box::new(io::stdin())
    } else {
        match File::open(path) {
            Ok(file) => Box::new(file),
            Err(error) => return Err(Error::Unreadable(name, error).into()),
        }
    };
    let name = if is_stdin(path) {
        "<stdin>".to_owned()
    } else {
        name
    };
    Ok(Input { name, content })
}
