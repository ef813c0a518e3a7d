//! What the cases beside a trial file leave untested, and what they test twice.

use std::collections::HashSet;

use super::{Cases, Linter};

pub fn lint(linter: &mut Linter<'_>, cases: Cases<'_>) {
    let suite = match cases {
        Cases::Unreadable => return,
        Cases::Absent(name) => {
            let message = format!("the trial file has no cases: `{name}` is not there");
            let help = "write records and the verdicts that they must get; without them nobody knows what the rules do";
            return linter.find(
                "no-cases",
                linter.trial.spans.value("format"),
                message,
                help,
            );
        }
        Cases::Read(suite) => suite,
    };
    let wanted: HashSet<&str> = suite.wanted_verdicts().collect();
    for criterion in linter.trial.all_criteria() {
        if criterion.rule.is_some() && !wanted.contains(criterion.id.as_str()) {
            let message = format!("no case wants a verdict of {}", criterion.id);
            linter.find(
                "untested-criterion",
                criterion.spans.value("id"),
                message,
                "write a case in which it fails, and one in which it passes",
            );
        }
    }
    for repeat in suite.repeats() {
        let message = format!(
            "case “{}” repeats “{}”: the same record, and the same is wanted",
            repeat.note, repeat.first
        );
        linter.find_in(
            suite.source(),
            "repeated-case",
            &repeat.span,
            message,
            "delete it, or change what it was meant to change",
        );
    }
}
