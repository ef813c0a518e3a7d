//! Tables that are made from records, and what comes of them.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Float64Builder, Int64Builder, StringBuilder};
use arrow_array::cast::AsArray as _;
use arrow_array::{Array, ArrayRef, ListArray, NullArray, RecordBatch, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{DataType, Field, Schema};
use serde_json::{Map, Value as Json};

use super::common::eligo;

/// The type of a column that holds all of some values.
enum Kind {
    Null,
    Boolean,
    Whole,
    Float,
    Text,
    List(Box<Kind>),
    Map(BTreeMap<String, Kind>),
}

impl Kind {
    fn of(value: &Json) -> Self {
        match value {
            Json::Null => Self::Null,
            Json::Bool(_) => Self::Boolean,
            Json::Number(number) if number.is_i64() => Self::Whole,
            Json::Number(_) => Self::Float,
            Json::String(_) => Self::Text,
            Json::Array(items) => Self::List(Box::new(Self::of_all(items.iter()))),
            Json::Object(map) => {
                let fields = map
                    .iter()
                    .map(|(key, value)| (key.clone(), Self::of(value)));
                Self::Map(fields.collect())
            }
        }
    }

    fn of_all<'v>(values: impl Iterator<Item = &'v Json>) -> Self {
        values.map(Self::of).fold(Self::Null, Self::with)
    }

    fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Null, kind) | (kind, Self::Null) => kind,
            (Self::Boolean, Self::Boolean) => Self::Boolean,
            (Self::Whole, Self::Whole) => Self::Whole,
            (Self::Whole | Self::Float, Self::Whole | Self::Float) => Self::Float,
            (Self::List(one), Self::List(other)) => Self::List(Box::new(one.with(*other))),
            (Self::Map(mut one), Self::Map(other)) => {
                for (key, kind) in other {
                    let known = one.remove(&key).unwrap_or(Self::Null);
                    one.insert(key, known.with(kind));
                }
                Self::Map(one)
            }
            // What is a value in one record and has evidence in another is a value in the second.
            (Self::Map(map), value) | (value, Self::Map(map)) => {
                let value = Self::Map([("value".to_owned(), value)].into());
                Self::Map(map).with(value)
            }
            _ => Self::Text,
        }
    }
}

/// A column of these values.
fn column(values: &[Json], kind: &Kind) -> ArrayRef {
    let nulls = NullBuffer::from(values.iter().map(|one| !one.is_null()).collect::<Vec<_>>());
    match kind {
        Kind::Null => Arc::new(NullArray::new(values.len())),
        Kind::Boolean => {
            let mut column = BooleanBuilder::new();
            values
                .iter()
                .for_each(|value| column.append_option(value.as_bool()));
            Arc::new(column.finish())
        }
        Kind::Whole => {
            let mut column = Int64Builder::new();
            values
                .iter()
                .for_each(|value| column.append_option(value.as_i64()));
            Arc::new(column.finish())
        }
        Kind::Float => {
            let mut column = Float64Builder::new();
            values
                .iter()
                .for_each(|value| column.append_option(value.as_f64()));
            Arc::new(column.finish())
        }
        Kind::Text => {
            let mut column = StringBuilder::new();
            for value in values {
                column.append_option(match value {
                    Json::Null => None,
                    Json::String(text) => Some(text.clone()),
                    other => Some(other.to_string()),
                });
            }
            Arc::new(column.finish())
        }
        Kind::List(kind) => {
            let empty = Vec::new();
            let lists = || {
                values
                    .iter()
                    .map(|value| value.as_array().unwrap_or(&empty))
            };
            let items: Vec<Json> = lists().flatten().cloned().collect();
            let items = column(&items, kind);
            let item = Arc::new(Field::new("item", items.data_type().clone(), true));
            let offsets = OffsetBuffer::from_lengths(lists().map(Vec::len));
            Arc::new(ListArray::new(item, offsets, items, Some(nulls)))
        }
        Kind::Map(fields) => {
            let columns = fields.iter().map(|(key, kind)| {
                let values: Vec<Json> = values
                    .iter()
                    .map(|value| match value {
                        Json::Object(map) => map.get(key).cloned().unwrap_or_default(),
                        value if key == "value" => value.clone(),
                        _ => Json::Null,
                    })
                    .collect();
                (key, column(&values, kind))
            });
            let columns: Vec<(&String, ArrayRef)> = columns.collect();
            let fields = columns
                .iter()
                .map(|(key, column)| Field::new(key.as_str(), column.data_type().clone(), true));
            let columns = columns.iter().map(|(_, column)| Arc::clone(column));
            let fields = fields.collect();
            Arc::new(StructArray::new(fields, columns.collect(), Some(nulls)))
        }
    }
}

/// A table of records, in which maps are structures.
pub fn nested(records: &[Json]) -> RecordBatch {
    let kind = Kind::of_all(records.iter());
    let table = column(records, &kind);
    table.as_struct().into()
}

/// The same, with a column for each value of a structure.
pub fn flat(records: &[Json]) -> RecordBatch {
    let nested = nested(records);
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    for (field, column) in nested.schema().fields().iter().zip(nested.columns()) {
        flatten(field.name(), column, &mut fields, &mut columns);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

fn flatten(name: &str, column: &ArrayRef, fields: &mut Vec<Field>, columns: &mut Vec<ArrayRef>) {
    match column.data_type() {
        DataType::Struct(inner) => {
            for (field, column) in inner.iter().zip(column.as_struct().columns()) {
                flatten(&format!("{name}.{}", field.name()), column, fields, columns);
            }
        }
        other => {
            fields.push(Field::new(name, other.clone(), true));
            columns.push(Arc::clone(column));
        }
    }
}

/// Batches as a stream.
pub fn stream(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    for batch in batches {
        writer.write(batch).unwrap();
    }
    writer.into_inner().unwrap()
}

/// One column of texts.
pub fn texts(name: &str, values: &[&str]) -> (String, ArrayRef) {
    (
        name.to_owned(),
        Arc::new(arrow_array::StringArray::from(values.to_vec())),
    )
}

/// A table of columns.
pub fn table(columns: Vec<(String, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(
        columns
            .into_iter()
            .map(|(name, column)| (name, column, true)),
    )
    .unwrap()
}

/// What the program did.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Ran {
    /// The rows of a stream, as JSON.
    pub fn rows(&self) -> Vec<Json> {
        let reader = StreamReader::try_new(Cursor::new(&self.stdout), None);
        let reader = reader.unwrap_or_else(|error| panic!("{error}\n{}", self.stderr));
        reader.flat_map(|batch| json_of(&batch.unwrap())).collect()
    }

    /// The lines of NDJSON.
    pub fn lines(&self) -> Vec<Json> {
        let text = String::from_utf8(self.stdout.clone()).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// Runs `eligo batch` with these bytes on standard input.
pub fn batch(arguments: &[&str], stdin: &[u8]) -> Ran {
    let output = eligo()
        .arg("batch")
        .args(arguments)
        .write_stdin(stdin)
        .output()
        .unwrap();
    Ran {
        code: output.status.code(),
        stdout: output.stdout,
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Screens a stream; what comes out is one too.
pub fn screened(batches: &[RecordBatch], arguments: &[&str]) -> Ran {
    let fixed = ["-", "--from", "arrow", "--format", "arrow"];
    batch(&[&fixed[..], arguments].concat(), &stream(batches))
}

/// The rows of a batch.
pub fn json_of(batch: &RecordBatch) -> Vec<Json> {
    let table: ArrayRef = Arc::new(StructArray::from(batch.clone()));
    (0..batch.num_rows())
        .map(|row| value_of(&table, row))
        .collect()
}

fn value_of(column: &ArrayRef, row: usize) -> Json {
    if column.is_null(row) {
        return Json::Null;
    }
    match column.data_type() {
        DataType::Struct(fields) => {
            let values = fields.iter().zip(column.as_struct().columns());
            let values =
                values.map(|(field, values)| (field.name().clone(), value_of(values, row)));
            Json::Object(values.collect::<Map<_, _>>())
        }
        DataType::List(_) => {
            let items = column.as_list::<i32>().value(row);
            (0..items.len())
                .map(|item| value_of(&items, item))
                .collect()
        }
        DataType::Utf8 => column.as_string::<i32>().value(row).into(),
        DataType::Int64 => column
            .as_primitive::<arrow_array::types::Int64Type>()
            .value(row)
            .into(),
        DataType::Boolean => column.as_boolean().value(row).into(),
        DataType::Date32 => {
            let days = column
                .as_primitive::<arrow_array::types::Date32Type>()
                .value(row);
            let day = jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(days);
            day.to_string().into()
        }
        other => panic!("a row has no {other}"),
    }
}
