//! The values that a reason depends on, as words of 64 bits that are quick to hash and to compare.

use std::hash::Hasher as _;

use jiff::civil::Date;
use rust_decimal::Decimal;
use rustc_hash::FxHasher;

use crate::value::{Bounds, Duration, Missing, Value};

/// Values one after the other. Two keys of the same facts are equal where all their values are, as they are written.
#[derive(Debug, Default)]
pub(super) struct ValueKey {
    words: Vec<u64>,
    /// The screening date, on which it depends how long a month is.
    today: Date,
}

impl ValueKey {
    /// Makes it a key of nothing yet, in the same memory.
    pub(super) fn clear(&mut self, today: Date) {
        self.words.clear();
        self.today = today;
    }

    pub(super) fn words(&self) -> &[u64] {
        &self.words
    }

    pub(super) fn hash(&self) -> u64 {
        let mut hasher = FxHasher::default();
        self.words.iter().for_each(|word| hasher.write_u64(*word));
        hasher.finish()
    }

    pub(super) fn push_today(&mut self) {
        self.words.push(day(self.today));
    }

    /// Adds how the value before it was written.
    pub(super) fn push_written(&mut self, text: &str) {
        // No value begins with this word.
        self.words.push(u64::MAX);
        self.push_text(text);
    }

    /// Adds a text, its length first.
    fn push_text(&mut self, text: &str) {
        self.words.push(text.len() as u64);
        let (words, rest) = text.as_bytes().as_chunks::<8>();
        self.words
            .extend(words.iter().map(|word| u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last.iter_mut()
            .zip(rest)
            .for_each(|(last, byte)| *last = *byte);
        self.words.push(u64::from_le_bytes(last));
    }

    /// Adds a value: its kind and what tells how much follows in one word, then what it consists of.
    pub(super) fn push(&mut self, value: &Value) {
        let mut head = |kind: u64, detail: u64| self.words.push(kind | detail << 8);
        match value {
            Value::Null(cause) => head(0, missing(*cause)),
            Value::Boolean(value) => head(1, u64::from(*value)),
            Value::Code(code) => head(2, u64::from(code.index) << 1 | u64::from(code.unclear)),
            Value::Number(bounds) => {
                head(3, form(bounds));
                self.push_ends(bounds, Self::push_number);
            }
            Value::Duration(bounds) => {
                head(4, form(bounds));
                self.push_ends(bounds, Self::push_duration);
            }
            Value::Date(bounds) => {
                head(5, form(bounds));
                self.push_ends(bounds, |key, date| key.words.push(day(date)));
            }
            Value::Text(text) => {
                head(6, 0);
                self.push_text(text);
            }
            Value::List(list) => {
                head(7, (list.elements.len() as u64) << 1 | u64::from(list.open));
                for element in &list.elements {
                    self.words.push(u64::from(element.certain));
                    self.push(&element.value);
                }
            }
            Value::Item(values) => {
                head(8, values.len() as u64);
                values.iter().for_each(|value| self.push(value));
            }
            Value::OneOf(values) => {
                head(9, values.len() as u64);
                values.iter().for_each(|value| self.push(value));
            }
        }
    }

    /// Adds the ends that there are; one that is both stands once.
    fn push_ends<T: Copy + PartialEq>(&mut self, bounds: &Bounds<T>, push: impl Fn(&mut Self, T)) {
        bounds.low.iter().for_each(|end| push(self, end.value));
        if bounds.low != bounds.high {
            bounds.high.iter().for_each(|end| push(self, end.value));
        }
    }

    fn push_number(&mut self, number: Decimal) {
        let [low, high] = halves(u128::from_le_bytes(number.serialize()));
        self.words.extend([low, high]);
    }

    fn push_duration(&mut self, duration: Duration) {
        let Duration {
            years,
            months,
            weeks,
            days,
        } = duration;
        self.words.extend(
            [years.into(), months, weeks, days].map(|count: i32| u64::from(count.cast_unsigned())),
        );
        // How it compares to months depends on the day.
        if !is_calendar(duration) {
            self.push_today();
        }
    }
}

/// Whether a duration is made of months and years alone. None at all is as well one of days.
pub(super) fn is_calendar(duration: Duration) -> bool {
    (duration.years != 0 || duration.months != 0) && duration.weeks == 0 && duration.days == 0
}

fn halves(number: u128) -> [u64; 2] {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the halves are what is wanted"
    )]
    [number as u64, (number >> 64) as u64]
}

fn day(date: Date) -> u64 {
    let [year, month, day] =
        [date.year().into(), date.month().into(), date.day().into()].map(i64::cast_unsigned);
    year << 16 | month << 8 | day
}

/// Which ends there are, whether they belong to the bounds, and whether they are the same.
fn form<T: Copy + PartialEq>(bounds: &Bounds<T>) -> u64 {
    let end = |end: Option<bool>| match end {
        None => 0,
        Some(inclusive) => 1 + u64::from(inclusive),
    };
    let same = bounds.low == bounds.high;
    end(bounds.low.map(|end| end.inclusive))
        | end(bounds.high.map(|end| end.inclusive)) << 2
        | u64::from(same) << 4
}

fn missing(cause: Missing) -> u64 {
    match cause {
        Missing::NotRecorded => 0,
        Missing::TooOld => 1,
        Missing::Undated => 2,
        Missing::Unsigned => 3,
        Missing::Undetermined => 4,
        Missing::PerhapsTooOld => 5,
        Missing::Stated(absent) => 6 + absent as u64,
    }
}
