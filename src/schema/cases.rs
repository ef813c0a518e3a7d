//! A trial → the schemas of its cases and of a site's policy for it, in terms of its criteria, readings and facts.

use serde_json::{Map, Value as Json, json};

use super::values::{duration, fields, whole_date};
use super::{closed, escaped, head, record, reference, text};
use crate::cases as reader;
use crate::facts::Kind;
use crate::trial::policy::{self, Settlement};
use crate::trial::{Criterion, Reading, Trial};

/// The schema of a site policy.
#[must_use]
pub fn site(trial: &Trial) -> Json {
    let mut schema = head(
        &format!("Site policy for {}", trial.id),
        "A site's own choices: which reading to follow, how old a result may be, whether judgements must be signed.",
    );
    schema.extend(closed(site_keys(trial)));
    schema.insert("required".into(), json!(["format"]));
    Json::Object(schema)
}

fn site_keys(trial: &Trial) -> Map<String, Json> {
    let mut readings = Map::new();
    for criterion in trial.all_criteria() {
        let known = readings_below(criterion);
        if !known.is_empty() {
            let each: Vec<Json> = known
                .into_iter()
                .map(|(name, say)| json!({ "title": say, "description": say, "const": name }))
                .collect();
            readings.insert(
                criterion.id.clone(),
                json!({ "title": criterion.title, "description": criterion.text, "anyOf": each }),
            );
        }
    }
    for criterion in trial.all_criteria() {
        for question in criterion.questions() {
            let meanings = question.meanings.iter();
            let each: Vec<Json> = meanings
                .map(|one| json!({ "title": one.say, "description": one.say, "const": one.name }))
                .collect();
            readings.insert(
                format!("{}.{}", criterion.id, question.name),
                json!({ "title": criterion.title, "description": criterion.text, "anyOf": each }),
            );
        }
    }
    // A criterion may have no words of its own.
    for criterion in readings.values_mut().filter_map(Json::as_object_mut) {
        criterion.retain(|_, value| !value.is_null());
    }
    let mut ages = Map::new();
    for (_, fact) in trial.facts.iter() {
        let dated = fields(&fact.kind)
            .iter()
            .any(|field| field.name() == "date" && matches!(field.kind, Kind::Date(_)));
        if dated || !matches!(fact.kind, Kind::List(_)) {
            let mut age = duration();
            if let Some(age) = age.as_object_mut() {
                age.insert("title".into(), fact.label.as_str().into());
            }
            ages.insert(fact.path.clone(), age);
        }
    }
    let about = |description: &str, keys: Map<String, Json>| {
        let mut schema = Map::new();
        schema.insert("description".into(), description.into());
        schema.extend(closed(keys));
        Json::Object(schema)
    };
    let mut keys = Map::new();
    keys.insert(
        "format".into(),
        json!({ "description": "What this file is.", "const": policy::FORMAT }),
    );
    keys.insert("site".into(), text("The site's name; reports show it."));
    keys.insert(
        "trial".into(),
        json!({ "description": trial.title, "const": trial.id }),
    );
    keys.insert(
        "readings".into(),
        about(
            "A criterion, or the one above it → the reading that alone counts.",
            readings,
        ),
    );
    keys.insert(
        "doubts".into(),
        about(
            "A doubt, behind its criterion → how it is settled. An inclusion criterion that counts as not met fails where the doubt is raised, an exclusion criterion that counts as met excludes; settled the other way, the condition decides.",
            doubts(trial),
        ),
    );
    keys.insert("valid_for".into(), about("A fact → how old its evidence may be on the screening date. Older, or undated, is unknown.", ages));
    keys.insert(
        "signed_judgements".into(),
        json!({ "description": "`required`: a judgement without `by` and `date` is unknown.", "enum": ["optional", "required"] }),
    );
    keys
}

/// Each doubt, with the ways to settle it.
fn doubts(trial: &Trial) -> Map<String, Json> {
    let mut doubts = Map::new();
    for criterion in trial.all_criteria() {
        for doubt in &criterion.doubts {
            let ways = Settlement::ALL.map(|(name, _)| name);
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
    let mut schema = head(
        &format!("Cases of {}", trial.id),
        "Example records with the verdicts that they must get: the tests of the trial file.",
    );
    let mut base = Map::new();
    base.insert(
        "description".into(),
        "Name → a whole record. The first is where a case starts from unless it says otherwise."
            .into(),
    );
    base.extend(json_map(json!({ "type": "object", "minProperties": 1, "additionalProperties": reference("record") })));
    let mut keys = Map::new();
    keys.insert(
        "format".into(),
        json!({ "description": "What this file is.", "const": reader::FORMAT }),
    );
    keys.insert("base".into(), Json::Object(base));
    keys.insert(
        "cases".into(),
        json!({ "type": "array", "items": reference("one-case") }),
    );
    let told = |description: &str, keys: &[&str], required: &[&str]| {
        let keys = keys
            .iter()
            .map(|key| {
                (
                    (*key).to_owned(),
                    json!({ "type": ["string", "number", "boolean"] }),
                )
            })
            .collect();
        let mut entry = closed(keys);
        entry.insert("required".into(), json!(required));
        json!({ "description": description, "type": "array", "items": entry })
    };
    keys.insert(
        "equivalent".into(),
        told(
            "Changes of the rules that change nothing, each with the reason.",
            &["in", "was", "now", "why"],
            &["in", "was", "why"],
        ),
    );
    let all = ["in", "expression", "truth", "why"];
    keys.insert(
        "unreachable".into(),
        told(
            "Truths that no record has, each with the reason.",
            &all,
            &all,
        ),
    );
    schema.extend(closed(keys));
    schema.insert("required".into(), json!(["format", "base", "cases"]));
    let mut definitions = record::definitions(trial);
    definitions.insert("record".into(), Json::Object(record::root(trial)));
    definitions.insert("one-case".into(), case(trial));
    definitions.insert(
        "criterion-words".into(),
        json!({
            "anyOf": [{ "type": ["string", "number", "boolean"] }, { "type": "array", "items": { "type": ["string", "number", "boolean"] } }],
        }),
    );
    schema.insert("$defs".into(), Json::Object(definitions));
    Json::Object(schema)
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
        let mut schema = Map::new();
        schema.insert("description".into(), description.into());
        schema.extend(closed(
            ids.map(|id| (id.to_owned(), reference("criterion-words")))
                .collect(),
        ));
        Json::Object(schema)
    };
    // An empty list in place of the map: there are none at all.
    let or_none = |schema: Json| json!({ "anyOf": [schema, { "type": "array", "maxItems": 0 }] });
    let paths: Vec<&str> = trial
        .facts
        .iter()
        .map(|(_, fact)| fact.path.as_str())
        .collect();
    let mut keys = Map::new();
    keys.insert(
        "note".into(),
        text("What the case is about, in words that no other case has."),
    );
    keys.insert(
        "base".into(),
        text("The base record to start from; without it, the first."),
    );
    keys.insert(
        "unset".into(),
        json!({ "description": "What to remove from the base record, by its path.", "type": "array", "items": removable(trial) }),
    );
    keys.insert("set".into(), json!({ "description": "A path → the value in its place, the whole of it.", "type": "object" }));
    let mut as_of = whole_date();
    if let Some(schema) = as_of.as_object_mut() {
        schema.insert(
            "description".into(),
            "The screening date, in place of the record's.".into(),
        );
    }
    keys.insert("as_of".into(), as_of);
    keys.insert("site".into(), Json::Object(closed(site_keys(trial))));
    keys.insert("want".into(), {
        let mut schema = Map::new();
        schema.insert(
            "description".into(),
            "A criterion → the verdict that it must get.".into(),
        );
        schema.extend(closed(verdicts));
        Json::Object(schema)
    });
    keys.insert(
        "reason".into(),
        words("A criterion → words that its reason must contain.", None),
    );
    keys.insert(
        "cautions".into(),
        or_none(words(
            "A criterion, or `trial` → words that one of its cautions must contain.",
            Some("trial"),
        )),
    );
    keys.insert(
        "conflict".into(),
        or_none(words(
            "A criterion → words that one of its conflicts must contain.",
            None,
        )),
    );
    keys.insert(
        "doubt".into(),
        or_none(words(
            "A criterion → words that one of its doubts must contain, of those that no site settled; its id comes first.",
            None,
        )),
    );
    keys.insert(
        "next".into(),
        json!({ "description": "The facts with which the list of what to obtain must begin.", "type": "array", "items": { "enum": paths } }),
    );
    keys.insert(
        "error".into(),
        text("In place of all these: words of the message with which the record must be refused."),
    );
    let mut schema = closed(keys);
    schema.insert("required".into(), json!(["note"]));
    // An error is a case's only want, and comes from values that a record may not have.
    let wants = ["want", "reason", "cautions", "conflict", "doubt", "next"]
        .map(|key| json!({ "required": [key] }));
    schema.insert("if".into(), json!({ "required": ["error"] }));
    schema.insert("then".into(), json!({ "not": { "anyOf": wants } }));
    schema.insert(
        "else".into(),
        json!({ "anyOf": wants, "properties": { "set": settable(trial) } }),
    );
    Json::Object(schema)
}

/// What stands beside a value.
const BESIDE: &str = "value|missing|unit|date|by|source|note|uln|lln|complete";

/// The facts and groups as a regular expression.
fn any_fact(trial: &Trial) -> String {
    trial
        .facts
        .iter()
        .map(|(_, fact)| escaped(&fact.path))
        .collect::<Vec<_>>()
        .join("|")
}

fn settable(trial: &Trial) -> Json {
    let mut properties = record::reserved(trial);
    for path in trial
        .facts
        .iter()
        .map(|(_, fact)| &fact.path)
        .chain(trial.facts.groups.keys())
    {
        properties.insert(path.clone(), reference(path));
    }
    let mut schema = closed(properties);
    let mut patterns = Map::new();
    patterns.insert(
        format!(r"^({})\.({BESIDE})$", any_fact(trial)),
        Json::Bool(true),
    );
    schema.insert("patternProperties".into(), Json::Object(patterns));
    Json::Object(schema)
}

fn removable(trial: &Trial) -> Json {
    let reserved = record::reserved(trial);
    let facts = trial.facts.iter().map(|(_, fact)| fact.path.as_str());
    let all: Vec<&str> = reserved
        .keys()
        .map(String::as_str)
        .chain(facts)
        .chain(trial.facts.groups.keys().map(String::as_str))
        .collect();
    json!({ "anyOf": [{ "enum": all }, { "type": "string", "pattern": format!(r"^({})\.({BESIDE})$", any_fact(trial)) }] })
}

fn json_map(value: Json) -> Map<String, Json> {
    match value {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}
