//! Sentences, made from the data of a screening: what is known of a fact, what was expected, why a verdict is what it is.
//! [`english`] says in words what a condition asks for, whoever the candidate is.

pub mod english;
mod items;
mod leaf;
pub(crate) mod limits;
mod observed;
mod reason;
mod silence;
pub mod template;
mod value_phrase;
pub(crate) mod values;

use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;

use rustc_hash::FxHashMap;

pub use self::reason::Subcriteria;
pub use self::values::plausible_range;

use self::template::Template;
use self::values::{copula_of, show_list, show_of, text_of};
use crate::entry::Entry;
use crate::evaluate::Context;
use crate::facts::{Fact, FactId, Kind};
use crate::screening::{GapCause, Outcome, Screening, Verdict};
use crate::trial::policy::is_signed;
use crate::trial::{Side, Trial};
use crate::value::{Absent, Missing, Value, date};

/// Makes the sentences of one screening.
pub struct Sentences<'s> {
    trial: &'s Trial,
    pub(crate) context: Context<'s>,
    cache: Option<&'s PhraseCache<'s>>,
}

/// What the conditions of a trial ask for, in words: the same for every record.
#[derive(Debug)]
pub struct PhraseCache<'t> {
    /// By the place of the part of a condition in memory, and whether it is negated.
    words: RefCell<FxHashMap<(usize, bool), Rc<str>>>,
    /// What is in these places as long as the cache lives.
    trial: PhantomData<&'t Trial>,
}

impl<'t> PhraseCache<'t> {
    /// Nothing was said yet.
    #[must_use]
    pub fn new(_: &'t Trial) -> Self {
        Self {
            words: RefCell::default(),
            trial: PhantomData,
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
        Self {
            trial,
            context,
            cache: None,
        }
    }

    /// The same, with words that are kept for other records of the trial.
    #[must_use]
    pub fn with(self, cache: &'s PhraseCache<'s>) -> Self {
        let cache = Some(cache);
        Self { cache, ..self }
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

    /// The reason as it stands in a table, where each sub-criterion has a row of its own below.
    pub(super) fn reason_in_row(&self, outcome: &Outcome<'_>) -> String {
        if outcome.children.is_empty() {
            self.reason(outcome)
        } else {
            self.reason_above_sub_criteria(outcome)
        }
    }

    /// The sentence, its evidence filled in.
    fn filled(&self, sentence: &Template) -> String {
        let mut text = String::new();
        sentence.fill(&mut text, |fact, out| self.evidence(fact, out));
        text
    }

    /// Writes where what is known of a fact comes from, in brackets: ` (2026-11-18, investigator-1)`. Where its sources
    /// disagree, the note says what each of them has, and comes first.
    pub fn evidence(&self, id: FactId, out: &mut String) {
        let Some(entry) = self.context.entries.get(id.0) else {
            return;
        };
        let mut lead = " (";
        if let Some(known) = entry.evidence.as_deref() {
            if let Some(note) = what_sources_say(entry) {
                out.push_str(std::mem::replace(&mut lead, ", "));
                out.push_str(&note);
            }
            if !known.spelled.is_empty() {
                out.push_str(std::mem::replace(&mut lead, ", "));
                spelled_otherwise(&known.spelled, out);
            }
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

    /// What is known of a fact: `ECOG performance status is 1 (2026-11-18, investigator-1)`.
    #[must_use]
    pub fn fact(&self, id: FactId) -> String {
        let mut out = Template::default();
        self.write_fact(id, &mut out);
        self.filled(&out)
    }

    fn write_fact(&self, id: FactId, out: &mut Template) {
        let fact = self.trial.facts.get(id);
        out.push(&fact.label);
        let Some(entry) = self.context.entries.get(id.0) else {
            return;
        };
        match &entry.value {
            Value::Null(cause) => {
                out.push(cause.lead());
                out.push(cause.words());
            }
            value => {
                out.push(copula_of(fact));
                match (value, &fact.kind) {
                    (Value::List(list), Kind::List(kind)) => {
                        show_list(kind, list, out.text());
                        out.push(items::completeness(list));
                    }
                    _ => show_fact_value(fact, entry, value, out.text()),
                }
            }
        }
        out.push_evidence(id);
    }

    /// Why a fact does not decide; where its sources disagree, with what each of them has.
    #[must_use]
    pub fn why_open(&self, id: FactId, cause: GapCause) -> String {
        let words = missing_in_words(cause);
        match self.context.entries.get(id.0).and_then(what_sources_say) {
            Some(note) => format!("{words}: {note}"),
            None => words,
        }
    }

    /// The value of a fact as a report shows it; none if it is not known.
    #[must_use]
    pub fn value_of(&self, id: FactId) -> Option<String> {
        let fact = self.trial.facts.get(id);
        let entry = self.context.entries.get(id.0)?;
        (!entry.value.is_null())
            .then(|| text_of(|out| show_fact_value(fact, entry, &entry.value, out)))
    }
}

/// A value of a fact as a report shows it.
pub(crate) fn shown_value(fact: &Fact, value: &Value) -> String {
    text_of(|out| show_of(fact, value, out))
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

/// Writes what stands in the record where it is another spelling of what was read: `written “B-ALL”`.
fn spelled_otherwise(spelled: &[String], out: &mut String) {
    const MOST: usize = 3;
    out.push_str("written ");
    for (index, one) in spelled.iter().take(MOST).enumerate() {
        out.push_str(if index > 0 { ", “" } else { "“" });
        out.push_str(one);
        out.push('”');
    }
    if spelled.len() > MOST {
        out.push_str(", …");
    }
}

/// What each of the sources of a fact has, on one line, where they disagree and the record says it.
fn what_sources_say(entry: &Entry) -> Option<String> {
    if entry.value != Value::Null(Missing::Stated(Absent::Conflicting)) {
        return None;
    }
    let note = entry.evidence.as_deref()?.note.as_deref()?;
    Some(note.split_whitespace().collect::<Vec<_>>().join(" "))
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
