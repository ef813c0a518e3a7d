//! Checked files as SARIF 2.1.0, the format in which code hosts and editors take findings.

use serde::Serialize;

use super::checked::Checked;
use super::positions::{Positions, Region};
use crate::diagnostic::catalogue::{LINTS, Lint};
use crate::diagnostic::{Diagnostic, Place, visible};
use crate::json_escape;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    /// Columns count characters, not the units of an encoding.
    column_kind: &'static str,
    results: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
struct Driver<'a> {
    name: &'static str,
    version: &'a str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Text,
    help: Text,
    default_configuration: Configuration,
    properties: Properties,
}

#[derive(Serialize)]
struct Properties {
    /// Whether a trial file can accept it.
    acceptable: bool,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding<'a> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression<'a>>,
}

#[derive(Serialize)]
struct Suppression<'a> {
    kind: &'static str,
    justification: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<RegionPart>,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RegionPart {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
    snippet: Text,
}

/// The files as one SARIF log with a line break behind it.
///
/// # Errors
/// None that a log can cause; the signature is the serializer's.
pub fn render(checked: &[Checked], version: &str) -> serde_json::Result<String> {
    let mut results = Vec::new();
    for checked in checked {
        let mut positions = Positions::default();
        results.extend(
            checked
                .findings
                .iter()
                .map(|found| finding(checked, found, None, &mut positions)),
        );
        results.extend(checked.accepted.iter().map(|accepted| {
            finding(
                checked,
                &accepted.finding,
                Some(&accepted.reason),
                &mut positions,
            )
        }));
    }
    let driver = Driver {
        name: "eligo",
        version,
        rules: LINTS.iter().map(rule).collect(),
    };
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver },
            column_kind: "unicodeCodePoints",
            results,
        }],
    };
    json_escape::to_string_pretty(&log).map(|json| json + "\n")
}

fn rule(lint: &Lint) -> Rule {
    Rule {
        id: lint.code,
        short_description: Text {
            text: lint.summary.to_owned(),
        },
        help: Text {
            text: lint.help.to_owned(),
        },
        default_configuration: Configuration {
            level: lint.severity.name(),
        },
        properties: Properties {
            acceptable: lint.acceptable,
        },
    }
}

fn finding<'a>(
    checked: &Checked,
    found: &'a Diagnostic,
    accepted: Option<&'a str>,
    positions: &mut Positions<'a>,
) -> Finding<'a> {
    let code = found.code.unwrap_or("invalid-trial");
    let (rule_index, rule) = LINTS
        .iter()
        .enumerate()
        .find(|(_, lint)| lint.code == code)
        .map_or((0, code), |(index, lint)| (index, lint.code));
    let message = if found.help.is_empty() {
        found.message.clone()
    } else {
        format!("{}\n{}", found.message, found.help.join("\n"))
    };
    Finding {
        rule_id: rule,
        rule_index,
        level: found.severity.name(),
        message: Text { text: message },
        locations: vec![location(checked, found.place.as_ref(), positions)],
        suppressions: accepted
            .map(|justification| Suppression {
                kind: "inSource",
                justification,
            })
            .into_iter()
            .collect(),
    }
}

fn location<'a>(
    checked: &Checked,
    place: Option<&'a Place>,
    positions: &mut Positions<'a>,
) -> Location {
    let Some(place) = place else {
        return Location {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation {
                    uri: uri(&visible(&checked.file)),
                },
                region: None,
            },
        };
    };
    let Region {
        file,
        line,
        column,
        end_line,
        end_column,
        snippet,
    } = positions.region(place);
    let region = RegionPart {
        start_line: line,
        start_column: column,
        end_line,
        end_column,
        snippet: Text { text: snippet },
    };
    Location {
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation { uri: uri(&file) },
            region: Some(region),
        },
    }
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
