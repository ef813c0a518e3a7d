//! Records in JSON → the notation in which they are written: lines of JSON, YAML documents, or a table.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use crate::json_escape;

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A record in JSON on each line.
    Ndjson,
    /// A YAML document for each.
    Yaml,
    /// A row for each, with a column for each value of any of them.
    Csv,
}

/// Writes records one after the other. Those of a table are held until the last, since each may add columns.
#[derive(Debug)]
pub struct Writer {
    format: Format,
    columns: Vec<String>,
    places: HashMap<String, usize>,
    rows: Vec<Vec<(usize, String)>>,
}

impl Writer {
    /// Nothing yet.
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self {
            format,
            columns: Vec::new(),
            places: HashMap::new(),
            rows: Vec::new(),
        }
    }

    /// Writes a record, which stands in JSON on one line, behind a text.
    pub fn add(&mut self, json: &str, out: &mut String) {
        match self.format {
            Format::Ndjson => {
                out.push_str(json);
                out.push('\n');
            }
            Format::Yaml => {
                out.push_str("---\n");
                for (key, value) in read(json) {
                    // What JSON writes on one line, YAML reads as such.
                    out.push_str(&format!("{key}: {value}\n"));
                }
            }
            Format::Csv => {
                let mut row = Vec::new();
                for (key, value) in read(json) {
                    self.cells(&key, value, &mut row);
                }
                self.rows.push(row);
            }
        }
    }

    /// What is left to be written behind the last record.
    #[must_use]
    pub fn finish(&mut self) -> String {
        if self.format != Format::Csv {
            return String::new();
        }
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Writing into memory cannot fail; what could not be written would be missing at the end of the table.
        let mut is_written = writer.write_record(&self.columns).is_ok();
        for row in std::mem::take(&mut self.rows) {
            let mut cells = vec![String::new(); self.columns.len()];
            for (place, text) in row {
                if let Some(cell) = cells.get_mut(place) {
                    *cell = text;
                }
            }
            is_written &= writer.write_record(&cells).is_ok();
        }
        debug_assert!(is_written);
        let bytes = writer.into_inner().unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }

    /// The cells of what is said of a fact, by the names that columns of a list have.
    fn cells(&mut self, path: &str, value: Json, row: &mut Vec<(usize, String)>) {
        match value {
            Json::Object(parts) => {
                for (key, value) in parts {
                    match key.as_str() {
                        "value" => self.cell(path, value, row),
                        _ => self.cell(&format!("{path}.{key}"), value, row),
                    }
                }
            }
            other => self.cell(path, other, row),
        }
    }

    fn cell(&mut self, column: &str, value: Json, row: &mut Vec<(usize, String)>) {
        let text = match value {
            Json::String(text) => text,
            Json::Bool(is) => if is { "yes" } else { "no" }.to_owned(),
            Json::Array(items) => list(items),
            other => other.to_string(),
        };
        let place = *self.places.entry(column.to_owned()).or_insert_with(|| {
            self.columns.push(column.to_owned());
            self.columns.len() - 1
        });
        row.push((place, text));
    }
}

/// A list in one cell: words between semicolons, or JSON.
fn list(items: Vec<Json>) -> String {
    let words: Option<Vec<&str>> = items.iter().map(Json::as_str).collect();
    match words {
        Some(words) if !words.is_empty() && words.iter().all(|word| !word.contains([';', ','])) => {
            words.join(";")
        }
        _ => json_escape::to_string(&Json::Array(items)).unwrap_or_default(),
    }
}

/// A record that this program wrote.
fn read(json: &str) -> Map<String, Json> {
    match serde_json::from_str(json) {
        Ok(Json::Object(record)) => record,
        _ => Map::new(),
    }
}
