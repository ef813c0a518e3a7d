//! A trial → the questions of a form, stage by stage of a work-up, of one stage first what decides most.

use eligo::facts::answers::answers;
use eligo::facts::{Fact, FactId, ItemKind, Kind};
use eligo::questionnaire::gates;
use eligo::template::{by_stage, first_asked};
use eligo::trial::Trial;
use eligo::value::{Absent, Missing};
use serde::Serialize;

use crate::answers::VALUE;

/// All that a form shows before anything is answered.
#[derive(Serialize)]
pub struct Form<'t> {
    trial: About<'t>,
    /// The name of the site's policy, if there is one.
    site: Option<&'t str>,
    version: &'static str,
    causes: Vec<Cause>,
    stages: Vec<Stage<'t>>,
}

/// Which trial it is.
#[derive(Serialize)]
struct About<'t> {
    id: &'t str,
    title: &'t str,
    version: Option<&'t str>,
    sha256: &'t str,
    /// The file that it was read from; none if it comes with the page.
    file: Option<&'t str>,
}

/// Why there may be no value.
#[derive(Serialize)]
struct Cause {
    code: &'static str,
    words: &'static str,
}

/// Questions below a heading.
#[derive(Serialize)]
struct Stage<'t> {
    heading: &'static str,
    /// Whether no verdict needs them.
    supporting: bool,
    questions: Vec<Question<'t>>,
}

/// A question for a fact, or for a field of an item.
#[derive(Serialize)]
struct Question<'t> {
    /// The path of a fact, the name of a field.
    path: &'t str,
    kind: &'static str,
    label: &'t str,
    ask: Option<&'t str>,
    obtain: Option<&'t str>,
    note: Option<&'t str>,
    judgement: bool,
    /// The criteria that ask for it.
    criteria: Vec<&'t str>,
    options: Vec<Choice<'t>>,
    units: Vec<&'t str>,
    /// Whether a number must have its unit.
    scales: bool,
    /// What may be typed.
    hint: Option<String>,
    /// What may stand beside the value, by key.
    beside: Vec<&'static str>,
    /// What the criteria ask beside the value.
    wanted: Vec<&'static str>,
    /// The question at whose other answers this one does not matter.
    gate: Option<Gate<'t>>,
    /// Of a list: what an item is.
    item: Option<Item<'t>>,
}

/// Something to choose.
#[derive(Serialize)]
struct Choice<'t> {
    name: &'t str,
    label: &'t str,
    unclear: bool,
    note: Option<&'t str>,
}

#[derive(Serialize)]
struct Gate<'t> {
    path: &'t str,
    label: &'t str,
    /// The answers at which the question matters.
    values: Vec<String>,
}

#[derive(Serialize)]
struct Item<'t> {
    /// Whether it is one value.
    single: bool,
    fields: Vec<Question<'t>>,
    beside: Vec<&'static str>,
}

/// The form of a trial; `file` and `site` are what the trial and the policy were read from.
pub fn form<'t>(trial: &'t Trial, file: Option<&'t str>, site: Option<&'t str>) -> Form<'t> {
    let asked = trial.asked_by();
    let question = |id: FactId| {
        let fact = trial.facts.get(id);
        let mut question = question(&fact.path, fact);
        let criteria = asked.iter().filter(|(of, _)| *of == id);
        question.criteria = criteria.map(|(_, criterion)| *criterion).collect();
        let wanted = trial.asked_beside(id);
        question.wanted = wanted.iter().map(|attribute| attribute.key()).collect();
        question.gate = gates::shown(trial, id).map(|shown| Gate {
            path: &shown.gate.path,
            label: &shown.gate.label,
            values: shown.values,
        });
        question
    };
    let stages = by_stage(trial, &first_asked(trial)).into_iter();
    let mut stages: Vec<Stage<'t>> = stages
        .map(|(heading, facts)| Stage {
            heading: heading.unwrap_or("Facts"),
            supporting: false,
            questions: facts.into_iter().map(question).collect(),
        })
        .collect();
    let supporting = trial.facts.iter().filter(|(_, fact)| fact.supporting);
    let supporting: Vec<Question<'t>> = supporting.map(|(id, _)| question(id)).collect();
    if !supporting.is_empty() {
        stages.push(Stage {
            heading: "Supporting facts",
            supporting: true,
            questions: supporting,
        });
    }
    let causes = Absent::CODES.iter().map(|(code, cause)| Cause {
        code,
        words: Missing::Stated(*cause).words(),
    });
    Form {
        trial: About {
            id: &trial.id,
            title: &trial.title,
            version: trial.version.as_deref(),
            sha256: &trial.sha256,
            file,
        },
        site,
        version: eligo::VERSION,
        causes: causes.collect(),
        stages,
    }
}

fn question<'t>(path: &'t str, fact: &'t Fact) -> Question<'t> {
    let number = ["date", "by", "source", "note", "uln", "lln"];
    let other = ["date", "by", "source", "note"];
    let (units, scales) = match &fact.kind {
        Kind::Quantity(measure) => (measure.units().collect(), !measure.has_one_scale()),
        _ => (Vec::new(), false),
    };
    Question {
        path,
        kind: kind(&fact.kind),
        label: &fact.label,
        ask: fact.ask.as_deref(),
        obtain: fact.obtain.as_deref(),
        note: fact.note.as_deref(),
        judgement: fact.judgement,
        criteria: Vec::new(),
        options: options(&fact.kind),
        units,
        scales,
        hint: hint(fact),
        beside: match &fact.kind {
            Kind::Integer(_) | Kind::Decimal(_) | Kind::Quantity(_) => number.to_vec(),
            _ => other.to_vec(),
        },
        wanted: Vec::new(),
        gate: None,
        item: match &fact.kind {
            Kind::List(item) => Some(item_of(item)),
            _ => None,
        },
    }
}

fn item_of(item: &ItemKind) -> Item<'_> {
    match item {
        ItemKind::Single(single) => Item {
            single: true,
            fields: vec![question(VALUE, single)],
            beside: Vec::new(),
        },
        ItemKind::Fields(fields) => Item {
            single: false,
            fields: fields
                .iter()
                .map(|field| question(field.name(), field))
                .collect(),
            beside: vec!["by", "source", "note"],
        },
    }
}

fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Boolean { .. } | Kind::Code(_) => "choice",
        Kind::Integer(_) | Kind::Decimal(_) => "number",
        Kind::Quantity(_) => "quantity",
        Kind::Duration(_) => "duration",
        Kind::Date(_) => "date",
        Kind::Text => "text",
        Kind::List(_) => "list",
    }
}

fn options(kind: &Kind) -> Vec<Choice<'_>> {
    let plain = |name, label| Choice {
        name,
        label,
        unclear: false,
        note: None,
    };
    match kind {
        Kind::Boolean { yes, no } => vec![plain("yes", yes.as_str()), plain("no", no.as_str())],
        Kind::Code(set) => set
            .values
            .iter()
            .map(|value| Choice {
                name: &value.name,
                label: &value.label,
                unclear: value.unclear,
                note: value.note.as_deref(),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// What may be typed; nothing where it is chosen.
fn hint(fact: &Fact) -> Option<String> {
    match fact.kind {
        Kind::Boolean { .. } | Kind::Code(_) | Kind::Text | Kind::List(_) => None,
        _ => Some(answers(fact).join("; ")),
    }
}
