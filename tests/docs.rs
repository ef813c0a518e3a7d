//! The pages on trial files are true: every snippet of docs/trial-file.md compiles or fails as it says, every key that the
//! program reads is described there, and docs/authoring.md quotes the files of its example. The guides for programmers name
//! files that are there.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use common::{Scratch, pages, root, text_of};
use eligo::cases;
use eligo::diagnostic::{Diagnostic, Source};
use eligo::trial::{Trial, compile};

const REFERENCE: &str = "docs/trial-file.md";
/// What tests a trial file.
const OF_CASES: &str = "docs/cases.md";
const GUIDE: &str = "docs/authoring.md";

/// A fenced block of a page.
struct Block {
    /// What the comment above it says, such as `frame` or `from: FILE`.
    mark: String,
    language: String,
    text: String,
    line: usize,
}

fn blocks(page: &str) -> Vec<Block> {
    let text = text_of(page);
    let mut lines = text.lines().enumerate();
    let (mut mark, mut found) = (String::new(), Vec::new());
    while let Some((number, line)) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let inside: Vec<&str> = lines
                .by_ref()
                .map(|(_, line)| line)
                .take_while(|line| !line.starts_with("```"))
                .collect();
            let text = inside.join("\n") + "\n";
            found.push(Block {
                mark: std::mem::take(&mut mark),
                language: language.to_owned(),
                text,
                line: number + 1,
            });
        } else if let Some(comment) = line.strip_prefix("<!-- ") {
            mark = comment.trim_end_matches(" -->").to_owned();
        } else {
            mark.clear();
        }
    }
    found
}

/// The facts that the examples of the reference suppose.
fn frame() -> String {
    let frames: Vec<Block> = blocks(REFERENCE)
        .into_iter()
        .filter(|block| block.mark == "frame")
        .collect();
    assert_eq!(frames.len(), 1, "{REFERENCE} has one frame");
    frames.into_iter().next().unwrap().text
}

/// A snippet made into a whole trial file. What it has itself stays where it is.
fn whole(snippet: &str) -> String {
    let has = |key: &str| {
        snippet
            .lines()
            .any(|line| line.starts_with(&format!("{key}:")))
    };
    let mut text = snippet.to_owned();
    for (key, rest) in [
        ("format", "format: eligo/trial/1\n".to_owned()),
        (
            "trial",
            "trial: { id: EXAMPLE-1, title: An invented trial }\n".to_owned(),
        ),
        ("facts", frame()),
        (
            "criteria",
            "criteria: { inclusion: [ { id: I0, title: Any, text: Anybody., require: 1 = 1 } ] }\n"
                .to_owned(),
        ),
    ] {
        if !has(key) {
            text.push_str(&rest);
        }
    }
    text
}

fn compiled(text: &str) -> Result<Trial, Vec<Diagnostic>> {
    compile(&Source::new("trial.yaml", text)).map(|(trial, _)| trial)
}

fn said(problems: &[Diagnostic]) -> String {
    problems
        .iter()
        .map(|problem| format!("{} · {}", problem.message, problem.help.join(" ")))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn every_snippet_of_the_reference_compiles() {
    let snippets: Vec<Block> = blocks(REFERENCE)
        .into_iter()
        .filter(|block| block.language == "yaml")
        .collect();
    assert!(
        snippets.len() >= 8,
        "only {} snippets were found",
        snippets.len()
    );
    for Block { text, line, .. } in snippets {
        let at = format!("{REFERENCE}:{line}");
        if text.starts_with("format: eligo/site/1") {
            let scratch = Scratch::new().with("site.yaml", &text);
            let record = root().join("examples/eligible.yaml");
            scratch
                .eligo()
                .args(["screen", "--site", "site.yaml", "--quiet"])
                .arg(record)
                .assert()
                .stderr("");
        } else if text.starts_with("format: eligo/cases/1") {
            let first = blocks(REFERENCE)
                .into_iter()
                .find(|block| block.text.starts_with("format: eligo/trial/1"))
                .unwrap();
            let trial = compiled(&first.text)
                .unwrap_or_else(|problems| panic!("{at}: {}", said(&problems)));
            let suite = cases::read(&Source::new("trial.cases.yaml", text), &trial)
                .unwrap_or_else(|problems| panic!("{at}: {}", said(&problems)));
            let results = suite.run(&trial, jiff::civil::date(2100, 1, 1));
            assert!(
                results.failures.is_empty() && results.cases > 0,
                "{at}: {}",
                said(&results.failures)
            );
        } else {
            compiled(&whole(&text))
                .unwrap_or_else(|problems| panic!("{at}: {}\n{text}", said(&problems)));
        }
    }
}

/// The rows of the tables below `<!-- errors: PLACE -->`: the place, what is written there, what is said.
fn errors() -> Vec<(String, String, String)> {
    let mut place = String::new();
    let mut rows = Vec::new();
    for line in text_of(REFERENCE).lines() {
        if let Some(named) = line.strip_prefix("<!-- errors: ") {
            named.trim_end_matches(" -->").clone_into(&mut place);
        } else if line.is_empty() && !rows.is_empty() {
            place.clear();
        } else if let Some(row) = line.strip_prefix("| `").filter(|_| !place.is_empty()) {
            let (written, said) = row
                .split_once("` | ")
                .unwrap_or_else(|| panic!("`{line}` is no row"));
            rows.push((
                place.clone(),
                written.to_owned(),
                said.trim_end_matches(" |").to_owned(),
            ));
        }
    }
    rows
}

#[test]
fn every_error_of_the_reference_is_said() {
    let rows = errors();
    assert!(rows.len() >= 30, "only {} errors were found", rows.len());
    let mut wrong = Vec::new();
    for (place, written, wanted) in rows {
        let snippet = match place.as_str() {
            "facts" => format!("facts:\n  {written}\n"),
            "define" => format!("define:\n  {written}\n"),
            "inclusion" | "exclusion" => format!(
                "criteria:\n  {place}:\n    - {{ id: I1, title: T, text: T., {written} }}\n"
            ),
            other => panic!("there is no place `{other}`"),
        };
        let found = compiled(&whole(&snippet)).map_or_else(
            |problems| said(&problems),
            |_| "nothing: it compiles".to_owned(),
        );
        // A list that is cut short in the page ends in an ellipsis.
        let missing = wanted
            .split(" · ")
            .map(|part| part.trim_end_matches(" …"))
            .find(|part| !found.contains(part));
        wrong.extend(
            missing.map(|part| format!("`{written}` does not say “{part}”, but:\n{found}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The words in quotes between two marks of a source text, at every place where the first stands.
fn quoted(text: &str, from: &str, to: &str) -> BTreeSet<String> {
    let lists = text
        .split(from)
        .skip(1)
        .filter_map(|rest| rest.split_once(to))
        .map(|(list, _)| list);
    let words = lists.flat_map(|list| list.split('"').skip(1).step_by(2));
    words
        .filter(|word| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        })
        .map(str::to_owned)
        .collect()
}

/// Every key that the readers of trial files, policies and cases ask for.
fn keys() -> BTreeSet<String> {
    fn walk(path: &Path, keys: &mut BTreeSet<String>) {
        if path.is_dir() {
            for entry in fs::read_dir(path).unwrap() {
                walk(&entry.unwrap().path(), keys);
            }
            return;
        }
        let text = fs::read_to_string(path).unwrap();
        for (from, to) in [
            (".fields(", ")?"),
            (".fields(", ") else"),
            (".fields(", ")\n"),
            ("KEYS: [&str;", "];"),
            ("TYPES: [&str;", "];"),
        ] {
            keys.extend(quoted(&text, from, to));
        }
    }
    let mut keys = BTreeSet::new();
    for place in ["src/trial", "src/cases.rs", "src/cases"] {
        walk(&root().join(place), &mut keys);
    }
    // Words that are no reason for `closed_world`, which stand behind a field of that name.
    for word in ["true", "false", "yes", "no", "on", "off"] {
        keys.remove(word);
    }
    keys
}

#[test]
fn every_key_is_described() {
    let keys = keys();
    for known in [
        "format",
        "ask",
        "closed_world",
        "by_site_only",
        "at_least",
        "of",
        "unclear",
        "signed_judgements",
        "as_of",
        "duration",
    ] {
        assert!(
            keys.contains(known),
            "`{known}` was not found among the keys that are read: {keys:?}"
        );
    }
    let pages = [REFERENCE, OF_CASES].map(text_of).concat();
    let tables: String = pages
        .lines()
        .filter(|line| line.starts_with('|'))
        .collect::<Vec<_>>()
        .join("\n");
    for key in keys {
        assert!(
            tables.contains(&format!("`{key}`")),
            "{REFERENCE} and {OF_CASES} have no row for `{key}`"
        );
    }
}

#[test]
fn the_guide_quotes_the_files_of_its_example() {
    let quotes: Vec<Block> = blocks(GUIDE)
        .into_iter()
        .filter(|block| matches!(block.language.as_str(), "yaml" | "text"))
        .collect();
    assert!(
        quotes.len() >= 15,
        "only {} quotes were found",
        quotes.len()
    );
    for Block {
        mark, text, line, ..
    } in quotes
    {
        match (mark.strip_prefix("from: "), mark.starts_with("run: ")) {
            (Some(file), _) => assert!(
                text_of(file).contains(&text),
                "{GUIDE}:{line} quotes what is not in {file}:\n{text}"
            ),
            (None, true) => {}
            (None, false) => {
                panic!("{GUIDE}:{line} shows a block that is neither from a file nor from a run")
            }
        }
    }
}

/// The conditions in the guide's table of how protocols say things compile against facts of these names.
#[test]
fn the_conditions_of_the_guide_compile() {
    let facts = "\
facts:
  birth_date: { type: date, label: Date of birth }
  ecog: { type: integer, label: ECOG }
  lansky: { type: integer, label: Lansky }
  karnofsky: { type: integer, label: Karnofsky }
  hba1c: { type: quantity, label: HbA1c, unit: '%' }
  platelets: { type: quantity, label: Platelets, unit: 10*9/L, units: { '/uL': 0.001 } }
  alt: { type: quantity, label: ALT, unit: U/L }
  liver_metastases: { type: boolean, label: Liver metastases }
  events: { type: list, label: Events, item: { kind: { type: code, values: { infarction: infarction, stroke: stroke } }, date: { type: date } } }
  lines: { type: list, label: Lines, item: { platinum: { type: boolean }, ended: { type: date } } }
";
    let page = text_of(GUIDE);
    let table = page
        .split("| the protocol says | the condition |")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    let conditions: Vec<&str> = table
        .lines()
        .filter_map(|row| row.split(" | `").nth(1))
        .filter_map(|rest| rest.split('`').next())
        .collect();
    assert!(conditions.len() >= 8, "{conditions:?}");
    for condition in conditions
        .into_iter()
        .filter(|condition| !condition.starts_with('…'))
    {
        let condition = condition.trim_start_matches("exclude: ");
        let criterion = format!(
            "criteria:\n  inclusion:\n    - id: I1\n      title: T\n      text: T.\n      require: {condition}\n"
        );
        compiled(&whole(&format!("{facts}{criterion}")))
            .unwrap_or_else(|problems| panic!("`{condition}`: {}", said(&problems)));
    }
}

#[test]
fn every_link_to_a_file_leads_somewhere() {
    for page in pages() {
        let text = text_of(&page);
        let directory = root().join(&page).parent().unwrap().to_owned();
        let links = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
            .map(|(link, _)| link.split('#').next().unwrap());
        for link in
            links.filter(|link| !link.is_empty() && !link.contains("://") && !link.contains(' '))
        {
            assert!(
                directory.join(link).exists(),
                "{page} links to {link}, which is not there"
            );
        }
    }
}

/// The guide and the map of the modules lead to files that are there.
#[test]
fn every_file_that_the_guides_name_exists() {
    for page in ["CONTRIBUTING.md", "docs/design.md"] {
        let text = text_of(page);
        let named = text.split('`').skip(1).step_by(2).filter(|name| {
            let folders = ["src/", "tests/", "docs/", "examples/", ".ci/"];
            folders.iter().any(|folder| name.starts_with(folder)) && !name.contains(' ')
        });
        let mut count = 0;
        for name in named {
            count += 1;
            assert!(root().join(name).exists(), "{page} names `{name}`");
        }
        assert!(count > 20, "{page} names {count} files");
    }
}
