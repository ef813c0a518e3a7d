//! Criteria that decide nothing, and criteria that decide against each other.

use std::collections::{HashMap, HashSet};

use super::cover::{Answer, Explorer, Step};
use super::{Linter, conditions};
use crate::cql::{self, Expression};
use crate::facts::FactId;
use crate::screening::{Verdict, verdict_of};
use crate::trial::{Condition, Criterion, Need, Policy, Reading, Rule, Side};

/// A criterion that can have one verdict only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fixed {
    NeverFails,
    NeverPasses,
}

pub fn lint(linter: &mut Linter<'_>) {
    let bare: Vec<Criterion> = linter
        .places
        .criteria
        .iter()
        .map(|place| without_remarks(place.criterion))
        .collect();
    let fixed: Vec<Option<Fixed>> = bare
        .iter()
        .map(|criterion| fixed(&mut linter.explorer, criterion))
        .collect();
    for (index, (place, found)) in linter.places.criteria.iter().zip(&fixed).enumerate() {
        let mut parts = 0;
        place.criterion.walk(&mut |_| parts += 1);
        // Where a part is the cause, the whole need not be named as well.
        let by_part = fixed
            .iter()
            .skip(index + 1)
            .take(parts - 1)
            .any(|part| part == found);
        let id = &place.criterion.id;
        match found {
            Some(Fixed::NeverPasses) if !by_part => {
                linter.find(
                    "never-passes",
                    &place.id(),
                    format!("no candidate can pass {id}"),
                    "whatever a record may state, it fails; mend its condition, or the ranges and values of its facts",
                );
            }
            Some(Fixed::NeverFails) if !by_part => {
                linter.find(
                    "never-fails",
                    &place.id(),
                    format!("no candidate can fail {id}"),
                    "whatever a record may state, it does not fail; mend its condition, or the ranges and values of its facts",
                );
            }
            _ => {}
        }
    }
    let reported: HashSet<usize> = fixed
        .iter()
        .enumerate()
        .filter(|(_, fixed)| fixed.is_some())
        .map(|(index, _)| index)
        .collect();
    conditions::lint(linter, &reported);
    for index in 0..linter.places.criteria.len() {
        readings(linter, index);
        shape(linter, index);
    }
    both_sides(linter);
    pairs(linter, &bare, &reported);
}

/// The criterion as its conditions alone decide it, under every reading that a site might pin. A conflict or a doubt only
/// ever makes a verdict unknown, so what holds without them holds with them.
fn without_remarks(criterion: &Criterion) -> Criterion {
    let mut bare = Criterion {
        conflicts: Vec::new(),
        doubts: Vec::new(),
        cautions: Vec::new(),
        ..criterion.clone()
    };
    if let Some(Rule::Readings(readings)) = &mut bare.rule {
        readings
            .iter_mut()
            .for_each(|reading| reading.by_site_only = false);
    }
    if let Some(group) = &mut bare.group {
        group.criteria = group.criteria.iter().map(without_remarks).collect();
    }
    bare
}

/// Every condition that has part in a criterion's verdict.
fn deciding(criterion: &Criterion) -> Vec<&Expression> {
    let mut conditions = Vec::new();
    criterion.walk(&mut |criterion| {
        conditions.extend(
            criterion
                .own_conditions()
                .map(|condition| &condition.expression),
        )
    });
    conditions
}

fn fixed(explorer: &mut Explorer<'_>, criterion: &Criterion) -> Option<Fixed> {
    let policy = Policy::default();
    let cover = explorer.cover(&deciding(criterion))?;
    let (mut passes, mut fails) = (false, false);
    let answer = explorer.explore(&cover, |context| {
        match verdict_of(criterion, &policy, *context) {
            Verdict::Unknown => return Step::Divide,
            Verdict::Fail => fails = true,
            Verdict::Pass | Verdict::NotApplicable => passes = true,
        }
        if passes && fails {
            Step::Stop
        } else {
            Step::Settled
        }
    });
    match (answer, passes, fails) {
        (Answer::Complete, true, false) => Some(Fixed::NeverFails),
        (Answer::Complete, false, true) => Some(Fixed::NeverPasses),
        _ => None,
    }
}

/// Readings that mean the same.
fn readings(linter: &mut Linter<'_>, index: usize) {
    let Some(place) = linter.places.criteria.get(index).copied() else {
        return;
    };
    let readings = place.criterion.readings();
    let mut written: HashMap<String, &Reading> = HashMap::new();
    for (at, reading) in readings.iter().enumerate() {
        let words = words_of(&reading.condition);
        let mut same = written.get(&words).copied();
        if same.is_none() {
            let alike = |linter: &mut Linter<'_>, other: &Reading| {
                linter
                    .explorer
                    .alike(&reading.condition.expression, &other.condition.expression)
            };
            for other in readings.iter().take(at) {
                if linter.explorer.exhausted() {
                    break;
                }
                if alike(linter, other) {
                    same = Some(other);
                    break;
                }
            }
        }
        written.entry(words).or_insert(reading);
        if let Some(other) = same {
            let node = place
                .node
                .get("readings")
                .and_then(|readings| readings.get(&reading.name));
            let node = node.and_then(|node| node.get("require").or_else(|| node.get("exclude")));
            let span = node.map_or_else(|| place.id(), |node| node.span.clone());
            let message = format!(
                "the readings `{}` and `{}` of {} mean the same",
                other.name, reading.name, place.criterion.id
            );
            linter.find(
                "same-readings",
                &span,
                message,
                "keep one of them, or write down how they differ",
            );
        }
    }
}

/// The words of a condition, spaces and comments aside.
fn words_of(condition: &Condition) -> String {
    let tokens = cql::lexer::tokens(&condition.text).unwrap_or_default();
    tokens
        .iter()
        .map(|(token, _)| token.describe())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Keys that say less than they seem to.
fn shape(linter: &mut Linter<'_>, index: usize) {
    let Some(place) = linter.places.criteria.get(index).copied() else {
        return;
    };
    let criterion = place.criterion;
    let id = &criterion.id;
    let absent = |condition: &Condition| {
        cql::looks_at_absence(&condition.expression, &linter.trial.definitions)
    };
    if criterion.closed_world.is_some() && !criterion.own_conditions().any(absent) {
        let message = format!("{id} says `closed_world`, and its own rules do not look at absence");
        linter.find(
            "needless-closed-world",
            &place.key("closed_world"),
            message,
            "take it away; sub-criteria need their own",
        );
    }
    let Some(group) = &criterion.group else {
        return;
    };
    let message = match (group.need, group.criteria.len()) {
        (_, 1) => Some((
            "the group has one sub-criterion only".to_owned(),
            "give the condition to the criterion itself",
        )),
        (Need::AtLeast(1), _) => Some((
            "at least one of them is any of them".to_owned(),
            "write `any`",
        )),
        (Need::AtLeast(n), all) if n == all => Some((
            format!("at least {n} of {all} is all of them"),
            "write `all`",
        )),
        _ => None,
    };
    if let Some((message, help)) = message {
        let key = ["all", "any", "at_least"]
            .into_iter()
            .find(|key| place.node.get(key).is_some())
            .unwrap_or("id");
        linter.find(
            "needless-group",
            &place.key(key),
            format!("{id}: {message}"),
            help,
        );
    }
}

/// Facts by which criteria of both sides decide.
fn both_sides(linter: &mut Linter<'_>) {
    let mut by_fact: HashMap<FactId, [Vec<&str>; 2]> = HashMap::new();
    for criterion in &linter.trial.criteria {
        for fact in linter.trial.deciding_facts(criterion) {
            let [inclusion, exclusion] = by_fact.entry(fact).or_default();
            if criterion.side == Side::Inclusion {
                inclusion
            } else {
                exclusion
            }
            .push(&criterion.id);
        }
    }
    for (id, fact) in linter.trial.facts.iter() {
        let Some([inclusion, exclusion]) = by_fact.get(&id) else {
            continue;
        };
        if !inclusion.is_empty() && !exclusion.is_empty() {
            let message = format!(
                "`{}` decides on both sides: {} and {}",
                fact.path,
                listed(inclusion),
                listed(exclusion)
            );
            linter.find(
                "asked-on-both-sides",
                &linter.places.fact(&fact.path),
                message,
                "see that the criteria agree at the boundary, and accept it if they do",
            );
        }
    }
}

/// A few of many.
fn listed(ids: &[&str]) -> String {
    const FEW: usize = 6;
    let mut listed = ids.iter().take(FEW).copied().collect::<Vec<_>>().join(", ");
    if ids.len() > FEW {
        listed.push_str(", …");
    }
    listed
}

/// Criteria that no candidate can pass together, and criteria that decide the same.
fn pairs(linter: &mut Linter<'_>, bare: &[Criterion], reported: &HashSet<usize>) {
    let mut by_fact: HashMap<FactId, Vec<usize>> = HashMap::new();
    let mut alike: HashMap<Vec<FactId>, Vec<usize>> = HashMap::new();
    for (index, (place, criterion)) in linter.places.criteria.iter().zip(bare).enumerate() {
        if reported.contains(&index) || linter.explorer.exhausted() {
            continue;
        }
        let facts = linter.trial.deciding_facts(criterion);
        if place.top {
            let mut others: Vec<usize> = facts
                .iter()
                .filter_map(|fact| by_fact.get(fact))
                .flatten()
                .copied()
                .collect();
            others.sort_unstable();
            others.dedup();
            for other in others {
                contradiction(linter, bare, other, index);
            }
            for fact in &facts {
                by_fact.entry(*fact).or_default().push(index);
            }
        }
        if criterion.group.is_none() && !facts.is_empty() {
            let others = alike.entry(facts).or_default();
            let same = others
                .iter()
                .find(|other| decide_alike(linter, bare, **other, index))
                .copied();
            others.push(index);
            if let Some(first) = same.and_then(|other| linter.places.criteria.get(other)) {
                let message = format!(
                    "{} decides the same as {}",
                    criterion.id, first.criterion.id
                );
                linter.find(
                    "duplicate-criterion",
                    &place.id(),
                    message,
                    "delete one of them, or write down how they differ",
                );
            }
        }
    }
}

fn contradiction(linter: &mut Linter<'_>, bare: &[Criterion], left: usize, right: usize) {
    let (Some(first), Some(second)) = (bare.get(left), bare.get(right)) else {
        return;
    };
    let policy = Policy::default();
    let conditions = [deciding(first), deciding(second)].concat();
    if linter.explorer.exhausted() {
        return;
    }
    let Some(cover) = linter.explorer.cover(&conditions) else {
        return;
    };
    let answer = linter.explorer.explore(&cover, |context| {
        match (
            verdict_of(first, &policy, *context),
            verdict_of(second, &policy, *context),
        ) {
            (Verdict::Fail, _) | (_, Verdict::Fail) => Step::Settled,
            (Verdict::Unknown, _) | (_, Verdict::Unknown) => Step::Divide,
            _ => Step::Stop,
        }
    });
    if answer == Answer::Complete
        && let Some(place) = linter.places.criteria.get(right).copied()
    {
        let message = format!("no candidate can pass both {} and {}", first.id, second.id);
        linter.find(
            "contradiction",
            &place.id(),
            message,
            "whoever passes the one fails the other; mend the condition of one of them",
        );
    }
}

fn decide_alike(linter: &mut Linter<'_>, bare: &[Criterion], left: usize, right: usize) -> bool {
    let (Some(first), Some(second)) = (bare.get(left), bare.get(right)) else {
        return false;
    };
    let tops = [left, right].iter().all(|index| {
        linter
            .places
            .criteria
            .get(*index)
            .is_some_and(|place| place.top)
    });
    if linter.explorer.exhausted() || (first.side != second.side && !tops) {
        return false;
    }
    let policy = Policy::default();
    let conditions = [deciding(first), deciding(second)].concat();
    let Some(cover) = linter.explorer.cover(&conditions) else {
        return same_words(first, second);
    };
    let answer = linter.explorer.explore(&cover, |context| {
        match (
            verdict_of(first, &policy, *context),
            verdict_of(second, &policy, *context),
        ) {
            (Verdict::Unknown, _) | (_, Verdict::Unknown) => Step::Divide,
            (left, right) if left == right => Step::Settled,
            _ => Step::Stop,
        }
    });
    answer == Answer::Complete || (answer == Answer::Open && same_words(first, second))
}

/// Whether two criteria of one side have the same conditions, word for word.
fn same_words(first: &Criterion, second: &Criterion) -> bool {
    let same = |left: &Option<Condition>, right: &Option<Condition>| match (left, right) {
        (None, None) => true,
        (Some(left), Some(right)) => words_of(left) == words_of(right),
        _ => false,
    };
    let (Some(Rule::Single(left)), Some(Rule::Single(right))) = (&first.rule, &second.rule) else {
        return false;
    };
    first.side == second.side
        && same(&first.applies, &second.applies)
        && words_of(left) == words_of(right)
}
