//! Parts of conditions that say nothing, thresholds that no record can reach, and remarks that are never made.

use std::collections::HashSet;
use std::ops::Range;

use super::Linter;
use crate::cql::typed::{Expression, Operation, Type};
use crate::facts::{Fact, Kind};
use crate::partition::{self, TruthRange};
use crate::trial::conditions::{ConditionRef, Role};
use crate::value::{Bounds, Duration, Truth, Value, date};

/// Looks at every condition. `reported` are the criteria that are known to have one verdict only.
pub fn lint(linter: &mut Linter<'_>, reported: &HashSet<&str>) {
    for of in linter.conditions {
        let mut condition = Look {
            of,
            beyond: Vec::new(),
        };
        condition.thresholds(linter);
        condition.nulls(linter);
        let root = of.expression;
        let remark = match of.role {
            Role::Conflict(_) => Some("conflict"),
            Role::Doubt(_) => Some("doubt"),
            Role::Caution(_) => Some("caution"),
            _ => None,
        };
        let leave_out = match (of.role, of.owner.criterion()) {
            // That something is always said may be meant.
            (Role::Caution(_), _) => true,
            // What is true of the whole condition is said of the criterion.
            (Role::Rule(_), Some(criterion)) => reported.contains(criterion.id.as_str()),
            _ => false,
        };
        match remark {
            Some(what) if !linter.explorer.range(root).has(Truth::True) => {
                if !condition.beyond.contains(&root.span)
                    && !condition.constants(linter, root, true)
                {
                    linter.find_within(
                        of,
                        &root.span,
                        "never-raised",
                        format!("this {what} can never be raised"),
                        "whatever a record may state, its condition is not true; mend it, or delete it",
                    );
                }
            }
            _ => {
                condition.constants(linter, root, leave_out);
            }
        }
    }
}

/// One condition that is looked at.
struct Look<'a> {
    of: &'a ConditionRef<'a>,
    /// Parts in which a threshold lies out of range: nothing more need be said of them.
    beyond: Vec<Range<usize>>,
}

impl Look<'_> {
    /// Finds values outside the plausible range of the fact that they are compared with.
    fn thresholds(&mut self, linter: &mut Linter<'_>) {
        let mut found = Vec::new();
        self.of.expression.walk(&mut |part| {
            if !matches!(
                part.operation,
                Operation::Compare(..) | Operation::Between(..) | Operation::In(..)
            ) {
                return;
            }
            let sides = part.parts();
            let Some(fact) = sides.iter().find_map(|side| fact_of(side, linter)) else {
                return;
            };
            for side in sides {
                if let Some(value) = partition::closed(side)
                    && let Some(range) = implausible(&fact.kind, &value)
                {
                    found.push((
                        part.span.clone(),
                        side.span.clone(),
                        fact.path.clone(),
                        range,
                    ));
                }
            }
        });
        for (part, threshold, fact, range) in found {
            let message = format!(
                "`{}` is outside the plausible range of `{fact}`, {range}",
                self.words(&threshold)
            );
            linter.find_within(
                self.of,
                &threshold,
                "threshold-out-of-range",
                message,
                format!("no record can state such a value; mend it, its unit, or the `range` of `{fact}`"),
            );
            self.beyond.push(part);
        }
    }

    /// Finds comparisons with `null`, which are neither true nor false.
    fn nulls(&self, linter: &mut Linter<'_>) {
        let is_null =
            |side: &Expression| matches!(side.operation, Operation::Constant(Value::Null(_)));
        let mut found = Vec::new();
        self.of.expression.walk(&mut |part| {
            let is_comparison = matches!(
                part.operation,
                Operation::Compare(..) | Operation::Timing(..)
            );
            if is_comparison && part.parts().into_iter().any(is_null) {
                found.push(part.span.clone());
            }
        });
        for part in found {
            linter.find_within(
                self.of,
                &part,
                "constant-condition",
                format!("`{}` is never decided: nothing is equal to `null`, and nothing differs from it", self.words(&part)),
                "what is missing leaves a rule unknown by itself; `is null` asks whether it is missing, in a caution",
            );
        }
    }

    /// Finds the smallest parts that are always true, or never; whether there are any. The whole may be left out.
    fn constants(&self, linter: &mut Linter<'_>, part: &Expression, leave_out: bool) -> bool {
        let mut found = false;
        for inner in logical_parts(part) {
            found |= self.constants(linter, inner, false);
        }
        if let Operation::Exists(list) = &part.operation {
            found |= self.filter(linter, list);
        }
        if found || self.beyond.contains(&part.span) {
            return true;
        }
        if leave_out
            || part.kind != Type::Boolean
            || matches!(part.operation, Operation::Definition(_))
        {
            return false;
        }
        let range = linter.explorer.range(part);
        self.say(linter, part, range)
    }

    /// The same inside the filter of a list.
    fn filter(&self, linter: &mut Linter<'_>, list: &Expression) -> bool {
        let Operation::Query(query) = &list.operation else {
            return false;
        };
        let (Operation::Fact(id), Some(filter)) = (&query.source.operation, &query.filter) else {
            return false;
        };
        let Kind::List(kind) = &linter.trial.facts.get(*id).kind else {
            return false;
        };
        let mut parts = Vec::new();
        filter.walk(&mut |part| parts.push(part));
        let Some(items) = linter.explorer.items(kind, &parts) else {
            return false;
        };
        self.constants_of(linter, filter, &items)
    }

    fn constants_of(&self, linter: &mut Linter<'_>, part: &Expression, items: &[Value]) -> bool {
        let mut found = false;
        for inner in logical_parts(part) {
            found |= self.constants_of(linter, inner, items);
        }
        if found || self.beyond.contains(&part.span) {
            return true;
        }
        let range = linter.explorer.range_of_items(part, items);
        self.say(linter, part, range)
    }

    /// Notes a part that can only be true, or only be false; whether it is one.
    fn say(&self, linter: &mut Linter<'_>, part: &Expression, range: TruthRange) -> bool {
        let what = match range.only() {
            Some(Truth::True) => "always true",
            Some(Truth::False) => "never true",
            Some(Truth::Unknown) | None => return false,
        };
        let message = format!("`{}` is {what}", self.words(&part.span));
        linter.find_within(
            self.of,
            &part.span,
            "constant-condition",
            message,
            "whatever a record may state; take this part away, or mend it",
        );
        true
    }

    fn words(&self, span: &Range<usize>) -> &str {
        self.of.text.get(span.clone()).unwrap_or(self.of.text)
    }
}

/// The conditions that a condition is made of.
fn logical_parts(part: &Expression) -> Vec<&Expression> {
    match &part.operation {
        Operation::Not(_)
        | Operation::All(_)
        | Operation::Any(_)
        | Operation::Xor(..)
        | Operation::Implies(..) => part.parts(),
        Operation::Case(branches, _) => branches.iter().map(|(when, _)| when).collect(),
        _ => Vec::new(),
    }
}

/// The fact, or field of an item, that an operand is.
fn fact_of<'t>(side: &'t Expression, linter: &Linter<'t>) -> Option<&'t Fact> {
    match &side.operation {
        Operation::Fact(id) => Some(linter.trial.facts.get(*id)),
        Operation::Field(source, index) => match &source.kind {
            Type::Item(item) => item.fields().get(*index),
            _ => None,
        },
        _ => None,
    }
}

/// The plausible range of a fact, if it leaves a value out.
fn implausible(kind: &Kind, value: &Value) -> Option<String> {
    match (kind, value) {
        (Kind::Integer(Some(range)) | Kind::Decimal(Some(range)), Value::Number(number)) => {
            (!range.contains(number)).then(|| written(range, |end| end.normalize().to_string()))
        }
        (Kind::Quantity(measure), Value::Number(number)) => {
            let range = measure
                .range
                .as_ref()
                .filter(|range| !range.contains(number))?;
            Some(format!(
                "{} {}",
                written(range, |end| end.normalize().to_string()),
                measure.unit
            ))
        }
        (Kind::Date(Some(range)), Value::Date(day)) => {
            (!range.contains(day)).then(|| written(range, |end| date::format(&Bounds::exact(end))))
        }
        (Kind::Duration(Some(range)), Value::Duration(duration)) => {
            let duration = duration.value()?;
            let longer = |left: Duration, right: Duration| {
                left.order(right) == Some(std::cmp::Ordering::Greater)
            };
            let outside = range.low.is_some_and(|low| longer(low.value, duration))
                || range.high.is_some_and(|high| longer(duration, high.value));
            outside.then(|| written(range, |end| end.to_string()))
        }
        _ => None,
    }
}

fn written<T: Copy>(range: &Bounds<T>, write: impl Fn(T) -> String) -> String {
    let end = |end: Option<T>| end.map(&write).unwrap_or_default();
    format!(
        "{}..{}",
        end(range.low.map(|end| end.value)),
        end(range.high.map(|end| end.value))
    )
}
