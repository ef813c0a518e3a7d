//! Which resources count: those whose status says that they are so.
//!
//! What was entered in error, refuted, planned or not yet certain is left out, and counted by the status that it has.

use std::collections::BTreeMap;

use crate::fhirpath::{Content, Node};

/// Statuses that count, by resource, with the element that has them. A resource that is not here has no status that matters.
const COUNTING: [(&str, &str, &[&str]); 18] = [
    ("Observation", "status", &["final", "amended", "corrected"]),
    (
        "DiagnosticReport",
        "status",
        &["final", "amended", "corrected", "appended"],
    ),
    ("Condition", "verificationStatus", &["confirmed", NONE]),
    (
        "AllergyIntolerance",
        "verificationStatus",
        &["confirmed", NONE],
    ),
    ("Procedure", "status", &["completed"]),
    ("Immunization", "status", &["completed"]),
    ("MedicationAdministration", "status", &["completed"]),
    ("MedicationDispense", "status", &["completed"]),
    ("MedicationStatement", "status", &["active", "completed"]),
    ("FamilyMemberHistory", "status", &["completed", "partial"]),
    ("Encounter", "status", &["in-progress", "finished"]),
    ("List", "status", &["current"]),
    ("Composition", "status", &["final", "amended"]),
    ("Consent", "status", &["active"]),
    ("QuestionnaireResponse", "status", &["completed", "amended"]),
    ("ClinicalImpression", "status", &["completed"]),
    (
        "RiskAssessment",
        "status",
        &["final", "amended", "corrected"],
    ),
    ("ImagingStudy", "status", &["available"]),
];

/// That there is no status.
pub(super) const NONE: &str = "none";

/// Statuses that leave nothing open: what has one of them is as if it were not there.
const DENIED: [&str; 5] = [
    "entered-in-error",
    "refuted",
    "cancelled",
    "not-done",
    "not-taken",
];

/// The statuses that count.
#[derive(Debug, Clone)]
pub(super) struct Usable(BTreeMap<String, (&'static str, Vec<String>)>);

/// Whether a resource counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// It does.
    Counts,
    /// It is left out: why, and whether what it says may still be so.
    LeftOut { why: String, may_be: bool },
    /// It is not R4.
    Strange(String),
}

impl Default for Usable {
    fn default() -> Self {
        let counting = COUNTING.into_iter().map(|(resource, element, statuses)| {
            let statuses = statuses.iter().map(|status| (*status).to_owned());
            (resource.to_owned(), (element, statuses.collect()))
        });
        Self(counting.collect())
    }
}

impl Usable {
    /// Sets the statuses that count for a resource; false if it has none that matters.
    pub fn set(&mut self, resource: &str, statuses: Vec<String>) -> bool {
        match self.0.get_mut(resource) {
            Some((_, counting)) => {
                *counting = statuses;
                true
            }
            None => false,
        }
    }

    /// The resources that have a status.
    pub fn resources(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.keys().map(String::as_str)
    }

    /// Whether a resource counts.
    pub fn standing(&self, kind: &str, resource: &Node<'_>) -> Standing {
        let left_out = |why: &str, may_be: bool| Standing::LeftOut {
            why: why.to_owned(),
            may_be,
        };
        // What nobody but its author understands may turn the meaning of all the rest.
        if resource.get("modifierExtension").is_some() || resource.get("implicitRules").is_some() {
            return left_out("modifier extension", true);
        }
        let Some((element, counting)) = self.0.get(kind) else {
            return Standing::Counts;
        };
        let status = match resource.get(element) {
            None => NONE,
            Some(node) => match (&node.content, *element) {
                (Content::Text(status), "status") => status,
                (Content::Map(_), "verificationStatus") => concept_status(node).unwrap_or(NONE),
                (Content::Text(_), _) => {
                    let message = format!("`{element}` of {kind} is a text, as in FHIR before R4");
                    return Standing::Strange(message);
                }
                _ => {
                    return Standing::Strange(format!(
                        "`{element}` of {kind} is {}",
                        node.describe()
                    ));
                }
            },
        };
        if counting.iter().any(|known| known == status) {
            Standing::Counts
        } else if status == NONE {
            left_out("without status", true)
        } else {
            left_out(status, !DENIED.contains(&status))
        }
    }
}

fn concept_status<'a>(node: &'a Node<'_>) -> Option<&'a str> {
    node.get("coding")?.items().first()?.text_at("code")
}
