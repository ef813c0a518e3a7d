//! Changes of a condition that names questions, and of what the names stand for: made once, for all combinations.

use std::sync::Arc;

use super::effect::Baseline;
use super::{Change, Tried, edits};
use crate::cql::{self, Names, Scope, Type};
use crate::diagnostic::{Place, Source};
use crate::document::offset_in_source;
use crate::trial::sites::{Home, Role};
use crate::trial::{Condition, Criterion, Questions, Reading, Rule};

/// Tries every change of the condition of a criterion with questions.
pub(super) fn changes(
    home: &Home<'_>,
    baseline: &Baseline<'_>,
    names: Names<'_>,
    source: &Arc<Source>,
    tried: &mut Tried,
) {
    let Some(asked) = &home.criterion.questions else {
        return;
    };
    let first = home.criterion.readings().first();
    if let (Some(first), Some(span)) = (first, home.asking())
        && let Some((_, replaced)) = asked.combined(&first.picks)
    {
        let sets = edits::sets(&first.condition.expression, |at| {
            replaced.place(at..at).start
        });
        let key = match home.criterion.side {
            crate::trial::Side::Inclusion => "require",
            crate::trial::Side::Exclusion => "exclude",
        };
        let part = Part {
            text: &asked.text,
            span,
            role: Role::Rule(key).name(),
            put: &|asked, text| asked.text = text,
        };
        part.changes(home, baseline, names, source, tried, (sets, true));
    }
    for (at, question) in asked.all.iter().enumerate() {
        for (place, meaning) in question.meanings.iter().enumerate() {
            let expected = meaning.is_condition.then_some(&Type::Boolean);
            let compiled = cql::compile(&meaning.text, names, Scope::Free, expected);
            let (Ok(expression), Some(span)) =
                (compiled, home.stands_for(&question.name, &meaning.name))
            else {
                continue;
            };
            let part = Part {
                text: &meaning.text,
                span,
                role: format!("reading {} of {}", meaning.name, question.name),
                put: &|asked, text| {
                    let question = asked.all.get_mut(at);
                    if let Some(meaning) = question.and_then(|one| one.meanings.get_mut(place)) {
                        meaning.text = text;
                    }
                },
            };
            let sets = edits::sets(&expression, |at| at);
            let kind = (sets, meaning.is_condition);
            part.changes(home, baseline, names, source, tried, kind);
        }
    }
}

/// A text of which combinations are made.
struct Part<'p> {
    text: &'p str,
    /// Bytes of the trial file: the scalar that holds it.
    span: std::ops::Range<usize>,
    role: String,
    /// Puts another in its place.
    put: &'p dyn Fn(&mut Questions, String),
}

impl Part<'_> {
    fn changes(
        &self,
        home: &Home<'_>,
        baseline: &Baseline<'_>,
        names: Names<'_>,
        source: &Arc<Source>,
        tried: &mut Tried,
        (sets, is_condition): (edits::Sets, bool),
    ) {
        for edit in edits::edits_of(self.text, sets, is_condition, names.facts) {
            if !tried.affords(self.text.len()) {
                continue;
            }
            let changed = |criterion: &mut Criterion| {
                let mut asked = criterion.questions.clone()?;
                (self.put)(&mut asked, edit.applied(self.text));
                criterion.rule = Some(Rule::Readings(recombined(criterion, &asked, names)?));
                Some(())
            };
            let Some(found) = baseline.try_criterion(home.top, &home.criterion.id, changed) else {
                continue;
            };
            let (before, after) = edit.before_and_after(self.text);
            let at = |offset| offset_in_source(&source.text, &self.span, self.text, offset);
            let start = at(edit.span.start);
            let place = Place {
                source: Arc::clone(source),
                span: start..at(edit.span.end).max(start + 1),
            };
            let id = &home.criterion.id;
            let role = self.role.clone();
            let change = Change::new(id, role, &place, edit.kind, before, Some(after), edit.hint);
            tried.changes.push((place.span.start, change, found));
        }
    }
}

/// The readings of a criterion with other texts; none if one of them does not compile.
fn recombined(criterion: &Criterion, asked: &Questions, names: Names<'_>) -> Option<Vec<Reading>> {
    let combined = |reading: &Reading| {
        let (text, _) = asked.combined(&reading.picks)?;
        let expression = cql::compile(&text, names, Scope::Free, Some(&Type::Boolean)).ok()?;
        Some(Reading {
            condition: Condition { expression, text },
            ..reading.clone()
        })
    };
    criterion.readings().iter().map(combined).collect()
}
