//! Spellings that are not the declared ones, where they can mean one thing only: another case, other blanks, `-` and `_`,
//! another width, a label instead of a name, `IU/mL` for `[IU]/mL`, plain words for a cause of missing.
//!
//! Asked only where the exact way found nothing. What could mean two things is refused, with both of them named: no
//! spelling may turn a value into another one.

use jiff::civil::Date;
use rustc_hash::FxHashMap;

use super::values::{self, BadValue, Parsed, declared_units, without_units};
use crate::facts::{Fact, Facts, ItemKind, Kind, Measure};
use crate::units::{self, Incommensurable};
use crate::value::text::{name_key, narrow};
use crate::value::{Absent, Code, Missing, Value};

/// The words for causes of missing that records of a trial may use.
#[derive(Debug, Default)]
pub(crate) struct CauseWords {
    by_key: FxHashMap<Box<str>, Absent>,
}

impl CauseWords {
    /// The codes of all causes, the plain words for them, and those that the trial adds.
    pub fn of(facts: &Facts) -> Self {
        let mut by_key = FxHashMap::default();
        let mut add = |word: &str, cause| {
            if let Some(key) = name_key(word) {
                by_key.insert(key.into(), cause);
            }
        };
        built_in().for_each(|(word, cause)| add(word, cause));
        let own = facts.missing_words.iter();
        own.for_each(|own| add(&own.word, own.cause));
        Self { by_key }
    }

    /// The cause that a text is a word for.
    pub fn find(&self, text: &str) -> Option<Absent> {
        self.by_key.get(&*name_key(text)?).copied()
    }
}

/// The codes of all causes, and the plain words for them.
pub(crate) fn built_in() -> impl Iterator<Item = (&'static str, Absent)> {
    Absent::CODES.into_iter().chain(Absent::WORDS)
}

/// What may be chosen for a fact, by its names and labels without what does not tell them apart.
#[derive(Debug)]
pub(super) struct Choices {
    by_key: FxHashMap<Box<str>, Vec<Choice>>,
}

/// One of the values that may be chosen.
#[derive(Debug, Clone)]
struct Choice {
    value: Value,
    /// Its name, and its label in brackets if that says more.
    shown: Box<str>,
}

impl Choices {
    /// What may be chosen for a code or a yes or no.
    pub fn of(fact: &Fact) -> Option<Self> {
        let mut choices = Self {
            by_key: FxHashMap::default(),
        };
        match &fact.kind {
            Kind::Code(set) => {
                for (value, index) in set.values.iter().zip(0..) {
                    let code = Code {
                        index,
                        unclear: value.unclear,
                    };
                    choices.add(Value::Code(code), &[&value.name, &value.label]);
                }
            }
            Kind::Boolean { yes, no } => {
                choices.add(Value::Boolean(true), &["yes", yes, "true"]);
                choices.add(Value::Boolean(false), &["no", no, "false"]);
            }
            _ => return None,
        }
        Some(choices)
    }

    /// Adds a value by its name, its label and whatever else it is called.
    fn add(&mut self, value: Value, names: &[&str]) {
        let keys: Vec<Option<String>> = names.iter().map(|name| name_key(name)).collect();
        let shown = match names {
            [name, label, ..] if keys.first() != keys.get(1) => format!("`{name}` ({label})"),
            [name, ..] => format!("`{name}`"),
            [] => return,
        };
        for key in keys.into_iter().flatten() {
            let same = self.by_key.entry(key.into()).or_default();
            if !same.iter().any(|choice| choice.value == value) {
                let (value, shown) = (value.clone(), shown.as_str().into());
                same.push(Choice { value, shown });
            }
        }
    }

    /// Whether a text names one of them.
    pub fn has(&self, text: &str) -> bool {
        !self.find(text).is_empty()
    }

    fn find(&self, text: &str) -> &[Choice] {
        name_key(text)
            .and_then(|key| self.by_key.get(&*key))
            .map_or(&[], Vec::as_slice)
    }
}

/// What a text says that is no exact spelling of a value; none if nobody can tell. `choices` are those of the fact.
pub(super) fn read(
    (words, choices): (&CauseWords, Option<&Choices>),
    fact: &Fact,
    text: &str,
    unit: Option<&str>,
    today: Date,
) -> Option<Result<Parsed, BadValue>> {
    if holds_text(fact) {
        return None;
    }
    match choices {
        // What is wrong with a unit beside it is said in the exact way.
        Some(_) if unit.is_some() => return None,
        Some(choices) => match choices.find(text) {
            [] => {}
            [one] => return Some(Ok(one.value.clone().into())),
            several => {
                let shown: Vec<&str> = several.iter().map(|choice| &*choice.shown).collect();
                return Some(Err(may_be(text, &shown)));
            }
        },
        None => {}
    }
    let Some(cause) = words.find(text) else {
        // Of a text that is understood now, what is wrong with it is said as of the declared spelling.
        let read = as_declared(fact, text, unit)?;
        return Some(
            read.and_then(|(text, unit)| values::parse(fact, &text, unit.as_deref(), today)),
        );
    };
    Some(match answer_beside(words, choices, fact, cause) {
        None => Ok(Value::Null(Missing::Stated(cause)).into()),
        Some(answer) => Err(may_be(
            text,
            &[answer, format!("`{{ missing: {} }}`", cause.code())],
        )),
    })
}

/// Whether any text is a value of the fact, or of the items of its list.
fn holds_text(fact: &Fact) -> bool {
    match &fact.kind {
        Kind::Text => true,
        Kind::List(item) => matches!(&**item, ItemKind::Single(single) if holds_text(single)),
        _ => false,
    }
}

/// The answer that a word for a cause may be meant for: what was not done, or was refused, did not happen.
fn answer_beside(
    words: &CauseWords,
    choices: Option<&Choices>,
    fact: &Fact,
    cause: Absent,
) -> Option<String> {
    let may_be_no = matches!(cause, Absent::NotPerformed | Absent::AskedDeclined);
    match (&fact.kind, choices) {
        (Kind::Boolean { .. }, _) if may_be_no => Some("`no`".to_owned()),
        (Kind::List(_), _) if may_be_no => Some("`[]`".to_owned()),
        (_, Some(choices)) => {
            let mut same = choices.by_key.iter().filter_map(|(key, choices)| {
                let is_same = words.by_key.get(key) == Some(&cause);
                choices.first().filter(|_| is_same)
            });
            same.next().map(|choice| choice.shown.to_string())
        }
        _ => None,
    }
}

fn may_be<M: AsRef<str>>(text: &str, meanings: &[M]) -> BadValue {
    let meanings: Vec<&str> = meanings.iter().map(AsRef::as_ref).collect();
    BadValue::new(
        format!("`{text}` may be {}", meanings.join(" or ")),
        "write the one that is meant as it stands here",
    )
}

/// The text of a number, a duration or a date and the unit beside it, with the characters of a keyboard and in a declared
/// unit; none where that is what they are already, or where no unit is like them.
pub(super) fn as_declared(
    fact: &Fact,
    text: &str,
    unit: Option<&str>,
) -> Option<Result<(String, Option<String>), BadValue>> {
    let text = text.trim();
    let mut plain = narrow(text);
    if let Kind::Duration(_) = fact.kind {
        plain = plain.to_lowercase();
    }
    let beside = unit.map(str::to_owned);
    let Kind::Quantity(measure) = &fact.kind else {
        return (plain != text).then_some(Ok((plain, beside)));
    };
    let (numbers, behind) = without_units(&plain);
    let mut units = Vec::new();
    for given in behind.iter().copied().chain(unit) {
        match like(measure, given) {
            Like::Declared(unit) => units.push(unit),
            Like::None => return None,
            Like::Wrong(bad) => return Some(Err(bad)),
        }
    }
    let is_as_given = plain == text
        && units
            .iter()
            .zip(behind.iter().copied().chain(unit))
            .all(|(declared, given)| *declared == given);
    let declared = units.first().map(|unit| (*unit).to_owned());
    // Which of two units counts is said in the exact way.
    if is_as_given || units.windows(2).any(|pair| pair.first() != pair.last()) {
        return None;
    }
    Some(Ok(match declared {
        Some(unit) if !behind.is_empty() => (format!("{numbers} {unit}"), None),
        declared => (numbers, declared),
    }))
}

/// Which declared unit a text is another spelling of.
enum Like<'m> {
    Declared(&'m str),
    /// It may be one, and may be something else.
    Wrong(BadValue),
    None,
}

/// Which declared unit is meant. The case of letters counts in UCUM, so it is kept as long as a unit is found with it.
fn like<'m>(measure: &'m Measure, given: &str) -> Like<'m> {
    if let Some(exact) = measure.units().find(|unit| *unit == given) {
        return Like::Declared(exact);
    }
    let key = unit_key(given);
    let same_letters = |unit: &&str| unit_key(unit) == key;
    let mut found: Vec<&str> = measure.units().filter(same_letters).collect();
    let is_same_case = !found.is_empty();
    if !is_same_case {
        let but_case = |unit: &&str| unit_key(unit).eq_ignore_ascii_case(&key);
        found = measure.units().filter(but_case).collect();
    }
    match found.as_slice() {
        [] => Like::None,
        [one] if !is_same_case && is_another_size(given, one) => Like::Wrong(BadValue::new(
            format!("`{given}` is a unit of another size: the case of letters counts"),
            format!("write the value in {}", declared_units(measure)),
        )),
        [one] => Like::Declared(one),
        several => {
            let shown: Vec<String> = several.iter().map(|unit| format!("`{unit}`")).collect();
            Like::Wrong(may_be(given, &shown))
        }
    }
}

/// A unit without what does not tell units apart: blanks, brackets, the sign of micro; and with `10*9` for `10^9` and `×10⁹`.
fn unit_key(unit: &str) -> String {
    let mut key = String::with_capacity(unit.len());
    for one in narrow(unit).chars() {
        match one {
            ' ' | '[' | ']' => {}
            'µ' | 'μ' => key.push('u'),
            // UCUM has both signs for a power of ten.
            '^' => key.push('*'),
            '×' | '·' if key.is_empty() => {}
            '⁰'..='⁹' | '¹' | '²' | '³' | '⁻' => raised(one, &mut key),
            other => key.push(other),
        }
    }
    match key.strip_prefix(['x', 'X']) {
        Some(power) if power.starts_with("10*") => power.to_owned(),
        _ => key,
    }
}

/// Adds a digit that stands above the line. Behind `10` it is a power of ten, which UCUM writes with a star.
fn raised(digit: char, key: &mut String) {
    const RAISED: [char; 11] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹', '⁻'];
    let Some((_, plain)) = RAISED
        .iter()
        .zip("0123456789-".chars())
        .find(|(raised, _)| **raised == digit)
    else {
        return;
    };
    if key.ends_with("10") {
        key.push('*');
    }
    key.push(plain);
}

/// Whether a text is a unit of UCUM by itself, and not the declared one but one of the same kind.
fn is_another_size(given: &str, declared: &str) -> bool {
    // Nothing of a patient is measured in megalitres.
    let given = narrow(given)
        .replace(' ', "")
        .replace(['µ', 'μ'], "u")
        .replace("ML", "mL");
    let spelled = if given.contains('[') {
        given
    } else {
        given.replace("IU", "[IU]")
    };
    match units::factor(&spelled, declared) {
        Ok(factor) => factor != units::Factor::ONE,
        Err(Incommensurable::Different) => false,
        Err(_) => true,
    }
}
