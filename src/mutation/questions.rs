//! Changes of a condition that names questions, and of what the names stand for: made once, for all combinations.

use std::ops::Range;

use super::{Made, Run, edits};
use crate::cql::{self, Names, Scope, Type};
use crate::trial::conditions::{Role, place_in};
use crate::trial::criteria::verbs;
use crate::trial::{Condition, Criterion, Questions, Reading, Rule};

impl Run<'_> {
    /// Tries every change of the condition of a criterion with questions.
    pub(super) fn questions(&mut self, top: usize, criterion: &Criterion) {
        let (Some(asked), Some(first)) = (&criterion.questions, criterion.readings().first())
        else {
            return;
        };
        if let Some((_, replaced)) = asked.combined(&first.picks) {
            let place = |at| replaced.place(at..at).start;
            let part = Part {
                text: &asked.text,
                span: &asked.span,
                role: Role::Rule(verbs(criterion.side).0).name(),
                is_condition: true,
                put: &|asked, text| asked.text = text,
            };
            let sets = edits::sets(&first.condition.expression, place);
            self.part(top, criterion, &part, sets);
        }
        for (at, question) in asked.all.iter().enumerate() {
            for (place, meaning) in question.meanings.iter().enumerate() {
                let expected = meaning.is_condition.then_some(&Type::Boolean);
                let compiled =
                    cql::compile(&meaning.text, self.trial.names(), Scope::Free, expected);
                let Ok(expression) = compiled else { continue };
                let part = Part {
                    text: &meaning.text,
                    span: &meaning.text_span,
                    role: format!("reading {} of {}", meaning.name, question.name),
                    is_condition: meaning.is_condition,
                    put: &|asked, text| {
                        let question = asked.all.get_mut(at);
                        if let Some(meaning) = question.and_then(|one| one.meanings.get_mut(place))
                        {
                            meaning.text = text;
                        }
                    },
                };
                self.part(top, criterion, &part, edits::sets(&expression, |at| at));
            }
        }
    }

    fn part(&mut self, top: usize, criterion: &Criterion, part: &Part<'_>, sets: edits::Sets) {
        let (names, id) = (self.trial.names(), &criterion.id);
        for edit in edits::edits_of(part.text, sets, part.is_condition, names.facts) {
            if !self.affords(part.text.len()) {
                continue;
            }
            let change = |criterion: &mut Criterion| {
                let mut asked = criterion.questions.clone()?;
                (part.put)(&mut asked, edit.applied(part.text));
                criterion.rule = Some(Rule::Readings(recombined(criterion, &asked, names)?));
                Some(())
            };
            let found = self.baseline.try_criterion(top, id, |_, _| false, change);
            let Some(found) = found else { continue };
            let place = place_in(self.source, part.span, (part.text, edit.span.clone()));
            let made = Made::of(edit, part.text, part.role.clone());
            self.add(id, &place.span, made, found);
        }
    }
}

/// A text of which combinations are made.
struct Part<'p> {
    text: &'p str,
    /// Bytes of the trial file: the scalar that holds it.
    span: &'p Range<usize>,
    role: String,
    is_condition: bool,
    /// Puts another in its place.
    put: &'p dyn Fn(&mut Questions, String),
}

/// The readings of a criterion with other texts; none if one of them does not compile.
fn recombined(criterion: &Criterion, asked: &Questions, names: Names<'_>) -> Option<Vec<Reading>> {
    let combined = |reading: &Reading| {
        let (text, _) = asked.combined(&reading.picks)?;
        let expression = cql::compile(&text, names, Scope::Free, Some(&Type::Boolean)).ok()?;
        Some(Reading {
            condition: Condition {
                expression,
                text,
                span: reading.condition.span.clone(),
            },
            ..reading.clone()
        })
    };
    criterion.readings().iter().map(combined).collect()
}
