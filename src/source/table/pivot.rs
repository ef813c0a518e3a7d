//! A table with a row for each result: what each test says.

use std::collections::HashMap;

use super::SharedFacts;
use super::columns::{Column, Use, place, used};
use super::target::{ItemPart, Target};
use crate::diagnostic::{Diagnostic, Place, nearest};
use crate::document::{Content, Node};
use crate::facts::Kind;
use crate::shape::{Fields, NodeReader};
use crate::source::mapped::Text;
use crate::source::rule::{RULE_KEYS, Rule};

/// What a column holds beside a result, by the keys of evidence.
const BESIDE: [&str; 5] = ["unit", "date", "by", "source", "note"];

/// The tests of a table with a row for each result.
#[derive(Debug, Clone)]
pub(crate) struct Pivot {
    /// The column with the name or the code of the test.
    pub test: Text,
    /// The column with the result.
    pub value: Text,
    /// Columns of what stands beside it.
    pub beside: Vec<(&'static str, Text)>,
    /// How dates are read.
    pub rule: Rule,
    tests: HashMap<String, Column>,
    ignores_others: bool,
}

/// Reads `pivot`.
pub(crate) fn compile(
    reader: &mut NodeReader<'_>,
    fields: Fields<'_>,
    facts: &SharedFacts,
    defaults: &Rule,
) -> Option<Pivot> {
    let node = fields.get("pivot")?;
    let keys: Vec<&str> = ["test", "value", "tests", "other_tests"]
        .into_iter()
        .chain(BESIDE)
        .collect();
    let fields = reader.fields(node, "`pivot`", &keys)?;
    let test = column(reader, fields, "test");
    let value = column(reader, fields, "value");
    for (key, found) in [("test", &test), ("value", &value)] {
        if found.is_none() {
            reader.required(fields, key, "`pivot`");
        }
    }
    let beside = BESIDE
        .into_iter()
        .filter_map(|key| Some((key, column(reader, fields, key)?)))
        .collect();
    let tests = tests(reader, fields, facts, defaults);
    let ignores_others = match reader.optional_text(fields, "other_tests").as_deref() {
        None => false,
        Some("ignore") => true,
        Some(_) => {
            let span = fields.get("other_tests").map(|node| node.span.clone());
            let message = "`other_tests` can only be `ignore`; without it a test that is not named is an error";
            reader.error(&span.unwrap_or_default(), message, None);
            false
        }
    };
    Some(Pivot {
        test: test?,
        value: value?,
        beside,
        rule: defaults.clone(),
        tests,
        ignores_others,
    })
}

fn column(reader: &mut NodeReader<'_>, fields: Fields<'_>, key: &str) -> Option<Text> {
    let node = fields.get(key)?;
    let name = reader.text(node, &format!("`{key}`"))?;
    Some(Text {
        text: name.trim().to_owned(),
        place: place(reader, &node.span),
    })
}

fn tests(
    reader: &mut NodeReader<'_>,
    fields: Fields<'_>,
    facts: &SharedFacts,
    defaults: &Rule,
) -> HashMap<String, Column> {
    let own = ["fact", "with", "item", "split", "complete", "also"];
    let keys: Vec<&str> = own.into_iter().chain(RULE_KEYS).collect();
    let mut tests = HashMap::new();
    let Some(node) = reader.required(fields, "tests", "`pivot`") else {
        return tests;
    };
    for (key, node) in reader.entries(node, "`tests`").unwrap_or_default() {
        let mut uses = Vec::new();
        test(reader, node, &keys, facts, defaults, &mut uses);
        let column = Column {
            name: key.name.trim().to_owned(),
            place: place(reader, &key.span),
            is_optional: true,
            uses,
        };
        tests.insert(column.name.clone(), column);
    }
    tests
}

fn test(
    reader: &mut NodeReader<'_>,
    node: &Node,
    keys: &[&str],
    facts: &SharedFacts,
    defaults: &Rule,
    uses: &mut Vec<Use>,
) {
    let empty = Node {
        span: node.span.clone(),
        content: Content::Mapping(Vec::new()),
    };
    let (node, path) = match &node.content {
        Content::Scalar(scalar) if scalar.text == "ignore" => return,
        Content::Scalar(scalar) => (&empty, Some((scalar.text.clone(), node.span.clone()))),
        _ => (node, None),
    };
    let Some(fields) = reader.fields(node, "a test", keys) else {
        return;
    };
    let path = path.or_else(|| {
        let fact = reader.required(fields, "fact", "a test")?;
        Some((reader.text(fact, "`fact`")?, fact.span.clone()))
    });
    if let Some((path, span)) = path
        && let Some(target) = Target::parse(reader, facts, path.trim(), &span)
    {
        uses.extend(used(reader, fields, target, defaults, &span));
    }
    if let Some(also) = fields.get("also") {
        test(reader, also, keys, facts, defaults, uses);
    }
}

impl Pivot {
    /// The columns of the table that it names.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &Place)> {
        let beside = self.beside.iter().map(|(_, column)| column);
        [&self.test, &self.value]
            .into_iter()
            .chain(beside)
            .map(|column| (column.text.as_str(), &column.place))
    }

    /// What all tests say.
    pub fn uses(&self) -> impl Iterator<Item = &Use> {
        self.tests.values().flat_map(|test| &test.uses)
    }

    /// What a test says; none if it is ignored.
    ///
    /// # Errors
    /// A test that is not named.
    pub fn test(&self, name: &str, place: &Place) -> Result<Option<&Column>, Box<Diagnostic>> {
        match self.tests.get(name) {
            Some(test) if test.uses.is_empty() => Ok(None),
            Some(test) => Ok(Some(test)),
            None if self.ignores_others => Ok(None),
            None => {
                let near = nearest(name, self.tests.keys().map(String::as_str));
                let add = "add it to `tests`, with a fact or `ignore`; `other_tests: ignore` leaves out all that are not named";
                let help = match near {
                    Some(near) => format!("did you mean `{near}`? or {add}"),
                    None => add.to_owned(),
                };
                let problem = Diagnostic::error(format!("the source names no test `{name}`"))
                    .at(&place.source, place.span.clone())
                    .help(help);
                Err(Box::new(problem))
            }
        }
    }
}

/// Where what stands beside a result goes: to the evidence of a fact, or to the field of this name of an item.
pub(crate) fn beside_of(target: &Target, key: &'static str) -> Option<Target> {
    match target {
        Target::Value(fact) if key == "unit" => {
            matches!(fact.kind, Kind::Quantity(_)).then(|| Target::Beside(fact.clone(), key))
        }
        Target::Value(fact) => Some(Target::Beside(fact.clone(), key)),
        Target::Item(item) => {
            let Kind::List(kind) = &item.list.kind else {
                return None;
            };
            let part = match kind.field(key) {
                None if key == "unit" => match &item.part {
                    ItemPart::Field(field) if matches!(field.kind, Kind::Quantity(_)) => {
                        ItemPart::Unit(field.clone())
                    }
                    _ => return None,
                },
                Some((_, field)) => ItemPart::Field(std::sync::Arc::new(field.clone())),
                None if ["by", "source", "note"].contains(&key) => ItemPart::Beside(key),
                None => return None,
            };
            Some(Target::Item(super::target::ItemTarget {
                part,
                ..item.clone()
            }))
        }
        _ => None,
    }
}
