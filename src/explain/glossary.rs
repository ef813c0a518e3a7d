//! The facts and the named expressions: what is asked, what may be answered, and which criteria look at it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::criteria::Explainer;
use super::model::{ConditionPart, DefinitionPart, FactPart, ValuePart};
use crate::cql::typed::{Attribute, Expression};
use crate::cql::{DefinitionId, Type, attributes_of, definitions_of, facts_of};
use crate::facts::{CodeValue, Fact, FactId, ItemKind, Kind};
use crate::report::sentence::{Sentences, plausible_range};

/// Explains facts and definitions.
pub(super) struct Glossary<'g, 'x> {
    explainer: &'g Explainer<'x>,
    /// The criteria that use a definition.
    definitions: BTreeMap<DefinitionId, Vec<String>>,
    facts: BTreeMap<FactId, FactUses>,
}

/// The criteria that look at a fact, and what else they ask of it.
#[derive(Default)]
struct FactUses {
    decides: Vec<String>,
    set_aside: Vec<String>,
    remarks: Vec<String>,
    attributes: BTreeSet<&'static str>,
}

impl<'g, 'x> Glossary<'g, 'x> {
    pub fn new(explainer: &'g Explainer<'x>) -> Self {
        let mut glossary = Self {
            explainer,
            definitions: BTreeMap::new(),
            facts: BTreeMap::new(),
        };
        let trial = explainer.sources.trial;
        for criterion in trial.all_criteria() {
            let id = &criterion.id;
            for condition in explainer.counting(criterion) {
                glossary.note(&condition.expression, id, |uses| &mut uses.decides);
            }
            for reading in criterion.readings() {
                if !explainer.sources.policy.counts(criterion, reading) {
                    let expression = &reading.condition.expression;
                    glossary.note(expression, id, |uses| &mut uses.set_aside);
                }
            }
            for remark in criterion.remarks() {
                glossary.note(&remark.when.expression, id, |uses| &mut uses.remarks);
            }
        }
        for remark in &trial.cautions {
            glossary.note(&remark.when.expression, "trial", |uses| &mut uses.remarks);
        }
        glossary
    }

    /// Notes that a criterion uses what an expression names, directly or by way of definitions.
    fn note(
        &mut self,
        expression: &Expression,
        criterion: &str,
        kind: impl Fn(&mut FactUses) -> &mut Vec<String>,
    ) {
        let note = |ids: &mut Vec<String>| {
            if !ids.iter().any(|known| known == criterion) {
                ids.push(criterion.to_owned());
            }
        };
        let definitions = &self.explainer.sources.trial.definitions;
        for id in definitions_of(expression, definitions) {
            note(self.definitions.entry(id).or_default());
        }
        for id in facts_of(expression, definitions) {
            let uses = self.facts.entry(id).or_default();
            note(kind(uses));
            let attributes = attributes_of(id, expression, definitions).into_iter();
            uses.attributes
                .extend(attributes.map(|attribute| match attribute {
                    Attribute::UpperLimitOfNormal => "the upper limit of normal (`uln`)",
                    Attribute::LowerLimitOfNormal => "the lower limit of normal (`lln`)",
                    Attribute::By => "who says so (`by`)",
                    Attribute::Date => "its date (`date`)",
                }));
        }
    }

    /// A definition.
    pub fn definition(&self, id: DefinitionId) -> Option<DefinitionPart> {
        let explainer = self.explainer;
        let definition = explainer.sources.trial.definitions.get(id.0)?;
        let (expression, text) = (&definition.expression, &definition.text);
        let trees = &explainer.trees;
        let english = trees.english.with_text(text);
        let (sentence, tree, lists) = match expression.kind {
            Type::Boolean => (
                format!("That is: {}.", english.condition(expression)),
                Some(trees.tree(expression, text)),
                Vec::new(),
            ),
            _ => (
                format!("Stands for {}.", english.value(expression)),
                None,
                trees.lists(expression),
            ),
        };
        let value = |sentences: &Sentences<'_>| {
            let value = sentences.value(expression);
            value.unwrap_or_else(|| "not known".to_owned())
        };
        Some(DefinitionPart {
            name: definition.name.clone(),
            label: definition.label.clone(),
            line: explainer.line(&definition.span.key),
            condition: ConditionPart {
                sentence,
                expression: text.clone(),
                tree,
            },
            used_by: self.definitions.get(&id).cloned().unwrap_or_default(),
            value: explainer.trees.sentences.map(value),
            lists,
        })
    }

    /// A fact.
    pub fn fact(&self, id: FactId) -> FactPart {
        let fact = self.explainer.sources.trial.facts.get(id);
        let mut part = self.declared(fact);
        let unused = FactUses::default();
        let uses = self.facts.get(&id).unwrap_or(&unused);
        part.evidence.extend(self.rules(id, fact, uses));
        part.decides.clone_from(&uses.decides);
        part.set_aside.clone_from(&uses.set_aside);
        part.remarks.clone_from(&uses.remarks);
        part.known = self
            .explainer
            .trees
            .sentences
            .map(|sentences| sentences.fact(id));
        part
    }

    /// What is declared of a fact or of a field.
    fn declared(&self, fact: &Fact) -> FactPart {
        let (unit, units) = units(&fact.kind);
        let fields = match &fact.kind {
            Kind::List(item) => match &**item {
                ItemKind::Single(single) => std::slice::from_ref(single),
                ItemKind::Fields(fields) => fields,
            },
            _ => &[],
        };
        FactPart {
            path: fact.path.clone(),
            label: fact.label.clone(),
            kind: fact.type_name(),
            line: self.explainer.line(&fact.span.key),
            ask: fact.ask.clone(),
            stage: fact.stage,
            obtain: fact.obtain.clone(),
            answer: answer(fact),
            values: values(&fact.kind),
            unit,
            units,
            range: plausible_range(&fact.kind),
            codes: fact.codes.clone(),
            judgement: fact.judgement,
            measured: fact.measured,
            supporting: fact.supporting,
            evidence: evidence(fact),
            note: fact.note.clone(),
            fields: fields.iter().map(|field| self.declared(field)).collect(),
            decides: Vec::new(),
            set_aside: Vec::new(),
            remarks: Vec::new(),
            known: None,
        }
    }

    /// What the criteria and the site ask of the evidence.
    fn rules(&self, id: FactId, fact: &Fact, uses: &FactUses) -> Vec<String> {
        let policy = self.explainer.sources.policy;
        let mut rules = Vec::new();
        if !uses.attributes.is_empty() {
            let named: Vec<&str> = uses.attributes.iter().copied().collect();
            let named = named.join(" and ");
            rules.push(format!(
                "A condition looks at {named}: record it with the value."
            ));
        }
        if fact.judgement && policy.signed_judgements {
            rules.push("The site counts it only with `by` and `date`.".to_owned());
        }
        if let Some(valid) = policy.valid_for.get(&id) {
            rules.push(format!(
                "The site counts it only if it is dated and at most {valid} old on the screening date."
            ));
        }
        rules
    }
}

/// The unit of a quantity, and the other units that a record may use, each with what turns its values into the first.
fn units(kind: &Kind) -> (Option<String>, Map<String, Json>) {
    let Kind::Quantity(measure) = kind else {
        return (None, Map::new());
    };
    let factors = measure.others.iter();
    let factors = factors.map(|(unit, factor)| (unit.clone(), factor.to_string().into()));
    let shifted = measure
        .shifted
        .iter()
        .map(|(unit, factor, added)| (unit.clone(), format!("{factor} + {added}").into()));
    (Some(measure.unit.clone()), factors.chain(shifted).collect())
}

/// The values of a code, and the two of a yes or no.
fn values(kind: &Kind) -> Vec<ValuePart> {
    let answer = |name: &str, label: &str| ValuePart {
        name: name.to_owned(),
        label: label.to_owned(),
        unclear: false,
        note: None,
        codes: BTreeMap::new(),
    };
    match kind {
        Kind::Boolean { yes, no } => vec![answer("yes", yes), answer("no", no)],
        Kind::Code(set) => {
            let part = |value: &CodeValue| ValuePart {
                unclear: value.unclear,
                note: value.note.clone(),
                codes: value.codes.clone(),
                ..answer(&value.name, &value.label)
            };
            set.values.iter().map(part).collect()
        }
        _ => Vec::new(),
    }
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
            let others = measure.others.iter();
            let others = others.map(|(unit, factor)| format!("or in {unit}, times {factor}"));
            let shifted = measure
                .shifted
                .iter()
                .map(|(unit, factor, added)| format!("or in {unit}, times {factor}, plus {added}"));
            let others = match others.chain(shifted).collect::<Vec<_>>().as_slice() {
                [] => String::new(),
                others => format!(" ({})", others.join("; ")),
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
    let rules = [
        (
            fact.judgement,
            "The investigator's judgement: to be given with `by` and `date`. Without them it counts, and the report marks it unsigned.",
        ),
        (fact.measured, "The result of a measurement."),
        (
            fact.supporting,
            "Supporting: does not decide by itself; can raise a doubt, a contradiction or a caution.",
        ),
        (
            matches!(fact.kind, Kind::List(_)),
            "An empty list says: asked, none known.",
        ),
    ];
    let rules = rules.into_iter().filter(|(applies, _)| *applies);
    rules.map(|(_, rule)| rule.to_owned()).collect()
}
