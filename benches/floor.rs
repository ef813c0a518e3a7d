//! The floor below every reader of a list: its bytes read, cut into lines, and each line skip-parsed by serde_json.
//! `cargo bench --bench floor -- LIST THREADS`
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and may stop where something is wrong"
)]

use std::fs::File;
use std::io::Read as _;
use std::sync::Mutex;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Instant;

const BLOCK: usize = 1024 * 1024;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let [list, threads] = arguments.as_slice() else {
        println!("usage: cargo bench --bench floor -- LIST THREADS");
        return;
    };
    let threads: usize = threads.parse().unwrap();
    let started = Instant::now();
    let mut file = File::open(list).unwrap();
    let (sender, receiver) = sync_channel::<Vec<u8>>(threads);
    let receiver = Mutex::new(receiver);
    let rows: usize = thread::scope(|scope| {
        let work = || {
            let mut rows = 0;
            loop {
                let next = receiver.lock().unwrap().recv();
                let Ok(block) = next else { return rows };
                for line in block
                    .split(|byte| *byte == b'\n')
                    .filter(|line| !line.is_empty())
                {
                    serde_json::from_str::<serde::de::IgnoredAny>(
                        std::str::from_utf8(line).unwrap(),
                    )
                    .unwrap();
                    rows += 1;
                }
            }
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut carry = Vec::new();
        loop {
            let got = file
                .by_ref()
                .take(BLOCK as u64)
                .read_to_end(&mut carry)
                .unwrap();
            let end = if got == 0 {
                carry.len()
            } else {
                memchr::memrchr(b'\n', &carry).map_or(0, |at| at + 1)
            };
            let rest = carry.split_off(end);
            let block = std::mem::replace(&mut carry, rest);
            if !block.is_empty() {
                sender.send(block).unwrap();
            }
            if got == 0 {
                break;
            }
        }
        drop(sender);
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .sum()
    });
    println!(
        "{rows} rows skip-parsed by {threads} threads in {:.3} s",
        started.elapsed().as_secs_f64()
    );
}
