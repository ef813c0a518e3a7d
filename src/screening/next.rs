//! What to obtain next: by the stage of the work-up, and of one stage in the order in which it settles most.
//!
//! Each missing fact is given, one by one, the values that it might turn out to have, and the criteria that name it
//! are decided again. A fact that can decide the eligibility alone comes before one that cannot, and of one stage what an
//! inclusion criterion asks for before what an exclusion criterion does; one that can change no verdict, whatever else
//! became known, is left out. The work is bounded: what goes beyond the bound is kept, in the protocol's order, behind
//! what was tried.

mod answers;

use std::cmp::Reverse;
use std::collections::HashMap;

use jiff::civil::Date;

use super::{Eligibility, Gap, GapCause, Outcome, Verdict, verdict_of};
use crate::cql::weight_of;
use crate::entry::Entry;
use crate::evaluate::Context;
use crate::facts::FactId;
use crate::trial::{Policy, Side, Trial};

use answers::Literals;

/// How many combinations of values are tried to see whether a fact can matter at all.
const MOST_COMBINATIONS: usize = 4_000;
/// How many parts of conditions are evaluated for one candidate. The trial file of NCT04546906 and an empty record need a
/// hundredth of it; without it, a criterion of thousands of facts would be decided thousands of times.
const MOST_WORK: usize = 5_000_000;

/// A fact to obtain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// The fact.
    pub fact: FactId,
    /// Why what is known of it does not do.
    pub cause: GapCause,
    /// The unknown criteria that wait for it.
    pub criteria: Vec<String>,
    /// Whether answers were tried. Where too much is missing they are not, and nothing is known of what they settle.
    pub tried: bool,
    /// Whether there is an answer which alone decides the eligibility.
    pub can_decide: bool,
    /// Whether every answer alone decides the eligibility.
    pub decides: bool,
}

/// Orders what is missing. `outcomes` must be those of an undetermined candidate.
#[must_use]
pub fn order(
    trial: &Trial,
    policy: &Policy,
    entries: &[Entry],
    today: Date,
    outcomes: &[Outcome<'_>],
) -> Vec<Next> {
    let unknown: Vec<(usize, &[Gap])> = outcomes
        .iter()
        .enumerate()
        .filter(|(_, outcome)| outcome.verdict == Verdict::Unknown)
        .map(|(index, outcome)| (index, outcome.gaps.as_slice()))
        .collect();
    let (gaps, waiting) = waiting(&unknown);
    let literals = Literals::of(trial);
    let mut search = Search {
        trial,
        policy,
        today,
        entries: entries.to_vec(),
        answers: gaps
            .iter()
            .map(|gap| (gap.fact, literals.answers(gap.fact, entries, today)))
            .collect(),
        gaps: unknown.into_iter().collect(),
        verdicts: outcomes.iter().map(|outcome| outcome.verdict).collect(),
        work: MOST_WORK,
    };
    let mut scored: Vec<(Score, Next)> = Vec::new();
    for gap in &gaps {
        let waiting = waiting.get(&gap.fact).map_or(&[][..], Vec::as_slice);
        if !waiting.iter().any(|index| search.matters(*index, gap.fact)) {
            continue;
        }
        let score = search.score(gap.fact, waiting).unwrap_or_default();
        let criteria = waiting
            .iter()
            .filter_map(|index| trial.criteria.get(*index))
            .map(|criterion| criterion.id.clone())
            .collect();
        let next = Next {
            fact: gap.fact,
            cause: gap.cause,
            criteria,
            tried: score.tried > 0,
            can_decide: score.decided > 0,
            decides: score.decided == score.tried && score.tried > 0,
        };
        scored.push((score, next));
    }
    scored.sort_by_key(|(score, next)| {
        let criteria = waiting.get(&next.fact).map_or(&[][..], Vec::as_slice);
        place(trial, criteria, *score, next.fact)
    });
    scored.into_iter().map(|(_, next)| next).collect()
}

/// What is missing, in the protocol's order, and the unknown criteria that wait for each fact.
fn waiting(unknown: &[(usize, &[Gap])]) -> (Vec<Gap>, HashMap<FactId, Vec<usize>>) {
    let (mut gaps, mut waiting) = (Vec::new(), HashMap::<FactId, Vec<usize>>::new());
    for (index, of_criterion) in unknown {
        for gap in *of_criterion {
            let criteria = waiting.entry(gap.fact).or_default();
            if criteria.is_empty() {
                gaps.push(*gap);
            }
            criteria.push(*index);
        }
    }
    (gaps, waiting)
}

/// By what a fact is ordered. What settles equally much stays in the protocol's order.
fn place(trial: &Trial, waiting: &[usize], score: Score, fact: FactId) -> impl Ord + use<> {
    // Who has not the disease or the target that the trial is about need not be asked what would keep him out.
    let mut criteria = waiting
        .iter()
        .filter_map(|index| trial.criteria.get(*index));
    let is_required = criteria.any(|criterion| criterion.side == Side::Inclusion);
    let stage = trial.facts.get(fact).stage;
    let rules_out = score.decided > 0;
    let is_behind = stage.is_some() && !is_required;
    let order = (stage.is_none(), stage, !rules_out, is_behind);
    (order, Reverse(score.rank()))
}

/// How much the possible answers to one question would settle.
#[derive(Debug, Clone, Copy, Default)]
struct Score {
    /// How many answers were tried.
    tried: usize,
    /// After how many of them the eligibility is decided.
    decided: usize,
    /// How many unknown criteria they settle, all answers added up.
    settled: usize,
}

impl Score {
    /// Whether it can decide, the share of answers that decide, the criteria settled by an answer on average.
    fn rank(self) -> (bool, usize, usize) {
        const PRECISION: usize = 1_000_000;
        let share = |count: usize| (count * PRECISION).checked_div(self.tried).unwrap_or(0);
        (self.decided > 0, share(self.decided), share(self.settled))
    }
}

struct Search<'a> {
    trial: &'a Trial,
    policy: &'a Policy,
    today: Date,
    /// What is known; answers are put in and taken out again.
    entries: Vec<Entry>,
    /// What each missing fact might turn out to be.
    answers: HashMap<FactId, Vec<Entry>>,
    /// What each unknown criterion waits for.
    gaps: HashMap<usize, &'a [Gap]>,
    /// The verdicts of all criteria as they are.
    verdicts: Vec<Verdict>,
    /// How many parts of conditions may still be evaluated.
    work: usize,
}

impl Search<'_> {
    /// Pays for evaluating so many parts of conditions; whether that is still allowed.
    fn pay(&mut self, work: usize) -> bool {
        let left = self.work.checked_sub(work);
        self.work = left.unwrap_or(self.work);
        left.is_some()
    }

    /// Puts a value in the place of what is known of a fact, and returns what was there.
    fn assign(&mut self, fact: FactId, answer: Entry) -> Option<Entry> {
        let entry = self.entries.get_mut(fact.0)?;
        Some(std::mem::replace(entry, answer))
    }

    fn verdict(&self, criterion: usize) -> Verdict {
        let context = Context::new(&self.entries, &self.trial.definitions, self.today);
        self.trial
            .criteria
            .get(criterion)
            .map_or(Verdict::Unknown, |criterion| {
                verdict_of(criterion, self.policy, context)
            })
    }

    /// How many parts of conditions one verdict takes to find.
    fn weight(&self, criterion: usize) -> usize {
        let mut weight = 1_usize;
        if let Some(criterion) = self.trial.criteria.get(criterion) {
            criterion.walk(&mut |part| {
                for condition in part.own_conditions() {
                    weight = weight
                        .saturating_add(weight_of(&condition.expression, &self.trial.definitions));
                }
            });
        }
        weight
    }

    /// What the answers to the question for a fact would settle; none where nothing can be tried, or too much.
    fn score(&mut self, fact: FactId, waiting: &[usize]) -> Option<Score> {
        let answers = self.answers.get(&fact).cloned().unwrap_or_default();
        // The eligibility is found from the verdicts of all criteria.
        let weight = waiting
            .iter()
            .map(|index| self.weight(*index))
            .fold(self.verdicts.len(), usize::saturating_add);
        if !self.pay(weight.saturating_mul(answers.len())) {
            return None;
        }
        let mut score = Score {
            tried: answers.len(),
            ..Score::default()
        };
        let known = self.entries.get(fact.0).cloned();
        for answer in answers {
            self.assign(fact, answer);
            let mut verdicts = self.verdicts.clone();
            for index in waiting {
                let verdict = self.verdict(*index);
                score.settled += usize::from(verdict != Verdict::Unknown);
                if let Some(place) = verdicts.get_mut(*index) {
                    *place = verdict;
                }
            }
            score.decided +=
                usize::from(Eligibility::of(verdicts.into_iter()) != Eligibility::Undetermined);
        }
        known.map(|known| self.assign(fact, known));
        Some(score)
    }

    /// Whether the fact can change the verdict of a criterion, whatever else became known. Where nothing can be tried, or
    /// there are too many combinations, it is taken to matter.
    fn matters(&mut self, criterion: usize, fact: FactId) -> bool {
        let mine = self.answers.get(&fact).cloned().unwrap_or_default();
        let Some(others) = self.others(criterion, fact, mine.len()) else {
            return true;
        };
        let combinations: usize = others.iter().map(|(_, answers)| answers.len()).product();
        let verdicts = combinations.saturating_mul(mine.len() + 1);
        if !self.pay(self.weight(criterion).saturating_mul(verdicts)) {
            return true;
        }
        let involved = others.iter().map(|(other, _)| *other).chain([fact]);
        let known: Vec<(FactId, Entry)> = involved
            .filter_map(|fact| Some((fact, self.entries.get(fact.0)?.clone())))
            .collect();
        let matters = (0..combinations).any(|combination| {
            let mut rest = combination;
            for (other, answers) in &others {
                if let Some(answer) = answers.get(rest % answers.len()) {
                    self.assign(*other, answer.clone());
                }
                rest /= answers.len();
            }
            self.assign(fact, Entry::NOT_RECORDED);
            let before = self.verdict(criterion);
            mine.iter().any(|answer| {
                self.assign(fact, answer.clone());
                self.verdict(criterion) != before
            })
        });
        for (fact, entry) in known {
            self.assign(fact, entry);
        }
        matters
    }

    /// The other facts that a criterion waits for, each with what it might be, what is known of it among that. None where
    /// their combinations are too many to try, or there is nothing to try them with.
    fn others(
        &self,
        criterion: usize,
        fact: FactId,
        mine: usize,
    ) -> Option<Vec<(FactId, Vec<Entry>)>> {
        let mut trials = mine;
        let mut others = Vec::new();
        for gap in self.gaps.get(&criterion).copied().unwrap_or_default() {
            if gap.fact == fact {
                continue;
            }
            let mut answers = self.answers.get(&gap.fact).cloned().unwrap_or_default();
            answers.extend(self.entries.get(gap.fact.0).cloned());
            // Most wide criteria end here, after a dozen facts.
            trials = trials.saturating_mul(answers.len());
            if trials > MOST_COMBINATIONS {
                return None;
            }
            others.push((gap.fact, answers));
        }
        (trials > 0).then_some(others)
    }
}
