//! Dates that a record may give in an order that cannot be: an end before its start, or anything before the birth.
//!
//! A verdict may rest on such dates unless a conflict, a doubt or a caution compares them. Each finding offers the conflict as
//! text to paste. It is true of certain dates only: `2020` and `2020-06` may be in order.

use std::collections::{BTreeSet, HashMap};

use super::Linter;
use crate::cql::typed::{Attribute, Expression, Operation, Type};
use crate::facts::{Fact, ItemKind, Kind};
use crate::trial::{Criterion, Trial};

/// How many bytes of comparisons one conflict may have, so that it can be shown whole.
const LONGEST_CONDITION: usize = 900;

const STARTS: &[&str] = &[
    "start",
    "started",
    "starts",
    "starting",
    "begin",
    "begins",
    "began",
    "begun",
    "beginning",
    "from",
    "since",
    "first",
    "onset",
    "admission",
    "admitted",
    "initiated",
    "opened",
];
const ENDS: &[&str] = &[
    "end",
    "ended",
    "ends",
    "ending",
    "stop",
    "stopped",
    "stops",
    "finish",
    "finished",
    "to",
    "until",
    "till",
    "last",
    "completed",
    "completion",
    "resolved",
    "resolution",
    "discharge",
    "discharged",
    "discontinued",
    "closed",
];
/// Words of a name that make no difference.
const FILLERS: &[&str] = &["on", "at", "date", "day", "of", "the"];
const BIRTHS: &[&str] = &[
    "birth_date",
    "birthdate",
    "date_of_birth",
    "birthday",
    "born",
    "born_on",
    "dob",
];

/// A criterion with the dates on which its own conditions rest.
struct Resting<'a> {
    criterion: &'a Criterion,
    dates: BTreeSet<String>,
}

pub fn lint(linter: &mut Linter<'_>) {
    let mut compared = Dates::new(linter.trial, false);
    let mut rests = Vec::new();
    for remark in &linter.trial.cautions {
        compared.of(&remark.when.expression);
    }
    for criterion in linter.trial.all_criteria() {
        for remark in criterion.remarks() {
            compared.of(&remark.when.expression);
        }
        let mut used = Dates::new(linter.trial, true);
        let conditions = criterion.own_conditions();
        let dates = conditions.flat_map(|condition| used.of(&condition.expression));
        rests.push(Resting {
            criterion,
            dates: dates.collect(),
        });
    }
    for pair in pairs(linter.trial) {
        end_before_start(linter, &pair, &rests, &compared);
    }
    before_birth(linter, &rests, &compared);
}

/// Two dates of one item, or of one group of facts.
struct Pair<'a> {
    start: &'a Fact,
    end: &'a Fact,
    /// The list in whose items they stand.
    list: Option<&'a Fact>,
}

/// Every two dates that their names call the start and the end of one thing.
fn pairs(trial: &Trial) -> Vec<Pair<'_>> {
    let facts = || trial.facts.iter().map(|(_, fact)| fact);
    let mut found = pairs_among(facts(), None);
    for list in facts() {
        if let Kind::List(item) = &list.kind {
            found.extend(pairs_among(item.fields().iter(), Some(list)));
        }
    }
    found
}

fn pairs_among<'a>(
    facts: impl Iterator<Item = &'a Fact> + Clone,
    list: Option<&'a Fact>,
) -> Vec<Pair<'a>> {
    let dates = facts.filter(|fact| matches!(fact.kind, Kind::Date(_)));
    let mut starts = HashMap::new();
    for fact in dates.clone() {
        if let Some(rest) = rest_of(fact, STARTS) {
            starts.insert(rest, fact);
        }
    }
    dates
        .filter_map(|end| {
            let start = *starts.get(&rest_of(end, ENDS)?)?;
            Some(Pair { start, end, list })
        })
        .collect()
}

/// What is left of a path without the one word that calls it a start or an end, if there is one.
fn rest_of<'a>(fact: &'a Fact, words: &[&str]) -> Option<(Option<&'a str>, Vec<&'a str>)> {
    let group = fact.path.rsplit_once('.').map(|(group, _)| group);
    let all = fact
        .name()
        .split('_')
        .filter(|word| !FILLERS.contains(word));
    let (named, rest): (Vec<&str>, Vec<&str>) = all.partition(|word| words.contains(word));
    (named.len() == 1).then_some((group, rest))
}

fn end_before_start(
    linter: &mut Linter<'_>,
    pair: &Pair<'_>,
    rests: &[Resting<'_>],
    compared: &Dates<'_>,
) {
    let (start, end) = (pair.start, pair.end);
    let decides = |resting: &&Resting<'_>| {
        resting.dates.contains(&start.path) || resting.dates.contains(&end.path)
    };
    let Some(resting) = rests.iter().find(decides) else {
        return;
    };
    if compared.has(&start.path, &end.path) {
        return;
    }
    let (when, of) = match pair.list {
        Some(list) => {
            let alias = alias(list);
            let (start, end) = (start.name(), end.name());
            (
                format!(
                    "exists ({} {alias} where ({alias}.{end} before {alias}.{start}) is true)",
                    list.path
                ),
                format!("{}: ", list.label),
            )
        }
        None => (
            format!("({} before {}) is true", end.path, start.path),
            String::new(),
        ),
    };
    let say = format!("{of}{} lies before {}", end.label, start.label);
    linter.find(
        "end-before-start",
        &end.span.key,
        format!(
            "nothing is said where `{}` lies before `{}`",
            end.path, start.path
        ),
        conflict(resting.criterion, &when, &say),
    );
}

fn before_birth(linter: &mut Linter<'_>, rests: &[Resting<'_>], compared: &Dates<'_>) {
    let trial = linter.trial;
    let births = super::ranges::births(linter);
    let is_birth =
        |fact: &&Fact| matches!(fact.kind, Kind::Date(_)) && BIRTHS.contains(&fact.name());
    // A birth on which no verdict rests is there for cautions alone.
    let rests_on = |date: &str| rests.iter().find(|resting| resting.dates.contains(date));
    let found = trial.facts.iter().find_map(|(id, fact)| {
        let is_one = births.contains(&id) || is_birth(&fact);
        Some((fact, rests_on(&fact.path).filter(|_| is_one)?))
    });
    let Some((birth, resting)) = found else {
        return;
    };
    let open = |date: &str| rests_on(date).is_some() && !compared.has(&birth.path, date);
    let mut open_dates = Vec::new();
    let mut when = Vec::new();
    let mut length = 0;
    for (id, fact) in trial.facts.iter() {
        if births.contains(&id) || is_birth(&fact) {
            continue;
        }
        let before = open_dates.len();
        let condition = comparisons(fact, &birth.path, &open, &mut open_dates);
        let Some(condition) = condition else { continue };
        if length > 0 && length + condition.len() > LONGEST_CONDITION {
            // The next finding offers the rest.
            open_dates.truncate(before);
            break;
        }
        length += condition.len();
        when.push(condition);
    }
    let Some(first) = open_dates.first() else {
        return;
    };
    let message = match open_dates.len() {
        1 => format!(
            "nothing is said where `{first}` lies before `{}`",
            birth.path
        ),
        count => format!(
            "nothing is said where one of {count} dates, such as `{first}`, lies before `{}`",
            birth.path
        ),
    };
    let when = format!("({}) is true", when.join(" or "));
    linter.find(
        "before-birth",
        &birth.span.key,
        message,
        conflict(
            resting.criterion,
            &when,
            "something is dated before the birth",
        ),
    );
}

/// The condition that a date of a fact, or of its items, lies before the birth. The dates are added to `dates`.
fn comparisons(
    fact: &Fact,
    birth: &str,
    open: &impl Fn(&str) -> bool,
    dates: &mut Vec<String>,
) -> Option<String> {
    let mut take = |date: String| {
        let taken = open(&date);
        if taken {
            dates.push(date);
        }
        taken
    };
    match &fact.kind {
        Kind::List(item) => {
            let alias = alias(fact);
            let each: Vec<String> = match &**item {
                ItemKind::Single(_) => take(fact.path.clone())
                    .then(|| format!("{alias} before {birth}"))
                    .into_iter()
                    .collect(),
                ItemKind::Fields(fields) => fields
                    .iter()
                    .filter(|field| take(field.path.clone()))
                    .map(|field| format!("{alias}.{} before {birth}", field.name()))
                    .collect(),
            };
            (!each.is_empty())
                .then(|| format!("exists ({} {alias} where {})", fact.path, each.join(" or ")))
        }
        Kind::Date(_) => take(fact.path.clone()).then(|| format!("{} before {birth}", fact.path)),
        _ => {
            let date = found_on(&fact.path);
            take(date.clone()).then(|| format!("{date} before {birth}"))
        }
    }
}

/// The conflict to add to a criterion.
fn conflict(criterion: &Criterion, when: &str, say: &str) -> String {
    let quoted = |text: &str| {
        let text = text.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{text}\"")
    };
    let item = format!("{{ when: {}, say: {} }}", quoted(when), quoted(say));
    if criterion.conflicts.is_empty() {
        format!("add to {}: `conflicts: [ {item} ]`", criterion.id)
    } else {
        format!("add to `conflicts` of {}: `{item}`", criterion.id)
    }
}

/// A name for an item of a list.
fn alias(list: &Fact) -> String {
    let first = list.name().chars().next().unwrap_or('x');
    first.to_ascii_uppercase().to_string()
}

/// How an expression asks when a fact was found.
fn found_on(path: &str) -> String {
    format!("{path}.{}", Attribute::Date.key())
}

/// The dates in expressions, each by the path of its fact, and those that are compared with each other.
struct Dates<'a> {
    trial: &'a Trial,
    /// Whether the result of a measurement stands for its date too.
    with_results: bool,
    pairs: BTreeSet<(String, String)>,
}

impl<'a> Dates<'a> {
    fn new(trial: &'a Trial, with_results: bool) -> Self {
        Self {
            trial,
            with_results,
            pairs: BTreeSet::new(),
        }
    }

    /// Whether the two dates are compared.
    fn has(&self, one: &str, other: &str) -> bool {
        let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
        self.pairs.contains(&pair(one, other)) || self.pairs.contains(&pair(other, one))
    }

    /// The dates of an expression, by way of definitions too. What it compares is kept.
    fn of(&mut self, expression: &Expression) -> BTreeSet<String> {
        self.within(expression, &mut Vec::new())
    }

    /// The same inside queries, each with its list if the items are dates.
    fn within(
        &mut self,
        expression: &Expression,
        queries: &mut Vec<Option<String>>,
    ) -> BTreeSet<String> {
        if let Operation::Query(query) = &expression.operation {
            let mut dates = self.within(&query.source, queries);
            let is_dates = query.source.kind == Type::List(Box::new(Type::Date));
            queries.push(dates.first().filter(|_| is_dates).cloned());
            let parts = query.filter.iter().chain(&query.result);
            for part in parts.chain(query.sort.as_ref().map(|(key, _)| key)) {
                dates.extend(self.within(part, queries));
            }
            queries.pop();
            return dates;
        }
        let parts: Vec<BTreeSet<String>> = expression
            .parts()
            .into_iter()
            .map(|part| self.within(part, queries))
            .collect();
        if compares(&expression.operation) {
            for (index, one) in parts.iter().enumerate() {
                for other in parts.iter().skip(index + 1) {
                    self.compare(one, other);
                }
            }
        }
        let mut dates: BTreeSet<String> = parts.into_iter().flatten().collect();
        dates.extend(self.own(expression, queries));
        dates
    }

    fn compare(&mut self, one: &BTreeSet<String>, other: &BTreeSet<String>) {
        for one in one {
            for other in other {
                self.pairs.insert((one.clone(), other.clone()));
            }
        }
    }

    /// The dates that an expression is by itself.
    fn own(&mut self, expression: &Expression, queries: &[Option<String>]) -> BTreeSet<String> {
        let one = |path: String| BTreeSet::from([path]);
        match &expression.operation {
            Operation::Fact(id) => {
                let fact = self.trial.facts.get(*id);
                let is_result = fact.measured || matches!(fact.kind, Kind::Quantity(_));
                match &fact.kind {
                    Kind::Date(_) => one(fact.path.clone()),
                    Kind::List(item) => match &**item {
                        ItemKind::Single(Fact {
                            kind: Kind::Date(_),
                            ..
                        }) => one(fact.path.clone()),
                        _ => BTreeSet::new(),
                    },
                    _ if self.with_results && is_result => one(found_on(&fact.path)),
                    _ => BTreeSet::new(),
                }
            }
            Operation::Attribute(id, Attribute::Date) => {
                one(found_on(&self.trial.facts.get(*id).path))
            }
            Operation::Field(item, index) => match &item.kind {
                Type::Item(fields) => fields
                    .fields()
                    .get(*index)
                    .filter(|field| matches!(field.kind, Kind::Date(_)))
                    .map(|field| one(field.path.clone()))
                    .unwrap_or_default(),
                _ => BTreeSet::new(),
            },
            Operation::Alias(depth) => queries.get(*depth).cloned().flatten().into_iter().collect(),
            Operation::Definition(id) => match self.trial.definitions.get(id.0) {
                Some(definition) => self.of(&definition.expression),
                None => BTreeSet::new(),
            },
            _ => BTreeSet::new(),
        }
    }
}

/// Whether an operation finds which of its dates comes first.
fn compares(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::Compare(..)
            | Operation::Between(..)
            | Operation::Timing(..)
            | Operation::DurationBetween(..)
            | Operation::Age(..)
    )
}
