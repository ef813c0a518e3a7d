//! A question in words, what may be chosen, and why it is asked.

use eligo::diagnostic::visible;
use eligo::document::Notation;
use eligo::facts::answers::answers;
use eligo::facts::{Fact, ItemKind, Kind, ValueSet};
use eligo::interview::Asked;
use eligo::interview::written::Written;

use super::console::{Offer, Offers};
use super::session::Session;

/// What Enter alone comes to.
const LEFT_OPEN: &str = "(left open)";
/// Why a value may be missing, in the words in which it is asked for most.
const CAUSES: [&str; 4] = ["not known", "not done", "pending", "declined"];

/// Writes the question, and what may be answered unless a prompt lists it.
pub fn write(session: &Session<'_>, asked: Asked) -> anyhow::Result<()> {
    let fact = session.trial.facts.get(asked.fact());
    match asked {
        Asked::Value(_) => {
            session.console.line(wording(fact))?;
            match session.interview.recorded(asked.fact()) {
                // The items of a list have numbers, and are shown with them.
                Some(_) if has_fields(fact) => {}
                Some(recorded) => {
                    let line = recorded.line(Notation::Yaml);
                    session.console.hung("  recorded: ", &line)?;
                }
                None => {}
            }
            write_answers(session, fact)
        }
        Asked::Beside(_, key) => {
            let what = match key {
                "date" => "the date (YYYY-MM-DD, or today)",
                "by" => "who says so",
                "uln" => "the upper limit of normal that came with it",
                _ => "the lower limit of normal that came with it",
            };
            session.console.line(&format!("{}: {what}", fact.label))?;
            match session.interview.recorded(asked.fact()) {
                Some(recorded) => session
                    .console
                    .hung("  recorded: ", &recorded.line(Notation::Yaml)),
                None => Ok(()),
            }
        }
    }
}

/// Writes the question for a field of an item, and what is recorded already.
pub fn write_field(
    session: &Session<'_>,
    item: usize,
    field: &Fact,
    recorded: Option<&Written>,
) -> anyhow::Result<()> {
    let question = format!("Item {item}: {}", wording(field));
    session.console.line(&question)?;
    if let Some(recorded) = recorded {
        let line = format!("{} (Enter keeps it)", recorded.line(Notation::Yaml));
        session.console.hung("  recorded: ", &line)?;
    }
    write_answers(session, field)
}

fn wording(fact: &Fact) -> &str {
    fact.ask.as_deref().unwrap_or(&fact.label)
}

/// Whether the items of a list have fields, which are asked for one by one.
fn has_fields(fact: &Fact) -> bool {
    matches!(&fact.kind, Kind::List(item) if matches!(**item, ItemKind::Fields(_)))
}

/// The declared values, of a code or of the items of a list.
fn values(fact: &Fact) -> Option<&ValueSet> {
    match &fact.kind {
        Kind::Code(set) => Some(set),
        Kind::List(item) => match &**item {
            ItemKind::Single(Fact {
                kind: Kind::Code(set),
                ..
            }) => Some(set),
            _ => None,
        },
        _ => None,
    }
}

fn write_answers(session: &Session<'_>, fact: &Fact) -> anyhow::Result<()> {
    let console = &session.console;
    let is_listed = console.prompts();
    if let Some(set) = values(fact) {
        if !is_listed {
            for (index, value) in set.values.iter().enumerate() {
                console.hung(&format!("  {:>2}  ", index + 1), &value.label)?;
            }
        }
        return match fact.kind {
            Kind::List(_) => console.hung(
                "  ",
                "several are separated by commas; none, for none known",
            ),
            _ => Ok(()),
        };
    }
    match &fact.kind {
        Kind::Boolean { .. } if is_listed => Ok(()),
        Kind::List(_) if has_fields(fact) => Ok(()),
        Kind::List(item) => {
            for line in item_answers(item) {
                console.hung("  ", &line)?;
            }
            console.hung(
                "  ",
                "several are separated by commas; none, for none known",
            )
        }
        _ => answers(fact)
            .iter()
            .try_for_each(|line| console.hung("  ", line)),
    }
}

fn item_answers(item: &ItemKind) -> Vec<String> {
    match item {
        ItemKind::Single(single) => answers(single),
        ItemKind::Fields(_) => Vec::new(),
    }
}

/// What may be chosen for a fact or a field.
pub fn offers(fact: &Fact) -> Offers {
    let mut all = match &fact.kind {
        Kind::Boolean { yes, no } => {
            let listed = |word: &str, label: &str| {
                if word == label {
                    word.to_owned()
                } else {
                    format!("{word}  ({})", visible(label))
                }
            };
            vec![
                Offer::new(&listed("yes", yes), "yes"),
                Offer::new(&listed("no", no), "no"),
            ]
        }
        _ => values(fact).map_or_else(Vec::new, numbered),
    };
    let several = matches!(fact.kind, Kind::List(_));
    if several {
        all.push(Offer::new("none known", "none known"));
    }
    all.extend(CAUSES.map(|cause| Offer::new(cause, cause)));
    Offers {
        all,
        several,
        blank: LEFT_OPEN,
    }
}

fn numbered(set: &ValueSet) -> Vec<Offer> {
    let values = set.values.iter().enumerate();
    values
        .map(|(index, value)| {
            let listed = format!("{:>2}  {}", index + 1, visible(&value.label));
            Offer::new(&listed, &value.name)
        })
        .collect()
}

/// What may be chosen for what stands beside a value.
pub fn offers_beside(key: &str, by: Option<&str>) -> Offers {
    let all = match key {
        "date" => vec![Offer::new("today", "today")],
        "by" => by
            .map(|by| Offer::new(&visible(by), by))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    };
    Offers {
        all,
        several: false,
        blank: LEFT_OPEN,
    }
}

/// What may be chosen for a list whose items have fields.
pub fn offers_for_list(items: &[Written]) -> Offers {
    let mut all = vec![Offer::new("add an item", "add")];
    if items.is_empty() {
        all.push(Offer::new("none known", "none known"));
        all.extend(CAUSES.map(|cause| Offer::new(cause, cause)));
    } else {
        all.push(Offer::new("that is all", "all"));
    }
    Offers {
        all,
        several: false,
        blank: LEFT_OPEN,
    }
}

/// Says what was understood, where it does not stand there already: a number or a name may be mistyped.
pub fn confirm(
    session: &Session<'_>,
    fact: &Fact,
    typed: &str,
    value: &Written,
) -> anyhow::Result<()> {
    let label = |word: &Written| match word {
        Written::Word(name) => {
            let values = values(fact).into_iter().flat_map(|set| &set.values);
            let mut named = values.filter(|value| value.name == *name);
            named.next().map(|value| value.label.clone())
        }
        _ => None,
    };
    let (value, is_alone) = match value {
        Written::Map(entries) => match entries.iter().find(|(key, _)| key == "value") {
            Some((_, value)) => (value, false),
            None => return Ok(()),
        },
        value => (value, true),
    };
    let understood = match value {
        Written::List(items) => {
            let labels: Vec<String> = items.iter().filter_map(label).collect();
            labels.join("; ")
        }
        value => label(value).unwrap_or_default(),
    };
    // A prompt shows one value by its label itself.
    let is_shown = session.console.prompts() && is_alone && matches!(value, Written::Word(_));
    if understood.is_empty() || is_shown || understood == typed.trim() {
        return Ok(());
    }
    session.console.hung("  = ", &understood)
}

/// What is asked, why, and in which words of the protocol.
pub fn explain(session: &Session<'_>, asked: Asked, fact: &Fact) -> anyhow::Result<()> {
    let console = &session.console;
    console.hung("  ", &format!("{} ({})", fact.label, fact.path))?;
    for (what, text) in [("Obtained", &fact.obtain), ("Note", &fact.note)] {
        if let Some(text) = text {
            console.hung("  ", &format!("{what}: {text}"))?;
        }
    }
    for value in values(fact).into_iter().flat_map(|set| &set.values) {
        if let Some(note) = &value.note {
            console.hung("  ", &format!("{}: {note}", value.label))?;
        }
    }
    for criterion in session.interview.criteria_of(asked.fact()) {
        let text = criterion.text.as_deref().unwrap_or(&criterion.title);
        let lead = format!(
            "{} {}, in the protocol's words:",
            criterion.id, criterion.title
        );
        console.hung("  ", &lead)?;
        console.hung("    ", &format!("“{text}”"))?;
    }
    let supporting = session.trial.facts.get(asked.fact()).supporting;
    if supporting {
        console.hung(
            "  ",
            "No verdict needs it; it can raise a caution or show a contradiction.",
        )?;
    }
    console.hung("  ", "A value may be known within bounds (>= 3, 1..2), and say when, by whom and where from (1 on 2026-11-18 by NAME from chart). Why there is none: not known, not done, pending, declined, not asked.")
}
