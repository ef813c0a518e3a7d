//! Where the parts of a text stand in the source that it was made from.

use std::ops::Range;

use super::{Diagnostic, Place};

/// Where the parts of a text stand in the source that it was made from.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceMap {
    /// Where all of it comes from.
    pub whole: Place,
    /// Bytes of the text. Of parts within each other, the smallest says where something stands.
    pub parts: Vec<(Range<usize>, Place)>,
}

impl SourceMap {
    /// A finding about the text, told at its place in the source.
    #[must_use]
    pub fn relocate(&self, mut finding: Diagnostic) -> Diagnostic {
        let at = finding.place.as_ref().map_or(0, |place| place.span.start);
        let parts = self.parts.iter().filter(|(range, _)| range.contains(&at));
        let place = parts
            .min_by_key(|(range, _)| range.len())
            .map_or(&self.whole, |(_, place)| place);
        finding.place = Some(place.clone());
        finding
    }
}
