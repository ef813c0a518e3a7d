//! Candidates that stand twice in a list, or whose names hardly differ, found by sorting: 24 bytes a row while the list is
//! read.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::parts::UNREAD;
use super::summary::{Pair, Place};
use crate::diagnostic::lookalike::is_invisible;
use crate::value::text::folded;

/// Pairs of each kind that are told one by one.
const MOST: usize = 1_000;

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
        let hash = |name: &str| {
            let mut hasher = DefaultHasher::new();
            name.hash(&mut hasher);
            hasher.finish()
        };
        #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
        let exact = hash(name) as u32;
        Self {
            similar: hash(&similar(name)),
            exact,
            mark,
            line: line as u64,
        }
    }
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

    /// What stands for what the row lists.
    fn listed(&self) -> u32 {
        if self.place & 1 == 1 { 0 } else { self.mark }
    }

    /// Whether the row was screened, as opposed to those that were refused.
    fn is_screened(&self) -> bool {
        self.listed() != UNREAD
    }
}

/// The names of a list, as hashes, each with the place where it stands.
#[derive(Debug, Default)]
pub struct Repeats(Vec<Stands>);

/// Pairs of rows, of which there may be more than are told.
#[derive(Debug, Default)]
pub struct Pairs {
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
pub struct Found {
    /// Rows of a candidate who stands on an earlier row too.
    pub repeated: Pairs,
    /// Candidates who were decided though another row of the same list has other items of lists: each has only a part.
    pub partial: Pairs,
    /// Names that differ only in case, blanks or zeros before a number.
    pub similar: Pairs,
}

impl Repeats {
    /// Notes that a name stands in a list, the lists counted from 1.
    pub fn add(&mut self, named: Named, list: usize) {
        self.0.push(Stands::new(named, list));
    }

    /// What is to be told of the names.
    #[must_use]
    pub fn finish(mut self) -> Found {
        self.0.sort_unstable();
        let mut found = Found::default();
        for similar in self.0.chunk_by(|one, other| one.similar == other.similar) {
            let mut firsts: Vec<&Stands> = Vec::new();
            for same in similar.chunk_by(|one, other| one.exact == other.exact) {
                firsts.extend(same.first());
                let mut screened = same.iter().filter(|row| row.is_screened());
                if let Some(first) = screened.next() {
                    screened.for_each(|again| found.repeated.add(first, again));
                }
                for in_list in same.chunk_by(|one, other| one.list() == other.list()) {
                    let mut decided = in_list.iter().filter(|row| row.listed() > UNREAD);
                    if let Some(row) = decided.next()
                        && let Some(other) = in_list.iter().find(|o| o.listed() != row.listed())
                    {
                        found.partial.add(row, other);
                    }
                }
            }
            firsts.sort_unstable_by_key(|row| (row.place, row.mark));
            if let Some((first, rest)) = firsts.split_first() {
                rest.iter()
                    .for_each(|other| found.similar.add(first, other));
            }
        }
        for pairs in [&mut found.repeated, &mut found.partial, &mut found.similar] {
            pairs
                .told
                .sort_unstable_by_key(|pair| (pair.again, pair.first));
        }
        found
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
                repeats.add(Named::new(&name, Mark::Listed(0), line), 1);
            }
            let Pairs { told, count } = repeats.finish().repeated;
            assert_eq!((count, told.len()), (2 * names as u64, MOST.min(2 * names)));
            let names = names as u64;
            assert!(told.iter().all(|pair| pair.first.line <= names
                && pair.first.line % names == pair.again.line % names));
        }
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
            repeats.add(Named::new("A", mark, 5_000_000_000), list);
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
        assert_eq!(repeats.finish().repeated.told, again);
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
