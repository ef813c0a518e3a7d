//! Rows of a CSV list that hold only part of a candidate, as exports write them that have a row for each item of a list and
//! not for each candidate. Decided by itself, such a row would be taken for the whole patient.
//!
//! Rows beside each other are compared here. Those that stand apart are found at the end, by [`super::repeats`].

use std::hash::{BuildHasher as _, DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use super::columns::Columns;
use super::{Chunk, Rows};
use crate::diagnostic::{Diagnostic, Source, Start};
use crate::record::intake::cells::{CellRow, FactCells};

/// The list cells of a row that could not be decided; it still has part of its candidate.
pub(super) const UNREAD: u32 = 1;

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
    /// The columns, if they hold a name and a list.
    columns: Option<Arc<Columns>>,
    /// Hashes of the names of the row before the chunk, its rows, and the row behind it; none where there is no name.
    names: Vec<Option<u64>>,
    cells: CellRow,
}

impl Parts {
    /// Looks at the names of all rows of a chunk, if they are CSV with columns of lists.
    pub fn look_at(&mut self, chunk: &Chunk, rows: &Rows) {
        self.names.clear();
        self.columns = None;
        let Rows::Csv(columns) = rows else {
            return;
        };
        let (Some(candidate), Some(_)) = (columns.candidate(), columns.first_list()) else {
            return;
        };
        self.columns = Some(Arc::clone(columns));
        let separator = columns.layout().separator;
        for place in 0..chunk.len() + 2 {
            let text = chunk.beside(place).and_then(|(_, row)| text_of(row));
            let name = text.map_or("", |text| self.cells.cell(text, candidate, separator));
            self.names
                .push((!name.is_empty()).then(|| FxBuildHasher.hash_one(name)));
        }
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
        let columns = self.columns.as_deref()?;
        let list = columns.first_list()?;
        let name = |place: usize| self.names.get(place).copied().flatten();
        // Most rows stand beside those of other candidates, all of them with names.
        let this_name = name(row + 1);
        let may_be_part =
            |place| this_name.is_none() || name(place).is_none_or(|name| Some(name) == this_name);
        if !may_be_part(row) && !may_be_part(row + 2) {
            return None;
        }
        let mut cells = CellRow::default();
        let mut key = |place| key_of(columns, chunk.beside(place)?, &mut cells);
        let this = key(row + 1)?;
        let is_part = |other: &RowKey| this.is_part_with(other);
        let other = key(row)
            .filter(is_part)
            .or_else(|| key(row + 2).filter(is_part))?;
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
        problem.about = Some(list.to_owned());
        Some(problem)
    }

    /// Whether rows may hold only part of a candidate.
    pub(super) fn are_possible(&self) -> bool {
        self.columns.is_some()
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

/// The text of a row; none if it is not UTF-8.
fn text_of(row: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(row).ok()?;
    Some(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn key_of(columns: &Columns, (line, row): (usize, &[u8]), cells: &mut CellRow) -> Option<RowKey> {
    let layout = columns.layout();
    // A row with too few or too many cells is refused where it is read; here what it lacks is empty.
    let split = cells.split(text_of(row)?, layout)?;
    let name = columns.candidate().map(|cell| split.cell(cell));
    let name = name.filter(|name| !name.is_empty());
    // Of which trial and format it is stands in every row alike.
    let is_said = |fact: &&FactCells| !["trial", "format"].contains(&fact.path.as_str());
    let mut said = split.given(layout).filter(is_said).peekable();
    Some(RowKey {
        line,
        name: name.map(|name| {
            let mut hasher = DefaultHasher::new();
            name.hash(&mut hasher);
            hasher.finish()
        }),
        lists: split.hash_of_lists(layout),
        is_items_alone: name.is_none() && said.peek().is_some() && said.all(FactCells::is_list),
    })
}
