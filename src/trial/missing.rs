//! The `missing` of a trial file → the words of its records for why there is no value.

use rustc_hash::FxHashMap;

use crate::diagnostic::did_you_mean;
use crate::document::Node;
use crate::document::spans::EntrySpan;
use crate::facts::MissingWord;
use crate::record::spelling::built_in;
use crate::shape::NodeReader;
use crate::value::text::name_key;
use crate::value::{Absent, Duration, date, number};

/// Reads a map of words, each with the cause that it stands for.
pub fn read(reader: &mut NodeReader<'_>, node: &Node) -> Vec<MissingWord> {
    let mut known: FxHashMap<String, Absent> = built_in()
        .filter_map(|(word, cause)| Some((name_key(word)?, cause)))
        .collect();
    let mut words = Vec::new();
    for (key, value) in reader.entries(node, "`missing`").unwrap_or_default() {
        let Some(code) = reader.text(value, "a cause") else {
            continue;
        };
        let Some(cause) = Absent::from_code(&code) else {
            let codes = Absent::CODES.iter().map(|(code, _)| *code);
            let help = did_you_mean(&code, codes);
            reader.error(&value.span, format!("`{code}` is not a cause"), help);
            continue;
        };
        let word = &key.name;
        let problem = match name_key(word) {
            None => Some((
                "a word for what is missing needs letters that can be seen".to_owned(),
                "an empty cell is not recorded anyway".to_owned(),
            )),
            Some(folded) if is_answer(&folded) => Some((
                format!("`{word}` is an answer"),
                "a word for what is missing is no number, date, duration, yes or no".to_owned(),
            )),
            Some(folded) => match known.insert(folded, cause) {
                Some(other) if other != cause => Some((
                    format!("`{word}` is a word for `{}` already", other.code()),
                    "every trial has words of its own for the causes, and no word has two"
                        .to_owned(),
                )),
                _ => None,
            },
        };
        match problem {
            Some((message, help)) => reader.error(&key.span, message, Some(help)),
            None => words.push(MissingWord {
                word: word.clone(),
                cause,
                span: EntrySpan::of(key, value),
            }),
        }
    }
    words
}

/// Whether a word is the value of some fact, whatever its trial declares.
fn is_answer(word: &str) -> bool {
    matches!(word, "yes" | "no" | "true" | "false")
        || number::parse(word).is_ok()
        || date::parse(word).is_ok()
        || Duration::parse(word).is_ok()
}
