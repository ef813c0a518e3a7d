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
pub mod questions;
mod structure;
pub mod table;

use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;

use self::effect::{Baseline, Found};
use crate::cases::Suite;
use crate::cases::exemptions::Equivalent;
use crate::cql::{self, Expression, Scope, Type};
use crate::diagnostic::{Diagnostic, Place, Source};
use crate::trial::compile;
use crate::trial::sites::{Map, Owner, Role};
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

/// Changes the rules of a trial and runs its cases on each change. `today` is the screening date of a record that names none.
///
/// # Errors
/// What is wrong with the trial file.
pub fn run(
    source: &Arc<Source>,
    suite: &Suite,
    today: Date,
    limits: Limits,
) -> Result<Report, Vec<Diagnostic>> {
    let (trial, _) = compile(source)?;
    let map = Map::new(source)?;
    let replays = suite.replays(&trial, today);
    let sites = map.sites(&trial);
    let baseline = Baseline::new(&trial, &sites, &replays);
    // A copy whose definitions may be changed.
    let (mut changed, _) = compile(source)?;
    let names = trial.names();
    let mut tried = Tried {
        changes: Vec::new(),
        untried: 0,
        work: 0,
        cases: replays.len(),
        limits,
    };
    for (index, site) in sites.iter().enumerate() {
        let expected = if site.role == Role::Is {
            None
        } else {
            Some(&Type::Boolean)
        };
        // What a rule may not look at, a changed rule may not look at either.
        let scope = if cql::compile(site.text, names, Scope::Rule, expected).is_ok() {
            Scope::Rule
        } else {
            Scope::Free
        };
        // A condition that names questions is changed for all combinations at once.
        if site.asking.is_some() {
            continue;
        }
        for edit in edits::edits(site.text, site.expression, &trial.facts) {
            if !tried.affords(site.text.len()) {
                continue;
            }
            let Ok(expression) = cql::compile(&edit.applied(site.text), names, scope, expected)
            else {
                continue;
            };
            if expression.kind != site.expression.kind {
                continue;
            }
            let found = match site.owner {
                Owner::Definition(id, _) => baseline.try_definition(&mut changed, id, &expression),
                _ => baseline.try_condition(index, site, &expression),
            };
            let (before, after) = edit.before_and_after(site.text);
            let place = site.place(source, &edit.span);
            let change = Change::new(
                site.owner.name(),
                site.role.name(),
                &place,
                edit.kind,
                before,
                Some(after),
                edit.hint,
            );
            tried.changes.push((place.span.start, change, found));
        }
        if let (Owner::Trial, Role::Caution(_)) = (site.owner, site.role) {
            let found = baseline.try_condition(index, site, &never());
            let place = site.place(source, &(0..site.text.len()));
            let hint = "a case that wants the caution".to_owned();
            let change = Change::new(
                "trial",
                site.role.name(),
                &place,
                Kind::Caution,
                site.text.to_owned(),
                None,
                hint,
            );
            tried.changes.push((place.span.start, change, found));
        }
    }
    for home in map.homes(&trial) {
        questions::changes(&home, &baseline, names, source, &mut tried);
        for (structural, span, before, after) in structure::changes(&home) {
            if !tried.affords(before.len()) {
                continue;
            }
            let found = baseline.try_structure(home.top, &home.criterion.id, &structural);
            let place = Place {
                source: Arc::clone(source),
                span,
            };
            let hint = structural.hint(&home);
            let change = Change::new(
                &home.criterion.id,
                structural.role(),
                &place,
                structural.kind(),
                before,
                after,
                hint,
            );
            tried.changes.push((place.span.start, change, found));
        }
    }
    tried.changes.sort_by_key(|(at, ..)| *at);
    let changes = tried
        .changes
        .into_iter()
        .map(|(_, change, found)| (change, found))
        .collect();
    Ok(Report::of(changes, suite, tried.untried))
}

/// What was tried, and what that took.
struct Tried {
    changes: Vec<(usize, Change, Found)>,
    untried: usize,
    /// Bytes of conditions that were evaluated on cases.
    work: usize,
    cases: usize,
    limits: Limits,
}

impl Tried {
    /// Whether one more change of a condition of this length is within the limits; if not, it is counted as not tried.
    fn affords(&mut self, length: usize) -> bool {
        self.work = self
            .work
            .saturating_add(length.saturating_mul(self.cases + COMPILING));
        let within = self.changes.len() < self.limits.changes && self.work <= self.limits.work;
        self.untried += usize::from(!within);
        within
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
        let mut used = vec![Use::Nowhere; suite.exemptions.equivalent.len()];
        for (mut change, found) in tried {
            let named = suite
                .exemptions
                .equivalent
                .iter()
                .position(|one| names(one, &change));
            match found {
                Found::Noticed(note) => {
                    report.noticed += 1;
                    if let Some(place) = named.and_then(|index| used.get_mut(index))
                        && *place == Use::Nowhere
                    {
                        *place = Use::Noticed(note);
                    }
                }
                Found::Missed(seen_by) => {
                    change.seen_by = seen_by;
                    match named.and_then(|index| {
                        used.get_mut(index)
                            .zip(suite.exemptions.equivalent.get(index))
                    }) {
                        Some((place, equivalent)) => {
                            *place = Use::Needed;
                            report.equivalent.push(Explained {
                                change,
                                why: equivalent.why.clone(),
                            });
                        }
                        None => report.survivors.push(change),
                    }
                }
            }
        }
        for (equivalent, used) in suite.exemptions.equivalent.iter().zip(used) {
            let error = |message: String, help: &str| {
                Diagnostic::error(message)
                    .at(suite.source(), equivalent.span.clone())
                    .help(help)
            };
            let what = match &equivalent.now {
                Some(now) => format!("`{}` changed into `{now}`", equivalent.was),
                None => format!("`{}` left out", equivalent.was),
            };
            match used {
                Use::Needed => {}
                Use::Noticed(note) => {
                    let message = format!(
                        "{what} in {} is no equivalent: case “{note}” notices it",
                        equivalent.owner
                    );
                    report.problems.push(error(message, "delete the entry"));
                }
                Use::Nowhere => {
                    let message = format!("{} has no change of {what}", equivalent.owner);
                    report.problems.push(error(message, "copy `was` and `now` from the list that `--mutate` prints, or delete the entry"));
                }
            }
        }
        report
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Use {
    Nowhere,
    Noticed(String),
    Needed,
}

fn names(equivalent: &Equivalent, change: &Change) -> bool {
    equivalent.owner == change.owner
        && equivalent.was == one_line(&change.before)
        && equivalent.now == change.after.as_deref().map(one_line)
}

impl Change {
    fn new(
        owner: &str,
        role: String,
        place: &Place,
        kind: Kind,
        before: String,
        after: Option<String>,
        hint: String,
    ) -> Self {
        let (line, column) = place.line_column();
        Self {
            owner: owner.to_owned(),
            role,
            file: place.source.name.clone(),
            line,
            column,
            kind,
            before,
            after,
            hint,
            seen_by: None,
        }
    }
}
