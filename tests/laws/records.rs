//! Records made from the declared facts, each in three states of knowledge, the later ones knowing more.

use eligo::facts::{Fact, Facts, ItemKind, Kind, Measure};
use eligo::value::Absent;
use eligo::value::bounds::End;
use jiff::ToSpan as _;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::choices::Choices;

/// A document before it is written down.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// Not there at all.
    Absent,
    Null,
    Boolean(bool),
    Number(String),
    /// A word that needs no quotes in YAML.
    Word(String),
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

/// Three states of knowledge, from the least to the most.
pub type Chain = [Tree; 3];

const TEXTS: [&str; 7] = [
    "",
    "entecavir",
    "中文 – 备注",
    "a: b # c",
    "it's \"so\"",
    "- no list",
    "two\nlines\tand a tab",
];

/// Everything a record may state, in three states of knowledge.
pub fn record(choices: &mut Choices<'_>, facts: &Facts, today: Date) -> Chain {
    let mut maps: [Vec<(String, Tree)>; 3] = [Vec::new(), Vec::new(), Vec::new()];
    for map in &mut maps {
        map.push(("candidate".into(), Tree::Word("LDP-0001".into())));
        map.push(("screened_on".into(), Tree::Word(today.to_string())));
    }
    for (_, declared) in facts.iter() {
        for (map, tree) in maps.iter_mut().zip(fact(choices, declared, today)) {
            if tree != Tree::Absent {
                insert(map, &declared.path, tree);
            }
        }
    }
    maps.map(Tree::Map)
}

fn insert(map: &mut Vec<(String, Tree)>, path: &str, tree: Tree) {
    let Some((group, rest)) = path.split_once('.') else {
        return map.push((path.to_owned(), tree));
    };
    if !map.iter().any(|(key, _)| key == group) {
        map.push((group.to_owned(), Tree::Map(Vec::new())));
    }
    if let Some((_, Tree::Map(inner))) = map.iter_mut().find(|(key, _)| key == group) {
        insert(inner, rest, tree);
    }
}

/// One fact with its evidence.
pub fn fact(choices: &mut Choices<'_>, fact: &Fact, today: Date) -> Chain {
    let values = match &fact.kind {
        Kind::List(item) => list(choices, item, today),
        _ => scalar(choices, fact, today).map(|tree| (tree, true)),
    };
    let dates = if choices.chance(1, 3) {
        date_ladder(choices, false, today)
    } else {
        nothing(&Tree::Absent)
    };
    let dates = levels(choices).map(|level| dates[level].clone());
    let signed = if choices.chance(1, 4) {
        choices.below(3)
    } else {
        3
    };
    let limit = choices
        .chance(1, 2)
        .then(|| limit_of_normal(choices, fact))
        .flatten();
    let limit_from = choices.below(4);
    let mut position = 0;
    values.map(|(tree, complete)| {
        let at = position;
        position += 1;
        let mut about = Vec::new();
        if dates[at] != Tree::Absent {
            about.push(("date".to_owned(), dates[at].clone()));
        }
        if at >= signed {
            about.push(("by".to_owned(), Tree::Word("investigator-1".into())));
        }
        if let Some(limit) = &limit
            && at >= limit_from
        {
            about.push(("uln".to_owned(), limit.clone()));
        }
        if !complete {
            about.push(("complete".to_owned(), Tree::Boolean(false)));
        }
        match tree {
            tree @ (Tree::Absent | Tree::Null) => tree,
            tree if about.is_empty() => tree,
            Tree::Map(cause) => Tree::Map(cause.into_iter().chain(about).collect()),
            tree => Tree::Map(
                [("value".to_owned(), tree)]
                    .into_iter()
                    .chain(about)
                    .collect(),
            ),
        }
    })
}

/// Levels of knowledge from 0 (nothing) to 3 (exactly) that never fall: often known from the start, so that there is
/// something to decide, and often learnt on the way.
fn levels(choices: &mut Choices<'_>) -> [usize; 3] {
    const RISES: [[usize; 3]; 14] = [
        [0, 0, 0],
        [3, 3, 3],
        [0, 0, 3],
        [0, 3, 3],
        [1, 1, 3],
        [1, 2, 3],
        [2, 2, 3],
        [1, 3, 3],
        [2, 3, 3],
        [0, 1, 2],
        [0, 1, 3],
        [3, 3, 3],
        [3, 3, 3],
        [1, 1, 2],
    ];
    *choices.pick(&RISES)
}

/// The value of a fact or field that is no list: three states out of four levels.
fn scalar(choices: &mut Choices<'_>, fact: &Fact, today: Date) -> Chain {
    let ladder = ladder(choices, fact, today);
    levels(choices).map(|level| ladder[level].clone())
}

fn nothing(absent: &Tree) -> [Tree; 4] {
    [
        absent.clone(),
        absent.clone(),
        absent.clone(),
        absent.clone(),
    ]
}

/// Not known, as a record may say it.
fn absent(choices: &mut Choices<'_>, fact: &Fact) -> Tree {
    match choices.below(4) {
        1 => Tree::Map(vec![(
            "missing".into(),
            Tree::Word(choices.pick(&Absent::CODES).0.replace('_', "-")),
        )]),
        2 => Tree::Null,
        // A text may say "unknown" and mean the word.
        3 if fact.kind != Kind::Text => Tree::Word("unknown".into()),
        _ => Tree::Absent,
    }
}

/// Nothing, wide, narrow, exact.
fn ladder(choices: &mut Choices<'_>, fact: &Fact, today: Date) -> [Tree; 4] {
    let absent = absent(choices, fact);
    let only = |tree: Tree| [absent.clone(), absent.clone(), absent.clone(), tree];
    let mut ladder = match &fact.kind {
        Kind::Boolean { .. } => only(Tree::Boolean(choices.chance(1, 2))),
        Kind::Text => only(Tree::Text((*choices.pick(&TEXTS)).to_owned())),
        Kind::Code(set) => {
            let names = |unclear: bool| {
                set.values
                    .iter()
                    .filter(|value| value.unclear == unclear)
                    .map(|value| value.name.clone())
                    .collect::<Vec<_>>()
            };
            let (clear, unclear) = (names(false), names(true));
            let word = |name: &String| Tree::Word(name.clone());
            match (clear.is_empty(), unclear.is_empty()) {
                (true, _) => only(word(choices.pick(&unclear))),
                (false, false) if choices.chance(1, 2) => {
                    let unclear = word(choices.pick(&unclear));
                    [
                        absent.clone(),
                        unclear.clone(),
                        unclear,
                        word(choices.pick(&clear)),
                    ]
                }
                _ => only(word(choices.pick(&clear))),
            }
        }
        Kind::Integer(range) => {
            let ends = ends(
                range.as_ref().map(|range| {
                    (
                        range.low.map(|end| end.value),
                        range.high.map(|end| end.value),
                    )
                }),
                (-9, 9),
                1,
            );
            numbers(choices, ends, 2, &|number| number.to_string(), "")
        }
        Kind::Decimal(range) => {
            let ends = ends(
                range.as_ref().map(|range| {
                    (
                        range.low.map(|end| end.value),
                        range.high.map(|end| end.value),
                    )
                }),
                (-90, 90),
                10,
            );
            numbers(
                choices,
                ends,
                2,
                &|tenths| Decimal::new(tenths, 1).normalize().to_string(),
                "",
            )
        }
        Kind::Quantity(measure) => quantity(choices, measure),
        Kind::Duration(_) => {
            let (unit, most) =
                *choices.pick(&[("months", 24), ("days", 400), ("weeks", 60), ("years", 5)]);
            numbers(
                choices,
                (0, most),
                2,
                &|count| format!("{count} {unit}"),
                "",
            )
        }
        Kind::Date(_) => date_ladder(choices, fact.future, today),
        Kind::List(_) => nothing(&Tree::Absent),
    };
    ladder[0] = absent;
    ladder
}

/// The ends of a plausible range in the least unit that is written, or what stands in for them.
fn ends(
    range: Option<(Option<Decimal>, Option<Decimal>)>,
    otherwise: (i64, i64),
    scale: i64,
) -> (i64, i64) {
    let (low, high) = range.unwrap_or((None, None));
    let whole = |end: Option<Decimal>| end.and_then(|end| (end * Decimal::from(scale)).to_i64());
    let low = whole(low);
    (
        low.unwrap_or(otherwise.0),
        whole(high).unwrap_or_else(|| otherwise.1.max(low.unwrap_or(0) + 30 * scale)),
    )
}

fn quantity(choices: &mut Choices<'_>, measure: &Measure) -> [Tree; 4] {
    let range = measure.range.as_ref().map(|range| {
        (
            range.low.map(|end| end.value),
            range.high.map(|end| end.value),
        )
    });
    let ends = ends(range, (0, 300), 10);
    let units: Vec<&str> = measure.units().collect();
    let unit = *choices.pick(&units);
    let back = measure
        .factor(unit)
        .and_then(|factor| factor.inverse())
        .unwrap();
    let unit = if units.len() == 1 && choices.chance(1, 2) {
        String::new()
    } else {
        format!(" {unit}")
    };
    numbers(
        choices,
        ends,
        2,
        &|tenths| {
            back.apply(Decimal::new(tenths, 1))
                .unwrap()
                .normalize()
                .to_string()
        },
        &unit,
    )
}

fn limit_of_normal(choices: &mut Choices<'_>, fact: &Fact) -> Option<Tree> {
    let range = match &fact.kind {
        Kind::Integer(range) | Kind::Decimal(range) => range.as_ref(),
        Kind::Quantity(measure) => measure.range.as_ref(),
        _ => return None,
    };
    let end = |end: Option<End<Decimal>>| end.and_then(|end| end.value.trunc().to_i64());
    let low = end(range.and_then(|range| range.low)).unwrap_or(0).max(0) + 1;
    let high = end(range.and_then(|range| range.high)).unwrap_or(30);
    let limit = choices.within(low.min(high), high.min(low + 30));
    match &fact.kind {
        Kind::Quantity(measure) => Some(Tree::Text(format!("{limit} {}", measure.unit))),
        _ => Some(Tree::Number(limit.to_string())),
    }
}

/// Nothing, wider bounds, narrower bounds inside them, the number; all within `low..=high`. `write` writes a number.
/// With `strict` of 2 an end may be left out of its bounds.
fn numbers(
    choices: &mut Choices<'_>,
    (low, high): (i64, i64),
    strict: usize,
    write: &dyn Fn(i64) -> String,
    unit: &str,
) -> [Tree; 4] {
    let value = choices.within(low, high);
    let narrow = (
        (value - choices.within(0, 3)).max(low),
        (value + choices.within(0, 3)).min(high),
    );
    let wide = (
        (narrow.0 - choices.within(0, 4)).max(low),
        (narrow.1 + choices.within(0, 4)).min(high),
    );
    let strict = choices.below(strict) == 1;
    let both = |(low, high): (i64, i64)| format!("{}..{}{unit}", write(low), write(high));
    // The narrower ends must be beside the value for the wider ones to be open as well.
    let above = |end: i64| {
        format!(
            "{} {}{unit}",
            if strict && narrow.0 < value {
                ">"
            } else {
                ">="
            },
            write(end)
        )
    };
    let below = |end: i64| {
        format!(
            "{} {}{unit}",
            if strict && narrow.1 > value {
                "<"
            } else {
                "<="
            },
            write(end)
        )
    };
    let (wide, narrow) = match choices.below(5) {
        0 => (both(wide), both(narrow)),
        1 => (above(wide.0), above(narrow.0)),
        2 => (below(wide.1), below(narrow.1)),
        3 => (format!(">= {}{unit}", write(wide.0)), both(narrow)),
        _ => (format!("<= {}{unit}", write(wide.1)), both(narrow)),
    };
    let exact = write(value);
    let exact = if unit.is_empty()
        && exact
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
    {
        Tree::Number(exact)
    } else {
        Tree::Text(format!("{exact}{unit}"))
    };
    [Tree::Absent, Tree::Text(wide), Tree::Text(narrow), exact]
}

fn date_ladder(choices: &mut Choices<'_>, future: bool, today: Date) -> [Tree; 4] {
    let near = choices.chance(1, 2);
    let back = choices.within(if future { -300 } else { 0 }, if near { 45 } else { 900 });
    let on = |back: i64| today - back.days();
    let day = on(back);
    let whole = Tree::Word(day.to_string());
    let (early, late) = (choices.within(0, 20), choices.within(0, 20));
    let (earlier, later) = (early + choices.within(0, 20), late + choices.within(0, 20));
    let both =
        |early: i64, late: i64| Tree::Text(format!("{}..{}", on(back + early), on(back - late)));
    let (wide, narrow) = match choices.below(5) {
        0 | 1 => (
            Tree::Word(format!("{:04}", day.year())),
            Tree::Word(format!("{:04}-{:02}", day.year(), day.month())),
        ),
        2 => (both(earlier, later), both(early, late)),
        3 => (
            Tree::Text(format!(">= {}", on(back + earlier))),
            both(early, late),
        ),
        _ => (
            Tree::Text(format!("<= {}", on(back - later))),
            Tree::Text(format!("<= {}", on(back - late))),
        ),
    };
    [Tree::Absent, wide, narrow, whole]
}

/// A list, and whether it is complete in each state.
fn list(choices: &mut Choices<'_>, kind: &ItemKind, today: Date) -> [(Tree, bool); 3] {
    let items: Vec<(Chain, usize)> = (0..choices.below(4))
        .map(|_| {
            let item = match kind {
                ItemKind::Single(fact) => scalar(choices, fact, today).map(|tree| {
                    if tree == Tree::Absent {
                        Tree::Null
                    } else {
                        tree
                    }
                }),
                ItemKind::Fields(fields) => {
                    let mut maps: [Vec<(String, Tree)>; 3] = [Vec::new(), Vec::new(), Vec::new()];
                    for field in fields {
                        for (map, tree) in maps.iter_mut().zip(scalar(choices, field, today)) {
                            if tree != Tree::Absent {
                                map.push((field.name().to_owned(), tree));
                            }
                        }
                    }
                    maps.map(Tree::Map)
                }
            };
            (item, choices.below(4))
        })
        .collect();
    // Not known, some of them, all of them.
    let states = *choices.pick(&[
        [0, 0, 0],
        [2, 2, 2],
        [0, 1, 2],
        [0, 2, 2],
        [1, 1, 1],
        [1, 1, 2],
        [1, 2, 2],
        [2, 2, 2],
    ]);
    let unknown = match choices.below(3) {
        1 => Tree::Map(vec![("missing".into(), Tree::Word("not_asked".into()))]),
        2 => Tree::Word("unknown".into()),
        _ => Tree::Absent,
    };
    let mut position = 0;
    states.map(|state| {
        let at = position;
        position += 1;
        let listed = |all: bool| {
            Tree::List(
                items
                    .iter()
                    .filter(|(_, from)| all || at >= *from)
                    .map(|(item, _)| item[at].clone())
                    .collect(),
            )
        };
        match state {
            0 => (unknown.clone(), true),
            1 => (listed(false), false),
            _ => (listed(true), true),
        }
    })
}

/// The tree with the keys of every map in another order.
pub fn shuffled(choices: &mut Choices<'_>, tree: &Tree) -> Tree {
    match tree {
        Tree::Map(entries) => {
            let mut entries: Vec<(String, Tree)> = entries
                .iter()
                .map(|(key, tree)| (key.clone(), shuffled(choices, tree)))
                .collect();
            choices.shuffle(&mut entries);
            Tree::Map(entries)
        }
        Tree::List(items) => Tree::List(items.iter().map(|item| shuffled(choices, item)).collect()),
        other => other.clone(),
    }
}

/// As YAML: maps of maps in blocks, everything else in one line.
pub fn yaml(tree: &Tree) -> String {
    let mut out = String::new();
    match tree {
        Tree::Map(entries) => block(entries, 0, &mut out),
        other => out = flow(other),
    }
    out
}

fn block(entries: &[(String, Tree)], indent: usize, out: &mut String) {
    for (key, tree) in entries {
        out.push_str(&" ".repeat(indent));
        out.push_str(key);
        match tree {
            Tree::Map(inner) if inner.iter().any(|(_, tree)| matches!(tree, Tree::Map(_))) => {
                out.push_str(":\n");
                block(inner, indent + 2, out);
            }
            other => {
                out.push_str(": ");
                out.push_str(&flow(other));
                out.push('\n');
            }
        }
    }
}

fn flow(tree: &Tree) -> String {
    match tree {
        Tree::Absent | Tree::Null => "null".to_owned(),
        Tree::Boolean(true) => "yes".to_owned(),
        Tree::Boolean(false) => "no".to_owned(),
        Tree::Number(text) | Tree::Word(text) => text.clone(),
        Tree::Text(text) => quoted(text),
        Tree::List(items) => format!(
            "[{}]",
            items.iter().map(flow).collect::<Vec<_>>().join(", ")
        ),
        Tree::Map(entries) => format!(
            "{{ {} }}",
            entries
                .iter()
                .map(|(key, tree)| format!("{key}: {}", flow(tree)))
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}

/// As JSON.
pub fn json(tree: &Tree) -> String {
    match tree {
        Tree::Absent | Tree::Null => "null".to_owned(),
        Tree::Boolean(value) => value.to_string(),
        Tree::Number(text) => text.clone(),
        Tree::Word(text) | Tree::Text(text) => quoted(text),
        Tree::List(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(",")),
        Tree::Map(entries) => {
            format!(
                "{{{}}}",
                entries
                    .iter()
                    .map(|(key, tree)| format!("{}: {}", quoted(key), json(tree)))
                    .collect::<Vec<_>>()
                    .join(",\n")
            )
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}
