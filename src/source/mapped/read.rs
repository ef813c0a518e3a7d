//! A mapped record, read by the one reader of records.

use super::MappedRecord;
use crate::diagnostic::{Diagnostic, Source};
use crate::document::Notation;
use crate::facts::Facts;
use crate::record::{self, Dates, Record};

impl MappedRecord {
    /// What is known of the candidate.
    ///
    /// # Errors
    /// Everything that is wrong with the source or that the reader of records refuses, at its place in the source.
    pub fn read(
        &self,
        trial: &str,
        facts: &Facts,
        dates: Dates,
    ) -> Result<Record, Vec<Diagnostic>> {
        let mut text = String::new();
        let map = self.write(&mut text);
        let source = Source::new(&*self.place.source.name, text);
        let read = record::read_text(&source, Notation::Json, trial, facts, dates);
        let refused = read.as_ref().err().into_iter().flatten().cloned();
        let refused = refused.map(|problem| map.relocate(problem));
        let problems: Vec<Diagnostic> = self.problems.iter().cloned().chain(refused).collect();
        if problems.is_empty() {
            read
        } else {
            Err(problems)
        }
    }
}
