//! Records as the rows of a table: a column for each fact, for what stands beside it, and for each
//! field of an item.

use eligo::facts::Facts;
use serde_json::{Map, Value as Json};

use crate::any::is_list;

/// The columns of a table, found by looking at all of its records first.
#[derive(Default)]
pub struct Columns {
    names: Vec<String>,
}

impl Columns {
    /// Makes room for a record.
    pub fn add(&mut self, facts: &Facts, record: &Map<String, Json>) {
        for (name, _) in cells(facts, record) {
            if !self.names.contains(&name) {
                self.names.push(name);
            }
        }
    }

    /// Puts the columns in the order of the declared facts.
    pub fn sort(&mut self, facts: &Facts) {
        let place = |name: &str| {
            facts
                .iter()
                .position(|(_, fact)| {
                    name.strip_prefix(fact.path.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                })
                .map_or(0, |place| place + 1)
        };
        self.names
            .sort_by(|one, other| place(one).cmp(&place(other)).then_with(|| one.cmp(other)));
    }

    /// The header, as a row of cells.
    pub fn header(&self) -> String {
        row(self.names.iter().map(String::as_str))
    }

    /// A record as a row of cells.
    pub fn row(&self, facts: &Facts, record: &Map<String, Json>) -> String {
        let mut cells: std::collections::HashMap<String, String> =
            cells(facts, record).into_iter().collect();
        let cells: Vec<String> = self
            .names
            .iter()
            .map(|name| cells.remove(name).unwrap_or_default())
            .collect();
        row(cells.iter().map(String::as_str))
    }
}

fn row<'c>(cells: impl Iterator<Item = &'c str>) -> String {
    let mut line = String::new();
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            line.push(',');
        }
        if cell.contains(['"', ',', '\n', '\r']) {
            line.push('"');
            line.push_str(&cell.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(cell);
        }
    }
    line.push('\n');
    line
}

/// The cells of a record, each with the name of its column.
fn cells(facts: &Facts, record: &Map<String, Json>) -> Vec<(String, String)> {
    let mut cells = Vec::new();
    members(facts, "", record, &mut cells);
    cells
}

fn members(
    facts: &Facts,
    prefix: &str,
    object: &Map<String, Json>,
    cells: &mut Vec<(String, String)>,
) {
    for (key, value) in object {
        let path = format!("{prefix}{key}");
        match value {
            Json::Null => {}
            Json::Object(inner) if facts.is_group(&path) => {
                members(facts, &format!("{path}."), inner, cells);
            }
            Json::Object(about) => {
                for (part, value) in about {
                    let column = match part.as_str() {
                        "value" => path.clone(),
                        part => format!("{path}.{part}"),
                    };
                    self::value(facts, &path, column, value, cells);
                }
            }
            value => self::value(facts, &path, path.clone(), value, cells),
        }
    }
}

fn value(
    facts: &Facts,
    path: &str,
    column: String,
    value: &Json,
    cells: &mut Vec<(String, String)>,
) {
    let Json::Array(items) = value else {
        cells.push((column, text(value)));
        return;
    };
    let are_words = items
        .iter()
        .all(|item| !item.is_object() && !item.is_array());
    if items.is_empty() || !is_list(facts, path) {
        cells.push((column, value.to_string()));
    } else if are_words {
        let words: Vec<String> = items.iter().map(text).collect();
        cells.push((column, words.join(";")));
    } else {
        for (item, number) in items.iter().zip(1..) {
            for (field, value) in item.as_object().into_iter().flatten() {
                let column = format!("{path}.{number}.{field}");
                match value {
                    Json::Object(about) => {
                        for (part, value) in about {
                            let column = match part.as_str() {
                                "value" => column.clone(),
                                part => format!("{column}.{part}"),
                            };
                            cells.push((column, text(value)));
                        }
                    }
                    value => cells.push((column, text(value))),
                }
            }
        }
    }
}

fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}
