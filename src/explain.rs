//! A compiled trial → an explanation for a reader who never saw the trial file.
//!
//! In: a [`Trial`], where its parts stand in the file, what the reader asks about, and a [`Screening`] where the reader
//! has a candidate in mind. Out: an [`Explanation`], which is words and trees of words in the order of the protocol, and
//! which the formats lay out: [`text`] for a terminal, [`markdown`] for minutes, [`json`] for programs. Nothing here looks at
//! a file or a clock, and the same inputs give the same bytes.
//!
//! What a condition asks for is said by [`crate::report::sentence::english`]; this module adds the tree ([`logic`]) and the facts
//! ([`glossary`]).

pub mod glossary;
pub mod json;
pub mod logic;
pub mod markdown;
pub mod model;
pub mod places;
pub mod text;

mod criteria;
mod words;

use std::collections::BTreeSet;

use crate::cql::{DefinitionId, Expression};
use crate::diagnostic::{Diagnostic, nearest};
use crate::facts::FactId;
use crate::report::Provenance;
use crate::report::sentence::Sentences;
use crate::report::sentence::english::EnglishWriter;
use crate::screening::Screening;
use crate::trial::{Criterion, Policy, Trial};

use criteria::Explainer;
pub use model::Explanation;
pub use places::Places;

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
    let exact = matching(trial, |name| name == id);
    if !exact.is_empty() {
        return Ok(exact);
    }
    let loose = matching(trial, |name| name.eq_ignore_ascii_case(id));
    if !loose.is_empty() {
        return Ok(loose);
    }
    let group = format!("{id}.");
    let members: Vec<Question<'t>> = trial
        .facts
        .iter()
        .filter(|(_, fact)| trial.facts.is_group(id) && fact.path.starts_with(&group))
        .map(|(id, _)| Question::Fact(id))
        .collect();
    if !members.is_empty() {
        return Ok(members);
    }
    let criteria = trial.all_criteria();
    let names = || {
        let ids = criteria.iter().map(|criterion| criterion.id.as_str());
        ids.chain(trial.facts.iter().map(|(_, fact)| fact.path.as_str()))
            .chain(trial.definitions.iter().map(|one| one.name.as_str()))
    };
    let top: Vec<&str> = trial
        .criteria
        .iter()
        .map(|criterion| criterion.id.as_str())
        .collect();
    let message = format!(
        "`{id}` is not a criterion, a fact or a definition of {}",
        trial.id
    );
    let near = nearest(id, names()).map(|near| format!("did you mean `{near}`?"));
    let listed = format!(
        "its criteria are {}; `eligo explain` without an id shows everything",
        top.join(", ")
    );
    Err(Box::new(
        Diagnostic::error(message).help_if(near).help(listed),
    ))
}

fn matching<'t>(trial: &'t Trial, is: impl Fn(&str) -> bool) -> Vec<Question<'t>> {
    let criteria = trial
        .all_criteria()
        .into_iter()
        .filter(|criterion| is(&criterion.id))
        .map(Question::Criterion);
    let facts = trial
        .facts
        .iter()
        .filter(|(_, fact)| is(&fact.path))
        .map(|(id, _)| Question::Fact(id));
    let definitions = trial
        .definitions
        .iter()
        .enumerate()
        .filter(|(_, one)| is(&one.name))
        .map(|(at, _)| Question::Definition(DefinitionId(at)));
    criteria.chain(facts).chain(definitions).collect()
}

/// What an explanation is made from.
#[derive(Clone, Copy)]
pub struct Sources<'s> {
    /// The trial.
    pub trial: &'s Trial,
    /// Where its parts stand.
    pub places: &'s Places,
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
        places,
        policy,
        candidate,
    } = sources;
    let sentences = candidate.map(|(screening, _)| Sentences::new(screening));
    let explainer = Explainer {
        trial,
        places,
        policy,
        screening: candidate.map(|(screening, _)| screening),
        sentences: sentences.as_ref(),
        english: EnglishWriter::new(trial),
    };
    let whole = questions.is_empty();
    let mut asked = Asked::default();
    let mut criteria = Vec::new();
    for question in questions {
        match question {
            Question::Criterion(criterion) => {
                if !criteria
                    .iter()
                    .any(|known: &&Criterion| std::ptr::eq(*known, *criterion))
                {
                    criteria.push(*criterion);
                }
            }
            Question::Fact(id) => {
                asked.facts.insert(*id);
            }
            Question::Definition(id) => asked.definition(*id, trial),
        }
    }
    if whole {
        criteria = trial.criteria.iter().collect();
        asked.facts.extend(trial.facts.iter().map(|(id, _)| id));
        asked
            .definitions
            .extend((0..trial.definitions.len()).map(DefinitionId));
    }
    for criterion in &criteria {
        criterion.walk(&mut |criterion| {
            let remarks = criterion.remarks().map(|remark| &remark.when);
            for condition in criterion.own_conditions().chain(remarks) {
                asked.condition(&condition.expression, trial);
            }
        });
    }
    let glossary = glossary::Glossary::new(&explainer);
    Explanation {
        trial: explainer.identity(),
        whole,
        criteria: if whole {
            explainer.all()
        } else {
            criteria
                .iter()
                .map(|criterion| explainer.criterion(criterion))
                .collect()
        },
        cautions: if whole {
            explainer.cautions(&trial.cautions)
        } else {
            Vec::new()
        },
        terms: asked
            .definitions
            .iter()
            .filter_map(|id| glossary.term(*id))
            .collect(),
        facts: asked.facts.iter().map(|id| glossary.fact(*id)).collect(),
        candidate: candidate.map(|(screening, provenance)| model::Candidate {
            name: screening.record.candidate.clone(),
            screened_on: screening.record.screened_on,
            eligibility: screening.eligibility,
            record_sha256: provenance.record_sha256.clone(),
        }),
        site: policy.sha256.is_some().then(|| {
            policy
                .site
                .clone()
                .unwrap_or_else(|| "a site without a name".to_owned())
        }),
    }
}

/// The facts and definitions that an explanation has to explain, each in the order of the trial file.
#[derive(Default)]
struct Asked {
    facts: BTreeSet<FactId>,
    definitions: BTreeSet<DefinitionId>,
}

impl Asked {
    fn condition(&mut self, expression: &Expression, trial: &Trial) {
        self.facts
            .extend(crate::cql::facts_of(expression, &trial.definitions));
        for id in logic::definitions_of(expression) {
            self.definition(id, trial);
        }
    }

    /// A definition, and everything that it stands on.
    fn definition(&mut self, id: DefinitionId, trial: &Trial) {
        if self.definitions.insert(id)
            && let Some(definition) = trial.definitions.get(id.0)
        {
            self.condition(&definition.expression, trial);
        }
    }
}
