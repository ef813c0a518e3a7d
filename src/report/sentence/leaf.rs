//! What is known of the values that a condition is about, and what was expected of them.

use std::ptr;
use std::rc::Rc;

use super::Sentences;
use super::english::{Demand, EnglishWriter};
use super::template::Template;
use super::values::{constant, copula, is_ordered, show, upper_first};
use crate::cql::typed::{Aggregate, Expression, Operation};
use crate::cql::{Type, facts_of};
use crate::facts::FactId;
use crate::screening::{GapCause, Leaf};
use crate::trial::Side;
use crate::value::{Duration, Truth, Value, date};

/// What a condition is for, which says how its limit is worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// "at most 2 required"
    Require,
    /// "below 50 % excludes"
    Exclude,
    /// Whom it applies to goes without saying.
    Apply,
}

impl From<Side> for Mode {
    fn from(side: Side) -> Self {
        match side {
            Side::Inclusion => Self::Require,
            Side::Exclusion => Self::Exclude,
        }
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

impl Sentences<'_> {
    /// What is known of the facts of some conditions, without what is expected of them.
    pub(super) fn observations(&self, leaves: &[&Leaf<'_>], out: &mut Template) {
        out.join("; ", |join| {
            for leaf in leaves {
                join.part(|out| self.observed(leaf, out));
            }
        });
    }

    pub(super) fn observed(&self, leaf: &Leaf<'_>, out: &mut Template) {
        match &leaf.expression.operation {
            // Whether any of the items counts is what is open.
            Operation::Exists(list) => match self.source_fact(list) {
                Some(id) => self.write_fact(id, out),
                None => self.observation(leaf, out),
            },
            _ => self.observation(leaf, out),
        }
    }

    pub(super) fn leaves(&self, leaves: &[&Leaf<'_>], mode: Mode, out: &mut Template) {
        out.join("; ", |join| {
            for leaf in leaves {
                join.part(|out| self.leaf(leaf, mode, out));
            }
        });
    }

    /// What is known, and what was expected where that does not go without saying.
    pub(super) fn leaf(&self, leaf: &Leaf<'_>, mode: Mode, out: &mut Template) {
        let facts = leaf.facts(&self.trial.definitions);
        if facts.is_empty() {
            // A condition that names no fact is about the day or about nothing: it speaks for itself.
            let words = upper_first(&self.english(leaf).condition(leaf.expression));
            return out.push_all([&words, ": ", truth_word(leaf)]);
        }
        self.observation(leaf, out);
        let unclear = |fact: &FactId| {
            self.context
                .entries
                .get(fact.0)
                .is_some_and(|entry| GapCause::of(&entry.value) == Some(GapCause::Unclear))
        };
        if leaf.truth == Truth::Unknown && facts.iter().any(unclear) {
            out.push(", which does not settle it");
        }
        for id in &leaf.chosen_by {
            out.push("; ");
            self.write_fact(*id, out);
        }
        if mode != Mode::Apply {
            self.expectation(leaf, mode, out);
        }
    }

    fn observation(&self, leaf: &Leaf<'_>, out: &mut Template) {
        let subject = match &leaf.expression.operation {
            Operation::Compare(comparison, left, right) => {
                match (constant(left), constant(right)) {
                    (Some(_), None) => right,
                    (None, Some(_)) => left,
                    _ => {
                        let (value, against, _) = self.sides(*comparison, left, right);
                        return self.value_and_limit(value, against, leaf, out);
                    }
                }
            }
            Operation::Timing(_, left, right) => {
                return self.value_and_limit(left, right, leaf, out);
            }
            Operation::In(value, _) | Operation::Between(value, _) => value,
            Operation::Member(_, list) => list,
            Operation::Exists(list) => return self.exists(list, leaf, out),
            _ => leaf.expression,
        };
        self.subject(subject, leaf, out);
    }

    /// What is known of the value that a condition is about.
    pub(super) fn subject(&self, subject: &Expression, leaf: &Leaf<'_>, out: &mut Template) {
        let trial = self.trial;
        // In another unit it is still the same thing.
        let (named, converted) = match &subject.operation {
            Operation::Scale(inner, _) => (&**inner, true),
            _ => (subject, false),
        };
        match &named.operation {
            Operation::Fact(id) if converted => {
                self.named(&trial.facts.get(*id).label, subject, leaf, out)
            }
            Operation::Fact(id) => self.write_fact(*id, out),
            Operation::Attribute(id, attribute) => {
                out.push(&self.attribute(*id, *attribute, subject))
            }
            Operation::Definition(id) => {
                let definition = id.among(&trial.definitions);
                self.named(&definition.label, subject, leaf, out);
                // What a computed value was computed from; of one that is not known it has been said. An age says it itself.
                if !self.rest_of_item(&definition.expression, out)
                    && !matches!(
                        definition.expression.operation,
                        Operation::Field(..) | Operation::Age(..)
                    )
                    && !self.context.value(subject).is_null()
                {
                    out.push("; ");
                    self.facts_of(subject, leaf, out);
                }
            }
            Operation::Age(precision, _, at) => {
                let mut label = format!("Age in {}", precision.plural());
                if at.operation != Operation::Today
                    && let Value::Date(on) = self.context.value(at)
                {
                    label.push_str(" on ");
                    date::write(&on, &mut label);
                }
                self.named(&label, subject, leaf, out);
            }
            Operation::DurationBetween(precision, _, from, to) => {
                let label = self.time_between(*precision, from, to, leaf);
                self.named(&label, subject, leaf, out);
            }
            Operation::Aggregate(Aggregate::Count, list) => self.counted_items(list, leaf, out),
            // A condition that has no words of its own is said by what it looks at.
            _ if subject.kind == Type::Boolean => self.facts(leaf, out),
            _ => {
                let label = upper_first(&self.english(leaf).value(subject));
                self.named(&label, subject, leaf, out);
                self.rest_of_item(subject, out);
            }
        }
    }

    /// A value with a name; where it is not known, what is known of the facts behind it.
    fn named(&self, label: &str, subject: &Expression, leaf: &Leaf<'_>, out: &mut Template) {
        out.push(label);
        match self.context.value(subject) {
            Value::Null(_) => {
                out.push(" not known");
                let mut facts = Template::default();
                self.facts_of(subject, leaf, &mut facts);
                if !facts.is_empty() {
                    out.push("; ");
                    out.append(&facts);
                }
            }
            value => {
                out.push(copula(&subject.kind));
                show(&value, &subject.kind, out.text());
            }
        }
    }

    /// What is known of every fact that a condition names.
    pub(super) fn facts(&self, leaf: &Leaf<'_>, out: &mut Template) {
        let facts = leaf.facts(&self.trial.definitions);
        for (index, id) in facts.into_iter().enumerate() {
            if index > 0 {
                out.push("; ");
            }
            self.write_fact_with_gaps(id, out);
        }
    }

    /// What is known of every fact that a part of a condition names.
    pub(super) fn facts_of(&self, part: &Expression, leaf: &Leaf<'_>, out: &mut Template) {
        for (index, id) in facts_of(part, &self.trial.definitions)
            .into_iter()
            .enumerate()
        {
            if index > 0 {
                out.push("; ");
            }
            if !self.write_age_from(id, part, leaf, out) {
                self.write_fact_with_gaps(id, out);
            }
        }
    }

    /// What was expected of the value, unless that goes without saying: `; at most 2 required`.
    fn expectation(&self, leaf: &Leaf<'_>, mode: Mode, out: &mut Template) {
        // What a code or a yes or no had to be shows only where it was not.
        let goes_without_saying =
            |kind: &Type| !is_ordered(kind) && (leaf.truth == Truth::True || mode == Mode::Exclude);
        match &leaf.expression.operation {
            Operation::Compare(comparison, left, right)
                if constant(left).is_some() == constant(right).is_some() =>
            {
                let (_, against, comparison) = self.sides(*comparison, left, right);
                let limit = self.computed_limit(leaf, comparison, against);
                return demand(limit, mode, "", out);
            }
            Operation::Timing(timing, _, anchor) => {
                return self.window(leaf, *timing, anchor, mode, out);
            }
            Operation::Xor(..) | Operation::Aggregate(..) | Operation::Case(..) => {
                return self.expected_words(leaf, mode, out);
            }
            // What an item has to be goes without saying where it is a code or a yes or no, as for a fact.
            Operation::Exists(list) if looks_at_ordered(list) => {
                return self.expected_words(leaf, mode, out);
            }
            _ => {}
        }
        // Asked before the words are made: of a code it is the rule.
        let subject = Demand::subject_of(leaf.expression);
        if subject.is_none_or(|subject| goes_without_saying(&subject.kind)) {
            return;
        }
        let is_range = matches!(leaf.expression.operation, Operation::Between(..));
        let show = |limit: &Expression| match constant(limit) {
            Some(value) => Some(self.as_written(limit, value, leaf)),
            None if is_range => self.limit_in_words(limit, leaf),
            None => None,
        };
        let Some(Demand { subject, words, .. }) = Demand::of(leaf.expression, leaf.negated, show)
        else {
            return;
        };
        let counted = match &subject.operation {
            Operation::Aggregate(Aggregate::Count, list) if looks_at_ordered(list) => {
                format!(" (counted is {})", self.english(leaf).value(subject))
            }
            _ => self.counted(subject, leaf.expression),
        };
        demand(Some(words), mode, &counted, out);
    }

    /// A condition as a whole, in words.
    fn expected_words(&self, leaf: &Leaf<'_>, mode: Mode, out: &mut Template) {
        let make = || {
            let english = self.english(leaf);
            let words = if leaf.negated {
                english.negation(leaf.expression)
            } else {
                english.condition(leaf.expression)
            };
            words.strip_prefix("there is ").unwrap_or(&words).into()
        };
        let words: Rc<str> = match self.cache {
            Some(cache) => {
                let key = (ptr::from_ref(leaf.expression).addr(), leaf.negated);
                Rc::clone(cache.words.borrow_mut().entry(key).or_insert_with(make))
            }
            None => make(),
        };
        demand(Some(words.to_string()), mode, "", out);
    }

    /// Words for the parts of a condition.
    pub(super) fn english<'l>(&'l self, leaf: &Leaf<'l>) -> EnglishWriter<'l> {
        EnglishWriter::new(self.trial).with_text(leaf.text)
    }

    /// How two durations in different units were compared.
    fn counted(&self, subject: &Expression, expression: &Expression) -> String {
        let durations = |value: &Value| match value {
            Value::Duration(bounds) => [bounds.low, bounds.high]
                .into_iter()
                .flatten()
                .map(|end| end.value)
                .next(),
            _ => None,
        };
        let Operation::Compare(_, left, right) = &expression.operation else {
            return String::new();
        };
        let Some(limit) = constant(left)
            .or_else(|| constant(right))
            .and_then(durations)
        else {
            return String::new();
        };
        let Some(given) = durations(&self.context.value(subject)) else {
            return String::new();
        };
        let units = |duration: Duration| {
            (
                duration.years != 0 || duration.months != 0,
                duration.weeks != 0 || duration.days != 0,
            )
        };
        if units(given) == units(limit) {
            return String::new();
        }
        let today = self.context.today;
        match (given.days_from(today), limit.days_from(today)) {
            (Some(mine), Some(theirs)) => {
                format!(
                    " (counted from the screening date, {given} {} {mine} days and {limit} {} {theirs})",
                    is_are(given),
                    is_are(limit)
                )
            }
            _ => String::new(),
        }
    }
}

/// What a value has to be, and what for.
pub(super) fn demand(limit: Option<String>, mode: Mode, behind: &str, out: &mut Template) {
    if let Some(demand) = limit.and_then(|limit| mode.demands(&limit)) {
        for words in ["; ", &demand, behind] {
            out.push(words);
        }
    }
}

/// Whether a list is filtered by a number, a date or a duration.
fn looks_at_ordered(list: &Expression) -> bool {
    let mut found = false;
    list.walk(&mut |part| {
        found |= match &part.operation {
            Operation::Compare(_, left, _) => is_ordered(&left.kind),
            Operation::Between(..) | Operation::Timing(..) => true,
            _ => false,
        };
    });
    found
}

/// The truth of a condition as it is written, which the leaf may be the negation of.
fn truth_word(leaf: &Leaf<'_>) -> &'static str {
    let truth = if leaf.negated {
        !leaf.truth
    } else {
        leaf.truth
    };
    truth.name()
}

fn is_are(duration: Duration) -> &'static str {
    let Duration {
        years,
        months,
        weeks,
        days,
    } = duration;
    if i32::from(years) + months + weeks + days == 1 {
        "is"
    } else {
        "are"
    }
}
