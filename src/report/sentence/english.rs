//! What a condition asks for, in words: `ecog <= 2` → "ECOG performance status is at most 2".
//!
//! In: a typed expression and the declarations that it names. Out: an English clause without any syntax of the expression
//! language. Labels stand as the trial file has them, values in “quotation marks”, and whatever could be read in two ways in
//! round brackets. A definition is called by its label. A negation is worked into the words, which changes no truth:
//! "at most 2" is True, False and Unknown exactly where "more than 2" is False, True and Unknown.

use super::value_phrase::{Level, Scope};
use super::values::{self, constant, limit, lower_first, shown};
use crate::cql::syntax::{Is, Offset, Relation, Timing};
use crate::cql::typed::{Aggregate, Comparison, Expression, Limits, Operation};
use crate::cql::{Definition, Type};
use crate::facts::Facts;
use crate::trial::Trial;
use crate::value::{Truth, Value};

/// Says what the expressions of a trial ask for.
#[derive(Clone, Copy)]
pub struct EnglishWriter<'t> {
    pub(super) facts: &'t Facts,
    pub(super) definitions: &'t [Definition],
    /// The text that the spans of an expression belong to.
    pub(super) text: Option<&'t str>,
}

impl<'t> EnglishWriter<'t> {
    /// Words for the expressions of this trial.
    #[must_use]
    pub fn new(trial: &'t Trial) -> Self {
        Self {
            facts: &trial.facts,
            definitions: &trial.definitions,
            text: None,
        }
    }

    /// The same for expressions of this text, whose quantities are said in the unit in which it has them.
    #[must_use]
    pub fn with_text<'u>(self, text: &'u str) -> EnglishWriter<'u>
    where
        't: 'u,
    {
        EnglishWriter {
            text: Some(text),
            ..self
        }
    }

    /// A condition as a clause: `ECOG performance status is at most 2`.
    #[must_use]
    pub fn condition(&self, condition: &Expression) -> String {
        self.clause(condition, None, true)
    }

    /// What must be so where the condition is not: `ECOG performance status is more than 2`.
    #[must_use]
    pub fn negation(&self, condition: &Expression) -> String {
        self.clause(condition, None, false)
    }

    /// A condition on an element of a list, the list being the source of a query that stands in no other.
    #[must_use]
    pub fn condition_of_element(&self, condition: &Expression, source: &Expression) -> String {
        self.clause(
            condition,
            Some(&Level::inside(None, self.element_name(source))),
            true,
        )
    }

    /// The same, where it is not so.
    #[must_use]
    pub fn negation_of_element(&self, condition: &Expression, source: &Expression) -> String {
        self.clause(
            condition,
            Some(&Level::inside(None, self.element_name(source))),
            false,
        )
    }

    /// A value as a noun phrase: `the upper limit of normal of ALT`. A condition is named as a question: `whether …`.
    #[must_use]
    pub fn value(&self, expression: &Expression) -> String {
        self.value_phrase(expression, None)
    }

    /// What a value is called for short: by its label, without what else the words for it say; none if it has no name.
    pub(crate) fn short_name(&self, expression: &Expression) -> Option<String> {
        Some(match &expression.operation {
            Operation::Fact(id) => self.facts.get(*id).label.clone(),
            Operation::Attribute(id, attribute) => {
                format!("{}, {}", self.facts.get(*id).label, attribute.name())
            }
            Operation::Definition(id) => id.among(self.definitions).label.clone(),
            Operation::Age(precision, ..) => format!("age in {}", precision.plural()),
            Operation::Aggregate(Aggregate::Count, list)
                if matches!(list.operation, Operation::Fact(_)) =>
            {
                format!("number of {}", lower_first(&self.short_name(list)?))
            }
            _ => return None,
        })
    }

    pub(super) fn clause(&self, condition: &Expression, scope: Scope<'_>, yes: bool) -> String {
        let nested = |part: &Expression, yes| self.nested(part, scope, yes);
        match &condition.operation {
            Operation::Not(inner) => self.clause(inner, scope, !yes),
            Operation::All(parts) if yes => self.each(parts, scope).join(", and "),
            Operation::Any(parts) if yes => self.each(parts, scope).join(", or "),
            Operation::All(parts) => match self.each(parts, scope).as_slice() {
                [first, second] => format!("not both {first} and {second}"),
                parts => format!("not all of ({})", parts.join("; ")),
            },
            Operation::Any(parts) => match self.each(parts, scope).as_slice() {
                [first, second] => format!("neither {first} nor {second}"),
                parts => format!("none of ({})", parts.join("; ")),
            },
            Operation::Xor(left, right) => self.one_of_two(left, right, scope, yes),
            Operation::Implies(left, right) => {
                let (left, right) = (nested(left, true), nested(right, yes));
                if yes {
                    format!("if {left}, then {right}")
                } else {
                    format!("{left}, but {right}")
                }
            }
            Operation::Case(branches, otherwise) => {
                let branches = branches.iter();
                let words: Vec<String> = branches
                    .map(|(when, then)| {
                        format!("if {}, then {}", nested(when, true), nested(then, yes))
                    })
                    .collect();
                format!(
                    "{}; otherwise {}",
                    words.join("; else "),
                    nested(otherwise, yes)
                )
            }
            _ => self.predicate(condition, scope, yes),
        }
    }

    /// A condition that is not made of conditions.
    fn predicate(&self, condition: &Expression, scope: Scope<'_>, yes: bool) -> String {
        match &condition.operation {
            Operation::Compare(comparison, left, right) => {
                self.comparison(comparison.negated_if(!yes), left, right, scope)
            }
            Operation::Between(value, limits) => self.between(value, limits, scope, yes),
            Operation::In(value, options) => self.choice(value, options, scope, yes),
            Operation::Member(value, list) => {
                let (value, list) = (
                    self.value_phrase(value, scope),
                    self.collection(list, scope),
                );
                format!("{value} is {}among {list}", if yes { "" } else { "not " })
            }
            Operation::Is(operand, what, negated) => {
                self.is(operand, *what, *negated != yes, scope)
            }
            Operation::Equivalent(left, right, negated) => {
                let (left, right) = (
                    self.value_phrase(left, scope),
                    self.value_phrase(right, scope),
                );
                if *negated == yes {
                    format!("{left} and {right} differ, or only one of them is known")
                } else {
                    format!("{left} and {right} are the same, or neither of them is known")
                }
            }
            Operation::Exists(list) => self.exists(list, scope, yes),
            Operation::Aggregate(aggregate @ (Aggregate::AllTrue | Aggregate::AnyTrue), list) => {
                self.of_every(*aggregate == Aggregate::AllTrue, list, scope, yes)
            }
            Operation::Timing(timing, left, right) => {
                let anchor = self.part(right, about(scope, left).as_ref());
                stands(*timing, &self.value_phrase(left, scope), &anchor, yes)
            }
            Operation::Definition(id) => {
                let label = &id.among(self.definitions).label;
                if yes {
                    term(label)
                } else {
                    format!("not “{label}”")
                }
            }
            Operation::Constant(value) => match value.truth() {
                Truth::Unknown => "this stays unknown".to_owned(),
                truth if (truth == Truth::True) == yes => "this always holds".to_owned(),
                _ => "this never holds".to_owned(),
            },
            // A yes or no of the record, or of a list's item, or one that is picked from several.
            _ => {
                let value = self.value_phrase(condition, scope);
                format!("{value} is {}", self.answered(condition, yes))
            }
        }
    }

    /// The parts of a chain, each a clause inside another.
    fn each(&self, parts: &[Expression], scope: Scope<'_>) -> Vec<String> {
        let parts = parts.iter();
        parts.map(|part| self.nested(part, scope, true)).collect()
    }

    /// That a value is one of several, or none of them.
    fn choice(
        &self,
        value: &Expression,
        options: &[Expression],
        scope: Scope<'_>,
        yes: bool,
    ) -> String {
        let about = about(scope, value);
        let options: Vec<String> = options
            .iter()
            .map(|option| self.value_phrase(option, about.as_ref()))
            .collect();
        let words = match (options.as_slice(), yes) {
            ([one], true) => one.clone(),
            ([one], false) => format!("other than {one}"),
            ([first, second], true) => format!("either {first} or {second}"),
            ([first, second], false) => format!("neither {first} nor {second}"),
            (all, true) => format!("one of {}", listed(all, "or")),
            (all, false) => format!("none of {}", listed(all, "or")),
        };
        format!("{} is {words}", self.value_phrase(value, scope))
    }

    /// A clause inside another: in brackets where its end could not be seen.
    fn nested(&self, part: &Expression, scope: Scope<'_>, yes: bool) -> String {
        let words = self.clause(part, scope, yes);
        if is_composite(part) {
            format!("({words})")
        } else {
            words
        }
    }

    fn one_of_two(
        &self,
        left: &Expression,
        right: &Expression,
        scope: Scope<'_>,
        one: bool,
    ) -> String {
        let (left, right) = (
            self.nested(left, scope, true),
            self.nested(right, scope, true),
        );
        if one {
            format!("either {left} or {right}, but not both")
        } else {
            format!("both or neither of ({left}; {right})")
        }
    }

    /// The answer that a yes or no must have.
    fn answered(&self, condition: &Expression, yes: bool) -> String {
        match (self.words_of_boolean(condition), yes) {
            (Some((word, _)), true) | (Some((_, word)), false) if word != "yes" && word != "no" => {
                format!("“{word}”")
            }
            (_, true) => "answered yes".to_owned(),
            (_, false) => "answered no".to_owned(),
        }
    }

    fn comparison(
        &self,
        comparison: Comparison,
        left: &Expression,
        right: &Expression,
        scope: Scope<'_>,
    ) -> String {
        if left.kind == Type::Boolean || right.kind == Type::Boolean {
            let equal = comparison == Comparison::Equal;
            return match (known(left), known(right)) {
                (_, Some(value)) => self.clause(left, scope, value == equal),
                (Some(value), _) => self.clause(right, scope, value == equal),
                _ => self.one_of_two(left, right, scope, !equal),
            };
        }
        let (left, right, comparison) = if constant(left).is_some() && constant(right).is_none() {
            (right, left, comparison.flipped())
        } else {
            (left, right, comparison)
        };
        let (subject, value) = (
            self.value_phrase(left, scope),
            self.value_phrase(right, about(scope, left).as_ref()),
        );
        let said = match comparison {
            Comparison::Equal if constant(right).is_none() => format!("the same as {value}"),
            comparison => limit(comparison, &value, &left.kind),
        };
        format!("{subject} is {said}")
    }

    fn between(&self, value: &Expression, limits: &Limits, scope: Scope<'_>, yes: bool) -> String {
        let about = about(scope, value);
        let subject = self.value_phrase(value, scope);
        if let (None, None, false) = (&limits.low, &limits.high, yes) {
            return "this never holds".to_owned();
        }
        let show = |end: &Expression| Some(self.value_phrase(end, about.as_ref()));
        let range = range(limits, &value.kind, !yes, show).filter(|range| !range.is_empty());
        let range = range.unwrap_or_else(|| "anything at all".to_owned());
        format!("{subject} is {range}")
    }

    /// `is null` and its like, `yes` if it is asked for without `not`.
    fn is(&self, operand: &Expression, what: Is, yes: bool, scope: Scope<'_>) -> String {
        let known = if yes {
            "it is known that"
        } else {
            "it is not known that"
        };
        match what {
            Is::Null if operand.kind == Type::Boolean && is_clause(operand) => {
                format!(
                    "it is {} {}",
                    if yes { "not known" } else { "known" },
                    self.value_phrase(operand, scope)
                )
            }
            Is::Null => format!(
                "{} is {}",
                self.value_phrase(operand, scope),
                if yes { "not known" } else { "known" }
            ),
            Is::True => format!("{known} {}", self.nested(operand, scope, true)),
            Is::False => format!("{known} {}", self.nested(operand, scope, false)),
        }
    }
}

/// What a condition asks of a value that it holds against limits or choices.
pub(crate) struct Demand<'e> {
    /// The value.
    pub subject: &'e Expression,
    /// What it has to be: `at most 2`, `B-ALL or T-ALL`.
    pub words: String,
    /// The choices, if it has to be one of them.
    pub choices: Vec<String>,
}

impl<'e> Demand<'e> {
    /// The value that a condition holds against literals, limits or choices.
    pub fn subject_of(condition: &'e Expression) -> Option<&'e Expression> {
        match &condition.operation {
            Operation::Not(inner) => Self::subject_of(inner),
            Operation::Compare(_, left, right) => match (constant(left), constant(right)) {
                (None, Some(_)) => Some(left),
                (Some(_), None) => Some(right),
                _ => None,
            },
            Operation::In(value, _) | Operation::Between(value, _) => Some(value),
            _ => None,
        }
    }

    /// None for a condition of another kind, or where `show` has no words for what the value is held against.
    pub fn of(
        condition: &'e Expression,
        negated: bool,
        show: impl Fn(&Expression) -> Option<String>,
    ) -> Option<Self> {
        let (subject, words, choices) = match &condition.operation {
            Operation::Not(inner) => return Self::of(inner, !negated, show),
            Operation::Compare(comparison, left, right) => {
                let (subject, against, comparison) = match (constant(left), constant(right)) {
                    (None, Some(_)) => (left, right, *comparison),
                    (Some(_), None) => (right, left, comparison.flipped()),
                    _ => return None,
                };
                let value = show(against)?;
                let comparison = comparison.negated_if(negated);
                let words = limit(comparison, &value, &subject.kind);
                let is_choice = comparison == Comparison::Equal;
                (
                    &**subject,
                    words,
                    is_choice.then_some(value).into_iter().collect(),
                )
            }
            Operation::In(value, options) => {
                let choices: Vec<String> = options.iter().map(show).collect::<Option<_>>()?;
                let words = choices.join(" or ");
                if negated {
                    (&**value, format!("other than {words}"), Vec::new())
                } else {
                    (&**value, words, choices)
                }
            }
            Operation::Between(value, limits) => {
                let words = range(limits, &value.kind, negated, show)?;
                (&**value, words, Vec::new())
            }
            _ => return None,
        };
        Some(Self {
            subject,
            words,
            choices,
        })
    }
}

/// What it takes to be within limits, or not to be; none where `show` has no words for a limit.
fn range(
    limits: &Limits,
    kind: &Type,
    negated: bool,
    show: impl Fn(&Expression) -> Option<String>,
) -> Option<String> {
    let end = |end: &Option<(Box<Expression>, bool)>| match end {
        None => Some(None),
        Some((end, inclusive)) => Some(Some((show(end)?, *inclusive))),
    };
    let (low, high) = (end(&limits.low)?, end(&limits.high)?);
    Some(values::range(low, high, kind, negated))
}

/// Inside words about a value: where its own limits of normal follow, they are "its".
fn about<'s>(scope: Scope<'s>, subject: &Expression) -> Option<Level<'s>> {
    match subject.operation {
        Operation::Fact(id) => Some(scope.copied().unwrap_or_default().about(id)),
        _ => scope.copied(),
    }
}

/// How a date must stand to another, or must not.
fn stands(timing: Timing, subject: &str, anchor: &str, yes: bool) -> String {
    let not = if yes { "" } else { "not " };
    let (before, or_same) = match timing.relation {
        Relation::Same => return format!("{subject} is {not}the same day as {anchor}"),
        Relation::Within => {
            let distance = timing
                .offset
                .map_or_else(String::new, |(duration, _)| duration.to_string());
            return if yes {
                format!("{subject} is within {distance} of {anchor}, before or after")
            } else {
                format!("{subject} is more than {distance} before or after {anchor}")
            };
        }
        Relation::Before => (true, timing.or_same),
        Relation::After => (false, timing.or_same),
    };
    let directed = |before: bool, or_same: bool| {
        format!(
            "{}{} {anchor}",
            if or_same { "on or " } else { "" },
            if before { "before" } else { "after" }
        )
    };
    let far = directed(before, false);
    match timing.offset {
        // What is not before is on or after.
        None => format!("{subject} is {}", directed(before == yes, or_same == yes)),
        Some((distance, Offset::Exactly)) => format!("{subject} is {not}exactly {distance} {far}"),
        Some((distance, Offset::OrMore)) => format!("{subject} is {not}at least {distance} {far}"),
        Some((distance, Offset::MoreThan)) => {
            format!("{subject} is {not}more than {distance} {far}")
        }
        Some((distance, offset)) => {
            let most = if offset == Offset::OrLess {
                "at most"
            } else {
                "less than"
            };
            let lead = if yes { "" } else { "it is not so that " };
            format!(
                "{lead}{subject} is {}, by {most} {distance}",
                directed(before, or_same)
            )
        }
    }
}

/// A label inside a sentence: marked where its own words would run into those around it.
pub(super) fn term(label: &str) -> String {
    let runs_on = label.contains([',', ';', ':', '(', '.'])
        || [" and ", " or ", " is "]
            .iter()
            .any(|word| label.contains(word));
    if runs_on {
        format!("“{label}”")
    } else {
        label.to_owned()
    }
}

/// `a, b or c`
pub(crate) fn listed(parts: &[String], word: &str) -> String {
    match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {word} {last}", rest.join(", ")),
        None => "nothing".to_owned(),
    }
}

/// Whether the words for it are a clause of several parts, or end in one.
fn is_composite(part: &Expression) -> bool {
    match &part.operation {
        Operation::Not(inner) => is_composite(inner),
        Operation::All(_)
        | Operation::Any(_)
        | Operation::Xor(..)
        | Operation::Implies(..)
        | Operation::Case(..)
        | Operation::Equivalent(..)
        | Operation::Is(_, Is::True | Is::False, _)
        | Operation::Aggregate(Aggregate::AllTrue | Aggregate::AnyTrue, _) => true,
        Operation::Exists(list) => matches!(list.operation, Operation::Query(_)),
        Operation::Between(_, limits) => !matches!(
            (&limits.low, &limits.high),
            (Some((_, true)), Some((_, true)))
        ),
        Operation::Compare(_, left, right) => {
            left.kind == Type::Boolean || right.kind == Type::Boolean
        }
        Operation::Timing(timing, ..) => {
            timing.relation == Relation::Within
                || matches!(timing.offset, Some((_, Offset::OrLess | Offset::LessThan)))
        }
        _ => false,
    }
}

/// Whether a truth is said as a clause, and not as the answer to a question.
fn is_clause(expression: &Expression) -> bool {
    !matches!(
        expression.operation,
        Operation::Fact(_)
            | Operation::Field(..)
            | Operation::Alias(_)
            | Operation::Constant(_)
            | Operation::Aggregate(Aggregate::First | Aggregate::Last, _)
            | Operation::Function(..)
    )
}

/// The truth of a literal.
fn known(expression: &Expression) -> Option<bool> {
    match &expression.operation {
        Operation::Constant(Value::Boolean(value)) => Some(*value),
        _ => None,
    }
}

/// A literal as a sentence has it.
pub(super) fn literal(value: &Value, kind: &Type) -> String {
    match value {
        Value::Null(_) => "an unknown value".to_owned(),
        Value::Code(_) | Value::Text(_) => format!("“{}”", shown(value, kind)),
        value => shown(value, kind),
    }
}
