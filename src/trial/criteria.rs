//! The `criteria` of a trial file → compiled [`Criterion`]s.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::conditions::{ConditionRef, Role};
use super::{Condition, Criterion, Doubt, Group, Need, Reading, Remark, Rule, Side, Trial, allow};
use crate::cql::{self, ExpressionError, Names, Scope, Type};
use crate::diagnostic::{Place, lookalike};
use crate::document::spans::KeySpans;
use crate::document::{Key, Node, offset_in_source};
use crate::facts::FactId;
use crate::shape::{Fields, NodeReader};

pub(crate) const KEYS: [&str; 19] = [
    "id",
    "title",
    "text",
    "plain",
    "basis",
    "notes",
    "applies",
    "require",
    "exclude",
    "readings",
    "questions",
    "all",
    "any",
    "at_least",
    "conflicts",
    "doubts",
    "cautions",
    "closed_world",
    "allow",
];

/// Compiles criteria against the names that they may use.
pub struct Compiler<'r, 'a> {
    /// The trial file.
    pub reader: &'r mut NodeReader<'a>,
    pub(super) names: Names<'r>,
    ids: HashMap<String, Range<usize>>,
}

impl<'r, 'a> Compiler<'r, 'a> {
    /// A compiler for one trial file.
    pub fn new(reader: &'r mut NodeReader<'a>, names: Names<'r>) -> Self {
        Self {
            reader,
            names,
            ids: HashMap::new(),
        }
    }

    /// `criteria`, both sides.
    pub fn criteria(&mut self, node: &Node) -> Vec<Criterion> {
        let Some(fields) = self
            .reader
            .fields(node, "`criteria`", &["inclusion", "exclusion"])
        else {
            return Vec::new();
        };
        let mut criteria = Vec::new();
        for (side, key) in [
            (Side::Inclusion, "inclusion"),
            (Side::Exclusion, "exclusion"),
        ] {
            if let Some(node) = fields.get(key) {
                for node in self.reader.list(node, &format!("`{key}`")) {
                    if self.reader.full() {
                        break;
                    }
                    criteria.extend(self.criterion(node, side, None));
                }
            }
        }
        if criteria.is_empty() && !self.reader.failed() {
            self.reader.error(
                &node.span,
                "a trial file needs at least one criterion",
                None,
            );
        }
        criteria
    }

    fn criterion(&mut self, node: &Node, side: Side, parent: Option<&str>) -> Option<Criterion> {
        let named = node
            .get("id")
            .and_then(|id| id.scalar())
            .map_or("a criterion".to_owned(), |id| {
                format!("criterion {}", id.text)
            });
        let fields = self.reader.fields(node, &named, &KEYS)?;
        let id_node = self.reader.required(fields, "id", "a criterion")?;
        let id = self.reader.text(id_node, "`id`")?;
        self.check_id(&id, &id_node.span);
        let (title, text) = self.words(fields, parent.is_some(), &named);
        let closed_world = self.closed_world(fields, &named);
        allow::check(self.reader, fields);
        let scope = if closed_world.is_some() {
            Scope::Free
        } else {
            Scope::Rule
        };
        let applies = fields
            .get("applies")
            .and_then(|node| self.condition(node, scope));
        let (rule, questions) = match fields.get("questions") {
            Some(node) => self.asking(fields, node, side, scope, &named),
            None => (self.rule(fields, side, scope, &named), None),
        };
        let group = self.group(fields, side, &id, &named);
        if rule.is_some() && group.is_some() && side == Side::Exclusion {
            self.reader.error(
                &fields.span(),
                format!("{named} has a condition and sub-criteria"),
                Some("make the condition a sub-criterion of its own".into()),
            );
        }
        self.check_rule(fields, side, &named);
        let notes = self.notes(fields);
        Some(Criterion {
            side,
            title,
            text,
            plain: self.reader.optional_text(fields, "plain"),
            basis: self.reader.optional_text(fields, "basis"),
            notes,
            applies,
            rule,
            questions,
            group,
            conflicts: self.remarks(fields.get("conflicts"), "conflicts"),
            doubts: self.doubts(fields.get("doubts")),
            cautions: self.remarks(fields.get("cautions"), "cautions"),
            closed_world,
            spans: KeySpans::of(node, &KEYS),
            id,
        })
    }

    /// Its title, and the protocol's words. A sub-criterion may go by its own words.
    fn words(
        &mut self,
        fields: Fields<'_>,
        is_part: bool,
        named: &str,
    ) -> (String, Option<String>) {
        let text = self.reader.optional_text(fields, "text");
        let written = fields.get("text");
        if text.is_none() && (!is_part || written.is_some()) {
            let span = written.map_or_else(|| fields.span(), |node| node.span.clone());
            let message = format!("{named} needs `text`, the protocol's words");
            self.reader.fault("rule-without-text", &span, message, None);
        }
        let title = self.reader.optional_text(fields, "title");
        let title = title.or_else(|| text.clone().filter(|_| is_part));
        if title.is_none() {
            let message = format!("{named} needs a `title`, its short name in the table");
            let span = fields.span();
            self.reader.fault("missing-key", &span, message, None);
        }
        // Without a title the file is refused.
        (title.unwrap_or_else(|| named.to_owned()), text)
    }

    /// That something is demanded.
    fn check_rule(&mut self, fields: Fields<'_>, side: Side, named: &str) {
        const RULES: [&str; 7] = [
            "require",
            "exclude",
            "readings",
            "questions",
            "all",
            "any",
            "at_least",
        ];
        if RULES.iter().all(|key| fields.get(key).is_none()) {
            let (verb, _) = verbs(side);
            self.reader.fault(
                "text-without-rule",
                &fields.span(),
                format!("{named} has no rule"),
                Some(format!(
                    "write `{verb}`, `readings`, or sub-criteria under `all` or `any`"
                )),
            );
        }
    }

    fn notes(&mut self, fields: Fields<'_>) -> Vec<String> {
        let Some(node) = fields.get("notes") else {
            return Vec::new();
        };
        if node.scalar().is_some() {
            return self.reader.text(node, "`notes`").into_iter().collect();
        }
        let notes = self.reader.list(node, "`notes`").iter();
        notes
            .filter_map(|node| self.reader.text(node, "a note"))
            .collect()
    }

    fn check_id(&mut self, id: &str, span: &Range<usize>) {
        let simple = !id.is_empty()
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
        if !simple || id == "eligibility" || id == "trial" {
            let help = lookalike::explain(id)
                .unwrap_or_else(|| "write letters and digits, such as `I1` or `E6a`".into());
            self.reader.fault(
                "bad-name",
                span,
                format!("`{id}` cannot be the id of a criterion"),
                Some(help),
            );
        }
        if let Some(first) = self.ids.insert(id.to_owned(), span.clone()) {
            let (line, _) = Place {
                source: self.reader.source.clone(),
                span: first,
            }
            .line_column();
            self.reader.fault(
                "duplicate-id",
                span,
                format!("criterion `{id}` stands twice"),
                Some(format!("it is already on line {line}")),
            );
        }
    }

    /// Why silence may be read as an answer: words, since a report prints them.
    fn closed_world(&mut self, fields: Fields<'_>, named: &str) -> Option<String> {
        let node = fields.get("closed_world")?;
        let reason = self
            .reader
            .optional_text(fields, "closed_world")
            .unwrap_or_default();
        if !reason.chars().any(char::is_alphabetic)
            || matches!(
                reason.to_lowercase().as_str(),
                "true" | "yes" | "on" | "false" | "no" | "off"
            )
        {
            let message = format!("{named} does not say why silence may be read as an answer");
            let help = "write the reason: `closed_world: \"the registry lists every carrier\"`";
            self.reader.fault(
                "closed-world-without-reason",
                &node.span,
                message,
                Some(help.into()),
            );
        }
        Some(reason)
    }

    /// The condition that is written as `require`, `exclude` or `readings`.
    fn rule(&mut self, fields: Fields<'_>, side: Side, scope: Scope, named: &str) -> Option<Rule> {
        let single = self.single(fields, side, scope, named);
        let Some(node) = fields.get("readings") else {
            return single.map(Rule::Single);
        };
        if single.is_some() {
            self.reader.error(
                &node.span,
                format!("{named} has a condition and readings"),
                Some("put the condition into one of the readings".into()),
            );
        }
        let entries = self.reader.entries(node, "`readings`")?;
        let mut readings = Vec::new();
        for (key, node) in entries {
            readings.extend(self.reading(key, node, side, scope));
        }
        if entries.len() < 2 {
            self.reader.error(
                &node.span,
                format!("{named} has fewer than two readings"),
                Some("one reading is a plain `require` or `exclude`".into()),
            );
        } else if readings.len() == entries.len()
            && readings.iter().all(|reading| reading.by_site_only)
        {
            self.reader.error(
                &node.span,
                format!("every reading of {named} is `by_site_only`"),
                Some("without a site policy there would be none".into()),
            );
        }
        Some(Rule::Readings(readings))
    }

    fn reading(&mut self, key: &Key, node: &Node, side: Side, scope: Scope) -> Option<Reading> {
        let what = format!("reading `{}`", key.name);
        self.check_name(&key.name, &key.span, "a reading");
        let keys = ["say", "basis", "require", "exclude", "by_site_only"];
        let fields = self.reader.fields(node, &what, &keys)?;
        let say = self.reader.required_text(fields, "say", &what);
        let condition = self.single(fields, side, scope, &what);
        if condition.is_none() && fields.get("require").is_none() && fields.get("exclude").is_none()
        {
            self.reader
                .error(&fields.span(), format!("{what} has no condition"), None);
        }
        let basis = self.reader.optional_text(fields, "basis");
        let by_site_only = self.reader.flag(fields, "by_site_only");
        Some(Reading {
            name: key.name.clone(),
            say: say?,
            basis,
            condition: condition?,
            by_site_only,
            picks: Vec::new(),
            span: key.span.clone(),
        })
    }

    pub(super) fn single(
        &mut self,
        fields: Fields<'_>,
        side: Side,
        scope: Scope,
        named: &str,
    ) -> Option<Condition> {
        self.check_verb(fields, side, named);
        let right = verbs(side).0;
        fields
            .get(right)
            .and_then(|node| self.condition(node, scope))
    }

    /// That the condition is called what it is on its side.
    pub(super) fn check_verb(&mut self, fields: Fields<'_>, side: Side, named: &str) {
        let (right, wrong) = verbs(side);
        if let Some(node) = fields.get(wrong) {
            let help = format!(
                "an {} criterion says `{right}`: the condition under which it {}",
                side.name(),
                if side == Side::Inclusion {
                    "is met"
                } else {
                    "excludes"
                }
            );
            self.reader
                .error(&node.span, format!("{named} says `{wrong}`"), Some(help));
        }
    }

    fn group(&mut self, fields: Fields<'_>, side: Side, id: &str, named: &str) -> Option<Group> {
        let mut found = Vec::new();
        for (key, need) in [("all", Need::All), ("any", Need::Any)] {
            found.extend(fields.get(key).map(|node| (need, node)));
        }
        if let Some(node) = fields.get("at_least")
            && let Some(fields) = self.reader.fields(node, "`at_least`", &["n", "of"])
        {
            let n = self.reader.required(fields, "n", "`at_least`");
            let of = self.reader.required(fields, "of", "`at_least`");
            if let (Some(n), Some(of)) = (n, of) {
                let most = self.reader.list(of, "`of`").len();
                match self
                    .reader
                    .text(n, "`n`")
                    .and_then(|text| text.parse().ok())
                    .filter(|n| (1..=most).contains(n))
                {
                    Some(n) => found.push((Need::AtLeast(n), of)),
                    None => self.reader.error(
                        &n.span,
                        format!(
                            "`n` must be a number from 1 to {most}, the number of sub-criteria"
                        ),
                        None,
                    ),
                }
            }
        }
        if found.len() > 1 {
            self.reader.error(
                &fields.span(),
                format!("{named} has more than one of `all`, `any`, `at_least`"),
                Some("nest one in the other".into()),
            );
        }
        let (need, node) = found.into_iter().next()?;
        let criteria: Vec<Criterion> = self
            .reader
            .list(node, "sub-criteria")
            .iter()
            .filter_map(|node| self.criterion(node, side, Some(id)))
            .collect();
        if criteria.is_empty() && !self.reader.failed() {
            self.reader.error(
                &node.span,
                format!("{named} has an empty list of sub-criteria"),
                None,
            );
        }
        Some(Group { need, criteria })
    }

    /// `cautions` or `conflicts`.
    pub fn remarks(&mut self, node: Option<&Node>, key: &str) -> Vec<Remark> {
        let Some(node) = node else { return Vec::new() };
        let mut remarks = Vec::new();
        for node in self.reader.list(node, &format!("`{key}`")) {
            let what = format!("an entry of `{key}`");
            let Some(fields) = self.reader.fields(node, &what, &["when", "say", "basis"]) else {
                continue;
            };
            remarks.extend(self.remark(fields, &what));
        }
        remarks
    }

    fn remark(&mut self, fields: Fields<'_>, what: &str) -> Option<Remark> {
        let when = self
            .reader
            .required(fields, "when", what)
            .and_then(|node| self.condition(node, Scope::Free));
        let say = self.reader.required_text(fields, "say", what);
        let basis = self.reader.optional_text(fields, "basis");
        let when = when?;
        let mut remark = Remark {
            requires: Vec::new(),
            facts: Vec::new(),
            when,
            say: say?,
            basis,
        };
        remark.note(self.names.expressions);
        Some(remark)
    }

    /// `doubts`: remarks with an id, under which a site can settle them.
    fn doubts(&mut self, node: Option<&Node>) -> Vec<Doubt> {
        let Some(node) = node else { return Vec::new() };
        let mut doubts: Vec<Doubt> = Vec::new();
        for node in self.reader.list(node, "`doubts`") {
            let what = "an entry of `doubts`";
            let Some(fields) = self
                .reader
                .fields(node, what, &["id", "when", "say", "basis"])
            else {
                continue;
            };
            let Some(id_node) = self.reader.required(fields, "id", what) else {
                continue;
            };
            let Some(id) = self.reader.text(id_node, "`id`") else {
                continue;
            };
            self.check_name(&id, &id_node.span, "a doubt");
            if doubts.iter().any(|doubt| doubt.id == id) {
                self.reader.fault(
                    "duplicate-id",
                    &id_node.span,
                    format!("the doubt `{id}` stands twice"),
                    Some("a site settles a doubt by its id: choose another".into()),
                );
            }
            if let Some(remark) = self.remark(fields, what) {
                doubts.push(Doubt { id, remark });
            }
        }
        doubts
    }

    /// The name of a doubt, a reading or a question.
    pub(super) fn check_name(&mut self, name: &str, span: &Range<usize>, of: &str) {
        if !super::facts::is_name(name) {
            let help = lookalike::explain(name)
                .unwrap_or_else(|| "names are lower-case letters a to z, digits and `_`".into());
            self.reader.fault(
                "bad-name",
                span,
                format!("`{name}` cannot name {of}"),
                Some(help),
            );
        }
    }

    pub(super) fn condition(&mut self, node: &Node, scope: Scope) -> Option<Condition> {
        let text = self.reader.text(node, "a condition")?;
        match cql::compile(&text, self.names, scope, Some(&Type::Boolean)) {
            Ok(expression) => Some(Condition {
                expression,
                text,
                span: node.span.clone(),
            }),
            Err(errors) => {
                report(self.reader, node, &text, errors);
                None
            }
        }
    }
}

/// What the condition of a criterion is called on its side, and on the other.
pub(crate) fn verbs(side: Side) -> (&'static str, &'static str) {
    match side {
        Side::Inclusion => ("require", "exclude"),
        Side::Exclusion => ("exclude", "require"),
    }
}

/// Errors inside an expression, each at its place in the file.
pub fn report(reader: &mut NodeReader<'_>, node: &Node, text: &str, errors: Vec<ExpressionError>) {
    let source = &reader.source.text;
    let at = |offset: usize| offset_in_source(source, &node.span, text, offset);
    let located: Vec<_> = errors
        .into_iter()
        .map(|error| {
            (
                at(error.span.start)..at(error.span.end).max(at(error.span.start) + 1),
                error,
            )
        })
        .collect();
    for (span, error) in located {
        reader.fault(error.code, &span, error.message, error.help);
    }
}

/// Warns of facts and definitions that nothing uses, of supporting facts on which a verdict depends, and of facts
/// without a question.
pub fn warn(reader: &mut NodeReader<'_>, trial: &Trial) {
    // A reading that only a site can choose decides nothing by itself.
    let is_by_site = |condition: &ConditionRef<'_>| {
        let readings = condition
            .owner
            .criterion()
            .map_or(&[][..], Criterion::readings);
        let mut by_site = readings.iter().filter(|reading| reading.by_site_only);
        by_site.any(|reading| std::ptr::eq(&reading.condition.expression, condition.expression))
    };
    let conditions = trial.conditions().into_iter();
    let (rules, remarks): (Vec<_>, Vec<_>) = conditions
        .filter(|condition| condition.role != Role::Is)
        .partition(|condition| condition.role.decides() && !is_by_site(condition));
    let named = |conditions: &[ConditionRef<'_>]| -> HashSet<FactId> {
        conditions
            .iter()
            .flat_map(|condition| cql::facts_of(condition.expression, &trial.definitions))
            .collect()
    };
    warn_of_facts(reader, trial, &named(&rules), &named(&remarks));
    let used: HashSet<cql::DefinitionId> = (rules.iter().chain(&remarks))
        .flat_map(|condition| cql::definitions_of(condition.expression, &trial.definitions))
        .collect();
    for (index, definition) in trial.definitions.iter().enumerate() {
        if !used.contains(&cql::DefinitionId(index)) {
            reader.warning(
                "unused-definition",
                &definition.span.value,
                format!("no rule uses the definition `{}`", definition.name),
                Some("delete it, or use it in a rule or a caution".into()),
            );
        }
    }
}

fn warn_of_facts(
    reader: &mut NodeReader<'_>,
    trial: &Trial,
    in_rules: &HashSet<FactId>,
    in_remarks: &HashSet<FactId>,
) {
    for (id, fact) in trial.facts.iter() {
        let span = &fact.span.value;
        if !in_rules.contains(&id) && !in_remarks.contains(&id) {
            reader.warning(
                "unused-fact",
                span,
                format!("no rule uses the fact `{}`", fact.path),
                Some("delete it, or use it in a rule or a caution".into()),
            );
        } else if fact.supporting && in_rules.contains(&id) {
            reader.warning(
                "supporting-decides",
                span,
                format!("a verdict depends on the supporting fact `{}`", fact.path),
                Some(
                    "take `supporting` away, or use the fact in cautions and conflicts only".into(),
                ),
            );
        }
        if fact.ask.is_none() {
            reader.warning(
                "missing-question",
                span,
                format!("the fact `{}` has no question", fact.path),
                Some("write one in plain words under `ask`".into()),
            );
        }
    }
}
