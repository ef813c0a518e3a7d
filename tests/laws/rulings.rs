//! What a site may settle brackets what is open: questions about wording, readings, doubts. And what to obtain comes in the
//! order of a work-up.

use std::collections::BTreeMap;

use eligo::evaluate::Context;
use eligo::record::Record;
use eligo::screening::{Verdict, screen};
use eligo::trial::policy::Settlement;
use eligo::trial::{Criterion, Policy, Side, Trial};
use eligo::value::Truth;

use crate::choices::{Choices, hold};
use crate::records;
use crate::support::{TODAY, compile, embedded, found, may_become, read};
use crate::trials::{self, Applies};

const SETTLEMENTS: [Settlement; 2] = [Settlement::Met, Settlement::NotMet];

fn any_record(choices: &mut Choices<'_>, trial: &Trial) -> Record {
    let states = records::record(choices, &trial.facts, TODAY);
    let state = choices.below(3);
    read(trial, &records::yaml(&states[state]))
}

/// The verdict of every criterion and sub-criterion.
fn verdicts(trial: &Trial, record: &Record, policy: &Policy) -> BTreeMap<String, Verdict> {
    let screening = screen(trial, record, policy);
    let outcomes = screening.outcomes.iter();
    outcomes.flat_map(|one| found(one).verdicts).collect()
}

/// Every way to settle all that a criterion itself leaves open. A reading that counts only where a site pins it is a rule of
/// the site's own.
fn rulings(criterion: &Criterion) -> Vec<Policy> {
    let id = &criterion.id;
    let mut policies = vec![Policy::default()];
    for question in criterion.questions() {
        let place = (id.clone(), question.name.clone());
        let open = question.meanings.iter().filter(|one| !one.by_site_only);
        let names: Vec<String> = open.map(|meaning| meaning.name.clone()).collect();
        policies = settled(&policies, &names, |policy, name| {
            policy.questions.insert(place.clone(), name);
        });
    }
    if criterion.questions().is_empty() && !criterion.readings().is_empty() {
        let open = criterion.readings().iter().filter(|one| !one.by_site_only);
        let names: Vec<String> = open.map(|reading| reading.name.clone()).collect();
        policies = settled(&policies, &names, |policy, name| {
            policy.readings.insert(id.clone(), name);
        });
    }
    for doubt in &criterion.doubts {
        let place = (id.clone(), doubt.id.clone());
        policies = settled(&policies, &SETTLEMENTS, |policy, settlement| {
            policy.doubts.insert(place.clone(), settlement);
        });
    }
    policies
}

/// Each policy with each way to settle one thing more.
fn settled<W: Clone>(
    policies: &[Policy],
    ways: &[W],
    settle: impl Fn(&mut Policy, W),
) -> Vec<Policy> {
    let mut all = Vec::new();
    for policy in policies {
        for way in ways {
            let mut policy = policy.clone();
            settle(&mut policy, way.clone());
            all.push(policy);
        }
    }
    all
}

fn context<'t>(trial: &'t Trial, record: &'t Record) -> Context<'t> {
    Context::new(&record.entries, &trial.definitions, record.screened_on)
}

/// A criterion is decided where all rulings agree, and nowhere else. A doubt that hangs on what is missing is none yet.
fn all_rulings_agree_where_it_is_decided(trial: &Trial, record: &Record) -> Result<(), String> {
    let open = verdicts(trial, record, &Policy::default());
    let context = context(trial, record);
    for criterion in trial.all_criteria() {
        let is_known = |when| context.truth(when) != Truth::Unknown;
        let mut doubts = criterion.doubts.iter();
        if !criterion.children().is_empty()
            || !doubts.all(|doubt| is_known(&doubt.remark.when.expression))
        {
            continue;
        }
        let verdict = open[&criterion.id];
        let ruled: Vec<Verdict> = rulings(criterion)
            .iter()
            .map(|policy| verdicts(trial, record, policy)[&criterion.id])
            .collect();
        let agreed = ruled.iter().all(|one| *one == ruled[0]).then_some(ruled[0]);
        if verdict != agreed.unwrap_or(Verdict::Unknown) {
            return Err(format!(
                "{} is {verdict:?}, and by ruling {ruled:?}",
                criterion.id
            ));
        }
    }
    Ok(())
}

#[test]
fn a_criterion_is_decided_where_all_rulings_agree_and_nowhere_else() {
    hold(300, 71, 700, |choices| {
        let text = trials::trial(choices, Applies::Any);
        let trial = compile(&text);
        let record = any_record(choices, &trial);
        all_rulings_agree_where_it_is_decided(&trial, &record)
            .map_err(|message| format!("{message}\n{text}"))
    });
    hold(5, 72, 1_600, |choices| {
        all_rulings_agree_where_it_is_decided(embedded(), &any_record(choices, embedded()))
    });
}

/// Settles every doubt so that the condition decides.
fn undoubted(trial: &Trial) -> Policy {
    let mut policy = Policy::default();
    for criterion in trial.all_criteria() {
        let settlement = match criterion.side {
            Side::Inclusion => Settlement::Met,
            Side::Exclusion => Settlement::NotMet,
        };
        for doubt in &criterion.doubts {
            let place = (criterion.id.clone(), doubt.id.clone());
            policy.doubts.insert(place, settlement);
        }
    }
    policy
}

/// A doubt keeps a candidate from passing, and does nothing else.
fn doubts_are_cast_on_a_pass_alone(trial: &Trial, record: &Record) -> Result<(), String> {
    let (open, without) = (Policy::default(), undoubted(trial));
    let without = verdicts(trial, record, &without);
    for outcome in &screen(trial, record, &open).outcomes {
        let is_doubted = found(outcome).doubted;
        for (id, verdict) in found(outcome).verdicts {
            let before = without[&id];
            let cast = is_doubted && before == Verdict::Pass && verdict == Verdict::Unknown;
            if verdict != before && !cast {
                return Err(format!(
                    "{id} is {before:?} without doubts, {verdict:?} with them"
                ));
            }
        }
    }
    Ok(())
}

#[test]
fn a_doubt_is_cast_on_a_pass_alone() {
    hold(800, 73, 700, |choices| {
        let text = trials::trial(choices, Applies::Any);
        let trial = compile(&text);
        let record = any_record(choices, &trial);
        doubts_are_cast_on_a_pass_alone(&trial, &record)
            .map_err(|message| format!("{message}\n{text}"))
    });
    hold(60, 74, 1_600, |choices| {
        doubts_are_cast_on_a_pass_alone(embedded(), &any_record(choices, embedded()))
    });
}

/// Settles some of what a trial leaves open, and then more of it.
fn two_policies(choices: &mut Choices<'_>, trial: &Trial) -> [Policy; 2] {
    let mut policies = [Policy::default(), Policy::default()];
    for criterion in trial.all_criteria() {
        let all = rulings(criterion);
        let ruling = &all[choices.below(all.len())];
        let mut keep = |choices: &mut Choices<'_>, put: &dyn Fn(&mut Policy)| {
            let from = choices.below(3);
            policies.iter_mut().skip(from).for_each(put);
        };
        for (place, name) in &ruling.questions {
            keep(choices, &|policy| {
                policy.questions.insert(place.clone(), name.clone());
            });
        }
        for (id, name) in &ruling.readings {
            keep(choices, &|policy| {
                policy.readings.insert(id.clone(), name.clone());
            });
        }
        for (place, settlement) in &ruling.doubts {
            keep(choices, &|policy| {
                policy.doubts.insert(place.clone(), *settlement);
            });
        }
    }
    policies
}

/// A ruling decides what was open, and turns nothing. Only a doubt that is settled may leave open what nobody had doubted,
/// where it is not known whether it is raised.
fn rulings_turn_nothing(
    choices: &mut Choices<'_>,
    trial: &Trial,
    record: &Record,
) -> Result<(), String> {
    let [some, more] = two_policies(choices, trial);
    let (before, after) = (
        verdicts(trial, record, &some),
        verdicts(trial, record, &more),
    );
    for criterion in trial.all_criteria() {
        let mut has_doubts = false;
        criterion.walk(&mut |part| has_doubts |= !part.doubts.is_empty());
        let (before, after) = (before[&criterion.id], after[&criterion.id]);
        let reopened = has_doubts && after == Verdict::Unknown;
        if !may_become(before, after) && !reopened {
            return Err(format!(
                "{} was {before:?} and is ruled {after:?}",
                criterion.id
            ));
        }
    }
    Ok(())
}

#[test]
fn a_ruling_never_turns_what_is_decided() {
    hold(800, 75, 800, |choices| {
        let text = trials::trial(choices, Applies::Any);
        let trial = compile(&text);
        let record = any_record(choices, &trial);
        rulings_turn_nothing(choices, &trial, &record)
            .map_err(|message| format!("{message}\n{text}"))
    });
    hold(60, 76, 2_000, |choices| {
        let record = any_record(choices, embedded());
        rulings_turn_nothing(choices, embedded(), &record)
    });
}

/// Stage by stage, and what has none behind.
#[test]
fn what_to_obtain_follows_the_stages_of_a_work_up() {
    let follows = |trial: &Trial, record: &Record| {
        let policy = Policy::default();
        let screening = screen(trial, record, &policy);
        let next = screening.next.iter();
        let stages: Vec<_> = next.map(|one| trial.facts.get(one.fact).stage).collect();
        let place = |stage: &Option<_>| (stage.is_none(), *stage);
        if stages.is_sorted_by_key(place) {
            Ok(())
        } else {
            Err(format!("{stages:?}"))
        }
    };
    hold(400, 77, 700, |choices| {
        let text = trials::trial(choices, Applies::Any);
        let trial = compile(&text);
        let record = any_record(choices, &trial);
        follows(&trial, &record).map_err(|message| format!("{message}\n{text}"))
    });
    hold(25, 78, 1_600, |choices| {
        follows(embedded(), &any_record(choices, embedded()))
    });
}
