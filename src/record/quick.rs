//! A JSON record on one line → typed facts, as fast as the bytes can be looked at.
//!
//! The quick reader understands the common shapes of a record and nothing else. Whatever it does not understand (an
//! escape in a text, an exponent, an unknown key, a value out of range, anything malformed) it leaves to the careful
//! reader, [`super::read()`], whose word is final: so a record means the same through both, and every error is the
//! careful reader's. It does not recurse deeper than the declared groups, allocates nothing where a row is like the
//! ones before, and reads the next key where the last record had it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Dates, Entry, Evidence, values};
use crate::facts::{Fact, FactId, Facts, ItemKind, Kind};
use crate::plain;
use crate::value::{Absent, Bounds, Code, Element, List, Missing, Value};

/// Where the keys of records lead, made once for a trial.
#[derive(Debug)]
pub struct Plan<'t> {
    facts: &'t Facts,
    trial: &'t str,
    levels: Vec<Level>,
    /// The facts whose range depends on the screening date.
    durations: Vec<FactId>,
    /// For each fact, the names of the fields that an item of it has.
    fields: Vec<Vec<String>>,
}

/// The keys of an object.
#[derive(Debug, Default)]
struct Level {
    keys: Vec<(String, Target)>,
    index: HashMap<String, usize>,
}

/// Where a key leads.
#[derive(Debug, Clone, Copy)]
enum Target {
    Candidate,
    ScreenedOn,
    Format,
    Trial,
    Note,
    Fact(FactId),
    Group(usize),
}

/// A record being filled, row after row, in the same memory.
#[derive(Debug)]
pub struct Draft {
    /// The pseudonym; empty if there is none.
    pub candidate: String,
    /// The screening date.
    pub today: Date,
    /// What is known, a place for every declared fact.
    pub entries: Vec<Entry>,
    /// Whether the row named a candidate.
    pub named: bool,
    screened_on: Option<Date>,
    /// The latest date that had to lie in the past.
    latest: Option<Date>,
    row: u32,
    /// For each key of each level, the row in which it was last seen.
    seen: Vec<Vec<u32>>,
    /// For each key of each level, the key that followed it last.
    follows: Vec<Vec<usize>>,
    /// Memory of earlier rows, for each fact.
    spare_evidence: Vec<Option<Box<Evidence>>>,
    spare_lists: Vec<Option<Arc<List>>>,
    /// Values read before, for each fact: texts repeat.
    known_texts: Vec<Vec<(Box<str>, Value)>>,
}

const MOST_KNOWN_TEXTS: usize = 64;
/// How many keys are compared before all are looked up.
const NEAR: usize = 6;

impl<'t> Plan<'t> {
    /// The plan of a trial's records.
    #[must_use]
    pub fn new(trial: &'t str, facts: &'t Facts) -> Self {
        let mut plan = Self { facts, trial, levels: vec![Level::default()], durations: Vec::new(), fields: Vec::new() };
        let reserved = [Target::Candidate, Target::ScreenedOn, Target::Format, Target::Trial, Target::Note];
        for (name, target) in super::read::RESERVED.into_iter().zip(reserved) {
            plan.add(0, name, target);
        }
        for (id, fact) in facts.iter() {
            let mut level = 0;
            let mut parts = fact.path.split('.').peekable();
            while let Some(part) = parts.next() {
                level = match (parts.peek(), plan.find(level, part)) {
                    (None, _) => {
                        plan.add(level, part, Target::Fact(id));
                        level
                    }
                    (Some(_), Some(Target::Group(inner))) => inner,
                    (Some(_), _) => {
                        let inner = plan.levels.len();
                        plan.levels.push(Level::default());
                        plan.add(level, part, Target::Group(inner));
                        inner
                    }
                };
            }
            if matches!(fact.kind, Kind::Duration(_)) {
                plan.durations.push(id);
            }
            plan.fields.push(match &fact.kind {
                Kind::List(kind) => kind.fields().iter().map(|field| field.name().to_owned()).collect(),
                _ => Vec::new(),
            });
        }
        plan
    }

    fn add(&mut self, level: usize, name: &str, target: Target) {
        if let Some(level) = self.levels.get_mut(level) {
            level.index.insert(name.to_owned(), level.keys.len());
            level.keys.push((name.to_owned(), target));
        }
    }

    fn find(&self, level: usize, name: &str) -> Option<Target> {
        let level = self.levels.get(level)?;
        level.index.get(name).and_then(|index| level.keys.get(*index)).map(|(_, target)| *target)
    }

    /// An empty draft.
    #[must_use]
    pub fn draft(&self, dates: Dates) -> Draft {
        let per_key = |value: u32| self.levels.iter().map(|level| vec![value; level.keys.len()]).collect();
        Draft {
            candidate: String::new(),
            today: dates.today,
            entries: vec![Entry::NOT_RECORDED; self.facts.len()],
            named: false,
            screened_on: None,
            latest: None,
            row: 0,
            seen: per_key(0),
            // At first, the declared order; the last place is for the key that an object begins with.
            follows: self.levels.iter().map(|level| (1..=level.keys.len()).chain([0]).collect()).collect(),
            spare_evidence: vec![None; self.facts.len()],
            spare_lists: vec![None; self.facts.len()],
            known_texts: vec![Vec::new(); self.facts.len()],
        }
    }

    /// Reads a row into a draft. False if it is for the careful reader to say what the row means; the draft then
    /// holds nothing of use.
    pub fn read(&self, line: &str, dates: Dates, draft: &mut Draft) -> bool {
        draft.clear();
        let mut row = Row { plan: self, line, bytes: line.as_bytes(), at: 0, draft };
        row.space();
        row.object(0).and_then(|()| row.end()).and_then(|()| self.finish(dates, draft)).is_some()
    }

    /// What can be checked only when the screening date is known.
    fn finish(&self, dates: Dates, draft: &mut Draft) -> Option<()> {
        draft.today = dates.as_of.or(draft.screened_on).unwrap_or(dates.today);
        if draft.latest.is_some_and(|latest| latest > draft.today) {
            return None;
        }
        for id in &self.durations {
            if let (Kind::Duration(range), Value::Duration(given)) = (&self.facts.get(*id).kind, &draft.entries.get(id.0)?.value)
                && !values::possible_duration(given, range.as_ref(), draft.today)
            {
                return None;
            }
        }
        Some(())
    }
}

impl Draft {
    fn clear(&mut self) {
        self.candidate.clear();
        self.named = false;
        self.screened_on = None;
        self.latest = None;
        self.row = self.row.wrapping_add(1);
        let spare = self.spare_evidence.iter_mut().zip(&mut self.spare_lists);
        for (entry, (evidence, list)) in self.entries.iter_mut().zip(spare) {
            if let Some(kept) = entry.evidence.take() {
                *evidence = Some(kept);
            }
            if let Value::List(kept) = std::mem::replace(&mut entry.value, Value::Null(Missing::NotRecorded)) {
                *list = Some(kept);
            }
        }
    }
}

/// The row that is read. `None` everywhere means: for the careful reader.
struct Row<'p, 't, 'l, 'd> {
    plan: &'p Plan<'t>,
    line: &'l str,
    bytes: &'l [u8],
    at: usize,
    draft: &'d mut Draft,
}

impl<'l> Row<'_, '_, 'l, '_> {
    fn byte(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        while matches!(self.byte(), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.byte() == byte).then(|| self.at += 1)
    }

    fn literal(&mut self, word: &str) -> Option<()> {
        self.bytes.get(self.at..)?.starts_with(word.as_bytes()).then(|| self.at += word.len())
    }

    fn end(&mut self) -> Option<()> {
        self.space();
        (self.at == self.bytes.len()).then_some(())
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
    fn more(&mut self, close: u8) -> Option<bool> {
        self.space();
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

    fn colon(&mut self) -> Option<()> {
        self.space();
        self.take(b':')?;
        self.space();
        Some(())
    }

    fn object(&mut self, level: usize) -> Option<()> {
        self.take(b'{')?;
        self.space();
        if self.byte() == b'}' {
            self.at += 1;
            return Some(());
        }
        let mut last = self.plan.levels.get(level)?.keys.len();
        loop {
            let key = self.key(level, last)?;
            let seen = self.draft.seen.get_mut(level)?.get_mut(key)?;
            if std::mem::replace(seen, self.draft.row) == self.draft.row {
                return None;
            }
            last = key;
            self.colon()?;
            let (_, target) = self.plan.levels.get(level)?.keys.get(key)?;
            self.target(*target)?;
            if !self.more(b'}')? {
                return Some(());
            }
        }
    }

    /// The key that stands here, looked for first where the last record had it.
    fn key(&mut self, level: usize, last: usize) -> Option<usize> {
        let plan = self.plan.levels.get(level)?;
        let guess = *self.draft.follows.get(level)?.get(last)?;
        if let Some((name, _)) = plan.keys.get(guess)
            && let Some(rest) = self.bytes.get(self.at..)?.strip_prefix(b"\"")
            && let Some(b'"') = rest.strip_prefix(name.as_bytes()).and_then(<[u8]>::first)
        {
            self.at += name.len() + 2;
            return Some(guess);
        }
        let name = self.string()?;
        // In a row that leaves keys out, one of the next few is the likeliest.
        let near = plan.keys.iter().enumerate().skip(guess).take(NEAR).find(|(_, (key, _))| key == name).map(|(index, _)| index);
        let key = near.or_else(|| plan.index.get(name).copied())?;
        *self.draft.follows.get_mut(level)?.get_mut(last)? = key;
        Some(key)
    }

    fn target(&mut self, target: Target) -> Option<()> {
        match target {
            Target::Fact(id) => self.fact(id),
            Target::Group(level) => {
                if self.byte() == b'n' {
                    return self.literal("null");
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
                self.draft.screened_on = Some(whole_date(self.string()?)?);
                Some(())
            }
            Target::Format => (self.string()? == super::read::FORMAT).then_some(()),
            Target::Trial => (self.string()? == self.plan.trial).then_some(()),
            Target::Note => self.prose().map(|_| ()),
        }
    }

    fn fact(&mut self, id: FactId) -> Option<()> {
        let fact = self.plan.facts.get(id);
        let value = match self.byte() {
            b'{' => return self.evidenced(id, fact),
            _ => self.value(id, fact)?,
        };
        self.draft.entries.get_mut(id.0)?.value = value;
        Some(())
    }

    fn value(&mut self, id: FactId, fact: &Fact) -> Option<Value> {
        match &fact.kind {
            Kind::List(kind) => match self.byte() {
                b'[' => self.list(id, kind),
                b'n' => self.literal("null").map(|()| Value::Null(Missing::NotRecorded)),
                b'"' => (self.string()? == "unknown").then_some(Value::Null(Missing::Stated(Absent::Unknown))),
                _ => None,
            },
            _ => self.scalar(id, fact),
        }
    }

    /// A value that is not a list. `id` is the fact that it belongs to, whose memory of texts is used.
    fn scalar(&mut self, id: FactId, fact: &Fact) -> Option<Value> {
        match self.byte() {
            b'"' => {
                let text = self.string()?;
                self.text(id, fact, text)
            }
            b't' if matches!(fact.kind, Kind::Boolean { .. }) => self.literal("true").map(|()| Value::Boolean(true)),
            b'f' if matches!(fact.kind, Kind::Boolean { .. }) => self.literal("false").map(|()| Value::Boolean(false)),
            b'n' => self.literal("null").map(|()| Value::Null(Missing::NotRecorded)),
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

    fn text(&mut self, id: FactId, fact: &Fact, text: &str) -> Option<Value> {
        match &fact.kind {
            Kind::Code(set) => {
                if let Some(index) = set.values.iter().position(|value| value.name == text) {
                    let unclear = set.values.get(index)?.unclear;
                    return Some(Value::Code(Code { index: u16::try_from(index).ok()?, unclear }));
                }
                (text == "unknown").then_some(Value::Null(Missing::Stated(Absent::Unknown)))
            }
            Kind::List(_) => None,
            Kind::Text if text != "unknown" => Some(Value::Text(text.trim().into())),
            _ if text == "unknown" => Some(Value::Null(Missing::Stated(Absent::Unknown))),
            Kind::Text => None,
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
                // The fields of an item share a place, so only a fact's own texts are remembered.
                let own = std::ptr::eq(fact, self.plan.facts.get(id));
                let known = self.draft.known_texts.get_mut(id.0)?;
                if let Some((_, value)) = known.iter().find(|(known, _)| own && **known == *text) {
                    return Some(value.clone());
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
    fn evidenced(&mut self, id: FactId, fact: &Fact) -> Option<()> {
        let mut evidence = self.draft.spare_evidence.get_mut(id.0)?.take().unwrap_or_default();
        evidence.date = None;
        evidence.written = None;
        evidence.items.clear();
        (evidence.uln, evidence.lln) = (None, None);
        let (mut value, mut by, mut source, mut note, mut unit, mut complete) = (None, None, None, None, None, None);
        self.take(b'{')?;
        self.space();
        loop {
            let key = self.evidence_key()?;
            self.colon()?;
            let first_time = match key {
                "value" => value.replace(self.value(id, fact)?).is_none(),
                "missing" => value.replace(Value::Null(Missing::Stated(Absent::from_code(self.string()?)?))).is_none(),
                "date" => {
                    let dates = dates(self.string()?)?;
                    self.past(&dates);
                    evidence.date.replace(dates).is_none()
                }
                "by" => by.replace(self.prose()?).is_none(),
                "source" => source.replace(self.prose()?).is_none(),
                "note" => note.replace(self.prose()?).is_none(),
                "complete" if matches!(fact.kind, Kind::List(_)) => {
                    let whole = self.byte() == b't';
                    self.literal(if whole { "true" } else { "false" })?;
                    complete.replace(whole).is_none()
                }
                "unit" => match &fact.kind {
                    Kind::Quantity(measure) if measure.others.is_empty() && self.string()? == measure.unit => unit.replace(()).is_none(),
                    _ => false,
                },
                _ => false,
            };
            if !first_time {
                return None;
            }
            if !self.more(b'}')? {
                break;
            }
        }
        for (place, text) in [(&mut evidence.by, by), (&mut evidence.source, source), (&mut evidence.note, note)] {
            match text {
                Some(text) => {
                    let place = place.get_or_insert_default();
                    place.clear();
                    place.push_str(&text);
                }
                None => *place = None,
            }
        }
        let mut value = value?;
        if complete == Some(false)
            && let Value::List(list) = &mut value
        {
            Arc::get_mut(list)?.open = true;
        }
        let entry = self.draft.entries.get_mut(id.0)?;
        entry.value = value;
        let says_something = evidence.date.is_some() || evidence.by.is_some() || evidence.source.is_some() || evidence.note.is_some();
        entry.evidence = says_something.then_some(evidence);
        Some(())
    }

    /// The key that stands here, the commonest looked for first.
    fn evidence_key(&mut self) -> Option<&'l str> {
        for key in ["value", "date", "by", "unit"] {
            let rest = self.bytes.get(self.at..)?.strip_prefix(b"\"")?;
            if let Some([b'"', ..]) = rest.strip_prefix(key.as_bytes()) {
                self.at += key.len() + 2;
                return Some(key);
            }
        }
        self.string()
    }

    fn list(&mut self, id: FactId, kind: &ItemKind) -> Option<Value> {
        let mut list = self.draft.spare_lists.get_mut(id.0)?.take().unwrap_or_default();
        if Arc::get_mut(&mut list).is_none() {
            list = Arc::default();
        }
        let inner = Arc::get_mut(&mut list)?;
        inner.open = false;
        let mut count = 0;
        self.take(b'[')?;
        self.space();
        if self.byte() == b']' {
            self.at += 1;
        } else {
            loop {
                match kind {
                    ItemKind::Single(fact) => {
                        let value = self.scalar(id, fact)?;
                        put(inner, count, value);
                    }
                    ItemKind::Fields(fields) => self.item(id, fields, inner, count)?,
                }
                count += 1;
                if !self.more(b']')? {
                    break;
                }
            }
        }
        inner.elements.truncate(count);
        Some(Value::List(list))
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
        self.take(b'{')?;
        self.space();
        if self.byte() == b'}' {
            self.at += 1;
            return Some(());
        }
        let names = self.plan.fields.get(id.0)?;
        let mut seen = 0_u64;
        let mut next = 0;
        loop {
            let key = self.string()?;
            let index = match names.get(next) {
                Some(name) if name == key => next,
                _ => names.iter().position(|name| name == key)?,
            };
            let mark = 1_u64.checked_shl(u32::try_from(index).ok()?)?;
            if seen & mark != 0 {
                return None;
            }
            seen |= mark;
            next = index + 1;
            self.colon()?;
            *values.get_mut(index)? = self.scalar(id, fields.get(index)?)?;
            if !self.more(b'}')? {
                return Some(());
            }
        }
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
    match text.len() {
        10 => whole_date(text).map(Bounds::exact),
        _ => values::past_date(text.trim(), None).ok(),
    }
}

/// `YYYY-MM-DD`
fn whole_date(text: &str) -> Option<Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else { return None };
    let digit = |byte: u8| byte.is_ascii_digit().then(|| i16::from(byte - b'0'));
    let year = digit(y1)? * 1000 + digit(y2)? * 100 + digit(y3)? * 10 + digit(y4)?;
    let two = |high: u8, low: u8| Some(i8::try_from(digit(high)? * 10 + digit(low)?).unwrap_or(i8::MAX));
    Date::new(year, two(m1, m2)?, two(d1, d2)?).ok()
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
