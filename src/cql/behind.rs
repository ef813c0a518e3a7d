//! The facts behind each part of a condition that reasons do not take apart further, looked up once for a trial.

use std::borrow::Cow;
use std::ops::Range;

use super::typed::{Expression, Operation, Type};
use super::{Definition, facts_of};
use crate::facts::FactId;

/// For each such part, by its place in the text, the facts that it names, directly or by way of definitions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Behind(Vec<(Range<usize>, Box<[FactId]>)>);

impl Behind {
    /// Of a condition.
    #[must_use]
    pub fn of(condition: &Expression, definitions: &[Definition]) -> Self {
        let mut behind = Self::default();
        behind.collect(condition, definitions);
        behind
    }

    fn collect(&mut self, expression: &Expression, definitions: &[Definition]) {
        match &expression.operation {
            Operation::Not(_) | Operation::All(_) | Operation::Any(_) | Operation::Implies(..) => {
                expression
                    .parts()
                    .iter()
                    .for_each(|part| self.collect(part, definitions));
            }
            // A named condition has its own text.
            Operation::Definition(_) if expression.kind == Type::Boolean => {}
            // Given by the branch that counts, or as a whole where that is not known.
            Operation::Case(branches, otherwise) if expression.kind == Type::Boolean => {
                self.leaf(expression, definitions);
                branches
                    .iter()
                    .for_each(|(when, _)| self.leaf(when, definitions));
                branches
                    .iter()
                    .map(|(_, then)| then)
                    .chain([&**otherwise])
                    .for_each(|branch| self.collect(branch, definitions));
            }
            _ => self.leaf(expression, definitions),
        }
    }

    fn leaf(&mut self, expression: &Expression, definitions: &[Definition]) {
        self.0.push((
            expression.span.clone(),
            facts_of(expression, definitions).into(),
        ));
    }

    /// The facts that a part names.
    #[must_use]
    pub fn part(&self, part: &Expression, definitions: &[Definition]) -> Cow<'_, [FactId]> {
        match self.0.iter().find(|(span, _)| *span == part.span) {
            Some((_, facts)) => Cow::Borrowed(facts),
            None => Cow::Owned(facts_of(part, definitions)),
        }
    }
}
