//! Every kind of finding that `eligo check` may report: its code, which stays, how bad it is, and what to do.

use super::{Diagnostic, Severity, did_you_mean};

/// A kind of finding.
#[derive(Debug, PartialEq, Eq)]
pub struct Lint {
    /// Its name: in `allow`, behind `--deny`, in machine-readable output. It is never given to something else.
    pub code: &'static str,
    /// How bad it is, unless the caller asks for more.
    pub severity: Severity,
    /// Whether a trial file can accept it with a reason.
    pub acceptable: bool,
    /// What is found, in a few words.
    pub summary: &'static str,
    /// What to do about it.
    pub help: &'static str,
}

const fn lint(
    code: &'static str,
    severity: Severity,
    summary: &'static str,
    help: &'static str,
) -> Lint {
    Lint {
        code,
        severity,
        acceptable: true,
        summary,
        help,
    }
}

/// An error for which the file is refused: there is nothing to accept.
const fn error(code: &'static str, summary: &'static str, help: &'static str) -> Lint {
    Lint {
        code,
        severity: Severity::Error,
        acceptable: false,
        summary,
        help,
    }
}

/// Every kind of finding: the lints, then the errors.
pub static LINTS: [Lint; 55] = [
    lint(
        "never-passes",
        Severity::Error,
        "no candidate can pass the criterion",
        "mend the condition, or the ranges and values of its facts",
    ),
    lint(
        "contradiction",
        Severity::Error,
        "no candidate can pass both criteria",
        "mend one of the two; often a bound belongs to the other one",
    ),
    lint(
        "never-fails",
        Severity::Warning,
        "no candidate can fail the criterion",
        "mend the condition, or the ranges and values of its facts",
    ),
    lint(
        "constant-condition",
        Severity::Warning,
        "a part of a condition is always true, or never",
        "take the part away, or mend it",
    ),
    lint(
        "never-raised",
        Severity::Warning,
        "a caution, conflict or doubt can never be raised",
        "mend its `when`, or delete it",
    ),
    lint(
        "threshold-out-of-range",
        Severity::Warning,
        "a fact is compared with a value outside its plausible range",
        "mend the value, its unit, or the fact's `range`",
    ),
    lint(
        "same-readings",
        Severity::Warning,
        "two readings of a criterion mean the same",
        "keep one of them, or write down how they differ",
    ),
    lint(
        "duplicate-criterion",
        Severity::Warning,
        "two criteria decide the same",
        "delete one, or write down how they differ",
    ),
    lint(
        "boundary-differs",
        Severity::Warning,
        "the text counts a boundary in and the condition leaves it out, or the reverse",
        "compare the condition with the text: `at least 18` is `>= 18`, `more than 18` is `> 18`",
    ),
    lint(
        "number-differs",
        Severity::Warning,
        "the text sets a limit at one number, and the condition at another",
        "compare the condition with the text",
    ),
    lint(
        "words-in-comment",
        Severity::Warning,
        "words behind an unquoted text are a comment to YAML, and lost",
        "put the whole text between quotes; a comment goes on a line of its own",
    ),
    lint(
        "completed-units",
        Severity::Warning,
        "the text means time that has passed, and the condition counts completed years or months",
        "compare the dates: `birth_date + 1 year before Today()` is older than 1 year",
    ),
    lint(
        "last-unsorted",
        Severity::Warning,
        "the first or last of items with dates, in the order of writing",
        "sort them: `Last(lines L sort by started)`",
    ),
    lint(
        "free-text-decides",
        Severity::Warning,
        "a verdict depends on the words of a free text",
        "declare what is asked for as a code with its `values`",
    ),
    lint(
        "needless-closed-world",
        Severity::Warning,
        "a criterion says `closed_world`, and its rules do not look at absence",
        "take `closed_world` away",
    ),
    lint(
        "needless-group",
        Severity::Note,
        "a group says less than it seems to",
        "write it as what it is",
    ),
    lint(
        "unused-fact",
        Severity::Warning,
        "no rule, caution or conflict uses the fact",
        "delete it, or use it",
    ),
    lint(
        "unused-definition",
        Severity::Warning,
        "no rule, caution or conflict uses the definition",
        "delete it, or use it",
    ),
    lint(
        "missing-question",
        Severity::Warning,
        "a fact has no question",
        "write one in plain words under `ask`",
    ),
    lint(
        "no-range",
        Severity::Warning,
        "a number, a duration or a date of birth without a plausible range",
        "say what is plausible, such as `range: 1..300`; 999, 0 and 1900-01-01 are codes for missing elsewhere",
    ),
    lint(
        "percent-as-fraction",
        Severity::Warning,
        "a percentage whose range admits 0.55, which may be 55 %",
        "begin the `range` above 1, such as `5..90`",
    ),
    lint(
        "end-before-start",
        Severity::Warning,
        "the end of something may lie before its start, and nothing is said",
        "add the conflict that is shown to the criterion",
    ),
    lint(
        "before-birth",
        Severity::Note,
        "something may be dated before the birth, and nothing is said",
        "add the conflict that is shown to the criterion",
    ),
    lint(
        "supporting-decides",
        Severity::Warning,
        "a verdict depends on a supporting fact",
        "take `supporting` away, or use the fact in cautions and conflicts only",
    ),
    lint(
        "asked-on-both-sides",
        Severity::Note,
        "inclusion and exclusion criteria decide by the same fact",
        "see that the two agree at the boundary",
    ),
    lint(
        "invisible-character",
        Severity::Warning,
        "a text holds a character that cannot be seen",
        "delete it, or accept it where the source has it",
    ),
    lint(
        "long-title",
        Severity::Note,
        "a title is longer than the table shows on one line",
        "shorten it; the full words stand in `text`",
    ),
    lint(
        "no-cases",
        Severity::Note,
        "a trial file has no cases beside it",
        "write `NAME.cases.yaml`: records and the verdicts that they must get",
    ),
    lint(
        "untested-criterion",
        Severity::Warning,
        "no case wants a verdict of the criterion",
        "write a case in which it fails, and one in which it passes",
    ),
    lint(
        "repeated-case",
        Severity::Warning,
        "a case repeats another",
        "delete it, or change what it was meant to change",
    ),
    lint(
        "unused-allow",
        Severity::Warning,
        "an `allow` accepts nothing",
        "delete it",
    ),
    error(
        "unreadable",
        "the file cannot be read",
        "see that it is there, is a file, and is text in UTF-8 of at most 16 MiB",
    ),
    error(
        "not-yaml",
        "the file is not the YAML that it should be",
        "mend the line that is shown",
    ),
    error(
        "unknown-key",
        "a key that the format does not have",
        "see docs/trial-file.md for the keys",
    ),
    error(
        "missing-key",
        "a key that the format needs is not there",
        "add it",
    ),
    error("duplicate-key", "a key stands twice", "keep one of the two"),
    error(
        "duplicate-id",
        "two criteria have one id, or two facts one name",
        "give one of them another",
    ),
    error(
        "bad-name",
        "something cannot be a name or an id",
        "names are lower-case letters a to z, digits and `_`, and no keywords",
    ),
    error(
        "text-without-rule",
        "the protocol's words without a condition",
        "write `require` or `exclude`, `readings`, or sub-criteria",
    ),
    error(
        "rule-without-text",
        "a condition without the protocol's words",
        "write them, verbatim, under `text`",
    ),
    error(
        "closed-world-without-reason",
        "a criterion reads silence as an answer and does not say why",
        "write the reason behind `closed_world`; the report prints it",
    ),
    error(
        "syntax",
        "an expression that cannot be taken apart",
        "see docs/expressions.md",
    ),
    error(
        "undeclared-name",
        "an expression names what is not declared",
        "declare it, or mend the spelling",
    ),
    error(
        "undeclared-value",
        "an expression names a value that its fact does not have",
        "declare it, or mend the spelling",
    ),
    error(
        "type-mismatch",
        "an expression joins what does not fit",
        "see docs/expressions.md for what each operator takes",
    ),
    error(
        "unit-mismatch",
        "two units that cannot be compared, or a unit that is missing",
        "write the fact's unit, or declare a factor under `units`",
    ),
    error(
        "looks-at-absence",
        "a rule in which silence would decide",
        "ask for a value, use a caution, or say `closed_world` and why",
    ),
    error(
        "circular-definition",
        "a definition uses itself",
        "a definition may only use what does not use it",
    ),
    error(
        "too-large",
        "the file or an expression goes beyond a limit",
        "see the limits in docs/trial-file.md",
    ),
    error(
        "unknown-lint",
        "`allow` names what is no lint",
        "see docs/lints.md for the codes",
    ),
    error(
        "allow-without-reason",
        "`allow` does not say why",
        "write the reason behind the code",
    ),
    error(
        "invalid-trial",
        "another error of a trial file",
        "see docs/trial-file.md for what may stand here",
    ),
    error(
        "invalid-cases",
        "an error of a file of cases",
        "see docs/trial-file.md for what a case may hold",
    ),
    error(
        "invalid-case-record",
        "the record of a case is refused",
        "mend the record, or want its refusal with `error`",
    ),
    error(
        "failed-case",
        "a case does not get what it wants",
        "mend the trial file, or the case",
    ),
];

/// The kind of finding that has a code.
#[must_use]
pub fn find(code: &str) -> Option<&'static Lint> {
    LINTS.iter().find(|lint| lint.code == code)
}

/// Whether a trial file can accept findings of this code.
#[must_use]
pub fn acceptable(code: &str) -> bool {
    find(code).is_some_and(|lint| lint.acceptable)
}

/// Every code that a trial file can accept, or a caller can deny.
pub fn lints() -> impl Iterator<Item = &'static Lint> + Clone {
    LINTS.iter().filter(|lint| lint.acceptable)
}

/// An error with a code where it has none, and with the help of its kind where it has none of its own.
#[must_use]
pub fn complete(problem: Diagnostic, otherwise: &'static str) -> Diagnostic {
    let problem = problem.or_code(otherwise);
    match problem.code.and_then(find) {
        Some(lint) if problem.help.is_empty() => problem.help(lint.help),
        _ => problem,
    }
}

/// What to say of a code that is no lint.
#[must_use]
pub fn suggestion(code: &str) -> String {
    did_you_mean(code, lints().map(|lint| lint.code))
        .unwrap_or_else(|| "docs/lints.md lists the codes".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unlike_and_in_kebab_case() {
        for (index, lint) in LINTS.iter().enumerate() {
            assert!(
                !lint.code.is_empty()
                    && lint
                        .code
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
                "{}",
                lint.code
            );
            assert!(
                LINTS
                    .iter()
                    .skip(index + 1)
                    .all(|other| other.code != lint.code),
                "{} stands twice",
                lint.code
            );
            assert!(
                !lint.summary.is_empty()
                    && !lint.summary.ends_with('.')
                    && !lint.help.is_empty()
                    && !lint.help.ends_with('.'),
                "{}",
                lint.code
            );
        }
    }
}
