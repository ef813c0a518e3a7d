//! Values: numbers and their units, codes, limits of normal.

use std::ops::Range;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::{At, Editor};
use crate::cql::lexer::Token;
use crate::cql::syntax::{Node, Syntax};
use crate::facts::ValueSet;
use crate::mutation::Kind;

impl Editor<'_> {
    pub(super) fn number(&mut self, number: Decimal, span: &Range<usize>, shown: &Range<usize>) {
        let token = self.between(span.clone());
        // One step of the precision that it is written in.
        let places = self
            .text_of(&token)
            .split_once('.')
            .map_or(0, |(_, decimals)| {
                decimals.bytes().take_while(u8::is_ascii_digit).count()
            });
        let Some(step) = u32::try_from(places)
            .ok()
            .and_then(|places| Decimal::try_new(1, places).ok())
        else {
            return;
        };
        for stepped in [number.checked_sub(step), number.checked_add(step)]
            .into_iter()
            .flatten()
        {
            self.bound(token.clone(), stepped.to_string(), shown);
        }
    }

    pub(super) fn bound(&mut self, span: Range<usize>, replacement: String, shown: &Range<usize>) {
        let hint = format!(
            "a case that lies between {} and {replacement}, or exactly there",
            self.text_of(&span)
        );
        self.add(Kind::Bound, span, replacement, shown, hint);
    }

    pub(super) fn quantity(
        &mut self,
        number: Decimal,
        unit: &str,
        span: &Range<usize>,
        shown: &Range<usize>,
    ) {
        let find = |wanted: fn(&Token) -> bool| {
            self.inside(span)
                .iter()
                .find(|(token, _)| wanted(token))
                .map(|(_, span)| span.clone())
        };
        let (digits, written) = (
            find(|token| matches!(token, Token::Number(..))),
            find(|token| matches!(token, Token::Text(_))),
        );
        if let Some(digits) = digits {
            self.number(number, &digits, shown);
        }
        let Some(written) = written else { return };
        let mut others: Vec<String> = Vec::new();
        for measure in self
            .measures
            .iter()
            .filter(|measure| measure.factor(unit).is_some())
        {
            others.extend(
                measure
                    .units()
                    .filter(|other| {
                        let factor = measure.factor(other);
                        *other != unit && factor.is_some() && factor != measure.factor(unit)
                    })
                    .map(str::to_owned),
            );
        }
        others.sort();
        others.dedup();
        for other in others {
            let hint = format!("a case with a value between the two: in '{unit}' and in '{other}'");
            self.add(
                Kind::Unit,
                written.clone(),
                format!("'{other}'"),
                shown,
                hint,
            );
        }
    }

    /// `alt.uln` and `alt.lln`.
    pub(super) fn attribute(&mut self, syntax: &Syntax, at: At<'_>) {
        let Node::Name(parts) = &syntax.node else {
            return;
        };
        let other = match parts.last() {
            Some((name, span)) if parts.len() > 1 => match name.as_str() {
                "uln" => Some(("lln", span)),
                "lln" => Some(("uln", span)),
                _ => None,
            },
            _ => None,
        };
        if let Some((other, span)) = other {
            self.add(
                Kind::Value,
                span.clone(),
                other,
                at.shown,
                "a case with both limits of normal",
            );
        }
    }

    /// Another of the declared codes: the next clear one that is not in the same list, or failing that the next.
    pub(super) fn code(&mut self, text: &str, span: &Range<usize>, at: At<'_>) {
        let token = self.between(span.clone());
        let Some(set) = self
            .sets
            .get(&token.start)
            .or_else(|| self.sets.get(&span.start))
        else {
            return;
        };
        let listed = |name: &str| {
            name == text
                || at
                    .options
                    .iter()
                    .any(|option| matches!(&option.node, Node::Text(other) if other == name))
        };
        let from = set.position(text).unwrap_or(0);
        let others = || {
            set.values
                .iter()
                .cycle()
                .skip(from + 1)
                .take(set.values.len())
                .filter(|value| !listed(&value.name))
        };
        let Some(other) = others()
            .find(|value| !value.unclear)
            .or_else(|| others().next())
            .map(|value| value.name.clone())
        else {
            return;
        };
        let hint = format!("a case with '{text}', and one with '{other}'");
        self.add(Kind::Code, token, format!("'{other}'"), at.shown, hint);
    }

    /// The options of `in { … }`: each left out, and each changed.
    pub(super) fn options(&mut self, options: &[Syntax], whole: &Range<usize>) {
        for (index, option) in options.iter().enumerate() {
            let span = match (
                index.checked_sub(1).and_then(|before| options.get(before)),
                options.get(index + 1),
            ) {
                (Some(before), _) => Some(before.span.end..option.span.end),
                (None, Some(after)) => Some(option.span.start..after.span.start),
                (None, None) => None,
            };
            if let Some(span) = span {
                let hint = format!("a case with {}", self.text_of(&option.span));
                self.add(Kind::Code, span, "", whole, hint);
            }
            self.visit(
                option,
                At {
                    shown: whole,
                    condition: false,
                    options,
                },
            );
        }
        let (Some(first), Some(last)) = (options.first(), options.last()) else {
            return;
        };
        for other in self.others(first, options) {
            let end = last.span.end;
            self.add(
                Kind::Code,
                end..end,
                format!(", '{other}'"),
                whole,
                format!("a case with '{other}'"),
            );
        }
    }

    /// `… = 'a'` made `… in {'a', 'b'}`, for every other clear code.
    pub(super) fn let_in(&mut self, left: &Syntax, right: &Syntax, whole: &Range<usize>) {
        let (value, code) = if matches!(right.node, Node::Text(_)) {
            (left, right)
        } else {
            (right, left)
        };
        for other in self.others(code, std::slice::from_ref(code)) {
            let replacement = format!(
                "{} in {{{}, '{other}'}}",
                self.text_of(&value.span),
                self.text_of(&code.span)
            );
            self.add(
                Kind::Code,
                left.span.start..right.span.end,
                replacement,
                whole,
                format!("a case with '{other}'"),
            );
        }
    }

    /// The clear codes of a literal's value set that are not listed.
    pub(super) fn others(&self, code: &Syntax, listed: &[Syntax]) -> Vec<String> {
        let Some(set) = self.set_of(code) else {
            return Vec::new();
        };
        let listed = |name: &str| {
            listed
                .iter()
                .any(|option| matches!(&option.node, Node::Text(other) if other == name))
        };
        set.values
            .iter()
            .filter(|value| !value.unclear && !listed(&value.name))
            .map(|value| value.name.clone())
            .collect()
    }

    pub(super) fn set_of(&self, code: &Syntax) -> Option<Arc<ValueSet>> {
        let token = self.between(code.span.clone());
        self.sets
            .get(&token.start)
            .or_else(|| self.sets.get(&code.span.start))
            .map(Arc::clone)
    }
}
