//! Collects what changed in one thing that a trial file says: a criterion, a definition, a fact.

use super::{Change, Effect, Kind, Of};
use crate::value::text::one_line;

/// Changes of one thing. What is compared is given as a pair: as it was, as it is.
pub struct Changes<'n> {
    of: Of,
    id: &'n str,
    label: &'n str,
    /// Which part of it is compared, before what is said of a change: `reading a, `.
    lead: String,
    pub found: Vec<Change>,
}

/// A list whose entries go by a name.
pub struct Named<'l, T> {
    /// The key of the list.
    pub key: &'static str,
    /// What an entry that comes or goes may affect.
    pub effect: Effect,
    /// The name of an entry.
    pub name: fn(&T) -> &str,
    /// What a report shows of an entry that came or went.
    pub text: fn(&T) -> String,
    /// Says that an entry came or went.
    pub say: fn(&T, Kind) -> String,
    /// Says that entries stand in another order; none if it does not matter.
    pub reordered: Option<&'static str>,
    /// The entries.
    pub both: [&'l [T]; 2],
}

impl<'n> Changes<'n> {
    pub fn new(of: Of, id: &'n str, label: &'n str) -> Self {
        Self {
            of,
            id,
            label,
            lead: String::new(),
            found: Vec::new(),
        }
    }

    /// Something happened to the whole of it.
    pub fn item(&mut self, kind: Kind, effect: Effect, both: [Option<&str>; 2], message: &str) {
        self.push(kind, None, effect, both, message);
    }

    /// A part of it changed, appeared or went away.
    pub fn part(
        &mut self,
        what: &'static str,
        effect: Effect,
        both: [Option<&str>; 2],
        message: &str,
    ) {
        let kind = match both {
            [None, Some(_)] => Kind::Added,
            [Some(_), None] => Kind::Removed,
            _ => Kind::Changed,
        };
        self.push(kind, Some(what), effect, both, message);
    }

    fn push(
        &mut self,
        kind: Kind,
        what: Option<&'static str>,
        effect: Effect,
        both: [Option<&str>; 2],
        message: &str,
    ) {
        let [old, new] = both.map(|text| text.map(str::to_owned));
        self.found.push(Change {
            of: self.of,
            id: self.id.to_owned(),
            label: self.label.to_owned(),
            kind,
            what,
            effect,
            old,
            new,
            say: format!("{}{message}", self.lead),
            criteria: Vec::new(),
        });
    }

    /// Compares within a part of it, whose name goes before what is said.
    pub fn within(&mut self, part: &str, compare: impl FnOnce(&mut Self)) {
        let length = self.lead.len();
        self.lead.push_str(part);
        self.lead.push_str(", ");
        compare(self);
        self.lead.truncate(length);
    }

    /// Compares a text.
    pub fn text<S: AsRef<str>>(
        &mut self,
        what: &'static str,
        effect: Effect,
        both: [Option<S>; 2],
    ) {
        self.named_text(what, what, effect, both);
    }

    /// Compares a text that goes by a name of its own.
    pub fn named_text<S: AsRef<str>>(
        &mut self,
        what: &'static str,
        name: &str,
        effect: Effect,
        both: [Option<S>; 2],
    ) {
        const SHORT: usize = 40;
        let short = |text: &str| text.chars().count() <= SHORT && !text.contains('\n');
        let both = both.each_ref().map(|text| text.as_ref().map(S::as_ref));
        let say = match both {
            [old, new] if old == new => return,
            [Some(old), Some(new)] if one_line(old) == one_line(new) => {
                let say = format!("{name}: other spaces or line breaks only");
                return self.part(what, Effect::Nothing, both, &say);
            }
            [Some(old), Some(new)] if short(old) && short(new) => format!("{name}: {old} → {new}"),
            [Some(_), Some(_)] => format!("{name}: other words"),
            [None, Some(new)] if short(new) => format!("{name} added: {new}"),
            [Some(old), None] if short(old) => format!("{name} removed: {old}"),
            [None, _] => format!("{name} added"),
            [_, None] => format!("{name} removed"),
        };
        self.part(what, effect, both, &say);
    }

    /// Compares a yes or no.
    pub fn flag(&mut self, what: &'static str, effect: Effect, both: [bool; 2]) {
        self.text(what, effect, both.map(|flag| Some(flag.to_string())));
    }

    /// Compares lists by the names of their entries: which came and went, what `compare` finds in those of both, their order.
    pub fn entries<T>(&mut self, list: &Named<'_, T>, mut compare: impl FnMut(&mut Self, [&T; 2])) {
        let [old, new] = list.both;
        let find = |entry: &T, among: &'_ [T]| {
            let mut places = among.iter();
            places.position(|other| (list.name)(other) == (list.name)(entry))
        };
        for entry in new {
            match find(entry, old).and_then(|place| old.get(place)) {
                Some(was) => compare(self, [was, entry]),
                None => {
                    let (text, say) = ((list.text)(entry), (list.say)(entry, Kind::Added));
                    self.part(list.key, list.effect, [None, Some(&text)], &say);
                }
            }
        }
        for entry in old.iter().filter(|entry| find(entry, new).is_none()) {
            let (text, say) = ((list.text)(entry), (list.say)(entry, Kind::Removed));
            self.part(list.key, list.effect, [Some(&text), None], &say);
        }
        let order: Vec<usize> = new.iter().filter_map(|entry| find(entry, old)).collect();
        if let Some(say) = list.reordered.filter(|_| !order.is_sorted()) {
            self.part(list.key, Effect::Words, [None, None], say);
        }
    }
}
