//! What is said of time: how two dates stand to each other, durations, and the time between two dates.

use super::{ExpressionError, Parsed, Parser, power};
use crate::cql::lexer::Token;
use crate::cql::syntax::{Node, Offset, Precision, Relation, Timing};
use crate::value::Duration;

impl Parser {
    /// `[occurs] [more than|less than] [3 days [or more|or less]] [on or] before|after`, `same day [or] [before|after] as`,
    /// `within 3 days of`
    pub(super) fn timing(&mut self) -> Result<Timing, ExpressionError> {
        self.take_word("occurs");
        if self.take_word("within") {
            let offset = self.duration()?;
            self.expect_word("of")?;
            return Ok(Timing {
                relation: Relation::Within,
                or_same: true,
                offset: Some((offset, Offset::OrLess)),
            });
        }
        if self.take_word("same") {
            self.expect_word("day")?;
            let relation = if self.take_word("or") {
                self.before_or_after()?
            } else {
                self.expect_word("as")?;
                Relation::Same
            };
            return Ok(Timing {
                relation,
                or_same: true,
                offset: None,
            });
        }
        let offset = self.offset()?;
        let on_or = self.take_word("on");
        if on_or {
            self.expect_word("or")?;
        }
        let relation = self.before_or_after()?;
        let or_on = !on_or && self.is_word("or") && self.is_word_at(1, "on");
        if or_on {
            self.next();
            self.next();
        }
        Ok(Timing {
            relation,
            or_same: on_or || or_on,
            offset,
        })
    }

    /// `more than 3 days`, `less than 3 days`, `3 days [or more|or less]`, or nothing.
    fn offset(&mut self) -> Result<Option<(Duration, Offset)>, ExpressionError> {
        for (word, meant) in [("more", Offset::MoreThan), ("less", Offset::LessThan)] {
            if self.take_word(word) {
                self.expect_word("than")?;
                return Ok(Some((self.duration()?, meant)));
            }
        }
        if !matches!(self.peek(), Token::Number(..)) {
            return Ok(None);
        }
        let duration = self.duration()?;
        let meant = if !self.take_word("or") {
            Offset::Exactly
        } else if self.take_word("more") {
            Offset::OrMore
        } else {
            self.expect_word("less")?;
            Offset::OrLess
        };
        Ok(Some((duration, meant)))
    }

    pub(super) fn before_or_after(&mut self) -> Result<Relation, ExpressionError> {
        if self.take_word("before") {
            Ok(Relation::Before)
        } else if self.take_word("after") {
            Ok(Relation::After)
        } else {
            Err(self.unexpected("`before` or `after`"))
        }
    }

    pub(super) fn duration(&mut self) -> Result<Duration, ExpressionError> {
        let start = self.span();
        match (self.next(), self.next()) {
            ((Token::Number(number, true), _), (Token::Word(unit), unit_span)) => {
                i32::try_from(number)
                    .ok()
                    .and_then(|count| Duration::of(count, &unit))
                    .filter(|_| Precision::from_word(&unit).is_some())
                    .ok_or_else(|| {
                        ExpressionError::new(
                            "a duration is out of reach or its unit is none",
                            start.start..unit_span.end,
                        )
                    })
            }
            _ => Err(ExpressionError::new(
                "expected a duration such as `3 months`",
                start,
            )),
        }
    }

    pub(super) fn duration_between(&mut self, start: usize, difference: bool) -> Parsed {
        let precision = match self.next() {
            (Token::Word(word), span) => Precision::from_word(&word).ok_or_else(|| {
                ExpressionError::new("expected years, months, weeks or days", span)
            })?,
            (_, span) => {
                return Err(ExpressionError::new(
                    "expected years, months, weeks or days",
                    span,
                ));
            }
        };
        self.expect_word("between")?;
        let from = self.expression(power::ADD)?;
        self.expect_word("and")?;
        let to = self.expression(power::ADD)?;
        let span = start..to.span.end;
        self.built(
            Node::DurationBetween {
                precision,
                difference,
                from: Box::new(from),
                to: Box::new(to),
            },
            span,
        )
    }
}
