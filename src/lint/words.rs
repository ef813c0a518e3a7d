//! Titles and texts: what does not fit, what cannot be seen, and a boundary that the text sets otherwise than the condition.

mod comments;
mod completed;
mod numbers;

use std::ops::Range;

use rust_decimal::Decimal;

use super::Linter;
use crate::cql::typed::{Comparison, Expression, Operation};
use crate::diagnostic::lookalike::is_invisible;
use crate::document::Node;
use crate::trial::conditions::{ConditionRef, Role};
use crate::value::Value;

/// The table gives a title 38 columns at most, and two lines can still be read.
const LONGEST_TITLE: usize = 76;
/// So many invisible characters are shown.
const MOST_INVISIBLE: usize = 20;

pub fn lint(linter: &mut Linter<'_>, document: &Node) {
    comments::find(linter, document);
    for criterion in linter.trial.all_criteria() {
        let length = criterion.title.chars().count();
        if length > LONGEST_TITLE
            && let Some(title) = criterion.spans.get("title")
        {
            let message = format!("the title of {} has {length} characters", criterion.id);
            linter.find(
                "long-title",
                &title.value,
                message,
                format!(
                    "the table breaks it into three lines or more; up to {LONGEST_TITLE} fit on two"
                ),
            );
        }
    }
    for (at, character) in linter
        .source
        .text
        .char_indices()
        .filter(|(_, character)| is_invisible(*character))
        .take(MOST_INVISIBLE)
    {
        let message = format!(
            "there is an invisible character: U+{:04X}",
            u32::from(character)
        );
        linter.find(
            "invisible-character",
            &(at..at + character.len_utf8()),
            message,
            "delete it; if it belongs to the protocol's words, accept it",
        );
    }
    for condition in linter.conditions {
        boundaries(linter, condition);
    }
}

/// A bound that a text or a condition sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Limit {
    /// Whether it is a least value and not a greatest one.
    least: bool,
    /// Whether the value itself is allowed.
    inclusive: bool,
}

/// Finds conditions whose boundary differs from the one in the criterion's own words.
fn boundaries(linter: &mut Linter<'_>, condition: &ConditionRef<'_>) {
    // Readings differ from each other, and so from the text, on purpose.
    let (Role::Rule(_), Some(criterion)) = (condition.role, condition.owner.criterion()) else {
        return;
    };
    let Some(text) = &criterion.text else {
        return;
    };
    let words = words(text);
    numbers::find(linter, condition, &words);
    let mut found = Vec::new();
    limits(condition.expression, false, &mut found);
    for (number, limit, span, counted) in found {
        let counted = completed::Units::of(counted, condition.text, linter.trial)
            .filter(|_| !words.iter().any(|word| word == "completed"));
        if let Some(counted) = counted {
            let said = counted
                .numbers(number)
                .find_map(|number| limit_in(&words, number));
            // Where the text counts the boundary otherwise than completed units can, the boundary is not all that differs.
            if let Some(said) = said.filter(|said| said.least != said.inclusive) {
                if said.least == limit.least {
                    completed::find(linter, condition, &span, number, said, &counted);
                }
                continue;
            }
        }
        let Some(said) = limit_in(&words, number) else {
            continue;
        };
        if said.least == limit.least && said.inclusive != limit.inclusive {
            let part = condition.text.get(span.clone()).unwrap_or(condition.text);
            let (text_says, condition_says) = if said.inclusive {
                ("counts", "leaves")
            } else {
                ("leaves", "counts")
            };
            let ending = |verb: &str| if verb == "counts" { "in" } else { "out" };
            let message = format!(
                "the text {text_says} {number} {}, and `{part}` {condition_says} it {}",
                ending(text_says),
                ending(condition_says)
            );
            let operator = match (said.least, said.inclusive) {
                (true, true) => ">=",
                (true, false) => ">",
                (false, true) => "<=",
                (false, false) => "<",
            };
            linter.find_within(
                condition,
                &span,
                "boundary-differs",
                message,
                format!("the text sets the limit as `{operator} {number}`"),
            );
        }
    }
}

/// The numbers that a condition sets limits at, each as the condition demands it.
fn limits<'e>(
    part: &'e Expression,
    negated: bool,
    found: &mut Vec<(Decimal, Limit, Range<usize>, &'e Expression)>,
) {
    match &part.operation {
        Operation::Not(inner) => limits(inner, !negated, found),
        Operation::All(parts) | Operation::Any(parts) => {
            parts.iter().for_each(|part| limits(part, negated, found))
        }
        Operation::Compare(comparison, left, right) => {
            let (comparison, constant, limited) = match (&left.operation, &right.operation) {
                (_, Operation::Constant(value)) => (*comparison, value, left),
                (Operation::Constant(value), _) => (comparison.flipped(), value, right),
                _ => return,
            };
            let limit = match if negated {
                comparison.negated()
            } else {
                comparison
            } {
                Comparison::Less => Limit {
                    least: false,
                    inclusive: false,
                },
                Comparison::LessOrEqual => Limit {
                    least: false,
                    inclusive: true,
                },
                Comparison::Greater => Limit {
                    least: true,
                    inclusive: false,
                },
                Comparison::GreaterOrEqual => Limit {
                    least: true,
                    inclusive: true,
                },
                Comparison::Equal | Comparison::NotEqual => return,
            };
            let number = match constant {
                Value::Number(number) => number.value(),
                Value::Duration(duration) => duration.value().and_then(|duration| {
                    let parts = [
                        i32::from(duration.years),
                        duration.months,
                        duration.weeks,
                        duration.days,
                    ];
                    let mut counts = parts.into_iter().filter(|count| *count != 0);
                    counts
                        .next()
                        .filter(|_| counts.next().is_none())
                        .map(Decimal::from)
                }),
                _ => None,
            };
            found.extend(
                number.map(|number| (number.normalize(), limit, part.span.clone(), &**limited)),
            );
        }
        _ => {}
    }
}

/// The words and signs of a text, in lower case.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = None;
    for character in text.to_lowercase().chars() {
        let class = match character {
            _ if character.is_alphabetic() => 0,
            _ if character.is_ascii_digit() || (character == '.' && last == Some(1)) => 1,
            '<' | '>' | '=' | '≤' | '≥' | '≦' | '≧' => 2,
            _ => {
                last = None;
                continue;
            }
        };
        match words.last_mut().filter(|_| last == Some(class)) {
            Some(word) => word.push(character),
            None => words.push(character.to_string()),
        }
        last = Some(class);
    }
    words
}

const BEFORE: [(&str, bool, bool); 43] = [
    ("at least", true, true),
    ("no less than", true, true),
    ("not less than", true, true),
    ("no fewer than", true, true),
    ("not lower than", true, true),
    ("no lower than", true, true),
    ("not younger than", true, true),
    ("no younger than", true, true),
    ("minimum of", true, true),
    ("≥", true, true),
    ("≧", true, true),
    (">=", true, true),
    ("more than", true, false),
    ("greater than", true, false),
    ("higher than", true, false),
    ("older than", true, false),
    ("longer than", true, false),
    ("over", true, false),
    ("above", true, false),
    ("exceeding", true, false),
    (">", true, false),
    ("at most", false, true),
    ("up to", false, true),
    ("no more than", false, true),
    ("not more than", false, true),
    ("no greater than", false, true),
    ("not greater than", false, true),
    ("no higher than", false, true),
    ("not older than", false, true),
    ("no older than", false, true),
    ("maximum of", false, true),
    ("not exceeding", false, true),
    ("≤", false, true),
    ("≦", false, true),
    ("<=", false, true),
    ("less than", false, false),
    ("fewer than", false, false),
    ("lower than", false, false),
    ("younger than", false, false),
    ("shorter than", false, false),
    ("below", false, false),
    ("under", false, false),
    ("<", false, false),
];

const BEHIND: [(&str, bool); 11] = [
    ("or more", true),
    ("or older", true),
    ("or greater", true),
    ("or higher", true),
    ("or above", true),
    ("and older", true),
    ("or less", false),
    ("or fewer", false),
    ("or younger", false),
    ("or lower", false),
    ("or below", false),
];

/// The limit that a text sets at a number, if it names the number once and says so in words that leave no doubt.
fn limit_in(words: &[String], number: Decimal) -> Option<Limit> {
    const SPELLED: [&str; 13] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    let is_it = |word: &String| {
        let spelled = SPELLED
            .iter()
            .position(|spelled| spelled == word)
            .map(Decimal::from);
        spelled.or_else(|| word.trim_end_matches('.').parse().ok()) == Some(number)
    };
    let mut places = words
        .iter()
        .enumerate()
        .filter(|(_, word)| is_it(word))
        .map(|(at, _)| at);
    let at = places.next().filter(|_| places.next().is_none())?;
    let matches =
        |phrase: &str, words: &[String]| phrase.split(' ').eq(words.iter().map(String::as_str));
    let mut best: Option<(usize, Limit)> = None;
    for (phrase, least, inclusive) in BEFORE {
        let length = phrase.split(' ').count();
        let said = at
            .checked_sub(length)
            .and_then(|from| words.get(from..at))
            .is_some_and(|words| matches(phrase, words));
        if said && best.is_none_or(|(longest, _)| length > longest) {
            best = Some((length, Limit { least, inclusive }));
        }
    }
    if let Some((length, limit)) = best {
        // A negation before it that no phrase knows may turn it round.
        let negated = at
            .checked_sub(length + 1)
            .and_then(|at| words.get(at))
            .is_some_and(|word| matches!(word.as_str(), "not" | "no" | "never" | "nor"));
        return (!negated).then_some(limit);
    }
    // A unit may stand between: `18 years or older`.
    BEHIND.iter().find_map(|(phrase, least)| {
        let behind = [1, 2, 3].into_iter().any(|skip| {
            words
                .get(at + skip..at + skip + 2)
                .is_some_and(|words| matches(phrase, words))
        });
        behind.then_some(Limit {
            least: *least,
            inclusive: true,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, number: i64) -> Option<(bool, bool)> {
        limit_in(&words(text), Decimal::from(number)).map(|limit| (limit.least, limit.inclusive))
    }

    #[test]
    fn reads_limits_from_words() {
        let (least, greatest, counted, left_out) = (true, false, true, false);
        for (text, number, wanted) in [
            ("Age ≥18 years", 18, (least, counted)),
            ("at least 18 years old", 18, (least, counted)),
            ("18 years or older", 18, (least, counted)),
            ("Age 18 and older", 18, (least, counted)),
            ("older than 18 years", 18, (least, left_out)),
            ("more than two courses", 2, (least, left_out)),
            ("no more than two courses", 2, (greatest, counted)),
            ("ECOG 2 or less", 2, (greatest, counted)),
            ("LVEF < 50%", 50, (greatest, left_out)),
            ("bilirubin <=3 mg/dL.", 3, (greatest, counted)),
        ] {
            assert_eq!(said(text, number), Some(wanted), "{text}");
        }
    }

    #[test]
    fn says_nothing_where_there_is_doubt() {
        for (text, number) in [
            ("Age 18 to 70", 18),
            ("at least 18, or 18 with consent", 18),
            ("not under 18", 18),
            ("ECOG 0-2", 2),
            ("at least 1.8", 18),
        ] {
            assert_eq!(said(text, number), None, "{text}");
        }
    }
}
