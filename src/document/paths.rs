//! What leads to a place in a document: its keys, so that a message can name what it is about where the text itself is too
//! long to be shown.

use std::ops::Range;

use super::{Content, Node};

/// So many characters a path has at most; a hostile document has longer ones.
const LONGEST: usize = 200;

/// The places of a document.
pub struct Paths<'d> {
    /// Each with what leads to it, in the order of the text; what contains another place comes before it.
    places: Vec<Step<'d>>,
    /// The places by where they begin, of those with the same bytes the outermost.
    sorted: Vec<usize>,
}

struct Step<'d> {
    span: &'d Range<usize>,
    above: Option<usize>,
    name: Name<'d>,
}

enum Name<'d> {
    Document,
    Key(&'d str),
    /// An item of a list, counted from 1.
    Item(usize),
}

impl<'d> Paths<'d> {
    /// The places of a document.
    #[must_use]
    pub fn of(document: &'d Node) -> Self {
        let mut paths = Self {
            places: Vec::new(),
            sorted: Vec::new(),
        };
        paths.add(document, None, Name::Document);
        let mut sorted: Vec<usize> = (0..paths.places.len()).collect();
        let span = |place: &usize| {
            paths
                .places
                .get(*place)
                .map(|step| (step.span.start, step.span.end))
        };
        sorted.sort_by_key(span);
        sorted.dedup_by_key(|place| span(place));
        Self { sorted, ..paths }
    }

    fn add(&mut self, node: &'d Node, above: Option<usize>, name: Name<'d>) {
        let here = self.places.len();
        self.places.push(Step {
            span: &node.span,
            above,
            name,
        });
        match &node.content {
            Content::Null | Content::Scalar(_) => {}
            Content::Sequence(items) => items
                .iter()
                .zip(1..)
                .for_each(|(item, place)| self.add(item, Some(here), Name::Item(place))),
            Content::Mapping(entries) => {
                for (key, value) in entries {
                    self.places.push(Step {
                        span: &key.span,
                        above: Some(here),
                        name: Name::Key(&key.name),
                    });
                    self.add(value, Some(here), Name::Key(&key.name));
                }
            }
        }
    }

    /// What leads to some bytes, as a column of a list is called: `cd22.1.result`. None for the document as a whole, and for
    /// what stands between its places.
    #[must_use]
    pub fn to(&self, span: &Range<usize>) -> Option<String> {
        let step = |place: &usize| self.places.get(*place);
        let behind = self
            .sorted
            .partition_point(|place| step(place).is_some_and(|step| step.span.start <= span.start));
        let before = self.sorted.get(..behind)?;
        let start = step(before.last()?)?.span.start;
        let mut here = before
            .iter()
            .rev()
            .filter_map(step)
            .take_while(|step| step.span.start == start);
        let (mut found, mut names) = (
            here.clone()
                .find(|step| step.span == span)
                .or_else(|| here.find(|step| span.end <= step.span.end)),
            Vec::new(),
        );
        found?;
        while let Some(step) = found {
            let above = step.above.and_then(|above| self.places.get(above));
            match step.name {
                Name::Document => {}
                // What stands there is what the fact above has as its value.
                Name::Key("value")
                    if above.is_some_and(|above| matches!(above.name, Name::Key(_))) => {}
                Name::Key(name) => names.push(name.to_owned()),
                Name::Item(place) => names.push(place.to_string()),
            }
            found = above;
        }
        names.reverse();
        let path: String = names.join(".").chars().take(LONGEST).collect();
        (!path.is_empty()).then_some(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;
    use crate::document::{Notation, read};

    /// What leads to the first place at which a text says something.
    fn path(text: &str, notation: Notation, said: &str) -> Option<String> {
        let start = text.find(said).unwrap();
        Paths::of(&read(&Source::new("record", text), notation).unwrap())
            .to(&(start..start + said.len()))
    }

    #[test]
    fn keys_lead_to_values_and_to_themselves() {
        let json = r#"{"ecog": {"value": 11, "date": "2026"}, "cd22": [{"result": "dim"}, {"result": "pos"}], "remission.by": ["x"]}"#;
        let yaml = "ecog:\n  value: 11\n  date: 2026\ncd22:\n- result: dim\n- result: pos\nremission.by: [ x ]\n";
        for (text, notation) in [(json, Notation::Json), (yaml, Notation::Yaml)] {
            let path = |said| path(text, notation, said);
            assert_eq!(path("11").as_deref(), Some("ecog"));
            assert_eq!(path("ecog").as_deref(), Some("ecog"));
            assert_eq!(path("2026").as_deref(), Some("ecog.date"));
            assert_eq!(path("date").as_deref(), Some("ecog.date"));
            assert_eq!(path("pos").as_deref(), Some("cd22.2.result"));
            assert_eq!(
                path("os").as_deref(),
                Some("cd22.2.result"),
                "part of a value"
            );
            assert_eq!(path("x").as_deref(), Some("remission.by.1"));
        }
    }

    #[test]
    fn a_value_is_that_of_what_has_it() {
        let text = r#"{"cd22": {"value": [{"result": {"value": "zz"}, "value": 3}]}, "value": 5}"#;
        for (said, lead) in [
            ("zz", "cd22.1.result"),
            ("3", "cd22.1.value"),
            ("5", "value"),
        ] {
            assert_eq!(path(text, Notation::Json, said).as_deref(), Some(lead));
        }
    }

    #[test]
    fn a_document_as_a_whole_has_no_path() {
        assert_eq!(path("{\"ecog\": 1}", Notation::Json, "{"), None);
        assert_eq!(path("{\"ecog\": 1} ", Notation::Json, " "), None);
        assert_eq!(
            path("ecog: 1\n", Notation::Yaml, "ecog").as_deref(),
            Some("ecog")
        );
    }

    #[test]
    fn what_is_hostile_stays_short() {
        let long = format!("{{\"{}\": 1}}", "x".repeat(1_000));
        assert_eq!(
            path(&long, Notation::Json, "1").map(|path| path.len()),
            Some(LONGEST)
        );
    }
}
