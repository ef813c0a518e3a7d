//! Candidates that stand twice in a list, found in memory that does not grow with the list: what does not fit is
//! sorted into runs in a temporary file, which are merged at the end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;

use super::summary::{Place, Repeated};

/// Names kept in memory.
const IN_MEMORY: usize = 16 * 1024;
/// Bytes of a name, and of a run that are read at once: a whole number of names.
const NAME: usize = 24;
const READ_AT_ONCE: usize = 256 * NAME;
/// Repetitions that are told one by one.
const MOST: usize = 1_000;

/// A hash of a name, and where the name stands.
type Entry = (u64, Place);

/// The names of a list, as hashes.
#[derive(Debug, Default)]
pub struct Repeats {
    buffer: Vec<Entry>,
    /// What did not fit, one sorted run behind the other.
    file: Option<File>,
    /// Where the runs stand in it.
    runs: Vec<Range<u64>>,
}

impl Repeats {
    /// Notes that a name stands somewhere.
    ///
    /// # Errors
    /// As writing a temporary file.
    pub fn add(&mut self, name: u64, place: Place) -> io::Result<()> {
        self.buffer.push((name, place));
        if self.buffer.len() >= IN_MEMORY {
            self.spill()
        } else {
            Ok(())
        }
    }

    fn spill(&mut self) -> io::Result<()> {
        self.buffer.sort_unstable();
        let start = self.runs.last().map_or(0, |run| run.end);
        self.runs
            .push(start..start + (self.buffer.len() * NAME) as u64);
        let file = match &self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile()?),
        };
        let mut writer = BufWriter::new(file);
        for (name, place) in self.buffer.drain(..) {
            for number in [name, place.list, place.line] {
                writer.write_all(&number.to_le_bytes())?;
            }
        }
        writer.flush()
    }

    /// The repetitions, of which there may be more than are told, and how many there are.
    ///
    /// # Errors
    /// As reading a temporary file.
    pub fn finish(mut self) -> io::Result<(Vec<Repeated>, u64)> {
        self.buffer.sort_unstable();
        let stored = self.runs.into_iter().map(|rest| Run::Stored {
            rest,
            read: Vec::new(),
            at: 0,
        });
        let mut runs: Vec<Run> = stored
            .chain([Run::InMemory(self.buffer.into_iter())])
            .collect();
        let mut file = self.file;
        let (mut found, mut heap) = (Found::default(), BinaryHeap::new());
        for (index, run) in runs.iter_mut().enumerate() {
            heap.extend(
                run.next(file.as_mut())?
                    .map(|entry| Reverse((entry, index))),
            );
        }
        while let Some(mut first) = heap.peek_mut() {
            let Reverse((entry, index)) = *first;
            found.visit(entry);
            match runs
                .get_mut(index)
                .map(|run| run.next(file.as_mut()))
                .transpose()?
                .flatten()
            {
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
    Stored {
        /// Where in the file stands what was not read yet.
        rest: Range<u64>,
        read: Vec<u8>,
        /// How much of that was given.
        at: usize,
    },
}

impl Run {
    fn next(&mut self, file: Option<&mut File>) -> io::Result<Option<Entry>> {
        let (rest, read, at) = match self {
            Self::InMemory(entries) => return Ok(entries.next()),
            Self::Stored { rest, read, at } => (rest, read, at),
        };
        if *at == read.len()
            && let Some(file) = file
        {
            let length = (rest.end - rest.start).min(READ_AT_ONCE as u64);
            (*at, rest.start) = (0, rest.start + length);
            read.clear();
            file.seek(SeekFrom::Start(rest.start - length))?;
            if file.take(length).read_to_end(read)? as u64 != length {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let Some(bytes) = read.get(*at..*at + NAME) else {
            return Ok(None);
        };
        *at += NAME;
        let number = |place: usize| {
            bytes
                .as_chunks()
                .0
                .get(place)
                .map_or(0, |number| u64::from_le_bytes(*number))
        };
        Ok(Some((
            number(0),
            Place {
                list: number(1),
                line: number(2),
            },
        )))
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
                    self.told.push(Repeated {
                        first,
                        again: place,
                    });
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
            repeats
                .add(
                    line.wrapping_mul(0x9E37_79B9_7F4A_7C15),
                    Place { list: 0, line },
                )
                .unwrap();
        }
        repeats
            .add(
                5_u64.wrapping_mul(0x9E37_79B9_7F4A_7C15),
                Place {
                    list: 0,
                    line: names + 1,
                },
            )
            .unwrap();
        let (told, count) = repeats.finish().unwrap();
        assert_eq!(count, 1);
        assert_eq!(
            told,
            [Repeated {
                first: Place { list: 0, line: 5 },
                again: Place {
                    list: 0,
                    line: names + 1
                }
            }]
        );
    }

    #[test]
    fn tells_every_repetition_by_the_first_place() {
        for names in [0, 1, 1000, IN_MEMORY as u64 + 1] {
            let mut repeats = Repeats::default();
            for line in 1..=3 * names {
                repeats.add(line % names, Place { list: 1, line }).unwrap();
            }
            let (told, count) = repeats.finish().unwrap();
            assert_eq!(
                (count, told.len()),
                (2 * names, MOST.min(2 * names as usize))
            );
            assert!(told.iter().all(|repeated| repeated.first.line <= names
                && repeated.first.line % names == repeated.again.line % names));
        }
    }
}
