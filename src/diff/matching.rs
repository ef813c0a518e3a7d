//! Which criterion of one file is which of the other. Protocols renumber: words count before numbers.

use std::collections::HashMap;

use crate::trial::{Criterion, Trial};

/// A criterion and where it stands.
#[derive(Clone, Copy)]
pub struct Placed<'t> {
    /// The criterion.
    pub criterion: &'t Criterion,
    /// The criterion above it.
    pub parent: Option<&'t Criterion>,
}

/// Every criterion and sub-criterion with the one above it.
pub fn placed(trial: &Trial) -> Vec<Placed<'_>> {
    fn below<'t>(
        criterion: &'t Criterion,
        parent: Option<&'t Criterion>,
        all: &mut Vec<Placed<'t>>,
    ) {
        all.push(Placed { criterion, parent });
        for child in criterion.children() {
            below(child, Some(criterion), all);
        }
    }
    let mut all = Vec::new();
    for criterion in &trial.criteria {
        below(criterion, None, &mut all);
    }
    all
}

/// For each old criterion its place among the new ones, if it is there.
pub fn matched(old: &[Placed<'_>], new: &[Placed<'_>]) -> Vec<Option<usize>> {
    let mut pairs: Vec<Option<usize>> = vec![None; old.len()];
    let mut taken = vec![false; new.len()];
    let mut pair = |pairs: &mut Vec<Option<usize>>, key: &dyn Fn(&Criterion) -> Option<String>| {
        let index = |placed: &[Placed<'_>], free: &dyn Fn(usize) -> bool| {
            let mut index: HashMap<String, Vec<usize>> = HashMap::new();
            for (place, one) in placed.iter().enumerate().filter(|(place, _)| free(*place)) {
                if let Some(key) = key(one.criterion) {
                    index.entry(key).or_default().push(place);
                }
            }
            index
        };
        let before = index(old, &|place| pairs.get(place).is_some_and(Option::is_none));
        let after = index(new, &|place| taken.get(place).is_some_and(|taken| !taken));
        for (key, places) in &before {
            // What stands twice is no sign.
            if let ([from], Some([to])) = (places.as_slice(), after.get(key).map(Vec::as_slice)) {
                if let Some(pair) = pairs.get_mut(*from) {
                    *pair = Some(*to);
                }
                if let Some(taken) = taken.get_mut(*to) {
                    *taken = true;
                }
            }
        }
    };
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = |criterion: &Criterion| criterion.text.as_deref().map(words);
    let side = |criterion: &Criterion| criterion.side.name();
    pair(&mut pairs, &|one| {
        Some(format!("{}\n{}\n{}", one.id, side(one), text(one)?))
    });
    pair(&mut pairs, &|one| {
        Some(format!("{}\n{}\n{}", one.id, side(one), words(&one.title)))
    });
    pair(&mut pairs, &|one| {
        Some(format!("{}\n{}", side(one), text(one)?))
    });
    pair(&mut pairs, &text);
    pair(&mut pairs, &|one| {
        Some(format!("{}\n{}", side(one), one.id))
    });
    pair(&mut pairs, &|one| {
        Some(format!("{}\n{}", side(one), words(&one.title)))
    });
    pairs
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
