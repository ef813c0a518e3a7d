//! `allow`: what a trial file accepts of the lints' findings, each with its reason.
//!
//! It may stand on a criterion, a fact, a definition, or the whole file, and accepts what is found inside. Here it is seen to
//! that it names lints and says why; [`crate::lint`] applies it.

use crate::diagnostic::catalogue;
use crate::shape::{Fields, NodeReader};

/// Sees to it that every `allow` names a lint and gives a reason.
pub fn check(reader: &mut NodeReader<'_>, fields: Fields<'_>) {
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
