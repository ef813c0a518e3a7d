//! A row being read. `None` everywhere means: for the careful reader.

mod evidence;
mod list;

use std::borrow::Cow;

use jiff::civil::Date;

use super::scalar::{
    Found, dates, decimal, expected, in_its_unit, is_plain, quoted_day, whole_date,
};
use super::{Draft, Plan, Shape, Target};
use crate::facts::{Fact, FactId, ItemKind, Kind};
use crate::plain;
use crate::record::{read, values};
use crate::value::{Absent, Bounds, Missing, Value};

const MOST_KNOWN_TEXTS: usize = 64;
/// How many keys are looked for before all are.
const NEAR: usize = 6;

/// The row that is read.
pub(super) struct Row<'p, 't, 'l, 'd> {
    plan: &'p Plan<'t>,
    line: &'l str,
    bytes: &'l [u8],
    at: usize,
    draft: &'d mut Draft,
}

impl<'p, 't, 'l, 'd> Row<'p, 't, 'l, 'd> {
    pub(super) fn new(plan: &'p Plan<'t>, line: &'l str, draft: &'d mut Draft) -> Self {
        Self {
            plan,
            line,
            bytes: line.as_bytes(),
            at: 0,
            draft,
        }
    }

    /// Reads all of it.
    pub(super) fn read(mut self) -> Option<()> {
        self.space();
        self.object(0)?;
        self.space();
        (self.at == self.bytes.len()).then_some(())
    }

    fn byte(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    #[inline]
    fn space(&mut self) {
        // Most records have none.
        while self.byte() <= b' ' && matches!(self.byte(), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.byte() == byte).then(|| self.at += 1)
    }

    fn literal(&mut self, word: &[u8]) -> Option<()> {
        self.bytes
            .get(self.at..)?
            .starts_with(word)
            .then(|| self.at += word.len())
    }

    /// A text for people, with or without escapes.
    fn prose(&mut self) -> Option<Cow<'l, str>> {
        let start = self.at;
        if let Some(text) = self.string() {
            return Some(Cow::Borrowed(text));
        }
        // Only an escape is worth a second look; whatever else is wrong is for the careful reader.
        let mut at = start + 1;
        loop {
            match *self.bytes.get(at)? {
                b'"' => break,
                b'\\' => at += 2,
                0..0x20 => return None,
                _ => at += 1,
            }
        }
        let raw = self.line.get(start..=at)?;
        if !is_plain(raw) {
            return None;
        }
        let text: String = serde_json::from_str(raw).ok()?;
        self.at = at + 1;
        // The line break at the end of a text is nobody's intention.
        is_plain(&text.replace(|character: char| character.is_ascii_control(), ""))
            .then(|| Cow::Owned(text.trim_end_matches('\n').to_owned()))
    }

    /// A text without escapes.
    fn string(&mut self) -> Option<&'l str> {
        let rest = self.bytes.get(self.at..)?.strip_prefix(b"\"")?;
        // Everything that is not plain ASCII text ends the first look.
        let length = plain::length(rest)?;
        let (length, foreign) = match rest.get(length)? {
            b'"' => (length, false),
            0x80.. => (
                rest.iter()
                    .position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20 | 0x7f))?,
                true,
            ),
            _ => return None,
        };
        let text = self.line.get(self.at + 1..self.at + 1 + length)?;
        if rest.get(length) != Some(&b'"') || (foreign && !is_plain(text)) {
            return None;
        }
        self.at += length + 2;
        Some(text)
    }

    /// Another element of an object or list, or its end.
    #[inline]
    fn more(&mut self, close: u8) -> Option<bool> {
        if self.byte() <= b' ' {
            self.space();
        }
        match self.byte() {
            b',' => {
                self.at += 1;
                self.space();
                Some(true)
            }
            byte if byte == close => {
                self.at += 1;
                Some(false)
            }
            _ => None,
        }
    }

    /// The first element of an object or list, or its end.
    fn opened(&mut self, open: u8, close: u8) -> Option<bool> {
        self.take(open)?;
        self.space();
        let empty = self.byte() == close;
        self.at += usize::from(empty);
        Some(!empty)
    }

    fn colon(&mut self) -> Option<()> {
        self.space();
        self.take(b':')?;
        self.space();
        Some(())
    }

    fn object(&mut self, level: usize) -> Option<()> {
        let mut last = None;
        let mut more = self.opened(b'{', b'}')?;
        while more {
            let key = self.key(level, last)?;
            let seen = self.draft.seen.get_mut(key)?;
            if std::mem::replace(seen, self.draft.row) == self.draft.row {
                return None;
            }
            last = Some(key);
            self.target(self.plan.keys.get(key)?.target)?;
            more = self.more(b'}')?;
        }
        Some(())
    }

    /// The key that stands here, looked for first where the last record had it.
    fn key(&mut self, level: usize, last: Option<usize>) -> Option<usize> {
        let guess = match last {
            Some(last) => *self.draft.follows.get(last)?,
            None => *self.draft.begins.get(level)?,
        };
        if self.is_key(guess) {
            return Some(guess);
        }
        // In a row that leaves keys out, one of the next few is the likeliest.
        let Plan { levels, .. } = self.plan;
        let level_keys = levels.get(level)?;
        let first = last.map_or(level_keys.keys.start, |last| last + 1);
        let found = match (first..level_keys.keys.end)
            .take(NEAR)
            .find(|key| self.is_key(*key))
        {
            Some(key) => key,
            None => {
                let key = *level_keys.by_name.get(self.string()?)?;
                self.colon()?;
                key
            }
        };
        match last {
            Some(last) => *self.draft.follows.get_mut(last)? = found,
            None => *self.draft.begins.get_mut(level)? = found,
        }
        Some(found)
    }

    /// Whether this key stands here; if so, it is passed.
    fn is_key(&mut self, key: usize) -> bool {
        let token = match self.plan.keys.get(key) {
            Some(key) if key.token.is_at(self.bytes, self.at) => &key.token,
            _ => return false,
        };
        self.at += token.len();
        self.space();
        true
    }

    fn target(&mut self, target: Target) -> Option<()> {
        match target {
            Target::Fact(id) => self.fact(id),
            Target::Group(level) => {
                if self.byte() == b'n' {
                    return self.literal(b"null");
                }
                self.object(level)
            }
            Target::Candidate => {
                let text = if self.byte() == b'"' {
                    self.string()?
                } else {
                    self.number_token()?
                };
                self.draft.candidate.push_str(text);
                self.draft.named = true;
                Some(())
            }
            Target::ScreenedOn => {
                self.draft.screened_on = Some(match self.day() {
                    Some(day) => day,
                    None => whole_date(self.string()?)?,
                });
                Some(())
            }
            Target::Format => (self.string()? == read::FORMAT).then_some(()),
            Target::Trial => (self.string()? == self.plan.trial).then_some(()),
            Target::Note => self.prose().map(|_| ()),
        }
    }

    fn fact(&mut self, id: FactId) -> Option<()> {
        if self.byte() == b'{' {
            self.evidenced(id)
        } else {
            self.value(id)
        }
    }

    /// The value of a fact, into its place.
    fn value(&mut self, id: FactId) -> Option<()> {
        let Plan { facts, shapes, .. } = self.plan;
        let (fact, shape) = (facts.get(id), shapes.get(id.0)?);
        let likely = self.draft.codes.get_mut(id.0)?;
        if let Some(found) = expected(shape, likely, self.bytes, &mut self.at) {
            self.draft.entries.get_mut(id.0)?.value = found.value();
            self.note(found, fact);
            return Some(());
        }
        let value = match &fact.kind {
            Kind::List(kind) => self.list_or_not(id, kind)?,
            _ => self.scalar(id, fact, shape)?,
        };
        self.put(id, value)
    }

    fn put(&mut self, id: FactId, value: Value) -> Option<()> {
        self.draft.entries.get_mut(id.0)?.value = value;
        Some(())
    }

    /// A day may have to lie in the past.
    fn note(&mut self, found: Found, fact: &Fact) {
        if let Found::Day(day) = found
            && !fact.future
        {
            self.past(&Bounds::exact(day));
        }
    }

    fn list_or_not(&mut self, id: FactId, kind: &ItemKind) -> Option<Value> {
        match self.byte() {
            b'[' => self.list(id, kind),
            b'n' => self
                .literal(b"null")
                .map(|()| Value::Null(Missing::NotRecorded)),
            b'"' => (self.string()? == "unknown")
                .then_some(Value::Null(Missing::Stated(Absent::Unknown))),
            _ => None,
        }
    }

    /// `"YYYY-MM-DD"`
    fn day(&mut self) -> Option<Date> {
        quoted_day(self.bytes, &mut self.at)
    }

    /// A date, or dates, in a text.
    fn dates(&mut self) -> Option<Bounds<Date>> {
        match self.day() {
            Some(day) => Some(Bounds::exact(day)),
            None => dates(self.string()?),
        }
    }

    /// A value that is not a list. `id` is the fact that it belongs to, whose memory of texts is used.
    fn scalar(&mut self, id: FactId, fact: &Fact, shape: &Shape) -> Option<Value> {
        match self.byte() {
            b'"' => {
                let text = self.string()?;
                self.text(id, fact, shape, text)
            }
            b't' if matches!(fact.kind, Kind::Boolean { .. }) => {
                self.literal(b"true").map(|()| Value::Boolean(true))
            }
            b'f' if matches!(fact.kind, Kind::Boolean { .. }) => {
                self.literal(b"false").map(|()| Value::Boolean(false))
            }
            b'n' => self
                .literal(b"null")
                .map(|()| Value::Null(Missing::NotRecorded)),
            b'-' | b'0'..=b'9' => {
                let range = match &fact.kind {
                    Kind::Integer(range) | Kind::Decimal(range) => range.as_ref(),
                    Kind::Quantity(measure) if measure.others.is_empty() => measure.range.as_ref(),
                    _ => return None,
                };
                let number = decimal(self.number_token()?)?;
                let whole = !matches!(fact.kind, Kind::Integer(_)) || number.fract().is_zero();
                let bounds = Bounds::exact(number);
                (whole && range.is_none_or(|range| range.contains(&bounds)))
                    .then_some(Value::Number(bounds))
            }
            _ => None,
        }
    }

    /// A number as JSON writes it, without exponent.
    fn number_token(&mut self) -> Option<&'l str> {
        let start = self.at;
        if self.byte() == b'-' {
            self.at += 1;
        }
        let whole = self.digits()?;
        if whole > 1 && self.bytes.get(self.at - whole) == Some(&b'0') {
            return None;
        }
        if self.byte() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        (!matches!(self.byte(), b'e' | b'E'))
            .then(|| self.line.get(start..self.at))
            .flatten()
    }

    fn digits(&mut self) -> Option<usize> {
        let start = self.at;
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
        Some(self.at - start).filter(|count| *count > 0)
    }

    fn text(&mut self, id: FactId, fact: &Fact, shape: &Shape, text: &str) -> Option<Value> {
        match &fact.kind {
            Kind::List(_) => None,
            _ if text == "unknown" => Some(Value::Null(Missing::Stated(Absent::Unknown))),
            // A declared one stands there in its common shape.
            Kind::Code(_) => None,
            Kind::Text => Some(Value::Text(text.trim().into())),
            Kind::Boolean { .. } => match text {
                "yes" | "true" => Some(Value::Boolean(true)),
                "no" | "false" => Some(Value::Boolean(false)),
                _ => None,
            },
            Kind::Date(None) => {
                let dates = dates(text)?;
                if !fact.future {
                    self.past(&dates);
                }
                Some(Value::Date(dates))
            }
            Kind::Date(_) => None,
            Kind::Quantity(_) | Kind::Integer(_) | Kind::Decimal(_) | Kind::Duration(_) => {
                if let Kind::Quantity(measure) = &fact.kind
                    && let Some(value) = in_its_unit(text, shape, &measure.unit)
                {
                    return Some(value);
                }
                // The fields of an item share a place, so only a fact's own texts are remembered.
                let own = std::ptr::eq(fact, self.plan.facts.get(id));
                let known = self.draft.known_texts.get_mut(id.0)?;
                if let Some(place) = known.iter().position(|(known, _)| own && **known == *text) {
                    // The commonest comes to stand first.
                    known.swap(place, place / 2);
                    return known.get(place / 2).map(|(_, value)| value.clone());
                }
                // The day matters for the range of a duration alone, which is looked at again at the end.
                let parsed = values::parse(fact, text, None, Date::constant(2020, 1, 1)).ok()?;
                // The range of a duration depends on the day, and is looked at again at the end for a fact's own value only.
                let for_the_careful =
                    parsed.written.is_some() || (!own && matches!(fact.kind, Kind::Duration(_)));
                if for_the_careful {
                    return None;
                }
                if own && known.len() < MOST_KNOWN_TEXTS {
                    known.push((text.into(), parsed.value.clone()));
                }
                Some(parsed.value)
            }
        }
    }

    /// Some of these days must lie in the past.
    fn past(&mut self, dates: &Bounds<Date>) {
        self.draft.latest = self.draft.latest.max(dates.low.map(|low| low.value));
    }
}
