//! What an OpenDocument says of a sheet beside its values: how far it reaches, and which cells are merged. A cell may say of itself
//! that it stands a million times.

use std::io;

use calamine::Dimensions;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{MOST_CELLS, broken, too_many_cells};

/// The merged cells of every sheet, by its name.
///
/// # Errors
/// A sheet that reaches too far, or cannot be read.
pub(super) fn look_at(content: &[u8]) -> io::Result<Vec<(String, Dimensions)>> {
    let text = std::str::from_utf8(content).map_err(broken)?;
    let mut reader = Reader::from_str(text);
    let mut scan = Scan::default();
    loop {
        match reader.read_event().map_err(broken)? {
            Event::Start(tag) => scan.tag(&tag)?,
            Event::Empty(tag) => {
                scan.tag(&tag)?;
                scan.end(tag.name().as_ref());
            }
            Event::End(tag) => scan.end(tag.name().as_ref()),
            Event::Eof => return Ok(scan.merged),
            _ => {}
        }
    }
}

#[derive(Default)]
struct Scan {
    sheet: String,
    /// Where the next cell stands.
    row: u64,
    column: u64,
    row_repeats: u64,
    /// The columns up to the last one in which something stands.
    width: u64,
    merged: Vec<(String, Dimensions)>,
}

impl Scan {
    fn tag(&mut self, tag: &BytesStart<'_>) -> io::Result<()> {
        match tag.name().as_ref() {
            "table:table" => {
                self.sheet = attribute(tag, "table:name")?.unwrap_or_default();
                (self.row, self.column, self.width) = (0, 0, 0);
                Ok(())
            }
            "table:table-row" => {
                self.row_repeats = number(tag, "table:number-rows-repeated")?;
                self.column = 0;
                Ok(())
            }
            "table:table-cell" | "table:covered-table-cell" => self.cell(tag),
            _ => Ok(()),
        }
    }

    fn cell(&mut self, tag: &BytesStart<'_>) -> io::Result<()> {
        let repeats = number(tag, "table:number-columns-repeated")?;
        let rows = number(tag, "table:number-rows-spanned")?;
        let columns = number(tag, "table:number-columns-spanned")?;
        if rows > 1 || columns > 1 {
            let at = |row: u64, column: u64| {
                let part = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
                (part(row), part(column))
            };
            let start = at(self.row, self.column);
            let end = at(self.row + rows - 1, self.column + columns - 1);
            let merged = Dimensions::new(start, end);
            self.merged.push((self.sheet.clone(), merged));
        }
        self.column = self.column.saturating_add(repeats);
        if attribute(tag, "office:value-type")?.is_some() {
            self.width = self.width.max(self.column);
            let rows = self.row.saturating_add(self.row_repeats);
            if rows.saturating_mul(self.width) > MOST_CELLS as u64 {
                return Err(too_many_cells());
            }
        }
        Ok(())
    }

    fn end(&mut self, name: &str) {
        if name == "table:table-row" {
            self.row = self.row.saturating_add(self.row_repeats);
        }
    }
}

/// A number in an attribute; 1 if it is not there.
fn number(tag: &BytesStart<'_>, name: &str) -> io::Result<u64> {
    let text = attribute(tag, name)?;
    // A number that cannot be read is larger than any.
    Ok(text.map_or(1, |text| text.parse().unwrap_or(u64::from(u32::MAX)).max(1)))
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> io::Result<Option<String>> {
    let found = tag.try_get_attribute(name).map_err(broken)?;
    Ok(found.map(|attribute| attribute.value.into_owned()))
}
