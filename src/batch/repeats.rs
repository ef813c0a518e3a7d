//! Candidates that stand twice in a list, or whose names hardly differ, found by sorting: 24 bytes a row while the list is
//! read, and not all of them in memory.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt::Write as _;
use std::hash::Hasher as _;
use std::io::{self, Read};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use siphasher::sip::SipHasher13;

use super::parts::UNREAD;
use super::summary::Summary;
use crate::diagnostic::lookalike::is_invisible;
use crate::value::text::folded;

/// Pairs of each kind that are told one by one.
const MOST: usize = 1_000;
/// So many rows are held before they are stored: 24 megabytes.
const MOST_HELD: usize = 1 << 20;
/// A row as it is stored.
const BYTES: usize = 24;

/// Two rows of one candidate, or of similar names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// Where the one stands.
    pub first: Place,
    /// Where the other stands.
    pub again: Place,
}

/// A row of one of the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which list of the call, counted from 1.
    pub list: u64,
    /// The line.
    pub line: u64,
    /// Which element of a JSON array it is.
    pub element: Option<u32>,
}

/// What tells a row from others of the same name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mark {
    /// A hash of what is listed in it: 0 where no column holds a list, [`UNREAD`] where the row could not be decided.
    Listed(u32),
    /// Which element of a JSON array it is.
    Element(u32),
}

impl Mark {
    /// By a hash of what is listed in the row, where a column holds a list.
    pub(super) fn listed(lists: Option<u64>) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
        let listed = |lists: u64| (lists as u32).max(UNREAD + 1);
        Self::Listed(lists.map_or(0, listed))
    }
}

/// Whose a row is, on which line it stands.
#[derive(Debug, Clone, Copy)]
pub struct Named {
    /// A hash of the name without what names are easily mistaken by.
    similar: u64,
    /// A hash of the name as it is.
    exact: u32,
    mark: Mark,
    line: u64,
}

impl Named {
    /// The name of a row.
    #[must_use]
    pub(super) fn new(name: &str, mark: Mark, line: usize) -> Self {
        Self::hashed((&similar(name), name), mark, line)
    }

    /// The key of a row. Keys are compared to the letter.
    #[must_use]
    pub(super) fn key(key: &str, element: Option<usize>, line: usize) -> Self {
        let element = element.map(|element| u32::try_from(element).unwrap_or(u32::MAX));
        let mark = element.map_or(Mark::Listed(0), Mark::Element);
        Self::hashed((key, key), mark, line)
    }

    fn hashed((similar, exact): (&str, &str), mark: Mark, line: usize) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
        let exact = hash(exact) as u32;
        Self {
            similar: hash(similar),
            exact,
            mark,
            line: line as u64,
        }
    }
}

/// A hash that is the same on every machine and in every version, since digests of several runs are compared.
fn hash(text: &str) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// A name without case, blanks, characters that cannot be seen, and zeros before a number.
fn similar(name: &str) -> String {
    let plain: String = if name.is_ascii() {
        let visible = name.chars().filter(|one| !one.is_ascii_whitespace());
        visible.map(|one| one.to_ascii_lowercase()).collect()
    } else {
        let is_seen = |one: &char| !one.is_whitespace() && !is_invisible(*one);
        folded(name).chars().filter(is_seen).collect()
    };
    let mut similar = String::with_capacity(plain.len());
    let (mut within_number, mut rest) = (false, plain.chars().peekable());
    while let Some(one) = rest.next() {
        let is_leading_zero =
            one == '0' && !within_number && rest.peek().is_some_and(char::is_ascii_digit);
        if !is_leading_zero {
            similar.push(one);
            within_number = one.is_ascii_digit();
        }
    }
    similar
}

/// A row in 24 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Stands {
    similar: u64,
    exact: u32,
    /// The list in the upper 23 bits, the line in the others but the last, which says of a mark that it is an element.
    place: u64,
    mark: u32,
}

const LINE_BITS: u32 = 40;
const LAST_LINE: u64 = (1 << LINE_BITS) - 1;
const LAST_LIST: u64 = (1 << (u64::BITS - LINE_BITS - 1)) - 1;

impl Stands {
    fn new(named: Named, list: usize) -> Self {
        let (list, line) = ((list as u64).min(LAST_LIST), named.line.min(LAST_LINE));
        let (mark, is_element) = match named.mark {
            Mark::Listed(listed) => (listed, 0),
            Mark::Element(element) => (element, 1),
        };
        Self {
            similar: named.similar,
            exact: named.exact,
            place: list << (LINE_BITS + 1) | line << 1 | is_element,
            mark,
        }
    }

    fn list(&self) -> u64 {
        self.place >> (LINE_BITS + 1)
    }

    fn place(&self) -> Place {
        Place {
            list: self.list(),
            line: (self.place >> 1) & LAST_LINE,
            element: (self.place & 1 == 1).then_some(self.mark),
        }
    }

    /// The same row where as many lists stand before its own.
    fn moved(self, lists: u64) -> Self {
        let list = (self.list() + lists).min(LAST_LIST);
        let in_list = self.place & ((1 << (LINE_BITS + 1)) - 1);
        Self {
            place: list << (LINE_BITS + 1) | in_list,
            ..self
        }
    }

    /// In an order that sorts like the row.
    fn bytes(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        let parts = [
            &self.similar.to_be_bytes()[..],
            &self.exact.to_be_bytes(),
            &self.place.to_be_bytes(),
            &self.mark.to_be_bytes(),
        ];
        let parts = parts.into_iter().flatten();
        bytes
            .iter_mut()
            .zip(parts)
            .for_each(|(byte, part)| *byte = *part);
        bytes
    }

    fn of_bytes(bytes: [u8; BYTES]) -> Self {
        let mut bytes = bytes.into_iter();
        let mut number = |count: usize| {
            bytes
                .by_ref()
                .take(count)
                .fold(0, |number, byte| number << 8 | u64::from(byte))
        };
        #[expect(clippy::cast_possible_truncation, reason = "four bytes are read")]
        let half = |number: u64| number as u32;
        Self {
            similar: number(8),
            exact: half(number(4)),
            place: number(8),
            mark: half(number(4)),
        }
    }

    /// What stands for what the row lists.
    fn listed(&self) -> u32 {
        if self.place & 1 == 1 { 0 } else { self.mark }
    }

    /// Whether the row was screened, as opposed to those that were refused.
    fn is_screened(&self) -> bool {
        self.listed() != UNREAD
    }
}

/// Pairs of rows, of which there may be more than are told.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// Those that are told, in the order of their later rows.
    pub told: Vec<Pair>,
    /// How many there are.
    pub count: u64,
}

impl Pairs {
    fn add(&mut self, one: &Stands, other: &Stands) {
        self.count += 1;
        if self.told.len() < MOST {
            let (one, other) = (one.place(), other.place());
            self.told.push(Pair {
                first: one.min(other),
                again: one.max(other),
            });
        }
    }
}

/// What was found among the names.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Rows of a candidate who stands on an earlier row too.
    pub repeated: Pairs,
    /// Candidates who were decided though another row of the same list has other items of lists: each has only a part.
    pub partial: Pairs,
    /// Names that differ only in case, blanks or zeros before a number.
    pub similar: Pairs,
}

/// Keeps rows in order that are too many for memory, and gives them back to be read once.
pub type Store = Box<dyn FnMut(&[u8]) -> io::Result<Box<dyn Read + Send>> + Send>;

/// The names of a list, as digests, each with the place where it stands, in memory that does not grow with the list if there
/// is a store.
#[derive(Default)]
struct Repeats {
    held: Vec<Stands>,
    /// What was stored, each in order.
    runs: Vec<Box<dyn Read + Send>>,
    /// Where more rows than this go.
    store: Option<(Store, usize)>,
}

/// Whose rows may be parts of one candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those of one list: another may be of another screening.
    EachList,
    /// All of them, since the lists are parts of one.
    AllLists,
}

impl Repeats {
    /// One that keeps in this store what is too much for memory.
    fn stored(store: Store) -> Self {
        Self {
            store: Some((store, MOST_HELD)),
            ..Self::default()
        }
    }

    /// Notes that a name stands in a list, the lists counted from 1.
    fn add(&mut self, named: Named, list: usize) -> io::Result<()> {
        self.add_row(Stands::new(named, list))
    }

    /// Notes a row of a summary that is merged, the first list of which has this number.
    fn add_digest(&mut self, digest: Digest, first_list: u64) -> io::Result<()> {
        self.add_row(digest.0.moved(first_list - 1))
    }

    fn add_row(&mut self, row: Stands) -> io::Result<()> {
        self.held.push(row);
        if let Some((store, most)) = &mut self.store
            && self.held.len() >= *most
        {
            self.held.sort_unstable();
            let bytes = self.held.iter().flat_map(Stands::bytes);
            self.runs.push(store(&bytes.collect::<Vec<_>>())?);
            self.held.clear();
        }
        Ok(())
    }

    /// What is to be told of the names; the digests in order go to `digests`.
    fn finish(mut self, scope: Scope, mut digests: Option<&mut Vec<Digest>>) -> io::Result<Found> {
        self.held.sort_unstable();
        let mut sorted = Sorted::new(self.held, self.runs)?;
        let (mut found, mut similar) = (Found::default(), Vec::<Stands>::new());
        while let Some(row) = sorted.next_row()? {
            if let Some(digests) = &mut digests {
                digests.push(Digest(row));
            }
            if similar
                .last()
                .is_some_and(|last| last.similar != row.similar)
            {
                found.add(&similar, scope);
                similar.clear();
            }
            similar.push(row);
        }
        found.add(&similar, scope);
        for pairs in [&mut found.repeated, &mut found.partial, &mut found.similar] {
            pairs
                .told
                .sort_unstable_by_key(|pair| (pair.again, pair.first));
        }
        Ok(found)
    }
}

impl Found {
    /// Adds what is to be told of rows whose names are similar, in order.
    fn add(&mut self, similar: &[Stands], scope: Scope) {
        let mut firsts: Vec<&Stands> = Vec::new();
        for same in similar.chunk_by(|one, other| one.exact == other.exact) {
            firsts.extend(same.first());
            let mut screened = same.iter().filter(|row| row.is_screened());
            if let Some(first) = screened.next() {
                screened.for_each(|again| self.repeated.add(first, again));
            }
            let is_one_list = |one: &Stands, other: &Stands| {
                scope == Scope::AllLists || one.list() == other.list()
            };
            for in_list in same.chunk_by(is_one_list) {
                let mut decided = in_list.iter().filter(|row| row.listed() > UNREAD);
                if let Some(row) = decided.next()
                    && let Some(other) = in_list.iter().find(|o| o.listed() != row.listed())
                {
                    self.partial.add(row, other);
                }
            }
        }
        firsts.sort_unstable_by_key(|row| (row.place, row.mark));
        if let Some((first, rest)) = firsts.split_first() {
            rest.iter().for_each(|other| self.similar.add(first, other));
        }
    }
}

/// Rows in order, from memory and from a store.
struct Sorted {
    held: std::vec::IntoIter<Stands>,
    runs: Vec<Box<dyn Read + Send>>,
    /// The next row of each, by where it is from; the first run is what is held.
    next: BinaryHeap<Reverse<(Stands, usize)>>,
}

impl Sorted {
    fn new(held: Vec<Stands>, runs: Vec<Box<dyn Read + Send>>) -> io::Result<Self> {
        let mut sorted = Self {
            held: held.into_iter(),
            runs,
            next: BinaryHeap::new(),
        };
        for run in 0..=sorted.runs.len() {
            sorted.advance(run)?;
        }
        Ok(sorted)
    }

    fn advance(&mut self, run: usize) -> io::Result<()> {
        let row = match run.checked_sub(1).and_then(|run| self.runs.get_mut(run)) {
            None => self.held.next(),
            Some(run) => {
                let mut bytes = [0; BYTES];
                match run.read_exact(&mut bytes) {
                    Ok(()) => Some(Stands::of_bytes(bytes)),
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => None,
                    Err(error) => return Err(error),
                }
            }
        };
        (self.next).extend(row.map(|row| Reverse((row, run))));
        Ok(())
    }

    fn next_row(&mut self) -> io::Result<Option<Stands>> {
        let Some(Reverse((row, run))) = self.next.pop() else {
            return Ok(None);
        };
        self.advance(run)?;
        Ok(Some(row))
    }
}

/// The names and the keys of rows.
#[derive(Default)]
pub struct Repetitions {
    names: Repeats,
    keys: Repeats,
}

/// What was found among names and keys.
pub struct Repeated {
    pub(super) names: Found,
    pub(super) keys: Found,
    /// Those by which it is found among more rows, if they are kept.
    pub digests: Digests,
}

/// Digests of rows, in order.
#[derive(Debug, Clone, Default)]
pub struct Digests {
    /// Of their names.
    pub names: Vec<Digest>,
    /// Of their keys.
    pub keys: Vec<Digest>,
}

impl Repetitions {
    /// None yet, with stores for what is too much for memory.
    #[must_use]
    pub fn stored(store: impl Fn() -> Store) -> Self {
        Self {
            names: Repeats::stored(store()),
            keys: Repeats::stored(store()),
        }
    }

    /// Takes the names and keys out of what rows of a list amount to, the lists counted from 1.
    ///
    /// # Errors
    /// Those of the store.
    pub fn take(&mut self, rows: &mut Summary, list: usize) -> io::Result<()> {
        let mut names = rows.names.drain(..);
        names.try_for_each(|named| self.names.add(named, list))?;
        let mut keys = rows.keys.drain(..);
        keys.try_for_each(|key| self.keys.add(key, list))
    }

    /// Adds the rows of a part, the first list of which has this number.
    pub(super) fn add(&mut self, digests: Digests, first_list: u64) -> io::Result<()> {
        let mut names = digests.names.into_iter();
        names.try_for_each(|digest| self.names.add_digest(digest, first_list))?;
        let mut keys = digests.keys.into_iter();
        keys.try_for_each(|digest| self.keys.add_digest(digest, first_list))
    }

    /// What is to be told of them.
    ///
    /// # Errors
    /// Those of the store.
    pub fn finish(self, scope: Scope, keeps_digests: bool) -> io::Result<Repeated> {
        let mut digests = Digests::default();
        let kept = |digests| keeps_digests.then_some(digests);
        Ok(Repeated {
            names: self.names.finish(scope, kept(&mut digests.names))?,
            keys: self.keys.finish(scope, kept(&mut digests.keys))?,
            digests,
        })
    }
}

/// What a summary that is to be merged knows of a row: whose it is, as a hash, and where it stands. It is written as 48
/// hexadecimal digits, in the order in which they sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest(Stands);

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(2 * BYTES);
        for byte in self.0.bytes() {
            let _ = write!(text, "{byte:02x}");
        }
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        let wrong = || serde::de::Error::custom("a digest has 48 hexadecimal digits");
        if text.len() != 2 * BYTES || !text.is_ascii() {
            return Err(wrong());
        }
        let mut bytes = [0; BYTES];
        for (at, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(2 * at..2 * at + 2).ok_or_else(wrong)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| wrong())?;
        }
        Ok(Self(Stands::of_bytes(bytes)))
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
                let name = (line % names).to_string();
                let named = Named::new(&name, Mark::Listed(0), line);
                repeats.add(named, 1).unwrap();
            }
            let Pairs { told, count } = repeats.finish(Scope::EachList, None).unwrap().repeated;
            assert_eq!((count, told.len()), (2 * names as u64, MOST.min(2 * names)));
            let names = names as u64;
            assert!(told.iter().all(|pair| pair.first.line <= names
                && pair.first.line % names == pair.again.line % names));
        }
    }

    #[test]
    fn what_was_stored_is_found_like_what_is_held() {
        let found = |most: Option<usize>| {
            let store: Store = Box::new(|run| Ok(Box::new(io::Cursor::new(run.to_vec()))));
            let mut repeats = Repeats {
                store: most.map(|most| (store, most)),
                ..Repeats::default()
            };
            for line in 1..=1000 {
                let name = format!("P-{:03}", line * line % 331);
                let mark = Mark::Listed(u32::try_from(line % 5).unwrap());
                repeats
                    .add(Named::new(&name, mark, line), 1 + line / 400)
                    .unwrap();
            }
            let mut digests = Vec::new();
            let found = repeats.finish(Scope::EachList, Some(&mut digests)).unwrap();
            let pairs = [found.repeated, found.partial, found.similar];
            (digests, pairs.map(|pairs| (pairs.count, pairs.told)))
        };
        let held = found(None);
        assert!(held.1.iter().take(2).all(|(count, _)| *count > 0));
        assert!(held.0.is_sorted_by_key(|digest| digest.0));
        for most in [1, 7, 999, 1000, 1001] {
            assert_eq!(found(Some(most)), held);
        }
        let written = serde_json::to_string(&held.0).unwrap();
        let read: Vec<Digest> = serde_json::from_str(&written).unwrap();
        assert_eq!(read, held.0);
    }

    #[test]
    fn a_row_takes_24_bytes_and_keeps_its_place() {
        assert_eq!(size_of::<Stands>(), 24);
        let mut repeats = Repeats::default();
        let line = 5_000_000_000;
        for (list, mark) in [
            (7, Mark::Listed(0)),
            (9, Mark::Element(4)),
            (9, Mark::Element(3)),
        ] {
            let named = Named::new("A", mark, 5_000_000_000);
            repeats.add(named, list).unwrap();
        }
        let place = |list, element| Place {
            list,
            line,
            element,
        };
        let again = [3, 4].map(|element| Pair {
            first: place(7, None),
            again: place(9, Some(element)),
        });
        assert_eq!(
            repeats.finish(Scope::EachList, None).unwrap().repeated.told,
            again
        );
    }

    #[test]
    fn names_are_similar_but_for_case_blanks_and_leading_zeros() {
        for (one, other) in [
            ("0012", "12"),
            ("ABC", "abc"),
            ("12345 6789", "123456789"),
            ("P-007", "p-7"),
            ("Ａ１", "a1"),
            ("0", "00"),
        ] {
            assert_eq!(similar(one), similar(other), "{one} {other}");
        }
        for (one, other) in [
            ("12", "120"),
            ("A-1", "A1"),
            ("0", ""),
            ("10", "1"),
            ("1002", "102"),
        ] {
            assert_ne!(similar(one), similar(other), "{one} {other}");
        }
    }
}
