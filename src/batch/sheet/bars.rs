//! Counts as bars, the largest first: the whole as a frame, a part of it filled, so that they are told apart without colour.

use super::drawing::{Drawing, LINE, WIDTH, height, wrapped};

/// Bars in one drawing, so that a printed page holds it.
const MOST_BARS: usize = 12;
/// The longest bar; the figures stand behind it.
const LONGEST: u32 = 330;
const THICK: u32 = 12;
const GAP: u32 = 8;

/// One bar.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) whole: u64,
    pub(super) part: u64,
}

/// What bars stand for.
pub(super) struct Meaning {
    /// Begins the names of the drawings.
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    /// The word behind the figure of the part.
    pub(super) part: &'static str,
    pub(super) description: &'static str,
}

/// The bars, in as many drawings as they need.
pub(super) fn bar_charts(meaning: &Meaning, bars: &[Bar]) -> Vec<Drawing> {
    let largest = bars.iter().map(|bar| bar.whole).max().unwrap_or(0).max(1);
    let length = |count: u64| {
        let scaled = (count * u64::from(LONGEST)).div_ceil(largest);
        u32::try_from(scaled).unwrap_or(LONGEST)
    };
    let count = bars.len().div_ceil(MOST_BARS);
    let drawn = |(part, number): (&[Bar], usize)| {
        let title = match count {
            1 => meaning.title.to_owned(),
            _ => format!("{}, part {number} of {count}", meaning.title),
        };
        let name = format!("{}-{number}", meaning.name);
        let mut drawing = Drawing::new(name, title, meaning.description.to_owned());
        let mut top = 1;
        for bar in part {
            let label = wrapped(&bar.label, WIDTH, 2);
            drawing.text("", (1, top), &label);
            top += height(&label);
            drawing.rectangle("whole", (1, top), (length(bar.whole), THICK));
            if bar.part > 0 {
                drawing.rectangle("solid", (1, top), (length(bar.part), THICK));
            }
            let figures = format!("{}, {} {}", bar.whole, bar.part, meaning.part);
            let above = (LINE - THICK) / 2;
            drawing.text(
                "strong",
                (length(bar.whole) + 8, top.saturating_sub(above)),
                &[figures],
            );
            top += THICK + GAP;
        }
        drawing.height = top;
        drawing
    };
    bars.chunks(MOST_BARS).zip(1..).map(drawn).collect()
}
