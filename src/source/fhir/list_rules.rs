//! What a source file says of a list → the fields of its items, and what says that there are none.

use std::sync::Arc;

use super::super::rule;
use super::code_map::CodeMap;
use super::rules::Compiler;
use super::{FieldRule, NoneRule, ValueRule};
use crate::diagnostic::{Place, did_you_mean};
use crate::document::{Content, Key};
use crate::facts::{Fact, ItemKind, Kind};
use crate::shape::{Fields, NodeReader};

const FIELD_KEYS: [&str; 4] = ["value", "map", "missing", "units"];

impl Compiler {
    pub(super) fn items(
        &mut self,
        reader: &mut NodeReader<'_>,
        fields: Fields<'_>,
        fact: &Arc<Fact>,
    ) -> Vec<FieldRule> {
        let Kind::List(kind) = &fact.kind else {
            return Vec::new();
        };
        let ItemKind::Fields(declared) = &**kind else {
            if let Some(node) = fields.get("items") {
                let message = format!("each item of `{}` is one value; write `value`", fact.path);
                reader.error(&node.span, message, None);
            }
            return Vec::new();
        };
        let Some(node) = reader.required(fields, "items", &format!("`{}`", fact.path)) else {
            return Vec::new();
        };
        let mut items = Vec::new();
        for (key, node) in reader.entries(node, "`items`").unwrap_or_default() {
            let Some(field) = self.field(reader, fact, declared, key) else {
                continue;
            };
            let rule = match &node.content {
                Content::Mapping(_) => {
                    let what = format!("`{}`", key.name);
                    reader.fields(node, &what, &FIELD_KEYS).and_then(|fields| {
                        let path = reader.required(fields, "value", &what)?;
                        let path = self.paths(reader, path)?;
                        Some(self.value_rule(reader, fields, &field, Some(path)))
                    })
                }
                _ => self.paths(reader, node).map(|path| {
                    let mut map = CodeMap::default();
                    self.declared(&field, &mut map);
                    ValueRule {
                        path: Some(path),
                        map,
                        units: self.units.clone(),
                    }
                }),
            };
            if let Some(value) = rule {
                items.push(FieldRule { field, value });
            }
        }
        items
    }

    pub(super) fn field(
        &self,
        reader: &mut NodeReader<'_>,
        fact: &Fact,
        declared: &[Fact],
        key: &Key,
    ) -> Option<Arc<Fact>> {
        let found = declared.iter().find(|field| field.name() == key.name);
        if found.is_none() {
            let names = declared.iter().map(Fact::name);
            let help = did_you_mean(&key.name, names);
            let message = format!("an item of `{}` has no field `{}`", fact.path, key.name);
            reader.fault("unknown-key", &key.span, message, help);
        }
        found.map(|field| Arc::new(field.clone()))
    }

    /// What is said of every item.
    pub(super) fn constants(
        &self,
        reader: &mut NodeReader<'_>,
        fields: Fields<'_>,
        fact: &Arc<Fact>,
        place: &Place,
    ) -> Vec<(Arc<Fact>, String, Place)> {
        let (Some(node), Kind::List(kind)) = (fields.get("with"), &fact.kind) else {
            return Vec::new();
        };
        let ItemKind::Fields(declared) = &**kind else {
            return Vec::new();
        };
        let mut constants = Vec::new();
        for (key, node) in reader.entries(node, "`with`").unwrap_or_default() {
            let field = self.field(reader, fact, declared, key);
            if let (Some(field), Some(value)) = (field, reader.text(node, "a value"))
                && rule::try_value(reader, node.span.clone(), &field, &value, &None)
            {
                constants.push((field, value, place.clone()));
            }
        }
        constants
    }

    pub(super) fn none_if(
        &mut self,
        reader: &mut NodeReader<'_>,
        fields: Fields<'_>,
        from: &str,
    ) -> Vec<NoneRule> {
        let Some(node) = fields.get("none_if") else {
            return Vec::new();
        };
        let items = match &node.content {
            Content::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let mut rules = Vec::new();
        for item in items {
            let rule = match &item.content {
                Content::Mapping(_) => reader
                    .fields(item, "`none_if`", &["from", "where"])
                    .and_then(|fields| {
                        let from = self.resource(reader, fields, "`none_if`")?;
                        let path = reader.required(fields, "where", "`none_if`")?;
                        Some((from, self.path(reader, path)?))
                    }),
                _ => self.path(reader, item).map(|path| (from.to_owned(), path)),
            };
            rules.extend(rule.map(|(from, path)| NoneRule { from, path }));
        }
        rules
    }
}
