//! What changed in the facts and definitions, and which criteria rest on them.

use std::collections::{BTreeMap, BTreeSet};

use super::changes::{Changes, Named};
use super::criteria::opening;
use super::{Change, Comparison, Effect, Kind, Of};
use crate::cql::typed::{Expression, Operation};
use crate::cql::{DefinitionId, facts_of};
use crate::facts::answers::number_range;
use crate::facts::{CodeValue, Fact, ItemKind, Kind as FactKind, Measure, Stage, ValueSet};
use crate::trial::Trial;
use crate::value::Bounds;
use crate::value::bounds::End;
use crate::value::text::one_line;

impl<'t> Comparison<'t> {
    /// Compares the facts, and adds the new file's criteria whose verdict may change.
    pub(super) fn facts(&self, found: &mut Vec<Change>, affected: &mut BTreeSet<&'t str>) {
        let (before, after) = (&self.old.trial.facts, &self.new.trial.facts);
        for (id, fact) in after.iter() {
            let mut changes = Changes::new(Of::Fact, &fact.path, &fact.label);
            let path = self.old_path(fact);
            if path != fact.path {
                let paths = [path, &fact.path].map(Some);
                let say = format!("was {path}");
                changes.item(Kind::Renamed, Effect::Records, paths, &say);
            }
            match before.find(path) {
                Some(was) => parts(&mut changes, [before.get(was), fact]),
                None => {
                    let say = format!("added: {} ({})", fact.label, fact.type_name());
                    let asked = [None, fact.ask.as_deref()];
                    changes.item(Kind::Added, Effect::Records, asked, &say);
                }
            }
            let resting = resting(self.new.trial, |condition| {
                facts_of(condition, &self.new.trial.definitions).contains(&id)
            });
            for change in &mut changes.found {
                change.criteria = resting.all.iter().map(|id| (*id).to_owned()).collect();
                if change.effect == Effect::Verdicts {
                    affected.extend(&resting.deciding);
                }
            }
            found.append(&mut changes.found);
        }
        let still = |gone: &Fact| {
            after.find(&gone.path).is_some() || self.renamed.values().any(|old| *old == gone.path)
        };
        for (_, gone) in before.iter().filter(|(_, fact)| !still(fact)) {
            let mut changes = Changes::new(Of::Fact, &gone.path, &gone.label);
            let say = "removed: a record that states it is refused";
            changes.item(Kind::Removed, Effect::Records, [None, None], say);
            found.append(&mut changes.found);
        }
        for (path, label) in &after.groups {
            if let Some(was) = before.groups.get(path) {
                let mut changes = Changes::new(Of::Fact, path, label.as_deref().unwrap_or(path));
                let both = [was, label].map(Option::as_deref);
                changes.text("label", Effect::Words, both);
                found.append(&mut changes.found);
            }
        }
        let places = after.iter().filter_map(|(_, fact)| before.find(&fact.path));
        if !places.is_sorted() {
            let mut changes = Changes::new(Of::Fact, "facts", "Facts");
            let say = "in another order, which is that of the template";
            changes.item(Kind::Moved, Effect::Words, [None, None], say);
            found.append(&mut changes.found);
        }
    }

    /// The path by which the old file has a fact, if it has it.
    fn old_path<'f>(&'f self, fact: &'f Fact) -> &'f str {
        let path = fact.path.as_str();
        self.renamed.get(path).copied().unwrap_or(path)
    }

    /// Compares the definitions.
    pub(super) fn definitions(&self, found: &mut Vec<Change>) {
        let (old, new) = (&self.old.trial.definitions, &self.new.trial.definitions);
        let mut renamed = BTreeSet::new();
        for (index, definition) in new.iter().enumerate() {
            let mut changes = Changes::new(Of::Definition, &definition.name, &definition.label);
            let named = old.iter().position(|was| was.name == definition.name);
            let was = named.or_else(|| self.renamed_definition(index));
            if let Some((at, was)) = was.and_then(|at| Some((at, old.get(at)?))) {
                if named.is_none() {
                    renamed.insert(at);
                    let names = [was, definition].map(|one| Some(&*one.name));
                    let say = format!("was {}, and means the same", was.name);
                    changes.item(Kind::Renamed, Effect::Words, names, &say);
                }
                let both = [was, definition];
                changes.text("label", Effect::Words, both.map(|one| Some(&one.label)));
                let compared = changes.found.len();
                self.condition(&mut changes, "is", Effect::Verdicts, both.map(Some));
                if changes.found.len() == compared && !self.is_same_definition(at, index) {
                    let say = "means something else, since what it builds on changed";
                    changes.part("is", Effect::Verdicts, [None, None], say);
                }
            } else {
                let text = one_line(&definition.text);
                changes.item(Kind::Added, Effect::Words, [None, Some(&text)], "added");
            }
            let resting = resting(self.new.trial, |condition| {
                uses(condition, DefinitionId(index), self.new.trial)
            });
            for change in &mut changes.found {
                change.criteria = resting.all.iter().map(|id| (*id).to_owned()).collect();
            }
            found.append(&mut changes.found);
        }
        for (at, gone) in old.iter().enumerate() {
            if !renamed.contains(&at) && !new.iter().any(|one| one.name == gone.name) {
                let mut changes = Changes::new(Of::Definition, &gone.name, &gone.label);
                let text = one_line(&gone.text);
                changes.item(Kind::Removed, Effect::Words, [Some(&text), None], "removed");
                found.append(&mut changes.found);
            }
        }
    }

    fn is_same_definition(&self, old: usize, new: usize) -> bool {
        self.old.meanings.of_definition(old) == self.new.meanings.of_definition(new)
    }

    /// The old definition that means the same as one of the new file, and is gone by its name.
    fn renamed_definition(&self, index: usize) -> Option<usize> {
        let new = &self.new.trial.definitions;
        let mut old = self.old.trial.definitions.iter().enumerate();
        old.find(|(at, was)| {
            self.is_same_definition(*at, index) && !new.iter().any(|one| one.name == was.name)
        })
        .map(|(at, _)| at)
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
struct Resting<'t> {
    all: Vec<&'t str>,
    deciding: Vec<&'t str>,
}

fn resting(trial: &Trial, rests: impl Fn(&Expression) -> bool) -> Resting<'_> {
    let mut resting = Resting::default();
    for top in &trial.criteria {
        let (mut decides, mut speaks) = (false, false);
        top.walk(&mut |criterion| {
            let mut deciding = criterion.own_conditions().chain(opening(criterion));
            decides |= deciding.any(|condition| rests(&condition.expression));
            let mut cautions = criterion.cautions.iter();
            speaks |= cautions.any(|remark| rests(&remark.when.expression));
        });
        if decides {
            resting.deciding.push(&top.id);
        }
        if decides || speaks {
            resting.all.push(&top.id);
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
            let used = || &id.among(&trial.definitions).expression;
            found |= id == wanted || id > wanted && uses(used(), wanted, trial);
        }
    });
    found
}

/// Compares a fact that is in both files.
fn parts(changes: &mut Changes<'_>, both: [&Fact; 2]) {
    let [old, new] = both;
    if old.type_name() == new.type_name() {
        kind(changes, [&old.kind, &new.kind]);
    } else {
        let types = both.map(|fact| Some(fact.type_name()));
        changes.text("type", Effect::Verdicts, types);
    }
    let words = Effect::Words;
    changes.text("label", words, both.map(|fact| Some(&fact.label)));
    changes.text("ask", words, both.map(|fact| fact.ask.as_deref()));
    changes.text("obtain", words, both.map(|fact| fact.obtain.as_deref()));
    changes.text("note", words, both.map(|fact| fact.note.as_deref()));
    changes.text("stage", words, both.map(|fact| fact.stage.map(Stage::name)));
    changes.text("codes", words, both.map(|fact| codes(&fact.codes)));
    // A site policy may ask for the signature of a judgement.
    changes.flag(
        "judgement",
        Effect::Verdicts,
        both.map(|fact| fact.judgement),
    );
    changes.flag("measured", words, both.map(|fact| fact.measured));
    changes.flag("supporting", words, both.map(|fact| fact.supporting));
    changes.flag("future", Effect::Records, both.map(|fact| fact.future));
    changes.flag("bare", Effect::Records, both.map(bare));
    changes.flag("alone", Effect::Records, both.map(|fact| fact.alone));
}

fn codes(codes: &BTreeMap<String, String>) -> Option<String> {
    let each = codes
        .iter()
        .map(|(system, code)| format!("{system} {code}"));
    (!codes.is_empty()).then(|| each.collect::<Vec<_>>().join(", "))
}

/// Compares what goes with the type.
fn kind(changes: &mut Changes<'_>, both: [&FactKind; 2]) {
    match both {
        [FactKind::Quantity(old), FactKind::Quantity(new)] => measure(changes, [old, new]),
        [FactKind::Code(old), FactKind::Code(new)] => values(changes, [old, new]),
        [FactKind::List(old), FactKind::List(new)] => items(changes, [old, new]),
        [FactKind::Boolean { .. }, _] => {
            let words = both.map(|kind| match kind {
                FactKind::Boolean { yes, no } => Some(format!("yes: {yes}, no: {no}")),
                _ => None,
            });
            changes.text("values", Effect::Words, words);
        }
        _ => {
            let ranges = both.map(|kind| match kind {
                FactKind::Integer(range) | FactKind::Decimal(range) => {
                    range.as_ref().map(|range| number_range(range, ""))
                }
                FactKind::Duration(range) => range.as_ref().map(ends),
                FactKind::Date(range) => range.as_ref().map(ends),
                _ => None,
            });
            changes.text("range", Effect::Records, ranges);
        }
    }
}

fn ends<T: Copy + ToString>(range: &Bounds<T>) -> String {
    let end = |end: Option<End<T>>| end.map_or(String::new(), |end| end.value.to_string());
    format!("{}..{}", end(range.low), end(range.high))
}

fn measure(changes: &mut Changes<'_>, both: [&Measure; 2]) {
    let [old, new] = both;
    changes.text(
        "unit",
        Effect::Verdicts,
        both.map(|measure| Some(&measure.unit)),
    );
    let gone = old
        .units()
        .filter(|unit| !new.units().any(|other| other == *unit));
    for unit in new.units().chain(gone) {
        if unit == new.unit || unit == old.unit {
            continue;
        }
        let conversions = both.map(|measure| conversion(measure, unit));
        let effect = match conversions {
            [Some(_), Some(_)] => Effect::Verdicts,
            _ => Effect::Records,
        };
        changes.text("units", effect, conversions);
    }
    let range = |range: &Option<_>, measure: &Measure| {
        range
            .as_ref()
            .map(|range| number_range(range, &measure.unit))
    };
    changes.text(
        "range",
        Effect::Records,
        both.map(|one| range(&one.range, one)),
    );
    changes.text(
        "limits",
        Effect::Records,
        both.map(|one| range(&one.limits, one)),
    );
}

/// How a measure converts another unit into its own.
fn conversion(measure: &Measure, unit: &str) -> Option<String> {
    if let Some(factor) = measure.factor(unit) {
        return Some(format!("1 {unit} = {factor} {}", measure.unit));
    }
    let mut shifted = measure.shifted.iter();
    let (_, factor, added) = shifted.find(|(other, ..)| other == unit)?;
    Some(format!("x {unit} = {factor} x + {added} {}", measure.unit))
}

fn values(changes: &mut Changes<'_>, both: [&ValueSet; 2]) {
    let list = Named {
        key: "values",
        effect: Effect::Records,
        name: |value: &CodeValue| &value.name,
        text: |value| value.name.clone(),
        say: |value, kind| {
            let named = format!("{} ({})", value.name, value.label);
            came_or_went("value", kind, &named)
        },
        reordered: Some("values in another order"),
        both: both.map(|set| &*set.values),
    };
    changes.entries(&list, |changes, both| {
        let [_, new] = both;
        changes.within(&format!("value {}", new.name), |changes| {
            let unclear = match both.map(|value| value.unclear) {
                [false, true] => Some("settles nothing any more"),
                [true, false] => Some("settles the matter now"),
                _ => None,
            };
            if let Some(say) = unclear {
                changes.part("unclear", Effect::Verdicts, [None, None], say);
            }
            changes.text("label", Effect::Words, both.map(|value| Some(&value.label)));
            changes.text(
                "note",
                Effect::Words,
                both.map(|value| value.note.as_deref()),
            );
            changes.text(
                "codes",
                Effect::Words,
                both.map(|value| codes(&value.codes)),
            );
        });
    });
}

fn items(changes: &mut Changes<'_>, both: [&ItemKind; 2]) {
    let both = match both {
        [ItemKind::Single(old), ItemKind::Single(new)] => return parts(changes, [old, new]),
        [ItemKind::Fields(old), ItemKind::Fields(new)] => [&**old, new],
        _ => {
            let say = "items with fields and single values exchanged";
            return changes.part("item", Effect::Verdicts, [None, None], say);
        }
    };
    let list = Named {
        key: "item",
        effect: Effect::Records,
        name: Fact::name,
        text: |field| field.name().to_owned(),
        say: |field, kind| match kind {
            Kind::Added => {
                let named = format!("{} ({})", field.name(), field.type_name());
                came_or_went("field", kind, &named)
            }
            _ => came_or_went("field", kind, field.name()),
        },
        reordered: Some("fields in another order"),
        both,
    };
    changes.entries(&list, |changes, both| {
        let [_, new] = both;
        changes.within(&format!("field {}", new.name()), |changes| {
            parts(changes, both)
        });
    });
}

/// Says that a value or a field came or went, and what becomes of records that state it.
fn came_or_went(what: &str, kind: Kind, named: &str) -> String {
    let refused = match kind {
        Kind::Removed => "; a record that states it is refused",
        _ => "",
    };
    format!("{what} {}: {named}{refused}", kind.name())
}

/// Whether numbers without a unit are taken, although there are several.
fn bare(fact: &Fact) -> bool {
    matches!(&fact.kind, FactKind::Quantity(measure) if measure.bare)
}
