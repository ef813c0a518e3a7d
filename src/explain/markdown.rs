//! An explanation as Markdown, good enough to be pasted into the minutes of a meeting: headings, lists and quotations of
//! CommonMark, and whatever the trial file brings is shown as it is, never obeyed as markup.

use std::fmt::Write as _;

use super::model::{
    CriterionPart, Explanation, FactPart, Logic, ReadingPart, RemarkPart, TermPart, Tree,
};
use super::words;
use crate::diagnostic::visible;
use crate::report::sentence::met;
use crate::report::table::shouted;
use crate::trial::Side;

/// The whole explanation.
#[must_use]
pub fn render(explanation: &Explanation) -> String {
    let mut page = Page {
        file: explanation.trial.file.clone(),
        out: String::new(),
    };
    page.explanation(explanation);
    page.out
}

struct Page {
    file: String,
    out: String,
}

impl Page {
    fn explanation(&mut self, explanation: &Explanation) {
        let trial = &explanation.trial;
        self.heading(1, &format!("{}: {}", trial.id, trial.title));
        if explanation.whole {
            for (name, said) in words::about_first(trial) {
                self.item(0, &format!("**{}**: {}", escaped(&name), escaped(&said)));
            }
        }
        if let Some(candidate) = &explanation.candidate {
            self.paragraph(&format!("**{}**", escaped(&words::candidate(candidate))));
        }
        if let Some(site) = &explanation.site {
            self.paragraph(&format!("Site policy: {}", escaped(site)));
        }
        if explanation.whole {
            self.heading(2, "The criteria at a glance");
            for criterion in &explanation.criteria {
                let verdict = criterion.outcome.as_ref().map_or(String::new(), |outcome| {
                    format!(": **{}**", shouted(outcome.verdict).0)
                });
                self.item(
                    0,
                    &format!(
                        "**{}** {}{verdict}",
                        escaped(&criterion.id),
                        escaped(&criterion.title)
                    ),
                );
            }
        }
        let mut side = None;
        for criterion in &explanation.criteria {
            if explanation.whole && side != Some(criterion.side) {
                side = Some(criterion.side);
                self.heading(2, words::side_heading(criterion.side));
            }
            self.criterion(criterion, if explanation.whole { 3 } else { 2 });
        }
        if !explanation.cautions.is_empty() {
            self.heading(2, "Cautions of the trial as a whole, which decide nothing");
            self.remarks(&explanation.cautions);
        }
        if !explanation.terms.is_empty() {
            self.heading(2, "Terms");
            explanation.terms.iter().for_each(|term| self.term(term));
        }
        for (heading, facts) in words::facts_in_order(explanation) {
            self.heading(2, heading);
            facts.into_iter().for_each(|fact| self.fact(fact));
        }
        let rest = words::about_rest(trial);
        if explanation.whole && !rest.is_empty() {
            self.heading(2, "More about the trial");
            for line in rest {
                self.item(
                    line.depth,
                    &escaped(line.text.strip_prefix("· ").unwrap_or(&line.text)),
                );
            }
        }
        self.out.push_str("\n---\n\n");
        for line in words::footer(explanation) {
            self.item(0, &escaped(&line));
        }
    }

    fn heading(&mut self, level: usize, text: &str) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
        let _ = writeln!(self.out, "{} {}\n", "#".repeat(level.min(6)), escaped(text));
    }

    /// A paragraph that is Markdown already.
    fn paragraph(&mut self, text: &str) {
        if !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
        let _ = writeln!(self.out, "{text}\n");
    }

    /// An item of a list that is Markdown already.
    fn item(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.out, "{}- {text}", "  ".repeat(depth));
    }

    fn named(&mut self, name: &str, text: &str) {
        self.item(0, &format!("**{name}**: {}", escaped(text)));
    }

    fn place(&self, line: Option<usize>) -> String {
        line.map_or(String::new(), |line| format!("{}:{line}", self.file))
    }

    fn criterion(&mut self, criterion: &CriterionPart, level: usize) {
        self.heading(level, &format!("{} {}", criterion.id, criterion.title));
        let place = self.place(criterion.line);
        self.paragraph(&format!(
            "*{}*",
            escaped(&words::kind_of(criterion, &place))
        ));
        if let Some(text) = &criterion.text {
            let lines: Vec<String> = text
                .trim()
                .lines()
                .map(|line| format!("> {}", escaped(line)))
                .collect();
            self.paragraph(&lines.join("\\\n"));
        }
        if let Some(plain) = &criterion.plain {
            self.paragraph(&escaped(plain));
        }
        if let Some(outcome) = &criterion.outcome {
            self.item(
                0,
                &format!(
                    "**Verdict: {}**: {}",
                    shouted(outcome.verdict).0,
                    escaped(&outcome.reason)
                ),
            );
        }
        if let Some(basis) = &criterion.basis {
            self.named("Source", basis);
        }
        for note in &criterion.notes {
            self.named("Note", note);
        }
        if let Some(applies) = &criterion.applies {
            self.logic("**Applies**: ", applies);
        }
        if let Some(rule) = &criterion.rule {
            self.logic("**Rule**: ", rule);
        }
        if !criterion.readings.is_empty() {
            self.named("Readings", words::READINGS);
            criterion
                .readings
                .iter()
                .for_each(|reading| self.reading(reading, criterion.side));
        }
        if let Some(group) = &criterion.group {
            self.named("Parts", &group.sentence);
            for part in &criterion.criteria {
                self.item(1, &escaped(&words::part_of(part)));
            }
        }
        if let Some(why) = &criterion.closed_world {
            self.named("Silence", &format!("{} {why}", words::CLOSED_WORLD));
        }
        for (name, remarks) in [
            ("Conflicts", &criterion.conflicts),
            ("Doubts", &criterion.doubts),
            ("Cautions", &criterion.cautions),
        ] {
            if !remarks.is_empty() {
                self.item(0, &format!("**{name}**:"));
                self.remarks_at(1, remarks);
            }
        }
        if !criterion.facts.is_empty() {
            let facts: Vec<String> = criterion.facts.iter().map(|fact| code(fact)).collect();
            self.item(0, &format!("**Facts**: {}", facts.join(", ")));
        }
        criterion
            .criteria
            .iter()
            .for_each(|part| self.criterion(part, level + 1));
    }

    fn reading(&mut self, reading: &ReadingPart, side: Side) {
        let verdict = reading.verdict.map_or(String::new(), |verdict| {
            format!(" → {}", met(verdict, side))
        });
        self.item(
            1,
            &format!(
                "{}{verdict}: {}",
                code(&reading.name),
                escaped(&words::reading(reading))
            ),
        );
        self.condition(
            2,
            "",
            &reading.logic.sentence,
            &reading.logic.expression,
            Some(&reading.logic.tree),
        );
    }

    fn logic(&mut self, lead: &str, logic: &Logic) {
        self.condition(
            0,
            lead,
            &logic.sentence,
            &logic.expression,
            Some(&logic.tree),
        );
    }

    /// A sentence with its expression, and its tree where there is more to see.
    fn condition(
        &mut self,
        depth: usize,
        lead: &str,
        sentence: &str,
        expression: &str,
        tree: Option<&Tree>,
    ) {
        self.item(
            depth,
            &format!("{lead}{} {}", escaped(sentence), code(expression)),
        );
        let Some(tree) = tree else { return };
        if !tree.children.is_empty() {
            self.tree(depth + 1, tree);
        } else if let Some(finding) = &tree.finding {
            self.item(depth + 1, &format!("→ {}", words::truth(finding.truth)));
            self.lines(depth + 1, words::findings(tree));
        }
    }

    fn tree(&mut self, depth: usize, tree: &Tree) {
        let expression = if tree.children.is_empty() {
            format!(" {}", code(&tree.expression))
        } else {
            String::new()
        };
        self.item(
            depth,
            &format!("{}{expression}", escaped(&words::node(tree))),
        );
        self.lines(depth + 1, words::findings(tree));
        tree.children
            .iter()
            .for_each(|child| self.tree(depth + 1, child));
    }

    fn lines(&mut self, depth: usize, lines: Vec<words::Line>) {
        for line in lines {
            self.item(depth + line.depth, &escaped(&line.text));
        }
    }

    fn remarks(&mut self, remarks: &[RemarkPart]) {
        self.remarks_at(0, remarks);
    }

    fn remarks_at(&mut self, depth: usize, remarks: &[RemarkPart]) {
        for remark in remarks {
            let (said, raised) = words::remark(remark);
            let said = escaped(&said);
            self.item(depth, &if raised { format!("**{said}**") } else { said });
            self.condition(
                depth + 1,
                "",
                &remark.logic.sentence,
                &remark.logic.expression,
                None,
            );
        }
    }

    fn term(&mut self, term: &TermPart) {
        self.heading(3, &format!("{}: {}", term.name, term.label));
        if let Some(value) = &term.value {
            self.named("Candidate", value);
        }
        self.condition(0, "", &term.sentence, &term.expression, term.tree.as_ref());
        self.lines(1, words::lists(&term.lists, ""));
        let place = self.place(term.line);
        self.named("Used by", &words::used_by(&term.used_by, &place));
    }

    fn fact(&mut self, fact: &FactPart) {
        self.heading(3, &format!("{}: {}", fact.path, fact.label));
        if let Some(known) = &fact.known {
            self.named("Candidate", known);
        }
        if let Some(ask) = &fact.ask {
            self.named("Question", ask);
        }
        if let Some(how) = words::obtained(fact) {
            self.named("Obtained", &how);
        }
        self.named("Answer", &fact.answer);
        self.values(1, fact);
        for field in &fact.fields {
            self.item(1, &escaped(&words::field(fact, field)));
            self.values(2, field);
            if let Some(note) = &field.note {
                self.item(2, &escaped(note));
            }
        }
        if !fact.codes.is_empty() {
            self.named("Codes", &words::codes(&fact.codes));
        }
        for rule in &fact.evidence {
            self.named("Evidence", rule);
        }
        if let Some(note) = &fact.note {
            self.named("Note", note);
        }
        let place = self.place(fact.line);
        self.named("Used by", &words::used(fact, &place));
    }

    fn values(&mut self, depth: usize, fact: &FactPart) {
        if fact.kind == "code" {
            for value in &fact.values {
                self.item(
                    depth,
                    &format!("{}: {}", code(&value.name), escaped(&words::value(value))),
                );
            }
        }
    }
}

/// Text that Markdown shows as it is, on one line.
fn escaped(text: &str) -> String {
    let text = visible(text);
    let text = text.trim();
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(
            character,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '$'
        ) {
            out.push('\\');
        }
        out.push(character);
    }
    // What would begin a list or a heading where it stands first.
    let digits = out.bytes().take_while(u8::is_ascii_digit).count();
    match out.as_bytes().get(digits) {
        Some(b'-' | b'+' | b'=') if digits == 0 => out.insert(0, '\\'),
        // A number is one of a list only with a space behind its dot.
        Some(b'.' | b')')
            if digits > 0
                && out
                    .as_bytes()
                    .get(digits + 1)
                    .is_none_or(u8::is_ascii_whitespace) =>
        {
            out.insert(digits, '\\')
        }
        _ => {}
    }
    out
}

/// Text in the letters of code, between more backticks than it has in a row.
fn code(text: &str) -> String {
    let text = visible(text.trim());
    let (mut longest, mut run) = (0, 0);
    for character in text.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') || text.is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{space}{text}{space}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_obeyed_as_markup() {
        for (text, wanted) in [
            ("plain words, 5 % (of all)", "plain words, 5 % (of all)"),
            (
                "*bold* _it_ `code` [x](y)",
                r"\*bold\* \_it\_ \`code\` \[x\](y)",
            ),
            ("<script>&amp;", r"\<script\>\&amp;"),
            ("# no heading", r"\# no heading"),
            ("- no item", r"\- no item"),
            ("+ no item", r"\+ no item"),
            ("1. no item", r"1\. no item"),
            ("12) no item", r"12\) no item"),
            ("1.5 times", "1.5 times"),
            ("a\nb\u{1b}[2J", "a b␛\\[2J"),
            ("a | b ~~c~~ $x$", r"a \| b \~\~c\~\~ \$x\$"),
        ] {
            assert_eq!(escaped(text), wanted);
        }
    }

    #[test]
    fn code_holds_backticks() {
        assert_eq!(code("ecog <= 2"), "`ecog <= 2`");
        assert_eq!(code("a ``b`` c"), "```a ``b`` c```");
        assert_eq!(code("`a`"), "`` `a` ``");
    }
}
