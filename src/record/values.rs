//! The characters of a value → a typed value within its plausible range, or what is wrong with them.
//!
//! Shared by every reader of records.

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::diagnostic::did_you_mean;
use crate::facts::answers::number_range;
use crate::facts::{Fact, Kind, Measure, NotConverted, ValueSet, in_unit};
use crate::units;
use crate::value::bounds::End;
use crate::value::{Bounds, Code, Duration, Value, date, number};

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadValue {
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

impl BadValue {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: Some(help.into()),
        }
    }
}

/// A value that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The value.
    pub value: Value,
    /// How it was written, where that cannot be seen from the value.
    pub written: Option<String>,
}

impl From<Value> for Parsed {
    fn from(value: Value) -> Self {
        Self {
            value,
            written: None,
        }
    }
}

/// Reads the value of a fact that is not a list. `unit` is the one given beside the value, if any; `today` is the
/// screening date.
///
/// # Errors
/// What is wrong with the text, and what would be right.
pub fn parse(fact: &Fact, text: &str, unit: Option<&str>, today: Date) -> Result<Parsed, BadValue> {
    present(fact, text, unit, today).map_err(|bad| match cause(text) {
        Some(cause) => BadValue::new(
            bad.message,
            format!(
                "write `{{ missing: {cause} }}`; in CSV `{cause}` in the column `{}.missing`",
                fact.path
            ),
        ),
        None => bad,
    })
}

fn present(fact: &Fact, text: &str, unit: Option<&str>, today: Date) -> Result<Parsed, BadValue> {
    let text = text.trim();
    if !matches!(fact.kind, Kind::Text | Kind::Code(_) | Kind::List(_)) {
        number::ends(text).map_err(|message| BadValue::new(message, number::TWO_DOTS))?;
    }
    if unit.is_some() && !matches!(fact.kind, Kind::Quantity(_)) {
        return Err(BadValue::new(
            format!("`{}` has no unit", fact.path),
            format!("it is of type {}; leave `unit` out", fact.type_name()),
        ));
    }
    match &fact.kind {
        Kind::Boolean { .. } => boolean(text).map(Parsed::from),
        Kind::Integer(range) => {
            let whole = bounds(text, |text| whole_number(text).map(Bounds::exact))?;
            number_within(&closed_integers(&whole), range.as_ref(), text, "")
        }
        Kind::Decimal(range) => {
            let decimal = bounds(text, |text| plain_number(text).map(Bounds::exact))?;
            number_within(&decimal, range.as_ref(), text, "")
        }
        Kind::Quantity(measure) => quantity(measure, text, unit),
        Kind::Duration(range) => duration(text, range.as_ref(), today).map(Parsed::from),
        Kind::Date(range) => calendar_date(fact, text, range.as_ref(), today).map(Parsed::from),
        Kind::Code(set) => code(set, text).map(Parsed::from),
        Kind::Text => Ok(Value::Text(text.into()).into()),
        Kind::List(kind) => {
            let fields = kind.fields().iter();
            let fields: Vec<String> = fields.map(|field| format!("{}: …", field.name())).collect();
            let item = match fields.as_slice() {
                [] => text.chars().take(40).collect(),
                fields => format!("{{ {} }}", fields.join(", ")),
            };
            Err(BadValue::new(
                format!("`{}` is a list, found a single value", fact.path),
                format!(
                    "write `{0}: []` if none is known, `{0}: [{item}]` for one item, `{0}: unknown` if nobody knows",
                    fact.name()
                ),
            ))
        }
    }
}

/// Reads a limit of normal, which is one number, in a unit of its own or in the one of the value beside it. `fact` has the
/// range that limits may have.
///
/// # Errors
/// What is wrong with the text, and what would be right.
pub fn limit(fact: &Fact, text: &str, unit: Option<&str>, today: Date) -> Result<Parsed, BadValue> {
    let unit = unit.filter(|_| unit_in(fact, text).is_none());
    let bare = text.trim_start_matches(['<', '>', '=', '≤', '≥', ' ']);
    if bare.contains("..") || bare.len() < text.trim_start().len() {
        let help = if bare.contains("..") {
            "write its two ends apart, as `lln` and `uln`".to_owned()
        } else {
            format!("write the number alone: `{}`", bare.trim_end())
        };
        return Err(BadValue::new("a limit of normal is one number", help));
    }
    let without_range = || Fact {
        kind: match &fact.kind {
            Kind::Quantity(measure) => Kind::Quantity(Arc::new(Measure {
                unit: measure.unit.clone(),
                others: measure.others.clone(),
                shifted: measure.shifted.clone(),
                bare: measure.bare,
                ..Measure::default()
            })),
            _ => Kind::Decimal(None),
        },
        ..fact.clone()
    };
    match parse(fact, text, unit, today) {
        Ok(parsed) if matches!(parsed.value, Value::Number(bounds) if bounds.value().is_some()) => {
            Ok(parsed)
        }
        Ok(_) => Err(BadValue::new(
            "a limit of normal is one number",
            "leave it out where the laboratory gives none",
        )),
        // The number is one, and lies outside the range.
        Err(bad) if parse(&without_range(), text, unit, today).is_ok() => Err(BadValue::new(
            bad.message,
            "correct the limit, or leave it out where the laboratory gives none",
        )),
        Err(bad) => Err(bad),
    }
}

fn boolean(text: &str) -> Result<Value, BadValue> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" => Ok(Value::Boolean(true)),
        "false" | "no" => Ok(Value::Boolean(false)),
        _ => Err(BadValue::new(
            format!("`{text}` is neither yes nor no"),
            "write `yes` or `no`, or `unknown`",
        )),
    }
}

fn code(set: &ValueSet, text: &str) -> Result<Value, BadValue> {
    let found = set
        .position(text)
        .and_then(|index| Some((u16::try_from(index).ok()?, set.values.get(index)?.unclear)));
    match found {
        Some((index, unclear)) => Ok(Value::Code(Code { index, unclear })),
        None => Err(BadValue {
            message: format!("`{text}` is not a declared value"),
            help: did_you_mean(text, set.names()),
        }),
    }
}

fn plain_number(text: &str) -> Result<Decimal, BadValue> {
    number_such_as("`2` or `2.5`", text)
}

fn number_such_as(examples: &str, text: &str) -> Result<Decimal, BadValue> {
    number::parse(text).map_err(|message| {
        if let Some(help) = grouped(text) {
            return BadValue::new(message, help);
        }
        let help = match text.replace(',', ".") {
            dotted if dotted != text && number::parse(&dotted).is_ok() => {
                format!("write the decimal point as a point: `{dotted}`")
            }
            _ => {
                format!("write a number such as {examples}, or bounds such as `\">= 2\"` or `1..2`")
            }
        };
        BadValue::new(message, help)
    })
}

/// What a number with marks between its thousands may be. Which mark is the decimal one is not guessed.
fn grouped(text: &str) -> Option<String> {
    let digits = text.trim().trim_start_matches('-');
    let all_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let thousands = |text: &str, mark: char| {
        text.split_once(mark).is_some_and(|(first, rest)| {
            let mut groups = rest.split(mark);
            first.len() <= 3
                && all_digits(first)
                && !first.starts_with('0')
                && groups.all(|group| group.len() == 3 && all_digits(group))
        })
    };
    let without = |mark: char| text.trim().replace(mark, "");
    for (mark, decimal, names) in [
        (',', '.', "commas between thousands and a decimal point"),
        ('.', ',', "points between thousands and a decimal comma"),
    ] {
        if let Some((whole, rest)) = digits.split_once(decimal)
            && thousands(whole, mark)
            && all_digits(rest)
        {
            let number = without(mark).replace(decimal, ".");
            return Some(format!("with {names} this is `{number}`"));
        }
        if thousands(digits, mark) && digits.matches(mark).count() > 1 {
            return Some(format!(
                "without marks between thousands this is `{}`",
                without(mark)
            ));
        }
    }
    thousands(digits, ',').then(|| {
        format!(
            "write `{}` if the comma stands between thousands, or `{}` if it is the decimal mark",
            without(','),
            text.trim().replace(',', ".")
        )
    })
}

/// The cause that a word for a missing value names.
fn cause(text: &str) -> Option<&'static str> {
    let words = text.to_lowercase().replace(['_', '-'], " ");
    let words: Vec<&str> = words.split_whitespace().collect();
    match words.join(" ").as_str() {
        "pending" | "awaited" | "awaiting" | "awaiting result" | "result pending" | "to follow"
        | "outstanding" => Some("temp_unknown"),
        "not done" | "not performed" | "not tested" | "not measured" | "not taken" => {
            Some("not_performed")
        }
        "declined" | "refused" | "patient declined" | "patient refused" => Some("asked_declined"),
        "not asked" => Some("not_asked"),
        "not applicable" => Some("not_applicable"),
        "not known" | "unk" | "not recorded" | "not documented" => Some("unknown"),
        _ => None,
    }
}

fn whole_number(text: &str) -> Result<Decimal, BadValue> {
    let value = number_such_as("`2`", text)?;
    if value.fract().is_zero() {
        Ok(value)
    } else {
        Err(BadValue::new(
            format!("`{text}` is not a whole number"),
            "write a whole number",
        ))
    }
}

/// Between whole numbers an open end is a closed one further in.
fn closed_integers(bounds: &Bounds<Decimal>) -> Bounds<Decimal> {
    let close = |end: Option<End<Decimal>>, step: Decimal| {
        end.map(|end| match end.inclusive {
            true => end,
            false => End {
                value: end.value.checked_add(step).unwrap_or(end.value),
                inclusive: true,
            },
        })
    };
    Bounds {
        low: close(bounds.low, Decimal::ONE),
        high: close(bounds.high, -Decimal::ONE),
    }
}

fn quantity(measure: &Measure, text: &str, unit: Option<&str>) -> Result<Parsed, BadValue> {
    let (numbers, beside) = without_units(text);
    let behind = beside.first().copied();
    let mut stated = beside.into_iter().chain(unit);
    let unit = match stated.next() {
        Some(unit) => unit,
        None if !text.bytes().any(|byte| byte.is_ascii_digit()) => {
            return plain_number(text).map(|value| Value::number(value).into());
        }
        None if measure.has_one_scale() => measure.unit.as_str(),
        None => return Err(without_unit(measure, text)),
    };
    if let Some(other) = stated.find(|other| *other != unit) {
        return Err(BadValue::new(
            format!("two units are given, `{unit}` and `{other}`"),
            "keep one of them",
        ));
    }
    let given = numbers_of(&numbers).map_err(|bad| match (behind, bad.help) {
        (Some(unit), Some(help)) if declares(measure, unit) => {
            let help = format!("{help}; keep `{unit}` behind the number");
            BadValue::new(bad.message, help)
        }
        (_, help) => BadValue { help, ..bad },
    })?;
    let converted = measure
        .convert(&given, unit)
        .map_err(|why| not_converted(measure, text, unit, why))?;
    let parsed = number_within(&converted, measure.range.as_ref(), text, &measure.unit)?;
    Ok(Parsed {
        written: (unit != measure.unit).then(|| in_unit(&numbers, unit)),
        ..parsed
    })
}

/// A number, or bounds, without units.
fn numbers_of(text: &str) -> Result<Bounds<Decimal>, BadValue> {
    bounds(text, |text| plain_number(text.trim()).map(Bounds::exact))
}

fn declares(measure: &Measure, unit: &str) -> bool {
    measure.units().any(|declared| declared == unit)
}

pub(super) fn declared_units(measure: &Measure) -> String {
    let units: Vec<String> = measure.units().map(|unit| format!("`{unit}`")).collect();
    units.join(" or ")
}

/// What is wrong with a number without a unit, where several are in use: what is wrong with the number is said along with the unit, not
/// after it.
fn without_unit(measure: &Measure, text: &str) -> BadValue {
    let units = format!(
        "several units are in use: write {}",
        declared_units(measure)
    );
    match numbers_of(text) {
        Ok(_) => BadValue::new(format!("`{text}` has no unit"), units),
        Err(bad) => {
            let help = match bad.help {
                Some(help) => format!("{help}; {units}"),
                None => units,
            };
            BadValue::new(format!("{}, and has no unit", bad.message), help)
        }
    }
}

fn not_converted(measure: &Measure, text: &str, unit: &str, why: NotConverted) -> BadValue {
    match why {
        NotConverted::OutOfReach => BadValue::new(
            format!("`{text}` is out of reach"),
            format!("write the value in `{}`", measure.unit),
        ),
        NotConverted::UnitUnknown => {
            let enzyme = unit.replace("IU", "U");
            let meaning = if enzyme != unit && declares(measure, &enzyme) {
                Some(format!("the unit of an enzyme is `{enzyme}`"))
            } else {
                other_meaning(unit)
            };
            let meaning = meaning.map_or(String::new(), |meaning| format!("; {meaning}"));
            BadValue::new(
                format!("`{unit}` is not a declared unit"),
                format!("write the value in {}{meaning}", declared_units(measure)),
            )
        }
    }
}

/// What a unit was meant for that looks like another.
fn other_meaning(unit: &str) -> Option<String> {
    units::lookalike(unit).or_else(|| {
        let help = units::Unit::parse(unit).err()?.help?;
        unit.contains("IU").then_some(help)
    })
}

/// The unit that stands behind the number of a quantity, if one does.
pub(crate) fn unit_in<'t>(fact: &Fact, text: &'t str) -> Option<&'t str> {
    if matches!(fact.kind, Kind::Quantity(_)) {
        without_units(text).1.into_iter().next()
    } else {
        None
    }
}

/// A number, or bounds, without the units behind its ends, and those units: `1..2 kg/m2`, `>= 5 10*9/L`.
pub(super) fn without_units<'t>(text: &'t str) -> (String, Vec<&'t str>) {
    let mut units = Vec::new();
    let mut number = |end: &'t str| -> String {
        let end = end.trim();
        let signs = end
            .find(|first: char| !matches!(first, '<' | '>' | '=' | '≤' | '≥' | ' '))
            .unwrap_or(end.len());
        let (_, unsigned) = end.split_at(signs);
        let length =
            unsigned.find(|next: char| !(next.is_ascii_digit() || "+-.,eE".contains(next)));
        let (mut number, _) = end.split_at(length.map_or(end.len(), |length| signs + length));
        // An `e` that no digit follows begins the unit.
        number = number.trim_end_matches(['e', 'E', '+', '-']);
        match end.get(number.len()..).map(str::trim) {
            Some(unit) if !unit.is_empty() && number.bytes().any(|byte| byte.is_ascii_digit()) => {
                units.push(unit);
                number.trim().to_owned()
            }
            _ => end.to_owned(),
        }
    };
    let numbers = match text.split_once("..") {
        Some((low, high)) => format!("{}..{}", number(low), number(high)),
        None => number(text),
    };
    (numbers, units)
}

fn duration(text: &str, range: Option<&Bounds<Duration>>, today: Date) -> Result<Value, BadValue> {
    // In `2..4 months` the unit belongs to both ends.
    let shared = text.split_once("..").and_then(|(low, high)| {
        let (_, unit) = high.trim().split_once(' ')?;
        let unit = Some(unit.trim())
            .filter(|unit| !unit.contains(' ') && low.trim().parse::<i32>().is_ok())?;
        Some(format!("{} {unit}..{}", low.trim(), high.trim()))
    });
    let text = shared.as_deref().unwrap_or(text);
    let given = bounds_unordered(text, |text| {
        Duration::parse(text)
            .map(Bounds::exact)
            .map_err(|message| BadValue {
                help: (!message.contains("hours, only"))
                    .then(|| "or bounds, such as `\">= 3 months\"`".to_owned()),
                message,
            })
    })?;
    let days = |duration: Duration| duration.days_from(today);
    let out_of_reach = || {
        BadValue::new(
            format!("`{text}` is out of reach"),
            "write a duration such as `3 months`",
        )
    };
    let in_days = given.map(days).ok_or_else(out_of_reach)?;
    if in_days.is_empty() {
        return Err(empty_bounds(text));
    }
    if let Some(range) = range
        && !possible_duration(&given, Some(range), today)
    {
        let shown = [range.low, range.high]
            .map(|end| end.map_or(String::new(), |end| end.value.to_string()));
        return Err(implausible(text, &format!("{}..{}", shown[0], shown[1])));
    }
    Ok(Value::Duration(given))
}

/// Whether some duration lies within the bounds, and every end that is given in the plausible range, which may depend on
/// the screening date.
pub(super) fn possible_duration(
    given: &Bounds<Duration>,
    range: Option<&Bounds<Duration>>,
    today: Date,
) -> bool {
    match range.and_then(|range| Duration::on_one_scale(given, range, today)) {
        Some((given, range)) => plausible(&given, &range) && !given.is_empty(),
        None => {
            Duration::on_one_scale(given, given, today).is_some_and(|(given, _)| !given.is_empty())
        }
    }
}

fn calendar_date(
    fact: &Fact,
    text: &str,
    range: Option<&Bounds<Date>>,
    today: Date,
) -> Result<Value, BadValue> {
    let dates = past_date(text, (!fact.future).then_some(today))?;
    within(&dates, range, text, date::format).map(Value::Date)
}

/// A date which may not lie after `latest`.
pub(super) fn past_date(text: &str, latest: Option<Date>) -> Result<Bounds<Date>, BadValue> {
    number::ends(text).map_err(|message| BadValue::new(message, number::TWO_DOTS))?;
    let dates = bounds(text, |text| {
        date::parse(text).map_err(|message| match message.split_once("; ") {
            Some((message, help)) => BadValue::new(message, help),
            None => BadValue::new(
                message,
                "write YYYY-MM-DD, or YYYY-MM where the day is not known",
            ),
        })
    })?;
    match (dates.low, latest) {
        (Some(low), Some(latest)) if low.value > latest => Err(BadValue::new(
            format!("{text} lies after the screening date, {latest}"),
            "correct the date, or screen as of a later day (`screened_on`, or `--as-of`)",
        )),
        _ => Ok(dates),
    }
}

/// Reads `x`, `>= x`, `> x`, `<= x`, `< x`, `x..y`, where `x` itself may stand for bounds, as a partial date does.
fn bounds<T: Copy + Ord + Step>(
    text: &str,
    parse: impl Fn(&str) -> Result<Bounds<T>, BadValue>,
) -> Result<Bounds<T>, BadValue> {
    match bounds_unordered(text, parse)? {
        empty if empty.is_empty() => Err(empty_bounds(text)),
        bounds => Ok(bounds),
    }
}

fn empty_bounds(text: &str) -> BadValue {
    BadValue::new(
        format!("no value lies within `{text}`"),
        "write the smaller end first: `1..2`",
    )
}

fn bounds_unordered<T: Copy + Step>(
    text: &str,
    parse: impl Fn(&str) -> Result<Bounds<T>, BadValue>,
) -> Result<Bounds<T>, BadValue> {
    let relation = [
        (">=", true, true),
        ("≥", true, true),
        (">", true, false),
        ("<=", false, true),
        ("≤", false, true),
        ("<", false, false),
    ];
    for (symbol, lower, inclusive) in relation {
        if let Some(rest) = text.strip_prefix(symbol) {
            let given = parse(rest.trim())?;
            // Beyond a partial date lies what is beyond its far end.
            let end = match (lower, inclusive) {
                (true, true) => given.low,
                (false, true) => given.high,
                (true, false) => given.high.map(|end| end.value.beyond(lower)),
                (false, false) => given.low.map(|end| end.value.beyond(lower)),
            };
            let (low, high) = if lower { (end, None) } else { (None, end) };
            return Ok(Bounds { low, high });
        }
    }
    match text.split_once("..") {
        Some((low, high)) => Ok(Bounds {
            low: parse(low.trim())?.low,
            high: parse(high.trim())?.high,
        }),
        None => parse(text),
    }
}

/// How an end that does not belong to the bounds is kept.
trait Step: Sized {
    fn beyond(self, _upwards: bool) -> End<Self> {
        End {
            value: self,
            inclusive: false,
        }
    }
}

impl Step for Decimal {}

impl Step for Duration {}

impl Step for Date {
    fn beyond(self, upwards: bool) -> End<Self> {
        let next = if upwards {
            self.tomorrow()
        } else {
            self.yesterday()
        };
        End {
            value: next.unwrap_or(self),
            inclusive: true,
        }
    }
}

/// Whether every end that is given lies in the plausible range.
fn plausible<T: Copy + Ord>(given: &Bounds<T>, range: &Bounds<T>) -> bool {
    [given.low, given.high]
        .into_iter()
        .flatten()
        .all(|end| range.contains(&Bounds::exact(end.value)))
}

fn within<T: Copy + Ord>(
    given: &Bounds<T>,
    range: Option<&Bounds<T>>,
    text: &str,
    shown: impl Fn(&Bounds<T>) -> String,
) -> Result<Bounds<T>, BadValue> {
    match range {
        Some(range) if !plausible(given, range) => Err(implausible(text, &shown(range))),
        _ => Ok(*given),
    }
}

fn number_within(
    given: &Bounds<Decimal>,
    range: Option<&Bounds<Decimal>>,
    text: &str,
    unit: &str,
) -> Result<Parsed, BadValue> {
    within(given, range, text, |range| number_range(range, unit))
        .map(|bounds| Value::Number(bounds).into())
}

fn implausible(text: &str, range: &str) -> BadValue {
    BadValue::new(
        format!("{text} is outside the plausible range {range}"),
        "correct the value, or leave it out if it is not known",
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::units::Factor;

    fn fact(kind: Kind) -> Fact {
        Fact {
            path: "f".into(),
            kind,
            label: "F".into(),
            ask: None,
            note: None,
            codes: BTreeMap::new(),
            judgement: false,
            measured: false,
            stage: None,
            obtain: None,
            supporting: false,
            future: false,
            alone: false,
            span: Default::default(),
        }
    }

    fn read(kind: Kind, text: &str) -> Result<Value, String> {
        parse(&fact(kind), text, None, jiff::civil::date(2026, 11, 20))
            .map(|parsed| parsed.value)
            .map_err(|bad| bad.message)
    }

    fn range(low: i64, high: i64) -> Option<Bounds<Decimal>> {
        Some(Bounds::between(
            Decimal::from(low),
            Some(Decimal::from(high)),
        ))
    }

    fn percent() -> Kind {
        Kind::Quantity(Arc::new(Measure {
            bare: false,
            unit: "%".into(),
            others: Vec::new(),
            range: range(0, 100),
            ..Measure::default()
        }))
    }

    #[test]
    fn integers_and_their_bounds() {
        let ecog = || Kind::Integer(range(0, 5));
        assert_eq!(read(ecog(), "2"), Ok(Value::number(2)));
        assert_eq!(
            read(ecog(), "1..2"),
            Ok(Value::Number(Bounds::between(
                Decimal::ONE,
                Some(Decimal::TWO)
            )))
        );
        assert_eq!(
            read(ecog(), "> 2"),
            Ok(Value::Number(Bounds::between(Decimal::from(3), None)))
        );
        assert!(read(ecog(), "7").unwrap_err().contains("0..5"));
        assert!(read(ecog(), "two").unwrap_err().contains("not a number"));
        assert!(read(ecog(), "1.5").unwrap_err().contains("whole"));
        assert!(read(ecog(), "3..1").unwrap_err().contains("no value"));
        assert!(
            read(ecog(), "NaN").is_err()
                && read(ecog(), "1e400").is_err()
                && read(ecog(), "").is_err()
        );
    }

    #[test]
    fn quantities_take_declared_units_only() {
        for text in ["5", "5 %", "5%"] {
            assert_eq!(read(percent(), text), Ok(Value::number(5)), "{text}");
        }
        assert_eq!(
            read(percent(), "5 %..10 %"),
            Ok(Value::Number(Bounds::between(
                Decimal::from(5),
                Some(Decimal::from(10))
            )))
        );
        assert_eq!(
            read(percent(), "< 5 %")
                .map(|value| matches!(value, Value::Number(Bounds { low: None, .. }))),
            Ok(true)
        );
        assert!(
            read(percent(), "5 mg")
                .unwrap_err()
                .contains("not a declared unit")
        );
        assert!(read(percent(), "500").unwrap_err().contains("0..100 %"));
        assert!(read(percent(), "much").is_err());
        let of = |unit: &str, other: &str| {
            Kind::Quantity(Arc::new(Measure {
                bare: false,
                unit: unit.into(),
                others: vec![(other.into(), Factor::declared(Decimal::new(1, 3)).unwrap())],
                range: range(0, 900),
                ..Measure::default()
            }))
        };
        for (text, value) in [("24 kg/m2", 24), ("24kg/m2", 24), ("24000 g/m2", 24)] {
            assert_eq!(
                read(of("kg/m2", "g/m2"), text),
                Ok(Value::number(value)),
                "{text}"
            );
        }
        for text in ["3 10*9/L", "3000 /uL", "3000/uL"] {
            assert_eq!(
                read(of("10*9/L", "/uL"), text),
                Ok(Value::number(3)),
                "{text}"
            );
        }
        let both = Ok(Value::Number(Bounds::between(
            Decimal::from(3),
            Some(Decimal::from(4)),
        )));
        for text in ["3..4 10*9/L", "3 10*9/L..4 10*9/L", "3000..4000 /uL"] {
            assert_eq!(read(of("10*9/L", "/uL"), text), both, "{text}");
        }
        assert!(
            read(of("10*9/L", "/uL"), "310*9/L").is_err(),
            "where the number ends is a guess"
        );
        assert!(
            read(of("10*9/L", "/uL"), "3 10*6/L")
                .unwrap_err()
                .contains("`10*6/L` is not a declared unit")
        );
        assert!(
            read(of("kg/m2", "g/m2"), "24 lb/in2")
                .unwrap_err()
                .contains("`lb/in2` is not a declared unit")
        );
        let creatinine = Kind::Quantity(Arc::new(Measure {
            bare: false,
            unit: "mg/dL".into(),
            others: vec![(
                "umol/L".into(),
                Factor::declared(Decimal::new(1131, 5)).unwrap(),
            )],
            range: range(0, 30),
            ..Measure::default()
        }));
        assert!(
            read(creatinine.clone(), "1.6")
                .unwrap_err()
                .contains("no unit")
        );
        let parsed = parse(
            &fact(creatinine),
            "100 umol/L",
            None,
            jiff::civil::date(2026, 11, 20),
        )
        .unwrap();
        assert_eq!(
            (parsed.value, parsed.written.as_deref()),
            (Value::number(Decimal::new(1131, 3)), Some("100 umol/L"))
        );
    }

    #[test]
    fn dates_of_the_past() {
        assert!(
            read(Kind::Date(None), "2026-11-21")
                .unwrap_err()
                .contains("after the screening date")
        );
        assert!(
            read(Kind::Date(None), "2026-02-31")
                .unwrap_err()
                .contains("28 days")
        );
        assert!(read(Kind::Date(None), "2026-11").is_ok());
    }

    #[test]
    fn a_third_dot_or_a_second_sign_or_unit_is_refused() {
        let decimal = || Kind::Decimal(range(0, 10));
        for text in [
            "0...5", "0.. .5", "0....5", "1..2..3", "0. ..5", "+-5", "++5", ">= >= 5", ">>5",
        ] {
            assert!(read(decimal(), text).is_err(), "{text}");
            assert!(read(percent(), text).is_err(), "{text}");
            assert!(read(percent(), &format!("{text} %")).is_err(), "{text} %");
        }
        assert!(read(percent(), "5 % %").is_err());
        for text in [
            "4 months 4 months",
            "1 day 1 days",
            "1...2 months",
            "2..4 months 1 day",
        ] {
            assert!(read(Kind::Duration(None), text).is_err(), "{text}");
        }
        assert!(read(Kind::Date(None), "2020...2021").is_err());
        let half = Bounds::between(Decimal::ZERO, Some(Decimal::new(5, 1)));
        assert_eq!(read(decimal(), "0..0.5"), Ok(Value::Number(half)));
        assert!(read(Kind::Duration(None), "2..4 months").is_ok());
    }

    #[test]
    fn durations_and_booleans() {
        assert_eq!(
            read(Kind::Duration(None), ">= 3 months")
                .map(|value| matches!(value, Value::Duration(Bounds { high: None, .. }))),
            Ok(true)
        );
        assert!(
            read(Kind::Duration(None), "3")
                .unwrap_err()
                .contains("no unit")
        );
        for (text, wanted) in [
            ("72 h", "there are no hours, only days: write `3 days`"),
            (
                "12 hours",
                "there are no hours, only days: write `0..1 days`",
            ),
            ("36h", "write `1..2 days`"),
            ("1 wk", "write `1 week`"),
            ("6mo", "write `6 months`"),
            ("18yrs", "write `18 years`"),
            ("3months", "write `3 months`"),
            ("3 m", "`m` may be months or minutes"),
        ] {
            let said = read(Kind::Duration(None), text).unwrap_err();
            assert!(said.contains(wanted), "{text}: {said}");
        }
        let yes_no = || Kind::Boolean {
            yes: "yes".into(),
            no: "no".into(),
        };
        assert_eq!(read(yes_no(), "yes"), Ok(Value::Boolean(true)));
        assert!(
            read(yes_no(), "maybe")
                .unwrap_err()
                .contains("neither yes nor no")
        );
    }
}
