//! What a value is held against, in words: a limit that has to be computed, a window of days, the time between two dates.

use super::{Mode, Sentences, joined, limit, lower_first};
use crate::cql::syntax::{Offset, Precision, Relation, Timing};
use crate::cql::typed::{Arithmetic, Comparison, Expression, Operation};
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
        if names_a_fact(left) { (left, right, comparison) } else { (right, left, comparison.flipped()) }
    }

    /// What is known of a value, and of what it is held against as far as that is another matter.
    pub(super) fn value_and_limit(&self, value: &Expression, against: &Expression, leaf: &Leaf<'_>) -> String {
        let mut said = vec![self.subject(value, leaf)];
        let mine = facts_of(value, &self.trial.definitions);
        if self.is_of_an_item(against) {
            said.push(self.subject(against, leaf));
            return joined(said, "; ");
        }
        let others = facts_of(against, &self.trial.definitions);
        let others = others.into_iter().filter(|id| !mine.contains(id));
        said.extend(others.map(|id| self.age_from(id, against, leaf).unwrap_or_else(|| self.fact_with_gaps(id))));
        against.walk(&mut |part| {
            if let Operation::Attribute(id, attribute) = &part.operation
                && self.context.value(part).is_null()
                && self.value_of(*id).is_some()
            {
                said.push(format!("{}: {} not recorded", self.trial.facts.get(*id).label, attribute.name()));
            }
        });
        joined(said, "; ")
    }

    /// Of a date of birth from which a part of a condition counts the age today: that age, if it is known.
    pub(super) fn age_from(&self, birth: FactId, part: &Expression, leaf: &Leaf<'_>) -> Option<String> {
        let age = self.find_age(birth, part).filter(|age| !self.context.value(age).is_null())?;
        Some(self.subject(age, leaf))
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
        let Operation::Definition(id) = expression.operation else { return false };
        self.trial.definitions.get(id.0).is_some_and(|definition| matches!(definition.expression.operation, Operation::Field(..)))
    }

    /// `at most 120 U/L (3 × upper limit of normal, 40 U/L) required`
    pub(super) fn computed_limit(&self, leaf: &Leaf<'_>, comparison: Comparison, against: &Expression, mode: Mode) -> Option<String> {
        let comparison = if leaf.negated { comparison.negated() } else { comparison };
        let described = self.described(against, leaf);
        let said = match (self.context.value(against), described) {
            (Value::Null(_), described) => limit(comparison, &described?),
            (value, None) => limit(comparison, &self.shown(&value, &against.kind)),
            (value, Some(described)) => format!("{} ({described})", limit(comparison, &self.shown(&value, &against.kind))),
        };
        mode.demands(&said)
    }

    /// A constant of a rule; where the rule has it in another unit than the fact, in both.
    pub(super) fn as_written(&self, constant: &Expression, value: &Value, leaf: &Leaf<'_>) -> String {
        let shown = self.shown(value, &constant.kind);
        let Type::Quantity(measure) = &constant.kind else { return shown };
        let written = leaf.text.get(constant.span.clone()).and_then(|text| text.strip_suffix('\'')).and_then(|text| text.split_once('\''));
        match written {
            Some((number, unit)) if unit != measure.unit => format!("{} ({shown})", in_unit(number.trim(), unit)),
            _ => shown,
        }
    }

    /// What a limit is, apart from its value; none where the value says all there is to say.
    fn described(&self, limit: &Expression, leaf: &Leaf<'_>) -> Option<String> {
        let in_words = |part: &Expression| self.described(part, leaf).unwrap_or_else(|| self.shown(&self.context.value(part), &part.kind));
        Some(match &limit.operation {
            Operation::Constant(_) => return None,
            Operation::Case(..) if !self.context.value(limit).is_null() => return None,
            Operation::Case(branches, otherwise) => {
                let possible = branches.iter().map(|(_, then)| then).chain(std::iter::once(&**otherwise));
                let known = possible.map(|one| (self.context.value(one), one)).filter(|(value, _)| !value.is_null());
                let shown: Vec<String> = known.map(|(value, one)| self.shown(&value, &one.kind)).collect();
                return (!shown.is_empty()).then(|| joined(shown, " or "));
            }
            Operation::Scale(inner, _) => self.described(inner, leaf)?,
            Operation::Definition(id) => lower_first(&self.trial.definitions.get(id.0)?.label),
            Operation::Fact(id) => lower_first(&self.trial.facts.get(*id).label),
            Operation::Today => "the screening date".to_owned(),
            Operation::Attribute(id, attribute) => {
                let name = attribute.name();
                let whose =
                    if leaf.facts.first() == Some(id) { String::new() } else { format!(" of {}", lower_first(&self.trial.facts.get(*id).label)) };
                match self.context.value(limit) {
                    Value::Null(_) => format!("{name}{whose}"),
                    value => format!("{name}{whose}, {}", self.shown(&value, &limit.kind)),
                }
            }
            Operation::Arithmetic(Arithmetic::Multiply, factor, value) => format!("{} × {}", in_words(factor), in_words(value)),
            Operation::Shift(from, by, backwards) => {
                format!("{} {} {}", in_words(by), if *backwards { "before" } else { "after" }, in_words(from))
            }
            _ => format!("`{}`", leaf.text.get(limit.span.clone())?),
        })
    }

    /// `2026-10-23 to 2026-11-20 required (28 days or less before or on the screening date)`
    pub(super) fn window(&self, leaf: &Leaf<'_>, timing: Timing, anchor: &Expression, mode: Mode) -> Option<String> {
        let said = match &anchor.operation {
            Operation::Constant(_) => self.shown(&self.context.value(anchor), &anchor.kind),
            _ => self.described(anchor, leaf)?,
        };
        let words = format!("{} {said}", timing_in_words(timing));
        let not = if leaf.negated { "not " } else { "" };
        let days = match self.context.value(anchor) {
            Value::Date(anchor) => anchor.value().and_then(|anchor| days_of(timing, anchor)),
            _ => None,
        };
        match days {
            Some(days) if days != words => mode.demands(&format!("{not}{days}")).map(|demand| format!("{demand} ({words})")),
            _ => mode.demands(&format!("{not}{words}")),
        }
    }

    /// `Months from complete remission (2026-04-30) to first relapse (2026-07-29)`
    pub(super) fn time_between(&self, precision: Precision, from: &Expression, to: &Expression, leaf: &Leaf<'_>) -> String {
        let end = |expression: &Expression| {
            let name = match &expression.operation {
                Operation::Field(..) => leaf.text.get(expression.span.clone()).map(|text| format!("`{text}`")),
                _ => self.described(expression, leaf),
            };
            match (name, self.context.value(expression)) {
                (Some(name), Value::Date(on)) => format!("{name} ({})", date::format(&on)),
                (Some(name), _) => name,
                (None, value) => self.shown(&value, &expression.kind),
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
            Self::Require => Some(format!("{limit} required")),
            Self::Exclude => Some(format!("{limit} excludes")),
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
        Some((duration, _)) if timing.relation == Relation::Within => format!("within {duration} {relation}"),
        Some((duration, Offset::Exactly)) => format!("{duration} {relation}"),
        Some((duration, Offset::OrMore)) => format!("{duration} or more {relation}"),
        Some((duration, Offset::OrLess)) => format!("{duration} or less {relation}"),
        Some((duration, Offset::MoreThan)) => format!("more than {duration} {relation}"),
        Some((duration, Offset::LessThan)) => format!("less than {duration} {relation}"),
    }
}

/// The days that a timing allows, once the anchor is a day.
fn days_of(timing: Timing, anchor: jiff::civil::Date) -> Option<String> {
    let limit = |duration: Duration| if timing.relation == Relation::Before { duration.before(anchor) } else { duration.after(anchor) };
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
        return Some(format!("{} to {}", duration.before(anchor)?, duration.after(anchor)?));
    }
    let far = limit(duration)?;
    let farther = if before { "earlier" } else { "later" };
    Some(match offset {
        Offset::Exactly => far.to_string(),
        Offset::OrMore => format!("{far} or {farther}"),
        Offset::MoreThan => format!("{} {far}", if before { "before" } else { "after" }),
        Offset::OrLess | Offset::LessThan => {
            // The days next to the ends that do not belong to it.
            let nearer = |date: jiff::civil::Date| if before { date.tomorrow() } else { date.yesterday() };
            let farther = |date: jiff::civil::Date| if before { date.yesterday() } else { date.tomorrow() };
            let far = if offset == Offset::LessThan { nearer(far).ok()? } else { far };
            let near = if timing.or_same { anchor } else { farther(anchor).ok()? };
            let (first, last) = if before { (far, near) } else { (near, far) };
            // A window without a day in it is said in words.
            (first <= last).then(|| if first == last { first.to_string() } else { format!("{first} to {last}") })?
        }
    })
}
