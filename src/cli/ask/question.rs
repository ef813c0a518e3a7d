//! A question in words, and why it is asked.

use eligo::facts::answers::answers;
use eligo::facts::{Fact, ItemKind, Kind};
use eligo::interview::Asked;

use super::Session;

/// The question for a fact, with the answers that are offered.
pub fn write(session: &Session<'_, '_>, asked: Asked) -> anyhow::Result<()> {
    let fact = session.trial.facts.get(asked.fact());
    match asked {
        Asked::Value(_) => {
            session
                .lines
                .line(fact.ask.as_deref().unwrap_or(&fact.label))?;
            if let Some(recorded) = session.interview.recorded(asked.fact()) {
                let line = recorded.line(eligo::document::Notation::Yaml);
                session.lines.hung("  recorded: ", &line)?;
            }
            offers(session, fact)
        }
        Asked::Beside(_, key) => {
            let what = match key {
                "date" => "the date (YYYY-MM-DD, or today)",
                "by" => "who says so",
                "uln" => "the upper limit of normal that came with it",
                _ => "the lower limit of normal that came with it",
            };
            session.lines.line(&format!("{}: {what}", fact.label))
        }
    }
}

/// The question for a field of an item.
pub fn write_field(session: &Session<'_, '_>, item: usize, field: &Fact) -> anyhow::Result<()> {
    let question = field.ask.as_deref().unwrap_or(&field.label);
    session.lines.line(&format!("Item {item}: {question}"))?;
    offers(session, field)
}

fn offers(session: &Session<'_, '_>, fact: &Fact) -> anyhow::Result<()> {
    let choices = match &fact.kind {
        Kind::Code(set) => Some(set),
        Kind::List(item) => match &**item {
            ItemKind::Single(Fact {
                kind: Kind::Code(set),
                ..
            }) => Some(set),
            ItemKind::Single(_) => None,
            ItemKind::Fields(_) => {
                return session
                    .lines
                    .line("  add, for each; or none, for none known");
            }
        },
        _ => None,
    };
    let Some(set) = choices else {
        for line in answers(fact) {
            session.lines.line(&format!("  {line}"))?;
        }
        return Ok(());
    };
    for (index, value) in set.values.iter().enumerate() {
        session
            .lines
            .hung(&format!("  {:>2}  ", index + 1), &value.label)?;
    }
    match fact.kind {
        Kind::List(_) => session
            .lines
            .line("  several are separated by commas; none, for none known"),
        _ => Ok(()),
    }
}

/// What is asked, why, and in which words of the protocol.
pub fn explain(session: &Session<'_, '_>, asked: Asked) -> anyhow::Result<()> {
    let fact = session.trial.facts.get(asked.fact());
    let lines = &session.lines;
    lines.hung("  ", &format!("{} ({})", fact.label, fact.path))?;
    for (what, text) in [("Obtained", &fact.obtain), ("Note", &fact.note)] {
        if let Some(text) = text {
            lines.hung("  ", &format!("{what}: {text}"))?;
        }
    }
    if let Kind::Code(set) = &fact.kind {
        for value in set.values.iter().filter(|value| value.note.is_some()) {
            let note = value.note.as_deref().unwrap_or_default();
            lines.hung("  ", &format!("{}: {note}", value.label))?;
        }
    }
    for criterion in session.interview.criteria_of(asked.fact()) {
        let text = criterion.text.as_deref().unwrap_or(&criterion.title);
        lines.hung(
            "  ",
            &format!(
                "{} {}, in the protocol's words:",
                criterion.id, criterion.title
            ),
        )?;
        lines.hung("    ", &format!("“{text}”"))?;
    }
    if fact.supporting {
        lines.hung(
            "  ",
            "No verdict needs it; it can raise a caution or show a contradiction.",
        )?;
    }
    Ok(())
}
