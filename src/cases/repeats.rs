//! What a suite of cases says as a whole: which verdicts it wants, and which cases repeat others.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::ops::Range;

use super::{Case, Suite, Wanted};
use crate::document::{Content, Node};

/// A case that repeats an earlier one.
#[derive(Debug)]
pub struct Repeat<'a> {
    /// What it is about.
    pub note: &'a str,
    /// What the earlier one is about.
    pub first: &'a str,
    /// Where its note stands.
    pub span: Range<usize>,
}

impl Suite {
    /// The criteria of which a case wants a verdict, as often as one does.
    pub fn wanted_verdicts(&self) -> impl Iterator<Item = &str> {
        self.cases
            .iter()
            .flat_map(|case| &case.wants)
            .filter_map(|want| match &want.what {
                Wanted::Verdict(id, _) => Some(id.as_str()),
                _ => None,
            })
    }

    /// Cases with the record, the screening date and the site policy of an earlier one, that want the same.
    #[must_use]
    pub fn repeats(&self) -> Vec<Repeat<'_>> {
        let mut seen: HashMap<(String, BTreeSet<String>), &Case> = HashMap::new();
        let mut repeats = Vec::new();
        for case in &self.cases {
            let mut record = format!("{:?} {:?} ", case.as_of, case.policy);
            write_node(&case.record, &mut record);
            let wants: BTreeSet<String> = case
                .wants
                .iter()
                .map(|want| format!("{:?}", want.what))
                .collect();
            match seen.entry((record, wants)) {
                Entry::Occupied(first) => repeats.push(Repeat {
                    note: &case.note,
                    first: &first.get().note,
                    span: case.span.clone(),
                }),
                Entry::Vacant(place) => {
                    place.insert(case);
                }
            }
        }
        repeats
    }
}

/// A record without its places, its keys in alphabetical order.
fn write_node(node: &Node, out: &mut String) {
    match &node.content {
        Content::Null => out.push('~'),
        Content::Scalar(scalar) => {
            let _ = write!(
                out,
                "{}{:?}",
                if scalar.plain { "" } else { "'" },
                scalar.text
            );
        }
        Content::Sequence(items) => {
            out.push('[');
            for item in items {
                write_node(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Content::Mapping(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by(|(left, _), (right, _)| left.name.cmp(&right.name));
            out.push('{');
            for (key, node) in entries {
                let _ = write!(out, "{:?}:", key.name);
                write_node(node, out);
                out.push(',');
            }
            out.push('}');
        }
    }
}
