//! Screens a candidate for a clinical trial against the trial's eligibility criteria.
//!
//! ```text
//! trial file ──► compiled trial ─┐
//!                                ├─► screening: one outcome per criterion ──► report
//! record ──────► typed facts ────┘
//! ```
//!
//! | step | module |
//! |---|---|
//! | what the protocol says | [`trial`], with its declared [`facts`] and its conditions in [`cql`] |
//! | what is known of one candidate | [`record`] |
//! | a condition and a record → a [`value`] | [`evaluate`] |
//! | a trial and a record → outcomes and eligibility | [`screening`]; [`Screener`] for many records |
//! | a screening → text | [`report`] |
//! | a trial, and perhaps a screening → an explanation | [`explain`] |
//! | a trial → a blank record | [`template`] |
//! | a site's table and a source file → records | [`source`] |
//! | a trial and answers, one by one → a record | [`interview`] |
//! | a trial → a FHIR Questionnaire; a record ↔ a response to it | [`questionnaire`] |
//! | a trial and its cases → what the cases reach, and which changes of the rules they notice | [`coverage`], [`mutation`] |
//! | one expression and a record → its value | [`answer`] |
//! | screenings → a log in which no line is changed unseen | [`log`] |
//! | a trial → JSON Schemas | [`schema`] |
//!
//! Under all of them lie [`document`] (YAML and JSON with the place of every value), `shape` (taking a document apart),
//! [`units`] (what UCUM knows of them) and [`diagnostic`] (what is wrong, where, and what would be right).
//!
//! The library prints nothing and reads no clock, environment or terminal: the screening date is always passed in, and
//! the same inputs give the same bytes.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use eligo::diagnostic::{Diagnostics, Source};
//! use eligo::{Screener, document::Notation, record::Dates, screening::Eligibility, trial};
//!
//! let file = Source::new("trial.yaml", "
//! format: eligo/trial/1
//! trial: { id: T1, title: A trial }
//! facts:
//!   ecog: { type: integer, label: ECOG performance status, range: 0..5 }
//! criteria:
//!   inclusion:
//!     - { id: I1, title: ECOG, text: ECOG at most 2, require: ecog <= 2 }
//! ");
//! let (trial, _warnings) = trial::compile(&file).map_err(Diagnostics)?;
//! let policy = trial::Policy::default();
//! let screener = Screener::new(&trial, &policy);
//!
//! let dates = Dates { as_of: None, today: jiff::civil::date(2026, 11, 20) };
//! let record = screener.read("candidate.json", br#"{ "ecog": "1..3" }"#.to_vec(), Notation::Json, dates)?;
//! assert_eq!(screener.screen(&record).eligibility, Eligibility::Undetermined);
//!
//! let wrong = screener.read("candidate.json", br#"{ "ecgo": 1 }"#.to_vec(), Notation::Json, dates);
//! assert!(wrong.unwrap_err().to_string().contains("did you mean `ecog`?"));
//! # Ok(())
//! # }
//! ```

pub mod answer;
pub mod batch;
pub mod cases;
pub mod coverage;
pub mod cql;
pub mod diagnostic;
pub mod diff;
pub mod document;
pub mod entry;
pub mod evaluate;
pub mod explain;
pub mod facts;
pub mod fhirpath;
pub mod interview;
pub mod json_escape;
pub mod lint;
pub mod log;
pub mod merge;
pub mod mutation;
pub mod partition;
pub mod questionnaire;
pub mod record;
pub mod report;
pub mod schema;
mod screener;
pub mod screening;
mod shape;
pub mod source;
pub mod template;
pub mod trial;
pub mod units;
pub mod value;

pub use screener::Screener;

/// The version that reports name.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How the facts of that trial are read from FHIR R4.
pub const EMBEDDED_FHIR: &str = include_str!("../criteria/nct04546906.fhir.yaml");

/// The trial file that comes with the program: NCT04546906.
pub const EMBEDDED_TRIAL: &str = include_str!("../criteria/nct04546906.yaml");
