//! A text of FHIR → its resources, each with the patient whose it is.
//!
//! A JSON document is a Bundle or a single resource; of NDJSON every line is a resource. Whose a resource is follows from its
//! `subject` or `patient`: a relative or absolute reference, the `fullUrl` of an entry, or a search by identifier within the same
//! Bundle. The resource itself is only looked at as far as that needs.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::diagnostic::{Diagnostic, Source, Start};
use crate::document::json_error;
use crate::fhirpath::{Content, Node, RESOURCES, literal_reference};

/// A resource of a feed.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Its text, and where it stands.
    pub source: Arc<Source>,
    /// Its type.
    pub kind: String,
    /// By which URL other entries of the same Bundle refer to it.
    pub full_url: Option<String>,
}

/// Whose a resource is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// The patient of this id.
    Patient(String),
    /// No patient: an organisation, a practitioner, a group.
    Nobody,
}

/// What the head of a resource says.
#[derive(Deserialize)]
struct Head<'t> {
    #[serde(rename = "resourceType", borrow)]
    kind: Option<Cow<'t, str>>,
    #[serde(borrow)]
    id: Option<Cow<'t, str>>,
    #[serde(borrow)]
    subject: Option<&'t RawValue>,
    #[serde(borrow)]
    patient: Option<&'t RawValue>,
    #[serde(borrow)]
    identifier: Option<&'t RawValue>,
}

#[derive(Deserialize)]
struct Reference<'t> {
    #[serde(borrow)]
    reference: Option<Cow<'t, str>>,
    #[serde(borrow)]
    identifier: Option<Identifier<'t>>,
}

#[derive(Deserialize)]
struct Identifier<'t> {
    #[serde(borrow)]
    system: Option<Cow<'t, str>>,
    #[serde(borrow)]
    value: Option<Cow<'t, str>>,
}

#[derive(Deserialize)]
struct Bundle<'t> {
    #[serde(rename = "type", borrow)]
    kind: Option<Cow<'t, str>>,
    #[serde(borrow, default)]
    entry: Vec<Entry<'t>>,
}

#[derive(Deserialize)]
struct Entry<'t> {
    #[serde(rename = "fullUrl", borrow)]
    full_url: Option<Cow<'t, str>>,
    #[serde(borrow)]
    resource: Option<&'t RawValue>,
}

/// How patients are found by what others call them.
#[derive(Default)]
struct Patients {
    by_url: HashMap<String, String>,
    by_identifier: HashMap<(String, String), Vec<String>>,
}

/// Reads a JSON document: a Bundle, or a single resource. `give` gets every resource whose type `reads` wants.
///
/// # Errors
/// What makes the text no JSON or no FHIR, with its place.
pub fn document(
    source: &Arc<Source>,
    reads: impl Fn(&str) -> bool,
    give: &mut dyn FnMut(Resource, Owner),
) -> Result<(), Box<Diagnostic>> {
    let head = head(&source.text, source)?;
    let Some(kind) = head.kind.as_deref() else {
        return Err(no_resource(source));
    };
    if kind != "Bundle" {
        let owner = owner(&head, &Patients::default());
        check_kind(kind, source)?;
        if reads(kind) {
            give(
                Resource {
                    source: Arc::clone(source),
                    kind: kind.to_owned(),
                    full_url: None,
                },
                owner,
            );
        }
        return Ok(());
    }
    let bundle: Bundle<'_> =
        serde_json::from_str(&source.text).map_err(|error| json_error(source, &error))?;
    if bundle.kind.as_deref() == Some("history") {
        let error = Diagnostic::error(
            "a Bundle of type `history` holds several versions of each resource",
        )
        .at(source, 0..1)
        .help("export what is so now: a searchset, a collection, or `$everything` of the patient");
        return Err(Box::new(error));
    }
    let heads = heads(&bundle, source)?;
    let patients = patients(&heads);
    for (head, full_url, text, at) in &heads {
        let kind = head.kind.as_deref().unwrap_or("");
        if !reads(kind) {
            continue;
        }
        let own = full_url.and_then(|url| patients.by_url.get(url));
        let owner = match own {
            Some(id) if kind == "Patient" => Owner::Patient(id.clone()),
            _ => owner(head, &patients),
        };
        give(
            Resource {
                source: Source::starting_at(&*source.name, *text, *at),
                kind: kind.to_owned(),
                full_url: full_url.map(str::to_owned),
            },
            owner,
        );
    }
    Ok(())
}

/// The resources of a Bundle: head, URL, text and place of each.
fn heads<'t>(
    bundle: &'t Bundle<'t>,
    source: &Arc<Source>,
) -> Result<Vec<Headed<'t>>, Box<Diagnostic>> {
    let mut heads = Vec::new();
    let mut cursor = Cursor::new(source);
    for entry in &bundle.entry {
        let Some(resource) = entry.resource else {
            continue;
        };
        let at = cursor.place_of(resource.get());
        let placed = || Source::starting_at(&*source.name, resource.get(), at);
        let head: Head<'_> =
            serde_json::from_str(resource.get()).map_err(|error| json_error(&placed(), &error))?;
        let Some(kind) = head.kind.as_deref() else {
            return Err(no_resource(&placed()));
        };
        check_kind(kind, &placed())?;
        heads.push((head, entry.full_url.as_deref(), resource.get(), at));
    }
    Ok(heads)
}

/// A line of a bulk export.
#[derive(Debug)]
pub enum Line {
    /// A resource that a rule may want.
    Read(Resource, Owner),
    /// One of this type, which no rule wants.
    PassedOver(String),
}

/// Reads a line of a bulk export.
///
/// # Errors
/// What makes the line no JSON or no FHIR, with its place.
pub fn line(
    name: &Arc<str>,
    bytes: &[u8],
    number: usize,
    reads: impl Fn(&str) -> bool,
) -> Result<Line, Box<Diagnostic>> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Err(not_utf8(name, bytes, number, error.valid_up_to())),
    };
    let placed = || Source::starting_at(&**name, text, Start::of_line(number));
    let head: Head<'_> = match serde_json::from_str(text) {
        Ok(head) => head,
        Err(error) => return Err(json_error(&placed(), &error)),
    };
    let Some(kind) = head.kind.as_deref() else {
        return Err(no_resource(&placed()));
    };
    if kind == "Bundle" {
        let error = Diagnostic::error("a Bundle on a line of NDJSON; a line is one resource")
            .at(&placed(), 0..1)
            .help("a Bundle is a file of its own, with the extension .json");
        return Err(Box::new(error));
    }
    check_kind(kind, &placed())?;
    if !reads(kind) {
        return Ok(Line::PassedOver(kind.to_owned()));
    }
    let owner = owner(&head, &Patients::default());
    let resource = Resource {
        kind: kind.to_owned(),
        source: placed(),
        full_url: None,
    };
    Ok(Line::Read(resource, owner))
}

fn not_utf8(name: &Arc<str>, bytes: &[u8], number: usize, at: usize) -> Box<Diagnostic> {
    let bad = bytes.get(at).copied().unwrap_or(0);
    let text = String::from_utf8_lossy(bytes);
    let source = Source::starting_at(&**name, text, Start::of_line(number));
    let error = Diagnostic::error(format!("the text is not valid UTF-8: byte 0x{bad:02X}"))
        .at(&source, at..at + '\u{fffd}'.len_utf8())
        .help("FHIR is UTF-8");
    Box::new(error)
}

fn head<'t>(text: &'t str, source: &Arc<Source>) -> Result<Head<'t>, Box<Diagnostic>> {
    serde_json::from_str(text).map_err(|error| json_error(source, &error))
}

fn no_resource(source: &Arc<Source>) -> Box<Diagnostic> {
    let error = Diagnostic::error("this is no FHIR resource: it has no `resourceType`")
        .at(source, 0..1)
        .help("a Bundle, a single resource, or NDJSON with a resource on each line are read");
    Box::new(error)
}

fn check_kind(kind: &str, source: &Arc<Source>) -> Result<(), Box<Diagnostic>> {
    if RESOURCES.contains(&kind) {
        return Ok(());
    }
    let at = source.text.find(&format!("\"{kind}\"")).unwrap_or(0);
    let help = crate::diagnostic::did_you_mean(kind, RESOURCES);
    let help =
        help.unwrap_or_else(|| "FHIR R4 (4.0.1) is read; servers export it on request".to_owned());
    let error = Diagnostic::error(format!("FHIR R4 has no resource `{kind}`"))
        .at(source, at..at + 1)
        .help(help);
    Err(Box::new(error))
}

/// Finds the places of parts of a text, one behind the other.
struct Cursor<'s> {
    text: &'s str,
    at: usize,
    start: Start,
}

impl<'s> Cursor<'s> {
    fn new(source: &'s Source) -> Self {
        Self {
            text: &source.text,
            at: 0,
            start: source.start,
        }
    }

    /// Where a part of the text begins.
    fn place_of(&mut self, part: &str) -> Start {
        let offset = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        if let Some(between) = self.text.as_bytes().get(self.at..offset) {
            self.start = self.start.behind(between);
            self.at = offset;
        }
        self.start
    }
}

type Headed<'t> = (Head<'t>, Option<&'t str>, &'t str, Start);

fn patients(heads: &[Headed<'_>]) -> Patients {
    let mut patients = Patients::default();
    for (head, full_url, ..) in heads {
        if head.kind.as_deref() != Some("Patient") {
            continue;
        }
        let own = full_url.map(|url| url.strip_prefix("urn:uuid:").unwrap_or(url));
        let Some(id) = head.id.as_deref().or(own) else {
            continue;
        };
        if let Some(url) = full_url {
            patients.by_url.insert((*url).to_owned(), id.to_owned());
        }
        let identifiers = head.identifier.map(RawValue::get);
        let identifiers: Vec<Identifier<'_>> = identifiers
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        for identifier in identifiers {
            if let (Some(system), Some(value)) = (identifier.system, identifier.value) {
                let key = (system.into_owned(), value.into_owned());
                patients
                    .by_identifier
                    .entry(key)
                    .or_default()
                    .push(id.to_owned());
            }
        }
    }
    patients
}

fn owner(head: &Head<'_>, patients: &Patients) -> Owner {
    if head.kind.as_deref() == Some("Patient") {
        // A patient without an id can be referred to by nobody, and is still one.
        return Owner::Patient(head.id.as_deref().unwrap_or("").to_owned());
    }
    let Some(subject) = head.subject.or(head.patient) else {
        return Owner::Nobody;
    };
    let Ok(subject) = serde_json::from_str::<Reference<'_>>(subject.get()) else {
        return Owner::Nobody;
    };
    let by_identifier = |system: &str, value: &str| {
        let key = (system.to_owned(), value.to_owned());
        match patients.by_identifier.get(&key).map(Vec::as_slice) {
            Some([one]) => Some(one.clone()),
            _ => None,
        }
    };
    let Some(reference) = subject.reference.as_deref() else {
        let found = subject
            .identifier
            .and_then(|identifier| by_identifier(&identifier.system?, &identifier.value?));
        return found.map_or(Owner::Nobody, Owner::Patient);
    };
    if let Some(id) = patients.by_url.get(reference) {
        return Owner::Patient(id.clone());
    }
    if let Some(search) = reference.strip_prefix("Patient?") {
        let pair = search
            .strip_prefix("identifier=")
            .and_then(|pair| pair.split_once('|'));
        let found = pair.and_then(|(system, value)| by_identifier(system, value));
        return Owner::Patient(found.unwrap_or_else(|| reference.to_owned()));
    }
    if let Some(id) = reference.strip_prefix("urn:uuid:") {
        return Owner::Patient(id.to_owned());
    }
    match literal_reference(reference) {
        Some(("Patient", id)) => Owner::Patient(id.to_owned()),
        _ => Owner::Nobody,
    }
}

/// What shows that a resource is of another version of FHIR than R4, if something does.
pub(super) fn strange_version(kind: &str, resource: &Node<'_>) -> Option<String> {
    const OF_R5: [(&str, &str); 11] = [
        ("Procedure", "occurrenceDateTime"),
        ("Procedure", "occurrencePeriod"),
        ("MedicationAdministration", "medication"),
        ("MedicationAdministration", "occurenceDateTime"),
        ("MedicationAdministration", "occurencePeriod"),
        ("MedicationStatement", "medication"),
        ("MedicationStatement", "adherence"),
        ("Observation", "triggeredBy"),
        ("Observation", "bodyStructure"),
        ("Observation", "instantiatesCanonical"),
        ("Condition", "participant"),
    ];
    const OF_STU3: [(&str, &str); 5] = [
        ("Condition", "assertedDate"),
        ("AllergyIntolerance", "assertedDate"),
        ("MedicationStatement", "taken"),
        ("Procedure", "notDone"),
        ("Observation", "comment"),
    ];
    let has = |pairs: &[(&'static str, &'static str)]| {
        let mut of_kind = pairs.iter().filter(|(of, _)| *of == kind);
        of_kind
            .find(|(_, key)| resource.get(key).is_some())
            .map(|(_, key)| *key)
    };
    if let Some(key) = has(&OF_R5) {
        return Some(format!("`{key}` is of FHIR R5"));
    }
    if let Some(key) = has(&OF_STU3) {
        return Some(format!("`{key}` is of FHIR STU3"));
    }
    let is_object = |key: &str| {
        resource
            .get(key)
            .is_some_and(|node| matches!(node.content, Content::Map(_)))
    };
    if kind == "AllergyIntolerance" && is_object("type") {
        return Some("`type` as a concept is of FHIR R5".to_owned());
    }
    None
}
