//! The trial, the policy, and what a record comes to under them.

use std::collections::BTreeMap;
use std::sync::Arc;

use eligo::diagnostic::{Diagnostic, Diagnostics, Source};
use eligo::document::{self, Notation};
use eligo::record::{Dates, Record};
use eligo::report::markup::Markup;
use eligo::report::{Provenance, json, sheet, table};
use eligo::screening::screen;
use eligo::trial::{Policy, Trial, policy};
use eligo::value::date;
use eligo::{EMBEDDED_TRIAL, trial};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::answers::{Answer, answers};
use crate::change::{self, Change};
use crate::form::{self, Form};
use crate::intake;
use crate::problem::{Problem, problems};

/// How messages call a text that was typed.
const RECORD: &str = "record";

/// See [`crate::Desk`].
pub struct Desk {
    trial: Trial,
    /// The name of the trial's file; none for the one that comes with the page.
    file: Option<String>,
    policy: Policy,
    site: Option<Arc<Source>>,
}

/// Whether something was taken.
#[derive(Serialize)]
pub struct Taken {
    taken: bool,
    problems: Vec<Problem>,
}

/// A text that was made, or why not.
#[derive(Serialize)]
pub struct Made {
    text: Option<String>,
    problems: Vec<Problem>,
}

/// What a record comes to.
#[derive(Serialize)]
pub struct Screened {
    /// `empty`, `refused` or `screened`.
    state: &'static str,
    /// What it was read as.
    form: intake::Form,
    /// Whether the form can add to it.
    editable: bool,
    /// The candidate and the eligibility in a line.
    headline: Option<String>,
    /// `eligo/report/1`; of an empty record, what is to be obtained.
    report: Option<Box<RawValue>>,
    /// The sheet, a whole page.
    sheet: Option<String>,
    problems: Vec<Problem>,
    /// What the record says, by path.
    answers: BTreeMap<String, Answer>,
}

impl Desk {
    pub fn new() -> Result<Self, String> {
        let source = Source::new("<embedded>", EMBEDDED_TRIAL);
        let compiled = trial::compile(&source);
        let (trial, _) = compiled.map_err(|found| Diagnostics(found).to_string())?;
        Ok(Self {
            trial,
            file: None,
            policy: Policy::default(),
            site: None,
        })
    }

    pub fn set_trial(&mut self, name: &str, bytes: Vec<u8>) -> Taken {
        let source = match name {
            "" => Ok(Source::new("<embedded>", EMBEDDED_TRIAL)),
            name => intake::text_of(name, bytes).map_err(|problem| vec![*problem]),
        };
        self.trial = match source.and_then(|source| trial::compile(&source)) {
            Ok((trial, _)) => trial,
            Err(found) => return Taken::refused(&found),
        };
        self.file = (!name.is_empty()).then(|| name.to_owned());
        let Some(site) = self.site.take() else {
            return Taken::with(Vec::new());
        };
        match self.policy_of(&site) {
            Ok(policy) => {
                (self.policy, self.site) = (policy, Some(site));
                Taken::with(Vec::new())
            }
            Err(found) => {
                self.policy = Policy::default();
                let away = format!("the site policy `{}` was put away", site.name);
                let away = Diagnostic::warning(away).help("it does not fit this trial");
                let found: Vec<Diagnostic> = [away].into_iter().chain(found).collect();
                Taken::with(problems(&found, None))
            }
        }
    }

    pub fn set_site(&mut self, name: &str, bytes: Vec<u8>) -> Taken {
        if name.is_empty() {
            (self.policy, self.site) = (Policy::default(), None);
            return Taken::with(Vec::new());
        }
        let source = intake::text_of(name, bytes).map_err(|problem| vec![*problem]);
        match source.and_then(|source| Ok((self.policy_of(&source)?, source))) {
            Ok((policy, source)) => {
                (self.policy, self.site) = (policy, Some(source));
                Taken::with(Vec::new())
            }
            Err(found) => Taken::refused(&found),
        }
    }

    fn policy_of(&self, source: &Arc<Source>) -> Result<Policy, Vec<Diagnostic>> {
        let document = document::read(source, Notation::Yaml).map_err(|error| vec![*error])?;
        policy::read(source, &document, &self.trial)
    }

    pub fn form(&self) -> Form<'_> {
        let site = self.site.as_ref().map(|site| site.name.as_str());
        form::form(&self.trial, self.file.as_deref(), site)
    }

    pub fn screen(
        &self,
        name: &str,
        text: String,
        notation: &str,
        today: &str,
        as_of: &str,
    ) -> Screened {
        let form = intake::Form::of(notation, name, &text);
        let source = Source::new(named(name), text);
        let is_empty = source.text.trim().is_empty();
        let tree = match form.notation() {
            Some(notation) if !is_empty => document::read(&source, notation).ok(),
            _ => None,
        };
        let mut screened = Screened {
            state: "refused",
            form,
            editable: is_empty && form.notation().is_some() || tree.is_some(),
            headline: None,
            report: None,
            sheet: None,
            problems: Vec::new(),
            answers: tree
                .as_ref()
                .map(|tree| answers(&self.trial, tree))
                .unwrap_or_default(),
        };
        let filled = match is_empty {
            true => self.fill_empty(&mut screened, today, as_of),
            false => self.fill(&mut screened, &source, today, as_of),
        };
        if let Err(found) = filled {
            screened.problems = problems(&found, tree.as_ref());
        }
        screened
    }

    /// Screens a record, and says what came of it.
    fn fill(
        &self,
        screened: &mut Screened,
        source: &Arc<Source>,
        today: &str,
        as_of: &str,
    ) -> Result<(), Vec<Diagnostic>> {
        let dates = dates(today, as_of)?;
        let read = intake::read(source, screened.form, &self.trial, dates)?;
        let provenance = provenance(read.sha256);
        self.fill_with(screened, &read.record, &provenance)?;
        screened.state = "screened";
        Ok(())
    }

    /// Of a record that says nothing there is no verdict, but what to obtain first.
    fn fill_empty(
        &self,
        screened: &mut Screened,
        today: &str,
        as_of: &str,
    ) -> Result<(), Vec<Diagnostic>> {
        let dates = dates(today, as_of)?;
        let source = Source::new(RECORD, "{}");
        let read = intake::read(&source, intake::Form::Json, &self.trial, dates)?;
        self.fill_with(screened, &read.record, &provenance(read.sha256))?;
        (screened.state, screened.headline, screened.sheet) = ("empty", None, None);
        Ok(())
    }

    fn fill_with(
        &self,
        screened: &mut Screened,
        record: &Record,
        provenance: &Provenance,
    ) -> Result<(), Vec<Diagnostic>> {
        let screening = screen(&self.trial, record, &self.policy);
        let internal = |error: serde_json::Error| {
            vec![Diagnostic::error(format!(
                "internal error: the report is no JSON: {error}"
            ))]
        };
        let report = json::render(&screening, provenance).map_err(internal)?;
        screened.report = Some(RawValue::from_string(report).map_err(internal)?);
        screened.headline = Some(table::headline(&screening, false).trim_end().to_owned());
        let template = sheet::template(Markup::Html);
        let sheet = sheet::render(&screening, provenance, Markup::Html, &template);
        screened.sheet = Some(sheet.map_err(|found| found.0)?);
        Ok(())
    }

    pub fn change(
        &self,
        name: &str,
        text: &str,
        notation: &str,
        change: &str,
        today: &str,
    ) -> Made {
        let form = intake::Form::of(notation, name, text);
        let made = match (form.notation(), serde_json::from_str::<Change>(change)) {
            (Some(notation), Ok(change)) => {
                change::apply(&self.trial, named(name), text, notation, &change, today)
                    .map_err(|found| found.0)
            }
            (None, _) => Err(vec![
                Diagnostic::error("the form adds to records only")
                    .help("turn what was read into a record first"),
            ]),
            (_, Err(error)) => Err(vec![Diagnostic::error(format!(
                "internal error: `{change}` is no change: {error}"
            ))]),
        };
        Made::of(made)
    }

    pub fn convert(&self, name: &str, text: String, notation: &str, today: &str) -> Made {
        let form = intake::Form::of(notation, name, &text);
        let source = Source::new(named(name), text);
        let made =
            dates(today, "").and_then(|dates| intake::converted(&source, form, &self.trial, dates));
        Made::of(made)
    }
}

impl Taken {
    fn with(problems: Vec<Problem>) -> Self {
        Self {
            taken: true,
            problems,
        }
    }

    fn refused(found: &[Diagnostic]) -> Self {
        Self {
            taken: false,
            problems: problems(found, None),
        }
    }
}

impl Made {
    fn of(made: Result<String, Vec<Diagnostic>>) -> Self {
        match made {
            Ok(text) => Self {
                text: Some(text),
                problems: Vec::new(),
            },
            Err(found) => Self {
                text: None,
                problems: problems(&found, None),
            },
        }
    }
}

fn named(name: &str) -> &str {
    if name.is_empty() { RECORD } else { name }
}

fn provenance(record_sha256: String) -> Provenance {
    Provenance {
        record_sha256,
        merged: Vec::new(),
        version: eligo::VERSION.to_owned(),
        logged: None,
    }
}

/// The day of a record that names none, and the day that was asked for, if one was.
fn dates(today: &str, as_of: &str) -> Result<Dates, Vec<Diagnostic>> {
    let as_of = match as_of.trim() {
        "" => None,
        as_of => Some(day(as_of)?),
    };
    let today = day(today)?;
    Ok(Dates { as_of, today })
}

fn day(text: &str) -> Result<Date, Vec<Diagnostic>> {
    let day = date::parse(text).and_then(|date| {
        let no_day = || format!("`{text}` has no day; write YYYY-MM-DD");
        date.value().ok_or_else(no_day)
    });
    day.map_err(|error| vec![Diagnostic::error(format!("the day to screen on: {error}"))])
}
