//! A condition → its parts as a tree, and what is known of a candidate at each of them.

use std::collections::HashSet;

use super::model::{EntryFinding, Finding, Form, ListFinding, MissingPart, Role, Tree};
use crate::cql::typed::{Expression, Operation, Query};
use crate::cql::{DefinitionId, Type, attributes_of, facts_of};
use crate::evaluate::Context;
use crate::facts::FactId;
use crate::report::sentence::english::EnglishWriter;
use crate::report::sentence::{Sentences, missing_in_words};
use crate::screening::GapCause;
use crate::trial::Trial;
use crate::value::{Truth, Value};

/// Takes conditions apart.
pub struct TreeBuilder<'x> {
    trial: &'x Trial,
    pub(super) english: EnglishWriter<'x>,
    pub(super) sentences: Option<&'x Sentences<'x>>,
}

impl<'x> TreeBuilder<'x> {
    /// For the conditions of a trial, and for what is known of a candidate, if one is looked at.
    #[must_use]
    pub fn new(trial: &'x Trial, sentences: Option<&'x Sentences<'x>>) -> Self {
        Self {
            trial,
            english: EnglishWriter::new(trial),
            sentences,
        }
    }

    /// The tree of a condition whose text is `text`.
    #[must_use]
    pub fn tree(&self, condition: &Expression, text: &str) -> Tree {
        let mut tree = self.part(condition, text, &mut HashSet::new());
        decide(&mut tree, true);
        tree
    }

    /// `expanded` holds the definitions whose parts are shown already.
    fn part(&self, part: &Expression, text: &str, expanded: &mut HashSet<DefinitionId>) -> Tree {
        let expression = text.get(part.span.clone()).unwrap_or(text).trim();
        if let Operation::Not(inner) = &part.operation
            && let Operation::Not(twice) = &inner.operation
        {
            return Tree {
                expression: expression.to_owned(),
                ..self.part(twice, text, expanded)
            };
        }
        let (form, below) = self.split(part);
        let mut parts: Vec<Tree> = below
            .into_iter()
            .map(|(role, part)| Tree {
                role,
                ..self.part(part, text, expanded)
            })
            .collect();
        if let Operation::Definition(id) = part.operation
            && self.sentences.is_some()
            && let Some(definition) = self.trial.definitions.get(id.0)
            && expanded.insert(id)
        {
            parts.push(self.part(&definition.expression, &definition.text, expanded));
        }
        Tree {
            form,
            role: None,
            says: match joined(form) {
                "" => self.english.with_text(text).condition(part),
                joined => joined.to_owned(),
            },
            expression: expression.to_owned(),
            finding: self
                .sentences
                .map(|sentences| self.finding(sentences, part, parts.is_empty())),
            parts,
        }
    }

    /// How the parts of a condition are joined, and the parts that stand in its own text.
    fn split<'e>(&self, part: &'e Expression) -> (Form, Vec<(Option<Role>, &'e Expression)>) {
        let alike = |parts: &'e [Expression]| parts.iter().map(|part| (None, part)).collect();
        match &part.operation {
            Operation::All(parts) => (Form::All, alike(parts)),
            Operation::Any(parts) => (Form::Any, alike(parts)),
            Operation::Xor(left, right) => {
                (Form::OneOfTwo, vec![(None, &**left), (None, &**right)])
            }
            Operation::Implies(left, right) => {
                let parts = vec![(Some(Role::If), &**left), (Some(Role::Then), &**right)];
                (Form::Implies, parts)
            }
            Operation::Case(branches, otherwise) if part.kind == Type::Boolean => {
                let mut parts = Vec::new();
                for (index, (when, then)) in branches.iter().enumerate() {
                    let role = if index == 0 { Role::If } else { Role::ElseIf };
                    parts.extend([(Some(role), when), (Some(Role::Then), then)]);
                }
                parts.push((Some(Role::Otherwise), &**otherwise));
                (Form::Choice, parts)
            }
            Operation::Not(inner) => match &inner.operation {
                Operation::All(parts) => (Form::NotAll, alike(parts)),
                Operation::Any(parts) => (Form::None, alike(parts)),
                Operation::Xor(..) | Operation::Implies(..) | Operation::Case(..) => {
                    (Form::Not, vec![(None, &**inner)])
                }
                Operation::Definition(_) if self.sentences.is_some() => {
                    (Form::Not, vec![(None, &**inner)])
                }
                _ => (Form::Leaf, Vec::new()),
            },
            Operation::Definition(_) => (Form::Term, Vec::new()),
            _ => (Form::Leaf, Vec::new()),
        }
    }

    /// What is known at a part; more than its truth at a `leaf` only.
    fn finding(&self, sentences: &Sentences<'_>, part: &Expression, leaf: bool) -> Finding {
        let truth = sentences.context.truth(part);
        let mut finding = Finding {
            truth,
            decides: false,
            known: Vec::new(),
            missing: Vec::new(),
            lists: Vec::new(),
        };
        if leaf {
            let no_query = queries_of(part, self.trial).is_empty();
            finding.known = sentences.observed_facts(part, no_query);
            finding.lists = self.lists(part);
        }
        if leaf && truth == Truth::Unknown {
            let causes = self.causes(&sentences.context, part).into_iter();
            finding.missing = causes
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
        finding
    }

    /// Why the facts that a part names, directly or by way of definitions, may leave it open: first what is known of their
    /// values, then what is not known beside these.
    fn causes(&self, context: &Context<'_>, part: &Expression) -> Vec<(FactId, GapCause)> {
        let definitions = &self.trial.definitions;
        let (mut causes, mut beside) = (Vec::new(), Vec::new());
        for id in facts_of(part, definitions) {
            let Some(entry) = context.entries.get(id.0) else {
                continue;
            };
            causes.extend(GapCause::of(&entry.value).map(|cause| (id, cause)));
            if !entry.value.is_null() {
                let attributes = attributes_of(id, part, definitions).into_iter();
                let missing = attributes.filter(|attribute| entry.attribute(*attribute).is_null());
                beside.extend(missing.map(|attribute| (id, GapCause::Without(attribute))));
            }
        }
        causes.append(&mut beside);
        causes
    }

    /// The entries of every list that an expression looks through.
    #[must_use]
    pub fn lists(&self, expression: &Expression) -> Vec<ListFinding> {
        let Some(sentences) = self.sentences else {
            return Vec::new();
        };
        queries_of(expression, self.trial)
            .into_iter()
            .filter_map(|query| self.list(sentences, query))
            .collect()
    }

    /// Which elements of a list a query keeps, which perhaps, and which not.
    fn list(&self, sentences: &Sentences<'_>, query: &Query) -> Option<ListFinding> {
        let Value::List(list) = sentences.context.value(&query.source) else {
            return None;
        };
        let Type::List(kind) = &query.source.kind else {
            return None;
        };
        let result = query.result.as_ref();
        let result = result.filter(|result| result.kind == Type::Boolean);
        let entries = list.elements.iter().map(|element| {
            let element_of = Element {
                context: sentences.context,
                query,
                value: &element.value,
            };
            let filter = query.filter.as_ref();
            let mut counts = filter.map_or(Truth::True, |filter| element_of.truth(filter));
            let because = match (filter, result) {
                (Some(filter), _) if counts != Truth::True => self.because(&element_of, filter),
                (_, Some(result)) => vec![self.stated(&element_of, result)],
                _ => Vec::new(),
            };
            if !element.certain && counts == Truth::True {
                counts = Truth::Unknown;
            }
            EntryFinding {
                shown: sentences.element(kind, &element.value),
                counts,
                because,
            }
        });
        Some(ListFinding {
            entries: entries.collect(),
            looks_for: match &query.filter {
                Some(filter) => self.english.condition_of_element(filter, &query.source),
                None => "nothing else is asked".to_owned(),
            },
            complete: !list.open,
        })
    }

    /// The parts of a filter that keep an element out or leave it in doubt.
    fn because(&self, element: &Element<'_>, filter: &Expression) -> Vec<String> {
        match &filter.operation {
            Operation::All(parts) | Operation::Any(parts) => {
                let whole = element.truth(filter);
                let decisive = parts.iter().filter(|part| element.truth(part) == whole);
                decisive
                    .flat_map(|part| self.because(element, part))
                    .collect()
            }
            _ => vec![self.stated(element, filter)],
        }
    }

    /// A part as it is of an element: said, denied, or in doubt.
    fn stated(&self, element: &Element<'_>, part: &Expression) -> String {
        let source = &element.query.source;
        let so = || self.english.condition_of_element(part, source);
        match element.truth(part) {
            Truth::True => so(),
            Truth::False => self.english.negation_of_element(part, source),
            Truth::Unknown => format!("not known whether {}", so()),
        }
    }
}

/// An element of the list that a query looks through.
struct Element<'v> {
    context: Context<'v>,
    query: &'v Query,
    value: &'v Value,
}

impl Element<'_> {
    fn truth(&self, part: &Expression) -> Truth {
        self.context.truth_for(part, self.value)
    }
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
        return decide_choice(&mut tree.parts, decides);
    }
    for (index, part) in tree.parts.iter_mut().enumerate() {
        let share = match tree.form {
            // `a implies b` is `not a or b`.
            Form::Implies if index == 0 => !part.truth() == truth,
            Form::Implies => part.truth() == truth,
            _ => wanted.is_none_or(|wanted| part.truth() == wanted),
        };
        decide(part, decides && share);
    }
}

/// Of a choice, the conditions up to the first that holds decide, and what stands behind those that may hold.
fn decide_choice(parts: &mut [Tree], decides: bool) {
    let mut open = true;
    let mut taken = false;
    for part in parts {
        match part.role {
            Some(Role::If | Role::ElseIf) => {
                decide(part, decides && open);
                taken = open && part.truth() != Truth::False;
                open = open && part.truth() != Truth::True;
            }
            Some(Role::Then) => decide(part, decides && taken),
            _ => decide(part, decides && open),
        }
    }
}

impl Tree {
    fn truth(&self) -> Truth {
        let finding = self.finding.as_ref();
        finding.map_or(Truth::Unknown, |finding| finding.truth)
    }
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
