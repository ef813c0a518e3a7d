//! An explanation as JSON: the versioned contract `eligo/explain/1`, with structs of its own. Fields may be added to it,
//! never renamed or removed.

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::model::{
    CriterionPart, EntryFinding, Explanation, FactPart, Finding, ListFinding, Logic, MissingPart,
    ReadingPart, RemarkPart, TermPart, Tree, ValuePart,
};
use crate::json_escape;
use crate::trial::{About, Need};
use crate::value::Truth;

/// The version line of an explanation.
pub const SCHEMA: &str = "eligo/explain/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    trial: TrialJson<'a>,
    whole: bool,
    criteria: Vec<CriterionJson<'a>>,
    cautions: Vec<RemarkJson<'a>>,
    definitions: Vec<DefinitionJson<'a>>,
    facts: Vec<FactJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    candidate: Option<CandidateJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<&'a str>,
    tool: ToolJson<'a>,
}

#[derive(Serialize)]
struct TrialJson<'a> {
    id: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    file: &'a str,
    sha256: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<Json>,
}

#[derive(Serialize)]
struct CandidateJson<'a> {
    name: Option<&'a str>,
    screened_on: String,
    eligibility: &'static str,
    record_sha256: &'a str,
}

#[derive(Serialize)]
struct ToolJson<'a> {
    name: &'static str,
    version: &'a str,
}

#[derive(Serialize)]
struct CriterionJson<'a> {
    id: &'a str,
    kind: &'static str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    within: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plain: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<&'a str>,
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    applies: Option<ConditionJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<ConditionJson<'a>>,
    readings: Vec<ReadingJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<GroupJson<'a>>,
    conflicts: Vec<RemarkJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    doubts: Vec<RemarkJson<'a>>,
    cautions: Vec<RemarkJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_world: Option<&'a str>,
    facts: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    criteria: Vec<CriterionJson<'a>>,
}

#[derive(Serialize)]
struct GroupJson<'a> {
    need: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<usize>,
    sentence: &'a str,
}

#[derive(Serialize)]
struct ConditionJson<'a> {
    sentence: &'a str,
    expression: &'a str,
    tree: TreeJson<'a>,
}

#[derive(Serialize)]
struct ReadingJson<'a> {
    name: &'a str,
    say: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<&'a str>,
    by_site_only: bool,
    pinned: bool,
    condition: ConditionJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
}

#[derive(Serialize)]
struct RemarkJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    say: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<&'a str>,
    condition: ConditionJson<'a>,
}

#[derive(Serialize)]
struct TreeJson<'a> {
    form: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    says: &'a str,
    expression: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    finding: Option<FindingJson<'a>>,
    parts: Vec<TreeJson<'a>>,
}

#[derive(Serialize)]
struct FindingJson<'a> {
    truth: &'static str,
    decides: bool,
    known: &'a [String],
    missing: Vec<MissingJson<'a>>,
    lists: Vec<ListJson<'a>>,
}

#[derive(Serialize)]
struct MissingJson<'a> {
    fact: &'a str,
    label: &'a str,
    cause: &'static str,
}

#[derive(Serialize)]
struct ListJson<'a> {
    looks_for: &'a str,
    complete: bool,
    entries: Vec<EntryJson<'a>>,
}

#[derive(Serialize)]
struct EntryJson<'a> {
    shown: &'a str,
    counts: &'static str,
    because: &'a [String],
}

#[derive(Serialize)]
struct DefinitionJson<'a> {
    name: &'a str,
    label: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    sentence: &'a str,
    expression: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tree: Option<TreeJson<'a>>,
    used_by: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lists: Vec<ListJson<'a>>,
}

#[derive(Serialize)]
struct FactJson<'a> {
    path: &'a str,
    label: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ask: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    obtain: Option<&'a str>,
    answer: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<ValueJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    units: Map<String, Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<&'a str>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    codes: Map<String, Json>,
    judgement: bool,
    measured: bool,
    supporting: bool,
    evidence: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FactJson<'a>>,
    decides: &'a [String],
    set_aside: &'a [String],
    remarks: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<&'a str>,
}

#[derive(Serialize)]
struct ValueJson<'a> {
    name: &'a str,
    label: &'a str,
    unclear: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    codes: Map<String, Json>,
}

/// The explanation as one JSON object with a line break behind it; `version` is that of the program.
///
/// # Errors
/// None that an explanation can cause; the signature is the serializer's.
pub fn render(explanation: &Explanation, version: &str) -> serde_json::Result<String> {
    let trial = &explanation.trial;
    let document = Document {
        schema: SCHEMA,
        trial: TrialJson {
            id: &trial.id,
            title: &trial.title,
            version: trial.version.as_deref(),
            file: &trial.file,
            sha256: &trial.sha256,
            about: explanation
                .whole
                .then(|| about(&About::Map(trial.about.clone()))),
        },
        whole: explanation.whole,
        criteria: explanation.criteria.iter().map(criterion).collect(),
        cautions: explanation.cautions.iter().map(remark).collect(),
        definitions: explanation.terms.iter().map(definition).collect(),
        facts: explanation.facts.iter().map(fact).collect(),
        candidate: explanation
            .candidate
            .as_ref()
            .map(|candidate| CandidateJson {
                name: candidate.name.as_deref(),
                screened_on: candidate.screened_on.to_string(),
                eligibility: candidate.eligibility.name(),
                record_sha256: &candidate.record_sha256,
            }),
        site: explanation.site.as_deref(),
        tool: ToolJson {
            name: "eligo",
            version,
        },
    };
    json_escape::to_string_pretty(&document).map(|json| json + "\n")
}

fn about(of: &About) -> Json {
    match of {
        About::Text(text) => Json::String(text.clone()),
        About::List(items) => Json::Array(items.iter().map(about).collect()),
        About::Map(entries) => Json::Object(
            entries
                .iter()
                .map(|(name, of)| (name.clone(), about(of)))
                .collect(),
        ),
    }
}

fn pairs(pairs: &[(String, String)]) -> Map<String, Json> {
    pairs
        .iter()
        .map(|(name, value)| (name.clone(), Json::String(value.clone())))
        .collect()
}

fn truth(truth: Truth, words: [&'static str; 3]) -> &'static str {
    let [yes, no, unknown] = words;
    match truth {
        Truth::True => yes,
        Truth::False => no,
        Truth::Unknown => unknown,
    }
}

fn criterion(part: &CriterionPart) -> CriterionJson<'_> {
    CriterionJson {
        id: &part.id,
        kind: part.side.name(),
        title: &part.title,
        within: part.within.as_deref(),
        line: part.line,
        text: part.text.as_deref(),
        plain: part.plain.as_deref(),
        basis: part.basis.as_deref(),
        notes: &part.notes,
        applies: part.applies.as_ref().map(condition),
        rule: part.rule.as_ref().map(condition),
        readings: part.readings.iter().map(reading).collect(),
        group: part.group.as_ref().map(|group| GroupJson {
            need: match group.need {
                Need::All => "all",
                Need::Any => "any",
                Need::AtLeast(_) => "at_least",
            },
            n: match group.need {
                Need::AtLeast(n) => Some(n),
                _ => None,
            },
            sentence: &group.sentence,
        }),
        conflicts: part.conflicts.iter().map(remark).collect(),
        doubts: part.doubts.iter().map(remark).collect(),
        cautions: part.cautions.iter().map(remark).collect(),
        closed_world: part.closed_world.as_deref(),
        facts: &part.facts,
        verdict: part.outcome.as_ref().map(|outcome| outcome.verdict.name()),
        reason: part.outcome.as_ref().map(|outcome| outcome.reason.as_str()),
        criteria: part.criteria.iter().map(criterion).collect(),
    }
}

fn condition(logic: &Logic) -> ConditionJson<'_> {
    ConditionJson {
        sentence: &logic.sentence,
        expression: &logic.expression,
        tree: tree(&logic.tree),
    }
}

fn reading(part: &ReadingPart) -> ReadingJson<'_> {
    ReadingJson {
        name: &part.name,
        say: &part.say,
        basis: part.basis.as_deref(),
        by_site_only: part.by_site_only,
        pinned: part.pinned,
        condition: condition(&part.logic),
        verdict: part.verdict.map(crate::screening::Verdict::name),
    }
}

fn remark(part: &RemarkPart) -> RemarkJson<'_> {
    RemarkJson {
        id: part.id.as_deref(),
        say: &part.say,
        basis: part.basis.as_deref(),
        condition: condition(&part.logic),
    }
}

fn tree(part: &Tree) -> TreeJson<'_> {
    TreeJson {
        form: part.form.name(),
        role: part.role.map(super::model::Role::name),
        says: &part.says,
        expression: &part.expression,
        finding: part.finding.as_ref().map(finding),
        parts: part.children.iter().map(tree).collect(),
    }
}

fn finding(part: &Finding) -> FindingJson<'_> {
    FindingJson {
        truth: truth(part.truth, ["true", "false", "unknown"]),
        decides: part.decides,
        known: &part.known,
        missing: part.missing.iter().map(missing).collect(),
        lists: part.lists.iter().map(list).collect(),
    }
}

fn missing(part: &MissingPart) -> MissingJson<'_> {
    MissingJson {
        fact: &part.fact,
        label: &part.label,
        cause: part.cause,
    }
}

fn list(part: &ListFinding) -> ListJson<'_> {
    ListJson {
        looks_for: &part.looks_for,
        complete: !part.open,
        entries: part.entries.iter().map(entry).collect(),
    }
}

fn entry(part: &EntryFinding) -> EntryJson<'_> {
    EntryJson {
        shown: &part.shown,
        counts: truth(part.counts, ["yes", "no", "perhaps"]),
        because: &part.because,
    }
}

fn definition(part: &TermPart) -> DefinitionJson<'_> {
    DefinitionJson {
        name: &part.name,
        label: &part.label,
        line: part.line,
        sentence: &part.sentence,
        expression: &part.expression,
        tree: part.tree.as_ref().map(tree),
        used_by: &part.used_by,
        value: part.value.as_deref(),
        lists: part.lists.iter().map(list).collect(),
    }
}

fn fact(part: &FactPart) -> FactJson<'_> {
    FactJson {
        path: &part.path,
        label: &part.label,
        kind: part.kind,
        line: part.line,
        ask: part.ask.as_deref(),
        stage: part.stage,
        obtain: part.obtain.as_deref(),
        answer: &part.answer,
        values: part.values.iter().map(value).collect(),
        unit: part.unit.as_deref(),
        units: pairs(&part.units),
        range: part.range.as_deref(),
        codes: pairs(&part.codes),
        judgement: part.judgement,
        measured: part.measured,
        supporting: part.supporting,
        evidence: &part.evidence,
        note: part.note.as_deref(),
        fields: part.fields.iter().map(fact).collect(),
        decides: &part.decides,
        set_aside: &part.set_aside,
        remarks: &part.remarks,
        known: part.known.as_deref(),
    }
}

fn value(part: &ValuePart) -> ValueJson<'_> {
    ValueJson {
        name: &part.name,
        label: &part.label,
        unclear: part.unclear,
        note: part.note.as_deref(),
        codes: pairs(&part.codes),
    }
}
