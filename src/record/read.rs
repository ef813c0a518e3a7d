//! A document → a [`Record`]. All errors of the document at once; nothing is guessed, nothing skipped.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::values::{self, BadValue};
use super::{Entry, Evidence, Record};
use crate::diagnostic::{Diagnostic, Source, nearest};
use crate::document::{Content, Key, Node};
use crate::facts::{Fact, FactId, Facts, ItemKind, Kind};
use crate::shape::Reader;
use crate::value::{Absent, Bounds, Element, List, Missing, Value, date};

/// The version line of a record.
pub const FORMAT: &str = "eligo/record/1";
/// How many wrong keys are compared with the declared ones.
const MOST_SUGGESTIONS: usize = 100;
/// Keys of a record that are no facts.
pub const RESERVED: [&str; 5] = ["candidate", "screened_on", "format", "trial", "note"];

/// From which day a record is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dates {
    /// The screening date that was asked for, whatever the record says.
    pub as_of: Option<Date>,
    /// The screening date of a record that names none.
    pub today: Date,
}

/// Reads a record.
///
/// # Errors
/// Every error of the document, in the order of the text.
pub fn read(
    source: &Arc<Source>,
    document: &Node,
    trial: &str,
    facts: &Facts,
    dates: Dates,
) -> Result<Record, Vec<Diagnostic>> {
    let mut reader = Reader::new(source);
    let record = Builder {
        reader: &mut reader,
        facts,
        today: dates.today,
        given: HashMap::new(),
    }
    .record(document, trial, dates);
    match record {
        Some(record) if !reader.failed() => Ok(record),
        _ => Err(reader.into_problems()),
    }
}

/// A name without a character is none.
fn pseudonym(name: &str) -> Option<String> {
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

struct Builder<'a, 'r> {
    reader: &'r mut Reader<'a>,
    facts: &'r Facts,
    /// The screening date.
    today: Date,
    /// Where each fact was given.
    given: HashMap<FactId, Range<usize>>,
}

impl Builder<'_, '_> {
    fn record(&mut self, document: &Node, trial: &str, dates: Dates) -> Option<Record> {
        if document.mapping().is_none() {
            let found = document.describe();
            let help = match document.content {
                Content::Sequence(_) => {
                    "a list of records is read by `eligo batch`, a JSON array with `--from json`"
                }
                _ => "write `fact: value` on each line; `eligo template` shows all of them",
            };
            self.reader.error(
                &document.span,
                format!("a record is a map of facts, found {found}"),
                Some(help.into()),
            );
            return None;
        }
        let entries = self.reader.entries(document, "a record")?;
        let named = |name: &str| {
            entries
                .iter()
                .find(|(key, _)| key.name == name)
                .map(|(_, node)| node)
        };
        let stated = named("screened_on").and_then(|node| self.screening_date(node));
        self.today = dates.as_of.or(stated).unwrap_or(dates.today);
        if !self.reader.format(named("format"), FORMAT) {
            // Something else altogether: its keys would only add noise.
            return None;
        }
        if let Some(node) = named("trial")
            && let Some(found) = self.reader.text(node, "`trial`")
            && found != trial
        {
            self.reader.error(
                &node.span,
                format!("the record is for trial {found}, not for {trial}"),
                Some("screen it with that trial's file: --trial FILE".into()),
            );
            return None;
        }
        let mut record = Record {
            candidate: named("candidate")
                .and_then(|node| self.plain_text(node, "`candidate`"))
                .and_then(|name| pseudonym(&name)),
            screened_on: self.today,
            note: named("note").and_then(|node| self.plain_text(node, "`note`")),
            entries: vec![Entry::NOT_RECORDED; self.facts.len()],
        };
        self.group(entries, "", &mut record.entries);
        Some(record)
    }

    fn plain_text(&mut self, node: &Node, what: &str) -> Option<String> {
        if node.content == Content::Null {
            None
        } else {
            self.reader.text(node, what)
        }
    }

    fn screening_date(&mut self, node: &Node) -> Option<Date> {
        let text = self.plain_text(node, "`screened_on`")?;
        match date::parse(&text).map(|bounds| bounds.value()) {
            Ok(Some(date)) => Some(date),
            Ok(None) => {
                self.reader.error(
                    &node.span,
                    format!("`{text}` is not a whole date"),
                    Some("a screening date needs its day: YYYY-MM-DD".into()),
                );
                None
            }
            Err(message) => {
                self.reader.error(&node.span, message, None);
                None
            }
        }
    }

    /// The entries of a group of facts; `prefix` is its path with a dot behind it.
    fn group(&mut self, entries: &[(Key, Node)], prefix: &str, into: &mut [Entry]) {
        for (key, node) in entries {
            let path = format!("{prefix}{}", key.name);
            if let Some(id) = self.facts.find(&path) {
                if let Some(first) = self.given.insert(id, key.span.clone())
                    && !entries.iter().any(|(other, _)| other.span == first)
                {
                    self.reader.error(
                        &key.span,
                        format!("`{path}` is given twice"),
                        Some(
                            "it is given in its group and by its whole path; keep one of them"
                                .into(),
                        ),
                    );
                }
                let entry = self.entry(self.facts.get(id), node);
                if let (Some(entry), Some(place)) = (entry, into.get_mut(id.0)) {
                    *place = entry;
                }
            } else if self.facts.is_group(&path) {
                match &node.content {
                    Content::Null => {}
                    Content::Mapping(_) => {
                        if let Some(entries) = self.reader.entries(node, &format!("`{path}`")) {
                            self.group(entries, &format!("{path}."), into);
                        }
                    }
                    _ => {
                        let members: Vec<&str> = self
                            .facts
                            .iter()
                            .filter_map(|(_, fact)| fact.path.strip_prefix(&format!("{path}.")))
                            .collect();
                        let help = format!("name one of them below it: {}", members.join(", "));
                        self.reader.error(
                            &node.span,
                            format!("`{path}` is a map of facts, found {}", node.describe()),
                            Some(help),
                        );
                    }
                }
            } else if !(prefix.is_empty() && RESERVED.contains(&key.name.as_str())) {
                self.undeclared(key, prefix, &path);
            }
        }
    }

    fn undeclared(&mut self, key: &Key, prefix: &str, path: &str) {
        // In a file full of mistakes nobody reads so many suggestions, and looking for them takes its time.
        if self.reader.problems.len() >= MOST_SUGGESTIONS {
            self.reader.error(
                &key.span,
                format!("`{path}` is not declared by the trial"),
                None,
            );
            return;
        }
        let all: Vec<&str> = self
            .facts
            .iter()
            .map(|(_, fact)| fact.path.as_str())
            .chain(self.facts.groups.keys().map(String::as_str))
            .collect();
        // A sibling that is meant comes before something of the same sound elsewhere.
        let siblings: Vec<&str> = all
            .iter()
            .filter_map(|fact| fact.strip_prefix(prefix))
            .filter(|rest| !rest.contains('.'))
            .chain(
                if prefix.is_empty() {
                    &RESERVED[..]
                } else {
                    &[]
                }
                .iter()
                .copied(),
            )
            .collect();
        let near = nearest(&key.name, siblings.iter().copied())
            .map(str::to_owned)
            .or_else(|| nearest(path, all).map(str::to_owned));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if !prefix.is_empty() && siblings.len() <= 12 => {
                format!(
                    "`{}` has {}",
                    prefix.trim_end_matches('.'),
                    siblings
                        .iter()
                        .map(|name| format!("`{name}`"))
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            }
            None => "`eligo template` lists what a record may state".to_owned(),
        };
        self.reader.error(
            &key.span,
            format!("`{path}` is not declared by the trial"),
            Some(help),
        );
    }

    /// A fact, plain or with its evidence; none if it is wrong.
    fn entry(&mut self, fact: &Fact, node: &Node) -> Option<Entry> {
        match &node.content {
            Content::Null => Some(Entry::NOT_RECORDED),
            Content::Mapping(_) => self.evidenced(fact, node),
            _ => {
                let (value, evidence) = self.value(fact, node, None, true)?;
                Some(Entry {
                    value,
                    evidence: (evidence != Evidence::default()).then(|| Box::new(evidence)),
                })
            }
        }
    }

    fn evidenced(&mut self, fact: &Fact, node: &Node) -> Option<Entry> {
        if let Kind::List(kind) = &fact.kind
            && node.mapping().is_some_and(|entries| {
                entries
                    .iter()
                    .any(|(key, _)| kind.field(&key.name).is_some())
            })
            && node.get("value").is_none()
            && node.get("missing").is_none()
        {
            let help = format!(
                "put the item in a list: `{}: [{{ … }}]`, or begin its line with `- `",
                fact.name()
            );
            self.reader.error(
                &node.span,
                format!("`{}` is a list, found a single item", fact.path),
                Some(help),
            );
            return None;
        }
        let before = self.reader.problems.len();
        let what = format!("`{}`", fact.path);
        let mut allowed = vec!["value", "missing", "date", "by", "source", "note"];
        match &fact.kind {
            Kind::Quantity(_) => allowed.extend(["unit", "uln", "lln"]),
            Kind::Integer(_) | Kind::Decimal(_) => allowed.extend(["uln", "lln"]),
            Kind::List(_) => allowed.push("complete"),
            _ => {}
        }
        let fields = self.reader.fields(node, &what, &allowed)?;
        let unit = fields
            .get("unit")
            .filter(|_| matches!(fact.kind, Kind::Quantity(_)))
            .and_then(|node| self.reader.text(node, "`unit`"));
        let known = match (fields.get("value"), fields.get("missing")) {
            (Some(_), Some(missing)) => {
                self.reader.error(
                    &missing.span,
                    format!("{what} has a value and is missing"),
                    Some("keep `value` or `missing`".into()),
                );
                return None;
            }
            (None, None) => {
                let found = node
                    .mapping()
                    .unwrap_or_default()
                    .iter()
                    .map(|(key, _)| key.name.as_str())
                    .collect::<Vec<_>>();
                let help = if found.is_empty() {
                    "write the value itself, or leave the fact out"
                } else {
                    "write `{ value: …, date: … }` or `{ missing: not_performed }`"
                };
                // An unknown key was already reported, and says it better.
                if self.reader.problems.len() == before {
                    self.reader.error(
                        &node.span,
                        format!("{what} has neither `value` nor `missing`"),
                        Some(help.into()),
                    );
                }
                return None;
            }
            (None, Some(missing)) => self
                .missing(missing)
                .map(|value| (value, Evidence::default())),
            (Some(value), None) => {
                let complete = fields
                    .get("complete")
                    .is_none_or(|node| self.complete(node));
                self.value(fact, value, unit.as_deref(), complete)
            }
        };
        // What is wrong with the value hides nothing that is wrong beside it.
        let is_known = known.is_some();
        let (value, mut evidence) =
            known.unwrap_or((Value::Null(Missing::NotRecorded), Evidence::default()));
        evidence.date = fields.get("date").and_then(|node| self.past_date(node));
        evidence.by = self.reader.optional_text(fields, "by");
        evidence.source = self.reader.optional_text(fields, "source");
        evidence.note = self.reader.optional_text(fields, "note");
        // The unit behind the value is that of its limits too.
        let written = fields
            .get("value")
            .and_then(Node::scalar)
            .and_then(|scalar| values::unit_in(fact, &scalar.text));
        let unit = unit.as_deref().or(written);
        if is_known {
            evidence.uln = fields
                .get("uln")
                .and_then(|node| self.limit(fact, node, unit));
            evidence.lln = fields
                .get("lln")
                .and_then(|node| self.limit(fact, node, unit));
        }
        (is_known && self.reader.problems.len() == before).then(|| Entry {
            value,
            evidence: (evidence != Evidence::default()).then(|| Box::new(evidence)),
        })
    }

    fn complete(&mut self, node: &Node) -> bool {
        match node.scalar().map(|scalar| scalar.text.as_str()) {
            Some("true" | "yes") => true,
            Some("false" | "no") => false,
            _ => {
                self.reader.error(
                    &node.span,
                    "`complete` says whether the list is complete",
                    Some("write `yes` or `no`".into()),
                );
                true
            }
        }
    }

    fn missing(&mut self, node: &Node) -> Option<Value> {
        let code = self.reader.text(node, "`missing`")?;
        if let Some(cause) = Absent::from_code(&code) {
            return Some(Value::Null(Missing::Stated(cause)));
        }
        let codes = Absent::CODES.iter().map(|(code, _)| *code);
        self.reader.error(
            &node.span,
            format!("`{code}` is not a cause"),
            crate::diagnostic::did_you_mean(&code, codes),
        );
        None
    }

    fn past_date(&mut self, node: &Node) -> Option<Bounds<Date>> {
        let text = self.plain_text(node, "`date`")?;
        let parsed = values::past_date(&text, Some(self.today));
        self.checked(node, parsed)
    }

    /// A limit of normal, in a unit of its own or in that of the value that it came with.
    fn limit(&mut self, fact: &Fact, node: &Node, unit: Option<&str>) -> Option<Decimal> {
        let text = self.reader.text(node, "a limit of normal")?;
        let without_range = Fact {
            kind: match &fact.kind {
                Kind::Quantity(measure) => Kind::Quantity(Arc::new(crate::facts::Measure {
                    unit: measure.unit.clone(),
                    others: measure.others.clone(),
                    range: None,
                })),
                _ => Kind::Decimal(None),
            },
            ..fact.clone()
        };
        let unit = if values::unit_in(fact, &text).is_some() {
            None
        } else {
            unit
        };
        let parsed = values::parse(&without_range, &text, unit, self.today);
        match self.checked(node, parsed)?.value {
            Value::Number(bounds) if bounds.value().is_some() => bounds.value(),
            _ => {
                self.reader
                    .error(&node.span, "a limit of normal is one number", None);
                None
            }
        }
    }

    fn checked<T>(&mut self, node: &Node, result: Result<T, BadValue>) -> Option<T> {
        result
            .map_err(|bad| self.reader.error(&node.span, bad.message, bad.help))
            .ok()
    }

    /// The value itself: a scalar, or the items of a list.
    fn value(
        &mut self,
        fact: &Fact,
        node: &Node,
        unit: Option<&str>,
        complete: bool,
    ) -> Option<(Value, Evidence)> {
        match (&node.content, &fact.kind) {
            (Content::Null, _) => Some((Value::Null(Missing::NotRecorded), Evidence::default())),
            (Content::Sequence(items), Kind::List(kind)) => self.items(fact, kind, items, complete),
            (Content::Sequence(_), _) => {
                self.reader.error(
                    &node.span,
                    format!("`{}` is one value, found a list", fact.path),
                    Some(format!(
                        "it is of type {}; bounds are written `1..2`",
                        fact.type_name()
                    )),
                );
                None
            }
            (Content::Mapping(_), _) => {
                self.reader.error(
                    &node.span,
                    format!("`{}` is one value, found a map", fact.path),
                    Some("write the value itself; its evidence stands beside it: `{ value: …, date: … }`".into()),
                );
                None
            }
            (Content::Scalar(scalar), kind) => {
                let declared = matches!(kind, Kind::Code(set) if set.position("unknown").is_some());
                if scalar.text == "unknown" && !declared {
                    return Some((
                        Value::Null(Missing::Stated(Absent::Unknown)),
                        Evidence::default(),
                    ));
                }
                let parsed = values::parse(fact, &scalar.text, unit, self.today);
                let parsed = self.checked(node, parsed)?;
                Some((
                    parsed.value,
                    Evidence {
                        written: parsed.written,
                        ..Evidence::default()
                    },
                ))
            }
        }
    }

    fn items(
        &mut self,
        fact: &Fact,
        kind: &ItemKind,
        nodes: &[Node],
        complete: bool,
    ) -> Option<(Value, Evidence)> {
        let before = self.reader.problems.len();
        let mut list = List {
            elements: Vec::with_capacity(nodes.len()),
            open: !complete,
        };
        let mut evidence = Evidence::default();
        for node in nodes {
            let item = match kind {
                ItemKind::Single(single) => self.single(single, node),
                ItemKind::Fields(fields) => self.item(fact, fields, node),
            };
            if let Some((value, about)) = item {
                list.elements.push(Element {
                    value,
                    certain: true,
                });
                evidence.items.push(about);
            }
        }
        if evidence
            .items
            .iter()
            .all(|about| *about == Evidence::default())
        {
            evidence.items.clear();
        }
        (self.reader.problems.len() == before).then(|| (Value::List(list.into()), evidence))
    }

    fn single(&mut self, fact: &Fact, node: &Node) -> Option<(Value, Evidence)> {
        let entry = self.entry(fact, node)?;
        Some((
            entry.value,
            entry
                .evidence
                .map_or_else(Evidence::default, |evidence| *evidence),
        ))
    }

    /// An item with fields. Beside them it may say where it comes from.
    fn item(&mut self, fact: &Fact, fields: &[Fact], node: &Node) -> Option<(Value, Evidence)> {
        if node.mapping().is_none() {
            let names: Vec<String> = fields
                .iter()
                .map(|field| format!("{}: …", field.name()))
                .collect();
            let help = format!(
                "write each item with its fields: {{ {} }}",
                names.join(", ")
            );
            self.reader.error(
                &node.span,
                format!(
                    "an item of `{}` has fields, found {}",
                    fact.path,
                    node.describe()
                ),
                Some(help),
            );
            return None;
        }
        let entries = self
            .reader
            .entries(node, &format!("an item of `{}`", fact.path))?;
        let mut values = vec![Value::Null(Missing::NotRecorded); fields.len()];
        let mut evidence = Evidence::default();
        for (key, node) in entries {
            let found = fields
                .iter()
                .zip(&mut values)
                .find(|(field, _)| field.name() == key.name);
            if let Some((field, place)) = found {
                if let Content::Mapping(_) = node.content {
                    if let Some(entry) = self.field_with_cause(field, node) {
                        *place = entry;
                    }
                } else if let Some((value, _)) = self.value(field, node, None, true) {
                    *place = value;
                }
                continue;
            }
            match key.name.as_str() {
                "by" => evidence.by = self.plain_text(node, "`by`"),
                "source" => evidence.source = self.plain_text(node, "`source`"),
                "note" => evidence.note = self.plain_text(node, "`note`"),
                name => {
                    let names = fields
                        .iter()
                        .map(Fact::name)
                        .chain(["by", "source", "note"])
                        .collect::<Vec<_>>();
                    self.reader.error(
                        &key.span,
                        format!("an item of `{}` has no field `{name}`", fact.path),
                        crate::diagnostic::did_you_mean(name, names),
                    );
                }
            }
        }
        Some((Value::Item(values.into()), evidence))
    }

    /// A field of an item written as a map: `{ value: …, unit: … }` or `{ missing: … }`.
    fn field_with_cause(&mut self, field: &Fact, node: &Node) -> Option<Value> {
        let what = format!("`{}`", field.path);
        let fields = self
            .reader
            .fields(node, &what, &["value", "unit", "missing"])?;
        let unit = self.reader.optional_text(fields, "unit");
        match (fields.get("value"), fields.get("missing")) {
            (Some(value), None) => self
                .value(field, value, unit.as_deref(), true)
                .map(|(value, _)| value),
            (None, Some(missing)) => self.missing(missing),
            _ => {
                self.reader.error(
                    &node.span,
                    format!("{what} needs `value` or `missing`"),
                    None,
                );
                None
            }
        }
    }
}
