//! Tables in Arrow and Parquet that are read.

mod encoder;
mod pages;

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Once};

use anyhow::{Context as _, anyhow, bail};
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_schema::{ArrowError, SchemaRef};
use eligo::batch::arrow::{Table, TableColumns};
use eligo::batch::columns::ColumnOptions;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
};
use parquet::arrow::{ProjectionMask, parquet_to_arrow_field_levels};
use parquet::basic::Compression;
use parquet::file::metadata::ParquetMetaData;

use eligo::diagnostic::visible;

pub use self::encoder::{Encoder, Encoding};
use self::pages::Pages;
use super::destination::shown;

/// Rows that are decoded at once.
const BATCH: usize = 2048;

/// Batches of a table, one after the other.
pub type Batches = Box<dyn Iterator<Item = anyhow::Result<RecordBatch>> + Send>;

/// A table that was opened.
pub struct Opened {
    /// The columns of its batches.
    pub schema: SchemaRef,
    /// The columns that are not in them.
    pub left_out: Vec<String>,
    /// How much of it is read, where that is known before.
    pub statistics: Option<String>,
    /// Its rows.
    pub batches: Batches,
}

/// A table that is screened.
pub type ArrowTable = Table<Batches>;

/// Opens a list that is a table in Arrow or Parquet, by its first bytes, and says how much of it is read, where that is known;
/// `-` is standard input.
///
/// # Errors
/// If it is something else, or cannot be read.
pub fn table(path: &Path, options: &ColumnOptions) -> anyhow::Result<(ArrowTable, Option<String>)> {
    let mut ignored = options.ignored.clone();
    // A key that is no fact is read all the same.
    ignored.retain(|name| Some(name) != options.key.as_ref());
    let Opened {
        schema,
        left_out,
        statistics,
        batches,
    } = open(path, &ignored)?;
    let name = name_of(path);
    let columns = TableColumns::new(&name, &schema, options).without(left_out);
    Ok((Table::new(&name, columns, batches), statistics))
}

fn name_of(path: &Path) -> String {
    match path.as_os_str() == "-" {
        true => "<stdin>".to_owned(),
        false => shown(path),
    }
}

/// Opens an Arrow stream, an Arrow file or a Parquet file, by its first bytes: its columns, and its batches, of which each is
/// in memory as long as it is looked at. `-` is standard input, on which a stream is read. Columns that are ignored are not read where
/// the file allows that.
///
/// # Errors
/// If it is something else, or cannot be read.
pub fn open(path: &Path, ignored: &[String]) -> anyhow::Result<Opened> {
    let name = name_of(path);
    let context = || format!("cannot read `{name}`");
    if path.as_os_str() == "-" {
        let mut stdin = io::stdin();
        let magic = first_bytes(&mut stdin).with_context(context)?;
        return match Kind::of(&magic) {
            Some(Kind::Stream) => stream(name, io::Cursor::new(magic).chain(stdin)),
            Some(kind) => bail!(
                "`{name}` is {}, which is read from its end; name it as a file, or write an Arrow stream",
                kind.name()
            ),
            None => bail!("{}", foreign(&name, &magic)),
        };
    }
    let mut file = File::open(path).with_context(context)?;
    let magic = first_bytes(&mut file).with_context(context)?;
    file.seek(SeekFrom::Start(0)).with_context(context)?;
    match Kind::of(&magic) {
        Some(Kind::Stream) => stream(name, file),
        Some(Kind::File) => ipc_file(name, file),
        Some(Kind::Parquet) => parquet_file(name, file, ignored),
        None => bail!("{}", foreign(&name, &magic)),
    }
}

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Stream,
    File,
    Parquet,
}

impl Kind {
    fn of(magic: &[u8]) -> Option<Self> {
        match magic {
            [0xff, 0xff, 0xff, 0xff, ..] => Some(Self::Stream),
            [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Some(Self::File),
            [b'P', b'A', b'R', b'1', ..] => Some(Self::Parquet),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Stream => "an Arrow stream",
            Self::File => "an Arrow file",
            Self::Parquet => "a Parquet file",
        }
    }
}

/// What is said of a file that is no table.
fn foreign(name: &str, magic: &[u8]) -> String {
    match magic {
        [] => format!("`{name}` is empty: an Arrow stream has at least the names of its columns"),
        [b'P', b'A', b'R', b'E', ..] => {
            format!("`{name}` is an encrypted Parquet file; decrypt it first")
        }
        [b'F', b'E', b'A', b'1', ..] => {
            format!(
                "`{name}` is a Feather file of version 1; write it as version 2, which is an Arrow file"
            )
        }
        _ => format!("`{name}` is neither an Arrow stream nor an Arrow or Parquet file"),
    }
}

/// As many bytes as tell what it is, or fewer if there are no more.
fn first_bytes(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut magic = Vec::new();
    reader.take(8).read_to_end(&mut magic)?;
    Ok(magic)
}

thread_local! {
    /// Whether a panic is one of a decoder, of which nobody is to read.
    static IS_DECODING: Cell<bool> = const { Cell::new(false) };
}

/// Calls a decoder, of which a defect is no defect of the list's other rows.
fn decoded<T>(name: &str, decode: impl FnOnce() -> Result<T, ArrowError>) -> anyhow::Result<T> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let told = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            if !IS_DECODING.get() {
                told(panicked);
            }
        }));
    });
    IS_DECODING.set(true);
    let decoded = catch_unwind(AssertUnwindSafe(decode));
    IS_DECODING.set(false);
    match decoded {
        Ok(Ok(decoded)) => Ok(decoded),
        Ok(Err(error)) => Err(anyhow!("`{name}` cannot be read: {}", said(&error))),
        Err(_) => Err(anyhow!("`{name}` cannot be read: it is damaged")),
    }
}

/// What an error says, without the names of its types.
fn said(error: &ArrowError) -> String {
    const TYPES: [&str; 9] = [
        "Parquet argument error: ",
        "Parquet error: ",
        "Ipc error: ",
        "Io error: ",
        "Parser error: ",
        "Invalid argument error: ",
        "External error: ",
        "External: ",
        "EOF: ",
    ];
    let text = error.to_string();
    let mut said = text.as_str();
    while let Some(rest) = TYPES.iter().find_map(|before| said.strip_prefix(before)) {
        said = rest;
    }
    match said.contains("requires the zstd feature") {
        true => "it is compressed with zstd, which is read in Parquet only; write it with lz4 or without compression".to_owned(),
        false => visible(said),
    }
}

fn stream(name: String, reader: impl Read + Send + 'static) -> anyhow::Result<Opened> {
    let reader = Watched {
        reader: BufReader::with_capacity(256 * 1024, reader),
        is_over: false,
    };
    let mut stream = decoded(&name, || StreamReader::try_new(reader, None))?;
    let schema = stream.schema();
    let mut is_over = false;
    let next = move || {
        if is_over {
            return None;
        }
        let batch = decoded(&name, || stream.next().transpose());
        is_over = !matches!(batch, Ok(Some(_)));
        match batch {
            Ok(Some(batch)) => Some(Ok(batch)),
            Ok(None) => stream.get_mut().ended(&name).err().map(Err),
            Err(error) => Some(Err(error)),
        }
    };
    Ok(Opened {
        schema,
        left_out: Vec::new(),
        statistics: None,
        batches: Box::new(std::iter::from_fn(next)),
    })
}

/// A reader which notes that there is nothing more.
struct Watched<R> {
    reader: R,
    is_over: bool,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.is_over |= count == 0 && !buffer.is_empty();
        Ok(count)
    }
}

impl<R: Read> Watched<R> {
    /// Whether the stream said that it ends, and nothing stands behind that.
    fn ended(&mut self, name: &str) -> anyhow::Result<()> {
        if self.is_over {
            bail!(
                "`{name}` ends without the mark of the end of a stream: it may have been cut off"
            );
        }
        let context = || format!("cannot read `{name}`");
        if self.read(&mut [0]).with_context(context)? > 0 {
            bail!(
                "`{name}` goes on behind the end of its stream; of several streams, name each as a list of its own"
            );
        }
        Ok(())
    }
}

fn ipc_file(name: String, file: File) -> anyhow::Result<Opened> {
    let mut reader = decoded(&name, || FileReader::try_new(BufReader::new(file), None))?;
    let schema = reader.schema();
    let batches = until_error(move || decoded(&name, || reader.next().transpose()));
    Ok(Opened {
        schema,
        left_out: Vec::new(),
        statistics: None,
        batches,
    })
}

fn parquet_file(name: String, file: File, ignored: &[String]) -> anyhow::Result<Opened> {
    let open = || Ok(ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())?);
    let opened = decoded(&name, open).map_err(perhaps)?;
    let metadata = Arc::clone(opened.metadata());
    let fields = opened.schema().fields().iter().enumerate();
    let (read, left_out): (Vec<_>, Vec<_>) =
        fields.partition(|(_, field)| !ignored.contains(field.name()));
    let left_out = left_out.iter().map(|(_, field)| field.name().clone());
    let left_out: Vec<String> = left_out.collect();
    let all = opened.schema().fields().len();
    let read = read.into_iter();
    let read = ProjectionMask::roots(opened.parquet_schema(), read.map(|(at, _)| at));
    for (at, column) in metadata
        .row_groups()
        .iter()
        .flat_map(|group| group.columns().iter().enumerate())
    {
        if read.leaf_included(at)
            && !UNPACKED.contains(&name_of_codec(column.compression()).as_str())
        {
            bail!(
                "`{name}` is compressed with {}, which is not read; write it with snappy, zstd, lz4, gzip or without compression",
                name_of_codec(column.compression()).to_lowercase()
            );
        }
    }
    let mut rows = 0_usize;
    for group in metadata.row_groups() {
        let count = usize::try_from(group.num_rows()).ok();
        rows = count
            .and_then(|count| rows.checked_add(count))
            .with_context(|| format!("`{name}` cannot be read: it is damaged"))?;
    }
    let columns = (all - left_out.len(), all);
    let statistics = statistics(&name, &metadata, &read, (rows, columns));
    let pages = Pages::new(file, metadata, rows);
    let reader = || {
        let schema = opened.parquet_schema();
        let fields = Some(opened.schema().fields());
        let levels = parquet_to_arrow_field_levels(schema, read, fields)?;
        Ok(ParquetRecordBatchReader::try_new_with_row_groups(
            &levels, &pages, BATCH, None,
        )?)
    };
    let mut reader = decoded(&name, reader).map_err(perhaps)?;
    let schema = RecordBatchReader::schema(&reader);
    let mut seen = 0;
    let batches = until_error(move || {
        let batch = decoded(&name, || reader.next().transpose()).map_err(perhaps)?;
        seen += batch.as_ref().map_or(0, RecordBatch::num_rows);
        if batch.is_none() && seen != rows {
            bail!("`{name}` cannot be read: it has {seen} rows, and says that it has {rows}");
        }
        Ok(batch)
    });
    Ok(Opened {
        schema,
        left_out,
        statistics: Some(statistics),
        batches,
    })
}

/// How much of a file is read.
fn statistics(
    name: &str,
    metadata: &ParquetMetaData,
    read: &ProjectionMask,
    (rows, (columns, all)): (usize, (usize, usize)),
) -> String {
    let groups = metadata.row_groups();
    let sizes = groups
        .iter()
        .flat_map(|group| group.columns().iter().enumerate());
    let (mut bytes, mut of) = (0, 0);
    for (at, column) in sizes {
        let size = u64::try_from(column.compressed_size()).unwrap_or(0);
        of += size;
        bytes += if read.leaf_included(at) { size } else { 0 };
    }
    let in_groups = match groups.len() {
        1 => "one group".to_owned(),
        several => format!("{several} groups"),
    };
    let rows = match rows {
        1 => "1 row".to_owned(),
        rows => format!("{rows} rows"),
    };
    format!(
        "Of {name}, {rows} in {in_groups}: {columns} of {all} columns were read, {bytes} of {of} bytes"
    )
}

/// Where an error of Parquet comes from.
fn perhaps(error: anyhow::Error) -> anyhow::Error {
    anyhow!("{error}; it is damaged, has encrypted columns, or is of a version that is not known")
}

/// What pages are unpacked from.
const UNPACKED: [&str; 6] = ["UNCOMPRESSED", "SNAPPY", "GZIP", "LZ4", "LZ4_RAW", "ZSTD"];

fn name_of_codec(codec: Compression) -> String {
    let name = codec.to_string();
    name.split('(').next().unwrap_or_default().to_owned()
}

/// Batches up to the first that cannot be read.
fn until_error(
    mut next: impl FnMut() -> anyhow::Result<Option<RecordBatch>> + Send + 'static,
) -> Batches {
    let mut is_over = false;
    Box::new(std::iter::from_fn(move || {
        if is_over {
            return None;
        }
        let batch = next().transpose();
        is_over = !matches!(batch, Some(Ok(_)));
        batch
    }))
}
