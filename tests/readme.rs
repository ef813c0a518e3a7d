//! What README.md shows is what the program writes. A block below `<!-- run: eligo … -->` is the standard output of
//! that command, run from the repository root.

#![allow(clippy::panic, reason = "a test fails by panicking")]

mod common;

use common::{eligo, text_of};

/// The commands that README.md shows, each with the output that it claims.
fn shown() -> Vec<(String, String)> {
    let readme = text_of("README.md");
    let mut lines = readme.lines();
    let mut shown = Vec::new();
    while let Some(line) = lines.next() {
        let Some(command) = line.trim().strip_prefix("<!-- run: ") else { continue };
        let command = command.strip_suffix(" -->").unwrap_or_else(|| panic!("`{line}` does not end"));
        let fence = lines.by_ref().find(|line| !line.trim().is_empty()).unwrap_or_default();
        assert!(fence.starts_with("```"), "no fenced block follows `{line}`, but `{fence}`");
        let block: Vec<&str> = lines.by_ref().take_while(|line| line.trim_end() != "```").collect();
        shown.push((command.to_owned(), block.join("\n") + "\n"));
    }
    shown
}

#[test]
fn the_readme_shows_what_the_program_writes() {
    let shown = shown();
    assert!(!shown.is_empty(), "README.md shows no command: write `<!-- run: eligo … -->` above a block of its output");
    for (command, block) in shown {
        let mut words = command.split_whitespace();
        assert_eq!(words.next(), Some("eligo"), "`{command}`");
        assert!(!block.trim().is_empty(), "the block of `{command}` is empty");
        eligo().args(words).assert().stdout(block);
    }
}
