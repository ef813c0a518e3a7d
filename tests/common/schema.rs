//! Whether a schema refuses what the program refuses.
//!
//! Every bad record and bad trial file of the suite is shown to its schema as an editor would show it. Where the schema
//! accepts it, the test has to say why no schema could do better; where it refuses it, the test may not say so.

use std::sync::OnceLock;

use eligo::diagnostic::{Source, decode};
use eligo::document::{self, Content, Node, Notation, Scalar};
use eligo::{EMBEDDED_TRIAL, schema, trial};
use jsonschema::Validator;
use serde_json::{Map, Value as Json};

/// Why a schema accepts what the program refuses.
pub const EXPRESSION: &str = "to a schema an expression is a text";
pub const SCREENING_DATE: &str = "a schema does not compare one date with another";
pub const INSIDE_A_TEXT: &str = "a schema does not compare numbers that stand inside a text";
pub const ELSEWHERE: &str = "it is wrong only together with another place of the file";

/// What is made to be too large is not for an editor.
const LARGEST: usize = 30_000;

/// The schema of the embedded trial's records.
pub fn record() -> &'static Validator {
    static SCHEMA: OnceLock<Validator> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let (trial, _) = trial::compile(&Source::new("trial.yaml", EMBEDDED_TRIAL)).unwrap();
        jsonschema::validator_for(&schema::record(&trial)).unwrap()
    })
}

/// The schema of trial files.
pub fn trial_file() -> &'static Validator {
    static SCHEMA: OnceLock<Validator> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        jsonschema::validator_for(&serde_json::from_str(schema::TRIAL).unwrap()).unwrap()
    })
}

/// What a schema says of a file that the program refuses.
pub struct Refusal {
    accepted: bool,
    shown: String,
    excuse: Option<&'static str>,
}

impl Refusal {
    /// Shows a file to a schema, unless it is no file for an editor. What is not even YAML or JSON needs no schema to
    /// be refused.
    pub fn by(schema: &Validator, name: &str, content: &[u8]) -> Option<Self> {
        if content.len() > LARGEST {
            return None;
        }
        let notation = if name.ends_with(".json") {
            Notation::Json
        } else {
            Notation::Yaml
        };
        let accepted =
            as_an_editor_reads(name, content, notation).is_some_and(|json| schema.is_valid(&json));
        Some(Self {
            accepted,
            shown: String::from_utf8_lossy(content).chars().take(400).collect(),
            excuse: None,
        })
    }

    /// No schema could refuse it.
    pub fn excused(mut self, why: &'static str) -> Self {
        self.excuse = Some(why);
        self
    }
}

impl Drop for Refusal {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        match (self.accepted, self.excuse) {
            (true, None) => panic!(
                "the schema accepts this; make it refuse it, or say why none can (`beyond_a_schema`):\n{}",
                self.shown
            ),
            (false, Some(why)) => panic!(
                "the schema does refuse this, though the test says that {why}:\n{}",
                self.shown
            ),
            _ => {}
        }
    }
}

/// The values of a file as YAML 1.2 and JSON have them; none if it is not well-formed.
pub fn as_an_editor_reads(name: &str, content: &[u8], notation: Notation) -> Option<Json> {
    let source = decode(name, content.to_vec()).ok()?;
    // The deepest document that is read needs more than the stack of a test, without optimization.
    let reading = std::thread::Builder::new()
        .stack_size(64 * 1024 * 1024)
        .spawn(move || json(&document::read(&source, notation).ok()?));
    reading.unwrap().join().unwrap()
}

/// A tree as an editor sees it; none where a key stands twice.
pub fn json(node: &Node) -> Option<Json> {
    match &node.content {
        Content::Null => Some(Json::Null),
        Content::Scalar(scalar) => Some(value(scalar)),
        Content::Sequence(items) => items
            .iter()
            .map(json)
            .collect::<Option<Vec<Json>>>()
            .map(Json::Array),
        Content::Mapping(entries) => {
            let mut map = Map::new();
            for (key, node) in entries {
                if map.insert(key.name.clone(), json(node)?).is_some() {
                    return None;
                }
            }
            Some(Json::Object(map))
        }
    }
}

/// The core schema of YAML 1.2: `yes` and `2026-11-20` are texts.
fn value(scalar: &Scalar) -> Json {
    let text = scalar.text.as_str();
    let digits = text.trim_start_matches(['+', '-']);
    let number = digits.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    match text {
        _ if !scalar.plain => text.into(),
        "true" | "True" | "TRUE" => true.into(),
        "false" | "False" | "FALSE" => false.into(),
        // JSON has no infinity; the greatest number is as far out of every range.
        ".inf" | ".Inf" | ".INF" | "+.inf" => f64::MAX.into(),
        "-.inf" | "-.Inf" | "-.INF" => f64::MIN.into(),
        _ => match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(whole), _) if number => whole.into(),
            (_, Ok(decimal)) if number => decimal.clamp(f64::MIN, f64::MAX).into(),
            _ => text.into(),
        },
    }
}
