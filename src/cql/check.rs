//! Looks up every name and checks every type. What is wrong is collected, so that one run shows all of it.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::syntax::{self, Binary, Is, Node, Precision, Sort, Syntax, Unary};
use super::typed::{Aggregate, Arithmetic, Attribute, Comparison, DefinitionId, Expression, Function, Limits, Operation, Query, Type};
use super::{ExpressionError, parser};
use crate::diagnostic::did_you_mean;
use crate::facts::{Fact, FactId, Facts, ItemKind, Kind, Measure, ValueSet};
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
}

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
/// Everything that is wrong with it.
pub fn compile(text: &str, names: Names<'_>, scope: Scope, expected: Option<&Type>) -> Result<Expression, Vec<ExpressionError>> {
    let syntax = parser::parse(text).map_err(|error| vec![error])?;
    let mut checker = Checker { names, aliases: Vec::new(), errors: Vec::new() };
    let mut expression = checker.expression(&syntax, expected);
    if let Some(expected) = expected {
        expression = checker.fit(expression, expected);
    }
    if scope == Scope::Rule {
        checker.refuse_absence(&expression);
    }
    if checker.errors.is_empty() { Ok(expression) } else { Err(checker.errors) }
}

struct Checker<'a> {
    names: Names<'a>,
    aliases: Vec<(String, Type)>,
    errors: Vec<ExpressionError>,
}

impl Checker<'_> {
    fn error(&mut self, error: ExpressionError) -> Expression {
        let span = error.span.clone();
        self.errors.push(error);
        Expression { operation: Operation::Constant(Value::UNKNOWN), kind: Type::Any, span }
    }

    fn expression(&mut self, syntax: &Syntax, expected: Option<&Type>) -> Expression {
        let span = syntax.span.clone();
        let constant = |value, kind| Expression { operation: Operation::Constant(value), kind, span: span.clone() };
        match &syntax.node {
            Node::Null => constant(Value::UNKNOWN, Type::Any),
            Node::Boolean(value) => constant(Value::Boolean(*value), Type::Boolean),
            Node::Number(number, whole) => constant(Value::number(*number), if *whole { Type::Integer } else { Type::Decimal }),
            Node::Date(date) => constant(Value::Date(*date), Type::Date),
            Node::Duration(duration) => constant(Value::Duration(Bounds::exact(*duration)), Type::Duration),
            Node::Quantity(number, unit) => {
                let measure = Measure { unit: unit.clone(), others: Vec::new(), range: None };
                constant(Value::number(*number), Type::Quantity(Arc::new(measure)))
            }
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
                self.error(ExpressionError::new("an interval can only stand behind `in`", span).help("write `age in Interval[18, 70]`"))
            }
            Node::Unary(operator, operand) => self.unary(*operator, operand, span),
            Node::Binary(operator, left, right) => self.binary(*operator, left, right, span),
            Node::Between(value, low, high) => self.between(value, Some((low, true)), Some((high, true)), span),
            Node::Is { operand, what, negated } => {
                let operand = self.expression(operand, None);
                let operand = if *what == Is::Null { operand } else { self.boolean(operand) };
                boolean(Operation::Is(Box::new(operand), *what, *negated), span)
            }
            Node::If(condition, yes, no) => {
                let condition = self.expression(condition, None);
                let condition = self.boolean(condition);
                self.choice(vec![condition], &[yes, no], expected, span)
            }
            Node::Case { subject, branches, otherwise } => {
                let conditions = branches
                    .iter()
                    .map(|(when, _)| match subject {
                        Some(subject) => self.comparison(Binary::Equal, subject, when, when.span.clone()),
                        None => {
                            let when = self.expression(when, None);
                            self.boolean(when)
                        }
                    })
                    .collect();
                let results: Vec<&Syntax> = branches.iter().map(|(_, then)| then).chain(std::iter::once(&**otherwise)).collect();
                self.choice(conditions, &results, expected, span)
            }
            Node::Call(name, arguments) => self.call(name, arguments, expected, span),
            Node::Query(query) => self.query(query, span),
            Node::DurationBetween { precision, difference, from, to } => {
                let (from, to) = (self.date(from), self.date(to));
                let operation = Operation::DurationBetween(*precision, *difference, Box::new(from), Box::new(to));
                Expression { operation, kind: Type::Integer, span }
            }
            Node::Timing(timing, left, right) => {
                let (left, right) = (self.date(left), self.date(right));
                boolean(Operation::Timing(*timing, Box::new(left), Box::new(right)), span)
            }
        }
    }

    /// A text literal is a code where a code is expected.
    fn text(&mut self, text: &str, expected: Option<&Type>, span: Range<usize>) -> Expression {
        match expected {
            Some(Type::Code(set)) => self.code(text, set, span),
            _ => Expression { operation: Operation::Constant(Value::Text(text.into())), kind: Type::Text, span },
        }
    }

    fn code(&mut self, text: &str, set: &Arc<ValueSet>, span: Range<usize>) -> Expression {
        let found = set.values.iter().enumerate().find(|(_, value)| value.name == text);
        match found.and_then(|(index, value)| Some((u16::try_from(index).ok()?, value.unclear))) {
            Some((index, unclear)) => {
                Expression { operation: Operation::Constant(Value::Code(Code { index, unclear })), kind: Type::Code(Arc::clone(set)), span }
            }
            None => {
                let mut error = ExpressionError::new(format!("`'{text}'` is not a declared value"), span);
                error.help = did_you_mean(text, set.names());
                self.error(error)
            }
        }
    }

    fn name(&mut self, parts: &[(String, Range<usize>)], span: Range<usize>) -> Expression {
        let Some((first, first_span)) = parts.first() else { return self.error(ExpressionError::new("a name is missing", span)) };
        let (mut found, mut taken) = if let Some(depth) = self.aliases.iter().rposition(|(alias, _)| alias == first) {
            let kind = self.aliases.get(depth).map_or(Type::Any, |(_, kind)| kind.clone());
            (Expression { operation: Operation::Alias(depth), kind, span: first_span.clone() }, 1)
        } else if let Some(id) = self.names.definitions.get(first) {
            let kind = self.names.expressions.get(id.0).map_or(Type::Any, |definition| definition.expression.kind.clone());
            (Expression { operation: Operation::Definition(*id), kind, span: first_span.clone() }, 1)
        } else {
            match self.fact(parts) {
                Some(found) => found,
                None => return self.undeclared(parts, span),
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
            let path = parts.get(..taken)?.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(".");
            let id = self.names.facts.find(&path)?;
            let span = parts.first()?.1.start..parts.get(taken - 1)?.1.end;
            let kind = type_of(self.names.facts.get(id));
            Some((Expression { operation: Operation::Fact(id), kind, span }, taken))
        })
    }

    fn undeclared(&mut self, parts: &[(String, Range<usize>)], span: Range<usize>) -> Expression {
        let path = parts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(".");
        if self.names.defined.contains(&path) {
            return self.error(
                ExpressionError::new(format!("`{path}` is defined by way of itself"), span).help("a definition may only use what does not use it"),
            );
        }
        if self.names.facts.is_group(&path) {
            let members: Vec<&str> =
                self.names.facts.iter().map(|(_, fact)| fact.path.as_str()).filter(|fact| fact.starts_with(&format!("{path}."))).collect();
            return self.error(
                ExpressionError::new(format!("`{path}` is a group of facts"), span).help(format!("name one of them: {}", members.join(", "))),
            );
        }
        let aliases: Vec<&str> = self.aliases.iter().map(|(alias, _)| alias.as_str()).collect();
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
            .or_else(|| Some("declare it under `facts` or `define`".to_owned()));
        self.error(error)
    }

    fn property(&mut self, source: Expression, name: &str, name_span: &Range<usize>, span: Range<usize>) -> Expression {
        if let Type::Item(item) = &source.kind {
            if let Some((index, field)) = item.field(name) {
                let kind = type_of(field);
                return Expression { operation: Operation::Field(Box::new(source), index), kind, span };
            }
            let fields: Vec<&str> = item.fields().iter().map(Fact::name).collect();
            let mut error = ExpressionError::new(format!("the items have no field `{name}`"), name_span.clone());
            error.help = did_you_mean(name, fields);
            return self.error(error);
        }
        if let Operation::Fact(id) = source.operation {
            let fact = self.names.facts.get(id);
            let attribute = match (name, &fact.kind) {
                ("date", _) => Some((Attribute::Date, Type::Date)),
                ("uln", Kind::Integer(_) | Kind::Decimal(_) | Kind::Quantity(_)) => Some((Attribute::UpperLimitOfNormal, source.kind.clone())),
                ("lln", Kind::Integer(_) | Kind::Decimal(_) | Kind::Quantity(_)) => Some((Attribute::LowerLimitOfNormal, source.kind.clone())),
                _ => None,
            };
            if let Some((attribute, kind)) = attribute {
                return Expression { operation: Operation::Attribute(id, attribute), kind, span };
            }
            if matches!(source.kind, Type::List(_)) {
                let error = ExpressionError::new(format!("`{}` is a list; `{name}` belongs to its items", fact.path), name_span.clone());
                let error = error.help(format!("write `exists ({0} X where X.{name} = …)` or `Last({0} X sort by …).{name}`", fact.path));
                return self.error(error);
            }
        }
        if source.kind == Type::Any {
            return source;
        }
        let kind = source.kind.to_string();
        self.error(ExpressionError::new(format!("{kind} has no `{name}`"), name_span.clone()))
    }

    fn unary(&mut self, operator: Unary, operand: &Syntax, span: Range<usize>) -> Expression {
        let operand = self.expression(operand, None);
        match operator {
            Unary::Not => {
                let operand = self.boolean(operand);
                boolean(Operation::Not(Box::new(operand)), span)
            }
            Unary::Negate => {
                if !operand.kind.is_number() && !matches!(operand.kind, Type::Quantity(_)) {
                    let kind = operand.kind.to_string();
                    return self.error(ExpressionError::new(format!("`-` needs a number, found {kind}"), operand.span));
                }
                let kind = operand.kind.clone();
                Expression { operation: Operation::Negate(Box::new(operand)), kind, span }
            }
            Unary::Exists => {
                let list = self.list_operand(operand, "exists");
                boolean(Operation::Exists(Box::new(list)), span)
            }
        }
    }

    fn binary(&mut self, operator: Binary, left: &Syntax, right: &Syntax, span: Range<usize>) -> Expression {
        match operator {
            Binary::And | Binary::Or => {
                let mut parts = Vec::new();
                for side in [left, right] {
                    let side = self.expression(side, None);
                    let side = self.boolean(side);
                    match (operator, side.operation) {
                        (Binary::And, Operation::All(inner)) | (Binary::Or, Operation::Any(inner)) => parts.extend(inner),
                        (_, operation) => parts.push(Expression { operation, ..side }),
                    }
                }
                boolean(if operator == Binary::And { Operation::All(parts) } else { Operation::Any(parts) }, span)
            }
            Binary::Xor | Binary::Implies => {
                let left = self.expression(left, None);
                let left = Box::new(self.boolean(left));
                let right = self.expression(right, None);
                let right = Box::new(self.boolean(right));
                boolean(if operator == Binary::Xor { Operation::Xor(left, right) } else { Operation::Implies(left, right) }, span)
            }
            Binary::In => self.membership(left, right, span),
            Binary::Contains => self.membership(right, left, span),
            Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Power | Binary::TruncatedDivide | Binary::Modulo => {
                self.arithmetic(operator, left, right, span)
            }
            _ => self.comparison(operator, left, right, span),
        }
    }

    /// Both sides of a comparison in one type, literals taken in the type of the other side.
    fn pair(&mut self, left: &Syntax, right: &Syntax) -> (Expression, Expression) {
        if matches!(left.node, Node::Text(_) | Node::Null) {
            let right = self.expression(right, None);
            let left = self.expression(left, Some(&right.kind));
            (left, right)
        } else {
            let left = self.expression(left, None);
            let right = self.expression(right, Some(&left.kind));
            (left, right)
        }
    }

    fn comparison(&mut self, operator: Binary, left: &Syntax, right: &Syntax, span: Range<usize>) -> Expression {
        if let Node::Binary(inner @ (Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual), ..) = &left.node {
            let (inner, outer) = (inner.symbol(), operator.symbol());
            return self.error(
                ExpressionError::new(format!("`a {inner} b {outer} c` compares a truth with a value"), span)
                    .help("write `a < b and b < c`, or `b between a and c`"),
            );
        }
        let (left, right) = self.pair(left, right);
        let Some((left, right)) = self.unify(left, right, operator.symbol(), &span) else {
            return Expression { operation: Operation::Constant(Value::UNKNOWN), kind: Type::Any, span };
        };
        let comparison = match operator {
            Binary::NotEqual => Comparison::NotEqual,
            Binary::Less => Comparison::Less,
            Binary::LessOrEqual => Comparison::LessOrEqual,
            Binary::Greater => Comparison::Greater,
            Binary::GreaterOrEqual => Comparison::GreaterOrEqual,
            Binary::Equivalent | Binary::NotEquivalent => {
                return boolean(Operation::Equivalent(Box::new(left), Box::new(right), operator == Binary::NotEquivalent), span);
            }
            _ => Comparison::Equal,
        };
        let ordered = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        if ordered && matches!(left.kind, Type::Boolean | Type::Code(_) | Type::Text | Type::List(_) | Type::Item(_)) {
            let kind = left.kind.to_string();
            return self.error(
                ExpressionError::new(format!("{kind} has no order, so `{}` says nothing", operator.symbol()), span)
                    .help("compare it with `=` or `in { … }`"),
            );
        }
        if matches!(left.kind, Type::List(_)) || matches!(right.kind, Type::List(_)) {
            return self.error(ExpressionError::new("lists are not compared as a whole", span).help("ask with `exists`, `in` or `Count`"));
        }
        boolean(Operation::Compare(comparison, Box::new(left), Box::new(right)), span)
    }

    /// Brings two values to one type, or says why there is none.
    fn unify(&mut self, left: Expression, right: Expression, operator: &str, span: &Range<usize>) -> Option<(Expression, Expression)> {
        match (&left.kind, &right.kind) {
            (Type::Any, _) | (_, Type::Any) => Some((left, right)),
            (Type::Integer | Type::Decimal, Type::Integer | Type::Decimal) => Some((left, right)),
            (Type::Quantity(mine), Type::Quantity(theirs)) => {
                if mine.unit == theirs.unit {
                    return Some((left, right));
                }
                if let Some(factor) = mine.factor(&theirs.unit) {
                    let right = scaled(right, factor, mine);
                    return Some((left, right));
                }
                if let Some(factor) = theirs.factor(&mine.unit) {
                    let left = scaled(left, factor, theirs);
                    return Some((left, right));
                }
                let (mine, theirs) = (mine.clone(), theirs.clone());
                let known: Vec<&str> = mine.units().collect();
                self.error(ExpressionError::new(format!("'{}' cannot be compared with '{}'", theirs.unit, mine.unit), right.span).help(format!(
                    "write it in {}, or declare the factor under `units`",
                    known.iter().map(|unit| format!("'{unit}'")).collect::<Vec<_>>().join(" or ")
                )));
                None
            }
            (Type::Quantity(measure), other) | (other, Type::Quantity(measure)) if other.is_number() => {
                let unit = measure.unit.clone();
                let bare = if left.kind.is_number() { left.span } else { right.span };
                self.error(
                    ExpressionError::new("a number without a unit cannot be compared with a quantity", bare)
                        .help(format!("write the unit behind it: `5 '{unit}'`")),
                );
                None
            }
            (Type::Duration, other) | (other, Type::Duration) if other.is_number() => {
                let bare = if left.kind.is_number() { left.span } else { right.span };
                self.error(ExpressionError::new("a number cannot be compared with a duration", bare).help("write the unit behind it: `3 months`"));
                None
            }
            (Type::Duration, Type::Quantity(_)) | (Type::Quantity(_), Type::Duration) => {
                let bare = if left.kind == Type::Duration { right.span } else { left.span };
                self.error(
                    ExpressionError::new("a quantity cannot be compared with a duration", bare).help("calendar durations have no quotes: `3 months`"),
                );
                None
            }
            (Type::Code(mine), Type::Code(theirs)) if Arc::ptr_eq(mine, theirs) || mine.names().eq(theirs.names()) => Some((left, right)),
            (mine, theirs) if mine == theirs => Some((left, right)),
            (mine, theirs) => {
                let message = if matches!((mine, theirs), (Type::Code(_), Type::Code(_))) {
                    format!("the two sides of `{operator}` are codes of different value sets")
                } else {
                    format!("`{operator}` between {mine} and {theirs}")
                };
                let not_first = left.kind == Type::Boolean && operator != "=" && operator != "!=";
                let mut error = ExpressionError::new(message, span.clone());
                if not_first || matches!(left.operation, Operation::Not(_) | Operation::Exists(_)) {
                    error = error.help("`not` and `exists` bind tighter than comparisons: put the comparison in parentheses");
                }
                self.error(error);
                None
            }
        }
    }

    fn membership(&mut self, value: &Syntax, list: &Syntax, span: Range<usize>) -> Expression {
        if let Node::Interval(interval) = &list.node {
            let end = |syntax, closed| Some((syntax, closed));
            return self.between(value, end(&interval.low, interval.low_closed), end(&interval.high, interval.high_closed), span);
        }
        if let Node::List(items) = &list.node {
            let value = self.expression(value, None);
            let mut options = Vec::new();
            for item in items {
                let item = self.expression(item, Some(&value.kind));
                let item_span = item.span.clone();
                // The value keeps its own unit, so that one expression serves all options.
                let item = match (&value.kind, &item.kind) {
                    (Type::Quantity(mine), Type::Quantity(theirs)) => match mine.factor(&theirs.unit) {
                        Some(factor) => scaled(item, factor, mine),
                        None => item,
                    },
                    _ => item,
                };
                if let Some((_, item)) = self.unify(value.clone(), item, "in", &item_span) {
                    options.push(item);
                }
            }
            if items.is_empty() {
                return self.error(ExpressionError::new("the list is empty, so nothing is in it", list.span.clone()));
            }
            return boolean(Operation::In(Box::new(value), options), span);
        }
        let list = self.expression(list, None);
        match list.kind.clone() {
            Type::Any => list,
            Type::List(element) => {
                let value = self.expression(value, Some(&element));
                let value = self.fit(value, &element);
                boolean(Operation::Member(Box::new(value), Box::new(list)), span)
            }
            other => self.error(
                ExpressionError::new(format!("`in` needs a list, found {other}"), list.span).help("write `in { 'a', 'b' }`, or compare with `=`"),
            ),
        }
    }

    fn between(&mut self, value: &Syntax, low: Option<(&Syntax, bool)>, high: Option<(&Syntax, bool)>, span: Range<usize>) -> Expression {
        let mut value = self.expression(value, None);
        let mut ends = [None, None];
        for (end, place) in [low, high].into_iter().zip(&mut ends) {
            let Some((syntax, closed)) = end else { continue };
            if syntax.node == Node::Null {
                continue;
            }
            let end = self.expression(syntax, Some(&value.kind));
            let end_span = end.span.clone();
            let Some((unified, end)) = self.unify(value.clone(), end, "between", &end_span) else { continue };
            if matches!(end.kind, Type::Boolean | Type::Code(_) | Type::Text | Type::List(_) | Type::Item(_)) {
                let kind = end.kind.to_string();
                self.error(ExpressionError::new(format!("{kind} has no order, so `between` says nothing"), end_span));
                continue;
            }
            if unified.kind != value.kind || unified.operation != value.operation {
                // The other side had the declared factor; write the ends in the value's own unit instead.
                value = unified;
            }
            *place = Some((Box::new(end), closed));
        }
        let [low, high] = ends;
        boolean(Operation::Between(Box::new(value), Limits { low, high }), span)
    }

    fn arithmetic(&mut self, operator: Binary, left: &Syntax, right: &Syntax, span: Range<usize>) -> Expression {
        let left = self.expression(left, None);
        let right = self.expression(right, None);
        let arithmetic = match operator {
            Binary::Subtract => Arithmetic::Subtract,
            Binary::Multiply => Arithmetic::Multiply,
            Binary::Divide => Arithmetic::Divide,
            Binary::Power => Arithmetic::Power,
            Binary::TruncatedDivide => Arithmetic::TruncatedDivide,
            Binary::Modulo => Arithmetic::Modulo,
            _ => Arithmetic::Add,
        };
        let additive = matches!(operator, Binary::Add | Binary::Subtract);
        let kind = match (&left.kind, &right.kind) {
            (Type::Date, Type::Duration) if additive => {
                return Expression {
                    operation: Operation::Shift(Box::new(left), Box::new(right), operator == Binary::Subtract),
                    kind: Type::Date,
                    span,
                };
            }
            (Type::Duration, Type::Date) if operator == Binary::Add => {
                return Expression { operation: Operation::Shift(Box::new(right), Box::new(left), false), kind: Type::Date, span };
            }
            (Type::Date, Type::Date) if operator == Binary::Subtract => {
                return self
                    .error(ExpressionError::new("dates are not subtracted", span).help("write `days between a and b`, or `months between a and b`"));
            }
            (Type::Any, other) | (other, Type::Any) => other.clone(),
            (Type::Integer, Type::Integer) if operator != Binary::Divide => Type::Integer,
            (mine, theirs) if mine.is_number() && theirs.is_number() => Type::Decimal,
            (Type::Quantity(_), Type::Quantity(_)) if additive || operator == Binary::Divide => {
                let Some((left, right)) = self.unify(left, right, operator.symbol(), &span) else {
                    return Expression { operation: Operation::Constant(Value::UNKNOWN), kind: Type::Any, span };
                };
                let kind = if additive { left.kind.clone() } else { Type::Decimal };
                return Expression { operation: Operation::Arithmetic(arithmetic, Box::new(left), Box::new(right)), kind, span };
            }
            (Type::Quantity(measure), number) if number.is_number() && matches!(operator, Binary::Multiply | Binary::Divide) => {
                Type::Quantity(Arc::clone(measure))
            }
            (number, Type::Quantity(measure)) if number.is_number() && operator == Binary::Multiply => Type::Quantity(Arc::clone(measure)),
            (mine, theirs) => {
                let message = format!("`{}` between {mine} and {theirs}", operator.symbol());
                return self.error(ExpressionError::new(message, span));
            }
        };
        Expression { operation: Operation::Arithmetic(arithmetic, Box::new(left), Box::new(right)), kind, span }
    }

    fn list(&mut self, items: &[Syntax], expected: Option<&Type>, span: Range<usize>) -> Expression {
        let element = match expected {
            Some(Type::List(element)) => Some(&**element),
            _ => None,
        };
        let mut kind = element.cloned().unwrap_or(Type::Any);
        let mut checked = Vec::new();
        for item in items {
            let item = self.expression(item, Some(&kind));
            if kind == Type::Any || (kind == Type::Integer && item.kind == Type::Decimal) {
                kind = item.kind.clone();
            }
            let item = self.fit(item, &kind);
            checked.push(item);
        }
        Expression { operation: Operation::List(checked), kind: Type::List(Box::new(kind)), span }
    }

    fn choice(&mut self, conditions: Vec<Expression>, results: &[&Syntax], expected: Option<&Type>, span: Range<usize>) -> Expression {
        let mut kind = expected.cloned().unwrap_or(Type::Any);
        let mut checked = Vec::new();
        for result in results {
            let result = self.expression(result, Some(&kind));
            if kind == Type::Any || (kind == Type::Integer && result.kind == Type::Decimal) {
                kind = result.kind.clone();
            }
            checked.push(self.fit(result, &kind));
        }
        let otherwise = checked.pop().unwrap_or(Expression { operation: Operation::Constant(Value::UNKNOWN), kind: Type::Any, span: span.clone() });
        Expression { operation: Operation::Case(conditions.into_iter().zip(checked).collect(), Box::new(otherwise)), kind, span }
    }

    fn query(&mut self, query: &syntax::Query, span: Range<usize>) -> Expression {
        let source = self.expression(&query.source, None);
        let source = self.list_operand(source, "a query");
        let Type::List(element) = source.kind.clone() else { return source };
        if self.names.facts.find(&query.alias).is_some()
            || self.names.definitions.contains_key(&query.alias)
            || self.aliases.iter().any(|(alias, _)| *alias == query.alias)
        {
            return self.error(
                ExpressionError::new(format!("`{}` already names something else", query.alias), query.alias_span.clone())
                    .help("choose another name for the element, such as `L`"),
            );
        }
        self.aliases.push((query.alias.clone(), (*element).clone()));
        let filter = query.filter.as_ref().map(|filter| {
            let filter = self.expression(filter, None);
            self.boolean(filter)
        });
        let result = query.result.as_ref().map(|result| self.expression(result, None));
        let alias = Expression { operation: Operation::Alias(self.aliases.len() - 1), kind: (*element).clone(), span: query.alias_span.clone() };
        let sort = query.sort.as_ref().map(|(sort, descending)| {
            let key = match sort {
                Sort::Itself => alias.clone(),
                Sort::Field(name, name_span) => self.property(alias.clone(), name, name_span, name_span.clone()),
            };
            if matches!(key.kind, Type::Boolean | Type::Code(_) | Type::Text | Type::List(_) | Type::Item(_)) {
                let kind = key.kind.to_string();
                self.error(ExpressionError::new(format!("{kind} has no order to sort by"), key.span.clone()));
            }
            (key, *descending)
        });
        self.aliases.pop();
        let kind = Type::List(Box::new(result.as_ref().map_or(*element, |result| result.kind.clone())));
        Expression { operation: Operation::Query(Box::new(Query { source, filter, result, sort })), kind, span }
    }

    fn call(&mut self, name: &str, arguments: &[Syntax], expected: Option<&Type>, span: Range<usize>) -> Expression {
        const AGGREGATES: [(&str, Aggregate); 9] = [
            ("Count", Aggregate::Count),
            ("Sum", Aggregate::Sum),
            ("Min", Aggregate::Min),
            ("Max", Aggregate::Max),
            ("Avg", Aggregate::Avg),
            ("First", Aggregate::First),
            ("Last", Aggregate::Last),
            ("AllTrue", Aggregate::AllTrue),
            ("AnyTrue", Aggregate::AnyTrue),
        ];
        const FUNCTIONS: [(&str, Function, usize, usize); 9] = [
            ("Coalesce", Function::Coalesce, 2, usize::MAX),
            ("Abs", Function::Abs, 1, 1),
            ("Round", Function::Round, 1, 2),
            ("Ceiling", Function::Ceiling, 1, 1),
            ("Floor", Function::Floor, 1, 1),
            ("Truncate", Function::Truncate, 1, 1),
            ("Ln", Function::Ln, 1, 1),
            ("Exp", Function::Exp, 1, 1),
            ("Log", Function::Log, 2, 2),
        ];
        const OTHERS: [&str; 7] = ["Today", "AgeInYears", "AgeInMonths", "AgeInYearsAt", "AgeInMonthsAt", "Exists", "Power"];
        let arity = |checker: &mut Self, least: usize, most: usize| {
            let right = (least..=most).contains(&arguments.len());
            if !right {
                let wanted = if least == most { least.to_string() } else { format!("{least} or more") };
                checker.error(ExpressionError::new(format!("`{name}` takes {wanted} arguments, found {}", arguments.len()), span.clone()));
            }
            right
        };
        let nothing = Expression { operation: Operation::Constant(Value::UNKNOWN), kind: Type::Any, span: span.clone() };
        if let Some((_, aggregate)) = AGGREGATES.iter().find(|(known, _)| *known == name) {
            if !arity(self, 1, 1) {
                return nothing;
            }
            let Some(argument) = arguments.first() else { return nothing };
            let list = self.expression(argument, None);
            let list = self.list_operand(list, name);
            let Type::List(element) = list.kind.clone() else { return nothing };
            return self.aggregate(*aggregate, name, list, *element, span);
        }
        if let Some((_, function, least, most)) = FUNCTIONS.iter().find(|(known, ..)| *known == name) {
            return if arity(self, *least, *most) { self.function(*function, name, arguments, expected, span) } else { nothing };
        }
        match name {
            "Today" if arity(self, 0, 0) => Expression { operation: Operation::Today, kind: Type::Date, span },
            "AgeInYears" | "AgeInMonths" if arity(self, 0, 0) => self.age(name, None, span),
            "AgeInYearsAt" | "AgeInMonthsAt" if arity(self, 1, 1) => self.age(name, arguments.first(), span),
            "Power" if arity(self, 2, 2) => match arguments {
                [base, exponent] => self.arithmetic(Binary::Power, base, exponent, span),
                _ => nothing,
            },
            "Exists" if arity(self, 1, 1) => match arguments.first() {
                Some(argument) => self.unary(Unary::Exists, argument, span),
                None => nothing,
            },
            _ if OTHERS.contains(&name) => nothing,
            _ => {
                let known: Vec<&str> =
                    AGGREGATES.iter().map(|(known, _)| *known).chain(FUNCTIONS.iter().map(|(known, ..)| *known)).chain(OTHERS).collect();
                let mut error = ExpressionError::new(format!("there is no function `{name}`"), span.start..span.start + name.len());
                error.help = did_you_mean(name, known);
                self.error(error)
            }
        }
    }

    fn age(&mut self, name: &str, at: Option<&Syntax>, span: Range<usize>) -> Expression {
        let birth = match self.names.facts.find("birth_date") {
            Some(id) if matches!(self.names.facts.get(id).kind, Kind::Date(_)) => {
                Expression { operation: Operation::Fact(id), kind: Type::Date, span: span.clone() }
            }
            _ => {
                return self
                    .error(ExpressionError::new(format!("`{name}` needs a fact `birth_date` of type date"), span).help("declare it under `facts`"));
            }
        };
        let at = match at {
            Some(at) => self.date(at),
            None => Expression { operation: Operation::Today, kind: Type::Date, span: span.clone() },
        };
        let precision = if name.contains("Months") { Precision::Months } else { Precision::Years };
        Expression { operation: Operation::Age(precision, Box::new(birth), Box::new(at)), kind: Type::Integer, span }
    }

    fn aggregate(&mut self, aggregate: Aggregate, name: &str, list: Expression, element: Type, span: Range<usize>) -> Expression {
        let numeric = element.is_number() || matches!(element, Type::Quantity(_));
        let ordered = numeric || matches!(element, Type::Date | Type::Duration);
        let (fits, needs, kind) = match aggregate {
            Aggregate::Count => (true, "", Type::Integer),
            Aggregate::Sum => (numeric, "numbers", element.clone()),
            Aggregate::Avg => (numeric, "numbers", if element == Type::Integer { Type::Decimal } else { element.clone() }),
            Aggregate::Min | Aggregate::Max => (ordered, "numbers, dates or durations", element.clone()),
            Aggregate::First | Aggregate::Last => (true, "", element.clone()),
            Aggregate::AllTrue | Aggregate::AnyTrue => (matches!(element, Type::Boolean | Type::Any), "booleans", Type::Boolean),
        };
        if !fits {
            return self.error(ExpressionError::new(
                format!("`{name}` needs a list of {needs}, found a list of {}", element.to_string().trim_start_matches("a ")),
                list.span,
            ));
        }
        Expression { operation: Operation::Aggregate(aggregate, Box::new(list)), kind, span }
    }

    fn function(&mut self, function: Function, name: &str, arguments: &[Syntax], expected: Option<&Type>, span: Range<usize>) -> Expression {
        let mut kind = expected.filter(|_| function == Function::Coalesce).cloned().unwrap_or(Type::Any);
        let mut checked = Vec::new();
        for argument in arguments {
            let argument = self.expression(argument, Some(&kind));
            if function == Function::Coalesce {
                if kind == Type::Any || (kind == Type::Integer && argument.kind == Type::Decimal) {
                    kind = argument.kind.clone();
                }
                checked.push(self.fit(argument, &kind));
            } else {
                let keeps_unit = function == Function::Abs && matches!(argument.kind, Type::Quantity(_));
                if !(argument.kind.is_number() || keeps_unit) {
                    let found = argument.kind.to_string();
                    self.error(ExpressionError::new(format!("`{name}` needs a number, found {found}"), argument.span.clone()));
                }
                checked.push(argument);
            }
        }
        let kind = match function {
            Function::Coalesce => kind,
            Function::Abs => checked.first().map_or(Type::Any, |argument| argument.kind.clone()),
            Function::Ceiling | Function::Floor | Function::Truncate => Type::Integer,
            Function::Round | Function::Ln | Function::Exp | Function::Log => Type::Decimal,
        };
        Expression { operation: Operation::Function(function, checked), kind, span }
    }

    fn boolean(&mut self, expression: Expression) -> Expression {
        if matches!(expression.kind, Type::Boolean | Type::Any) {
            return expression;
        }
        let kind = expression.kind.to_string();
        let error = ExpressionError::new(format!("a condition is needed here, found {kind}"), expression.span);
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
            ExpressionError::new(format!("a date is needed here, found {kind}"), expression.span)
                .help("the date of a fact's evidence is `fact.date`"),
        )
    }

    fn list_operand(&mut self, expression: Expression, what: &str) -> Expression {
        if matches!(expression.kind, Type::List(_) | Type::Any) {
            return expression;
        }
        let kind = expression.kind.to_string();
        let what = if what == "a query" { what.to_owned() } else { format!("`{what}`") };
        let error = ExpressionError::new(format!("{what} needs a list, found {kind}"), expression.span);
        self.error(if what == "`exists`" { error.help("`exists` binds tightly: put the query in parentheses") } else { error })
    }

    /// The expression in an expected type, or what is wrong with it.
    fn fit(&mut self, expression: Expression, expected: &Type) -> Expression {
        match (&expression.kind, expected) {
            (Type::Any, _) | (_, Type::Any) | (Type::Integer, Type::Decimal) | (Type::Decimal, Type::Integer) => expression,
            (Type::Quantity(mine), Type::Quantity(theirs)) if mine.unit != theirs.unit => match theirs.factor(&mine.unit) {
                Some(factor) => scaled(expression, factor, theirs),
                None => {
                    let message = format!("'{}' cannot be turned into '{}'", mine.unit, theirs.unit);
                    self.error(ExpressionError::new(message, expression.span))
                }
            },
            (Type::Quantity(_), Type::Quantity(_)) => expression,
            (Type::Code(mine), Type::Code(theirs)) if mine.names().eq(theirs.names()) => expression,
            (mine, theirs) if mine == theirs => expression,
            (_, Type::Boolean) => self.boolean(expression),
            (mine, theirs) => {
                let message = format!("{theirs} is needed here, found {mine}");
                self.error(ExpressionError::new(message, expression.span))
            }
        }
    }

    /// Refuses what would let silence decide.
    fn refuse_absence(&mut self, expression: &Expression) {
        let mut found = Vec::new();
        find_absence(expression, self.names.expressions, &mut found);
        for (what, span) in found {
            self.error(
                ExpressionError::new(format!("{what} looks at absence, so that new information could turn a verdict"), span)
                    .help("a rule asks for a value; use it in a caution, or say `closed_world: \"why\"` on the criterion"),
            );
        }
    }
}

/// Where an expression, or a definition that it uses, looks at absence.
fn find_absence(expression: &Expression, definitions: &[Definition], found: &mut Vec<(&'static str, Range<usize>)>) {
    expression.walk(&mut |part| {
        let what = match &part.operation {
            Operation::Is(_, Is::Null, false) => Some("`is null`"),
            Operation::Is(_, Is::Null, true) => Some("`is not null`"),
            Operation::Is(_, Is::True, false) => Some("`is true`"),
            Operation::Is(_, Is::True, true) => Some("`is not true`"),
            Operation::Is(_, Is::False, false) => Some("`is false`"),
            Operation::Is(_, Is::False, true) => Some("`is not false`"),
            Operation::Equivalent(..) => Some("`~`"),
            Operation::Function(Function::Coalesce, _) => Some("`Coalesce`"),
            Operation::Definition(id) => definitions.get(id.0).and_then(|definition| {
                let mut inside = Vec::new();
                find_absence(&definition.expression, definitions, &mut inside);
                inside.first().map(|(what, _)| *what)
            }),
            _ => None,
        };
        if let Some(what) = what {
            found.push((what, part.span.clone()));
        }
    });
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

fn boolean(operation: Operation, span: Range<usize>) -> Expression {
    Expression { operation, kind: Type::Boolean, span }
}

/// The expression in another unit; a literal is converted at once.
fn scaled(expression: Expression, factor: Decimal, into: &Arc<Measure>) -> Expression {
    let kind = Type::Quantity(Arc::clone(into));
    let operation = match expression.operation {
        Operation::Constant(Value::Number(bounds)) => match bounds.map(|number| number.checked_mul(factor)) {
            Some(bounds) => Operation::Constant(Value::Number(bounds)),
            None => Operation::Constant(Value::UNKNOWN),
        },
        operation => Operation::Scale(Box::new(Expression { operation, kind: expression.kind, span: expression.span.clone() }), factor),
    };
    Expression { operation, kind, span: expression.span }
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
