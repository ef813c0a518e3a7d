//! The laws that hold whatever the record and whatever the rule.
//!
//! Examples are made from a row of numbers with a fixed seed, so every run tries the same ones.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod batch;
mod choices;
mod conditions;
mod csv;
mod differences;
mod explanations;
mod information;
mod jobs;
mod merging;
mod mutation;
mod notation;
mod parsers;
mod questionnaire;
mod records;
mod requirements;
mod row_independence;
mod rulings;
mod schemas;
mod screenings;
mod sentences;
mod soundness;
mod spellings;
mod support;
mod trials;
