//! A sheet of a workbook (`.xlsx`, `.ods`, `.xls`) → rows of cells. Formulas are not computed: what the workbook holds as their result
//! counts. Macros are not looked at.

mod ods;
mod packed;
mod value;

use std::collections::{HashSet, VecDeque};
use std::fmt::Display;
use std::io::{self, Cursor, Read};
use std::sync::Arc;

use calamine::{Dimensions, Ods, Reader as _, Sheet, SheetVisible, Xls, Xlsx};

use self::value::Typed;
use super::Table;
use super::cell::{Begun, Cell, CellValue, Row};
use crate::diagnostic::{CellNames, Source, TableRow, column_name};

/// So large a workbook may be as a file.
const MOST_BYTES: u64 = 128 * 1024 * 1024;
/// So many cells of a sheet are read, counted from column A.
pub(super) const MOST_CELLS: usize = 20_000_000;
/// The rows and columns that a sheet can have (ECMA-376; OpenDocument has no fewer in the programs that write it).
const MOST_ROWS: u32 = 1_048_576;
const MOST_COLUMNS: u32 = 16_384;
/// So many rows are looked at for a header that stands further down.
const MOST_ABOVE: usize = 10;

/// The first bytes of packed workbooks, and of older ones.
const PACKED: &[u8] = b"PK\x03\x04";
const OLDER: &[u8] = b"\xd0\xcf\x11\xe0";

/// Whether these are the first bytes of a workbook.
pub(crate) fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(PACKED) || bytes.starts_with(OLDER)
}

/// A cell that holds something: row and column, counted from 0.
type At = (u32, u32);

/// What was read of a sheet, its cells in the order of the sheet.
#[derive(Default)]
struct Found {
    cells: Vec<(At, Typed)>,
    merged: Vec<Dimensions>,
    /// Cells with a formula, where what it comes to is looked at by itself.
    formulas: HashSet<At>,
}

/// The rows of a sheet.
pub(crate) struct SheetRows {
    name: Arc<str>,
    sheet: String,
    rows: VecDeque<PackedRow>,
}

/// A row of a sheet in little memory.
struct PackedRow {
    /// Counted from 1.
    number: usize,
    cells: Vec<(u32, Typed)>,
}

fn invalid(message: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message.into())
}

/// A library's words about a workbook that it cannot read.
fn broken(error: impl Display) -> io::Error {
    let said = error.to_string();
    if said.to_lowercase().contains("password") {
        return invalid("it is protected by a password; save it without one");
    }
    invalid(format!(
        "it is no workbook (.xlsx, .ods, .xls) that can be read: {said}"
    ))
}

impl SheetRows {
    /// Reads a workbook, and the header of its sheet.
    ///
    /// # Errors
    /// What is no workbook, too large, protected or damaged, or has not the one sheet that is wanted.
    pub fn open(table: &Table, name: &str, reader: impl Read) -> io::Result<Begun<Self>> {
        let mut bytes = Vec::new();
        reader.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MOST_BYTES {
            let most = MOST_BYTES / 1024 / 1024;
            return Err(invalid(format!(
                "the workbook is larger than {most} MiB; save the sheet as CSV, which is read row by row"
            )));
        }
        let wanted = table.sheet.as_deref();
        let (sheet, found) = if bytes.starts_with(OLDER) {
            older(bytes, wanted)?
        } else if packed::is_ods(&bytes)? {
            ods(bytes, wanted)?
        } else {
            xlsx(bytes, wanted)?
        };
        let mut rows = Self {
            name: name.into(),
            sheet,
            rows: VecDeque::new(),
        };
        rows.fill(found)?;
        rows.begin(table.header_row)
    }

    /// Takes the cells apart into rows.
    fn fill(&mut self, found: Found) -> io::Result<()> {
        let mut count = 0;
        for ((row, column), mut typed) in found.cells {
            if found.formulas.contains(&(row, column)) && typed.is_empty() {
                typed = Typed::Unreadable(
                    "the cell has a formula whose result the workbook does not hold".into(),
                    "open the workbook in a spreadsheet, let it compute, and save it".into(),
                );
            }
            let number = row as usize + 1;
            if self.rows.back().is_none_or(|last| last.number != number) {
                self.rows.push_back(PackedRow {
                    number,
                    cells: Vec::new(),
                });
            }
            if row >= MOST_ROWS || column >= MOST_COLUMNS {
                let at = format!("{}{number}", column_name(column as usize + 1));
                return Err(broken(format!("no sheet has a cell {at}")));
            }
            if let Some(last) = self.rows.back_mut() {
                if last.cells.last().is_some_and(|(known, _)| *known == column) {
                    let at = format!("{}{number}", column_name(column as usize + 1));
                    return Err(broken(format!("it holds the cell {at} twice")));
                }
                let before = last.cells.last().map_or(0, |(column, _)| column + 1);
                count += 1 + column.saturating_sub(before) as usize;
                last.cells.push((column, typed));
            }
            if count > MOST_CELLS {
                return Err(too_many_cells());
            }
        }
        for merged in found.merged {
            self.refuse_merged(merged);
        }
        Ok(())
    }

    /// Cells that are merged stand for several, and only one of them says so: which rows are meant nobody knows.
    fn refuse_merged(&mut self, merged: Dimensions) {
        let name = |(row, column): At| format!("{}{}", column_name(column as usize + 1), row + 1);
        let message = format!(
            "the cells {}:{} are merged",
            name(merged.start),
            name(merged.end)
        );
        let help = "undo the merging, and fill in each cell";
        for row in &mut self.rows {
            let number = u32::try_from(row.number - 1).unwrap_or(u32::MAX);
            if !(merged.start.0..=merged.end.0).contains(&number) {
                continue;
            }
            let column = merged.start.1;
            row.cells.retain(|(known, _)| *known != column);
            let at = row.cells.partition_point(|(known, _)| *known < column);
            let typed = Typed::Unreadable(message.as_str().into(), help.into());
            row.cells.insert(at, (column, typed));
        }
    }

    /// Takes the header.
    fn begin(mut self, header_row: usize) -> io::Result<Begun<Self>> {
        while self.rows.front().is_some_and(|row| row.number < header_row) {
            self.rows.pop_front();
        }
        let header = match self.rows.pop_front() {
            Some(row) if row.number == header_row || header_row == 1 => row,
            _ => {
                let sheet = &self.sheet;
                return Err(invalid(format!(
                    "the sheet `{sheet}` has no header on row {header_row}"
                )));
            }
        };
        let header = self.unpacked(&header);
        let below = self.rows.iter().take(MOST_ABOVE);
        Ok(Begun {
            below: below.map(|row| self.unpacked(row)).collect(),
            header,
            rows: self,
        })
    }

    /// The next row; none at the end.
    pub fn next(&mut self) -> Option<Row> {
        let row = self.rows.pop_front()?;
        Some(self.unpacked(&row))
    }

    /// A row with its cells from column A on, and their text as it is shown in messages.
    fn unpacked(&self, row: &PackedRow) -> Row {
        const BETWEEN: &str = " | ";
        let (mut text, mut cells, mut starts) = (String::new(), Vec::new(), Vec::new());
        let mut known = row.cells.iter().peekable();
        let width = row.cells.last().map_or(0, |(column, _)| column + 1);
        for column in 0..width {
            if column > 0 {
                text.push_str(BETWEEN);
            }
            let start = text.len();
            starts.push(start);
            let typed = known
                .next_if(|(at, _)| *at == column)
                .map(|(_, typed)| typed);
            let value = typed.map_or(CellValue::Empty, Typed::value);
            text.push_str(&shown(&value));
            cells.push(Cell {
                span: start..text.len(),
                value,
            });
        }
        let sheet = TableRow {
            names: CellNames::Sheet(self.sheet.as_str().into()),
            cells: starts,
        };
        Row {
            source: Source::row_of_table(&*self.name, text, row.number, sheet),
            cells,
            problem: None,
        }
    }
}

/// A sheet as CSV, a line for each row of the sheet; with the sheet's name.
///
/// # Errors
/// As [`SheetRows::open`], and the first cell that cannot be read.
pub(crate) fn as_csv(
    table: &Table,
    name: &str,
    reader: impl Read,
) -> io::Result<(String, Vec<u8>)> {
    let Begun {
        header, mut rows, ..
    } = SheetRows::open(table, name, reader)?;
    let (width, mut line, mut csv) = (header.cells.len(), 1, Vec::new());
    let mut row = Some(header);
    while let Some(known) = row {
        // Rows that are not there are lines without anything.
        while line < known.source.start.line {
            csv.push(b'\n');
            line += 1;
        }
        let mut cells: Vec<String> = Vec::new();
        for cell in &known.cells {
            if let CellValue::Unreadable(message, help) = &cell.value {
                let place = known.place(cell).name();
                return Err(invalid(format!("{place}: {message}; {help}")));
            }
            cells.push(shown(&cell.value));
        }
        cells.resize(cells.len().max(width), String::new());
        if cells.iter().any(|cell| !cell.is_empty()) {
            let mut writer = csv::Writer::from_writer(&mut csv);
            writer.write_record(&cells).map_err(broken)?;
        } else {
            csv.push(b'\n');
        }
        line += 1;
        row = rows.next();
    }
    Ok((rows.sheet, csv))
}

/// What a message shows of a cell.
fn shown(value: &CellValue) -> String {
    match value {
        CellValue::Empty => String::new(),
        CellValue::Percent(number) => format!("{number} %"),
        CellValue::Text(text) | CellValue::Number(text) | CellValue::Date(text) => {
            text.replace(['\n', '\r'], " ")
        }
        CellValue::Unreadable(..) => "?".to_owned(),
    }
}

pub(super) fn too_many_cells() -> io::Error {
    invalid(format!(
        "the sheet has more than {MOST_CELLS} cells; save it as CSV, which is read row by row"
    ))
}

/// The sheet that is wanted, or the only one that is not hidden.
fn sheet(sheets: &[Sheet], wanted: Option<&str>) -> io::Result<String> {
    let names = |hidden: bool| {
        let sheets = sheets.iter();
        let sheets = sheets.filter(move |sheet| (sheet.visible != SheetVisible::Visible) == hidden);
        let names: Vec<&str> = sheets.map(|sheet| sheet.name.as_str()).collect();
        names
    };
    let visible = names(false);
    if let Some(wanted) = wanted {
        if sheets.iter().any(|sheet| sheet.name == wanted) {
            return Ok(wanted.to_owned());
        }
        return Err(invalid(format!(
            "it has no sheet `{wanted}`, but `{}`",
            visible.join("`, `")
        )));
    }
    match visible.as_slice() {
        [only] => Ok((*only).to_owned()),
        [] => Err(invalid(format!(
            "all its sheets are hidden: `{}`; name one by `sheet` in the source file, or by `--sheet`",
            names(true).join("`, `")
        ))),
        several => Err(invalid(format!(
            "it has several sheets: `{}`; name one by `sheet` in the source file, or by `--sheet`",
            several.join("`, `")
        ))),
    }
}

fn xlsx(bytes: Vec<u8>, wanted: Option<&str>) -> io::Result<(String, Found)> {
    packed::look_at(&bytes)?;
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let sheet = sheet(workbook.sheets_metadata(), wanted)?;
    let merged = workbook.merge_cells_by_sheet_name(&sheet);
    let mut found = Found {
        merged: merged.map_err(broken)?,
        ..Found::default()
    };
    let empty = typed_cells(&mut workbook, &sheet, &mut found.cells)?;
    if !empty.is_empty() {
        let mut reader = workbook.worksheet_cells_reader(&sheet).map_err(broken)?;
        while let Some(cell) = reader.next_cell_with_formula_metadata().map_err(broken)? {
            if cell.formula.is_some() && empty.contains(&cell.pos) {
                found.formulas.insert(cell.pos);
                found.cells.push((cell.pos, Typed::Empty));
            }
        }
    }
    // Rows and cells may stand in any order.
    found.cells.sort_by_key(|(at, _)| *at);
    Ok((sheet, found))
}

/// The cells of a sheet, each by its type; and the places of those that hold nothing.
fn typed_cells<R: io::Read + io::Seek>(
    workbook: &mut Xlsx<R>,
    sheet: &str,
    cells: &mut Vec<(At, Typed)>,
) -> io::Result<HashSet<At>> {
    let mut reader = workbook.worksheet_cells_reader(sheet).map_err(broken)?;
    let percent: Vec<bool> = reader
        .styles()
        .iter()
        .map(|style| {
            let format = style.number_format.as_ref();
            format.is_some_and(|format| format.format_code.contains('%'))
        })
        .collect();
    let mut empty = HashSet::new();
    while let Some((cell, style)) = reader.next_cell_with_style_id().map_err(broken)? {
        let is_percent = percent.get(style).copied().unwrap_or(false);
        let typed = Typed::of_ref(cell.get_value(), is_percent);
        if typed.is_empty() {
            // A cell that only has a style may have a formula without a result.
            empty.insert(cell.get_position());
            continue;
        }
        cells.push((cell.get_position(), typed));
        if cells.len() > MOST_CELLS {
            return Err(too_many_cells());
        }
    }
    Ok(empty)
}

fn ods(bytes: Vec<u8>, wanted: Option<&str>) -> io::Result<(String, Found)> {
    packed::look_at(&bytes)?;
    let merged = ods::look_at(&packed::part(&bytes, "content.xml")?)?;
    let mut workbook = Ods::new(Cursor::new(bytes)).map_err(broken)?;
    let sheet = sheet(workbook.sheets_metadata(), wanted)?;
    let merged = merged.into_iter().filter(|(name, _)| *name == sheet);
    let merged = merged.map(|(_, merged)| merged).collect();
    let range = workbook.worksheet_range(&sheet).map_err(broken)?;
    let formulas = workbook.worksheet_formula(&sheet).map_err(broken)?;
    Ok((sheet, of_ranges(&range, &formulas, merged)?))
}

fn older(bytes: Vec<u8>, wanted: Option<&str>) -> io::Result<(String, Found)> {
    // A protected workbook of the newer kind is packed into a file of the older one.
    let name: Vec<u8> = "EncryptedPackage"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    if memchr::memmem::find(&bytes, &name).is_some() {
        return Err(broken("a password"));
    }
    let mut workbook: Xls<_> = Xls::new(Cursor::new(bytes)).map_err(broken)?;
    let sheet = sheet(workbook.sheets_metadata(), wanted)?;
    let merged = workbook.merge_cells_by_sheet_name(&sheet).map_err(broken)?;
    let range = workbook.worksheet_range(&sheet).map_err(broken)?;
    let formulas = workbook.worksheet_formula(&sheet).map_err(broken)?;
    Ok((sheet, of_ranges(&range, &formulas, merged)?))
}

/// The cells of a sheet that was read as a whole.
fn of_ranges(
    range: &calamine::Range<calamine::Data>,
    formulas: &calamine::Range<String>,
    merged: Vec<Dimensions>,
) -> io::Result<Found> {
    let mut found = Found {
        merged,
        ..Found::default()
    };
    let (top, left) = range.start().unwrap_or_default();
    let at = |(row, column): (usize, usize), (top, left): At| -> Option<At> {
        Some((
            top + u32::try_from(row).ok()?,
            left + u32::try_from(column).ok()?,
        ))
    };
    for (row, column, value) in range.used_cells() {
        if let Some(place) = at((row, column), (top, left)) {
            found.cells.push((place, Typed::of(value)));
        }
        if found.cells.len() > MOST_CELLS {
            return Err(too_many_cells());
        }
    }
    let known: HashSet<At> = found.cells.iter().map(|(at, _)| *at).collect();
    let corner = formulas.start().unwrap_or_default();
    for (row, column, formula) in formulas.used_cells() {
        if let Some(place) = at((row, column), corner)
            && !formula.is_empty()
            && !known.contains(&place)
        {
            found.formulas.insert(place);
            found.cells.push((place, Typed::Empty));
        }
    }
    found.cells.sort_by_key(|(at, _)| *at);
    Ok(found)
}
