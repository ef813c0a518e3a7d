//! Whether a condition may hold although it is not decided, because an entry is known only within bounds or in part.
//!
//! What stands for several values stands for that for which the condition holds, too. A fact that is missing says
//! nothing of the kind, so a condition that waits for one as well is not raised by it.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::gaps::{Gap, GapCause};
use super::reason::chosen;
use crate::cql::typed::{Expression, Operation};
use crate::cql::{Type, facts_of};
use crate::entry::{Entry, Evidence};
use crate::evaluate::Context;
use crate::facts::FactId;
use crate::trial::Condition;
use crate::value::bounds::End;
use crate::value::{Bounds, Element, List, Truth, Value};

/// How far a value is tried beyond a bound that it does not reach, and where nothing bounds it.
const STEP: Decimal = Decimal::from_parts(1, 0, 0, false, 6);
const FAR: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

/// Whether a condition that is not decided may hold for a value that an entry of the record stands for. `facts` are those
/// that it names.
#[must_use]
pub fn may_hold(context: &Context<'_>, condition: &Expression, facts: &[FactId]) -> bool {
    let find = || {
        let facts = context.entries.iter().enumerate();
        facts
            .filter(|(_, entry)| entry_is_inexact(entry))
            .map(|(place, _)| FactId(place))
            .collect()
    };
    let inexact = context.inexact(find);
    // Asked of every remark that is not decided: most have nothing to do with what is inexact.
    inexact.iter().any(|fact| facts.contains(fact))
        && Search { context }.may_be(condition, Truth::True)
}

/// The facts by whose bounds a condition may hold.
pub fn bounded_facts(context: &Context<'_>, condition: &Condition, gaps: &mut Vec<Gap>) {
    let search = Search { context };
    let facts = facts_of(&condition.expression, context.definitions);
    for fact in facts.into_iter().filter(|fact| search.is_inexact(*fact)) {
        let cause = GapCause::Inexact;
        Gap { fact, cause }.add_to(gaps);
    }
}

struct Search<'s, 'c> {
    context: &'s Context<'c>,
}

impl Search<'_, '_> {
    fn is_inexact(&self, fact: FactId) -> bool {
        self.context
            .entries
            .get(fact.0)
            .is_some_and(entry_is_inexact)
    }

    /// Whether a part has this truth, or may have it by bounds.
    fn may_be(&self, part: &Expression, wanted: Truth) -> bool {
        let truth = self.context.truth(part);
        if truth != Truth::Unknown {
            return truth == wanted;
        }
        let all = |parts: &[Expression], wanted| parts.iter().all(|part| self.may_be(part, wanted));
        let any = |parts: &[Expression], wanted| parts.iter().any(|part| self.may_be(part, wanted));
        match &part.operation {
            Operation::Not(inner) => self.may_be(inner, !wanted),
            Operation::All(parts) if wanted == Truth::True => all(parts, wanted),
            Operation::All(parts) => any(parts, wanted),
            Operation::Any(parts) if wanted == Truth::True => any(parts, wanted),
            Operation::Any(parts) => all(parts, wanted),
            Operation::Implies(left, right) if wanted == Truth::True => {
                self.may_be(left, Truth::False) || self.may_be(right, wanted)
            }
            Operation::Implies(left, right) => {
                self.may_be(left, Truth::True) && self.may_be(right, wanted)
            }
            Operation::Definition(id) if part.kind == Type::Boolean => self
                .context
                .definitions
                .get(id.0)
                .is_some_and(|one| self.may_be(&one.expression, wanted)),
            Operation::Case(branches, otherwise) if part.kind == Type::Boolean => {
                match chosen(self.context, branches, otherwise) {
                    Some(branch) => self.may_be(branch, wanted),
                    None => self.leaf(part, wanted),
                }
            }
            _ => self.leaf(part, wanted),
        }
    }

    /// A part is open because of bounds where values inside them give it that truth, or where it is decided with any of
    /// them. Where a fact is missing as well, it stays open whatever they are.
    fn leaf(&self, leaf: &Expression, wanted: Truth) -> bool {
        let facts = facts_of(leaf, self.context.definitions);
        if !facts.iter().any(|fact| self.is_inexact(*fact)) {
            return false;
        }
        // No other fact is looked at, and copying what is known of them costs more than all the rest.
        let nothing = Entry {
            value: Value::UNKNOWN,
            evidence: None,
        };
        let mut entries = vec![nothing; self.context.entries.len()];
        let mut decided = true;
        for (even, odd) in [
            (Part::Low, Part::Low),
            (Part::High, Part::High),
            (Part::Middle, Part::Middle),
            (Part::Low, Part::High),
            (Part::High, Part::Low),
        ] {
            let mut number = 0;
            for fact in facts.iter() {
                let known = self.context.entries.get(fact.0);
                if let (Some(entry), Some(known)) = (entries.get_mut(fact.0), known) {
                    *entry = sharpened(known, &mut |_| {
                        number += 1;
                        if number % 2 == 0 { even } else { odd }
                    });
                }
            }
            let context = Context::new(&entries, self.context.definitions, self.context.today);
            match context.truth(leaf) {
                truth if truth == wanted => return true,
                Truth::Unknown => decided = false,
                _ => {}
            }
        }
        decided
    }
}

/// Which of the values between bounds is taken.
#[derive(Clone, Copy)]
enum Part {
    Low,
    Middle,
    High,
}

fn entry_is_inexact(entry: &Entry) -> bool {
    let dated = entry.evidence.as_deref().and_then(|about| about.date);
    is_inexact(&entry.value) || dated.is_some_and(|date| date.value().is_none())
}

fn is_inexact(value: &Value) -> bool {
    match value {
        Value::Number(bounds) => bounds.value().is_none(),
        Value::Date(bounds) => bounds.value().is_none(),
        Value::Duration(bounds) => bounds.value().is_none(),
        Value::Item(fields) => fields.iter().any(is_inexact),
        Value::List(list) => list
            .elements
            .iter()
            .any(|element| is_inexact(&element.value)),
        _ => false,
    }
}

/// An entry with one value in the place of each of its bounds.
fn sharpened(entry: &Entry, part: &mut impl FnMut(()) -> Part) -> Entry {
    let evidence = entry.evidence.as_ref().map(|about| {
        let date = about.date.map(|date| match date.value() {
            Some(_) => date,
            None => Bounds::exact(day(&date, part(()))),
        });
        Evidence {
            date,
            ..(**about).clone()
        }
        .into()
    });
    Entry {
        value: value_of(&entry.value, part),
        evidence,
    }
}

fn value_of(value: &Value, part: &mut impl FnMut(()) -> Part) -> Value {
    if !is_inexact(value) {
        return value.clone();
    }
    match value {
        Value::Number(bounds) => Value::Number(Bounds::exact(number(bounds, part(())))),
        Value::Date(bounds) => Value::Date(Bounds::exact(day(bounds, part(())))),
        Value::Duration(bounds) => {
            let ends = match part(()) {
                Part::High => [bounds.high, bounds.low],
                Part::Low | Part::Middle => [bounds.low, bounds.high],
            };
            let end = ends.into_iter().flatten().next();
            end.map_or_else(
                || value.clone(),
                |end| Value::Duration(Bounds::exact(end.value)),
            )
        }
        Value::Item(fields) => {
            Value::Item(fields.iter().map(|field| value_of(field, part)).collect())
        }
        Value::List(list) => {
            let elements = list.elements.iter().map(|element| Element {
                value: value_of(&element.value, part),
                certain: element.certain,
            });
            let elements = elements.collect();
            Value::List(
                List {
                    elements,
                    ..(**list).clone()
                }
                .into(),
            )
        }
        other => other.clone(),
    }
}

fn number(bounds: &Bounds<Decimal>, part: Part) -> Decimal {
    let inside = |end: End<Decimal>, step: Decimal| {
        if end.inclusive {
            end.value
        } else {
            end.value.saturating_add(step)
        }
    };
    let low = bounds.low.map(|end| inside(end, STEP));
    let high = bounds.high.map(|end| inside(end, -STEP));
    let (low, high) = match (low, high) {
        (Some(low), Some(high)) => (low, high),
        (Some(low), None) => (low, low.saturating_add(FAR)),
        (None, Some(high)) => (high.saturating_sub(FAR), high),
        (None, None) => (-FAR, FAR),
    };
    match part {
        Part::Low => low,
        Part::High => high,
        Part::Middle => low.saturating_add(high.saturating_sub(low) / Decimal::TWO),
    }
}

fn day(bounds: &Bounds<Date>, part: Part) -> Date {
    let low = bounds.low.map_or(Date::MIN, |end| end.value);
    let high = bounds.high.map_or(Date::MAX, |end| end.value);
    match part {
        Part::Low => low,
        Part::High => high,
        Part::Middle => {
            let days = low.until(high).map_or(0, |span| span.get_days()) / 2;
            let days = jiff::Span::new().try_days(days).unwrap_or_default();
            low.checked_add(days).unwrap_or(low)
        }
    }
}
