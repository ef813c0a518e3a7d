//! `--with`: what other files say of the same candidates.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use eligo::batch::with::OtherRows;
use eligo::batch::{Chunk, RowReader};
use eligo::diagnostic::{Diagnostics, visible};
use eligo::record::{Dates, FieldTable};
use eligo::trial::Trial;

use super::batch::destination::shown;
use super::batch::lists::{ListArguments, ListNotation};
use super::input::{Read, is_stdin};

/// Which other files are merged.
#[derive(Debug, Args)]
pub struct WithArguments {
    /// Merge what this record or list says of the same candidate, fact by fact; can be given more than once
    #[arg(long = "with", value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

impl WithArguments {
    /// Whether every file says something of the candidate: one that does not was meant for somebody else.
    pub fn all_speak(&self, read: &Read) -> anyhow::Result<()> {
        for file in &self.files {
            let (name, inside) = (shown(file), format!("{}/", shown(file)));
            let speaks = read
                .merged
                .iter()
                .any(|from| from.file == name || from.file.starts_with(&inside) || is_stdin(file));
            if !speaks {
                let who = read.record.candidate.as_deref().map(visible);
                bail!(
                    "`{name}` says nothing of `{}`; candidates are merged by their names, to the letter",
                    who.unwrap_or_default()
                );
            }
        }
        Ok(())
    }

    /// The rows of the files, by candidate.
    ///
    /// # Errors
    /// A file that cannot be read, or a row of which nobody knows whose it is.
    pub fn read(&self, trial: &Trial, dates: Dates) -> anyhow::Result<OtherRows> {
        let mut others = OtherRows::default();
        if self.files.is_empty() {
            return Ok(others);
        }
        let lists = ListArguments::new(self.files.clone(), ListNotation::default());
        let table = FieldTable::new(&trial.id, &trial.facts);
        let mut reader = RowReader::new(&table, dates);
        let mut problems = Vec::new();
        for mut list in lists.open(trial, dates.as_of.unwrap_or(dates.today))?.lists {
            let mut chunk = Chunk::default();
            while list.next_chunk(&mut chunk)? {
                if let Err(found) = others.add(&mut chunk, &mut reader) {
                    problems.extend(found);
                }
            }
        }
        if problems.is_empty() {
            Ok(others)
        } else {
            Err(Diagnostics(problems).into())
        }
    }
}
