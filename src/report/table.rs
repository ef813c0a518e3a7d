//! A screening as text for a terminal: a table of the criteria, then what it comes to and what to do next.
//!
//! The width is always given, and everything that came from outside is stripped of control characters first.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};
use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Row, Table, TableStyle,
    Width, presets,
};

use super::sentence::{Sentences, met};
use super::{MergedFrom, Provenance, disclaimer};
use crate::diagnostic::visible;
use crate::facts::{Kind, Stage};
use crate::screening::{
    Eligibility, GapCause, Next, OpenQuestion, Outcome, Raised, Screening, Verdict,
};
use crate::trial::{Criterion, Policy, Reading, Side};
use crate::value::Missing;

/// How the text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Columns of the terminal or page.
    pub width: u16,
    /// Whether ANSI colours are used. Nothing is said by colour alone.
    pub colour: bool,
}

/// A line below the header and no others.
const RULED: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// The narrowest page that is laid out; a narrower terminal breaks the lines itself.
pub const NARROWEST: u16 = 50;

pub(crate) const GREEN: Style = AnsiColor::Green.on_default();
pub(crate) const RED: Style = AnsiColor::Red.on_default().bold();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const BOLD: Style = Style::new().bold();
const PLAIN: Style = Style::new();

/// The whole report. Of the criteria, those with one of the verdicts in `only` are in its table; all, where it is empty.
#[must_use]
pub fn render(
    screening: &Screening<'_>,
    provenance: &Provenance,
    layout: Layout,
    only: &[Verdict],
) -> String {
    Page::new(screening, layout).render(provenance, only)
}

/// What failed or is open, and what to obtain first: a page that fits a terminal.
#[must_use]
pub fn brief(screening: &Screening<'_>, layout: Layout) -> String {
    Page::new(screening, layout).brief()
}

/// One line: the candidate, the eligibility and how many cautions there are.
#[must_use]
pub fn headline(screening: &Screening<'_>, colour: bool) -> String {
    let Headline {
        candidate,
        word,
        rest,
    } = Headline::of(screening);
    let word = painted(word, eligibility_style(screening.eligibility), colour);
    format!("{}: {word}{}\n", visible(&candidate), visible(&rest))
}

/// What the first line says.
struct Headline {
    candidate: String,
    word: &'static str,
    rest: String,
}

impl Headline {
    fn of(screening: &Screening<'_>) -> Self {
        let candidate = screening.record.candidate.as_deref().unwrap_or("candidate");
        let (word, why) = conclusion(screening);
        let cautions = counted_cautions(screening.caution_count());
        let cautions = cautions.map_or_else(String::new, |counted| format!(", {counted}"));
        Self {
            candidate: candidate.to_owned(),
            word,
            rest: format!("{cautions} ({why})"),
        }
    }
}

/// `1 caution`, `5 cautions`; nothing where there is none.
pub(crate) fn counted_cautions(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 caution".to_owned()),
        _ => Some(format!("{count} cautions")),
    }
}

struct Page<'s, 'a> {
    screening: &'s Screening<'a>,
    sentences: Sentences<'s>,
    layout: Layout,
    out: String,
}

impl<'s, 'a> Page<'s, 'a> {
    fn new(screening: &'s Screening<'a>, layout: Layout) -> Self {
        Self {
            screening,
            sentences: Sentences::new(screening),
            layout: Layout {
                width: layout.width.max(NARROWEST),
                ..layout
            },
            out: String::new(),
        }
    }

    /// The verdict stands first and last, so that it is seen in a pager and above a prompt.
    fn render(mut self, provenance: &Provenance, only: &[Verdict]) -> String {
        self.headline();
        self.out.push('\n');
        self.head();
        self.failed();
        self.open();
        self.contradictions();
        self.criteria(Side::Inclusion, "Inclusion criteria", only);
        self.criteria(Side::Exclusion, "Exclusion criteria", only);
        self.next();
        self.rulings();
        self.cautions();
        self.policy();
        self.footer(provenance);
        self.out.push('\n');
        self.headline();
        self.out
    }

    fn brief(mut self) -> String {
        const MOST_NEXT: usize = 3;
        self.headline();
        let with = |verdict| self.with(verdict, |reason, _| reason);
        let (failed, open) = (with(Verdict::Fail), with(Verdict::Unknown));
        self.list("Failed", failed);
        self.list("Open", open);
        let all = self.screening.next.iter().zip(1..).take(MOST_NEXT);
        let first = all.map(|(next, number): (&Next, usize)| {
            let label = &self.screening.trial.facts.get(next.fact).label;
            (
                format!("{number}."),
                format!("{label} (for {})", next.criteria.join(", ")),
            )
        });
        let first = first.collect();
        self.list("To obtain first", first);
        self.out
    }

    fn headline(&mut self) {
        let headline = Headline::of(self.screening);
        let style = eligibility_style(self.screening.eligibility);
        self.paragraphs([[
            (headline.candidate.as_str(), PLAIN),
            (": ", PLAIN),
            (headline.word, style),
            (&headline.rest, PLAIN),
        ]]);
    }

    fn heading(&mut self, text: &str) {
        self.out.push('\n');
        self.paragraphs([[(text, BOLD)]]);
    }

    fn head(&mut self) {
        let trial = self.screening.trial;
        let title = format!("{}  {}", trial.id, trial.title);
        let candidate = self
            .screening
            .record
            .candidate
            .as_deref()
            .map_or("Candidate without a pseudonym".to_owned(), |name| {
                format!("Candidate {name}")
            });
        let mut lines = vec![
            title,
            format!(
                "{candidate}, screened on {}",
                self.screening.record.screened_on
            ),
        ];
        if let Some(site) = &self.screening.policy.site {
            lines.push(format!("Site policy: {site}"));
        }
        if let Some(note) = &self.screening.record.note {
            lines.push(format!("Note: {note}"));
        }
        self.paragraphs(lines.iter().map(|line| [(line.as_str(), PLAIN)]));
    }

    /// The one way of a text onto the page, whatever it is from: no control character of it reaches a terminal.
    fn cell<'t>(&self, spans: impl IntoIterator<Item = (&'t str, Style)>) -> Cell {
        let painted = |(text, style)| painted(&breakable(text), style, self.layout.colour);
        Cell::new(spans.into_iter().map(painted).collect::<String>())
    }

    /// Lines of text, each of spans in a style, wrapped.
    fn paragraphs<'t, L: IntoIterator<Item = (&'t str, Style)>>(
        &mut self,
        lines: impl IntoIterator<Item = L>,
    ) {
        let mut table = self.bare();
        for line in lines {
            table.add_row(vec![self.cell(line)]);
        }
        if let Some(column) = table.column_mut(0) {
            column.set_padding((0, 0));
        }
        self.put(&table);
    }

    fn bare(&self) -> Table {
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(self.layout.width);
        table
    }

    fn put(&mut self, table: &Table) {
        let text = table.trim_fmt();
        self.out.push_str(&text);
        self.out.push('\n');
    }

    fn criteria(&mut self, side: Side, heading: &str, only: &[Verdict]) {
        let outcomes: Vec<&Outcome<'a>> = self
            .screening
            .outcomes
            .iter()
            .filter(|outcome| {
                outcome.criterion.side == side
                    && (only.is_empty() || only.contains(&outcome.verdict))
            })
            .collect();
        if outcomes.is_empty() {
            return;
        }
        self.heading(heading);
        if !only.is_empty() {
            let words = only.iter().map(|verdict| shouted(*verdict).0);
            let text = format!(
                "Only {}; the others are left out.",
                words.collect::<Vec<_>>().join(", ")
            );
            self.paragraphs([[(text.as_str(), DIM)]]);
        }
        let mut table = Table::new();
        table
            .load_style(RULED)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(self.layout.width);
        table.set_header(
            ["ID", "Criterion", "Verdict", "Reason"]
                .map(|text| self.cell([(text, BOLD)]))
                .to_vec(),
        );
        for outcome in outcomes {
            self.rows(&mut table, outcome, 0);
        }
        let ids = self
            .screening
            .trial
            .all_criteria()
            .iter()
            .map(|criterion| criterion.id.len())
            .max()
            .unwrap_or(2)
            + 1;
        let (id, verdict) = (u16::try_from(ids).unwrap_or(8).min(10) + 2, 9);
        let title = ((self.layout.width.saturating_sub(id + verdict)) * 3 / 10).clamp(14, 38);
        table.set_constraints([
            ColumnConstraint::Absolute(Width::Fixed(id)),
            ColumnConstraint::Absolute(Width::Fixed(title)),
            ColumnConstraint::Absolute(Width::Fixed(verdict)),
            ColumnConstraint::Absolute(Width::Fixed(
                self.layout.width.saturating_sub(id + title + verdict),
            )),
        ]);
        self.put(&table);
    }

    fn rows(&self, table: &mut Table, outcome: &Outcome<'a>, depth: usize) {
        let reason = self.sentences.reason_in_row(outcome);
        let (word, style) = verdict_word(outcome);
        let id = format!("{}{}", " ".repeat(depth), outcome.criterion.id);
        let (other, style) = if outcome.spare {
            (DIM, DIM)
        } else {
            (PLAIN, style)
        };
        let cells = [
            (id.as_str(), other),
            (outcome.criterion.title.as_str(), other),
            (word, style),
            (reason.as_str(), other),
        ];
        table.add_row(Row::from(cells.map(|span| self.cell([span])).to_vec()));
        // Where the whole does not apply, its parts have nothing to say.
        if outcome.verdict != Verdict::NotApplicable {
            for child in &outcome.children {
                self.rows(table, child, depth + 1);
            }
        }
    }

    /// A numbered or named list, wrapped behind its marks.
    fn list(&mut self, heading: &str, entries: Vec<(String, String)>) {
        if entries.is_empty() {
            return;
        }
        self.heading(heading);
        let marks = entries
            .iter()
            .map(|(mark, _)| mark.chars().count())
            .max()
            .unwrap_or(1);
        let mut table = self.bare();
        for (mark, text) in entries {
            table.add_row(vec![
                self.cell([(mark.as_str(), PLAIN)])
                    .set_alignment(CellAlignment::Left),
                self.cell([(text.as_str(), PLAIN)]),
            ]);
        }
        let width = u16::try_from(marks).unwrap_or(10).min(16) + 3;
        let rest = self.layout.width.saturating_sub(width);
        table.set_constraints([
            ColumnConstraint::Absolute(Width::Fixed(width)),
            ColumnConstraint::Absolute(Width::Fixed(rest)),
        ]);
        if let Some(column) = table.column_mut(0) {
            column.set_padding((2, 1));
        }
        self.put(&table);
    }

    fn each(&self, mut visit: impl FnMut(&Outcome<'a>)) {
        for outcome in &self.screening.outcomes {
            outcome.walk(&mut |outcome| visit(outcome));
        }
    }

    /// The criteria with a verdict, each with what is said of it.
    fn with(
        &self,
        verdict: Verdict,
        say: impl Fn(String, &Criterion) -> String,
    ) -> Vec<(String, String)> {
        let outcomes = self.screening.outcomes.iter();
        outcomes
            .filter(|outcome| outcome.verdict == verdict)
            .map(|outcome| {
                let said = say(self.sentences.reason(outcome), outcome.criterion);
                (outcome.criterion.id.clone(), said)
            })
            .collect()
    }

    fn failed(&mut self) {
        let entries = self.with(Verdict::Fail, |reason, criterion| {
            let text = criterion.text.as_deref().unwrap_or(&criterion.title);
            format!("{reason}. The protocol: “{text}”")
        });
        self.list("Failed", entries);
    }

    fn open(&mut self) {
        let entries = self.with(Verdict::Unknown, |reason, _| reason);
        self.list("Open", entries);
    }

    fn contradictions(&mut self) {
        let entries = self.raised(|outcome| &outcome.conflicts);
        self.list("To correct: the record contradicts itself", entries);
    }

    /// What is raised of each criterion.
    fn raised(
        &self,
        of: impl for<'o> Fn(&'o Outcome<'a>) -> &'o [Raised<'a>],
    ) -> Vec<(String, String)> {
        let mut entries = Vec::new();
        self.each(|outcome| {
            let raised = of(outcome).iter();
            let id = &outcome.criterion.id;
            entries.extend(raised.map(|one| (id.clone(), one.said().into_owned())));
        });
        entries
    }

    fn next(&mut self) {
        const MOST_UNGROUPED: usize = 12;
        let facts = &self.screening.trial.facts;
        let all = &self.screening.next;
        let staged = all.iter().any(|next| facts.get(next.fact).stage.is_some());
        let (mut entries, mut group) = (Vec::new(), None);
        for (index, next) in all.iter().enumerate() {
            let stage = facts.get(next.fact).stage;
            if staged && all.len() > MOST_UNGROUPED && group != Some(stage) {
                group = Some(stage);
                let heading = stage.map_or("Other", Stage::heading);
                entries.push((String::new(), format!("{heading}:")));
            }
            entries.push((format!("{}.", index + 1), self.to_obtain(next)));
        }
        let heading = if staged {
            "To obtain, stage by stage, first what settles most"
        } else {
            "To obtain, in the order in which it settles most"
        };
        self.list(heading, entries);
        let mut outcomes = self.screening.outcomes.iter();
        if self.screening.eligibility == Eligibility::Ineligible
            && outcomes.any(|outcome| outcome.verdict == Verdict::Unknown)
        {
            self.heading("Nothing to obtain");
            let text =
                "No further information can make the candidate eligible while what failed stands.";
            self.paragraphs([[(text, PLAIN)]]);
        }
    }

    /// Which fact to obtain, why and for what, and how to ask for it.
    fn to_obtain(&self, next: &Next) -> String {
        let fact = self.screening.trial.facts.get(next.fact);
        let cause = match next.cause {
            // What is recorded says best why it does not do.
            GapCause::Unclear => self.sentences.value_of(next.fact),
            _ => None,
        };
        let cause = cause.unwrap_or_else(|| self.sentences.why_open(next.fact, next.cause));
        let criteria = next.criteria.join(", ");
        let effect = if next.decides {
            "; settles the eligibility whatever the answer"
        } else if !next.tried {
            "; too much is missing to try its answers"
        } else {
            ""
        };
        let mut text = format!("{} ({cause}; for {criteria}{effect}).", fact.label);
        for part in [&fact.ask, &fact.obtain].into_iter().flatten() {
            text.push(' ');
            text.push_str(part);
        }
        if let Kind::Quantity(measure) = &fact.kind
            && measure.unit != "1"
        {
            text.push_str(&format!(" In {}.", measure.unit));
        }
        text
    }

    /// Criteria which only an answer of the sponsor, or a pinned reading, can settle.
    fn rulings(&mut self) {
        let mut entries = Vec::new();
        for outcome in self.screening.rulings() {
            entries.extend(outcome.doubts_to_rule().map(|raised| {
                let basis = raised.doubt.remark.basis.as_deref();
                let say = with_basis(&raised.said(), basis);
                let id = &raised.doubt.id;
                (outcome.criterion.id.clone(), format!("doubt {id}: {say}"))
            }));
            let questions = outcome.open_questions();
            for open in &questions {
                entries.extend(meanings(outcome, open));
            }
            if !questions.is_empty() || !outcome.readings_differ() {
                continue;
            }
            for (index, one) in outcome.readings.iter().enumerate() {
                let mark = if index == 0 {
                    outcome.criterion.id.clone()
                } else {
                    String::new()
                };
                entries.push((
                    mark,
                    format!(
                        "{} → {}: {}",
                        one.reading.name,
                        met(one.verdict, outcome.criterion.side),
                        said(one.reading)
                    ),
                ));
            }
        }
        self.list(
            "To be ruled by the sponsor, or pinned in the site policy: how the protocol is meant",
            entries,
        );
    }

    fn cautions(&mut self) {
        let of_trial = self.screening.cautions.iter();
        let mut entries: Vec<(String, String)> = of_trial
            .map(|caution| ("·".to_owned(), caution.said().into_owned()))
            .collect();
        entries.extend(self.raised(|outcome| &outcome.cautions));
        self.list("Cautions, which decide nothing", entries);
    }

    /// What the site policy changed.
    fn policy(&mut self) {
        let mut entries = Vec::new();
        self.each(|outcome| {
            let settled = settled_by_site(outcome, self.screening.policy).into_iter();
            entries.extend(settled.map(|text| (outcome.criterion.id.clone(), text)));
        });
        let mut others = self.set_aside();
        if self.screening.policy.site.is_some() && entries.is_empty() && others.is_empty() {
            others.push("it changed nothing for this candidate".to_owned());
        }
        entries.extend(others.into_iter().map(|text| ("·".to_owned(), text)));
        self.list("What the site policy changed", entries);
    }

    /// The values that the site does not accept, by the reason for that.
    fn set_aside(&self) -> Vec<String> {
        let screening = self.screening;
        let changed = |cause: Missing| {
            let values = screening.entries.iter().zip(&screening.record.entries);
            let refused = screening.trial.facts.iter().zip(values);
            let refused = refused.filter(|(_, (entry, given))| {
                entry.value != given.value && mentions(&entry.value, cause)
            });
            let labels: Vec<&str> = refused.map(|((_, fact), _)| &*fact.label).collect();
            labels.join(", ")
        };
        let undecided = "perhaps older than the site allows, since the day is not known";
        let unsigned = "an unsigned judgement, and the site requires signatures";
        let causes = [
            (Missing::TooOld, "older than the site allows"),
            (Missing::PerhapsTooOld, undecided),
            (Missing::Undated, "undated, and the site limits its age"),
            (Missing::Unsigned, unsigned),
        ];
        let causes = causes.map(|(cause, said)| (said, changed(cause)));
        let causes = causes.into_iter().filter(|(_, labels)| !labels.is_empty());
        causes
            .map(|(said, labels)| format!("set aside as {said}: {labels}"))
            .collect()
    }

    fn footer(&mut self, provenance: &Provenance) {
        let trial = self.screening.trial;
        let mut lines = vec![String::new(), disclaimer()];
        let version = trial
            .version
            .as_deref()
            .map_or(String::new(), |version| format!(" version {version}"));
        lines.push(format!(
            "trial file {}{version}, sha256 {}",
            trial.id, trial.sha256
        ));
        if let Some(sha256) = &self.screening.policy.sha256 {
            lines.push(format!("site policy sha256 {sha256}"));
        }
        lines.push(format!("record sha256 {}", provenance.record_sha256));
        for from in &provenance.merged {
            let MergedFrom { file, line, sha256 } = from;
            lines.push(format!("merged with {file}, line {line}, sha256 {sha256}"));
        }
        lines.push(format!(
            "screened as of {} by eligo {}",
            self.screening.record.screened_on, provenance.version
        ));
        if let Some(logged) = &provenance.logged {
            lines.push(format!(
                "line {} of the screening log, hash {}",
                logged.number, logged.hash
            ));
        }
        self.paragraphs(lines.iter().map(|line| [(line.as_str(), DIM)]));
    }
}

/// Text whose words can be laid out in good time: an enormous one is broken, as it would be on the page.
pub(crate) fn breakable(text: &str) -> Cow<'_, str> {
    const LONGEST: usize = 70;
    if text
        .split_whitespace()
        .all(|word| word.len() <= LONGEST * 2)
    {
        return Cow::Borrowed(text);
    }
    let (mut broken, mut length) = (String::with_capacity(text.len()), 0);
    for character in text.chars() {
        length = if character.is_whitespace() {
            0
        } else {
            length + 1
        };
        if length > LONGEST {
            broken.push(' ');
            length = 1;
        }
        broken.push(character);
    }
    Cow::Owned(broken)
}

fn mentions(value: &crate::value::Value, cause: Missing) -> bool {
    use crate::value::Value;
    match value {
        Value::Null(found) => *found == cause,
        Value::List(list) => list
            .elements
            .iter()
            .any(|element| mentions(&element.value, cause)),
        Value::Item(fields) => fields.iter().any(|field| mentions(field, cause)),
        _ => false,
    }
}

fn said(reading: &Reading) -> String {
    with_basis(&reading.say, reading.basis.as_deref())
}

fn with_basis(say: &str, basis: Option<&str>) -> String {
    basis.map_or_else(|| say.to_owned(), |basis| format!("{say} [{basis}]"))
}

/// What a site policy says about how a criterion is meant.
fn settled_by_site(outcome: &Outcome<'_>, policy: &Policy) -> Vec<String> {
    let mut settled = Vec::new();
    if let Some(pinned) = outcome.pinned {
        let name = &pinned.name;
        settled.push(format!("reading {name} is pinned: {}", said(pinned)));
    }
    for question in outcome.criterion.questions() {
        let pinned = policy.pinned(outcome.criterion, question);
        let mut meanings = question.meanings.iter();
        if let Some(meaning) = meanings.find(|one| Some(one.name.as_str()) == pinned) {
            let say = with_basis(&meaning.say, meaning.basis.as_deref());
            let (name, reading) = (&question.name, &meaning.name);
            settled.push(format!("reading {reading} of {name} is pinned: {say}"));
        }
    }
    for raised in &outcome.doubts {
        if let Some(settlement) = raised.settled {
            let (id, settlement) = (&raised.doubt.id, settlement.name());
            settled.push(format!("doubt {id} {settlement}: {}", raised.said()));
        }
    }
    settled
}

/// The answers to a question about wording, and what the criterion comes to with each.
fn meanings(outcome: &Outcome<'_>, open: &OpenQuestion<'_>) -> Vec<(String, String)> {
    let mut mark = outcome.criterion.id.clone();
    let answers = open.verdicts.iter().filter_map(|(place, verdict)| {
        let meaning = open.question.meanings.get(*place)?;
        let text = format!(
            "{} = {} → {}: {}",
            open.question.name,
            meaning.name,
            met(*verdict, outcome.criterion.side),
            with_basis(&meaning.say, meaning.basis.as_deref())
        );
        Some((std::mem::take(&mut mark), text))
    });
    answers.collect()
}

/// A text as it may be shown on a terminal, in a style: what a terminal would obey is made visible first.
pub(crate) fn painted(text: &str, style: Style, colour: bool) -> String {
    let text = visible(text);
    if colour && !text.is_empty() && style != PLAIN {
        format!("{style}{text}{style:#}")
    } else {
        text
    }
}

pub(crate) fn eligibility_style(eligibility: Eligibility) -> Style {
    match eligibility {
        Eligibility::Eligible => GREEN.bold(),
        Eligibility::Ineligible => RED,
        Eligibility::Undetermined => YELLOW,
    }
}

pub(super) fn verdict_word(outcome: &Outcome<'_>) -> (&'static str, Style) {
    match outcome.verdict {
        _ if outcome.spare || (outcome.is_alternative && outcome.verdict == Verdict::Fail) => {
            (met(outcome.verdict, outcome.criterion.side), DIM)
        }
        verdict => shouted(verdict),
    }
}

/// A verdict as a word that stands out.
pub(crate) fn shouted(verdict: Verdict) -> (&'static str, Style) {
    match verdict {
        Verdict::Pass => ("PASS", GREEN),
        Verdict::Fail => ("FAIL", RED),
        Verdict::Unknown => ("UNKNOWN", YELLOW),
        Verdict::NotApplicable => ("N/A", DIM),
    }
}

pub(super) fn conclusion(screening: &Screening<'_>) -> (&'static str, String) {
    let with = |verdict: Verdict| {
        screening
            .outcomes
            .iter()
            .filter(|outcome| outcome.verdict == verdict)
            .map(|outcome| outcome.criterion.id.as_str())
            .collect::<Vec<_>>()
    };
    let (failed, unknown) = (with(Verdict::Fail), with(Verdict::Unknown));
    match screening.eligibility {
        Eligibility::Eligible => (
            "ELIGIBLE",
            "no criterion failed, and none is unknown".to_owned(),
        ),
        Eligibility::Ineligible if unknown.is_empty() => {
            ("INELIGIBLE", format!("{} failed", failed.join(", ")))
        }
        Eligibility::Ineligible => (
            "INELIGIBLE",
            format!(
                "{} failed; unknown besides: {}",
                failed.join(", "),
                unknown.join(", ")
            ),
        ),
        Eligibility::Undetermined => (
            "UNDETERMINED",
            format!("no criterion failed, but unknown: {}", unknown.join(", ")),
        ),
    }
}
