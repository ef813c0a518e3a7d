//! Why a value is not known.

use std::fmt;

/// The cause of a missing value: what the record says, or what a site policy makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Missing {
    /// The record does not mention it.
    NotRecorded,
    /// The record gives a cause.
    Stated(Absent),
    /// The evidence is older than the site policy allows.
    TooOld,
    /// Its date is not known to the day, and some of the days that it may be are longer ago than the site policy allows.
    PerhapsTooOld,
    /// The site policy limits the age of the evidence, and it has no date.
    Undated,
    /// The site policy requires a signed judgement, and this one has no `by` or no `date`.
    Unsigned,
    /// It follows from what is known only in part.
    Undetermined,
}

/// Causes that a record may state: the codes of FHIR's data-absent-reason, and one of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Absent {
    /// Expected to exist, but not known.
    Unknown,
    /// The source was asked and does not know.
    AskedUnknown,
    /// There is reason to expect it later.
    TempUnknown,
    /// Nobody asked.
    NotAsked,
    /// The source was asked and declined to answer.
    AskedDeclined,
    /// Withheld.
    Masked,
    /// There is no proper value for this candidate.
    NotApplicable,
    /// The source system cannot hold it.
    Unsupported,
    /// It is in the text of the source only.
    AsText,
    /// The value could not be got because of an error.
    Error,
    /// The test was not done.
    NotPerformed,
    /// It may not be given.
    NotPermitted,
    /// Its sources disagree. FHIR has no code for that.
    Conflicting,
}

impl Absent {
    /// Every code and its cause.
    pub const CODES: [(&'static str, Self); 13] = [
        ("not_performed", Self::NotPerformed),
        ("temp_unknown", Self::TempUnknown),
        ("asked_declined", Self::AskedDeclined),
        ("asked_unknown", Self::AskedUnknown),
        ("not_asked", Self::NotAsked),
        ("unknown", Self::Unknown),
        ("masked", Self::Masked),
        ("not_applicable", Self::NotApplicable),
        ("unsupported", Self::Unsupported),
        ("as_text", Self::AsText),
        ("error", Self::Error),
        ("not_permitted", Self::NotPermitted),
        ("conflicting", Self::Conflicting),
    ];

    /// Plain words for causes, beside the codes. Words that are often an answer are none of them: what is "not taken" or
    /// "negative" was asked and is known.
    pub(crate) const WORDS: [(&'static str, Self); 16] = [
        ("not known", Self::Unknown),
        ("not documented", Self::Unknown),
        ("not recorded", Self::Unknown),
        ("not done", Self::NotPerformed),
        ("not tested", Self::NotPerformed),
        ("not measured", Self::NotPerformed),
        ("pending", Self::TempUnknown),
        ("awaited", Self::TempUnknown),
        ("awaiting result", Self::TempUnknown),
        ("result pending", Self::TempUnknown),
        ("results pending", Self::TempUnknown),
        ("to follow", Self::TempUnknown),
        ("declined", Self::AskedDeclined),
        ("refused", Self::AskedDeclined),
        ("patient declined", Self::AskedDeclined),
        ("patient refused", Self::AskedDeclined),
    ];

    /// Its code.
    #[must_use]
    pub(crate) fn code(self) -> &'static str {
        Missing::Stated(self).code()
    }

    /// The cause of a code, written with `_` or, as FHIR does, with `-`.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let code = code.replace('-', "_");
        Self::CODES
            .iter()
            .find(|(name, _)| *name == code)
            .map(|(_, cause)| *cause)
    }
}

impl Missing {
    /// Its code in machine-readable output.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotRecorded => "not_recorded",
            Self::TooOld => "too_old",
            Self::PerhapsTooOld => "perhaps_too_old",
            Self::Undated => "undated",
            Self::Unsigned => "unsigned",
            Self::Undetermined => "undetermined",
            Self::Stated(absent) => Absent::CODES
                .iter()
                .find(|(_, cause)| *cause == absent)
                .map_or("unknown", |(code, _)| code),
        }
    }

    /// What stands between the label of a fact and [`Self::words`].
    #[must_use]
    pub(crate) fn lead(self) -> &'static str {
        match self {
            Self::Stated(Absent::Conflicting) => ": ",
            _ => " ",
        }
    }

    /// The words that follow the label of a fact: "HCV RNA not performed", "HCV RNA: sources disagree".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::NotRecorded => "not recorded",
            Self::TooOld => "too old",
            Self::PerhapsTooOld => "perhaps too old, the day is not known",
            Self::Undated => "undated",
            Self::Unsigned => "unsigned",
            Self::Undetermined => "not decided by what is known",
            Self::Stated(absent) => match absent {
                Absent::Unknown => "not known",
                Absent::AskedUnknown => "not known to the one asked",
                Absent::TempUnknown => "not known yet",
                Absent::NotAsked => "not asked",
                Absent::AskedDeclined => "not answered (declined)",
                Absent::Masked => "withheld",
                Absent::NotApplicable => "recorded as not applicable",
                Absent::Unsupported => "not held by the source system",
                Absent::AsText => "given as text only",
                Absent::Error => "not obtained because of an error",
                Absent::NotPerformed => "not performed",
                Absent::NotPermitted => "not permitted to be given",
                Absent::Conflicting => "sources disagree",
            },
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_written_with_either_dash() {
        assert_eq!(
            Absent::from_code("not-performed"),
            Some(Absent::NotPerformed)
        );
        assert_eq!(Absent::from_code("temp_unknown"), Some(Absent::TempUnknown));
        assert_eq!(Absent::from_code("lost"), None);
        for (code, cause) in Absent::CODES {
            assert_eq!(Missing::Stated(cause).code(), code);
        }
    }
}
