//! A compiled trial → an explanation for a reader who never saw the trial file.
//!
//! In: a [`Trial`], the file that it was compiled from, what the reader asks about, and a [`Screening`] where the reader
//! has a candidate in mind. Out: an [`Explanation`], which says everything in words and trees of words, in the order of the
//! protocol. It is what programs get as JSON ([`model`]); for people, `page` goes through it once, and [`text`] and
//! [`markdown`] lay out what is on the page. Nothing here looks at a file or a clock, and the same inputs give the same bytes.
//!
//! What a condition asks for is said by [`crate::report::sentence::english`]; this module adds the [`tree`] and the facts
//! (`glossary`).

pub mod markdown;
pub mod model;
pub mod text;
pub mod tree;

mod criteria;
mod glossary;
mod page;
mod words;

use std::collections::BTreeSet;

use crate::cql::{DefinitionId, Expression, definitions_of, facts_of};
use crate::diagnostic::{Diagnostic, Source, nearest};
use crate::facts::{FactId, MissingWord};
use crate::report::Provenance;
use crate::report::sentence::Sentences;
use crate::screening::Screening;
use crate::trial::{About, Criterion, Policy, Trial};
use crate::value::Missing;

use criteria::Explainer;
use glossary::Glossary;
pub use model::Explanation;
use model::{Candidate, Identity, MissingWordPart};

/// What a reader asks about.
#[derive(Debug, Clone, PartialEq)]
pub enum Question<'t> {
    /// A criterion or a part of one.
    Criterion(&'t Criterion),
    /// A fact that a record may state.
    Fact(FactId),
    /// A named expression.
    Definition(DefinitionId),
}

/// Finds what is meant by the id of a criterion, the path of a fact or of a group of facts, or the name of a definition.
/// Capital letters need not be right where only one thing can be meant.
///
/// # Errors
/// A [`Diagnostic`] that names the nearest right word.
pub fn find<'t>(trial: &'t Trial, id: &str) -> Result<Vec<Question<'t>>, Box<Diagnostic>> {
    let criteria = trial.all_criteria().into_iter();
    let criteria = criteria.map(|one| (one.id.as_str(), Question::Criterion(one)));
    let facts = trial.facts.iter();
    let facts = facts.map(|(id, fact)| (fact.path.as_str(), Question::Fact(id)));
    let definitions = trial.definitions.iter().enumerate();
    let definitions =
        definitions.map(|(at, one)| (one.name.as_str(), Question::Definition(DefinitionId(at))));
    let all: Vec<(&str, Question<'t>)> = criteria.chain(facts).chain(definitions).collect();

    let group = trial.facts.is_group(id).then(|| format!("{id}."));
    let in_group = |name: &str| {
        let mut groups = group.iter();
        groups.any(|group| name.starts_with(group))
    };
    let same = |name: &str| name.eq_ignore_ascii_case(id);
    let matches: [&dyn Fn(&str) -> bool; 3] = [&|name| name == id, &same, &in_group];
    for matches in matches {
        let found = all.iter().filter(|(name, _)| matches(name));
        let found: Vec<Question<'t>> = found.map(|(_, question)| question.clone()).collect();
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let top = trial.criteria.iter().map(|criterion| criterion.id.as_str());
    let top = top.collect::<Vec<_>>().join(", ");
    let names = all.iter().map(|(name, _)| *name);
    let near = nearest(id, names).map(|near| format!("did you mean `{near}`?"));
    Err(Box::new(
        Diagnostic::error(format!(
            "`{id}` is not a criterion, a fact or a definition of {}",
            trial.id
        ))
        .help_if(near)
        .help(format!(
            "its criteria are {top}; `eligo explain` without an id shows everything"
        )),
    ))
}

/// What an explanation is made from.
#[derive(Clone, Copy)]
pub struct Sources<'s> {
    /// The trial.
    pub trial: &'s Trial,
    /// The file that it was compiled from.
    pub source: &'s Source,
    /// The site's choices; the empty policy if there are none.
    pub policy: &'s Policy,
    /// A screened candidate, whose values and truths are shown everywhere, with where the record came from.
    pub candidate: Option<(&'s Screening<'s>, &'s Provenance)>,
}

/// Explains what is asked about; the whole trial if nothing is.
#[must_use]
pub fn explain(sources: Sources<'_>, questions: &[Question<'_>]) -> Explanation {
    let Sources {
        trial,
        source,
        policy,
        candidate,
    } = sources;
    let sentences = candidate.map(|(screening, _)| Sentences::new(screening));
    let explainer = Explainer::new(sources, sentences.as_ref());
    let whole = questions.is_empty();
    let asked = if whole {
        Asked::everything(trial)
    } else {
        Asked::of(questions, trial)
    };
    let glossary = Glossary::new(&explainer);
    let criteria = asked.criteria.iter();
    let definitions = asked.definitions.iter();
    Explanation {
        trial: Identity {
            id: trial.id.clone(),
            title: trial.title.clone(),
            version: trial.version.clone(),
            file: source.name.clone(),
            sha256: trial.sha256.clone(),
            about: whole.then(|| About::Map(trial.about.clone())),
        },
        whole,
        criteria: criteria.map(|one| explainer.criterion(one)).collect(),
        cautions: if whole {
            explainer.cautions(&trial.cautions)
        } else {
            Vec::new()
        },
        definitions: definitions
            .filter_map(|id| glossary.definition(*id))
            .collect(),
        facts: asked.facts.iter().map(|id| glossary.fact(*id)).collect(),
        missing_words: if whole {
            let words = trial.facts.missing_words.iter();
            words.map(missing_word).collect()
        } else {
            Vec::new()
        },
        candidate: candidate.map(|(screening, provenance)| Candidate {
            name: screening.record.candidate.clone(),
            screened_on: screening.record.screened_on.to_string(),
            eligibility: screening.eligibility,
            record_sha256: provenance.record_sha256.clone(),
        }),
        site: policy.sha256.is_some().then(|| {
            let name = policy.site.as_deref();
            name.unwrap_or("a site without a name").to_owned()
        }),
    }
}

fn missing_word(declared: &MissingWord) -> MissingWordPart {
    MissingWordPart {
        word: declared.word.clone(),
        cause: declared.cause.code(),
        words: Missing::Stated(declared.cause).words(),
    }
}

/// What an explanation has to explain: criteria as they were asked for, and the facts and definitions behind them, each in
/// the order of the trial file.
#[derive(Default)]
struct Asked<'t> {
    criteria: Vec<&'t Criterion>,
    facts: BTreeSet<FactId>,
    definitions: BTreeSet<DefinitionId>,
}

impl<'t> Asked<'t> {
    fn everything(trial: &'t Trial) -> Self {
        Self {
            criteria: trial.criteria.iter().collect(),
            facts: trial.facts.iter().map(|(id, _)| id).collect(),
            definitions: (0..trial.definitions.len()).map(DefinitionId).collect(),
        }
    }

    fn of(questions: &[Question<'t>], trial: &Trial) -> Self {
        let mut asked = Self::default();
        for question in questions {
            match *question {
                Question::Criterion(criterion) => asked.criterion(criterion, trial),
                Question::Fact(id) => {
                    asked.facts.insert(id);
                }
                Question::Definition(id) => {
                    asked.definitions.insert(id);
                    if let Some(definition) = trial.definitions.get(id.0) {
                        asked.expression(&definition.expression, trial);
                    }
                }
            }
        }
        asked
    }

    fn criterion(&mut self, criterion: &'t Criterion, trial: &Trial) {
        if self.criteria.iter().any(|known| known.id == criterion.id) {
            return;
        }
        self.criteria.push(criterion);
        criterion.walk(&mut |criterion| {
            let remarks = criterion.remarks().map(|remark| &remark.when);
            for condition in criterion.own_conditions().chain(remarks) {
                self.expression(&condition.expression, trial);
            }
        });
    }

    fn expression(&mut self, expression: &Expression, trial: &Trial) {
        let definitions = &trial.definitions;
        self.facts.extend(facts_of(expression, definitions));
        self.definitions
            .extend(definitions_of(expression, definitions));
    }
}
