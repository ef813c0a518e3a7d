//! What do the cases reach? Of every criterion its verdicts; of every condition and every part of one that is true or
//! false, which of True, False and Unknown the records of the cases make it.
//!
//! In: a trial file and its cases. Out: a [`Report`]: how much of each criterion is reached, and what is not, in the
//! order of the file. What cannot be reached at all (the other truth of a constant, an Unknown of `is null`) is not asked for.

pub mod possible;
pub mod table;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;
use std::ptr;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;

use self::possible::{Possible, Truths};
use crate::cases::Suite;
use crate::cases::replay::Replay;
use crate::cql::Type;
use crate::cql::typed::{Expression, Operation};
use crate::diagnostic::{Diagnostic, Place, Source};
use crate::screening::{Eligibility, Verdict, outcome};
use crate::trial::sites::{Home, Map, Owner, Role, Site};
use crate::trial::{Criterion, Side, Trial};
use crate::value::Truth;
use crate::value::text::one_line;

/// What the cases reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How much is reached of each criterion with its sub-criteria, of the definitions, and of the trial as a whole.
    pub parts: Vec<Part>,
    /// What is not reached and that nothing explains, in the order of the file.
    pub unreached: Vec<Gap>,
    /// What the file of cases names as unreachable, and why.
    pub excepted: Vec<Excepted>,
    /// What is wrong with that.
    #[serde(skip)]
    pub problems: Vec<Diagnostic>,
}

/// How much of something is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The criterion, `definitions` or `trial`.
    pub name: String,
    /// How many truths and verdicts are reached.
    pub reached: usize,
    /// Of how many.
    pub of: usize,
}

/// What no case reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The criterion, the definition, or `trial`.
    pub owner: String,
    /// Which of its conditions, or `verdict`.
    pub role: String,
    /// The trial file.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// The column, in characters from 1.
    pub column: usize,
    /// The part of the condition; for a verdict, the id of the criterion.
    pub expression: String,
    /// The truths or verdicts that it never has.
    pub never: Vec<&'static str>,
}

/// Something that cannot be reached, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Excepted {
    /// What it is.
    pub gap: Gap,
    /// Why it cannot be reached.
    pub why: String,
}

impl Report {
    /// Whether everything is reached, or explained.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.unreached.is_empty() && self.problems.is_empty()
    }

    /// How many truths and verdicts are reached, and of how many.
    #[must_use]
    pub fn total(&self) -> (usize, usize) {
        self.parts.iter().fold((0, 0), |(reached, of), part| {
            (reached + part.reached, of + part.of)
        })
    }
}

/// What the cases of a trial reach. `today` is the screening date of a record that names none.
///
/// # Errors
/// What is wrong with the trial file, if it is not the one that was compiled.
pub fn measure(
    source: &Arc<Source>,
    trial: &Trial,
    suite: &Suite,
    today: Date,
) -> Result<Report, Vec<Diagnostic>> {
    let map = Map::new(source)?;
    let replays = suite.replays(trial, today);
    let sites = map.sites(trial);
    let homes = map.homes(trial);
    let reached = Reached::by(trial, &sites, &replays);
    let possible = Possible::new(trial);
    let mut ledger = Ledger {
        source,
        goals: Vec::new(),
    };
    for site in &sites {
        let place = ledger.part(trial, site.owner);
        ledger.condition(place, site, &possible, &reached);
    }
    let mut above = Vec::new();
    for home in &homes {
        ledger.criterion(home, &possible, &reached, &mut above);
    }
    let span = map.key("criteria");
    for eligibility in [
        Eligibility::Eligible,
        Eligibility::Ineligible,
        Eligibility::Undetermined,
    ] {
        let found = reached.eligibility.contains(&eligibility);
        let (owner, role) = ("trial".to_owned(), "eligibility".to_owned());
        let goal = Goal {
            part: "trial".to_owned(),
            owner,
            role,
            span: span.clone(),
            expression: "eligibility".to_owned(),
            what: eligibility.name(),
            found,
        };
        ledger.goals.push(goal);
    }
    Ok(ledger.report(trial, suite))
}

/// What the records of the cases reach.
struct Reached {
    /// Of every part of a condition, the truths that it has, and whether it was looked at.
    truths: HashMap<*const Expression, Truths>,
    verdicts: HashMap<String, Vec<Verdict>>,
    eligibility: Vec<Eligibility>,
}

impl Reached {
    fn by(trial: &Trial, sites: &[Site<'_>], replays: &[Replay<'_>]) -> Self {
        let mut reached = Self {
            truths: HashMap::new(),
            verdicts: HashMap::new(),
            eligibility: Vec::new(),
        };
        for replay in replays {
            let context = replay.context(trial);
            for site in sites.iter().filter(|site| counts(trial, site, replay)) {
                context.trace(site.expression, &mut |step| {
                    let truths = reached
                        .truths
                        .entry(ptr::from_ref(step.expression))
                        .or_insert(Truths::NONE);
                    *truths = truths.with(Truths::one(step.value.truth()));
                });
            }
            let mut verdicts = Vec::new();
            for criterion in &trial.criteria {
                let outcome = outcome(
                    trial,
                    replay.policy(),
                    &replay.entries,
                    replay.today,
                    criterion,
                );
                verdicts.push(outcome.verdict);
                outcome.walk(&mut |outcome| {
                    reached
                        .verdicts
                        .entry(outcome.criterion.id.clone())
                        .or_default()
                        .push(outcome.verdict)
                });
            }
            reached
                .eligibility
                .push(Eligibility::of(verdicts.into_iter()));
        }
        reached
    }
}

/// Whether a condition counts in a case: a reading does not where the site chose another, or where nobody chose one that
/// only a site may choose.
fn counts(trial: &Trial, site: &Site<'_>, replay: &Replay<'_>) -> bool {
    let (Role::Reading(name), Owner::Criterion(top, id)) = (site.role, site.owner) else {
        return true;
    };
    let mut counts = true;
    if let Some(criterion) = trial.criteria.get(top) {
        criterion.walk(&mut |criterion| {
            let readings = criterion.readings().iter();
            if criterion.id == id
                && let Some(reading) = readings.into_iter().find(|reading| reading.name == name)
            {
                counts = replay.policy().counts(criterion, reading);
            }
        });
    }
    counts
}

/// One thing to reach.
struct Goal {
    part: String,
    owner: String,
    role: String,
    span: Range<usize>,
    expression: String,
    what: &'static str,
    found: bool,
}

struct Ledger<'s> {
    source: &'s Arc<Source>,
    goals: Vec<Goal>,
}

impl Ledger<'_> {
    /// Under which heading something is counted.
    fn part(&self, trial: &Trial, owner: Owner<'_>) -> String {
        match owner {
            Owner::Trial => "trial".to_owned(),
            Owner::Definition(..) => "definitions".to_owned(),
            Owner::Criterion(top, _) => trial
                .criteria
                .get(top)
                .map_or_else(String::new, |criterion| criterion.id.clone()),
        }
    }

    fn condition(
        &mut self,
        part: String,
        site: &Site<'_>,
        possible: &Possible<'_>,
        reached: &Reached,
    ) {
        let mut goals = |expression: &Expression, whats: Vec<(&'static str, bool)>| {
            let span = site.place(self.source, &expression.span).span;
            let text = one_line(site.text.get(expression.span.clone()).unwrap_or_default());
            self.goals
                .extend(whats.into_iter().map(|(what, found)| Goal {
                    part: part.clone(),
                    owner: site.owner.name().to_owned(),
                    role: site.role.name(),
                    span: span.clone(),
                    expression: text.clone(),
                    what,
                    found,
                }));
        };
        site.expression.walk(&mut |expression| {
            if expression.kind == Type::Boolean
                && !matches!(expression.operation, Operation::Constant(_))
            {
                let found = reached
                    .truths
                    .get(&ptr::from_ref(expression))
                    .copied()
                    .unwrap_or(Truths::NONE);
                goals(
                    expression,
                    possible
                        .of(expression)
                        .iter()
                        .map(|truth| (name(truth), found.has(truth)))
                        .collect(),
                );
            }
            if let Operation::Case(branches, otherwise) = &expression.operation {
                for branch in branches
                    .iter()
                    .map(|(_, then)| then)
                    .chain(std::iter::once(&**otherwise))
                {
                    if branch.kind != Type::Boolean
                        || matches!(branch.operation, Operation::Constant(_))
                    {
                        goals(
                            branch,
                            vec![("taken", reached.truths.contains_key(&ptr::from_ref(branch)))],
                        );
                    }
                }
            }
        });
    }

    /// The verdicts of a criterion. `above` holds the criteria that it is part of.
    fn criterion<'t>(
        &mut self,
        home: &Home<'t>,
        possible: &Possible<'_>,
        reached: &Reached,
        above: &mut Vec<&'t Criterion>,
    ) {
        let criterion = home.criterion;
        while above.last().is_some_and(|last| {
            !last
                .children()
                .iter()
                .any(|child| ptr::eq(child, criterion))
        }) {
            above.pop();
        }
        let condition = possible.condition(criterion);
        let may_not_apply = |criterion: &Criterion| {
            let condition = criterion.applies.as_ref();
            condition.map_or(Truths::one(Truth::True), |condition| {
                possible.of(&condition.expression)
            })
        };
        let applies = may_not_apply(criterion);
        let mut verdicts = Vec::new();
        let (holds, does_not) = match criterion.side {
            Side::Inclusion => (Verdict::Pass, Verdict::Fail),
            Side::Exclusion => (Verdict::Fail, Verdict::Pass),
        };
        for (truth, verdict) in [(Truth::True, holds), (Truth::False, does_not)] {
            if condition.has(truth) && applies.has(Truth::True) {
                verdicts.push(verdict);
            }
        }
        if condition.has(Truth::Unknown)
            || applies.has(Truth::Unknown)
            || !criterion.conflicts.is_empty()
            || !criterion.doubts.is_empty()
        {
            verdicts.push(Verdict::Unknown);
        }
        let gathers = criterion.rule.is_none()
            && !criterion.children().is_empty()
            && criterion
                .children()
                .iter()
                .all(|child| may_not_apply(child).has(Truth::False));
        if gathers
            || applies.has(Truth::False)
            || above
                .iter()
                .any(|above| may_not_apply(above).has(Truth::False))
        {
            verdicts.push(Verdict::NotApplicable);
        }
        let part = above.first().map_or(&criterion.id, |top| &top.id).clone();
        let found = reached
            .verdicts
            .get(&criterion.id)
            .map(Vec::as_slice)
            .unwrap_or_default();
        for verdict in [
            Verdict::Pass,
            Verdict::Fail,
            Verdict::Unknown,
            Verdict::NotApplicable,
        ] {
            if verdicts.contains(&verdict) {
                self.goals.push(Goal {
                    part: part.clone(),
                    owner: criterion.id.clone(),
                    role: "verdict".to_owned(),
                    span: home.key("id"),
                    expression: criterion.id.clone(),
                    what: verdict.name(),
                    found: found.contains(&verdict),
                });
            }
        }
        above.push(criterion);
    }

    fn report(self, trial: &Trial, suite: &Suite) -> Report {
        let exemptions = &suite.exemptions.unreachable;
        let mut report = Report {
            parts: Vec::new(),
            unreached: Vec::new(),
            excepted: Vec::new(),
            problems: Vec::new(),
        };
        let names = ["trial".to_owned(), "definitions".to_owned()]
            .into_iter()
            .chain(trial.criteria.iter().map(|criterion| criterion.id.clone()));
        let mut parts: Vec<Part> = names
            .map(|name| Part {
                name,
                reached: 0,
                of: 0,
            })
            .collect();
        // What is never so, and what is excepted although it is.
        let mut used: Vec<Option<bool>> = vec![None; exemptions.len()];
        let mut goals = self.goals;
        goals.sort_by_key(|goal| (goal.span.start, Reverse(goal.span.end)));
        let mut last = None;
        for goal in goals {
            let excepted = exemptions.iter().position(|one| {
                one.owner == goal.owner
                    && one.expression == goal.expression
                    && one.truth == goal.what
            });
            if let Some(used) = excepted.and_then(|index| used.get_mut(index)) {
                *used = Some(used.unwrap_or(true) && !goal.found || used.unwrap_or(false));
            }
            let part = parts.iter_mut().find(|part| part.name == goal.part);
            if let Some(part) = part.filter(|_| goal.found || excepted.is_none()) {
                part.of += 1;
                part.reached += usize::from(goal.found);
            }
            if goal.found {
                continue;
            }
            let key = (
                goal.span.clone(),
                goal.owner.clone(),
                goal.role.clone(),
                goal.expression.clone(),
            );
            let (line, column) = Place {
                source: Arc::clone(self.source),
                span: goal.span,
            }
            .line_column();
            let file = self.source.name.clone();
            let gap = Gap {
                owner: goal.owner,
                role: goal.role,
                file,
                line,
                column,
                expression: goal.expression,
                never: vec![goal.what],
            };
            match excepted.and_then(|index| exemptions.get(index)) {
                Some(exemption) => report.excepted.push(Excepted {
                    gap,
                    why: exemption.why.clone(),
                }),
                None => match report
                    .unreached
                    .last_mut()
                    .filter(|_| last.as_ref() == Some(&key))
                {
                    Some(before) => before.never.push(goal.what),
                    None => {
                        report.unreached.push(gap);
                        last = Some(key);
                    }
                },
            }
        }
        for (exemption, used) in exemptions.iter().zip(used) {
            let what = format!(
                "`{}` {} in {}",
                exemption.expression, exemption.truth, exemption.owner
            );
            let problem = match used {
                Some(true) => continue,
                Some(false) => Diagnostic::error(format!("{what} is not unreachable: a case reaches it")).help("delete the entry"),
                None => Diagnostic::error(format!("{what} is not among what is to be reached"))
                    .help("copy `expression` from the list that `--coverage` prints, or delete the entry"),
            };
            report
                .problems
                .push(problem.at(suite.source(), exemption.span.clone()));
        }
        parts.retain(|part| part.of > 0);
        report.parts = parts;
        report
    }
}

fn name(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "true",
        Truth::False => "false",
        Truth::Unknown => "unknown",
    }
}
