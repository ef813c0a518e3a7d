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
            if self.take_word("or") {
                let relation = self.before_or_after()?;
                return Ok(Timing {
                    relation,
                    or_same: true,
                    offset: None,
                });
            }
            self.expect_word("as")?;
            return Ok(Timing {
                relation: Relation::Same,
                or_same: true,
                offset: None,
            });
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
        Ok(Timing {
            relation,
            or_same: on_or || or_on,
            offset,
        })
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
