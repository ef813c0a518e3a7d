//! What the tests of the command line share: the program with a clean environment, a place for files, and words for
//! what a message must say.

#![allow(dead_code, reason = "each test file uses a part of this")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

pub mod schema;
pub mod snapshot;

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use predicates::prelude::*;
use schema::Refusal;
use serde_json::Value as Json;

/// Variables that would change what is written, or where.
pub const OUTER_VARIABLES: [&str; 6] = [
    "NO_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "ELIGO_LOG",
    "ELIGO_TRIAL",
    "ELIGO_SITE",
];

/// The program, run from the repository root, whatever the surroundings say about colour.
pub fn eligo() -> Command {
    clean(process::Command::new(program()))
}

/// Any command with the surroundings of [`eligo`].
pub fn clean(mut command: process::Command) -> Command {
    for variable in OUTER_VARIABLES {
        command.env_remove(variable);
    }
    command.env("RUST_BACKTRACE", "0").current_dir(root());
    let mut command = Command::from_std(command);
    command.timeout(Duration::from_secs(120));
    command
}

/// The binary under test.
pub fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_eligo"))
}

/// The repository root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The example records, as paths from the repository root.
pub fn example_records() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join("examples"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".yaml") || name.ends_with(".json"))
        .filter(|name| !["site-policy.yaml", "verdicts.yaml"].contains(&name.as_str()))
        .map(|name| format!("examples/{name}"))
        .collect();
    names.sort();
    assert!(
        names.len() > 10,
        "the example records are not where they are looked for: {names:?}"
    );
    names
}

/// README.md and the pages in docs/, as paths from the repository root.
pub fn pages() -> Vec<String> {
    let entries = fs::read_dir(root().join("docs")).unwrap();
    let mut pages: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".md"))
        .collect();
    pages.sort();
    assert!(
        pages.len() > 5,
        "the pages are not where they are looked for: {pages:?}"
    );
    std::iter::once("README.md".to_owned())
        .chain(pages.into_iter().map(|name| format!("docs/{name}")))
        .collect()
}

/// A file from the repository root.
pub fn text_of(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// YAML as a tree.
pub fn yaml(text: &str) -> Json {
    serde_yaml::from_str(text).unwrap()
}

/// The report on a record as JSON.
pub fn report(arguments: &[&str]) -> Json {
    let output = eligo()
        .arg("screen")
        .args(arguments)
        .args(["--format", "json"])
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// One criterion of a report, at any depth.
pub fn criterion<'a>(report: &'a Json, id: &str) -> &'a Json {
    fn find<'a>(parent: &'a Json, id: &str) -> Option<&'a Json> {
        let below = parent["criteria"].as_array()?;
        below
            .iter()
            .find(|one| one["id"] == id)
            .or_else(|| below.iter().find_map(|one| find(one, id)))
    }
    find(report, id).unwrap_or_else(|| panic!("the report has no criterion {id}"))
}

/// A directory of a test's own, gone when the test is over.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!(
            "{}-{}",
            process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file, and the folder that it is in.
    pub fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// The program, run in this directory, so that messages name files as the test does.
    pub fn eligo(&self) -> Command {
        let mut command = eligo();
        command.current_dir(&self.0);
        command
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The most memory, in kilobytes, that a program needed so far. It must be there still: let it write what is not read yet.
#[cfg(target_os = "linux")]
pub fn peak_memory(running: &process::Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", running.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let digits = peak.unwrap().trim_end_matches("kB").trim();
    digits.parse().unwrap()
}

/// What the program said about a file that it refused.
pub struct Complaint {
    said: Assert,
    file: String,
    /// What its schema says of it, if it has one.
    refusal: Option<Refusal>,
}

impl Complaint {
    /// About `file`, by a program that ended with `code`.
    #[track_caller]
    pub fn about(file: &str, said: Assert, code: i32) -> Self {
        Self {
            said: said.code(code),
            file: file.to_owned(),
            refusal: None,
        }
    }

    /// Its schema refuses it too, unless the test says why none could.
    pub fn refused_by(self, schema: &jsonschema::Validator, content: impl AsRef<[u8]>) -> Self {
        Self {
            refusal: Refusal::by(schema, &self.file, content.as_ref()),
            ..self
        }
    }

    /// No schema could refuse it, since …
    pub fn beyond_a_schema(self, why: &'static str) -> Self {
        Self {
            refusal: self.refusal.map(|refusal| refusal.excused(why)),
            ..self
        }
    }

    fn stderr(self, predicate: impl Predicate<str>) -> Self {
        Self {
            said: self.said.stderr(predicate),
            ..self
        }
    }

    /// It names the place, and shows the line that stands there.
    pub fn at(self, line: usize, column: usize, shown: &str) -> Self {
        let place = format!("{}:{line}:{column}\n", self.file);
        self.stderr(predicate::str::contains(place))
            .stderr(predicate::str::contains(format!("{line} | {shown}")))
    }

    /// It says these words.
    pub fn says(self, words: &str) -> Self {
        self.stderr(predicate::str::contains(words))
    }

    /// It says what would be right, with these words.
    pub fn helps(self, words: &str) -> Self {
        let help = predicate::function(|said: &str| {
            said.lines()
                .any(|line| line.contains("help: ") && line.contains(words))
        });
        self.stderr(help.fn_name("a line of help with the words"))
    }

    /// It reports this many errors, no more and no fewer.
    pub fn errors(self, count: usize) -> Self {
        let counted = predicate::function(move |said: &str| {
            said.lines()
                .filter(|line| line.starts_with("error: "))
                .count()
                == count
        });
        self.stderr(counted.fn_name("the number of errors"))
    }

    /// Nothing that it says would be obeyed by a terminal.
    pub fn harmless(self) -> Self {
        self.stderr(
            predicate::function(|said: &str| obeyed_by_a_terminal(said).is_empty())
                .fn_name("harmless for a terminal"),
        )
    }

    /// It says so in few enough words to be read.
    pub fn briefly(self) -> Self {
        self.stderr(
            predicate::function(|said: &str| said.len() < 4000).fn_name("at most 4000 bytes"),
        )
    }
}

/// Screens a record which must be refused: exit code 2, a message, and nothing else.
pub fn refused(name: &str, content: impl AsRef<[u8]>) -> Complaint {
    let scratch = Scratch::new().with(name, &content);
    Complaint::about(
        name,
        scratch.eligo().args(["screen", name]).assert().stdout(""),
        2,
    )
    .refused_by(schema::record(), content)
}

/// The characters of a text that a terminal would obey and not show: controls, and what turns the direction of writing.
pub fn obeyed_by_a_terminal(text: &str) -> Vec<char> {
    let obeyed = |character: &char| {
        character.is_control() && *character != '\n'
            || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(obeyed).collect()
}
