//! A compiled source and the files of a site → what they say of candidates, one after the other.

use std::io::{self, Read};
use std::sync::Arc;

use super::mapped::MappedRecord;
use super::table;
use crate::batch::Chunk;
use crate::diagnostic::Diagnostics;

/// A file that was named.
pub struct Input {
    /// How messages name it.
    pub name: String,
    /// Its bytes.
    pub content: Box<dyn Read + Send>,
}

/// Why a source cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Reading a file failed, or it is something else than the source file says.
    #[error("cannot read `{0}`: {1}")]
    Unreadable(String, io::Error),
    /// A file does not fit the source file.
    #[error(transparent)]
    Unfit(#[from] Diagnostics),
}

/// The candidates of a source, in the order in which they are first spoken of.
pub enum Records {
    /// Those of tables.
    Table(table::Records),
    /// Those that whoever reads the files brings together.
    Made(Box<dyn FnMut() -> Result<Option<MappedRecord>, Error> + Send>),
}

impl Records {
    /// Opens tables of the site. What does not fit the source file is told before any row is read.
    ///
    /// # Errors
    /// A file that cannot be read, and everything by which the files do not fit.
    pub fn open(table: &Arc<table::Table>, inputs: Vec<Input>) -> Result<Self, Error> {
        table::Records::open(Arc::clone(table), inputs).map(Self::Table)
    }
}

impl Records {
    /// What is said of the next candidate; none at the end.
    ///
    /// # Errors
    /// As reading the files.
    pub fn next_record(&mut self) -> Result<Option<MappedRecord>, Error> {
        match self {
            Self::Table(records) => records.next_record(),
            Self::Made(next) => next(),
        }
    }

    /// Fills a chunk of a list with the next records; false at the end. What the chunk held before is gone.
    ///
    /// # Errors
    /// As reading the files.
    pub fn next_chunk(&mut self, chunk: &mut Chunk, name: &Arc<str>) -> Result<bool, Error> {
        chunk.begin_made(name);
        while !chunk.is_full() {
            let Some(record) = self.next_record()? else {
                break;
            };
            chunk.add_made(|text| record.write(text), &record.problems);
        }
        Ok(!chunk.is_empty())
    }
}
