//! Two versions of a trial file → what changed between them, by criterion and in words.
//!
//! Conditions are compared by what they mean: spaces, comments, the order of `and` and the names of definitions are no
//! change. A change says what it can affect: verdicts, which records are accepted, or only what people read.

pub mod candidates;
mod changes;
mod criteria;
mod facts;
mod matching;
mod meaning;
pub mod report;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use crate::cql::{Definition, Expression};
use crate::trial::{About, Condition, Trial};
use crate::value::text::one_line;

use changes::Changes;
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

/// Two versions of a trial file.
struct Comparison<'t> {
    old: Version<'t>,
    new: Version<'t>,
    /// Facts of the new file that the old one has under another path: the new path, the old one.
    renamed: BTreeMap<&'t str, &'t str>,
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
    let comparison = Comparison {
        old: Version {
            trial: old,
            meanings: Meanings::new(old, BTreeMap::new()),
        },
        new: Version {
            trial: new,
            meanings: Meanings::new(new, renamed.clone()),
        },
        renamed,
    };
    let (mut changes, mut affected) = (Vec::new(), BTreeSet::new());
    let pairs = comparison.criteria(&mut changes, &mut affected);
    comparison.definitions(&mut changes);
    comparison.facts(&mut changes, &mut affected);
    comparison.cautions(&mut changes);
    identity([old, new], &mut changes);
    let ids = new.criteria.iter().map(|criterion| criterion.id.as_str());
    let affects = ids.filter(|id| affected.contains(id)).map(str::to_owned);
    Diff {
        affects: affects.collect(),
        changes,
        pairs,
    }
}

/// Compares what the files say of the trial itself.
fn identity(both: [&Trial; 2], found: &mut Vec<Change>) {
    let [old, new] = both;
    let mut changes = Changes::new(Of::Trial, &new.id, &new.title);
    changes.text("id", Effect::Records, both.map(|trial| Some(&trial.id)));
    changes.text(
        "version",
        Effect::Words,
        both.map(|trial| trial.version.as_deref()),
    );
    changes.text("title", Effect::Words, both.map(|trial| Some(&trial.title)));
    let words = |trial: &Trial| {
        let words = trial.facts.missing_words.iter();
        let words = words.map(|one| format!("{}: {}", one.word, one.cause.code()));
        let words: Vec<String> = words.collect();
        (!words.is_empty()).then(|| words.join(", "))
    };
    changes.text("missing", Effect::Records, both.map(words));
    let find = |trial: &Trial, name: &str| {
        let mut about = trial.about.iter();
        about
            .find(|(key, _)| key == name)
            .map(|(_, about)| in_one_line(about))
    };
    let gone = old
        .about
        .iter()
        .filter(|(name, _)| find(new, name).is_none());
    for (name, _) in new.about.iter().chain(gone) {
        changes.named_text(
            "about",
            name,
            Effect::Words,
            both.map(|trial| find(trial, name)),
        );
    }
    found.append(&mut changes.found);
}

fn in_one_line(about: &About) -> String {
    match about {
        About::Text(text) => one_line(text),
        About::List(items) => items.iter().map(in_one_line).collect::<Vec<_>>().join("; "),
        About::Map(entries) => entries
            .iter()
            .map(|(key, about)| format!("{key}: {}", in_one_line(about)))
            .collect::<Vec<_>>()
            .join("; "),
    }
}
