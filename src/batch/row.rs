//! A row of a list → what is known of a candidate, by the quick reader or else by the careful one.

use super::{Chunk, Rows, columns, input};
use crate::diagnostic::{Diagnostic, Source, Start};
use crate::document::paths::Paths;
use crate::document::{self, Node, Notation};
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
        Self {
            trial,
            plan,
            dates,
            draft: plan.draft(dates),
        }
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
    pub fn read(
        &mut self,
        chunk: &Chunk,
        rows: &Rows,
        start: Start,
        bytes: &[u8],
    ) -> Result<(), Vec<Diagnostic>> {
        self.forget();
        let Ok(text) = std::str::from_utf8(bytes) else {
            let problem = input::not_utf8(&chunk.name, start, bytes);
            let is_csv = matches!(rows, Rows::Csv(_));
            return Err(vec![problem.help_if(is_csv.then(|| {
                "a spreadsheet offers `CSV UTF-8` when it saves a list".to_owned()
            }))]);
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if matches!(rows, Rows::Json) && self.plan.read(text, self.dates, &mut self.draft) {
            return Ok(());
        }
        self.forget();
        let source = Source::starting_at(&*chunk.name, text, start);
        let read = |notation| document::read(&source, notation).map_err(|problem| vec![*problem]);
        let (document, mut problems) = match rows {
            Rows::Json => (read(Notation::Json)?, Vec::new()),
            Rows::Yaml => (read(Notation::Yaml)?, Vec::new()),
            Rows::Csv(columns) => columns.document(&source),
        };
        // Also of a row with errors it should be known whose it is.
        if let Some(candidate) = document.get("candidate").and_then(|node| node.scalar()) {
            self.draft.named = true;
            self.draft.candidate.push_str(&candidate.text);
        }
        match record::read(
            &source,
            &document,
            &self.trial.id,
            &self.trial.facts,
            self.dates,
        ) {
            Ok(record) if problems.is_empty() => {
                self.draft.hold(record);
                self.draft.is_dated = self.dates.as_of.is_some()
                    || document
                        .get("screened_on")
                        .is_some_and(|node| node.scalar().is_some());
                Ok(())
            }
            read => {
                let found = read.err().into_iter().flatten();
                match rows {
                    Rows::Csv(_) => problems.extend(found.map(columns::without_quotes)),
                    Rows::Json | Rows::Yaml => problems.extend(found),
                }
                Err(with_paths(problems, &document))
            }
        }
    }
}

/// The same, each with what of the record it is about: the place in a long line says little.
fn with_paths(mut problems: Vec<Diagnostic>, document: &Node) -> Vec<Diagnostic> {
    let paths = Paths::of(document);
    for problem in problems
        .iter_mut()
        .filter(|problem| problem.about.is_none())
    {
        problem.about = problem
            .place
            .as_ref()
            .and_then(|place| paths.to(&place.span));
    }
    problems
}
