//! What an unknown criterion waits for: the facts that keep its conditions from being decided.

use super::reason::chosen;
use super::{Assessment, Standing, may};
use crate::cql::typed::{Attribute, Expression, Operation};
use crate::cql::{Type, attributes_of, facts_of};
use crate::facts::FactId;
use crate::trial::{Condition, Criterion, Rule};
use crate::value::{Missing, Truth, Value};

/// A fact without which a criterion stays unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The fact.
    pub fact: FactId,
    /// Why what is known of it does not do.
    pub cause: GapCause,
}

/// Why what is known of a fact does not decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapCause {
    /// It is missing.
    Missing(Missing),
    /// Its value is recorded, and is one that settles nothing.
    Unclear,
    /// It is known only within bounds, or in part.
    Inexact,
    /// Its value is known, but not what the rule needs beside it.
    Without(Attribute),
}

impl GapCause {
    /// Why a value may leave something open.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Null(cause) => Some(GapCause::Missing(*cause)),
            Value::Code(code) if code.unclear => Some(GapCause::Unclear),
            Value::Number(bounds) if bounds.value().is_none() => Some(GapCause::Inexact),
            Value::Duration(bounds) if bounds.value().is_none() => Some(GapCause::Inexact),
            Value::Date(bounds) if bounds.value().is_none() => Some(GapCause::Inexact),
            Value::List(list) => {
                let inside = |value: &Value| match value {
                    Value::Item(fields) => fields.iter().find_map(Self::of),
                    other => Self::of(other),
                };
                let worst = list
                    .elements
                    .iter()
                    .find_map(|element| inside(&element.value));
                match worst {
                    Some(GapCause::Missing(
                        missing @ (Missing::TooOld | Missing::PerhapsTooOld | Missing::Undated),
                    )) => Some(GapCause::Missing(missing)),
                    Some(GapCause::Unclear) => Some(GapCause::Unclear),
                    // Which field is missing is for the sentence to say; what is wanted is a better list.
                    _ => Some(GapCause::Inexact),
                }
            }
            _ => None,
        }
    }

    /// Its code in machine-readable output.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing(cause) => cause.code(),
            Self::Unclear => "unclear",
            Self::Inexact => "inexact",
            Self::Without(Attribute::Date) => Missing::Undated.code(),
            Self::Without(Attribute::By) => Missing::Unsigned.code(),
            Self::Without(Attribute::UpperLimitOfNormal) => "without_uln",
            Self::Without(Attribute::LowerLimitOfNormal) => "without_lln",
        }
    }
}

impl Gap {
    /// Adds it to others, unless one of the same fact is among them.
    pub fn add_to(self, gaps: &mut Vec<Gap>) {
        if !gaps.iter().any(|known| known.fact == self.fact) {
            gaps.push(self);
        }
    }
}

impl Assessment<'_, '_> {
    /// The facts without which a criterion stays unknown, in the order in which its conditions name them. `standings` are
    /// those of it and of every criterion below it, in the protocol's order.
    pub fn gaps(&self, criterion: &Criterion, standings: &[Standing], gaps: &mut Vec<Gap>) {
        let Some((standing, mut below)) = standings.split_first() else {
            return;
        };
        if standing.waits() {
            self.own_gaps(criterion)
                .into_iter()
                .for_each(|gap| gap.add_to(gaps));
        }
        if standing.waits_below() {
            for child in criterion.children() {
                if below
                    .first()
                    .is_some_and(|one| one.may_not_count(criterion))
                {
                    self.applicability_gaps(child, below, gaps);
                } else {
                    self.gaps(child, below, gaps);
                }
                below = below.get(child.size()..).unwrap_or_default();
            }
        }
    }

    /// The facts without which it stays open whether a criterion applies, or whether what it only gathers does.
    fn applicability_gaps(
        &self,
        criterion: &Criterion,
        standings: &[Standing],
        gaps: &mut Vec<Gap>,
    ) {
        let Some((standing, mut below)) = standings.split_first() else {
            return;
        };
        if standing.counts != Truth::Unknown {
            return;
        }
        if let Some(applies) = &criterion.applies
            && standing.applies == Truth::Unknown
        {
            let mut search = Search {
                assessment: self,
                gaps: Vec::new(),
            };
            search.condition(applies);
            search.gaps.into_iter().for_each(|gap| gap.add_to(gaps));
        }
        for child in criterion.children() {
            self.applicability_gaps(child, below, gaps);
            below = below.get(child.size()..).unwrap_or_default();
        }
    }

    /// Whether one reading that counts says that a criterion is met, and another that it is not.
    fn readings_disagree(&self, criterion: &Criterion) -> bool {
        let says = |wanted: Truth| {
            let mut readings = self.readings(criterion);
            readings.any(|reading| self.context.truth(&reading.condition.expression) == wanted)
        };
        says(Truth::True) && says(Truth::False)
    }

    /// The facts without which a criterion's own conditions stay undecided, in the order in which they name them.
    #[must_use]
    pub fn own_gaps(&self, criterion: &Criterion) -> Vec<Gap> {
        let mut search = Search {
            assessment: self,
            gaps: Vec::new(),
        };
        criterion
            .applies
            .iter()
            .for_each(|applies| search.condition(applies));
        match &criterion.rule {
            None => {}
            Some(Rule::Single(condition)) => search.condition(condition),
            // Readings that already disagree are brought together by a ruling, and by no fact.
            Some(Rule::Readings(_)) if self.readings_disagree(criterion) => {}
            Some(Rule::Readings(_)) => self
                .readings(criterion)
                .for_each(|reading| search.condition(&reading.condition)),
        }
        for (doubt, _) in self.policy.settled_doubts(criterion) {
            search.condition(&doubt.remark.when);
        }
        let mut gaps = search.gaps;
        // What is raised by bounds alone goes away, or stays, with an exact value.
        let doubts = criterion.doubts.iter().map(|doubt| &doubt.remark);
        for remark in criterion.conflicts.iter().chain(doubts) {
            if self.raises(remark) == Some(true) {
                may::bounded_facts(&self.context, &remark.when, &mut gaps);
            }
        }
        gaps
    }
}

/// The undecided parts of conditions, and what each waits for. What is decided is passed by.
struct Search<'s> {
    assessment: &'s Assessment<'s, 's>,
    gaps: Vec<Gap>,
}

impl Search<'_> {
    fn condition(&mut self, condition: &Condition) {
        self.part(&condition.expression);
    }

    fn part(&mut self, part: &Expression) {
        if self.assessment.context.truth(part) != Truth::Unknown {
            return;
        }
        match &part.operation {
            Operation::Not(_) | Operation::All(_) | Operation::Any(_) | Operation::Implies(..) => {
                part.parts().into_iter().for_each(|part| self.part(part));
            }
            Operation::Definition(id) if part.kind == Type::Boolean => {
                if let Some(definition) = self.assessment.context.definitions.get(id.0) {
                    self.part(&definition.expression);
                }
            }
            Operation::Case(branches, otherwise) if part.kind == Type::Boolean => {
                match chosen(&self.assessment.context, branches, otherwise) {
                    Some(branch) => self.part(branch),
                    None => self.leaf(part),
                }
            }
            _ => self.leaf(part),
        }
    }

    fn leaf(&mut self, leaf: &Expression) {
        for fact in facts_of(leaf, self.assessment.context.definitions) {
            if let Some(cause) = self.cause(fact, leaf) {
                Gap { fact, cause }.add_to(&mut self.gaps);
            }
        }
    }

    /// Why a fact that an undecided condition names may keep it from being decided.
    fn cause(&self, fact: FactId, condition: &Expression) -> Option<GapCause> {
        let entry = self.assessment.context.entries.get(fact.0)?;
        let definitions = self.assessment.context.definitions;
        let without = || {
            attributes_of(fact, condition, definitions)
                .into_iter()
                .find(|attribute| entry.attribute(*attribute).is_null())
        };
        GapCause::of(&entry.value).or_else(|| without().map(GapCause::Without))
    }
}
