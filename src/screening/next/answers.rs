//! The answers that a question may get: values of a fact on either side of everything that the rules compare it with.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::cql::facts_of;
use crate::cql::typed::{Attribute, Expression, Operation, Type};
use crate::entry::{Entry, Evidence};
use crate::facts::{FactId, ItemKind, Kind};
use crate::trial::Trial;
use crate::value::{Bounds, Code, List, Missing, Value};

/// How many values are tried for one fact.
const MOST_VALUES: usize = 64;

/// What the rules of a trial ask of each fact, found in one walk over all conditions.
pub struct Literals<'a> {
    trial: &'a Trial,
    /// The literals that a fact is compared with.
    compared: HashMap<FactId, Vec<Value>>,
    /// What is asked beside its value.
    asked: HashMap<FactId, BTreeSet<Attribute>>,
    /// The positive numbers in comparisons with its limits of normal.
    factors: HashMap<FactId, BTreeSet<Decimal>>,
}

impl<'a> Literals<'a> {
    /// Of all conditions and definitions.
    pub fn of(trial: &'a Trial) -> Self {
        let mut literals = Self {
            trial,
            compared: HashMap::new(),
            asked: HashMap::new(),
            factors: HashMap::new(),
        };
        let criteria = trial.all_criteria();
        let conditions = criteria
            .iter()
            .flat_map(|criterion| criterion.own_conditions())
            .map(|condition| &condition.expression);
        let definitions = trial
            .definitions
            .iter()
            .map(|definition| &definition.expression);
        for expression in conditions.chain(definitions) {
            literals.limits(expression);
            expression.walk(&mut |part| literals.comparison(part));
        }
        literals
    }

    /// Notes what a comparison says of the facts in it.
    fn comparison(&mut self, part: &Expression) {
        let sides = match &part.operation {
            Operation::Compare(..)
            | Operation::Between(..)
            | Operation::In(..)
            | Operation::Member(..) => part.parts(),
            _ => return,
        };
        // Where the fact is turned into the literal's unit, its own value is the literal turned back.
        let back = sides.iter().find_map(|side| match &side.operation {
            Operation::Scale(_, factor) => factor.inverse(),
            _ => None,
        });
        let found: Vec<Value> = sides
            .iter()
            .filter_map(|side| match (&side.operation, back) {
                (Operation::Constant(Value::Number(bounds)), Some(back)) => {
                    bounds.map(|number| back.apply(number)).map(Value::Number)
                }
                (Operation::Constant(value), _) if side.kind != Type::Any => Some(value.clone()),
                _ => None,
            })
            .collect();
        let mut facts = facts_of(part, &self.trial.definitions);
        facts.dedup();
        for fact in facts {
            self.compared
                .entry(fact)
                .or_default()
                .extend(found.iter().cloned());
        }
    }

    /// Notes which limits of normal and dates are asked for, and the numbers beside them.
    fn limits(&mut self, part: &Expression) {
        let joins = matches!(
            part.operation,
            Operation::Not(_) | Operation::All(_) | Operation::Any(_) | Operation::Implies(..)
        );
        if joins {
            part.parts().into_iter().for_each(|part| self.limits(part));
            return;
        }
        let (mut asked, mut numbers) = (Vec::new(), Vec::new());
        part.walk(&mut |part| match &part.operation {
            Operation::Attribute(fact, attribute) => asked.push((*fact, *attribute)),
            Operation::Constant(Value::Number(bounds)) => {
                numbers.extend(bounds.value().filter(|number| *number > Decimal::ZERO));
            }
            _ => {}
        });
        for (fact, attribute) in asked {
            self.asked.entry(fact).or_default().insert(attribute);
            self.factors
                .entry(fact)
                .or_default()
                .extend(numbers.iter().copied());
        }
    }

    /// What a fact might turn out to be: a value, and beside it what the rules ask of it (its date, the limits of normal).
    pub fn answers(&self, fact: FactId, entries: &[Entry], today: Date) -> Vec<Entry> {
        let attributes = self.asked.get(&fact).cloned().unwrap_or_default();
        let mut values = self.values(fact, today);
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
                .flat_map(|answer| self.completed(answer, fact, attribute, today))
                .take(MOST_VALUES)
                .collect();
        }
        answers
    }

    /// An answer with everything that may stand beside it under one name.
    fn completed(
        &self,
        answer: &Entry,
        fact: FactId,
        attribute: Attribute,
        today: Date,
    ) -> Vec<Entry> {
        let with = |set: &dyn Fn(&mut Evidence)| {
            let mut evidence = answer.evidence.clone().unwrap_or_default();
            set(&mut evidence);
            Entry {
                value: answer.value.clone(),
                evidence: Some(evidence),
            }
        };
        let dates = || singles(&Kind::Date(None), &[], today);
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
            (Attribute::By, _) => vec![with(&|evidence| evidence.by = Some("somebody".into()))],
            (_, Value::Number(bounds)) => {
                let Some(value) = bounds.value() else {
                    return vec![answer.clone()];
                };
                // A limit of which the value is just the multiple that a rule names, and one far off on either side.
                let factors = self.factors.get(&fact).into_iter().flatten();
                let multiples = factors.filter_map(|factor| value.checked_div(*factor));
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

    /// Values that a fact might turn out to have: every code, both booleans, and numbers on either side of
    /// everything that the rules compare it with.
    fn values(&self, fact: FactId, today: Date) -> Vec<Value> {
        let declared = self.trial.facts.get(fact);
        let compared = self.compared.get(&fact).map_or(&[][..], Vec::as_slice);
        let mut values = match &declared.kind {
            Kind::List(kind) => lists(kind, compared, today),
            kind => singles(kind, compared, today),
        };
        values.truncate(MOST_VALUES);
        values
    }
}

/// Values that may stand by themselves.
fn singles(kind: &Kind, compared: &[Value], today: Date) -> Vec<Value> {
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
                today,
                today.yesterday().unwrap_or(today),
                today.first_of_year(),
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
                .before(today)
            });
            recent
                .into_iter()
                .chain(ago.filter(|date| *date < today))
                .map(|date| Value::Date(Bounds::exact(date)))
                .collect()
        }
        Kind::Text => texts(compared),
        Kind::List(_) => Vec::new(),
    }
}

/// The empty list, and lists of one item with every combination of its codes and booleans.
fn lists(kind: &ItemKind, compared: &[Value], today: Date) -> Vec<Value> {
    let empty = Value::List(Arc::new(List::default()));
    let items: Vec<Value> = match kind {
        ItemKind::Single(fact) => singles(&fact.kind, compared, today),
        ItemKind::Fields(fields) => {
            let mut combinations: Vec<Vec<Value>> = vec![Vec::new()];
            for field in fields {
                let mut values = singles(&field.kind, &[], today);
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

/// The texts that a rule names, and one that no rule names.
fn texts(compared: &[Value]) -> Vec<Value> {
    let named: BTreeSet<&str> = compared
        .iter()
        .filter_map(|value| match value {
            Value::Text(text) => Some(&**text),
            _ => None,
        })
        .collect();
    let mut other = String::from("other");
    while named.contains(other.as_str()) {
        other.push_str(" than these");
    }
    named
        .into_iter()
        .chain([other.as_str()])
        .map(|text| Value::Text(text.into()))
        .collect()
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
