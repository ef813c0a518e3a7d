//! Candidates that stand twice in a list, found in memory that does not grow with the list: what does not fit is
//! sorted into temporary files, which are merged at the end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};

use super::summary::{Place, Repeated};

/// Names kept in memory.
const IN_MEMORY: usize = 32 * 1024;
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
        let mut found = Found::default();
        if self.runs.is_empty() {
            self.buffer.iter().for_each(|entry| found.visit(*entry));
        } else {
            self.spill()?;
            let mut runs: Vec<BufReader<File>> = self.runs.drain(..).map(BufReader::new).collect();
            let mut heap = BinaryHeap::new();
            for (index, run) in runs.iter_mut().enumerate() {
                heap.extend(next(run)?.map(|entry| Reverse((entry, index))));
            }
            while let Some(Reverse((entry, index))) = heap.pop() {
                found.visit(entry);
                if let Some(run) = runs.get_mut(index) {
                    heap.extend(next(run)?.map(|entry| Reverse((entry, index))));
                }
            }
        }
        found.told.sort_unstable_by_key(|repeated| repeated.again);
        Ok((found.told, found.count))
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

fn next(run: &mut BufReader<File>) -> io::Result<Option<Entry>> {
    let mut bytes = [[0; 8]; 3];
    for (index, number) in bytes.iter_mut().enumerate() {
        match run.read_exact(number) {
            Err(error) if index == 0 && error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
    }
    let [name, list, line] = bytes.map(u64::from_le_bytes);
    Ok(Some((name, Place { list, line })))
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
}
