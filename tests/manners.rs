//! What a program of the command line owes those who use it: help with examples, completions, a manual page, settings.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::process::{Command, Stdio};

use common::{Scratch, eligo, program, text_of};
use eligo::EMBEDDED_TRIAL;
use eligo::trial::compile::sha256;
use predicates::prelude::*;
use predicates::str::{contains, is_empty, starts_with};

const COMMANDS: [&str; 20] = [
    "replay",
    "screen",
    "batch",
    "map",
    "summary",
    "ask",
    "questionnaire",
    "template",
    "explain",
    "check",
    "eval",
    "diff",
    "log",
    "config",
    "completions",
    "man",
    "schema",
    "log verify",
    "summary merge",
    "summary rows",
];

#[test]
fn every_help_has_an_example() {
    for command in COMMANDS
        .iter()
        .filter(|command| !["log", "summary"].contains(command))
    {
        let mut call = eligo();
        call.args(command.split(' ')).arg("--help");
        let example = contains("Example").or(contains("eligo schema record >"));
        call.assert().code(0).stderr(is_empty()).stdout(example);
    }
    let help = eligo().arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(help.contains("First steps:"), "{help}");
    for command in COMMANDS.iter().filter(|command| !command.contains(' ')) {
        assert!(
            help.contains(&format!("\n  {command} ")),
            "{command}: {help}"
        );
    }
    // Called alone, it says the same.
    eligo()
        .assert()
        .code(2)
        .stdout("")
        .stderr(contains("First steps:"));
    eligo()
        .args(["--color", "never"])
        .assert()
        .code(2)
        .stderr(contains("name a command"));
}

#[test]
fn every_shell_gets_completions_and_man_a_page() {
    for (shell, says) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef eligo"),
        ("fish", "complete -c eligo"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion"),
    ] {
        eligo()
            .args(["completions", shell])
            .assert()
            .code(0)
            .stdout(contains(says));
    }
    eligo().args(["completions", "tcsh"]).assert().code(2);
    eligo()
        .args(["man"])
        .assert()
        .code(0)
        .stdout(contains(".TH eligo 1"));
    eligo()
        .args(["man", "screen"])
        .assert()
        .code(0)
        .stdout(contains("candidate\\*(Aqs record").or(contains("candidate's record")));
    eligo()
        .args(["man", "scren"])
        .assert()
        .code(2)
        .stderr(contains(
            "there is no command `scren`; there are screen, batch",
        ));
}

#[test]
fn the_version_names_the_trial_that_comes_with_it() {
    let version = format!("eligo {}\n", env!("CARGO_PKG_VERSION"));
    for option in ["--version", "-V"] {
        eligo().arg(option).assert().code(0).stdout(version.clone());
    }
    eligo()
        .args(["--version", "--verbose"])
        .assert()
        .code(0)
        .stdout(starts_with(version).and(contains(sha256(EMBEDDED_TRIAL))));
    eligo().args(["screen", "--verbose"]).assert().code(2);
}

/// `eligo --help | head -1` with `pipefail`.
#[test]
fn help_may_be_read_in_part() {
    for arguments in [vec!["--help"], vec!["screen", "--help"], vec!["--version"]] {
        let mut running = Command::new(program())
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(running.stdout.take());
        let output = running.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    }
}

fn site() -> Scratch {
    let scratch = Scratch::new()
        .with("policy.yaml", text_of("examples/site-policy.yaml"))
        .with("record.yaml", text_of("examples/eligible.yaml"))
        .with(
            "eligo.toml",
            "site = \"policy.yaml\"\nlog = \"screening.log\"\nwidth = 60\n",
        );
    fs::create_dir(scratch.path().join("below")).unwrap();
    scratch
}

#[test]
fn settings_hold_in_the_folder_and_below_it() {
    let scratch = site();
    for (folder, record) in [("", "record.yaml"), ("below", "../record.yaml")] {
        let mut command = scratch.eligo();
        command
            .current_dir(scratch.path().join(folder))
            .args(["screen", record]);
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains("Site policy:"), "{said}");
        assert!(said.contains("of the screening log"), "{said}");
        assert!(
            said.lines().all(|line| line.chars().count() <= 65),
            "{said}"
        );
    }
    let log = fs::read_to_string(scratch.path().join("screening.log")).unwrap();
    assert_eq!(log.lines().count(), 2);
    // Who screens may be said where the file names the log.
    scratch
        .eligo()
        .args(["screen", "record.yaml", "--by", "me", "--quiet"])
        .assert()
        .code(predicate::in_iter([0, 3]));
}

#[test]
fn an_option_holds_before_a_variable_and_that_before_the_file() {
    let scratch = site().with("mine.yaml", "format: eligo/site/1\n");
    let shown = |variable: Option<&str>| {
        let mut command = scratch.eligo();
        command
            .arg("config")
            .envs(variable.map(|value| ("ELIGO_SITE", value)));
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let (file, variable) = (shown(None), shown(Some("mine.yaml")));
    assert!(file.contains("policy.yaml  (eligo.toml)"), "{file}");
    assert!(file.contains("width  60  (eligo.toml)"), "{file}");
    assert!(file.contains("trial  -  (not set: NCT04546906"), "{file}");
    assert!(
        variable.contains("site   mine.yaml  (ELIGO_SITE)"),
        "{variable}"
    );
    let screened = |arguments: &[&str]| {
        let mut command = scratch.eligo();
        command
            .args(["screen", "record.yaml", "--width", "100"])
            .args(arguments);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    assert!(screened(&[]).contains("Site policy:"));
    assert!(screened(&[]).lines().any(|line| line.chars().count() > 65));
    let empty = Scratch::new();
    empty
        .eligo()
        .arg("config")
        .assert()
        .code(0)
        .stdout(contains("there is no eligo.toml here or above"));
}

#[test]
fn settings_that_are_wrong_are_refused_with_their_place() {
    for (text, says) in [
        ("trail = \"x.yaml\"\n", "unknown field `trail`"),
        ("width = 5\n", "width is 5; it may be 20 to 1000"),
        ("width = \"wide\"\n", "invalid type"),
        ("site = \n", "eligo.toml:1:"),
    ] {
        let scratch = Scratch::new()
            .with("eligo.toml", text)
            .with("record.yaml", "ecog: 1\n");
        scratch
            .eligo()
            .args(["screen", "record.yaml"])
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains(says));
    }
}
