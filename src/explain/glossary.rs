//! The facts and the named expressions: what is asked, what may be answered, and which criteria look at it.

use std::collections::{BTreeMap, BTreeSet};

use super::criteria::Explainer;
use super::logic::definitions_of;
use super::model::{FactPart, TermPart, ValuePart};
use crate::cql::typed::{Attribute, Expression, Operation};
use crate::cql::{DefinitionId, Type, facts_of};
use crate::facts::{Fact, FactId, ItemKind, Kind, Stage};
use crate::report::sentence::plausible_range;
use crate::trial::{Condition, Trial};

/// Explains facts and definitions.
pub(super) struct Glossary<'g, 'x> {
    explainer: &'g Explainer<'x>,
    uses: Uses,
}

/// Which criteria look at what.
#[derive(Default)]
struct Uses {
    decides: BTreeMap<FactId, Vec<String>>,
    set_aside: BTreeMap<FactId, Vec<String>>,
    remarks: BTreeMap<FactId, Vec<String>>,
    definitions: BTreeMap<DefinitionId, Vec<String>>,
    attributes: BTreeMap<FactId, BTreeSet<&'static str>>,
}

impl Uses {
    fn of(explainer: &Explainer<'_>) -> Self {
        let trial = explainer.trial;
        let mut uses = Self::default();
        for criterion in trial.all_criteria() {
            for condition in explainer.counting(criterion) {
                uses.condition(condition, &criterion.id, trial, |uses| &mut uses.decides);
            }
            for reading in criterion
                .readings()
                .iter()
                .filter(|reading| !explainer.policy.counts(criterion, reading))
            {
                uses.condition(&reading.condition, &criterion.id, trial, |uses| {
                    &mut uses.set_aside
                });
            }
            for remark in criterion.remarks() {
                uses.condition(&remark.when, &criterion.id, trial, |uses| &mut uses.remarks);
            }
        }
        for remark in &trial.cautions {
            uses.condition(&remark.when, "trial", trial, |uses| &mut uses.remarks);
        }
        uses
    }

    fn condition(
        &mut self,
        condition: &Condition,
        id: &str,
        trial: &Trial,
        kind: impl Fn(&mut Self) -> &mut BTreeMap<FactId, Vec<String>>,
    ) {
        for fact in facts_of(&condition.expression, &trial.definitions) {
            note(kind(self).entry(fact).or_default(), id);
        }
        self.parts(&condition.expression, id, trial, &mut BTreeSet::new());
    }

    /// Definitions and attributes, directly and by way of definitions.
    fn parts(
        &mut self,
        expression: &Expression,
        id: &str,
        trial: &Trial,
        seen: &mut BTreeSet<DefinitionId>,
    ) {
        expression.walk(&mut |part| match part.operation {
            Operation::Attribute(fact, Attribute::UpperLimitOfNormal) => {
                self.attributes
                    .entry(fact)
                    .or_default()
                    .insert("the upper limit of normal (`uln`)");
            }
            Operation::Attribute(fact, Attribute::LowerLimitOfNormal) => {
                self.attributes
                    .entry(fact)
                    .or_default()
                    .insert("the lower limit of normal (`lln`)");
            }
            Operation::Attribute(fact, Attribute::By) => {
                self.attributes
                    .entry(fact)
                    .or_default()
                    .insert("who says so (`by`)");
            }
            Operation::Attribute(fact, Attribute::Date) => {
                self.attributes
                    .entry(fact)
                    .or_default()
                    .insert("its date (`date`)");
            }
            _ => {}
        });
        for definition in definitions_of(expression) {
            note(self.definitions.entry(definition).or_default(), id);
            if let Some(definition) = trial
                .definitions
                .get(definition.0)
                .filter(|_| seen.insert(definition))
            {
                self.parts(&definition.expression, id, trial, seen);
            }
        }
    }
}

fn note(ids: &mut Vec<String>, id: &str) {
    if !ids.iter().any(|known| known == id) {
        ids.push(id.to_owned());
    }
}

impl<'g, 'x> Glossary<'g, 'x> {
    pub fn new(explainer: &'g Explainer<'x>) -> Self {
        Self {
            explainer,
            uses: Uses::of(explainer),
        }
    }

    /// A definition.
    pub fn term(&self, id: DefinitionId) -> Option<TermPart> {
        let explainer = self.explainer;
        let definition = explainer.trial.definitions.get(id.0)?;
        let english = explainer.english.with_text(&definition.text);
        let said = match definition.expression.kind {
            Type::Boolean => format!("That is: {}.", english.condition(&definition.expression)),
            _ => format!("Stands for {}.", english.value(&definition.expression)),
        };
        let logician = explainer.logician();
        let (tree, lists) = match definition.expression.kind {
            Type::Boolean => (
                Some(logician.tree(&definition.expression, &definition.text)),
                Vec::new(),
            ),
            _ => (None, logician.lists(&definition.expression)),
        };
        Some(TermPart {
            name: definition.name.clone(),
            label: definition.label.clone(),
            line: explainer.places.definition(&definition.name),
            sentence: said,
            expression: definition.text.clone(),
            tree,
            lists,
            used_by: self.uses.definitions.get(&id).cloned().unwrap_or_default(),
            value: explainer.sentences.map(|sentences| {
                sentences
                    .value(&definition.expression)
                    .unwrap_or_else(|| "not known".to_owned())
            }),
        })
    }

    /// A fact.
    pub fn fact(&self, id: FactId) -> FactPart {
        let explainer = self.explainer;
        let fact = explainer.trial.facts.get(id);
        let mut part = self.part(fact);
        part.evidence.extend(self.rules(id, fact));
        part.decides = self.uses.decides.get(&id).cloned().unwrap_or_default();
        part.set_aside = self.uses.set_aside.get(&id).cloned().unwrap_or_default();
        part.remarks = self.uses.remarks.get(&id).cloned().unwrap_or_default();
        part.known = explainer.sentences.map(|sentences| sentences.fact(id));
        part
    }

    /// What is declared of a fact or of a field.
    fn part(&self, fact: &Fact) -> FactPart {
        let (mut unit, mut units, mut values, mut fields) =
            (None, Vec::new(), Vec::new(), Vec::new());
        match &fact.kind {
            Kind::Quantity(measure) => {
                unit = Some(measure.unit.clone());
                units =
                    measure
                        .others
                        .iter()
                        .map(|(unit, factor)| (unit.clone(), factor.to_string()))
                        .chain(measure.shifted.iter().map(|(unit, factor, added)| {
                            (unit.clone(), format!("{factor} + {added}"))
                        }))
                        .collect();
            }
            Kind::Code(set) => {
                values = set
                    .values
                    .iter()
                    .map(|value| ValuePart {
                        name: value.name.clone(),
                        label: value.label.clone(),
                        unclear: value.unclear,
                        note: value.note.clone(),
                        codes: pairs(&value.codes),
                    })
                    .collect();
            }
            Kind::Boolean { yes, no } => {
                let value = |name: &str, label: &str| ValuePart {
                    name: name.to_owned(),
                    label: label.to_owned(),
                    unclear: false,
                    note: None,
                    codes: Vec::new(),
                };
                values = vec![value("yes", yes), value("no", no)];
            }
            Kind::List(item) => {
                fields = match &**item {
                    ItemKind::Single(single) => vec![self.part(single)],
                    ItemKind::Fields(fields) => {
                        fields.iter().map(|field| self.part(field)).collect()
                    }
                };
            }
            _ => {}
        }
        FactPart {
            path: fact.path.clone(),
            label: fact.label.clone(),
            kind: fact.type_name(),
            line: self.explainer.places.fact(&fact.path),
            ask: fact.ask.clone(),
            answer: answer(fact),
            values,
            unit,
            units,
            range: plausible_range(&fact.kind),
            codes: pairs(&fact.codes),
            judgement: fact.judgement,
            measured: fact.measured,
            supporting: fact.supporting,
            stage: fact.stage.map(Stage::name),
            obtain: fact.obtain.clone(),
            evidence: evidence(fact),
            note: fact.note.clone(),
            fields,
            decides: Vec::new(),
            set_aside: Vec::new(),
            remarks: Vec::new(),
            known: None,
        }
    }

    /// What the criteria and the site ask of the evidence.
    fn rules(&self, id: FactId, fact: &Fact) -> Vec<String> {
        let policy = self.explainer.policy;
        let mut rules = Vec::new();
        if let Some(attributes) = self.uses.attributes.get(&id) {
            let named: Vec<&str> = attributes.iter().copied().collect();
            rules.push(format!(
                "A condition looks at {}: record it with the value.",
                named.join(" and ")
            ));
        }
        if fact.judgement && policy.signed_judgements {
            rules.push("The site counts it only with `by` and `date`.".to_owned());
        }
        if let Some(valid) = policy.valid_for.get(&id) {
            rules.push(format!("The site counts it only if it is dated and at most {valid} old on the screening date."));
        }
        rules
    }
}

fn pairs(codes: &BTreeMap<String, String>) -> Vec<(String, String)> {
    codes
        .iter()
        .map(|(system, code)| (system.clone(), code.clone()))
        .collect()
}

/// What may be answered, without the values that stand below it.
fn answer(fact: &Fact) -> String {
    let range = plausible_range(&fact.kind).map_or(String::new(), |range| format!(", {range}"));
    match &fact.kind {
        Kind::Boolean { yes, no } if yes == "yes" && no == "no" => "yes or no".to_owned(),
        Kind::Boolean { yes, no } => format!("yes ({yes}) or no ({no})"),
        Kind::Integer(_) => format!("a whole number{range}"),
        Kind::Decimal(_) => format!("a number{range}"),
        Kind::Quantity(measure) => {
            let others: Vec<String> = measure
                .others
                .iter()
                .map(|(unit, factor)| format!("or in {unit}, times {factor}"))
                .chain(measure.shifted.iter().map(|(unit, factor, added)| {
                    format!("or in {unit}, times {factor}, plus {added}")
                }))
                .collect();
            let others = if others.is_empty() {
                String::new()
            } else {
                format!(" ({})", others.join("; "))
            };
            format!("a number in {}{others}{range}", measure.unit)
        }
        Kind::Duration(_) => format!("a duration{range}"),
        Kind::Date(_) if fact.future => format!("a date, which may lie ahead{range}"),
        Kind::Date(_) => format!("a date{range}"),
        Kind::Code(_) => "one of these values".to_owned(),
        Kind::Text => "a text".to_owned(),
        Kind::List(item) => match &**item {
            ItemKind::Single(_) => "a list of single values".to_owned(),
            ItemKind::Fields(_) => "a list; of each entry".to_owned(),
        },
    }
}

/// What must come with a value, and what its absence means.
fn evidence(fact: &Fact) -> Vec<String> {
    let mut rules = Vec::new();
    if fact.judgement {
        rules.push(
            "The investigator's judgement: to be given with `by` and `date`. Without them it counts, and the report marks it unsigned.".to_owned(),
        );
    }
    if fact.measured {
        rules.push("The result of a measurement.".to_owned());
    }
    if fact.supporting {
        rules.push(
            "Supporting: does not decide by itself; can raise a doubt, a contradiction or a caution."
                .to_owned(),
        );
    }
    if matches!(fact.kind, Kind::List(_)) {
        rules.push("An empty list says: asked, none known.".to_owned());
    }
    rules
}
