//! Reads a file of cases.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::{Case, ELIGIBILITIES, FORMAT, KEYS, RemarkKind, Remarks, VERDICTS, Want, Wanted};
use crate::diagnostic::did_you_mean;
use crate::document::{Content, Key, Node};
use crate::shape::{Fields, NodeReader};
use crate::trial::{Trial, policy};
use crate::value::date;

/// The cases of a file; none if it is no file of cases.
pub(super) fn suite(
    reader: &mut NodeReader<'_>,
    document: &Node,
    trial: &Trial,
) -> Option<Vec<Case>> {
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
    reader: &mut NodeReader<'_>,
    node: &Node,
    bases: &[(Key, Node)],
    trial: &Trial,
    ids: &HashSet<&str>,
) -> Option<Case> {
    let keys: Vec<&str> = KEYS.into_iter().chain(["error"]).collect();
    let fields = reader.fields(node, "a case", &keys)?;
    let note_node = reader.required(fields, "note", "a case")?;
    let note = reader.text(note_node, "`note`")?;
    let record = record(reader, fields, bases)?;
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

/// The base record of a case, with what it sets and without what it removes.
fn record(reader: &mut NodeReader<'_>, fields: Fields<'_>, bases: &[(Key, Node)]) -> Option<Node> {
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
    for (key, value) in entries(reader, fields, "set") {
        set(&mut record, key, &key.name, value);
    }
    Some(record)
}

/// The entries of a map under a key; none where the key is not there.
fn entries<'n>(reader: &mut NodeReader<'_>, fields: Fields<'n>, key: &str) -> &'n [(Key, Node)] {
    let node = fields.get(key);
    let entries = node.and_then(|node| reader.entries(node, &format!("`{key}`")));
    entries.unwrap_or(&[])
}

fn wants(reader: &mut NodeReader<'_>, fields: Fields<'_>, ids: &HashSet<&str>) -> Vec<Want> {
    let mut wants = Vec::new();
    let mut want = |node: &Node, what: Wanted| {
        wants.push(Want {
            span: node.span.clone(),
            what,
        });
    };
    for (key, node) in entries(reader, fields, "want") {
        if let Some(what) = verdict(reader, key, node, ids) {
            want(node, what);
        }
    }
    for (key, node) in entries(reader, fields, "reason") {
        known_id(reader, key, ids, &[]);
        for node in several(node).unwrap_or(std::slice::from_ref(node)) {
            if let Some(words) = reader.text(node, "words") {
                want(node, Wanted::Reason(key.name.clone(), words));
            }
        }
    }
    for (kind, name) in RemarkKind::ALL {
        match fields.get(name) {
            Some(node) if several(node).is_some_and(<[Node]>::is_empty) => {
                want(node, Wanted::Silence(kind));
            }
            _ => {
                for (key, node) in entries(reader, fields, name) {
                    if let Some(what) = remarks(reader, kind, key, node, ids) {
                        want(node, what);
                    }
                }
            }
        }
    }
    if let Some(node) = fields.get("next") {
        let facts = reader.list(node, "`next`").iter();
        let facts = facts.filter_map(|node| reader.text(node, "a fact"));
        want(node, Wanted::Next(facts.collect()));
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

/// The verdict of a criterion, or the eligibility.
fn verdict(
    reader: &mut NodeReader<'_>,
    key: &Key,
    node: &Node,
    ids: &HashSet<&str>,
) -> Option<Wanted> {
    let word = reader.text(node, "a verdict")?;
    let is_eligibility = key.name == "eligibility";
    let allowed: &[&str] = if is_eligibility {
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
    known_id(reader, key, ids, &["eligibility"]);
    Some(if is_eligibility {
        Wanted::Eligibility(word)
    } else {
        Wanted::Verdict(key.name.clone(), word)
    })
}

/// What is wanted of the remarks of a criterion.
fn remarks(
    reader: &mut NodeReader<'_>,
    kind: RemarkKind,
    key: &Key,
    node: &Node,
    ids: &HashSet<&str>,
) -> Option<Wanted> {
    let also: &[&str] = match kind {
        RemarkKind::Caution => &["trial"],
        RemarkKind::Conflict | RemarkKind::Doubt => &[],
    };
    known_id(reader, key, ids, also);
    let mut text = |node| reader.text(node, "words");
    let remarks = match several(node) {
        Some(nodes) => Remarks::Only(nodes.iter().filter_map(text).collect()),
        None => Remarks::With(text(node)?),
    };
    Some(Wanted::Remarks(kind, key.name.clone(), remarks))
}

/// The items of a list.
fn several(node: &Node) -> Option<&[Node]> {
    match &node.content {
        Content::Sequence(items) => Some(items),
        _ => None,
    }
}

fn known_id(reader: &mut NodeReader<'_>, key: &Key, ids: &HashSet<&str>, also: &[&str]) {
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
