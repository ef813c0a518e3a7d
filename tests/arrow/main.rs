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

#[allow(dead_code, reason = "the generator of lists uses all of it")]
#[path = "../../examples/generate/any.rs"]
mod any;
mod files;
mod law;
mod made;
mod streams;
mod tally;
mod types;

use law::Random;
