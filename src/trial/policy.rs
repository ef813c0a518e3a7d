//! A site's own choices: which reading to follow, how old a result may be, whether judgements must be signed.
//!
//! A policy is applied to a record before it is screened: what the policy does not accept becomes unknown, with the
//! cause.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::{Condition, Criterion, Doubt, Question, Reading, Trial};
use crate::diagnostic::{Diagnostic, Source, did_you_mean, nearest};
use crate::document::{Key, Node};
use crate::entry::Entry;
use crate::facts::{Fact, FactId, ItemKind, Kind};
use crate::shape::NodeReader;
use crate::value::bounds::End;
use crate::value::{Bounds, Duration, Element, List, Missing, Value};

/// The version line of a site policy.
pub const FORMAT: &str = "eligo/site/1";

/// A site policy, checked against a trial.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Policy {
    /// The site.
    pub site: Option<String>,
    /// The pinned reading of each criterion that has one.
    pub readings: BTreeMap<String, String>,
    /// The pinned reading of each question that has one, by criterion and question.
    pub questions: BTreeMap<(String, String), String>,
    /// How the site settled doubts, by criterion and doubt.
    pub doubts: BTreeMap<(String, String), Settlement>,
    /// How old each fact may be on the screening date.
    pub valid_for: BTreeMap<FactId, Duration>,
    /// Whether a judgement counts only with `by` and `date`.
    pub signed_judgements: bool,
    /// SHA-256 of the file's text, in hexadecimal; none for the empty policy.
    pub sha256: Option<String>,
}

/// How a site settles a doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Settlement {
    /// Where the doubt is raised, an exclusion criterion excludes; an inclusion criterion is left to its condition.
    Met,
    /// Where the doubt is raised, an inclusion criterion is not met; an exclusion criterion is left to its condition.
    NotMet,
}

impl Settlement {
    /// Both, as a policy names them.
    pub const ALL: [(&'static str, Self); 2] = [
        ("counts_as_met", Self::Met),
        ("counts_as_not_met", Self::NotMet),
    ];

    /// Its name in policies and in machine-readable output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Met => "counts_as_met",
            Self::NotMet => "counts_as_not_met",
        }
    }
}

/// Reads a site policy.
///
/// # Errors
/// Every error of the file, in the order of the text.
pub fn read(
    source: &Arc<Source>,
    document: &Node,
    trial: &Trial,
) -> Result<Policy, Vec<Diagnostic>> {
    let mut reader = NodeReader::new(source);
    let policy = policy(&mut reader, document, trial, true);
    match policy {
        Some(policy) if !reader.failed() => Ok(Policy {
            sha256: Some(super::compile::sha256(&source.text)),
            ..policy
        }),
        _ => Err(reader.into_problems()),
    }
}

/// Reads a policy that stands inside another document.
pub fn policy(
    reader: &mut NodeReader<'_>,
    document: &Node,
    trial: &Trial,
    own_file: bool,
) -> Option<Policy> {
    if own_file {
        reader.must_be(document, "a site policy", FORMAT)?;
    }
    let fields = reader.fields(
        document,
        "a site policy",
        &[
            "format",
            "site",
            "trial",
            "readings",
            "doubts",
            "valid_for",
            "signed_judgements",
        ],
    )?;
    if let Some(node) = fields.get("trial")
        && let Some(found) = reader.text(node, "`trial`")
        && found != trial.id
    {
        reader.error(
            &node.span,
            format!("the policy is for trial {found}, not for {}", trial.id),
            None,
        );
    }
    let mut policy = Policy {
        site: reader.optional_text(fields, "site"),
        ..Policy::default()
    };
    if let Some(node) = fields.get("readings") {
        readings(reader, node, trial, &mut policy);
    }
    if let Some(node) = fields.get("doubts") {
        doubts(reader, node, trial, &mut policy);
    }
    if let Some(node) = fields.get("valid_for") {
        valid_for(reader, node, trial, &mut policy);
    }
    if let Some(node) = fields.get("signed_judgements") {
        match reader.text(node, "`signed_judgements`").as_deref() {
            Some("required") => policy.signed_judgements = true,
            Some("optional") | None => {}
            Some(other) => reader.error(
                &node.span,
                format!("`{other}` is not a choice"),
                Some("write `required` or `optional`".into()),
            ),
        }
    }
    Some(policy)
}

fn readings(reader: &mut NodeReader<'_>, node: &Node, trial: &Trial, policy: &mut Policy) {
    let all = trial.all_criteria();
    let entries = reader.entries(node, "`readings`").unwrap_or_default();
    let find = |key: &Key| all.iter().find(|criterion| criterion.id == key.name);
    // A choice for one question comes before one for all of a criterion.
    for (key, node) in entries.iter().filter(|(key, _)| find(key).is_none()) {
        question(reader, key, node, &all, policy);
    }
    let explicit = policy.questions.clone();
    for (key, node) in entries {
        let Some(criterion) = find(key) else {
            continue;
        };
        let Some(name) = reader.text(node, "the name of a reading") else {
            continue;
        };
        let mut known: Vec<&str> = Vec::new();
        let (mut pinned, mut answered) = (Vec::new(), Vec::new());
        criterion.walk(&mut |criterion: &Criterion| {
            let plain = |reading: &&Reading| reading.picks.is_empty();
            for reading in criterion.readings().iter().filter(plain) {
                if !known.contains(&reading.name.as_str()) {
                    known.push(&reading.name);
                }
                if reading.name == name {
                    pinned.push(criterion.id.clone());
                }
            }
            for question in criterion.questions() {
                known.extend(
                    question
                        .meanings
                        .iter()
                        .map(|meaning| meaning.name.as_str()),
                );
                if question.meanings.iter().any(|meaning| meaning.name == name) {
                    answered.push((criterion.id.clone(), question.name.clone()));
                }
            }
        });
        if pinned.is_empty() && answered.is_empty() {
            let help = did_you_mean(&name, known)
                .or_else(|| asks(criterion))
                .or_else(|| Some(format!("{} has no readings", key.name)));
            reader.error(
                &node.span,
                format!("{} has no reading `{name}`", key.name),
                help,
            );
        }
        for id in pinned {
            // The choice for a sub-criterion comes before the one for all of its parent.
            if id == key.name || !policy.readings.contains_key(&id) {
                policy.readings.insert(id, name.clone());
            }
        }
        for place in answered {
            let is_nearer = place.0 == key.name && !explicit.contains_key(&place);
            if is_nearer || !policy.questions.contains_key(&place) {
                policy.questions.insert(place, name.clone());
            }
        }
    }
}

/// What to write for a criterion whose readings belong to questions.
fn asks(criterion: &Criterion) -> Option<String> {
    let mut keys = Vec::new();
    criterion.walk(&mut |one: &Criterion| {
        let of_one = one.questions().iter();
        keys.extend(of_one.map(|question| format!("`{}.{}`", one.id, question.name)));
    });
    (!keys.is_empty()).then(|| format!("its readings belong to questions: {}", keys.join(", ")))
}

/// The criterion and the name behind it that a key such as `I1b.courses` is made of.
fn behind_criterion<'c, 'k>(
    key: &'k str,
    all: &[&'c Criterion],
) -> Option<(&'c Criterion, &'k str)> {
    let (id, name) = key.rsplit_once('.')?;
    let criterion = all.iter().find(|criterion| criterion.id == id)?;
    Some((criterion, name))
}

/// Pins the reading of one question.
fn question(
    reader: &mut NodeReader<'_>,
    key: &Key,
    node: &Node,
    all: &[&Criterion],
    policy: &mut Policy,
) {
    let asked = |criterion: &&&Criterion| !criterion.questions().is_empty();
    let Some((criterion, name)) = behind_criterion(&key.name, all) else {
        let of_questions = all.iter().filter(asked).flat_map(|criterion| {
            let questions = criterion.questions().iter();
            questions.map(|question| format!("{}.{}", criterion.id, question.name))
        });
        let known: Vec<String> = all
            .iter()
            .filter(|criterion| {
                !criterion.readings().is_empty() && criterion.questions().is_empty()
            })
            .map(|criterion| criterion.id.clone())
            .chain(of_questions)
            .collect();
        reader.error(
            &key.span,
            format!("there is no criterion `{}`", key.name),
            Some(format!("these have readings: {}", known.join(", "))),
        );
        return;
    };
    let found: Option<&Question> = criterion
        .questions()
        .iter()
        .find(|question| question.name == name);
    let Some(question) = found else {
        let known = criterion.questions().iter();
        let help = did_you_mean(name, known.map(|question| question.name.as_str()))
            .or_else(|| Some(format!("{} has no questions", criterion.id)));
        reader.error(
            &key.span,
            format!("{} has no question `{name}`", criterion.id),
            help,
        );
        return;
    };
    let Some(pinned) = reader.text(node, "the name of a reading") else {
        return;
    };
    let known = || {
        question
            .meanings
            .iter()
            .map(|meaning| meaning.name.as_str())
    };
    if known().any(|meaning| meaning == pinned) {
        let place = (criterion.id.clone(), question.name.clone());
        policy.questions.insert(place, pinned);
    } else {
        reader.error(
            &node.span,
            format!("{} has no reading `{pinned}`", key.name),
            did_you_mean(&pinned, known()),
        );
    }
}

fn doubts(reader: &mut NodeReader<'_>, node: &Node, trial: &Trial, policy: &mut Policy) {
    let all = trial.all_criteria();
    for (key, node) in reader.entries(node, "`doubts`").unwrap_or_default() {
        let found = behind_criterion(&key.name, &all).and_then(|(criterion, id)| {
            let doubt: Option<&Doubt> = criterion.doubts.iter().find(|doubt| doubt.id == id);
            Some((criterion, doubt?))
        });
        let Some((criterion, doubt)) = found else {
            let known: Vec<String> = all
                .iter()
                .flat_map(|criterion| {
                    let doubts = criterion.doubts.iter();
                    doubts.map(|doubt| format!("{}.{}", criterion.id, doubt.id))
                })
                .collect();
            let help = did_you_mean(&key.name, known.iter().map(String::as_str))
                .unwrap_or_else(|| "the trial file raises no doubts".into());
            reader.error(
                &key.span,
                format!("there is no doubt `{}`", key.name),
                Some(help),
            );
            continue;
        };
        let Some(text) = reader.text(node, "how the doubt is settled") else {
            continue;
        };
        let settlement = Settlement::ALL.iter().find(|(name, _)| *name == text);
        match settlement {
            Some((_, settlement)) => {
                let place = (criterion.id.clone(), doubt.id.clone());
                policy.doubts.insert(place, *settlement);
            }
            None => reader.error(
                &node.span,
                format!("`{text}` does not settle a doubt"),
                Some("write `counts_as_met` or `counts_as_not_met`: whether the criterion's condition holds".into()),
            ),
        }
    }
}

fn valid_for(reader: &mut NodeReader<'_>, node: &Node, trial: &Trial, policy: &mut Policy) {
    for (key, node) in reader.entries(node, "`valid_for`").unwrap_or_default() {
        let Some(id) = trial.facts.find(&key.name) else {
            let help = nearest(
                &key.name,
                trial.facts.iter().map(|(_, fact)| fact.path.as_str()),
            )
            .map(|near| format!("did you mean `{near}`?"));
            reader.error(
                &key.span,
                format!("`{}` is not a fact of the trial", key.name),
                help,
            );
            continue;
        };
        if let Kind::List(kind) = &trial.facts.get(id).kind
            && date_field(kind).is_none()
        {
            reader.error(
                &key.span,
                format!("the items of `{}` have no `date`", key.name),
                Some("only items with a date have an age: leave this line out, or give the trial's items a field `date` of type date".to_owned()),
            );
            continue;
        }
        let Some(text) = reader.text(node, "a duration") else {
            continue;
        };
        match Duration::parse(&text) {
            Ok(duration) => {
                policy.valid_for.insert(id, duration);
            }
            Err(message) => reader.error(&node.span, message, None),
        }
    }
}

fn date_field(kind: &ItemKind) -> Option<usize> {
    kind.field("date")
        .filter(|(_, field)| matches!(field.kind, Kind::Date(_)))
        .map(|(index, _)| index)
}

impl Policy {
    /// Whether a reading of a criterion counts: the one that the site pinned, or else all that are open to everybody.
    #[must_use]
    pub fn counts(&self, criterion: &Criterion, reading: &Reading) -> bool {
        let questions = criterion.questions();
        if !questions.is_empty() {
            return questions
                .iter()
                .zip(&reading.picks)
                .all(|(question, pick)| {
                    question.meanings.get(*pick).is_some_and(|meaning| {
                        self.pinned(criterion, question)
                            .map_or(!meaning.by_site_only, |pinned| pinned == meaning.name)
                    })
                });
        }
        self.readings
            .get(&criterion.id)
            .map_or(!reading.by_site_only, |pinned| *pinned == reading.name)
    }

    /// The reading of a question that the site pinned.
    #[must_use]
    pub fn pinned(&self, criterion: &Criterion, question: &Question) -> Option<&str> {
        if self.questions.is_empty() {
            return None;
        }
        let place = (criterion.id.clone(), question.name.clone());
        self.questions.get(&place).map(String::as_str)
    }

    /// How the site settled a doubt.
    #[must_use]
    pub fn settled(&self, criterion: &Criterion, doubt: &Doubt) -> Option<Settlement> {
        if self.doubts.is_empty() {
            return None;
        }
        self.doubts
            .get(&(criterion.id.clone(), doubt.id.clone()))
            .copied()
    }

    /// The conditions that decide a criterion, its sub-criteria left out.
    pub fn conditions<'c>(&self, criterion: &'c Criterion) -> impl Iterator<Item = &'c Condition> {
        let counts = |reading: &&Reading| self.counts(criterion, reading);
        let readings = criterion.readings().iter().filter(counts);
        let settled = self.settled_doubts(criterion);
        criterion
            .applies
            .iter()
            .chain(criterion.single())
            .chain(readings.map(|reading| &reading.condition))
            .chain(settled.map(|(doubt, _)| &doubt.remark.when))
    }

    /// The doubts of a criterion that the site settled: their conditions have part in what it comes to.
    pub fn settled_doubts<'c>(
        &self,
        criterion: &'c Criterion,
    ) -> impl Iterator<Item = (&'c Doubt, Settlement)> {
        criterion
            .doubts
            .iter()
            .filter_map(|doubt| Some((doubt, self.settled(criterion, doubt)?)))
    }

    /// Whether nothing is ever set aside.
    #[must_use]
    pub fn accepts_everything(&self) -> bool {
        !self.signed_judgements && self.valid_for.is_empty()
    }

    /// Sets aside what the site does not accept of what is known on a day.
    pub fn accept(&self, entries: &mut [Entry], trial: &Trial, today: Date) {
        if self.accepts_everything() {
            return;
        }
        for ((id, fact), entry) in trial.facts.iter().zip(entries) {
            if self.signed_judgements
                && fact.judgement
                && !entry.value.is_null()
                && !is_signed(entry)
            {
                entry.value = Value::Null(Missing::Unsigned);
            }
            if let Some(limit) = self.valid_for.get(&id) {
                age(fact, entry, *limit, today);
            }
        }
    }
}

/// Whether somebody stands for it, with a date.
#[must_use]
pub fn is_signed(entry: &Entry) -> bool {
    entry
        .evidence
        .as_ref()
        .is_some_and(|evidence| evidence.by.is_some() && evidence.date.is_some())
}

/// Turns a value into an unknown one where its evidence is too old, or has no date.
fn age(fact: &Fact, entry: &mut Entry, limit: Duration, today: Date) {
    if let (Value::List(list), Kind::List(kind)) = (&entry.value, &fact.kind) {
        let Some(field) = date_field(kind) else {
            return;
        };
        let elements = list.elements.iter().map(|element| Element {
            value: aged_item(&element.value, field, limit, today),
            certain: element.certain,
        });
        // That nothing else is known of is said by the list as a whole, on its own date. An item that is recent enough
        // shows that it was written since.
        let date = entry.evidence.as_ref().and_then(|evidence| evidence.date);
        let dates = list
            .elements
            .iter()
            .map(|item| item_date(&item.value, field));
        let is_recent = dates
            .flatten()
            .any(|date| refused(Some(date), limit, today).is_none());
        let is_refused = refused(date, limit, today).filter(|_| !is_recent);
        entry.value = match is_refused {
            Some(cause) if list.elements.is_empty() => Value::Null(cause),
            _ => Value::List(Arc::new(List {
                elements: elements.collect(),
                open: list.open || is_refused.is_some(),
            })),
        };
    } else if !entry.value.is_null() {
        let date = entry.evidence.as_ref().and_then(|evidence| evidence.date);
        if let Some(cause) = refused(date, limit, today) {
            entry.value = Value::Null(cause);
        }
    }
}

/// When an item was found, if it says so.
fn item_date(item: &Value, date_field: usize) -> Option<Bounds<Date>> {
    match item {
        Value::Item(fields) => match fields.get(date_field) {
            Some(Value::Date(date)) => Some(*date),
            _ => None,
        },
        _ => None,
    }
}

/// An item whose date is too far back says nothing but its date.
fn aged_item(item: &Value, date_field: usize, limit: Duration, today: Date) -> Value {
    let Value::Item(fields) = item else {
        return item.clone();
    };
    let Some(cause) = refused(item_date(item, date_field), limit, today) else {
        return item.clone();
    };
    let aged = |(index, value): (usize, &Value)| {
        if index == date_field || value.is_null() {
            value.clone()
        } else {
            Value::Null(cause)
        }
    };
    Value::Item(fields.iter().enumerate().map(aged).collect())
}

/// Why evidence of this date is not accepted, if it is not. A partial date counts only if all its days are recent.
fn refused(date: Option<Bounds<Date>>, limit: Duration, today: Date) -> Option<Missing> {
    let Some(date) = date else {
        return Some(Missing::Undated);
    };
    let oldest = limit.before(today)?;
    let is_recent = |end: Option<End<Date>>| end.is_some_and(|end| end.value >= oldest);
    if is_recent(date.low) {
        None
    } else if date.high.is_none() || is_recent(date.high) {
        Some(Missing::PerhapsTooOld)
    } else {
        Some(Missing::TooOld)
    }
}
