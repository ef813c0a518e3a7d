//! Referral lists on the command line: what they are written in, and opening them.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use eligo::batch::columns::{ColumnOptions, Columns};
use eligo::batch::{Layout, List, Rows};
use eligo::diagnostic::{Diagnostic, Source, visible};
use eligo::trial::Trial;

use super::eprint;

/// What lists are written in, and on how many threads they are screened.
#[derive(Debug, Args)]
pub struct ListArguments {
    /// What the lists are written in [default: by extension, else ndjson]
    #[arg(long, value_enum, value_name = "NOTATION")]
    from: Option<From>,
    /// CSV: do not read this column
    #[arg(long, value_name = "NAME")]
    ignore_column: Vec<String>,
    /// CSV: read column OLD as NEW
    #[arg(long, value_name = "OLD=NEW", value_parser = renaming)]
    rename: Vec<(String, String)>,
    /// Threads that screen [default: as many as the machine has cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
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

fn renaming(text: &str) -> Result<(String, String), String> {
    let (old, new) = text.split_once('=').ok_or("write OLD=NEW")?;
    Ok((old.to_owned(), new.to_owned()))
}

/// A list that is open.
pub type Input = List<Box<dyn Read>>;

/// A list, and its header if it is CSV.
pub struct Opened {
    /// The rows.
    pub list: Input,
    /// The names of the columns, still to be read.
    pub header: Option<Arc<Source>>,
}

impl ListArguments {
    /// Whether anything was said about lists.
    pub fn given(&self) -> bool {
        self.from.is_some() || !self.ignore_column.is_empty() || !self.rename.is_empty() || self.threads.is_some()
    }

    /// How many threads screen.
    pub fn threads(&self) -> usize {
        self.threads.map_or_else(|| thread::available_parallelism().map_or(1, std::num::NonZero::get), usize::from)
    }

    /// What the columns of a CSV list are to a trial.
    ///
    /// # Errors
    /// Every column that the trial does not declare.
    pub fn columns(&self, header: &Arc<Source>, trial: &Trial) -> Result<Columns, Vec<Diagnostic>> {
        let options = ColumnOptions { ignored: self.ignore_column.clone(), renamed: self.rename.clone() };
        Columns::new(header, &trial.facts, &options)
    }

    /// Opens every list, so that one that is not there is told before anything is screened.
    pub fn open(&self, paths: &[PathBuf]) -> anyhow::Result<Vec<Opened>> {
        let mut lists = Vec::new();
        for path in paths {
            if path.is_dir() {
                lists.extend(directory(path)?.into_iter().map(|list| Opened { list, header: None }));
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
            let header = if layout == Layout::Records {
                let header = list.header().with_context(|| format!("cannot read `{shown}`"))?;
                Some(header.with_context(|| format!("`{shown}` has no header"))?)
            } else {
                None
            };
            lists.push(Opened { list, header });
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
}

/// The records of a directory, in the order of their names.
fn directory(path: &Path) -> anyhow::Result<Vec<Input>> {
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
