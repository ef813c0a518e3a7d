//! What do the cases reach? Of every criterion its verdicts; of every condition and every part of one that is true or
//! false, which of True, False and Unknown the records of the cases make it.
//!
//! In: a trial file and its cases. Out: a [`Report`]: how much of each criterion is reached, and what is not, in the
//! order of the file. What cannot be reached at all (the other truth of a constant, an Unknown of `is null`) is not asked for.

pub mod table;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;
use std::ptr;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;

use crate::cases::Suite;
use crate::cases::replay::Replay;
use crate::cql::Type;
use crate::cql::typed::{Expression, Operation};
use crate::diagnostic::lines::Lines;
use crate::diagnostic::{Diagnostic, Source};
use crate::partition::TruthRange;
use crate::partition::possible::Possible;
use crate::screening::{Eligibility, Verdict, outcome};
use crate::trial::conditions::{ConditionRef, Owner, Role};
use crate::trial::{Criterion, Trial};
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

/// What the cases of a trial reach, which was compiled from `source`. `today` is the screening date of a record that names none.
#[must_use]
pub fn measure(source: &Arc<Source>, trial: &Trial, suite: &Suite, today: Date) -> Report {
    let replays = suite.replays(trial, today);
    let conditions = trial.conditions();
    let mut ledger = Ledger {
        source,
        trial,
        possible: Possible::new(trial),
        reached: Reached::by(trial, &conditions, &replays),
        goals: Vec::new(),
    };
    for condition in &conditions {
        ledger.condition(condition);
    }
    for criterion in &trial.criteria {
        ledger.criterion(criterion, &criterion.id, false);
    }
    ledger.eligibility();
    ledger.report(suite)
}

/// What the records of the cases reach.
struct Reached {
    /// Of every part of a condition, the truths that it has, and whether it was looked at.
    truths: HashMap<*const Expression, TruthRange>,
    verdicts: HashMap<String, Vec<Verdict>>,
    eligibility: Vec<Eligibility>,
}

impl Reached {
    fn by(trial: &Trial, conditions: &[ConditionRef<'_>], replays: &[Replay<'_>]) -> Self {
        let mut reached = Self {
            truths: HashMap::new(),
            verdicts: HashMap::new(),
            eligibility: Vec::new(),
        };
        for replay in replays {
            let context = replay.context(trial);
            for condition in conditions.iter().filter(|one| counts(one, replay)) {
                context.trace(condition.expression, &mut |step| {
                    let truths = reached
                        .truths
                        .entry(ptr::from_ref(step.expression))
                        .or_insert(TruthRange::NONE);
                    *truths = truths.with(TruthRange::one(step.value.truth()));
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

    /// The truths that a part of a condition has.
    fn truths(&self, part: &Expression) -> TruthRange {
        let truths = self.truths.get(&ptr::from_ref(part));
        truths.copied().unwrap_or(TruthRange::NONE)
    }
}

/// Whether a condition counts in a case: a reading does not where the site chose another, or where nobody chose one that
/// only a site may choose.
fn counts(condition: &ConditionRef<'_>, replay: &Replay<'_>) -> bool {
    let (Role::Reading(name), Owner::Criterion(_, criterion)) = (condition.role, condition.owner)
    else {
        return true;
    };
    let mut readings = criterion.readings().iter();
    readings
        .find(|reading| reading.name == name)
        .is_none_or(|reading| replay.policy().counts(criterion, reading))
}

/// One thing to reach.
struct Goal<'t> {
    /// Under which heading it is counted.
    part: &'t str,
    owner: &'t str,
    role: String,
    span: Range<usize>,
    expression: String,
    what: &'static str,
    found: bool,
}

struct Ledger<'t> {
    source: &'t Arc<Source>,
    trial: &'t Trial,
    possible: Possible<'t>,
    reached: Reached,
    goals: Vec<Goal<'t>>,
}

impl<'t> Ledger<'t> {
    fn condition(&mut self, condition: &ConditionRef<'t>) {
        let part = match condition.owner {
            Owner::Definition(..) => "definitions",
            owner => owner
                .top()
                .and_then(|top| self.trial.criteria.get(top))
                .map_or("trial", |criterion| &criterion.id),
        };
        let (possible, reached, source) = (&self.possible, &self.reached, self.source);
        let goals = &mut self.goals;
        let mut add = |expression: &Expression, whats: &mut dyn Iterator<Item = (_, bool)>| {
            let span = condition.place(source, &expression.span).span;
            let text = condition.text.get(expression.span.clone());
            let text = one_line(text.unwrap_or_default());
            goals.extend(whats.map(|(what, found)| Goal {
                part,
                owner: condition.owner.name(),
                role: condition.role.name(),
                span: span.clone(),
                expression: text.clone(),
                what,
                found,
            }));
        };
        let is_open = |expression: &Expression| {
            expression.kind == Type::Boolean
                && !matches!(expression.operation, Operation::Constant(_))
        };
        condition.expression.walk(&mut |expression| {
            if is_open(expression) {
                let found = reached.truths(expression);
                let truths = possible.of(expression).iter();
                add(
                    expression,
                    &mut truths.map(|truth| (truth.name(), found.has(truth))),
                );
            }
            if let Operation::Case(branches, otherwise) = &expression.operation {
                let branches = branches.iter().map(|(_, then)| then);
                for branch in branches.chain([&**otherwise]).filter(|one| !is_open(one)) {
                    let taken = reached.truths.contains_key(&ptr::from_ref(branch));
                    add(branch, &mut std::iter::once(("taken", taken)));
                }
            }
        });
    }

    /// The verdicts of a criterion, which is `top` or part of it, and of its sub-criteria. Whether a criterion that it is
    /// part of may not apply.
    fn criterion(&mut self, criterion: &'t Criterion, top: &'t str, may_be_left_out: bool) {
        let may_be_left_out = may_be_left_out || self.possible.applies(criterion).has(Truth::False);
        let possible = self.possible.verdicts(criterion, may_be_left_out);
        let found = self.reached.verdicts.get(&criterion.id);
        self.goals.extend(possible.into_iter().map(|verdict| Goal {
            part: top,
            owner: &criterion.id,
            role: "verdict".to_owned(),
            span: criterion.spans.key("id").clone(),
            expression: criterion.id.clone(),
            what: verdict.name(),
            found: found.is_some_and(|found| found.contains(&verdict)),
        }));
        for child in criterion.children() {
            self.criterion(child, top, may_be_left_out);
        }
    }

    fn eligibility(&mut self) {
        let all = [
            Eligibility::Eligible,
            Eligibility::Ineligible,
            Eligibility::Undetermined,
        ];
        self.goals.extend(all.map(|eligibility| Goal {
            part: "trial",
            owner: "trial",
            role: "eligibility".to_owned(),
            span: self.trial.spans.key("criteria").clone(),
            expression: "eligibility".to_owned(),
            what: eligibility.name(),
            found: self.reached.eligibility.contains(&eligibility),
        }));
    }

    fn report(self, suite: &Suite) -> Report {
        let criteria = self.trial.criteria.iter();
        let names = ["trial", "definitions"]
            .into_iter()
            .chain(criteria.map(|criterion| criterion.id.as_str()));
        let mut report = Report {
            parts: names.map(Part::new).collect(),
            unreached: Vec::new(),
            excepted: Vec::new(),
            problems: Vec::new(),
        };
        let exemptions = &suite.exemptions.unreachable;
        // Of each exemption, whether what it names is not reached; nothing where it names nothing that is to be reached.
        let mut needed: Vec<Option<bool>> = vec![None; exemptions.len()];
        let lines = Lines::of(self.source);
        let mut goals = self.goals;
        goals.sort_by_key(|goal| (goal.span.start, Reverse(goal.span.end)));
        for goal in goals {
            let exemption = exemptions.iter().zip(&mut needed).find(|(one, _)| {
                one.owner == goal.owner
                    && one.expression == goal.expression
                    && one.truth == goal.what
            });
            let part = report.parts.iter_mut().find(|part| part.name == goal.part);
            if let Some(part) = part.filter(|_| goal.found || exemption.is_none()) {
                part.of += 1;
                part.reached += usize::from(goal.found);
            }
            let why = exemption.map(|(exemption, needed)| {
                needed.get_or_insert(!goal.found);
                exemption.why.clone()
            });
            if !goal.found {
                let gap = goal.gap(&lines, &self.source.name);
                match why {
                    Some(why) => report.excepted.push(Excepted { gap, why }),
                    None => report.add(gap),
                }
            }
        }
        for (exemption, needed) in exemptions.iter().zip(needed) {
            let what = format!(
                "`{}` {} in {}",
                exemption.expression, exemption.truth, exemption.owner
            );
            let problem = match needed {
                Some(true) => continue,
                Some(false) => Diagnostic::error(format!("{what} is not unreachable: a case reaches it")).help("delete the entry"),
                None => Diagnostic::error(format!("{what} is not among what is to be reached"))
                    .help("copy `expression` from the list that `--coverage` prints, or delete the entry"),
            };
            report
                .problems
                .push(problem.at(suite.source(), exemption.span.clone()));
        }
        report.parts.retain(|part| part.of > 0);
        report
    }
}

impl Goal<'_> {
    fn gap(self, lines: &Lines<'_>, file: &str) -> Gap {
        let (line, column) = lines.position(self.span.start);
        Gap {
            owner: self.owner.to_owned(),
            role: self.role,
            file: file.to_owned(),
            line,
            column,
            expression: self.expression,
            never: vec![self.what],
        }
    }
}

impl Part {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            reached: 0,
            of: 0,
        }
    }
}

impl Report {
    /// Adds a gap, to the one before if that is about the same.
    fn add(&mut self, gap: Gap) {
        let about = |gap: &Gap| {
            let Gap {
                line,
                column,
                owner,
                role,
                expression,
                ..
            } = gap.clone();
            (line, column, owner, role, expression)
        };
        match self.unreached.last_mut() {
            Some(last) if about(last) == about(&gap) => last.never.extend(gap.never),
            _ => self.unreached.push(gap),
        }
    }
}
