//! A data dictionary of REDCap: what its fields are called, and what its codes mean.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Source};

/// The fields of a dictionary by their names.
#[derive(Default)]
pub(super) struct Dictionary(HashMap<String, Field>);

/// A field.
#[derive(Default)]
pub(super) struct Field {
    pub label: String,
    /// Its codes, each with what it means.
    pub choices: Vec<(String, String)>,
    pub is_checkbox: bool,
}

impl Dictionary {
    /// Reads the dictionary as REDCap exports it.
    pub fn read(source: &Arc<Source>) -> Result<Self, Box<Diagnostic>> {
        const NAME: &str = "Variable / Field Name";
        let wrong = |message: String| Box::new(Diagnostic::error(message).at(source, 0..0));
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(source.text.as_bytes());
        let headers = reader
            .headers()
            .map_err(|error| wrong(error.to_string()))?
            .clone();
        let column = |name: &str| headers.iter().position(|header| header.trim() == name);
        let Some(name) = column(NAME) else {
            let help = "export it in REDCap: Project Setup, Data Dictionary, Download";
            let message =
                format!("this is no data dictionary of REDCap: it has no column `{NAME}`");
            return Err(Box::new(wrong(message).help(help)));
        };
        let (kind, label) = (column("Field Type"), column("Field Label"));
        let choices = headers
            .iter()
            .position(|header| header.trim().starts_with("Choices"));
        let mut fields = HashMap::new();
        for record in reader.records() {
            let record = record.map_err(|error| wrong(error.to_string()))?;
            let cell =
                |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default().trim();
            let kind = cell(kind);
            let choices = match kind {
                "yesno" => vec![
                    ("1".to_owned(), "yes".to_owned()),
                    ("0".to_owned(), "no".to_owned()),
                ],
                "truefalse" => vec![
                    ("1".to_owned(), "true".to_owned()),
                    ("0".to_owned(), "false".to_owned()),
                ],
                "radio" | "dropdown" | "checkbox" => parsed(cell(choices)),
                _ => Vec::new(),
            };
            let field = Field {
                label: cell(label).to_owned(),
                choices,
                is_checkbox: kind == "checkbox",
            };
            fields.insert(cell(Some(name)).to_owned(), field);
        }
        Ok(Self(fields))
    }

    /// The field of a column.
    pub fn field(&self, column: &str) -> Option<&Field> {
        self.0.get(column)
    }

    /// The checkbox of a column, and the choice that it stands for: `drug___fu`.
    pub fn checkbox(&self, column: &str) -> Option<(&Field, &str)> {
        let (name, code) = column.split_once("___")?;
        let field = self.0.get(name).filter(|field| field.is_checkbox)?;
        let choices = field.choices.iter();
        // Names of columns have small letters and no minus.
        let same = |known: &str| known.to_lowercase().replace('-', "_") == code.to_lowercase();
        let (_, means) = choices.clone().find(|(known, _)| same(known))?;
        Some((field, means))
    }
}

/// `1, Female | 2, Male`
fn parsed(choices: &str) -> Vec<(String, String)> {
    let parts = choices
        .split('|')
        .filter_map(|choice| choice.split_once(','));
    parts
        .map(|(code, label)| (code.trim().to_owned(), label.trim().to_owned()))
        .collect()
}
