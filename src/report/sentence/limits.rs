//! What a value is held against, in words: a limit that has to be computed, a window of days, the time between two dates.

use std::cmp::Ordering;

use jiff::civil::Date;

use super::Sentences;
use super::leaf::{Mode, demand};
use super::template::Template;
use super::values::{constant, limit, lower_first, shown};
use crate::cql::facts_of;
use crate::cql::syntax::{Offset, Precision, Relation, Timing};
use crate::cql::typed::{Arithmetic, Attribute, Comparison, Expression, Operation};
use crate::facts::FactId;
use crate::screening::Leaf;
use crate::value::{Duration, Value, date};

impl Sentences<'_> {
    /// The sides of a comparison of which neither is a constant: the value, what it is held against, and how the two compare.
    pub(super) fn sides<'e>(
        &self,
        comparison: Comparison,
        left: &'e Expression,
        right: &'e Expression,
    ) -> (&'e Expression, &'e Expression, Comparison) {
        let names_a_fact = |side| !facts_of(side, &self.trial.definitions).is_empty();
        if names_a_fact(left) {
            (left, right, comparison)
        } else {
            (right, left, comparison.flipped())
        }
    }

    /// What is known of a value, and of what it is held against as far as that is another matter.
    pub(super) fn value_and_limit(
        &self,
        value: &Expression,
        against: &Expression,
        leaf: &Leaf<'_>,
        out: &mut Template,
    ) {
        out.join("; ", |join| {
            join.part(|out| self.subject(value, leaf, out));
            if self.is_of_an_item(against) {
                join.part(|out| self.subject(against, leaf, out));
                return;
            }
            let mine = facts_of(value, &self.trial.definitions);
            let others = facts_of(against, &self.trial.definitions);
            for id in others.into_iter().filter(|id| !mine.contains(id)) {
                join.part(|out| {
                    if !self.write_age_from(id, against, leaf, out) {
                        self.write_fact_with_gaps(id, out);
                    }
                });
            }
            against.walk(&mut |part| {
                if let Operation::Attribute(id, attribute) = &part.operation
                    && self.context.value(part).is_null()
                    && self.value_of(*id).is_some()
                {
                    join.part(|out| {
                        out.push(&format!(
                            "{}: {} not recorded",
                            self.trial.facts.get(*id).label,
                            attribute.name()
                        ))
                    });
                }
            });
        });
    }

    /// Of a date of birth from which a part of a condition counts the age today: says that age; false if it is not known.
    pub(super) fn write_age_from(
        &self,
        birth: FactId,
        part: &Expression,
        leaf: &Leaf<'_>,
        out: &mut Template,
    ) -> bool {
        let age = self
            .find_age(birth, part)
            .filter(|age| !self.context.value(age).is_null());
        age.map(|age| self.subject(age, leaf, out)).is_some()
    }

    fn find_age<'e>(&'e self, birth: FactId, part: &'e Expression) -> Option<&'e Expression> {
        let mut found = None;
        part.walk(&mut |part| match &part.operation {
            Operation::Age(_, from, at)
                if from.operation == Operation::Fact(birth) && at.operation == Operation::Today =>
            {
                found = found.or(Some(part));
            }
            Operation::Definition(id) if found.is_none() => {
                let definition = id.among(&self.trial.definitions);
                found = self.find_age(birth, &definition.expression);
            }
            _ => {}
        });
        found
    }

    /// Whether a definition is a field of one item of a list, so that the rest of the list is beside the point.
    fn is_of_an_item(&self, expression: &Expression) -> bool {
        let Operation::Definition(id) = expression.operation else {
            return false;
        };
        let definition = &id.among(&self.trial.definitions).expression;
        matches!(definition.operation, Operation::Field(..))
    }

    /// `at most 120 U/L (3 × upper limit of normal, 40 U/L)`
    pub(super) fn computed_limit(
        &self,
        leaf: &Leaf<'_>,
        comparison: Comparison,
        against: &Expression,
    ) -> Option<String> {
        let comparison = comparison.negated_if(leaf.negated);
        let described = self.described(against, leaf);
        Some(match (self.context.value(against), described) {
            (Value::Null(_), described) => limit(comparison, &described?, &against.kind),
            (value, None) => limit(comparison, &shown(&value, &against.kind), &against.kind),
            (value, Some(described)) => format!(
                "{} ({described})",
                limit(comparison, &shown(&value, &against.kind), &against.kind)
            ),
        })
    }

    /// `10 U/L (5 × lower limit of normal, 2 U/L)`; a limit of normal names itself.
    pub(super) fn limit_in_words(&self, limit: &Expression, leaf: &Leaf<'_>) -> Option<String> {
        let described = self.described(limit, leaf);
        match (self.context.value(limit), described) {
            (Value::Null(_), described) => described,
            (value, None) => Some(shown(&value, &limit.kind)),
            (value, Some(described)) => {
                let name = match &limit.operation {
                    Operation::Attribute(_, attribute) => attribute.name(),
                    _ => &described,
                };
                Some(format!("{} ({name})", shown(&value, &limit.kind)))
            }
        }
    }

    /// A constant of a rule; where the rule has it in another unit than the fact, in both.
    pub(super) fn as_written(
        &self,
        constant: &Expression,
        value: &Value,
        leaf: &Leaf<'_>,
    ) -> String {
        let shown = shown(value, &constant.kind);
        match self.english(leaf).in_written_unit(constant) {
            Some(written) => format!("{written} ({shown})"),
            None => shown,
        }
    }

    /// What a limit is, apart from its value; none where the value says all there is to say.
    fn described(&self, limit: &Expression, leaf: &Leaf<'_>) -> Option<String> {
        let in_words = |part: &Expression| {
            self.described(part, leaf)
                .unwrap_or_else(|| shown(&self.context.value(part), &part.kind))
        };
        let label = |fact: FactId| lower_first(&self.trial.facts.get(fact).label);
        Some(match &limit.operation {
            Operation::Constant(_) => return None,
            Operation::Negate(inner) if constant(inner).is_some() => return None,
            Operation::Case(..) if !self.context.value(limit).is_null() => return None,
            Operation::Case(branches, otherwise) => {
                let branches = branches.iter().map(|(_, then)| then);
                return self.possible(branches.chain([&**otherwise]));
            }
            Operation::Scale(inner, _) => self.described(inner, leaf)?,
            Operation::Definition(id) => lower_first(&id.among(&self.trial.definitions).label),
            Operation::Fact(id) => label(*id),
            Operation::Today => "the screening date".to_owned(),
            Operation::Attribute(id, Attribute::Date) => format!("the date of {}", label(*id)),
            Operation::Attribute(id, attribute) => {
                let name = attribute.name();
                let whose = if leaf.facts(&self.trial.definitions).first() == Some(id) {
                    String::new()
                } else {
                    format!(" of {}", label(*id))
                };
                match self.context.value(limit) {
                    Value::Null(_) => format!("{name}{whose}"),
                    value => format!("{name}{whose}, {}", shown(&value, &limit.kind)),
                }
            }
            Operation::Arithmetic(Arithmetic::Multiply, factor, value) => {
                format!("{} × {}", in_words(factor), in_words(value))
            }
            Operation::Shift(from, by, backwards) => {
                format!(
                    "{} {} {}",
                    in_words(by),
                    if *backwards { "before" } else { "after" },
                    in_words(from)
                )
            }
            _ => self.english(leaf).value(limit),
        })
    }

    /// The values that are known of several of which one counts: `2 or 3`.
    fn possible<'e>(&self, several: impl Iterator<Item = &'e Expression>) -> Option<String> {
        let mut distinct: Vec<String> = Vec::new();
        for one in several {
            let value = self.context.value(one);
            let shown = shown(&value, &one.kind);
            if !value.is_null() && !distinct.contains(&shown) {
                distinct.push(shown);
            }
        }
        (!distinct.is_empty()).then(|| distinct.join(" or "))
    }

    /// `2026-10-23 to 2026-11-20 required (28 days or less before or on the screening date)`
    pub(super) fn window(
        &self,
        leaf: &Leaf<'_>,
        timing: Timing,
        anchor: &Expression,
        mode: Mode,
        out: &mut Template,
    ) {
        let described = match &anchor.operation {
            Operation::Constant(_) => Some(shown(&self.context.value(anchor), &anchor.kind)),
            _ => self.described(anchor, leaf),
        };
        let Some(described) = described else { return };
        let words = format!("{} {described}", timing_in_words(timing));
        let not = if leaf.negated { "not " } else { "" };
        let days = match self.context.value(anchor) {
            Value::Date(anchor) => anchor.value().and_then(|anchor| days_of(timing, anchor)),
            _ => None,
        };
        match days {
            Some(days) if days != words => demand(
                Some(format!("{not}{days}")),
                mode,
                &format!(" ({words})"),
                out,
            ),
            _ => demand(Some(format!("{not}{words}")), mode, "", out),
        }
    }

    /// `Months from complete remission (2026-04-30) to first relapse (2026-07-29)`
    pub(super) fn time_between(
        &self,
        precision: Precision,
        from: &Expression,
        to: &Expression,
        leaf: &Leaf<'_>,
    ) -> String {
        let end = |expression: &Expression| {
            let name = match &expression.operation {
                Operation::Field(..) => Some(self.english(leaf).value(expression)),
                _ => self.described(expression, leaf),
            };
            match (name, self.context.value(expression)) {
                (Some(name), Value::Date(on)) => format!("{name} ({})", date::format(&on)),
                (Some(name), _) => name,
                (None, value) => shown(&value, &expression.kind),
            }
        };
        let mut unit = precision.plural().to_owned();
        unit.replace_range(0..1, &unit[0..1].to_uppercase());
        format!("{unit} from {} to {}", end(from), end(to))
    }
}

fn timing_in_words(timing: Timing) -> String {
    let relation = match (timing.relation, timing.or_same) {
        (Relation::Before, false) => "before",
        (Relation::Before, true) => "before or on",
        (Relation::After, false) => "after",
        (Relation::After, true) => "after or on",
        (Relation::Same, _) => "on",
        (Relation::Within, _) => "of",
    };
    match timing.offset {
        None => relation.to_owned(),
        Some((duration, _)) if timing.relation == Relation::Within => {
            format!("within {duration} {relation}")
        }
        Some((duration, offset)) => format!("{} {relation}", distance(duration, offset)),
    }
}

/// How far apart two dates have to be: `14 days or more`.
pub(crate) fn distance(duration: Duration, offset: Offset) -> String {
    match offset {
        Offset::Exactly => duration.to_string(),
        Offset::OrMore => format!("{duration} or more"),
        Offset::OrLess => format!("{duration} or less"),
        Offset::MoreThan => format!("more than {duration}"),
        Offset::LessThan => format!("less than {duration}"),
    }
}

/// The days that a timing allows, once the anchor is a day.
fn days_of(timing: Timing, anchor: Date) -> Option<String> {
    let is_before = match timing.relation {
        Relation::Before => true,
        Relation::After => false,
        Relation::Same | Relation::Within => {
            let Some((duration, _)) = timing.offset else {
                return Some(anchor.to_string());
            };
            let (first, last) = (duration.before(anchor)?, duration.after(anchor)?);
            return Some(format!("{first} to {last}"));
        }
    };
    let (far, offset) = match timing.offset {
        Some((duration, offset)) if is_before => (duration.before(anchor)?, offset),
        Some((duration, offset)) => (duration.after(anchor)?, offset),
        None if timing.or_same => (anchor, Offset::OrMore),
        None => (anchor, Offset::MoreThan),
    };
    Some(match (offset, is_before) {
        (Offset::Exactly, _) => far.to_string(),
        (Offset::OrMore, true) => format!("{far} or earlier"),
        (Offset::OrMore, false) => format!("{far} or later"),
        (Offset::MoreThan, true) => format!("before {far}"),
        (Offset::MoreThan, false) => format!("after {far}"),
        (Offset::OrLess | Offset::LessThan, _) => {
            // The first and the last day, one further in where the end does not belong to it.
            let (far_belongs, near_belongs) = (offset == Offset::OrLess, timing.or_same);
            let (first, last) = if is_before {
                (from(far, far_belongs)?, to(anchor, near_belongs)?)
            } else {
                (from(anchor, near_belongs)?, to(far, far_belongs)?)
            };
            match first.cmp(&last) {
                Ordering::Less => format!("{first} to {last}"),
                Ordering::Equal => first.to_string(),
                // A window without a day in it is said in words.
                Ordering::Greater => return None,
            }
        }
    })
}

/// The first day of a window that begins at a day.
fn from(day: Date, belongs: bool) -> Option<Date> {
    if belongs {
        Some(day)
    } else {
        day.tomorrow().ok()
    }
}

/// The last day of a window that ends at a day.
fn to(day: Date, belongs: bool) -> Option<Date> {
    if belongs {
        Some(day)
    } else {
        day.yesterday().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const fn days(days: i32) -> Duration {
        Duration {
            years: 0,
            months: 0,
            weeks: 0,
            days,
        }
    }

    /// The days of a timing, said for an anchor of 2026-11-20.
    #[test]
    fn a_window_says_its_first_and_last_day() {
        use Offset::{Exactly, LessThan, MoreThan, OrLess, OrMore};
        use Relation::{After, Before, Same, Within};
        let five = |offset| Some((days(5), offset));
        let one = |offset| Some((days(1), offset));
        let table = [
            (Before, false, None, Some("before 2026-11-20")),
            (Before, true, None, Some("2026-11-20 or earlier")),
            (After, false, None, Some("after 2026-11-20")),
            (After, true, None, Some("2026-11-20 or later")),
            (Same, true, None, Some("2026-11-20")),
            (Within, true, five(OrLess), Some("2026-11-15 to 2026-11-25")),
            (Before, false, five(Exactly), Some("2026-11-15")),
            (Before, false, five(OrMore), Some("2026-11-15 or earlier")),
            (Before, false, five(MoreThan), Some("before 2026-11-15")),
            (
                Before,
                false,
                five(OrLess),
                Some("2026-11-15 to 2026-11-19"),
            ),
            (Before, true, five(OrLess), Some("2026-11-15 to 2026-11-20")),
            (
                Before,
                false,
                five(LessThan),
                Some("2026-11-16 to 2026-11-19"),
            ),
            (
                Before,
                true,
                five(LessThan),
                Some("2026-11-16 to 2026-11-20"),
            ),
            (Before, true, one(LessThan), Some("2026-11-20")),
            (After, false, five(OrMore), Some("2026-11-25 or later")),
            (After, false, five(MoreThan), Some("after 2026-11-25")),
            (After, false, five(OrLess), Some("2026-11-21 to 2026-11-25")),
            (After, true, five(OrLess), Some("2026-11-20 to 2026-11-25")),
            (
                After,
                false,
                five(LessThan),
                Some("2026-11-21 to 2026-11-24"),
            ),
            (
                After,
                true,
                five(LessThan),
                Some("2026-11-20 to 2026-11-24"),
            ),
            // No day is in it.
            (Before, false, one(LessThan), None),
        ];
        for (relation, or_same, offset, wanted) in table {
            let timing = Timing {
                relation,
                or_same,
                offset,
            };
            let said = days_of(timing, date(2026, 11, 20));
            assert_eq!(said.as_deref(), wanted, "{timing:?}");
        }
    }
}
