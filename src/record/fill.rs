//! Events → typed values in their places, and everything that is wrong with them.
//!
//! The only place that knows what a record may say: plain values and values with evidence, units, limits of normal, causes
//! of what is missing, lists and items, groups. It converts while it reads. Labels, places and help are made only when
//! there is something to say.
//!
//! What a date or a duration may be depends on the screening date, which may stand behind it. So a record is read as of the
//! day of the run until its own is known; if that matters for anything before it, it is read again.

mod evidence;
mod items;
mod problems;
mod value;

use std::sync::Arc;

use jiff::civil::Date;
use rustc_hash::FxHashMap;

use self::problems::{Problems, Step};
use super::Dates;
use super::buffer::RecordBuffer;
use super::intake::cells::row_of_table;
use super::intake::{Broken, Content, Intake, Key, Place};
use super::table::{FORMAT, FieldTable, Target};
use crate::diagnostic::lookalike::has_visible_character;
use crate::diagnostic::{CellNames, Diagnostic, Source, Start, nearest};
use crate::facts::{FactId, RESERVED};
use crate::value::date;

/// How many wrong keys are compared with the declared ones.
const MOST_SUGGESTIONS: usize = 100;

/// The text that a record stands in.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'s> {
    /// How messages name it.
    pub name: &'s str,
    /// The text, without a byte order mark.
    pub text: &'s str,
    /// Where it begins in its file.
    pub start: Start,
    /// The same as a source, where there is one already.
    pub source: Option<&'s Arc<Source>>,
    /// Of a table that is no text, how its cells are named, and what separates them in the text.
    pub cells: Option<(&'s CellNames, u8)>,
}

impl Origin<'_> {
    /// The source, for messages.
    pub(crate) fn source(&self) -> Arc<Source> {
        match (self.source, self.cells) {
            (Some(source), _) => Arc::clone(source),
            (None, Some((names, separator))) => {
                row_of_table(self.name, self.start.line, self.text, names, separator)
            }
            (None, None) => Source::starting_at(self.name, self.text, self.start),
        }
    }
}

/// What came of filling.
pub(super) enum Filled {
    /// The buffer holds the record, if nothing is wrong.
    Read(Vec<Diagnostic>),
    /// The text cannot be read to its end.
    Broken,
}

/// Fills a buffer from a record. `intake` makes the stream of its events.
pub(super) fn fill<'s, I: Intake<'s>>(
    table: &FieldTable<'_>,
    origin: Origin<'s>,
    dates: Dates,
    buffer: &mut RecordBuffer,
    intake: &mut I,
    restart: impl FnOnce(&mut I),
) -> Filled {
    let mut day = Day {
        today: dates.as_of.unwrap_or(dates.today),
        is_final: dates.as_of.is_some(),
        was_needed: false,
        latest: None,
        is_stated_late: false,
        stated: None,
        run: dates.as_of.is_none().then_some(dates.today),
    };
    let mut read = pass(table, origin, day, buffer, intake);
    if let Ok((_, after)) = &read
        && after.is_stated_late
    {
        restart(intake);
        (day.today, day.is_final) = (after.today, true);
        read = pass(table, origin, day, buffer, intake);
    }
    let Ok((problems, after)) = read else {
        return Filled::Broken;
    };
    buffer.today = after.today;
    buffer.stated = after.stated;
    buffer.is_dated = dates.as_of.is_some() || after.stated.is_some();
    Filled::Read(problems)
}

/// Reads the record once.
fn pass<'s, I: Intake<'s>>(
    table: &FieldTable<'_>,
    origin: Origin<'s>,
    day: Day,
    buffer: &mut RecordBuffer,
    intake: &mut I,
) -> Result<(Vec<Diagnostic>, Day), Broken> {
    buffer.clear();
    let mut filler = Filler {
        table,
        intake,
        first_map: buffer.map,
        buffer,
        day,
        step: Step::default(),
        problems: Problems::new(origin),
        odd_keys: FxHashMap::default(),
        is_foreign: None,
        spelled: Vec::new(),
        empty_groups: Vec::new(),
    };
    filler.record()?;
    let day = filler.day;
    Ok((filler.problems.in_order(filler.is_foreign), day))
}

/// The screening date, as far as it is known.
#[derive(Debug, Clone, Copy)]
struct Day {
    today: Date,
    /// Whether nothing in the record can change it any more.
    is_final: bool,
    /// Whether something was read that may mean something else on another day.
    was_needed: bool,
    /// The latest day that had to lie in the past while the date was not final.
    latest: Option<Date>,
    /// Whether the date was stated behind something that it matters for.
    is_stated_late: bool,
    /// What the record states.
    stated: Option<Date>,
    /// The day of the run, where the record's own date counts.
    run: Option<Date>,
}

impl Day {
    /// The date, for something that depends on it.
    fn needed(&mut self) -> Date {
        self.was_needed |= !self.is_final;
        self.today
    }

    /// Whether a day lies in the past, or on the screening date.
    #[inline]
    fn is_past(&mut self, day: Date) -> bool {
        if !self.is_final {
            self.latest = self.latest.max(Some(day));
        }
        day <= self.today
    }

    /// Takes over the date that the record states.
    fn state(&mut self, stated: Date) {
        self.stated.get_or_insert(stated);
        if self.is_final {
            return;
        }
        // A day behind the earlier of both dates lies in the past of one at most.
        let earlier = stated.min(self.today);
        self.is_stated_late = stated != self.today
            && (self.was_needed || self.latest.is_some_and(|day| day > earlier));
        (self.today, self.is_final) = (stated, true);
    }
}

/// Fills a buffer with a record.
struct Filler<'a, 't, 's, I> {
    table: &'a FieldTable<'t>,
    intake: &'a mut I,
    buffer: &'a mut RecordBuffer,
    /// The number of the last map of the record before.
    first_map: u32,
    day: Day,
    /// What is being read.
    step: Step,
    problems: Problems<'s>,
    /// Where keys that no table knows stood, each in its map.
    odd_keys: FxHashMap<(u32, String), Place>,
    /// Why this is a record of something else, if it is one.
    is_foreign: Option<Foreign>,
    /// What the fact that is being read has in another spelling than the declared one.
    spelled: Vec<String>,
    /// Groups that the record says nothing of.
    empty_groups: Vec<String>,
}

/// What makes a record one of something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Foreign {
    Trial,
    Format,
}

impl<'s, I: Intake<'s>> Filler<'_, '_, 's, I> {
    fn record(&mut self) -> Result<(), Broken> {
        let content = self.intake.value()?;
        if !matches!(content, Content::Map) {
            let place = self.intake.place();
            self.intake.skip(&content)?;
            let help = match content {
                Content::List => {
                    "a list of records is read by `eligo batch`, a JSON array with `--from json`"
                }
                _ => "write `fact: value` on each line; `eligo template` shows all of them",
            };
            let message = format!("a record is a map of facts, found {}", content.describe());
            self.error(place, message, Some(help.into()));
            return self.intake.finish();
        }
        self.group(0)?;
        self.intake.finish()
    }

    /// The entries of a map of facts that was begun.
    fn group(&mut self, place: usize) -> Result<(), Broken> {
        let table = self.table;
        let Some(group) = table.groups.get(place) else {
            return Ok(());
        };
        let map = self.buffer.begin_map();
        let mut guess = self.buffer.begins.get(place).copied().unwrap_or(0);
        let mut last = None;
        while let Some(key) =
            self.intake
                .key(&group.names, guess, last.map_or(0, |last: usize| last + 1))?
        {
            let key = match key {
                Key::Known(key) => key,
                Key::Unknown(name) => {
                    self.undeclared(&name, &group.prefix, map);
                    self.pass_over()?;
                    continue;
                }
            };
            if key != guess {
                let expected = match last {
                    None => self.buffer.begins.get_mut(place),
                    Some(last) => self.buffer.follows.get_mut(group.first + last),
                };
                if let Some(expected) = expected {
                    *expected = key;
                }
            }
            guess = self
                .buffer
                .follows
                .get(group.first + key)
                .copied()
                .unwrap_or(0);
            last = Some(key);
            let is_first = self.is_first(map, group.first + key, group.names.get(key));
            if let Some(target) = group.targets.get(key) {
                self.target(*target, &group.prefix, group.names.get(key), map, is_first)?;
            }
        }
        Ok(())
    }

    /// Whether a key stands in its map for the first time; says so if it does not.
    #[inline]
    fn is_first(&mut self, map: u32, key: usize, name: &str) -> bool {
        let place = self.intake.key_place();
        let Some(seen) = self.buffer.seen.get_mut(key) else {
            return true;
        };
        if seen.map != map {
            (seen.map, seen.start) = (map, place.start);
            return true;
        }
        let first = Place {
            start: seen.start,
            end: seen.start,
        };
        self.stands_twice(place, first, name, map);
        false
    }

    /// Says that a key stood in its map before.
    #[cold]
    fn stands_twice(&mut self, place: Place, first: Place, name: &str, map: u32) {
        if self.problems.are_many() {
            return;
        }
        let line = self.problems.line_of(self.intake.bytes_of(first).start);
        let help = format!("it is already given on line {line}; keep one of them");
        let about = self.step.path(self.table, name);
        self.report(
            place,
            Some("duplicate-key"),
            about,
            format!("`{name}` stands twice"),
            Some(help),
            map == self.first_map + 1,
        );
    }

    /// Notes a key that no table knows, and says so if it stood in its map before.
    #[cold]
    fn odd_key(&mut self, name: &str, map: u32) {
        if self.problems.are_many() {
            return;
        }
        let place = self.intake.key_place();
        let first = *self.odd_keys.entry((map, name.to_owned())).or_insert(place);
        if first != place {
            self.stands_twice(place, first, name, map);
        }
    }

    fn target(
        &mut self,
        target: Target,
        prefix: &str,
        name: &str,
        map: u32,
        is_first: bool,
    ) -> Result<(), Broken> {
        match target {
            Target::Fact(id) => self.fact(id, map),
            Target::Group(inner) => {
                let begun = self.intake.value()?;
                match begun {
                    Content::Map => {
                        let outer = self.step;
                        self.step = Step::group(inner);
                        let read = self.group(inner);
                        self.step = outer;
                        read
                    }
                    Content::Null => {
                        self.empty_group(format!("{prefix}{name}"));
                        Ok(())
                    }
                    _ => {
                        self.not_a_group(&format!("{prefix}{name}"), &begun);
                        self.intake.skip(&begun)
                    }
                }
            }
            Target::Key => self.pass_over(),
            // Of several, the first counts.
            _ if !is_first => self.pass_over(),
            _ => self.reserved(target, name),
        }
    }

    /// Passes over a value.
    fn pass_over(&mut self) -> Result<(), Broken> {
        let begun = self.intake.value()?;
        self.intake.skip(&begun)
    }

    /// A group of which nothing is known, which may not be said beside one of its facts.
    #[cold]
    fn empty_group(&mut self, path: String) {
        let facts = self.table.facts.iter().zip(&self.buffer.given);
        let given = facts
            .filter(|((_, fact), given)| **given > self.first_map && is_below(&fact.path, &path))
            .map(|((_, fact), _)| fact.path.clone())
            .next();
        if let Some(fact) = given {
            self.group_and_fact(&path, &fact);
        }
        self.empty_groups.push(path);
    }

    #[cold]
    fn group_and_fact(&mut self, group: &str, fact: &str) {
        let place = self.intake.key_place();
        let message = format!("`{group}` is empty, and `{fact}` is given");
        let help = format!("leave the empty `{group}` out, or write the fact below it");
        self.report(
            place,
            None,
            Some(fact.to_owned()),
            message,
            Some(help),
            false,
        );
    }

    fn not_a_group(&mut self, path: &str, begun: &Content<'_>) {
        let members: Vec<&str> = self
            .table
            .facts
            .iter()
            .filter_map(|(_, fact)| fact.path.strip_prefix(path)?.strip_prefix('.'))
            .collect();
        let help = format!("name one of them below it: {}", members.join(", "));
        let message = format!("`{path}` is a map of facts, found {}", begun.describe());
        let place = self.intake.place();
        self.report(
            place,
            None,
            Some(path.to_owned()),
            message,
            Some(help),
            false,
        );
    }

    /// A key of the record that is no fact.
    fn reserved(&mut self, target: Target, name: &str) -> Result<(), Broken> {
        let begun = self.intake.value()?;
        let place = self.intake.place();
        let is_head = matches!(target, Target::ScreenedOn | Target::Format);
        let text = match &begun {
            Content::Scalar(scalar) => scalar.text.trim_end_matches('\n'),
            Content::Null if !matches!(target, Target::Format | Target::Trial) => return Ok(()),
            _ => {
                let what = format!("`{name}`");
                let about = Some(name.to_owned());
                let (message, help) = value::not_a_text(&what, &begun);
                match target {
                    Target::Trial => self.report_trial(place, message, help),
                    _ => self.report(place, None, about, message, help, is_head),
                }
                return self.intake.skip(&begun);
            }
        };
        let about = || Some(name.to_owned());
        match target {
            Target::Candidate => {
                self.buffer.candidate.push_str(text);
                self.buffer.is_named = true;
            }
            Target::Note => {
                self.buffer.note = Some(text)
                    .filter(|text| has_visible_character(text))
                    .map(str::to_owned);
            }
            Target::ScreenedOn => match screening_date(text) {
                Ok(day) => {
                    if let Some(run) = self.day.run.filter(|run| is_behind_tomorrow(day, *run)) {
                        let message = format!("{text} lies in the future: today is {run}");
                        let help = "correct the screening date; --as-of screens as of another day";
                        self.report(place, None, about(), message, Some(help.into()), true);
                    }
                    self.day.state(day);
                }
                Err((message, help)) => {
                    self.report(place, None, about(), message, help, true);
                }
            },
            Target::Format if text != FORMAT => {
                let message = format!("this is `{text}`, not `{FORMAT}`");
                self.report(place, None, about(), message, None, true);
                self.is_foreign = Some(Foreign::Format);
            }
            Target::Trial if text != self.table.trial => {
                let message = format!(
                    "the record is for trial {text}, not for {}",
                    self.table.trial
                );
                let help = "screen it with that trial's file: --trial FILE".to_owned();
                self.report_trial(place, message, Some(help));
                self.is_foreign = self.is_foreign.max(Some(Foreign::Trial));
            }
            _ => {}
        }
        Ok(())
    }

    /// A fact: its value, plain or with its evidence.
    fn fact(&mut self, id: FactId, map: u32) -> Result<(), Broken> {
        let table = self.table;
        let Some(field) = table.fields.get(id.0) else {
            return Ok(());
        };
        if let Some(given) = self.buffer.given.get_mut(id.0) {
            let before = std::mem::replace(given, map);
            if before > self.first_map && before != map {
                self.given_twice(&field.fact.path);
            }
        }
        let group = self.empty_groups.iter();
        if let Some(group) = group
            .into_iter()
            .find(|group| is_below(&field.fact.path, group))
        {
            let group = group.clone();
            self.group_and_fact(&group, &field.fact.path);
        }
        let outer = self.step;
        self.step = Step::fact(id);
        let begun = self.intake.value()?;
        if let Some(mut entry) = self.entry(field, Some(id), &begun)? {
            if !self.spelled.is_empty() {
                let evidence = entry.evidence.get_or_insert_default();
                evidence.spelled = std::mem::take(&mut self.spelled);
            }
            self.buffer.put(id, entry);
        }
        self.spelled.clear();
        self.step = outer;
        Ok(())
    }

    #[cold]
    fn given_twice(&mut self, path: &str) {
        let help = "it is given in its group and by its whole path; keep one of them";
        let (place, message) = (self.intake.key_place(), format!("`{path}` is given twice"));
        self.report(
            place,
            None,
            Some(path.to_owned()),
            message,
            Some(help.into()),
            false,
        );
    }

    #[cold]
    fn undeclared(&mut self, name: &str, prefix: &str, map: u32) {
        self.odd_key(name, map);
        let path = format!("{prefix}{name}");
        let message = format!("`{path}` is not declared by the trial");
        // In a file full of mistakes nobody reads so many suggestions, and looking for them takes its time.
        let help = (self.problems.len() < MOST_SUGGESTIONS)
            .then(|| meant(self.table, name, prefix, &path));
        let place = self.intake.key_place();
        self.report(place, None, Some(path), message, help, false);
    }
}

/// What may be meant by a key that the trial does not declare.
fn meant(table: &FieldTable<'_>, name: &str, prefix: &str, path: &str) -> String {
    if name == "resourceType" {
        return "this is FHIR, which `--from fhir` reads".to_owned();
    }
    let all: Vec<&str> = table
        .facts
        .iter()
        .map(|(_, fact)| fact.path.as_str())
        .chain(table.facts.groups.keys().map(String::as_str))
        .collect();
    // A sibling that is meant comes before something of the same sound elsewhere.
    let reserved: &[&str] = if prefix.is_empty() { &RESERVED } else { &[] };
    let siblings: Vec<&str> = all
        .iter()
        .filter_map(|fact| fact.strip_prefix(prefix))
        .filter(|rest| !rest.contains('.'))
        .chain(reserved.iter().copied())
        .collect();
    let near = nearest(name, siblings.iter().copied())
        .map(str::to_owned)
        .or_else(|| nearest(path, all).map(str::to_owned));
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None if !prefix.is_empty() && siblings.len() <= 12 => {
            let quoted: Vec<String> = siblings.iter().map(|name| format!("`{name}`")).collect();
            format!(
                "`{}` has {}",
                prefix.trim_end_matches('.'),
                quoted.join(", ")
            )
        }
        None => "`eligo template` lists what a record may state".to_owned(),
    }
}

/// Whether a fact belongs to a group.
fn is_below(fact: &str, group: &str) -> bool {
    fact.strip_prefix(group)
        .is_some_and(|rest| rest.starts_with('.'))
}

/// Whether a screening date has not come yet. Tomorrow has, in some time zone.
fn is_behind_tomorrow(day: Date, today: Date) -> bool {
    today.tomorrow().is_ok_and(|tomorrow| day > tomorrow)
}

/// The day that a screening date names.
fn screening_date(text: &str) -> Result<Date, (String, Option<String>)> {
    if let Some(day) = text.as_bytes().try_into().ok().and_then(super::syntax::day) {
        return Ok(day);
    }
    match date::parse(text).map(|bounds| bounds.value()) {
        Ok(Some(day)) => Ok(day),
        Ok(None) => Err((
            format!("`{text}` is not a whole date"),
            Some("a screening date needs its day: YYYY-MM-DD".into()),
        )),
        Err(message) => Err((message, None)),
    }
}
