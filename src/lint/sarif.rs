//! Checked files as SARIF 2.1.0, the format in which code hosts and editors take findings.

use serde_json::{Value as Json, json};

use super::checked::Checked;
use super::positions::Positions;
use crate::diagnostic::catalogue::{LINTS, Lint};
use crate::diagnostic::{Diagnostic, visible};
use crate::json_escape;

/// The files as one SARIF log with a line break behind it.
///
/// # Errors
/// None that a log can cause; the signature is the serializer's.
pub fn render(checked: &[Checked], version: &str) -> serde_json::Result<String> {
    let results = checked.iter().flat_map(|checked| {
        let mut positions = Positions::default();
        let everything = checked.everything();
        everything.map(move |(found, accepted)| result(checked, found, accepted, &mut positions))
    });
    json_escape::document(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "eligo",
                    "version": version,
                    "rules": LINTS.iter().map(rule).collect::<Json>(),
                },
            },
            // Columns count characters, not the units of an encoding.
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Json>(),
        }],
    }))
}

fn rule(lint: &Lint) -> Json {
    json!({
        "id": lint.code,
        "shortDescription": { "text": lint.summary },
        "help": { "text": lint.help },
        "defaultConfiguration": { "level": lint.severity.name() },
        // Whether a trial file can accept it.
        "properties": { "acceptable": lint.acceptable },
    })
}

fn result<'a>(
    checked: &Checked,
    found: &'a Diagnostic,
    accepted: Option<&str>,
    positions: &mut Positions<'a>,
) -> Json {
    let code = found.code.unwrap_or("invalid-trial");
    let (index, rule) = LINTS
        .iter()
        .enumerate()
        .find(|(_, lint)| lint.code == code)
        .map_or((0, code), |(index, lint)| (index, lint.code));
    let message = if found.help.is_empty() {
        found.message.clone()
    } else {
        format!("{}\n{}", found.message, found.help.join("\n"))
    };
    let location = match &found.place {
        Some(place) => {
            let region = positions.region(place);
            json!({
                "artifactLocation": { "uri": uri(&region.file) },
                "region": {
                    "startLine": region.line,
                    "startColumn": region.column,
                    "endLine": region.end_line,
                    "endColumn": region.end_column,
                    "snippet": { "text": region.snippet },
                },
            })
        }
        None => json!({ "artifactLocation": { "uri": uri(&visible(&checked.file)) } }),
    };
    let mut result = json!({
        "ruleId": rule,
        "ruleIndex": index,
        "level": found.severity.name(),
        "message": { "text": message },
        "locations": [{ "physicalLocation": location }],
    });
    if let (Some(reason), Json::Object(parts)) = (accepted, &mut result) {
        let suppression = json!({ "kind": "inSource", "justification": reason });
        parts.insert("suppressions".to_owned(), json!([suppression]));
    }
    result
}

/// A path as a reference: relative as it was given, or a `file` URI where it is absolute.
fn uri(path: &str) -> String {
    let path = if cfg!(windows) {
        path.replace('\\', "/")
    } else {
        path.to_owned()
    };
    let mut uri = String::new();
    if path.starts_with('/') {
        uri.push_str("file://");
    } else if path.as_bytes().get(1) == Some(&b':') {
        uri.push_str("file:///");
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~') {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_references() {
        assert_eq!(uri("criteria/a b.yaml"), "criteria/a%20b.yaml");
        assert_eq!(uri("/trials/é.yaml"), "file:///trials/%C3%A9.yaml");
    }
}
