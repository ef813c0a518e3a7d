//! An expression and a resource → what it leads to.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;

use rust_decimal::Decimal;

use super::parser::{Expression, Function, Kind, Operator};
use super::tree::{Content, Node};
use super::types::{data_type, of_suffix};
use super::{Element, Environment, Item, PathError};
use crate::value::number;

/// How many elements may be looked at for one path in one resource.
const MOST_STEPS: usize = 1_000_000;

/// The value of an element of which only the extensions are there.
const NO_VALUE: &Node<'static> = &Node {
    start: 0,
    content: Content::Null,
};

type Items<'a> = Vec<Item<'a>>;

/// Follows a path.
pub(super) fn evaluate<'a>(
    expression: &'a Expression,
    root: &'a Node<'a>,
    from: Element<'a>,
    environment: &Environment<'a>,
) -> Result<Items<'a>, PathError> {
    let evaluator = Evaluator {
        root,
        environment: *environment,
        steps: Cell::new(0),
    };
    evaluator.items(expression, &Item::Element(from))
}

/// One boolean, or nothing.
pub(super) fn boolean(items: &[Item<'_>], span: &Range<usize>) -> Result<Option<bool>, PathError> {
    match items {
        [] => Ok(None),
        [one] => match truth(one) {
            Some(truth) => Ok(Some(truth)),
            None => {
                let message = format!("this gives {}, not a boolean", describe(one));
                Err(PathError::new(message, span.clone())
                    .help("compare it, or ask whether it exists: `.exists()`"))
            }
        },
        several => {
            let message = format!("this gives {} values, not one boolean", several.len());
            Err(PathError::new(message, span.clone())
                .help("ask whether one exists: `.where(…).exists()`"))
        }
    }
}

fn truth(item: &Item<'_>) -> Option<bool> {
    match item {
        Item::Boolean(truth) => Some(*truth),
        Item::Element(Element { node, .. }) => match node.content {
            Content::Boolean(truth) => Some(truth),
            _ => None,
        },
        _ => None,
    }
}

fn describe(item: &Item<'_>) -> &'static str {
    match item {
        Item::Boolean(_) => "a boolean",
        Item::Number(_) => "a number",
        Item::Text(_) => "a text",
        Item::Element(element) => element.node.describe(),
    }
}

/// A single value that can be compared.
enum Scalar<'i> {
    Boolean(bool),
    Number(Decimal),
    Text(Cow<'i, str>),
}

struct Evaluator<'a> {
    root: &'a Node<'a>,
    environment: Environment<'a>,
    steps: Cell<usize>,
}

impl<'a> Evaluator<'a> {
    fn items(&self, expression: &'a Expression, this: &Item<'a>) -> Result<Items<'a>, PathError> {
        self.step(1, &expression.span)?;
        Ok(match &expression.kind {
            Kind::Nothing => Vec::new(),
            Kind::Boolean(value) => vec![Item::Boolean(*value)],
            Kind::Number(number) => vec![Item::Number(*number)],
            Kind::Text(text) => vec![Item::Text(Cow::Borrowed(text))],
            Kind::This => vec![this.clone()],
            Kind::Resource => vec![Item::Element(Element::of(self.root))],
            Kind::Variable(place) => {
                let value = self.environment.variables.get(*place);
                value.cloned().into_iter().collect()
            }
            Kind::OfResourceType(name) => {
                let is_it = self.root.text_at("resourceType") == Some(name);
                let root = is_it.then(|| Item::Element(Element::of(self.root)));
                root.into_iter().collect()
            }
            Kind::Field(of, name) => {
                let mut found = Vec::new();
                for item in self.items(of, this)? {
                    if let Item::Element(element) = item {
                        self.field(element, name, &mut found, &expression.span)?;
                    }
                }
                found
            }
            Kind::Index(of, index) => self.index(of, index, this)?,
            Kind::Call(of, function) => self.call(of, function, this, &expression.span)?,
            Kind::Minus(of) => {
                let number = self.number(of, this)?;
                number
                    .map(|number| Item::Number(-number))
                    .into_iter()
                    .collect()
            }
            Kind::Binary(operator, left, right) => {
                self.binary(*operator, left, right, this, &expression.span)?
            }
        })
    }

    fn step(&self, count: usize, span: &Range<usize>) -> Result<(), PathError> {
        self.steps.set(self.steps.get() + count);
        if self.steps.get() > MOST_STEPS {
            let message = format!("the path takes more than {MOST_STEPS} steps in this resource");
            return Err(PathError::new(message, span.clone())
                .help("narrow it with `where` before it goes into what repeats"));
        }
        Ok(())
    }

    /// What stands in an element under a name: as it is, or as a choice of types.
    fn field(
        &self,
        of: Element<'a>,
        name: &str,
        found: &mut Items<'a>,
        span: &Range<usize>,
    ) -> Result<(), PathError> {
        if name == "extension" && !matches!(of.node.content, Content::Map(_)) {
            let extensions = of.beside.and_then(|beside| beside.get(name));
            let extensions = extensions.map_or(&[][..], Node::items);
            self.step(extensions.len(), span)?;
            found.extend(extensions.iter().map(|one| Item::Element(Element::of(one))));
            return Ok(());
        }
        let Content::Map(entries) = &of.node.content else {
            return Ok(());
        };
        let (mut value, mut beside, mut kind) = (None, None, None);
        for (key, node) in entries {
            let (key, is_beside) = match key.strip_prefix('_') {
                Some(key) => (key, true),
                None => (&**key, false),
            };
            let Some(suffix) = key.strip_prefix(name) else {
                continue;
            };
            let choice = of_suffix(suffix);
            if !suffix.is_empty() && choice.is_none() {
                continue;
            }
            if suffix.is_empty() || kind.is_none() {
                kind = choice;
            }
            *(if is_beside { &mut beside } else { &mut value }) = Some(node);
        }
        if value.is_none() && beside.is_none() {
            return Ok(());
        }
        let beside_items = beside.map_or(&[][..], Node::items);
        let values = value.map_or(&[][..], Node::items);
        self.step(values.len().max(beside_items.len()), span)?;
        for place in 0..values.len().max(beside_items.len()) {
            let node = values.get(place);
            let beside = beside_items
                .get(place)
                .filter(|beside| beside.content != Content::Null);
            if beside.is_some() || node.is_some_and(|node| node.content != Content::Null) {
                let node = node.unwrap_or(NO_VALUE);
                found.push(Item::Element(Element { node, beside, kind }));
            }
        }
        Ok(())
    }

    fn index(
        &self,
        of: &'a Expression,
        index: &'a Expression,
        this: &Item<'a>,
    ) -> Result<Items<'a>, PathError> {
        let mut items = self.items(of, this)?;
        let Some(number) = self.number(index, this)? else {
            return Ok(Vec::new());
        };
        let place = number
            .is_integer()
            .then(|| usize::try_from(number))
            .ok_or_else(|| {
                PathError::new(
                    format!("`{number}` is no place in a list"),
                    index.span.clone(),
                )
            })?;
        Ok(match place {
            Ok(place) if place < items.len() => vec![items.swap_remove(place)],
            _ => Vec::new(),
        })
    }

    fn call(
        &self,
        of: &'a Expression,
        function: &'a Function,
        this: &Item<'a>,
        span: &Range<usize>,
    ) -> Result<Items<'a>, PathError> {
        let mut items = self.items(of, this)?;
        self.step(items.len(), span)?;
        Ok(match function {
            Function::Where(criterion) => self.filtered(items, criterion)?,
            Function::Exists(None) => vec![Item::Boolean(!items.is_empty())],
            Function::Exists(Some(criterion)) => {
                vec![Item::Boolean(!self.filtered(items, criterion)?.is_empty())]
            }
            Function::Empty => vec![Item::Boolean(items.is_empty())],
            Function::First => {
                items.truncate(1);
                items
            }
            Function::Last => items.pop().into_iter().collect(),
            Function::Not => {
                let truth = boolean(&items, span)?;
                truth
                    .map(|truth| Item::Boolean(!truth))
                    .into_iter()
                    .collect()
            }
            Function::Join(separator) => {
                let separator = match separator {
                    Some(separator) => self.text(separator, this)?,
                    None => None,
                };
                let texts: Vec<_> = items.iter().filter_map(Item::text).collect();
                let joined = texts.join(separator.as_deref().unwrap_or(""));
                vec![Item::Text(Cow::Owned(joined))]
            }
            Function::Extension(url) => {
                let url = self.text(url, this)?;
                let mut found = Vec::new();
                for item in items {
                    if let Item::Element(element) = item {
                        self.field(element, "extension", &mut found, span)?;
                    }
                }
                found.retain(|item| {
                    let here = item
                        .element()
                        .and_then(|element| element.node.text_at("url"));
                    here.is_some() && here == url.as_deref()
                });
                found
            }
            Function::OfType(name) => {
                items.retain(|item| is_of_type(item, name));
                items
            }
            Function::Resolve => items.iter().filter_map(|item| self.resolve(item)).collect(),
            Function::ResourceKey => items.iter().filter_map(resource_key).collect(),
            Function::ReferenceKey(kind) => items
                .iter()
                .filter_map(|item| reference_key(item, kind.as_deref()))
                .collect(),
        })
    }

    fn filtered(
        &self,
        items: Items<'a>,
        criterion: &'a Expression,
    ) -> Result<Items<'a>, PathError> {
        let mut kept = Vec::new();
        for item in items {
            let found = self.items(criterion, &item)?;
            if boolean(&found, &criterion.span)? == Some(true) {
                kept.push(item);
            }
        }
        Ok(kept)
    }

    fn resolve(&self, item: &Item<'a>) -> Option<Item<'a>> {
        let element = item.element()?;
        let reference = element
            .node
            .text_at("reference")
            .or_else(|| element.node.text())?;
        let resolver = self.environment.resolver?;
        let found = resolver.resolve(reference, self.root)?;
        Some(Item::Element(Element::of(found)))
    }

    fn number(
        &self,
        expression: &'a Expression,
        this: &Item<'a>,
    ) -> Result<Option<Decimal>, PathError> {
        match self.scalar(expression, this)? {
            None => Ok(None),
            Some(Scalar::Number(number)) => Ok(Some(number)),
            Some(_) => Err(PathError::new(
                "a number is needed here",
                expression.span.clone(),
            )),
        }
    }

    fn text(
        &self,
        expression: &'a Expression,
        this: &Item<'a>,
    ) -> Result<Option<Cow<'a, str>>, PathError> {
        match self.scalar(expression, this)? {
            None => Ok(None),
            Some(Scalar::Text(text)) => Ok(Some(text)),
            Some(_) => Err(PathError::new(
                "a text is needed here",
                expression.span.clone(),
            )),
        }
    }

    /// The one value that an operand gives, or nothing.
    fn scalar(
        &self,
        expression: &'a Expression,
        this: &Item<'a>,
    ) -> Result<Option<Scalar<'a>>, PathError> {
        let mut items = self.items(expression, this)?;
        if items.len() > 1 {
            let message = format!("this gives {} values where one is needed", items.len());
            return Err(PathError::new(message, expression.span.clone())
                .help("`.first()` takes the first, `.where(…)` chooses"));
        }
        match items.pop() {
            Some(item) => as_scalar(item, &expression.span),
            None => Ok(None),
        }
    }

    fn binary(
        &self,
        operator: Operator,
        left: &'a Expression,
        right: &'a Expression,
        this: &Item<'a>,
        span: &Range<usize>,
    ) -> Result<Items<'a>, PathError> {
        let result = match operator {
            Operator::Union => return self.union(left, right, this, span),
            Operator::And | Operator::Or => {
                let decisive = operator == Operator::Or;
                let truth = |side: &'a Expression| {
                    self.items(side, this)
                        .and_then(|items| boolean(&items, &side.span))
                };
                let (one, other) = (truth(left)?, truth(right)?);
                if one == Some(decisive) || other == Some(decisive) {
                    Some(Item::Boolean(decisive))
                } else if one.is_none() || other.is_none() {
                    None
                } else {
                    Some(Item::Boolean(!decisive))
                }
            }
            Operator::Equal | Operator::NotEqual => {
                let is_equal = self.equal(left, right, this)?;
                is_equal.map(|is_equal| Item::Boolean(is_equal == (operator == Operator::Equal)))
            }
            _ => {
                let (Some(one), Some(other)) =
                    (self.number(left, this)?, self.number(right, this)?)
                else {
                    return Ok(Vec::new());
                };
                compute(operator, one, other)
            }
        };
        Ok(result.into_iter().collect())
    }

    /// Both sides, each value once.
    fn union(
        &self,
        left: &'a Expression,
        right: &'a Expression,
        this: &Item<'a>,
        span: &Range<usize>,
    ) -> Result<Items<'a>, PathError> {
        let mut found: Items<'a> = Vec::new();
        let both = self
            .items(left, this)?
            .into_iter()
            .chain(self.items(right, this)?);
        for item in both {
            self.step(1 + found.len(), span)?;
            let is_same = |known: &Item<'a>| match (known.text(), item.text()) {
                (Some(known), Some(item)) => known == item,
                _ => *known == item,
            };
            if !found.iter().any(is_same) {
                found.push(item);
            }
        }
        Ok(found)
    }

    fn equal(
        &self,
        left: &'a Expression,
        right: &'a Expression,
        this: &Item<'a>,
    ) -> Result<Option<bool>, PathError> {
        let (ones, others) = (self.items(left, this)?, self.items(right, this)?);
        if ones.is_empty() || others.is_empty() {
            return Ok(None);
        }
        if ones.len() != others.len() {
            return Ok(Some(false));
        }
        let mut is_equal = true;
        for (one, other) in ones.into_iter().zip(others) {
            let pair = (as_scalar(one, &left.span)?, as_scalar(other, &right.span)?);
            is_equal &= match pair {
                (Some(Scalar::Boolean(one)), Some(Scalar::Boolean(other))) => one == other,
                (Some(Scalar::Number(one)), Some(Scalar::Number(other))) => one == other,
                (Some(Scalar::Text(one)), Some(Scalar::Text(other))) => one == other,
                (None, _) | (_, None) => return Ok(None),
                _ => false,
            };
        }
        Ok(Some(is_equal))
    }
}

fn as_scalar<'a>(item: Item<'a>, span: &Range<usize>) -> Result<Option<Scalar<'a>>, PathError> {
    Ok(match item {
        Item::Boolean(value) => Some(Scalar::Boolean(value)),
        Item::Number(number) => Some(Scalar::Number(number)),
        Item::Text(text) => Some(Scalar::Text(text)),
        Item::Element(element) => match &element.node.content {
            Content::Null => None,
            Content::Boolean(value) => Some(Scalar::Boolean(*value)),
            Content::Text(text) => Some(Scalar::Text(Cow::Borrowed(text))),
            Content::Number(text) => match number::parse(text) {
                Ok(number) => Some(Scalar::Number(number)),
                Err(message) => return Err(PathError::new(message, span.clone())),
            },
            Content::List(_) | Content::Map(_) => {
                return Err(
                    PathError::new("only single values are compared", span.clone())
                        .help("name the part that counts, such as `.code` or `.value`"),
                );
            }
        },
    })
}

/// A result of two numbers; nothing where there is none.
fn compute(operator: Operator, one: Decimal, other: Decimal) -> Option<Item<'static>> {
    let number = match operator {
        Operator::Add => one.checked_add(other),
        Operator::Subtract => one.checked_sub(other),
        Operator::Multiply => one.checked_mul(other),
        Operator::Divide => one.checked_div(other),
        Operator::Less => return Some(Item::Boolean(one < other)),
        Operator::LessOrEqual => return Some(Item::Boolean(one <= other)),
        Operator::Greater => return Some(Item::Boolean(one > other)),
        _ => return Some(Item::Boolean(one >= other)),
    };
    number.map(|number| Item::Number(number.normalize()))
}

/// Whether an item is of a type. Of an element that is no choice the JSON tells only whether it can be.
fn is_of_type(item: &Item<'_>, name: &str) -> bool {
    let is_text = !matches!(
        name,
        "boolean" | "integer" | "decimal" | "positiveInt" | "unsignedInt"
    ) && name.starts_with(|first: char| first.is_ascii_lowercase());
    let element = match item {
        Item::Boolean(_) => return name == "boolean",
        Item::Number(number) => {
            return name == "decimal" || name == "integer" && number.is_integer();
        }
        Item::Text(_) => return is_text,
        Item::Element(element) => element,
    };
    if let Some(kind) = element.kind {
        return kind == name;
    }
    if let Some(kind) = element.node.text_at("resourceType") {
        return kind == name;
    }
    let is_whole = |text: &str| !text.contains(['.', 'e', 'E']);
    match &element.node.content {
        Content::Boolean(_) => name == "boolean",
        Content::Number(text) => match name {
            "decimal" => true,
            "integer" | "positiveInt" | "unsignedInt" => is_whole(text),
            _ => false,
        },
        Content::Text(_) => is_text,
        Content::Null => true,
        Content::Map(_) => {
            name.starts_with(|first: char| first.is_ascii_uppercase()) && data_type(name).is_some()
        }
        Content::List(_) => false,
    }
}

fn resource_key<'a>(item: &Item<'a>) -> Option<Item<'a>> {
    let node = item.element()?.node;
    let (kind, id) = (node.text_at("resourceType")?, node.text_at("id")?);
    Some(Item::Text(Cow::Owned(format!("{kind}/{id}"))))
}

fn reference_key<'a>(item: &Item<'a>, wanted: Option<&str>) -> Option<Item<'a>> {
    let reference = item.element()?.node.text_at("reference")?;
    let (kind, id) = literal_reference(reference)?;
    wanted
        .is_none_or(|wanted| wanted == kind)
        .then(|| Item::Text(Cow::Owned(format!("{kind}/{id}"))))
}

/// Type and id of a relative or absolute reference to a resource, without its version.
pub(crate) fn literal_reference(reference: &str) -> Option<(&str, &str)> {
    let path = reference
        .split_once("/_history/")
        .map_or(reference, |(path, _)| path);
    let mut parts = path.rsplit('/');
    let (id, kind) = (parts.next()?, parts.next()?);
    let is_type = super::RESOURCES.contains(&kind);
    (is_type && !id.is_empty()).then_some((kind, id))
}
