//! What became of the resources of a feed, fact by fact.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Fhir;
use crate::diagnostic::visible;

/// How many different codes are kept by name; the rest is counted as one.
const MOST_CODES: usize = 10_000;

/// What became of the resources of a feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Patients.
    pub patients: u64,
    /// Resources that were looked at, by type.
    pub read: BTreeMap<String, u64>,
    /// Resources of types that no rule reads.
    pub passed_over: BTreeMap<String, u64>,
    /// Resources that name no patient, by type.
    pub ownerless: BTreeMap<String, u64>,
    /// In the order of the rules.
    pub facts: Vec<FactCoverage>,
    /// Codes that no fact is read from, by the type of resource.
    pub unread: BTreeMap<String, BTreeMap<String, u64>>,
}

/// What became of the resources from which a fact is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FactCoverage {
    /// Resources with a code of the fact.
    pub seen: u64,
    /// Those of which a record says the value, or the cause of there being none.
    pub used: u64,
    /// Those that say the same as one that is used, or were overtaken by a later one.
    pub superseded: u64,
    /// Those that do not agree with another.
    pub conflicting: u64,
    /// Left out by `where`.
    pub unmet: u64,
    /// Left out by their status.
    pub by_status: BTreeMap<String, u64>,
    /// Left out since they are dated after the screening date.
    pub after: u64,
    /// Left out since they are dated before what they are about.
    pub before: u64,
    /// Without a value or a cause.
    pub without_value: u64,
    /// With a code that no map knows, or a value that is not understood, by name.
    pub unmapped: BTreeMap<String, u64>,
}

impl Coverage {
    /// Of a source, with nothing seen yet.
    #[must_use]
    pub fn new(source: &Fhir) -> Self {
        Self {
            facts: vec![FactCoverage::default(); source.facts.len()],
            ..Self::default()
        }
    }

    /// Adds what another part of the same feed came to.
    pub fn add(&mut self, other: &Self) {
        self.patients += other.patients;
        add_counts(&mut self.read, &other.read);
        add_counts(&mut self.passed_over, &other.passed_over);
        add_counts(&mut self.ownerless, &other.ownerless);
        for (fact, more) in self.facts.iter_mut().zip(&other.facts) {
            fact.add(more);
        }
        for (kind, codes) in &other.unread {
            add_counts(self.unread.entry(kind.clone()).or_default(), codes);
        }
    }

    pub(super) fn count_unread(&mut self, kind: &str, code: String) {
        count(self.unread.entry(kind.to_owned()).or_default(), code);
    }

    /// As text, no wider than its words are.
    #[must_use]
    pub fn render(&self, source: &Fhir) -> String {
        let mut out = String::new();
        let read: Vec<String> = counts(&self.read).collect();
        let s = if self.patients == 1 { "" } else { "s" };
        let _ = writeln!(
            out,
            "{} patient{s}; read: {}",
            self.patients,
            read.join(", ")
        );
        if !self.passed_over.is_empty() {
            let passed_over: Vec<String> = counts(&self.passed_over).collect();
            let _ = writeln!(out, "no fact is read from: {}", passed_over.join(", "));
        }
        if !self.ownerless.is_empty() {
            let ownerless: Vec<String> = counts(&self.ownerless).collect();
            let _ = writeln!(out, "name no patient: {}", ownerless.join(", "));
        }
        let width = source.facts.iter().map(|rule| rule.fact.path.len()).max();
        let width = width.unwrap_or(0);
        let _ = writeln!(
            out,
            "\n{:width$}  {:>8} {:>8}  left out",
            "fact", "seen", "used"
        );
        for (rule, fact) in source.facts.iter().zip(&self.facts) {
            let path = &rule.fact.path;
            let line = format!(
                "{path:width$}  {:>8} {:>8}  {}",
                fact.seen,
                fact.used,
                fact.left_out()
            );
            let _ = writeln!(out, "{}", line.trim_end());
        }
        for (rule, fact) in source.facts.iter().zip(&self.facts) {
            for (code, times) in &fact.unmapped {
                let code = visible(code);
                let _ = writeln!(out, "{}: not understood: {code} ({times})", rule.fact.path);
            }
        }
        self.render_unread(&mut out);
        out
    }

    fn render_unread(&self, out: &mut String) {
        const MOST: usize = 20;
        for (kind, codes) in &self.unread {
            let mut codes: Vec<(&String, &u64)> = codes.iter().collect();
            codes.sort_by_key(|(code, times)| (std::cmp::Reverse(**times), (*code).clone()));
            let _ = writeln!(
                out,
                "\ncodes of {kind} that no fact is read from: {}",
                codes.len()
            );
            for (code, times) in codes.iter().take(MOST) {
                let _ = writeln!(out, "{times:>8}  {}", visible(code));
            }
            if codes.len() > MOST {
                let _ = writeln!(out, "          and {} more", codes.len() - MOST);
            }
        }
    }
}

impl FactCoverage {
    fn add(&mut self, other: &Self) {
        self.seen += other.seen;
        self.used += other.used;
        self.superseded += other.superseded;
        self.conflicting += other.conflicting;
        self.unmet += other.unmet;
        self.after += other.after;
        self.before += other.before;
        self.without_value += other.without_value;
        add_counts(&mut self.by_status, &other.by_status);
        add_counts(&mut self.unmapped, &other.unmapped);
    }

    pub(super) fn count_status(&mut self, status: String) {
        count(&mut self.by_status, status);
    }

    pub(super) fn count_unmapped(&mut self, code: String) {
        count(&mut self.unmapped, code);
    }

    /// What became of those that are not used: `2 entered-in-error, 1 before the date it counts from`.
    fn left_out(&self) -> String {
        let unmapped: u64 = self.unmapped.values().sum();
        let counted = [
            (self.superseded, "superseded or said twice"),
            (self.conflicting, "in conflict"),
            (self.unmet, "by `where`"),
            (self.after, "after the screening date"),
            (self.before, "before the date it counts from"),
            (self.without_value, "without a value"),
            (unmapped, "not understood"),
        ];
        let of_status = counts(&self.by_status);
        let others = counted.into_iter().filter(|(times, _)| *times > 0);
        let others = others.map(|(times, what)| format!("{times} {what}"));
        of_status.chain(others).collect::<Vec<_>>().join(", ")
    }
}

fn count(counts: &mut BTreeMap<String, u64>, name: String) {
    let is_full = counts.len() >= MOST_CODES && !counts.contains_key(&name);
    let name = if is_full { "others".to_owned() } else { name };
    *counts.entry(name).or_default() += 1;
}

fn add_counts(counts: &mut BTreeMap<String, u64>, more: &BTreeMap<String, u64>) {
    for (name, times) in more {
        *counts.entry(name.clone()).or_default() += times;
    }
}

fn counts(counts: &BTreeMap<String, u64>) -> impl Iterator<Item = String> {
    counts
        .iter()
        .map(|(name, times)| format!("{times} {}", visible(name)))
}
