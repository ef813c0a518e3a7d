//! A screening as JSON: the versioned contract `eligo/report/1`, with structs of its own. Fields may be added to it,
//! never renamed or removed.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::sentence::Sentences;
use super::{DISCLAIMER, Logged, MergedFrom, Provenance};
use crate::entry::Evidence;
use crate::facts::{FactId, Kind, Stage};
use crate::json_escape::{self, Tool};
use crate::screening::{
    Eligibility, Gap, Next, OpenQuestion, Outcome, Raised, RaisedDoubt, Screening, Verdict,
};
use crate::trial::policy::Settlement;
use crate::trial::{Policy, Remark, Side, Trial};
use crate::value::{Truth, date};

/// The version line of a report.
pub const SCHEMA: &str = "eligo/report/1";

/// Writes what has a name in machine-readable output by that name.
macro_rules! serialize_by_name {
    ($($kind:ty),*) => {$(
        impl Serialize for $kind {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    )*};
}

serialize_by_name!(Eligibility, Settlement, Side, Stage, Truth, Verdict);

#[derive(Serialize)]
pub(super) struct Report<'a> {
    schema: &'static str,
    trial: TrialPart<'a>,
    candidate: Option<&'a str>,
    screened_on: String,
    eligibility: Eligibility,
    criteria: Vec<CriterionPart<'a>>,
    next: Vec<NextPart<'a>>,
    rulings: Vec<RulingPart<'a>>,
    cautions: Vec<RemarkPart<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<SitePart<'a>>,
    record: RecordPart<'a>,
    tool: Tool<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logged: Option<&'a Logged>,
    disclaimer: &'static str,
}

#[derive(Serialize)]
pub(crate) struct TrialPart<'a> {
    id: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    sha256: &'a str,
}

impl<'a> TrialPart<'a> {
    pub(crate) fn of(trial: &'a Trial) -> Self {
        Self {
            id: &trial.id,
            title: &trial.title,
            version: trial.version.as_deref(),
            sha256: &trial.sha256,
        }
    }
}

#[derive(Serialize)]
struct CriterionPart<'a> {
    id: &'a str,
    kind: Side,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    verdict: Verdict,
    reason: String,
    evidence: Vec<EvidencePart<'a>>,
    missing: Vec<MissingPart<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    readings: Vec<ReadingPart<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned: Option<&'a str>,
    /// The reading of each question that the site pinned.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pinned_questions: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    questions: Vec<QuestionPart<'a>>,
    conflicts: Vec<RemarkPart<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    doubts: Vec<DoubtPart<'a>>,
    cautions: Vec<RemarkPart<'a>>,
    criteria: Vec<CriterionPart<'a>>,
}

#[derive(Serialize)]
struct EvidencePart<'a> {
    fact: &'a str,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    /// What stands in the record, where it is another spelling.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    written: &'a [String],
}

#[derive(Serialize)]
struct MissingPart<'a> {
    fact: &'a str,
    cause: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    /// What stands in the record, where it is another spelling.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    written: &'a [String],
}

#[derive(Serialize)]
struct ReadingPart<'a> {
    name: &'a str,
    say: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<&'a str>,
    verdict: Verdict,
}

#[derive(Serialize)]
struct RemarkPart<'a> {
    say: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<&'a str>,
    /// Whether it only may hold.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    may: bool,
}

/// A question about the meaning of words on which the verdict hangs.
#[derive(Serialize)]
struct QuestionPart<'a> {
    name: &'a str,
    readings: Vec<ReadingPart<'a>>,
}

/// A question about the protocol that the record opens.
#[derive(Serialize)]
struct DoubtPart<'a> {
    id: &'a str,
    #[serde(flatten)]
    remark: RemarkPart<'a>,
    /// How the site settled it.
    settled: Option<Settlement>,
}

#[derive(Serialize)]
struct NextPart<'a> {
    fact: &'a str,
    label: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ask: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<Stage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    obtain: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    cause: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    criteria: &'a [String],
    /// None where no answer was tried.
    can_decide: Option<bool>,
    decides: Option<bool>,
}

#[derive(Serialize)]
struct RulingPart<'a> {
    criterion: &'a str,
    readings: Vec<ReadingPart<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    questions: Vec<QuestionPart<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    doubts: Vec<DoubtPart<'a>>,
}

#[derive(Serialize)]
pub(crate) struct SitePart<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    sha256: &'a str,
}

impl<'a> SitePart<'a> {
    /// None where there is no policy.
    pub(crate) fn of(policy: &'a Policy) -> Option<Self> {
        let sha256 = policy.sha256.as_deref()?;
        Some(Self {
            name: policy.site.as_deref(),
            sha256,
        })
    }
}

#[derive(Serialize)]
struct RecordPart<'a> {
    sha256: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    /// What was merged into it, in that order.
    #[serde(skip_serializing_if = "<[MergedFrom]>::is_empty")]
    merged: &'a [MergedFrom],
}

/// The report as one JSON object with a line break behind it.
///
/// # Errors
/// None that a report can cause; the signature is the serializer's.
pub fn render(screening: &Screening<'_>, provenance: &Provenance) -> serde_json::Result<String> {
    json_escape::document(&report(screening, provenance))
}

/// The report as data.
pub(super) fn report<'a>(screening: &'a Screening<'_>, provenance: &'a Provenance) -> Report<'a> {
    let sentences = Sentences::new(screening);
    let trial = screening.trial;
    let rulings = screening
        .rulings()
        .into_iter()
        .map(|outcome| RulingPart {
            criterion: &outcome.criterion.id,
            readings: if outcome.readings_differ() {
                readings(outcome)
            } else {
                Vec::new()
            },
            questions: questions(outcome),
            doubts: doubts(outcome.doubts_to_rule()),
        })
        .collect();
    Report {
        schema: SCHEMA,
        trial: TrialPart::of(trial),
        candidate: screening.record.candidate.as_deref(),
        screened_on: screening.record.screened_on.to_string(),
        eligibility: screening.eligibility,
        criteria: screening
            .outcomes
            .iter()
            .map(|outcome| criterion(screening, &sentences, outcome))
            .collect(),
        next: screening
            .next
            .iter()
            .map(|next| next_part(screening, next))
            .collect(),
        rulings,
        cautions: remarks(&screening.cautions),
        site: SitePart::of(screening.policy),
        record: RecordPart {
            sha256: &provenance.record_sha256,
            note: screening.record.note.as_deref(),
            merged: &provenance.merged,
        },
        tool: Tool::eligo(&provenance.version),
        logged: provenance.logged.as_ref(),
        disclaimer: DISCLAIMER,
    }
}

fn next_part<'a>(screening: &'a Screening<'_>, next: &'a Next) -> NextPart<'a> {
    let fact = screening.trial.facts.get(next.fact);
    NextPart {
        fact: &fact.path,
        label: &fact.label,
        ask: fact.ask.as_deref(),
        stage: fact.stage,
        obtain: fact.obtain.as_deref(),
        unit: match &fact.kind {
            Kind::Quantity(measure) => Some(&measure.unit),
            _ => None,
        },
        cause: next.cause.code(),
        note: note_of(screening, next.fact),
        criteria: &next.criteria,
        can_decide: next.tried.then_some(next.can_decide),
        decides: next.tried.then_some(next.decides),
    }
}

fn criterion<'a>(
    screening: &'a Screening<'_>,
    sentences: &Sentences<'_>,
    outcome: &'a Outcome<'a>,
) -> CriterionPart<'a> {
    let mut facts: Vec<FactId> = outcome
        .deciding()
        .into_iter()
        .flat_map(|leaf| leaf.facts(&screening.trial.definitions))
        .collect();
    facts.sort_unstable();
    facts.dedup();
    CriterionPart {
        id: &outcome.criterion.id,
        kind: outcome.criterion.side,
        title: &outcome.criterion.title,
        text: outcome.criterion.text.as_deref(),
        verdict: outcome.verdict,
        reason: sentences.reason(outcome),
        evidence: facts
            .into_iter()
            .filter_map(|fact| evidence(screening, sentences, fact))
            .collect(),
        missing: outcome
            .gaps
            .iter()
            .map(|gap| missing(screening, gap))
            .collect(),
        readings: readings(outcome),
        pinned: outcome.pinned.map(|reading| reading.name.as_str()),
        pinned_questions: outcome
            .criterion
            .questions()
            .iter()
            .filter_map(|question| {
                let pinned = screening.policy.pinned(outcome.criterion, question)?;
                Some((question.name.as_str(), pinned))
            })
            .collect(),
        questions: questions(outcome),
        conflicts: remarks(&outcome.conflicts),
        doubts: doubts(outcome.doubts.iter()),
        cautions: remarks(&outcome.cautions),
        criteria: outcome
            .children
            .iter()
            .map(|child| criterion(screening, sentences, child))
            .collect(),
    }
}

fn evidence<'a>(
    screening: &'a Screening<'_>,
    sentences: &Sentences<'_>,
    fact: FactId,
) -> Option<EvidencePart<'a>> {
    let value = sentences.value_of(fact)?;
    let about: Option<&Evidence> = screening.entries.get(fact.0)?.evidence.as_deref();
    Some(EvidencePart {
        fact: &screening.trial.facts.get(fact).path,
        value,
        date: about
            .and_then(|about| about.date.as_ref())
            .map(date::format),
        by: about.and_then(|about| about.by.as_deref()),
        source: about.and_then(|about| about.source.as_deref()),
        note: about.and_then(|about| about.note.as_deref()),
        written: about.map_or(&[], |about| &about.spelled),
    })
}

fn missing<'a>(screening: &'a Screening<'_>, gap: &Gap) -> MissingPart<'a> {
    MissingPart {
        fact: &screening.trial.facts.get(gap.fact).path,
        cause: gap.cause.code(),
        note: note_of(screening, gap.fact),
        written: why_missing(screening, gap.fact).map_or(&[], |about| &about.spelled),
    }
}

/// The remark on a fact that has no value.
fn note_of<'a>(screening: &'a Screening<'_>, fact: FactId) -> Option<&'a str> {
    why_missing(screening, fact)?.note.as_deref()
}

/// What the record says of a fact that has no value.
fn why_missing<'a>(screening: &'a Screening<'_>, fact: FactId) -> Option<&'a Evidence> {
    let entry = screening.entries.get(fact.0)?;
    let is_missing = entry.value.is_null();
    entry.evidence.as_deref().filter(|_| is_missing)
}

fn readings<'a>(outcome: &'a Outcome<'_>) -> Vec<ReadingPart<'a>> {
    let part = |one: &'a crate::screening::ReadingOutcome<'_>| ReadingPart {
        name: &one.reading.name,
        say: &one.reading.say,
        basis: one.reading.basis.as_deref(),
        verdict: one.verdict,
    };
    outcome.readings.iter().map(part).collect()
}

fn questions<'a>(outcome: &Outcome<'a>) -> Vec<QuestionPart<'a>> {
    let part = |open: OpenQuestion<'a>| QuestionPart {
        name: &open.question.name,
        readings: open
            .verdicts
            .iter()
            .filter_map(|(place, verdict)| {
                let meaning = open.question.meanings.get(*place)?;
                Some(ReadingPart {
                    name: &meaning.name,
                    say: &meaning.say,
                    basis: meaning.basis.as_deref(),
                    verdict: *verdict,
                })
            })
            .collect(),
    };
    outcome.open_questions().into_iter().map(part).collect()
}

fn doubts<'o, 'a: 'o>(raised: impl Iterator<Item = &'o RaisedDoubt<'a>>) -> Vec<DoubtPart<'a>> {
    let part = |raised: &RaisedDoubt<'a>| DoubtPart {
        id: &raised.doubt.id,
        remark: remark(&raised.doubt.remark, raised.may),
        settled: raised.settled,
    };
    raised.map(part).collect()
}

fn remarks<'a>(remarks: &[Raised<'a>]) -> Vec<RemarkPart<'a>> {
    let part = |raised: &Raised<'a>| remark(raised.remark, raised.may);
    remarks.iter().map(part).collect()
}

fn remark(remark: &Remark, may: bool) -> RemarkPart<'_> {
    RemarkPart {
        say: &remark.say,
        basis: remark.basis.as_deref(),
        may,
    }
}
