//! The names of the keys that a map may have.

use rustc_hash::FxHashMap;

use super::token::Token;

/// How many keys behind the last one are looked at before all of them are.
const NEAR: usize = 5;

/// The names of the keys that a map may have, each known by its place.
#[derive(Debug, Default)]
pub struct Names {
    names: Vec<Name>,
    by_name: FxHashMap<Box<str>, usize>,
}

#[derive(Debug)]
struct Name {
    text: Box<str>,
    /// The name as JSON writes it, with its colon; none if it has to be escaped there.
    token: Option<Token>,
}

impl Names {
    /// No names at all.
    pub const NONE: &Self = &Self {
        names: Vec::new(),
        by_name: FxHashMap::with_hasher(rustc_hash::FxBuildHasher),
    };

    /// Adds a name; false if it is there already.
    pub fn add(&mut self, name: &str) -> bool {
        if self.by_name.contains_key(name) {
            return false;
        }
        self.by_name.insert(name.into(), self.names.len());
        let token = crate::json_escape::is_plain(name.as_bytes())
            .then(|| Token::new(&format!("\"{name}\":")));
        self.names.push(Name {
            text: name.into(),
            token,
        });
        true
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// The place of a name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// All names in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        self.names.iter().map(|name| &*name.text)
    }

    /// The name at a place.
    pub fn get(&self, place: usize) -> &str {
        self.names.get(place).map_or("", |name| &name.text)
    }

    /// The name that stands at byte `at` of a JSON text with its colon, and its length, if it is one of the likely ones.
    #[inline]
    pub fn likely(
        &self,
        text: &[u8],
        at: usize,
        guess: usize,
        near: usize,
    ) -> Option<(usize, usize)> {
        if let Some(length) = self.length_at(text, at, guess) {
            return Some((guess, length));
        }
        (near..self.names.len())
            .take(NEAR)
            .find_map(|place| Some((place, self.length_at(text, at, place)?)))
    }

    #[inline]
    fn length_at(&self, text: &[u8], at: usize, place: usize) -> Option<usize> {
        let token = self.names.get(place)?.token.as_ref()?;
        token.is_at(text, at).then(|| token.len())
    }
}
