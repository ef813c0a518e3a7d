//! What changed, for reading and as the versioned contract `eligo/diff/1`. Fields may be added to it, never renamed or
//! removed.

use serde::Serialize;
use textwrap::{WordSeparator, WordSplitter};

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
    let mut page = Page {
        out: String::new(),
        width,
    };
    for (word, file) in [("old", old), ("new", new)] {
        let (id, name) = (visible(file.id), visible(file.name));
        let version = file.version.map(|version| format!(", version {version}"));
        let version = visible(&version.unwrap_or_default());
        let hash = file.sha256.get(..12).unwrap_or(file.sha256);
        page.out
            .push_str(&format!("{word}  {id}{version} (sha256 {hash}…)  {name}\n"));
    }
    page.out.push('\n');
    if old.sha256 == new.sha256 {
        page.out.push_str("No difference: it is the same text.\n");
    } else if diff.changes.is_empty() {
        page.out.push_str(
            "No difference in what the files say; only spaces, line breaks or comments differ.\n",
        );
    } else {
        page.wrapped("", 0, &summary(diff));
        for (of, heading) in [
            (Of::Criterion, "Criteria"),
            (Of::Definition, "Definitions"),
            (Of::Fact, "Facts"),
            (Of::Cautions, "Cautions of the trial as a whole"),
            (Of::Trial, "The trial"),
        ] {
            page.changes(
                heading,
                diff.changes.iter().filter(|change| change.of == of),
            );
        }
    }
    page.out
}

/// How much changed, and what that may change.
fn summary(diff: &Diff) -> String {
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
    let mut effects = diff.changes.iter().map(|change| change.effect);
    if effects.any(|effect| effect == Effect::Records) {
        summary.push_str(" Other records are accepted than before.");
    }
    summary
}

struct Page {
    out: String,
    width: usize,
}

impl Page {
    /// Changes below a heading, those of one thing below its name.
    fn changes<'d>(&mut self, heading: &str, changes: impl Iterator<Item = &'d Change>) {
        let mut last: Option<&str> = None;
        for change in changes {
            if last.is_none() {
                self.out.push_str(&format!("\n{heading}\n"));
            }
            let is_named = !matches!(change.of, Of::Cautions | Of::Trial);
            if is_named && last != Some(&change.id) {
                let used = match change.criteria.as_slice() {
                    [] => String::new(),
                    criteria => format!("  (used by {})", criteria.join(", ")),
                };
                self.wrapped("  ", 2, &format!("{}  {}{used}", change.id, change.label));
            }
            last = Some(&change.id);
            self.change(change, if is_named { "    " } else { "  " });
        }
    }

    /// A change, and what was and is as far as its words do not say it.
    fn change(&mut self, change: &Change, lead: &str) {
        self.wrapped(lead, 2, &change.say);
        if change.kind == Kind::Renamed {
            return;
        }
        for (mark, text) in [("- ", &change.old), ("+ ", &change.new)] {
            let text = text.as_deref().filter(|text| !change.say.contains(text));
            for line in text.into_iter().flat_map(str::lines) {
                self.wrapped(&format!("{lead}  {mark}"), 0, line);
            }
        }
    }

    /// Words in lines of a readable length; what follows the first line stands below it, `hang` columns further in.
    fn wrapped(&mut self, lead: &str, hang: usize, text: &str) {
        let below = " ".repeat(lead.len() + hang);
        let options = textwrap::Options::new(self.width)
            .initial_indent(lead)
            .subsequent_indent(&below)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation)
            .break_words(false);
        self.out.push_str(&textwrap::fill(&visible(text), options));
        self.out.push('\n');
    }
}
