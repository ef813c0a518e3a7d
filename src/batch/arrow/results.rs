//! Screened rows → a batch of typed columns.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Int64Builder, ListBuilder, StringBuilder,
};
use arrow_array::{ArrayRef, ListArray, RecordBatch, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, SchemaRef};
use jiff::civil::Date;

use super::key;
use crate::batch::output::other_file;
use crate::batch::reasons::ReasonTexts;
use crate::batch::{Listed, Reasons, Row, Settings, State};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::lines::positions;
use crate::facts::Facts;

/// The columns of screened rows.
///
/// The key has the type that it has in the lists, if all of them agree on it.
#[must_use]
pub fn schema(settings: &Settings, criteria: &[Listed<'_>], key: Option<DataType>) -> SchemaRef {
    let mut fields = Vec::new();
    if settings.key.is_some() {
        fields.push(Field::new("key", key.unwrap_or(DataType::Utf8), true));
    }
    if settings.files {
        fields.push(Field::new("file", DataType::Utf8, false));
    }
    fields.push(Field::new("line", DataType::Int64, false));
    if settings.elements {
        fields.push(Field::new("element", DataType::Int64, true));
    }
    fields.push(Field::new("candidate", DataType::Utf8, true));
    fields.push(Field::new("eligibility", DataType::Utf8, false));
    let verdicts = DataType::Struct(verdicts(criteria));
    fields.push(Field::new("verdicts", verdicts, false));
    let list = |name: &str, item: Field| Field::new(name, DataType::List(Arc::new(item)), true);
    fields.push(list("reasons", item(reasons())));
    fields.push(list("cautions", item(cautions())));
    fields.push(list("missing", text_item()));
    fields.push(list("unsettled", text_item()));
    fields.push(list("errors", item(errors())));
    fields.push(Field::new("screened_on", DataType::Date32, true));
    fields.push(Field::new("dated", DataType::Boolean, true));
    Arc::new(Schema::new(fields))
}

fn verdicts(criteria: &[Listed<'_>]) -> Fields {
    let tops = criteria.iter().filter(|listed| listed.top);
    tops.map(|listed| Field::new(&listed.criterion.id, DataType::Utf8, true))
        .collect()
}

fn text_item() -> Field {
    Field::new("item", DataType::Utf8, true)
}

fn item(fields: Fields) -> Field {
    Field::new("item", DataType::Struct(fields), true)
}

fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, true)
}

fn reasons() -> Fields {
    [text("criterion"), text("reason")].into_iter().collect()
}

fn cautions() -> Fields {
    [text("criterion"), text("say")].into_iter().collect()
}

fn errors() -> Fields {
    let whole = |name: &str| Field::new(name, DataType::Int64, true);
    let help = Field::new("help", DataType::List(Arc::new(text_item())), true);
    [
        text("file"),
        whole("line"),
        whole("column"),
        text("path"),
        text("message"),
        help,
    ]
    .into_iter()
    .collect()
}

/// Rows that are put together to a batch.
#[derive(Debug, Default)]
pub struct Results {
    rows: usize,
    /// About how many bytes they are.
    bytes: usize,
    key: StringBuilder,
    file: StringBuilder,
    line: Int64Builder,
    element: Int64Builder,
    candidate: StringBuilder,
    eligibility: StringBuilder,
    /// One for each of the protocol's own criteria.
    verdicts: Vec<StringBuilder>,
    reasons: Pairs,
    cautions: Pairs,
    missing: Texts,
    unsettled: Texts,
    errors: Errors,
    screened_on: Date32Builder,
    dated: BooleanBuilder,
}

/// Where the items of each row end; a row may have no list.
#[derive(Debug, Default)]
struct Lists {
    ends: Vec<i32>,
    known: Vec<bool>,
}

impl Lists {
    /// Ends the list of a row, behind so many items of all rows.
    fn append(&mut self, items: usize, known: bool) {
        // No batch has so many items: it is handed over long before.
        self.ends.push(i32::try_from(items).unwrap_or(i32::MAX));
        self.known.push(known);
    }

    fn finish(self, item: Field, items: ArrayRef) -> Result<ArrayRef, ArrowError> {
        let offsets: ScalarBuffer<i32> = [0].into_iter().chain(self.ends).collect();
        let nulls = NullBuffer::from(self.known);
        let offsets = OffsetBuffer::new(offsets);
        Ok(Arc::new(ListArray::try_new(
            Arc::new(item),
            offsets,
            items,
            Some(nulls),
        )?))
    }
}

/// Lists of texts.
type Texts = ListBuilder<StringBuilder>;

/// Lists of what is said, each with the criterion that it belongs to.
#[derive(Debug, Default)]
struct Pairs {
    lists: Lists,
    of: StringBuilder,
    said: StringBuilder,
    count: usize,
}

impl Pairs {
    fn push(&mut self, of: &str, said: &str) -> usize {
        self.of.append_value(of);
        self.said.append_value(said);
        self.count += 1;
        of.len() + said.len()
    }

    fn append(&mut self, known: bool) {
        self.lists.append(self.count, known);
    }

    fn finish(mut self, fields: Fields) -> Result<ArrayRef, ArrowError> {
        let columns: Vec<ArrayRef> = vec![Arc::new(self.of.finish()), Arc::new(self.said.finish())];
        let items = StructArray::try_new(fields.clone(), columns, None)?;
        self.lists.finish(item(fields), Arc::new(items))
    }
}

/// Lists of what is wrong.
#[derive(Debug, Default)]
struct Errors {
    lists: Lists,
    file: StringBuilder,
    line: Int64Builder,
    column: Int64Builder,
    path: StringBuilder,
    message: StringBuilder,
    help: Texts,
    count: usize,
}

impl Errors {
    fn push(
        &mut self,
        list: &str,
        problem: &Diagnostic,
        position: Option<(usize, usize)>,
    ) -> usize {
        let whole = |number: usize| i64::try_from(number).ok();
        self.file.append_option(other_file(list, problem));
        self.line
            .append_option(position.and_then(|(line, _)| whole(line)));
        self.column
            .append_option(position.and_then(|(_, column)| whole(column)));
        self.path.append_option(problem.about.as_deref());
        self.message.append_value(&problem.message);
        let help = self.help.values();
        problem.help.iter().for_each(|one| help.append_value(one));
        self.help.append(true);
        self.count += 1;
        problem.message.len() + problem.help.iter().map(String::len).sum::<usize>()
    }

    fn finish(mut self) -> Result<ArrayRef, ArrowError> {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.file.finish()),
            Arc::new(self.line.finish()),
            Arc::new(self.column.finish()),
            Arc::new(self.path.finish()),
            Arc::new(self.message.finish()),
            Arc::new(self.help.finish()),
        ];
        let items = StructArray::try_new(errors(), columns, None)?;
        self.lists.finish(item(errors()), Arc::new(items))
    }
}

impl Results {
    /// About how many bytes the rows are.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    pub(in crate::batch) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Adds a row.
    pub(in crate::batch) fn add(
        &mut self,
        row: &Row<'_>,
        reasons: &ReasonTexts,
        criteria: &[Listed<'_>],
        (settings, facts): (&Settings, &Facts),
    ) {
        /// What a row takes beside its texts, at most one of them for each criterion.
        const FIXED: usize = 64;
        self.rows += 1;
        self.bytes += FIXED + row.candidate.map_or(0, str::len);
        let whole = |number: usize| i64::try_from(number).ok();
        self.key.append_option(row.key.map(|_| row.key_as_text()));
        self.file.append_option(row.file);
        self.line.append_option(whole(row.line));
        self.element.append_option(row.element.and_then(whole));
        self.candidate.append_option(row.candidate);
        let tops = || criteria.iter().enumerate().filter(|(_, listed)| listed.top);
        if self.verdicts.is_empty() {
            self.verdicts.extend(tops().map(|_| StringBuilder::new()));
        }
        match row.state {
            State::Screened {
                eligibility,
                verdicts,
                cautions,
                ..
            } => {
                self.eligibility.append_value(eligibility.name());
                for ((at, _), column) in tops().zip(&mut self.verdicts) {
                    let name = verdicts.get(at).map(|verdict| verdict.name());
                    self.bytes += name.map_or(0, str::len);
                    column.append_option(name);
                }
                for (at, reason) in reasons.iter() {
                    let id = criteria.get(at).map_or("", |listed| &listed.criterion.id);
                    self.bytes += self.reasons.push(id, reason);
                }
                for caution in cautions {
                    self.bytes += self.cautions.push(caution.of, &caution.raised.said());
                }
            }
            State::Error(problems) => {
                self.eligibility.append_value("error");
                self.verdicts
                    .iter_mut()
                    .for_each(StringBuilder::append_null);
                for (problem, position) in positions(problems) {
                    self.bytes += self.errors.push(row.list, problem, position);
                }
            }
        }
        self.finish_row(row, criteria, settings, facts);
    }

    /// Adds what an undetermined candidate waits for, and ends the lists of a row.
    fn finish_row(
        &mut self,
        row: &Row<'_>,
        criteria: &[Listed<'_>],
        settings: &Settings,
        facts: &Facts,
    ) {
        let day = match row.state {
            State::Screened {
                waiting,
                screened_on,
                is_dated,
                ..
            } => {
                for fact in waiting.facts() {
                    let path = &facts.get(fact).path;
                    self.missing.values().append_value(path);
                }
                let mut tops = criteria.iter().filter(|listed| listed.top);
                let mut passed = 0;
                for place in waiting.in_vain() {
                    if let Some(listed) = tops.nth(place - passed) {
                        let id = &listed.criterion.id;
                        self.unsettled.values().append_value(id);
                        passed = place + 1;
                    }
                }
                Some((screened_on, is_dated))
            }
            State::Error(_) => None,
        };
        let is_screened = day.is_some();
        let is_said = is_screened && settings.reasons != Reasons::None;
        self.reasons.append(is_said);
        self.cautions.append(is_said);
        self.missing.append(is_screened);
        self.unsettled.append(is_screened);
        self.errors.lists.append(self.errors.count, true);
        self.screened_on
            .append_option(day.and_then(|(day, _)| since_1970(day)));
        self.dated.append_option(day.map(|(_, is_dated)| is_dated));
    }

    /// The rows as a batch, which are forgotten here.
    ///
    /// # Errors
    /// If the columns do not fit each other, which is a defect.
    pub fn finish(&mut self, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
        let mut all = std::mem::take(self);
        let verdicts = |fields: &Fields, mut columns: Vec<StringBuilder>| {
            let columns = columns
                .iter_mut()
                .map(|column| Arc::new(column.finish()) as ArrayRef);
            StructArray::try_new_with_length(fields.clone(), columns.collect(), None, all.rows)
        };
        let mut columns: Vec<ArrayRef> = Vec::new();
        for field in schema.fields() {
            columns.push(match (field.name().as_str(), field.data_type()) {
                ("key", data_type) => key::of_texts(&all.key.finish(), data_type)?,
                ("file", _) => Arc::new(all.file.finish()),
                ("line", _) => Arc::new(all.line.finish()),
                ("element", _) => Arc::new(all.element.finish()),
                ("candidate", _) => Arc::new(all.candidate.finish()),
                ("eligibility", _) => Arc::new(all.eligibility.finish()),
                ("verdicts", DataType::Struct(fields)) => {
                    Arc::new(verdicts(fields, std::mem::take(&mut all.verdicts))?)
                }
                ("reasons", _) => std::mem::take(&mut all.reasons).finish(reasons())?,
                ("cautions", _) => std::mem::take(&mut all.cautions).finish(cautions())?,
                ("missing", _) => Arc::new(all.missing.finish()),
                ("unsettled", _) => Arc::new(all.unsettled.finish()),
                ("errors", _) => std::mem::take(&mut all.errors).finish()?,
                ("screened_on", _) => Arc::new(all.screened_on.finish()),
                ("dated", _) => Arc::new(all.dated.finish()),
                (other, _) => {
                    let message = format!("no row has a column `{other}`");
                    return Err(ArrowError::SchemaError(message));
                }
            });
        }
        RecordBatch::try_new(Arc::clone(schema), columns)
    }
}

/// The days from 1970 to a date.
pub(super) fn since_1970(day: Date) -> Option<i32> {
    day.since(jiff::civil::date(1970, 1, 1))
        .ok()
        .map(|span| span.get_days())
}
