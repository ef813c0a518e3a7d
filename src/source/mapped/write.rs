//! A mapped record → a record in JSON on one line, and where each part of it stands in the source.

use std::ops::Range;

use super::{Content, Evidence, ItemContent, MappedFact, MappedItem, MappedRecord, Text};
use crate::diagnostic::{Place, SourceMap};
use crate::facts::Kind;
use crate::json_escape;

impl MappedRecord {
    /// Appends the record to a text, without a line break.
    pub fn write(&self, out: &mut String) -> SourceMap {
        let mut writer = Writer {
            start: out.len(),
            out,
            parts: Vec::new(),
        };
        writer.record(self);
        SourceMap {
            whole: self.place.clone(),
            parts: writer.parts,
        }
    }
}

struct Writer<'o> {
    out: &'o mut String,
    start: usize,
    parts: Vec<(Range<usize>, Place)>,
}

impl Writer<'_> {
    fn record(&mut self, record: &MappedRecord) {
        self.out.push('{');
        let head = [
            ("candidate", &record.candidate),
            ("screened_on", &record.screened_on),
            ("note", &record.note),
        ];
        for (key, text) in head {
            if let Some(text) = text {
                self.key(key);
                self.text(text);
            }
        }
        for known in &record.facts {
            if known.content.is_some() {
                let from = self.key(&known.fact.path);
                self.fact(known);
                self.placed(from, &known.place);
            }
        }
        self.out.push('}');
    }

    /// Notes where what was written since a byte stands in the source.
    fn placed(&mut self, from: usize, place: &Place) {
        let range = from - self.start..self.out.len() - self.start;
        self.parts.push((range, place.clone()));
    }

    /// Writes a key, behind a comma where there is something before it; and where it begins.
    fn key(&mut self, key: &str) -> usize {
        if !self.out.ends_with('{') {
            self.out.push(',');
        }
        let from = self.out.len();
        self.quoted(key);
        self.out.push(':');
        from
    }

    fn quoted(&mut self, text: &str) {
        self.out.push('"');
        json_escape::escape(text, |piece| self.out.push_str(piece));
        self.out.push('"');
    }

    fn text(&mut self, text: &Text) {
        let from = self.out.len();
        self.quoted(&text.text);
        self.placed(from, &text.place);
    }

    /// A fact of a record, or a field of an item.
    fn fact(&mut self, known: &MappedFact) {
        match &known.content {
            Some(content) => self.content(content, &known.evidence, &known.fact.kind),
            None => self.out.push_str("null"),
        }
    }

    /// A value or the cause of there being none, with what stands beside it.
    fn content(&mut self, content: &Content, evidence: &Evidence, kind: &Kind) {
        if let (Content::Value(value), true) = (content, evidence.0.is_empty()) {
            return self.value(value, kind);
        }
        self.out.push('{');
        match content {
            Content::Value(value) => {
                self.key("value");
                self.value(value, kind);
            }
            Content::Missing(cause) => {
                self.key("missing");
                self.quoted(cause);
            }
            Content::List(list) => {
                self.key("value");
                self.out.push('[');
                for (number, item) in list.items.iter().enumerate() {
                    if number > 0 {
                        self.out.push(',');
                    }
                    self.item(item, kind);
                }
                self.out.push(']');
                if !list.is_complete {
                    self.key("complete");
                    self.out.push_str("false");
                }
            }
        }
        let is_value = matches!(content, Content::Value(_));
        // What is about a value has no place beside the cause of there being none.
        let of_value = |key: &str| ["unit", "uln", "lln"].contains(&key);
        self.evidence(evidence, |key| is_value || !of_value(key));
        self.out.push('}');
    }

    fn evidence(&mut self, evidence: &Evidence, wanted: impl Fn(&str) -> bool) {
        for (key, text) in evidence.iter().filter(|(key, _)| wanted(key)) {
            self.key(key);
            self.text(text);
        }
    }

    fn item(&mut self, item: &MappedItem, list: &Kind) {
        let from = self.out.len();
        let single = match list {
            Kind::List(kind) => kind.single().map(|single| &single.kind),
            _ => None,
        };
        match &item.content {
            ItemContent::Single(content) => {
                self.content(content, &item.evidence, single.unwrap_or(&Kind::Text));
            }
            ItemContent::Fields(fields) => {
                self.out.push('{');
                for field in fields.iter().filter(|field| field.content.is_some()) {
                    let from = self.key(field.fact.name());
                    self.fact(field);
                    self.placed(from, &field.place);
                }
                self.evidence(&item.evidence, |_| true);
                self.out.push('}');
            }
        }
        self.placed(from, &item.place);
    }

    /// A value; numbers and booleans as JSON has them.
    fn value(&mut self, value: &str, kind: &Kind) {
        let is_plain = match kind {
            Kind::Integer(_) | Kind::Decimal(_) | Kind::Quantity(_) => is_json_number(value),
            Kind::Boolean { .. } => matches!(value, "true" | "false"),
            _ => false,
        };
        if is_plain {
            self.out.push_str(value);
        } else {
            self.quoted(value);
        }
    }
}

/// Whether JSON takes a text for a number.
fn is_json_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    digits(whole) && digits(fraction) && (whole == "0" || !whole.starts_with('0'))
}
