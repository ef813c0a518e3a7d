//! Lines and columns of findings, for machine-readable output.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use crate::diagnostic::lines::Lines;
use crate::diagnostic::{Place, Source, visible};

/// Where a finding begins and ends, as the contract `eligo/check/1` has it. The end is the first column behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Region {
    pub file: String,
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
    /// The text in between, or its beginning.
    #[serde(rename = "text")]
    pub snippet: String,
}

/// Counts the lines of each text once.
#[derive(Default)]
pub struct Positions<'a>(HashMap<*const Source, Lines<'a>>);

impl<'a> Positions<'a> {
    /// Where a place is.
    pub fn region(&mut self, place: &'a Place) -> Region {
        const LONGEST: usize = 200;
        let lines = self
            .0
            .entry(Arc::as_ptr(&place.source))
            .or_insert_with(|| Lines::of(&place.source));
        let start = place.span.start.min(place.source.text.len());
        let written = place
            .source
            .text
            .get(start..place.span.end.clamp(start, place.source.text.len()))
            .unwrap_or_default();
        let end = start + written.trim_end().len();
        let (line, column) = lines.position(start);
        let (end_line, end_column) = lines.position(end);
        Region {
            file: visible(&place.source.name),
            line,
            column,
            end_line,
            end_column,
            snippet: visible(written.trim_end()).chars().take(LONGEST).collect(),
        }
    }
}
