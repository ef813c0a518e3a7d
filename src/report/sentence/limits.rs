//! What a value is held against, in words: a limit that has to be computed, a window of days, the time between two dates.

use super::template::Template;
use super::values::{constant, limit, lower_first, shown};
use super::{Mode, Sentences, demand};
use crate::cql::syntax::{Offset, Precision, Relation, Timing};
use crate::cql::typed::{Arithmetic, Attribute, Comparison, Expression, Operation};
use crate::cql::{Type, facts_of};
use crate::facts::{FactId, in_unit};
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
        said: &mut Template,
    ) {
        said.join("; ", |join| {
            join.part(|said| self.subject(value, leaf, said));
            if self.is_of_an_item(against) {
                join.part(|said| self.subject(against, leaf, said));
                return;
            }
            let mine = facts_of(value, &self.trial.definitions);
            let others = facts_of(against, &self.trial.definitions);
            for id in others.into_iter().filter(|id| !mine.contains(id)) {
                join.part(|said| {
                    if !self.say_age_from(id, against, leaf, said) {
                        self.say_fact_with_gaps(id, said);
                    }
                });
            }
            against.walk(&mut |part| {
                if let Operation::Attribute(id, attribute) = &part.operation
                    && self.context.value(part).is_null()
                    && self.value_of(*id).is_some()
                {
                    join.part(|said| {
                        said.push(&format!(
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
    pub(super) fn say_age_from(
        &self,
        birth: FactId,
        part: &Expression,
        leaf: &Leaf<'_>,
        said: &mut Template,
    ) -> bool {
        let age = self
            .find_age(birth, part)
            .filter(|age| !self.context.value(age).is_null());
        age.map(|age| self.subject(age, leaf, said)).is_some()
    }

    fn find_age<'e>(&'e self, birth: FactId, part: &'e Expression) -> Option<&'e Expression> {
        let mut found = None;
        part.walk(&mut |part| match &part.operation {
            Operation::Age(_, from, at) if matches!((&from.operation, &at.operation), (Operation::Fact(id), Operation::Today) if *id == birth) => {
                found = found.or(Some(part));
            }
            Operation::Definition(id) if found.is_none() => {
                found = self.trial.definitions.get(id.0).and_then(|definition| self.find_age(birth, &definition.expression));
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
        self.trial.definitions.get(id.0).is_some_and(|definition| {
            matches!(definition.expression.operation, Operation::Field(..))
        })
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
        let Type::Quantity(measure) = &constant.kind else {
            return shown;
        };
        let written = leaf
            .text
            .get(constant.span.clone())
            .and_then(|text| text.strip_suffix('\''))
            .and_then(|text| text.split_once('\''));
        match written {
            Some((number, unit)) if unit != measure.unit => {
                format!("{} ({shown})", in_unit(number.trim(), unit))
            }
            _ => shown,
        }
    }

    /// What a limit is, apart from its value; none where the value says all there is to say.
    fn described(&self, limit: &Expression, leaf: &Leaf<'_>) -> Option<String> {
        let in_words = |part: &Expression| {
            self.described(part, leaf)
                .unwrap_or_else(|| shown(&self.context.value(part), &part.kind))
        };
        Some(match &limit.operation {
            Operation::Constant(_) => return None,
            Operation::Negate(inner) if constant(inner).is_some() => return None,
            Operation::Case(..) if !self.context.value(limit).is_null() => return None,
            Operation::Case(branches, otherwise) => {
                let possible = branches
                    .iter()
                    .map(|(_, then)| then)
                    .chain(std::iter::once(&**otherwise));
                let known = possible
                    .map(|one| (self.context.value(one), one))
                    .filter(|(value, _)| !value.is_null());
                let shown: Vec<String> =
                    known.map(|(value, one)| shown(&value, &one.kind)).collect();
                let mut distinct: Vec<&str> = Vec::new();
                for one in &shown {
                    if !distinct.contains(&one.as_str()) {
                        distinct.push(one);
                    }
                }
                return (!shown.is_empty()).then(|| distinct.join(" or "));
            }
            Operation::Scale(inner, _) => self.described(inner, leaf)?,
            Operation::Definition(id) => lower_first(&self.trial.definitions.get(id.0)?.label),
            Operation::Fact(id) => lower_first(&self.trial.facts.get(*id).label),
            Operation::Today => "the screening date".to_owned(),
            Operation::Attribute(id, Attribute::Date) => format!(
                "the date of {}",
                lower_first(&self.trial.facts.get(*id).label)
            ),
            Operation::Attribute(id, attribute) => {
                let name = attribute.name();
                let whose = if leaf.facts.first() == Some(id) {
                    String::new()
                } else {
                    format!(" of {}", lower_first(&self.trial.facts.get(*id).label))
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

    /// `2026-10-23 to 2026-11-20 required (28 days or less before or on the screening date)`
    pub(super) fn window(
        &self,
        leaf: &Leaf<'_>,
        timing: Timing,
        anchor: &Expression,
        mode: Mode,
        said: &mut Template,
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
                said,
            ),
            _ => demand(Some(format!("{not}{words}")), mode, "", said),
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

impl Mode {
    /// A limit, and what it is for. Whom a criterion applies to goes without saying.
    pub(super) fn demands(self, limit: &str) -> Option<String> {
        match self {
            Self::Require => Some([limit, " required"].concat()),
            Self::Exclude => Some([limit, " excludes"].concat()),
            Self::Apply => None,
        }
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
fn days_of(timing: Timing, anchor: jiff::civil::Date) -> Option<String> {
    let limit = |duration: Duration| {
        if timing.relation == Relation::Before {
            duration.before(anchor)
        } else {
            duration.after(anchor)
        }
    };
    let before = timing.relation == Relation::Before;
    let Some((duration, offset)) = timing.offset else {
        return Some(match (timing.relation, timing.or_same) {
            (Relation::Before, true) => format!("{anchor} or earlier"),
            (Relation::Before, false) => format!("before {anchor}"),
            (Relation::After, true) => format!("{anchor} or later"),
            (Relation::After, false) => format!("after {anchor}"),
            (Relation::Same | Relation::Within, _) => anchor.to_string(),
        });
    };
    if timing.relation == Relation::Within {
        return Some(format!(
            "{} to {}",
            duration.before(anchor)?,
            duration.after(anchor)?
        ));
    }
    let far = limit(duration)?;
    let farther = if before { "earlier" } else { "later" };
    Some(match offset {
        Offset::Exactly => far.to_string(),
        Offset::OrMore => format!("{far} or {farther}"),
        Offset::MoreThan => format!("{} {far}", if before { "before" } else { "after" }),
        Offset::OrLess | Offset::LessThan => {
            // The days next to the ends that do not belong to it.
            let nearer = |date: jiff::civil::Date| {
                if before {
                    date.tomorrow()
                } else {
                    date.yesterday()
                }
            };
            let farther = |date: jiff::civil::Date| {
                if before {
                    date.yesterday()
                } else {
                    date.tomorrow()
                }
            };
            let far = if offset == Offset::LessThan {
                nearer(far).ok()?
            } else {
                far
            };
            let near = if timing.or_same {
                anchor
            } else {
                farther(anchor).ok()?
            };
            let (first, last) = if before { (far, near) } else { (near, far) };
            // A window without a day in it is said in words.
            (first <= last).then(|| {
                if first == last {
                    first.to_string()
                } else {
                    format!("{first} to {last}")
                }
            })?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// The days of a timing, said for an anchor of 2026-11-20.
    #[test]
    fn a_window_says_its_first_and_last_day() {
        use Offset::{Exactly, LessThan, MoreThan, OrLess, OrMore};
        use Relation::{After, Before, Same, Within};
        let days = |relation, or_same, offset: Option<(i32, Offset)>| {
            let offset = offset.map(|(count, offset)| {
                (
                    Duration {
                        days: count,
                        ..Duration::default()
                    },
                    offset,
                )
            });
            days_of(
                Timing {
                    relation,
                    or_same,
                    offset,
                },
                date(2026, 11, 20),
            )
            .unwrap()
        };
        let table = [
            (days(Before, false, None), "before 2026-11-20"),
            (days(Before, true, None), "2026-11-20 or earlier"),
            (days(After, false, None), "after 2026-11-20"),
            (days(After, true, None), "2026-11-20 or later"),
            (days(Same, true, None), "2026-11-20"),
            (
                days(Within, true, Some((5, OrLess))),
                "2026-11-15 to 2026-11-25",
            ),
            (days(Before, false, Some((5, Exactly))), "2026-11-15"),
            (
                days(Before, false, Some((5, OrMore))),
                "2026-11-15 or earlier",
            ),
            (
                days(Before, false, Some((5, MoreThan))),
                "before 2026-11-15",
            ),
            (
                days(Before, false, Some((5, OrLess))),
                "2026-11-15 to 2026-11-19",
            ),
            (
                days(Before, true, Some((5, OrLess))),
                "2026-11-15 to 2026-11-20",
            ),
            (
                days(Before, false, Some((5, LessThan))),
                "2026-11-16 to 2026-11-19",
            ),
            (
                days(Before, true, Some((5, LessThan))),
                "2026-11-16 to 2026-11-20",
            ),
            (days(Before, true, Some((1, LessThan))), "2026-11-20"),
            (days(After, false, Some((5, OrMore))), "2026-11-25 or later"),
            (days(After, false, Some((5, MoreThan))), "after 2026-11-25"),
            (
                days(After, false, Some((5, OrLess))),
                "2026-11-21 to 2026-11-25",
            ),
            (
                days(After, true, Some((5, OrLess))),
                "2026-11-20 to 2026-11-25",
            ),
            (
                days(After, false, Some((5, LessThan))),
                "2026-11-21 to 2026-11-24",
            ),
            (
                days(After, true, Some((5, LessThan))),
                "2026-11-20 to 2026-11-24",
            ),
        ];
        for (said, wanted) in table {
            assert_eq!(said, wanted);
        }
        let empty = Timing {
            relation: Before,
            or_same: false,
            offset: Some((
                Duration {
                    days: 1,
                    ..Duration::default()
                },
                LessThan,
            )),
        };
        assert_eq!(
            days_of(empty, date(2026, 11, 20)),
            None,
            "a window without a day is said in words"
        );
    }
}
