//! A small number that stands for the outline of a list of items: their codes, their yes and no, the order of their dates,
//! and what else is known of them, but not what that is.

use rustc_hash::FxHashMap;

use crate::facts::{FactId, ItemKind, Kind};
use crate::record::{Entry, Stamp};
use crate::trial::Trial;
use crate::value::{List, Value};

/// So many outlines of a fact are told apart, the first that came.
const MOST_OUTLINES: usize = 512;
/// Longer lists are rare.
const MOST_ITEMS: usize = 8;

/// Stands for something that is known. The causes of what is missing, and codes, have other numbers.
const KNOWN: u16 = 30;
/// Stands for an item that is the same as another, by its place; the places behind the first follow.
const SAME_AS: u16 = 19_000;
/// Stands for a date before which no other is; those behind it follow.
const FIRST_DATE: u16 = 20_000;

/// What stands for each outline of a fact.
type Known = FxHashMap<Box<[u16]>, Stamp>;

/// The outlines of lists.
pub(super) struct Outlines {
    lists: Vec<(FactId, Known)>,
    outline: Vec<u16>,
}

impl Outlines {
    /// Of every list of items that a trial declares.
    pub(super) fn new(trial: &Trial) -> Self {
        let has_items = |kind: &Kind| matches!(kind, Kind::List(items) if matches!(**items, ItemKind::Fields(_)));
        let lists = trial.facts.iter().filter(|(_, fact)| has_items(&fact.kind));
        Self {
            lists: lists.map(|(id, _)| (id, Known::default())).collect(),
            outline: Vec::new(),
        }
    }

    /// Puts what stands for the outline of a list in place of what stands for no value.
    pub(super) fn stamp(&mut self, entries: &[Entry], stamps: &mut [Stamp]) {
        for (fact, known) in &mut self.lists {
            let Some(stamp) = stamps
                .get_mut(fact.0)
                .filter(|stamp| **stamp == Stamp::NONE)
            else {
                continue;
            };
            let Some(Value::List(list)) = entries.get(fact.0).map(|entry| &entry.value) else {
                continue;
            };
            self.outline.clear();
            if draw(list, &mut self.outline).is_none() {
                continue;
            }
            if let Some(outline) = known.get(self.outline.as_slice()) {
                *stamp = *outline;
            } else if known.len() < MOST_OUTLINES {
                // A list without items has a stamp of its own, the first.
                let number = u16::try_from(known.len() + 1).unwrap_or(u16::MAX);
                *stamp = Stamp::of_index(number);
                known.insert(self.outline.as_slice().into(), *stamp);
            }
        }
    }
}

/// Draws the outline of a list; none if it has no outline that says all that a rule may ask.
fn draw(list: &List, outline: &mut Vec<u16>) -> Option<()> {
    if list.open || list.elements.len() > MOST_ITEMS {
        return None;
    }
    for (place, element) in list.elements.iter().enumerate() {
        let Value::Item(fields) = &element.value else {
            return None;
        };
        if !element.certain {
            return None;
        }
        // What may be one of two items is that item, if they are the same.
        let same = list
            .elements
            .iter()
            .take(place)
            .position(|other| other.value == element.value);
        outline.extend(
            same.and_then(|place| u16::try_from(place).ok())
                .map(|place| SAME_AS + place),
        );
        for (index, field) in fields.iter().enumerate() {
            outline.push(match field {
                Value::Null(_) | Value::Boolean(_) | Value::Code(_) => {
                    Stamp::of_value(field).number()?
                }
                Value::Number(_) | Value::Duration(_) | Value::Text(_) => KNOWN,
                // One alone needs no order.
                Value::Date(date) if list.elements.len() == 1 && date.value().is_none() => KNOWN,
                Value::Date(date) => {
                    let date = date.value()?;
                    let mut before = 0;
                    for other in &list.elements {
                        let Value::Item(others) = &other.value else {
                            return None;
                        };
                        if let Some(Value::Date(other)) = others.get(index) {
                            before += u16::from(other.value()? < date);
                        }
                    }
                    FIRST_DATE + before
                }
                Value::List(_) | Value::Item(_) | Value::OneOf(_) => return None,
            });
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::civil::date;

    use super::*;
    use crate::value::{Absent, Bounds, Code, Element, Missing};

    fn outline(items: &[&[Value]]) -> Option<Vec<u16>> {
        let elements = items
            .iter()
            .map(|fields| Element {
                value: Value::Item(Arc::from(*fields)),
                certain: true,
            })
            .collect();
        let mut outline = Vec::new();
        draw(
            &List {
                elements,
                open: false,
            },
            &mut outline,
        )
        .map(|()| outline)
    }

    fn code(index: u16) -> Value {
        Value::Code(Code {
            index,
            unclear: false,
        })
    }

    fn day(day: i8) -> Value {
        Value::Date(Bounds::exact(date(2026, 11, day)))
    }

    #[test]
    fn what_rules_may_ask_makes_another_outline() {
        let one = outline(&[&[code(0), day(1), Value::number(5)]]);
        assert!(one.is_some());
        assert_eq!(
            one,
            outline(&[&[code(0), day(20), Value::number(7)]]),
            "a date alone and a number are not told apart"
        );
        let missing = |cause| Value::Null(cause);
        let others = [
            outline(&[&[code(1), day(1), Value::number(5)]]),
            outline(&[&[code(0), day(1), missing(Missing::NotRecorded)]]),
            outline(&[&[
                code(0),
                day(1),
                missing(Missing::Stated(Absent::NotPerformed)),
            ]]),
            outline(&[&[code(0), missing(Missing::NotRecorded), Value::number(5)]]),
            outline(&[
                &[code(0), day(1), Value::number(5)],
                &[code(0), day(1), Value::number(5)],
            ]),
        ];
        for (index, other) in others.iter().enumerate() {
            assert!(other.is_some() && *other != one, "{index}");
            assert!(
                others.iter().skip(index + 1).all(|third| third != other),
                "{index}"
            );
        }
    }

    #[test]
    fn the_order_of_dates_is_told() {
        let dates = |days: [i8; 3]| {
            outline(
                &days
                    .map(|one| vec![code(0), day(one)])
                    .each_ref()
                    .map(Vec::as_slice),
            )
        };
        assert_eq!(dates([1, 2, 3]), dates([4, 8, 20]));
        assert_eq!(dates([1, 1, 3]), dates([4, 4, 20]));
        let orders = [
            [1, 2, 3],
            [2, 1, 3],
            [1, 1, 3],
            [1, 3, 3],
            [2, 2, 2],
            [3, 2, 1],
        ]
        .map(dates);
        for (index, order) in orders.iter().enumerate() {
            assert!(
                order.is_some() && orders.iter().skip(index + 1).all(|other| other != order),
                "{index}"
            );
        }
    }

    /// What may be one of two that are the same is that one.
    #[test]
    fn items_that_are_the_same_are_told() {
        let items = |numbers: [i32; 3]| {
            outline(
                &numbers
                    .map(|number| [day(1), Value::number(number)])
                    .each_ref()
                    .map(<[Value; 2]>::as_slice),
            )
        };
        let others = [[1, 2, 3], [1, 1, 3], [1, 2, 1], [1, 2, 2], [1, 1, 1]].map(items);
        for (index, other) in others.iter().enumerate() {
            assert!(
                others.iter().skip(index + 1).all(|third| third != other),
                "{index}"
            );
        }
        assert_eq!(items([5, 7, 5]), items([1, 2, 1]));
    }

    #[test]
    fn what_is_known_in_part_has_no_outline() {
        let month = [Value::Date(Bounds::between(
            date(2026, 11, 1),
            Some(date(2026, 11, 30)),
        ))];
        assert_eq!(outline(&[&month, &month]), None);
        assert!(outline(&[&month]).is_some(), "one alone needs no order");
        assert_eq!(outline(&[&[code(0)][..]; 9]), None);
        let mut drawn = Vec::new();
        assert_eq!(
            draw(
                &List {
                    elements: Vec::new(),
                    open: true
                },
                &mut drawn
            ),
            None
        );
    }
}
