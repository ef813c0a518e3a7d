//! Tokens → an expression, in which every function, type and variable is known.

use std::ops::Range;

use rust_decimal::Decimal;

use super::PathError;
use super::lexer::{Token, tokens};
use super::types::{self, DATA_TYPES, RESOURCES};
use crate::diagnostic::nearest;

/// No path is longer, in bytes.
const LONGEST: usize = 4_096;
/// How deep parentheses, functions and steps may stand in each other.
const DEEPEST: usize = 64;

/// A part of a path.
#[derive(Debug)]
pub(super) struct Expression {
    pub kind: Kind,
    /// Bytes of the path: the name or the operator.
    pub span: Range<usize>,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// `{}`
    Nothing,
    Boolean(bool),
    Number(Decimal),
    Text(String),
    /// `$this`, and whatever a step without one before it starts from.
    This,
    /// `%resource`
    Resource,
    /// The place of a variable among those of the environment.
    Variable(usize),
    /// The resource itself, if it is of this type.
    OfResourceType(String),
    /// `of.name`
    Field(Box<Expression>, String),
    /// `of[index]`
    Index(Box<Expression>, Box<Expression>),
    /// `of.function(…)`
    Call(Box<Expression>, Function),
    Minus(Box<Expression>),
    Binary(Operator, Box<Expression>, Box<Expression>),
}

/// A function with its arguments.
#[derive(Debug)]
pub(super) enum Function {
    Where(Box<Expression>),
    Exists(Option<Box<Expression>>),
    Empty,
    First,
    Last,
    Not,
    Join(Option<Box<Expression>>),
    Extension(Box<Expression>),
    OfType(String),
    Resolve,
    ResourceKey,
    ReferenceKey(Option<String>),
}

/// What stands between two expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Union,
    Multiply,
    Divide,
    Add,
    Subtract,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    And,
    Or,
}

/// From the one that binds least.
const LEVELS: [&[(&str, Operator)]; 7] = [
    &[("or", Operator::Or)],
    &[("and", Operator::And)],
    &[("=", Operator::Equal), ("!=", Operator::NotEqual)],
    &[
        ("<=", Operator::LessOrEqual),
        ("<", Operator::Less),
        (">=", Operator::GreaterOrEqual),
        (">", Operator::Greater),
    ],
    &[("|", Operator::Union)],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[("*", Operator::Multiply), ("/", Operator::Divide)],
];

/// Operators of FHIRPath that are not among those that programs share.
const LEFT_OUT: [&str; 9] = [
    "xor", "implies", "is", "as", "in", "contains", "div", "mod", "memberOf",
];

const FUNCTIONS: [&str; 12] = [
    "where",
    "exists",
    "empty",
    "first",
    "last",
    "not",
    "join",
    "extension",
    "ofType",
    "resolve",
    "getResourceKey",
    "getReferenceKey",
];

/// Reads a path.
pub(super) fn parse(text: &str, variables: &[&str]) -> Result<Expression, PathError> {
    if text.len() > LONGEST {
        let message = format!("the path is longer than {LONGEST} bytes");
        return Err(PathError::new(message, 0..text.len()));
    }
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
        variables,
    };
    if *parser.peek() == Token::End {
        return Err(PathError::new("the path is empty", 0..text.len()));
    }
    let expression = parser.level(0)?;
    match parser.peek() {
        Token::End => Ok(expression),
        _ => Err(parser.unexpected()),
    }
}

struct Parser<'p> {
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    depth: usize,
    variables: &'p [&'p str],
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        self.tokens
            .get(self.at)
            .map_or(&Token::End, |(token, _)| token)
    }

    fn span(&self) -> Range<usize> {
        let here = self.tokens.get(self.at).or(self.tokens.last());
        here.map_or(0..0, |(_, span)| span.clone())
    }

    fn next(&mut self) -> (Token, Range<usize>) {
        let (token, span) = (self.peek().clone(), self.span());
        self.at += 1;
        (token, span)
    }

    fn take(&mut self, symbol: &'static str) -> bool {
        let is_here = *self.peek() == Token::Symbol(symbol);
        self.at += usize::from(is_here);
        is_here
    }

    fn close(&mut self, symbol: &'static str, opened: &Range<usize>) -> Result<(), PathError> {
        if self.take(symbol) {
            return Ok(());
        }
        if *self.peek() == Token::End {
            let message = format!("the path ends before `{symbol}`");
            return Err(PathError::new(message, opened.clone()));
        }
        Err(self.unexpected())
    }

    fn unexpected(&self) -> PathError {
        let message = format!("unexpected {}", self.peek().describe());
        let error = PathError::new(message, self.span());
        match self.peek() {
            Token::Name(name) if LEFT_OUT.contains(&name.as_str()) => error.help(format!(
                "`{name}` is FHIRPath, but not of the part that programs share; docs/fhir.md says what is"
            )),
            Token::Text(_) => error.help("numbers have no unit here; compare `.value` and `.code`"),
            _ => error,
        }
    }

    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, PathError>,
    ) -> Result<T, PathError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let message = format!("nested too deeply; {DEEPEST} levels are the limit");
            return Err(PathError::new(message, self.span()));
        }
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// Operators of a level, between expressions of the next.
    fn level(&mut self, level: usize) -> Result<Expression, PathError> {
        let Some(operators) = LEVELS.get(level) else {
            return self.sign();
        };
        let mut left = self.level(level + 1)?;
        let mut count = 0;
        while let Some(operator) = self.operator(operators) {
            count += 1;
            if count > DEEPEST {
                return Err(PathError::new("too many operators in a row", self.span()));
            }
            let span = self.next().1;
            let right = self.level(level + 1)?;
            left = Expression {
                kind: Kind::Binary(operator, Box::new(left), Box::new(right)),
                span,
            };
        }
        Ok(left)
    }

    fn operator(&self, operators: &[(&str, Operator)]) -> Option<Operator> {
        let written = match self.peek() {
            Token::Name(name) => name.as_str(),
            Token::Symbol(symbol) => symbol,
            _ => return None,
        };
        let found = operators.iter().find(|(symbol, _)| *symbol == written);
        found.map(|(_, operator)| *operator)
    }

    fn sign(&mut self) -> Result<Expression, PathError> {
        let span = self.span();
        if self.take("-") {
            let of = self.deeper(Self::sign)?;
            let kind = Kind::Minus(Box::new(of));
            return Ok(Expression { kind, span });
        }
        self.steps()
    }

    /// A term, and the steps behind it.
    fn steps(&mut self) -> Result<Expression, PathError> {
        let mut expression = self.term()?;
        let mut count = 0;
        loop {
            if count > DEEPEST {
                let message = format!("more than {DEEPEST} steps");
                return Err(PathError::new(message, self.span()));
            }
            count += 1;
            let span = self.span();
            if self.take(".") {
                expression = self.step(expression)?;
            } else if self.take("[") {
                let index = self.deeper(|parser| parser.level(0))?;
                self.close("]", &span)?;
                let kind = Kind::Index(Box::new(expression), Box::new(index));
                expression = Expression { kind, span };
            } else {
                return Ok(expression);
            }
        }
    }

    fn term(&mut self) -> Result<Expression, PathError> {
        let (token, span) = self.next();
        let kind = match token {
            Token::Number(number) => Kind::Number(number),
            Token::Text(text) => Kind::Text(text),
            Token::Name(word) if word == "true" => Kind::Boolean(true),
            Token::Name(word) if word == "false" => Kind::Boolean(false),
            Token::Special(name) if name == "this" => Kind::This,
            Token::Variable(name) => self.variable(&name, &span)?,
            Token::Symbol("(") => {
                let inner = self.deeper(|parser| parser.level(0))?;
                self.close(")", &span)?;
                return Ok(inner);
            }
            Token::Symbol("{") => {
                self.close("}", &span)?;
                Kind::Nothing
            }
            Token::Name(name)
                if RESOURCES.contains(&name.as_str()) && *self.peek() != Token::Symbol("(") =>
            {
                Kind::OfResourceType(name)
            }
            Token::Name(_) | Token::Quoted(_) => {
                self.at -= 1;
                let this = Expression {
                    kind: Kind::This,
                    span: span.start..span.start,
                };
                return self.step(this);
            }
            _ => {
                self.at -= 1;
                return Err(self.unexpected());
            }
        };
        Ok(Expression { kind, span })
    }

    fn variable(&self, name: &str, span: &Range<usize>) -> Result<Kind, PathError> {
        if let Some(place) = self.variables.iter().position(|known| *known == name) {
            return Ok(Kind::Variable(place));
        }
        if matches!(name, "resource" | "rootResource" | "context") {
            return Ok(Kind::Resource);
        }
        let error = PathError::new(format!("there is no `%{name}`"), span.clone());
        let known = self.variables.iter().copied().chain(["resource"]);
        Err(match nearest(name, known) {
            Some(near) => error.help(format!("did you mean `%{near}`?")),
            None => error,
        })
    }

    /// The name behind a point: an element, or a function if a parenthesis follows.
    fn step(&mut self, of: Expression) -> Result<Expression, PathError> {
        let (token, span) = self.next();
        let of = Box::new(of);
        let kind = match token {
            Token::Name(name) if *self.peek() == Token::Symbol("(") => {
                let opened = self.next().1;
                let function = self.deeper(|parser| parser.function(&name, &span, &opened))?;
                self.close(")", &opened)?;
                Kind::Call(of, function)
            }
            Token::Name(name) => {
                if let Some(path) = types::as_choice(&name) {
                    let message = format!("`{name}` is a key of JSON, not a step of a path");
                    return Err(PathError::new(message, span).help(format!("write `{path}`")));
                }
                Kind::Field(of, name)
            }
            Token::Quoted(name) => Kind::Field(of, name),
            _ => {
                self.at -= 1;
                return Err(self.unexpected());
            }
        };
        Ok(Expression { kind, span })
    }

    fn function(
        &mut self,
        name: &str,
        span: &Range<usize>,
        opened: &Range<usize>,
    ) -> Result<Function, PathError> {
        match name {
            "where" => self.argument(opened).map(Function::Where),
            "exists" => self.optional_argument().map(Function::Exists),
            "empty" => Ok(Function::Empty),
            "first" => Ok(Function::First),
            "last" => Ok(Function::Last),
            "not" => Ok(Function::Not),
            "join" => self.optional_argument().map(Function::Join),
            "extension" => self.argument(opened).map(Function::Extension),
            "ofType" => self.type_name().map(Function::OfType),
            "resolve" => Ok(Function::Resolve),
            "getResourceKey" => Ok(Function::ResourceKey),
            "getReferenceKey" if *self.peek() == Token::Symbol(")") => {
                Ok(Function::ReferenceKey(None))
            }
            "getReferenceKey" => self
                .type_name()
                .map(|name| Function::ReferenceKey(Some(name))),
            _ => {
                let message = format!("there is no function `{name}`");
                let help = match nearest(name, FUNCTIONS) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are `{}`", FUNCTIONS.join("`, `")),
                };
                Err(PathError::new(message, span.clone()).help(help))
            }
        }
    }

    fn argument(&mut self, opened: &Range<usize>) -> Result<Box<Expression>, PathError> {
        if *self.peek() == Token::Symbol(")") {
            return Err(PathError::new(
                "something is missing between these",
                opened.start..self.span().end,
            ));
        }
        self.level(0).map(Box::new)
    }

    fn optional_argument(&mut self) -> Result<Option<Box<Expression>>, PathError> {
        if *self.peek() == Token::Symbol(")") {
            return Ok(None);
        }
        self.level(0).map(|argument| Some(Box::new(argument)))
    }

    /// A type, with or without `FHIR.` before it.
    fn type_name(&mut self) -> Result<String, PathError> {
        if *self.peek() == Token::Name("FHIR".to_owned()) {
            self.at += 1;
            if !self.take(".") {
                return Err(self.unexpected());
            }
        }
        let (token, span) = self.next();
        let name = match token {
            Token::Name(name) | Token::Quoted(name) => name,
            _ => {
                self.at -= 1;
                return Err(self.unexpected());
            }
        };
        if types::data_type(&name).is_some() || RESOURCES.contains(&name.as_str()) {
            return Ok(name);
        }
        let known = DATA_TYPES.into_iter().chain(RESOURCES);
        let error = PathError::new(format!("FHIR R4 has no type `{name}`"), span);
        let same = known
            .clone()
            .find(|known| known.eq_ignore_ascii_case(&name));
        Err(match same.or_else(|| nearest(&name, known)) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error,
        })
    }
}
