//! A trial → its questionnaire.

use serde_json::{Value as Json, json};

use super::{
    COMPLETE, MORE, NONE_KNOWN, UCUM, address, cause_coding, coding, gates, keys_beside,
    keys_of_item, link, questions_of_item, system,
};
use crate::facts::{Fact, FactId, ItemKind, Kind};
use crate::template::{by_stage, first_asked};
use crate::trial::Trial;
use crate::value::{Absent, Missing};

/// The extension which lists the units of a quantity.
const UNIT_OPTION: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption";

/// The questionnaire of a trial.
#[must_use]
pub fn questionnaire(trial: &Trial) -> Json {
    let form = Form { trial };
    let head =
        link::HEAD.map(|(id, kind, text)| json!({ "linkId": id, "text": text, "type": kind }));
    let mut groups =
        vec![json!({ "linkId": "#head", "text": "The candidate", "type": "group", "item": head })];
    for (index, (heading, facts)) in by_stage(trial, &first_asked(trial)).into_iter().enumerate() {
        let title = heading.unwrap_or("Facts");
        groups.push(form.group(&format!("#stage-{}", index + 1), title, &facts));
    }
    let supporting = trial.facts.iter().filter(|(_, fact)| fact.supporting);
    let supporting: Vec<FactId> = supporting.map(|(id, _)| id).collect();
    if !supporting.is_empty() {
        let title = "Supporting facts, which do not decide by themselves";
        groups.push(form.group("#supporting", title, &supporting));
    }
    let mut root = json!({
        "resourceType": "Questionnaire",
        "url": address(trial),
        "version": trial.version,
        "title": trial.title,
        "status": "draft",
        "subjectType": ["Patient"],
        "item": groups,
    });
    if let Some(root) = root.as_object_mut() {
        root.retain(|_, value| !value.is_null());
    }
    root
}

struct Form<'t> {
    trial: &'t Trial,
}

impl Form<'_> {
    fn group(&self, id: &str, title: &str, facts: &[FactId]) -> Json {
        let items: Vec<Json> = facts.iter().map(|id| self.fact(*id)).collect();
        json!({ "linkId": id, "text": title, "type": "group", "item": items })
    }

    /// Everything about one fact, in a group that is shown where the fact can matter.
    fn fact(&self, id: FactId) -> Json {
        let fact = self.trial.facts.get(id);
        let mut items = match &fact.kind {
            Kind::List(item) => self.list(fact, item),
            _ => self.question(fact, &fact.path, question(fact)),
        };
        let answered = match fact.kind {
            Kind::List(_) => vec![link::listed(&fact.path)],
            Kind::Code(_) | Kind::Boolean { .. } => vec![fact.path.clone()],
            _ => vec![fact.path.clone(), link::written(&fact.path)],
        };
        items.push(evidence(&fact.path, keys_beside(&fact.kind), &answered));
        let mut group = json!({
            "linkId": link::beside(&fact.path, "fact"),
            "text": fact.label,
            "type": "group",
            "item": items,
        });
        let shown = gates::shown(self.trial, id);
        if let (Some(shown), Some(group)) = (shown, group.as_object_mut()) {
            let gate = &shown.gate.path;
            let system = system(self.trial, shown.gate);
            let of_fact = shown
                .values
                .iter()
                .map(|code| json!({ "system": system, "code": code }));
            let causes = Absent::CODES.iter().map(|(_, cause)| cause_coding(*cause));
            let codings = of_fact.chain(causes);
            let answered = codings
                .map(|coding| json!({ "question": gate, "operator": "=", "answerCoding": coding }));
            let open = json!({ "question": gate, "operator": "exists", "answerBoolean": false });
            let conditions: Vec<Json> = [open].into_iter().chain(answered).collect();
            group.insert("enableWhen".into(), conditions.into());
            group.insert("enableBehavior".into(), "any".into());
        }
        group
    }

    /// The question for a value, and beside it what a typed answer cannot say.
    fn question(&self, fact: &Fact, of: &str, text: String) -> Vec<Json> {
        let causes = causes();
        let mut typed = json!({ "linkId": of, "text": text, "type": kind(&fact.kind) });
        let with = typed.as_object_mut();
        match (&fact.kind, with) {
            (Kind::Code(_) | Kind::Boolean { .. }, Some(typed)) => {
                let mut options = self.options(fact);
                options.extend(causes);
                typed.insert("answerOption".into(), options.into());
                return vec![Json::Object(typed.clone())];
            }
            (Kind::Quantity(measure), Some(typed)) => {
                let units: Vec<Json> = measure.units().map(unit_option).collect();
                typed.insert("extension".into(), units.into());
            }
            _ => {}
        }
        // The order of FHIR's elements: extensions come first.
        let (otherwise, kind) = match fact.kind {
            Kind::Text => ("If there is none: why", "choice"),
            _ => (
                "If not known exactly: within which bounds, or why not",
                "open-choice",
            ),
        };
        let written = link::written(of);
        vec![
            typed,
            json!({ "linkId": written, "text": otherwise, "type": kind, "answerOption": causes }),
        ]
    }

    fn list(&self, fact: &Fact, item: &ItemKind) -> Vec<Json> {
        let listed = link::listed(&fact.path);
        let states = [COMPLETE, MORE, NONE_KNOWN]
            .map(|state| json!({ "valueCoding": coding(self.trial, fact, state) }));
        let options: Vec<Json> = states.into_iter().chain(causes()).collect();
        let asks = json!({ "linkId": listed, "text": question(fact), "type": "choice", "answerOption": options });
        let mut fields: Vec<Json> = questions_of_item(fact, item)
            .into_iter()
            .flat_map(|(of, field)| self.question(field, &of, question(field)))
            .collect();
        let about = link::item(&fact.path);
        fields.extend(keys_of_item(item).iter().map(|key| beside(&about, key)));
        let enable = [COMPLETE, MORE].map(|(code, _)| {
            let coding = json!({ "system": system(self.trial, fact), "code": code });
            json!({ "question": listed, "operator": "=", "answerCoding": coding })
        });
        let items = json!({
            "linkId": about,
            "text": format!("{}: one at a time", fact.label),
            "type": "group",
            "enableWhen": enable,
            "enableBehavior": "any",
            "repeats": true,
            "item": fields,
        });
        vec![asks, items]
    }

    /// What may be answered, apart from why there is no answer.
    fn options(&self, fact: &Fact) -> Vec<Json> {
        let option = |code: &str, display: &str| json!({ "valueCoding": coding(self.trial, fact, (code, display)) });
        match &fact.kind {
            Kind::Code(set) => set
                .values
                .iter()
                .map(|value| option(&value.name, &value.label))
                .collect(),
            Kind::Boolean { yes, no } => vec![option("yes", yes), option("no", no)],
            _ => Vec::new(),
        }
    }
}

/// The words of a question, with what else is to be known.
fn question(fact: &Fact) -> String {
    let asked = fact.ask.as_deref().unwrap_or(&fact.label);
    match (&fact.note, &fact.kind) {
        (Some(note), _) => format!("{asked} ({note})"),
        (None, Kind::Duration(_)) => format!("{asked} (such as: 3 months)"),
        (None, _) => asked.to_owned(),
    }
}

fn kind(kind: &Kind) -> &'static str {
    match kind {
        // A word that is none of the offered ones is refused when the response is read, not lost.
        Kind::Code(_) | Kind::Boolean { .. } => "open-choice",
        Kind::Integer(_) => "integer",
        Kind::Decimal(_) => "decimal",
        Kind::Quantity(_) => "quantity",
        Kind::Date(_) => "date",
        Kind::Text => "text",
        Kind::Duration(_) => "string",
        Kind::List(_) => "group",
    }
}

/// Why there may be no value.
fn causes() -> Vec<Json> {
    let option = |(_, cause): &(&str, Absent)| {
        let mut coding = cause_coding(*cause);
        if let Some(coding) = coding.as_object_mut() {
            coding.insert("display".into(), Missing::Stated(*cause).words().into());
        }
        json!({ "valueCoding": coding })
    };
    Absent::CODES.iter().map(option).collect()
}

fn unit_option(unit: &str) -> Json {
    json!({ "url": UNIT_OPTION, "valueCoding": { "system": UCUM, "code": unit, "display": unit } })
}

/// When it was found, who says so, and the rest, shown once there is an answer.
fn evidence(of: &str, keys: &[&str], answered: &[String]) -> Json {
    let items: Vec<Json> = keys.iter().map(|key| beside(of, key)).collect();
    let enable: Vec<Json> = answered
        .iter()
        .map(
            |question| json!({ "question": question, "operator": "exists", "answerBoolean": true }),
        )
        .collect();
    json!({
        "linkId": link::beside(of, "evidence"),
        "text": "Evidence",
        "type": "group",
        "enableWhen": enable,
        "enableBehavior": "any",
        "item": items,
    })
}

fn beside(of: &str, key: &str) -> Json {
    let (text, kind) = match key {
        "date" => ("Found on (YYYY-MM-DD, YYYY-MM or YYYY)", "string"),
        "by" => ("Who says so", "string"),
        "source" => ("From which document or system", "string"),
        "uln" => ("Upper limit of normal", "string"),
        "lln" => ("Lower limit of normal", "string"),
        _ => ("A remark", "text"),
    };
    json!({ "linkId": link::beside(of, key), "text": text, "type": kind })
}
