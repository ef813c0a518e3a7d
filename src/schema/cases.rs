//! A trial → the schemas of its cases and of a site's policy for it, in terms of its criteria, readings and facts.

use serde_json::{Map, Value as Json, json};

use super::values::{duration, fields, whole_date};
use super::{TEXT, closed, described, escaped, head, merged, paths, record, reference, text};
use crate::cases as reader;
use crate::facts::{Fact, Kind};
use crate::trial::policy::{self, Settlement};
use crate::trial::{Criterion, Reading, Trial};

/// The schema of a site policy.
#[must_use]
pub fn site(trial: &Trial) -> Json {
    let schema = head(
        &format!("Site policy for {}", trial.id),
        "A site's own choices: which reading to follow, how old a result may be, whether judgements must be signed.",
    );
    let policy = merged(schema, closed(site_keys(trial)));
    merged(policy, json!({ "required": ["format"] }))
}

fn site_keys(trial: &Trial) -> Json {
    json!({
        "format": { "description": "What this file is.", "const": policy::FORMAT },
        "site": text("The site's name; reports show it."),
        "trial": { "description": trial.title, "const": trial.id },
        "readings": described(
            "A criterion, or the one above it → the reading that alone counts.",
            closed(readings(trial)),
        ),
        "doubts": described(
            "A doubt, behind its criterion → how it is settled. An inclusion criterion that counts as not met fails where the doubt is raised, an exclusion criterion that counts as met excludes; settled the other way, the condition decides.",
            closed(doubts(trial)),
        ),
        "valid_for": described(
            "A fact → how old its evidence may be on the screening date. Older, or undated, is unknown.",
            closed(ages(trial)),
        ),
        "signed_judgements": { "description": "`required`: a judgement without `by` and `date` is unknown.", "enum": ["optional", "required"] },
    })
}

/// Each criterion with readings, and each question with its meanings.
fn readings(trial: &Trial) -> Map<String, Json> {
    // A criterion may have no words of its own.
    let one_of = |criterion: &Criterion, names: Vec<(&str, &str)>| {
        let each: Vec<Json> = names
            .into_iter()
            .map(|(name, say)| json!({ "title": say, "description": say, "const": name }))
            .collect();
        let mut schema =
            json!({ "title": criterion.title, "description": criterion.text, "anyOf": each });
        if let Some(words) = schema.as_object_mut() {
            words.retain(|_, value| !value.is_null());
        }
        schema
    };
    let mut readings = Map::new();
    let criteria = trial.all_criteria();
    for criterion in &criteria {
        let known = readings_below(criterion);
        if !known.is_empty() {
            readings.insert(criterion.id.clone(), one_of(criterion, known));
        }
    }
    for criterion in &criteria {
        for question in criterion.questions() {
            let meanings = question.meanings.iter();
            let names = meanings.map(|one| (one.name.as_str(), one.say.as_str()));
            let name = format!("{}.{}", criterion.id, question.name);
            readings.insert(name, one_of(criterion, names.collect()));
        }
    }
    readings
}

/// How old the evidence of each fact may be that has a date.
fn ages(trial: &Trial) -> Map<String, Json> {
    let is_dated = |fact: &&Fact| {
        !matches!(fact.kind, Kind::List(_))
            || fields(&fact.kind)
                .iter()
                .any(|field| field.name() == "date" && matches!(field.kind, Kind::Date(_)))
    };
    let facts = trial.facts.iter().map(|(_, fact)| fact).filter(is_dated);
    facts
        .map(|fact| {
            let age = merged(duration(), json!({ "title": fact.label }));
            (fact.path.clone(), age)
        })
        .collect()
}

/// Each doubt, with the ways to settle it.
fn doubts(trial: &Trial) -> Map<String, Json> {
    let ways = Settlement::ALL.map(|(name, _)| name);
    let mut doubts = Map::new();
    for criterion in trial.all_criteria() {
        for doubt in &criterion.doubts {
            doubts.insert(
                format!("{}.{}", criterion.id, doubt.id),
                json!({ "title": criterion.title, "description": doubt.remark.say, "enum": ways }),
            );
        }
    }
    doubts
}

/// The readings of a criterion and of those below it, each name once.
fn readings_below(criterion: &Criterion) -> Vec<(&str, &str)> {
    let mut known: Vec<(&str, &str)> = Vec::new();
    criterion.walk(&mut |criterion| {
        for question in criterion.questions() {
            for meaning in &question.meanings {
                if !known.iter().any(|(name, _)| *name == meaning.name) {
                    known.push((&meaning.name, &meaning.say));
                }
            }
        }
        let plain = |reading: &&Reading| reading.picks.is_empty();
        for reading in criterion.readings().iter().filter(plain) {
            if !known.iter().any(|(name, _)| *name == reading.name) {
                known.push((&reading.name, &reading.say));
            }
        }
    });
    known
}

/// The schema of the cases of a trial file.
#[must_use]
pub fn cases(trial: &Trial) -> Json {
    let told = |description: &str, keys: &[&str], required: &[&str]| {
        let keys: Map<String, Json> = keys
            .iter()
            .map(|key| ((*key).to_owned(), json!({ "type": TEXT })))
            .collect();
        let entry = merged(closed(keys), json!({ "required": required }));
        json!({ "description": description, "type": "array", "items": entry })
    };
    let truth = ["in", "expression", "truth", "why"];
    let keys = json!({
        "format": { "description": "What this file is.", "const": reader::FORMAT },
        "base": {
            "description": "Name → a whole record. The first is where a case starts from unless it says otherwise.",
            "type": "object",
            "minProperties": 1,
            "additionalProperties": reference("record"),
        },
        "cases": { "type": "array", "items": reference("one-case") },
        "equivalent": told(
            "Changes of the rules that change nothing, each with the reason.",
            &["in", "was", "now", "why"],
            &["in", "was", "why"],
        ),
        "unreachable": told("Truths that no record has, each with the reason.", &truth, &truth),
    });
    let mut definitions = record::definitions(trial);
    definitions.insert("record".into(), record::root(trial));
    definitions.insert("one-case".into(), case(trial));
    definitions.insert(
        "criterion-words".into(),
        json!({ "anyOf": [{ "type": TEXT }, { "type": "array", "items": { "type": TEXT } }] }),
    );
    let schema = head(
        &format!("Cases of {}", trial.id),
        "Example records with the verdicts that they must get: the tests of the trial file.",
    );
    merged(
        merged(schema, closed(keys)),
        json!({ "required": ["format", "base", "cases"], "$defs": definitions }),
    )
}

fn case(trial: &Trial) -> Json {
    let criteria = trial.all_criteria();
    let mut verdicts = Map::new();
    verdicts.insert(
        "eligibility".into(),
        json!({ "enum": reader::ELIGIBILITIES }),
    );
    for criterion in &criteria {
        verdicts.insert(
            criterion.id.clone(),
            json!({ "title": criterion.title, "enum": reader::VERDICTS }),
        );
    }
    let words = |description: &str, also: Option<&str>| {
        let ids = criteria
            .iter()
            .map(|criterion| criterion.id.as_str())
            .chain(also);
        let each: Map<String, Json> = ids
            .map(|id| (id.to_owned(), reference("criterion-words")))
            .collect();
        described(description, closed(each))
    };
    // An empty list in place of the map: there are none at all.
    let or_none = |schema: Json| json!({ "anyOf": [schema, { "type": "array", "maxItems": 0 }] });
    let facts = trial.facts.iter();
    let paths: Vec<&str> = facts.map(|(_, fact)| fact.path.as_str()).collect();
    let screened_on = json!({ "description": "The screening date, in place of the record's." });
    let keys = json!({
        "note": text("What the case is about, in words that no other case has."),
        "base": text("The base record to start from; without it, the first."),
        "unset": { "description": "What to remove from the base record, by its path.", "type": "array", "items": removable(trial) },
        "set": { "description": "A path → the value in its place, the whole of it.", "type": "object" },
        "as_of": merged(whole_date(), screened_on),
        "site": closed(site_keys(trial)),
        "want": described("A criterion → the verdict that it must get.", closed(verdicts)),
        "reason": words("A criterion → words that its reason must contain.", None),
        "cautions": or_none(words("A criterion, or `trial` → words that one of its cautions must contain.", Some("trial"))),
        "conflict": or_none(words("A criterion → words that one of its conflicts must contain.", None)),
        "doubt": or_none(words(
            "A criterion → words that one of its doubts must contain, of those that no site settled; its id comes first.",
            None,
        )),
        "next": { "description": "The facts with which the list of what to obtain must begin.", "type": "array", "items": { "enum": paths } },
        "error": text("In place of all these: words of the message with which the record must be refused."),
    });
    // An error is a case's only want, and comes from values that a record may not have.
    let wants = ["want", "reason", "cautions", "conflict", "doubt", "next"]
        .map(|key| json!({ "required": [key] }));
    let either = json!({
        "required": ["note"],
        "if": { "required": ["error"] },
        "then": { "not": { "anyOf": wants } },
        "else": { "anyOf": wants, "properties": { "set": settable(trial) } },
    });
    merged(closed(keys), either)
}

/// A key beside the value of a fact, by its whole path.
fn beside_a_value(trial: &Trial) -> String {
    let facts = trial.facts.iter();
    let facts: Vec<String> = facts.map(|(_, fact)| escaped(&fact.path)).collect();
    format!(
        r"^({})\.(value|missing|unit|date|by|source|note|uln|lln|complete)$",
        facts.join("|")
    )
}

fn settable(trial: &Trial) -> Json {
    let mut properties = record::reserved(trial);
    properties.extend(paths(trial).map(|path| (path.to_owned(), reference(path))));
    let by_path = json!({ "patternProperties": { beside_a_value(trial): true } });
    merged(closed(properties), by_path)
}

fn removable(trial: &Trial) -> Json {
    let reserved = record::reserved(trial);
    let all: Vec<&str> = reserved
        .keys()
        .map(String::as_str)
        .chain(paths(trial))
        .collect();
    json!({ "anyOf": [{ "enum": all }, { "type": "string", "pattern": beside_a_value(trial) }] })
}
