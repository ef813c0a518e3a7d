//! A value with evidence beside it.

use std::sync::Arc;

use super::Row;
use crate::facts::{FactId, Kind};
use crate::value::{Absent, Missing, Value};

/// A key of a value with evidence.
#[derive(Clone, Copy)]
enum Part {
    Value,
    Missing,
    Date,
    By,
    Source,
    Note,
    Complete,
    Unit,
}

impl Row<'_, '_, '_, '_> {
    /// `{ "value": …, "date": …, "by": … }` or `{ "missing": … }`
    pub(super) fn evidenced(&mut self, id: FactId) -> Option<()> {
        let fact = self.plan.facts.get(id);
        let mut evidence = self
            .draft
            .spare_evidence
            .get_mut(id.0)?
            .take()
            .unwrap_or_default();
        // What the careful reader found beside a value.
        evidence.written = None;
        evidence.items.clear();
        (evidence.uln, evidence.lln) = (None, None);
        let (mut given, mut complete) = (0, true);
        let mut more = self.opened(b'{', b'}')?;
        while more {
            let key = self.part()?;
            // A cause of what is missing stands for a value.
            let mark = 1_u8
                << (if matches!(key, Part::Missing) {
                    Part::Value
                } else {
                    key
                }) as u8;
            if given & mark != 0 {
                return None;
            }
            given |= mark;
            match key {
                Part::Value => self.value(id)?,
                Part::Missing => {
                    let missing = Value::Null(Missing::Stated(Absent::from_code(self.string()?)?));
                    self.put(id, missing)?;
                }
                Part::Date => {
                    let dates = self.dates()?;
                    self.past(&dates);
                    evidence.date = Some(dates);
                }
                Part::By => self.said(&mut evidence.by)?,
                Part::Source => self.said(&mut evidence.source)?,
                Part::Note => self.said(&mut evidence.note)?,
                Part::Complete if matches!(fact.kind, Kind::List(_)) => {
                    complete = self.byte() == b't';
                    self.literal(if complete { b"true" } else { b"false" })?;
                }
                Part::Unit => match &fact.kind {
                    Kind::Quantity(measure)
                        if measure.others.is_empty() && self.string()? == measure.unit => {}
                    _ => return None,
                },
                Part::Complete => return None,
            }
            more = self.more(b'}')?;
        }
        let is_given = |part: Part| given & (1 << part as u8) != 0;
        if !is_given(Part::Value) {
            return None;
        }
        // What was there before is not this row's.
        if !is_given(Part::Date) {
            evidence.date = None;
        }
        for (part, text) in [
            (Part::By, &mut evidence.by),
            (Part::Source, &mut evidence.source),
            (Part::Note, &mut evidence.note),
        ] {
            if !is_given(part) {
                *text = None;
            }
        }
        let entry = self.draft.entries.get_mut(id.0)?;
        if !complete && let Value::List(list) = &mut entry.value {
            Arc::get_mut(list)?.open = true;
        }
        if [Part::Date, Part::By, Part::Source, Part::Note]
            .into_iter()
            .any(is_given)
        {
            entry.evidence = Some(evidence);
        } else {
            *self.draft.spare_evidence.get_mut(id.0)? = Some(evidence);
        }
        Some(())
    }

    /// A text for people, into memory that is used again.
    fn said(&mut self, place: &mut Option<String>) -> Option<()> {
        let text = self.prose()?;
        let place = place.get_or_insert_default();
        place.clear();
        place.push_str(&text);
        Some(())
    }

    /// The key of a value with evidence that stands here, the commonest looked for first.
    fn part(&mut self) -> Option<Part> {
        let rest = self.bytes.get(self.at..)?;
        let (part, length) = if rest.starts_with(b"\"value\":") {
            (Part::Value, 8)
        } else if rest.starts_with(b"\"date\":") {
            (Part::Date, 7)
        } else if rest.starts_with(b"\"by\":") {
            (Part::By, 5)
        } else {
            let part = match self.string()? {
                "value" => Part::Value,
                "missing" => Part::Missing,
                "date" => Part::Date,
                "by" => Part::By,
                "source" => Part::Source,
                "note" => Part::Note,
                "complete" => Part::Complete,
                "unit" => Part::Unit,
                _ => return None,
            };
            self.colon()?;
            return Some(part);
        };
        self.at += length;
        self.space();
        Some(part)
    }
}
