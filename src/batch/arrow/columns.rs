//! The schema of a table → the columns of a list.

use std::sync::Arc;

use arrow_schema::{DataType, Fields, Schema};

use crate::batch::columns::{ColumnOptions, Columns, header_of, leave_out};
use crate::diagnostic::{Diagnostic, Source};
use crate::facts::Facts;
use crate::record::intake::cells::MOST_PARTS;

/// The columns of a table, each structure taken apart into what it holds.
#[derive(Debug, Clone)]
pub struct TableColumns {
    header: Arc<Source>,
    names: Arc<[String]>,
    leaves: Arc<[Leaf]>,
    /// What is not read.
    left_out: Vec<String>,
}

/// A column that holds values, not a structure of columns.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    /// The place of the column, then of each field within fields.
    pub path: Vec<usize>,
    kind: Kind,
    data_type: DataType,
}

/// What a column holds.
#[derive(Debug, Clone)]
enum Kind {
    Values,
    List,
    /// What no fact is read from; its name.
    Other(String),
}

impl TableColumns {
    /// The columns of a table that messages call `name`, but for those that are ignored: a structure with all that it holds.
    #[must_use]
    pub fn new(name: &str, schema: &Schema, options: &ColumnOptions) -> Self {
        let mut found = Found {
            options,
            names: Vec::new(),
            leaves: Vec::new(),
            left_out: Vec::new(),
        };
        found.fields(&schema.fields, "", &[]);
        let names: Arc<[String]> = found.names.into();
        Self {
            header: header_of(name, &names),
            names,
            leaves: found.leaves.into(),
            left_out: found.left_out,
        }
    }

    /// The same; columns of these names are not in the table's batches.
    #[must_use]
    pub fn without(mut self, left_out: Vec<String>) -> Self {
        self.left_out.extend(left_out);
        self
    }

    /// The names of the columns that are read, as the header of a list.
    #[must_use]
    pub fn header(&self) -> &Arc<Source> {
        &self.header
    }

    /// The names of the columns that are not read.
    #[must_use]
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// The type of the key in screened rows, if there is a column of this name.
    #[must_use]
    pub fn key_type(&self, key: &str) -> Option<DataType> {
        let at = self.names.iter().position(|name| name == key)?;
        Some(super::key::plain(&self.leaves.get(at)?.data_type))
    }

    pub(super) fn names(&self) -> &Arc<[String]> {
        &self.names
    }

    pub(super) fn leaves(&self) -> &Arc<[Leaf]> {
        &self.leaves
    }

    /// What the columns are to a trial.
    ///
    /// # Errors
    /// Every column that the trial does not declare, that holds what no fact is read from, or of which the trial declares that it
    /// holds one value and that holds lists.
    pub fn compile(
        &self,
        facts: &Facts,
        options: &ColumnOptions,
    ) -> Result<Columns, Vec<Diagnostic>> {
        if self.names.len() > MOST_PARTS {
            let message = format!(
                "{} columns are too many: a row has at most {MOST_PARTS} values",
                self.names.len()
            );
            return Err(vec![
                Diagnostic::error(message).at(&self.header, 0..0).help(
                    "--ignore-column NAME leaves one out, and all of a structure that is called so",
                ),
            ]);
        }
        let compiled = Columns::new(&self.header, facts, options);
        let is_key = |name: &String| options.key.as_ref() == Some(name);
        let is_one_value = |at| {
            let columns = compiled.as_ref();
            columns.is_ok_and(|columns: &Columns| columns.is_one_value(at))
        };
        let leaves = self.names.iter().zip(&*self.leaves).enumerate();
        let wrong = leaves.filter_map(|(at, (name, leaf))| {
            let (message, help) = match &leaf.kind {
                Kind::Other(what) => (
                    format!("`{name}` holds {what}, of which no fact is made"),
                    "cast it to a text, a number, a date or a boolean",
                ),
                Kind::List if is_key(name) => (
                    format!("`{name}` holds lists, and a key is one value"),
                    "name another column as the key",
                ),
                Kind::List if is_one_value(at) => (
                    format!("`{name}` holds lists, and the trial declares one value"),
                    "write one value in its place",
                ),
                _ => return None,
            };
            let start = self.header.table.as_ref().and_then(|row| row.cells.get(at));
            let start = start.copied().unwrap_or(0);
            let help = format!("{help}, or leave it out: {}", leave_out(name));
            let problem = Diagnostic::error(message).at(&self.header, start..start + name.len());
            Some(problem.help(help))
        });
        let wrong: Vec<Diagnostic> = wrong.collect();
        match compiled {
            Ok(columns) if wrong.is_empty() => Ok(columns),
            Ok(_) => Err(wrong),
            Err(found) => Err(found.into_iter().chain(wrong).collect()),
        }
    }
}

struct Found<'o> {
    options: &'o ColumnOptions,
    names: Vec<String>,
    leaves: Vec<Leaf>,
    left_out: Vec<String>,
}

impl Found<'_> {
    fn fields(&mut self, fields: &Fields, prefix: &str, path: &[usize]) {
        for (at, field) in fields.iter().enumerate() {
            let name = format!("{prefix}{}", field.name());
            let path: Vec<usize> = path.iter().copied().chain([at]).collect();
            // A key that is no fact is read all the same.
            let is_key = self.options.key.as_ref() == Some(&name);
            if self.options.ignored.contains(&name) && !is_key {
                self.left_out.push(name);
                continue;
            }
            match field.data_type() {
                DataType::Struct(inner) if !inner.is_empty() => {
                    self.fields(inner, &format!("{name}."), &path);
                }
                data_type => {
                    self.names.push(name);
                    self.leaves.push(Leaf {
                        path,
                        kind: kind(data_type),
                        data_type: data_type.clone(),
                    });
                }
            }
        }
    }
}

fn kind(data_type: &DataType) -> Kind {
    match data_type {
        DataType::Dictionary(_, values) => kind(values),
        DataType::RunEndEncoded(_, values) => kind(values.data_type()),
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _) => match unreadable(item.data_type()) {
            None => Kind::List,
            Some(what) => Kind::Other(format!("lists of {what}")),
        },
        other => match unreadable(other) {
            None => Kind::Values,
            Some(what) => Kind::Other(what.to_owned()),
        },
    }
}

/// What no fact is read from, if it is that.
fn unreadable(data_type: &DataType) -> Option<&'static str> {
    use DataType as Type;
    match data_type {
        Type::Binary | Type::LargeBinary | Type::BinaryView | Type::FixedSizeBinary(_) => {
            Some("bytes")
        }
        Type::Map(..) => Some("maps"),
        Type::Union(..) => Some("values of several types (a union)"),
        Type::Time32(_) | Type::Time64(_) => Some("times of the day"),
        Type::Duration(_) => Some("durations without a unit of the calendar"),
        Type::Interval(_) => Some("intervals"),
        Type::Struct(fields) if fields.is_empty() => Some("structures without a field"),
        Type::Struct(fields) => fields
            .iter()
            .find_map(|field| unreadable(field.data_type())),
        Type::List(item)
        | Type::LargeList(item)
        | Type::ListView(item)
        | Type::LargeListView(item)
        | Type::FixedSizeList(item, _) => unreadable(item.data_type()),
        Type::Dictionary(_, values) => unreadable(values),
        Type::RunEndEncoded(_, values) => unreadable(values.data_type()),
        _ => None,
    }
}
