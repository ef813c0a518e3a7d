//! Rows of a CSV list that hold only part of a candidate, as exports write them that have a row for each item of a list and
//! not for each candidate. Decided by itself, such a row would be taken for the whole patient.
//!
//! Rows beside each other are compared here. Those that stand apart are found at the end, by [`super::repeats`].

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::columns::Columns;
use super::{Chunk, Rows};
use crate::diagnostic::{Diagnostic, Source, Start};
use crate::record::intake::cells::CellRow;

/// The list cells of a row that could not be decided; it still has part of its candidate.
pub(super) const UNREAD: u32 = 1;

/// Which cells tell whose a row is and what is listed in it.
#[derive(Debug, Default)]
pub struct KeyCells {
    /// The cell with the name.
    pub candidate: Option<usize>,
    /// The cells of lists and of their items.
    pub lists: Vec<usize>,
    /// All other cells that are read.
    pub others: Vec<usize>,
}

/// Whose a row is, and what is listed in it.
#[derive(Debug, Clone, Copy)]
struct RowKey {
    line: usize,
    /// A hash of the name, if there is one.
    name: Option<u64>,
    /// A hash of the cells of lists.
    lists: u64,
    /// Whether it has nothing but items of lists, not even a name.
    is_items_alone: bool,
}

/// The rows of a chunk beside each other, in memory that is used again.
#[derive(Debug, Default)]
pub struct Parts {
    /// The row before the chunk, its rows, the row behind it. Empty where the columns hold no list.
    keys: Vec<Option<RowKey>>,
    /// The list that the columns hold first.
    list: String,
    cells: CellRow,
}

impl Parts {
    /// Looks at all rows of a chunk, if they are CSV with columns of lists.
    pub fn look_at(&mut self, chunk: &Chunk, rows: &Rows) {
        self.keys.clear();
        let Rows::Csv(columns) = rows else {
            return;
        };
        let Some(list) = columns.first_list() else {
            return;
        };
        list.clone_into(&mut self.list);
        let (keys, cells) = (&mut self.keys, &mut self.cells);
        let of_row = |(line, row): &(usize, Vec<u8>)| key(columns, *line, row, cells);
        keys.push(chunk.before().and_then(of_row));
        chunk.each(|start, row| {
            keys.push(
                row.ok()
                    .and_then(|row| key(columns, start.line, row, cells)),
            );
        });
        let of_row = |(line, row): &(usize, Vec<u8>)| key(columns, *line, row, cells);
        keys.push(chunk.behind().and_then(of_row));
    }

    /// What is wrong with the row of this number if it holds only part of a candidate.
    #[must_use]
    pub fn problem(
        &self,
        row: usize,
        chunk: &Chunk,
        start: Start,
        text: &[u8],
    ) -> Option<Diagnostic> {
        let key = |place: usize| self.keys.get(place).copied().flatten();
        let this = key(row + 1)?;
        let (before, behind) = (key(row), key(row + 2));
        let other = before
            .filter(|before| this.is_part_with(before))
            .or(behind.filter(|behind| this.is_part_with(behind)))?;
        let list = &self.list;
        let is_items_alone = this.is_items_alone || other.is_items_alone;
        let message = if is_items_alone {
            format!(
                "lines `{}` and `{}` seem to be one candidate: one of them has items of lists alone, and no name",
                this.line, other.line
            )
        } else {
            format!(
                "the candidate stands on line `{}` too, with other items of lists: each row has only part of what is known",
                other.line
            )
        };
        let source = Source::starting_at(&*chunk.name, String::from_utf8_lossy(text), start);
        let mut problem = Diagnostic::error(message)
            .at(&source, 0..0)
            .help(format!(
                "write one row for each candidate, and each item in columns of its own: `{list}.1.…`, `{list}.2.…`; or all of them as one list in the cell `{list}`"
            ));
        if !is_items_alone {
            problem = problem.help(
                "a second screening of the same candidate goes into another list, or under another name",
            );
        }
        problem.about = Some(list.clone());
        Some(problem)
    }

    /// A hash of what is listed in the row of this number, neither 0 nor [`UNREAD`]; 0 where the columns hold no list.
    #[must_use]
    pub(super) fn listed(&self, row: usize) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
        let listed = |key: RowKey| (key.lists as u32).max(UNREAD + 1);
        match self.keys.get(row + 1) {
            Some(key) => key.map_or(UNREAD, listed),
            None => 0,
        }
    }
}

impl RowKey {
    /// Whether this row and one beside it are one candidate of whom each has a part.
    fn is_part_with(&self, beside: &Self) -> bool {
        // What stands above a row of items alone is continued by it.
        let continues =
            |lower: &Self, upper: &Self| lower.is_items_alone && lower.line > upper.line;
        (self.name.is_some() && self.name == beside.name && self.lists != beside.lists)
            || continues(self, beside)
            || continues(beside, self)
    }
}

fn key(columns: &Columns, line: usize, row: &[u8], cells: &mut CellRow) -> Option<RowKey> {
    let row = std::str::from_utf8(row).ok()?;
    let row = row.strip_prefix('\u{feff}').unwrap_or(row);
    // A row with too few or too many cells is refused where it is read; here what it lacks is empty.
    let few = cells.few(row, columns.layout().separator);
    let of = |cell: usize| few.cell(cell);
    let KeyCells {
        candidate,
        lists,
        others,
    } = columns.key_cells();
    let name = candidate.map(of).filter(|name| !name.is_empty());
    let hash = |words: &mut dyn Iterator<Item = &str>| {
        let mut hasher = DefaultHasher::new();
        words.for_each(|word| word.hash(&mut hasher));
        hasher.finish()
    };
    let is_empty = |cells: &[usize]| cells.iter().all(|cell| of(*cell).is_empty());
    Some(RowKey {
        line,
        name: name.map(|name| hash(&mut [name].into_iter())),
        lists: hash(&mut lists.iter().map(|cell| of(*cell))),
        is_items_alone: candidate.is_some()
            && name.is_none()
            && is_empty(others)
            && !is_empty(lists),
    })
}
