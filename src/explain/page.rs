//! An explanation → the page that its text and its Markdown show: what stands on it, in which order and in which words. How
//! it looks is theirs.

use std::borrow::Cow;

use super::model::{
    ConditionPart, CriterionPart, DefinitionPart, Explanation, FactPart, ReadingPart, RemarkPart,
    Tree,
};
use super::words;
use crate::facts::Stage;
use crate::report::sentence::met;
use crate::trial::{About, Side};

/// What stands on a page between its head and its foot, from top to bottom.
pub(super) enum Block<'e> {
    /// Of everything that is not about one criterion, definition or fact; at level 2.
    Heading(&'static str),
    Entry(Entry<'e>),
    Item(Item<'e>),
}

/// Where one criterion, definition or fact begins; what is said of it stands behind.
pub(super) struct Entry<'e> {
    /// The level of its heading, counted from 1.
    pub level: usize,
    pub name: &'e str,
    pub label: &'e str,
    /// A criterion, with what kind of criterion it is. Its verdict and its texts belong to the entry.
    pub criterion: Option<(String, &'e CriterionPart)>,
}

/// One thing that is said.
pub(super) struct Item<'e> {
    /// In how many lists it stands beside its own.
    pub depth: usize,
    pub mark: Mark,
    pub tone: Tone,
    pub spans: Vec<Span<'e>>,
    /// Of a condition in words.
    pub expression: Option<&'e str>,
    /// The parts of the condition, where they are shown.
    pub tree: Option<&'e Tree>,
}

/// How an item begins.
#[derive(Clone, Copy)]
pub(super) enum Mark {
    /// With what it is about, which the text has in a column of its own.
    Row {
        /// In the column; empty where it goes without saying.
        column: &'static str,
        /// In a list.
        list: &'static str,
    },
    /// With a bullet; the first of several perhaps with what they are.
    Bullet(Option<&'static str>),
    /// With its words; further lines stand further right.
    Line,
    /// With its words; further lines stand below them.
    Note,
}

/// How much an item stands out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Faint,
    Plain,
    Strong,
    /// Something that is raised for the candidate.
    Raised,
}

/// A piece of what an item says.
pub(super) enum Span<'e> {
    /// Words that may come from outside.
    Text(Cow<'e, str>),
    /// eligo's own words between other pieces.
    Between(&'static str),
    /// A name of the trial file.
    Name(&'e str),
    /// A bullet where the text has one and a list has its own.
    Dot,
}

impl Span<'_> {
    /// As a text has it.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Between(text) => text,
            Self::Name(name) => name,
            Self::Dot => "· ",
        }
    }
}

/// The heading of the list of criteria.
pub(super) const AT_A_GLANCE: &str = "The criteria at a glance";

/// What several readings amount to.
const READINGS: &str = "The words can be understood in several ways. The criterion is decided where all of them agree, or where the site pins one.";

/// What a reader wants to know of a trial first.
const FIRST: [(&str, &str); 7] = [
    ("sponsor", "Sponsor"),
    ("status", "Status"),
    ("phase", "Phase"),
    ("conditions", "Conditions"),
    ("intervention", "Intervention"),
    ("sites", "Sites"),
    ("source", "Source"),
];

/// What stands at the head of the page of a whole trial: what a reader wants to know of it first.
pub(super) fn about_first(explanation: &Explanation) -> Vec<Block<'_>> {
    let mut page = Page::of(explanation);
    for (key, name) in FIRST {
        let about = about(explanation).iter();
        let about = about.filter(|(name, _)| name == key);
        page.rows(name, about.map(|(_, about)| flat(about)));
    }
    page.blocks
}

/// Everything between the head of the page and its foot.
pub(super) fn blocks(explanation: &Explanation) -> Vec<Block<'_>> {
    let mut page = Page::of(explanation);
    let mut side = None;
    for criterion in &explanation.criteria {
        if explanation.whole && side.replace(criterion.side) != Some(criterion.side) {
            page.heading(match criterion.side {
                Side::Inclusion => "Inclusion criteria",
                Side::Exclusion => "Exclusion criteria",
            });
        }
        page.criterion(criterion, if explanation.whole { 3 } else { 2 });
    }
    page.heading("Cautions of the trial as a whole, which decide nothing");
    page.remarks(0, None, &explanation.cautions);
    page.heading("Terms");
    for definition in &explanation.definitions {
        page.definition(definition);
    }
    let (deciding, other): (Vec<_>, Vec<_>) = explanation
        .facts
        .iter()
        .partition(|fact| !fact.decides.is_empty());
    page.heading("Facts that decide");
    deciding.into_iter().for_each(|fact| page.fact(fact));
    page.heading("Facts that decide nothing by themselves");
    other.into_iter().for_each(|fact| page.fact(fact));
    page.heading("Words for what is missing");
    for one in &explanation.missing_words {
        let said = format!("“{}”: {}", one.word, one.words);
        page.item(0, Mark::Bullet(None), Tone::Plain, text(said));
    }
    page.heading("More about the trial");
    let about = about(explanation).iter();
    for (name, about) in about.filter(|(name, _)| FIRST.iter().all(|(first, _)| first != name)) {
        page.about(name, about, 0);
    }
    page.blocks
}

struct Page<'e> {
    /// The trial file.
    file: &'e str,
    /// One that nothing stands below so far.
    heading: Option<&'static str>,
    blocks: Vec<Block<'e>>,
}

impl<'e> Page<'e> {
    fn of(explanation: &'e Explanation) -> Self {
        Self {
            file: &explanation.trial.file,
            heading: None,
            blocks: Vec::new(),
        }
    }

    fn push(&mut self, block: Block<'e>) {
        self.blocks.extend(self.heading.take().map(Block::Heading));
        self.blocks.push(block);
    }

    /// A heading, unless nothing comes below it.
    fn heading(&mut self, heading: &'static str) {
        self.heading = Some(heading);
    }

    fn item(&mut self, depth: usize, mark: Mark, tone: Tone, spans: Vec<Span<'e>>) {
        self.push(Block::Item(Item {
            depth,
            mark,
            tone,
            spans,
            expression: None,
            tree: None,
        }));
    }

    /// A row for every text in which something is said.
    fn rows<T: Into<Cow<'e, str>>>(
        &mut self,
        name: &'static str,
        texts: impl IntoIterator<Item = T>,
    ) {
        let texts = texts.into_iter().map(Into::into);
        for said in texts.filter(|said| !said.is_empty()) {
            self.item(0, Mark::row(name), Tone::Plain, text(said));
        }
    }

    /// A condition in words; its `parts` are not shown of what only says something.
    fn condition(&mut self, depth: usize, mark: Mark, condition: &'e ConditionPart, parts: bool) {
        self.push(Block::Item(Item {
            depth,
            mark,
            tone: Tone::Plain,
            spans: text(&condition.sentence),
            expression: Some(&condition.expression),
            tree: condition.tree.as_ref().filter(|_| parts),
        }));
    }

    /// A criterion and, behind it, its parts.
    fn criterion(&mut self, criterion: &'e CriterionPart, level: usize) {
        self.push(Block::Entry(Entry {
            level,
            name: &criterion.id,
            label: &criterion.title,
            criterion: Some((self.kind(criterion), criterion)),
        }));
        self.rows("Source", &criterion.basis);
        self.rows("Note", &criterion.notes);
        for (name, condition) in [("Applies", &criterion.applies), ("Rule", &criterion.rule)] {
            if let Some(condition) = condition {
                self.condition(0, Mark::row(name), condition, true);
            }
        }
        if !criterion.readings.is_empty() {
            self.rows("Readings", [READINGS]);
        }
        for reading in &criterion.readings {
            self.reading(reading, criterion.side);
        }
        self.group(criterion);
        let read = "Silence of the record is read as an answer here:";
        let why = criterion.closed_world.iter();
        self.rows("Silence", why.map(|why| format!("{read} {why}")));
        self.remarks(1, Some("Conflicts"), &criterion.conflicts);
        self.remarks(1, Some("Doubts"), &criterion.doubts);
        self.remarks(1, Some("Cautions"), &criterion.cautions);
        if !criterion.facts.is_empty() {
            let named = |fact: &'e String| [Span::Between(", "), Span::Name(fact)];
            let spans = criterion.facts.iter().flat_map(named).skip(1).collect();
            self.item(0, Mark::row("Facts"), Tone::Faint, spans);
        }
        for part in &criterion.criteria {
            self.criterion(part, level + 1);
        }
    }

    /// `Inclusion criterion, part of I1 · trial.yaml:12`
    fn kind(&self, criterion: &CriterionPart) -> String {
        let side = match criterion.side {
            Side::Inclusion => "Inclusion criterion",
            Side::Exclusion => "Exclusion criterion",
        };
        let kind = match &criterion.within {
            Some(parent) => format!("{side}, part of {parent}"),
            None => side.to_owned(),
        };
        self.placed(&kind, criterion.line)
    }

    /// Words, and the line of the trial file that they are about.
    fn placed(&self, words: &str, line: usize) -> String {
        format!("{words} · {}:{line}", self.file)
    }

    /// What a reading says, where it comes from, whether it counts, and what it asks for.
    fn reading(&mut self, reading: &'e ReadingPart, side: Side) {
        let counts = match (reading.pinned, reading.by_site_only) {
            (true, _) => " (pinned by the site: it alone counts)",
            (false, true) => " (counts only where a site policy pins it)",
            (false, false) => "",
        };
        let mut spans = vec![Span::Name(&reading.name)];
        if let Some(verdict) = reading.verdict {
            spans.extend([Span::Between(" → "), Span::Between(met(verdict, side))]);
        }
        let said = format!("{}{}{counts}", reading.say, basis(&reading.basis));
        spans.extend([Span::Between(": "), Span::Text(said.into())]);
        self.item(1, Mark::Bullet(None), Tone::Strong, spans);
        self.condition(2, Mark::Note, &reading.condition, true);
    }

    /// How many of its parts a criterion takes, and which parts there are; whether the candidate meets them.
    fn group(&mut self, criterion: &'e CriterionPart) {
        let Some(group) = &criterion.group else {
            return;
        };
        let alone = criterion.rule.is_none() && criterion.readings.is_empty();
        let mark = Mark::Row {
            column: if alone { "Rule" } else { "And parts" },
            list: "Parts",
        };
        self.item(0, mark, Tone::Plain, text(&group.sentence));
        for part in &criterion.criteria {
            let mut said = format!("{}  {}", part.id, part.title);
            if let Some(outcome) = &part.outcome {
                said = format!("{said} → {}", met(outcome.verdict, part.side));
            }
            let spans = vec![Span::Dot, Span::Text(said.into())];
            self.item(1, Mark::Note, Tone::Plain, spans);
        }
    }

    /// What cautions, conflicts or doubts say, whether they are raised for the candidate, and when they are.
    fn remarks(&mut self, depth: usize, name: Option<&'static str>, remarks: &'e [RemarkPart]) {
        for (index, remark) in remarks.iter().enumerate() {
            let (raised, tone) = if remark.is_raised() {
                ("RAISED: ", Tone::Raised)
            } else {
                ("", Tone::Plain)
            };
            let said = format!("{raised}{}{}", remark.say, basis(&remark.basis));
            let bullet = Mark::Bullet(name.filter(|_| index == 0));
            self.item(depth, bullet, tone, text(said));
            self.condition(depth + 1, Mark::Note, &remark.condition, false);
        }
    }

    /// A definition or a fact begins.
    fn entry(&mut self, name: &'e str, label: &'e str, known: &'e Option<String>) {
        self.push(Block::Entry(Entry {
            level: 3,
            name,
            label,
            criterion: None,
        }));
        self.rows("Candidate", known);
    }

    fn used_by(&mut self, users: &str, line: usize) {
        let users = if users.is_empty() { "nothing" } else { users };
        let said = self.placed(users, line);
        self.item(0, Mark::row("Used by"), Tone::Faint, text(said));
    }

    fn definition(&mut self, part: &'e DefinitionPart) {
        self.entry(&part.name, &part.label, &part.value);
        let mark = Mark::Row {
            column: "Meaning",
            list: "",
        };
        self.condition(0, mark, &part.condition, true);
        for (depth, line) in words::lists(&part.lists, "") {
            self.item(1 + depth, Mark::Line, Tone::Plain, text(line));
        }
        self.used_by(&part.used_by.join(", "), part.line);
    }

    fn fact(&mut self, fact: &'e FactPart) {
        self.entry(&fact.path, &fact.label, &fact.known);
        self.declared("Question", &fact.ask);
        let stage = fact.stage.map(Stage::name);
        let obtained: Vec<&str> = stage.into_iter().chain(fact.obtain.as_deref()).collect();
        self.declared("Obtained", [obtained.join("; ")]);
        self.declared("Answer", [&fact.answer]);
        self.values(1, fact);
        for field in &fact.fields {
            let said = text(words::field(fact, field));
            self.item(1, Mark::Bullet(None), Tone::Plain, said);
            self.values(2, field);
            if let Some(note) = &field.note {
                self.item(2, Mark::Note, Tone::Plain, text(note));
            }
        }
        self.declared("Codes", [words::codes(&fact.codes)]);
        for (index, rule) in fact.evidence.iter().enumerate() {
            let mark = Mark::Row {
                column: if index == 0 { "Evidence" } else { "" },
                list: "Evidence",
            };
            self.item(0, mark, Tone::Plain, text(rule));
        }
        self.declared("Note", &fact.note);
        self.used_by(&uses(fact), fact.line);
    }

    /// What is declared of a fact, without the line breaks of the file.
    fn declared<T: AsRef<str>>(&mut self, name: &'static str, said: impl IntoIterator<Item = T>) {
        let said = said.into_iter();
        self.rows(name, said.map(|said| said.as_ref().replace('\n', " ")));
    }

    /// The values of a code. Those of other facts are a part of what may be answered.
    fn values(&mut self, depth: usize, fact: &'e FactPart) {
        for value in fact.values.iter().filter(|_| fact.kind == "code") {
            let said = words::value(value).into();
            let spans = vec![
                Span::Name(&value.name),
                Span::Between(": "),
                Span::Text(said),
            ];
            self.item(depth, Mark::Bullet(None), Tone::Plain, spans);
        }
    }

    /// What else the file says of the trial.
    fn about(&mut self, name: &str, about: &'e About, depth: usize) {
        let mut letters = name.chars();
        let capital = letters.next().into_iter().flat_map(char::to_uppercase);
        let rest = letters.as_str().replace('_', " ");
        let name: String = capital.chain(rest.chars()).collect();
        let said = match about {
            About::Text(said) => format!("{name}: {said}"),
            _ => format!("{name}:"),
        };
        self.item(depth, Mark::Line, Tone::Plain, text(said));
        match about {
            About::Text(_) => {}
            About::List(parts) => {
                for part in parts {
                    let spans = vec![Span::Dot, Span::Text(flat(part).into())];
                    self.item(depth + 1, Mark::Line, Tone::Plain, spans);
                }
            }
            About::Map(parts) => {
                for (name, about) in parts {
                    self.about(name, about, depth + 1);
                }
            }
        }
    }
}

impl Mark {
    fn row(name: &'static str) -> Self {
        let (column, list) = (name, name);
        Self::Row { column, list }
    }
}

fn text<'e>(said: impl Into<Cow<'e, str>>) -> Vec<Span<'e>> {
    vec![Span::Text(said.into())]
}

fn basis(basis: &Option<String>) -> String {
    let basis = basis.as_ref();
    basis.map_or(String::new(), |basis| format!(" [{basis}]"))
}

/// The criteria that use a fact.
fn uses(fact: &FactPart) -> String {
    let uses = [
        ("decides ", &fact.decides, ""),
        (
            "readings of ",
            &fact.set_aside,
            " that count only where a site pins them",
        ),
        ("cautions or conflicts of ", &fact.remarks, ""),
    ];
    let uses = uses
        .into_iter()
        .filter(|(_, criteria, _)| !criteria.is_empty());
    let uses =
        uses.map(|(before, criteria, behind)| format!("{before}{}{behind}", criteria.join(", ")));
    uses.collect::<Vec<_>>().join("; ")
}

/// What else the file says of the trial, if the whole trial is explained.
fn about(explanation: &Explanation) -> &[(String, About)] {
    match &explanation.trial.about {
        Some(About::Map(about)) => about,
        _ => &[],
    }
}

/// In one line.
fn flat(about: &About) -> String {
    match about {
        About::Text(text) => text.clone(),
        About::List(items) => items.iter().map(flat).collect::<Vec<_>>().join("; "),
        About::Map(entries) => entries
            .iter()
            .map(|(name, about)| format!("{}: {}", name.replace('_', " "), flat(about)))
            .collect::<Vec<_>>()
            .join("; "),
    }
}
