//! Sentences, made from the data of a screening: what is known of a fact, what was expected, why a verdict is what it is.
//! [`condition`] says in words what a condition asks for, whoever the candidate is.

pub mod condition;
mod known;
mod limits;
mod noun;
pub(crate) mod values;

use jiff::civil::Date;

pub use self::values::plausible_range;

use self::values::{
    constant, copula, copula_of, element_shown, is_ordered, item_shown, limit, list_shown, numbers, outside, plain, shown, shown_as, within,
};
use crate::cql::typed::{Aggregate, Expression, Limits, Operation, Query};
use crate::cql::{Type, facts_of};
use crate::evaluate::Context;
use crate::facts::{Fact, FactId, Kind};
use crate::record::Entry;
use crate::screening::{GapCause, Leaf, Outcome, Reason, Screening, Verdict};
use crate::trial::policy::is_signed;
use crate::trial::{Need, Side, Trial};
use crate::value::{Duration, List, Missing, Truth, Value, date};

/// Makes the sentences of one screening.
pub struct Sentences<'s> {
    trial: &'s Trial,
    context: Context<'s>,
}

/// What a condition is for, which says how its limit is worded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// "at most 2 required"
    Require,
    /// "below 50 % excludes"
    Exclude,
    /// Whom it applies to goes without saying.
    Apply,
}

/// What is done about the reasons of the sub-criteria of a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Below<'r> {
    /// They become part of the criterion's own.
    Said,
    /// The same, and they have been made already.
    Told(&'r [&'r str]),
    /// They are shown below it.
    Shown,
}

impl From<Side> for Mode {
    fn from(side: Side) -> Self {
        match side {
            Side::Inclusion => Self::Require,
            Side::Exclusion => Self::Exclude,
        }
    }
}

impl<'s> Sentences<'s> {
    /// Sentences about a screening.
    #[must_use]
    pub fn new(screening: &'s Screening<'_>) -> Self {
        Self::about_entries(screening.trial, &screening.entries, screening.record.screened_on)
    }

    /// Sentences about what is known of a candidate.
    #[must_use]
    pub fn about_entries(trial: &'s Trial, entries: &'s [Entry], today: Date) -> Self {
        Self { trial, context: Context { entries, definitions: &trial.definitions, today } }
    }

    /// Why a criterion has its verdict, in one sentence that stands for itself.
    #[must_use]
    pub fn reason(&self, outcome: &Outcome<'_>) -> String {
        self.about(outcome, Below::Said)
    }

    /// The same, where the reasons of the sub-criteria are shown below it.
    #[must_use]
    pub fn reason_above_sub_criteria(&self, outcome: &Outcome<'_>) -> String {
        self.about(outcome, Below::Shown)
    }

    /// The reasons of a criterion and of everything below it, in the protocol's order.
    #[must_use]
    pub fn reasons(&self, outcome: &Outcome<'_>) -> Vec<String> {
        let mut reasons = vec![String::new()];
        // Where each sub-criterion's own reason stands.
        let mut places = Vec::with_capacity(outcome.children.len());
        for child in &outcome.children {
            places.push(reasons.len());
            reasons.extend(self.reasons(child));
        }
        let told: Vec<&str> = places.iter().filter_map(|place| reasons.get(*place)).map(String::as_str).collect();
        let own = self.about(outcome, Below::Told(&told));
        if let Some(first) = reasons.first_mut() {
            *first = own;
        }
        reasons
    }

    fn about(&self, outcome: &Outcome<'_>, below: Below<'_>) -> String {
        if !outcome.conflicts.is_empty() {
            let said: Vec<&str> = outcome.conflicts.iter().map(|conflict| conflict.say.as_str()).collect();
            return format!("the record contradicts itself: {}", said.join("; "));
        }
        let mut parts = Vec::new();
        if outcome.verdict == Verdict::NotApplicable {
            if let Some(applies) = outcome.applies.as_ref().filter(|applies| applies.truth() == Truth::False) {
                return format!("{}, so it does not apply", self.leaves(&applies.sufficient(), Mode::Apply));
            }
            let reasons = outcome.children.iter().enumerate().map(|(index, child)| self.below(index, child, below)).collect();
            let said = joined(reasons, "; ");
            return if said.is_empty() { "the criterion above it does not apply".to_owned() } else { said };
        }
        if let Some(applies) = &outcome.applies
            && applies.truth() == Truth::Unknown
            && outcome.verdict == Verdict::Unknown
        {
            parts.push(format!("whether it applies is open: {}", self.observations(&applies.deciding())));
        }
        let mode = Mode::from(outcome.criterion.side);
        if let Some(reason) = &outcome.reason
            && (outcome.children.is_empty() || reason.truth() == outcome.condition)
        {
            parts.push(self.leaves(&deciding(reason, outcome.verdict), mode));
        }
        if !outcome.readings.is_empty() {
            let own = self.readings(outcome, mode);
            let agree = outcome.readings.iter().map(|reading| reading.reason.truth()).reduce(Truth::join) == Some(outcome.condition);
            if outcome.children.is_empty() || agree {
                parts.push(own);
            }
        }
        if outcome.group == Some(outcome.condition) {
            parts.push(if below == Below::Shown { self.children_named(outcome) } else { self.children(outcome, below) });
        }
        if let Some(why) = &outcome.criterion.closed_world {
            parts.push(format!("silence is read as an answer here: {why}"));
        }
        parts.retain(|part| !part.is_empty());
        joined(parts, "; ")
    }

    /// The reasons of the sub-criteria that decide, what is open before what is known.
    fn children(&self, outcome: &Outcome<'_>, below: Below<'_>) -> String {
        let deciding = outcome.deciding_children();
        let children = || outcome.children.iter().enumerate();
        let decides = |child: &Outcome<'_>| deciding.iter().any(|one| std::ptr::eq(*one, child));
        let mut reasons: Vec<String> = children().filter(|(_, child)| decides(child)).map(|(index, child)| self.below(index, child, below)).collect();
        if outcome.condition == Truth::Unknown && outcome.criterion.side == Side::Exclusion {
            let known = children().filter(|(_, child)| child.verdict == Verdict::Pass);
            reasons.extend(known.map(|(index, child)| self.below(index, child, below)));
        }
        joined(reasons, "; ")
    }

    /// The reason of a sub-criterion.
    fn below(&self, index: usize, child: &Outcome<'_>, below: Below<'_>) -> String {
        match below {
            Below::Told(told) => told.get(index).map_or_else(String::new, |told| (*told).to_owned()),
            _ => self.about(child, below),
        }
    }

    /// Which sub-criteria decide, by their ids.
    fn children_named(&self, outcome: &Outcome<'_>) -> String {
        let ids = |outcomes: &[&Outcome<'_>]| outcomes.iter().map(|child| child.criterion.id.as_str()).collect::<Vec<_>>().join(", ");
        let deciding = outcome.deciding_children();
        let all: Vec<&Outcome<'_>> = outcome.children.iter().collect();
        let need = outcome.criterion.group.as_ref().map_or(Need::All, |group| group.need);
        match (outcome.condition, outcome.criterion.side, need) {
            (Truth::Unknown, _, _) => format!("open: {}", ids(&deciding)),
            (Truth::True, Side::Inclusion, Need::All) => format!("{} are met", ids(&all)),
            (Truth::True, Side::Inclusion, _) => format!("{} is met", ids(&deciding)),
            (Truth::False, Side::Inclusion, Need::All) => format!("{} is not met", ids(&deciding)),
            (Truth::False, Side::Inclusion, Need::AtLeast(n)) => format!("fewer than {n} of {} are met", ids(&all)),
            (Truth::False, Side::Inclusion, Need::Any) => format!("none of {} is met", ids(&all)),
            (Truth::True, Side::Exclusion, _) => format!("{} excludes", ids(&deciding)),
            (Truth::False, Side::Exclusion, _) => format!("none of {} excludes", ids(&all)),
        }
    }

    fn readings(&self, outcome: &Outcome<'_>, mode: Mode) -> String {
        let Some(first) = outcome.readings.first() else { return String::new() };
        let leaves = distinct_leaves(outcome.readings.iter().map(|one| deciding(&one.reason, one.verdict)));
        if outcome.readings.iter().all(|reading| reading.verdict == first.verdict) {
            let said = if outcome.readings.len() == 1 { self.leaves(&leaves, mode) } else { self.observations(&leaves) };
            return match outcome.pinned {
                Some(pinned) => format!("{said} (reading {} pinned by the site)", pinned.name),
                None => said,
            };
        }
        let mut by_verdict: Vec<(Verdict, Vec<&str>)> = Vec::new();
        for one in &outcome.readings {
            match by_verdict.iter_mut().find(|(verdict, _)| *verdict == one.verdict) {
                Some((_, names)) => names.push(&one.reading.name),
                None => by_verdict.push((one.verdict, vec![&one.reading.name])),
            }
        }
        let side = outcome.criterion.side;
        let each: Vec<String> = by_verdict.into_iter().map(|(verdict, names)| format!("{} → {}", names.join(", "), met(verdict, side))).collect();
        format!("{}; the readings differ: {}", self.observations(&leaves), each.join("; "))
    }

    /// What is known of the facts of some conditions, without what is expected of them.
    fn observations(&self, leaves: &[&Leaf<'_>]) -> String {
        let neutral = |leaf: &&Leaf<'_>| match &leaf.expression.operation {
            // Whether any of the items counts is what is open.
            Operation::Exists(list) => source_fact(list).map_or_else(|| self.observation(leaf), |id| self.fact(id)),
            _ => self.observation(leaf),
        };
        joined(leaves.iter().map(neutral).collect(), "; ")
    }

    fn leaves(&self, leaves: &[&Leaf<'_>], mode: Mode) -> String {
        joined(leaves.iter().map(|leaf| self.leaf(leaf, mode)).collect(), "; ")
    }

    /// What is known, and what was expected where that does not go without saying.
    fn leaf(&self, leaf: &Leaf<'_>, mode: Mode) -> String {
        let mut observed = self.observation(leaf);
        if leaf.facts.is_empty() {
            // A condition that names no fact is about the day or about nothing: it speaks for itself.
            return format!("`{}` is {}", leaf.text.get(leaf.expression.span.clone()).unwrap_or(leaf.text), truth_word(leaf));
        }
        let unclear = |fact: &FactId| self.context.entries.get(fact.0).is_some_and(|entry| GapCause::of(&entry.value) == Some(GapCause::Unclear));
        if leaf.truth == Truth::Unknown && leaf.facts.iter().any(unclear) {
            observed.push_str(", which does not settle it");
        }
        for id in &leaf.chosen_by {
            observed.push_str("; ");
            observed.push_str(&self.fact(*id));
        }
        match self.expectation(leaf, mode) {
            Some(expected) => format!("{observed}; {expected}"),
            None => observed,
        }
    }

    fn observation(&self, leaf: &Leaf<'_>) -> String {
        let subject = match &leaf.expression.operation {
            Operation::Compare(comparison, left, right) => match (constant(left), constant(right)) {
                (Some(_), None) => right,
                (None, Some(_)) => left,
                _ => {
                    let (value, against, _) = self.sides(*comparison, left, right);
                    return self.value_and_limit(value, against, leaf);
                }
            },
            Operation::Timing(_, left, right) => return self.value_and_limit(left, right, leaf),
            Operation::In(value, _) | Operation::Between(value, _) => value,
            Operation::Member(_, list) => list,
            Operation::Exists(list) => return self.exists(list, leaf.truth, leaf.negated),
            _ => leaf.expression,
        };
        self.subject(subject, leaf)
    }

    /// What is known of the value that a condition is about.
    fn subject(&self, subject: &Expression, leaf: &Leaf<'_>) -> String {
        let trial = self.trial;
        // In another unit it is still the same thing.
        let (named, converted) = match &subject.operation {
            Operation::Scale(inner, _) => (&**inner, true),
            _ => (subject, false),
        };
        match &named.operation {
            Operation::Fact(id) if converted => self.named(&trial.facts.get(*id).label, subject, leaf),
            Operation::Fact(id) => self.fact(*id),
            Operation::Attribute(id, attribute) => self.attribute(*id, *attribute, subject),
            Operation::Definition(id) => match self.trial.definitions.get(id.0) {
                Some(definition) => {
                    let named = self.named(&definition.label, subject, leaf);
                    let behind = self.item_behind(&definition.expression);
                    // What a computed value was computed from; of one that is not known it has been said. An age says it itself.
                    let computed = behind.is_empty()
                        && !matches!(definition.expression.operation, Operation::Field(..) | Operation::Age(..))
                        && !self.context.value(subject).is_null();
                    if computed { format!("{named}; {}", self.facts_of(subject, leaf)) } else { format!("{named}{behind}") }
                }
                None => self.facts(leaf),
            },
            Operation::Age(precision, _, at) => {
                let at = match (&at.operation, self.context.value(at)) {
                    (Operation::Today, _) => String::new(),
                    (_, Value::Date(on)) => format!(" on {}", date::format(&on)),
                    _ => String::new(),
                };
                self.named(&format!("Age in {}{at}", precision.plural()), subject, leaf)
            }
            Operation::DurationBetween(precision, _, from, to) => self.named(&self.time_between(*precision, from, to, leaf), subject, leaf),
            Operation::Aggregate(Aggregate::Count, list) => self.counted_items(list, leaf),
            // A condition that has no words of its own is said by what it looks at.
            _ if subject.kind == Type::Boolean => self.facts(leaf),
            _ => match leaf.text.get(subject.span.clone()) {
                Some(text) if !leaf.facts.is_empty() => self.named(text, subject, leaf),
                _ => self.facts(leaf),
            },
        }
    }

    /// The items of a list that a condition counts: `Earlier treatment: 2 count (…)`.
    fn counted_items(&self, list: &Expression, leaf: &Leaf<'_>) -> String {
        let Some(id) = source_fact(list) else { return self.facts(leaf) };
        let fact = self.trial.facts.get(id);
        let (Some(entry), Kind::List(kind)) = (self.context.entries.get(id.0), &fact.kind) else { return self.fact(id) };
        let (Value::List(all), Value::List(kept)) = (&entry.value, self.context.value(list)) else { return self.fact(id) };
        let open = if all.open { "; the list is not complete" } else { "" };
        if all.elements.is_empty() || kept.elements.is_empty() {
            let none =
                if all.elements.is_empty() { list_shown(kind, all) } else { format!("none that counts among {}{open}", list_shown(kind, all)) };
            return format!("{}: {none}{}", fact.label, evidence(fact, entry));
        }
        let unsure = kept.elements.iter().any(|element| !element.certain);
        let items: Vec<String> = kept.elements.iter().map(|element| element_shown(kind, &element.value, unsure)).collect();
        let count = numbers(&List { open: false, ..(*kept).clone() }.count());
        let counts = match (filter_of(list), count.as_str()) {
            (None, _) => "",
            (Some(_), "1") => " counts",
            (Some(_), _) => " count",
        };
        format!("{}: {count}{counts} ({}){open}{}", fact.label, items.join(" · "), evidence(fact, entry))
    }

    /// Of a field of the first or last item of a list, the rest of that item.
    fn item_behind(&self, expression: &Expression) -> String {
        if self.context.value(expression).is_null() {
            return String::new();
        }
        let Operation::Field(item, field) = &expression.operation else { return String::new() };
        let Type::Item(kind) = &item.kind else { return String::new() };
        match self.context.value(item) {
            Value::Item(values) => {
                let rest: Vec<Value> =
                    values.iter().enumerate().map(|(index, value)| if index == *field { Value::UNKNOWN } else { value.clone() }).collect();
                let known: Vec<&Value> = rest.iter().filter(|value| !value.is_null()).collect();
                if known.is_empty() { String::new() } else { format!(" ({})", item_shown(kind, &rest, false)) }
            }
            _ => String::new(),
        }
    }

    /// A value with a name; where it is not known, what is known of the facts behind it.
    fn named(&self, label: &str, subject: &Expression, leaf: &Leaf<'_>) -> String {
        match self.context.value(subject) {
            Value::Null(_) => {
                let behind = self.facts_of(subject, leaf);
                if behind.is_empty() { format!("{label} not known") } else { format!("{label} not known; {behind}") }
            }
            value => format!("{label}{}{}", copula(&subject.kind), shown(&value, &subject.kind)),
        }
    }

    /// What is known of every fact that a condition names.
    fn facts(&self, leaf: &Leaf<'_>) -> String {
        leaf.facts.iter().map(|id| self.fact_with_gaps(*id)).collect::<Vec<_>>().join("; ")
    }

    /// What is known of every fact that a part of a condition names.
    fn facts_of(&self, part: &Expression, leaf: &Leaf<'_>) -> String {
        let facts = facts_of(part, &self.trial.definitions);
        facts.into_iter().map(|id| self.age_from(id, part, leaf).unwrap_or_else(|| self.fact_with_gaps(id))).collect::<Vec<_>>().join("; ")
    }

    /// What is known of a fact: `ECOG performance status is 1 (2026-11-18, investigator-1)`.
    #[must_use]
    pub fn fact(&self, id: FactId) -> String {
        let fact = self.trial.facts.get(id);
        let Some(entry) = self.context.entries.get(id.0) else { return fact.label.clone() };
        match &entry.value {
            Value::Null(cause) => format!("{} {cause}{}", fact.label, evidence(fact, entry)),
            // Said so often that it is put together without formatting.
            value => [&fact.label, copula_of(fact), &self.fact_value(fact, entry, value), &evidence(fact, entry)].concat(),
        }
    }

    /// The same, with what the items of a list lack.
    fn fact_with_gaps(&self, id: FactId) -> String {
        let fact = self.trial.facts.get(id);
        match (self.context.entries.get(id.0).map(|entry| &entry.value), &fact.kind) {
            (Some(Value::List(list)), Kind::List(kind)) if !list.elements.is_empty() => {
                let items: Vec<String> = list.elements.iter().map(|element| element_shown(kind, &element.value, true)).collect();
                format!("{}: {}", fact.label, items.join(" · "))
            }
            _ => self.fact(id),
        }
    }

    /// The value of a fact as a report shows it; none if it is not known.
    #[must_use]
    pub fn value_of(&self, id: FactId) -> Option<String> {
        let fact = self.trial.facts.get(id);
        let entry = self.context.entries.get(id.0)?;
        (!entry.value.is_null()).then(|| self.fact_value(fact, entry, &entry.value))
    }

    fn fact_value(&self, fact: &Fact, entry: &Entry, value: &Value) -> String {
        let shown = shown_as(fact, value);
        match entry.evidence.as_ref().and_then(|evidence| evidence.written.as_ref()) {
            Some(written) => format!("{written} ({shown})"),
            None => shown,
        }
    }

    /// `exists`: the items that match, or that there are none.
    fn exists(&self, list: &Expression, truth: Truth, negated: bool) -> String {
        let (source, filter) = match &list.operation {
            Operation::Query(query) => {
                let Query { source, filter, .. } = &**query;
                (source, filter.as_ref())
            }
            _ => (list, None),
        };
        let Operation::Fact(id) = source.operation else { return format!("{}: {}", "the list", plain(&self.context.value(source))) };
        let fact = self.trial.facts.get(id);
        let (Some(entry), Kind::List(kind)) = (self.context.entries.get(id.0), &fact.kind) else { return self.fact(id) };
        let Value::List(list) = &entry.value else { return self.fact(id) };
        let exists = if negated { !truth } else { truth };
        let passing = |element: &Value| filter.map_or(Truth::True, |filter| self.context.truth_for(filter, element));
        let with = |wanted: Truth, gaps: bool| {
            let kept = list.elements.iter().filter(|element| passing(&element.value) == wanted);
            kept.map(|element| element_shown(kind, &element.value, gaps)).collect::<Vec<_>>().join(" · ")
        };
        let open = if list.open && !list.elements.is_empty() { "; the list is not complete" } else { "" };
        let said = match exists {
            Truth::True => with(Truth::True, false),
            Truth::Unknown => match with(Truth::Unknown, true) {
                doubtful if doubtful.is_empty() => list_shown(kind, list),
                doubtful => doubtful,
            },
            Truth::False if list.elements.is_empty() => "none known".to_owned(),
            Truth::False => format!("none that counts among {}", list_shown(kind, list)),
        };
        format!("{}: {said}{open}{}", fact.label, evidence(fact, entry))
    }

    /// What was expected of the value.
    fn expectation(&self, leaf: &Leaf<'_>, mode: Mode) -> Option<String> {
        let (subject, limit, ordered) = match &leaf.expression.operation {
            Operation::Compare(comparison, left, right) => {
                let (subject, value, comparison) = match (constant(left), constant(right)) {
                    (Some(value), None) => (right, self.as_written(left, value, leaf), comparison.flipped()),
                    (None, Some(value)) => (left, self.as_written(right, value, leaf), *comparison),
                    _ => {
                        let (_, against, comparison) = self.sides(*comparison, left, right);
                        return self.computed_limit(leaf, comparison, against, mode);
                    }
                };
                let comparison = if leaf.negated { comparison.negated() } else { comparison };
                (&**subject, limit(comparison, &value, &subject.kind), is_ordered(&subject.kind))
            }
            Operation::Timing(timing, _, anchor) => return self.window(leaf, *timing, anchor, mode),
            Operation::Between(value, limits) => (&**value, self.range(limits, &value.kind, leaf)?, true),
            Operation::In(value, options) => {
                let shown: Option<Vec<String>> = options.iter().map(|option| Some(shown(constant(option)?, &value.kind))).collect();
                let list = shown?.join(" or ");
                (&**value, if leaf.negated { format!("other than {list}") } else { list }, is_ordered(&value.kind))
            }
            Operation::Xor(..) | Operation::Aggregate(..) => return self.expected_text(leaf, mode),
            _ => return None,
        };
        // What a code or a yes or no had to be shows only where it was not.
        let goes_without_saying = !ordered && (leaf.truth == Truth::True || mode == Mode::Exclude);
        if goes_without_saying {
            return None;
        }
        let counted = self.counted(subject, leaf.expression);
        mode.demands(&limit).map(|demand| format!("{demand}{counted}"))
    }

    /// A condition that has no words of its own is said in those of the rule.
    fn expected_text(&self, leaf: &Leaf<'_>, mode: Mode) -> Option<String> {
        let text = leaf.text.get(leaf.expression.span.clone())?;
        mode.demands(&format!("`{}{text}`", if leaf.negated { "not " } else { "" }))
    }

    fn range(&self, limits: &Limits, kind: &Type, leaf: &Leaf<'_>) -> Option<String> {
        let end = |end: &Option<(Box<Expression>, bool)>| match end {
            None => Some(None),
            Some((expression, inclusive)) => Some(Some((self.as_written(expression, constant(expression)?, leaf), *inclusive))),
        };
        let (low, high) = (end(&limits.low)?, end(&limits.high)?);
        Some(if leaf.negated { outside(low, high, kind) } else { within(low, high, kind) })
    }

    /// How two durations in different units were compared.
    fn counted(&self, subject: &Expression, expression: &Expression) -> String {
        let durations = |value: &Value| match value {
            Value::Duration(bounds) => [bounds.low, bounds.high].into_iter().flatten().map(|end| end.value).next(),
            _ => None,
        };
        let Operation::Compare(_, left, right) = &expression.operation else { return String::new() };
        let Some(limit) = constant(left).or_else(|| constant(right)).and_then(durations) else { return String::new() };
        let Some(given) = durations(&self.context.value(subject)) else { return String::new() };
        let units = |duration: Duration| (duration.years != 0 || duration.months != 0, duration.weeks != 0 || duration.days != 0);
        let today = self.context.today;
        match (given.days_from(today), limit.days_from(today)) {
            (Some(mine), Some(theirs)) if units(given) != units(limit) => {
                format!(" (from {today}, {given} {} {mine} days and {limit} {} {theirs})", is_are(given), is_are(limit))
            }
            _ => String::new(),
        }
    }
}

/// The list fact that a query or a list is about.
fn source_fact(list: &Expression) -> Option<FactId> {
    match &list.operation {
        Operation::Fact(id) => Some(*id),
        Operation::Query(query) => source_fact(&query.source),
        _ => None,
    }
}

/// What the items of a query have to meet.
fn filter_of(list: &Expression) -> Option<&Expression> {
    match &list.operation {
        Operation::Query(query) => query.filter.as_ref().or_else(|| filter_of(&query.source)),
        _ => None,
    }
}

fn truth_word(leaf: &Leaf<'_>) -> &'static str {
    match if leaf.negated { !leaf.truth } else { leaf.truth } {
        Truth::True => "true",
        Truth::False => "false",
        Truth::Unknown => "unknown",
    }
}

/// Why a fact does not decide.
#[must_use]
pub fn missing_in_words(cause: GapCause) -> String {
    match cause {
        GapCause::Missing(Missing::Undetermined) => "not decided".to_owned(),
        GapCause::Missing(cause) => cause.to_string(),
        GapCause::Unclear => "recorded, but unclear".to_owned(),
        GapCause::Inexact => "known only in part".to_owned(),
        GapCause::Without(attribute) => format!("recorded without its {}", attribute.name()),
    }
}

fn is_are(duration: Duration) -> &'static str {
    if duration.to_string().starts_with("1 ") && !duration.to_string().contains("1 month ") { "is" } else { "are" }
}

/// Whether a sub-criterion or reading is met, in words that do not sound like a verdict on the candidate.
#[must_use]
pub fn met(verdict: Verdict, side: Side) -> &'static str {
    match (verdict, side) {
        (Verdict::Pass, Side::Inclusion) => "met",
        (Verdict::Fail, Side::Inclusion) => "not met",
        (Verdict::Pass, Side::Exclusion) => "does not exclude",
        (Verdict::Fail, Side::Exclusion) => "excludes",
        (Verdict::Unknown, _) => "unknown",
        (Verdict::NotApplicable, _) => "not applicable",
    }
}

/// The parts of a sentence, each once.
fn joined(mut parts: Vec<String>, between: &str) -> String {
    if parts.len() == 1 {
        return parts.pop().unwrap_or_default();
    }
    let mut kept = String::new();
    for (index, part) in parts.iter().enumerate() {
        if !parts.iter().take(index).any(|earlier| earlier == part) {
            if index > 0 {
                kept.push_str(between);
            }
            kept.push_str(part);
        }
    }
    kept
}

/// The parts of a condition that a sentence names. Every obstacle is named; for the absence of one, one part suffices.
fn deciding<'r, 'a>(reason: &'r Reason<'a>, verdict: Verdict) -> Vec<&'r Leaf<'a>> {
    if verdict == Verdict::Pass { reason.sufficient() } else { reason.deciding() }
}

/// The deciding parts of several conditions, what is said of the same facts only once.
fn distinct_leaves<'r, 'a: 'r>(conditions: impl Iterator<Item = Vec<&'r Leaf<'a>>>) -> Vec<&'r Leaf<'a>> {
    let mut kept: Vec<&Leaf<'_>> = Vec::new();
    for leaf in conditions.flatten() {
        if !kept.iter().any(|known| known.facts == leaf.facts) {
            kept.push(leaf);
        }
    }
    kept
}

/// Where a value comes from, in brackets: ` (2026-11-18, investigator-1)`.
fn evidence(fact: &Fact, entry: &Entry) -> String {
    let known = entry.evidence.as_deref();
    let date = known.and_then(|evidence| evidence.date.as_ref()).map(date::format);
    let named = known.into_iter().flat_map(|evidence| [evidence.by.as_deref(), evidence.source.as_deref()]).flatten();
    let unsigned = (fact.judgement && !entry.value.is_null() && !is_signed(entry)).then_some("unsigned");
    let mut said = String::new();
    for part in date.as_deref().into_iter().chain(named).chain(unsigned) {
        said.push_str(if said.is_empty() { " (" } else { ", " });
        said.push_str(part);
    }
    if !said.is_empty() {
        said.push(')');
    }
    said
}
