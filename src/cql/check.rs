//! Looks up every name and checks every type. What is wrong is collected, so that one run shows all of it.

pub(super) mod absence;
mod calls;
mod operators;
mod units;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

pub use calls::FUNCTIONS;

use super::syntax::{Binary, Is, Node, Syntax};
use super::typed::{Attribute, DefinitionId, Expression, Operation, Type};
use super::{ExpressionError, parser, slips};
use crate::diagnostic::did_you_mean;
use crate::diagnostic::lookalike;
use crate::facts::{Fact, FactId, Facts, ItemKind, Kind, ValueSet};
use crate::value::{Bounds, Code, Value};

/// The names that an expression may use.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// The declared facts.
    pub facts: &'a Facts,
    /// The definitions checked so far, by name.
    pub definitions: &'a HashMap<String, DefinitionId>,
    /// The definitions themselves.
    pub expressions: &'a [Definition],
    /// Every name that the trial file defines, checked or not, to tell a cycle from a word that is not declared.
    pub defined: &'a [String],
}

/// A named expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// How a report calls it.
    pub label: String,
    /// What it stands for.
    pub expression: Expression,
    /// Its text.
    pub text: String,
    /// How many parts it has, those of the definitions that it uses counted as often as it uses them.
    pub weight: usize,
}

/// How many parts the definitions that one expression uses may come to.
pub const MAX_WEIGHT: usize = 10_000;

/// What an expression is for, which says what it may look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// A rule: it may not look at absence, so that more information never turns a decided verdict.
    Rule,
    /// A caution or conflict, a definition, an expression that an author tries: it may.
    Free,
}

/// Reads and checks an expression.
///
/// # Errors
/// Everything that is wrong with it, with the whole expression put right where one can tell what was meant.
pub fn compile(
    text: &str,
    names: Names<'_>,
    scope: Scope,
    expected: Option<&Type>,
) -> Result<Expression, Vec<ExpressionError>> {
    compile_strictly(text, names, scope, expected).map_err(|mut errors| {
        let is_right = |mended: &str| compile_strictly(mended, names, scope, expected).is_ok();
        if let Some(advice) = slips::advice(text, is_right) {
            // What else is wrong comes from the same slips, and the advice puts all of it right.
            errors.truncate(1);
            errors
                .iter_mut()
                .for_each(|error| error.help = Some(advice.clone()));
        } else if let (Some(hint), Some(error)) = (slips::hint(text), errors.first_mut()) {
            error.help = Some(hint.to_owned());
        }
        errors
    })
}

/// Reads and checks an expression as it stands.
fn compile_strictly(
    text: &str,
    names: Names<'_>,
    scope: Scope,
    expected: Option<&Type>,
) -> Result<Expression, Vec<ExpressionError>> {
    let syntax = parser::parse(text).map_err(|error| vec![error.of_syntax()])?;
    let mut checker = Checker {
        names,
        aliases: Vec::new(),
        order_matters: false,
        weight: 0,
        errors: Vec::new(),
    };
    let mut expression = checker.expression(&syntax, expected);
    if let Some(expected) = expected {
        expression = checker.fit(expression, expected);
    }
    if scope == Scope::Rule && checker.weight <= MAX_WEIGHT {
        checker.refuse_absence(&expression);
    }
    if checker.errors.is_empty() {
        Ok(expression)
    } else {
        Err(checker.errors)
    }
}

/// Definitions that use others again and again stand for enormous expressions.
fn too_heavy(span: Range<usize>) -> ExpressionError {
    let message = format!(
        "the definitions used here come to more than {MAX_WEIGHT} parts, each counted as often as it is used"
    );
    ExpressionError::new(message, span)
        .code("too-large")
        .help("use a definition once where you can, or make it a fact")
}

/// How many parts an expression has, those of the definitions that it uses included.
#[must_use]
pub fn weight_of(expression: &Expression, definitions: &[Definition]) -> usize {
    let mut weight = 0_usize;
    expression.walk(&mut |part| {
        weight = weight.saturating_add(match part.operation {
            Operation::Definition(id) => definitions
                .get(id.0)
                .map_or(1, |definition| definition.weight),
            _ => 1,
        });
    });
    weight
}

struct Checker<'a> {
    names: Names<'a>,
    aliases: Vec<(String, Type)>,
    /// Whether the query that comes next stands where its order matters.
    order_matters: bool,
    /// How much the definitions weigh that were named so far.
    weight: usize,
    errors: Vec<ExpressionError>,
}

impl Checker<'_> {
    fn error(&mut self, error: ExpressionError) -> Expression {
        let span = error.span.clone();
        self.errors.push(error);
        Expression {
            operation: Operation::Constant(Value::UNKNOWN),
            kind: Type::Any,
            span,
        }
    }

    fn expression(&mut self, syntax: &Syntax, expected: Option<&Type>) -> Expression {
        let span = syntax.span.clone();
        let constant = |value, kind| Expression {
            operation: Operation::Constant(value),
            kind,
            span: span.clone(),
        };
        match &syntax.node {
            Node::Null => constant(Value::UNKNOWN, Type::Any),
            Node::Boolean(value) => constant(Value::Boolean(*value), Type::Boolean),
            Node::Number(number, whole) => constant(
                Value::number(*number),
                if *whole { Type::Integer } else { Type::Decimal },
            ),
            Node::Date(date) => constant(Value::Date(*date), Type::Date),
            Node::Duration(duration) => {
                constant(Value::Duration(Bounds::exact(*duration)), Type::Duration)
            }
            Node::Quantity(number, unit) => self.quantity(Value::number(*number), unit, span),
            Node::Text(text) => self.text(text, expected, span),
            Node::Name(parts) => self.name(parts, span),
            Node::Property(source, name, name_span) => {
                let source = self.expression(source, None);
                self.property(source, name, name_span, span)
            }
            Node::List(items) => self.list(items, expected, span),
            Node::Interval(interval) => {
                self.expression(&interval.low, None);
                self.expression(&interval.high, None);
                self.error(
                    ExpressionError::new("an interval can only stand behind `in`", span)
                        .help("write `age in Interval[18, 70]`"),
                )
            }
            Node::Unary(operator, operand) => self.unary(*operator, operand, span),
            Node::Chain(operator, parts) => self.chain(*operator, parts, span),
            Node::Binary(operator, left, right) => self.binary(*operator, left, right, span),
            Node::Between(value, low, high) => {
                self.between(value, Some((low, true)), Some((high, true)), span)
            }
            Node::Is {
                operand,
                what,
                negated,
            } => self.is(operand, *what, *negated, span),
            Node::If(condition, yes, no) => {
                let condition = self.expression(condition, None);
                let condition = self.boolean(condition);
                self.choice(vec![condition], &[yes, no], expected, span)
            }
            Node::Case {
                subject,
                branches,
                otherwise,
            } => {
                let conditions = branches
                    .iter()
                    .map(|(when, _)| match subject {
                        Some(subject) => {
                            self.comparison(Binary::Equal, subject, when, when.span.clone())
                        }
                        None => {
                            let when = self.expression(when, None);
                            self.boolean(when)
                        }
                    })
                    .collect();
                let results: Vec<&Syntax> = branches
                    .iter()
                    .map(|(_, then)| then)
                    .chain(std::iter::once(&**otherwise))
                    .collect();
                self.choice(conditions, &results, expected, span)
            }
            Node::Call(name, arguments) => self.call(name, arguments, expected, span),
            Node::Query(query) => self.query(query, span),
            Node::DurationBetween {
                precision,
                difference,
                from,
                to,
            } => {
                let (from, to) = (self.date(from), self.date(to));
                let operation = Operation::DurationBetween(
                    *precision,
                    *difference,
                    Box::new(from),
                    Box::new(to),
                );
                Expression {
                    operation,
                    kind: Type::Integer,
                    span,
                }
            }
            Node::Timing(timing, left, right) => {
                let (left, right) = (self.date(left), self.date(right));
                boolean(
                    Operation::Timing(*timing, Box::new(left), Box::new(right)),
                    span,
                )
            }
        }
    }

    /// A text literal is a code where a code is expected.
    fn text(&mut self, text: &str, expected: Option<&Type>, span: Range<usize>) -> Expression {
        match expected {
            Some(Type::Code(set)) => self.code(text, set, span),
            _ => Expression {
                operation: Operation::Constant(Value::Text(text.into())),
                kind: Type::Text,
                span,
            },
        }
    }

    fn code(&mut self, text: &str, set: &Arc<ValueSet>, span: Range<usize>) -> Expression {
        let found = set
            .values
            .iter()
            .enumerate()
            .find(|(_, value)| value.name == text);
        match found.and_then(|(index, _)| u16::try_from(index).ok()) {
            Some(index) => Expression {
                operation: Operation::Constant(Value::Code(Code {
                    index,
                    unclear: false,
                })),
                kind: Type::Code(Arc::clone(set)),
                span,
            },
            None => {
                let mut error =
                    ExpressionError::new(format!("`'{text}'` is not a declared value"), span)
                        .code("undeclared-value");
                error.help = lookalike::explain(text).or_else(|| {
                    let absent = parser::is_absence(text).then(|| parser::ASK_ABSENCE.to_owned());
                    absent.or_else(|| did_you_mean(text, set.names()))
                });
                self.error(error)
            }
        }
    }

    fn name(&mut self, parts: &[(String, Range<usize>)], span: Range<usize>) -> Expression {
        let Some((first, first_span)) = parts.first() else {
            return self.error(ExpressionError::new("a name is missing", span));
        };
        let (mut found, mut taken) =
            if let Some(depth) = self.aliases.iter().rposition(|(alias, _)| alias == first) {
                let kind = self
                    .aliases
                    .get(depth)
                    .map_or(Type::Any, |(_, kind)| kind.clone());
                (
                    Expression {
                        operation: Operation::Alias(depth),
                        kind,
                        span: first_span.clone(),
                    },
                    1,
                )
            } else if let Some(id) = self.names.definitions.get(first) {
                let before = self.weight;
                self.weight = before.saturating_add(
                    self.names
                        .expressions
                        .get(id.0)
                        .map_or(0, |definition| definition.weight),
                );
                if self.weight > MAX_WEIGHT {
                    let once = before <= MAX_WEIGHT;
                    let nothing = Expression {
                        operation: Operation::Constant(Value::UNKNOWN),
                        kind: Type::Any,
                        span: span.clone(),
                    };
                    return if once {
                        self.error(too_heavy(span))
                    } else {
                        nothing
                    };
                }
                let kind = self
                    .names
                    .expressions
                    .get(id.0)
                    .map_or(Type::Any, |definition| definition.expression.kind.clone());
                (
                    Expression {
                        operation: Operation::Definition(*id),
                        kind,
                        span: first_span.clone(),
                    },
                    1,
                )
            } else {
                match self.fact(parts) {
                    Some(found) => found,
                    None => {
                        let undeclared = self.undeclared(parts, span);
                        if let Some(error) = self
                            .errors
                            .last_mut()
                            .filter(|error| error.code != "circular-definition")
                        {
                            error.code = "undeclared-name";
                        }
                        return undeclared;
                    }
                }
            };
        while let Some((name, name_span)) = parts.get(taken) {
            let whole = first_span.start..name_span.end;
            found = self.property(found, name, name_span, whole);
            taken += 1;
        }
        found
    }

    /// The fact that the longest part of a dotted name declares.
    fn fact(&self, parts: &[(String, Range<usize>)]) -> Option<(Expression, usize)> {
        (1..=parts.len()).rev().find_map(|taken| {
            let path = parts
                .get(..taken)?
                .iter()
                .map(|(name, _)| name.as_str())
                .collect::<Vec<_>>()
                .join(".");
            let id = self.names.facts.find(&path)?;
            let span = parts.first()?.1.start..parts.get(taken - 1)?.1.end;
            let kind = type_of(self.names.facts.get(id));
            Some((
                Expression {
                    operation: Operation::Fact(id),
                    kind,
                    span,
                },
                taken,
            ))
        })
    }

    fn undeclared(&mut self, parts: &[(String, Range<usize>)], span: Range<usize>) -> Expression {
        let path = parts
            .iter()
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>()
            .join(".");
        if self.names.defined.contains(&path) {
            return self.error(
                ExpressionError::new(format!("`{path}` is defined by way of itself"), span)
                    .code("circular-definition")
                    .help("a definition may only use what does not use it"),
            );
        }
        if self.names.facts.is_group(&path) {
            let members: Vec<&str> = self
                .names
                .facts
                .iter()
                .map(|(_, fact)| fact.path.as_str())
                .filter(|fact| fact.starts_with(&format!("{path}.")))
                .collect();
            return self.error(
                ExpressionError::new(format!("`{path}` is a group of facts"), span)
                    .help(format!("name one of them: {}", members.join(", "))),
            );
        }
        let is_code = |fact: &Fact| matches!(&fact.kind, Kind::Code(set) if set.names().any(|name| name == path));
        let written = match path.as_str() {
            "yes" => Some("true".to_owned()),
            "no" => Some("false".to_owned()),
            "age" | "AgeInYears" | "Today" | "AgeInMonths" => Some(format!(
                "{}()",
                if path == "age" { "AgeInYears" } else { &path }
            )),
            _ if self.names.facts.iter().any(|(_, fact)| is_code(fact)) => {
                Some(format!("'{path}'"))
            }
            _ => None,
        };
        if let Some(written) = written {
            return self.error(
                ExpressionError::new(format!("`{path}` is not declared"), span)
                    .help(format!("write `{written}`")),
            );
        }
        let aliases: Vec<&str> = self
            .aliases
            .iter()
            .map(|(alias, _)| alias.as_str())
            .collect();
        let known: Vec<&str> = self
            .names
            .facts
            .iter()
            .map(|(_, fact)| fact.path.as_str())
            .chain(self.names.definitions.keys().map(String::as_str))
            .chain(aliases)
            .collect();
        let mut error = ExpressionError::new(format!("`{path}` is not declared"), span);
        error.help = crate::diagnostic::nearest(&path, known)
            .map(|near| format!("did you mean `{near}`?"))
            .or_else(|| {
                let help = match parser::is_absence(&path) {
                    true => parser::ASK_ABSENCE,
                    false => "declare it under `facts` or `define`",
                };
                Some(help.to_owned())
            });
        self.error(error)
    }

    fn property(
        &mut self,
        source: Expression,
        name: &str,
        name_span: &Range<usize>,
        span: Range<usize>,
    ) -> Expression {
        if let Type::Item(item) = &source.kind {
            if let Some((index, field)) = item.field(name) {
                let kind = type_of(field);
                return Expression {
                    operation: Operation::Field(Box::new(source), index),
                    kind,
                    span,
                };
            }
            let fields: Vec<&str> = item.fields().iter().map(Fact::name).collect();
            let mut error = ExpressionError::new(
                format!("the items have no field `{name}`"),
                name_span.clone(),
            )
            .code("undeclared-name");
            error.help = did_you_mean(name, fields);
            return self.error(error);
        }
        if let Operation::Fact(id) = source.operation {
            let fact = self.names.facts.get(id);
            let attribute = match (name, &fact.kind) {
                ("date", _) => Some((Attribute::Date, Type::Date)),
                ("by", _) => Some((Attribute::By, Type::Text)),
                ("uln", Kind::Integer(_) | Kind::Decimal(_) | Kind::Quantity(_)) => {
                    Some((Attribute::UpperLimitOfNormal, source.kind.clone()))
                }
                ("lln", Kind::Integer(_) | Kind::Decimal(_) | Kind::Quantity(_)) => {
                    Some((Attribute::LowerLimitOfNormal, source.kind.clone()))
                }
                _ => None,
            };
            if let Some((attribute, kind)) = attribute {
                return Expression {
                    operation: Operation::Attribute(id, attribute),
                    kind,
                    span,
                };
            }
            if matches!(source.kind, Type::List(_)) {
                let error = ExpressionError::new(
                    format!("`{}` is a list; `{name}` belongs to its items", fact.path),
                    name_span.clone(),
                );
                let error = error.help(format!(
                    "write `exists ({0} X where X.{name} = …)` or `Last({0} X sort by …).{name}`",
                    fact.path
                ));
                return self.error(error);
            }
        }
        if source.kind == Type::Any {
            return source;
        }
        let kind = source.kind.to_string();
        self.error(ExpressionError::new(
            format!("{kind} has no `{name}`"),
            name_span.clone(),
        ))
    }

    fn is(&mut self, operand: &Syntax, what: Is, negated: bool, span: Range<usize>) -> Expression {
        let operand = self.expression(operand, None);
        let operand = if what == Is::Null {
            operand
        } else {
            self.boolean(operand)
        };
        boolean(Operation::Is(Box::new(operand), what, negated), span)
    }

    fn boolean(&mut self, expression: Expression) -> Expression {
        if matches!(expression.kind, Type::Boolean | Type::Any) {
            return expression;
        }
        let kind = expression.kind.to_string();
        let error = ExpressionError::new(
            format!("a condition is needed here, found {kind}"),
            expression.span,
        );
        let error = match expression.kind {
            Type::List(_) => error.help("ask whether it has an element: `exists …`"),
            Type::Code(_) => error.help("compare it with one of its values: `… = 'value'`"),
            _ => error.help("compare it with something"),
        };
        self.error(error)
    }

    fn date(&mut self, syntax: &Syntax) -> Expression {
        let expression = self.expression(syntax, None);
        if matches!(expression.kind, Type::Date | Type::Any) {
            return expression;
        }
        let kind = expression.kind.to_string();
        self.error(
            ExpressionError::new(
                format!("a date is needed here, found {kind}"),
                expression.span,
            )
            .help("the date of a fact's evidence is `fact.date`"),
        )
    }

    fn list_operand(&mut self, expression: Expression, what: &str) -> Expression {
        if matches!(expression.kind, Type::List(_) | Type::Any) {
            return expression;
        }
        let kind = expression.kind.to_string();
        let is_fact = matches!(expression.operation, Operation::Fact(_));
        let what = if what == "a query" {
            what.to_owned()
        } else {
            format!("`{what}`")
        };
        let error = ExpressionError::new(
            format!("{what} needs a list, found {kind}"),
            expression.span,
        );
        self.error(match what.as_str() {
            "`exists`" if is_fact => error.help(parser::ASK_ABSENCE),
            "`exists`" => error.help("`exists` binds tightly: put the query in parentheses"),
            _ => error,
        })
    }

    /// The expression in an expected type, or what is wrong with it.
    fn fit(&mut self, expression: Expression, expected: &Type) -> Expression {
        match (&expression.kind, expected) {
            (Type::Any, _)
            | (_, Type::Any)
            | (Type::Integer, Type::Decimal)
            | (Type::Decimal, Type::Integer) => expression,
            (Type::Quantity(mine), Type::Quantity(theirs)) if mine.unit != theirs.unit => {
                match units::conversion(mine, theirs) {
                    Ok(factor) => self.scaled(expression, factor, theirs),
                    Err(why) => {
                        let message =
                            format!("'{}' cannot be turned into '{}'", mine.unit, theirs.unit);
                        self.error(
                            ExpressionError::new(message, expression.span)
                                .code("unit-mismatch")
                                .help(why.help()),
                        )
                    }
                }
            }
            (Type::Quantity(_), Type::Quantity(_)) => expression,
            (Type::Code(mine), Type::Code(theirs)) if mine.names().eq(theirs.names()) => expression,
            (mine, theirs) if mine == theirs => expression,
            (_, Type::Boolean) => self.boolean(expression),
            (mine, theirs) => {
                let message = format!("{theirs} is needed here, found {mine}");
                let error = ExpressionError::new(message, expression.span);
                self.error(match theirs {
                    Type::Item(_) => error.help(
                        "ask about a field of the items: `exists (list X where X.field = 'value')`",
                    ),
                    _ => error,
                })
            }
        }
    }
}

/// The facts that an expression names, directly or by way of definitions, in the order of the text.
pub fn facts_of(expression: &Expression, definitions: &[Definition]) -> Vec<FactId> {
    let mut facts = Vec::new();
    collect_facts(expression, definitions, &mut facts);
    facts
}

fn collect_facts(expression: &Expression, definitions: &[Definition], facts: &mut Vec<FactId>) {
    expression.walk(&mut |part| match &part.operation {
        Operation::Fact(id) | Operation::Attribute(id, _) if !facts.contains(id) => facts.push(*id),
        Operation::Definition(id) => {
            if let Some(definition) = definitions.get(id.0) {
                collect_facts(&definition.expression, definitions, facts);
            }
        }
        _ => {}
    });
}

/// Whether an expression names one of these facts, directly or by way of definitions.
pub fn names_one_of(expression: &Expression, definitions: &[Definition], facts: &[FactId]) -> bool {
    let names = |part: &Expression| names_one_of(part, definitions, facts);
    match &expression.operation {
        Operation::Fact(id) | Operation::Attribute(id, _) => facts.contains(id),
        Operation::Definition(id) => definitions
            .get(id.0)
            .is_some_and(|definition| names(&definition.expression)),
        _ => {
            let mut is_named = false;
            expression.each_part(&mut |part| is_named = is_named || names(part));
            is_named
        }
    }
}

/// The definitions that an expression uses, directly or by way of others, each once.
#[must_use]
pub fn definitions_of(expression: &Expression, definitions: &[Definition]) -> Vec<DefinitionId> {
    let mut used = Vec::new();
    collect_definitions(expression, definitions, &mut used);
    used
}

fn collect_definitions(
    expression: &Expression,
    definitions: &[Definition],
    used: &mut Vec<DefinitionId>,
) {
    expression.walk(&mut |part| {
        if let Operation::Definition(id) = part.operation
            && !used.contains(&id)
        {
            used.push(id);
            if let Some(definition) = definitions.get(id.0) {
                collect_definitions(&definition.expression, definitions, used);
            }
        }
    });
}

fn boolean(operation: Operation, span: Range<usize>) -> Expression {
    Expression {
        operation,
        kind: Type::Boolean,
        span,
    }
}

/// What else an expression asks of a fact, directly or by way of definitions.
pub fn attributes_of(
    fact: FactId,
    expression: &Expression,
    definitions: &[Definition],
) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    collect_attributes(fact, expression, definitions, &mut attributes);
    attributes
}

fn collect_attributes(
    fact: FactId,
    expression: &Expression,
    definitions: &[Definition],
    attributes: &mut Vec<Attribute>,
) {
    expression.walk(&mut |part| match &part.operation {
        Operation::Attribute(id, attribute) if *id == fact && !attributes.contains(attribute) => {
            attributes.push(*attribute)
        }
        Operation::Definition(id) => {
            if let Some(definition) = definitions.get(id.0) {
                collect_attributes(fact, &definition.expression, definitions, attributes);
            }
        }
        _ => {}
    });
}

/// The type of a fact's value.
#[must_use]
pub fn type_of(fact: &Fact) -> Type {
    match &fact.kind {
        Kind::Boolean { .. } => Type::Boolean,
        Kind::Integer(_) => Type::Integer,
        Kind::Decimal(_) => Type::Decimal,
        Kind::Quantity(measure) => Type::Quantity(Arc::clone(measure)),
        Kind::Duration(_) => Type::Duration,
        Kind::Date(_) => Type::Date,
        Kind::Code(set) => Type::Code(Arc::clone(set)),
        Kind::Text => Type::Text,
        Kind::List(item) => Type::List(Box::new(match &**item {
            ItemKind::Single(fact) => type_of(fact),
            ItemKind::Fields(_) => Type::Item(Arc::clone(item)),
        })),
    }
}
