//! An explanation as Markdown, good enough to be pasted into the minutes of a meeting: headings, lists and quotations of
//! CommonMark, and whatever the trial file brings is shown as it is, never obeyed as markup.

use std::fmt::Write as _;

use super::model::{CriterionPart, Explanation, Tree};
use super::page::{self, Block, Entry, Item, Mark, Span, Tone};
use super::words;
use crate::diagnostic::visible;
use crate::report::table::shouted;

/// The whole explanation.
#[must_use]
pub fn render(explanation: &Explanation) -> String {
    let mut page = Page { out: String::new() };
    page.head(explanation);
    for block in page::blocks(explanation) {
        page.block(&block);
    }
    page.out.push_str("\n---\n\n");
    for line in words::footer(explanation) {
        page.line(0, &escaped(&line));
    }
    page.out
}

struct Page {
    out: String,
}

impl Page {
    /// Which trial and which candidate.
    fn head(&mut self, explanation: &Explanation) {
        let trial = &explanation.trial;
        self.heading(1, &format!("{}: {}", trial.id, trial.title));
        for block in page::about_first(explanation) {
            self.block(&block);
        }
        if let Some(candidate) = &explanation.candidate {
            self.paragraph(&format!("**{}**", escaped(&words::candidate(candidate))));
        }
        if let Some(site) = &explanation.site {
            self.paragraph(&format!("Site policy: {}", escaped(site)));
        }
        if explanation.whole {
            self.heading(2, page::AT_A_GLANCE);
            for criterion in &explanation.criteria {
                let verdict = criterion.outcome.as_ref().map_or(String::new(), |outcome| {
                    format!(": **{}**", shouted(outcome.verdict).0)
                });
                let (id, title) = (escaped(&criterion.id), escaped(&criterion.title));
                self.line(0, &format!("**{id}** {title}{verdict}"));
            }
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

    /// A line of a list that is Markdown already.
    fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.out, "{}- {text}", "  ".repeat(depth));
    }

    fn block(&mut self, block: &Block<'_>) {
        match block {
            Block::Heading(heading) => self.heading(2, heading),
            Block::Entry(entry) => self.entry(entry),
            Block::Item(item) => self.item(item),
        }
    }

    fn entry(&mut self, entry: &Entry<'_>) {
        let colon = if entry.criterion.is_some() { "" } else { ":" };
        self.heading(
            entry.level,
            &format!("{}{colon} {}", entry.name, entry.label),
        );
        if let Some((kind, criterion)) = &entry.criterion {
            self.paragraph(&format!("*{}*", escaped(kind)));
            self.texts(criterion);
        }
    }

    fn texts(&mut self, criterion: &CriterionPart) {
        if let Some(text) = &criterion.text {
            let lines = text.trim().lines();
            let quoted: Vec<String> = lines.map(|line| format!("> {}", escaped(line))).collect();
            self.paragraph(&quoted.join("\\\n"));
        }
        if let Some(plain) = &criterion.plain {
            self.paragraph(&escaped(plain));
        }
        if let Some(outcome) = &criterion.outcome {
            let (word, reason) = (shouted(outcome.verdict).0, escaped(&outcome.reason));
            self.line(0, &format!("**Verdict: {word}**: {reason}"));
        }
    }

    /// An item, and the condition below it.
    fn item(&mut self, item: &Item<'_>) {
        let mut text: String = item.spans.iter().map(piece).collect();
        match item.mark {
            Mark::Row { list: "", .. } | Mark::Bullet(None) | Mark::Line | Mark::Note => {}
            Mark::Row { list, .. } => text.insert_str(0, &format!("**{list}**: ")),
            Mark::Bullet(Some(name)) => {
                self.line(item.depth.saturating_sub(1), &format!("**{name}**:"))
            }
        }
        if item.tone == Tone::Raised {
            text = format!("**{text}**");
        }
        if let Some(expression) = item.expression {
            text = format!("{text} {}", code(expression));
        }
        self.line(item.depth, &text);
        let below = item.depth + 1;
        if let Some(tree) = item.tree.filter(|tree| !tree.parts.is_empty()) {
            self.tree(below, tree);
        } else if let Some(tree) = item.tree
            && let Some(finding) = &tree.finding
        {
            self.line(below, &format!("→ {}", words::truth(finding.truth)));
            self.findings(below, tree);
        }
    }

    fn tree(&mut self, depth: usize, tree: &Tree) {
        let node = escaped(&words::node(tree));
        if tree.parts.is_empty() {
            self.line(depth, &format!("{node} {}", code(&tree.expression)));
        } else {
            self.line(depth, &node);
        }
        self.findings(depth + 1, tree);
        tree.parts
            .iter()
            .for_each(|part| self.tree(depth + 1, part));
    }

    fn findings(&mut self, depth: usize, tree: &Tree) {
        for (deeper, text) in words::findings(tree) {
            self.line(depth + deeper, &escaped(&text));
        }
    }
}

fn piece(span: &Span<'_>) -> String {
    match span {
        Span::Text(text) => escaped(text),
        Span::Between(text) => (*text).to_owned(),
        Span::Name(name) => code(name),
        Span::Dot => String::new(),
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
