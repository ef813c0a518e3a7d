//! What a number is multiplied by to stand in another unit: a fraction, so that nothing is rounded before it must be.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};

/// A positive fraction of two decimals. Where a decimal can hold it, the lower one is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Factor {
    times: Decimal,
    over: Decimal,
}

impl fmt::Display for Factor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.times.normalize())?;
        if self.is_exact() {
            Ok(())
        } else {
            write!(formatter, "/{}", self.over.normalize())
        }
    }
}

/// The most decimals that a number has.
const MOST_DECIMALS: i64 = 28;

impl Factor {
    /// Of a unit into itself.
    pub const ONE: Self = Self {
        times: Decimal::ONE,
        over: Decimal::ONE,
    };

    /// A factor that a trial file declares; none unless it is positive.
    #[must_use]
    pub fn declared(factor: Decimal) -> Option<Self> {
        (factor > Decimal::ZERO).then(|| Self {
            times: factor.normalize(),
            over: Decimal::ONE,
        })
    }

    /// `above` by `below`, each digits and a power of ten; none where its digits are more than a number may have.
    pub(super) fn ratio(
        (above, above_power): (i128, i32),
        (below, below_power): (i128, i32),
    ) -> Option<Self> {
        let (above, below) = (u128::try_from(above).ok()?, u128::try_from(below).ok()?);
        if above == 0 || below == 0 {
            return None;
        }
        let power = i64::from(above_power).checked_sub(i64::from(below_power))?;
        let (above, below, mut power) =
            simplest(above, below, power).unwrap_or((above, below, power));
        let common = greatest_common_divisor(above, below);
        let (mut above, mut below) = (above / common, below / common);
        // Twos and fives below the line are decimals.
        for (prime, other) in [(2, 5), (5, 2)] {
            while below % prime == 0 {
                below /= prime;
                above = above.checked_mul(other)?;
                power -= 1;
            }
        }
        while above % 10 == 0 {
            above /= 10;
            power += 1;
        }
        let ten_to = |power: i64| 10_u128.checked_pow(u32::try_from(power).ok()?);
        let whole =
            |digits: u128| Decimal::try_from_i128_with_scale(i128::try_from(digits).ok()?, 0).ok();
        if power >= 0 {
            return Some(Self {
                times: whole(above.checked_mul(ten_to(power)?)?)?,
                over: whole(below)?,
            });
        }
        if below == 1 {
            let decimals = u32::try_from(-power)
                .ok()
                .filter(|decimals| i64::from(*decimals) <= MOST_DECIMALS)?;
            return Some(Self {
                times: Decimal::try_from_i128_with_scale(i128::try_from(above).ok()?, decimals)
                    .ok()?,
                over: Decimal::ONE,
            });
        }
        Some(Self {
            times: whole(above)?,
            over: whole(below.checked_mul(ten_to(-power)?)?)?,
        })
    }

    /// The factor back.
    #[must_use]
    pub fn inverse(self) -> Option<Self> {
        Self::ratio(digits_and_power(self.over), digits_and_power(self.times))
    }

    /// This factor, and then another.
    #[must_use]
    pub fn then(self, next: Self) -> Option<Self> {
        let product = |one: Decimal, other: Decimal| {
            let (left, left_power) = digits_and_power(one);
            let (right, right_power) = digits_and_power(other);
            Some((left.checked_mul(right)?, left_power + right_power))
        };
        Self::ratio(
            product(self.times, next.times)?,
            product(self.over, next.over)?,
        )
    }

    /// Whether a decimal holds it, so that a number is converted without rounding.
    #[must_use]
    pub fn is_exact(self) -> bool {
        self.over == Decimal::ONE
    }

    /// Whether it is this number, to the digits that were written: `2.2046` is near 2.20462262, `2.21` is not.
    #[must_use]
    pub(crate) fn is_near(self, exact: Decimal) -> bool {
        self.is_exact()
            && exact
                .round_sf_with_strategy(
                    significant(self.times),
                    RoundingStrategy::MidpointAwayFromZero,
                )
                .is_some_and(|rounded| rounded == self.times)
    }

    /// A number in the other unit; none if it is out of reach. Where no decimal holds the result, it is rounded to 28 digits.
    #[must_use]
    pub fn apply(self, number: Decimal) -> Option<Decimal> {
        let product = number.checked_mul(self.times)?;
        if self.is_exact() {
            Some(product)
        } else {
            product.checked_div(self.over)
        }
    }
}

/// The digits of a number, and the power of ten that they are multiplied by.
fn digits_and_power(number: Decimal) -> (i128, i32) {
    // There are at most 28 places.
    (number.mantissa(), -(number.scale() as i32))
}

/// How many digits a number is written with; those that only hold the place of a zero do not count.
fn significant(number: Decimal) -> u32 {
    number
        .normalize()
        .mantissa()
        .unsigned_abs()
        .checked_ilog10()
        .map_or(1, |tens| tens + 1)
}

/// The simple fraction that two numbers and a power of ten stand for which were rounded to 28 digits, as a 60th is in the tables of UCUM
/// (1 U is 1/60 µkat); none where neither was rounded, or where there is no such fraction (π).
fn simplest(mut above: u128, mut below: u128, mut power: i64) -> Option<(u128, u128, i64)> {
    const ROUNDED: u128 = 10_u128.pow(26);
    const PRECISION: u128 = 10_u128.pow(25);
    const SIMPLE: u128 = 10_u128.pow(9);
    if above < ROUNDED && below < ROUNDED {
        return None;
    }
    while above < ROUNDED {
        (above, power) = (above * 10, power - 1);
    }
    while below < ROUNDED {
        (below, power) = (below * 10, power + 1);
    }
    // The convergents of the continued fraction.
    let (mut one, mut other) = (above, below);
    let (mut last, mut now) = ((0, 1), (1, 0));
    while other != 0 {
        let whole = one / other;
        let next = |last: u128, now: u128| whole.checked_mul(now)?.checked_add(last);
        (last, now) = (now, (next(last.0, now.0)?, next(last.1, now.1)?));
        if now.0 > SIMPLE || now.1 > SIMPLE {
            return None;
        }
        let (exact, simple) = (above.checked_mul(now.1)?, below.checked_mul(now.0)?);
        if exact.abs_diff(simple) <= exact / PRECISION {
            return Some((now.0, now.1, power));
        }
        (one, other) = (other, one % other);
    }
    None
}

fn greatest_common_divisor(mut one: u128, mut other: u128) -> u128 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(text: &str) -> Factor {
        Factor::declared(crate::value::number::parse(text).unwrap()).unwrap()
    }

    #[test]
    fn back_and_forth() {
        assert_eq!(factor("0.1").inverse(), Some(factor("10")));
        assert_eq!(
            factor("0.01131").inverse().and_then(Factor::inverse),
            Some(factor("0.01131"))
        );
        assert!(!factor("0.01131").inverse().unwrap().is_exact());
        assert_eq!(
            factor("0.01131").inverse().unwrap().to_string(),
            "100000/1131"
        );
        assert_eq!(factor("0.0100").to_string(), "0.01");
        assert_eq!(
            factor("0.01131")
                .inverse()
                .unwrap()
                .apply(factor("1.131").times),
            Some(100.into())
        );
        assert_eq!(
            factor("3")
                .inverse()
                .and_then(|third| third.then(factor("6"))),
            Some(factor("2"))
        );
    }

    #[test]
    fn only_positive_factors() {
        assert_eq!(Factor::declared(Decimal::ZERO), None);
        assert_eq!(Factor::declared(-Decimal::ONE), None);
    }

    #[test]
    fn out_of_reach_is_none() {
        assert_eq!(Factor::ratio((1, 40), (1, 0)), None);
        assert_eq!(Factor::ratio((1, -29), (1, 0)), None);
        assert_eq!(Factor::ratio((1, i32::MAX), (1, i32::MIN)), None);
    }
}
