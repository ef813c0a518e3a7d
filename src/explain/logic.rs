//! A condition → its parts as a tree, and what is known of a candidate at each of them.

use std::collections::HashSet;

use super::model::{EntryFinding, Finding, Form, ListFinding, MissingPart, Role, Tree};
use crate::cql::typed::{Expression, Operation, Query};
use crate::cql::{DefinitionId, Type, facts_of};
use crate::evaluate::Context;
use crate::facts::FactId;
use crate::report::sentence::english::EnglishWriter;
use crate::report::sentence::{Sentences, missing_in_words};
use crate::screening::GapCause;
use crate::trial::Trial;
use crate::value::{Truth, Value};

/// Takes conditions apart.
pub struct Logician<'x> {
    /// The trial.
    pub trial: &'x Trial,
    /// Its words.
    pub english: EnglishWriter<'x>,
    /// What is known of a candidate, if one is looked at.
    pub known: Option<Known<'x>>,
}

/// What is known of a candidate.
#[derive(Clone, Copy)]
pub struct Known<'x> {
    /// The entries and the day.
    pub context: Context<'x>,
    /// Their words.
    pub sentences: &'x Sentences<'x>,
}

/// What a part is evaluated and said for.
#[derive(Clone, Copy)]
enum About<'v> {
    /// The candidate.
    Candidate,
    /// An element of the list that a query looks through.
    Element(&'v Query, &'v Value),
}

impl Logician<'_> {
    /// The tree of a condition whose text is `text`.
    #[must_use]
    pub fn tree(&self, condition: &Expression, text: &str) -> Tree {
        let mut tree = self.part(condition, text, About::Candidate, &mut HashSet::new());
        decide(&mut tree, true);
        tree
    }

    fn part(
        &self,
        part: &Expression,
        text: &str,
        about: About<'_>,
        expanded: &mut HashSet<DefinitionId>,
    ) -> Tree {
        let expression = text
            .get(part.span.clone())
            .unwrap_or(text)
            .trim()
            .to_owned();
        let mut below = |part: &Expression, role| Tree {
            role,
            ..self.part(part, text, about, expanded)
        };
        let plain = |parts: &[Expression],
                     below: &mut dyn FnMut(&Expression, Option<Role>) -> Tree|
         -> Vec<Tree> { parts.iter().map(|part| below(part, None)).collect() };
        let (form, children) = match &part.operation {
            Operation::All(parts) => (Form::All, plain(parts, &mut below)),
            Operation::Any(parts) => (Form::Any, plain(parts, &mut below)),
            Operation::Xor(left, right) => {
                (Form::OneOfTwo, vec![below(left, None), below(right, None)])
            }
            Operation::Implies(left, right) => (
                Form::Implies,
                vec![below(left, Some(Role::If)), below(right, Some(Role::Then))],
            ),
            Operation::Case(branches, otherwise) if part.kind == Type::Boolean => {
                let mut parts = Vec::new();
                for (index, (when, then)) in branches.iter().enumerate() {
                    parts.push(below(
                        when,
                        Some(if index == 0 { Role::If } else { Role::ElseIf }),
                    ));
                    parts.push(below(then, Some(Role::Then)));
                }
                parts.push(below(otherwise, Some(Role::Otherwise)));
                (Form::Choice, parts)
            }
            Operation::Not(inner) => match &inner.operation {
                Operation::All(parts) => (Form::NotAll, plain(parts, &mut below)),
                Operation::Any(parts) => (Form::None, plain(parts, &mut below)),
                Operation::Not(twice) => {
                    return Tree {
                        expression,
                        ..below(twice, None)
                    };
                }
                Operation::Xor(..) | Operation::Implies(..) | Operation::Case(..) => {
                    (Form::Not, vec![below(inner, None)])
                }
                Operation::Definition(_) if self.known.is_some() => {
                    (Form::Not, vec![below(inner, None)])
                }
                _ => (Form::Leaf, Vec::new()),
            },
            Operation::Definition(id) => (Form::Term, self.definition(*id, expanded)),
            _ => (Form::Leaf, Vec::new()),
        };
        let says = match form {
            Form::Leaf | Form::Term if matches!(about, About::Candidate) => {
                self.english.with_text(text).condition(part)
            }
            Form::Leaf | Form::Term => self.says(part, about, true),
            _ => joined(form).to_owned(),
        };
        let finding = self
            .known
            .map(|known| self.finding(known, part, about, children.is_empty()));
        Tree {
            form,
            role: None,
            says,
            expression,
            children,
            finding,
        }
    }

    /// What a definition stands for, once in a tree and only where there is something to see there.
    fn definition(&self, id: DefinitionId, expanded: &mut HashSet<DefinitionId>) -> Vec<Tree> {
        match self.trial.definitions.get(id.0) {
            Some(definition) if self.known.is_some() && expanded.insert(id) => {
                vec![self.part(
                    &definition.expression,
                    &definition.text,
                    About::Candidate,
                    expanded,
                )]
            }
            _ => Vec::new(),
        }
    }

    fn says(&self, part: &Expression, about: About<'_>, yes: bool) -> String {
        match (about, yes) {
            (About::Candidate, true) => self.english.condition(part),
            (About::Candidate, false) => self.english.negation(part),
            (About::Element(query, _), true) => {
                self.english.condition_of_element(part, &query.source)
            }
            (About::Element(query, _), false) => {
                self.english.negation_of_element(part, &query.source)
            }
        }
    }

    fn truth(known: Known<'_>, part: &Expression, about: About<'_>) -> Truth {
        match about {
            About::Candidate => known.context.truth(part),
            About::Element(_, element) => known.context.truth_for(part, element),
        }
    }

    fn finding(
        &self,
        known: Known<'_>,
        part: &Expression,
        about: About<'_>,
        leaf: bool,
    ) -> Finding {
        let mut finding = Finding {
            truth: Self::truth(known, part, about),
            decides: false,
            known: Vec::new(),
            missing: Vec::new(),
            lists: Vec::new(),
        };
        if !leaf || matches!(about, About::Element(..)) {
            return finding;
        }
        finding.known = known
            .sentences
            .known(part, queries_of(part, self.trial).is_empty());
        if finding.truth == Truth::Unknown {
            finding.missing = facts_of(part, &self.trial.definitions)
                .into_iter()
                .filter_map(|id| Some((id, GapCause::of(&known.context.entries.get(id.0)?.value)?)))
                .chain(without(part, known.context))
                .map(|(id, cause)| {
                    let fact = self.trial.facts.get(id);
                    MissingPart {
                        fact: fact.path.clone(),
                        label: fact.label.clone(),
                        cause: cause.code(),
                        why: missing_in_words(cause),
                    }
                })
                .collect();
        }
        finding.lists = self.lists(part);
        finding
    }

    /// The entries of every list that an expression looks through.
    #[must_use]
    pub fn lists(&self, expression: &Expression) -> Vec<ListFinding> {
        let Some(known) = self.known else {
            return Vec::new();
        };
        queries_of(expression, self.trial)
            .into_iter()
            .filter_map(|query| self.list(known, query))
            .collect()
    }

    /// Which elements of a list a query keeps, which perhaps, and which not.
    fn list(&self, known: Known<'_>, query: &Query) -> Option<ListFinding> {
        let Value::List(list) = known.context.value(&query.source) else {
            return None;
        };
        let Type::List(kind) = &query.source.kind else {
            return None;
        };
        let entries = list.elements.iter().map(|element| {
            let about = About::Element(query, &element.value);
            let mut counts = query.filter.as_ref().map_or(Truth::True, |filter| {
                known.context.truth_for(filter, &element.value)
            });
            let mut because = Vec::new();
            if let Some(filter) = query.filter.as_ref().filter(|_| counts != Truth::True) {
                because = self.because(known, filter, about);
            } else if let Some(result) = query
                .result
                .as_ref()
                .filter(|result| result.kind == Type::Boolean)
            {
                because.push(self.stated(known, result, about));
            }
            if !element.certain && counts == Truth::True {
                counts = Truth::Unknown;
            }
            EntryFinding {
                shown: known.sentences.element(kind, &element.value),
                counts,
                because,
            }
        });
        let looks_for = match &query.filter {
            Some(filter) => self.english.condition_of_element(filter, &query.source),
            None => "nothing else is asked".to_owned(),
        };
        Some(ListFinding {
            looks_for,
            entries: entries.collect(),
            open: list.open,
        })
    }

    /// The parts of a filter that keep an element out or leave it in doubt.
    fn because(&self, known: Known<'_>, filter: &Expression, about: About<'_>) -> Vec<String> {
        let whole = Self::truth(known, filter, about);
        match &filter.operation {
            Operation::All(parts) | Operation::Any(parts) => {
                let decisive = parts
                    .iter()
                    .filter(|part| Self::truth(known, part, about) == whole);
                decisive
                    .flat_map(|part| self.because(known, part, about))
                    .collect()
            }
            _ => vec![self.stated(known, filter, about)],
        }
    }

    /// A part as it is: said, denied, or in doubt.
    fn stated(&self, known: Known<'_>, part: &Expression, about: About<'_>) -> String {
        match Self::truth(known, part, about) {
            Truth::True => self.says(part, about, true),
            Truth::False => self.says(part, about, false),
            Truth::Unknown => format!("not known whether {}", self.says(part, about, true)),
        }
    }
}

/// The facts whose value is known, but not what a condition needs beside it.
fn without(part: &Expression, context: Context<'_>) -> Vec<(FactId, GapCause)> {
    let mut found = Vec::new();
    part.walk(&mut |part| {
        if let Operation::Attribute(id, attribute) = part.operation
            && context.value(part).is_null()
            && context
                .entries
                .get(id.0)
                .is_some_and(|entry| !entry.value.is_null())
            && !found.contains(&(id, GapCause::Without(attribute)))
        {
            found.push((id, GapCause::Without(attribute)));
        }
    });
    found
}

/// How the parts of a form are joined, in words.
fn joined(form: Form) -> &'static str {
    match form {
        Form::All => "all of these",
        Form::Any => "at least one of these",
        Form::NotAll => "not all of these",
        Form::None => "none of these",
        Form::Not => "the opposite of this",
        Form::OneOfTwo => "one of these, but not both",
        Form::Implies => "if the first holds, the second too",
        Form::Choice => "as the first that fits says",
        Form::Leaf | Form::Term => "",
    }
}

/// Marks the parts that made the whole what it is.
fn decide(tree: &mut Tree, decides: bool) {
    let Some(finding) = &mut tree.finding else {
        return;
    };
    finding.decides = decides;
    let truth = finding.truth;
    let wanted = match tree.form {
        Form::All | Form::Any | Form::Term => Some(truth),
        Form::NotAll | Form::None | Form::Not => Some(!truth),
        _ => None,
    };
    if tree.form == Form::Choice {
        return decide_choice(&mut tree.children, decides);
    }
    let implies = tree.form == Form::Implies;
    for (index, child) in tree.children.iter_mut().enumerate() {
        let mine = child
            .finding
            .as_ref()
            .map_or(Truth::Unknown, |finding| finding.truth);
        // `a implies b` is `not a or b`.
        let share = if implies {
            (if index == 0 { !mine } else { mine }) == truth
        } else {
            wanted.is_none_or(|wanted| mine == wanted)
        };
        decide(child, decides && share);
    }
}

/// Of a choice, the conditions up to the first that holds decide, and what stands behind those that may hold.
fn decide_choice(children: &mut [Tree], decides: bool) {
    let mut open = true;
    let mut taken = false;
    for child in children {
        let truth = child
            .finding
            .as_ref()
            .map_or(Truth::Unknown, |finding| finding.truth);
        match child.role {
            Some(Role::If | Role::ElseIf) => {
                decide(child, decides && open);
                taken = open && truth != Truth::False;
                open = open && truth != Truth::True;
            }
            Some(Role::Then) => decide(child, decides && taken),
            _ => decide(child, decides && open),
        }
    }
}

/// The definitions that an expression names itself.
#[must_use]
pub fn definitions_of(expression: &Expression) -> Vec<DefinitionId> {
    let mut found = Vec::new();
    expression.walk(&mut |part| {
        if let Operation::Definition(id) = part.operation
            && !found.contains(&id)
        {
            found.push(id);
        }
    });
    found
}

/// The queries of an expression and of the definitions behind it that look through a list of the record, the queries
/// inside other queries left out.
fn queries_of<'x>(expression: &'x Expression, trial: &'x Trial) -> Vec<&'x Query> {
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    collect_queries(expression, trial, &mut seen, &mut found);
    found
}

fn collect_queries<'x>(
    expression: &'x Expression,
    trial: &'x Trial,
    seen: &mut HashSet<DefinitionId>,
    found: &mut Vec<&'x Query>,
) {
    match &expression.operation {
        Operation::Query(query) => {
            if !found.iter().any(|known| {
                known.source == query.source
                    && known.filter == query.filter
                    && known.result == query.result
            }) {
                found.push(query);
            }
            collect_queries(&query.source, trial, seen, found);
        }
        Operation::Definition(id) => {
            if let Some(definition) = trial.definitions.get(id.0).filter(|_| seen.insert(*id)) {
                collect_queries(&definition.expression, trial, seen, found);
            }
        }
        _ => expression
            .parts()
            .into_iter()
            .for_each(|part| collect_queries(part, trial, seen, found)),
    }
}
