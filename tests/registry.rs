//! The texts of the criteria are the registry's, word for word: all of them, in its order, and nothing besides.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{text_of, yaml};
use serde_json::Value as Json;

/// The numbered items below a heading of the registry's page, with how deep each stands.
fn registry(heading: &str) -> Vec<(usize, String)> {
    let page = text_of("tests/data/NCT04546906-criteria.txt");
    let below = page
        .lines()
        .skip_while(|line| line.trim() != heading)
        .skip(1);
    let items = below
        .take_while(|line| !line.ends_with("Criteria"))
        .filter(|line| !line.trim().is_empty());
    items
        .map(|line| {
            let (number, text) = line
                .trim_start()
                .split_once(". ")
                .unwrap_or_else(|| panic!("`{line}` has no number"));
            assert!(number.parse::<u8>().is_ok(), "`{line}` has no number");
            let indentation = line.len() - line.trim_start().len();
            (indentation / 2, text.trim_end().to_owned())
        })
        .collect()
}

/// The texts of criteria and of their parts; a part that the trial file split off itself has none.
fn texts(criteria: &Json, depth: usize) -> Vec<(usize, String)> {
    let mut all = Vec::new();
    for criterion in criteria.as_array().unwrap() {
        all.extend(
            criterion["text"]
                .as_str()
                .map(|text| (depth, text.trim_end().to_owned())),
        );
        let parts = ["all", "any"]
            .iter()
            .filter_map(|key| criterion.get(key))
            .chain(criterion.get("at_least").map(|group| &group["of"]));
        parts.for_each(|parts| all.extend(texts(parts, depth + 1)));
    }
    all
}

#[test]
fn the_inclusion_criteria_are_verbatim() {
    let trial = yaml(&text_of("criteria/nct04546906.yaml"));
    let registry = registry("Inclusion Criteria");
    assert_eq!(
        registry.len(),
        6 + 3,
        "six criteria, and three branches of the first"
    );
    assert_eq!(texts(&trial["criteria"]["inclusion"], 1), registry);
}

#[test]
fn the_exclusion_criteria_are_verbatim() {
    let trial = yaml(&text_of("criteria/nct04546906.yaml"));
    let registry = registry("Exclusion Criteria");
    assert_eq!(registry.len(), 10);
    assert_eq!(texts(&trial["criteria"]["exclusion"], 1), registry);
}

#[test]
fn a_report_quotes_the_registry() {
    let report = common::report(&["examples/eligible.yaml"]);
    let quoted: Vec<String> = report["criteria"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["text"].as_str().unwrap().to_owned())
        .collect();
    let registry = registry("Inclusion Criteria")
        .into_iter()
        .chain(registry("Exclusion Criteria"));
    let registry: Vec<String> = registry
        .filter(|(depth, _)| *depth == 1)
        .map(|(_, text)| text)
        .collect();
    assert_eq!(quoted, registry);
}
