//! What was named on the command line → lists that can be read, each found fit to be one before anything is screened.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
#[cfg(feature = "parquet")]
use eligo::batch::arrow::TableColumns;
use eligo::batch::columns::{self, ColumnOptions, Columns};
use eligo::batch::{Chunk, Layout, List, Rows};
use eligo::diagnostic::{Diagnostic, Diagnostics, Source, nearest, visible};
use eligo::source::fhir::Fhir;
use eligo::source::{Records, table};
use eligo::trial::Trial;
use jiff::civil::Date;

#[cfg(feature = "parquet")]
use super::arrow::{self, ArrowTable};
use super::destination::shown;
use crate::cli::input::extension;
use crate::cli::source::{self, Chosen, SharedCoverage};
use crate::cli::warn;

/// A list of records.
type RecordList = List<Box<dyn Read + Send>>;

/// A list that is read one block after the other.
pub enum Input {
    /// A list of records.
    List(RecordList),
    /// What a source file makes of a site's files.
    Source(Mapped),
    /// A table in Arrow or Parquet.
    #[cfg(feature = "parquet")]
    Table(ArrowTable),
}

/// What a source file makes of a site's files.
pub struct Mapped {
    name: Arc<str>,
    records: Records,
}

impl Input {
    /// How messages name it.
    pub fn name(&self) -> &str {
        match self {
            Self::List(list) => list.name(),
            Self::Source(mapped) => &mapped.name,
            #[cfg(feature = "parquet")]
            Self::Table(table) => table.name(),
        }
    }

    /// The rows read from now on are of this kind.
    fn set_rows(&mut self, rows: Rows) {
        match self {
            Self::List(list) => list.set_rows(rows),
            Self::Source(_) => {}
            #[cfg(feature = "parquet")]
            Self::Table(table) => table.set_rows(rows),
        }
    }

    pub fn next_chunk(&mut self, chunk: &mut Chunk) -> anyhow::Result<bool> {
        match self {
            Self::List(list) => list
                .next_chunk(chunk)
                .with_context(|| format!("cannot read `{}`", list.name())),
            Self::Source(mapped) => source::read(|| mapped.records.next_chunk(chunk, &mapped.name)),
            #[cfg(feature = "parquet")]
            Self::Table(table) => table.next_chunk(chunk),
        }
    }
}

/// Which lists, and how they are written.
#[derive(Debug, Args)]
pub struct ListArguments {
    /// Lists: NDJSON, a JSON array, a stream of YAML documents, CSV, a workbook, a directory of records; `-` for standard input, NDJSON unless --from says otherwise
    #[arg(required = true, value_name = "LIST")]
    pub lists: Vec<PathBuf>,
    #[command(flatten)]
    written: ListNotation,
    /// The column or field of each row that is its key, echoed in every row that is written
    #[arg(long, value_name = "COLUMN")]
    pub key: Option<String>,
}

/// How lists are written.
#[derive(Debug, Args)]
pub struct ListNotation {
    /// What the lists are written in [default: by extension, else ndjson]
    #[arg(long, value_enum, value_name = "NOTATION")]
    from: Option<From>,
    /// CSV: do not read this column
    #[arg(long, value_name = "NAME")]
    ignore_column: Vec<String>,
    /// CSV: read column OLD as NEW
    #[arg(long, value_name = "OLD=NEW", value_parser = renaming)]
    rename: Vec<(String, String)>,
    /// Read the lists as this source file says
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "ignore_column", "rename", "header_line"])]
    source: Option<PathBuf>,
    /// Workbooks: the sheet [default: the only one that is not hidden]
    #[arg(long, value_name = "NAME", conflicts_with = "source")]
    sheet: Option<String>,
    /// CSV: the line on which the header stands, where something stands above it
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true, value_parser = clap::value_parser!(u32).range(1..=1000))]
    header_line: u32,
}

/// The header of a CSV list.
pub struct Header {
    /// Its record.
    pub record: Arc<Source>,
    /// The records behind it, in case that it is none.
    below: Vec<Arc<Source>>,
    /// Of a table that is no text, its columns.
    #[cfg(feature = "parquet")]
    table: Option<TableColumns>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum From {
    /// A JSON record on each line
    Ndjson,
    /// A JSON array of records
    Json,
    /// YAML documents between lines of `---`
    Yaml,
    /// A record on each line, a fact in each column, separated by commas, semicolons or tabs
    Csv,
    /// An Arrow stream or file: a fact in each column, or in a field of a structure
    #[cfg(feature = "parquet")]
    Arrow,
    /// A Parquet file, with the same columns
    #[cfg(feature = "parquet")]
    Parquet,
    /// FHIR R4: Bundles, bulk exports in NDJSON, folders of either
    Fhir,
}

fn renaming(text: &str) -> Result<(String, String), String> {
    let (old, new) = text.split_once('=').ok_or("write OLD=NEW")?;
    Ok((old.to_owned(), new.to_owned()))
}

impl Header {
    /// The names of its columns, also of those that are left out.
    fn names(&self) -> Vec<String> {
        let names = columns::names(&self.record).into_iter();
        #[cfg(feature = "parquet")]
        let names = names.chain(
            self.table
                .iter()
                .flat_map(|table| table.left_out().to_vec()),
        );
        names.collect()
    }
}

/// So many rows are looked at for a header that does not stand on the first line.
const MOST_ABOVE_HEADER: usize = 5;

/// Lists, and the files behind them.
#[derive(Default)]
pub struct Opened {
    /// In the order in which they are read.
    pub lists: Vec<Input>,
    /// Of each CSV list its header; whoever screens it says what the columns are.
    pub headers: Vec<Option<Header>>,
    /// Every file that is read.
    pub files: Vec<PathBuf>,
    /// How much of a list is read, where not all of it is.
    pub statistics: Vec<String>,
    /// Of a feed of FHIR, what became of its resources.
    pub coverage: Option<(Arc<Fhir>, SharedCoverage)>,
}

#[cfg(feature = "parquet")]
impl Opened {
    /// The type that the key has in screened rows; none if the lists do not agree on it.
    pub fn key_type(&self, key: Option<&str>) -> Option<arrow_schema::DataType> {
        let mut types = self.headers.iter().map(|header| {
            let table = header.as_ref()?.table.as_ref()?;
            table.key_type(key?)
        });
        let first = types.next()??;
        types
            .all(|other| other.as_ref() == Some(&first))
            .then_some(first)
    }
}

impl ListArguments {
    /// These lists, written so.
    pub fn new(lists: Vec<PathBuf>, written: ListNotation) -> Self {
        Self {
            lists,
            written,
            key: None,
        }
    }

    /// Opens every list, so that one that is not there, or is something else, is told before anything is screened.
    ///
    /// Of what a source reads nothing counts that is dated after `until`.
    pub fn open(&self, trial: &Trial, until: Date) -> anyhow::Result<Opened> {
        if let Some(chosen) = self.written.source() {
            if let Some(key) = self.key.as_deref().filter(|key| *key != "candidate") {
                bail!(
                    "what a source file makes has no field `{}` of its own; its key is `candidate`: --key candidate",
                    visible(key)
                );
            }
            return from_source(chosen, &self.lists, trial, until);
        }
        let mut opened = self.written.open(&self.lists, self.key.as_deref())?;
        for (list, header) in opened.lists.iter_mut().zip(&opened.headers) {
            if let Some(header) = header {
                let columns = self.written.columns(header, trial, self.key.as_deref());
                list.set_rows(columns.map_err(Diagnostics)?);
            }
        }
        Ok(opened)
    }

    /// Whether a list is a JSON array, so that several rows may stand on one line.
    pub fn have_elements(&self) -> bool {
        let is_array = |list: &Path| self.written.shape(list).1 == Layout::Array;
        self.lists
            .iter()
            .any(|list| self.written.source().is_none() && !list.is_dir() && is_array(list))
    }
}

/// Opens the files of a site, which together are one list: rows of one candidate may stand in several.
pub fn from_source(
    chosen: Chosen<'_>,
    lists: &[PathBuf],
    trial: &Trial,
    until: Date,
) -> anyhow::Result<Opened> {
    let compiled = source::load(chosen, trial)?;
    let opened = source::open(&compiled, lists, until)?;
    let names: Vec<String> = lists.iter().map(|list| shown(list)).collect();
    let mapped = Mapped {
        name: names.join(", ").into(),
        records: opened.records,
    };
    let mut files = lists.to_vec();
    if let Chosen::File(file) = chosen {
        files.push(file.to_owned());
    }
    Ok(Opened {
        lists: vec![Input::Source(mapped)],
        headers: vec![None],
        files,
        statistics: Vec::new(),
        coverage: opened.coverage,
    })
}

impl Default for ListNotation {
    /// By the extensions of the lists.
    fn default() -> Self {
        Self {
            from: None,
            ignore_column: Vec::new(),
            rename: Vec::new(),
            source: None,
            sheet: None,
            header_line: 1,
        }
    }
}

impl ListNotation {
    /// The source file that says how the lists are read, if one does.
    pub fn source(&self) -> Option<Chosen<'_>> {
        match (&self.source, self.from) {
            (Some(file), _) => Some(Chosen::File(file)),
            (None, Some(From::Fhir)) => Some(Chosen::Fhir),
            _ => None,
        }
    }

    /// Whether anything was said of how lists are written.
    pub fn is_given(&self) -> bool {
        self.source.is_some()
            || self.from.is_some()
            || !self.ignore_column.is_empty()
            || !self.rename.is_empty()
            || self.header_line > 1
            || self.sheet.is_some()
    }

    fn options(&self, key: Option<&str>) -> ColumnOptions {
        ColumnOptions {
            ignored: self.ignore_column.clone(),
            renamed: self.rename.clone(),
            key: key.map(str::to_owned),
        }
    }

    /// What the columns of a CSV list are to a trial.
    ///
    /// # Errors
    /// Every column that the trial does not declare.
    pub fn columns(
        &self,
        header: &Header,
        trial: &Trial,
        key: Option<&str>,
    ) -> Result<Rows, Vec<Diagnostic>> {
        let options = self.options(key);
        #[cfg(feature = "parquet")]
        if let Some(table) = &header.table {
            let columns = table.compile(&trial.facts, &options);
            return columns.map(|columns| Rows::Csv(Arc::new(columns)));
        }
        let Header { record, below, .. } = header;
        Columns::new(record, &trial.facts, &options)
            .map(|columns| Rows::Csv(Arc::new(columns)))
            .map_err(
                |problems| match columns::below(record, below, &trial.facts, &options) {
                    // What else is wrong with a line that is no header says nothing.
                    Some(problem) => vec![problem],
                    None => problems,
                },
            )
    }

    /// Opens every list; the columns of those that are CSV are still to be looked at.
    pub fn open(&self, lists: &[PathBuf], key: Option<&str>) -> anyhow::Result<Opened> {
        #[cfg(not(feature = "parquet"))]
        let _ = key;
        let mut opened = Opened::default();
        for path in lists {
            if path.is_dir() {
                directory(path, &mut opened)?;
                continue;
            }
            #[cfg(feature = "parquet")]
            if self.is_table(path) {
                let (table, statistics) = arrow::table(path, &self.options(key))?;
                opened.statistics.extend(statistics);
                opened.headers.push(Some(Header {
                    record: Arc::clone(table.columns().header()),
                    below: Vec::new(),
                    table: Some(table.columns().clone()),
                }));
                opened.lists.push(Input::Table(table));
                opened.files.push(path.clone());
                continue;
            }
            {
                let (list, header) = self.list(path)?;
                opened.lists.push(Input::List(list));
                opened.headers.push(header);
                opened.files.push(path.clone());
            }
        }
        if lists.iter().filter(|list| list.as_os_str() == "-").count() > 1 {
            bail!("standard input can be read once; name `-` once");
        }
        self.are_there(&opened.headers)?;
        self.are_single()?;
        Ok(opened)
    }

    /// Whether each column that is to be left out or renamed is in a list: one that is misspelt would be read.
    fn are_there(&self, headers: &[Option<Header>]) -> anyhow::Result<()> {
        let columns: Vec<String> = headers.iter().flatten().flat_map(Header::names).collect();
        let ignored = self.ignore_column.iter().map(|name| (name, "leave out"));
        for (name, wish) in ignored.chain(self.rename.iter().map(|(old, _)| (old, "rename"))) {
            if columns.is_empty() {
                bail!(
                    "there is no column `{}` to {wish}: no list is CSV",
                    visible(name)
                );
            }
            if !columns.contains(name) {
                let near = nearest(name, columns.iter().map(String::as_str))
                    .map_or(String::new(), |near| {
                        format!("; did you mean `{}`?", visible(near))
                    });
                bail!("there is no column `{}` to {wish}{near}", visible(name));
            }
        }
        Ok(())
    }

    /// Whether no more than one thing is to be done with a column: the other would not be done.
    fn are_single(&self) -> anyhow::Result<()> {
        for (at, (old, new)) in self.rename.iter().enumerate() {
            let name = visible(old);
            if let Some((_, other)) = self.rename.iter().take(at).find(|(other, _)| other == old) {
                bail!(
                    "column `{name}` is renamed twice, to `{}` and to `{}`; keep one --rename of it",
                    visible(other),
                    visible(new)
                );
            }
            if self.ignore_column.contains(old) {
                bail!(
                    "column `{name}` is left out and renamed; keep --ignore-column or --rename of it"
                );
            }
        }
        Ok(())
    }

    fn list(&self, path: &Path) -> anyhow::Result<(RecordList, Option<Header>)> {
        let shown = shown(path);
        let context = || format!("cannot read `{shown}`");
        let (name, reader): (&str, Box<dyn Read + Send>) = if path.as_os_str() == "-" {
            ("<stdin>", Box::new(io::stdin()))
        } else {
            (&shown, Box::new(File::open(path).with_context(context)?))
        };
        let (rows, layout) = self.shape(path);
        if let Some(sheet) = self.workbook(path, layout)? {
            return self.sheet(name, sheet);
        }
        let mut list = List::new(name, reader, rows.clone(), layout);
        if let Some(what) = list.foreign().with_context(context)? {
            bail!("`{name}` {what}");
        }
        let header = match layout {
            Layout::Records(_) => Some(self.header(&mut list)?),
            _ => None,
        };
        if layout == Layout::Lines && !self.said_to_be_lines(path) && list.begins_otherwise() {
            warn(&format!(
                "`{name}` does not begin with a record, and is read as NDJSON, a record on each line; --from json|yaml|csv reads it otherwise"
            ))?;
        }
        if path.is_file() {
            // There may be more lists than may be open at once.
            list = List::new(name, Box::new(Lazy::new(path)), rows, layout);
            list.set_header_line(self.header_line as usize);
            if header.is_some() {
                list.pass_header();
            }
        }
        Ok((list, header))
    }

    /// Reads the header of a CSV list.
    fn header(&self, list: &mut RecordList) -> anyhow::Result<Header> {
        list.set_header_line(self.header_line as usize);
        let name = list.name().to_owned();
        let record = list.header();
        let record = record.with_context(|| format!("cannot read `{name}`"))?;
        let record = record.with_context(|| {
            let on = if self.header_line > 1 {
                format!(" on line {}", self.header_line)
            } else {
                String::new()
            };
            format!("`{name}` has no header{on}")
        })?;
        let below = list.first_rows(MOST_ABOVE_HEADER);
        Ok(Header {
            record,
            below,
            #[cfg(feature = "parquet")]
            table: None,
        })
    }

    /// The sheet of a workbook, as CSV with a line for each row.
    fn workbook(&self, path: &Path, layout: Layout) -> anyhow::Result<Option<(String, Vec<u8>)>> {
        let may_be = matches!(layout, Layout::Records(_)) || self.from.is_none();
        if !may_be || !path.is_file() {
            return Ok(None);
        }
        let name = shown(path);
        let context = || format!("cannot read `{name}`");
        let file = File::open(path).with_context(context)?;
        let (sheet, row) = (self.sheet.clone(), self.header_line as usize);
        table::sheet_as_csv(&name, file, sheet, row).with_context(context)
    }

    /// A sheet as a list.
    fn sheet(
        &self,
        name: &str,
        (sheet, csv): (String, Vec<u8>),
    ) -> anyhow::Result<(RecordList, Option<Header>)> {
        let reader: Box<dyn Read + Send> = Box::new(io::Cursor::new(csv));
        let mut list = List::new(name, reader, Rows::Json, Layout::Records(b','));
        list.set_sheet(&sheet);
        let header = self.header(&mut list)?;
        Ok((list, Some(header)))
    }

    /// Whether a list is NDJSON because somebody says so, and not for want of anything else.
    fn said_to_be_lines(&self, path: &Path) -> bool {
        self.from.is_some()
            || extension(path)
                .is_some_and(|extension| ["ndjson", "jsonl"].contains(&extension.as_str()))
    }

    /// What a list is written in.
    fn notation(&self, path: &Path) -> From {
        self.from.unwrap_or(match extension(path).as_deref() {
            Some("json") => From::Json,
            Some("yaml" | "yml") => From::Yaml,
            Some("csv" | "tsv" | "xlsx" | "xlsm" | "ods" | "xls") => From::Csv,
            #[cfg(feature = "parquet")]
            Some("arrow" | "arrows" | "feather") => From::Arrow,
            #[cfg(feature = "parquet")]
            Some("parquet") => From::Parquet,
            _ => From::Ndjson,
        })
    }

    /// What a list is written in, and how its rows are set apart.
    fn shape(&self, path: &Path) -> (Rows, Layout) {
        match self.notation(path) {
            From::Ndjson => (Rows::Json, Layout::Lines),
            From::Json => (Rows::Json, Layout::Array),
            From::Yaml => (Rows::Yaml, Layout::Documents),
            // What the columns are is known when the header was looked at.
            From::Csv => (Rows::Json, Layout::Records(b',')),
            // Read by its source.
            From::Fhir => (Rows::Json, Layout::Whole),
            // Read as a table.
            #[cfg(feature = "parquet")]
            From::Arrow | From::Parquet => (Rows::Json, Layout::Whole),
        }
    }

    /// Whether a list is a table in Arrow or Parquet; which of them, its first bytes say.
    #[cfg(feature = "parquet")]
    fn is_table(&self, path: &Path) -> bool {
        matches!(self.notation(path), From::Arrow | From::Parquet)
    }
}

/// The records of a directory, in the order of their names.
fn directory(path: &Path, opened: &mut Opened) -> anyhow::Result<()> {
    let context = || format!("cannot read `{}`", shown(path));
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(path).with_context(context)? {
        files.push(entry.with_context(context)?.path());
    }
    files.sort();
    for file in files {
        let name = shown(&file);
        // Where a file cannot be looked at, reading it says why, in a row of its own.
        let metadata = fs::metadata(&file).ok();
        let rows = match extension(&file).as_deref() {
            _ if metadata.as_ref().is_some_and(fs::Metadata::is_dir) => {
                Err("directories inside a directory are not searched")
            }
            Some("json") => Ok(Rows::Json),
            Some("yaml" | "yml") => Ok(Rows::Yaml),
            _ => Err("records end in .yaml, .yml or .json"),
        };
        let rows = rows.and_then(|rows| {
            if metadata.is_none_or(|metadata| metadata.is_file()) {
                Ok(rows)
            } else {
                Err("it is not a file")
            }
        });
        match rows {
            Ok(rows) => {
                opened.lists.push(Input::List(List::new(
                    &name,
                    Box::new(Lazy::new(&file)) as Box<dyn Read + Send>,
                    rows,
                    Layout::Whole,
                )));
                opened.headers.push(None);
                opened.files.push(file);
            }
            Err(why) => warn(&format!("`{name}` is left out: {why}"))?,
        }
    }
    Ok(())
}

/// A chunk, and the number of its list, counted from 1.
#[derive(Default)]
pub struct Numbered {
    pub list: usize,
    pub chunk: Chunk,
}

/// Fills chunk after chunk, one list after the other, until there are no more.
pub fn chunks_of(lists: Vec<Input>) -> impl FnMut(&mut Numbered) -> anyhow::Result<bool> {
    let mut lists = lists.into_iter().zip(1..);
    let mut list = lists.next();
    move |numbered| {
        while let Some((reading, number)) = &mut list {
            if reading.next_chunk(&mut numbered.chunk)? {
                numbered.list = *number;
                return Ok(true);
            }
            list = lists.next();
        }
        Ok(false)
    }
}

/// A file that is opened when it is read, and closed when it was.
struct Lazy {
    path: PathBuf,
    file: Option<File>,
}

impl Lazy {
    fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            file: None,
        }
    }
}

impl Read for Lazy {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.file {
            Some(file) => file.read(buffer),
            None => self.file.insert(File::open(&self.path)?).read(buffer),
        }
    }
}
