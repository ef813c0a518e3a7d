//! A screening → text for people and for programs. Renderers are pure: the same screening gives the same bytes.
//!
//! [`sentence`] is the one place where sentences are made; the formats lay them out.

pub mod json;
pub mod markup;
pub mod sentence;
pub mod sheet;
pub mod table;

/// What a report says of its own making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// SHA-256 of the record's text, in hexadecimal.
    pub record_sha256: String,
    /// What was merged into it, in that order.
    pub merged: Vec<MergedFrom>,
    /// The version of the tool.
    pub version: String,
    /// The line of the screening log that it stands in, if it is logged.
    pub logged: Option<Logged>,
}

/// A record or row that was merged into the one that was screened.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MergedFrom {
    /// The file, as it was named.
    pub file: String,
    /// The line on which it begins.
    pub line: usize,
    /// SHA-256 of its text.
    pub sha256: String,
}

/// A line of a screening log. Its hash on paper shows later that the log still holds it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Logged {
    /// Its number.
    pub number: u64,
    /// Its hash.
    pub hash: String,
}

/// What every report says of itself.
pub(crate) const DISCLAIMER: &str = "supports the investigator's decision; it is not the decision";

/// The same for readers of a screening.
pub(crate) fn disclaimer() -> String {
    format!(
        "This report {DISCLAIMER}. It follows an interpretation of the registry's text, in which “unknown” is never a pass."
    )
}
