//! A value by itself.

use jiff::civil::Date;

use super::Filler;
use crate::diagnostic::lookalike::has_visible_character;
use crate::entry::{Entry, Evidence};
use crate::facts::{FactId, Kind};
use crate::record::intake::{Broken, Content, Intake, Place};
use crate::record::spelling;
use crate::record::syntax::Found;
use crate::record::table::{Field, Items};
use crate::record::values::{self, BadValue, Parsed};
use crate::value::text::one_line;
use crate::value::{Absent, Bounds, Missing, Value};

/// A value, and what can be seen only where it is written.
pub(super) struct Known {
    pub value: Value,
    /// The value as it was written, where a unit was converted.
    pub written: Option<String>,
    /// For a list, where each item comes from; empty if no item says so.
    pub items: Vec<Evidence>,
}

impl From<Value> for Known {
    #[inline]
    fn from(value: Value) -> Self {
        Self {
            value,
            written: None,
            items: Vec::new(),
        }
    }
}

/// What is wrong where a text should stand.
pub(super) fn not_a_text(what: &str, found: &Content<'_>) -> (String, Option<String>) {
    (
        format!("{what} must be a text, found {}", found.describe()),
        Some(format!("write one text without brackets behind {what}")),
    )
}

impl<'s, I: Intake<'s>> Filler<'_, '_, 's, I> {
    /// A fact or an item, plain or with its evidence; none if it is wrong. `id` is the fact whose memory is used.
    #[inline]
    pub(super) fn entry(
        &mut self,
        field: &Field<'_>,
        id: Option<FactId>,
        begun: &Content<'s>,
    ) -> Result<Option<Entry>, Broken> {
        match begun {
            Content::Scalar(scalar) => {
                let place = self.intake.place();
                let Some(known) = self.scalar(field, &scalar.text, None, place) else {
                    return Ok(None);
                };
                let evidence = known.written.map(|written| {
                    Box::new(Evidence {
                        written: Some(written),
                        ..Evidence::default()
                    })
                });
                Ok(Some(Entry {
                    value: known.value,
                    evidence,
                }))
            }
            Content::Null => Ok(Some(Entry::NOT_RECORDED)),
            Content::Map => self.evidenced(field, id),
            Content::List => {
                let known = self.list(field, id)?;
                Ok(known.map(|known| {
                    let evidence = (!known.items.is_empty()).then(|| {
                        Box::new(Evidence {
                            items: known.items,
                            ..Evidence::default()
                        })
                    });
                    Entry {
                        value: known.value,
                        evidence,
                    }
                }))
            }
        }
    }

    /// A value that was begun at `place`, without evidence; `unit` stands beside it.
    pub(super) fn plain(
        &mut self,
        field: &Field<'_>,
        begun: &Content<'s>,
        unit: Option<&str>,
        place: Place,
    ) -> Option<Known> {
        match begun {
            Content::Scalar(scalar) => self.scalar(field, &scalar.text, unit, place),
            Content::Null => Some(Value::Null(Missing::NotRecorded).into()),
            Content::List => {
                self.not_one_value(field, place);
                None
            }
            Content::Map => {
                let help = "write the value itself; its evidence stands beside it: `{ value: …, date: … }`";
                let message = format!("`{}` is one value, found a map", field.fact.path);
                self.error(place, message, Some(help.into()));
                None
            }
        }
    }

    /// A list that was begun: its items, or an error where one value should stand.
    pub(super) fn list(
        &mut self,
        field: &Field<'_>,
        id: Option<FactId>,
    ) -> Result<Option<Known>, Broken> {
        match field.items.as_deref() {
            Some(items) => match self.lone_cause(field, items) {
                Some(known) => {
                    self.intake.skip(&Content::List)?;
                    Ok(known)
                }
                None => self.items(field, items, id),
            },
            None => {
                self.not_one_value(field, self.intake.place());
                self.intake.skip(&Content::List)?;
                Ok(None)
            }
        }
    }

    /// Why a list is missing, where a word stands for it that is none of its items; none inside if that is wrong.
    fn lone_cause(&mut self, field: &Field<'_>, items: &Items<'_>) -> Option<Option<Known>> {
        let word = self.intake.lone_word()?;
        let words = self.table.words.as_ref()?;
        if let Items::Single(single) = items {
            // Most cells hold a declared code, for which no other spelling is to be looked for.
            let is_item = single.syntax.read(word, None).is_some()
                || single
                    .choices
                    .as_ref()
                    .is_some_and(|choices| choices.has(word));
            if is_item {
                return None;
            }
        }
        words.find(word)?;
        let cause = spelling::read((words, None), field.fact, word, None, self.day.today)?;
        let place = self.intake.place();
        if cause.is_ok() {
            self.spell(word, None);
        }
        let known = self.checked(place, "", cause);
        Some(known.map(|parsed| parsed.value.into()))
    }

    #[cold]
    fn not_one_value(&mut self, field: &Field<'_>, place: Place) {
        let help = format!(
            "it is of type {}; bounds are written `1..2`",
            field.fact.type_name()
        );
        let message = format!("`{}` is one value, found a list", field.fact.path);
        self.error(place, message, Some(help));
    }

    /// One value; none if it is wrong.
    #[inline]
    pub(super) fn scalar(
        &mut self,
        field: &Field<'_>,
        text: &str,
        unit: Option<&str>,
        place: Place,
    ) -> Option<Known> {
        match field.syntax.read(text, unit) {
            Some(Found::Value(value)) => Some(value.into()),
            Some(Found::PastDay(day)) if self.day.is_past(day) => {
                Some(Value::Date(Bounds::exact(day)).into())
            }
            _ => self.uncommon(field, text, unit, place),
        }
    }

    /// A value in whatever spelling.
    fn uncommon(
        &mut self,
        field: &Field<'_>,
        text: &str,
        unit: Option<&str>,
        place: Place,
    ) -> Option<Known> {
        // As in an empty cell, nothing is recorded.
        if matches!(field.fact.kind, Kind::Text) && unit.is_none() && !has_visible_character(text) {
            return Some(Value::Null(Missing::NotRecorded).into());
        }
        if text == "unknown" && !field.declares_unknown {
            return Some(Value::Null(Missing::Stated(Absent::Unknown)).into());
        }
        let today = match field.fact.kind {
            Kind::Date(_) | Kind::Duration(_) => self.day.needed(),
            _ => self.day.today,
        };
        let parsed = self.parsed(field, text, unit, today);
        let parsed = self.checked(place, "", parsed)?;
        Some(Known {
            value: parsed.value,
            written: parsed.written,
            items: Vec::new(),
        })
    }

    /// A value as it is declared, else in another spelling.
    fn parsed(
        &mut self,
        field: &Field<'_>,
        text: &str,
        unit: Option<&str>,
        today: Date,
    ) -> Result<Parsed, BadValue> {
        let parse = || values::parse(field.fact, text, unit, today);
        match &field.fact.kind {
            // What is wrong with a code takes long to word, so other spellings are tried before it.
            Kind::Code(set) if set.position(text.trim()).is_none() => self
                .respelled(field, text, unit, today)
                .unwrap_or_else(parse),
            _ => {
                parse().or_else(|bad| self.respelled(field, text, unit, today).unwrap_or(Err(bad)))
            }
        }
    }

    /// A value in a spelling that is not the declared one, or what is wrong with it; none where it is a spelling of nothing.
    fn respelled(
        &mut self,
        field: &Field<'_>,
        text: &str,
        unit: Option<&str>,
        today: Date,
    ) -> Option<Result<Parsed, BadValue>> {
        let words = self.table.words.as_ref()?;
        let choices = field.choices.as_ref();
        let read = spelling::read((words, choices), field.fact, text, unit, today)?;
        if read.is_ok() {
            self.spell(text, unit);
        }
        Some(read)
    }

    /// Notes a spelling that is not the declared one.
    pub(super) fn spell(&mut self, text: &str, unit: Option<&str>) {
        let mut spelled = one_line(text);
        if let Some(unit) = unit {
            spelled = format!("{spelled} {}", one_line(unit));
        }
        if !self.spelled.contains(&spelled) {
            self.spelled.push(spelled);
        }
    }

    /// Says what is wrong with a value, or with a part of what is being read.
    pub(super) fn checked<T>(
        &mut self,
        place: Place,
        part: &str,
        result: Result<T, BadValue>,
    ) -> Option<T> {
        result
            .map_err(|bad| self.error_in(place, part, bad.message, bad.help))
            .ok()
    }
}
