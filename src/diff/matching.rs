//! Which criterion of one file is which of the other. Protocols renumber: words count before numbers.

use std::collections::HashMap;

use crate::trial::{Criterion, Side, Trial};
use crate::value::text::one_line;

/// A criterion and where it stands.
pub struct Placed<'t> {
    /// The criterion.
    pub criterion: &'t Criterion,
    /// The place of the criterion above it, among all of its file.
    pub parent: Option<usize>,
    /// Its place in the other file; none if it is not there.
    pub other: Option<usize>,
}

impl Placed<'_> {
    /// Where it stands among the criteria above it, and as what.
    pub fn level(&self) -> (Option<usize>, Side) {
        (self.parent, self.criterion.side)
    }
}

/// Every criterion and sub-criterion, each behind the one above it.
pub fn placed(trial: &Trial) -> Vec<Placed<'_>> {
    fn below<'t>(criteria: &'t [Criterion], parent: Option<usize>, all: &mut Vec<Placed<'t>>) {
        for criterion in criteria {
            let place = all.len();
            all.push(Placed {
                criterion,
                parent,
                other: None,
            });
            below(criterion.children(), Some(place), all);
        }
    }
    let mut all = Vec::new();
    below(&trial.criteria, None, &mut all);
    all
}

/// What of a criterion tells it from others.
type Key<'k> = &'k dyn Fn(&Criterion) -> Option<String>;

/// Finds for each old criterion its place among the new ones, and the other way round.
pub fn match_up(old: &mut [Placed<'_>], new: &mut [Placed<'_>]) {
    let text = |criterion: &Criterion| criterion.text.as_deref().map(one_line);
    let title = |criterion: &Criterion| one_line(&criterion.title);
    let side = |criterion: &Criterion| criterion.side.name();
    // What tells most comes first.
    let keys: [Key<'_>; 6] = [
        &|one| Some(format!("{}\n{}\n{}", one.id, side(one), text(one)?)),
        &|one| Some(format!("{}\n{}\n{}", one.id, side(one), title(one))),
        &|one| Some(format!("{}\n{}", side(one), text(one)?)),
        &text,
        &|one| Some(format!("{}\n{}", side(one), one.id)),
        &|one| Some(format!("{}\n{}", side(one), title(one))),
    ];
    for key in keys {
        let (before, after) = (unmatched(old, key), unmatched(new, key));
        for (key, from) in &before {
            // What stands twice is no sign.
            if let ([from], Some([to])) = (&**from, after.get(key).map(Vec::as_slice))
                && let (Some(was), Some(is)) = (old.get_mut(*from), new.get_mut(*to))
            {
                (was.other, is.other) = (Some(*to), Some(*from));
            }
        }
    }
}

/// The places of criteria that have no counterpart yet, by a key.
fn unmatched(all: &[Placed<'_>], key: Key<'_>) -> HashMap<String, Vec<usize>> {
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, one) in all.iter().enumerate() {
        if let Some(key) = key(one.criterion).filter(|_| one.other.is_none()) {
            places.entry(key).or_default().push(place);
        }
    }
    places
}

/// Of places in a new order, those that must have moved for it: all but a longest run that rises.
pub fn moved(order: &[usize]) -> Vec<bool> {
    let mut best: Vec<(usize, Option<usize>)> = Vec::new();
    for (at, place) in order.iter().enumerate() {
        let before = order
            .iter()
            .zip(&best)
            .enumerate()
            .filter(|(_, (other, _))| *other < place)
            .max_by_key(|(index, (_, (length, _)))| (*length, usize::MAX - index));
        let (length, from) = before.map_or((0, None), |(index, (_, (length, _)))| {
            (*length, Some(index))
        });
        best.insert(at, (length + 1, from));
    }
    let mut moved = vec![true; order.len()];
    let mut at = best
        .iter()
        .enumerate()
        .max_by_key(|(index, (length, _))| (*length, usize::MAX - index))
        .map(|(index, _)| index);
    while let Some(index) = at {
        if let Some(moved) = moved.get_mut(index) {
            *moved = false;
        }
        at = best.get(index).and_then(|(_, from)| *from);
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::moved;

    #[test]
    fn as_few_as_can_be_have_moved() {
        assert_eq!(moved(&[0, 1, 2]), [false; 3]);
        assert_eq!(moved(&[1, 2, 0]), [false, false, true]);
        assert_eq!(moved(&[2, 0, 1]), [true, false, false]);
        assert_eq!(moved(&[]), [false; 0]);
    }
}
