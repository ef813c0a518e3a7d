//! Whether a record contradicts itself in what a criterion is about.
//!
//! Most conflicts are ruled out by the values of a few facts: a relapse that is none, a patient who was in remission. Which
//! are left is kept for these values, so that only those have to be looked at in full.

use super::follows::follows;
use super::kept::{Kept, Slot};
use crate::cql::typed::{Expression, Operation};
use crate::cql::{Definition, facts_of};
use crate::facts::{Facts, ItemKind, Kind};
use crate::record::Stamp;
use crate::screening::Screener;
use crate::trial::{Criterion, Trial};
use crate::value::Truth;

/// The conflicts of a criterion.
pub(super) struct Conflicts<'t> {
    criterion: &'t Criterion,
    /// Of each, what follows from the values of facts, and whether that is all of it.
    told: Vec<(Vec<&'t Expression>, bool)>,
    left: Kept<Left>,
}

/// The conflicts that some values leave.
struct Left {
    /// Whether one is certain.
    is_raised: bool,
    /// Those that may be raised, by their places.
    open: Box<[usize]>,
}

impl<'t> Conflicts<'t> {
    pub(super) fn new(criterion: &'t Criterion, trial: &'t Trial) -> Self {
        let told: Vec<(Vec<&'t Expression>, bool)> = criterion.conflicts.iter().map(|conflict| told(&conflict.when.expression, trial)).collect();
        let left = Kept::of(told.iter().flat_map(|(told, _)| told.iter().copied()), &trial.definitions);
        Self { criterion, told, left }
    }

    /// Whether one of them is raised.
    pub(super) fn are_raised(&mut self, screener: &Screener<'_, '_>, stamps: &[Stamp]) -> bool {
        if self.told.is_empty() {
            return false;
        }
        let place = match self.left.slot(stamps) {
            Slot::Found(place) => place,
            Slot::Free(key) => {
                let left = self.left(screener);
                self.left.keep(key, left)
            }
            Slot::None => return screener.contradicts(self.criterion),
        };
        self.left.get(place).is_some_and(|left| {
            let open = left.open.iter().filter_map(|place| self.criterion.conflicts.get(*place));
            left.is_raised || open.into_iter().any(|conflict| screener.is_raised(conflict))
        })
    }

    fn left(&self, screener: &Screener<'_, '_>) -> Left {
        let (mut is_raised, mut open) = (false, Vec::new());
        for (place, (told, is_all)) in self.told.iter().enumerate() {
            // A conflict is raised where all of its parts are true, and only there.
            if told.iter().all(|part| screener.truth(part) == Truth::True) {
                is_raised |= is_all;
                open.extend((!is_all).then_some(place));
            }
        }
        Left { is_raised, open: open.into() }
    }
}

/// The parts of a conflict that follow from values for which something stands, and whether that is all of it.
fn told<'t>(conflict: &'t Expression, trial: &Trial) -> (Vec<&'t Expression>, bool) {
    let parts = match &conflict.operation {
        Operation::All(parts) => parts.as_slice(),
        _ => std::slice::from_ref(conflict),
    };
    let told: Vec<&Expression> = parts.iter().filter(|part| is_told(part, &trial.facts, &trial.definitions)).collect();
    let is_all = told.len() == parts.len();
    (told, is_all)
}

fn is_told(part: &Expression, facts: &Facts, definitions: &[Definition]) -> bool {
    let has_stamps = |kind: &Kind| match kind {
        Kind::Code(_) | Kind::Boolean { .. } | Kind::Integer(_) => true,
        Kind::List(items) => matches!(&**items, ItemKind::Single(item) if matches!(item.kind, Kind::Code(_))),
        _ => false,
    };
    follows(part, definitions) && facts_of(part, definitions).into_iter().all(|fact| has_stamps(&facts.get(fact).kind))
}
