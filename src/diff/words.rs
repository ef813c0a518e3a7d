//! What changed in a condition, in words: `ECOG performance status: at most 2 → at most 3`.

use super::meaning::links;
use super::{Version, Worded};
use crate::cql::Type;
use crate::cql::typed::{Expression, Operation};
use crate::facts::in_unit;
use crate::report::sentence::english::{Demand, EnglishWriter};
use crate::report::sentence::limits::distance;
use crate::report::sentence::values::{constant, numbers, plain};
use crate::value::Value;
use crate::value::text::one_line;

/// A condition, or a part of one, of a version.
#[derive(Clone, Copy)]
struct Part<'v> {
    version: &'v Version<'v>,
    text: &'v str,
    expression: &'v Expression,
}

/// What changed between two conditions; nothing where there are no better words than the conditions themselves.
pub fn condition<'v>(
    old_version: &'v Version<'_>,
    old: Worded<'v>,
    new_version: &'v Version<'_>,
    new: Worded<'v>,
) -> Vec<String> {
    let is = |chain: fn(&Operation) -> bool| {
        chain(&old.expression.operation) || chain(&new.expression.operation)
    };
    let all = is(|operation| matches!(operation, Operation::All(_)));
    let any = is(|operation| matches!(operation, Operation::Any(_)));
    // Parts can be told apart in a chain, if both sides are of one kind.
    let whole = all == any;
    let [before, after] = [(old_version, old), (new_version, new)].map(|(version, worded)| {
        let parts = if whole {
            vec![worded.expression]
        } else {
            links(worded.expression)
        };
        let part = |expression| Part {
            version,
            text: worded.text,
            expression,
        };
        parts.into_iter().map(part).collect::<Vec<_>>()
    });
    let (gone, mut come) = (without(&before, &after), without(&after, &before));
    let (mut said, mut removed) = (Vec::new(), Vec::new());
    for part in gone {
        let mut others = come.iter().enumerate();
        match others.find_map(|(index, other)| Some((index, changed([part, *other])?))) {
            Some((index, words)) => {
                come.remove(index);
                said.push(words);
            }
            None => removed.push(part),
        }
    }
    if !whole {
        let joint = if all { "and" } else { "or" };
        let removed = removed.iter().map(|part| ("no longer", part));
        let added = come.iter().map(|part| ("now also", part));
        let each = removed.chain(added);
        said.extend(each.map(|(lead, part)| format!("{lead} `{joint} {}`", part.written())));
    }
    said
}

/// The parts that are not among others by what they mean.
fn without<'v>(parts: &[Part<'v>], others: &[Part<'_>]) -> Vec<Part<'v>> {
    let others: Vec<String> = others.iter().map(Part::meaning).collect();
    let mut parts = parts.to_vec();
    parts.retain(|part| !others.contains(&part.meaning()));
    parts
}

/// One part in the place of another, if they are about the same.
fn changed(both: [Part<'_>; 2]) -> Option<String> {
    let demands = both.map(|part| Demand::of(part.expression, false, literal));
    if let [Some(was), Some(is)] = &demands {
        let [old, new] = both;
        let (old, new) = (old.at(was.subject), new.at(is.subject));
        if old.meaning() == new.meaning() {
            return Some(format!("{}: {}", new.name(), difference(was, is)));
        }
    }
    let [was, is] = both.map(|part| part.version.meanings.shape(part.expression));
    if was != is {
        return None;
    }
    // Only literals differ.
    let [was, is] = both.map(|part| literals(part.expression));
    let pairs = was.iter().zip(&is).filter(|(was, is)| was != is);
    let pairs: Vec<String> = pairs.map(|(was, is)| format!("{was} → {is}")).collect();
    let [_, new] = both;
    (was.len() == is.len() && !pairs.is_empty())
        .then(|| format!("in `{}`: {}", new.written(), pairs.join(", ")))
}

/// How what is asked of one value changed.
fn difference(was: &Demand<'_>, is: &Demand<'_>) -> String {
    if was.choices.is_empty() || is.choices.is_empty() {
        return format!("{} → {}", was.words, is.words);
    }
    let only = |mine: &[String], others: &[String]| {
        let mut mine = mine.to_vec();
        mine.retain(|choice| !others.contains(choice));
        mine.join(" or ")
    };
    let (more, fewer) = (
        only(&is.choices, &was.choices),
        only(&was.choices, &is.choices),
    );
    let parts = [("also ", more), ("no longer ", fewer)];
    let said = parts.into_iter().filter(|(_, choices)| !choices.is_empty());
    let said: Vec<String> = said
        .map(|(lead, choices)| lead.to_owned() + &choices)
        .collect();
    said.join(", ")
}

impl<'v> Part<'v> {
    /// A part of it.
    fn at<'p>(self, expression: &'p Expression) -> Part<'p>
    where
        'v: 'p,
    {
        Part { expression, ..self }
    }

    fn meaning(&self) -> String {
        self.version.meanings.of(self.expression)
    }

    /// As it is written.
    fn written(&self) -> String {
        one_line(
            self.text
                .get(self.expression.span.clone())
                .unwrap_or(self.text),
        )
    }

    /// What it is called: its name for short, or its text.
    fn name(&self) -> String {
        let english = EnglishWriter::new(self.version.trial);
        let name = english.short_name(self.expression);
        name.unwrap_or_else(|| format!("`{}`", self.written()))
    }
}

/// Every literal, and how far apart dates have to be, in the order of the text.
fn literals(expression: &Expression) -> Vec<String> {
    let mut found = Vec::new();
    expression.walk(&mut |part| match &part.operation {
        Operation::Constant(value) => found.push(shown(value, &part.kind)),
        Operation::Timing(timing, ..) => {
            found.extend(
                timing
                    .offset
                    .map(|(duration, offset)| distance(duration, offset)),
            );
        }
        _ => {}
    });
    found
}

fn literal(expression: &Expression) -> Option<String> {
    constant(expression).map(|value| shown(value, &expression.kind))
}

/// A literal as a trial file writes it, without the quotation marks of its unit.
fn shown(value: &Value, kind: &Type) -> String {
    match (value, kind) {
        (Value::Number(bounds), Type::Quantity(measure)) => {
            in_unit(&numbers(bounds), &measure.unit)
        }
        (Value::Code(code), Type::Code(set)) => set
            .names()
            .nth(usize::from(code.index))
            .map_or_else(String::new, |name| format!("'{name}'")),
        (Value::Text(text), _) => format!("'{text}'"),
        (value, _) => plain(value),
    }
}
