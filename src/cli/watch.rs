//! Doing something again whenever a file is saved.
//!
//! Files are looked at a few times a second: editors replace a file, rename it or write into it, on disks of the network too,
//! and a look shows all of that.

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, SystemTime};

use super::say;

const PAUSE: Duration = Duration::from_millis(200);

/// When each file was saved, and how long it is; none while it is not there.
type Stamps = Vec<Option<(SystemTime, u64)>>;

fn stamps(files: &[PathBuf]) -> Stamps {
    let stamp = |file: &PathBuf| {
        let metadata = fs::metadata(file).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    };
    files.iter().map(stamp).collect()
}

/// Does something now, and again whenever one of the files is saved, until the program is interrupted.
///
/// # Errors
/// There is nobody left to tell what it waits for.
pub fn again(files: &[PathBuf], mut act: impl FnMut()) -> anyhow::Result<ExitCode> {
    loop {
        let before = stamps(files);
        if io::stdout().is_terminal() {
            // The page above begins at the top of an empty screen.
            let _ = io::stdout().write_all(b"\x1b[2J\x1b[3J\x1b[H");
        }
        act();
        say("watching; Ctrl-C ends\n")?;
        let mut seen = before.clone();
        loop {
            thread::sleep(PAUSE);
            let now = stamps(files);
            // A file that is being written is left alone until it stays as it is.
            if now != before && now == seen && now.iter().all(Option::is_some) {
                break;
            }
            seen = now;
        }
    }
}
