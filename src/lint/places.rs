//! Where everything of a compiled trial stands in its file.
//!
//! A compiled trial knows nothing of its text. The document is walked beside it, in the order in which it was compiled.

use std::collections::HashMap;
use std::ops::Range;

use crate::cql::Expression;
use crate::document::{Content, Key, Node, offset_in_source};
use crate::trial::{Condition, Criterion, Remark, Rule, Trial, allow};

/// The places of a trial.
pub struct Places<'a> {
    /// The file's text.
    text: &'a str,
    /// Where the file says what it is.
    pub format: Range<usize>,
    /// Every criterion and sub-criterion, in the protocol's order.
    pub criteria: Vec<CriterionPlace<'a>>,
    /// Every condition, in the protocol's order, and the definitions.
    pub conditions: Vec<ConditionPlace<'a>>,
    /// The facts by path, fields of items included.
    facts: HashMap<String, (&'a Key, &'a Node)>,
    /// Where findings are accepted.
    pub allowed: Vec<(Range<usize>, allow::Allow)>,
}

/// A criterion and where it stands.
#[derive(Clone, Copy)]
pub struct CriterionPlace<'a> {
    /// The criterion.
    pub criterion: &'a Criterion,
    /// Its map.
    pub node: &'a Node,
    /// Whether it is part of no other.
    pub top: bool,
}

/// What a condition is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// To whom a criterion applies.
    Applies,
    /// When it is met, or excludes.
    Rule,
    /// The same, under one reading.
    Reading,
    /// When something is said.
    Caution,
    /// What cannot both be true.
    Conflict,
    /// What opens a question about the protocol.
    Doubt,
    /// A named expression.
    Definition,
}

/// A condition and where it stands.
#[derive(Clone, Copy)]
pub struct ConditionPlace<'a> {
    /// What is evaluated.
    pub expression: &'a Expression,
    /// Its text.
    pub text: &'a str,
    /// The scalar that holds the text.
    pub node: &'a Node,
    /// What it is for.
    pub role: Role,
    /// The criterion that it belongs to, by its place among all.
    pub owner: Option<usize>,
}

impl<'a> Places<'a> {
    /// Finds the places of a trial that was compiled from this document.
    #[must_use]
    pub fn of(trial: &'a Trial, text: &'a str, document: &'a Node) -> Self {
        let format = document
            .get("format")
            .map_or(0..0, |node| node.span.clone());
        let mut places = Self {
            text,
            format,
            criteria: Vec::new(),
            conditions: Vec::new(),
            facts: HashMap::new(),
            allowed: Vec::new(),
        };
        places.allow(document, 0..text.len());
        if let Some(node) = document.get("facts") {
            places.facts_in(node, "");
        }
        let defined: HashMap<&str, (&Key, &Node)> =
            document.get("define").map(entries).unwrap_or_default();
        for definition in &trial.definitions {
            let Some((key, node)) = defined.get(definition.name.as_str()) else {
                continue;
            };
            places.allow(node, extent(key, node));
            places.condition(
                &definition.expression,
                &definition.text,
                node.get("is"),
                Role::Definition,
                None,
            );
        }
        places.remarks(
            &trial.cautions,
            document.get("cautions"),
            Role::Caution,
            None,
        );
        let mut top = trial.criteria.iter();
        for side in ["inclusion", "exclusion"] {
            let nodes = document
                .get("criteria")
                .and_then(|criteria| criteria.get(side))
                .map(items)
                .unwrap_or_default();
            for (node, criterion) in nodes.iter().zip(top.by_ref().take(nodes.len())) {
                places.criterion(criterion, node, true);
            }
        }
        places
    }

    fn criterion(&mut self, criterion: &'a Criterion, node: &'a Node, top: bool) {
        let owner = Some(self.criteria.len());
        self.criteria.push(CriterionPlace {
            criterion,
            node,
            top,
        });
        self.allow(node, extent_of(node));
        if let Some(Condition {
            expression, text, ..
        }) = &criterion.applies
        {
            self.condition(expression, text, node.get("applies"), Role::Applies, owner);
        }
        let rule_in = |node: &'a Node| node.get("require").or_else(|| node.get("exclude"));
        match &criterion.rule {
            None => {}
            Some(Rule::Single(condition)) => self.condition(
                &condition.expression,
                &condition.text,
                rule_in(node),
                Role::Rule,
                owner,
            ),
            Some(Rule::Readings(readings)) => {
                let nodes: HashMap<&str, (&Key, &Node)> =
                    node.get("readings").map(entries).unwrap_or_default();
                for reading in readings {
                    let node = nodes
                        .get(reading.name.as_str())
                        .and_then(|(_, node)| rule_in(node));
                    self.condition(
                        &reading.condition.expression,
                        &reading.condition.text,
                        node,
                        Role::Reading,
                        owner,
                    );
                }
            }
        }
        self.remarks(
            &criterion.conflicts,
            node.get("conflicts"),
            Role::Conflict,
            owner,
        );
        self.remarks(
            criterion.doubts.iter().map(|doubt| &doubt.remark),
            node.get("doubts"),
            Role::Doubt,
            owner,
        );
        self.remarks(
            &criterion.cautions,
            node.get("cautions"),
            Role::Caution,
            owner,
        );
        let children = node
            .get("all")
            .or_else(|| node.get("any"))
            .or_else(|| node.get("at_least").and_then(|group| group.get("of")));
        for (child, node) in criterion
            .children()
            .iter()
            .zip(children.map(items).unwrap_or_default())
        {
            self.criterion(child, node, false);
        }
    }

    fn remarks(
        &mut self,
        remarks: impl IntoIterator<Item = &'a Remark>,
        node: Option<&'a Node>,
        role: Role,
        owner: Option<usize>,
    ) {
        for (remark, node) in remarks.into_iter().zip(node.map(items).unwrap_or_default()) {
            self.condition(
                &remark.when.expression,
                &remark.when.text,
                node.get("when"),
                role,
                owner,
            );
        }
    }

    fn condition(
        &mut self,
        expression: &'a Expression,
        text: &'a str,
        node: Option<&'a Node>,
        role: Role,
        owner: Option<usize>,
    ) {
        self.conditions.extend(node.map(|node| ConditionPlace {
            expression,
            text,
            node,
            role,
            owner,
        }));
    }

    fn facts_in(&mut self, node: &'a Node, prefix: &str) {
        for (key, node) in node.mapping().unwrap_or_default() {
            let path = format!("{prefix}{}", key.name);
            self.allow(node, extent(key, node));
            match node.get("item").filter(|_| node.get("type").is_some()) {
                Some(item) => self.facts_in(item, &format!("{path}.")),
                None if node.get("type").is_none_or(|kind| kind.scalar().is_none()) => {
                    self.facts_in(node, &format!("{path}."))
                }
                None => {}
            }
            self.facts.insert(path, (key, node));
        }
    }

    fn allow(&mut self, node: &Node, extent: Range<usize>) {
        self.allowed.extend(
            allow::of(node)
                .into_iter()
                .map(|allow| (extent.clone(), allow)),
        );
    }

    /// Where the name of a fact stands.
    #[must_use]
    pub fn fact(&self, path: &str) -> Range<usize> {
        self.facts
            .get(path)
            .map_or(0..0, |(key, _)| key.span.clone())
    }

    /// Where a part of a condition stands.
    #[must_use]
    pub fn inside(&self, condition: &ConditionPlace<'_>, part: &Range<usize>) -> Range<usize> {
        let at = |offset: usize| {
            offset_in_source(self.text, &condition.node.span, condition.text, offset)
        };
        let start = at(part.start);
        start..at(part.end).max(start + 1)
    }
}

impl CriterionPlace<'_> {
    /// Where its id stands.
    #[must_use]
    pub fn id(&self) -> Range<usize> {
        self.key("id")
    }

    /// Where the value of one of its keys stands, or the criterion itself.
    #[must_use]
    pub fn key(&self, key: &str) -> Range<usize> {
        self.node
            .get(key)
            .map_or_else(|| self.node.span.clone(), |node| node.span.clone())
    }
}

fn items(node: &Node) -> &[Node] {
    match &node.content {
        Content::Sequence(items) => items,
        _ => &[],
    }
}

fn entries(node: &Node) -> HashMap<&str, (&Key, &Node)> {
    node.mapping()
        .unwrap_or_default()
        .iter()
        .map(|(key, node)| (key.name.as_str(), (key, node)))
        .collect()
}

/// All that a map entry takes up. Only an entry that accepts something is measured.
fn extent(key: &Key, node: &Node) -> Range<usize> {
    let inside = extent_of(node);
    key.span.start..inside.end
}

/// All that a node takes up; of one that accepts nothing, where it begins.
fn extent_of(node: &Node) -> Range<usize> {
    fn end(node: &Node) -> usize {
        let inside = match &node.content {
            Content::Mapping(entries) => entries.iter().map(|(_, node)| end(node)).max(),
            Content::Sequence(items) => items.iter().map(end).max(),
            _ => None,
        };
        inside.unwrap_or_default().max(node.span.end)
    }
    if node.get("allow").is_some() {
        node.span.start..end(node)
    } else {
        node.span.clone()
    }
}
