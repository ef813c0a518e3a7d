//! A response → what it says of each fact, with the place of every answer.

use std::collections::HashMap;
use std::sync::Arc;

use super::{
    ABSENT, COMPLETE, MORE, NONE_KNOWN, OWN_ABSENT, address, keys_beside, keys_of_item, link,
    questions_of_item, system,
};
use crate::diagnostic::{Diagnostic, Place, Source, did_you_mean};
use crate::document::{Content as Json, Node};
use crate::facts::{Fact, ItemKind, Kind};
use crate::source::mapped::{
    Content, Evidence, ItemContent, MappedFact, MappedItem, MappedList, MappedRecord, Text,
};
use crate::trial::Trial;

/// Reads responses to the questionnaire of a trial.
#[derive(Debug)]
pub struct ResponseReader<'t> {
    trial: &'t Trial,
    /// The names of all questions.
    known: Vec<String>,
    facts: Vec<Arc<Fact>>,
}

impl<'t> ResponseReader<'t> {
    /// Makes what all responses have in common.
    #[must_use]
    pub fn new(trial: &'t Trial) -> Self {
        Self {
            trial,
            known: links(trial),
            facts: trial
                .facts
                .iter()
                .map(|(_, fact)| Arc::new(fact.clone()))
                .collect(),
        }
    }

    /// What a response says. What is wrong with it is among the problems of the record.
    #[must_use]
    pub fn read(&self, source: &Arc<Source>, document: &Node) -> MappedRecord {
        let mut reader = Reader {
            trial: self.trial,
            source,
            known: &self.known,
            problems: Vec::new(),
        };
        let mut record = MappedRecord::new(reader.place(document));
        if reader.is_response(document) {
            let scope = reader.scope(document);
            let head = link::HEAD.map(|(key, ..)| reader.text(&scope, key));
            [record.candidate, record.screened_on, record.note] = head;
            for fact in &self.facts {
                record.facts.extend(reader.fact(&scope, fact));
            }
        }
        record.problems = reader.problems;
        record
    }
}

struct Reader<'t> {
    trial: &'t Trial,
    source: &'t Arc<Source>,
    known: &'t [String],
    problems: Vec<Diagnostic>,
}

/// The items of a response, or of one item of a list, by their names.
type Scope<'n> = HashMap<&'n str, Vec<&'n Node>>;

/// A value, or the cause of there being none.
enum Answer {
    Value(Text, Option<Text>),
    Missing(Text),
}

impl Reader<'_> {
    fn place(&self, node: &Node) -> Place {
        Place {
            source: Arc::clone(self.source),
            span: node.span.clone(),
        }
    }

    fn problem(&mut self, node: &Node, label: &str, message: String, help: String) {
        let problem = Diagnostic::error(message)
            .at(self.source, node.span.clone())
            .label(label);
        self.problems.push(problem.help(help));
    }

    /// Whether it is a response at all, to this questionnaire, and not withdrawn.
    fn is_response(&mut self, document: &Node) -> bool {
        let word = |key: &str| {
            document
                .get(key)
                .and_then(Node::scalar)
                .map(|scalar| scalar.text.clone())
        };
        if word("resourceType").as_deref() != Some("QuestionnaireResponse") {
            let node = document.get("resourceType").unwrap_or(document);
            self.problem(
                node,
                "resourceType",
                "this is no QuestionnaireResponse".into(),
                "name a file whose `resourceType` is `QuestionnaireResponse`".into(),
            );
            return false;
        }
        if let (Some(node), Some(of)) = (document.get("questionnaire"), word("questionnaire")) {
            let address = address(self.trial);
            if of.split('|').next() != Some(&address) {
                self.problem(
                    node,
                    "another questionnaire",
                    format!("`{of}` is not the questionnaire of {}", self.trial.id),
                    format!("name its trial with `--trial`; that of this one is `{address}`"),
                );
            }
        }
        if let (Some(node), Some("entered-in-error")) =
            (document.get("status"), word("status").as_deref())
        {
            self.problem(
                node,
                "withdrawn",
                "this response was entered in error".into(),
                "ask for one that holds".into(),
            );
        }
        true
    }

    /// The items of a response by their names, groups and what is nested below answers opened.
    fn scope<'n>(&mut self, node: &'n Node) -> Scope<'n> {
        let mut scope = Scope::new();
        let mut waiting: Vec<&Node> = vec![node];
        while let Some(node) = waiting.pop() {
            let mut below: Vec<&Node> = Vec::new();
            for item in items(node, "item") {
                let Some(name) = item.get("linkId").and_then(Node::scalar) else {
                    self.problem(
                        item,
                        "no `linkId`",
                        "an item without its `linkId`".into(),
                        "write the `linkId` of its question".into(),
                    );
                    continue;
                };
                let name = name.text.as_str();
                if !self.known.iter().any(|known| known == name) {
                    let near = did_you_mean(name, self.known.iter().map(String::as_str));
                    let help = near.unwrap_or_else(|| {
                        "write the questionnaire anew: `eligo questionnaire`".into()
                    });
                    self.problem(
                        item.get("linkId").unwrap_or(item),
                        "linkId",
                        format!("`{name}` is not a question of this trial"),
                        help,
                    );
                    continue;
                }
                scope.entry(name).or_default().push(item);
                if !link::is_item(name) {
                    below.push(item);
                    below.extend(items(item, "answer"));
                }
            }
            // The first item is read first, so that a list keeps its order.
            waiting.extend(below.into_iter().rev());
        }
        scope
    }

    fn fact(&mut self, scope: &Scope<'_>, fact: &Arc<Fact>) -> Option<MappedFact> {
        let (content, place) = match &fact.kind {
            Kind::List(item) => self.list(scope, fact, item)?,
            _ => self.question(scope, fact, &fact.path)?,
        };
        let mut known = MappedFact::new(fact, &place);
        let (content, unit) = content;
        known.content = Some(content);
        known.evidence = self.evidence(scope, &fact.path, keys_beside(&fact.kind));
        if let Some(unit) = unit {
            known.evidence.set("unit", unit);
        }
        Some(known)
    }

    /// What is said of a fact or field that is no list.
    fn question(
        &mut self,
        scope: &Scope<'_>,
        fact: &Fact,
        of: &str,
    ) -> Option<((Content, Option<Text>), Place)> {
        let written = link::written(of);
        let mut answers: Vec<(&Node, Answer)> = Vec::new();
        for name in [of, &written] {
            for answer in scope
                .get(name)
                .into_iter()
                .flatten()
                .flat_map(|item| items(item, "answer"))
            {
                answers.extend(self.answer(fact, answer).map(|known| (answer, known)));
            }
        }
        if let [_, (second, _), ..] = &answers[..] {
            self.problem(
                second,
                "a second answer",
                format!("`{of}` has several answers"),
                "keep one: the value, or bounds, or why there is none".into(),
            );
        }
        let (node, answer) = answers.into_iter().next()?;
        let content = match answer {
            Answer::Value(text, unit) => (Content::Value(text.text), unit),
            Answer::Missing(cause) => (Content::Missing(cause.text), None),
        };
        Some((content, self.place(node)))
    }

    fn list(
        &mut self,
        scope: &Scope<'_>,
        fact: &Arc<Fact>,
        kind: &ItemKind,
    ) -> Option<((Content, Option<Text>), Place)> {
        let of = |link: &str| scope.get(link).into_iter().flatten().copied();
        let mut listed = of(&link::listed(&fact.path)).flat_map(|item| items(item, "answer"));
        let state = listed.next();
        let items: Vec<&Node> = of(&link::item(&fact.path)).collect();
        let place = self.place(state.or(items.first().copied())?);
        let state = match state {
            Some(node) => Some((node, self.choice(fact, node)?)),
            None => None,
        };
        let content = match state {
            Some((node, Answer::Missing(cause))) => {
                self.nothing_listed(fact, node, &items);
                Content::Missing(cause.text)
            }
            Some((node, Answer::Value(code, _))) if code.text == NONE_KNOWN.0 => {
                self.nothing_listed(fact, node, &items);
                Content::List(MappedList {
                    items: Vec::new(),
                    is_complete: true,
                })
            }
            state => {
                // That a list is complete has to be said.
                let is_complete = self.is_complete(fact, state, &items)?;
                let items = items.iter().map(|item| self.item(fact, kind, item));
                let items = items.collect();
                Content::List(MappedList { items, is_complete })
            }
        };
        Some(((content, None), place))
    }

    fn nothing_listed(&mut self, fact: &Fact, node: &Node, items: &[&Node]) {
        if !items.is_empty() {
            let message = format!("`{}` lists items, and says there are none", fact.path);
            let help = "take the items out, or say whether they are all";
            self.problem(node, "but items are listed", message, help.into());
        }
    }

    /// Whether a list that has items is said to be whole.
    fn is_complete(
        &mut self,
        fact: &Fact,
        state: Option<(&Node, Answer)>,
        items: &[&Node],
    ) -> Option<bool> {
        let Some((node, Answer::Value(code, _))) = state else {
            return Some(false);
        };
        let is_complete = code.text == COMPLETE.0;
        if !is_complete && code.text != MORE.0 {
            let states = [COMPLETE, MORE, NONE_KNOWN].map(|(code, _)| code);
            let message = format!(
                "`{}` does not say whether `{}` lists all",
                code.text, fact.path
            );
            let help = did_you_mean(&code.text, states).unwrap_or_default();
            self.problem(node, "not offered", message, help);
            return None;
        }
        if is_complete && items.is_empty() {
            let message = format!("`{}` says that all are listed, and lists none", fact.path);
            let help = format!("list them, or answer \"{}\"", NONE_KNOWN.1);
            self.problem(node, "but nothing is listed", message, help);
        }
        Some(is_complete)
    }

    fn item(&mut self, list: &Fact, kind: &ItemKind, node: &Node) -> MappedItem {
        let scope = self.scope(node);
        let mut evidence = self.evidence(&scope, &link::item(&list.path), keys_of_item(kind));
        let mut fields = Vec::new();
        for (of, field) in questions_of_item(list, kind) {
            let Some(((content, unit), place)) = self.question(&scope, field, &of) else {
                continue;
            };
            let mut known = MappedFact::new(&Arc::new(field.clone()), &place);
            known.content = Some(content);
            match (kind, unit) {
                (ItemKind::Fields(_), Some(unit)) => known.evidence.set("unit", unit),
                (ItemKind::Single(_), Some(unit)) => evidence.set("unit", unit),
                (_, None) => {}
            }
            fields.push(known);
        }
        let content = match kind {
            ItemKind::Fields(_) => ItemContent::Fields(fields),
            // An item without an answer is one of which nothing is known.
            ItemKind::Single(_) => ItemContent::Single(Box::new(
                fields
                    .pop()
                    .and_then(|known| known.content)
                    .unwrap_or_else(|| Content::Missing("unknown".to_owned())),
            )),
        };
        MappedItem {
            content,
            evidence,
            place: self.place(node),
        }
    }

    fn evidence(&mut self, scope: &Scope<'_>, of: &str, keys: &[&'static str]) -> Evidence {
        let mut evidence = Evidence::default();
        for key in keys {
            if let Some(text) = self.text(scope, &link::beside(of, key)) {
                evidence.set(key, text);
            }
        }
        evidence
    }

    /// The text of a question that is answered by one.
    fn text(&mut self, scope: &Scope<'_>, link: &str) -> Option<Text> {
        let answer = scope
            .get(link)?
            .iter()
            .flat_map(|item| items(item, "answer"))
            .next()?;
        let (_, node) = value(answer)?;
        let scalar = node.scalar();
        if scalar.is_none() {
            self.problem(
                node,
                "no text",
                format!("`{link}` is answered by a text"),
                "write a `valueString`".into(),
            );
        }
        Some(Text::new(scalar?.text.clone(), &self.place(node)))
    }

    /// An answer to a question for a value.
    fn answer(&mut self, fact: &Fact, answer: &Node) -> Option<Answer> {
        // An answer may hold nothing but the items below it.
        let (key, node) = value(answer)?;
        let place = self.place(node);
        match key {
            "valueCoding" => self.choice(fact, answer),
            "valueQuantity" => self.quantity(node),
            // A moment names its day.
            "valueDateTime" => {
                let moment = &node.scalar()?.text;
                let day = moment.split('T').next().unwrap_or(moment);
                Some(Answer::Value(Text::new(day, &place), None))
            }
            _ => {
                let Some(scalar) = node.scalar() else {
                    let message = format!("`{key}` is no answer to `{}`", fact.path);
                    let help = "answer as the questionnaire says";
                    self.problem(node, "another type", message, help.into());
                    return None;
                };
                Some(Answer::Value(Text::new(&*scalar.text, &place), None))
            }
        }
    }

    /// One of the offered answers: a value, or why there is none.
    fn choice(&mut self, fact: &Fact, answer: &Node) -> Option<Answer> {
        let (of, code) = self.coded(answer)?;
        let (_, node) = value(answer)?;
        let place = self.place(node);
        let own = system(self.trial, fact);
        match of.as_deref() {
            Some(ABSENT | OWN_ABSENT) => {
                let cause = code.replace('-', "_");
                Some(Answer::Missing(Text::new(cause, &place)))
            }
            Some(of) if of != own => {
                let message = format!("`{code}` of `{of}` is no answer to `{}`", fact.path);
                let help = format!("write a code of `{own}`");
                self.problem(node, "another code system", message, help);
                None
            }
            _ => Some(Answer::Value(Text::new(code, &place), None)),
        }
    }

    fn quantity(&mut self, node: &Node) -> Option<Answer> {
        let place = self.place(node);
        let of = |key: &str| {
            let scalar = node.get(key).and_then(Node::scalar);
            scalar.map(|scalar| scalar.text.as_str())
        };
        let Some(number) = of("value") else {
            let message = "a quantity without its `value`";
            let help = "write its `value` and its `code`";
            self.problem(node, "no value", message.into(), help.into());
            return None;
        };
        let comparator = of("comparator").map(|sign| format!("{sign} "));
        let number = format!("{}{number}", comparator.unwrap_or_default());
        let unit = of("code").or_else(|| of("unit"));
        let unit = unit.map(|unit| Text::new(unit, &place));
        Some(Answer::Value(Text::new(number, &place), unit))
    }

    /// System and code of an answer.
    fn coded(&mut self, answer: &Node) -> Option<(Option<String>, String)> {
        let (_, node) = value(answer)?;
        let of = |key: &str| {
            node.get(key)
                .and_then(Node::scalar)
                .map(|scalar| scalar.text.clone())
        };
        let Some(code) = of("code") else {
            self.problem(
                node,
                "no code",
                "an answer without its `code`".into(),
                "write the `code` of one of the offered answers".into(),
            );
            return None;
        };
        Some((of("system"), code))
    }
}

/// The elements of a list under a key.
fn items<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    match node.get(key).map(|node| &node.content) {
        Some(Json::Sequence(items)) => items,
        _ => &[],
    }
}

/// The `value[x]` of an answer.
fn value(answer: &Node) -> Option<(&str, &Node)> {
    let entries = answer.mapping()?;
    let value = entries
        .iter()
        .find(|(key, _)| key.name.starts_with("value"))?;
    Some((&value.0.name, &value.1))
}

/// The names of all items of a trial's questionnaire.
fn links(trial: &Trial) -> Vec<String> {
    fn collect(items: Option<&serde_json::Value>, all: &mut Vec<String>) {
        for item in items
            .and_then(serde_json::Value::as_array)
            .into_iter()
            .flatten()
        {
            all.extend(item["linkId"].as_str().map(str::to_owned));
            collect(item.get("item"), all);
        }
    }
    let mut all = Vec::new();
    collect(super::questionnaire(trial).get("item"), &mut all);
    all
}
