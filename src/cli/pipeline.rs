//! Lists through several threads: chunks go out as they are read, and what becomes of them comes back in input order.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, bail};
use eligo::batch::Chunk;
use eligo::diagnostic::visible;

use super::lists::Input;

/// The stack of a worker. The deepest document that is read fits into it without optimization too.
const STACK: usize = 16 * 1024 * 1024;

/// A chunk on its way, with its number and the list that it is from, counted from 1.
type Sent = (u64, usize, Chunk);

/// Runs a worker on every chunk, in so many threads. `worker` makes one for each thread; `take` gets the number of the
/// list, counted from 1, and what became of the chunk, in input order. It says whether to go on.
pub fn run<T: Send, W: FnMut(usize, &Chunk) -> T>(
    lists: Vec<Input>,
    threads: usize,
    worker: impl Fn() -> W + Sync,
    take: impl FnMut(usize, T) -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    let (to_workers, chunks) = sync_channel::<Sent>(threads);
    let (results, from_workers) = channel();
    let chunks = Mutex::new(chunks);
    thread::scope(|scope| {
        for _ in 0..threads {
            let (chunks, results, worker): (_, Sender<(u64, usize, T)>, _) = (&chunks, results.clone(), &worker);
            let work = move || {
                let mut worker = worker();
                loop {
                    // A poisoned lock means that another worker stopped while waiting; the queue itself is whole.
                    let next = chunks.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((number, list, chunk)) = next else { return };
                    if results.send((number, list, worker(list, &chunk))).is_err() {
                        return;
                    }
                }
            };
            thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).context("cannot start a thread")?;
        }
        drop(results);
        let most = threads as u64 + 2;
        let mut pipeline =
            Pipeline { to_workers: Some(to_workers), from_workers, sent: 0, taken: 0, early: BTreeMap::new(), most, take, stopped: false };
        for (index, list) in lists.into_iter().enumerate() {
            pipeline.list(index + 1, list)?;
        }
        pipeline.to_workers = None;
        while pipeline.taken < pipeline.sent && !pipeline.stopped {
            pipeline.receive()?;
        }
        Ok(())
    })
}

/// Chunks on their way to the workers and back.
struct Pipeline<T, F> {
    to_workers: Option<SyncSender<Sent>>,
    from_workers: Receiver<(u64, usize, T)>,
    sent: u64,
    taken: u64,
    /// Chunks that came back before their turn.
    early: BTreeMap<u64, (usize, T)>,
    most: u64,
    take: F,
    stopped: bool,
}

impl<T, F: FnMut(usize, T) -> anyhow::Result<bool>> Pipeline<T, F> {
    fn list(&mut self, number: usize, mut list: Input) -> anyhow::Result<()> {
        while !self.stopped {
            let Some(chunk) = list.next_chunk().with_context(|| format!("cannot read `{}`", visible(list.name())))? else { break };
            while self.sent - self.taken >= self.most && !self.stopped {
                self.receive()?;
            }
            if let Some(to_workers) = &self.to_workers
                && to_workers.send((self.sent, number, chunk)).is_err()
            {
                bail!("screening stopped unexpectedly");
            }
            self.sent += 1;
        }
        Ok(())
    }

    /// Takes a chunk back, and hands over those whose turn it is.
    fn receive(&mut self) -> anyhow::Result<()> {
        let (number, list, result) = self.from_workers.recv().context("screening stopped unexpectedly")?;
        self.early.insert(number, (list, result));
        while let Some((list, result)) = self.early.remove(&self.taken) {
            if self.stopped {
                break;
            }
            self.taken += 1;
            self.stopped = !(self.take)(list, result)?;
        }
        Ok(())
    }
}
