//! Text or the bytes of a file → a record that can be screened.

use std::sync::Arc;

use eligo::EMBEDDED_FHIR;
use eligo::diagnostic::{Diagnostic, Source};
use eligo::document::{self, Notation};
use eligo::questionnaire::ResponseReader;
use eligo::record::{self, Dates, Record};
use eligo::source;
use eligo::source::fhir::intake::{self, Owner};
use eligo::source::fhir::{Coverage, Fhir, PatientResources};
use eligo::source::file::Kind;
use eligo::source::mapped::MappedRecord;
use eligo::source::records_as::{Format, Writer};
use eligo::trial::Trial;
use eligo::trial::compile::sha256;
use serde::{Deserialize, Serialize};

use crate::problem::{Problem, problems};

/// As `eligo screen` has it.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// The trial whose source file of FHIR comes with the program.
const FHIR_TRIAL: &str = "NCT04546906";

/// What a text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A record in YAML.
    Yaml,
    /// A record in JSON.
    Json,
    /// FHIR R4: a Bundle of one patient.
    Fhir,
    /// A response to the questionnaire of the trial.
    Response,
}

impl Form {
    /// As it was chosen; else by the name of the file, then by how the text begins.
    pub fn of(chosen: &str, name: &str, text: &str) -> Self {
        let name = name.to_ascii_lowercase();
        match chosen {
            "yaml" => Self::Yaml,
            "json" => Self::Json,
            "fhir" => Self::Fhir,
            "response" => Self::Response,
            _ if name.ends_with(".yaml") || name.ends_with(".yml") => Self::Yaml,
            _ if name.ends_with(".json") || begins_as_json(text) => Self::of_json(text),
            _ => Self::Yaml,
        }
    }

    /// No record has the key by which a resource says what it is.
    fn of_json(text: &str) -> Self {
        #[derive(Deserialize)]
        struct Head {
            #[serde(rename = "resourceType")]
            kind: Option<String>,
        }
        let head: Result<Head, _> = serde_json::from_str(text);
        match head.ok().and_then(|head| head.kind).as_deref() {
            Some("QuestionnaireResponse") => Self::Response,
            Some(_) => Self::Fhir,
            None => Self::Json,
        }
    }

    /// The notation, of a record that the form can add to.
    pub fn notation(self) -> Option<Notation> {
        match self {
            Self::Yaml => Some(Notation::Yaml),
            Self::Json => Some(Notation::Json),
            Self::Fhir | Self::Response => None,
        }
    }
}

/// A map between braces is YAML too; JSON has its keys between quotes.
fn begins_as_json(text: &str) -> bool {
    let inner = text.trim_start().strip_prefix('{').map(str::trim_start);
    inner.is_some_and(|inner| inner.starts_with(['"', '}']))
}

/// A record, and the SHA-256 of what it was read from.
pub struct Read {
    pub record: Record,
    pub sha256: String,
}

/// Reads a record, called by the name of its source.
pub fn read(
    source: &Arc<Source>,
    form: Form,
    trial: &Trial,
    dates: Dates,
) -> Result<Read, Vec<Diagnostic>> {
    fits(&source.name, source.text.len()).map_err(|problem| vec![*problem])?;
    match form.notation() {
        Some(notation) => Ok(Read {
            record: record::read_text(source, notation, &trial.id, &trial.facts, dates)?,
            sha256: sha256(&source.text),
        }),
        None => {
            let mapped = mapped(source, form, trial, dates)?;
            let mut text = String::new();
            mapped.write(&mut text);
            Ok(Read {
                record: mapped.read(&trial.id, &trial.facts, dates)?,
                // Of a response the file is what was signed; what a Bundle says is what was taken from it.
                sha256: match form {
                    Form::Response => sha256(&source.text),
                    _ => sha256(&text),
                },
            })
        }
    }
}

/// The record that is made of FHIR or of a response, in YAML.
pub fn converted(
    source: &Arc<Source>,
    form: Form,
    trial: &Trial,
    dates: Dates,
) -> Result<String, Vec<Diagnostic>> {
    let mapped = mapped(source, form, trial, dates)?;
    mapped.read(&trial.id, &trial.facts, dates)?;
    let (mut line, mut text) = (String::new(), String::new());
    mapped.write(&mut line);
    let mut writer = Writer::new(Format::Yaml);
    writer.add(&line, &mut text);
    Ok(text + &writer.finish())
}

fn mapped(
    source: &Arc<Source>,
    form: Form,
    trial: &Trial,
    dates: Dates,
) -> Result<MappedRecord, Vec<Diagnostic>> {
    if form == Form::Response {
        let document = document::read(source, Notation::Json).map_err(|error| vec![*error])?;
        return Ok(ResponseReader::new(trial).read(source, &document));
    }
    let fhir = fhir_of(trial)?;
    let mut patients: Vec<(String, PatientResources)> = Vec::new();
    let mut give = |resource, owner| {
        // What names no patient is nobody's, as in a feed.
        let Owner::Patient(id) = owner else { return };
        match patients.iter_mut().find(|(known, _)| *known == id) {
            Some((_, patient)) => patient.resources.push(resource),
            None => patients.push((
                id,
                PatientResources {
                    resources: vec![resource],
                },
            )),
        }
    };
    intake::document(source, |kind| fhir.reads(kind), &mut give).map_err(|error| vec![*error])?;
    let until = dates.as_of.unwrap_or(dates.today);
    match patients.as_slice() {
        [(_, patient)] => Ok(fhir.map(patient, until, &mut Coverage::new(&fhir))),
        [] => Err(refused(
            format!("there is no patient in `{}`", source.name),
            "",
        )),
        several => Err(refused(
            format!("`{}` holds {} patients", source.name, several.len()),
            "this page screens one; `eligo batch --from fhir` screens every one",
        )),
    }
}

/// How FHIR is read for this trial.
fn fhir_of(trial: &Trial) -> Result<Arc<Fhir>, Vec<Diagnostic>> {
    if trial.id != FHIR_TRIAL {
        let message = format!("how FHIR is read comes with the page for {FHIR_TRIAL} only");
        let help = "`eligo screen --source FILE` reads it by a source file";
        return Err(refused(message, help));
    }
    let source = Source::new("<embedded fhir>", EMBEDDED_FHIR);
    let files = |_: &str| Err("what comes with the page names no files".to_owned());
    match source::compile(&source, trial, &files)?.kind {
        Kind::FhirR4(fhir) => Ok(fhir),
        Kind::Table(_) => Err(refused(
            "the source file of FHIR reads tables".to_owned(),
            "",
        )),
    }
}

fn refused(message: String, help: &str) -> Vec<Diagnostic> {
    let help = (!help.is_empty()).then(|| help.to_owned());
    vec![Diagnostic::error(message).help_if(help)]
}

/// A file as text, or why it is none.
#[derive(Serialize)]
pub struct Decoded {
    text: Option<String>,
    problems: Vec<Problem>,
}

/// The bytes of a file as text.
pub fn decode(name: &str, bytes: Vec<u8>) -> Decoded {
    match text_of(name, bytes) {
        Ok(source) => Decoded {
            text: Some(source.text.clone()),
            problems: Vec::new(),
        },
        Err(problem) => Decoded {
            text: None,
            problems: problems(&[*problem], None),
        },
    }
}

/// The bytes of a file as a source.
pub fn text_of(name: &str, bytes: Vec<u8>) -> Result<Arc<Source>, Box<Diagnostic>> {
    fits(name, bytes.len())?;
    if let Some((kind, help)) = kind_of(&bytes) {
        let message = format!("`{name}` is {kind}, which is not read");
        return Err(Box::new(Diagnostic::error(message).help(help)));
    }
    eligo::diagnostic::decode(name, bytes)
}

fn fits(name: &str, length: usize) -> Result<(), Box<Diagnostic>> {
    if length <= MAX_BYTES {
        return Ok(());
    }
    let limit = MAX_BYTES / 1024 / 1024;
    let message = format!("`{name}` is larger than {limit} MiB, the limit for one file");
    Err(Box::new(Diagnostic::error(message)))
}

/// What a file is that is no text, and what to do about it.
fn kind_of(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const FORM: &str = "fill in the form from what you read in it";
    const SHEET: &str = "drop the record that it was made of";
    const LIST: &str = "`eligo batch` screens a list in one";
    const KINDS: [(&[u8], &str, &str); 8] = [
        (b"%PDF-", "a PDF", FORM),
        (b"\x89PNG", "a picture", FORM),
        (b"\xff\xd8\xff", "a picture", FORM),
        (b"<!doctype html", "a page in HTML", SHEET),
        (b"<!DOCTYPE html", "a page in HTML", SHEET),
        (b"<html", "a page in HTML", SHEET),
        (b"PK\x03\x04", "a workbook or another packed document", LIST),
        (b"\xd0\xcf\x11\xe0", "an old workbook or document", LIST),
    ];
    let kind = KINDS.iter().find(|(begins, ..)| bytes.starts_with(begins));
    kind.map(|(_, kind, help)| (*kind, *help))
}
