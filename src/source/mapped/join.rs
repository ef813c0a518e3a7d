//! Several rows or resources of one candidate → one record. Lists grow; a fact that is said twice must be said the same, or
//! nothing is known of it: the record then says that its sources conflict, and names them.

use jiff::civil::{Date, date};

use super::{Content, ItemContent, MappedFact, MappedItem, MappedList, MappedRecord, Pick, Text};
use crate::diagnostic::{Diagnostic, Place};
use crate::facts::{Fact, Facts, ItemKind, Kind};
use crate::record::{Dates, FieldTable, RecordBuffer};
use crate::value;

/// The cause of a value being missing for which several values were found.
pub(crate) const CONFLICTING: &str = "conflicting";

/// The day as of which values of a source are compared and tried: late enough for any that a source may hold.
const LATE: Date = date(2999, 12, 31);

impl MappedRecord {
    /// Takes in what another row or resource says of the same candidate.
    pub fn join(&mut self, other: Self) {
        self.problems.extend(other.problems);
        let heads = [
            (&mut self.candidate, other.candidate, "candidate"),
            (&mut self.screened_on, other.screened_on, "screened_on"),
        ];
        for (known, found, what) in heads {
            join_head(known, found, what, &mut self.problems);
        }
        if let Some(found) = other.note {
            match &mut self.note {
                None => self.note = Some(found),
                Some(known) if known.text == found.text => {}
                Some(known) => known.text = format!("{}; {}", known.text, found.text),
            }
        }
        for found in other.facts {
            self.add(found);
        }
    }

    /// Takes in what else is said of a fact.
    pub(crate) fn add(&mut self, found: MappedFact) {
        let path = &found.fact.path;
        match self.facts.iter_mut().find(|known| known.fact.path == *path) {
            None => self.facts.push(found),
            Some(known) => known.join(found),
        }
    }
}

/// What says whose the record is cannot be said in two ways.
fn join_head(
    known: &mut Option<Text>,
    found: Option<Text>,
    what: &str,
    problems: &mut Vec<Diagnostic>,
) {
    match (&known, found) {
        (None, found) => *known = found,
        (Some(known), Some(found)) if known.text != found.text => {
            let message = format!(
                "`{what}` is `{}` here and `{}` at {}",
                found.text,
                known.text,
                known.place.name()
            );
            let problem = Diagnostic::error(message).at(&found.place.source, found.place.span);
            problems.push(problem);
        }
        _ => {}
    }
}

impl MappedFact {
    /// Takes in what else is said of the same fact.
    pub(crate) fn join(&mut self, found: Self) {
        match (&mut self.content, found.content.as_ref()) {
            (_, None) => {}
            (None, _) => *self = found,
            // That there is none speaks against any item.
            (Some(Content::List(list)), Some(Content::List(more)))
                if list.items.is_empty() == more.items.is_empty() =>
            {
                list.join(more, &self.fact);
                for (key, text) in found.evidence.iter() {
                    if self.evidence.get(key).is_none() {
                        self.evidence.set(key, text.clone());
                    }
                }
            }
            // Of what is in doubt, a third value says nothing.
            (Some(Content::Missing(cause)), Some(_)) if *cause == CONFLICTING => {}
            (Some(_), Some(Content::Missing(cause))) if *cause == CONFLICTING => *self = found,
            // That there was no value once does not speak against one.
            (Some(Content::Missing(_)), Some(Content::Value(_) | Content::List(_))) => {
                *self = found;
            }
            (Some(_), Some(Content::Missing(_))) => {}
            (Some(_), Some(_)) => self.join_values(found),
        }
    }

    fn join_values(&mut self, found: Self) {
        if self.is_same(&found) {
            if found.is_better_evidence_than(self) {
                *self = found;
            }
            return;
        }
        if self.pick == Pick::Latest
            && let (Some(known), Some(new)) = (self.day(), found.day())
            && known != new
        {
            if new > known {
                *self = found;
            }
            return;
        }
        let note = format!("{}; {}", self.described(), found.described());
        let place = found.place.clone();
        self.content = Some(Content::Missing(CONFLICTING.to_owned()));
        self.evidence = super::Evidence::default();
        self.evidence.set("note", Text::new(note, &place));
        self.place = place;
    }

    /// The day of the evidence, if it is known to the day.
    fn day(&self) -> Option<Date> {
        value::date::parse(&self.evidence.get("date")?.text)
            .ok()?
            .value()
    }

    /// Whether two say the same: in the same characters, or by what the reader of records makes of them.
    fn is_same(&self, other: &Self) -> bool {
        let text = |known: &Self| match &known.content {
            Some(Content::Value(value)) => {
                let unit = known.evidence.get("unit").map(|unit| unit.text.clone());
                Some((value.clone(), unit))
            }
            _ => None,
        };
        match (text(self), text(other)) {
            (Some(one), Some(other)) if one == other => return true,
            (Some(_), Some(_)) => {}
            _ => return false,
        }
        let values = [self, other].map(|known| read_alone(known).map(|(value, _)| value));
        matches!(&values, [Ok(one), Ok(other)] if one == other)
    }

    /// A date says more than none, a later one more than an earlier one, and then that somebody stands for it.
    fn is_better_evidence_than(&self, other: &Self) -> bool {
        let rank = |known: &Self| {
            let by = known.evidence.get("by").is_some();
            (known.evidence.get("date").is_some(), known.day(), by)
        };
        rank(self) > rank(other)
    }

    /// The value and where it stands: `female (list.csv:5 Sex)`.
    fn described(&self) -> String {
        let value = match &self.content {
            Some(Content::Value(value)) => value.as_str(),
            Some(Content::List(list)) if list.items.is_empty() => "none",
            _ => "a list",
        };
        let unit = self.evidence.get("unit");
        let unit = unit.map_or(String::new(), |unit| format!(" {}", unit.text));
        let source = self.evidence.get("source");
        let source = source.map_or_else(|| self.place.name(), |source| source.text.clone());
        format!("{value}{unit} ({source})")
    }
}

impl MappedList {
    /// Adds the items that are not there yet. What is the same in every field is the same item, said twice; of one without a
    /// date that is not certain, and the list then no longer says how many there are.
    fn join(&mut self, more: &Self, fact: &Fact) {
        self.is_complete &= more.is_complete;
        let is_code = matches!(&fact.kind, Kind::List(kind) if matches!(&**kind, ItemKind::Single(single) if matches!(single.kind, Kind::Code(_))));
        for item in &more.items {
            let is_known = self.items.iter().any(|known| known.says_same(item));
            if !is_known {
                self.items.push(item.clone());
            } else if !is_code && !item.is_dated() {
                self.is_complete = false;
            }
        }
    }
}

impl MappedItem {
    fn says_same(&self, other: &Self) -> bool {
        match (&self.content, &other.content) {
            (ItemContent::Single(one), ItemContent::Single(other)) => one == other,
            (ItemContent::Fields(one), ItemContent::Fields(other)) => {
                let said = |fields: &[MappedFact]| {
                    let mut said: Vec<_> = fields
                        .iter()
                        .filter_map(|field| {
                            let unit = field.evidence.get("unit").map(|unit| unit.text.clone());
                            Some((field.fact.path.clone(), field.content.clone()?, unit))
                        })
                        .collect();
                    said.sort_by(|one, other| one.0.cmp(&other.0));
                    said
                };
                said(one) == said(other)
            }
            _ => false,
        }
    }

    /// Whether a field holds a day.
    fn is_dated(&self) -> bool {
        let ItemContent::Fields(fields) = &self.content else {
            return false;
        };
        fields.iter().any(|field| {
            matches!(field.fact.kind, Kind::Date(_))
                && matches!(&field.content, Some(Content::Value(text))
                    if value::date::parse(text).is_ok_and(|date| date.value().is_some()))
        })
    }
}

/// What the reader of records makes of one fact, or everything that it refuses, told at the places of the source.
///
/// # Errors
/// What the reader refuses.
pub(crate) fn read_alone(
    known: &MappedFact,
) -> Result<(value::Value, Option<Box<crate::entry::Evidence>>), Vec<Diagnostic>> {
    let mut facts = Facts::default();
    facts.add(Fact {
        // A field of an item is read as a fact of its own.
        path: known.fact.path.clone(),
        ..(*known.fact).clone()
    });
    let mut record = MappedRecord::new(known.place.clone());
    record.facts.push(known.clone());
    let mut text = String::new();
    let map = record.write(&mut text);
    let table = FieldTable::new("", &facts);
    let dates = Dates {
        as_of: Some(LATE),
        today: LATE,
    };
    let mut buffer = RecordBuffer::new(&table, dates);
    let origin = crate::record::Origin {
        name: "",
        text: &text,
        start: crate::diagnostic::Start::OF_FILE,
        source: None,
        cells: None,
    };
    let read = table.read_json(origin, dates, &mut buffer);
    let told = |problems: Vec<Diagnostic>| -> Vec<Diagnostic> {
        let relocated = problems.into_iter().map(|problem| map.relocate(problem));
        relocated.collect()
    };
    read.map_err(told)?;
    let entry = buffer.into_record().entries.into_iter().next();
    entry
        .map(|entry| (entry.value, entry.evidence))
        .ok_or_else(|| vec![nothing_read(&known.place)])
}

fn nothing_read(place: &Place) -> Diagnostic {
    Diagnostic::error("the value cannot be read: an internal error of this program")
        .at(&place.source, place.span.clone())
}
