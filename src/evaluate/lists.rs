//! Lists: queries, and what is made of their elements.

use rust_decimal::Decimal;

use super::{Context, Scope, cause_of, inside};
use crate::cql::typed::{Aggregate, Comparison, Expression, Operation, Query};
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
