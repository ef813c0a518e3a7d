//! The small changes that can be made to the shape of a criterion: its sub-criteria, readings, conflicts and cautions.

use std::ops::Range;

use super::Kind;
use crate::cql::Expression;
use crate::trial::sites::{Home, Role, Site};
use crate::trial::{Criterion, Need, Policy, Rule};

/// A change of a criterion's shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Structural {
    /// It takes another number of sub-criteria.
    Need(Need),
    /// A sub-criterion, by its place, no longer counts.
    SubCriterion(usize),
    /// It applies to everybody.
    Applies,
    /// Its own condition is left out; it has sub-criteria.
    OwnCondition,
    /// A reading, by its name, is left out.
    Reading(String),
    /// A meaning of a question, by the question's place and name and its own, is left out.
    Meaning(usize, String, usize, String),
    /// A conflict, by its place, is left out.
    Conflict(usize),
    /// A doubt, by its place, is left out.
    Doubt(usize),
    /// A caution, by its place, is left out.
    Caution(usize),
}

impl Structural {
    /// What sort of change it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Need(_) => Kind::Need,
            Self::SubCriterion(_) => Kind::SubCriterion,
            Self::Applies => Kind::Applies,
            Self::OwnCondition => Kind::Clause,
            Self::Reading(_) | Self::Meaning(..) => Kind::Reading,
            Self::Conflict(_) => Kind::Conflict,
            Self::Doubt(_) => Kind::Doubt,
            Self::Caution(_) => Kind::Caution,
        }
    }

    /// What of the criterion it is about.
    #[must_use]
    pub fn role(&self) -> String {
        match self {
            Self::Need(_) | Self::SubCriterion(_) => "sub-criteria".to_owned(),
            Self::Applies => "applies".to_owned(),
            Self::OwnCondition => "its own condition".to_owned(),
            Self::Reading(name) => Role::Reading(name).name(),
            Self::Meaning(_, question, _, name) => format!("reading {name} of {question}"),
            Self::Conflict(index) => Role::Conflict(*index).name(),
            Self::Doubt(index) => Role::Doubt(*index).name(),
            Self::Caution(index) => Role::Caution(*index).name(),
        }
    }

    /// What a case would have to be like to notice.
    #[must_use]
    pub fn hint(&self, home: &Home<'_>) -> String {
        let id = &home.criterion.id;
        match self {
            Self::Need(_) => {
                format!("a case in which some sub-criteria of {id} are met and others are not")
            }
            Self::SubCriterion(index) => {
                let child = home
                    .criterion
                    .children()
                    .get(*index)
                    .map_or("it", |child| child.id.as_str());
                format!("a case in which the verdict of {id} hangs on {child} alone")
            }
            Self::Applies => {
                format!("a case to which {id} does not apply, and that would not pass it")
            }
            Self::OwnCondition => format!("a case in which the condition of {id} alone is not met"),
            Self::Reading(name) => {
                format!("a case in which the reading `{name}` alone comes to another verdict")
            }
            Self::Meaning(_, question, _, name) => {
                format!("a case in which `{name}` of `{question}` alone comes to another verdict")
            }
            Self::Conflict(_) => format!("a case with the conflict, that wants {id} unknown"),
            Self::Doubt(_) => format!("a case with the doubt, that wants {id} unknown"),
            Self::Caution(_) => "a case that wants the caution".to_owned(),
        }
    }

    /// Whether a site chose what is left out: there the change would be an error in the policy, which shows nothing.
    #[must_use]
    pub fn is_pinned(&self, id: &str, policy: &Policy) -> bool {
        match self {
            Self::Reading(name) => policy.readings.get(id) == Some(name),
            Self::Meaning(_, question, _, name) => {
                policy.questions.get(&(id.to_owned(), question.clone())) == Some(name)
            }
            _ => false,
        }
    }
}

/// Every change of a criterion's shape, where it stands, and what stands there before and after.
#[must_use]
pub fn changes(home: &Home<'_>) -> Vec<(Structural, Range<usize>, String, Option<String>)> {
    let criterion = home.criterion;
    let mut changes = Vec::new();
    if let Some(group) = criterion
        .group
        .as_ref()
        .filter(|group| group.criteria.len() > 1)
    {
        let count = group.criteria.len();
        let others = match group.need {
            Need::All => vec![Need::Any],
            Need::Any => vec![Need::All],
            Need::AtLeast(n) => [
                n.checked_sub(1).filter(|n| *n > 0),
                Some(n + 1).filter(|n| *n <= count),
            ]
            .into_iter()
            .flatten()
            .map(Need::AtLeast)
            .collect(),
        };
        let key = match group.need {
            Need::All => "all",
            Need::Any => "any",
            Need::AtLeast(_) => "at_least",
        };
        for other in others {
            changes.push((
                Structural::Need(other),
                home.key(key),
                written(group.need),
                Some(written(other)),
            ));
        }
        for (index, child) in group.criteria.iter().enumerate() {
            changes.push((
                Structural::SubCriterion(index),
                home.child(index),
                child.id.clone(),
                None,
            ));
        }
    }
    if let Some(applies) = &criterion.applies {
        changes.push((
            Structural::Applies,
            home.key("applies"),
            applies.text.clone(),
            None,
        ));
    }
    if let (Some(Rule::Single(condition)), Some(_)) = (&criterion.rule, &criterion.group) {
        changes.push((
            Structural::OwnCondition,
            home.key("require"),
            condition.text.clone(),
            None,
        ));
    }
    if let (Some(Rule::Readings(_)), Some(_)) = (&criterion.rule, &criterion.group) {
        changes.push((
            Structural::OwnCondition,
            home.key("readings"),
            "readings".to_owned(),
            None,
        ));
    }
    for (at, question) in criterion.questions().iter().enumerate() {
        let open = question.meanings.iter().filter(|one| !one.by_site_only);
        let several = open.count() > 1;
        for (place, meaning) in question.meanings.iter().enumerate() {
            if !meaning.by_site_only && several {
                let (question, name) = (question.name.clone(), meaning.name.clone());
                let span = home.meaning(&question, &name);
                let change = Structural::Meaning(at, question, place, name.clone());
                changes.push((change, span, name, None));
            }
        }
    }
    let plain = criterion.readings().iter();
    for reading in plain.filter(|reading| reading.picks.is_empty()) {
        if !reading.by_site_only && open_readings(criterion) > 1 {
            changes.push((
                Structural::Reading(reading.name.clone()),
                home.reading(&reading.name),
                reading.name.clone(),
                None,
            ));
        }
    }
    for (index, conflict) in criterion.conflicts.iter().enumerate() {
        changes.push((
            Structural::Conflict(index),
            home.remark("conflicts", index),
            conflict.when.text.clone(),
            None,
        ));
    }
    for (index, doubt) in criterion.doubts.iter().enumerate() {
        changes.push((
            Structural::Doubt(index),
            home.remark("doubts", index),
            doubt.remark.when.text.clone(),
            None,
        ));
    }
    for (index, caution) in criterion.cautions.iter().enumerate() {
        changes.push((
            Structural::Caution(index),
            home.remark("cautions", index),
            caution.when.text.clone(),
            None,
        ));
    }
    changes
}

fn written(need: Need) -> String {
    match need {
        Need::All => "all".to_owned(),
        Need::Any => "any".to_owned(),
        Need::AtLeast(n) => format!("at_least {n}"),
    }
}

/// Makes a change to the criterion `id`, which is `criterion` or part of it.
pub fn apply(criterion: &mut Criterion, id: &str, structural: &Structural) {
    let Some(criterion) = find(criterion, id) else {
        return;
    };
    match structural {
        Structural::Need(need) => {
            if let Some(group) = &mut criterion.group {
                group.need = *need;
            }
        }
        Structural::SubCriterion(index) => {
            if let Some(group) = criterion
                .group
                .as_mut()
                .filter(|group| *index < group.criteria.len())
            {
                group.criteria.remove(*index);
                // At least as many as there still are.
                if let Need::AtLeast(n) = group.need {
                    group.need = Need::AtLeast(n.min(group.criteria.len()));
                }
            }
        }
        Structural::Applies => criterion.applies = None,
        Structural::OwnCondition => criterion.rule = None,
        Structural::Reading(name) => {
            if let Some(Rule::Readings(readings)) = &mut criterion.rule {
                readings.retain(|reading| reading.name != *name);
            }
        }
        Structural::Meaning(question, _, place, _) => {
            if let Some(Rule::Readings(readings)) = &mut criterion.rule {
                readings.retain(|reading| reading.picks.get(*question) != Some(place));
            }
        }
        Structural::Conflict(index) if *index < criterion.conflicts.len() => {
            criterion.conflicts.remove(*index);
        }
        Structural::Caution(index) if *index < criterion.cautions.len() => {
            criterion.cautions.remove(*index);
        }
        Structural::Doubt(index) if *index < criterion.doubts.len() => {
            criterion.doubts.remove(*index);
        }
        Structural::Conflict(_) | Structural::Doubt(_) | Structural::Caution(_) => {}
    }
}

/// Puts another expression in the place of a condition of `criterion` or of a part of it.
pub fn replace(criterion: &mut Criterion, site: &Site<'_>, expression: &Expression) {
    let Some(criterion) = find(criterion, site.owner.name()) else {
        return;
    };
    let condition = match site.role {
        Role::Is => None,
        Role::Applies => criterion.applies.as_mut(),
        Role::Rule(_) => match &mut criterion.rule {
            Some(Rule::Single(condition)) => Some(condition),
            _ => None,
        },
        Role::Reading(name) => match &mut criterion.rule {
            Some(Rule::Readings(readings)) => readings
                .iter_mut()
                .find(|reading| reading.name == name)
                .map(|reading| &mut reading.condition),
            _ => None,
        },
        Role::Conflict(index) => criterion
            .conflicts
            .get_mut(index)
            .map(|remark| &mut remark.when),
        Role::Doubt(index) => criterion
            .doubts
            .get_mut(index)
            .map(|doubt| &mut doubt.remark.when),
        Role::Caution(index) => criterion
            .cautions
            .get_mut(index)
            .map(|remark| &mut remark.when),
    };
    if let Some(condition) = condition {
        condition.expression = expression.clone();
    }
}

pub(super) fn find<'c>(criterion: &'c mut Criterion, id: &str) -> Option<&'c mut Criterion> {
    if criterion.id == id {
        return Some(criterion);
    }
    criterion
        .group
        .as_mut()?
        .criteria
        .iter_mut()
        .find_map(|child| find(child, id))
}

/// Whether a criterion has readings that decide together.
fn open_readings(criterion: &Criterion) -> usize {
    match &criterion.rule {
        Some(Rule::Readings(readings)) => readings
            .iter()
            .filter(|reading| !reading.by_site_only)
            .count(),
        _ => 0,
    }
}
