//! What a case wants and does not get.

use std::borrow::Cow;

use super::{RemarkKind, Remarks, Wanted};
use crate::report::sentence::Sentences;
use crate::screening::{Outcome, Raised, Screening};

/// What is wrong, and what there is instead.
type Missed = (String, Option<String>);

/// What a case did not get, and what it got instead.
pub(super) fn missed(wanted: &Wanted, screening: &Screening<'_>) -> Option<Missed> {
    let sentences = Sentences::new(screening);
    match wanted {
        Wanted::Refused(_) => None,
        Wanted::Eligibility(wanted) => eligibility(wanted, screening, &sentences),
        Wanted::Verdict(id, wanted) => {
            let outcome = find(screening, id)?;
            let found = outcome.verdict.name();
            let message = || format!("{id} is {found}, wanted {wanted}");
            (found != wanted).then(|| (message(), Some(sentences.reason(outcome))))
        }
        Wanted::Reason(id, words) => {
            let reason = sentences.reason(find(screening, id)?);
            let message = || format!("the reason of {id} does not say “{words}”");
            (!reason.contains(words.as_str())).then(|| (message(), Some(reason)))
        }
        Wanted::Remarks(kind, id, wanted) => {
            let said = match (kind, id.as_str()) {
                (RemarkKind::Caution, "trial") => remark_texts(&screening.cautions),
                (kind, id) => kind.raised_by(find(screening, id)?),
            };
            let message = wanted.missed(*kind, &said, id)?;
            let help = if said.is_empty() {
                "none is raised".to_owned()
            } else {
                format!("raised: {}", said.join("; "))
            };
            Some((message, Some(help)))
        }
        Wanted::Silence(kind) => silence(*kind, screening),
        Wanted::Next(wanted) => {
            let next = screening.next.iter();
            let found: Vec<&str> = next
                .map(|next| screening.trial.facts.get(next.fact).path.as_str())
                .collect();
            let message = || format!("what to obtain does not begin with {}", wanted.join(", "));
            let begins = found
                .get(..wanted.len())
                .is_some_and(|first| first == wanted);
            (!begins).then(|| (message(), Some(format!("it is: {}", found.join(", ")))))
        }
    }
}

fn eligibility(
    wanted: &str,
    screening: &Screening<'_>,
    sentences: &Sentences<'_>,
) -> Option<Missed> {
    let found = screening.eligibility.name();
    if found == wanted {
        return None;
    }
    let obstacles = screening
        .outcomes
        .iter()
        .filter(|one| one.verdict.is_obstacle());
    let each: Vec<String> = obstacles
        .map(|one| {
            let (id, verdict) = (&one.criterion.id, one.verdict.name());
            format!("{id} {verdict}: {}", sentences.reason(one))
        })
        .collect();
    let message = format!("the candidate is {found}, wanted {wanted}");
    Some((message, (!each.is_empty()).then(|| each.join("\n"))))
}

fn silence(kind: RemarkKind, screening: &Screening<'_>) -> Option<Missed> {
    let mut found: Vec<String> = Vec::new();
    let mut add = |id: &str, raised: &[Cow<'_, str>]| {
        found.extend(raised.iter().map(|say| format!("{id}: {say}")));
    };
    if kind == RemarkKind::Caution {
        add("trial", &remark_texts(&screening.cautions));
    }
    for outcome in &screening.outcomes {
        outcome.walk(&mut |outcome| add(&outcome.criterion.id, &kind.raised_by(outcome)));
    }
    let message = || {
        format!(
            "no {} is wanted, and there are {}",
            kind.word(),
            found.len()
        )
    };
    (!found.is_empty()).then(|| (message(), Some(found.join("\n"))))
}

impl RemarkKind {
    /// What is raised of a criterion; of doubts those that no site settled, behind their ids.
    pub(super) fn raised_by<'a>(self, outcome: &'a Outcome<'_>) -> Vec<Cow<'a, str>> {
        match self {
            Self::Caution => remark_texts(&outcome.cautions),
            Self::Conflict => remark_texts(&outcome.conflicts),
            Self::Doubt => {
                let open = outcome.doubts.iter().filter(|one| one.settled.is_none());
                open.map(|one| Cow::Owned(format!("{}: {}", one.doubt.id, one.said())))
                    .collect()
            }
        }
    }
}

/// What remarks say.
pub(super) fn remark_texts<'a>(remarks: &'a [Raised<'_>]) -> Vec<Cow<'a, str>> {
    remarks.iter().map(Raised::said).collect()
}

impl Remarks {
    /// What is wrong with those that are raised of a criterion, or of the trial.
    pub(super) fn missed(
        &self,
        kind: RemarkKind,
        raised: &[Cow<'_, str>],
        id: &str,
    ) -> Option<String> {
        let what = kind.word();
        let wanted = match self {
            Self::With(words) => std::slice::from_ref(words),
            Self::Only(all) => all,
        };
        let mut missing = wanted
            .iter()
            .filter(|words| !raised.iter().any(|said| said.contains(words.as_str())));
        if let Some(words) = missing.next() {
            return Some(format!("no {what} of {id} says “{words}”"));
        }
        let Self::Only(all) = self else { return None };
        let wanted = |said: &str| all.iter().any(|words| said.contains(words.as_str()));
        let other = raised.iter().find(|said| !wanted(said))?;
        Some(format!("{id} has a {what} that is not wanted: “{other}”"))
    }
}

fn find<'s, 'a>(screening: &'s Screening<'a>, id: &str) -> Option<&'s Outcome<'a>> {
    let mut found = None;
    for outcome in &screening.outcomes {
        outcome.walk(&mut |outcome| {
            if outcome.criterion.id == id {
                found = Some(outcome);
            }
        });
    }
    found
}
