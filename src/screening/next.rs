//! What to obtain next, in the order in which it settles most.
//!
//! Each missing fact is given, one by one, the values that it might turn out to have, and the criteria that name it
//! are decided again. A fact that can decide the eligibility alone comes before one that cannot; one that can change
//! no verdict, whatever else became known, is left out.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Eligibility, Gap, GapCause, Outcome, Verdict, verdict_of};
use crate::cql::attributes_of;
use crate::cql::typed::{Attribute, Expression, Operation, Type};
use crate::evaluate::Context;
use crate::facts::{FactId, ItemKind, Kind};
use crate::record::{Entry, Evidence};
use crate::trial::{Criterion, Policy, Trial};
use crate::value::{Bounds, Code, List, Missing, Value};

/// How many values are tried for one fact.
const MOST_VALUES: usize = 64;
/// How many combinations of values are tried to see whether a fact can matter at all.
const MOST_COMBINATIONS: usize = 4_000;

/// A fact to obtain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// The fact.
    pub fact: FactId,
    /// Why what is known of it does not do.
    pub cause: GapCause,
    /// The unknown criteria that wait for it.
    pub criteria: Vec<String>,
    /// Whether there is an answer which alone decides the eligibility.
    pub can_decide: bool,
    /// Whether every answer alone decides the eligibility.
    pub decides: bool,
}

/// Orders what is missing. `outcomes` must be those of an undetermined candidate.
#[must_use]
pub fn order(
    trial: &Trial,
    policy: &Policy,
    entries: &[Entry],
    today: Date,
    outcomes: &[Outcome<'_>],
) -> Vec<Next> {
    let search = Search {
        trial,
        policy,
        today,
    };
    let unknown: Vec<(usize, Vec<Gap>)> = outcomes
        .iter()
        .enumerate()
        .filter(|(_, outcome)| outcome.verdict == Verdict::Unknown)
        .map(|(index, outcome)| (index, outcome.gaps.clone()))
        .collect();
    let mut gaps: Vec<Gap> = Vec::new();
    for gap in unknown.iter().flat_map(|(_, gaps)| gaps) {
        if !gaps.iter().any(|known| known.fact == gap.fact) {
            gaps.push(*gap);
        }
    }
    let verdicts: Vec<Verdict> = outcomes.iter().map(|outcome| outcome.verdict).collect();
    let mut scored: Vec<(Score, Next)> = Vec::new();
    for gap in &gaps {
        let answers = search.answers(gap.fact, entries);
        let waiting: Vec<usize> = unknown
            .iter()
            .filter(|(_, gaps)| gaps.iter().any(|other| other.fact == gap.fact))
            .map(|(index, _)| *index)
            .collect();
        if !waiting
            .iter()
            .any(|index| search.matters(entries, *index, gap.fact, &unknown))
        {
            continue;
        }
        let mut score = Score {
            tried: answers.len(),
            ..Score::default()
        };
        for answer in answers {
            let mut entries = entries.to_vec();
            assign(&mut entries, gap.fact, answer);
            let mut verdicts = verdicts.clone();
            for index in &waiting {
                let verdict = search.verdict(&entries, *index);
                score.settled += usize::from(verdict != Verdict::Unknown);
                if let Some(place) = verdicts.get_mut(*index) {
                    *place = verdict;
                }
            }
            score.decided +=
                usize::from(Eligibility::of(verdicts.into_iter()) != Eligibility::Undetermined);
        }
        let criteria = waiting
            .iter()
            .filter_map(|index| trial.criteria.get(*index))
            .map(|criterion| criterion.id.clone())
            .collect();
        let next = Next {
            fact: gap.fact,
            cause: gap.cause,
            criteria,
            can_decide: score.decided > 0,
            decides: score.decided == score.tried && score.tried > 0,
        };
        scored.push((score, next));
    }
    // Stable: what settles equally much stays in the protocol's order.
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(score.rank()));
    scored.into_iter().map(|(_, next)| next).collect()
}

/// How much the possible answers to one question would settle.
#[derive(Debug, Clone, Copy, Default)]
struct Score {
    /// How many answers were tried.
    tried: usize,
    /// After how many of them the eligibility is decided.
    decided: usize,
    /// How many unknown criteria they settle, all answers added up.
    settled: usize,
}

impl Score {
    /// Whether it can decide, the share of answers that decide, the criteria settled by an answer on average.
    fn rank(self) -> (bool, usize, usize) {
        const PRECISION: usize = 1_000_000;
        let share = |count: usize| (count * PRECISION).checked_div(self.tried).unwrap_or(0);
        (self.decided > 0, share(self.decided), share(self.settled))
    }
}

fn assign(entries: &mut [Entry], fact: FactId, answer: Entry) {
    if let Some(entry) = entries.get_mut(fact.0) {
        *entry = answer;
    }
}

struct Search<'a> {
    trial: &'a Trial,
    policy: &'a Policy,
    today: Date,
}

impl Search<'_> {
    fn verdict(&self, entries: &[Entry], criterion: usize) -> Verdict {
        let context = Context::new(entries, &self.trial.definitions, self.today);
        self.trial
            .criteria
            .get(criterion)
            .map_or(Verdict::Unknown, |criterion| {
                verdict_of(criterion, self.policy, context)
            })
    }

    /// Whether the fact can change the verdict of a criterion, whatever else became known. Where there are too many
    /// combinations to try, it is taken to matter.
    fn matters(
        &self,
        entries: &[Entry],
        criterion: usize,
        fact: FactId,
        unknown: &[(usize, Vec<Gap>)],
    ) -> bool {
        let others: Vec<(FactId, Vec<Entry>)> = unknown
            .iter()
            .filter(|(index, _)| *index == criterion)
            .flat_map(|(_, gaps)| gaps.iter())
            .filter(|gap| gap.fact != fact)
            .map(|gap| {
                let mut answers = self.answers(gap.fact, entries);
                answers.extend(entries.get(gap.fact.0).cloned());
                (gap.fact, answers)
            })
            .collect();
        let mine = self.answers(fact, entries);
        let combinations = others.iter().try_fold(1_usize, |product, (_, answers)| {
            product.checked_mul(answers.len())
        });
        let Some(combinations) =
            combinations.filter(|count| count.saturating_mul(mine.len()) <= MOST_COMBINATIONS)
        else {
            return true;
        };
        let mut entries = entries.to_vec();
        for combination in 0..combinations {
            let mut rest = combination;
            for (other, answers) in &others {
                if let Some(answer) = answers.get(rest % answers.len()) {
                    assign(&mut entries, *other, answer.clone());
                }
                rest /= answers.len();
            }
            let before = {
                assign(&mut entries, fact, Entry::NOT_RECORDED);
                self.verdict(&entries, criterion)
            };
            for answer in &mine {
                assign(&mut entries, fact, answer.clone());
                if self.verdict(&entries, criterion) != before {
                    return true;
                }
            }
        }
        false
    }

    /// What a fact might turn out to be: a value, and beside it what the rules ask of it (its date, the limits of normal).
    fn answers(&self, fact: FactId, entries: &[Entry]) -> Vec<Entry> {
        let attributes = self.trial.asked_beside(fact);
        let mut values = self.values(fact);
        if !attributes.is_empty() {
            // Where only what stands beside the value is missing, the value is kept.
            let known = entries.get(fact.0).filter(
                |entry| matches!(&entry.value, Value::Number(bounds) if bounds.value().is_some()),
            );
            values = known.map_or(values, |entry| vec![entry.value.clone()]);
        }
        let mut answers: Vec<Entry> = values
            .into_iter()
            .map(|value| Entry {
                value,
                evidence: None,
            })
            .collect();
        for attribute in attributes {
            answers = answers
                .iter()
                .flat_map(|answer| self.completed(answer, fact, attribute))
                .take(MOST_VALUES)
                .collect();
        }
        answers
    }

    /// An answer with everything that may stand beside it under one name.
    fn completed(&self, answer: &Entry, fact: FactId, attribute: Attribute) -> Vec<Entry> {
        let with = |set: &dyn Fn(&mut Evidence)| {
            let mut evidence = answer.evidence.clone().unwrap_or_default();
            set(&mut evidence);
            Entry {
                value: answer.value.clone(),
                evidence: Some(evidence),
            }
        };
        let dates = || self.singles(&Kind::Date(None), &[]);
        match (attribute, &answer.value) {
            (Attribute::Date, _) => dates()
                .into_iter()
                .filter_map(|date| {
                    if let Value::Date(date) = date {
                        Some(with(&|evidence| evidence.date = Some(date)))
                    } else {
                        None
                    }
                })
                .collect(),
            (_, Value::Number(bounds)) => {
                let Some(value) = bounds.value() else {
                    return vec![answer.clone()];
                };
                // A limit of which the value is just the multiple that a rule names, and one far off on either side.
                let multiples = self
                    .factors(fact)
                    .into_iter()
                    .filter_map(|factor| value.checked_div(factor));
                let limits: BTreeSet<Decimal> = multiples
                    .chain([Decimal::ZERO, value.saturating_mul(Decimal::ONE_THOUSAND)])
                    .collect();
                let limited = |limit: Decimal| {
                    with(&|evidence| {
                        let place = if attribute == Attribute::LowerLimitOfNormal {
                            &mut evidence.lln
                        } else {
                            &mut evidence.uln
                        };
                        *place = Some(limit);
                    })
                };
                limits.into_iter().map(limited).collect()
            }
            _ => vec![answer.clone()],
        }
    }

    /// The positive numbers in conditions that ask for a limit of a fact.
    fn factors(&self, fact: FactId) -> BTreeSet<Decimal> {
        let mut factors = BTreeSet::new();
        let mut look = |expression: &Expression| {
            if attributes_of(fact, expression, &[]).is_empty() {
                return;
            }
            expression.walk(&mut |part| {
                if let Operation::Constant(Value::Number(bounds)) = &part.operation {
                    factors.extend(bounds.value().filter(|number| *number > Decimal::ZERO));
                }
            });
        };
        for criterion in self.trial.all_criteria() {
            criterion
                .own_conditions()
                .for_each(|condition| look(&condition.expression));
        }
        self.trial
            .definitions
            .iter()
            .for_each(|definition| look(&definition.expression));
        factors
    }

    /// Values that a fact might turn out to have: every code, both booleans, and numbers on either side of
    /// everything that the rules compare it with.
    fn values(&self, fact: FactId) -> Vec<Value> {
        let declared = self.trial.facts.get(fact);
        let mut values = match &declared.kind {
            Kind::List(kind) => self.lists(kind),
            kind => self.singles(kind, &self.compared_with(fact)),
        };
        values.truncate(MOST_VALUES);
        values
    }

    fn singles(&self, kind: &Kind, compared: &[Value]) -> Vec<Value> {
        match kind {
            Kind::Boolean { .. } => vec![Value::Boolean(true), Value::Boolean(false)],
            Kind::Code(set) => {
                let clear = set
                    .values
                    .iter()
                    .enumerate()
                    .filter(|(_, value)| !value.unclear);
                clear
                    .filter_map(|(index, _)| {
                        Some(Value::Code(Code {
                            index: u16::try_from(index).ok()?,
                            unclear: false,
                        }))
                    })
                    .collect()
            }
            Kind::Integer(range) | Kind::Decimal(range) => numbers(range.as_ref(), compared),
            Kind::Quantity(measure) => numbers(measure.range.as_ref(), compared),
            Kind::Duration(_) => {
                let anchored = compared.iter().filter_map(|value| match value {
                    Value::Duration(bounds) => bounds.value(),
                    _ => None,
                });
                let near = anchored.flat_map(|duration| {
                    let longer = crate::value::Duration {
                        days: duration.days.saturating_add(1),
                        ..duration
                    };
                    let shorter = crate::value::Duration {
                        days: duration.days.saturating_sub(1),
                        ..duration
                    };
                    [duration, longer, shorter]
                });
                near.map(|duration| Value::Duration(Bounds::exact(duration)))
                    .collect()
            }
            Kind::Date(_) => {
                let recent = [
                    self.today,
                    self.today.yesterday().unwrap_or(self.today),
                    self.today.first_of_year(),
                ];
                // A number that a rule compares with a date is an age or a distance: the date so many years ago.
                let years = compared.iter().filter_map(|value| match value {
                    Value::Number(bounds) => {
                        bounds.value().and_then(|number| i16::try_from(number).ok())
                    }
                    _ => None,
                });
                let ago = years.filter_map(|years| {
                    crate::value::Duration {
                        years,
                        ..crate::value::Duration::default()
                    }
                    .before(self.today)
                });
                recent
                    .into_iter()
                    .chain(ago.filter(|date| *date < self.today))
                    .map(|date| Value::Date(Bounds::exact(date)))
                    .collect()
            }
            Kind::Text | Kind::List(_) => Vec::new(),
        }
    }

    /// The empty list, and lists of one item with every combination of its codes and booleans.
    fn lists(&self, kind: &ItemKind) -> Vec<Value> {
        let empty = Value::List(Arc::new(List::default()));
        let items: Vec<Value> = match kind {
            ItemKind::Single(fact) => self.singles(&fact.kind, &[]),
            ItemKind::Fields(fields) => {
                let mut combinations: Vec<Vec<Value>> = vec![Vec::new()];
                for field in fields {
                    let mut values = self.singles(&field.kind, &[]);
                    values.truncate(
                        if matches!(field.kind, Kind::Code(_) | Kind::Boolean { .. }) {
                            MOST_VALUES
                        } else {
                            1
                        },
                    );
                    if values.is_empty() {
                        values.push(Value::Null(Missing::NotRecorded));
                    }
                    combinations = combinations
                        .iter()
                        .flat_map(|combination| {
                            values.iter().map(|value| {
                                [combination.as_slice(), std::slice::from_ref(value)].concat()
                            })
                        })
                        .take(MOST_VALUES)
                        .collect();
                }
                combinations
                    .into_iter()
                    .map(|fields| Value::Item(fields.into()))
                    .collect()
            }
        };
        std::iter::once(empty)
            .chain(
                items
                    .into_iter()
                    .map(|item| Value::List(Arc::new(List::of([item])))),
            )
            .collect()
    }

    /// The literals that the rules compare a fact with.
    fn compared_with(&self, fact: FactId) -> Vec<Value> {
        let mut found = Vec::new();
        let mut look = |expression: &Expression| {
            expression.walk(&mut |part| {
                let sides: Vec<&Expression> = match &part.operation {
                    Operation::Compare(..) | Operation::Between(..) | Operation::In(..) => {
                        part.parts()
                    }
                    _ => return,
                };
                let about_it = sides.iter().any(|side| {
                    crate::cql::facts_of(side, &self.trial.definitions).contains(&fact)
                });
                // Where the fact is turned into the literal's unit, its own value is the literal turned back.
                let back = sides.iter().find_map(|side| match &side.operation {
                    Operation::Scale(_, factor) => factor.inverse(),
                    _ => None,
                });
                let literals = sides
                    .iter()
                    .filter_map(|side| match (&side.operation, back) {
                        (Operation::Constant(Value::Number(bounds)), Some(back)) if about_it => {
                            bounds.map(|number| back.apply(number)).map(Value::Number)
                        }
                        (Operation::Constant(value), _) if about_it && side.kind != Type::Any => {
                            Some(value.clone())
                        }
                        _ => None,
                    });
                found.extend(literals);
            });
        };
        let mut conditions = |criterion: &Criterion| {
            criterion
                .own_conditions()
                .for_each(|condition| look(&condition.expression))
        };
        for criterion in self.trial.all_criteria() {
            conditions(criterion);
        }
        for definition in &self.trial.definitions {
            look(&definition.expression);
        }
        found
    }
}

/// The ends of the plausible range, and each number that a rule names with its neighbours.
fn numbers(range: Option<&Bounds<Decimal>>, compared: &[Value]) -> Vec<Value> {
    let ends = range
        .into_iter()
        .flat_map(|range| [range.low, range.high])
        .flatten()
        .map(|end| end.value);
    let named = compared.iter().filter_map(|value| match value {
        Value::Number(bounds) => bounds.value(),
        _ => None,
    });
    let near = named
        .flat_map(|number| {
            [
                Some(number),
                number.checked_add(Decimal::ONE),
                number.checked_sub(Decimal::ONE),
            ]
        })
        .flatten();
    let plausible =
        |number: &Decimal| range.is_none_or(|range| range.contains(&Bounds::exact(*number)));
    let all: BTreeSet<Decimal> = ends.chain(near).filter(plausible).collect();
    if all.is_empty() {
        // Nothing is said of it: something small, and something large.
        return vec![Value::number(1), Value::number(1_000_000)];
    }
    all.into_iter().map(Value::number).collect()
}
