//! A row being read. `None` everywhere means: for the careful reader.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Draft, Field, Plan, Shape, Target, Token};
use crate::facts::{Fact, FactId, ItemKind, Kind};
use crate::plain;
use crate::record::{Stamp, read, values};
use crate::value::{Absent, Bounds, Code, Element, List, Missing, Value};

const MOST_KNOWN_TEXTS: usize = 64;
/// How many keys are looked for before all are.
const NEAR: usize = 6;

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

/// A value in a common shape.
#[derive(Clone, Copy)]
enum Found {
    Code(Code),
    Boolean(bool),
    /// A mantissa and its decimals.
    Number(i64, u32),
    Day(Date),
}

impl Found {
    #[inline]
    fn value(self) -> Value {
        match self {
            Self::Code(code) => Value::Code(code),
            Self::Boolean(value) => Value::Boolean(value),
            Self::Number(mantissa, decimals) => Value::Number(Bounds::exact(Decimal::new(mantissa, decimals))),
            Self::Day(day) => Value::Date(Bounds::exact(day)),
        }
    }

    #[inline]
    fn stamp(self) -> Stamp {
        match self {
            Self::Code(code) => Stamp::of_index(code.index),
            Self::Boolean(value) => Stamp::of_index(u16::from(value)),
            Self::Number(mantissa, decimals) => Stamp::of_number(mantissa, decimals),
            Self::Day(_) => Stamp::NONE,
        }
    }
}

/// The value at a place of a line if it has its common shape; it is passed then. Of codes, one is likely.
#[inline]
fn expected(shape: &Shape, likely: &mut usize, line: &[u8], at: &mut usize) -> Option<Found> {
    match shape {
        Shape::Code(codes) => {
            let is_here = |(token, _): &&(Token, Code)| token.is_at(line, *at);
            let (token, code) = match codes.get(*likely).filter(is_here) {
                Some(code) => code,
                None => {
                    *likely = codes.iter().position(|code| is_here(&code))?;
                    codes.get(*likely)?
                }
            };
            *at += token.len();
            Some(Found::Code(*code))
        }
        Shape::Boolean => {
            let rest = line.get(*at..)?;
            let value = rest.starts_with(b"true");
            if !value && !rest.starts_with(b"false") {
                return None;
            }
            *at += if value { 4 } else { 5 };
            Some(Found::Boolean(value))
        }
        Shape::Number { whole, low, high } => {
            let ((mantissa, decimals), length) = number(line.get(*at..)?, *whole, *low, *high)?;
            *at += length;
            Some(Found::Number(mantissa, decimals))
        }
        Shape::Date => quoted_day(line, at).map(Found::Day),
        Shape::Other => None,
    }
}

/// `"YYYY-MM-DD"` at a place of a line; it is passed then.
fn quoted_day(line: &[u8], at: &mut usize) -> Option<Date> {
    let [b'"', date @ .., b'"'] = line.get(*at..)?.first_chunk::<12>()? else { return None };
    let date = day(date)?;
    *at += 12;
    Some(date)
}

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
        Self { plan, line, bytes: line.as_bytes(), at: 0, draft }
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
        self.bytes.get(self.at..)?.starts_with(word).then(|| self.at += word.len())
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
        let text: String = serde_json::from_str(self.line.get(start..=at)?).ok()?;
        self.at = at + 1;
        // The line break at the end of a text is nobody's intention.
        is_plain(&text.replace(|character: char| character.is_ascii_control(), "")).then(|| Cow::Owned(text.trim_end_matches('\n').to_owned()))
    }

    /// A text without escapes.
    fn string(&mut self) -> Option<&'l str> {
        let rest = self.bytes.get(self.at..)?.strip_prefix(b"\"")?;
        // Everything that is not plain ASCII text ends the first look.
        let length = plain::length(rest)?;
        let (length, foreign) = match rest.get(length)? {
            b'"' => (length, false),
            0x80.. => (rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20 | 0x7f))?, true),
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
        let found = match (first..level_keys.keys.end).take(NEAR).find(|key| self.is_key(*key)) {
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
                let text = if self.byte() == b'"' { self.string()? } else { self.number_token()? };
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
        if self.byte() == b'{' { self.evidenced(id) } else { self.value(id) }
    }

    /// The value of a fact, into its place.
    fn value(&mut self, id: FactId) -> Option<()> {
        let Plan { facts, shapes, .. } = self.plan;
        let (fact, shape) = (facts.get(id), shapes.get(id.0)?);
        let likely = self.draft.codes.get_mut(id.0)?;
        if let Some(found) = expected(shape, likely, self.bytes, &mut self.at) {
            self.draft.entries.get_mut(id.0)?.value = found.value();
            *self.draft.stamps.get_mut(id.0)? = found.stamp();
            self.note(found, fact);
            return Some(());
        }
        let value = match &fact.kind {
            Kind::List(kind) => self.list_or_not(id, kind)?,
            _ => self.scalar(id, fact, shape)?,
        };
        let stamp = Stamp::of_value(&value);
        self.put(id, value, stamp)
    }

    fn put(&mut self, id: FactId, value: Value, stamp: Stamp) -> Option<()> {
        self.draft.entries.get_mut(id.0)?.value = value;
        *self.draft.stamps.get_mut(id.0)? = stamp;
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
            b'n' => self.literal(b"null").map(|()| Value::Null(Missing::NotRecorded)),
            b'"' => (self.string()? == "unknown").then_some(Value::Null(Missing::Stated(Absent::Unknown))),
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
            b't' if matches!(fact.kind, Kind::Boolean { .. }) => self.literal(b"true").map(|()| Value::Boolean(true)),
            b'f' if matches!(fact.kind, Kind::Boolean { .. }) => self.literal(b"false").map(|()| Value::Boolean(false)),
            b'n' => self.literal(b"null").map(|()| Value::Null(Missing::NotRecorded)),
            b'-' | b'0'..=b'9' => {
                let range = match &fact.kind {
                    Kind::Integer(range) | Kind::Decimal(range) => range.as_ref(),
                    Kind::Quantity(measure) if measure.others.is_empty() => measure.range.as_ref(),
                    _ => return None,
                };
                let number = decimal(self.number_token()?)?;
                let whole = !matches!(fact.kind, Kind::Integer(_)) || number.fract().is_zero();
                let bounds = Bounds::exact(number);
                (whole && range.is_none_or(|range| range.contains(&bounds))).then_some(Value::Number(bounds))
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
        (!matches!(self.byte(), b'e' | b'E')).then(|| self.line.get(start..self.at)).flatten()
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
                let for_the_careful = parsed.written.is_some() || (!own && matches!(fact.kind, Kind::Duration(_)));
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

    /// `{ "value": …, "date": …, "by": … }` or `{ "missing": … }`
    fn evidenced(&mut self, id: FactId) -> Option<()> {
        let fact = self.plan.facts.get(id);
        let mut evidence = self.draft.spare_evidence.get_mut(id.0)?.take().unwrap_or_default();
        // What the careful reader found beside a value.
        evidence.written = None;
        evidence.items.clear();
        (evidence.uln, evidence.lln) = (None, None);
        let (mut given, mut complete) = (0, true);
        let mut more = self.opened(b'{', b'}')?;
        while more {
            let key = self.part()?;
            // A cause of what is missing stands for a value.
            let mark = 1_u8 << (if matches!(key, Part::Missing) { Part::Value } else { key }) as u8;
            if given & mark != 0 {
                return None;
            }
            given |= mark;
            match key {
                Part::Value => self.value(id)?,
                Part::Missing => {
                    let missing = Value::Null(Missing::Stated(Absent::from_code(self.string()?)?));
                    let stamp = Stamp::of_value(&missing);
                    self.put(id, missing, stamp)?;
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
                    Kind::Quantity(measure) if measure.others.is_empty() && self.string()? == measure.unit => {}
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
        for (part, text) in [(Part::By, &mut evidence.by), (Part::Source, &mut evidence.source), (Part::Note, &mut evidence.note)] {
            if !is_given(part) {
                *text = None;
            }
        }
        let entry = self.draft.entries.get_mut(id.0)?;
        if !complete && let Value::List(list) = &mut entry.value {
            Arc::get_mut(list)?.open = true;
            *self.draft.stamps.get_mut(id.0)? = Stamp::NONE;
        }
        if [Part::Date, Part::By, Part::Source, Part::Note].into_iter().any(is_given) {
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

    fn list(&mut self, id: FactId, kind: &ItemKind) -> Option<Value> {
        let mut list = self.draft.spare_lists.get_mut(id.0)?.take().unwrap_or_default();
        if Arc::get_mut(&mut list).is_none() {
            list = Arc::default();
        }
        let inner = Arc::get_mut(&mut list)?;
        inner.open = false;
        let mut count = 0;
        let mut more = self.opened(b'[', b']')?;
        while more {
            match kind {
                ItemKind::Single(fact) => {
                    let value = self.in_item(id, fact, self.plan.fields.get(id.0)?.first()?)?;
                    put(inner, count, value);
                }
                ItemKind::Fields(fields) => self.item(id, fields, inner, count)?,
            }
            count += 1;
            more = self.more(b']')?;
        }
        inner.elements.truncate(count);
        Some(Value::List(list))
    }

    /// The value of an item or of a field of it.
    fn in_item(&mut self, id: FactId, field: &Fact, plan: &Field) -> Option<Value> {
        match expected(&plan.shape, &mut 0, self.bytes, &mut self.at) {
            Some(found) => {
                self.note(found, field);
                Some(found.value())
            }
            None => self.scalar(id, field, &plan.shape),
        }
    }

    fn item(&mut self, id: FactId, fields: &[Fact], list: &mut List, count: usize) -> Option<()> {
        let reusable = match list.elements.get_mut(count).map(|element| &mut element.value) {
            Some(Value::Item(values)) => Arc::get_mut(values).is_some_and(|values| values.len() == fields.len()),
            _ => false,
        };
        if !reusable {
            put(list, count, Value::Item(vec![Value::Null(Missing::NotRecorded); fields.len()].into()));
        }
        let Some(Value::Item(values)) = list.elements.get_mut(count).map(|element| &mut element.value) else { return None };
        let values = Arc::get_mut(values)?;
        values.fill(Value::Null(Missing::NotRecorded));
        let Plan { fields: plans, .. } = self.plan;
        let plans = plans.get(id.0)?;
        let mut seen = 0_u64;
        let mut next = 0;
        let mut more = self.opened(b'{', b'}')?;
        while more {
            let is_here = |field: &&Field| field.token.is_at(self.bytes, self.at);
            let index = match plans.get(next).filter(is_here) {
                Some(_) => Some(next),
                None => plans.iter().position(|field| is_here(&field)),
            };
            let index = match index {
                Some(index) => {
                    self.at += plans.get(index)?.token.len();
                    self.space();
                    index
                }
                None => {
                    let key = self.string()?;
                    self.colon()?;
                    plans.iter().position(|field| field.name == key)?
                }
            };
            let mark = 1_u64.checked_shl(u32::try_from(index).ok()?)?;
            if seen & mark != 0 {
                return None;
            }
            seen |= mark;
            next = index + 1;
            let (field, plan) = (fields.get(index)?, plans.get(index)?);
            *values.get_mut(index)? = self.in_item(id, field, plan)?;
            more = self.more(b'}')?;
        }
        Some(())
    }
}

fn put(list: &mut List, count: usize, value: Value) {
    match list.elements.get_mut(count) {
        Some(element) => *element = Element { value, certain: true },
        None => list.elements.push(Element { value, certain: true }),
    }
}

/// Whether YAML allows every character in a text as it stands; what it does not is left to the careful reader.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte < 0x7f)
        || !text.contains(|character| matches!(character, '\u{7f}'..='\u{9f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'))
}

/// A whole or partial date, or bounds of dates.
fn dates(text: &str) -> Option<Bounds<Date>> {
    match *text.as_bytes() {
        [a, b, c, d] => day(&[a, b, c, d, b'-', b'0', b'1', b'-', b'0', b'1']).map(|first| Bounds::between(first, Some(first.last_of_year()))),
        [a, b, c, d, b'-', m, n] => day(&[a, b, c, d, b'-', m, n, b'-', b'0', b'1']).map(|first| Bounds::between(first, Some(first.last_of_month()))),
        [_, _, _, _, _, _, _, _, _, _] => whole_date(text).map(Bounds::exact),
        _ => values::past_date(text.trim(), None).ok(),
    }
}

/// `YYYY-MM-DD`
fn whole_date(text: &str) -> Option<Date> {
    day(text.as_bytes().try_into().ok()?)
}

/// `YYYY-MM-DD`
fn day(text: &[u8; 10]) -> Option<Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text else { return None };
    let digit = |byte: u8| byte.is_ascii_digit().then(|| i16::from(byte - b'0'));
    let year = digit(y1)? * 1000 + digit(y2)? * 100 + digit(y3)? * 10 + digit(y4)?;
    let two = |high: u8, low: u8| Some(i8::try_from(digit(high)? * 10 + digit(low)?).unwrap_or(i8::MAX));
    Date::new(year, two(m1, m2)?, two(d1, d2)?).ok()
}

/// The mantissa and the decimals of a number as JSON writes it, of few digits and without sign or exponent, from `low` to
/// `high`; and its length.
fn number(text: &[u8], whole: bool, low: i64, high: i64) -> Option<((i64, u32), usize)> {
    const MOST_DIGITS: usize = 17;
    let (mut mantissa, mut length, mut decimals) = (0_i64, 0, 0_u32);
    let digit = |at: usize| text.get(at).filter(|byte| byte.is_ascii_digit()).map(|byte| i64::from(byte - b'0'));
    while let Some(digit) = digit(length).filter(|_| length < MOST_DIGITS) {
        mantissa = mantissa * 10 + digit;
        length += 1;
    }
    if length == 0 || (length > 1 && text.first() == Some(&b'0')) {
        return None;
    }
    if text.get(length) == Some(&b'.') {
        length += 1;
        while let Some(digit) = digit(length).filter(|_| length <= MOST_DIGITS) {
            mantissa = mantissa * 10 + digit;
            length += 1;
            decimals += 1;
        }
        if decimals == 0 {
            return None;
        }
    }
    // More digits, or an exponent.
    if text.get(length).is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E')) {
        return None;
    }
    let scaled = |end: i64| end.saturating_mul(10_i64.saturating_pow(decimals));
    let (within, length) = (scaled(low) <= mantissa && mantissa <= scaled(high), length);
    while decimals > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        decimals -= 1;
    }
    let fits = within && !(whole && decimals > 0);
    fits.then_some(((mantissa, decimals), length))
}

/// `91.6 %`: a number and the one unit that there is.
fn in_its_unit(text: &str, shape: &Shape, unit: &str) -> Option<Value> {
    let Shape::Number { whole, low, high } = shape else { return None };
    let ((mantissa, decimals), length) = number(text.as_bytes(), *whole, *low, *high)?;
    (text.get(length..)?.strip_prefix(' ')? == unit).then(|| Value::Number(Bounds::exact(Decimal::new(mantissa, decimals))))
}

/// A number of at most eighteen digits.
fn decimal(token: &str) -> Option<Decimal> {
    let (digits, negative) = token.strip_prefix('-').map_or((token, false), |digits| (digits, true));
    let (mut mantissa, mut scale, mut count, mut fraction) = (0_i64, 0_u32, 0, false);
    for byte in digits.bytes() {
        if byte == b'.' {
            fraction = true;
            continue;
        }
        count += 1;
        mantissa = mantissa.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
        scale += u32::from(fraction);
    }
    (count <= 18).then(|| Decimal::new(if negative { -mantissa } else { mantissa }, scale))
}
