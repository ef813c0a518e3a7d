//! A table, a trial and perhaps a data dictionary → a first source file. What is certain is filled in. What is likely stands behind
//! `#?`, so that it has no effect until somebody takes the mark away; a column that nobody decided on is an error.

mod columns;
mod dictionary;
mod forms;
mod matching;
mod seen;

use std::fmt::Write as _;
use std::sync::Arc;

use self::columns::Writer;
use self::dictionary::Dictionary;
use self::forms::Forms;
use self::matching::Targets;
use self::seen::SeenTable;
use super::records::{Error, Input};
use super::table::Table;
use crate::diagnostic::{Diagnostics, Source, visible};
use crate::json_escape;
use crate::trial::Trial;

/// What stands before what somebody has to decide.
const MARK: &str = "#?";

/// How the table is to be read.
#[derive(Debug, Default)]
pub struct Options {
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The row of the header, counted from 1.
    pub header_row: usize,
    /// The encoding of a text without a mark.
    pub encoding: Option<String>,
}

/// Writes a first source file for a table. `dictionary` is a data dictionary of REDCap.
///
/// # Errors
/// A table or a dictionary that cannot be read.
pub fn draft(
    trial: &Trial,
    input: Input,
    options: &Options,
    dictionary: Option<&Arc<Source>>,
) -> Result<String, Error> {
    let dictionary = match dictionary {
        Some(source) => Dictionary::read(source).map_err(|found| Diagnostics(vec![*found]))?,
        None => Dictionary::default(),
    };
    let name = input.name.clone();
    let table = Table::plain(
        options.sheet.clone(),
        options.header_row,
        options.encoding.as_deref(),
    )
    .ok_or_else(|| {
        let message =
            "there is no such encoding; name one of the Encoding Standard, such as windows-1252";
        let invalid = std::io::Error::new(std::io::ErrorKind::InvalidInput, message);
        Error::Unreadable(name.clone(), invalid)
    })?;
    let seen = SeenTable::read(&table, input)?;
    let targets = Targets::of(&trial.facts);
    let forms = Forms::of(&seen);
    let mut out = head(trial, &name, &seen);
    for (key, value) in [
        ("sheet", options.sheet.clone()),
        ("encoding", options.encoding.clone()),
        (
            "header_row",
            (options.header_row > 1).then(|| options.header_row.to_string()),
        ),
    ] {
        if let Some(value) = value {
            let _ = writeln!(out, "{key}: {}", quoted(&value));
        }
    }
    forms.write(&mut out);
    let candidate = seen.write_candidate(&mut out);
    out.push_str("\ncolumns:\n");
    let mut writer = Writer {
        targets: &targets,
        dictionary: &dictionary,
        forms: &forms,
        out,
    };
    for column in seen
        .columns
        .iter()
        .filter(|column| Some(&column.name) != candidate.as_ref())
    {
        writer.column(column);
    }
    Ok(writer.out)
}

fn head(trial: &Trial, name: &str, seen: &SeenTable) -> String {
    format!(
        "# A first source file for {name} ({} rows), to be finished by somebody who knows the table.\n\
         # What stands behind `{MARK}` has no effect yet: take the mark away where it is right, or write what is.\n\
         # `eligo check FILE` says what is still open; a column that is not needed is `ignore`.\n\
         format: eligo/source/1\ntrial: {}\nsource: table\n",
        seen.rows,
        quoted(&trial.id),
        name = visible(name),
    )
}

/// A word as YAML reads it back.
fn quoted(text: &str) -> String {
    let is_plain = text
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.'))
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && !["yes", "no", "true", "false", "null", "y", "n", "on", "off"]
            .contains(&text.to_lowercase().as_str());
    if is_plain {
        return text.to_owned();
    }
    // What a terminal would obey stands there as an escape.
    let mut escaped = String::new();
    json_escape::escape(text, |piece| escaped.push_str(piece));
    if escaped != text {
        return format!("\"{escaped}\"");
    }
    format!("'{}'", text.replace('\'', "''"))
}
