//! The sheet of a list: what it comes to, with pictures, as one page in HTML or Markdown, by a template.
//!
//! It is made from the summary, which is small whatever the list, and from the first candidates, which are kept as a [`Grid`].

mod bars;
mod drawing;
mod flow;

use std::cmp::Reverse;
use std::sync::Arc;

use minijinja::Value;
use serde::Serialize;

use self::bars::{Bar, Meaning};
use self::drawing::Drawing;
use super::{Listed, Row, State, output, summary};
use crate::diagnostic::{Diagnostics, Source};
use crate::json_escape::Tool;
use crate::record::Dates;
use crate::report::disclaimer;
use crate::report::json::{SitePart, TrialPart};
use crate::report::markup::{Markup, fill};
use crate::screening::Verdict;
use crate::trial::{Policy, Trial};

/// No more candidates stand in the grid.
pub const MOST_CANDIDATES: usize = 200;
/// Of facts, kinds of errors and cautions, no more are shown.
const MOST_SHOWN: usize = 20;
/// No name and no message is longer, in characters.
const LONGEST: usize = 200;

/// What a template of a site may use.
pub const SEEN: &str = "`summary` (eligo/summary/1), `trial`, `site`, `tool`, `lists`, `days`, `screened`, `steps`, `failing`, `facts`, `open`, `cautions`, `errors`, `warnings`, `pictures`, `grid` and `disclaimer`";

/// The template that comes with the program.
#[must_use]
pub fn template(markup: Markup) -> Arc<Source> {
    match markup {
        Markup::Html => Source::new("list.html", include_str!("sheet/list.html")),
        Markup::Markdown => Source::new("list.md", include_str!("sheet/list.md")),
    }
}

/// The first candidates of a list, with their verdicts.
#[derive(Debug, Default)]
pub struct Grid {
    rows: Vec<GridRow>,
    count: u64,
}

#[derive(Debug, Serialize)]
struct GridRow {
    place: String,
    candidate: Option<String>,
    eligibility: &'static str,
    /// Of the protocol's own criteria; none where the row could not be read.
    #[serde(serialize_with = "names")]
    verdicts: Vec<Verdict>,
    /// What is wrong with the row, if it could not be read.
    problem: Option<String>,
}

fn names<S: serde::Serializer>(verdicts: &[Verdict], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(verdicts.iter().map(|verdict| verdict.name()))
}

impl Grid {
    /// Adds a row.
    pub(super) fn add(&mut self, row: &Row<'_>, criteria: &[Listed<'_>]) {
        self.count += 1;
        if self.rows.len() >= MOST_CANDIDATES {
            return;
        }
        let (eligibility, verdicts, problem) = match &row.state {
            State::Screened {
                eligibility,
                verdicts,
                ..
            } => {
                let tops = criteria.iter().zip(*verdicts).filter(|(one, _)| one.top);
                let verdicts = tops.map(|(_, verdict)| *verdict).collect();
                (eligibility.name(), verdicts, None)
            }
            State::Error(problems) => {
                let first = problems.first().map(|problem| problem.full_message());
                let more = match problems.len() {
                    0 | 1 => String::new(),
                    count => format!(" (and {} more)", count - 1),
                };
                let said = first.map(|first| shortened(&first) + &more);
                ("error", Vec::new(), said)
            }
        };
        self.rows.push(GridRow {
            place: shortened(&output::place(row)),
            candidate: row.candidate.map(shortened),
            eligibility,
            verdicts,
            problem,
        });
    }

    /// Adds the rows behind these, and takes them out of `other`.
    pub fn append(&mut self, other: &mut Self) {
        self.count += other.count;
        let room = MOST_CANDIDATES - self.rows.len();
        self.rows.extend(other.rows.drain(..).take(room));
    }

    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.count = 0;
    }
}

/// A text that is no longer than a page can bear.
fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// What a sheet was made from.
#[derive(Debug)]
pub struct Origin<'o> {
    /// The trial.
    pub trial: &'o Trial,
    /// The site's policy.
    pub policy: &'o Policy,
    /// The names of the lists.
    pub lists: Vec<String>,
    /// From which day the records were looked at.
    pub dates: Dates,
    /// The version of the tool.
    pub version: &'o str,
}

/// What a template sees.
#[derive(Serialize)]
struct Page<'a> {
    summary: &'a summary::Report,
    trial: TrialPart<'a>,
    site: Option<SitePart<'a>>,
    tool: Tool<'a>,
    lists: &'a [String],
    days: String,
    screened: u64,
    steps: &'a [Step<'a>],
    failing: Vec<&'a Step<'a>>,
    open: Vec<&'a summary::CriterionPart>,
    facts: First<'a, summary::MissingPart>,
    cautions: First<'a, summary::CautionPart>,
    errors: First<'a, summary::KindPart>,
    warnings: Vec<String>,
    pictures: Pictures,
    grid: GridPart<'a>,
    disclaimer: String,
}

/// The first of a list, and how many there are beside them.
#[derive(Serialize)]
struct First<'a, T> {
    shown: &'a [T],
    more: usize,
}

impl<'a, T> First<'a, T> {
    fn of(all: &'a [T]) -> Self {
        let shown = all.get(..MOST_SHOWN).unwrap_or(all);
        Self {
            shown,
            more: all.len() - shown.len(),
        }
    }
}

/// A criterion of the protocol in the order of the protocol, and what it does to the candidates.
#[derive(Serialize)]
struct Step<'a> {
    id: &'a str,
    title: &'a str,
    fail: u64,
    unknown: u64,
    /// Failed by this criterion and no other.
    alone: u64,
    /// Failed by this criterion and none before it.
    first: u64,
    left: u64,
}

/// SVG, each in as many parts as it needs.
#[derive(Serialize)]
struct Pictures {
    flow: Vec<Value>,
    failing: Vec<Value>,
    facts: Vec<Value>,
}

#[derive(Serialize)]
struct GridPart<'a> {
    rows: &'a [GridRow],
    /// How many there are in all.
    count: u64,
}

/// The sheet of a list.
///
/// # Errors
/// The template is wrong, with the place.
pub fn render(
    summary: &summary::Report,
    grid: &Grid,
    origin: &Origin<'_>,
    markup: Markup,
    template: &Arc<Source>,
) -> Result<String, Diagnostics> {
    let steps = steps(summary);
    let mut failing: Vec<&Step<'_>> = steps.iter().filter(|step| step.fail > 0).collect();
    failing.sort_by_key(|step| Reverse((step.fail, step.alone)));
    let mut open: Vec<_> = summary.criteria.iter().collect();
    open.retain(|part| part.no_fact_settles > 0);
    open.sort_by_key(|part| Reverse(part.no_fact_settles));
    let facts = First::of(&summary.missing);
    let page = Page {
        pictures: pictures(summary, &steps, &failing, facts.shown)?,
        summary,
        trial: TrialPart::of(origin.trial),
        site: SitePart::of(origin.policy),
        tool: Tool::eligo(origin.version),
        lists: &origin.lists,
        days: days(origin.dates, summary.undated),
        screened: summary.screened(),
        steps: &steps,
        failing,
        open,
        facts,
        cautions: First::of(summary.cautions.as_deref().unwrap_or(&[])),
        errors: First::of(&summary.errors),
        warnings: summary.remarks(),
        grid: GridPart {
            rows: &grid.rows,
            count: grid.count,
        },
        disclaimer: disclaimer(),
    };
    fill(&page, markup, template, SEEN)
}

fn steps<'a>(summary: &'a summary::Report) -> Vec<Step<'a>> {
    let mut before = summary.screened();
    let step = |part: &'a summary::CriterionPart| Step {
        id: &part.id,
        title: &part.title,
        fail: part.fail,
        unknown: part.unknown,
        alone: part.fail_alone,
        first: std::mem::replace(&mut before, part.left) - part.left,
        left: part.left,
    };
    summary.criteria.iter().map(step).collect()
}

/// As of which days the candidates were screened.
fn days(dates: Dates, undated: u64) -> String {
    match (dates.as_of, undated) {
        (Some(day), _) => format!("as of {day}"),
        (None, 0) => "as of the day that each record states".to_owned(),
        (None, count) => format!(
            "as of the day that each record states; {count} without one as of {}",
            dates.today
        ),
    }
}

fn pictures(
    summary: &summary::Report,
    steps: &[Step<'_>],
    failing: &[&Step<'_>],
    facts: &[summary::MissingPart],
) -> Result<Pictures, Diagnostics> {
    let failing = failing.iter().map(|step| Bar {
        label: format!("{}  {}", step.id, step.title),
        whole: step.fail,
        part: step.alone,
    });
    let facts = facts.iter().map(|part| Bar {
        label: part.label.to_owned(),
        whole: part.holds_up,
        part: part.would_settle,
    });
    let svg = |drawings: Vec<Drawing>| -> Result<Vec<Value>, Diagnostics> {
        drawings.iter().map(Drawing::svg).collect()
    };
    Ok(Pictures {
        flow: svg(flow::flow_diagrams(summary, steps))?,
        failing: svg(bars::bar_charts(&FAILING, &failing.collect::<Vec<_>>()))?,
        facts: svg(bars::bar_charts(&FACTS, &facts.collect::<Vec<_>>()))?,
    })
}

const FAILING: Meaning = Meaning {
    name: "failing",
    title: "Criteria that candidates fail",
    part: "by it alone",
    description: "A bar for each criterion, as long as the number of candidates who fail it; filled is the part of those who fail no other. The table below has the same figures.",
};

const FACTS: Meaning = Meaning {
    name: "facts",
    title: "Facts that hold up undetermined candidates",
    part: "for it alone",
    description: "A bar for each fact, as long as the number of undetermined candidates who wait for it; filled is the part of those who wait for nothing else. The table below has the same figures.",
};
