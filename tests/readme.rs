//! What README.md and the pages in docs/ show is what the program writes. A block below `<!-- run: eligo … -->` is the
//! standard output of that command, run from the repository root; with `2>&1` behind the command, its messages too.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::io::{Read, pipe};
use std::process::{Command, Stdio};

use common::{OUTER_VARIABLES, pages, program, root, text_of};

/// The commands that a page shows, each with the output that it claims.
fn shown(page: &str) -> Vec<(String, String)> {
    let text = text_of(page);
    let mut lines = text.lines();
    let mut shown = Vec::new();
    while let Some(line) = lines.next() {
        let Some(command) = line.trim().strip_prefix("<!-- run: ") else {
            continue;
        };
        let command = command
            .strip_suffix(" -->")
            .unwrap_or_else(|| panic!("{page}: `{line}` does not end"));
        let fence = lines
            .by_ref()
            .find(|line| !line.trim().is_empty())
            .unwrap_or_default();
        assert!(
            fence.starts_with("```"),
            "{page}: no fenced block follows `{line}`, but `{fence}`"
        );
        let block: Vec<&str> = lines
            .by_ref()
            .take_while(|line| line.trim_end() != "```")
            .collect();
        shown.push((command.to_owned(), block.join("\n") + "\n"));
    }
    shown
}

/// What a command writes: its output, and its messages among it where the command says `2>&1`.
fn written(command: &str) -> String {
    let (line, all) = command
        .strip_suffix(" 2>&1")
        .map_or((command, false), |line| (line, true));
    let mut words = line.split_whitespace();
    assert_eq!(words.next(), Some("eligo"), "`{command}`");
    let (mut reader, writer) = pipe().unwrap();
    let mut process = {
        let mut eligo = Command::new(program());
        for variable in OUTER_VARIABLES {
            eligo.env_remove(variable);
        }
        eligo.args(words).current_dir(root()).stderr(if all {
            writer.try_clone().unwrap().into()
        } else {
            Stdio::null()
        });
        eligo.stdout(writer).spawn().unwrap()
    };
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    process.wait().unwrap();
    text
}

#[test]
fn every_page_shows_what_the_program_writes() {
    for page in pages() {
        for (command, block) in shown(&page) {
            assert!(
                !block.trim().is_empty(),
                "{page}: the block of `{command}` is empty"
            );
            assert_eq!(written(&command), block, "{page}: `{command}`");
        }
    }
}

#[test]
fn the_readme_and_the_guide_for_authors_show_commands() {
    for page in ["README.md", "docs/authoring.md"] {
        assert!(
            !shown(page).is_empty(),
            "{page} shows no command: write `<!-- run: eligo … -->` above a block of its output"
        );
    }
}

#[test]
fn the_readme_is_short_and_the_index_names_every_page() {
    let lines = text_of("README.md").lines().count();
    assert!(lines <= 200, "README.md has {lines} lines");
    let index = text_of("docs/README.md");
    for page in pages() {
        if let Some(name) = page
            .strip_prefix("docs/")
            .filter(|name| *name != "README.md")
        {
            assert!(
                index.contains(&format!("]({name})")),
                "docs/README.md leaves {name} out"
            );
        }
    }
}
