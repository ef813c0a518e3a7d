//! The lines of a draft for each column.

use std::fmt::Write as _;

use super::dictionary::{Dictionary, Field};
use super::forms::Forms;
use super::matching::{Target, Targets, value_of};
use super::seen::SeenColumn;
use super::{MARK, quoted};
use crate::facts::{ItemKind, Kind, Measure};

/// Writes columns one after the other.
pub(super) struct Writer<'d> {
    pub targets: &'d Targets,
    pub dictionary: &'d Dictionary,
    pub forms: &'d Forms,
    pub out: String,
}

impl Writer<'_> {
    /// Writes what a column may hold.
    pub fn column(&mut self, column: &SeenColumn) {
        self.out.push('\n');
        column.comment("  ", &mut self.out);
        if let Some((field, means)) = self.dictionary.checkbox(&column.name) {
            return self.checkbox(column, field, means);
        }
        let field = self.dictionary.field(&column.name);
        let (bare, unit) = without_unit(&column.name);
        let label = field.map_or("", |field| field.label.as_str());
        let proposals = self
            .targets
            .proposals(&[&column.name, bare, label], column, unit_of(unit));
        if !label.is_empty() {
            let _ = writeln!(self.out, "  # {}", crate::diagnostic::visible(label));
        }
        let name = quoted(&column.name);
        let Some(target) = proposals.best.first() else {
            let _ = writeln!(self.out, "  {name}: {MARK} ignore");
            return;
        };
        if column.is_box()
            && let Some((list, field)) = target.path.split_once("[].")
        {
            // What the box is about is the word of the name that the fact does not have.
            let about = without_words_of(bare, list);
            let value = match value_of(&target.fact.kind, about) {
                Some((value, _)) => value.to_owned(),
                None => quoted(about),
            };
            let _ = writeln!(
                self.out,
                "  {name}: {MARK} {{ fact: '{list}[]', when: 1, item: {{ {field}: {value} }} }}"
            );
            return;
        }
        if self.box_of_values(column, target, bare) {
            return;
        }
        let mark = if proposals.is_certain { "" } else { "#? " };
        let _ = writeln!(
            self.out,
            "  {name}:\n    fact: {mark}{}",
            quoted(&target.path)
        );
        if !proposals.is_certain {
            let others = proposals
                .best
                .iter()
                .skip(1)
                .map(|target| target.path.as_str());
            let others: Vec<&str> = others.chain(["ignore"]).collect();
            let _ = writeln!(self.out, "    # or {}", others.join(", "));
        }
        self.values(column, target, field, unit, proposals.is_certain);
    }

    /// Writes a box to tick that stands for a value of a list; whether it is one.
    fn box_of_values(&mut self, column: &SeenColumn, target: &Target, name: &str) -> bool {
        let Kind::List(kind) = &target.fact.kind else {
            return false;
        };
        let (true, ItemKind::Single(fact)) = (column.is_box(), &**kind) else {
            return false;
        };
        let about = without_words_of(name, &target.path);
        let value = value_of(&fact.kind, about).map_or("…", |(value, _)| value);
        let _ = writeln!(
            self.out,
            "  {}: {MARK} {{ fact: '{}[]', when: 1, value: {value} }}",
            quoted(&column.name),
            target.path
        );
        if let Kind::Code(set) = &fact.kind {
            let names = set.names().collect::<Vec<_>>().join(" | ");
            let _ = writeln!(self.out, "    # {names}");
        }
        true
    }

    /// Writes how the values of a column become values of a fact.
    fn values(
        &mut self,
        column: &SeenColumn,
        target: &Target,
        field: Option<&Field>,
        unit: Option<&str>,
        is_certain: bool,
    ) {
        let kind = match &target.fact.kind {
            Kind::List(kind) => match &**kind {
                ItemKind::Single(fact) => &fact.kind,
                ItemKind::Fields(_) => &target.fact.kind,
            },
            kind => kind,
        };
        match kind {
            Kind::Code(_) | Kind::Boolean { .. } => self.map(column, kind, field, is_certain),
            Kind::Quantity(measure) => self.unit(measure, unit),
            Kind::Duration(_) => {
                let is_bare = |text: &str| text.ends_with(|last: char| last.is_ascii_digit());
                match unit.and_then(span_of) {
                    Some(span) => {
                        let _ = writeln!(self.out, "    unit: {span}");
                    }
                    None if column.texts().any(is_bare) => {
                        let _ = writeln!(self.out, "    unit: {MARK} months");
                    }
                    None => {}
                }
            }
            Kind::Date(_) => self.forms.write_dates(column, "    ", &mut self.out),
            Kind::Text if target.path.contains("[].") => self.items(column),
            _ => {}
        }
        let is_number = matches!(
            kind,
            Kind::Integer(_) | Kind::Decimal(_) | Kind::Quantity(_) | Kind::Duration(_)
        );
        if !is_number {
            return;
        }
        let is_between = |text: &str| {
            let ends = text.split_once('-').map(|(low, high)| [low, high]);
            ends.is_some_and(|ends| ends.iter().all(|end| end.trim().parse::<f64>().is_ok()))
        };
        let is_bound = |text: &str| text.starts_with(['<', '>', '≤', '≥']) || is_between(text);
        if column.texts().any(is_bound) {
            self.out.push_str("    bounds: yes\n");
        }
        self.words(column, kind);
    }

    /// Writes the words among numbers, which may mean one.
    fn words(&mut self, column: &SeenColumn, kind: &Kind) {
        let words = column.values.iter();
        let words: Vec<_> = words
            .filter(|(word, _)| !self.is_number(word, kind) && !self.forms.is_missing(word))
            .collect();
        if !words.is_empty() {
            self.out.push_str("    map:\n");
        }
        for (word, count) in words {
            let _ = writeln!(
                self.out,
                "      {}: {MARK} a number, or {{ missing: CAUSE }}   # {}",
                quoted(word),
                cells(*count)
            );
        }
    }

    /// Whether a text is a number of this kind, with the unit that may stand behind it.
    fn is_number(&self, text: &str, kind: &Kind) -> bool {
        let has_digit = text.contains(|character: char| character.is_ascii_digit());
        match (kind, self.forms.number(text)) {
            // Spans and words for units are read by the trial.
            (Kind::Duration(_), _) => has_digit,
            (Kind::Quantity(_), read) => read.is_some(),
            (Kind::Integer(_), Some((number, behind))) => {
                behind.is_empty() && (!number.contains('.') || number.contains(".."))
            }
            (_, Some((_, behind))) => behind.is_empty(),
            (_, None) => false,
        }
    }

    /// Writes words that say that a list has no items, and what stands between several.
    fn items(&mut self, column: &SeenColumn) {
        const NONE: [&str; 10] = [
            "keine",
            "kein",
            "keine bekannt",
            "none",
            "none known",
            "no",
            "nein",
            "nil",
            "nka",
            "nkda",
        ];
        if column.texts().any(|text| text.contains(';')) {
            let _ = writeln!(self.out, "    split: {MARK} ';'");
        }
        let is_none = |word: &str| NONE.contains(&super::matching::plain(word).as_str());
        let words = column.values.iter();
        let words: Vec<_> = words.filter(|(word, _)| is_none(word)).collect();
        if !words.is_empty() {
            self.out.push_str("    map:\n");
        }
        for (word, count) in words {
            let _ = writeln!(
                self.out,
                "      {}: {MARK} []   # {}, if it says that there is none",
                quoted(word),
                cells(*count)
            );
        }
    }

    fn map(&mut self, column: &SeenColumn, kind: &Kind, field: Option<&Field>, is_certain: bool) {
        let words: Vec<(&str, u64)> = column
            .values
            .iter()
            .map(|(word, count)| (word.as_str(), *count))
            .filter(|(word, _)| !self.forms.is_missing(word))
            .collect();
        if words.is_empty() {
            return;
        }
        self.out.push_str("    map:\n");
        let names = match kind {
            Kind::Code(set) => set.names().collect::<Vec<_>>().join(" | "),
            _ => "yes | no".to_owned(),
        };
        let mut is_open = false;
        for (word, count) in words {
            let means = field.and_then(|field| field.choices.iter().find(|(code, _)| code == word));
            let label = means.map(|(_, label)| label.as_str());
            let found = value_of(kind, label.unwrap_or(word));
            let line = match found {
                Some((value, true)) if is_certain => value.to_owned(),
                Some((value, _)) => format!("{MARK} {value}"),
                None => format!("{MARK} which of the values below?"),
            };
            is_open |= line.starts_with(MARK);
            let label = label.map_or(String::new(), |label| {
                format!(", {}", crate::diagnostic::visible(label))
            });
            let _ = writeln!(
                self.out,
                "      {}: {line}   # {}{label}",
                quoted(word),
                cells(count)
            );
        }
        if is_open {
            let _ = writeln!(
                self.out,
                "      # {names}; {{ missing: CAUSE }}, not_recorded"
            );
        }
    }

    fn unit(&mut self, measure: &Measure, written: Option<&str>) {
        let same = |unit: &&str| {
            let plain = |unit: &str| unit.replace(['[', ']', ' '], "").to_lowercase();
            written.is_some_and(|written| plain(written) == plain(unit))
        };
        let known = measure.units().find(same);
        match (known, written) {
            (Some(unit), _) => {
                let _ = writeln!(self.out, "    unit: {}", quoted(unit));
            }
            (None, None) if measure.has_one_scale() => {}
            (None, _) => {
                let units: Vec<&str> = measure.units().collect();
                let _ = writeln!(self.out, "    unit: {MARK} {}", units.join(" | "));
            }
        }
    }

    /// Writes a box to tick, and the item that it may stand for.
    fn checkbox(&mut self, column: &SeenColumn, field: &Field, means: &str) {
        let name = quoted(&column.name);
        let (stem, _) = column.name.split_once("___").unwrap_or((&column.name, ""));
        let _ = writeln!(self.out, "  # {}: {means}", field.label);
        let proposals = self.targets.proposals(&[stem, &field.label], column, None);
        let list = proposals.best.iter().find_map(|target| {
            let list = target.path.split('[').next()?;
            self.targets.list(list)
        });
        let Some((list, ItemKind::Fields(fields))) = list else {
            if let Some((list, ItemKind::Single(fact))) = list
                && let Some((value, is_certain)) = value_of(&fact.kind, means)
            {
                let mark = if is_certain && proposals.is_certain {
                    ""
                } else {
                    "#? "
                };
                let _ = writeln!(
                    self.out,
                    "  {name}: {mark}{{ fact: '{list}[]', when: 1, value: {value} }}"
                );
                return;
            }
            let _ = writeln!(self.out, "  {name}: {MARK} ignore");
            return;
        };
        let item = fields.iter().find_map(|field| {
            let (value, is_certain) = value_of(&field.kind, means)?;
            Some((format!("{{ {}: {value} }}", field.name()), is_certain))
        });
        let (item, is_certain) = item.unwrap_or(("{ … }".to_owned(), false));
        let mark = if is_certain && proposals.is_certain {
            ""
        } else {
            "#? "
        };
        let _ = writeln!(
            self.out,
            "  {name}: {mark}{{ fact: '{list}[]', when: 1, item: {item} }}"
        );
    }
}

/// A unit of numbers; what counts time is one of durations.
fn unit_of(unit: Option<&str>) -> Option<&str> {
    unit.filter(|unit| span_of(unit).is_none())
}

/// The unit of durations that a word means.
fn span_of(word: &str) -> Option<&'static str> {
    match word.to_lowercase().as_str() {
        "months" | "month" | "monate" | "mo" => Some("months"),
        "weeks" | "week" | "wochen" | "wo" => Some("weeks"),
        "days" | "day" | "tage" => Some("days"),
        "years" | "year" | "jahre" => Some("years"),
        _ => None,
    }
}

/// The part of a name that is not what a list is called.
fn without_words_of<'n>(name: &'n str, list: &str) -> &'n str {
    let parts = name.split(['-', ':', '_', ' ']).map(str::trim);
    let is_like = |part: &str| strsim::jaro_winkler(&part.to_lowercase(), list) > 0.8;
    let mut others = parts.filter(|part| !part.is_empty() && !is_like(part));
    others.next().unwrap_or(name)
}

/// A name of a column without the unit at its end: `Blasten [%]`, `HBV-DNA (IU/ml)`.
fn without_unit(name: &str) -> (&str, Option<&str>) {
    let name = name.trim();
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some(inner) = name.strip_suffix(close)
            && let Some((bare, unit)) = inner.rsplit_once(open)
        {
            return (bare.trim(), Some(unit.trim()));
        }
    }
    match name.strip_suffix('%') {
        Some(bare) => (bare.trim(), Some("%")),
        None => (name, None),
    }
}

fn cells(count: u64) -> String {
    format!("{count} cell{}", if count == 1 { "" } else { "s" })
}
