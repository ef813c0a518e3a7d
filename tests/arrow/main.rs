//! Tables in Arrow and Parquet as lists, and as what comes out.

#![cfg(feature = "parquet")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "../common/mod.rs"]
mod common;

mod files;
mod made;
mod streams;
mod tally;
