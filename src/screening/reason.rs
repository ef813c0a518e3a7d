//! Why a condition holds, does not hold, or is not decided: a tree of data from which sentences are made.

use crate::cql::typed::{Expression, Function, Operation};
use crate::cql::{Definition, Type, facts_of};
use crate::evaluate::Context;
use crate::facts::FactId;
use crate::trial::{Condition, Trial};
use crate::value::Truth;

/// Why a condition has its truth.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason<'a> {
    /// A part that is not taken apart further.
    Leaf(Leaf<'a>),
    /// Parts which must all hold.
    All(Truth, Vec<Reason<'a>>),
    /// Parts of which one must hold.
    Any(Truth, Vec<Reason<'a>>),
    /// A named condition.
    Named(&'a Definition, Box<Reason<'a>>),
}

/// A part of a condition: what was expected, and what is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf<'a> {
    /// Its truth, the negation included.
    pub truth: Truth,
    /// Whether it stands under an odd number of negations.
    pub negated: bool,
    /// What was expected.
    pub expression: &'a Expression,
    /// The text that the expression's spans belong to.
    pub text: &'a str,
    /// Facts that it does not name, by which it was chosen among the branches of an `if`.
    pub chosen_by: Vec<FactId>,
}

impl Leaf<'_> {
    /// The facts that it rests on: those that it names, and those by which it was chosen.
    #[must_use]
    pub fn facts(&self, definitions: &[Definition]) -> Vec<FactId> {
        let mut facts = facts_of(self.expression, definitions);
        facts.extend(&self.chosen_by);
        facts
    }
}

impl<'a> Reason<'a> {
    /// The truth of the condition.
    #[must_use]
    pub fn truth(&self) -> Truth {
        match self {
            Self::Leaf(leaf) => leaf.truth,
            Self::All(truth, _) | Self::Any(truth, _) => *truth,
            Self::Named(_, inner) => inner.truth(),
        }
    }

    /// The parts that made it what it is: where all must hold and some do not, those.
    #[must_use]
    pub fn deciding(&self) -> Vec<&Leaf<'a>> {
        let mut leaves = Vec::new();
        self.add_parts(false, &mut leaves);
        leaves
    }

    /// As many of these parts as it takes: where all must hold and some do not, the first of those.
    #[must_use]
    pub fn sufficient(&self) -> Vec<&Leaf<'a>> {
        let mut leaves = Vec::new();
        self.add_parts(true, &mut leaves);
        leaves
    }

    /// Adds facts to what every part rests on: those by which it was chosen.
    fn rest_on(&mut self, facts: &[FactId], definitions: &[Definition]) {
        match self {
            Self::Leaf(leaf) => {
                let known = leaf.facts(definitions);
                let further = facts.iter().filter(|fact| !known.contains(fact));
                leaf.chosen_by.extend(further);
            }
            Self::Named(_, inner) => inner.rest_on(facts, definitions),
            Self::All(_, parts) | Self::Any(_, parts) => {
                let parts = parts.iter_mut();
                parts.for_each(|part| part.rest_on(facts, definitions))
            }
        }
    }

    fn add_parts<'r>(&'r self, first_only: bool, leaves: &mut Vec<&'r Leaf<'a>>) {
        let (truth, parts, one_suffices) = match self {
            Self::Leaf(leaf) => return leaves.push(leaf),
            Self::Named(_, inner) => return inner.add_parts(first_only, leaves),
            Self::All(truth, parts) => (truth, parts, *truth == Truth::False),
            Self::Any(truth, parts) => (truth, parts, *truth == Truth::True),
        };
        let most = if first_only && one_suffices {
            1
        } else {
            parts.len()
        };
        parts
            .iter()
            .filter(|part| part.truth() == *truth)
            .take(most)
            .for_each(|part| part.add_parts(first_only, leaves));
    }
}

/// Why a condition has its truth.
#[must_use]
pub fn explain<'a>(
    context: &Context<'_>,
    trial: &'a Trial,
    condition: &'a Condition,
) -> Reason<'a> {
    Explainer { context, trial }.explain(&condition.expression, &condition.text, false)
}

struct Explainer<'a, 'c, 'e> {
    context: &'c Context<'e>,
    trial: &'a Trial,
}

impl<'a> Explainer<'a, '_, '_> {
    fn explain(&self, expression: &'a Expression, text: &'a str, negated: bool) -> Reason<'a> {
        match &expression.operation {
            Operation::Not(inner) => self.explain(inner, text, !negated),
            Operation::All(parts) => self.parts(
                parts
                    .iter()
                    .map(|part| self.explain(part, text, negated))
                    .collect(),
                !negated,
            ),
            Operation::Any(parts) => self.parts(
                parts
                    .iter()
                    .map(|part| self.explain(part, text, negated))
                    .collect(),
                negated,
            ),
            Operation::Implies(left, right) => self.parts(
                vec![
                    self.explain(left, text, !negated),
                    self.explain(right, text, negated),
                ],
                negated,
            ),
            Operation::Definition(id) if expression.kind == Type::Boolean => {
                match self.trial.definitions.get(id.0) {
                    Some(definition) => Reason::Named(
                        definition,
                        Box::new(self.explain(&definition.expression, &definition.text, negated)),
                    ),
                    None => self.leaf(expression, text, negated),
                }
            }
            Operation::Case(branches, otherwise) if expression.kind == Type::Boolean => {
                match chosen(self.context, branches, otherwise) {
                    Some(branch) => {
                        let mut reason = self.explain(branch, text, negated);
                        for (when, _) in branches {
                            self.rest(&mut reason, when);
                        }
                        reason
                    }
                    None => self.leaf(expression, text, negated),
                }
            }
            Operation::Function(Function::Coalesce, arguments)
                if expression.kind == Type::Boolean =>
            {
                self.first_known(arguments, text, negated)
                    .unwrap_or_else(|| self.leaf(expression, text, negated))
            }
            _ => self.leaf(expression, text, negated),
        }
    }

    /// Why the first of several conditions that is decided is so; what is not known of those before it belongs to that.
    fn first_known(
        &self,
        arguments: &'a [Expression],
        text: &'a str,
        negated: bool,
    ) -> Option<Reason<'a>> {
        let is_known = |part: &Expression| self.context.truth(part) != Truth::Unknown;
        let known = arguments.iter().position(is_known)?;
        let mut reason = self.explain(arguments.get(known)?, text, negated);
        for before in arguments.iter().take(known) {
            self.rest(&mut reason, before);
        }
        Some(reason)
    }

    /// Adds the facts of an expression to what a reason rests on.
    fn rest(&self, reason: &mut Reason<'_>, chooser: &Expression) {
        let definitions = &self.trial.definitions;
        reason.rest_on(&facts_of(chooser, definitions), definitions);
    }

    fn parts(&self, parts: Vec<Reason<'a>>, all: bool) -> Reason<'a> {
        let truths = parts.iter().map(Reason::truth);
        if all {
            Reason::All(truths.fold(Truth::True, Truth::and), parts)
        } else {
            Reason::Any(truths.fold(Truth::False, Truth::or), parts)
        }
    }

    fn leaf(&self, expression: &'a Expression, text: &'a str, negated: bool) -> Reason<'a> {
        let truth = self.context.truth(expression);
        let truth = if negated { !truth } else { truth };
        Reason::Leaf(Leaf {
            truth,
            negated,
            expression,
            text,
            chosen_by: Vec::new(),
        })
    }
}

/// The branch that counts, where what is known chooses one.
pub(super) fn chosen<'e>(
    context: &Context<'_>,
    branches: &'e [(Expression, Expression)],
    otherwise: &'e Expression,
) -> Option<&'e Expression> {
    for (when, then) in branches {
        match context.truth(when) {
            Truth::True => return Some(then),
            Truth::False => {}
            Truth::Unknown => return None,
        }
    }
    Some(otherwise)
}
