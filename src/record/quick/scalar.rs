//! Values in their common shapes, at a place of a line or as a text. `None` everywhere means: for the careful reader.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Shape, Token};
use crate::record::values;
use crate::value::{Bounds, Code, Value};

/// A value in a common shape.
#[derive(Clone, Copy)]
pub(super) enum Found {
    Code(Code),
    Boolean(bool),
    /// A mantissa and its decimals.
    Number(i64, u32),
    Day(Date),
}

impl Found {
    #[inline]
    pub(super) fn value(self) -> Value {
        match self {
            Self::Code(code) => Value::Code(code),
            Self::Boolean(value) => Value::Boolean(value),
            Self::Number(mantissa, decimals) => {
                Value::Number(Bounds::exact(Decimal::new(mantissa, decimals)))
            }
            Self::Day(day) => Value::Date(Bounds::exact(day)),
        }
    }
}

/// The value at a place of a line if it has its common shape; it is passed then. Of codes, one is likely.
#[inline]
pub(super) fn expected(
    shape: &Shape,
    likely: &mut usize,
    line: &[u8],
    at: &mut usize,
) -> Option<Found> {
    match shape {
        Shape::Code(codes) => {
            let is_here = |(token, _): &&(Token, Code)| token.is_at(line, *at);
            let (token, code) = match codes.get(*likely).filter(is_here) {
                Some(code) => code,
                None => {
                    *likely = codes.iter().position(|code| is_here(&code))?;
                    codes.get(*likely)?
                }
            };
            *at += token.len();
            Some(Found::Code(*code))
        }
        Shape::Boolean => {
            let rest = line.get(*at..)?;
            let value = rest.starts_with(b"true");
            if !value && !rest.starts_with(b"false") {
                return None;
            }
            *at += if value { 4 } else { 5 };
            Some(Found::Boolean(value))
        }
        Shape::Number { whole, low, high } => {
            let ((mantissa, decimals), length) = number(line.get(*at..)?, *whole, *low, *high)?;
            *at += length;
            Some(Found::Number(mantissa, decimals))
        }
        Shape::Date => quoted_day(line, at).map(Found::Day),
        Shape::Other => None,
    }
}

/// `"YYYY-MM-DD"` at a place of a line; it is passed then.
pub(super) fn quoted_day(line: &[u8], at: &mut usize) -> Option<Date> {
    let [b'"', date @ .., b'"'] = line.get(*at..)?.first_chunk::<12>()? else {
        return None;
    };
    let date = day(date)?;
    *at += 12;
    Some(date)
}

/// Whether YAML allows every character in a text as it stands; what it does not is left to the careful reader.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte < 0x7f)
        || !text.contains(|character| {
            matches!(
                character,
                '\u{7f}'..='\u{9f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
            )
        })
}

/// A whole or partial date, or bounds of dates.
pub(super) fn dates(text: &str) -> Option<Bounds<Date>> {
    match *text.as_bytes() {
        [a, b, c, d] => day(&[a, b, c, d, b'-', b'0', b'1', b'-', b'0', b'1'])
            .map(|first| Bounds::between(first, Some(first.last_of_year()))),
        [a, b, c, d, b'-', m, n] => day(&[a, b, c, d, b'-', m, n, b'-', b'0', b'1'])
            .map(|first| Bounds::between(first, Some(first.last_of_month()))),
        [_, _, _, _, _, _, _, _, _, _] => whole_date(text).map(Bounds::exact),
        _ => values::past_date(text.trim(), None).ok(),
    }
}

/// `YYYY-MM-DD`
pub(super) fn whole_date(text: &str) -> Option<Date> {
    day(text.as_bytes().try_into().ok()?)
}

/// `YYYY-MM-DD`
pub(super) fn day(text: &[u8; 10]) -> Option<Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text else {
        return None;
    };
    let digit = |byte: u8| byte.is_ascii_digit().then(|| i16::from(byte - b'0'));
    let year = digit(y1)? * 1000 + digit(y2)? * 100 + digit(y3)? * 10 + digit(y4)?;
    let two =
        |high: u8, low: u8| Some(i8::try_from(digit(high)? * 10 + digit(low)?).unwrap_or(i8::MAX));
    Date::new(year, two(m1, m2)?, two(d1, d2)?).ok()
}

/// The mantissa and the decimals of a number as JSON writes it, of few digits and without sign or exponent, from `low` to
/// `high`; and its length.
pub(super) fn number(text: &[u8], whole: bool, low: i64, high: i64) -> Option<((i64, u32), usize)> {
    const MOST_DIGITS: usize = 17;
    let (mut mantissa, mut length, mut decimals) = (0_i64, 0, 0_u32);
    let digit = |at: usize| {
        text.get(at)
            .filter(|byte| byte.is_ascii_digit())
            .map(|byte| i64::from(byte - b'0'))
    };
    while let Some(digit) = digit(length).filter(|_| length < MOST_DIGITS) {
        mantissa = mantissa * 10 + digit;
        length += 1;
    }
    if length == 0 || (length > 1 && text.first() == Some(&b'0')) {
        return None;
    }
    if text.get(length) == Some(&b'.') {
        length += 1;
        while let Some(digit) = digit(length).filter(|_| length <= MOST_DIGITS) {
            mantissa = mantissa * 10 + digit;
            length += 1;
            decimals += 1;
        }
        if decimals == 0 {
            return None;
        }
    }
    // More digits, or an exponent.
    if text
        .get(length)
        .is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E'))
    {
        return None;
    }
    let scaled = |end: i64| end.saturating_mul(10_i64.saturating_pow(decimals));
    let (within, length) = (scaled(low) <= mantissa && mantissa <= scaled(high), length);
    while decimals > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        decimals -= 1;
    }
    let fits = within && !(whole && decimals > 0);
    fits.then_some(((mantissa, decimals), length))
}

/// `91.6 %`: a number and the one unit that there is.
pub(super) fn in_its_unit(text: &str, shape: &Shape, unit: &str) -> Option<Value> {
    let Shape::Number { whole, low, high } = shape else {
        return None;
    };
    let ((mantissa, decimals), length) = number(text.as_bytes(), *whole, *low, *high)?;
    (text.get(length..)?.strip_prefix(' ')? == unit)
        .then(|| Value::Number(Bounds::exact(Decimal::new(mantissa, decimals))))
}

/// A number of at most eighteen digits.
pub(super) fn decimal(token: &str) -> Option<Decimal> {
    let (digits, negative) = token
        .strip_prefix('-')
        .map_or((token, false), |digits| (digits, true));
    let (mut mantissa, mut scale, mut count, mut fraction) = (0_i64, 0_u32, 0, false);
    for byte in digits.bytes() {
        if byte == b'.' {
            fraction = true;
            continue;
        }
        count += 1;
        mantissa = mantissa
            .checked_mul(10)?
            .checked_add(i64::from(byte - b'0'))?;
        scale += u32::from(fraction);
    }
    (count <= 18).then(|| Decimal::new(if negative { -mantissa } else { mantissa }, scale))
}
