//! The key of a row: what the caller's own table calls it, echoed with what became of the row.
//!
//! It is looked for in the text by itself, so that a row that cannot be read for any other reason keeps it.

use std::borrow::Cow;

use super::row::RowText;
use super::{Rows, output};
use crate::diagnostic::Diagnostic;
use crate::document::{self, Notation};
use crate::record::intake::cells::{CellRow, UNIT_SEPARATOR};
use crate::record::intake::json::Json;
use crate::record::intake::tree::Tree;
use crate::record::intake::{Broken, Content, Intake, Key, Scalar};
use crate::record::names::Names;

/// Finds the key of row after row, in memory of its own.
#[derive(Debug)]
pub(super) struct KeyReader {
    /// The field that is the key.
    name: String,
    names: Names,
    cells: CellRow,
    /// The key that was found last, as JSON writes it.
    pub found: Option<String>,
}

impl KeyReader {
    pub fn new(name: &str) -> Self {
        let mut names = Names::default();
        names.add(name);
        Self {
            name: name.to_owned(),
            names,
            cells: CellRow::default(),
            found: None,
        }
    }

    /// Looks for the key of a row, and says so if it has none. Of a text that is broken before its key there is none to be
    /// found, and something else to be said.
    pub fn read(&mut self, row: RowText<'_>) -> Option<Diagnostic> {
        self.found = None;
        let Ok(text) = std::str::from_utf8(row.bytes) else {
            return None;
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let found = match row.rows {
            Rows::Json | Rows::Made => self.field(&mut Json::new(text)),
            Rows::Yaml => match document::read(&row.source(), Notation::Yaml) {
                Ok(document) => self.field(&mut Tree::new(&document)),
                Err(_) => return None,
            },
            Rows::Csv(columns) => {
                let separator = columns.layout().separator;
                let cell = columns.key();
                let text = match separator {
                    // Typed columns are echoed to the letter.
                    UNIT_SEPARATOR => {
                        let mut cells = text.split(char::from(separator));
                        cell.and_then(|cell| cells.nth(cell)).unwrap_or_default()
                    }
                    _ => cell.map_or("", |cell| self.cells.cell(text, cell, separator)),
                };
                let value = (!text.is_empty()).then(|| Found::Value(quoted(text)));
                Ok(value.unwrap_or(Found::Nothing))
            }
        };
        let what = match found {
            Ok(Found::Value(key)) => {
                self.found = Some(key);
                return None;
            }
            Ok(Found::Nothing) => "is empty",
            Ok(Found::Other(what)) => what,
            Ok(Found::Absent) => "is not there",
            Err(Broken) => return None,
        };
        let message = format!("the key `{}` of the row {what}", self.name);
        let problem = row.problem(&self.name, message);
        Some(problem.help("every row has a key of its own: a text, a number or a boolean"))
    }

    /// The key among the fields of a record.
    fn field<'s>(&self, intake: &mut impl Intake<'s>) -> Result<Found, Broken> {
        if !matches!(intake.value()?, Content::Map) {
            return Err(Broken);
        }
        while let Some(key) = intake.key(&self.names, 0, 0)? {
            let value = intake.value()?;
            if matches!(key, Key::Known(_)) {
                return Ok(match value {
                    Content::Scalar(scalar) => match as_json(&scalar) {
                        Some(json) => Found::Value(json.into_owned()),
                        None => Found::Nothing,
                    },
                    Content::Null => Found::Nothing,
                    Content::List => Found::Other("is a list"),
                    Content::Map => Found::Other("is a map"),
                });
            }
            intake.skip(&value)?;
        }
        Ok(Found::Absent)
    }
}

/// What stands where the key is looked for.
enum Found {
    /// The key, as JSON writes it.
    Value(String),
    /// Nothing, or a text without a character.
    Nothing,
    /// Something else.
    Other(&'static str),
    /// Not even the field.
    Absent,
}

/// A scalar as JSON writes it; none if it is a text without a character.
fn as_json<'s>(scalar: &'s Scalar<'_>) -> Option<Cow<'s, str>> {
    let is_json = || serde_json::from_str::<serde_json::Value>(&scalar.text).is_ok();
    if scalar.text.trim().is_empty() {
        None
    } else if scalar.plain && !scalar.text.starts_with(['"', '[', '{']) && is_json() {
        Some(Cow::Borrowed(&scalar.text))
    } else {
        Some(Cow::Owned(quoted(&scalar.text)))
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    output::text(text, &mut out);
    out
}
