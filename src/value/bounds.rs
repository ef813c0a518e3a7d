//! A value known only to lie between two ends, either of which may be open or missing.
//!
//! Comparing bounds is decided only where every value inside agrees.

use std::cmp::Ordering;

use super::Truth;

/// An end of [`Bounds`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End<T> {
    /// The value at the end.
    pub value: T,
    /// Whether the value itself belongs to the bounds.
    pub inclusive: bool,
}

/// What is known of a value: at least `low`, at most `high`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds<T> {
    /// The lower end; none if nothing bounds it from below.
    pub low: Option<End<T>>,
    /// The upper end; none if nothing bounds it from above.
    pub high: Option<End<T>>,
}

impl<T: Copy> Bounds<T> {
    /// Exactly this value.
    #[must_use]
    pub fn exact(value: T) -> Self {
        Self::between(value, Some(value))
    }

    /// From `low` to `high`, both included; no upper end if `high` is none.
    #[must_use]
    pub fn between(low: T, high: Option<T>) -> Self {
        let closed = |value| End {
            value,
            inclusive: true,
        };
        Self {
            low: Some(closed(low)),
            high: high.map(closed),
        }
    }

    /// The value, if the bounds leave only one.
    #[must_use]
    pub fn value(&self) -> Option<T>
    where
        T: PartialEq,
    {
        match (self.low, self.high) {
            (Some(low), Some(high))
                if low.inclusive && high.inclusive && low.value == high.value =>
            {
                Some(low.value)
            }
            _ => None,
        }
    }

    /// Both ends through a function that keeps the order; none if it fails on either.
    #[must_use]
    pub fn map<U>(&self, mut function: impl FnMut(T) -> Option<U>) -> Option<Bounds<U>> {
        let mut end = |end: Option<End<T>>| match end {
            None => Some(None),
            Some(End { value, inclusive }) => {
                function(value).map(|value| Some(End { value, inclusive }))
            }
        };
        Some(Bounds {
            low: end(self.low)?,
            high: end(self.high)?,
        })
    }

    /// Both ends through a function that reverses the order; none if it fails on either.
    #[must_use]
    pub(crate) fn map_reversed<U>(
        &self,
        function: impl FnMut(T) -> Option<U>,
    ) -> Option<Bounds<U>> {
        Bounds {
            low: self.high,
            high: self.low,
        }
        .map(function)
    }

    /// The ends of two bounds paired through a function that keeps the order in both arguments.
    #[must_use]
    pub fn zip(&self, other: &Self, mut function: impl FnMut(T, T) -> Option<T>) -> Option<Self> {
        let mut end = |left: Option<End<T>>, right: Option<End<T>>| match (left, right) {
            (Some(left), Some(right)) => function(left.value, right.value).map(|value| {
                Some(End {
                    value,
                    inclusive: left.inclusive && right.inclusive,
                })
            }),
            _ => Some(None),
        };
        Some(Self {
            low: end(self.low, other.low)?,
            high: end(self.high, other.high)?,
        })
    }
}

impl<T: Copy + Ord> Bounds<T> {
    /// Whether no value fits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match (self.low, self.high) {
            (Some(low), Some(high)) => {
                low.value > high.value
                    || (low.value == high.value && !(low.inclusive && high.inclusive))
            }
            _ => false,
        }
    }

    /// Whether every value of `other` lies inside.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        // Whether an end of this lies as far out as that of the other, or further.
        let covers = |mine: Option<End<T>>, theirs: Option<End<T>>, outward: Ordering| {
            let Some(mine) = mine else { return true };
            theirs.is_some_and(|theirs| {
                let order = mine.value.cmp(&theirs.value);
                order == outward
                    || (order == Ordering::Equal && (mine.inclusive || !theirs.inclusive))
            })
        };
        covers(self.low, other.low, Ordering::Less)
            && covers(self.high, other.high, Ordering::Greater)
    }

    /// The narrowest bounds in which every value of both lies.
    #[must_use]
    pub fn hull(&self, other: &Self) -> Self {
        let low = |bounds: &Self| bounds.low.map(|low| (low.value, !low.inclusive));
        let high = |bounds: &Self| bounds.high.map(|high| (high.value, high.inclusive));
        Self {
            low: if low(self) <= low(other) {
                self.low
            } else {
                other.low
            },
            high: match (high(self), high(other)) {
                (Some(mine), Some(theirs)) if mine >= theirs => self.high,
                (Some(_), Some(_)) => other.high,
                _ => None,
            },
        }
    }

    /// Whether this is less than the other, for every pair of values.
    #[must_use]
    pub fn less(&self, other: &Self) -> Truth {
        if Self::wholly_below(self.high, other.low, false) {
            Truth::True
        } else if Self::wholly_below(other.high, self.low, true) {
            Truth::False
        } else {
            Truth::Unknown
        }
    }

    /// Whether this is less than or equal to the other, for every pair of values.
    #[must_use]
    pub(crate) fn less_or_equal(&self, other: &Self) -> Truth {
        !other.less(self)
    }

    /// Whether the two are equal, for every pair of values.
    #[must_use]
    pub fn equal(&self, other: &Self) -> Truth {
        match (self.value(), other.value()) {
            (Some(left), Some(right)) => Truth::from(left == right),
            _ if Self::wholly_below(self.high, other.low, false)
                || Self::wholly_below(other.high, self.low, false) =>
            {
                Truth::False
            }
            _ => Truth::Unknown,
        }
    }

    /// Whether everything up to `high` is less than everything from `low` on (or equal to it, if `touching` will do).
    fn wholly_below(high: Option<End<T>>, low: Option<End<T>>, touching: bool) -> bool {
        let (Some(high), Some(low)) = (high, low) else {
            return false;
        };
        match high.value.cmp(&low.value) {
            Ordering::Less => true,
            Ordering::Equal => touching || !(high.inclusive && low.inclusive),
            Ordering::Greater => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(low: Option<(i32, bool)>, high: Option<(i32, bool)>) -> Bounds<i32> {
        let end = |end: Option<(i32, bool)>| end.map(|(value, inclusive)| End { value, inclusive });
        Bounds {
            low: end(low),
            high: end(high),
        }
    }

    #[test]
    fn at_least_three_against_three() {
        let at_least = bounds(Some((3, true)), None);
        let more = bounds(Some((3, false)), None);
        let three = Bounds::exact(3);
        assert_eq!(three.less(&at_least), Truth::Unknown);
        assert_eq!(three.less_or_equal(&at_least), Truth::True);
        assert_eq!(three.less(&more), Truth::True);
        assert_eq!(more.equal(&three), Truth::False);
        assert_eq!(at_least.equal(&three), Truth::Unknown);
    }

    /// Against every small value that fits: a comparison is decided exactly where all of them agree.
    #[test]
    fn decided_exactly_where_all_values_agree() {
        let ends = |inclusive| (0..4).map(move |value| (value, inclusive));
        let mut all = Vec::new();
        for low in ends(true) {
            for high in ends(true) {
                all.push(bounds(Some(low), Some(high)));
            }
        }
        all.retain(|bounds| !bounds.is_empty());
        let values = |bounds: &Bounds<i32>| {
            (0..4)
                .filter(|value| bounds.contains(&Bounds::exact(*value)))
                .collect::<Vec<_>>()
        };
        for left in &all {
            for right in &all {
                let over = |test: fn(i32, i32) -> bool| {
                    values(left)
                        .iter()
                        .flat_map(|l| {
                            values(right)
                                .iter()
                                .map(|r| Truth::from(test(*l, *r)))
                                .collect::<Vec<_>>()
                        })
                        .reduce(Truth::join)
                        .unwrap()
                };
                assert_eq!(left.less(right), over(|l, r| l < r));
                assert_eq!(left.less_or_equal(right), over(|l, r| l <= r));
                assert_eq!(left.equal(right), over(|l, r| l == r));
            }
        }
    }
}
