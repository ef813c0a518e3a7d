//! Lists of several sources → one list.
//!
//! An item that two sources have is one item. Where it is not certain whether two items are the same one, the list says that
//! there may be one or two: a count must not grow by saying a thing twice.

use super::{Said, better, rank};
use crate::entry::{Entry, Evidence};
use crate::value::{Bounds, Element, List, Missing, Value};

/// An item, and which of the sources have it.
struct Item {
    element: Element,
    about: Evidence,
    /// Its place among all items, in the order of the sources.
    place: usize,
    /// By number; sorted.
    sources: Vec<usize>,
}

/// The list that several sources make up; none if one says that there is nothing of what another one has.
pub(super) fn joined(known: &[Said<'_>]) -> Option<Entry> {
    let lists: Vec<&List> = known
        .iter()
        .filter_map(|one| match &one.entry.value {
            Value::List(list) => Some(&**list),
            _ => None,
        })
        .collect();
    let (first, others) = known.split_first()?;
    if others
        .iter()
        .all(|one| one.entry.value == first.entry.value)
    {
        let best = others.iter().fold(*first, |best, one| better(best, *one));
        return Some(best.entry.clone());
    }
    let says_none = |list: &&List| list.elements.is_empty() && !list.open;
    if lists.iter().any(says_none) && lists.iter().any(|list| !list.elements.is_empty()) {
        return None;
    }
    let mut items = absorbed(distinct_items(known, &lists));
    doubt(&mut items);
    items.sort_by_key(|item| item.place);
    let about: Vec<Evidence> = items.iter().map(|item| item.about.clone()).collect();
    let has_evidence = about.iter().any(|about| *about != Evidence::default());
    let list = List {
        elements: items.into_iter().map(|item| item.element).collect(),
        // One of them was not complete, whatever it said; the others may not be either.
        open: true,
    };
    let mut evidence = of_all(known);
    if has_evidence {
        evidence.items = about;
    }
    Some(Entry {
        value: Value::List(list.into()),
        evidence: (evidence != Evidence::default()).then(|| Box::new(evidence)),
    })
}

/// The items of all lists, each with what says where it comes from. What several sources have is one item, as often as the one
/// has it that has it most often.
fn distinct_items(known: &[Said<'_>], lists: &[&List]) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut count = 0;
    for (source, (said, list)) in known.iter().zip(lists).enumerate() {
        let of_list = said.entry.evidence.as_deref();
        for (place, element) in list.elements.iter().enumerate() {
            let own = of_list.and_then(|evidence| evidence.items.get(place));
            let mut about = own.cloned().unwrap_or_default();
            // What is said of the whole list holds for its items, which now stand among others.
            about.by = about.by.or_else(|| of_list?.by.clone());
            about.source = about.source.or_else(|| of_list?.source.clone());
            let same = items
                .iter_mut()
                .find(|item| item.element == *element && !item.sources.contains(&source));
            match same {
                Some(item) => {
                    item.sources.push(source);
                    if rank(Some(&about)) > rank(Some(&item.about)) {
                        item.about = about;
                    }
                }
                None => items.push(Item {
                    element: element.clone(),
                    about,
                    place: count,
                    sources: vec![source],
                }),
            }
            count += 1;
        }
    }
    items
}

/// Leaves out each item of which another one says as much and more, one for one: of one source, two are two. Which goes with
/// which hangs on what the items say, and not on the order of the sources.
fn absorbed(mut items: Vec<Item>) -> Vec<Item> {
    items.sort_by_cached_key(|item| {
        let text = format!("{:?}", item.element.value);
        (
            std::cmp::Reverse(known_fields(&item.element.value)),
            text,
            std::cmp::Reverse(item.sources.len()),
        )
    });
    let mut kept: Vec<Item> = Vec::new();
    for item in items {
        let stands_for = kept.iter_mut().find(|richer| {
            richer.element.value != item.element.value
                && says_all_of(&richer.element.value, &item.element.value)
                && richer
                    .sources
                    .iter()
                    .all(|source| !item.sources.contains(source))
        });
        match stands_for {
            Some(richer) => {
                richer.sources.extend(item.sources);
                richer.place = richer.place.min(item.place);
            }
            None => kept.push(item),
        }
    }
    kept
}

/// Where two items of different sources may be the same one, the one that says less is only perhaps there.
fn doubt(items: &mut [Item]) {
    let mut perhaps = Vec::new();
    for (place, one) in items.iter().enumerate() {
        for (beside, other) in items.iter().enumerate() {
            // Of one source two items are two, also where another item stands for one of them.
            let are_two = one
                .sources
                .iter()
                .any(|source| other.sources.contains(source));
            if place == beside || are_two || !may_be_one(&one.element.value, &other.element.value) {
                continue;
            }
            // The text decides between equals, so that no order of the sources does.
            let weight = |item: &Item| {
                (
                    known_fields(&item.element.value),
                    format!("{:?}", item.element.value),
                )
            };
            if weight(one) < weight(other) || (weight(one) == weight(other) && place > beside) {
                perhaps.push(place);
            }
        }
    }
    for place in perhaps {
        if let Some(item) = items.get_mut(place) {
            item.element.certain = false;
        }
    }
}

fn fields(value: &Value) -> &[Value] {
    match value {
        Value::Item(fields) => fields,
        other => std::slice::from_ref(other),
    }
}

fn known_fields(value: &Value) -> usize {
    fields(value)
        .iter()
        .filter(|field| !field.is_null())
        .count()
}

/// Whether an item says everything that another one says.
fn says_all_of(one: &Value, other: &Value) -> bool {
    let pairs = fields(one).iter().zip(fields(other));
    pairs.into_iter().all(|(one, other)| {
        one == other || matches!(other, Value::Null(cause) if !one.is_null() || *cause == Missing::NotRecorded)
    })
}

/// Whether nothing that is known of two items tells them apart.
fn may_be_one(one: &Value, other: &Value) -> bool {
    let pairs = fields(one).iter().zip(fields(other));
    pairs.into_iter().all(|(one, other)| match (one, other) {
        (Value::Null(_), _) | (_, Value::Null(_)) => true,
        (Value::Date(one), Value::Date(other)) => overlap(one, other),
        (Value::Number(one), Value::Number(other)) => overlap(one, other),
        // A duration may be written in other units, and a text in other words.
        (Value::Duration(_), Value::Duration(_)) | (Value::Text(_), Value::Text(_)) => true,
        (one, other) => one == other,
    })
}

/// Whether two bounds have a value in common.
fn overlap<T: Copy + Ord>(one: &Bounds<T>, other: &Bounds<T>) -> bool {
    let low = |bounds: &Bounds<T>| bounds.low.map(|end| end.value);
    let high = |bounds: &Bounds<T>| bounds.high.map(|end| end.value);
    let before = |one: Option<T>, other: Option<T>| matches!((one, other), (Some(one), Some(other)) if one < other);
    !before(high(one), low(other)) && !before(high(other), low(one))
}

/// What is said of a list that several sources make up: what all of them say, and the names of all.
fn of_all(known: &[Said<'_>]) -> Evidence {
    let all = || known.iter().map(|one| one.entry.evidence.as_deref());
    let same = |get: &dyn Fn(&Evidence) -> Option<String>| {
        let mut said = all().map(|evidence| evidence.and_then(get));
        let first = said.next().flatten();
        first.filter(|first| said.all(|one| one.as_ref() == Some(first)))
    };
    let names = |get: &dyn Fn(&Evidence) -> Option<String>| {
        let mut names: Vec<String> = Vec::new();
        for name in all().flatten().filter_map(get) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        (!names.is_empty()).then(|| names.join("; "))
    };
    let first_date = known
        .first()
        .and_then(|one| one.entry.evidence.as_deref()?.date);
    let is_one_date =
        all().all(|evidence| evidence.and_then(|evidence| evidence.date) == first_date);
    let mut spelled: Vec<String> = all()
        .flatten()
        .flat_map(|evidence| evidence.spelled.clone())
        .collect();
    spelled.sort();
    spelled.dedup();
    Evidence {
        date: first_date.filter(|_| is_one_date),
        by: same(&|evidence| evidence.by.clone()),
        source: names(&|evidence| evidence.source.clone()),
        note: names(&|evidence| evidence.note.clone()),
        spelled,
        ..Evidence::default()
    }
}
