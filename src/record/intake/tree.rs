//! A document that was read as a tree, as YAML is → events.

use std::borrow::Cow;
use std::ops::Range;
use std::slice::Iter;

use super::super::names::Names;
use super::{Broken, Content, Intake, Key, Place, Scalar};
use crate::document::{self, Node};

/// A tree being walked.
pub struct Tree<'n> {
    next: &'n Node,
    open: Vec<Open<'n>>,
    place: Place,
    key: Place,
}

enum Open<'n> {
    Map(Iter<'n, (document::Key, Node)>),
    List(Iter<'n, Node>),
}

impl<'n> Tree<'n> {
    /// Begins a tree.
    pub fn new(root: &'n Node) -> Self {
        Self {
            next: root,
            open: Vec::new(),
            place: place(&root.span),
            key: place(&root.span),
        }
    }
}

fn place(span: &Range<usize>) -> Place {
    Place {
        start: span.start,
        end: span.end,
    }
}

impl<'n> Intake<'n> for Tree<'n> {
    fn value(&mut self) -> Result<Content<'n>, Broken> {
        self.place = place(&self.next.span);
        Ok(match &self.next.content {
            document::Content::Null => Content::Null,
            document::Content::Scalar(scalar) => Content::Scalar(Scalar {
                text: Cow::Borrowed(&scalar.text),
                plain: scalar.plain,
            }),
            document::Content::Sequence(items) => {
                self.open.push(Open::List(items.iter()));
                Content::List
            }
            document::Content::Mapping(entries) => {
                self.open.push(Open::Map(entries.iter()));
                Content::Map
            }
        })
    }

    fn key(&mut self, names: &Names, _: usize, _: usize) -> Result<Option<Key<'n>>, Broken> {
        let Some(Open::Map(entries)) = self.open.last_mut() else {
            return Err(Broken);
        };
        let Some((key, node)) = entries.next() else {
            self.open.pop();
            return Ok(None);
        };
        self.next = node;
        self.key = place(&key.span);
        Ok(Some(match names.find(&key.name) {
            Some(known) => Key::Known(known),
            None => Key::Unknown(Cow::Borrowed(&key.name)),
        }))
    }

    fn item(&mut self) -> Result<bool, Broken> {
        let Some(Open::List(items)) = self.open.last_mut() else {
            return Err(Broken);
        };
        match items.next() {
            Some(node) => self.next = node,
            None => {
                self.open.pop();
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn place(&self) -> Place {
        self.place
    }

    fn key_place(&self) -> Place {
        self.key
    }

    fn bytes_of(&self, place: Place) -> Range<usize> {
        place.start..place.end
    }
}
