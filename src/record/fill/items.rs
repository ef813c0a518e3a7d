//! Lists, in memory that is used again.

use std::sync::Arc;

use super::Filler;
use super::evidence::Raw;
use super::value::{Known, not_a_text};
use crate::diagnostic::did_you_mean;
use crate::diagnostic::lookalike::has_visible_character;
use crate::entry::{Entry, Evidence};
use crate::facts::FactId;
use crate::record::intake::{Broken, Content, Intake, Key};
use crate::record::names::Names;
use crate::record::table::{BESIDE_FIELDS, Field, Items};
use crate::value::{Element, List, Missing, Value};

impl<'s, I: Intake<'s>> Filler<'_, '_, 's, I> {
    /// The items of a list that was begun; none if one of them is wrong.
    pub(super) fn items(
        &mut self,
        field: &Field<'_>,
        items: &Items<'_>,
        id: Option<FactId>,
    ) -> Result<Option<Known>, Broken> {
        let before = self.problems.mark();
        let mut list = id
            .and_then(|id| self.buffer.spare_lists.get_mut(id.0)?.take())
            .unwrap_or_default();
        if Arc::get_mut(&mut list).is_none() {
            list = Arc::default();
        }
        let outer = self.step;
        let (mut count, mut evidence) = (0, Vec::new());
        if let Some(list) = Arc::get_mut(&mut list) {
            list.open = false;
            while self.intake.item()? {
                self.step = outer.item(self.intake.number_of_item(count));
                let begun = self.intake.value()?;
                let about = match items {
                    Items::Single(single) => self.single(single, &begun, list, count)?,
                    Items::Fields {
                        names,
                        fields,
                        first,
                    } => self.item(field, (names, fields, *first), &begun, list, count)?,
                };
                if let Some(about) = about {
                    // The items before it say nothing of where they come from.
                    evidence.resize_with(count, Evidence::default);
                    evidence.push(about);
                }
                count += 1;
            }
            list.elements.truncate(count);
        }
        self.step = outer;
        if !evidence.is_empty() {
            evidence.resize_with(count, Evidence::default);
        }
        Ok((self.problems.mark() == before).then_some(Known {
            value: Value::List(list),
            written: None,
            items: evidence,
        }))
    }

    /// An item that is one value; where it comes from, if it says so.
    fn single(
        &mut self,
        field: &Field<'_>,
        begun: &Content<'s>,
        list: &mut List,
        count: usize,
    ) -> Result<Option<Evidence>, Broken> {
        let Some(Entry { value, evidence }) = self.entry(field, None, begun)? else {
            return Ok(None);
        };
        put(list, count, value);
        Ok(evidence.map(|evidence| *evidence))
    }

    /// An item with fields. Beside them it may say where it comes from.
    fn item(
        &mut self,
        of: &Field<'_>,
        (names, fields, first): (&Names, &[Field<'_>], usize),
        begun: &Content<'s>,
        list: &mut List,
        count: usize,
    ) -> Result<Option<Evidence>, Broken> {
        let alone = fields.iter().position(|field| field.fact.alone);
        if let (Some(alone), Content::Scalar(_) | Content::Null) = (alone, begun) {
            return self.alone(fields, alone, begun, list, count);
        }
        if !matches!(begun, Content::Map) {
            self.not_an_item(of, fields, begun);
            self.intake.skip(begun)?;
            return Ok(None);
        }
        let map = self.buffer.begin_map();
        let step = self.step;
        let mut values = Item::at(list, count, fields.len());
        let mut evidence = None;
        let mut next = 0;
        while let Some(key) = self.intake.key(names, next, next)? {
            let key = match key {
                Key::Known(key) => key,
                Key::Unknown(name) => match (alone, &*name) {
                    // An item that is written as one value may say where that comes from, as any value does.
                    (Some(alone), "value") => alone,
                    (Some(alone), "missing") => {
                        if let Some(cause) = self.cause_alone()? {
                            values.set(alone, cause);
                        }
                        continue;
                    }
                    _ => {
                        self.no_field(of, fields, &name, map);
                        let begun = self.intake.value()?;
                        self.intake.skip(&begun)?;
                        continue;
                    }
                },
            };
            next = key + 1;
            let name = names.get(key);
            let is_first = self.is_first(map, first + key, name);
            let Some(field) = fields.get(key) else {
                let begun = self.intake.value()?;
                self.beside_fields(name, &begun, is_first, &mut evidence)?;
                continue;
            };
            self.step = step.field(key);
            let value = self.value_of_field(field)?;
            self.step = step;
            if let Some(value) = value {
                values.set(key, value);
            }
        }
        Ok(evidence)
    }

    fn value_of_field(&mut self, field: &Field<'_>) -> Result<Option<Value>, Broken> {
        Ok(match &self.intake.value()? {
            Content::Map => self.field_map(field)?,
            Content::List => self.list(field, None)?.map(|known| known.value),
            Content::Null => Some(Value::Null(Missing::NotRecorded)),
            Content::Scalar(scalar) => {
                let place = self.intake.place();
                self.scalar(field, &scalar.text, None, place)
                    .map(|known| known.value)
            }
        })
    }

    /// An item of which only one field is written, without its name.
    fn alone(
        &mut self,
        fields: &[Field<'_>],
        alone: usize,
        begun: &Content<'s>,
        list: &mut List,
        count: usize,
    ) -> Result<Option<Evidence>, Broken> {
        let place = self.intake.place();
        let mut values = Item::at(list, count, fields.len());
        if let (Some(field), Content::Scalar(scalar)) = (fields.get(alone), begun)
            && let Some(known) = self.scalar(field, &scalar.text, None, place)
        {
            values.set(alone, known.value);
        }
        Ok(None)
    }

    /// Why the one value of an item is missing.
    fn cause_alone(&mut self) -> Result<Option<Value>, Broken> {
        let key = self.intake.key_place();
        let begun = self.intake.value()?;
        let place = self.intake.place();
        self.intake.skip(&begun)?;
        Ok(self.cause(&Raw { key, place, begun }))
    }

    /// What stands beside the fields of an item.
    fn beside_fields(
        &mut self,
        name: &str,
        begun: &Content<'s>,
        is_first: bool,
        evidence: &mut Option<Evidence>,
    ) -> Result<(), Broken> {
        match begun {
            Content::Null => {}
            Content::Scalar(scalar) => {
                let evidence = evidence.get_or_insert_default();
                let place = match name {
                    "by" => &mut evidence.by,
                    "source" => &mut evidence.source,
                    _ => &mut evidence.note,
                };
                if is_first && has_visible_character(&scalar.text) {
                    *place = Some(scalar.text.trim_end_matches('\n').to_owned());
                }
            }
            _ => {
                let (message, help) = not_a_text(&format!("`{name}`"), begun);
                self.error_in(self.intake.place(), name, message, help);
                self.intake.skip(begun)?;
            }
        }
        Ok(())
    }

    #[cold]
    fn not_an_item(&mut self, of: &Field<'_>, fields: &[Field<'_>], begun: &Content<'s>) {
        let names: Vec<String> = fields
            .iter()
            .map(|field| format!("{}: …", field.fact.name()))
            .collect();
        let help = format!(
            "write each item with its fields: {{ {} }}",
            names.join(", ")
        );
        let message = format!(
            "an item of `{}` has fields, found {}",
            of.fact.path,
            begun.describe()
        );
        self.error(self.intake.place(), message, Some(help));
    }

    #[cold]
    fn no_field(&mut self, of: &Field<'_>, fields: &[Field<'_>], name: &str, map: u32) {
        self.odd_key(name, map);
        let names: Vec<&str> = fields
            .iter()
            .map(|field| field.fact.name())
            .chain(BESIDE_FIELDS)
            .collect();
        let message = format!("an item of `{}` has no field `{name}`", of.fact.path);
        let help = did_you_mean(name, names);
        let place = self.intake.key_place();
        self.error_in(place, name, message, help);
    }
}

/// The values of an item's fields.
struct Item<'l> {
    values: &'l mut [Value],
}

impl<'l> Item<'l> {
    /// The item at a place of a list, without values. It is made if the list is not so long.
    fn at(list: &'l mut List, count: usize, fields: usize) -> Self {
        let nothing = Value::Null(Missing::NotRecorded);
        let is_there = match list.elements.get_mut(count) {
            Some(Element {
                value: Value::Item(values),
                ..
            }) => Arc::get_mut(values).is_some_and(|values| values.len() == fields),
            _ => false,
        };
        if !is_there {
            put(
                list,
                count,
                Value::Item(vec![nothing.clone(); fields].into()),
            );
        }
        let values = match list
            .elements
            .get_mut(count)
            .map(|element| &mut element.value)
        {
            Some(Value::Item(values)) => Arc::get_mut(values).unwrap_or_default(),
            _ => &mut [],
        };
        values.fill(nothing);
        Self { values }
    }

    fn set(&mut self, place: usize, value: Value) {
        if let Some(field) = self.values.get_mut(place) {
            *field = value;
        }
    }
}

fn put(list: &mut List, count: usize, value: Value) {
    let element = Element {
        value,
        certain: true,
    };
    match list.elements.get_mut(count) {
        Some(place) => *place = element,
        None => list.elements.push(element),
    }
}
