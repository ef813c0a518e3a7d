//! A trial and a site policy, ready for the records of many candidates.

use crate::diagnostic::{Diagnostics, decode};
use crate::document::Notation;
use crate::record::{Dates, FieldTable, Record};
use crate::screening::{self, Screening};
use crate::trial::{Policy, Trial};

/// Screens candidates against one trial under one site policy. What records of the trial may say is worked out once.
pub struct Screener<'t> {
    trial: &'t Trial,
    policy: &'t Policy,
    table: FieldTable<'t>,
}

impl<'t> Screener<'t> {
    /// For this trial, under this policy; [`Policy::default()`] leaves everything open that the protocol leaves open.
    #[must_use]
    pub fn new(trial: &'t Trial, policy: &'t Policy) -> Self {
        Self {
            trial,
            policy,
            table: FieldTable::new(&trial.id, &trial.facts),
        }
    }

    /// Reads a record: the bytes of a file in UTF-8, which messages call `name`.
    ///
    /// # Errors
    /// Bytes that are no text, a text that is no document of the notation, or everything that is wrong with the record, in
    /// the order of the text. Nothing is read of such a record.
    pub fn read(
        &self,
        name: &str,
        bytes: Vec<u8>,
        notation: Notation,
        dates: Dates,
    ) -> Result<Record, Diagnostics> {
        let source = decode(name, bytes).map_err(|error| vec![*error])?;
        Ok(self.table.read(&source, notation, dates)?)
    }

    /// Screens a candidate by what a record says.
    #[must_use]
    pub fn screen<'a>(&'a self, record: &'a Record) -> Screening<'a> {
        screening::screen(self.trial, record, self.policy)
    }
}
