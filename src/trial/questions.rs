//! The `questions` of a criterion: independent doubts about wording, each a name in its condition.
//!
//! Every combination of their meanings makes a reading of the criterion: its condition, with what each name stands for
//! in its place. What comes after compilation sees readings only, and which meanings each takes.

use std::ops::Range;

use super::criteria::{Compiler, report, verbs};
use super::{Condition, Meaning, Question, Questions, Reading, Rule, Side};
use crate::cql::lexer::{Token, tokens};
use crate::cql::typed::Operation;
use crate::cql::{self, Expression, ExpressionError, Scope, Type};
use crate::document::Node;
use crate::shape::Fields;

/// How many combinations of meanings one criterion may have.
pub const MOST_COMBINATIONS: usize = 64;

impl Compiler<'_, '_> {
    /// The condition of a criterion with `questions`.
    pub(super) fn asking(
        &mut self,
        fields: Fields<'_>,
        node: &Node,
        side: Side,
        scope: Scope,
        named: &str,
    ) -> (Option<Rule>, Option<Questions>) {
        let (key, _) = verbs(side);
        self.check_verb(fields, side, named);
        if let Some(node) = fields.get("readings") {
            self.reader.error(
                &node.span,
                format!("{named} has readings and questions"),
                Some("make the readings a question of their own".into()),
            );
        }
        let Some(condition) = fields.get(key) else {
            self.reader.error(
                &node.span,
                format!("{named} has questions and no condition that names them"),
                Some(format!(
                    "write `{key}`, with the name of each question in it"
                )),
            );
            return (None, None);
        };
        let Some(text) = self.reader.text(condition, "a condition") else {
            return (None, None);
        };
        let before = self.reader.errors();
        let all = self.questions(node, scope, &text, named);
        if self.reader.errors() > before || all.is_empty() {
            return (None, None);
        }
        let combinations = all
            .iter()
            .try_fold(1_usize, |product, question| {
                product.checked_mul(question.meanings.len())
            })
            .filter(|count| *count <= MOST_COMBINATIONS);
        let Some(combinations) = combinations else {
            self.reader.fault(
                "too-large",
                &node.span,
                format!("{named} has more than {MOST_COMBINATIONS} combinations of readings"),
                Some("split it into sub-criteria, each with its own questions".into()),
            );
            return (None, None);
        };
        let mut readings = Vec::new();
        for number in 0..combinations {
            let picks = picks(&all, number);
            match self.combined(&text, &all, &picks, scope) {
                Ok((expression, text)) => {
                    let span = condition.span.clone();
                    let condition = Condition {
                        expression,
                        text,
                        span,
                    };
                    readings.push(reading(&all, picks, condition));
                }
                Err(errors) => {
                    report(self.reader, condition, &text, errors);
                    return (None, None);
                }
            }
        }
        (
            Some(Rule::Readings(readings)),
            Some(Questions {
                text,
                span: condition.span.clone(),
                all,
            }),
        )
    }

    fn questions(&mut self, node: &Node, scope: Scope, text: &str, named: &str) -> Vec<Question> {
        let mut questions = Vec::new();
        for (key, node) in self.reader.entries(node, "`questions`").unwrap_or_default() {
            let what = format!("question `{}`", key.name);
            self.check_name(&key.name, &key.span, "a question");
            self.check_free(&key.name, &key.span);
            if !tokens(text)
                .unwrap_or_default()
                .iter()
                .any(|(token, _)| is_named(token, &key.name))
            {
                self.reader.error(
                    &key.span,
                    format!("the condition of {named} does not name the {what}"),
                    Some(format!(
                        "write `{}` where its answer makes a difference, or take the question away",
                        key.name
                    )),
                );
            }
            let Some(fields) = self.reader.fields(node, &what, &["readings"]) else {
                continue;
            };
            let Some(node) = self.reader.required(fields, "readings", &what) else {
                continue;
            };
            let meanings = self.meanings(node, scope, &what);
            questions.push(Question {
                name: key.name.clone(),
                meanings,
            });
        }
        if questions.is_empty() && !self.reader.failed() {
            self.reader.error(
                &node.span,
                format!("{named} has no question under `questions`"),
                None,
            );
        }
        questions
    }

    /// That a question does not go by the name of something else that a condition may name.
    fn check_free(&mut self, name: &str, span: &Range<usize>) {
        let taken = if self.names.facts.find(name).is_some() || self.names.facts.is_group(name) {
            Some("already names a fact")
        } else if self.names.definitions.contains_key(name) {
            Some("already names a definition")
        } else if !cql::parser::may_name(name, false) {
            Some("is a keyword of the expression language")
        } else {
            None
        };
        if let Some(taken) = taken {
            self.reader.fault(
                "duplicate-id",
                span,
                format!("`{name}` {taken}"),
                Some("choose another name for the question".into()),
            );
        }
    }

    fn meanings(&mut self, node: &Node, scope: Scope, what: &str) -> Vec<Meaning> {
        let entries = self.reader.entries(node, "`readings`").unwrap_or_default();
        let mut meanings = Vec::new();
        for (key, node) in entries {
            let reading = format!("reading `{}` of {what}", key.name);
            self.check_name(&key.name, &key.span, "a reading");
            let Some(fields) = self.reader.fields(
                node,
                &reading,
                &["say", "basis", "value", "is", "by_site_only"],
            ) else {
                continue;
            };
            let say = self.reader.required_text(fields, "say", &reading);
            let (basis, by_site_only) = (
                self.reader.optional_text(fields, "basis"),
                self.reader.flag(fields, "by_site_only"),
            );
            let stands_for = match (fields.get("value"), fields.get("is")) {
                (Some(node), None) => self.constant(node).map(|text| (text, &node.span, false)),
                (None, Some(node)) => self
                    .condition(node, scope)
                    .map(|condition| (condition.text, &node.span, true)),
                _ => {
                    self.reader.error(
                        &fields.span(),
                        format!("{reading} needs either `value` or `is`"),
                        Some("`value` is a constant, `is` a condition: what the question's name stands for".into()),
                    );
                    None
                }
            };
            if let (Some(say), Some((text, text_span, is_condition))) = (say, stands_for) {
                meanings.push(Meaning {
                    name: key.name.clone(),
                    say,
                    basis,
                    text,
                    is_condition,
                    by_site_only,
                    span: key.span.clone(),
                    text_span: text_span.clone(),
                });
            }
        }
        if entries.len() < 2 {
            self.reader.error(
                &node.span,
                format!("{what} has fewer than two readings"),
                Some("what has one answer is no question: write it into the condition".into()),
            );
        } else if meanings.len() == entries.len()
            && meanings.iter().all(|meaning| meaning.by_site_only)
        {
            self.reader.error(
                &node.span,
                format!("every reading of {what} is `by_site_only`"),
                Some("without a site policy there would be none".into()),
            );
        }
        meanings
    }

    /// The text of a constant.
    fn constant(&mut self, node: &Node) -> Option<String> {
        let text = self.reader.text(node, "`value`")?;
        match cql::compile(&text, self.names, Scope::Free, None) {
            Ok(expression) if is_constant(&expression.operation) => Some(text),
            Ok(_) => {
                self.reader.error(
                    &node.span,
                    "`value` is not a constant",
                    Some("write a number, a quantity, a date or a quoted code; a condition goes under `is`".into()),
                );
                None
            }
            Err(errors) => {
                report(self.reader, node, &text, errors);
                None
            }
        }
    }

    /// The condition with what each question's name stands for, or what is wrong at its place in the condition as it is
    /// written.
    fn combined(
        &self,
        text: &str,
        questions: &[Question],
        picks: &[usize],
        scope: Scope,
    ) -> Result<(Expression, String), Vec<ExpressionError>> {
        let (combined, replaced) =
            written_out(text, questions, picks).map_err(|error| vec![error])?;
        match cql::compile(&combined, self.names, scope, Some(&Type::Boolean)) {
            Ok(expression) => Ok((expression, combined)),
            Err(mut errors) => {
                for error in &mut errors {
                    error.span = replaced.place(error.span.clone());
                }
                Err(errors)
            }
        }
    }
}

fn is_constant(operation: &Operation) -> bool {
    match operation {
        Operation::Constant(_) => true,
        Operation::Negate(inner) => is_constant(&inner.operation),
        _ => false,
    }
}

/// Whether a token of a condition is the name of a question.
fn is_named(token: &Token, name: &str) -> bool {
    matches!(token, Token::Word(word) | Token::Quoted(word) if word == name)
}

/// The meanings of one combination, numbered from 0: the first question changes slowest.
fn picks(questions: &[Question], number: usize) -> Vec<usize> {
    let mut rest = number;
    let mut picks: Vec<usize> = questions
        .iter()
        .rev()
        .map(|question| {
            let count = question.meanings.len().max(1);
            let pick = rest % count;
            rest /= count;
            pick
        })
        .collect();
    picks.reverse();
    picks
}

/// The reading that a combination of meanings makes.
fn reading(questions: &[Question], picks: Vec<usize>, condition: Condition) -> Reading {
    let taken: Vec<&Meaning> = questions
        .iter()
        .zip(&picks)
        .filter_map(|(question, pick)| question.meanings.get(*pick))
        .collect();
    let joined = |part: fn(&Meaning) -> &str, by: &str| {
        taken
            .iter()
            .map(|meaning| part(meaning))
            .collect::<Vec<_>>()
            .join(by)
    };
    Reading {
        name: joined(|meaning| &meaning.name, " + "),
        say: joined(|meaning| &meaning.say, "; "),
        basis: None,
        span: condition.span.clone(),
        condition,
        by_site_only: taken.iter().any(|meaning| meaning.by_site_only),
        picks,
    }
}

/// Where parts of a text were replaced: each place in the new text, and in the old.
#[derive(Debug, Clone, Default)]
pub struct Replaced(Vec<(Range<usize>, Range<usize>)>);

impl Replaced {
    /// Where something in the new text stands in the old.
    #[must_use]
    pub fn place(&self, span: Range<usize>) -> Range<usize> {
        let end = |at: usize, is_end: bool| {
            let (mut new, mut old) = (0, 0);
            for (in_new, in_old) in &self.0 {
                if at < in_new.start || (is_end && at == in_new.start) {
                    break;
                }
                if at < in_new.end || (is_end && at == in_new.end) {
                    return if is_end { in_old.end } else { in_old.start };
                }
                (new, old) = (in_new.end, in_old.end);
            }
            old + (at - new)
        };
        end(span.start, false)..end(span.end, true)
    }
}

impl Questions {
    /// The condition with the meanings of a combination in the place of the questions' names, and where they stand.
    #[must_use]
    pub fn combined(&self, picks: &[usize]) -> Option<(String, Replaced)> {
        written_out(&self.text, &self.all, picks).ok()
    }
}

fn written_out(
    text: &str,
    questions: &[Question],
    picks: &[usize],
) -> Result<(String, Replaced), ExpressionError> {
    let (mut combined, mut replaced, mut copied) = (String::new(), Replaced::default(), 0);
    let mut behind_dot = false;
    for (token, span) in tokens(text)? {
        let meaning = questions
            .iter()
            .zip(picks)
            .filter(|(question, _)| !behind_dot && is_named(&token, &question.name))
            .find_map(|(question, pick)| question.meanings.get(*pick));
        behind_dot = token == Token::Symbol(".");
        let Some(meaning) = meaning else { continue };
        combined.push_str(text.get(copied..span.start).unwrap_or_default());
        let start = combined.len();
        if meaning.is_condition || meaning.text.starts_with('-') {
            combined.push('(');
            combined.push_str(&meaning.text);
            // A comment at its end ends with the line.
            combined.push_str(if meaning.text.contains("//") {
                "\n)"
            } else {
                ")"
            });
        } else {
            combined.push_str(&meaning.text);
        }
        replaced.0.push((start..combined.len(), span.clone()));
        copied = span.end;
    }
    combined.push_str(text.get(copied..).unwrap_or_default());
    Ok((combined, replaced))
}
