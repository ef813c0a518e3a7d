//! Batches → chunks of rows, each row a text of cells.

use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array, RecordBatch};
use arrow_buffer::NullBuffer;

use super::columns::{Leaf, TableColumns};
use super::values::Values;
use crate::batch::input::{BLOCK, MOST_ROWS, too_long};
use crate::batch::{Chunk, MAX_ROW, Rows};
use crate::diagnostic::CellNames;
use crate::record::intake::cells::UNIT_SEPARATOR;

/// A table being read, batch after batch.
pub struct Table<I> {
    name: Arc<str>,
    batches: I,
    columns: TableColumns,
    rows: Rows,
    /// Of each column the way to its values; none if they are not read.
    read: Arc<[Option<Leaf>]>,
    /// The batch that is being handed out, and how many of its rows were.
    current: Option<(RecordBatch, usize)>,
    /// How many rows were handed out.
    done: usize,
    /// The last of them.
    last: Option<RecordBatch>,
}

/// Rows of a batch, before they are written as cells.
#[derive(Debug, Clone)]
pub(crate) struct BatchRows {
    rows: RecordBatch,
    leaves: Arc<[Option<Leaf>]>,
    /// The number of the first row, counted from 1.
    first: usize,
    /// The row before them and the one after them.
    before: Option<RecordBatch>,
    after: Option<RecordBatch>,
}

impl<E, I: Iterator<Item = Result<RecordBatch, E>>> Table<I> {
    /// A table that messages call `name`.
    pub fn new(name: &str, columns: TableColumns, batches: I) -> Self {
        Self {
            name: name.into(),
            batches,
            read: columns.leaves().iter().cloned().map(Some).collect(),
            columns,
            rows: Rows::default(),
            current: None,
            done: 0,
            last: None,
        }
    }

    /// How messages name it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its columns.
    #[must_use]
    pub fn columns(&self) -> &TableColumns {
        &self.columns
    }

    /// What the columns are to the trial.
    pub fn set_rows(&mut self, rows: Rows) {
        if let Rows::Csv(columns) = &rows {
            let leaves = self.columns.leaves().iter().enumerate();
            let is_read = |at| columns.is_read(at) || columns.key() == Some(at);
            let read = leaves.map(|(at, leaf)| is_read(at).then(|| leaf.clone()));
            self.read = read.collect();
        }
        self.rows = rows;
    }

    /// Fills a chunk with the next rows; false at the end.
    ///
    /// # Errors
    /// As reading a batch.
    pub fn next_chunk(&mut self, chunk: &mut Chunk) -> Result<bool, E> {
        let Some((batch, from)) = self.take_current()? else {
            return Ok(false);
        };
        let count = rows_at_once(&batch).min(batch.num_rows() - from);
        let rows = batch.slice(from, count);
        let to = from + count;
        let before = self.last.replace(batch.slice(to - 1, 1));
        if to < batch.num_rows() {
            self.current = Some((batch, to));
        }
        // Looked for now, since rows beside each other are compared.
        self.current = self.take_current()?;
        let after = self
            .current
            .as_ref()
            .map(|(batch, from)| batch.slice(*from, 1));
        let rows = BatchRows {
            rows,
            leaves: Arc::clone(&self.read),
            first: self.done + 1,
            before,
            after,
        };
        self.done += count;
        chunk.hold_batch(
            &self.name,
            &self.rows,
            CellNames::Columns(Arc::clone(self.columns.names())),
            rows,
        );
        Ok(true)
    }

    /// The batch that is being handed out, or else the next one with a row.
    fn take_current(&mut self) -> Result<Option<(RecordBatch, usize)>, E> {
        if let Some(current) = self.current.take() {
            return Ok(Some(current));
        }
        for batch in self.batches.by_ref() {
            let batch = batch?;
            if batch.num_rows() > 0 {
                return Ok(Some((batch, 0)));
            }
        }
        Ok(None)
    }
}

/// Memory of a batch is counted too high where columns share it.
const LEAST_ROWS: usize = 16;

/// How many rows of a batch are a chunk.
fn rows_at_once(batch: &RecordBatch) -> usize {
    let bytes = batch.get_array_memory_size() / batch.num_rows().max(1);
    (BLOCK / bytes.max(1)).clamp(LEAST_ROWS, MOST_ROWS)
}

impl BatchRows {
    /// Writes each row: its number, and its cells.
    pub fn write(&self, mut add: impl FnMut(usize, Result<&str, String>)) {
        let mut text = String::new();
        each(&self.rows, &self.leaves, &mut text, |row, cells| {
            add(self.first + row, cells)
        });
    }

    /// The row before them, with its number.
    pub fn before(&self) -> Option<(usize, Vec<u8>)> {
        Some((self.first - 1, self.beside(self.before.as_ref()?)?))
    }

    /// The row after them, with its number.
    pub fn after(&self) -> Option<(usize, Vec<u8>)> {
        let number = self.first + self.rows.num_rows();
        Some((number, self.beside(self.after.as_ref()?)?))
    }

    fn beside(&self, row: &RecordBatch) -> Option<Vec<u8>> {
        let (mut text, mut cells) = (String::new(), None);
        each(row, &self.leaves, &mut text, |_, row| {
            cells = row.ok().map(|row| row.as_bytes().to_vec());
        });
        cells
    }
}

/// Writes the cells of each row of a batch.
fn each(
    batch: &RecordBatch,
    leaves: &[Option<Leaf>],
    text: &mut String,
    mut add: impl FnMut(usize, Result<&str, String>),
) {
    let columns = leaves.iter().map(|leaf| values(batch, leaf.as_ref()?));
    let columns: Vec<Option<Values<'_>>> = columns.collect();
    for row in 0..batch.num_rows() {
        text.clear();
        let mut problem = None;
        for (at, values) in columns.iter().enumerate() {
            if at > 0 {
                text.push(char::from(UNIT_SEPARATOR));
            }
            let start = text.len();
            if let Some(values) = values {
                values.write(row, text);
            }
            let cell = text.as_bytes().get(start..).unwrap_or_default();
            if memchr::memchr(UNIT_SEPARATOR, cell).is_some() {
                problem.get_or_insert_with(|| {
                    format!(
                        "column {} holds the control character U+001F, which no record does",
                        at + 1
                    )
                });
            }
        }
        if text.len() > MAX_ROW {
            problem = Some(too_long());
        }
        add(row, problem.map_or(Ok(text.as_str()), Err));
    }
}

/// The values of a column; none of one that is not read.
fn values<'b>(batch: &'b RecordBatch, leaf: &Leaf) -> Option<Values<'b>> {
    let (first, inner) = leaf.path.split_first()?;
    let mut array: &dyn Array = batch.columns().get(*first)?.as_ref();
    let mut nulls: Option<NullBuffer> = None;
    for at in inner {
        nulls = NullBuffer::union(nulls.as_ref(), array.nulls());
        array = array.as_struct_opt()?.columns().get(*at)?.as_ref();
    }
    Values::of(array).map(|values| values.within(nulls.as_ref()))
}
