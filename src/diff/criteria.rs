//! What changed in the criteria: which are new or gone, how they are numbered and worded, and what they ask for.

use std::collections::{BTreeMap, BTreeSet};

use super::changes::{Changes, Named};
use super::matching::{Placed, match_up, moved, placed};
use super::{Change, Comparison, Effect, Kind, Of, Pair, Version, Worded, words};
use crate::trial::{Condition, Criterion, Doubt, Need, Reading, Remark, Rule, Side};
use crate::value::text::one_line;

impl<'t> Comparison<'t> {
    /// Compares the criteria, and adds the new file's criteria whose verdict may change. Returns which is which.
    pub(super) fn criteria(
        &self,
        found: &mut Vec<Change>,
        affected: &mut BTreeSet<&'t str>,
    ) -> Vec<Pair> {
        let (mut old, mut new) = (placed(self.old.trial), placed(self.new.trial));
        match_up(&mut old, &mut new);
        let moved = moved_among_siblings(&old, &new);
        for (place, one) in new.iter().enumerate() {
            let mut changes = changes_of(one.criterion);
            let was = one.other.and_then(|from| old.get(from));
            if let Some(was) = was {
                let ids = [was, one].map(|placed| Some(&*placed.criterion.id));
                if let [Some(id), new_id] = ids
                    && Some(id) != new_id
                {
                    changes.item(Kind::Renamed, Effect::Words, ids, &format!("was {id}"));
                }
                if let Some((effect, say)) = move_of(place, &old, &new, moved.contains(&place)) {
                    changes.item(Kind::Moved, effect, [None, None], &say);
                }
                self.parts(&mut changes, [was.criterion, one.criterion]);
            } else {
                let parent = one.parent.and_then(|parent| new.get(parent));
                // What is below a new criterion is new with it.
                if parent.is_none_or(|parent| parent.other.is_some()) {
                    let place = parent.map_or_else(
                        || one.criterion.side.name().to_owned(),
                        |parent| format!("part of {}", parent.criterion.id),
                    );
                    let text = [None, one.criterion.text.as_deref()];
                    let say = format!("added ({place})");
                    changes.item(Kind::Added, Effect::Verdicts, text, &say);
                }
            }
            let mut effects = changes.found.iter().map(|change| change.effect);
            if effects.any(|effect| effect == Effect::Verdicts)
                || was.is_some_and(|was| self.changed_below(was.criterion, one.criterion))
            {
                affected.extend(top(&new, place));
            }
            found.append(&mut changes.found);
        }
        for gone in old.iter().filter(|one| one.other.is_none()) {
            let heir = gone
                .parent
                .and_then(|parent| old.get(parent))
                .map(|parent| parent.other);
            if heir != Some(None) {
                let mut changes = changes_of(gone.criterion);
                let text = [gone.criterion.text.as_deref(), None];
                changes.item(Kind::Removed, Effect::Verdicts, text, "removed");
                found.append(&mut changes.found);
            }
            // A criterion that lost a part decides anew.
            affected.extend(heir.flatten().and_then(|heir| top(&new, heir)));
        }
        pairs(&old, &new)
    }

    /// The parts of a criterion that is in both files.
    fn parts(&self, changes: &mut Changes<'_>, both: [&Criterion; 2]) {
        let words = Effect::Words;
        let notes = |one: &Criterion| (!one.notes.is_empty()).then(|| one.notes.join("\n"));
        changes.text("title", words, both.map(|one| Some(&one.title)));
        changes.text("text", words, both.map(|one| one.text.as_deref()));
        changes.text("plain", words, both.map(|one| one.plain.as_deref()));
        changes.text("basis", words, both.map(|one| one.basis.as_deref()));
        changes.text("notes", words, both.map(notes));
        let applies = both.map(|one| one.applies.as_ref());
        self.condition(changes, "applies", Effect::Verdicts, applies);
        self.rule(changes, both);
        let need = both.map(need);
        if let [was, is] = &need
            && was != is
        {
            let say = format!("{was} → {is}");
            let need = need.each_ref().map(|need| Some(need.as_str()));
            changes.part("sub-criteria", Effect::Verdicts, need, &say);
        }
        let conflicts = both.map(|one| &*one.conflicts);
        self.remarks(changes, "conflicts", Effect::Verdicts, conflicts);
        self.doubts(changes, both);
        let cautions = both.map(|one| &*one.cautions);
        self.remarks(changes, "cautions", words, cautions);
        // Whether silence may be read as an answer says nothing of what the rules make of it.
        let closed_world = both.map(|one| one.closed_world.as_deref());
        changes.text("closed_world", words, closed_world);
    }

    fn rule(&self, changes: &mut Changes<'_>, both: [&Criterion; 2]) {
        let key = match both {
            [_, new] if new.side == Side::Inclusion => "require",
            _ => "exclude",
        };
        let readings = both.map(|one| match &one.rule {
            Some(Rule::Readings(readings)) => Some(&**readings),
            _ => None,
        });
        match readings {
            [Some(old), Some(new)] => return self.readings(changes, key, [old, new]),
            [None, None] => {
                let conditions = both.map(Criterion::single);
                return self.condition(changes, key, Effect::Verdicts, conditions);
            }
            _ => {}
        }
        let said = both.map(|one| match &one.rule {
            None => "no condition of its own".to_owned(),
            Some(Rule::Single(_)) => "one condition".to_owned(),
            Some(Rule::Readings(readings)) => format!("{} readings", readings.len()),
        });
        let texts = both.map(|one| match &one.rule {
            None => None,
            Some(Rule::Single(condition)) => Some(one_line(&condition.text)),
            Some(Rule::Readings(readings)) => Some(listed(readings)),
        });
        let texts = texts.each_ref().map(Option::as_deref);
        changes.part("readings", Effect::Verdicts, texts, &said.join(" → "));
    }

    fn readings(&self, changes: &mut Changes<'_>, key: &'static str, both: [&[Reading]; 2]) {
        let list = Named {
            key: "readings",
            effect: Effect::Verdicts,
            name: |reading: &Reading| &reading.name,
            text: |reading| one_line(&reading.condition.text),
            say: |one, kind| format!("reading {} {}: {}", one.name, kind.name(), one.say),
            reordered: Some("readings in another order"),
            both,
        };
        changes.entries(&list, |changes, both| {
            let [_, new] = both;
            changes.within(&format!("reading {}", new.name), |changes| {
                changes.text("say", Effect::Words, both.map(|one| Some(&one.say)));
                changes.text("basis", Effect::Words, both.map(|one| one.basis.as_deref()));
                let conditions = both.map(|one| Some(&one.condition));
                self.condition(changes, key, Effect::Verdicts, conditions);
                let say = match both.map(|one| one.by_site_only) {
                    [false, true] => "counts only where a site pins it",
                    [true, false] => "counts for everybody, no longer only where a site pins it",
                    _ => return,
                };
                changes.part("by_site_only", Effect::Verdicts, [None, None], say);
            });
        });
    }

    /// Compares a condition.
    pub(super) fn condition<'w>(
        &self,
        changes: &mut Changes<'_>,
        what: &'static str,
        effect: Effect,
        both: [Option<impl Into<Worded<'w>>>; 2],
    ) {
        let both: [Option<Worded<'_>>; 2] = both.map(|one| one.map(Into::into));
        let texts = both.map(|one| one.map(|worded| one_line(worded.text)));
        let (effect, say) = match both {
            [None, None] => return,
            [None, Some(_)] => (effect, format!("{what} added")),
            [Some(_), None] => (effect, format!("{what} removed")),
            [Some(old), Some(new)] if old.text == new.text => return,
            [Some(old), Some(new)] if self.same_meaning(old, new) => (
                Effect::Nothing,
                format!("{what}: written differently, no change in meaning"),
            ),
            [Some(old), Some(new)] => {
                let said = words::condition(&self.old, old, &self.new, new);
                let said = if said.is_empty() {
                    "another condition".to_owned()
                } else {
                    said.join("; ")
                };
                (effect, format!("{what}: {said}"))
            }
        };
        changes.part(what, effect, texts.each_ref().map(Option::as_deref), &say);
    }

    fn same_meaning(&self, old: Worded<'_>, new: Worded<'_>) -> bool {
        let (before, after) = (&self.old.meanings, &self.new.meanings);
        before.of(old.expression) == after.of(new.expression)
            || before.by_names(old.expression) == after.by_names(new.expression)
    }

    /// Doubts. What a site settles goes by the id, so another id is another doubt.
    fn doubts(&self, changes: &mut Changes<'_>, both: [&Criterion; 2]) {
        let list = Named {
            key: "doubts",
            effect: Effect::Verdicts,
            name: |doubt: &Doubt| &doubt.id,
            text: |doubt| one_line(&doubt.remark.when.text),
            say: |one, kind| format!("doubt {} {}: {}", one.id, kind.name(), one.remark.say),
            reordered: None,
            both: both.map(|one| &*one.doubts),
        };
        changes.entries(&list, |changes, both| {
            let both = both.map(|doubt| &doubt.remark);
            self.remark(changes, list.key, list.effect, both);
        });
    }

    /// Cautions or conflicts.
    fn remarks(
        &self,
        changes: &mut Changes<'_>,
        what: &'static str,
        effect: Effect,
        [old, new]: [&[Remark]; 2],
    ) {
        let mut left: Vec<&Remark> = old.iter().collect();
        let mut unmatched: Vec<&Remark> = new.iter().collect();
        // First those that say the same of the same, then those of which one of the two changed.
        for both in [true, false] {
            for remark in std::mem::take(&mut unmatched) {
                let same = |was: &&Remark| {
                    let when = self.old.meanings.of(&was.when.expression)
                        == self.new.meanings.of(&remark.when.expression);
                    let say = was.say == remark.say;
                    if both { when && say } else { when || say }
                };
                match left.iter().position(same) {
                    Some(place) => {
                        self.remark(changes, what, effect, [left.remove(place), remark]);
                    }
                    None => unmatched.push(remark),
                }
            }
        }
        for (remarks, kind) in [(unmatched, Kind::Added), (left, Kind::Removed)] {
            for remark in remarks {
                let text = one_line(&remark.when.text);
                let texts = match kind {
                    Kind::Added => [None, Some(&*text)],
                    _ => [Some(&*text), None],
                };
                let say = format!("{} {}: {}", singular(what), kind.name(), remark.say);
                changes.part(what, effect, texts, &say);
            }
        }
    }

    fn remark(
        &self,
        changes: &mut Changes<'_>,
        what: &'static str,
        effect: Effect,
        both: [&Remark; 2],
    ) {
        let [_, new] = both;
        changes.within(&format!("{} “{}”", singular(what), new.say), |changes| {
            self.condition(changes, what, effect, both.map(|one| Some(&one.when)));
            changes.text("say", Effect::Words, both.map(|one| Some(&one.say)));
            changes.text("basis", Effect::Words, both.map(|one| one.basis.as_deref()));
        });
    }

    /// Whether a condition reads the same and means something else, since a definition changed.
    fn changed_below(&self, old: &Criterion, new: &Criterion) -> bool {
        let meanings = |version: &Version<'_>, criterion: &Criterion| -> BTreeSet<String> {
            let conditions = criterion.own_conditions().chain(opening(criterion));
            conditions
                .map(|condition| version.meanings.of(&condition.expression))
                .collect()
        };
        meanings(&self.old, old) != meanings(&self.new, new)
    }

    /// Compares the cautions of the trial as a whole.
    pub(super) fn cautions(&self, found: &mut Vec<Change>) {
        let label = "Cautions of the trial as a whole";
        let mut changes = Changes::new(Of::Cautions, "trial", label);
        let both = [self.old.trial, self.new.trial].map(|trial| &*trial.cautions);
        self.remarks(&mut changes, "cautions", Effect::Words, both);
        found.append(&mut changes.found);
    }
}

fn changes_of(criterion: &Criterion) -> Changes<'_> {
    Changes::new(Of::Criterion, &criterion.id, &criterion.title)
}

/// The conditions that leave a criterion open where they hold.
pub(super) fn opening(criterion: &Criterion) -> impl Iterator<Item = &Condition> {
    let doubts = criterion.doubts.iter().map(|doubt| &doubt.remark);
    let remarks = criterion.conflicts.iter().chain(doubts);
    remarks.map(|remark| &remark.when)
}

fn singular(what: &str) -> &str {
    what.strip_suffix('s').unwrap_or(what)
}

fn listed(readings: &[Reading]) -> String {
    let lines = readings.iter();
    lines
        .map(|reading| format!("{}: {}", reading.name, one_line(&reading.condition.text)))
        .collect::<Vec<_>>()
        .join("\n")
}

/// How many sub-criteria it takes.
fn need(criterion: &Criterion) -> String {
    match criterion.group.as_ref().map(|group| group.need) {
        None => "no sub-criteria".to_owned(),
        Some(Need::All) => "all sub-criteria".to_owned(),
        Some(Need::Any) => "any sub-criterion".to_owned(),
        Some(Need::AtLeast(n)) => format!("at least {n} sub-criteria"),
    }
}

/// How a criterion of both files moved: what that may affect, and the move in words.
fn move_of(
    place: usize,
    old: &[Placed<'_>],
    new: &[Placed<'_>],
    among_siblings: bool,
) -> Option<(Effect, String)> {
    let is = new.get(place)?;
    let was = old.get(is.other?)?;
    if was.criterion.side != is.criterion.side {
        let [from, to] = [was, is].map(|one| one.criterion.side.name());
        return Some((Effect::Verdicts, format!("moved from {from} to {to}")));
    }
    let parents = [
        was.parent.and_then(|parent| old.get(parent)),
        is.parent.and_then(|parent| new.get(parent)),
    ];
    let stays = match parents {
        [None, None] => true,
        [Some(above), Some(_)] => above.other == is.parent,
        _ => false,
    };
    if !stays {
        let [from, to] =
            parents.map(|parent| parent.map_or("the criteria", |parent| &*parent.criterion.id));
        return Some((Effect::Verdicts, format!("moved from {from} to {to}")));
    }
    among_siblings.then(|| {
        let mut before = new.iter().take(place);
        let say = match before.rfind(|other| other.level() == is.level()) {
            Some(before) => format!("moved behind {}", before.criterion.id),
            None => "moved to the beginning".to_owned(),
        };
        (Effect::Words, say)
    })
}

/// The new criteria that stand elsewhere among their siblings.
fn moved_among_siblings(old: &[Placed<'_>], new: &[Placed<'_>]) -> BTreeSet<usize> {
    // Of each level those that were of the same side: where they stood, and where they stand.
    let mut levels: BTreeMap<_, Vec<(usize, usize)>> = BTreeMap::new();
    for (place, one) in new.iter().enumerate() {
        let (parent, side) = one.level();
        if let Some(from) = one.other
            && old.get(from).is_some_and(|was| was.criterion.side == side)
        {
            let level = levels.entry((parent, side.name())).or_default();
            level.push((from, place));
        }
    }
    let mut found = BTreeSet::new();
    for level in levels.values() {
        let order: Vec<usize> = level.iter().map(|(from, _)| *from).collect();
        let moved = level.iter().zip(moved(&order)).filter(|(_, moved)| *moved);
        found.extend(moved.map(|((_, place), _)| *place));
    }
    found
}

/// The id of the protocol's own criterion to which one belongs.
fn top<'t>(all: &[Placed<'t>], place: usize) -> Option<&'t str> {
    let mut at = all.get(place)?;
    while let Some(parent) = at.parent {
        at = all.get(parent)?;
    }
    Some(&at.criterion.id)
}

/// Which of the protocol's own criteria is which.
fn pairs(old: &[Placed<'_>], new: &[Placed<'_>]) -> Vec<Pair> {
    let tops = |all: &[Placed<'_>]| -> Vec<usize> {
        let places = all.iter().enumerate();
        let tops = places.filter(|(_, one)| one.parent.is_none());
        tops.map(|(place, _)| place).collect()
    };
    let (before, after) = (tops(old), tops(new));
    let was = |place: usize| {
        let from = new.get(place)?.other?;
        before.iter().position(|top| *top == from)
    };
    let mut pairs: Vec<Pair> = Vec::new();
    for (rank, place) in after.into_iter().enumerate() {
        pairs.push(Pair {
            old: was(place),
            new: Some(rank),
        });
    }
    for rank in 0..before.len() {
        if !pairs.iter().any(|pair| pair.old == Some(rank)) {
            pairs.push(Pair {
                old: Some(rank),
                new: None,
            });
        }
    }
    pairs
}
