//! Parts of which it is not known whether they apply: a criterion is decided under every answer, and is what all of
//! them agree on.
//!
//! Answers are consistent: a missing fact has one value in all parts, and the same condition has one answer wherever it
//! stands, its negation the other. So 'Karnofsky from 16 years, Lansky below' is met where both scores are, though the
//! age is missing. Beyond a bound the remaining parts stay open, which decides less but never wrongly.

use super::decide::{Own, Standing, agree, decide_one};
use super::{Assessment, Verdict};
use crate::cql::Definition;
use crate::cql::typed::{Expression, Operation};
use crate::evaluate::MOST_COMBINATIONS;
use crate::trial::Criterion;
use crate::value::Truth;

impl Assessment<'_, '_> {
    /// Decides one of the protocol's own criteria and everything below it; the standings are added in the protocol's order.
    pub fn decide(&self, criterion: &Criterion, standings: &mut Vec<Standing>) -> Verdict {
        let first = standings.len();
        let verdict = decide_one(criterion, |part| self.own(part), standings);
        let Some(mine) = standings.get_mut(first..) else {
            return verdict;
        };
        let open = mine
            .iter()
            .any(|standing| standing.verdict == Verdict::Unknown)
            && mine
                .iter()
                .skip(1)
                .any(|standing| standing.applies == Truth::Unknown);
        if !open {
            return verdict;
        }
        let mut parts: Vec<(&Criterion, Own)> = Vec::new();
        criterion.walk(&mut |part| parts.push((part, self.own(part))));
        let answers: Vec<Vec<Standing>> = self
            .applicabilities(&parts)
            .iter()
            .map(|applies| {
                let mut owns = parts.iter().zip(applies);
                let mut under = Vec::with_capacity(parts.len());
                let next = |part: &Criterion| match owns.next() {
                    Some(((_, own), applies)) => Own {
                        applies: *applies,
                        ..*own
                    },
                    None => self.own(part),
                };
                decide_one(criterion, next, &mut under);
                under
            })
            .collect();
        agree(mine, &answers);
        mine.first().map_or(verdict, |standing| standing.verdict)
    }

    /// Whether each part applies, under every answer to what is not known of that.
    fn applicabilities(&self, parts: &[(&Criterion, Own)]) -> Vec<Vec<Truth>> {
        let unknown: Vec<(usize, &Expression)> = parts
            .iter()
            .enumerate()
            .filter(|(_, (_, own))| own.applies == Truth::Unknown)
            .filter_map(|(at, (part, _))| Some((at, &part.applies.as_ref()?.expression)))
            .collect();
        let mut choices = Vec::new();
        let mut combinations = 1_usize;
        for choice in self
            .context
            .choices(unknown.iter().map(|(_, applies)| *applies))
        {
            let more = combinations.saturating_mul(choice.1.len());
            if more <= MOST_COMBINATIONS && !choice.1.is_empty() {
                combinations = more;
                choices.push(choice);
            }
        }
        let mut answers = Vec::new();
        self.context.each_combination(&choices, &mut |context| {
            let mut applies: Vec<Truth> = parts.iter().map(|(_, own)| own.applies).collect();
            let mut open = Vec::new();
            for (at, expression) in &unknown {
                match (context.truth(expression), applies.get_mut(*at)) {
                    (Truth::Unknown, _) => open.push((*at, *expression)),
                    (truth, Some(place)) => *place = truth,
                    (_, None) => {}
                }
            }
            self.suppose(&open, applies, combinations, &mut answers);
        });
        answers
    }

    /// Adds both answers to every different condition among `open`, as long as there are not too many.
    fn suppose(
        &self,
        open: &[(usize, &Expression)],
        applies: Vec<Truth>,
        combinations: usize,
        answers: &mut Vec<Vec<Truth>>,
    ) {
        let Some(((_, first), _)) = open
            .split_first()
            .filter(|_| combinations.saturating_mul(2) <= MOST_COMBINATIONS)
        else {
            return answers.push(applies);
        };
        let definitions = self.context.definitions;
        let (like, others): (Vec<_>, Vec<_>) = open
            .iter()
            .map(|(at, expression)| (*at, *expression, relation(first, expression, definitions)))
            .partition(|(.., relation)| relation.is_some());
        let others: Vec<(usize, &Expression)> = others
            .into_iter()
            .map(|(at, expression, _)| (at, expression))
            .collect();
        for answer in [Truth::True, Truth::False] {
            let mut applies = applies.clone();
            for (at, _, same) in &like {
                if let Some(place) = applies.get_mut(*at) {
                    *place = if *same == Some(true) { answer } else { !answer };
                }
            }
            self.suppose(&others, applies, combinations * 2, answers);
        }
    }
}

/// Whether two conditions always have the same answer (true) or always the opposite one (false), as far as their form
/// shows it.
fn relation(one: &Expression, other: &Expression, definitions: &[Definition]) -> Option<bool> {
    let ((one, one_negated), (other, other_negated)) =
        (bare(one, definitions), bare(other, definitions));
    let same = one_negated == other_negated;
    if one == other {
        return Some(same);
    }
    let (
        Operation::Compare(comparison, left, right),
        Operation::Compare(other_comparison, other_left, other_right),
    ) = (&one.operation, &other.operation)
    else {
        return None;
    };
    let comparison = if left == other_left && right == other_right {
        *comparison
    } else if left == other_right && right == other_left {
        comparison.flipped()
    } else {
        return None;
    };
    if comparison == *other_comparison {
        Some(same)
    } else {
        (comparison.negated() == *other_comparison).then_some(!same)
    }
}

/// A condition without its negations and names, and whether that negates it.
fn bare<'e>(
    mut condition: &'e Expression,
    definitions: &'e [Definition],
) -> (&'e Expression, bool) {
    let mut negated = false;
    loop {
        condition = match &condition.operation {
            Operation::Not(inner) => {
                negated = !negated;
                inner
            }
            Operation::Definition(id) => match definitions.get(id.0) {
                Some(definition) => &definition.expression,
                None => return (condition, negated),
            },
            _ => return (condition, negated),
        };
    }
}
