//! An explanation as text for a terminal.
//!
//! No line is wider than the page where its words allow it, everything that came from outside is stripped of control
//! characters, and nothing is said by colour alone.

use anstyle::Style;
use textwrap::{Options, WordSplitter};

use super::model::{
    CriterionPart, Explanation, FactPart, Logic, ReadingPart, RemarkPart, TermPart, Tree, ValuePart,
};
use super::words;
use crate::diagnostic::visible;
use crate::report::sentence::met;
use crate::report::table::{
    BOLD, DIM, GREEN, Layout, NARROWEST, RED, YELLOW, eligibility_style, painted, shouted,
};
use crate::trial::Side;
use crate::value::Truth;

/// The whole explanation.
#[must_use]
pub fn render(explanation: &Explanation, layout: Layout) -> String {
    let mut page = Page {
        width: usize::from(layout.width.max(NARROWEST)),
        colour: layout.colour,
        file: explanation.trial.file.clone(),
        out: String::new(),
    };
    page.explanation(explanation);
    page.out
}

/// Columns of a label, its indentation included.
const LABEL: usize = 15;
const PLAIN: Style = Style::new();

struct Page {
    width: usize,
    colour: bool,
    file: String,
    out: String,
}

impl Page {
    fn explanation(&mut self, explanation: &Explanation) {
        if explanation.whole {
            self.identity(explanation);
        } else {
            let trial = &explanation.trial;
            self.line("", &format!("{}  {}", trial.id, trial.title), DIM);
        }
        self.candidate(explanation);
        if explanation.whole {
            self.at_a_glance(explanation);
        }
        let mut side = None;
        for criterion in &explanation.criteria {
            if explanation.whole && side != Some(criterion.side) {
                side = Some(criterion.side);
                self.heading(words::side_heading(criterion.side));
            }
            self.criterion(criterion);
        }
        if !explanation.cautions.is_empty() {
            self.heading("Cautions of the trial as a whole, which decide nothing");
            self.remarks("", &explanation.cautions);
        }
        if !explanation.terms.is_empty() {
            self.heading("Terms");
            explanation.terms.iter().for_each(|term| self.term(term));
        }
        for (heading, facts) in words::facts_in_order(explanation) {
            self.heading(heading);
            facts.into_iter().for_each(|fact| self.fact(fact));
        }
        if explanation.whole {
            self.about(explanation);
        }
        self.footer(explanation);
    }

    // Lines

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
    fn labelled(&mut self, label: &str, text: &str, style: Style) {
        for (index, line) in text.lines().enumerate() {
            let label = if index == 0 { label } else { "" };
            self.line(&format!("{:LABEL$}", format!("  {label}")), line, style);
        }
    }

    fn heading(&mut self, text: &str) {
        self.out.push('\n');
        self.line("", text, BOLD);
        let rule = "─".repeat(self.width.min(textwrap::core::display_width(text)));
        self.line("", &rule, PLAIN);
    }

    fn place(&self, line: Option<usize>) -> String {
        line.map_or(String::new(), |line| format!("{}:{line}", self.file))
    }

    // Parts

    fn identity(&mut self, explanation: &Explanation) {
        let trial = &explanation.trial;
        self.line("", &format!("{}  {}", trial.id, trial.title), BOLD);
        for (name, said) in words::about_first(trial) {
            self.labelled(&name, &said, PLAIN);
        }
        self.labelled("Trial file", &words::file_of(trial), PLAIN);
    }

    fn candidate(&mut self, explanation: &Explanation) {
        if let Some(candidate) = &explanation.candidate {
            self.out.push('\n');
            let style = eligibility_style(candidate.eligibility);
            self.line("", &words::candidate(candidate), style);
        }
        if let Some(site) = &explanation.site {
            self.line("", &format!("Site policy: {site}"), PLAIN);
        }
    }

    fn at_a_glance(&mut self, explanation: &Explanation) {
        self.heading("The criteria at a glance");
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

    fn criterion(&mut self, criterion: &CriterionPart) {
        self.out.push('\n');
        self.line("", &format!("{}  {}", criterion.id, criterion.title), BOLD);
        let place = self.place(criterion.line);
        self.line("", &words::kind_of(criterion, &place), DIM);
        if let Some(outcome) = &criterion.outcome {
            let (word, style) = shouted(outcome.verdict);
            self.labelled("Verdict", word, style);
            self.labelled("Because", &outcome.reason, PLAIN);
        }
        for (label, text) in [
            ("Protocol", criterion.text.as_deref().map(words::quoted)),
            ("Plain words", criterion.plain.clone()),
        ] {
            if let Some(text) = text {
                self.labelled(label, &text, PLAIN);
            }
        }
        if let Some(basis) = &criterion.basis {
            self.labelled("Source", basis, PLAIN);
        }
        for note in &criterion.notes {
            self.labelled("Note", note, PLAIN);
        }
        if let Some(applies) = &criterion.applies {
            self.logic("Applies", applies);
        }
        if let Some(rule) = &criterion.rule {
            self.logic("Rule", rule);
        }
        if !criterion.readings.is_empty() {
            self.labelled("Readings", words::READINGS, PLAIN);
            criterion
                .readings
                .iter()
                .for_each(|reading| self.reading(reading, criterion.side));
        }
        if let Some(group) = &criterion.group {
            self.labelled(
                if criterion.rule.is_some() || !criterion.readings.is_empty() {
                    "And parts"
                } else {
                    "Rule"
                },
                &group.sentence,
                PLAIN,
            );
            for part in &criterion.criteria {
                self.line(
                    &" ".repeat(LABEL),
                    &format!("· {}", words::part_of(part)),
                    PLAIN,
                );
            }
        }
        if let Some(why) = &criterion.closed_world {
            self.labelled("Silence", &format!("{} {why}", words::CLOSED_WORLD), PLAIN);
        }
        self.remarks("Conflicts", &criterion.conflicts);
        self.remarks("Doubts", &criterion.doubts);
        self.remarks("Cautions", &criterion.cautions);
        if !criterion.facts.is_empty() {
            self.labelled("Facts", &criterion.facts.join(", "), DIM);
        }
        criterion
            .criteria
            .iter()
            .for_each(|part| self.criterion(part));
    }

    fn reading(&mut self, reading: &ReadingPart, side: Side) {
        let margin = " ".repeat(LABEL);
        let verdict = reading.verdict.map_or(String::new(), |verdict| {
            format!(" → {}", met(verdict, side))
        });
        self.hanging(
            &format!("{margin}· "),
            &format!("{margin}  "),
            &format!("{}{verdict}: {}", reading.name, words::reading(reading)),
            BOLD,
        );
        self.conditions(&format!("{margin}  "), &reading.logic);
    }

    fn logic(&mut self, label: &str, logic: &Logic) {
        let margin = format!("{:LABEL$}", format!("  {label}"));
        self.line(&margin, &logic.sentence, PLAIN);
        self.below(&" ".repeat(LABEL), &logic.tree, &logic.expression);
    }

    fn conditions(&mut self, margin: &str, logic: &Logic) {
        self.line(margin, &logic.sentence, PLAIN);
        self.below(margin, &logic.tree, &logic.expression);
    }

    /// What stands below the sentence of a condition: its tree, if there is something to see, and its expression.
    fn below(&mut self, margin: &str, tree: &Tree, expression: &str) {
        if !tree.children.is_empty() {
            self.tree(tree, margin, margin);
        }
        self.expression(margin, margin, expression);
        if let Some(finding) = tree.finding.as_ref().filter(|_| tree.children.is_empty()) {
            self.line(
                margin,
                &format!("→ {}", words::truth(finding.truth)),
                truth_style(finding.truth, true),
            );
            self.lines(margin, words::findings(tree));
        }
    }

    fn expression(&mut self, first: &str, rest: &str, expression: &str) {
        for (index, line) in expression
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .enumerate()
        {
            self.hanging(if index == 0 { first } else { rest }, rest, line, DIM);
        }
    }

    fn tree(&mut self, tree: &Tree, first: &str, rest: &str) {
        let style = tree
            .finding
            .as_ref()
            .map_or(PLAIN, |finding| truth_style(finding.truth, finding.decides));
        let below = if tree.children.is_empty() { "" } else { "│" };
        self.hanging(
            first,
            &format!("{rest}{below:2}"),
            &words::node(tree),
            style,
        );
        let inner = format!("{rest}{below:2}");
        if tree.children.is_empty() {
            self.expression(&inner, &inner, &tree.expression);
            self.lines(&inner, words::findings(tree));
        }
        for (index, child) in tree.children.iter().enumerate() {
            let last = index + 1 == tree.children.len();
            let (branch, line) = if last {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            self.tree(child, &format!("{rest}{branch}"), &format!("{rest}{line}"));
        }
    }

    fn lines(&mut self, margin: &str, lines: Vec<words::Line>) {
        for line in lines {
            self.hanging(
                &format!("{margin}{}", line.margin()),
                &format!("{margin}{}  ", line.margin()),
                &line.text,
                PLAIN,
            );
        }
    }

    fn remarks(&mut self, label: &str, remarks: &[RemarkPart]) {
        let margin = if label.is_empty() {
            String::new()
        } else {
            " ".repeat(LABEL)
        };
        for (index, remark) in remarks.iter().enumerate() {
            let lead = if index == 0 && !label.is_empty() {
                format!("{:LABEL$}", format!("  {label}"))
            } else {
                margin.clone()
            };
            let (said, raised) = words::remark(remark);
            let style = if raised { YELLOW } else { PLAIN };
            self.hanging(&format!("{lead}· "), &format!("{margin}  "), &said, style);
            self.line(&format!("{margin}  "), &remark.logic.sentence, PLAIN);
            self.expression(
                &format!("{margin}  "),
                &format!("{margin}  "),
                &remark.logic.expression,
            );
        }
    }

    fn term(&mut self, term: &TermPart) {
        self.out.push('\n');
        self.line("", &format!("{}  {}", term.name, term.label), BOLD);
        if let Some(value) = &term.value {
            self.labelled("Candidate", value, PLAIN);
        }
        self.labelled("Meaning", &term.sentence, PLAIN);
        let margin = " ".repeat(LABEL);
        match &term.tree {
            Some(tree) => self.below(&margin, tree, &term.expression),
            None => self.expression(&margin, &margin, &term.expression),
        }
        self.lines(&margin, words::lists(&term.lists, ""));
        let place = self.place(term.line);
        self.labelled("Used by", &words::used_by(&term.used_by, &place), DIM);
    }

    fn fact(&mut self, fact: &FactPart) {
        self.out.push('\n');
        self.line("", &format!("{}  {}", fact.path, fact.label), BOLD);
        if let Some(known) = &fact.known {
            self.labelled("Candidate", known, PLAIN);
        }
        self.declared(fact, 0);
        let place = self.place(fact.line);
        self.labelled("Used by", &words::used(fact, &place), DIM);
    }

    fn declared(&mut self, fact: &FactPart, depth: usize) {
        let indent = "  ".repeat(depth);
        let margin = |label: &str| format!("{indent}{:LABEL$}", format!("  {label}"));
        if let Some(ask) = &fact.ask {
            self.line(&margin("Question"), ask, PLAIN);
        }
        if let Some(how) = words::obtained(fact) {
            self.line(&margin("Obtained"), &how, PLAIN);
        }
        self.line(&margin("Answer"), &fact.answer, PLAIN);
        if fact.kind == "code" {
            fact.values
                .iter()
                .for_each(|value| self.value(&margin(""), value));
        }
        for field in &fact.fields {
            self.hanging(
                &format!("{}· ", margin("")),
                &format!("{}  ", margin("")),
                &words::field(fact, field),
                PLAIN,
            );
            if field.kind == "code" {
                field
                    .values
                    .iter()
                    .for_each(|value| self.value(&format!("{}  ", margin("")), value));
            }
            if let Some(note) = &field.note {
                self.line(&format!("{}  ", margin("")), note, PLAIN);
            }
        }
        if !fact.codes.is_empty() {
            self.line(&margin("Codes"), &words::codes(&fact.codes), PLAIN);
        }
        for (index, rule) in fact.evidence.iter().enumerate() {
            self.line(
                &margin(if index == 0 { "Evidence" } else { "" }),
                rule,
                PLAIN,
            );
        }
        if let Some(note) = &fact.note {
            self.line(&margin("Note"), note, PLAIN);
        }
    }

    fn value(&mut self, margin: &str, value: &ValuePart) {
        self.hanging(
            &format!("{margin}· "),
            &format!("{margin}  "),
            &format!("{}: {}", value.name, words::value(value)),
            PLAIN,
        );
    }

    fn about(&mut self, explanation: &Explanation) {
        let rest = words::about_rest(&explanation.trial);
        if !rest.is_empty() {
            self.heading("More about the trial");
            for line in rest {
                self.hanging(
                    &"  ".repeat(line.depth),
                    &"  ".repeat(line.depth + 1),
                    &line.text,
                    PLAIN,
                );
            }
        }
    }

    fn footer(&mut self, explanation: &Explanation) {
        self.out.push('\n');
        for line in words::footer(explanation) {
            self.line("", &line, DIM);
        }
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
