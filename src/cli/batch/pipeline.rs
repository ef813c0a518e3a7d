//! Work for several threads, with its results in the order in which it was given out, in bounded memory.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, bail};

/// How many threads screen: as many as are asked for, or as the machine has cores.
pub fn threads(asked: Option<u16>) -> usize {
    asked.map_or_else(|| thread::available_parallelism().map_or(1, std::num::NonZero::get), usize::from)
}

/// Nobody should ever read this.
const DEFECT: &str = "screening stopped unexpectedly, which is a defect of this program; please report it";

/// The stack of a thread: the deepest document that is read fits, without optimization too.
const STACK: usize = 16 * 1024 * 1024;

/// Takes work from `next` until there is none, does it in `threads` threads, each with a worker of its own, and gives the
/// results to `done` in the order of the work, until `done` breaks off.
///
/// # Errors
/// Those of `next` and `done`, and a worker that panicked.
pub fn in_order<T, R, W>(
    threads: usize,
    worker: impl Fn() -> W + Sync,
    mut next: impl FnMut() -> anyhow::Result<Option<T>>,
    mut done: impl FnMut(R) -> anyhow::Result<ControlFlow<()>>,
) -> anyhow::Result<()>
where
    T: Send,
    R: Send,
    W: FnMut(T) -> R,
{
    // What is under way is counted, so that neither channel can grow, and neither can block the one who counts.
    let most = threads as u64 + 2;
    let (give, work) = channel();
    let (results, finished) = channel();
    let work = Mutex::new(work);
    thread::scope(|scope| {
        for _ in 0..threads {
            let (work, worker, results) = (&work, &worker, results.clone());
            let working = move || {
                let mut own = None;
                loop {
                    // A poisoned lock means that another worker stopped while waiting; the queue itself is whole.
                    let taken = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((number, item)) = taken else { return };
                    // A panic must be told: the others would wait for this result for ever.
                    let result = catch_unwind(AssertUnwindSafe(|| own.get_or_insert_with(worker)(item)));
                    let failed = result.is_err();
                    if results.send((number, result)).is_err() || failed {
                        return;
                    }
                }
            };
            thread::Builder::new().stack_size(STACK).spawn_scoped(scope, working).context("cannot start a thread")?;
        }
        drop(results);
        // Dropped at the end of this block, however it ends; that sends the workers home.
        let give = give;
        let (mut given, mut told, mut early) = (0_u64, 0_u64, BTreeMap::new());
        let mut more = true;
        loop {
            while more && given - told < most {
                match next()? {
                    Some(item) => {
                        give.send((given, item)).ok().context(DEFECT)?;
                        given += 1;
                    }
                    None => more = false,
                }
            }
            if told == given {
                return Ok(());
            }
            let (number, result) = finished.recv().context(DEFECT)?;
            let Ok(result) = result else { bail!(DEFECT) };
            early.insert(number, result);
            while let Some(result) = early.remove(&told) {
                told += 1;
                if done(result)?.is_break() {
                    return Ok(());
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers through threads, some of which take longer; what came out, and how it ended.
    fn squares(threads: usize, count: u64, worker: impl Fn(u64) -> u64 + Sync) -> (Vec<u64>, anyhow::Result<()>) {
        let (mut numbers, mut out) = (0..count, Vec::new());
        let result = in_order(
            threads,
            || &worker,
            || Ok(numbers.next()),
            |square| {
                out.push(square);
                Ok(ControlFlow::Continue(()))
            },
        );
        (out, result)
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
            assert_eq!(out, (0..500).map(|number| number * number).collect::<Vec<_>>());
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
                assert!(out.iter().zip(0..).all(|(square, number)| *square == number * number));
            }
        }
    }

    #[test]
    fn an_error_of_either_side_ends_the_work() {
        let mut numbers = 0..500;
        let reading =
            in_order(4, || square, || if numbers.start == 100 { bail!("unreadable") } else { Ok(numbers.next()) }, |_| Ok(ControlFlow::Continue(())));
        assert_eq!(reading.unwrap_err().to_string(), "unreadable");
        let mut numbers = 0..500;
        let writing = in_order(4, || square, || Ok(numbers.next()), |_| bail!("full"));
        assert_eq!(writing.unwrap_err().to_string(), "full");
    }

    #[test]
    fn nothing_is_told_behind_the_break() {
        let (mut numbers, mut out) = (0..500, Vec::new());
        let tell = |square| {
            out.push(square);
            Ok(if square == 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        };
        in_order(3, || square, || Ok(numbers.next()), tell).unwrap();
        assert_eq!(out.last(), Some(&100));
        assert_eq!(out.len(), 11);
    }
}
