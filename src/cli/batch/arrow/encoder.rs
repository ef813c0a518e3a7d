//! Screened rows as a table in Arrow or Parquet.

use arrow_array::RecordBatch;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

/// Rows of a Parquet file that are written together, and are in memory until they are.
const ROW_GROUP: usize = 64 * 1024;

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
