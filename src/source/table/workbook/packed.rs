//! The parts of a packed workbook, looked at before anything is made of them: a small file may unpack to more than fits
//! anywhere.

use std::io::{self, Cursor, Read};

use zip::ZipArchive;

use super::{broken, invalid};

/// So much the parts of a workbook may come to.
const MOST_UNPACKED: u64 = 512 * 1024 * 1024;
const MOST_PARTS: usize = 10_000;

fn archive(bytes: &[u8]) -> io::Result<ZipArchive<Cursor<&[u8]>>> {
    ZipArchive::new(Cursor::new(bytes)).map_err(broken)
}

/// Whether it is an OpenDocument.
pub(super) fn is_ods(bytes: &[u8]) -> io::Result<bool> {
    Ok(archive(bytes)?.index_for_name("content.xml").is_some())
}

/// Unpacks every part, and keeps nothing of it.
///
/// # Errors
/// Parts that come to too much, or cannot be unpacked; a ZIP archive that is no workbook.
pub(super) fn look_at(bytes: &[u8]) -> io::Result<()> {
    let mut archive = archive(bytes)?;
    let has = |name: &str| archive.index_for_name(name).is_some();
    if !has("content.xml") && !has("xl/workbook.xml") {
        return Err(invalid(match has("xl/workbook.bin") {
            true => "it is a binary workbook (.xlsb); save it as .xlsx",
            false => "it is a packed file, and no workbook; unpack it first",
        }));
    }
    let too_large = || {
        let most = MOST_UNPACKED / 1024 / 1024;
        invalid(format!(
            "the workbook unpacks to more than {most} MiB; save the sheet as CSV, which is read row by row"
        ))
    };
    if archive.len() > MOST_PARTS {
        return Err(too_large());
    }
    let stated = archive.decompressed_size().unwrap_or(u128::MAX);
    if stated > u128::from(MOST_UNPACKED) {
        return Err(too_large());
    }
    let mut left = MOST_UNPACKED;
    for number in 0..archive.len() {
        let part = archive.by_index(number).map_err(broken)?;
        // What a part says of its size may not be true.
        let size = io::copy(&mut part.take(left + 1), &mut io::sink())
            .map_err(|error| broken(error.to_string()))?;
        left = left.checked_sub(size).ok_or_else(too_large)?;
    }
    Ok(())
}

/// A part.
pub(super) fn part(bytes: &[u8], name: &str) -> io::Result<Vec<u8>> {
    let mut archive = archive(bytes)?;
    let part = archive.by_name(name).map_err(broken)?;
    let mut content = Vec::new();
    part.take(MOST_UNPACKED).read_to_end(&mut content)?;
    Ok(content)
}
