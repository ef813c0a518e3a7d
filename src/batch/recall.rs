//! What is known of a row's candidate → verdicts, reasons and what it waits for, with the help of the rows before it.
//!
//! What a criterion comes to, and what is said of it, follows from the values of the few facts that it names; and in a long
//! list the same values come again and again. So what was found for them is kept, for a criterion as a whole or else for
//! its own conditions and those of each sub-criterion, and found again by the values. What no small number stands for (a
//! date, a text, a doubtful list) is looked at every time, and so is every condition that looks at the day or beside a
//! value. Both ways go through [`Screener`] and [`Sentences`]: what is kept is what they gave.

mod conflicts;
mod durations;
mod evidence;
mod follows;
mod kept;
mod making;
mod outline;
mod parts;

use std::ops::Range;

use self::durations::Durations;
use self::evidence::{Evidences, Filling};
use self::kept::{Kept, Slot};
use self::making::{Making, Telling};
use self::outline::Outlines;
use self::parts::Part;
use super::Listed;
use crate::facts::FactId;
use crate::plain;
use crate::record::Stamp;
use crate::record::quick::Draft;
use crate::report::sentence::Sentences;
use crate::report::sentence::said::{Said, Span, Words};
use crate::screening::{Eligibility, Screener, Standing, Verdict, decide_one};
use crate::trial::{Criterion, Policy, Trial};

/// So many bytes of words are kept of a criterion: more take memory, and make nothing faster.
const MOST_WORDS: usize = 64 * 1024;

/// The outcomes of one row after the other.
pub(super) struct Recall<'t> {
    trial: &'t Trial,
    /// The protocol's own criteria.
    tops: Vec<Top<'t>>,
    /// Whether the reasons of sub-criteria are wanted too.
    all: bool,
    style: Style<'t>,
    /// Of every fact, what stands for its value, its outline, or how it compares.
    stamps: Vec<Stamp>,
    durations: Durations,
    outlines: Outlines,
    /// What became of the row, in the protocol's order, those of sub-criteria included.
    pub standings: Vec<Standing>,
    /// The reasons that are wanted, if they are given one by one.
    pub reasons: Texts,
    making: Making,
    /// Reasons that are not kept.
    passing: Said,
    evidence: Evidences,
}

/// One of the protocol's own criteria, with what the rows before came to in it.
struct Top<'t> {
    criterion: &'t Criterion,
    /// Where it stands among all criteria.
    at: usize,
    /// Itself and its sub-criteria, in the protocol's order.
    parts: Vec<Part<'t>>,
    whole: Kept<Known>,
    /// Of each that is known, what became of the criterion and its sub-criteria.
    standings: Vec<Standing>,
    /// The words of all reasons that are kept.
    words: Said,
    /// What is known of the row.
    found: Option<usize>,
    /// Whether the parts know the row.
    looked_at: bool,
}

/// What follows from the values of all facts of a criterion, those of its sub-criteria included, where the record does not
/// contradict itself.
#[derive(Default)]
struct Known {
    /// The facts that it waits for.
    waits_for: Option<Box<[FactId]>>,
    /// Where the reasons that are wanted stand as members of a JSON object, once they are.
    reasons: Option<Span>,
}

/// How the reasons of a criterion and its sub-criteria are given.
#[derive(Clone, Copy)]
pub(super) enum Style<'t> {
    /// Each by itself.
    Apart,
    /// As members of a JSON object, each with a comma.
    Members(&'t [Listed<'t>]),
}

impl Style<'_> {
    /// Adds words as they are given.
    fn write(self, words: &str, out: &mut String) {
        match self {
            Self::Apart => out.push_str(words),
            Self::Members(_) => plain::escape(words, |part| out.push_str(part)),
        }
    }

    /// Gives those words of a text as they are given that begin at a place.
    fn rewrite(self, start: usize, out: &mut String) {
        if let (Self::Members(_), Some(words)) = (self, out.get(start..))
            && !plain::is_plain(words.as_bytes())
        {
            let words = out.split_off(start);
            self.write(&words, out);
        }
    }

    /// Adds words as they are given; where they stand.
    fn keep(self, words: Words<'_>, said: &mut Said) -> Span {
        let start = said.mark();
        said.push_mapped(words, |words, out| self.write(words, out));
        said.since(start)
    }
}

/// The reasons of a row, one by one.
#[derive(Debug, Default)]
pub struct Texts {
    text: String,
    /// The place of a criterion among all, and where its reason stands.
    of: Vec<(usize, Range<usize>)>,
}

impl Texts {
    /// The reasons, each with the place among all of its criterion.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &str)> {
        self.of.iter().map(|(criterion, place)| {
            (*criterion, self.text.get(place.clone()).unwrap_or_default())
        })
    }

    fn clear(&mut self) {
        self.text.clear();
        self.of.clear();
    }

    fn add(&mut self, criterion: usize, words: Words<'_>, filling: &mut Filling<'_, '_>) {
        let start = self.text.len();
        words.fill(&mut self.text, filling);
        self.of.push((criterion, start..self.text.len()));
    }
}

impl<'t> Recall<'t> {
    /// Nothing is known yet. With `all`, the reasons of sub-criteria are wanted too.
    pub(super) fn new(trial: &'t Trial, policy: &'t Policy, all: bool, style: Style<'t>) -> Self {
        let mut at = 0;
        let tops = trial.criteria.iter().map(|criterion| {
            let mut parts: Vec<Part<'t>> = Vec::new();
            criterion.walk(&mut |criterion| parts.push(Part::new(criterion, policy, trial)));
            let conditions = parts
                .iter()
                .flat_map(|part| policy.conditions(part.criterion));
            let whole = Kept::of(
                conditions.map(|condition| &condition.expression),
                &trial.definitions,
            );
            at += parts.len();
            Top {
                criterion,
                at: at - parts.len(),
                parts,
                whole,
                standings: Vec::new(),
                words: Said::default(),
                found: None,
                looked_at: false,
            }
        });
        Self {
            trial,
            tops: tops.collect(),
            all,
            style,
            stamps: Vec::new(),
            durations: Durations::new(trial, policy),
            outlines: Outlines::new(trial),
            standings: Vec::new(),
            reasons: Texts::default(),
            making: Making::default(),
            passing: Said::default(),
            evidence: Evidences::new(&trial.facts),
        }
    }

    /// Decides every criterion of a row.
    pub(super) fn decide(&mut self, screener: &Screener<'_, '_>, draft: &Draft) -> Eligibility {
        self.stamps.clear();
        self.stamps.extend_from_slice(&draft.stamps);
        self.durations
            .stamp(&draft.entries, draft.today, &mut self.stamps);
        self.outlines.stamp(&draft.entries, &mut self.stamps);
        self.reasons.clear();
        self.evidence.forget();
        self.standings.clear();
        let (stamps, standings) = (&self.stamps, &mut self.standings);
        self.tops
            .iter_mut()
            .fold(Eligibility::Eligible, |eligibility, top| {
                eligibility.with(top.decide(screener, stamps, standings))
            })
    }

    /// Adds the facts that one of the protocol's own criteria waits for; false if there are none.
    pub(super) fn waits_for(
        &mut self,
        screener: &Screener<'_, '_>,
        top: usize,
        facts: &mut Vec<FactId>,
    ) -> bool {
        let Some(top) = self.tops.get_mut(top) else {
            return false;
        };
        if let Some(known) = top.known().and_then(|known| known.waits_for.as_deref()) {
            facts.extend_from_slice(known);
            return !known.is_empty();
        }
        top.look_at_parts(screener, &self.stamps);
        let start = facts.len();
        let standings = self.standings.get(top.at..).unwrap_or_default();
        waits_for(&mut top.parts, standings, screener, facts);
        let found = facts.get(start..).unwrap_or_default();
        if let Some(known) = top.known_mut() {
            known.waits_for = Some(found.into());
        }
        !found.is_empty()
    }

    /// Makes the reason of one of the protocol's own criteria, and those of its sub-criteria if they are wanted. Members of a
    /// JSON object are added to the row.
    pub(super) fn tell(
        &mut self,
        screener: &Screener<'t, '_>,
        sentences: &Sentences<'_>,
        top: usize,
        row: &mut String,
    ) {
        let Self {
            trial,
            tops,
            all,
            style,
            stamps,
            standings,
            reasons,
            making,
            passing,
            evidence,
            ..
        } = self;
        let Some(top) = tops.get_mut(top) else { return };
        let filling = &mut Filling::new(sentences, *style, evidence);
        if let Some(span) = top.known().and_then(|known| known.reasons) {
            return top.words.part(&span).fill(row, filling);
        }
        top.look_at_parts(screener, stamps);
        let standings = standings.get(top.at..).unwrap_or_default();
        let telling = Telling {
            trial,
            screener,
            sentences,
            style: *style,
            standings,
        };
        let wanted = if *all { top.parts.len() } else { 1 };
        making.begin(top.parts.len());
        let Style::Members(criteria) = *style else {
            for at in 0..wanted {
                passing.clear();
                making.reason(&telling, &mut top.parts, at, passing);
                reasons.add(top.at + at, passing.words(), filling);
            }
            return;
        };
        passing.clear();
        let keep = top.words.size() < MOST_WORDS;
        let words = if keep && top.found.is_some() {
            &mut top.words
        } else {
            passing
        };
        let start = words.mark();
        for at in 0..wanted {
            words.push(criteria.get(top.at + at).map_or("", |listed| &listed.key));
            words.push("\"");
            making.reason(&telling, &mut top.parts, at, words);
            words.push("\",");
        }
        let span = words.since(start);
        words.part(&span).fill(row, filling);
        top.known_mut()
            .into_iter()
            .filter(|_| keep)
            .for_each(|known| known.reasons = Some(span));
    }
}

impl Top<'_> {
    fn decide(
        &mut self,
        screener: &Screener<'_, '_>,
        stamps: &[Stamp],
        standings: &mut Vec<Standing>,
    ) -> Verdict {
        self.looked_at = false;
        let mut contradicts = false;
        for part in &mut self.parts {
            contradicts |= part.contradicts(screener, stamps);
        }
        // What contradicts itself does so by values of other facts too.
        let slot = if contradicts {
            Slot::None
        } else {
            self.whole.slot(stamps)
        };
        let count = self.parts.len();
        if let Slot::Found(place) = slot
            && let Some(known @ [first, ..]) =
                self.standings.get(place * count..(place + 1) * count)
        {
            self.found = Some(place);
            standings.extend_from_slice(known);
            return first.verdict;
        }
        let start = standings.len();
        let mut parts = self.parts.iter_mut();
        let own = |criterion| {
            parts.next().map_or_else(
                || screener.own(criterion),
                |part| part.own(screener, stamps),
            )
        };
        let verdict = decide_one(self.criterion, own, standings);
        self.looked_at = true;
        self.found = match slot {
            Slot::Free(key) => {
                self.standings
                    .extend_from_slice(standings.get(start..).unwrap_or_default());
                Some(self.whole.keep(key, Known::default()))
            }
            _ => None,
        };
        verdict
    }

    /// Sees to it that the parts know the row.
    fn look_at_parts(&mut self, screener: &Screener<'_, '_>, stamps: &[Stamp]) {
        if !std::mem::replace(&mut self.looked_at, true) {
            for part in &mut self.parts {
                part.own(screener, stamps);
            }
        }
    }

    fn known(&self) -> Option<&Known> {
        self.found.and_then(|place| self.whole.get(place))
    }

    fn known_mut(&mut self) -> Option<&mut Known> {
        self.found.and_then(|place| self.whole.get_mut(place))
    }
}

/// Adds the facts that the first of these criteria waits for, the others standing below it.
fn waits_for(
    parts: &mut [Part<'_>],
    standings: &[Standing],
    screener: &Screener<'_, '_>,
    facts: &mut Vec<FactId>,
) {
    let (Some((part, mut below)), Some((standing, mut standings))) =
        (parts.split_first_mut(), standings.split_first())
    else {
        return;
    };
    if standing.waits() {
        part.waits_for(screener, facts);
    }
    if standing.waits_below() {
        while let Some(size) = below.first().map(|child| child.size) {
            waits_for(below, standings, screener, facts);
            below = below
                .split_at_mut_checked(size)
                .map_or(&mut [], |(_, rest)| rest);
            standings = standings.get(size..).unwrap_or_default();
        }
    }
}
