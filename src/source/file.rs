//! A source file → a compiled source: what every kind has in common, and then what is the kind's own.

use std::sync::Arc;

use super::fhir::{Fhir, Files};
use super::table::Table;
use crate::diagnostic::{Diagnostic, Source};
use crate::document::{self, Node, Notation};
use crate::shape::NodeReader;
use crate::trial::Trial;

/// The version line of a source file.
pub const FORMAT: &str = "eligo/source/1";

/// A source file, checked against a trial.
#[derive(Debug)]
pub struct Compiled {
    /// What it reads.
    pub kind: Kind,
}

impl Compiled {
    /// What it reads, in a few words.
    #[must_use]
    pub fn summary(&self) -> String {
        match &self.kind {
            Kind::Table(table) => table.summary(),
            Kind::FhirR4(fhir) => format!("a source of FHIR R4: {} facts", fhir.count()),
        }
    }
}

/// What a source is.
#[derive(Debug)]
pub enum Kind {
    /// A table: CSV, or a sheet of a workbook.
    Table(Arc<Table>),
    /// Resources of FHIR R4.
    FhirR4(Arc<Fhir>),
}

/// The kinds, as source files name them.
const KINDS: [&str; 2] = ["table", "fhir-r4"];

/// Whether a document says of itself that it is a source file.
#[must_use]
pub fn is_source(document: &Node) -> bool {
    let format = document.get("format").and_then(Node::scalar);
    format.is_some_and(|format| format.text.starts_with("eligo/source/"))
}

/// Reads a source file; `files` reads those that it names.
///
/// # Errors
/// Everything that is wrong with it, in the order of the text: facts, values and units that the trial does not declare, columns
/// that are mapped twice.
pub fn compile(
    source: &Arc<Source>,
    trial: &Trial,
    files: Files<'_>,
) -> Result<Compiled, Vec<Diagnostic>> {
    let document = document::read(source, Notation::Yaml).map_err(|problem| vec![*problem])?;
    let mut reader = NodeReader::new(source);
    let kind = kind(&mut reader, &document, trial, files);
    match kind {
        Some(kind) if !reader.failed() => Ok(Compiled { kind }),
        _ => Err(reader.into_problems()),
    }
}

fn kind(
    reader: &mut NodeReader<'_>,
    document: &Node,
    trial: &Trial,
    files: Files<'_>,
) -> Option<Kind> {
    reader.must_be(document, "a source file", FORMAT)?;
    if let Some(node) = document.get("trial")
        && let Some(found) = reader.text(node, "`trial`")
        && found != trial.id
    {
        let message = format!("the source is for trial {found}, not for {}", trial.id);
        let help = "`--trial FILE` names the trial file".to_owned();
        reader.error(&node.span, message, Some(help));
        return None;
    }
    let Some(node) = document.get("source") else {
        let help = format!("write `source: {}`", KINDS.join("` or `source: "));
        let message = "a source file says of which kind its source is";
        reader.fault("missing-key", &document.span, message, Some(help));
        return None;
    };
    match reader.text(node, "`source`")?.as_str() {
        "table" => {
            Table::compile(reader, document, trial).map(|table| Kind::Table(Arc::new(table)))
        }
        "fhir-r4" => {
            Fhir::compile(reader, document, trial, files).map(|fhir| Kind::FhirR4(Arc::new(fhir)))
        }
        other => {
            let help = crate::diagnostic::did_you_mean(other, KINDS)
                .unwrap_or_else(|| format!("write one of {}", KINDS.join(", ")));
            reader.error(
                &node.span,
                format!("`{other}` is no kind of source"),
                Some(help),
            );
            None
        }
    }
}
