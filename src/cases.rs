//! Cases: example records with the verdicts that they must get. They are the tests of a trial file.
//!
//! A case is a base record with some facts set and some removed. It says what is wanted: verdicts, words in reasons,
//! cautions and conflicts, what is to be obtained first, or that the record is refused.

pub mod exemptions;
mod missed;
mod read;
mod repeats;
pub mod replay;

use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;

use self::exemptions::Exemptions;
use self::missed::missed;
use crate::diagnostic::catalogue;
use crate::diagnostic::{Diagnostic, Source};
use crate::document::{self, Node, Notation};
use crate::record::{self, Dates, Record};
use crate::screening::screen;
use crate::shape::NodeReader;
use crate::trial::{Policy, Trial};

/// The version line of a file of cases.
pub const FORMAT: &str = "eligo/cases/1";
pub(crate) const KEYS: [&str; 12] = [
    "note", "base", "set", "unset", "as_of", "site", "want", "reason", "cautions", "conflict",
    "doubt", "next",
];
pub(crate) const VERDICTS: [&str; 4] = ["pass", "fail", "unknown", "not_applicable"];
pub(crate) const ELIGIBILITIES: [&str; 3] = ["eligible", "ineligible", "undetermined"];

/// The cases of a trial file.
#[derive(Debug)]
pub struct Suite {
    source: Arc<Source>,
    cases: Vec<Case>,
    /// What no case can show, and why.
    pub exemptions: Exemptions,
}

#[derive(Debug)]
struct Case {
    note: String,
    span: Range<usize>,
    record: Node,
    as_of: Option<Date>,
    policy: Policy,
    wants: Vec<Want>,
}

/// One thing that a case wants, and where it says so.
#[derive(Debug)]
struct Want {
    span: Range<usize>,
    what: Wanted,
}

#[derive(Debug)]
enum Wanted {
    /// This verdict of a criterion.
    Verdict(String, String),
    /// This eligibility.
    Eligibility(String),
    /// These words in the reason of a criterion.
    Reason(String, String),
    /// These remarks of a criterion; cautions also of the trial.
    Remarks(RemarkKind, String, Remarks),
    /// No such remark anywhere.
    Silence(RemarkKind),
    /// These facts first among those to obtain.
    Next(Vec<String>),
    /// The record refused, with these words.
    Refused(String),
}

/// A kind of what is raised beside a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RemarkKind {
    Caution,
    Conflict,
    /// By its id or words.
    Doubt,
}

impl RemarkKind {
    /// All, each with its key in a case.
    const ALL: [(Self, &'static str); 3] = [
        (Self::Caution, "cautions"),
        (Self::Conflict, "conflict"),
        (Self::Doubt, "doubt"),
    ];

    /// What one is called.
    fn word(self) -> &'static str {
        match self {
            Self::Caution => "caution",
            Self::Conflict => "conflict",
            Self::Doubt => "doubt",
        }
    }
}

/// What is wanted of remarks of one kind.
#[derive(Debug)]
enum Remarks {
    /// One with these words, whatever else is raised.
    With(String),
    /// One with each of these words, and no other.
    Only(Vec<String>),
}

/// What came of running cases.
#[derive(Debug, Default)]
pub struct Results {
    /// How many cases there are.
    pub cases: usize,
    /// How many got everything that they want.
    pub passed: usize,
    /// What the others did not get.
    pub failures: Vec<Diagnostic>,
}

/// Reads the cases of a trial file.
///
/// # Errors
/// Every error of the file, in the order of the text.
pub fn read(source: &Arc<Source>, trial: &Trial) -> Result<Suite, Vec<Diagnostic>> {
    let document = document::read(source, Notation::Yaml)
        .map_err(|error| vec![catalogue::complete(*error, "not-yaml")])?;
    let mut reader = NodeReader::new(source);
    let cases = read::suite(&mut reader, &document, trial);
    let exemptions = exemptions::read(&mut reader, &document, trial);
    match cases {
        Some(cases) if !reader.failed() => Ok(Suite {
            source: Arc::clone(source),
            cases,
            exemptions,
        }),
        _ => Err(reader
            .into_problems()
            .into_iter()
            .map(|problem| catalogue::complete(problem, "invalid-cases"))
            .collect()),
    }
}

impl Suite {
    /// The file of cases.
    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// Runs every case. `today` is the screening date of a record that names none.
    #[must_use]
    pub fn run(&self, trial: &Trial, today: Date) -> Results {
        let mut results = Results {
            cases: self.cases.len(),
            ..Results::default()
        };
        for case in &self.cases {
            let failures = self.failures(case, trial, today);
            results.passed += usize::from(failures.is_empty());
            results.failures.extend(failures);
        }
        results
    }

    /// The record of a case.
    fn record(&self, case: &Case, trial: &Trial, today: Date) -> Result<Record, Vec<Diagnostic>> {
        let dates = Dates {
            as_of: case.as_of,
            today,
        };
        record::read(&self.source, &case.record, &trial.id, &trial.facts, dates)
    }

    fn failures(&self, case: &Case, trial: &Trial, today: Date) -> Vec<Diagnostic> {
        let failed = |span: &Range<usize>, message: String| {
            Diagnostic::error(format!("case “{}”: {message}", case.note))
                .code("failed-case")
                .at(&self.source, span.clone())
        };
        let refusal = case.wants.iter().find_map(|want| match &want.what {
            Wanted::Refused(words) => Some((words.as_str(), &want.span)),
            _ => None,
        });
        match (self.record(case, trial, today), refusal) {
            (Ok(record), None) => {
                let screening = screen(trial, &record, &case.policy);
                let missed = case.wants.iter().filter_map(|want| {
                    let (message, help) = missed(&want.what, &screening)?;
                    Some(failed(&want.span, message).help_if(help))
                });
                missed.collect()
            }
            (Ok(_), Some((words, span))) => {
                let message = format!("the record is accepted, wanted an error with “{words}”");
                vec![failed(span, message)]
            }
            (Err(problems), Some((words, span))) => {
                let says = |problem: &Diagnostic| {
                    let mut said = std::iter::once(&problem.message).chain(&problem.help);
                    said.any(|said| said.contains(words))
                };
                if problems.iter().any(says) {
                    return Vec::new();
                }
                let found: Vec<&str> = problems.iter().map(|one| one.message.as_str()).collect();
                let failure = failed(span, format!("the error does not say “{words}”"));
                vec![failure.help(format!("it says: {}", found.join("; ")))]
            }
            (Err(problems), None) => {
                let of_case = |problem: Diagnostic| Diagnostic {
                    message: format!("case “{}”: {}", case.note, problem.message),
                    code: Some("invalid-case-record"),
                    ..problem
                };
                problems.into_iter().map(of_case).collect()
            }
        }
    }
}
