//! Dates of FHIR: whole or partial days, times with their zone, periods.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time as Clock};

use crate::fhirpath::{Content, Element, Item, Node};
use crate::value::date;

/// When something was, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct When {
    /// As a record writes it, if one date of a record covers it: `2026-11-20`, `2026-11`, `2026`.
    pub date: Option<String>,
    /// From when, by the clock where it was written down.
    low: DateTime,
    /// Until when, the same.
    high: DateTime,
    /// The instant, where the time and its zone are stated.
    instant: Option<Timestamp>,
}

impl When {
    /// A date, dateTime or instant.
    pub fn parse(text: &str) -> Option<Self> {
        let Some((day, time)) = text.split_once('T') else {
            let bounds = date::parse(text).ok()?;
            return Some(Self {
                date: Some(text.to_owned()),
                low: bounds.low?.value.at(0, 0, 0, 0),
                high: bounds.high?.value.at(23, 59, 59, 999_999_999),
                instant: None,
            });
        };
        let day_of: Date = date::parse(day).ok()?.value()?;
        let (clock, has_zone) = match time.find(['Z', '+', '-']) {
            Some(zone) => (time.get(..zone)?, true),
            None => (time, false),
        };
        let clock: Clock = clock.parse().ok()?;
        let instant = match has_zone {
            true => Some(text.parse().ok()?),
            false => None,
        };
        let at = day_of.to_datetime(clock);
        Some(Self {
            date: Some(day.to_owned()),
            low: at,
            high: at,
            instant,
        })
    }

    /// A period; one without an end goes on.
    fn of_period(period: &Node<'_>) -> Option<Self> {
        let start = period.text_at("start").and_then(Self::parse);
        let end = period.text_at("end").and_then(Self::parse);
        let (low, high) = match (&start, &end) {
            (None, None) => return None,
            (start, end) => (
                start.as_ref().map_or(DateTime::MIN, |start| start.low),
                end.as_ref().map_or(DateTime::MAX, |end| end.high),
            ),
        };
        Some(Self {
            date: covering(low.date(), high.date()),
            low,
            high,
            instant: None,
        })
    }

    /// What an item of a path says: a text, or a period.
    pub fn of(item: &Item<'_>) -> Option<Self> {
        match item {
            Item::Text(text) => Self::parse(text),
            Item::Element(element) => Self::of_element(*element),
            _ => None,
        }
    }

    fn of_element(element: Element<'_>) -> Option<Self> {
        match &element.node.content {
            Content::Text(text) => Self::parse(text),
            Content::Map(_) => Self::of_period(element.node),
            _ => None,
        }
    }

    /// Whether it lies wholly behind a day.
    pub fn is_after(&self, day: Date) -> bool {
        self.low.date() > day
    }

    /// Whether it lies wholly before the first day that another may mean.
    pub fn is_before(&self, other: &Self) -> bool {
        self.high < other.low.date().at(0, 0, 0, 0)
    }

    /// Whether it is later than another for certain: what [`Latest`] finds among many.
    #[cfg(test)]
    fn is_later(&self, other: &Self) -> bool {
        match (self.instant, other.instant) {
            (Some(this), Some(other)) => this > other,
            _ => self.low > other.high,
        }
    }
}

/// The latest of several times, of which some are known to the instant and others are not.
#[derive(Debug, Default)]
pub(super) struct Latest {
    instant: Option<Timestamp>,
    /// Of those that are not known to the instant.
    vague: Option<DateTime>,
    /// Of all.
    low: Option<DateTime>,
}

impl Latest {
    /// The latest of all. A patient may have a hundred thousand results: comparing each with each would take hours.
    pub fn of<'w>(all: impl Iterator<Item = &'w When>) -> Self {
        all.fold(Self::default(), |latest, when| Self {
            instant: latest.instant.max(when.instant),
            vague: match when.instant {
                Some(_) => latest.vague,
                None => latest.vague.max(Some(when.low)),
            },
            low: latest.low.max(Some(when.low)),
        })
    }

    /// Whether one of them is later than another time for certain, at the instant where both are known to it, else by the days that they may be.
    pub fn is_later(&self, other: &When) -> bool {
        match other.instant {
            Some(_) => self.instant > other.instant || self.vague > Some(other.high),
            None => self.low > Some(other.high),
        }
    }
}

/// The most exact date of a record in which all days from one to another lie.
fn covering(low: Date, high: Date) -> Option<String> {
    if low == high {
        Some(low.to_string())
    } else if (low.year(), low.month()) == (high.year(), high.month()) {
        Some(format!("{:04}-{:02}", low.year(), low.month()))
    } else if low.year() == high.year() {
        Some(format!("{:04}", low.year()))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Latest, When};
    use crate::fhirpath::{Element, Item, Node};

    fn when(text: &str) -> When {
        When::parse(text).unwrap()
    }

    #[test]
    fn only_what_is_certain_is_later() {
        for (one, other) in [
            ("2026-11-20", "2026-11-19"),
            ("2026-12", "2026-11-30"),
            ("2026-11-20T10:00:00+08:00", "2026-11-20T01:00:00Z"),
            ("2026-11-20T10:00:00.5Z", "2026-11-20T10:00:00Z"),
            ("2027", "2026-11-20T23:00:00-05:00"),
        ] {
            assert!(when(one).is_later(&when(other)), "{one} {other}");
            assert!(!when(other).is_later(&when(one)), "{other} {one}");
        }
        for (one, other) in [
            ("2026-11", "2026-11-20"),
            ("2026", "2026-12"),
            ("2026-11-20", "2026-11-20T10:00:00Z"),
            ("2026-11-20T10:00:00+08:00", "2026-11-20T02:00:00Z"),
        ] {
            assert!(!when(one).is_later(&when(other)), "{one} {other}");
            assert!(!when(other).is_later(&when(one)), "{other} {one}");
        }
    }

    #[test]
    fn the_latest_of_several_is_found_without_comparing_all_pairs() {
        let texts = [
            "2026",
            "2026-11",
            "2026-11-19",
            "2026-11-20",
            "2026-11-20T10:00:00",
            "2026-11-20T01:00:00Z",
            "2026-11-20T10:00:00+08:00",
            "2026-11-20T23:30:00-05:00",
            "2026-11-21",
            "2027",
        ];
        let all: Vec<When> = texts.iter().map(|text| when(text)).collect();
        // Every choice of some of them.
        for chosen in 0_u32..1 << all.len() {
            let some: Vec<&When> = all
                .iter()
                .enumerate()
                .filter(|(place, _)| chosen >> place & 1 == 1)
                .map(|(_, when)| when)
                .collect();
            let latest = Latest::of(some.iter().copied());
            for one in &some {
                let found = some.iter().any(|other| other.is_later(one));
                assert_eq!(latest.is_later(one), found, "{one:?} of {some:?}");
            }
        }
    }

    #[test]
    fn a_period_has_the_date_that_covers_it() {
        for (period, date) in [
            (
                r#"{ "start": "2026-11-20T08:00:00Z", "end": "2026-11-20T09:00:00Z" }"#,
                Some("2026-11-20"),
            ),
            (
                r#"{ "start": "2026-11-02", "end": "2026-11-20" }"#,
                Some("2026-11"),
            ),
            (r#"{ "start": "2026-02", "end": "2026-11" }"#, Some("2026")),
            (r#"{ "start": "2025-02", "end": "2026-11" }"#, None),
            (r#"{ "start": "2026-11-20" }"#, None),
            (r#"{ "end": "2026-11-20" }"#, None),
        ] {
            let node = Node::parse("test", period).unwrap();
            let found = When::of(&Item::Element(Element::of(&node))).unwrap();
            assert_eq!(found.date.as_deref(), date, "{period}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "20.11.2026",
            "2026-13",
            "2026-11-20T25:00:00Z",
            "2026-11T10:00",
            "2026-11-20T",
        ] {
            assert_eq!(When::parse(text), None, "{text}");
        }
    }
}
