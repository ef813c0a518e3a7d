//! Lines and columns of many places in one text, without counting from its beginning for each.

use std::sync::Arc;

use super::{Diagnostic, Source, Start};

/// Counts lines and columns, both from 1, columns in characters.
pub struct Lines<'a> {
    text: &'a str,
    /// Line and column at every [`STEP`] bytes or so, and the byte itself.
    marks: Vec<(usize, usize, usize)>,
}

const STEP: usize = 1_024;

impl<'a> Lines<'a> {
    /// Counts once through a text.
    #[must_use]
    pub fn of(source: &'a Source) -> Self {
        let Start {
            mut line,
            mut column,
        } = source.start;
        let mut marks = vec![(0, line, column)];
        let mut next = STEP;
        for (at, character) in source.text.char_indices() {
            if at >= next {
                marks.push((at, line, column));
                next = at + STEP;
            }
            if character == '\n' {
                (line, column) = (line + 1, 1);
            } else {
                column += 1;
            }
        }
        Self {
            text: &source.text,
            marks,
        }
    }

    /// The line and the column of a byte.
    #[must_use]
    pub fn position(&self, at: usize) -> (usize, usize) {
        let mark = self
            .marks
            .partition_point(|(start, ..)| *start <= at)
            .saturating_sub(1);
        let (start, mut line, mut column) = self.marks.get(mark).copied().unwrap_or((0, 1, 1));
        for (offset, character) in self.text.get(start..).unwrap_or_default().char_indices() {
            if start + offset >= at {
                break;
            }
            if character == '\n' {
                (line, column) = (line + 1, 1);
            } else {
                column += 1;
            }
        }
        (line, column)
    }
}

/// Findings, each with its line and column, if it has a place: there may be as many as the text has values.
pub(crate) fn positions(
    problems: &[Diagnostic],
) -> impl Iterator<Item = (&Diagnostic, Option<(usize, usize)>)> {
    let source = problems
        .iter()
        .find_map(|problem| problem.place.as_ref())
        .map(|place| &place.source);
    let lines = source.map(|source| (source, Lines::of(source)));
    problems.iter().map(move |problem| {
        let position = problem.place.as_ref().map(|place| match &lines {
            Some((source, lines))
                if Arc::ptr_eq(source, &place.source) && source.table.is_none() =>
            {
                lines.position(place.span.start)
            }
            _ => place.line_column(),
        });
        (problem, position)
    })
}

#[cfg(test)]
mod tests {
    use super::super::Place;
    use super::*;

    #[test]
    fn counts_as_a_single_place_does() {
        let text = format!(
            "é\n{}\n\nзнак ecog: 1\n{}",
            "x".repeat(3_000),
            "ab\n".repeat(2_000)
        );
        let source = Source::new("t", text.clone());
        let lines = Lines::of(&source);
        for (at, _) in text.char_indices().step_by(37) {
            let place = Place {
                source: std::sync::Arc::clone(&source),
                span: at..at,
            };
            assert_eq!(lines.position(at), place.line_column(), "byte {at}");
        }
    }
}
