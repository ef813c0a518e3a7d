//! Resources in any order → patient by patient, in the order in which the patients stand in the input.
//!
//! What is small stays in memory. Beyond that resources are written to temporary files, one for each hash of the patient. At the
//! end each of these is read, brought together by patient and put in order; the results are merged. So memory holds one such file
//! and a buffer of each, whatever the size of the feed. A disk holds once what is read of it.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fs::File;
use std::hash::{BuildHasher as _, BuildHasherDefault};
use std::io::{self, BufReader, BufWriter, Read, Seek as _, Write as _};
use std::mem;

use eligo::diagnostic::{Diagnostic, Source, Start};
use eligo::source::fhir::PatientResources;
use eligo::source::fhir::intake::Resource;
use rustc_hash::FxHasher;

/// So many bytes of resources are kept in memory before files are used.
const MOST_IN_MEMORY: usize = 64 * 1024 * 1024;
/// As many bytes should be in each file.
const PER_FILE: u64 = 48 * 1024 * 1024;
/// As many files are open at once at most.
const MOST_FILES: u64 = 200;
/// What each of the other fields of a resource takes, roughly.
const OVERHEAD: usize = 200;

/// One row of the input.
pub enum Group {
    /// A patient with his resources.
    Patient(PatientResources),
    /// A part of the input that is no resource.
    Broken(Box<Diagnostic>),
}

/// A resource, and whose it is.
struct Entry {
    /// Its number in the input.
    number: u64,
    patient: String,
    resource: Resource,
}

/// Takes resources in any order.
pub struct Spill {
    files: u64,
    next: u64,
    memory: Vec<Entry>,
    bytes: usize,
    /// Beyond so many bytes in memory files are used.
    limit: usize,
    partitions: Vec<BufWriter<File>>,
    broken: Vec<(u64, Box<Diagnostic>)>,
}

impl Spill {
    /// For an input of about so many bytes.
    pub fn new(size: u64) -> Self {
        Self {
            files: (size / PER_FILE).clamp(8, MOST_FILES),
            next: 0,
            memory: Vec::new(),
            bytes: 0,
            limit: MOST_IN_MEMORY,
            partitions: Vec::new(),
            broken: Vec::new(),
        }
    }

    /// Takes a resource of a patient.
    pub fn add(&mut self, patient: String, resource: Resource) -> io::Result<()> {
        let number = self.number();
        // A patient without an id is nobody else's.
        let patient = if patient.is_empty() {
            format!("\0{number}")
        } else {
            patient
        };
        let entry = Entry {
            number,
            patient,
            resource,
        };
        if !self.partitions.is_empty() {
            return self.write(&entry);
        }
        self.bytes += entry.resource.source.text.len() + OVERHEAD;
        self.memory.push(entry);
        if self.bytes > self.limit {
            for _ in 0..self.files {
                self.partitions.push(BufWriter::new(tempfile::tempfile()?));
            }
            for entry in mem::take(&mut self.memory) {
                self.write(&entry)?;
            }
        }
        Ok(())
    }

    /// Takes what is no resource.
    pub fn add_broken(&mut self, problem: Box<Diagnostic>) {
        let number = self.number();
        self.broken.push((number, problem));
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn write(&mut self, entry: &Entry) -> io::Result<()> {
        let hash = BuildHasherDefault::<FxHasher>::default().hash_one(&entry.patient);
        let place = usize::try_from(hash % self.files).map_err(io::Error::other)?;
        match self.partitions.get_mut(place) {
            Some(partition) => entry.write(partition),
            None => Err(io::Error::other("there is no such temporary file")),
        }
    }

    /// Brings together what is one patient's.
    pub fn finish(self) -> io::Result<Groups> {
        let mut broken = self.broken;
        broken.reverse();
        if self.partitions.is_empty() {
            let mut patients = grouped(self.memory);
            patients.reverse();
            return Ok(Groups {
                broken,
                patients: Patients::Memory(patients),
            });
        }
        let mut runs = Vec::new();
        for partition in self.partitions {
            runs.push(sorted(
                partition
                    .into_inner()
                    .map_err(io::IntoInnerError::into_error)?,
            )?);
        }
        Ok(Groups {
            broken,
            patients: Patients::Merge(Merge::new(runs)?),
        })
    }
}

/// Where a patient stands in the input: behind all who have a `Patient`, if there is none of him.
type Order = (bool, u64);

/// Patients with their resources, in the order of the input.
fn grouped(entries: Vec<Entry>) -> Vec<(Order, Vec<Entry>)> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut groups: Vec<(Order, Vec<Entry>)> = Vec::new();
    for entry in entries {
        let is_orphan = entry.resource.kind != "Patient";
        let order = (is_orphan, entry.number);
        match places
            .get(&entry.patient)
            .and_then(|at| groups.get_mut(*at))
        {
            Some((known, group)) => {
                *known = order.min(*known);
                group.push(entry);
            }
            None => {
                places.insert(entry.patient.clone(), groups.len());
                groups.push((order, vec![entry]));
            }
        }
    }
    groups.sort_by_key(|(order, _)| *order);
    groups
}

/// A file of resources → a file of patients in order.
fn sorted(mut file: File) -> io::Result<File> {
    file.rewind()?;
    let (mut reader, mut entries) = (BufReader::new(file), Vec::new());
    while let Some(entry) = Entry::read(&mut reader)? {
        entries.push(entry);
    }
    drop(reader);
    let mut run = BufWriter::new(tempfile::tempfile()?);
    for ((is_orphan, number), group) in grouped(entries) {
        run.write_all(&[u8::from(is_orphan)])?;
        put(&mut run, number)?;
        put(&mut run, group.len() as u64)?;
        for entry in group {
            entry.write(&mut run)?;
        }
    }
    let mut file = run.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}

/// Patients one after the other.
pub struct Groups {
    /// The next one last.
    broken: Vec<(u64, Box<Diagnostic>)>,
    patients: Patients,
}

enum Patients {
    /// The next one last.
    Memory(Vec<(Order, Vec<Entry>)>),
    Merge(Merge),
}

impl Groups {
    /// The next row; none at the end.
    pub fn next_group(&mut self) -> io::Result<Option<Group>> {
        let next = match &self.patients {
            Patients::Memory(patients) => patients.last().map(|(order, _)| *order),
            Patients::Merge(merge) => merge.next.peek().map(|Reverse((order, _))| *order),
        };
        let broken = self.broken.last().map(|(number, _)| (false, *number));
        if let Some(broken) = broken
            && next.is_none_or(|next| broken < next)
        {
            return Ok(self.broken.pop().map(|(_, problem)| Group::Broken(problem)));
        }
        let entries = match &mut self.patients {
            Patients::Memory(patients) => patients.pop().map(|(_, entries)| entries),
            Patients::Merge(merge) => merge.pop()?,
        };
        Ok(entries.map(|entries| {
            let resources = entries.into_iter().map(|entry| entry.resource).collect();
            Group::Patient(PatientResources { resources })
        }))
    }
}

/// Several files of patients in order, read as one.
struct Merge {
    runs: Vec<BufReader<File>>,
    /// Where the next patient of each file stands in the input.
    next: BinaryHeap<Reverse<(Order, usize)>>,
}

impl Merge {
    fn new(runs: Vec<File>) -> io::Result<Self> {
        let mut merge = Self {
            runs: runs.into_iter().map(BufReader::new).collect(),
            next: BinaryHeap::new(),
        };
        for run in 0..merge.runs.len() {
            merge.look(run)?;
        }
        Ok(merge)
    }

    /// Reads where the next patient of a file stands.
    fn look(&mut self, run: usize) -> io::Result<()> {
        if let Some(reader) = self.runs.get_mut(run) {
            let mut is_orphan = [0];
            if reader.read(&mut is_orphan)? == 1 {
                let number = take(reader)?;
                self.next.push(Reverse(((is_orphan == [1], number), run)));
            }
        }
        Ok(())
    }

    fn pop(&mut self) -> io::Result<Option<Vec<Entry>>> {
        let Some(Reverse((_, run))) = self.next.pop() else {
            return Ok(None);
        };
        let mut entries = Vec::new();
        if let Some(reader) = self.runs.get_mut(run) {
            for _ in 0..take(reader)? {
                entries.extend(Entry::read(reader)?);
            }
        }
        self.look(run)?;
        Ok(Some(entries))
    }
}

impl Entry {
    fn write(&self, file: &mut impl io::Write) -> io::Result<()> {
        let source = &self.resource.source;
        put(file, self.number)?;
        put(file, source.start.line as u64)?;
        put(file, source.start.column as u64)?;
        put_text(file, &self.patient)?;
        put_text(file, &self.resource.kind)?;
        put_text(file, self.resource.full_url.as_deref().unwrap_or(""))?;
        put_text(file, &source.name)?;
        put_text(file, &source.text)
    }

    /// The next one; none at the end of the file.
    fn read(file: &mut impl io::Read) -> io::Result<Option<Self>> {
        let mut number = [0; 8];
        match file.read_exact(&mut number) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        let place = |number: u64| usize::try_from(number).map_err(io::Error::other);
        let start = Start {
            line: place(take(file)?)?,
            column: place(take(file)?)?,
        };
        let (patient, kind) = (take_text(file)?, take_text(file)?);
        let full_url = Some(take_text(file)?).filter(|url| !url.is_empty());
        let (name, text) = (take_text(file)?, take_text(file)?);
        Ok(Some(Self {
            number: u64::from_le_bytes(number),
            patient,
            resource: Resource {
                source: Source::starting_at(name, text, start),
                kind,
                full_url,
            },
        }))
    }
}

fn put(file: &mut impl io::Write, number: u64) -> io::Result<()> {
    file.write_all(&number.to_le_bytes())
}

fn put_text(file: &mut impl io::Write, text: &str) -> io::Result<()> {
    put(file, text.len() as u64)?;
    file.write_all(text.as_bytes())
}

fn take(file: &mut impl io::Read) -> io::Result<u64> {
    let mut number = [0; 8];
    file.read_exact(&mut number)?;
    Ok(u64::from_le_bytes(number))
}

fn take_text(file: &mut impl io::Read) -> io::Result<String> {
    let length = usize::try_from(take(file)?).map_err(io::Error::other)?;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(kind: &str, text: &str, line: usize) -> Resource {
        Resource {
            source: Source::starting_at("f.ndjson", text, Start { line, column: 3 }),
            kind: kind.to_owned(),
            full_url: line.is_multiple_of(2).then(|| format!("urn:{line}")),
        }
    }

    /// Patients in the order of their `Patient`, each with his resources in theirs; whose there is none, behind them.
    fn rows(limit: usize) -> Vec<String> {
        let mut spill = Spill::new(0);
        spill.limit = limit;
        for number in 0..400 {
            let patient = format!("p{}", number * 7 % 50);
            let kind = match number {
                350.. if patient != "p3" => "Patient",
                _ => "Observation",
            };
            let text = format!("{{ {number} }}");
            spill.add(patient, resource(kind, &text, number)).unwrap();
            if number % 150 == 0 {
                spill.add_broken(Box::new(Diagnostic::error(format!("line {number}"))));
            }
        }
        spill
            .add(String::new(), resource("Patient", "{}", 1))
            .unwrap();
        spill
            .add(String::new(), resource("Patient", "{}", 2))
            .unwrap();
        let mut groups = spill.finish().unwrap();
        let mut rows = Vec::new();
        while let Some(group) = groups.next_group().unwrap() {
            rows.push(match group {
                Group::Broken(problem) => problem.message,
                Group::Patient(patient) => {
                    let resources = patient.resources.iter().map(|one| {
                        let Start { line, column } = one.source.start;
                        let url = one.full_url.as_deref().unwrap_or("");
                        format!(
                            "{}:{line}:{column}:{}:{}:{url}",
                            one.source.name, one.kind, one.source.text
                        )
                    });
                    resources.collect::<Vec<_>>().join(" ")
                }
            });
        }
        rows
    }

    #[test]
    fn the_same_comes_from_memory_and_from_files() {
        let in_memory = rows(usize::MAX);
        assert_eq!(in_memory.len(), 50 + 2 + 3);
        assert_eq!(in_memory[..3], ["line 0", "line 150", "line 300"]);
        assert!(
            in_memory[3].contains("f.ndjson:350:3:Patient"),
            "{}",
            in_memory[3]
        );
        assert!(
            in_memory.last().unwrap().contains("Observation:{ 29 }"),
            "an orphan stands last"
        );
        for limit in [0, 1_000, 20_000] {
            assert_eq!(rows(limit), in_memory, "{limit}");
        }
    }
}
