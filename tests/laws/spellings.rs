//! However a declared word is written (case, blanks, `-` and `_`, width), it says what it says as it is declared, or is
//! refused for having two meanings; and so does the record that it stands in.

use std::collections::BTreeSet;

use eligo::document::Notation;
use eligo::facts::{Fact, ItemKind, Kind};
use eligo::screening::{Screening, screen};
use eligo::trial::{Policy, Trial};
use eligo::value::Absent;
use serde_json::json;

use crate::choices::{Choices, hold};
use crate::conditions::every_kind;
use crate::csv::EVERY_TYPE;
use crate::records::{self, Tree};
use crate::support::{TODAY, compile, embedded, shown, try_read};

/// What may stand between the parts of a word.
const BETWEEN: [&str; 6] = ["_", "-", " ", "  ", "\u{2010}", "\u{a0}"];

/// The same letters in other clothes.
fn respelled(choices: &mut Choices<'_>, word: &str) -> String {
    let wide = choices.chance(1, 4);
    let mut other = String::new();
    for one in word.chars() {
        match one {
            '_' | '-' | ' ' => other.push_str(choices.pick::<&str>(&BETWEEN)),
            letter if wide && letter.is_ascii_graphic() && choices.chance(1, 2) => {
                other.extend(char::from_u32(u32::from(letter) + 0xfee0));
            }
            letter if choices.chance(1, 2) => other.extend(letter.to_uppercase()),
            letter => other.push(letter),
        }
    }
    if choices.chance(1, 6) {
        other = format!(" {other} ");
    }
    other
}

/// The words that a record of a trial may use for values and causes.
fn words(trial: &Trial) -> BTreeSet<String> {
    let mut words: BTreeSet<String> = Absent::CODES
        .iter()
        .flat_map(|(code, _)| [code.to_string(), code.replace('_', "-")])
        .collect();
    words.extend(["yes".to_owned(), "no".to_owned()]);
    for fact in parts(trial) {
        if let Kind::Code(set) = &fact.kind {
            words.extend(set.names().map(str::to_owned));
        }
    }
    words
}

/// Every fact, and every item and field of a list.
fn parts(trial: &Trial) -> Vec<&Fact> {
    let mut all = Vec::new();
    for (_, fact) in trial.facts.iter() {
        all.push(fact);
        if let Kind::List(item) = &fact.kind {
            match &**item {
                ItemKind::Single(single) => all.push(single),
                ItemKind::Fields(fields) => all.extend(fields),
            }
        }
    }
    all
}

/// A record of which some words are written in another way.
fn in_other_words(choices: &mut Choices<'_>, tree: &Tree, words: &BTreeSet<String>) -> Tree {
    match tree {
        Tree::Word(word) if words.contains(word) && choices.chance(1, 2) => {
            Tree::Text(respelled(choices, word))
        }
        Tree::Map(entries) => {
            let other = entries.iter().map(|(key, tree)| match key.as_str() {
                "candidate" | "by" | "source" | "note" => (key.clone(), tree.clone()),
                _ => (key.clone(), in_other_words(choices, tree, words)),
            });
            Tree::Map(other.collect())
        }
        Tree::List(items) => Tree::List(
            items
                .iter()
                .map(|item| in_other_words(choices, item, words))
                .collect(),
        ),
        other => other.clone(),
    }
}

fn the_same_verdicts(choices: &mut Choices<'_>, trial: &Trial) -> Result<(), String> {
    let words = words(trial);
    let [_, tree, _] = records::record(choices, &trial.facts, TODAY);
    let other = in_other_words(choices, &tree, &words);
    let declared = records::json(&tree);
    let declared = try_read(trial, &declared, Notation::Json)
        .map_err(|problems| format!("{}\n{declared}", shown(&problems)))?;
    for (text, notation) in [
        (records::json(&other), Notation::Json),
        (records::yaml(&other), Notation::Yaml),
    ] {
        let read = match try_read(trial, &text, notation) {
            Ok(read) => read,
            Err(problems) if problems.iter().all(|one| one.message.contains(" may be `")) => {
                continue;
            }
            Err(problems) => return Err(format!("{}\n{text}", shown(&problems))),
        };
        for (one, other) in declared.entries.iter().zip(&read.entries) {
            if one.value != other.value {
                return Err(format!("{:?}\n{:?}\n{text}", one.value, other.value));
            }
        }
        let policy = Policy::default();
        let (one, other) = (
            screen(trial, &declared, &policy),
            screen(trial, &read, &policy),
        );
        let verdicts = |screening: &Screening<'_>| -> Vec<_> {
            screening.outcomes.iter().map(|one| one.verdict).collect()
        };
        if verdicts(&one) != verdicts(&other) {
            return Err(format!("other verdicts\n{text}"));
        }
    }
    Ok(())
}

#[test]
fn a_record_in_other_words_has_the_same_values_and_verdicts() {
    hold(30, 61, 1_800, |choices| {
        the_same_verdicts(choices, embedded())
    });
    hold(60, 62, 600, |choices| {
        the_same_verdicts(choices, every_kind())
    });
    let every_type = compile(EVERY_TYPE);
    hold(60, 63, 600, |choices| {
        the_same_verdicts(choices, &every_type)
    });
}

/// Names, labels and units of every shipped trial.
#[test]
fn every_declared_name_label_and_unit_is_known_in_any_clothes() {
    for name in ["nct04546906", "nct03057977", "nct03954834"] {
        let trial = compile(&std::fs::read_to_string(format!("criteria/{name}.yaml")).unwrap());
        let facts: Vec<&Fact> = trial.facts.iter().map(|(_, fact)| fact).collect();
        hold(200, 64, 60, |choices| {
            let fact = *choices.pick(&facts);
            let (declared, other) = match &fact.kind {
                Kind::Code(set) => {
                    let value = choices.pick(&set.values);
                    let names = [&value.name, &value.label];
                    let called = *choices.pick(&names);
                    (value.name.clone(), respelled(choices, called))
                }
                Kind::Boolean { yes, no } => {
                    let (name, label) = *choices.pick(&[("yes", yes), ("no", no)]);
                    (name.to_owned(), respelled(choices, label))
                }
                Kind::Quantity(measure) => {
                    let unit = *choices.pick(&measure.units().collect::<Vec<_>>());
                    let low = measure.range.and_then(|range| range.low);
                    let number = low.map_or_else(|| "1".to_owned(), |low| low.value.to_string());
                    let case = *choices.pick(&[str::to_uppercase, str::to_lowercase]);
                    let other = case(unit).replace(['[', ']'], "").replace("10*", "10^");
                    (format!("{number} {unit}"), format!("{number} {other}"))
                }
                _ => return Ok(()),
            };
            let read = |text: &str| {
                let record = json!({ &fact.path: text }).to_string();
                try_read(&trial, &record, Notation::Json).map(|record| {
                    record
                        .entry(trial.facts.find(&fact.path).unwrap())
                        .value
                        .clone()
                })
            };
            match (read(&declared), read(&other)) {
                (Ok(one), Ok(other)) if one == other => Ok(()),
                // The least number of the range may be none of another unit's.
                (Err(_), Err(_)) => Ok(()),
                (Ok(_), Err(problems))
                    if problems[0].message.contains(" may be `")
                        || problems[0].message.contains("of another size") =>
                {
                    Ok(())
                }
                found => Err(format!("{}: {declared} {other}: {found:?}", fact.path)),
            }
        });
    }
}
