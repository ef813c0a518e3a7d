//! A screening as a sheet to print, sign and keep: HTML or Markdown, by a template.
//!
//! A template sees what programs see: `report` is `eligo/report/1`. Beside it stand what readers need: `word`, `why` and `cautions` of
//! the first line, `class` for its colour, `verdicts` (`word` and `class` of each criterion by its id) and `labels` of
//! facts by their path. HTML and Markdown are escaped wherever a value is written, whatever the template.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::ValueKind;
use minijinja::{AutoEscape, Environment, Output, State, Value};
use serde::Serialize;

use super::Provenance;
use super::json::{Report, report};
use super::table::{conclusion, counted_cautions, verdict_word};
use crate::diagnostic::{Diagnostic, Diagnostics, Source, visible_character};
use crate::document::start_of_line;
use crate::screening::{Eligibility, Outcome, Screening, Verdict};

/// What a sheet is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Markup {
    /// One file without script and without anything from elsewhere.
    Html,
    /// For a chart or a note.
    Markdown,
}

impl Markup {
    /// The template that comes with the program.
    #[must_use]
    pub fn template(self) -> Arc<Source> {
        match self {
            Self::Html => Source::new("sheet.html", include_str!("sheet.html")),
            Self::Markdown => Source::new("sheet.md", include_str!("sheet.md")),
        }
    }
}

/// What a template sees.
#[derive(Serialize)]
struct Page<'a> {
    report: Report<'a>,
    word: &'static str,
    class: &'static str,
    why: String,
    cautions: Option<String>,
    verdicts: BTreeMap<&'a str, Shown>,
    labels: BTreeMap<&'a str, &'a str>,
}

/// How a verdict is shown.
#[derive(Serialize)]
struct Shown {
    word: &'static str,
    class: &'static str,
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
    let mut verdicts = BTreeMap::new();
    for outcome in &screening.outcomes {
        outcome.walk(&mut |outcome| {
            verdicts.insert(outcome.criterion.id.as_str(), shown(outcome));
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
    };
    filled(&page, markup, template).map_err(|error| wrong(&error, template))
}

fn filled(
    page: &Page<'_>,
    markup: Markup,
    template: &Arc<Source>,
) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(move |_| match markup {
        Markup::Html => AutoEscape::Html,
        Markup::Markdown => AutoEscape::Custom("markdown"),
    });
    environment.set_formatter(written);
    environment.add_filter("css", css);
    environment.add_template("sheet", &template.text)?;
    environment.get_template("sheet")?.render(page)
}

/// Writes a value: no character of it is markup, or does anything but show.
fn written(
    out: &mut Output<'_>,
    state: &State<'_, '_>,
    value: &Value,
) -> Result<(), minijinja::Error> {
    let is_text = value.kind() == ValueKind::String && !value.is_safe();
    let text = || {
        value
            .to_string()
            .chars()
            .map(visible_character)
            .collect::<String>()
    };
    match state.auto_escape() {
        AutoEscape::Html if is_text => {
            minijinja::escape_formatter(out, state, &Value::from(text()))
        }
        AutoEscape::Html => minijinja::escape_formatter(out, state, value),
        _ if value.is_undefined() || value.is_none() => Ok(()),
        _ if !is_text => Ok(out.write_str(&value.to_string())?),
        _ => {
            for one in text().chars() {
                if r"\`*_[]<>|~#".contains(one) {
                    out.write_str("\\")?;
                }
                out.write_str(one.encode_utf8(&mut [0; 4]))?;
            }
            Ok(())
        }
    }
}

/// The inside of a text of CSS: every character that may mean something by its number.
fn css(text: &str) -> Value {
    let mut escaped = String::new();
    for one in text.chars().map(visible_character) {
        if one.is_ascii_alphanumeric() || one == ' ' {
            escaped.push(one);
        } else {
            escaped.push_str(&format!("\\{:06x}", u32::from(one)));
        }
    }
    Value::from_safe_string(escaped)
}

fn shown(outcome: &Outcome<'_>) -> Shown {
    let (word, _) = verdict_word(outcome);
    let is_loud = word.chars().all(|one| !one.is_lowercase());
    let class = if is_loud {
        class(outcome.verdict)
    } else {
        "dim"
    };
    Shown { word, class }
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Unknown => "unknown",
        Verdict::NotApplicable => "dim",
    }
}

/// What is wrong with a template.
fn wrong(error: &minijinja::Error, template: &Arc<Source>) -> Diagnostics {
    let said = error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned);
    let problem = Diagnostic::error(format!("the template cannot be filled: {said}"));
    let problem = match error.line() {
        Some(line) => {
            let start = start_of_line(&template.text, line);
            let rest = template.text.get(start..).unwrap_or("");
            let length = rest.lines().next().unwrap_or("").len();
            problem.at(template, start..start + length)
        }
        None => problem,
    };
    let help = "a template is written for MiniJinja; it sees `report` (eligo/report/1), `word`, `why`, `cautions`, `class`, `verdicts` and `labels`";
    Diagnostics(vec![problem.help(help)])
}
