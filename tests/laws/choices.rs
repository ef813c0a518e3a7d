//! What a generator decides, as a row of numbers: shorter rows and smaller numbers make simpler examples, so that a
//! failing example shrinks by itself, whatever it is an example of.

use std::fmt::Debug;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};

/// A row of numbers, read from the front; zeros behind its end.
pub struct Choices<'a> {
    numbers: &'a [u32],
    at: usize,
}

impl<'a> Choices<'a> {
    pub fn new(numbers: &'a [u32]) -> Self {
        Self { numbers, at: 0 }
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let number = self.numbers.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        number as usize % end
    }

    /// A number of `low..=high`.
    pub fn within(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as usize) as i64
    }

    /// True in `times` of `of` cases.
    pub fn chance(&mut self, times: usize, of: usize) -> bool {
        self.below(of) >= of - times
    }

    pub fn pick<'t, T>(&mut self, among: &'t [T]) -> &'t T {
        &among[self.below(among.len())]
    }

    /// The elements in another order.
    pub fn shuffle<T>(&mut self, elements: &mut [T]) {
        for last in (1..elements.len()).rev() {
            let other = last - self.below(last + 1);
            elements.swap(last, other);
        }
    }
}

fn config(cases: u32, seed: u64) -> Config {
    Config {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 3_000,
        max_shrink_time: 5_000,
        ..Config::default()
    }
}

/// Holds a law to `cases` examples, always the same ones. What it says of a failing example is shown once that is as
/// small as it gets.
pub fn hold(
    cases: u32,
    seed: u64,
    length: usize,
    law: impl Fn(&mut Choices<'_>) -> Result<(), String>,
) {
    let numbers = proptest::collection::vec(any::<u32>(), length / 2..=length);
    run(
        cases,
        seed,
        &numbers,
        |numbers| law(&mut Choices::new(&numbers)),
        |_| String::new(),
    );
}

/// The same over any strategy.
pub fn hold_for<S: Strategy>(
    cases: u32,
    seed: u64,
    strategy: &S,
    law: impl Fn(S::Value) -> Result<(), String>,
) where
    S::Value: Debug,
{
    run(cases, seed, strategy, law, |value| format!("\n{value:?}"));
}

fn run<S: Strategy>(
    cases: u32,
    seed: u64,
    strategy: &S,
    law: impl Fn(S::Value) -> Result<(), String>,
    show: impl Fn(&S::Value) -> String,
) {
    let mut runner = TestRunner::new(config(cases, seed));
    match runner.run(strategy, |value| law(value).map_err(TestCaseError::fail)) {
        Ok(()) => {}
        Err(TestError::Fail(reason, value)) => panic!("{}{}", reason.message(), show(&value)),
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}
