//! Lists, where rules ask only whether there is an item of some kind.
//!
//! Then all that counts of a list is which of the questions some item answers with yes. Items are covered by the values of
//! the fields that are asked about; one list is made for every set of answers that items can give together.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cells::{compared, single};
use super::{DAY, Uses, closed};
use crate::cql::typed::{Comparison, Expression, Function, Operation};
use crate::evaluate::Context;
use crate::facts::{Fact, ItemKind};
use crate::value::{List, Missing, Truth, Value};

/// So many items are tried.
const MOST_ITEMS: usize = 1_000;
/// So many questions may be asked about one list.
const MOST_QUESTIONS: usize = 16;
/// So many lists are made of them.
const MOST_LISTS: usize = 64;

/// A question about a list.
enum Question<'e> {
    /// Whether there is any item.
    Any,
    /// Whether there is one for which this holds.
    Filter(&'e Expression),
    /// Whether this is one of them.
    Value(Value),
}

/// The lists that cover a list; none if nothing does.
pub fn of(
    kind: &ItemKind,
    uses: &Uses<'_>,
    is_it: &dyn Fn(&Expression) -> bool,
) -> Option<Vec<Value>> {
    let questions = questions(uses, is_it)?;
    let mut kinds: BTreeMap<u32, Value> = BTreeMap::new();
    for item in items(kind, &questions)? {
        let mut answers = 0_u32;
        for (index, question) in questions.iter().enumerate() {
            match question.answer(&item) {
                Truth::True => answers |= 1 << index,
                Truth::False => {}
                Truth::Unknown => return None,
            }
        }
        kinds.entry(answers).or_insert(item);
    }
    let mut lists: BTreeMap<u32, Vec<Value>> = BTreeMap::from([(0, Vec::new())]);
    for (answers, item) in kinds {
        for (before, items) in lists.clone() {
            lists
                .entry(before | answers)
                .or_insert_with(|| items.into_iter().chain([item.clone()]).collect());
        }
        if lists.len() > MOST_LISTS {
            return None;
        }
    }
    Some(
        lists
            .into_values()
            .map(|items| Value::List(Arc::new(List::of(items))))
            .collect(),
    )
}

/// What is asked about the list; none if it is used in another way as well.
fn questions<'e>(
    uses: &Uses<'e>,
    is_it: &dyn Fn(&Expression) -> bool,
) -> Option<Vec<Question<'e>>> {
    let named = uses.parts.iter().filter(|part| is_it(part)).count();
    let mut questions = Vec::new();
    for part in &uses.parts {
        match &part.operation {
            Operation::Exists(list) if is_it(list) => questions.push(Question::Any),
            Operation::Exists(list) => {
                if let Operation::Query(query) = &list.operation
                    && is_it(&query.source)
                {
                    if query.result.is_some() || query.sort.is_some() {
                        return None;
                    }
                    questions.push(
                        query
                            .filter
                            .as_ref()
                            .map_or(Question::Any, Question::Filter),
                    );
                }
            }
            Operation::Member(value, list) if is_it(list) => {
                questions.push(Question::Value(closed(value)?))
            }
            _ => {}
        }
    }
    (questions.len() == named && questions.len() <= MOST_QUESTIONS).then_some(questions)
}

impl Question<'_> {
    fn answer(&self, item: &Value) -> Truth {
        let context = Context::new(&[], &[], DAY);
        match self {
            Self::Any => Truth::True,
            Self::Filter(filter) => context.truth_for(filter, item),
            Self::Value(value) => context.compare(Comparison::Equal, value, item),
        }
    }
}

/// The items that cover all items, as far as the questions tell them apart.
fn items(kind: &ItemKind, questions: &[Question<'_>]) -> Option<Vec<Value>> {
    let mut parts: Vec<&Expression> = Vec::new();
    for question in questions {
        if let Question::Filter(filter) = question {
            filter.walk(&mut |part| parts.push(part));
        }
    }
    items_of(kind, &parts)
}

/// The items that cover all items, as far as these parts of filters tell them apart; none if nothing does.
pub fn items_of(kind: &ItemKind, parts: &[&Expression]) -> Option<Vec<Value>> {
    // What a filter takes from outside of the list is not known here. Fields that nothing covers stay empty, and what looks
    // at absence would take them for absent.
    let is_open = |part: &Expression| {
        matches!(
            part.operation,
            Operation::Fact(_)
                | Operation::Attribute(..)
                | Operation::Definition(_)
                | Operation::Today
                | Operation::Query(_)
                | Operation::Is(..)
                | Operation::Equivalent(..)
                | Operation::Function(Function::Coalesce, _)
        )
    };
    if parts.iter().any(|part| is_open(part)) {
        return None;
    }
    let fields = match kind {
        ItemKind::Single(fact) => {
            let is_it = |part: &Expression| matches!(part.operation, Operation::Alias(0));
            return single(&fact.kind, &compared(parts, &is_it));
        }
        ItemKind::Fields(fields) => fields,
    };
    let mut items: Vec<Vec<Value>> = vec![Vec::new()];
    for (index, field) in fields.iter().enumerate() {
        let values = field_values(field, index, parts);
        items = items
            .iter()
            .flat_map(|item| {
                values
                    .iter()
                    .map(|value| [item.as_slice(), std::slice::from_ref(value)].concat())
            })
            .collect();
        if items.len() > MOST_ITEMS {
            return None;
        }
    }
    Some(
        items
            .into_iter()
            .map(|fields| Value::Item(fields.into()))
            .collect(),
    )
}

/// The values of a field: those that cover it where it is asked about, otherwise none that is known.
fn field_values(field: &Fact, index: usize, parts: &[&Expression]) -> Vec<Value> {
    let is_it =
        |part: &Expression| matches!(part.operation, Operation::Field(_, found) if found == index);
    let asked = parts.iter().any(|part| is_it(part));
    let covered = asked
        .then(|| single(&field.kind, &compared(parts, &is_it)))
        .flatten();
    covered.unwrap_or_else(|| vec![Value::Null(Missing::NotRecorded)])
}
