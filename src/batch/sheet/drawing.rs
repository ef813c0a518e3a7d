//! Boxes, lines and words on a sheet of paper → SVG that needs no style sheet: what is drawn takes the colour of the text around it.
//!
//! The paper is narrow enough to be read on a phone, and a drawing low enough for a printed page: what is longer is drawn in several.

use minijinja::Value;
use serde::Serialize;

use crate::diagnostic::{Diagnostics, Source};
use crate::report::markup::{Markup, fill};

/// The width of a drawing in units, of which a line of text takes [`LINE`].
pub(super) const WIDTH: u32 = 480;
/// From one line of text to the next.
pub(super) const LINE: u32 = 17;
/// From the upper edge of a line of text to where its letters stand.
pub(super) const ASCENT: u32 = 13;

/// A drawing under way.
#[derive(Debug, Default, Serialize)]
pub(super) struct Drawing {
    /// Tells it from the others of the page.
    pub(super) name: String,
    pub(super) title: String,
    /// What a reader who does not see it must know; the figures stand in a table beside it.
    pub(super) description: String,
    width: u32,
    pub(super) height: u32,
    boxes: Vec<Rectangle>,
    texts: Vec<Text>,
    lines: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Rectangle {
    class: &'static str,
    x: u32,
    y: u32,
    width: u32,
    height: u32,
}

#[derive(Debug, Serialize)]
struct Text {
    class: &'static str,
    x: u32,
    y: u32,
    text: String,
}

#[derive(Debug, Serialize)]
struct Line {
    from: (u32, u32),
    to: (u32, u32),
    arrow: bool,
}

impl Drawing {
    pub(super) fn new(name: String, title: String, description: String) -> Self {
        Self {
            name,
            title,
            description,
            width: WIDTH,
            ..Self::default()
        }
    }

    pub(super) fn rectangle(
        &mut self,
        class: &'static str,
        (x, y): (u32, u32),
        (width, height): (u32, u32),
    ) {
        self.boxes.push(Rectangle {
            class,
            x,
            y,
            width,
            height,
        });
    }

    /// Lines of text, the first of which has its upper edge at `y`.
    pub(super) fn text(&mut self, class: &'static str, (x, y): (u32, u32), lines: &[String]) {
        let placed = lines.iter().zip(0..).map(|(text, number)| Text {
            class,
            x,
            y: y + ASCENT + number * LINE,
            text: text.clone(),
        });
        self.texts.extend(placed);
    }

    pub(super) fn arrow(&mut self, from: (u32, u32), to: (u32, u32)) {
        self.lines.push(Line {
            from,
            to,
            arrow: true,
        });
    }

    pub(super) fn line(&mut self, from: (u32, u32), to: (u32, u32)) {
        self.lines.push(Line {
            from,
            to,
            arrow: false,
        });
    }

    /// The drawing as an element of a page.
    pub(super) fn svg(&self) -> Result<Value, Diagnostics> {
        let template = Source::new("drawing.svg", include_str!("drawing.svg"));
        let svg = fill(self, Markup::Html, &template, "a drawing")?;
        Ok(Value::from_safe_string(svg.trim_end().to_owned()))
    }
}

/// A text in lines that fit between so many units, at most `most` of them; what is left over is three points. A word that is longer
/// than a line is broken.
///
/// Columns of a terminal would not do: in the letters of a page a W takes four times the room of an i.
pub(super) fn wrapped(text: &str, units: u32, most: usize) -> Vec<String> {
    let fits = |line: &str| line.chars().map(tenths).sum::<u32>() <= units * 10;
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let Some(line) = lines.last_mut() else { break };
        let joined = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        let overlong = if fits(&joined) { "" } else { word };
        if overlong.is_empty() {
            *line = joined;
        } else if !line.is_empty() {
            lines.push(String::new());
        }
        // What did not fit begins a line of its own, and goes on below where it is longer than that.
        for letter in overlong.chars() {
            if let Some(line) = lines.last_mut() {
                line.push(letter);
                if !fits(line) {
                    line.pop();
                    lines.push(letter.to_string());
                }
            }
        }
        if lines.len() > most {
            break;
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.push('…');
            while !fits(last) {
                last.pop();
                last.pop();
                last.push('…');
            }
        }
    }
    lines
}

/// The room that a letter takes in bold, in tenths of a unit, or a little more.
fn tenths(letter: char) -> u32 {
    match letter {
        _ if textwrap::core::display_width(letter.encode_utf8(&mut [0; 4])) > 1 => 133,
        ' ' | 'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 40,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' | '"' => 55,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '—' | '…' => 133,
        'A'..='Z' => 103,
        'a'..='z' | '0'..='9' => 80,
        _ => 103,
    }
}

/// Lines of text take so much height.
pub(super) fn height(lines: &[String]) -> u32 {
    u32::try_from(lines.len()).unwrap_or(0) * LINE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_wrapped_and_broken_and_cut() {
        assert_eq!(wrapped("", 100, 2), [""]);
        assert_eq!(wrapped("  one   two ", 100, 2), ["one two"]);
        assert_eq!(wrapped("one two three", 60, 2), ["one two", "three"]);
        assert_eq!(wrapped("one two three four", 60, 2), ["one two", "three…"]);
        assert_eq!(wrapped("WWWWWWWW", 60, 3), ["WWWW", "WWWW"]);
        assert_eq!(wrapped("a WWWWWWWWWW", 60, 2), ["a", "WWW…"]);
        assert_eq!(wrapped("极长的标题极长", 60, 9), ["极长的标", "题极长"]);
    }
}
