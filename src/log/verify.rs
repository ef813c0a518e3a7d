//! Whether the lines of a log are those that were written, all of them, and in their order.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry::{Occupied, Vacant};
use std::fmt;
use std::io::{self, BufRead};

use super::chain::{Line, NoLine};
use crate::trial::compile::sha256;

/// What was found on a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The line of the file, counted from 1; for what is missing, the line behind it.
    pub line: usize,
    /// What it is.
    pub kind: Kind,
}

/// What can be wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A line does not have the hash that it bears.
    Changed,
    /// A line is not one of a log.
    Foreign,
    /// A line has no end.
    Torn,
    /// A line has no end, since the program was stopped while it wrote; the entry below it says so.
    Interrupted,
    /// A number stands below a higher one.
    Moved(u64),
    /// A number stands in the log a second time.
    Repeated(u64),
    /// A line names another hash than the line before it has: one of them was made anew.
    Unlinked(u64),
    /// These numbers are not there.
    Removed(u64, u64),
}

impl Kind {
    /// Whether somebody may have changed the log; what was interrupted was not.
    #[must_use]
    pub fn is_tampering(&self) -> bool {
        !matches!(self, Self::Interrupted)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line;
        match &self.kind {
            Kind::Changed => write!(f, "line {line} was changed since it was written"),
            Kind::Foreign => write!(
                f,
                "line {line} is not as this log writes lines: it was changed, or put there"
            ),
            Kind::Torn => write!(
                f,
                "line {line} has no end: a program was stopped while it wrote, or the line was cut"
            ),
            Kind::Interrupted => write!(
                f,
                "line {line} has no end: a program was stopped while it wrote, as the next entry says"
            ),
            Kind::Moved(number) => write!(f, "line {line}: number {number} is out of order"),
            Kind::Repeated(number) => {
                write!(f, "line {line}: number {number} stands in the log twice")
            }
            Kind::Unlinked(number) => write!(
                f,
                "line {line}: number {number} was not written below number {}: one of them was made anew",
                number.saturating_sub(1)
            ),
            Kind::Removed(from, to) if from == to => {
                write!(f, "before line {line}: number {from} is missing")
            }
            Kind::Removed(from, to) => {
                write!(f, "before line {line}: numbers {from} to {to} are missing")
            }
        }
    }
}

/// What a log looks like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many entries could be read.
    pub entries: u64,
    /// The number and the hash of the highest line.
    pub last: Option<(u64, String)>,
    /// Everything that was found, in the order of the lines.
    pub findings: Vec<Finding>,
}

/// A line that could be read.
struct Seen {
    line: usize,
    previous: Option<String>,
    hash: String,
    is_changed: bool,
}

/// Reads a log to its end. Every entry that can be read goes to `each`, changed or not.
///
/// # Errors
/// The log cannot be read.
pub fn verify(mut log: impl BufRead, mut each: impl FnMut(Line)) -> io::Result<Verified> {
    let mut verified = Verified::default();
    let mut seen: BTreeMap<u64, Seen> = BTreeMap::new();
    let (mut bytes, mut number, mut highest) = (Vec::new(), 0, 0);
    // Lines without an end since the last entry, and what they hold.
    let (mut torn, mut left): (Vec<usize>, Vec<u8>) = (Vec::new(), Vec::new());
    loop {
        bytes.clear();
        if log.read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        number += 1;
        let mut find = |kind| verified.findings.push(Finding { line: number, kind });
        let text = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        let (line, is_changed) = match Line::read(text) {
            Ok(line) => (line, false),
            Err(NoLine::Changed(line)) => {
                find(Kind::Changed);
                (*line, true)
            }
            Err(NoLine::Foreign) => {
                find(Kind::Foreign);
                continue;
            }
            Err(NoLine::Torn) => {
                torn.push(number);
                left.extend_from_slice(&bytes);
                continue;
            }
        };
        let own = line.links.number;
        let named = line.links.torn.as_deref();
        let is_named = named == Some(&*sha256(left.strip_suffix(b"\n").unwrap_or(&left)));
        let kind = if is_named {
            Kind::Interrupted
        } else {
            Kind::Torn
        };
        for line in torn.drain(..) {
            verified.findings.push(Finding {
                line,
                kind: kind.clone(),
            });
        }
        left.clear();
        let mut find = |kind| verified.findings.push(Finding { line: number, kind });
        match seen.entry(own) {
            Occupied(_) => find(Kind::Repeated(own)),
            Vacant(place) => {
                if own < highest {
                    find(Kind::Moved(own));
                }
                place.insert(Seen {
                    line: number,
                    previous: line.links.previous.clone(),
                    hash: line.hash.clone(),
                    is_changed,
                });
            }
        }
        highest = highest.max(own);
        verified.entries += 1;
        each(line);
    }
    for line in torn {
        verified.findings.push(Finding {
            line,
            kind: Kind::Torn,
        });
    }
    verified.findings.extend(chain(&seen));
    verified.findings.sort_by_key(|finding| finding.line);
    verified.last = seen.pop_last().map(|(number, seen)| (number, seen.hash));
    Ok(verified)
}

/// What the numbers and hashes of all lines tell together.
fn chain(seen: &BTreeMap<u64, Seen>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut before: Option<(u64, &Seen)> = None;
    for (&number, this) in seen {
        let expected = before.map_or(1, |(number, _)| number + 1);
        let (line, mut find) = (this.line, |line, kind| {
            findings.push(Finding { line, kind })
        });
        if number > expected {
            find(line, Kind::Removed(expected, number - 1));
        } else {
            let hash = before.map(|(_, before)| &before.hash);
            // What was changed in place is told already.
            let is_told = this.is_changed || before.is_some_and(|(_, before)| before.is_changed);
            if this.previous.as_ref() != hash && !is_told {
                find(line, Kind::Unlinked(number));
            }
        }
        before = Some((number, this));
    }
    findings
}
