//! What an explanation says, before it is laid out.

use jiff::civil::Date;

use crate::screening::{Eligibility, Verdict};
use crate::trial::{About, Need, Side};
use crate::value::Truth;

/// An explanation of a trial, or of a part of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Which trial.
    pub trial: Identity,
    /// Whether the whole trial is explained.
    pub whole: bool,
    /// Criteria, in the order of the protocol or as they were asked for.
    pub criteria: Vec<CriterionPart>,
    /// The cautions of the trial as a whole.
    pub cautions: Vec<RemarkPart>,
    /// The definitions that the criteria use.
    pub terms: Vec<TermPart>,
    /// The facts that the criteria use.
    pub facts: Vec<FactPart>,
    /// The candidate whose values are shown.
    pub candidate: Option<Candidate>,
    /// The site whose policy is followed.
    pub site: Option<String>,
}

/// Who the trial is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The registry's number.
    pub id: String,
    /// The title, verbatim.
    pub title: String,
    /// The version of the trial file.
    pub version: Option<String>,
    /// The trial file, as it was named.
    pub file: String,
    /// SHA-256 of the trial file.
    pub sha256: String,
    /// Everything else that the file says of the trial.
    pub about: Vec<(String, About)>,
}

/// A screened candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The pseudonym.
    pub name: Option<String>,
    /// The screening date.
    pub screened_on: Date,
    /// What the screening came to.
    pub eligibility: Eligibility,
    /// SHA-256 of the record.
    pub record_sha256: String,
}

/// A criterion or sub-criterion.
#[derive(Debug, Clone, PartialEq)]
pub struct CriterionPart {
    /// Such as `I1b`.
    pub id: String,
    /// On which side it stands.
    pub side: Side,
    /// The criterion that it is a part of.
    pub within: Option<String>,
    /// The short name.
    pub title: String,
    /// The line of the trial file.
    pub line: Option<usize>,
    /// The protocol's words.
    pub text: Option<String>,
    /// What they are taken to mean.
    pub plain: Option<String>,
    /// Where that comes from.
    pub basis: Option<String>,
    /// What else should be known.
    pub notes: Vec<String>,
    /// To whom it applies.
    pub applies: Option<Logic>,
    /// Its own condition, if it has a single one.
    pub rule: Option<Logic>,
    /// The ways to understand the protocol's words.
    pub readings: Vec<ReadingPart>,
    /// What it takes of its parts.
    pub group: Option<GroupPart>,
    /// What the facts cannot both be.
    pub conflicts: Vec<RemarkPart>,
    /// What may all be true, and opens a question about the protocol.
    pub doubts: Vec<RemarkPart>,
    /// What should be said and decides nothing.
    pub cautions: Vec<RemarkPart>,
    /// Why silence may be read as an answer.
    pub closed_world: Option<String>,
    /// The paths of the facts that decide it.
    pub facts: Vec<String>,
    /// What became of it for the candidate.
    pub outcome: Option<OutcomePart>,
    /// Its parts.
    pub criteria: Vec<CriterionPart>,
}

/// What a criterion takes of its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupPart {
    /// How many of them.
    pub need: Need,
    /// The same in a sentence.
    pub sentence: String,
}

/// What became of a criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomePart {
    /// Its verdict.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
}

/// One way to understand the protocol's words.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadingPart {
    /// Its name in site policies.
    pub name: String,
    /// What it takes the words to mean.
    pub say: String,
    /// Where it comes from.
    pub basis: Option<String>,
    /// Whether it counts only where a site policy pins it.
    pub by_site_only: bool,
    /// Whether the site has pinned it.
    pub pinned: bool,
    /// What it asks for.
    pub logic: Logic,
    /// What becomes of the candidate under it, if it counts.
    pub verdict: Option<Verdict>,
}

/// A caution or a conflict.
#[derive(Debug, Clone, PartialEq)]
pub struct RemarkPart {
    /// The name under which a site settles it, of a doubt.
    pub id: Option<String>,
    /// What it says.
    pub say: String,
    /// Where it comes from.
    pub basis: Option<String>,
    /// When it is raised.
    pub logic: Logic,
}

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Logic {
    /// What it asks for, as a sentence.
    pub sentence: String,
    /// The expression, as the trial file has it.
    pub expression: String,
    /// Its parts.
    pub tree: Tree,
}

/// A part of a condition, with its own parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// How its parts are joined.
    pub form: Form,
    /// What it is for the part above it, if that is a choice.
    pub role: Option<Role>,
    /// What it says: of a leaf, a clause; otherwise, how its parts are joined.
    pub says: String,
    /// Its piece of the expression.
    pub expression: String,
    /// Its parts.
    pub children: Vec<Tree>,
    /// What is known of the candidate.
    pub finding: Option<Finding>,
}

/// How the parts of a condition are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// It has no parts, or none that are taken apart.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Whether it holds.
    pub truth: Truth,
    /// Whether the whole is what it is because of this part.
    pub decides: bool,
    /// What is known: of a leaf only.
    pub known: Vec<String>,
    /// What is missing: of a leaf that is unknown only.
    pub missing: Vec<MissingPart>,
    /// The entries of the lists that it looks through.
    pub lists: Vec<ListFinding>,
}

/// A fact whose value does not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingPart {
    /// Its path.
    pub fact: String,
    /// Its label.
    pub label: String,
    /// Why, as a code.
    pub cause: &'static str,
    /// Why, in words.
    pub why: String,
}

/// The entries of a list, as a condition looks through them.
#[derive(Debug, Clone, PartialEq)]
pub struct ListFinding {
    /// What is looked for.
    pub looks_for: String,
    /// The entries, as recorded.
    pub entries: Vec<EntryFinding>,
    /// Whether there may be entries that the record does not list.
    pub open: bool,
}

/// An entry of a list, as a condition looks at it.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryFinding {
    /// What is recorded of it.
    pub shown: String,
    /// Whether it counts: certainly, not, or perhaps.
    pub counts: Truth,
    /// Why it does not count, or only perhaps.
    pub because: Vec<String>,
}

/// A named expression.
#[derive(Debug, Clone, PartialEq)]
pub struct TermPart {
    /// Its name in expressions.
    pub name: String,
    /// How it is called.
    pub label: String,
    /// The line of the trial file.
    pub line: Option<usize>,
    /// What it stands for, as a sentence.
    pub sentence: String,
    /// The expression, as the trial file has it.
    pub expression: String,
    /// The parts of a named condition.
    pub tree: Option<Tree>,
    /// The criteria that use it.
    pub used_by: Vec<String>,
    /// Its value for the candidate.
    pub value: Option<String>,
    /// The entries of the lists that a value is taken from.
    pub lists: Vec<ListFinding>,
}

/// A fact that a record may state, or a field of a list's entries.
#[derive(Debug, Clone, PartialEq)]
pub struct FactPart {
    /// Its path.
    pub path: String,
    /// Its short name.
    pub label: String,
    /// Its type, as a trial file writes it.
    pub kind: &'static str,
    /// The line of the trial file.
    pub line: Option<usize>,
    /// The question.
    pub ask: Option<String>,
    /// What may be answered, in words.
    pub answer: String,
    /// The allowed values.
    pub values: Vec<ValuePart>,
    /// The unit in which values are kept.
    pub unit: Option<String>,
    /// Other accepted units, each with the factor that turns a value in it into one in `unit`.
    pub units: Vec<(String, String)>,
    /// The plausible range, in words.
    pub range: Option<String>,
    /// Standard codes by system.
    pub codes: Vec<(String, String)>,
    /// Whether it is a judgement of the investigator.
    pub judgement: bool,
    /// Whether it is the result of a measurement.
    pub measured: bool,
    /// Whether no verdict ever needs it.
    pub supporting: bool,
    /// When in a work-up it is obtained.
    pub stage: Option<&'static str>,
    /// How it is obtained.
    pub obtain: Option<String>,
    /// What must come with a value, and what its absence means, in sentences.
    pub evidence: Vec<String>,
    /// What else should be known.
    pub note: Option<String>,
    /// The fields of an entry; of a list of single values, the one value.
    pub fields: Vec<FactPart>,
    /// The criteria that it decides.
    pub decides: Vec<String>,
    /// The criteria that look at it only under readings which do not count, unless a site pins them.
    pub set_aside: Vec<String>,
    /// The criteria whose cautions or conflicts look at it; `trial` for those of the trial as a whole.
    pub remarks: Vec<String>,
    /// What is known of the candidate.
    pub known: Option<String>,
}

/// An allowed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValuePart {
    /// How a record writes it.
    pub name: String,
    /// How a report writes it.
    pub label: String,
    /// Whether it settles nothing.
    pub unclear: bool,
    /// What else should be known.
    pub note: Option<String>,
    /// Standard codes by system.
    pub codes: Vec<(String, String)>,
}

impl CriterionPart {
    /// Calls `visit` on it and on every part below it, in the protocol's order.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a CriterionPart)) {
        visit(self);
        for part in &self.criteria {
            part.walk(visit);
        }
    }
}

impl Role {
    /// As a tree writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::If => "if",
            Self::Then => "then",
            Self::ElseIf => "else if",
            Self::Otherwise => "otherwise",
        }
    }
}

impl Role {
    /// Its name in machine-readable output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::If => "if",
            Self::Then => "then",
            Self::ElseIf => "else_if",
            Self::Otherwise => "otherwise",
        }
    }
}

impl Form {
    /// Its name in machine-readable output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Leaf => "condition",
            Self::All => "all",
            Self::Any => "any",
            Self::NotAll => "not_all",
            Self::None => "none",
            Self::Not => "not",
            Self::OneOfTwo => "one_of_two",
            Self::Implies => "implies",
            Self::Choice => "choice",
            Self::Term => "term",
        }
    }
}
