//! What was probably meant by a unit that UCUM does not know.

use super::{MAX_LENGTH, Unit};
use crate::value::duration;

/// Common spellings and what UCUM has for them.
const SPELLINGS: [(&str, &str); 36] = [
    ("mmHg", "mm[Hg]"),
    ("cmH2O", "cm[H2O]"),
    ("IU", "[IU]"),
    ("kIU", "k[IU]"),
    ("mIU", "m[IU]"),
    ("uIU", "u[IU]"),
    ("mcg", "ug"),
    ("mcL", "uL"),
    ("mEq", "meq"),
    ("Eq", "eq"),
    ("mOsm", "mosm"),
    ("Osm", "osm"),
    ("cc", "mL"),
    ("cmm", "mm3"),
    ("sec", "s"),
    ("mins", "min"),
    ("minute", "min"),
    ("minutes", "min"),
    ("hr", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("hrs", "h"),
    ("msec", "ms"),
    ("bpm", "/min"),
    ("°C", "Cel"),
    ("degC", "Cel"),
    ("°F", "[degF]"),
    ("lb", "[lb_av]"),
    ("lbs", "[lb_av]"),
    ("in", "[in_i]"),
    ("x10", "10*"),
    ("percent", "%"),
    ("pct", "%"),
    ("mL/min/1.73m2", "mL/min/{1.73_m2}"),
    ("ml/min/1.73m2", "mL/min/{1.73_m2}"),
    ("mL/min/1.73 m2", "mL/min/{1.73_m2}"),
];

/// What a unit that UCUM knows was probably meant for.
pub(crate) fn lookalike(code: &str) -> Option<String> {
    let rest = code
        .strip_prefix("K/")
        .or_else(|| code.strip_prefix("k/"))?;
    Some(format!(
        "`K` is kelvin; thousands are `10*3`: `10*3/{rest}`"
    ))
}

/// Why a text means another unit than it says, where that is so and `instead` has the one that was meant.
pub(crate) fn why_meant(text: &str, instead: &str) -> Option<String> {
    let is_of_unit = |one: char| one.is_alphanumeric() || "/*[]{}%_.^".contains(one);
    text.split(|one| !is_of_unit(one)).find_map(|code| {
        let is_meant = |unit: &str| instead.contains(&format!("'{unit}'"));
        if meant_by(code).is_some_and(|unit| is_meant(&unit)) {
            return lookalike(code);
        }
        let enzyme = code.replace("IU", "U");
        (enzyme != code && is_meant(&enzyme))
            .then(|| format!("the unit of an enzyme is `{enzyme}`"))
    })
}

/// The unit that was probably meant by one that UCUM does not know, or that it knows for something else.
pub(crate) fn meant_by(code: &str) -> Option<String> {
    let thousands = code
        .strip_prefix("K/")
        .or_else(|| code.strip_prefix("k/"))
        .map(|rest| format!("10*3/{rest}"));
    thousands.or_else(|| meant(code))
}

/// A sentence of help.
pub fn help(code: &str) -> String {
    if duration::UNITS.contains(&code) {
        return format!(
            "calendar durations have no quotes: `3 {}s`",
            code.trim_end_matches('s')
        );
    }
    if let Some(thousands) = lookalike(code) {
        return thousands;
    }
    match meant(code) {
        Some(meant) if code.contains("IU") => {
            let enzyme = code.replace("IU", "U");
            format!("did you mean `{meant}`? The unit of an enzyme is `{enzyme}`")
        }
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "units are those of UCUM, such as `mg/dL`, `10*9/L`, `mm[Hg]`; what is counted stands in braces: `{copies}/mL`".to_owned(),
    }
}

fn meant(code: &str) -> Option<String> {
    if code.len() > MAX_LENGTH {
        return None;
    }
    if let Some((_, right)) = SPELLINGS.iter().find(|(wrong, _)| *wrong == code) {
        return Some((*right).to_owned());
    }
    let tidied: String = code
        .chars()
        .filter(|character| !character.is_whitespace())
        .map(|character| match character {
            'µ' | 'μ' => 'u',
            '·' | '×' | '⋅' => '.',
            '²' => '2',
            '³' => '3',
            other => other,
        })
        .collect();
    let tidied = ["x10^", "x10*", "X10^", "x10e", "10e", "10E"]
        .iter()
        .find_map(|wrong| tidied.strip_prefix(wrong))
        .map_or(tidied.clone(), |rest| format!("10*{rest}"));
    // Each part as it is, in its usual spelling, or as something that is counted.
    let mut written = String::new();
    for part in tidied.split_inclusive(['/', '.']) {
        let (name, separator) = match part.strip_suffix(['/', '.']) {
            Some(name) => (name, &part[name.len()..]),
            None => (part, ""),
        };
        let known = |name: &str| Unit::read(name).is_some();
        let spelling = SPELLINGS
            .iter()
            .find(|(wrong, _)| wrong.eq_ignore_ascii_case(name))
            .map(|(_, right)| (*right).to_owned());
        let counted = || {
            (name.len() >= 3
                && name.len() < tidied.len()
                && name.bytes().all(|byte| byte.is_ascii_alphabetic()))
            .then(|| format!("{{{name}}}"))
        };
        match spelling {
            _ if name.is_empty() || known(name) => written.push_str(name),
            Some(right) => written.push_str(&right),
            None => written.push_str(&counted()?),
        }
        written.push_str(separator);
    }
    (written != code && Unit::read(&written).is_some()).then_some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_was_meant() {
        for (wrong, right) in [
            ("mmHg", "mm[Hg]"),
            ("µg/L", "ug/L"),
            ("μmol/L", "umol/L"),
            ("cells/uL", "{cells}/uL"),
            ("copies/mL", "{copies}/mL"),
            ("x10^9/L", "10*9/L"),
            ("10e9/L", "10*9/L"),
            ("mL/min/1.73m2", "mL/min/{1.73_m2}"),
            ("mEq/L", "meq/L"),
            ("IU/mL", "[IU]/mL"),
            ("mcg/mL", "ug/mL"),
            ("kg/m²", "kg/m2"),
            ("mg / dL", "mg/dL"),
            ("bpm", "/min"),
        ] {
            assert_eq!(meant(wrong).as_deref(), Some(right), "{wrong}");
            assert!(Unit::parse(right).is_ok(), "{right}");
        }
        assert!(help("months").contains("no quotes"));
        assert!(help("@@").contains("UCUM"));
    }

    #[test]
    fn every_correction_is_a_unit() {
        for (wrong, right) in SPELLINGS {
            // 10* stands before a power.
            assert!(right == "10*" || Unit::parse(right).is_ok(), "{right}");
            assert!(Unit::parse(wrong).is_err(), "{wrong} is a unit");
        }
    }
}
