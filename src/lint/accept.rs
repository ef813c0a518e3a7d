//! What a trial file accepts of the findings: `allow` on a criterion, a fact, a definition, or the whole file accepts what is
//! found inside.

use std::ops::Range;
use std::sync::Arc;

use super::{Accepted, Cases, Findings};
use crate::diagnostic::{Diagnostic, Source, catalogue};
use crate::document::{Content, Node};

/// An entry of an `allow`.
pub struct Allow {
    /// The lint.
    code: &'static str,
    /// Why its findings are accepted.
    reason: String,
    /// Where it is written.
    span: Range<usize>,
    /// Bytes of the trial file in which findings are accepted; none for the whole file and its cases.
    extent: Option<Range<usize>>,
    used: bool,
}

/// Every `allow` of a trial file that was compiled, those inside others behind them.
pub fn all(document: &Node) -> Vec<Allow> {
    let mut found = Vec::new();
    entries(document, || None, &mut found);
    let parts = ["facts", "define", "criteria"].into_iter();
    for part in parts.filter_map(|key| document.get(key)) {
        within(part, &mut found);
    }
    found
}

fn within(node: &Node, found: &mut Vec<Allow>) {
    let parts: Vec<(usize, &Node)> = match &node.content {
        Content::Mapping(entries) => entries
            .iter()
            .map(|(key, node)| (key.span.start, node))
            .collect(),
        Content::Sequence(items) => items.iter().map(|node| (node.span.start, node)).collect(),
        _ => Vec::new(),
    };
    for (start, part) in parts {
        entries(part, || Some(start..end(part)), found);
        within(part, found);
    }
}

/// The entries of the `allow` of a map.
fn entries(node: &Node, extent: impl Fn() -> Option<Range<usize>>, found: &mut Vec<Allow>) {
    let allow = node.get("allow").and_then(Node::mapping);
    found.extend(allow.unwrap_or_default().iter().filter_map(|(key, why)| {
        let lint = catalogue::find(&key.name).filter(|lint| lint.acceptable)?;
        Some(Allow {
            code: lint.code,
            reason: why.scalar()?.text.trim().to_owned(),
            span: key.span.clone(),
            extent: extent(),
            used: false,
        })
    }));
}

/// Where the last part of a node ends.
fn end(node: &Node) -> usize {
    let inside = match &node.content {
        Content::Mapping(entries) => entries.iter().map(|(_, node)| end(node)).max(),
        Content::Sequence(items) => items.iter().map(end).max(),
        _ => None,
    };
    inside.map_or(node.span.end, |inside| inside.max(node.span.end))
}

impl Allow {
    /// Whether it accepts a finding at this byte of the trial file; without one, a finding in the cases.
    fn accepts(&self, finding: &Diagnostic, at: Option<usize>) -> bool {
        finding.code == Some(self.code)
            && match (&self.extent, at) {
                (None, _) => true,
                (Some(extent), Some(at)) => extent.contains(&at),
                // What is found in the cases can only be accepted for the whole file.
                (Some(_), None) => false,
            }
    }
}

/// Parts what the trial file accepts from what it does not, each in the order of the text, and finds what it accepts in vain.
pub fn part(
    found: Vec<Diagnostic>,
    source: &Arc<Source>,
    mut allowed: Vec<Allow>,
    cases: Cases<'_>,
) -> Findings {
    let mut findings = Findings::default();
    for finding in found {
        let place = finding.place.as_ref();
        let at = place.filter(|place| Arc::ptr_eq(&place.source, source));
        let at = at.map(|place| place.span.start);
        // The last that matches is the innermost one.
        let mut innermost = allowed.iter_mut().rev();
        match innermost.find(|allow| allow.accepts(&finding, at)) {
            Some(allow) => {
                allow.used = true;
                let reason = allow.reason.clone();
                findings.accepted.push(Accepted { finding, reason });
            }
            None => findings.open.push(finding),
        }
    }
    for allow in allowed.iter().filter(|allow| !allow.used) {
        // Without the cases it is not known what they would have shown.
        let of_cases = matches!(
            allow.code,
            "untested-criterion" | "repeated-case" | "no-cases"
        );
        if !(of_cases && matches!(cases, Cases::Unreadable)) {
            let finding =
                Diagnostic::warning(format!("nothing here is accepted by `{}`", allow.code))
                    .code("unused-allow");
            findings.open.push(
                finding
                    .at(source, allow.span.clone())
                    .help("delete it, so that it does not accept what is found later"),
            );
        }
    }
    let key = |finding: &Diagnostic| {
        finding
            .place
            .as_ref()
            .map(|place| (!Arc::ptr_eq(&place.source, source), place.span.start))
    };
    findings.open.sort_by_key(key);
    findings
        .accepted
        .sort_by_key(|accepted| key(&accepted.finding));
    findings
}
