//! An expression taken apart: what every part of it is worth for one candidate.
//!
//! Where [`Context::truth`] stops as soon as an answer is certain, this looks at every part, for those who want to
//! know what each contributes: coverage, and whoever explains a rule.

use super::{Context, Scope, inside};
use crate::cql::typed::{Expression, Operation, Query};
use crate::value::{Truth, Value};

/// A part of an expression and what it is worth.
#[derive(Debug, Clone, Copy)]
pub struct Step<'e, 'v> {
    /// The part.
    pub expression: &'e Expression,
    /// What it is worth.
    pub value: &'v Value,
    /// How many parts it stands in.
    pub depth: usize,
    /// How many queries it stands in. There it is visited once for every item of the list.
    pub queries: usize,
}

impl Context<'_> {
    /// Calls `visit` with the expression and every part of it, each before its own parts.
    ///
    /// Inside a query, `where`, `return` and `sort by` are visited for each item. Of `if` and `case`, the conditions up to
    /// the one that is true are visited, and the branches that may be taken. A definition is a part without parts;
    /// `visit` gets its expression by tracing it as well.
    pub fn trace<'e>(&self, expression: &'e Expression, visit: &mut dyn FnMut(Step<'e, '_>)) {
        Tracer {
            context: self,
            visit,
        }
        .part(expression, None, 0);
    }
}

struct Tracer<'c, 'x, 'f, 'e> {
    context: &'c Context<'x>,
    visit: &'f mut dyn FnMut(Step<'e, '_>),
}

impl<'e> Tracer<'_, '_, '_, 'e> {
    fn part(&mut self, expression: &'e Expression, scope: Scope<'_>, depth: usize) {
        let context = self.context;
        let value = context.evaluate(expression, scope);
        (self.visit)(Step {
            expression,
            value: &value,
            depth,
            queries: scope.map_or(0, |level| level.depth + 1),
        });
        match &expression.operation {
            Operation::Query(query) => self.query(query, scope, depth + 1),
            Operation::Case(branches, otherwise) => {
                for (when, then) in branches {
                    self.part(when, scope, depth + 1);
                    let truth = context.condition(when, scope);
                    if truth != Truth::False {
                        self.part(then, scope, depth + 1);
                    }
                    if truth == Truth::True {
                        return;
                    }
                }
                self.part(otherwise, scope, depth + 1);
            }
            _ => {
                for part in expression.parts() {
                    self.part(part, scope, depth + 1);
                }
            }
        }
    }

    fn query(&mut self, query: &'e Query, scope: Scope<'_>, depth: usize) {
        let context = self.context;
        self.part(&query.source, scope, depth);
        let source = context.evaluate(&query.source, scope);
        let Value::List(list) = &*source else { return };
        for element in &list.elements {
            let level = inside(scope, &element.value);
            let mut kept = Truth::True;
            if let Some(filter) = &query.filter {
                self.part(filter, Some(&level), depth);
                kept = context.condition(filter, Some(&level));
            }
            // What is made of an item, and by what it is sorted, matters only if the item may be kept.
            if kept != Truth::False {
                for part in query
                    .result
                    .iter()
                    .chain(query.sort.as_ref().map(|(key, _)| key))
                {
                    self.part(part, Some(&level), depth);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use jiff::civil::date;

    use super::*;
    use crate::cql::{self, Names, Scope as May};
    use crate::diagnostic::Source;
    use crate::document::{self, Notation};
    use crate::record::{self, Dates};
    use crate::trial;

    const FACTS: &str = "
format: eligo/trial/1
trial: { id: T, title: A trial }
facts:
  age: { type: integer, label: Age }
  fit: { type: boolean, label: Fit }
  lines: { type: list, label: Lines, item: { cycles: { type: integer }, open: { type: boolean } } }
criteria: { inclusion: [ { id: I1, title: T, text: T, require: fit } ] }
";

    /// Every part of an expression with its truth, as `text: truth`, further in for each part that it stands in.
    fn traced(record: &str, text: &str) -> Vec<String> {
        let (trial, _) = trial::compile(&Source::new("t.yaml", FACTS)).unwrap();
        let source = Source::new("r.yaml", record);
        let document = document::read(&source, Notation::Yaml).unwrap();
        let today = date(2026, 11, 20);
        let record = record::read(
            &source,
            &document,
            "T",
            &trial.facts,
            Dates { as_of: None, today },
        )
        .unwrap();
        let names = Names {
            facts: &trial.facts,
            definitions: &HashMap::new(),
            expressions: &[],
            defined: &[],
        };
        let expression = cql::compile(text, names, May::Free, None).unwrap();
        let mut steps = Vec::new();
        let context = Context::new(&record.entries, &[], today);
        context.trace(&expression, &mut |step| {
            if step.expression.kind == cql::Type::Boolean {
                steps.push(format!(
                    "{}{}: {:?}",
                    " ".repeat(step.depth),
                    &text[step.expression.span.clone()],
                    step.value.truth()
                ));
            }
        });
        steps
    }

    #[test]
    fn looks_at_every_part_although_the_first_decides() {
        assert_eq!(
            traced("{ age: 5, fit: yes }", "fit or age > 6"),
            ["fit or age > 6: True", " fit: True", " age > 6: False"]
        );
        assert_eq!(
            traced("{ age: 5 }", "not fit"),
            ["not fit: Unknown", " fit: Unknown"]
        );
    }

    #[test]
    fn looks_at_every_item_of_a_query() {
        let steps = traced(
            "{ lines: [ { cycles: 1 }, { cycles: 4 }, {} ] }",
            "exists (lines L where L.cycles > 2)",
        );
        assert_eq!(
            steps,
            [
                "exists (lines L where L.cycles > 2): True",
                "  L.cycles > 2: False",
                "  L.cycles > 2: True",
                "  L.cycles > 2: Unknown"
            ]
        );
        let steps = traced(
            "{ lines: [ { cycles: 1, open: yes }, { cycles: 4, open: no } ] }",
            "AnyTrue(lines L where L.cycles > 2 return L.open)",
        );
        assert_eq!(
            steps[1..],
            [
                "  L.cycles > 2: False",
                "  L.cycles > 2: True",
                "  L.open: False"
            ]
        );
    }

    #[test]
    fn looks_at_the_branches_that_may_be_taken() {
        let text = "if fit then age > 1 else age > 9";
        assert_eq!(
            traced("{ age: 5, fit: yes }", text)[1..],
            [" fit: True", " age > 1: True"]
        );
        assert_eq!(
            traced("{ age: 5, fit: no }", text)[1..],
            [" fit: False", " age > 9: False"]
        );
        assert_eq!(
            traced("{ age: 5 }", text)[1..],
            [" fit: Unknown", " age > 1: True", " age > 9: False"]
        );
    }
}
