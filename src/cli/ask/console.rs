//! The two ends of an interview: what is said, and what is typed.
//!
//! Lines are written and read, so an interview works in a pipe, over a slow connection, and with a screen reader. At a
//! terminal that can do it, a prompt lists what may be chosen and completes what is typed; what it returns is such a line
//! again, so both mean the same.

use std::env;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use anyhow::{Context as _, bail};
use crossterm::{cursor, event, execute, terminal};
use eligo::diagnostic::visible;
use eligo::report::table::Layout;
use terminal_size::{Height, Width, terminal_size_of};

use super::prompt;
use crate::cli::Terminal;

/// Bytes of an answer. Nobody types more; what a file that is no text pours in has an end.
const LONGEST: u64 = 64 * 1024;

/// What may be chosen instead of typing it.
#[derive(Debug, Clone)]
pub struct Offer {
    /// How it is listed. No two of a question are listed the same.
    pub listed: String,
    /// What it stands for, as it would be typed.
    pub typed: String,
}

impl Offer {
    pub fn new(listed: &str, typed: &str) -> Self {
        Self {
            listed: listed.to_owned(),
            typed: typed.to_owned(),
        }
    }
}

/// What a prompt goes with.
#[derive(Debug, Clone, Default)]
pub struct Offers {
    /// In the order in which they are listed.
    pub all: Vec<Offer>,
    /// Whether an answer may be several of them, separated by commas.
    pub several: bool,
    /// What Enter alone comes to.
    pub blank: &'static str,
}

/// What came of waiting for an answer.
pub enum Input {
    Line(String),
    /// The input has ended.
    End,
    /// Ctrl-C was typed.
    Interrupted,
}

pub struct Console<'t> {
    terminal: &'t Terminal,
    /// Whether prompts are used where there is room for them.
    has_prompts: bool,
    /// Whether what is typed can be seen.
    is_echoed: bool,
}

impl<'t> Console<'t> {
    /// Prompts at a terminal, unless lines are asked for.
    pub fn new(terminal: &'t Terminal, lines: bool) -> Self {
        let is_terminal =
            io::stdin().is_terminal() && io::stdout().is_terminal() && io::stderr().is_terminal();
        // Windows names its terminals by no variable.
        let moves_its_cursor = match env::var("TERM") {
            Ok(name) => name != "dumb",
            Err(_) => cfg!(windows),
        };
        Self {
            terminal,
            has_prompts: is_terminal && moves_its_cursor && !lines,
            is_echoed: io::stdin().is_terminal(),
        }
    }

    pub fn is_coloured(&self) -> bool {
        self.terminal.colour
    }

    /// How a page is laid out here.
    pub fn layout(&self) -> Layout {
        // No more than 100.
        let width = u16::try_from(self.width()).unwrap_or(u16::MAX);
        Layout {
            width,
            colour: self.is_coloured(),
        }
    }

    /// The columns for text. A terminal may have been resized since.
    pub fn width(&self) -> usize {
        let width = terminal_size_of(io::stdout()).map_or(self.terminal.width, |size| size.0.0);
        usize::from(width.clamp(20, 100))
    }

    /// Whether the next answer is asked for by a prompt.
    pub fn prompts(&self) -> bool {
        self.room().is_some()
    }

    /// The columns and lines for a prompt; none without room for it, where lines are read instead.
    fn room(&self) -> Option<(u16, u16)> {
        const LEAST: (u16, u16) = (40, 12);
        let (Width(columns), Height(lines)) = terminal_size_of(io::stderr())?;
        (self.has_prompts && columns >= LEAST.0 && lines >= LEAST.1).then_some((columns, lines))
    }

    pub fn write(&self, text: &str) -> anyhow::Result<()> {
        self.terminal.print(text)
    }

    pub fn line(&self, text: &str) -> anyhow::Result<()> {
        self.hung("", text)
    }

    /// A text below a lead, which stands before its first line.
    pub fn hung(&self, lead: &str, text: &str) -> anyhow::Result<()> {
        let blanks = " ".repeat(lead.chars().count());
        let options = textwrap::Options::new(self.width())
            .initial_indent(lead)
            .subsequent_indent(&blanks);
        self.write(&format!("{}\n", textwrap::fill(&visible(text), options)))
    }

    /// A line that may be coloured already.
    pub fn painted(&self, text: &str) -> anyhow::Result<()> {
        self.write(&format!(
            "{}\n",
            textwrap::fill(text.trim_end(), self.width())
        ))
    }

    /// Waits for an answer. A refused one can be taken up again where what is typed can be changed.
    pub fn read(&self, offers: &Offers, refused: &str) -> anyhow::Result<Input> {
        match self.room() {
            Some(room) => prompt::read(offers, refused, room, self.terminal.messages_colour),
            None => self.read_line(),
        }
    }

    fn read_line(&self) -> anyhow::Result<Input> {
        self.write("> ")?;
        loop {
            let mut line = Vec::new();
            io::stdin()
                .lock()
                .take(LONGEST)
                .read_until(b'\n', &mut line)
                .context("cannot read the answer; everything before it is saved")?;
            if line.is_empty() {
                // What was typed stands on a line of its own.
                self.write("\n")?;
                return Ok(Input::End);
            }
            if !self.is_echoed {
                self.write("\n")?;
            }
            if line.len() as u64 == LONGEST {
                bail!("an answer has no end in 64 KiB; everything before it is saved");
            }
            match String::from_utf8(line) {
                Ok(line) => return Ok(Input::Line(line.trim_end_matches(['\r', '\n']).to_owned())),
                Err(_) => self.write("That is no text in UTF-8; type it again.\n> ")?,
            }
        }
    }
}

/// Leaves a terminal as it was before a prompt, whatever the prompt was doing.
pub fn restore() {
    if terminal::is_raw_mode_enabled().unwrap_or(false) {
        let _ = terminal::disable_raw_mode();
        let mut stderr = io::stderr();
        let _ = execute!(stderr, event::DisableBracketedPaste, cursor::Show);
    }
}
