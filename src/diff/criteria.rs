//! What changed in the criteria: which are new or gone, how they are numbered and worded, and what they ask for.

use std::collections::BTreeSet;

use super::matching::{Placed, matched, moved, placed};
use super::{Change, Comparison, Draft, Effect, Kind, Of, Pair, Version, Worded, words};
use crate::trial::{Condition, Criterion, Doubt, Group, Need, Reading, Remark, Rule};

impl Comparison<'_> {
    /// Compares the criteria. Returns which is which, and the new file's criteria whose verdict may change.
    pub(super) fn criteria(&mut self) -> (Vec<Pair>, BTreeSet<String>) {
        let (old, new) = (placed(self.old.trial), placed(self.new.trial));
        let pairs = matched(&old, &new);
        let mut before: Vec<Option<usize>> = vec![None; new.len()];
        for (from, to) in pairs.iter().enumerate() {
            if let Some(place) = to.and_then(|to| before.get_mut(to)) {
                *place = Some(from);
            }
        }
        let shifted = shifted(&old, &new, &pairs);
        let mut affected = BTreeSet::new();
        for ((place, one), from) in new.iter().enumerate().zip(&before) {
            let draft = Draft::new(Of::Criterion, &one.criterion.id, &one.criterion.title);
            let start = self.changes.len();
            match from.and_then(|from| old.get(from)) {
                // What is below a new criterion is new with it.
                None if one
                    .parent
                    .is_some_and(|parent| is_new(parent, &new, &before)) => {}
                None => self.changes.push(added(&draft, one)),
                Some(was) => {
                    if was.criterion.id != one.criterion.id {
                        let say = format!("was {}", was.criterion.id);
                        let ids = (
                            Some(was.criterion.id.clone()),
                            Some(one.criterion.id.clone()),
                        );
                        self.changes.push(Change {
                            old: ids.0,
                            new: ids.1,
                            ..draft.whole(Kind::Renamed, Effect::Words, say)
                        });
                    }
                    self.place(
                        &draft,
                        was,
                        one,
                        shifted.get(place).copied().unwrap_or(false),
                        &pairs,
                        &old,
                        &new,
                    );
                    self.parts(&draft, was.criterion, one.criterion);
                }
            }
            let decides = self
                .changes
                .iter()
                .skip(start)
                .any(|change| change.effect == Effect::Verdicts);
            let through = from
                .and_then(|from| old.get(from))
                .is_some_and(|was| self.changed_below(was.criterion, one.criterion));
            if decides || through {
                affected.insert(top(&new, one).to_owned());
            }
        }
        for (one, _) in old.iter().zip(&pairs).filter(|(_, pair)| pair.is_none()) {
            let parent_gone = one.parent.is_some_and(|parent| gone(parent, &old, &pairs));
            if !parent_gone {
                let mut change = Draft::new(Of::Criterion, &one.criterion.id, &one.criterion.title)
                    .whole(Kind::Removed, Effect::Verdicts, "removed");
                change.old = one.criterion.text.clone();
                self.changes.push(change);
            }
            // A criterion that lost a part decides anew.
            if let Some(heir) = one
                .parent
                .and_then(|parent| heir(parent, &old, &new, &pairs))
            {
                affected.insert(top(&new, heir).to_owned());
            }
        }
        (tops(&old, &new, &pairs), affected)
    }

    /// Whether it stands elsewhere.
    #[expect(
        clippy::too_many_arguments,
        reason = "both versions of a criterion and where they stand"
    )]
    fn place(
        &mut self,
        draft: &Draft,
        was: &Placed<'_>,
        is: &Placed<'_>,
        shifted: bool,
        pairs: &[Option<usize>],
        old: &[Placed<'_>],
        new: &[Placed<'_>],
    ) {
        let under = |parent: Option<&Criterion>| {
            parent.map_or("the criteria".to_owned(), |parent| parent.id.clone())
        };
        if was.criterion.side != is.criterion.side {
            let say = format!(
                "moved from {} to {}",
                was.criterion.side.name(),
                is.criterion.side.name()
            );
            self.changes
                .push(draft.whole(Kind::Moved, Effect::Verdicts, say));
            return;
        }
        let same_parent = match (was.parent, is.parent) {
            (None, None) => true,
            (Some(was), Some(is)) => {
                heir(was, old, new, pairs).is_some_and(|heir| std::ptr::eq(heir.criterion, is))
            }
            _ => false,
        };
        if !same_parent {
            let say = format!("moved from {} to {}", under(was.parent), under(is.parent));
            self.changes
                .push(draft.whole(Kind::Moved, Effect::Verdicts, say));
        } else if shifted {
            let siblings: Vec<&Placed<'_>> = new
                .iter()
                .filter(|one| {
                    same(one.parent, is.parent) && one.criterion.side == is.criterion.side
                })
                .collect();
            let at = siblings
                .iter()
                .position(|one| std::ptr::eq(one.criterion, is.criterion))
                .unwrap_or(0);
            let say = match at.checked_sub(1).and_then(|before| siblings.get(before)) {
                Some(before) => format!("moved behind {}", before.criterion.id),
                None => "moved to the beginning".to_owned(),
            };
            self.changes
                .push(draft.whole(Kind::Moved, Effect::Words, say));
        }
    }

    /// The parts of a criterion that is in both files.
    fn parts(&mut self, draft: &Draft, old: &Criterion, new: &Criterion) {
        let mut found: Vec<Change> = Vec::new();
        for (what, before, after) in [
            ("title", Some(&old.title), Some(&new.title)),
            ("text", old.text.as_ref(), new.text.as_ref()),
            ("plain", old.plain.as_ref(), new.plain.as_ref()),
            ("basis", old.basis.as_ref(), new.basis.as_ref()),
        ] {
            found.extend(draft.text(
                what,
                Effect::Words,
                before.map(String::as_str),
                after.map(String::as_str),
            ));
        }
        let notes = |criterion: &Criterion| {
            (!criterion.notes.is_empty()).then(|| criterion.notes.join("\n"))
        };
        found.extend(draft.text(
            "notes",
            Effect::Words,
            notes(old).as_deref(),
            notes(new).as_deref(),
        ));
        found.extend(self.condition(
            draft,
            "applies",
            Effect::Verdicts,
            old.applies.as_ref(),
            new.applies.as_ref(),
        ));
        found.extend(self.rule(draft, old, new));
        found.extend(need(draft, old.group.as_ref(), new.group.as_ref()));
        found.extend(self.remarks(
            draft,
            "conflicts",
            Effect::Verdicts,
            &old.conflicts,
            &new.conflicts,
        ));
        found.extend(self.doubts(draft, &old.doubts, &new.doubts));
        found.extend(self.remarks(
            draft,
            "cautions",
            Effect::Words,
            &old.cautions,
            &new.cautions,
        ));
        // Whether silence may be read as an answer says nothing of what the rules make of it.
        found.extend(draft.text(
            "closed_world",
            Effect::Words,
            old.closed_world.as_deref(),
            new.closed_world.as_deref(),
        ));
        self.changes.extend(found);
    }

    fn rule(&self, draft: &Draft, old: &Criterion, new: &Criterion) -> Vec<Change> {
        let key = match new.side {
            crate::trial::Side::Inclusion => "require",
            crate::trial::Side::Exclusion => "exclude",
        };
        match (&old.rule, &new.rule) {
            (None, None) => Vec::new(),
            (Some(Rule::Readings(old)), Some(Rule::Readings(new))) => {
                self.readings(draft, key, old, new)
            }
            (Some(Rule::Readings(old)), after) => {
                let after = single(after.as_ref()).map(|condition| one_line(&condition.text));
                let say = format!(
                    "{} readings → {}",
                    old.len(),
                    if after.is_some() {
                        "one condition"
                    } else {
                        "no condition of its own"
                    }
                );
                vec![draft.part(
                    "readings",
                    Effect::Verdicts,
                    Some(&listed(old)),
                    after.as_deref(),
                    say,
                )]
            }
            (before, Some(Rule::Readings(new))) => {
                let before = single(before.as_ref()).map(|condition| one_line(&condition.text));
                let say = format!(
                    "{} → {} readings",
                    if before.is_some() {
                        "one condition"
                    } else {
                        "no condition of its own"
                    },
                    new.len()
                );
                vec![draft.part(
                    "readings",
                    Effect::Verdicts,
                    before.as_deref(),
                    Some(&listed(new)),
                    say,
                )]
            }
            (before, after) => {
                let (before, after) = (single(before.as_ref()), single(after.as_ref()));
                self.condition(draft, key, Effect::Verdicts, before, after)
                    .into_iter()
                    .collect()
            }
        }
    }

    fn readings(
        &self,
        draft: &Draft,
        key: &'static str,
        old: &[Reading],
        new: &[Reading],
    ) -> Vec<Change> {
        let mut found = Vec::new();
        for reading in new {
            let Some(was) = old.iter().find(|was| was.name == reading.name) else {
                let say = format!("reading {} added: {}", reading.name, reading.say);
                found.push(draft.part(
                    "readings",
                    Effect::Verdicts,
                    None,
                    Some(&one_line(&reading.condition.text)),
                    say,
                ));
                continue;
            };
            let about = |change: Change| Change {
                say: format!("reading {}, {}", reading.name, change.say),
                ..change
            };
            found.extend(
                draft
                    .text("say", Effect::Words, Some(&was.say), Some(&reading.say))
                    .map(about),
            );
            found.extend(
                draft
                    .text(
                        "basis",
                        Effect::Words,
                        was.basis.as_deref(),
                        reading.basis.as_deref(),
                    )
                    .map(about),
            );
            found.extend(
                self.condition(
                    draft,
                    key,
                    Effect::Verdicts,
                    Some(&was.condition),
                    Some(&reading.condition),
                )
                .map(about),
            );
            if was.by_site_only != reading.by_site_only {
                let say = if reading.by_site_only {
                    "counts only where a site pins it"
                } else {
                    "counts for everybody, no longer only where a site pins it"
                };
                found.push(about(draft.part(
                    "by_site_only",
                    Effect::Verdicts,
                    None,
                    None,
                    say,
                )));
            }
        }
        for gone in old
            .iter()
            .filter(|was| !new.iter().any(|reading| reading.name == was.name))
        {
            let say = format!("reading {} removed: {}", gone.name, gone.say);
            found.push(draft.part(
                "readings",
                Effect::Verdicts,
                Some(&one_line(&gone.condition.text)),
                None,
                say,
            ));
        }
        let in_both = |these: &[Reading], those: &[Reading]| {
            these
                .iter()
                .map(|one| one.name.clone())
                .filter(|name| those.iter().any(|other| other.name == *name))
                .collect::<Vec<_>>()
        };
        if in_both(old, new) != in_both(new, old) {
            found.push(draft.part(
                "readings",
                Effect::Words,
                None,
                None,
                "readings in another order",
            ));
        }
        found
    }

    /// A condition changed, appeared or went away.
    pub(super) fn condition<'w>(
        &self,
        draft: &Draft,
        what: &'static str,
        effect: Effect,
        old: Option<impl Into<Worded<'w>>>,
        new: Option<impl Into<Worded<'w>>>,
    ) -> Option<Change> {
        let (old, new): (Option<Worded<'_>>, Option<Worded<'_>>) =
            (old.map(Into::into), new.map(Into::into));
        let texts = (
            old.map(|old| one_line(old.text)),
            new.map(|new| one_line(new.text)),
        );
        let (Some(old), Some(new)) = (old, new) else {
            let say = match (&texts.0, &texts.1) {
                (None, None) => return None,
                (None, Some(_)) => format!("{what} added"),
                _ => format!("{what} removed"),
            };
            return Some(draft.part(what, effect, texts.0.as_deref(), texts.1.as_deref(), say));
        };
        if old.text == new.text {
            return None;
        }
        let part = |effect, say| {
            Some(draft.part(what, effect, texts.0.as_deref(), texts.1.as_deref(), say))
        };
        if self.old.meanings.of(old.expression) == self.new.meanings.of(new.expression)
            || self.old.meanings.by_names(old.expression)
                == self.new.meanings.by_names(new.expression)
        {
            return part(
                Effect::Nothing,
                format!("{what}: written differently, no change in meaning"),
            );
        }
        let said = words::condition(&self.old, old, &self.new, new);
        part(
            effect,
            if said.is_empty() {
                format!("{what}: another condition")
            } else {
                format!("{what}: {}", said.join("; "))
            },
        )
    }

    /// Doubts. What a site settles goes by the id, so another id is another doubt.
    fn doubts(&self, draft: &Draft, old: &[Doubt], new: &[Doubt]) -> Vec<Change> {
        let mut found = Vec::new();
        for doubt in new {
            match old.iter().find(|was| was.id == doubt.id) {
                Some(was) => {
                    let (was, is) = (&was.remark, &doubt.remark);
                    found.extend(self.remark(draft, "doubts", Effect::Verdicts, was, is));
                }
                None => found.push(draft.part(
                    "doubts",
                    Effect::Verdicts,
                    None,
                    Some(&one_line(&doubt.remark.when.text)),
                    format!("doubt {} added: {}", doubt.id, doubt.remark.say),
                )),
            }
        }
        let kept = |was: &&Doubt| !new.iter().any(|doubt| doubt.id == was.id);
        for was in old.iter().filter(kept) {
            found.push(draft.part(
                "doubts",
                Effect::Verdicts,
                Some(&one_line(&was.remark.when.text)),
                None,
                format!("doubt {} removed: {}", was.id, was.remark.say),
            ));
        }
        found
    }

    /// Cautions or conflicts.
    pub(super) fn remarks(
        &self,
        draft: &Draft,
        what: &'static str,
        effect: Effect,
        old: &[Remark],
        new: &[Remark],
    ) -> Vec<Change> {
        let mut found = Vec::new();
        let (mut left, mut unmatched): (Vec<&Remark>, Vec<&Remark>) =
            (old.iter().collect(), new.iter().collect());
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
                        found.extend(self.remark(draft, what, effect, left.remove(place), remark))
                    }
                    None => unmatched.push(remark),
                }
            }
        }
        for remark in unmatched {
            let say = format!("{} added: {}", singular(what), remark.say);
            found.push(draft.part(what, effect, None, Some(&one_line(&remark.when.text)), say));
        }
        for was in left {
            found.push(draft.part(
                what,
                effect,
                Some(&one_line(&was.when.text)),
                None,
                format!("{} removed: {}", singular(what), was.say),
            ));
        }
        found
    }

    fn remark(
        &self,
        draft: &Draft,
        what: &'static str,
        effect: Effect,
        old: &Remark,
        new: &Remark,
    ) -> Vec<Change> {
        let about = |change: Change| Change {
            say: format!("{} “{}”, {}", singular(what), new.say, change.say),
            ..change
        };
        let changes = [
            self.condition(draft, what, effect, Some(&old.when), Some(&new.when))
                .map(about),
            draft
                .text("say", Effect::Words, Some(&old.say), Some(&new.say))
                .map(about),
            draft
                .text(
                    "basis",
                    Effect::Words,
                    old.basis.as_deref(),
                    new.basis.as_deref(),
                )
                .map(about),
        ];
        changes.into_iter().flatten().collect()
    }

    /// Whether a condition reads the same and means something else, since a definition changed.
    fn changed_below(&self, old: &Criterion, new: &Criterion) -> bool {
        let meanings = |version: &Version<'_>, criterion: &Criterion| -> BTreeSet<String> {
            let doubts = criterion.doubts.iter().map(|doubt| &doubt.remark);
            let open = criterion.conflicts.iter().chain(doubts);
            let conditions = criterion
                .own_conditions()
                .chain(open.map(|remark| &remark.when));
            conditions
                .map(|condition| version.meanings.of(&condition.expression))
                .collect()
        };
        meanings(&self.old, old) != meanings(&self.new, new)
    }

    /// The cautions of the trial as a whole.
    pub(super) fn remarks_of_the_trial(&mut self) {
        let draft = Draft::new(Of::Cautions, "trial", "Cautions of the trial as a whole");
        let found = self.remarks(
            &draft,
            "cautions",
            Effect::Words,
            &self.old.trial.cautions,
            &self.new.trial.cautions,
        );
        self.changes.extend(found);
    }
}

fn added(draft: &Draft, one: &Placed<'_>) -> Change {
    let place = one.parent.map_or_else(
        || one.criterion.side.name().to_owned(),
        |parent| format!("part of {}", parent.id),
    );
    let mut change = draft.whole(Kind::Added, Effect::Verdicts, format!("added ({place})"));
    change.new = one.criterion.text.clone();
    change
}

fn singular(what: &str) -> &str {
    what.strip_suffix('s').unwrap_or(what)
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn single(rule: Option<&Rule>) -> Option<&Condition> {
    match rule {
        Some(Rule::Single(condition)) => Some(condition),
        _ => None,
    }
}

fn listed(readings: &[Reading]) -> String {
    readings
        .iter()
        .map(|reading| format!("{}: {}", reading.name, one_line(&reading.condition.text)))
        .collect::<Vec<_>>()
        .join("\n")
}

/// How many sub-criteria it takes.
fn need(draft: &Draft, old: Option<&Group>, new: Option<&Group>) -> Option<Change> {
    let said = |group: Option<&Group>| match group.map(|group| group.need) {
        None => "no sub-criteria".to_owned(),
        Some(Need::All) => "all sub-criteria".to_owned(),
        Some(Need::Any) => "any sub-criterion".to_owned(),
        Some(Need::AtLeast(n)) => format!("at least {n} sub-criteria"),
    };
    let (was, is) = (said(old), said(new));
    (was != is).then(|| {
        draft.part(
            "sub-criteria",
            Effect::Verdicts,
            Some(&was),
            Some(&is),
            format!("{was} → {is}"),
        )
    })
}

fn same(left: Option<&Criterion>, right: Option<&Criterion>) -> bool {
    match (left, right) {
        (None, None) => true,
        (Some(left), Some(right)) => std::ptr::eq(left, right),
        _ => false,
    }
}

fn position(criterion: &Criterion, among: &[Placed<'_>]) -> Option<usize> {
    among
        .iter()
        .position(|one| std::ptr::eq(one.criterion, criterion))
}

fn is_new(criterion: &Criterion, new: &[Placed<'_>], before: &[Option<usize>]) -> bool {
    position(criterion, new)
        .and_then(|place| before.get(place))
        .is_some_and(Option::is_none)
}

fn gone(criterion: &Criterion, old: &[Placed<'_>], pairs: &[Option<usize>]) -> bool {
    position(criterion, old)
        .and_then(|place| pairs.get(place))
        .is_some_and(Option::is_none)
}

/// What an old criterion is in the new file.
fn heir<'p, 't>(
    criterion: &Criterion,
    old: &[Placed<'_>],
    new: &'p [Placed<'t>],
    pairs: &[Option<usize>],
) -> Option<&'p Placed<'t>> {
    let place = position(criterion, old)?;
    new.get((*pairs.get(place)?)?)
}

/// The protocol's own criterion to which one belongs.
fn top<'t>(all: &[Placed<'t>], one: &Placed<'t>) -> &'t str {
    let mut at = *one;
    while let Some(parent) = at.parent {
        match all
            .iter()
            .find(|other| std::ptr::eq(other.criterion, parent))
        {
            Some(above) => at = *above,
            None => break,
        }
    }
    &at.criterion.id
}

/// Which of the new criteria stand elsewhere among their siblings.
fn shifted(old: &[Placed<'_>], new: &[Placed<'_>], pairs: &[Option<usize>]) -> Vec<bool> {
    let mut result = vec![false; new.len()];
    for first in new.iter().enumerate().filter(|(place, one)| {
        // Once for each group of siblings.
        !new.iter().take(*place).any(|other| {
            same(other.parent, one.parent) && other.criterion.side == one.criterion.side
        })
    }) {
        let siblings = |one: &Placed<'_>| {
            same(one.parent, first.1.parent) && one.criterion.side == first.1.criterion.side
        };
        let came: Vec<(usize, usize)> = new
            .iter()
            .enumerate()
            .filter(|(_, one)| siblings(one))
            .filter_map(|(place, one)| {
                let from = pairs.iter().position(|pair| *pair == Some(place))?;
                let was = old.get(from)?;
                (was.criterion.side == one.criterion.side).then_some((place, from))
            })
            .collect();
        let order: Vec<usize> = came.iter().map(|(_, from)| *from).collect();
        for ((place, _), moved) in came.iter().zip(moved(&order)) {
            if let Some(result) = result.get_mut(*place) {
                *result = moved;
            }
        }
    }
    result
}

/// Which of the protocol's own criteria is which.
fn tops(old: &[Placed<'_>], new: &[Placed<'_>], pairs: &[Option<usize>]) -> Vec<Pair> {
    let rank = |all: &[Placed<'_>], place: usize| {
        let one = all.get(place).filter(|one| one.parent.is_none())?;
        all.iter()
            .filter(|other| other.parent.is_none())
            .position(|other| std::ptr::eq(other.criterion, one.criterion))
    };
    let mut found: Vec<Pair> = Vec::new();
    for place in (0..new.len()).filter(|place| rank(new, *place).is_some()) {
        let from = pairs
            .iter()
            .position(|pair| *pair == Some(place))
            .and_then(|from| rank(old, from));
        found.push(Pair {
            old: from,
            new: rank(new, place),
        });
    }
    let left = (0..old.len())
        .filter_map(|place| rank(old, place))
        .filter(|rank| !found.iter().any(|pair| pair.old == Some(*rank)))
        .collect::<Vec<_>>();
    found.extend(left.into_iter().map(|rank| Pair {
        old: Some(rank),
        new: None,
    }));
    found
}
