//! Work for several threads, with its results in the order in which it was given out, in bounded memory.
//!
//! Every thread takes its next piece of work itself, does it, and hands over what is due, so that a piece stays near the
//! core that works on it, and `threads` threads are all that is busy. Pieces and results are filled again and again.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Context as _, anyhow};

/// How many threads screen: as many as are asked for, or as the machine has cores.
pub fn threads(asked: Option<u16>) -> usize {
    asked.map_or_else(
        || thread::available_parallelism().map_or(1, std::num::NonZero::get),
        usize::from,
    )
}

/// Nobody should ever read this.
const DEFECT: &str =
    "screening stopped unexpectedly, which is a defect of this program; please report it";

/// The stack of a thread: the deepest document that is read fits, without optimization too.
const STACK: usize = 16 * 1024 * 1024;

/// Fills pieces of work by `next` until it says that there are no more, does them in `threads` threads, each with a worker
/// of its own, and gives the results to `done` in the order of the work, until `done` breaks off. Pieces and results come
/// with what they held before. A worker whose result grows large hands it over in parts; it waits for its turn then, and
/// stops when it is told to.
///
/// # Errors
/// Those of `next`, once everything before it is done, those of `done`, and a worker that panicked.
pub fn in_order<T, R, W>(
    threads: usize,
    worker: impl Fn() -> W + Sync,
    next: impl FnMut(&mut T) -> anyhow::Result<bool> + Send,
    done: impl FnMut(&mut R) -> anyhow::Result<ControlFlow<()>> + Send,
) -> anyhow::Result<()>
where
    T: Default,
    R: Default + Send,
    W: FnMut(&T, &mut R, &mut dyn FnMut(&mut R) -> ControlFlow<()>),
{
    let source = Source::new(next);
    let sink = Sink::new(done);
    // What is under way is counted, so that what came early cannot pile up.
    let most = threads as u64 + 2;
    let work = || {
        let (mut own, mut piece) = (None, T::default());
        while let Some(number) = source.take(&mut piece) {
            let Some(mut result) = sink.room(number, most) else {
                return;
            };
            let mut part = |part: &mut R| sink.part(number, part);
            own.get_or_insert_with(&worker)(&piece, &mut result, &mut part);
            if sink.give(number, result).is_break() {
                return;
            }
        }
    };
    let started = thread::scope(|scope| {
        for _ in 0..threads {
            // A panic must be told: the others would wait for this result for ever.
            let working = || {
                catch_unwind(AssertUnwindSafe(work))
                    .unwrap_or_else(|_| sink.end(Err(anyhow!(DEFECT))))
            };
            if let Err(error) = thread::Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, working)
            {
                sink.end(Ok(()));
                return Err(error).context("cannot start a thread");
            }
        }
        Ok(())
    });
    let ended = lock(&sink.state).result.take();
    let read = lock(&source.0).result.take();
    started.and(ended.or(read).unwrap_or(Ok(())))
}

/// A poisoned lock means that another thread panicked, which is told elsewhere.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where work comes from.
struct Source<N>(Mutex<Reading<N>>);

struct Reading<N> {
    next: N,
    /// How many pieces were taken.
    given: u64,
    /// How it ended, once it has.
    result: Option<anyhow::Result<()>>,
}

impl<N> Source<N> {
    fn new(next: N) -> Self {
        Self(Mutex::new(Reading {
            next,
            given: 0,
            result: None,
        }))
    }

    /// Fills the next piece, and gives its number; none at the end.
    fn take<T>(&self, piece: &mut T) -> Option<u64>
    where
        N: FnMut(&mut T) -> anyhow::Result<bool>,
    {
        let mut reading = lock(&self.0);
        if reading.result.is_some() {
            return None;
        }
        match (reading.next)(piece) {
            Ok(true) => {
                reading.given += 1;
                return Some(reading.given - 1);
            }
            Ok(false) => reading.result = Some(Ok(())),
            Err(error) => reading.result = Some(Err(error)),
        }
        None
    }
}

/// Where results go.
struct Sink<D, R> {
    state: Mutex<State<D, R>>,
    /// That more was told, or that it ended.
    told: Condvar,
}

struct State<D, R> {
    /// What takes the results, unless a thread is at it.
    done: Option<D>,
    /// How many results were given to `done`.
    told: u64,
    /// Results whose turn has not come.
    early: BTreeMap<u64, R>,
    /// Results that were given, to be filled again.
    spare: Vec<R>,
    /// How it ended, if before the last piece.
    result: Option<anyhow::Result<()>>,
}

impl<D, R> State<D, R> {
    /// The result whose turn it is.
    fn next(&mut self) -> Option<R> {
        self.early.remove(&self.told)
    }

    fn going_on(&self) -> ControlFlow<()> {
        if self.result.is_none() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }
}

impl<R: Default, D: FnMut(&mut R) -> anyhow::Result<ControlFlow<()>>> Sink<D, R> {
    fn new(done: D) -> Self {
        Self {
            state: Mutex::new(State {
                done: Some(done),
                told: 0,
                early: BTreeMap::new(),
                spare: Vec::new(),
                result: None,
            }),
            told: Condvar::new(),
        }
    }

    /// Gives a result to `done`, and notes if that is the end. The other threads go on meanwhile.
    fn tell<'s>(
        &'s self,
        state: MutexGuard<'s, State<D, R>>,
        done: &mut D,
        result: &mut R,
    ) -> MutexGuard<'s, State<D, R>> {
        drop(state);
        let ended = done(result);
        let mut state = lock(&self.state);
        match ended {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(())) => state.result = Some(Ok(())),
            Err(error) => state.result = Some(Err(error)),
        }
        state
    }

    /// Waits until the work of this number may begin, of which `most` may be under way; what it is to fill, if there still
    /// is any use.
    fn room(&self, number: u64, most: u64) -> Option<R> {
        let full = |state: &mut State<D, R>| state.result.is_none() && number >= state.told + most;
        let mut state = self
            .told
            .wait_while(lock(&self.state), full)
            .unwrap_or_else(PoisonError::into_inner);
        state
            .result
            .is_none()
            .then(|| state.spare.pop().unwrap_or_default())
    }

    /// Hands over a result, and with it all whose turn has come, unless another thread is at it, which does this too.
    fn give(&self, number: u64, result: R) -> ControlFlow<()> {
        let mut state = lock(&self.state);
        state.early.insert(number, result);
        if let Some(mut done) = state.done.take() {
            while state.result.is_none()
                && let Some(mut result) = state.next()
            {
                state = self.tell(state, &mut done, &mut result);
                state.told += 1;
                state.spare.push(result);
                self.told.notify_all();
            }
            state.done = Some(done);
            self.told.notify_all();
        }
        state.going_on()
    }

    /// Hands over a part of the result of this number, once everything before it was told. Nobody waits for ever: the
    /// lowest number that is under way never waits for another.
    fn part(&self, number: u64, part: &mut R) -> ControlFlow<()> {
        let early = |state: &mut State<D, R>| {
            state.result.is_none() && (state.told != number || state.done.is_none())
        };
        let mut state = self
            .told
            .wait_while(lock(&self.state), early)
            .unwrap_or_else(PoisonError::into_inner);
        if state.result.is_none()
            && let Some(mut done) = state.done.take()
        {
            state = self.tell(state, &mut done, part);
            state.done = Some(done);
            self.told.notify_all();
        }
        state.going_on()
    }

    /// Ends everything, unless it has ended.
    fn end(&self, result: anyhow::Result<()>) {
        lock(&self.state).result.get_or_insert(result);
        self.told.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    /// Numbers through threads, some of which take longer; what came out, and how it ended.
    fn squares(
        threads: usize,
        count: u64,
        worker: impl Fn(u64) -> u64 + Sync,
    ) -> (Vec<u64>, anyhow::Result<()>) {
        let (mut numbers, mut out) = (0..count, Vec::new());
        let result = in_order(
            threads,
            || working(&worker),
            |piece| Ok(following(&mut numbers, piece)),
            |square| keep(&mut out, *square),
        );
        (out, result)
    }

    type Part<'p> = &'p mut dyn FnMut(&mut u64) -> ControlFlow<()>;

    fn working(worker: &impl Fn(u64) -> u64) -> impl FnMut(&u64, &mut u64, Part<'_>) {
        move |number, square, _| *square = worker(*number)
    }

    fn following(numbers: &mut std::ops::Range<u64>, piece: &mut u64) -> bool {
        numbers.next().map(|number| *piece = number).is_some()
    }

    fn keep(out: &mut Vec<u64>, square: u64) -> anyhow::Result<ControlFlow<()>> {
        out.push(square);
        Ok(ControlFlow::Continue(()))
    }

    fn square(number: u64) -> u64 {
        if number.is_multiple_of(7) {
            thread::sleep(std::time::Duration::from_millis(1));
        }
        number * number
    }

    #[test]
    fn results_come_in_the_order_of_the_work() {
        for threads in [1, 2, 8] {
            let (out, result) = squares(threads, 500, square);
            result.unwrap();
            assert_eq!(
                out,
                (0..500).map(|number| number * number).collect::<Vec<_>>()
            );
        }
    }

    /// Some results come in one, some in parts, and some parts take longer.
    #[test]
    fn parts_come_in_the_order_of_the_work() {
        for threads in [1, 2, 8] {
            let (mut numbers, mut out) = (0..500, Vec::new());
            let worker = || {
                |number: &u64, told: &mut u64, part: Part<'_>| {
                    for of in 0..*number % 5 {
                        *told = square(*number) * 10 + of;
                        assert!(part(told).is_continue());
                    }
                    *told = number * number * 10 + number % 5;
                }
            };
            let next = |piece: &mut u64| Ok(following(&mut numbers, piece));
            in_order(threads, worker, next, |told| keep(&mut out, *told)).unwrap();
            let parts = |number: u64| (0..=number % 5).map(move |of| number * number * 10 + of);
            assert_eq!(out, (0..500).flat_map(parts).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_break_at_a_part_ends_the_work() {
        for threads in [1, 4] {
            let (mut numbers, mut out) = (0..500, Vec::new());
            let worker = || {
                |number: &u64, told: &mut u64, part: Part<'_>| {
                    *told = *number;
                    while part(told).is_continue() {}
                }
            };
            let next = |piece: &mut u64| Ok(following(&mut numbers, piece));
            let tell = |number: &mut u64| {
                out.push(*number);
                Ok(if out.len() == 100 {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                })
            };
            in_order(threads, worker, next, tell).unwrap();
            assert_eq!(out, [0; 100]);
        }
    }

    /// Wherever it happens, it ends with an error, and what was told before is the beginning of what would have been.
    #[test]
    fn a_panic_in_a_worker_is_an_error_and_nobody_waits_for_ever() {
        for threads in [1, 2, 8] {
            for bad in [0, 1, 3, 10, 499] {
                let (out, result) = squares(threads, 500, |number| {
                    assert!(number != bad, "as this test wants");
                    square(number)
                });
                assert!(result.unwrap_err().to_string().contains("unexpectedly"));
                assert!(out.len() as u64 <= bad, "{out:?}");
                assert!(
                    out.iter()
                        .zip(0..)
                        .all(|(square, number)| *square == number * number)
                );
            }
        }
    }

    #[test]
    fn what_cannot_be_read_ends_the_work_behind_what_could() {
        for threads in [1, 4] {
            let (mut numbers, mut out) = (0..500, Vec::new());
            let next = |piece: &mut u64| {
                if numbers.start == 100 {
                    bail!("unreadable")
                } else {
                    Ok(following(&mut numbers, piece))
                }
            };
            let result = in_order(
                threads,
                || working(&square),
                next,
                |square| keep(&mut out, *square),
            );
            assert_eq!(result.unwrap_err().to_string(), "unreadable");
            assert_eq!(
                out,
                (0..100).map(|number| number * number).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn what_cannot_be_written_ends_the_work() {
        for threads in [1, 4] {
            let mut numbers = 0..500;
            let writing = in_order(
                threads,
                || working(&square),
                |piece| Ok(following(&mut numbers, piece)),
                |_: &mut u64| bail!("full"),
            );
            assert_eq!(writing.unwrap_err().to_string(), "full");
        }
    }

    #[test]
    fn nothing_is_told_behind_the_break() {
        let (mut numbers, mut out) = (0..500, Vec::new());
        let tell = |square: &mut u64| {
            out.push(*square);
            Ok(if *square == 100 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        };
        in_order(
            3,
            || working(&square),
            |piece| Ok(following(&mut numbers, piece)),
            tell,
        )
        .unwrap();
        assert_eq!(out.last(), Some(&100));
        assert_eq!(out.len(), 11);
    }
}
