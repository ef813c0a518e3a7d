//! What stands in a table: its columns, and the values of each with their counts.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::{MARK, quoted};
use crate::source::records::{Error, Input};
use crate::source::table::{CellValue, Table, TableRows};

/// So many different values of a column are remembered.
const MOST_VALUES: usize = 60;

/// The columns of a table.
pub(super) struct SeenTable {
    pub columns: Vec<SeenColumn>,
    pub rows: u64,
}

/// A column and its values, in the order in which they were first seen.
#[derive(Default)]
pub(super) struct SeenColumn {
    pub name: String,
    pub values: Vec<(String, u64)>,
    places: HashMap<String, usize>,
    /// Cells with values that are not remembered.
    pub more: u64,
    pub empty: u64,
    /// Cells that hold a day as such.
    pub days: u64,
}

impl SeenTable {
    /// Reads all rows.
    pub fn read(table: &Table, input: Input) -> Result<Self, Error> {
        let Input { name, content } = input;
        let unreadable = |error| Error::Unreadable(name.clone(), error);
        let begun = TableRows::open(table, &name, content).map_err(unreadable)?;
        let mut columns: Vec<SeenColumn> = begun
            .header
            .cells
            .iter()
            .map(|cell| SeenColumn {
                name: cell.text().split_whitespace().collect::<Vec<_>>().join(" "),
                ..SeenColumn::default()
            })
            .collect();
        let (mut rows, mut count) = (begun.rows, 0);
        while let Some(row) = rows.next().map_err(unreadable)? {
            if row.is_blank() {
                continue;
            }
            count += 1;
            for (column, cell) in columns.iter_mut().zip(&row.cells) {
                column.days += u64::from(matches!(cell.value, CellValue::Date(_)));
                column.add(cell.text());
            }
        }
        columns.retain(|column| !column.name.is_empty());
        Ok(Self {
            columns,
            rows: count,
        })
    }

    /// Writes which column names the candidate; the column, if it is certain enough to be left out of the others.
    pub fn write_candidate(&self, out: &mut String) -> Option<String> {
        const NAMES: [&str; 14] = [
            "candidate",
            "record id",
            "subject",
            "subject id",
            "patient",
            "patient id",
            "pat id",
            "pid",
            "pseudonym",
            "study id",
            "id",
            "pat nr",
            "patienten id",
            "patienten nr",
        ];
        let is_name =
            |column: &&SeenColumn| NAMES.contains(&super::matching::plain(&column.name).as_str());
        let named: Vec<&SeenColumn> = self.columns.iter().filter(is_name).collect();
        let [column] = named.as_slice() else {
            let first = named
                .first()
                .or(self
                    .columns
                    .iter()
                    .find(|column| column.is_unique())
                    .as_ref())
                .map(|column| quoted(&column.name));
            let _ = writeln!(
                out,
                "candidate: {MARK} {}",
                first.unwrap_or_else(|| "the column with the pseudonym".to_owned())
            );
            return None;
        };
        let _ = writeln!(out, "candidate: {}", quoted(&column.name));
        if !column.is_unique() {
            let _ = writeln!(
                out,
                "one_row_per: {MARK} visit   # candidates stand in several rows"
            );
        }
        Some(column.name.clone())
    }
}

impl SeenColumn {
    fn add(&mut self, text: &str) {
        if text.is_empty() {
            self.empty += 1;
            return;
        }
        if let Some((_, count)) = self
            .places
            .get(text)
            .and_then(|at| self.values.get_mut(*at))
        {
            *count += 1;
        } else if self.values.len() < MOST_VALUES {
            self.places.insert(text.to_owned(), self.values.len());
            self.values.push((text.to_owned(), 1));
        } else {
            self.more += 1;
        }
    }

    /// Whether no value stands twice, as far as they are remembered, and no cell is empty.
    fn is_unique(&self) -> bool {
        self.empty == 0 && self.values.iter().all(|(_, count)| *count == 1)
    }

    /// Whether it is a box to tick: nothing but 0 and 1.
    pub fn is_box(&self) -> bool {
        !self.values.is_empty() && self.texts().all(|text| ["0", "1"].contains(&text))
    }

    /// Whether its values are dates, but for words.
    pub fn holds_dates(&self) -> bool {
        let with_digits = |text: &&str| text.contains(|character: char| character.is_ascii_digit());
        let mut texts = self.texts().filter(with_digits).peekable();
        self.days > 0 || texts.peek().is_some() && texts.all(is_date)
    }

    /// The values, without their counts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|(text, _)| text.as_str())
    }

    /// The values with their counts, on lines of a comment.
    pub fn comment(&self, indent: &str, out: &mut String) {
        const WIDTH: usize = 110;
        let mut pieces: Vec<String> = self
            .values
            .iter()
            .map(|(text, count)| match count {
                1 => shown(text),
                count => format!("{} ({count})", shown(text)),
            })
            .collect();
        if self.more > 0 {
            pieces.push(format!("and {} more cells", self.more));
        }
        if self.empty > 0 {
            pieces.push(format!("{} empty", self.empty));
        }
        let mut line = String::new();
        for piece in pieces {
            if !line.is_empty() && line.len() + piece.len() > WIDTH {
                let _ = writeln!(out, "{indent}# {line}");
                line.clear();
            }
            if !line.is_empty() {
                line.push_str(" · ");
            }
            line.push_str(&piece);
        }
        let _ = writeln!(out, "{indent}# {line}");
    }
}

/// Whether a text is written as dates are: three numbers, or a number, a name and a number.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text
        .split(['.', '/', '-', ' '])
        .filter(|part| !part.is_empty())
        .collect();
    let [first, second, third, ..] = parts.as_slice() else {
        return false;
    };
    let short = |part: &str| part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_month = |part: &str| short(part) || part.chars().all(char::is_alphabetic);
    short(first) && is_month(second) && short(third)
}

/// A value as a comment shows it: on one line, and not too long.
fn shown(text: &str) -> String {
    let text = crate::diagnostic::visible(text);
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
