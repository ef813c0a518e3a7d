//! The expression language: a subset of HL7's Clinical Quality Language (CQL).
//!
//! In: the text of an expression and the declared facts. Out: a typed [`Expression`] that can be evaluated, or what
//! is wrong, with its place inside the text.
//!
//! text → [`lexer`] → tokens → [`parser`] → [`syntax`] tree → [`check`] → [`typed`] tree

pub mod check;
pub mod lexer;
pub mod literal;
pub mod parser;
pub mod requirements;
mod slips;
pub mod syntax;
pub mod typed;
mod uses;

use std::ops::Range;

pub(crate) use check::absence::looks_at_absence;
pub use check::{Definition, Names, Scope, compile};
pub use requirements::{Requirement, requirements};
pub use typed::{DefinitionId, Expression, Type};
pub use uses::facts_of;
pub(crate) use uses::{attributes_of, definitions_of, weight_of};

/// What is wrong with an expression, and where in its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExpressionError {
    /// What is wrong.
    pub message: String,
    /// Bytes of the expression.
    pub span: Range<usize>,
    /// What would be right.
    pub help: Option<String>,
    /// What kind of error it is: a code of [`crate::diagnostic::catalogue`].
    pub code: &'static str,
}

impl ExpressionError {
    fn new(message: impl Into<String>, span: Range<usize>) -> Self {
        Self {
            message: message.into(),
            span,
            help: None,
            code: "type-mismatch",
        }
    }

    fn code(self, code: &'static str) -> Self {
        Self { code, ..self }
    }

    /// The error of a text that cannot be taken apart: no type was looked at yet.
    fn of_syntax(self) -> Self {
        if self.code == "too-large" {
            self
        } else {
            self.code("syntax")
        }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
