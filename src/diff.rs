//! Two versions of a trial file → what changed between them, by criterion and in words.
//!
//! Conditions are compared by what they mean: spaces, comments, the order of `and` and the names of definitions are no
//! change. A change says what it can affect: verdicts, which records are accepted, or only what people read.

pub mod candidates;
mod criteria;
mod facts;
mod matching;
mod meaning;
pub mod report;
mod words;

use std::collections::BTreeMap;

use crate::cql::{Definition, Expression};
use crate::trial::{About, Condition, Trial};

use meaning::Meanings;

/// What differs between two trial files.
#[derive(Debug, Default)]
pub struct Diff {
    /// Criteria, definitions, facts, cautions, then the trial itself.
    pub changes: Vec<Change>,
    /// The new file's criteria whose verdict the changes may change, in the protocol's order.
    pub affects: Vec<String>,
    /// Which criterion of the protocol is which, by its place in the old and in the new file.
    pub pairs: Vec<Pair>,
}

/// A criterion of the protocol in the old and in the new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// Its place among the old file's own criteria; none if it is new.
    pub old: Option<usize>,
    /// Its place among the new file's; none if it is gone.
    pub new: Option<usize>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What kind of thing changed.
    pub of: Of,
    /// The criterion's id, the definition's name, the fact's path; as the new file has it, if it is there.
    pub id: String,
    /// What the reader knows it as: a title or label.
    pub label: String,
    /// What happened to it.
    pub kind: Kind,
    /// Which part of it changed, as the file names that.
    pub what: Option<&'static str>,
    /// What that may affect.
    pub effect: Effect,
    /// As it was.
    pub old: Option<String>,
    /// As it is.
    pub new: Option<String>,
    /// The change in words.
    pub say: String,
    /// Of a definition or fact: the new file's criteria that rest on it.
    pub criteria: Vec<String>,
}

/// What kind of thing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// What the file says of the trial.
    Trial,
    /// A criterion or sub-criterion.
    Criterion,
    /// A named expression.
    Definition,
    /// A fact, or a group of facts.
    Fact,
    /// A caution of the trial as a whole.
    Cautions,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It has another name.
    Renamed,
    /// It stands elsewhere.
    Moved,
    /// A part of it is different.
    Changed,
}

/// What a change may affect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Nothing: it is written in another way.
    Nothing,
    /// What people read.
    Words,
    /// Which records are accepted.
    Records,
    /// Verdicts.
    Verdicts,
}

impl Of {
    /// Its name in machine-readable output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Trial => "trial",
            Self::Criterion => "criterion",
            Self::Definition => "definition",
            Self::Fact => "fact",
            Self::Cautions => "cautions",
        }
    }
}

impl Kind {
    /// Its name in machine-readable output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Renamed => "renamed",
            Self::Moved => "moved",
            Self::Changed => "changed",
        }
    }
}

impl Effect {
    /// Its name in machine-readable output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Words => "words",
            Self::Records => "records",
            Self::Verdicts => "verdicts",
        }
    }
}

impl Diff {
    /// Whether both files say the same, however they are written.
    #[must_use]
    pub fn same(&self) -> bool {
        self.changes
            .iter()
            .all(|change| change.effect == Effect::Nothing)
    }
}

/// A trial and what its expressions mean.
struct Version<'t> {
    trial: &'t Trial,
    meanings: Meanings<'t>,
}

/// Two versions of a trial file, and what was found to differ.
struct Comparison<'t> {
    old: Version<'t>,
    new: Version<'t>,
    /// Facts of the new file that the old one has under another path: the new path, the old one.
    renamed: BTreeMap<&'t str, &'t str>,
    changes: Vec<Change>,
}

/// An expression and its text.
#[derive(Clone, Copy)]
struct Worded<'t> {
    expression: &'t Expression,
    text: &'t str,
}

impl<'t> From<&'t Condition> for Worded<'t> {
    fn from(condition: &'t Condition) -> Self {
        Self {
            expression: &condition.expression,
            text: &condition.text,
        }
    }
}

impl<'t> From<&'t Definition> for Worded<'t> {
    fn from(definition: &'t Definition) -> Self {
        Self {
            expression: &definition.expression,
            text: &definition.text,
        }
    }
}

/// What changed from one version of a trial file to another.
#[must_use]
pub fn diff(old: &Trial, new: &Trial) -> Diff {
    let renamed = facts::renamed(old, new);
    let mut comparison = Comparison {
        old: Version {
            trial: old,
            meanings: Meanings::new(old, BTreeMap::new()),
        },
        new: Version {
            trial: new,
            meanings: Meanings::new(new, renamed.clone()),
        },
        renamed,
        changes: Vec::new(),
    };
    let (pairs, mut affected) = comparison.criteria();
    affected.extend(comparison.definitions_and_facts());
    comparison.remarks_of_the_trial();
    comparison.identity();
    let affects = new
        .criteria
        .iter()
        .map(|criterion| &criterion.id)
        .filter(|id| affected.contains(*id))
        .cloned()
        .collect();
    Diff {
        changes: comparison.changes,
        affects,
        pairs,
    }
}

/// A change still to be told.
struct Draft {
    of: Of,
    id: String,
    label: String,
}

impl Draft {
    fn new(of: Of, id: &str, label: &str) -> Self {
        Self {
            of,
            id: id.to_owned(),
            label: label.to_owned(),
        }
    }

    /// Something happened to the whole of it.
    fn whole(&self, kind: Kind, effect: Effect, say: impl Into<String>) -> Change {
        Change {
            of: self.of,
            id: self.id.clone(),
            label: self.label.clone(),
            kind,
            what: None,
            effect,
            old: None,
            new: None,
            say: say.into(),
            criteria: Vec::new(),
        }
    }

    /// A part of it changed.
    fn part(
        &self,
        what: &'static str,
        effect: Effect,
        old: Option<&str>,
        new: Option<&str>,
        say: impl Into<String>,
    ) -> Change {
        let kind = match (old, new) {
            (None, Some(_)) => Kind::Added,
            (Some(_), None) => Kind::Removed,
            _ => Kind::Changed,
        };
        Change {
            what: Some(what),
            old: old.map(str::to_owned),
            new: new.map(str::to_owned),
            ..self.whole(kind, effect, say)
        }
    }

    /// A text changed, appeared or went away.
    fn text(
        &self,
        what: &'static str,
        effect: Effect,
        old: Option<&str>,
        new: Option<&str>,
    ) -> Option<Change> {
        const SHORT: usize = 40;
        let short = |text: &str| text.chars().count() <= SHORT && !text.contains('\n');
        let said = match (old, new) {
            _ if old == new => return None,
            (Some(old), Some(new)) if same_words(old, new) => {
                return Some(self.part(
                    what,
                    Effect::Nothing,
                    Some(old),
                    Some(new),
                    format!("{what}: other spaces or line breaks only"),
                ));
            }
            (Some(old), Some(new)) if short(old) && short(new) => format!("{what}: {old} → {new}"),
            (Some(_), Some(_)) => format!("{what}: other words"),
            (None, Some(new)) if short(new) => format!("{what} added: {new}"),
            (Some(old), None) if short(old) => format!("{what} removed: {old}"),
            (None, _) => format!("{what} added"),
            (_, None) => format!("{what} removed"),
        };
        Some(self.part(what, effect, old, new, said))
    }
}

fn same_words(left: &str, right: &str) -> bool {
    left.split_whitespace().eq(right.split_whitespace())
}

impl Comparison<'_> {
    /// What the files say of the trial itself.
    fn identity(&mut self) {
        let (old, new) = (self.old.trial, self.new.trial);
        let draft = Draft::new(Of::Trial, &new.id, &new.title);
        self.changes
            .extend(draft.text("id", Effect::Records, Some(&old.id), Some(&new.id)));
        self.changes.extend(draft.text(
            "version",
            Effect::Words,
            old.version.as_deref(),
            new.version.as_deref(),
        ));
        self.changes
            .extend(draft.text("title", Effect::Words, Some(&old.title), Some(&new.title)));
        let find = |about: &[(String, About)], name: &str| {
            about
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, about)| in_one_line(about))
        };
        let names = new.about.iter().chain(
            old.about
                .iter()
                .filter(|(name, _)| !new.about.iter().any(|(other, _)| other == name)),
        );
        for (name, _) in names {
            let (before, after) = (find(&old.about, name), find(&new.about, name));
            if let Some(mut change) =
                draft.text("about", Effect::Words, before.as_deref(), after.as_deref())
            {
                change.say = change.say.replacen("about", name, 1);
                self.changes.push(change);
            }
        }
    }
}

fn in_one_line(about: &About) -> String {
    match about {
        About::Text(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        About::List(items) => items.iter().map(in_one_line).collect::<Vec<_>>().join("; "),
        About::Map(entries) => entries
            .iter()
            .map(|(key, about)| format!("{key}: {}", in_one_line(about)))
            .collect::<Vec<_>>()
            .join("; "),
    }
}
