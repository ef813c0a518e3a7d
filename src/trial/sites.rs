//! Where every condition of a trial stands in its file: what coverage and mutation walk, in the order of the text.

use std::ops::Range;
use std::sync::Arc;

use super::questions::Replaced;
use super::{Criterion, Reading, Remark, Rule, Trial};
use crate::cql::Expression;
use crate::diagnostic::{Diagnostic, Place, Source};
use crate::document::{self, Node, Notation, offset_in_source};

/// A condition or definition of a trial, and where it stands.
#[derive(Debug, Clone)]
pub struct Site<'t> {
    /// To what it belongs.
    pub owner: Owner<'t>,
    /// What it is there.
    pub role: Role<'t>,
    /// What is evaluated.
    pub expression: &'t Expression,
    /// Its text.
    pub text: &'t str,
    /// Bytes of the trial file: the scalar that holds the text.
    pub span: Range<usize>,
    /// What stands in the file, where the text is that with the meanings of questions in the place of their names.
    pub asking: Option<(&'t str, Replaced)>,
}

/// To what a condition belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner<'t> {
    /// The trial as a whole.
    Trial,
    /// A definition, by its place in the trial and its name.
    Definition(usize, &'t str),
    /// A criterion, and the place of the one without parents that it is part of.
    Criterion(usize, &'t str),
}

impl<'t> Owner<'t> {
    /// What the file calls it.
    #[must_use]
    pub fn name(self) -> &'t str {
        match self {
            Self::Trial => "trial",
            Self::Definition(_, name) | Self::Criterion(_, name) => name,
        }
    }

    /// The criterion without parents that it is, or is part of.
    #[must_use]
    pub fn top(self) -> Option<usize> {
        match self {
            Self::Criterion(top, _) => Some(top),
            _ => None,
        }
    }
}

/// What a condition is to what it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role<'t> {
    /// What a definition stands for.
    Is,
    /// To whom a criterion applies.
    Applies,
    /// `require` or `exclude`.
    Rule(&'static str),
    /// The condition of a reading.
    Reading(&'t str),
    /// When a conflict is raised, by its place among the conflicts.
    Conflict(usize),
    /// When a doubt is raised, by its place among the doubts.
    Doubt(usize),
    /// When a caution is raised, by its place among the cautions.
    Caution(usize),
}

impl Role<'_> {
    /// How a list of findings names it.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Is => "definition".to_owned(),
            Self::Applies => "applies".to_owned(),
            Self::Rule(key) => key.to_owned(),
            Self::Reading(name) => format!("reading {name}"),
            Self::Conflict(index) => format!("conflict {}", index + 1),
            Self::Doubt(index) => format!("doubt {}", index + 1),
            Self::Caution(index) => format!("caution {}", index + 1),
        }
    }
}

impl Site<'_> {
    /// The place in the trial file of a part of the text.
    #[must_use]
    pub fn place(&self, source: &Arc<Source>, part: &Range<usize>) -> Place {
        let (text, part) = match &self.asking {
            Some((written, replaced)) => (*written, replaced.place(part.clone())),
            None => (self.text, part.clone()),
        };
        let at = |offset| offset_in_source(&source.text, &self.span, text, offset);
        let start = at(part.start);
        Place {
            source: Arc::clone(source),
            span: start..at(part.end).max(start + 1),
        }
    }
}

/// A criterion and where it stands.
#[derive(Debug, Clone)]
pub struct Home<'t> {
    /// The criterion.
    pub criterion: &'t Criterion,
    /// The place of the criterion without parents that it is, or is part of.
    pub top: usize,
    node: &'t Node,
}

impl Home<'_> {
    /// Where a key of the criterion stands, or its id.
    #[must_use]
    pub fn key(&self, name: &str) -> Range<usize> {
        let key = self
            .node
            .mapping()
            .and_then(|entries| entries.iter().find(|(key, _)| key.name == name));
        key.map_or_else(
            || {
                self.node
                    .get("id")
                    .map_or(self.node.span.clone(), |id| id.span.clone())
            },
            |(key, _)| key.span.clone(),
        )
    }

    /// Where a reading stands.
    #[must_use]
    pub fn reading(&self, name: &str) -> Range<usize> {
        let readings = self.node.get("readings").and_then(Node::mapping);
        readings
            .and_then(|all| all.iter().find(|(key, _)| key.name == name))
            .map_or(self.key("readings"), |(key, _)| key.span.clone())
    }

    /// Where a meaning of a question stands.
    #[must_use]
    pub fn meaning(&self, question: &str, name: &str) -> Range<usize> {
        let meanings = self.meanings(question).and_then(Node::mapping);
        meanings
            .and_then(|all| all.iter().find(|(key, _)| key.name == name))
            .map_or(self.key("questions"), |(key, _)| key.span.clone())
    }

    /// The scalar with what a meaning stands for.
    #[must_use]
    pub fn stands_for(&self, question: &str, name: &str) -> Option<Range<usize>> {
        let meaning = self.meanings(question)?.get(name)?;
        let node = meaning.get("is").or_else(|| meaning.get("value"))?;
        Some(node.span.clone())
    }

    /// The scalar with the condition that names questions.
    #[must_use]
    pub fn asking(&self) -> Option<Range<usize>> {
        let node = self
            .node
            .get("require")
            .or_else(|| self.node.get("exclude"))?;
        Some(node.span.clone())
    }

    fn meanings(&self, question: &str) -> Option<&Node> {
        self.node.get("questions")?.get(question)?.get("readings")
    }

    /// Where a sub-criterion stands.
    #[must_use]
    pub fn child(&self, index: usize) -> Range<usize> {
        let child = children(self.node)
            .get(index)
            .and_then(|child| child.get("id"));
        child.map_or_else(|| self.key("id"), |id| id.span.clone())
    }

    /// Where an entry of `conflicts`, `doubts` or `cautions` stands.
    #[must_use]
    pub fn remark(&self, list: &str, index: usize) -> Range<usize> {
        let entry = self.node.get(list).and_then(|list| item(list, index));
        entry
            .and_then(|entry| entry.get("when"))
            .map_or(self.key(list), |when| when.span.clone())
    }
}

/// The document of a trial file that was compiled.
#[derive(Debug)]
pub struct Map {
    document: Node,
}

impl Map {
    /// Reads the file of a trial once more, this time for its places.
    ///
    /// # Errors
    /// What is wrong with the file, if it is not the one that compiled.
    pub fn new(source: &Arc<Source>) -> Result<Self, Vec<Diagnostic>> {
        let document = document::read(source, Notation::Yaml).map_err(|error| vec![*error])?;
        Ok(Self { document })
    }

    /// Where a key of the trial file stands.
    #[must_use]
    pub fn key(&self, name: &str) -> Range<usize> {
        let key = self
            .document
            .mapping()
            .and_then(|entries| entries.iter().find(|(key, _)| key.name == name));
        key.map_or(0..0, |(key, _)| key.span.clone())
    }

    /// Every criterion and sub-criterion, in the protocol's order.
    #[must_use]
    pub fn homes<'t>(&'t self, trial: &'t Trial) -> Vec<Home<'t>> {
        let criteria = self.document.get("criteria");
        let side = |key: &str| {
            criteria
                .and_then(|criteria| criteria.get(key))
                .map(items)
                .unwrap_or_default()
        };
        let nodes: Vec<&Node> = side("inclusion").iter().chain(side("exclusion")).collect();
        let mut homes = Vec::new();
        for (top, (criterion, node)) in trial.criteria.iter().zip(nodes).enumerate() {
            settle(criterion, node, top, &mut homes);
        }
        homes
    }

    /// Every condition: the definitions, the cautions of the trial, then criterion by criterion.
    #[must_use]
    pub fn sites<'t>(&'t self, trial: &'t Trial) -> Vec<Site<'t>> {
        let mut sites = Vec::new();
        let defined = self.document.get("define");
        for (index, definition) in trial.definitions.iter().enumerate() {
            let node = defined
                .and_then(|node| node.get(&definition.name))
                .and_then(|node| node.get("is"));
            let owner = Owner::Definition(index, &definition.name);
            let span = node.map_or(0..0, |node| node.span.clone());
            sites.push(Site {
                owner,
                role: Role::Is,
                expression: &definition.expression,
                text: &definition.text,
                span,
                asking: None,
            });
        }
        // Definitions are compiled in the order in which they build on each other; the file's order is what a reader sees.
        sites.sort_by_key(|site| site.span.start);
        remarks(
            &mut sites,
            Owner::Trial,
            &trial.cautions,
            self.document.get("cautions"),
            Role::Caution,
        );
        for home in self.homes(trial) {
            conditions(&mut sites, &home);
        }
        sites
    }
}

fn items(node: &Node) -> &[Node] {
    match &node.content {
        document::Content::Sequence(items) => items,
        _ => &[],
    }
}

fn item(node: &Node, index: usize) -> Option<&Node> {
    items(node).get(index)
}

fn settle<'t>(criterion: &'t Criterion, node: &'t Node, top: usize, homes: &mut Vec<Home<'t>>) {
    homes.push(Home {
        criterion,
        top,
        node,
    });
    for (child, node) in criterion.children().iter().zip(children(node)) {
        settle(child, node, top, homes);
    }
}

/// The sub-criteria that a criterion has in the document.
fn children(node: &Node) -> &[Node] {
    let list = ["all", "any"]
        .iter()
        .find_map(|key| node.get(key))
        .or_else(|| node.get("at_least").and_then(|node| node.get("of")));
    list.map(items).unwrap_or_default()
}

fn conditions<'t>(sites: &mut Vec<Site<'t>>, home: &Home<'t>) {
    let (criterion, node) = (home.criterion, home.node);
    let owner = Owner::Criterion(home.top, &criterion.id);
    let mut add = |role, condition: &'t super::Condition, node: Option<&Node>| {
        let span = node.map_or(0..0, |node| node.span.clone());
        sites.push(Site {
            owner,
            role,
            expression: &condition.expression,
            text: &condition.text,
            span,
            asking: None,
        });
    };
    if let Some(condition) = &criterion.applies {
        add(Role::Applies, condition, node.get("applies"));
    }
    let key = |node: &Node| {
        if node.get("require").is_some() {
            "require"
        } else {
            "exclude"
        }
    };
    match &criterion.rule {
        None => {}
        Some(Rule::Single(condition)) => add(Role::Rule(key(node)), condition, node.get(key(node))),
        Some(Rule::Readings(readings)) if criterion.questions.is_some() => {
            let span = node.get(key(node)).map_or(0..0, |node| node.span.clone());
            for reading in readings {
                let questions = criterion.questions.as_ref();
                sites.push(Site {
                    owner,
                    role: Role::Reading(&reading.name),
                    expression: &reading.condition.expression,
                    text: &reading.condition.text,
                    span: span.clone(),
                    asking: questions.and_then(|asked| {
                        let (_, replaced) = asked.combined(&reading.picks)?;
                        Some((asked.text.as_str(), replaced))
                    }),
                });
            }
        }
        Some(Rule::Readings(readings)) => {
            let nodes = node.get("readings");
            for Reading {
                name, condition, ..
            } in readings
            {
                let node = nodes.and_then(|nodes| nodes.get(name));
                add(
                    Role::Reading(name),
                    condition,
                    node.and_then(|node| node.get(key(node))),
                );
            }
        }
    }
    remarks(
        sites,
        owner,
        &criterion.conflicts,
        node.get("conflicts"),
        Role::Conflict,
    );
    remarks(
        sites,
        owner,
        criterion.doubts.iter().map(|doubt| &doubt.remark),
        node.get("doubts"),
        Role::Doubt,
    );
    remarks(
        sites,
        owner,
        &criterion.cautions,
        node.get("cautions"),
        Role::Caution,
    );
}

fn remarks<'t>(
    sites: &mut Vec<Site<'t>>,
    owner: Owner<'t>,
    remarks: impl IntoIterator<Item = &'t Remark>,
    node: Option<&Node>,
    role: fn(usize) -> Role<'static>,
) {
    for (index, remark) in remarks.into_iter().enumerate() {
        let node = node
            .and_then(|node| item(node, index))
            .and_then(|entry| entry.get("when"));
        let span = node.map_or(0..0, |node| node.span.clone());
        sites.push(Site {
            owner,
            role: role(index),
            expression: &remark.when.expression,
            text: &remark.when.text,
            span,
            asking: None,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::compile;

    const TRIAL: &str = "\
format: eligo/trial/1
trial: { id: T, title: A trial }
facts: { age: { type: integer, label: Age }, fit: { type: boolean, label: Fit } }
define:
  second: { is: not first }
  first: { is: age > 1 }
cautions: [ { when: age > 90, say: old } ]
criteria:
  inclusion:
    - id: I1
      title: T
      text: T
      require: second
      any:
        - id: I1a
          title: T
          readings:
            one: { say: one, require: fit }
            two: { say: two, require: \"fit and age > 2\" }
        - { id: I1b, title: T, require: age > 3 }
  exclusion:
    - id: E1
      title: T
      text: T
      applies: fit
      at_least: { n: 1, of: [ { id: E1a, title: T, exclude: age > 4, conflicts: [ { when: age = 5, say: no } ] } ] }
";

    #[test]
    fn every_condition_is_found_where_it_is_written() {
        let source = Source::new("t.yaml", TRIAL);
        let (trial, _) = compile(&source).unwrap();
        let map = Map::new(&source).unwrap();
        let found: Vec<String> = map
            .sites(&trial)
            .iter()
            .map(|site| {
                let place = site.place(&source, &(0..site.text.len()));
                assert_eq!(&TRIAL[place.span.clone()], site.text);
                format!(
                    "{} {} {}",
                    place.line_column().0,
                    site.owner.name(),
                    site.role.name()
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                "5 second definition",
                "6 first definition",
                "7 trial caution 1",
                "13 I1 require",
                "18 I1a reading one",
                "19 I1a reading two",
                "20 I1b require",
                "25 E1 applies",
                "26 E1a exclude",
                "26 E1a conflict 1",
            ]
        );
    }
}
