//! `allow`: what a trial file accepts of the lints' findings, each with its reason.
//!
//! It may stand on a criterion, a fact, a definition, or the whole file, and accepts what is found inside. Here it is seen to
//! that it names lints and says why; [`crate::lint`] applies it.

use std::ops::Range;

use crate::diagnostic::catalogue;
use crate::document::Node;
use crate::shape::{Fields, Reader};

/// One accepted kind of finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow {
    /// The lint.
    pub code: &'static str,
    /// Why its findings are accepted.
    pub reason: String,
    /// Where it is written.
    pub span: Range<usize>,
}

/// Sees to it that every `allow` names a lint and gives a reason.
pub fn check(reader: &mut Reader<'_>, fields: Fields<'_>) {
    let Some(node) = fields.get("allow") else {
        return;
    };
    for (key, node) in reader.entries(node, "`allow`").unwrap_or_default() {
        match catalogue::find(&key.name) {
            None => reader.fault(
                "unknown-lint",
                &key.span,
                format!("there is no lint `{}`", key.name),
                Some(catalogue::suggestion(&key.name)),
            ),
            Some(lint) if !lint.acceptable => {
                let message = format!("`{}` is an error, which cannot be accepted", key.name);
                reader.fault(
                    "unknown-lint",
                    &key.span,
                    message,
                    Some(format!("mend it: {}", lint.help)),
                );
            }
            Some(_) => {
                let reason = node
                    .scalar()
                    .map(|scalar| scalar.text.clone())
                    .unwrap_or_default();
                if !reason.chars().any(char::is_alphabetic)
                    || matches!(reason.as_str(), "true" | "false")
                {
                    let message = format!("`allow` does not say why `{}` is accepted", key.name);
                    reader.fault(
                        "allow-without-reason",
                        &node.span,
                        message,
                        Some(format!("write `{}: \"why\"`", key.name)),
                    );
                }
            }
        }
    }
}

/// What the `allow` of a map accepts. The file must have passed [`check`].
#[must_use]
pub fn of(node: &Node) -> Vec<Allow> {
    let entries = node
        .get("allow")
        .and_then(Node::mapping)
        .unwrap_or_default();
    let allow = entries.iter().filter_map(|(key, node)| {
        let lint = catalogue::find(&key.name).filter(|lint| lint.acceptable)?;
        Some(Allow {
            code: lint.code,
            reason: node.scalar()?.text.trim().to_owned(),
            span: key.span.clone(),
        })
    });
    allow.collect()
}
