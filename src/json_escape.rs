//! JSON as eligo writes it: strict, and without a character that a terminal obeys.
//!
//! JSON leaves DEL, the C1 controls and the marks that turn the direction of writing as they are. A report that is
//! shown on a terminal must not obey a record, so they are escaped as well, which means the same to every reader.

use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use crate::diagnostic::visible_character;

/// A value as indented JSON, without a line break at its end.
///
/// # Errors
/// Those of the value's own serialization.
pub fn to_string_pretty(value: &impl Serialize) -> serde_json::Result<String> {
    written(value, PrettyFormatter::new())
}

/// A value as an indented JSON document, which ends with a line break.
///
/// # Errors
/// Those of the value's own serialization.
pub(crate) fn document(value: &impl Serialize) -> serde_json::Result<String> {
    to_string_pretty(value).map(|json| json + "\n")
}

/// Which program wrote a document.
#[derive(Serialize)]
pub(crate) struct Tool<'a> {
    name: &'static str,
    version: &'a str,
}

impl<'a> Tool<'a> {
    pub(crate) fn eligo(version: &'a str) -> Self {
        let name = "eligo";
        Self { name, version }
    }
}

/// A value as JSON on one line.
///
/// # Errors
/// Those of the value's own serialization.
pub fn to_string(value: &impl Serialize) -> serde_json::Result<String> {
    written(value, CompactFormatter)
}

/// Writes a value as JSON on one line.
///
/// # Errors
/// Those of the writer, and of the value's own serialization.
pub(crate) fn to_writer(writer: impl io::Write, value: &impl Serialize) -> serde_json::Result<()> {
    let layout = Escaping(CompactFormatter);
    value.serialize(&mut serde_json::Serializer::with_formatter(writer, layout))
}

fn written(value: &impl Serialize, layout: impl Formatter) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    value.serialize(&mut serde_json::Serializer::with_formatter(
        &mut bytes,
        Escaping(layout),
    ))?;
    String::from_utf8(bytes).map_err(serde::ser::Error::custom)
}

/// Lays JSON out as another formatter does, and escapes what a terminal obeys.
struct Escaping<F>(F);

/// Calls of a formatter that are handed on as they are.
macro_rules! delegate {
    ($($call:ident($($name:ident: $kind:ty)?)),* $(,)?) => {
        $(fn $call<W: ?Sized + io::Write>(&mut self, writer: &mut W $(, $name: $kind)?) -> io::Result<()> {
            self.0.$call(writer $(, $name)?)
        })*
    };
}

impl<F: Formatter> Formatter for Escaping<F> {
    delegate!(
        begin_array(),
        end_array(),
        begin_array_value(first: bool),
        end_array_value(),
        begin_object(),
        end_object(),
        begin_object_key(first: bool),
        end_object_key(),
        begin_object_value(),
        end_object_value(),
    );

    /// A part of a text in which JSON itself has nothing to escape.
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut done = Ok(());
        escape(fragment, |part| {
            if done.is_ok() {
                done = writer.write_all(part.as_bytes());
            }
        });
        done
    }
}

/// Where the first byte stands that ends a JSON text or needs a second look: a quote, a backslash, a control character,
/// or anything that is not ASCII.
#[must_use]
pub fn length(bytes: &[u8]) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<8>();
    let find = |index: usize, word: [u8; 8]| match special(u64::from_le_bytes(word)) {
        0 => None,
        found => Some(index * 8 + found.trailing_zeros() as usize / 8),
    };
    if let Some(found) = words
        .iter()
        .enumerate()
        .find_map(|(index, word)| find(index, *word))
    {
        return Some(found);
    }
    // What stands behind the rest is not special.
    let mut last = [b'a'; 8];
    last.iter_mut()
        .zip(rest)
        .for_each(|(last, byte)| *last = *byte);
    find(words.len(), last)
}

/// Whether all bytes stand in JSON as they are.
#[must_use]
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    let Some(last) = bytes.last_chunk() else {
        return length(bytes).is_none();
    };
    // Without a way out of the inner loop, it is done for all bytes of a piece at once.
    let odd = |found: u8, byte: &u8| {
        found
            | u8::from(byte.wrapping_sub(b' ') > b'~' - b' ')
            | u8::from(*byte == b'"')
            | u8::from(*byte == b'\\')
    };
    let (pieces, rest) = bytes.as_chunks::<32>();
    let (words, _) = rest.as_chunks();
    // The last word may be looked at twice in part.
    let is_odd = |word: &[u8; 8]| special(u64::from_le_bytes(*word)) != 0;
    !pieces.iter().any(|piece| piece.iter().fold(0, odd) != 0)
        && !words.iter().chain([last]).any(is_odd)
}

/// Writes a text as it stands in JSON between quotes. What JSON allows and a terminal obeys is escaped as well, which
/// means the same.
pub fn escape(text: &str, mut write: impl FnMut(&str)) {
    let mut rest = text;
    while !is_plain(rest.as_bytes()) {
        let (before, found) = rest.split_at(length(rest.as_bytes()).unwrap_or(rest.len()));
        write(before);
        let mut characters = found.chars();
        match characters.next() {
            Some('"') => write("\\\""),
            Some('\\') => write("\\\\"),
            Some('\n') => write("\\n"),
            Some('\r') => write("\\r"),
            Some('\t') => write("\\t"),
            Some(obeyed) if visible_character(obeyed) != obeyed => {
                write(&format!("\\u{:04x}", u32::from(obeyed)))
            }
            Some(other) => write(other.encode_utf8(&mut [0; 4])),
            None => {}
        }
        rest = characters.as_str();
    }
    write(rest);
}

/// The high bit of each byte that is special. Only the lowest one counts: those above it may be wrong.
fn special(word: u64) -> u64 {
    const LOW: u64 = u64::from_le_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    let below = |limit: u8| word.wrapping_sub(LOW * u64::from(limit)) & !word;
    let equal = |byte: u8| {
        let differs = word ^ (LOW * u64::from(byte));
        differs.wrapping_sub(LOW) & !differs
    };
    (word | below(0x20) | equal(b'"') | equal(b'\\') | equal(0x7f)) & HIGH
}

#[cfg(test)]
mod tests {
    use super::{escape, is_plain, length, to_string, to_string_pretty};

    #[test]
    fn a_whole_value_is_escaped_in_keys_and_texts() {
        let value = serde_json::json!({ "a\u{9b}31m": ["\u{7f}", "\u{202e}", "\u{1b}]0;", "→ 5 °C"], "b": {} });
        for json in [
            to_string(&value).unwrap(),
            to_string_pretty(&value).unwrap(),
        ] {
            assert_eq!(
                serde_json::from_str::<serde_json::Value>(&json).unwrap(),
                value
            );
            assert_eq!(crate::diagnostic::visible(&json), json.replace('\n', " "));
            assert!(json.contains("→ 5 °C"));
        }
        let plain = serde_json::json!({ "a": [1, { "b": [] }], "c": {} });
        let plainly = serde_json::to_string_pretty(&plain).unwrap();
        assert_eq!(to_string_pretty(&plain).unwrap(), plainly);
    }

    #[test]
    fn what_is_escaped_means_the_same_and_no_terminal_obeys_it() {
        let text: String = (0..0x300)
            .chain(0x2000..0x2100)
            .filter_map(char::from_u32)
            .chain(['\u{feff}', '→', '😀'])
            .collect();
        for text in [text.as_str(), "", "plain", "\"", "→→", "a\\", "\u{1b}[31m"] {
            let mut json = String::from("\"");
            escape(text, |part| json.push_str(part));
            json.push('"');
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
            assert_eq!(crate::diagnostic::visible(&json), json);
        }
    }

    /// Every byte at every place of a text, against a look at one byte after the other.
    #[test]
    fn finds_the_first_special_byte() {
        for byte in 0..=u8::MAX {
            let special = !(0x20..0x7f).contains(&byte) || byte == b'"' || byte == b'\\';
            for filler in [b' ', b'a', b'~', b'!', b'#', b'['] {
                for place in 0..20 {
                    let mut text = [filler; 20];
                    text[place] = byte;
                    assert_eq!(
                        length(&text),
                        special.then_some(place),
                        "{byte:#x} at {place}"
                    );
                }
                for place in 0..70 {
                    let mut text = [filler; 70];
                    text[place] = byte;
                    assert_eq!(is_plain(&text), !special, "{byte:#x} at {place}");
                }
            }
        }
        assert_eq!(length(b""), None);
        assert_eq!(length(b"two \" of \" them"), Some(4));
    }
}
