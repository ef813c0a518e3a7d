//! The schema of a table → the columns of a list.

use std::sync::Arc;

use arrow_schema::{DataType, Fields, Schema};

use crate::batch::columns::{ColumnOptions, Columns, header_of};
use crate::diagnostic::{Diagnostic, Source};
use crate::facts::Facts;

/// The columns of a table, each structure taken apart into what it holds.
#[derive(Debug, Clone)]
pub struct TableColumns {
    header: Arc<Source>,
    names: Arc<[String]>,
    leaves: Arc<[Leaf]>,
    /// The paths of structures.
    structures: Vec<String>,
}

/// A column that holds values, not a structure of columns.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    /// The place of the column, then of each field within fields.
    pub path: Vec<usize>,
    kind: Kind,
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
    /// The columns of a table that messages call `name`.
    #[must_use]
    pub fn new(name: &str, schema: &Schema) -> Self {
        let mut found = Found::default();
        found.fields(&schema.fields, "", &[]);
        let names: Arc<[String]> = found.names.into();
        Self {
            header: header_of(name, &names),
            names,
            leaves: found.leaves.into(),
            structures: found.structures,
        }
    }

    /// The names of the columns, as the header of a list.
    #[must_use]
    pub fn header(&self) -> &Arc<Source> {
        &self.header
    }

    /// The paths of structures, which may be left out as a whole.
    #[must_use]
    pub fn structures(&self) -> &[String] {
        &self.structures
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
        let mut options = options.clone();
        let within = |name: &&String| self.is_within(name, &options.ignored);
        let inner: Vec<String> = self.names.iter().filter(within).cloned().collect();
        options.ignored.extend(inner);
        let compiled = Columns::new(&self.header, facts, &options);
        let mut problems = Vec::new();
        for (at, (name, leaf)) in self.names.iter().zip(&*self.leaves).enumerate() {
            let is_read = !options.ignored.contains(name);
            let problem = match &leaf.kind {
                Kind::Other(what) if is_read => {
                    Some(format!("`{name}` holds {what}, of which no fact is made"))
                }
                Kind::List
                    if compiled
                        .as_ref()
                        .is_ok_and(|columns| columns.is_one_value(at)) =>
                {
                    Some(format!(
                        "`{name}` holds lists, and the trial declares one value"
                    ))
                }
                _ => None,
            };
            problems.extend(problem.map(|message| {
                let start = self.header.table.as_ref().and_then(|row| row.cells.get(at));
                let start = start.copied().unwrap_or(0);
                let help = match leaf.kind {
                    Kind::List => "write one value in its place",
                    _ => "cast it to a text, a number, a date or a boolean",
                };
                Diagnostic::error(message)
                    .at(&self.header, start..start + name.len())
                    .help(format!("{help}, or leave it out: --ignore-column {name}"))
            }));
        }
        match compiled {
            Ok(columns) if problems.is_empty() => Ok(columns),
            Ok(_) => Err(problems),
            Err(found) => Err(found.into_iter().chain(problems).collect()),
        }
    }

    /// Whether a column is part of a structure that is among `ignored`.
    fn is_within(&self, name: &str, ignored: &[String]) -> bool {
        let mut outer = ignored.iter().filter(|path| self.structures.contains(path));
        outer.any(|path| {
            name.strip_prefix(path.as_str())
                .is_some_and(|rest| rest.starts_with('.'))
        })
    }
}

#[derive(Default)]
struct Found {
    names: Vec<String>,
    leaves: Vec<Leaf>,
    structures: Vec<String>,
}

impl Found {
    fn fields(&mut self, fields: &Fields, prefix: &str, path: &[usize]) {
        for (at, field) in fields.iter().enumerate() {
            let name = format!("{prefix}{}", field.name());
            let path: Vec<usize> = path.iter().copied().chain([at]).collect();
            match field.data_type() {
                DataType::Struct(inner) if !inner.is_empty() => {
                    self.fields(inner, &format!("{name}."), &path);
                    self.structures.push(name);
                }
                data_type => {
                    self.names.push(name);
                    self.leaves.push(Leaf {
                        path,
                        kind: kind(data_type),
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
