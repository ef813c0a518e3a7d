//! What changed, for reading and as the versioned contract `eligo/diff/1`. Fields may be added to it, never renamed or
//! removed.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Change, Diff, Effect, Kind, Of};
use crate::diagnostic::visible;
use crate::json_escape;
use crate::trial::Trial;

/// The version line.
pub const SCHEMA: &str = "eligo/diff/1";

/// A trial file, as a report names it.
#[derive(Debug, Clone, Serialize)]
pub struct File<'t> {
    name: &'t str,
    id: &'t str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'t str>,
    sha256: &'t str,
}

impl<'t> File<'t> {
    /// A trial that was read from a file of this name.
    #[must_use]
    pub fn new(name: &'t str, trial: &'t Trial) -> Self {
        Self {
            name,
            id: &trial.id,
            version: trial.version.as_deref(),
            sha256: &trial.sha256,
        }
    }
}

#[derive(Serialize)]
struct Report<'d> {
    schema: &'static str,
    old: &'d File<'d>,
    new: &'d File<'d>,
    same: bool,
    affects: &'d [String],
    changes: Vec<ChangePart<'d>>,
}

#[derive(Serialize)]
struct ChangePart<'d> {
    of: &'static str,
    id: &'d str,
    change: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    what: Option<&'static str>,
    effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<&'d str>,
    say: &'d str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    criteria: &'d [String],
}

impl<'d> From<&'d Change> for ChangePart<'d> {
    fn from(change: &'d Change) -> Self {
        Self {
            of: change.of.name(),
            id: &change.id,
            change: change.kind.name(),
            what: change.what,
            effect: change.effect.name(),
            old: change.old.as_deref(),
            new: change.new.as_deref(),
            say: &change.say,
            criteria: &change.criteria,
        }
    }
}

/// One JSON object, without its last brace and the line break before it, so that candidates can follow.
///
/// # Errors
/// None that a difference can cause; the signature is the serializer's.
pub fn json(diff: &Diff, old: &File<'_>, new: &File<'_>) -> serde_json::Result<String> {
    let changes = diff.changes.iter().map(ChangePart::from).collect();
    let report = Report {
        schema: SCHEMA,
        old,
        new,
        same: diff.same(),
        affects: &diff.affects,
        changes,
    };
    let mut text = json_escape::to_string_pretty(&report)?;
    text.truncate(text.trim_end_matches(['}', '\n']).len());
    Ok(text)
}

/// For reading, no wider than `width` where words allow it.
#[must_use]
pub fn text(diff: &Diff, old: &File<'_>, new: &File<'_>, width: usize) -> String {
    let mut out = String::new();
    for (word, file) in [("old", old), ("new", new)] {
        let version = file
            .version
            .map_or(String::new(), |version| format!(", version {version}"));
        let hash = file.sha256.get(..12).unwrap_or(file.sha256);
        let _ = writeln!(
            out,
            "{word}  {}{} (sha256 {hash}…)  {}",
            visible(file.id),
            visible(&version),
            visible(file.name)
        );
    }
    out.push('\n');
    if old.sha256 == new.sha256 {
        out.push_str("No difference: it is the same text.\n");
        return out;
    }
    if diff.changes.is_empty() {
        out.push_str(
            "No difference in what the files say; only spaces, line breaks or comments differ.\n",
        );
        return out;
    }
    let changes = diff.changes.len();
    let mut summary = format!("{changes} change{}. ", if changes == 1 { "" } else { "s" });
    summary.push_str(&match diff.affects.as_slice() {
        _ if diff.same() => "No change in meaning: it is written differently.".to_owned(),
        [] => "No verdict can change.".to_owned(),
        [only] => format!("A verdict may change for one criterion: {only}."),
        several => format!(
            "Verdicts may change for {} criteria: {}.",
            several.len(),
            several.join(", ")
        ),
    });
    let refused = diff
        .changes
        .iter()
        .any(|change| change.effect == Effect::Records);
    if refused {
        summary.push_str(" Other records are accepted than before.");
    }
    wrapped(&mut out, "", 0, &summary, width);
    for (of, heading) in [
        (Of::Criterion, "Criteria"),
        (Of::Definition, "Definitions"),
        (Of::Fact, "Facts"),
        (Of::Cautions, "Cautions of the trial as a whole"),
        (Of::Trial, "The trial"),
    ] {
        let mut last: Option<&str> = None;
        for change in diff.changes.iter().filter(|change| change.of == of) {
            if last.is_none() {
                let _ = writeln!(out, "\n{heading}");
            }
            let named = !matches!(of, Of::Cautions | Of::Trial);
            if named && last != Some(change.id.as_str()) {
                let rest = match change.criteria.as_slice() {
                    [] => String::new(),
                    criteria => format!("  (used by {})", criteria.join(", ")),
                };
                wrapped(
                    &mut out,
                    "  ",
                    2,
                    &format!("{}  {}{rest}", change.id, change.label),
                    width,
                );
            }
            last = Some(&change.id);
            one(&mut out, change, width);
        }
    }
    out
}

fn one(out: &mut String, change: &Change, width: usize) {
    let lead = if matches!(change.of, Of::Cautions | Of::Trial) {
        "  "
    } else {
        "    "
    };
    wrapped(out, lead, 2, &change.say, width);
    let said = |text: &str| change.say.contains(text);
    let (old, new) = (
        change.old.as_deref().filter(|text| !said(text)),
        change.new.as_deref().filter(|text| !said(text)),
    );
    if change.kind == Kind::Renamed {
        return;
    }
    for (mark, text) in [("- ", old), ("+ ", new)] {
        for line in text.into_iter().flat_map(str::lines) {
            wrapped(out, &format!("{lead}  {mark}"), 0, line, width);
        }
    }
}

/// Words in lines of a readable length; what follows the first line stands below it, `hang` columns further in.
fn wrapped(out: &mut String, lead: &str, hang: usize, text: &str, width: usize) {
    let below = " ".repeat(lead.chars().count() + hang);
    let (mut line, mut used) = (lead.to_owned(), 0);
    for word in visible(text).split(' ') {
        let length = word.chars().count();
        if used > 0 && line.chars().count() + 1 + length > width {
            let _ = writeln!(out, "{}", line.trim_end());
            line.clone_from(&below);
            used = 0;
        }
        if used > 0 {
            line.push(' ');
        }
        line.push_str(word);
        used += 1;
    }
    let _ = writeln!(out, "{}", line.trim_end());
}
