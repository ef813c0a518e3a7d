//! What the evaluator decides, every way to complete the record confirms; and on a complete record it computes what
//! a few lines of plain Rust compute.

use eligo::entry::Entry;
use eligo::partition::Explorer;
use eligo::record::Record;
use eligo::trial::Trial;
use eligo::value::bounds::End;
use eligo::value::{Bounds, Code, Missing, Truth, Value};
use rust_decimal::Decimal;

use crate::choices::{Choices, hold};
use crate::conditions::every_kind;
use crate::information::{rule, truth};
use crate::support::TODAY;

#[derive(Debug, Clone)]
enum Condition {
    Constant(bool),
    Fact(usize),
    Colour(usize, bool),
    Colours(Vec<usize>),
    Not(Box<Condition>),
    Joined(&'static str, Box<Condition>, Box<Condition>),
    Chosen(Box<Condition>, Box<Condition>, Box<Condition>),
    Compared(&'static str, Number, Number),
    Between(Number, Number, Number),
    Among(Number, Vec<Number>),
}

#[derive(Debug, Clone)]
enum Number {
    Literal(i64),
    Fact(usize),
    Computed(&'static str, Box<Number>, Box<Number>),
    Chosen(Box<Condition>, Box<Number>, Box<Number>),
    Median([Box<Number>; 3]),
}

/// One way that everything may be: three booleans, two numbers from 0 to 3, one of three colours.
#[derive(Debug, Clone, Copy)]
struct World {
    booleans: [bool; 3],
    numbers: [i64; 2],
    colour: usize,
}

const BOOLEANS: [&str; 3] = ["a", "b", "c"];
const NUMBERS: [&str; 2] = ["n", "m"];
const COLOURS: [&str; 3] = ["red", "green", "blue"];

impl Condition {
    fn any(choices: &mut Choices<'_>, depth: usize) -> Self {
        if depth == 0 {
            return match choices.below(4) {
                0 => Self::Fact(choices.below(3)),
                1 => Self::Colour(choices.below(3), choices.chance(1, 2)),
                2 => Self::Compared(
                    relation(choices),
                    Number::Fact(choices.below(2)),
                    Number::Literal(choices.within(0, 3)),
                ),
                _ => Self::Constant(choices.chance(1, 2)),
            };
        }
        let depth = depth - 1;
        let below = |choices: &mut Choices<'_>| Box::new(Self::any(choices, depth));
        match choices.below(9) {
            0 => Self::any(choices, 0),
            1 | 2 => Self::Joined(
                choices.pick::<&'static str>(&["and", "or"]),
                below(choices),
                below(choices),
            ),
            3 => Self::Joined(
                choices.pick::<&'static str>(&["xor", "implies"]),
                below(choices),
                below(choices),
            ),
            4 => Self::Not(below(choices)),
            5 => Self::Chosen(below(choices), below(choices), below(choices)),
            6 => Self::Compared(
                relation(choices),
                Number::any(choices, depth),
                Number::any(choices, depth),
            ),
            7 => Self::Between(
                Number::any(choices, depth),
                Number::any(choices, 0),
                Number::any(choices, 0),
            ),
            _ if choices.chance(1, 2) => {
                Self::Colours((0..=choices.below(2)).map(|_| choices.below(3)).collect())
            }
            _ => Self::Among(
                Number::any(choices, depth),
                (0..=choices.below(3))
                    .map(|_| Number::any(choices, 0))
                    .collect(),
            ),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Constant(value) => value.to_string(),
            Self::Fact(index) => BOOLEANS[*index].to_owned(),
            Self::Colour(index, equal) => format!(
                "k {} '{}'",
                if *equal { "=" } else { "!=" },
                COLOURS[*index]
            ),
            Self::Colours(some) => {
                format!(
                    "(k in {{ {} }})",
                    some.iter()
                        .map(|index| format!("'{}'", COLOURS[*index]))
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            }
            Self::Not(inner) => format!("not ({})", inner.text()),
            Self::Joined(word, left, right) => {
                format!("(({}) {word} ({}))", left.text(), right.text())
            }
            Self::Chosen(condition, yes, no) => format!(
                "(if {} then {} else {})",
                condition.text(),
                yes.text(),
                no.text()
            ),
            Self::Compared(relation, left, right) => {
                format!("({} {relation} {})", left.text(), right.text())
            }
            Self::Between(value, low, high) => format!(
                "({} between {} and {})",
                value.text(),
                low.text(),
                high.text()
            ),
            Self::Among(value, some) => format!(
                "({} in {{ {} }})",
                value.text(),
                some.iter().map(Number::text).collect::<Vec<_>>().join(", ")
            ),
        }
    }

    fn holds(&self, world: &World) -> bool {
        match self {
            Self::Constant(value) => *value,
            Self::Fact(index) => world.booleans[*index],
            Self::Colour(index, equal) => (world.colour == *index) == *equal,
            Self::Colours(some) => some.contains(&world.colour),
            Self::Not(inner) => !inner.holds(world),
            Self::Joined(word, left, right) => {
                let (left, right) = (left.holds(world), right.holds(world));
                match *word {
                    "and" => left && right,
                    "or" => left || right,
                    "xor" => left != right,
                    _ => !left || right,
                }
            }
            Self::Chosen(condition, yes, no) => {
                if condition.holds(world) { yes } else { no }.holds(world)
            }
            Self::Compared(relation, left, right) => {
                let (left, right) = (left.value(world), right.value(world));
                match *relation {
                    "=" => left == right,
                    "!=" => left != right,
                    "<" => left < right,
                    "<=" => left <= right,
                    ">" => left > right,
                    _ => left >= right,
                }
            }
            Self::Between(value, low, high) => {
                (low.value(world)..=high.value(world)).contains(&value.value(world))
            }
            Self::Among(value, some) => some
                .iter()
                .any(|one| one.value(world) == value.value(world)),
        }
    }
}

fn relation(choices: &mut Choices<'_>) -> &'static str {
    choices.pick::<&'static str>(&["=", "!=", "<", "<=", ">", ">="])
}

impl Number {
    fn any(choices: &mut Choices<'_>, depth: usize) -> Self {
        match choices.below(if depth == 0 { 2 } else { 7 }) {
            0 => Self::Fact(choices.below(2)),
            1 => Self::Literal(choices.within(0, 4)),
            2..=4 => {
                let operator = choices.pick::<&'static str>(&["+", "-", "*"]);
                Self::Computed(
                    operator,
                    Box::new(Self::any(choices, depth - 1)),
                    Box::new(Self::any(choices, depth - 1)),
                )
            }
            5 => Self::Median([(); 3].map(|()| Box::new(Self::any(choices, depth - 1)))),
            _ => Self::Chosen(
                Box::new(Condition::any(choices, depth - 1)),
                Box::new(Self::any(choices, depth - 1)),
                Box::new(Self::any(choices, depth - 1)),
            ),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Literal(value) => value.to_string(),
            Self::Fact(index) => NUMBERS[*index].to_owned(),
            Self::Computed(operator, left, right) => {
                format!("({} {operator} {})", left.text(), right.text())
            }
            Self::Chosen(condition, yes, no) => format!(
                "(if {} then {} else {})",
                condition.text(),
                yes.text(),
                no.text()
            ),
            Self::Median(some) => {
                format!(
                    "Median({{ {} }})",
                    some.each_ref().map(|one| one.text()).join(", ")
                )
            }
        }
    }

    fn value(&self, world: &World) -> i64 {
        match self {
            Self::Literal(value) => *value,
            Self::Fact(index) => world.numbers[*index],
            Self::Computed(operator, left, right) => {
                let (left, right) = (left.value(world), right.value(world));
                match *operator {
                    "+" => left + right,
                    "-" => left - right,
                    _ => left * right,
                }
            }
            Self::Chosen(condition, yes, no) => {
                if condition.holds(world) { yes } else { no }.value(world)
            }
            Self::Median(some) => {
                let mut values = some.each_ref().map(|one| one.value(world));
                values.sort_unstable();
                values[1]
            }
        }
    }
}

/// Every world.
fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for bits in 0..8 {
        for n in 0..4 {
            for m in 0..4 {
                for colour in 0..3 {
                    worlds.push(World {
                        booleans: [bits & 1 > 0, bits & 2 > 0, bits & 4 > 0],
                        numbers: [n, m],
                        colour,
                    });
                }
            }
        }
    }
    worlds
}

/// What is known of a world, beginning with all of it.
#[derive(Debug, Clone, Copy)]
struct Knowledge {
    booleans: [Option<bool>; 3],
    numbers: [(i64, i64); 2],
    colour: Option<usize>,
}

impl Knowledge {
    fn of(world: &World) -> Self {
        Self {
            booleans: world.booleans.map(Some),
            numbers: world.numbers.map(|number| (number, number)),
            colour: Some(world.colour),
        }
    }

    fn some(choices: &mut Choices<'_>) -> Self {
        let boolean = |choices: &mut Choices<'_>| *choices.pick(&[None, Some(true), Some(false)]);
        let number = |choices: &mut Choices<'_>| {
            let low = choices.within(0, 3);
            (low, choices.within(low, 3))
        };
        Self {
            booleans: [boolean(choices), boolean(choices), boolean(choices)],
            numbers: [number(choices), number(choices)],
            colour: *choices.pick(&[None, Some(0), Some(1), Some(2)]),
        }
    }

    fn admits(&self, world: &World) -> bool {
        self.booleans
            .iter()
            .zip(world.booleans)
            .all(|(known, value)| known.is_none_or(|known| known == value))
            && self
                .numbers
                .iter()
                .zip(world.numbers)
                .all(|((low, high), value)| (*low..=*high).contains(&value))
            && self.colour.is_none_or(|known| known == world.colour)
    }

    fn record(&self, trial: &Trial) -> Record {
        let mut entries = vec![Entry::NOT_RECORDED; trial.facts.len()];
        let mut state = |name: &str, value: Value| {
            entries[trial.facts.find(name).unwrap().0] = Entry {
                value,
                evidence: None,
            }
        };
        for (name, known) in BOOLEANS.iter().zip(self.booleans) {
            state(
                name,
                known.map_or(Value::Null(Missing::NotRecorded), Value::Boolean),
            );
        }
        for (name, (low, high)) in NUMBERS.iter().zip(self.numbers) {
            let end = |value: i64| {
                Some(End {
                    value: Decimal::from(value),
                    inclusive: true,
                })
            };
            state(
                name,
                Value::Number(Bounds {
                    low: end(low),
                    high: end(high),
                }),
            );
        }
        let unclear = Value::Code(Code {
            index: 3,
            unclear: true,
        });
        state(
            "k",
            self.colour.map_or(unclear, |colour| {
                Value::Code(Code {
                    index: colour as u16,
                    unclear: false,
                })
            }),
        );
        Record {
            candidate: None,
            screened_on: TODAY,
            is_dated: true,
            note: None,
            entries,
        }
    }
}

#[test]
fn a_complete_record_gives_what_plain_rust_gives() {
    let trial = every_kind();
    let worlds = worlds();
    hold(1_500, 21, 120, |choices| {
        let condition = Condition::any(choices, 3);
        let text = condition.text();
        let rule = rule(trial, &text)?;
        for _ in 0..8 {
            let world = choices.pick(&worlds);
            let found = truth(trial, &Knowledge::of(world).record(trial), &rule);
            if found != Truth::from(condition.holds(world)) {
                return Err(format!("{text}\nis {found:?} for {world:?}"));
            }
        }
        Ok(())
    });
}

#[test]
fn what_is_decided_holds_in_every_completion() {
    let trial = every_kind();
    let worlds = worlds();
    hold(1_500, 22, 120, |choices| {
        let condition = Condition::any(choices, 3);
        let text = condition.text();
        let rule = rule(trial, &text)?;
        for _ in 0..4 {
            let known = Knowledge::some(choices);
            let found = truth(trial, &known.record(trial), &rule);
            let wrong = worlds.iter().find(|world| {
                known.admits(world)
                    && found.is_decided()
                    && Truth::from(condition.holds(world)) != found
            });
            if let Some(world) = wrong {
                return Err(format!(
                    "{text}\nis {found:?} for {known:?}, but not for {world:?}"
                ));
            }
        }
        Ok(())
    });
}

/// The tables of strong Kleene logic, through expressions.
#[test]
fn what_the_lints_call_constant_is_so_in_every_world() {
    let trial = every_kind();
    let worlds = worlds();
    let claims = std::cell::Cell::new([0_usize; 2]);
    hold(1_500, 24, 120, |choices| {
        let condition = Condition::any(choices, 3);
        let text = condition.text();
        let claim = match Explorer::new(trial).range(&rule(trial, &text)?).only() {
            None | Some(Truth::Unknown) => return Ok(()),
            Some(Truth::True) => true,
            Some(Truth::False) => false,
        };
        let [holds, fails] = claims.get();
        claims.set(if claim {
            [holds + 1, fails]
        } else {
            [holds, fails + 1]
        });
        match worlds.iter().find(|world| condition.holds(world) != claim) {
            Some(world) => Err(format!(
                "{text}\nis called always {claim}, and is not for {world:?}"
            )),
            None => Ok(()),
        }
    });
    assert!(
        claims.get().iter().all(|count| *count > 20),
        "too few claims to be a test: {claims:?}"
    );
}

#[test]
fn connectives_are_strong_kleene() {
    let trial = every_kind();
    let values = [Some(true), Some(false), None];
    for a in values {
        for b in values {
            let record = Knowledge {
                booleans: [a, b, None],
                numbers: [(0, 3); 2],
                colour: None,
            }
            .record(trial);
            let of = |text: &str| truth(trial, &record, &rule(trial, text).unwrap());
            // A connective is decided exactly where every completion agrees.
            for (text, table) in [
                ("a and b", (|a, b| a && b) as fn(bool, bool) -> bool),
                ("a or b", |a, b| a || b),
                ("a xor b", |a, b| a != b),
                ("a implies b", |a, b| !a || b),
                ("not (a and b)", |a, b| !(a && b)),
                ("not a or not b", |a, b| !(a && b)),
                ("either", |a, b| a || b),
            ] {
                let mut completions = values[..2].iter().flatten().flat_map(|first| {
                    values[..2]
                        .iter()
                        .flatten()
                        .map(move |second| (*first, *second))
                });
                let first_fits = |(first, second): &(bool, bool)| {
                    a.is_none_or(|a| a == *first) && b.is_none_or(|b| b == *second)
                };
                let fitting: Vec<bool> = completions
                    .by_ref()
                    .filter(first_fits)
                    .map(|(first, second)| table(first, second))
                    .collect();
                let expected = if fitting.iter().all(|value| *value == fitting[0]) {
                    Truth::from(fitting[0])
                } else {
                    Truth::Unknown
                };
                assert_eq!(of(text), expected, "{text} for {a:?} and {b:?}");
            }
        }
    }
}
