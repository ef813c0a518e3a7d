//! A blank record, made from the declared facts: every question with its values and unit, and the criteria that ask.

use std::fmt::Write as _;

use jiff::civil::Date;
use serde_json::{Map, Value as Json};
use textwrap::core::display_width as width;

use crate::diagnostic::visible;
use crate::entry::Entry;
use crate::facts::answers::answers;
use crate::facts::{Fact, FactId, ItemKind, Kind, Stage, ValueSet};
use crate::record::Record;
use crate::schema;
use crate::screening;
use crate::trial::compile::sha256;
use crate::trial::{Policy, Trial};

/// The width of a comment, and of a line of the short template.
const WIDTH: usize = 100;

/// A blank record in YAML, with comments. An empty value means "not recorded", so it is a valid record as it stands.
///
/// Facts stand stage by stage of a work-up, of one stage first what decides most. Each has its whole path as its key, since a
/// group may have facts of several stages.
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
    for (heading, facts) in by_stage(trial, &first_asked(trial)) {
        if let Some(heading) = heading {
            let _ = write!(out, "\n\n# {}\n", underlined(heading));
        }
        for id in facts {
            let fact = trial.facts.get(id);
            out.push('\n');
            describe(&mut out, fact, &criteria_of(&asked, id), "# ");
            if let Some(beside) = beside(trial, id) {
                comment(&mut out, "# ", "  ", &beside);
            }
            let _ = writeln!(out, "{}:", fact.path);
        }
    }
    let supporting = || trial.facts.iter().filter(|(_, fact)| fact.supporting);
    if supporting().next().is_some() {
        let _ = write!(
            out,
            "\n\n# {}\n# They do not decide by themselves, but can raise a doubt, a contradiction or a caution.\n\
             # Remove the `#` before a name to use it.\n",
            underlined("Supporting facts")
        );
    }
    for (id, fact) in supporting() {
        out.push('\n');
        describe(&mut out, fact, &criteria_of(&asked, id), "# ");
        let _ = writeln!(out, "#{}:", fact.path);
    }
    out
}

/// A blank record in YAML of what decides first, a line for each fact: what a record that says nothing is asked for.
#[must_use]
pub fn brief(trial: &Trial) -> String {
    let first = first_asked(trial);
    let facts = || first.iter().map(|id| trial.facts.get(*id));
    let keys = facts().map(|fact| fact.path.len() + 1);
    let column = keys.chain(["screened_on:".len()]).max().unwrap_or(0) + 3;
    let mut out = format!(
        "# {}: what decides first. `eligo template` has every question with its answers and notes.\n\
         {:column$}# a pseudonym, never a name\n{:column$}# YYYY-MM-DD\n",
        visible(&trial.id),
        "candidate:",
        "screened_on:",
    );
    for (heading, facts) in by_stage(trial, &first) {
        let mut heading = heading.map(|heading| format!("# {heading}\n"));
        for fact in facts
            .into_iter()
            .filter(|id| first.contains(id))
            .map(|id| trial.facts.get(id))
        {
            out.push_str(&heading.take().unwrap_or_default());
            let line = format!("{:column$}# {}", format!("{}:", fact.path), fact.label);
            let room = WIDTH.saturating_sub(width(&line) + 2);
            let answers = in_room(&fact.kind, room);
            let line = answers.map_or(line.clone(), |answers| format!("{line}: {answers}"));
            let _ = writeln!(out, "{}", visible(&line));
        }
    }
    out
}

/// What may be answered, in so many columns; none if nothing sensible can be said in them.
fn in_room(kind: &Kind, room: usize) -> Option<String> {
    let code = |set: &ValueSet| {
        let mut names = set.names();
        let mut text = names.next()?.to_owned();
        for name in names {
            if width(&text) + width(name) + " | | …".len() > room {
                return Some(text + " | …");
            }
            text = format!("{text} | {name}");
        }
        Some(text)
    };
    let text = match kind {
        Kind::Code(set) => code(set)?,
        Kind::List(item) => match &**item {
            ItemKind::Single(_) => "[ … ], or [] for none".to_owned(),
            ItemKind::Fields(fields) => {
                let names: Vec<&str> = fields.iter().map(Fact::name).collect();
                let items = format!("[{{ {} }}], or [] for none", names.join(", "));
                if width(&items) > room {
                    "[ … ], or [] for none".to_owned()
                } else {
                    items
                }
            }
        },
        Kind::Boolean { .. } => "yes | no".to_owned(),
        Kind::Duration(_) => "3 months, >= 90 days".to_owned(),
        Kind::Quantity(measure) => format!("in {}", measure.unit),
        Kind::Date(_) => "YYYY-MM-DD".to_owned(),
        Kind::Integer(_) | Kind::Decimal(_) => "a number".to_owned(),
        Kind::Text => "a text".to_owned(),
    };
    (width(&text) <= room).then_some(text)
}

/// What a record that says nothing is asked for, in that order.
#[must_use]
pub fn first_asked(trial: &Trial) -> Vec<FactId> {
    // Any day does: what a blank record lacks hangs on none.
    let record = Record {
        candidate: None,
        screened_on: Date::constant(2000, 1, 1),
        is_dated: false,
        note: None,
        entries: vec![Entry::NOT_RECORDED; trial.facts.len()],
    };
    let policy = Policy::default();
    let screening = screening::screen(trial, &record, &policy);
    screening.next.into_iter().map(|next| next.fact).collect()
}

/// The facts that can decide below the headings of their stages, if the trial knows stages; what is asked
/// first comes first, in that order.
#[must_use]
pub fn by_stage(trial: &Trial, first: &[FactId]) -> Vec<(Option<&'static str>, Vec<FactId>)> {
    let facts = trial.facts.iter();
    let decide = facts.filter(|(_, fact)| !fact.supporting).map(|(id, _)| id);
    let mut ordered: Vec<FactId> = decide.collect();
    let place = |id: &FactId| first.iter().position(|other| other == id);
    let stage = |id: FactId| trial.facts.get(id).stage;
    ordered.sort_by_key(|id| {
        let (stage, place) = (stage(*id), place(id));
        (stage.is_none(), stage, place.is_none(), place)
    });
    let is_staged = ordered.iter().any(|id| stage(*id).is_some());
    let heading = |of: &[FactId]| {
        let stage = stage(*of.first()?);
        is_staged.then(|| stage.map_or("Other", Stage::heading))
    };
    let of_stage = ordered.chunk_by(|left, right| stage(*left) == stage(*right));
    of_stage
        .map(|facts| (heading(facts), facts.to_vec()))
        .collect()
}

/// What the rules ask beside a value, and how that is written.
fn beside(trial: &Trial, id: FactId) -> Option<String> {
    let beside = trial.asked_beside(id);
    let names: Vec<&str> = beside.iter().map(|attribute| attribute.name()).collect();
    let keys: String = beside
        .iter()
        .map(|attribute| format!(", {}: …", attribute.key()))
        .collect();
    (!names.is_empty()).then(|| format!("with its {}: {{ value: …{keys} }}", names.join(" and ")))
}

fn underlined(heading: &str) -> String {
    format!(
        "{heading} {}",
        "─".repeat(60_usize.saturating_sub(width(heading)))
    )
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

fn describe(out: &mut String, fact: &Fact, criteria: &str, lead: &str) {
    let question = match &fact.ask {
        Some(question) => format!("{}: {question}", fact.label),
        None => fact.label.clone(),
    };
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
