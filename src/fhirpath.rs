//! FHIRPath over JSON: the part that views of SQL on FHIR share between programs.
//!
//! In: the text of a path, and a resource. Out: what the path leads to, in the order of the resource; or what is wrong with the
//! path, before any resource is looked at. The part is that of ShareableViewDefinition (HL7, SQL on FHIR v2), with `join`,
//! `last`, `|` and `resolve` beside it. Numbers are exact decimals. A path is bounded in length and depth when it is compiled,
//! and in steps when it is followed.
//!
//! There is no model of FHIR behind it, so two things are read from the JSON alone: the type of a choice element from its key
//! (`valueQuantity`), and whether an element is repeated. Texts are compared character by character, dates among them, and only
//! numbers have an order.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use eligo::fhirpath::{Environment, Node, Path};
//!
//! let patient = r#"{ "name": [{ "use": "usual", "family": "A" }, { "use": "official", "family": "B" }] }"#;
//! let patient = Node::parse("patient.json", patient).map_err(|problem| problem.one_line())?;
//! let path = Path::compile("name.where(use = 'official').family", &[])?;
//! let found = path.evaluate(&patient, &Environment::default())?;
//! assert_eq!(found.len(), 1);
//! assert_eq!(found[0].text().as_deref(), Some("B"));
//!
//! let wrong = Path::compile("name.were(use = 'official')", &[]).unwrap_err();
//! assert_eq!(wrong.message, "there is no function `were`");
//! # Ok(())
//! # }
//! ```

mod evaluate;
mod lexer;
mod parser;
mod tree;
mod types;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use rust_decimal::Decimal;

pub(crate) use self::evaluate::literal_reference;
use self::parser::Expression;
pub use self::tree::{Content, Node};
pub(crate) use self::types::RESOURCES;

/// A path, ready to be followed.
#[derive(Debug)]
pub struct Path {
    text: String,
    expression: Expression,
}

/// What is wrong with a path, or with following it through a resource.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PathError {
    /// What is wrong.
    pub message: String,
    /// Bytes of the path.
    pub span: Range<usize>,
    /// What would be right.
    pub help: Option<String>,
}

impl PathError {
    fn new(message: impl Into<String>, span: Range<usize>) -> Self {
        Self {
            message: message.into(),
            span,
            help: None,
        }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Item<'a> {
    /// An element of the resource.
    Element(Element<'a>),
    /// A boolean that was computed or written in the path.
    Boolean(bool),
    /// A number that was computed or written in the path.
    Number(Decimal),
    /// A text that was computed or written in the path.
    Text(Cow<'a, str>),
}

/// An element of a resource.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Element<'a> {
    /// Its value; `null` where only its extensions stand in the resource.
    pub node: &'a Node<'a>,
    /// What stands beside a primitive value: its extensions, under the same key behind `_`.
    pub beside: Option<&'a Node<'a>>,
    /// The type of a choice element.
    pub kind: Option<&'static str>,
}

impl<'a> Element<'a> {
    /// An element of which nothing but its value is known.
    #[must_use]
    pub fn of(node: &'a Node<'a>) -> Self {
        Self {
            node,
            beside: None,
            kind: None,
        }
    }
}

impl<'a> Item<'a> {
    /// The characters, if it is a text, a number or a boolean.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Boolean(value) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
            Self::Number(number) => Some(Cow::Owned(number.normalize().to_string())),
            Self::Text(text) => Some(text.clone()),
            Self::Element(element) => match &element.node.content {
                Content::Boolean(value) => {
                    Some(Cow::Borrowed(if *value { "true" } else { "false" }))
                }
                Content::Number(text) | Content::Text(text) => Some(Cow::Borrowed(text)),
                _ => None,
            },
        }
    }

    /// The element of the resource, if it is one.
    #[must_use]
    pub fn element(&self) -> Option<Element<'a>> {
        match self {
            Self::Element(element) => Some(*element),
            _ => None,
        }
    }
}

/// What paths find outside the resource that they are followed through.
#[derive(Default, Clone, Copy)]
pub struct Environment<'a> {
    /// The values of the names that [`Path::compile`] was given, in that order.
    pub variables: &'a [Item<'a>],
    /// Where `resolve()` finds what is referred to; without it, it finds nothing.
    pub resolver: Option<&'a dyn Resolve<'a>>,
}

impl fmt::Debug for Environment<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Environment")
            .field("variables", &self.variables)
            .finish_non_exhaustive()
    }
}

/// Finds resources by reference.
pub trait Resolve<'a> {
    /// The resource that `reference` names, as it stands in the resource `root`.
    fn resolve(&self, reference: &str, root: &'a Node<'a>) -> Option<&'a Node<'a>>;
}

impl Path {
    /// Compiles a path in which these `%names` may stand.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn compile(text: &str, variables: &[&str]) -> Result<Self, PathError> {
        parser::parse(text, variables).map(|expression| Self {
            text: text.to_owned(),
            expression,
        })
    }

    /// The path as it was written.
    #[must_use]
    pub fn as_written(&self) -> &str {
        &self.text
    }

    /// Everything that the path leads to from a resource, or from a part of one.
    ///
    /// # Errors
    /// Where it compares what cannot be compared, or takes more than a million steps.
    pub fn evaluate<'a>(
        &'a self,
        root: &'a Node<'a>,
        environment: &Environment<'a>,
    ) -> Result<Vec<Item<'a>>, PathError> {
        self.evaluate_in(root, Element::of(root), environment)
    }

    /// Everything that the path leads to from an element of a resource.
    ///
    /// # Errors
    /// As [`Path::evaluate`].
    pub fn evaluate_in<'a>(
        &'a self,
        root: &'a Node<'a>,
        from: Element<'a>,
        environment: &Environment<'a>,
    ) -> Result<Vec<Item<'a>>, PathError> {
        evaluate::evaluate(&self.expression, root, from, environment)
    }

    /// Whether the path gives true; where it gives nothing, it does not.
    ///
    /// # Errors
    /// As [`Path::evaluate`], and where it gives something else than one boolean.
    pub fn holds<'a>(
        &'a self,
        root: &'a Node<'a>,
        from: Element<'a>,
        environment: &Environment<'a>,
    ) -> Result<bool, PathError> {
        let found = self.evaluate_in(root, from, environment)?;
        let holds = evaluate::boolean(&found, &(0..self.text.len()))?;
        Ok(holds == Some(true))
    }
}
