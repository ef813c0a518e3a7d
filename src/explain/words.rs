//! The phrases that every format of an explanation shares.

use super::model::{
    Candidate, CriterionPart, Explanation, FactPart, Identity, ListFinding, ReadingPart,
    RemarkPart, Tree, ValuePart,
};
use crate::report::sentence::met;
use crate::screening::Eligibility;
use crate::trial::{About, Side};
use crate::value::Truth;

/// What several readings amount to.
pub(super) const READINGS: &str = "The words can be understood in several ways. The criterion is decided where all of them agree, or where the site pins one.";
/// What a closed world means.
pub(super) const CLOSED_WORLD: &str = "Silence of the record is read as an answer here:";

/// A line that stands under another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// How deep.
    pub depth: usize,
    /// Its text.
    pub text: String,
}

impl Line {
    fn new(depth: usize, text: impl Into<String>) -> Self {
        Self {
            depth,
            text: text.into(),
        }
    }

    pub fn margin(&self) -> String {
        "  ".repeat(self.depth)
    }
}

pub(super) fn side_heading(side: Side) -> &'static str {
    match side {
        Side::Inclusion => "Inclusion criteria",
        Side::Exclusion => "Exclusion criteria",
    }
}

pub(super) fn quoted(text: &str) -> String {
    format!("“{}”", text.trim())
}

/// `Inclusion criterion, part of I1 · trial.yaml:12`
pub(super) fn kind_of(criterion: &CriterionPart, place: &str) -> String {
    let kind = match criterion.side {
        Side::Inclusion => "Inclusion criterion",
        Side::Exclusion => "Exclusion criterion",
    };
    let within = criterion
        .within
        .as_ref()
        .map_or(String::new(), |parent| format!(", part of {parent}"));
    [format!("{kind}{within}"), place.to_owned()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

/// What a reading says, where it comes from, and whether it counts.
pub(super) fn reading(reading: &ReadingPart) -> String {
    let basis = reading
        .basis
        .as_ref()
        .map_or(String::new(), |basis| format!(" [{basis}]"));
    let counts = match (reading.pinned, reading.by_site_only) {
        (true, _) => " (pinned by the site: it alone counts)",
        (false, true) => " (counts only where a site policy pins it)",
        (false, false) => "",
    };
    format!("{}{basis}{counts}", reading.say)
}

/// What a caution or conflict says, and whether it is raised for the candidate.
pub(super) fn remark(remark: &RemarkPart) -> (String, bool) {
    let raised = remark
        .logic
        .tree
        .finding
        .as_ref()
        .is_some_and(|finding| finding.truth == Truth::True);
    let basis = remark
        .basis
        .as_ref()
        .map_or(String::new(), |basis| format!(" [{basis}]"));
    (
        format!(
            "{}{}{basis}",
            if raised { "RAISED: " } else { "" },
            remark.say
        ),
        raised,
    )
}

pub(super) fn truth(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "True",
        Truth::False => "False",
        Truth::Unknown => "Unknown",
    }
}

/// A part of a tree in one line, with its truth in front.
pub(super) fn node(tree: &Tree) -> String {
    let role = tree
        .role
        .map_or(String::new(), |role| format!("{} ", role.word()));
    let mark = tree.finding.as_ref().map_or(String::new(), |finding| {
        let decides = if finding.decides { ", decides" } else { "" };
        format!("[{}{decides}] ", truth(finding.truth))
    });
    let colon = if tree.children.is_empty() { "" } else { ":" };
    format!("{mark}{role}{}{colon}", tree.says)
}

/// What is known of the candidate at a part of a tree.
pub(super) fn findings(tree: &Tree) -> Vec<Line> {
    let Some(finding) = tree.finding.as_ref() else {
        return Vec::new();
    };
    let mut said: Vec<Line> = finding
        .known
        .iter()
        .map(|known| Line::new(0, format!("recorded: {known}")))
        .collect();
    if !finding.missing.is_empty() {
        let missing: Vec<String> = finding
            .missing
            .iter()
            .map(|missing| format!("{} ({})", missing.label, missing.why))
            .collect();
        said.push(Line::new(
            0,
            format!("open because of: {}", missing.join("; ")),
        ));
    }
    said.extend(lists(&finding.lists, &tree.says));
    said
}

/// Which entries of lists count; what is looked for goes without saying where it `says` so already.
pub(super) fn lists(lists: &[ListFinding], says: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    for list in lists {
        let open = if list.open {
            "; the list is not complete"
        } else {
            ""
        };
        let looked = if says.contains(&list.looks_for) {
            "entries".to_owned()
        } else {
            format!("entries for which {}", list.looks_for)
        };
        let none = if list.entries.is_empty() {
            " none is recorded"
        } else {
            ""
        };
        lines.push(Line::new(0, format!("{looked}:{none}{open}")));
        for entry in &list.entries {
            let counts = match entry.counts {
                Truth::True => "counts",
                Truth::False => "does not count",
                Truth::Unknown => "perhaps counts",
            };
            let because = if entry.because.is_empty() {
                String::new()
            } else {
                format!(" ({})", entry.because.join("; "))
            };
            lines.push(Line::new(1, format!("{counts}: {}{because}", entry.shown)));
        }
    }
    lines
}

pub(super) fn codes(codes: &[(String, String)]) -> String {
    codes
        .iter()
        .map(|(system, code)| format!("{} {code}", system_name(system)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn system_name(system: &str) -> String {
    match system {
        "loinc" => "LOINC".to_owned(),
        "snomed" => "SNOMED CT".to_owned(),
        "ncit" => "NCI Thesaurus".to_owned(),
        "icd10" => "ICD-10".to_owned(),
        "icd10cm" => "ICD-10-CM".to_owned(),
        "rxnorm" => "RxNorm".to_owned(),
        "atc" => "ATC".to_owned(),
        "ucum" => "UCUM".to_owned(),
        "omop" => "OMOP".to_owned(),
        other => other.to_owned(),
    }
}

/// A value's label, and what goes with it.
pub(super) fn value(value: &ValuePart) -> String {
    let mut said = value.label.clone();
    if value.unclear {
        said.push_str(" (a result that settles nothing)");
    }
    if !value.codes.is_empty() {
        said.push_str(&format!(" [{}]", codes(&value.codes)));
    }
    if let Some(note) = &value.note {
        said.push_str(&format!(". {note}"));
    }
    said
}

/// A field of a list's entries in one line.
pub(super) fn field(list: &FactPart, field: &FactPart) -> String {
    let codes = if field.codes.is_empty() {
        String::new()
    } else {
        format!(" [{}]", codes(&field.codes))
    };
    let supporting = if field.supporting { "; supporting" } else { "" };
    if field.path == list.path {
        return format!("each: {}{codes}", field.answer);
    }
    let name = field.path.rsplit('.').next().unwrap_or(&field.path);
    format!(
        "{name} ({}): {}{codes}{supporting}",
        field.label, field.answer
    )
}

/// The facts that decide, and those that do not, each under its heading.
pub(super) fn facts_in_order(explanation: &Explanation) -> Vec<(&'static str, Vec<&FactPart>)> {
    let (deciding, other): (Vec<&FactPart>, Vec<&FactPart>) = explanation
        .facts
        .iter()
        .partition(|fact| !fact.decides.is_empty());
    let headed = [
        ("Facts that decide", deciding),
        ("Facts that decide nothing by themselves", other),
    ];
    headed
        .into_iter()
        .filter(|(_, facts)| !facts.is_empty())
        .collect()
}

/// The criteria that use a fact.
pub(super) fn used(fact: &FactPart, place: &str) -> String {
    let mut parts = Vec::new();
    if !fact.decides.is_empty() {
        parts.push(format!("decides {}", fact.decides.join(", ")));
    }
    if !fact.set_aside.is_empty() {
        parts.push(format!(
            "readings of {} that count only where a site pins them",
            fact.set_aside.join(", ")
        ));
    }
    if !fact.remarks.is_empty() {
        parts.push(format!(
            "cautions or conflicts of {}",
            fact.remarks.join(", ")
        ));
    }
    if parts.is_empty() {
        parts.push("nothing".to_owned());
    }
    used_by(&[parts.join("; ")], place)
}

/// A part of a criterion in one line, and whether the candidate meets it.
pub(super) fn part_of(part: &CriterionPart) -> String {
    let met = part.outcome.as_ref().map_or(String::new(), |outcome| {
        format!(" → {}", met(outcome.verdict, part.side))
    });
    format!("{}  {}{met}", part.id, part.title)
}

pub(super) fn used_by(ids: &[String], place: &str) -> String {
    let ids = if ids.is_empty() {
        "nothing".to_owned()
    } else {
        ids.join(", ")
    };
    if place.is_empty() {
        ids
    } else {
        format!("{ids} · {place}")
    }
}

pub(super) fn candidate(candidate: &Candidate) -> String {
    let name = candidate
        .name
        .as_deref()
        .map_or("Candidate without a pseudonym".to_owned(), |name| {
            format!("Candidate {name}")
        });
    let eligibility = match candidate.eligibility {
        Eligibility::Eligible => "ELIGIBLE",
        Eligibility::Ineligible => "INELIGIBLE",
        Eligibility::Undetermined => "UNDETERMINED",
    };
    format!(
        "{name}, screened on {}: {eligibility}",
        candidate.screened_on
    )
}

pub(super) fn file_of(trial: &Identity) -> String {
    let version = trial
        .version
        .as_deref()
        .map_or(String::new(), |version| format!(", version {version}"));
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
        lines.push("This supports the investigator's decision; it is not the decision.".to_owned());
    }
    lines
}

/// What a reader wants to know of a trial first.
const FIRST: [&str; 7] = [
    "sponsor",
    "status",
    "phase",
    "conditions",
    "intervention",
    "sites",
    "source",
];

/// What comes first, each in one line behind its name.
pub(super) fn about_first(trial: &Identity) -> Vec<(String, String)> {
    let named = |key: &&str| {
        trial
            .about
            .iter()
            .find(|(name, _)| name == *key)
            .map(|(name, about)| (title(name), flat(about)))
    };
    FIRST
        .iter()
        .filter_map(named)
        .filter(|(_, said)| !said.is_empty())
        .collect()
}

/// Everything else that the file says of the trial.
pub(super) fn about_rest(trial: &Identity) -> Vec<Line> {
    let mut lines = Vec::new();
    for (name, about) in trial
        .about
        .iter()
        .filter(|(name, _)| !FIRST.contains(&name.as_str()))
    {
        about_lines(&title(name), about, 0, &mut lines);
    }
    lines
}

fn about_lines(name: &str, about: &About, depth: usize, lines: &mut Vec<Line>) {
    match about {
        About::Text(text) => lines.push(Line::new(depth, format!("{name}: {text}"))),
        About::List(items) => {
            lines.push(Line::new(depth, format!("{name}:")));
            lines.extend(
                items
                    .iter()
                    .map(|item| Line::new(depth + 1, format!("· {}", flat(item)))),
            );
        }
        About::Map(entries) => {
            lines.push(Line::new(depth, format!("{name}:")));
            for (name, about) in entries {
                about_lines(&title(name), about, depth + 1, lines);
            }
        }
    }
}

fn flat(about: &About) -> String {
    match about {
        About::Text(text) => text.clone(),
        About::List(items) => items.iter().map(flat).collect::<Vec<_>>().join("; "),
        About::Map(entries) => entries
            .iter()
            .map(|(name, about)| format!("{}: {}", name.replace('_', " "), flat(about)))
            .collect::<Vec<_>>()
            .join("; "),
    }
}

fn title(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().collect::<String>() + &letters.as_str().replace('_', " ")
    })
}

/// When and how a fact is obtained, if the trial file says so.
pub(super) fn obtained(fact: &FactPart) -> Option<String> {
    let parts: Vec<&str> = fact
        .stage
        .into_iter()
        .chain(fact.obtain.as_deref())
        .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}
