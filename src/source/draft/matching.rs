//! Which fact a column may hold, and which value a word may mean: what is the same by name or label is certain, what is like it is
//! a proposal.

use super::seen::SeenColumn;
use crate::facts::{Fact, Facts, ItemKind, Kind, ValueSet};
use crate::source::table::blank_fact;

/// Words of other tongues and of abbreviations, as facts call them. They make proposals, and nothing certain.
const SYNONYMS: [(&str, &str); 66] = [
    ("geschlecht", "sex"),
    ("gender", "sex"),
    ("geb", "birth"),
    ("geburtsdatum", "birth date"),
    ("gebdat", "birth date"),
    ("dob", "birth date"),
    ("datum", "date"),
    ("dat", "date"),
    ("vom", "date"),
    ("alter", "age"),
    ("diagnose", "diagnosis"),
    ("dx", "diagnosis"),
    ("blasten", "blasts"),
    ("km", "marrow"),
    ("knochenmark", "marrow"),
    ("bm", "marrow"),
    ("rezidiv", "relapse"),
    ("remissionsstatus", "remission achieved"),
    ("cr", "remission"),
    ("schwanger", "pregnancy"),
    ("schwangerschaft", "pregnancy"),
    ("stillt", "lactating breast feeding"),
    ("stillend", "lactating breast feeding"),
    ("allergie", "allergies substance"),
    ("allergien", "allergies substance"),
    ("allergy", "allergies"),
    ("einwilligung", "consent"),
    ("aufklärung", "consent"),
    ("überleben", "survival"),
    ("prognose", "estimated survival"),
    ("os", "survival"),
    ("infektion", "infection"),
    ("autoimmun", "autoimmune"),
    ("immundefekt", "immunodeficiency"),
    ("sucht", "addiction"),
    ("psychiatrisch", "mental illness"),
    ("malignom", "malignancy malignancies"),
    ("zweitmalignom", "other malignancies disease"),
    ("herzinsuffizienz", "cardiac insufficiency"),
    ("ef", "lvef"),
    ("sättigung", "spo2"),
    ("sat", "spo2"),
    ("last", "load"),
    ("viruslast", "viral load"),
    ("erreicht", "achieved"),
    ("durch", "by"),
    ("rezidivtyp", "relapse type"),
    ("lues", "syphilis"),
    ("lunge", "lung"),
    ("schwer", "severe serious"),
    ("vortherapie", "last therapy drug"),
    ("material", "specimen"),
    ("befund", "result"),
    ("ergebnis", "result"),
    ("methode", "method"),
    ("anteil", "percent share"),
    ("herz", "cardiac"),
    ("psych", "mental illness"),
    ("drogen", "substance abuse"),
    ("bemerkung", "note"),
    ("kommentar", "note"),
    ("comment", "note"),
    ("remark", "note"),
    ("vorstellung", "screening"),
    ("risiko", "risk"),
    ("risikogruppe", "risk group"),
];

/// Words that many columns are called by, and that by themselves make no match certain.
const GENERIC: [&str; 10] = [
    "result", "type", "status", "method", "level", "date", "drug", "by", "achieved", "others",
];

/// A word or a name without what does not tell it from others: case, blanks, signs.
pub(super) fn plain(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Where the values of columns may go.
pub(super) struct Targets(Vec<Target>);

/// Where a value may go.
pub(super) struct Target {
    /// As a source file writes it.
    pub path: String,
    /// What the values are values of.
    pub fact: Fact,
    /// What it is called.
    names: Vec<String>,
}

/// What a column may hold.
pub(super) struct Proposals<'t> {
    pub best: Vec<&'t Target>,
    /// Whether the first is certain.
    pub is_certain: bool,
}

impl Targets {
    /// The facts of a trial, the fields of its lists, and the dates beside them.
    pub fn of(facts: &Facts) -> Self {
        let mut targets = Vec::new();
        for (_, fact) in facts.iter() {
            let path = &fact.path;
            let mut names = vec![plain(path), plain(&fact.label)];
            if path.contains('.') {
                names.push(plain(fact.name()));
            }
            names.extend(fact.codes.values().map(|code| plain(code)));
            if let Kind::List(kind) = &fact.kind {
                if let ItemKind::Fields(fields) = &**kind {
                    targets.extend(fields.iter().map(|field| Target {
                        path: format!("{path}[].{}", field.name()),
                        fact: field.clone(),
                        names: vec![
                            plain(&format!("{path} {}", field.name())),
                            plain(&format!("{} {}", fact.label, field.label)),
                        ],
                    }));
                }
            } else if !matches!(fact.kind, Kind::Date(_)) {
                targets.push(Target {
                    path: format!("{path}.date"),
                    fact: Fact {
                        kind: Kind::Date(None),
                        ..fact.clone()
                    },
                    names: [path, &fact.label]
                        .iter()
                        .flat_map(|name| {
                            [
                                format!("{} date", plain(name)),
                                format!("date of {}", plain(name)),
                            ]
                        })
                        .collect(),
                });
            }
            targets.push(Target {
                path: path.clone(),
                fact: fact.clone(),
                names,
            });
        }
        for (path, kind, names) in [
            (
                "screened_on",
                Kind::Date(None),
                ["screened on", "screening date"],
            ),
            ("note", Kind::Text, ["note", "record note"]),
        ] {
            targets.push(Target {
                path: path.to_owned(),
                fact: blank_fact(path, kind),
                names: names.map(str::to_owned).to_vec(),
            });
        }
        Self(targets)
    }

    /// The list of this path, and what its items are.
    pub fn list(&self, path: &str) -> Option<(&str, &ItemKind)> {
        let target = self.0.iter().find(|target| target.path == path)?;
        match &target.fact.kind {
            Kind::List(kind) => Some((&target.path, kind)),
            _ => None,
        }
    }

    /// What a column may hold that is called so.
    pub fn proposals(
        &self,
        names: &[&str],
        column: &SeenColumn,
        unit: Option<&str>,
    ) -> Proposals<'_> {
        const MOST: usize = 3;
        let names: Vec<String> = names
            .iter()
            .map(|name| plain(name))
            .filter(|name| !name.is_empty())
            .collect();
        let same = |target: &&Target| {
            target
                .names
                .iter()
                .any(|known| names.contains(known) && !GENERIC.contains(&known.as_str()))
                && target.fits(column, unit)
                && !target.is_list_of_fields()
        };
        let same: Vec<&Target> = self.0.iter().filter(same).collect();
        if let [only] = same.as_slice() {
            return Proposals {
                best: vec![only],
                is_certain: true,
            };
        }
        let mut scored: Vec<(f64, &Target)> = self
            .0
            .iter()
            .filter(|target| target.fits(column, unit) && !target.is_list_of_fields())
            .map(|target| (target.likeness(&names, unit), target))
            .filter(|(score, _)| *score >= 0.4)
            .collect();
        scored.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        Proposals {
            best: scored
                .into_iter()
                .map(|(_, target)| target)
                .take(MOST)
                .collect(),
            is_certain: false,
        }
    }
}

impl Target {
    fn is_list_of_fields(&self) -> bool {
        matches!(&self.fact.kind, Kind::List(kind) if matches!(&**kind, ItemKind::Fields(_)))
    }

    /// Whether some of a column's values may be values of it.
    fn fits(&self, column: &SeenColumn, unit: Option<&str>) -> bool {
        let has_number = || {
            column
                .texts()
                .any(|text| text.contains(|character: char| character.is_ascii_digit()))
        };
        match &self.fact.kind {
            Kind::Date(_) => column.holds_dates(),
            Kind::Quantity(measure) => {
                let same = |known: &str| plain(known) == unit.map(plain).unwrap_or_default();
                !column.holds_dates()
                    && has_number()
                    && (unit.is_none() || measure.units().any(same))
            }
            Kind::Integer(_) | Kind::Decimal(_) | Kind::Duration(_) => {
                !column.holds_dates() && has_number()
            }
            Kind::Code(_) | Kind::Boolean { .. } => !column.holds_dates() && unit.is_none(),
            Kind::Text | Kind::List(_) => !column.holds_dates(),
        }
    }

    /// How like a column it is called, from 0 to 1: by the share of words that both have.
    fn likeness(&self, names: &[String], unit: Option<&str>) -> f64 {
        let mut best: f64 = 0.0;
        for name in names {
            let translated = translated(name);
            for known in &self.names {
                let known: Vec<&str> = known.split(' ').collect();
                let has = |word: &&String| {
                    known
                        .iter()
                        .any(|known| known == word || strsim::jaro_winkler(known, word) > 0.92)
                };
                let common = translated.iter().filter(has).count();
                let all = translated.len() + known.len() - common.min(known.len());
                #[expect(clippy::cast_precision_loss, reason = "a handful of words")]
                let share = common as f64 / all.max(1) as f64;
                // A column that is called by a part of the name may well be meant.
                let part = if common == translated.len() && common > 0 {
                    0.5
                } else {
                    0.0
                };
                best = best.max(share).max(part);
            }
        }
        // That both have the same unit says more than a word.
        match best > 0.0 && unit.is_some() {
            true => best + 0.3,
            false => best,
        }
    }
}

/// The words of a name, those of other tongues in words of facts.
fn translated(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in name.split(' ') {
        match SYNONYMS.iter().find(|(synonym, _)| *synonym == word) {
            Some((_, means)) => words.extend(means.split(' ').map(str::to_owned)),
            None => words.push(word.to_owned()),
        }
    }
    words
}

/// The value that a word means, and whether that is certain.
pub(super) fn value_of<'f>(kind: &'f Kind, word: &str) -> Option<(&'f str, bool)> {
    match kind {
        Kind::Code(set) => code_of(set, word),
        Kind::Boolean { yes, no } => {
            let word = plain(word);
            let is = |words: &[&str], label: &str| {
                words.contains(&word.as_str()) || plain(label) == word
            };
            if is(&["yes", "true"], yes) {
                Some(("yes", true))
            } else if is(&["no", "false"], no) {
                Some(("no", true))
            } else if ["1", "j", "ja", "y", "x", "wahr", "+", "pos", "positiv"]
                .contains(&word.as_str())
            {
                Some(("yes", false))
            } else if ["0", "n", "nein", "falsch", "neg", "negativ"].contains(&word.as_str()) {
                Some(("no", false))
            } else {
                None
            }
        }
        _ => None,
    }
}

fn code_of<'f>(set: &'f ValueSet, word: &str) -> Option<(&'f str, bool)> {
    const MEANINGS: [(&str, &str); 29] = [
        ("w", "female"),
        ("f", "female"),
        ("weiblich", "female"),
        ("m", "male"),
        ("männlich", "male"),
        ("d", "other"),
        ("neg", "negative"),
        ("neg", "not detected"),
        ("negativ", "negative"),
        ("negativ", "not detected"),
        ("pos", "positive"),
        ("positiv", "positive"),
        ("ja", "yes"),
        ("nein", "none"),
        ("nein", "no"),
        ("keine", "none"),
        ("keins", "none"),
        ("pos", "detected"),
        ("positiv", "detected"),
        ("pos", "reactive"),
        ("neg", "non reactive"),
        ("partiell", "partial"),
        ("behandelt", "treated"),
        ("ausgeheilt", "resolved"),
        ("kontrolliert", "controlled"),
        ("leicht", "mild"),
        ("schwer", "severe"),
        ("km", "bone marrow"),
        ("pb", "peripheral blood"),
    ];
    let word = plain(word);
    let named = |wanted: &str| {
        let mut found = set
            .values
            .iter()
            .filter(|value| plain(&value.name) == wanted || plain(&value.label) == wanted);
        match (found.next(), found.next()) {
            (Some(only), None) => Some(only.name.as_str()),
            _ => None,
        }
    };
    if let Some(name) = named(&word) {
        return Some((name, true));
    }
    let meant = MEANINGS
        .iter()
        .filter(|(known, _)| *known == word)
        .find_map(|(_, means)| named(means));
    let like = || {
        let scored = set.values.iter().map(|value| {
            let name = strsim::jaro_winkler(&plain(&value.name), &word);
            (
                name.max(strsim::jaro_winkler(&plain(&value.label), &word)),
                value,
            )
        });
        let best = scored.max_by(|(one, _), (other, _)| one.total_cmp(other))?;
        (best.0 > 0.8 && word.len() > 2).then_some(best.1.name.as_str())
    };
    meant.or_else(like).map(|name| (name, false))
}
