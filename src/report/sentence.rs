//! Sentences, made from the data of a screening: what is known of a fact, what was expected, why a verdict is what it is.
//! [`english`] says in words what a condition asks for, whoever the candidate is.

pub mod english;
mod items;
mod known;
pub(crate) mod limits;
mod parts;
mod silence;
pub mod template;
mod value_phrase;
pub(crate) mod values;

pub use self::parts::Subcriteria;
pub use self::values::plausible_range;

use self::english::{Demand, EnglishWriter};
use self::template::{Parts, Template};
use self::values::{
    constant, copula, copula_of, is_ordered, show, show_list, show_of, text_of, upper_first,
};
use crate::cql::typed::{Aggregate, Expression, Operation};
use crate::cql::{Type, facts_of};
use crate::entry::Entry;
use crate::evaluate::Context;
use crate::facts::{Fact, FactId, Kind};
use crate::screening::{
    GapCause, Leaf, OpenQuestion, Outcome, RaisedDoubt, Reason, Screening, Verdict,
};
use crate::trial::policy::is_signed;
use crate::trial::{Side, Trial};
use crate::value::{Duration, Missing, Truth, Value, date};

/// Makes the sentences of one screening.
pub struct Sentences<'s> {
    trial: &'s Trial,
    pub(crate) context: Context<'s>,
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
        let context = Context::new(
            &screening.entries,
            &screening.trial.definitions,
            screening.record.screened_on,
        );
        Self::within(screening.trial, context)
    }

    /// Sentences about what a context knows.
    #[must_use]
    pub fn within(trial: &'s Trial, context: Context<'s>) -> Self {
        Self { trial, context }
    }

    /// Why a criterion has its verdict, in one sentence that stands for itself.
    #[must_use]
    pub fn reason(&self, outcome: &Outcome<'_>) -> String {
        self.filled(&self.reason_template(outcome, Subcriteria::Reasons))
    }

    /// The same, where the reasons of the sub-criteria are shown below it.
    #[must_use]
    pub fn reason_above_sub_criteria(&self, outcome: &Outcome<'_>) -> String {
        self.filled(&self.reason_template(outcome, Subcriteria::Ids))
    }

    /// The sentence, its evidence filled in.
    fn filled(&self, sentence: &Template) -> String {
        let mut text = String::new();
        sentence.fill(&mut text, |fact, out| self.evidence(fact, out));
        text
    }

    /// Writes where what is known of a fact comes from, in brackets: ` (2026-11-18, investigator-1)`.
    pub fn evidence(&self, id: FactId, out: &mut String) {
        let Some(entry) = self.context.entries.get(id.0) else {
            return;
        };
        let mut lead = " (";
        if let Some(known) = entry.evidence.as_deref() {
            if let Some(date) = &known.date {
                out.push_str(std::mem::replace(&mut lead, ", "));
                date::write(date, out);
            }
            for named in [&known.by, &known.source].into_iter().flatten() {
                out.push_str(std::mem::replace(&mut lead, ", "));
                out.push_str(named);
            }
        }
        if self.trial.facts.get(id).judgement && !entry.value.is_null() && !is_signed(entry) {
            out.push_str(std::mem::replace(&mut lead, ", "));
            out.push_str("unsigned");
        }
        if lead == ", " {
            out.push(')');
        }
    }

    /// Says what of a criterion's own conditions made it what it is, one thing after the other; its sub-criteria are left out.
    fn own_parts(&self, outcome: &Outcome<'_>, own: &mut Parts) {
        if let Some((first, others)) = outcome.conflicts.split_first() {
            own.part(|said| {
                said.push("the record contradicts itself: ");
                said.push(&first.said());
                for conflict in others {
                    said.push("; ");
                    said.push(&conflict.said());
                }
            });
            return;
        }
        if outcome.verdict == Verdict::NotApplicable {
            if let Some(applies) = outcome
                .applies
                .as_ref()
                .filter(|applies| applies.truth() == Truth::False)
            {
                own.part(|said| {
                    self.leaves(&applies.sufficient(), Mode::Apply, said);
                    said.push(", so it does not apply");
                });
            }
            return;
        }
        if outcome.deciding_doubts().next().is_some() {
            Self::doubts(outcome.deciding_doubts(), own);
            return;
        }
        if outcome.hangs_on_settled_doubt() && !outcome.open_rulings.is_empty() {
            self.open_rulings(outcome, own);
            return;
        }
        let mode = Mode::from(outcome.criterion.side);
        let says =
            |truth: Truth| outcome.criterion.children().is_empty() || truth == outcome.condition;
        if let Some(applies) = &outcome.applies
            && applies.truth() == Truth::Unknown
            && outcome.verdict == Verdict::Unknown
        {
            own.part(|said| {
                said.push("whether it applies is open: ");
                self.observations(&applies.deciding(), said);
            });
        }
        if let Some(reason) = outcome
            .reason
            .as_ref()
            .filter(|reason| says(reason.truth()))
        {
            deciding(reason, outcome.verdict)
                .iter()
                .for_each(|leaf| own.part(|said| self.leaf(leaf, mode, said)));
        }
        if outcome
            .readings
            .iter()
            .map(|reading| reading.reason.truth())
            .reduce(Truth::join)
            .is_some_and(says)
        {
            self.readings(outcome, mode, own);
        }
        if let Some(why) = &outcome.criterion.closed_world
            && silence::is_read(&self.context, outcome.criterion)
        {
            own.part(|said| {
                said.push("silence is read as an answer here: ");
                said.push(why);
            });
        }
        // What is open besides would not settle it.
        Self::doubts(outcome.unsettled_doubts(), own);
    }

    /// Says what leaves open whether a doubt that the site settled against the candidate is raised.
    fn open_rulings(&self, outcome: &Outcome<'_>, own: &mut Parts) {
        for ruling in &outcome.open_rulings {
            own.part(|said| {
                said.push("whether the site's ruling (");
                said.push(&ruling.doubt.id);
                said.push(" ");
                said.push(ruling.settled.name());
                said.push(") is about this candidate is open: ");
                self.observations(&ruling.reason.deciding(), said);
            });
        }
    }

    /// Says which doubts about the protocol keep it from being decided, or decided it as the site settled them.
    fn doubts<'o>(raised: impl Iterator<Item = &'o RaisedDoubt<'o>>, own: &mut Parts) {
        for raised in raised {
            own.part(|said| {
                said.push(match raised.settled {
                    None => "to be ruled (",
                    Some(_) => "by the site's ruling (",
                });
                said.push(&raised.doubt.id);
                if let Some(settlement) = raised.settled {
                    said.push(" ");
                    said.push(settlement.name());
                }
                said.push("): ");
                said.push(&raised.said());
            });
        }
    }

    fn readings(&self, outcome: &Outcome<'_>, mode: Mode, own: &mut Parts) {
        let Some(first) = outcome.readings.first() else {
            return;
        };
        let leaves = distinct_leaves(
            outcome
                .readings
                .iter()
                .map(|one| deciding(&one.reason, one.verdict)),
        );
        let say = |leaf: &Leaf<'_>, said: &mut Template| match outcome.readings.as_slice() {
            [_] => self.leaf(leaf, mode, said),
            _ => self.observed(leaf, said),
        };
        let differ = outcome
            .readings
            .iter()
            .any(|reading| reading.verdict != first.verdict);
        match outcome.pinned.filter(|_| !differ) {
            None => leaves
                .iter()
                .for_each(|leaf| own.part(|said| say(leaf, said))),
            Some(pinned) => own.part(|said| {
                said.join("; ", |join| {
                    leaves
                        .iter()
                        .for_each(|leaf| join.part(|said| say(leaf, said)))
                });
                said.push(" (reading ");
                said.push(&pinned.name);
                said.push(" pinned by the site)");
            }),
        }
        let questions = outcome.open_questions();
        if !questions.is_empty() {
            questions
                .iter()
                .for_each(|open| own.part(|said| hanging(outcome.criterion.side, open, said)));
        } else if differ && outcome.criterion.questions().is_empty() {
            own.part(|said| Self::differing(outcome, said));
        }
    }

    /// Says what the readings come to.
    fn differing(outcome: &Outcome<'_>, said: &mut Template) {
        let mut lead = "the readings differ: ";
        for (index, one) in outcome.readings.iter().enumerate() {
            // Readings of the same verdict are named together, where the first of them stands.
            if outcome
                .readings
                .iter()
                .take(index)
                .any(|earlier| earlier.verdict == one.verdict)
            {
                continue;
            }
            said.push(std::mem::replace(&mut lead, "; "));
            let mut alike = outcome
                .readings
                .iter()
                .filter(|other| other.verdict == one.verdict);
            said.push(alike.next().map_or("", |reading| &reading.reading.name));
            for other in alike {
                said.push(", ");
                said.push(&other.reading.name);
            }
            said.push(" → ");
            said.push(met(one.verdict, outcome.criterion.side));
        }
    }

    /// What is known of the facts of some conditions, without what is expected of them.
    fn observations(&self, leaves: &[&Leaf<'_>], said: &mut Template) {
        said.join("; ", |join| {
            leaves
                .iter()
                .for_each(|leaf| join.part(|said| self.observed(leaf, said)))
        });
    }

    fn observed(&self, leaf: &Leaf<'_>, said: &mut Template) {
        match &leaf.expression.operation {
            // Whether any of the items counts is what is open.
            Operation::Exists(list) => match self.source_fact(list) {
                Some(id) => self.say_fact(id, said),
                None => self.observation(leaf, said),
            },
            _ => self.observation(leaf, said),
        }
    }

    fn leaves(&self, leaves: &[&Leaf<'_>], mode: Mode, said: &mut Template) {
        said.join("; ", |join| {
            leaves
                .iter()
                .for_each(|leaf| join.part(|said| self.leaf(leaf, mode, said)))
        });
    }

    /// What is known, and what was expected where that does not go without saying.
    fn leaf(&self, leaf: &Leaf<'_>, mode: Mode, said: &mut Template) {
        if leaf.facts.is_empty() {
            // A condition that names no fact is about the day or about nothing: it speaks for itself.
            said.push(&upper_first(&self.english(leaf).condition(leaf.expression)));
            said.push(": ");
            said.push(truth_word(leaf));
            return;
        }
        self.observation(leaf, said);
        let unclear = |fact: &FactId| {
            self.context
                .entries
                .get(fact.0)
                .is_some_and(|entry| GapCause::of(&entry.value) == Some(GapCause::Unclear))
        };
        if leaf.truth == Truth::Unknown && leaf.facts.iter().any(unclear) {
            said.push(", which does not settle it");
        }
        for id in &leaf.chosen_by {
            said.push("; ");
            self.say_fact(*id, said);
        }
        if mode != Mode::Apply {
            self.expectation(leaf, mode, said);
        }
    }

    fn observation(&self, leaf: &Leaf<'_>, said: &mut Template) {
        let subject = match &leaf.expression.operation {
            Operation::Compare(comparison, left, right) => {
                match (constant(left), constant(right)) {
                    (Some(_), None) => right,
                    (None, Some(_)) => left,
                    _ => {
                        let (value, against, _) = self.sides(*comparison, left, right);
                        return self.value_and_limit(value, against, leaf, said);
                    }
                }
            }
            Operation::Timing(_, left, right) => {
                return self.value_and_limit(left, right, leaf, said);
            }
            Operation::In(value, _) | Operation::Between(value, _) => value,
            Operation::Member(_, list) => list,
            Operation::Exists(list) => return self.exists(list, leaf, said),
            _ => leaf.expression,
        };
        self.subject(subject, leaf, said);
    }

    /// What is known of the value that a condition is about.
    fn subject(&self, subject: &Expression, leaf: &Leaf<'_>, said: &mut Template) {
        let trial = self.trial;
        // In another unit it is still the same thing.
        let (named, converted) = match &subject.operation {
            Operation::Scale(inner, _) => (&**inner, true),
            _ => (subject, false),
        };
        match &named.operation {
            Operation::Fact(id) if converted => {
                self.named(&trial.facts.get(*id).label, subject, leaf, said)
            }
            Operation::Fact(id) => self.say_fact(*id, said),
            Operation::Attribute(id, attribute) => {
                said.push(&self.attribute(*id, *attribute, subject))
            }
            Operation::Definition(id) => match self.trial.definitions.get(id.0) {
                Some(definition) => {
                    self.named(&definition.label, subject, leaf, said);
                    if self.rest_of_item(&definition.expression, said) {
                        return;
                    }
                    // What a computed value was computed from; of one that is not known it has been said. An age says it itself.
                    let is_computed = !matches!(
                        definition.expression.operation,
                        Operation::Field(..) | Operation::Age(..)
                    );
                    if is_computed && !self.context.value(subject).is_null() {
                        said.push("; ");
                        self.facts_of(subject, leaf, said);
                    }
                }
                None => self.facts(leaf, said),
            },
            Operation::Age(precision, _, at) => {
                let at = match (&at.operation, self.context.value(at)) {
                    (Operation::Today, _) => String::new(),
                    (_, Value::Date(on)) => format!(" on {}", date::format(&on)),
                    _ => String::new(),
                };
                self.named(
                    &format!("Age in {}{at}", precision.plural()),
                    subject,
                    leaf,
                    said,
                );
            }
            Operation::DurationBetween(precision, _, from, to) => self.named(
                &self.time_between(*precision, from, to, leaf),
                subject,
                leaf,
                said,
            ),
            Operation::Aggregate(Aggregate::Count, list) => self.counted_items(list, leaf, said),
            // A condition that has no words of its own is said by what it looks at.
            _ if subject.kind == Type::Boolean => self.facts(leaf, said),
            _ => {
                let label = upper_first(&self.english(leaf).value(subject));
                self.named(&label, subject, leaf, said);
                self.rest_of_item(subject, said);
            }
        }
    }

    /// A value with a name; where it is not known, what is known of the facts behind it.
    fn named(&self, label: &str, subject: &Expression, leaf: &Leaf<'_>, said: &mut Template) {
        said.push(label);
        match self.context.value(subject) {
            Value::Null(_) => {
                said.push(" not known");
                let mut facts = Template::default();
                self.facts_of(subject, leaf, &mut facts);
                if !facts.is_empty() {
                    said.push("; ");
                    said.append(&facts);
                }
            }
            value => {
                said.push(copula(&subject.kind));
                show(&value, &subject.kind, said.text());
            }
        }
    }

    /// What is known of every fact that a condition names.
    fn facts(&self, leaf: &Leaf<'_>, said: &mut Template) {
        for (index, id) in leaf.facts.iter().enumerate() {
            if index > 0 {
                said.push("; ");
            }
            self.say_fact_with_gaps(*id, said);
        }
    }

    /// What is known of every fact that a part of a condition names.
    fn facts_of(&self, part: &Expression, leaf: &Leaf<'_>, said: &mut Template) {
        for (index, id) in facts_of(part, &self.trial.definitions)
            .into_iter()
            .enumerate()
        {
            if index > 0 {
                said.push("; ");
            }
            if !self.say_age_from(id, part, leaf, said) {
                self.say_fact_with_gaps(id, said);
            }
        }
    }

    /// What is known of a fact: `ECOG performance status is 1 (2026-11-18, investigator-1)`.
    #[must_use]
    pub fn fact(&self, id: FactId) -> String {
        let mut said = Template::default();
        self.say_fact(id, &mut said);
        self.filled(&said)
    }

    fn say_fact(&self, id: FactId, said: &mut Template) {
        let fact = self.trial.facts.get(id);
        said.push(&fact.label);
        let Some(entry) = self.context.entries.get(id.0) else {
            return;
        };
        match &entry.value {
            Value::Null(cause) => {
                said.push(" ");
                said.push(cause.words());
            }
            value => {
                said.push(copula_of(fact));
                match (value, &fact.kind) {
                    (Value::List(list), Kind::List(kind)) => {
                        show_list(kind, list, said.text());
                        said.push(items::completeness(list));
                    }
                    _ => show_fact_value(fact, entry, value, said.text()),
                }
            }
        }
        said.push_evidence(id);
    }

    /// The value of a fact as a report shows it; none if it is not known.
    #[must_use]
    pub fn value_of(&self, id: FactId) -> Option<String> {
        let fact = self.trial.facts.get(id);
        let entry = self.context.entries.get(id.0)?;
        (!entry.value.is_null())
            .then(|| text_of(|out| show_fact_value(fact, entry, &entry.value, out)))
    }

    /// What was expected of the value, unless that goes without saying: `; at most 2 required`.
    fn expectation(&self, leaf: &Leaf<'_>, mode: Mode, said: &mut Template) {
        // What a code or a yes or no had to be shows only where it was not.
        let goes_without_saying =
            |kind: &Type| !is_ordered(kind) && (leaf.truth == Truth::True || mode == Mode::Exclude);
        match &leaf.expression.operation {
            Operation::Compare(comparison, left, right)
                if constant(left).is_some() == constant(right).is_some() =>
            {
                let (_, against, comparison) = self.sides(*comparison, left, right);
                let limit = self.computed_limit(leaf, comparison, against);
                return demand(limit, mode, "", said);
            }
            Operation::Timing(timing, _, anchor) => {
                return self.window(leaf, *timing, anchor, mode, said);
            }
            Operation::Xor(..) | Operation::Aggregate(..) | Operation::Case(..) => {
                return self.expected_words(leaf, mode, said);
            }
            // What an item has to be goes without saying where it is a code or a yes or no, as for a fact.
            Operation::Exists(list) if looks_at_ordered(list) => {
                return self.expected_words(leaf, mode, said);
            }
            _ => {}
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
        if goes_without_saying(&subject.kind) {
            return;
        }
        let counted = match &subject.operation {
            Operation::Aggregate(Aggregate::Count, list) if looks_at_ordered(list) => {
                format!(" (counted is {})", self.english(leaf).value(subject))
            }
            _ => self.counted(subject, leaf.expression),
        };
        demand(Some(words), mode, &counted, said);
    }

    /// A condition as a whole, in words.
    fn expected_words(&self, leaf: &Leaf<'_>, mode: Mode, said: &mut Template) {
        let english = self.english(leaf);
        let words = if leaf.negated {
            english.negation(leaf.expression)
        } else {
            english.condition(leaf.expression)
        };
        let words = words.strip_prefix("there is ").unwrap_or(&words);
        demand(Some(words.to_owned()), mode, "", said);
    }

    /// Words for the parts of a condition.
    fn english<'l>(&'l self, leaf: &Leaf<'l>) -> EnglishWriter<'l> {
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
fn demand(limit: Option<String>, mode: Mode, behind: &str, said: &mut Template) {
    if let Some(demand) = limit.and_then(|limit| mode.demands(&limit)) {
        for words in ["; ", &demand, behind] {
            said.push(words);
        }
    }
}

fn show_fact_value(fact: &Fact, entry: &Entry, value: &Value, out: &mut String) {
    match entry
        .evidence
        .as_ref()
        .and_then(|evidence| evidence.written.as_ref())
    {
        Some(written) => {
            out.push_str(written);
            out.push_str(" (");
            show_of(fact, value, out);
            out.push(')');
        }
        None => show_of(fact, value, out),
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

fn truth_word(leaf: &Leaf<'_>) -> &'static str {
    match if leaf.negated {
        !leaf.truth
    } else {
        leaf.truth
    } {
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

/// The parts of a condition that a sentence names. Every obstacle is named; for the absence of one, one part suffices.
fn deciding<'r, 'a>(reason: &'r Reason<'a>, verdict: Verdict) -> Vec<&'r Leaf<'a>> {
    if verdict == Verdict::Pass {
        reason.sufficient()
    } else {
        reason.deciding()
    }
}

/// The deciding parts of several conditions, what is said of the same facts only once.
fn distinct_leaves<'r, 'a: 'r>(
    conditions: impl Iterator<Item = Vec<&'r Leaf<'a>>>,
) -> Vec<&'r Leaf<'a>> {
    let mut kept: Vec<&Leaf<'_>> = Vec::new();
    for leaf in conditions.flatten() {
        if !kept.iter().any(|known| known.facts == leaf.facts) {
            kept.push(leaf);
        }
    }
    kept
}

/// Says what becomes of a criterion with each meaning of a question.
fn hanging(side: Side, open: &OpenQuestion<'_>, said: &mut Template) {
    said.push("it hangs on ");
    said.push(&open.question.name);
    let mut lead = ": ";
    for (place, verdict) in &open.verdicts {
        let Some(meaning) = open.question.meanings.get(*place) else {
            continue;
        };
        said.push(std::mem::replace(&mut lead, "; "));
        said.push(&meaning.name);
        said.push(" → ");
        said.push(met(*verdict, side));
    }
}
