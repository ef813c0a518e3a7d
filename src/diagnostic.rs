//! What is wrong with an input, and where.
//!
//! In: a [`Source`] and a byte span inside it. Out: a [`Diagnostic`] that names file, line and column, shows the
//! line, and says what would be right. Rendering is pure and safe for a terminal: control characters that came
//! with the input are shown as pictures, and lines of any length are cropped around the place.

pub mod catalogue;
pub mod lines;
pub mod lookalike;
mod source_map;

use std::fmt::{self, Write as _};
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use memchr::{memchr_iter, memrchr};

pub use source_map::SourceMap;

/// A named text that was read from outside: a file, standard input, or the embedded trial.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// How messages name it: the path as it was given, `<stdin>` or `<embedded>`.
    pub name: String,
    /// The whole text, without a byte order mark; of a row in a list, the row.
    pub text: String,
    /// Where in the file the text begins.
    pub start: Start,
    /// Where its cells begin, if it is a row of a table that is no text itself.
    pub table: Option<TableRow>,
}

/// A row of a table that is no text, whose cells stand in a text one behind the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRow {
    /// How its cells are named.
    pub names: CellNames,
    /// The first byte of each cell.
    pub cells: Vec<usize>,
}

/// How the cells of a table are named that is no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CellNames {
    /// As spreadsheets do, in the sheet of this name; the first cell is that of column A.
    Sheet(Arc<str>),
    /// By the names of the columns. The row 0 is that of the names themselves.
    Columns(Arc<[String]>),
}

impl TableRow {
    /// The column of a byte, counted from 1.
    fn column(&self, at: usize) -> usize {
        self.cells.partition_point(|start| *start <= at).max(1)
    }
}

/// A column as spreadsheets call it: `A` for 1, `AA` for 27.
#[must_use]
pub(crate) fn column_name(column: usize) -> String {
    let (mut letters, mut rest) = (Vec::new(), column);
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).unwrap_or(25);
        letters.push(char::from(b'A' + letter));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// Where a text begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// The line, counted from 1.
    pub line: usize,
    /// The character of the line, counted from 1.
    pub column: usize,
}

impl Start {
    /// The beginning of a file.
    pub(crate) const OF_FILE: Self = Self::of_line(1);

    /// The beginning of a line.
    #[must_use]
    pub(crate) const fn of_line(line: usize) -> Self {
        Self { line, column: 1 }
    }

    /// What begins behind some bytes that begin here.
    #[must_use]
    pub fn behind(self, bytes: &[u8]) -> Self {
        // All bytes of a character but the first look alike.
        let characters = |bytes: &[u8]| bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        match memrchr(b'\n', bytes) {
            Some(last) => Self {
                line: self.line + memchr_iter(b'\n', bytes).count(),
                column: 1 + characters(bytes.get(last + 1..).unwrap_or_default()),
            },
            None => Self {
                column: self.column + characters(bytes),
                ..self
            },
        }
    }
}

impl Source {
    /// A text that begins with its file.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Self::starting_at(name, text, Start::OF_FILE)
    }

    /// A text that begins further down in its file.
    #[must_use]
    pub fn starting_at(
        name: impl Into<String>,
        text: impl Into<String>,
        start: Start,
    ) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
            start,
            table: None,
        })
    }

    /// A row of a table that is no text, counted from 1.
    #[must_use]
    pub(crate) fn row_of_table(
        name: impl Into<String>,
        text: impl Into<String>,
        row: usize,
        table: TableRow,
    ) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
            start: Start::of_line(row),
            table: Some(table),
        })
    }
}

/// Bytes of a file as text. A byte order mark is dropped; bytes that are not UTF-8 are an error with their place.
///
/// # Errors
/// A [`Diagnostic`] if the bytes are not UTF-8.
pub fn decode(name: &str, bytes: Vec<u8>) -> Result<Arc<Source>, Box<Diagnostic>> {
    match String::from_utf8(bytes) {
        Ok(mut text) => {
            if text.starts_with('\u{feff}') {
                text.drain(..'\u{feff}'.len_utf8());
            }
            Ok(Source::new(name, text))
        }
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bad = error.as_bytes().get(at).copied().unwrap_or_default();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let source = Source::new(name, text);
            Err(Box::new(
                Diagnostic::error(format!("the text is not valid UTF-8: byte 0x{bad:02X}"))
                    .at(&source, at..at + '\u{fffd}'.len_utf8())
                    .help("save the file as UTF-8"),
            ))
        }
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing, and perhaps meant.
    Note,
    /// Probably not meant; nothing is refused.
    Warning,
    /// The input is refused.
    Error,
}

impl Severity {
    /// Its name in messages and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where the text came from.
    pub source: Arc<Source>,
    /// Bytes of `source.text`.
    pub span: Range<usize>,
}

impl Place {
    /// Line and column, both counted from 1, the column in characters; of a table that is no text, its row and its column.
    #[must_use]
    pub fn line_column(&self) -> (usize, usize) {
        if let Some(table) = &self.source.table {
            return (self.source.start.line, table.column(self.span.start));
        }
        let before = self
            .source
            .text
            .get(..self.span.start)
            .unwrap_or(&self.source.text);
        let Start { line, column } = self.source.start.behind(before.as_bytes());
        (line, column)
    }
}

impl Place {
    /// `file:line:column`, `file sheet!C7`, or `file: row 7, column NAME`.
    #[must_use]
    pub(crate) fn name(&self) -> String {
        self.name_at(self.line_column())
    }

    fn name_at(&self, (line, column): (usize, usize)) -> String {
        let name = visible(&self.source.name);
        match self.source.table.as_ref().map(|row| &row.names) {
            Some(CellNames::Sheet(sheet)) => {
                format!("{name} {}!{}{line}", visible(sheet), column_name(column))
            }
            Some(CellNames::Columns(columns)) => {
                // What is wrong with a row as a whole stands in no column.
                let column = columns
                    .get(column - 1)
                    .filter(|_| !self.source.text.is_empty());
                let column = column.map(|column| format!("column {}", visible(column)));
                let row = (line > 0).then(|| format!("row {line}"));
                let place: Vec<String> = row.into_iter().chain(column).collect();
                format!("{name}: {}", place.join(", "))
            }
            None => format!("{name}:{line}:{column}"),
        }
    }
}

/// Everything that is wrong with an input that is refused.
///
/// As text, each finding with its place and the line that it stands in, without colour and at most 100 columns wide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl fmt::Display for Diagnostics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WIDTH: usize = 100;
        for (index, diagnostic) in self.0.iter().enumerate() {
            let between = if index == 0 { "" } else { "\n\n" };
            write!(formatter, "{between}{}", diagnostic.render(false, WIDTH))?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

impl From<Vec<Diagnostic>> for Diagnostics {
    fn from(found: Vec<Diagnostic>) -> Self {
        Self(found)
    }
}

/// One finding: what is wrong, where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the input is refused.
    pub severity: Severity,
    /// What kind of finding it is, for programs and for those who accept it: a code of [`crate::diagnostic::catalogue`].
    pub code: Option<&'static str>,
    /// What is wrong: lower case, no full stop, the user's own words in backticks.
    pub message: String,
    /// Where, if it has a place inside a text.
    pub place: Option<Place>,
    /// What stands there, where the text is a row of a list and too long to be shown: the path of a fact.
    pub about: Option<String>,
    /// A few words under the marked place.
    pub label: Option<String>,
    /// What would be right.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// A finding for which the input is refused.
    #[must_use]
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code: None,
            message: shortened(message.into()),
            place: None,
            about: None,
            label: None,
            help: Vec::new(),
        }
    }

    /// A finding that refuses nothing.
    #[must_use]
    pub fn warning(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(message)
        }
    }

    /// Sets its kind.
    #[must_use]
    pub fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// Sets its kind where nothing more exact is known.
    #[must_use]
    pub fn or_code(mut self, code: &'static str) -> Self {
        self.code.get_or_insert(code);
        self
    }

    /// Sets the place.
    #[must_use]
    pub fn at(mut self, source: &Arc<Source>, span: Range<usize>) -> Self {
        self.place = Some(Place {
            source: Arc::clone(source),
            span,
        });
        self
    }

    /// Sets the words under the marked place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds what would be right.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(shortened(help.into()));
        self
    }

    /// Adds what would be right, if there is something to say.
    #[must_use]
    pub fn help_if(self, help: Option<String>) -> Self {
        match help {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// The finding as text for a person: with or without ANSI colour, no wider than `width` columns where the
    /// message allows it.
    #[must_use]
    pub fn render(&self, colour: bool, width: usize) -> String {
        let renderer = if colour {
            Renderer::styled()
        } else {
            Renderer::plain()
        }
        .term_width(width.max(40));
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        // A code is shown where it is of use: to accept the finding.
        let code = self.code.filter(|code| catalogue::acceptable(code));
        let title = level.primary_title(visible(&self.message));
        let mut group = Group::with_title(match code {
            Some(code) => title.id(code),
            None => title,
        });
        let cropped = self.place.as_ref().map(Crop::new);
        if let (Some(place), Some(crop)) = (&self.place, &cropped) {
            let (line, column) = place.line_column();
            let annotation = AnnotationKind::Primary
                .span(crop.span.clone())
                .label(self.label.as_deref().map(visible));
            let snippet = Snippet::source(crop.text.as_str())
                .line_start(line)
                .annotation(annotation);
            let name = visible(&place.source.name);
            group = if place.source.table.is_some() {
                let group = group.element(Origin::path(place.name()));
                match line {
                    // The names of columns stand on no line.
                    0 => group,
                    _ => group.element(snippet),
                }
            } else if crop.cut {
                // The column inside the cropped line would be wrong.
                group
                    .element(Origin::path(name).line(line).char_column(column))
                    .element(snippet)
            } else {
                group.element(snippet.path(name))
            };
        }
        for help in &self.help {
            group = group.element(Level::HELP.message(visible(help)));
        }
        let rendered = renderer.render(&[group]);
        let is_of_table = |place: &Place| place.source.table.is_some();
        match self.place.as_ref().is_some_and(is_of_table) {
            true => without_gap(&rendered),
            false => rendered,
        }
    }

    /// The message, with what it is about, unless it says so itself.
    #[must_use]
    pub(crate) fn full_message(&self) -> String {
        match &self.about {
            Some(about) if !self.message.contains(&format!("`{about}`")) => {
                format!("{about}: {}", self.message)
            }
            _ => self.message.clone(),
        }
    }

    /// The finding on one line: `file:line:column: message (help)`.
    #[must_use]
    pub fn one_line(&self) -> String {
        self.one_line_at(self.place.as_ref().map(Place::line_column))
    }

    /// The same, where the line and the column are known.
    #[must_use]
    pub(crate) fn one_line_at(&self, position: Option<(usize, usize)>) -> String {
        let mut out = String::new();
        if let (Some(place), Some((line, column))) = (&self.place, position) {
            let _ = write!(out, "{}: ", place.name_at((line, column)));
        }
        out.push_str(&visible(&self.full_message()));
        if !self.help.is_empty() {
            let _ = write!(out, " ({})", visible(&self.help.join("; ")));
        }
        out
    }
}

/// A message without the line of `:::` between a place that is no line and column, and the text that stands there.
fn without_gap(rendered: &str) -> String {
    let is_gap = |line: &str| {
        // Colours begin with an escape and end with `m`.
        let mut pieces = line.split('\u{1b}');
        let first = pieces.next().unwrap_or_default().to_owned();
        let rest = pieces.filter_map(|piece| Some(piece.split_once('m')?.1));
        let visible: String = std::iter::once(first.as_str()).chain(rest).collect();
        visible.trim() == ":::"
    };
    let lines: Vec<&str> = rendered.lines().filter(|line| !is_gap(line)).collect();
    lines.join("\n")
}

/// The marked part of a source: one line, shortened where it is long, so that a file of one enormous line does not
/// flood the terminal.
struct Crop {
    text: String,
    span: Range<usize>,
    /// Whether the beginning of the line is left out.
    cut: bool,
}

impl Crop {
    const BEFORE: usize = 60;
    const AFTER: usize = 100;

    fn new(place: &Place) -> Self {
        let text = place.source.text.as_str();
        let start = floor_boundary(text, place.span.start.min(text.len()));
        let line_start = text
            .get(..start)
            .and_then(|before| before.rfind('\n'))
            .map_or(0, |at| at + 1);
        let line_end = text
            .get(start..)
            .and_then(|after| after.find('\n'))
            .map_or(text.len(), |at| start + at);
        let from = text.get(line_start..start).map_or(start, |before| {
            before
                .char_indices()
                .rev()
                .nth(Self::BEFORE)
                .map_or(line_start, |(at, _)| line_start + at)
        });
        let to = text.get(start..line_end).map_or(start, |after| {
            after
                .char_indices()
                .nth(Self::AFTER)
                .map_or(line_end, |(at, _)| start + at)
        });
        let line = text
            .get(from..to)
            .unwrap_or_default()
            .trim_end_matches('\r');
        let end = floor_boundary(text, place.span.end.min(text.len())).clamp(start, to);
        let (mut shown, mut span) = (String::new(), 0..0);
        let cut = from > line_start || line_start == 0 && place.source.start.column > 1;
        if cut {
            shown.push_str("… ");
        }
        span.start = shown.len();
        for (at, character) in line.char_indices() {
            let before = shown.len();
            shown.push(visible_character(character));
            if from + at < start {
                span.start = shown.len();
            }
            if from + at < end {
                span.end = shown.len();
            } else if from + at == end && span.end < before {
                span.end = before;
            }
        }
        span.end = span.end.max(span.start);
        if to < line_end {
            shown.push_str(" …");
        }
        Self {
            text: shown,
            span,
            cut,
        }
    }
}

fn floor_boundary(text: &str, mut at: usize) -> usize {
    while at > 0 && !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A message that quotes something enormous, without most of it.
fn shortened(message: String) -> String {
    const LONGEST: usize = 1_500;
    const ENDS: usize = 300;
    if message.len() <= LONGEST {
        return message;
    }
    let head = floor_boundary(&message, ENDS);
    let tail = floor_boundary(&message, message.len() - ENDS);
    format!(
        "{} … {}",
        message.get(..head).unwrap_or_default(),
        message.get(tail..).unwrap_or_default()
    )
}

/// Text as it may be shown on a terminal: control characters, and the marks that turn the direction of writing,
/// become visible pictures; line breaks and tabs become a space.
#[must_use]
pub fn visible(text: &str) -> String {
    text.chars().map(visible_character).collect()
}

/// One character of [`visible`] text.
pub(crate) fn visible_character(character: char) -> char {
    match character {
        '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => '\u{fffd}',
        other => other,
    }
}

/// The declared word that is nearest to one that is not declared, if one is near enough to be meant.
#[must_use]
pub fn nearest<'a>(word: &str, declared: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Longer than any name that somebody may have meant, and as many names as are compared: a search takes time for both.
    const LONGEST: usize = 120;
    const MOST: usize = 2_000;
    const SHORT: usize = 2;
    if word.len() > LONGEST {
        return None;
    }
    let folded = |text: &str| text.to_lowercase().replace(['-', ' ', '.'], "_");
    let word = folded(word);
    let mut best: Option<(f64, &str)> = None;
    for candidate in declared
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .take(MOST)
    {
        let other = folded(candidate);
        // Of one or two letters only the beginning says something: `nd` is not nearly `not_detected`.
        if word.chars().count() <= SHORT && !other.starts_with(&word) {
            continue;
        }
        let last = folded(candidate.rsplit('.').next().unwrap_or(candidate));
        let last = last.as_str();
        // A name may have been written without its group; a long name may begin as written.
        let score = strsim::jaro_winkler(&word, &other).max(if last == word {
            0.99
        } else {
            0.95 * strsim::normalized_damerau_levenshtein(&word, last)
        });
        if best.is_none_or(|(top, _)| score > top) {
            best = Some((score, candidate));
        }
    }
    best.filter(|(score, _)| *score >= 0.75)
        .map(|(_, candidate)| candidate)
}

/// A help line for a word that is not declared: the nearest one, and all of them where they are few.
#[must_use]
pub(crate) fn did_you_mean<'a>(
    word: &str,
    declared: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<String> {
    const FEW: usize = 12;
    let all: Vec<&str> = declared.clone().into_iter().collect();
    let listed = (!all.is_empty() && all.len() <= FEW).then(|| {
        let quoted: Vec<String> = all.iter().map(|name| format!("`{name}`")).collect();
        format!("one of {}", quoted.join(", "))
    });
    match (nearest(word, declared), listed) {
        (Some(near), Some(list)) if all.len() > 1 => {
            Some(format!("did you mean `{near}`? ({list})"))
        }
        (Some(near), _) => Some(format!("did you mean `{near}`?")),
        (None, Some(list)) => Some(format!("write {list}")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Arc<Source> {
        Source::new("r.yaml", text)
    }

    #[test]
    fn diagnostics_are_one_error_that_shows_each() {
        let source = source("sex: male\necog: 7\n");
        let found = vec![
            Diagnostic::error("7 is outside 0..5").at(&source, 16..17),
            Diagnostic::error("the record has no birth date").help("write one"),
        ];
        let error: Box<dyn std::error::Error> = Box::new(Diagnostics::from(found));
        let shown = error.to_string();
        assert!(shown.starts_with("error: 7 is outside 0..5\n"), "{shown}");
        assert!(shown.contains("r.yaml:2:7"), "{shown}");
        assert!(
            shown.contains("\n\nerror: the record has no birth date"),
            "{shown}"
        );
        assert!(shown.contains("help: write one"), "{shown}");
        assert!(!shown.contains('\u{1b}'), "{shown}");
    }

    #[test]
    fn shows_file_line_column_and_the_line() {
        let source = source("sex: male\necog: 7\n");
        let shown = Diagnostic::error("7 is outside 0..5")
            .at(&source, 16..17)
            .help("ECOG runs from 0 to 5")
            .render(false, 80);
        assert!(shown.contains("r.yaml:2:7"), "{shown}");
        assert!(shown.contains("ecog: 7"), "{shown}");
        assert!(shown.contains("ECOG runs from 0 to 5"), "{shown}");
    }

    #[test]
    fn control_characters_never_reach_the_terminal() {
        let source = source("a: \u{1b}[31mred\u{7}\u{202e}\n");
        let shown = Diagnostic::error("bad \u{1b}[2J")
            .at(&source, 3..7)
            .label("\u{9b}")
            .help("\u{7f}")
            .render(false, 80);
        assert!(
            shown
                .chars()
                .all(|character| character == '\n' || !character.is_control()),
            "{shown:?}"
        );
        assert!(!shown.contains('\u{202e}'));
    }

    #[test]
    fn an_enormous_line_is_cropped_around_the_place() {
        let text = format!("{}BAD{}", "x".repeat(1_000_000), "y".repeat(1_000_000));
        let shown = Diagnostic::error("no")
            .at(&source(&text), 1_000_000..1_000_003)
            .render(false, 80);
        assert!(shown.len() < 1000, "{}", shown.len());
        assert!(shown.contains("BAD"));
        assert!(shown.contains(":1:1000001"), "{shown}");
    }

    #[test]
    fn suggests_only_what_is_near() {
        assert_eq!(nearest("ecgo", ["ecog", "sex"]), Some("ecog"));
        assert_eq!(
            nearest("hbv_dna", ["hepatitis.hbv_dna", "sex"]),
            Some("hepatitis.hbv_dna")
        );
        assert_eq!(nearest("zzzz", ["ecog", "sex"]), None);
        // Not done, or not detected.
        assert_eq!(nearest("nd", ["not_detected", "detected"]), None);
        assert_eq!(nearest("M", ["male", "female"]), Some("male"));
    }

    #[test]
    fn invalid_utf8_has_a_place() {
        let error = decode("r.yaml", b"sex: m\xffle\n".to_vec()).unwrap_err();
        assert_eq!(error.place.as_ref().unwrap().line_column(), (1, 7));
    }
}
