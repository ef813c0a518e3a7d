//! Records of one candidate from several sources → one record, fact by fact.
//!
//! Values that agree are one value, with the better evidence; of bounds that agree the narrower ones are kept. Values that do
//! not agree are no value: the fact is missing as `conflicting`, with a note that names both. A value comes before none. Lists
//! grow, and say that they are complete only where all of them are the same. A law holds that a record merged with itself or
//! with an empty one is unchanged, and that the order of the sources changes no value.

mod list;

use crate::diagnostic::lookalike::has_visible_character;
use crate::entry::{Entry, Evidence};
use crate::facts::{Fact, Facts};
use crate::record::Record;
use crate::report::sentence::shown_value;
use crate::value::text::folded;
use crate::value::{Absent, Bounds, Duration, Missing, Value, date};

use jiff::civil::Date;

/// A record, and how messages call what it is from: `lab.csv:7`.
#[derive(Debug, Clone, Copy)]
pub struct Part<'p> {
    /// The name of the source.
    pub name: &'p str,
    /// What it says.
    pub record: &'p Record,
}

/// What is said of one fact, and by whom.
#[derive(Clone, Copy)]
struct Said<'p> {
    name: &'p str,
    entry: &'p Entry,
}

/// Merges what several sources say of a candidate. The first says whose record it is, and as of which day all of them were
/// read; a pseudonym of another one counts where it has none.
#[must_use]
pub fn merge(facts: &Facts, first: Part<'_>, others: &[Part<'_>]) -> Record {
    let parts = || std::iter::once(&first).chain(others);
    let today = first.record.screened_on;
    let entries = facts.iter().map(|(id, fact)| {
        let said: Vec<Said<'_>> = parts()
            .map(|part| Said {
                name: part.name,
                entry: part.record.entry(id),
            })
            .collect();
        entry(fact, &said, today)
    });
    let mut notes: Vec<&str> = Vec::new();
    for note in parts().filter_map(|part| part.record.note.as_deref()) {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    Record {
        candidate: parts().find_map(|part| part.record.candidate.clone()),
        screened_on: today,
        is_dated: parts().any(|part| part.record.is_dated),
        note: (!notes.is_empty()).then(|| notes.join("; ")),
        entries: entries.collect(),
    }
}

/// What several sources say of a fact.
fn entry(fact: &Fact, said: &[Said<'_>], today: Date) -> Entry {
    let conflicting = Value::Null(Missing::Stated(Absent::Conflicting));
    let in_doubt: Vec<Said<'_>> = said
        .iter()
        .copied()
        .filter(|one| one.entry.value == conflicting)
        .collect();
    let known: Vec<Said<'_>> = said
        .iter()
        .copied()
        .filter(|one| !one.entry.value.is_null())
        .collect();
    // Of what is in doubt, another value says nothing but itself.
    if !in_doubt.is_empty() {
        return in_conflict(fact, &in_doubt, &known);
    }
    let Some(first) = known.first() else {
        return missing(said);
    };
    if let Value::List(_) = first.entry.value {
        return list::joined(&known).unwrap_or_else(|| in_conflict(fact, &[], &known));
    }
    // The value that says all that any of them says; of several that do, the one with the best evidence.
    let says_all = |one: &&Said<'_>| {
        known.iter().all(|other| {
            let relation = relation(&one.entry.value, &other.entry.value, today);
            matches!(relation, Relation::Same | Relation::Narrower)
        })
    };
    let best = known.iter().filter(says_all).copied().reduce(better);
    best.map_or_else(|| in_conflict(fact, &[], &known), |best| best.entry.clone())
}

/// How a value stands to another one.
enum Relation {
    Same,
    /// It says what the other one leaves open.
    Narrower,
    /// The other one says more, or something else.
    Different,
}

fn relation(one: &Value, other: &Value, today: Date) -> Relation {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => of_bounds(one, other),
        (Value::Date(one), Value::Date(other)) => of_bounds(one, other),
        (Value::Duration(one), Value::Duration(other)) => {
            match Duration::on_one_scale(one, other, today) {
                Some((one, other)) => of_bounds(&one, &other),
                None if one == other => Relation::Same,
                None => Relation::Different,
            }
        }
        (Value::Text(one), Value::Text(other)) if folded(one) == folded(other) => Relation::Same,
        (one, other) if one == other => Relation::Same,
        _ => Relation::Different,
    }
}

fn of_bounds<T: Copy + Ord>(one: &Bounds<T>, other: &Bounds<T>) -> Relation {
    match (one.contains(other), other.contains(one)) {
        (true, true) => Relation::Same,
        (false, true) => Relation::Narrower,
        (_, false) => Relation::Different,
    }
}

/// The one of two that say the same for which there is more evidence; the first where there is as much.
fn better<'p>(one: Said<'p>, other: Said<'p>) -> Said<'p> {
    if rank(other.entry.evidence.as_deref()) > rank(one.entry.evidence.as_deref()) {
        other
    } else {
        one
    }
}

/// How much evidence stands for: a day and a signature, then the later day, then limits of normal and a source.
fn rank(evidence: Option<&Evidence>) -> (usize, Option<Date>, usize) {
    let Some(evidence) = evidence else {
        return (0, None, 0);
    };
    let day = evidence.date.and_then(|date| date.value());
    let is_signed = evidence.by.as_deref().is_some_and(has_visible_character);
    let more = [
        evidence.uln.is_some(),
        evidence.lln.is_some(),
        evidence.source.is_some(),
        evidence.date.is_some(),
    ];
    (
        usize::from(day.is_some()) + usize::from(is_signed),
        day,
        more.into_iter().filter(|is_there| *is_there).count(),
    )
}

/// Of what nobody knows, the cause that says most, with the best evidence.
fn missing(said: &[Said<'_>]) -> Entry {
    let is_stated = |one: &Said<'_>| match one.entry.value {
        Value::Null(Missing::Stated(cause)) => {
            // What somebody asked or did says more than that nobody knows.
            let place = Absent::CODES.iter().position(|(_, known)| *known == cause);
            (
                cause != Absent::Unknown,
                usize::MAX - place.unwrap_or(usize::MAX),
            )
        }
        _ => (false, 0),
    };
    let mut kept: Option<Said<'_>> = None;
    for one in said {
        let is_more = kept.is_none_or(|kept| {
            let rank = |one: &Said<'_>| {
                let is_known = one.entry.value != Value::Null(Missing::NotRecorded);
                (
                    is_known,
                    is_stated(one),
                    rank(one.entry.evidence.as_deref()),
                )
            };
            rank(one) > rank(&kept)
        });
        if is_more {
            kept = Some(*one);
        }
    }
    kept.map_or(Entry::NOT_RECORDED, |kept| kept.entry.clone())
}

/// A fact of which its sources say different things, or said so before.
fn in_conflict(fact: &Fact, in_doubt: &[Said<'_>], known: &[Said<'_>]) -> Entry {
    // What was in doubt before, and is said in the same words, is so as before.
    if let Some((first, others)) = in_doubt.split_first()
        && known.is_empty()
        && others.iter().all(|one| one.entry == first.entry)
    {
        return first.entry.clone();
    }
    let mut notes: Vec<String> = Vec::new();
    let mut add = |note: String| {
        if !notes.contains(&note) {
            notes.push(note);
        }
    };
    for one in in_doubt {
        let note = one
            .entry
            .evidence
            .as_deref()
            .and_then(|evidence| evidence.note.clone());
        add(note.unwrap_or_else(|| format!("conflicting in {}", one.name)));
    }
    for one in known {
        let mut note = format!("{} in {}", shown_value(fact, &one.entry.value), one.name);
        if let Some(date) = one
            .entry
            .evidence
            .as_deref()
            .and_then(|evidence| evidence.date.as_ref())
        {
            note.push_str(&format!(" ({})", date::format(date)));
        }
        add(note);
    }
    let before = in_doubt
        .first()
        .and_then(|one| one.entry.evidence.as_deref());
    let mut evidence = before.cloned().unwrap_or_default();
    evidence.note = Some(notes.join("; "));
    Entry {
        value: Value::Null(Missing::Stated(Absent::Conflicting)),
        evidence: Some(Box::new(evidence)),
    }
}
