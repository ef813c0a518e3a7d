//! Pages of a Parquet file that are compressed with zstd, unpacked in Rust: the library for Parquet takes the one in C for
//! that, which would need a compiler of C wherever this program is built.
//!
//! The library hands the pages over as they stand in the file, as if they were not compressed.

use std::fs::File;
use std::io::Read as _;
use std::sync::Arc;

use bytes::Bytes;
use parquet::arrow::arrow_reader::RowGroups;
use parquet::basic::Compression;
use parquet::column::page::{Page, PageIterator, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};
use parquet::file::serialized_reader::SerializedPageReader;

/// The pages of a file.
pub struct Pages {
    file: Arc<File>,
    metadata: Arc<ParquetMetaData>,
    rows: usize,
}

impl Pages {
    /// The pages of a file, in which so many rows are.
    pub fn new(file: File, metadata: Arc<ParquetMetaData>, rows: usize) -> Self {
        Self {
            file: Arc::new(file),
            metadata,
            rows,
        }
    }
}

impl RowGroups for Pages {
    fn num_rows(&self) -> usize {
        self.rows
    }

    fn column_chunks(&self, column: usize) -> Result<Box<dyn PageIterator>> {
        Ok(Box::new(ColumnPages {
            file: Arc::clone(&self.file),
            metadata: Arc::clone(&self.metadata),
            column,
            group: 0,
        }))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(self.metadata.row_groups().iter())
    }

    fn metadata(&self) -> &ParquetMetaData {
        &self.metadata
    }
}

/// The pages of a column, one group of rows after the other.
struct ColumnPages {
    file: Arc<File>,
    metadata: Arc<ParquetMetaData>,
    column: usize,
    group: usize,
}

impl PageIterator for ColumnPages {}

impl Iterator for ColumnPages {
    type Item = Result<Box<dyn PageReader>>;

    fn next(&mut self) -> Option<Self::Item> {
        let group = self.metadata.row_groups().get(self.group)?;
        self.group += 1;
        let column = group.columns().get(self.column)?;
        let rows = usize::try_from(group.num_rows()).unwrap_or(0);
        Some(pages(&self.file, column, rows))
    }
}

fn pages(
    file: &Arc<File>,
    column: &ColumnChunkMetaData,
    rows: usize,
) -> Result<Box<dyn PageReader>> {
    let file = Arc::clone(file);
    if !matches!(column.compression(), Compression::ZSTD(_)) {
        let pages = SerializedPageReader::new(file, column, rows, None)?;
        return Ok(Box::new(pages));
    }
    let as_it_stands = column.clone().into_builder();
    let as_it_stands = as_it_stands
        .set_compression(Compression::UNCOMPRESSED)
        .build()?;
    let pages = SerializedPageReader::new(file, &as_it_stands, rows, None)?;
    Ok(Box::new(ZstdPages { pages }))
}

/// Pages that are compressed with zstd.
struct ZstdPages {
    pages: SerializedPageReader<File>,
}

impl Iterator for ZstdPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for ZstdPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let mut page = self.pages.get_next_page()?;
        match &mut page {
            Some(Page::DataPage { buf, .. } | Page::DictionaryPage { buf, .. }) => {
                *buf = unpacked(buf, 0)?;
            }
            Some(Page::DataPageV2 {
                buf,
                def_levels_byte_len,
                rep_levels_byte_len,
                is_compressed: true,
                ..
            }) => {
                let levels = *def_levels_byte_len as usize + *rep_levels_byte_len as usize;
                *buf = unpacked(buf, levels)?;
            }
            Some(Page::DataPageV2 { .. }) | None => {}
        }
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pages.at_record_boundary()
    }
}

/// Unpacks a page, the first bytes of which are not compressed.
fn unpacked(page: &Bytes, plain: usize) -> Result<Bytes> {
    /// No page says that it is larger.
    const MOST: u64 = i32::MAX as u64;
    let damaged =
        |what: String| ParquetError::General(format!("a page cannot be unpacked: {what}"));
    let (first, packed) = page
        .split_at_checked(plain)
        .ok_or_else(|| damaged("it is shorter than its levels".to_owned()))?;
    let mut unpacked = first.to_vec();
    // A page of nulls alone has no values.
    if !packed.is_empty() {
        let decoder = ruzstd::decoding::StreamingDecoder::new(packed);
        let decoder = decoder.map_err(|error| damaged(error.to_string()))?;
        let read = decoder.take(MOST).read_to_end(&mut unpacked);
        read.map_err(|error| damaged(error.to_string()))?;
    }
    Ok(unpacked.into())
}
