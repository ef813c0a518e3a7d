//! Time: durations, dates, and how two dates stand to each other.

use std::ops::Range;

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::{Edit, Editor};
use crate::cql::syntax::{Offset, Relation, Syntax, Timing};
use crate::mutation::Kind;
use crate::value::{Bounds, Duration, date};

impl Editor<'_> {
    pub(super) fn duration(
        &mut self,
        duration: &Duration,
        span: &Range<usize>,
        shown: &Range<usize>,
    ) {
        let Some((count, unit)) = counted(duration) else {
            return;
        };
        let written = self.between(span.clone());
        for (text, same_unit) in changed_durations(count, unit) {
            if same_unit {
                self.bound(written.clone(), text, shown);
            } else {
                let hint = format!(
                    "a case that lies between {} and {text}",
                    self.text_of(&written)
                );
                self.add(Kind::Unit, written.clone(), text, shown, hint);
            }
        }
    }

    pub(super) fn date(
        &mut self,
        bounds: &Bounds<Date>,
        span: &Range<usize>,
        shown: &Range<usize>,
    ) {
        let token = self.between(span.clone());
        let Some(day) = bounds.value() else { return };
        for moved in [day.checked_sub(1.day()), day.checked_add(1.day())]
            .into_iter()
            .flatten()
        {
            self.bound(
                token.clone(),
                format!("@{}", date::format(&Bounds::exact(moved))),
                shown,
            );
        }
    }

    pub(super) fn timing(
        &mut self,
        timing: &Timing,
        left: &Syntax,
        right: &Syntax,
        whole: &Range<usize>,
    ) {
        let gap = self.operator(left, right);
        let mut change = |kind, changed: Timing, hint: String| {
            let phrase = phrase(&changed);
            self.edits.push(Edit {
                kind,
                span: gap.clone(),
                replacement: phrase,
                shown: whole.clone(),
                hint,
            });
        };
        let other = match timing.relation {
            Relation::Before => Some(Relation::After),
            Relation::After | Relation::Same => Some(Relation::Before),
            Relation::Within => None,
        };
        if let Some(relation) = other {
            let hint = "a case in which the two dates are far apart";
            change(
                Kind::Timing,
                Timing {
                    relation,
                    ..*timing
                },
                hint.to_owned(),
            );
        }
        let sided = matches!(timing.relation, Relation::Before | Relation::After);
        let same_day_matters = timing
            .offset
            .is_none_or(|(_, offset)| matches!(offset, Offset::OrLess | Offset::LessThan));
        if sided && same_day_matters {
            let hint = "a case in which the two dates are the same";
            let or_same = !timing.or_same;
            change(Kind::Timing, Timing { or_same, ..*timing }, hint.to_owned());
        }
        let Some((duration, offset)) = timing.offset else {
            return;
        };
        let others: &[Offset] = match offset {
            _ if !sided => &[],
            Offset::Exactly => &[Offset::OrMore, Offset::OrLess],
            Offset::OrMore => &[Offset::MoreThan],
            Offset::MoreThan => &[Offset::OrMore],
            Offset::OrLess => &[Offset::LessThan],
            Offset::LessThan => &[Offset::OrLess],
        };
        for other in others {
            let hint = format!("a case in which the dates are exactly {duration} apart");
            let offset = Some((duration, *other));
            change(Kind::Comparison, Timing { offset, ..*timing }, hint);
        }
        if let Some((count, unit)) = counted(&duration) {
            for (text, same_unit) in changed_durations(count, unit) {
                let Ok(changed) = Duration::parse(&text) else {
                    continue;
                };
                let hint = format!(
                    "a case in which the dates lie between {duration} and {text} apart, or exactly that"
                );
                let kind = if same_unit { Kind::Bound } else { Kind::Unit };
                let offset = Some((changed, offset));
                change(kind, Timing { offset, ..*timing }, hint);
            }
        }
    }
}

/// The count and unit of a duration of one unit.
fn counted(duration: &Duration) -> Option<(i32, &'static str)> {
    let parts = [
        (i32::from(duration.years), "years"),
        (duration.months, "months"),
        (duration.weeks, "weeks"),
        (duration.days, "days"),
    ];
    let mut given = parts.into_iter().filter(|(count, _)| *count != 0);
    match (given.next(), given.next()) {
        (None, _) => Some((0, "days")),
        (one, None) => one,
        _ => None,
    }
}

/// One more, one less, and the same number of the units next to it; whether the unit stays.
fn changed_durations(count: i32, unit: &str) -> Vec<(String, bool)> {
    let stepped = [
        count.checked_sub(1).filter(|count| *count >= 0),
        count.checked_add(1),
    ]
    .into_iter()
    .flatten();
    let stepped = stepped.map(|count| (format!("{count} {unit}"), true));
    let exchanged = neighbours(unit)
        .iter()
        .filter(|_| count != 0)
        .map(|other| (format!("{count} {other}"), false));
    stepped.chain(exchanged).collect()
}

/// The units that a unit is taken for by mistake.
pub(super) fn neighbours(unit: &str) -> &'static [&'static str] {
    match unit {
        "years" => &["months"],
        "months" => &["years", "weeks"],
        "weeks" => &["months", "days"],
        _ => &["weeks"],
    }
}

/// A timing as it is written.
fn phrase(timing: &Timing) -> String {
    let relation = if timing.relation == Relation::After {
        "after"
    } else {
        "before"
    };
    let relation = match (timing.relation, timing.or_same) {
        (Relation::Same, _) => return "same day as".to_owned(),
        (Relation::Within, _) => {
            return timing
                .offset
                .map_or_else(String::new, |(duration, _)| format!("within {duration} of"));
        }
        (_, true) => format!("on or {relation}"),
        (_, false) => relation.to_owned(),
    };
    match timing.offset {
        None => relation,
        Some((duration, Offset::Exactly)) => format!("{duration} {relation}"),
        Some((duration, Offset::OrMore)) => format!("{duration} or more {relation}"),
        Some((duration, Offset::OrLess)) => format!("{duration} or less {relation}"),
        Some((duration, Offset::MoreThan)) => format!("more than {duration} {relation}"),
        Some((duration, Offset::LessThan)) => format!("less than {duration} {relation}"),
    }
}
