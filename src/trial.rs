//! What a protocol says: identity, declared facts, criteria.
//!
//! In: a trial file. Out: a compiled [`Trial`], which is data that screening, the template, explanations and other
//! backends walk; or everything that is wrong with the file.

pub mod allow;
pub mod compile;
pub mod conditions;
pub mod criteria;
pub mod facts;
mod missing;
pub mod policy;
pub mod questions;

use std::collections::HashMap;
use std::ops::Range;

use crate::cql::typed::Attribute;
use crate::cql::{Definition, DefinitionId, Expression, Names, Requirement, attributes_of};
use crate::document::spans::KeySpans;
use crate::facts::{FactId, Facts};

pub use compile::compile;
pub use policy::Policy;

/// A compiled trial file.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The registry's number, such as `NCT04546906`.
    pub id: String,
    /// The version of the trial file.
    pub version: Option<String>,
    /// The trial's title, verbatim.
    pub title: String,
    /// Everything else that the file says of the trial, in its order.
    pub about: Vec<(String, About)>,
    /// What a record may state.
    pub facts: Facts,
    /// Named expressions.
    pub definitions: Vec<Definition>,
    /// The place of each definition.
    definition_ids: HashMap<String, DefinitionId>,
    /// Cautions that belong to no criterion.
    pub cautions: Vec<Remark>,
    /// The criteria in the protocol's order, inclusion before exclusion.
    pub criteria: Vec<Criterion>,
    /// SHA-256 of the file's text, in hexadecimal.
    pub sha256: String,
    /// Where its keys stand in the file.
    pub spans: KeySpans,
}

/// Something that a trial file says of the trial, kept as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// A text.
    Text(String),
    /// A list.
    List(Vec<About>),
    /// Named parts.
    Map(Vec<(String, About)>),
}

/// Whether a criterion lets candidates in or keeps them out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The candidate must meet it.
    Inclusion,
    /// The candidate must not meet it.
    Exclusion,
}

impl Side {
    /// Its name in files and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Inclusion => "inclusion",
            Self::Exclusion => "exclusion",
        }
    }
}

/// A criterion or sub-criterion.
#[derive(Debug, Clone, PartialEq)]
pub struct Criterion {
    /// Such as `I1` or `E6a`.
    pub id: String,
    /// On which side it stands.
    pub side: Side,
    /// A short name.
    pub title: String,
    /// The protocol's words, verbatim. A sub-criterion that splits one sentence may have none of its own.
    pub text: Option<String>,
    /// What the words are taken to mean.
    pub plain: Option<String>,
    /// Where that reading comes from.
    pub basis: Option<String>,
    /// What else should be known.
    pub notes: Vec<String>,
    /// To whom it applies; everybody if there is none.
    pub applies: Option<Condition>,
    /// Its own condition.
    pub rule: Option<Rule>,
    /// What its condition leaves to the meaning of words, if its condition names such questions.
    pub questions: Option<Questions>,
    /// Its sub-criteria, and how many of them it takes. Where there is a condition as well, both must hold.
    pub group: Option<Group>,
    /// What the facts cannot both be.
    pub conflicts: Vec<Remark>,
    /// What may all be true, and opens a question about the protocol.
    pub doubts: Vec<Doubt>,
    /// What should be said and decides nothing.
    pub cautions: Vec<Remark>,
    /// Why silence may be read as an answer here.
    pub closed_world: Option<String>,
    /// Where its keys stand in the file.
    pub spans: KeySpans,
}

/// A condition and the text that it was compiled from.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// What is evaluated.
    pub expression: Expression,
    /// The text, for those who read the rule.
    pub text: String,
    /// Where it stands in the file: the scalar that holds it.
    pub span: Range<usize>,
}

/// The condition of a criterion. It says when an inclusion criterion is met, and when an exclusion criterion excludes.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// One condition.
    Single(Condition),
    /// Several ways to understand the protocol's words.
    Readings(Vec<Reading>),
}

/// One way to understand the protocol's words.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Its name in site policies.
    pub name: String,
    /// What it takes the words to mean.
    pub say: String,
    /// Where it comes from.
    pub basis: Option<String>,
    /// Its condition.
    pub condition: Condition,
    /// Whether it counts only where a site policy pins it.
    pub by_site_only: bool,
    /// Where it answers several questions: the meaning that each has in it, in the order of the questions.
    pub picks: Vec<usize>,
    /// Where its name stands in the file.
    pub span: Range<usize>,
}

/// Questions about the meaning of words that a condition names. The criterion has a reading for every combination of their
/// meanings.
#[derive(Debug, Clone, PartialEq)]
pub struct Questions {
    /// The condition as it is written, with the names of the questions.
    pub text: String,
    /// Where it stands in the file: the scalar that holds it.
    pub span: Range<usize>,
    /// The questions, in the order of the file.
    pub all: Vec<Question>,
}

/// A question about the meaning of words, which is settled by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Its name in the condition and, behind the criterion's, in site policies.
    pub name: String,
    /// What the words may mean.
    pub meanings: Vec<Meaning>,
}

/// One answer to a question about the meaning of words.
#[derive(Debug, Clone, PartialEq)]
pub struct Meaning {
    /// Its name in site policies.
    pub name: String,
    /// What it takes the words to mean.
    pub say: String,
    /// Where it comes from.
    pub basis: Option<String>,
    /// What the question's name stands for in the condition: a constant, or a condition.
    pub text: String,
    /// Whether that is a condition.
    pub is_condition: bool,
    /// Whether it counts only where a site policy pins it.
    pub by_site_only: bool,
    /// Where its name stands in the file.
    pub span: Range<usize>,
    /// Where its text stands.
    pub text_span: Range<usize>,
}

/// A question about the protocol that a record may open, all of which may be true: the criterion is not decided until the
/// question is.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    /// Its name, behind the criterion's, in site policies.
    pub id: String,
    /// When it is raised, and what it says.
    pub remark: Remark,
}

/// Sub-criteria.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// How many of them it takes.
    pub need: Need,
    /// The sub-criteria, in the protocol's order.
    pub criteria: Vec<Criterion>,
}

/// How many sub-criteria it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Every one.
    All,
    /// One.
    Any,
    /// So many.
    AtLeast(usize),
}

impl Need {
    /// The key under which the sub-criteria stand in the file.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Any => "any",
            Self::AtLeast(_) => "at_least",
        }
    }
}

/// A caution, or a conflict: when it is raised and what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Remark {
    /// When it is raised.
    pub when: Condition,
    /// What a record has to say for that.
    pub requires: Vec<Requirement>,
    /// The facts that it names.
    pub facts: Vec<FactId>,
    /// What it says.
    pub say: String,
    /// Where it comes from.
    pub basis: Option<String>,
}

impl Criterion {
    /// Every condition that decides its own verdict, its sub-criteria left out.
    pub fn own_conditions(&self) -> impl Iterator<Item = &Condition> {
        let readings = self.readings().iter().map(|reading| &reading.condition);
        self.applies.iter().chain(self.single()).chain(readings)
    }

    /// Its condition, if it has one that is not a matter of readings.
    #[must_use]
    pub fn single(&self) -> Option<&Condition> {
        match &self.rule {
            Some(Rule::Single(condition)) => Some(condition),
            _ => None,
        }
    }

    /// Its sub-criteria.
    #[must_use]
    pub fn children(&self) -> &[Criterion] {
        self.group.as_ref().map_or(&[], |group| &group.criteria)
    }

    /// Calls `visit` on it and on every sub-criterion below it, in the protocol's order.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Criterion)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }

    /// How many criteria it is with those below it.
    #[must_use]
    pub fn size(&self) -> usize {
        1 + self.children().iter().map(Self::size).sum::<usize>()
    }

    /// The questions that its condition names.
    #[must_use]
    pub fn questions(&self) -> &[Question] {
        self.questions
            .as_ref()
            .map_or(&[], |questions| &questions.all)
    }

    /// What is said of it beside its rule: conflicts, doubts and cautions.
    pub fn remarks(&self) -> impl Iterator<Item = &Remark> {
        let doubts = self.doubts.iter().map(|doubt| &doubt.remark);
        self.conflicts.iter().chain(doubts).chain(&self.cautions)
    }

    /// Its readings. Where its condition names questions, there is one for every combination of their meanings.
    #[must_use]
    pub fn readings(&self) -> &[Reading] {
        match &self.rule {
            Some(Rule::Readings(readings)) => readings,
            _ => &[],
        }
    }
}

impl Trial {
    /// The names that an expression about a candidate may use.
    #[must_use]
    pub fn names(&self) -> Names<'_> {
        Names {
            facts: &self.facts,
            definitions: &self.definition_ids,
            expressions: &self.definitions,
            defined: &[],
        }
    }

    /// Every criterion and sub-criterion, in the protocol's order.
    #[must_use]
    pub fn all_criteria(&self) -> Vec<&Criterion> {
        let mut all = Vec::new();
        for criterion in &self.criteria {
            criterion.walk(&mut |criterion| all.push(criterion));
        }
        all
    }

    /// What the rules ask of a fact beside its value: its date, a limit of normal.
    #[must_use]
    pub fn asked_beside(&self, fact: FactId) -> Vec<Attribute> {
        let criteria = self.all_criteria();
        let conditions = criteria
            .iter()
            .flat_map(|criterion| criterion.own_conditions());
        let mut asked: Vec<Attribute> = conditions
            .flat_map(|condition| attributes_of(fact, &condition.expression, &self.definitions))
            .collect();
        asked.sort_unstable();
        asked.dedup();
        asked
    }

    /// The criteria that ask for each fact.
    #[must_use]
    pub fn asked_by(&self) -> Vec<(FactId, &str)> {
        let mut asked = Vec::new();
        for criterion in &self.criteria {
            let mut conditions = Vec::new();
            criterion.walk(&mut |criterion| {
                conditions.extend(criterion.own_conditions());
                conditions.extend(criterion.remarks().map(|remark| &remark.when));
            });
            for fact in conditions.into_iter().flat_map(|condition| {
                crate::cql::facts_of(&condition.expression, &self.definitions)
            }) {
                if !asked.contains(&(fact, criterion.id.as_str())) {
                    asked.push((fact, criterion.id.as_str()));
                }
            }
        }
        asked
    }

    /// The criteria of one side.
    pub fn on(&self, side: Side) -> impl Iterator<Item = &Criterion> {
        self.criteria
            .iter()
            .filter(move |criterion| criterion.side == side)
    }

    /// The facts that decide a criterion and its sub-criteria, in declared order.
    #[must_use]
    pub fn deciding_facts(&self, criterion: &Criterion) -> Vec<FactId> {
        let mut facts = Vec::new();
        criterion.walk(&mut |criterion| {
            for condition in criterion.own_conditions() {
                facts.extend(crate::cql::facts_of(
                    &condition.expression,
                    &self.definitions,
                ));
            }
        });
        facts.sort_unstable();
        facts.dedup();
        facts
    }
}
