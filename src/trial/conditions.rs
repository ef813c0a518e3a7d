//! Every condition of a trial, with what it is for and where it stands in the file: the one walk over conditions, for lints,
//! coverage and mutation.

use std::ops::Range;
use std::sync::Arc;

use super::criteria::verbs;
use super::{Condition, Criterion, Questions, Remark, Rule, Trial};
use crate::cql::{Definition, Expression, facts_of, requirements};
use crate::diagnostic::{Place, Source};
use crate::document::offset_in_source;

/// A condition or definition of a trial.
#[derive(Debug, Clone)]
pub struct ConditionRef<'t> {
    /// To what it belongs.
    pub owner: Owner<'t>,
    /// What it is there.
    pub role: Role<'t>,
    /// What is evaluated.
    pub expression: &'t Expression,
    /// Its text.
    pub text: &'t str,
    /// Bytes of the trial file: the scalar that holds the text.
    pub span: &'t Range<usize>,
    /// The questions of which the text has the meanings in the place of their names: the file has the condition that asks them.
    pub asking: Option<&'t Questions>,
}

/// To what a condition belongs.
#[derive(Debug, Clone, Copy)]
pub enum Owner<'t> {
    /// The trial as a whole.
    Trial,
    /// A definition, by its place in the trial and its name.
    Definition(usize, &'t str),
    /// A criterion, and the place of the one without parents that it is part of.
    Criterion(usize, &'t Criterion),
}

impl<'t> Owner<'t> {
    /// What the file calls it.
    #[must_use]
    pub fn name(self) -> &'t str {
        match self {
            Self::Trial => "trial",
            Self::Definition(_, name) => name,
            Self::Criterion(_, criterion) => &criterion.id,
        }
    }

    /// The place of the criterion without parents that it is, or is part of.
    #[must_use]
    pub fn top(self) -> Option<usize> {
        match self {
            Self::Criterion(top, _) => Some(top),
            _ => None,
        }
    }

    /// The criterion that it is.
    #[must_use]
    pub fn criterion(self) -> Option<&'t Criterion> {
        match self {
            Self::Criterion(_, criterion) => Some(criterion),
            _ => None,
        }
    }
}

/// What a condition is to what it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role<'t> {
    /// What a definition stands for.
    Is,
    /// To whom a criterion applies.
    Applies,
    /// `require` or `exclude`.
    Rule(&'static str),
    /// The condition of a reading.
    Reading(&'t str),
    /// When a conflict is raised, by its place among the conflicts.
    Conflict(usize),
    /// When a doubt is raised, by its place among the doubts.
    Doubt(usize),
    /// When a caution is raised, by its place among the cautions.
    Caution(usize),
}

impl Role<'_> {
    /// How a list of findings names it.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Is => "definition".to_owned(),
            Self::Applies => "applies".to_owned(),
            Self::Rule(key) => key.to_owned(),
            Self::Reading(name) => format!("reading {name}"),
            Self::Conflict(index) => format!("conflict {}", index + 1),
            Self::Doubt(index) => format!("doubt {}", index + 1),
            Self::Caution(index) => format!("caution {}", index + 1),
        }
    }

    fn is_reading(self) -> bool {
        matches!(self, Self::Reading(_))
    }

    /// Whether a condition of this role has part in a verdict by itself.
    #[must_use]
    pub fn decides(self) -> bool {
        matches!(self, Self::Applies | Self::Rule(_) | Self::Reading(_))
    }
}

impl ConditionRef<'_> {
    /// The condition that asks questions, and the part of it that became a part of the text.
    fn as_asked(&self, part: &Range<usize>) -> Option<(&str, Range<usize>)> {
        let (Role::Reading(name), questions) = (self.role, self.asking?) else {
            return None;
        };
        let mut readings = self.owner.criterion()?.readings().iter();
        let reading = readings.find(|reading| reading.name == name)?;
        let (_, replaced) = questions.combined(&reading.picks)?;
        Some((&questions.text, replaced.place(part.clone())))
    }

    /// The place in the trial file of a part of the text.
    #[must_use]
    pub fn place(&self, source: &Arc<Source>, part: &Range<usize>) -> Place {
        let written = self.as_asked(part).unwrap_or((self.text, part.clone()));
        place_in(source, self.span, written)
    }
}

/// The place of a part of a text that the scalar at `span` holds.
pub(crate) fn place_in(
    source: &Arc<Source>,
    span: &Range<usize>,
    (text, part): (&str, Range<usize>),
) -> Place {
    let at = |offset| offset_in_source(&source.text, span, text, offset);
    let start = at(part.start);
    Place {
        source: Arc::clone(source),
        span: start..at(part.end).max(start + 1),
    }
}

impl Trial {
    /// Every condition, in the order of the file: the definitions, the cautions of the trial, then criterion by criterion.
    #[must_use]
    pub fn conditions(&self) -> Vec<ConditionRef<'_>> {
        let definitions = self.definitions.iter().enumerate();
        let mut all: Vec<ConditionRef<'_>> = definitions
            .map(|(index, definition)| ConditionRef {
                owner: Owner::Definition(index, &definition.name),
                role: Role::Is,
                expression: &definition.expression,
                text: &definition.text,
                span: &definition.text_span,
                asking: None,
            })
            .collect();
        // Definitions are compiled in the order in which they build on each other; the file's order is what a reader sees.
        all.sort_by_key(|condition| condition.span.start);
        for (role, condition) in remarks(&self.cautions, Role::Caution) {
            all.push(condition.for_owner(Owner::Trial, role));
        }
        for (top, criterion) in self.criteria.iter().enumerate() {
            criterion.walk(&mut |criterion| {
                let owner = Owner::Criterion(top, criterion);
                all.extend(
                    criterion
                        .conditions()
                        .map(|(role, condition)| ConditionRef {
                            asking: criterion.questions.as_ref().filter(|_| role.is_reading()),
                            ..condition.for_owner(owner, role)
                        }),
                );
            });
        }
        all
    }
}

impl Criterion {
    /// Its conditions, those of its sub-criteria left out.
    pub fn conditions(&self) -> impl Iterator<Item = (Role<'_>, &Condition)> {
        let applies = self.applies.iter().map(|one| (Role::Applies, one));
        let single = self
            .single()
            .map(|one| (Role::Rule(verbs(self.side).0), one));
        let readings = self.readings().iter();
        let doubts = self.doubts.iter().map(|doubt| &doubt.remark);
        applies
            .chain(single)
            .chain(readings.map(|one| (Role::Reading(&one.name), &one.condition)))
            .chain(remarks(&self.conflicts, Role::Conflict))
            .chain(remarks(doubts, Role::Doubt))
            .chain(remarks(&self.cautions, Role::Caution))
    }

    /// Gives one of its own conditions another expression; false if it has no such condition.
    pub(crate) fn exchange(
        &mut self,
        role: Role<'_>,
        expression: Expression,
        definitions: &[Definition],
    ) -> bool {
        let remark = match role {
            Role::Conflict(index) => self.conflicts.get_mut(index),
            Role::Doubt(index) => self.doubts.get_mut(index).map(|doubt| &mut doubt.remark),
            Role::Caution(index) => self.cautions.get_mut(index),
            Role::Is | Role::Applies | Role::Rule(_) | Role::Reading(_) => None,
        };
        if let Some(remark) = remark {
            remark.when.expression = expression;
            remark.note(definitions);
            return true;
        }
        let condition = match (role, &mut self.rule) {
            (Role::Applies, _) => self.applies.as_mut(),
            (Role::Rule(_), Some(Rule::Single(condition))) => Some(condition),
            (Role::Reading(name), Some(Rule::Readings(readings))) => {
                let reading = readings.iter_mut().find(|reading| reading.name == name);
                reading.map(|reading| &mut reading.condition)
            }
            _ => None,
        };
        condition
            .map(|condition| condition.expression = expression)
            .is_some()
    }

    /// Notes anew what its remarks need of a record.
    fn note_remarks(&mut self, definitions: &[Definition]) {
        let doubts = self.doubts.iter_mut().map(|doubt| &mut doubt.remark);
        let remarks = self
            .conflicts
            .iter_mut()
            .chain(doubts)
            .chain(&mut self.cautions);
        remarks.for_each(|remark| remark.note(definitions));
        if let Some(group) = &mut self.group {
            let parts = group.criteria.iter_mut();
            parts.for_each(|part| part.note_remarks(definitions));
        }
    }
}

impl Trial {
    /// Gives a definition another expression, and what rests on it the same; the expression before, if there is such a
    /// definition.
    pub(crate) fn exchange_definition(
        &mut self,
        id: usize,
        expression: Expression,
    ) -> Option<Expression> {
        let definition = self.definitions.get_mut(id)?;
        let before = std::mem::replace(&mut definition.expression, expression);
        let criteria = self.criteria.iter_mut();
        criteria.for_each(|criterion| criterion.note_remarks(&self.definitions));
        let cautions = self.cautions.iter_mut();
        cautions.for_each(|caution| caution.note(&self.definitions));
        Some(before)
    }
}

impl Remark {
    /// Notes what its condition needs of a record.
    pub(crate) fn note(&mut self, definitions: &[Definition]) {
        self.requires = requirements(&self.when.expression, true, definitions);
        self.facts = facts_of(&self.when.expression, definitions);
    }
}

impl Condition {
    fn for_owner<'t>(&'t self, owner: Owner<'t>, role: Role<'t>) -> ConditionRef<'t> {
        ConditionRef {
            owner,
            role,
            expression: &self.expression,
            text: &self.text,
            span: &self.span,
            asking: None,
        }
    }
}

fn remarks<'t>(
    remarks: impl IntoIterator<Item = &'t Remark>,
    role: fn(usize) -> Role<'t>,
) -> impl Iterator<Item = (Role<'t>, &'t Condition)> {
    let remarks = remarks.into_iter().enumerate();
    remarks.map(move |(index, remark)| (role(index), &remark.when))
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::compile;

    const TRIAL: &str = "\
format: eligo/trial/1
trial: { id: T, title: A trial }
facts: { age: { type: integer, label: Age }, fit: { type: boolean, label: Fit } }
define:
  second: { is: not first }
  first: { is: age > 1 }
cautions: [ { when: age > 90, say: old } ]
criteria:
  inclusion:
    - id: I1
      title: T
      text: T
      require: second
      any:
        - id: I1a
          title: T
          readings:
            one: { say: one, require: fit }
            two: { say: two, require: \"fit and age > 2\" }
        - { id: I1b, title: T, require: age > 3 }
  exclusion:
    - id: E1
      title: T
      text: T
      applies: fit
      at_least: { n: 1, of: [ { id: E1a, title: T, exclude: age > 4, conflicts: [ { when: age = 5, say: no } ] } ] }
";

    #[test]
    fn every_condition_is_found_where_it_is_written() {
        let source = Source::new("t.yaml", TRIAL);
        let (trial, _) = compile(&source).unwrap();
        let conditions = trial.conditions();
        let found: Vec<String> = conditions
            .iter()
            .map(|condition| {
                let place = condition.place(&source, &(0..condition.text.len()));
                assert_eq!(&TRIAL[place.span.clone()], condition.text);
                format!(
                    "{} {} {}",
                    place.line_column().0,
                    condition.owner.name(),
                    condition.role.name()
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                "5 second definition",
                "6 first definition",
                "7 trial caution 1",
                "13 I1 require",
                "18 I1a reading one",
                "19 I1a reading two",
                "20 I1b require",
                "25 E1 applies",
                "26 E1a exclude",
                "26 E1a conflict 1",
            ]
        );
    }
}
