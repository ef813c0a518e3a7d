//! A blank record, made from the declared facts: every question with its values and unit, and the criteria that ask.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

use crate::diagnostic::visible;
use crate::facts::answers::answers;
use crate::facts::{Fact, FactId};
use crate::schema;
use crate::trial::Trial;
use crate::trial::compile::sha256;

/// A blank record in YAML, with comments. An empty value means "not recorded", so it is a valid record as it stands.
#[must_use]
pub fn yaml(trial: &Trial) -> String {
    let mut out = editor_lines(trial);
    let _ = write!(
        out,
        "# A record for {id}, as `eligo screen` reads it.\n\
         # Fill in what is known; leave the rest empty or delete it.\n\
         #   unknown              it was asked, and nobody knows\n\
         #   {{ missing: not_performed }}   with a cause: not_performed, temp_unknown, asked_declined, …\n\
         #   {{ value: 1, date: 2026-11-18, by: investigator-1, source: chart }}   with its evidence\n\
         #   \">= 3 months\", 1..2   known only within bounds       2026-11   a date known only to the month\n\
         #   []                   a list: asked, none known\n\
         \ncandidate:      # a pseudonym, never a name\nscreened_on:    # YYYY-MM-DD\n",
        id = visible(&trial.id)
    );
    let asked = trial.asked_by();
    let mut group = String::new();
    for (id, fact) in trial.facts.iter().filter(|(_, fact)| !fact.supporting) {
        let (parent, name) = fact.path.rsplit_once('.').unwrap_or(("", &fact.path));
        if parent != group {
            open_groups(&mut out, trial, &group, parent);
            parent.clone_into(&mut group);
        }
        let indent = "  ".repeat(parent.split('.').filter(|part| !part.is_empty()).count());
        out.push('\n');
        let lead = format!("{indent}# ");
        describe(&mut out, fact, &criteria_of(&asked, id), &lead);
        let beside = trial.asked_beside(id);
        if !beside.is_empty() {
            let names: Vec<&str> = beside.iter().map(|attribute| attribute.name()).collect();
            let keys: Vec<String> = beside
                .iter()
                .map(|attribute| format!(", {}: …", attribute.key()))
                .collect();
            comment(
                &mut out,
                &lead,
                "  ",
                &format!(
                    "with its {}: {{ value: …{} }}",
                    names.join(" and "),
                    keys.concat()
                ),
            );
        }
        let _ = writeln!(out, "{indent}{name}:");
    }
    let supporting = || trial.facts.iter().filter(|(_, fact)| fact.supporting);
    if supporting().next().is_some() {
        out.push_str(
            "\n# Supporting facts. They do not decide by themselves, but can raise a doubt, a contradiction or a caution.\n# Remove the `#` before a name to use it.\n",
        );
    }
    for (id, fact) in supporting() {
        out.push('\n');
        describe(&mut out, fact, &criteria_of(&asked, id), "# ");
        let _ = writeln!(out, "#{}:", fact.path);
    }
    out
}

/// The line by which an editor finds the schema, and how to make that.
fn editor_lines(trial: &Trial) -> String {
    let name = schema::record_file_name(trial);
    let of = if trial.sha256 == sha256(crate::EMBEDDED_TRIAL) {
        ""
    } else {
        " --trial FILE"
    };
    format!(
        "# yaml-language-server: $schema={name}\n\
         # With this file beside the record an editor completes and checks it:\n\
         #   eligo schema record{of} > {name}\n#\n"
    )
}

/// A blank record in JSON; `null` means "not recorded".
#[must_use]
pub fn json(trial: &Trial) -> String {
    let mut root = Map::new();
    root.insert("candidate".into(), Json::Null);
    root.insert("screened_on".into(), Json::Null);
    for (_, fact) in trial.facts.iter() {
        let mut map = &mut root;
        let mut parts = fact.path.split('.').peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                map.insert(part.into(), Json::Null);
                break;
            }
            match map.entry(part).or_insert_with(|| Json::Object(Map::new())) {
                Json::Object(inner) => map = inner,
                _ => break,
            }
        }
    }
    format!("{:#}\n", Json::Object(root))
}

/// The header of a CSV list: a column for each fact, and for what the rules ask beside it.
#[must_use]
pub fn csv(trial: &Trial) -> String {
    let mut names = vec!["candidate".to_owned(), "screened_on".to_owned()];
    for (id, fact) in trial.facts.iter() {
        names.push(fact.path.clone());
        names.extend(
            trial
                .asked_beside(id)
                .into_iter()
                .map(|attribute| format!("{}.{}", fact.path, attribute.key())),
        );
    }
    names.join(",") + "\n"
}

fn criteria_of(asked: &[(FactId, &str)], id: FactId) -> String {
    asked
        .iter()
        .filter(|(fact, _)| *fact == id)
        .map(|(_, criterion)| *criterion)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Opens the groups of `path` that are not open yet.
fn open_groups(out: &mut String, trial: &Trial, open: &str, path: &str) {
    let parts: Vec<&str> = path.split('.').filter(|part| !part.is_empty()).collect();
    for depth in 1..=parts.len() {
        let prefix = parts
            .get(..depth)
            .map(|parts| parts.join("."))
            .unwrap_or_default();
        let is_open = open == prefix || open.starts_with(&format!("{prefix}."));
        if !is_open {
            let indent = "  ".repeat(depth - 1);
            let label = trial
                .facts
                .groups
                .get(&prefix)
                .cloned()
                .flatten()
                .map_or(String::new(), |label| format!("    # {}", visible(&label)));
            let _ = writeln!(
                out,
                "\n{indent}{}:{label}",
                parts.get(depth - 1).unwrap_or(&"")
            );
        }
    }
}

fn describe(out: &mut String, fact: &Fact, criteria: &str, lead: &str) {
    let question = fact.ask.as_deref().unwrap_or(&fact.label);
    let used = if criteria.is_empty() {
        String::new()
    } else {
        format!("  [{criteria}]")
    };
    comment(out, lead, "", &format!("{question}{used}"));
    if fact.judgement {
        comment(
            out,
            lead,
            "  ",
            "the investigator's judgement: { value: …, date: …, by: … }",
        );
    }
    for line in answers(fact) {
        // The columns of a list of values stay as they are.
        let _ = writeln!(out, "{lead}  {}", visible(&line));
    }
    if let Some(note) = &fact.note {
        comment(out, lead, "  ", &format!("note: {note}"));
    }
}

/// Text from the trial file as comment lines of a readable length.
fn comment(out: &mut String, lead: &str, indent: &str, text: &str) {
    const WIDTH: usize = 100;
    let mut line = String::new();
    for word in visible(text).split_whitespace() {
        if !line.is_empty()
            && lead.len() + indent.len() + line.chars().count() + word.chars().count() >= WIDTH
        {
            let _ = writeln!(out, "{lead}{indent}{line}");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let _ = writeln!(out, "{lead}{indent}{line}");
}
