//! What codes and words mean for a fact.

use std::collections::HashMap;

use super::super::rule::Meaning;
use super::systems::Code;
use crate::diagnostic::nearest;

/// What codes and words mean for a fact.
#[derive(Debug, Clone, Default)]
pub(super) struct CodeMap {
    codes: HashMap<Code, Meaning>,
    words: HashMap<String, Meaning>,
    /// As the file writes them.
    names: Vec<String>,
}

impl CodeMap {
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty() && self.words.is_empty()
    }

    /// The codes that mean something.
    pub fn codes(&self) -> impl Iterator<Item = &Code> {
        self.codes.keys()
    }

    /// Adds what a code means; false if it means something else already.
    pub fn add_code(&mut self, code: Code, meaning: Meaning) -> bool {
        match self.codes.insert(code, meaning.clone()) {
            Some(known) => known == meaning,
            None => true,
        }
    }

    /// Adds what a word means; false if it means something else already.
    pub fn add_word(&mut self, word: &str, meaning: Meaning) -> bool {
        match self.words.insert(word.to_lowercase(), meaning.clone()) {
            Some(known) => known == meaning,
            None => true,
        }
    }

    pub fn add_name(&mut self, name: &str) {
        self.names.push(name.to_owned());
    }

    pub fn of_code(&self, code: &Code) -> Option<&Meaning> {
        self.codes.get(code)
    }

    /// What a word means, whatever its capitals.
    pub fn of_word(&self, word: &str) -> Option<&Meaning> {
        self.words.get(&word.trim().to_lowercase())
    }

    /// What to do about something that is not known.
    pub fn help(&self, found: &str) -> String {
        const MOST: usize = 8;
        let near = nearest(found, self.names.iter().map(String::as_str));
        let known: Vec<String> = match near {
            Some(near) => vec![format!("`{near}`")],
            None => self
                .names
                .iter()
                .take(MOST)
                .map(|name| format!("`{name}`"))
                .collect(),
        };
        if known.is_empty() {
            return "`map` in the source file says what it means".to_owned();
        }
        let known = known.join(", ");
        match near {
            Some(_) => format!(
                "the nearest that is known is {known}; add it to `map` or `missing` in the source file"
            ),
            None => format!("known are {known}; add it to `map` or `missing` in the source file"),
        }
    }
}
