//! Candidates that stand twice in a list, found in memory that does not grow with the list: what does not fit is
//! sorted into temporary files, which are merged at the end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};

use super::summary::{Place, Repeated};

/// Names kept in memory.
const IN_MEMORY: usize = 32 * 1024;
/// Bytes of a temporary file that are read at once, a whole number of names.
const READ_AT_ONCE: usize = 24 * 1024;
/// Repetitions that are told one by one.
const MOST: usize = 1_000;

/// A hash of a name, and where the name stands.
type Entry = (u64, Place);

/// The names of a list, as hashes.
#[derive(Debug, Default)]
pub struct Repeats {
    buffer: Vec<Entry>,
    runs: Vec<File>,
}

impl Repeats {
    /// Notes that a name stands somewhere.
    ///
    /// # Errors
    /// As writing a temporary file.
    pub fn add(&mut self, name: u64, place: Place) -> io::Result<()> {
        self.buffer.push((name, place));
        if self.buffer.len() >= IN_MEMORY { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> io::Result<()> {
        self.buffer.sort_unstable();
        let mut writer = BufWriter::new(tempfile::tempfile()?);
        for (name, place) in self.buffer.drain(..) {
            for number in [name, place.list, place.line] {
                writer.write_all(&number.to_le_bytes())?;
            }
        }
        let mut file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        self.runs.push(file);
        Ok(())
    }

    /// The repetitions, of which there may be more than are told, and how many there are.
    ///
    /// # Errors
    /// As reading a temporary file.
    pub fn finish(mut self) -> io::Result<(Vec<Repeated>, u64)> {
        self.buffer.sort_unstable();
        let stored = self.runs.into_iter().map(|file| Run::Stored(BufReader::with_capacity(READ_AT_ONCE, file)));
        let mut runs: Vec<Run> = stored.chain([Run::InMemory(self.buffer.into_iter())]).collect();
        let (mut found, mut heap) = (Found::default(), BinaryHeap::new());
        for (index, run) in runs.iter_mut().enumerate() {
            heap.extend(run.next()?.map(|entry| Reverse((entry, index))));
        }
        while let Some(mut first) = heap.peek_mut() {
            let Reverse((entry, index)) = *first;
            found.visit(entry);
            match runs.get_mut(index).map(Run::next).transpose()?.flatten() {
                Some(next) => *first = Reverse((next, index)),
                None => drop(PeekMut::pop(first)),
            }
        }
        found.told.sort_unstable_by_key(|repeated| repeated.again);
        Ok((found.told, found.count))
    }
}

/// Names in order.
enum Run {
    InMemory(std::vec::IntoIter<Entry>),
    Stored(BufReader<File>),
}

impl Run {
    fn next(&mut self) -> io::Result<Option<Entry>> {
        match self {
            Self::InMemory(entries) => Ok(entries.next()),
            Self::Stored(reader) => {
                if reader.fill_buf()?.is_empty() {
                    return Ok(None);
                }
                let mut bytes = [0; 24];
                reader.read_exact(&mut bytes)?;
                let number = |place: usize| bytes.as_chunks().0.get(place).map_or(0, |number| u64::from_le_bytes(*number));
                Ok(Some((number(0), Place { list: number(1), line: number(2) })))
            }
        }
    }
}

#[derive(Default)]
struct Found {
    first: Option<Entry>,
    told: Vec<Repeated>,
    count: u64,
}

impl Found {
    /// The next entry in sorted order.
    fn visit(&mut self, (name, place): Entry) {
        match self.first {
            Some((same, first)) if same == name => {
                self.count += 1;
                if self.told.len() < MOST {
                    self.told.push(Repeated { first, again: place });
                }
            }
            _ => self.first = Some((name, place)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_repetitions_across_what_was_spilled() {
        let mut repeats = Repeats::default();
        let names = 3 * IN_MEMORY as u64;
        for line in 1..=names {
            repeats.add(line.wrapping_mul(0x9E37_79B9_7F4A_7C15), Place { list: 0, line }).unwrap();
        }
        repeats.add(5_u64.wrapping_mul(0x9E37_79B9_7F4A_7C15), Place { list: 0, line: names + 1 }).unwrap();
        let (told, count) = repeats.finish().unwrap();
        assert_eq!(count, 1);
        assert_eq!(told, [Repeated { first: Place { list: 0, line: 5 }, again: Place { list: 0, line: names + 1 } }]);
    }

    #[test]
    fn tells_every_repetition_by_the_first_place() {
        for names in [0, 1, 1000, IN_MEMORY as u64 + 1] {
            let mut repeats = Repeats::default();
            for line in 1..=3 * names {
                repeats.add(line % names, Place { list: 1, line }).unwrap();
            }
            let (told, count) = repeats.finish().unwrap();
            assert_eq!((count, told.len()), (2 * names, MOST.min(2 * names as usize)));
            assert!(told.iter().all(|repeated| repeated.first.line <= names && repeated.first.line % names == repeated.again.line % names));
        }
    }
}
