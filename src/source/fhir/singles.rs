//! Facts with one value: of several resources the one that counts.

use super::super::mapped::{CONFLICTING, Content as Said, MappedFact, Pick, Text};
use super::FactRule;
use super::mapper::Mapper;
use super::readings::say;
use super::time::{Latest, When};
use crate::facts::Kind;

/// What one resource says of a fact.
struct Finding {
    when: Option<When>,
    said: MappedFact,
}

impl<'a> Mapper<'_, 'a> {
    pub(super) fn single(&mut self, place: usize, rule: &'a FactRule) {
        let mut findings = Vec::new();
        for (number, resource) in self.of_type(&rule.from) {
            let parts = self.parts(rule, resource);
            if parts.is_empty() {
                continue;
            }
            self.read_from(number);
            let Some(when) = self.admit(place, rule, resource, &mut false) else {
                continue;
            };
            for part in parts {
                if let Some((reading, at)) = self.read(place, rule, resource, part) {
                    let at = resource.place(at);
                    let mut said = MappedFact::new(&rule.fact, &at);
                    said.evidence = self.evidence(rule, resource, &at);
                    if let Some(date) = when.as_ref().and_then(|when| when.date.as_ref())
                        && !matches!(rule.fact.kind, Kind::Date(_))
                    {
                        said.evidence.set("date", Text::new(date, &at));
                    }
                    say(&mut said, reading, &at);
                    findings.push(Finding {
                        when: when.clone(),
                        said,
                    });
                }
            }
        }
        let Some((chosen, used, conflicting)) = chosen(rule, &findings) else {
            return;
        };
        let all = findings.len() as u64;
        if let Some(counts) = self.counts(place) {
            counts.used += used;
            counts.conflicting += conflicting;
            counts.superseded += all - used - conflicting;
        }
        if let Some(date) = self.dates.get_mut(place) {
            date.clone_from(&chosen.when);
        }
        self.record.facts.push(chosen.said);
    }
}

/// Which of the findings counts: it, how many are used, and how many are in conflict.
fn chosen(rule: &FactRule, findings: &[Finding]) -> Option<(Finding, u64, u64)> {
    let has_value = |finding: &&Finding| matches!(finding.said.content, Some(Said::Value(_)));
    let values: Vec<&Finding> = findings.iter().filter(has_value).collect();
    // That there was no value once does not speak against one.
    let all = if values.is_empty() {
        findings.iter().collect()
    } else {
        values
    };
    let latest = Latest::of(all.iter().filter_map(|finding| finding.when.as_ref()));
    let is_latest = |one: &Finding| !one.when.as_ref().is_some_and(|when| latest.is_later(when));
    let standing: Vec<&&Finding> = all
        .iter()
        .filter(|one| rule.pick == Pick::Same || is_latest(one))
        .collect();
    let (first, rest) = standing.split_first()?;
    let mut said = first.said.clone();
    for other in rest {
        said.join(other.said.clone());
    }
    let is_conflict = matches!(&said.content, Some(Said::Missing(cause)) if cause == CONFLICTING);
    said.pick = rule.pick;
    // All that are later than one that stands stand too, so the latest of all is among them.
    let latest = standing.iter().find(|one| is_latest(one));
    let when = latest
        .filter(|_| !is_conflict)
        .and_then(|finding| finding.when.clone());
    let (used, conflicting) = if is_conflict {
        (0, standing.len() as u64)
    } else {
        (1, 0)
    };
    Some((Finding { when, said }, used, conflicting))
}
