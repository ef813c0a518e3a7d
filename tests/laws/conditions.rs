//! Well-typed conditions over a small set of facts of every kind, written as an author would write them.

use std::sync::OnceLock;

use eligo::trial::Trial;

use crate::choices::Choices;
use crate::support::compile;

/// A trial file with facts of every kind, and definitions, but no criteria.
pub const EVERY_KIND: &str = "
format: eligo/trial/1
trial: { id: T1, title: Every kind of fact }
facts:
  birth_date: { type: date, label: Born }
  a: { type: boolean, label: A }
  b: { type: boolean, label: B }
  c: { type: boolean, label: C }
  n: { type: integer, label: N }
  m: { type: integer, label: M, range: 0..5 }
  x: { type: decimal, label: X }
  y: { type: decimal, label: Y }
  p: { type: quantity, label: P, unit: '%', range: 0..100 }
  hb: { type: quantity, label: Hb, unit: g/dL, units: { g/L: 0.1 }, range: 0..30 }
  w: { type: quantity, label: W, unit: kg, units: [g], range: 1..200 }
  l: { type: quantity, label: L, unit: cm, units: { m: }, range: 10..200 }
  plt: { type: quantity, label: Plt, unit: 10*9/L, units: [/uL, /mm3] }
  share: { type: quantity, label: Share, unit: '%', units: { '1': 100, permille: 0.1 } }
  d: { type: date, label: D }
  e: { type: date, label: E }
  f: { type: date, label: F, future: true }
  t: { type: duration, label: T }
  u: { type: duration, label: U }
  k: { type: code, label: K, values: { red: red, green: green, blue: blue, murky: { label: murky, unclear: true }, dull: { label: dull, unclear: true } } }
  j: { type: code, label: J, values: { red: red, green: green, blue: blue, murky: { label: murky, unclear: true }, dull: { label: dull, unclear: true } } }
  s: { type: text, label: S }
  tags: { type: list, label: Tags, item: { type: code, values: { red: red, green: green, blue: blue, murky: { label: murky, unclear: true }, dull: { label: dull, unclear: true } } } }
  nums: { type: list, label: Nums, item: { type: integer, range: -5..5 } }
  visits: { type: list, label: Visits, item: { type: date } }
  lines:
    type: list
    label: Lines
    item:
      kind: { type: code, values: { red: red, green: green, blue: blue, murky: { label: murky, unclear: true }, dull: { label: dull, unclear: true } } }
      count: { type: integer, range: 0..6 }
      size: { type: quantity, unit: '%', range: 0..100 }
      date: { type: date }
      done: { type: boolean }
      lasted: { type: duration }
define:
  either: { is: a or b }
  newest: { is: Last(lines Z where Z.done sort by date) }
  newest_kind: { is: newest.kind }
  total: { is: n + m }
criteria:
";

/// A trial whose facts are of every kind, and which asks for nothing.
pub fn every_kind() -> &'static Trial {
    static TRIAL: OnceLock<Trial> = OnceLock::new();
    TRIAL.get_or_init(|| {
        compile(&format!(
            "{EVERY_KIND}  inclusion:\n    - {{ id: I1, title: One, text: One, require: a }}\n"
        ))
    })
}

/// What conditions may do beside what they always may.
#[derive(Clone, Copy, Default)]
pub struct Allowed {
    /// Compare two codes of the record with each other.
    pub code_pairs: bool,
    /// Compute what may exceed the largest number or the calendar.
    pub overflow: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Element {
    Colour,
    Number,
    Date,
    Line,
}

/// Writes one condition.
pub fn condition(choices: &mut Choices<'_>, allowed: Allowed, depth: usize) -> String {
    Author {
        choices,
        allowed,
        aliases: Vec::new(),
    }
    .truth(depth)
}

struct Author<'c, 'n> {
    choices: &'c mut Choices<'n>,
    allowed: Allowed,
    aliases: Vec<(String, Element)>,
}

impl Author<'_, '_> {
    fn alias(&mut self, wanted: &[Element]) -> Option<(String, Element)> {
        let fitting: Vec<(String, Element)> = self
            .aliases
            .iter()
            .filter(|(_, element)| wanted.contains(element))
            .cloned()
            .collect();
        if fitting.is_empty() || self.choices.chance(1, 4) {
            None
        } else {
            Some(self.choices.pick(&fitting).clone())
        }
    }

    /// A term: an alias's own value or field where there is one, else a fact.
    fn leaf(&mut self, own: Option<Element>, field: &str, facts: &[&str]) -> String {
        let wanted: Vec<Element> = own.into_iter().chain(Some(Element::Line)).collect();
        match self.alias(&wanted) {
            Some((alias, Element::Line)) => format!("{alias}.{field}"),
            Some((alias, _)) => alias,
            None => (*self.choices.pick(facts)).to_owned(),
        }
    }

    fn truth(&mut self, depth: usize) -> String {
        if depth == 0 {
            return match self.choices.below(6) {
                0 => self.leaf(None, "done", &["a", "b", "c", "either"]),
                1 => format!(
                    "{} = {}",
                    self.leaf(Some(Element::Colour), "kind", &["k", "j", "newest_kind"]),
                    self.colour_literal()
                ),
                2 => format!(
                    "{} {} {}",
                    self.number_leaf(),
                    self.order(),
                    self.choices.within(-3, 6)
                ),
                3 => {
                    let duration = self.duration_literal();
                    format!(
                        "{} {} {duration}",
                        self.leaf(None, "lasted", &["t", "u"]),
                        self.order()
                    )
                }
                4 => format!(
                    "{} {} {}",
                    self.leaf(Some(Element::Date), "date", &["d", "e"]),
                    self.timing(),
                    self.date_literal()
                ),
                _ => (*self.choices.pick(&["true", "false", "null"])).to_owned(),
            };
        }
        let depth = depth - 1;
        match self.choices.below(27) {
            0 => self.truth(0),
            24 | 25 => format!("({})", self.converted(depth)),
            1 | 2 => format!("({} and {})", self.truth(depth), self.truth(depth)),
            3 | 4 => format!("({} or {})", self.truth(depth), self.truth(depth)),
            5 => format!("({} xor {})", self.truth(depth), self.truth(depth)),
            6 => format!("({} implies {})", self.truth(depth), self.truth(depth)),
            7 => format!("not ({})", self.truth(depth)),
            8 => format!(
                "(if {} then {} else {})",
                self.truth(depth),
                self.truth(depth),
                self.truth(depth)
            ),
            9 => format!(
                "({} {} {})",
                self.number(depth),
                self.comparison(),
                self.number(depth)
            ),
            10 => format!(
                "({} {} {})",
                self.percent(depth),
                self.comparison(),
                self.percent(depth)
            ),
            11 => format!("(hb {} {})", self.comparison(), self.haemoglobin()),
            12 => format!(
                "({} {} {})",
                self.duration(depth),
                self.comparison(),
                self.duration(depth)
            ),
            13 => format!(
                "({} {} {})",
                self.date(depth),
                self.comparison(),
                self.date(depth)
            ),
            14 | 15 => format!(
                "({} {} {})",
                self.date(depth),
                self.timing(),
                self.date(depth)
            ),
            16 => self.colours(depth),
            17 => self.membership(depth),
            18 => self.range(depth),
            19 | 20 => format!("exists ({})", self.list(depth)),
            21 => {
                let lines = self.query(Element::Line, depth, |author, depth| author.truth(depth));
                format!("{}({lines})", self.choices.pick(&["AllTrue", "AnyTrue"]))
            }
            22 => {
                let (when, otherwise) = (self.truth(depth), self.truth(depth));
                let (first, second) = (self.truth(depth), self.truth(0));
                format!(
                    "(case when {when} then {first} when {otherwise} then {second} else {} end)",
                    self.truth(0)
                )
            }
            _ => {
                let line = self.foremost_line(depth);
                format!("{line}.done")
            }
        }
    }

    fn order(&mut self) -> &'static str {
        self.choices.pick::<&'static str>(&["<=", ">=", "<", ">"])
    }

    fn comparison(&mut self) -> &'static str {
        self.choices
            .pick::<&'static str>(&["<=", ">=", "<", ">", "=", "!="])
    }

    fn number_leaf(&mut self) -> String {
        self.leaf(
            Some(Element::Number),
            "count",
            &["n", "m", "x", "y", "n.uln", "total"],
        )
    }

    fn number(&mut self, depth: usize) -> String {
        if depth == 0 {
            return match self.choices.below(3) {
                0 => self.choices.within(-4, 7).to_string(),
                1 => self.number_leaf(),
                _ => format!("{}.{}", self.choices.below(5), self.choices.below(10)),
            };
        }
        let depth = depth - 1;
        match self.choices.below(17) {
            0 => self.number(0),
            1 => format!("({} + {})", self.number(depth), self.number(depth)),
            2 => format!("({} - {})", self.number(depth), self.number(depth)),
            3 => format!("({} * {})", self.number(depth), self.number(depth)),
            4 => format!("({} / {})", self.number(depth), self.number(depth)),
            5 => format!(
                "({} {} {})",
                self.number(depth),
                self.choices.pick(&["div", "mod"]),
                self.number(depth)
            ),
            6 => format!("-({})", self.number(depth)),
            7 => format!(
                "{}({})",
                self.choices
                    .pick(&["Abs", "Round", "Ceiling", "Floor", "Truncate"]),
                self.number(depth)
            ),
            8 => {
                let argument = if self.allowed.overflow {
                    self.number(depth)
                } else {
                    self.number_leaf()
                };
                match self.choices.below(5) {
                    0 => format!("Exp({argument})"),
                    1 => format!("Ln({argument})"),
                    2 => format!("Log({argument}, 2)"),
                    3 => format!("({argument} ^ 2)"),
                    _ => format!("Round({argument}, 1)"),
                }
            }
            9 => {
                let list = self.list(depth);
                format!("Count({list})")
            }
            10 | 11 => {
                let list = self.numbers(depth);
                format!(
                    "{}({list})",
                    self.choices
                        .pick(&["Sum", "Min", "Max", "Avg", "Median", "First", "Last"])
                )
            }
            12 => {
                let line = self.foremost_line(depth);
                format!("{line}.count")
            }
            13 => format!(
                "(if {} then {} else {})",
                self.truth(depth),
                self.number(depth),
                self.number(depth)
            ),
            14 => (*self
                .choices
                .pick(&["AgeInYears()", "AgeInMonths()", "AgeInYearsAt(d)"]))
            .to_owned(),
            15 => {
                let unit = *self.choices.pick(&["years", "months", "weeks", "days"]);
                let how = *self.choices.pick(&["", "difference in "]);
                format!(
                    "({how}{unit} between {} and {})",
                    self.date(depth),
                    self.date(depth)
                )
            }
            _ => format!("({} / {})", self.percent(depth), self.percent(0)),
        }
    }

    fn percent(&mut self, depth: usize) -> String {
        match self.choices.below(if depth == 0 { 2 } else { 7 }) {
            0 => self.leaf(None, "size", &["p", "p.uln"]),
            1 => format!("{} '%'", self.choices.within(0, 100)),
            2 => format!(
                "({} {} {})",
                self.percent(depth - 1),
                self.choices.pick(&["+", "-"]),
                self.percent(depth - 1)
            ),
            3 => format!("({} * {})", self.percent(depth - 1), self.number(depth - 1)),
            4 => format!(
                "(if {} then {} else {})",
                self.truth(depth - 1),
                self.percent(0),
                self.percent(0)
            ),
            5 => {
                let sizes = self.query(Element::Line, depth - 1, |author, _| author.percent(0));
                format!(
                    "{}({sizes})",
                    self.choices.pick(&["Sum", "Min", "Max", "Avg", "Median"])
                )
            }
            _ => {
                let line = self.foremost_line(depth - 1);
                format!("{line}.size")
            }
        }
    }

    /// A comparison in which units must be converted, or are derived.
    fn converted(&mut self, depth: usize) -> String {
        let (order, number) = (self.comparison(), self.number(depth.min(1)));
        match self.choices.below(11) {
            0 => format!("w {order} {} 'g'", self.choices.within(0, 200) * 1000),
            1 => format!("w {order} {} '[lb_av]'", self.choices.within(0, 400)),
            2 => format!("plt {order} {} '/uL'", self.choices.within(0, 400) * 1000),
            3 => format!("p {order} 0.{} '1'", self.choices.below(10)),
            4 => format!("share {order} p"),
            5 => format!("hb {order} 0.{} 'kg/L'", self.choices.below(4)),
            6 => format!("w / (l * l) {order} {} 'kg/m2'", self.choices.within(1, 40)),
            7 => format!("w / 1 'g' {order} {}", self.choices.within(0, 200) * 1000),
            8 => format!("{number} / l {order} 0.0{} '/mm'", self.choices.below(10)),
            9 => format!(
                "l between {} 'm' and w / 1 'kg' * 1 'cm'",
                self.choices.below(3)
            ),
            _ => format!("l / 2 'm' + {number} {order} +{number}"),
        }
    }

    fn haemoglobin(&mut self) -> String {
        match self.choices.below(4) {
            0 => "hb".to_owned(),
            1 => format!("{} 'g/dL'", self.choices.within(0, 20)),
            2 => format!("{} 'g/L'", self.choices.within(0, 200)),
            _ => format!("(hb * {})", self.choices.within(-2, 3)),
        }
    }

    fn duration_literal(&mut self) -> String {
        let unit = *self.choices.pick(&["months", "days", "weeks", "years"]);
        let most = match unit {
            "days" => 120,
            "weeks" => 20,
            "years" => 3,
            _ => 14,
        };
        format!("{} {unit}", self.choices.within(0, most))
    }

    fn duration(&mut self, depth: usize) -> String {
        match self.choices.below(if depth == 0 { 2 } else { 4 }) {
            0 => self.leaf(None, "lasted", &["t", "u"]),
            1 => self.duration_literal(),
            2 => format!(
                "(if {} then {} else {})",
                self.truth(depth - 1),
                self.duration(0),
                self.duration(0)
            ),
            _ => {
                let list = self.query(Element::Line, depth - 1, |author, _| {
                    author.leaf(None, "lasted", &["t"])
                });
                format!("{}({list})", self.choices.pick(&["Min", "Max"]))
            }
        }
    }

    fn date_literal(&mut self) -> String {
        match self.choices.below(4) {
            0 => "Today()".to_owned(),
            1 => format!("@2026-{:02}", self.choices.within(1, 12)),
            2 => format!("@202{}", self.choices.within(4, 6)),
            _ => format!(
                "@202{}-{:02}-{:02}",
                self.choices.within(5, 6),
                self.choices.within(1, 12),
                self.choices.within(1, 28)
            ),
        }
    }

    fn date(&mut self, depth: usize) -> String {
        match self.choices.below(if depth == 0 { 3 } else { 8 }) {
            0 => self.leaf(Some(Element::Date), "date", &["d", "e", "f", "birth_date"]),
            1 => self.date_literal(),
            2 => (*self.choices.pick(&["n.date", "k.date", "lines.date"])).to_owned(),
            3 | 4 => {
                let duration = if self.choices.chance(1, 2) {
                    self.leaf(None, "lasted", &["t", "u"])
                } else {
                    self.duration_literal()
                };
                format!(
                    "({} {} {duration})",
                    self.date(depth - 1),
                    self.choices.pick(&["+", "-"])
                )
            }
            5 => {
                let list = self.dates(depth - 1);
                format!(
                    "{}({list})",
                    self.choices.pick(&["Min", "Max", "First", "Last"])
                )
            }
            6 => {
                let line = self.foremost_line(depth - 1);
                format!("{line}.date")
            }
            _ => format!(
                "(if {} then {} else {})",
                self.truth(depth - 1),
                self.date(0),
                self.date(0)
            ),
        }
    }

    fn timing(&mut self) -> String {
        let direction = *self.choices.pick(&["before", "after"]);
        let duration = self.duration_literal();
        match self.choices.below(13) {
            0 => direction.to_owned(),
            1 => format!("on or {direction}"),
            2 => format!("{direction} or on"),
            3 => "same day as".to_owned(),
            4 => format!("same day or {direction}"),
            5 => format!("within {duration} of"),
            6 => format!("{duration} {direction}"),
            7 => format!("{duration} or more {direction}"),
            8 => format!("{duration} or less {direction}"),
            9 => format!("{duration} or less on or {direction}"),
            10 => format!("more than {duration} {direction}"),
            11 => format!("less than {duration} {direction}"),
            _ => format!("occurs within {duration} of"),
        }
    }

    fn colour_literal(&mut self) -> String {
        let names: &[&str] = &["'red'", "'green'", "'blue'"];
        (*self.choices.pick(names)).to_owned()
    }

    fn colour(&mut self, depth: usize) -> String {
        match self.choices.below(if depth == 0 { 1 } else { 5 }) {
            0 => self.leaf(
                Some(Element::Colour),
                "kind",
                &["k", "j", "newest_kind", "newest.kind"],
            ),
            1 => format!(
                "(if {} then {} else {})",
                self.truth(depth - 1),
                self.colour(0),
                self.colour_literal()
            ),
            2 => format!("{}(tags)", self.choices.pick(&["First", "Last"])),
            3 => {
                let tags = self.query(Element::Colour, depth - 1, |author, _| author.colour(0));
                format!("{}({tags})", self.choices.pick(&["First", "Last"]))
            }
            _ => {
                let line = self.foremost_line(depth - 1);
                format!("{line}.kind")
            }
        }
    }

    fn colours(&mut self, depth: usize) -> String {
        let left = self.colour(depth);
        match self.choices.below(4) {
            0 => format!("({left} = {})", self.colour_literal()),
            1 => format!("({left} != {})", self.colour_literal()),
            2 if self.allowed.code_pairs => format!(
                "({left} {} {})",
                self.choices.pick(&["=", "!="]),
                self.colour(depth)
            ),
            2 => format!(
                "(case {left} when {} then {} else {} end)",
                self.colour_literal(),
                self.truth(0),
                self.truth(0)
            ),
            _ => format!(
                "({left} in {{ {}, {} }})",
                self.colour_literal(),
                self.colour_literal()
            ),
        }
    }

    fn membership(&mut self, depth: usize) -> String {
        match self.choices.below(7) {
            0 => format!("({} in tags)", self.colour_literal()),
            1 => format!("(tags contains {})", self.colour_literal()),
            2 => format!(
                "({} in {{ {}, {} }})",
                self.number(depth),
                self.number(0),
                self.number(depth)
            ),
            3 => {
                let list = self.numbers(depth);
                format!("({} in {list})", self.number(0))
            }
            4 => {
                let list = self.dates(depth);
                format!("({} in {list})", self.date(0))
            }
            5 => {
                let kinds = self.query(Element::Line, depth, |author, _| author.colour(0));
                format!("({} in {kinds})", self.colour_literal())
            }
            _ => format!(
                "({} in {{ {}, {} }})",
                self.percent(depth),
                self.percent(0),
                self.percent(0)
            ),
        }
    }

    fn range(&mut self, depth: usize) -> String {
        match self.choices.below(5) {
            0 => format!(
                "({} between {} and {})",
                self.number(depth),
                self.number(0),
                self.number(0)
            ),
            1 => {
                let (open, close) = (
                    *self.choices.pick(&["[", "("]),
                    *self.choices.pick(&["]", ")"]),
                );
                // An interval that is empty as it is written is refused; one that is computed may come out so.
                format!(
                    "({} in Interval{open}{}, {} + 0{close})",
                    self.number(depth),
                    self.number(0),
                    self.number(0)
                )
            }
            2 => format!(
                "({} between {} and {})",
                self.date(depth),
                self.date(0),
                self.date(0)
            ),
            3 => format!(
                "({} between {} and {})",
                self.percent(depth),
                self.percent(0),
                self.percent(0)
            ),
            _ => format!(
                "({} between {} and {})",
                self.duration(depth),
                self.duration(0),
                self.duration(0)
            ),
        }
    }

    /// Any list.
    fn list(&mut self, depth: usize) -> String {
        match self.choices.below(5) {
            0 => (*self.choices.pick(&["lines", "tags", "nums", "visits"])).to_owned(),
            1 => self.filtered(Element::Colour, depth),
            2 => self.numbers(depth),
            _ => self.filtered(Element::Line, depth),
        }
    }

    fn numbers(&mut self, depth: usize) -> String {
        match self.choices.below(4) {
            0 => "nums".to_owned(),
            1 => self.filtered(Element::Number, depth),
            2 => format!("{{ {}, {} }}", self.number(0), self.number(0)),
            _ => self.query(Element::Line, depth, |author, _| author.number(0)),
        }
    }

    fn dates(&mut self, depth: usize) -> String {
        match self.choices.below(4) {
            0 => "visits".to_owned(),
            1 => self.filtered(Element::Date, depth),
            2 => format!("{{ {}, {} }}", self.date(0), self.date(0)),
            _ => self.query(Element::Line, depth, |author, _| {
                author.leaf(None, "date", &["d", "e"])
            }),
        }
    }

    fn named(element: Element) -> &'static str {
        match element {
            Element::Colour => "tags",
            Element::Number => "nums",
            Element::Date => "visits",
            Element::Line => "lines",
        }
    }

    fn begin(&mut self, element: Element) -> String {
        let alias = format!(
            "{}{}",
            ["C", "N", "D", "L"][element as usize],
            self.aliases.len()
        );
        self.aliases.push((alias.clone(), element));
        alias
    }

    fn condition(&mut self, depth: usize) -> String {
        if self.choices.chance(3, 4) {
            format!(" where {}", self.truth(depth.min(2)))
        } else {
            String::new()
        }
    }

    /// Elements of a list that the record states.
    fn filtered(&mut self, element: Element, depth: usize) -> String {
        let alias = self.begin(element);
        let condition = self.condition(depth);
        self.aliases.pop();
        format!("({} {alias}{condition})", Self::named(element))
    }

    /// What a query makes of each element.
    fn query(
        &mut self,
        element: Element,
        depth: usize,
        result: impl FnOnce(&mut Self, usize) -> String,
    ) -> String {
        let alias = self.begin(element);
        let condition = self.condition(depth);
        let result = result(self, depth.min(1));
        self.aliases.pop();
        format!(
            "({} {alias}{condition} return {result})",
            Self::named(element)
        )
    }

    /// The first or last line, by a field or as listed.
    fn foremost_line(&mut self, depth: usize) -> String {
        let alias = self.begin(Element::Line);
        let condition = self.condition(depth);
        self.aliases.pop();
        let sort = match self.choices.below(6) {
            0 => "",
            1 | 2 => " sort by date",
            3 => " sort by date desc",
            4 => " sort by count",
            _ => " sort by lasted descending",
        };
        format!(
            "{}((lines {alias}{condition}{sort}))",
            self.choices.pick(&["Last", "First"])
        )
    }
}
