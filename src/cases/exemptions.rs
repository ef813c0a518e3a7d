//! What a file of cases excepts from mutation and coverage: changes that change nothing, truths that cannot be reached.
//! Each says why, and each must still be needed.

use std::ops::Range;

use crate::diagnostic::did_you_mean;
use crate::document::Node;
use crate::shape::{Fields, NodeReader};
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

pub(super) fn read(reader: &mut NodeReader<'_>, document: &Node, trial: &Trial) -> Exemptions {
    let criteria = trial.all_criteria().into_iter();
    let criteria = criteria.map(|criterion| criterion.id.as_str());
    let definitions = trial.definitions.iter();
    let definitions = definitions.map(|definition| definition.name.as_str());
    let owners: Vec<&str> = criteria.chain(definitions).chain(["trial"]).collect();
    let mut exemptions = Exemptions::default();
    for node in list(reader, document, "equivalent") {
        let found = equivalent(reader, node, &owners);
        exemptions.equivalent.extend(found);
    }
    for node in list(reader, document, "unreachable") {
        let found = unreachable(reader, node, &owners);
        exemptions.unreachable.extend(found);
    }
    exemptions
}

/// The entries of a list of the file; none where it is not there.
fn list<'n>(reader: &mut NodeReader<'_>, document: &'n Node, key: &str) -> &'n [Node] {
    let node = document.get(key);
    node.map_or(&[], |node| reader.list(node, &format!("`{key}`")))
}

fn equivalent(reader: &mut NodeReader<'_>, node: &Node, owners: &[&str]) -> Option<Equivalent> {
    let what = "an entry of `equivalent`";
    let fields = reader.fields(node, what, &["in", "was", "now", "why"])?;
    let (owner, span) = owner(reader, fields, what, owners)?;
    let now = fields
        .get("now")
        .and_then(|node| reader.text(node, "`now`"));
    let was = reader.required_text(fields, "was", what);
    let why = reader.required_text(fields, "why", what);
    Some(Equivalent {
        owner,
        was: one_line(&was?),
        now: now.as_deref().map(one_line),
        why: why?,
        span,
    })
}

fn unreachable(reader: &mut NodeReader<'_>, node: &Node, owners: &[&str]) -> Option<Unreachable> {
    let what = "an entry of `unreachable`";
    let fields = reader.fields(node, what, &["in", "expression", "truth", "why"])?;
    let (owner, span) = owner(reader, fields, what, owners)?;
    let expression = reader.required_text(fields, "expression", what);
    let truth = reader.required_text(fields, "truth", what);
    let why = reader.required_text(fields, "why", what);
    let (expression, truth, why) = (one_line(&expression?), truth?, why?);
    if !TRUTHS.contains(&truth.as_str()) {
        let place = fields.get("truth").map_or(&span, |node| &node.span);
        reader.error(
            place,
            format!("`{truth}` is not a truth or a verdict"),
            did_you_mean(&truth, TRUTHS),
        );
    }
    Some(Unreachable {
        owner,
        expression,
        truth,
        why,
        span,
    })
}

/// Whose rule an entry is about, and where it says so.
fn owner(
    reader: &mut NodeReader<'_>,
    fields: Fields<'_>,
    what: &str,
    owners: &[&str],
) -> Option<(String, Range<usize>)> {
    let named = reader.required(fields, "in", what)?;
    let owner = reader.text(named, "`in`")?;
    if !owners.contains(&owner.as_str()) {
        reader.error(
            &named.span,
            format!("there is no criterion or definition `{owner}`"),
            did_you_mean(&owner, owners.iter().copied()),
        );
    }
    Some((owner, named.span.clone()))
}
