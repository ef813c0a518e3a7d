//! Do the cases hold the rules? Every rule is changed one small step at a time, and the cases must notice each change.
//!
//! In: a trial file and its cases. Out: a [`Report`] of the changes that no case noticed, in the order of the file. A
//! change is noticed where a case no longer gets a verdict, an eligibility, a caution or a conflict that it wants. The words
//! of reasons do not count, since they are made from the rule itself; nor does what to obtain next.
//!
//! The trial is compiled and the records are read once. A change is compiled and evaluated against every record; the
//! criterion that it belongs to is decided again only where the changed condition comes out differently.

pub mod edits;
pub mod structure;
pub mod table;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;

use self::structure::Structural;
use crate::cql::{self, DefinitionId, Expression, Names, Scope, Type};
use crate::diagnostic::{Diagnostic, Place, Source};
use crate::screening::{Outcome, Verdict, outcome};
use crate::trial::cases::Suite;
use crate::trial::cases::exemptions::{Equivalent, flat};
use crate::trial::cases::replay::Replay;
use crate::trial::sites::{Map, Owner, Role, Site};
use crate::trial::{Criterion, Remark, Rule, Trial, compile};
use crate::value::{Truth, Value};

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
        Self { changes: 20_000, work: 1_000_000_000 }
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
pub fn run(source: &Arc<Source>, suite: &Suite, today: Date, limits: Limits) -> Result<Report, Vec<Diagnostic>> {
    let (trial, _) = compile(source)?;
    let Some(map) = Map::new(source) else { return Ok(Report::of(Vec::new(), suite, 0)) };
    let replays = suite.replays(&trial, today);
    let sites = map.sites(&trial);
    let baseline = Baseline::new(&trial, &sites, &replays);
    // A copy whose definitions may be changed.
    let Ok((mut changed, _)) = compile(source) else { return Ok(Report::of(Vec::new(), suite, 0)) };
    let by_name: HashMap<String, DefinitionId> =
        trial.definitions.iter().enumerate().map(|(index, definition)| (definition.name.clone(), DefinitionId(index))).collect();
    let names = Names { facts: &trial.facts, definitions: &by_name, expressions: &trial.definitions, defined: &[] };
    let mut tried = Tried { changes: Vec::new(), untried: 0, work: 0, cases: replays.len(), limits };
    for (index, site) in sites.iter().enumerate() {
        let expected = if site.role == Role::Is { None } else { Some(&Type::Boolean) };
        // What a rule may not look at, a changed rule may not look at either.
        let scope = if cql::compile(site.text, names, Scope::Rule, expected).is_ok() { Scope::Rule } else { Scope::Free };
        for edit in edits::edits(site.text, site.expression, &trial.facts) {
            if !tried.affords(site.text.len()) {
                continue;
            }
            let Ok(expression) = cql::compile(&edit.applied(site.text), names, scope, expected) else { continue };
            if expression.kind != site.expression.kind {
                continue;
            }
            let found = match site.owner {
                Owner::Definition(id, _) => baseline.try_definition(&mut changed, id, &expression),
                _ => baseline.try_condition(index, site, &expression),
            };
            let (before, after) = edit.before_and_after(site.text);
            let place = site.place(source, &edit.span);
            let change = Change::new(site.owner.name(), site.role.name(), &place, edit.kind, before, Some(after), edit.hint);
            tried.changes.push((place.span.start, change, found));
        }
        if let (Owner::Trial, Role::Caution(_)) = (site.owner, site.role) {
            let found = baseline.try_condition(index, site, &never());
            let place = site.place(source, &(0..site.text.len()));
            let hint = "a case that wants the caution".to_owned();
            let change = Change::new("trial", site.role.name(), &place, Kind::Caution, site.text.to_owned(), None, hint);
            tried.changes.push((place.span.start, change, found));
        }
    }
    for home in map.homes(&trial) {
        for (structural, span, before, after) in structure::changes(&home) {
            if !tried.affords(before.len()) {
                continue;
            }
            let found = baseline.try_structure(home.top, &home.criterion.id, &structural);
            let place = Place { source: Arc::clone(source), span };
            let hint = structural.hint(&home);
            let change = Change::new(&home.criterion.id, structural.role(), &place, structural.kind(), before, after, hint);
            tried.changes.push((place.span.start, change, found));
        }
    }
    tried.changes.sort_by_key(|(at, ..)| *at);
    let changes = tried.changes.into_iter().map(|(_, change, found)| (change, found)).collect();
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
        self.work = self.work.saturating_add(length.saturating_mul(self.cases + COMPILING));
        let within = self.changes.len() < self.limits.changes && self.work <= self.limits.work;
        self.untried += usize::from(!within);
        within
    }
}

/// A condition under which nothing is said.
fn never() -> Expression {
    Expression { operation: cql::typed::Operation::Constant(Value::Boolean(false)), kind: Type::Boolean, span: 0..0 }
}

/// What the cases made of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    /// This case noticed it.
    Noticed(String),
    /// None did; on this one it had an effect.
    Missed(Option<String>),
}

impl Report {
    fn of(tried: Vec<(Change, Found)>, suite: &Suite, untried: usize) -> Self {
        let mut report =
            Self { changes: tried.len() + untried, noticed: 0, survivors: Vec::new(), equivalent: Vec::new(), untried, problems: Vec::new() };
        let mut used = vec![Use::Nowhere; suite.exemptions.equivalent.len()];
        for (mut change, found) in tried {
            let named = suite.exemptions.equivalent.iter().position(|one| names(one, &change));
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
                    match named.and_then(|index| used.get_mut(index).zip(suite.exemptions.equivalent.get(index))) {
                        Some((place, equivalent)) => {
                            *place = Use::Needed;
                            report.equivalent.push(Explained { change, why: equivalent.why.clone() });
                        }
                        None => report.survivors.push(change),
                    }
                }
            }
        }
        for (equivalent, used) in suite.exemptions.equivalent.iter().zip(used) {
            let error = |message: String, help: &str| Diagnostic::error(message).at(suite.source(), equivalent.span.clone()).help(help);
            let what = match &equivalent.now {
                Some(now) => format!("`{}` changed into `{now}`", equivalent.was),
                None => format!("`{}` left out", equivalent.was),
            };
            match used {
                Use::Needed => {}
                Use::Noticed(note) => {
                    let message = format!("{what} in {} is no equivalent: case “{note}” notices it", equivalent.owner);
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
    equivalent.owner == change.owner && equivalent.was == flat(&change.before) && equivalent.now == change.after.as_deref().map(flat)
}

impl Change {
    fn new(owner: &str, role: String, place: &Place, kind: Kind, before: String, after: Option<String>, hint: String) -> Self {
        let (line, column) = place.line_column();
        Self { owner: owner.to_owned(), role, file: place.source.name.clone(), line, column, kind, before, after, hint, seen_by: None }
    }
}

/// What the rules as they are make of every record.
struct Baseline<'t> {
    trial: &'t Trial,
    replays: &'t [Replay<'t>],
    sites: &'t [Site<'t>],
    /// For each site, the truth of its condition on each record.
    truths: Vec<Vec<Truth>>,
    /// For each record, the verdict of each criterion without parents.
    verdicts: Vec<Vec<Verdict>>,
    /// For each definition, the sites that use it, directly or not.
    users: Vec<Vec<usize>>,
}

impl<'t> Baseline<'t> {
    fn new(trial: &'t Trial, sites: &'t [Site<'t>], replays: &'t [Replay<'t>]) -> Self {
        let truths = sites.iter().map(|site| replays.iter().map(|replay| replay.context(trial).truth(site.expression)).collect()).collect();
        let verdict = |replay: &Replay<'_>, criterion| outcome(trial, replay.policy(), &replay.entries, replay.today, criterion).verdict;
        let verdicts = replays.iter().map(|replay| trial.criteria.iter().map(|criterion| verdict(replay, criterion)).collect()).collect();
        let mut users = vec![Vec::new(); trial.definitions.len()];
        for (index, site) in sites.iter().enumerate() {
            if site.role != Role::Is {
                for id in cql::definitions_of(site.expression, &trial.definitions) {
                    if let Some(users) = users.get_mut(id.0) {
                        users.push(index);
                    }
                }
            }
        }
        Self { trial, replays, sites, truths, verdicts, users }
    }

    fn truth(&self, site: usize, record: usize) -> Truth {
        self.truths.get(site).and_then(|truths| truths.get(record)).copied().unwrap_or(Truth::Unknown)
    }

    /// What becomes of the cases when a condition is another.
    fn try_condition(&self, index: usize, site: &Site<'_>, expression: &Expression) -> Found {
        let changed = site.owner.top().and_then(|top| self.trial.criteria.get(top).cloned()).map(|mut criterion| {
            structure::replace(&mut criterion, site, expression);
            criterion
        });
        let mut first = None;
        for (record, replay) in self.replays.iter().enumerate() {
            if replay.context(self.trial).truth(expression) == self.truth(index, record) {
                continue;
            }
            let found = match (&changed, site.owner.top()) {
                (Some(criterion), Some(top)) => self.notices(self.trial, record, replay, &[(top, criterion)], None),
                _ => self.notices(self.trial, record, replay, &[], Some((index, expression))),
            };
            match found {
                Effect::Noticed => return Found::Noticed(replay.note().to_owned()),
                Effect::Unwanted => first = first.or(Some(replay)),
                Effect::None => {}
            }
        }
        Found::Missed(first.map(|replay| replay.note().to_owned()))
    }

    /// What becomes of the cases when a definition is another. `changed` is a copy of the trial for that.
    fn try_definition(&self, changed: &mut Trial, id: usize, expression: &Expression) -> Found {
        let Some(definition) = changed.definitions.get_mut(id) else { return Found::Missed(None) };
        let original = std::mem::replace(&mut definition.expression, expression.clone());
        let found = self.with_definition(changed, id);
        if let Some(definition) = changed.definitions.get_mut(id) {
            definition.expression = original;
        }
        found
    }

    fn with_definition(&self, changed: &Trial, id: usize) -> Found {
        let users = self.users.get(id).map(Vec::as_slice).unwrap_or_default();
        let mut first = None;
        for (record, replay) in self.replays.iter().enumerate() {
            let context = replay.context(changed);
            let differing: Vec<&Site<'_>> = users
                .iter()
                .filter_map(|user| self.sites.get(*user).filter(|site| context.truth(site.expression) != self.truth(*user, record)))
                .collect();
            if differing.is_empty() {
                continue;
            }
            let mut tops: Vec<usize> = differing.iter().filter_map(|site| site.owner.top()).collect();
            tops.dedup();
            let criteria: Vec<(usize, &Criterion)> = tops.into_iter().filter_map(|top| Some((top, changed.criteria.get(top)?))).collect();
            let of_trial = differing.iter().any(|site| site.owner == Owner::Trial);
            let raised: Vec<&Remark> = changed.cautions.iter().filter(|remark| context.truth(&remark.when.expression) == Truth::True).collect();
            let found = self.notices(changed, record, replay, &criteria, None);
            if found == Effect::Noticed || of_trial && replay.minds_cautions(&raised) {
                return Found::Noticed(replay.note().to_owned());
            }
            if found == Effect::Unwanted || of_trial {
                first = first.or(Some(replay));
            }
        }
        Found::Missed(first.map(|replay| replay.note().to_owned()))
    }

    /// What becomes of the cases when a criterion has another shape.
    fn try_structure(&self, top: usize, id: &str, structural: &Structural) -> Found {
        let Some(mut criterion) = self.trial.criteria.get(top).cloned() else { return Found::Missed(None) };
        structure::apply(&mut criterion, id, structural);
        let mut first = None;
        for (record, replay) in self.replays.iter().enumerate() {
            if structural.is_pinned(id, replay.policy()) {
                continue;
            }
            match self.notices(self.trial, record, replay, &[(top, &criterion)], None) {
                Effect::Noticed => return Found::Noticed(replay.note().to_owned()),
                Effect::Unwanted => first = first.or(Some(replay)),
                Effect::None => {}
            }
        }
        Found::Missed(first.map(|replay| replay.note().to_owned()))
    }

    /// What a change of criteria, or of a caution of the trial, does to a case.
    fn notices(
        &self,
        trial: &Trial,
        record: usize,
        replay: &Replay<'_>,
        changed: &[(usize, &Criterion)],
        caution: Option<(usize, &Expression)>,
    ) -> Effect {
        let mut verdicts = self.verdicts.get(record).cloned().unwrap_or_default();
        let mut effect = Effect::None;
        for (top, criterion) in changed {
            let of = |trial, criterion| outcome(trial, replay.policy(), &replay.entries, replay.today, criterion);
            let found = of(trial, criterion);
            if replay.minds(&found) {
                return Effect::Noticed;
            }
            if let Some(verdict) = verdicts.get_mut(*top) {
                *verdict = found.verdict;
            }
            if effect == Effect::None && self.trial.criteria.get(*top).is_some_and(|original| differ(&of(self.trial, original), &found)) {
                effect = Effect::Unwanted;
            }
        }
        if replay.minds_verdicts(verdicts.into_iter()) {
            return Effect::Noticed;
        }
        let Some((index, expression)) = caution else { return effect };
        let Some(Role::Caution(place)) = self.sites.get(index).map(|site| site.role) else { return effect };
        let context = replay.context(trial);
        let raised = |changed: bool| -> Vec<&Remark> {
            let holds = |(at, remark): &(usize, &Remark)| {
                context.truth(if changed && *at == place { expression } else { &remark.when.expression }) == Truth::True
            };
            trial.cautions.iter().enumerate().filter(holds).map(|(_, remark)| remark).collect()
        };
        match replay.minds_cautions(&raised(true)) {
            true => Effect::Noticed,
            false if raised(true) != raised(false) => Effect::Unwanted,
            false => effect,
        }
    }
}

/// What a change does to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// Nothing that a report would show.
    None,
    /// Something that the case does not look at.
    Unwanted,
    /// The case does not get what it wants.
    Noticed,
}

/// Whether a case could tell two outcomes of a criterion apart: by a verdict, or by what is said.
fn differ(before: &Outcome<'_>, after: &Outcome<'_>) -> bool {
    let shown = |outcome: &Outcome<'_>| {
        let mut all = Vec::new();
        outcome.walk(&mut |outcome| {
            let said: Vec<String> = outcome.conflicts.iter().chain(&outcome.cautions).map(|remark| remark.say.clone()).collect();
            all.push((outcome.criterion.id.clone(), outcome.verdict, said));
        });
        all
    };
    // A sub-criterion that was left out is no difference by itself.
    let before = shown(before);
    shown(after).iter().any(|one| !before.contains(one))
}

/// Whether a criterion has readings that decide together.
fn open_readings(criterion: &Criterion) -> usize {
    match &criterion.rule {
        Some(Rule::Readings(readings)) => readings.iter().filter(|reading| !reading.by_site_only).count(),
        _ => 0,
    }
}
