//! An explanation → the page that its text and its Markdown show: what stands on it, in which order and in which words. How
//! it looks is theirs.

use std::borrow::Cow;

use super::model::{
    CriterionPart, DefinitionPart, Explanation, FactPart, ReadingPart, RemarkPart, Tree,
};
use super::words;
use crate::facts::Stage;
use crate::report::sentence::met;
use crate::trial::{About, Side};
use crate::value::Truth;

/// What stands under one heading of the page, or under none.
pub(super) struct Section<'e> {
    pub heading: Option<&'static str>,
    pub items: Vec<Item<'e>>,
    pub entries: Vec<Entry<'e>>,
}

/// All that is said of one criterion, definition or fact.
pub(super) struct Entry<'e> {
    /// The level of its heading, counted from 1.
    pub level: usize,
    pub name: &'e str,
    pub label: &'e str,
    /// Of a criterion, what kind of criterion it is; its verdict and its texts stand ahead of the items.
    pub criterion: Option<(String, &'e CriterionPart)>,
    pub items: Vec<Item<'e>>,
}

/// One thing that is said, with the condition that it puts into words, if it does.
pub(super) struct Item<'e> {
    /// In how many lists it stands beside its own.
    pub depth: usize,
    pub mark: Mark,
    pub tone: Tone,
    pub spans: Vec<Span<'e>>,
    pub condition: Option<Condition<'e>>,
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

pub(super) struct Condition<'e> {
    pub expression: &'e str,
    /// Its parts, where they are shown.
    pub tree: Option<&'e Tree>,
}

impl<'e> Item<'e> {
    fn new(depth: usize, mark: Mark, spans: Vec<Span<'e>>) -> Self {
        Self {
            depth,
            mark,
            tone: Tone::Plain,
            spans,
            condition: None,
        }
    }

    fn row(name: &'static str, text: impl Into<Cow<'e, str>>) -> Self {
        Self::row_of(name, name, vec![Span::Text(text.into())])
    }

    fn row_of(column: &'static str, list: &'static str, spans: Vec<Span<'e>>) -> Self {
        Self::new(0, Mark::Row { column, list }, spans)
    }

    fn asks(self, expression: &'e str, tree: Option<&'e Tree>) -> Self {
        let condition = Some(Condition { expression, tree });
        Self { condition, ..self }
    }

    fn toned(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }
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

fn text<'e>(text: impl Into<Cow<'e, str>>) -> Vec<Span<'e>> {
    vec![Span::Text(text.into())]
}

/// Everything between the head of the page and its foot.
pub(super) fn sections(explanation: &Explanation) -> Vec<Section<'_>> {
    let file = &explanation.trial.file;
    let mut sections: Vec<Section<'_>> = Vec::new();
    let mut add =
        |heading: Option<&'static str>, items: Vec<_>, entries: Vec<_>| match sections.last_mut() {
            Some(last) if last.heading == heading => last.entries.extend(entries),
            _ if items.is_empty() && entries.is_empty() => {}
            _ => sections.push(Section {
                heading,
                items,
                entries,
            }),
        };
    for criterion in &explanation.criteria {
        let mut entries = Vec::new();
        let heading = explanation.whole.then_some(match criterion.side {
            Side::Inclusion => "Inclusion criteria",
            Side::Exclusion => "Exclusion criteria",
        });
        let level = if explanation.whole { 3 } else { 2 };
        add_criterion(criterion, level, file, &mut entries);
        add(heading, Vec::new(), entries);
    }
    let cautions = remarks(0, None, &explanation.cautions);
    add(
        Some("Cautions of the trial as a whole, which decide nothing"),
        cautions.collect(),
        Vec::new(),
    );
    let definitions = explanation.definitions.iter();
    let definitions = definitions.map(|one| definition(one, file)).collect();
    add(Some("Terms"), Vec::new(), definitions);
    for (heading, decide) in [
        ("Facts that decide", true),
        ("Facts that decide nothing by themselves", false),
    ] {
        let facts = explanation.facts.iter();
        let facts = facts.filter(|fact| fact.decides.is_empty() != decide);
        let entries = facts.map(|one| fact(one, file)).collect();
        add(Some(heading), Vec::new(), entries);
    }
    add(
        Some("More about the trial"),
        about_rest(explanation),
        Vec::new(),
    );
    sections
}

/// A criterion and, behind it, its parts.
fn add_criterion<'e>(
    criterion: &'e CriterionPart,
    level: usize,
    file: &str,
    entries: &mut Vec<Entry<'e>>,
) {
    let mut items = Vec::new();
    items.extend(
        criterion
            .basis
            .as_ref()
            .map(|basis| Item::row("Source", basis)),
    );
    items.extend(criterion.notes.iter().map(|note| Item::row("Note", note)));
    for (name, condition) in [("Applies", &criterion.applies), ("Rule", &criterion.rule)] {
        items.extend(condition.as_ref().map(|condition| {
            Item::row(name, &condition.sentence).asks(&condition.expression, Some(&condition.tree))
        }));
    }
    if !criterion.readings.is_empty() {
        items.push(Item::row("Readings", READINGS));
        items.extend(
            criterion
                .readings
                .iter()
                .flat_map(|one| reading(one, criterion.side)),
        );
    }
    if let Some(group) = &criterion.group {
        let alone = criterion.rule.is_none() && criterion.readings.is_empty();
        let column = if alone { "Rule" } else { "And parts" };
        items.push(Item::row_of(column, "Parts", text(&group.sentence)));
        items.extend(criterion.criteria.iter().map(part));
    }
    items.extend(criterion.closed_world.as_ref().map(|why| {
        let read = "Silence of the record is read as an answer here:";
        Item::row("Silence", format!("{read} {why}"))
    }));
    items.extend(remarks(1, Some("Conflicts"), &criterion.conflicts));
    items.extend(remarks(1, Some("Doubts"), &criterion.doubts));
    items.extend(remarks(1, Some("Cautions"), &criterion.cautions));
    if !criterion.facts.is_empty() {
        let named = |fact: &'e String| [Span::Between(", "), Span::Name(fact)];
        let spans = criterion.facts.iter().flat_map(named).skip(1).collect();
        items.push(Item::row_of("Facts", "Facts", spans).toned(Tone::Faint));
    }
    let side = match criterion.side {
        Side::Inclusion => "Inclusion criterion",
        Side::Exclusion => "Exclusion criterion",
    };
    let kind = match &criterion.within {
        Some(parent) => format!("{side}, part of {parent}"),
        None => side.to_owned(),
    };
    entries.push(Entry {
        level,
        name: &criterion.id,
        label: &criterion.title,
        criterion: Some((placed(&kind, criterion.line, file), criterion)),
        items,
    });
    for part in &criterion.criteria {
        add_criterion(part, level + 1, file, entries);
    }
}

/// What a reading says, where it comes from, whether it counts, and what it asks for.
fn reading(reading: &ReadingPart, side: Side) -> [Item<'_>; 2] {
    let counts = match (reading.pinned, reading.by_site_only) {
        (true, _) => " (pinned by the site: it alone counts)",
        (false, true) => " (counts only where a site policy pins it)",
        (false, false) => "",
    };
    let mut spans = vec![Span::Name(&reading.name)];
    if let Some(verdict) = reading.verdict {
        spans.extend([Span::Between(" → "), Span::Between(met(verdict, side))]);
    }
    let said = format!("{}{}{counts}", reading.say, basis(reading.basis.as_deref()));
    spans.extend([Span::Between(": "), Span::Text(said.into())]);
    let condition = &reading.condition;
    [
        Item::new(1, Mark::Bullet(None), spans).toned(Tone::Strong),
        Item::new(2, Mark::Note, text(&condition.sentence))
            .asks(&condition.expression, Some(&condition.tree)),
    ]
}

/// A part of a criterion in one line, and whether the candidate meets it.
fn part(part: &CriterionPart) -> Item<'_> {
    let met = part.outcome.as_ref().map_or(String::new(), |outcome| {
        format!(" → {}", met(outcome.verdict, part.side))
    });
    let said = format!("{}  {}{met}", part.id, part.title);
    Item::new(1, Mark::Note, vec![Span::Dot, Span::Text(said.into())])
}

/// What cautions, conflicts or doubts say, whether they are raised for the candidate, and when they are.
fn remarks<'e>(
    depth: usize,
    name: Option<&'static str>,
    remarks: &'e [RemarkPart],
) -> impl Iterator<Item = Item<'e>> {
    remarks.iter().enumerate().flat_map(move |(index, remark)| {
        let condition = &remark.condition;
        let finding = condition.tree.finding.as_ref();
        let (raised, tone) = match finding {
            Some(finding) if finding.truth == Truth::True => ("RAISED: ", Tone::Raised),
            _ => ("", Tone::Plain),
        };
        let said = format!("{raised}{}{}", remark.say, basis(remark.basis.as_deref()));
        let name = name.filter(|_| index == 0);
        [
            Item::new(depth, Mark::Bullet(name), text(said)).toned(tone),
            Item::new(depth + 1, Mark::Note, text(&condition.sentence))
                .asks(&condition.expression, None),
        ]
    })
}

fn basis(basis: Option<&str>) -> String {
    basis.map_or(String::new(), |basis| format!(" [{basis}]"))
}

/// Words, and the line of the trial file that they are about.
fn placed(words: &str, line: usize, file: &str) -> String {
    format!("{words} · {file}:{line}")
}

fn definition<'e>(part: &'e DefinitionPart, file: &str) -> Entry<'e> {
    let mut items = Vec::new();
    items.extend(
        part.value
            .as_ref()
            .map(|value| Item::row("Candidate", value)),
    );
    items.push(
        Item::row_of("Meaning", "", text(&part.sentence))
            .asks(&part.expression, part.tree.as_ref()),
    );
    let lists = words::lists(&part.lists, "");
    items.extend(
        lists
            .into_iter()
            .map(|(depth, line)| Item::new(1 + depth, Mark::Line, text(line))),
    );
    items.push(used_by(&part.used_by.join(", "), part.line, file));
    Entry {
        level: 3,
        name: &part.name,
        label: &part.label,
        criterion: None,
        items,
    }
}

fn used_by<'e>(users: &str, line: usize, file: &str) -> Item<'e> {
    let users = if users.is_empty() { "nothing" } else { users };
    Item::row("Used by", placed(users, line, file)).toned(Tone::Faint)
}

fn fact<'e>(fact: &'e FactPart, file: &str) -> Entry<'e> {
    // What is declared of a fact is shown without the line breaks of the file.
    let row = |name, said: &str| Item::row(name, said.replace('\n', " "));
    let mut items = Vec::new();
    items.extend(
        fact.known
            .as_ref()
            .map(|known| Item::row("Candidate", known)),
    );
    items.extend(fact.ask.as_ref().map(|ask| row("Question", ask)));
    let stage = fact.stage.map(Stage::name);
    let obtained: Vec<&str> = stage.into_iter().chain(fact.obtain.as_deref()).collect();
    if !obtained.is_empty() {
        items.push(row("Obtained", &obtained.join("; ")));
    }
    items.push(row("Answer", &fact.answer));
    items.extend(values(1, fact));
    for field in &fact.fields {
        items.push(Item::new(
            1,
            Mark::Bullet(None),
            text(words::field(fact, field)),
        ));
        items.extend(values(2, field));
        items.extend(
            field
                .note
                .as_ref()
                .map(|note| Item::new(2, Mark::Note, text(note))),
        );
    }
    if !fact.codes.is_empty() {
        items.push(row("Codes", &words::codes(&fact.codes)));
    }
    for (index, rule) in fact.evidence.iter().enumerate() {
        let column = if index == 0 { "Evidence" } else { "" };
        items.push(Item::row_of(column, "Evidence", text(rule)));
    }
    items.extend(fact.note.as_ref().map(|note| row("Note", note)));
    items.push(used_by(&uses(fact), fact.line, file));
    Entry {
        level: 3,
        name: &fact.path,
        label: &fact.label,
        criterion: None,
        items,
    }
}

/// The criteria that use a fact.
fn uses(fact: &FactPart) -> String {
    let mut uses = Vec::new();
    if !fact.decides.is_empty() {
        uses.push(format!("decides {}", fact.decides.join(", ")));
    }
    if !fact.set_aside.is_empty() {
        uses.push(format!(
            "readings of {} that count only where a site pins them",
            fact.set_aside.join(", ")
        ));
    }
    if !fact.remarks.is_empty() {
        uses.push(format!(
            "cautions or conflicts of {}",
            fact.remarks.join(", ")
        ));
    }
    uses.join("; ")
}

/// The values of a code. Those of other facts are a part of what may be answered.
fn values(depth: usize, fact: &FactPart) -> impl Iterator<Item = Item<'_>> {
    let values = fact.values.iter().filter(|_| fact.kind == "code");
    values.map(move |value| {
        let said = words::value(value).into();
        let spans = vec![
            Span::Name(&value.name),
            Span::Between(": "),
            Span::Text(said),
        ];
        Item::new(depth, Mark::Bullet(None), spans)
    })
}

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

/// What comes first, each in one line behind its name.
pub(super) fn about_first(explanation: &Explanation) -> Vec<Item<'_>> {
    let row = |(key, name): (&str, &'static str)| {
        let (_, about) = about(explanation).iter().find(|(name, _)| name == key)?;
        let said = flat(about);
        (!said.is_empty()).then(|| Item::row(name, said))
    };
    FIRST.into_iter().filter_map(row).collect()
}

/// Everything else that the file says of the trial.
fn about_rest(explanation: &Explanation) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    for (name, about) in about(explanation) {
        if !FIRST.iter().any(|(first, _)| first == name) {
            add_about(name, about, 0, &mut items);
        }
    }
    items
}

fn about(explanation: &Explanation) -> &[(String, About)] {
    match &explanation.trial.about {
        Some(About::Map(about)) => about,
        _ => &[],
    }
}

fn add_about<'e>(name: &str, about: &'e About, depth: usize, items: &mut Vec<Item<'e>>) {
    let mut letters = name.chars();
    let capital = letters.next().into_iter().flat_map(char::to_uppercase);
    let name: String = capital
        .chain(letters.as_str().replace('_', " ").chars())
        .collect();
    let line = |said| Item::new(depth, Mark::Line, text(said));
    match about {
        About::Text(text) => items.push(line(format!("{name}: {text}"))),
        About::List(parts) => {
            items.push(line(format!("{name}:")));
            items.extend(parts.iter().map(|part| {
                Item::new(
                    depth + 1,
                    Mark::Line,
                    vec![Span::Dot, Span::Text(flat(part).into())],
                )
            }));
        }
        About::Map(parts) => {
            items.push(line(format!("{name}:")));
            for (name, about) in parts {
                add_about(name, about, depth + 1, items);
            }
        }
    }
}

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
