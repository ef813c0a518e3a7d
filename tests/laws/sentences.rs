//! Whatever a condition asks for can be said in words, without the syntax of the expression language; and so can a reason.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use eligo::cql::{Scope, compile};
use eligo::facts::{Fact, ItemKind, Kind};
use eligo::record::Record;
use eligo::report::Provenance;
use eligo::report::sentence::Sentences;
use eligo::report::sentence::english::EnglishWriter;
use eligo::report::table::{self, Layout};
use eligo::screening::{Next, Screening, screen};
use eligo::trial::{Policy, Remark, Trial};

use crate::choices::{Choices, hold};
use crate::conditions::{Allowed, condition, every_kind};
use crate::records::{self, Tree};
use crate::support::{TODAY, compile as compiled, read, source};

#[test]
fn every_condition_can_be_said_in_words() {
    let trial = every_kind();
    let names = trial.names();
    let english = EnglishWriter::new(trial);
    hold(3_000, 0x5eed_e01a, 40, |choices| {
        let text = condition(
            choices,
            Allowed {
                code_pairs: true,
                overflow: true,
            },
            4,
        );
        let expression = compile(&text, names, Scope::Free, None)
            .map_err(|errors| format!("{text}: {errors:?}"))?;
        for said in [
            english.condition(&expression),
            english.negation(&expression),
            english.value(&expression),
        ] {
            // The facts have no such signs in their labels, so any that appear come from the language or from Rust.
            let raw = ['\'', '`', '=', '<', '>', '{', '}', '[', ']', '_'];
            let brackets = said.chars().try_fold(0usize, |open, sign| match sign {
                '(' => Some(open + 1),
                ')' => open.checked_sub(1),
                _ => Some(open),
            });
            // Units have signs of calculation too, but not with spaces around them.
            let rust = [
                " / ",
                " * ",
                "Some(",
                "None",
                "Operation",
                "Value::",
                "Bounds",
                "Today()",
                "Count(",
            ];
            if said.trim().is_empty()
                || said.contains(raw)
                || rust.iter().any(|word| said.contains(word))
                || brackets != Some(0)
            {
                return Err(format!("{text}\nis said as\n{said}"));
            }
        }
        Ok(())
    });
}

const DIRECTORIES: [&str; 3] = ["criteria", "tests/trials", "tests/trials/protocols"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every trial file of the project: those of real trials, and those of the tests.
fn trials() -> Vec<(String, Trial)> {
    let mut trials = Vec::new();
    for directory in DIRECTORIES {
        for entry in fs::read_dir(root().join(directory)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if name
                .strip_suffix(".yaml")
                .is_some_and(|name| !name.contains('.'))
            {
                trials.push((name, compiled(&fs::read_to_string(&path).unwrap())));
            }
        }
    }
    assert!(trials.len() > 25, "only {} trial files", trials.len());
    trials.sort_by(|(one, _), (other, _)| one.cmp(other));
    trials
}

/// The names that a trial file has for itself, and what it says in words. What the words say too is no raw name.
struct Vocabulary {
    names: BTreeSet<String>,
    words: BTreeSet<String>,
    texts: String,
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |one: char| one.is_alphanumeric() || matches!(one, '_' | '.');
    text.split(move |one| !is_part(one))
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
}

impl Vocabulary {
    fn of(trial: &Trial) -> Self {
        let (mut names, mut texts) = (BTreeSet::new(), Vec::new());
        for (_, fact) in trial.facts.iter() {
            Self::fact(fact, &mut names, &mut texts);
        }
        for definition in &trial.definitions {
            names.insert(definition.name.clone());
            texts.push(definition.label.clone());
        }
        texts.extend([trial.id.clone(), trial.title.clone()]);
        let remark = |remark: &Remark| [Some(remark.say.clone()), remark.basis.clone()];
        texts.extend(trial.cautions.iter().flat_map(remark).flatten());
        for one in trial.all_criteria() {
            texts.extend([one.id.clone(), one.title.clone()]);
            texts.extend(
                [&one.text, &one.closed_world]
                    .into_iter()
                    .flatten()
                    .cloned(),
            );
            texts.extend(one.remarks().flat_map(remark).flatten());
            // What a site pins or settles is called by the name that its policy writes.
            texts.extend(one.doubts.iter().map(|doubt| doubt.id.clone()));
            for reading in one.readings() {
                texts.extend([reading.name.clone(), reading.say.clone()]);
                texts.extend(reading.basis.clone());
            }
            for question in one.questions() {
                texts.push(question.name.clone());
                for meaning in &question.meanings {
                    texts.extend([meaning.name.clone(), meaning.say.clone()]);
                    texts.extend(meaning.basis.clone());
                }
            }
        }
        let texts = texts.join("\n");
        Self {
            names,
            words: words(&texts)
                .flat_map(|word| [word.to_owned(), word.to_lowercase()])
                .chain(words(OF_SENTENCES).map(str::to_owned))
                .collect(),
            texts,
        }
    }

    fn fact(fact: &Fact, names: &mut BTreeSet<String>, texts: &mut Vec<String>) {
        names.extend([fact.path.clone(), fact.name().to_owned()]);
        texts.push(fact.label.clone());
        texts.extend([&fact.ask, &fact.obtain].into_iter().flatten().cloned());
        match &fact.kind {
            Kind::Boolean { yes, no } => texts.extend([yes.clone(), no.clone()]),
            Kind::Quantity(measure) => texts.extend(measure.units().map(str::to_owned)),
            Kind::Code(set) => {
                let names_of_values = set.values.iter().map(|value| value.name.clone());
                // The names of many values are plain words.
                names.extend(names_of_values.filter(|name| name.contains('_')));
                texts.extend(set.values.iter().map(|value| value.label.clone()));
            }
            Kind::List(item) => {
                for field in item.fields() {
                    Self::fact(field, names, texts);
                }
                if let ItemKind::Single(element) = &**item {
                    Self::fact(element, names, texts);
                }
            }
            _ => {}
        }
    }

    /// What of the expression language or of the file's names stands in a text of a report.
    fn raw(&self, text: &str) -> Option<String> {
        const SYNTAX: [&str; 23] = [
            "`",
            "Today()",
            "AgeIn",
            "Count(",
            "First(",
            "Last(",
            "Max(",
            "Min(",
            "Sum(",
            "Avg(",
            "Median(",
            "AllTrue(",
            "AnyTrue(",
            "Coalesce(",
            "Interval[",
            "Interval(",
            "exists (",
            " return ",
            " sort by ",
            " + ",
            " * ",
            " != ",
            "'",
        ];
        // A text of the trial may have an apostrophe between letters, and any sign of calculation.
        let syntax = SYNTAX.iter().find_map(|sign| {
            text.match_indices(sign).find_map(|(at, found)| {
                let is_apostrophe = *sign == "'"
                    && text[..at].ends_with(char::is_alphabetic)
                    && text[at + 1..].starts_with('s');
                (!is_apostrophe && !self.texts.contains(sign)).then_some(found)
            })
        });
        let is_raw = |word: &&str| {
            // What begins with a digit is of a unit: `mL/min/{1.73_m2}`.
            let is_path = word.contains('_') && word.starts_with(char::is_alphabetic)
                || word.split_once('.').is_some_and(|(of, field)| {
                    of.starts_with(char::is_alphabetic) && field.starts_with(char::is_alphabetic)
                });
            (is_path || self.names.contains(*word)) && !self.words.contains(*word)
        };
        let name = || words(text).find(is_raw);
        syntax.or_else(name).map(str::to_owned)
    }
}

/// Words of the reports themselves that some trial file has as a name, and how a site settles a doubt.
const OF_SENTENCES: &str = "site counts_as_met counts_as_not_met";

/// Texts of a record stand in a reason as they are, so none here has a quotation mark of the language.
fn without_quotes(tree: Tree) -> Tree {
    match tree {
        Tree::Text(text) => Tree::Text(text.replace('\'', " ")),
        Tree::List(items) => Tree::List(items.into_iter().map(without_quotes).collect()),
        Tree::Map(entries) => Tree::Map(
            entries
                .into_iter()
                .map(|(key, tree)| (key, without_quotes(tree)))
                .collect(),
        ),
        other => other,
    }
}

/// What a report says of a candidate: reasons, remarks and what to obtain.
fn said_of(screening: &Screening<'_>) -> Vec<String> {
    let sentences = Sentences::new(screening);
    let mut said: Vec<String> = Vec::new();
    said.extend(screening.cautions.iter().map(|one| one.said().into_owned()));
    for outcome in &screening.outcomes {
        outcome.walk(&mut |outcome| {
            said.push(sentences.reason(outcome));
            said.push(sentences.reason_above_sub_criteria(outcome));
            let remarks = outcome.conflicts.iter().chain(&outcome.cautions);
            said.extend(remarks.map(|one| one.said().into_owned()));
            said.extend(outcome.doubts.iter().map(|one| one.said().into_owned()));
        });
    }
    let label = |next: &Next| screening.trial.facts.get(next.fact).label.clone();
    said.extend(screening.next.iter().map(label));
    said
}

/// The whole page, line by line.
fn page_of(screening: &Screening<'_>) -> Vec<String> {
    let layout = Layout {
        width: 20_000,
        colour: false,
    };
    let provenance = Provenance {
        record_sha256: "0".repeat(64),
        merged: Vec::new(),
        version: "0".to_owned(),
        logged: None,
    };
    let page = table::render(screening, &provenance, layout, &[]);
    page.lines().map(str::to_owned).collect()
}

fn nothing_raw(file: &str, vocabulary: &Vocabulary, said: &[String]) -> Result<(), String> {
    let wrong: BTreeSet<String> = said
        .iter()
        .filter_map(|text| Some(format!("{file}: {} in: {text}", vocabulary.raw(text)?)))
        .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(wrong.into_iter().collect::<Vec<_>>().join("\n"))
}

/// What is said of every trial file's criteria, for records that know little, more and most.
#[test]
fn no_reason_has_a_raw_name_in_it() {
    let trials = trials();
    let named: Vec<_> = trials
        .iter()
        .map(|(name, trial)| (name, trial, Vocabulary::of(trial)))
        .collect();
    hold(8, 0x5eed_e02b, 4_000, |choices: &mut Choices<'_>| {
        for (file, trial, vocabulary) in &named {
            for tree in records::record(choices, &trial.facts, TODAY) {
                let text = records::yaml(&without_quotes(tree));
                let record = read(trial, &text);
                let policy = Policy::default();
                let screening = screen(trial, &record, &policy);
                nothing_raw(file, vocabulary, &said_of(&screening))?;
            }
        }
        Ok(())
    });
}

/// The same for every case of every trial file, with the policy of the case.
#[test]
fn no_reason_of_a_case_has_a_raw_name_in_it() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (name, trial) in trials() {
        let vocabulary = Vocabulary::of(&trial);
        let Some(path) = DIRECTORIES
            .iter()
            .map(|one| root().join(one).join(name.replace(".yaml", ".cases.yaml")))
            .find(|path| path.exists())
        else {
            continue;
        };
        let source = source("cases.yaml", &fs::read_to_string(path).unwrap());
        let suite = eligo::cases::read(&source, &trial).unwrap();
        for replay in suite.replays(&trial, TODAY) {
            let record = Record {
                candidate: None,
                screened_on: replay.today,
                is_dated: true,
                note: None,
                entries: replay.entries.clone(),
            };
            let screening = screen(&trial, &record, replay.policy());
            let mut said = said_of(&screening);
            // Most of a page is what its reasons say, and laying out is slow.
            if seen % 6 == 0 {
                said.extend(page_of(&screening));
            }
            if let Err(problem) = nothing_raw(&name, &vocabulary, &said) {
                wrong.push(format!("{}\n{problem}", replay.note()));
            }
            seen += 1;
        }
    }
    assert!(seen > 500, "only {seen} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
