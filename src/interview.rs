//! An interview: which fact to ask for next, what an answer changes, and the record as it grows.
//!
//! The record is a text at every moment, an ordinary one, which the one reader of records reads after each answer. So an
//! answer is checked as a file is, and an interview can end and begin again anywhere. What is asked next follows from the
//! screening of what is known so far.

pub mod answer;
pub mod edit;
pub mod written;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::cql::typed::Attribute;
use crate::diagnostic::{Diagnostic, Diagnostics, Source};
use crate::document::Notation;
use crate::facts::{Fact, FactId};
use crate::record::{Dates, FieldTable, Record};
use crate::screening::{self, Eligibility, GapCause, Screening, Verdict};
use crate::trial::{Criterion, Policy, Trial};
use crate::value::{Missing, Value};

use self::written::Written;

/// What to ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only what this criterion asks for.
    pub criterion: Option<String>,
    /// Also what no verdict needs.
    pub all: bool,
    /// Go on although the eligibility is settled.
    pub beyond: bool,
}

/// A question to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// The value of a fact.
    Value(FactId),
    /// What stands beside it: a date, who says so, a limit of normal.
    Beside(FactId, &'static str),
}

impl Asked {
    /// The fact that it is about.
    #[must_use]
    pub fn fact(self) -> FactId {
        match self {
            Self::Value(fact) | Self::Beside(fact, _) => fact,
        }
    }
}

/// How the criteria of the protocol stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many pass or do not apply.
    pub pass: usize,
    /// How many fail.
    pub fail: usize,
    /// How many are open.
    pub open: usize,
}

impl Tally {
    /// Counts the criteria of the protocol, sub-criteria left out.
    #[must_use]
    pub fn of(screening: &Screening<'_>) -> Self {
        let mut tally = Self::default();
        for outcome in &screening.outcomes {
            match outcome.verdict {
                Verdict::Pass | Verdict::NotApplicable => tally.pass += 1,
                Verdict::Fail => tally.fail += 1,
                Verdict::Unknown => tally.open += 1,
            }
        }
        tally
    }
}

/// An interview of one candidate.
pub struct Interview<'t> {
    trial: &'t Trial,
    policy: &'t Policy,
    table: FieldTable<'t>,
    notation: Notation,
    dates: Dates,
    name: String,
    text: Arc<str>,
    record: Record,
    /// The criteria that ask for each fact.
    asked_by: Vec<(FactId, &'t str)>,
    /// What is not asked again.
    asked: BTreeSet<Asked>,
}

impl<'t> Interview<'t> {
    /// Begins with what a record says already. Messages call it `name`.
    ///
    /// # Errors
    /// What is wrong with the record.
    pub fn new(
        trial: &'t Trial,
        policy: &'t Policy,
        (name, text): (&str, Arc<str>),
        notation: Notation,
        dates: Dates,
    ) -> Result<Self, Diagnostics> {
        let table = FieldTable::new(&trial.id, &trial.facts);
        let record = table.read(&Source::new(name, &*text), notation, dates)?;
        Ok(Self {
            trial,
            policy,
            table,
            notation,
            dates,
            name: name.to_owned(),
            text,
            record,
            asked_by: trial.asked_by(),
            asked: BTreeSet::new(),
        })
    }

    /// The record as it stands.
    #[must_use]
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// How it is written.
    #[must_use]
    pub fn notation(&self) -> Notation {
        self.notation
    }

    /// What it says.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// What comes of it.
    #[must_use]
    pub fn screening(&self) -> Screening<'_> {
        screening::screen(self.trial, &self.record, self.policy)
    }

    /// Takes another text for the record: an earlier one, or what somebody else made of it.
    ///
    /// # Errors
    /// What is wrong with it; the interview stays as it was then.
    pub fn reload(&mut self, text: Arc<str>) -> Result<(), Diagnostics> {
        self.record = self.read(&text)?;
        self.text = text;
        Ok(())
    }

    fn read(&self, text: &str) -> Result<Record, Diagnostics> {
        let source = Source::new(&*self.name, text);
        Ok(self.table.read(&source, self.notation, self.dates)?)
    }

    /// What to ask next, in the order of the work-up and what settles most, what has no answer yet first; none if there is nothing left.
    #[must_use]
    pub fn next(&self, screening: &Screening<'_>, scope: &Scope) -> Option<Asked> {
        let gaps = screening.next.iter().map(|next| {
            let is_wanted = next.criteria.iter().any(|id| wants(scope, id));
            (next.fact, next.cause, is_wanted)
        });
        let gaps = gaps.filter_map(|(fact, cause, is_wanted)| is_wanted.then_some((fact, cause)));
        let settled = screening.eligibility != Eligibility::Undetermined;
        let go_on = scope.beyond || scope.criterion.is_some() || scope.all;
        let open = screening
            .outcomes
            .iter()
            .filter(|outcome| settled && go_on && outcome.verdict == Verdict::Unknown)
            .filter(|outcome| wants(scope, &outcome.criterion.id))
            .flat_map(|outcome| outcome.gaps.iter().map(|gap| (gap.fact, gap.cause)));
        let found = gaps
            .chain(open)
            .map(|(fact, cause)| self.asked(fact, cause));
        // What was answered in an earlier interview, and leaves something open all the same, comes after what nobody asked.
        let (answered, unasked): (Vec<Asked>, Vec<Asked>) =
            found.partition(|asked| self.is_answered(*asked));
        unasked
            .into_iter()
            .chain(answered)
            .chain(self.rest(scope))
            .find(|asked| !self.asked.contains(asked))
    }

    fn is_answered(&self, asked: Asked) -> bool {
        matches!(asked, Asked::Value(fact) if !is_not_recorded(&self.record, fact))
    }

    /// What is not recorded and no verdict waits for, in the order of the work-up.
    fn rest(&self, scope: &Scope) -> impl Iterator<Item = Asked> {
        let is_wanted = |id: FactId| match &scope.criterion {
            _ if !scope.all => false,
            None => true,
            Some(criterion) => self.asked_by.contains(&(id, criterion.as_str())),
        };
        let facts = self.trial.facts.iter();
        let mut rest: Vec<(FactId, &Fact)> = facts
            .filter(|(id, _)| is_wanted(*id) && is_not_recorded(&self.record, *id))
            .collect();
        rest.sort_by_key(|(_, fact)| fact.stage);
        rest.into_iter().map(|(id, _)| Asked::Value(id))
    }

    /// Leaves a question open, for as long as this interview lasts.
    pub fn leave(&mut self, asked: Asked) {
        self.asked.insert(asked);
    }

    /// Asks again what was left or answered.
    pub fn ask_again(&mut self, asked: Asked) {
        self.asked.remove(&asked);
    }

    /// Puts an answer into the record.
    ///
    /// # Errors
    /// What is wrong with the answer; the record stays as it was then.
    pub fn answer(&mut self, asked: Asked, value: &Written) -> Result<(), Diagnostics> {
        let text = self.with(asked, value)?;
        self.reload(text.into())?;
        self.asked.insert(asked);
        Ok(())
    }

    /// The text of the record with an answer in it.
    fn with(&self, asked: Asked, value: &Written) -> Result<String, Diagnostics> {
        let fact = self.trial.facts.get(asked.fact());
        let value = match asked {
            Asked::Value(_) => value.clone(),
            Asked::Beside(_, key) => {
                let there = self.recorded(asked.fact());
                there
                    .unwrap_or(Written::Map(Vec::new()))
                    .with(key, value.clone())
            }
        };
        edit::put(&self.text, self.notation, &fact.path, &value).ok_or_else(|| {
            let problem = Diagnostic::error(format!(
                "`{}` cannot be added to `{}` without rewriting what stands there",
                fact.path, self.name
            ));
            let line = value.line(self.notation);
            vec![problem.help(format!("write `{}: {line}` into it by hand", fact.path))].into()
        })
    }

    /// What stands in the record for a fact.
    #[must_use]
    pub fn recorded(&self, fact: FactId) -> Option<Written> {
        let tree = edit::parse(&self.text, self.notation)?;
        Written::of(edit::at(&tree, &self.trial.facts.get(fact).path)?)
    }

    /// What the cause of a gap asks for: the value, or something beside it.
    fn asked(&self, fact: FactId, cause: GapCause) -> Asked {
        let date = Asked::Beside(fact, Attribute::Date.key());
        match cause {
            GapCause::Without(attribute) => Asked::Beside(fact, attribute.key()),
            GapCause::Missing(Missing::Undated) => date,
            GapCause::Missing(Missing::Unsigned) => {
                let evidence = self.record.entry(fact).evidence.as_deref();
                match evidence.and_then(|evidence| evidence.by.as_ref()) {
                    Some(_) => date,
                    None => Asked::Beside(fact, Attribute::By.key()),
                }
            }
            _ => Asked::Value(fact),
        }
    }

    /// The criteria that ask for a fact.
    pub fn criteria_of(&self, fact: FactId) -> impl Iterator<Item = &'t Criterion> + '_ {
        let criteria = self.trial.criteria.iter();
        criteria.filter(move |criterion| self.asked_by.contains(&(fact, criterion.id.as_str())))
    }
}

fn wants(scope: &Scope, id: &str) -> bool {
    scope.criterion.as_deref().is_none_or(|wanted| wanted == id)
}

fn is_not_recorded(record: &Record, fact: FactId) -> bool {
    matches!(record.entry(fact).value, Value::Null(Missing::NotRecorded))
}
