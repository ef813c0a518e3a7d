//! A value with its evidence: `{ value: …, date: …, by: … }`, or `{ missing: … }`.

use std::ops::Range;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::Filler;
use super::value::{Known, not_a_text};
use crate::diagnostic::{did_you_mean, lookalike};
use crate::entry::Entry;
use crate::facts::{Fact, FactId, Kind};
use crate::record::intake::{Broken, Content, Intake, Key, Place};
use crate::record::spelling;
use crate::record::syntax::{self, Found};
use crate::record::table::{Field, Items, Part};
use crate::record::values::{self, BadValue, Parsed};
use crate::value::{Absent, Bounds, Missing, Value, text};

/// What stands behind a key of the map. What a key means may depend on another one behind it, so all are read before any is
/// understood.
pub(super) struct Raw<'s> {
    pub key: Place,
    pub place: Place,
    pub begun: Content<'s>,
}

/// There is no telling what a map says; the problem is noted.
struct Unclear;

/// A map that was read.
struct Raws<'s> {
    parts: [Option<Raw<'s>>; Part::COUNT],
    /// The items of a list under `value`, and the problems that they have.
    list: Option<Known>,
    list_problems: Range<usize>,
    /// Whether a key is that of a field of an item.
    has_item_key: bool,
    is_empty: bool,
}

impl<'s> Raws<'s> {
    #[inline]
    fn get(&self, part: Part) -> Option<&Raw<'s>> {
        self.parts.get(part as usize)?.as_ref()
    }
}

impl<'s, I: Intake<'s>> Filler<'_, '_, 's, I> {
    /// A value with its evidence, of which the map was begun. `id` is the fact whose memory is used.
    pub(super) fn evidenced(
        &mut self,
        field: &Field<'_>,
        id: Option<FactId>,
    ) -> Result<Option<Entry>, Broken> {
        let (place, before) = (self.intake.place(), self.problems.mark());
        let mut raws = self.raws(field, id)?;
        let list = raws.list.take();
        Ok(self.understood(field, id, &raws, list, (place, before)))
    }

    fn understood(
        &mut self,
        field: &Field<'_>,
        id: Option<FactId>,
        raws: &Raws<'s>,
        list: Option<Known>,
        (place, before): (Place, usize),
    ) -> Option<Entry> {
        let has = |part| raws.get(part).is_some();
        if raws.has_item_key && !has(Part::Value) && !has(Part::Missing) {
            self.single_item(field, place, before);
            return None;
        }
        let unit = raws
            .get(Part::Unit)
            .and_then(|unit| self.text_of(unit, "`unit`", "unit"));
        let known = self
            .value_of(field, raws, list, unit, (place, before))
            .ok()?;
        // What is wrong with the value hides nothing that is wrong beside it.
        let date = raws.get(Part::Date).and_then(|date| self.past_date(date));
        let by = raws
            .get(Part::By)
            .and_then(|by| self.text_of(by, "`by`", "by"));
        let source = raws
            .get(Part::Source)
            .and_then(|source| self.text_of(source, "`source`", "source"));
        let note = raws
            .get(Part::Note)
            .and_then(|note| self.text_of(note, "`note`", "note"));
        let known = known?;
        let limits = self.limits(field, raws, unit);
        if self.problems.mark() != before {
            return None;
        }
        let says_nothing = date.is_none()
            && [by, source, note].iter().all(Option::is_none)
            && limits == [None; 2]
            && known.written.is_none()
            && known.items.is_empty();
        let evidence = (!says_nothing).then(|| {
            let mut evidence = id
                .and_then(|id| self.buffer.spare_evidence.get_mut(id.0)?.take())
                .unwrap_or_default();
            keep(&mut evidence.by, by);
            keep(&mut evidence.source, source);
            keep(&mut evidence.note, note);
            evidence.date = date;
            [evidence.uln, evidence.lln] = limits;
            (evidence.written, evidence.items) = (known.written, known.items);
            evidence.spelled.clear();
            evidence
        });
        Some(Entry {
            value: known.value,
            evidence,
        })
    }

    /// The value under `value`, or why it is missing.
    fn value_of(
        &mut self,
        field: &Field<'_>,
        raws: &Raws<'s>,
        list: Option<Known>,
        unit: Option<&str>,
        (place, before): (Place, usize),
    ) -> Result<Option<Known>, Unclear> {
        match (raws.get(Part::Value), raws.get(Part::Missing)) {
            (Some(_), Some(missing)) => {
                self.problems.forget(raws.list_problems.clone());
                let message = format!("`{}` has a value and is missing", field.fact.path);
                let help = "keep `value` or `missing`";
                self.error_in(missing.place, "missing", message, Some(help.into()));
                Err(Unclear)
            }
            (None, None) => {
                self.nothing_known(field, raws, place, before);
                Err(Unclear)
            }
            (None, Some(missing)) => Ok(self.cause(missing).map(Known::from)),
            (Some(value), None) => {
                let complete = raws.get(Part::Complete);
                let is_complete = complete.is_none_or(|complete| self.complete(complete));
                Ok(
                    if matches!(value.begun, Content::List) && field.items.is_some() {
                        list.map(|known| opened(known, !is_complete))
                    } else {
                        self.plain(field, &value.begun, unit, value.place)
                    },
                )
            }
        }
    }

    /// The upper and the lower limit of normal. The unit behind the value is theirs too.
    fn limits(
        &mut self,
        field: &Field<'_>,
        raws: &Raws<'s>,
        unit: Option<&str>,
    ) -> [Option<Decimal>; 2] {
        let (uln, lln) = (raws.get(Part::Uln), raws.get(Part::Lln));
        if uln.is_none() && lln.is_none() {
            return [None; 2];
        }
        let written = || match &raws.get(Part::Value)?.begun {
            Content::Scalar(scalar) => values::unit_in(field.fact, &scalar.text),
            _ => None,
        };
        let unit = unit.or_else(written);
        let uln = uln.and_then(|limit| self.limit(field, limit, unit, "uln"));
        let lln = lln.and_then(|limit| self.limit(field, limit, unit, "lln"));
        self.limits_in_order(field, raws, uln, lln);
        [uln, lln]
    }

    /// What stands behind each key of the map.
    fn raws(&mut self, field: &Field<'_>, id: Option<FactId>) -> Result<Raws<'s>, Broken> {
        let table = self.table;
        let (names, parts) = (table.evidence(field.evidence), field.evidence.parts());
        let map = self.buffer.begin_map();
        let mut raws = Raws {
            parts: [const { None }; Part::COUNT],
            list: None,
            list_problems: 0..0,
            has_item_key: false,
            is_empty: true,
        };
        let mut next = 0;
        while let Some(key) = self.intake.key(names, next, next)? {
            raws.is_empty = false;
            let place = self.intake.key_place();
            let part = match key {
                Key::Known(known) => {
                    next = known + 1;
                    parts.get(known).copied()
                }
                Key::Unknown(name) => {
                    raws.has_item_key |= is_item_key(field, &name);
                    self.unknown_key(&format!("`{}`", field.fact.path), &name, names.iter(), map);
                    None
                }
            };
            if part.is_some() && field.items.is_some() {
                raws.has_item_key |= is_item_key(field, names.get(next - 1));
            }
            let begun = self.intake.value()?;
            let value_place = self.intake.place();
            let Some(part) = part else {
                self.intake.skip(&begun)?;
                continue;
            };
            if let Some(first) = raws.get(part) {
                self.stands_twice(place, first.key, names.get(next - 1), map);
                self.intake.skip(&begun)?;
                continue;
            }
            if part == Part::Value && matches!(begun, Content::List) && field.items.is_some() {
                let mark = self.problems.mark();
                raws.list = self.list(field, id)?;
                raws.list_problems = mark..self.problems.mark();
            } else {
                self.intake.skip(&begun)?;
            }
            if let Some(raw) = raws.parts.get_mut(part as usize) {
                *raw = Some(Raw {
                    key: place,
                    place: value_place,
                    begun,
                });
            }
        }
        Ok(raws)
    }

    #[cold]
    fn single_item(&mut self, field: &Field<'_>, place: Place, before: usize) {
        // What is said of its keys is beside the point.
        self.problems.forget(before..usize::MAX);
        let help = format!(
            "put the item in a list: `{}: [{{ … }}]`, or begin its line with `- `",
            field.fact.name()
        );
        let message = format!("`{}` is a list, found a single item", field.fact.path);
        self.error(place, message, Some(help));
    }

    #[cold]
    fn nothing_known(&mut self, field: &Field<'_>, raws: &Raws<'s>, place: Place, before: usize) {
        // An unknown key was already reported, and says it better.
        if self.problems.mark() != before {
            return;
        }
        let help = if raws.is_empty {
            "write the value itself, or leave the fact out"
        } else {
            "write `{ value: …, date: … }` or `{ missing: not_performed }`"
        };
        let message = format!("`{}` has neither `value` nor `missing`", field.fact.path);
        self.error(place, message, Some(help.into()));
    }

    /// A key that the map does not have.
    #[cold]
    pub(super) fn unknown_key<'n>(
        &mut self,
        what: &str,
        name: &str,
        allowed: impl Iterator<Item = &'n str> + Clone,
        map: u32,
    ) {
        self.odd_key(name, map);
        if self.problems.are_many() {
            return;
        }
        let help = lookalike::explain(name).or_else(|| did_you_mean(name, allowed));
        let message = format!("{what} has no key `{name}`");
        let about = self.step.path(self.table, name);
        let place = self.intake.key_place();
        self.report(place, Some("unknown-key"), about, message, help, false);
    }

    /// A text, or a number or boolean as it was written.
    #[inline]
    fn text_of<'r>(&mut self, raw: &'r Raw<'s>, what: &str, part: &str) -> Option<&'r str> {
        match &raw.begun {
            Content::Scalar(scalar) => Some(scalar.text.trim_end_matches('\n')),
            begun => {
                let (message, help) = not_a_text(what, begun);
                self.error_in(raw.place, part, message, help);
                None
            }
        }
    }

    fn complete(&mut self, raw: &Raw<'s>) -> bool {
        if let Content::Scalar(scalar) = &raw.begun {
            match &*scalar.text {
                "true" | "yes" => return true,
                "false" | "no" => return false,
                _ => {}
            }
            if self.table.words.is_some() {
                match text::name_key(&scalar.text).as_deref() {
                    Some("true" | "yes") => return true,
                    Some("false" | "no") => return false,
                    _ => {}
                }
            }
        }
        self.error_in(
            raw.place,
            "complete",
            "`complete` says whether the list is complete",
            Some("write `yes` or `no`".into()),
        );
        true
    }

    /// Why there is no value.
    pub(super) fn cause(&mut self, raw: &Raw<'s>) -> Option<Value> {
        let code = self.text_of(raw, "`missing`", "missing")?;
        if let Some(cause) = Absent::from_code(code) {
            return Some(Value::Null(Missing::Stated(cause)));
        }
        if let Some(cause) = self.table.words.as_ref().and_then(|words| words.find(code)) {
            self.spell(code, None);
            return Some(Value::Null(Missing::Stated(cause)));
        }
        let codes = Absent::CODES.iter().map(|(code, _)| *code);
        let help = did_you_mean(code, codes);
        self.error_in(
            raw.place,
            "missing",
            format!("`{code}` is not a cause"),
            help,
        );
        None
    }

    fn past_date(&mut self, raw: &Raw<'s>) -> Option<Bounds<Date>> {
        if matches!(raw.begun, Content::Null) {
            return None;
        }
        let text = self.text_of(raw, "`date`", "date")?;
        if let Some(day) = text.as_bytes().try_into().ok().and_then(syntax::day)
            && self.day.is_past(day)
        {
            return Some(Bounds::exact(day));
        }
        let parsed = values::past_date(text, Some(self.day.needed()));
        self.checked(raw.place, "date", parsed)
    }

    /// A limit of normal, in a unit of its own or in that of the value that it came with.
    fn limit(
        &mut self,
        field: &Field<'_>,
        raw: &Raw<'s>,
        unit: Option<&str>,
        part: &str,
    ) -> Option<Decimal> {
        let (fact, syntax) = &**field.limit.as_ref()?;
        let text = self.text_of(raw, "a limit of normal", part)?;
        let value = match syntax.read(text, unit) {
            Some(Found::Value(value)) => value,
            _ => {
                let parsed = self.limit_in_any_spelling(fact, text, unit);
                self.checked(raw.place, part, parsed)?.value
            }
        };
        if let Value::Number(bounds) = value {
            bounds.value()
        } else {
            None
        }
    }

    fn limit_in_any_spelling(
        &mut self,
        fact: &Fact,
        text: &str,
        unit: Option<&str>,
    ) -> Result<Parsed, BadValue> {
        let today = self.day.today;
        let exact = values::limit(fact, text, unit, today);
        if exact.is_ok() || self.table.words.is_none() {
            return exact;
        }
        let unit = unit.filter(|_| values::unit_in(fact, text).is_none());
        match spelling::as_declared(fact, text, unit) {
            None => exact,
            Some(Err(bad)) => Err(bad),
            Some(Ok((declared, declared_unit))) => {
                // Of a unit beside it, which is that of the value, it was said with the value.
                if declared != text.trim() {
                    self.spell(text, None);
                }
                values::limit(fact, &declared, declared_unit.as_deref(), today)
            }
        }
    }

    /// Limits of normal that cannot be meant: an upper one of nothing, or a lower one above it.
    fn limits_in_order(
        &mut self,
        field: &Field<'_>,
        raws: &Raws<'s>,
        uln: Option<Decimal>,
        lln: Option<Decimal>,
    ) {
        let range = match &field.fact.kind {
            Kind::Quantity(measure) => measure.limits.as_ref().or(measure.range.as_ref()),
            Kind::Integer(range) | Kind::Decimal(range) => range.as_ref(),
            _ => None,
        };
        let may_be_negative = || {
            range
                .and_then(|range| range.low)
                .is_some_and(|low| low.value < Decimal::ZERO)
        };
        if let (Some(upper), Some(raw)) = (uln, raws.get(Part::Uln))
            && upper <= Decimal::ZERO
            && !may_be_negative()
        {
            let help = "leave `uln` out where the laboratory gives none";
            let message = "an upper limit of normal is more than 0";
            self.error_in(raw.place, "uln", message, Some(help.into()));
        }
        if let (Some(lower), Some(upper), Some(raw)) = (lln, uln, raws.get(Part::Lln))
            && lower > upper
        {
            let help = "`lln` is the lower limit, `uln` the upper: correct them";
            let message = "the lower limit of normal lies above the upper one";
            self.error_in(raw.place, "lln", message, Some(help.into()));
        }
    }

    /// A field of an item written as a map: `{ value: …, unit: … }` or `{ missing: … }`.
    pub(super) fn field_map(&mut self, field: &Field<'_>) -> Result<Option<Value>, Broken> {
        let table = self.table;
        let (names, what) = (&table.field_keys, || format!("`{}`", field.fact.path));
        let (place, map) = (self.intake.place(), self.buffer.begin_map());
        let mut raws: [Option<Raw<'s>>; 3] = [const { None }; 3];
        let mut next = 0;
        while let Some(key) = self.intake.key(names, next, next)? {
            let key_place = self.intake.key_place();
            let known = match key {
                Key::Known(known) => Some(known),
                Key::Unknown(name) => {
                    self.unknown_key(&what(), &name, names.iter(), map);
                    None
                }
            };
            let begun = self.intake.value()?;
            let value_place = self.intake.place();
            self.intake.skip(&begun)?;
            let Some((known, raw)) = known.and_then(|known| Some((known, raws.get_mut(known)?)))
            else {
                continue;
            };
            next = known + 1;
            match raw {
                Some(first) => {
                    let first = first.key;
                    self.stands_twice(key_place, first, names.get(known), map);
                }
                None => {
                    *raw = Some(Raw {
                        key: key_place,
                        place: value_place,
                        begun,
                    });
                }
            }
        }
        let [value, unit, missing] = &raws;
        let unit = unit
            .as_ref()
            .and_then(|unit| self.text_of(unit, "`unit`", "unit"));
        Ok(match (value, missing) {
            (Some(value), None) => self
                .plain(field, &value.begun, unit, value.place)
                .map(|known| known.value),
            (None, Some(missing)) => self.cause(missing),
            _ => {
                self.error(
                    place,
                    format!("{} needs `value` or `missing`", what()),
                    None,
                );
                None
            }
        })
    }
}

/// Whether an item of a list has such a field.
fn is_item_key(field: &Field<'_>, name: &str) -> bool {
    match (&field.fact.kind, field.items.as_deref()) {
        (Kind::List(kind), Some(Items::Fields { .. })) => kind.field(name).is_some(),
        _ => false,
    }
}

/// A list to which items may be missing, or not.
fn opened(mut known: Known, is_open: bool) -> Known {
    if let Value::List(list) = &mut known.value
        && list.open != is_open
    {
        std::sync::Arc::make_mut(list).open = is_open;
    }
    known
}

/// Keeps a text in memory that is used again. One without a visible character is none: it signs nothing.
#[inline]
fn keep(place: &mut Option<String>, text: Option<&str>) {
    match text.filter(|text| lookalike::has_visible_character(text)) {
        Some(text) => {
            let place = place.get_or_insert_default();
            place.clear();
            place.push_str(text);
        }
        None => *place = None,
    }
}
