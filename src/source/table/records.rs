//! Tables → what they say of candidates, a row for each or several rows joined.

use std::collections::HashMap;
use std::sync::Arc;

use super::cell::{Begun, CellValue, Row};
use super::columns::Use;
use super::csv::CsvRows;
use super::header::{Header, Role};
use super::pivot::{Pivot, beside_of};
use super::row::RowMapper;
use super::target::Target;
use super::workbook::{SheetRows, is_workbook};
use super::{RowUnit, Table};
use crate::diagnostic::lookalike::has_visible_character;
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::source::mapped::{MappedRecord, Text};
use crate::source::records::{Error, Input};
use std::io::{self, Read};

/// The candidates of tables, in the order of the rows in which they first stand.
pub struct Records {
    table: Arc<Table>,
    /// Tables that are still to be read, the next one last.
    tables: Vec<Open>,
    /// Of each candidate that was given out, where it stands.
    seen: HashMap<String, String>,
    /// Records that were joined, the next one last.
    joined: Option<Vec<MappedRecord>>,
    /// How many rows were read.
    pub rows: u64,
}

struct Open {
    name: String,
    header: Header,
    rows: Rows,
}

/// The rows of a table.
pub(crate) enum Rows {
    Csv(Box<CsvRows>),
    Sheet(SheetRows),
}

impl Rows {
    /// Reads what a table is by its first bytes, and its header.
    pub fn open(
        table: &Table,
        name: &str,
        mut content: Box<dyn Read + Send>,
    ) -> io::Result<Begun<Self>> {
        let mut first = Vec::new();
        content.by_ref().take(FIRST).read_to_end(&mut first)?;
        let is_workbook = is_workbook(&first);
        let whole = io::Cursor::new(first).chain(content);
        if is_workbook {
            return Ok(SheetRows::open(table, name, whole)?.with(Self::Sheet));
        }
        if table.is_of_sheet() {
            let message = "it is no workbook, and the source file names a sheet";
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let csv = CsvRows::open(table, name, Box::new(whole))?;
        Ok(csv.with(|rows| Self::Csv(Box::new(rows))))
    }

    pub fn next(&mut self) -> io::Result<Option<Row>> {
        match self {
            Self::Csv(rows) => rows.next(),
            Self::Sheet(rows) => Ok(rows.next()),
        }
    }
}

/// So many bytes tell a workbook from a text.
const FIRST: u64 = 8;

impl Records {
    /// Opens tables, and looks at the header of each before any row is read.
    ///
    /// # Errors
    /// A table that cannot be read, and everything that is wrong with the headers.
    pub fn open(table: Arc<Table>, inputs: Vec<Input>) -> Result<Self, Error> {
        let (mut tables, mut problems) = (Vec::new(), Vec::new());
        for Input { name, content } in inputs {
            let Begun {
                rows,
                header,
                below,
            } = Rows::open(&table, &name, content)
                .map_err(|error| Error::Unreadable(name.clone(), error))?;
            match Header::new(&table, &header, &below) {
                Ok(header) => tables.push(Open { name, header, rows }),
                Err(found) => problems.extend(found),
            }
        }
        if !problems.is_empty() {
            return Err(Diagnostics(problems).into());
        }
        tables.reverse();
        Ok(Self {
            table,
            tables,
            seen: HashMap::new(),
            joined: None,
            rows: 0,
        })
    }

    /// What is known of the next candidate; none at the end.
    ///
    /// # Errors
    /// As reading the tables.
    pub fn next_record(&mut self) -> Result<Option<MappedRecord>, Error> {
        if self.table.one_row_per == RowUnit::Candidate {
            let mut record = self.next_row()?;
            if let Some(record) = &mut record {
                self.refuse_again(record);
            }
            return Ok(record);
        }
        if self.joined.is_none() {
            self.joined = Some(self.join_all()?);
        }
        Ok(self.joined.as_mut().and_then(Vec::pop))
    }

    /// Refuses a candidate who stood in a row before, which the source file says there is not.
    fn refuse_again(&mut self, record: &mut MappedRecord) {
        let Some(candidate) = &record.candidate else {
            return;
        };
        let place = candidate.place.name();
        if let Some(first) = self.seen.get(&candidate.text) {
            let message = format!("candidate `{}` stands at {first} already", candidate.text);
            let problem = Diagnostic::error(message)
                .at(&candidate.place.source, candidate.place.span.clone())
                .help(
                    "`one_row_per: candidate` says that a row is all of a candidate; `one_row_per: visit` joins rows",
                );
            record.problems.push(problem);
        } else {
            self.seen.insert(candidate.text.clone(), place);
        }
    }

    /// The rows of all tables, those of one candidate joined.
    fn join_all(&mut self) -> Result<Vec<MappedRecord>, Error> {
        let mut joined: Vec<MappedRecord> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        while let Some(mut record) = self.next_row()? {
            let Some(candidate) = record.candidate.clone() else {
                if record.problems.is_empty() {
                    record.problems.push(nameless(&record.place));
                }
                joined.push(record);
                continue;
            };
            match places
                .get(&candidate.text)
                .and_then(|at| joined.get_mut(*at))
            {
                Some(known) => known.join(record),
                None => {
                    places.insert(candidate.text, joined.len());
                    joined.push(record);
                }
            }
        }
        joined.reverse();
        Ok(joined)
    }

    /// What the next row says.
    fn next_row(&mut self) -> Result<Option<MappedRecord>, Error> {
        while let Some(open) = self.tables.last_mut() {
            let row = open
                .rows
                .next()
                .map_err(|error| Error::Unreadable(open.name.clone(), error))?;
            match row {
                Some(row) if row.is_blank() => {}
                Some(row) => {
                    self.rows += 1;
                    return Ok(Some(map(&self.table, &open.header, &row)));
                }
                None => {
                    self.tables.pop();
                }
            }
        }
        Ok(None)
    }
}

fn nameless(place: &Place) -> Diagnostic {
    Diagnostic::error("the row names no candidate, so it can be joined to none")
        .at(&place.source, place.span.clone())
}

/// What a row says of a candidate.
fn map(table: &Table, header: &Header, row: &Row) -> MappedRecord {
    let mut mapper = RowMapper::new(row);
    // A row of a sheet may reach further than the header.
    let beyond = (String::new(), Role::Unnamed);
    let columns = header.cells.iter().chain(std::iter::repeat(&beyond));
    for (cell, (name, role)) in row.cells.iter().zip(columns) {
        if let (CellValue::Unreadable(message, help), None) = (&cell.value, &row.problem)
            && !matches!(role, Role::Column(_))
        {
            let place = row.place(cell);
            let problem = Diagnostic::error(message).at(&place.source, place.span);
            mapper.record.problems.push(problem.help(help));
        }
        match role {
            Role::Candidate => {
                let place = row.place(cell);
                let name = Some(cell.text()).filter(|name| has_visible_character(name));
                mapper.record.candidate = name.map(|name| Text::new(name, &place));
            }
            Role::Column(at) if row.problem.is_none() => {
                let column = table.columns.get(*at);
                let uses = column.map_or(&[][..], |column| &column.uses);
                mapper.cell(cell, name, uses);
            }
            Role::Unnamed if !cell.text().is_empty() && row.problem.is_none() => {
                let place = row.place(cell);
                let problem = Diagnostic::error("the cell stands in a column without a name")
                    .at(&place.source, place.span);
                mapper.record.problems.push(problem);
            }
            _ => {}
        }
    }
    if let Some(problem) = &row.problem {
        mapper.record.problems.push(problem.clone());
    } else if let Some(pivot) = &table.pivot {
        result(pivot, header, &mut mapper);
    }
    mapper.finish(&table.constants)
}

/// Takes what a row with a result says.
fn result(pivot: &Pivot, header: &Header, mapper: &mut RowMapper<'_>) {
    let row = mapper.row;
    let cell_of = |wanted: Role| {
        let mut cells = row.cells.iter().zip(&header.cells);
        cells
            .find(|(_, (_, role))| *role == wanted)
            .map(|(cell, _)| cell)
    };
    let (Some(test), Some(value)) = (cell_of(Role::Test), cell_of(Role::Result)) else {
        return;
    };
    let place = row.place(test);
    let column = match pivot.test(test.text(), &place) {
        Ok(Some(column)) => column,
        Ok(None) => return,
        Err(problem) => return mapper.record.problems.push(*problem),
    };
    mapper.cell(value, &column.name, &column.uses);
    for (at, (key, _)) in pivot.beside.iter().enumerate() {
        let Some(cell) = cell_of(Role::Beside(at)) else {
            continue;
        };
        if matches!(cell.value, CellValue::Empty) {
            continue;
        }
        for used in &column.uses {
            if let Some(target) = beside_of(&used.target, key) {
                mapper.cell(cell, key, &[beside_use(pivot, used, target)]);
            }
        }
    }
}

/// How what stands beside a result is read.
fn beside_use(pivot: &Pivot, used: &Use, target: Target) -> Use {
    let fact = super::columns::value_fact(&target);
    let mut rule = pivot.rule.clone();
    rule.take_units_of(&used.rule);
    Use {
        target,
        fact,
        rule,
        tick: None,
        split: None,
        is_complete: None,
        with: Vec::new(),
    }
}
