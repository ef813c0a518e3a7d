//! Tokens into the syntax tree, with the precedence of the CQL grammar:
//! `implies` < `or` `xor` < `and` < `in` < `=` < timing < `<` < `between` < `not` `exists` < `is` < `+` < `*` < `^` < unary `-`.

use std::ops::Range;

use super::ExpressionError;
use super::lexer::{self, Token};
use super::syntax::{Binary, Interval, Is, Node, Offset, Precision, Query, Relation, Sort, Syntax, Timing, Unary};
use crate::value::Duration;

/// How deeply an expression may be nested.
pub const MAX_DEPTH: usize = 100;
/// How many operators may build on each other; `and` and `or` in a row count once.
pub const MAX_HEIGHT: usize = 120;
/// How long an expression may be, in bytes.
pub const MAX_LENGTH: usize = 64 * 1024;

/// Words that cannot name a fact, a definition or an alias.
pub const KEYWORDS: [&str; 49] = [
    "after",
    "and",
    "as",
    "asc",
    "before",
    "between",
    "by",
    "case",
    "contains",
    "date",
    "days",
    "desc",
    "difference",
    "div",
    "else",
    "end",
    "exists",
    "false",
    "from",
    "if",
    "implies",
    "in",
    "Interval",
    "is",
    "less",
    "mod",
    "months",
    "more",
    "not",
    "null",
    "occurs",
    "of",
    "on",
    "or",
    "return",
    "same",
    "sort",
    "start",
    "than",
    "then",
    "true",
    "weeks",
    "when",
    "where",
    "within",
    "xor",
    "years",
    "such",
    "let",
];

/// Whether `name` may be declared. Behind a dot there is no keyword, so a part of a path may be called anything.
#[must_use]
pub fn may_name(name: &str, behind_a_dot: bool) -> bool {
    behind_a_dot || !KEYWORDS.contains(&name)
}

/// Reads an expression.
///
/// # Errors
/// The first place where it cannot be read, with what was expected there.
pub fn parse(text: &str) -> Result<Syntax, ExpressionError> {
    if text.len() > MAX_LENGTH {
        return Err(ExpressionError::new(format!("the expression is longer than {MAX_LENGTH} bytes"), 0..1));
    }
    let mut parser = Parser { tokens: lexer::tokens(text)?, at: 0, depth: 0 };
    let syntax = parser.expression(0)?;
    match parser.peek() {
        Token::End => Ok(syntax),
        Token::Word(unit) if matches!(parser.before(), Token::Number(..)) => {
            let help = format!("a unit stands in quotes: `'{unit}'`");
            Err(parser.unexpected("an operator or the end").help(help))
        }
        Token::Symbol("==") => Err(parser.unexpected("an operator").help("write `=` to compare")),
        Token::Symbol(")" | "}" | "]") => Err(parser.unexpected("an operator or the end").help("a bracket is closed that was not opened")),
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    depth: usize,
}

type Parsed = Result<Syntax, ExpressionError>;

/// Binding powers; a higher one binds tighter.
mod power {
    pub const IMPLIES: u8 = 1;
    pub const OR: u8 = 2;
    pub const AND: u8 = 3;
    pub const IN: u8 = 4;
    pub const EQUALITY: u8 = 5;
    pub const TIMING: u8 = 6;
    pub const INEQUALITY: u8 = 7;
    pub const BETWEEN: u8 = 8;
    pub const NOT: u8 = 9;
    pub const IS: u8 = 10;
    pub const ADD: u8 = 11;
    pub const MULTIPLY: u8 = 12;
    pub const POWER: u8 = 13;
    pub const NEGATE: u8 = 14;
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(token, _)| token)
    }

    fn before(&self) -> &Token {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(&Token::End, |(token, _)| token)
    }

    fn peek_at(&self, ahead: usize) -> &Token {
        self.tokens.get(self.at + ahead).map_or(&Token::End, |(token, _)| token)
    }

    fn span(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(0..0, |(_, span)| span.clone())
    }

    fn next(&mut self) -> (Token, Range<usize>) {
        let taken = self.tokens.get(self.at).cloned().unwrap_or((Token::End, 0..0));
        self.at = (self.at + 1).min(self.tokens.len().saturating_sub(1));
        taken
    }

    fn unexpected(&self, expected: &str) -> ExpressionError {
        ExpressionError::new(format!("expected {expected}, found {}", self.peek().describe()), self.span())
    }

    fn is_word(&self, word: &str) -> bool {
        self.is_word_at(0, word)
    }

    fn is_word_at(&self, ahead: usize, word: &str) -> bool {
        matches!(self.peek_at(ahead), Token::Word(found) if found == word)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.next();
        }
        found
    }

    fn expect_word(&mut self, word: &str) -> Result<(), ExpressionError> {
        if self.take_word(word) { Ok(()) } else { Err(self.unexpected(&format!("`{word}`"))) }
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Token::Symbol(found) if *found == symbol);
        if found {
            self.next();
        }
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<Range<usize>, ExpressionError> {
        let span = self.span();
        if self.take(symbol) { Ok(span) } else { Err(self.unexpected(&format!("`{symbol}`"))) }
    }

    /// A part, unless it is higher than any that is worked on.
    fn built(&self, node: Node, span: Range<usize>) -> Parsed {
        let syntax = Syntax::new(node, span);
        if syntax.height > MAX_HEIGHT {
            return Err(
                ExpressionError::new(format!("more than {MAX_HEIGHT} operators build on each other"), self.span()).help("split it with `define`")
            );
        }
        Ok(syntax)
    }

    /// An expression whose operators all bind at least as tightly as `minimum`.
    fn expression(&mut self, minimum: u8) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(ExpressionError::new(format!("nested more than {MAX_DEPTH} levels deep"), self.span()).help("split it with `define`"));
        }
        let mut left = self.prefix()?;
        let mut chain = 0;
        while let Some((level, infix)) = self.infix() {
            if level < minimum {
                break;
            }
            chain += 1;
            if chain > 1_000 {
                return Err(ExpressionError::new("more than 1000 operators in a row", self.span()).help("split it with `define`, or use `in { … }`"));
            }
            left = self.operator(left, level, infix)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    fn prefix(&mut self) -> Parsed {
        let start = self.span().start;
        let unary = match self.peek() {
            Token::Word(word) if word == "not" => Some((Unary::Not, power::NOT)),
            Token::Word(word) if word == "exists" => Some((Unary::Exists, power::NOT)),
            Token::Symbol("-") => Some((Unary::Negate, power::NEGATE)),
            Token::Symbol("+") => Some((Unary::Plus, power::NEGATE)),
            _ => None,
        };
        let Some((operator, level)) = unary else { return self.term() };
        self.next();
        let operand = self.expression(level)?;
        let span = start..operand.span.end;
        self.built(Node::Unary(operator, Box::new(operand)), span)
    }

    /// The operator that stands here, and how tightly it binds.
    fn infix(&self) -> Option<(u8, Infix)> {
        let binary = |level, operator| Some((level, Infix::Binary(operator)));
        match self.peek() {
            Token::Symbol(symbol) => match *symbol {
                "=" => binary(power::EQUALITY, Binary::Equal),
                "!=" => binary(power::EQUALITY, Binary::NotEqual),
                "~" => binary(power::EQUALITY, Binary::Equivalent),
                "!~" => binary(power::EQUALITY, Binary::NotEquivalent),
                "<" => binary(power::INEQUALITY, Binary::Less),
                "<=" => binary(power::INEQUALITY, Binary::LessOrEqual),
                ">" => binary(power::INEQUALITY, Binary::Greater),
                ">=" => binary(power::INEQUALITY, Binary::GreaterOrEqual),
                "+" => binary(power::ADD, Binary::Add),
                "-" => binary(power::ADD, Binary::Subtract),
                "*" => binary(power::MULTIPLY, Binary::Multiply),
                "/" => binary(power::MULTIPLY, Binary::Divide),
                "^" => binary(power::POWER, Binary::Power),
                _ => None,
            },
            Token::Word(word) => match word.as_str() {
                "and" => binary(power::AND, Binary::And),
                "or" => binary(power::OR, Binary::Or),
                "xor" => binary(power::OR, Binary::Xor),
                "implies" => binary(power::IMPLIES, Binary::Implies),
                "in" => binary(power::IN, Binary::In),
                "contains" => binary(power::IN, Binary::Contains),
                "div" => binary(power::MULTIPLY, Binary::TruncatedDivide),
                "mod" => binary(power::MULTIPLY, Binary::Modulo),
                "is" => Some((power::IS, Infix::Is)),
                "between" => Some((power::BETWEEN, Infix::Between)),
                "before" | "after" | "on" | "same" | "within" | "occurs" | "more" | "less" => Some((power::TIMING, Infix::Timing)),
                _ => None,
            },
            // `a 3 days or more before b`
            Token::Number(..) => match self.peek_at(1) {
                Token::Word(unit) if Precision::from_word(unit).is_some() => Some((power::TIMING, Infix::Timing)),
                _ => None,
            },
            _ => None,
        }
    }

    fn operator(&mut self, left: Syntax, level: u8, infix: Infix) -> Parsed {
        let start = left.span.start;
        let node = match infix {
            Infix::Binary(operator @ (Binary::And | Binary::Or)) => {
                self.next();
                let right = self.expression(level + 1)?;
                let mut parts = match left.node {
                    Node::Chain(same, parts) if same == operator => parts,
                    node => vec![Syntax { node, ..left }],
                };
                parts.push(right);
                Node::Chain(operator, parts)
            }
            Infix::Binary(operator) => {
                self.next();
                let right = self.expression(level + 1)?;
                Node::Binary(operator, Box::new(left), Box::new(right))
            }
            Infix::Is => {
                self.next();
                let negated = self.take_word("not");
                let what = match self.peek() {
                    Token::Word(word) if word == "null" => Is::Null,
                    Token::Word(word) if word == "true" => Is::True,
                    Token::Word(word) if word == "false" => Is::False,
                    _ => return Err(self.unexpected("`null`, `true` or `false`").help("compare values with `=`")),
                };
                self.next();
                Node::Is { operand: Box::new(left), what, negated }
            }
            Infix::Between => {
                self.next();
                let low = self.expression(power::ADD)?;
                self.expect_word("and")?;
                let high = self.expression(power::ADD)?;
                Node::Between(Box::new(left), Box::new(low), Box::new(high))
            }
            Infix::Timing => {
                let timing = self.timing()?;
                let right = self.expression(level + 1)?;
                Node::Timing(timing, Box::new(left), Box::new(right))
            }
        };
        let end = self.tokens.get(self.at.saturating_sub(1)).map_or(start, |(_, span)| span.end);
        self.built(node, start..end)
    }

    /// `[occurs] [more than|less than] [3 days [or more|or less]] [on or] before|after`, `same day [or] [before|after] as`,
    /// `within 3 days of`
    fn timing(&mut self) -> Result<Timing, ExpressionError> {
        self.take_word("occurs");
        if self.take_word("within") {
            let offset = self.duration()?;
            self.expect_word("of")?;
            return Ok(Timing { relation: Relation::Within, or_same: true, offset: Some((offset, Offset::OrLess)) });
        }
        if self.take_word("same") {
            self.expect_word("day")?;
            if self.take_word("or") {
                let relation = self.before_or_after()?;
                return Ok(Timing { relation, or_same: true, offset: None });
            }
            self.expect_word("as")?;
            return Ok(Timing { relation: Relation::Same, or_same: true, offset: None });
        }
        let strict = match self.peek() {
            Token::Word(word) if word == "more" => Some(Offset::MoreThan),
            Token::Word(word) if word == "less" => Some(Offset::LessThan),
            _ => None,
        };
        let offset = if let Some(strict) = strict {
            self.next();
            self.expect_word("than")?;
            Some((self.duration()?, strict))
        } else if matches!(self.peek(), Token::Number(..)) {
            let duration = self.duration()?;
            let meant = if self.take_word("or") {
                if self.take_word("more") {
                    Offset::OrMore
                } else {
                    self.expect_word("less")?;
                    Offset::OrLess
                }
            } else {
                Offset::Exactly
            };
            Some((duration, meant))
        } else {
            None
        };
        let on_or = if self.take_word("on") {
            self.expect_word("or")?;
            true
        } else {
            false
        };
        let relation = self.before_or_after()?;
        let or_on = !on_or && self.is_word("or") && self.is_word_at(1, "on");
        if or_on {
            self.next();
            self.next();
        }
        Ok(Timing { relation, or_same: on_or || or_on, offset })
    }

    fn before_or_after(&mut self) -> Result<Relation, ExpressionError> {
        if self.take_word("before") {
            Ok(Relation::Before)
        } else if self.take_word("after") {
            Ok(Relation::After)
        } else {
            Err(self.unexpected("`before` or `after`"))
        }
    }

    fn duration(&mut self) -> Result<Duration, ExpressionError> {
        let start = self.span();
        match (self.next(), self.next()) {
            ((Token::Number(number, true), _), (Token::Word(unit), unit_span)) => i32::try_from(number)
                .ok()
                .and_then(|count| Duration::of(count, &unit))
                .filter(|_| Precision::from_word(&unit).is_some())
                .ok_or_else(|| ExpressionError::new("a duration is out of reach or its unit is none", start.start..unit_span.end)),
            _ => Err(ExpressionError::new("expected a duration such as `3 months`", start)),
        }
    }

    /// A literal, a name, a call, something in brackets; then properties and a query's alias.
    fn term(&mut self) -> Parsed {
        let mut term = self.primary()?;
        while matches!(self.peek(), Token::Symbol(".")) {
            self.next();
            let (name, span) = self.name("a property")?;
            let whole = term.span.start..span.end;
            term = self.built(Node::Property(Box::new(term), name, span), whole)?;
        }
        let is_source = matches!(term.node, Node::Name(_) | Node::Query(_) | Node::List(_) | Node::Property(..));
        match self.peek() {
            Token::Word(word) if is_source && !KEYWORDS.contains(&word.as_str()) => self.query(term),
            _ => Ok(term),
        }
    }

    fn name(&mut self, what: &str) -> Result<(String, Range<usize>), ExpressionError> {
        match self.peek() {
            Token::Word(_) | Token::Quoted(_) => match self.next() {
                (Token::Word(name) | Token::Quoted(name), span) => Ok((name, span)),
                _ => Err(self.unexpected(what)),
            },
            _ => Err(self.unexpected(what)),
        }
    }

    fn query(&mut self, source: Syntax) -> Parsed {
        let start = source.span.start;
        let (alias, alias_span) = self.name("a name for the element")?;
        let filter = if self.take_word("where") { Some(self.expression(0)?) } else { None };
        let result = if self.take_word("return") {
            // `return all` says what holds anyway.
            if self.is_word("all") && matches!(self.peek_at(1), Token::Word(_) | Token::Quoted(_) | Token::Number(..) | Token::Text(_)) {
                self.next();
            }
            Some(self.expression(0)?)
        } else {
            None
        };
        let sort = if self.take_word("sort") {
            let sort = if self.take_word("by") {
                let (name, span) = self.name("a field to sort by")?;
                Sort::Field(name, span)
            } else {
                Sort::Itself
            };
            let descending = self.take_word("desc") || self.take_word("descending");
            if !descending && !self.take_word("asc") {
                self.take_word("ascending");
            }
            Some((sort, descending))
        } else {
            None
        };
        let end = self.tokens.get(self.at.saturating_sub(1)).map_or(start, |(_, span)| span.end);
        let query = Query { source, alias, alias_span, filter, result, sort };
        self.built(Node::Query(Box::new(query)), start..end)
    }

    fn primary(&mut self) -> Parsed {
        let (token, span) = self.next();
        let simple = |node| Ok(Syntax::new(node, span.clone()));
        match token {
            Token::Text(text) => simple(Node::Text(text)),
            Token::Date(date) => simple(Node::Date(date)),
            Token::Number(number, whole) => self.number(number, whole, span),
            Token::Quoted(name) => self.dotted(name, span),
            Token::Symbol("(") => {
                let inner = self.expression(0)?;
                let end = self.expect(")")?.end;
                Ok(Syntax { span: span.start..end, ..inner })
            }
            Token::Symbol("{") => {
                let items = self.list("}")?;
                let end = self.expect("}")?.end;
                self.built(Node::List(items), span.start..end)
            }
            Token::Word(word) => match word.as_str() {
                "null" => simple(Node::Null),
                "true" => simple(Node::Boolean(true)),
                "false" => simple(Node::Boolean(false)),
                "if" => self.if_then_else(span.start),
                "case" => self.case(span.start),
                "Interval" => self.interval(span.start),
                "difference" => {
                    self.expect_word("in")?;
                    self.duration_between(span.start, true)
                }
                "years" | "months" | "weeks" | "days" => {
                    self.at = self.at.saturating_sub(1);
                    self.duration_between(span.start, false)
                }
                keyword if KEYWORDS.contains(&keyword) => {
                    self.at = self.at.saturating_sub(1);
                    Err(self.unexpected("a value"))
                }
                _ if matches!(self.peek(), Token::Symbol("(")) => {
                    self.next();
                    let arguments = self.list(")")?;
                    let end = self.expect(")")?.end;
                    self.built(Node::Call(word, arguments), span.start..end)
                }
                _ => self.dotted(word, span),
            },
            other => {
                let error = ExpressionError::new(format!("expected a value, found {}", other.describe()), span);
                Err(if other == Token::Symbol("=") { error.help("compare with a single `=`") } else { error })
            }
        }
    }

    /// A dotted name. The parts are kept together: only the declarations say which of them is the fact.
    fn dotted(&mut self, first: String, span: Range<usize>) -> Parsed {
        let start = span.start;
        let mut end = span.end;
        let mut parts = vec![(first, span)];
        while self.take(".") {
            let (name, span) = self.name("a name")?;
            end = span.end;
            parts.push((name, span));
        }
        self.built(Node::Name(parts), start..end)
    }

    fn number(&mut self, number: rust_decimal::Decimal, whole: bool, span: Range<usize>) -> Parsed {
        match self.peek().clone() {
            Token::Text(unit) => {
                let end = self.next().1.end;
                self.built(Node::Quantity(number, unit), span.start..end)
            }
            Token::Word(unit) if Precision::from_word(&unit).is_some() => {
                let end = self.next().1.end;
                let duration = whole.then(|| i32::try_from(number).ok().and_then(|count| Duration::of(count, &unit))).flatten();
                let duration = duration.ok_or_else(|| {
                    ExpressionError::new("a duration needs a whole number in reach", span.start..end)
                        .help("write it in smaller units, such as `45 days`")
                })?;
                self.built(Node::Duration(duration), span.start..end)
            }
            _ => self.built(Node::Number(number, whole), span),
        }
    }

    fn list(&mut self, close: &str) -> Result<Vec<Syntax>, ExpressionError> {
        let mut items = Vec::new();
        if matches!(self.peek(), Token::Symbol(symbol) if *symbol == close) {
            return Ok(items);
        }
        loop {
            items.push(self.expression(0)?);
            if !self.take(",") {
                return Ok(items);
            }
        }
    }

    fn if_then_else(&mut self, start: usize) -> Parsed {
        let condition = self.expression(0)?;
        self.expect_word("then")?;
        let yes = self.expression(0)?;
        self.expect_word("else")?;
        let no = self.expression(0)?;
        let span = start..no.span.end;
        self.built(Node::If(Box::new(condition), Box::new(yes), Box::new(no)), span)
    }

    fn case(&mut self, start: usize) -> Parsed {
        let subject = if self.is_word("when") { None } else { Some(Box::new(self.expression(0)?)) };
        let mut branches = Vec::new();
        while self.take_word("when") {
            let when = self.expression(0)?;
            self.expect_word("then")?;
            branches.push((when, self.expression(0)?));
        }
        if branches.is_empty() {
            return Err(self.unexpected("`when`"));
        }
        self.expect_word("else")?;
        let otherwise = Box::new(self.expression(0)?);
        let end = self.span().end;
        self.expect_word("end")?;
        self.built(Node::Case { subject, branches, otherwise }, start..end)
    }

    fn interval(&mut self, start: usize) -> Parsed {
        let low_closed = self.take("[");
        if !low_closed {
            self.expect("(")?;
        }
        let low = self.expression(0)?;
        self.expect(",")?;
        let high = self.expression(0)?;
        let end = self.span().end;
        let high_closed = self.take("]");
        if !high_closed {
            self.expect(")")?;
        }
        let interval = Interval { low, low_closed, high, high_closed };
        self.built(Node::Interval(Box::new(interval)), start..end)
    }

    fn duration_between(&mut self, start: usize, difference: bool) -> Parsed {
        let precision = match self.next() {
            (Token::Word(word), span) => {
                Precision::from_word(&word).ok_or_else(|| ExpressionError::new("expected years, months, weeks or days", span))?
            }
            (_, span) => return Err(ExpressionError::new("expected years, months, weeks or days", span)),
        };
        self.expect_word("between")?;
        let from = self.expression(power::ADD)?;
        self.expect_word("and")?;
        let to = self.expression(power::ADD)?;
        let span = start..to.span.end;
        self.built(Node::DurationBetween { precision, difference, from: Box::new(from), to: Box::new(to) }, span)
    }
}

enum Infix {
    Binary(Binary),
    Is,
    Between,
    Timing,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree in brackets, to show how tightly operators bind.
    fn shape(text: &str) -> String {
        fn write(syntax: &Syntax) -> String {
            match &syntax.node {
                Node::Chain(operator, parts) => {
                    parts.iter().map(write).reduce(|left, right| format!("({left} {} {right})", operator.symbol())).unwrap_or_default()
                }
                Node::Binary(operator, left, right) => format!("({} {} {})", write(left), operator.symbol(), write(right)),
                Node::Unary(operator, operand) => format!("({operator:?} {})", write(operand)),
                Node::Name(parts) => parts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join("."),
                Node::Number(number, _) => number.to_string(),
                Node::Duration(duration) => duration.to_string(),
                Node::Quantity(number, unit) => format!("{number} {unit}"),
                Node::Text(text) => format!("'{text}'"),
                Node::Between(value, low, high) => format!("({} between {} and {})", write(value), write(low), write(high)),
                Node::Timing(timing, left, right) => {
                    format!("({} {:?}{} {})", write(left), timing.relation, if timing.or_same { "OrSame" } else { "" }, write(right))
                }
                Node::Is { operand, what, negated } => format!("({} is {}{what:?})", write(operand), if *negated { "not " } else { "" }),
                Node::Property(source, name, _) => format!("{}.{name}", write(source)),
                Node::Call(name, arguments) => format!("{name}({})", arguments.iter().map(write).collect::<Vec<_>>().join(", ")),
                Node::Query(query) => format!(
                    "[{} {}{}]",
                    write(&query.source),
                    query.alias,
                    query.filter.as_ref().map_or(String::new(), |filter| format!(" where {}", write(filter)))
                ),
                Node::List(items) => format!("{{{}}}", items.iter().map(write).collect::<Vec<_>>().join(", ")),
                other => format!("{other:?}"),
            }
        }
        write(&parse(text).unwrap())
    }

    #[test]
    fn precedence_follows_the_grammar() {
        assert_eq!(shape("a or b and c"), "(a or (b and c))");
        assert_eq!(shape("a and b implies c or d"), "((a and b) implies (c or d))");
        assert_eq!(shape("not a and b"), "((Not a) and b)");
        assert_eq!(shape("not (a = 1)"), "(Not (a = 1))");
        assert_eq!(shape("x + 2 * y <= 3"), "((x + (2 * y)) <= 3)");
        assert_eq!(shape("a - b - c"), "((a - b) - c)");
        assert_eq!(shape("a = 1 and b in {'x', 'y'}"), "((a = 1) and (b in {'x', 'y'}))");
        assert_eq!(shape("a between 1 and 2 and b"), "((a between 1 and 2) and b)");
        assert_eq!(shape("a is not null or b"), "((a is not Null) or b)");
        assert_eq!(shape("a.date on or before b.date and c"), "((a.date BeforeOrSame b.date) and c)");
        assert_eq!(shape("a 6 months or more before b"), "(a Before b)");
        assert_eq!(shape("a within 14 days of b"), "(a WithinOrSame b)");
        assert_eq!(shape("d > 3 months"), "(d > 3 months)");
        assert_eq!(shape("d - 3 months before e"), "((d - 3 months) Before e)");
    }

    #[test]
    fn queries_and_properties() {
        assert_eq!(shape("exists (lines L where L.kind = 'x')"), "(Exists [lines L where (L.kind = 'x')])");
        assert_eq!(
            shape("Last(cd22 C where C.method = 'flow' sort by date).result in {'a'}"),
            "(Last([cd22 C where (C.method = 'flow')]).result in {'a'})"
        );
    }

    #[test]
    fn says_what_was_expected() {
        assert_eq!(parse("ecog <=").unwrap_err().message, "expected a value, found the end of the expression");
        assert_eq!(parse("(a or b").unwrap_err().message, "expected `)`, found the end of the expression");
        assert!(parse("a b c").is_err());
        assert!(parse("a == 1").unwrap_err().help.unwrap().contains("single `=`"));
        assert!(parse(&"(".repeat(10_000)).unwrap_err().message.contains("nested"));
        assert!(parse(&"a and ".repeat(5_000)).unwrap_err().message.contains("in a row"));
        assert!(parse(&"x".repeat(1_000_000)).unwrap_err().message.contains("longer"));
    }
}
