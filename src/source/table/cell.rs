//! A row of a table: its cells, each with its place.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Place, Source};
use crate::source::rule::Raw;

/// A row below the header.
#[derive(Debug)]
pub(crate) struct Row {
    /// The text of the row, and where it stands.
    pub source: Arc<Source>,
    pub cells: Vec<Cell>,
    /// What makes the row unreadable as a whole.
    pub problem: Option<Diagnostic>,
}

/// What a table begins with.
pub(crate) struct Begun<R> {
    /// The rows behind the header.
    pub rows: R,
    pub header: Row,
    /// The first rows behind the header, in case that it is none.
    pub below: Vec<Row>,
}

impl<R> Begun<R> {
    /// The same with its rows made into something else.
    pub fn with<T>(self, rows: impl FnOnce(R) -> T) -> Begun<T> {
        Begun {
            rows: rows(self.rows),
            header: self.header,
            below: self.below,
        }
    }
}

/// A cell.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    /// Bytes of the row's text.
    pub span: Range<usize>,
    pub value: CellValue,
}

/// What a cell holds.
#[derive(Debug, Default)]
pub(crate) enum CellValue {
    #[default]
    Empty,
    Text(String),
    Number(String),
    /// In percent, as the cell shows it.
    Percent(String),
    /// As a record writes it.
    Date(String),
    /// Something that cannot be read, with what to do about it.
    Unreadable(String, String),
}

impl Cell {
    pub fn raw(&self) -> Raw<'_> {
        match &self.value {
            CellValue::Empty | CellValue::Unreadable(..) => Raw::Text(""),
            CellValue::Text(text) => Raw::Text(text),
            CellValue::Number(number) => Raw::Number(number.clone()),
            CellValue::Percent(number) => Raw::Percent(number.clone()),
            CellValue::Date(day) => Raw::Date(day.clone()),
        }
    }

    /// Its characters, without the blanks around them.
    pub fn text(&self) -> &str {
        match &self.value {
            CellValue::Empty | CellValue::Unreadable(..) => "",
            CellValue::Text(text)
            | CellValue::Number(text)
            | CellValue::Percent(text)
            | CellValue::Date(text) => text.trim(),
        }
    }
}

impl Row {
    pub fn place(&self, cell: &Cell) -> Place {
        Place {
            source: Arc::clone(&self.source),
            span: cell.span.clone(),
        }
    }

    /// Where the row begins.
    pub fn start(&self) -> Place {
        Place {
            source: Arc::clone(&self.source),
            span: 0..0,
        }
    }

    /// Whether no cell holds anything.
    pub fn is_blank(&self) -> bool {
        self.problem.is_none()
            && self.cells.iter().all(|cell| match &cell.value {
                CellValue::Unreadable(..) => false,
                _ => cell.text().is_empty(),
            })
    }
}
