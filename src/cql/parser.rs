//! Tokens into the syntax tree, with the precedence of the CQL grammar:
//! `implies` < `or` `xor` < `and` < `in` < `=` < timing < `<` < `between` < `not` `exists` < `is` < `+` < `*` < `^` < unary `-`.

mod left_out;
mod terms;
mod time;

use std::ops::Range;

use super::ExpressionError;
use super::lexer::{self, Token};
use super::syntax::{Binary, Is, Node, Precision, Syntax, Unary};
use crate::units;

/// How deeply an expression may be nested.
pub(crate) const MAX_DEPTH: usize = 100;
/// How many operators may build on each other; `and` and `or` in a row count once.
pub(crate) const MAX_HEIGHT: usize = 120;
/// How long an expression may be, in bytes.
pub(crate) const MAX_LENGTH: usize = 64 * 1024;

/// Words that cannot name a fact, a definition or an alias.
pub const KEYWORDS: [&str; 69] = [
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
    // What CQL has and this language leaves out.
    "cast",
    "collapse",
    "convert",
    "distinct",
    "during",
    "ends",
    "except",
    "expand",
    "flatten",
    "included",
    "includes",
    "intersect",
    "meets",
    "overlaps",
    "properly",
    "singleton",
    "starts",
    "union",
    "with",
    "without",
];

/// What to do instead of asking whether something is known.
pub(super) const ASK_ABSENCE: &str = "a rule needs no such question: what is missing leaves it unknown; a caution \
     asks with `is null` or `is not null`";

/// Whether a word says that a value is not there, or that it is.
pub(super) fn is_absence(word: &str) -> bool {
    const WORDS: [&str; 12] = [
        "unknown",
        "missing",
        "known",
        "present",
        "absent",
        "blank",
        "na",
        "none",
        "not_known",
        "not_done",
        "pending",
        "available",
    ];
    WORDS.iter().any(|other| word.eq_ignore_ascii_case(other))
}

/// Whether `name` may be declared. Behind a dot there is no keyword, so a part of a path may be called anything.
#[must_use]
pub(crate) fn may_name(name: &str, behind_a_dot: bool) -> bool {
    behind_a_dot || !KEYWORDS.contains(&name)
}

/// Reads an expression.
///
/// # Errors
/// The first place where it cannot be read, with what was expected there.
pub fn parse(text: &str) -> Result<Syntax, ExpressionError> {
    if text.len() > MAX_LENGTH {
        let message = format!("the expression is longer than {MAX_LENGTH} bytes");
        return Err(too_large(message, 0..1));
    }
    let mut parser = Parser {
        tokens: lexer::tokens(text)?,
        at: 0,
        depth: 0,
    };
    let syntax = parser.expression(0)?;
    match parser.peek() {
        Token::End => Ok(syntax),
        Token::Word(unit)
            if matches!(parser.before(), Token::Number(..))
                && left_out::instead_of(unit).is_none() =>
        {
            let help = match unit.to_ascii_lowercase().as_str() {
                "uln" | "lln" | "x" | "times" => {
                    "a limit of normal belongs to its fact: `3 * alt.uln`".to_owned()
                }
                _ if units::Unit::parse(unit).is_ok() || units::meant_by(unit).is_some() => {
                    format!("a unit stands in quotes: `'{unit}'`")
                }
                _ => return Err(parser.unexpected("an operator or the end")),
            };
            Err(parser.unexpected("an operator or the end").help(help))
        }
        Token::Symbol("==") => Err(parser
            .unexpected("an operator")
            .help("write `=` to compare")),
        Token::Symbol(")" | "}" | "]") => Err(parser
            .unexpected("an operator or the end")
            .help("a bracket is closed that was not opened")),
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

fn too_large(message: String, span: Range<usize>) -> ExpressionError {
    ExpressionError::new(message, span)
        .code("too-large")
        .help("split it with `define`")
}

struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    depth: usize,
}

type Parsed = Result<Syntax, ExpressionError>;

/// Binding powers; a higher one binds tighter.
mod power {
    use crate::cql::syntax::{Arithmetic, Binary, Comparison};

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

    /// Of operators between two operands.
    pub const OF_BINARY: [(u8, Binary); 21] = [
        (IMPLIES, Binary::Implies),
        (OR, Binary::Or),
        (OR, Binary::Xor),
        (AND, Binary::And),
        (IN, Binary::In),
        (IN, Binary::Contains),
        (EQUALITY, Binary::Compare(Comparison::Equal)),
        (EQUALITY, Binary::Compare(Comparison::NotEqual)),
        (EQUALITY, Binary::Equivalent),
        (EQUALITY, Binary::NotEquivalent),
        (INEQUALITY, Binary::Compare(Comparison::Less)),
        (INEQUALITY, Binary::Compare(Comparison::LessOrEqual)),
        (INEQUALITY, Binary::Compare(Comparison::Greater)),
        (INEQUALITY, Binary::Compare(Comparison::GreaterOrEqual)),
        (ADD, Binary::Compute(Arithmetic::Add)),
        (ADD, Binary::Compute(Arithmetic::Subtract)),
        (MULTIPLY, Binary::Compute(Arithmetic::Multiply)),
        (MULTIPLY, Binary::Compute(Arithmetic::Divide)),
        (MULTIPLY, Binary::Compute(Arithmetic::TruncatedDivide)),
        (MULTIPLY, Binary::Compute(Arithmetic::Modulo)),
        (POWER, Binary::Compute(Arithmetic::Power)),
    ];
}

impl Parser {
    fn peek(&self) -> &Token {
        self.peek_at(0)
    }

    fn before(&self) -> &Token {
        self.at
            .checked_sub(1)
            .and_then(|at| self.tokens.get(at))
            .map_or(&Token::End, |(token, _)| token)
    }

    /// Where the token ends that was taken last; `start` if none was.
    fn end_of_last(&self, start: usize) -> usize {
        self.tokens
            .get(self.at.saturating_sub(1))
            .map_or(start, |(_, span)| span.end)
    }

    fn peek_at(&self, ahead: usize) -> &Token {
        self.tokens
            .get(self.at + ahead)
            .map_or(&Token::End, |(token, _)| token)
    }

    fn span(&self) -> Range<usize> {
        self.tokens
            .get(self.at)
            .map_or(0..0, |(_, span)| span.clone())
    }

    fn next(&mut self) -> (Token, Range<usize>) {
        let taken = self
            .tokens
            .get(self.at)
            .cloned()
            .unwrap_or((Token::End, 0..0));
        self.at = (self.at + 1).min(self.tokens.len().saturating_sub(1));
        taken
    }

    fn unexpected(&self, expected: &str) -> ExpressionError {
        if let Token::Word(word) = self.peek()
            && let Some(instead) = left_out::instead_of(word)
        {
            return ExpressionError::new(format!("`{word}` of CQL is left out"), self.span())
                .help(instead);
        }
        ExpressionError::new(
            format!("expected {expected}, found {}", self.peek().describe()),
            self.span(),
        )
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
        if self.take_word(word) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("`{word}`")))
        }
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
        if self.take(symbol) {
            return Ok(span);
        }
        let error = self.unexpected(&format!("`{symbol}`"));
        Err(match self.peek() {
            Token::End => error.help(format!(
                "a bracket is opened that is not closed: a `{symbol}` is missing"
            )),
            _ => error,
        })
    }

    /// A part, unless it is higher than any that is worked on.
    fn built(&self, node: Node, span: Range<usize>) -> Parsed {
        let syntax = Syntax::new(node, span);
        if syntax.height > MAX_HEIGHT {
            let message = format!("more than {MAX_HEIGHT} operators build on each other");
            return Err(too_large(message, self.span()));
        }
        Ok(syntax)
    }

    /// An expression whose operators all bind at least as tightly as `minimum`.
    fn expression(&mut self, minimum: u8) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} levels deep");
            return Err(too_large(message, self.span()));
        }
        let mut left = self.prefix()?;
        let mut chain = 0;
        while let Some((level, infix)) = self.infix() {
            if level < minimum {
                break;
            }
            chain += 1;
            if chain > 1_000 {
                return Err(
                    ExpressionError::new("more than 1000 operators in a row", self.span())
                        .help("split it with `define`, or use `in { … }`"),
                );
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
        let Some((operator, level)) = unary else {
            return self.term();
        };
        self.next();
        let operand = self.expression(level)?;
        let span = start..operand.span.end;
        self.built(Node::Unary(operator, Box::new(operand)), span)
    }

    /// The operator that stands here, and how tightly it binds.
    fn infix(&self) -> Option<(u8, Infix)> {
        let written = match self.peek() {
            Token::Symbol(symbol) => symbol,
            Token::Word(word) => word.as_str(),
            // `a 3 days or more before b`
            Token::Number(..) => match self.peek_at(1) {
                Token::Word(unit) if Precision::from_word(unit).is_some() => {
                    return Some((power::TIMING, Infix::Timing));
                }
                _ => return None,
            },
            _ => return None,
        };
        match written {
            "is" => Some((power::IS, Infix::Is)),
            "between" => Some((power::BETWEEN, Infix::Between)),
            "before" | "after" | "on" | "same" | "within" | "occurs" | "more" | "less" => {
                Some((power::TIMING, Infix::Timing))
            }
            _ => power::OF_BINARY
                .into_iter()
                .find(|(_, operator)| operator.symbol() == written)
                .map(|(level, operator)| (level, Infix::Binary(operator))),
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
                    _ => {
                        let help = match self.peek() {
                            Token::Word(word) if is_absence(word) => ASK_ABSENCE,
                            _ => "compare values with `=`",
                        };
                        return Err(self.unexpected("`null`, `true` or `false`").help(help));
                    }
                };
                self.next();
                Node::Is {
                    operand: Box::new(left),
                    what,
                    negated,
                }
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
        self.built(node, start..self.end_of_last(start))
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
                Node::Chain(operator, parts) => parts
                    .iter()
                    .map(write)
                    .reduce(|left, right| format!("({left} {} {right})", operator.symbol()))
                    .unwrap_or_default(),
                Node::Binary(operator, left, right) => {
                    format!("({} {} {})", write(left), operator.symbol(), write(right))
                }
                Node::Unary(operator, operand) => format!("({operator:?} {})", write(operand)),
                Node::Name(parts) => parts
                    .iter()
                    .map(|(name, _)| name.as_str())
                    .collect::<Vec<_>>()
                    .join("."),
                Node::Number(number, _) => number.to_string(),
                Node::Duration(duration) => duration.to_string(),
                Node::Quantity(number, unit) => format!("{number} {unit}"),
                Node::Text(text) => format!("'{text}'"),
                Node::Between(value, low, high) => format!(
                    "({} between {} and {})",
                    write(value),
                    write(low),
                    write(high)
                ),
                Node::Timing(timing, left, right) => {
                    format!(
                        "({} {:?}{} {})",
                        write(left),
                        timing.relation,
                        if timing.or_same { "OrSame" } else { "" },
                        write(right)
                    )
                }
                Node::Is {
                    operand,
                    what,
                    negated,
                } => format!(
                    "({} is {}{what:?})",
                    write(operand),
                    if *negated { "not " } else { "" }
                ),
                Node::Property(source, name, _) => format!("{}.{name}", write(source)),
                Node::Call(name, arguments) => format!(
                    "{name}({})",
                    arguments.iter().map(write).collect::<Vec<_>>().join(", ")
                ),
                Node::Query(query) => format!(
                    "[{} {}{}]",
                    write(&query.source),
                    query.alias,
                    query
                        .filter
                        .as_ref()
                        .map_or(String::new(), |filter| format!(" where {}", write(filter)))
                ),
                Node::List(items) => format!(
                    "{{{}}}",
                    items.iter().map(write).collect::<Vec<_>>().join(", ")
                ),
                other => format!("{other:?}"),
            }
        }
        write(&parse(text).unwrap())
    }

    #[test]
    fn precedence_follows_the_grammar() {
        assert_eq!(shape("a or b and c"), "(a or (b and c))");
        assert_eq!(
            shape("a and b implies c or d"),
            "((a and b) implies (c or d))"
        );
        assert_eq!(shape("not a and b"), "((Not a) and b)");
        assert_eq!(shape("not (a = 1)"), "(Not (a = 1))");
        assert_eq!(shape("x + 2 * y <= 3"), "((x + (2 * y)) <= 3)");
        assert_eq!(shape("a - b - c"), "((a - b) - c)");
        assert_eq!(
            shape("a = 1 and b in {'x', 'y'}"),
            "((a = 1) and (b in {'x', 'y'}))"
        );
        assert_eq!(
            shape("a between 1 and 2 and b"),
            "((a between 1 and 2) and b)"
        );
        assert_eq!(shape("a is not null or b"), "((a is not Null) or b)");
        assert_eq!(
            shape("a.date on or before b.date and c"),
            "((a.date BeforeOrSame b.date) and c)"
        );
        assert_eq!(shape("a 6 months or more before b"), "(a Before b)");
        assert_eq!(shape("a within 14 days of b"), "(a WithinOrSame b)");
        assert_eq!(shape("d > 3 months"), "(d > 3 months)");
        assert_eq!(shape("d - 3 months before e"), "((d - 3 months) Before e)");
    }

    #[test]
    fn queries_and_properties() {
        assert_eq!(
            shape("exists (lines L where L.kind = 'x')"),
            "(Exists [lines L where (L.kind = 'x')])"
        );
        assert_eq!(
            shape("Last(cd22 C where C.method = 'flow' sort by date).result in {'a'}"),
            "(Last([cd22 C where (C.method = 'flow')]).result in {'a'})"
        );
    }

    #[test]
    fn says_what_was_expected() {
        assert_eq!(
            parse("ecog <=").unwrap_err().message,
            "expected a value, found the end of the expression"
        );
        assert_eq!(
            parse("(a or b").unwrap_err().message,
            "expected `)`, found the end of the expression"
        );
        assert!(parse("a b c").is_err());
        assert!(
            parse("a == 1")
                .unwrap_err()
                .help
                .unwrap()
                .contains("single `=`")
        );
        assert!(
            parse(&"(".repeat(10_000))
                .unwrap_err()
                .message
                .contains("nested")
        );
        assert!(
            parse(&"a and ".repeat(5_000))
                .unwrap_err()
                .message
                .contains("in a row")
        );
        assert!(
            parse(&"x".repeat(1_000_000))
                .unwrap_err()
                .message
                .contains("longer")
        );
    }
}
