//! The bytes of a text in a stated encoding → UTF-8. An encoding is stated by the source file or by the mark at the beginning of
//! the text, and never guessed.

use std::io::{self, Read};

use encoding_rs::{DecoderResult, Encoding as Standard, UTF_8};

use crate::shape::{Fields, NodeReader};

/// A stated encoding.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Encoding(&'static Standard);

impl Encoding {
    /// The encoding of a name.
    pub fn named(name: &str) -> Option<Self> {
        let label = match name.to_lowercase().as_str() {
            "utf8" => "utf-8".to_owned(),
            "utf-16" => "utf-16le".to_owned(),
            label => label.to_owned(),
        };
        Standard::for_label_no_replacement(label.as_bytes()).map(Self)
    }
}

/// Reads `encoding`.
pub(crate) fn encoding(reader: &mut NodeReader<'_>, fields: Fields<'_>) -> Option<Encoding> {
    let node = fields.get("encoding")?;
    let name = reader.text(node, "`encoding`")?;
    let found = Encoding::named(&name);
    if found.is_none() {
        let help = "write utf-8, utf-16le, windows-1252, or another name of the Encoding Standard"
            .to_owned();
        reader.error(&node.span, format!("`{name}` is no encoding"), Some(help));
    }
    found
}

/// How many bytes at the beginning say what the encoding is.
const MARK: usize = 4;
const BLOCK: usize = 64 * 1024;

/// A text as UTF-8. Where nothing is stated its bytes are passed on, for whoever reads the rows to find those that are no
/// UTF-8.
///
/// # Errors
/// As reading the text; or if it seems to be UTF-16 without saying so.
pub(crate) fn decoded(
    mut reader: Box<dyn Read + Send>,
    stated: Option<Encoding>,
) -> io::Result<Box<dyn Read + Send>> {
    let mut mark = Vec::with_capacity(MARK);
    reader.by_ref().take(MARK as u64).read_to_end(&mut mark)?;
    let marked = Standard::for_bom(&mark).map(|(encoding, _)| encoding);
    if stated.is_none() && marked.is_none() && mark.contains(&0) {
        let zero_first = mark.first() == Some(&0);
        let name = if zero_first { "utf-16be" } else { "utf-16le" };
        let message = format!(
            "it has bytes that no UTF-8 text has; if it is UTF-16, say `encoding: {name}` in the source file"
        );
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    let whole = io::Cursor::new(mark).chain(reader);
    let encoding = marked.or(stated.map(|stated| stated.0)).unwrap_or(UTF_8);
    if encoding == UTF_8 {
        return Ok(Box::new(whole));
    }
    Ok(Box::new(Transcoder {
        reader: whole,
        decoder: encoding.new_decoder_with_bom_removal(),
        input: vec![0; BLOCK],
        // How much of the input waits to be decoded.
        waiting: 0..0,
        output: Vec::new(),
        given: 0,
        taken: 0,
        ended: false,
    }))
}

struct Transcoder<R> {
    reader: R,
    decoder: encoding_rs::Decoder,
    input: Vec<u8>,
    waiting: std::ops::Range<usize>,
    output: Vec<u8>,
    /// How much of the output was read.
    given: usize,
    /// How many bytes were decoded in all.
    taken: u64,
    ended: bool,
}

impl<R: Read> Transcoder<R> {
    fn fill(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            let read = self.reader.read(&mut self.input)?;
            self.waiting = 0..read;
            self.ended = read == 0;
        }
        self.output.resize(4 * BLOCK, 0);
        self.given = 0;
        let input = self.input.get(self.waiting.clone()).unwrap_or_default();
        let (result, read, written) =
            self.decoder
                .decode_to_utf8_without_replacement(input, &mut self.output, self.ended);
        self.output.truncate(written);
        self.taken += read as u64;
        self.waiting.start += read;
        if let DecoderResult::Malformed(..) = result {
            let message = format!(
                "it is not {} throughout: what stands before byte {} is none",
                self.decoder.encoding().name(),
                self.taken + 1
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        Ok(())
    }
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.output.len() {
            if self.ended {
                return Ok(0);
            }
            self.fill()?;
        }
        let rest = self.output.get(self.given..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
        }
        self.given += count;
        Ok(count)
    }
}
