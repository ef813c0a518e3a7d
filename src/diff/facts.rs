//! What changed in the facts and definitions, and which criteria rest on them.

use std::collections::{BTreeMap, BTreeSet};

use super::criteria::one_line;
use super::{Change, Comparison, Draft, Effect, Kind, Of};
use crate::cql::typed::{Expression, Operation};
use crate::cql::{DefinitionId, facts_of};
use crate::facts::answers::number_range;
use crate::facts::{Fact, ItemKind, Kind as FactKind, Measure, Stage, ValueSet};
use crate::trial::{Criterion, Trial};
use crate::value::Bounds;
use crate::value::bounds::End;

impl Comparison<'_> {
    /// Compares definitions, then facts. Returns the new file's criteria whose verdict may change.
    pub(super) fn definitions_and_facts(&mut self) -> BTreeSet<String> {
        let mut affected = BTreeSet::new();
        self.definitions();
        let old: Vec<&Fact> = self.old.trial.facts.iter().map(|(_, fact)| fact).collect();
        let new: Vec<&Fact> = self.new.trial.facts.iter().map(|(_, fact)| fact).collect();
        let renamed = self.renamed.clone();
        for (id, fact) in self.new.trial.facts.iter() {
            let resting = resting(self.new.trial, |condition| {
                facts_of(condition, &self.new.trial.definitions).contains(&id)
            });
            let draft = Draft::new(Of::Fact, &fact.path, &fact.label);
            let start = self.changes.len();
            let path = renamed
                .get(fact.path.as_str())
                .copied()
                .unwrap_or(&fact.path);
            let was = old.iter().copied().find(|was| was.path == path);
            if path != fact.path {
                let change = draft.whole(Kind::Renamed, Effect::Records, format!("was {path}"));
                self.changes.push(Change {
                    old: Some(path.to_owned()),
                    new: Some(fact.path.clone()),
                    ..change
                });
            }
            match was {
                Some(was) => self.changes.extend(parts(&draft, was, fact)),
                None => {
                    let mut change = draft.whole(
                        Kind::Added,
                        Effect::Records,
                        format!("added: {} ({})", fact.label, fact.type_name()),
                    );
                    change.new.clone_from(&fact.ask);
                    self.changes.push(change);
                }
            }
            for change in self.changes.iter_mut().skip(start) {
                change.criteria.clone_from(&resting.all);
                if change.effect == Effect::Verdicts {
                    affected.extend(resting.deciding.iter().cloned());
                }
            }
        }
        let still = |fact: &&&Fact| {
            new.iter().any(|other| other.path == fact.path)
                || renamed.values().any(|old| *old == fact.path)
        };
        for fact in old.iter().filter(|fact| !still(fact)) {
            let change = Draft::new(Of::Fact, &fact.path, &fact.label).whole(
                Kind::Removed,
                Effect::Records,
                "removed: a record that states it is refused",
            );
            self.changes.push(change);
        }
        self.groups();
        self.order(&old, &new);
        affected
    }

    fn definitions(&mut self) {
        let (old, new) = (self.old.trial, self.new.trial);
        let mut renamed: Vec<&str> = Vec::new();
        let find = |trial: &Trial, name: &str| {
            trial
                .definitions
                .iter()
                .position(|definition| definition.name == name)
        };
        for (index, definition) in new.definitions.iter().enumerate() {
            let resting = resting(new, |condition| uses(condition, DefinitionId(index), new));
            let draft = Draft::new(Of::Definition, &definition.name, &definition.label);
            let start = self.changes.len();
            let meaning = self.new.meanings.of_definition(index);
            let mut was = find(old, &definition.name);
            if was.is_none() {
                was = (0..old.definitions.len()).find(|at| {
                    self.old.meanings.of_definition(*at) == meaning
                        && old
                            .definitions
                            .get(*at)
                            .is_some_and(|one| find(new, &one.name).is_none())
                });
                if let Some(was) = was.and_then(|at| old.definitions.get(at)) {
                    renamed.push(&was.name);
                    let change = draft.whole(
                        Kind::Renamed,
                        Effect::Words,
                        format!("was {}, and means the same", was.name),
                    );
                    self.changes.push(Change {
                        old: Some(was.name.clone()),
                        new: Some(definition.name.clone()),
                        ..change
                    });
                }
            }
            let found: Vec<Change> = match was.and_then(|at| Some((at, old.definitions.get(at)?))) {
                None => {
                    let change = draft.whole(Kind::Added, Effect::Words, "added");
                    vec![Change {
                        new: Some(one_line(&definition.text)),
                        ..change
                    }]
                }
                Some((at, was)) => {
                    let label = draft.text(
                        "label",
                        Effect::Words,
                        Some(&was.label),
                        Some(&definition.label),
                    );
                    let is =
                        self.condition(&draft, "is", Effect::Verdicts, Some(was), Some(definition));
                    let through = (is.is_none() && self.old.meanings.of_definition(at) != meaning)
                        .then(|| {
                            draft.part(
                                "is",
                                Effect::Verdicts,
                                None,
                                None,
                                "means something else, since what it builds on changed",
                            )
                        });
                    [label, is, through].into_iter().flatten().collect()
                }
            };
            self.changes.extend(found);
            for change in self.changes.iter_mut().skip(start) {
                change.criteria.clone_from(&resting.all);
            }
        }
        for gone in old
            .definitions
            .iter()
            .filter(|one| find(new, &one.name).is_none() && !renamed.contains(&one.name.as_str()))
        {
            let change = Draft::new(Of::Definition, &gone.name, &gone.label).whole(
                Kind::Removed,
                Effect::Words,
                "removed",
            );
            self.changes.push(Change {
                old: Some(one_line(&gone.text)),
                ..change
            });
        }
    }

    fn groups(&mut self) {
        let (old, new) = (&self.old.trial.facts.groups, &self.new.trial.facts.groups);
        let mut found = Vec::new();
        for (path, label) in new {
            if let Some(was) = old.get(path) {
                let draft = Draft::new(Of::Fact, path, label.as_deref().unwrap_or(path));
                found.extend(draft.text("label", Effect::Words, was.as_deref(), label.as_deref()));
            }
        }
        self.changes.extend(found);
    }

    /// The template asks in the order of the file.
    fn order(&mut self, old: &[&Fact], new: &[&Fact]) {
        let common = |these: &[&Fact], those: &[&Fact]| -> Vec<String> {
            these
                .iter()
                .filter(|fact| those.iter().any(|other| other.path == fact.path))
                .map(|fact| fact.path.clone())
                .collect()
        };
        if common(old, new) != common(new, old) {
            let draft = Draft::new(Of::Fact, "facts", "Facts");
            self.changes.push(draft.whole(
                Kind::Moved,
                Effect::Words,
                "in another order, which is that of the template",
            ));
        }
    }
}

/// The facts of the new file that the old one has under another path, as the label and the type say: the new path, the
/// old one.
pub(super) fn renamed<'t>(old: &'t Trial, new: &'t Trial) -> BTreeMap<&'t str, &'t str> {
    let only = |mine: &'t Trial, others: &Trial| -> Vec<&'t Fact> {
        mine.facts
            .iter()
            .map(|(_, fact)| fact)
            .filter(|fact| others.facts.find(&fact.path).is_none())
            .collect()
    };
    let (gone, come) = (only(old, new), only(new, old));
    let alike = |one: &Fact, among: &[&'t Fact]| -> Option<&'t Fact> {
        let mut like = among
            .iter()
            .filter(|other| other.label == one.label && other.type_name() == one.type_name());
        like.next().filter(|_| like.next().is_none()).copied()
    };
    let pairs = come.iter().filter_map(|fact| {
        // The only one of its label, on either side.
        let was = alike(fact, &gone)?;
        alike(was, &come)?;
        Some((fact.path.as_str(), was.path.as_str()))
    });
    pairs.collect()
}

/// The criteria of the protocol that rest on something: all of them, and those whose verdict does.
#[derive(Default)]
struct Resting {
    all: Vec<String>,
    deciding: Vec<String>,
}

fn resting(trial: &Trial, rests: impl Fn(&Expression) -> bool) -> Resting {
    let mut resting = Resting::default();
    for top in &trial.criteria {
        let (mut decides, mut speaks) = (false, false);
        top.walk(&mut |criterion: &Criterion| {
            let doubts = criterion.doubts.iter().map(|doubt| &doubt.remark);
            let open = criterion.conflicts.iter().chain(doubts);
            let deciding = criterion
                .own_conditions()
                .chain(open.map(|remark| &remark.when));
            decides |= deciding
                .into_iter()
                .any(|condition| rests(&condition.expression));
            speaks |= criterion
                .cautions
                .iter()
                .any(|remark| rests(&remark.when.expression));
        });
        if decides {
            resting.deciding.push(top.id.clone());
        }
        if decides || speaks {
            resting.all.push(top.id.clone());
        }
    }
    resting
}

/// Whether an expression uses a definition, directly or by way of others.
fn uses(expression: &Expression, wanted: DefinitionId, trial: &Trial) -> bool {
    let mut found = false;
    expression.walk(&mut |part| {
        if let Operation::Definition(id) = part.operation {
            // Definitions stand behind those that they use.
            found |= id == wanted
                || id > wanted
                    && trial
                        .definitions
                        .get(id.0)
                        .is_some_and(|one| uses(&one.expression, wanted, trial));
        }
    });
    found
}

/// The parts of a fact that is in both files.
fn parts(draft: &Draft, old: &Fact, new: &Fact) -> Vec<Change> {
    let mut found: Vec<Change> = Vec::new();
    if old.type_name() == new.type_name() {
        found.extend(kind(draft, &old.kind, &new.kind));
    } else {
        found.extend(draft.text(
            "type",
            Effect::Verdicts,
            Some(old.type_name()),
            Some(new.type_name()),
        ));
    }
    for (what, was, is) in [
        ("label", Some(&old.label), Some(&new.label)),
        ("ask", old.ask.as_ref(), new.ask.as_ref()),
        ("obtain", old.obtain.as_ref(), new.obtain.as_ref()),
        ("note", old.note.as_ref(), new.note.as_ref()),
    ] {
        found.extend(draft.text(
            what,
            Effect::Words,
            was.map(String::as_str),
            is.map(String::as_str),
        ));
    }
    found.extend(draft.text(
        "stage",
        Effect::Words,
        old.stage.map(Stage::name),
        new.stage.map(Stage::name),
    ));
    found.extend(codes(draft, &old.codes, &new.codes));
    for (what, was, is, effect) in [
        // A site policy may ask for the signature of a judgement.
        ("judgement", old.judgement, new.judgement, Effect::Verdicts),
        ("measured", old.measured, new.measured, Effect::Words),
        ("supporting", old.supporting, new.supporting, Effect::Words),
        ("future", old.future, new.future, Effect::Records),
        ("bare", bare(old), bare(new), Effect::Records),
        ("alone", old.alone, new.alone, Effect::Records),
    ] {
        if was != is {
            found.push(draft.part(
                what,
                effect,
                Some(&was.to_string()),
                Some(&is.to_string()),
                format!("{what}: {was} → {is}"),
            ));
        }
    }
    found
}

fn codes(
    draft: &Draft,
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) -> Option<Change> {
    let shown = |codes: &BTreeMap<String, String>| {
        let each: Vec<String> = codes
            .iter()
            .map(|(system, code)| format!("{system} {code}"))
            .collect();
        (!each.is_empty()).then(|| each.join(", "))
    };
    draft.text(
        "codes",
        Effect::Words,
        shown(old).as_deref(),
        shown(new).as_deref(),
    )
}

/// What goes with the type.
fn kind(draft: &Draft, old: &FactKind, new: &FactKind) -> Vec<Change> {
    let numbers = |was: &Option<Bounds<_>>, is: &Option<Bounds<_>>| {
        let shown = |range: &Option<Bounds<_>>| range.as_ref().map(|range| number_range(range, ""));
        draft
            .text(
                "range",
                Effect::Records,
                shown(was).as_deref(),
                shown(is).as_deref(),
            )
            .into_iter()
            .collect()
    };
    match (old, new) {
        (FactKind::Boolean { yes: y1, no: n1 }, FactKind::Boolean { yes, no }) => {
            let words = (
                format!("yes: {y1}, no: {n1}"),
                format!("yes: {yes}, no: {no}"),
            );
            draft
                .text("values", Effect::Words, Some(&words.0), Some(&words.1))
                .into_iter()
                .collect()
        }
        (FactKind::Integer(was), FactKind::Integer(is))
        | (FactKind::Decimal(was), FactKind::Decimal(is)) => numbers(was, is),
        (FactKind::Duration(was), FactKind::Duration(is)) => draft
            .text(
                "range",
                Effect::Records,
                ends(was.as_ref()).as_deref(),
                ends(is.as_ref()).as_deref(),
            )
            .into_iter()
            .collect(),
        (FactKind::Date(was), FactKind::Date(is)) => draft
            .text(
                "range",
                Effect::Records,
                ends(was.as_ref()).as_deref(),
                ends(is.as_ref()).as_deref(),
            )
            .into_iter()
            .collect(),
        (FactKind::Quantity(was), FactKind::Quantity(is)) => measure(draft, was, is),
        (FactKind::Code(was), FactKind::Code(is)) => values(draft, was, is),
        (FactKind::List(was), FactKind::List(is)) => items(draft, was, is),
        _ => Vec::new(),
    }
}

fn ends<T: Copy + ToString>(range: Option<&Bounds<T>>) -> Option<String> {
    let end = |end: Option<End<T>>| end.map_or(String::new(), |end| end.value.to_string());
    range.map(|range| format!("{}..{}", end(range.low), end(range.high)))
}

fn measure(draft: &Draft, old: &Measure, new: &Measure) -> Vec<Change> {
    let mut found: Vec<Change> = draft
        .text("unit", Effect::Verdicts, Some(&old.unit), Some(&new.unit))
        .into_iter()
        .collect();
    for unit in new.units().chain(
        old.units()
            .filter(|unit| !new.units().any(|other| other == *unit)),
    ) {
        if unit == new.unit || unit == old.unit {
            continue;
        }
        let shown = |measure: &Measure| {
            let plain = measure
                .factor(unit)
                .map(|factor| format!("1 {unit} = {factor} {}", measure.unit));
            let shifted = || {
                measure
                    .shifted
                    .iter()
                    .find(|(other, ..)| other == unit)
                    .map(|(_, factor, added)| {
                        format!("x {unit} = {factor} x + {added} {}", measure.unit)
                    })
            };
            plain.or_else(shifted)
        };
        let effect = if shown(old).is_some() && shown(new).is_some() {
            Effect::Verdicts
        } else {
            Effect::Records
        };
        found.extend(draft.text(
            "units",
            effect,
            shown(old).as_deref(),
            shown(new).as_deref(),
        ));
    }
    let shown = |range: &Option<Bounds<_>>, measure: &Measure| {
        range
            .as_ref()
            .map(|range| number_range(range, &measure.unit))
    };
    for (key, was, is) in [
        ("range", &old.range, &new.range),
        ("limits", &old.limits, &new.limits),
    ] {
        let (was, is) = (shown(was, old), shown(is, new));
        found.extend(draft.text(key, Effect::Records, was.as_deref(), is.as_deref()));
    }
    found
}

fn values(draft: &Draft, old: &ValueSet, new: &ValueSet) -> Vec<Change> {
    let mut found = Vec::new();
    for value in &new.values {
        let Some(was) = old.values.iter().find(|was| was.name == value.name) else {
            let say = format!("value added: {} ({})", value.name, value.label);
            found.push(draft.part("values", Effect::Records, None, Some(&value.name), say));
            continue;
        };
        let about = |change: Change| Change {
            say: format!("value {}, {}", value.name, change.say),
            ..change
        };
        if was.unclear != value.unclear {
            let say = if value.unclear {
                "settles nothing any more"
            } else {
                "settles the matter now"
            };
            found.push(about(draft.part(
                "unclear",
                Effect::Verdicts,
                None,
                None,
                say,
            )));
        }
        found.extend(
            draft
                .text("label", Effect::Words, Some(&was.label), Some(&value.label))
                .map(about),
        );
        found.extend(
            draft
                .text(
                    "note",
                    Effect::Words,
                    was.note.as_deref(),
                    value.note.as_deref(),
                )
                .map(about),
        );
        found.extend(codes(draft, &was.codes, &value.codes).map(about));
    }
    for was in old
        .values
        .iter()
        .filter(|was| !new.values.iter().any(|value| value.name == was.name))
    {
        let say = format!(
            "value removed: {} ({}); a record that states it is refused",
            was.name, was.label
        );
        found.push(draft.part("values", Effect::Records, Some(&was.name), None, say));
    }
    let common = |these: &ValueSet, those: &ValueSet| -> Vec<String> {
        these
            .names()
            .filter(|name| those.names().any(|other| other == *name))
            .map(str::to_owned)
            .collect()
    };
    if common(old, new) != common(new, old) {
        found.push(draft.part(
            "values",
            Effect::Words,
            None,
            None,
            "values in another order",
        ));
    }
    found
}

fn items(draft: &Draft, old: &ItemKind, new: &ItemKind) -> Vec<Change> {
    match (old, new) {
        (ItemKind::Single(was), ItemKind::Single(is)) => parts(draft, was, is),
        (ItemKind::Fields(was), ItemKind::Fields(is)) => {
            let mut found = Vec::new();
            for field in is {
                let about = |change: Change| Change {
                    say: format!("field {}, {}", field.name(), change.say),
                    ..change
                };
                match was.iter().find(|was| was.name() == field.name()) {
                    Some(was) => found.extend(parts(draft, was, field).into_iter().map(about)),
                    None => {
                        let say = format!("field added: {} ({})", field.name(), field.type_name());
                        found.push(draft.part(
                            "item",
                            Effect::Records,
                            None,
                            Some(field.name()),
                            say,
                        ));
                    }
                }
            }
            for gone in was
                .iter()
                .filter(|was| !is.iter().any(|field| field.name() == was.name()))
            {
                let say = format!(
                    "field removed: {}; a record that states it is refused",
                    gone.name()
                );
                found.push(draft.part("item", Effect::Records, Some(gone.name()), None, say));
            }
            let common = |these: &[Fact], those: &[Fact]| -> Vec<String> {
                these
                    .iter()
                    .filter(|fact| those.iter().any(|other| other.name() == fact.name()))
                    .map(|fact| fact.name().to_owned())
                    .collect()
            };
            if common(was, is) != common(is, was) {
                found.push(draft.part(
                    "item",
                    Effect::Words,
                    None,
                    None,
                    "fields in another order",
                ));
            }
            found
        }
        _ => vec![draft.part(
            "item",
            Effect::Verdicts,
            None,
            None,
            "items with fields and single values exchanged",
        )],
    }
}

/// Whether numbers without a unit are taken, although there are several.
fn bare(fact: &Fact) -> bool {
    matches!(&fact.kind, crate::facts::Kind::Quantity(measure) if measure.bare)
}
