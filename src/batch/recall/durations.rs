//! A small number that stands for a duration for which no number stands by itself: one that is in days, or known in part.
//!
//! How many days the months of a limit are depends on the screening date, and with it how a duration in days compares to that
//! limit and how this is said. So the number stands for that too.

use jiff::civil::Date;
use rustc_hash::FxHashMap;

use crate::cql::typed::{Expression, Operation};
use crate::facts::{FactId, Kind};
use crate::record::Entry;
use crate::record::stamp::{Stamp, is_calendar};
use crate::trial::{Policy, Trial};
use crate::value::{Bounds, Duration, Value};

/// So many durations are told apart, the first that came.
const MOST_DURATIONS: usize = 512;

/// The durations of a list.
pub(super) struct Durations {
    facts: Vec<FactId>,
    /// What they are compared to.
    limits: Vec<Duration>,
    /// What stands for a fact, what it is, and how it compares.
    known: FxHashMap<Box<[i64]>, Stamp>,
    traits: Vec<i64>,
}

impl Durations {
    /// Of every fact that is a duration.
    pub(super) fn new(trial: &Trial, policy: &Policy) -> Self {
        let is_duration = |kind: &Kind| matches!(kind, Kind::Duration(_));
        let facts = trial
            .facts
            .iter()
            .filter(|(_, fact)| is_duration(&fact.kind))
            .map(|(id, _)| id);
        let mut limits = Vec::new();
        let mut look_at = |expression: &Expression| {
            expression.walk(&mut |part| {
                if let Operation::Constant(Value::Duration(bounds)) = &part.operation {
                    limits.extend(ends(bounds));
                }
            });
        };
        trial
            .definitions
            .iter()
            .for_each(|definition| look_at(&definition.expression));
        for criterion in trial.all_criteria() {
            policy
                .conditions(criterion)
                .for_each(|condition| look_at(&condition.expression));
            criterion
                .conflicts
                .iter()
                .for_each(|conflict| look_at(&conflict.when.expression));
        }
        limits.sort_unstable_by_key(|limit| (limit.years, limit.months, limit.weeks, limit.days));
        limits.dedup();
        Self {
            facts: facts.collect(),
            limits,
            known: FxHashMap::default(),
            traits: Vec::new(),
        }
    }

    /// Puts what stands for a duration in place of what stands for no value.
    pub(super) fn stamp(&mut self, entries: &[Entry], today: Date, stamps: &mut [Stamp]) {
        let Self {
            facts,
            limits,
            known,
            traits,
        } = self;
        for (place, fact) in (0..).zip(facts) {
            let Some(stamp) = stamps
                .get_mut(fact.0)
                .filter(|stamp| **stamp == Stamp::NONE)
            else {
                continue;
            };
            let Some(Value::Duration(bounds)) = entries.get(fact.0).map(|entry| &entry.value)
            else {
                continue;
            };
            traits.clear();
            traits.push(place);
            describe(bounds, traits);
            if !ends(bounds).all(is_calendar) {
                // Nothing that is read reaches beyond the calendar, nor does any limit.
                let days = |duration: Duration| duration.days_from(today).unwrap_or(i64::MAX);
                traits.extend(ends(bounds).chain(limits.iter().copied()).map(days));
            }
            if let Some(same) = known.get(traits.as_slice()) {
                *stamp = *same;
            } else if known.len() < MOST_DURATIONS {
                *stamp = Stamp::of_other_duration(known.len());
                known.insert(traits.as_slice().into(), *stamp);
            }
        }
    }
}

fn ends(bounds: &Bounds<Duration>) -> impl Iterator<Item = Duration> {
    [bounds.low, bounds.high]
        .into_iter()
        .flatten()
        .map(|end| end.value)
}

/// What a duration is, as numbers: from this it could be read again.
fn describe(bounds: &Bounds<Duration>, traits: &mut Vec<i64>) {
    for end in [bounds.low, bounds.high] {
        match end {
            None => traits.push(0),
            Some(end) => {
                let Duration {
                    years,
                    months,
                    weeks,
                    days,
                } = end.value;
                traits.extend([
                    1 + i64::from(end.inclusive),
                    years.into(),
                    months.into(),
                    weeks.into(),
                    days.into(),
                ]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::value::bounds::End;

    fn duration(text: &str) -> Duration {
        Duration::parse(text).unwrap()
    }

    /// What stands for a duration, in a list of a trial with a limit of three months.
    fn stamp(list: &mut Durations, bounds: Bounds<Duration>, today: Date) -> Stamp {
        let mut stamps = [Stamp::NONE];
        list.stamp(
            &[Entry {
                value: Value::Duration(bounds),
                evidence: None,
            }],
            today,
            &mut stamps,
        );
        stamps[0]
    }

    fn list() -> Durations {
        Durations {
            facts: vec![FactId(0)],
            limits: vec![duration("3 months")],
            known: FxHashMap::default(),
            traits: Vec::new(),
        }
    }

    #[test]
    fn how_long_the_limit_is_counts() {
        let (mut list, weeks) = (list(), Bounds::exact(duration("12 weeks")));
        let [autumn, same, spring] = [date(2026, 11, 20), date(2026, 11, 21), date(2026, 2, 1)]
            .map(|today| stamp(&mut list, weeks, today));
        assert_eq!(autumn, same, "three months are 92 days");
        assert!(
            autumn != spring && autumn != Stamp::NONE && spring != Stamp::NONE,
            "three months are 89 days"
        );
    }

    #[test]
    fn months_count_by_themselves() {
        let (mut list, range) = (
            list(),
            Bounds::between(duration("2 months"), Some(duration("4 months"))),
        );
        assert_eq!(
            stamp(&mut list, range, date(2026, 11, 20)),
            stamp(&mut list, range, date(2026, 2, 1))
        );
    }

    #[test]
    fn a_stamp_stands_for_one_duration() {
        let mut list = list();
        let end = |text, inclusive| {
            Some(End {
                value: duration(text),
                inclusive,
            })
        };
        let others = [
            "12 weeks",
            "84 days",
            "85 days",
            "3 months 1 day",
            "1 month",
        ]
        .into_iter()
        .flat_map(|text| {
            [
                (end(text, true), None),
                (end(text, false), None),
                (None, end(text, true)),
                (end(text, true), end("1 year", true)),
            ]
            .map(|(low, high)| Bounds { low, high })
        });
        let stamps: Vec<Stamp> = others
            .map(|bounds| stamp(&mut list, bounds, date(2026, 11, 20)))
            .collect();
        for (index, one) in stamps.iter().enumerate() {
            assert!(
                *one != Stamp::NONE && stamps.iter().skip(index + 1).all(|other| other != one),
                "{index}"
            );
        }
    }

    #[test]
    fn there_is_an_end_to_it() {
        let mut list = list();
        let stamps: Vec<Stamp> = (0..600)
            .map(|days| {
                stamp(
                    &mut list,
                    Bounds::exact(Duration {
                        days,
                        ..Duration::default()
                    }),
                    date(2026, 11, 20),
                )
            })
            .collect();
        assert_eq!(
            stamps.iter().filter(|stamp| **stamp != Stamp::NONE).count(),
            MOST_DURATIONS
        );
    }
}
