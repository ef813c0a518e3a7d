//! How far a long run is, on a terminal.

use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A run that is over sooner needs no bar.
const LONG: Duration = Duration::from_secs(1);

/// The bar, which appears when a run turns out to be long.
pub struct Progress {
    bar: ProgressBar,
    begun: Instant,
    /// Whether it has to appear yet.
    waiting: bool,
    rows: u64,
}

impl Progress {
    /// A bar for these lists; none unless it is wanted and standard error is a terminal.
    pub fn new(lists: &[PathBuf], wanted: bool) -> Self {
        let sizes: Option<u64> = lists
            .iter()
            .map(|list| {
                fs::metadata(list)
                    .ok()
                    .filter(fs::Metadata::is_file)
                    .map(|data| data.len())
            })
            .sum();
        let style = if sizes.is_some() {
            "{bar:24} {percent:>3} %  {msg}, {eta} left"
        } else {
            "{spinner} {msg}"
        };
        // The templates are constants, and right.
        let style =
            ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self {
            bar: ProgressBar::with_draw_target(sizes, ProgressDrawTarget::hidden())
                .with_style(style),
            begun: Instant::now(),
            waiting: wanted && io::stderr().is_terminal(),
            rows: 0,
        }
    }

    /// Counts what was screened.
    pub fn add(&mut self, bytes: u64, rows: u64) {
        self.bar.inc(bytes);
        self.rows += rows;
        let elapsed = self.begun.elapsed();
        if elapsed < LONG {
            return;
        }
        if std::mem::take(&mut self.waiting) {
            self.bar
                .set_draw_target(ProgressDrawTarget::stderr_with_hz(4));
        }
        let rate = u128::from(self.rows) * 1_000 / elapsed.as_millis().max(1);
        self.bar
            .set_message(format!("{} rows, {rate} a second", self.rows));
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
