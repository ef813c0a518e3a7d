//! A list whose items have fields: asked for item by item, field by field, and saved after each field.
//!
//! Until somebody says that there are no more, the record says that there may be: `complete: no`.

use std::sync::Arc;

use eligo::document::Notation;
use eligo::facts::Fact;
use eligo::interview::answer::{self, is_none_known};
use eligo::interview::written::Written;
use eligo::interview::{Asked, edit};

use super::question;
use super::session::{Done, End, Session, Typed};

/// A list that is being asked for.
pub struct List<'t> {
    asked: Asked,
    fact: &'t Fact,
    fields: &'t [Fact],
    /// The record before it was asked for.
    before: Arc<str>,
    items: Vec<Written>,
    /// What stands beside the items: a date, who says so.
    beside: Vec<(String, Written)>,
}

/// What is typed at a list.
enum Command {
    /// Ask for the fields of the item at this place.
    Item(usize),
    Remove(usize),
    /// The list is this, or is missing for this cause.
    Put(Written),
    Unclear,
}

impl<'t> List<'t> {
    /// The list as it is recorded.
    pub fn new(
        session: &Session<'_>,
        asked: Asked,
        fact: &'t Fact,
        fields: &'t [Fact],
        before: Arc<str>,
    ) -> Self {
        let (items, beside) = parts(session.interview.recorded(asked.fact()));
        Self {
            asked,
            fact,
            fields,
            before,
            items,
            beside,
        }
    }

    /// Asks until the list is whole or left open.
    pub fn ask(&mut self, session: &mut Session<'_>) -> anyhow::Result<Done> {
        loop {
            self.write(session)?;
            let offers = question::offers_for_list(&self.items);
            match session.typed(self.asked, self.fact, &offers, "")? {
                Typed::Explain => question::explain(session, self.asked, self.fact)?,
                Typed::Leave => {
                    session.interview.leave(self.asked);
                    return Ok(Done::Next);
                }
                Typed::Back if !self.take_back(session)? => return Ok(Done::Back),
                Typed::Back => {}
                Typed::Stop(end) => return Ok(Done::Stop(end)),
                Typed::Answer(text) => match self.command(&text) {
                    Command::Item(place) => {
                        if let Some(end) = self.ask_item(session, place)? {
                            return Ok(Done::Stop(end));
                        }
                    }
                    Command::Remove(place) => self.remove(session, place)?,
                    Command::Put(value) => {
                        if self.put(session, &value)? {
                            return Ok(Done::Next);
                        }
                    }
                    Command::Unclear if self.items.is_empty() => session.console.line("  Write `add` for an item, `none` for none known, or why it is not known.")?,
                    Command::Unclear => session.console.line("  Write `add` for another item, `all` if these are all, the number of an item to change it, or `remove` with its number.")?,
                },
            }
        }
    }

    /// Writes the items that there are, and what may be answered.
    fn write(&self, session: &Session<'_>) -> anyhow::Result<()> {
        for (index, item) in self.items.iter().enumerate() {
            let lead = format!("  {:>2}  ", index + 1);
            session.console.hung(&lead, &item.line(Notation::Yaml))?;
        }
        let recorded = session.interview.recorded(self.asked.fact());
        let no = |value: &Written| matches!(value, Written::Word(word) if matches!(word.as_str(), "no" | "false"));
        let is_open = matches!(&recorded, Some(Written::Map(entries)) if entries.iter().any(|(key, value)| key == COMPLETE && no(value)));
        let answers = match (self.items.is_empty(), is_open) {
            (true, _) => "add, for each; none, for none known",
            (false, true) => {
                "add, for another; all, if these are all; Enter, if there may be more; a number changes that item"
            }
            (false, false) => {
                "these are all, as recorded; add, for another; Enter leaves it so; a number changes that item"
            }
        };
        session.console.hung("  ", answers)
    }

    fn command(&self, text: &str) -> Command {
        let text = text.to_lowercase();
        let place = |number: &str| {
            let place = number.trim().parse::<usize>().ok()?.checked_sub(1)?;
            (place < self.items.len()).then_some(place)
        };
        match text.as_str() {
            "add" | "a" | "yes" | "y" => return Command::Item(self.items.len()),
            "all" if !self.items.is_empty() => {
                return Command::Put(self.with_evidence(&self.items));
            }
            _ => {}
        }
        let removed = text.strip_prefix("remove ").and_then(place);
        match (place(&text), removed) {
            (Some(place), _) => Command::Item(place),
            (None, Some(place)) => Command::Remove(place),
            // What is listed is not given up for a word.
            (None, None) if !self.items.is_empty() => Command::Unclear,
            (None, None) if is_none_known(&text) => Command::Put(Written::List(Vec::new())),
            (None, None) => answer::cause(&text).map_or(Command::Unclear, Command::Put),
        }
    }

    fn put(&self, session: &mut Session<'_>, value: &Written) -> anyhow::Result<bool> {
        session.put(self.asked, value)
    }

    /// Takes the last item back that was not there before; false if there is none.
    fn take_back(&mut self, session: &mut Session<'_>) -> anyhow::Result<bool> {
        let tree = edit::parse(&self.before, session.interview.notation());
        let there = tree
            .as_ref()
            .and_then(|tree| edit::at(tree, &self.fact.path))
            .and_then(Written::of);
        if self.items.len() <= parts(there).0.len() {
            return Ok(false);
        }
        let number = self.items.len();
        self.remove(session, number - 1)?;
        session
            .console
            .line(&format!("  Item {number} is taken back."))?;
        Ok(true)
    }

    fn remove(&mut self, session: &mut Session<'_>, place: usize) -> anyhow::Result<()> {
        let mut rest = self.items.clone();
        rest.remove(place);
        if rest.is_empty() {
            session.restore(Arc::clone(&self.before))?;
            session.interview.ask_again(self.asked);
            (self.items, self.beside) = parts(session.interview.recorded(self.asked.fact()));
        } else if self.put(session, &self.open(&rest))? {
            self.items = rest;
        }
        Ok(())
    }

    /// Asks for the fields of an item. What was answered to one stays unless something else is typed.
    fn ask_item(&mut self, session: &mut Session<'_>, place: usize) -> anyhow::Result<Option<End>> {
        let (mut index, mut refused) = (0, String::new());
        loop {
            let entries = self.entries(place);
            let Some(field) = self.fields.get(index) else {
                if entries.is_empty() {
                    session
                        .console
                        .line("  An item needs one answer at least; < goes back.")?;
                    index = 0;
                    continue;
                }
                return Ok(None);
            };
            let known = entries.iter().find(|(name, _)| name == field.name());
            if refused.is_empty() {
                question::write_field(session, place + 1, field, known.map(|(_, value)| value))?;
            }
            let mut offers = question::offers(field);
            if known.is_some() {
                offers.blank = "(kept)";
            }
            match session.typed(self.asked, field, &offers, &refused)? {
                Typed::Leave => index += 1,
                Typed::Back if index == 0 => return Ok(None),
                Typed::Back => index -= 1,
                Typed::Stop(end) => return Ok(Some(end)),
                Typed::Explain => question::explain(session, self.asked, field)?,
                Typed::Answer(text) => {
                    let value = answer::answer(field, &text, &session.today);
                    if self.put_field(session, place, entries, field, value.clone())? {
                        question::confirm(session, field, &text, &value)?;
                        index += 1;
                    } else {
                        refused = text;
                        continue;
                    }
                }
            }
            refused.clear();
        }
    }

    /// What is recorded of an item.
    fn entries(&self, place: usize) -> Vec<(String, Written)> {
        match self.items.get(place) {
            Some(Written::Map(entries)) => entries.clone(),
            // It is written as the value of one of its fields alone.
            Some(alone) => {
                let field = self.fields.iter().find(|field| field.alone);
                let entry = field.map(|field| (field.name().to_owned(), alone.clone()));
                entry.into_iter().collect()
            }
            None => Vec::new(),
        }
    }

    /// Puts a field into an item, and the list into the record.
    fn put_field(
        &mut self,
        session: &mut Session<'_>,
        place: usize,
        mut entries: Vec<(String, Written)>,
        field: &Fact,
        value: Written,
    ) -> anyhow::Result<bool> {
        match entries.iter_mut().find(|(name, _)| name == field.name()) {
            Some((_, known)) => *known = value,
            None => entries.push((field.name().to_owned(), value)),
        }
        let mut changed = self.items.clone();
        let item = Written::Map(entries);
        match changed.get_mut(place) {
            Some(known) => *known = item,
            None => changed.push(item),
        }
        let is_put = self.put(session, &self.open(&changed))?;
        if is_put {
            self.items = changed;
        }
        Ok(is_put)
    }

    /// The list of these items, with what stands beside it.
    fn with_evidence(&self, items: &[Written]) -> Written {
        let list = Written::List(items.to_vec());
        self.beside
            .iter()
            .cloned()
            .fold(list, |list, (key, value)| list.with(&key, value))
    }

    /// The same, when there may be more items.
    fn open(&self, items: &[Written]) -> Written {
        self.with_evidence(items)
            .with(COMPLETE, Written::Boolean(false))
    }
}

/// The key that says of a list whether these are all its items.
const COMPLETE: &str = "complete";

/// Whether items are written of a list; none known, or why there is no list, is no item.
pub fn has_items(written: Option<Written>) -> bool {
    !parts(written).0.is_empty()
}

/// The items that are written of a list, and what stands beside them.
fn parts(written: Option<Written>) -> (Vec<Written>, Vec<(String, Written)>) {
    let (list, beside) = match written {
        Some(Written::Map(entries)) => {
            let (value, rest): (Vec<_>, Vec<_>) =
                entries.into_iter().partition(|(key, _)| key == "value");
            let rest = rest
                .into_iter()
                .filter(|(key, _)| key != COMPLETE && key != "missing");
            (
                value.into_iter().next().map(|(_, list)| list),
                rest.collect(),
            )
        }
        list => (list, Vec::new()),
    };
    match list {
        Some(Written::List(items)) => (items, beside),
        // Why there is no list, and what was said of that, goes with the first item.
        _ => (Vec::new(), Vec::new()),
    }
}
