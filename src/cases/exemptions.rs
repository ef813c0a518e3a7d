//! What a file of cases excepts from mutation and coverage: changes that change nothing, truths that cannot be reached.
//! Each says why, and each must still be needed.

use std::ops::Range;

use crate::diagnostic::did_you_mean;
use crate::document::Node;
use crate::shape::Reader;
use crate::trial::Trial;
use crate::value::text::one_line;

const TRUTHS: [&str; 7] = [
    "true",
    "false",
    "unknown",
    "taken",
    "pass",
    "fail",
    "not_applicable",
];

/// What is excepted.
#[derive(Debug, Default)]
pub struct Exemptions {
    /// Changes of a rule that leave its meaning as it is.
    pub equivalent: Vec<Equivalent>,
    /// Truths that a part of a rule cannot have.
    pub unreachable: Vec<Unreachable>,
}

/// A change that leaves the meaning of a rule as it is.
#[derive(Debug, Clone)]
pub struct Equivalent {
    /// The criterion, the definition, or `trial`.
    pub owner: String,
    /// What is changed.
    pub was: String,
    /// Into what; none where it is left out.
    pub now: Option<String>,
    /// Why that changes nothing.
    pub why: String,
    /// Where the file of cases says so.
    pub span: Range<usize>,
}

/// A truth that a part of a rule cannot have.
#[derive(Debug, Clone)]
pub struct Unreachable {
    /// The criterion, the definition, or `trial`.
    pub owner: String,
    /// The part; for a verdict, the id of the criterion.
    pub expression: String,
    /// The truth or verdict.
    pub truth: String,
    /// Why it cannot have it.
    pub why: String,
    /// Where the file of cases says so.
    pub span: Range<usize>,
}

pub(super) fn read(reader: &mut Reader<'_>, document: &Node, trial: &Trial) -> Exemptions {
    let mut exemptions = Exemptions::default();
    let criteria = trial.all_criteria();
    let mut owners: Vec<&str> = criteria
        .iter()
        .map(|criterion| criterion.id.as_str())
        .collect();
    owners.extend(
        trial
            .definitions
            .iter()
            .map(|definition| definition.name.as_str()),
    );
    owners.push("trial");
    for node in document
        .get("equivalent")
        .map(|node| reader.list(node, "`equivalent`"))
        .unwrap_or_default()
    {
        let what = "an entry of `equivalent`";
        let Some(entry) = Entry::new(reader, node, what, &["in", "was", "now", "why"], &owners)
        else {
            continue;
        };
        let now = entry
            .fields
            .get("now")
            .and_then(|node| reader.text(node, "`now`"))
            .map(|now| one_line(&now));
        if let (Some(was), Some(why)) = (
            entry.text(reader, "was", what),
            entry.text(reader, "why", what),
        ) {
            exemptions.equivalent.push(Equivalent {
                owner: entry.owner,
                was: one_line(&was),
                now,
                why,
                span: entry.span,
            });
        }
    }
    for node in document
        .get("unreachable")
        .map(|node| reader.list(node, "`unreachable`"))
        .unwrap_or_default()
    {
        let what = "an entry of `unreachable`";
        let Some(entry) = Entry::new(
            reader,
            node,
            what,
            &["in", "expression", "truth", "why"],
            &owners,
        ) else {
            continue;
        };
        let (expression, truth, why) = (
            entry.text(reader, "expression", what),
            entry.text(reader, "truth", what),
            entry.text(reader, "why", what),
        );
        let (Some(expression), Some(truth), Some(why)) = (expression, truth, why) else {
            continue;
        };
        if !TRUTHS.contains(&truth.as_str()) {
            let span = entry
                .fields
                .get("truth")
                .map_or(entry.span.clone(), |node| node.span.clone());
            reader.error(
                &span,
                format!("`{truth}` is not a truth or a verdict"),
                did_you_mean(&truth, TRUTHS),
            );
        }
        exemptions.unreachable.push(Unreachable {
            owner: entry.owner,
            expression: one_line(&expression),
            truth,
            why,
            span: entry.span,
        });
    }
    exemptions
}

/// An entry of either list: whose rule it is about, and where it stands.
struct Entry<'n> {
    fields: crate::shape::Fields<'n>,
    owner: String,
    span: Range<usize>,
}

impl<'n> Entry<'n> {
    fn new(
        reader: &mut Reader<'_>,
        node: &'n Node,
        what: &str,
        keys: &[&str],
        owners: &[&str],
    ) -> Option<Self> {
        let fields = reader.fields(node, what, keys)?;
        let named = reader.required(fields, "in", what)?;
        let owner = reader.text(named, "`in`")?;
        if !owners.contains(&owner.as_str()) {
            let help = did_you_mean(&owner, owners.iter().copied());
            reader.error(
                &named.span,
                format!("there is no criterion or definition `{owner}`"),
                help,
            );
        }
        Some(Self {
            fields,
            owner,
            span: named.span.clone(),
        })
    }

    fn text(&self, reader: &mut Reader<'_>, key: &str, what: &str) -> Option<String> {
        reader.required_text(self.fields, key, what)
    }
}
