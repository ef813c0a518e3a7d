//! What operators stand between: literals, names, calls, brackets, choices and queries.

use std::ops::Range;

use super::{ExpressionError, KEYWORDS, Parsed, Parser};
use crate::cql::lexer::Token;
use crate::cql::syntax::{Interval, Node, Precision, Query, Sort, Syntax};
use crate::value::Duration;

impl Parser {
    /// A literal, a name, a call, something in brackets; then properties and a query's alias.
    pub(super) fn term(&mut self) -> Parsed {
        let mut term = self.primary()?;
        while matches!(self.peek(), Token::Symbol(".")) {
            self.next();
            let (name, span) = self.name("a property")?;
            let whole = term.span.start..span.end;
            term = self.built(Node::Property(Box::new(term), name, span), whole)?;
        }
        let is_source = matches!(
            term.node,
            Node::Name(_) | Node::Query(_) | Node::List(_) | Node::Property(..)
        );
        match self.peek() {
            Token::Word(word) if is_source && !KEYWORDS.contains(&word.as_str()) => {
                self.query(term)
            }
            _ => Ok(term),
        }
    }

    pub(super) fn name(&mut self, what: &str) -> Result<(String, Range<usize>), ExpressionError> {
        match self.peek() {
            Token::Word(_) | Token::Quoted(_) => match self.next() {
                (Token::Word(name) | Token::Quoted(name), span) => Ok((name, span)),
                _ => Err(self.unexpected(what)),
            },
            _ => Err(self.unexpected(what)),
        }
    }

    pub(super) fn query(&mut self, source: Syntax) -> Parsed {
        let start = source.span.start;
        let (alias, alias_span) = self.name("a name for the element")?;
        let filter = if self.take_word("where") {
            Some(self.expression(0)?)
        } else {
            None
        };
        let result = if self.take_word("return") {
            // `return all` says what holds anyway.
            if self.is_word("all")
                && matches!(
                    self.peek_at(1),
                    Token::Word(_) | Token::Quoted(_) | Token::Number(..) | Token::Text(_)
                )
            {
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
        let end = self.end_of_last(start);
        let query = Query {
            source,
            alias,
            alias_span,
            filter,
            result,
            sort,
        };
        self.built(Node::Query(Box::new(query)), start..end)
    }

    pub(super) fn primary(&mut self) -> Parsed {
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
                Ok(Syntax {
                    span: span.start..end,
                    ..inner
                })
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
                let error = ExpressionError::new(
                    format!("expected a value, found {}", other.describe()),
                    span,
                );
                Err(if other == Token::Symbol("=") {
                    error.help("compare with a single `=`")
                } else {
                    error
                })
            }
        }
    }

    /// A dotted name. The parts are kept together: only the declarations say which of them is the fact.
    pub(super) fn dotted(&mut self, first: String, span: Range<usize>) -> Parsed {
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

    pub(super) fn number(
        &mut self,
        number: rust_decimal::Decimal,
        whole: bool,
        span: Range<usize>,
    ) -> Parsed {
        match self.peek().clone() {
            Token::Text(unit) => {
                let end = self.next().1.end;
                self.built(Node::Quantity(number, unit), span.start..end)
            }
            Token::Word(unit) if Precision::from_word(&unit).is_some() => {
                let end = self.next().1.end;
                let duration = whole
                    .then(|| {
                        i32::try_from(number)
                            .ok()
                            .and_then(|count| Duration::of(count, &unit))
                    })
                    .flatten();
                let duration = duration.ok_or_else(|| {
                    ExpressionError::new(
                        "a duration needs a whole number in reach",
                        span.start..end,
                    )
                    .help("write it in smaller units, such as `45 days`")
                })?;
                self.built(Node::Duration(duration), span.start..end)
            }
            _ => self.built(Node::Number(number, whole), span),
        }
    }

    pub(super) fn list(&mut self, close: &str) -> Result<Vec<Syntax>, ExpressionError> {
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

    pub(super) fn if_then_else(&mut self, start: usize) -> Parsed {
        let condition = self.expression(0)?;
        self.expect_word("then")?;
        let yes = self.expression(0)?;
        self.expect_word("else")?;
        let no = self.expression(0)?;
        let span = start..no.span.end;
        self.built(
            Node::If(Box::new(condition), Box::new(yes), Box::new(no)),
            span,
        )
    }

    pub(super) fn case(&mut self, start: usize) -> Parsed {
        let subject = if self.is_word("when") {
            None
        } else {
            Some(Box::new(self.expression(0)?))
        };
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
        self.built(
            Node::Case {
                subject,
                branches,
                otherwise,
            },
            start..end,
        )
    }

    pub(super) fn interval(&mut self, start: usize) -> Parsed {
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
        let interval = Interval {
            low,
            low_closed,
            high,
            high_closed,
        };
        self.built(Node::Interval(Box::new(interval)), start..end)
    }
}
