//! A row of a list → what is known of a candidate, by the quick reader or else by the careful one.

use super::{Chunk, Rows, input};
use crate::diagnostic::{Diagnostic, Source};
use crate::document::{self, Notation};
use crate::record::quick::{Draft, Plan};
use crate::record::{self, Dates};
use crate::trial::Trial;

/// Reads row after row for one trial, in memory of its own.
pub struct RowReader<'t> {
    trial: &'t Trial,
    plan: &'t Plan<'t>,
    dates: Dates,
    /// What is known by the row that was read last.
    pub draft: Draft,
}

impl<'t> RowReader<'t> {
    /// A reader with the plan of the trial's records.
    #[must_use]
    pub fn new(trial: &'t Trial, plan: &'t Plan<'t>, dates: Dates) -> Self {
        Self { trial, plan, dates, draft: plan.draft(dates) }
    }

    /// Whose row it is, as far as it could be read.
    #[must_use]
    pub fn candidate(&self) -> Option<&str> {
        let name = self.draft.candidate.trim();
        (self.draft.named && !name.is_empty()).then_some(name)
    }

    /// Whose the next row is will be known when it is read, if ever.
    pub fn forget(&mut self) {
        self.draft.candidate.clear();
        self.draft.named = false;
    }

    /// Fills the draft from a row.
    ///
    /// # Errors
    /// Everything that is wrong with the row.
    pub fn read(&mut self, chunk: &Chunk, rows: &Rows, line: usize, bytes: &[u8]) -> Result<(), Vec<Diagnostic>> {
        self.forget();
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Err(vec![input::not_utf8(&chunk.name, line, bytes)]);
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if matches!(rows, Rows::Json) && self.plan.read(text, self.dates, &mut self.draft) {
            return Ok(());
        }
        self.forget();
        let source = Source::from_line(&*chunk.name, text, line);
        let document = match rows {
            Rows::Json => document::read(&source, Notation::Json),
            Rows::Yaml => document::read(&source, Notation::Yaml),
            Rows::Csv(columns) => columns.document(&source),
        };
        let document = document.map_err(|problem| vec![*problem])?;
        // Also of a row with errors it should be known whose it is.
        if let Some(candidate) = document.get("candidate").and_then(|node| node.scalar()) {
            self.draft.named = true;
            self.draft.candidate.push_str(&candidate.text);
        }
        self.draft.hold(record::read(&source, &document, &self.trial.id, &self.trial.facts, self.dates)?);
        Ok(())
    }
}
