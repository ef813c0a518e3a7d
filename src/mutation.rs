//! Do the cases hold the rules? Every rule is changed one small step at a time, and the cases must notice each change.
//!
//! In: a trial file and its cases. Out: a [`Report`] of the changes that no case noticed, in the order of the file. A
//! change is noticed where a case no longer gets a verdict, an eligibility, a caution or a conflict that it wants. The words
//! of reasons do not count, since they are made from the rule itself; nor does what to obtain next.
//!
//! The trial is compiled and the records are read once. A change is compiled and evaluated against every record; the
//! criterion that it belongs to is decided again only where the changed condition comes out differently.

pub mod edits;
mod effect;
mod questions;
mod structure;
pub mod table;

use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;

use self::effect::{Baseline, Found};
use self::structure::Shaped;
use crate::cases::Suite;
use crate::cases::exemptions::Equivalent;
use crate::cases::replay::Replay;
use crate::cql::{self, Expression, Scope, Type};
use crate::diagnostic::lines::Lines;
use crate::diagnostic::{Diagnostic, Source};
use crate::trial::conditions::{ConditionRef, Owner, Role};
use crate::trial::{Criterion, Trial};
use crate::value::Value;
use crate::value::text::one_line;

/// How much is tried at most. What lies beyond is counted, and not tried.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many changes.
    pub changes: usize,
    /// How much work: for each change, the bytes of the changed condition times the cases, and compiling it.
    pub work: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            changes: 20_000,
            work: 1_000_000_000,
        }
    }
}

/// Compiling a condition takes about as long as evaluating it on so many cases.
const COMPILING: usize = 100;

/// What sort of change it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `<` for `<=`, `!=` for `=`, an open end for a closed one.
    Comparison,
    /// A bound moved by one step.
    Bound,
    /// Another unit.
    Unit,
    /// `or` for `and`.
    Connective,
    /// `not` put in or taken out.
    Negation,
    /// A part of `and`, `or` or `where` left out, or the condition of a criterion that has sub-criteria.
    Clause,
    /// A code left out or exchanged for another.
    Code,
    /// `after` for `before`.
    Timing,
    /// `First` for `Last`.
    Aggregate,
    /// `-` for `+`.
    Arithmetic,
    /// Another constant, or another limit of normal.
    Value,
    /// A branch of `if` or `case` exchanged or left out.
    Branch,
    /// How many sub-criteria it takes.
    Need,
    /// A sub-criterion that no longer counts for the criterion above it.
    SubCriterion,
    /// `applies` left out.
    Applies,
    /// A reading left out.
    Reading,
    /// A conflict left out.
    Conflict,
    /// A doubt left out.
    Doubt,
    /// A caution left out.
    Caution,
}

impl Kind {
    /// What was done, in the words of a list.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Comparison => "another comparison",
            Self::Bound => "a bound moved by one step",
            Self::Unit => "another unit",
            Self::Connective => "another connective",
            Self::Negation => "turned into its opposite",
            Self::Clause => "a clause left out",
            Self::Code => "a code left out or exchanged",
            Self::Timing => "another order in time",
            Self::Aggregate => "another aggregate",
            Self::Arithmetic => "another operator",
            Self::Value => "another value",
            Self::Branch => "a branch exchanged or left out",
            Self::Need => "another number of sub-criteria",
            Self::SubCriterion => "a sub-criterion left out",
            Self::Applies => "applies to everybody",
            Self::Reading => "a reading left out",
            Self::Conflict => "a conflict left out",
            Self::Doubt => "a doubt left out",
            Self::Caution => "a caution left out",
        }
    }
}

/// What came of changing the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How many changes there are.
    pub changes: usize,
    /// How many of them were noticed.
    pub noticed: usize,
    /// Those that no case noticed and that nothing explains, in the order of the file.
    pub survivors: Vec<Change>,
    /// Those that no case noticed, and that the file of cases names as equivalent.
    pub equivalent: Vec<Explained>,
    /// How many were not tried, because there are too many.
    pub untried: usize,
    /// What is wrong with those that the file of cases names.
    #[serde(skip)]
    pub problems: Vec<Diagnostic>,
}

impl Report {
    /// Whether every change is noticed or explained.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.survivors.is_empty() && self.problems.is_empty() && self.untried == 0
    }
}

/// A change of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The criterion, the definition, or `trial`.
    pub owner: String,
    /// Which of its conditions: `require`, `reading two_or_more`, `caution 1`.
    pub role: String,
    /// The trial file.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// The column, in characters from 1.
    pub column: usize,
    /// What was done.
    pub kind: Kind,
    /// What stands in the file.
    pub before: String,
    /// What stood there instead; nothing where it was left out.
    pub after: Option<String>,
    /// What a case would have to be like to notice.
    pub hint: String,
    /// A case on which the change has an effect that the case does not look at.
    pub seen_by: Option<String>,
}

/// A change that nothing can notice, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// The change.
    pub change: Change,
    /// Why it changes nothing.
    pub why: String,
}

/// Changes the rules of a trial, which was compiled from `source`, and runs its cases on each change. `today` is the screening
/// date of a record that names none.
#[must_use]
pub fn run(
    source: &Arc<Source>,
    trial: &Trial,
    suite: &Suite,
    today: Date,
    limits: Limits,
) -> Report {
    let replays = suite.replays(trial, today);
    let conditions = trial.conditions();
    let mut run = Run {
        source,
        lines: Lines::of(source),
        trial,
        baseline: &Baseline::new(trial, &conditions, &replays),
        changes: Vec::new(),
        untried: 0,
        work: 0,
        cases: replays.len(),
        limits,
    };
    // A copy whose definitions may be changed.
    let mut changed = trial.clone();
    for (index, condition) in conditions.iter().enumerate() {
        // A condition that names questions is changed for all combinations at once.
        if condition.asking.is_none() {
            run.condition(index, condition, &mut changed);
        }
    }
    for (top, criterion) in trial.criteria.iter().enumerate() {
        criterion.walk(&mut |criterion| {
            run.questions(top, criterion);
            run.structure(top, criterion);
        });
    }
    run.changes.sort_by_key(|(at, ..)| *at);
    let changes = run.changes.into_iter();
    let changes = changes.map(|(_, change, found)| (change, found)).collect();
    Report::of(changes, suite, run.untried)
}

/// What was tried, and what that took.
struct Run<'t> {
    source: &'t Arc<Source>,
    lines: Lines<'t>,
    trial: &'t Trial,
    baseline: &'t Baseline<'t>,
    /// Each with where it stands.
    changes: Vec<(usize, Change, Found)>,
    untried: usize,
    /// Bytes of conditions that were evaluated on cases.
    work: usize,
    cases: usize,
    limits: Limits,
}

impl Run<'_> {
    /// Whether one more change of a condition of this length is within the limits; if not, it is counted as not tried.
    fn affords(&mut self, length: usize) -> bool {
        self.work = self
            .work
            .saturating_add(length.saturating_mul(self.cases + COMPILING));
        let within = self.changes.len() < self.limits.changes && self.work <= self.limits.work;
        self.untried += usize::from(!within);
        within
    }

    /// Tries the changes of one condition or definition.
    fn condition(&mut self, index: usize, condition: &ConditionRef<'_>, changed: &mut Trial) {
        let (names, text) = (self.trial.names(), condition.text);
        let expected = (condition.role != Role::Is).then_some(&Type::Boolean);
        // What a rule may not look at, a changed rule may not look at either.
        let scope = if cql::compile(text, names, Scope::Rule, expected).is_ok() {
            Scope::Rule
        } else {
            Scope::Free
        };
        for edit in edits::edits(text, condition.expression, &self.trial.facts) {
            if !self.affords(text.len()) {
                continue;
            }
            let Ok(expression) = cql::compile(&edit.applied(text), names, scope, expected) else {
                continue;
            };
            if expression.kind != condition.expression.kind {
                continue;
            }
            let found = match condition.owner {
                Owner::Definition(id, _) => self.baseline.try_definition(changed, id, &expression),
                _ => self.baseline.try_condition(index, condition, &expression),
            };
            let span = condition.place(self.source, &edit.span).span;
            let made = Made::of(edit, text, condition.role.name());
            self.add(condition.owner.name(), &span, made, found);
        }
        if let (Owner::Trial, Role::Caution(_)) = (condition.owner, condition.role) {
            let found = self.baseline.try_condition(index, condition, &never());
            let span = condition.place(self.source, &(0..text.len())).span;
            let made = Made {
                kind: Kind::Caution,
                role: condition.role.name(),
                before: text.to_owned(),
                after: None,
                hint: "a case that wants the caution".to_owned(),
            };
            self.add("trial", &span, made, found);
        }
    }

    /// Tries the changes of the shape of a criterion.
    fn structure(&mut self, top: usize, criterion: &Criterion) {
        let id = &criterion.id;
        for Shaped {
            change,
            span,
            before,
            after,
        } in structure::changes(criterion)
        {
            if !self.affords(before.len()) {
                continue;
            }
            let is_pinned = |_, replay: &Replay<'_>| change.is_pinned(id, replay.policy());
            let apply = |criterion: &mut Criterion| change.apply(criterion);
            let found = self.baseline.try_criterion(top, id, is_pinned, apply);
            let made = Made {
                kind: change.kind(),
                role: change.role(),
                before,
                after,
                hint: change.hint(criterion),
            };
            self.add(id, span, made, found.unwrap_or(Found::Missed(None)));
        }
    }

    /// Notes what came of a change of what stands at `span`.
    fn add(&mut self, owner: &str, span: &Range<usize>, made: Made, found: Found) {
        let (line, column) = self.lines.position(span.start);
        let change = Change {
            owner: owner.to_owned(),
            role: made.role,
            file: self.source.name.clone(),
            line,
            column,
            kind: made.kind,
            before: made.before,
            after: made.after,
            hint: made.hint,
            seen_by: None,
        };
        self.changes.push((span.start, change, found));
    }
}

/// A change, without where it stands.
struct Made {
    kind: Kind,
    role: String,
    before: String,
    after: Option<String>,
    hint: String,
}

impl Made {
    fn of(edit: edits::Edit, text: &str, role: String) -> Self {
        let (before, after) = edit.before_and_after(text);
        Self {
            kind: edit.kind,
            role,
            before,
            after: Some(after),
            hint: edit.hint,
        }
    }
}

/// A condition under which nothing is said.
fn never() -> Expression {
    Expression {
        operation: cql::typed::Operation::Constant(Value::Boolean(false)),
        kind: Type::Boolean,
        span: 0..0,
    }
}

impl Report {
    fn of(tried: Vec<(Change, Found)>, suite: &Suite, untried: usize) -> Self {
        let mut report = Self {
            changes: tried.len() + untried,
            noticed: 0,
            survivors: Vec::new(),
            equivalent: Vec::new(),
            untried,
            problems: Vec::new(),
        };
        let exemptions = suite.exemptions.equivalent.iter();
        let mut exemptions: Vec<(&Equivalent, Use)> =
            exemptions.map(|one| (one, Use::Nowhere)).collect();
        for (mut change, found) in tried {
            let named = exemptions.iter_mut().find(|(one, _)| names(one, &change));
            match (found, named) {
                (Found::Noticed(note), named) => {
                    report.noticed += 1;
                    if let Some((_, used @ Use::Nowhere)) = named {
                        *used = Use::Noticed(note);
                    }
                }
                (Found::Missed(seen_by), Some((equivalent, used))) => {
                    change.seen_by = seen_by;
                    *used = Use::Needed;
                    let why = equivalent.why.clone();
                    report.equivalent.push(Explained { change, why });
                }
                (Found::Missed(seen_by), None) => {
                    change.seen_by = seen_by;
                    report.survivors.push(change);
                }
            }
        }
        let problems = exemptions.into_iter().filter_map(|(equivalent, used)| {
            let (message, help) = used.problem(equivalent)?;
            let problem = Diagnostic::error(message).help(help);
            Some(problem.at(suite.source(), equivalent.span.clone()))
        });
        report.problems.extend(problems);
        report
    }
}

/// What an entry of the file of cases, which names a change as equivalent, is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Use {
    Nowhere,
    Noticed(String),
    Needed,
}

impl Use {
    /// What is wrong with the entry, and what to do about it.
    fn problem(self, equivalent: &Equivalent) -> Option<(String, &'static str)> {
        let Equivalent {
            owner, was, now, ..
        } = equivalent;
        let what = match now {
            Some(now) => format!("`{was}` changed into `{now}`"),
            None => format!("`{was}` left out"),
        };
        match self {
            Self::Needed => None,
            Self::Noticed(note) => Some((
                format!("{what} in {owner} is no equivalent: case “{note}” notices it"),
                "delete the entry",
            )),
            Self::Nowhere => Some((
                format!("{owner} has no change of {what}"),
                "copy `was` and `now` from the list that `--mutate` prints, or delete the entry",
            )),
        }
    }
}

fn names(equivalent: &Equivalent, change: &Change) -> bool {
    equivalent.owner == change.owner
        && equivalent.was == one_line(&change.before)
        && equivalent.now == change.after.as_deref().map(one_line)
}
