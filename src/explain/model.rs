//! What an explanation says, before it is laid out: the parts of the versioned contract `eligo/explain/1`, with its names and
//! in its order. Fields may be added to them, never renamed or removed.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json};

use crate::facts::Stage;
use crate::json_escape::{self, Tool};
use crate::screening::{Eligibility, Verdict};
use crate::trial::{About, Need, Side};
use crate::value::Truth;

/// The version line of an explanation.
pub const SCHEMA: &str = "eligo/explain/1";

/// An explanation of a trial, or of a part of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    pub(super) trial: Identity,
    /// Whether the whole trial is explained.
    pub(super) whole: bool,
    /// In the order of the protocol, or as they were asked for.
    pub(super) criteria: Vec<CriterionPart>,
    /// Those of the trial as a whole.
    pub(super) cautions: Vec<RemarkPart>,
    pub(super) definitions: Vec<DefinitionPart>,
    pub(super) facts: Vec<FactPart>,
    /// Words of records for what is missing, beside those of every trial.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) missing_words: Vec<MissingWordPart>,
    /// The candidate whose values are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) candidate: Option<Candidate>,
    /// The site whose policy is followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) site: Option<String>,
}

impl Explanation {
    /// One JSON object with a line break behind it; `version` is that of the program.
    ///
    /// # Errors
    /// None that an explanation can cause; the signature is the serializer's.
    pub fn json(&self, version: &str) -> serde_json::Result<String> {
        #[derive(Serialize)]
        struct Document<'e> {
            schema: &'static str,
            #[serde(flatten)]
            explanation: &'e Explanation,
            tool: Tool<'e>,
        }
        json_escape::document(&Document {
            schema: SCHEMA,
            explanation: self,
            tool: Tool::eligo(version),
        })
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Identity {
    pub id: String,
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// As it was named.
    pub file: String,
    pub sha256: String,
    /// Everything else that the file says of the trial; nothing where only a part of it is explained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
}

/// A word of records for why there is no value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct MissingWordPart {
    pub word: String,
    pub cause: &'static str,
    /// What reports say of it.
    #[serde(skip)]
    pub words: &'static str,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Candidate {
    /// The pseudonym.
    pub name: Option<String>,
    pub screened_on: String,
    pub eligibility: Eligibility,
    pub record_sha256: String,
}

/// A criterion or sub-criterion.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct CriterionPart {
    pub id: String,
    #[serde(rename = "kind")]
    pub side: Side,
    pub title: String,
    /// The criterion that it is a part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// The line of the trial file.
    pub line: usize,
    /// The protocol's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What they are taken to mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plain: Option<String>,
    /// Where that comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    pub notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applies: Option<ConditionPart>,
    /// Its own condition, if it has a single one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<ConditionPart>,
    pub readings: Vec<ReadingPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupPart>,
    /// What the facts cannot both be.
    pub conflicts: Vec<RemarkPart>,
    /// What may all be true, and opens a question about the protocol.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<RemarkPart>,
    /// What should be said and decides nothing.
    pub cautions: Vec<RemarkPart>,
    /// Why silence may be read as an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_world: Option<String>,
    /// The paths of the facts that decide it.
    pub facts: Vec<String>,
    #[serde(flatten)]
    pub outcome: Option<OutcomePart>,
    pub criteria: Vec<CriterionPart>,
}

/// How many of its parts a criterion takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct GroupPart {
    need: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<usize>,
    pub sentence: String,
}

impl GroupPart {
    pub fn new(need: Need, sentence: String) -> Self {
        let (need, n) = match need {
            Need::All => ("all", None),
            Need::Any => ("any", None),
            Need::AtLeast(n) => ("at_least", Some(n)),
        };
        Self { need, n, sentence }
    }
}

/// What became of a criterion for the candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct OutcomePart {
    pub verdict: Verdict,
    pub reason: String,
}

/// One way to understand the protocol's words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct ReadingPart {
    pub name: String,
    /// What it takes the words to mean.
    pub say: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// Whether it counts only where a site policy pins it.
    pub by_site_only: bool,
    pub pinned: bool,
    pub condition: ConditionPart,
    /// What becomes of the candidate under it, if it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// A caution, a conflict or a doubt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct RemarkPart {
    /// Of a doubt, the name under which a site settles it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub say: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// When it is raised.
    pub condition: ConditionPart,
}

impl RemarkPart {
    /// Whether it is raised for the candidate.
    pub fn is_raised(&self) -> bool {
        let tree = self.condition.tree.as_ref();
        let finding = tree.and_then(|tree| tree.finding.as_ref());
        finding.is_some_and(|finding| finding.truth == Truth::True)
    }
}

/// A condition, or another expression with a name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct ConditionPart {
    /// What it asks for, or what it stands for.
    pub sentence: String,
    /// As the trial file has it.
    pub expression: String,
    /// Of a condition only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tree: Option<Tree>,
}

/// A part of a condition, with its own parts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tree {
    /// How its parts are joined.
    pub form: Form,
    /// What it is for the part above it, if that is a choice or an implication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Of a leaf, a clause; otherwise, how its parts are joined.
    pub says: String,
    /// Its piece of the expression.
    pub expression: String,
    /// What is known of the candidate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<Finding>,
    /// Its parts.
    pub parts: Vec<Tree>,
}

/// How the parts of a condition are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// It has no parts, or none that are taken apart.
    #[serde(rename = "condition")]
    Leaf,
    /// Every part must hold.
    All,
    /// One part must hold.
    Any,
    /// One part at least must not hold.
    NotAll,
    /// No part may hold.
    None,
    /// The one part must not hold.
    Not,
    /// Just one of two parts must hold.
    OneOfTwo,
    /// If the first part holds, the second must.
    Implies,
    /// The part behind the first condition that holds.
    Choice,
    /// A named condition; its part is what it stands for.
    Term,
}

/// What a part is for a choice or an implication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// What is asked first.
    If,
    /// What must hold then.
    Then,
    /// What is asked next.
    ElseIf,
    /// What must hold where nothing that was asked does.
    Otherwise,
}

/// What is known of a candidate at a part of a condition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// Whether it holds.
    pub truth: Truth,
    /// Whether the whole is what it is because of this part.
    pub decides: bool,
    /// What is recorded: of a leaf only.
    pub(super) known: Vec<String>,
    /// Of a leaf that is unknown only.
    pub(super) missing: Vec<MissingPart>,
    /// The lists that it looks through.
    pub lists: Vec<ListFinding>,
}

/// A fact whose value does not do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct MissingPart {
    /// Its path.
    pub fact: String,
    pub label: String,
    pub cause: &'static str,
    /// The cause in words.
    #[serde(skip)]
    pub why: String,
}

/// The entries of a list, as a condition looks through them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ListFinding {
    pub(super) looks_for: String,
    /// Whether the record lists every entry that there is.
    pub complete: bool,
    /// The entries, as recorded.
    pub entries: Vec<EntryFinding>,
}

/// An entry of a list, as a condition looks at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryFinding {
    /// The entry, as recorded.
    pub shown: String,
    /// Whether it is one of those that are looked for.
    #[serde(serialize_with = "counts")]
    pub counts: Truth,
    /// Why it does not count, or perhaps does not.
    pub because: Vec<String>,
}

/// A named expression.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct DefinitionPart {
    pub name: String,
    pub label: String,
    /// The line of the trial file.
    pub line: usize,
    #[serde(flatten)]
    pub condition: ConditionPart,
    /// Criteria.
    pub used_by: Vec<String>,
    /// The candidate's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The lists that a value is taken from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<ListFinding>,
}

/// A fact that a record may state, or a field of a list's entries.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct FactPart {
    pub path: String,
    pub label: String,
    /// As a trial file writes it.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The line of the trial file.
    pub line: usize,
    /// The question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<String>,
    /// When in a work-up it is obtained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// How it is obtained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obtain: Option<String>,
    /// What may be answered, in words.
    pub answer: String,
    /// The allowed ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<ValuePart>,
    /// The unit in which values are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Other accepted units, each with the factor that turns a value in it into one in `unit`.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub units: Map<String, Json>,
    /// The plausible range, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
    /// Standard codes by system.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub codes: BTreeMap<String, String>,
    /// Whether it is a judgement of the investigator.
    pub judgement: bool,
    /// Whether it is the result of a measurement.
    pub measured: bool,
    /// Whether no verdict ever needs it.
    pub supporting: bool,
    /// What must come with a value, and what its absence means, in sentences.
    pub evidence: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The fields of an entry; of a list of single values, the one value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FactPart>,
    /// The criteria that it decides.
    pub decides: Vec<String>,
    /// The criteria that look at it only under readings which do not count, unless a site pins them.
    pub set_aside: Vec<String>,
    /// The criteria whose cautions or conflicts look at it; `trial` for those of the trial as a whole.
    pub remarks: Vec<String>,
    /// What is known of the candidate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known: Option<String>,
}

/// An allowed value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct ValuePart {
    /// As a record writes it.
    pub name: String,
    /// As a report writes it.
    pub label: String,
    /// Whether it settles nothing.
    pub unclear: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Standard codes by system.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub codes: BTreeMap<String, String>,
}

impl Serialize for About {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Map(parts) => {
                serializer.collect_map(parts.iter().map(|(name, part)| (name, part)))
            }
        }
    }
}

fn counts<S: Serializer>(counts: &Truth, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match counts {
        Truth::True => "yes",
        Truth::False => "no",
        Truth::Unknown => "perhaps",
    })
}
