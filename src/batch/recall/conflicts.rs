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
    parts: Vec<Parts<'t>>,
    left: Kept<Left>,
}

/// The parts of a conflict. It is raised where all of them are true, and only there.
struct Parts<'t> {
    /// Those that follow from values for which something stands.
    told: Vec<&'t Expression>,
    others: Vec<&'t Expression>,
}

/// The conflicts that some values leave.
struct Left {
    /// Whether one is certain.
    is_raised: bool,
    /// Those that the other parts may raise, by their places.
    open: Box<[usize]>,
}

impl<'t> Conflicts<'t> {
    pub(super) fn new(criterion: &'t Criterion, trial: &'t Trial) -> Self {
        let parts: Vec<Parts<'t>> = criterion
            .conflicts
            .iter()
            .map(|conflict| Parts::of(&conflict.when.expression, trial))
            .collect();
        let left = Kept::of(
            parts.iter().flat_map(|parts| parts.told.iter().copied()),
            &trial.definitions,
        );
        Self {
            criterion,
            parts,
            left,
        }
    }

    /// Whether one of them is raised.
    pub(super) fn are_raised(&mut self, screener: &Screener<'_, '_>, stamps: &[Stamp]) -> bool {
        if self.parts.is_empty() {
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
            let open = || left.open.iter().filter_map(|place| self.parts.get(*place));
            left.is_raised || open().any(|parts| are_true(&parts.others, screener))
        })
    }

    fn left(&self, screener: &Screener<'_, '_>) -> Left {
        let left = || {
            self.parts
                .iter()
                .enumerate()
                .filter(|(_, parts)| are_true(&parts.told, screener))
        };
        Left {
            is_raised: left().any(|(_, parts)| parts.others.is_empty()),
            open: left()
                .filter(|(_, parts)| !parts.others.is_empty())
                .map(|(place, _)| place)
                .collect(),
        }
    }
}

impl<'t> Parts<'t> {
    fn of(conflict: &'t Expression, trial: &Trial) -> Self {
        let parts = match &conflict.operation {
            Operation::All(parts) => parts.as_slice(),
            _ => std::slice::from_ref(conflict),
        };
        let (told, others) = parts
            .iter()
            .partition(|part| is_told(part, &trial.facts, &trial.definitions));
        Self { told, others }
    }
}

fn are_true(parts: &[&Expression], screener: &Screener<'_, '_>) -> bool {
    parts.iter().all(|part| screener.truth(part) == Truth::True)
}

fn is_told(part: &Expression, facts: &Facts, definitions: &[Definition]) -> bool {
    let has_stamps = |kind: &Kind| match kind {
        Kind::Code(_) | Kind::Boolean { .. } | Kind::Integer(_) => true,
        Kind::List(items) => match &**items {
            ItemKind::Single(item) => matches!(item.kind, Kind::Code(_)),
            // Its outline is told.
            ItemKind::Fields(_) => true,
        },
        _ => false,
    };
    follows(part, definitions)
        && facts_of(part, definitions)
            .into_iter()
            .all(|fact| has_stamps(&facts.get(fact).kind))
}
