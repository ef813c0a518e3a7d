//! How many candidates are left after each criterion, as trials report it (CONSORT): a column of boxes, and beside it who left and why.

use super::Step;
use super::drawing::{Drawing, LINE, WIDTH, height, wrapped};
use crate::batch::summary;

/// Criteria in one drawing, so that a printed page holds it.
const MOST_STEPS: usize = 8;

/// The boxes of those who are left.
const LEFT: Column = Column { x: 2, width: 132 };
/// The boxes of those who are not.
const EXIT: Column = Column {
    x: 166,
    width: WIDTH - 166 - 2,
};
const PADDING: u32 = 8;
/// Between the boxes of one column.
const GAP: u32 = 10;
/// The height of a box with one line.
const LOW: u32 = LINE + PADDING;

#[derive(Clone, Copy)]
struct Column {
    x: u32,
    width: u32,
}

impl Column {
    fn middle(self) -> u32 {
        self.x + self.width / 2
    }
}

/// The flow of a list, in as many drawings as it needs.
pub(super) fn flow_diagrams(summary: &summary::Report, steps: &[Step<'_>]) -> Vec<Drawing> {
    let screened = summary.screened();
    let parts: Vec<&[Step<'_>]> = steps.chunks(MOST_STEPS).collect();
    let count = parts.len();
    let mut drawings = Vec::new();
    for (index, part) in parts.into_iter().enumerate() {
        let mut flow = Flow::new(index + 1, count, part);
        match steps.get((index * MOST_STEPS).wrapping_sub(1)) {
            Some(before) => flow.left(&format!("{} left", before.left), "left"),
            None => {
                flow.left(&counted(summary.rows, "row", "rows"), "left");
                flow.exit(
                    "unread",
                    &[format!("{} could not be read", summary.error)],
                    &["an error of the row, no verdict".to_owned()],
                );
                flow.left(&format!("{screened} screened"), "left");
            }
        }
        for step in part {
            let title = format!("{}  {}", step.id, step.title);
            let figures = match (step.fail, step.unknown) {
                (0, 0) => vec!["of all: none fails, none is unknown".to_owned()],
                (fail, unknown) => vec![
                    format!("{} failed here first", step.first),
                    format!("of all: {fail} fail, {unknown} unknown"),
                ],
            };
            flow.exit(
                "fail",
                &wrapped(&title, EXIT.width - 2 * PADDING, 2),
                &figures,
            );
            flow.left(&format!("{} left", step.left), "left");
        }
        if index + 1 == count {
            flow.end(summary);
        }
        drawings.push(flow.drawing);
    }
    drawings
}

struct Flow {
    drawing: Drawing,
    /// The lower edge of the last box of those who are left.
    bottom: u32,
    /// The lower edge of the last box beside them.
    exit_bottom: u32,
}

impl Flow {
    fn new(number: usize, count: usize, part: &[Step<'_>]) -> Self {
        let span = match part {
            [first, .., last] => format!(", {} to {}", first.id, last.id),
            [only] => format!(", {}", only.id),
            [] => String::new(),
        };
        let title = if count == 1 {
            "Flow of candidates".to_owned()
        } else {
            format!("Flow of candidates, part {number} of {count}{span}")
        };
        let description = "From top to bottom the candidates who are left after each criterion, in the protocol's order; to the right who failed there first, and how many of all fail or are unknown. The table below has the same figures.";
        Self {
            drawing: Drawing::new(format!("flow-{number}"), title, description.to_owned()),
            bottom: 0,
            exit_bottom: 0,
        }
    }

    /// A box of those who are left, below the last one and the one beside it.
    fn left(&mut self, text: &str, class: &'static str) {
        let top = if self.bottom == 0 {
            1
        } else {
            (self.exit_bottom + GAP / 2)
                .saturating_sub(LOW / 2)
                .max(self.bottom + GAP + LINE)
        };
        if self.bottom > 0 {
            self.drawing
                .arrow((LEFT.middle(), self.bottom), (LEFT.middle(), top));
        }
        self.boxed(LEFT, class, top, &[text.to_owned()], &[]);
        self.bottom = top + LOW;
        self.drawing.height = self.bottom.max(self.exit_bottom) + 2;
    }

    /// A box of those who leave, with an arrow to it from below the last box of those who are left.
    fn exit(&mut self, class: &'static str, strong: &[String], lines: &[String]) {
        let tall = height(strong) + height(lines) + PADDING;
        let top = (self.exit_bottom + GAP).max((self.bottom + GAP).saturating_sub(tall / 2));
        self.boxed(EXIT, class, top, strong, lines);
        let from = (top + tall / 2).max(self.bottom + GAP / 2);
        self.drawing.arrow((LEFT.middle(), from), (EXIT.x, from));
        self.exit_bottom = top + tall;
    }

    fn boxed(
        &mut self,
        column: Column,
        class: &'static str,
        top: u32,
        strong: &[String],
        lines: &[String],
    ) {
        let tall = height(strong) + height(lines) + PADDING;
        self.drawing
            .rectangle(class, (column.x, top), (column.width, tall));
        let (x, y) = (column.x + PADDING, top + PADDING / 2);
        self.drawing.text("strong", (x, y), strong);
        self.drawing.text("", (x, y + height(strong)), lines);
    }

    /// What those who are left come to. Who is undetermined leaves by a way of their own.
    fn end(&mut self, summary: &summary::Report) {
        let within = |column: Column, text: &str| wrapped(text, column.width - 2 * PADDING, 3);
        let top = self.drawing.height + 2 * GAP;
        let (middle, turn) = (LEFT.middle(), top - GAP);
        self.drawing.arrow((middle, self.bottom), (middle, top));
        let eligible = [format!("{} eligible", summary.eligible)];
        let none = within(LEFT, "none failed, none unknown");
        self.boxed(LEFT, "eligible", top, &eligible, &none);
        self.drawing.line((middle, turn), (EXIT.middle(), turn));
        self.drawing
            .arrow((EXIT.middle(), turn), (EXIT.middle(), top));
        let undetermined = [format!("{} undetermined", summary.undetermined)];
        let open = within(EXIT, "none failed, one or more unknown: not excluded");
        self.boxed(EXIT, "undetermined", top, &undetermined, &open);
        let top = top + height(&undetermined) + height(&open) + PADDING + GAP;
        let ineligible = [format!("{} ineligible", summary.ineligible)];
        let above = within(EXIT, "left above, each at the first criterion that failed");
        self.boxed(EXIT, "fail", top, &ineligible, &above);
        self.drawing.height = top + height(&ineligible) + height(&above) + PADDING + 2;
    }
}

fn counted(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}
