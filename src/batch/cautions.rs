//! The cautions that a row raises. They decide nothing, so they are said of every candidate, whatever the eligibility.

use crate::screening::{Assessment, Raised};
use crate::trial::{Remark, Trial};

/// What stands for the criterion where a caution is one of the trial as a whole, as in case files.
const OF_TRIAL: &str = "trial";

/// A caution, and what it belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Caution<'t> {
    /// The criterion's id, or `trial`.
    pub of: &'t str,
    /// When it is raised and what it says.
    pub remark: &'t Remark,
}

/// A caution that is raised, or may be.
#[derive(Debug, Clone, Copy)]
pub struct RaisedCaution<'t> {
    /// Its place among all of the trial.
    pub place: usize,
    /// The criterion's id, or `trial`.
    pub of: &'t str,
    /// What is raised.
    pub raised: Raised<'t>,
}

/// All cautions of a trial, in the order of a report: those of the trial as a whole, then those of each criterion.
#[must_use]
pub fn cautions(trial: &Trial) -> Vec<Caution<'_>> {
    let whole = trial.cautions.iter().map(|remark| Caution {
        of: OF_TRIAL,
        remark,
    });
    let criteria = trial.all_criteria().into_iter().flat_map(|criterion| {
        criterion.cautions.iter().map(|remark| Caution {
            of: &criterion.id,
            remark,
        })
    });
    whole.chain(criteria).collect()
}

/// Puts those that are raised into `raised`.
pub(super) fn raise<'t>(
    all: &[Caution<'t>],
    assessment: &Assessment<'_, '_>,
    raised: &mut Vec<RaisedCaution<'t>>,
) {
    raised.clear();
    raised.extend(all.iter().enumerate().filter_map(|(place, caution)| {
        Some(RaisedCaution {
            place,
            of: caution.of,
            raised: assessment.raised(caution.remark)?,
        })
    }));
}
