//! A screening as a sheet to print, sign and keep: HTML or Markdown, by a template.
//!
//! A template sees what programs see: `report` is `eligo/report/1`. Beside it stand what readers need: `word`, `why` and `cautions` of
//! the first line, `class` for its colour, `verdicts` (`word` and `class` of each criterion by its id), `labels` of
//! facts by their path, the words of `causes` by their code, and `disclaimer`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::json::{Report, report};
use super::markup::{Markup, fill};
use super::sentence::{Sentences, missing_in_words};
use super::table::{conclusion, counted_cautions, verdict_word};
use super::{Provenance, disclaimer};
use crate::diagnostic::{Diagnostics, Source};
use crate::screening::{Eligibility, GapCause, Outcome, Screening, Verdict};

/// The template that comes with the program.
#[must_use]
pub fn template(markup: Markup) -> Arc<Source> {
    match markup {
        Markup::Html => Source::new("sheet.html", include_str!("sheet.html")),
        Markup::Markdown => Source::new("sheet.md", include_str!("sheet.md")),
    }
}

/// What a template sees.
const SEEN: &str = "`report` (eligo/report/1), `word`, `why`, `cautions`, `class`, `verdicts`, `labels`, `causes` and `disclaimer`";

/// The same as data.
#[derive(Serialize)]
struct Page<'a> {
    report: Report<'a>,
    word: &'static str,
    class: &'static str,
    why: String,
    cautions: Option<String>,
    verdicts: BTreeMap<&'a str, Shown>,
    labels: BTreeMap<&'a str, &'a str>,
    causes: BTreeMap<&'static str, String>,
    disclaimer: String,
}

/// How a verdict is shown.
#[derive(Serialize)]
struct Shown {
    word: &'static str,
    class: &'static str,
    /// Without the reasons of sub-criteria where these are shown below it.
    reason: String,
}

/// The sheet of a screening.
///
/// # Errors
/// The template is wrong, with the place.
pub fn render(
    screening: &Screening<'_>,
    provenance: &Provenance,
    markup: Markup,
    template: &Arc<Source>,
) -> Result<String, Diagnostics> {
    let (word, why) = conclusion(screening);
    let sentences = Sentences::new(screening);
    let mut verdicts = BTreeMap::new();
    let mut causes: BTreeMap<_, _> = screening
        .next
        .iter()
        .map(|next| in_words(next.cause))
        .collect();
    for outcome in &screening.outcomes {
        outcome.walk(&mut |outcome| {
            verdicts.insert(outcome.criterion.id.as_str(), shown(outcome, &sentences));
            causes.extend(outcome.gaps.iter().map(|gap| in_words(gap.cause)));
        });
    }
    let facts = screening.trial.facts.iter();
    let page = Page {
        report: report(screening, provenance),
        word,
        class: class(match screening.eligibility {
            Eligibility::Eligible => Verdict::Pass,
            Eligibility::Ineligible => Verdict::Fail,
            Eligibility::Undetermined => Verdict::Unknown,
        }),
        why,
        cautions: counted_cautions(screening.caution_count()),
        verdicts,
        labels: facts
            .map(|(_, fact)| (fact.path.as_str(), fact.label.as_str()))
            .collect(),
        causes,
        disclaimer: disclaimer(),
    };
    fill(&page, markup, template, SEEN)
}

/// Why a fact is missing, by its code.
fn in_words(cause: GapCause) -> (&'static str, String) {
    (cause.code(), missing_in_words(cause))
}

fn shown(outcome: &Outcome<'_>, sentences: &Sentences<'_>) -> Shown {
    let (word, _) = verdict_word(outcome);
    let is_loud = word.chars().all(|one| !one.is_lowercase());
    let class = if is_loud {
        class(outcome.verdict)
    } else {
        "dim"
    };
    Shown {
        word,
        class,
        reason: sentences.reason_in_row(outcome),
    }
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Unknown => "unknown",
        Verdict::NotApplicable => "dim",
    }
}
