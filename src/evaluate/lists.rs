//! Lists: queries, and what is made of their elements.

use rust_decimal::Decimal;

use super::{Context, Scope, cause_of, inside};
use crate::cql::typed::{Aggregate, Comparison, Expression, Operation, Query};
use crate::value::bounds::End;
use crate::value::{Bounds, Element, List, Truth, Value, number};

impl Context<'_> {
    /// Whether a list has an element; a query's is not built for that.
    pub(super) fn exists(&self, list: &Expression, scope: Scope<'_>) -> Truth {
        let (source, filter) = match &list.operation {
            Operation::Query(query) => (&query.source, query.filter.as_ref()),
            _ => (list, None),
        };
        let source = self.evaluate(source, scope);
        let Value::List(elements) = &*source else {
            return Truth::Unknown;
        };
        let mut exists = if elements.open {
            Truth::Unknown
        } else {
            Truth::False
        };
        for element in &elements.elements {
            let kept = filter.map_or(Truth::True, |filter| {
                self.condition(filter, Some(&inside(scope, &element.value)))
            });
            exists = exists.or(if element.certain {
                kept
            } else {
                kept.and(Truth::Unknown)
            });
            if exists == Truth::True {
                break;
            }
        }
        exists
    }

    /// The elements of a list that a query keeps.
    fn kept<'v>(
        &'v self,
        query: &'v Query,
        list: &'v List,
        scope: Scope<'v>,
    ) -> impl Iterator<Item = Kept<'v>> {
        list.elements
            .iter()
            .filter_map(move |Element { value, certain }| {
                let passes = query.filter.as_ref().map_or(Truth::True, |filter| {
                    self.condition(filter, Some(&inside(scope, value)))
                });
                (passes != Truth::False).then_some(Kept {
                    element: value,
                    certain: *certain && passes == Truth::True,
                })
            })
    }

    /// What becomes of an element of a query's list.
    fn mapped(&self, query: &Query, element: &Value, scope: Scope<'_>) -> Value {
        match &query.result {
            None => element.clone(),
            Some(result) => self
                .evaluate(result, Some(&inside(scope, element)))
                .into_owned(),
        }
    }

    pub(super) fn query(&self, query: &Query, scope: Scope<'_>) -> Value {
        let source = self.evaluate(&query.source, scope);
        let Value::List(list) = &*source else {
            return Value::Null(cause_of(&source));
        };
        let mapped = |kept: Kept<'_>| Element {
            value: self.mapped(query, kept.element, scope),
            certain: kept.certain,
        };
        Value::List(
            List {
                elements: self.kept(query, list, scope).map(mapped).collect(),
                open: list.open,
            }
            .into(),
        )
    }

    /// The first or last of a query's elements in the order of its sort key.
    fn first_of_sorted(
        &self,
        query: &Query,
        key: &Expression,
        greatest: bool,
        scope: Scope<'_>,
    ) -> Value {
        let source = self.evaluate(&query.source, scope);
        let Value::List(list) = &*source else {
            return Value::Null(cause_of(&source));
        };
        let mapped = |element: &Value| self.mapped(query, element, scope);
        let mut kept = self.kept(query, list, scope);
        match (kept.next(), kept.next()) {
            (None, _) => Value::UNKNOWN,
            // One alone needs no order.
            (Some(only), None) => self.foremost(&[only], list.open, &[], greatest, mapped),
            (Some(first), Some(second)) => {
                let kept: Vec<Kept<'_>> = [first, second].into_iter().chain(kept).collect();
                let keys: Vec<Value> = kept
                    .iter()
                    .map(|kept| {
                        self.evaluate(key, Some(&inside(scope, kept.element)))
                            .into_owned()
                    })
                    .collect();
                self.foremost(&kept, list.open, &keys, greatest, mapped)
            }
        }
    }

    pub(super) fn aggregate(
        &self,
        aggregate: Aggregate,
        source: &Expression,
        scope: Scope<'_>,
    ) -> Value {
        if let (Aggregate::First | Aggregate::Last, Operation::Query(query)) =
            (aggregate, &source.operation)
            && let Some((key, descending)) = &query.sort
        {
            return self.first_of_sorted(
                query,
                key,
                (aggregate == Aggregate::Last) != *descending,
                scope,
            );
        }
        let source = self.evaluate(source, scope);
        let Value::List(list) = &*source else {
            return Value::Null(cause_of(&source));
        };
        match aggregate {
            Aggregate::Count => Value::Number(list.count()),
            Aggregate::First | Aggregate::Last => {
                let positions: Vec<Value> = (0..list.elements.len()).map(Value::number).collect();
                self.foremost(
                    &all_of(list),
                    list.open,
                    &positions,
                    aggregate == Aggregate::Last,
                    Value::clone,
                )
            }
            Aggregate::AllTrue | Aggregate::AnyTrue => {
                let all = aggregate == Aggregate::AllTrue;
                let neutral = Truth::from(all);
                let start = if list.open { Truth::Unknown } else { neutral };
                let truth = list.elements.iter().fold(start, |truth, element| {
                    let mine = element.value.truth();
                    let mine = if element.certain {
                        mine
                    } else {
                        mine.join(neutral)
                    };
                    if all { truth.and(mine) } else { truth.or(mine) }
                });
                truth.into()
            }
            Aggregate::Sum | Aggregate::Avg => total(list, aggregate == Aggregate::Avg),
            Aggregate::Median => median(list),
            Aggregate::Min | Aggregate::Max => self.extreme(list, aggregate == Aggregate::Max),
        }
    }

    /// The element with the greatest key (or the least): every element that may be it, as alternatives. Not known
    /// where an element may be missing from the list, or where the list may have none.
    fn foremost(
        &self,
        list: &[Kept<'_>],
        open: bool,
        keys: &[Value],
        greatest: bool,
        mapped: impl Fn(&Value) -> Value,
    ) -> Value {
        if open || !list.iter().any(|kept| kept.certain) {
            return Value::UNKNOWN;
        }
        if let [kept] = list {
            return mapped(kept.element);
        }
        let outranks = if greatest {
            Comparison::Greater
        } else {
            Comparison::Less
        };
        let pairs = || list.iter().zip(keys);
        Value::one_of(
            pairs()
                .filter(|(_, key)| {
                    !pairs().any(|(other, other_key)| {
                        other.certain && self.compare(outranks, other_key, key) == Truth::True
                    })
                })
                .map(|(kept, _)| mapped(kept.element)),
        )
    }

    fn extreme(&self, list: &List, greatest: bool) -> Value {
        if let Some(unknown) = list.elements.iter().find(|element| element.value.is_null()) {
            return unknown.value.clone();
        }
        let keys: Vec<Value> = list
            .elements
            .iter()
            .map(|element| element.value.clone())
            .collect();
        self.foremost(&all_of(list), list.open, &keys, greatest, Value::clone)
    }
}

/// An element that a query keeps, and whether it is certain to.
struct Kept<'v> {
    element: &'v Value,
    certain: bool,
}

fn all_of(list: &List) -> Vec<Kept<'_>> {
    list.elements
        .iter()
        .map(|element| Kept {
            element: &element.value,
            certain: element.certain,
        })
        .collect()
}

fn total(list: &List, mean: bool) -> Value {
    if list.open
        || list.elements.iter().any(|element| !element.certain)
        || (mean && list.elements.is_empty())
    {
        return Value::UNKNOWN;
    }
    let sum = list
        .elements
        .iter()
        .try_fold(
            Bounds::exact(Decimal::ZERO),
            |sum, element| match &element.value {
                Value::Number(number) => number::add(&sum, number),
                _ => None,
            },
        );
    let count = Bounds::exact(Decimal::from(list.elements.len()));
    let result = if mean {
        sum.and_then(|sum| number::divide(&sum, &count))
    } else {
        sum
    };
    result.map_or(Value::UNKNOWN, Value::Number)
}

/// The middle of a list: from where it lies if every element is as low as it may be to where it lies if every one is as
/// high. Not known where an element may be missing from the list, or where the list may have none.
fn median(list: &List) -> Value {
    if list.open || !list.elements.iter().any(|element| element.certain) {
        return Value::UNKNOWN;
    }
    let elements: Option<Vec<(Bounds<Decimal>, bool)>> = list
        .elements
        .iter()
        .map(|element| Some((span(&element.value)?, element.certain)))
        .collect();
    let ends = elements.and_then(|elements| {
        let low = least_median(&elements)?;
        let negatives: Option<Vec<_>> = elements
            .iter()
            .map(|(bounds, certain)| Some((number::negate(bounds)?, *certain)))
            .collect();
        let high = least_median(&negatives?)?;
        let end = |(value, exclusive): (Decimal, bool)| End {
            value,
            inclusive: !exclusive,
        };
        Some((
            low.map(end),
            high.map(|(value, exclusive)| end((-value, exclusive))),
        ))
    });
    match ends {
        None => Value::UNKNOWN,
        Some((None, None)) => {
            let unknown = list.elements.iter().find(|element| element.value.is_null());
            unknown.map_or(Value::UNKNOWN, |unknown| unknown.value.clone())
        }
        Some((low, high)) => Value::Number(Bounds { low, high }),
    }
}

/// A lower end that can be sorted: none lies below every number, and one that does not belong above the same that does.
type Low = Option<(Decimal, bool)>;

/// The lowest that the middle of numbers may be, of which those that are not certain may be absent; none on overflow.
fn least_median(elements: &[(Bounds<Decimal>, bool)]) -> Option<Low> {
    let sorted = |certain: bool| {
        let mut lows: Vec<Low> = elements
            .iter()
            .filter(|element| element.1 == certain)
            .map(|(bounds, _)| bounds.low.map(|low| (low.value, !low.inclusive)))
            .collect();
        lows.sort_unstable();
        lows
    };
    let mut lows = sorted(true);
    let mut least = middle(&lows)?;
    for low in sorted(false) {
        // An element moves the middle towards itself, never past.
        if low >= least {
            break;
        }
        lows.insert(lows.partition_point(|other| *other < low), low);
        least = middle(&lows)?;
    }
    Some(least)
}

/// The middle one of sorted ends, or the mean of the two there; none on overflow.
fn middle(sorted: &[Low]) -> Option<Low> {
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get((sorted.len() / 2).checked_sub(1)?)?;
    match (lower, upper) {
        (Some((lower, below)), Some((upper, above))) => {
            let mean = lower.checked_add(upper)?.checked_div(Decimal::TWO)?;
            Some(Some((mean, below || above)))
        }
        _ => Some(None),
    }
}

/// What is known of a number, as bounds: none where nothing is.
fn span(value: &Value) -> Option<Bounds<Decimal>> {
    match value {
        Value::Number(bounds) => Some(*bounds),
        Value::OneOf(alternatives) => alternatives
            .iter()
            .map(span)
            .reduce(|one, other| Some(one?.hull(&other?)))
            .flatten(),
        Value::Null(_) => Some(Bounds {
            low: None,
            high: None,
        }),
        _ => None,
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;
    use crate::value::Missing;

    /// What an element may be: its value from and to, or none if nothing is known of it; and whether it is certain.
    type Sample = (Option<(i32, i32)>, bool);

    fn element((known, certain): Sample) -> Element {
        let value = known.map_or(Value::Null(Missing::NotRecorded), |(low, high)| {
            Value::Number(Bounds::between(low.into(), Some(high.into())))
        });
        Element { value, certain }
    }

    /// Twice every median that there may be, of an unknown element those of some values far and near.
    fn medians(elements: &[Sample]) -> Vec<i32> {
        let mut lists: Vec<Vec<i32>> = vec![Vec::new()];
        for (known, certain) in elements {
            let values: Vec<i32> = match known {
                Some((low, high)) => (*low..=*high).collect(),
                None => vec![-99, 0, 1, 2, 3, 99],
            };
            let mut longer: Vec<Vec<i32>> = lists
                .iter()
                .flat_map(|list| {
                    let with = |value: &i32| [list.as_slice(), &[*value]].concat();
                    values.iter().map(with).collect::<Vec<_>>()
                })
                .collect();
            if !certain {
                longer.append(&mut lists);
            }
            lists = longer;
        }
        let twice = |mut list: Vec<i32>| {
            list.sort_unstable();
            list[(list.len() - 1) / 2] + list[list.len() / 2]
        };
        lists.into_iter().map(twice).collect()
    }

    #[test]
    fn a_median_reaches_from_the_lowest_that_it_may_be_to_the_highest() {
        let some: [Sample; 7] = [
            (Some((0, 0)), true),
            (Some((2, 2)), true),
            (Some((1, 3)), true),
            (Some((0, 2)), false),
            (Some((3, 3)), false),
            (Some((1, 1)), false),
            (None, true),
        ];
        for code in 0..7_usize.pow(4) {
            let elements: Vec<Sample> = (0..4).map(|at| some[code / 7_usize.pow(at) % 7]).collect();
            for length in 1..=4 {
                let elements = &elements[..length];
                let found = median(&List {
                    elements: elements.iter().copied().map(element).collect(),
                    open: false,
                });
                if !elements.iter().any(|(_, certain)| *certain) {
                    assert_eq!(found, Value::UNKNOWN, "{elements:?}");
                    continue;
                }
                let medians = medians(elements);
                let far =
                    |twice: &i32| (twice.abs() < 90).then(|| Decimal::from(*twice) / Decimal::TWO);
                let least = medians.iter().min().and_then(far);
                let greatest = medians.iter().max().and_then(far);
                match found {
                    Value::Number(bounds) => {
                        assert_eq!(bounds.low.map(|end| end.value), least, "{elements:?}");
                        assert_eq!(bounds.high.map(|end| end.value), greatest, "{elements:?}");
                    }
                    other => {
                        assert_eq!((least, greatest), (None, None), "{elements:?}");
                        assert_eq!(other, Value::Null(Missing::NotRecorded), "{elements:?}");
                    }
                }
            }
        }
    }
}
