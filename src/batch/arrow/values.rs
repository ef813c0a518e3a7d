//! Values of a typed column → the text of a cell.
//!
//! | type | is written |
//! |---|---|
//! | texts | as they are |
//! | whole numbers, decimals | with all their digits |
//! | floating-point numbers | as the shortest decimal number that is read as the same of its type |
//! | booleans | `true`, `false` |
//! | dates | `2026-11-20` |
//! | time stamps | as a date at midnight of their zone, which is the zone of the day they are meant for; else with their time, which is no date |
//! | lists | as JSON, fields of items that are null left out |

use std::fmt::Write as _;
use std::ops::Range;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type,
    Decimal64Type, Decimal128Type, Decimal256Type, DecimalType, Float16Type, Float32Type,
    Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, RunEndIndexType,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, GenericListArray, GenericListViewArray, OffsetSizeTrait};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};
use jiff::civil::Time;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::json_escape;

/// A column of a batch.
pub(super) struct Values<'a> {
    nulls: Option<NullBuffer>,
    kind: Kind<'a>,
}

type Write<'a> = Box<dyn Fn(usize, &mut String) + 'a>;

enum Kind<'a> {
    /// Nothing is recorded.
    Nothing,
    /// Numbers and booleans.
    Plain(Write<'a>),
    /// What stands between quotes in JSON, and needs no escapes.
    Dates(Write<'a>),
    Texts(Box<dyn Fn(usize) -> &'a str + 'a>),
    /// Values that stand at another place.
    Elsewhere(Box<dyn Fn(usize) -> usize + 'a>, Box<Values<'a>>),
    Lists(Box<dyn Fn(usize) -> Range<usize> + 'a>, Box<Values<'a>>),
    /// Fields, each with its name as a key in JSON.
    Structures(Vec<(String, Values<'a>)>),
}

impl<'a> Values<'a> {
    /// The values of a column; none if a value of its type is not read.
    pub fn of(array: &'a dyn Array) -> Option<Self> {
        Some(Self {
            nulls: array.nulls().cloned(),
            kind: Kind::of(array)?,
        })
    }

    /// The column is part of a structure which may be null itself.
    pub fn within(self, structure: Option<&NullBuffer>) -> Self {
        Self {
            nulls: NullBuffer::union(self.nulls.as_ref(), structure),
            ..self
        }
    }

    fn is_null(&self, row: usize) -> bool {
        if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return true;
        }
        match &self.kind {
            Kind::Nothing => true,
            Kind::Elsewhere(place, values) => values.is_null(place(row)),
            _ => false,
        }
    }

    /// Writes the cell of a row; nothing where nothing is recorded.
    pub fn write(&self, row: usize, out: &mut String) {
        if self.is_null(row) {
            return;
        }
        match &self.kind {
            Kind::Nothing => {}
            Kind::Plain(write) | Kind::Dates(write) => write(row, out),
            Kind::Texts(text) => out.push_str(text(row)),
            Kind::Elsewhere(place, values) => values.write(place(row), out),
            Kind::Lists(..) | Kind::Structures(_) => self.write_json(row, out),
        }
    }

    pub(super) fn write_json(&self, row: usize, out: &mut String) {
        if self.is_null(row) {
            out.push_str("null");
            return;
        }
        match &self.kind {
            Kind::Nothing => {}
            Kind::Plain(write) => {
                let start = out.len();
                write(row, out);
                let text = out.get(start..).unwrap_or_default();
                // What is no number stands as a text, and is refused as what it is.
                if ["NaN", "inf", "-inf"].contains(&text) {
                    out.insert(start, '"');
                    out.push('"');
                }
            }
            Kind::Dates(write) => {
                out.push('"');
                write(row, out);
                out.push('"');
            }
            Kind::Texts(text) => {
                out.push('"');
                json_escape::escape(text(row), |part| out.push_str(part));
                out.push('"');
            }
            Kind::Elsewhere(place, values) => values.write_json(place(row), out),
            Kind::Lists(range, items) => {
                out.push('[');
                for (number, item) in range(row).enumerate() {
                    if number > 0 {
                        out.push(',');
                    }
                    items.write_json(item, out);
                }
                out.push(']');
            }
            Kind::Structures(fields) => {
                out.push('{');
                let known = fields.iter().filter(|(_, values)| !values.is_null(row));
                for (number, (key, values)) in known.enumerate() {
                    if number > 0 {
                        out.push(',');
                    }
                    out.push_str(key);
                    values.write_json(row, out);
                }
                out.push('}');
            }
        }
    }
}

impl<'a> Kind<'a> {
    fn of(array: &'a dyn Array) -> Option<Self> {
        use DataType as Type;
        Some(match array.data_type() {
            Type::Null => Self::Nothing,
            Type::Boolean => {
                let array = array.as_boolean();
                Self::Plain(Box::new(|row, out| {
                    out.push_str(if array.value(row) { "true" } else { "false" });
                }))
            }
            Type::Int8 => whole::<Int8Type>(array),
            Type::Int16 => whole::<Int16Type>(array),
            Type::Int32 => whole::<Int32Type>(array),
            Type::Int64 => whole::<Int64Type>(array),
            Type::UInt8 => whole::<UInt8Type>(array),
            Type::UInt16 => whole::<UInt16Type>(array),
            Type::UInt32 => whole::<UInt32Type>(array),
            Type::UInt64 => whole::<UInt64Type>(array),
            Type::Float16 => {
                let array = array.as_primitive::<Float16Type>();
                Self::Plain(Box::new(|row, out| {
                    let _ = write!(out, "{}", array.value(row).to_f32());
                }))
            }
            Type::Float32 => whole::<Float32Type>(array),
            Type::Float64 => whole::<Float64Type>(array),
            Type::Decimal32(..) => decimal::<Decimal32Type>(array),
            Type::Decimal64(..) => decimal::<Decimal64Type>(array),
            Type::Decimal128(..) => decimal::<Decimal128Type>(array),
            Type::Decimal256(..) => decimal::<Decimal256Type>(array),
            Type::Date32 => {
                let array = array.as_primitive::<Date32Type>();
                Self::Dates(Box::new(|row, out| {
                    let days = i64::from(array.value(row));
                    instant(days.checked_mul(86_400), 0, None, out);
                }))
            }
            Type::Date64 => {
                let array = array.as_primitive::<Date64Type>();
                instants::<Date64Type>(array, 1_000, None)
            }
            Type::Timestamp(unit, zone) => {
                let known = |name: &str| zone_named(name).ok_or_else(|| name.to_owned());
                let zone = zone.as_deref().map(known);
                timestamps(array, *unit, zone)
            }
            Type::Utf8 => {
                let array = array.as_string::<i32>();
                Self::Texts(Box::new(|row| array.value(row)))
            }
            Type::LargeUtf8 => {
                let array = array.as_string::<i64>();
                Self::Texts(Box::new(|row| array.value(row)))
            }
            Type::Utf8View => {
                let array = array.as_string_view();
                Self::Texts(Box::new(|row| array.value(row)))
            }
            Type::List(_) => list::<i32>(array.as_list())?,
            Type::LargeList(_) => list::<i64>(array.as_list())?,
            Type::ListView(_) => list_view::<i32>(array.as_list_view())?,
            Type::LargeListView(_) => list_view::<i64>(array.as_list_view())?,
            Type::FixedSizeList(_, _) => {
                let array = array.as_fixed_size_list();
                let length = usize::try_from(array.value_length()).ok()?;
                let items = Box::new(Values::of(array.values().as_ref())?);
                Self::Lists(Box::new(move |row| row * length..(row + 1) * length), items)
            }
            Type::Struct(fields) => {
                let array = array.as_struct();
                let fields = fields.iter().zip(array.columns()).map(|(field, values)| {
                    let key = format!("{}:", serde_json::Value::from(field.name().as_str()));
                    Some((key, Values::of(values.as_ref())?))
                });
                Self::Structures(fields.collect::<Option<_>>()?)
            }
            Type::Dictionary(key, _) => match **key {
                Type::Int8 => dictionary::<Int8Type>(array)?,
                Type::Int16 => dictionary::<Int16Type>(array)?,
                Type::Int32 => dictionary::<Int32Type>(array)?,
                Type::Int64 => dictionary::<Int64Type>(array)?,
                Type::UInt8 => dictionary::<UInt8Type>(array)?,
                Type::UInt16 => dictionary::<UInt16Type>(array)?,
                Type::UInt32 => dictionary::<UInt32Type>(array)?,
                Type::UInt64 => dictionary::<UInt64Type>(array)?,
                _ => return None,
            },
            Type::RunEndEncoded(ends, _) => match ends.data_type() {
                Type::Int16 => runs::<Int16Type>(array)?,
                Type::Int32 => runs::<Int32Type>(array)?,
                Type::Int64 => runs::<Int64Type>(array)?,
                _ => return None,
            },
            _ => return None,
        })
    }
}

/// Whole numbers, and floating-point numbers, of which the shortest text that is the same number is written.
fn whole<T: ArrowPrimitiveType>(array: &dyn Array) -> Kind<'_>
where
    T::Native: std::fmt::Display,
{
    let array = array.as_primitive::<T>();
    Kind::Plain(Box::new(|row, out| {
        let _ = write!(out, "{}", array.value(row));
    }))
}

fn decimal<T: DecimalType>(array: &dyn Array) -> Kind<'_> {
    let array = array.as_primitive::<T>();
    Kind::Plain(Box::new(|row, out| {
        out.push_str(&array.value_as_string(row));
    }))
}

fn list<O: OffsetSizeTrait>(array: &GenericListArray<O>) -> Option<Kind<'_>> {
    let items = Box::new(Values::of(array.values().as_ref())?);
    let offsets = array.value_offsets();
    let at = |row: usize| offsets.get(row).map_or(0, |offset| offset.as_usize());
    Some(Kind::Lists(
        Box::new(move |row| at(row)..at(row + 1)),
        items,
    ))
}

fn list_view<O: OffsetSizeTrait>(array: &GenericListViewArray<O>) -> Option<Kind<'_>> {
    let items = Box::new(Values::of(array.values().as_ref())?);
    let range = |row: usize| {
        let start = array.value_offset(row).as_usize();
        start..start + array.value_size(row).as_usize()
    };
    Some(Kind::Lists(Box::new(range), items))
}

fn dictionary<K: ArrowDictionaryKeyType>(array: &dyn Array) -> Option<Kind<'_>> {
    let array = array.as_dictionary::<K>();
    let values = Box::new(Values::of(array.values().as_ref())?);
    // Where there is no key, the row is null.
    Some(Kind::Elsewhere(
        Box::new(|row| array.key(row).unwrap_or(0)),
        values,
    ))
}

fn runs<R: RunEndIndexType>(array: &dyn Array) -> Option<Kind<'_>> {
    let array = array.as_run_opt::<R>()?;
    let values = Box::new(Values::of(array.values().as_ref())?);
    Some(Kind::Elsewhere(
        Box::new(|row| array.get_physical_index(row)),
        values,
    ))
}

/// A time zone, or the name of one that is not known.
type Zone = Result<TimeZone, String>;

fn zone_named(name: &str) -> Option<TimeZone> {
    if let Ok(zone) = TimeZoneDatabase::bundled().get(name) {
        return Some(zone);
    }
    // `+02:00`
    let parsed = jiff::fmt::temporal::DateTimeParser::new().parse_time_zone(name);
    parsed.ok()
}

fn timestamps(array: &dyn Array, unit: TimeUnit, zone: Option<Zone>) -> Kind<'_> {
    match unit {
        TimeUnit::Second => instants::<TimestampSecondType>(array, 1, zone),
        TimeUnit::Millisecond => instants::<TimestampMillisecondType>(array, 1_000, zone),
        TimeUnit::Microsecond => instants::<TimestampMicrosecondType>(array, 1_000_000, zone),
        TimeUnit::Nanosecond => instants::<TimestampNanosecondType>(array, 1_000_000_000, zone),
    }
}

/// Instants that are counted since 1970 in units of which so many are a second.
fn instants<T: ArrowPrimitiveType<Native = i64>>(
    array: &dyn Array,
    per_second: i64,
    zone: Option<Zone>,
) -> Kind<'_> {
    let array = array.as_primitive::<T>();
    Kind::Dates(Box::new(move |row, out| {
        let count = array.value(row);
        let rest = count.rem_euclid(per_second) * (1_000_000_000 / per_second);
        instant(Some(count.div_euclid(per_second)), rest, zone.as_ref(), out);
    }))
}

/// Writes the day of an instant at midnight, and any other instant with its time.
fn instant(seconds: Option<i64>, nanoseconds: i64, zone: Option<&Zone>, out: &mut String) {
    let nanoseconds = i32::try_from(nanoseconds).ok();
    let stamp = seconds
        .zip(nanoseconds)
        .and_then(|(seconds, rest)| jiff::Timestamp::new(seconds, rest).ok());
    let Some(stamp) = stamp else {
        // No reader takes it for a date, so it is refused in its place.
        out.push_str("a day beyond the year 9999");
        return;
    };
    let of_zone = match zone {
        None => stamp.to_zoned(TimeZone::UTC),
        Some(Ok(zone)) => stamp.to_zoned(zone.clone()),
        Some(Err(name)) => {
            let _ = write!(out, "{stamp} in the unknown time zone {name}");
            return;
        }
    };
    let _ = match (of_zone.time() == Time::midnight(), zone) {
        (true, _) => write!(out, "{}", of_zone.date()),
        (false, None) => write!(out, "{}", of_zone.datetime()),
        (false, Some(_)) => write!(out, "{}", of_zone.strftime("%Y-%m-%dT%H:%M:%S%.f%:z")),
    };
}
