//! Small trials of any structure, over a few booleans and one number.

use crate::choices::Choices;

const HEAD: &str = "
format: eligo/trial/1
trial: { id: T1, title: Any structure }
facts:
";
const FACTS: [(&str, &str); 6] = [
    ("a", "type: boolean"),
    ("b", "type: boolean"),
    ("c", "type: boolean"),
    ("d", "type: boolean"),
    ("e", "type: boolean"),
    ("n", "type: integer, range: 0..3"),
];
const STAGES: [&str; 7] = [
    "",
    ", stage: chart",
    ", stage: interview",
    ", stage: laboratory",
    ", stage: procedure",
    ", stage: judgement",
    ", stage: consent",
];

/// Which sub-criteria may say to whom they apply.
#[derive(Clone, Copy, PartialEq)]
pub enum Applies {
    /// Those without sub-criteria, all but the first of a group: no group comes to concern nobody.
    Leaves,
    /// Those with sub-criteria as well.
    NotTheFirst,
    /// Any of them.
    Any,
}

/// Writes a trial file.
pub fn trial(choices: &mut Choices<'_>, applies: Applies) -> String {
    let mut out = HEAD.to_owned();
    for (name, kind) in FACTS {
        let stage = choices.pick(&STAGES);
        out.push_str(&format!("  {name}: {{ label: {name}, {kind}{stage} }}\n"));
    }
    out.push_str("criteria:\n");
    for (side, letter) in [("inclusion", 'I'), ("exclusion", 'E')] {
        out.push_str(&format!("  {side}:\n"));
        for number in 0..=choices.below(3) {
            out.push_str("    - ");
            out.push_str(&criterion(
                choices,
                &format!("{letter}{number}"),
                letter == 'I',
                2,
                applies,
                true,
            ));
            out.push('\n');
        }
    }
    out
}

fn condition(choices: &mut Choices<'_>) -> String {
    let fact = |choices: &mut Choices<'_>| {
        (*choices.pick(&["a", "b", "c", "d", "e", "n >= 2", "n = 1"])).to_owned()
    };
    match choices.below(6) {
        0..=2 => fact(choices),
        3 => format!("not ({})", fact(choices)),
        4 => format!("{} and {}", fact(choices), fact(choices)),
        _ => format!("{} or {}", fact(choices), fact(choices)),
    }
}

fn criterion(
    choices: &mut Choices<'_>,
    id: &str,
    inclusion: bool,
    depth: usize,
    applies: Applies,
    may_apply: bool,
) -> String {
    let rule = if inclusion { "require" } else { "exclude" };
    let mut parts = vec![format!("id: {id}, title: {id}, text: {id}")];
    let group = depth > 0 && choices.chance(1, 2);
    if may_apply && !(group && applies == Applies::Leaves) && choices.chance(1, 3) {
        parts.push(format!("applies: \"{}\"", condition(choices)));
    }
    if choices.chance(1, 8) {
        parts.push(format!(
            "conflicts: [ {{ when: \"{}\", say: no }} ]",
            condition(choices)
        ));
    }
    if choices.chance(1, 6) {
        parts.push(format!(
            "doubts: [ {{ id: open, when: \"{}\", say: no }} ]",
            condition(choices)
        ));
    }
    if group {
        let count = 1 + choices.below(3);
        let children: Vec<String> = (0..count)
            .map(|index| {
                let may_apply = applies == Applies::Any || index > 0;
                criterion(
                    choices,
                    &format!("{id}{}", ["a", "b", "c"][index]),
                    inclusion,
                    depth - 1,
                    applies,
                    may_apply,
                )
            })
            .collect();
        let children = format!("[ {} ]", children.join(", "));
        parts.push(match choices.below(3) {
            0 => format!("any: {children}"),
            1 => format!("all: {children}"),
            _ => format!(
                "at_least: {{ n: {}, of: {children} }}",
                1 + choices.below(count)
            ),
        });
        if inclusion && choices.chance(1, 3) {
            parts.push(format!("{rule}: \"{}\"", condition(choices)));
        }
    } else if choices.chance(1, 3) {
        let readings: Vec<String> = ["one", "two"]
            .iter()
            .map(|name| {
                format!(
                    "{name}: {{ say: {name}, {rule}: \"{}\" }}",
                    condition(choices)
                )
            })
            .collect();
        parts.push(format!("readings: {{ {} }}", readings.join(", ")));
    } else if choices.chance(1, 3) {
        let of_wording: Vec<String> = ["one", "two"]
            .iter()
            .map(|name| format!("{name}: {{ say: {name}, is: \"{}\" }}", condition(choices)))
            .collect();
        parts.push(format!(
            "questions: {{ wording: {{ readings: {{ {} }} }}, least: {{ readings: {{ few: {{ say: few, value: 1 }}, many: {{ say: many, value: 3 }} }} }} }}",
            of_wording.join(", ")
        ));
        let joined = choices.pick(&["and", "or"]);
        parts.push(format!(
            "{rule}: \"wording {joined} n >= least and {}\"",
            condition(choices)
        ));
    } else {
        parts.push(format!("{rule}: \"{}\"", condition(choices)));
    }
    format!("{{ {} }}", parts.join(", "))
}
