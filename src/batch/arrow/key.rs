//! Keys, which are texts while rows are screened, as a column of the type that they had.

use std::str::FromStr;
use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, LargeStringArray, PrimitiveArray, StringArray,
};
use arrow_schema::{ArrowError, DataType};

use super::results::since_1970;

/// The type of a key in screened rows: that of its column where every engine knows it, else a text.
pub(super) fn plain(data_type: &DataType) -> DataType {
    use DataType as Type;
    match data_type {
        Type::Boolean
        | Type::Int8
        | Type::Int16
        | Type::Int32
        | Type::Int64
        | Type::UInt8
        | Type::UInt16
        | Type::UInt32
        | Type::UInt64
        | Type::Float32
        | Type::Float64
        | Type::Date32
        | Type::LargeUtf8 => data_type.clone(),
        Type::Dictionary(_, values) => plain(values),
        Type::RunEndEncoded(_, values) => plain(values.data_type()),
        _ => Type::Utf8,
    }
}

/// Keys as a column of this type.
///
/// # Errors
/// A key that is none of the type.
pub(super) fn of_texts(texts: &StringArray, data_type: &DataType) -> Result<ArrayRef, ArrowError> {
    use DataType as Type;
    Ok(match data_type {
        Type::Utf8 => Arc::new(texts.clone()),
        Type::LargeUtf8 => Arc::new(texts.iter().collect::<LargeStringArray>()),
        Type::Boolean => {
            let values = each(texts, |text| text.parse().ok())?;
            Arc::new(BooleanArray::from(values))
        }
        Type::Date32 => {
            let day = |text: &str| since_1970(text.parse().ok()?);
            Arc::new(Date32Array::from(each(texts, day)?))
        }
        Type::Int8 => numbers::<Int8Type>(texts)?,
        Type::Int16 => numbers::<Int16Type>(texts)?,
        Type::Int32 => numbers::<Int32Type>(texts)?,
        Type::Int64 => numbers::<Int64Type>(texts)?,
        Type::UInt8 => numbers::<UInt8Type>(texts)?,
        Type::UInt16 => numbers::<UInt16Type>(texts)?,
        Type::UInt32 => numbers::<UInt32Type>(texts)?,
        Type::UInt64 => numbers::<UInt64Type>(texts)?,
        Type::Float32 => numbers::<Float32Type>(texts)?,
        Type::Float64 => numbers::<Float64Type>(texts)?,
        other => {
            return Err(ArrowError::CastError(format!(
                "no key is written as {other}"
            )));
        }
    })
}

fn numbers<T: ArrowPrimitiveType>(texts: &StringArray) -> Result<ArrayRef, ArrowError>
where
    T::Native: FromStr,
{
    let values = each(texts, |text| text.parse().ok())?;
    Ok(Arc::new(PrimitiveArray::<T>::from_iter(values)))
}

fn each<V>(
    texts: &StringArray,
    value: impl Fn(&str) -> Option<V>,
) -> Result<Vec<Option<V>>, ArrowError> {
    let mut values = Vec::with_capacity(texts.len());
    for text in texts {
        values.push(match text {
            None => None,
            Some(text) => {
                let found = value(text);
                let wrong = || ArrowError::CastError(format!("the key `{text}` has another type"));
                Some(found.ok_or_else(wrong)?)
            }
        });
    }
    Ok(values)
}
