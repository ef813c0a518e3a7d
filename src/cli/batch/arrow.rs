//! Tables in Arrow: files and streams that are read, and what screened rows are written as.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use arrow_array::RecordBatch;
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::{ArrowError, SchemaRef};
use eligo::batch::arrow::{Table, TableColumns};
use eligo::batch::columns::ColumnOptions;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::destination::shown;

/// Rows that are decoded at once.
const BATCH: usize = 2048;
/// Rows of a Parquet file that are written together, and are in memory until they are.
const ROW_GROUP: usize = 64 * 1024;

/// Batches of a table, one after the other.
pub type Batches = Box<dyn Iterator<Item = anyhow::Result<RecordBatch>> + Send>;

/// A table that is screened.
pub type ArrowTable = Table<Batches>;

/// Opens a list that is a table in Arrow or Parquet, by its first bytes; `-` is standard input.
///
/// # Errors
/// If it is something else, or cannot be read.
pub fn table(path: &Path, options: &ColumnOptions) -> anyhow::Result<ArrowTable> {
    let (schema, batches) = open(path, &options.ignored)?;
    let name = name_of(path);
    let columns = TableColumns::new(&name, &schema, options);
    Ok(Table::new(&name, columns, batches))
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
pub fn open(path: &Path, ignored: &[String]) -> anyhow::Result<(SchemaRef, Batches)> {
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

/// Calls a decoder, of which a defect is no defect of the list's other rows.
fn decoded<T>(name: &str, decode: impl FnOnce() -> Result<T, ArrowError>) -> anyhow::Result<T> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(Ok(decoded)) => Ok(decoded),
        Ok(Err(error)) => Err(anyhow!("`{name}` cannot be read: {}", said(&error))),
        Err(_) => Err(anyhow!("`{name}` cannot be read: it is damaged")),
    }
}

fn said(error: &ArrowError) -> String {
    error.to_string()
}

fn stream(
    name: String,
    reader: impl Read + Send + 'static,
) -> anyhow::Result<(SchemaRef, Batches)> {
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
    Ok((schema, Box::new(std::iter::from_fn(next))))
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

fn ipc_file(name: String, file: File) -> anyhow::Result<(SchemaRef, Batches)> {
    let mut reader = decoded(&name, || FileReader::try_new(BufReader::new(file), None))?;
    let schema = reader.schema();
    let batches = until_error(move || decoded(&name, || reader.next().transpose()));
    Ok((schema, batches))
}

fn parquet_file(
    name: String,
    file: File,
    ignored: &[String],
) -> anyhow::Result<(SchemaRef, Batches)> {
    let opened = |file| {
        let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
        let fields = builder.schema().fields().iter().enumerate();
        let read = fields.filter(|(_, field)| !ignored.contains(field.name()));
        let read = ProjectionMask::roots(builder.parquet_schema(), read.map(|(at, _)| at));
        let reader = builder.with_projection(read).with_batch_size(BATCH).build();
        reader.map_err(|error: ParquetError| error.into())
    };
    let mut reader = decoded(&name, || opened(file))?;
    let schema = arrow_array::RecordBatchReader::schema(&reader);
    let batches = until_error(move || decoded(&name, || reader.next().transpose()));
    Ok((schema, batches))
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

/// What screened rows are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// An Arrow stream.
    Stream,
    /// An Arrow file.
    File,
    /// A Parquet file.
    Parquet,
}

/// Batches → bytes of a table.
pub struct Encoder {
    schema: SchemaRef,
    writer: Writer,
}

enum Writer {
    Stream(StreamWriter<Vec<u8>>),
    File(FileWriter<Vec<u8>>),
    Parquet(Box<ArrowWriter<Vec<u8>>>),
}

impl Encoder {
    /// An encoder of batches with these columns.
    pub fn new(encoding: Encoding, schema: SchemaRef) -> anyhow::Result<Self> {
        let writer = match encoding {
            Encoding::Stream => Writer::Stream(StreamWriter::try_new(Vec::new(), &schema)?),
            Encoding::File => Writer::File(FileWriter::try_new(Vec::new(), &schema)?),
            Encoding::Parquet => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::SNAPPY)
                    .set_max_row_group_row_count(Some(ROW_GROUP))
                    .set_created_by(format!("eligo {}", env!("CARGO_PKG_VERSION")))
                    .build();
                let schema = SchemaRef::clone(&schema);
                Writer::Parquet(Box::new(ArrowWriter::try_new(
                    Vec::new(),
                    schema,
                    Some(properties),
                )?))
            }
        };
        Ok(Self { schema, writer })
    }

    /// The columns.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The bytes that a batch adds; it may be that they come with a later one.
    pub fn add(&mut self, batch: &RecordBatch) -> anyhow::Result<Vec<u8>> {
        Ok(match &mut self.writer {
            Writer::Stream(writer) => {
                writer.write(batch)?;
                std::mem::take(writer.get_mut())
            }
            Writer::File(writer) => {
                writer.write(batch)?;
                std::mem::take(writer.get_mut())
            }
            Writer::Parquet(writer) => {
                writer.write(batch)?;
                writer.sync()?;
                std::mem::take(writer.inner_mut())
            }
        })
    }

    /// The bytes at the end.
    pub fn finish(self) -> anyhow::Result<Vec<u8>> {
        Ok(match self.writer {
            Writer::Stream(mut writer) => {
                writer.finish()?;
                std::mem::take(writer.get_mut())
            }
            Writer::File(mut writer) => {
                writer.finish()?;
                std::mem::take(writer.get_mut())
            }
            Writer::Parquet(writer) => writer.into_inner()?,
        })
    }
}
