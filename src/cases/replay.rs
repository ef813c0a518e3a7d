//! Cases whose records have been read, so that changed rules can be tried on them again and again.

use jiff::civil::Date;

use super::missed::remark_texts;
use super::{Case, RemarkKind, Suite, Wanted};
use crate::entry::Entry;
use crate::evaluate::Context;
use crate::screening::{Eligibility, Outcome, Raised, Verdict};
use crate::trial::{Policy, Trial};

/// A case that screens a record.
#[derive(Debug)]
pub struct Replay<'s> {
    case: &'s Case,
    /// What the site accepts of the record.
    pub entries: Vec<Entry>,
    /// The screening date.
    pub today: Date,
}

impl Suite {
    /// The cases that screen a record. What a case with a refused record wants does not hang on the rules.
    #[must_use]
    pub fn replays(&self, trial: &Trial, today: Date) -> Vec<Replay<'_>> {
        let mut replays = Vec::new();
        for case in &self.cases {
            let Ok(record) = self.record(case, trial, today) else {
                continue;
            };
            let mut entries = record.entries;
            case.policy.accept(&mut entries, trial, record.screened_on);
            replays.push(Replay {
                case,
                entries,
                today: record.screened_on,
            });
        }
        replays
    }
}

impl<'s> Replay<'s> {
    /// What the case is about.
    #[must_use]
    pub fn note(&self) -> &'s str {
        &self.case.note
    }

    /// The site's policy.
    #[must_use]
    pub fn policy(&self) -> &'s Policy {
        &self.case.policy
    }

    /// What the record is evaluated against.
    #[must_use]
    pub fn context<'a>(&'a self, trial: &'a Trial) -> Context<'a> {
        Context::new(&self.entries, &trial.definitions, self.today)
    }

    /// Whether the case wants anything else of a criterion than this outcome. The words of reasons do not count, since
    /// they are made from the rule itself, nor does what to obtain next.
    #[must_use]
    pub fn minds(&self, outcome: &Outcome<'_>) -> bool {
        let mut minds = false;
        outcome.walk(&mut |outcome| {
            let id = &outcome.criterion.id;
            minds |= self.case.wants.iter().any(|want| match &want.what {
                Wanted::Verdict(of, verdict) => of == id && verdict != outcome.verdict.name(),
                Wanted::Remarks(kind, of, wanted) => {
                    of == id && wanted.missed(*kind, &kind.raised_by(outcome), id).is_some()
                }
                Wanted::Silence(kind) => !kind.raised_by(outcome).is_empty(),
                _ => false,
            });
        });
        minds
    }

    /// Whether it wants another eligibility than these verdicts of all criteria make.
    #[must_use]
    pub fn minds_verdicts(&self, verdicts: impl Iterator<Item = Verdict>) -> bool {
        let wanted = self.case.wants.iter().find_map(|want| match &want.what {
            Wanted::Eligibility(wanted) => Some(wanted),
            _ => None,
        });
        wanted.is_some_and(|wanted| wanted != Eligibility::of(verdicts).name())
    }

    /// Whether it wants other cautions of the trial than these.
    #[must_use]
    pub fn minds_cautions(&self, raised: &[Raised<'_>]) -> bool {
        self.case.wants.iter().any(|want| match &want.what {
            Wanted::Remarks(kind @ RemarkKind::Caution, of, wanted) if of == "trial" => {
                wanted.missed(*kind, &remark_texts(raised), of).is_some()
            }
            Wanted::Silence(RemarkKind::Caution) => !raised.is_empty(),
            _ => false,
        })
    }
}
