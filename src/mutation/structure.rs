//! The small changes that can be made to the shape of a criterion: its sub-criteria, readings, conflicts and cautions.

use std::ops::Range;

use super::Kind;
use crate::trial::conditions::Role;
use crate::trial::{Criterion, Meaning, Need, Policy, Reading, Rule};

/// A change of a criterion's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Structural<'t> {
    /// It takes another number of sub-criteria.
    Need(Need),
    /// A sub-criterion, by its place, no longer counts.
    SubCriterion(usize),
    /// Its own condition is left out; it has sub-criteria.
    OwnCondition,
    /// A condition of this role is left out, with what it is for.
    LeftOut(Role<'t>),
    /// A meaning of a question, by the question's place and name and its own, is left out.
    Meaning(usize, &'t str, usize, &'t str),
}

/// A change of a criterion's shape, where it stands, and what stands there before and after.
pub struct Shaped<'t> {
    pub change: Structural<'t>,
    pub span: &'t Range<usize>,
    pub before: String,
    pub after: Option<String>,
}

impl Structural<'_> {
    /// What sort of change it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Need(_) => Kind::Need,
            Self::SubCriterion(_) => Kind::SubCriterion,
            Self::OwnCondition => Kind::Clause,
            Self::LeftOut(Role::Conflict(_)) => Kind::Conflict,
            Self::LeftOut(Role::Doubt(_)) => Kind::Doubt,
            Self::LeftOut(Role::Caution(_)) => Kind::Caution,
            Self::LeftOut(Role::Applies) => Kind::Applies,
            Self::LeftOut(_) | Self::Meaning(..) => Kind::Reading,
        }
    }

    /// What of the criterion it is about.
    #[must_use]
    pub fn role(self) -> String {
        match self {
            Self::Need(_) | Self::SubCriterion(_) => "sub-criteria".to_owned(),
            Self::OwnCondition => "its own condition".to_owned(),
            Self::LeftOut(role) => role.name(),
            Self::Meaning(_, question, _, name) => format!("reading {name} of {question}"),
        }
    }

    /// What a case would have to be like to notice.
    #[must_use]
    pub fn hint(self, criterion: &Criterion) -> String {
        let id = &criterion.id;
        match self {
            Self::Need(_) => {
                format!("a case in which some sub-criteria of {id} are met and others are not")
            }
            Self::SubCriterion(index) => {
                let child = criterion.children().get(index);
                let child = child.map_or("it", |child| child.id.as_str());
                format!("a case in which the verdict of {id} hangs on {child} alone")
            }
            Self::OwnCondition => format!("a case in which the condition of {id} alone is not met"),
            Self::LeftOut(Role::Conflict(_)) => {
                format!("a case with the conflict, that wants {id} unknown")
            }
            Self::LeftOut(Role::Doubt(_)) => {
                format!("a case with the doubt, that wants {id} unknown")
            }
            Self::LeftOut(Role::Caution(_)) => "a case that wants the caution".to_owned(),
            Self::LeftOut(Role::Reading(name)) => {
                format!("a case in which the reading `{name}` alone comes to another verdict")
            }
            Self::LeftOut(_) => {
                format!("a case to which {id} does not apply, and that would not pass it")
            }
            Self::Meaning(_, question, _, name) => {
                format!("a case in which `{name}` of `{question}` alone comes to another verdict")
            }
        }
    }

    /// Whether a site chose what is left out: there the change would be an error in the policy, which shows nothing.
    #[must_use]
    pub fn is_pinned(self, id: &str, policy: &Policy) -> bool {
        match self {
            Self::LeftOut(Role::Reading(name)) => {
                policy.readings.get(id).is_some_and(|pinned| pinned == name)
            }
            Self::Meaning(_, question, _, name) => policy
                .questions
                .get(&(id.to_owned(), question.to_owned()))
                .is_some_and(|pinned| pinned == name),
            _ => false,
        }
    }

    /// Makes the change; nothing if there is nothing to change.
    pub fn apply(self, criterion: &mut Criterion) -> Option<()> {
        let readings = match &mut criterion.rule {
            Some(Rule::Readings(readings)) => Some(readings),
            _ => None,
        };
        match self {
            Self::Need(need) => criterion.group.as_mut()?.need = need,
            Self::SubCriterion(index) => {
                let group = criterion.group.as_mut()?;
                remove(&mut group.criteria, index)?;
                // At least as many as there still are.
                if let Need::AtLeast(n) = group.need {
                    group.need = Need::AtLeast(n.min(group.criteria.len()));
                }
            }
            Self::OwnCondition => criterion.rule = None,
            Self::LeftOut(Role::Applies) => criterion.applies = None,
            Self::LeftOut(Role::Reading(name)) => readings?.retain(|one| one.name != name),
            Self::LeftOut(Role::Conflict(index)) => remove(&mut criterion.conflicts, index)?,
            Self::LeftOut(Role::Doubt(index)) => remove(&mut criterion.doubts, index)?,
            Self::LeftOut(Role::Caution(index)) => remove(&mut criterion.cautions, index)?,
            Self::LeftOut(Role::Is | Role::Rule(_)) => return None,
            Self::Meaning(question, _, place, _) => {
                readings?.retain(|one| one.picks.get(question) != Some(&place));
            }
        }
        Some(())
    }
}

fn remove<T>(all: &mut Vec<T>, index: usize) -> Option<()> {
    (index < all.len()).then(|| drop(all.remove(index)))
}

/// Every change of a criterion's shape.
#[must_use]
pub fn changes(criterion: &Criterion) -> Vec<Shaped<'_>> {
    let mut changes = of_group(criterion);
    let mut left_out = |change, span, before: &str| {
        changes.push(Shaped {
            change,
            span,
            before: before.to_owned(),
            after: None,
        });
    };
    let id = criterion.spans.value("id");
    let readings = criterion.spans.get("readings");
    match (&criterion.rule, &criterion.group) {
        (Some(Rule::Single(condition)), Some(_)) => {
            let key = criterion.spans.key("require");
            left_out(Structural::OwnCondition, key, &condition.text);
        }
        (Some(Rule::Readings(_)), Some(_)) => {
            let key = readings.map_or(id, |readings| &readings.key);
            left_out(Structural::OwnCondition, key, "readings");
        }
        _ => {}
    }
    for (at, question) in criterion.questions().iter().enumerate() {
        let open = |one: &&Meaning| !one.by_site_only;
        let several = question.meanings.iter().filter(open).count() > 1;
        for (place, meaning) in question.meanings.iter().enumerate() {
            if several && open(&meaning) {
                let change = Structural::Meaning(at, &question.name, place, &meaning.name);
                left_out(change, &meaning.span, &meaning.name);
            }
        }
    }
    let open = |one: &&Reading| !one.by_site_only;
    let several = criterion.readings().iter().filter(open).count() > 1;
    for reading in criterion.readings().iter().filter(open) {
        if several && reading.picks.is_empty() {
            let change = Structural::LeftOut(Role::Reading(&reading.name));
            left_out(change, &reading.span, &reading.name);
        }
    }
    for (role, condition) in criterion.conditions() {
        let span = match role {
            Role::Applies => criterion.spans.key("applies"),
            _ => &condition.span,
        };
        if !matches!(role, Role::Rule(_) | Role::Reading(_)) {
            left_out(Structural::LeftOut(role), span, &condition.text);
        }
    }
    changes
}

/// The changes of how many sub-criteria it takes, and of which.
fn of_group(criterion: &Criterion) -> Vec<Shaped<'_>> {
    let Some(group) = &criterion.group else {
        return Vec::new();
    };
    let count = group.criteria.len();
    if count < 2 {
        return Vec::new();
    }
    let others = match group.need {
        Need::All => vec![Need::Any],
        Need::Any => vec![Need::All],
        Need::AtLeast(n) => {
            let others = [n - 1, n + 1].into_iter();
            let others = others.filter(|n| (1..=count).contains(n));
            others.map(Need::AtLeast).collect()
        }
    };
    let needs = others.into_iter().map(|other| Shaped {
        change: Structural::Need(other),
        span: criterion.spans.key(group.need.key()),
        before: written(group.need),
        after: Some(written(other)),
    });
    let parts = group.criteria.iter().enumerate();
    let parts = parts.map(|(index, child)| Shaped {
        change: Structural::SubCriterion(index),
        span: child.spans.value("id"),
        before: child.id.clone(),
        after: None,
    });
    needs.chain(parts).collect()
}

fn written(need: Need) -> String {
    match need {
        Need::AtLeast(n) => format!("{} {n}", need.key()),
        _ => need.key().to_owned(),
    }
}
