//! Exact decimals: read without loss or refused, computed without rounding where a decimal can hold the result.

use rust_decimal::{Decimal, MathematicalOps};

use super::Bounds;
use super::bounds::End;

/// Reads a decimal number exactly, with an exponent or without.
///
/// # Errors
/// What is wrong and what would be right, in one sentence.
pub fn parse(text: &str) -> Result<Decimal, String> {
    if !is_written_as_one(text) {
        return Err(format!("`{text}` is not a number"));
    }
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    let exact = if unsigned.contains(['e', 'E']) {
        Decimal::from_scientific(unsigned).ok()
    } else {
        Decimal::from_str_exact(unsigned).ok()
    };
    match exact {
        Some(number) => Ok(number.normalize()),
        None if text.parse::<f64>().is_ok() => Err(format!(
            "`{text}` is out of reach: a number has at most 28 digits"
        )),
        None => Err(format!("`{text}` is not a number")),
    }
}

/// One sign at most, digits with one point at most, an exponent with one sign at most.
fn is_written_as_one(text: &str) -> bool {
    let unsigned = |text: &str| text.strip_prefix(['+', '-']).unwrap_or(text).to_owned();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(unsigned(exponent))),
        None => (text, None),
    };
    digits(&unsigned(number).replacen('.', "", 1))
        && exponent.is_none_or(|exponent| digits(&exponent))
}

/// The two ends of a range such as `1..2`; none where the text is no range.
///
/// # Errors
/// That a third dot leaves open where an end begins, as in `0...5`.
pub fn ends(text: &str) -> Result<Option<(&str, &str)>, String> {
    let Some((low, high)) = text.split_once("..") else {
        return Ok(None);
    };
    let more =
        low.trim_end().ends_with('.') || high.trim_start().starts_with('.') || high.contains("..");
    if more {
        Err(format!("`{text}` has more dots than a range has"))
    } else {
        Ok(Some((low, high)))
    }
}

/// What would be right where [`ends`] finds too many dots.
pub(crate) const TWO_DOTS: &str =
    "write two ends with two dots between them, and a digit before a point: `0..5`, `0..0.5`";

/// A number as it is compared. Of the 28 digits that a division leaves the last ones are rounding, which further steps carry
/// on: 20 minutes in hours and back are 19.99…98. No measurement has as many digits as are kept.
#[must_use]
pub fn comparable(number: Decimal) -> Decimal {
    const DIGITS: u32 = 24;
    if number.mantissa().unsigned_abs() < 10_u128.pow(DIGITS) {
        number
    } else {
        number.round_sf(DIGITS).unwrap_or(number)
    }
}

/// Sum of two numbers known within bounds; none on overflow.
#[must_use]
pub fn add(left: &Bounds<Decimal>, right: &Bounds<Decimal>) -> Option<Bounds<Decimal>> {
    left.zip(right, Decimal::checked_add)
}

/// Negative of a number known within bounds.
#[must_use]
pub fn negate(number: &Bounds<Decimal>) -> Option<Bounds<Decimal>> {
    number.map_reversed(|value| Some(-value))
}

/// Difference; none on overflow.
#[must_use]
pub(crate) fn subtract(left: &Bounds<Decimal>, right: &Bounds<Decimal>) -> Option<Bounds<Decimal>> {
    add(left, &negate(right)?)
}

/// Product; none on overflow, or where a side without an end meets one that is not an exact positive number.
#[must_use]
pub(crate) fn multiply(left: &Bounds<Decimal>, right: &Bounds<Decimal>) -> Option<Bounds<Decimal>> {
    match (left.value(), right.value()) {
        (Some(factor), _) => scale(right, factor),
        (_, Some(factor)) => scale(left, factor),
        _ => corners(left, right, Decimal::checked_mul),
    }
}

/// From the least to the greatest result for the ends of two bounds; none where an end is missing or has no result.
fn corners(
    left: &Bounds<Decimal>,
    right: &Bounds<Decimal>,
    compute: fn(Decimal, Decimal) -> Option<Decimal>,
) -> Option<Bounds<Decimal>> {
    let (low, high) = (left.low?.value, left.high?.value);
    let (other_low, other_high) = (right.low?.value, right.high?.value);
    let results = [
        compute(low, other_low)?,
        compute(low, other_high)?,
        compute(high, other_low)?,
        compute(high, other_high)?,
    ];
    let least = results.into_iter().min()?;
    Some(Bounds::between(least, results.into_iter().max()))
}

/// Quotient; none where the divisor may be zero.
#[must_use]
pub(crate) fn divide(left: &Bounds<Decimal>, right: &Bounds<Decimal>) -> Option<Bounds<Decimal>> {
    match (left.value(), right.value()) {
        (Some(dividend), Some(divisor)) => dividend.checked_div(divisor).map(Bounds::exact),
        (_, Some(divisor)) if divisor > Decimal::ZERO => {
            left.map(|value| value.checked_div(divisor))
        }
        (_, Some(divisor)) => left.map_reversed(|value| value.checked_div(divisor)),
        (Some(dividend), None) if right.low.is_some_and(|low| low.value > Decimal::ZERO) => {
            if dividend.is_zero() {
                return Some(Bounds::exact(dividend));
            }
            let quotients = right.map(|value| dividend.checked_div(value))?;
            // The greater the divisor, the nearer to zero.
            let near_zero = quotients.high.or(Some(End {
                value: Decimal::ZERO,
                inclusive: false,
            }));
            let (low, high) = if dividend > Decimal::ZERO {
                (near_zero, quotients.low)
            } else {
                (quotients.low, near_zero)
            };
            Some(Bounds { low, high })
        }
        _ if right.low?.value <= Decimal::ZERO && right.high?.value >= Decimal::ZERO => None,
        _ => corners(left, right, Decimal::checked_div),
    }
}

/// The decimals that CQL has.
pub(crate) const DECIMALS: u32 = 8;

/// What has no exact decimal is rounded to these, so that `Log(8, 2) = 3`.
#[must_use]
pub(crate) fn to_precision(value: Decimal) -> Decimal {
    value.round_dp(DECIMALS)
}

/// A power; none on overflow, and where there is no real one: a fraction of a negative number, one over zero.
#[must_use]
pub fn power(base: Decimal, exponent: Decimal) -> Option<Decimal> {
    let fraction_of_negative = base < Decimal::ZERO && !exponent.fract().is_zero();
    let one_over_zero = base.is_zero() && exponent < Decimal::ZERO;
    if fraction_of_negative || one_over_zero {
        None
    } else {
        base.checked_powd(exponent).map(to_precision)
    }
}

/// e to the power of a number; none on overflow.
#[must_use]
pub(crate) fn exp(exponent: Decimal) -> Option<Decimal> {
    /// From here on down the result has no digit among its first eight decimals.
    const NOTHING: Decimal = Decimal::from_parts(30, 0, 0, true, 0);
    if exponent <= NOTHING {
        Some(Decimal::ZERO)
    } else {
        exponent.checked_exp().map(to_precision)
    }
}

fn scale(bounds: &Bounds<Decimal>, factor: Decimal) -> Option<Bounds<Decimal>> {
    if factor.is_zero() {
        Some(Bounds::exact(Decimal::ZERO))
    } else if factor > Decimal::ZERO {
        bounds.map(|value| value.checked_mul(factor))
    } else {
        bounds.map_reversed(|value| value.checked_mul(factor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        let product = parse("3").unwrap() * parse("1.1").unwrap();
        assert!(product <= parse("3.3").unwrap());
        assert_eq!(parse("1e3").unwrap(), Decimal::from(1000));
    }

    #[test]
    fn what_cannot_be_held_is_refused() {
        for text in [
            "1e400",
            "NaN",
            ".nan",
            ".inf",
            "two",
            "0x1f",
            "1_000",
            "",
            "-",
            "1.2.3",
            "+-5",
            "++5",
            "--5",
            "1e+-5",
            "1e5e5",
            ".",
            "123456789012345678901234567890123",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("1e400").unwrap_err().contains("out of reach"));
    }

    #[test]
    fn bounds_compute_to_bounds() {
        let one_to_two = Bounds::between(Decimal::ONE, Some(Decimal::TWO));
        assert_eq!(
            add(&one_to_two, &one_to_two),
            Some(Bounds::between(Decimal::TWO, Some(Decimal::from(4))))
        );
        assert_eq!(
            subtract(&one_to_two, &one_to_two),
            Some(Bounds::between(-Decimal::ONE, Some(Decimal::ONE)))
        );
        let minus = Bounds::exact(-Decimal::ONE);
        assert_eq!(
            multiply(&one_to_two, &minus),
            Some(Bounds::between(-Decimal::TWO, Some(-Decimal::ONE)))
        );
        assert_eq!(divide(&minus, &Bounds::exact(Decimal::ZERO)), None);
        assert_eq!(
            divide(&minus, &Bounds::between(-Decimal::ONE, Some(Decimal::ONE))),
            None
        );
        let at_least_two = Bounds::between(Decimal::TWO, None);
        let half = Decimal::new(5, 1);
        let zero = Some(End {
            value: Decimal::ZERO,
            inclusive: false,
        });
        let closed = |value| {
            Some(End {
                value,
                inclusive: true,
            })
        };
        assert_eq!(
            divide(&Bounds::exact(Decimal::ONE), &at_least_two),
            Some(Bounds {
                low: zero,
                high: closed(half)
            })
        );
        assert_eq!(
            divide(&minus, &at_least_two),
            Some(Bounds {
                low: closed(-half),
                high: zero
            })
        );
        assert_eq!(
            divide(&minus, &one_to_two),
            Some(Bounds::between(-Decimal::ONE, Some(-half)))
        );
        assert_eq!(
            divide(&one_to_two, &at_least_two),
            None,
            "not computed, so not known"
        );
    }
}
