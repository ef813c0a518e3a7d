//! What a screening says is consistent in itself, and depends on nothing that it does not name.

use eligo::cql::facts_of;
use eligo::entry::Entry;
use eligo::facts::{Fact, FactId, Kind};
use eligo::record::Record;
use eligo::report::sentence::Sentences;
use eligo::screening::{Eligibility, Outcome, Verdict, screen, standings};
use eligo::trial::{Criterion, Policy, Trial};
use eligo::value::{Bounds, Code, Duration, List, Missing, Truth, Value};
use jiff::ToSpan as _;
use rust_decimal::Decimal;

use crate::choices::{Choices, hold};
use crate::records;
use crate::support::{TODAY, compile, embedded, read, report};
use crate::trials::{self, Applies};

fn any_record(choices: &mut Choices<'_>, trial: &Trial) -> Record {
    let [_, middle, _] = records::record(choices, &trial.facts, TODAY);
    read(trial, &records::yaml(&middle))
}

fn example(name: &str) -> Record {
    let text =
        std::fs::read_to_string(format!("{}/examples/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    read(embedded(), &text)
}

/// The facts that decide a criterion: those of its rules, of whom it applies to, of its conflicts, and of everything
/// below it. Where the criterion above it does not apply, it does not either, so that one's are among them.
fn named(trial: &Trial, criterion: &Criterion) -> Vec<FactId> {
    let mut facts = Vec::new();
    for top in &trial.criteria {
        let mut above = false;
        top.walk(&mut |other| above |= other.id == criterion.id);
        if above && top.id != criterion.id {
            return named(trial, top);
        }
    }
    criterion.walk(&mut |criterion| {
        let conflicts = criterion.conflicts.iter().map(|conflict| &conflict.when);
        for condition in criterion.own_conditions().chain(conflicts) {
            facts.extend(facts_of(&condition.expression, &trial.definitions));
        }
    });
    facts
}

#[test]
fn a_verdict_depends_only_on_the_facts_that_the_criterion_names() {
    let trial = embedded();
    let policy = Policy::default();
    hold(25, 31, 3_000, |choices| {
        let (one, other) = (any_record(choices, trial), any_record(choices, trial));
        let mut criteria = trial.all_criteria();
        choices.shuffle(&mut criteria);
        let before = screen(trial, &one, &policy);
        for criterion in criteria.into_iter().take(6) {
            let facts = named(trial, criterion);
            let mut mixed = other.clone();
            for fact in facts {
                mixed.entries[fact.0] = one.entries[fact.0].clone();
            }
            let after = screen(trial, &mixed, &policy);
            let verdict = |outcomes: &[Outcome<'_>]| {
                let mut verdict = None;
                for outcome in outcomes {
                    outcome.walk(&mut |outcome| {
                        if outcome.criterion.id == criterion.id {
                            verdict = Some(outcome.verdict);
                        }
                    });
                }
                verdict
            };
            if verdict(&before.outcomes) != verdict(&after.outcomes) {
                return Err(format!(
                    "{} changes with facts that it does not name",
                    criterion.id
                ));
            }
        }
        Ok(())
    });
}

fn consistent(trial: &Trial, record: &Record) -> Result<(), String> {
    let policy = Policy::default();
    let screening = screen(trial, record, &policy);
    let some = |wanted| {
        screening
            .outcomes
            .iter()
            .any(|outcome| outcome.verdict == wanted)
    };
    let expected = match (some(Verdict::Fail), some(Verdict::Unknown)) {
        (true, _) => Eligibility::Ineligible,
        (false, true) => Eligibility::Undetermined,
        (false, false) => Eligibility::Eligible,
    };
    if screening.eligibility != expected {
        return Err(format!(
            "{:?} does not follow from the verdicts",
            screening.eligibility
        ));
    }
    if expected != Eligibility::Undetermined && !screening.next.is_empty() {
        return Err("there is something to obtain although the eligibility is decided".to_owned());
    }
    let mut quick = Vec::new();
    let eligibility = standings(
        trial,
        &policy,
        &record.entries,
        record.screened_on,
        &mut quick,
    );
    let mut explained = Vec::new();
    for outcome in &screening.outcomes {
        outcome.walk(&mut |outcome| explained.push(outcome.standing()));
    }
    if eligibility != screening.eligibility || quick != explained {
        return Err(format!(
            "without reasons: {quick:?}\nwith reasons: {explained:?}"
        ));
    }
    let mut wrong = None;
    for outcome in &screening.outcomes {
        wrong = wrong.or_else(|| badly_joined_below(outcome, Truth::True));
    }
    wrong.map_or(Ok(()), Err)
}

/// `above` says whether the criteria above apply: where that is open, so is what would fail.
fn badly_joined_below(outcome: &Outcome<'_>, above: Truth) -> Option<String> {
    let below = above.and(
        outcome
            .applies
            .as_ref()
            .map_or(Truth::True, |reason| reason.truth()),
    );
    badly_joined(outcome, above).or_else(|| {
        outcome
            .children
            .iter()
            .find_map(|child| badly_joined_below(child, below))
    })
}

/// The verdict of a criterion with readings alone: theirs where they agree.
fn badly_joined(outcome: &Outcome<'_>, above: Truth) -> Option<String> {
    let id = &outcome.criterion.id;
    // A criterion above it which does not apply takes it along.
    let taken_along = outcome.verdict == Verdict::NotApplicable;
    if outcome.readings.is_empty() || !outcome.children.is_empty() || taken_along {
        return None;
    }
    let all = |wanted| {
        outcome
            .readings
            .iter()
            .all(|reading| reading.verdict == wanted)
    };
    let joined = if all(Verdict::Pass) {
        Verdict::Pass
    } else if all(Verdict::Fail) {
        Verdict::Fail
    } else {
        Verdict::Unknown
    };
    let applies = outcome
        .applies
        .as_ref()
        .map_or(Truth::True, |reason| reason.truth())
        .and(above);
    let expected = match (applies, joined) {
        _ if !outcome.conflicts.is_empty() => Verdict::Unknown,
        (Truth::False, _) => Verdict::NotApplicable,
        (Truth::Unknown, Verdict::Fail) => Verdict::Unknown,
        // Nobody passes on a doubt.
        (_, Verdict::Pass) if !outcome.doubts.is_empty() => Verdict::Unknown,
        (_, joined) => joined,
    };
    (outcome.verdict != expected).then(|| {
        format!(
            "{id} is {:?}, its readings say {expected:?}",
            outcome.verdict
        )
    })
}

#[test]
fn eligibility_and_readings_follow_from_the_verdicts() {
    hold(500, 32, 500, |choices| {
        let text = trials::trial(choices, Applies::Any);
        let trial = compile(&text);
        let record = any_record(choices, &trial);
        consistent(&trial, &record).map_err(|message| format!("{message}\n{text}"))
    });
    hold(40, 33, 1_600, |choices| {
        consistent(embedded(), &any_record(choices, embedded()))
    });
}

/// Values that a fact which is not a list may turn out to have, all of them where they are few.
fn answers(fact: &Fact) -> Vec<Value> {
    let number = |number: i64| Value::number(Decimal::from(number));
    match &fact.kind {
        Kind::Boolean { .. } => vec![Value::Boolean(true), Value::Boolean(false)],
        Kind::Code(set) => {
            let clear = set
                .values
                .iter()
                .enumerate()
                .filter(|(_, value)| !value.unclear);
            clear
                .map(|(index, _)| {
                    Value::Code(Code {
                        index: index as u16,
                        unclear: false,
                    })
                })
                .collect()
        }
        Kind::Integer(range) => {
            let range = range.as_ref().unwrap();
            (0..=120)
                .map(number)
                .filter(|value| matches!(value, Value::Number(value) if range.contains(value)))
                .collect()
        }
        Kind::Decimal(_) | Kind::Quantity(_) => (0..=100).map(number).collect(),
        Kind::Duration(_) => [0, 30, 89, 90, 91, 92, 93, 120, 400]
            .map(|days| Value::Duration(Bounds::exact(Duration::of(days, "days").unwrap())))
            .to_vec(),
        Kind::Date(_) => (0..40)
            .map(|back| Value::Date(Bounds::exact(TODAY - (back * 20).days())))
            .collect(),
        Kind::Text => Vec::new(),
        Kind::List(_) => vec![Value::List(List::default().into())],
    }
}

fn is_exact(value: &Value) -> bool {
    match value {
        Value::Boolean(_) | Value::Text(_) => true,
        Value::Number(bounds) => bounds.value().is_some(),
        Value::Duration(bounds) => bounds.value().is_some(),
        Value::Date(bounds) => bounds.value().is_some(),
        Value::Code(code) => !code.unclear,
        // A complete list may still lack the item that a rule asks for.
        _ => false,
    }
}

/// Candidates of whom a few facts are missing.
fn nearly_known(choices: &mut Choices<'_>, examples: &[Record]) -> Record {
    let mut record = choices.pick(examples).clone();
    for _ in 0..=choices.below(5) {
        let place = choices.below(record.entries.len());
        record.entries[place] = Entry {
            value: Value::Null(Missing::NotRecorded),
            evidence: None,
        };
    }
    record
}

fn examples() -> Vec<Record> {
    [
        "eligible.yaml",
        "first-line-refractory.yaml",
        "isolated-cns-relapse.yaml",
        "with-evidence.yaml",
        "boy-with-lansky.yaml",
        "pregnant.yaml",
    ]
    .map(example)
    .to_vec()
}

#[test]
fn what_to_obtain_is_not_known_yet_and_only_asked_of_the_undetermined() {
    let (trial, policy, examples) = (embedded(), Policy::default(), examples());
    hold(60, 34, 20, |choices| {
        let record = nearly_known(choices, &examples);
        let screening = screen(trial, &record, &policy);
        if screening.eligibility != Eligibility::Undetermined && !screening.next.is_empty() {
            return Err(
                "there is something to obtain although the eligibility is decided".to_owned(),
            );
        }
        for next in &screening.next {
            if is_exact(&record.entry(next.fact).value) {
                return Err(format!(
                    "`{}` is known and to be obtained",
                    trial.facts.get(next.fact).path
                ));
            }
        }
        Ok(())
    });
}

#[test]
fn a_fact_that_decides_decides_with_every_value() {
    let (trial, policy, examples) = (embedded(), Policy::default(), examples());
    let decisive = std::cell::Cell::new(0);
    hold(120, 35, 20, |choices| {
        let record = nearly_known(choices, &examples);
        let screening = screen(trial, &record, &policy);
        let Some(first) = screening.next.first().filter(|next| next.decides) else {
            return Ok(());
        };
        decisive.set(decisive.get() + 1);
        let fact = trial.facts.get(first.fact);
        for value in answers(fact) {
            let mut answered = record.clone();
            answered.entries[first.fact.0] = Entry {
                value: value.clone(),
                evidence: None,
            };
            let after = screen(trial, &answered, &policy);
            if after.eligibility == Eligibility::Undetermined {
                let open: Vec<&str> = after
                    .outcomes
                    .iter()
                    .filter(|outcome| outcome.verdict == Verdict::Unknown)
                    .map(|outcome| outcome.criterion.id.as_str())
                    .collect();
                let missing: Vec<&str> = trial
                    .facts
                    .iter()
                    .filter(|(id, _)| record.entry(*id).value.is_null())
                    .map(|(_, fact)| fact.path.as_str())
                    .collect();
                return Err(format!(
                    "`{}` is said to decide; {value:?} leaves {} open\nmissing: {}",
                    fact.path,
                    open.join(", "),
                    missing.join(", ")
                ));
            }
        }
        Ok(())
    });
    assert!(
        decisive.get() > 10,
        "only {} examples had a fact that decides",
        decisive.get()
    );
}

#[test]
fn a_screening_reports_the_same_bytes_every_time() {
    hold(15, 36, 1_600, |choices| {
        let record = any_record(choices, embedded());
        let policy = Policy::default();
        let reports = [(); 2].map(|()| report(&screen(embedded(), &record, &policy)));
        if reports[0] == reports[1] {
            Ok(())
        } else {
            Err("two reports of one record differ".to_owned())
        }
    });
}

/// What several sub-criteria say alike, however deep they are, is said once where their reasons are put together.
#[test]
fn a_reason_says_nothing_twice() {
    let trial = compile(
        "
format: eligo/trial/1
trial: { id: T1, title: Nested groups }
facts:
  fit: { type: boolean, label: Fit }
  consent: { type: boolean, label: Consent }
criteria:
  inclusion:
    - id: I1
      title: All
      text: All
      all:
        - { id: I1a, title: Fit, text: Fit, require: fit }
        - id: I1b
          title: Both
          text: Both
          all:
            - { id: I1c, title: Consent, text: Consent, require: consent }
            - { id: I1d, title: Fit again, text: Fit again, require: consent and fit }
",
    );
    let record = read(
        &trial,
        "{ format: eligo/record/1, trial: T1, candidate: C-1, screened_on: 2026-11-25, fit: true, consent: true }",
    );
    let policy = Policy::default();
    let screening = screen(&trial, &record, &policy);
    let reasons: Vec<String> = screening
        .outcomes
        .iter()
        .map(|outcome| Sentences::new(&screening).reason(outcome))
        .collect();
    assert_eq!(reasons, ["Fit: yes; Consent: yes"]);
}
