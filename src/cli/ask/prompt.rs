//! A prompt at a terminal: one line to type into, with what may be chosen listed below it.

use std::cell::RefCell;
use std::rc::Rc;

use anyhow::bail;
use eligo::diagnostic::visible;
use inquire::autocompletion::{Autocomplete, Replacement};
use inquire::ui::{Attributes, Color, RenderConfig, StyleSheet, Styled};
use inquire::{CustomUserError, InquireError, Text};
use textwrap::core::display_width;

use super::console::{Input, Offer, Offers};

/// Lines of a prompt beside its list: what is typed, the help, and room for either to wrap.
const BESIDE_THE_LIST: usize = 6;
const HELP: &str = "Enter takes it; ? explains, < goes back, Esc ends";
const HELP_WITH_LIST: &str =
    "Up/Down choose, Tab completes, Enter takes; ? explains, < back, Esc ends";

/// Waits for an answer. A refused one is listed first: the line is empty, since most type it anew.
pub fn read(
    offers: &Offers,
    refused: &str,
    (columns, lines): (u16, u16),
    colour: bool,
) -> anyhow::Result<Input> {
    let named = Rc::new(offers.clone());
    let mut offers = offers.clone();
    if !refused.is_empty() {
        let listed = format!(
            "{}  (refused; Tab takes it to be changed)",
            visible(refused)
        );
        offers.all.insert(0, Offer::new(&listed, refused));
    }
    let is_plain = offers.all.is_empty();
    let completer = Completer {
        offers: Rc::new(cut(&offers, usize::from(columns))),
        named,
        typed: Rc::default(),
    };
    let blank = offers.blank;
    let shown = |answer: &str| match answer {
        "" => blank.to_owned(),
        answer => completer.shown(answer),
    };
    let text = Text::new("")
        .with_formatter(&shown)
        .with_autocomplete(completer.clone())
        .with_page_size(
            usize::from(lines)
                .saturating_sub(BESIDE_THE_LIST)
                .clamp(4, 16),
        )
        .with_help_message(if is_plain { HELP } else { HELP_WITH_LIST })
        .with_render_config(style(colour));
    Ok(match text.prompt() {
        Ok(answer) => Input::Line(completer.resolved(&answer)),
        Err(InquireError::OperationCanceled) => Input::End,
        Err(InquireError::OperationInterrupted) => Input::Interrupted,
        Err(error) => bail!("cannot read the answer: {error}; everything before it is saved"),
    })
}

fn style<'c>(colour: bool) -> RenderConfig<'c> {
    let plain = RenderConfig::empty()
        .with_prompt_prefix(Styled::new(">"))
        .with_answered_prompt_prefix(Styled::new(">"))
        .with_canceled_prompt_indicator(Styled::new(""))
        .with_highlighted_option_prefix(Styled::new(">"));
    if !colour {
        return plain;
    }
    let highlighted = StyleSheet::new()
        .with_fg(Color::DarkCyan)
        .with_attr(Attributes::BOLD);
    plain
        .with_answer(StyleSheet::new().with_fg(Color::DarkCyan))
        .with_selected_option(Some(highlighted))
        .with_help_message(StyleSheet::new().with_fg(Color::DarkGrey))
}

/// Every entry of a list on a line of its own: what wraps would be redrawn in the wrong place.
fn cut(offers: &Offers, columns: usize) -> Offers {
    let room = columns.saturating_sub(4);
    let all = offers.all.iter().map(|offer| {
        if display_width(&offer.listed) <= room {
            return offer.clone();
        }
        let mut listed = String::new();
        for one in offer.listed.chars() {
            if display_width(&listed) + 2 > room {
                break;
            }
            listed.push(one);
        }
        Offer::new(&format!("{listed}…"), &offer.typed)
    });
    Offers {
        all: all.collect(),
        ..*offers
    }
}

/// Lists what holds the words that are typed, and completes what is unmistakable.
#[derive(Clone)]
struct Completer {
    offers: Rc<Offers>,
    /// The same without what was refused, each at its full length.
    named: Rc<Offers>,
    /// What is typed so far. A chosen entry replaces it, also where it is to stand behind others.
    typed: Rc<RefCell<String>>,
}

impl Completer {
    /// What is typed already before the one that is being typed.
    fn before<'t>(&self, typed: &'t str) -> &'t str {
        match typed.rfind(',') {
            Some(comma) if self.offers.several => typed.get(..=comma).unwrap_or(""),
            _ => "",
        }
    }

    fn found(&self, typed: &str) -> impl Iterator<Item = &Offer> {
        let before = self.before(typed).len();
        let sought = typed.get(before..).unwrap_or("").trim().to_lowercase();
        self.offers.all.iter().filter(move |offer| {
            // A number is that of an entry, or a value.
            let is_number = sought.chars().all(|one| one.is_ascii_digit());
            let listed = offer.listed.trim_start().to_lowercase();
            if is_number {
                listed.starts_with(&sought)
            } else {
                begins_a_word(&listed, &sought) || begins_a_word(&offer.typed, &sought)
            }
        })
    }

    fn completed(&self, typed: &str, offer: &Offer) -> String {
        match self.before(typed) {
            "" => offer.typed.clone(),
            before => format!("{before} {}", offer.typed),
        }
    }

    /// The entry that is listed like this.
    fn chosen(&self, listed: &str) -> Option<&Offer> {
        self.offers.all.iter().find(|offer| offer.listed == listed)
    }

    /// An answer as it stays on the screen: a number or a name as it is listed.
    fn shown(&self, answer: &str) -> String {
        let resolved = self.resolved(answer);
        let named = self.named.all.iter().find(|offer| {
            let number = offer.listed.trim_start().split("  ").next();
            offer.typed == resolved || number == Some(resolved.as_str())
        });
        match named {
            Some(offer) if !self.offers.several => offer.listed.trim().to_owned(),
            _ => resolved,
        }
    }

    /// An answer as it would be typed.
    fn resolved(&self, answer: &str) -> String {
        match self.chosen(answer) {
            Some(offer) => self.completed(&self.typed.borrow(), offer),
            // Pasted lines are one answer.
            None => answer.replace(['\n', '\r', '\t'], " "),
        }
    }
}

/// Whether a word of a text, and what follows it, begins like this.
fn begins_a_word(text: &str, sought: &str) -> bool {
    text.match_indices(sought).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(char::is_alphanumeric)
    })
}

impl Autocomplete for Completer {
    fn get_suggestions(&mut self, input: &str) -> Result<Vec<String>, CustomUserError> {
        *self.typed.borrow_mut() = input.to_owned();
        Ok(self
            .found(input)
            .map(|offer| offer.listed.clone())
            .collect())
    }

    fn get_completion(
        &mut self,
        input: &str,
        chosen: Option<String>,
    ) -> Result<Replacement, CustomUserError> {
        let chosen = match chosen {
            Some(listed) => self.chosen(&listed),
            None => {
                let mut found = self.found(input);
                found.next().filter(|_| found.next().is_none())
            }
        };
        Ok(chosen.map(|offer| self.completed(input, offer)))
    }
}
