//! The common spellings of a value, understood without the general way of [`super::values`], which reads them all and says
//! what is wrong with the rest.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::diagnostic::lookalike::has_visible_character;
use crate::facts::{Fact, Kind};
use crate::value::bounds::End;
use crate::value::{Bounds, Code, Value};

/// How a value is commonly written.
#[derive(Debug)]
pub(super) enum Syntax {
    /// One of these words.
    Code(Vec<CodeWord>),
    Boolean,
    Number(Number),
    /// A day that lies in the past, unless it may lie in the future.
    Day {
        may_be_future: bool,
    },
    Text,
    /// In no way that is worth a look of its own.
    Other,
}

/// A declared code, told by its length and its first eight bytes before the rest is compared.
#[derive(Debug)]
pub(super) struct CodeWord {
    first: u64,
    word: Box<str>,
    code: Code,
}

/// Numbers from one end to the other.
#[derive(Debug)]
pub(super) struct Number {
    is_whole: bool,
    low: Option<(i64, u32)>,
    high: Option<(i64, u32)>,
    /// The declared unit.
    unit: Option<Box<str>>,
    /// Whether a number without its unit means nothing.
    needs_unit: bool,
}

/// A value in a common spelling.
pub(super) enum Found {
    Value(Value),
    /// A day that must not lie behind the screening date.
    PastDay(Date),
}

impl Syntax {
    pub fn of(fact: &Fact) -> Self {
        match &fact.kind {
            Kind::Code(set) => {
                let words = set.values.iter().zip(0..).map(|(value, index)| CodeWord {
                    first: first_bytes(value.name.as_bytes()),
                    word: value.name.as_str().into(),
                    code: Code {
                        index,
                        unclear: value.unclear,
                    },
                });
                Self::Code(words.collect())
            }
            Kind::Boolean { .. } => Self::Boolean,
            Kind::Integer(range) => Number::syntax(true, range.as_ref(), None, false),
            Kind::Decimal(range) => Number::syntax(false, range.as_ref(), None, false),
            Kind::Quantity(measure) => Number::syntax(
                false,
                measure.range.as_ref(),
                Some(&measure.unit),
                !measure.has_one_scale(),
            ),
            Kind::Date(None) => Self::Day {
                may_be_future: fact.future,
            },
            Kind::Text => Self::Text,
            Kind::Duration(_) | Kind::Date(Some(_)) | Kind::List(_) => Self::Other,
        }
    }

    /// The value that a text spells, if it does so in the common way. `unit` is the one beside it.
    #[inline]
    pub fn read(&self, text: &str, unit: Option<&str>) -> Option<Found> {
        let value = match self {
            Self::Code(words) if unit.is_none() => {
                let first = first_bytes(text.as_bytes());
                let is_it = |word: &&CodeWord| {
                    word.first == first
                        && word.word.len() == text.len()
                        && (text.len() <= 8 || *word.word == *text)
                };
                Value::Code(words.iter().find(is_it)?.code)
            }
            Self::Boolean if unit.is_none() => match text {
                "true" | "yes" => Value::Boolean(true),
                "false" | "no" => Value::Boolean(false),
                _ => return None,
            },
            Self::Number(number) => number.read(text, unit)?,
            Self::Day { may_be_future } if unit.is_none() => {
                let day = day(text.as_bytes().try_into().ok()?)?;
                if !may_be_future {
                    return Some(Found::PastDay(day));
                }
                Value::Date(Bounds::exact(day))
            }
            Self::Text if unit.is_none() && text != "unknown" && has_visible_character(text) => {
                Value::Text(text.trim().into())
            }
            _ => return None,
        };
        Some(Found::Value(value))
    }
}

/// The first eight bytes as a number; what is not there counts as 0.
#[inline]
fn first_bytes(text: &[u8]) -> u64 {
    match text.first_chunk::<8>() {
        Some(first) => u64::from_le_bytes(*first),
        None => text
            .iter()
            .rev()
            .fold(0, |all, byte| (all << 8) | u64::from(*byte)),
    }
}

impl Number {
    fn syntax(
        is_whole: bool,
        range: Option<&Bounds<Decimal>>,
        unit: Option<&str>,
        needs_unit: bool,
    ) -> Syntax {
        // An end that does not belong to the range, or with very many digits, is for the general way.
        let end = |end: Option<End<Decimal>>| match end {
            None => Some(None),
            Some(End {
                value,
                inclusive: true,
            }) if value.scale() <= 6 => {
                Some(Some((i64::try_from(value.mantissa()).ok()?, value.scale())))
            }
            Some(_) => None,
        };
        let ends = range.map_or(Some((None, None)), |range| {
            Some((end(range.low)?, end(range.high)?))
        });
        ends.map_or(Syntax::Other, |(low, high)| {
            Syntax::Number(Self {
                is_whole,
                low,
                high,
                unit: unit.map(Into::into),
                needs_unit,
            })
        })
    }

    #[inline]
    fn read(&self, text: &str, unit: Option<&str>) -> Option<Value> {
        let (mut mantissa, mut decimals, length) = digits(text.as_bytes())?;
        let behind = text.get(length..)?;
        let has_unit = match (behind, unit) {
            ("", None) => false,
            ("", Some(unit)) => self.is_unit(unit).then_some(true)?,
            (behind, None) => self.is_unit(behind.strip_prefix(' ')?).then_some(true)?,
            _ => return None,
        };
        if self.needs_unit && !has_unit {
            return None;
        }
        let number = (mantissa, decimals);
        let is_within = self.low.is_none_or(|low| !is_less(number, low))
            && self.high.is_none_or(|high| !is_less(high, number));
        while decimals > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            decimals -= 1;
        }
        (is_within && !(self.is_whole && decimals > 0))
            .then(|| Value::Number(Bounds::exact(Decimal::new(mantissa, decimals))))
    }

    fn is_unit(&self, unit: &str) -> bool {
        self.unit.as_deref() == Some(unit)
    }
}

/// Whether a number is less than another; both are digits and how many of them are decimals.
#[inline]
fn is_less((one, its): (i64, u32), (other, others): (i64, u32)) -> bool {
    let scaled = |digits: i64, by: u32| i128::from(digits) * i128::from(10_u64.pow(by.min(19)));
    scaled(one, others.saturating_sub(its)) < scaled(other, its.saturating_sub(others))
}

/// The digits at the beginning of a text that is a number without sign or exponent, how many of them are decimals, and how
/// many bytes they take. None if there are too many of them.
#[inline]
fn digits(text: &[u8]) -> Option<(i64, u32, usize)> {
    /// So many fit whatever they are.
    const MOST: usize = 17;
    let (mut digits, mut length, mut decimals) = (0_i64, 0, 0_u32);
    let digit = |at: usize| {
        text.get(at)
            .filter(|byte| byte.is_ascii_digit())
            .map(|byte| i64::from(byte - b'0'))
    };
    while let Some(digit) = digit(length).filter(|_| length < MOST) {
        digits = digits * 10 + digit;
        length += 1;
    }
    if length == 0 || (length > 1 && text.first() == Some(&b'0')) {
        return None;
    }
    if text.get(length) == Some(&b'.') {
        length += 1;
        while let Some(digit) = digit(length).filter(|_| length <= MOST) {
            digits = digits * 10 + digit;
            length += 1;
            decimals += 1;
        }
        if decimals == 0 {
            return None;
        }
    }
    // More digits, bounds, or an exponent.
    let goes_on = text
        .get(length)
        .is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E'));
    (!goes_on).then_some((digits, decimals, length))
}

/// `YYYY-MM-DD`
#[inline]
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
