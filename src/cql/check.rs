//! Looks up every name and checks every type. What is wrong is collected, so that one run shows all of it.

pub(super) mod absence;
mod calls;
mod operators;
mod units;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

pub use calls::functions;

use super::syntax::{Interval, Is, Node, Syntax};
use super::typed::{Attribute, DefinitionId, Expression, Operation, Type};
use super::{ExpressionError, parser, slips};
use crate::diagnostic::{did_you_mean, lookalike, nearest};
use crate::document::spans::EntrySpan;
use crate::facts::{Fact, Facts, Kind, ValueSet};
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
    /// Where its text stands in the trial file.
    pub text_span: Range<usize>,
    /// Where it is defined: its name, and what follows it.
    pub span: EntrySpan,
}

impl DefinitionId {
    /// The definition of an id that came from these.
    #[expect(
        clippy::indexing_slicing,
        reason = "an id is only ever made for a definition that stands before"
    )]
    pub(crate) fn among(self, definitions: &[Definition]) -> &Definition {
        &definitions[self.0]
    }
}

/// How many parts the definitions that one expression uses may come to.
pub(crate) const MAX_WEIGHT: usize = 10_000;

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
        Expression::unknown(span)
    }

    fn expression(&mut self, syntax: &Syntax, expected: Option<&Type>) -> Expression {
        let span = syntax.span.clone();
        let constant =
            |value, kind| Expression::new(Operation::Constant(value), kind, span.clone());
        match &syntax.node {
            Node::Null => Expression::unknown(span),
            Node::Boolean(value) => constant(Value::Boolean(*value), Type::Boolean),
            Node::Number(number, true) => constant(Value::number(*number), Type::Integer),
            Node::Number(number, false) => constant(Value::number(*number), Type::Decimal),
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
            Node::Interval(interval) => self.stray_interval(interval, span),
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
                let condition = self.condition(condition);
                self.choice(vec![condition], &[yes, no], expected, span)
            }
            Node::Case {
                subject,
                branches,
                otherwise,
            } => self.case(subject.as_deref(), branches, otherwise, expected, span),
            Node::Call(name, arguments) => self.call(name, arguments, expected, span),
            Node::Query(query) => self.query(query, span),
            Node::DurationBetween {
                precision,
                difference,
                from,
                to,
            } => {
                let (from, to) = (Box::new(self.date(from)), Box::new(self.date(to)));
                let operation = Operation::DurationBetween(*precision, *difference, from, to);
                Expression::new(operation, Type::Integer, span)
            }
            Node::Timing(timing, left, right) => {
                let (left, right) = (Box::new(self.date(left)), Box::new(self.date(right)));
                boolean(Operation::Timing(*timing, left, right), span)
            }
        }
    }

    fn stray_interval(&mut self, interval: &Interval, span: Range<usize>) -> Expression {
        self.expression(&interval.low, None);
        self.expression(&interval.high, None);
        self.error(
            ExpressionError::new("an interval can only stand behind `in`", span)
                .help("write `age in Interval[18, 70]`"),
        )
    }

    /// A text literal is a code where a code is expected.
    fn text(&mut self, text: &str, expected: Option<&Type>, span: Range<usize>) -> Expression {
        match expected {
            Some(Type::Code(set)) => self.code(text, set, span),
            _ => Expression::new(
                Operation::Constant(Value::Text(text.into())),
                Type::Text,
                span,
            ),
        }
    }

    fn code(&mut self, text: &str, set: &Arc<ValueSet>, span: Range<usize>) -> Expression {
        if let Some((index, _)) = (0_u16..)
            .zip(&set.values)
            .find(|(_, value)| value.name == text)
        {
            let code = Value::Code(Code {
                index,
                unclear: false,
            });
            let kind = Type::Code(Arc::clone(set));
            return Expression::new(Operation::Constant(code), kind, span);
        }
        let mut error = ExpressionError::new(format!("`'{text}'` is not a declared value"), span)
            .code("undeclared-value");
        error.help = lookalike::explain(text).or_else(|| {
            let absent = parser::is_absence(text).then(|| parser::ASK_ABSENCE.to_owned());
            absent.or_else(|| did_you_mean(text, set.names()))
        });
        self.error(error)
    }

    fn name(&mut self, parts: &[(String, Range<usize>)], span: Range<usize>) -> Expression {
        let Some((first, first_span)) = parts.first() else {
            return self.error(ExpressionError::new("a name is missing", span));
        };
        let alias = self.aliases.iter().rposition(|(alias, _)| alias == first);
        let (mut found, taken) = if let Some(depth) = alias
            && let Some((_, kind)) = self.aliases.get(depth)
        {
            let operation = Operation::Alias(depth);
            (
                Expression::new(operation, kind.clone(), first_span.clone()),
                1,
            )
        } else if let Some(id) = self.names.definitions.get(first)
            && let Some(definition) = self.names.expressions.get(id.0)
        {
            let before = self.weight;
            self.weight = before.saturating_add(definition.weight);
            if before > MAX_WEIGHT {
                // It was said at the name that made them too many.
                return Expression::unknown(span);
            }
            if self.weight > MAX_WEIGHT {
                return self.error(too_heavy(span));
            }
            let kind = definition.expression.kind.clone();
            let operation = Operation::Definition(*id);
            (Expression::new(operation, kind, first_span.clone()), 1)
        } else if let Some(found) = self.fact(parts) {
            found
        } else {
            let error = self.undeclared(&joined(parts), span);
            return self.error(error);
        };
        for (name, name_span) in parts.iter().skip(taken) {
            let whole = first_span.start..name_span.end;
            found = self.property(found, name, name_span, whole);
        }
        found
    }

    /// The fact that the longest part of a dotted name declares, and how many parts declare it.
    fn fact(&self, parts: &[(String, Range<usize>)]) -> Option<(Expression, usize)> {
        (1..=parts.len()).rev().find_map(|taken| {
            let named = parts.get(..taken)?;
            let id = self.names.facts.find(&joined(named))?;
            let span = named.first()?.1.start..named.last()?.1.end;
            let kind = Type::of(self.names.facts.get(id));
            Some((Expression::new(Operation::Fact(id), kind, span), taken))
        })
    }

    fn undeclared(&self, path: &str, span: Range<usize>) -> ExpressionError {
        let facts = self.names.facts;
        if self.names.defined.iter().any(|name| name == path) {
            return ExpressionError::new(format!("`{path}` is defined by way of itself"), span)
                .code("circular-definition")
                .help("a definition may only use what does not use it");
        }
        let mut paths = facts.iter().map(|(_, fact)| fact.path.as_str());
        if facts.is_group(path) {
            let group = format!("{path}.");
            let members: Vec<&str> = paths.filter(|fact| fact.starts_with(&group)).collect();
            return ExpressionError::new(format!("`{path}` is a group of facts"), span)
                .code("undeclared-name")
                .help(format!("name one of them: {}", members.join(", ")));
        }
        let error =
            ExpressionError::new(format!("`{path}` is not declared"), span).code("undeclared-name");
        let is_code = |fact: &Fact| matches!(&fact.kind, Kind::Code(set) if set.names().any(|name| name == path));
        match path {
            "yes" => return error.help("write `true`"),
            "no" => return error.help("write `false`"),
            "age" => return error.help("write `AgeInYears()`"),
            "AgeInYears" | "Today" | "AgeInMonths" => {
                return error.help(format!("write `{path}()`"));
            }
            _ if facts.iter().any(|(_, fact)| is_code(fact)) => {
                return error.help(format!("write `'{path}'`"));
            }
            _ => {}
        }
        let definitions = self.names.definitions.keys().map(String::as_str);
        let aliases = self.aliases.iter().map(|(alias, _)| alias.as_str());
        match nearest(path, paths.by_ref().chain(definitions).chain(aliases)) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None if parser::is_absence(path) => error.help(parser::ASK_ABSENCE),
            None => error.help("declare it under `facts` or `define`"),
        }
    }

    fn property(
        &mut self,
        source: Expression,
        name: &str,
        name_span: &Range<usize>,
        span: Range<usize>,
    ) -> Expression {
        if let Operation::Fact(id) = source.operation
            && let Some((attribute, kind)) = attribute(name, &source.kind)
        {
            return Expression::new(Operation::Attribute(id, attribute), kind, span);
        }
        let name_span = name_span.clone();
        let error = match (&source.kind, &source.operation) {
            (Type::Item(item), _) => {
                if let Some((index, field)) = item.field(name) {
                    let kind = Type::of(field);
                    return Expression::new(Operation::Field(Box::new(source), index), kind, span);
                }
                let message = format!("the items have no field `{name}`");
                let mut error = ExpressionError::new(message, name_span).code("undeclared-name");
                let fields: Vec<&str> = item.fields().iter().map(Fact::name).collect();
                error.help = did_you_mean(name, fields);
                error
            }
            (Type::Any, _) => return source,
            (Type::List(_), Operation::Fact(id)) => {
                let path = &self.names.facts.get(*id).path;
                let message = format!("`{path}` is a list; `{name}` belongs to its items");
                ExpressionError::new(message, name_span).help(format!(
                    "write `exists ({path} X where X.{name} = …)` or `Last({path} X sort by …).{name}`"
                ))
            }
            (kind, _) => ExpressionError::new(format!("{kind} has no `{name}`"), name_span),
        };
        self.error(error)
    }

    fn condition(&mut self, syntax: &Syntax) -> Expression {
        let expression = self.expression(syntax, None);
        self.boolean(expression)
    }

    fn is(&mut self, operand: &Syntax, what: Is, negated: bool, span: Range<usize>) -> Expression {
        let operand = match what {
            Is::Null => self.expression(operand, None),
            Is::True | Is::False => self.condition(operand),
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
        if expression.kind.is_like(expected) {
            return expression;
        }
        let error = match (&expression.kind, expected) {
            (Type::Quantity(mine), Type::Quantity(theirs)) => {
                match units::conversion(mine, theirs) {
                    Ok(factor) => return self.scaled(expression, factor, theirs),
                    Err(why) => {
                        let message =
                            format!("'{}' cannot be turned into '{}'", mine.unit, theirs.unit);
                        ExpressionError::new(message, expression.span)
                            .code("unit-mismatch")
                            .help(why.help())
                    }
                }
            }
            (_, Type::Boolean) => return self.boolean(expression),
            (mine, theirs) => {
                let message = format!("{theirs} is needed here, found {mine}");
                let error = ExpressionError::new(message, expression.span);
                match theirs {
                    Type::Item(_) => error.help(
                        "ask about a field of the items: `exists (list X where X.field = 'value')`",
                    ),
                    _ => error,
                }
            }
        };
        self.error(error)
    }
}

/// What else is known of a fact of a type, by its name behind the fact, and of which type that is.
fn attribute(name: &str, kind: &Type) -> Option<(Attribute, Type)> {
    let is_measured = matches!(kind, Type::Integer | Type::Decimal | Type::Quantity(_));
    match name {
        "date" => Some((Attribute::Date, Type::Date)),
        "by" => Some((Attribute::By, Type::Text)),
        "uln" if is_measured => Some((Attribute::UpperLimitOfNormal, kind.clone())),
        "lln" if is_measured => Some((Attribute::LowerLimitOfNormal, kind.clone())),
        _ => None,
    }
}

/// The parts of a dotted name as one.
fn joined(parts: &[(String, Range<usize>)]) -> String {
    let names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
    names.join(".")
}

fn boolean(operation: Operation, span: Range<usize>) -> Expression {
    Expression::new(operation, Type::Boolean, span)
}
