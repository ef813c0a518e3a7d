//! The small changes that can be made to the text of one expression.
//!
//! They are made to the text, not to the compiled tree, so that a change is something that an author could have written,
//! can be shown as it would be written, and is compiled like anything else.

mod time;
mod values;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use self::time::neighbours;
use super::Kind;
use crate::cql::lexer::{self, Token};
use crate::cql::parser;
use crate::cql::syntax::{
    Arithmetic, Binary, Comparison, Interval, Is, Node, Precision, Query, Syntax, Unary,
};
use crate::cql::typed::{Expression, Operation, Type};
use crate::facts::{Facts, ItemKind, Kind as FactKind, Measure, ValueSet};
use crate::value::Value;

/// Of a longer part of an expression, the changed words alone are shown.
const LONGEST_SHOWN: usize = 1_000;

/// A change of an expression's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What sort of change it is.
    pub kind: Kind,
    /// Bytes of the text that are replaced.
    pub span: Range<usize>,
    /// What stands there instead.
    pub replacement: String,
    /// Bytes of the text that show what the change is about: the comparison of a changed bound, say.
    pub shown: Range<usize>,
    /// What a case would have to be like to notice it.
    pub hint: String,
}

impl Edit {
    /// The whole text with the change.
    #[must_use]
    pub fn applied(&self, text: &str) -> String {
        self.within(text, 0..text.len())
    }

    /// The shown part before and after the change.
    #[must_use]
    pub fn before_and_after(&self, text: &str) -> (String, String) {
        let shown = if self.shown.len() <= LONGEST_SHOWN {
            self.shown.clone()
        } else {
            self.span.clone()
        };
        let cut = |part: &str| match part.char_indices().nth(LONGEST_SHOWN / 4) {
            Some((at, _)) if part.len() > LONGEST_SHOWN => {
                format!("{} …", part.get(..at).unwrap_or_default())
            }
            _ => part.to_owned(),
        };
        (
            cut(text.get(shown.clone()).unwrap_or_default()),
            cut(&self.within(text, shown)),
        )
    }

    fn within(&self, text: &str, part: Range<usize>) -> String {
        let before = text.get(part.start..self.span.start).unwrap_or_default();
        let after = text.get(self.span.end..part.end).unwrap_or_default();
        format!("{before}{}{after}", self.replacement)
    }
}

/// Every change of an expression, in the order of the text.
#[must_use]
pub fn edits(text: &str, expression: &Expression, facts: &Facts) -> Vec<Edit> {
    let is_condition = matches!(expression.kind, Type::Boolean);
    edits_of(text, sets(expression, |at| at), is_condition, facts)
}

/// The value sets of the code literals of an expression, by where they begin.
pub type Sets = HashMap<usize, Arc<ValueSet>>;

/// The value sets of an expression's code literals; `place` says where its text's parts stand.
pub fn sets(expression: &Expression, place: impl Fn(usize) -> usize) -> Sets {
    let mut sets = HashMap::new();
    expression.walk(&mut |part| {
        if let (Operation::Constant(Value::Code(_)), Type::Code(set)) =
            (&part.operation, &part.kind)
        {
            sets.insert(place(part.span.start), Arc::clone(set));
        }
    });
    sets
}

/// Every change of a text with these value sets, in the order of the text.
pub fn edits_of(text: &str, sets: Sets, is_condition: bool, facts: &Facts) -> Vec<Edit> {
    let (Ok(syntax), Ok(tokens)) = (parser::parse(text), lexer::tokens(text)) else {
        return Vec::new();
    };
    let mut editor = Editor {
        text,
        tokens,
        sets,
        measures: measures(facts),
        edits: Vec::new(),
    };
    let whole = syntax.span.clone();
    let at = At {
        shown: &whole,
        condition: is_condition,
        options: &[],
    };
    editor.visit(&syntax, at);
    let mut edits = editor.edits;
    // `if a then b else b` is the same with its branches exchanged.
    edits.retain(|edit| text.get(edit.span.clone()) != Some(edit.replacement.as_str()));
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    edits
}

fn measures(facts: &Facts) -> Vec<Arc<Measure>> {
    let mut measures = Vec::new();
    let mut add = |kind: &FactKind| {
        if let FactKind::Quantity(measure) = kind {
            measures.push(Arc::clone(measure));
        }
    };
    for (_, fact) in facts.iter() {
        add(&fact.kind);
        if let FactKind::List(item) = &fact.kind {
            match &**item {
                ItemKind::Single(single) => add(&single.kind),
                ItemKind::Fields(fields) => fields.iter().for_each(|field| add(&field.kind)),
            }
        }
    }
    measures
}

struct Editor<'a> {
    text: &'a str,
    tokens: Vec<(Token, Range<usize>)>,
    /// The value sets of the code literals, by where they begin.
    sets: HashMap<usize, Arc<ValueSet>>,
    /// The quantities that the trial declares.
    measures: Vec<Arc<Measure>>,
    edits: Vec<Edit>,
}

/// Where a part stands.
#[derive(Clone, Copy)]
struct At<'s> {
    /// What shows a change of it.
    shown: &'s Range<usize>,
    /// Whether it is a condition in its own right.
    condition: bool,
    /// The options of the list that it is one of.
    options: &'s [Syntax],
}

impl<'s> At<'s> {
    fn condition(shown: &'s Range<usize>) -> Self {
        Self {
            shown,
            condition: true,
            options: &[],
        }
    }

    /// Where what an operator takes stands.
    fn operand(self) -> Self {
        Self {
            condition: false,
            ..self
        }
    }

    fn value(shown: &'s Range<usize>) -> Self {
        Self {
            shown,
            condition: false,
            options: &[],
        }
    }
}

/// Functions, what may stand in their place, and what shows the difference.
const OTHERS: [(&str, &str, Kind, &str); 11] = [
    ("First", "Last", Kind::Aggregate, NOT_ALIKE),
    ("Last", "First", Kind::Aggregate, NOT_ALIKE),
    ("Min", "Max", Kind::Aggregate, NOT_ALIKE),
    ("Max", "Min", Kind::Aggregate, NOT_ALIKE),
    ("Avg", "Median", Kind::Aggregate, ONE_FAR_OFF),
    ("Median", "Avg", Kind::Aggregate, ONE_FAR_OFF),
    ("AllTrue", "AnyTrue", Kind::Aggregate, SOME_HOLD),
    ("AnyTrue", "AllTrue", Kind::Aggregate, SOME_HOLD),
    ("AgeInYears", "AgeInMonths", Kind::Unit, AN_AGE),
    ("AgeInMonths", "AgeInYears", Kind::Unit, AN_AGE),
    ("AgeInYearsAt", "AgeInMonthsAt", Kind::Unit, AN_AGE),
];
const NOT_ALIKE: &str = "a case with several items that are not alike";
const ONE_FAR_OFF: &str = "a case with items of which one lies far from the others";
const SOME_HOLD: &str = "a case in which some items hold and others do not";
const AN_AGE: &str = "a case with an age";

/// How a record must be for two operators to come to different results.
#[derive(Clone, Copy)]
enum Difference {
    Boundary,
    FarOff,
    Equality,
    NotTheSame,
    BothHold,
    FirstFails,
}

impl Difference {
    /// What a case would have to be like to notice.
    fn shown_by(self, first: &str, second: &str) -> String {
        match self {
            Self::Boundary => format!("a case in which `{first}` is exactly {second}"),
            Self::FarOff => format!("a case in which `{first}` is far from {second}"),
            Self::Equality => {
                format!("a case in which `{first}` is not {second}, or one in which it is")
            }
            Self::NotTheSame => {
                format!("a case in which `{first}` and `{second}` are not the same")
            }
            Self::BothHold => format!("a case in which `{first}` and `{second}` both hold"),
            Self::FirstFails => format!("a case in which `{first}` does not hold"),
        }
    }
}

/// What may stand in the place of an operator.
fn replacements(operator: Binary) -> &'static [(Kind, &'static str, Difference)] {
    use Difference::{BothHold, Boundary, Equality, FarOff, FirstFails, NotTheSame};
    use Kind::Comparison as Other;
    match operator {
        Binary::Compare(Comparison::Less) => &[(Other, "<=", Boundary), (Other, ">", FarOff)],
        Binary::Compare(Comparison::LessOrEqual) => {
            &[(Other, "<", Boundary), (Other, ">=", FarOff)]
        }
        Binary::Compare(Comparison::Greater) => &[(Other, ">=", Boundary), (Other, "<", FarOff)],
        Binary::Compare(Comparison::GreaterOrEqual) => {
            &[(Other, ">", Boundary), (Other, "<=", FarOff)]
        }
        Binary::Compare(Comparison::Equal) => &[(Other, "!=", Equality)],
        Binary::Compare(Comparison::NotEqual) => &[(Other, "=", Equality)],
        Binary::Equivalent => &[(Other, "!~", Equality)],
        Binary::NotEquivalent => &[(Other, "~", Equality)],
        Binary::Xor => &[(Kind::Connective, "or", BothHold)],
        Binary::Implies => &[(Kind::Connective, "and", FirstFails)],
        Binary::Compute(Arithmetic::Add) => &[(Kind::Arithmetic, "-", NotTheSame)],
        Binary::Compute(Arithmetic::Subtract) => &[(Kind::Arithmetic, "+", NotTheSame)],
        Binary::Compute(Arithmetic::Multiply) => &[(Kind::Arithmetic, "/", NotTheSame)],
        Binary::Compute(Arithmetic::Divide) => &[(Kind::Arithmetic, "*", NotTheSame)],
        _ => &[],
    }
}

impl Editor<'_> {
    fn text_of(&self, span: &Range<usize>) -> &str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    fn add(
        &mut self,
        kind: Kind,
        span: Range<usize>,
        replacement: impl Into<String>,
        shown: &Range<usize>,
        hint: impl Into<String>,
    ) {
        self.edits.push(Edit {
            kind,
            span,
            replacement: replacement.into(),
            shown: shown.clone(),
            hint: hint.into(),
        });
    }

    /// From the first to the last token of a part of the text, brackets left aside.
    fn between(&self, gap: Range<usize>) -> Range<usize> {
        let mut inside = self.tokens.iter().filter(|(token, span)| {
            span.start >= gap.start
                && span.end <= gap.end
                && !matches!(token, Token::Symbol("(" | ")") | Token::End)
        });
        let first = inside
            .next()
            .map_or(gap.start..gap.start, |(_, span)| span.clone());
        first.start..inside.next_back().map_or(first.end, |(_, span)| span.end)
    }

    /// What stands between two parts.
    fn operator(&self, left: &Syntax, right: &Syntax) -> Range<usize> {
        self.between(left.span.end..right.span.start)
    }

    fn visit(&mut self, syntax: &Syntax, at: At<'_>) {
        let whole = &syntax.span;
        match &syntax.node {
            Node::Chain(operator, parts) => self.chain(*operator, parts, whole),
            Node::Binary(operator, left, right) => self.binary(*operator, left, right, whole, at),
            Node::Unary(Unary::Not, operand) => {
                let bare = self.text_of(&operand.span).to_owned();
                let hint = format!("a case in which `{}` is true or false", self.text_of(whole));
                self.add(Kind::Negation, whole.clone(), bare, whole, hint);
                self.visit(operand, at.operand());
            }
            Node::Unary(Unary::Exists, operand) => {
                self.negate(whole, at);
                self.visit(operand, At::value(whole));
            }
            Node::Unary(Unary::Negate, operand) => self.visit(operand, at.operand()),
            Node::Between(value, low, high) => {
                for part in [value, low, high] {
                    self.visit(part, At::value(whole));
                }
            }
            Node::Interval(interval) => self.interval(interval, at),
            Node::Is {
                operand,
                what,
                negated,
            } => self.is(operand, *what, *negated, whole),
            Node::If(condition, yes, no) => self.branches(condition, yes, no, whole, at),
            Node::Case {
                subject,
                branches,
                otherwise,
            } => self.case(subject.as_deref(), branches, otherwise, whole, at),
            Node::Timing(timing, left, right) => {
                self.timing(timing, left, right, whole);
                self.visit(left, At::value(whole));
                self.visit(right, At::value(whole));
            }
            Node::Query(query) => self.query(query, whole),
            Node::Call(name, arguments) => self.call(name, arguments, syntax, at),
            Node::DurationBetween {
                precision,
                from,
                to,
                ..
            } => {
                self.unit_of_difference(*precision, whole.start..from.span.start, at);
                self.visit(from, At::value(whole));
                self.visit(to, At::value(whole));
            }
            Node::Boolean(value) => self.add(
                Kind::Value,
                whole.clone(),
                (!value).to_string(),
                at.shown,
                "a case that hangs on it",
            ),
            Node::Number(number, _) => self.number(*number, whole, at.shown),
            Node::Quantity(number, unit) => self.quantity(*number, unit, whole, at.shown),
            Node::Duration(duration) => self.duration(duration, whole, at.shown),
            Node::Date(bounds) => self.date(bounds, whole, at.shown),
            Node::Text(text) => self.code(text, whole, at),
            Node::Name(_) => {
                self.attribute(syntax, at);
                self.negate(whole, at);
            }
            _ => {
                if matches!(syntax.node, Node::Property(..)) {
                    self.negate(whole, at);
                }
                for part in syntax.node.parts() {
                    self.visit(part, At::value(at.shown));
                }
            }
        }
    }

    fn is(&mut self, operand: &Syntax, what: Is, negated: bool, whole: &Range<usize>) {
        let gap = self.between(operand.span.end..whole.end);
        let word = match what {
            Is::Null => "null",
            Is::True => "true",
            Is::False => "false",
        };
        let verb = if negated { "is" } else { "is not" };
        let text = self.text_of(whole);
        let hint = format!("a case in which `{text}` holds, or one in which it does not");
        self.add(Kind::Negation, gap, format!("{verb} {word}"), whole, hint);
        self.visit(operand, At::value(whole));
    }

    /// The condition and the branches of an `if`.
    fn branches(
        &mut self,
        condition: &Syntax,
        yes: &Syntax,
        no: &Syntax,
        whole: &Range<usize>,
        at: At<'_>,
    ) {
        let (first, second) = (self.text_of(&yes.span), self.text_of(&no.span));
        let between = self.text_of(&(yes.span.end..no.span.start));
        let swapped = format!("{second}{between}{first}");
        let hint = format!("a case in which `{first}` and `{second}` are not worth the same");
        let span = yes.span.start..no.span.end;
        self.add(Kind::Branch, span, swapped, whole, hint);
        self.visit(condition, At::condition(&condition.span));
        for branch in [yes, no] {
            let shown = &branch.span;
            self.visit(branch, At { shown, ..at });
        }
    }

    /// The unit in which two dates are counted apart, which stands in `head`.
    fn unit_of_difference(&mut self, precision: Precision, head: Range<usize>, at: At<'_>) {
        let head = self.between(head);
        let is_unit = |token: &Token| matches!(token, Token::Word(word) if Precision::from_word(word).is_some());
        let word = self.inside(&head).iter().find(|(token, _)| is_unit(token));
        if let Some(word) = word.map(|(_, span)| span.clone()) {
            let hint = "a case in which the two units make a difference";
            for other in neighbours(precision.plural()) {
                self.add(Kind::Unit, word.clone(), *other, at.shown, hint);
            }
        }
    }

    /// Turns a condition that has no operator of its own into its opposite.
    fn negate(&mut self, whole: &Range<usize>, at: At<'_>) {
        if at.condition {
            let text = self.text_of(whole);
            let hint = format!("a case in which `{text}` is true, or one in which it is false");
            let negated = format!("not ({text})");
            self.add(Kind::Negation, whole.clone(), negated, whole, hint);
        }
    }

    fn chain(&mut self, operator: Binary, parts: &[Syntax], whole: &Range<usize>) {
        let other = if operator == Binary::And { "or" } else { "and" };
        let neutral = if operator == Binary::And {
            "false"
        } else {
            "true"
        };
        let gaps: Vec<Range<usize>> = parts
            .iter()
            .zip(parts.iter().skip(1))
            .map(|(left, right)| self.operator(left, right))
            .collect();
        if let (Some(first), Some(last)) = (gaps.first(), gaps.last()) {
            let mut replacement = String::new();
            let mut from = first.start;
            for gap in &gaps {
                replacement.push_str(self.text_of(&(from..gap.start)));
                replacement.push_str(other);
                from = gap.end;
            }
            self.add(
                Kind::Connective,
                first.start..last.end,
                replacement,
                whole,
                "a case in which some of the parts hold and others do not",
            );
        }
        for (index, part) in parts.iter().enumerate() {
            // With its operator: the one before it, for the first the one after it.
            let span = match (
                index
                    .checked_sub(1)
                    .and_then(|before| parts.get(before).zip(gaps.get(before))),
                gaps.first(),
            ) {
                (Some((before, gap)), _) => {
                    let start = gap.start
                        - (self.text_of(&(before.span.end..gap.start)).len()
                            - self.text_of(&(before.span.end..gap.start)).trim_end().len());
                    start..part.span.end
                }
                (None, Some(gap)) => {
                    let after = self.text.get(gap.end..).unwrap_or_default();
                    part.span.start..gap.end + (after.len() - after.trim_start().len())
                }
                (None, None) => continue,
            };
            let hint = format!(
                "a case in which `{}` alone is {neutral}",
                self.text_of(&part.span)
            );
            self.add(Kind::Clause, span, "", whole, hint);
            self.visit(part, At::condition(&part.span));
        }
    }

    fn binary(
        &mut self,
        operator: Binary,
        left: &Syntax,
        right: &Syntax,
        whole: &Range<usize>,
        at: At<'_>,
    ) {
        let gap = self.operator(left, right);
        if operator == Binary::Compare(Comparison::Equal) {
            self.let_in(left, right, whole);
        }
        let shown = match operator {
            Binary::Compute(_) => at.shown,
            _ => whole,
        };
        for (kind, replacement, difference) in replacements(operator) {
            let hint = difference.shown_by(self.text_of(&left.span), self.text_of(&right.span));
            self.add(*kind, gap.clone(), *replacement, shown, hint);
        }
        match operator {
            Binary::Xor | Binary::Implies => {
                self.visit(left, At::condition(&left.span));
                self.visit(right, At::condition(&right.span));
            }
            Binary::In | Binary::Contains => {
                self.negate(whole, at);
                let (value, list) = if operator == Binary::In {
                    (left, right)
                } else {
                    (right, left)
                };
                self.visit(value, At::value(whole));
                match &list.node {
                    Node::List(options) => self.options(options, whole),
                    _ => self.visit(list, At::value(whole)),
                }
            }
            _ => {
                self.visit(left, At::value(shown));
                self.visit(right, At::value(shown));
            }
        }
    }

    fn interval(&mut self, interval: &Interval, at: At<'_>) {
        let low = self
            .text
            .get(..interval.low.span.start)
            .unwrap_or_default()
            .trim_end()
            .len();
        let high = interval.high.span.end;
        let high = high
            + self
                .text
                .get(high..)
                .map_or(0, |rest| rest.len() - rest.trim_start().len());
        let ends = [
            (
                &interval.low,
                low.saturating_sub(1)..low,
                interval.low_closed,
                "(",
                "[",
            ),
            (
                &interval.high,
                high..high + 1,
                interval.high_closed,
                ")",
                "]",
            ),
        ];
        for (end, bracket, closed, open_bracket, closed_bracket) in ends {
            if end.node == Node::Null {
                continue;
            }
            let hint = format!("a case that has exactly {}", self.text_of(&end.span));
            self.add(
                Kind::Comparison,
                bracket,
                if closed { open_bracket } else { closed_bracket },
                at.shown,
                hint,
            );
            self.visit(end, At::value(at.shown));
        }
    }

    fn case(
        &mut self,
        subject: Option<&Syntax>,
        branches: &[(Syntax, Syntax)],
        otherwise: &Syntax,
        whole: &Range<usize>,
        at: At<'_>,
    ) {
        if let Some(subject) = subject {
            self.visit(subject, At::value(whole));
        }
        for (index, (when, then)) in branches.iter().enumerate() {
            if branches.len() > 1 {
                let next = branches.get(index + 1).map_or(otherwise, |(next, _)| next);
                let start = self.word_before(when.span.start);
                let hint = format!("a case that comes to `{}`", self.text_of(&then.span));
                self.add(
                    Kind::Branch,
                    start..self.word_before(next.span.start),
                    "",
                    whole,
                    hint,
                );
            }
            self.visit(
                when,
                At {
                    shown: whole,
                    condition: subject.is_none(),
                    options: &[],
                },
            );
            self.visit(then, At { shown: whole, ..at });
        }
        self.visit(otherwise, At { shown: whole, ..at });
    }

    /// Where the keyword before a part begins.
    fn word_before(&self, at: usize) -> usize {
        let before = self.inside(&(0..at));
        before
            .iter()
            .rev()
            .find(|(token, _)| matches!(token, Token::Word(_)))
            .map_or(at, |(_, span)| span.start)
    }

    fn query(&mut self, query: &Query, whole: &Range<usize>) {
        self.visit(&query.source, At::value(whole));
        if let Some(filter) = &query.filter {
            let start = query.alias_span.end;
            let hint = format!(
                "a case with an item for which `{}` is false",
                self.text_of(&filter.span)
            );
            self.add(Kind::Clause, start..filter.span.end, "", whole, hint);
            self.visit(filter, At::condition(&filter.span));
        }
        if let Some(result) = &query.result {
            self.visit(result, At::value(&result.span));
        }
    }

    fn call(&mut self, name: &str, arguments: &[Syntax], syntax: &Syntax, at: At<'_>) {
        for (from, to, kind, hint) in OTHERS {
            if from == name {
                let start = syntax.span.start + self.text_of(&syntax.span).find(name).unwrap_or(0);
                self.add(kind, start..start + name.len(), to, at.shown, hint);
            }
        }
        if matches!(name, "AllTrue" | "AnyTrue" | "Exists") {
            self.negate(&syntax.span, at);
        }
        for argument in arguments {
            self.visit(argument, At::value(at.shown));
        }
    }

    fn inside(&self, span: &Range<usize>) -> &[(Token, Range<usize>)] {
        let from = self
            .tokens
            .partition_point(|(_, token)| token.start < span.start);
        let to = self
            .tokens
            .partition_point(|(_, token)| token.end <= span.end);
        self.tokens.get(from..to).unwrap_or_default()
    }
}
