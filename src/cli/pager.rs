//! A report that is longer than the terminal goes through a pager.

use std::env;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::{Command, Stdio};

use super::Terminal;

/// What is used where `PAGER` is not set: it shows colours, and ends by itself where the text fits.
const DEFAULT: &str = "less -RFX";

/// Writes a text; through `$PAGER` where somebody sees it and it does not fit.
pub fn print(text: &str, terminal: &Terminal) -> anyhow::Result<()> {
    match pager(text) {
        Some(pager) if paged(text, &pager).is_ok() => Ok(()),
        _ => terminal.print(text),
    }
}

/// The pager, if this text needs one.
fn pager(text: &str) -> Option<String> {
    let stdout = io::stdout();
    if !stdout.is_terminal() || !io::stdin().is_terminal() {
        return None;
    }
    let (_, terminal_size::Height(height)) = terminal_size::terminal_size_of(stdout)?;
    if text.lines().count() < usize::from(height) {
        return None;
    }
    let pager = env::var("PAGER").unwrap_or_else(|_| DEFAULT.to_owned());
    Some(pager).filter(|pager| !pager.trim().is_empty() && pager.trim() != "cat")
}

/// Lets a pager show a text. It is a command of the shell, as everywhere.
///
/// # Errors
/// There is no such pager, and nothing was shown.
fn paged(text: &str, pager: &str) -> io::Result<()> {
    let (shell, option) = if cfg!(windows) {
        ("cmd", "/C")
    } else {
        ("sh", "-c")
    };
    // A shell starts also where there is no such pager; then it ends at once, with a code of its own.
    const NOT_FOUND: i32 = 127;
    let mut running = Command::new(shell)
        .args([option, pager])
        .stdin(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = running.stdin.take() {
        // Who has seen enough closes it.
        let _ = stdin.write_all(text.as_bytes());
    }
    match running.wait()?.code() {
        Some(NOT_FOUND) => Err(io::ErrorKind::NotFound.into()),
        _ => Ok(()),
    }
}
