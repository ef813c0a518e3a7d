//! Calendar durations: `3 months`, `12 weeks`, `3 months 1 day`.
//!
//! How long a month is depends on where it begins, so two durations are compared by the dates which they reach from
//! an anchor, the screening date.

use std::cmp::Ordering;
use std::fmt;

use super::Bounds;
use jiff::civil::Date;
use jiff::{Span, ToSpan as _};

/// A duration in calendar units, kept as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Duration {
    /// Whole years.
    pub years: i16,
    /// Whole months.
    pub months: i32,
    /// Whole weeks.
    pub weeks: i32,
    /// Whole days.
    pub days: i32,
}

/// About a thousand years, like the limits of the other units.
const LONGEST_DAYS: i32 = 400_000;
/// How far a number of months may be from its days on average, with room to spare.
const IRREGULAR: i64 = 4;

/// The units that may be written, and their plurals.
pub(crate) const UNITS: [&str; 8] = [
    "year", "years", "month", "months", "week", "weeks", "day", "days",
];

impl Duration {
    /// `count` of a calendar unit, if there is such a unit and the number is in reach (a thousand years or so).
    #[must_use]
    pub fn of(count: i32, unit: &str) -> Option<Self> {
        let mut duration = Self::default();
        duration.set(count, unit)?;
        Some(duration)
    }

    /// Sets how many of a unit there are; none where there is no such unit or the number is out of reach.
    fn set(&mut self, count: i32, unit: &str) -> Option<()> {
        let within = |most: i32| Some(count).filter(|count| (-most..=most).contains(count));
        match unit.trim_end_matches('s') {
            "year" => self.years = i16::try_from(within(1_000)?).ok()?,
            "month" => self.months = within(12_000)?,
            "week" => self.weeks = within(52_000)?,
            "day" => self.days = within(LONGEST_DAYS)?,
            _ => return None,
        }
        Some(())
    }

    /// The date that this duration reaches from `date`; none beyond the calendar. A day that the month reached does
    /// not have becomes its last.
    #[must_use]
    pub fn after(self, date: Date) -> Option<Date> {
        date.checked_add(self.span()).ok()
    }

    /// The date from which this duration reaches `date`.
    #[must_use]
    pub fn before(self, date: Date) -> Option<Date> {
        date.checked_sub(self.span()).ok()
    }

    /// How many days it is when counted from `anchor`.
    #[must_use]
    pub(crate) fn days_from(self, anchor: Date) -> Option<i64> {
        self.after(anchor)
            .map(|reached| days_between(anchor, reached))
    }

    /// Two durations as numbers that can be compared: as they are where both are in months and years or both in days and
    /// weeks, else as days counted from `anchor`; none beyond the calendar.
    #[must_use]
    pub(crate) fn on_one_scale(
        one: &Bounds<Self>,
        other: &Bounds<Self>,
        anchor: Date,
    ) -> Option<(Bounds<i64>, Bounds<i64>)> {
        let on = |scale: &dyn Fn(Self) -> Option<i64>| Some((one.map(scale)?, other.map(scale)?));
        on(&Self::in_months)
            .or_else(|| on(&Self::in_days))
            .or_else(|| on(&|duration| duration.days_from(anchor)))
    }

    /// How many months it is, if it is made of months and years alone.
    fn in_months(self) -> Option<i64> {
        let (months, days) = self.months_and_days();
        (days == 0).then_some(months)
    }

    /// How many days it is, if it is made of days and weeks alone.
    fn in_days(self) -> Option<i64> {
        let (months, days) = self.months_and_days();
        (months == 0).then_some(days)
    }

    /// Its years and months as months, its weeks and days as days.
    #[must_use]
    pub(crate) fn months_and_days(self) -> (i64, i64) {
        (
            i64::from(self.years) * 12 + i64::from(self.months),
            i64::from(self.weeks) * 7 + i64::from(self.days),
        )
    }

    /// The least and the most days that it can be.
    fn least_and_most(self) -> (i64, i64) {
        // Days in four hundred years, after which the calendar repeats itself.
        const DAYS: i64 = 146_097;
        let (months, days) = self.months_and_days();
        let average = months * DAYS / (400 * 12) + days;
        let irregular = if months == 0 { 0 } else { IRREGULAR };
        (average - irregular, average + irregular)
    }

    /// How it compares with another, from whatever day they are counted; none if that hangs on the day.
    #[must_use]
    pub fn order(self, other: Self) -> Option<Ordering> {
        let sorted = in_order(vec![self, other])?;
        let first = sorted.first().map(|first| first.months_and_days());
        Some(
            match (sorted.len(), first == Some(self.months_and_days())) {
                (1, _) => Ordering::Equal,
                (_, true) => Ordering::Less,
                (_, false) => Ordering::Greater,
            },
        )
    }

    fn span(self) -> Span {
        // Every part is far inside what a span can hold.
        i64::from(self.years)
            .years()
            .months(i64::from(self.months))
            .weeks(i64::from(self.weeks))
            .days(i64::from(self.days))
    }

    /// Reads `3 months`, `90 days`, `3 months 1 day`, `1 year 6 months`.
    ///
    /// # Errors
    /// What is wrong and what would be right, in one sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.is_empty() {
            return Err(format!("a duration is missing; {RIGHT}"));
        }
        if let Some(right) = abbreviated(text) {
            return Err(format!("`{text}` is not a duration; {right}"));
        }
        let mut total = Self::default();
        let mut given: Vec<&str> = Vec::new();
        for pair in words.chunks(2) {
            let [number, unit] = pair else {
                return Err(if words.len() == 1 && text.trim().parse::<i32>().is_ok() {
                    format!("`{}` has no unit; {RIGHT}", text.trim())
                } else {
                    format!("`{text}` is not a duration; {RIGHT}")
                });
            };
            let unit = unit.trim_end_matches(',');
            if !UNITS.contains(&unit) {
                return Err(format!(
                    "`{text}` is not a duration: `{unit}` is not years, months, weeks or days; {RIGHT}"
                ));
            }
            let name = unit.trim_end_matches('s');
            if given.contains(&name) {
                return Err(format!("`{text}` gives {name}s twice; {RIGHT}"));
            }
            given.push(name);
            let count: i32 = number
                .parse()
                .map_err(|_| not_a_count(text, number, name))?;
            Some(count)
                .filter(|count| *count >= 0)
                .and_then(|count| total.set(count, unit))
                .ok_or_else(|| format!("`{number} {unit}` is out of reach"))?;
        }
        Ok(total)
    }
}

/// What a duration is.
const RIGHT: &str = "write a number with years, months, weeks or days, such as `3 months`";

/// What is wrong with a number of units that is not whole.
fn not_a_count(text: &str, number: &str, unit: &str) -> String {
    if number.parse::<f64>().is_ok() {
        format!(
            "`{text}`: parts of a {unit} have no fixed length; write the duration in smaller units, such as `45 days`"
        )
    } else {
        format!("`{text}` is not a duration: `{number}` is not a whole number; {RIGHT}")
    }
}

/// Durations without repetitions, the shortest first; none if that hangs on the day from which they are counted.
#[must_use]
pub fn in_order(mut durations: Vec<Duration>) -> Option<Vec<Duration>> {
    durations.sort_by_key(|duration| (duration.least_and_most(), duration.months_and_days()));
    durations.dedup_by_key(|duration| duration.months_and_days());
    let apart = |shorter: Duration, longer: Duration| {
        let ((months, days), (more_months, more_days)) =
            (shorter.months_and_days(), longer.months_and_days());
        let of_one_kind = (days == more_days && months < more_months)
            || (months == more_months && days < more_days);
        of_one_kind || shorter.least_and_most().1 < longer.least_and_most().0
    };
    let clear = durations
        .iter()
        .zip(durations.iter().skip(1))
        .all(|(shorter, longer)| apart(*shorter, *longer));
    clear.then_some(durations)
}

/// Days from `from` to `to`; negative if `to` is earlier.
#[must_use]
pub(crate) fn days_between(from: Date, to: Date) -> i64 {
    // A civil date difference in days always fits.
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

impl fmt::Display for Duration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (i32::from(self.years), "year"),
            (self.months, "month"),
            (self.weeks, "week"),
            (self.days, "day"),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(count, _)| *count != 0)
            .map(|(count, unit)| counted(count, unit))
            .collect();
        match parts.as_slice() {
            [] => formatter.write_str("0 days"),
            parts => formatter.write_str(&parts.join(" ")),
        }
    }
}

/// What to write for one number with an abbreviated unit, or with hours, of which there are none.
fn abbreviated(text: &str) -> Option<String> {
    let text = text.trim();
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(length)?;
    let count: i32 = number.parse().ok()?;
    let unit = unit.trim().to_ascii_lowercase();
    let unit = match unit.as_str() {
        "h" | "hr" | "hrs" | "hour" | "hours" => {
            let days = count / 24;
            let right = if count % 24 == 0 {
                counted(days, "day")
            } else {
                format!("{days}..{} days", days + 1)
            };
            return Some(format!("there are no hours, only days: write `{right}`"));
        }
        "d" => "day",
        "w" | "wk" | "wks" => "week",
        "m" => {
            return Some("write `months`, or `days`: `m` may be months or minutes".to_owned());
        }
        "mo" | "mos" | "mth" | "mths" => "month",
        "y" | "yr" | "yrs" => "year",
        whole if !text.contains(' ') && UNITS.contains(&whole) => whole.trim_end_matches('s'),
        _ => return None,
    };
    Some(format!("write `{}`", counted(count, unit)))
}

/// A count of a unit in words.
fn counted(count: i32, unit: &str) -> String {
    let plural = if count.abs() == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn months_are_counted_on_the_calendar() {
        let months = Duration::parse("3 months").unwrap();
        assert_eq!(months.days_from(date(2026, 11, 20)), Some(92));
        assert_eq!(months.days_from(date(2026, 2, 1)), Some(89));
        assert_eq!(
            Duration::parse("3 months 1 day")
                .unwrap()
                .days_from(date(2026, 11, 20)),
            Some(93)
        );
        assert_eq!(
            Duration::parse("12 weeks")
                .unwrap()
                .days_from(date(2026, 11, 20)),
            Some(84)
        );
    }

    #[test]
    fn written_as_read() {
        for text in ["3 months", "12 weeks", "1 year 6 months", "1 day", "0 days"] {
            assert_eq!(Duration::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_duration_says_what_would_be() {
        assert!(Duration::parse("3").unwrap_err().contains("no unit"));
        assert!(
            Duration::parse("2.5 months")
                .unwrap_err()
                .contains("smaller units")
        );
        assert!(Duration::parse("3 moons").unwrap_err().contains("`moons`"));
        assert!(Duration::parse("99999999999 days").is_err());
        assert!(
            Duration::parse("900000 days")
                .unwrap_err()
                .contains("out of reach")
        );
        assert!(Duration::parse("-3 months").is_err());
    }
}
