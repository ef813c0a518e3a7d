//! What is done when the program is interrupted or told to end. A program that ends by itself cleans up as it returns;
//! one that is interrupted would not.

use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::Duration;

/// The exit code, as a shell reports an interrupted program.
pub const INTERRUPTED: u8 = 130;

/// Files that go, such as those that are not whole yet.
static FILES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
/// What else is done, before that.
static ACTIONS: Mutex<Vec<Action>> = Mutex::new(Vec::new());

type Action = Box<dyn FnOnce() + Send>;

fn locked<T>(list: &'static Mutex<Vec<T>>) -> MutexGuard<'static, Vec<T>> {
    list.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes this file when the program is interrupted.
pub fn remove_file(path: &Path) {
    watch();
    locked(&FILES).push(path.to_owned());
}

/// Does this when the program is interrupted, in a thread of its own.
pub fn run(action: impl FnOnce() + Send + 'static) {
    watch();
    locked(&ACTIONS).push(Box::new(action));
}

fn watch() {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| when_interrupted(end));
}

fn end() {
    locked(&ACTIONS).drain(..).for_each(|action| action());
    for path in locked(&FILES).iter() {
        let _ = fs::remove_file(path);
    }
    std::process::exit(INTERRUPTED.into());
}

/// Ends the program when its terminal is gone. Mostly a signal says so, but one that is ignored does not; then the library
/// that reads the keys of a prompt would ask for them without a pause, for ever.
pub fn end_without_terminal() {
    const LOOKS: Duration = Duration::from_secs(1);
    thread::spawn(|| {
        while io::stdin().is_terminal() {
            thread::sleep(LOOKS);
        }
        end();
    });
}

/// Does something when the program is interrupted or told to end. What the caller wants ignored, as `nohup` does and a shell for
/// what runs in its background, stays ignored.
#[cfg(unix)]
fn when_interrupted(end: impl FnOnce() + Send + 'static) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    let ignored = ignored();
    let wanted = [SIGHUP, SIGINT, SIGQUIT, SIGTERM]
        .into_iter()
        .filter(|signal| ignored & (1 << (signal - 1)) == 0);
    if let Ok(mut signals) = signal_hook::iterator::Signals::new(wanted) {
        thread::spawn(move || signals.forever().next().map(|_| end()));
    }
}

/// The signals that are ignored, a bit each, where the system tells.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}

#[cfg(not(unix))]
fn when_interrupted(end: impl FnOnce() + Send + 'static) {
    let mut end = Some(end);
    let _ = ctrlc::try_set_handler(move || end.take().into_iter().for_each(|end| end()));
}
