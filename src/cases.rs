//! Cases: example records with the verdicts that they must get. They are the tests of a trial file.
//!
//! A case is a base record with some facts set and some removed. It says what is wanted: verdicts, words in reasons,
//! cautions and conflicts, what is to be obtained first, or that the record is refused.

pub mod exemptions;
mod repeats;
pub mod replay;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;

use self::exemptions::Exemptions;
use crate::diagnostic::catalogue;
use crate::diagnostic::{Diagnostic, Source, did_you_mean};
use crate::document::{self, Content, Key, Node, Notation};
use crate::record::{self, Dates};
use crate::report::sentence::Sentences;
use crate::screening::{Outcome, Raised, Screening, screen};
use crate::shape::Reader;
use crate::trial::{Policy, Trial, policy};
use crate::value::date;

/// The version line of a file of cases.
pub const FORMAT: &str = "eligo/cases/1";
pub(crate) const KEYS: [&str; 12] = [
    "note", "base", "set", "unset", "as_of", "site", "want", "reason", "cautions", "conflict",
    "doubt", "next",
];
pub(crate) const VERDICTS: [&str; 4] = ["pass", "fail", "unknown", "not_applicable"];
pub(crate) const ELIGIBILITIES: [&str; 3] = ["eligible", "ineligible", "undetermined"];

/// The cases of a trial file.
#[derive(Debug)]
pub struct Suite {
    source: Arc<Source>,
    cases: Vec<Case>,
    /// What no case can show, and why.
    pub exemptions: Exemptions,
}

#[derive(Debug)]
struct Case {
    note: String,
    span: Range<usize>,
    record: Node,
    as_of: Option<Date>,
    policy: Policy,
    wants: Vec<Want>,
}

/// One thing that a case wants, and where it says so.
#[derive(Debug)]
struct Want {
    span: Range<usize>,
    what: Wanted,
}

#[derive(Debug)]
enum Wanted {
    /// This verdict of a criterion.
    Verdict(String, String),
    /// This eligibility.
    Eligibility(String),
    /// These words in the reason of a criterion.
    Reason(String, String),
    /// These cautions of a criterion, or of the trial.
    Cautions(String, Remarks),
    /// These conflicts of a criterion.
    Conflicts(String, Remarks),
    /// These doubts of a criterion, by their ids or words.
    Doubts(String, Remarks),
    /// No caution anywhere, or no conflict, or no doubt.
    Silence(&'static str),
    /// These facts first among those to obtain.
    Next(Vec<String>),
    /// The record refused, with these words.
    Refused(String),
}

/// What is wanted of cautions, or of conflicts.
#[derive(Debug)]
enum Remarks {
    /// One with these words, whatever else is raised.
    With(String),
    /// One with each of these words, and no other.
    Only(Vec<String>),
}

impl Remarks {
    /// What is wrong with those that are raised.
    fn missed(&self, raised: &[Cow<'_, str>], what: &str, id: &str) -> Option<String> {
        let says = |words: &String| raised.iter().any(|said| said.contains(words.as_str()));
        let wanted = match self {
            Self::With(words) => std::slice::from_ref(words),
            Self::Only(all) => all,
        };
        if let Some(words) = wanted.iter().find(|words| !says(words)) {
            return Some(format!("no {what} of {id} says “{words}”"));
        }
        let Self::Only(all) = self else { return None };
        let other = raised
            .iter()
            .find(|said| !all.iter().any(|words| said.contains(words.as_str())))?;
        Some(format!("{id} has a {what} that is not wanted: “{other}”"))
    }
}

/// What came of running cases.
#[derive(Debug, Default)]
pub struct Results {
    /// How many cases there are.
    pub cases: usize,
    /// How many got everything that they want.
    pub passed: usize,
    /// What the others did not get.
    pub failures: Vec<Diagnostic>,
}

/// Reads the cases of a trial file.
///
/// # Errors
/// Every error of the file, in the order of the text.
pub fn read(source: &Arc<Source>, trial: &Trial) -> Result<Suite, Vec<Diagnostic>> {
    let document = document::read(source, Notation::Yaml)
        .map_err(|error| vec![catalogue::complete(*error, "not-yaml")])?;
    let mut reader = Reader::new(source);
    let cases = suite(&mut reader, &document, trial);
    let exemptions = exemptions::read(&mut reader, &document, trial);
    match cases {
        Some(cases) if !reader.failed() => Ok(Suite {
            source: Arc::clone(source),
            cases,
            exemptions,
        }),
        _ => Err(reader
            .into_problems()
            .into_iter()
            .map(|problem| catalogue::complete(problem, "invalid-cases"))
            .collect()),
    }
}

fn suite(reader: &mut Reader<'_>, document: &Node, trial: &Trial) -> Option<Vec<Case>> {
    reader.must_be(document, "a file of cases", FORMAT)?;
    let fields = reader.fields(
        document,
        "a file of cases",
        &["format", "base", "cases", "equivalent", "unreachable"],
    )?;
    let bases = reader
        .required(fields, "base", "a file of cases")
        .and_then(|node| reader.entries(node, "`base`"))
        .unwrap_or_default();
    if bases.is_empty() {
        reader.error(
            &fields.span(),
            "a file of cases needs at least one base record",
            None,
        );
        return None;
    }
    let list = reader.required(fields, "cases", "a file of cases")?;
    let mut cases = Vec::new();
    let mut notes: HashMap<String, Range<usize>> = HashMap::new();
    let all = trial.all_criteria();
    let ids: HashSet<&str> = all.iter().map(|criterion| criterion.id.as_str()).collect();
    for node in reader.list(list, "`cases`") {
        if reader.full() {
            break;
        }
        let Some(case) = case(reader, node, bases, trial, &ids) else {
            continue;
        };
        if notes.insert(case.note.clone(), case.span.clone()).is_some() {
            reader.error(
                &case.span,
                format!("two cases have the note `{}`", case.note),
                Some("say what sets this one apart".into()),
            );
        }
        cases.push(case);
    }
    Some(cases)
}

fn case(
    reader: &mut Reader<'_>,
    node: &Node,
    bases: &[(Key, Node)],
    trial: &Trial,
    ids: &HashSet<&str>,
) -> Option<Case> {
    let keys: Vec<&str> = KEYS.into_iter().chain(["error"]).collect();
    let fields = reader.fields(node, "a case", &keys)?;
    let note_node = reader.required(fields, "note", "a case")?;
    let note = reader.text(note_node, "`note`")?;
    let mut record = match fields.get("base") {
        None => bases.first().map(|(_, node)| node.clone())?,
        Some(node) => {
            let name = reader.text(node, "`base`")?;
            let Some((_, base)) = bases.iter().find(|(key, _)| key.name == name) else {
                reader.error(
                    &node.span,
                    format!("there is no base record `{name}`"),
                    did_you_mean(&name, bases.iter().map(|(key, _)| key.name.as_str())),
                );
                return None;
            };
            base.clone()
        }
    };
    if let Some(node) = fields.get("unset") {
        for node in reader.list(node, "`unset`") {
            let path = reader.text(node, "a fact")?;
            if !remove(&mut record, &path) {
                reader.error(&node.span, format!("the base record has no `{path}`"), None);
            }
        }
    }
    if let Some(node) = fields.get("set") {
        for (key, value) in reader.entries(node, "`set`").unwrap_or_default() {
            set(&mut record, key, &key.name, value);
        }
    }
    let as_of = fields.get("as_of").and_then(|node| {
        let text = reader.text(node, "`as_of`")?;
        let parsed = date::parse(&text).ok().and_then(|bounds| bounds.value());
        if parsed.is_none() {
            reader.error(&node.span, format!("`{text}` is not a whole date"), None);
        }
        parsed
    });
    let policy = fields
        .get("site")
        .and_then(|node| policy::policy(reader, node, trial, false))
        .unwrap_or_default();
    let wants = wants(reader, fields, ids);
    if wants.is_empty() {
        reader.error(
            &node.span,
            format!("case `{note}` wants nothing"),
            Some("write `want: { I1: pass }`, or `error` with the words of the message".into()),
        );
    }
    Some(Case {
        note,
        span: note_node.span.clone(),
        record,
        as_of,
        policy,
        wants,
    })
}

fn wants(
    reader: &mut Reader<'_>,
    fields: crate::shape::Fields<'_>,
    ids: &HashSet<&str>,
) -> Vec<Want> {
    let mut wants = Vec::new();
    for (key, node) in fields
        .get("want")
        .and_then(|node| reader.entries(node, "`want`"))
        .unwrap_or_default()
    {
        let Some(word) = reader.text(node, "a verdict") else {
            continue;
        };
        let allowed: &[&str] = if key.name == "eligibility" {
            &ELIGIBILITIES
        } else {
            &VERDICTS
        };
        if !allowed.contains(&word.as_str()) {
            reader.error(
                &node.span,
                format!("`{word}` is not a verdict"),
                did_you_mean(&word, allowed.iter().copied()),
            );
        }
        let what = if key.name == "eligibility" {
            Wanted::Eligibility(word)
        } else {
            Wanted::Verdict(key.name.clone(), word)
        };
        known_id(reader, key, ids, &["eligibility"]);
        wants.push(Want {
            span: node.span.clone(),
            what,
        });
    }
    for (key, node) in fields
        .get("reason")
        .and_then(|node| reader.entries(node, "`reason`"))
        .unwrap_or_default()
    {
        known_id(reader, key, ids, &[]);
        let texts: Vec<&Node> = match &node.content {
            Content::Sequence(items) => items.iter().collect(),
            _ => vec![node],
        };
        for node in texts {
            wants.extend(reader.text(node, "words").map(|words| Want {
                span: node.span.clone(),
                what: Wanted::Reason(key.name.clone(), words),
            }));
        }
    }
    for name in ["cautions", "conflict", "doubt"] {
        let Some(node) = fields.get(name) else {
            continue;
        };
        if matches!(&node.content, Content::Sequence(items) if items.is_empty()) {
            wants.push(Want {
                span: node.span.clone(),
                what: Wanted::Silence(name),
            });
            continue;
        }
        let of_cautions = name == "cautions";
        let also: &[&str] = if of_cautions { &["trial"] } else { &[] };
        let wanted = match name {
            "cautions" => Wanted::Cautions,
            "conflict" => Wanted::Conflicts,
            _ => Wanted::Doubts,
        };
        for (key, node) in reader
            .entries(node, &format!("`{name}`"))
            .unwrap_or_default()
        {
            known_id(reader, key, ids, also);
            let remarks = match &node.content {
                Content::Sequence(items) => Some(Remarks::Only(
                    items
                        .iter()
                        .filter_map(|node| reader.text(node, "words"))
                        .collect(),
                )),
                _ => reader.text(node, "words").map(Remarks::With),
            };
            wants.extend(remarks.map(|remarks| Want {
                span: node.span.clone(),
                what: wanted(key.name.clone(), remarks),
            }));
        }
    }
    if let Some(node) = fields.get("next") {
        let facts: Vec<String> = reader
            .list(node, "`next`")
            .iter()
            .filter_map(|node| reader.text(node, "a fact"))
            .collect();
        wants.push(Want {
            span: node.span.clone(),
            what: Wanted::Next(facts),
        });
    }
    if let Some(node) = fields.get("error") {
        if !wants.is_empty() {
            reader.error(
                &node.span,
                "a record that is refused has no verdicts",
                Some("keep `error` or the rest".into()),
            );
        }
        wants.extend(reader.text(node, "`error`").map(|words| Want {
            span: node.span.clone(),
            what: Wanted::Refused(words),
        }));
    }
    wants
}

fn known_id(reader: &mut Reader<'_>, key: &Key, ids: &HashSet<&str>, also: &[&str]) {
    if !ids.contains(key.name.as_str()) && !also.contains(&key.name.as_str()) {
        reader.error(
            &key.span,
            format!("there is no criterion `{}`", key.name),
            did_you_mean(&key.name, sorted(ids)),
        );
    }
}

fn sorted<'a>(ids: &HashSet<&'a str>) -> Vec<&'a str> {
    let mut ids: Vec<&str> = ids.iter().copied().collect();
    ids.sort_unstable();
    ids
}

/// Puts `value` at a dotted path, in place of whatever was there.
fn set(record: &mut Node, key: &Key, path: &str, value: &Node) {
    let (first, rest) = path
        .split_once('.')
        .map_or((path, None), |(first, rest)| (first, Some(rest)));
    if !matches!(record.content, Content::Mapping(_)) {
        record.content = Content::Mapping(Vec::new());
    }
    let Content::Mapping(entries) = &mut record.content else {
        return;
    };
    entries.retain(|(key, _)| key.name != path || rest.is_none());
    let position = entries
        .iter()
        .position(|(key, _)| key.name == first)
        .unwrap_or_else(|| {
            let empty = Node {
                span: key.span.clone(),
                content: Content::Mapping(Vec::new()),
            };
            entries.push((
                Key {
                    name: first.to_owned(),
                    span: key.span.clone(),
                },
                empty,
            ));
            entries.len() - 1
        });
    let Some((found, node)) = entries.get_mut(position) else {
        return;
    };
    match rest {
        Some(rest) => set(node, key, rest, value),
        None => {
            found.span = key.span.clone();
            *node = value.clone();
        }
    }
}

/// Removes what stands at a dotted path; false if nothing did.
fn remove(record: &mut Node, path: &str) -> bool {
    let Content::Mapping(entries) = &mut record.content else {
        return false;
    };
    let before = entries.len();
    entries.retain(|(key, _)| key.name != path);
    if entries.len() < before {
        return true;
    }
    match path.split_once('.') {
        Some((first, rest)) => entries
            .iter_mut()
            .filter(|(key, _)| key.name == first)
            .any(|(_, node)| remove(node, rest)),
        None => false,
    }
}

impl Suite {
    /// The file of cases.
    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// Runs every case. `today` is the screening date of a record that names none.
    #[must_use]
    pub fn run(&self, trial: &Trial, today: Date) -> Results {
        let mut results = Results {
            cases: self.cases.len(),
            ..Results::default()
        };
        for case in &self.cases {
            let failures = self.failures(case, trial, today);
            results.passed += usize::from(failures.is_empty());
            results.failures.extend(failures);
        }
        results
    }

    fn failures(&self, case: &Case, trial: &Trial, today: Date) -> Vec<Diagnostic> {
        let failed = |span: &Range<usize>, message: String| {
            Diagnostic::error(format!("case “{}”: {message}", case.note))
                .code("failed-case")
                .at(&self.source, span.clone())
        };
        let refusal = case.wants.iter().find_map(|want| match &want.what {
            Wanted::Refused(words) => Some((words, &want.span)),
            _ => None,
        });
        let record = match (
            record::read(
                &self.source,
                &case.record,
                &trial.id,
                &trial.facts,
                Dates {
                    as_of: case.as_of,
                    today,
                },
            ),
            refusal,
        ) {
            (Ok(_), Some((words, span))) => {
                return vec![failed(
                    span,
                    format!("the record is accepted, wanted an error with “{words}”"),
                )];
            }
            (Err(problems), Some((words, span))) => {
                let said = |problem: &Diagnostic| {
                    problem.message.contains(words.as_str())
                        || problem
                            .help
                            .iter()
                            .any(|help| help.contains(words.as_str()))
                };
                if problems.iter().any(said) {
                    return Vec::new();
                }
                let found: Vec<String> = problems
                    .iter()
                    .map(|problem| problem.message.clone())
                    .collect();
                return vec![
                    failed(span, format!("the error does not say “{words}”"))
                        .help(format!("it says: {}", found.join("; "))),
                ];
            }
            (Err(problems), None) => {
                return problems
                    .into_iter()
                    .map(|problem| Diagnostic {
                        message: format!("case “{}”: {}", case.note, problem.message),
                        code: Some("invalid-case-record"),
                        ..problem
                    })
                    .collect();
            }
            (Ok(record), None) => record,
        };
        let screening = screen(trial, &record, &case.policy);
        case.wants
            .iter()
            .filter_map(|want| {
                missed(&want.what, &screening)
                    .map(|(message, help)| failed(&want.span, message).help_if(help))
            })
            .collect()
    }
}

/// What a case did not get, and what it got instead.
fn missed(wanted: &Wanted, screening: &Screening<'_>) -> Option<(String, Option<String>)> {
    let sentences = Sentences::new(screening);
    match wanted {
        Wanted::Refused(_) => None,
        Wanted::Eligibility(wanted) => {
            let found = screening.eligibility.name();
            (found != wanted).then(|| {
                let open = screening
                    .outcomes
                    .iter()
                    .filter(|outcome| !matches!(outcome.verdict.name(), "pass" | "not_applicable"));
                let each: Vec<String> = open
                    .map(|outcome| {
                        format!(
                            "{} {}: {}",
                            outcome.criterion.id,
                            outcome.verdict.name(),
                            sentences.reason(outcome)
                        )
                    })
                    .collect();
                (
                    format!("the candidate is {found}, wanted {wanted}"),
                    (!each.is_empty()).then(|| each.join("\n")),
                )
            })
        }
        Wanted::Verdict(id, wanted) => {
            let outcome = find(screening, id)?;
            let found = outcome.verdict.name();
            (found != wanted).then(|| {
                (
                    format!("{id} is {found}, wanted {wanted}"),
                    Some(sentences.reason(outcome)),
                )
            })
        }
        Wanted::Reason(id, words) => {
            let reason = sentences.reason(find(screening, id)?);
            (!reason.contains(words.as_str())).then(|| {
                (
                    format!("the reason of {id} does not say “{words}”"),
                    Some(reason),
                )
            })
        }
        Wanted::Cautions(id, wanted) => {
            let raised = if id == "trial" {
                &screening.cautions
            } else {
                &find(screening, id)?.cautions
            };
            missed_remarks(wanted, &said(raised), "caution", id)
        }
        Wanted::Conflicts(id, wanted) => missed_remarks(
            wanted,
            &said(&find(screening, id)?.conflicts),
            "conflict",
            id,
        ),
        Wanted::Doubts(id, wanted) => {
            missed_remarks(wanted, &named(find(screening, id)?), "doubt", id)
        }
        Wanted::Silence(what) => {
            let mut found: Vec<String> = Vec::new();
            if *what == "cautions" {
                found.extend(
                    said(&screening.cautions)
                        .iter()
                        .map(|say| format!("trial: {say}")),
                );
            }
            for outcome in &screening.outcomes {
                outcome.walk(&mut |outcome| {
                    let raised = raised(outcome, what);
                    found.extend(
                        raised
                            .iter()
                            .map(|say| format!("{}: {say}", outcome.criterion.id)),
                    );
                });
            }
            let what = what.trim_end_matches('s');
            (!found.is_empty()).then(|| {
                (
                    format!("no {what} is wanted, and there are {}", found.len()),
                    Some(found.join("\n")),
                )
            })
        }
        Wanted::Next(wanted) => {
            let found: Vec<&str> = screening
                .next
                .iter()
                .map(|next| screening.trial.facts.get(next.fact).path.as_str())
                .collect();
            let begins = found.len() >= wanted.len()
                && found
                    .iter()
                    .zip(wanted)
                    .all(|(found, wanted)| found == wanted);
            (!begins).then(|| {
                (
                    format!("what to obtain does not begin with {}", wanted.join(", ")),
                    Some(format!("it is: {}", found.join(", "))),
                )
            })
        }
    }
}

/// What remarks say.
fn said<'a>(remarks: &'a [Raised<'_>]) -> Vec<Cow<'a, str>> {
    remarks.iter().map(Raised::said).collect()
}

/// What doubts say that no site settled, behind their ids.
fn named<'a>(outcome: &'a Outcome<'_>) -> Vec<Cow<'a, str>> {
    let open = outcome
        .doubts
        .iter()
        .filter(|raised| raised.settled.is_none());
    open.map(|raised| Cow::Owned(format!("{}: {}", raised.doubt.id, raised.said())))
        .collect()
}

/// What is said of a criterion under a key of a case.
fn raised<'a>(outcome: &'a Outcome<'_>, key: &str) -> Vec<Cow<'a, str>> {
    match key {
        "cautions" => said(&outcome.cautions),
        "conflict" => said(&outcome.conflicts),
        _ => named(outcome),
    }
}

fn missed_remarks(
    wanted: &Remarks,
    said: &[Cow<'_, str>],
    what: &str,
    id: &str,
) -> Option<(String, Option<String>)> {
    let help = if said.is_empty() {
        "none is raised".to_owned()
    } else {
        format!("raised: {}", said.join("; "))
    };
    wanted
        .missed(said, what, id)
        .map(|message| (message, Some(help)))
}

fn find<'s, 'a>(screening: &'s Screening<'a>, id: &str) -> Option<&'s Outcome<'a>> {
    let mut found = None;
    for outcome in &screening.outcomes {
        outcome.walk(&mut |outcome| {
            if outcome.criterion.id == id {
                found = Some(outcome);
            }
        });
    }
    found
}
