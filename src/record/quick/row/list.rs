//! Lists, in memory that is used again.

use std::sync::Arc;

use super::Row;
use crate::facts::{Fact, FactId, ItemKind};
use crate::record::quick::scalar::expected;
use crate::record::quick::{Field, Plan};
use crate::value::{Element, List, Missing, Value};

impl Row<'_, '_, '_, '_> {
    pub(super) fn list(&mut self, id: FactId, kind: &ItemKind) -> Option<Value> {
        let mut list = self
            .draft
            .spare_lists
            .get_mut(id.0)?
            .take()
            .unwrap_or_default();
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
        let reusable = match list
            .elements
            .get_mut(count)
            .map(|element| &mut element.value)
        {
            Some(Value::Item(values)) => {
                Arc::get_mut(values).is_some_and(|values| values.len() == fields.len())
            }
            _ => false,
        };
        if !reusable {
            put(
                list,
                count,
                Value::Item(vec![Value::Null(Missing::NotRecorded); fields.len()].into()),
            );
        }
        let Some(Value::Item(values)) = list
            .elements
            .get_mut(count)
            .map(|element| &mut element.value)
        else {
            return None;
        };
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
        Some(element) => {
            *element = Element {
                value,
                certain: true,
            }
        }
        None => list.elements.push(Element {
            value,
            certain: true,
        }),
    }
}
