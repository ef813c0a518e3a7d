//! Pages in HTML and Markdown, filled from templates for MiniJinja. Whatever the template, a value is escaped wherever it is written,
//! and no character of it does anything but show.

use std::sync::Arc;

use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, Output, State};
use serde::Serialize;

use crate::diagnostic::{Diagnostic, Diagnostics, Source, visible_character};
use crate::document::start_of_line;
use crate::screening;

/// What a page is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Markup {
    /// One file without script and without anything from elsewhere.
    Html,
    /// For a chart or a note.
    Markdown,
}

/// Whether a template can be read at all: what is filled after hours is looked at before.
///
/// # Errors
/// It cannot, with the place.
pub fn check(template: &Arc<Source>, seen: &str) -> Result<(), Diagnostics> {
    let parsed = Environment::new()
        .template_from_str(&template.text)
        .map(drop);
    parsed.map_err(|error| wrong(&error, template, seen))
}

/// Fills a template. `seen` says to the author of a template which names there are.
///
/// # Errors
/// The template is wrong, with the place.
pub(crate) fn fill(
    page: &impl Serialize,
    markup: Markup,
    template: &Arc<Source>,
    seen: &str,
) -> Result<String, Diagnostics> {
    filled(page, markup, template).map_err(|error| wrong(&error, template, seen))
}

fn filled(page: &impl Serialize, markup: Markup, template: &Arc<Source>) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(move |_| match markup {
        Markup::Html => AutoEscape::Html,
        Markup::Markdown => AutoEscape::Custom("markdown"),
    });
    environment.set_keep_trailing_newline(true);
    environment.set_formatter(written);
    environment.add_filter("css", css);
    environment.add_filter("said", said);
    environment.add_global(
        "style",
        Value::from_safe_string(include_str!("page.css").to_owned()),
    );
    environment.template_from_str(&template.text)?.render(page)
}

/// Writes a value: no character of it is markup, or does anything but show.
fn written(out: &mut Output<'_>, state: &State<'_, '_>, value: &Value) -> Result<(), Error> {
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
                if r"\`*_[]<>|~#&".contains(one) {
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

/// What a conflict, a doubt or a caution says, as the other reports say it.
fn said(remark: &Value) -> Result<String, Error> {
    let say = remark.get_attr("say")?.to_string();
    Ok(screening::said(&say, remark.get_attr("may")?.is_true()).into_owned())
}

/// What is wrong with a template.
fn wrong(error: &Error, template: &Arc<Source>, seen: &str) -> Diagnostics {
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
    let help = format!("a template is written for MiniJinja; it sees {seen}");
    Diagnostics(vec![problem.help(help)])
}
