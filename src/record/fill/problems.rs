//! What is wrong with a record, each with its place and with what of the record it is about.

use std::ops::Range;
use std::sync::Arc;

use super::{Filler, Foreign, Origin};
use crate::diagnostic::{Diagnostic, Source};
use crate::facts::FactId;
use crate::record::intake::{Intake, Place};
use crate::record::table::{FieldTable, Items};

/// How many problems with keys are looked for. Each may search all names for the nearest one, so there must be an end
/// to it.
const MANY: usize = 1_000;
/// So many characters a path has at most; a hostile record has longer ones.
const LONGEST: usize = 200;

/// What of a record is being read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Step {
    of: Of,
    /// An item of a list, counted from 1.
    item: Option<usize>,
    /// A field of the item.
    field: Option<usize>,
}

#[derive(Debug, Clone, Copy, Default)]
enum Of {
    #[default]
    Record,
    Group(usize),
    Fact(FactId),
}

impl Step {
    pub fn group(place: usize) -> Self {
        Self {
            of: Of::Group(place),
            ..Self::default()
        }
    }

    pub fn fact(id: FactId) -> Self {
        Self {
            of: Of::Fact(id),
            ..Self::default()
        }
    }

    pub fn item(self, item: usize) -> Self {
        Self {
            item: Some(item),
            field: None,
            ..self
        }
    }

    pub fn field(self, field: usize) -> Self {
        Self {
            field: Some(field),
            ..self
        }
    }

    /// The fact as a whole.
    pub fn whole(self) -> Self {
        Self {
            item: None,
            field: None,
            ..self
        }
    }

    /// What leads there, as a column of a list is called: `cd22.1.result`; and behind it `suffix`.
    pub fn path(self, table: &FieldTable<'_>, suffix: &str) -> Option<String> {
        let mut parts: Vec<String> = Vec::new();
        match self.of {
            Of::Record => {}
            Of::Group(place) => parts.extend(
                table
                    .groups
                    .get(place)
                    .map(|group| group.prefix.trim_end_matches('.').to_owned()),
            ),
            Of::Fact(id) => {
                let field = table.fields.get(id.0)?;
                parts.push(field.fact.path.clone());
                parts.extend(self.item.map(|item| item.to_string()));
                if let (Some(place), Some(Items::Fields { fields, .. })) =
                    (self.field, field.items.as_deref())
                {
                    parts.extend(fields.get(place).map(|field| field.fact.name().to_owned()));
                }
            }
        }
        // What stands under `value` is what the fact, or the field of an item, has as its value.
        let is_value = suffix == "value"
            && matches!(self.of, Of::Fact(_))
            && (self.item.is_none() || self.field.is_some());
        if !suffix.is_empty() && !is_value {
            parts.push(suffix.to_owned());
        }
        Some(parts.join("."))
    }
}

/// Everything that is wrong with a record.
pub(super) struct Problems<'s> {
    origin: Origin<'s>,
    source: Option<Arc<Source>>,
    /// With the values.
    found: Vec<Diagnostic>,
    /// With what says what the record is.
    head: Vec<Diagnostic>,
    /// With the trial that it names.
    trial: Option<Diagnostic>,
}

impl<'s> Problems<'s> {
    pub fn new(origin: Origin<'s>) -> Self {
        Self {
            origin,
            source: None,
            found: Vec::new(),
            head: Vec::new(),
            trial: None,
        }
    }

    pub fn len(&self) -> usize {
        self.found.len() + self.head.len()
    }

    /// Whether so much is wrong that nobody reads the rest.
    pub fn are_many(&self) -> bool {
        self.len() >= MANY
    }

    /// How many there are with values, to come back to.
    pub fn mark(&self) -> usize {
        self.found.len()
    }

    /// Forgets those with values from one mark to another.
    pub fn forget(&mut self, marks: Range<usize>) {
        let end = marks.end.min(self.found.len());
        self.found.drain(marks.start.min(end)..end);
    }

    /// The line of a byte of the text.
    pub fn line_of(&self, at: usize) -> usize {
        let before = self.origin.text.get(..at).unwrap_or(self.origin.text);
        self.origin.start.behind(before.as_bytes()).line
    }

    fn make(
        &mut self,
        span: Range<usize>,
        about: Option<String>,
        message: String,
        help: Option<String>,
    ) -> Diagnostic {
        let source = self.source.get_or_insert_with(|| self.origin.source());
        let short = |path: String| match path.char_indices().nth(LONGEST) {
            Some((end, _)) => path.get(..end).unwrap_or_default().to_owned(),
            None => path,
        };
        Diagnostic {
            about: about.map(short).filter(|path| !path.is_empty()),
            ..Diagnostic::error(message).at(source, span).help_if(help)
        }
    }

    /// All of them in the order of the text. Of a record that is one of something else, its values are of no interest.
    pub fn in_order(self, foreign: Option<Foreign>) -> Vec<Diagnostic> {
        let mut all = self.head;
        if foreign != Some(Foreign::Format) {
            all.extend(self.trial);
        }
        if foreign.is_none() {
            all.extend(self.found);
        }
        all.sort_by_key(|problem| problem.place.as_ref().map(|place| place.span.start));
        all
    }
}

impl<'s, I: Intake<'s>> Filler<'_, '_, 's, I> {
    /// Notes that something is wrong with what is being read.
    #[cold]
    pub(super) fn error(&mut self, place: Place, message: impl Into<String>, help: Option<String>) {
        self.error_in(place, "", message, help);
    }

    /// Notes that something is wrong with a part of what is being read.
    #[cold]
    pub(super) fn error_in(
        &mut self,
        place: Place,
        part: &str,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let step = if self.intake.is_in_cell() {
            self.step.whole()
        } else {
            self.step
        };
        let about = step.path(self.table, part);
        self.report(place, None, about, message.into(), help, false);
    }

    /// Notes that something is wrong. Of what says what the record is, it is told whatever the record is.
    #[cold]
    pub(super) fn report(
        &mut self,
        place: Place,
        code: Option<&'static str>,
        about: Option<String>,
        message: String,
        help: Option<String>,
        is_head: bool,
    ) {
        let span = self.intake.bytes_of(place);
        let mut problem = self.problems.make(span, about, message, help);
        problem.code = code;
        if is_head {
            self.problems.head.push(problem);
        } else {
            self.problems.found.push(problem);
        }
    }

    /// Notes that something is wrong with the trial that the record names.
    pub(super) fn report_trial(&mut self, place: Place, message: String, help: Option<String>) {
        let span = self.intake.bytes_of(place);
        let problem = self
            .problems
            .make(span, Some("trial".to_owned()), message, help);
        self.problems.trial = Some(problem);
    }
}
