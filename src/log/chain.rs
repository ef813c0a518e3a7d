//! An entry → the line of the log, and the end of a log → where its chain goes on.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Entry;
use crate::json_escape;
use crate::trial::compile::sha256;

/// How a line begins.
const BEGINNING: &[u8] = br#"{"schema":"eligo/log/1","#;
/// What stands between that of which the hash is, and the hash.
const BEFORE_HASH: &str = r#","hash":""#;
const BEHIND_HASH: &str = r#""}"#;

/// What links a line to the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    /// Its number, counted from 1 without a gap.
    pub number: u64,
    /// The hash of the line before; none in the first.
    pub previous: Option<String>,
    /// The hash of what a program that was stopped left between the line before and this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub torn: Option<String>,
}

/// A line of a log as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Line {
    /// The screening.
    #[serde(flatten)]
    pub entry: Entry,
    /// Its place in the chain.
    #[serde(flatten)]
    pub links: Links,
    /// Its hash.
    pub hash: String,
}

/// Why a line is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoLine {
    /// It breaks off: the beginning of a line.
    Torn,
    /// It is a line that was changed since it was written.
    Changed(Box<Line>),
    /// It is something else.
    Foreign,
}

impl Line {
    /// Reads a line, without its line feed, and checks its hash.
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(bytes: &[u8]) -> Result<Self, NoLine> {
        let Ok(line) = serde_json::from_slice::<Self>(bytes) else {
            let is_beginning = bytes.starts_with(BEGINNING) || BEGINNING.starts_with(bytes);
            let breaks_off =
                serde_json::from_slice::<IgnoredAny>(bytes).is_err_and(|error| error.is_eof());
            return Err(if is_beginning && breaks_off {
                NoLine::Torn
            } else {
                NoLine::Foreign
            });
        };
        let end = format!("{BEFORE_HASH}{}{BEHIND_HASH}", line.hash);
        match bytes.strip_suffix(end.as_bytes()) {
            Some(hashed) if sha256(hashed) == line.hash => Ok(line),
            _ => Err(NoLine::Changed(Box::new(line))),
        }
    }
}

/// Where a log goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chain {
    /// The number of the last line; 0 in a new log.
    pub number: u64,
    /// Its hash.
    pub hash: Option<String>,
    /// The hash of what stands below it without an end.
    torn: Option<String>,
    /// Whether the file ends without a line feed.
    is_open: bool,
}

/// What the last bytes of a log tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tail {
    /// How it goes on.
    Chain(Chain),
    /// The last line begins before them.
    Longer,
}

/// Why nothing is added to a log.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Broken {
    /// Its last line was changed.
    #[error("its last line, number {0}, was changed since it was written")]
    Changed(u64),
    /// The file is no log, or its end is not.
    #[error("it does not end in a line of a screening log")]
    Foreign,
}

impl Tail {
    /// Looks at the last bytes of a log; `is_all` says that they are the whole file.
    ///
    /// # Errors
    /// The log is broken at its end.
    pub fn of(bytes: &[u8], is_all: bool) -> Result<Self, Broken> {
        let is_open = !bytes.is_empty() && !bytes.ends_with(b"\n");
        let mut end = bytes.len() - usize::from(!is_open && !bytes.is_empty());
        // From the last line upwards, as far as the last that is whole.
        loop {
            let (above, line) = match bytes
                .get(..end)
                .map(|upto| (upto, upto.rsplit(|byte| *byte == b'\n').next()))
            {
                Some((upto, Some(line))) => (upto.len() - line.len(), line),
                _ => (0, &[] as &[u8]),
            };
            if above == 0 && !is_all {
                return Ok(Self::Longer);
            }
            let read = match Line::read(line) {
                _ if line.is_empty() && above == 0 => None,
                Ok(line) => Some(line),
                Err(NoLine::Changed(line)) => return Err(Broken::Changed(line.links.number)),
                Err(NoLine::Foreign) => return Err(Broken::Foreign),
                Err(NoLine::Torn) if above > 0 => {
                    end = above - 1;
                    continue;
                }
                Err(NoLine::Torn) => None,
            };
            let behind = if read.is_some() { end + 1 } else { 0 };
            let left = bytes.get(behind..).unwrap_or(&[]);
            let left = left.strip_suffix(b"\n").unwrap_or(left);
            return Ok(Self::Chain(Chain {
                number: read.as_ref().map_or(0, |line| line.links.number),
                hash: read.map(|line| line.hash),
                torn: (!left.is_empty()).then(|| sha256(left)),
                is_open,
            }));
        }
    }
}

impl Chain {
    /// The text that adds an entry, its line feed included.
    ///
    /// # Errors
    /// None that is known: an entry is texts and numbers.
    pub fn add(&mut self, entry: &Entry) -> serde_json::Result<String> {
        let links = Links {
            number: self.number + 1,
            previous: self.hash.take(),
            torn: self.torn.take(),
        };
        let (entry, links_text) = (
            json_escape::to_string(entry)?,
            json_escape::to_string(&links)?,
        );
        let mut line = entry;
        // Two objects become one.
        line.pop();
        line.push(',');
        line.push_str(links_text.trim_start_matches('{').trim_end_matches('}'));
        let hash = sha256(&line);
        let lead = if std::mem::take(&mut self.is_open) {
            "\n"
        } else {
            ""
        };
        let text = format!("{lead}{line}{BEFORE_HASH}{hash}{BEHIND_HASH}\n");
        self.number = links.number;
        self.hash = Some(hash);
        Ok(text)
    }
}
