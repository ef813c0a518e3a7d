//! An explanation as text for a terminal.
//!
//! No line is wider than the page where its words allow it, everything that came from outside is stripped of control
//! characters, and nothing is said by colour alone.

use anstyle::Style;
use textwrap::{Options, WordSplitter};

use super::model::{Explanation, Tree};
use super::page::{self, Block, Entry, Item, Mark, Span, Tone};
use super::words;
use crate::diagnostic::visible;
use crate::report::table::{
    BOLD, DIM, GREEN, Layout, NARROWEST, RED, YELLOW, eligibility_style, painted, shouted,
};
use crate::value::Truth;

/// The whole explanation.
#[must_use]
pub fn render(explanation: &Explanation, layout: Layout) -> String {
    let mut page = Page {
        width: usize::from(layout.width.max(NARROWEST)),
        colour: layout.colour,
        column: false,
        out: String::new(),
    };
    page.head(explanation);
    for block in page::blocks(explanation) {
        page.block(&block);
    }
    page.out.push('\n');
    for line in words::footer(explanation) {
        page.line("", &line, DIM);
    }
    page.out
}

/// Columns of a label, its indentation included.
const LABEL: usize = 15;
const PLAIN: Style = Style::new();

/// A label in its column.
fn labelled(label: &str) -> String {
    format!("{:LABEL$}", format!("  {label}"))
}

struct Page {
    width: usize,
    colour: bool,
    /// Whether labels stand in a column ahead of what is said, as they do in an entry.
    column: bool,
    out: String,
}

impl Page {
    /// Which trial and which candidate.
    fn head(&mut self, explanation: &Explanation) {
        let trial = &explanation.trial;
        let title = if explanation.whole { BOLD } else { DIM };
        self.line("", &format!("{}  {}", trial.id, trial.title), title);
        for block in page::about_first(explanation) {
            self.block(&block);
        }
        if explanation.whole {
            self.row("Trial file", &words::file_of(trial), PLAIN);
        }
        if let Some(candidate) = &explanation.candidate {
            self.out.push('\n');
            let style = eligibility_style(candidate.eligibility);
            self.line("", &words::candidate(candidate), style);
        }
        if let Some(site) = &explanation.site {
            self.line("", &format!("Site policy: {site}"), PLAIN);
        }
        if explanation.whole {
            self.at_a_glance(explanation);
        }
    }

    fn at_a_glance(&mut self, explanation: &Explanation) {
        self.heading(page::AT_A_GLANCE);
        for criterion in &explanation.criteria {
            let id = format!("  {:<6}", visible(&criterion.id));
            match &criterion.outcome {
                Some(outcome) => {
                    let (word, style) = shouted(outcome.verdict);
                    self.line(&id, &format!("{word:<9}{}", criterion.title), style);
                }
                None => self.line(&id, &criterion.title, PLAIN),
            }
        }
    }

    fn block(&mut self, block: &Block<'_>) {
        match block {
            Block::Heading(heading) => self.heading(heading),
            Block::Entry(entry) => self.entry(entry),
            Block::Item(item) => self.item(item),
        }
    }

    fn entry(&mut self, entry: &Entry<'_>) {
        self.column = true;
        self.out.push('\n');
        self.line("", &format!("{}  {}", entry.name, entry.label), BOLD);
        if let Some((kind, criterion)) = &entry.criterion {
            self.line("", kind, DIM);
            if let Some(outcome) = &criterion.outcome {
                let (word, style) = shouted(outcome.verdict);
                self.row("Verdict", word, style);
                self.row("Because", &outcome.reason, PLAIN);
            }
            if let Some(text) = &criterion.text {
                self.row("Protocol", &format!("“{}”", text.trim()), PLAIN);
            }
            if let Some(plain) = &criterion.plain {
                self.row("Plain words", plain, PLAIN);
            }
        }
    }

    /// An item, and the condition below it.
    fn item(&mut self, item: &Item<'_>) {
        let text: String = item.spans.iter().map(Span::text).collect();
        let style = match item.tone {
            Tone::Faint => DIM,
            Tone::Plain => PLAIN,
            Tone::Strong => BOLD,
            Tone::Raised => YELLOW,
        };
        let margin = " ".repeat(if self.column {
            LABEL + 2 * item.depth.saturating_sub(1)
        } else {
            2 * item.depth
        });
        let further = format!("{margin}  ");
        match item.mark {
            Mark::Row { column, .. } => self.row(column, &text, style),
            Mark::Bullet(name) => {
                let before = name.map_or(margin.clone(), labelled);
                self.hanging(&format!("{before}· "), &further, &text, style);
            }
            Mark::Line => self.hanging(&margin, &further, &text, style),
            Mark::Note => self.line(&margin, &text, style),
        }
        if let Some(tree) = item.tree.filter(|tree| !tree.parts.is_empty()) {
            self.tree(tree, &margin, &margin);
        }
        if let Some(expression) = item.expression {
            self.expression(&margin, expression);
        }
        if let Some(tree) = item.tree.filter(|tree| tree.parts.is_empty())
            && let Some(finding) = &tree.finding
        {
            let style = truth_style(finding.truth, true);
            self.line(
                &margin,
                &format!("→ {}", words::truth(finding.truth)),
                style,
            );
            self.findings(&margin, tree);
        }
    }

    fn expression(&mut self, margin: &str, expression: &str) {
        let lines = expression.lines().map(str::trim);
        for line in lines.filter(|line| !line.is_empty()) {
            self.hanging(margin, margin, line, DIM);
        }
    }

    fn tree(&mut self, tree: &Tree, first: &str, rest: &str) {
        let style = tree
            .finding
            .as_ref()
            .map_or(PLAIN, |finding| truth_style(finding.truth, finding.decides));
        let below = if tree.parts.is_empty() { "" } else { "│" };
        let inner = format!("{rest}{below:2}");
        self.hanging(first, &inner, &words::node(tree), style);
        if tree.parts.is_empty() {
            self.expression(&inner, &tree.expression);
            self.findings(&inner, tree);
        }
        for (index, part) in tree.parts.iter().enumerate() {
            let last = index + 1 == tree.parts.len();
            let (branch, line) = if last {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            self.tree(part, &format!("{rest}{branch}"), &format!("{rest}{line}"));
        }
    }

    fn findings(&mut self, margin: &str, tree: &Tree) {
        for (depth, text) in words::findings(tree) {
            let first = format!("{margin}{}", "  ".repeat(depth));
            self.hanging(&first, &format!("{first}  "), &text, PLAIN);
        }
    }

    /// Wrapped text behind a margin.
    fn line(&mut self, margin: &str, text: &str, style: Style) {
        self.hanging(
            margin,
            &" ".repeat(textwrap::core::display_width(margin)),
            text,
            style,
        );
    }

    /// Wrapped text, its first line behind one margin and the others behind another.
    fn hanging(&mut self, first: &str, rest: &str, text: &str, style: Style) {
        const LEAST: usize = 20;
        let margin = textwrap::core::display_width(first).max(textwrap::core::display_width(rest));
        let room = self.width.saturating_sub(margin).max(LEAST);
        let options = Options::new(room).word_splitter(WordSplitter::NoHyphenation);
        for (index, line) in textwrap::wrap(&visible(text), options).iter().enumerate() {
            self.out.push_str(if index == 0 { first } else { rest });
            self.out.push_str(&painted(line, style, self.colour));
            self.out.truncate(self.out.trim_end_matches(' ').len());
            self.out.push('\n');
        }
    }

    /// Text behind its label, with its own line breaks.
    fn row(&mut self, label: &str, text: &str, style: Style) {
        for (index, line) in text.lines().enumerate() {
            self.line(&labelled(if index == 0 { label } else { "" }), line, style);
        }
    }

    fn heading(&mut self, text: &str) {
        self.column = false;
        self.out.push('\n');
        self.line("", text, BOLD);
        let rule = "─".repeat(self.width.min(textwrap::core::display_width(text)));
        self.line("", &rule, PLAIN);
    }
}

/// What decides stands out.
fn truth_style(truth: Truth, decides: bool) -> Style {
    match truth {
        _ if !decides => DIM,
        Truth::True => GREEN,
        Truth::False => RED,
        Truth::Unknown => YELLOW,
    }
}
