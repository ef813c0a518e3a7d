//! Strong Kleene logic: True, False, and Unknown, which is decided only where no answer could change the result.

use std::ops::Not;

/// A truth value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Truth {
    /// It is so.
    True,
    /// It is not so.
    False,
    /// What is known does not say.
    Unknown,
}

impl Truth {
    /// Every truth value.
    pub const ALL: [Self; 3] = [Self::True, Self::False, Self::Unknown];

    /// Its name in machine-readable output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::True => "true",
            Self::False => "false",
            Self::Unknown => "unknown",
        }
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            _ => Self::Unknown,
        }
    }

    /// At least one.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::True, _) | (_, Self::True) => Self::True,
            (Self::False, Self::False) => Self::False,
            _ => Self::Unknown,
        }
    }

    /// Exactly one.
    #[must_use]
    pub fn xor(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (left, right) => Self::from(left != right),
        }
    }

    /// If this, then that.
    #[must_use]
    pub fn implies(self, other: Self) -> Self {
        (!self).or(other)
    }

    /// The common value of two possibilities.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        if self == other { self } else { Self::Unknown }
    }

    /// Whether it is True or False.
    #[must_use]
    pub fn is_decided(self) -> bool {
        self != Self::Unknown
    }
}

impl Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{self, False, True, Unknown};

    /// The strong Kleene tables, written out; rows and columns in the order True, False, Unknown.
    #[test]
    fn tables() {
        let table = |operator: fn(Truth, Truth) -> Truth| {
            Truth::ALL.map(|left| Truth::ALL.map(|right| operator(left, right)))
        };
        assert_eq!(
            table(Truth::and),
            [
                [True, False, Unknown],
                [False, False, False],
                [Unknown, False, Unknown]
            ]
        );
        assert_eq!(
            table(Truth::or),
            [
                [True, True, True],
                [True, False, Unknown],
                [True, Unknown, Unknown]
            ]
        );
        assert_eq!(
            table(Truth::xor),
            [
                [False, True, Unknown],
                [True, False, Unknown],
                [Unknown, Unknown, Unknown]
            ]
        );
        assert_eq!(
            table(Truth::implies),
            [
                [True, False, Unknown],
                [True, True, True],
                [True, Unknown, Unknown]
            ]
        );
        assert_eq!(Truth::ALL.map(|value| !value), [False, True, Unknown]);
    }

    /// An operator is decided exactly where every answer to what is unknown gives the same result.
    #[test]
    fn decided_only_where_all_answers_agree() {
        let answers = |value: Truth| {
            if value == Unknown {
                vec![True, False]
            } else {
                vec![value]
            }
        };
        for operator in [Truth::and, Truth::or, Truth::xor, Truth::implies] {
            for left in Truth::ALL {
                for right in Truth::ALL {
                    let results: Vec<Truth> = answers(left)
                        .into_iter()
                        .flat_map(|l| answers(right).into_iter().map(move |r| operator(l, r)))
                        .collect();
                    let joined = results.iter().copied().reduce(Truth::join).unwrap();
                    assert_eq!(operator(left, right), joined);
                }
            }
        }
    }
}
