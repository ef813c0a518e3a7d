//! The phrases of an explanation's page for what is known of a candidate, and for values, fields and codes.

use std::collections::BTreeMap;

use super::model::{
    Candidate, Explanation, FactPart, Identity, ListFinding, Role, Tree, ValuePart,
};
use crate::report::DISCLAIMER;
use crate::value::Truth;

pub(super) fn truth(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "True",
        Truth::False => "False",
        Truth::Unknown => "Unknown",
    }
}

/// A part of a tree in one line, with its truth in front.
pub(super) fn node(tree: &Tree) -> String {
    let mark = tree.finding.as_ref().map_or(String::new(), |finding| {
        let decides = if finding.decides { ", decides" } else { "" };
        format!("[{}{decides}] ", truth(finding.truth))
    });
    let role = match tree.role {
        Some(Role::If) => "if ",
        Some(Role::Then) => "then ",
        Some(Role::ElseIf) => "else if ",
        Some(Role::Otherwise) => "otherwise ",
        None => "",
    };
    let colon = if tree.parts.is_empty() { "" } else { ":" };
    format!("{mark}{role}{}{colon}", tree.says)
}

/// What is known of the candidate at a part of a tree: lines, and how deep each stands.
pub(super) fn findings(tree: &Tree) -> Vec<(usize, String)> {
    let Some(finding) = &tree.finding else {
        return Vec::new();
    };
    let known = finding.known.iter();
    let mut lines: Vec<_> = known
        .map(|known| (0, format!("recorded: {known}")))
        .collect();
    let missing = finding.missing.iter();
    let missing: Vec<String> = missing
        .map(|missing| format!("{} ({})", missing.label, missing.why))
        .collect();
    if !missing.is_empty() {
        lines.push((0, format!("open because of: {}", missing.join("; "))));
    }
    lines.extend(lists(&finding.lists, &tree.says));
    lines
}

/// Which entries of lists count: lines, and how deep each stands. What is looked for goes without saying where it `says` so
/// already.
pub(super) fn lists(lists: &[ListFinding], says: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    for list in lists {
        let looked_for = match list.looks_for.as_str() {
            known if says.contains(known) => String::new(),
            other => format!(" for which {other}"),
        };
        let none = match list.entries.as_slice() {
            [] => " none is recorded",
            _ => "",
        };
        let open = if list.complete {
            ""
        } else {
            "; the list is not complete"
        };
        lines.push((0, format!("entries{looked_for}:{none}{open}")));
        for entry in &list.entries {
            let counts = match entry.counts {
                Truth::True => "counts",
                Truth::False => "does not count",
                Truth::Unknown => "perhaps counts",
            };
            let because = match entry.because.as_slice() {
                [] => String::new(),
                because => format!(" ({})", because.join("; ")),
            };
            lines.push((1, format!("{counts}: {}{because}", entry.shown)));
        }
    }
    lines
}

/// Codes behind the names of their systems.
pub(super) fn codes(codes: &BTreeMap<String, String>) -> String {
    let named = codes.iter().map(|(system, code)| {
        let system = match system.as_str() {
            "loinc" => "LOINC",
            "snomed" => "SNOMED CT",
            "ncit" => "NCI Thesaurus",
            "icd10" => "ICD-10",
            "icd10cm" => "ICD-10-CM",
            "rxnorm" => "RxNorm",
            "atc" => "ATC",
            "ucum" => "UCUM",
            "omop" => "OMOP",
            other => other,
        };
        format!("{system} {code}")
    });
    named.collect::<Vec<_>>().join(", ")
}

/// Codes behind what they mean.
fn bracketed(of: &BTreeMap<String, String>) -> String {
    if of.is_empty() {
        return String::new();
    }
    format!(" [{}]", codes(of))
}

/// A value's label, and what goes with it.
pub(super) fn value(value: &ValuePart) -> String {
    let unclear = if value.unclear {
        " (a result that settles nothing)"
    } else {
        ""
    };
    let note = value.note.as_ref();
    let note = note.map_or(String::new(), |note| format!(". {note}"));
    format!("{}{unclear}{}{note}", value.label, bracketed(&value.codes))
}

/// A field of a list's entries in one line.
pub(super) fn field(list: &FactPart, field: &FactPart) -> String {
    let codes = bracketed(&field.codes);
    if field.path == list.path {
        return format!("each: {}{codes}", field.answer);
    }
    let name = field.path.rsplit('.').next().unwrap_or(&field.path);
    let supporting = if field.supporting { "; supporting" } else { "" };
    format!(
        "{name} ({}): {}{codes}{supporting}",
        field.label, field.answer
    )
}

/// Who was screened, when, and what it came to.
pub(super) fn candidate(candidate: &Candidate) -> String {
    let name = match &candidate.name {
        Some(name) => format!("Candidate {name}"),
        None => "Candidate without a pseudonym".to_owned(),
    };
    let eligibility = candidate.eligibility.name().to_uppercase();
    format!(
        "{name}, screened on {}: {eligibility}",
        candidate.screened_on
    )
}

/// The trial file and its version.
pub(super) fn file_of(trial: &Identity) -> String {
    let version = trial.version.as_ref();
    let version = version.map_or(String::new(), |version| format!(", version {version}"));
    format!("{}{version}", trial.file)
}

/// The lines below everything: what it was made from.
pub(super) fn footer(explanation: &Explanation) -> Vec<String> {
    let trial = &explanation.trial;
    let mut lines = vec![
        format!("trial file {}", file_of(trial)),
        format!("sha256 {}", trial.sha256),
    ];
    if let Some(candidate) = &explanation.candidate {
        lines.push(format!("record sha256 {}", candidate.record_sha256));
        lines.push(format!("This {DISCLAIMER}."));
    }
    lines
}
