//! Units of measure, as UCUM defines them: which there are, which can be turned into each other, and by what factor.
//!
//! In: the codes of units, from anywhere. Out: an exact [`Factor`], a derived unit, or why there is none. Nothing that
//! depends on what is measured is ever assumed: milligrams become micromoles only by a factor that somebody declared.
//! This is the only place that knows the library for UCUM; whatever the code, it ends quickly and cannot fail otherwise.

mod factor;
mod mistaken;

use std::collections::BTreeMap;

use octofhir_ucum::{Case, EvalResult, Number, UnitExpr, evaluate, lookup_unit, parse_expression};

pub use factor::Factor;
pub(crate) use mistaken::{lookalike, meant_by, why_meant};

/// The longest code of a unit, in bytes.
pub(crate) const MAX_LENGTH: usize = 100;
/// The highest power of a unit.
const MAX_POWER: i32 = 99;

/// A unit that UCUM knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// Its atoms, numbers and annotations, each with its power.
    parts: BTreeMap<String, i32>,
    meaning: EvalResult,
    /// Units of amount (mol, equivalents, osmoles) above and below the line. An amount is never a mere number here.
    amounts: BTreeMap<(&'static str, bool), i32>,
}

/// What is wrong with the code of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoUnit {
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

/// Why two units cannot be turned into each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incommensurable {
    /// They measure different things, such as a mass and a length.
    Different,
    /// One counts molecules and the other weighs them, or does not count them: only the substance tells the factor.
    Amount,
    /// What is written in braces differs, and may change what is measured.
    Annotation,
    /// A scale with a zero or a step of its own, such as degrees Celsius or decibels.
    Scale,
    /// The factor has more digits than a number may have, or the unit a higher power.
    OutOfReach,
}

impl Incommensurable {
    /// What would be right.
    #[must_use]
    pub fn help(self) -> &'static str {
        match self {
            Self::Different => "they measure different things",
            Self::Amount => {
                "how much a mole weighs or a charge counts depends on the substance: declare the factor, `units: { mmol/L: FACTOR }`"
            }
            Self::Annotation => {
                "what stands in braces differs: write the same annotation in both, or declare the factor under `units`"
            }
            Self::Scale => {
                "a scale with a zero of its own has no factor and no products: keep to one unit, or divide by it to compute with the number"
            }
            Self::OutOfReach => "a factor has at most 28 digits, and a power goes up to 99",
        }
    }
}

/// Whether two units that cannot be turned into each other for this reason have zeros of their own, so that a factor
/// alone would be wrong whatever it is: degrees Celsius and Fahrenheit, HbA1c in mmol/mol and in %.
#[must_use]
pub(crate) fn differ_in_zero(from: &str, to: &str, why: Incommensurable) -> bool {
    let ratio_of_amounts = |unit: &Unit| !unit.amounts.is_empty() && unit.meaning.is_scalar();
    let number = |unit: &Unit| unit.amounts.is_empty() && unit.meaning.is_scalar();
    match (why, Unit::read(from), Unit::read(to)) {
        (Incommensurable::Scale, ..) => true,
        (Incommensurable::Amount, Some(from), Some(to)) => {
            let both = from.amounts.len() == 2 || to.amounts.len() == 2;
            both && (ratio_of_amounts(&from) && number(&to)
                || number(&from) && ratio_of_amounts(&to))
        }
        _ => false,
    }
}

impl Unit {
    /// Reads the code of a unit.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right where that is known.
    pub fn parse(code: &str) -> Result<Self, NoUnit> {
        if code.len() > MAX_LENGTH {
            return Err(NoUnit {
                message: format!("a unit is longer than {MAX_LENGTH} bytes"),
                help: None,
            });
        }
        Self::read(code).ok_or_else(|| NoUnit {
            message: format!("`{code}` is not a unit of UCUM"),
            help: Some(mistaken::help(code)),
        })
    }

    fn read(code: &str) -> Option<Self> {
        let tree = parse_expression(Some(code).filter(|code| code.len() <= MAX_LENGTH)?).ok()?;
        let meaning = evaluate(&tree).ok()?;
        let mut parts = BTreeMap::new();
        collect(&tree, 1, &mut parts)?;
        parts.retain(|_, power| *power != 0);
        let mut amounts = BTreeMap::new();
        for (part, power) in &parts {
            if let Some(amount) = amount_of(part) {
                *amounts.entry((amount, *power > 0)).or_insert(0) += *power;
            }
        }
        Some(Self {
            parts,
            meaning,
            amounts,
        })
    }

    /// The factor that turns a number in this unit into one in `other`.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn factor_to(&self, other: &Self) -> Result<Factor, Incommensurable> {
        if self.meaning.special.is_some() || other.meaning.special.is_some() {
            let same = self.parts == other.parts;
            return if same {
                Ok(Factor::ONE)
            } else {
                Err(Incommensurable::Scale)
            };
        }
        if self.amounts != other.amounts {
            return Err(Incommensurable::Amount);
        }
        if !self.meaning.is_commensurable(&other.meaning) {
            return Err(Incommensurable::Different);
        }
        let (mine, theirs) = (self.annotations(), other.annotations());
        let harmless = |one: &[(&str, i32)], none: &[(&str, i32)]| {
            none.is_empty()
                && one
                    .iter()
                    .all(|(annotation, _)| !annotation.bytes().any(|byte| byte.is_ascii_digit()))
        };
        if mine != theirs && !harmless(&mine, &theirs) && !harmless(&theirs, &mine) {
            return Err(Incommensurable::Annotation);
        }
        Factor::ratio(
            self.meaning.factor.to_integer_and_exponent(),
            other.meaning.factor.to_integer_and_exponent(),
        )
        .ok_or(Incommensurable::OutOfReach)
    }

    /// The unit of a product or, if `inverted`, of a quotient.
    ///
    /// # Errors
    /// That one of them is a scale with a zero of its own, or that the result is out of reach.
    pub fn times(&self, other: &Self, inverted: bool) -> Result<Self, Incommensurable> {
        if self.meaning.special.is_some() || other.meaning.special.is_some() {
            return Err(Incommensurable::Scale);
        }
        let mut parts = self.parts.clone();
        for (part, power) in &other.parts {
            // Powers are small numbers.
            *parts.entry(part.clone()).or_insert(0) += if inverted { -power } else { *power };
        }
        parts.retain(|_, power| *power != 0);
        // Read again, so that a derived unit is what its code says.
        Self::read(&written(&parts)).ok_or(Incommensurable::OutOfReach)
    }

    /// The factor that turns a number in this unit into a plain number; none if it measures something.
    #[must_use]
    pub fn plain(&self) -> Option<Factor> {
        let plain =
            self.meaning.is_scalar() && self.amounts.is_empty() && self.annotations().is_empty();
        if plain {
            Factor::ratio(
                self.meaning.factor.to_integer_and_exponent(),
                Number::ONE.to_integer_and_exponent(),
            )
        } else {
            None
        }
    }

    /// Its code, the powers of each atom together: `kg/m2`.
    #[must_use]
    pub fn code(&self) -> String {
        written(&self.parts)
    }

    fn annotations(&self) -> Vec<(&str, i32)> {
        self.parts
            .iter()
            .filter(|(part, _)| part.starts_with('{'))
            .map(|(part, power)| (part.as_str(), *power))
            .collect()
    }
}

/// The factor that turns a number in `from` into one in `to`.
///
/// # Errors
/// Why there is none; [`Incommensurable::Different`] if one is not a unit at all.
pub fn factor(from: &str, to: &str) -> Result<Factor, Incommensurable> {
    if from == to {
        return Ok(Factor::ONE);
    }
    match (Unit::read(from), Unit::read(to)) {
        (Some(from), Some(to)) => from.factor_to(&to),
        _ => Err(Incommensurable::Different),
    }
}

/// Adds the parts of a unit, each with its power; none if a power is out of reach.
fn collect(tree: &UnitExpr, power: i32, parts: &mut BTreeMap<String, i32>) -> Option<()> {
    let mut add = |part: String, power: i32| {
        let entry = parts.entry(part).or_insert(0);
        *entry = entry
            .checked_add(power)
            .filter(|power| power.abs() <= MAX_POWER)?;
        Some(())
    };
    match tree {
        UnitExpr::Symbol(code) => add(code.clone(), power),
        UnitExpr::Numeric(number) if *number == Number::ONE => Some(()),
        UnitExpr::Numeric(_) => add(tree.to_string(), power),
        UnitExpr::Annotation(text) => add(format!("{{{text}}}"), power),
        UnitExpr::Annotated(inner, text) => {
            add(format!("{{{text}}}"), power)?;
            collect(inner, power, parts)
        }
        UnitExpr::Power(base, exponent) => collect(base, power.checked_mul(*exponent)?, parts),
        UnitExpr::Product(factors) => factors
            .iter()
            .try_for_each(|factor| collect(factor, power, parts)),
        UnitExpr::Quotient(above, below) => {
            collect(above, power, parts)?;
            collect(below, -power, parts)
        }
        UnitExpr::Reciprocal(inner) => collect(inner, -power, parts),
    }
}

/// What a part counts, if it counts molecules or charges.
fn amount_of(part: &str) -> Option<&'static str> {
    match lookup_unit(part, Case::Sensitive)?.1.code {
        "mol" | "kat" | "U" => Some("mol"),
        "eq" => Some("eq"),
        "osm" => Some("osm"),
        _ => None,
    }
}

fn written(parts: &BTreeMap<String, i32>) -> String {
    // Numbers and annotations take no power: they are written as often as they count.
    let one = |part: &str, power: u32| {
        let bare = part.starts_with('{') || part.bytes().all(|byte| byte.is_ascii_digit());
        match (bare, power) {
            (_, 1) => vec![part.to_owned()],
            (true, times) => vec![part.to_owned(); times as usize],
            (false, power) => vec![format!("{part}{power}")],
        }
    };
    let side = |above: bool| -> Vec<String> {
        parts
            .iter()
            .filter(|(_, power)| (**power > 0) == above)
            .flat_map(|(part, power)| one(part, power.unsigned_abs()))
            .collect()
    };
    let below: String = side(false).iter().map(|part| format!("/{part}")).collect();
    match side(true).join(".") {
        above if above.is_empty() && below.is_empty() => "1".to_owned(),
        above => format!("{above}{below}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(value: &str, from: &str, to: &str) -> Result<String, Incommensurable> {
        let value = crate::value::number::parse(value).unwrap();
        factor(from, to).map(|factor| factor.apply(value).unwrap().normalize().to_string())
    }

    #[test]
    fn converts_exactly() {
        for (value, from, to, expected) in [
            ("150000", "/uL", "10*9/L", "150"),
            ("150", "10*9/L", "/uL", "150000"),
            ("0.5", "1", "%", "50"),
            ("12", "g/dL", "g/L", "120"),
            ("70", "kg", "g", "70000"),
            ("1", "[in_i]", "cm", "2.54"),
            ("2.54", "cm", "[in_i]", "1"),
            ("90", "min", "h", "1.5"),
            ("20", "min", "h", "0.3333333333333333333333333333"),
            ("120", "mm[Hg]", "kPa", "15.99864"),
            ("1", "ng/mL", "ug/L", "1"),
            ("5", "{cells}/uL", "/mm3", "5"),
            ("60", "U/L", "U/mL", "0.06"),
            ("0.8", "ukat/L", "U/L", "48"),
            ("48", "U/L", "ukat/L", "0.8"),
            ("3", "meq/L", "eq/L", "0.003"),
            ("37", "Cel", "Cel", "37"),
            ("1", "[IU]/mL", "k[IU]/L", "1"),
        ] {
            assert_eq!(
                converted(value, from, to).as_deref(),
                Ok(expected),
                "{value} {from} in {to}"
            );
        }
    }

    /// What only the substance, the patient or the method can tell is never assumed.
    #[test]
    fn refuses_what_is_not_the_same() {
        for (from, to, why) in [
            ("mg/dL", "umol/L", Incommensurable::Amount),
            ("mmol/L", "meq/L", Incommensurable::Amount),
            ("mmol/mol", "%", Incommensurable::Amount),
            ("mol", "1", Incommensurable::Amount),
            ("kg", "m", Incommensurable::Different),
            ("[IU]/mL", "ng/mL", Incommensurable::Different),
            ("mL/min", "mL/min/{1.73_m2}", Incommensurable::Annotation),
            ("{copies}/mL", "{cells}/mL", Incommensurable::Annotation),
            ("Cel", "[degF]", Incommensurable::Scale),
            ("Cel", "K", Incommensurable::Scale),
            ("B", "1", Incommensurable::Scale),
            ("deg", "rad", Incommensurable::OutOfReach),
            ("florps", "kg", Incommensurable::Different),
        ] {
            assert_eq!(factor(from, to), Err(why), "{from} in {to}");
        }
    }

    #[test]
    fn products_and_quotients() {
        let unit = |code: &str| Unit::parse(code).unwrap();
        let metres = unit("cm").times(&unit("cm"), false).unwrap();
        assert_eq!(unit("kg").times(&metres, true).unwrap().code(), "kg/cm2");
        assert_eq!(
            unit("kg/cm2")
                .factor_to(&unit("kg/m2"))
                .unwrap()
                .apply(1.into()),
            Some(10_000.into())
        );
        assert_eq!(
            unit("mg/dL").times(&unit("mL"), false).unwrap().code(),
            "mL.mg/dL"
        );
        assert_eq!(unit("1").times(&unit("s"), true).unwrap().code(), "/s");
        assert_eq!(unit("L").times(&unit("/L"), false).unwrap().code(), "1");
        assert!(
            unit("L")
                .times(&unit("/dL"), false)
                .unwrap()
                .plain()
                .is_some()
        );
        assert_eq!(
            unit("{1.73_m2}")
                .times(&unit("{1.73_m2}"), false)
                .unwrap()
                .code(),
            "{1.73_m2}.{1.73_m2}"
        );
        assert_eq!(
            unit("Cel").times(&unit("m"), false),
            Err(Incommensurable::Scale)
        );
        assert_eq!(
            unit("m99").times(&unit("m"), false),
            Err(Incommensurable::OutOfReach)
        );
        assert!(
            unit("kg").plain().is_none()
                && unit("mol").plain().is_none()
                && unit("{cells}").plain().is_none()
        );
    }

    #[test]
    fn hostile_codes_end_quickly() {
        let long = "m.".repeat(1_000_000);
        let started = std::time::Instant::now();
        for code in [
            "",
            " ",
            "kg ",
            "10*999999999",
            "m2147483648",
            "m-2147483648",
            "m/0",
            "(((((",
            "{",
            "{{}}",
            "[",
            "µg",
            "kg\0",
            "𝔪",
            "1.73",
            "m127.m127",
            &long,
        ] {
            assert!(
                Unit::parse(code).is_err() || code == "1.73",
                "{}",
                code.chars().take(40).collect::<String>()
            );
        }
        assert!(Unit::parse(&format!("{}m{}", "(".repeat(49), ")".repeat(49))).is_ok());
        assert!(started.elapsed().as_secs() < 2);
    }
}
