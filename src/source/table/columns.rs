//! What each column of a table says: the part `columns` of a source file.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use super::pivot::Pivot;
use super::row::{Constant, Part};
use super::target::{ItemPart, Target};
use super::{SharedFacts, column_keys};
use crate::diagnostic::Place;
use crate::document::spans::EntrySpan;
use crate::document::{Content, Node};
use crate::facts::{Fact, ItemKind, Kind};
use crate::record::table::BESIDE_FIELDS;
use crate::shape::{Fields, NodeReader};
use crate::source::mapped::Text;
use crate::source::rule::{Meaning, Rule, meaning, yes_or_no};

/// A column, and what it says; of a column that is ignored, nothing.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub name: String,
    /// Where the source file names it.
    pub place: Place,
    /// Whether a table may be without it.
    pub is_optional: bool,
    pub uses: Vec<Use>,
}

/// One of the facts that a column speaks of.
#[derive(Debug, Clone)]
pub(crate) struct Use {
    pub target: Target,
    /// What the values are values of.
    pub fact: Arc<Fact>,
    pub rule: Rule,
    /// Of a box to tick, when it is ticked.
    pub tick: Option<Tick>,
    /// What stands between several values of a cell.
    pub split: Option<char>,
    /// Whether the items of a list are all that there are.
    pub is_complete: Option<bool>,
    /// What goes with every value.
    pub with: Vec<Constant>,
}

/// A box to tick.
#[derive(Debug, Clone)]
pub(crate) struct Tick {
    pub when: Vec<String>,
    /// What says that it is not ticked, which answers nothing.
    pub unless: Vec<String>,
    /// What a ticked box says.
    pub value: Option<Meaning>,
}

/// Reads `columns` and `ignore`.
pub(crate) fn compile(
    reader: &mut NodeReader<'_>,
    fields: Fields<'_>,
    facts: &SharedFacts,
    defaults: &Rule,
) -> Vec<Column> {
    let mut columns = Vec::new();
    if let Some(node) = fields.get("columns") {
        for (key, node) in reader.entries(node, "`columns`").unwrap_or_default() {
            let mut uses = Vec::new();
            let is_optional = column(reader, node, facts, defaults, &mut uses);
            columns.push(Column {
                name: key.name.trim().to_owned(),
                place: place(reader, &key.span),
                is_optional,
                uses,
            });
        }
    }
    if let Some(node) = fields.get("ignore") {
        for node in reader.list(node, "`ignore`") {
            let Some(name) = reader.text(node, "a column") else {
                continue;
            };
            columns.push(Column {
                name: name.trim().to_owned(),
                place: place(reader, &node.span),
                is_optional: false,
                uses: Vec::new(),
            });
        }
    }
    columns
}

pub(crate) fn place(reader: &NodeReader<'_>, span: &Range<usize>) -> Place {
    Place {
        source: Arc::clone(reader.source),
        span: span.clone(),
    }
}

/// Reads what a column says; whether a table may be without it.
fn column(
    reader: &mut NodeReader<'_>,
    node: &Node,
    facts: &SharedFacts,
    defaults: &Rule,
    uses: &mut Vec<Use>,
) -> bool {
    match &node.content {
        Content::Scalar(scalar) if scalar.text == "ignore" => false,
        Content::Scalar(scalar) => {
            let empty = Node {
                span: node.span.clone(),
                content: Content::Mapping(Vec::new()),
            };
            if let Some(fields) = reader.fields(&empty, "a column", &[])
                && let Some(target) = Target::parse(reader, facts, &scalar.text, &node.span)
            {
                uses.extend(used(reader, fields, target, defaults, &node.span));
            }
            false
        }
        Content::Sequence(several) => {
            let mut is_optional = false;
            for node in several {
                is_optional |= column(reader, node, facts, defaults, uses);
            }
            is_optional
        }
        Content::Mapping(_) => {
            let Some(fields) = reader.fields(node, "a column", &column_keys()) else {
                return false;
            };
            let is_ignored = fields.get("fact").and_then(Node::scalar);
            if is_ignored.is_some_and(|fact| fact.text == "ignore") {
                return false;
            }
            if let Some(fact) = reader.required(fields, "fact", "a column")
                && let Some(path) = reader.text(fact, "`fact`")
                && let Some(target) = Target::parse(reader, facts, path.trim(), &fact.span)
            {
                uses.extend(used(reader, fields, target, defaults, &fact.span));
            }
            let is_optional = yes_or_no(reader, fields, "optional").unwrap_or(false);
            if let Some(also) = fields.get("also") {
                column(reader, also, facts, defaults, uses);
            }
            is_optional
        }
        Content::Null => {
            let help = "write `ignore`, a fact such as `ecog`, or `{ fact: ecog, … }`".to_owned();
            reader.error(&node.span, "nothing is said of the column", Some(help));
            false
        }
    }
}

/// Reads how the values of a column become values of a fact.
pub(crate) fn used(
    reader: &mut NodeReader<'_>,
    fields: Fields<'_>,
    target: Target,
    defaults: &Rule,
    span: &Range<usize>,
) -> Option<Use> {
    let fact = value_fact(&target);
    let mut defaults = defaults.clone();
    defaults.is_of_item =
        matches!(&target, Target::Item(item) if matches!(item.part, ItemPart::Field(_)));
    let rule = defaults.compile(reader, fields, &fact);
    let tick = tick(reader, fields, &fact, &rule);
    let mut with = Vec::new();
    for key in ["with", "item"] {
        if let Some(node) = fields.get(key) {
            with.extend(constants(reader, node, &target, key));
        }
    }
    let is_list = |target: &Target| match target {
        Target::Item(_) => true,
        Target::Value(fact) => matches!(fact.kind, Kind::List(_)),
        _ => false,
    };
    let is_complete = yes_or_no(reader, fields, "complete");
    for key in ["complete", "split", "item"] {
        if let Some(node) = fields.get(key)
            && !is_list(&target)
        {
            let message = format!("`{key}` is for lists, and `{}` is none", fact.path);
            reader.error(&node.span, message, None);
        }
    }
    if tick.is_none()
        && let Target::Item(item) = &target
        && let (ItemPart::Whole, Kind::List(kind)) = (&item.part, &item.list.kind)
        && kind.alone().is_none()
        && matches!(&**kind, ItemKind::Fields(_))
    {
        let message = format!("an item of `{}` has fields", item.list.path);
        let help = format!(
            "name the field, `{0}[].FIELD`, or say in `when` and `item` which item a ticked box stands for",
            item.list.path
        );
        reader.error(span, message, Some(help));
        return None;
    }
    Some(Use {
        target,
        fact,
        rule,
        tick,
        split: split(reader, fields),
        is_complete,
        with,
    })
}

/// What the values that go to a target are values of.
pub(crate) fn value_fact(target: &Target) -> Arc<Fact> {
    let like = |fact: &Fact, key: &str, kind: Kind| {
        Arc::new(Fact {
            path: format!("{}.{key}", fact.path),
            kind,
            ..fact.clone()
        })
    };
    let beside = |fact: &Fact, key: &str| {
        let kind = match key {
            "date" => Kind::Date(None),
            "uln" | "lln" => Kind::Decimal(None),
            _ => Kind::Text,
        };
        like(fact, key, kind)
    };
    let head = |path: &str, kind: Kind| Arc::new(blank_fact(path, kind));
    match target {
        Target::ScreenedOn => head("screened_on", Kind::Date(None)),
        Target::Note => head("note", Kind::Text),
        Target::Value(fact) => Arc::clone(fact),
        Target::Beside(fact, key) => beside(fact, key),
        Target::Item(item) => match &item.part {
            ItemPart::Whole => Arc::clone(&item.list),
            ItemPart::Field(field) => Arc::clone(field),
            ItemPart::Unit(field) => beside(field, "unit"),
            ItemPart::Beside(key) => beside(&item.list, key),
        },
    }
}

/// A fact that no trial declares, for what a record says beside its facts.
pub(crate) fn blank_fact(path: &str, kind: Kind) -> Fact {
    Fact {
        path: path.to_owned(),
        kind,
        label: path.to_owned(),
        ask: None,
        stage: None,
        obtain: None,
        note: None,
        codes: std::collections::BTreeMap::new(),
        judgement: false,
        measured: false,
        supporting: false,
        future: true,
        alone: false,
        span: Box::new(EntrySpan::default()),
    }
}

fn split(reader: &mut NodeReader<'_>, fields: Fields<'_>) -> Option<char> {
    let node = fields.get("split")?;
    let text = node.scalar().map_or("", |scalar| scalar.text.as_str());
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) if !character.is_alphanumeric() => Some(character),
        _ => {
            let message = "`split` is the one sign that stands between several values of a cell";
            reader.error(&node.span, message, Some("write ';' or ','".to_owned()));
            None
        }
    }
}

/// Reads when a box is ticked.
fn tick(
    reader: &mut NodeReader<'_>,
    fields: Fields<'_>,
    fact: &Arc<Fact>,
    rule: &Rule,
) -> Option<Tick> {
    /// What stands where a box is not ticked, by what stands where it is.
    const PAIRS: [(&str, &str); 6] = [
        ("1", "0"),
        ("yes", "no"),
        ("true", "false"),
        ("y", "n"),
        ("checked", "unchecked"),
        ("x", ""),
    ];
    let Some(node) = fields.get("when") else {
        for key in ["unless", "value"] {
            if let Some(node) = fields.get(key) {
                reader.error(&node.span, format!("`{key}` goes with `when`"), None);
            }
        }
        return None;
    };
    let when = words(reader, node, "`when`");
    let unless = match fields.get("unless") {
        Some(node) => words(reader, node, "`unless`"),
        None => {
            let other = |word: &String| {
                let word = word.to_lowercase();
                PAIRS.iter().find(|(ticked, _)| *ticked == word)
            };
            let known: Vec<String> = when
                .iter()
                .filter_map(other)
                .map(|(_, other)| (*other).to_owned())
                .collect();
            if known.is_empty() {
                let message = "what stands in a box that is not ticked?";
                let help = "say it in `unless`; such a cell answers nothing".to_owned();
                reader.error(&node.span, message, Some(help));
            }
            known
        }
    };
    let value = fields
        .get("value")
        .and_then(|node| meaning(reader, node, fact, &rule.unit));
    if value.is_none() && fields.get("value").is_none() && fields.get("item").is_none() {
        let message = "what does a ticked box say?";
        let help = "say it in `value`, or in `item` of a list".to_owned();
        reader.error(&node.span, message, Some(help));
    }
    Some(Tick {
        when,
        unless,
        value,
    })
}

fn words(reader: &mut NodeReader<'_>, node: &Node, what: &str) -> Vec<String> {
    let nodes = match &node.content {
        Content::Sequence(nodes) => nodes.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let words = nodes.iter().filter_map(|node| reader.text(node, what));
    words.map(|word| word.trim().to_owned()).collect()
}

/// Reads what goes with every value: evidence of a fact, fields of an item.
pub(crate) fn constants(
    reader: &mut NodeReader<'_>,
    node: &Node,
    target: &Target,
    what: &str,
) -> Vec<Constant> {
    let mut constants = Vec::new();
    for (key, node) in reader
        .entries(node, &format!("`{what}`"))
        .unwrap_or_default()
    {
        let part = match target {
            Target::Item(item) => part_of_item(&item.list, &key.name),
            Target::Value(fact) | Target::Beside(fact, _) => {
                let keys = crate::record::table::evidence_keys(&fact.kind);
                let found = keys.iter().find(|known| **known == key.name);
                found
                    .filter(|key| !["value", "missing", "complete", "unit"].contains(*key))
                    .map(|key| Part::Beside(key))
            }
            Target::ScreenedOn | Target::Note => None,
        };
        let Some(part) = part else {
            let message = format!("`{}` cannot stand in `{what}` here", key.name);
            reader.fault("unknown-key", &key.span, message, None);
            continue;
        };
        constants.extend(Constant::compile(reader, node, part));
    }
    constants
}

fn part_of_item(list: &Fact, name: &str) -> Option<Part> {
    let Kind::List(kind) = &list.kind else {
        return None;
    };
    let field = kind.fields().iter().find(|field| field.name() == name);
    match field {
        Some(field) => Some(Part::Fact(Arc::new(field.clone()))),
        None => BESIDE_FIELDS
            .into_iter()
            .find(|key| *key == name)
            .map(Part::Beside),
    }
}

/// Refuses a column that is named twice, and two columns for one value.
pub(crate) fn refuse_twice(
    reader: &mut NodeReader<'_>,
    candidate: &Text,
    columns: &[Column],
    pivot: Option<&Pivot>,
) {
    let mut names: HashMap<&str, &Place> = HashMap::new();
    let of_pivot = pivot.into_iter().flat_map(Pivot::columns);
    let all = [(candidate.text.as_str(), &candidate.place)]
        .into_iter()
        .chain(of_pivot)
        .chain(
            columns
                .iter()
                .map(|column| (column.name.as_str(), &column.place)),
        );
    for (name, place) in all {
        if let Some(first) = names.insert(name, place) {
            let (line, _) = first.line_column();
            let message = format!("column `{name}` is named twice");
            let help = format!("it stands on line {line} already; `also` says what else it holds");
            reader.error(&place.span, message, Some(help));
        }
    }
    let mut targets: HashMap<String, &Place> = HashMap::new();
    for column in columns {
        for used in &column.uses {
            let Some(slot) = slot(used) else {
                continue;
            };
            if let Some(first) = targets.insert(slot.clone(), &column.place) {
                let (line, _) = first.line_column();
                let message = format!("`{slot}` is mapped twice");
                let help = format!(
                    "the column on line {line} holds it already; several items of a row are `LIST[1]`, `LIST[2]`"
                );
                reader.error(&column.place.span, message, Some(help));
            }
        }
    }
}

/// Refuses columns that say more of the items that another makes of the parts of its cells: whose it is cannot be told.
pub(crate) fn refuse_beside_split(reader: &mut NodeReader<'_>, columns: &[Column]) {
    let items = |column: &'_ Column| -> Vec<(String, bool)> {
        let uses = column.uses.iter();
        let items = uses.filter_map(|used| match &used.target {
            Target::Item(item) if used.tick.is_none() && !matches!(item.part, ItemPart::Whole) => {
                Some((
                    format!("{}[{}]", item.list.path, item.number),
                    used.split.is_some(),
                ))
            }
            _ => None,
        });
        items.collect()
    };
    let all: Vec<_> = columns
        .iter()
        .flat_map(|column| items(column).into_iter().map(move |item| (column, item)))
        .collect();
    for (at, (column, (item, is_split))) in all.iter().enumerate() {
        let others = all.iter().enumerate();
        let is_other = |(other, (_, (of, _))): &(usize, &(&Column, (String, bool)))| {
            *other != at && of == item
        };
        if *is_split && let Some((_, (other, _))) = others.clone().find(is_other) {
            let message = format!(
                "`split` makes an item of each value of `{}`, and whose `{}` is cannot be told",
                column.name, other.name
            );
            let help = "leave out `split`, or ignore the other column".to_owned();
            reader.error(&column.place.span, message, Some(help));
        }
    }
}

/// Refuses days that would be lost: a column that speaks of several things gives its day to items that other columns make.
pub(crate) fn refuse_lone_days(reader: &mut NodeReader<'_>, columns: &[Column]) {
    let item = |used: &Use| match &used.target {
        Target::Item(item) => Some((item.list.path.clone(), item.number)),
        _ => None,
    };
    let all = columns.iter().flat_map(|column| &column.uses);
    // A ticked box makes an item of its own, unless the item has a number.
    let is_numbered = |used: &Use| item(used).is_some_and(|(_, number)| number > 0);
    let makers = all.filter(|used| !used.is_day() && (used.tick.is_none() || is_numbered(used)));
    let made: HashSet<_> = makers.filter_map(item).collect();
    for column in columns.iter().filter(|column| column.uses.len() > 1) {
        let mut days = column.uses.iter().filter(|used| used.is_day());
        let is_lone = |used: &&Use| item(used).is_some_and(|item| !made.contains(&item));
        if let Some(day) = days.find(is_lone) {
            let message = format!(
                "column `{}` speaks of several things, and its day makes no `{}` by itself",
                column.name, day.fact.path
            );
            let help = "map a column that says more of the item, or say it in `with`".to_owned();
            reader.error(&column.place.span, message, Some(help));
        }
    }
}

/// The one value of a row that a use fills; none if others may fill it too.
fn slot(used: &Use) -> Option<String> {
    if used.tick.is_some() {
        return None;
    }
    match &used.target {
        Target::Item(item) => {
            let part = match &item.part {
                ItemPart::Whole => return None,
                ItemPart::Field(field) => field.name().to_owned(),
                ItemPart::Unit(field) => format!("{}.unit", field.name()),
                ItemPart::Beside(key) => (*key).to_owned(),
            };
            let number = match item.number {
                0 => String::new(),
                number => number.to_string(),
            };
            Some(format!("{}[{number}].{part}", item.list.path))
        }
        _ => Some(used.fact.path.clone()),
    }
}
