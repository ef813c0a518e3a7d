//! Candidates that stand twice in a list, found by sorting: 24 bytes a row while the list is read.

use super::summary::{Place, Repeated};

/// Repetitions that are told one by one.
const MOST: usize = 1_000;

/// The names of a list, as hashes, each with the place where it stands.
#[derive(Debug, Default)]
pub struct Repeats(Vec<(u64, Place)>);

impl Repeats {
    /// Notes that a name stands somewhere.
    pub fn add(&mut self, name: u64, place: Place) {
        self.0.push((name, place));
    }

    /// The repetitions, of which there may be more than are told, and how many there are.
    #[must_use]
    pub fn finish(mut self) -> (Vec<Repeated>, u64) {
        self.0.sort_unstable();
        let (mut told, mut count) = (Vec::new(), 0);
        for same in self.0.chunk_by(|(one, _), (other, _)| one == other) {
            let Some(((_, first), rest)) = same.split_first() else {
                continue;
            };
            count += rest.len() as u64;
            told.extend(
                rest.iter()
                    .take(MOST - told.len())
                    .map(|(_, again)| Repeated {
                        first: *first,
                        again: *again,
                    }),
            );
        }
        told.sort_unstable_by_key(|repeated| repeated.again);
        (told, count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_every_repetition_by_the_first_place() {
        for names in [0, 1, 1000, 16_385] {
            let mut repeats = Repeats::default();
            for line in 1..=3 * names {
                repeats.add(line % names, Place { list: 1, line });
            }
            let (told, count) = repeats.finish();
            assert_eq!(
                (count, told.len()),
                (2 * names, MOST.min(2 * names as usize))
            );
            assert!(told.iter().all(|repeated| repeated.first.line <= names
                && repeated.first.line % names == repeated.again.line % names));
        }
    }
}
