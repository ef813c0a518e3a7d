//! Criteria that decide nothing, and criteria that decide against each other.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use super::{Linter, conditions};
use crate::cql::{self, Expression};
use crate::evaluate::Context;
use crate::facts::FactId;
use crate::partition::{Answer, Explorer, Step};
use crate::screening::{Verdict, verdict_of};
use crate::trial::{Condition, Criterion, Need, Policy, Reading, Rule, Side};

/// A criterion that can have one verdict only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fixed {
    NeverFails,
    NeverPasses,
}

/// A criterion, and what is known of it.
struct Look<'a> {
    criterion: &'a Criterion,
    /// The criterion as its conditions alone decide it.
    bare: Criterion,
    /// Whether it is part of no other.
    is_top: bool,
    fixed: Option<Fixed>,
}

pub fn lint(linter: &mut Linter<'_>) {
    let looks: Vec<Look<'_>> = (linter.trial.all_criteria().into_iter())
        .map(|criterion| {
            let bare = without_remarks(criterion);
            let mut tops = linter.trial.criteria.iter();
            Look {
                criterion,
                is_top: tops.any(|top| std::ptr::eq(top, criterion)),
                fixed: fixed(&mut linter.explorer, &bare),
                bare,
            }
        })
        .collect();
    let mut rest = looks.as_slice();
    while let Some((look, behind)) = rest.split_first() {
        rest = behind;
        let parts = behind.iter().take(look.criterion.size() - 1);
        one_verdict(linter, look, parts);
    }
    let reported: HashSet<&str> = looks
        .iter()
        .filter(|look| look.fixed.is_some())
        .map(|look| look.criterion.id.as_str())
        .collect();
    conditions::lint(linter, &reported);
    for look in &looks {
        readings(linter, look.criterion);
        shape(linter, look.criterion);
    }
    both_sides(linter);
    pairs(linter, &looks);
}

/// Notes a criterion that can have one verdict only. Where a part is the cause, the whole need not be named as well.
fn one_verdict<'a>(
    linter: &mut Linter<'_>,
    look: &Look<'_>,
    mut parts: impl Iterator<Item = &'a Look<'a>>,
) {
    let Some(fixed) = look.fixed else { return };
    if parts.any(|part| part.fixed == look.fixed) {
        return;
    }
    let (code, verb, does) = match fixed {
        Fixed::NeverPasses => ("never-passes", "pass", "fails"),
        Fixed::NeverFails => ("never-fails", "fail", "does not fail"),
    };
    linter.find(
        code,
        look.id(),
        format!("no candidate can {verb} {}", look.criterion.id),
        format!("whatever a record may state, it {does}; mend its condition, or the ranges and values of its facts"),
    );
}

impl Look<'_> {
    /// Where its id stands.
    fn id(&self) -> &Range<usize> {
        self.criterion.spans.value("id")
    }
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
    let partition = explorer.partition(&deciding(criterion))?;
    let (mut passes, mut fails) = (false, false);
    let answer = explorer.explore(&partition, |context| {
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
fn readings(linter: &mut Linter<'_>, criterion: &Criterion) {
    let readings = criterion.readings();
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
            let span = if criterion.questions.is_some() {
                criterion.spans.value("id")
            } else {
                &reading.condition.span
            };
            let message = format!(
                "the readings `{}` and `{}` of {} mean the same",
                other.name, reading.name, criterion.id
            );
            linter.find(
                "same-readings",
                span,
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
fn shape(linter: &mut Linter<'_>, criterion: &Criterion) {
    let id = &criterion.id;
    let absent = |condition: &Condition| {
        cql::looks_at_absence(&condition.expression, &linter.trial.definitions)
    };
    if criterion.closed_world.is_some() && !criterion.own_conditions().any(absent) {
        let message = format!("{id} says `closed_world`, and its own rules do not look at absence");
        linter.find(
            "needless-closed-world",
            criterion.spans.value("closed_world"),
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
        linter.find(
            "needless-group",
            criterion.spans.value(group.need.key()),
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
                &fact.span.key,
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
fn pairs(linter: &mut Linter<'_>, looks: &[Look<'_>]) {
    let mut by_fact: HashMap<FactId, Vec<usize>> = HashMap::new();
    let mut alike: HashMap<Vec<FactId>, Vec<&Look<'_>>> = HashMap::new();
    for (index, look) in looks.iter().enumerate() {
        if look.fixed.is_some() || linter.explorer.exhausted() {
            continue;
        }
        let facts = linter.trial.deciding_facts(&look.bare);
        if look.is_top {
            let others: BTreeSet<usize> = facts
                .iter()
                .filter_map(|fact| by_fact.get(fact))
                .flatten()
                .copied()
                .collect();
            for other in others.into_iter().filter_map(|other| looks.get(other)) {
                contradiction(linter, other, look);
            }
            for fact in &facts {
                by_fact.entry(*fact).or_default().push(index);
            }
        }
        if look.bare.group.is_none() && !facts.is_empty() {
            let others = alike.entry(facts).or_default();
            let same = others
                .iter()
                .find(|other| decide_alike(linter, other, look));
            if let Some(first) = same {
                let message = format!(
                    "{} decides the same as {}",
                    look.criterion.id, first.criterion.id
                );
                linter.find(
                    "duplicate-criterion",
                    look.id(),
                    message,
                    "delete one of them, or write down how they differ",
                );
            }
            others.push(look);
        }
    }
}

/// Goes through the verdicts that two criteria can have together; none where nothing can be said of them.
fn together(
    linter: &mut Linter<'_>,
    first: &Criterion,
    second: &Criterion,
    mut step: impl FnMut(Verdict, Verdict) -> Step,
) -> Option<Answer> {
    let policy = Policy::default();
    let conditions = [deciding(first), deciding(second)].concat();
    let partition = linter.explorer.partition(&conditions)?;
    let verdict = |criterion, context: &Context<'_>| verdict_of(criterion, &policy, *context);
    Some(linter.explorer.explore(&partition, |context| {
        step(verdict(first, context), verdict(second, context))
    }))
}

fn contradiction(linter: &mut Linter<'_>, first: &Look<'_>, second: &Look<'_>) {
    if linter.explorer.exhausted() {
        return;
    }
    let answer = together(linter, &first.bare, &second.bare, |one, other| {
        match (one, other) {
            (Verdict::Fail, _) | (_, Verdict::Fail) => Step::Settled,
            (Verdict::Unknown, _) | (_, Verdict::Unknown) => Step::Divide,
            _ => Step::Stop,
        }
    });
    if answer == Some(Answer::Complete) {
        let (first, id) = (&first.criterion.id, &second.criterion.id);
        linter.find(
            "contradiction",
            second.id(),
            format!("no candidate can pass both {first} and {id}"),
            "whoever passes the one fails the other; mend the condition of one of them",
        );
    }
}

fn decide_alike(linter: &mut Linter<'_>, first: &Look<'_>, second: &Look<'_>) -> bool {
    let tops = first.is_top && second.is_top;
    let (first, second) = (&first.bare, &second.bare);
    if linter.explorer.exhausted() || (first.side != second.side && !tops) {
        return false;
    }
    let answer = together(linter, first, second, |one, other| match (one, other) {
        (Verdict::Unknown, _) | (_, Verdict::Unknown) => Step::Divide,
        (one, other) if one == other => Step::Settled,
        _ => Step::Stop,
    });
    match answer {
        Some(Answer::Complete) => true,
        Some(Answer::Stopped) => false,
        Some(Answer::Open) | None => same_words(first, second),
    }
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
